"""What a first page of results weighs, where every facet is full and every row has all it can."""

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer.engines import build_index, open_searcher
from indexer.messages import message
from indexer.model import (
    CitingNote,
    Document,
    DocumentKind,
    LinkHealth,
    LinkState,
    Name,
    Paragraph,
    Reference,
)
from indexer.search import Hit, Snippet
from search_web import create_app
from search_web.render.passages import fit_extracts
from search_web.site.assets import squeeze_style
from tests import ROOT
from tests.search_web.conftest import SITE

MOST = 60_000  # bytes of HTML and of CSS
VISITED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LANGUAGES = ("fr", "en", "es", "de", "it", "pt", "nl", "ca", "sv", "pl", "ru", "ja", "zh")
TEXT = (
    "ville habitants commune atelier fabrique numérique mutualisation quartier coopérative usage "
    "économie partage espace lieux public travail réseau politique aménagement de la le les des un "
    "dans pour que qui se est sont plus où avec sur par projet territoire outil question année "
    "forme manière transport logement énergie jardin marché école savoir gestion ressource règle "
    "donnée plateforme objet machine bien service chacun ensemble enfin ainsi même autre premier"
)
WORDS = tuple(TEXT.split())
OTHERS = tuple(f"{word}{end}" for word in WORDS for end in ("age", "eur", "ien", "oir"))


def make_text(number: int, chance: random.Random) -> Document:
    """A text with all that a row shows: an author, a review, a copy, a note, a state."""

    def say(count: int) -> str:
        return " ".join(chance.choices((*WORDS, *OTHERS), k=count)).capitalize()

    def tell(sentences: int) -> str:
        return " ".join(f"{say(chance.randint(6, 22))}." for _ in range(sentences))

    site = f"revue-{number % 40:02}.exemple.fr"
    url = f"https://{site}/articles/{number:05}-{'-'.join(chance.choices(WORDS, k=3))}"
    section = f"{number % 30} Les territoires et l'économie"
    authors = (Name(family="Exemple", given="Camille"),)
    title = say(7)
    issued = f"{1990 + number % 30}-{1 + number % 12:02}-15"
    return Document(
        id=f"exemple-{number}-territoires",
        kind=DocumentKind.TEXT,
        title=title,
        author="Camille Exemple",
        container_title="Revue des exemples",
        issued=issued,
        url=url,
        site=site,
        section=("Les villes et leurs communs", section),
        language=LANGUAGES[number % len(LANGUAGES)],
        paragraphs=tuple(Paragraph(text=tell(1)) for _ in range(30)),
        notes=(CitingNote(id=f"note-{number}", text=tell(1), section=(section,)),),
        reference=Reference(
            id=f"exemple-{number}-territoires",
            title=title,
            author=authors,
            container_title="Revue des exemples",
            issued=issued,
            accessed="2015-03-12",
            url=url,
        ),
        captured_at=VISITED_AT,
        link=LinkHealth(
            state=list(LinkState)[number % len(LinkState)],
            reason=message("link.reason.plain", clause=message("link.answer.404")),
            checked_at=VISITED_AT,
        ),
    )


def make_note(number: int) -> Document:
    note = CitingNote(id=f"seule-{number}", text="Une note seule sur la ville.", section=("Rien",))
    return Document(id=note.id, kind=DocumentKind.NOTE, title=note.text, notes=(note,))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder: Path = tmp_path_factory.mktemp("full") / "index"
    chance = random.Random(7)
    texts = [make_text(number, chance) for number in range(240)]
    build_index(folder, [*texts, *map(make_note, range(3))])
    searcher = open_searcher(folder)
    yield create_app(searcher, SITE).test_client()
    searcher.close()


def weigh(client: FlaskClient, query: str) -> int:
    page = client.get(f"/recherche?q={query}").get_data()
    assert page.count(b'class="hit"') == 10
    assert len(re.findall(rb'class="facet ', page)) >= 5
    return len(page) + len(client.get("/static/renvois.css").get_data())


@pytest.mark.parametrize("query", ["ville", "atelier", "travail"])
def test_a_first_page_stays_light_where_every_facet_is_full(client, query):
    assert weigh(client, query) <= MOST


@pytest.mark.parametrize("query", ["ville+territoire", "mutualisation+coop%C3%A9rative&lien=dead"])
def test_long_queries_weigh_somewhat_more_as_each_link_repeats_them(client, query):
    assert weigh(client, query) <= 1.2 * MOST


def hit(rank: int, *extracts: tuple[int, int]) -> Hit:
    """A row of extracts of so many characters with so many marks."""
    snippets = tuple(
        Snippet(text=str(number) * length, marks=((0, 1),) * marks, paragraph=number)
        for number, (length, marks) in enumerate(extracts)
    )
    return Hit(
        rank=rank, score=1, id=str(rank), kind=DocumentKind.TEXT, title="", snippets=snippets
    )


def test_each_row_keeps_its_best_extract_and_the_first_rows_the_others():
    rows = (
        hit(1, (100, 1), (100, 3), (100, 2)),
        hit(2, (100, 1), (100, 1)),
        hit(3),
        hit(4, (900, 1)),
    )

    fitted = fit_extracts(rows, room=300)

    assert [[s.paragraph for s in row.snippets] for row in fitted] == [[1, 2], [0], [], [0]]
    assert fit_extracts(rows, room=900) == rows


def test_style_sheets_are_served_without_comments_and_mean_the_same(client):
    answer = client.get("/static/renvois.css")
    served = answer.get_data(as_text=True)

    assert answer.content_type == "text/css; charset=utf-8"
    assert int(answer.headers["Content-Length"]) == len(answer.get_data())
    assert "/*" not in served
    assert served.count("{") == (ROOT / "search_web/static/renvois.css").read_text().count("{")


@pytest.mark.parametrize(
    ("written", "served"),
    [
        ("/* why */\na:hover { color: red; }\n", "a:hover{color:red}"),
        ("a > b,\n c + d { margin: 0 auto; }", "a > b,c + d{margin:0 auto}"),
        ("p { width: max(1px, (100vw - 2rem) / 2); }", "p{width:max(1px,(100vw - 2rem) / 2)}"),
        ('p::before { content: " · "; }', 'p::before{content:" · "}'),
        (
            "@media (min-width: 2rem) {\n  p :focus { top: 0; }\n}",
            "@media (min-width:2rem){p :focus{top:0}}",
        ),
    ],
)
def test_a_blank_that_means_something_stays(written, served):
    assert squeeze_style(written) == served
