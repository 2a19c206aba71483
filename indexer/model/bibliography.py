"""The values of a bibliography: references, notes, citations, in the words of CSL 1.0.2."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from indexer.messages import Message

# CSL 1.0.2 types in the words of Zotero, which reads them in COinS and in MODS.
ZOTERO_BY_CSL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "article-newspaper": "newspaperArticle",
        "article-magazine": "magazineArticle",
        "article-journal": "journalArticle",
        "post-weblog": "blogPost",
        "post": "forumPost",
        "webpage": "webpage",
        "report": "report",
        "interview": "interview",
        "entry-encyclopedia": "encyclopediaArticle",
        "chapter": "bookSection",
        "book": "book",
        "thesis": "thesis",
        "paper-conference": "conferencePaper",
        "speech": "presentation",
        "motion_picture": "film",
        "broadcast": "radioBroadcast",
        "legislation": "statute",
        "legal_case": "case",
        "bill": "bill",
        "hearing": "hearing",
        "patent": "patent",
        "map": "map",
        "manuscript": "manuscript",
        "entry-dictionary": "dictionaryEntry",
        "software": "computerProgram",
        "song": "audioRecording",
        "graphic": "artwork",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file of the bibliography and a line of it, from 1: the place of something written."""

    path: str  # relative to the bibliography's folder, with "/"
    line: int

    def __str__(self) -> str:
        """Write the place as compilers do: "page.txt:12"."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A person (`family`, `given`) or whoever else signs (`literal`), as CSL has it."""

    family: str = ""
    given: str = ""
    literal: str = ""
    suffix: str = ""  # "Jr", "III"; no part of the name as one says it

    @property
    def display(self) -> str:
        """The name as one says it: "Raphaël Besson"."""
        return self.literal or f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A text that the bibliography cites, as the bibliography describes it.

    `id` is `[a-z0-9-]+`: the citation key, or the one that this text was given first. `aliases`
    are the other names that lead to it (`model.identity`), not those of its fields.
    Dates are EDTF strings (ISO 8601-2): "2015", "2015-11", "2015-11-04", "2014-23" for an autumn.
    """

    id: str
    title: str
    type: str = "document"  # CSL type: article-newspaper, post-weblog, book, report…
    author: tuple[Name, ...] = ()
    editor: tuple[Name, ...] = ()
    editor_role: str = ""  # "editor" ((dir.), (éd.), (eds)) or "coord" ((coord.)), as the line says
    translator: tuple[Name, ...] = ()
    container_title: str = ""
    publisher: str = ""
    publisher_place: str = ""
    issued: str = ""
    accessed: str = ""
    url: str | None = None  # as a person wrote it, mended only where it could not be asked
    url_from: str = ""  # "doi", "arxiv"…: `url` is written nowhere, and made of that identifier
    archive_url: str | None = None  # a memento that the bibliography itself gives
    doi: str = ""
    isbn: str = ""
    number: str = ""
    volume: str = ""
    issue: str = ""
    page: str = ""
    number_of_pages: str = ""  # of the whole work: "204", "XII-318"; `page` says where in another
    number_of_volumes: str = ""
    edition: str = ""  # "2", "3e éd. revue"
    collection_title: str = ""  # the series that a book came out in
    language: str = ""
    abstract: str = ""
    section: tuple[str, ...] = ()  # headings, outermost first
    keyword: tuple[str, ...] = ()
    raw: str = ""  # the line as written
    place: Place | None = None
    confidence: Mapping[str, float] = field(default_factory=dict)  # field -> 0..1
    aliases: tuple[str, ...] = ()
    cited_in: tuple[str, ...] = ()  # the files that cite it, in their order

    @property
    def authors(self) -> str:
        """The authors on one line: "Charlotte Hess, Elinor Ostrom"."""
        return ", ".join(name.display for name in self.author)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note that somebody of the network wrote about one or several texts, or about none."""

    id: str
    text: str  # paragraphs separated by a blank line
    section: tuple[str, ...] = ()
    place: Place | None = None
    aliases: tuple[str, ...] = ()  # other names that lead to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A note comments on a reference; notes and references are many to many."""

    note_id: str
    reference_id: str


class EntryKind(StrEnum):
    """The kind of an entry that is neither reference nor note; kept, so that nothing is lost."""

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

    said: Message  # "problem.reference-without-url", and the values that the sentence names
    place: Place | None = None
    subject: str = ""  # the id of what it is about, if it has one

    @property
    def code(self) -> str:
        """The slug by which programs know its kind: "reference-without-url"."""
        return self.said.key.removeprefix("problem.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliography:
    """All that the files of a corpus say, in their order.

    `bibliography_of` names the bibliography of each file, by its path.
    """

    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    citations: tuple[Citation, ...] = ()
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    bibliography_of: Mapping[str, str] = field(default_factory=dict)
    # What leads nowhere and is no reference: "anchor", "site", "badge" -> how many of them.
    left_out: Mapping[str, int] = field(default_factory=dict)

    def join_notes(self) -> Mapping[str, str]:
        """Join what notes say of each reference, by its id; none where no note cites it."""
        texts = {note.id: note.text for note in self.notes}
        told: dict[str, list[str]] = {}
        for citation in self.citations:
            told.setdefault(citation.reference_id, []).append(texts.get(citation.note_id, ""))
        return {reference_id: "\n".join(each) for reference_id, each in told.items()}


# Fields of records that may hold notes of ours, in the words of the setting `notes_in`.
NOTE_KINDS: Final = ("annote", "note", "child", "abstract")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRules:
    """Settings for reading bibliography files: fields that hold notes, the page of an ISBN."""

    # What publishers wrote of a text (its abstract) is no note on it.
    notes_in: tuple[str, ...] = NOTE_KINDS[:3]
    isbn_page: str = ""  # with "{isbn}" in it; "" for none


READING_RULES: Final = ReadingRules()
