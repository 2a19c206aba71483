"""What the pages promise, tried on 2,000 texts: every number shown is what its link finds."""

import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.datastructures import MultiDict

from indexer.model import DocumentKind
from search_web.site.params import PLACES
from tests.library import Library

QUERIES = (
    "atelier", "réseaux", "banque", "workshop", '"jardin partagé"', "coopérative SAUF banque",
    "jardin OU verger", "lien:mort", "l’école", "bibliothèque municipale",
)  # fmt: skip
FILTERS = (
    "year", "site", "section", "author", "bibliography", "keyword", "language", "link", "kind",
)  # fmt: skip
FACETS = ("annee", "site", "section", "auteur", "bibliographie", "mot")
# The first of them in every run, all of them by `make campaign`.
EACH = [*QUERIES[:5], *(pytest.param(query, marks=pytest.mark.campaign) for query in QUERIES[5:])]
FACET_FIELDS = ("year", "site", "section", "author", "bibliography", "keyword")
IN_PAGES = 400  # one document in so many is read in every run, all of them by `make campaign`

_NUMBER = re.compile(r"\d+")
_JOINED = re.compile(r"(?<=\d)[\u00a0\u202f](?=\d{3})")
Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def ask(library_site: FlaskClient) -> Ask:
    """Ask the API."""

    def search(query: str, **more: object) -> dict[str, Any]:
        answer = library_site.get(f"/api/v1/search?{urlencode({'q': query, **more}, doseq=True)}")
        assert answer.status_code == 200, answer.text
        found = answer.get_json()
        assert isinstance(found, dict)
        return found

    return search


