"""Find what is near a question in meaning, and put what words found in an order of both.

The vectors say which passage may be near; the index says, at each question, whether its text still
has that passage. What was changed, withdrawn or removed since is therefore neither given nor
counted, whenever the vectors were made.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np

from indexer.engines.nearness import NearPassage, Ordered, Use
from indexer.engines.protocol import SearchEngine
from indexer.errors import MeaningError
from indexer.meaning.embedders import Embedder, Vectors
from indexer.meaning.passages import TextPassage, cut_passages
from indexer.meaning.vectors import HEAD_NAME, HINT, PublishedVectors
from indexer.messages import message
from indexer.model import Document
from indexer.search.results import Snippet

# Of meaning in the order of the first texts (docs/decisions/0110-meaning.md).
WEIGHT: Final = 0.25
# How far above the mean of all passages one must be to be given: so much of the deviation that the
# best of as many passages would have by chance (docs/decisions/0110-meaning.md).
LEAST_DEVIATION: Final = 0.67
_AT_ONCE: Final = 20  # texts that may be given, asked of the index together
_MOST_TRIED: Final = 100  # texts, of which the nearest passages are looked at
_MOST_QUESTIONS: Final = 256  # whose vectors are kept, at 1.5 KB
_MOST_CHECKED: Final = 5000  # texts whose passages are known to be there still
_LONGEST_SHOWN: Final = 400  # characters of a passage around its nearest sentence


def reorder(
    best: Sequence[tuple[str, float]], near: Mapping[str, float], *, weight: float = WEIGHT
) -> list[Ordered]:
    """Order texts by (1 - weight) words + weight meaning, each scaled from 0 to 1 over `best`.

    `near` has the likeness of each text's nearest passage; a text without one keeps the part that
    words give it. What meaning adds is told in the unit of the score by words, which stays: their
    sum orders as the fusion does.
    """
    if not best:
        return []
    words = [score for _, score in best]
    known = [near[key] for key, _ in best if key in near]
    low, span = min(words), (max(words) - min(words)) or 1.0
    least = min(known, default=0.0)
    width = (max(known, default=0.0) - least) or 1.0
    factor = weight / (1 - weight) * span
    ordered = []
    for key, score in best:
        part = (near[key] - least) / width if key in near else (score - low) / span
        ordered.append(Ordered(key, score, factor * part))
    # Python's sort is stable: of equals the one that words put first.
    return sorted(ordered, key=lambda each: -(each.by_words + each.by_meaning))


@dataclass(slots=True)
class _OpenVectors:
    """A publication and the model that made it."""

    moment: tuple[int, int, int]  # of the head: which file, when written
    vectors: PublishedVectors
    embedder: Embedder
    questions: "OrderedDict[str, Vectors]" = field(default_factory=OrderedDict)
    checked: "OrderedDict[tuple[str, str], tuple[int, ...]]" = field(default_factory=OrderedDict)
    # The question that was asked last, and how near every passage is: both uses ask for that.
    scored: tuple[str, "np.ndarray[Any, Any]"] | None = None


class MeaningIndex:
    """The vectors of a folder, opened when the first question asks; an `engines.nearness.Meaning`.

    Safe to ask from several threads.
    """

    def __init__(
        self, folder: Path, open_model: Callable[[], Embedder], uses: Collection[Use]
    ) -> None:
        """Take where the vectors are, what opens their model, and what they are used for."""
        self._folder = folder
        self._open_model = open_model
        self._lock = Lock()
        self._opened: _OpenVectors | None = None
        self.uses = frozenset(uses)

    @property
    def state(self) -> str:
        """Name the publication; "" before there is any."""
        try:
            return "-".join(map(str, self._read_moment()))
        except OSError:
            return ""

    def order(
        self, text: str, best: Sequence[tuple[str, float]], engine: SearchEngine
    ) -> list[Ordered]:
        """Put texts that words found in an order of words and meaning."""
        opened = self._open()
        scores = self._score(opened, text)
        near = {}
        for key, _ in best:
            places = self._find_places(opened, key, engine)
            if places:
                near[key] = float(scores[list(places)].max())
        return reorder(best, near)

    def find_near(
        self,
        text: str,
        engine: SearchEngine,
        accept: Callable[[Sequence[str]], Collection[str]],
        limit: int,
    ) -> list[NearPassage]:
        """Find passages near a question, the nearest first, at most one a text."""
        opened = self._open()
        question = self._embed(opened, text)
        scores = self._score(opened, text)
        candidates = list(_list_nearest(opened.vectors, scores, opened.embedder.least_likeness))
        found: list[NearPassage] = []
        for first in range(0, len(candidates), _AT_ONCE):
            some = candidates[first : first + _AT_ONCE]
            accepted = accept([key for key, _ in some])
            kept = [(key, place) for key, place in some if key in accepted]
            documents = engine.find_documents([key for key, _ in kept])
            for (key, place), document in zip(kept, documents, strict=True):
                near = self._describe(opened, key, place, document, question)
                if near is not None:
                    found.append(near._replace(likeness=float(scores[place])))
                if len(found) == limit:
                    return found
        return found

    def find_alike(
        self, document_id: str, engine: SearchEngine, limit: int
    ) -> list[tuple[str, float]]:
        """Find the texts that are near to a text as a whole, and how near beside one another."""
        opened = self._open()
        places = self._find_places(opened, document_id, engine)
        if not places:
            return []
        vectors = opened.vectors
        scores = vectors.score(vectors.average(places))
        counts = np.diff(vectors.starts)
        held = np.flatnonzero(counts)
        means = np.add.reduceat(scores, vectors.starts[:-1][held]) / counts[held]
        least = _find_least(means)
        means[held == vectors.row_of[document_id]] = -1.0  # nearest to itself, which says nothing
        best = float(means.max())
        found: list[tuple[str, float]] = []
        for place in np.argsort(-means, kind="stable").tolist():
            key = vectors.document_ids[held[place]]
            if means[place] < least or len(found) == limit:
                break
            there = self._find_places(opened, key, engine)
            likeness = float(scores[list(there)].mean()) if there else -1.0
            if likeness >= least:
                found.append((key, min(1.0, (likeness - least) / ((best - least) or 1.0))))
        return found

    def _describe(
        self,
        opened: _OpenVectors,
        key: str,
        place: int,
        document: Document | None,
        question: Vectors,
    ) -> NearPassage | None:
        """Describe a passage by the text of now; None where that has it no more."""
        if document is None:
            return None
        vectors = opened.vectors
        wanted = vectors.read_keys(key)[place - int(vectors.starts[vectors.row_of[key]])]
        passage = next((each for each in cut_passages(document) if each.key == wanted), None)
        if passage is None:
            return None
        nearest: int | None = 0
        if len(passage.sentences) > 1:
            told = vectors.score_sentences(place, question)
            nearest = int(told.argmax()) if told.max(initial=-1) > -1 else None
        return NearPassage(document, 0.0, make_snippet(document, passage, nearest))

    # --- opening

    def _read_moment(self) -> tuple[int, int, int]:
        told = (self._folder / HEAD_NAME).stat()
        return told.st_ino, told.st_mtime_ns, told.st_size

    def _open(self) -> _OpenVectors:
        """Open what was published last; what is open already, while nothing else was."""
        try:
            moment = self._read_moment()
        except FileNotFoundError as error:
            raise MeaningError(
                message("error.meaning.none-yet"),
                where=self._folder,
                hint=message("hint.begin-meaning"),
            ) from error
        except OSError as error:
            raise MeaningError(
                message("error.meaning.unreadable", error=error.strerror or str(error)),
                where=self._folder,
                hint=HINT,
            ) from error
        with self._lock:
            if self._opened is None or self._opened.moment != moment:
                vectors = PublishedVectors(self._folder)
                embedder = self._opened.embedder if self._opened else self._open_model()
                if embedder.fingerprint != vectors.fingerprint:
                    raise MeaningError(
                        message(
                            "error.meaning.other-model",
                            made_by=str(vectors.fingerprint),
                            model=str(embedder.fingerprint),
                        ),
                        where=vectors.path,
                        hint=message("hint.rebuild-meaning"),
                    )
                self._opened = _OpenVectors(moment, vectors, embedder)
            return self._opened

    def _embed(self, opened: _OpenVectors, text: str) -> Vectors:
        """Embed a question, once while it is asked again: for its second page, its explanation."""
        with self._lock:
            known = opened.questions.get(text)
            if known is None:
                known = opened.embedder.embed_query(text)
                opened.questions[text] = known
                if len(opened.questions) > _MOST_QUESTIONS:
                    opened.questions.popitem(last=False)
            return known

    def _score(self, opened: _OpenVectors, text: str) -> "np.ndarray[Any, Any]":
        """Give the cosine of a question and every passage."""
        scored = opened.scored
        if scored is None or scored[0] != text:
            opened.scored = scored = text, opened.vectors.score(self._embed(opened, text))
        return scored[1]

    def _find_places(self, opened: _OpenVectors, key: str, engine: SearchEngine) -> tuple[int, ...]:
        """Find the rows of the passages that a text has still."""
        vectors = opened.vectors
        place = vectors.row_of.get(key)
        if place is None:
            return ()
        first, last = map(int, vectors.starts[place : place + 2])
        if engine.generation == vectors.index_state:
            return tuple(range(first, last))
        name = (engine.generation, key)
        known = opened.checked.get(name)
        if known is None:
            (document,) = engine.find_documents([key])
            there = {each.key for each in cut_passages(document)} if document else set()
            rows = zip(range(first, last), vectors.read_keys(key), strict=True)
            known = tuple(row for row, wanted in rows if wanted in there)
            with self._lock:
                opened.checked[name] = known
                while len(opened.checked) > _MOST_CHECKED:
                    opened.checked.popitem(last=False)
        return known


def _find_least(scores: "np.ndarray[Any, Any]") -> float:
    """Find the least score that stands out of others."""
    by_chance = math.sqrt(2 * math.log(scores.size))  # of the best of so many normal numbers
    return float(scores.mean() + LEAST_DEVIATION * by_chance * scores.std())


def _list_nearest(
    vectors: PublishedVectors, scores: "np.ndarray[Any, Any]", least_likeness: float
) -> Iterator[tuple[str, int]]:
    """List the texts whose nearest passage stands out, nearest first, and the row of that."""
    if not scores.size:
        return
    least = max(_find_least(scores), least_likeness)
    seen: set[int] = set()
    rows = np.flatnonzero(scores >= least)
    for row in rows[np.argsort(-scores[rows], kind="stable")].tolist():
        place = int(np.searchsorted(vectors.starts, row, "right")) - 1
        if place not in seen:
            seen.add(place)
            yield vectors.document_ids[place], row
        if len(seen) == _MOST_TRIED:
            return


def make_snippet(document: Document, passage: TextPassage, nearest: int | None) -> Snippet:
    """Make what is shown of a passage: its nearest sentence, marked, with its neighbours.

    They are of one paragraph, so that it can be found in the text; the neighbours after it first.
    Without `nearest` (its sentences are not embedded yet), the first, unmarked.
    """
    if not passage.sentences:
        return Snippet(text=document.title)
    best = passage.sentences[nearest or 0]
    blocks = [each.text for each in document.paragraphs] or [each.text for each in document.notes]
    block = blocks[best.paragraph]
    beside = [each for each in passage.sentences if each.paragraph == best.paragraph]
    first = last = beside.index(best)
    while last + 1 < len(beside) and beside[last + 1].end - beside[first].start <= _LONGEST_SHOWN:
        last += 1
    while first and beside[last].end - beside[first - 1].start <= _LONGEST_SHOWN:
        first -= 1
    start, end = beside[first].start, beside[last].end
    paragraph = document.paragraphs[best.paragraph] if document.paragraphs else None
    return Snippet(
        text=block[start:end],
        marks=((best.start - start, best.end - start),) if nearest is not None else (),
        paragraph=best.paragraph if paragraph else None,
        page=paragraph.page if paragraph else None,
        is_cut_before=start > 0,
        is_cut_after=end < len(block.rstrip()),
    )
