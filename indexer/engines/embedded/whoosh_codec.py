"""Let stock Whoosh read a segment that is one file of arrays: a codec of Whoosh's.

Whoosh 2.7.4 asks a segment for its codec and reads terms, postings, positions, lengths and stored
fields through it (`whoosh.codec.base`): any query of Whoosh's own finds here what it would find in
its own files. `BulkWriter` writes the arrays; a stock writer can write no segment of this kind.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexer.engines.embedded import whoosh_storage as ours
from indexer.engines.embedded.integrity import damaged
from indexer.engines.embedded.postings import Counts
from indexer.engines.embedded.segment import Segment, SegmentField
from indexer.messages import message

with ours.old_warnings():
    from whoosh.codec import base
    from whoosh.codec.whoosh3 import W3Segment
    from whoosh.matching import ListMatcher
    from whoosh.reading import TermInfo, TermNotFound
    from whoosh.util.numeric import byte_to_length

SUFFIX: Final = ".arrays"  # Whoosh removes it with its segment: it goes by the name alone
_PLACE_BYTES: Final = 4
_LONGEST: Final = 255
# Whoosh keeps the length of a text as one byte.
LENGTH_OF_BYTE: Final[Counts] = np.array([byte_to_length(byte) for byte in range(256)], np.float32)

Name = tuple[str, bytes]  # the field and the term, as Whoosh names terms


def encode_lengths(lengths: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Give the byte that stands for each length, as Whoosh's `length_to_byte` does."""
    return np.minimum(LENGTH_OF_BYTE.searchsorted(lengths), _LONGEST).astype(np.uint8)


class ArraysSegment(W3Segment):  # type: ignore[misc]
    """A segment as the table of contents pickles it: its name, its size, what is deleted there.

    It stays importable under this name, and holds no array.
    """

    def __init__(self, indexname: str) -> None:
        """Name a new segment of the index of that name."""
        super().__init__(None, indexname)

    def codec(self, **_: Any) -> "ArraysCodec":
        """Give the codec that reads the segment."""
        return ArraysCodec()

    def should_assemble(self) -> bool:
        """Say that the segment is one file already."""
        return False


class ArraysCodec(base.Codec):  # type: ignore[misc]
    """Reads a file of arrays as a segment of Whoosh's."""

    length_stats = False

    def per_document_writer(self, storage: Any, segment: Any) -> "_NoWriter":
        """Give Whoosh's writer what it closes, and never writes to."""
        return _NoWriter()

    def field_writer(self, storage: Any, segment: Any) -> "_NoWriter":
        """Give Whoosh's writer what it closes, and never writes to."""
        return _NoWriter()

    def terms_reader(self, storage: Any, segment: Any) -> "_TermsReader":
        """Open the terms and their postings."""
        return _TermsReader(open_segment(storage, segment))

    def per_document_reader(self, storage: Any, segment: Any) -> "_DocumentsReader":
        """Open the lengths and stored fields of documents."""
        return _DocumentsReader(open_segment(storage, segment), segment)

    def new_segment(self, storage: Any, indexname: str) -> ArraysSegment:
        """Name a segment that is to be written."""
        return ArraysSegment(indexname)


def arrays_path(folder: Path, segment: Any) -> Path:
    """Name the file of a segment of Whoosh's."""
    return folder / str(segment.make_filename(SUFFIX))


def open_segment(storage: Any, segment: Any) -> Segment:
    """Map the arrays of a segment of Whoosh's. Raises DamagedIndexError.

    They are verified where `storage` knows the sums of its files, as ours does.
    """
    path = arrays_path(Path(storage.folder), segment)
    files = getattr(storage, "files", None)
    if files is not None and path.name not in files:
        raise damaged(message("error.index.unknown-arrays"), path)
    arrays = Segment(path, None if files is None else files[path.name])
    if arrays.size != segment.doc_count_all():
        raise damaged(message("error.index.other-segment"), path)
    return arrays


class _NoWriter(base.PerDocumentWriter, base.FieldWriter):  # type: ignore[misc]
    """Stands where Whoosh's writer wants one of its own; every method that writes raises."""

    is_closed = True


