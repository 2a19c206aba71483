"""Make an index of Whoosh's, change it, ask what it holds, open it for reading."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from indexer.engines.postings import PostingsReader
from indexer.engines.segment import Segment, SegmentCollector
from indexer.engines.sidecar import SidecarReader
from indexer.engines.whoosh import schema as ours
from indexer.engines.whoosh.blocks import read_columns
from indexer.engines.whoosh.reader import LENGTH_OF_BYTE, WhooshReader
from indexer.engines.whoosh.writer import BulkWriter, arrays_path, merge_tiers
from indexer.errors import SearchIndexError
from indexer.index.fields import ID, STORED_FIELDS
from indexer.index.postings import Part

with ours.old_warnings():
    from whoosh.filedb.filestore import FileStorage
    from whoosh.index import TOC
    from whoosh.reading import TermNotFound

Row = tuple[str, str, Iterable[Part], Mapping[str, str]]  # id, mark, texts, facets


def create_index(folder: Path) -> None:
    """Make an empty index in `folder`, which must exist."""
    with ours.translate_errors(folder):
        FileStorage(str(folder)).create_index(ours.make_schema(), indexname=ours.NAME)


def write_documents(
    folder: Path, rows: Iterable[Row], *, deleted: Iterable[str] = (), memory_mb: int = 256
) -> None:
    """Add documents, delete others, and commit. No id comes twice; `deleted` goes first.

    `memory_mb` bounds what is held before a run goes to disk.
    """
    with ours.translate_errors(folder):
        index = ours.open_whoosh(folder)
        writer = BulkWriter(index, folder, memory_mb=memory_mb)
        try:
            with index.reader() as reader:
                _delete(writer, reader, set(deleted))
            for key, mark, parts, facets in rows:
                writer.add_row(key, mark, parts, facets)
        except BaseException:
            writer.cancel()
            raise
        writer.commit(mergetype=merge_tiers)


def _delete(writer: Any, reader: Any, keys: set[str]) -> None:
    """Mark the documents of these ids as deleted."""
    if not reader.doc_count_all():
        return
    for key in keys:
        try:
            matcher = reader.postings("id", key)
        except TermNotFound:
            continue
        for number in matcher.all_ids():
            writer.delete_document(number)


def read_fingerprints(folder: Path) -> dict[str, str]:
    """The fingerprint of every document in the index, by id."""
    with ours.translate_errors(folder), ours.open_whoosh(folder).reader() as reader:
        return {stored["id"]: stored["fingerprint"] for _, stored in reader.iter_docs()}


def count_documents(folder: Path) -> int:
    """How many documents are in the index, deleted ones left out."""
    with ours.translate_errors(folder):
        return sum(segment.doc_count() for segment in ours.open_whoosh(folder)._segments())


def find_generation(folder: Path) -> int:
    """The number of the last commit, -1 when there is none."""
    return int(TOC._latest_generation(FileStorage(str(folder)), ours.NAME))


def open_reader(folder: Path) -> PostingsReader:
    """The postings of an index: from the arrays beside its segments, else from Whoosh."""
    with ours.translate_errors(folder):
        segments = ours.open_whoosh(folder)._segments()
    opened = []
    try:
        for segment in segments:
            arrays = Segment(arrays_path(folder, segment.segment_id()))
            if arrays.size != segment.doc_count_all():
                return WhooshReader(folder)
            opened.append((arrays, sorted(segment.deleted_docs())))
    except SearchIndexError:  # missing or cut short: a crash, or somebody tidied up
        return WhooshReader(folder)
    return SidecarReader(opened, LENGTH_OF_BYTE)


def ensure_arrays(folder: Path) -> int:
    """Write the arrays that are missing beside segments; gives how many were."""
    written = 0
    with ours.translate_errors(folder):
        reader = ours.open_whoosh(folder).reader()
        for leaf, _ in reader.leaf_readers():
            segment = leaf.segment()
            path = arrays_path(folder, segment.segment_id())
            try:
                if Segment(path).size == segment.doc_count_all():
                    continue
            except SearchIndexError:
                pass
            _write_arrays(leaf, path)
            written += 1
        reader.close()
    return written


def _write_arrays(leaf: Any, path: Path) -> None:
    """The arrays of one segment, read back from Whoosh's own files."""
    size = leaf.doc_count_all()
    with SegmentCollector(path) as collector:
        lengths = {}
        for field in STORED_FIELDS:
            columns = read_columns(leaf, field.name)
            if columns is not None:
                collector.add_field(field.name, [columns])
            lengths[field.name] = WhooshReader.length_bytes(leaf, field.name)
        ids = read_columns(leaf, ID)
        if ids is not None:
            collector.add_field(ID, [ids])
        facets = {}
        for name in ours.FACET_FIELDS:
            codes, values = np.zeros(size, np.int32), [""]
            held = read_columns(leaf, ours.facet_field(name))
            if held is not None:
                codes[held.docs] = 1 + np.repeat(
                    np.arange(len(held.terms)), np.diff(held.ends, prepend=0)
                )
                values += [term.decode() for term in held.terms]
            facets[name] = codes, values
        keys = []
        for number in range(size):
            stored = leaf.stored_fields(number)
            keys.append(f"{stored['id']}\0{stored['fingerprint']}")
        collector.finish(lengths=lengths, facets=facets, keys=keys)
