"""Look among the words of the index: those that fit a pattern, those that are nearly a word.

No dictionary is gathered beforehand: no word is read but those that may fit.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from indexer.engines.embedded.postings import PostingsReader
from indexer.engines.embedded.term_scores import find_documents
from indexer.engines.embedded.topk import match
from indexer.engines.planning.plan import Plan, Term
from indexer.engines.protocol import MOST_WORDS, KnownForm, NearWord, WordsLike, WordsNear
from indexer.index.fields import ALL_SEQUENCES

Marks = NDArray[np.uint64]

# A mark has a bit for each letter that a word has, a bit for each that it has twice, its length.
_LETTERS: Final = 27  # of a to z, and whatever else
_LENGTH_SHIFT: Final = 2 * _LETTERS
_LETTER_BITS: Final = np.uint64((1 << _LENGTH_SHIFT) - 1)
_LONGEST: Final = (1 << (64 - _LENGTH_SHIFT)) - 1
_MARKED: Final = 50_000  # words at a time


class EmbeddedLexicon:
    """The words of one state of an index; a `Lexicon`."""

    is_remote = False

    def __init__(self, reader: PostingsReader) -> None:
        """Look words up in one state of an index."""
        self._reader = reader

    def read_form(self, form: str) -> KnownForm | None:
        """Give how a folded form is read that a query has; None of one that is to be analysed."""
        return self._reader.read_form(form)

    def count(self, terms: Sequence[Term]) -> list[int]:
        """Count the texts that have each term; of a sequence, two words side by side."""
        return [
            int(find_documents(field, term, self._reader).size)
            if field == ALL_SEQUENCES
            else self._reader.document_count(field, term)
            for field, term in terms
        ]

    def count_found(self, plans: Sequence[Plan]) -> list[int]:
        """Count the texts that each plan finds."""
        return [count_found(plan, self._reader) for plan in plans]

    def list_near(self, words: Sequence[WordsNear]) -> list[list[NearWord]]:
        """List the words at most so many letters away from each, nearest first."""
        return [self._list_near(*each) for each in words]

    def _list_near(self, field: str, word: str, distance: int) -> list[NearWord]:
        found = [
            NearWord(int(away), count, other)
            for other, away, _ in process.extract(
                word,
                list(self._reader.list_similar(field, word, distance)),
                scorer=OSA.distance,
                score_cutoff=distance,
                limit=None,
            )
            if (count := self._reader.document_count(field, other))
        ]
        found.sort(key=lambda each: (each.distance, -each.document_count, each.word))
        return found[:MOST_WORDS]

    def list_fitting(self, patterns: Sequence[WordsLike]) -> list[list[str]]:
        """List the words that fit each folded pattern ("mutualis*", "esp?ce")."""
        return [self._list_fitting(*each) for each in patterns]

    def _list_fitting(self, field: str, pattern: str) -> list[str]:
        fits = re.compile(re.escape(pattern).replace(r"\*", r"\w*").replace(r"\?", r"\w"))
        prefix = re.split(r"[*?]", pattern, maxsplit=1)[0]
        fitting = [
            (-count, word)
            for word, count in self._reader.terms(field, prefix)
            if fits.fullmatch(word)
        ]
        return [word for _, word in sorted(fitting)[:MOST_WORDS]]

    def list_starting(self, prefixes: Sequence[WordsLike]) -> list[list[tuple[str, int]]]:
        """List the words of a field that begin so, in order, and how many texts have each."""
        return [list(self._reader.terms(field, prefix)) for field, prefix in prefixes]

    def list_values(self, facets: Sequence[str]) -> list[Sequence[str]]:
        """List the values of each facet."""
        return [self._reader.facet(name)[1] for name in facets]


def count_found(plan: Plan, reader: PostingsReader) -> int:
    """Count the documents that a plan finds, deleted ones aside."""
    docs = match(plan, reader)
    return int(np.count_nonzero(reader.live[docs]))


def mark_words(joined: bytes, ends: NDArray[np.integer]) -> Marks:
    """Work out the marks of words (UTF-8, one after the other; where each ends).

    Two words that are d letters apart (changed, added, left out, exchanged) differ in at most 2d
    bits, less one for each letter by which their lengths differ: so `may_be_near` leaves none out.
    """
    letters = np.frombuffer(joined, np.uint8)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1].astype(np.int64)])[: ends.size]
    marks = np.empty(ends.size, np.uint64)
    for first in range(0, ends.size, _MARKED):
        last = min(first + _MARKED, ends.size)
        some = letters[int(starts[first]) : int(ends[last - 1])]
        word = np.repeat(np.arange(last - first), (ends[first:last] - starts[first:last]))
        begins = (some & 0xC0) != 0x80  # a letter, not the rest of its bytes
        kind = np.where((some >= ord("a")) & (some <= ord("z")), some - ord("a"), _LETTERS - 1)
        counts = np.bincount(
            word[begins] * _LETTERS + kind[begins], minlength=(last - first) * _LETTERS
        ).reshape(last - first, _LETTERS)
        values = np.uint64(1) << np.arange(_LETTERS, dtype=np.uint64)
        marks[first:last] = (
            (counts >= 1) @ values
            | ((counts >= 2) @ values) << np.uint64(_LETTERS)
            | np.minimum(counts.sum(axis=1), _LONGEST).astype(np.uint64) << np.uint64(_LENGTH_SHIFT)
        )
    return marks


def may_be_near(word: str, marks: Marks, distance: int) -> NDArray[np.intp]:
    """Give the numbers of the words, given their marks, that may be so near to a word; in order."""
    encoded = word.encode()
    (wanted,) = mark_words(encoded, np.array([len(encoded)]))
    differing = np.bitwise_count((marks ^ wanted) & _LETTER_BITS).astype(np.int16)
    lengths = (marks >> np.uint64(_LENGTH_SHIFT)).astype(np.int16)
    longer = np.abs(lengths - int(wanted >> np.uint64(_LENGTH_SHIFT)))
    return np.flatnonzero((longer <= distance) & (differing <= 2 * distance - longer))
