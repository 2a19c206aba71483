"""Sixty French passages, each found by Chromium at the address that we give for it.

Half are extracts that the search itself shows, looked for on the stand-in pages as their sites
would serve them; half were written to hold what French typography puts in the way.
"""

import html
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask import Flask, Response, abort, request

from search_web.render.passages import point_into, render_fragment
from search_web.site.addresses import original_url
from tests.browser.conftest import serving
from tests.replay.pages import read_pages

pytestmark = pytest.mark.browser

# Written for this test: a paragraph, and the words of it that somebody looks for.
TYPOGRAPHY = (
    ("On dit que l’économie du partage s’essouffle.", "l’économie du partage"),
    ("Parler d’« ubérisation » ne suffit plus ici.", "d’« ubérisation »"),
    ("Ils étaient 15\u202f% à venir chaque semaine.", "15\u202f% à venir"),
    ("Vraiment\u202f! Personne ne l’aurait cru.", "Vraiment\u202f!"),
    ("Qui l’eût cru\u202f? Pas les élus du quartier.", "Qui l’eût cru\u202f?"),
    ("Deux mots\u00a0: entraide, voisinage.", "Deux mots\u00a0: entraide"),
    ("«\u00a0Un atelier ouvert\u00a0», dit la pancarte.", "«\u00a0Un atelier ouvert\u00a0»"),
    ("Une «\u202ffin espace\u202f» dans la ligne.", "«\u202ffin espace\u202f»"),
    ("Le budget passe de 12\u202f500 à 30\u202f000 euros.", "12\u202f500 à 30\u202f000 euros"),
    ("Un éco-quartier, c’est-à-dire un pari.", "éco-quartier, c’est-à-dire un pari"),
    ("Recherche & développement, côte à côte.", "Recherche & développement"),
    ("Un, deux, trois, partez du bon pied.", "Un, deux, trois, partez"),
    ("Le cœur de l’œuvre tient aux nœuds du réseau.", "cœur de l’œuvre"),
    ("À Évry, l’Été s’achève en fête.", "À Évry, l’Été"),
    ("Voir le n°\u00a032, p.\u00a012 et suivantes.", "n°\u00a032, p.\u00a012"),
    ("Le XXIᵉ siècle commence au 1er étage.", "XXIᵉ siècle commence au 1er"),
    ("Les habitant·e·s ont pris la parole.", "habitant·e·s ont pris"),
    ("Aujourd’hui, presqu’île et jusqu’au bout.", "presqu’île et jusqu’au bout"),
    ("Une idée — la leur — a fait école.", "Une idée — la leur — a fait"),
    ("Trois points… et la suite au numéro prochain.", "points… et la suite"),
    ("Le taux (2,5\u202f%) reste bas (pour l’instant).", "(2,5\u202f%) reste bas"),
    ("L'apostrophe droite n'y change rien.", "L'apostrophe droite n'y change"),
    ("Un mot <b>en gras</b> au milieu d’une phrase.", "mot en gras au milieu"),
    ("Une adresse : atelier@exemple.fr pour écrire.", "atelier@exemple.fr pour écrire"),
    ("Le prix #1 revient à 50/50 aux deux équipes.", "#1 revient à 50/50"),
    ("Plus = mieux ? Non : 1+1 ne font pas toujours 2.", "1+1 ne font pas toujours"),
    ("La ville, la ville, toujours la ville.", "La ville, la ville, toujours"),
    ("Cent pour cent: c'est ce qu'ils disent; soit!", "c'est ce qu'ils disent; soit!"),
    ("Ça, c’est l’avenir\u202f; là, c’est le passé.", "l’avenir\u202f; là, c’est"),
    ("Une   ligne\n   mal    composée dans la source.", "ligne mal composée"),
    ("Les « tiers-lieux » d’abord, puis l’école, puis la rue, puis le marché, puis la gare, "
     "et enfin, quand tout le reste a été essayé, la mairie elle-même\u202f!",
     "Les « tiers-lieux » d’abord, puis l’école, puis la rue, puis le marché, puis la gare, "
     "et enfin, quand tout le reste a été essayé, la mairie elle-même\u202f!"),
)  # fmt: skip
QUERIES = ("tiers lieux", "internautes", "ville", "consommation", "partage", "Bretagne",
           "plateformes", "habitants", "fab city", "travail", "voisins", "atelier", "réseau",
           "données", "projet", "quartier", "région", "machine", "argent", "école")  # fmt: skip
