"""Carry out a plan over arrays of postings, and keep the best.

A score is the sum of weight x BM25 over the leaves of the plan (Robertson and Zaragoza 2009, with
Lucene's idf, which is never negative). Everything is computed in doubles, in the order of the
plan, so that the same question has the same answer whoever keeps the postings.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from indexer.engines.plan import (
    Choice,
    Every,
    Facet,
    Intersection,
    Plan,
    Sequence,
    Term,
    Union,
    Weighted,
    Words,
)
from indexer.engines.postings import Docs, Flags, PostingsReader, Scores
from indexer.index.fields import FIELD_BY_NAME, K1

_NO_DOCS = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True)
class Found:
    """Documents in order of number, their scores, and which have all that was asked."""

    docs: Docs
    scores: Scores
    complete: Flags


def weigh(leaf: Weighted, reader: PostingsReader) -> tuple[Docs, Scores]:
    """What a leaf adds to each document that has it."""
    docs, counts = reader.postings(leaf.field, leaf.text)
    if not docs.size:
        return _NO_DOCS, np.empty(0)
    lengths = reader.lengths(leaf.field)[docs].astype(np.float64)
    return docs, score_counts(
        counts.astype(np.float64),
        lengths,
        document_count=docs.size,
        size=reader.size,
        average_length=reader.average_length(leaf.field),
        b=FIELD_BY_NAME[leaf.field].b,
        weight=leaf.weight,
    )


def score_counts(
    counts: Scores,
    lengths: Scores,
    *,
    document_count: int,
    size: int,
    average_length: float,
    b: float,
    weight: float,
) -> Scores:
    """Weight x BM25 of occurrences in documents of these lengths."""
    idf = np.log1p((size - document_count + 0.5) / (document_count + 0.5))
    norm = K1 * (1.0 - b + b * lengths / average_length)
    scores: Scores = (weight * idf * (K1 + 1.0)) * (counts / (counts + norm))
    return scores


def evaluate(plan: Plan, reader: PostingsReader) -> Found:
    """The documents that a plan asks for, deleted ones still among them."""
    match plan:
        case Words(slots, leaves):
            return _evaluate_words(slots, leaves, reader)
        case Sequence():
            return _evaluate_sequence(plan, reader)
        case Facet(name, values):
            codes, names = reader.facet(name)
            wanted = [code for code, value in enumerate(names) if value in values]
            return _unscored(np.flatnonzero(np.isin(codes, wanted)))
        case Every():
            return _unscored(np.arange(reader.size))
        case Intersection(parts):
            return _intersect([evaluate(part, reader) for part in parts])
        case Union(parts):
            return _unite([evaluate(part, reader) for part in parts], reader.size)
        case Choice(optional, required, excluded):
            return _choose(
                [evaluate(part, reader) for part in optional],
                [evaluate(part, reader) for part in required],
                [evaluate(part, reader) for part in excluded],
                reader.size,
            )


def keep_live(found: Found, reader: PostingsReader) -> Found:
    """The same without deleted documents."""
    alive = reader.live[found.docs]
    if alive.all():
        return found
    return Found(found.docs[alive], found.scores[alive], found.complete[alive])


def find_best(found: Found, limit: int) -> Docs:
    """The best documents: complete ones first, then by score; the lower number breaks ties."""
    order = np.lexsort((found.docs, -found.scores, ~found.complete))
    return found.docs[order[:limit]]


def _unscored(docs: np.ndarray) -> Found:
    return Found(docs.astype(np.int32), np.zeros(docs.size), np.ones(docs.size, np.bool_))


def _evaluate_words(
    slots: tuple[tuple[Term, ...], ...], leaves: tuple[Weighted, ...], reader: PostingsReader
) -> Found:
    sums = np.zeros(reader.size)
    for leaf in leaves:
        docs, scores = weigh(leaf, reader)
        sums[docs] += scores
    fillings = [_fill(slot, reader) for slot in slots]
    known = [filling for filling in fillings if filling.size]
    if not known:
        return _unscored(_NO_DOCS)
    matched = known[0] if len(known) == 1 else np.unique(np.concatenate(known))
    complete = _in_all(matched, known)
    return Found(matched, sums[matched], complete)


def _fill(slot: Iterable[Term], reader: PostingsReader) -> Docs:
    """The documents that have any term of a slot."""
    lists = [reader.postings(field, text)[0] for field, text in slot]
    lists = [docs for docs in lists if docs.size]
    if not lists:
        return _NO_DOCS
    return lists[0] if len(lists) == 1 else np.unique(np.concatenate(lists))


def _in_all(docs: Docs, lists: list[Docs]) -> Flags:
    """Which of `docs` are in every list."""
    inside = np.ones(docs.size, np.bool_)
    for each in lists:
        inside &= _is_in(docs, each)
    return inside


def _is_in(docs: Docs, other: Docs) -> Flags:
    """Which of `docs` are in `other`; both in order."""
    if not other.size:
        return np.zeros(docs.size, np.bool_)
    places = np.searchsorted(other, docs)
    places[places == other.size] = 0
    return np.asarray(other[places] == docs, np.bool_)


def _intersect(parts: list[Found]) -> Found:
    if not parts:
        return _unscored(_NO_DOCS)
    docs = min((part.docs for part in parts), key=len)
    docs = docs[_in_all(docs, [part.docs for part in parts])]
    scores = np.zeros(docs.size)
    complete = np.ones(docs.size, np.bool_)
    for part in parts:
        places = np.searchsorted(part.docs, docs)
        scores += part.scores[places]
        complete &= part.complete[places]
    return Found(docs, scores, complete)


def _unite(parts: list[Found], size: int) -> Found:
    sums = np.zeros(size)
    matched = np.zeros(size, np.bool_)
    complete = np.zeros(size, np.bool_)
    for part in parts:
        sums[part.docs] += part.scores
        matched[part.docs] = True
        complete[part.docs] |= part.complete
    docs = np.flatnonzero(matched).astype(np.int32)
    return Found(docs, sums[docs], complete[docs])


def _choose(
    optional: list[Found], required: list[Found], excluded: list[Found], size: int
) -> Found:
    if required:
        base = _intersect(required)
    elif optional:
        base = _unite(optional, size)
    else:
        base = _unscored(np.arange(size))
    scores = base.scores.copy()
    complete = base.complete.copy() if required else np.ones(base.docs.size, np.bool_)
    for part in optional:
        inside = _is_in(base.docs, part.docs)
        places = np.searchsorted(part.docs, base.docs[inside])
        if required:
            scores[inside] += part.scores[places]
        has_all = np.zeros(base.docs.size, np.bool_)
        has_all[inside] = part.complete[places]
        if part.docs.size:
            complete &= has_all
    kept = np.ones(base.docs.size, np.bool_)
    for part in excluded:
        kept &= ~_is_in(base.docs, part.docs[part.complete])
    return Found(base.docs[kept], scores[kept], complete[kept])


def _evaluate_sequence(plan: Sequence, reader: PostingsReader) -> Found:
    docs = _find_sequences(plan, reader)
    scores = np.zeros(docs.size)
    for leaf in plan.leaves:
        having, added = weigh(leaf, reader)
        inside = _is_in(docs, having)
        scores[inside] += added[np.searchsorted(having, docs[inside])]
    return Found(docs, scores, np.ones(docs.size, np.bool_))


def _find_sequences(plan: Sequence, reader: PostingsReader) -> Docs:
    """The documents where the slots follow one another."""
    places = []
    for slot in plan.slots:
        in_docs: dict[int, set[int]] = {}
        for term in slot:
            for doc, positions in reader.positions(plan.field, term):
                in_docs.setdefault(doc, set()).update(positions)
        places.append(in_docs)
    if not places:
        return _NO_DOCS
    common = set(places[0]).intersection(*places[1:])
    found = [doc for doc in common if _follows([each[doc] for each in places], plan.slop)]
    return np.array(sorted(found), np.int32)


def _follows(places: list[set[int]], slop: int) -> bool:
    """Whether a place of each set follows one of the set before, at most `slop` between."""
    ends = places[0]
    for following in places[1:]:
        ends = {
            place for end in ends for place in range(end + 1, end + 2 + slop) if place in following
        }
        if not ends:
            return False
    return True
