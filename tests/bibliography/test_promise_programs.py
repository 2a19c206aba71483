"""The promise over what programs keep: no word and no address of a library is lost in silence."""

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.bibliography import read_bibliography
from indexer.messages import open_translator
from tests.bibliography.saying import slugs
from tests.bibliography.test_libraries import SCHEMA, make_zip
from tests.bibliography.test_promise import _Writer, words_held

XML = '<?xml version="1.0"?>'
# One file of each format: what stands around its parts, and the parts, each of which may be there.
FILES = {
    "mods": (
        f'{XML}<mods xmlns="http://www.loc.gov/mods/v3" xmlns:xlink="http://www.w3.org/1999/xlink">',
        [
            "<titleInfo><title>%W %w</title><subTitle>%w</subTitle></titleInfo>",
            "<titleInfo><nonSort>%W</nonSort><title>%w</title><partName>%W</partName></titleInfo>",
            '<titleInfo type="alternative"><title>%W %w</title></titleInfo>',
            '<name type="personal"><namePart type="family">%W</namePart>'
            '<namePart type="given">%W</namePart><role><roleTerm>aut</roleTerm></role></name>',
            '<name type="personal"><namePart>%W, %W</namePart><affiliation>%W</affiliation>'
            "<role><roleTerm>%w</roleTerm></role></name>",
            "<name><namePart>%W</namePart><role><roleTerm>ctb</roleTerm></role></name>",
            "<originInfo><publisher>%W</publisher><dateIssued>2010</dateIssued></originInfo>",
            "<originInfo><place><placeTerm>%W</placeTerm></place><edition>%w</edition>"
            "<dateOther>%w</dateOther></originInfo>",
            "<abstract>%W %w</abstract>",
            "<tableOfContents>%W %w</tableOfContents>",
            "<note>%W %w</note>",
            '<note type="content">%W %w</note>',
            "<subject><topic>%w</topic><geographic>%W</geographic></subject>",
            "<subject><name><namePart>%W</namePart></name><temporal>%w</temporal></subject>",
            '<relatedItem type="host"><titleInfo><title>%W</title></titleInfo>'
            "<name><namePart>%W</namePart></name><note>%W %w</note></relatedItem>",
            '<relatedItem type="original"><titleInfo><title>%W</title></titleInfo>'
            "<location><url>%u</url></location></relatedItem>",
            "<location><url>%u</url></location>",
            '<location><url displayLabel="%w" note="%w">%u</url><shelfLocator>%W</shelfLocator>'
            "</location>",
            '<identifier type="uri">%u</identifier>',
            '<identifier type="%w">%W</identifier>',
            "<physicalDescription><extent>%w</extent><note>%w</note></physicalDescription>",
            "<classification>%W</classification>",
            "<accessCondition>%W %w</accessCondition>",
            "<part><detail type='volume'><number>%w</number><caption>%w</caption></detail></part>",
            "<extension><x>%W</x></extension>",
            '<relatedItem xlink:href="%u"/>',
        ],
        "</mods>",
    ),
    "rdf": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:z="http://www.zotero.org/namespaces/export#" '
        'xmlns:bib="http://purl.org/net/biblio#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:foaf="http://xmlns.com/foaf/0.1/" '
        'xmlns:link="http://purl.org/rss/1.0/modules/link/" '
        'xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/"><bib:Article '
        'rdf:about="#a"><z:itemType>journalArticle</z:itemType>',
        [
            "<dc:title>%W %w</dc:title>",
            "<dcterms:isPartOf><bib:Journal><dc:title>%W</dc:title><dcterms:alternative>%w"
            "</dcterms:alternative><prism:volume>%w</prism:volume></bib:Journal></dcterms:isPartOf>",
            "<bib:authors><rdf:Seq><rdf:li><foaf:Person><foaf:surname>%W</foaf:surname>"
            "<foaf:givenName>%W</foaf:givenName></foaf:Person></rdf:li></rdf:Seq></bib:authors>",
            "<z:reviewedAuthors><rdf:Seq><rdf:li><foaf:Person><foaf:surname>%W</foaf:surname>"
            "</foaf:Person></rdf:li></rdf:Seq></z:reviewedAuthors>",
            "<dc:subject>%w</dc:subject>",
            "<dc:subject><dcterms:LCC><rdf:value>%W</rdf:value></dcterms:LCC></dc:subject>",
            "<dc:subject><z:AutomaticTag><rdf:value>%w</rdf:value></z:AutomaticTag></dc:subject>",
            "<dc:identifier><dcterms:URI><rdf:value>%u</rdf:value></dcterms:URI></dc:identifier>",
            "<dc:identifier>%u</dc:identifier>",
            "<dc:description>%W %w</dc:description>",
            "<dcterms:abstract>%W %w</dcterms:abstract>",
            "<z:shortTitle>%W</z:shortTitle>",
            "<z:archive>%W</z:archive>",
            "<z:libraryCatalog>x</z:libraryCatalog>",
            "<dc:rights>%W %w</dc:rights>",
            "<prism:number>%w</prism:number>",
            "<dc:coverage>%W</dc:coverage>",
            "<z:type>%w</z:type>",
            '</bib:Article><z:Attachment rdf:about="#f"><z:itemType>attachment</z:itemType>'
            "<dc:title>%W</dc:title><dc:identifier><dcterms:URI><rdf:value>%u</rdf:value>"
            "</dcterms:URI></dc:identifier></z:Attachment><bib:Article rdf:about='#b'>"
            "<z:itemType>book</z:itemType>",
            '</bib:Article><bib:Memo rdf:about="#m"><rdf:value>%W %w</rdf:value></bib:Memo>'
            "<bib:Article rdf:about='#c'><z:itemType>book</z:itemType><dc:title>%W</dc:title>",
        ],
        "</bib:Article></rdf:RDF>",
    ),
    "opml": (
        f"{XML}<opml version='2.0'><head><title>Veille</title></head><body>",
        [
            "<outline text='%W %w' url='%u' _note='%W %w'/>",
            "<outline text='%W' title='%W' htmlUrl='%u' xmlUrl='%u' type='rss'/>",
            "<outline text='%W'><outline text='%W' url='%u' category='%w,%w'/></outline>",
            "<outline text='%W %w'><outline text='%W %w'/></outline>",
            "<outline text='%W'/>",
            "<outline text='%W' url='%u' comment='%w' description='%w' author='%W'/>",
            "<outline text='%W' url='javascript:x'/>",
            "<outline text='%W'><outline text=''/></outline>",
            "<outline text='&lt;a href=\"%u\"&gt;%W&lt;/a&gt; %w'/>",
            "<outline text='%W' _note='%w'><outline text='%W'/></outline>",
        ],
        "</body></opml>",
    ),
    "html": (
        "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE>\n<DL><p>\n",
        [
            '<DT><A HREF="%u" ADD_DATE="1683021600" TAGS="%w,%w">%W %w</A>\n<DD>%W %w\n',
            "<DT><H3>%W</H3>\n<DL><p>\n<DT><A HREF='%u'>%W</A>\n</DL><p>\n",
            "<DT><H3>%W</H3>\n<DD>%W %w\n<DL><p>\n<DT><A HREF='%u'>%W</A>\n</DL><p>\n",
            "<DT><A HREF='javascript:x'>%W %w</A>\n<DD>%w\n",
            "<DT>%W %w\n",
            "<HR>\n",
            "<DT><A HREF='%u'><b>%W</b> %w</A> %w\n",
            "<DT><A HREF='%u' FEEDURL='%u'>%W</A>\n",
            "<DT><A HREF='%u'>%W</A>\n<DD>%w <a href='%u'>%W</a> %w\n",
        ],
        "</DL><p>\n",
    ),
    "json": (
        "[",
        [
            '{"url": "%u", "title": "%W", "tags": ["%w"], "text": "%W %w", "excerpt": "%w"},',
            '{"uri": "%u", "text": "%w", "document": {"title": ["%W"]}, "tags": [], "target": '
            '[{"source": "%u", "selector": [{"type": "TextQuoteSelector", "exact": "%w"}]}]},',
            '{"url": "%u", "title": "%W", "annotations": [{"text": "%w", "quote": "%w"}]},',
            '{"url": "%u", "given_url": "%u", "title": "%W"},',
            '{"url": "%u", "title": "%W", "published_by": ["%W %W"], "remark": "%w"},',
            '{"url": "%u", "title": "%W", "folder": "%W"},',
            '{"href": "%u", "description": "%W", "extended": "%w", "tags": "%w %w"},',
            '{"itemType": "book", "title": "%W", "url": "%u", "extra": "%w: %w", "rights": "%W"},',
            '{"itemType": "report", "title": "%W", "institution": "%W", "shortTitle": "%w", '
            '"creators": [{"creatorType": "reviewedAuthor", "lastName": "%W", "firstName": "%W"}], '
            '"attachments": [{"title": "PDF", "url": "%u"}], "notes": [{"note": "<p>%w</p>"}]},',
            '{"itemType": "attachment", "title": "%W", "url": "%u", "note": "%w"},',
            '{"key": "A", "data": {"itemType": "book", "title": "%W", "seriesText": "%w"}},',
            '{"itemType": "note", "note": "<p>%W <a href=\\"%u\\">%w</a></p>"},',
            '{"type": "book", "title": "%W", "URL": "%u", "note": "%w: %w", "archive": "%W"},',
        ],
        '{"url": "https://exemple.test/fin", "title": "Fin"}]',
    ),
    "firefox.json": (
        '{"guid": "root________", "title": "", "index": 0, "type": "text/x-moz-place-container", '
        '"root": "placesRoot", "children": [{"guid": "menu________", "title": "menu", "type": '
        '"text/x-moz-place-container", "root": "bookmarksMenuFolder", "children": [',
        [
            '{"guid": "a%n", "title": "%W %w", "type": "text/x-moz-place", "uri": "%u"},',
            '{"guid": "b%n", "title": "%W", "type": "text/x-moz-place", "uri": "%u", '
            '"tags": "%w,%w", "keyword": "%w"},',
            '{"guid": "c%n", "type": "text/x-moz-place", "uri": "%u"},',
            '{"guid": "d%n", "title": "%W", "type": "text/x-moz-place-container", "children": '
            '[{"guid": "e%n", "title": "%W %w", "type": "text/x-moz-place", "uri": "%u"}]},',
            '{"guid": "f%n", "title": "%W", "type": "text/x-moz-place", "uri": "%u", "annos": '
            '[{"name": "bookmarkProperties/description", "value": "%W %w"}]},',
            '{"guid": "g%n", "title": "%W %w", "type": "text/x-moz-place", "uri": "place:x"},',
            '{"guid": "h%n", "type": "text/x-moz-place-separator"},',
            '{"guid": "i%n", "title": "%W", "type": "text/x-moz-place-container"},',
        ],
        '{"guid": "fin", "title": "Fin", "type": "text/x-moz-place", '
        '"uri": "https://exemple.test/fin"}]}]}',
    ),
    "chrome.json": (
        '{"checksum": "0", "roots": {"bookmark_bar": {"children": [',
        [
            '{"id": "%n", "name": "%W %w", "type": "url", "url": "%u"},',
            '{"id": "%n", "name": "%W", "type": "folder", "children": '
            '[{"name": "%W %w", "type": "url", "url": "%u"}]},',
            '{"id": "%n", "name": "", "type": "url", "url": "%u"},',
            '{"id": "%n", "name": "%W", "type": "folder", "children": []},',
            '{"id": "%n", "name": "%W", "type": "url", "url": "%u", "meta_info": {"note": "%w"}},',
            '{"id": "%n", "name": "%W %w", "type": "url", "url": "javascript:x"},',
        ],
        '{"id": "1", "name": "Fin", "type": "url", "url": "https://exemple.test/fin"}], '
        '"name": "Barre", "type": "folder"}}, "version": 1}',
    ),
    "pocket.html": (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>Pocket Export</title></head>"
        "<body><h1>Unread</h1><ul>\n",
        [
            '<li><a href="%u" time_added="1683021600" tags="%w,%w">%W %w</a></li>\n',
            '<li><a href="%u" time_added="1683021600" tags="">%W</a></li>\n',
            '</ul><h1>Read Archive</h1><ul><li><a href="%u" time_added="1">%W %w</a></li>\n',
        ],
        '<li><a href="https://exemple.test/fin" time_added="1" tags="">Fin</a></li>\n</ul></body>',
    ),
    "yaml": (
        "---\nreferences:\n",
        [
            "- id: a%n\n  type: book\n  title: %W %w\n  URL: %u\n",
            "- id: b%n\n  type: article-journal\n  title: %W\n  author:\n  - family: %W\n"
            "    given: %W\n  container-title: %W %w\n  note: %w %w\n",
            "- id: c%n\n  type: chapter\n  title: %W\n  title-short: %w\n  archive: %W\n"
            "  collection-editor:\n  - family: %W\n    given: %W\n",
            "- id: d%n\n  type: webpage\n  title: '%W: %w'\n  keyword: %w, %w\n  annote: |\n"
            "    %W %w\n\n    %w %u\n",
            "- id: e%n\n  type: book\n  title: %W\n  publisher: %W\n  genre: %w\n"
            "  dimensions: %w\n  number-of-pages: 204\n  URL: %u\n  custom:\n    remarque: %w\n",
        ],
        "- id: fin\n  type: book\n  title: Fin\n...\n",
    ),
    "csv": (
        "url;title;note;tags;divers\n",
        ["%u;%W %w;%w;%w;\n", "%u;%W;;;%w %w\n", "%u;%W;;;;%w;%u\n", ";%W;%w;;\n", "%u\n"],
        "",
    ),
    "bib": (
        "",
        [
            "@book{k%n, title = {%W %w}, url = {%u}, note = {%w %u}}\n",
            "@misc{k%n, title = {%W}, howpublished = {\\url{%u}}, eprint = {%u}, x = {%w}}\n",
            "@comment{%W %w}\n",
            "%W %w\n\n",
            "@string{nom = {%W}}\n@book{k%n, title = nom # { %w}}\n",
            "@book{k%n, title = {%W}, editor = {%W, %W}, url = {%u}, pdf = {%u}}\n",
            "@book(k%n, title = {%W})\n",
            "@book{k%n, title = {%W, file = {%w}\n}\n",
        ],
        "@book{fin, title = {Fin}}\n",
    ),
    "ris": (
        "",
        [
            "TY  - BOOK\nTI  - %W %w\nUR  - %u\nUR  - %u\nL1  - %u\nER  - \n",
            "TY  - JOUR\nTI  - %W\nT2  - %W\nN1  - %w %u\nC5  - %w\nXX  - %w\nER  - \n",
            "%W %w\n\n",
            "TY  - RPRT\nTI  - %W\nTI  - %W\nPB  - %W\nPB  - %W\nAD  - %W\nER  - \n",
            "TY  - THES\nTI  - %W\n%w %w\nA3  - %W, %W\nRP  - %w\n",
        ],
        "TY  - BOOK\nTI  - Fin\nER  - \n",
    ),
}


