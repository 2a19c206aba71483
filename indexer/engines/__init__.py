"""Here are Documents, index them. Here is what somebody typed, give me Results.

`protocol` is the door of an engine; `planning` understands queries above it, whatever engine there
is, and `searcher` answers them. `embedded` is the engine of one machine.
"""

from pathlib import Path

from indexer.engines.embedded.building import (
    Check,
    EmbeddedWriter,
    build_index,
    check_index,
    find_indexed,
    has_index,
    read_indexed,
    read_outlines,
    remove_past,
    size_index,
    update_index,
)
from indexer.engines.embedded.engine import EmbeddedIndex
from indexer.engines.embedded.whoosh_storage import open_generation
from indexer.engines.protocol import IndexWriter
from indexer.engines.searcher import Searcher
from indexer.errors import DamagedIndexError
from indexer.search.synonyms import NO_SYNONYM_FILE, SynonymFile
from indexer.withdrawals import NO_WITHDRAWALS, WithdrawalFiles

__all__ = [
    "Check",
    "Searcher",
    "build_index",
    "check_index",
    "find_indexed",
    "has_index",
    "open_generation",
    "open_searcher",
    "open_writer",
    "read_indexed",
    "read_outlines",
    "remove_past",
    "size_index",
    "update_index",
]


def open_searcher(
    folder: Path,
    withdrawals: WithdrawalFiles = NO_WITHDRAWALS,
    synonyms: SynonymFile = NO_SYNONYM_FILE,
    *,
    waits: bool = False,
) -> Searcher:
    """Open the index of `folder` for reading; close it when done.

    What `withdrawals` name is neither found nor counted, from the moment when they name it; what
    `synonyms` say of words counts from the next question on.

    Raises MissingIndexError when nothing is indexed yet, StaleIndexError when another version
    wrote it, DamagedIndexError when it is not as it was written; unless it `waits`: then every
    question raises that until the index has been built again.
    """
    searcher = Searcher(EmbeddedIndex(folder, withdrawals), synonyms)
    try:
        searcher.open()
    except DamagedIndexError:
        if not waits:
            raise
    return searcher


def open_writer(folder: Path) -> IndexWriter:
    """Give what writes the index of `folder`, which need not be there yet."""
    return EmbeddedWriter(folder)
