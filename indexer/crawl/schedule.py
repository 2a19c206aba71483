"""Say when to go back: to a URL after a visit, to a server after a refusal.

Pure: the clock is an argument, and the jitter comes from the key, so that the same history gives
the same day.
"""

import hashlib
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final

from indexer.model import Cause, Due, Verdict, Worth

# What may pass by itself within minutes: worth another try in the same run.
RETRIED_CAUSES: Final = frozenset(
    {
        Cause.CONNECTION_RESET,
        Cause.CONNECTION_REFUSED,
        Cause.UNREACHABLE,
        Cause.DNS_FAILURE,
        Cause.TIMEOUT,
        Cause.THROTTLED,
        Cause.TRUNCATED,
    }
)
RETRIED_STATUSES: Final = frozenset({502, 503, 504, 520, 521, 522, 523, 524})

BACKOFF_S: Final = 2.0  # before the second try; doubled each time
MAX_RETRY_AFTER: Final = timedelta(hours=24)

FIRST_INTERVAL: Final = timedelta(days=30)
MIN_INTERVAL: Final = timedelta(days=7)
MAX_INTERVAL: Final = timedelta(days=180)

_DAYS: Final = timedelta(days=1)

# Days until the next visit after the first failure in a row, the second, and so on. What looks
# gone is seen again soon enough to be confirmed over a week, then left in peace.
DAYS_AFTER_FAILURES: Final[Mapping[Cause, tuple[float, ...]]] = MappingProxyType(
    {
        Cause.NOT_FOUND: (3, 3, 7, 180),
        Cause.GONE: (3, 3, 7, 180),
        Cause.UNKNOWN_HOST: (3, 3, 7, 180),
        Cause.BLOCKED: (60,),
        Cause.DISALLOWED_BY_ROBOTS: (60,),
        Cause.MALFORMED_URL: (180,),
        Cause.FORBIDDEN_SCHEME: (180,),
        Cause.FORBIDDEN_ADDRESS: (60,),
        Cause.EMPTY: (3, 3, 7, 60),
        Cause.TOO_LARGE: (60,),
        Cause.BAD_ENCODING: (7, 30, 60),
        Cause.ROBOTS_UNREACHABLE: (1, 1, 3, 7),
    }
)
DAYS_AFTER_OTHER_FAILURES: Final = (0.25, 1, 3, 7, 30)


def next_due(
    verdict: Verdict,
    *,
    is_same: bool,
    visited_at: datetime,
    key: str,
    before: Due | None = None,
) -> Due:
    """Decide when to go back after a visit. `is_same`: the bytes are those held already.

    A page that does not change is seen half as often again each time, up to 180 days; one that
    changed, twice as often, down to 7.
    """
    interval = before.interval if before else FIRST_INTERVAL
    attempts = before.attempts if before else 0
    if verdict.worth is Worth.NOTHING:
        cause = verdict.cause or Cause.BAD_RESPONSE
        days = DAYS_AFTER_FAILURES.get(cause, DAYS_AFTER_OTHER_FAILURES)
        wait = days[min(attempts, len(days) - 1)] * _DAYS
        due_at = visited_at + wait * (1 + 0.1 * _jitter(f"{key} {attempts}"))
        return Due(due_at=due_at, attempts=attempts + 1, interval=interval)
    if is_same:
        interval = min(interval * 1.5, MAX_INTERVAL)
    elif before is not None:
        interval = max(interval / 2, MIN_INTERVAL)
    return Due(due_at=visited_at + interval * (1 + 0.1 * _jitter(key)), interval=interval)


def find_retry_s(
    verdict: Verdict, *, tries: int, max_tries: int, key: str, backoff_s: float = BACKOFF_S
) -> float | None:
    """Seconds before the same URL is tried again within a run, or None when it is not.

    `tries` counts those made; a page that ended early is tried once more only.
    """
    if tries >= max_tries or verdict.cause is None:
        return None
    if verdict.cause is Cause.TRUNCATED and tries > 1:
        return None
    if verdict.worth is not Worth.NOTHING and verdict.cause is not Cause.TRUNCATED:
        return None
    if verdict.cause not in RETRIED_CAUSES and verdict.status not in RETRIED_STATUSES:
        return None
    wait_s: float = backoff_s * 2 ** (tries - 1)
    return wait_s * (1 + _jitter(f"{key} {tries}") / 2)


def find_retry_after(value: str, *, now: datetime) -> timedelta | None:
    """Parse a Retry-After header (RFC 9110 §10.2.3: seconds, or a date), up to MAX_RETRY_AFTER.

    None when it says nothing that can be obeyed: negative, in the past, or in words.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    wait = moment - now
    return min(wait, MAX_RETRY_AFTER) if wait > timedelta(0) else None


def _jitter(key: str) -> float:
    """Make a number in [-1, 1) out of a key, always the same one."""
    octets = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8]
    return math.ldexp(int.from_bytes(octets), -63) - 1
