"""The door of an engine: what any engine is asked and answers, in plain values.

What was typed is understood above the door (`planning`); an engine is asked in plans, and answers
with ids, numbers, words and texts. No array, no path and no value of a library passes. Words are
asked in batches, so that an engine that is elsewhere can be asked in rounds (`planning.lexicon`).

`embedded` implements it; `tests/engines/contract` is what every implementation must pass.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from indexer.engines.planning.plan import Plan, Term
from indexer.model import Document, Paragraph
from indexer.search.match_spec import MatchSpec
from indexer.search.results import Example, Explanation, FacetValue, Suggestion
from indexer.search.snippets import FindSpans, Held

MOST_WORDS: Final = 100  # words near one, or that fit a pattern: the best of them

WordsNear = tuple[str, str, int]  # (field, folded word, letters that may differ)
WordsLike = tuple[str, str]  # (field, folded pattern, or how words begin)


class NearWord(NamedTuple):
    """A word of the index that is nearly another."""

    distance: int  # letters changed, added, left out, or exchanged with their neighbour
    document_count: int
    word: str


class KnownForm(NamedTuple):
    """A form without its accents that was typed and that some text has, and how it is read."""

    stem: str
    names: tuple[str, ...]  # that a query looks for where it has the form
    is_named: bool  # whether some text has one of these names
    english_stem: str  # "" where no text has it, or it is the same
    english_names: tuple[str, ...]  # those that some text has


class Lexicon(Protocol):
    """Counts and look-ups of terms in one state of an index, answered in the order asked.

    No number counts a text that is deleted or hidden.
    """

    @property
    def is_remote(self) -> bool:
        """Whether each question costs a way there and back, so that many are asked at once."""
        ...

    def read_form(self, form: str) -> KnownForm | None:
        """Give how a form is read, where that is kept with the index and some text has it.

        None of any other: it is analysed. Nobody asks an engine that is remote.
        """
        ...

    def count(self, terms: Sequence[Term]) -> Sequence[int]:
        """Count the texts that have each term; of a pair or a sequence, both words in a row."""
        ...

    def count_found(self, plans: Sequence[Plan]) -> Sequence[int]:
        """Count the texts that each plan finds."""
        ...

    def list_near(self, words: Sequence[WordsNear]) -> Sequence[Sequence[NearWord]]:
        """List the words of a field that are near each word: nearest first, then most frequent.

        At most MOST_WORDS for each; near by optimal string alignment.
        """
        ...

    def list_fitting(self, patterns: Sequence[WordsLike]) -> Sequence[Sequence[str]]:
        """List the words of a field that fit each pattern, the most frequent first.

        `*` stands for any letters, `?` for one. At most MOST_WORDS for each.
        """
        ...

    def list_starting(self, prefixes: Sequence[WordsLike]) -> Sequence[Sequence[tuple[str, int]]]:
        """List the words of a field that begin so, in order, and how many texts have each."""
        ...

    def list_values(self, facets: Sequence[str]) -> Sequence[Sequence[str]]:
        """List the values of each facet that some text has, as `index.fields.join_values` joins."""
        ...


class Sort(StrEnum):
    """The order in which texts are given."""

    RELEVANCE = "relevance"  # by score; of equals the one that was indexed first
    DATE = "date"  # the latest first; scores are zero
    INDEXED = "indexed"  # as they were indexed: the cheapest; scores are zero


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A search request to an engine: the plan, the page of results, their order."""

    plan: Plan
    first: int = 0  # so many of the best are passed over
    limit: int = 10
    sort: Sort = Sort.RELEVANCE
    title: tuple[str, ...] = ()  # folded words: texts with just this title come before others
    is_counted: bool = True  # whether the total and the facets are wanted


class Found(NamedTuple):
    """The results of a search: ids with scores, the total, the facets."""

    best: Sequence[tuple[str, float]]  # id and score
    total: int = 0
    facets: Mapping[str, tuple[FacetValue, ...]] = {}  # of all that was found
    missing_parts: int = 0  # parts of the index that did not answer: some texts may be left out


class FoundText(NamedTuple):
    """A text to be shown: its description, its paragraphs, and what is known of these."""

    document: Document  # without its paragraphs
    paragraphs: Sequence[Paragraph]  # read when they are asked for, before the next text is
    held: Held | None = None  # what each holds of what is wanted, where the engine knows
    forms: frozenset[str] | None = None  # the folded forms that answer, where it knows all
    # Where in a paragraph the words stand that answer by themselves, where it knows.
    find_spans: FindSpans | None = None


