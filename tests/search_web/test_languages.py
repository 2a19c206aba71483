"""Every page in French and in English: chosen by the reader, kept in links, told in headers."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from string import Formatter
from urllib.parse import parse_qs, quote, urlsplit

import feedparser
import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from markupsafe import Markup
from werkzeug.http import parse_accept_header

from indexer.messages import LANGUAGES, message, open_translator
from indexer.model import DocumentKind, LinkState
from indexer.search.fieldnames import list_value_names
from search_web import Sources, create_app
from search_web.site.languages import LanguageAccept, choose_language, open_markup_translator
from search_web.site.params import OLD_SORTS, VALUE_FIELDS
from tests.links.reports import open_link_report
from tests.links.stories import on_day
from tests.search_web.conftest import SITE, said
from tests.search_web.test_links import corpus

__all__ = ["corpus"]

STARTS = (
    "/",
    "/aide",
    "/notes",
    "/liens",
    "/recherche?q=ville",
    "/recherche?q=xyzzyxyz",
    "/recherche?q=ville+ou+intrenautes",
    "/concordance?q=ville",
    "/textes/besson-2014-tiers?q=lieux",
    "/textes/hess-2006-understanding",
    "/nulle-part",
    "/nouveautes.atom",
    "/recherche.atom?q=ville",
    "/opensearch.xml",
    "/suggestions?q=vi",
)
ENOUGH = 30  # pages crawled in a language in every run,
MORE = 60  # and where there is time


@pytest.fixture(scope="module")
def site(searcher, corpus) -> Iterator[FlaskClient]:
    """The pages with the table of links, to a reader on the machine itself."""
    with open_link_report(corpus, now=on_day(70)) as book:
        site = replace(SITE, show_archived="full")
        yield create_app(searcher, site, Sources(link_reports=book)).test_client()


@pytest.fixture(scope="module", params=[ENOUGH, pytest.param(MORE, marks=pytest.mark.campaign)])
def crawled(site, request) -> Mapping[str, list[tuple[str, str]]]:
    """The pages in each language, crawled once: addresses and markup."""
    return {language: list(crawl(site, language, request.param)) for language in LANGUAGES}


def read_pages(crawled: Sequence[tuple[str, str]]) -> Iterator[tuple[str, BeautifulSoup]]:
    """Parse crawled pages anew, so that they may be changed."""
    return ((path, BeautifulSoup(markup, "lxml")) for path, markup in crawled)


def in_language(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


def crawl(client: FlaskClient, language: str, enough: int) -> Iterator[tuple[str, str]]:
    """Read pages from link to link, each kind of page several times."""
    waiting = [in_language(path, language) for path in STARTS]
    seen = set(waiting)
    while waiting:
        path = waiting.pop(0)
        answer = client.get(path)
        assert answer.status_code in {200, 302, 404}, path
        if answer.status_code == 302 or "html" not in answer.content_type:
            continue
        yield path, answer.text
        page = BeautifulSoup(answer.text, "lxml")
        hrefs = [link["href"] for link in page.select("main a[href]")]
        for href in hrefs:
            if href.startswith("?"):
                href = path.split("?")[0] + href
            href = href.split("#")[0]
            if href.startswith("/") and href not in seen and len(seen) < enough:
                seen.add(href)
                waiting.append(href)


def strip_quoted(page: BeautifulSoup) -> str:
    """The words of a page but those quoted from the corpus, which are marked as French."""
    for each in page.select("script, [lang=fr], mark, .byline, .reference, cite, .query, b, s"):
        each.decompose()
    for each in page.select("input, .facet.section, .facet.site"):
        each.decompose()
    told = [page.get_text(" ")]
    for name in ("aria-label", "title", "data-label", "data-copy", "data-copied"):
        told += [each[name] for each in page.select(f"[{name}]")]
    return " ".join(" ".join(told).split())


def list_sentences(language: str) -> dict[str, list[str]]:
    """For each key of the pages, the pieces of its sentence between values, if they are long."""
    say = open_translator(language)
    pieces: dict[str, list[str]] = {}
    for key in say.keys:
        if key.startswith("page.") and not key.startswith("page.lesson."):
            sentence = say.find_forms(key)[-1]
            literal = (text for text, *_ in Formatter().parse(sentence))
            pieces[key] = [" ".join(text.split()) for text in literal if len(text.strip()) > 7]
    return pieces


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_speaks_another_language_or_shows_a_key(crawled, language):
    (other,) = [each for each in LANGUAGES if each != language]
    own = {piece for pieces in list_sentences(language).values() for piece in pieces}
    foreign = {piece for pieces in list_sentences(other).values() for piece in pieces} - own
    keys = open_translator(language).keys
    for path, page in read_pages(crawled[language]):
        assert page.html["lang"] == language, path
        for link in page.select(f"footer [lang={other}]"):
            link.decompose()
        if language == "fr":
            for each in page.select("[lang=en]"):
                each.decompose()
        told = strip_quoted(page)
        assert [piece for piece in foreign if piece in told] == [], path
        assert [key for key in keys if re.search(rf"{re.escape(key)}(?![\w.-])", told)] == [], path
    assert len(crawled[language]) > 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_and_form_keeps_the_language_that_was_asked(crawled, language):
    for path, page in read_pages(crawled[language]):
        for link in page.select("a[href]"):
            address = urlsplit(link["href"])
            if address.netloc or not (address.path or address.query) or link.get("hreflang"):
                continue
            assert parse_qs(address.query).get("lang") == [language], (path, link["href"])
        for form in page.select("form"):
            assert form.select_one("input[name=lang]")["value"] == language, path


def test_nothing_is_kept_that_was_not_asked(site):
    page = BeautifulSoup(site.get("/recherche?q=ville").data, "lxml")

    assert [a["href"] for a in page.select("main a") if "lang=" in a["href"]] == []
    assert not page.select("input[name=lang]")


@pytest.mark.parametrize(
    ("asked", "accepted", "default", "chosen"),
    [
        ("", "", "fr", "fr"),
        ("", "", "en", "en"),
        ("en", "fr", "fr", "en"),
        ("EN", "fr", "fr", "en"),
        ("de", "en", "fr", "en"),
        ("en\x00", "", "fr", "fr"),
        ("", "en-GB,en;q=0.8", "fr", "en"),
        ("", "fr-CA", "en", "fr"),
        ("", "en;q=0.5,fr;q=0.9", "en", "fr"),
        ("", "de,en;q=0.1", "fr", "en"),
        ("", "de", "fr", "fr"),
        ("", "*", "en", "en"),
        ("", "de, *;q=0.1", "fr", "fr"),
        ("", "fr;q=0, *", "fr", "en"),
        ("", "fr;q=0", "fr", "fr"),
        ("", "garbage;;q=zz, ,,=", "fr", "fr"),
        ("", "en;q=2", "fr", "fr"),
        ("", "e" * 5000, "fr", "fr"),
        ("", "EN_us", "fr", "en"),
    ],
)
def test_the_reader_chooses_then_the_browser_then_the_site(asked, accepted, default, chosen):
    header = parse_accept_header(accepted, LanguageAccept)

    assert choose_language(asked, header, default) == chosen


def test_the_site_has_a_language_of_its_own(searcher):
    client = create_app(searcher, replace(SITE, language="en")).test_client()

    assert client.get("/").headers["Content-Language"] == "en"
    assert client.get("/", headers={"Accept-Language": "fr"}).headers["Content-Language"] == "fr"
    assert client.get("/?lang=fr").headers["Content-Language"] == "fr"


@pytest.mark.parametrize("path", [*STARTS, "/api/v1/search?q=ville", "/recherche.csv?q=ville"])
def test_no_cache_gives_one_language_for_the_other(site, path):
    french = site.get(path, headers={"Accept-Language": "fr"})
    english = site.get(path, headers={"Accept-Language": "en"})

    for answer, language in ((french, "fr"), (english, "en")):
        assert answer.headers["Content-Language"] == language
        assert "Accept-Language" in answer.headers["Vary"]
    if "ETag" in french.headers:
        tag = english.headers["ETag"]
        assert french.headers["ETag"] != tag
        headers = {"If-None-Match": tag, "Accept-Language": "en"}
        unchanged = site.get(path, headers=headers)
        assert unchanged.status_code == 304
        assert "Accept-Language" in unchanged.headers["Vary"]
        crossed = site.get(path, headers={**headers, "Accept-Language": "fr"})
        assert crossed.status_code == 200
        assert crossed.data == french.data


@pytest.mark.parametrize("path", ["/", "/notes?page=2", "/liens?etat=dead"])
def test_search_engines_are_told_of_each_language_and_of_the_plain_address(site, path):
    page = BeautifulSoup(site.get(in_language(path, "en")).data, "lxml")
    root = SITE.base_url

    assert page.select_one("link[rel=canonical]")["href"] == root + path
    told = {link["hreflang"]: link["href"] for link in page.select("link[hreflang]")}
    assert told == {
        "fr": root + in_language(path, "fr"),
        "en": root + in_language(path, "en"),
        "x-default": root + path,
    }


def test_a_page_that_is_not_there_turns_to_the_home_page_and_repeats_no_address(site):
    page = BeautifulSoup(site.get("/textes/nul-ne-sait").data, "lxml")

    assert page.select_one("footer a[hreflang]")["href"] == "/?lang=en"
    assert "nul-ne-sait" not in str(page)


@pytest.mark.parametrize(
    "path",
    [
        *(each for each in STARTS[:11] if each != "/nulle-part"),
        "/recherche?q=a%26lang%3Dfr&lang=fr&lien=dead",
    ],
)
def test_the_other_language_is_one_click_away(site, path):
    page = BeautifulSoup(site.get(path).data, "lxml")
    link = page.select_one("footer a[hreflang]")

    assert (said(link), link["lang"], link["hreflang"]) == ("English", "en", "en")
    there = BeautifulSoup(site.get(link["href"]).data, "lxml")
    assert there.html["lang"] == "en"
    back = there.select_one("footer a[hreflang]")
    assert said(back) == "Français"
    again = BeautifulSoup(site.get(back["href"]).data, "lxml")
    assert again.h1.get_text() == page.h1.get_text()


HOSTILE = ("<b>{x}", "{0}", "{count}", "{query.__class__}", "%(a)s", "</title><script>", '" onx="')


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_typed_is_never_read_as_markup_or_as_a_sentence(site, language):
    for typed in HOSTILE:
        for route in ("/recherche", "/concordance", "/textes/besson-2014-tiers"):
            path = in_language(f"{route}?q={quote(typed + ' ou xyzzyq')}", language)
            answer = site.get(path)
            assert answer.status_code == 200
            page = BeautifulSoup(answer.get_data(as_text=True), "lxml")
            assert not page.select("b b, title script, [onx], search script"), path
            assert page.select_one("#q")["value"] == f"{typed} ou xyzzyq"
            assert typed in page.title.get_text() or route.startswith("/textes")
        feed = site.get(in_language(f"/recherche.atom?q={quote(typed)}", language))
        assert not feedparser.parse(feed.data).bozo


def test_values_of_a_sentence_are_escaped_unless_they_are_markup():
    say = open_markup_translator("en")
    link = Markup('<a href="/">{words}</a>')

    assert say("page.relaxation.else", notes=link, help="<i>&{notes}") == (
        'You can also read <a href="/">{words}</a>, or see &lt;i&gt;&amp;{notes}.'
    )
    inner = message("page.rung.without-rarest", word="<b>")
    rung = say("page.relaxation.rung", query="q", reason=inner, results="1")
    assert rung == "q, without “&lt;b&gt;”, the rarest word: 1"
    assert say("page.quoted", words=message("page.quoted", words="&")) == " “ “&amp;””"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        *(("tri", old, new) for old, new in OLD_SORTS.items()),
        *(
            (name, typed, value)
            for name, field in VALUE_FIELDS.items()
            for value in (*LinkState, *DocumentKind)
            for typed in list_value_names(field, value)[1:]
        ),
        ("lien", "MORT", "dead"),
    ],
)
def test_an_address_with_a_french_value_leads_to_the_one_of_today(site, name, old, new):
    routes = {
        "etat": ("/liens",),
        "tri": ("/liens", "/recherche"),
        **dict.fromkeys(("link", "kind"), ("/api/v1/search",)),
    }.get(name, ("/recherche", "/recherche.atom", "/recherche.csv", "/concordance"))
    for route in routes:
        asked = {"q": "a&b é", name: old, "lang": "en"}
        answer = site.get(route, query_string=asked)
        if old == new:
            assert answer.status_code == 200
            continue
        assert answer.status_code == 308
        address = urlsplit(answer.location)
        assert address.path == route
        assert parse_qs(address.query) == {"q": ["a&b é"], name: [new], "lang": ["en"]}
        assert site.get(answer.location).status_code == 200


def test_programs_are_told_the_key_and_the_words(site):
    path = "/api/v1/search?q=a&page=0"
    told = {
        language: site.get(path, headers={"Accept-Language": language}).get_json()
        for language in LANGUAGES
    }

    assert {each["key"] for each in told.values()} == {"page.api.number"}
    assert told["fr"]["detail"].startswith("page\u00a0: un nombre entier")
    assert told["en"]["detail"] == "page: a whole number from 1 to 1,000,000"


def test_a_browser_is_offered_the_search_of_the_language_that_was_asked(site):
    text = site.get("/opensearch.xml?lang=en").get_data(as_text=True)
    plain = site.get("/opensearch.xml").get_data(as_text=True)

    assert "<Language>en</Language>" in text
    assert "{searchTerms}&amp;page={startPage?}&amp;lang=en" in text
    assert "lang=" not in plain
    completed = json.loads(site.get("/suggestions?q=ville&lang=en").data)
    assert all("lang=en" in address for address in completed[3])
    french = json.loads(site.get("/suggestions?q=ville").data)
    assert completed[2] != french[2]


def test_what_machines_keep_says_no_language(site):
    for path in ("/recherche.csv?q=ville&lang=en", "/recherche.ris?q=ville&lang=en"):
        assert "lang=en" not in site.get(path).get_data(as_text=True)
    assert "lang=" not in site.get("/sitemap.xml?lang=en").get_data(as_text=True)
    text = site.get("/textes/besson-2014-tiers?lang=en").get_data(as_text=True)
    assert "lang=" not in re.search(r"ld\+json.>(.*?)</script>", text)[1]


def test_a_query_is_told_in_the_operators_of_the_reader(site):
    path = "/recherche?q=ville+et+%28a%29+OU+titre:lieux"

    def read_back(language: str) -> str:
        page = BeautifulSoup(site.get(in_language(path, language)).data, "lxml")
        return said(page.select_one(".query"))

    assert "OU titre:" in read_back("fr")
    assert "OR title:" in read_back("en")
