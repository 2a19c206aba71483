"""The catalogue remembers visits, records, articles, hosts and what is due."""

import itertools
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from indexer.archive import open_catalogue
from indexer.archive.rows import RecordRow
from indexer.errors import CatalogueError, say_for_logs
from indexer.links.history import Probe, open_history
from indexer.model import (
    Anchor,
    Article,
    Cause,
    Due,
    HeadTrust,
    Observation,
    PageKind,
    Paragraph,
    Robots,
    RobotsState,
    Visit,
)
from indexer.urls import urlkey
from tests.archive.exchanges import NOON

URL = "http://exemple.test/page"


@pytest.fixture
def catalogue(place):
    with open_catalogue(place) as catalogue:
        yield catalogue


def test_an_article_comes_back_as_it_was_kept(catalogue):
    article = Article(
        record_id="urn:uuid:1",
        paragraphs=(Paragraph(text="Un œuf", kind="heading"), Paragraph(text="Deux", page=2)),
        title="Le calme",
        author=("Une Personne", "Une Autre"),
        issued="2015-03",
        kind=PageKind.PAYWALL,
        sources={"title": "og"},
        extractor="essai/1",
        links=(Anchor(href="https://a.example/", text="un œuf"),),
        comments=("Merci.", "De rien."),
    )
    catalogue.put_article(article)

    assert catalogue.find_article("urn:uuid:1") == article
    assert catalogue.find_extractor("urn:uuid:1") == "essai/1"
    assert catalogue.find_article("urn:uuid:2") is None
    assert catalogue.find_extractor("urn:uuid:2") == ""


def test_an_article_read_anew_takes_the_place_of_the_old(catalogue):
    for extractor in ("un", "deux"):
        catalogue.put_article(Article(record_id="urn:uuid:1", extractor=extractor))

    assert catalogue.find_extractor("urn:uuid:1") == "deux"


def test_robots_come_back_as_they_were_kept(catalogue):
    robots = Robots(
        origin="http://exemple.test",
        fetched_at=NOON,
        state=RobotsState.UNREACHABLE,
        rules="User-agent: *",
        cause=Cause.ROBOTS_UNREACHABLE,
        detail="status 500",
        unreachable_since=NOON - timedelta(days=3),
    )
    catalogue.hosts.put_robots(robots)

    assert catalogue.hosts.find_robots("http://exemple.test") == robots
    assert catalogue.hosts.find_robots("https://exemple.test") is None


def test_a_host_set_aside_has_nothing_due_until_then(catalogue):
    catalogue.targets.cite([URL, "http://autre.test/"])
    catalogue.hosts.hold("exemple.test", NOON + timedelta(hours=1))

    def due(at, **more):
        return {queue.host for queue in catalogue.targets.due_hosts(at, **more)}

    assert due(NOON) == {"autre.test"}
    assert due(NOON + timedelta(hours=2)) == {"autre.test", "exemple.test"}
    assert due(NOON, is_forced=True) == {"autre.test", "exemple.test"}
    assert due(NOON, only=[urlkey("http://autre.test/")]) == {"autre.test"}
    assert due(NOON, only=[]) == set()


def test_a_host_asked_to_be_left_alone_for_a_day_at_most(catalogue):
    until, second = NOON + timedelta(hours=1), timedelta(seconds=1)
    catalogue.targets.cite([URL])
    catalogue.hosts.hold("exemple.test", until)

    def is_held(at):
        queues = catalogue.targets.due_hosts(at)
        is_left = not any(queue.host == "exemple.test" for queue in queues)
        assert catalogue.hosts.is_held("exemple.test", at) == is_left or at == until
        return is_left

    assert not catalogue.hosts.is_held("autre.test", NOON)
    assert not catalogue.hosts.is_held("exemple.test", until)
    assert is_held(until - second)
    assert not is_held(until + second)
    # What says more than a day was written by a clock that ran ahead.
    assert is_held(until - timedelta(hours=24))
    assert not is_held(until - timedelta(hours=24) - second)


def test_targets_of_a_host_are_drawn_page_by_page_each_once(catalogue):
    urls = [f"{URL}/{number:04}" for number in range(300)]
    catalogue.targets.cite(urls)
    (queue,) = catalogue.targets.due_hosts(NOON)
    drawn = []
    for target in queue.targets:
        drawn.append(target.url)
        visit = Visit(url=target.url, urlkey=target.urlkey, visited_at=NOON, outcome="missed")
        catalogue.record_visit(visit, due=Due(due_at=NOON + timedelta(days=3), attempts=1))

    assert queue.count == 300
    assert drawn == urls
    assert catalogue.targets.due_hosts(NOON) == []


