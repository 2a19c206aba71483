"""Precision, recall and F1, as each benchmark defines them.

Written from their definitions, and checked to give what their own scripts give.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from statistics import mean
from typing import Final

from benchmarks.extract.layouts import GoldPage

Scores = tuple[float, float, float]  # precision, recall, F1
Pairs = Sequence[tuple[GoldPage, str]]  # a page and what was read of it

WORD: Final = re.compile(r"\w+")


def score_scrapinghub(pairs: Pairs) -> Scores:
    """Shingles of four words; precision and recall averaged over pages, F1 of the averages."""
    overlaps = [_overlap(_shingles(text), _shingles(page.text)) for page, text in pairs]
    precisions = [shared / read for shared, read, _ in overlaps if read]
    recalls = [shared / gold for shared, _, gold in overlaps if gold]
    return _f1(_mean(precisions), _mean(recalls))


def score_trafilatura(pairs: Pairs) -> Scores:
    """Pieces that should or should not be there, counted over all pages together."""
    right = wrong = missed = 0
    for page, text in pairs:
        read = _single_spaced(text)
        found = sum(_single_spaced(piece) in read for piece in page.wanted) if read else 0
        right += found
        missed += len(page.wanted) - found
        wrong += sum(_single_spaced(piece) in read for piece in page.unwanted) if read else 0
    return _f1(right / max(right + wrong, 1), right / max(right + missed, 1))


def score_wcxb(pairs: Pairs) -> Scores:
    """Words, in lower case; precision, recall and F1 each averaged over pages."""
    scores = [_score_words(text, page.text) for page, text in pairs]
    precision, recall, f1 = (_mean([score[n] for score in scores]) for n in range(3))
    return precision, recall, f1


SCORERS: Final[dict[str, Callable[[Pairs], Scores]]] = {
    "readability": score_wcxb,
    "scrapinghub": score_scrapinghub,
    "trafilatura": score_trafilatura,
    "wcxb": score_wcxb,
}


def _score_words(text: str, gold: str) -> Scores:
    shared, read, wanted = _overlap(_words(text.lower()), _words(gold.lower()))
    if not wanted:
        return (0.0, 0.0, 0.0) if read else (1.0, 1.0, 1.0)
    return _f1(shared / read, shared / wanted) if shared else (0.0, 0.0, 0.0)


def _overlap(read: Counter[Hashable], gold: Counter[Hashable]) -> tuple[int, int, int]:
    return (read & gold).total(), read.total(), gold.total()


def _words(text: str) -> Counter[Hashable]:
    return Counter(WORD.findall(text))


def _shingles(text: str) -> Counter[Hashable]:
    words = WORD.findall(text)
    starts = range(max(1, len(words) - 3))
    return Counter(shingle for n in starts if (shingle := tuple(words[n : n + 4])))


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


def _f1(precision: float, recall: float) -> Scores:
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0


def _mean(values: Sequence[float]) -> float:
    return mean(values) if values else 0.0
