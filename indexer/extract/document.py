"""Make articles of documents that are no web pages: PDF, office files, plain text."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from pypdfium2 import PdfiumError

from indexer.extract.article import FINGERPRINT, MAX_TEXT, add_evidence, refuse, say_cut_text
from indexer.extract.authors import list_persons
from indexer.extract.blocks import tidy_line, typeset
from indexer.extract.dates import crawl_day
from indexer.extract.metadata import find_language
from indexer.extract.ocr import (
    RecognitionError,
    find_tesseract,
    recognise_image,
    recognise_pdf,
)
from indexer.extract.office import (
    DamagedOfficeError,
    NoConverterError,
    OfficeReading,
    OversizedOfficeError,
    read_doc,
    read_docx,
    read_epub,
    read_odt,
    read_pptx,
)
from indexer.extract.payload import PayloadKind, clean_text, decode_plain, sniff_payload
from indexer.extract.pdf import (
    DamagedPdfError,
    EncryptedPdfError,
    PdfReading,
    list_page_paragraphs,
    read_pdf,
)
from indexer.extract.rtf import read_rtf
from indexer.messages import NOTHING, message
from indexer.model import Article, PageKind, Paragraph

STUB_CHARS: Final = 250
MAX_LETTER_BYTES: Final = 4  # in UTF-8 and in UTF-16
# Titles that word processors and printers leave in a PDF.
EMPTY_TITLES: Final = (
    "microsoft word",
    "untitled",
    "sans titre",
    "document",
    "présentation",
    "pdf",
)
OFFICE_READERS: Final[Mapping[PayloadKind, Callable[[bytes], OfficeReading]]] = MappingProxyType(
    {
        PayloadKind.DOC: read_doc,
        PayloadKind.DOCX: read_docx,
        PayloadKind.EPUB: read_epub,
        PayloadKind.ODT: read_odt,
        PayloadKind.PPTX: read_pptx,
        PayloadKind.RTF: read_rtf,
    }
)


def read_pdf_article(payload: bytes, *, headers: Mapping[str, str], record_id: str) -> Article:
    """Give the article of a PDF, each paragraph with its page.

    `headers` are those of its response: a file that was made on the day of the crawl was made by
    the server for whoever asked, and its date tells nothing.
    """
    try:
        reading = read_pdf(payload)
    except EncryptedPdfError:
        return refuse(record_id, PageKind.UNREADABLE, message("evidence.locked"))
    except DamagedPdfError as error:
        said = message("evidence.damaged", kind="PDF", error=str(error))
        return refuse(record_id, PageKind.UNREADABLE, said)
    paragraphs = list_page_paragraphs(reading.pages)
    silent = sum(1 for page in reading.pages if not page)
    if silent * 2 > len(reading.pages) or not paragraphs:
        said = message("evidence.scanned", count=silent, pages=reading.page_count)
        return refuse(record_id, PageKind.NO_TEXT, said)
    said = NOTHING
    if reading.page_count > len(reading.pages):
        said = message("evidence.read-in-part", page=len(reading.pages), pages=reading.page_count)
    elif reading.scanned:
        count = len(reading.scanned)
        said = message("evidence.scanned-in-part", count=count, pages=reading.page_count)
    title, where = find_title(reading, paragraphs)
    author = list_persons([reading.author])
    issued = reading.created_on if reading.created_on != crawl_day(headers) else ""
    sources = {
        "title": where if title else "",
        "author": "pdf" if author else "",
        "issued": "pdf" if issued else "",
    }
    return _finish(
        Article(
            record_id=record_id,
            paragraphs=paragraphs,
            title=title,
            author=author,
            issued=issued,
            evidence=said,
            sources=sources,
            extractor="pdfium",
        )
    )


def recognise_article(payload: bytes, article: Article) -> Article:
    """Recognise what was not read of a scanned PDF or an image; the article says how sure it is.

    `article` is what was read without: of a PDF that has text too only the scanned pages are
    recognised, and stand at their place.
    """
    tesseract = find_tesseract()
    if tesseract is None:
        said = message("evidence.no-recognition")
        return article if article.paragraphs else replace(article, evidence=said)
    try:
        if sniff_payload(payload) is PayloadKind.PDF:
            wanted = read_pdf(payload).scanned if article.paragraphs else ()
            found = recognise_pdf(payload, tesseract, wanted=wanted)
        else:
            found = recognise_image(payload, tesseract)
    except (RecognitionError, PdfiumError) as error:
        said = message("evidence.recognition-failed", error=str(error))
        return replace(article, evidence=said)
    if not found.paragraphs:
        said = message("evidence.recognised-nothing", count=found.pages)
        return replace(article, evidence=said)
    both = (*article.paragraphs, *found.paragraphs)
    recognised = _finish(
        replace(
            article,
            paragraphs=tuple(sorted(both, key=lambda each: each.page or 0)),
            evidence=message("evidence.recognised", count=found.pages, percent=found.confidence),
            sources={
                **article.sources,
                "ocr": f"tesseract {tesseract.release}",
                "confidence": str(found.confidence),
            },
            extractor=article.sources.get("text", "tesseract"),
        )
    )
    if found.page_count > found.pages:
        cut = message("evidence.read-in-part", page=found.pages, pages=found.page_count)
        return add_evidence(recognised, cut)
    return recognised


def read_office_article(payload: bytes, kind: PayloadKind, *, record_id: str) -> Article:
    """Make the article of a file of an office program: EPUB, ODT, DOCX, PPTX, RTF, old Word."""
    try:
        reading = OFFICE_READERS[kind](payload)
    except NoConverterError:
        return refuse(record_id, PageKind.UNREADABLE, message("evidence.no-converter"))
    except DamagedOfficeError as error:
        is_large = isinstance(error, OversizedOfficeError)
        said = message(
            "evidence.too-large" if is_large else "evidence.damaged",
            kind=kind.upper(),
            error=error.why,
        )
        return refuse(record_id, PageKind.UNREADABLE, said)
    found = {"title": reading.title, "author": reading.author, "issued": reading.issued}
    return _finish(
        Article(
            record_id=record_id,
            paragraphs=reading.paragraphs,
            title=reading.title,
            author=list_persons(reading.author),
            issued=reading.issued,
            language=reading.language,
            evidence=reading.cut,
            comments=reading.annotations,
            sources={field: kind.value for field, value in found.items() if value},
            extractor=kind.value,
        )
    )


def read_text_article(payload: bytes, *, content_type: str, record_id: str) -> Article:
    """Give the article of a plain text; its paragraphs are what blank lines separate."""
    text, codec = decode_plain(payload[: MAX_TEXT * MAX_LETTER_BYTES], content_type=content_type)
    is_cut = len(text) > MAX_TEXT or len(payload) > MAX_TEXT * MAX_LETTER_BYTES
    text = text[:MAX_TEXT]
    blocks = (tidy_line(block) for block in clean_text(text).split("\n\n"))
    article = _finish(
        Article(
            record_id=record_id,
            paragraphs=tuple(Paragraph(text=block) for block in blocks if block),
            sources={"charset": codec},
            extractor="plain",
        )
    )
    return say_cut_text(article) if is_cut else article


def _finish(article: Article) -> Article:
    """Give the article with its language, its typography, and its kind."""
    language = find_language(article.text, declared=article.language)
    length = sum(len(paragraph.text) for paragraph in article.paragraphs)
    is_stub = length < STUB_CHARS
    sources = {field: where for field, where in article.sources.items() if where}
    return Article(
        record_id=article.record_id,
        paragraphs=typeset(article.paragraphs, language),
        title=article.title,
        author=article.author,
        issued=article.issued,
        language=language,
        kind=PageKind.STUB if is_stub else PageKind.ARTICLE,
        evidence=message("evidence.short", count=length) if is_stub else article.evidence,
        sources={**sources, "text": article.extractor},
        extractor=FINGERPRINT,
        comments=article.comments,
    )


def find_title(reading: PdfReading, paragraphs: tuple[Paragraph, ...]) -> tuple[str, str]:
    """Find a PDF's title: the declared one, else the lines in the biggest letters of page one."""
    declared = tidy_line(reading.title)
    if len(declared) > 4 and not declared.casefold().startswith(EMPTY_TITLES):
        return declared, "pdf"
    first = [line for line in reading.pages[0] if len(line.text) > 3] if reading.pages else []
    if not first:
        return next((p.text for p in paragraphs if p.kind == "heading"), ""), "text"
    biggest = max(line.size for line in first)
    drawn = [line.text for line in first if line.size > 0.95 * biggest]
    return tidy_line(" ".join(drawn[:4]))[:200], "text"
