"""Limit the rate of requests: one at a time to a host, a delay between two, a bound over all hosts.

Threads ask for the slot of a host and wait for it here. The clock is an argument.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Final

REMEMBERED_HOSTS: Final = 4_096  # past that, those whose time has come are forgotten


class InterruptedWaitError(Exception):
    """The run is over: raised in threads that wait for a slot."""


@dataclass(slots=True)
class _HostSlot:
    changed: threading.Condition  # freeing a slot wakes the threads of that host only
    opens_at: float = 0.0  # by the clock
    is_taken: bool = False


class RateLimiter:
    """Hand out the slots of hosts, one a host, to any number of threads.

    `at_once` bounds the requests under way over all hosts (0: no bound); a thread that waits for
    the slot of its host counts for none. `clock` gives seconds, as `time.monotonic` does.
    """

    def __init__(self, *, at_once: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._slots: dict[str, _HostSlot] = {}
        self._lock = threading.Lock()
        self._interruptions = 0
        self.waiting = 0  # threads, for the slot of a host
        self._semaphore: AbstractContextManager[Any] = (
            threading.BoundedSemaphore(at_once) if at_once else nullcontext()
        )

    @contextmanager
    def slot(self, host: str, delay_s: float) -> Iterator[None]:
        """Wait for the slot of a host, hold it, then keep it closed for `delay_s`.

        The delay runs from the start of one request to the start of the next; a server that is
        slow to answer rests as long as it took, up to the delay. Raises
        InterruptedWaitError.
        """
        slot = self._take(host)
        start = self._clock()
        try:
            with self._semaphore:
                start = self._clock()
                yield
        finally:
            end = self._clock()
            with self._lock:
                rest_s = min(end - start, delay_s)
                slot.opens_at = max(slot.opens_at, start + delay_s, end + rest_s)
                slot.is_taken = False
                slot.changed.notify_all()

    def opens_at(self, host: str) -> float:
        """Tell when the next request to a host may start, by the clock."""
        with self._lock:
            slot = self._slots.get(host)
            return slot.opens_at if slot else 0.0

    def hold(self, host: str, until: float) -> None:
        """Keep the slot of a host closed until a moment of the clock."""
        with self._lock:
            slot = self._find(host)
            slot.opens_at = max(slot.opens_at, until)

    def interrupt(self) -> None:
        """Raise InterruptedWaitError in the threads that wait now; those to come get a slot."""
        with self._lock:
            self._interruptions += 1
            for slot in self._slots.values():
                slot.changed.notify_all()

    def _find(self, host: str) -> _HostSlot:
        slot = self._slots.get(host)
        if slot is None:
            slot = self._slots[host] = _HostSlot(threading.Condition(self._lock))
        return slot

    def _take(self, host: str) -> _HostSlot:
        with self._lock:
            if len(self._slots) >= REMEMBERED_HOSTS:
                self._forget()
            interruptions = self._interruptions
            while interruptions == self._interruptions:
                slot = self._find(host)  # anew each time: it may have been forgotten
                wait_s = slot.opens_at - self._clock()
                if not slot.is_taken and wait_s <= 0:
                    slot.is_taken = True
                    return slot
                self.waiting += 1
                slot.changed.wait(None if slot.is_taken else wait_s)
                self.waiting -= 1
            raise InterruptedWaitError

    def _forget(self) -> None:
        now = self._clock()
        passed = [
            host for host, slot in self._slots.items() if not slot.is_taken and slot.opens_at <= now
        ]
        for host in passed:
            del self._slots[host]
