"""What `check` tells: the worst first, how much was read, what was left out."""

import pytest

from indexer.bibliography.checking import SEVERITIES, check, severity_of, sort_problems
from indexer.bibliography.corrections import Accepted, parse_corrections, render_accepted
from indexer.bibliography.folder import accept_messages, read_line
from indexer.cli.bibliography import render_sarif, summarise
from indexer.messages import open_translator
from indexer.model import Bibliography, Reference
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


LINES = (
    "- Marie Durand, « Le chemin », Le Quotidien fictif, 2014\n"
    "- Léo Durand, « La route », Le Quotidien fictif, 2015\n"
)


def test_an_accepted_message_is_told_no_more_and_counted(read, tmp_path):
    before = read(a_md=LINES)
    assert slugs(before).count("reference-without-url") == 2

    line = read_line(tmp_path, before.references[0].place)
    accepted = Accepted(message="reference-without-url", line=line, by="une lectrice", why="papier")
    path = accept_messages(tmp_path, [accepted])
    after = read()
    assert slugs(after) == ["reference-without-url"]
    assert after.left_out["accepted"] == 1
    assert "papier" in path.read_text("utf-8")


def test_what_is_accepted_goes_with_its_line_and_what_accepts_nothing_is_told(read, tmp_path):
    read(a_md=LINES)
    accept_messages(
        tmp_path,
        [Accepted(message="reference-without-url", line="Léo Durand, « La route », 1999")],
    )
    moved = "# Presse\n\nUne note.\n\n" + LINES
    assert slugs(read(a_md=moved)).count("unused-correction") == 1

    (tmp_path / "corrections.yaml").unlink()
    line = "Léo Durand, « La route », Le Quotidien fictif, 2015"
    accept_messages(tmp_path, [Accepted(message="reference-without-url", line=line)])
    assert slugs(read()).count("reference-without-url") == 1


@pytest.mark.parametrize(
    "written",
    [
        "",
        "# Les nôtres\n\n",
        '"Une ligne":\n  title: Un titre\n',
        'accepted:\n  - message: left-over\n    line: "a: b"\n"Une ligne":\n  is: note\n',
        "accepted:\n- message: left-over\n  line: Une autre\n",
        "accepted: # par nous\n",
    ],
)
def test_the_corrections_file_keeps_what_it_holds(written):
    accepted = Accepted(message="low-confidence", line="« Le chemin » : suite # 1", why="vu")
    text = render_accepted(written, [accepted])

    before = parse_corrections(written, path="corrections.yaml")
    after = parse_corrections(text, path="corrections.yaml")
    assert (after.fields, after.roles) == (before.fields, before.roles)
    assert {(one.message, one.line) for one in after.accepted} == {
        *((one.message, one.line) for one in before.accepted),
        ("low-confidence", "« Le chemin » : suite # 1"),
    }
    assert after.problems == before.problems or "accepted: #" in written


@pytest.mark.parametrize("key", ["Une note qui dit ce que l’on en pense.", "{id}"])
def test_a_role_without_effect_is_told_and_one_by_identifier_has_effect(read, key):
    text = "- Marie Dupont, « Le chemin », Le Quotidien fictif, 12 mai 2014\n"
    (one,) = read(a_md=text).references
    found = read(corrections_yaml=f'"{key.format(id=one.id)}":\n  is: note\n')

    if "{id}" in key:
        assert [found.references, len(found.notes)] == [(), 1]
    else:
        assert "unused-correction" in slugs(found)


def test_a_word_that_is_no_role_is_told(read):
    found = read(a_md=LINES, corrections_yaml='"Une ligne":\n  is: chose\n')
    assert "correction-not-understood" in slugs(found)


def test_sarif_has_a_result_a_problem_with_its_line(read):
    problems = sort_problems(read(a_md=LINES).problems)
    (run,) = render_sarif(problems, open_translator("fr"))["runs"]

    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    assert [one["region"]["startLine"] for one in places] == [1, 2]
    assert {one["artifactLocation"]["uri"] for one in places} == {"a.md"}
    assert {one["id"] for one in run["tool"]["driver"]["rules"]} == {"reference-without-url"}


@pytest.mark.parametrize(
    ("title", "is_told"),
    [
        ("Ville lente", False),
        ("Ville lente : un plaidoyer", False),
        ("Qui entretient les serveurs ? Une enquête", False),
        ("La loi de 1901", False),
        ("renvoie à l'étude", True),
        ("Anne Le Corre", True),
        ("Ville lente. Revue des sols", True),
        ("Ville lente (thèse non publiée)", True),
        ("Ville lente, Presses du Gué, Éditions", True),
        ("Hal and John C. McKelvey", True),
        ("In: Actes du colloque", True),
        ("Ville lente, 2012", True),
    ],
)
def test_a_title_that_reads_as_something_else_is_told_unless_it_stood_in_quotes(title, is_told):
    def list_codes(confidence: float) -> list[str]:
        one = Reference(
            id="a", title=title, url="https://exemple.test/", confidence={"title": confidence}
        )
        return [problem.code for problem in check(Bibliography(references=(one,)))]

    assert list_codes(0.7) == ["low-confidence"] * is_told
    assert list_codes(0.97) == []


def test_the_name_of_a_law_is_told_by_its_own_words():
    one = Reference(
        id="a",
        title="Décret n° 2021-12 du 8 janvier 2021",
        type="legislation",
        url="https://exemple.test/",
        confidence={"title": 0.6},
    )
    assert list(check(Bibliography(references=(one,)))) == []
