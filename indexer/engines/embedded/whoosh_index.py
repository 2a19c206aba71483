"""Make an index of Whoosh's, change it, ask what it holds, open it for reading.

Segments are written in bulk: each is one file of arrays, which Whoosh reads through our codec. The
postings of a segment that is being written are held within a bound of memory, whatever texts there
are: what is turned round goes to a file, comes back mapped and is put together piece by piece.
"""

import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import numpy as np

from indexer.engines.embedded import whoosh_storage as ours
from indexer.engines.embedded.integrity import (
    RUN_PREFIX,
    ArraySpool,
    ArraysWriter,
    CheckedFile,
    Manifest,
    open_arrays,
)
from indexer.engines.embedded.inversion import (
    STEPS,
    TokenStream,
    TokenTable,
    sum_lengths,
)
from indexer.engines.embedded.postings import (
    RIGHT_BITS,
    AnyArray,
    FieldColumns,
    FieldJoin,
    PairColumns,
    Terms,
    invert,
    join_pairs,
    renumber,
)
from indexer.engines.embedded.reader import ArraysReader
from indexer.engines.embedded.segment import PAIRS_OF, Segment, SegmentCollector
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
from indexer.index.fields import ALL, ALL_EXACT, ID, IDENTIFIER, STORED_FIELDS
from indexer.index.postings import Part


class Run(NamedTuple):
    """The postings of some documents; a segment is written from one run or several.

    Terms have other numbers in each run; pairs and forms go by them.
    """

    fields: Mapping[str, FieldColumns]  # STEPS among them
    pairs: Mapping[str, PairColumns]  # by the field of the words
    forms: AnyArray  # two rows: numbers of names in ALL, of the forms that have them in ALL_EXACT


class Runs:
    """The postings by field, in runs whose documents go up; all but the last are on disk."""

    def __init__(self, folder: Path, most: int) -> None:
        """Begin without any run; `folder` takes those that are written.

        About `most` postings or places are handled at once where runs are put together.
        """
        self._folder, self._most = folder, most
        self._kept: list[Run] = []
        self._last: Run | None = None

    def add(self, run: Run) -> None:
        """Take in a run, its documents not below those of the runs before."""
        if self._last is not None:
            self._kept.append(_put_away(self._folder, self._last))
        self._last = run

    def add_segment(self, arrays: Segment, numbers: AnyArray, facets: Mapping[str, str]) -> None:
        """Take in a segment, written at once, a piece of it at a time.

        `numbers` are those of its documents in the whole, -1 for those that are left out; `facets`
        name the fields of its facets.
        """
        if self._last is not None:
            self._kept.append(_put_away(self._folder, self._last))
            self._last = None
        self._kept.append(_copy_segment(self._folder, arrays, numbers, facets, self._most))

    def put_all_away(self) -> None:
        """Move the last run to the disk too, where there are others: they are joined from there.

        A run that stands alone is written as it is.
        """
        if self._kept and self._last is not None:
            self._kept.append(_put_away(self._folder, self._last))
            self._last = None

    def fields(self) -> list[str]:
        """Give the names of all fields that have postings, in order."""
        return sorted({name for run in self._all() for name in run.fields if name != STEPS})

    def join(self, field: str) -> FieldJoin:
        """All postings of a field, in pieces with terms in order."""
        return FieldJoin([run.fields[field] for run in self._having(field)], self._most)

    def join_pairs(self, field: str, joined: FieldJoin) -> Iterator[PairColumns]:
        """All pairs of a field whose pieces were given."""
        parts = [run.pairs[field] for run in self._having(field)]
        return join_pairs(parts, joined.numbers, self._most)

    def join_forms(self, names: FieldJoin, forms: FieldJoin) -> AnyArray:
        """Give the pairs of a name and a form, by their numbers in the whole, in order, once."""
        having = [run for run in self._all() if ALL in run.fields]
        pairs = [
            (of_name[run.forms[0]].astype(np.int64) << RIGHT_BITS) | of_form[run.forms[1]]
            for run, of_name, of_form in zip(having, names.numbers, forms.numbers, strict=True)
        ]
        return np.unique(np.concatenate([np.empty(0, np.int64), *pairs]))

    def read_steps(self) -> list[FieldColumns]:
        """Give where words begin, in parts whose documents go up."""
        return [run.fields[STEPS] for run in self._having(STEPS)]

    def close(self) -> None:
        """Let everything go."""
        self._kept, self._last = [], None

    def _all(self) -> list[Run]:
        return self._kept if self._last is None else [*self._kept, self._last]

    def _having(self, field: str) -> list[Run]:
        return [run for run in self._all() if field in run.fields]


