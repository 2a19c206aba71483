"""Say which URL to visit next: hosts take turns, the one with the longest queue first.

A run lasts as long as its longest queue times the delay, so that queue must never wait. Memory
grows with hosts, not with URLs: the targets of a host are drawn from an iterator one by one.
Pure but for what it remembers; the clock is an argument.
"""

import heapq
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from indexer.model import HostQueue, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A target whose turn has come, and how often it was tried in this run before."""

    target: Target
    tries: int = 0


@dataclass(slots=True)
class _Host:
    queue: Iterator[Target]
    left: int
    retries: list[tuple[float, int, Task]] = field(default_factory=list)  # a heap
    throttles: int = 0  # refusals in a row because we asked too much
    failures: int = 0  # failures of the network in a row


class Frontier:
    """The queues of a run, one a host."""

    def __init__(self, queues: Iterable[HostQueue]) -> None:
        """Take the hosts that have something due, each with its targets."""
        self._serial = itertools.count()
        self._hosts: dict[str, _Host] = {}
        self._sleeping: list[tuple[float, int, str]] = []  # by the time they wake
        self._ready: list[tuple[int, int, str]] = []  # by what is left, longest first
        for queue in queues:
            self._hosts[queue.host] = _Host(queue.targets, queue.count)
            heapq.heappush(self._ready, (-queue.count, next(self._serial), queue.host))

    def take(self, now: float) -> Task | None:
        """Take the next task, and its host until `release`; None when no host is ready.

        `now` is in seconds, as are all times here.
        """
        while self._sleeping and self._sleeping[0][0] <= now:
            _, _, name = heapq.heappop(self._sleeping)
            heapq.heappush(self._ready, (-self._hosts[name].left, next(self._serial), name))
        while self._ready:
            _, _, name = heapq.heappop(self._ready)
            host = self._hosts[name]
            if host.retries and host.retries[0][0] <= now:
                return heapq.heappop(host.retries)[2]
            target = next(host.queue, None)
            if target is not None:
                host.left -= 1
                return Task(target=target)
            host.left = 0
            self.release(name, now)
        return None

    def release(self, name: str, opens_at: float) -> None:
        """Let a host be asked again from then on; forget it when nothing is left of it."""
        host = self._hosts.get(name)
        if host is None:
            return
        if host.left > 0:
            wakes_at = opens_at
        elif host.retries:
            wakes_at = max(opens_at, host.retries[0][0])
        else:
            del self._hosts[name]
            return
        heapq.heappush(self._sleeping, (wakes_at, next(self._serial), name))

    def put_back(self, task: Task, at: float) -> None:
        """Try a target again from then on; to be called before its host is released."""
        host = self._hosts[task.target.host]
        heapq.heappush(host.retries, (at, next(self._serial), task))

    def drain(self, name: str) -> Iterator[Target]:
        """Give back what is left of a taken host, and forget it."""
        host = self._hosts.pop(name, None)
        if host is not None:
            yield from (task.target for _, _, task in sorted(host.retries))
            yield from host.queue

    def wakes_at(self) -> float | None:
        """Tell when the next host is ready; None when none sleeps."""
        return self._sleeping[0][0] if self._sleeping else None

    def count_throttle(self, name: str, *, is_throttled: bool) -> int:
        """Count an answer; give the refusals of its host in a row."""
        host = self._hosts[name]
        host.throttles = host.throttles + 1 if is_throttled else 0
        return host.throttles

    def count_failure(self, name: str, *, is_failure: bool) -> int:
        """Count an answer; give the failures of the network in a row at its host."""
        host = self._hosts[name]
        host.failures = host.failures + 1 if is_failure else 0
        return host.failures
