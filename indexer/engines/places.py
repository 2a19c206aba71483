"""Find words that follow one another, over arrays of their places."""

from typing import Final

import numpy as np

from indexer.engines.body import find_places
from indexer.engines.columns import differs
from indexer.engines.plan import PhraseQuery
from indexer.engines.postings import PLACE_BITS, Docs, Flags, PlaceNumbers, PostingsReader

_NONE: Final = np.empty(0, np.int64)


def find_sequences(plan: PhraseQuery, reader: PostingsReader) -> Docs:
    """The documents where the terms follow one another, at most `slop` words between."""
    places = [_find_places(plan.field, terms, reader) for terms in plan.terms]
    if not all(each.size for each in places):
        return _NONE
    ends = places[0]
    for following in places[1:]:
        ends = _follow(ends, following) if not plan.slop else _near(ends, following, plan.slop)
        if not ends.size:
            return _NONE
    docs = ends >> PLACE_BITS
    return docs[differs(docs)]


def _follow(ends: PlaceNumbers, following: PlaceNumbers) -> PlaceNumbers:
    """Those of `following` that come right after one of `ends`; the fewer are looked up."""
    if ends.size < following.size:
        wanted = ends + 1
        return wanted[is_in(wanted, following)]
    return following[is_in(following - 1, ends)]


def _near(ends: PlaceNumbers, following: PlaceNumbers, slop: int) -> PlaceNumbers:
    """Those of `following` with one of `ends` before them and at most `slop` places between."""
    # The nearest place before each: documents are too far apart to be confused.
    before = np.searchsorted(ends, following) - 1
    near = (before >= 0) & (following - ends[before] <= 1 + slop)
    return following[near]


def _find_places(field: str, terms: tuple[str, ...], reader: PostingsReader) -> PlaceNumbers:
    """Every place of any of some terms, in order."""
    if len(terms) == 1:
        return find_places(field, terms[0], reader)
    key = ("places", field, terms)
    known: PlaceNumbers | None = reader.memory.find(key)
    if known is None:
        lists = [find_places(field, term, reader) for term in terms]
        known = np.unique(np.concatenate(lists)) if lists else _NONE
        reader.memory.keep(key, known, known.size)
    return known


def is_in(numbers: Docs, others: Docs) -> Flags:
    """Which of some numbers are among others; both in order."""
    if not others.size:
        return np.zeros(numbers.size, np.bool_)
    places = others.searchsorted(numbers)
    np.minimum(places, others.size - 1, out=places)
    return np.asarray(others[places] == numbers, np.bool_)
