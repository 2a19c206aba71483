"""Add up words over the whole index, and keep the best: the two questions that are asked most.

Any of some words, by a number a document that each word adds to; all of some words, by looking
the documents of the rarest up among the others'. What is remembered of a word (`gathering`) makes
both a matter of a few additions.
"""

import threading
from dataclasses import dataclass
from typing import Final

import numpy as np

from indexer.engines.gathering import MOST_BEST, NO_DOCS, Added, Gathered, unite
from indexer.engines.matching import BOTH, BOTH_FACTOR
from indexer.engines.places import is_in
from indexer.engines.postings import Docs, PostingsReader, Scores

_SAMPLE: Final = 2_000
_MANY: Final = 300
_SPARSE: Final = 10  # go by the words' own documents while the index has so many times more
_LEAST: Final = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True)
class TopHits:
    """All documents that match, in order of number; the best, with their scores."""

    matched: Docs
    best: Docs
    scores: Scores


class _Buffer(threading.local):
    """A number a document, whatever it was for the question before; one a thread."""

    sums: Scores = np.empty(0)

    def fit(self, size: int) -> Scores:
        """Have a number for every document of an index."""
        if self.sums.size != size:
            self.sums = np.empty(size)
        return self.sums


_buffer: Final = _Buffer()


def find_any(
    words: list[Gathered],
    common: list[Added],
    reader: PostingsReader,
    limit: int,
    *,
    is_counted: bool,
) -> TopHits:
    """The best documents with any of some words.

    `common` is what several words add together. Without `is_counted`, `matched` is left empty.
    """
    # What words add to what others find; a word that nothing has may still have its beginning.
    others = [word.others for word in words if word.most]
    most = sum([word.most for word in words])
    words = [word for word in words if word.found.docs.size]
    if not words:
        return TopHits(NO_DOCS, NO_DOCS, np.empty(0))
    first, *rest = words
    is_alone = not rest and not common and all(each is first.others for each in others)
    if is_alone and reader.all_live:
        docs, scores, *_ = first.found
        if limit <= MOST_BEST:
            least = scores[docs.searchsorted(first.best[:limit][-1])]
            kept = np.flatnonzero(scores >= least)
            return TopHits(docs, *pick(docs[kept], scores[kept], limit))
        return TopHits(docs, *pick(docs, scores, limit))
    sums = _buffer.fit(reader.size)
    both = _add_up(words, sums)
    for added in common:
        added.add_where_found(sums)
    if both.size:
        sums[both] *= BOTH_FACTOR
    if not reader.all_live:
        sums[reader.dead] = 0.0
    # What words add to the finds of others is looked up at the end, where it may matter.
    beyond = BOTH_FACTOR * most
    least = max(_find_least(words, sums, limit) - beyond, _LEAST)
    lists = [word.found.docs for word in words]
    if _SPARSE * sum(map(len, lists)) < reader.size:
        kept = unite([docs[sums[docs] >= least] for docs in lists], reader.size)
    else:
        kept = (sums >= least).nonzero()[0]
    scores = sums[kept]
    if kept.size > _MANY and limit < _MANY:
        least = np.partition(scores, kept.size - limit)[kept.size - limit] - beyond
        inside = scores >= least
        kept, scores = kept[inside], scores[inside]
    if others:
        more = others[0].at(kept)
        for added in others[1:]:
            more = more + added.at(kept)
        if both.size:
            more[is_in(kept, both)] *= BOTH_FACTOR
        scores += more
    matched = np.flatnonzero(sums > 0.0) if is_counted else NO_DOCS
    return TopHits(matched, *pick(kept, scores, limit))


def _add_up(words: list[Gathered], sums: Scores) -> Docs:
    """Put the sum of every word in `sums`; gives the documents that have both, of two words."""
    first, *rest = sorted((word.found for word in words), key=_size, reverse=True)
    if first.dense is not None:
        sums[:] = first.dense
    else:
        sums.fill(0.0)
        sums[first.docs] = first.scores
    both = NO_DOCS
    if len(words) == BOTH:
        docs = rest[0].docs
        both = docs[sums[docs] > 0.0]
    for added in rest:
        added.add_to(sums)
    return both


def _find_least(words: list[Gathered], sums: Scores, limit: int) -> float:
    """What the last of the best must reach: where one word adds most, so many reach that."""
    if limit > MOST_BEST:
        return 0.0
    enough = [word for word in words if word.best.size >= limit]
    if not enough:
        return 0.0
    return float(np.minimum.reduce(sums[max(enough, key=_top).best[:limit]]))


def _top(word: Gathered) -> float:
    return word.top


def find_all(words: list[Gathered], reader: PostingsReader, limit: int) -> TopHits:
    """The best documents with all of some words."""
    ordered = sorted((word.found for word in words), key=_size)
    docs, scores, *_ = ordered[0]
    for added in ordered[1:]:
        if added.dense is not None:
            more = added.dense[docs]
            inside = more > 0.0
        else:
            inside, more = added.look_up(docs)
        docs, scores = docs[inside], scores[inside] + more[inside]
    if not reader.all_live:
        alive = reader.live[docs]
        docs, scores = docs[alive], scores[alive]
    return TopHits(docs, *pick(docs, scores, limit))


def pick(docs: Docs, scores: Scores, limit: int) -> tuple[Docs, Scores]:
    """The best of some documents (in order), and their scores; the lower number breaks ties."""
    if docs.size > _SAMPLE and limit < _SAMPLE // 4:
        # The limit-th best of a sample is no better than the limit-th best of all.
        sample = scores[:: docs.size // _SAMPLE]
        least = np.partition(sample, sample.size - limit)[sample.size - limit]
        kept = np.flatnonzero(scores >= least)
        docs, scores = docs[kept], scores[kept]
    order = np.argsort(-scores, kind="stable")[:limit]
    return docs[order], scores[order]


def _size(added: Added) -> int:
    return added.docs.size
