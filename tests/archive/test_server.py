"""A catalogue on a server of PostgreSQL: what holds of a file holds there, told in our words."""

import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from indexer.archive import open_catalogue, purge
from indexer.archive.claims import HostClaims
from indexer.crawl import RateLimiter
from indexer.errors import CatalogueError, say_for_logs
from indexer.identities import RegisterFile
from indexer.links.history import open_history
from indexer.model import REQUISITES, Due, HeadTrust, Observation, PageKind, Visit
from indexer.postgresql import Connection, ServerConnection, _explain, translate
from indexer.urls import urlkey
from tests.archive.exchanges import NOON
from tests.archive.test_catalogue import QUESTIONS, TABLES, make_every_row

psycopg = pytest.importorskip("psycopg", reason="renvois[postgresql] is not installed")
URL = "http://exemple.test/page"


@contextmanager
def ask_server(server, schema=None):
    """A connection of its own to the server of the tests, as whoever runs it has."""
    options = f"-c search_path={schema.schema}" if schema else ""
    with psycopg.connect(
        server.address, password=server.password, options=options, autocommit=True
    ) as connection:
        yield connection


def missed(url, at=NOON):
    return Visit(url=url, urlkey=urlkey(url), visited_at=at, outcome="missed")


def test_a_row_that_is_not_what_was_written_is_no_answer(server, schema):
    make_every_row(schema)
    sealed = [table for table in TABLES if table != "articles"]
    with ask_server(server, schema) as damage:
        for table in sealed:
            damage.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            damage.execute(f"UPDATE {table} SET digest = 'ffffffffffffffff'")
        damage.execute("UPDATE articles SET article = replace(article, 'essai', 'autre')")
    with open_catalogue(schema) as catalogue, open_history(schema) as history:
        answers = [ask(catalogue, history) for ask in QUESTIONS]
        wrong = {row.table for row in catalogue.find_wrong_rows()}
        wrong |= {row.table for row in history.find_wrong_rows()}
        told = {table for table, _ in catalogue.wrong_rows | history.wrong_rows}
        catalogue.drop_wrong_rows()
        history.drop_wrong_rows()
        left = [*catalogue.find_wrong_rows(with_articles=False), *history.find_wrong_rows()]

    assert all(not answer or answer in ([[]], HeadTrust()) for answer in answers)
    assert wrong == {*sealed, "articles"}
    assert told >= {"visits", "records", "targets", "robots", "link_observations", "articles"}
    assert left == []


@pytest.mark.slow
def test_no_value_of_any_column_changes_an_answer_in_silence(server, schema):
    """Its pages may be damaged below the server: the answers of before, or it is told."""
    make_every_row(schema)
    changes = {
        "text": ("'x' || {0}", "replace({0}, '2026', '2027')"),
        "bigint": ("{0} + 1", "-1"),
        "integer": ("{0} + 1", "-1"),
        "double precision": ("{0} + 1", "0"),
        "boolean": ("NOT {0}",),
    }
    told = dict.fromkeys(("refused", "rows", "nothing"), 0)
    with (
        ask_server(server, schema) as damage,
        open_catalogue(schema) as catalogue,
        open_history(schema) as history,
    ):

        def answer():
            catalogue.damaged_articles.clear()
            catalogue.forget_wrong_rows()
            history.forget_wrong_rows()
            wrong = {
                (row.table, row.about)
                for rows in (catalogue.find_wrong_rows(), history.find_wrong_rows())
                for row in rows
            }
            return [ask(catalogue, history) for ask in QUESTIONS], wrong

        whole, none = answer()
        columns = damage.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = %s AND table_name = ANY(%s) ORDER BY 1, 2",
            (schema.schema, list(TABLES)),
        ).fetchall()
        for table in TABLES:
            damage.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        # Made anew by every command that visits; numbered by the database (`archive.sealing`).
        columns = [each for each in columns if each[1] not in ("cited", "visit_id")]
        for table, column, kind in columns:
            for change in changes[kind]:
                name = f'"{column}"'
                (kept,) = damage.execute(f"SELECT {name} FROM {table}").fetchone()
                damage.execute(f"UPDATE {table} SET {name} = {change.format(name)}")
                (now,) = damage.execute(f"SELECT {name} FROM {table}").fetchone()
                try:
                    answers, wrong = answer()
                except CatalogueError as error:
                    assert error.hint, error
                    told["refused"] += 1
                else:
                    told["rows" if wrong else "nothing"] += 1
                    assert wrong or answers == whole, (table, column, kept, now)
                damage.execute(f"UPDATE {table} SET {name} = %s", (kept,))
        assert answer() == (whole, none)

    assert none == set()
    assert told["rows"] > len(columns)


