"""The five things that people come for, done in a browser, each in at most three clicks."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.request import urlopen

import pytest
import rispy
from playwright.sync_api import Browser, Locator, Page

from indexer.engines import Searcher
from search_web import Sources, create_app
from tests import ROOT
from tests.browser.conftest import Reader, serving
from tests.links.reports import open_link_report
from tests.links.stories import on_day
from tests.search_web.conftest import SITE
from tests.search_web.test_links import corpus

__all__ = ["corpus"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
MOST_CLICKS = 3


@contextmanager
def _site(searcher: Searcher, corpus, root: str = "") -> Iterator[str]:
    with open_link_report(corpus, now=on_day(70)) as book:
        site = replace(SITE, base_url=root, show_archived="full")
        with serving(create_app(searcher, site, Sources(link_reports=book))) as address:
            yield address


class Visitor:
    """Somebody who counts clicks; typing is none."""

    def __init__(self, reader: Reader, path: str, *, script: bool = True) -> None:
        self.page: Page = reader.open(path, script=script)
        self.clicks = 0

    def click(self, what: Locator) -> None:
        """Click, and keep count."""
        what.click()
        self.clicks += 1

    def search(self, words: str) -> None:
        """Type and press Enter."""
        self.page.get_by_label("Rechercher dans les textes cités").fill(words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


@pytest.fixture(scope="module")
def reader(browser: Browser, searcher: Searcher, corpus) -> Iterator[Reader]:
    with _site(searcher, corpus) as address:
        reader = Reader(browser, address)
        yield reader
        assert reader.complaints == []


@pytest.mark.parametrize("script", [True, False])
def test_find_and_cite_a_passage(reader, script):
    visitor = Visitor(reader, "/", script=script)
    visitor.search("technopole")
    visitor.click(visitor.page.locator(".hit h2 a").first)
    passage = visitor.page.locator(".archived p:has(mark) .pilcrow").first
    visitor.click(passage)
    reference = visitor.page.locator("#reference-text").inner_text()

    assert "BESSON" in reference
    assert re.search(r"passage=\d+-[0-9a-f]{10}", visitor.page.url)
    assert visitor.page.locator(".found").first.is_visible()
    assert visitor.clicks <= MOST_CLICKS


@pytest.mark.parametrize("script", [True, False])
def test_make_a_reading_list_for_a_class(reader, script):
    visitor = Visitor(reader, "/", script=script)
    visitor.search("ville OU territoires OU économie OU partage")
    count = visitor.page.locator(".hit .pick").count()
    assert count > 1
    visitor.click(visitor.page.get_by_role("button", name=re.compile("textes de cette page")))
    visitor.click(visitor.page.get_by_role("link", name="ISO 690", exact=True))

    assert visitor.page.locator(".chosen-list > li").count() == count
    visitor.page.emulate_media(media="print")
    assert visitor.page.locator(".printed").is_visible()
    assert not visitor.page.locator(".tools").is_visible()
    assert visitor.clicks <= MOST_CLICKS


def test_boxes_are_kept_from_page_to_page_by_the_address_alone(reader):
    visitor = Visitor(reader, "/recherche?q=ville&n=10")
    boxes = visitor.page.locator(".hit .pick input")
    visitor.click(boxes.nth(0))
    visitor.click(boxes.nth(1))
    assert visitor.page.locator("#chosen b").inner_text() == "2"
    first = visitor.page.url
    visitor.search("partage")
    assert visitor.page.locator("#chosen b").inner_text() == "2"
    visitor.click(visitor.page.locator("#chosen a"))

    assert visitor.page.locator(".chosen-list > li").count() == 2
    assert "choix=" in first
    assert visitor.page.context.cookies() == []
    visitor.click(visitor.page.locator(".chosen-list .pick input").nth(0))
    assert visitor.page.locator("#chosen b").inner_text() == "1"
    visitor.click(visitor.page.get_by_role("button", name="Mettre à jour la sélection"))
    assert visitor.page.locator(".chosen-list > li").count() == 1


def test_which_links_died_and_mend_one(reader):
    visitor = Visitor(reader, "/")
    visitor.click(visitor.page.get_by_role("link", name="Liens", exact=True))
    visitor.click(visitor.page.locator(".tally a:has(.dead)"))
    assert visitor.page.locator(".register tbody tr").count() > 0
    visitor.click(visitor.page.locator(".register tbody tr .stamp[href]").first)

    assert "renvois links" in visitor.page.locator(".steps").inner_text()  # the command to copy
    assert visitor.clicks <= MOST_CLICKS


def test_import_into_zotero(reader):
    """Zotero asks the server that the page names (unAPI) for the items of the page, as RIS."""
    visitor = Visitor(reader, "/")
    visitor.search("ville")
    server = visitor.page.locator("link[rel=unapi-server]").get_attribute("href")
    found = [each.get_attribute("title") for each in visitor.page.locator("abbr.unapi-id").all()]
    coins = visitor.page.locator("span.Z3988").count()
    formats = urlopen(server).read().decode()

    assert len(found) == coins > 1
    assert 'name="ris"' in formats
    for text_id in found:
        entries = rispy.loads(urlopen(f"{server}?id={text_id}&format=ris").read().decode("utf-8"))
        assert len(entries) == 1
        assert entries[0].get("title") or entries[0].get("primary_title")
    assert visitor.clicks <= MOST_CLICKS


def test_put_it_online_under_a_path(browser: Browser, searcher: Searcher, corpus):
    """One page of the manual, and what it says answers: the path alone is enough."""
    guide = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    assert 'base_url = "https://exemple.fr/biblio"' in guide
    with _site(searcher, corpus, "http://127.0.0.1:1/biblio") as address:
        reader = Reader(browser, f"{address}/biblio".rstrip("/"))
        visitor = Visitor(reader, "/")
        visitor.search("ville")
        visitor.click(visitor.page.locator(".hit .pick input").first)
        visitor.click(visitor.page.locator("#chosen a"))

        assert "/biblio/selection?choix=" in visitor.page.url
        assert visitor.page.locator(".chosen-list > li").count() == 1
        assert visitor.clicks <= MOST_CLICKS
        assert reader.complaints == []
