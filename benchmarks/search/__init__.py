"""How fast texts are indexed and found, beside Whoosh, SQLite FTS5, Tantivy and bm25s.

    python -m benchmarks.search --collections DIR [--size N ...] [--engine NAME ...] [--json]
    python -m benchmarks.search --collections DIR --stream [QUERIES] [--keep DIR] [--size N ...]

With `--stream`, each of 5,000 different queries that people typed is asked once of every engine, by
turns in one process: what the first visitor with a question waits for. Then the first prefix,
mistyped word, page of ten extracts and suggestion of an index that was just opened. `--keep` leaves
the indexes there, and asks those that it finds.

The texts are those of the collections, all of them, shuffled with a fixed seed; past their number,
paragraphs of them regrouped into texts of the same length (the output says how many). Every engine
runs alone in a process of its own, one after the other in the same run: CPU seconds to index, size
on disk, peak memory, the first result of a cold process, then 20 queries of each kind, p50 and p95
in milliseconds of CPU: the best of seven repetitions, and `anew`, the first of the seven.

Ours ranks over all its fields; `page` is a whole results page with counts, facets and ten extracts,
`page_bare` the same without extracts; `added_and_found` is wall time. The others rank over title
and text; FTS5 is given stems, as evidence before this work was gathered. With `--exact`, every
answer of ours is compared with Whoosh's own exhaustive search under the same formula.
"""
