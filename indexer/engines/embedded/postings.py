"""Postings as arrays: of one field in columns, of a term as ranking reads them, of pairs of words.

Sorting is done by one key that holds the term and the place in the column: numpy sorts plain
numbers many times faster than it finds the order of some. `reader` reads postings from the files of
segments, mapped into memory; `shown` leaves documents out. Documents are numbered from 0 across
segments.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.engines.planning.lexicon import Memory
from indexer.index.fields import FIELD_BY_NAME, FIELDS, K1

Numbers = NDArray[np.int64]
AnyArray = NDArray[Any]
_CHUNK: Final = 2_000_000  # postings or places handled at once when parts are joined


class FieldColumns(NamedTuple):
    """All postings of one field in one part of an index."""

    terms: list[bytes]  # in order
    ends: Numbers  # of each term's postings
    docs: NDArray[np.int32]
    counts: NDArray[np.int32]
    places: AnyArray | None  # of every posting, one after the other

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
    """Give the order of some numbers (none negative), equals as they come."""
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
    """Give the postings of the terms from `start` to before `end`."""
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


Docs = NDArray[np.signedinteger[Any]]
Counts = NDArray[np.float32]
Occurrences = NDArray[Any]  # numbers of whichever type is at hand, none negative
Postings = tuple[Docs, Occurrences]  # documents in order, occurrences in each
Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]
PlaceNumbers = NDArray[np.int64]  # (document << PLACE_BITS) + place

NO_POSTINGS: Final[Postings] = (np.empty(0, np.intp), np.empty(0, np.float32))

# A place is a document's number and a word's number in one: documents never touch.
PLACE_BITS: Final = 24
# Where all words of a text stand that is longer still: found, and in no phrase.
LAST_PLACE: Final = (1 << PLACE_BITS) - 2


class Norm(NamedTuple):
    """What length does to a count in each document of an index, and what follows from that alone.

    Worked out once for all documents, not again for each posting of each term.
    """

    norm: Scores  # 1 in a usual document, above zero
    bm25: Scores  # k1 x norm
    lgd: Scores  # log(1 + 1 / norm)


class Norms:
    """The norms of all fields, one field after the other, each worked out when it is asked for."""

    def __init__(self, find_norm: Callable[[str], Scores], size: int) -> None:
        """`find_norm` works out what length does in each of `size` documents."""
        self._find_norm, self._size = find_norm, size
        self.bm25, self.lgd = np.empty(size * len(FIELDS)), np.empty(size * len(FIELDS))
        self._starts: dict[str, int] = {}
        self._norms: dict[str, Scores] = {}

    def start(self, field: str) -> int:
        """Give where the numbers of a field begin in `bm25` and `lgd`."""
        start = self._starts.get(field)
        if start is None:
            start = FIELDS.index(FIELD_BY_NAME[field]) * self._size
            here = slice(start, start + self._size)
            norm = self._norms[field] = self._find_norm(field)
            np.multiply(norm, K1, out=self.bm25[here])
            np.log1p(1.0 / norm, out=self.lgd[here])
            self._starts[field] = start
        return start

    def of(self, field: str) -> Norm:
        """Give the norm of a field alone."""
        start = self.start(field)
        here = slice(start, start + self._size)
        return Norm(self._norms[field], self.bm25[here], self.lgd[here])


class PostingsReader(Protocol):
    """One state of an index; it never changes while it is open."""

    size: int  # documents numbered, deleted ones included
    live: Flags  # which documents are not deleted
    dead: Docs  # which are, by number
    all_live: bool
    memory: Memory  # what is worked out of this state and asked for again

    def close(self) -> None:
        """Let the files go."""
        ...

    def postings(self, field: str, term: str) -> Postings:
        """Give the documents of a term and how often each has it."""
        ...

    def row(self, field: str, term: str) -> Postings:
        """Give the postings as they are kept, in numbers of whichever type: to be put together."""
        ...

    def document_count(self, field: str, term: str) -> int:
        """How many documents have a term, deleted ones included."""
        ...

    def places(self, field: str, term: str) -> PlaceNumbers:
        """Every place of a term, in order."""
        ...

    def places_in(self, field: str, term: str, numbers: Docs) -> PlaceNumbers:
        """Find the places of a term in some documents, in order.

        A document is numbered by where it stands in `numbers`.
        """
        ...

    def find_steps(self, number: int) -> AnyArray:
        """Give where the words of a document's paragraphs begin (`inversion.pack_steps`)."""
        ...

    def lengths(self, field: str) -> Counts:
        """How many terms each document has in a field."""
        ...

    def distinct(self) -> Counts:
        """How many different stems each document has."""
        ...

    @property
    def norms(self) -> Norms:
        """What length does to a count in each document, deleted ones included."""
        ...

    def facet(self, name: str) -> tuple[Docs, Sequence[str]]:
        """For each document a number, and the value that each number stands for."""
        ...

    def terms(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Give the terms of a field that begin so, in order, with their numbers of documents."""
        ...

    def list_similar(self, field: str, word: str, distance: int) -> Iterable[str]:
        """Give the terms of a field that may be so many letters away from a word, and others."""
        ...

    def count_among(self, field: str, flags: Flags, prefix: str = "") -> Mapping[str, int]:
        """Count the flagged documents that have each term of a field that begins so."""
        ...

    def find_forms(self, name: str) -> frozenset[str]:
        """Give the folded forms in which texts have a name of ALL, deleted texts among them."""
        ...

    def ids(self, numbers: Docs) -> list[str]:
        """Give the ids of some documents."""
        ...

    def key(self, number: int) -> tuple[str, str]:
        """Give the id and the fingerprint of a document."""
        ...


Small = NDArray[np.int32]

RIGHT_BITS: Final = 32
_PAIRS_CHUNK: Final = 500_000  # places or pairs looked at together
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
    """Give the parts as one, pairs in order, a range of pairs at a time; `ends` are sizes here."""
    total = sum(pairs.size for pairs, _, _ in parts)
    if not total:
        return
    sample = np.sort(np.concatenate([pairs[:: 1 + pairs.size // 1_000] for pairs, _, _ in parts]))
    cuts = sample[:: 1 + sample.size * _PAIRS_CHUNK // total]
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
    """Count, by document, the places of `right` that come right after one of `left`."""
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
    piece = (np.cumsum(by_document) // _PAIRS_CHUNK).astype(np.int32)
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
    """Give the pairs of some documents: pair, document, how often; by pair, then by document."""
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
