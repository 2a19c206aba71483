"""Let each address ask so many times a minute, and no more: a token bucket for each.

The clock is an argument. Memory is bounded: the buckets that are full again are forgotten.
"""

from collections import OrderedDict
from threading import Lock
from typing import Final

MOST_ADDRESSES: Final = 10_000


class RateLimit:
    """Allows `per_minute` requests a minute to each address, in bursts of as many."""

    def __init__(self, per_minute: int) -> None:
        """Take how many requests an address may make a minute."""
        self._per_minute = per_minute
        self._lock = Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_for(self, address: str, now_s: float) -> float:
        """Take a token: 0.0 when there is one, else how many seconds until the next."""
        per_second = self._per_minute / 60
        with self._lock:
            tokens, seen_s = self._buckets.pop(address, (float(self._per_minute), now_s))
            tokens = min(tokens + (now_s - seen_s) * per_second, float(self._per_minute))
            wait_s = 0.0 if tokens >= 1 else (1 - tokens) / per_second
            self._buckets[address] = (tokens if wait_s else tokens - 1, now_s)
            while len(self._buckets) > MOST_ADDRESSES:
                self._buckets.popitem(last=False)
        return wait_s
