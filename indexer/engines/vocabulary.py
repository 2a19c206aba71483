"""Look among the words of the index: those that fit a pattern, those that are nearly the word.

Never more than a bounded number: the most frequent ones.
"""

import re
from typing import Final

from rapidfuzz.distance import OSA

from indexer.engines.postings import PostingsReader

MOST_TERMS: Final = 100


def expand_pattern(pattern: str, reader: PostingsReader, field: str) -> list[str]:
    """The words that fit a folded pattern ("mutualis*"), the most frequent first."""
    prefix = pattern.split("*", 1)[0]
    fits = re.compile(re.escape(pattern).replace(r"\*", r"\w*"))
    fitting = [
        (-count, term) for term, count in reader.terms(field, prefix) if fits.fullmatch(term)
    ]
    return [term for _, term in sorted(fitting)[:MOST_TERMS]]


def find_near(word: str, distance: int, reader: PostingsReader, field: str) -> list[str]:
    """The words at most `distance` letters away, the nearest and most frequent first."""
    near = []
    for term, count in reader.terms(field):
        if abs(len(term) - len(word)) <= distance:
            away = OSA.distance(word, term, score_cutoff=distance)
            if away <= distance:
                near.append((away, -count, term))
    return [term for _, _, term in sorted(near)[:MOST_TERMS]]


def correct(word: str, reader: PostingsReader, field: str) -> str | None:
    """The word that was probably meant by a folded word that no text has, or None."""
    distance = 1 if len(word) < 8 else 2
    near = []
    for term, count in reader.terms(field, word[:1]):
        if abs(len(term) - len(word)) <= distance and term.isalpha():
            away = OSA.distance(word, term, score_cutoff=distance)
            if away <= distance:
                near.append((away, -count, term))
    return min(near)[2] if near else None
