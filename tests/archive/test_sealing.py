"""A row of the catalogue that is not what was written is never an answer, and is made anew."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.archive import open_catalogue, reindex
from indexer.archive.checking import check_archive, read_state
from indexer.archive.database import MIGRATIONS, SCHEMA_VERSION
from indexer.archive.sealing import SEALED_TABLES
from indexer.crawl import next_due
from indexer.errors import CatalogueError
from indexer.model import Robots, RobotsState
from indexer.urls import urlkey
from tests.archive.exchanges import NOON, PAGE, Corpus, hop

URLS = [f"http://a.test/{n}" for n in range(3)]
SCHEMAS = Path(__file__).parent / "schemas"
ROBOTS = Robots(
    origin="http://a.test",
    fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
    state=RobotsState.RULES,
    rules="User-agent: *",
)


@pytest.fixture
def corpus(tmp_path):
    corpus = Corpus(tmp_path)
    with corpus.open():
        corpus.catalogue.targets.cite(URLS)
        for url in URLS:
            corpus.visit(url, hop(url, PAGE + url.encode()))
        corpus.catalogue.hosts.put_robots(ROBOTS)
    return corpus


def change(corpus, statement):
    """Change the file behind the catalogue's back, as damage does."""
    with closing(sqlite3.connect(corpus.folder / "catalogue.sqlite")) as connection:
        assert connection.execute(statement).rowcount == 1, statement
        connection.commit()


def read_answers(catalogue):
    """Everything that the rows answer, but for when to go back: that is rebuilt as due."""
    targets = [
        target
        for queue in catalogue.targets.due_hosts(NOON, is_forced=True)
        for target in queue.targets
    ]
    return {
        "visits": [catalogue.visits(urlkey(url)) for url in URLS],
        "captures": [catalogue.captures(urlkey(url)) for url in URLS],
        "latest": [catalogue.latest_capture(urlkey(url)) for url in URLS],
        "records": [catalogue.find_records(urlkey(url)) for url in URLS],
        "places": [catalogue.find_location(row.record_id) for row in catalogue.records()],
        "targets": [(t.url, t.canonical_url, t.host) for t in targets],
        "previous": [t.previous for t in targets],
    }


DAMAGE = [
    "UPDATE records SET media_type = 'text/htmk' WHERE target_uri LIKE '%/1'",
    "UPDATE records SET status = 204 WHERE target_uri LIKE '%/1'",
    "UPDATE records SET offset = offset + 256 WHERE target_uri LIKE '%/1'",
    "UPDATE records SET captured_at = CAST(x'ff32' AS TEXT) WHERE target_uri LIKE '%/1'",
    "UPDATE records SET target_uri = CAST(x'ff' AS TEXT) WHERE target_uri LIKE '%/1'",
    "UPDATE visits SET outcome = 'missed' WHERE url LIKE '%/1'",
    "UPDATE visits SET hops = '[' WHERE url LIKE '%/1'",
    "UPDATE visits SET url = 'http://b.test/' WHERE url LIKE '%/1'",
    "UPDATE visits SET digest = '' WHERE url LIKE '%/1'",
    "UPDATE targets SET url = 'http://a.test/x' WHERE url LIKE '%/1'",
    "UPDATE targets SET host = 'b.test' WHERE url LIKE '%/1'",
    "UPDATE targets SET due_at = 'jamais' WHERE url LIKE '%/1'",
    "UPDATE targets SET interval_s = 1.5 WHERE url LIKE '%/1'",
]


@pytest.mark.parametrize("statement", DAMAGE)
def test_a_damaged_row_is_no_answer_is_told_and_is_read_back(corpus, statement):
    with corpus.open():
        whole = read_answers(corpus.catalogue)
    change(corpus, statement)
    table = statement.split()[1]
    with corpus.open():
        catalogue = corpus.catalogue
        damaged = read_answers(catalogue)
        for name, values in damaged.items():
            known = [each for value in whole[name] for each in _list(value)]
            assert all(each in known for value in values for each in _list(value)), name
        assert {name for name, _ in catalogue.wrong_rows} == {table}
        state = read_state(corpus.folder / "check.json")
        (problem,) = [
            problem
            for step in check_archive(corpus.warc_folder, catalogue, state)
            for problem in step.problems
        ]
        assert (problem.kind, problem.filename) == ("catalogue", "catalogue")
        assert f"a row of {table} " in problem.reason
        list(reindex(corpus.warc_folder, catalogue, next_due=next_due))
        catalogue.targets.cite(URLS)
    with corpus.open():
        assert read_answers(corpus.catalogue) == whole
        assert not list(corpus.catalogue.find_wrong_rows())
        assert not corpus.catalogue.wrong_rows


def _list(value):
    return value if isinstance(value, list) else [value] if value is not None else []


def test_robots_whose_row_is_damaged_are_asked_for_again(corpus):
    with corpus.open():
        assert corpus.catalogue.hosts.find_robots(ROBOTS.origin) == ROBOTS
    change(corpus, "UPDATE robots SET rules = 'User-agent: +'")
    with corpus.open():
        assert corpus.catalogue.hosts.find_robots(ROBOTS.origin) is None
        assert corpus.catalogue.wrong_rows == {("robots", ROBOTS.origin)}
        corpus.catalogue.hosts.put_robots(ROBOTS)
        assert corpus.catalogue.hosts.find_robots(ROBOTS.origin) == ROBOTS


def test_what_is_written_to_a_damaged_row_does_not_confirm_the_damage(corpus):
    change(corpus, "UPDATE targets SET url = 'http://b.test/' WHERE url LIKE '%/1'")
    with corpus.open():
        corpus.catalogue.targets.hasten(urlkey(URLS[1]), NOON)
        corpus.catalogue.mark_damaged("urn:uuid:none")
        assert corpus.catalogue.targets.find_due(urlkey(URLS[1])) is None
        assert ("targets", urlkey(URLS[1])) in corpus.catalogue.wrong_rows


# --- catalogues of before


def make_old(path, version):
    """A catalogue as an older version made it, with all that the one of today has in it."""
    schema = (SCHEMAS / f"v{version}.sql").read_text("utf-8")
    with closing(sqlite3.connect(path.with_name("old.sqlite"))) as connection:
        connection.executescript(f"{schema} PRAGMA user_version = {version};")
        connection.execute("ATTACH ? AS new", (str(path),))
        tables = "SELECT name FROM main.sqlite_master WHERE type = 'table'"
        for (table,) in connection.execute(tables).fetchall():
            columns = ", ".join(
                row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")
            )
            connection.execute(
                f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}"
            )
        connection.commit()
    path.with_name("old.sqlite").replace(path)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@pytest.mark.parametrize("version", sorted(MIGRATIONS))
def test_a_catalogue_of_any_older_version_answers_as_before(corpus, version):
    path = corpus.folder / "catalogue.sqlite"
    with corpus.open():
        before = read_answers(corpus.catalogue)
    make_old(path, version)
    with corpus.open():
        assert read_answers(corpus.catalogue) == before
        assert not list(corpus.catalogue.find_wrong_rows())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        for table in SEALED_TABLES:
            digests = connection.execute(f"SELECT digest FROM {table}").fetchall()
            assert digests
            assert all(len(digest) == 16 for (digest,) in digests)


def test_a_catalogue_of_a_newer_version_is_refused(corpus):
    with closing(sqlite3.connect(corpus.folder / "catalogue.sqlite")) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(CatalogueError, match="another version"):
        open_catalogue(corpus.folder / "catalogue.sqlite")
