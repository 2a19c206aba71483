"""`renvois watch` and `renvois status`, and what the site says of it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from indexer.archive import acquire_lock
from indexer.notify import Notice, NoticeKind, ToldState
from indexer.settings import Settings
from indexer.urls import urlkey
from indexer.watch import FILE_NAME, WatchJournal
from search_web.wsgi import close_app, open_app
from tests.command import run_command
from tests.replay import ReplayServer
from tests.withdrawals.corpus import BIBLIOGRAPHY, PAGES

ROOM = {"RENVOIS_MIN_FREE_BYTES": "0"}


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A corpus that was gone round once, and what the command said."""
    folder = tmp_path_factory.mktemp("watched")
    (folder / "bibliography").mkdir()
    (folder / "bibliography" / "biblio.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    with ReplayServer(PAGES) as proxy:
        done = run_command(
            folder, "watch", "--once", "--json", proxy=proxy.url,
            environ={"RENVOIS_DELAY_S": "0", "RENVOIS_ARCHIVES": "", **ROOM},
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def status(folder, *more, **environ):
    return run_command(folder, "status", *more, environ={**ROOM, **environ})


def test_one_round_visits_and_indexes(watched):
    folder, told = watched

    assert told["outcome"] == "done"
    assert told["visited"] >= 3
    assert told["indexed"] >= 3
    found = run_command(folder, "search", "zigouflard", "--json")
    assert json.loads(found.stdout.splitlines()[0])["id"].startswith("krempach")


def test_the_status_is_one_object(watched):
    folder, _ = watched
    done = status(folder, "--json")
    told = json.loads(done.stdout)

    assert done.returncode == 0, told
    assert told["level"] == "well"
    assert told["index"] == "ready"
    assert told["last_round"]["outcome"] == "done"
    assert (told["late"], told["never_visited"]) == (0, 0)
    assert told["disk"]["free_bytes"] > 0


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        ("fr", ("Dernière ronde : ", "menée à bien ;", "Index : prêt.", "Nouvelles à dire : 0 ")),
        ("en", ("Last round: ", "went well;", "Index: ready.", "News to tell: 0 waiting, ")),
    ],
)
def test_the_status_is_sentences_to_a_person(watched, language, facts):
    said = status(watched[0], RENVOIS_LANGUAGE=language).stdout
    said = re.sub(r"[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", said)

    assert [each for each in facts if each not in said] == []
    assert "=" not in said


def test_what_is_wrong_is_said_in_both_languages_and_ends_with_3(watched):
    folder, _ = watched
    full = {"RENVOIS_MIN_FREE_BYTES": str(2**62)}
    for language, said in (
        ("fr", "Le disque est presque plein"),
        ("en", "The disk is almost full"),
    ):
        done = status(folder, RENVOIS_LANGUAGE=language, **full)
        assert done.returncode == 3
        assert said in done.stdout


def test_a_corpus_that_is_not_there_has_a_status(tmp_path):
    done = status(tmp_path / "rien", "--json")

    assert done.returncode == 3
    assert json.loads(done.stdout)["index"] == "missing"
    assert not (tmp_path / "rien").exists()


def test_a_purge_leaves_no_word_of_a_text_in_what_was_told(watched, tmp_path):
    folder = shutil.copytree(watched[0], tmp_path / "corpus")
    told = {"kind": NoticeKind.DEATH, "at": datetime(2026, 3, 1, tzinfo=UTC)}
    with WatchJournal(folder / FILE_NAME) as journal:
        for page in PAGES[:2]:
            notice = Notice(url=page.url, title=f"zigouflard {page.url}", **told)
            journal.remember(urlkey(page.url), ToldState(is_dead=True), [notice], ["mail a@b.test"])

    done = run_command(folder, "withdraw", PAGES[0].url, "--purge", "--yes", "--yes")

    assert done.returncode == 0, done.stderr
    with WatchJournal(folder / FILE_NAME) as journal:
        assert [notice.url for _, notice in journal.list_notices()] == [PAGES[1].url]
        assert journal.count_deliveries() == {"waiting": 1}
        assert journal.find_told(urlkey(PAGES[0].url)) is None
    for path in folder.glob(f"{FILE_NAME}*"):
        assert PAGES[0].url.encode() not in path.read_bytes()


def test_the_site_answers_while_a_round_is_under_way(watched):
    folder, _ = watched
    app = open_app(Settings(corpus=folder, min_free_bytes=0))
    with acquire_lock(folder / "crawl.lock"), acquire_lock(folder / "watch.lock"):
        for address in ("/recherche?q=ateliers", "/sante", "/notes", "/liens", "/veille.atom"):
            assert app.test_client().get(address).status_code == 200
    close_app(app)


def test_a_second_watch_stops_and_says_so(watched):
    folder, _ = watched
    with acquire_lock(folder / "watch.lock"):
        done = run_command(folder, "watch", "--once", environ=ROOM)
    assert done.returncode == 1
    assert "at work on this corpus" in done.stderr


@pytest.mark.campaign
def test_the_watch_ends_when_it_is_asked_to(watched):
    folder, _ = watched
    process = subprocess.Popen(
        [sys.executable, "-m", "indexer", "--corpus", str(folder), "watch", "--json"],
        env={**os.environ, **ROOM, "RENVOIS_ARCHIVES": ""},
        stdout=subprocess.PIPE,
        text=True,
    )
    told = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    assert process.wait(300) == 0
    process.stdout.close()
    assert told["outcome"] == "done"


@pytest.fixture
def client(watched):
    app = open_app(Settings(corpus=watched[0], min_free_bytes=0))
    yield app.test_client()
    close_app(app)


def test_the_site_says_how_it_is_to_people_and_to_programs(client):
    answer = client.get("/sante")
    assert (answer.status_code, answer.get_json()["level"]) == (200, "well")
    assert "detail" not in answer.get_json()["last_round"]
    assert "free_bytes" not in answer.get_json()["disk"]
    assert answer.headers["Cache-Control"] == "no-store"
    for language, words in (("fr", "Tout va bien"), ("en", "All is well")):
        page = client.get(f"/sante?lang={language}", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert words in page.text


@pytest.mark.parametrize("accept", ["text/html,*/*;q=0.8", "application/json", "*/*"])
def test_a_site_that_does_not_answer_says_503(watched, accept):
    app = open_app(Settings(corpus=watched[0], min_free_bytes=2**62))
    answer = app.test_client().get("/sante", headers={"Accept": accept})
    close_app(app)

    assert answer.status_code == 503
    assert answer.mimetype == ("text/html" if "html" in accept else "application/json")


def test_the_news_are_a_feed(client):
    answer = client.get("/veille.atom")

    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
