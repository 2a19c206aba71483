"""Make paragraphs of the lines of a paged document.

Columns are put in reading order, running headers and footers dropped, words cut at line ends
joined, paragraphs told apart, each with the page that it starts on.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from indexer.extract.blocks import tidy_line
from indexer.extract.pdf import Line
from indexer.model import Paragraph

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
