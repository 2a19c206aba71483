"""Find the documents that a plan asks for, whatever they score."""

from typing import Final

import numpy as np

from indexer.engines.gathering import NO_DOCS, gather, unite
from indexer.engines.places import find_sequences, is_in
from indexer.engines.plan import (
    BooleanQuery,
    Every,
    FacetQuery,
    Ids,
    Intersection,
    PhraseQuery,
    Plan,
    Slot,
    Union,
    Words,
)
from indexer.engines.postings import Docs, PostingsReader
from indexer.index.fields import ID, split_values

# A text with both of two words scores so much more. Putting texts with all the words first
# whatever they score costs a twentieth of nDCG with three words or more (benchmarks/relevance):
# the word that says most is then in texts that nobody sees. This does it where it matters, for
# next to nothing.
BOTH: Final = 2
BOTH_FACTOR: Final = 1.15

_FILTERS: Final = (FacetQuery, Ids)  # what narrows and never ranks; or a union of such


def match(plan: Plan, reader: PostingsReader) -> Docs:
    """The documents that a plan asks for, in order of number, deleted ones still among them."""
    match plan:
        case Words(slots):
            return unite([_fill(slot, reader) for slot in slots], reader.size)
        case PhraseQuery():
            return find_sequences(plan, reader)
        case FacetQuery(name, values):
            codes, names = reader.facet(name)
            wanted = np.array(
                [not values.isdisjoint(split_values(name)) for name in names], np.bool_
            )
            return np.flatnonzero(wanted[codes])
        case Ids(ids):
            numbers = [reader.postings(ID, each)[0] for each in ids]
            return np.sort(np.concatenate([NO_DOCS, *numbers]))
        case Every():
            return np.arange(reader.size)
        case Intersection(parts):
            return intersect([match(part, reader) for part in parts])
        case Union(parts):
            return unite([match(part, reader) for part in parts], reader.size)
        case BooleanQuery(optional, required, excluded):
            if required:
                docs = intersect([match(part, reader) for part in required])
            elif optional:
                docs = unite([match(part, reader) for part in optional], reader.size)
            else:
                docs = np.arange(reader.size)
            for part in excluded:
                docs = docs[~is_in(docs, _match_whole(part, reader))]
            return docs


def find_complete(plan: Plan, reader: PostingsReader) -> tuple[Docs, float] | None:
    """The documents with both of two things asked side by side, and how much more they score."""
    match plan:
        case Words(slots):
            held = [_fill(slot, reader) for slot in slots]
        case BooleanQuery(optional) if len(optional) > 1:
            held = [match(part, reader) for part in optional]
        case BooleanQuery((only,), ()) | BooleanQuery((), (only,)):
            return find_complete(only, reader)
        case Intersection((first, *others)) if all(map(_is_filter, others)):
            return find_complete(first, reader)
        case _:
            return None
    held = [docs for docs in held if docs.size]
    return (intersect(held), BOTH_FACTOR) if len(held) == BOTH else None


def _is_filter(plan: Plan) -> bool:
    """Whether a plan narrows and never ranks."""
    if isinstance(plan, Union):
        return all(map(_is_filter, plan.parts))
    return isinstance(plan, _FILTERS)


def intersect(lists: list[Docs]) -> Docs:
    """The documents in all lists, in order; the shortest list leads."""
    if not lists:
        return NO_DOCS
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


def _fill(slot: Slot, reader: PostingsReader) -> Docs:
    """The documents that have any term of a slot."""
    return gather(slot, reader).found.docs
