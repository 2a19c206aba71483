"""Each rule of the table recognises its example, and no good page is taken for a wall."""

import re

import pytest

from indexer.links.page import Page
from indexer.links.wall_rules import RULES, Where
from indexer.links.walls import find_walls, matches
from indexer.model import Signal

ARTICLE = (
    "Le jardin de la rue des Lilas a ouvert un samedi de mars, sous une pluie fine. "
    "Trois voisines en tenaient la clef, et personne ne savait encore qui planterait quoi. "
) * 30


def page_with(where: Where, example: str) -> Page:
    url = "https://exemple.test/2015/jardin"
    match where:
        case Where.HEADLINE:
            return Page(asked_url=url, final_url=url, title=example, text="Rien d’autre.")
        case Where.TEXT:
            return Page(asked_url=url, final_url=url, text=example)
        case Where.MARKUP:
            return Page(asked_url=url, final_url=url, markup=f"<html>{example}</html>")
        case Where.HOST:
            return Page(asked_url=url, final_url=f"https://{example}/")
        case Where.PATH:
            return Page(asked_url=url, final_url=f"https://exemple.test{example}")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.signal}-{rule.where.name}")
def test_each_rule_recognises_its_example(rule):
    page = page_with(rule.where, rule.example)

    assert matches(rule, re.compile(rule.pattern, re.IGNORECASE), page)
    assert rule.signal in find_walls(page)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Le jardin des Lilas", ARTICLE),
        ("Le marché des noms de domaine à vendre", ARTICLE + "Ce domaine est à vendre."),
        ("Domaine public : un bien commun", "Le domaine public appartient à tous."),
        ("Connexion et territoires", ARTICLE),
        ("La maintenance des communs", "Entretenir ce qui est commun prend du temps."),
        ("Les cookies, une histoire", ARTICLE + "Pour continuer, acceptez les cookies."),
        ("Captcha : qui travaille ?", ARTICLE + "Prouvez que vous n’êtes pas un robot."),
        ("Le site web de la Fabrique", "Le domaine skiable est enregistré au cadastre."),
    ],
)
def test_an_article_about_walls_is_no_wall(title, text):
    url = "https://exemple.test/article"
    page = Page(asked_url=url, final_url=url, title=title, headings=(title,), text=text)

    assert find_walls(page) == frozenset()


def test_an_address_that_was_asked_for_is_not_where_we_were_sent():
    page = Page(
        asked_url="http://exemple.test/connexion/essai",
        final_url="https://exemple.test/connexion/essai",
        text=ARTICLE,
    )

    assert find_walls(page) == frozenset()


def test_a_comment_form_with_a_captcha_is_no_wall():
    url = "https://exemple.test/article"
    page = Page(asked_url=url, final_url=url, text=ARTICLE, markup='<div class="g-recaptcha">')

    assert find_walls(page) == frozenset()


def test_a_paywall_stands_beside_a_long_article():
    url = "https://exemple.test/article"
    page = Page(
        asked_url=url, final_url=url, text=ARTICLE, markup='{"isAccessibleForFree": "False"}'
    )

    assert find_walls(page) == {Signal.PAYWALL}
