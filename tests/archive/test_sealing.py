"""A row of the catalogue that is not what was written is never an answer, and is made anew."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from indexer.archive import open_catalogue, reindex
from indexer.archive.checking import check_archive, read_state
from indexer.archive.database import MIGRATIONS, SCHEMA_VERSION
from indexer.archive.sealing import SEALED_TABLES
from indexer.crawl import next_due
from indexer.errors import CatalogueError, say_for_logs
from indexer.links.history import Probe, open_history
from indexer.model import HeadTrust, Observation, Robots, RobotsState
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
SOON = NOON + timedelta(days=60)


@pytest.fixture
def corpus(tmp_path):
    corpus = Corpus(tmp_path)
    with corpus.open():
        corpus.catalogue.targets.cite(URLS)
        for url in URLS:
            corpus.visit(url, hop(url, PAGE + url.encode()))
        corpus.catalogue.hosts.put_robots(ROBOTS)
        corpus.catalogue.hosts.hold("c.test", NOON)
    return corpus


def change(corpus, statement):
    """Change the file behind the catalogue's back, as damage does."""
    with closing(sqlite3.connect(corpus.folder / "catalogue.sqlite")) as connection:
        assert connection.execute(statement).rowcount == 1, statement
        connection.commit()


def list_record_ids(folder):
    """The IDs of all records, those of damaged rows too."""
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as connection:
        connection.text_factory = lambda octets: octets.decode("utf-8", "replace")
        return [key for (key,) in connection.execute("SELECT record_id FROM records ORDER BY 1")]


def read_answers(catalogue, ids=()):
    """Everything that the rows answer, but for when to go back: that is rebuilt as due.

    `ids` are the records that are asked for by name.
    """
    found = [catalogue.find_record(key) for key in ids]
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
        "listed": list(catalogue.records()),
        "found": found,
        "payloads": [catalogue.find_payload(row) for row in found if row is not None],
        "places": [catalogue.find_location(key) for key in ids],
        "files": catalogue.list_files(),
        "targets": [(t.url, t.canonical_url, t.host) for t in targets],
        "previous": [t.previous for t in targets],
    }


