"""What `check` tells: the worst first, how much was read, what was left out."""

import pytest

from indexer.bibliography.checking import SEVERITIES, severity_of, sort_problems
from indexer.cli.bibliography import summarise
from indexer.messages import open_translator
from tests.bibliography.saying import slugs

PAGE = (
    "# Ressources\n\n- [Presse](#presse)\n- [Livres](livres.md)\n\n"
    "[![build](https://img.shields.io/b.svg)](https://exemple.test/build)\n\n## Presse\n\n"
    "- [Ville lente](https://exemple.test/lente) : un plaidoyer.\n"
    "- [Ville haute](https://exemple.test/haute)\n"
)


def test_one_line_says_how_much_was_read_and_what_was_left_out(read):
    bibliography = read(a_md=PAGE)

    assert slugs(bibliography) == []
    assert open_translator("en")(summarise(bibliography)) == (
        "Addresses: 2; references: 2; notes: 1; "
        "left out: 1 anchor, 1 badge, 1 link within the site."
    )


def test_where_nothing_was_left_out_the_line_says_so(read):
    bibliography = read(a_txt="")

    assert open_translator("en")(summarise(bibliography)).endswith("left out: nothing.")


def test_the_worst_problems_come_first(read):
    bibliography = read(
        a_txt="Colporteur, « Le chemin », Le Quotidien fictif, 2014\n\nUne note.\n",
        b_json='[{"title": ',
    )
    problems = sort_problems(bibliography.problems)

    severities = [SEVERITIES.index(severity_of(one)) for one in problems]
    assert severities == sorted(severities)
    assert problems[0].code == "file-not-understood"


@pytest.mark.parametrize(
    ("entry", "is_told"),
    [
        ("@book{a, author={Durand, Marie}, title={Un livre}, year={2015}}", False),
        ("@article{a, author={Durand, Marie}, title={Un article}, year={2015}}", True),
    ],
)
def test_a_printed_book_without_an_address_is_no_problem(read, entry, is_told):
    assert ("reference-without-url" in slugs(read(a_bib=entry))) == is_told
