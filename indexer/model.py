"""The frozen values that pass from room to room, in the words of the field.

Bibliography speaks CSL, archive speaks WARC and Memento, search speaks Lucene and TREC.
Nothing here decides, reads or writes anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


# --- bibliography (CSL 1.0.2) ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something was written: a file of the bibliography and a line of it, from 1."""

    path: str  # relative to the bibliography's folder, with "/"
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A person (`family`, `given`) or whoever else signs (`literal`), as CSL has it."""

    family: str = ""
    given: str = ""
    literal: str = ""

    @property
    def display(self) -> str:
        """The name as one says it: "Raphaël Besson"."""
        return self.literal or f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A text that the bibliography cites, as the bibliography describes it.

    `id` is the citation key, `[a-z0-9-]+`, stable under edits elsewhere in the files.
    Dates are EDTF strings (ISO 8601-2): "2015", "2015-11", "2015-11-04", "2014-23" for an autumn.
    """

    id: str
    title: str
    type: str = "document"  # CSL type: article-newspaper, post-weblog, book, report…
    author: tuple[Name, ...] = ()
    editor: tuple[Name, ...] = ()
    editor_role: str = ""  # "editor" ((dir.), (éd.), (eds)) or "coord" ((coord.)), as the line says
    container_title: str = ""
    publisher: str = ""
    publisher_place: str = ""
    issued: str = ""
    accessed: str = ""
    url: str | None = None  # as a person wrote it, mended only where it could not be asked
    archive_url: str | None = None  # a memento that the bibliography itself gives
    doi: str = ""
    isbn: str = ""
    number: str = ""
    volume: str = ""
    issue: str = ""
    page: str = ""
    language: str = ""
    abstract: str = ""
    section: tuple[str, ...] = ()  # headings, outermost first
    keyword: tuple[str, ...] = ()
    raw: str = ""  # the line as written
    place: Place | None = None
    confidence: Mapping[str, float] = field(default_factory=_nothing)  # field -> 0..1

    @property
    def authors(self) -> str:
        """The authors on one line: "Charlotte Hess, Elinor Ostrom"."""
        return ", ".join(name.display for name in self.author)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody of the network wrote about one or several texts, or about none."""

    id: str
    text: str  # paragraphs separated by a blank line
    section: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A note comments on a reference; notes and references are many to many."""

    note_id: str
    reference_id: str


class EntryKind(StrEnum):
    """What else a page of bibliography holds; kept, so that nothing of the page is lost."""

    AGENDA = "agenda"
    TOOL = "tool"
    PROJECT = "project"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something of the page that is neither a reference nor a note."""

    id: str
    kind: EntryKind
    title: str
    text: str = ""
    section: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something to mend in the bibliography: a value in a list, never a crash."""

    slug: str  # kebab-case: "reference-without-url", "note-without-reference"…
    message: str  # a French sentence
    place: Place | None = None
    subject: str = ""  # the id of what it is about, if it has one


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliography:
    """All that the files of one bibliography say, in their order."""

    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    citations: tuple[Citation, ...] = ()
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()


# --- crawl and archive (HTTP, WARC 1.1, Memento) ---------------------------------------------


