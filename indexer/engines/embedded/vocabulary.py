"""Look among the words of the index: those that fit a pattern, those that are nearly the word.

Never more than a bounded number: the nearest, then the most frequent.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from indexer.engines.embedded.memory import Memory

MOST_TERMS: Final = 100

Marks = NDArray[np.uint64]

# A mark has a bit for each letter that a word has, a bit for each that it has twice, its length.
_LETTERS: Final = 27  # of a to z, and whatever else
_LENGTH_SHIFT: Final = 2 * _LETTERS
_LETTER_BITS: Final = np.uint64((1 << _LENGTH_SHIFT) - 1)
_LONGEST: Final = (1 << (64 - _LENGTH_SHIFT)) - 1
_MARKED: Final = 50_000  # words at a time


class NearWord(NamedTuple):
    """A word of the index that is nearly another."""

    distance: int  # letters changed, added, left out, or exchanged with their neighbour
    document_count: int
    word: str


class Vocabulary:
    """The words of one field of one state of an index, looked up where they are kept.

    No word is read but those that may fit: nothing is gathered beforehand.
    """

    def __init__(
        self,
        terms: Callable[[str], Iterator[tuple[str, int]]],
        similar: Callable[[str, int], Iterable[str]],
        count: Callable[[str], int],
        memory: Memory,
    ) -> None:
        """`terms` gives the words that begin so, with the documents of each; `similar` those that
        may be so many letters away from a word, and others; `count` the documents of a word.
        """
        self._terms, self._similar, self._count, self._memory = terms, similar, count, memory

    def fit(self, pattern: str) -> list[str]:
        """The words that fit a folded pattern ("mutualis*", "esp?ce"), the most frequent first."""
        key = (self._count, "fit", pattern)
        known: list[str] | None = self._memory.find(key)
        if known is None:
            fits = re.compile(re.escape(pattern).replace(r"\*", r"\w*").replace(r"\?", r"\w"))
            prefix = re.split(r"[*?]", pattern, maxsplit=1)[0]
            fitting = [
                (-count, word) for word, count in self._terms(prefix) if fits.fullmatch(word)
            ]
            known = [word for _, word in sorted(fitting)[:MOST_TERMS]]
            self._memory.keep(key, known, len(known))
        return known

    def near(self, word: str, distance: int) -> list[NearWord]:
        """The words at most `distance` letters away (optimal string alignment), nearest first."""
        found = [
            NearWord(int(away), count, other)
            for other, away, _ in process.extract(
                word,
                list(self._similar(word, distance)),
                scorer=OSA.distance,
                score_cutoff=distance,
                limit=None,
            )
            if (count := self._count(other))
        ]
        found.sort(key=lambda each: (each.distance, -each.document_count, each.word))
        return found[:MOST_TERMS]


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
    """The numbers of the words, given their marks, that may be so near to a word; in order."""
    encoded = word.encode()
    (wanted,) = mark_words(encoded, np.array([len(encoded)]))
    differing = np.bitwise_count((marks ^ wanted) & _LETTER_BITS).astype(np.int16)
    lengths = (marks >> np.uint64(_LENGTH_SHIFT)).astype(np.int16)
    longer = np.abs(lengths - int(wanted >> np.uint64(_LENGTH_SHIFT)))
    return np.flatnonzero((longer <= distance) & (differing <= 2 * distance - longer))
