"""Fetch what a page needs through the crawl's door: guarded, polite, bounded, kept in the archive.

Both the requisites of a page and the requests of a browser come here, and nothing of a page comes
otherwise. What the archive holds since a moment is read there and not asked again: the style of
three hundred pages is asked once. One `PartFetcher` a page; several threads may use it at once.
"""

import re
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.cookiejar import Cookie
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from indexer.archive.cdxj import list_posted_fields, name_posted, split_posted
from indexer.archive.records import name_asked
from indexer.archive.rows import RecordRow
from indexer.codings import decode
from indexer.corpus import Crawl
from indexer.crawl.fetcher import Limits, Posted, Refusal, let_go
from indexer.crawl.network import NETWORK_CAUSES
from indexer.crawl.politeness import InterruptedWaitError
from indexer.crawl.schedule import find_retry_after
from indexer.errors import DamagedRecordError
from indexer.heads import REDACTED, find_field
from indexer.model import Cause, Exchange
from indexer.settings import Settings
from indexer.urls import MAX_URL_LENGTH, host, is_web_url, origin, parse_url, urlkey

if TYPE_CHECKING:
    from indexer.crawl.fetcher import CookieJar

MAX_FAILURES: Final = 3  # of the network in a row, before a host is set aside for the run
MAX_DECODED: Final = 64 * 2**20  # bytes of one part, unpacked
MAX_POSTED: Final = 65_536  # bytes of what a script posts
# Names of fields that hold what lets a person in or pays for one, in English and French.
_CREDENTIALS: Final = re.compile(
    r"password|passwd|passphrase|passcode|\bpwd|\bmdp\b|mot_?de_?passe|secret|\botp\b|api_?key"
    r"|card_?number|numero_?(de_?)?carte|\bcv[cv]2?\b|\biban\b|(?<![a-z])pass(?![a-z])",
    re.IGNORECASE,
)
_METHOD_FIELDS: Final = frozenset({"_method", "x-http-method-override"})
# An operation of GraphQL that changes something (https://spec.graphql.org/October2021/ §2.3).
_MUTATION: Final = re.compile(r"(?:^|[\s}])(?:mutation|subscription)\b\s*\w*\s*[({@]")
_READABLE: Final = re.compile(r"text/|application/(?:graphql\b|xml\b|[\w.-]+\+xml\b)", re.I)
ANY_TYPE: Final = MappingProxyType({"Accept": "*/*"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PartBounds:
    """The bounds of what is fetched for one page; what is beyond is left, and said."""

    max_requests: int
    max_bytes: int  # on the wire
    max_s: float
    max_media_bytes: int  # of one film or sound; 0: none is asked for
    max_posts: int  # different requests by POST; 0: none


def make_bounds(settings: Settings) -> PartBounds:
    """Make the bounds of a page of the settings."""
    return PartBounds(
        max_requests=settings.capture_requests,
        max_bytes=settings.capture_bytes,
        max_s=settings.capture_s,
        max_media_bytes=settings.capture_media_bytes,
        max_posts=settings.capture_posts,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePart:
    """The answer to a request for one URL that a page needs to be shown again.

    `payload` is unpacked. A part that is not there has a `cause`, or a status that says so; one
    that was not asked for, as a bound was reached or its host rests, is `is_left`.
    """

    url: str
    final_url: str = ""
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    payload: bytes = b""
    cause: Cause | None = None
    detail: str = ""
    is_held: bool = False  # it was in the archive, or its bytes were
    is_left: bool = False
    hops: tuple[tuple[str, int | None], ...] = ()

    @property
    def is_there(self) -> bool:
        """Tell whether the page can show it."""
        return self.status == 200 and self.cause is None and not self.is_left


@dataclass(slots=True)
class RunMemory:
    """State shared by the pages of one run: hosts set aside, URLs missing or moved, failures."""

    set_aside: set[str] = field(default_factory=set)
    missing: dict[str, PagePart] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)  # where an address leads
    failures: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_over: bool = False
    _locks: dict[str, threading.Lock] = field(default_factory=dict)

    @contextmanager
    def lock_each(self, url: str) -> Iterator[None]:
        """Have who wants the same address wait until it is there: it is asked once."""
        with self.lock:
            lock = self._locks.setdefault(url, threading.Lock())
        with lock:
            yield
        with self.lock:
            self._locks.pop(url, None)


class PartFetcher:
    """Fetches what one page needs, within bounds."""

    def __init__(
        self, corpus: Crawl, memory: RunMemory, bounds: PartBounds, *, since: datetime
    ) -> None:
        """Take an opened corpus, what the run knows, and how much the page may take.

        What was captured `since` a moment is not asked again.
        """
        self._corpus = corpus
        self._since = since
        self._memory = memory
        self._bounds = bounds
        self._ends_at = time.monotonic() + bounds.max_s
        self._lock = threading.Lock()
        self._given: dict[str, str] = {}  # the cookies with which an address was answered last
        self._answers: dict[tuple[str, Posted], PagePart] = {}  # to what was posted
        self.max_s = bounds.max_s
        self.takes_media = bounds.max_media_bytes > 0
        self.requests = 0
        self.posts = 0
        self.bytes = 0

    @property
    def left_s(self) -> float:
        """The seconds that are left for the page."""
        return max(0.0, self._ends_at - time.monotonic())

    def open_cookies(self, cookies: Iterable[Mapping[str, Any]]) -> "CookieJar":
        """Make a jar of the cookies that a browser has now; none that repeats a secret."""
        jar = self._corpus.fetcher.open_cookies()
        for each in cookies:
            if not self._corpus.fetcher.holds_secret(f"{each['name']}={each['value']}"):
                jar.set_cookie(_make_cookie(each))
        return jar

    def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = ANY_TYPE,
        method: str = "GET",
        cookies: "CookieJar | None" = None,
        is_media: bool = False,
        posted: Posted | None = None,
    ) -> PagePart:
        """Fetch an address and keep what came, unless the archive holds it.

        What was given to this page before is asked anew where `cookies` say something else now: a
        page that sets one and loads itself again wants its other answer. Those that come are added.
        A film or a sound (`is_media`) has a bound of its own, and is not kept in part.
        What is `posted` is asked once for each page; `refuse_posted` says what may be.

        Raises InterruptedWaitError when the run is over; ArchiveError and CatalogueError.
        """
        canonical_url = parse_url(url)
        if canonical_url is None or not is_web_url(canonical_url):
            return PagePart(url=url, cause=Cause.FORBIDDEN_SCHEME)
        if self._corpus.fetcher.holds_secret(canonical_url):
            detail = "its address repeats the value of a header of the settings"
            shown = f"{origin(canonical_url)}/{REDACTED.decode()}"
            return PagePart(url=shown, cause=Cause.FORBIDDEN_ADDRESS, detail=detail)
        if posted is not None:
            return self._post(canonical_url, headers, cookies, posted)
        with self._memory.lock_each(canonical_url):
            return self._fetch(canonical_url, headers, method, cookies, is_media=is_media)

    def refuse_posted(self, url: str, posted: Posted, *asking: str) -> str:
        """Say in a word why that may not be posted to a URL; "" where it may.

        `asking` are the addresses of the page and of its frame that asks. They may post to their
        own site alone, and to none that headers of the settings let us in as somebody: a page can
        neither act for a person nor have us write to others.
        """
        fetcher = self._corpus.fetcher
        if self._bounds.max_posts <= 0:
            return "off"
        if not fetcher.is_same_site(url, *asking):
            return "elsewhere"
        if any(map(fetcher.sends_headers, (url, *asking))):
            return "as somebody"
        if fetcher.holds_secret(posted.payload.decode("latin-1")):
            return "credentials"
        if len(name_posted(url, posted.media_type, posted.payload)) > MAX_URL_LENGTH:
            return "large"
        return find_posted_fault(posted)

    def _post(
        self,
        canonical_url: str,
        headers: Mapping[str, str],
        cookies: "CookieJar | None",
        posted: Posted,
    ) -> PagePart:
        """Post what a page's script posts, unless this page did so before."""
        named = name_posted(canonical_url, posted.media_type, posted.payload)
        with self._memory.lock_each(named):
            held = self._answers.get((canonical_url, posted))
            if held is not None:
                return held
            if not self._begin(canonical_url, is_post=True):
                return PagePart(url=named, is_left=True)
            exchange = self._corpus.fetcher.fetch(
                canonical_url,
                headers=headers,
                permit=self._permit,
                limits=self._limit(is_media=False),
                cookies=cookies,
                posted=posted,
            )
            if self._memory.is_over:
                raise InterruptedWaitError
            rows = self._corpus.keeper.keep_part(exchange)
            part = self._answers[canonical_url, posted] = self._settle(named, exchange, rows)
            let_go(exchange)
        return part

    def _fetch(
        self,
        canonical_url: str,
        headers: Mapping[str, str],
        method: str,
        cookies: "CookieJar | None",
        *,
        is_media: bool,
    ) -> PagePart:
        sent = _render_cookies(cookies, canonical_url)
        if self._given.get(canonical_url, sent) == sent:
            held = self._memory.missing.get(canonical_url) or self._find_held(canonical_url)
            if held is not None:
                self._given.setdefault(canonical_url, sent)
                return held
        self._given[canonical_url] = sent
        if not self._begin(canonical_url):
            return PagePart(url=canonical_url, is_left=True)
        exchange = self._corpus.fetcher.fetch(
            canonical_url,
            headers=headers,
            method=method,
            permit=self._permit,
            limits=self._limit(is_media=is_media),
            cookies=cookies,
        )
        if self._memory.is_over:
            raise InterruptedWaitError
        is_cut = is_media and exchange.cause is Cause.TOO_LARGE
        rows = self._corpus.keeper.keep_part(exchange) if not is_cut else []
        part = self._settle(canonical_url, exchange, rows)
        let_go(exchange)
        return part

    def list_set_cookies(
        self, cookies: "CookieJar", before: Iterable[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """List the cookies that an answer set, as a browser takes them; `before` are those it has.

        A browser never sees the answers on the way to the last one.
        """
        had = {(each["name"], each["domain"], each["path"], each["value"]) for each in before}
        return [
            {
                "name": each.name,
                "value": each.value or "",
                "domain": each.domain,
                "path": each.path,
                "secure": each.secure,
                "httpOnly": each.has_nonstandard_attr("HttpOnly"),
                "expires": each.expires if each.expires is not None else -1,
            }
            for each in cookies
            if (each.name, each.domain, each.path, each.value or "") not in had
        ]

    def _begin(self, url: str, *, is_post: bool = False) -> bool:
        """Count a request; say whether the bounds and its host allow it."""
        with self._lock:
            if is_post and self.posts >= self._bounds.max_posts:
                return False
            is_within = self.requests < self._bounds.max_requests
            is_within = is_within and self.bytes < self._bounds.max_bytes and self.left_s > 0
            if not is_within or self._is_resting(host(url)):
                return False
            self.requests += 1
            self.posts += is_post
            return True

    def _is_resting(self, name: str) -> bool:
        if name in self._memory.set_aside:
            return True
        return self._corpus.catalogue.hosts.is_held(name, self._corpus.now())

    def _limit(self, *, is_media: bool) -> Limits:
        limits = self._corpus.fetcher.limits
        most = self._bounds.max_media_bytes if is_media else limits.max_bytes
        return replace(
            limits,
            max_bytes=max(1, min(most, self._bounds.max_bytes - self.bytes)),
            total_s=max(0.1, min(limits.total_s, self.left_s)),
        )

    @contextmanager
    def _permit(self, url: str) -> Iterator[Refusal | None]:
        with self._corpus.politeness.permit(url) as refusal:
            if self._memory.is_over:
                raise InterruptedWaitError
            yield refusal

    def _find_held(self, url: str) -> PagePart | None:
        """Find what the archive holds of an address; None where it is to be asked."""
        final_url = self._memory.moved.get(url, url)
        rows = [
            row
            for row in self._corpus.catalogue.find_records(urlkey(final_url))
            if row.target_uri == final_url and row.captured_at >= self._since
            if row.kind in ("response", "revisit") and row.status == 200
            if not row.damaged and not row.truncated
        ]
        if not rows:
            return None
        location = self._corpus.catalogue.find_location(rows[-1].record_id)
        if location is None:
            return None
        try:
            read = self._corpus.archive.read_payload(
                location.filename, location.offset, location.inside, max_bytes=MAX_DECODED
            )
        except DamagedRecordError:
            return None  # it is asked anew
        return PagePart(
            url=url,
            final_url=final_url,
            status=200,
            headers=read.headers,
            payload=read.payload,
            is_held=True,
            hops=((final_url, 200),) if final_url == url else ((url, None), (final_url, 200)),
        )

    def _settle(self, url: str, exchange: Exchange, rows: list[RecordRow]) -> PagePart:
        """Make the part of an exchange; remember what is not there, and who is to be left alone."""
        last = exchange.hops[-1] if exchange.hops else None
        name = host(last.target_uri if last else url)
        status = last.status if last is not None else None
        part = PagePart(
            url=url,
            final_url=last.target_uri if last else url,
            status=status,
            headers=last.headers if last else (),
            cause=exchange.cause,
            detail=exchange.detail,
            is_held=bool(rows) and rows[-1].kind == "revisit",
            hops=tuple((name_asked(hop), hop.status) for hop in exchange.hops),
        )
        if last is not None and last.payload:
            coding = find_field(last.headers, "Content-Encoding")
            with self._lock:
                self.bytes += len(last.payload)
            decoded = decode(last.payload, coding, max_bytes=MAX_DECODED, keep=MAX_DECODED)
            part = replace(part, payload=decoded.payload)
        with self._memory.lock:
            self._learn(part, name)
        return part

    def _learn(self, part: PagePart, name: str) -> None:
        is_failure = part.status is None and part.cause in NETWORK_CAUSES
        self._memory.failures[name] = self._memory.failures[name] + 1 if is_failure else 0
        is_throttled = part.status in (429, 503)
        if is_throttled:
            asked = find_retry_after(
                find_field(part.headers, "Retry-After"), now=self._corpus.now()
            )
            if asked is not None:
                self._corpus.catalogue.hosts.hold(name, self._corpus.now() + asked)
        if is_throttled or self._memory.failures[name] >= MAX_FAILURES:
            self._memory.set_aside.add(name)
        elif split_posted(part.url)[1]:
            pass  # it says nothing of what a GET gives
        elif part.is_there:
            self._memory.moved[part.url] = part.final_url
        else:
            self._memory.missing[part.url] = replace(part, payload=b"")


def find_posted_fault(posted: Posted) -> str:
    """Find what keeps a body from being posted by nobody: a word, or "" where nothing does.

    A script that asks for its text sends a form, JSON or text. Files and what lets somebody in are
    never sent, nor what can't be looked into, nor what says of itself that it changes something.

    >>> find_posted_fault(Posted(media_type="application/json", payload=b'{"query": "{ posts }"}'))
    ''
    >>> find_posted_fault(Posted(media_type="application/json", payload=b'{"password": "x"}'))
    'credentials'
    """
    if len(posted.payload) > MAX_POSTED:
        return "large"
    fields = list_posted_fields(posted.media_type, posted.payload)
    if fields is None:
        if _READABLE.match(posted.media_type.strip()) is None:
            return "opaque"
        fields = [("", "", posted.payload.decode("utf-8", "replace"))]
    for name, filename, value in fields:
        if filename:
            return "file"
        if value and _CREDENTIALS.search(name):
            return "credentials"
        is_change = name.lower() in _METHOD_FIELDS and value.upper() not in ("GET", "POST")
        if is_change or _MUTATION.search(value):
            return "change"
    return ""


def _make_cookie(given: Mapping[str, Any]) -> Cookie:
    """Make a cookie of one that Playwright lists; a domain of a whole site begins with a dot."""
    is_wide = given["domain"].startswith(".")
    expires = given.get("expires", -1)
    return Cookie(
        version=0,
        name=given["name"],
        value=given["value"],
        port=None,
        port_specified=False,
        domain=given["domain"],
        domain_specified=is_wide,
        domain_initial_dot=is_wide,
        path=given["path"],
        path_specified=True,
        secure=given.get("secure", False),
        expires=int(expires) if expires > 0 else None,
        discard=expires <= 0,
        comment=None,
        comment_url=None,
        rest={"HttpOnly": ""} if given.get("httpOnly") else {},
    )


def _render_cookies(cookies: "CookieJar | None", url: str) -> str:
    """Write the cookies that go to an address."""
    if cookies is None:
        return ""
    request = urllib.request.Request(url)  # noqa: S310 - asks nobody
    cookies.add_cookie_header(request)
    return request.get_header("Cookie") or ""
