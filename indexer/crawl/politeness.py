"""Permit requests: what robots.txt allows, at the rate that the host bears.

One request at a time to a host, a delay between two, a bound over all hosts: threads ask for the
slot of a host and wait for it. The clock is an argument.

Stands between the fetcher and every hop. robots.txt is fetched at the same rate, and kept by the
two functions of a RobotsCache.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from indexer.crawl.fetcher import Fetcher, Refusal, read_now
from indexer.crawl.robots import Rules, is_fresh, judge_robots
from indexer.crawl.site_policies import NO_SITES, SitePolicies, SitePolicy
from indexer.model import Cause, Exchange, Robots, RobotsState
from indexer.urls import host, origin

REMEMBERED_HOSTS: Final = 4_096  # past that, those whose time has come are forgotten


class InterruptedWaitError(Exception):
    """The run is over: raised in threads that wait for a slot."""


@dataclass(slots=True)
class _HostSlot:
    changed: threading.Condition  # freeing a slot wakes the threads of that host only
    opens_at: float = 0.0  # by the clock
    is_taken: bool = False


class SharedTurns(Protocol):
    """The turns of hosts that several crawlers share."""

    def take_turn(self, host: str, delay_s: float) -> float:
        """Take the turn of a host; give 0, or in how many seconds to try again."""
        ...

    def give_turn_back(self, host: str, rest_s: float) -> None:
        """Give the turn of a host back, for others to take after so many seconds."""
        ...


class RateLimiter:
    """Hand out the slots of hosts, one a host, to any number of threads.

    `at_once` bounds the requests under way over all hosts (0: no bound); a thread that waits for
    the slot of its host counts for none. `clock` gives seconds, as `time.monotonic` does.
    `others` are asked for the turn of a host too, where other processes ask hosts as well.
    """

    def __init__(
        self,
        *,
        at_once: int = 0,
        clock: Callable[[], float] = time.monotonic,
        others: SharedTurns | None = None,
    ) -> None:
        """Take how many hosts may be asked at once (0: no bound) and a clock in seconds."""
        self._clock = clock
        self._others = others
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
            with self._share(host, slot, delay_s), self._semaphore:
                start = self._clock()
                yield
        finally:
            with self._lock:
                slot.opens_at = self._find_next(slot, start, delay_s)
                slot.is_taken = False
                slot.changed.notify_all()

    def _find_next(self, slot: _HostSlot, start: float, delay_s: float) -> float:
        """Find when a host may be asked again after a request that ends now."""
        end = self._clock()
        return max(slot.opens_at, start + delay_s, end + min(end - start, delay_s))

    @contextmanager
    def _share(self, host: str, slot: _HostSlot, delay_s: float) -> Iterator[None]:
        """Wait for the turn of a host among all processes that share it, and hold it."""
        if self._others is None:
            yield
            return
        interruptions = self._interruptions
        while wait_s := self._others.take_turn(host, delay_s):
            with self._lock:
                self.waiting += 1
                slot.changed.wait(wait_s)
                self.waiting -= 1
                if interruptions != self._interruptions:
                    raise InterruptedWaitError
        start = self._clock()
        try:
            yield
        finally:
            rest_s = self._find_next(slot, start, delay_s) - self._clock()
            self._others.give_turn_back(host, rest_s)

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
            name for name, slot in self._slots.items() if not slot.is_taken and slot.opens_at <= now
        ]
        for forgotten in passed:
            del self._slots[forgotten]


REMEMBERED_ORIGINS: Final = 512
ROBOTS_PATH: Final = "/robots.txt"


class SlotSpentError(Exception):
    """The slot of a host went to its robots.txt; the page is to be asked at the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsCache:
    """Two functions that find and keep the robots.txt of an origin, from one run to the next."""

    find: Callable[[str], Robots | None]
    keep: Callable[[Robots, Exchange], None]


