"""What is near in meaning on the pages, in the JSON interface and in the feed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from indexer.engines import open_searcher
from indexer.engines.nearness import Use
from indexer.errors import MeaningError
from indexer.meaning.nearest import MeaningIndex
from indexer.messages import message
from search_web import Site, create_app
from tests.meaning.conftest import Shelf, make_texts
from tests.meaning.ngrams import NgramEmbedder

PAGE = "/recherche?q=atelier+ouvert+aux+habitants"
API = "/api/v1/search?q=atelier+ouvert+aux+habitants"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    made = Shelf(tmp_path_factory.mktemp("meaning"))
    made.index(make_texts())
    made.build()
    return made


@pytest.fixture(scope="module")
def app(shelf: Shelf) -> Iterator[Flask]:
    """The pages of a site that uses meaning both ways."""
    meaning = MeaningIndex(shelf.vectors, NgramEmbedder, (Use.ORDER, Use.PASSAGES))
    searcher = open_searcher(shelf.folder / "index", meaning=meaning)
    yield create_app(searcher, Site())
    searcher.close()


def read(app: Flask, address: str) -> BeautifulSoup:
    response = app.test_client().get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.text, "html.parser")


def test_a_block_of_its_own_shows_the_passage_its_language_and_its_nearest_sentence(app: Flask):
    block = read(app, PAGE).select_one("section.near")
    assert block.h2.text == "Par le sens"
    (first, *_) = block.select("li")
    assert first.select_one(".tongue").text == "anglais"
    assert first.select_one("blockquote")["lang"] == "en"
    assert first.select_one("mark").text == "This workshop is open to residents."
    assert first.h3.a["href"].startswith("/textes/fab")
    assert first.h3.a["href"].endswith("#p1")


def test_the_block_changes_no_number_of_the_page(app: Flask):
    meant, plain = read(app, PAGE), read(app, f"{PAGE}&sens=non")
    assert meant.h1.text == plain.h1.text
    assert len(meant.select("ol.hits > li")) == len(plain.select("ol.hits > li"))
    assert [each.text for each in meant.select(".facet i")] == [
        each.text for each in plain.select(".facet i")
    ]


def test_one_click_turns_it_off_and_the_address_keeps_that(app: Flask):
    page = read(app, f"{PAGE}&n=20")
    (way,) = [a for a in page.select(".understood a") if "sens=non" in a["href"]]
    assert way.text == "Chercher par les mots seuls"
    off = read(app, way["href"])
    assert off.select_one("section.near") is None
    assert not [a for a in off.select(".understood a") if "sens=non" in a["href"]]
    kept = [a["href"] for a in off.select(".sorting a, .facet a, .pages a")]
    assert kept
    assert all("sens=non" in href for href in kept if href.startswith(("/recherche", "?")))
    (back,) = [a for a in off.select(".chips a") if "Mots seuls" in a.text]
    assert read(app, back["href"]).select_one("section.near li") is not None


def test_where_words_find_nothing_the_block_stands_before_other_ways_to_ask(app: Flask):
    page = read(app, "/recherche?q=ateliers+ouverte&telquel=1")
    assert page.select_one("section.near li") is not None
    assert not page.select("ol.hits > li")


def test_english_pages_say_it_in_english(app: Flask):
    page = read(app, f"{PAGE}&lang=en")
    assert page.select_one("section.near h2").text == "By meaning"
    assert page.select_one(".near .tongue").text == "English"


def test_the_interface_gives_it_apart_and_without_on_demand(app: Flask):
    client = app.test_client()
    meant, plain = client.get(API).json, client.get(f"{API}&meaning=false").json
    assert meant["near"][0]["id"] == "fab"
    assert meant["near"][0]["language"] == "en"
    assert "passages" in meant["meaning"]
    assert (plain["near"], plain["meaning"]) == ([], [])
    assert (meant["total"], meant["facets"]) == (plain["total"], plain["facets"])
    assert "fab" not in [hit["id"] for hit in meant["hits"]]
    assert client.get(f"{API}&meaning=peut-être").status_code == 400


def test_a_feed_and_an_export_hold_what_words_found(app: Flask):
    for address in ("/recherche.atom?q=atelier+habitants", "/recherche.csv?q=atelier+habitants"):
        response = app.test_client().get(address)
        assert response.status_code == 200
        assert "Jardins partagés" in response.text
        assert "hackerspace" not in response.text


def test_a_page_says_where_meaning_could_not_be_used(shelf: Shelf, tmp_path: Path):
    def fail() -> NgramEmbedder:
        raise MeaningError(message("error.meaning.no-folder"))

    meaning = MeaningIndex(shelf.vectors, fail, (Use.PASSAGES,))
    searcher = open_searcher(shelf.folder / "index", meaning=meaning)
    page = read(create_app(searcher, Site()), PAGE)
    searcher.close()
    assert "par les mots seuls" in page.select_one(".unread").text
    assert page.select_one("section.near") is None
