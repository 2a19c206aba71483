"""Scanned pages and images are read where Tesseract is installed, once, and said to be so."""

import io
import json
import re
import shutil

import pypdfium2
import pytest

from indexer.extract import Job, extract_article, is_scanned
from indexer.extract.article import FINGERPRINT
from indexer.extract.ocr import find_tesseract, parse_tsv
from indexer.extract.site_rules import BUILT_IN
from indexer.messages import Translator, message, open_translator
from indexer.model import Article, PageKind
from indexer.pipeline.recognition import find_recogniser, recognise
from tests.extract.pdfs import column, write_pdf
from tests.extract.scans import draw, write_png, write_scan

SENTENCES = [
    "L'économie collaborative transforme peu à peu les territoires ruraux,",
    "et les élus s'en saisissent : ateliers partagés, épiceries, cafés.",
    "Où trouver une boulangère, un médecin, une école ouverte en août ?",
    "Les habitants répondent souvent qu'il suffit d'une clé et d'un cahier.",
    "Ce n'est pas tout à fait vrai ; le chauffage coûte cher l'hiver.",
    "Une première enquête, menée en 2014, comptait dix-neuf villages.",
]
needs_tesseract = pytest.mark.skipif(
    find_tesseract() is None,
    reason="Tesseract with French (tesseract-ocr, tesseract-ocr-fra) is not installed here",
)


