"""The postings of a field as columns, term after term; joined from several parts of an index.

Sorting is done by one key that holds the term and the place in the column: numpy sorts plain
numbers many times faster than it finds the order of some.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
AnyArray = NDArray[Any]
_CHUNK: Final = 2_000_000  # postings or places handled at once when parts are joined


class FieldColumns(NamedTuple):
    """All postings of one field in one part of an index."""

    terms: list[bytes]  # in order
    ends: Numbers  # of each term's postings
    docs: NDArray[np.int32]
    counts: NDArray[np.int32]
    places: NDArray[np.int32] | None  # of every posting, one after the other

    @property
    def starts(self) -> Numbers:
        """Where each term's postings begin."""
        return begin(self.ends)

    @property
    def place_ends(self) -> Numbers:
        """Where the places of each posting end."""
        return np.cumsum(self.counts, dtype=np.int64)


def begin(ends: Numbers) -> Numbers:
    """Where what ends there begins."""
    starts = np.empty_like(ends)
    starts[:1] = 0
    starts[1:] = ends[:-1]
    return starts


def differs(numbers: AnyArray) -> NDArray[np.bool_]:
    """Which of some numbers is another than the one before it; the first always is."""
    is_other = np.ones(numbers.size, np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=is_other[1:])
    return is_other


def order_by(keys: AnyArray) -> Numbers:
    """The order of some numbers (none negative), equals as they come."""
    count = max(keys.size, 1)
    bits = int(count).bit_length()
    most = int(keys.max()) if keys.size else 0
    if most.bit_length() + bits > 62:
        return np.argsort(keys, kind="stable")
    joined = (keys.astype(np.int64) << bits) | np.arange(keys.size)
    joined.sort()
    return joined & ((1 << bits) - 1)


def invert(
    names: Sequence[str],
    terms: NDArray[np.int32],
    docs: NDArray[np.int32],
    places: NDArray[np.int32] | None,
) -> FieldColumns:
    """Turn occurrences in the order of their documents into columns.

    `terms` are numbers of `names`; `places` go up within a document.
    """
    used = np.flatnonzero(np.bincount(terms, minlength=len(names))).tolist()
    named = sorted((names[number].encode(), number) for number in used)
    rank = np.zeros(len(names), np.int32)
    rank[[number for _, number in named]] = np.arange(len(named))
    ranks = rank[terms]
    order = order_by(ranks)
    ranks, docs = ranks[order], docs[order]
    first = np.flatnonzero(differs(ranks) | differs(docs))
    return FieldColumns(
        [name for name, _ in named],
        np.cumsum(np.bincount(ranks[first], minlength=len(named)), dtype=np.int64),
        docs[first],
        np.diff(first, append=ranks.size).astype(np.int32),
        None if places is None else places[order],
    )


def join_columns(parts: Sequence[FieldColumns]) -> Iterator[FieldColumns]:
    """All postings of several parts, each with documents above those before, in pieces.

    A piece holds whole terms, after those of the piece before.
    """
    if len(parts) == 1:
        yield parts[0]
        return
    names = sorted(set().union(*(part.terms for part in parts)))
    number = {name: place for place, name in enumerate(names)}
    ranks = [np.array([number[name] for name in part.terms], np.int64) for part in parts]
    totals = np.zeros(len(names), np.int64)  # what each term costs
    for part, held in zip(parts, ranks, strict=True):
        place_ends = part.place_ends[part.ends - 1]
        totals[held] += np.diff(place_ends if part.places is not None else part.ends, prepend=0)
    piece = np.cumsum(totals) // _CHUNK
    cuts = [*(np.flatnonzero(np.diff(piece)) + 1).tolist(), len(names)]
    start = 0
    for end in cuts:
        yield _join_piece(parts, ranks, names, start, end)
        start = end


def _join_piece(
    parts: Sequence[FieldColumns], ranks: list[Numbers], names: list[bytes], start: int, end: int
) -> FieldColumns:
    """The postings of the terms from `start` to before `end`."""
    terms, docs, counts, places = [], [], [], []
    for part, held in zip(parts, ranks, strict=True):
        first, last = np.searchsorted(held, (start, end)).tolist()
        if first == last:
            continue
        low = int(part.ends[first - 1]) if first else 0
        high = int(part.ends[last - 1])
        sizes = np.diff(part.ends[first:last], prepend=low)
        terms.append(np.repeat(held[first:last] - start, sizes))
        docs.append(part.docs[low:high])
        counts.append(part.counts[low:high])
        if part.places is not None:
            place_ends = part.place_ends
            places.append(
                part.places[int(place_ends[low - 1]) if low else 0 : int(place_ends[high - 1])]
            )
    all_terms, all_counts = np.concatenate(terms), np.concatenate(counts)
    order = order_by(all_terms)
    joined = None
    if places:
        joined = np.concatenate(places)[order_by(np.repeat(all_terms, all_counts))]
    return FieldColumns(
        names[start:end],
        np.cumsum(np.bincount(all_terms, minlength=end - start), dtype=np.int64),
        np.concatenate(docs)[order],
        all_counts[order],
        joined,
    )
