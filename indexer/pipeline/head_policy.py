"""Mark the targets of which a HEAD may be enough, and learn which hosts tell the truth by it.

A HEAD sees no error page served with 200, so that it never stands for two visits in a row, nor
for a link that is not well. Where a host answers 304 it would save nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from indexer.archive import Catalogue
from indexer.crawl.head_trust import UNCHANGED_BY_HEAD, choose_head_use, is_truthful
from indexer.links.history import LinkHistory
from indexer.model import (
    Arrival,
    Captured,
    HeadTrust,
    HeadUse,
    HostQueue,
    LinkState,
    Outcome,
    Revisited,
    Target,
)
from indexer.pipeline.links import find_health

MIN_BYTES: Final = 65_536  # what is smaller comes as cheaply with its head as without
RECENT: Final = timedelta(days=200)  # the last visit that brought the page


class HeadPolicy:
    """Knows what hosts said by HEAD. Of one thread: that which gives targets out."""

    def __init__(
        self, catalogue: Catalogue, history: LinkHistory, *, min_bytes: int = MIN_BYTES
    ) -> None:
        self._catalogue = catalogue
        self._history = history
        self._min_bytes = min_bytes

    def mark(self, queues: Iterable[HostQueue], *, now: datetime) -> Iterator[HostQueue]:
        """The same queues, each target with its use of HEAD."""
        for queue in queues:
            targets = (replace(each, head=self._find_use(each, now)) for each in queue.targets)
            yield replace(queue, targets=targets)

    def learn(self, arrival: Arrival, outcome: Outcome) -> None:
        """Take note of what a GET brought after a HEAD."""
        held = arrival.target.previous
        if arrival.head is None or held is None or not isinstance(outcome, Captured | Revisited):
            return
        is_same = isinstance(outcome, Revisited)
        is_true = is_truthful(arrival.head, arrival.exchange, held=held, is_same=is_same)
        if is_true is None:
            return
        trust = self._history.find_head(arrival.target.host)
        learned = (
            replace(trust, agreed=trust.agreed + 1)
            if is_true
            else HeadTrust(lied_at=arrival.arrived_at)
        )
        self._history.put_head(arrival.target.host, learned)

    def _find_use(self, target: Target, now: datetime) -> HeadUse:
        held = target.previous
        if held is None or held.archive or held.truncated or held.length < self._min_bytes:
            return HeadUse.NEVER
        if not (held.etag or held.last_modified) or not self._needs_little(target, now):
            return HeadUse.NEVER
        return choose_head_use(self._history.find_head(target.host), now=now)

    def _needs_little(self, target: Target, now: datetime) -> bool:
        """Whether the page came whole and the same the last time, and the link is alive."""
        visits = [each for each in self._catalogue.visits(target.urlkey) if not each.archive]
        if not visits:
            return False
        last = visits[-1]
        # "revisited" with 200: the very same bytes were sent, though a 304 was asked for.
        is_resent = (
            last.outcome == "revisited" and last.status == 200 and last.detail != UNCHANGED_BY_HEAD
        )
        is_recent = timedelta(0) <= now - last.visited_at <= RECENT
        if not is_resent or last.tls_fault is not None or not is_recent:
            return False
        health = find_health(
            target.url,
            catalogue=self._catalogue,
            history=self._history,
            decisions={},
            now=now,
        )
        return health is not None and health.state is LinkState.ALIVE and not health.failure_count
