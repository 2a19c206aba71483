"""Bytes to text: what a payload is, and which letters it holds."""

import io
import zipfile

import pytest

from indexer.extract.article import MAX_TEXT, extract_article
from indexer.extract.blocks import (
    MAX_CHARACTERS,
    MAX_MARKUP_BYTES,
    MAX_TAGS,
    bound_payload,
    cut_markup,
    shrink_markup,
)
from indexer.extract.payload import (
    PayloadKind,
    clean_text,
    decode_markup,
    decode_plain,
    find_label,
    is_clean,
    sniff_payload,
)
from indexer.messages import NOTHING, message


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("payload", "content_type", "kind"),
    [
        (b"<!DOCTYPE html><html>", "text/html", PayloadKind.HTML),
        (b"<!DOCTYPE html><html>", "application/pdf", PayloadKind.HTML),
        (b"%PDF-1.4\n", "application/octet-stream", PayloadKind.PDF),
        (b"%PDF-1.4\n", "text/html", PayloadKind.PDF),
        (b"\r\n\r\n%PDF-1.4\n", "text/html", PayloadKind.PDF),
        (b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC ''>", "application/xml", PayloadKind.HTML),
        (b"<?xml version='1.0'?><rss version='2.0'>", "text/html", PayloadKind.FEED),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'>", "", PayloadKind.FEED),
        (b"  \n  <p>Bonjour", "", PayloadKind.HTML),
        ("<html><p>é".encode("utf-16"), "", PayloadKind.HTML),
        (b"Bonjour tout le monde", "text/plain", PayloadKind.TEXT),
        (b"Bonjour tout le monde", "", PayloadKind.TEXT),
        (b"Bonjour", "text/html", PayloadKind.HTML),
        (b"\x89PNG\r\n\x1a\n", "text/html", PayloadKind.IMAGE),
        (b"\x00\x01\x02\x03" * 50, "application/octet-stream", PayloadKind.OTHER),
        (b"PK\x03\x04 cut short", "", PayloadKind.OTHER),
        (zipped(word__document_xml=b"<w/>"), "application/zip", PayloadKind.DOCX),
        (zipped(mimetype=b"application/epub+zip"), "", PayloadKind.EPUB),
        (zipped(mimetype=b"application/vnd.oasis.opendocument.text"), "", PayloadKind.ODT),
        (b"", "text/html", PayloadKind.EMPTY),
        (b" \n ", "text/html", PayloadKind.EMPTY),
    ],
)
def test_the_bytes_decide_then_the_label(payload, content_type, kind):
    assert sniff_payload(payload, content_type=content_type) is kind


SAID = "<p>« Résilience », œuvre d’été à 3 €</p>"


@pytest.mark.parametrize(
    ("payload", "content_type"),
    [
        (SAID.encode(), "text/html; charset=utf-8"),
        (SAID.encode(), "text/html; charset=ISO-8859-1"),  # the header lies
        (b"<meta charset=iso-8859-1>" + SAID.encode(), "text/html"),  # the page lies
        (SAID.encode("utf-8-sig"), ""),
        (SAID.encode("utf-16"), ""),
        (SAID.encode("utf-16-be"), ""),
        (SAID.encode("cp1252"), "text/html; charset=ISO-8859-1"),
        (SAID.encode("cp1252"), "text/html; charset=utf-8"),
        (SAID.encode("cp1252"), "text/html; charset=bogus"),
        (SAID.encode("cp1252"), ""),
        (b"<meta charset='windows-1252'>" + SAID.encode("cp1252"), ""),
        (
            b"<?xml version='1.0' encoding='iso-8859-15'?>" + SAID.encode("iso-8859-15", "ignore"),
            "",
        ),
        (SAID.encode() + "é".encode()[:1], ""),  # cut in the middle of a letter
        (SAID.encode() * 20 + b"\xe9", ""),  # one accident
    ],
)
def test_french_comes_out_right_whatever_is_declared(payload, content_type):
    text, _ = decode_markup(payload, content_type=content_type)

    assert "« Résilience »" in text
    assert "été à 3 €" in text


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO-8859-1", "cp1252"),
        ("latin1", "cp1252"),
        (" UTF8 ", "utf-8"),
        ("Shift_JIS", "cp932"),
        ("gb2312", "gb18030"),
        ("klingon", None),
        ("rot13", None),
        ("idna", None),
    ],
)
def test_labels_mean_what_browsers_mean(label, codec):
    assert find_label(label) == codec


