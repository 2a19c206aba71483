"""Look in web archives for what can't be had live any more."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

from indexer.archive import Catalogue, Keeper
from indexer.crawl import Fetcher, MementoRequest, Politeness, WebArchive, fetch_mementos
from indexer.crawl.memento_lookup import MIN_DELAY_S
from indexer.links.replacement import find_cited_on
from indexer.model import Cause, Outcome, Reference, Target, Visit
from indexer.urls import host, parse_url, urlkey

ASKED_EVERY: Final = timedelta(days=30)  # what no archive has today, it hardly has tomorrow

# No archive can have it, or none should be asked.
NEVER_SOUGHT: Final = frozenset(
    {Cause.MALFORMED_URL, Cause.FORBIDDEN_SCHEME, Cause.FORBIDDEN_ADDRESS}
)


def find_mementos(
    references: Iterable[Reference],
    *,
    archives: Sequence[WebArchive],
    catalogue: Catalogue,
    keeper: Keeper,
    fetcher: Fetcher,
    politeness: Politeness,
    now: datetime,
    min_delay_s: float = MIN_DELAY_S,
) -> Iterator[Outcome]:
    """Fetch the memento nearest to its citation of each text that we have not, and keep it.

    Only what was visited and could not be had is looked up, once a month.
    """
    if not archives:
        return
    requests = list(_list_sought(references, catalogue, now))
    for arrival in fetch_mementos(
        requests, archives=archives, fetcher=fetcher, politeness=politeness, min_delay_s=min_delay_s
    ):
        if arrival.is_asked:
            yield keeper.keep(arrival)


def find_cited_at(reference: Reference, catalogue: Catalogue, now: datetime) -> datetime:
    """The moment that a memento should be near to: noon of the day, `now` where none is known."""
    visits = catalogue.visits(urlkey(reference.url or ""))
    seen_at = min(next((visit.visited_at for visit in visits if not visit.archive), now), now)
    day = find_cited_on(reference, seen_at=seen_at)
    return datetime.combine(day, time(12), tzinfo=UTC) if day is not None else now


def _list_sought(
    references: Iterable[Reference],
    catalogue: Catalogue,
    now: datetime,
) -> Iterator[MementoRequest]:
    seen: set[str] = set()
    for reference in references:
        url = reference.url
        key = urlkey(url) if url else ""
        if not url or key in seen:
            continue
        seen.add(key)
        if _is_sought(key, catalogue, now):
            target = Target(
                url=url, urlkey=key, canonical_url=parse_url(url), host=host(parse_url(url) or "")
            )
            yield MementoRequest(target=target, near=find_cited_at(reference, catalogue, now))


def _is_sought(key: str, catalogue: Catalogue, now: datetime) -> bool:
    visits = catalogue.visits(key)
    live = [visit for visit in visits if not visit.archive]
    if not live or live[-1].outcome != "missed" or live[-1].cause in NEVER_SOUGHT:
        return False
    if catalogue.latest_capture(key) is not None:
        return False
    return not any(visit.archive and is_asked_lately(visit, now) for visit in visits)


def is_asked_lately(visit: Visit, now: datetime) -> bool:
    """Say whether an archive was asked within the month; a date still to come says nothing."""
    return timedelta(0) <= now - visit.visited_at < ASKED_EVERY