class Cause(StrEnum):
    """Why a URL could not be had; the slugs are read by people and by programs."""

    MALFORMED_URL = "malformed-url"
    FORBIDDEN_SCHEME = "forbidden-scheme"
    FORBIDDEN_ADDRESS = "forbidden-address"
    DISALLOWED_BY_ROBOTS = "disallowed-by-robots"
    ROBOTS_UNREACHABLE = "robots-unreachable"
    UNKNOWN_HOST = "unknown-host"
    DNS_FAILURE = "dns-failure"
    CONNECTION_REFUSED = "connection-refused"
    CONNECTION_RESET = "connection-reset"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    DEADLINE = "deadline"
    TLS_EXPIRED = "tls-expired"
    TLS_SELF_SIGNED = "tls-self-signed"
    TLS_WRONG_HOST = "tls-wrong-host"
    TLS_UNKNOWN_CA = "tls-unknown-ca"
    TLS_FAILURE = "tls-failure"
    BAD_RESPONSE = "bad-response"
    BAD_REDIRECT = "bad-redirect"
    REDIRECT_LOOP = "redirect-loop"
    BAD_ENCODING = "bad-encoding"
    TOO_LARGE = "too-large"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    UNEXPECTED_STATUS = "unexpected-status"
    BLOCKED = "blocked"
    THROTTLED = "throttled"
    NOT_FOUND = "not-found"
    GONE = "gone"
    SERVER_ERROR = "server-error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One request and what came back of it, as it was on the wire."""

    target_uri: str
    started_at: datetime
    request_head: bytes = b""  # request line and headers, as sent
    status: int | None = None  # None: no response could be read
    response_head: bytes = b""  # status line and headers, as received
    headers: tuple[tuple[str, str], ...] = ()  # decoded as Latin-1, repeated ones kept
    payload: bytes = b""  # the body, content codings left on
    truncated: str = ""  # WARC-Truncated: "", "length", "time", "disconnect"
    ip_address: str = ""
    elapsed_s: float = 0.0
    cause: Cause | None = None  # what went wrong on this hop
    detail: str = ""  # in the words of whoever failed
    tls_fault: Cause | None = None  # read without verification, for reading only

    def header(self, name: str) -> str:
        """The first header of that name, whatever its case, or ""."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A URL asked, and every hop that followed; the last one decides."""

    url: str  # as a person wrote it
    canonical_url: str  # as it was asked
    hops: tuple[Hop, ...] = ()
    cause: Cause | None = None  # what stopped the chain, if something did
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One response kept in the archive; Memento calls it a memento."""

    record_id: str  # WARC-Record-ID
    url: str  # as a person wrote it
    urlkey: str  # as compared (SURT)
    target_uri: str  # WARC-Target-URI
    captured_at: datetime  # WARC-Date, always UTC
    status: int
    media_type: str  # as declared
    payload_digest: str  # WARC-Payload-Digest
    length: int  # bytes of the payload
    truncated: str = ""
    etag: str = ""
    last_modified: str = ""
    archive: str = ""  # "" for the live web, else the archive that the memento came from


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """Something new is in the archive."""

    url: str
    capture: Capture
    cause: Cause | None = None  # kept, but: "truncated", "too-large", "deadline"
    detail: str = ""
    hops: tuple[str, ...] = ()  # the target URIs on the way


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisited:
    """The same bytes again (WARC revisit)."""

    url: str
    capture: Capture
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """It could not be had, and why."""

    url: str
    cause: Cause
    detail: str = ""
    status: int | None = None
    hops: tuple[str, ...] = ()


Outcome = Captured | Revisited | Missed


class Worth(StrEnum):
    """What an exchange brought."""

    NEW = "new"  # a payload to keep
    SAME = "same"  # the payload that is kept already
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an exchange is worth, and what to say of it."""

    worth: Worth
    cause: Cause | None = None  # why nothing, or what is wrong with what is kept
    detail: str = ""  # in English, for the log
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A URL to visit: how it is asked, and what is known of it."""

    url: str  # as a person wrote it
    urlkey: str
    canonical_url: str | None  # None: malformed
    host: str = ""
    previous: Capture | None = None  # the last one kept of it
    attempts: int = 0  # failures in a row until now


@dataclass(frozen=True, slots=True, kw_only=True)
class HostQueue:
    """The targets due on one host: how many, and one after the other as they are drawn."""

    host: str
    count: int
    targets: Iterator[Target]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A target, what was asked for it, and what that is worth."""

    target: Target
    exchange: Exchange
    verdict: Verdict
    arrived_at: datetime
    is_asked: bool = True  # False: its host was set aside before its turn came
    not_before: datetime | None = None  # its host asked to be left alone until then
    archive: str = ""  # "" for the live web, else the archive that was asked
    memento_at: datetime | None = None  # when the archive captured it; None for the live web


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When to visit a URL next, and what that was reckoned from."""

    due_at: datetime
    attempts: int = 0  # failures in a row
    interval: timedelta = timedelta(days=30)  # between visits while all is well


class RobotsState(StrEnum):
    """What was had of a robots.txt."""

    RULES = "rules"
    UNAVAILABLE = "unavailable"  # 4xx: all is allowed
    UNREACHABLE = "unreachable"  # 5xx, network: all is forbidden for now


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """What is known of one origin's robots.txt; kept a day."""

    origin: str  # scheme, host and port
    fetched_at: datetime
    state: RobotsState
    rules: str = ""
    cause: Cause | None = None  # why it is out of reach
    detail: str = ""
    unreachable_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit of a URL, as the catalogue remembers it; visits make the history of a link."""

    url: str  # as a person wrote it
    urlkey: str
    visited_at: datetime
    outcome: str  # "captured", "revisited", "missed"
    cause: Cause | None = None
    detail: str = ""
    status: int | None = None  # of the last hop; None when nothing answered
    final_url: str = ""  # target URI of the last hop that answered; "" when nothing did
    hops: tuple[tuple[str, int | None], ...] = ()  # target URI and status of each
    tls_fault: Cause | None = None  # read without verification, for reading only
    record_id: str = ""  # of the response or revisit record of the last hop, whatever its status
    payload_digest: str = ""
    archive: str = ""  # "" for the live web, else the archive that was asked
    memento_at: datetime | None = None  # when the archive captured it; None for the live web


# --- extraction ------------------------------------------------------------------------------


class PageKind(StrEnum):
    """What a page really is; only an article is indexed whole."""

    ARTICLE = "article"
    STUB = "stub"
    PAYWALL = "paywall"
    CONSENT_WALL = "consent-wall"
    LOGIN = "login"
    SOFT_ERROR = "soft-error"
    LISTING = "listing"
    NEEDS_JAVASCRIPT = "needs-javascript"
    NO_TEXT = "no-text"  # a scanned PDF, an image
    UNREADABLE = "unreadable"  # damaged, encrypted, too deep, too long


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A block of an article's text, without line breaks."""

    text: str
    kind: str = "p"  # p, heading, item, quote, caption
    page: int | None = None  # of a PDF, from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A link that stands in an article's text."""

    href: str  # absolute
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The text that a reader would read on a page, and what the page says of itself."""

    record_id: str  # of the capture that it was read from
    paragraphs: tuple[Paragraph, ...] = ()
    title: str = ""
    author: tuple[str, ...] = ()
    issued: str = ""  # EDTF
    site_name: str = ""
    language: str = ""  # BCP 47
    kind: PageKind = PageKind.ARTICLE
    evidence: str = ""  # why that kind, in words
    sources: Mapping[str, str] = field(
        default_factory=_nothing
    )  # field -> where it was read: "json-ld", "og"…
    extractor: str = ""  # fingerprint of what read it; `sources["text"]` names the reader
    links: tuple[Anchor, ...] = ()  # of the paragraphs, in the page's order
    comments: tuple[str, ...] = ()  # of the page's readers, a paragraph each; never indexed

    @property
    def text(self) -> str:
        """The paragraphs, a blank line between."""
        return "\n\n".join(paragraph.text for paragraph in self.paragraphs)


# --- links -----------------------------------------------------------------------------------


class LinkState(StrEnum):
    """How a link is, in the word that a French reader sees."""

    ALIVE = "vivant"
    MOVED = "déplacé"
    BLOCKED = "bloqué"
    SICK = "malade"
    DEAD = "mort"
    UNKNOWN = "jamais visité"


class Signal(StrEnum):
    """What a page gives away of itself; each is weighed, none decides about a death alone."""

    ERROR_WORDING = "error-wording"  # the title or a heading says that there is no page
    ERROR_HINT = "error-hint"  # the title or a heading speaks of an error, among other words
    SAME_AS_IMPOSSIBLE = "same-as-impossible"  # what the host answers to an address nobody made
    REDIRECTED_HOME = "redirected-home"
    REDIRECTED_ELSEWHERE = "redirected-elsewhere"  # to an address that shares nothing with ours
    REDIRECTED_BLINDLY = "redirected-blindly"  # from an address that says nothing of the text
    SHARED_TARGET = "shared-target"  # several cited addresses end there
    UNLIKE_CAPTURE = "unlike-capture"  # nothing in common with the text captured first
    UNLIKE_TITLE = "unlike-title"  # nothing of the title that the bibliography gives
    TITLE_FOUND = "title-found"  # the title that the bibliography gives stands on the page
    SAME_TITLE = "same-title"  # the page bears the title that it had when captured first
    PARKED = "parked"  # the domain is parked, or for sale
    PLACEHOLDER = "placeholder"  # the hosting company's page, or the server's
    MAINTENANCE = "maintenance"
    CAPTCHA = "captcha"
    CONSENT_WALL = "consent-wall"
    LOGIN_WALL = "login-wall"
    PAYWALL = "paywall"
    NETWORK_DOWN = "network-down"  # nothing else answered around that time


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A step on the way: where to, and whether the server says that it is for good."""

    target_uri: str
    is_permanent: bool = False  # 301, 308; a refresh in the page never is


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one visit said of a URL; never a verdict.

    Texts are compared by their word 3-shingles: `similarity` is their exact Jaccard index,
    `kept` the part of the text captured first that is still there, `known` the part of the
    text of today that was there already. All three are 0..1, None where nothing was compared.
    """

    url: str  # as a person wrote it
    observed_at: datetime
    status: int | None = None  # of the last hop; None when nothing answered
    cause: Cause | None = None  # why it could not be had, or only in part
    detail: str = ""
    final_url: str = ""  # "" when nothing answered
    redirects: tuple[Redirect, ...] = ()
    has_page: bool = False  # a payload was had (new, or the same bytes again)
    page_kind: PageKind | None = None
    signals: frozenset[Signal] = frozenset()
    similarity: float | None = None
    kept: float | None = None
    known: float | None = None
    tls_fault: Cause | None = None  # read without verification, for reading only
    missing_fragments: frozenset[str] = frozenset()  # cited anchors that the page has not
    record_id: str = ""  # of the capture that the page was read from


class LinkMark(StrEnum):
    """What else is to know of a link, whatever its state; in the reader's words."""

    RESURRECTED = "ressuscité"
    MODIFIED = "modifiée"
    EXTENDED = "augmentée"
    CUT = "tronquée"
    PARTIAL = "accès partiel"
    TLS_FAULT = "certificat défectueux"
    NO_ANCHOR = "ancre absente"
    NEEDS_JAVASCRIPT = "page dynamique"
    NO_TEXT = "sans texte"
    TO_CHECK = "à vérifier à la main"
    IGNORED = "ignoré"  # a person decided so
    DECIDED = "décidé à la main"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkHealth:
    """How a link is, since when, and why."""

    state: LinkState = LinkState.UNKNOWN
    reason: str = ""  # a French sentence
    checked_at: datetime | None = None
    alive_at: datetime | None = None  # last seen alive
    replacement: str | None = None  # the address to cite now, or what to read instead
    since: datetime | None = None  # in this state without a break
    failing_since: datetime | None = None  # first failure since it was last alive
    check_count: int = 0  # visits in all
    final_url: str = ""  # where the last visit was redirected to; "" when it was not
    has_page: bool = False  # the last visit brought a page, no wall or error, be it the text or not
    failed_at: datetime | None = None  # last failure that counts towards a death
    failure_count: int = 0  # failures that count towards a death, since it was last alive
    resurrected_at: datetime | None = None  # answered again after a death, the last time
    marks: tuple[LinkMark, ...] = ()
    not_dead_because: str = ""  # a French sentence; "" for a dead link


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """How a link was after one visit: a dot of its history."""

    observed_at: datetime
    state: LinkState


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphChange:
    """What the page said, what it says; "" on the side where there is nothing."""

    before: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """The text captured first and the last one, where they differ."""

    before_at: datetime
    now_at: datetime
    similarity: float  # Jaccard index of their word 3-shingles, 0..1
    changes: tuple[ParagraphChange, ...] = ()  # in the order of the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What to read in place of a link, or to cite from now on."""

    address: str
    kind: str  # "copie" (ours), "archive" (a memento), "redirection"
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A cited link as a librarian reads it: one row of the report."""

    reference_id: str
    title: str
    url: str
    site: str = ""
    health: LinkHealth = field(default_factory=LinkHealth)
    note_ids: tuple[str, ...] = ()  # that cite it
    dots: tuple[Dot, ...] = ()  # the last visits, oldest first
    course: str = ""  # the same in French words
    copied_at: datetime | None = None  # our own capture of a dead link, where we hold one
    replacement: Replacement | None = None


# --- index -----------------------------------------------------------------------------------


class DocumentKind(StrEnum):
    """What a result can be."""

    TEXT = "text"  # a cited text: reference, article if we have it, the notes that cite it
    NOTE = "note"  # a note that cites no text


@dataclass(frozen=True, slots=True, kw_only=True)
class CitingNote:
    """A note as it stands beside the text that it cites."""

    id: str
    text: str
    section: tuple[str, ...] = ()
    place: Place | None = None  # where it was written: what puts notes in their order


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is indexed and what a page shows: one cited text, or one note without text."""

    id: str
    kind: DocumentKind
    title: str
    author: str = ""
    container_title: str = ""
    issued: str = ""  # EDTF; the bibliography's, else the page's
    url: str | None = None
    site: str = ""  # host without "www."
    section: tuple[str, ...] = ()
    language: str = "fr"
    paragraphs: tuple[Paragraph, ...] = ()  # of the article; empty when there is none
    notes: tuple[CitingNote, ...] = ()  # for a note, itself
    reference: Reference | None = None
    article_kind: PageKind | None = None
    captured_at: datetime | None = None
    record_id: str = ""
    link: LinkHealth = field(default_factory=LinkHealth)
