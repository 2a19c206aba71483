"""Markdown by its grammar: links by label, around images, in HTML; what editors of notes add."""

import pytest

from indexer.bibliography.frontmatter import list_fields
from indexer.bibliography.markdown import parse_blocks
from tests.bibliography.saying import notes_by_title, slugs, titles

LENTE = "https://exemple.test/lente"
HAUTE = "https://exemple.test/haute"

CASES = {
    "a link by its label": (
        f"- [Ville lente][l], un plaidoyer.\n\n[l]: {LENTE} 'Une ville'\n",
        {LENTE: "Ville lente"},
        ["un plaidoyer."],
    ),
    "a label alone": (
        f"- [Ville lente] : un plaidoyer pour ralentir.\n\n[ville lente]: <{LENTE}>\n",
        {LENTE: "Ville lente"},
        ["un plaidoyer pour ralentir."],
    ),
    "brackets within the words, parentheses within the address": (
        f"- [Ville [lente]]({LENTE}_(film)) : un plaidoyer pour ralentir.\n",
        {f"{LENTE}_(film)": "Ville [lente]"},
        ["un plaidoyer pour ralentir."],
    ),
    "a link around an image": (
        f"[![Ville lente](lente.png)]({LENTE})\n",
        {LENTE: "Ville lente"},
        [],
    ),
    "a badge is no reference": (
        "[![build](https://img.shields.io/build.svg)](https://exemple.test/build)\n\n"
        f"- [Ville lente]({LENTE})\n",
        {LENTE: "Ville lente"},
        [],
    ),
    "an address between angle brackets": (f"- <{LENTE}>\n", {LENTE: ""}, []),
    "HTML within": (
        f'<p align="center"><a href="{LENTE}">Ville lente</a> : un plaidoyer pour ralentir.</p>\n',
        {LENTE: "Ville lente"},
        ["un plaidoyer pour ralentir."],
    ),
    "a list within a list": (
        f"- [Ville lente]({LENTE})\n  - un plaidoyer pour ralentir\n- [Ville haute]({HAUTE})\n",
        {LENTE: "Ville lente", HAUTE: "Ville haute"},
        ["un plaidoyer pour ralentir"],
    ),
    "a box to tick": (
        f"- [x] [Ville lente]({LENTE}) : un plaidoyer.\n",
        {LENTE: "Ville lente"},
        ["un plaidoyer."],
    ),
    "links and callouts of Obsidian": (
        f"- [Ville lente]({LENTE}) : voir [[Ralentir|ralentir]].\n\n> [!note] À lire\n> Vite.\n",
        {LENTE: "Ville lente"},
        ["voir ralentir.", "Vite."],  # the title of a callout is a heading,
    ),
    "properties of Logseq": (
        f"- Ville lente, 2019\n  url:: {LENTE}\n  note:: Un plaidoyer pour ralentir.\n",
        {LENTE: "Ville lente"},
        ["Un plaidoyer pour ralentir."],
    ),
    "code is nobody's address": (
        f"- [Ville lente]({LENTE})\n\n```\ncurl https://exemple.test/code\n```\n",
        {LENTE: "Ville lente"},
        ["curl https://exemple.test/code"],
    ),
    "a table of links without a known head": (
        f"| Nom | Ville |\n|---|---|\n| [Ville lente]({LENTE}) | Un plaidoyer pour ralentir |\n",
        {LENTE: "Ville lente"},
        ["Un plaidoyer pour ralentir"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_grammar_says_what_a_link_is(read, name):
    text, titles_by_url, notes = CASES[name]
    bibliography = read(a_md=text)

    assert {one.url: one.title for one in bibliography.references} == titles_by_url
    assert [note.text for note in bibliography.notes] == notes


BODY = "\nUn plaidoyer pour ralentir.\n\n## Plus loin\n\nEn vingt pages.\n"
FRONT_MATTER = {
    "YAML": '---\ntitle: "La ville lente"\nauthor: Marie Dupont\ndate: 2019-05-03\n'
    f"url: {LENTE}\ntags: [ville, lenteur]\n---\n",
    "TOML": '+++\ntitle = "La ville lente"\nauthors = ["Marie Dupont"]\ndate = 2019-05-03\n'
    f'url = "{LENTE}"\ntags = ["ville", "lenteur"]\n+++\n',
}


@pytest.mark.parametrize("name", FRONT_MATTER)
def test_front_matter_with_an_address_is_the_text_that_the_file_is_about(read, name):
    bibliography = read(a_md=FRONT_MATTER[name] + BODY)

    (reference,) = bibliography.references
    assert (reference.title, reference.url) == ("La ville lente", LENTE)
    assert (reference.authors, reference.issued) == ("Marie Dupont", "2019-05-03")
    assert reference.keyword == ("ville", "lenteur")
    assert notes_by_title(bibliography) == {
        "La ville lente": ["Un plaidoyer pour ralentir.", "En vingt pages."]
    }
    assert slugs(bibliography) == []


def test_front_matter_without_an_address_is_the_heading_of_the_file(read):
    bibliography = read(a_md=f"---\ntitle: Lectures\n---\n\n# Villes\n\n- [Ville lente]({LENTE})\n")

    assert [one.section for one in bibliography.references] == [("Lectures", "Villes")]


def test_the_line_of_a_block_is_that_of_the_file():
    text = f"---\ntitle: Lectures\n---\n\n# Villes\n\n- a\n- [b]({LENTE})\n\n  > c\n  > d\n"

    assert [(one.raw, one.line) for one in parse_blocks(text)] == [
        ("Lectures", 1),
        ("Villes", 5),
        ("a", 7),
        (f"[b]({LENTE})", 8),
        ("c\nd", 10),
    ]


def test_the_raw_line_is_kept_as_it_was_written(read):
    line = f"[Ville `lente`]({LENTE}), un plaidoyer."
    (reference,) = read(a_md=f"- {line}\n").references

    assert (reference.raw, titles(read())) == (line, ["Ville lente"])


def test_names_are_read_in_the_order_of_their_list(read):
    lines = ["Lefort Anne", "Dubois Luc", "Blanchard Gersende", "Coutant Roger"]
    page = "".join(
        f"- {name}, *Titre {n}*, Nevers, Le Bief, 200{n}.\n" for n, name in enumerate(lines)
    )
    other = "- Blanchard Gersende, *Ailleurs*, Nevers, Le Bief, 2007.\n"
    references = read(a_md=f"# Un\n\n{page}\n# Deux\n\n{other}").references

    assert [one.author[0].display for one in references] == [
        "Anne Lefort", "Luc Dubois", "Gersende Blanchard", "Roger Coutant", "Blanchard Gersende",
    ]  # fmt: skip


def test_a_line_that_opens_on_an_arrow_is_a_note_on_the_line_before(read):
    page = "Martin Anne, *Un titre*, Bief, 1999, 2 vol.\n   → manque les mots du Rhône\n"
    bibliography = read(a_md=f"# Livres\n\n{page}Dubois Luc, *Un autre*, Lyon, Bief, 2015.\n")

    assert [one.title for one in bibliography.references] == ["Un titre", "Un autre"]
    assert [one.text for one in bibliography.notes] == ["→ manque les mots du Rhône"]
    assert bibliography.citations[0].reference_id == bibliography.references[0].id


def test_a_column_of_names_beside_one_of_titles_says_who_wrote_them(read):
    head = "| Titre | Nom | Lien |\n|---|---|---|\n"
    table = f"{head}| Ville lente | Anne Essai | https://exemple.test/a |\n"
    (one,) = read(a_md=table).references
    assert (one.title, [name.display for name in one.author]) == ("Ville lente", ["Anne Essai"])

    data = read(a_md="| Nom | Ville |\n|---|---|\n| Léo | Brume |\n")
    assert any("Nom" in str(one.said.values) for one in data.problems)


def test_the_fields_of_a_front_matter_are_those_that_say_something_of_the_text():
    body = "title: Les berges\nlayout: post\nauthor: Une autrice\ndraft: true"

    assert list_fields(body) == {"title": "Les berges", "author": "Une autrice"}
