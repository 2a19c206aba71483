"""The answer to a search: frozen values with offsets, never markup."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from indexer.messages import NOTHING, Message
from indexer.model import DocumentKind, LinkHealth
from indexer.search.synonyms import OwnWord

Span = tuple[int, int]  # [start, end) in characters of the text beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A passage that answers: its text, and the words of it that were found."""

    text: str
    marks: tuple[Span, ...] = ()
    paragraph: int | None = None  # index in the document's paragraphs, from 0
    page: int | None = None  # of a PDF, from 1
    is_cut_before: bool = False  # the passage starts inside its paragraph
    is_cut_after: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMatch:
    """A value of a document's description that answers the query, and the words found in it."""

    # author, editor, translator, container_title, issued, keyword, section, identifier
    field: str
    text: str
    marks: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """The note that cites a text, and its sentence nearest to the query."""

    note_id: str
    sentence: Snippet
    section: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One result row: the archived text, the human note that cites it, the link's health."""

    rank: int  # from 1
    score: float
    id: str
    kind: DocumentKind
    title: str
    title_marks: tuple[Span, ...] = ()
    author: str = ""
    container_title: str = ""
    site: str = ""
    issued: str = ""
    url: str | None = None
    section: tuple[str, ...] = ()
    language: str = "fr"
    has_text: bool = False  # an archived article stands behind it
    matched: tuple[FieldMatch, ...] = ()  # apart from the title, the passages and the notes
    snippets: tuple[Snippet, ...] = ()
    mentions: tuple[Mention, ...] = ()
    link: LinkHealth = field(default_factory=LinkHealth)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCount:
    """A term of the query as it was understood, and how many documents have it.

    `scheme` says of what names one text what it is: "doi", "isbn", "url", "hal", "arxiv"...
    """

    typed: str
    term: str
    document_count: int
    scheme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One value of a facet and how many results have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A query that was asked, and how many documents it found."""

    query_text: str
    total: int
    language: str = ""  # of its words, where that is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The answer to a query: one page of hits, and what was understood."""

    query_text: str
    total: int
    hits: tuple[Hit, ...] = ()
    terms: tuple[TermCount, ...] = ()
    understood: str = ""  # the query written back (`render_query`)
    corrections: tuple[tuple[str, str], ...] = ()  # (typed, searched instead)
    searched: str = ""  # what was searched instead of what was typed, where it was corrected
    # (typed, near it) of words that no text has, and that nothing replaces: required, excluded
    offers: tuple[tuple[str, str], ...] = ()
    own_words: tuple[OwnWord, ...] = ()  # what the owner's file of synonyms acted on
    all_words: Example | None = None  # the query for those that have all the words, where several
    unread: tuple[Message, ...] = ()  # what of the query was not understood
    is_partial: bool = False  # a part of the index did not answer: some texts may be left out
    meant: tuple[str, ...] = ()  # what meaning was used for: "order", "passages"
    # Passages near the question in meaning, each of another text, that words did not place among
    # the first; the marks are their nearest sentence. Counted in neither total nor facets.
    near: tuple[Hit, ...] = ()
    meaning_problem: Message = NOTHING  # why meaning was not used, where it was to be
    facets: Mapping[str, tuple[FacetValue, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A way to go on typing: `searcher.suggest(prefix, limit=8)` gives them, best first."""

    text: str  # what to type
    kind: str = "term"  # title, author, section, phrase, term
    document_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarText:
    """A text like another and what they share: `searcher.similar(document_id, limit=5)`."""

    id: str
    title: str
    author: str = ""
    issued: str = ""
    language: str = "fr"
    shared: tuple[str, ...] = ()  # words as a reader writes them, the most telling first
    is_near: bool = False  # in meaning, where it shares too few words


@dataclass(frozen=True, slots=True, kw_only=True)
class NearNote:
    """A note like another and what they share: `searcher.near_notes(note_id, text_ids)`."""

    id: str
    shared: tuple[str, ...] = ()  # words as this note writes them, the most telling first
    is_near: bool = False  # its text is near in meaning, where it shares too few words


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a hit has its score: a part with a name, what it adds, and the parts that it is made of.

    The parts of a sum add up to `score`; of a leaf (one word in one field) they are its factors.
    """

    name: Message
    score: float
    parts: "tuple[Explanation, ...]" = ()
