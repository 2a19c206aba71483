"""Write segments in bulk: Whoosh's own files by a shorter way, and the arrays beside them."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from indexer.engines.segment import SegmentCollector
from indexer.engines.whoosh import schema as ours
from indexer.engines.whoosh.blocks import TermPostings, encode_term, read_terms
from indexer.engines.whoosh.pool import Held, PostingsPool
from indexer.index.fields import FIELDS, ID

with ours.old_warnings():
    from whoosh.codec import whoosh3
    from whoosh.reading import SegmentReader
    from whoosh.writing import SegmentWriter

_TIER: Final = 6
SUFFIX: Final = ".arrays"  # Whoosh removes it with its segment: it goes by the name alone
_FIELD_NAMES: Final = frozenset(field.name for field in FIELDS)


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
    """Whoosh's writer, for documents analysed before."""

    def __init__(self, index: Any, folder: Path, *, memory_mb: int) -> None:
        super().__init__(index, timeout=ours.LOCK_TIMEOUT_S, compound=False)
        self._folder = folder
        self._postings = PostingsPool(folder, memory_mb=memory_mb)

    def add_row(
        self, key: str, mark: str, terms: Mapping[str, ours.Terms], facets: Mapping[str, str]
    ) -> None:
        """Add a document: its id, its fingerprint, the terms of each field, its facets."""
        number = self.docnum
        documents = self.perdocwriter
        documents.start_doc(number)
        add = self._postings.add
        for name in sorted(terms):
            held = terms[name]
            if not held:
                continue
            field = self.schema[name]
            packed: dict[str, Held]
            if field.has_positions:
                packed = {term: ours.pack_places(places) for term, places in held.items()}  # type: ignore[arg-type]
                length = sum(map(len, held.values()))  # type: ignore[arg-type]
            else:
                packed = dict(held)  # type: ignore[arg-type]
                length = sum(packed.values())  # type: ignore[arg-type]
            add(name, number, packed)
            documents.add_field(name, field, None, length)
        for name, value in facets.items():
            if value:
                add(ours.facet_field(name), number, {value: 1})
        for name, value in (("id", key), ("fingerprint", mark)):
            add(name, number, {value: 1})
            documents.add_field(name, self.schema[name], value, 0)
        documents.finish_doc()
        self._added = True
        self.docnum += 1

    def add_postings_to_pool(
        self, reader: Any, startdoc: int, docmap: dict[int, int] | None
    ) -> None:
        """Take over the postings of a segment that is merged; deleted documents stay behind."""
        for name in sorted(reader._terms.indexed_field_names()):
            for postings in read_terms(reader, name):
                moved = _move(postings, startdoc, docmap)
                if moved.docs:
                    self._postings.add_postings(name, moved)

    def _flush_segment(self) -> None:
        """Write all postings, and the arrays from the same pass."""
        self.perdocwriter.close()
        lengths = self._read_lengths()
        collector = SegmentCollector()
        facets = {name: (np.zeros(self.docnum, np.int32), [""]) for name in ours.FACET_FIELDS}
        names = {ours.facet_field(name): name for name in ours.FACET_FIELDS}
        keys = {"id": [""] * self.docnum, "fingerprint": [""] * self.docnum}
        out = self.fieldwriter
        offset = 0
        for field in self._postings.fields():
            out.start_field(field, self.schema[field])
            field_id = whoosh3.pack_ushort(out._fieldid)
            sizes = lengths.get(field, b"")
            is_collected = field in _FIELD_NAMES or field == ID
            if is_collected:
                collector.start_field(field)
            for postings in self._postings.terms(field):
                blocks, told = encode_term(postings, sizes, offset)
                out._postfile.write(blocks)
                offset += len(blocks)
                out._tindex.add(field_id + postings.term, told)
                if is_collected:
                    places = None if postings.values is None else b"".join(postings.values)
                    collector.add(postings.term, postings.docs, postings.counts, places)
                if field in names:
                    codes, values = facets[names[field]]
                    codes[postings.docs] = len(values)
                    values.append(postings.term.decode())
                elif field in keys:
                    for doc in postings.docs:
                        keys[field][doc] = postings.term.decode()
            out.finish_field()
        out.close()
        collector.write(
            arrays_path(self._folder, self.newsegment.segment_id()),
            lengths={name: np.frombuffer(held, np.uint8) for name, held in lengths.items()},
            facets=facets,
            keys=[
                f"{key}\0{mark}" for key, mark in zip(keys["id"], keys["fingerprint"], strict=True)
            ],
        )

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

    def _close_segment(self) -> None:
        super()._close_segment()
        self._postings.close()


def _move(postings: TermPostings, startdoc: int, docmap: dict[int, int] | None) -> TermPostings:
    """The same postings under the numbers that documents have in the new segment."""
    if docmap is None:
        return postings._replace(docs=[startdoc + doc for doc in postings.docs])
    kept = [place for place, doc in enumerate(postings.docs) if doc in docmap]
    return TermPostings(
        postings.term,
        [docmap[postings.docs[place]] for place in kept],
        [postings.counts[place] for place in kept],
        None if postings.values is None else [postings.values[place] for place in kept],
    )
