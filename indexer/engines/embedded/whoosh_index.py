"""Make an index of Whoosh's, change it, ask what it holds, open it for reading.

Segments are written in bulk: each is one file of arrays, which Whoosh reads through our codec. The
postings of a segment that is being written are held within a bound of memory: what is turned round
and not needed yet goes to a file, and comes back mapped.
"""

import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from indexer.engines.embedded import whoosh_storage as ours
from indexer.engines.embedded.integrity import (
    RUN_PREFIX,
    ArraysWriter,
    CheckedFile,
    Manifest,
    open_arrays,
)
from indexer.engines.embedded.inversion import STEPS, TokenStream, TokenTable, sum_lengths
from indexer.engines.embedded.postings import AnyArray, FieldColumns, invert, join_columns
from indexer.engines.embedded.reader import ArraysReader
from indexer.engines.embedded.segment import SegmentCollector
from indexer.engines.embedded.whoosh_codec import (
    LENGTH_OF_BYTE,
    ArraysCodec,
    arrays_path,
    encode_lengths,
    open_segment,
)
from indexer.engines.embedded.whoosh_storage import (
    measure_segments,
    open_table,
    open_whoosh,
    write_table,
)
from indexer.index.fields import ID, STORED_FIELDS
from indexer.index.postings import Part

Run = Mapping[str, FieldColumns]


class Runs:
    """The postings by field, in parts whose documents go up; all but the last are on disk."""

    def __init__(self, folder: Path) -> None:
        """Begin without any part; `folder` takes those that are written."""
        self._folder = folder
        self._kept: list[Run] = []
        self._last: Run | None = None

    def add(self, run: Run) -> None:
        """Take in a part, its documents above those of the parts before."""
        if self._last is not None:
            self._kept.append(self._put_away(self._last))
        self._last = run

    def put_all_away(self) -> None:
        """Move the last part to the disk too, where there are others: they are joined from there.

        A part that stands alone is written as it is.
        """
        if self._kept and self._last is not None:
            self._kept.append(self._put_away(self._last))
            self._last = None

    def fields(self) -> list[str]:
        """Give the names of all fields that have postings, in order."""
        return sorted({name for run in self._all() for name in run if name != STEPS})

    def read(self, field: str) -> Iterator[FieldColumns]:
        """All postings of a field, in pieces with terms in order."""
        return join_columns([run[field] for run in self._all() if field in run])

    def read_steps(self) -> list[FieldColumns]:
        """Give where words begin, in parts whose documents go up."""
        return [run[STEPS] for run in self._all() if STEPS in run]

    def close(self) -> None:
        """Let everything go."""
        self._kept, self._last = [], None

    def _all(self) -> list[Run]:
        return self._kept if self._last is None else [*self._kept, self._last]

    def _put_away(self, run: Run) -> Run:
        """Move a run into an unlinked file, which goes with the last array of it."""
        with tempfile.TemporaryDirectory(prefix=RUN_PREFIX, dir=self._folder) as folder:
            path = Path(folder) / "run"
            writer = ArraysWriter(path, is_kept=False)
            for name, columns in run.items():
                term_ends = np.cumsum([len(term) for term in columns.terms])
                writer.add(f"{name}/terms", np.frombuffer(b"".join(columns.terms), np.uint8))
                writer.add(f"{name}/term_ends", term_ends)
                writer.add(f"{name}/ends", columns.ends)
                writer.add(f"{name}/docs", columns.docs)
                writer.add(f"{name}/counts", columns.counts)
                if columns.places is not None:
                    writer.add(f"{name}/places", columns.places)
            writer.finish({})
            mapped, _ = open_arrays(CheckedFile(path, None))  # written here: nothing to verify
        whole = {name: held.whole() for name, held in mapped.items()}
        return {name: _read_columns(name, whole) for name in run}


def _read_columns(name: str, arrays: Mapping[str, AnyArray]) -> FieldColumns:
    joined = arrays[f"{name}/terms"].tobytes()
    ends = arrays[f"{name}/term_ends"].tolist()
    return FieldColumns(
        [joined[start:end] for start, end in zip([0, *ends], ends, strict=False)],
        arrays[f"{name}/ends"],
        arrays[f"{name}/docs"],
        arrays[f"{name}/counts"],
        arrays.get(f"{name}/places"),
    )


with ours.old_warnings():
    from whoosh.index import clean_files
    from whoosh.writing import SegmentWriter

_TIER: Final = 6
_FIELD_NAMES: Final = frozenset(field.name for field in STORED_FIELDS)
_TOKEN_BYTES: Final = 120  # what one costs while texts are turned round


