"""What a person says in `corrections.yaml`: of fields, of notes, of what a line is."""

import json

import pytest

from indexer.bibliography.corrections import parse_corrections
from tests.bibliography.saying import notes_by_title, slugs

PAGE = """- Marie Dupont, « Le chemin de halage », Le Quotidien fictif, 12 mai 2014, https://exemple.test/a

Un plaidoyer pour les berges.

Une seconde idée, à reprendre.

- [Ville lente](https://exemple.test/b)
"""


def correct(read, text, **said):
    """Read a page with corrections, in JSON, which is YAML."""
    return read(a_md=text, corrections_yaml=json.dumps(said["said"], ensure_ascii=False))


@pytest.mark.parametrize("key", ["{note}", "Un plaidoyer pour les berges.", "{text}"])
def test_a_note_is_edited_and_tied_by_its_id_its_words_or_a_paragraph(read, key):
    before = read(a_md=PAGE)
    (note,) = before.notes
    ids = {one.title: one.id for one in before.references}
    key = key.format(note=note.id, text=note.text)

    said = {key: {"text": "Un autre mot.", "cites": [ids["Ville lente"]]}}
    after = correct(read, PAGE, said=said)

    is_paragraph = key.startswith("Un plaidoyer") and "\n" not in key
    text = "Un autre mot.\n\nUne seconde idée, à reprendre." if is_paragraph else "Un autre mot."
    assert notes_by_title(after) == {"Ville lente": [text]}
    assert slugs(after) == slugs(before)


@pytest.mark.parametrize(
    "name",
    [
        "[1] Marie Dupont, « Le chemin de halage », Le Quotidien fictif, 12 mai 2014, "
        "https://exemple.test/a",
        "dupont-2014-chemin",
        "2. [Ville lente](https://exemple.test/b)",
        "Ville lente",
    ],
)
def test_a_note_is_tied_to_a_line_as_it_is_copied(read, name):
    said = {"Un plaidoyer pour les berges.": {"cites": name}}
    page = PAGE.replace("\n\nUn plaidoyer", "\n\n## Suite\n\nUn plaidoyer")  # on nothing
    assert [*notes_by_title(read(a_md=page))] == [""]
    bibliography = correct(read, page, said=said)

    (title,) = notes_by_title(bibliography)
    assert title == ("Ville lente" if "Ville" in name else "Le chemin de halage")


def test_a_note_tied_to_nothing_is_on_nothing_and_a_reference_is_given_notes(read):
    said = {
        "Un plaidoyer pour les berges.": {"cites": []},
        "Ville lente": {"note": ["À relire.", "Prêté à Maud."], "issued": "12 août 2017"},
    }
    bibliography = correct(read, PAGE, said=said)

    assert notes_by_title(bibliography) == {
        "": ["Un plaidoyer pour les berges.\n\nUne seconde idée, à reprendre."],
        "Ville lente": ["À relire.", "Prêté à Maud."],
    }
    assert [one.issued for one in bibliography.references] == ["2014-05-12", "2017-08-12"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"Ville lente": {"title": ["a", "b"]}}, "no-text"),
        ({"Ville lente": {"author": [{"nom": "Dupont"}]}}, "no-list"),
        ({"Ville lente": {"type": "livre"}}, "unknown-type"),
        ({"Ville lente": {"issued": "hier"}}, "no-date"),
        ({"Ville lente": {"titel": "x"}}, "unknown-field"),
        ({"Ville lente": {}}, "no-fields"),
        ({"Ville lente": {"is": "chose"}}, "unknown-role"),
        ({"Un plaidoyer pour les berges.": {"text": ""}}, "no-text"),
        ({"Un plaidoyer pour les berges.": {"cites": ["rien"]}}, "unknown-reference"),
    ],
)
def test_what_cannot_be_set_is_told_with_its_line_and_the_rest_is_taken(read, said, why):
    text = json.dumps({"Marie": {"title": "sans effet"}} | said, ensure_ascii=False, indent=1)
    bibliography = read(a_md=PAGE, corrections_yaml=text)

    told = [one for one in bibliography.problems if one.code == "correction-not-understood"]
    assert [dict(one.said.values)["why"].key for one in told] == [f"problem.why.{why}"]
    assert [one.place.line for one in told] == [5]
    assert "unused-correction" in slugs(bibliography)


def test_a_line_that_is_corrected_twice_and_words_of_no_note_are_told(read):
    text = '"Ville lente":\n  issued: 2017\n"Ville lente":\n  issued: 2018\n"Rien":\n  text: Mot.\n'
    bibliography = read(a_md=PAGE, corrections_yaml=text)

    assert [one.issued for one in bibliography.references][1] == "2017"
    told = {one.code: one.place.line for one in bibliography.problems if one.place}
    assert (told["correction-not-understood"], told["unused-correction"]) == (3, 5)


def test_a_role_is_set_by_a_line_as_a_page_shows_it(read):
    text = "- [Ville *lente*](https://exemple.test/b), un lien mort\n"
    said = {"- Ville lente, un lien mort": {"is": "furniture"}}
    bibliography = correct(read, text, said=said)

    assert (bibliography.references, slugs(bibliography)) == ((), [])


@pytest.mark.parametrize("accepted", ["- message: no-title", "- line: Durand", "- un mot"])
def test_what_accepts_no_message_on_no_line_is_told(accepted):
    found = parse_corrections(f"accepted:\n{accepted}\n", path="corrections.yaml")

    assert len(found.problems) == 1
    assert found.accepted == ()
