"""The embedded engine: Whoosh's index of record, read as arrays, with the texts beside in SQLite.

Whoosh 2.7.4 keeps the segments and the lock (`whoosh_storage`, `whoosh_codec`, `whoosh_index`: its
only doors); its own parser, scorers and `refresh` are not used (docs/decisions/0003-whoosh.md).
Ranking reads postings as arrays, the documents themselves sit in SQLite (`store`), and whatever is
read passes through `integrity`.
"""
