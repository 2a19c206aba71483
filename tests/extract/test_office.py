"""EPUB, ODT and DOCX files."""

import io
import zipfile

import pytest

from indexer.extract import extract_article
from indexer.extract.article import bound_text
from indexer.extract.office import bound_length
from indexer.messages import message, open_translator
from indexer.model import Article, PageKind, Paragraph

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


def zipped(members: dict[str, str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
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
    ("members", "reason"),
    [
        ({**DOCX, "word/document.xml": ""}, "son XML ne se lit pas"),
        ({**ODT, "content.xml": ""}, "son XML ne se lit pas"),
        (
            {name: text for name, text in EPUB.items() if name != "OEBPS/b.opf"},
            "une de ses parties manque",
        ),
        ({**EPUB, "META-INF/container.xml": "<container/>"}, "une de ses parties manque"),
    ],
    ids=["docx-empty", "odt-empty", "epub-without-package", "epub-without-root"],
)
def test_a_damaged_file_is_an_outcome_and_says_why_in_french(members, reason):
    article = read(zipped(members))

    assert article.kind is PageKind.UNREADABLE
    assert article.evidence.key == "evidence.damaged"
    said = open_translator("fr")(article.evidence)
    assert reason in said, said


def paragraphs_of(article: Article) -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in article.paragraphs]


def test_a_docx_has_its_notes_its_text_boxes_once_and_its_annotations_apart():
    box = "<w:p><w:r><w:t>Encadré</w:t></w:r></w:p>"
    boxes = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/'
        f'2006"><mc:Choice><w:txbxContent>{box}</w:txbxContent></mc:Choice><mc:Fallback>'
        f"<w:txbxContent>{box}</w:txbxContent></mc:Fallback></mc:AlternateContent>"
    )
    body = f"<w:p><w:r><w:t>{LONG}</w:t></w:r><w:r>{boxes}</w:r><w:r><w:t>Fin.</w:t></w:r></w:p>"
    note = "<w:p><w:r><w:t>Voir la rue.</w:t></w:r></w:p>"
    members = {
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
        "word/footnotes.xml": f"<w:footnotes {W}><w:footnote w:type='separator'>{note}</w:footnote>"
        f"<w:footnote>{note}</w:footnote></w:footnotes>",
        "word/comments.xml": f"<w:comments {W}><w:comment>{box}</w:comment></w:comments>",
    }

    article = read(zipped(members))

    assert paragraphs_of(article) == [
        ("p", f"{LONG}Fin."),
        ("p", "Encadré"),
        ("note", "Voir la rue."),
    ]
    assert article.comments == ("Encadré",)


def test_an_odt_has_its_notes_its_text_boxes_once_and_its_annotations_apart():
    office = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    note = (
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Voir la rue."
        "</text:p></text:note-body></text:note>"
    )
    inside = (
        f"<office:annotation {office}><text:p>À revoir.</text:p></office:annotation>{note}"
        "<box><text:p>Encadré</text:p></box>"
    )
    gone = "<text:tracked-changes><text:p>Supprimé.</text:p></text:tracked-changes>"
    content = f"<doc {TEXT}>{gone}<text:p>{LONG}{inside}Fin.</text:p></doc>"

    article = read(zipped({"mimetype": ODT["mimetype"], "content.xml": content}))

    assert paragraphs_of(article) == [
        ("p", f"{LONG}Fin."),
        ("p", "Encadré"),
        ("note", "Voir la rue."),
    ]
    assert article.comments == ("À revoir.",)


def test_what_stands_outside_the_paragraphs_of_an_odt_is_what_it_is_inside_them():
    office = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    content = (
        f"<doc {TEXT} {office}><text:tracked-changes><text:p>Effacé.</text:p>"
        f"</text:tracked-changes><office:annotation><text:p>À revoir.</text:p></office:annotation>"
        f"<text:p>{LONG}</text:p><text:note><text:note-citation>1</text:note-citation>"
        "<text:p>Voir plus haut.</text:p></text:note><text:p>La suite.</text:p></doc>"
    )

    article = read(zipped(ODT | {"content.xml": content}))

    assert [(each.kind, each.text) for each in article.paragraphs] == [
        ("p", LONG.strip()),
        ("p", "La suite."),
        ("note", "Voir plus haut."),
    ]
    assert article.comments == ("À revoir.",)


