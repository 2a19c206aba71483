"""Read a PDF: its lines, page by page (pypdfium2's only door), and the paragraphs that they make.

PDFium is not thread-safe and is native code: call this in a process of its own
(`indexer.extract.workers`).

Columns are put in reading order, running headers and footers dropped, words cut at line ends
joined, paragraphs told apart, each with the page that it starts on.
"""

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from statistics import median
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from indexer.extract.article import MAX_TEXT
from indexer.extract.blocks import tidy_line
from indexer.model import Paragraph

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
        lines = read_page(document, number)
        yield lines
        room -= sum(len(line.text) for line in lines)
        if room < 0:
            return


def read_page(document: Any, number: int) -> tuple[Line, ...]:
    """Read the lines of a page, counted from 0; none where PDFium cannot read it."""
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


Page = Sequence[Line]

MARGIN_LINES: Final = 3  # at the top and at the bottom of a page, where running heads stand
MIN_RECURRENCE: Final = 3  # pages on which a line must come back to be a running head
DIGITS: Final = re.compile(r"\d+|\b[ivxlc]{1,7}\b", re.I)
PAGE_NUMBER: Final = re.compile(
    r"^[\W_]*(?:page|p\.)?\s*(?:\d{1,4}|[ivxlc]{1,7})(?:\s*[/|]\s*\d{1,4})?[\W_]*$", re.I
)
HYPHENS: Final = "-\u2010\u00ad\ufffe"
# What French ties to a word with a hyphen: it stays when a line ends there.
CLITIC: Final = re.compile(
    r"^(?:il|elle|on|ils|elles|je|tu|nous|vous|moi|toi|ce|ci|là|même|mêmes|t|le|la|les|lui|leur|"
    r"y|en|être|vis|dire)\b",
    re.I,
)
BULLET: Final = re.compile(r"^(?:[•▪■●○◦‣–—*\uf0b7\uf0a7]|\(?\d{1,2}[.)]|[a-z]\))\s+")
SENTENCE_END: Final = re.compile(r"[.!?…:»”\"]\s*\d{0,3}$")
MIN_COLUMN_LINES: Final = 5


def list_page_paragraphs(pages: Sequence[Page]) -> tuple[Paragraph, ...]:
    """Give the paragraphs of a document, in reading order, each with its page (from 1)."""
    kept = [order_columns(page) for page in drop_running_heads(pages)]
    sizes = Counter(round(line.size) for page in kept for line in page for _ in line.text.split())
    body_size = sizes.most_common(1)[0][0] if sizes else 0
    words = Counter(word for page in kept for line in page for word in line.text.lower().split())
    paragraphs: list[Paragraph] = []
    for number, page in enumerate(kept, start=1):
        for lines in _group(page):
            text = BULLET.sub("", joined := _join(lines, words))
            is_heading = lines[0].size > 1.12 * body_size and len(joined) < 200
            kind = "heading" if is_heading else "item" if text != joined else "p"
            if tidy := tidy_line(text):
                paragraphs.append(Paragraph(text=tidy, kind=kind, page=number))
    return tuple(_mend_page_breaks(paragraphs))


def drop_running_heads(pages: Sequence[Page]) -> list[list[Line]]:
    """Give the pages without page numbers, and without what comes back at their top or bottom."""
    keys = [{(side, _key(line)) for side, line in _margins(page)} for page in pages]
    recurring = Counter(key for page_keys in keys for key in page_keys)
    kept: list[list[Line]] = []
    for page in pages:
        dropped = {
            id(line)
            for side, line in _margins(page)
            if PAGE_NUMBER.match(line.text) or recurring[side, _key(line)] >= MIN_RECURRENCE
        }
        kept.append([line for line in page if id(line) not in dropped])
    return kept


def order_columns(page: Page) -> list[Line]:
    """Give the page's lines, column by column where they were drawn across two columns."""
    gutter = _find_gutter(page)
    if gutter is None:
        return list(page)
    sides = ["both" if line.left < gutter < line.right
             else "left" if line.right <= gutter else "right" for line in page]  # fmt: skip
    crossings = sum(1 for a, b in pairwise(sides) if (a, b) == ("right", "left"))
    if crossings < 2:  # drawn in order: what stands between columns is then in its place too
        return list(page)
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    by_height = sorted(zip(page, sides, strict=True), key=lambda pair: -pair[0].baseline)
    for line, side in by_height:
        if side == "both":
            ordered += [*left, *right, line]
            left, right = [], []
        else:
            (left if side == "left" else right).append(line)
    return [*ordered, *left, *right]