def word(text: str) -> str:
    return f"<w:p>{run(text)}</w:p>"


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


OFFICE = "http://schemas.openxmlformats.org"
DOCX_OPENING = (
    f'<w:document xmlns:w="{OFFICE}/wordprocessingml/2006/main" '
    f'xmlns:r="{OFFICE}/officeDocument/2006/relationships" xmlns:mc="mc" xmlns:v="v" xmlns:wp="wp" '
    f'xmlns:a="a" xmlns:m="m"><w:body>'
)
BOX = f"<w:txbxContent>{word('%W %w')}</w:txbxContent>"
DOCX_PARTS = [
    word("%W %w"),
    f"<w:p>{run('%W ')}<w:hyperlink r:id='link'>{run('%w')}</w:hyperlink></w:p>",
    "<w:p><w:r><w:drawing><wp:docPr descr='%W'><a:hlinkClick r:id='link'/></wp:docPr>"
    "</w:drawing></w:r></w:p>",
    f"<w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing>{BOX}</w:drawing></mc:Choice>"
    f"<mc:Fallback><w:pict><w:txbxContent>{word('Le repli')}</w:txbxContent></w:pict>"
    "</mc:Fallback></mc:AlternateContent></w:r></w:p>",
    f"<w:p>{run('%W ')}<w:r><w:pict><v:textbox>{BOX}</v:textbox></w:pict></w:r></w:p>",
    f"<w:tbl><w:tr><w:tc>{word('%W')}</w:tc><w:tc>{word('%w')}<w:tbl><w:tr><w:tc>{word('%W')}"
    "</w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>",
    f"<w:p><m:oMath><m:r><m:t>%w </m:t></m:r></m:oMath>{run('%W')}</w:p>",
    f"<w:p><w:moveFrom>{run('x')}</w:moveFrom><w:moveTo>{run('%W')}</w:moveTo></w:p>",
    f"<w:sdt><w:sdtContent>{word('%W %w')}</w:sdtContent></w:sdt>",
    f"<w:p><w:fldSimple w:instr=' HYPERLINK \"%u\" '>{run('%W')}</w:fldSimple></w:p>",
    f"<w:p><w:r><w:ruby><w:rubyBase>{run('%W')}</w:rubyBase></w:ruby></w:r></w:p>",
    f"<w:p><w:bdo>{run('%W')}</w:bdo></w:p>",
    f"<w:p>{run('%W')}<w:r><w:footnoteReference w:id='1'/></w:r></w:p>",
    f"<w:p>{run('%W')}<w:r><w:commentReference w:id='1'/></w:r></w:p>",
    f"<w:p><w:pPr><w:pStyle w:val='Heading1'/></w:pPr>{run('%W %w')}</w:p>",
]
ODT_OPENING = (
    "<office:document-content xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' "
    "xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0' "
    "xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0' "
    "xmlns:draw='urn:oasis:names:tc:opendocument:xmlns:drawing:1.0' xmlns:svg='svg' "
    "xmlns:xlink='http://www.w3.org/1999/xlink'><office:body><office:text>"
)
ODT_PARTS = [
    "<text:p>%W <text:a xlink:href='%u'>%w</text:a> <text:span>%w</text:span></text:p>",
    "<text:p><draw:a xlink:href='%u'><draw:frame><svg:desc>%W</svg:desc></draw:frame></draw:a>"
    "</text:p>",
    "<text:p><draw:a xlink:href='%u'><draw:frame/></draw:a></text:p>",
    "<text:p><draw:frame><draw:text-box><text:p>%W</text:p><text:list><text:list-item><text:p>%w"
    "</text:p></text:list-item></text:list></draw:text-box></draw:frame></text:p>",
    "<draw:frame><draw:text-box><text:p>%W %w</text:p></draw:text-box></draw:frame>",
    "<table:table><table:table-row><table:table-cell><text:p>%W<office:annotation><text:p>%w"
    "</text:p></office:annotation></text:p></table:table-cell></table:table-row></table:table>",
    "<text:list><text:list-header><text:p>%W</text:p></text:list-header><text:list-item>"
    "<text:p>%W</text:p><text:p>%w</text:p></text:list-item></text:list>",
    "<text:p>%W<text:note><text:note-body><text:p>%W %w %u</text:p><text:list><text:list-item>"
    "<text:p>%W</text:p></text:list-item></text:list></text:note-body></text:note></text:p>",
    "<text:h>%W<office:annotation><text:p>%w</text:p></office:annotation></text:h><text:p>%w %w"
    "</text:p>",
    "<text:p>%W <text:bibliography-mark text:author='%W' text:title='%W' text:url='%u'>[%W]"
    "</text:bibliography-mark></text:p>",
    "<text:numbered-paragraph><text:p>%W</text:p></text:numbered-paragraph>",
]


