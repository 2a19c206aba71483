"""Carry visits to observations; ask hosts for what can't exist where a page needs the proof.

Visits are the crawl's: what it visited is observed here without a second request. One visit, one
transaction, so that a run that was killed goes on where it stopped. No page keeps the others from
being observed: each is read in a process beside, that can be killed. What was read waits in the
order in which it was visited; no more than a few payloads are in memory.
"""

import secrets
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from indexer.archive import Payload
from indexer.codings import decode
from indexer.corpus import Corpus, Crawl
from indexer.crawl import visit_all
from indexer.extract import Readers, count_cores, read_site_rules
from indexer.extract.payload import decode_markup
from indexer.links.history import Probe
from indexer.links.observe import depends_on_other_visits, is_probe_fresh, needs_probe
from indexer.links.page import parse_page
from indexer.links.soft404 import find_folder, make_impossible_url
from indexer.model import Arrival, HostQueue, Observation, Outcome, Reference, Target, Visit, Worth
from indexer.pipeline.observe_visit import VisitObserver, group_cited, last_live, shorten
from indexer.pipeline.stages import make_job
from indexer.urls import host, parse_url, urlkey

NICENESS: Final = 5
MAX_WAITING: Final = 1_000  # visits; `observe` finds in the catalogue what comes beyond
AHEAD: Final = 8  # payloads read, or being read, and not observed yet
PROBE_BYTES: Final = 2**20  # enough to compare


@dataclass(slots=True)
class _QueuedVisit:
    """A visit to observe, what is held of it, and the record whose page is to be read first."""

    key: str
    visit: Visit
    shown: Visit  # that has its page as its reader sees it: the visit itself, or a browser's
    held: Payload | None = None
    reading: str = ""


class ObservationQueue:
    """Visits that wait to be observed. One transaction an observation: a kill loses none told."""

    def __init__(self, observer: VisitObserver, readers: Readers, corpus: Corpus) -> None:
        """Take who observes, the processes that read pages, and the corpus to keep them in."""
        self._observer = observer
        self._readers = readers
        self._corpus = corpus
        self._later: deque[_QueuedVisit] = deque()
        self._next: deque[_QueuedVisit] = deque()  # those whose pages are read, or being read
        self._being_read: set[str] = set()

    @property
    def waiting(self) -> int:
        """Count the visits that wait."""
        return len(self._later) + len(self._next)

    def add(self, key: str, visit: Visit) -> None:
        """Have a visit of the page with that urlkey observed, after those added before."""
        self._later.append(_QueuedVisit(key, visit, self._observer.find_shown(visit)))

    def advance(self, timeout_s: float | None = 0.0) -> Iterator[Observation]:
        """Observe what is ready; wait up to `timeout_s` where the first page is being read."""
        yield from self._observe()
        if self.waiting:
            for article in self._readers.take(timeout_s):
                self._corpus.catalogue.put_article(article)
                self._being_read.discard(article.record_id)
            yield from self._observe()

    def finish(self) -> Iterator[Observation]:
        """Observe all that waits."""
        while self.waiting:
            yield from self.advance(None)

    def _observe(self) -> Iterator[Observation]:
        self._feed()
        while self._next and self._next[0].reading not in self._being_read:
            queued = self._next.popleft()
            self._feed()
            observation = self._observer.observe(
                queued.key, queued.visit, queued.held, shown=queued.shown
            )
            if observation is not None:
                self._corpus.history.record(observation)
                yield observation

    def _feed(self) -> None:
        """Have the next few pages read, as far as there is room for them."""
        while self._later and len(self._next) < AHEAD:
            queued = self._later[0]
            queued.reading = queued.reading or self._observer.find_unread(queued.shown)
            if queued.reading and queued.reading not in self._being_read:
                if not self._readers.has_room:
                    return
                queued.held = self._observer.read(queued.shown)
                if queued.held is not None:
                    self._readers.give(make_job(queued.held, queued.shown.final_url))
                    queued.held = shorten(queued.held)
                    self._being_read.add(queued.reading)
            self._next.append(self._later.popleft())


