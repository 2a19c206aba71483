"""A document of the index: one cited text, or one note without text."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeTexts:
    """Which archived texts may be shown whole: as the site says, and bibliographies by title.

    >>> rights = WholeTexts(is_usual=True, by_bibliography={"Veille": False})
    >>> rights.are_shown(["Lectures"]), rights.are_shown(["Lectures", "Veille"])
    (True, False)
    """

    is_usual: bool = False  # of bibliographies that say nothing
    by_bibliography: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def are_any(self) -> bool:
        """Whether some texts may be shown whole."""
        return self.is_usual or any(self.by_bibliography.values())

    def are_shown(self, bibliographies: Collection[str]) -> bool:
        """Tell whether a text may be shown whole: each bibliography that cites it has to let it be.

        Nobody knows whose right it is where none is known to cite it: all have to, then.
        """
        if not bibliographies:
            return self.is_usual and all(self.by_bibliography.values())
        return all(self.by_bibliography.get(each, self.is_usual) for each in bibliographies)
