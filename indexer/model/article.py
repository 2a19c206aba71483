"""The text that a reader would read on a page, and what kind of page it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from indexer.messages import NOTHING, Message


class PageKind(StrEnum):
    """The kind of a page as it is read; only an article is indexed whole."""

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