class SearchEngine(Protocol):
    """One state of an index, which never changes while it is asked; for one thread."""

    @property
    def generation(self) -> str:
        """Give a token that differs after every change of the index or of what is hidden of it."""
        ...

    @property
    def lexicon(self) -> Lexicon:
        """The words of this state."""
        ...

    def find(self, question: Question) -> Found:
        """Find the texts of a plan."""
        ...

    def read_texts(self, ids: Sequence[str], wanted: MatchSpec | None) -> Iterator[FoundText]:
        """Read texts that were found, to be shown, in the order of `ids`.

        All are of one state, that of now where the index has changed since it was asked. With
        `wanted`, each says what its paragraphs hold of that.
        """
        ...

    def find_documents(self, ids: Sequence[str]) -> Sequence[Document | None]:
        """Read whole documents; None for an id that no text has."""
        ...

    def list_documents(self, *, is_whole: bool) -> Iterator[Document]:
        """List every document, in the bibliography's order, read page by page.

        They come without their paragraphs unless `is_whole`. Raises DamagedIndexError where one
        that should be there is gone.
        """
        ...

    def list_held(self, ids: Sequence[str], terms: Sequence[Term]) -> Sequence[frozenset[Term]]:
        """Say which of some terms each text has."""
        ...

    def explain(self, plan: Plan, document_id: str) -> Explanation | None:
        """Take the score of a text apart; None where the plan does not find it."""
        ...

    def complete(self, text: str, limit: int) -> Sequence[Suggestion]:
        """Give titles, authors, sections and phrases with a word that begins so.

        `text` is folded; at most `limit` of each kind, the most frequent first.
        """
        ...

    def spell(self, forms: Sequence[str]) -> Sequence[str]:
        """Write folded words as titles and sections write them most; "" where none has one."""
        ...

    def read_examples(self) -> Sequence[Example] | None:
        """Read the examples of queries kept with the index; None where they may not be true."""
        ...


class EngineManager(Protocol):
    """An index that others change meanwhile: gives the engine of its newest state to a thread."""

    @property
    def generation(self) -> str:
        """The newest state; "" where there is none."""
        ...

    @property
    def asked(self) -> str:
        """The state that this thread was given last; "" before it was given any."""
        ...

    def acquire(self) -> SearchEngine:
        """Give the engine of the newest state. It stays open until this thread acquires another.

        Raises MissingIndexError, StaleIndexError, DamagedIndexError.
        """
        ...

    def guarded(self) -> AbstractContextManager[None]:
        """Turn whatever libraries raise about the index into an error of ours."""
        ...

    def close(self) -> None:
        """Let everything go."""
        ...


class IndexWriter(Protocol):
    """Changes an index, alone: what answers goes on answering until `finish`.

    Between `begin` and `finish` or `abandon` nobody else writes. Errors are SearchIndexError;
    what was begun must be abandoned then.
    """

    def check(self) -> None:
        """Raise the first damage of what the index holds: a change would carry it on.

        Raises MissingIndexError, StaleIndexError, DamagedIndexError.
        """
        ...

    def begin(self, *, is_anew: bool) -> None:
        """Begin a change of what there is, or an index anew beside it. Raises LockedError.

        A change raises MissingIndexError, StaleIndexError, DamagedIndexError: it has to be anew.
        """
        ...

    def list_fingerprints(self) -> Iterator[Mapping[str, str]]:
        """List what the index held when the change began, id -> fingerprint, page by page."""
        ...

    def put(self, documents: Iterable[Document]) -> None:
        """Add documents, or replace those that bear their ids; of two with one id the last.

        They may be read as late as `finish`. What is put is there, whether it was dropped or not.
        """
        ...

    def drop(self, ids: Iterable[str]) -> None:
        """Remove documents; those that are not there are gone already."""
        ...

    def finish(self, order: Sequence[str] = ()) -> int:
        """Have everything found from now on, all at once; gives how many texts there are.

        `order` has every id in the bibliography's order; without it, as they were put.
        """
        ...

    def abandon(self) -> None:
        """Leave what answers as it was, and nothing else."""
        ...
