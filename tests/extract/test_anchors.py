"""What stands beside the text of an article: its links, and what its readers wrote."""

import pytest

from indexer.extract import extract_article
from indexer.model import Anchor, Article

URL = "https://a.example/2015/texte"
TEXTS = [
    f"Le paragraphe {name} parle des ateliers du quartier numéro {n}, puis de la rue numéro "
    f"{n * 7 + 1}, et il finit sans se répéter une seule fois sur la question {n + 100}."
    for n, name in enumerate(("un", "deux", "trois", "quatre"))
]
COMMENT = "Merci pour ce texte, qui m’a beaucoup appris sur les ateliers de mon quartier."


def read(more: str = "", after: str = "", head: str = "") -> Article:
    text = "".join(f"<p>{each}</p>" for each in TEXTS)
    markup = (
        f"<html lang=fr><head><title>Essai</title>{head}</head><body>"
        "<nav><ul><li><a href=/>Accueil</a></li><li><a href=/ateliers>ateliers</a></li></ul></nav>"
        f"<article>{text}{more}</article>{after}<footer><a href=/c>Contact</a></footer></body>"
    )
    return extract_article(markup.encode(), headers={}, url=URL, record_id="<a>")


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("<a href=/etude>une étude</a>", "https://a.example/etude"),
        ("<em><a href='voisin#p2'>une étude</a></em>", "https://a.example/2015/voisin#p2"),
        ("<a href=https://b.example/x>une étude</a>", "https://b.example/x"),
    ],
)
def test_links_of_the_text_are_kept_with_their_words_and_no_others(link, expected):
    article = read(f"<p>Tout ceci est dans {link} que chacun peut lire en ligne sans payer.</p>")

    assert article.links == (Anchor(href=expected, text="une étude"),)


@pytest.mark.parametrize(
    "href", ["#note", "mailto:moi@a.example", "javascript:lire()", "", "http://[a", "data:,x"]
)
def test_what_leads_to_no_page_is_no_link(href):
    link = f"<a href='{href}'>une étude</a>"

    assert not read(f"<p>Tout ceci est dans {link} que chacun peut lire sans payer.</p>").links


def test_the_base_of_the_page_counts():
    text = "<p>Tout ceci est dans <a href=x>une étude</a> que chacun peut lire sans payer.</p>"

    found = read(text, head="<base href=https://c.example/d/>").links

    assert [each.href for each in found] == ["https://c.example/d/x"]


@pytest.mark.parametrize(
    "comments",
    [
        f"<div id=comments><h3>Un avis</h3><ol class=comment-list><li><p>{COMMENT}</p></ol></div>",
        f"<section class='comments-area'><p>{COMMENT}</p></section>",
        f"<ol class=commentlist><li class=comment><p>{COMMENT}</p></li></ol>",
        f"<div id=commentaires><p>{COMMENT}</p></div>",
    ],
)
def test_comments_are_kept_apart_from_the_text(comments):
    article = read(after=comments)

    assert article.comments == (COMMENT,)
    assert [each.text for each in article.paragraphs] == TEXTS


def test_an_article_inside_of_what_is_named_after_comments_is_no_comment():
    assert not read().comments
    assert not read("<div class=comments-open></div>").comments
