"""Here are Documents, index them. Here is what somebody typed, give me Results.

Whoosh is the index of record (`whoosh`), ranking reads its postings as arrays (`ranking`), the
Documents themselves sit beside in SQLite (`store`).
"""

from indexer.engines.building import build_index, read_indexed, update_index
from indexer.engines.searcher import Searcher, open_searcher

__all__ = ["Searcher", "build_index", "open_searcher", "read_indexed", "update_index"]
