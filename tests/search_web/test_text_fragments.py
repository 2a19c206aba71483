from urllib.parse import unquote

import pytest

from search_web.render.passages import point_into, render_fragment


@pytest.mark.parametrize(
    ("passage", "directive"),
    [
        ("", ""),
        ("  ", ""),
        ("les tiers lieux", ":~:text=les%20tiers%20lieux"),
        ("les tiers-lieux", ":~:text=les%20tiers%2Dlieux"),
        ("oui, non & après", ":~:text=oui%2C%20non%20%26%20après"),
        ("deux  espaces\n ici", ":~:text=deux%20espaces%20ici"),
        ("un\u00a0: deux", ":~:text=un%20%3A%20deux"),
        ("15\u202f% d’entre", ":~:text=15%E2%80%AF%25%20d%E2%80%99entre"),
    ],
)
def test_a_passage_is_encoded_by_the_draft_and_by_french(passage, directive):
    assert render_fragment(passage) == directive


def test_a_long_passage_is_given_by_its_ends():
    passage = "Le tissu social des villes n’est pas nécessairement ouvert aux innovations " * 3

    assert unquote(render_fragment(passage)) == (
        ":~:text=Le tissu social des,nécessairement ouvert aux innovations"
    )


def test_a_passage_that_occurs_twice_gets_its_neighbours():
    article = "Un mot ici, un.\n\nAvant la ville après elle. Puis la ville encore."
    first = article.index("la ville")
    second = article.index("la ville", first + 1)

    assert unquote(render_fragment("la ville", article=article, start=first)) == (
        ":~:text=Avant-,la ville,-après elle. Puis"
    )
    assert unquote(render_fragment("la ville", article=article, start=second)) == (
        ":~:text=après elle. Puis-,la ville,-encore."
    )


def test_a_passage_that_occurs_once_is_left_alone():
    assert render_fragment("ville", article="la ville", start=3) == ":~:text=ville"


def test_an_address_keeps_the_fragment_it_has():
    assert point_into("http://a.fr/", ":~:text=b") == "http://a.fr/#:~:text=b"
    assert point_into("http://a.fr/#p1", ":~:text=b") == "http://a.fr/#p1:~:text=b"
    assert point_into("http://a.fr/", "") == "http://a.fr/"