def test_the_copy_of_a_docx_for_older_programs_is_not_read_even_around_paragraphs():
    copy = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    document = (
        f"<w:document {W} {copy}><w:body><w:p><w:r><w:t>{LONG}</w:t></w:r></w:p>"
        "<mc:AlternateContent><mc:Fallback><w:p><w:r><w:t>Encadré.</w:t></w:r></w:p></mc:Fallback>"
        "</mc:AlternateContent><w:p><w:r><w:t>La suite.</w:t></w:r></w:p></w:body></w:document>"
    )

    article = read(zipped(DOCX | {"word/document.xml": document}))

    assert [each.text for each in article.paragraphs] == [LONG.strip(), "La suite."]


def test_paragraphs_are_taken_until_an_article_is_full_and_one_more_by_which_it_is_told():
    paragraphs = (Paragraph(text="x" * 1_000_000) for _ in range(100))

    taken = bound_length(paragraphs)
    article = bound_text(Article(record_id="<o>", paragraphs=taken))

    assert (len(taken), len(next(paragraphs).text)) == (4, 1_000_000)
    assert len(article.paragraphs) == 3
    assert article.evidence == message("evidence.cut-text", count=3)


def test_an_epub_in_a_folder_or_with_a_hole_is_read_and_the_hole_is_told():
    whole = read(zipped({f"livre/{name}": text for name, text in EPUB.items()}))
    holed = read(zipped({name: text for name, text in EPUB.items() if "deux" not in name}))

    assert paragraphs_of(whole) == paragraphs_of(read(zipped(EPUB)))
    assert paragraphs_of(holed) == paragraphs_of(whole)[:2]
    assert holed.evidence == message("evidence.chapters", count=1, chapters=2)


@pytest.mark.parametrize(
    ("members", "name"),
    [
        (DOCX, "word/document.xml"),
        (ODT, "content.xml"),
        (EPUB, "OEBPS/un e.xhtml"),
    ],
    ids=["docx", "odt", "epub"],
)
def test_a_small_file_that_unfolds_to_millions_of_characters_is_refused(members, name):
    bomb = zipped({**members, name: f"<w:p {W}>{'a ' * 8_000_000}</w:p>"})

    article = read(bomb)

    assert len(bomb) < 20_000
    assert article.kind is PageKind.UNREADABLE
    assert article.evidence.key == "evidence.too-large"
    assert "unfolds" in open_translator("en")(article.evidence)


def test_a_short_book_that_repeats_itself_is_no_bomb():
    article = read(zipped({**EPUB, "OEBPS/un e.xhtml": f"<html><p>{LONG * 2_000}</p></html>"}))

    assert article.evidence.key != "evidence.damaged"


P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def shape(role: str, *texts: str) -> str:
    place = f'<p:nvSpPr><p:nvPr><p:ph type="{role}"/></p:nvPr></p:nvSpPr>' if role else ""
    return f"<p:sp>{place}{''.join(f'<a:p><a:r><a:t>{t}</a:t></a:r></a:p>' for t in texts)}</p:sp>"


def relations(**targets: str) -> str:
    return "<R>" + "".join(f'<r Id="{n}" Target="{t}"/>' for n, t in targets.items()) + "</R>"


def slide(*shapes: str) -> str:
    return f"<p:sld {P} {A}>{''.join(shapes)}</p:sld>"


PPTX = {
    "docProps/core.xml": CORE,
    "ppt/presentation.xml": f"<p:pre {P} {R}><p:sldId r:id='b'/><p:sldId r:id='a'/></p:pre>",
    "ppt/_rels/presentation.xml.rels": relations(a="slides/slide1.xml", b="slides/slide2.xml"),
    "ppt/slides/slide1.xml": slide(shape("", "En second"), shape("sldNum", "2")),
    "ppt/slides/slide2.xml": slide(shape("title", "Premier titre"), shape("body", LONG)),
    "ppt/slides/_rels/slide2.xml.rels": relations(n="../notesSlides/notesSlide1.xml"),
    "ppt/notesSlides/notesSlide1.xml": slide(shape("body", "À dire."), shape("dt", "3 mars")),
}


