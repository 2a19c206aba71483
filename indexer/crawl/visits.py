"""Visit what is due: many hosts at once, one request at a time to each, arrivals as they come.

A generator: iterating is the progress, and stopping it stops the run. It decides by the pure
modules beside it and keeps nothing: whoever iterates does.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from indexer.crawl.fetcher import Fetcher, let_go, read_now
from indexer.crawl.frontier import Frontier, Task
from indexer.crawl.head_trust import MIN_BYTES
from indexer.crawl.network import NETWORK_CAUSES, NetworkMonitor
from indexer.crawl.politeness import Politeness
from indexer.crawl.schedule import BACKOFF_S, find_retry_after, find_retry_s
from indexer.crawl.thread_pool import ThreadPool
from indexer.crawl.visit_steps import TargetVisitor
from indexer.errors import OfflineError
from indexer.messages import message
from indexer.model import Arrival, Cause, Exchange, HostQueue, Verdict, Worth

MAX_THROTTLES: Final = 3  # refusals in a row before a host is set aside for the run
MAX_FAILURES: Final = 5  # failures of the network in a row, likewise
WAITING: Final = 8  # pages for each worker, that wait for the next slot of a host (redirects do)
NAP_S: Final = 0.05  # before asking again whether somebody waits


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPolicy:
    """The bounds of a run: pages visited at once, tries of each, and how long it waits."""

    workers: int = 8  # pages under way, those left out that wait for the next slot of a host
    max_tries: int = 3  # of one URL within a run
    backoff_s: float = BACKOFF_S  # before the second try; doubled each time
    patience_s: float = 60.0  # a host that asks for more is left for another run
    canaries: Sequence[str] = ()  # URLs of which one at least answers while we are online
    archive_delay_s: float = 2.5  # between two requests to a web archive: everybody asks them
    min_head_bytes: int = MIN_BYTES  # a page that is smaller is never asked by HEAD


def visit_all(
    queues: Iterable[HostQueue],
    *,
    fetcher: Fetcher,
    politeness: Politeness,
    policy: RunPolicy,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] = read_now,
) -> Iterator[Arrival]:
    """Visit every target once; yield what came of it.

    Raises OfflineError when nothing answers, the canaries neither; what arrived until then has
    been yielded, and what failed for that reason says `is_asked=False`.
    """
    run = _Run(queues, fetcher, politeness, policy, clock, now)
    try:
        yield from run.arrivals()
    finally:
        run.close()


class _Run:
    def __init__(
        self,
        queues: Iterable[HostQueue],
        fetcher: Fetcher,
        politeness: Politeness,
        policy: RunPolicy,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._frontier = Frontier(queues)
        self._fetcher = fetcher
        self._politeness = politeness
        self._policy = policy
        self._clock = clock
        self._now = now
        self._visitor = TargetVisitor(fetcher, politeness, now)
        self._pool: ThreadPool[Task, Arrival | None] = ThreadPool(
            WAITING * policy.workers, self._visitor.visit
        )
        self._network = NetworkMonitor(policy.canaries, self._answers)

    def close(self) -> None:
        self._visitor.stop()
        self._politeness.rate_limiter.interrupt()
        self._fetcher.abort()
        self._pool.close()

    @property
    def _has_room(self) -> bool:
        """Tell whether to begin with another page: those that wait for a slot are not counted."""
        active = self._pool.busy - self._politeness.rate_limiter.waiting
        return self._pool.busy < self._pool.size and active < self._policy.workers

    def _find_patience_s(self, wakes_at: float | None) -> float | None:
        """Find how long to wait for a result before another page may begin; None: any time."""
        if self._pool.busy == self._pool.size:
            return None
        if not self._has_room:
            return NAP_S
        return None if wakes_at is None else max(0.0, wakes_at - self._clock())

    def arrivals(self) -> Iterator[Arrival]:
        while True:
            while self._has_room and not self._network.is_offline:
                task = self._frontier.take(self._clock())
                if task is None:
                    break
                self._pool.submit(task)
            wakes_at = None if self._network.is_offline else self._frontier.wakes_at()
            if not self._pool.busy:
                if wakes_at is None:
                    break
                time.sleep(max(0.0, wakes_at - self._clock()))
                continue
            done = self._pool.next_result(self._find_patience_s(wakes_at))
            if done is not None:
                yield from self._pass_on(*done)
                done = None  # nothing is to hold its payload while the next one is waited for
        yield from self._network.release_rest()
        if self._network.is_offline:
            raise OfflineError(
                message("error.crawl.offline"),
                hint=message("hint.when-online"),
            )

    def _pass_on(self, task: Task, arrival: Arrival | None) -> Iterator[Arrival]:
        """Tell what follows from an arrival; then others may have the room of its payload."""
        for told in self._settle(task, arrival):
            yield from self._network.release_held(told)
        if arrival is not None:
            let_go(arrival.exchange)

    def _settle(self, task: Task, arrival: Arrival | None) -> Iterator[Arrival]:
        """Decide what follows from an arrival: tell it, or try again, or leave its host alone."""
        name = task.target.host
        if arrival is None:
            opens_at = self._politeness.rate_limiter.opens_at(name)
            self._frontier.put_back(task, opens_at)
            self._frontier.release(name, opens_at)
            return
        verdict = arrival.verdict
        self._network.see(arrival)
        if self._network.is_offline and verdict.cause in NETWORK_CAUSES:
            yield arrival
            return
        is_throttled = verdict.cause is Cause.THROTTLED or bool(_retry_after(arrival))
        throttles = self._frontier.count_throttle(name, is_throttled=is_throttled)
        is_failure = verdict.cause in NETWORK_CAUSES and verdict.worth is Worth.NOTHING
        failures = self._frontier.count_failure(name, is_failure=is_failure)
        asked = find_retry_after(_retry_after(arrival), now=arrival.arrived_at)
        tries = task.tries + 1
        retry_s = find_retry_s(
            verdict,
            tries=tries,
            max_tries=self._policy.max_tries,
            key=task.target.urlkey,
            backoff_s=self._policy.backoff_s,
        )
        wait_s = max(retry_s or 0.0, asked.total_seconds() if asked else 0.0)
        is_impatient = wait_s > self._policy.patience_s
        if is_impatient or throttles >= MAX_THROTTLES or failures >= MAX_FAILURES:
            until = arrival.arrived_at + timedelta(seconds=wait_s)
            yield replace(arrival, not_before=until) if wait_s else arrival
            yield from self._set_aside(name, arrival, until if is_impatient else None)
            return
        opens_at = self._politeness.rate_limiter.opens_at(name)
        if is_throttled:
            opens_at = max(opens_at, self._clock() + wait_s)
            self._politeness.rate_limiter.hold(name, opens_at)
        if retry_s is None:
            yield arrival
        else:
            again = Task(target=task.target, tries=tries)
            self._frontier.put_back(again, self._clock() + wait_s)
        self._frontier.release(name, opens_at)

    def _set_aside(self, name: str, arrival: Arrival, until: datetime | None) -> Iterator[Arrival]:
        """Tell of each page of a host that is due that it is not asked for, and why.

        `until` is the moment that the host named; None: it is given up for the whole run.
        """
        cause = arrival.verdict.cause or Cause.THROTTLED
        detail = f"{name} is set aside for this run"
        if until is not None:
            detail = f"{name} is set aside until {until:%Y-%m-%d %H:%M} UTC"
        for target in self._frontier.drain(name):
            yield Arrival(
                target=target,
                exchange=Exchange(url=target.url, canonical_url=target.canonical_url or ""),
                verdict=Verdict(worth=Worth.NOTHING, cause=cause, detail=detail),
                arrived_at=arrival.arrived_at,
                is_asked=False,
            )

    def _answers(self, url: str) -> bool:
        return any(hop.status is not None for hop in self._fetcher.fetch(url).hops)


def _retry_after(arrival: Arrival) -> str:
    """Find the Retry-After of a refusal, or ""."""
    hops = arrival.exchange.hops
    if not hops or hops[-1].status not in (429, 503):
        return ""
    return hops[-1].header("Retry-After")
