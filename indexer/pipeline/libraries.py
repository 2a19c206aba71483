"""Fetch a library of another program by its interface: Zotero's, Hypothesis, Wallabag.

Pages of items come one after the other, through the crawl's own door to the network: nothing that
is not public is reached unless a setting opens it, and keys go as headers of a site's settings.
What comes is the file that the readers of the bibliography read; it is whole, or there is none.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from indexer.codings import decode
from indexer.crawl import Fetcher, Politeness
from indexer.errors import BibliographyError
from indexer.messages import NOTHING, Message, message
from indexer.model import Cause, Exchange

MAX_PAGES: Final = 10_000  # an interface that never ends is broken
PAGE: Final = 100  # items asked at a time; what all three give at most
_HINT_OF_ADDRESS: Final = message("hint.interface-address")


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPart:
    """One page of an interface: its items, by the key of the file that they go to."""

    key: str  # "items", "collections", "annotations"
    items: tuple[Any, ...]
    next_url: str = ""  # "" after the last one
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LibrarySource:
    """A program whose library can be fetched: how it is asked, how its answers are read."""

    name: str
    address: str  # of its interface, where the command gives no other
    list_urls: Callable[[str, str], list[str]]  # address, user -> the first page of each list
    read: Callable[[str, Exchange, Any], FetchedPart]  # asked URL, answer, its JSON
    needs_user: bool = False
    hint: Message = NOTHING


@dataclass(slots=True)
class FetchedLibrary:
    """The items of a remote library fetched so far, in the JSON of the file that keeps them."""

    document: dict[str, Any] = field(default_factory=dict)

    def render(self) -> str:
        """Render the file: JSON, which the readers of a bibliography know."""
        return json.dumps(self.document, ensure_ascii=False, indent=1) + "\n"


def fetch_library(
    source: LibrarySource,
    library: FetchedLibrary,
    *,
    address: str,
    user: str,
    fetcher: Fetcher,
    politeness: Politeness,
) -> Iterator[FetchedPart]:
    """Fetch page after page into `library`; iterating is the progress.

    Raises BibliographyError for the first page that can't be had or is not what it should be.
    """
    waiting = source.list_urls((address or source.address).rstrip("/"), user)
    asked: set[str] = set()
    while waiting:
        url = waiting.pop(0)
        if url in asked or len(asked) >= MAX_PAGES:
            raise BibliographyError(message("error.library.circle"), where=url, hint=source.hint)
        asked.add(url)
        part = source.read(url, *_ask(url, source, fetcher, politeness))
        held = library.document.setdefault(part.key, {} if part.key == "collections" else [])
        if isinstance(held, dict):
            held |= {str(one.get("key")): one for one in part.items if isinstance(one, dict)}
        else:
            held += part.items
        waiting = ([part.next_url] if part.next_url else []) + waiting
        yield part


def _ask(
    url: str, source: LibrarySource, fetcher: Fetcher, politeness: Politeness
) -> tuple[Exchange, Any]:
    """Ask one page; give the exchange and its JSON."""
    exchange = fetcher.fetch(url, headers={"Accept": "application/json"}, permit=politeness.rest)
    hop = exchange.hops[-1] if exchange.hops else None
    cause = exchange.cause or (hop.tls_fault if hop else Cause.MALFORMED_URL)
    if hop is None or cause is not None:
        raise _unasked(url, source, cause or Cause.MALFORMED_URL, exchange.detail)
    if hop.status != 200:
        hint = source.hint if hop.status in (401, 403) else NOTHING
        raise BibliographyError(
            message("error.library.answers", name=source.name, status=str(hop.status)),
            where=url,
            hint=hint,
        )
    if hop.truncated:
        raise BibliographyError(
            message("error.library.breaks-off", name=source.name, why=hop.truncated), where=url
        )
    coding = hop.header("Content-Encoding")
    decoded = decode(hop.payload, coding, max_bytes=fetcher.limits.max_bytes)
    try:
        return exchange, json.loads(decoded.payload)
    except (ValueError, RecursionError) as error:
        raise BibliographyError(
            message("error.library.no-json", name=source.name, error=str(error)),
            where=url,
            hint=_HINT_OF_ADDRESS,
        ) from error


def _unasked(url: str, source: LibrarySource, cause: Cause, detail: str) -> BibliographyError:
    """Make the error of a page that could not be asked for."""
    why = message(f"cause.{cause.value}")
    if detail:
        why = message("error.disk.with-detail", what=why, error=detail)
    is_forbidden = cause is Cause.FORBIDDEN_ADDRESS
    return BibliographyError(
        message("error.library.cannot-ask", name=source.name, why=why),
        where=url,
        hint=message("hint.open-networks") if is_forbidden else source.hint,
    )


def _not_so(source: str, url: str) -> BibliographyError:
    return BibliographyError(
        message("error.library.not-so", name=source),
        where=url,
        hint=_HINT_OF_ADDRESS,
    )


def _next(url: str, name: str, value: int) -> str:
    """Give the URL of a page with another number in its query."""
    base, _, query = url.partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith(f"{name}=")]
    return f"{base}?{'&'.join([*kept, f'{name}={value}'])}"


def _number(url: str, name: str, default: int) -> int:
    for part in url.partition("?")[2].split("&"):
        key, _, value = part.partition("=")
        if key == name and value.isdigit():
            return int(value)
    return default


def _list_zotero(address: str, user: str) -> list[str]:
    library = user if user.startswith(("users/", "groups/")) else f"users/{user or '0'}"
    query = urlencode({"format": "json", "v": "3", "limit": PAGE})
    return [f"{address}/api/{library}/{name}?{query}" for name in ("collections", "items")]


def _read_zotero(url: str, exchange: Exchange, answer: Any) -> FetchedPart:
    if not isinstance(answer, list):
        raise _not_so("Zotero", url)
    key = "collections" if "/collections?" in url else "items"
    start = _number(url, "start", 0) + len(answer)
    written = exchange.hops[-1].header("Total-Results")
    total = int(written) if written.isdigit() else None
    is_last = start >= total if total is not None else len(answer) < PAGE
    more = "" if is_last or not answer else _next(url, "start", start)
    return FetchedPart(key=key, items=tuple(answer), next_url=more, total=total)


def _list_hypothesis(address: str, user: str) -> list[str]:
    name, _, host = user.removeprefix("acct:").partition("@")
    account = f"acct:{name}@{host or 'hypothes.is'}"
    query = {"user": account, "limit": PAGE, "sort": "created", "order": "asc"}
    return [f"{address}/search?{urlencode(query)}"]


def _read_hypothesis(url: str, exchange: Exchange, answer: Any) -> FetchedPart:
    rows = answer.get("rows") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise _not_so("Hypothesis", url)
    # `offset` ends at 9,999: after that, what came after the last one's date.
    more = ""
    if len(rows) == PAGE and isinstance(rows[-1], dict) and rows[-1].get("created"):
        base = url.partition("&search_after=")[0]
        more = f"{base}&{urlencode({'search_after': rows[-1]['created']})}"
    total = answer.get("total") if isinstance(answer.get("total"), int) else None
    return FetchedPart(key="annotations", items=tuple(rows), next_url=more, total=total)


def _list_wallabag(address: str, user: str) -> list[str]:
    query = urlencode({"perPage": PAGE, "detail": "metadata", "order": "asc"})
    return [f"{address}/api/entries.json?{query}&page=1"]


def _read_wallabag(url: str, exchange: Exchange, answer: Any) -> FetchedPart:
    inside = answer.get("_embedded") if isinstance(answer, dict) else None
    items = inside.get("items") if isinstance(inside, dict) else None
    pages = answer.get("pages") if isinstance(answer, dict) else None
    if not isinstance(items, list) or not isinstance(pages, int):
        raise _not_so("Wallabag", url)
    page = _number(url, "page", 1)
    more = _next(url, "page", page + 1) if page < pages else ""
    total = answer.get("total") if isinstance(answer.get("total"), int) else None
    return FetchedPart(key="items", items=tuple(items), next_url=more, total=total)


SOURCES: Final[Mapping[str, LibrarySource]] = MappingProxyType(
    {
        "zotero": LibrarySource(
            name="Zotero",
            address="http://127.0.0.1:23119",
            list_urls=_list_zotero,
            read=_read_zotero,
            hint=message("hint.start-zotero"),
        ),
        "hypothesis": LibrarySource(
            name="Hypothesis",
            address="https://api.hypothes.is/api",
            list_urls=_list_hypothesis,
            read=_read_hypothesis,
            needs_user=True,
            hint=message("hint.hypothesis"),
        ),
        "wallabag": LibrarySource(
            name="Wallabag",
            address="https://app.wallabag.it",
            list_urls=_list_wallabag,
            read=_read_wallabag,
            hint=message("hint.wallabag"),
        ),
    }
)