class Made(NamedTuple):
    """A file of made-up words: its name, its bytes, the words and the addresses in it."""

    name: str
    payload: bytes
    writer: _Writer


def make_text(suffix: str, parts: list[str]) -> Made:
    opening, _, closing = FILES[suffix]
    writer = _Writer()
    text = writer.fill(opening + "".join(parts) + closing)
    return Made(f"a.{suffix.rpartition('.')[2]}", text.encode(), writer)


def make_docx(parts: list[str]) -> Made:
    writer = _Writer()
    body = writer.fill("".join(parts))
    rel, whole = f"{OFFICE}/package/2006/relationships", "".join(parts)
    members = {"word/document.xml": f"{DOCX_OPENING}{body}</w:body></w:document>"}
    target = writer.fill("%u") if "r:id='link'" in whole else "https://exemple.test/autre"
    members["word/_rels/document.xml.rels"] = (
        f'<Relationships xmlns="{rel}"><Relationship Id="link" Target="{target}"/></Relationships>'
    )
    for kind in ("footnote", "comment"):
        if f"<w:{kind}Reference" in whole:
            said = writer.fill(f"<w:{kind} w:id='1'>{word('%W %w %u')}</w:{kind}>")
            opening = DOCX_OPENING.replace("w:document", f"w:{kind}s").removesuffix("<w:body>")
            members[f"word/{kind}s.xml"] = f"{opening}{said}</w:{kind}s>"
    return Made("a.docx", make_zip(members), writer)


