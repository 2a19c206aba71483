"""A bibliography that shows extracts of its texts has no answer of the site show one whole."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import Flask

from indexer.engines import build_index, open_searcher
from indexer.model import Identity, WholeTexts
from indexer.settings import BibliographySettings, Settings
from search_web import Site
from search_web.site.state import Library
from search_web.wsgi import close_app, open_app
from tests.withdrawals.corpus import CITED, FREE, UNSEEN, URL, let_live
from tests.withdrawals.crawling import crawl_site

pytestmark = pytest.mark.timeout(600)
EXTRACTS = BibliographySettings(show_archived="extracts")
# Where the sentence of a text that may be shown whole is read: so that each check can fail.
EXPECTED = {"pages.text", "api.document", "mementos.replay", "captures.image"}


@pytest.fixture
def site(corpus: Path) -> Iterator[Flask]:
    """A site that shows texts whole, but for those of the bibliography *notes*."""
    let_live(corpus)
    app = open_app(
        Settings(
            corpus=corpus,
            base_url="http://localhost",
            contact="contact@exemple.test",
            show_archived="full",
            bibliographies={"notes": EXTRACTS},
        )
    )
    yield app
    close_app(app)


@pytest.mark.slow
@pytest.mark.parametrize("follows", [False, pytest.param(True, marks=pytest.mark.campaign)])
def test_no_rule_shows_whole_what_one_of_two_bibliographies_shows_in_extracts(site, follows):
    traces = crawl_site(site, ("ateliers",), secrets=(UNSEEN, FREE), follows=follows)

    assert {endpoint for endpoint, _, secret in traces if secret == FREE} >= EXPECTED
    assert [trace for trace in traces if trace[2] == UNSEEN] == []


def test_a_text_that_left_keeps_its_rights_and_an_address_of_none_has_those_of_all():
    gone = Identity(id="perdu", url=URL, bibliographies=("Veille",), gone_on="2026-01-01")
    site = Site(show_archived="full", shown_whole={"Veille": False})
    with TemporaryDirectory() as folder:
        build_index(Path(folder), [])
        with closing(open_searcher(Path(folder))) as searcher:
            library = Library(searcher, site, lambda name: gone if name == URL else None)
            whole = [library.shows_whole_at(url) for url in (URL, CITED)]
            free = Library(searcher, Site(show_archived="full"))
            assert (whole, free.shows_whole_at(CITED)) == ([False, False], True)
    others = Site(show_archived="full", shown_whole={"Lectures": False})
    assert others.whole_texts.are_shown(gone.bibliographies)


def test_a_table_that_names_no_bibliography_is_told():
    settings = Settings(bibliographies={"Veile": EXTRACTS, "Veille": EXTRACTS})

    told = settings.warn_of_titles({"Veille"})

    assert [dict(each.values)["title"] for each in told] == ["Veile"]


def test_a_command_line_shows_all_texts_alike():
    settings = Settings(bibliographies={"Veille": replace(EXTRACTS, rights="CC BY 4.0")})

    shown = settings.show_all("full")

    assert shown.whole_texts == WholeTexts(is_usual=True)
    assert shown.bibliographies["Veille"].rights == "CC BY 4.0"
