"""Postings as arrays: of one field in columns, of a term as ranking reads them, of pairs of words.

Sorting is done by one key that holds the term and the place in the column: numpy sorts plain
numbers many times faster than it finds the order of some. `reader` reads postings from the files of
segments, mapped into memory; `shown` leaves documents out. Documents are numbered from 0 across
segments.
"""

import ctypes
import struct
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from indexer.engines.planning.lexicon import Memory
from indexer.engines.protocol import KnownForm
from indexer.index.fields import FIELDS, K1, START_LETTERS
from indexer.search.match_spec import NameSequence

Numbers = NDArray[np.int64]
AnyArray = NDArray[Any]
Small = NDArray[np.int32]
_NO_SMALL: Final = np.empty(0, np.int32)
CHUNK: Final = 500_000  # postings or places handled at once when parts are joined
_TERM_COST: Final = 20  # of a term, beside one place: a string of Python's


class Kernel(NamedTuple):
    """The functions of kernel.c; arrays go in by address."""

    rank: Callable[..., int]
    look: Callable[..., None]
    cut: Callable[..., int]
    place_pieces: Callable[..., None]
    collect: Callable[..., int]


def load_kernel(built: Path) -> Kernel | None:
    """Load the kernel that was built beside its source; None where none was, or of another version.

    `built` is the shared library; its source has its name with ".c" (`hatch_build.py`).
    """
    try:
        library = ctypes.CDLL(str(built))
        source = built.with_suffix(".c").read_bytes()
        if ctypes.c_uint32(library.source()).value != zlib.crc32(source):
            return None
        kernel = Kernel(*(getattr(library, name) for name in Kernel._fields))
    except (OSError, AttributeError):
        return None
    number, pointer, text = ctypes.c_int64, ctypes.c_void_p, ctypes.c_char_p
    library.rank.restype = library.cut.restype = library.collect.restype = number
    library.look.restype = library.place_pieces.restype = None
    library.rank.argtypes = [
        *(text, text, number, text, text, number),
        *(pointer, pointer, pointer, number, pointer, pointer, number, number),
        *(ctypes.c_double, ctypes.c_double, ctypes.c_double, number, pointer, pointer, pointer),
    ]
    library.look.argtypes = [text, pointer, number, pointer]
    library.cut.argtypes = [
        *(pointer, text, pointer, pointer, pointer, pointer, pointer),
        *(number, number, pointer, pointer, pointer),
    ]
    library.place_pieces.argtypes = [pointer]
    library.collect.argtypes = [*[pointer] * 4, number, number, *[pointer] * 6]
    return kernel


KERNEL: Kernel | None = load_kernel(Path(__file__).with_name("kernel.bin"))