MOST_TRIED = 35
IS_SEEN = """(wanted) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let text = "", places = [];
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node.parentElement.closest("script, style, noscript")) continue;
        for (let i = 0; i < node.data.length; i++) {
            const blank = /\\s/.test(node.data[i]);
            if (blank && text.endsWith(" ")) continue;
            text += blank ? " " : node.data[i];
            places.push([node, i]);
        }
    }
    const seen = [];
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
        const range = document.createRange();
        range.setStart(...places[at]);
        range.setEnd(...places[at + wanted.length - 1]);
        const box = range.getBoundingClientRect();
        seen.push(box.bottom > 0 && box.top < innerHeight);
    }
    return [seen.length, scrollY, seen.includes(true)];
}"""


def flat(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


@pytest.fixture(scope="module")
def sites() -> Iterator[str]:
    """Every stand-in page under its whole address, and the page of typography."""
    app = Flask(__name__)
    pages = read_pages()
    written = "\n".join(
        f'<p id="c{n}" style="margin: 120vh 0">{text}</p>' for n, (text, _) in enumerate(TYPOGRAPHY)
    ).replace(" & ", " &amp; ")

    @app.get("/typographie")
    def typography() -> str:
        return f"<!DOCTYPE html><html lang=fr><meta charset=utf-8><title>x</title>{written}"

    @app.get("/site")
    def site() -> Response:
        page = pages.get(request.args["url"]) or abort(404)
        # Tall lines, so that nothing further down than the first is seen without scrolling.
        style = b"<style>p, li, h2, h3, blockquote { margin-block: 130vh !important }</style>"
        body = page.payload.replace(b"</head>", style + b"</head>", 1)
        return Response(body, content_type=page.headers["Content-Type"])

    with serving(app) as address:
        yield address


@pytest.mark.slow
def test_passages_with_every_difficulty_of_french_are_found(open_page, sites):
    missed = []
    for number, (_, passage) in enumerate(TYPOGRAPHY):
        url = point_into(f"{sites}/typographie?{number}", render_fragment(passage))
        page = open_page(url, width=900)
        box = page.locator(f"#c{number}").bounding_box()
        if not (page.evaluate("scrollY") > 0 and 0 <= box["y"] <= 900):
            missed.append(passage)

    assert missed == []


def test_a_passage_that_is_not_there_just_shows_the_page(open_page, sites):
    page = open_page(f"{sites}/typographie{'#'}{render_fragment('pas un mot de cela')}", width=900)

    assert page.evaluate("scrollY") == 0


@pytest.mark.slow
def test_extracts_are_found_on_the_pages_that_they_come_from(browser, sites, searcher):
    hits = [
        hit
        for query in QUERIES
        for hit in searcher.search(query, filters={"kind": ("text",)}).hits
        if hit.url and any(snippet.marks for snippet in hit.snippets)
    ]
    tried, missed = set(), []
    page = browser.new_page(viewport={"width": 900, "height": 900})
    for hit in hits:
        address, _, directive = original_url(hit, searcher.find_document).partition("#")
        passage = next(snippet.text for snippet in hit.snippets if snippet.marks)
        if (address, passage) in tried or len(tried) == MOST_TRIED:
            continue
        tried.add((address, passage))
        page.goto(f"{sites}/site?n={len(tried)}&url={quote(address, safe='')}#{directive}")
        count, scrolled, seen = page.evaluate(IS_SEEN, flat(passage)[:40])
        if not count or not seen:
            missed.append((count, scrolled, passage))

    page.close()

    assert len(tried) + len(TYPOGRAPHY) >= 60
    assert missed == []


def test_paragraphs_written_here_say_what_is_looked_for():
    for text, passage in TYPOGRAPHY:
        assert flat(passage) in flat(html.unescape(text.replace("<b>", "").replace("</b>", "")))