def _find_gutter(page: Page) -> float | None:
    """Give the middle of the white between two columns; None when there is one column."""
    wide = [line for line in page if line.right > line.left]
    if len(wide) < 2 * MIN_COLUMN_LINES:
        return None
    start, end = min(line.left for line in wide), max(line.right for line in wide)
    lefts = Counter(round(line.left) for line in wide if line.left > start + 0.35 * (end - start))
    for left, count in lefts.most_common(3):
        gutter = left - 3.0
        before = sum(1 for line in wide if line.right <= gutter)
        across = sum(1 for line in wide if line.left < gutter < line.right)
        if count >= MIN_COLUMN_LINES and before >= MIN_COLUMN_LINES and across < 0.3 * len(wide):
            return gutter
    return None


def _margins(page: Page) -> Iterator[tuple[str, Line]]:
    by_height = sorted(page, key=lambda line: -line.baseline)
    yield from (("top", line) for line in by_height[:MARGIN_LINES])
    yield from (("bottom", line) for line in by_height[-MARGIN_LINES:])


def _key(line: Line) -> str:
    return DIGITS.sub("#", line.text).casefold()


def _group(page: Page) -> Iterator[list[Line]]:
    """Lines that make one paragraph."""
    if not page:
        return
    gaps = [above.baseline - below.baseline for above, below in pairwise(page)]
    usual = median([gap for gap in gaps if 1 < gap < 4 * page[0].size] or [page[0].size * 1.2])
    right = max(line.right for line in page)
    group = [page[0]]
    for (before, line), gap in zip(pairwise(page), gaps, strict=True):
        ends = SENTENCE_END.search(before.text) is not None
        is_indented = line.left > group[0].left + 6 and line.left > before.left + 6
        is_short = before.right < right - 0.2 * (right - before.left)
        is_new = (
            abs(line.size - before.size) > 0.12 * max(before.size, 1.0)
            or gap > 1.35 * usual
            or BULLET.match(line.text) is not None
            or (ends and (gap < -2 * usual or is_indented or is_short))
        )
        if is_new:
            yield group
            group = []
        group.append(line)
    yield group


def _join(lines: Sequence[Line], words: Counter[str]) -> str:
    text = lines[0].text
    for line in lines[1:]:
        text = join_lines(text, line.text, words)
    return text.replace("\ufffe", "").replace("\u00ad", "")


def join_lines(text: str, after: str, words: Counter[str]) -> str:
    """Two lines in one; `words` (of the document) decide whether a cut word has a hyphen."""
    if "://" in text.rsplit(" ", 1)[-1] and text[-1:] in tuple(HYPHENS):
        return text.rstrip(HYPHENS) + after
    if text[-1:] not in tuple(HYPHENS) or not after[:1].isalpha() or not text[-2:-1].isalpha():
        return f"{text} {after}"
    stem = text.rstrip(HYPHENS)
    start = stem.split()[-1].lower() if stem.split() else ""
    end = after.split()[0].lower()
    is_hard = text[-1] in "-\u2010\ufffe"  # PDFium marks any hyphen at a line end U+FFFE
    is_tied = words[f"{start}-{end}"] or after[0].isupper() or CLITIC.match(after)
    return f"{stem}-{after}" if is_hard and is_tied and not words[start + end] else stem + after


def _mend_page_breaks(paragraphs: Sequence[Paragraph]) -> Iterator[Paragraph]:
    """Join a sentence that a page break cut in two; it keeps the page that it starts on."""
    pending: Paragraph | None = None
    for paragraph in paragraphs:
        if (
            pending is not None
            and pending.page != paragraph.page
            and pending.kind == paragraph.kind == "p"
            and paragraph.text[:1].islower()
            and not SENTENCE_END.search(pending.text)
        ):
            text = join_lines(pending.text, paragraph.text, Counter())
            pending = Paragraph(text=text, kind="p", page=pending.page)
            continue
        if pending is not None:
            yield pending
        pending = paragraph
    if pending is not None:
        yield pending