class Terms(Sequence[bytes]):
    """Terms in order, one after the other in an array of bytes; none is held as a string."""

    def __init__(self, joined: AnyArray, ends: AnyArray) -> None:
        """Take the bytes of all terms; `ends` says where each ends."""
        self._joined, self._ends = joined, ends

    def __len__(self) -> int:
        """Count the terms."""
        return self._ends.size

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> list[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | list[bytes]:
        """Give the term of a number, or those of a slice."""
        if not isinstance(place, slice):
            return self[place : place + 1][0]
        first, last, _ = place.indices(len(self))
        if first >= last:
            return []
        start = int(self._ends[first - 1]) if first else 0
        ends = (self._ends[first:last] - start).tolist()
        joined = self._joined[start : start + ends[-1]].tobytes()
        return [joined[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


class FieldColumns(NamedTuple):
    """All postings of one field in one part of an index."""

    terms: Sequence[bytes]  # in order
    ends: Numbers  # of each term's postings
    docs: NDArray[np.int32]
    counts: NDArray[np.int32]
    places: AnyArray | None  # of every posting, one after the other

    @property
    def starts(self) -> Numbers:
        """Give where each term's postings begin."""
        return begin(self.ends)

    @property
    def place_ends(self) -> Numbers:
        """Give where the places of each term end; without places, its postings."""
        if self.places is None or not self.ends.size:
            return self.ends
        return np.cumsum(np.add.reduceat(self.counts, self.starts, dtype=np.int64))


def begin(ends: Numbers) -> Numbers:
    """Give where each span begins, from where each ends: at the end of the one before."""
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


def rank_terms(names: Sequence[str], terms: Small) -> tuple[list[bytes], Small]:
    """Put the terms of some occurrences in order.

    `terms` are numbers of `names`. Gives each term that occurs once, in the order of its bytes, and
    for each occurrence the number of its term in that order.
    """
    used = np.flatnonzero(np.bincount(terms, minlength=len(names))).tolist()
    named = sorted((names[number].encode(), number) for number in used)
    rank = np.zeros(len(names), np.int32)
    rank[[number for _, number in named]] = np.arange(len(named))
    return [name for name, _ in named], rank[terms]


def invert(names: Sequence[str], terms: Small, docs: Small, places: Small | None) -> FieldColumns:
    """Turn occurrences in the order of their documents into columns.

    `terms` are numbers of `names`; `places` go up within a document.
    """
    return collect_postings(*rank_terms(names, terms), docs, places)


def collect_postings(
    names: list[bytes], ranks: Small, docs: Small, places: Small | None
) -> FieldColumns:
    """Turn occurrences in the order of their documents into columns.

    `names` are in order, `ranks` the number of the name of each occurrence (`rank_terms`); `places`
    go up within a document.
    """
    return order_postings(names, ranks, docs, None, places)


def order_postings(
    names: list[bytes],
    terms: Small,
    docs: Small,
    counts: Small | None,
    places: AnyArray | None,
    *,
    kernel: Kernel | None = KERNEL,
) -> FieldColumns:
    """Put postings, their documents going up, in the order of their terms, numbers of `names`.

    Postings of one term and document become one. Without `counts`, each is one occurrence.
    """
    given = [each for each in (terms, docs, counts, places) if each is not None]
    if kernel is None or any(each.dtype != np.int32 for each in given):
        return _order_by_numpy(names, terms, docs, counts, places)
    given = [np.ascontiguousarray(each) for each in given]
    at, place_at = np.zeros(len(names), np.int64), np.zeros(len(names), np.int64)
    ends = np.empty(len(names), np.int64)
    all_docs, all_counts = np.empty(docs.size, np.int32), np.empty(docs.size, np.int32)
    all_places = None if places is None else np.empty(places.size, np.int32)
    address = iter([address_of(each) for each in given])
    size = kernel.collect(
        *(next(address), next(address)),
        *(None if each is None else next(address) for each in (counts, places)),
        *(docs.size, len(names)),
        *(address_of(each) for each in (at, place_at, ends, all_docs, all_counts)),
        None if all_places is None else address_of(all_places),
    )
    return FieldColumns(names, ends, all_docs[:size].copy(), all_counts[:size].copy(), all_places)


def _order_by_numpy(
    names: list[bytes],
    terms: Small,
    docs: Small,
    counts: Small | None,
    places: AnyArray | None,
) -> FieldColumns:
    if places is not None:
        owners = terms if counts is None else np.repeat(terms, counts)
        places = places[order_by(owners)]
    order = order_by(terms)
    terms, docs = terms[order], docs[order]
    first = np.flatnonzero(differs(terms) | differs(docs))
    if counts is None:
        counts = np.diff(first, append=docs.size).astype(np.int32)
    elif first.size < docs.size:  # a document in two parts
        counts = np.add.reduceat(counts[order], first, dtype=np.int32)
    else:
        counts = counts[order]
    ends = np.cumsum(np.bincount(terms[first], minlength=len(names)), dtype=np.int64)
    return FieldColumns(names, ends, docs[first], counts, places)


def step_places(places: AnyArray, counts: AnyArray) -> AnyArray:
    """Give places as the step from the one before in the document; the first as it is.

    `counts` says how many places each document has, none of them none; places go up within one.
    """
    steps = np.diff(places, prepend=places[:1])
    first = np.cumsum(counts, dtype=np.int64) - counts
    steps[first] = places[first]
    return steps


def add_steps(steps: AnyArray, counts: AnyArray, starts: AnyArray | int = 0) -> Numbers:
    """Give the places that `step_places` was given; `starts` is added to those of each document."""
    sums = np.cumsum(steps, dtype=np.int64)
    first = np.cumsum(counts, dtype=np.int64) - counts
    sums += np.repeat(starts - (sums[first] - steps[first]), counts)
    return sums


class FieldJoin:
    """The postings of a field in several parts, put together: whole terms, in order, in pieces.

    Documents of a part are above those of the parts before it; the last of one part may be the
    first of the next, as a long text is taken in by pieces. Parts may be files, mapped into memory.
    """

    def __init__(self, parts: Sequence[FieldColumns], most: int = CHUNK) -> None:
        """Take parts in the order of their documents.

        About `most` postings or places are handled at once, whatever the parts hold.
        """
        self._parts, self._most = parts, most
        self.count = 0  # of the terms of the pieces given so far
        # The number in the whole of each term of each part, once its piece was given.
        self.numbers = [np.empty(len(part.terms), np.int32) for part in parts]

    def __iter__(self) -> Iterator[FieldColumns]:
        """Give the pieces. Forms that begin with the same START_LETTERS letters are in one."""
        place_ends = [part.place_ends for part in self._parts]
        begins = [0] * len(self._parts)
        for name in (*self._list_cuts(place_ends), None):
            spans = [
                (begin, len(part.terms) if name is None else bisect_left(part.terms, name, begin))
                for part, begin in zip(self._parts, begins, strict=True)
            ]
            piece = self._join(place_ends, spans)
            self.count += len(piece.terms)
            begins = [end for _, end in spans]
            if piece.terms:
                yield piece

    def _list_cuts(self, place_ends: Sequence[Numbers]) -> list[bytes]:
        """List terms, in order, before which pieces end; the last piece ends with the last term."""
        sample = []
        step = max(self._most // max(len(self._parts), 1), 1)
        for part, ends in zip(self._parts, place_ends, strict=True):
            costs = ends + _TERM_COST * np.arange(ends.size)
            most = int(costs[-1]) if ends.size else 0
            sample += [part.terms[at] for at in costs.searchsorted(range(step, most, step))]
        chosen = sorted(sample)[len(self._parts) - 1 :: max(len(self._parts), 1)]
        return sorted({term.decode()[:START_LETTERS].encode() for term in chosen})

    def _join(
        self, place_ends: Sequence[Numbers], spans: Sequence[tuple[int, int]]
    ) -> FieldColumns:
        """Put together the terms of a span of each part."""
        held = [
            part.terms[first:last] for part, (first, last) in zip(self._parts, spans, strict=True)
        ]
        names = sorted(set().union(*held))
        number = {name: place for place, name in enumerate(names)}
        terms, docs, counts, places = [_NO_SMALL], [_NO_SMALL], [_NO_SMALL], []
        for at, (part, (first, last)) in enumerate(zip(self._parts, spans, strict=True)):
            if first == last:
                continue
            ranks = np.array([number[name] for name in held[at]], np.int32)
            self.numbers[at][first:last] = ranks + self.count
            low, high = int(part.ends[first - 1]) if first else 0, int(part.ends[last - 1])
            terms.append(np.repeat(ranks, np.diff(part.ends[first:last], prepend=low)))
            docs.append(part.docs[low:high])
            counts.append(part.counts[low:high])
            if part.places is not None:
                begin = int(place_ends[at][first - 1]) if first else 0
                places.append(part.places[begin : int(place_ends[at][last - 1])])
        return order_postings(
            names,
            np.concatenate(terms),
            np.concatenate(docs),
            np.concatenate(counts),
            np.concatenate(places) if places else None,
        )


Docs = NDArray[np.signedinteger[Any]]
Counts = NDArray[np.float32]
Occurrences = NDArray[Any]  # numbers of whichever type is at hand, none negative
Postings = tuple[Docs, Occurrences]  # documents in order, occurrences in each
Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]
PlaceNumbers = NDArray[np.int64]  # (document << PLACE_BITS) + place


class PostingsPart(NamedTuple):
    """The postings of a term in one segment, in numbers of whichever type, as they are kept."""

    docs: Docs  # in order, numbered within the segment
    counts: Occurrences
    first: int  # the number of the segment's first document


# As `Row` in kernel.c: two addresses, six numbers.
_PACKED: Final = struct.Struct("=2Q6q")


class PackedRows(NamedTuple):
    """The postings of a term as the kernel reads them."""

    number: int  # of rows: one for each segment that has the term
    rows: bytes
    arrays: tuple[AnyArray, ...] = ()  # whose addresses are in the rows, where nobody else has them


NO_ROWS: Final = PackedRows(0, b"")


def pack_row(
    docs: tuple[int, int], counts: tuple[int, int], size: int, first: int, rest: tuple[int, int]
) -> bytes:
    """Pack the postings of a term in a segment whose first document has the number `first`.

    `docs` and `counts` are an address and the bytes of each number; `rest` how many documents of
    all segments have the term, and where the norms of the field begin (`Norms.find_place`).
    """
    return _PACKED.pack(docs[0], counts[0], size, first, docs[1], counts[1], *rest)


def join_rows(packed: Sequence[PackedRows]) -> PackedRows:
    """Give the rows of several segments, or none, as one."""
    return PackedRows(
        sum([each.number for each in packed]),
        b"".join([each.rows for each in packed]),
        tuple(array for each in packed for array in each.arrays),
    )


def pack_docs(docs: Docs) -> PackedRows:
    """Pack documents that are found and add nothing."""
    at = address_of(docs), docs.itemsize
    return PackedRows(1, pack_row(at, at, docs.size, 0, (docs.size, 0)), (docs,))


NO_POSTINGS: Final[Postings] = (np.empty(0, np.intp), np.empty(0, np.float32))

# A place is a document's number and a word's number in one: documents never touch.
PLACE_BITS: Final = 24
# Where all words of a text stand that is longer still: found, and in no phrase.
LAST_PLACE: Final = (1 << PLACE_BITS) - 2


def address_of(array: AnyArray) -> int:
    """Tell where the numbers of an array begin in memory."""
    address: int = array.__array_interface__["data"][0]
    return address


class Norm(NamedTuple):
    """Hold what length does to a count in each document of an index, and what follows from it.

    Worked out once for all documents, not again for each posting of each term.
    """

    norm: Scores  # 1 in a usual document, above zero
    bm25: Scores  # k1 x norm
    lgd: Scores  # log(1 + 1 / norm)


_NUMBERS: Final = {field.name: number for number, field in enumerate(FIELDS)}


class Norms:
    """The norms of all fields, one field after the other, each worked out when it is asked for."""

    def __init__(self, find_norm: Callable[[str], Scores], size: int) -> None:
        """`find_norm` works out what length does in each of `size` documents."""
        self._find_norm, self._size = find_norm, size
        self.bm25, self.lgd = np.empty(size * len(FIELDS)), np.empty(size * len(FIELDS))
        self.addresses = address_of(self.bm25), address_of(self.lgd)
        self._starts: dict[str, int] = {}
        self._norms: dict[str, Scores] = {}

    def start(self, field: str) -> int:
        """Give where the numbers of a field begin in `bm25` and `lgd`."""
        start = self._starts.get(field)
        if start is None:
            start = self.find_place(field)
            here = slice(start, start + self._size)
            norm = self._norms[field] = self._find_norm(field)
            np.multiply(norm, K1, out=self.bm25[here])
            np.log1p(1.0 / norm, out=self.lgd[here])
            self._starts[field] = start
        return start

    def find_place(self, field: str) -> int:
        """Tell where the numbers of a field are, once `start` has worked them out."""
        return _NUMBERS[field] * self._size

    def of(self, field: str) -> Norm:
        """Give the norm of a field alone."""
        start = self.start(field)
        here = slice(start, start + self._size)
        return Norm(self._norms[field], self.bm25[here], self.lgd[here])


# The number of a paragraph, and where something stands in it, in characters.
SpanOfText = tuple[int, int, int]


class WordRows(NamedTuple):
    """Name the paragraphs of a document in which words may stand one after the other.

    None is for what stands before the paragraphs, or, as `spans`, for all of the field.
    """

    number: int
    field: str
    spans: list[SpanOfText | None] | None


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

    def parts(self, field: str, term: str) -> Sequence[PostingsPart]:
        """Give the postings of a term as they are kept, segment after segment."""
        ...

    def pack(self, field: str, term: str) -> PackedRows:
        """Give the postings of a term as the kernel reads them."""
        ...

    def read_form(self, form: str) -> KnownForm | None:
        """Give how a folded form is read that a query has; None of one that is to be analysed."""
        ...

    def document_count(self, field: str, term: str) -> int:
        """Count the documents that have a term, deleted ones included."""
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

    def keep_written(self, rows: Sequence[WordRows], sequence: NameSequence) -> list[int]:
        """Read texts; give the numbers of those where some words stand as they are named."""
        ...

    def lengths(self, field: str) -> Counts:
        """Count the terms of each document in a field."""
        ...

    def distinct(self) -> Counts:
        """Count the different stems of each document."""
        ...

    @property
    def norms(self) -> Norms:
        """Give what length does to a count in each document, deleted ones included."""
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


_LAST: Final = np.iinfo(np.int64).max
_NONE: Final = np.empty(0, np.int64)
RIGHT_BITS: Final = 32
_RIGHT: Final = (1 << RIGHT_BITS) - 1


class PairColumns(NamedTuple):
    """The postings of every pair of one part of an index, in order of the pairs."""

    pairs: Numbers  # the number of the left term << RIGHT_BITS | that of the right
    ends: Numbers
    docs: Small
    counts: Small


def find_pairs(ranks: Small, docs: Small, places: Small) -> PairColumns:
    """Find every two terms that stand side by side.

    Takes all occurrences in the order of their documents and places: the number of the term, the
    document, the place in it. Several terms may stand at one place: each goes with each of the
    place after.
    """
    left, right = _find_neighbours(docs, places)
    size = int(ranks.max(initial=0)) + 1
    keys = ranks[left].astype(np.int64)
    keys *= size
    keys += ranks[right]
    docs = docs[left]
    del left, right  # a run is as long as memory allows: what is done with goes
    order = order_by(keys)
    keys, docs = keys[order], docs[order]
    del order
    start = np.flatnonzero(differs(keys) | differs(docs))
    counts = np.diff(start, append=keys.size).astype(np.int32)
    keys, docs = keys[start], docs[start]
    del start
    begins = np.flatnonzero(differs(keys))
    keys = keys[begins]
    ends = np.append(begins[1:], docs.size)[: begins.size]
    return PairColumns((keys // size << RIGHT_BITS) | keys % size, ends, docs, counts)


def _find_neighbours(docs: Small, places: Small) -> tuple[AnyArray, AnyArray]:
    """Find the occurrences that stand side by side, by their numbers: the left, the right."""
    numbers = docs.astype(np.int64) << PLACE_BITS
    numbers += places
    # Of the occurrences at each place; half as wide as numpy has them.
    first = np.flatnonzero(differs(numbers)).astype(np.int32)
    numbers = numbers[first]
    goes_on = np.flatnonzero(numbers[1:] - numbers[:-1] == 1)
    del numbers
    sizes = np.diff(first, append=np.int32(docs.size))
    many = sizes[goes_on] * sizes[goes_on + 1]
    if not many.size or int(many.max()) == 1:
        return first[goes_on], first[goes_on + 1]
    right_sizes = sizes[goes_on + 1]
    group = np.repeat(np.arange(goes_on.size, dtype=np.int32), many)
    within = np.arange(group.size) - np.repeat(np.cumsum(many) - many, many)
    left = first[goes_on][group] + within // right_sizes[group]
    return left, first[goes_on + 1][group] + within % right_sizes[group]


def join_pairs(
    parts: Sequence[PairColumns],
    numbers: Sequence[AnyArray] | None = None,
    most: int = CHUNK,
) -> Iterator[PairColumns]:
    """Put pairs of several parts together, in order, about `most` postings at a time.

    `numbers` are those in the whole of the terms of each part; they go up. Documents go up from
    part to part, and one may be in two (`FieldJoin`).
    """
    tables = [None] * len(parts) if numbers is None else numbers
    sample: list[int] = []
    step = max(most // max(len(parts), 1), 1)
    for part, table in zip(parts, tables, strict=True):
        at = part.ends.searchsorted(np.arange(step, part.docs.size, step))
        sample += renumber(part.pairs[at], table).tolist()
    cuts = sorted(set(sorted(sample)[len(parts) - 1 :: max(len(parts), 1)]))
    begins = [0] * len(parts)
    for cut in (*cuts, _LAST):
        spans = [
            (begin, _find_pair(part.pairs, table, cut, begin))
            for part, table, begin in zip(parts, tables, begins, strict=True)
        ]
        begins = [end for _, end in spans]
        yield from _join_pairs(parts, tables, spans)


def _join_pairs(
    parts: Sequence[PairColumns],
    tables: Sequence[AnyArray | None],
    spans: Sequence[tuple[int, int]],
) -> Iterator[PairColumns]:
    """Put together the pairs of a span of each part; give nothing where there are none."""
    pairs, docs, counts = [_NONE], [_NO_SMALL], [_NO_SMALL]
    for part, table, (begin, end) in zip(parts, tables, spans, strict=True):
        if begin == end:
            continue
        low, high = int(part.ends[begin - 1]) if begin else 0, int(part.ends[end - 1])
        sizes = np.diff(part.ends[begin:end], prepend=low)
        pairs.append(np.repeat(renumber(part.pairs[begin:end], table), sizes))
        docs.append(part.docs[low:high])
        counts.append(part.counts[low:high])
    joined = np.concatenate(pairs)
    del pairs  # what is done with goes: all are as long
    if not joined.size:
        return
    order = np.argsort(joined, kind="stable")
    joined = joined[order]
    all_docs, all_counts = np.concatenate(docs)[order], np.concatenate(counts)[order]
    del order, docs, counts
    first = np.flatnonzero(differs(joined) | differs(all_docs))
    joined, all_docs = joined[first], all_docs[first]
    all_counts = np.add.reduceat(all_counts, first)
    del first
    begins = np.flatnonzero(differs(joined))
    ends = np.append(begins[1:], joined.size)
    yield PairColumns(joined[begins], ends, all_docs, all_counts)


def renumber(pairs: Numbers, numbers: AnyArray | None) -> Numbers:
    """Give pairs by the numbers of their terms in the whole."""
    if numbers is None:
        return pairs
    lefts = numbers[pairs >> RIGHT_BITS].astype(np.int64)
    renumbered: Numbers = (lefts << RIGHT_BITS) | numbers[pairs & _RIGHT]
    return renumbered


def _find_pair(pairs: Numbers, numbers: AnyArray | None, wanted: int, low: int) -> int:
    """Find where a pair is, or would be, from `low` on, by the numbers of the whole."""
    return bisect_left(
        range(pairs.size),
        wanted,
        low,
        key=lambda at: int(renumber(pairs[at : at + 1], numbers)[0]),
    )


def count_side_by_side(left: PlaceNumbers, right: PlaceNumbers) -> Postings:
    """Count, by document, the places of `right` that come right after one of `left`."""
    after = np.searchsorted(right, left + 1, "right") - np.searchsorted(right, left + 1)
    kept = np.flatnonzero(after)
    docs, first = np.unique(left[kept] >> PLACE_BITS, return_index=True)
    if not docs.size:
        return docs.astype(np.int32), np.empty(0, np.float32)
    return docs.astype(np.int32), np.add.reduceat(after[kept], first).astype(np.float32)
