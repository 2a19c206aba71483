"""A library as its programs keep it: BibLaTeX whole, Zotero's own JSON, RIS, notes of CSL."""

import json

import pytest

from tests.bibliography.saying import notes_by_title, slugs, titles

PARENT = (
    "@collection{livre, editor={Martin, Anne}, title={Le livre collectif}, publisher={Presses}, "
    "date={2014}, url={https://exemple.test/livre}, isbn={9782070368228}, abstract={Du livre.}}\n"
)
CHAPTER = "@incollection{chap, author={Duval, Inès}, title={Mon chapitre}, pages={12--30}, %s}\n"


def test_a_chapter_takes_from_its_book_what_is_not_the_books_alone(read):
    book, chapter = read(a_bib=PARENT + CHAPTER % "crossref={livre}").references

    assert (chapter.container_title, chapter.publisher, chapter.issued) == (
        "Le livre collectif",
        "Presses",
        "2014",
    )
    assert [name.display for name in chapter.editor] == ["Anne Martin"]
    assert (chapter.url, chapter.isbn, chapter.abstract) == (None, "", "")
    assert (book.title, book.url) == ("Le livre collectif", "https://exemple.test/livre")


def test_data_for_others_is_no_text_and_circles_end(read):
    text = (
        "@xdata{maison, publisher={Presses}, location={Lyon}}\n"
        "@book{a, title={Un livre}, xdata={maison}}\n"
        "@book{b, title={Un autre}, crossref={c}}\n@book{c, title={Un tiers}, crossref={b}}\n"
    )
    bibliography = read(a_bib=text)

    assert titles(bibliography) == ["Un livre", "Un autre", "Un tiers"]
    assert (bibliography.references[0].publisher, bibliography.references[0].publisher_place) == (
        "Presses",
        "Lyon",
    )


def test_a_field_that_is_there_twice_costs_nothing(read):
    text = (
        "@string{rfs = {Revue fictive}}\n"
        "@article{a1, author={Durand, Marie and Le Goff, Jean}, title={Premier texte}, "
        'journal=rfs # " de sociologie", year=2015, file={a.pdf}, file={b.pdf}, '
        "annote={Une note.}, annote={Une autre.}}\n"
    )
    bibliography = read(a_bib=text)

    (reference,) = bibliography.references
    assert reference.authors == "Marie Durand, Jean Le Goff"
    assert reference.container_title == "Revue fictive de sociologie"
    assert notes_by_title(bibliography) == {"Premier texte": ["Une note.", "Une autre."]}
    assert "duplicate-field" in slugs(bibliography)


@pytest.mark.parametrize(
    ("written", "display", "suffix"),
    [
        ("family=Montfictif, given=Henri, prefix=de, useprefix=false", "Henri de Montfictif", ""),
        ("Fictif, Jr, Paul", "Paul Fictif", "Jr"),
        ("family=Fictif, given=Paul, suffix=III", "Paul Fictif", "III"),
        ("de la Tour, Anne", "Anne de la Tour", ""),
    ],
)
def test_extended_names_and_suffixes_are_read_and_written(read, written, display, suffix):
    from indexer.bibliography.formats import FORMATS

    bibliography = read(a_bib=f"@book{{a, author={{{written}}}, title={{Un livre}}}}\n")
    (name,) = bibliography.references[0].author
    assert (name.display, name.suffix) == (display, suffix)

    for format, file in (("bibtex", "a_bib"), ("csl-json", "a_json")):
        (again,) = read(**{"a_bib": "", file: FORMATS[format].render(bibliography)}).references
        assert again.author == (name,)


@pytest.mark.parametrize(
    ("written", "issued"),
    [
        ("2014~", "2014"),
        ("2014-03-17?", "2014-03-17"),
        ("2014/2016", "2014"),
        ("/2014", "2014"),
        ("2014-03-17T10:00:00", "2014-03-17"),
        ("2014-23", "2014-23"),
        ("../2014~", "2014"),
        ("2014-uu", "2014"),
        ("199u", "199X"),
        ("18--", "18XX"),
        ("-0044-03-15", "-0044-03-15"),
        ("-0063/-0062", "-0063"),
        ("y-10000", ""),
    ],
)
def test_dates_in_edtf_are_read(read, written, issued):
    (reference,) = read(a_bib=f"@book{{a, title={{Un livre}}, date={{{written}}}}}\n").references

    assert reference.issued == issued


