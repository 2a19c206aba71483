"""A paragraph has an address that finds its words again when the text was read anew."""

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from indexer.engines import build_index, open_searcher
from search_web import create_app
from search_web.render.passages import find_cited, name_passage
from tests.search_web.conftest import SITE, VISITED_AT, said


@pytest.fixture(scope="module")
def document(documents):
    return next(each for each in documents if each.captured_at and len(each.paragraphs) > 4)


def test_every_paragraph_is_found_by_its_address(document):
    for number in range(1, len(document.paragraphs) + 1):
        named = name_passage(document, number)
        cited = find_cited(document, named["passage"], named["copie"])

        assert cited.number == number
        assert cited.captured_at == VISITED_AT.replace(tzinfo=None)


def test_a_paragraph_that_moved_is_found_where_it_stands_now(document):
    named = name_passage(document, 3)
    moved = replace(document, paragraphs=(document.paragraphs[0], *document.paragraphs))
    twice = replace(document, paragraphs=document.paragraphs * 2)

    assert find_cited(moved, named["passage"], "").number == 4
    assert find_cited(twice, named["passage"], "").number == 3


def test_one_that_is_gone_is_said_to_be(document):
    named = name_passage(document, 3)
    left = replace(document, paragraphs=(*document.paragraphs[:2], *document.paragraphs[3:]))
    cited = find_cited(left, named["passage"], named["copie"])

    assert cited.number is None
    assert cited.named == 3


@pytest.mark.parametrize("passage", ["", "3", "0-0123456789", "3-xyz", "-1-0123456789", "9" * 99])
def test_what_names_no_paragraph_is_none(document, passage):
    assert find_cited(document, passage, "20261399999999") is None


def test_a_date_that_is_none_is_left_out(document):
    assert find_cited(document, name_passage(document, 1)["passage"], "20261399999999").number == 1


def test_the_page_links_each_paragraph_and_says_what_became_of_it(tmp_path, document):
    build_index(tmp_path / "before", [document])
    changed = replace(document, paragraphs=document.paragraphs[1:3])
    build_index(tmp_path / "after", [changed])
    told = []
    for folder in ("before", "after"):
        searcher = open_searcher(tmp_path / folder)
        client = create_app(searcher, replace(SITE, show_archived="full")).test_client()
        page = BeautifulSoup(client.get(f"/textes/{document.id}").text, "lxml")
        if folder == "before":
            links = [each["href"] for each in page.select(".pilcrow")]
        for link in links[:2]:
            shown = BeautifulSoup(client.get(link.partition("#")[0]).text, "lxml")
            told.append(said(shown.select_one("#passage")).replace("\u00a0", " "))
        searcher.close()

    assert len(links) == len(document.paragraphs)
    assert told[0] == "Le passage cité : ¶ 1 ."
    assert re.search(r"\(¶ 1 de la copie du 20 novembre 2026\) n’est plus", told[2])
    assert "¶ 1" in told[3]
    assert "a changé" in told[3]