def merge_tiers(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge segments of one order of size once there are so many: most commits merge nothing.

    What Whoosh calls a merge type: merges some segments into the writer's, gives the others.
    """
    tiers: dict[int, list[Any]] = {}
    for segment in segments:
        tiers.setdefault(int(math.log(max(1, segment.doc_count_all()), _TIER)), []).append(segment)
    kept = []
    for _, tier in sorted(tiers.items()):
        if len(tier) < _TIER:
            kept += tier
            continue
        for segment in tier:
            writer.add_segment(segment)
    return [segment for segment in segments if segment in kept]


class BulkWriter(SegmentWriter):  # type: ignore[misc]
    """Whoosh's writer, for texts that are analysed once for all fields, many at a time."""

    def __init__(self, index: Any, folder: Path, *, memory_mb: int) -> None:
        """Open an index of `folder` to be written, holding about `memory_mb` before it writes."""
        super().__init__(index, timeout=ours.LOCK_TIMEOUT_S, codec=ArraysCodec(), compound=False)
        self._folder = folder
        self._most_tokens = memory_mb * 1_000_000 // _TOKEN_BYTES
        self._runs = Runs(folder)
        self._table = TokenTable()
        self._stream = TokenStream(self._table)
        self._rows: list[tuple[str, str, Mapping[str, str]]] = []  # of the texts in the stream
        self._keys: list[str] = []  # id and fingerprint of every document before them
        self._forms: set[tuple[str, str]] = set()  # names and their forms, of merged segments
        self._lengths: dict[str, bytearray] = {}  # a byte a document before them, or fewer

    def add_row(
        self, key: str, mark: str, parts: Iterable[Part], facets: Mapping[str, str]
    ) -> None:
        """Add a document: its id, its fingerprint, its texts, its facets."""
        self._stream.add(self.docnum + len(self._rows), parts)
        self._rows.append((key, mark, facets))
        if len(self._stream) >= self._most_tokens:
            self._finish_run()

    def _finish_run(self) -> None:
        """Turn the texts of the stream round."""
        if not self._rows:
            return
        first, count = self.docnum, len(self._rows)
        columns = self._stream.invert()
        lengths = {
            name: encode_lengths(sum_lengths(held, first + count)[first:])
            for name, held in columns.items()
            if name != STEPS
        }
        columns[ID] = _invert_values(first, [key for key, _, _ in self._rows])
        for name in self._rows[0][2]:
            columns[ours.facet_field(name)] = _invert_values(
                first, [facets[name] for _, _, facets in self._rows]
            )
        self._take_in(columns, lengths, [f"{key}\0{mark}" for key, mark, _ in self._rows])
        self._stream = TokenStream(self._table)
        self._table.forget_many()
        self._rows = []

    def add_segment(self, segment: Any) -> None:
        """Take over a segment that is merged, after the documents added before.

        Deleted documents stay behind.
        """
        self._finish_run()
        arrays = open_segment(self.storage, segment)
        is_live = np.ones(arrays.size, np.bool_)
        is_live[list(segment.deleted_docs())] = False
        kept = np.flatnonzero(is_live)
        if not kept.size:
            return
        numbers = np.full(arrays.size, -1, np.int32)
        numbers[kept] = np.arange(self.docnum, self.docnum + kept.size)
        columns = {name: arrays.field(name).columns() for name in arrays.list_fields()}
        columns[STEPS] = arrays.steps()
        for name, values in arrays.facet_values.items():
            codes = arrays.codes(name)
            coded = np.flatnonzero(codes)
            columns[ours.facet_field(name)] = invert(
                values, codes[coded], coded.astype(np.int32), None
            )
        keys = arrays.list_keys()
        self._forms.update(arrays.list_forms())
        self._take_in(
            {name: _move(held, numbers) for name, held in columns.items()},
            {name: held[kept] for name, held in arrays.lengths().items() if held.size},
            [keys[number] for number in kept.tolist()],
        )

    def _take_in(
        self,
        columns: Mapping[str, FieldColumns],
        lengths: Mapping[str, "np.ndarray[Any, Any]"],
        keys: list[str],
    ) -> None:
        """Take in the postings of the next documents, their lengths in bytes, their keys."""
        self._runs.add({name: held for name, held in columns.items() if held.terms})
        for name, held in lengths.items():
            before = self._lengths.setdefault(name, bytearray())
            before.extend(bytes(self.docnum - len(before)))
            before.extend(held.tobytes())
        self._keys += keys
        self.docnum += len(keys)
        self._added = True

    def commit(self, **options: Any) -> None:
        """Write everything and let others see it."""
        self._finish_run()
        # Each field is held whole while it is written: nothing that can stand elsewhere is kept.
        self._forms.update(self._table.list_forms())
        self._table = TokenTable()
        self._stream = TokenStream(self._table)
        self._runs.put_all_away()
        super().commit(**options)

    def _flush_segment(self) -> None:
        """Write all postings, field by field, then what is known of each document."""
        path = arrays_path(self._folder, self.newsegment)
        with SegmentCollector(path) as collector:
            facets = self._write_fields(collector)
            collector.finish(
                lengths={
                    name: np.frombuffer(bytes(held).ljust(self.docnum, b"\0"), np.uint8)
                    for name, held in self._lengths.items()
                },
                facets=facets,
                keys=self._keys,
                forms=self._forms,
                steps=self._runs.read_steps(),
            )

    def _write_fields(
        self, collector: SegmentCollector
    ) -> dict[str, tuple["np.ndarray[Any, Any]", list[str]]]:
        """Write the postings of every field; gives the facets of every document."""
        facets = {name: (np.zeros(self.docnum, np.int32), [""]) for name in ours.FACET_FIELDS}
        names = {ours.facet_field(name): name for name in ours.FACET_FIELDS}
        for field in self._runs.fields():
            if field not in names:
                collector.add_field(field, list(self._runs.read(field)))
                continue
            codes, values = facets[names[field]]
            for piece in self._runs.read(field):
                numbers = np.arange(len(values), len(values) + len(piece.terms), dtype=np.int32)
                codes[piece.docs] = np.repeat(numbers, np.diff(piece.ends, prepend=0))
                values += [term.decode() for term in piece.terms]
        return facets

    def _commit_toc(self, segments: list[Any]) -> None:
        """Show the new segment, with the sums of every file; remove what is no longer named."""
        files = measure_segments(self._folder, segments, self.storage.files)
        write_table(self._folder, segments, self.generation, files)
        clean_files(self.storage, self.indexname, self.generation, segments)

    def _close_segment(self) -> None:
        super()._close_segment()
        self._runs.close()


def _invert_values(first: int, values: list[str]) -> FieldColumns:
    """One value a document, from number `first` on; "" is none."""
    names = sorted(set(values))
    number = {name: place for place, name in enumerate(names)}
    terms = np.array([number[value] for value in values], np.int32)
    docs = np.arange(first, first + len(values), dtype=np.int32)
    if names and not names[0]:
        docs, terms = docs[terms > 0], terms[terms > 0]
    return invert(names, terms, docs, None)


def _move(columns: FieldColumns, numbers: "np.ndarray[Any, Any]") -> FieldColumns:
    """Renumber postings by the documents of the new segment; -1 drops a posting."""
    docs = numbers[columns.docs]
    kept = docs >= 0
    if kept.all():
        return columns._replace(docs=docs)
    terms = np.repeat(np.arange(len(columns.terms)), np.diff(columns.ends, prepend=0))[kept]
    sizes = np.bincount(terms, minlength=len(columns.terms))
    used = np.flatnonzero(sizes)
    places = columns.places
    return FieldColumns(
        [columns.terms[term] for term in used.tolist()],
        np.cumsum(sizes[used], dtype=np.int64),
        docs[kept],
        columns.counts[kept],
        None if places is None else places[np.repeat(kept, columns.counts)],
    )


Row = tuple[str, str, Iterable[Part], Mapping[str, str]]  # id, mark, texts, facets


def create_index(folder: Path) -> None:
    """Make an empty index in `folder`, which must exist."""
    with ours.translate_errors(folder):
        write_table(folder, [], 0, {})


def write_documents(
    folder: Path, rows: Iterable[Row], *, deleted: Iterable[str] = (), memory_mb: int = 48
) -> None:
    """Add documents, delete others, and commit. No id comes twice; `deleted` goes first.

    `memory_mb` bounds what is held before a run goes to disk.
    """
    with ours.translate_errors(folder):
        index = open_whoosh(folder)
        writer = BulkWriter(index, folder, memory_mb=memory_mb)
        try:
            _delete(writer, open_reader(folder), deleted)
            for key, mark, parts, facets in rows:
                writer.add_row(key, mark, parts, facets)
        except BaseException:
            writer.cancel()
            raise
        writer.commit(mergetype=merge_tiers)


def _delete(writer: Any, reader: ArraysReader, keys: Iterable[str]) -> None:
    """Mark the documents of these ids as deleted."""
    for key in keys:
        for number in reader.postings(ID, key)[0].tolist():
            if reader.live[number]:
                writer.delete_document(number)


def read_fingerprints(folder: Path) -> dict[str, str]:
    """Give the fingerprint of every document in the index, by id."""
    return dict(open_reader(folder).keys())


def count_documents(folder: Path) -> int:
    """How many documents are in the index, deleted ones left out."""
    with ours.translate_errors(folder):
        return sum(segment.doc_count() for segment in open_table(folder)[1])


def open_reader(folder: Path) -> ArraysReader:
    """Open the postings of an index, arrays beside its segments. Raises DamagedIndexError."""
    with ours.translate_errors(folder):
        storage, segments = open_table(folder)
    opened = [
        (open_segment(storage, segment), sorted(segment.deleted_docs())) for segment in segments
    ]
    return ArraysReader(opened, LENGTH_OF_BYTE)


def list_sums(folder: Path) -> Manifest:
    """Give the sums of every file of the segments. Raises DamagedIndexError."""
    with ours.translate_errors(folder):
        return open_table(folder)[0].files
