"""Measure what is read of pages, beside other extractors, by each benchmark's own scorer.

    python -m benchmarks.extract --layout LAYOUT DIR [--json]

The benchmarks are not ours and not in this repository:

- scrapinghub/article-extraction-benchmark: `html/*.html.gz`, `ground-truth.json`
- adbar/trafilatura, its folder `tests`: `evaldata.json`, `cache/`, `eval/`
- mozilla/readability, its folder `test/test-pages`: `*/source.html`, `*/expected.html`
- WCXB, Murrough-Foley/web-content-extraction-benchmark: `dev/` and `test/`, or one of the two

`--undeclared` cuts what a page declares to be (og:type, published_time, itemtype, JSON-LD), as
pages of before 2012 do not declare it. `--half seen|apart` reads one half of the pages, by a
digest of their names: who changes the extractor looks at the one, and tells the results of both.
`--kind real` are the pages of readability whose gold repeats no paragraph.
`--french` reads only the pages whose gold is in French (26 of trafilatura's), `--only EXTRACTOR`
only some extractors. `fitting` fits the weights that one of our rules uses, on WCXB's `dev/`.
"""