def observe_meanwhile(
    outcomes: Generator[Outcome, None, None], references: Iterable[Reference], corpus: Corpus
) -> Generator[Outcome, None, None]:
    """Pass the outcomes of visits on, and observe their pages while other hosts are waited for.

    What depends on how the other visits go is left to `observe`, and what there was no time for:
    the reading gives way to the visits, whose hosts are asked at their rate.
    """
    observer = VisitObserver(group_cited(references, corpus.note_texts), corpus)
    rules = read_site_rules(corpus.rules_folder)
    processes = count_cores() + 1  # one more, for while another waits to be given its next page
    with (
        closing(outcomes),
        Readers(processes=processes, niceness=NICENESS, rules=rules) as readers,
    ):
        readers.warm_up()
        queue = ObservationQueue(observer, readers, corpus)
        for outcome in outcomes:
            key = urlkey(outcome.url)
            if observer.is_cited(key) and queue.waiting < MAX_WAITING:
                unseen = observer.list_unseen(key)
                if not any(map(depends_on_other_visits, unseen)):
                    for visit in unseen:
                        queue.add(key, visit)
            yield outcome
            for _ in queue.advance():
                pass


def observe(references: Iterable[Reference], corpus: Corpus) -> Iterator[Observation]:
    """Observe every visit of the live web that was not observed yet, and keep it."""
    cited = group_cited(references, corpus.note_texts)
    observer = VisitObserver(cited, corpus)
    with Readers(rules=read_site_rules(corpus.rules_folder)) as readers:
        queue = ObservationQueue(observer, readers, corpus)
        for key in cited:
            for visit in observer.list_unseen(key):
                queue.add(key, visit)
            while queue.waiting > AHEAD:
                yield from queue.advance(None)
        yield from queue.finish()


def probe(
    references: Iterable[Reference],
    corpus: Crawl,
    *,
    make_token: Callable[[], str] = lambda: f"{secrets.token_hex(8)}.html",
) -> Iterator[Observation]:
    """Ask hosts for an address that can't exist, where a page needs the proof; observe again.

    One such address a folder of a host, once a month; the same politeness as any visit.
    """
    cited = group_cited(references, corpus.note_texts)
    by_folder: dict[str, list[str]] = defaultdict(list)
    for key in cited:
        last = corpus.history.observations(key)[-1:]
        if last and needs_probe(last[0]):
            by_folder[find_folder(last[0].url)].append(key)
    _ask_impossible(by_folder, corpus, make_token)
    observer = VisitObserver(cited, corpus)
    for key in (key for keys in by_folder.values() for key in keys):
        for visit in last_live(corpus.catalogue.visits(key)):
            # Once is enough, unless the host has been asked since.
            if (observation := observer.observe(key, visit)) is not None:
                corpus.history.record(observation)
                yield observation


def _ask_impossible(folders: Iterable[str], corpus: Crawl, make_token: Callable[[], str]) -> None:
    """Ask for an address that can't exist in each folder that was not asked lately; keep it."""
    now = corpus.now()
    asked = {
        make_impossible_url(f"{folder}/x", token=make_token()): folder
        for folder in folders
        if not is_probe_fresh(corpus.history.find_probe(folder), now=now)
    }
    arrivals = visit_all(
        _queue(asked),
        fetcher=corpus.fetcher,
        politeness=corpus.politeness,
        policy=corpus.policy,
        now=corpus.now,
    )
    for arrival in arrivals:
        corpus.keeper.keep_beside(arrival.exchange)
        corpus.history.put_probe(_make_probe(arrival, asked[arrival.target.url], now=now))


def _queue(asked: Iterable[str]) -> list[HostQueue]:
    by_host: dict[str, list[Target]] = defaultdict(list)
    for url in asked:
        name = host(url)
        target = Target(url=url, urlkey=urlkey(url), canonical_url=parse_url(url), host=name)
        by_host[name].append(target)
    return [
        HostQueue(host=name, count=len(targets), targets=iter(targets))
        for name, targets in by_host.items()
    ]


def _make_probe(arrival: Arrival, folder: str, *, now: datetime) -> Probe:
    url = arrival.target.url
    if arrival.verdict.worth is not Worth.NEW:
        return Probe(folder=folder, url=url, probed_at=now, has_page=False)
    hop = arrival.exchange.hops[-1]
    coding = hop.header("Content-Encoding")
    payload = decode(hop.payload, coding, max_bytes=PROBE_BYTES, keep=PROBE_BYTES).payload
    markup, _ = decode_markup(payload, content_type=hop.header("Content-Type"))
    page = parse_page(markup, asked_url=url, final_url=hop.target_uri)
    return Probe(folder=folder, url=url, probed_at=now, has_page=True, text=page.text)
