"""Put together all that one word adds to the scores, in every field: once, then remembered.

What is kept on disk are occurrences and lengths, never scores; these are worked out of them when
a word is first asked for, and forgotten with the state of the index that they belong to.
"""

from typing import Final, NamedTuple

import numpy as np

from indexer.engines.body import find_documents
from indexer.engines.places import find_sequences
from indexer.engines.plan import Slot, Weighted
from indexer.engines.postings import Docs, Flags, PostingsReader, Scores

NO_DOCS: Final[Docs] = np.empty(0, np.intp)
DENSE: Final = 20  # a number a document is cheaper when one in so many has the word
MOST_BEST: Final = 40
# What a find adds when it adds nothing: too little to change any sum, enough to be told from none.
_NOTHING: Final = 1e-300
_END: Final = np.iinfo(np.intp).max


class Added(NamedTuple):
    """Documents in order, and what is added to the score of each."""

    docs: Docs
    scores: Scores
    padded: Docs  # the same and one that is after all others,
    padded_scores: Scores  # which adds nothing: a search among them always ends on one
    dense: Scores | None  # a number for every document of the index, when enough have one

    def add_to(self, sums: Scores) -> None:
        """Add to a number a document."""
        if self.dense is not None:
            sums += self.dense
        else:
            sums[self.docs] += self.scores

    def add_where_found(self, sums: Scores) -> None:
        """Add to the numbers that are above zero already."""
        held = sums[self.docs]
        sums[self.docs] = np.where(held > 0.0, held + self.scores, 0.0)

    def at(self, docs: Docs) -> Scores:
        """What is added to some documents, given in order."""
        if self.dense is not None:
            return self.dense[docs]
        inside, scores = self.look_up(docs)
        return np.where(inside, scores, 0.0)

    def look_up(self, docs: Docs) -> tuple[Flags, Scores]:
        """Which of some documents (in order) are here, and what is added to each."""
        places = self.padded.searchsorted(docs)
        return self.padded[places] == docs, self.padded_scores[places]


class Gathered(NamedTuple):
    """A word: where it is found, with what it adds there, and what it adds to others' finds.

    What it adds where it is found is always above zero: a sum tells what was found.
    """

    found: Added
    best: Docs  # where it adds most, that first
    top: float  # what it adds there
    others: Added
    most: float  # that it adds to another's find


def gather(slot: Slot, reader: PostingsReader) -> Gathered:
    """All of a word."""
    known: Gathered | None = reader.memory.find(slot)
    if known is None:
        known = _gather(slot, reader)
        reader.memory.keep(slot, known, _count(known.found) + _count(known.others))
    return known


def weigh(leaf: Weighted, reader: PostingsReader) -> Added:
    """The documents of a leaf and what it adds in each."""
    known: Added | None = reader.memory.find(leaf)
    if known is None:
        docs, impacts = reader.impacts(leaf.field, leaf.text)
        known = _make_added(docs, impacts * leaf.weight, reader.size)
        reader.memory.keep(leaf, known, _count(known))
    return known


def unite(lists: list[Docs], size: int) -> Docs:
    """The documents in any list, in order; `size` is how many documents the index has."""
    lists = [docs for docs in lists if docs.size]
    if not lists:
        return NO_DOCS
    if len(lists) == 1:
        return lists[0]
    if sum(map(len, lists)) * DENSE < size:
        return np.unique(np.concatenate(lists))
    matched = np.zeros(size, np.bool_)
    for docs in lists:
        matched[docs] = True
    return np.flatnonzero(matched)


def _gather(slot: Slot, reader: PostingsReader) -> Gathered:
    lists = [find_documents(field, text, reader) for field, text in slot.terms]
    lists += [find_sequences(phrase, reader) for phrase in slot.phrases]
    docs = unite(lists, reader.size)
    sums = np.zeros(reader.size)
    is_found = np.zeros(reader.size, np.bool_)
    is_found[docs] = True
    beyond = []
    for leaf in slot.leaves:
        having, impacts = reader.impacts(leaf.field, leaf.text)
        if not having.size:
            continue
        sums[having] += impacts * leaf.weight
        outside = having[~is_found[having]]
        if outside.size:
            beyond.append(outside)
    scores = np.maximum(sums[docs], _NOTHING)
    best = _order_best(scores)
    others = unite(beyond, reader.size)
    other_scores = sums[others]
    return Gathered(
        _make_added(docs, scores, reader.size),
        docs[best],
        float(scores[best[0]]) if docs.size else 0.0,
        _make_added(others, other_scores, reader.size),
        float(other_scores.max()) if others.size else 0.0,
    )


def _make_added(docs: Docs, scores: Scores, size: int) -> Added:
    """Bring scores into every shape in which they are asked for."""
    padded = np.empty(docs.size + 1, np.intp)
    padded[:-1], padded[-1] = docs, _END
    padded_scores = np.empty(scores.size + 1)
    padded_scores[:-1], padded_scores[-1] = scores, 0.0
    dense = None
    if docs.size * DENSE > size:
        dense = np.zeros(size)
        dense[docs] = scores
    return Added(padded[:-1], padded_scores[:-1], padded, padded_scores, dense)


def _order_best(scores: Scores) -> Docs:
    """The places of the highest scores, the highest first."""
    if scores.size > 4 * MOST_BEST:
        places = np.argpartition(scores, scores.size - MOST_BEST)[scores.size - MOST_BEST :]
        return places[np.argsort(-scores[places])]
    return np.argsort(-scores)[:MOST_BEST]


def _count(added: Added) -> int:
    """How many numbers are held."""
    return 2 * added.padded.size + (0 if added.dense is None else added.dense.size)