class _RunWriter:
    """Writes a run into an unlinked file, which goes with the last array of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix=RUN_PREFIX, dir=folder)
        self._path = Path(self._folder.name) / "run"
        self._writer = ArraysWriter(self._path, is_kept=False)
        self._fields: list[str] = []
        self._pairs: list[str] = []

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the folder."""
        self._writer.give_up()
        self._folder.cleanup()

    def add_field(self, name: str, pieces: Iterable[FieldColumns]) -> None:
        """Write the postings of a field, if it has any."""
        spools = {kind: self._writer.spool(dtype) for kind, dtype in _RUN_ARRAYS.items()}
        for piece in pieces:
            if piece.places is not None:
                spools["places"].add(piece.places)
            ends = np.cumsum([len(term) for term in piece.terms], dtype=np.int64)
            spools["term_ends"].add(ends + spools["terms"].size)
            spools["terms"].add(np.frombuffer(b"".join(piece.terms), np.uint8))
            _spool_postings(spools, piece)
        if spools["docs"].size:
            self._fields.append(name)
            self._write(name, spools)

    def add_pairs(self, name: str, pieces: Iterable[PairColumns]) -> None:
        """Write the pairs of a field."""
        kinds = ("pairs", "ends", "docs", "counts")
        spools = {kind: self._writer.spool(_RUN_ARRAYS[kind]) for kind in kinds}
        for piece in pieces:
            spools["pairs"].add(piece.pairs)
            _spool_postings(spools, piece)
        self._pairs.append(name)
        self._write(f"{name}/pairs", spools)

    def _write(self, name: str, spools: Mapping[str, ArraySpool]) -> None:
        for kind, spool in spools.items():
            self._writer.add_spool(f"{name}/{kind}", spool, np.dtype(_RUN_ARRAYS[kind]))

    def finish(self, forms: AnyArray) -> Run:
        """Close the file and give the run, mapped."""
        self._writer.add("forms", forms)
        self._writer.finish({})
        # Written here: nothing to verify.
        mapped, _ = open_arrays(CheckedFile(self._path, None))
        whole = {name: held.whole() for name, held in mapped.items()}
        return Run(
            {name: _read_columns(name, whole) for name in self._fields},
            {
                name: PairColumns(
                    *(whole[f"{name}/pairs/{kind}"] for kind in ("pairs", "ends", "docs", "counts"))
                )
                for name in self._pairs
            },
            whole["forms"].reshape(2, -1),
        )


_RUN_ARRAYS: Final[Mapping[str, type[np.generic]]] = {
    "terms": np.uint8, "term_ends": np.int64, "ends": np.int64, "docs": np.int32,
    "counts": np.int32, "places": np.int32, "pairs": np.int64,
}  # fmt: skip


def _spool_postings(spools: Mapping[str, ArraySpool], piece: FieldColumns | PairColumns) -> None:
    spools["ends"].add(piece.ends + spools["docs"].size)
    spools["docs"].add(piece.docs)
    spools["counts"].add(piece.counts)


def _read_columns(name: str, arrays: Mapping[str, AnyArray]) -> FieldColumns:
    places = arrays[f"{name}/places"]
    return FieldColumns(
        Terms(arrays[f"{name}/terms"], arrays[f"{name}/term_ends"]),
        arrays[f"{name}/ends"],
        arrays[f"{name}/docs"],
        arrays[f"{name}/counts"],
        places if places.size else None,
    )


def _put_away(folder: Path, run: Run) -> Run:
    """Move a run into a file."""
    with _RunWriter(folder) as writer:
        for name, columns in run.fields.items():
            writer.add_field(name, [columns])
        for name, pairs in run.pairs.items():
            writer.add_pairs(name, [pairs])
        return writer.finish(run.forms)


def _copy_segment(
    folder: Path, arrays: Segment, numbers: AnyArray, facets: Mapping[str, str], most: int
) -> Run:
    """Write the documents of a segment that are kept as a run, about `most` postings at a time."""
    ranks: dict[str, AnyArray] = {}
    with _RunWriter(folder) as writer:
        for name in arrays.list_fields():
            field = arrays.field(name)
            ranks[name] = np.full(field.size, -1, np.int32)
            writer.add_field(name, _move_all(field.cut_columns(most), numbers, ranks[name]))
        writer.add_field(STEPS, _move_all([arrays.steps()], numbers, np.empty(1, np.int32)))
        for name, field_name in facets.items():
            values, codes = arrays.facet_values[name], arrays.codes(name)
            coded = np.flatnonzero(codes)
            columns = invert(values, codes[coded], coded.astype(np.int32), None)
            writer.add_field(
                field_name, _move_all([columns], numbers, np.empty(len(values), np.int32))
            )
        for words, rank in ranks.items():
            if words in PAIRS_OF:
                pairs = arrays.field(PAIRS_OF[words]).cut_pairs(most)
                writer.add_pairs(words, (_move_pairs(each, numbers, rank) for each in pairs))
        forms = arrays.list_forms()
        if forms.size:
            forms = np.array([ranks[ALL][forms[0]], ranks[ALL_EXACT][forms[1]]], np.int32)
        return writer.finish(forms[:, (forms >= 0).all(axis=0)])


