"""A folder of a bibliography: formats and encodings side by side, corrected, merged, checked."""

import os
import random
from itertools import pairwise
from pathlib import Path

import pytest

from indexer.bibliography import read_bibliography
from indexer.bibliography.formats import FORMATS
from indexer.errors import BibliographyError
from indexer.messages import open_translator
from tests.bibliography.saying import notes_by_title, slugs, titles

LINE = "Élodie Garnaud, « L’œuvre et la peine », Le Quotidien fictif, 3 mai 2016"
NOTE = "Une enquête menée à Évreux — « à lire »."
TEXT = f"Travail\n\n{LINE}\n\n{NOTE}\n"


@pytest.mark.parametrize(
    "payload",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("cp1252"),
        TEXT.replace("œ", "oe").replace("’", "'").replace("—", "-").encode("latin-1"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode("utf-8"),
        TEXT.replace("\n", "\r").encode("cp1252"),
    ],
    ids=["utf-8", "utf-8 bom", "cp1252", "latin-1", "utf-16", "16le", "16be", "crlf", "mac"],
)
def test_a_file_is_read_whatever_its_encoding(read, payload):
    bibliography = read(biblio_txt=payload)

    (reference,) = bibliography.references
    assert reference.authors == "Élodie Garnaud"
    assert reference.title.replace("oe", "œ").replace("'", "’") == "L’œuvre et la peine"
    assert bibliography.notes[0].text.startswith("Une enquête menée à Évreux")
    assert reference.place.line == 3


FILES = {
    "a_txt": f"{LINE}\n\nUne note.\n",
    "a_md": f"- {LINE}\n\n  Une note.\n",
    "a_html": f"<html><body><ul><li>{LINE}<p>Une note.</p></li></ul></body></html>",
    "a_bib": "@article{x, author={Garnaud, {\\'E}lodie}, title={L’{\\oe}uvre et la peine}, "
    "journal={Le Quotidien fictif}, date={2016-05-03}, annote={Une note.}}",
    "a_ris": "TY  - NEWS\nAU  - Garnaud, Élodie\nTI  - L’œuvre et la peine\n"
    "T2  - Le Quotidien fictif\nDA  - 2016/05/03/\nN1  - <p>Une note.</p>\nER  - \n",
    "a_json": '[{"id": "x", "type": "article-newspaper", "title": "L’œuvre et la peine", '
    '"author": [{"family": "Garnaud", "given": "Élodie"}], '
    '"container-title": "Le Quotidien fictif", "issued": {"date-parts": [[2016, 5, 3]]}, '
    '"annote": "Une note."}]',
    "a_yaml": "references:\n- id: x\n  type: article-newspaper\n  title: L’œuvre et la peine\n"
    "  author:\n  - family: Garnaud\n    given: Élodie\n  container-title: Le Quotidien fictif\n"
    "  issued: 2016-05-03\n  annote: Une note.\n",
}


@pytest.mark.parametrize("name", FILES)
def test_every_format_says_the_same(read, name):
    bibliography = read(**{name: FILES[name]})

    (reference,) = bibliography.references
    assert (reference.id, reference.authors) == ("garnaud-2016-oeuvre", "Élodie Garnaud")
    assert (reference.title, reference.issued) == ("L’œuvre et la peine", "2016-05-03")
    assert reference.container_title == "Le Quotidien fictif"
    assert notes_by_title(bibliography) == {"L’œuvre et la peine": ["Une note."]}
    assert reference.raw
    assert reference.place.path == name.replace("_", ".")


def test_one_text_in_several_files_is_one_reference_with_all_its_notes(read):
    bibliography = read(
        a_txt=f"{LINE}, http://www.exemple.test/peine/?utm_source=lettre#haut\n\nNote d’Anne.\n",
        b_md=f"- {LINE}, https://exemple.test/peine\n\n  Note de Paul.\n",
        c_bib="@online{z, title={L’œuvre}, url={http://exemple.test/peine/}, "
        "annote={Note de Lise.}}",
    )

    assert titles(bibliography) == ["L’œuvre et la peine"]
    assert notes_by_title(bibliography)["L’œuvre et la peine"] == [
        "Note d’Anne.",
        "Note de Paul.",
        "Note de Lise.",
    ]
    duplicates = [one for one in bibliography.problems if one.code == "duplicate-reference"]
    assert [str(one.place) for one in duplicates] == ["b.md:1", "c.bib:1"]


def test_a_merged_reference_does_not_depend_on_the_order_of_its_lines(read, tmp_path):
    lines = [
        f"{LINE}, http://exemple.test/peine",
        "Garnaud É., « L’oeuvre et la peine », https://www.exemple.test/peine/",
        "L’œuvre et la peine, http://exemple.test/peine?fbclid=1",
    ]
    first = read(a_txt="\n\n".join(lines))
    for seed in range(3):
        random.Random(seed).shuffle(lines)
        again = read(a_txt="\n\n".join(lines))

        assert [one.id for one in again.references] == [one.id for one in first.references]
        assert titles(again) == titles(first) == ["L’œuvre et la peine"]


