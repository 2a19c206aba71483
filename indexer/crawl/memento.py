"""Look a URL up in web archives (RFC 7089, Memento), and fetch the memento nearest to a date.

What an archive serves is judged like any page: an archived 404 is no memento, and a wall that was
archived is a wall. It comes back as an arrival that names its archive; it never passes for a live
page.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from types import MappingProxyType
from typing import Final

from indexer.codings import decode
from indexer.crawl.fetcher import Fetcher, Permit, read_now
from indexer.crawl.judge import judge
from indexer.crawl.politeness import Politeness
from indexer.crawl.schedule import find_retry_after
from indexer.errors import WrongValueError
from indexer.messages import message
from indexer.model import Arrival, Cause, Exchange, Hop, Target, Verdict, Worth
from indexer.pagekind.classify import classify
from indexer.pagekind.kinds import ERRORS
from indexer.pagekind.page import read_page
from indexer.urls import is_web_url, parse_url

_LINK: Final = re.compile(r"\s*<([^>]*)>\s*((?:;\s*[^=;,\s]+\s*=\s*(?:\"[^\"]*\"|[^\";,]*)\s*)*),?")
_PARAMETER: Final = re.compile(r";\s*([^=;,\s]+)\s*=\s*(?:\"([^\"]*)\"|([^\";,\s]*))")
_TIMESTAMP: Final = re.compile(r"/(\d{14})([a-z]{2}_)?/(?=https?:)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Memento:
    """A capture that an archive holds: where, and of when."""

    uri: str  # URI-M
    captured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebArchive:
    """A web archive, by the address under which it replays: the Wayback Machine's, a pywb's."""

    address: str  # ends with "/"

    def timegate(self, url: str) -> str:
        """Make the address to ask for the memento nearest to a date."""
        return f"{self.address}{url}"

    def timemap(self, url: str) -> str:
        """Make the address where all mementos of a URL are listed, in link-format."""
        return f"{self.address}timemap/link/{url}"


def parse_archive(address: str) -> WebArchive:
    """Parse the address of an archive in the settings; ValueError when it is no web address."""
    url = parse_url(address)
    if url is None or not is_web_url(url):
        raise WrongValueError(message("error.setting.no-archive", address=address))
    return WebArchive(address=url if url.endswith("/") else f"{url}/")


def parse_timemap(text: str) -> list[Memento]:
    """Parse a TimeMap in link-format (RFC 7089 §5): its mementos in order, bad lines left out."""
    mementos = []
    for uri, parameters in _parse_links(text):
        captured_at = parse_http_date(parameters.get("datetime", ""))
        if "memento" in parameters.get("rel", "").lower().split() and captured_at is not None:
            mementos.append(Memento(uri=uri, captured_at=captured_at))
    return mementos


def order_by_distance(mementos: Iterable[Memento], near: datetime) -> list[Memento]:
    """Order mementos: the nearest to a date first; of two as near, the earlier."""
    return sorted(mementos, key=lambda m: (abs(m.captured_at - near), m.captured_at))


def raw_address(uri: str) -> str:
    """Find where an archive gives the bytes that were captured, without banner; "" if unknown.

    The convention of the Wayback Machine and pywb: `id_` behind the timestamp.
    """
    return _TIMESTAMP.sub(r"/\1id_/", uri, count=1) if _TIMESTAMP.search(uri) else ""


def find_memento_datetime(hop: Hop) -> datetime | None:
    """Find when a response was captured: by its Memento-Datetime, else by its address."""
    declared = parse_http_date(hop.header("Memento-Datetime"))
    if declared is not None:
        return declared
    match = _TIMESTAMP.search(hop.target_uri)
    if match is None:
        return None
    try:
        return datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def render_http_date(moment: datetime) -> str:
    """Render a moment as an HTTP date: "Tue, 10 Mar 2015 00:00:00 GMT"."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def parse_http_date(text: str) -> datetime | None:
    """Parse an HTTP date into a moment in UTC; None when it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _parse_links(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    position = 0
    while position < len(text):
        match = _LINK.match(text, position)
        if match is None or match.end() == position:
            following = text.find("\n", position)
            if following < 0:
                return
            position = following + 1
            continue
        position = match.end()
        parameters = {
            found[1].lower(): found[2] or found[3] or "" for found in _PARAMETER.finditer(match[2])
        }
        yield match[1], parameters


MAX_TRIES: Final = 5  # mementos tried of one archive
MAX_TIMEMAP_BYTES: Final = 8 * 2**20
NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})
MAX_PAGE_BYTES: Final = 2**20  # of a memento, to tell whether it is an error page

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


# What passes: the archive is asked once more, after what it asks for, or this long.
PASSING: Final = frozenset(
    {
        *(Cause.THROTTLED, Cause.TIMEOUT, Cause.DEADLINE, Cause.CONNECTION_RESET),
        *(Cause.SERVER_ERROR, Cause.DNS_FAILURE),
    }
)
RETRY_S: Final = 5.0
MAX_RETRY_S: Final = 120.0  # an archive that asks for more is left alone


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
    sleep: Callable[[float], None] = time.sleep,
    retry_s: float = RETRY_S,
) -> Iterator[Arrival]:
    """Look URLs up in the archives, in their order; an arrival each, of the first that has it.

    A fault that passes (one timeout, a 429) is waited for, with `sleep`: as long as the archive
    asks for, or `retry_s` seconds. An archive still in trouble is left alone for the rest of the
    run; a URL that no archive could be asked for comes back with `is_asked=False`.
    """
    permit = partial(politeness.permit, min_delay_s=min_delay_s)
    left = list(archives)
    client = _ArchiveClient(fetcher, permit, now, sleep, retry_s)
    for wanted in requests:
        missed = _miss(wanted.target, Cause.UNREACHABLE, now(), archive="", is_asked=False)
        for archive in tuple(left):
            arrival = client.ask(wanted, archive)
            if arrival.verdict.worth is Worth.NEW:
                missed = arrival
                break
            if arrival.verdict.cause in TROUBLE:
                left.remove(archive)
            else:
                missed = arrival
        yield missed


class _ArchiveClient:
    """Asks archives for mementos, and once more where their trouble passes."""

    def __init__(
        self,
        fetcher: Fetcher,
        permit: Permit,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        retry_s: float,
    ) -> None:
        self._fetcher = fetcher
        self._permit = permit
        self._now = now
        self._sleep = sleep
        self._retry_s = retry_s

    def ask(self, wanted: MementoRequest, archive: WebArchive) -> Arrival:
        """Ask one archive for its best memento; a miss says why there is none."""
        url = wanted.target.canonical_url
        if url is None:
            return self._miss(wanted, Cause.MALFORMED_URL, archive)
        headers = {"Accept-Datetime": render_http_date(wanted.near)}
        answer = self._fetch(archive.timegate(url), headers)
        verdict = judge(answer)
        # What was archived in trouble is an error of long ago, and says nothing of the archive.
        first = _as_memento(answer) if answer.hops else None
        if verdict.cause in TROUBLE and first is None:
            return self._miss(wanted, verdict.cause, archive)
        tried: set[str] = set()
        nearest = first if verdict.worth is Worth.NEW else None
        for memento in self._list_candidates(url, wanted.near, archive, nearest):
            if memento.uri in tried:
                continue
            tried.add(memento.uri)
            arrival = self._fetch_memento(memento, wanted.target, archive)
            if arrival is not None:
                return arrival
            if len(tried) >= MAX_TRIES:
                break
        return self._miss(wanted, Cause.NOT_FOUND, archive)

    def _fetch(self, url: str, headers: Mapping[str, str] = NO_HEADERS) -> Exchange:
        """Fetch an address of an archive, and once more where its trouble passes."""
        answer = self._fetcher.fetch(url, headers=headers, permit=self._permit)
        last = answer.hops[-1] if answer.hops else None
        if judge(answer).cause not in PASSING or (last and find_memento_datetime(last)):
            return answer
        asked = find_retry_after(last.header("Retry-After"), now=self._now()) if last else None
        wait_s = asked.total_seconds() if asked else self._retry_s
        if wait_s > MAX_RETRY_S:
            return answer
        self._sleep(wait_s)
        return self._fetcher.fetch(url, headers=headers, permit=self._permit)

    def _list_candidates(
        self, url: str, near: datetime, archive: WebArchive, nearest: Memento | None
    ) -> Iterator[Memento]:
        """List the nearest memento, then, where it is an archived error, the others."""
        if nearest is not None:
            yield nearest
        yield from self._list(url, near, archive)

    def _list(self, url: str, near: datetime, archive: WebArchive) -> Sequence[Memento]:
        answer = self._fetch(archive.timemap(url))
        if judge(answer).worth is not Worth.NEW:
            return ()
        last = answer.hops[-1]
        decoded = decode(last.payload, last.header("Content-Encoding"), max_bytes=MAX_TIMEMAP_BYTES)
        return order_by_distance(parse_timemap(decoded.payload.decode("utf-8", "replace")), near)

    def _fetch_memento(
        self, memento: Memento, target: Target, archive: WebArchive
    ) -> Arrival | None:
        """Fetch a memento, without banner where the archive has it so; None for an error."""
        for uri in (raw_address(memento.uri), memento.uri):
            if not uri:
                continue
            exchange = self._fetch(uri)
            verdict = judge(exchange)
            if verdict.worth is not Worth.NEW or _is_error(exchange.hops[-1], target.url):
                continue
            memento_at = find_memento_datetime(exchange.hops[-1])
            if memento_at is not None:
                return Arrival(
                    target=replace(target, previous=None),
                    exchange=replace(exchange, url=target.url),
                    verdict=verdict,
                    arrived_at=self._now(),
                    archive=archive.address,
                    memento_at=memento_at,
                )
        return None

    def _miss(self, wanted: MementoRequest, cause: Cause, archive: WebArchive) -> Arrival:
        return _miss(wanted.target, cause, self._now(), archive=archive.address)


def _as_memento(answer: Exchange) -> Memento | None:
    last = answer.hops[-1]
    captured_at = find_memento_datetime(last)
    # RFC 7089 §4.2: a TimeGate that answers itself says in Content-Location where the memento is.
    uri = last.header("Content-Location") or last.target_uri
    return Memento(uri=uri, captured_at=captured_at) if captured_at is not None else None


def _is_error(hop: Hop, url: str) -> bool:
    """Tell whether what was archived is an error page, a parked domain, a wall; no text."""
    if "html" not in hop.header("Content-Type").lower():
        return False
    payload = decode(
        hop.payload, hop.header("Content-Encoding"), max_bytes=MAX_PAGE_BYTES, keep=MAX_PAGE_BYTES
    ).payload
    page = read_page(payload, content_type=hop.header("Content-Type"), url=url, status=hop.status)
    return classify(page).kind in ERRORS


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
