"""The library as fixtures: written and indexed once a run, whatever the number of workers.

library             what was made up, read and indexed (values)
library_index       the folder of the index: copy it before you change it
library_searcher    a searcher on it
library_site        a reader of the pages, links included, on the library's last day
"""

import fcntl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer.engines import Searcher, open_searcher
from search_web import Site, Sources, create_app
from search_web.wsgi import EXPORTERS
from tests.library.corpus import LAST_DAY, Library, build_library, on_day, write_corpus
from tests.library.texts import make_shelf
from tests.links.reports import open_link_report


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Library:
    """2,000 texts, written and indexed by the worker that comes first; the others wait for it."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent  # workers have a folder each
    folder, done = shared / "library", shared / "library.done"
    with (shared / "library.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            made = write_corpus(folder)
            done.touch()
            return made
    return build_library(folder, make_shelf())


@pytest.fixture(scope="session")
def library_index(library: Library) -> Path:
    return library.index


@pytest.fixture(scope="session")
def library_searcher(library_index: Path) -> Iterator[Searcher]:
    with closing(open_searcher(library_index)) as searcher:
        yield searcher


@pytest.fixture(scope="session")
def library_site(library: Library, library_searcher: Searcher) -> Iterator[FlaskClient]:
    site = replace(Site(exporters=EXPORTERS), base_url="https://renvois.example")
    with open_link_report(library.folder, now=on_day(LAST_DAY)) as book:
        yield create_app(library_searcher, site, Sources(link_reports=book)).test_client()
