"""Look at visits one after the other, their pages read beforehand in processes beside.

No page keeps the others from being looked at: each is read in a process that can be killed. What
was read waits in the order in which it was visited; no more than a few payloads are in memory.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from indexer.archive import Catalogue, Payload
from indexer.extract import Readers
from indexer.links.history import LinkHistory
from indexer.model import Observation, Visit
from indexer.pipeline.observe_visit import VisitObserver, make_job

AHEAD: Final = 8  # payloads read, or being read, and not looked at yet


@dataclass(slots=True)
class _QueuedVisit:
    """A visit to look at, and what is held of it; `reading` is the page to be read for it first."""

    key: str
    visit: Visit
    held: Payload | None = None
    reading: str = ""


class ObservationQueue:
    """Visits that wait to be looked at. One transaction an observation: a kill loses none told."""

    def __init__(
        self, observer: VisitObserver, readers: Readers, catalogue: Catalogue, history: LinkHistory
    ) -> None:
        self._observer = observer
        self._readers = readers
        self._catalogue = catalogue
        self._history = history
        self._later: deque[_QueuedVisit] = deque()
        self._next: deque[_QueuedVisit] = deque()  # those whose pages are read, or being read
        self._being_read: set[str] = set()

    @property
    def waiting(self) -> int:
        """How many visits wait."""
        return len(self._later) + len(self._next)

    def add(self, key: str, visit: Visit) -> None:
        """Have a visit of the page with that urlkey looked at, after those added before."""
        self._later.append(_QueuedVisit(key, visit))

    def advance(self, timeout_s: float | None = 0.0) -> Iterator[Observation]:
        """Look at what is ready; wait up to so long where the first one is being read."""
        yield from self._observe()
        if self.waiting:
            for article in self._readers.take(timeout_s):
                self._catalogue.put_article(article)
                self._being_read.discard(article.record_id)
            yield from self._observe()

    def finish(self) -> Iterator[Observation]:
        """Look at all that waits."""
        while self.waiting:
            yield from self.advance(None)

    def _observe(self) -> Iterator[Observation]:
        self._feed()
        while self._next and self._next[0].reading not in self._being_read:
            queued = self._next.popleft()
            self._feed()
            observation = self._observer.observe(queued.key, queued.visit, queued.held)
            if observation is not None:
                self._history.record(observation)
                yield observation

    def _feed(self) -> None:
        """Have the next few pages read, as far as there is room for them."""
        while self._later and len(self._next) < AHEAD:
            queued = self._later[0]
            queued.reading = queued.reading or self._observer.find_unread(queued.visit)
            if queued.reading and queued.reading not in self._being_read:
                if not self._readers.has_room:
                    return
                queued.held = self._observer.read(queued.visit)
                if queued.held is not None:
                    self._readers.give(make_job(queued.visit, queued.held))
                    self._being_read.add(queued.reading)
            self._next.append(self._later.popleft())
