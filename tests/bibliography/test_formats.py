"""What other programs and other people's pages hold, read format by format."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.bibliography.blocks import Role
from indexer.bibliography.formats.bibtex import parse_bibtex, parse_names
from indexer.bibliography.formats.csl import parse_csl_json, parse_csl_yaml
from indexer.bibliography.formats.mods import parse_mods
from indexer.bibliography.formats.ris import parse_ris
from indexer.bibliography.latex import escape_latex, unescape_latex
from indexer.bibliography.lines.markup import normalise
from indexer.bibliography.page import read_roles
from indexer.bibliography.plaintext import parse_blocks
from indexer.bibliography.readers import parse_file
from indexer.bibliography.surroundings import heading_text

PAGE = """<!DOCTYPE html>
<!-- saved from url=(0031)https://exemple.test/biblio/page -->
<html><head><title>Biblio</title><script>var x = "<p>non</p>";</script></head>
<body><nav><ul><li><a href="/">Accueil</a></li></ul></nav>
<h1>Sélection</h1>
<h2>Presse</h2>
<p>Une introduction.</p>
<ul>
<li>Marie Garnaud, <a href="https://exemple.test/a?x=1&amp;y=2">« Le clic »</a>, <em>Le Quotidien
fictif</em>, 3 mai 2016</li>
<li>Paul Tessier, « Coopérer », Revue fictive, 2015 (<a href="coop.html">lien</a>)
<blockquote>Ce texte plaide pour les coopératives.</blockquote></li>
<li><strong>Agence fictive</strong>, <em>Mobilités</em>, rapport n° 3, 2014 (<a
href="https://exemple.test/3.pdf">PDF, 2 Mo</a>). Un état des lieux complet et chiffré.</li>
</ul>
<p><strong>Mobilités</strong></p>
<p><a href="https://exemple.test/velo">Le vélo en ville</a> (Revue fictive, 2014)<br>Un regard neuf
sur les pistes.</p><p>&nbsp;</p>
<p>Une note perdue.</p>
<hr><p>Anne Corbin, <i>Les communs</i>, Lyon, Éditions du Pont, 2012. À lire
<a href="https://exemple.test/communs">ici</a>.</p>
<footer><p>Mentions légales</p></footer>
<!-- jamais fermé <p>perdu</p>
"""


def test_a_saved_page_is_read_with_its_links_sections_and_notes():
    found = parse_file("page.html", PAGE)

    assert [(one.title, one.url, one.section) for one in found.references] == [
        ("Le clic", "https://exemple.test/a?x=1&y=2", ("Sélection", "Presse")),
        ("Coopérer", "https://exemple.test/biblio/coop.html", ("Sélection", "Presse")),
        ("Mobilités", "https://exemple.test/3.pdf", ("Sélection", "Presse")),
        ("Le vélo en ville", "https://exemple.test/velo", ("Sélection", "Presse", "Mobilités")),
        ("Les communs", "https://exemple.test/communs", ("Sélection", "Presse", "Mobilités")),
    ]
    assert [one.place.line for one in found.references] == [9, 11, 13, 17, 20]
    cited = [[r for n, r in found.citations if n == index] for index in range(len(found.notes))]
    assert list(zip([note.text for note in found.notes], cited, strict=True)) == [
        ("Une introduction.", []),
        ("Ce texte plaide pour les coopératives.", [1]),
        ("Un état des lieux complet et chiffré.", [2]),
        ("Un regard neuf sur les pistes.", [3]),
        ("Une note perdue.", []),
    ]


def test_a_page_without_an_ending_says_what_it_is():
    assert len(parse_file("biblio", PAGE).references) == 5
    assert len(parse_file("biblio.txt", "@misc{a, title={Un}}").references) == 1
    assert len(parse_file("biblio", "TY  - BOOK\nTI  - Un\nER  - \n").references) == 1


MARKDOWN = """---
title: Lectures
---
# Lectures

<!-- une remarque
sur deux lignes -->
Travail
-------

1. Karim Benali, [« Open space »][os], *Le Fil inventé*, 2015
2. Omar Diallo, « Flex office », Le Fil inventé, 2016

[os]: https://exemple.test/open-space "Open space"

**Ailleurs**