@pytest.mark.parametrize("codec", ["utf-8", "cp1252", "utf-16"])
def test_plain_text_is_detected(codec):
    said = "L’économie collaborative a été décrite à l’été 2015, d’après les élus.\n" * 10

    assert decode_plain(said.encode(codec))[0].lstrip("\ufeff") == said


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("rÃ©silience, Ã©tÃ©, l\u00e2\u20ac\u2122air", "résilience, été, l’air"),  # encoded twice
        ("un article qui cite « Ã© »", "un article qui cite « Ã© »"),  # and one about it
        ("a\x00b\x07c", "abc"),
        ("col\u00adla\u00adbo\u00adra\u00adtif", "collaboratif"),
        ("ﬁnance, ﬂux, eﬃcace", "finance, flux, efficace"),
        ("e\u0301te\u0301", "été"),
        ("zéro\u200blargeur\ufeff", "zéro largeur"),
        ("\u200bfin\u200b. mot\u2060joint", "fin. motjoint"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("trois\u00a0euros\u202f!", "trois\u00a0euros\u202f!"),
    ],
)
def test_text_is_as_a_reader_means_it(text, clean):
    assert clean_text(text) == clean
    assert not is_clean(text) or text == clean


@pytest.mark.parametrize("line", ["", "A line.", "Une phrase, déjà propre : « grâce »", "日本"])
def test_most_lines_are_known_to_be_clean_at_a_glance(line):
    assert is_clean(line)
    assert clean_text(line) == line


@pytest.mark.parametrize(
    ("markup", "shrunk"),
    [
        ("<p>a<SCRIPT>b</SCRIPT>c<!-- d -->e<style>f</style>g", "<p>aceg"),
        ("İ<Script>b</Script>c", "İ\n"),  # longer in lower case: no end is found
        ("a<svg>b", "a\nb"),
        ("a<script>b", "a\n"),
        ("a<!-- b", "a b"),
        ("<script type='application/ld+json'>{}</script>", None),
    ],
)
def test_what_no_reader_reads_is_cut_off_whatever_the_case_of_its_tags(markup, shrunk):
    assert shrink_markup(markup) == (markup if shrunk is None else shrunk)


@pytest.mark.parametrize(
    ("markup", "kept", "said"),
    [
        ("mot<br>" * MAX_TAGS, 7 * MAX_TAGS, NOTHING),
        ("mot<br>" * 250_001, 7 * MAX_TAGS + 3, message("evidence.cut-tags", count=MAX_TAGS)),
        ("a" * MAX_CHARACTERS, MAX_CHARACTERS, NOTHING),
        ("a" * (MAX_CHARACTERS + 1), MAX_CHARACTERS, message("evidence.cut-page", count=5)),
    ],
    ids=["as many tags as may be", "a tag more", "as long as may be", "longer"],
)
def test_markup_is_cut_where_its_tree_would_take_too_much_memory_and_says_so(markup, kept, said):
    assert cut_markup(markup) == (markup[:kept], said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("é" * MAX_TEXT, NOTHING),
        ("é" * (MAX_TEXT + 1), message("evidence.cut-text", count=3)),
        ("x" * (4 * MAX_TEXT + 1), message("evidence.cut-text", count=3)),
    ],
    ids=["as long as may be", "a letter more", "longer than what is decoded"],
)
def test_a_plain_text_is_cut_before_its_whole_length_is_in_memory_and_says_so(text, said):
    article = extract_article(
        text.encode(), headers={"content-type": "text/plain; charset=utf-8"}, url="", record_id="r"
    )

    assert article.text == text[:MAX_TEXT]
    assert article.evidence == said


PROSE = "<p>Les communs de la connaissance se partagent sans se perdre, et chacun les nourrit.</p>"


@pytest.mark.parametrize("coding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize(
    "weight",
    [
        "<img src='data:image/png;base64,{}'>",
        "<script>{}</script>",
        "<SCRIPT>{}</SCRIPT>",
        "<!--{}-->",
    ],
)
def test_a_large_page_gives_the_text_that_it_gives_without_what_nobody_reads(weight, coding):
    texts = "".join(PROSE.replace("Les", f"Là, déjà {n},") for n in range(9))
    page = f"<html><body><article><h1>Un été</h1>{{}}{texts}</article></body></html>"
    headers = {"Content-Type": f"text/html; charset={coding}"}

    small, large = (
        extract_article(
            page.format(each).encode(coding), headers=headers, url="http://a.example/", record_id=""
        )
        for each in ("", weight.format("A" * 6_000_000))
    )

    assert small.paragraphs
    assert large.paragraphs == small.paragraphs
    assert large.sources["charset"] == small.sources["charset"]


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_a_page_of_more_markup_than_is_read_is_cut_before_it_is_decoded_and_told(coding):
    whole = PROSE.encode(coding) * (MAX_MARKUP_BYTES // len(PROSE) + 1)

    kept, said = bound_payload(whole)

    assert kept == whole[:MAX_MARKUP_BYTES]
    assert said == message("evidence.cut-page", count=5)
    assert bound_payload(kept) == (kept, NOTHING)