def test_targets_that_stay_due_are_drawn_once_all_the_same(catalogue):
    catalogue.targets.cite(f"{URL}/{number}" for number in range(130))
    (queue,) = catalogue.targets.due_hosts(NOON)

    assert len(list(itertools.islice(queue.targets, 500))) == 130


def test_what_is_planned_is_told_first_due_first(catalogue):
    catalogue.targets.cite(["http://b.test/", "http://a.test/"])
    later = NOON + timedelta(days=3)
    visit = Visit(url="http://a.test/", urlkey="test,a)/", visited_at=NOON, outcome="missed")
    catalogue.record_visit(visit, due=Due(due_at=later, attempts=2))

    planned = [(p.url, p.due_at, p.attempts) for p in catalogue.targets.planned()]
    assert planned == [("http://b.test/", None, 0), ("http://a.test/", later, 2)]


def test_what_is_no_longer_cited_is_kept_and_not_visited(catalogue):
    catalogue.targets.cite([URL])
    visit = Visit(url=URL, urlkey=urlkey(URL), visited_at=NOON, outcome="missed")
    catalogue.record_visit(visit, due=Due(due_at=NOON))
    catalogue.targets.cite([])
    assert catalogue.targets.due_hosts(NOON) == []

    catalogue.targets.cite([URL])
    assert catalogue.targets.find_due(urlkey(URL)) == Due(due_at=NOON)
    assert len(catalogue.visits(urlkey(URL))) == 1


def test_credentials_of_a_cited_url_are_not_kept(catalogue):
    catalogue.targets.cite(["http://moi:secret@exemple.test/", "http://moi:secret@mal formé/"])

    assert not any("secret" in planned.url for planned in catalogue.targets.planned())


def test_several_threads_may_write_and_read(catalogue):
    def work(name):
        for number in range(30):
            url = f"http://{name}.test/{number}"
            visit = Visit(url=url, urlkey=urlkey(url), visited_at=NOON, outcome="missed")
            catalogue.record_visit(visit)
            assert catalogue.visits(urlkey(url)) == [visit]

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(catalogue.visits(urlkey(f"http://{name}.test/29")) for name in "abcd")


def test_a_reader_sees_what_another_process_wrote(place, catalogue):
    visit = Visit(url=URL, urlkey=urlkey(URL), visited_at=NOON, outcome="missed")
    with open_catalogue(place) as reader:
        catalogue.record_visit(visit)
        assert reader.visits(urlkey(URL)) == [visit]


def test_a_catalogue_of_another_version_is_refused(tmp_path):
    path = tmp_path / "catalogue.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(CatalogueError, match="another version") as told:
        open_catalogue(path)
    assert "reindex" in say_for_logs(told.value.hint)


def test_a_damaged_catalogue_says_how_to_get_it_back(tmp_path):
    path = tmp_path / "catalogue.sqlite"
    path.write_bytes(b"n'importe quoi, mais pas une base" * 100)

    with pytest.raises(CatalogueError, match="can't be used") as told:
        open_catalogue(path)
    assert "reindex" in say_for_logs(told.value.hint)


def test_a_catalogue_that_can_t_be_opened_is_said(tmp_path):
    (tmp_path / "catalogue.sqlite").mkdir()

    with pytest.raises(CatalogueError, match="can't be opened"):
        open_catalogue(tmp_path / "catalogue.sqlite")


def test_an_article_whose_row_is_damaged_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    article = Article(record_id="urn:uuid:1", extractor="essai/1", title="Le jardin")
    with open_catalogue(path) as catalogue:
        catalogue.put_article(article)
        assert catalogue.find_article("urn:uuid:1") == article
    for change in ("replace(article, 'jardin', 'jardim')", "substr(article, 1, 40)", "X'ff'"):
        with closing(sqlite3.connect(path)) as other, other:
            other.execute(f"UPDATE articles SET article = CAST({change} AS TEXT)")
        with open_catalogue(path) as catalogue:
            assert catalogue.find_article("urn:uuid:1") is None
            assert catalogue.find_extractor("urn:uuid:1") == ""
            assert catalogue.damaged_articles == {"urn:uuid:1"}
            catalogue.put_article(article)
            assert catalogue.find_extractor("urn:uuid:1") == "essai/1"


TABLES = ("visits", "records", "targets", "robots", "articles", "link_observations", "link_probes",
          "link_reports", "link_heads", "hosts", "misdated")  # fmt: skip
WRONG = ("", "[[1]]", "2024-13-01T00:00:00.000000+00:00", "2024-01-01", b"\xff\xfe")


