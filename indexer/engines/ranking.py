"""Carry out a plan over arrays of postings, and keep the best.

First which documents match, then what they score: the sum of weight x BM25 over the leaves of the
plan (Robertson and Zaragoza 2009, with Lucene's idf, which is never negative). Sums are doubles,
added in the order of the plan, so that a question has one answer whoever keeps the postings.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from indexer.engines.body import find_documents
from indexer.engines.places import find_sequences, is_in
from indexer.engines.plan import (
    Choice,
    Every,
    Facet,
    Ids,
    Intersection,
    Plan,
    Sequence,
    Term,
    Union,
    Weighted,
    Words,
)
from indexer.engines.postings import Docs, PostingsReader, Scores
from indexer.index.fields import BODY, FIELD_BY_NAME, ID

# A text with all the words side by side scores so much more. Putting such texts first whatever
# they score costs a twentieth of nDCG with three words or more (benchmarks/relevance): the word
# that says most is then in texts that nobody sees. These factors do it where it matters, for
# next to nothing.
COMPLETE_FACTORS: Final = {2: 1.3}
COMPLETE_FACTOR: Final = 1.0

_FILTERS: Final = (Facet, Ids)  # what narrows and never ranks
_NO_DOCS: Final = np.empty(0, np.int32)
_SAMPLE: Final = 2_000
_DENSE: Final = 16  # sum over all documents when one in so many matches


@dataclass(frozen=True, slots=True)
class Answer:
    """All documents that match, in order of number; the best, with their scores."""

    matched: Docs
    best: Docs
    scores: Scores


def find_best(plan: Plan, reader: PostingsReader, limit: int) -> Answer:
    """The `limit` best documents: by score; the lower number breaks ties."""
    leaves = collect_leaves(plan)
    firm = [leaf for leaf in leaves if not FIELD_BY_NAME[leaf.field].is_soft]
    soft = [leaf for leaf in leaves if FIELD_BY_NAME[leaf.field].is_soft]
    if isinstance(plan, Words) and not _is_in_body(plan):
        sums = _sum_all(firm, reader)
        matched: Docs = np.flatnonzero(sums > 0.0)  # a word found adds something, always
        scores = (sums + _sum_all(soft, reader))[matched]
    else:
        matched = match(plan, reader)
        if matched.size * _DENSE > reader.size:
            scores = (_sum_all(firm, reader) + _sum_all(soft, reader))[matched]
        else:
            scores = _sum_at(firm, matched, reader) + _sum_at(soft, matched, reader)
    if not reader.all_live:
        alive = reader.live[matched]
        matched, scores = matched[alive], scores[alive]
    for docs, factor in find_complete(plan, reader):
        scores = np.where(is_in(matched, docs), scores * factor, scores)
    best, kept = _pick(matched, scores, limit)
    return Answer(matched, best, kept)


def _is_in_body(plan: Words) -> bool:
    """Whether words are looked for in a part of the field that scores them."""
    return any(field == BODY for slot in plan.slots for field, _ in slot)


def match(plan: Plan, reader: PostingsReader) -> Docs:
    """The documents that a plan asks for, in order of number, deleted ones still among them."""
    match plan:
        case Words(slots):
            return _unite([_fill(slot, reader) for slot in slots], reader.size)
        case Sequence():
            return find_sequences(plan, reader)
        case Facet(name, values):
            codes, names = reader.facet(name)
            wanted = np.array([value in values for value in names], np.bool_)
            return np.flatnonzero(wanted[codes])
        case Ids(ids):
            numbers = [reader.postings(ID, each)[0] for each in ids]
            return np.sort(np.concatenate([_NO_DOCS, *numbers]))
        case Every():
            return np.arange(reader.size)
        case Intersection(parts):
            return intersect([match(part, reader) for part in parts])
        case Union(parts):
            return _unite([match(part, reader) for part in parts], reader.size)
        case Choice(optional, required, excluded):
            if required:
                docs = intersect([match(part, reader) for part in required])
            elif optional:
                docs = _unite([match(part, reader) for part in optional], reader.size)
            else:
                docs = np.arange(reader.size)
            for part in excluded:
                docs = docs[~is_in(docs, _match_whole(part, reader))]
            return docs


def collect_leaves(plan: Plan) -> list[Weighted]:
    """All that adds to the score, in the order of the plan."""
    match plan:
        case Words(_, leaves) | Sequence(leaves=leaves):
            return list(leaves)
        case Intersection(parts) | Union(parts):
            return [leaf for part in parts for leaf in collect_leaves(part)]
        case Choice(optional, required):
            return [leaf for part in required + optional for leaf in collect_leaves(part)]
        case Facet() | Ids() | Every():
            return []


def find_complete(plan: Plan, reader: PostingsReader) -> list[tuple[Docs, float]]:
    """The documents with all that was asked side by side, and how much more they score."""
    match plan:
        case Words(slots):
            held = [_fill(slot, reader) for slot in slots]
        case Choice(optional) if len(optional) > 1:
            held = [match(part, reader) for part in optional]
        case Choice((only,), ()) | Choice((), (only,)):
            return find_complete(only, reader)
        case Intersection((first, *others)) if all(isinstance(each, _FILTERS) for each in others):
            return find_complete(first, reader)
        case _:
            return []
    held = [docs for docs in held if docs.size]
    if len(held) < 2:
        return []
    factor = COMPLETE_FACTORS.get(len(held), COMPLETE_FACTOR)
    return [(intersect(held), factor)] if factor != 1.0 else []


def intersect(lists: list[Docs]) -> Docs:
    """The documents in all lists, in order; the shortest list leads."""
    if not lists:
        return _NO_DOCS
    ordered = sorted(lists, key=len)
    docs = ordered[0]
    for other in ordered[1:]:
        docs = docs[is_in(docs, other)]
    return docs


def _match_whole(plan: Plan, reader: PostingsReader) -> Docs:
    """Documents with all the words of a plan: what "-(a b)" takes away."""
    if isinstance(plan, Words):
        return intersect([_fill(slot, reader) for slot in plan.slots])
    return match(plan, reader)


def _fill(slot: Iterable[Term], reader: PostingsReader) -> Docs:
    """The documents that have any term of a slot."""
    lists = [find_documents(field, text, reader) for field, text in slot]
    return _unite(lists, reader.size)


def _unite(lists: list[Docs], size: int) -> Docs:
    """The documents in any list, in order."""
    lists = [docs for docs in lists if docs.size]
    if not lists:
        return _NO_DOCS
    if len(lists) == 1:
        return lists[0]
    if sum(map(len, lists)) * _DENSE < size:
        return np.unique(np.concatenate(lists))
    matched = np.zeros(size, np.bool_)
    for docs in lists:
        matched[docs] = True
    return np.flatnonzero(matched)


def _sum_all(leaves: list[Weighted], reader: PostingsReader) -> Scores:
    """The score of every document of the index."""
    docs, scores = [], []
    for leaf in leaves:
        having, impacts = reader.impacts(leaf.field, leaf.text)
        if having.size:
            docs.append(having)
            scores.append(leaf.weight * impacts)
    if not docs:
        return np.zeros(reader.size)
    sums = np.bincount(np.concatenate(docs), np.concatenate(scores), reader.size)
    return np.asarray(sums, np.float64)


def _sum_at(leaves: list[Weighted], docs: Docs, reader: PostingsReader) -> Scores:
    """The score of some documents."""
    sums = np.zeros(docs.size)
    for leaf in leaves:
        having, impacts = reader.impacts(leaf.field, leaf.text)
        if not having.size:
            continue
        places = np.searchsorted(having, docs)
        places[places == having.size] = 0
        sums += np.where(having[places] == docs, leaf.weight * impacts[places], 0.0)
    return sums


def _pick(docs: Docs, scores: Scores, limit: int) -> tuple[Docs, Scores]:
    """The best of some documents, and their scores."""
    if docs.size > _SAMPLE and limit < _SAMPLE // 4:
        # The limit-th best of a sample is no better than the limit-th best of all.
        sample = scores[:: docs.size // _SAMPLE]
        least = np.partition(sample, sample.size - limit)[sample.size - limit]
        kept = np.flatnonzero(scores >= least)
        docs, scores = docs[kept], scores[kept]
    order = np.lexsort((docs, -scores))[:limit]
    return docs[order], scores[order]
