"""A selection stands in the address, and in nothing else: chosen, listed, taken away, followed."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import feedparser
import pytest
from bs4 import BeautifulSoup

from indexer.bibliography.formats import FORMATS
from indexer.model import Document, DocumentKind, Identity, Reference, name_id
from indexer.outlines import short_name
from search_web import Sources, create_app
from search_web.interop.oai import EARLIEST, GivenTexts
from search_web.pages.selection import MOST, join_names, read_selection
from tests.search_web.conftest import SITE, said
from tests.test_outlines import stand

TIERS, COMMONS, TUCKER = "besson-2014-tiers", "hess-2006-understanding", "tucker-2015-true"
CHOSEN = join_names(map(short_name, (COMMONS, TIERS)))


def text(id: str, *aliases: str) -> Document:
    reference = Reference(id=id, title=id, aliases=tuple(map(name_id, aliases)))
    return Document(id=id, kind=DocumentKind.TEXT, title=id, reference=reference)


def test_texts_stand_in_the_order_of_the_address(read):
    page = read(f"/selection?choix={CHOSEN}")
    links = [a["href"] for a in page.select(".chosen-list .cited-title a")]

    assert [urlsplit(link).path for link in links] == [f"/textes/{COMMONS}", f"/textes/{TIERS}"]
    assert said(page.h1) == "Sélection 2 textes"
    assert len(page.select(".Z3988")) == 2


@pytest.mark.parametrize(
    "given",
    [
        f"choix={short_name(COMMONS)}&choix={short_name(TIERS)}",  # a form
        f"choix={COMMONS}.{TIERS}",  # by their ids
        f"choix={CHOSEN}.{short_name(COMMONS)}",  # one of them twice
        f"choix={CHOSEN.upper()}.aaaaaaaa..inconnu",
    ],
)
def test_one_selection_has_one_address(client, given):
    answer = client.get(f"/selection?{given}&titre=Deux")

    assert answer.status_code == 301
    assert answer.headers["Cache-Control"] == "public, no-cache"
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked == {"choix": [CHOSEN], "titre": ["Deux"]}


def test_a_short_name_of_before_leads_to_the_text_of_today():
    shelf = stand([text("exemple-2020-mot", "exemple-2019-mot"), text("autre")])

    for name in (
        "exemple-2019-mot",
        short_name("exemple-2019-mot"),
        short_name("exemple-2020-mot"),
    ):
        assert read_selection([name], shelf, {}).ids == ("exemple-2020-mot",)


def test_what_left_the_bibliography_is_told_and_stays_in_the_address(searcher):
    gone = Identity(id="parti-2001-texte", title="Un texte parti", gone_on="2026-01-02")
    app = create_app(
        searcher,
        SITE,
        Sources(
            find_identity=lambda name: gone if name == gone.id else None,
            list_given=lambda: GivenTexts(ids=frozenset({gone.id, "cache"}), changed_at=EARLIEST),
        ),
    )
    asked = join_names(map(short_name, (TIERS, gone.id)))
    page = app.test_client().get(f"/selection?choix={asked}")

    assert page.status_code == 200
    assert "Un texte parti" in page.text
    # What is withdrawn is given to nobody by `find_identity`: it goes as what was never cited.
    hidden = app.test_client().get(f"/selection?choix={short_name('cache')}.{short_name(TIERS)}")
    assert hidden.headers["Location"] == f"/selection?choix={short_name(TIERS)}"


@pytest.mark.parametrize("path", ["/recherche?q=ville", "/notes", f"/textes/{TIERS}", "/aide"])
def test_every_page_keeps_the_selection_in_its_links_and_forms(client, path):
    joint = "&" if "?" in path else "?"
    page = BeautifulSoup(client.get(f"{path}{joint}choix={CHOSEN}").text, "lxml")
    pages = ("/recherche", "/notes", "/textes/", "/aide", "/parcourir", "/selection")
    kept = 0
    for link in page.select("body a[href]"):
        to = urlsplit(unescape(link["href"]))
        is_file = re.search(r"\.(ris|bib|json|csv|atom|rss|yaml|xml)$", to.path)
        if to.netloc or not to.path.startswith(pages) or is_file:
            continue
        if "pilcrow" in link.get("class", []):
            assert "choix" not in parse_qs(to.query)  # a permanent address is of the passage alone
            continue
        assert parse_qs(to.query)["choix"] == [CHOSEN], link
        kept += 1
    assert kept > 5
    for form in page.select("form:not(#choose)"):
        assert form.select_one("input[name=choix]")["value"] == CHOSEN
    canonical = page.select_one("link[rel=canonical]")
    assert canonical is None or "choix" not in canonical["href"]
    assert said(page.select_one("#chosen b")) == "2"


def test_boxes_say_what_is_chosen_and_the_form_adds_to_it(client):
    page = BeautifulSoup(client.get(f"/notes?page=2&choix={short_name(COMMONS)}").text, "lxml")
    boxes = page.select("input[type=checkbox][form=choose]")
    ticked = [box["value"] for box in boxes if box.has_attr("checked")]
    others = [each["value"] for each in page.select("#choose input[type=hidden]")]

    assert ticked + others == [short_name(COMMONS)]  # once: by its box, or else as it was
    assert len({box["value"] for box in boxes}) == len(boxes) > 1
    everything = page.select_one("#choose button[name=choix]")["value"].split(".")
    assert everything == [box["value"] for box in boxes]


def test_without_a_selection_no_address_speaks_of_one(client):
    page = BeautifulSoup(client.get("/recherche?q=ville").text, "lxml")

    assert page.select_one("#chosen").has_attr("hidden")
    assert not [a for a in page.select("a[href]") if "choix" in a["href"]]


@pytest.mark.parametrize("extension", sorted(each.extensions[0] for each in FORMATS.values()))
def test_every_format_gives_the_texts(client, extension):
    answer = client.get(f"/selection.{extension}?choix={CHOSEN}")

    assert answer.status_code == 200
    assert f"selection.{extension}" in answer.headers["Content-Disposition"]
    assert "Understanding" in answer.text
    assert "tiers" in answer.text.casefold()


@pytest.mark.parametrize("style", [each.name for each in SITE.styles])
def test_every_style_cites_the_texts(client, style):
    page = BeautifulSoup(client.get(f"/selection?choix={CHOSEN}&style={style}").text, "lxml")
    shown = [each.get_text() for each in page.select(".reference")]
    lines = client.get(f"/selection.{style}.txt?choix={CHOSEN}").text.split("\n\n")

    assert len(lines) == 3
    assert lines[:2] == shown
    assert lines[0] == client.get(f"/textes/{COMMONS}.{style}.txt").text.strip()


def test_a_feed_follows_the_selection(client):
    for extension in ("atom", "rss"):
        answer = client.get(f"/selection.{extension}?choix={CHOSEN}&titre=Le%20cours")
        feed = feedparser.parse(answer.data)
        assert not feed.bozo
        assert feed.feed.title == "Le cours"
        assert [urlsplit(each.link).path for each in feed.entries] == [
            f"/textes/{COMMONS}",
            f"/textes/{TIERS}",
        ]
        assert not any("choix" in each.link for each in feed.entries)


def test_beyond_what_an_address_holds_the_page_says_so_and_files_have_all():
    texts = [text(f"exemple-{number}-mot") for number in range(MOST + 3)]
    app = create_app(_Holding(texts), SITE)
    names = join_names(short_name(each.id) for each in texts)
    page = BeautifulSoup(app.test_client().get(f"/selection?choix={names}").text, "lxml")

    assert len(page.select(".chosen-list > li")) == MOST
    assert f"celle-ci en demande {MOST + 3}" in said(page.select_one(".caution"))
    ris = next(a["href"] for a in page.select(".exports a") if "/selection.ris" in a["href"])
    assert app.test_client().get(ris).text.count("ER  -") == MOST + 3


class _Holding:
    """A searcher that holds these documents, and finds nothing."""

    generation = documents_state = "1"

    def __init__(self, texts):
        self._texts = texts

    def outlines(self):
        return self._texts

    def examples(self):
        return ()


@pytest.mark.parametrize(("order", "first"), [("auteur", TIERS), ("date", COMMONS)])
def test_a_selection_is_put_in_order_by_its_address(read, order, first):
    page = read(f"/selection?choix={join_names(map(short_name, (TUCKER, TIERS, COMMONS)))}")
    link = next(a for a in page.select(".sorting a") if said(a) == order)
    arranged = read(link["href"])

    assert first in arranged.select_one(".chosen-list a")["href"]
    assert said(arranged.select_one(".sorting strong")) == order


def test_an_own_title_is_words_and_never_markup(client):
    page = client.get(f"/selection?choix={CHOSEN}&titre=%3Cb%3EL3%3C/b%3E%00" + "a" * 300).text

    assert "&lt;b&gt;L3" in page
    assert "<b>L3" not in page
    assert "a" * 101 not in page.partition("<footer")[0]


def test_the_address_to_share_says_no_language_and_nothing_else(client):
    page = BeautifulSoup(client.get(f"/selection?choix={CHOSEN}&lang=en&style=apa").text, "lxml")

    address = page.select_one("#selection-address")["value"]
    assert address == f"{SITE.base_url}/selection?choix={CHOSEN}"