class _FacetField:
    """A facet as a field of terms: a document has one of them, or none."""

    def __init__(self, codes: NDArray[Any], values: Sequence[str]) -> None:
        self._codes = codes
        self._names = [value.encode() for value in values[1:]]  # the first is none
        self.size = len(self._names)
        self.has_places = False

    def find(self, name: bytes) -> int:
        """Find the number of a term, or -1."""
        place = self.first(name)
        return place if place < self.size and self._names[place] == name else -1

    def first(self, name: bytes) -> int:
        """Find the number of the first term that is not before `name`."""
        return bisect_left(self._names, name)

    def names(self, first: int, last: int) -> list[bytes]:
        """List the terms of the numbers from `first` to before `last`."""
        return self._names[first:last]

    def postings(self, number: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Read the documents of a term; each has it once."""
        docs = np.flatnonzero(self._codes == number + 1)
        return docs, np.ones(docs.size, np.int32)

    def document_count(self, number: int) -> int:
        """Count the documents of a term."""
        return int(self.postings(number)[0].size)


class _TermsReader(base.TermsReader):  # type: ignore[misc]
    """The terms of all fields of a segment, in order of the fields' names."""

    def __init__(self, arrays: Segment) -> None:
        self._arrays = arrays
        fields: dict[str, SegmentField | _FacetField] = {
            name: arrays.field(name) for name in arrays.list_fields()
        }
        for name, values in arrays.facet_values.items():
            fields[ours.facet_field(name)] = _FacetField(arrays.codes(name), values)
        self._fields = {name: held for name, held in sorted(fields.items()) if held.size}

    def indexed_field_names(self) -> list[str]:
        """List the fields that have terms."""
        return list(self._fields)

    def __contains__(self, term: Name) -> bool:
        return self._find(*term) >= 0

    def _find(self, field: str, name: bytes) -> int:
        return self._fields[field].find(name) if field in self._fields else -1

    def terms(self) -> Iterator[Name]:
        """Iterate over all terms."""
        for field in self._fields:
            yield from self._list_from(field, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Name]:
        """Iterate over the terms of a field from `prefix` on, then over those of later fields."""
        for field in self._fields:
            if field >= fieldname:
                yield from self._list_from(field, prefix if field == fieldname else b"")

    def _list_from(self, field: str, start: bytes) -> Iterator[Name]:
        held = self._fields[field]
        return ((field, name) for name in held.names(held.first(start), held.size))

    def items(self) -> Iterator[tuple[Name, Any]]:
        """Iterate over all terms with what is known of each."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Name, Any]]:
        """Iterate over the terms from one on, with what is known of each."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> Any:
        """Tell how often a term stands where; Whoosh raises TermNotFound for one that does not.

        The maxima are those of its postings: by these stock searches leave documents out.
        """
        docs, counts = self._read(fieldname, text)
        lengths = self._arrays.field(fieldname).lengths()
        sizes = lengths[docs] if lengths.size else np.zeros(1, np.uint8)
        return TermInfo(
            weight=float(counts.sum()),
            df=int(docs.size),
            minlength=byte_to_length(int(sizes.min())),
            maxlength=byte_to_length(int(sizes.max())),
            maxweight=float(counts.max()),
            minid=int(docs[0]),
            maxid=int(docs[-1]),
        )

    def _read(self, field: str, name: bytes) -> tuple[NDArray[Any], NDArray[Any]]:
        number = self._find(field, name)
        if number < 0:
            raise TermNotFound(f"No term {field}:{name!r}")
        return self._fields[field].postings(number)

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Count the occurrences of a term; Whoosh takes KeyError for none."""
        number = self._find(fieldname, text)
        if number < 0:
            raise KeyError(text)
        return float(self._fields[fieldname].postings(number)[1].sum())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Count the documents of a term; Whoosh takes KeyError for none."""
        number = self._find(fieldname, text)
        if number < 0:
            raise KeyError(text)
        return self._fields[fieldname].document_count(number)

    def matcher(
        self, fieldname: str, text: bytes, format_: Any, scorer: Any = None
    ) -> "_PostingsMatcher":
        """Go through the postings of a term; their values are places, 32 bits each."""
        docs, counts = self._read(fieldname, text)
        held = self._fields[fieldname]
        values = [b""] * int(docs.size)
        if isinstance(held, SegmentField) and held.has_places:
            packed = held.places(held.find(text)).astype("<u4").tobytes()
            ends = (np.cumsum(counts, dtype=np.int64) * _PLACE_BYTES).tolist()
            values = [packed[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        return _PostingsMatcher(
            docs.tolist(),
            counts.astype(np.float64).tolist(),
            values,
            format_,
            scorer,
            term=(fieldname, text),
            terminfo=self.term_info(fieldname, text),
        )

    def cursor(self, fieldname: str, fieldobj: Any) -> "_Cursor":
        """Go through the terms of a field."""
        names = (
            [name for _, name in self._list_from(fieldname, b"")]
            if fieldname in (self._fields)
            else []
        )
        return _Cursor(names, fieldname, fieldobj, self)


class _PostingsMatcher(ListMatcher):  # type: ignore[misc]
    """The postings of a term in order of their documents."""

    _i: int

    def skip_to(self, id: int) -> None:
        """Go on to the first document from `id` on."""
        self._i = bisect_left(self._ids, id, self._i)

    def max_quality(self) -> float:
        """Give the most that any posting may score, as the scorer tells it of the whole term."""
        scorer = self._scorer
        return float(self.block_max_weight() if scorer is None else scorer.max_quality())

    def copy(self) -> "_PostingsMatcher":
        """Copy the matcher where it stands, with all that it knows; Whoosh's own forgets half."""
        return _PostingsMatcher(
            self._ids, self._weights, self._values, self._format, self._scorer, self._i,
            term=self._term, terminfo=self._terminfo,
        )  # fmt: skip


class _Cursor(base.FieldCursor):  # type: ignore[misc]
    """A place among the terms of a field, as Whoosh's automata go through them."""

    def __init__(self, names: list[bytes], field: str, fieldobj: Any, terms: _TermsReader) -> None:
        self._names, self._field, self._fieldobj, self._terms = names, field, fieldobj, terms
        self._place = 0

    def first(self) -> str | None:
        """Go to the first term."""
        self._place = 0
        return self.text()

    def find(self, term: str | bytes) -> str | None:
        """Go to the first term that is not before this one."""
        name = term if isinstance(term, bytes) else self._fieldobj.to_bytes(term)
        self._place = bisect_left(self._names, name)
        return self.text()

    def next(self) -> str | None:
        """Go to the next term."""
        self._place += 1
        return self.text()

    def text(self) -> str | None:
        """Give the term, or None behind the last."""
        if not self.is_valid():
            return None
        text: str = self._fieldobj.from_bytes(self._names[self._place])
        return text

    def term_info(self) -> Any:
        """Tell what is known of the term."""
        if not self.is_valid():
            return None
        return self._terms.term_info(self._field, self._names[self._place])

    def is_valid(self) -> bool:
        """Say whether there is a term here."""
        return self._place < len(self._names)


class _DocumentsReader(base.PerDocumentReader):  # type: ignore[misc]
    """The lengths and stored fields of documents, and which are deleted."""

    def __init__(self, arrays: Segment, segment: Any) -> None:
        self._arrays, self._segment = arrays, segment

    def doc_count(self) -> int:
        """Count the documents that are not deleted."""
        return int(self._segment.doc_count())

    def doc_count_all(self) -> int:
        """Count all documents."""
        return self._arrays.size

    def has_deletions(self) -> bool:
        """Say whether some document is deleted."""
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        """Say whether a document is deleted."""
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> Iterator[int]:
        """Iterate over the deleted documents."""
        return iter(self._segment.deleted_docs())

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Give how many terms a document has in a field, as far as one byte tells."""
        lengths = self._arrays.field(fieldname).lengths()
        length = byte_to_length(int(lengths[docnum])) if lengths.size else 0
        return int(length) or default

    def field_length(self, fieldname: str) -> int:
        """Count all terms of a field."""
        return int(self._arrays.field(fieldname).count_all())

    def min_field_length(self, fieldname: str) -> int:
        """Give the shortest length."""
        return int(byte_to_length(int(self._arrays.field(fieldname).lengths().min(initial=255))))

    def max_field_length(self, fieldname: str) -> int:
        """Give the longest length."""
        return int(byte_to_length(int(self._arrays.field(fieldname).lengths().max(initial=0))))

    def stored_fields(self, docnum: int) -> dict[str, str]:
        """Give the id and the fingerprint of a document."""
        key, _, mark = self._arrays.key(docnum).partition("\0")
        return {"id": key, "fingerprint": mark}