def make_odt(parts: list[str]) -> Made:
    writer = _Writer()
    body = writer.fill("".join(parts))
    text = f"{ODT_OPENING}{body}</office:text></office:body></office:document-content>"
    kind = "application/vnd.oasis.opendocument.text"
    return Made("a.odt", make_zip({"content.xml": text, "mimetype": kind}), writer)


MAKERS: Mapping[str, tuple[list[str], Callable[[list[str]], Made]]] = {
    **{
        suffix: (parts, lambda some, suffix=suffix: make_text(suffix, some))  # type: ignore[misc]
        for suffix, (_, parts, _) in FILES.items()
    },
    "docx": (DOCX_PARTS, make_docx),
    "odt": (ODT_PARTS, make_odt),
}


@pytest.mark.parametrize("kind", MAKERS)
@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_word_and_every_address_of_a_library_is_held_or_told(kind, data, tmp_path):
    parts, make = MAKERS[kind]
    made = make(data.draw(st.lists(st.sampled_from(parts), min_size=1, max_size=5, unique=True)))
    (tmp_path / made.name).write_bytes(made.payload)

    bibliography = read_bibliography(tmp_path)

    held = words_held(bibliography)
    assert [word for word in made.writer.written if word not in held] == []
    say = open_translator("fr")
    said = " ".join(say(one.said) for one in bibliography.problems)
    said += " ".join(one.text for one in bibliography.notes)
    urls = {one.url for one in bibliography.references}
    lost = [one for one in made.writer.addresses if one not in urls and one not in said]
    assert lost == []


def test_words_of_zoteros_database_that_no_field_holds_are_told(tmp_path):
    more = """
        INSERT INTO fieldsCombined VALUES (5,'rights');
        INSERT INTO itemDataValues VALUES (6,'Tous droits réservés'), (7,'https://exemple.test/pdf');
        INSERT INTO itemData VALUES (1,5,6), (3,3,7);
    """
    with sqlite3.connect(":memory:") as database:
        database.executescript(SCHEMA + more)
        (tmp_path / "zotero.sqlite").write_bytes(database.serialize())

    bibliography = read_bibliography(tmp_path)

    assert sorted(slugs(bibliography)) == [
        "address-left-out",
        "left-over",
        "note-without-reference",
    ]


def test_a_link_in_a_note_of_zotero_keeps_its_address(tmp_path: Path):
    note = '<p>Voir <a href=\\"https://exemple.test/b?x=1&amp;y=2\\">la suite</a>.</p>'
    text = f'[{{"itemType": "book", "title": "Ville lente", "notes": ["{note}"]}}]'
    (tmp_path / "a.json").write_text(text, "utf-8")

    (one,) = read_bibliography(tmp_path).notes
    assert one.text == "Voir la suite (https://exemple.test/b?x=1&y=2)."