Lise Aubry, __Réparer__, Lyon, Éditions du Pont, 2013.
"""


def test_markdown_is_read_with_its_headings_and_links_in_their_place():
    found = parse_file("lectures.md", MARKDOWN)

    assert [(one.title, one.url, one.section, one.place.line) for one in found.references] == [
        ("Open space", "https://exemple.test/open-space", ("Lectures", "Travail"), 11),
        ("Flex office", None, ("Lectures", "Travail"), 12),
        ("Réparer", None, ("Lectures", "Travail", "Ailleurs"), 18),
    ]


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("Garnaud, Élodie and Tessier, Paul", ["Élodie Garnaud", "Paul Tessier"]),
        ("{\\'E}lodie Garnaud and Paul de la Tour", ["Élodie Garnaud", "Paul de la Tour"]),
        ("{Conseil national fictif} and others", ["Conseil national fictif", "et al."]),
        ("{Garnaud and Tessier}", ["Garnaud and Tessier"]),
        ("de la Tour, Jr, Anne", ["Anne de la Tour"]),
        ("Collectif", ["Collectif"]),
        ("", []),
    ],
)
def test_bibtex_names_are_read_in_every_order(field, names):
    assert [name.display for name in parse_names(field)] == names


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"{\'e}t{\'{e}}, \c{c}a, \oe uvre, na\"{\i}f, {\OE}uvre", "été, ça, œuvre, naïf, Œuvre"),
        (r"\emph{Le} \textbf{Clic} \& {IBM}", "Le Clic & IBM"),
        (r"100\,\% -- pages 3--5 --- fin", "100,% – pages 3–5 — fin"),
        (r"``Titre'' et \og citation \fg{} n\textsuperscript{o}", "“Titre” et « citation » no"),
        (r"A~B\par C", "A B\n\nC"),
    ],
)
def test_latex_is_read_as_text(written, read):
    assert unescape_latex(written) == read


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), max_size=60))
@settings(max_examples=30)
def test_latex_that_we_escape_is_read_back(text):
    import unicodedata

    assert unescape_latex(escape_latex(text)) == unicodedata.normalize("NFC", text)


ZOTERO_BIB = r"""
@string{rf = {Revue fictive}}
@comment{jabref-meta: databaseType:biblatex;}
@article{a, author = {Garnaud, Élodie}, title = {Le clic}, subtitle = {une enquête},
  journal = rf, year = 2018, month = mar, number = {4}, pages = {5--9},
  url = {https://exemple.test/a\_b?x=1\&y=2}, urldate = {2019-02-03},
  abstract = {Le résumé.}, note = {Une remarque.}, keywords = {travail, droit}}
@techreport{b, author = {{Conseil fictif}}, title = {Rapport}, institution = {Conseil}, number = 32,
  howpublished = {\url{https://exemple.test/r_1}}, year = {2016}}
@misc{b, title = {Une clé qui sert deux fois}, date = {2014-23}}
@misc{d, title = {Deux titres}, title = {Second}, year = {s.d.}}
"""


def test_bibtex_of_other_programs_is_read_with_what_is_wrong_in_it():
    found = parse_bibtex(ZOTERO_BIB, path="z.bib")
    first, second, third, fourth = found.references

    assert (first.title, first.container_title, first.issued) == (
        "Le clic : une enquête",
        "Revue fictive",
        "2018-03",
    )
    assert (first.issue, first.page, first.accessed) == ("4", "5-9", "2019-02-03")
    assert first.url == "https://exemple.test/a_b?x=1&y=2"
    assert first.keyword == ("travail", "droit")
    assert [note.text for note in found.notes] == ["Une remarque.", "Le résumé."]
    assert (second.type, second.number, second.url) == ("report", "32", "https://exemple.test/r_1")
    assert third.issued == "2014-23"
    assert (fourth.title, fourth.issued) == ("Deux titres", "")
    told = [one.code for one in found.problems]  # the last: a year that is none, and no field's
    assert told == ["duplicate-key", "duplicate-field", "left-over"]


def test_csl_dates_are_read_in_every_spelling():
    written = [
        {"date-parts": [[2014, 3, 17]]},
        {"date-parts": [["2014", "3"]]},
        {"date-parts": [[2014]], "season": 3},
        {"raw": "17 mars 2014"},
        {"literal": "automne 2014"},
        [{"year": 2014, "month": 3}],
        "2014-03-17",
        2014,
        {},
    ]
    items = ", ".join(
        f'{{"title": "T{n}", "issued": {str(one).replace(chr(39), chr(34))}}}'
        if not isinstance(one, str)
        else f'{{"title": "T{n}", "issued": "{one}"}}'
        for n, one in enumerate(written)
    )

    found = parse_csl_json(f'{{"items": [{items}]}}', path="a.json")

    assert [one.issued for one in found.references] == [
        "2014-03-17", "2014-03", "2014-23", "2014-03-17", "2014-23",
        "2014-03", "2014-03-17", "2014", "",
    ]  # fmt: skip


def test_csl_of_zotero_and_pandoc_is_read():
    found = parse_csl_yaml(
        "---\n- id: x\n  type: song\n  title: Un <i>titre</i>\n  author: Élodie Garnaud\n"
        "  editor:\n  - {family: Tour, given: Anne, non-dropping-particle: de la}\n"
        "  note: 'PMID: 12\n\n    Une remarque.'\n  keyword: [a, b]\n",
        path="a.yaml",
    )
    (one,) = found.references

    assert (one.title, one.type, one.authors) == ("Un titre", "song", "Élodie Garnaud")
    assert one.editor[0].display == "Anne de la Tour"
    assert one.keyword == ("a", "b")
    assert [note.text for note in found.notes] == ["Une remarque."]


def test_ris_of_other_programs_is_read():
    found = parse_ris(
        "TY  - RPRT\nA1  - Garnaud, Élodie\nA1  - Conseil fictif\nT1  - Rapport\nIS  - 32\n"
        "Y1  - 2016/05//\nN2  - Le résumé\nqui continue.\nUR  - http://exemple.test/a;b\n"
        "KW  - travail\nN1  - Une note.\nZZ  - inconnu\nER  - \n"
        "\nTY - BOOK\nTI - Avec un seul espace\nPY - 2014///automne\nER - \n",
        path="a.ris",
    )
    first, second = found.references

    assert (first.authors, first.number, first.issued) == (
        "Élodie Garnaud, Conseil fictif",
        "32",
        "2016-05",
    )
    assert first.url == "http://exemple.test/a;b"
    assert [note.text for note in found.notes] == ["Une note.", "Le résumé qui continue."]
    assert (second.title, second.issued, second.place.line) == (
        "Avec un seul espace",
        "2014-23",
        15,
    )


LINES = st.lists(
    st.sampled_from(
        [
            "",
            "\u00a0",
            "Travail",
            "1. Mobilités",
            "Une phrase d’une note, assez longue pour une note.",
            "• Anne Corbin, « La ville », Revue fictive, 2015",
            "Lise Aubry, Réparer, Lyon, Éditions du Pont, 2013.",
            "http://exemple.test/a",
            "En savoir plus",
            "Résumé : un texte.",
            "  > Une citation.",
            "- un point",
            "| a | b |",
            "| - | - |",
            "---",
            "Comment faire ?",
            "[1]",
            ".",
        ]
    ),
    max_size=14,
)


@given(LINES)
@settings(max_examples=30)
def test_no_line_of_a_text_is_lost(lines):
    pieces = read_roles(parse_blocks("\n".join(lines)))
    told = {number for piece in pieces for number in piece.lines}

    for number, line in enumerate(lines, start=1):
        if any(map(str.isalnum, line)):
            assert number in told, line


def test_headings_without_levels_are_levelled_by_form_and_number():
    text = (
        "I. Économie\n\nA. Plateformes\n\nUne phrase.\n\nB. Travail\n\nUne autre.\n\n"
        "II. Société\n\nFin.\n"
    )
    pieces = read_roles(parse_blocks(text))

    assert [
        (heading_text(one.block), len(one.section)) for one in pieces if one.role is Role.HEADING
    ] == [
        ("Économie", 1),
        ("Plateformes", 2),
        ("Travail", 2),
        ("Société", 1),
    ]


@pytest.mark.parametrize(
    "head",
    [
        '<base href="https://exemple.test/biblio/">',
        '<link rel="canonical" href="https://exemple.test/biblio/page">',
        '<meta property="og:url" content="https://exemple.test/biblio/page">',
    ],
)
def test_a_relative_link_leads_where_the_page_says_that_it_was(head):
    link = '<p>Anne Corbin, « La ville », Revue fictive, 2015 (<a href="ville.html">lien</a>)</p>'

    (one,) = parse_file("p.html", head + link).references

    assert one.url == "https://exemple.test/biblio/ville.html"
    assert parse_file("p.html", link).references[0].url is None


def test_an_address_between_angle_brackets_is_no_tag():
    line = "Anne Corbin, « La ville », 2015, <https://exemple.test/ville>, consulté le 2 mai 2016"

    (one,) = parse_file("p.html", f"<p>{line}</p>").references

    assert (one.url, one.accessed) == ("https://exemple.test/ville", "2016-05-02")


def test_a_body_with_commas_in_its_name_is_whole_in_ris():
    text = (
        "TY  - RPRT\nAU  - Ministère inventé de l’Ours, de la Mer et des Îles\nAU  - Brun, Anne\n"
    )
    names = parse_ris(f"{text}TI  - Le phoque\nER  - \n", path="a.ris").references[0].author

    assert [name.literal or name.family for name in names] == [
        "Ministère inventé de l’Ours, de la Mer et des Îles",
        "Brun",
    ]


def test_joiners_that_make_letters_and_emoji_are_kept():
    assert normalise("\u200bمی\u200cخواهم 👩\u200d🌾\u00ad") == "می\u200cخواهم 👩\u200d🌾"


MODS = """<?xml version="1.0" encoding="UTF-8"?>
<!-- saved by a catalogue -->
<modsCollection xmlns="http://www.loc.gov/mods/v3">
  <mods>
    <titleInfo><nonSort>Le</nonSort><title>Clic</title><subTitle>une histoire</subTitle></titleInfo>
    <name type="personal"><namePart>Garnaud, Élodie</namePart><role>
      <roleTerm type="text">author</roleTerm></role></name>
    <name type="corporate"><namePart>Conseil fictif</namePart><role>
      <roleTerm type="code" authority="marcrelator">edt</roleTerm></role></name>
    <genre authority="marcgt">newspaper</genre>
    <relatedItem type="host"><titleInfo><title>Le Fil inventé</title></titleInfo>
      <originInfo><dateIssued>17 mars 2014</dateIssued></originInfo>
      <part><extent unit="pages"><start>5</start><end>28</end></extent></part></relatedItem>
    <location><url dateLastAccessed="2018-09-10">https://exemple.test/clic?a=1&amp;b=2</url></location>
    <note>&lt;p&gt;À lire.&lt;/p&gt;</note>
  </mods>
</modsCollection>
"""


@pytest.mark.parametrize("name", ["a.mods", "a.xml", "a"])
def test_mods_of_a_catalogue_is_read(name):
    found = parse_file(name, MODS)

    (reference,) = found.references
    assert found.problems == ()
    assert reference.title == "Le Clic : une histoire"
    assert [one.display for one in reference.author] == ["Élodie Garnaud"]
    assert [one.display for one in reference.editor] == ["Conseil fictif"]
    assert (reference.type, reference.container_title) == ("article-newspaper", "Le Fil inventé")
    assert (reference.issued, reference.accessed) == ("2014-03-17", "2018-09-10")
    assert (reference.page, reference.place.line) == ("5-28", 4)
    assert reference.url == "https://exemple.test/clic?a=1&b=2"
    assert [note.text for note in found.notes] == ["À lire."]


def test_mods_that_breaks_off_is_read_as_far_as_it_goes_and_told():
    found = parse_file("a.mods", MODS[: MODS.index("<location>")])

    assert [one.title for one in found.references] == ["Le Clic : une histoire"]
    assert [one.code for one in found.problems] == ["file-not-understood"]


@pytest.mark.parametrize(
    "text", ["", "rien", "<mods", "<a/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"]
)
def test_what_is_no_mods_is_told(text):
    found = parse_mods(text, path="a.mods")

    assert found.references == ()
    assert [one.code for one in found.problems] == ["file-not-understood"]


def test_mods_resolves_no_entity_and_opens_no_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    text = (
        f'<!DOCTYPE mods [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        '<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>Un &x; titre</title>'
        "</titleInfo></mods>"
    )

    (reference,) = parse_mods(text, path="a.mods").references

    assert "secret" not in reference.title
