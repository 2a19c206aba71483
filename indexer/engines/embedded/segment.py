"""The arrays of one segment: collected field by field, written, found again.

For each field: the terms in order, a hash to find one, its documents, its occurrences, their
places; for a field with places, also what stands side by side in it. Frequencies and lengths are
kept, no scores: a text added elsewhere changes none of it.

Numbers are as narrow as what they count: documents and ends have the bytes that the largest needs;
occurrences have one, and the few that need more are listed beside (`_NarrowArray`). Places are kept
as steps from the one before in the document, a byte or two each, whichever is less in all.
"""

import struct
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from indexer.analysis.chain import FormNames, name_typed_form
from indexer.analysis.stopwords import ALL_STOPS
from indexer.engines.embedded.integrity import (
    ArraySpool,
    ArraysWriter,
    CheckedArray,
    CheckedFile,
    FileSums,
    open_arrays,
)
from indexer.engines.embedded.lexicon import mark_words, may_be_near
from indexer.engines.embedded.postings import (
    PLACE_BITS,
    RIGHT_BITS,
    FieldColumns,
    PackedRows,
    PairColumns,
    PlaceNumbers,
    add_steps,
    address_of,
    differs,
    order_by,
    pack_row,
    step_places,
)
from indexer.engines.planning.plan import Term
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_STARTS,
    ALL_STEMS,
    AUTHOR,
    FIELD_BY_NAME,
    ID,
    NOTE,
    PAIRED,
    REPEATED,
    SECTION,
    START_LETTERS,
    TITLE_EXACT,
    TITLE_STEMS,
)

AnyArray = np.ndarray[Any, Any]

# The fields of forms, and those whose words are looked for by patterns and mistakes.
_SPELLED: Final = frozenset({ALL_EXACT, TITLE_EXACT, AUTHOR, NOTE, SECTION})
_BEYOND: Final = "\U0010ffff"
PAIRS_OF: Final = {words: pairs for pairs, words in PAIRED.items()}
# The arrays of a field that are taken in piece by piece, in the order of the file, and those of
# which few numbers need more than a byte or two.
_WRITTEN: Final = (
    *("terms", "term_ends", "rights", "ends", "docs", "counts", "marks", "places", "place_ends"),
)
_NARROWED: Final[Mapping[str, type[np.unsignedinteger[Any]]]] = {
    "counts": np.uint8,
    "places": np.uint8,  # two bytes where many need more than one: texts of a thousand words
}
_FAR_BYTES: Final = 6  # of a number that is listed beside: its place, and what it is
_MARKS: Final = np.dtype(np.uint64)
_NOTHING: Final = CheckedArray(None, np.dtype(np.int64), 0, 0)  # what a field does not have