def test_a_change_does_not_confirm_a_damaged_row(server, schema):
    with open_catalogue(schema) as catalogue:
        catalogue.targets.cite([URL])
        with ask_server(server, schema) as damage:
            damage.execute("ALTER TABLE targets DISABLE TRIGGER USER")
            damage.execute("UPDATE targets SET host = 'autre.test'")
            damage.execute("ALTER TABLE targets ENABLE TRIGGER USER")
        catalogue.record_visit(missed(URL), due=Due(due_at=NOON))
        assert catalogue.targets.find_due(urlkey(URL)) is None
        catalogue.targets.cite([URL])  # made anew
        assert [each.host for each in catalogue.targets.planned()] == ["exemple.test"]


def test_a_purge_leaves_no_word_in_the_files_of_the_tables(server, schema, tmp_path):
    word, kept = "Chrysalide-retirée", "http://b.test/"
    with open_catalogue(schema) as catalogue, open_history(schema) as history:
        catalogue.targets.cite([URL, kept])
        for url in (URL, kept):
            catalogue.record_visit(replace(missed(url), detail=f"{word} {url}"))
            history.record(Observation(url=url, observed_at=NOON, detail=f"{word} {url}"))
    with ask_server(server, schema) as connection:
        (data,) = connection.execute("SHOW data_directory").fetchone()
        assert find_word(data, f"{word} {URL}", connection)
    with open_catalogue(schema) as catalogue:
        purge(tmp_path / "archive", catalogue, [urlkey(URL)])
        assert catalogue.visits(urlkey(URL)) == []
        assert len(catalogue.visits(urlkey(kept))) == 1
    with ask_server(server, schema) as connection:
        assert not find_word(data, f"{word} {URL}", connection)
        assert find_word(data, f"{word} {kept}", connection)


def find_word(data, word, connection):
    """Whether a word stands in a file of a table, as the disk has it."""
    connection.execute("CHECKPOINT")
    files = [path for path in Path(data, "base").rglob("*") if path.is_file()]
    return any(word.encode() in path.read_bytes() for path in files)


def test_what_can_t_be_reached_or_let_in_is_our_error_without_the_password(server, schema):
    for wrong in (
        replace(schema, password="mot-secret-faux"),
        replace(schema, address=schema.address.replace("/postgres", "/absente")),
        replace(schema, address="postgresql://renvois@127.0.0.1:1/postgres"),
    ):
        for open_it in (open_catalogue, open_history, RegisterFile):
            with pytest.raises(CatalogueError, match="can't be opened") as told:
                open_it(wrong)
            assert told.value.hint
            assert "mot-secret" not in str(told.value) and schema.password not in str(told.value)


def test_every_error_of_the_library_is_told_in_our_words():
    def walk(kind):
        yield kind
        for each in kind.__subclasses__():
            yield from walk(each)

    kinds = list(walk(psycopg.Error))
    assert len(kinds) > 200
    for kind in kinds:
        told, hint = _explain(kind("de la bibliothèque"))
        assert "de la bibliothèque" in say_for_logs(told) and hint


def test_whoever_may_only_read_reads(server, schema):
    make_every_row(schema)
    with ask_server(server, schema) as owner:
        role = f"lit_{schema.schema}"
        owner.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'lit'")
        owner.execute(f"GRANT USAGE ON SCHEMA {schema.schema} TO {role}")
        owner.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema.schema} TO {role}")
    place = replace(schema, address=schema.address.replace("renvois@", f"{role}@"), password="lit")
    with open_catalogue(place) as catalogue, open_history(place) as history:
        assert catalogue.is_read_only and history.is_read_only
        for ask in QUESTIONS:
            ask(catalogue, history)
        with pytest.raises(CatalogueError, match="permission denied") as told:
            catalogue.record_visit(missed(URL, NOON + timedelta(days=1)))
        assert "Grant" in say_for_logs(told.value.hint)
    with RegisterFile(place) as register:
        assert register.is_read_only and not register.read()


def test_a_lost_connection_costs_what_was_under_way_and_is_opened_again(server, schema):
    with open_catalogue(schema) as catalogue:
        with (
            pytest.raises(CatalogueError, match="can't be used"),
            catalogue.transaction() as connection,
        ):
            connection.execute("INSERT INTO hosts (host, not_before) VALUES ('a.test', '')")
            end_sessions(server)
            connection.execute("INSERT INTO hosts (host, not_before) VALUES ('b.test', '')")
        catalogue.record_visit(missed(URL))
        assert catalogue.visits(urlkey(URL)) == [missed(URL)]
        with catalogue.transaction() as connection:
            assert connection.execute("SELECT count(*) FROM hosts").fetchone()[0] == 0


def end_sessions(server):
    with ask_server(server) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'renvois'"
        )


