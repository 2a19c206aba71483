"""Look a URL up in web archives, and fetch the memento nearest to a date.

What an archive serves is judged like any page: an archived 404 is no memento, and a wall that was
archived is a wall. It comes back as an arrival that names its archive; it never passes for a live
page.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from indexer.codings import decode
from indexer.crawl.fetcher import Fetcher, Permit, read_now
from indexer.crawl.judge import judge
from indexer.crawl.memento import (
    Memento,
    WebArchive,
    find_memento_datetime,
    order_by_distance,
    parse_timemap,
    raw_address,
    render_http_date,
)
from indexer.crawl.politeness import Politeness
from indexer.model import Arrival, Cause, Exchange, Target, Verdict, Worth

MAX_TRIES: Final = 5  # mementos tried of one archive
MAX_TIMEMAP_BYTES: Final = 8 * 2**20

# The archive itself is in trouble: no use in asking it for the next URL.
TROUBLE: Final = frozenset(
    {
        Cause.THROTTLED,
        Cause.SERVER_ERROR,
        Cause.TIMEOUT,
        Cause.DEADLINE,
        Cause.UNKNOWN_HOST,
        Cause.DNS_FAILURE,
        Cause.CONNECTION_REFUSED,
        Cause.CONNECTION_RESET,
        Cause.UNREACHABLE,
        Cause.FORBIDDEN_ADDRESS,
        Cause.ROBOTS_UNREACHABLE,
        Cause.DISALLOWED_BY_ROBOTS,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MementoRequest:
    """A URL to look up, and the date that its memento should be near to."""

    target: Target
    near: datetime


def fetch_mementos(
    requests: Sequence[MementoRequest],
    *,
    archives: Sequence[WebArchive],
    fetcher: Fetcher,
    politeness: Politeness,
    min_delay_s: float,
    now: Callable[[], datetime] = read_now,
) -> Iterator[Arrival]:
    """Look URLs up in the archives, in their order; an arrival each, of the first that has it.

    An archive in trouble is left alone for the rest of the run; a URL that no archive could be
    asked for comes back with `is_asked=False`.
    """
    permit = partial(politeness.permit, min_delay_s=min_delay_s)
    left = list(archives)
    for wanted in requests:
        missed = _miss(wanted.target, Cause.UNREACHABLE, now(), archive="", is_asked=False)
        for archive in tuple(left):
            arrival = _ask(wanted, archive, fetcher, permit, now)
            if arrival.verdict.worth is Worth.NEW:
                missed = arrival
                break
            if arrival.verdict.cause in TROUBLE:
                left.remove(archive)
            else:
                missed = arrival
        yield missed


def _ask(
    wanted: MementoRequest,
    archive: WebArchive,
    fetcher: Fetcher,
    permit: Permit,
    now: Callable[[], datetime],
) -> Arrival:
    """Ask one archive for its best memento; a miss says why there is none."""
    url = wanted.target.canonical_url
    if url is None:
        return _miss(wanted.target, Cause.MALFORMED_URL, now(), archive=archive.address)
    headers = {"Accept-Datetime": render_http_date(wanted.near)}
    answer = fetcher.fetch(archive.timegate(url), headers=headers, permit=permit)
    verdict = judge(answer)
    if verdict.cause in TROUBLE:
        return _miss(wanted.target, verdict.cause, now(), archive=archive.address)
    candidates = []
    first = _as_memento(answer) if verdict.worth is Worth.NEW else None
    if first is not None:
        candidates.append(first)
    # An archive may say 404 because the nearest memento is an archived 404: the list tells.
    tried: set[str] = set()
    for memento in candidates or _list(url, wanted.near, archive, fetcher, permit):
        if memento.uri in tried:
            continue
        tried.add(memento.uri)
        arrival = _fetch(memento, wanted.target, archive, fetcher, permit, now)
        if arrival is not None:
            return arrival
        if len(tried) >= MAX_TRIES:
            break
    return _miss(wanted.target, Cause.NOT_FOUND, now(), archive=archive.address)


def _as_memento(answer: Exchange) -> Memento | None:
    last = answer.hops[-1]
    captured_at = find_memento_datetime(last)
    # RFC 7089 §4.2: a TimeGate that answers itself says in Content-Location where the memento is.
    uri = last.header("Content-Location") or last.target_uri
    return Memento(uri=uri, captured_at=captured_at) if captured_at is not None else None


def _list(
    url: str, near: datetime, archive: WebArchive, fetcher: Fetcher, permit: Permit
) -> Sequence[Memento]:
    answer = fetcher.fetch(archive.timemap(url), permit=permit)
    if judge(answer).worth is not Worth.NEW:
        return ()
    last = answer.hops[-1]
    decoded = decode(last.payload, last.header("Content-Encoding"), max_bytes=MAX_TIMEMAP_BYTES)
    return order_by_distance(parse_timemap(decoded.payload.decode("utf-8", "replace")), near)


def _fetch(
    memento: Memento,
    target: Target,
    archive: WebArchive,
    fetcher: Fetcher,
    permit: Permit,
    now: Callable[[], datetime],
) -> Arrival | None:
    """Fetch the bytes of a memento, without banner where the archive has them so; None for none."""
    for uri in (raw_address(memento.uri), memento.uri):
        if not uri:
            continue
        exchange = fetcher.fetch(uri, permit=permit)
        verdict = judge(exchange)
        if verdict.worth is Worth.NEW and find_memento_datetime(exchange.hops[-1]) is not None:
            return Arrival(
                target=replace(target, previous=None),
                exchange=replace(exchange, url=target.url),
                verdict=verdict,
                arrived_at=now(),
                archive=archive.address,
                memento_at=find_memento_datetime(exchange.hops[-1]),
            )
    return None


def _miss(
    target: Target, cause: Cause, at: datetime, *, archive: str, is_asked: bool = True
) -> Arrival:
    return Arrival(
        target=replace(target, previous=None),
        exchange=Exchange(url=target.url, canonical_url=target.canonical_url or ""),
        verdict=Verdict(worth=Worth.NOTHING, cause=cause, detail=f"in the archive {archive}"),
        arrived_at=at,
        is_asked=is_asked,
        archive=archive,
    )