class _FieldWriter:
    """Takes in the arrays of one field piece by piece, and writes each of them whole at the end.

    Only the hashes of its terms are held, to be put in order: eight bytes a term.
    """

    def __init__(self, name: str, writer: ArraysWriter) -> None:
        self._name, self._writer = name, writer
        self._spools: dict[str, ArraySpool] = {}
        self._hashes: list[AnyArray] = []
        self._distinct = np.zeros(0, np.int64)
        self._is_paired = False
        self._wide = 0  # steps of places that need more than a byte

    def add(self, piece: FieldColumns) -> None:
        """Take in the postings of the next terms."""
        lengths = np.array([len(term) for term in piece.terms], np.int64)
        joined = np.frombuffer(b"".join(piece.terms), np.uint8)
        term_ends = np.cumsum(lengths)
        self._hashes.append(np.array([zlib.crc32(term) for term in piece.terms], np.uint32))
        if self._name in _SPELLED:
            self._spool("marks", np.uint64).add(mark_words(joined.tobytes(), term_ends))
        if piece.places is not None:
            before = self._spool("places", np.int32).size
            self._spool("place_ends", np.int64).add(piece.place_ends + before)
            steps = step_places(piece.places, piece.counts)
            self._wide += int(np.count_nonzero(steps > np.iinfo(np.uint8).max))
            self._spool("places", np.int32).add(steps)
        self._spool("term_ends", np.int64).add(term_ends + self._spool("terms", np.uint8).size)
        self._spool("terms", np.uint8).add(joined)
        self.add_postings(piece)
        if self._name == REPEATED:
            counts = np.bincount(piece.docs, minlength=self._distinct.size)
            counts[: self._distinct.size] += self._distinct
            self._distinct = counts

    def add_postings(self, piece: FieldColumns | PairColumns) -> None:
        """Take in the documents and counts of the next terms or pairs alone."""
        self._spool("ends", np.int64).add(piece.ends + self._spool("docs", np.int32).size)
        self._spool("docs", np.int32).add(piece.docs)
        self._spool("counts", np.int32).add(piece.counts)

    def add_rights(self, pairs: AnyArray) -> None:
        """Take in the right terms of the next pairs."""
        self._is_paired = True
        self._spool("rights", np.int64).add(pairs & ((1 << RIGHT_BITS) - 1))

    def _spool(self, kind: str, dtype: type[np.generic]) -> ArraySpool:
        if kind not in self._spools:
            self._spools[kind] = self._writer.spool(dtype)
        return self._spools[kind]

    def finish(self) -> None:
        """Write the arrays."""
        if self._hashes:
            hashes = np.concatenate(self._hashes)
            self._hashes = []
            order = np.argsort(hashes, kind="stable").astype(np.uint32)
            self._writer.add(f"{self._name}/hashes", hashes[order])
            self._writer.add(f"{self._name}/order", order)
        for kind in _WRITTEN:
            if kind in self._spools:
                self._write(kind, self._spools.pop(kind))
        if self._name == REPEATED:
            self._writer.add(f"{self._name}/distinct", _fit(self._distinct))

    def _write(self, kind: str, spool: ArraySpool) -> None:
        """Write one array, in numbers as narrow as its reader takes."""
        name = f"{self._name}/{kind}"
        if kind == "ends" and self._is_paired and spool.most > _LOW:
            low, carries = self._writer.spool(np.uint16), self._writer.spool(np.int64)
            _split_ends(spool, low, carries)
            self._writer.add_spool(name, low, np.dtype(np.uint16))
            self._writer.add_spool(f"{name}_carries", carries, carries.narrowest)
            return
        narrow = _NARROWED.get(kind)
        if kind == "places" and self._wide * _FAR_BYTES > spool.size:
            narrow = np.uint16
        if narrow is None:
            self._writer.add_spool(name, spool, spool.narrowest if kind != "marks" else _MARKS)
            return
        far, beyond = self._writer.spool(np.int64), self._writer.spool(np.int64)
        if spool.most > np.iinfo(narrow).max:
            kept = self._writer.spool(narrow)
            spool = _list_far(spool, kept, far, beyond, int(np.iinfo(narrow).max))
        self._writer.add_spool(name, spool, np.dtype(narrow))
        if far.size:
            self._writer.add_spool(f"{name}_far", far, far.narrowest)
            self._writer.add_spool(f"{name}_beyond", beyond, beyond.narrowest)


# --- what a query asks of a form

# The fields beside ALL in which a query asks for a form, or what is made of it.
_FORM_FIELDS: Final = (ALL_EXACT, ALL_STEMS, TITLE_STEMS, TITLE_EXACT, ALL_STARTS)
NO_NUMBER: Final = 0xFFFF_FFFF  # of a term that a segment has not
_LEAST_HOLDERS: Final = 2  # half of all forms stand in one text; hardly any of these is ever asked
_MOST_ROWS: Final = 200_000  # of the forms that most texts have: a language has no more
_FORMS_AT_ONCE: Final = 5_000


def list_form_terms(form: str, named: FormNames) -> list[Term]:
    """List the terms that a query asks for where it has a form, in the order that rows have."""
    stems = [named.stem]
    if named.english_stem and named.english_stem != named.stem:
        stems.append(named.english_stem)
    starts = [(ALL_STARTS, form[:START_LETTERS])] if len(form) >= START_LETTERS else []
    return [
        *((ALL_EXACT, form), (TITLE_EXACT, form), *starts),
        *((field, stem) for stem in stems for field in (ALL_STEMS, TITLE_STEMS)),
        *((ALL, name) for name in (*named.names, *named.english_names)),
    ]


def pack_form(named: FormNames, numbers: Sequence[int]) -> bytes:
    """Write what a form is called, and the numbers of its terms in a segment."""
    told = (named.stem, " ".join(named.names), named.english_stem, " ".join(named.english_names))
    return "\t".join(told).encode() + b"\n" + struct.pack(f"<{len(numbers)}I", *numbers)


