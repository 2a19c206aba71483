"""Measure what is read of pages, beside other extractors, by each benchmark's own scorer.

    python -m benchmarks.extract --layout scrapinghub|trafilatura|wcxb DIR [--json]

The benchmarks are not ours and not in this repository:

- scrapinghub/article-extraction-benchmark: `html/*.html.gz`, `ground-truth.json`
- adbar/trafilatura, its folder `tests`: `evaldata.json`, `cache/`, `eval/`
- WCXB, Murrough-Foley/web-content-extraction-benchmark: `dev/` and `test/`, or one of the two

`--french` reads only the pages whose gold is in French (26 of trafilatura's), `--only EXTRACTOR`
only some extractors. `fitting` fits the weights that one of our rules uses, on WCXB's `dev/`.
"""
