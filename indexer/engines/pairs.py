"""Work out of the places of words which two stand side by side, and how often.

What is on disk is one number a pair, its left term's above its right term's; the terms are those
of the field that has the places.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.engines.columns import FieldColumns, Numbers, differs
from indexer.engines.postings import PLACE_BITS, PlaceNumbers, Postings

Small = NDArray[np.int32]

RIGHT_BITS: Final = 32
_CHUNK: Final = 500_000  # places or pairs looked at together
_LAST: Final = np.iinfo(np.int64).max
_NONE: Final = np.empty(0, np.int64)


class PairColumns(NamedTuple):
    """The postings of every pair of one part of an index, in order of the pairs."""

    pairs: Numbers
    ends: Numbers
    docs: Small
    counts: Small


def find_pairs(columns: FieldColumns) -> PairColumns:
    """Every pair of a field that has places."""
    found = [_pair(*some) for some in _by_documents(columns)]
    joined = list(_join(found))
    del found
    return PairColumns(
        np.concatenate([_NONE, *(each.pairs for each in joined)]),
        np.cumsum(np.concatenate([_NONE, *(each.ends for each in joined)]), dtype=np.int64),
        np.concatenate([_NONE.astype(np.int32), *(each.docs for each in joined)]),
        np.concatenate([_NONE.astype(np.int32), *(each.counts for each in joined)]),
    )


def _join(parts: list[tuple[Numbers, Small, Small]]) -> Iterator[PairColumns]:
    """The parts as one, pairs in order, a range of pairs at a time; `ends` are sizes here."""
    total = sum(pairs.size for pairs, _, _ in parts)
    if not total:
        return
    sample = np.sort(np.concatenate([pairs[:: 1 + pairs.size // 1_000] for pairs, _, _ in parts]))
    cuts = sample[:: 1 + sample.size * _CHUNK // total]
    bounds = [0, *np.unique(cuts[1:]).tolist(), _LAST]
    for low, high in pairwise(bounds):
        inside = [slice(*pairs.searchsorted((low, high))) for pairs, _, _ in parts]
        pairs = np.concatenate([part[0][cut] for part, cut in zip(parts, inside, strict=True)])
        docs = np.concatenate([part[1][cut] for part, cut in zip(parts, inside, strict=True)])
        counts = np.concatenate([part[2][cut] for part, cut in zip(parts, inside, strict=True)])
        order = np.argsort(pairs, kind="stable")
        different, sizes = np.unique(pairs, return_counts=True)
        yield PairColumns(different, sizes, docs[order], counts[order])


def count_side_by_side(left: PlaceNumbers, right: PlaceNumbers) -> Postings:
    """The documents where a place of `right` comes right after one of `left`, and how often."""
    after = np.searchsorted(right, left + 1, "right") - np.searchsorted(right, left + 1)
    kept = np.flatnonzero(after)
    docs, first = np.unique(left[kept] >> PLACE_BITS, return_index=True)
    if not docs.size:
        return docs.astype(np.int32), np.empty(0, np.float32)
    return docs.astype(np.int32), np.add.reduceat(after[kept], first).astype(np.float32)


def _by_documents(columns: FieldColumns) -> Iterator[tuple[Small, Small, Small]]:
    """Terms, documents and places, some documents at a time."""
    if columns.places is None or not columns.docs.size:
        return
    sizes = np.diff(columns.ends, prepend=0)
    terms = np.repeat(np.arange(sizes.size, dtype=np.int32), sizes)
    by_document = np.bincount(columns.docs, columns.counts)
    piece = (np.cumsum(by_document) // _CHUNK).astype(np.int32)
    of_posting = piece[columns.docs]
    for number in range(int(piece[-1]) + 1):
        chosen = np.flatnonzero(of_posting == number)
        counts = columns.counts[chosen]
        inside = np.repeat(of_posting == number, columns.counts)
        yield (
            np.repeat(terms[chosen], counts),
            np.repeat(columns.docs[chosen], counts),
            columns.places[inside],
        )


def _pair(
    terms: NDArray[np.int32], docs: NDArray[np.int32], places: Small
) -> tuple[Numbers, NDArray[np.int32], NDArray[np.int32]]:
    """The pairs of some documents: pair, document, how often; by pair, then by document."""
    numbers = (docs.astype(np.int64) << PLACE_BITS) + places
    order = np.argsort(numbers, kind="stable")
    numbers, terms = numbers[order], terms[order]
    different, first, sizes = np.unique(numbers, return_index=True, return_counts=True)
    goes_on = np.flatnonzero(different[1:] == different[:-1] + 1)
    # Several terms may stand at one place: each goes with each of the next place.
    left_sizes, right_sizes = sizes[goes_on], sizes[goes_on + 1]
    many = left_sizes * right_sizes
    group = np.repeat(np.arange(goes_on.size), many)
    within = np.arange(group.size) - np.repeat(np.cumsum(many) - many, many)
    left = terms[first[goes_on][group] + within // right_sizes[group]]
    right = terms[first[goes_on + 1][group] + within % right_sizes[group]]
    doc = (different[goes_on][group] >> PLACE_BITS).astype(np.int32)
    pairs = (left.astype(np.int64) << RIGHT_BITS) | right
    order = np.argsort(pairs, kind="stable")
    pairs, doc = pairs[order], doc[order]
    start = np.flatnonzero(differs(pairs) | differs(doc))
    return pairs[start], doc[start], np.diff(start, append=pairs.size).astype(np.int32)
