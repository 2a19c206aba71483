"""What we write is read back unchanged: by us, and by parsers that are not ours."""

import json
import os
import shutil
import subprocess
from dataclasses import replace
from xml.etree import ElementTree

import pybtex.database
import pytest
import rispy
import yaml
from bibtexparser.entrypoint import parse_string
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.bibliography.formats import EXPORTS, FORMATS, uncited
from indexer.bibliography.formats.format import BIBTEX_BY_CSL
from indexer.bibliography.latex import unescape_latex
from indexer.bibliography.lines.markup import normalise
from indexer.model import Bibliography, Citation, Name, Note, Reference

READERS = {name: one.parse for name, one in FORMATS.items() if one.parse is not None}
NASTY = "{}\\%&#_$~^\"'`@-–—«»“”’<>;:,.!?/()[]|*=+ \u00a0\u202fàéîœŒçÉ漢字🙂"
TOKENS = st.sampled_from([*NASTY, "--", "''", "\\par", "and", "mot", "R&D", "a", "TY  - ", "ER  -"])
WORDS = st.sampled_from(["Travail", "été", "x", "2014", "l’œuvre", "漢字"])
TEXT = st.builds(
    lambda before, word, after: normalise(" ".join([*before, word]) + "".join(after)),
    st.lists(TOKENS, max_size=3),
    WORDS,
    st.lists(TOKENS, max_size=8),
)
PARAGRAPH = st.builds(lambda tag, text: tag + text, st.sampled_from(["", "<p>", "<b>"]), TEXT)
NOTE = st.lists(PARAGRAPH, min_size=1, max_size=3).map("\n\n".join)
NAME_PART = st.from_regex(r"[A-ZÉŒ][a-zéèïœ]{1,8}([-' ’][A-Z][a-z]{1,5})?", fullmatch=True)
NAME = st.one_of(
    st.builds(
        lambda family, given, suffix: Name(family=family, given=given, suffix=suffix),
        NAME_PART,
        NAME_PART,
        st.sampled_from(["", "", "Jr", "III"]),
    ),
    TEXT.map(lambda text: Name(literal=normalise(text.replace(",", "")))),
)
DATE = st.sampled_from(
    ["", "2014", "2014-03", "2014-03-17", "2014-23", "1999-12-31", "-0043", "199X"]
)
ADDRESS = st.sampled_from(
    [
        None,
        "https://exemple.test/a_b?x=1&y=2;z=%20#p~q",
        "http://exemple.test/(é)",
        "https://é.test/%",
    ]
)
REFERENCE = st.builds(
    Reference,
    id=st.just("garnaud-2014-clic"),
    title=TEXT,
    type=st.sampled_from(sorted(BIBTEX_BY_CSL)),
    author=st.lists(NAME, max_size=3).map(tuple),
    container_title=st.one_of(st.just(""), TEXT),
    publisher=st.one_of(st.just(""), TEXT),
    publisher_place=st.sampled_from(["", "Paris"]),
    issued=DATE,
    accessed=st.sampled_from(["", "2018-09-10"]),
    url=ADDRESS,
    doi=st.sampled_from(["", "10.5555/fict_1.2"]),
    isbn=st.sampled_from(["", "9782070368228"]),
    volume=st.sampled_from(["", "12"]),
    issue=st.sampled_from(["", "3", "hors-série"]),
    number=st.sampled_from(["", "2015-07"]),
    editor=st.lists(NAME, max_size=2).map(tuple),
    abstract=st.sampled_from(["", "Un résumé {court}."]),
    language=st.sampled_from(["", "fr"]),
    archive_url=st.sampled_from([None, "https://web.archive.org/web/2014/http://é.test/?a=b;c#d"]),
    page=st.sampled_from(["", "5-28", "12"]),
    translator=st.lists(NAME, max_size=2).map(tuple),
    number_of_pages=st.sampled_from(["", "204", "XII-318", "288 + 301"]),
    number_of_volumes=st.sampled_from(["", "2"]),
    edition=st.sampled_from(["", "2", "3e éd. revue"]),
    collection_title=st.sampled_from(["", "Repères & outils"]),
    keyword=st.lists(st.sampled_from(["plateforme", "droit social", "R&D"]), unique=True).map(
        tuple
    ),
).map(lambda one: replace(one, editor_role="editor" if one.editor else ""))


def bibliography_of(reference: Reference, notes: list[str]) -> Bibliography:
    return Bibliography(
        references=(reference,),
        notes=tuple(Note(id=f"note-{n}", text=text) for n, text in enumerate(notes)),
        citations=tuple(
            Citation(note_id=f"note-{n}", reference_id=reference.id) for n in range(len(notes))
        ),
    )


def said(reference: Reference) -> Reference:
    """A reference without what says where it was read, and by which key."""
    return replace(reference, id="", raw="", place=None, confidence={}, section=(), aliases=())