def test_two_texts_of_one_name_year_and_word_have_two_identifiers(read):
    two = [
        "Anne Corbin, « Villes ouvertes », Revue fictive, 2015",
        "Anne Corbin, « Villes fermées », Revue fictive, 2015",
    ]

    there = [one.id for one in read(a_txt="\n\n".join(two)).references]
    back = [one.id for one in read(a_txt="\n\n".join(reversed(two))).references]

    assert there == list(reversed(back))
    assert all(one.startswith("corbin-2015-villes-") for one in there)


def test_corrections_win_and_are_certain(read):
    line = "Colporteur, « Le chemin », 2014"
    bibliography = read(
        a_txt=f"{line}\n\nUne note.\n",
        corrections_yaml=f'"{line}":\n  url: https://exemple.test/chemin\n  author: [Jean Malo]\n'
        '  container-title: Revue fictive\n"Un vieux titre":\n  title: Un autre\n',
    )

    (reference,) = bibliography.references
    assert reference.authors == "Jean Malo"
    assert reference.url == "https://exemple.test/chemin"
    assert reference.container_title == "Revue fictive"
    assert reference.confidence["author"] == 1.0
    assert reference.raw == line
    assert slugs(bibliography) == ["unused-correction"]


def test_a_correction_may_say_what_a_line_is(read):
    line = "Un lecteur, « Bravo », 3 mai 2016"
    bibliography = read(a_txt=f"{LINE}\n\n{line}\n", corrections_yaml=f'"{line}":\n  is: note\n')

    assert notes_by_title(bibliography) == {"L’œuvre et la peine": [line]}


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("a: [", "corrections-not-understood"),
        ("- a\n- b\n", "corrections-not-understood"),
        ('"une ligne": oui\n', "correction-not-understood"),
        ('"une ligne":\n  couleur: rouge\n', "correction-not-understood"),
    ],
)
def test_a_broken_correction_is_told_and_costs_nothing_else(read, text, slug):
    bibliography = read(a_txt=TEXT, corrections_yaml=text)

    assert slug in slugs(bibliography)
    assert titles(bibliography) == ["L’œuvre et la peine"]


@pytest.mark.parametrize(
    ("name", "payload", "slug"),
    [
        ("b_txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00", "file-not-text"),
        ("b_pdf", b"%PDF-1.4\n", "file-not-text"),
        ("b_docx", b"PK\x03\x04\x14\x00", "file-not-understood"),
        ("b_sqlite", b"SQLite format 3\x00 et rien d'autre", "file-not-understood"),
        (
            "b_zib",
            b"Un texte que personne n'a dit texte : https://exemple.test/a\n",
            "file-not-understood",
        ),
        ("b_dat", bytes(range(256)) * 20, "file-not-text"),
        ("b_json", b'[{"title": ', "file-not-understood"),
        ("b_yaml", b"references: [", "file-not-understood"),
        ("b_json", b'"rien"', "file-not-understood"),
        ("b_json", b"[42]", "entry-not-understood"),
        ("b_bib", b"@book{x, title={Perdu {ici}, year=2012}\n", "entry-not-understood"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_is_read(read, name, payload, slug):
    bibliography = read(**{"a_txt": TEXT, name: payload})

    assert titles(bibliography) == ["L’œuvre et la peine"]
    problem = next(one for one in bibliography.problems if one.code == slug)
    assert str(problem.place).startswith(name.replace("_", "."))


def test_one_bad_entry_costs_that_entry_only(read):
    bibliography = read(
        a_bib="@misc{a, title={Un}}\n@book{b, title={Perdu {ici}, year=2012}\n"
        "@misc{c, title={Deux}}",
        b_ris="TY  - BOOK\nTI  - Trois\nER  - \n\nTY  - BOOK\nPAS DU RIS\n\n"
        "TY  - BOOK\nTI  - Quatre\n",
    )

    assert titles(bibliography) == ["Un", "Deux", "Trois", "", "Quatre"]
    assert "entry-not-understood" in slugs(bibliography)


BROKEN_JSON = """[
  {"id": "a", "title": "Le premier", "author": [{"family": "Corbin"}]},
  {"id": "b", "title": "Le deuxième" "volume": 3},
  {"id": "c", "title": "Le troisième", "annote": "Gardée."},
  {"id": "d", "title": "Le quatr"""
BROKEN_YAML = """references:
- id: a
  title: Le premier
- id: b
  title: "Le deuxième
  volume: 3
- id: c
  title: Le troisième
  annote: Gardée.
"""


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [("b_json", BROKEN_JSON, [3, 5]), ("b_yaml", BROKEN_YAML, [4])],
    ids=["json", "yaml"],
)
def test_one_bad_entry_of_csl_costs_that_entry_only(read, name, text, lines):
    bibliography = read(**{name: text})

    assert notes_by_title(bibliography) == {"Le troisième": ["Gardée."]}
    assert titles(bibliography) == ["Le premier", "Le troisième"]
    broken = [one for one in bibliography.problems if one.code == "entry-not-understood"]
    assert [one.place.line for one in broken] == lines


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("b_json", '[{"title": "Bon", "volume": %s}]' % ("1" * 5000)),
        ("b_json", '[{"title": "Bon \\ud800", "annote": "\\udfff"}]'),
        ("b_json", '[{"title": ["Bon"], "note": {"a": 1}, "author": [3, null, {"family": []}]}]'),
        ("b_json", '[{"title": "Bon", "issued": {"date-parts": [["²", 99, {}]]}}]'),
        ("b_json", '[{"title": "Bon", "issued": {"date-parts": [[2014, 99, 99]]}}]'),
        ("b_yaml", "- title: Bon\n  volume: !!int x\n  issue: !!timestamp x\n  !!binary eA==: 1"),
        ("b_yaml", "- title: Bon\n- title: &a [*a]\n"),
        ("b_yaml", "---\nreferences:\n- title: Bon\n---\n"),
        ("b_bib", r"@misc{a, title={Bon\symbol{55296}\symbol{9999999}}, month={²}, year={2014}}"),
    ],
)
def test_values_that_mean_nothing_cost_only_themselves(read, name, text):
    (reference,) = read(**{name: text}).references

    assert reference.title.startswith("Bon")
    assert reference.issued in ("", "2014")
    for format in FORMATS.values():
        assert format.render(read()).encode()


