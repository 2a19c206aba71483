"""Pages to browse, and what the owner of a site says on the first one."""

import json
import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup

from search_web import create_app
from search_web.pages.template_filters import authors_of, paths_above
from search_web.render.markup import render_markdown
from tests.search_web.conftest import SITE

ABOUT = "# Communs\n\nUne **bibliographie** <script>alert(1)</script> [ici](javascript:x)."


@pytest.fixture(scope="module")
def owned(searcher):
    """A site whose owner said what it is."""
    site = replace(SITE, name="Communs", about=ABOUT, legal="Édité par *nous*.", contact="a@b.test")
    return create_app(searcher, site).test_client()


def read(client, address: str) -> BeautifulSoup:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return BeautifulSoup(answer.text, "lxml")


def test_the_first_page_says_what_the_bibliography_is(owned):
    page = read(owned, "/")

    assert page.title.text.startswith("Communs")
    assert page.select_one(".own h2").text == "Communs"
    assert page.select_one(".own strong").text == "bibliographie"
    assert page.select(".own script") == page.select('.own a[href^="javascript"]') == []


def test_the_legal_notice_and_the_contact_have_a_page(owned, client):
    page = read(owned, "/mentions")

    assert page.select_one(".own em").text == "nous"
    assert page.select_one('a[href="mailto:a@b.test"]')
    assert page.select_one('.colophon a[href="/mentions"]')
    assert client.get("/mentions").status_code == 404


def test_what_an_owner_writes_holds_no_markup_and_no_picture():
    rendered = render_markdown("<b>x</b> ![y](https://exemple.invalid/y.png) \x00")

    assert "<b>" not in rendered
    assert "<img" not in rendered
    assert "\x00" not in rendered


@pytest.mark.parametrize("place", ["auteurs", "sites", "annees", "sections"])
def test_a_place_without_that_value_is_not_found(client, place):
    assert client.get(f"/{place}/personne-ici").status_code == 404
    assert client.get(f"/{place}").status_code == 200


def test_each_name_of_a_row_keeps_the_words_found_in_it(documents):
    text = next(each for each in documents if ", " in each.author)

    assert [name for name, _ in authors_of(text)] == text.author.split(", ")


def test_the_sections_above_one_lead_there():
    assert list(paths_above("A › B › C")) == [("A", "A"), ("A › B", "B")]


def test_a_section_by_its_heading_alone_is_found_in_every_form(client, documents):
    """Addresses of before have it so: pages redirect, programs are given what they meant."""
    nested = next(each for each in documents if each.kind == "text" and len(each.section) > 1)
    heading = quote(" ".join(nested.section[-1].split()))
    page = client.get(f"/recherche?section={heading}", follow_redirects=True).text
    total = int(re.search(r'name="totalResults" content="(\d+)"', page)[1])
    counts = {
        "feed": re.search(
            r"totalResults>(\d+)<", client.get(f"/recherche.atom?section={heading}").text
        )[1],
        "api": client.get(f"/api/v1/search?q=&section={heading}").get_json()["total"],
        "export": len(json.loads(client.get(f"/recherche.json?section={heading}&type=text").text)),
    }

    assert total > 0
    assert int(counts["feed"]) == counts["api"] == total
    assert 0 < counts["export"] <= total