@pytest.mark.parametrize("format", sorted(READERS))
@settings(max_examples=25)
@given(reference=REFERENCE, notes=st.lists(NOTE, max_size=3, unique=True))
def test_what_we_write_we_read_back_unchanged(format, reference, notes):
    text = FORMATS[format].render(bibliography_of(reference, notes))

    found = READERS[format](text, path="export")

    assert found.problems == ()
    assert [said(one) for one in found.references] == [said(reference)]
    texts = [*notes, *filter(None, [reference.abstract])]  # an abstract is read as a note too
    assert [one.text for one in found.notes] == texts
    assert found.citations == tuple((n, 0) for n in range(len(texts)))


@settings(max_examples=25)
@given(reference=REFERENCE, notes=st.lists(NOTE, max_size=2, unique=True))
def test_two_bibtex_parsers_read_the_same_in_what_we_write(reference, notes):
    text = FORMATS["bibtex"].render(bibliography_of(reference, notes))

    library = parse_string(text)
    database = pybtex.database.parse_string(text, "bibtex")

    assert not library.failed_blocks
    entry = database.entries[reference.id]
    ours = {key: field.value for key, field in library.entries[0].fields_dict.items()}
    theirs = dict(entry.fields)
    assert {key: value for key, value in ours.items() if key not in ("author", "editor")} == theirs
    assert unescape_latex(theirs["title"]) == reference.title
    persons = entry.persons.get("author", [])
    assert [unescape_latex(str(person)) for person in persons] == [
        name.literal or ", ".join(filter(None, (name.family, name.suffix, name.given)))
        for name in reference.author
    ]
    assert [tuple(person.first_names) == () for person in persons] == [
        bool(name.literal) for name in reference.author
    ]


@settings(max_examples=25)
@given(reference=REFERENCE, notes=st.lists(NOTE, max_size=2, unique=True))
def test_rispy_reads_every_line_that_we_write(reference, notes):
    text = FORMATS["ris"].render(bibliography_of(reference, notes))

    (record,) = rispy.loads(text)

    assert record["title"] == reference.title
    assert len(record.get("notes", [])) == len(notes)
    assert ";".join(record.get("urls", [])) == (reference.url or "")
    assert record.get("unknown_tag") is None


@settings(max_examples=20)
@given(reference=REFERENCE, notes=st.lists(NOTE, max_size=2, unique=True))
def test_json_and_yaml_exports_say_the_same(reference, notes):
    bibliography = bibliography_of(reference, notes)

    items = json.loads(FORMATS["csl-json"].render(bibliography))

    assert yaml.safe_load(FORMATS["csl-yaml"].render(bibliography)) == {"references": items}
    assert items[0]["title"] == reference.title


def test_a_note_on_two_texts_is_one_note_again_when_read_back():
    both = [
        Reference(id="a-2014-clic", title="Le clic"),
        Reference(id="b-2015-droit", title="Le droit"),
    ]
    bibliography = Bibliography(
        references=tuple(both),
        notes=(Note(id="note-a", text="Deux textes qui se répondent."),),
        citations=tuple(Citation(note_id="note-a", reference_id=one.id) for one in both),
    )

    for format, read in READERS.items():
        found = read(FORMATS[format].render(bibliography), path="export")

        assert [one.text for one in found.notes] == ["Deux textes qui se répondent."]
        assert found.citations == ((0, 0), (0, 1))


def test_an_empty_bibliography_is_a_valid_file_in_every_format():
    for format, read in READERS.items():
        assert read(FORMATS[format].render(Bibliography()), path="export").references == ()


def test_notes_that_cite_nothing_are_counted_not_exported():
    bibliography = Bibliography(notes=(Note(id="note-1", text="Seule."),))

    assert uncited(bibliography) == 1


def test_what_latex_would_take_for_a_command_is_escaped_except_in_addresses():
    reference = Reference(
        id="a-2014-clic",
        title="100 % R&D #1 {a}_b $c$ ~d^e \\f <g>",
        url="https://exemple.test/a_b?x=1&y=%20{z}",
    )

    text = FORMATS["bibtex"].render(bibliography_of(reference, []))

    assert (
        r"title = {{100 \% R\&D \#1 \{a\}\_b \$c\$ "
        r"\textasciitilde{}d\textasciicircum{}e \textbackslash{}f \textless{}g\textgreater{}}}"
    ) in text
    assert "url = {https://exemple.test/a_b?x=1&y=%20%7Bz%7D}" in text


@pytest.mark.parametrize("name", ["mods", "oai_dc"])
@settings(max_examples=25)
@given(reference=REFERENCE, notes=st.lists(NOTE, max_size=2, unique=True))
def test_an_xml_export_is_well_formed_and_names_its_records(name, reference, notes):
    text = FORMATS[name].render(bibliography_of(reference, notes))

    root = ElementTree.fromstring(text)

    titles = [one.text for one in root.iter() if one.tag.endswith("}title")]
    assert titles[0] == reference.title
    assert reference.id in [one.text for one in root.iter() if "dentifier" in one.tag]


