"""nDCG@10, MRR@10 and Recall@100, as trec_eval and ir-measures have them."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from benchmarks.relevance.collections import Collection

MEASURES: Final = ("nDCG@10", "MRR@10", "R@100")
DEPTH: Final = 100


def measure(collection: Collection, search: Callable[[str], Sequence[str]]) -> dict[str, float]:
    """The mean of each measure: over the queries of a group, then over groups."""
    groups: dict[str, list[tuple[float, float, float]]] = {}
    for topic in collection.topics:
        run = list(dict.fromkeys(search(topic.text)))[:DEPTH]
        groups.setdefault(topic.group, []).append(
            (
                compute_ndcg(run, topic.relevance),
                compute_mrr(run, topic.relevance),
                compute_recall(run, topic.relevance),
            )
        )
    means = [
        [sum(column) / len(column) for column in zip(*rows, strict=True)]
        for rows in groups.values()
    ]
    return {
        name: sum(column) / len(column)
        for name, column in zip(MEASURES, zip(*means, strict=True), strict=True)
    }


def compute_ndcg(run: Sequence[str], relevance: Mapping[str, int], *, depth: int = 10) -> float:
    """Gain grade / log2(rank + 1), over that of the best order (Järvelin and Kekäläinen 2002)."""
    gained = sum(
        relevance.get(document, 0) / math.log2(rank + 2)
        for rank, document in enumerate(run[:depth])
    )
    best = sorted(relevance.values(), reverse=True)[:depth]
    possible = sum(grade / math.log2(rank + 2) for rank, grade in enumerate(best))
    return gained / possible if possible else 0.0


def compute_mrr(run: Sequence[str], relevance: Mapping[str, int], *, depth: int = 10) -> float:
    """One over the rank of the first answer."""
    for rank, document in enumerate(run[:depth], 1):
        if relevance.get(document, 0) > 0:
            return 1.0 / rank
    return 0.0


def compute_recall(run: Sequence[str], relevance: Mapping[str, int]) -> float:
    """How many of all answers are in the first hundred."""
    answers = {document for document, grade in relevance.items() if grade > 0}
    return len(answers & set(run[:DEPTH])) / len(answers) if answers else 0.0
