"""What other programs keep: Zotero's database and RDF, lists of saved pages, text documents."""

import io
import json
import sqlite3
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.bibliography.formats import list_readable
from indexer.bibliography.readers import parse_bytes, parse_file
from tests.bibliography.saying import notes_by_title, slugs, titles

A, B = "https://exemple.test/lente", "https://exemple.test/haute"

SCHEMA = """
CREATE TABLE itemTypesCombined (itemTypeID, typeName);
CREATE TABLE fieldsCombined (fieldID, fieldName);
CREATE TABLE items (itemID INTEGER PRIMARY KEY, itemTypeID, libraryID, key);
CREATE TABLE deletedItems (itemID);
CREATE TABLE itemData (itemID, fieldID, valueID);
CREATE TABLE itemDataValues (valueID, value);
CREATE TABLE creators (creatorID, firstName, lastName, fieldMode);
CREATE TABLE creatorTypes (creatorTypeID, creatorType);
CREATE TABLE itemCreators (itemID, creatorID, creatorTypeID, orderIndex);
CREATE TABLE itemNotes (itemID, parentItemID, note);
CREATE TABLE itemAttachments (itemID, parentItemID);
CREATE TABLE itemAnnotations (itemID, parentItemID, text, comment, sortIndex);
CREATE TABLE tags (tagID, name);
CREATE TABLE itemTags (itemID, tagID);
CREATE TABLE groups (libraryID, name);
CREATE TABLE collections (collectionID, collectionName, parentCollectionID, libraryID);
CREATE TABLE collectionItems (collectionID, itemID, orderIndex);
INSERT INTO itemTypesCombined VALUES (1,'book'), (2,'note'), (3,'attachment'), (4,'annotation');
INSERT INTO fieldsCombined VALUES (1,'title'), (2,'date'), (3,'url'), (4,'abstractNote');
INSERT INTO items VALUES (1,1,1,'AA'), (2,2,1,'BB'), (3,3,1,'CC'), (4,4,1,'DD'), (5,1,1,'EE'),
  (6,2,1,'FF');
INSERT INTO deletedItems VALUES (5);
INSERT INTO itemData VALUES (1,1,1), (1,2,2), (1,3,3), (1,4,4), (5,1,5);
INSERT INTO itemDataValues VALUES (1,'Ville lente'), (2,'2014-03-00 mars 2014'),
  (3,'https://exemple.test/lente'), (4,'Le résumé de l’éditeur.'), (5,'À la corbeille');
INSERT INTO creators VALUES (1,'Jeanne','Fictive',0), (2,'','Conseil inventé',1);
INSERT INTO creatorTypes VALUES (1,'author'), (2,'translator');
INSERT INTO itemCreators VALUES (1,2,1,1), (1,1,1,0);
INSERT INTO itemNotes VALUES (2,1,'<p>Un plaidoyer.</p><p>Court.</p>'), (6,NULL,'<p>Seule.</p>');
INSERT INTO itemAttachments VALUES (3,1);
INSERT INTO itemAnnotations VALUES (4,3,'ralentir','Le mot du livre.','1');
INSERT INTO tags VALUES (1,'ville'); INSERT INTO itemTags VALUES (1,1);
INSERT INTO collections VALUES (1,'Villes',NULL,1), (2,'Lentes',1,1);
INSERT INTO collectionItems VALUES (2,1,0), (1,6,0);
"""


def make_zotero(*, is_wal: bool = False) -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.executescript(SCHEMA)
        payload = database.serialize()
    return payload[:18] + b"\x02\x02" + payload[20:] if is_wal else payload


@pytest.mark.parametrize("is_wal", [False, True])
def test_a_copy_of_zoteros_database_is_read_with_notes_and_collections(read, is_wal):
    bibliography = read(zotero_sqlite=make_zotero(is_wal=is_wal))

    (reference,) = bibliography.references
    assert (reference.title, reference.issued, reference.url) == ("Ville lente", "2014-03", A)
    assert reference.authors == "Jeanne Fictive, Conseil inventé"
    assert (reference.section, reference.keyword) == (("Villes", "Lentes"), ("ville",))
    assert reference.abstract == "Le résumé de l’éditeur."
    assert notes_by_title(bibliography) == {
        "Ville lente": ["Un plaidoyer.\n\nCourt.", "ralentir\n\nLe mot du livre."],
        "": ["Seule."],
    }
    assert slugs(bibliography) == ["note-without-reference"]


