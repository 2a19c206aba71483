"""Read what web archives say of a URL (RFC 7089, Memento). Pure: `lookup` asks them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final

from indexer.model import Hop
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
        raise ValueError(f"{address!r} is not the address of a web archive")
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
