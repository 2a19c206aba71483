"""The page *Liens*: counts that filter, a table that sorts, reasons, exports."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import feedparser
import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from indexer.archive import open_catalogue
from indexer.bibliography import read_bibliography
from indexer.engines import open_searcher
from indexer.links.history import open_history
from indexer.links.kept_report import ReportFile
from indexer.model import (
    LinkHealth,
    LinkMark,
    LinkRow,
    LinkState,
    ParagraphChange,
    Replacement,
    TextChange,
)
from indexer.pipeline.link_report_cache import LinkReportCache
from indexer.withdrawals import WithdrawalFiles
from search_web import Site, Sources, create_app
from search_web.pages.links import TableAsk, parse_table_ask
from tests import BIBLIOGRAPHY
from tests.links.reports import open_link_report, write_link_report
from tests.links.stories import history as tell
from tests.links.stories import on_day

# One of each state, in the order of the bibliography.
STORIES = (
    "0:ok 30:ok 60:ok",
    "0:ok 30:404 34:404 41:404",
    "0:moved 40:moved",
    "0:403 60:403",
    "0:ok 50:404",
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    shutil.copytree(BIBLIOGRAPHY, folder / "bibliography")
    urls = [r.url for r in read_bibliography(folder / "bibliography").references if r.url]
    with (
        open_catalogue(folder / "catalogue.sqlite"),
        open_history(folder / "catalogue.sqlite") as history,
    ):
        for url, story in zip(urls, STORIES, strict=True):
            for observation in tell(story, url=url):
                history.record(observation)
    return folder


@pytest.fixture
def withdrawals(tmp_path) -> WithdrawalFiles:
    return WithdrawalFiles([tmp_path / "withdrawn.txt"])


@pytest.fixture
def book(corpus, withdrawals) -> Iterator[LinkReportCache]:
    with open_link_report(corpus, now=on_day(70), withdrawals=withdrawals) as book:
        yield book


@pytest.fixture
def client(index, book, withdrawals) -> Iterator[FlaskClient]:
    searcher = open_searcher(index, withdrawals)
    yield create_app(searcher, Site(), Sources(link_reports=book)).test_client()
    searcher.close()


def read(client: FlaskClient, address: str = "/liens") -> BeautifulSoup:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return BeautifulSoup(answer.text, "lxml")


def states(page: BeautifulSoup) -> list[str]:
    return [cell.get_text(strip=True) for cell in page.select("tbody td:first-child .link-state")]


def test_the_table_stands_in_the_order_in_which_one_acts(client):
    assert states(read(client)) == ["mort", "malade", "bloqué", "déplacé", "vivant"]


def test_each_count_filters(client):
    page = read(client)
    counts = {a.get_text(" ", strip=True): a["href"] for a in page.select(".tally a")}

    assert list(counts) == [
        "5 en tout",
        "1\u00a0mort",
        "1\u00a0malade",
        "1\u00a0bloqué",
        "1\u00a0déplacé",
        "1\u00a0vivant",
    ]
    for name, address in list(counts.items())[1:]:
        assert states(read(client, address)) == [name.split()[1]]


def test_a_column_sorts_one_way_then_the_other(client):
    page = read(client, "/liens?tri=visits")
    heading = page.select_one("th[aria-sort=ascending]")
    assert heading is not None
    link = heading.find("a")

    there = [row.select("td")[3].get_text().split()[0] for row in page.select("tbody tr")]
    back = [row.select("td")[3].get_text().split()[0]
            for row in read(client, link["href"]).select("tbody tr")]  # fmt: skip
    assert there == sorted(there)
    assert back == sorted(there, reverse=True)


def test_a_row_says_all_that_a_librarian_asks(client):
    row = read(client, "/liens?etat=dead").select_one("tbody tr")
    text = row.get_text(" ", strip=True).replace("\u00a0", " ")

    assert "1er janvier 2026" in text  # last seen alive
    assert "31 janvier 2026" in text  # failing since
    assert "le serveur répond que la page n’existe pas (404)" in text.lower()
    assert "Cité dans" in text
    assert row.select_one("a[href^='/textes/']")
    assert row.select_one("a[href^='/notes/']")


def test_the_history_is_dots_with_a_text_equivalent(client):
    row = read(client, "/liens?etat=dead").select_one("tbody tr")

    assert row.select_one(".dots")["aria-hidden"] == "true"
    assert len(row.select(".dots svg")) == 4
    assert "4 visites" in row.select_one(".dots + .quiet").get_text().replace("\u00a0", " ")


def test_what_is_not_dead_says_why(client):
    page = read(client)

    assert len(page.select("details")) == 2  # malade and bloqué; the living need no excuse
    assert "trois constats" in read(client, "/liens?etat=sick").select_one("details").get_text()


def test_a_moved_link_proposes_its_new_address(client):
    row = read(client, "/liens?etat=moved").select_one("tbody tr")

    assert row.select("td")[-1].find("a")["href"] == "https://neuf.test/tiers-lieux"


@pytest.mark.parametrize("name", ["site", "cause", "section", "fichier"])
def test_a_control_character_that_is_asked_for_is_not_echoed(client, name):
    shown = client.get("/liens", query_string={name: "a\x07\x1b[31m\u202eb"}).text

    assert not set(shown) & set("\x07\x1b\u202e")
    assert "a\ufffd\ufffd[31m\ufffdb" in shown


def test_an_empty_state_leads_back(client):
    assert "Voir tous les liens" in read(client, "/liens?etat=never-visited").get_text()


@pytest.mark.parametrize("address", ["/liens?page=99", "/liens?etat=dead&page=2"])
def test_a_page_past_the_end_is_the_last_one(client, address):
    answer = client.get(address)

    assert answer.status_code == 302
    assert "page" not in answer.location


@pytest.mark.parametrize(
    "address",
    ["/liens?etat=nimporte&tri=quoi&page=zéro", "/liens?page=-1", "/liens?page=99999999"],
)
def test_what_does_not_exist_is_as_if_not_asked(client, address):
    assert len(states(read(client, address))) == 5


def test_the_table_can_be_taken_along(client):
    assert client.get("/liens.csv").text.startswith("\ufeffétat;")
    assert {row["state"] for row in client.get("/liens.json").json} >= {"dead", "alive"}
    assert "<table>" in client.get("/liens.html").text
    assert client.get("/liens.exe").status_code == 404


def test_the_feed_is_read_and_knows_its_own_address(client):
    feed = feedparser.parse(client.get("/liens.atom").data)

    assert not feed.bozo
    assert feed.feed.links[0]["href"] == "http://localhost/liens.atom"


def test_a_withdrawn_text_is_nowhere_on_the_page(client, tmp_path):
    url = "http://www.eastbayexpress.com/oakland/the-true-sharing-economy/Content?oid=4563249"
    (tmp_path / "withdrawn.txt").write_text(url + "\n", encoding="utf-8")

    assert len(states(read(client))) == 4
    for extension in ("csv", "json", "html", "atom"):
        assert "eastbayexpress" not in client.get(f"/liens.{extension}").text


def test_every_page_leads_there_where_there_is_a_book(client, index):
    assert read(client, "/aide").select_one("nav a[href='/liens']")

    searcher = open_searcher(index)
    bare = create_app(searcher, Site()).test_client()
    assert bare.get("/liens").status_code == 404
    assert "/liens" not in bare.get("/aide").text
    searcher.close()


def test_a_new_visit_shows_at_once_and_no_stale_page_is_kept(client, corpus):
    before = client.get("/liens")
    url = read_bibliography(corpus / "bibliography").references[0].url
    assert before.headers["Cache-Control"] == "public, no-cache"
    with open_history(corpus / "catalogue.sqlite") as history:
        for observation in tell("69:timeout", url=str(url)):
            history.record(observation)

    after = client.get("/liens", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.text != before.text


def test_a_text_shows_the_course_of_its_link(client):
    page = read(client, "/textes/besson-2014-tiers")

    assert page.select(".course .dots svg")
    assert page.select_one(".course").get_text(strip=True)
    assert client.get(page.select_one(".course a")["href"]).status_code == 200


def test_what_a_person_ignores_is_in_no_state_and_has_a_count_of_its_own(client, corpus):
    (url,) = (row["url"] for row in client.get("/liens.json").json if row["state"] == "dead")
    path = corpus / "bibliography" / "liens.toml"
    path.write_text(
        f'[[lien]]\nurl = "{url}"\ndecision = "ignorer"\nle = 2026-02-20\n', encoding="utf-8"
    )
    page = read(client)
    dead = read(client, "/liens?etat=dead")
    ignored = read(client, page.select(".tally a")[-1]["href"])
    path.unlink()

    counts = [" ".join(a.get_text(" ", strip=True).split()) for a in page.select(".tally a")]
    assert counts[:2] == ["5 en tout", "0 mort"]
    assert counts[-1] == "1 ignoré"
    assert "Voir tous les liens" in dead.get_text()
    assert states(ignored) == ["mort"]


def test_an_address_says_what_it_asks():
    ask = parse_table_ask({"tri": "address", "page": "3"})

    assert (ask.window.first, ask.window.count, ask.window.sort) == (100, 50, "address")
    assert ask.query() == "tri=address&page=3"
    assert ask.order("address").query() == "tri=address&sens=inverse"
    assert parse_table_ask({"etat": "ignored"}).query() == "etat=ignored"
    assert TableAsk().query() == ""


def test_each_link_has_its_own_page(client):
    page = read(client, "/liens")
    address = page.select_one("tbody tr:nth-of-type(2) a.stamp")["href"]

    there = read(client, address)
    assert "Pourquoi ce lien n’est pas compté mort" in there.get_text()
    assert there.select(".visits li time")
    assert client.get("/liens/nulle-part").status_code == 404


class Alone:
    """Some rows as a book that says nothing beside them."""

    generation = "1"

    def __init__(self, rows: Sequence[LinkRow], folder: Path) -> None:
        self._path = write_link_report(folder, rows)

    def find_window(self, ask):
        with ReportFile(self._path) as file:
            return file.find_window(ask)

    def find_row(self, reference_id, reference=None):
        del reference
        with ReportFile(self._path) as file:
            return file.find_row(reference_id)

    def problems(self):
        return ()

    def say_completeness(self, say):
        return ()

    def list_next_steps(self, row):
        return ()

    def preview_repair(self, row):
        return ()

    def find_change(self, url: str):
        return None

    def render(self, extension: str, **_more: object):
        return None


def make_copied(reference_id: str) -> LinkRow:
    """Make the row of a dead link, of which we hold a copy and an archive another."""
    return LinkRow(
        reference_id=reference_id,
        title="Un texte",
        url="http://a.test/",
        health=LinkHealth(state=LinkState.DEAD),
        copied_at=on_day(0),
        replacement=Replacement(address="https://archive.test/a", kind="memento"),
    )


@pytest.mark.parametrize(
    ("shown", "expected"), [("full", "notre copie du 1er janvier 2026"), ("extracts", "archive")]
)
def test_our_own_copy_comes_before_an_archive_where_it_can_be_read(
    index, tmp_path, shown, expected
):
    """And whatever `base_url` says: a page of ours needs no address to lead to another."""
    searcher = open_searcher(index)
    reference_id = next(each.id for each in searcher.documents() if each.kind == "text")
    site = Site(show_archived=shown)
    client = create_app(
        searcher, site, Sources(link_reports=Alone([make_copied(reference_id)], tmp_path))
    ).test_client()
    in_table = read(client, "/liens").select_one("[data-label='À la place'] a")
    alone = read(client, f"/liens/{reference_id}")
    searcher.close()

    assert in_table is not None
    assert " ".join(in_table.get_text().split()) == expected
    assert in_table["href"] in [a["href"] for a in alone.select(".ways a")]


def test_decisions_that_are_not_followed_are_said(client, corpus):
    path = corpus / "bibliography" / "liens.toml"
    assert "liens.toml" not in read(client).get_text()
    path.write_text("[[lien]\n", encoding="utf-8")
    said = read(client).get_text()
    path.unlink()

    assert "1 erreur dans liens.toml" in " ".join(said.split())


def test_several_dead_links_are_said_in_the_plural(index, tmp_path):
    searcher = open_searcher(index)
    reports = Alone([make_copied("a"), make_copied("b")], tmp_path)
    client = create_app(searcher, Site(), Sources(link_reports=reports)).test_client()
    counts = [a.get_text(" ", strip=True) for a in read(client).select(".tally a")]
    searcher.close()

    assert counts[:3] == ["2 en tout", "2\u00a0morts", "0\u00a0malade"]


class Changed(Alone):
    """A book of one link, whose text has changed."""

    def __init__(self, reference_id: str, folder: Path) -> None:
        health = LinkHealth(state=LinkState.ALIVE, marks=(LinkMark.MODIFIED,))
        row = LinkRow(
            reference_id=reference_id, title="Un texte", url="http://a.test/", health=health
        )
        super().__init__([row], folder)

    def find_change(self, url: str):
        change = ParagraphChange(before="Un <b>jardin</b>.", now="Deux jardins.")
        return TextChange(
            before_at=on_day(0), now_at=on_day(9), similarity=0.629, changes=(change,)
        )


@pytest.mark.parametrize(("shown", "expected"), [("full", True), ("extracts", False)])
def test_what_changed_is_shown_where_texts_are(index, tmp_path, shown, expected):
    searcher = open_searcher(index)
    site = Site(show_archived=shown)
    client = create_app(searcher, site, Sources(link_reports=Changed("a", tmp_path))).test_client()
    page = read(client, "/liens/a")
    searcher.close()

    assert "62 % en commun" in page.get_text().replace("\u202f", " ")
    assert ("Un <b>jardin</b>." in page.get_text()) is expected
    assert ("Deux jardins." in page.get_text()) is expected
    assert not page.select("del b")


@pytest.mark.parametrize(
    ("written", "page"),
    [
        ("1", 1),
        ("2", 2),
        ("999999", 999_999),
        ("1000000", 1),
        ("0", 1),
        ("", 1),
        ("-3", 1),
        ("²", 1),
        ("٣", 1),
        ("3.0", 1),
    ],
)
def test_a_page_is_a_number_of_six_digits_at_most(written, page):  # fmt: skip
    assert parse_table_ask({"page": written}).page == page