def unpack_form(row: bytes) -> tuple[FormNames, tuple[int, ...]]:
    """Read what `pack_form` wrote."""
    told, _, numbers = row.partition(b"\n")
    stem, names, english_stem, english_names = told.decode().split("\t")
    named = FormNames(stem, tuple(names.split()), english_stem, tuple(english_names.split()))
    return named, struct.unpack(f"<{len(numbers) // 4}I", numbers)


def find_least_holders(holders: AnyArray, most: int = _MOST_ROWS) -> int:
    """Find in how many texts a form has to stand to have a row, so that at most `most` have one.

    `holders` is the number of texts of each form.
    """
    if np.count_nonzero(holders >= _LEAST_HOLDERS) <= most:
        return _LEAST_HOLDERS
    return int(np.partition(holders, -most - 1)[-most - 1]) + 1


class _TermFinder:
    """Finds the numbers of terms of a field that a writer has written already, none held."""

    def __init__(self, writer: ArraysWriter, field: str) -> None:
        self._is_there = writer.has(f"{field}/hashes")
        if self._is_there:
            # As what answers single questions soon.
            kinds = ("hashes", "order", "term_ends", "terms")
            self._hashes, self._order, self._ends, self._terms = (
                writer.map(f"{field}/{kind}").data for kind in kinds
            )

    def name(self, number: int) -> bytes:
        """Give the term of a number."""
        start = self._ends[number - 1] if number else 0
        return self._terms[start : self._ends[number]].tobytes()

    def find(self, terms: Sequence[bytes]) -> list[int]:
        """Find the numbers of terms, NO_NUMBER of those that the segment has not."""
        if not self._is_there:
            return [NO_NUMBER] * len(terms)
        hashes = [zlib.crc32(term) for term in terms]
        places = np.asarray(self._hashes).searchsorted(np.array(hashes, np.uint32)).tolist()
        return list(map(self._find_from, places, hashes, terms))

    def _find_from(self, place: int, hashed: int, term: bytes) -> int:
        """Find the number of a term among those from `place` on that have its hash."""
        while place < len(self._hashes) and self._hashes[place] == hashed:
            number = self._order[place]
            if self.name(number) == term:
                return number
            place += 1
        return NO_NUMBER