@settings(max_examples=30)
@given(st.integers(0, 40_000), st.binary(min_size=1, max_size=40))
def test_a_damaged_database_is_told_or_read_never_a_crash(at, noise):
    payload = make_zotero()
    damaged = payload[: at % len(payload)] + noise + payload[at % len(payload) + len(noise) :]

    found = parse_bytes("zotero.sqlite", damaged)

    assert found.references or found.notes or found.problems


RDF = """<rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:z="http://www.zotero.org/namespaces/export#" xmlns:bib="http://purl.org/net/biblio#"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"
 xmlns:foaf="http://xmlns.com/foaf/0.1/" xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/">
 <bib:Article rdf:about="#item_1">
  <z:itemType>journalArticle</z:itemType>
  <dcterms:isPartOf rdf:resource="urn:issn:1234-5678"/>
  <bib:authors><rdf:Seq><rdf:li><foaf:Person><foaf:surname>Fictive</foaf:surname>
   <foaf:givenName>Jeanne</foaf:givenName></foaf:Person></rdf:li></rdf:Seq></bib:authors>
  <dcterms:isReferencedBy rdf:resource="#item_2"/>
  <dc:subject>ville</dc:subject>
  <dc:subject><z:AutomaticTag><rdf:value>lenteur</rdf:value></z:AutomaticTag></dc:subject>
  <dc:title>Ville lente</dc:title>
  <dc:date>2014-03-17</dc:date>
  <dc:identifier><dcterms:URI><rdf:value>https://exemple.test/lente</rdf:value></dcterms:URI>
  </dc:identifier><bib:pages>5-28</bib:pages>
 </bib:Article>
 <bib:Journal rdf:about="urn:issn:1234-5678"><dc:title>Revue fictive</dc:title>
  <prism:volume>12</prism:volume><dc:identifier>DOI 10.5555/lente</dc:identifier>
  <dc:identifier>ISSN 1234-5678</dc:identifier></bib:Journal>
 <bib:Memo rdf:about="#item_2"><rdf:value>&lt;p&gt;Un plaidoyer.&lt;/p&gt;</rdf:value></bib:Memo>
 <z:Collection rdf:about="#collection_1"><dc:title>Villes</dc:title>
  <dcterms:hasPart rdf:resource="#collection_2"/></z:Collection>
 <z:Collection rdf:about="#collection_2"><dc:title>Lentes</dc:title>
  <dcterms:hasPart rdf:resource="#item_1"/></z:Collection>
</rdf:RDF>
"""


@pytest.mark.parametrize("name", ["a_rdf", "a_xml", "a"])
def test_zotero_rdf_is_read_with_its_container_notes_and_collections(read, name):
    bibliography = read(**{name: RDF})

    (reference,) = bibliography.references
    assert (reference.title, reference.container_title) == ("Ville lente", "Revue fictive")
    assert (reference.volume, reference.page, reference.doi) == ("12", "5-28", "10.5555/lente")
    assert (reference.issued, reference.url, reference.authors) == (
        "2014-03-17",
        A,
        "Jeanne Fictive",
    )
    assert (reference.section, reference.keyword) == (("Villes", "Lentes"), ("ville", "lenteur"))
    assert notes_by_title(bibliography) == {"Ville lente": ["Un plaidoyer."]}


