"""Carry visits to observations; ask hosts for what can't exist where a page needs the proof.

Visits are the crawl's: what it visited is observed here without a second request. One visit, one
transaction, so that a run that was killed goes on where it stopped.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Final

from indexer.archive import Catalogue, Keeper, WarcArchive
from indexer.codings import decode
from indexer.crawl import Fetcher, Politeness, RunPolicy, visit_all
from indexer.extract import Readers, count_cores
from indexer.extract.charset import decode_markup
from indexer.links.history import LinkHistory, Probe
from indexer.links.observe import needs_probe
from indexer.links.page import parse_page
from indexer.links.soft404 import make_impossible_url
from indexer.model import Arrival, HostQueue, Observation, Outcome, Reference, Target, Worth
from indexer.pipeline.observation_queue import AHEAD, ObservationQueue
from indexer.pipeline.observe_visit import (
    VisitObserver,
    depends_on_other_visits,
    folder_of,
    group_cited,
    last_live,
)
from indexer.urls import host, parse_url, urlkey

NICENESS: Final = 5
MAX_WAITING: Final = 1_000  # visits; `observe` finds in the catalogue what comes beyond
PROBE_EVERY: Final = timedelta(days=30)
PROBE_BYTES: Final = 2**20  # enough to compare


def observe_meanwhile(
    outcomes: Generator[Outcome, None, None],
    references: Iterable[Reference],
    *,
    catalogue: Catalogue,
    archive: WarcArchive,
    history: LinkHistory,
) -> Generator[Outcome, None, None]:
    """Pass the outcomes of visits on, and look at their pages while other hosts are waited for.

    What depends on how the other visits go is left to `observe`, and what there was no time for:
    the reading gives way to the visits, whose hosts have their turns.
    """
    observer = VisitObserver(group_cited(references), catalogue, archive, history)
    processes = count_cores() + 1  # one more, for while another waits to be given its next page
    with (
        closing(outcomes),
        Readers(processes=processes, niceness=NICENESS) as readers,
    ):
        readers.warm_up()
        queue = ObservationQueue(observer, readers, catalogue, history)
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


def observe(
    references: Iterable[Reference],
    *,
    catalogue: Catalogue,
    archive: WarcArchive,
    history: LinkHistory,
) -> Iterator[Observation]:
    """Observe every visit of the live web that was not observed yet, and keep it."""
    cited = group_cited(references)
    observer = VisitObserver(cited, catalogue, archive, history)
    with Readers() as readers:
        queue = ObservationQueue(observer, readers, catalogue, history)
        for key in cited:
            for visit in observer.list_unseen(key):
                queue.add(key, visit)
            while queue.waiting > AHEAD:
                yield from queue.advance(None)
        yield from queue.finish()


def probe(
    references: Iterable[Reference],
    *,
    catalogue: Catalogue,
    archive: WarcArchive,
    history: LinkHistory,
    keeper: Keeper,
    fetcher: Fetcher,
    politeness: Politeness,
    policy: RunPolicy,
    now: datetime,
    make_token: Callable[[], str] = lambda: f"{secrets.token_hex(8)}.html",
) -> Iterator[Observation]:
    """Ask hosts for an address that can't exist, where a page needs the proof; observe again.

    One such address a folder of a host, once a month; the same politeness as any visit.
    """
    cited = group_cited(references)
    by_folder: dict[str, list[str]] = defaultdict(list)
    for key in cited:
        last = history.observations(key)[-1:]
        if last and needs_probe(last[0]):
            by_folder[folder_of(last[0].url)].append(key)
    fresh_since = now - PROBE_EVERY
    asked: dict[str, str] = {}
    for folder in by_folder:
        known = history.find_probe(folder)
        if known is None or not fresh_since <= known.probed_at <= now:
            asked[make_impossible_url(f"{folder}/x", token=make_token())] = folder
    for arrival in visit_all(
        _queue(asked), fetcher=fetcher, politeness=politeness, policy=policy, now=lambda: now
    ):
        keeper.keep_beside(arrival.exchange)
        folder = asked[arrival.target.url]
        history.put_probe(_make_probe(arrival, folder, now=now))
    observer = VisitObserver(cited, catalogue, archive, history)
    for keys in by_folder.values():
        for key in keys:
            for visit in last_live(catalogue.visits(key)):
                # Once is enough, unless the host has been asked since.
                if (observation := observer.observe(key, visit)) is not None:
                    history.record(observation)
                    yield observation


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
