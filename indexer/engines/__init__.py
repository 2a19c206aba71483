"""Here are Documents, index them. Here is what somebody typed, give me Results.

Whoosh is the index of record (`whoosh`), ranking reads its postings as arrays (`ranking`), the
Documents themselves sit beside in SQLite (`store`). Whatever is read passes through `integrity`.
"""

from indexer.engines.embedded.building import (
    Check,
    build_index,
    check_index,
    find_indexed,
    read_indexed,
    read_outlines,
    remove_past,
    size_index,
    update_index,
)
from indexer.engines.searcher import Searcher, open_searcher

__all__ = [
    "Check",
    "Searcher",
    "build_index",
    "check_index",
    "find_indexed",
    "open_searcher",
    "read_indexed",
    "read_outlines",
    "remove_past",
    "size_index",
    "update_index",
]
