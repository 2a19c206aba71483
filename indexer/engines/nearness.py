"""Ask of meaning beside words: the door of `indexer.meaning`, and what the searcher does with it.

Two uses, kept apart: the first texts that words found are put in another order, and passages of
texts that words did not place among those are given beside, never counted. Plain values only; where
no index of meaning is open nothing of this costs anything.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache, partial
from itertools import takewhile
from typing import Final, NamedTuple, Protocol

from indexer.engines.planning.lexicon import Lookups
from indexer.engines.planning.plan import MatchAll
from indexer.engines.planning.understanding import Filters, list_narrowing, narrow
from indexer.engines.protocol import Found, Question, SearchEngine, Sort
from indexer.errors import MeaningError
from indexer.index.postings import fold_title
from indexer.messages import NOTHING, Message, message
from indexer.model import Document
from indexer.search.query import Bag, Phrase, Query, Word
from indexer.search.results import Explanation, Snippet

DEPTH: Final = 50  # texts, the best by words, whose order meaning may change
MOST_NEAR: Final = 5  # passages beside the results

_LOG: Final = logging.getLogger(__name__)


class Use(StrEnum):
    """A use of meaning; the slugs of the setting `meaning`."""

    ORDER = "order"
    PASSAGES = "passages"


class Ordered(NamedTuple):
    """A text that words found, in its place: its score by words, and what meaning adds to that."""

    id: str
    by_words: float
    by_meaning: float


class NearPassage(NamedTuple):
    """A passage near a question: its text, how near (a cosine), where its nearest sentence is."""

    document: Document
    likeness: float
    snippet: Snippet  # marks: the nearest sentence


class Meaning(Protocol):
    """An index of the meaning of texts; safe to ask from several threads.

    Raises MeaningError where nothing was built, it is damaged, or the model is not there.
    """

    @property
    def uses(self) -> frozenset[Use]:
        """Give the uses that the owner of the site wants."""
        ...

    @property
    def state(self) -> str:
        """Name the state: another value whenever answers may differ."""
        ...

    def order(
        self, text: str, best: Sequence[tuple[str, float]], engine: SearchEngine
    ) -> Sequence[Ordered]:
        """Put texts that words found, with their scores, best first, in an order of both."""
        ...

    def find_near(
        self,
        text: str,
        engine: SearchEngine,
        accept: Callable[[Sequence[str]], Collection[str]],
        limit: int,
    ) -> Sequence[NearPassage]:
        """Find passages near a question, the nearest first, at most one a text.

        `accept` says which of some texts may be given. A passage that its text has no more is none.
        """
        ...

    def find_alike(
        self, document_id: str, engine: SearchEngine, limit: int
    ) -> Sequence[tuple[str, float]]:
        """Find the texts that stand out as near to a text as a whole, the nearest first.

        With each, how near it is beside the others: 1 for the nearest, 0 for one that just stands
        out. None where nothing of the text is embedded.
        """
        ...


@lru_cache(maxsize=16)
def _warn(error: str) -> None:
    """Log what keeps meaning from being used: once, not at every question."""
    _LOG.warning("meaning is not used: %s", error)


@dataclass(frozen=True, slots=True)
class Meant:
    """An answer, and what meaning added to it."""

    found: Found
    uses: frozenset[Use] = frozenset()
    near: Sequence[NearPassage] = ()
    problem: Message = NOTHING


def read_meant(query: Query, query_text: str, *, is_corrected: bool) -> tuple[str, bool]:
    """Read what of a query has a meaning to be near to, and whether that is all of it.

    Operators, fields, patterns and exclusions restrict what words find; nothing near in meaning can
    be held to them, so that passages are given only for plain words. "" where there are none.
    """
    parts = query.optional if isinstance(query, Bag) else (query,)
    plain = [part.text for part in parts if isinstance(part, Word)]
    is_all = len(plain) == len(parts) and not (
        isinstance(query, Bag) and (query.required or query.excluded)
    )
    plain = [part.text for part in parts if isinstance(part, Word | Phrase)]
    if is_all and not is_corrected:
        return query_text.strip(), True
    return " ".join(plain), is_all


def ask_meaning(
    meaning: Meaning,
    meant: tuple[str, bool],
    question: Question,
    engine: SearchEngine,
    accept: Callable[[Sequence[str]], Collection[str]],
) -> Meant:
    """Find what a question asks as the engine does, then what is near the text in meaning.

    Only pages of the first DEPTH texts by relevance differ from what the engine gives; only the
    first has passages. What can't be used is said, and the words answer alone.
    """
    text, is_all = meant
    if not text or question.sort is not Sort.RELEVANCE or question.first >= DEPTH:
        return Meant(engine.find(question))
    last = question.first + question.limit
    wide = engine.find(replace(question, first=0, limit=max(last, DEPTH)))
    shown = wide._replace(best=wide.best[question.first : last])
    uses = set()
    try:
        if Use.ORDER in meaning.uses and len(wide.best) > 1:
            ordered = _order(meaning, text, wide, question, engine)
            best = [(each.id, each.by_words + each.by_meaning) for each in ordered]
            shown = wide._replace(best=[*best, *wide.best[DEPTH:]][question.first : last])
            uses.add(Use.ORDER)
        near: Sequence[NearPassage] = ()
        if Use.PASSAGES in meaning.uses and is_all and question.first == 0:
            near = _find_near(meaning, text, wide.best[:DEPTH], engine, accept)
            uses |= {Use.PASSAGES} if near else set()
        return Meant(shown, frozenset(uses), near)
    except MeaningError as error:
        _warn(str(error))
        return Meant(shown, problem=message("query.meaning.unavailable"))


def find_alike(
    meaning: Meaning, document_id: str, engine: SearchEngine, limit: int
) -> Mapping[str, float]:
    """Find texts near to a text in meaning (`Meaning.find_alike`); none where it can't be used."""
    if Use.PASSAGES not in meaning.uses:
        return {}
    try:
        return dict(meaning.find_alike(document_id, engine, limit))
    except MeaningError as error:
        _warn(str(error))
        return {}


