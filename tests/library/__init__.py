"""A library to test on: 2,000 made-up texts in 20 files, 40 sites, 25 years of publication.

texts      what there is: texts, notes, headings, what becomes of each link
grammar    the sentences, in French and in English
files      the files of the bibliography: txt, md, html, bib, ris, json, yaml
sites      what the cited sites answer, on a day that the caller turns
corpus     a corpus of ready articles: files, history of links, index; no crawl
plugin     the fixtures

python -m tests.library DIR [--texts 2000]    write such a corpus (docs/testing.md)
"""

from tests.library.corpus import Library, build_library, write_corpus
from tests.library.sites import LibraryPages
from tests.library.texts import Shelf, Text, make_shelf

__all__ = [
    "Library",
    "LibraryPages",
    "Shelf",
    "Text",
    "build_library",
    "make_shelf",
    "write_corpus",
]
