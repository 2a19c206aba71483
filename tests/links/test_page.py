"""The few facts that give a page away are read from any markup."""

import pytest

from indexer.links.page import parse_page

URL = "https://exemple.test/article"


def parse(markup: str):
    return parse_page(markup, asked_url=URL, final_url=URL)


def test_title_headings_text_and_anchors_are_read():
    page = parse(
        """<!doctype html><html><head><title> Le
        jardin </title><script>var x = "introuvable";</script></head>
        <body><nav>Accueil</nav><h1>Le <em>jardin</em></h1><p id="debut">Un samedi.</p>
        <a name="fin">Fin</a><footer>Mentions</footer></body></html>"""
    )

    assert page.title == "Le jardin"
    assert page.headings == ("Le jardin",)
    assert page.text == "Le jardin Un samedi. Fin"
    assert page.anchors == {"debut", "fin"}


def test_the_first_h2_stands_for_a_missing_h1():
    assert parse("<h2>Un</h2><p>a</p><h2>Deux</h2>").headings == ("Un",)
    assert parse("<h1> </h1><p>a</p>").headings == ()


def test_comments_are_no_text():
    assert parse("<p>a<!-- introuvable -->b</p>").text == "a b"


@pytest.mark.parametrize("markup", ["", "   ", "<!-- rien -->"])
def test_nothing_gives_a_page_without_facts(markup):
    page = parse(markup)

    assert (page.title, page.headings) == ("", ())


def test_plain_text_is_text():
    assert parse("Rien que du texte").text == "Rien que du texte"


@pytest.mark.parametrize(
    "markup",
    [
        '<?xml version="1.0" encoding="iso-8859-1"?><html><body><p>Été</p></body></html>',
        '<html><head><meta charset="windows-1252"></head><body><p>Été</p></body></html>',
        "<p>É\x00té</p>",
    ],
)
def test_a_declared_encoding_does_not_undo_the_decoding(markup):
    assert parse(markup).text == "Été"


def test_markup_nested_too_deep_is_read_as_far_as_it_goes():
    assert parse("<div>" * 100_000 + "fond").title == ""


def test_a_page_without_body_is_read_whole():
    assert parse("<html><frameset><frame src=a></frameset></html>").text == ""