def test_yaml_makes_nothing_of_the_words_of_a_reference(read):
    """YAML 1.1 would read False, 8, 750 and 5."""
    text = "- title: No\n  issue: 010\n  page: 12:30\n  volume: 0x05\n  issued: 2014-03-17\n"
    (reference,) = read(b_yaml=text).references

    assert (reference.title, reference.issue, reference.page) == ("No", "010", "12:30")
    assert (reference.volume, reference.issued) == ("0x05", "2014-03-17")


def test_yaml_with_aliases_by_the_million_is_read_in_little_memory(read):
    """Nine times nine, eight times over: 43 million words if anybody wrote them out."""
    names = "abcdefghi"
    rows = [f"{b}: &{b} [{', '.join(['*' + a] * 9)}]" for a, b in pairwise(names)]
    text = "\n".join(["a: &a [x, x]", *rows, "references:", "- title: Bon", "  note: *i"])
    (reference,) = read(b_yaml=text).references

    assert reference.title == "Bon"
    assert len(reference.raw) < 200_000


def test_links_of_folders_that_lead_nowhere_or_in_a_circle_do_no_harm(read, tmp_path):
    (tmp_path / "encore").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "perdu.txt").symlink_to(tmp_path / "nulle-part")
    (tmp_path / "boucle.txt").symlink_to(tmp_path / "boucle.txt")
    (tmp_path / "dossier.bib").mkdir()
    bibliography = read(a_txt=TEXT, vide_txt="", vide_bib="", vide_ris="")

    assert titles(bibliography) == ["L’œuvre et la peine"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(read, tmp_path):
    read(a_txt=TEXT, secret_txt=TEXT)
    (tmp_path / "clos").mkdir()
    (tmp_path / "vu").mkdir()
    (tmp_path / "vu" / "c.txt").write_text(TEXT)
    for name, mode in (("secret.txt", 0), ("clos", 0), ("vu", 0o444)):
        (tmp_path / name).chmod(mode)
    bibliography = read_bibliography(tmp_path)
    for name in ("clos", "vu"):
        (tmp_path / name).chmod(0o755)

    unread = [one.place.path for one in bibliography.problems if one.code == "file-not-readable"]
    assert unread == ["clos", "secret.txt", "vu/c.txt"]


def test_check_tells_what_to_mend_with_file_and_line(read):
    bibliography = read(
        a_txt=(
            "Travail\n\nUne introduction au thème.\n\n"
            f"{LINE}\n\nUne note.\n\n"
            "Colporteur, « Le chemin », 2014, http://exemple.test:99999/\n"
        )
    )

    assert [(one.code, str(one.place)) for one in bibliography.problems] == [
        ("reference-without-url", "a.txt:5"),
        ("malformed-url", "a.txt:9"),
        ("low-confidence", "a.txt:9"),
        ("note-without-reference", "a.txt:3"),
    ]
    assert open_translator("fr")(bibliography.problems[2].said) == (
        "Lecture peu sûre\u00a0: l’auteur («\u00a0Colporteur\u00a0»)."
    )


def test_files_that_are_not_the_bibliographys_are_left_alone(read, tmp_path):
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "x.txt").write_text(LINE, "utf-8")
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "liens.toml").write_text("[[lien]]\n", "utf-8")

    bibliography = read(a_txt=TEXT)

    assert titles(bibliography) == ["L’œuvre et la peine"]
    assert slugs(bibliography) == ["reference-without-url"]


def test_a_folder_within_the_folder_is_read(read, tmp_path):
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / "vieux.md").write_text(f"- {LINE}\n", "utf-8")

    assert read(a_txt="").references[0].place.path == "archives/vieux.md"


def test_without_a_folder_there_is_nothing_to_read(tmp_path):
    with pytest.raises(BibliographyError, match="no bibliography here"):
        read_bibliography(tmp_path / "nulle-part")


def test_an_empty_folder_is_an_empty_bibliography(tmp_path: Path):
    assert read_bibliography(tmp_path).references == ()
