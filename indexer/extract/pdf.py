"""Read the lines of a PDF, page by page: pypdfium2's only door.

PDFium is not thread-safe and is native code: call this in a process of its own
(`indexer.extract.workers`). What `layout` makes of the lines is text.
"""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from indexer.extract.article import MAX_TEXT

MAX_PAGES: Final = 1_000  # of one document; the rest is said to be unread
MAX_CHARS: Final = 200_000  # of one page: a drawing made of letters
FEW_CHARS: Final = 20  # the number that a stamp puts on a scanned page
PICTURE_PART: Final = 0.5  # of a page
MAX_PICTURES: Final = 200  # looked at on one page
GUTTER: Final = 1.5  # of the font's size: no justified line has such a blank
SPACES: Final = re.compile(r" +")
# PDFium writes U+FFFE for a hyphen at a line end, and goes on with the next line.
LINE: Final = re.compile("[^\n\ufffe]*\ufffe|[^\n]+")
PASSWORD_ERROR: Final = 4  # FPDF_ERR_PASSWORD
SECURITY_ERROR: Final = 5  # FPDF_ERR_SECURITY


class EncryptedPdfError(Exception):
    """The document asks for a password."""


class DamagedPdfError(Exception):
    """PDFium cannot open the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text as drawn; points (1/72 inch) from the page's lower left corner."""

    text: str
    left: float
    right: float
    baseline: float
    size: float  # of the font, in points


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfReading:
    """Hold the lines of a PDF and its metadata."""

    pages: tuple[tuple[Line, ...], ...] = ()  # lines in the order they were drawn
    page_count: int = 0  # of the document; more than `pages` when it was too long
    scanned: tuple[int, ...] = ()  # the numbers of pages that are a picture without text, from 1
    title: str = ""  # as the document's own description has them
    author: str = ""
    created_on: str = ""  # "2015-11-04", or ""


def read_pdf(payload: bytes) -> PdfReading:
    """Read the lines of the document's pages.

    Raises `EncryptedPdfError` when it wants a password, `DamagedPdfError` when it is no PDF that
    PDFium can open. A page that cannot be loaded is an empty page.
    """
    try:
        document = pypdfium2.PdfDocument(payload)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (PASSWORD_ERROR, SECURITY_ERROR):
            raise EncryptedPdfError(str(error)) from error
        raise DamagedPdfError(str(error)) from error
    try:
        page_count = len(document)
        described: dict[str, str] = document.get_metadata_dict()
        pages = tuple(_read_pages(document, min(page_count, MAX_PAGES)))
        return PdfReading(
            pages=pages,
            page_count=page_count,
            scanned=tuple(
                number
                for number, lines in enumerate(pages, 1)
                if sum(len(line.text) for line in lines) < FEW_CHARS
                and _is_picture(document, number - 1)
            ),
            title=described.get("Title", ""),
            author=described.get("Author", ""),
            created_on=parse_pdf_date(described.get("CreationDate", "")),
        )
    except pypdfium2.PdfiumError as error:
        raise DamagedPdfError(str(error)) from error
    finally:
        document.close()


def parse_pdf_date(text: str) -> str:
    """Parse a PDF date (ISO 32000-1 §7.9.4): "D:20151104093000+01'00'" -> "2015-11-04"."""
    digits = text.removeprefix("D:")[:8]
    if len(digits) < 8 or not digits.isdecimal() or not "1980" <= digits[:4] <= "2100":
        return ""
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"


def _read_pages(document: Any, count: int) -> Iterator[tuple[Line, ...]]:
    """Read pages until an article is full: lines take seven times what their text takes."""
    room = MAX_TEXT
    for number in range(count):
        lines = _read_page(document, number)
        yield lines
        room -= sum(len(line.text) for line in lines)
        if room < 0:
            return


def _read_page(document: Any, number: int) -> tuple[Line, ...]:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return ()
    try:
        text_page = page.get_textpage()
    except pypdfium2.PdfiumError:
        page.close()
        return ()
    try:
        count = text_page.count_chars()
        text = text_page.get_text_range() if 0 < count <= MAX_CHARS else ""
        return tuple(_split_lines(text_page, text))
    finally:
        text_page.close()
        page.close()


def _is_picture(document: Any, number: int) -> bool:
    """Say whether one picture covers half of a page, as on scans."""
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return False
    try:
        width, height = page.get_size()
        pictures = page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=3)
        for picture in islice(pictures, MAX_PICTURES):
            left, bottom, right, top = picture.get_bounds()
            if (right - left) * (top - bottom) >= PICTURE_PART * width * height:
                return True
        return False
    except pypdfium2.PdfiumError:
        return False
    finally:
        page.close()


def _split_lines(text_page: Any, text: str) -> Iterator[Line]:
    for found in LINE.finditer(text):
        raw, start = found[0], found.start()
        stripped = raw.strip()
        if stripped:
            first = start + len(raw) - len(raw.lstrip())
            last = first + len(stripped) - 1
            start_of_piece = first
            for end, next_start in _find_gutters(text_page, stripped, first):
                piece = text[start_of_piece:end]
                yield _measure(text_page, piece, start_of_piece, end - 1)
                start_of_piece = next_start
            yield _measure(text_page, text[start_of_piece : last + 1], start_of_piece, last)


def _find_gutters(text_page: Any, line: str, first: int) -> Iterator[tuple[int, int]]:
    """Find the gaps between columns in a line: (end of a piece, start of the next), text indices.

    PDFium puts on one line what stands at one height, columns included.
    """
    left, right, unused = ctypes.c_double(), ctypes.c_double(), ctypes.c_double()
    for blank in SPACES.finditer(line):
        before, after = first + blank.start() - 1, first + blank.end()
        head = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, before)
        tail = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, after)
        found = pdfium.FPDFText_GetCharBox(text_page, head, unused, right, unused, unused)
        found &= pdfium.FPDFText_GetCharBox(text_page, tail, left, unused, unused, unused)
        size = pdfium.FPDFText_GetFontSize(text_page, head)
        if found and left.value - right.value > GUTTER * size:
            yield before + 1, after


def _measure(text_page: Any, text: str, first: int, last: int) -> Line:
    head = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, first)
    tail = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, last)
    x, y, left, right = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharOrigin(text_page, head, x, y)
    unused = ctypes.c_double()
    # The last letter, or the one before a hyphen that PDFium adds and that has no box.
    for index in (tail, tail - 1):
        if pdfium.FPDFText_GetCharBox(text_page, index, left, right, unused, unused):
            break
    return Line(
        text=text,
        left=x.value,
        right=max(right.value, x.value),
        baseline=y.value,
        size=float(pdfium.FPDFText_GetFontSize(text_page, head)),
    )
