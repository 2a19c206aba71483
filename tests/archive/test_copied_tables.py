"""Rows are copied from one catalogue to another page by page, between two files: no server."""

import sqlite3
from contextlib import closing
from itertools import islice

import pytest

from indexer.archive import CATALOGUE_TABLES, copy_tables, open_catalogue
from indexer.archive.copying import CopiedPage
from indexer.errors import CatalogueError
from tests.archive.test_catalogue import make_every_row

MANY = 2_300  # addresses: more than two pages of a thousand rows


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    file = tmp_path_factory.mktemp("made") / "catalogue.sqlite"
    make_every_row(file)
    with open_catalogue(file) as catalogue, catalogue.transaction():
        for number in range(MANY - 1):
            catalogue.targets.remember(f"http://many.test/{number:05}")
    return file


def read_rows(file):
    """What a catalogue holds, but for the state of a copy that is not whole."""
    with closing(sqlite3.connect(file)) as db:
        return {
            table: db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in CATALOGUE_TABLES
        }


def copy(source, target, *, state="one", pages=None):
    with open_catalogue(source) as opened, open_catalogue(target) as anew:
        copying = copy_tables(opened, anew, CATALOGUE_TABLES, state=state)
        done = list(islice(copying, pages))
        copying.close()
        return done


def test_every_row_arrives_a_thousand_in_a_page(made, tmp_path):
    target = tmp_path / "anew.sqlite"
    pages = copy(made, target)

    assert read_rows(target) == read_rows(made)
    assert [page for page in pages if page.table == "targets"] == [
        CopiedPage(table="targets", done=done, count=MANY) for done in (0, 1000, 2000, MANY)
    ]
    with open_catalogue(target) as catalogue:
        assert not list(catalogue.find_wrong_rows())


def test_a_copy_that_was_broken_off_goes_on_and_another_state_begins_anew(made, tmp_path):
    target = tmp_path / "anew.sqlite"
    last = copy(made, target, pages=6)[-1]
    assert (last.table, last.done) == ("targets", 1000)
    first = next(page for page in copy(made, target, pages=5) if page.table == "targets")
    assert first.done == 1000

    first = next(page for page in copy(made, target, state="two") if page.table == "targets")
    assert first.done == 0
    assert read_rows(target) == read_rows(made)


def test_what_holds_rows_of_its_own_is_left_as_it_is(made, tmp_path):
    target = tmp_path / "anew.sqlite"
    with open_catalogue(target) as catalogue:
        catalogue.targets.remember("http://own.test/")
    before = read_rows(target)

    with pytest.raises(CatalogueError) as told:
        copy(made, target)
    assert told.value.what.key == "error.catalogue.there-already"
    assert read_rows(target) == before


def test_what_is_written_meanwhile_is_told(made, tmp_path):
    source = tmp_path / "source.sqlite"
    source.write_bytes(made.read_bytes())
    with open_catalogue(source) as opened, open_catalogue(tmp_path / "anew.sqlite") as anew:
        pages = copy_tables(opened, anew, CATALOGUE_TABLES, state="one")
        next(page for page in pages if page.table == "targets")
        with opened.transaction():
            opened.targets.remember("http://zz.test/")
        with pytest.raises(CatalogueError) as told:
            list(pages)

    assert told.value.what.key == "error.catalogue.written-meanwhile"