HYPOTHESIS = {
    "export_date": "2024-01-01T00:00:00Z",
    "client_version": "1.0",
    "annotations": [
        {
            "id": "x1",
            "uri": A,
            "created": "2023-05-02T10:00:00+00:00",
            "text": "Le mot du texte.",
            "tags": ["ville"],
            "document": {"title": ["Ville lente"]},
            "target": [{"selector": [{"type": "TextQuoteSelector", "exact": "ralentir"}]}],
        },
        {"id": "x2", "uri": A, "text": "D’accord.", "references": ["x1"], "tags": ["lenteur"]},
        {"id": "x3", "uri": B, "text": "", "document": {"title": ["Ville haute"]}, "tags": []},
    ],
}
WALLABAG = [
    {
        "id": 1,
        "title": "Ville lente",
        "url": A,
        "tags": ["ville", "lenteur"],
        "created_at": "2023-05-02T10:00:00+0200",
        "published_by": ["Jeanne Fictive"],
        "annotations": [{"text": "Le mot du texte.", "quote": "ralentir"}, {"text": "D’accord."}],
        "content": "<p>La page.</p>",
    },
    {"id": 2, "title": "Ville haute", "url": B},
]
RAINDROP = (
    "id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite\n"
    f'1,Ville lente,D’accord.,Un résumé.,{A},Villes/Lentes,"ville, lenteur",'
    '2023-05-02T10:00:00.000Z,,"Highlight:ralentir\nNote:Le mot du texte.",false\n'
    f"2,Ville haute,,,{B},Unsorted,,2023-05-02T10:00:00.000Z,,,false\n"
)
POCKET = (
    "title,url,time_added,tags,status\n"
    f"Ville lente,{A},1683021600,ville|lenteur,unread\n{B},{B},1683021600,,archive\n"
)
POCKET_HTML = (
    "<!DOCTYPE html>\n<html><head><title>Pocket Export</title></head><body>\n<h1>Unread</h1>\n<ul>"
    f'<li><a href="{A}" time_added="1683021600" tags="ville,lenteur">Ville lente</a></li>\n'
    f'<li><a href="{B}" time_added="1683021600" tags="">Ville haute</a></li></ul></body></html>\n'
)
NETSCAPE = (
    "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE>\n<H1>Bookmarks</H1>\n<DL><p>\n"
    "<DT><H3>Villes</H3>\n<DL><p>\n<DT><H3>Lentes</H3>\n<DL><p>\n"
    f'<DT><A HREF="{A}" ADD_DATE="1683021600" TAGS="ville,lenteur">Ville lente</A>\n'
    "<DD>Le mot du texte.\n</DL><p>\n"
    f'<DT><A HREF="{B}">Ville haute</A>\n</DL><p>\n'
    '<DT><A HREF="javascript:alert(1)">Un outil</A>\n</DL><p>\n'
)
FIREFOX = {
    "guid": "root________",
    "title": "",
    "children": [
        {
            "title": "Villes",
            "children": [
                {
                    "title": "Ville lente",
                    "uri": A,
                    "dateAdded": 1683021600000000,
                    "tags": "ville,lenteur",
                    "annos": [
                        {"name": "bookmarkProperties/description", "value": "Le mot du texte."}
                    ],
                },
                {"title": "Ville haute", "uri": B},
            ],
        }
    ],
}
CHROME = {
    "checksum": "0",
    "roots": {
        "other": {"name": "Other bookmarks", "children": [{"name": "Ville lente", "url": A}]}
    },
}
OPML = f"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Veille</title></head><body>
<outline text="Villes"><outline text="Lentes">
<outline text="Ville lente" url="{A}" category="ville,lenteur" _note="Le mot du texte."/>
</outline><outline text="Ville haute" type="rss" xmlUrl="{B}/flux" htmlUrl="{B}"/>
<outline text="Une idée à suivre."/></outline></body></opml>
"""
BIBBOARD = [
    {
        "href": A,
        "description": "Ville lente",
        "extended": "Le mot du texte.",
        "tags": "ville lenteur",
    }
]


@pytest.mark.parametrize(
    ("name", "text", "notes", "found"),
    [
        ("a.json", json.dumps(HYPOTHESIS), ["ralentir\n\nLe mot du texte.", "D’accord."], 2),
        (
            "a.json",
            json.dumps({"total": 3, "rows": HYPOTHESIS["annotations"]}),
            ["ralentir\n\nLe mot du texte.", "D’accord."],
            2,
        ),
        ("a.json", json.dumps(WALLABAG), ["ralentir\n\nLe mot du texte.", "D’accord."], 2),
        (
            "a",
            json.dumps({"_embedded": {"items": WALLABAG}}),
            ["ralentir\n\nLe mot du texte.", "D’accord."],
            2,
        ),
        ("a.csv", RAINDROP, ["D’accord.", "ralentir\n\nLe mot du texte."], 2),
        ("a.csv", POCKET, [], 2),
        ("a", POCKET, [], 2),
        ("a.html", POCKET_HTML, [], 2),
        ("a.html", NETSCAPE, ["Le mot du texte."], 2),
        ("a.json", json.dumps(FIREFOX), ["Le mot du texte."], 2),
        ("a", json.dumps(CHROME), [], 1),
        ("a.opml", OPML, ["Le mot du texte.", "Une idée à suivre."], 2),
        ("a", OPML, ["Le mot du texte.", "Une idée à suivre."], 2),
        ("a.json", json.dumps(BIBBOARD), ["Le mot du texte."], 1),
    ],
)
def test_lists_of_saved_pages_are_read_with_titles_notes_and_tags(name, text, notes, found):
    read = parse_file(name, text)

    # A script is no page; the feed of a page is no page either.
    told = {NETSCAPE: ["left-over"], OPML: ["address-left-out"]}
    assert [one.code for one in read.problems] == told.get(text, [])
    first = read.references[0]
    assert (len(read.references), first.title, first.url) == (found, "Ville lente", A)
    assert set(first.keyword) in ({"ville", "lenteur"}, set())
    assert [note.text for note in read.notes if note.text != "Un résumé."] == notes


def test_folders_are_sections_and_dates_of_saving_are_dates_of_access():
    for name, text, section in (
        ("a.csv", RAINDROP, ("Villes", "Lentes")),
        ("a.html", NETSCAPE, ("Villes", "Lentes")),
        ("a.json", json.dumps(FIREFOX), ("Villes",)),
    ):
        first, second = parse_file(name, text).references
        assert first.section == section
        assert first.accessed == "2023-05-02"
        assert second.section in ((), ("Villes",))


def test_rows_without_an_address_and_tables_without_columns_are_told(read):
    bibliography = read(a_csv="title;url\nVille lente;" + A + "\nSans adresse;\n")

    assert titles(bibliography) == ["Ville lente"]
    assert slugs(bibliography) == ["entry-not-understood"]
    assert bibliography.problems[0].place.line == 3


def test_zoteros_own_csv_is_read_as_its_items():
    text = (
        '"Key","Item Type","Publication Year","Author","Title","Publication Title","Url","Date",'
        '"Manual Tags","Notes"\n"AA","journalArticle","2014","Fictive, Jeanne; Conseil inventé",'
        f'"Ville lente","Revue fictive","{A}","2014-03","ville; lenteur","<p>Un plaidoyer.</p>"\n'
    )
    found = parse_file("a.csv", text)

    (reference,) = found.references
    assert (reference.authors, reference.container_title, reference.issued) == (
        "Jeanne Fictive, Conseil inventé",
        "Revue fictive",
        "2014-03",
    )
    assert [note.text for note in found.notes] == ["Un plaidoyer."]


def test_better_bibtex_json_is_read_with_collections_extra_and_keys():
    text = json.dumps(
        {
            "config": {},
            "collections": {
                "c1": {"key": "c1", "name": "Villes", "items": []},
                "c2": {"key": "c2", "name": "Lentes", "parent": "c1", "items": [7]},
            },
            "items": [
                {
                    "itemID": 7,
                    "itemType": "book",
                    "citationKey": "fictive14",
                    "title": "Ville lente",
                    "extra": ["DOI: 10.5555/Lente", "Un mot à moi."],
                    "notes": ["<p>Un plaidoyer.</p>"],
                    "attachments": [],
                }
            ],
        }
    )
    found = parse_file("a.json", text)

    (reference,) = found.references
    assert (reference.doi, reference.section) == ("10.5555/lente", ("Villes", "Lentes"))
    assert reference.aliases == ("id fictive14",)
    assert [note.text for note in found.notes] == ["Un plaidoyer.", "Un mot à moi."]


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
DOCX = {
    "word/document.xml": f"""<w:document {W} {R}><w:body>
