"""Tell a network that is down from links that are.

With canaries, they are asked when nothing answers. Without, what fails is held back until something
answers: where several hosts failed and nothing ever did, it says nothing about any of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from indexer.crawl.robots import ORIGIN_CAUSES
from indexer.model import TLS_FAULTS, Arrival, Cause

# A certificate at fault is an answer.
NETWORK_CAUSES: Final = (
    (ORIGIN_CAUSES | {Cause.TIMEOUT, Cause.DEADLINE}) - TLS_FAULTS - {Cause.FORBIDDEN_ADDRESS}
)
FAILURES_BEFORE_CANARIES: Final = 10  # in a row over all hosts, once something has answered
MAX_HELD: Final = 50  # failures, before anything answered, that end a run
MIN_HOSTS: Final = 3  # one or two dead hosts are no dead network


class NetworkMonitor:
    """Watch the arrivals of a run. `answers` says whether the canary at a URL answers."""

    def __init__(self, canaries: Sequence[str], answers: Callable[[str], bool]) -> None:
        """Take the addresses to ask when nothing answers, and how to ask one."""
        self.is_offline = False
        self._canaries = canaries
        self._answers = answers
        self._has_answered = False
        self._failures = 0  # in a row, over all hosts
        self._held: list[Arrival] = []

    def see(self, arrival: Arrival) -> None:
        """Take note of an arrival; `is_offline` may be true after it."""
        has_status = any(hop.status is not None for hop in arrival.exchange.hops)
        if has_status or arrival.verdict.cause in TLS_FAULTS:
            self._has_answered = True
            self._failures = 0
        elif arrival.verdict.cause in NETWORK_CAUSES and self._canaries:
            self._failures += 1
            bound = FAILURES_BEFORE_CANARIES if self._has_answered else 1
            if not self.is_offline and self._failures >= bound:
                self._failures = 0
                self._has_answered = any(map(self._answers, self._canaries))
                self.is_offline = not self._has_answered

    def release_held(self, arrival: Arrival) -> Iterator[Arrival]:
        """Give what may be told now: this arrival, those held back before it, or nothing yet."""
        is_failure = arrival.is_asked and arrival.verdict.cause in NETWORK_CAUSES
        if is_failure and self.is_offline:
            arrival = _discount(arrival)
        elif is_failure and not self._has_answered and not self._canaries:
            self._held.append(arrival)
            self.is_offline = len(self._held) >= MAX_HELD
            return
        if self._has_answered:
            yield from self._held
            self._held.clear()
        yield arrival

    def release_rest(self) -> Iterator[Arrival]:
        """Give those held back to the end; as not asked, where no host of several ever answered."""
        hosts = {arrival.target.host for arrival in self._held}
        for arrival in self._held:
            yield _discount(arrival) if len(hosts) >= MIN_HOSTS else arrival
        self._held.clear()


def _discount(arrival: Arrival) -> Arrival:
    """Mark an arrival as not asked, so that it is told and not counted against its link."""
    detail = f"{arrival.verdict.detail}; nothing answers at all, so it does not count".lstrip("; ")
    return replace(arrival, is_asked=False, verdict=replace(arrival.verdict, detail=detail))