def test_a_format_is_found_by_one_name_everywhere():
    """An ending or a name that two formats share would make one of them unreachable."""
    for attribute in ("name", "label", "media_type", "unapi_name"):
        values = [value for one in FORMATS.values() if (value := getattr(one, attribute))]
        assert len(values) == len(set(values)), attribute
    endings = [ending for one in FORMATS.values() for ending in one.extensions]
    assert len(endings) == len(set(endings))


# Everything that a record may hold, and what other programs read it as.
RICH = Reference(
    id="fabre-2014-clic",
    title='Un « titre » "entre" \\ 50 % de {braces} & des_signes #1 ~a^b',
    type="article-newspaper",
    author=(
        Name(family="de la Tour", given="Marie"),
        Name(family="Fabre", given="Jean-Luc", suffix="Jr"),
        Name(literal="Ministère fictif, service and Co"),
    ),
    editor=(Name(family="Petit", given="Anne"),),
    editor_role="editor",
    translator=(Name(family="Van den Berghe", given="Élise"),),
    container_title="Revue des sols & fils",
    publisher="Presses and Co",
    publisher_place="Arles",
    issued="2014-03-17",
    accessed="2018-09-10",
    url="https://exemple.test/a_b?x=1&y=2%20#p~q",
    doi="10.5555/fict_1.2",
    volume="12",
    issue="3",
    page="5-28",
    edition="2",
    collection_title="Repères & outils",
    language="fr",
    keyword=("ville", "droit social"),
    abstract="Un résumé {court}.",
)
RICH_NOTES = ['Un avis "vif".', "Deux paragraphes.\n\nEt 50 % de plus."]


def run_pandoc(text: str) -> str:
    """Read BibLaTeX as CSL-JSON by the pandoc that RENVOIS_PANDOC names, or the one on the PATH."""
    program = os.environ.get("RENVOIS_PANDOC") or shutil.which("pandoc")
    if not program:
        pytest.skip("not run: RENVOIS_PANDOC names no pandoc")
    command = [program, "-f", "biblatex", "-t", "csljson"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def test_pandoc_reads_every_field_of_a_bibtex_export():
    text = FORMATS["bibtex"].render(bibliography_of(RICH, RICH_NOTES))

    (item,) = json.loads(run_pandoc(text))

    people = {
        role: [
            " ".join(
                one[part]
                for part in ("given", "dropping-particle", "family", "suffix", "literal")
                if part in one
            )
            for one in item[role]
        ]
        for role in ("author", "editor", "translator")
    }
    assert people == {
        "author": ["Marie de la Tour", "Jean-Luc Fabre Jr", "Ministère fictif, service and Co"],
        "editor": ["Anne Petit"],
        "translator": ["Élise Van den Berghe"],
    }
    assert {key: item[key] for key in item if key not in people} == {
        "id": RICH.id,
        "type": RICH.type,
        "title": RICH.title.replace("'", "’"),
        "container-title": RICH.container_title,
        "publisher": RICH.publisher,
        "publisher-place": RICH.publisher_place,
        "issued": {"date-parts": [[2014, 3, 17]]},
        "accessed": {"date-parts": [[2018, 9, 10]]},
        "URL": RICH.url,
        "DOI": RICH.doi,
        "volume": RICH.volume,
        "issue": RICH.issue,
        "page": RICH.page,
        "edition": RICH.edition,
        "collection-title": RICH.collection_title,
        "language": RICH.language,
        "keyword": "ville, droit social",
        "abstract": RICH.abstract,
        "annote": 'Un avis "vif".\nDeux paragraphes.\nEt 50 % de plus.',
    }


def test_rispy_reads_every_field_of_a_ris_export():
    (record,) = rispy.loads(FORMATS["ris"].render(bibliography_of(RICH, RICH_NOTES)))
    assert record == {
        "type_of_reference": "NEWS",
        "id": RICH.id,
        "authors": ["de la Tour, Marie", "Fabre, Jean-Luc, Jr", "Ministère fictif, service and Co"],
        "secondary_authors": ["Petit, Anne"],
        "subsidiary_authors": ["Van den Berghe, Élise"],
        "title": RICH.title,
        "secondary_title": RICH.container_title,
        "tertiary_title": RICH.collection_title,
        "edition": RICH.edition,
        "publisher": RICH.publisher,
        "place_published": RICH.publisher_place,
        "year": "2014",
        "date": "2014/03/17/",
        "access_date": "2018/09/10/",
        "volume": RICH.volume,
        "number": RICH.issue,
        "start_page": "5",
        "end_page": "28",
        "urls": [RICH.url],
        "doi": RICH.doi,
        "language": RICH.language,
        "keywords": list(RICH.keyword),
        "abstract": RICH.abstract,
        "notes": ['Un avis "vif".', "<p>Deux paragraphes.</p><p>Et 50 % de plus.</p>"],
    }


def test_a_format_is_called_by_its_own_name():
    assert {name: one.name for name, one in EXPORTS.items()} == {name: name for name in EXPORTS}
    assert set(FORMATS) == {name for name, one in EXPORTS.items() if one.media_type != "text/plain"}
