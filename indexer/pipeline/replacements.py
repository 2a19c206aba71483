"""Look in web archives for what replaces a link that died, whatever we hold of it ourselves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from indexer.archive import Catalogue, Keeper
from indexer.crawl import Fetcher, MementoRequest, Politeness, WebArchive, fetch_mementos
from indexer.links.decisions import Decision
from indexer.links.history import LinkHistory
from indexer.model import LinkMark, LinkState, Outcome, Reference, Target
from indexer.pipeline.links import find_health
from indexer.pipeline.mementos import find_cited_at, is_asked_lately
from indexer.urls import host, parse_url, urlkey


def find_replacements(
    references: Iterable[Reference],
    *,
    archives: Sequence[WebArchive],
    catalogue: Catalogue,
    history: LinkHistory,
    decisions: Mapping[str, Decision],
    keeper: Keeper,
    fetcher: Fetcher,
    politeness: Politeness,
    now: datetime,
) -> Iterator[Outcome]:
    """Fetch and keep the memento nearest to its citation of each dead link that has none.

    An archive is asked once a month for the same link; what a person ignores is not looked up.
    """
    if not archives:
        return
    requests: dict[str, MementoRequest] = {}
    for reference in references:
        url = reference.url
        if not url or urlkey(url) in requests or _was_asked(urlkey(url), catalogue, now):
            continue
        health = find_health(
            url, catalogue=catalogue, history=history, decisions=decisions, now=now
        )
        if health is None or health.state is not LinkState.DEAD:
            continue
        if LinkMark.IGNORED not in health.marks:
            canonical_url = parse_url(url)
            target = Target(
                url=url,
                urlkey=urlkey(url),
                canonical_url=canonical_url,
                host=host(canonical_url or ""),
            )
            near = find_cited_at(reference, catalogue, now)
            requests[urlkey(url)] = MementoRequest(target=target, near=near)
    for arrival in fetch_mementos(
        list(requests.values()), archives=archives, fetcher=fetcher, politeness=politeness
    ):
        if arrival.is_asked:
            yield keeper.keep(arrival)


def _was_asked(key: str, catalogue: Catalogue, now: datetime) -> bool:
    """Whether we hold a memento already, or an archive said lately that it has none."""
    if any(capture.archive for capture in catalogue.captures(key)):
        return True
    return any(visit.archive and is_asked_lately(visit, now) for visit in catalogue.visits(key))
