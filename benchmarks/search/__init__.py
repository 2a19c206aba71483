"""How fast texts are indexed and found, beside Whoosh, SQLite FTS5, Tantivy and bm25s.

    python -m benchmarks.search --collections DIR [--size N ...] [--engine NAME ...] [--json]

The texts are those of the collections, all of them, shuffled with a fixed seed; past their number,
paragraphs of them regrouped into texts of the same length (the output says how many). Every engine
runs alone in a process of its own, one after the other in the same run: CPU seconds to index, size
on disk, peak memory, the first result of a cold process, then for each kind of query the best of
three repetitions of 20 queries, p50 and p95 in milliseconds of CPU. Ours ranks over all its fields
and counts all results; `page` is a whole results page with ten extracts and facets. The others
rank over title and text.
"""
