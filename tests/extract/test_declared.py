"""The text that a page holds in its data, where its markup shows none; shadow roots."""

import html
import json

import pytest

from indexer.extract import extract_article
from indexer.extract.declared import find_stated_text
from indexer.model import Article, PageKind

TEXTS = [
    f"Le paragraphe {n} parle des ateliers du quartier, de la rue numéro {3 * n}, et de ceux qui y "
    f"travaillent depuis dix ans sans que personne ne le sache, dit la voisine du {n} bis."
    for n in range(5)
]
HTML = "".join(f"<p>{each}</p>" for each in TEXTS)
OTHER = [f"<p>{'Un autre texte, que la page ne fait que citer. ' * 6}</p>" for _ in range(4)]
BLOCKS = [{"type": "p", "children": [{"text": each}]} for each in TEXTS]
MENU = [{"label": f"Une rubrique de ce site, la numéro {n} sur cent", "to": "/"} for n in range(99)]


def script(data: object, start: str = '<script id="__NEXT_DATA__" type="application/json">') -> str:
    return f"{start}{json.dumps(data, ensure_ascii=False)}</script>"


def read(body: str) -> Article:
    page = f"<html><head><title>Les ateliers</title></head><body>{body}</body></html>"
    return extract_article(page.encode(), headers={}, url="http://a.test/x", record_id="<urn:x>")


def texts_of(article: Article) -> list[str]:
    return [each.text for each in article.paragraphs]


NUXT = "<script>window.__NUXT__="
MORE = [{"slug": "x", "text": each} for each in OTHER]
PAGE = {"menu": MENU, "more": MORE, "style": ".a{b:c}" * 999}


def element(tag: str, children: object, **props: object) -> list[object]:
    return ["$", tag, None, {"children": children, **props}]


def push(*rows: tuple[str, object]) -> str:
    """Push rows as Next.js does, cut anywhere, in a word too: objects as JSON, or texts."""
    said = ['1:I["(app)/page.js",["a"],"default"]\n', ':HL["/a.css","style"]\n']
    for number, row in rows:
        is_text = isinstance(row, str)
        size = f"T{len(str(row).encode()):x},"
        said.append(f"{number}:{size}{row}" if is_text else f"{number}:{json.dumps(row)}\n")
    whole = "".join(said)
    pieces = [whole[n : n + 97] for n in range(0, len(whole), 97)]
    pushed = "".join(
        f"<script>self.__next_f.push({json.dumps([1, piece], separators=(',', ':'))})</script>"
        for piece in pieces
    )
    return f"<script>(self.__next_f=self.__next_f||[]).push([0])</script>{pushed}"


FLIGHT_MENU = element("nav", [element("a", each["label"], href="/") for each in MENU])
FLIGHT = [element("p", [each[:50], element("em", each[50:60]), each[60:]]) for each in TEXTS]
INNER = {"dangerouslySetInnerHTML": {"__html": "$9"}}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(script({**PAGE, "post": {"content": HTML}}), id="html"),
        pytest.param(push(("0", element("main", [FLIGHT_MENU, *FLIGHT]))), id="elements"),
        pytest.param(
            push(("0", element("$L1", [FLIGHT_MENU, "$L7"])), ("7", element("div", FLIGHT))),
            id="a row in another",
        ),
        pytest.param(
            push(("0", FLIGHT_MENU), ("9", HTML), ("a", element("div", [], **INNER))),
            id="a text row",
        ),
        pytest.param(push(("0", element("$L1", [], post={"body": HTML}))), id="given to a program"),
        pytest.param(script({**PAGE, "post": {"content": html.escape(HTML)}}), id="escaped"),
        pytest.param(script({**PAGE, "post": {"blocks": BLOCKS}}), id="blocks"),
        pytest.param(script({"post": "\n\n".join(TEXTS)}), id="plain"),
        pytest.param(script({**PAGE, "post": HTML}, NUXT), id="assigned"),
        pytest.param(script([1, {"post": 2}, HTML], "<script type=application/json>"), id="flat"),
        pytest.param(f"<div id=app data-page='{html.escape(json.dumps({'p': HTML}))}'></div>",
                     id="attribute"),
    ],
)  # fmt: skip
def test_a_page_that_shows_nothing_is_read_of_its_data(data):
    article = read(f"<div id=app></div>{data}")

    assert texts_of(article) == TEXTS
    assert (article.kind, article.sources["text"]) == (PageKind.ARTICLE, "data")


@pytest.mark.parametrize(
    "data",
    [
        script({"menu": MENU}),
        script({"code": "const a = {b: 1}; function f() { return a.b }; " * 40}),
        script({"key": "QWERTY" * 500, "address": "https://a.test/" + "x y" * 500}),
        "<script>window.a = {not: json}; " + "x" * 999 + "</script>",
        "<script type=application/json>" + "[" * 100_000 + "</script>",
        script({"post": TEXTS[0]}),
        push(("0", element("div", FLIGHT_MENU))),
        push(("0", element("div", "$L7")), ("7", element("div", "$L0"))),
        '<script>self.__next_f.push([1,"0:T999999999999,x"])</script>',
    ],
    ids=["menu", "code", "letters", "program", "deep", "short", "pushed", "round", "broken"],
)
def test_data_without_a_text_leave_the_page_empty(data):
    assert texts_of(read(f"<div id=app></div>{data}")) == []


def test_a_page_that_shows_its_text_is_not_read_of_its_data():
    own = "".join(f"<p>{each.replace('quartier', 'village')}</p>" for each in TEXTS[:3])
    article = read(f"<article><h1>Les ateliers</h1>{own}</article>{script({'p': HTML * 2})}")

    assert "quartier" not in article.text
    assert "village" in article.text


def test_data_behind_a_login_are_not_read():
    form = "<form><input type=password><button>Se connecter</button></form>"

    assert "quartier" not in read(f"<h1>Connexion</h1>{form}{script({'p': HTML})}").text


def test_many_scripts_are_looked_at_within_bounds():
    assert find_stated_text(f"<script type='application/json'>{'[0,' * 9}</script>" * 9_999) == ()


def test_what_stands_in_a_shadow_root_is_shown():
    root = f"<template shadowrootmode=open><style>p{{}}</style><h1>Les ateliers</h1>{HTML}"
    article = read(f"<x-page>{root}</template></x-page><template><p>{OTHER[0]}</p></template>")

    assert texts_of(article) == TEXTS