@pytest.mark.parametrize(
    "wrongs", [WRONG[-2:], pytest.param(WRONG[:-2], marks=pytest.mark.slow)], ids=["two", "others"]
)
def test_a_wrong_byte_in_any_column_is_our_error_or_none(
    tmp_path: Path, wrongs: tuple[str | bytes, ...]
) -> None:
    """What a row says is read by one door: no ValueError, KeyError… of a library comes out."""
    made = tmp_path / "made.sqlite"
    make_every_row(made)
    tried, refused = 0, 0
    with closing(sqlite3.connect(made)) as db:
        columns = [
            (table, row[1])
            for table in TABLES
            for row in db.execute(f"PRAGMA table_info({table})")
            if row[2] == "TEXT"
        ]
    for table, column in columns:
        for wrong in wrongs:
            path = tmp_path / f"{table}-{column}-{len(wrong)}-{tried}.sqlite"
            path.write_bytes(made.read_bytes())
            text = "CAST(? AS TEXT)" if isinstance(wrong, bytes) else "?"
            with closing(sqlite3.connect(path)) as db, db:
                db.execute(f"UPDATE {table} SET {column} = {text}", (wrong,))
            tried += 1
            with open_catalogue(path) as catalogue, open_history(path) as history:
                for ask in QUESTIONS:
                    try:
                        ask(catalogue, history)
                    except CatalogueError as error:
                        refused += 1
                        print(table, column, wrong, error)
                        assert "archive reindex" in say_for_logs(error.hint), (
                            table,
                            column,
                            wrong,
                            error,
                        )
    assert tried > 40 * len(wrongs)
    assert refused < 10  # a wrong row is no answer


KEY = urlkey(URL)


def make_every_row(path: Path) -> None:
    """A row in each table of the catalogue."""
    visit = Visit(
        url=URL, urlkey=KEY, visited_at=NOON, outcome="captured", cause=Cause.THROTTLED, status=200,
        final_url=URL, hops=((URL, 200),), record_id="urn:uuid:1", payload_digest="sha1:A",
    )  # fmt: skip
    record = RecordRow(
        record_id="urn:uuid:1", kind="response", target_uri=URL, target_urlkey=KEY,
        captured_at=NOON, status=200, media_type="text/html", payload_digest="sha1:A",
        payload_length=9, filename="a.warc.gz", offset=0, length=50,
    )  # fmt: skip
    robots = Robots(origin="http://exemple.test", fetched_at=NOON, state=RobotsState.UNREACHABLE)
    with open_catalogue(path) as catalogue, open_history(path) as history:
        catalogue.targets.cite([URL])
        due = Due(due_at=NOON - timedelta(days=1))
        catalogue.record_visit(visit, records=[record], payload_id="urn:uuid:1", due=due)
        catalogue.hosts.put_robots(robots)
        catalogue.hosts.hold("b.test", NOON + timedelta(hours=1))
        with catalogue.transaction() as connection:
            row = (KEY, "2027-03-01T12:00:00.000000+00:00", "", "2026-03-01T12:00:00.000000+00:00")
            connection.execute("INSERT INTO misdated VALUES (?, ?, ?, ?, '')", row)
        catalogue.put_article(Article(record_id="urn:uuid:1", extractor="essai/1"))
        history.record(Observation(url=URL, observed_at=NOON, status=200))
        history.put_probe(
            Probe(folder="http://exemple.test/", url=URL, probed_at=NOON, has_page=False)
        )
        history.put_report(NOON)
        history.put_head("exemple.test", HeadTrust(agreed=1, lied_at=NOON))
        with catalogue.transaction() as connection:
            for table in TABLES:
                assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 1


QUESTIONS = (
    lambda catalogue, history: catalogue.visits(KEY),
    lambda catalogue, history: catalogue.captures(KEY),
    lambda catalogue, history: catalogue.latest_capture(KEY),
    lambda catalogue, history: catalogue.find_record("urn:uuid:1"),
    lambda catalogue, history: catalogue.find_location("urn:uuid:1"),
    lambda catalogue, history: catalogue.find_article("urn:uuid:1"),
    lambda catalogue, history: catalogue.hosts.find_robots("http://exemple.test"),
    lambda catalogue, history: list(catalogue.targets.planned()),
    lambda catalogue, history: catalogue.targets.find_due(KEY),
    lambda catalogue, history: [list(q.targets) for q in catalogue.targets.due_hosts(NOON)],
    lambda catalogue, history: catalogue.settle_dates(NOON),
    lambda catalogue, history: list(catalogue.records()),
    lambda catalogue, history: history.observations(KEY),
    lambda catalogue, history: history.observed_moments(KEY),
    lambda catalogue, history: history.find_probe("http://exemple.test/"),
    lambda catalogue, history: history.find_head("exemple.test"),
    lambda catalogue, history: list(history.all_observations()),
    lambda catalogue, history: history.last_report_at(NOON),
)