def test_a_zero_byte_of_a_header_is_kept_as_the_sign_of_one(schema):
    with open_catalogue(schema) as catalogue:
        catalogue.record_visit(replace(missed(URL), detail="a\0b"))
        assert catalogue.visits(urlkey(URL))[0].detail == "a␀b"


def test_what_was_kept_beside_pages_is_counted_by_the_last_outcome(place):
    with open_catalogue(place) as catalogue:
        for day, outcome in enumerate(("captured", "missed", "captured")):
            visit = replace(missed(URL, NOON + timedelta(days=day)), archive=REQUISITES)
            catalogue.record_visit(replace(visit, outcome=outcome))
        counts = catalogue.count_beside()
        assert catalogue.find_same("sha1:A") is None
        assert catalogue.list_read_as([PageKind.PAYWALL]) == set()
        catalogue.hosts.hold("a.test", NOON + timedelta(hours=1))
        held = [catalogue.hosts.is_held("a.test", NOON + timedelta(hours=n)) for n in (0, 2)]
    assert counts[REQUISITES] == {"captured": 1}
    assert held == [True, False]


def test_two_that_make_the_tables_at_once_both_have_them(schema):
    errors = []

    def open_all():
        try:
            with open_catalogue(schema), open_history(schema), RegisterFile(schema):
                pass
        except CatalogueError as error:
            errors.append(error)

    threads = [threading.Thread(target=open_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_catalogue_of_another_version_is_refused(server, schema):
    open_catalogue(schema).close()
    with ask_server(server, schema) as later:
        later.execute("UPDATE catalogue_version SET version = 99")
    with pytest.raises(CatalogueError, match="another version"):
        open_catalogue(schema)


def test_a_host_is_claimed_by_one_crawler_until_it_has_drawn_all(schema):
    urls = [f"http://{name}.test/{n}" for name in "ab" for n in range(3)]
    with open_catalogue(schema) as one, open_catalogue(schema) as other:
        one.targets.cite(urls)
        with one.share_hosts(), other.share_hosts() as claims:
            first, second = one.targets.due_hosts(NOON)
            next(first.targets)
            queues = {queue.host: queue for queue in other.targets.due_hosts(NOON)}
            assert list(queues[first.host].targets) == []
            assert claims.refused == {first.host}
            assert len(list(queues[second.host].targets)) == 3
            assert len(list(first.targets)) == 2
            again = other.targets.due_hosts(NOON)
            assert [len(list(queue.targets)) for queue in again] == [3, 3]


def test_a_turn_is_one_crawlers_and_rests_after_whoever_was_killed_with_it(server, schema):
    open_catalogue(schema).close()
    with closing(HostClaims(schema)) as one, closing(HostClaims(schema)) as other:
        assert one.take_turn("a.test", 1.0) == 0
        assert other.take_turn("b.test", 1.0) == 0
        assert all(0 < other.take_turn("a.test", 0.0) < 1 for _ in range(4))
        one.give_turn_back("a.test", 500)
        assert 400 < other.take_turn("a.test", 1.0) <= 500
        one.give_turn_back("a.test", 0)
        assert other.take_turn("a.test", 1.0) == 0
        other.close()  # as a kill does; the server takes a moment to see it
        while (wait_s := one.take_turn("a.test", 500.0)) < 1:
            pass
        assert 400 < wait_s <= 500
        assert 400 < one.take_turn("a.test", 500.0) <= 500
        assert one.take_turn("b.test", 0.0) > 0  # it was taken too
        assert one.take_turn("b.test", 0.0) == 0
        end_sessions(server)
        with pytest.raises(CatalogueError):
            one.take_turn("c.test", 1.0)


def test_threads_of_two_crawlers_ask_a_host_one_by_one(schema):
    open_catalogue(schema).close()
    under_way, most, lock = 0, 0, threading.Lock()

    def ask(limiter):
        nonlocal under_way, most
        for _ in range(5):
            with limiter.slot("a.test", 0.0):
                with lock:
                    under_way += 1
                    most = max(most, under_way)
                with lock:
                    under_way -= 1

    with closing(HostClaims(schema)) as one, closing(HostClaims(schema)) as other:
        limiters = [RateLimiter(others=claims) for claims in (one, other)]
        threads = [
            threading.Thread(target=ask, args=(each,)) for each in limiters for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert most == 1


def test_files_and_servers_are_asked_by_one_protocol(schema):
    with closing(ServerConnection(schema)) as connection:
        asked: Connection = connection
        assert asked.execute("SELECT ? AS a, 'x?:y %'", ("z",)).fetchone()["a"] == "z"
    assert translate("a = :b AND c = 'd:e?'") == "a = %(b)s AND c = 'd:e?'"