<w:p><w:pPr><w:pStyle w:val="Titre1"/></w:pPr><w:r><w:t>Villes</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>
<w:hyperlink r:id="rId1"><w:r><w:t>Ville lente</w:t></w:r></w:hyperlink>
<w:r><w:t xml:space="preserve"> : un plaidoyer pour ralentir.</w:t></w:r>
<w:del><w:r><w:delText>Effacé.</w:delText></w:r></w:del></w:p>
<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>
<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "{B}" </w:instrText></w:r>
<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>Ville haute</w:t></w:r>
<w:r><w:fldChar w:fldCharType="end"/></w:r>
<w:r><w:t xml:space="preserve">, une réponse à la précédente.</w:t></w:r></w:p>
</w:body></w:document>""",
    "word/_rels/document.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
    f'package/2006/relationships"><Relationship Id="rId1" Target="{A}"/></Relationships>',
    "word/styles.xml": f'<w:styles {W}><w:style w:styleId="Titre1"><w:name w:val="heading 1"/>'
    "</w:style></w:styles>",
}
ODT = {
    "content.xml": f"""<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:text>
<text:h text:outline-level="1">Villes</text:h><text:list><text:list-item>
<text:p><text:a xlink:href="{A}">Ville lente</text:a> : un plaidoyer pour ralentir.</text:p>
</text:list-item><text:list-item><text:p><text:a xlink:href="{B}">Ville haute</text:a>, une
réponse à la précédente.</text:p></text:list-item></text:list></office:text></office:body>
</office:document-content>""",
    "mimetype": "application/vnd.oasis.opendocument.text",
}


def make_zip(members: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return target.getvalue()


@pytest.mark.parametrize(("name", "members"), [("a_docx", DOCX), ("a_odt", ODT), ("a", DOCX)])
def test_a_text_document_is_read_as_a_page_is(read, name, members):
    bibliography = read(**{name: make_zip(members)})

    assert [(one.title, one.url, one.section) for one in bibliography.references] == [
        ("Ville lente", A, ("Villes",)),
        ("Ville haute", B, ("Villes",)),
    ]
    # The very notes of the same page in HTML.
    page = (
        f'<h1>Villes</h1><ul><li><a href="{A}">Ville lente</a> : un plaidoyer pour ralentir.</li>'
        f'<li><a href="{B}">Ville haute</a>, une réponse à la précédente.</li></ul>'
    )
    assert [one.text for one in bibliography.notes] == [
        one.text for one in parse_file("a.html", page).notes
    ]
    assert slugs(bibliography) == []


def test_a_paragraph_behind_a_blank_bullet_goes_on_with_the_item_before(read):
    """As pandoc writes the second paragraph of an item, and what Word calls "no bullet"."""

    def write(number: int, words: str) -> str:
        numbered = (
            f'<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr></w:pPr>'
        )
        return f"<w:p>{numbered}<w:r><w:t>{words}</w:t></w:r></w:p>"

    said = [
        *(write(1, "Léa Vasseur, « Nuits blanches », 2017"), write(2, "Luc : trop optimiste.")),
        *(write(1, "Nabil Roux, « Toits verts », 2018"), write(2, "À relire avant l'atelier.")),
    ]
    kinds = {1: ("decimal", "%1."), 2: ("bullet", " ")}
    numbering = "".join(
        f'<w:abstractNum w:abstractNumId="{one}"><w:lvl w:ilvl="0"><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{mark}"/></w:lvl></w:abstractNum>'
        for one, (kind, mark) in kinds.items()
    ) + "".join(f'<w:num w:numId="{one}"><w:abstractNumId w:val="{one}"/></w:num>' for one in kinds)
    members = DOCX | {
        "word/document.xml": f"<w:document {W}><w:body>{''.join(said)}</w:body></w:document>",
        "word/numbering.xml": f"<w:numbering {W}>{numbering}</w:numbering>",
    }
    assert notes_by_title(read(a_docx=make_zip(members))) == {
        "Nuits blanches": ["Luc : trop optimiste."],
        "Toits verts": ["À relire avant l'atelier."],
    }


def test_footnotes_of_a_document_are_references_of_the_text_that_names_them():
    members = DOCX | {
        "word/document.xml": f"<w:document {W}><w:body><w:p><w:r><w:t>Les loyers montent partout "
        'dans les grandes villes</w:t><w:footnoteReference w:id="2"/><w:t>.</w:t></w:r></w:p>'
        "</w:body></w:document>",
        "word/footnotes.xml": f'<w:footnotes {W}><w:footnote w:id="0" w:type="separator"/>'
        '<w:footnote w:id="2"><w:p><w:r><w:t>Jeanne Fictive, « Ville lente », Revue fictive, 2014, '
        f"{A}</w:t></w:r></w:p></w:footnote></w:footnotes>",
    }
    found = parse_bytes("a.docx", make_zip(members))

    assert [(one.title, one.url) for one in found.references] == [("Ville lente", A)]
    assert [note.text for note in found.notes] == [
        "Les loyers montent partout dans les grandes villes [1]."
    ]
    assert found.citations == ((0, 0),)


def test_a_zip_that_is_no_document_and_one_that_is_a_bomb_are_told(read):
    bomb = make_zip({"word/document.xml": "<w>" + "a" * 65_000_000})

    bibliography = read(a_zib=make_zip({"autre.txt": "rien"}), b_docx=bomb)

    assert slugs(bibliography) == ["file-not-text", "file-not-understood"]


@pytest.mark.parametrize(
    ("name", "payload", "advice"),
    [
        ("a.pdf", b"%PDF-1.4\n", "problem.advice.page"),
        ("a.doc", b"\xd0\xcf\x11\xe0\x00\x00", "problem.advice.page"),
        ("a.xls", b"\xd0\xcf\x11\xe0\x00\x00", "problem.advice.table"),
        ("a.dat", b"\x00\x01\x02" * 50, "problem.advice.any"),
    ],
)
def test_a_file_of_a_kind_that_is_not_read_is_told_with_what_to_do(name, payload, advice):
    (problem,) = parse_bytes(name, payload).problems

    assert problem.code == "file-not-text"
    assert dict(problem.said.values)["advice"].key == advice


def test_every_format_that_is_read_says_how_it_begins():
    for one in list_readable():
        assert one.signature or one.magic or one.name == "csl-yaml", one.name