def _move_all(
    pieces: Iterable[FieldColumns], numbers: AnyArray, ranks: AnyArray
) -> Iterator[FieldColumns]:
    """Renumber the documents of a field; -1 drops a posting.

    Fills `ranks` with the new number of each term, as far as it has any posting left.
    """
    before = known = 0
    for piece in pieces:
        docs = numbers[piece.docs]
        kept = docs >= 0
        terms = np.repeat(np.arange(len(piece.terms)), np.diff(piece.ends, prepend=0))[kept]
        sizes = np.bincount(terms, minlength=len(piece.terms))
        used = np.flatnonzero(sizes)
        ranks[before + used] = np.arange(known, known + used.size)
        before, known = before + len(piece.terms), known + used.size
        places = piece.places
        yield FieldColumns(
            [piece.terms[term] for term in used.tolist()],
            np.cumsum(sizes[used], dtype=np.int64),
            docs[kept],
            piece.counts[kept],
            None if places is None else places[np.repeat(kept, piece.counts)],
        )


def _move_pairs(piece: PairColumns, numbers: AnyArray, ranks: AnyArray) -> PairColumns:
    """Renumber the documents and the terms of pairs; a document of -1 drops a posting."""
    docs = numbers[piece.docs]
    kept = docs >= 0
    pairs = np.repeat(np.arange(piece.pairs.size), np.diff(piece.ends, prepend=0))[kept]
    sizes = np.bincount(pairs, minlength=piece.pairs.size)
    used = np.flatnonzero(sizes)
    return PairColumns(
        renumber(piece.pairs[used], ranks),
        np.cumsum(sizes[used], dtype=np.int64),
        docs[kept],
        piece.counts[kept],
    )


with ours.old_warnings():
    from whoosh.index import clean_files
    from whoosh.writing import SegmentWriter

