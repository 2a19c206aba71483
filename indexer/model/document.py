"""A document of the index: one cited text, or one note without text."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from indexer.model.article import PageKind, Paragraph
from indexer.model.bibliography import Place, Reference
from indexer.model.link import LinkHealth

# Between a heading and one below it, where a path of headings is one text: "Ville › Outils".
SECTION_BREAK: Final = " › "


class DocumentKind(StrEnum):
    """The kind of a document: a text, or a note alone."""

    TEXT = "text"  # a cited text: reference, article if we have it, the notes that cite it
    NOTE = "note"  # a note that cites no text


@dataclass(frozen=True, slots=True, kw_only=True)
class CitingNote:
    """A note as it stands beside the text that it cites."""

    id: str
    text: str
    section: tuple[str, ...] = ()
    place: Place | None = None  # where it was written: what puts notes in their order
    bibliography: str = ""
    aliases: tuple[str, ...] = ()  # other names that lead to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document, indexed and shown on a page: one cited text, or one note without text."""

    id: str
    kind: DocumentKind
    title: str
    author: str = ""
    container_title: str = ""
    issued: str = ""  # EDTF; the bibliography's, else the page's
    url: str | None = None
    site: str = ""  # host without "www."
    section: tuple[str, ...] = ()
    bibliographies: tuple[str, ...] = ()  # that cite the text, or hold the note
    language: str = "fr"
    paragraphs: tuple[Paragraph, ...] = ()  # of the article; empty when there is none
    notes: tuple[CitingNote, ...] = ()  # for a note, itself
    reference: Reference | None = None
    article_kind: PageKind | None = None
    captured_at: datetime | None = None
    record_id: str = ""
    link: LinkHealth = field(default_factory=LinkHealth)
