"""The text that a reader would read on a page, and what kind of page it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from indexer.messages import NOTHING, Message


class PageKind(StrEnum):
    """The kinds of a web page: an article, or a page shown instead. Articles are indexed whole."""

    ARTICLE = "article"
    SOFT_404 = "soft-404"
    CAPTCHA = "captcha"
    LOGIN = "login"
    CONSENT = "consent"
    PAYWALL = "paywall"
    PARKED = "parked"
    FOR_SALE = "for-sale"
    MAINTENANCE = "maintenance"
    SUSPENDED = "suspended"
    NETWORK_FILTER = "network-filter"
    SERVER_ERROR = "server-error"
    PLACEHOLDER = "placeholder"
    SCRIPT_SHELL = "script-shell"
    LISTING = "listing"
    SEARCH_RESULTS = "search-results"
    HOME_PAGE = "home-page"
    STUB = "stub"
    NO_TEXT = "no-text"  # a scanned PDF, an image
    UNREADABLE = "unreadable"  # damaged, encrypted, too deep, too long

    @classmethod
    def _missing_(cls, value: object) -> "PageKind | None":
        """Read the values of catalogues and indexes that an earlier version wrote."""
        return cls(_OLD_KINDS[value]) if isinstance(value, str) and value in _OLD_KINDS else None


_OLD_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {"soft-error": "soft-404", "consent-wall": "consent", "needs-javascript": "script-shell"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A block of an article's text, without line breaks."""

    text: str
    kind: str = "p"  # p, lead (standfirst), heading, item, quote, caption, note
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
    evidence: Message = NOTHING  # why that kind: "evidence.…"
    # Field -> where it was read: "json-ld", "og"… A dict, for articles travel between processes.
    sources: Mapping[str, str] = field(default_factory=dict)
    extractor: str = ""  # fingerprint of what read it; `sources["text"]` names the reader
    links: tuple[Anchor, ...] = ()  # of the paragraphs, in the page's order
    comments: tuple[str, ...] = ()  # of the page's readers, a paragraph each; never indexed

    @property
    def text(self) -> str:
        """The paragraphs, a blank line between."""
        return "\n\n".join(paragraph.text for paragraph in self.paragraphs)