_TIER: Final = 6
_FIELD_NAMES: Final = frozenset(field.name for field in STORED_FIELDS)
_POSTINGS_PER_MB: Final = 6_000  # handled at once where runs are put together
_LEAST: Final = 10_000
_CODES_PER_MB: Final = 1_300
_TOKEN_BYTES: Final = 150  # what one costs while texts are turned round: 130 were measured


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
        """Open an index of `folder` to be written, holding about `memory_mb` before it writes.

        As much again is remembered of the words read.
        """
        super().__init__(index, timeout=ours.LOCK_TIMEOUT_S, codec=ArraysCodec(), compound=False)
        self._folder = folder
        self._most_tokens = memory_mb * 1_000_000 // _TOKEN_BYTES
        self._runs = Runs(folder, max(_LEAST, memory_mb * _POSTINGS_PER_MB))
        self._most_codes = memory_mb * _CODES_PER_MB
        self._table = TokenTable(self._most_codes)
        self._stream = TokenStream(self._table)
        # Of the texts in the stream: id, fingerprint, facets, identifiers.
        self._rows: list[tuple[str, str, Mapping[str, str], Sequence[str]]] = []
        self._keys: list[str] = []  # id and fingerprint of every document before them
        self._lengths: dict[str, bytearray] = {}  # a byte a document before them, or fewer
        # Of a document that began in the run before: how many terms each field has so far.
        self._begun: dict[str, int] = {}

    def add_row(
        self,
        key: str,
        mark: str,
        parts: Iterable[Part],
        facets: Mapping[str, str],
        identifiers: Sequence[str],
    ) -> None:
        """Add a document: its id, its fingerprint, its texts, its facets, what names it.

        A long one may be cut between two of its texts, into several runs.
        """
        number = self.docnum + len(self._rows)
        has_cut = self._is_full()  # nothing else fills a run
        for part in parts:
            if has_cut and self._is_full():
                self._finish_run(is_open=True)
            has_cut = self._stream.add(number, part)
        self._rows.append((key, mark, facets, identifiers))
        if self._is_full():
            self._finish_run()

    def _is_full(self) -> bool:
        return len(self._stream) >= self._most_tokens or self._table.is_full

    def _finish_run(self, *, is_open: bool = False) -> None:
        """Turn the texts of the stream round; the last document, if open, goes on in the next."""
        if not self._rows and not len(self._stream):
            return
        first = self.docnum
        columns = self._stream.invert()
        lengths = self._encode_lengths(columns, is_open=is_open)
        columns[ID] = _invert_values(first, [key for key, *_ in self._rows])
        columns[IDENTIFIER] = _invert_several(first, [each for *_, each in self._rows])
        for name in self._rows[0][2] if self._rows else ():
            columns[ours.facet_field(name)] = _invert_values(
                first, [facets[name] for _, _, facets, _ in self._rows]
            )
        kept = {name: held for name, held in columns.items() if held.terms}
        self._runs.add(Run(kept, self._stream.pairs, self._stream.forms))
        self._take_in(lengths, [f"{key}\0{mark}" for key, mark, *_ in self._rows])
        begun = self._stream.places if is_open else {}
        if self._table.is_full:
            self._table.close()
            self._table = TokenTable(self._most_codes)
        self._stream = TokenStream(self._table, begun)
        self._rows = []

    def _encode_lengths(
        self, columns: Mapping[str, FieldColumns], *, is_open: bool
    ) -> dict[str, AnyArray]:
        """Give the length of each document with a row in each field, as one byte.

        Where one is open, what it has so far is remembered.
        """
        first, count = self.docnum, len(self._rows)
        begun, self._begun = self._begun, {}
        lengths = {}
        for name in sorted({*columns, *begun} - {STEPS}):  # in one order, whatever the hashes
            counts = np.zeros(count + is_open, np.int64)
            if name in columns:
                counts += sum_lengths(columns[name], first + counts.size)[first:]
            if counts.size:
                counts[0] += begun.get(name, 0)
            if is_open:
                self._begun[name] = int(counts[-1])
            lengths[name] = encode_lengths(counts[:count].astype(np.int32))
        return lengths

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
        facets = {name: ours.facet_field(name) for name in arrays.facet_values}
        self._runs.add_segment(arrays, numbers, facets)
        keys = arrays.list_keys()
        self._take_in(
            {name: held[kept] for name, held in arrays.lengths().items() if held.size},
            [keys[number] for number in kept.tolist()],
        )

    def _take_in(self, lengths: Mapping[str, AnyArray], keys: list[str]) -> None:
        """Take in the lengths of the next documents, in bytes, and their keys."""
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
        self._table.close()
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
                steps=self._runs.read_steps(),
            )

    def _write_fields(
        self, collector: SegmentCollector
    ) -> dict[str, tuple["np.ndarray[Any, Any]", list[str]]]:
        """Write the postings of every field; gives the facets of every document."""
        facets = {name: (np.zeros(self.docnum, np.int32), [""]) for name in ours.FACET_FIELDS}
        names = {ours.facet_field(name): name for name in ours.FACET_FIELDS}
        joined: dict[str, FieldJoin] = {}
        for field in self._runs.fields():
            pieces = self._runs.join(field)
            if field not in names:
                collector.add_field(field, pieces)
                if field in PAIRS_OF:
                    collector.add_pairs(field, pieces.count, self._runs.join_pairs(field, pieces))
                if field in (ALL, ALL_EXACT):
                    joined[field] = pieces
                continue
            codes, values = facets[names[field]]
            for piece in pieces:
                numbers = np.arange(len(values), len(values) + len(piece.terms), dtype=np.int32)
                codes[piece.docs] = np.repeat(numbers, np.diff(piece.ends, prepend=0))
                values += [term.decode() for term in piece.terms]
        if len(joined) == 2:
            collector.add_forms(
                joined[ALL].count, self._runs.join_forms(joined[ALL], joined[ALL_EXACT])
            )
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


def _invert_several(first: int, values: Sequence[Sequence[str]]) -> FieldColumns:
    """Any number of values a document, from number `first` on."""
    held = [(value, doc) for doc, each in enumerate(values, first) for value in each]
    names = sorted({value for value, _ in held})
    number = {name: place for place, name in enumerate(names)}
    terms = np.array([number[value] for value, _ in held], np.int32)
    return invert(names, terms, np.array([doc for _, doc in held], np.int32), None)


# id, mark, texts, facets, identifiers
Row = tuple[str, str, Iterable[Part], Mapping[str, str], Sequence[str]]


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
            for row in rows:
                writer.add_row(*row)
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
    """Count the documents of the index, deleted ones left out."""
    with ours.translate_errors(folder):
        return sum(segment.doc_count() for segment in open_table(folder)[1])


def open_reader(folder: Path) -> ArraysReader:
    """Open the postings of an index, arrays beside its segments. Raises DamagedIndexError."""
    with ours.translate_errors(folder):
        storage, segments = open_table(folder)
    opened = [
        (open_segment(storage, segment), sorted(segment.deleted_docs())) for segment in segments
    ]
    return ArraysReader(opened, LENGTH_OF_BYTE, folder)


def list_sums(folder: Path) -> Manifest:
    """Give the sums of every file of the segments. Raises DamagedIndexError."""
    with ours.translate_errors(folder):
        return open_table(folder)[0].files