class Politeness:
    """Give permits for requests, to any number of threads.

    `token` is the product token by which robots.txt names us, `delay_s` the seconds from one
    request to the next at the same host.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        token: str,
        delay_s: float,
        rate_limiter: RateLimiter,
        robots_cache: RobotsCache,
        sites: SitePolicies = NO_SITES,
        now: Callable[[], datetime] = read_now,
    ) -> None:
        """Take who fetches robots.txt, our name in it, and what is waited between requests."""
        self.rate_limiter = rate_limiter
        self._fetcher = fetcher
        self._token = token
        self._delay_s = delay_s
        self._robots_cache = robots_cache
        self._sites = sites
        self._now = now
        self._known: OrderedDict[str, tuple[Robots, Rules]] = OrderedDict()
        self._lock = threading.Lock()
        self._fetching: dict[str, threading.Lock] = {}

    def find_site(self, url: str) -> SitePolicy:
        """Find what the settings want for the site of a URL; headers left out."""
        return self._sites.find(url)

    def find_delay_s(self, host: str) -> float:
        """Find the seconds between two requests to a host, as the settings want them."""
        wanted = self._sites.find(f"https://{host}/").delay_s
        return self._delay_s if wanted is None else wanted

    @contextmanager
    def rest(self, url: str) -> Iterator[Refusal | None]:
        """Wait for the slot of a URL's host and hold it, whatever its robots.txt says.

        For interfaces at which people ask for what is theirs.
        """
        with self.rate_limiter.slot(host(url), self.find_delay_s(host(url))):
            yield None

    @contextmanager
    def permit(
        self, url: str, *, min_delay_s: float = 0.0, waits: bool = True
    ) -> Iterator[Refusal | None]:
        """Wait for the slot of a URL's host and hold it; yield None, or why it must not be asked.

        Where robots.txt had to be fetched first and the page has to wait for the next slot of the
        host, raises SlotSpentError unless it `waits`.
        """
        name = host(url)
        site = self._sites.find(url)
        delay_s = max(self._delay_s if site.delay_s is None else site.delay_s, min_delay_s)
        if not site.ignores_robots:
            robots, rules, is_fetched = self._find_robots(origin(url), delay_s)
            refusal = _refuse(robots, rules, url, self._token)
            if refusal is not None:
                yield refusal
                return
            delay_s = max(delay_s, rules.find_delay_s(self._token) or 0.0)
            if is_fetched and delay_s and not waits:
                raise SlotSpentError
        with self.rate_limiter.slot(name, delay_s):
            yield None

    def _find_robots(self, asked: str, delay_s: float) -> tuple[Robots, Rules, bool]:
        """Find what an origin's robots.txt says; the bool tells whether it was fetched now."""
        with self._lock:
            fetching = self._fetching.setdefault(asked, threading.Lock())
        with fetching:  # one thread fetches, the others of that origin wait for it
            known = self._recall(asked)
            is_fetched = known is None
            if known is None:
                known = self._fetch_robots(asked, delay_s)
            with self._lock:
                self._known[asked] = known
                self._known.move_to_end(asked)
                while len(self._known) > REMEMBERED_ORIGINS:
                    self._known.popitem(last=False)
                self._fetching.pop(asked, None)
        return (*known, is_fetched)

    def _recall(self, asked: str) -> tuple[Robots, Rules] | None:
        with self._lock:
            known = self._known.get(asked)
        if known is None:
            robots = self._robots_cache.find(asked)
            known = (robots, Rules(robots.rules)) if robots is not None else None
        if known is None or not is_fresh(known[0], now=self._now()):
            return None
        return known

    def _fetch_robots(self, asked: str, delay_s: float) -> tuple[Robots, Rules]:
        @contextmanager
        def take_slot(url: str) -> Iterator[Refusal | None]:
            with self.rate_limiter.slot(host(url), delay_s):
                yield None

        exchange = self._fetcher.fetch(asked + ROBOTS_PATH, permit=take_slot)
        before = self._robots_cache.find(asked)
        robots = judge_robots(exchange, origin=asked, now=self._now(), known=before)
        self._robots_cache.keep(robots, exchange)
        return robots, Rules(robots.rules)


def _refuse(robots: Robots, rules: Rules, url: str, token: str) -> Refusal | None:
    if robots.state is RobotsState.UNREACHABLE:
        return robots.cause or Cause.ROBOTS_UNREACHABLE, robots.detail
    if robots.state is RobotsState.RULES and not rules.is_allowed(url, token):
        return Cause.DISALLOWED_BY_ROBOTS, f"{robots.origin}{ROBOTS_PATH}"
    return None
