"""An answer that was made is not made again, and never outlives what it tells."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import brotli
import pytest

from search_web import create_app
from search_web.site.caching import MOST_PAGE_BYTES, ReadyAnswer, ReadyAnswers, compress
from tests.search_web.conftest import SITE

PAGES = ("/recherche?q=ville", "/notes", "/recherche.atom?q=ville", "/recherche.ris?q=ville")
DECODE = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


class Watched:
    """A searcher that counts what it is asked, and whose state can be turned by hand."""

    def __init__(self, searcher: Any) -> None:
        self._searcher = searcher
        self.generation = "one"
        self.asked = 0
        self.in_search: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._searcher, name)

    def search(self, *arguments: Any, **named: Any) -> Any:
        self.asked += 1
        self.in_search()
        return self._searcher.search(*arguments, **named)


class Lacking(Watched):
    """The same where a part of the index does not answer, as long as it is told so."""

    is_lacking = True

    def search(self, *arguments: Any, **named: Any) -> Any:
        return replace(super().search(*arguments, **named), is_partial=self.is_lacking)


@pytest.fixture
def watched(searcher):
    return Watched(searcher)


@pytest.fixture
def reader(watched):
    client = create_app(watched, SITE).test_client()
    client.get("/aide")  # what a state needs is read once
    watched.asked = 0
    return client


@pytest.mark.parametrize("path", PAGES)
def test_every_coding_says_the_same_and_is_made_once(reader, watched, path):
    plain = reader.get(path)
    made = watched.asked
    for coding, decode in DECODE.items():
        answer = reader.get(path, headers={"Accept-Encoding": coding or "identity"})
        assert decode(answer.data) == plain.data
        assert answer.headers.get("Content-Encoding", "") == coding
        assert "Accept-Encoding" in answer.headers["Vary"]
        same = {"Content-Type", "Content-Language", "Content-Security-Policy", "Cache-Control"}
        assert {n: answer.headers[n] for n in same} == {n: plain.headers[n] for n in same}

    assert watched.asked == made


def test_who_has_the_page_in_any_coding_is_told_so_and_nothing_is_asked(reader, watched):
    tags = {
        reader.get(PAGES[0], headers={"Accept-Encoding": coding}).headers["ETag"]
        for coding in ("br", "gzip", "identity")
    }
    watched.asked = 0
    answers = [reader.get(PAGES[0], headers={"If-None-Match": tag}) for tag in tags]

    assert len(tags) == 3
    assert [answer.status_code for answer in answers] == [304] * 3
    assert watched.asked == 0


def test_another_state_makes_another_page(reader, watched):
    before = reader.get(PAGES[0])
    watched.asked, watched.generation = 0, "two"
    after = reader.get(PAGES[0], headers={"If-None-Match": before.headers["ETag"]})

    assert after.status_code == 200
    assert watched.asked


def test_a_page_made_while_the_state_changed_is_given_once_and_not_kept(reader, watched):
    def change() -> None:
        watched.generation = "two"

    watched.in_search = change
    given = reader.get(PAGES[0])
    watched.in_search, watched.generation, watched.asked = lambda: None, "one", 0
    reader.get(PAGES[0])

    assert given.status_code == 200
    assert "ETag" not in given.headers
    assert watched.asked


def test_a_language_has_pages_of_its_own(reader):
    french, english = (
        reader.get("/notes", headers={"Accept-Language": language}) for language in ("fr", "en")
    )

    assert french.data != english.data
    assert reader.get("/notes", headers={"Accept-Language": "en"}).data == english.data


def test_a_head_has_the_headers_and_no_body(reader):
    reader.get(PAGES[0])
    answer = reader.head(PAGES[0])

    assert answer.data == b""
    assert answer.headers["ETag"] == reader.get(PAGES[0]).headers["ETag"]


def test_what_was_asked_least_lately_makes_room():
    ready = ReadyAnswers(most_bytes=250)
    for tag in ("a", "b", "a", "c"):
        ready.keep(tag, ReadyAnswer(headers=(), bodies={"": bytes(100)}))

    assert ready.find("b") is None
    assert ready.find("a")
    assert ready.find("c")


def test_small_bodies_and_pictures_stay_as_they_are():
    assert set(compress(b"a" * 100, "text/html")) == {""}
    assert set(compress(b"a" * 5_000, "image/png")) == {""}
    assert set(compress(b"a" * 5_000, "text/html")) == {"", "br", "gzip"}
    assert MOST_PAGE_BYTES > 1_000_000


@pytest.mark.parametrize(("version", "kept"), [("", "no-cache"), ("today", "immutable")])
def test_a_file_is_kept_for_a_year_under_the_address_of_its_bytes(reader, version, kept):
    address = reader.application.extensions["assets"]["renvois.css"]
    answer = reader.get(f"/static/renvois.css?v={address if version else 'before'}")

    assert kept in answer.headers["Cache-Control"]
    assert reader.get("/static/nothing.css").status_code == 404


def test_an_answer_without_a_part_of_the_index_is_kept_by_nobody(searcher):
    lacking = Lacking(searcher)
    client = create_app(lacking, SITE).test_client()
    for path in ("/recherche?q=ville", "/recherche.atom?q=ville", "/api/v1/search?q=ville"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
    for path in ("/recherche.csv?q=ville", "/concordance.csv?q=ville"):
        assert client.get(path).status_code == 503  # a file can't say what it lacks

    lacking.is_lacking = False
    asked = lacking.asked
    answer = client.get("/recherche?q=ville")
    assert lacking.asked > asked
    assert "ETag" in answer.headers
    assert client.get("/recherche.csv?q=ville").status_code == 200