def test_notes_are_read_wherever_programs_put_them(read):
    text = (
        "@misc{a, title={Note et adresse}, edition={2}, series={Repères}, "
        r"note={Très bon livre, voir \url{https://exemple.test/n_t} pour la suite}, "
        "comment-marie={Très utile pour le chapitre 2.}}\n"
    )
    bibliography = read(a_bib=text)

    (reference,) = bibliography.references
    assert reference.url == "https://exemple.test/n_t"
    assert (reference.edition, reference.collection_title) == ("2", "Repères")
    assert notes_by_title(bibliography) == {
        "Note et adresse": [
            "Très utile pour le chapitre 2.",
            "Très bon livre, voir https://exemple.test/n_t pour la suite",
        ]
    }


def test_what_zotero_keeps_in_the_note_of_bibtex_is_no_note(read):
    text = "@book{a, title={Un livre}, note={OCLC: 99\nConsulté le 3 mai 2019\navis: excellent}}\n"

    assert notes_by_title(read(a_bib=text)) == {"Un livre": ["avis: excellent"]}


def test_a_part_of_another_kind_inherits_every_field_and_a_name_too(read):
    text = (
        "@software{s, title={Le logiciel}, author={Fictif, Paul and others}, publisher={Presses},\n"
        "  url={https://exemple.test/s}}\n@softwareversion{v, crossref={s}, year={2014}}\n"
    )
    whole, version = read(a_bib=text).references

    assert [one.display for one in version.author] == ["Paul Fictif", "et al."]
    assert (version.title, version.publisher, version.url) == ("Le logiciel", "Presses", None)
    assert whole.url == "https://exemple.test/s"


def test_notes_with_a_colon_are_notes_and_fields_of_zotero_are_none(read):
    note = (
        "ATTENTION: le chapitre 3 est daté\navis: excellent, surtout la fin\nPMID: 12345\n"
        "OCLC: 99\nConsulté le 3 mai 2019"
    )
    item = {"id": "a", "type": "book", "title": "Livre A", "note": note}

    (read_note,) = notes_by_title(read(a_json=json.dumps([item])))["Livre A"]
    assert read_note == "ATTENTION: le chapitre 3 est daté avis: excellent, surtout la fin"


RIS = (
    "TY  - JOUR\nTI  - Premier\nUR  - https://exemple.test/1; https://exemple.test/2\n"
    "AB  - Le résumé.\nN2  - Une remarque.\nN1  - Première ligne de la note\n"
    "suite de la même note\n\nsecond paragraphe\nER  - \n"
)


def test_a_note_of_several_lines_is_one_note_in_ris(read):
    bibliography = read(a_ris=RIS)

    assert notes_by_title(bibliography)["Premier"] == [
        "Première ligne de la note suite de la même note\n\nsecond paragraphe",
        "Une remarque.",
    ]
    assert bibliography.references[0].url == "https://exemple.test/1"
    assert "address-left-out" in slugs(bibliography)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a_ris", "JF  - Revue fictive\nT1  - Un texte sans TY\nER  - \n"),
        ("a_bib", "Ceci n’est pas du BibTeX.\n"),
    ],
)
def test_a_file_without_any_record_says_so(read, name, text):
    assert slugs(read(**{name: text})) == ["file-not-understood"]


ZOTERO = {
    "config": {"label": "BetterBibTeX JSON"},
    "items": [
        {
            "itemType": "journalArticle",
            "title": "La ville lente",
            "creators": [
                {"creatorType": "author", "firstName": "Marie", "lastName": "Durand"},
                {"creatorType": "author", "name": "Conseil fictif"},
                {"creatorType": "editor", "firstName": "Anne", "lastName": "Martin"},
            ],
            "date": "2019-05-03",
            "url": "https://exemple.test/lente",
            "publicationTitle": "Revue fictive",
            "DOI": "https://doi.org/10.5555/FICT.1",
            "tags": [{"tag": "ville"}],
            "notes": [{"note": "<p>Un plaidoyer.</p>"}],
            "attachments": [
                {"annotations": [{"annotationText": "Ralentir.", "annotationComment": "Oui."}]}
            ],
        },
        {"itemType": "attachment", "title": "Fichier seul"},
    ],
}


