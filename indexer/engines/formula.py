"""What a term adds to the score of a document that has it.

Two models of what a frequency says, added up. BM25 (Robertson and Zaragoza 2009; idf as Lucene has
it, never negative) multiplies how rare a word is by a frequency that soon stops counting. LGD
(Clinchant and Gaussier 2010, the log-logistic law) adds them: a common word counts for more where
it comes back often, a rare one at once. Each is right where the other errs
(docs/decisions/0050-ranking.md).

A text may be long because it says more or because it says the same again. How much length counts
is told by the texts themselves (Lipani, Lupu, Hanbury and Aizawa 2015, *Verboseness fission for
BM25 document length normalization*): the more they repeat their words, the more.
"""

import math
from typing import Final

import numpy as np

from indexer.engines.postings import Counts, Docs, Norm, Occurrences, PostingsReader, Scores
from indexer.index.fields import FIELD_BY_NAME, K1, REPEATED

LGD_SHARE: Final = 0.6
_ONCE: Final = 0.9  # 1 in the paper; so, length counts a little where no word comes twice


def score_term(counts: Occurrences, norm: Norm, docs: Docs, *, size: int) -> Scores:
    """What a term adds in each of its documents, weight 1.

    `norm` is of every document of the index, `counts` of `docs` alone; `size` is how many
    documents the index has.
    """
    if not docs.size:
        return np.empty(0)
    tf = counts.astype(np.float64)
    scores = saturate(tf, norm.bm25[docs])
    scores *= (1.0 - LGD_SHARE) * rarity(docs.size, size)
    law = lgd(tf, norm.lgd[docs], docs.size, size)
    law *= LGD_SHARE
    scores += law
    return scores


def rarity(count: int, size: int) -> float:
    """Lucene's idf of a term that `count` of `size` documents have."""
    return float(np.log1p((size - count + 0.5) / (count + 0.5)))


def saturate(tf: Scores, norm: Scores) -> Scores:
    """BM25's frequency: 1 where a term stands once in a text of mean length, at most k1 + 1.

    `norm` is `Norm.bm25` of the same documents as `tf`.
    """
    # In place: of short lists the price is the number of arrays that are made.
    scores: Scores = tf + norm
    np.divide(tf, scores, out=scores)
    scores *= K1 + 1.0
    return scores


def lgd(tf: Scores, norm: Scores, count: int, size: int) -> Scores:
    """How little the log-logistic law expects so many of a term that `count` documents have.

    `norm` is `Norm.lgd` of the same documents as `tf`.
    """
    scores: Scores = tf * norm
    scores *= size / count
    np.log1p(scores, out=scores)
    return scores


def find_norm(field: str, reader: PostingsReader) -> Scores:
    """What length does to a count in each document of an index: 1 in a usual one, above zero."""
    length = _divide_by_mean(reader.lengths(field))
    b = FIELD_BY_NAME[field].b
    if b is not None:
        return length_norm(length, b)
    distinct = reader.distinct()
    repetition = measure_repetition(reader.lengths(REPEATED), distinct)
    said = repetition[distinct > 0.0]
    # Exactly rounded, so that the order of the documents changes nothing.
    mean = math.fsum(said) / said.size if said.size else 1.0
    return length_norm(length, choose_b(mean), repetition / mean)


def choose_b(repetition: float) -> float:
    """How much length counts where texts have each of their words so many times, in the mean."""
    return 1.0 - _ONCE / repetition


def length_norm(length: Scores, b: float, repetition: Scores | float = 1.0) -> Scores:
    """(1 - b) repetition + b length, a number a document; both are given over their mean."""
    norm: Scores = (1.0 - b) * repetition + b * length
    return norm


def measure_repetition(lengths: Counts, distinct: Counts) -> Scores:
    """How often each text has each of its words, in the mean; 1 at least (lengths are rounded)."""
    repetition: Scores = np.maximum(lengths / np.maximum(distinct, 1.0), 1.0, dtype=np.float64)
    return repetition


def _divide_by_mean(lengths: Counts) -> Scores:
    mean = float(lengths.mean(dtype=np.float64)) if lengths.size else 0.0
    share: Scores = lengths.astype(np.float64) / (mean or 1.0)
    return share
