"""The page *Liens* in a browser: wide and narrow, by day and by night, with and without script."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from indexer.bibliography import read_bibliography
from indexer.engines import Searcher
from search_web import Sources, create_app
from tests.browser.conftest import Reader, serving
from tests.browser.test_axe import violations
from tests.browser.test_validity import require
from tests.links.reports import open_link_report
from tests.links.stories import on_day
from tests.search_web.conftest import SITE
from tests.search_web.test_links import corpus

__all__ = ["corpus"]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def links(browser: Browser, searcher: Searcher, corpus) -> Iterator[Reader]:
    site = replace(SITE, base_url="", show_archived="full")
    with (
        open_link_report(corpus, now=on_day(70)) as book,
        serving(create_app(searcher, site, Sources(link_reports=book))) as address,
    ):
        reader = Reader(browser, address)
        yield reader
        assert reader.complaints == []


@pytest.fixture(scope="module")
def one(corpus) -> str:
    references = read_bibliography(corpus / "bibliography").references
    return next(f"/liens/{reference.id}" for reference in references if reference.url)


# Axe finds by night what by day has too little contrast, at any width; layouts change at widths.
@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (320, "light"),
        pytest.param(768, "light", marks=pytest.mark.slow),
        pytest.param(1100, "dark", marks=pytest.mark.slow),
        pytest.param(1600, "light", marks=pytest.mark.slow),
    ],
)
def test_the_table_fits_and_axe_has_nothing_to_say(links, one, width, scheme):
    for path in ("/liens", "/liens?etat=dead", "/liens?etat=never-visited", one):
        page = links.open(path, width=width, scheme=scheme)

        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert violations(page) == [], path
        for badge in page.locator(".link-state").all():  # "mo-rt" on two lines is no word
            assert badge.evaluate("it => it.offsetHeight < 30"), (path, badge.inner_text())


def test_everything_stands_without_script(links):
    page = links.open("/liens", script=False)
    page.get_by_role("link", name="1 mort").click()
    assert page.locator("tbody tr").count() == 1
    page.get_by_role("link", name="Visites").click()
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Visites")


def test_the_markup_is_valid(links, one, tmp_path):
    program = require("vnu")
    for number, path in enumerate(("/liens", one)):
        text = links.open(path, script=False).request.get(links.address + path).text()
        (tmp_path / f"{number}.html").write_text(text, encoding="utf-8")
    checked = subprocess.run(
        [program, *map(str, sorted(tmp_path.glob("*.html")))], capture_output=True, text=True
    )

    assert checked.returncode == 0, checked.stderr
