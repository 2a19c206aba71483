"""Find words that follow one another, over arrays of their places."""

import numpy as np

from indexer.engines.body import find_documents, find_places
from indexer.engines.plan import Sequence
from indexer.engines.postings import PLACE_BITS, Docs, Flags, PlaceNumbers, PostingsReader


def find_sequences(plan: Sequence, reader: PostingsReader) -> Docs:
    """The documents where the slots follow one another, at most `slop` words between."""
    holders = [_documents(plan.field, slot, reader) for slot in plan.slots]
    common = holders[0]
    for other in sorted(holders[1:], key=len):
        common = common[is_in(common, other)]
    if not common.size:
        return np.empty(0, np.int32)
    ends = _places(plan.field, plan.slots[0], common, reader)
    for slot in plan.slots[1:]:
        following = _places(plan.field, slot, common, reader)
        # The nearest place before each: documents are too far apart to be confused.
        before = np.searchsorted(ends, following) - 1
        near = (before >= 0) & (following - ends[before] <= 1 + plan.slop)
        ends = following[near]
        if not ends.size:
            break
    docs = ends >> PLACE_BITS
    return docs[np.flatnonzero(np.diff(docs, prepend=-1))]


def _documents(field: str, slot: tuple[str, ...], reader: PostingsReader) -> Docs:
    """The documents that have any term of a slot."""
    lists = [find_documents(field, term, reader) for term in slot]
    return lists[0] if len(lists) == 1 else np.unique(np.concatenate(lists))


def _places(field: str, slot: tuple[str, ...], among: Docs, reader: PostingsReader) -> PlaceNumbers:
    """Every place of any term of a slot, in order."""
    lists = [find_places(field, term, among, reader) for term in slot]
    if len(lists) == 1:
        return lists[0]
    return np.unique(np.concatenate(lists))


def is_in(docs: Docs, other: Docs) -> Flags:
    """Which of `docs` are in `other`; both in order."""
    if not other.size:
        return np.zeros(docs.size, np.bool_)
    places = np.searchsorted(other, docs)
    places[places == other.size] = 0
    return np.asarray(other[places] == docs, np.bool_)