def page_of(*, columns: int = 1, repeats: int = 1) -> bytes:
    lines = [*SENTENCES * repeats]
    if columns == 1:
        return write_pdf(column(*lines, size=12, step=18))
    half = [line[: len(line) // 2 + 4] for line in lines]
    left = column(*half, left=60, size=11, step=17)
    right = column(*[line[len(line) // 2 + 4 :].strip() for line in lines], left=330, step=17)
    return write_pdf([*left, *right])


def read(payload: bytes, **more: bool) -> Article:
    return extract_article(payload, headers={}, url="http://a.example/", record_id="<a>", **more)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def share_found(article: Article, columns: int = 1) -> float:
    wanted = words(" ".join(SENTENCES))
    if columns > 1:  # words that the columns cut are no words
        wanted = {word for word in wanted if len(word) < 5}
    return len(wanted & words(article.text)) / len(wanted)


def test_a_table_of_words_becomes_paragraphs_with_cut_words_joined_and_dirt_left_out():
    head = "level page_num block_num par_num line_num word_num left top width height conf text"
    rows = [
        (5, 1, 1, 1, 1, 1, 0, 0, 9, 9, 96.5, "Les"),
        (5, 1, 1, 1, 1, 2, 0, 0, 9, 9, 90.0, "ate-"),
        (4, 1, 1, 1, 2, 0, 0, 0, 9, 9, -1, ""),
        (5, 1, 1, 1, 2, 1, 0, 0, 9, 9, 91.0, "liers"),
        (5, 1, 1, 1, 2, 2, 0, 0, 9, 9, 4.0, "~|~"),
        (5, 1, 2, 1, 1, 1, 0, 0, 9, 9, 80.0, '"Ailleurs"'),
    ]
    table = "\n".join("\t".join(map(str, row)) for row in (head.split(), *rows))

    found = list(parse_tsv(table))

    assert [text for text, _ in found] == ["Les ateliers", '"Ailleurs"']
    assert found[0][1] == (96.5, 90.0, 91.0)


def test_a_scan_says_what_would_read_it():
    article = read(write_scan(draw(page_of(), dpi=40), dpi=40))

    assert is_scanned(article)
    assert "tesseract-ocr-fra" in open_translator("fr")(article.evidence)


@needs_tesseract
def test_a_scan_and_an_image_are_recognised_and_marked(tmp_path):
    drawn = draw(page_of(), dpi=150)
    jobs = [
        Job(payload=write_scan(drawn, dpi=150), url="http://a.example/", record_id="<scan>"),
        Job(payload=write_png(drawn[0]), url="http://a.example/", record_id="<image>"),
    ]
    found = {each.record_id: each for each in recognise(jobs, tmp_path, BUILT_IN)}

    words_of: Translator = open_translator("fr")
    for article in found.values():
        assert share_found(article) >= 0.98
        assert article.kind is PageKind.ARTICLE
        assert {each.kind for each in article.paragraphs} == {"recognised"}
        assert words_of(article.evidence).startswith("Texte reconnu (OCR)")
        assert int(article.sources["confidence"]) > 80
        assert article.extractor == FINGERPRINT
    assert found["<scan>"].paragraphs[0].page == 1
    # The second time what was recognised is found by its digest; a damaged file is made anew.
    for file in tmp_path.iterdir():
        kept = json.loads(file.read_text("utf-8"))
        kept["paragraphs"][0]["text"] = "Gardé."
        file.write_text(json.dumps(kept), "utf-8")
    (again,) = recognise(jobs[1:], tmp_path, BUILT_IN)
    assert again.paragraphs[0].text == "Gardé."
    assert again.record_id == "<image>"


@needs_tesseract
@pytest.mark.slow
@pytest.mark.parametrize(
    ("dpi", "skew", "noise", "columns"),
    [(200, 1.0, 12, 1), (300, 0.0, 20, 2)],
)
def test_words_of_skewed_noisy_scans_in_two_columns_are_found(dpi, skew, noise, columns):
    pages = draw(page_of(columns=columns), dpi=dpi, skew=skew, noise=noise)

    article = read(write_scan(pages, dpi=dpi), is_recognised=True)

    assert share_found(article, columns) >= 0.98


def test_without_tesseract_nothing_is_recognised_and_that_is_said(monkeypatch):
    monkeypatch.setenv("PATH", "")
    find_tesseract.cache_clear()
    try:
        article = read(write_scan(draw(page_of(), dpi=40), dpi=40), is_recognised=True)
        assert (find_recogniser(), article.kind) == ("", PageKind.NO_TEXT)
        assert article.evidence.key == "evidence.no-recognition"
    finally:
        find_tesseract.cache_clear()


@needs_tesseract
def test_what_tesseract_cannot_open_is_told():
    article = read(b"\x89PNG\r\n\x1a\n broken", is_recognised=True)

    assert article.evidence.key == "evidence.recognition-failed"
    assert shutil.which("tesseract")


def join(*documents: bytes) -> bytes:
    """Join PDF documents as one."""
    whole = pypdfium2.PdfDocument.new()
    for each in documents:
        whole.import_pages(pypdfium2.PdfDocument(each))
    buffer = io.BytesIO()
    whole.save(buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def mixed() -> bytes:
    """Give a PDF of four pages: text, a scan, text, nothing."""
    scan = write_scan(draw(page_of(), dpi=150), dpi=150)
    return join(page_of(repeats=2), scan, page_of(), write_pdf([]))


def test_scanned_pages_among_pages_of_text_are_told_and_empty_ones_are_not(mixed):
    article = read(mixed)

    assert (article.kind, is_scanned(article)) == (PageKind.ARTICLE, True)
    assert article.evidence == message("evidence.scanned-in-part", count=1, pages=4)
    assert {each.page for each in article.paragraphs} == {1, 3}


@needs_tesseract
def test_only_the_scanned_pages_are_recognised_and_stand_at_their_place(mixed):
    without, article = read(mixed), read(mixed, is_recognised=True)

    kinds = [(each.page, each.kind == "recognised") for each in article.paragraphs]
    assert kinds == sorted(kinds)
    assert {page for page, is_read in kinds if is_read} == {2}
    kept = [each for each in article.paragraphs if each.kind != "recognised"]
    assert kept == list(without.paragraphs)
    assert not is_scanned(article)
    assert article.evidence.key == "evidence.recognised"
    assert article.sources["ocr"].startswith("tesseract")
