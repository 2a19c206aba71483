"""Dates and counts as French writes them."""

from datetime import date

from indexer.links.wording import render_count, render_date, render_sentence, render_share


def test_the_first_of_a_month_is_an_ordinal():
    assert render_date(date(2024, 5, 1)) == "1er\u00a0mai\u00a02024"
    assert render_date(date(2024, 8, 2)) == "2\u00a0août\u00a02024"


def test_zero_is_singular_in_french():
    assert [render_count(n, "lien") for n in (0, 1, 2)] == [
        "0\u00a0lien",
        "1\u00a0lien",
        "2\u00a0liens",
    ]
    assert render_count(3, "mois", "mois") == "3\u00a0mois"


def test_a_share_is_never_rounded_up():
    assert render_share(0.999) == "99\u202f%"
    assert render_share(0) == "0\u202f%"


def test_a_clause_becomes_a_sentence():
    assert render_sentence("la page répond") == "La page répond."
