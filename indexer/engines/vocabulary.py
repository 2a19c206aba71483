"""Look among the words of the index: those that fit a pattern, those that are nearly the word.

Never more than a bounded number: the nearest, then the most frequent.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

MOST_TERMS: Final = 100
_BEYOND: Final = "\U0010ffff"


class NearWord(NamedTuple):
    """A word of the index that is nearly another."""

    distance: int  # letters changed, added, left out, or exchanged with their neighbour
    document_count: int
    word: str


class Vocabulary:
    """The words of one field of one state of an index."""

    def __init__(self, terms: Iterable[tuple[str, int]]) -> None:
        """`terms` come in order, with the number of documents that have each."""
        self._counts = dict(terms)
        self._words = list(self._counts)
        self._by_length: dict[int, list[str]] = {}
        for word in self._counts:
            self._by_length.setdefault(len(word), []).append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._counts

    def fit(self, pattern: str) -> list[str]:
        """The words that fit a folded pattern ("mutualis*", "esp?ce"), the most frequent first."""
        fits = re.compile(re.escape(pattern).replace(r"\*", r"\w*").replace(r"\?", r"\w"))
        prefix = re.split(r"[*?]", pattern, maxsplit=1)[0]
        first = bisect_left(self._words, prefix)
        last = bisect_left(self._words, f"{prefix}{_BEYOND}")
        fitting = [
            (-self._counts[word], word) for word in self._words[first:last] if fits.fullmatch(word)
        ]
        return [word for _, word in sorted(fitting)[:MOST_TERMS]]

    def near(self, word: str, distance: int) -> list[NearWord]:
        """The words at most `distance` letters away (optimal string alignment), nearest first."""
        found = [
            NearWord(int(away), self._counts[other], other)
            for length in range(len(word) - distance, len(word) + distance + 1)
            for other, away, _ in process.extract(
                word,
                self._by_length.get(length, ()),
                scorer=OSA.distance,
                score_cutoff=distance,
                limit=None,
            )
        ]
        found.sort(key=lambda each: (each.distance, -each.document_count, each.word))
        return found[:MOST_TERMS]