def test_the_json_of_better_bibtex_is_read_whole(read):
    bibliography = read(a_json=json.dumps(ZOTERO))

    (reference,) = bibliography.references
    assert reference.authors == "Marie Durand, Conseil fictif"
    assert [name.display for name in reference.editor] == ["Anne Martin"]
    assert (reference.issued, reference.url) == ("2019-05-03", "https://exemple.test/lente")
    assert (reference.container_title, reference.doi) == ("Revue fictive", "10.5555/fict.1")
    assert (reference.keyword, reference.type) == (("ville",), "article-journal")
    assert notes_by_title(bibliography) == {
        "La ville lente": ["Un plaidoyer.", "Ralentir.\n\nOui."]
    }


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        (
            "Dac, Marin, et Pierre Moun. L’édition fictive. Repères 549. "
            "Paris: la Découverte, 2010.",
            {
                "title": "L’édition fictive",
                "publisher": "la Découverte",
                "publisher_place": "Paris",
                "issued": "2010",
                "collection_title": "Repères 549",
            },
        ),
        (
            "Lefort H., Le droit au bourg, Presses fictives, 1968 [rééd. 2009].",
            {"title": "Le droit au bourg", "issued": "1968"},
        ),
    ],
)
def test_french_references_keep_their_imprint_and_their_first_date(read, line, fields):
    (reference,) = read(a_txt=f"{line}\n").references

    assert {name: getattr(reference, name) for name in fields} == fields


@pytest.mark.parametrize("key", ["%s", "- %s", "[1] %s", "2. %s"])
def test_a_correction_takes_dates_in_french_and_lines_as_copied(read, key):
    line = "Reportage, « La grève fictive », Le Quotidien."
    written = key % line
    text = f'"{written}":\n  issued: 12 août 2017\n'

    (reference,) = read(a_md=f"- {line}\n", corrections_yaml=text).references
    assert (reference.issued, reference.id) == ("2017-08-12", "reportage-2017-greve")


def test_a_date_that_is_none_is_told(read):
    line = "Reportage, « La grève fictive », Le Quotidien."
    text = f'"{line}":\n  issued: un jour\n'

    assert "correction-not-understood" in slugs(read(a_md=f"- {line}\n", corrections_yaml=text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a_rdf", '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/rdf-syntax"/>'),
        ("a_opml", "<opml version='2.0'><body/></opml>"),
        ("a_dat", '<?xml version="1.0"?><chose xmlns="http://exemple.test/schema"/>'),
        ("a_csv", "titre,cote\nVille lente,https://exemple.test/lente\n"),
        ("a_json", '{"schema": "https://exemple.test/schema", "valeur": 3}'),
        ("a", '{"schema": "https://exemple.test/schema", "valeur": 3}'),
        ("a_nbib", "PMID- 12\nTI  - Un titre\nAID - https://exemple.test/a\n"),
        ("a_chose", "Ville lente, https://exemple.test/lente\n"),
    ],
)
def test_a_format_that_is_not_read_is_named_never_guessed_as_text(read, name, text):
    bibliography = read(**{name: text})

    assert bibliography.references == ()
    assert slugs(bibliography) == ["file-not-understood"]


def test_an_outline_of_emacs_is_read_by_its_headings_links_and_properties(read):
    text = (
        "#+TITLE: Lectures\n* Villes :ville:\n- [[https://exemple.test/lente][Ville lente]] : un "
        "plaidoyer pour ralentir.\n** TODO [[https://exemple.test/haute][Ville haute]]\n"
        ":PROPERTIES:\n:NOTE: Une réponse.\n:END:\n"
    )
    bibliography = read(a_org=text)

    assert [(one.title, one.section[0]) for one in bibliography.references] == [
        ("Ville lente", "Lectures"),
        ("Ville haute", "Lectures"),
    ]
    assert notes_by_title(bibliography) == {
        "Ville lente": ["un plaidoyer pour ralentir."],
        "Ville haute": ["Une réponse."],
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.bib", "@book{a, title={Un titre}, pagetotal={204}, volumes={2}}"),
        ("a.bib", "@book{a, title={Un titre}, numpages={204}, volumes={2}}"),
        ("a.ris", "TY  - BOOK\nTI  - Un titre\nSP  - 204\nNV  - 2\nER  - \n"),
        ("a.json", '[{"itemType": "book", "title": "Un titre", "numPages": "204", '
                   '"numberOfVolumes": "2"}]'),
        ("a.yaml", "references:\n- type: book\n  title: Un titre\n  number-of-pages: 204\n"
                   "  number-of-volumes: 2\n"),
        ("a.mods", '<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>Un titre</title>'
                   "</titleInfo><physicalDescription><extent>204 pages</extent>"
                   "<extent>2 v.</extent>"
                   "</physicalDescription></mods>"),
    ],
)  # fmt: skip
def test_the_length_of_a_book_is_read_as_its_program_writes_it(read, name, text):
    bibliography = read(**{name.replace(".", "_"): text})

    (one,) = bibliography.references
    assert (one.number_of_pages, one.number_of_volumes, one.page) == ("204", "2", "")
    assert "left-over" not in slugs(bibliography)
