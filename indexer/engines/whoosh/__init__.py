"""The only door to Whoosh 2.7.4: schema, writing, reading; its errors become ours here.

Whoosh keeps the segments, the postings, the positions and the lock. Its own parser, scorers and
`refresh` are not used (docs/decisions/0003-whoosh.md): postings are handed on as arrays.
"""

from indexer.engines.whoosh.index import (
    Row,
    count_documents,
    create_index,
    list_sums,
    open_reader,
    read_fingerprints,
    write_documents,
)
from indexer.engines.whoosh.runs import PREFIX as RUN_PREFIX
from indexer.engines.whoosh.schema import ISSUED, LOCK_TIMEOUT_S, engine_fingerprint
from indexer.engines.whoosh.storage import find_generation, list_leftovers

__all__ = [
    "ISSUED",
    "LOCK_TIMEOUT_S",
    "RUN_PREFIX",
    "Row",
    "count_documents",
    "create_index",
    "engine_fingerprint",
    "find_generation",
    "list_leftovers",
    "list_sums",
    "open_reader",
    "read_fingerprints",
    "write_documents",
]
