"""Make an index of Whoosh's, change it, ask what it holds, open it for reading."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from indexer.engines.integrity import Manifest
from indexer.engines.sidecar import SidecarReader
from indexer.engines.whoosh import schema as ours
from indexer.engines.whoosh.codec import LENGTH_OF_BYTE, open_segment
from indexer.engines.whoosh.storage import open_table, open_whoosh, write_table
from indexer.engines.whoosh.writer import BulkWriter, merge_tiers
from indexer.index.fields import ID
from indexer.index.postings import Part
from indexer.search.synonyms import NO_SYNONYMS, SynonymMap

Row = tuple[str, str, Iterable[Part], Mapping[str, str]]  # id, mark, texts, facets


def create_index(folder: Path) -> None:
    """Make an empty index in `folder`, which must exist."""
    with ours.translate_errors(folder):
        write_table(folder, [], 0, {})


def write_documents(
    folder: Path, rows: Iterable[Row], *, deleted: Iterable[str] = (), memory_mb: int = 256
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


def _delete(writer: Any, reader: SidecarReader, keys: Iterable[str]) -> None:
    """Mark the documents of these ids as deleted."""
    for key in keys:
        for number in reader.postings(ID, key)[0].tolist():
            if reader.live[number]:
                writer.delete_document(number)


def read_fingerprints(folder: Path) -> dict[str, str]:
    """The fingerprint of every document in the index, by id."""
    return dict(open_reader(folder).keys())


def count_documents(folder: Path) -> int:
    """How many documents are in the index, deleted ones left out."""
    with ours.translate_errors(folder):
        return sum(segment.doc_count() for segment in open_table(folder)[1])


def open_reader(folder: Path, synonyms: SynonymMap = NO_SYNONYMS) -> SidecarReader:
    """The postings of an index, from the arrays beside its segments. Raises DamagedIndexError.

    `synonyms` is what the owner's file says of the words of queries.
    """
    with ours.translate_errors(folder):
        storage, segments = open_table(folder)
    opened = [
        (open_segment(storage, segment), sorted(segment.deleted_docs())) for segment in segments
    ]
    return SidecarReader(opened, LENGTH_OF_BYTE, synonyms)


def list_sums(folder: Path) -> Manifest:
    """The sums of every file of the segments. Raises DamagedIndexError."""
    with ours.translate_errors(folder):
        return open_table(folder)[0].files