class SegmentCollector:
    """Takes in the postings of a segment, field by field, each in pieces with terms in order.

    What was taken in is written at once; only pieces are held.
    """

    def __init__(self, path: Path) -> None:
        """Begin the file of arrays at `path`."""
        self._writer = ArraysWriter(path)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Delete the file, unless it was finished."""
        self._writer.give_up()

    def add_field(self, name: str, pieces: Iterable[FieldColumns]) -> None:
        """Take in all postings of a field; forms that begin alike stand in one piece."""
        held = _FieldWriter(name, self._writer)
        starts = None
        if name == FIELD_BY_NAME[ALL_STARTS].of:
            starts = _FieldWriter(ALL_STARTS, self._writer)
        for piece in pieces:
            held.add(piece)
            if starts is not None:
                starts.add(merge_starts(piece))
        held.finish()
        if starts is not None:
            starts.finish()

    def add_pairs(self, words: str, size: int, pieces: Iterable[PairColumns]) -> None:
        """Take in the pairs of the terms of a field, of which there are `size`, in order."""
        name = PAIRS_OF[words]
        held = _FieldWriter(name, self._writer)
        # Most terms begin several pairs: the left one is said once for all of them.
        lefts = np.zeros(size, np.int64)
        for piece in pieces:
            lefts += np.bincount(piece.pairs >> RIGHT_BITS, minlength=size)
            held.add_rights(piece.pairs)
            held.add_postings(piece)
        self._writer.add(f"{name}/left_ends", _fit(np.cumsum(lefts)))
        held.finish()

    def add_forms(self, size: int, pairs: AnyArray) -> None:
        """Take in the forms of each of the `size` names of ALL.

        `pairs` are numbers of names << RIGHT_BITS | those of forms of ALL_EXACT, in order.
        """
        counts = np.bincount(pairs >> RIGHT_BITS, minlength=size)
        self._writer.add(f"{ALL}/form_ends", _fit(np.cumsum(counts)))
        self._writer.add(f"{ALL}/forms", _fit(pairs & ((1 << RIGHT_BITS) - 1)))

    def _add_form_rows(self) -> None:
        """Write what a query asks of each form that several texts have (`list_form_terms`)."""
        if not self._writer.has(f"{ALL_EXACT}/ends"):
            return
        finders = {field: _TermFinder(self._writer, field) for field in (ALL, *_FORM_FIELDS)}
        holders = np.diff(self._writer.map(f"{ALL_EXACT}/ends"), prepend=0)
        chosen = np.flatnonzero(holders >= find_least_holders(holders))
        rows, sizes = self._writer.spool(np.uint8), np.zeros(holders.size, np.int64)
        for first in range(0, chosen.size, _FORMS_AT_ONCE):
            forms: dict[int, tuple[FormNames, list[Term]]] = {}
            for number in chosen[first : first + _FORMS_AT_ONCE].tolist():
                form = finders[ALL_EXACT].name(number).decode()
                if named := name_typed_form(form):
                    forms[number] = named, list_form_terms(form, named)
            wanted: dict[str, dict[Term, None]] = {field: {} for field in finders}
            for _, asked in forms.values():
                for term in asked:
                    wanted[term[0]][term] = None
            found: dict[Term, int] = {}
            for field, terms in wanted.items():
                numbers = finders[field].find([each.encode() for _, each in terms])
                found |= zip(terms, numbers, strict=True)
            packed = [
                pack_form(named, [found[term] for term in asked]) for named, asked in forms.values()
            ]
            rows.add(np.frombuffer(b"".join(packed), np.uint8))
            sizes[list(forms)] = [len(each) for each in packed]
        self._writer.add_spool(f"{ALL_EXACT}/rows", rows, np.dtype(np.uint8))
        self._writer.add(f"{ALL_EXACT}/row_ends", _fit(np.cumsum(sizes)))

    def finish(
        self,
        *,
        lengths: Mapping[str, AnyArray],
        facets: Mapping[str, tuple[AnyArray, list[str]]],
        keys: Sequence[str],
        steps: Sequence[FieldColumns] = (),
    ) -> None:
        """Write the rest: each document's lengths, the codes of its facets, its key.

        `steps` say where words begin (`inversion.STEPS`), in parts whose documents go up.
        """
        named = [key.encode() for key in keys]
        add = self._writer.add
        self._add_form_rows()
        for field, held in lengths.items():
            add(f"{field}/lengths", held)
        for name, (codes, _) in facets.items():
            add(f"{name}/codes", _fit(codes))
        add("keys", np.frombuffer(b"".join(named), np.uint8))
        add("key_ends", _fit(np.cumsum([len(key) for key in named], dtype=np.int64)))
        counts = np.zeros(len(keys), np.int64)
        packed = self._writer.spool(np.uint8)
        for part in steps:
            counts[part.docs] += part.counts
            if part.places is not None:
                packed.add(part.places)
        self._writer.add_spool("steps", packed, np.dtype(np.uint8))
        add("step_ends", _fit(np.cumsum(counts)))
        self._writer.finish(
            {
                "size": len(keys),
                "facets": {name: values for name, (_, values) in facets.items()},
            }
        )


def merge_starts(forms: FieldColumns) -> FieldColumns:
    """Add up the postings of all forms that begin with the same START_LETTERS letters.

    Stop words and shorter forms are left out. Gives a field whose terms are the beginnings.
    """
    names: list[bytes] = []
    group = np.full(len(forms.terms), -1, np.int64)
    for number, term in enumerate(forms.terms):
        form = term.decode()
        if len(form) < START_LETTERS or form in ALL_STOPS:
            continue
        start = form[:START_LETTERS].encode()
        if not names or names[-1] != start:  # terms are in order: those that begin alike together
            names.append(start)
        group[number] = len(names) - 1
    groups = np.repeat(group, np.diff(forms.ends, prepend=0))
    kept = np.flatnonzero(groups >= 0)
    size = int(forms.docs.max(initial=0)) + 1
    keys = groups[kept] * size + forms.docs[kept]
    order = order_by(keys)
    keys = keys[order]
    first = np.flatnonzero(differs(keys))
    counts = forms.counts[kept][order]
    return FieldColumns(
        names,
        np.cumsum(np.bincount(keys[first] // size, minlength=len(names)), dtype=np.int64),
        (keys[first] % size).astype(np.int32),
        np.add.reduceat(counts, first).astype(np.int32) if first.size else counts,
        None,
    )


def _fit(numbers: AnyArray) -> AnyArray:
    """Give numbers (none negative) as many bytes each as the largest needs."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