DAMAGE = [
    "UPDATE records SET media_type = 'text/htmk' WHERE target_uri LIKE '%/1'",
    "UPDATE records SET status = 204 WHERE target_uri LIKE '%/1'",
    "UPDATE records SET offset = offset + 256 WHERE target_uri LIKE '%/1'",
    "UPDATE records SET filename = 'a.warc.gz' WHERE target_uri LIKE '%/1'",
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
        ids = list_record_ids(corpus.folder)
        whole = read_answers(corpus.catalogue, ids)
    change(corpus, statement)
    table = statement.split()[1]
    with corpus.open():
        catalogue = corpus.catalogue
        damaged = read_answers(catalogue, ids)
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
        assert f"a row of {table} " in say_for_logs(problem.reason)
        list(reindex(corpus.warc_folder, catalogue, next_due=next_due))
        catalogue.targets.cite(URLS)
    with corpus.open():
        assert read_answers(corpus.catalogue, ids) == whole
        assert not list(corpus.catalogue.find_wrong_rows())
        assert not corpus.catalogue.wrong_rows


def test_a_visit_whose_date_is_damaged_is_not_taken_for_one_of_a_clock_that_ran_ahead(corpus):
    later = "'2096' || substr(visited_at, 5)"
    change(corpus, f"UPDATE visits SET visited_at = {later} WHERE url LIKE '%/1'")
    with corpus.open():
        assert corpus.catalogue.settle_dates(datetime(2027, 1, 1, tzinfo=UTC)) == []
        assert {table for table, _ in corpus.catalogue.wrong_rows} == {"visits"}


def _list(value):
    return value if isinstance(value, list) else [value] if value is not None else []


def test_a_payload_is_not_found_by_its_digest_in_a_damaged_row(corpus):
    with corpus.open():
        same = PAGE + URLS[1].encode()
        corpus.visit(URLS[1], hop(URLS[1], same, at=NOON + timedelta(days=2)))
        first, again = corpus.catalogue.find_records(urlkey(URLS[1]))
        assert (first.kind, again.kind) == ("response", "revisit")
        # By the name it gives, and by the digest alone.
        nameless = replace(again, refers_to="")
        assert corpus.catalogue.find_payload(again) == first
        assert corpus.catalogue.find_payload(nameless) == first
    damage = "UPDATE records SET media_type = 'text/htmk'"
    change(corpus, f"{damage} WHERE record_id = '{first.record_id}'")
    with corpus.open():
        assert corpus.catalogue.find_payload(again) is None
        assert corpus.catalogue.find_payload(nameless) is None
        assert corpus.catalogue.wrong_rows == {("records", first.record_id)}


def test_a_damaged_row_does_not_tell_that_its_record_was_sound(corpus):
    with corpus.open():
        (row,) = corpus.catalogue.find_records(urlkey(URLS[1]))
        place = (row.offset, row.inside)
        assert corpus.catalogue.has_sound_record(row.filename, place)
    change(corpus, "UPDATE records SET status = 204 WHERE target_uri LIKE '%/1'")
    with corpus.open():
        assert not corpus.catalogue.has_sound_record(row.filename, place)
        assert corpus.catalogue.wrong_rows == {("records", row.record_id)}


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


def test_a_host_whose_row_is_damaged_is_asked_again(corpus):
    with corpus.open():
        corpus.catalogue.hosts.hold("a.test", SOON + timedelta(hours=2))
        assert corpus.catalogue.targets.due_hosts(SOON) == []
    later = "replace(not_before, 'T14', 'T13')"
    change(corpus, f"UPDATE hosts SET not_before = {later} WHERE host = 'a.test'")
    with corpus.open():
        assert [queue.host for queue in corpus.catalogue.targets.due_hosts(SOON)] == ["a.test"]
        assert corpus.catalogue.wrong_rows == {("hosts", "a.test")}
        assert [row.table for row in corpus.catalogue.drop_wrong_rows()] == ["hosts"]
        assert not list(corpus.catalogue.find_wrong_rows())


def test_a_visit_whose_place_is_damaged_is_told_and_put_there_again(corpus):
    ahead, key = NOON + timedelta(days=300), urlkey(URLS[0])
    with corpus.open():
        corpus.visit(URLS[0], hop(URLS[0], b"<p>ailleurs", at=ahead))
        corpus.visit(URLS[0], hop(URLS[0], at=NOON + timedelta(days=1)))
        whole = corpus.catalogue.visits(key)
        assert whole[1].misdated_at == ahead
    change(corpus, "UPDATE misdated SET believed_at = replace(believed_at, '2026', '2016')")
    with corpus.open():
        assert not any(visit.misdated_at for visit in corpus.catalogue.visits(key))
        assert corpus.catalogue.wrong_rows == {("misdated", key)}
        corpus.catalogue.settle_dates(NOON + timedelta(days=2))
        assert corpus.catalogue.visits(key) == whole
        assert not list(corpus.catalogue.find_wrong_rows())


# --- the history of links, in the same file

SEEN = [Observation(url=URLS[1], observed_at=NOON + timedelta(days=n), status=200) for n in (0, 1)]
PROBE = Probe(folder="http://a.test/x", url="http://a.test/x/q7", probed_at=NOON, has_page=True)


@pytest.fixture
def history_path(corpus):
    path = corpus.folder / "catalogue.sqlite"
    with open_history(path) as history:
        for observation in SEEN:
            history.record(observation)
        history.put_probe(PROBE)
        history.put_head("a.test", HeadTrust(agreed=7))
        history.put_report(NOON)
    return path


def read_history(history):
    """Everything that the history answers."""
    return {
        "observations": history.observations(urlkey(URLS[1])),
        "moments": history.observed_moments(urlkey(URLS[1])),
        "all": list(history.all_observations()),
        "probe": history.find_probe(PROBE.folder),
        "probes": history.all_probes(),
        "head": history.find_head("a.test"),
        "report": history.last_report_at(SOON),
    }


HISTORY_DAMAGE = [
    "UPDATE link_observations SET observation = replace(observation, '200', '204') WHERE {0}",
    "UPDATE link_observations SET observation = '{{' WHERE {0}",
    "UPDATE link_observations SET url = CAST(x'ff' AS TEXT) WHERE {0}",
    "UPDATE link_observations SET observed_at = '2026-03-05T12:00:00.000000Z' WHERE {0}",
    "UPDATE link_observations SET urlkey = CAST(x'ff32' AS TEXT) WHERE {0}",
    "UPDATE link_observations SET digest = '' WHERE {0}",
    "UPDATE link_observations SET digest = CAST(x'ff' AS TEXT) WHERE {0}",
    "UPDATE link_probes SET has_page = 0",
    "UPDATE link_probes SET folder = 'http://b.test/x'",
    "UPDATE link_heads SET agreed = 8",
    "UPDATE link_heads SET host = 'b.test'",
    "UPDATE link_reports SET reported_at = '2026-02-01T12:00:00.000000Z'",
]


@pytest.mark.parametrize("statement", HISTORY_DAMAGE)
def test_a_damaged_row_of_the_history_is_no_answer_is_told_and_goes(
    corpus, history_path, statement
):
    with open_history(history_path) as history:
        whole = read_history(history)
    change(corpus, statement.format("observed_at LIKE '2026-03-01%'"))
    table = statement.split()[1]
    with open_history(history_path) as history:
        damaged = read_history(history)
        assert set(damaged["all"]) <= set(SEEN)
        assert set(damaged["observations"]) <= set(SEEN)
        assert damaged["probe"] in (PROBE, None)
        assert damaged["head"] in (whole["head"], HeadTrust())
        assert damaged["report"] in (NOON, None)
        assert damaged != whole
        assert {row.table for row in history.find_wrong_rows()} == {table}
        # A row whose key is damaged is not come upon where its key is asked for.
        assert {name for name, _ in history.wrong_rows} <= {table}
        assert [row.table for row in history.drop_wrong_rows()] == [table]
        assert not list(history.find_wrong_rows())
        for observation in SEEN:
            history.record(observation)
        history.put_probe(PROBE)
        history.put_head("a.test", HeadTrust(agreed=7))
        history.put_report(NOON)
        assert read_history(history) == whole


def unseal_history(path):
    """The history as an older version wrote it."""
    with closing(sqlite3.connect(path)) as connection:
        for table in ("link_observations", "link_probes", "link_heads", "link_reports"):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN digest")
        connection.commit()


def test_a_history_of_before_answers_and_is_given_digests(history_path):
    with open_history(history_path) as history:
        whole = read_history(history)
    unseal_history(history_path)
    with open_history(history_path) as history:
        assert read_history(history) == whole
        assert not list(history.find_wrong_rows())
    change_path = "UPDATE link_observations SET url = 'x' WHERE observed_at LIKE '2026-03-01%'"
    with closing(sqlite3.connect(history_path)) as connection, connection:
        assert connection.execute(change_path).rowcount == 1
    with open_history(history_path) as history:
        assert [row.table for row in history.find_wrong_rows()] == ["link_observations"]


# --- a byte that changes anywhere in the file


@pytest.mark.slow
def test_no_byte_of_the_catalogue_changes_an_answer_in_silence(corpus, history_path):
    """Whatever byte changes: the answers of before, or it is told; indexes are made anew."""
    path = history_path
    with corpus.open(), open_history(path) as history:
        ids = list_record_ids(corpus.folder)
        whole = read_answers(corpus.catalogue, ids) | read_history(history)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    kept = path.read_bytes()
    told = {"refused": 0, "rows": 0, "indexes": 0, "nothing": 0}
    rng = Random(12)
    for _ in range(400):
        octets = bytearray(kept)
        # Not where a page has nothing in it: two thirds of such a small file.
        place = rng.choice([n for n in rng.choices(range(len(octets)), k=50) if octets[n]] or [0])
        octets[place] ^= 1 << rng.randrange(8)
        path.write_bytes(octets)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        try:
            with corpus.open(), open_history(path) as history:
                answers = read_answers(corpus.catalogue, ids) | read_history(history)
                wrong = list(corpus.catalogue.find_wrong_rows()) + list(history.find_wrong_rows())
                is_reindexed = corpus.catalogue.is_reindexed
        except CatalogueError as error:
            assert error.hint, error
            told["refused"] += 1
            continue
        told["rows" if wrong else "indexes" if is_reindexed else "nothing"] += 1
        if not wrong:
            assert answers == whole, place
    assert all(told.values()), told


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
        for table in {*SEALED_TABLES} - {"misdated"}:
            digests = connection.execute(f"SELECT digest FROM {table}").fetchall()
            assert digests
            assert all(len(digest) == 16 for (digest,) in digests)


def test_a_catalogue_of_a_newer_version_is_refused(corpus):
    with closing(sqlite3.connect(corpus.folder / "catalogue.sqlite")) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(CatalogueError, match="another version"):
        open_catalogue(corpus.folder / "catalogue.sqlite")