@pytest.mark.parametrize("query", EACH)
def test_a_total_is_the_sum_of_its_pages_and_nothing_comes_twice(ask, query):
    total = ask(query)["total"]
    last = -(-total // 50)
    ids = [hit["id"] for n in range(last) for hit in ask(query, page=n + 1, page_size=50)["hits"]]

    assert total > 0
    assert len(ids) == len(set(ids)) == total


@pytest.mark.parametrize("query", EACH)
def test_every_count_of_a_facet_is_what_its_filter_finds(ask, query):
    found = ask(query)
    for name in FILTERS:
        values = found["facets"].get(name, [])
        for value in values[:3] + values[-1:]:
            total = ask(query, **{name: value["value"]})["total"]
            assert total == value["count"], (name, value)
            assert total <= found["total"]


@pytest.mark.parametrize("name", FACETS)
def test_every_value_is_two_clicks_away_and_finds_what_it_counts(ask, library_site, name):
    """One value in so many is followed: from the results to all values, and from there."""
    beside = read(library_site, "/recherche?q=atelier").select_one(f".facet.{name}")
    link = beside.select_one(".whole a")["href"] if beside.select_one(".whole") else "?q=atelier"
    page = read(library_site, f"/recherche{link}")
    choices = page.select(f".facet.{name} li > a")
    counts = {a["href"]: int(a.select_one("i").text) for a in choices}
    whole = ask("atelier")["facets"][dict(zip(FACETS, FACET_FIELDS, strict=True))[name]]

    assert len(choices) == len(counts) == len(whole)
    assert sorted(counts.values()) == sorted(value["count"] for value in whole)
    for address in list(counts)[:: len(counts) // 3 + 1]:
        found = read(library_site, f"/recherche{address}")
        total = found.select_one('meta[name="totalResults"]')["content"]
        assert int(total) == counts[address], address


def test_a_range_of_years_finds_the_texts_of_each_of_them(ask, library_site):
    years = {each["value"]: each["count"] for each in ask("atelier")["facets"]["year"]}
    answer = library_site.get("/recherche?q=atelier&de=2005&a=2009")
    page = read(library_site, answer.location)

    assert "annee=2005..2009" in answer.location
    total = int(page.select_one('meta[name="totalResults"]')["content"])
    assert total == sum(count for year, count in years.items() if "2005" <= year <= "2009") > 0


def test_an_address_that_names_a_section_by_its_heading_leads_to_its_paths(library_site, ask):
    path = next(
        each["value"] for each in ask("atelier")["facets"]["section"] if " › " in each["value"]
    )
    answer = library_site.get(f"/recherche?{urlencode({'section': path.split(' › ')[-1]})}")

    assert answer.status_code == 308
    assert quote(path, safe="").replace("%20", "+") in answer.location


def test_a_first_page_weighs_60_kb_at_most_and_15_compressed(library_site):
    for query in QUERIES[:3]:
        page = library_site.get(f"/recherche?q={quote(query)}").data
        style = library_site.get("/static/renvois.css").data
        assert len(page) + len(style) <= 60_000
        assert len(gzip.compress(page)) + len(gzip.compress(style)) <= 15_000


@pytest.mark.parametrize("path", ["/recherche?q=jardin+partag%C3%A9", "/liens"])
def test_a_count_is_written_in_groups_of_digits_everywhere(library_site, path):
    page = read(library_site, path)
    for no_count in page.select("script, style, .address, cite, time, h1 em"):
        no_count.decompose()
    counts = [
        each.text for each in page.select("h1, i, b, .count, .states li, .counts td, .whole a")
    ]

    assert any(_JOINED.search(each) for each in counts)
    assert [each for each in counts if re.search(r"\d{4}", each)] == []


@pytest.mark.parametrize(("kind", "offered"), [("note", 0), ("text", 4)])
def test_no_export_is_offered_that_would_hold_no_reference(library_site, kind, offered):
    page = read(library_site, f"/recherche?q=jardin&type={kind}")
    files = [a["href"] for a in page.select(".exports a") if "/recherche." in a["href"]]
    exports = [each for each in files if ".atom" not in each and ".rss" not in each]

    assert len(exports) == offered
    for address in exports:
        assert len(library_site.get(address).data) > 200, address


@pytest.mark.parametrize("place", PLACES)
def test_the_pages_of_a_place_hold_what_they_count(ask, library_site, place):
    """From the list of all values to one in so many, and from there to its search and its feed."""
    page = read(library_site, f"/{place}")
    counts = {a["href"]: int(a.select_one("i").text) for a in page.select(".values li > a")}

    assert len(counts) == len(page.select(".values li")) > 10
    for address in list(counts)[:: len(counts) // 2]:
        shown = read(library_site, address)
        rows = shown.select(".cited > li")
        feed = shown.select_one('link[type="application/atom+xml"][href*="recherche.atom"]')
        search = feed["href"].replace(".atom", "")
        total = int(shown.select_one('meta[name="totalResults"]')["content"])
        found = read(library_site, search).select_one('meta[name="totalResults"]')["content"]
        assert total == counts[address] == int(found), address
        assert len(rows) == min(total, 20)
        for choice in shown.select(".facet li > a")[:1]:
            found = read(library_site, choice["href"])
            count = found.select_one('meta[name="totalResults"]')["content"]
            assert int(count) == int(choice.select_one("i").text), choice["href"]


def test_rows_and_texts_lead_to_the_pages_of_their_author_site_and_section(library_site):
    rows = read(library_site, "/recherche?q=atelier")
    text = read(library_site, rows.select_one(".hit h2 a")["href"].partition("?")[0])
    links = [a["href"] for a in [*rows.select(".hit .byline a"), *text.select(".frontispiece a")]]
    ours = [each for each in links if each.lstrip("/").split("/")[0] in PLACES]

    assert {each.split("/")[1] for each in ours} >= {"auteurs", "sites"}
    for address in ours[:6]:
        assert library_site.get(address).status_code == 200, address


def test_the_first_page_says_what_the_bibliography_holds(library, library_site):
    page = read(library_site, "/")

    assert len(page.select(".rooms .facet")) == 4
    assert len(page.select(".rooms .latest")) >= 1
    for link in page.select(".rooms a")[::5]:
        assert library_site.get(link["href"]).status_code == 200, link["href"]


def test_every_number_of_the_first_page_is_what_its_link_finds(library, ask, library_site):
    page = read(library_site, "/")
    census = _JOINED.sub("", page.select_one(".census").text)
    texts, notes = map(int, _NUMBER.findall(census)[:2])
    assert texts == ask("type:texte")["total"]
    assert notes == len({note.id for each in library.documents for note in each.notes})
    for choice in page.select(".rooms .facet li > a:has(i)")[::6]:
        found = read(library_site, choice["href"])
        total = found.select_one('meta[name="totalResults"]')["content"]
        assert int(choice.select_one("i").text) == int(total), choice["href"]
    for example in page.select(".examples a"):
        assert ask(example.text)["total"] > 0, example.text


@pytest.mark.parametrize("query", QUERIES)
def test_filters_of_two_kinds_find_what_both_find(ask, query):
    found = ask(query)
    year = found["facets"]["year"][0]["value"]
    for language in found["facets"].get("language", []):
        both = ask(query, year=year, language=language["value"])
        assert both["total"] <= min(ask(query, year=year)["total"], language["count"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("atelier", "ateliers"), ("réseau", "réseaux"), ("commune rurale", "communes rurales"),
        ("école", "ecole"), ("l’école", "l'école"), ("workshop", "workshops"),
    ],
)  # fmt: skip
def test_a_plural_finds_its_singular_and_an_accent_need_not_be_typed(ask, one, other):
    assert ask(one)["total"] == ask(other)["total"] > 0


@pytest.mark.parametrize("query", ["jardin", "banque", '"jardin partagé"', "conseil municipal"])
def test_an_export_holds_every_result(ask, library_site, query):
    total = ask(query)["total"]
    texts = ask(query, kind="text")["total"]  # a note without text is no reference

    def get(extension: str) -> str:
        return library_site.get(f"/recherche.{extension}?q={quote(query)}").text

    rows = list(csv.reader(io.StringIO(get("csv")), delimiter=";"))
    assert total > 0
    assert len(rows) - 1 in (total, texts)
    assert get("ris").count("\nER  -") == texts
    assert len(re.findall(r"^@", get("bib"), re.MULTILINE)) == texts
    assert len(json.loads(get("json"))) == texts


def test_an_export_of_many_goes_to_the_last(ask, library_site):
    total = ask("type:texte")["total"]
    assert total > 1000
    answer = library_site.get(f"/recherche.csv?q={quote('type:texte')}")
    assert answer.is_streamed
    rows = list(csv.reader(io.StringIO(answer.text), delimiter=";"))[1:]
    assert len({row[0] for row in rows}) == len(rows) == total


def test_a_concordance_of_many_is_sent_piece_by_piece_to_the_last(ask, library_site):
    answer = library_site.get("/concordance.csv?q=durable")
    assert answer.is_streamed
    rows = list(csv.reader(io.StringIO(answer.text), delimiter=";"))[1:]
    assert ask("durable")["total"] * 0.9 < len({row[0] for row in rows}) <= ask("durable")["total"]


def test_an_export_that_is_sent_piece_by_piece_is_one_file(ask, library_site):
    total = ask("type:texte", kind="text")["total"]

    def get(extension: str) -> str:
        return library_site.get(f"/recherche.{extension}?q={quote('type:texte')}").text

    items = json.loads(get("json"))
    assert len({item["id"] for item in items}) == len(items) == total
    assert get("ris").count("\nER  -") == total
    assert len(re.findall(r"^@", get("bib"), re.MULTILINE)) == total
    assert len(etree.fromstring(get("mods").encode())) == total


def test_each_row_shows_where_it_was_found(library, library_site):
    """One word of each kind of field, of one document in so many: every row bears a mark."""
    words: dict[str, None] = {}
    for document in library.documents[::300]:
        names = document.reference.editor if document.reference else ()
        keywords = document.reference.keyword if document.reference else ()
        for told in (
            document.title, document.author, document.container_title, document.issued[:4],
            *(name.display for name in names), *keywords, *(note.text for note in document.notes),
        ):  # fmt: skip
            words.update(dict.fromkeys(re.findall(r"\w{4,}", told)[-1:]))
    assert len(words) > 20

    for word in words:
        page = read(library_site, f"/recherche?q={quote(word)}&telquel=1")
        for row in page.select("article.hit"):
            assert row.mark is not None, (word, row.get_text(" ", strip=True))


def test_what_is_suggested_finds_something(ask, library_site):
    for prefix in ("at", "com", "rés", "jar", "bib"):
        found = library_site.get(f"/api/v1/suggestions?q={prefix}").get_json()["suggestions"]
        assert found, prefix
        for each in found:
            assert ask(each["text"])["total"] > 0, each


def read(site: FlaskClient, address: str) -> BeautifulSoup:
    answer = site.get(address)
    assert answer.status_code == 200, address
    return BeautifulSoup(answer.text, "lxml")


def list_pages(library: Library) -> list[str]:
    cited = [one.reference_id for one in library.bibliography.citations]
    return [
        *(
            f"/{'textes' if each.kind is DocumentKind.TEXT else 'notes'}/{each.id}"
            for each in library.documents
        ),
        *dict.fromkeys(f"/notes/{one.note_id}" for one in library.bibliography.citations),
        *(f"/liens/{each.id}" for each in library.documents if each.url and each.id in set(cited)),
    ]


def check_pages(library: Library, site: FlaskClient, step: int) -> None:
    for address in list_pages(library)[::step]:
        page = read(site, address)
        assert page.h1 is not None and page.h1.get_text(strip=True), address
        assert "Traceback" not in page.get_text(), address


@pytest.mark.slow
def test_one_page_in_some_renders(library, library_site):
    check_pages(library, library_site, IN_PAGES)


@pytest.mark.campaign
def test_one_page_in_sixty_renders(library, library_site):
    check_pages(library, library_site, 60)


@pytest.mark.campaign
def test_each_page_renders(library, library_site):
    check_pages(library, library_site, 1)


@pytest.mark.parametrize(
    "address",
    ["/", "/notes", "/aide", "/liens", "/recherche?q=atelier&page=20", "/concordance?q=atelier",
     "/sitemap-1.xml", "/recherche.atom?q=atelier", "/liens.csv", "/liens.json"],
)  # fmt: skip
def test_the_pages_that_hold_everything_render(library_site, address):
    answer = library_site.get(address)

    assert answer.status_code == 200, address
    assert len(answer.data) > 500


def test_the_counts_of_links_are_the_rows_of_the_table(library, library_site):
    rows = library_site.get("/liens.json").get_json()
    cited = {each.id for each in library.documents if each.url}

    assert {row["reference_id"] for row in rows} == cited
    assert len(rows) == len(cited)


def test_pages_of_a_concordance_show_each_text_once_and_the_table_all_occurrences(library_site):
    total = library_site.get("/api/v1/search?q=ruche&n=1").json["total"]
    assert total > 50
    shown: list[str] = []
    lines = 0
    for number in range(1, -(-total // 25) + 1):
        page = BeautifulSoup(library_site.get(f"/concordance?q=ruche&page={number}").data, "lxml")
        shown += [link["href"].partition("?")[0] for link in page.select(".lines h2 a")]
        lines += len(page.select(".lines li"))
        assert bool(page.select_one("nav.pages a[rel=next]")) == (number * 25 < total)
    table = library_site.get("/concordance.csv?q=ruche").get_data(as_text=True).strip()

    # A text found by its title or a keyword alone has no line.
    assert total * 0.9 < len(set(shown)) == len(shown) <= total
    assert len(table.split("\r\n")) == lines + 1


@pytest.mark.parametrize("start", ["mot", "auteur", "section"])
def test_a_second_value_of_a_filter_finds_what_its_count_says_and_no_more(ask, library_site, start):
    everything = library_site.get("/recherche?type=text")
    page = BeautifulSoup(everything.data, "lxml")
    first = page.select_one(f".facet.{start} li a")["href"]
    narrowed = BeautifulSoup(library_site.get(f"/recherche{first}").data, "lxml")
    chosen = narrowed.select_one(f".facet.{start} a.chosen i")
    assert chosen is not None
    others = narrowed.select(f".facet.{start} li a:not(.chosen)")
    assert others or start == "section"
    filters = {"mot": "keyword", "auteur": "author", "section": "section"}
    for other in others:
        asked = MultiDict(parse_qsl(urlsplit(other["href"]).query))
        total = ask("", kind="text", **{filters[start]: asked.getlist(start)})["total"]
        base = ask("", kind="text", **{filters[start]: asked.getlist(start)[:1]})["total"]
        assert int(re.sub(r"\D", "", other.i.get_text())) == total <= base


def test_a_range_without_texts_at_its_ends_is_said_of_no_year(ask):
    found = ask("type:texte", year="0001..9999")
    assert found["total"] > 1000
    assert found["unread"] == []
    turned = ask("type:texte", year="2014..2010")["total"]
    assert turned == ask("type:texte", year="2010..2014")["total"] < found["total"]


def test_the_table_of_links_is_taken_away_as_it_is_asked_for(library_site):
    page = BeautifulSoup(library_site.get("/liens?etat=dead").data, "lxml")
    (link,) = [each for each in page.select("p.ways a") if each.get_text() == "CSV"]
    rows = list(csv.reader(io.StringIO(library_site.get(link["href"]).text), delimiter=";"))[1:]
    every = list(csv.reader(io.StringIO(library_site.get("/liens.csv").text), delimiter=";"))[1:]
    assert 0 < len(rows) < len(every)
    assert {row[0] for row in rows} == {"mort"}


def test_no_number_of_a_sitemap_is_too_large_to_be_refused(library_site):
    assert library_site.get(f"/sitemap-{10**30}.xml").status_code == 404