_LOW_BITS: Final = 16
_LOW: Final = (1 << _LOW_BITS) - 1


def _split_ends(ends: ArraySpool, low: ArraySpool, carries: ArraySpool) -> None:
    """Move the lower bits of ends, which go up, to `low`.

    To `carries` go the places from which on the upper bits are one more. Most pairs stand once:
    their ends were a seventh of all that is kept of them.
    """
    size = before = 0
    for piece in ends.empty():
        high = piece >> _LOW_BITS
        carries.add(np.repeat(np.arange(size, size + piece.size), np.diff(high, prepend=before)))
        low.add(piece & _LOW)
        size, before = size + piece.size, int(high[-1])


class _SplitEnds:
    """Reads ends that `_split_ends` wrote, as `CheckedArray` does others."""

    def __init__(self, low: CheckedArray, carries: CheckedArray) -> None:
        self._low, self._carries = low, carries
        self._places: memoryview[int] | None = None

    def __len__(self) -> int:
        return len(self._low)

    def at(self, number: int) -> int:
        """Give one end."""
        if self._places is None:
            self._places = self._carries.view()
        return self._low.at(number) + (bisect_right(self._places, number) << _LOW_BITS)

    def span(self, number: int) -> tuple[int, int]:
        """Give the end before that of a number, and that."""
        return self.at(number - 1) if number else 0, self.at(number)

    def read(self, start: int, end: int) -> AnyArray:
        """Give the ends from number `start` to before `end`."""
        upper = self._carries.whole().searchsorted(np.arange(start, end), "right")
        ends: AnyArray = self._low.read(start, end) + (upper.astype(np.int64) << _LOW_BITS)
        return ends

    def whole(self) -> AnyArray:
        """Give all ends."""
        return self.read(0, len(self))


def _list_far(
    numbers: ArraySpool, kept: ArraySpool, far: ArraySpool, beyond: ArraySpool, most: int
) -> ArraySpool:
    """Move numbers to `kept`; list beside the places and values of those that are above `most`.

    Gives `kept`; the numbers that are listed mean nothing there.
    """
    for piece in numbers.empty():
        places = np.flatnonzero(piece > most)
        far.add(places + kept.size)
        beyond.add(piece[places])
        kept.add(piece)
    return kept


class _NarrowArray:
    """Reads numbers that were written narrow, those that need more beside (`_list_far`)."""

    def __init__(self, held: Callable[[str], CheckedArray], kind: str) -> None:
        self._low, self._far, self._beyond = (
            held(name) for name in (kind, f"{kind}_far", f"{kind}_beyond")
        )
        self._places: memoryview[int] | None = None  # of those that need more

    def read(self, start: int, end: int) -> AnyArray:
        """Give the numbers from `start` to before `end`."""
        low = self._low.read(start, end)
        if not self._far.size:
            return low
        if self._places is None:
            self._places = self._far.view()
        first = bisect_left(self._places, start)
        last = bisect_left(self._places, end, first)
        if first == last:
            return low
        wide = low.astype(np.int32)
        wide[self._far.read(first, last).astype(np.int64) - start] = self._beyond.read(first, last)
        return wide

    def locate(self, start: int, end: int) -> tuple[int, int] | None:
        """Give where the numbers are in memory, and the bytes of each; None where some need more.

        DamagedIndexError where they are not as they were written.
        """
        if self._far.size:
            if self._places is None:
                self._places = self._far.view()
            first = bisect_left(self._places, start)
            if first < self._far.size and self._places[first] < end:
                return None
        return self._low.locate(start, end)

    def whole(self) -> AnyArray:
        """Give all numbers."""
        return self.read(0, self._low.size)