def test_the_slides_of_a_presentation_are_read_in_order_and_the_notes_of_the_speaker_apart():
    article = read(zipped(PPTX))

    assert [(each.kind, each.text, each.page) for each in article.paragraphs] == [
        ("heading", "Premier titre", 1),
        ("p", LONG.strip(), 1),
        ("p", "En second", 2),
        ("note", "À dire.", 1),
    ]
    assert (article.title, article.author) == ("Libres savoirs", ("Une Autrice",))
    assert article.issued == "2011-05-04"


def test_a_slide_that_is_not_in_its_file_is_told():
    article = read(zipped({name: text for name, text in PPTX.items() if "slide1.xml" not in name}))

    assert article.evidence == message("evidence.chapters", count=1, chapters=2)


RTF = (
    r"{\rtf1\ansi\ansicpg1252{\fonttbl\f0 Arial;}{\info{\title Libres savoirs}"
    r"{\author Une Autrice}{\creatim\yr2011\mo5\dy4}}{\*\inconnu rien}"
    r"\pard\outlinelevel0 Premier titre\par\pard " + LONG + r"\b L\'e9t\u233?{\footnote Une note.}"
    r"\b0 . \u-10179?\u-8704?\par\trowd un\cell point\cell\row {\*\bkmkstart m}"
    r"{\field{\*\fldinst HYPERLINK x}{\fldrslt Un lien}}\{\}{\pict\bin4 }}}}"
    r"{\*\annotation Revoir.}}"
)


def test_an_rtf_file_is_read_with_its_notes_and_what_it_says_of_itself():
    article = read(RTF.encode())

    assert paragraphs_of(article) == [
        ("heading", "Premier titre"),
        ("p", f"{LONG}Lété. \U0001f600"),
        ("p", "un point"),
        ("p", "Un lien{}"),
        ("note", "Une note."),
    ]
    assert (article.title, article.author) == ("Libres savoirs", ("Une Autrice",))
    assert (article.issued, article.comments) == ("2011-05-04", ("Revoir.",))


@pytest.mark.parametrize(
    "end", [b"", b"}}}}", b"{" * 999, b"\\bin9999999 x", b"\\'e", b"\\u99999?"]
)
def test_an_rtf_file_that_was_cut_or_goes_on_is_read_as_far_as_it_goes(end):
    assert read(b"{\\rtf1 " + LONG.encode() + end).text.startswith(LONG[:80])


def test_an_rtf_file_of_groups_without_end_is_damaged():
    said = open_translator("fr")(read(b"{\\rtf1 " + b"{" * 100_000).evidence)
    assert "les uns dans les autres" in said, said


WORD_97 = b"\xd0\xcf\x11\xe0" + bytes(512) + "WordDocument".encode("utf-16-le") + bytes(64)


def test_an_old_word_file_is_given_to_the_program_that_reads_it(tmp_path, monkeypatch):
    """The program is ours, in the place of antiword: it shows how it was called."""
    program = tmp_path / "antiword"
    program.write_text('#!/bin/sh\necho "$@" | grep -q UTF-8 && echo "Été" && wc -c < "$5"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert [each.text for each in read(WORD_97).paragraphs] == ["Été", str(len(WORD_97))]

    program.write_text("#!/bin/sh\necho It is broken. >&2; exit 3\n")
    assert "(antiword\N{NO-BREAK SPACE}: It is broken.)" in open_translator("fr")(
        read(WORD_97).evidence
    )

    program.unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read(WORD_97).evidence.key == "evidence.no-converter"


def test_an_old_word_file_is_given_to_libreoffice_first_then_to_antiword(tmp_path, monkeypatch):
    """The programs are ours: they show which of them was asked, and what was made of its file."""
    made = tmp_path / "made.docx"
    made.write_bytes(zipped(DOCX))
    office = tmp_path / "soffice"
    office.write_text(f'#!/bin/sh\n[ "$4" = docx ] && cp {made} "$6/source.docx"\n')
    word = tmp_path / "antiword"
    word.write_text("#!/bin/sh\necho Mots seuls\n")
    for program in (office, word):
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert read(WORD_97).title == read(zipped(DOCX)).title != ""

    office.write_text("#!/bin/sh\nexit 0\n")  # it ends well, and writes nothing
    assert read(WORD_97).text == "Mots seuls"

    word.unlink()
    assert "made nothing" in open_translator("en")(read(WORD_97).evidence)
