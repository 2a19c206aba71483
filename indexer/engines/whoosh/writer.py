"""Write segments in bulk: Whoosh's own files by a shorter way, and the arrays beside them."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from indexer.engines.columns import FieldColumns, invert
from indexer.engines.inversion import TokenStream, sum_lengths
from indexer.engines.segment import Segment, SegmentCollector
from indexer.engines.tokens import TokenTable
from indexer.engines.whoosh import schema as ours
from indexer.engines.whoosh.blocks import encode_term, list_postings, read_columns
from indexer.engines.whoosh.runs import Runs
from indexer.engines.whoosh.storage import measure_segments, write_table
from indexer.index.fields import ID, STORED_FIELDS
from indexer.index.postings import Part

with ours.old_warnings():
    from whoosh.codec import whoosh3
    from whoosh.index import clean_files
    from whoosh.reading import SegmentReader
    from whoosh.writing import SegmentWriter

_TIER: Final = 6
SUFFIX: Final = ".arrays"  # Whoosh removes it with its segment: it goes by the name alone
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
            reader = SegmentReader(writer.storage, writer.schema, segment)
            writer.add_reader(reader)
            reader.close()
    return [segment for segment in segments if segment in kept]


def arrays_path(folder: Path, segment_id: str) -> Path:
    """The file of arrays beside a segment."""
    return folder / f"{segment_id}{SUFFIX}"


class BulkWriter(SegmentWriter):  # type: ignore[misc]
    """Whoosh's writer, for texts that are analysed once for all fields, many at a time."""

    def __init__(self, index: Any, folder: Path, *, memory_mb: int) -> None:
        super().__init__(index, timeout=ours.LOCK_TIMEOUT_S, compound=False)
        self._folder = folder
        self._most_tokens = memory_mb * 1_000_000 // _TOKEN_BYTES
        self._runs = Runs(folder)
        self._table = TokenTable()
        self._stream = TokenStream(self._table)
        self._rows: list[tuple[str, str, Mapping[str, str]]] = []  # of the texts in the stream

    def add_row(
        self, key: str, mark: str, parts: Iterable[Part], facets: Mapping[str, str]
    ) -> None:
        """Add a document: its id, its fingerprint, its texts, its facets."""
        self._stream.add(self.docnum + len(self._rows), parts)
        self._rows.append((key, mark, facets))
        if len(self._stream) >= self._most_tokens:
            self._finish_run()

    def _finish_run(self) -> None:
        """Turn the texts of the stream round, and tell Whoosh of their documents."""
        if not self._rows:
            return
        first, count = self.docnum, len(self._rows)
        columns = self._stream.invert()
        lengths = {
            name: sum_lengths(held, first + count)[first:].tolist()
            for name, held in columns.items()
        }
        documents = self.perdocwriter
        for place, (key, mark, _) in enumerate(self._rows):
            documents.start_doc(first + place)
            for name, held in lengths.items():
                documents.add_field(name, self.schema[name], None, held[place])
            for name, value in (("id", key), ("fingerprint", mark)):
                documents.add_field(name, self.schema[name], value, 0)
            documents.finish_doc()
        columns[ID] = _invert_values(first, [key for key, _, _ in self._rows])
        for name in self._rows[0][2]:
            columns[ours.facet_field(name)] = _invert_values(
                first, [facets[name] for _, _, facets in self._rows]
            )
        self._runs.add({name: held for name, held in columns.items() if held.terms})
        self._stream = TokenStream(self._table)
        self._rows = []
        self._added = True
        self.docnum += count

    def add_reader(self, reader: Any) -> None:
        """Take over a segment that is merged, after the documents added before."""
        self._finish_run()
        super().add_reader(reader)

    def add_postings_to_pool(
        self, reader: Any, startdoc: int, docmap: dict[int, int] | None
    ) -> None:
        """Take over the postings of a segment that is merged; deleted documents stay behind."""
        numbers = np.full(reader.doc_count_all(), -1, np.int32)
        if docmap is None:
            numbers[:] = np.arange(startdoc, startdoc + numbers.size)
        else:
            numbers[list(docmap)] = list(docmap.values())
        run = {}
        # The arrays beside a segment say the same as its postings, many times faster.
        path = arrays_path(self._folder, reader.segment().segment_id())
        arrays = Segment(path, self.storage.files[path.name])
        for name in reader._terms.indexed_field_names():
            columns = None
            if name in _FIELD_NAMES or name == ID:
                columns = arrays.columns(name)
            if columns is None:
                columns = read_columns(reader, name)
            moved = None if columns is None else _move(columns, numbers)
            if moved is not None and moved.terms:
                run[name] = moved
        self._runs.add(run)

    def commit(self, **options: Any) -> None:
        """Write everything and let others see it."""
        self._finish_run()
        super().commit(**options)

    def _flush_segment(self) -> None:
        """Write all postings, and the arrays from the same pass."""
        self.perdocwriter.close()
        lengths = self._read_lengths()
        path = arrays_path(self._folder, self.newsegment.segment_id())
        with SegmentCollector(path) as collector:
            facets = self._write_fields(lengths, collector)
            collector.finish(
                lengths={name: np.frombuffer(held, np.uint8) for name, held in lengths.items()},
                facets=facets,
                keys=self._read_keys(),
            )

    def _write_fields(
        self, lengths: Mapping[str, bytes], collector: SegmentCollector
    ) -> dict[str, tuple["np.ndarray[Any, Any]", list[str]]]:
        """Write the postings of every field; gives the facets of every document."""
        facets = {name: (np.zeros(self.docnum, np.int32), [""]) for name in ours.FACET_FIELDS}
        names = {ours.facet_field(name): name for name in ours.FACET_FIELDS}
        out = self.fieldwriter
        offset = 0
        for field in self._runs.fields():
            out.start_field(field, self.schema[field])
            field_id = whoosh3.pack_ushort(out._fieldid)
            sizes = lengths.get(field, b"")
            pieces = []
            for piece in self._runs.read(field):
                for postings in list_postings(piece):
                    blocks, told = encode_term(postings, sizes, offset)
                    out._postfile.write(blocks)
                    offset += len(blocks)
                    out._tindex.add(field_id + postings.term, told)
                    if field in names:
                        codes, values = facets[names[field]]
                        codes[postings.docs] = len(values)
                        values.append(postings.term.decode())
                pieces.append(piece)
            if field in _FIELD_NAMES or field == ID:
                collector.add_field(field, pieces)
            out.finish_field()
        out.close()
        return facets

    def _read_keys(self) -> list[str]:
        """The id and the fingerprint of every document."""
        documents = self.per_document_reader()
        stored = [documents.stored_fields(number) for number in range(self.docnum)]
        documents.close()
        return [f"{each['id']}\0{each['fingerprint']}" for each in stored]

    def _read_lengths(self) -> dict[str, bytes]:
        """The length byte of every document, for the fields that keep one."""
        documents = self.per_document_reader()
        lengths = {}
        for name in _FIELD_NAMES:
            column_name = whoosh3._lenfield(name)
            if documents.has_column(column_name):
                column = documents.column_reader(column_name, whoosh3.LENGTHS_COLUMN)
                lengths[name] = bytes(column[number] for number in range(self.docnum))
        documents.close()
        return lengths

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
