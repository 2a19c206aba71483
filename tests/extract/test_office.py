"""EPUB, ODT and DOCX files."""

import io
import zipfile

import pytest

from indexer.extract import extract_article
from indexer.model import Article, PageKind

LONG = (
    "Les communs de la connaissance se partagent sans se perdre, et chacun y ajoute sa part. " * 4
)
CORE = (
    '<cp:coreProperties xmlns:cp="urn:x" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>Libres savoirs</dc:title>'
    "<dc:creator>Une Autrice</dc:creator><dcterms:created>2011-05-04T10:00:00Z</dcterms:created>"
    "</cp:coreProperties>"
)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DOCX = {
    "docProps/core.xml": CORE,
    "word/document.xml": f"<w:document {W}><w:body>"
    '<w:p><w:pPr><w:pStyle w:val="Titre1"/></w:pPr><w:r><w:t>Premier titre</w:t></w:r></w:p>'
    f"<w:p><w:r><w:t>{LONG}</w:t></w:r></w:p>"
    '<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t xml:space="preserve">un </w:t></w:r>'
    "<w:r><w:t>point</w:t></w:r></w:p></w:body></w:document>",
}
TEXT = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
ODT = {
    "mimetype": "application/vnd.oasis.opendocument.text",
    "content.xml": f"<doc {TEXT}><text:h>Premier titre</text:h><text:p>{LONG}</text:p>"
    "<text:list><text:list-item><text:p>un<text:s/>point</text:p></text:list-item></text:list>"
    "</doc>",
    "meta.xml": '<m xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"><dc:title>Libres savoirs'
    "</dc:title><dc:creator>Une Autrice</dc:creator>"
    "<meta:creation-date>2011-05-04T10:00:00</meta:creation-date></m>",
}
EPUB = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": "<container><rootfiles><rootfile full-path='OEBPS/b.opf'/>"
    "</rootfiles></container>",
    "OEBPS/b.opf": "<package xmlns='http://www.idpf.org/2007/opf' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata><dc:title>Libres savoirs</dc:title>"
    "<dc:creator>Une Autrice</dc:creator><dc:date>2011-05-04</dc:date></metadata><manifest>"
    "<item id='b' href='deux.xhtml'/><item id='a' href='un%20e.xhtml'/></manifest><spine>"
    "<itemref idref='a'/><itemref idref='b'/></spine></package>",
    "OEBPS/un e.xhtml": f"<html><body><h1>Premier titre</h1><p>{LONG}</p></body></html>",
    "OEBPS/deux.xhtml": "<html><body><ul><li>un point</li></ul></body></html>",
}


def zipped(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def read(payload: bytes) -> Article:
    return extract_article(payload, headers={}, url="http://a.example/", record_id="<o>")


@pytest.mark.parametrize("members", [DOCX, ODT, EPUB], ids=["docx", "odt", "epub"])
def test_the_text_comes_in_order_with_its_kinds(members):
    article = read(zipped(members))

    assert [(paragraph.kind, paragraph.text) for paragraph in article.paragraphs] == [
        ("heading", "Premier titre"),
        ("p", LONG.strip()),
        ("item", "un point"),
    ]
    assert (article.title, article.author) == ("Libres savoirs", ("Une Autrice",))
    assert (article.issued, article.language) == ("2011-05-04", "fr")
    assert article.kind is PageKind.ARTICLE


@pytest.mark.parametrize(
    "members",
    [
        {**DOCX, "word/document.xml": ""},
        {**ODT, "content.xml": ""},
        {name: text for name, text in EPUB.items() if name != "OEBPS/b.opf"},
        {**EPUB, "META-INF/container.xml": "<container/>"},
        {**ODT, "content.xml": "<a>" + " " * 21_000_000 + "</a>"},  # a bomb
    ],
    ids=["docx-empty", "odt-empty", "epub-without-package", "epub-without-root", "bomb"],
)
def test_a_damaged_file_is_an_outcome(members):
    article = read(zipped(members))

    assert article.kind is PageKind.UNREADABLE
    assert article.evidence.key == "evidence.damaged"
