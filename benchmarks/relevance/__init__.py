"""How well texts are ranked, on collections of questions and judged answers.

    python -m benchmarks.relevance --collections DIR --split dev|test
        [--strip-accents] [--typos] [--engine NAME ...] [--json]

Every folder of DIR (or of $BENCH_COLLECTIONS) that has the split is measured: `docs.jsonl.gz`
(id, title, text), `queries.SPLIT.jsonl.gz` (id, text, group), `qrels.SPLIT.tsv` (query, document,
relevance). Queries of one group are variants of one need and are averaged first. Each engine
indexes each collection anew in the same run: ours by the product's own `build_index` and
`Searcher`, plain Whoosh, SQLite FTS5, Tantivy and bm25s as their documentation has it.

`--strip-accents` takes the accents off the queries; `--typos` puts one random mistake (a letter
changed, left out, doubled by another, or two exchanged; anywhere in the word) in one word of four
letters or more of each query, the same for every engine. With `--json`, a line an engine and
collection: engine, collection, nDCG@10, MRR@10, R@100, and what was asked.
"""