class SegmentField:
    """One field of one segment: finds a term's number, then what it has, verified."""

    def __init__(self, arrays: Mapping[str, CheckedArray], field: str) -> None:
        """Take the arrays of `field` among those of a segment."""

        def held(name: str) -> CheckedArray:
            return arrays.get(f"{field}/{name}", _NOTHING)

        self._hashes = held("hashes")
        self._order = held("order")
        self._term_ends = held("term_ends")
        self._terms = held("terms")
        self._ends: CheckedArray | _SplitEnds = held("ends")
        if f"{field}/ends_carries" in arrays:
            self._ends = _SplitEnds(held("ends"), held("ends_carries"))
        self._place_ends = held("place_ends")
        self._left_ends = held("left_ends")
        self._rights = held("rights")
        self._docs = held("docs")
        self._counts = _NarrowArray(held, "counts")
        self._places = _NarrowArray(held, "places")
        self._lengths = held("lengths")
        self._distinct = held("distinct")
        self._marks = held("marks")
        self._rows = held("rows")
        self._row_ends = held("row_ends")
        self.size = len(self._ends)
        self.has_places = f"{field}/places" in arrays

    def find(self, name: bytes) -> int:
        """Find the number of a term, -1 when this segment has none."""
        wanted = zlib.crc32(name)
        place = self._hashes.bisect(wanted)
        while place < self.size and self._hashes.at(place) == wanted:
            number = self._order.at(place)
            if self._terms.read_bytes(*self._term_ends.span(number)) == name:
                return number
            place += 1
        return -1

    def find_form(self, form: str) -> tuple[FormNames, tuple[int, ...]] | None:
        """Give what is kept of a form: what it is called, and the numbers of its terms."""
        number = self.find(form.encode())
        row = self._rows.read_bytes(*self._row_ends.span(number)) if number >= 0 else b""
        return unpack_form(row) if row else None

    def find_pair(self, left: int, right: int) -> int:
        """Give the number of a pair of terms of the field that this one is worked out of, or -1."""
        first, last = self._left_ends.span(left)
        place = self._rights.bisect(right, first, last)
        return place if place < last and self._rights.at(place) == right else -1

    def span_of(self, prefix: str) -> tuple[int, int]:
        """Give the numbers of the terms that begin so: the first, and the one after the last."""
        if not prefix:
            return 0, self.size
        return self.first(prefix.encode()), self.first((prefix + _BEYOND).encode())

    def name(self, number: int) -> bytes:
        """Give the term of a number."""
        return self._terms.read_bytes(*self._term_ends.span(number))

    def document_count(self, number: int) -> int:
        """Count the documents that have a term."""
        start, end = self._ends.span(number)
        return end - start

    def postings(self, number: int) -> tuple[AnyArray, AnyArray]:
        """Give the documents of a term, and how often each has it."""
        docs, counts = self.row(number)
        return docs.astype(np.intp), counts

    def span(self, number: int) -> tuple[int, int]:
        """Give where the postings of a term begin and end."""
        return self._ends.span(number)

    def row(self, number: int) -> tuple[AnyArray, AnyArray]:
        """Give the documents of a term, in numbers as narrow as they are kept, and how often."""
        return self.read_span(*self._ends.span(number))

    def read_span(self, start: int, end: int) -> tuple[AnyArray, AnyArray]:
        """Give some postings, as they are kept."""
        return self._docs.read(start, end), self._counts.read(start, end)

    def pack_span(self, start: int, end: int, first: int, rest: tuple[int, int]) -> PackedRows:
        """Give some postings as the kernel reads them (`pack_row`)."""
        docs, counts = self._docs.locate(start, end), self._counts.locate(start, end)
        if counts is not None:
            return PackedRows(1, pack_row(docs, counts, end - start, first, rest))
        wide = self._counts.read(start, end)
        at = address_of(wide), wide.itemsize
        return PackedRows(1, pack_row(docs, at, end - start, first, rest), (wide,))

    def places(self, number: int) -> AnyArray:
        """Give the places of a term, those of a document after those of the one before."""
        counts = self._counts.read(*self._ends.span(number))
        return add_steps(self._places.read(*self._place_ends.span(number)), counts)

    def number_places(self, number: int, first: int) -> PlaceNumbers:
        """Give the places of a term in one number each, with those of their documents.

        `first` is the number of the segment's first document.
        """
        docs, counts = self.row(number)
        steps = self._places.read(*self._place_ends.span(number))
        return add_steps(steps, counts, docs.astype(np.int64) + first << PLACE_BITS)

    def places_in(self, number: int, docs: AnyArray) -> tuple[AnyArray, AnyArray]:
        """Find the places of a term in some documents; those of the documents between are not read.

        Gives of each the place of its document in `docs`, and the place there.
        """
        having, counts = self.postings(number)
        at = np.minimum(having.searchsorted(docs), having.size - 1)
        held = np.flatnonzero(having[at] == docs)
        at = at[held]
        sizes = counts[at].astype(np.int64)
        first = np.cumsum(counts, dtype=np.int64)[at] - sizes
        last = np.cumsum(sizes)
        flat = np.arange(int(last[-1]) if last.size else 0) + np.repeat(first - last + sizes, sizes)
        steps = self._places.read(*self._place_ends.span(number))[flat]
        return np.repeat(held, sizes), add_steps(steps, sizes)

    def lengths(self) -> AnyArray:
        """Give the length of each document as one byte; of nothing where the field keeps none."""
        return self._lengths.whole()

    def distinct(self) -> AnyArray:
        """Count the different terms of each document, up to the last document that has any."""
        return self._distinct.whole()

    def terms(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Give the terms that begin so, in order, and how many documents have each."""
        first, last = self.span_of(prefix)
        for name, count in zip(self.names(first, last), self._sizes(first, last), strict=True):
            yield name.decode(), count

    def names(self, first: int, last: int) -> list[bytes]:
        """Give the terms of the numbers from `first` to before `last`."""
        if first >= last:
            return []
        start = self._term_ends.at(first - 1) if first else 0
        ends = (self._term_ends.read(first, last).astype(np.int64) - start).tolist()
        joined = self._terms.read_bytes(start, start + ends[-1])
        return [joined[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]

    def columns(self, first: int = 0, last: int | None = None) -> FieldColumns:
        """Give the postings of the terms from `first` to before `last` as they were taken in."""
        last = self.size if last is None else last
        low, high = (self._ends.span(at - 1)[1] if at else 0 for at in (first, last))
        counts = self._counts.read(low, high).astype(np.int32)
        places = None
        if self.has_places:
            begin, end = (self._place_ends.span(at - 1)[1] if at else 0 for at in (first, last))
            places = add_steps(self._places.read(begin, end), counts).astype(np.int32)
        return FieldColumns(
            self.names(first, last),
            self._ends.read(first, last).astype(np.int64) - low,
            self._docs.read(low, high).astype(np.int32),
            counts,
            places,
        )

    def cut_columns(self, most: int) -> Iterator[FieldColumns]:
        """Give all postings as they were taken in, about `most` postings or places at a time."""
        ends = (self._place_ends if self.has_places else self._ends).whole()
        first = 0
        while first < self.size:
            begin = int(ends[first - 1]) if first else 0
            last = max(first + 1, int(ends.searchsorted(begin + most, "right")))
            last = min(last, first + most)
            yield self.columns(first, last)
            first = last

    def cut_pairs(self, most: int) -> Iterator[PairColumns]:
        """Give all pairs of a field as they were taken in, about `most` of them at a time."""
        left_ends = self._left_ends.whole()
        for first in range(0, self.size, most):
            last = min(first + most, self.size)
            lefts = left_ends.searchsorted(np.arange(first, last), "right").astype(np.int64)
            low, high = (self._ends.span(at - 1)[1] if at else 0 for at in (first, last))
            yield PairColumns(
                lefts << RIGHT_BITS | self._rights.read(first, last).astype(np.int64),
                self._ends.read(first, last).astype(np.int64) - low,
                self._docs.read(low, high).astype(np.int32),
                self._counts.read(low, high).astype(np.int32),
            )

    def _sizes(self, first: int, last: int) -> list[int]:
        """Count the documents that have each of some terms."""
        if first >= last:
            return []
        before = self._ends.at(first - 1) if first else 0
        ends = self._ends.read(first, last).astype(np.int64)
        sizes: list[int] = np.diff(ends, prepend=before).tolist()
        return sizes

    def list_similar(self, word: str, distance: int) -> list[str]:
        """List the terms that may be so many letters away from a word, and others."""
        if self._marks.size:
            numbers = may_be_near(word, self._marks.whole(), distance).tolist()
            return [self.name(number).decode() for number in numbers]
        return [name.decode() for name in self.names(0, self.size)]

    def count_among(self, flags: AnyArray, prefix: str) -> Iterator[tuple[str, int]]:
        """Give the terms that begin so and that flagged documents have, and how many of these."""
        first, last = self.span_of(prefix)
        if first == last:
            return
        start = self._ends.at(first - 1) if first else 0
        ends = self._ends.read(first, last).astype(np.int64)
        places = np.flatnonzero(flags[self._docs.read(start, int(ends[-1]))]) + start
        numbers = np.searchsorted(ends, places, side="right") + first
        for number, count in zip(*np.unique(numbers, return_counts=True), strict=True):
            yield self.name(int(number)).decode(), int(count)

    def count_all(self) -> int:
        """Count the occurrences of all terms."""
        return int(self._counts.whole().sum(dtype=np.int64))

    def first(self, name: bytes) -> int:
        """Find the number of the first term that is not before `name`."""
        low, high = 0, self.size
        while low < high:
            middle = (low + high) // 2
            if self.name(middle) < name:
                low = middle + 1
            else:
                high = middle
        return low


class Segment:
    """One segment's arrays, mapped into memory."""

    def __init__(self, path: Path, sums: FileSums | None) -> None:
        """Map a file of arrays; `sums` is what the table of contents says of it.

        Raises DamagedIndexError where it says nothing.
        """
        self._arrays, facts = open_arrays(CheckedFile(path, sums))
        self.size: int = facts["size"]
        self.facet_values: dict[str, list[str]] = facts["facets"]
        self._fields: dict[str, SegmentField] = {}
        self._key_ends = self._arrays["key_ends"]
        self._keys = self._arrays["keys"]
        self._step_ends = self._arrays["step_ends"]

    def field(self, name: str) -> SegmentField:
        """One field."""
        if name not in self._fields:
            self._fields[name] = SegmentField(self._arrays, name)
        return self._fields[name]

    def list_fields(self) -> list[str]:
        """List the fields that texts have terms in; others are worked out of them."""
        named = (name.removesuffix("/terms") for name in self._arrays if name.endswith("/terms"))
        return [name for name in named if name == ID or not FIELD_BY_NAME[name].of]

    def lengths(self) -> dict[str, AnyArray]:
        """Give the length of each document as one byte, for the fields that keep it."""
        return {
            name.removesuffix("/lengths"): held.whole()
            for name, held in self._arrays.items()
            if name.endswith("/lengths")
        }

    def codes(self, facet: str) -> AnyArray:
        """Give the code of each document in `facet_values[facet]`."""
        return self._arrays[f"{facet}/codes"].whole()

    def key(self, number: int) -> str:
        """Give the key of a document."""
        return self._keys.read_bytes(*self._key_ends.span(number)).decode()

    def find_steps(self, number: int) -> AnyArray:
        """Give where the words of the paragraphs of a document begin, as `pack_steps` wrote it."""
        return self._arrays["steps"].read(*self._step_ends.span(number))

    def steps(self) -> FieldColumns:
        """Give where the words of the paragraphs of all documents begin, as it was taken in."""
        counts = np.diff(self._step_ends.whole().astype(np.int32), prepend=0)
        docs = np.flatnonzero(counts).astype(np.int32)
        return FieldColumns(
            [b""],
            np.array([docs.size]),
            docs,
            counts[docs].astype(np.int32),
            self._arrays["steps"].whole(),
        )

    def find_forms(self, name: str) -> list[str]:
        """Find the folded forms in which the texts have a name."""
        number = self.field(ALL).find(name.encode())
        if number < 0:
            return []
        ends, exact = self._arrays[f"{ALL}/form_ends"], self.field(ALL_EXACT)
        numbers = self._arrays[f"{ALL}/forms"].read(*ends.span(number)).tolist()
        return [exact.name(each).decode() for each in numbers]

    def list_forms(self) -> AnyArray:
        """List the numbers of all names of ALL and, beside, of the forms of each in ALL_EXACT."""
        ends = self._arrays[f"{ALL}/form_ends"].whole().astype(np.int64)
        names = np.repeat(np.arange(ends.size), np.diff(ends, prepend=0))
        return np.array([names, self._arrays[f"{ALL}/forms"].whole()], np.int32)

    def list_keys(self) -> list[str]:
        """Give the keys of all documents."""
        ends = self._key_ends.whole().tolist()
        joined = self._keys.whole().tobytes()
        return [joined[start:end].decode() for start, end in zip([0, *ends], ends, strict=False)]