def order_found(
    meaning: Meaning, meant: tuple[str, bool], question: Question, engine: SearchEngine
) -> Mapping[str, Ordered]:
    """Order the first texts that a question finds, by their ids; nothing where meaning is not used.

    Raises MeaningError.
    """
    if Use.ORDER not in meaning.uses or not meant[0]:
        return {}
    wide = engine.find(replace(question, first=0, limit=DEPTH))
    if len(wide.best) < 2:
        return {}
    return {each.id: each for each in _order(meaning, meant[0], wide, question, engine)}


def _order(
    meaning: Meaning, text: str, found: Found, question: Question, engine: SearchEngine
) -> list[Ordered]:
    """Order the first texts found; one whose title is just what was typed stays before others."""
    best = found.best[:DEPTH]
    titled = 0
    if question.title:  # the engine puts these first
        titled = sum(1 for _ in takewhile(partial(_is_titled, engine, question.title), best))
    first = [Ordered(key, score, 0.0) for key, score in best[:titled]]
    return [*first, *meaning.order(text, best[titled:], engine)]


def _is_titled(engine: SearchEngine, title: tuple[str, ...], scored: tuple[str, float]) -> bool:
    return any(
        fold_title(each.document.title) == title for each in engine.read_texts([scored[0]], None)
    )


def _find_near(
    meaning: Meaning,
    text: str,
    best: Sequence[tuple[str, float]],
    engine: SearchEngine,
    accept: Callable[[Sequence[str]], Collection[str]],
) -> Sequence[NearPassage]:
    shown = {key for key, _ in best}

    def accept_others(ids: Sequence[str]) -> Collection[str]:
        others = [key for key in ids if key not in shown]
        return accept(others) if others else ()

    return meaning.find_near(text, engine, accept_others, MOST_NEAR)


def accept_narrowed(
    engine: SearchEngine, lookups: Lookups, filters: Filters, only: Collection[str] | None
) -> Callable[[Sequence[str]], Collection[str]]:
    """Give what says which of some texts are there, within the filters, and not withdrawn."""

    def accept(ids: Sequence[str]) -> Collection[str]:
        within = [key for key in ids if only is None or key in only]
        plan = narrow(MatchAll(), lookups.settle(partial(list_narrowing, filters, within)))
        asked = Question(plan=plan, limit=len(within), sort=Sort.INDEXED, is_counted=False)
        return {key for key, _ in engine.find(asked).best} if within else set()

    return accept


def explain_meaning(
    explanation: Explanation, ordered: Mapping[str, Ordered], key: str
) -> Explanation:
    """Put what meaning adds to a score beside what words do; their sum is the score."""
    each = ordered.get(key)
    if each is None:
        return explanation
    return Explanation(
        name=message("score.words-and-meaning"),
        score=explanation.score + each.by_meaning,
        parts=(
            explanation,
            Explanation(name=message("score.meaning"), score=each.by_meaning),
        ),
    )
