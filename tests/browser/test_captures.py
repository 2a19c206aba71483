"""What others wrote runs nothing in a browser, and the calendar reads well."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from indexer.settings import Settings
from search_web.wsgi import close_app, open_app
from tests.archive.exchanges import Corpus, hop
from tests.browser.conftest import serving
from tests.browser.test_axe import violations
from tests.search_web.test_mementos import URL, folder

__all__ = ["folder"]

pytestmark = pytest.mark.browser

# Each of these would change the title of the page, or ask a server for something.
EVIL = """<!DOCTYPE html><html lang="fr"><title>Une page</title><body>
<script>document.title = "lu"</script>
<img src="/web/x.png" onerror="document.title = 'lu'"><img src="http://autre.test/a.png">
<link rel="stylesheet" href="/static/renvois.css"><iframe src="/"></iframe>
<svg onload="document.title = 'lu'"></svg><meta http-equiv="refresh" content="0; url=/">
<form action="/recherche"><button>Partir</button></form><p>Un texte.</p></body></html>"""
TRAP = "http://piege.test/page"


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with Corpus(folder).open() as corpus:
        corpus.visit(TRAP, hop(TRAP, EVIL.encode()))
    app = open_app(Settings(corpus=folder, show_archived="full"))
    with serving(app) as address:
        yield address
    close_app(app)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 320, "height": 700})
    yield page
    page.close()


@pytest.mark.parametrize("marker", ["", "id_"])
def test_a_capture_runs_and_asks_for_nothing(page: Page, address: str, marker: str) -> None:
    asked: list[str] = []
    page.on("response", lambda response: asked.append(response.url))
    memento = f"{address}/web/20260301120000{marker}/{TRAP}"
    page.goto(memento)
    page.get_by_role("button").click()

    assert page.title() == "Une page"
    assert page.url == memento
    assert page.inner_text("p") == "Un texte."
    assert set(asked) == {memento}


@pytest.mark.parametrize("width", [320, pytest.param(1280, marks=pytest.mark.slow)])
def test_axe_has_nothing_against_the_calendar(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/captures?url={quote(URL)}")

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_axe_has_nothing_against_the_health_of_the_site(page: Page, address: str) -> None:
    page.goto(f"{address}/sante")

    assert violations(page) == []
