"""What a term adds to the score of a document that has it.

Two models of what a frequency says, added up. BM25 (Robertson and Zaragoza 2009; idf as Lucene has
it, never negative) multiplies how rare a word is by a frequency that soon stops counting. LGD
(Clinchant and Gaussier 2010, the log-logistic law) adds them: a common word counts for more where
it comes back often, a rare one at once. Each is right where the other errs
(docs/decisions/0050-ranking.md).
"""

from typing import Final

import numpy as np

from indexer.engines.postings import Counts, Docs, Scores
from indexer.index.fields import K1

LGD_SHARE: Final = 0.6


def score_term(counts: Counts, norm: Scores, docs: Docs, *, size: int) -> Scores:
    """What a term adds in each of its documents, weight 1.

    `norm` is of every document of the index, `counts` of `docs` alone; `size` is how many
    documents the index has.
    """
    if not docs.size:
        return np.empty(0)
    tf = counts.astype(np.float64)
    lengths = norm[docs]
    bm25 = rarity(docs.size, size) * saturate(tf, lengths)
    scores: Scores = (1.0 - LGD_SHARE) * bm25 + LGD_SHARE * lgd(tf, lengths, docs.size, size)
    return scores


def rarity(count: int, size: int) -> float:
    """Lucene's idf of a term that `count` of `size` documents have."""
    return float(np.log1p((size - count + 0.5) / (count + 0.5)))


def saturate(tf: Scores, norm: Scores) -> Scores:
    """BM25's frequency: 1 where a term stands once in a text of mean length, at most k1 + 1."""
    scores: Scores = (K1 + 1.0) * tf / (tf + K1 * norm)
    return scores


def lgd(tf: Scores, norm: Scores, count: int, size: int) -> Scores:
    """How little the log-logistic law expects so many of a term that `count` documents have."""
    scores: Scores = np.log1p(tf * np.log1p(1.0 / norm) * (size / count))
    return scores


def length_norm(lengths: Counts, average: float, b: float) -> Scores:
    """1 - b + b length / average, a number a document."""
    norm: Scores = 1.0 - b + b * lengths.astype(np.float64) / average
    return norm
