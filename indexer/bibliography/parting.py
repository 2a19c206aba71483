"""Part blocks that hold more than one thing: a reference and its note, several references, a row.

People put the note on the line under its reference, or one reference a line without a bullet;
an editor that wraps at 72 columns breaks both in the middle. What each line looks like on its
own, and where the line before it ends, tells the cases apart. Labels ("Résumé :", "Mots-clés :")
and the heads of a table's columns say it themselves.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, takewhile
from typing import Final

from indexer.bibliography.blocks import Block, Shape, Told
from indexer.bibliography.lines import LineReading, weigh_reference
from indexer.bibliography.lines.dates import fold
from indexer.bibliography.lines.markup import has_address, parse_markup, plain
from indexer.bibliography.lines.reading import THRESHOLD, is_address_only, is_ibid

_NOTE: Final = (
    r"résumé|commentaires?|annotation|note(?: de lecture)?|notre avis|avis|présentation|synthèse|"
    r"intérêt|apport|"
    r"extraits?|à retenir|remarques?|description|abstract|summary|comment|annotation|"
    r"compte[- ]rendu|contenu|lecture"
)
_KEYWORDS: Final = r"mots[- ‑]clé(?:s|f|fs)?|keywords?|thèmes?|tags?|descripteurs?|thématiques?"
_OPEN_TAG: Final = r"(?:<(?:strong|em)>|\*\*|__|\*|_)?"
_CLOSE_TAG: Final = r"(?:</(?:strong|em)>|\*\*|__|\*|_)?"
_LABEL: Final = re.compile(
    rf"\s*{_OPEN_TAG}\s*\[?(?:(?P<note>{_NOTE})|"
    rf"(?P<keywords>{_KEYWORDS}))\]?\s*{_CLOSE_TAG}\s*:\s*{_CLOSE_TAG}[ \t\u00a0]*",
    re.IGNORECASE,
)
_CAPITAL_NOTE: Final = re.sub(r"(?:^|(?<=\|))\w", lambda letter: letter[0].upper(), _NOTE)
_CAPITAL_KEYWORDS: Final = re.sub(r"(?:^|(?<=\|))\w", lambda letter: letter[0].upper(), _KEYWORDS)
_INSIDE: Final = re.compile(
    rf"(?<=[.)»”\"!?\]\d/>])\s*(?:[–—-]\s*)?(?={_OPEN_TAG}(?:{_CAPITAL_NOTE}|"
    rf"{_CAPITAL_KEYWORDS})\s*{_CLOSE_TAG}\s*:\s)"
)


def read_label(text: str) -> tuple[Told, str]:
    """Read what the label at the start of a text says it is; give the text without it."""
    found = _LABEL.match(text)
    if found is None:
        return Told.NOTHING, text
    told = Told.NOTE if found["note"] else Told.KEYWORDS
    return told, text[found.end() :]


def split_at_labels(text: str) -> list[str]:
    """Split a text before each label that stands at a line's start or after a sentence."""
    parts: list[str] = []
    start = 0
    for found in _INSIDE.finditer(text):
        parts.append(text[start : found.start()])
        start = found.end()
    parts.append(text[start:])
    cut: list[str] = []
    for part in parts:
        held: list[str] = []
        for line in part.split("\n"):
            if held and read_label(line)[0]:
                cut.append("\n".join(held))
                held = []
            held.append(line)
        cut.append("\n".join(held))
    return [part for part in cut if part.strip()]


_COLUMNS: Final = tuple(
    (column, re.compile(pattern))
    for column, pattern in (
        (
            "note",
            r"comment|annot|\bnotes?\b|resume|remarque|avis|abstract|description|interet|apport|"
            r"contenu|synthese",
        ),
        ("keywords", r"mots?.?cle|keyword|themes?\b|tags?\b"),
        ("reference", r"reference|\bref\b|citation|notice"),
        ("author", r"auteur|autrice|author|\bqui\b"),
        ("title", r"titre|title|texte|article|ouvrage|document"),
        ("container", r"revue|journal|source|site|media|publication|editeur|support"),
        ("date", r"date|annee|year|parution"),
        ("url", r"url|lien|adresse|link"),
    )
)
_MAY_CITE: Final = re.compile(r"[«“\"*_]|<em>|\b(?:1[5-9]|20)\d\d\b")
_MIN_SAID_WORDS: Final = 4  # of a cell under a head that we do not know: a comment, no code
_FIELDS: Final = ("author", "title", "container", "date", "url")


def expand_rows(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block that is no row as it is, and each row as its reference and its notes."""
    columns: list[str] = []
    for place, block in enumerate(blocks):
        if block.shape is not Shape.ROW:
            columns = []
            yield block
            continue
        names = [_column(cell) for cell in block.cells]
        is_header = block.is_header or (not columns and sum(map(bool, names)) >= 2)
        if is_header and any(names):
            columns = names
            heads = [cell for cell, name in zip(block.cells, names, strict=True) if not name]
            yield from _leave_cells(block, heads)
            continue
        if block.is_header and not _cites(block):
            rows = takewhile(lambda row: row.shape is Shape.ROW, islice(blocks, place + 1, None))
            if any(map(_cites, rows)):
                yield from _leave_cells(block, block.cells)  # the head of no field that we know
                continue
        yield from _expand(block, columns)


def _cites(row: Block) -> bool:
    """Say whether a row may cite something: an address, a title, a year."""
    return any(has_address(cell) or _MAY_CITE.search(cell) for cell in row.cells)


def _expand(block: Block, columns: Sequence[str]) -> Iterator[Block]:
    cells = dict(zip(columns, block.cells, strict=False)) if columns else {}
    base = replace(block, shape=Shape.PARAGRAPH, cells=())
    raw = cells.get("reference", "").strip() or _compose(cells)
    said = [cell for cell in block.cells if cell.strip()]
    if not raw and not _cites(block):
        yield replace(base, raw=" ; ".join(said), told=Told.NOTE)  # a row of data is one note
        return
    addressed = [cell for cell in said if has_address(cell)]
    if not raw and len(addressed) != 1:
        yield from (replace(base, raw=cell) for cell in said)
        return
    if raw:
        yield replace(base, raw=raw, told=Told.REFERENCE)
        is_composed = not cells.get("reference", "").strip()
        used = {
            cells[name] for name in (_FIELDS if is_composed else ("reference",)) if name in cells
        }
    else:  # one cell leads somewhere: the others are on it
        yield replace(base, raw=addressed[0])
        used = set(addressed)
    left: list[str] = []
    for index, cell in enumerate(block.cells):
        column = columns[index] if index < len(columns) else ""
        if not cell.strip() or cell in used:
            continue
        if column == "keywords":
            yield replace(base, raw=cell, told=Told.KEYWORDS)
        elif column == "note" or len(cell.split()) >= _MIN_SAID_WORDS or has_address(cell):
            yield replace(base, raw=cell, told=Told.NOTE)
        else:
            left.append(cell)
    yield from _leave_cells(block, left)


def _leave_cells(block: Block, cells: Sequence[str]) -> Iterator[Block]:
    """Leave the cells of a row that no column tells what they are; `check` tells them."""
    words = " ; ".join(plain(parse_markup(cell).text) for cell in cells)
    if words.strip():
        yield replace(block, shape=Shape.PARAGRAPH, cells=(), raw=words, source="", told=Told.LEFT)


def _compose(cells: dict[str, str]) -> str:
    """Make a reference line of a row's fields."""
    title = cells.get("title", "").strip()
    if not title:
        return ""
    has_quotes = re.search(r"[«“\"]", title) is not None
    parts = {**cells, "title": title if has_quotes else f"« {title} »"}
    return ", ".join(parts[name].strip() for name in _FIELDS if parts.get(name, "").strip())


def _column(cell: str) -> str:
    words = fold(plain(parse_markup(cell).text))
    if len(words) > 40:
        return ""
    return next((column for column, rule in _COLUMNS if rule.search(words)), "")


_CLOSED: Final = re.compile(r"[.:)»”\"\]/?!>\d]\s*(?:</?\w+>|\*|_)*\s*$|https?://\S+$")
MAX_TITLE_WORDS: Final = 15
MAX_LINES: Final = 8  # of a reference, wrapped however narrowly
_OPEN: Final = re.compile(  # words, not the "/in" that ends an address
    r"(?:[,;(–—-]|(?:^|(?<=\s))(?:de|du|des|la|le|les|et|in|dans|sur|par|the|of|and))\s*$"
)
_OPENING: Final = re.compile(r"\s*(?:[-*•]\s+)?(?:[«“\"]|\[[^\]]+\]\(|<a\s|<li\b)")
_ENDS: Final = re.compile(r"[.)\d]\s*$|https?://\S+$")  # of a whole reference
_WORD: Final = re.compile(r"[^\W\d_]{2,}")


def part_blocks(blocks: Sequence[Block]) -> list[Block]:
    """Part the blocks of a page so that each holds one thing; rows of tables become cells."""
    parted: list[Block] = []
    for block in expand_rows(blocks):
        is_text = block.shape in (Shape.PARAGRAPH, Shape.ITEM) and not block.is_code
        if not is_text or block.told in (Told.REFERENCE, Told.LEFT):
            parted.append(block)
            continue
        for piece in _part_labels(block):
            parted += _part_lines(piece) if "\n" in piece.raw and not piece.told else [piece]
    return parted


def _part_labels(block: Block) -> Iterator[Block]:
    line = block.line
    for index, part in enumerate(split_at_labels(block.raw)):
        told, words = read_label(part)
        if told and words.strip():
            yield replace(block, raw=words, told=told, line=line, shape=Shape.PARAGRAPH)
        elif block.told or not told:
            yield _piece(block, part, line, is_first=index == 0)
        line = min(block.end, line + part.count("\n") + (1 if "\n" in block.raw else 0))


def _part_lines(block: Block) -> Iterator[Block]:
    lines = block.raw.split("\n")
    starts = [0]
    for index in range(1, len(lines)):
        held = lines[starts[-1] : index]
        if _starts_anew(held, lines[index], is_listed=block.shape is Shape.ITEM):
            starts.append(index)
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield _piece(block, "\n".join(lines[start:end]), block.line + start, is_first=start == 0)


def _starts_anew(held: Sequence[str], line: str, *, is_listed: bool) -> bool:
    """Say whether a line starts something else than the lines held go on with."""
    if _OPEN.search(held[-1]) or not (_WORD.search(line) or "/" in line):
        return False
    # A reference is short: a long paragraph is a note, whatever its lines look like together.
    is_prose = len(held) > MAX_LINES
    held_weight, before = (
        (0.0, None) if is_prose else weigh_reference("\n".join(held), is_listed=is_listed)
    )
    if is_address_only(line):
        is_title = len(held) == 1 and _may_be_title(held[0])
        return held_weight < THRESHOLD and not is_title
    line_weight, reading = weigh_reference(line)
    if before and (held_weight >= THRESHOLD or is_ibid(held[-1])):
        if is_ibid(line):
            return True
        is_whole = _ends(held[-1], before) and _is_dated(before) and _is_dated(reading)
        if line_weight >= THRESHOLD and (is_whole or _opens_reference(line, reading)):
            return True
    words = line.lstrip('*_«“"<')
    if not _CLOSED.search(held[-1]) or words[:1].islower():
        return False
    if line_weight >= THRESHOLD + 1:
        return True
    return held_weight >= THRESHOLD > line_weight and len(_WORD.findall(line)) >= 3


def _may_be_title(line: str) -> bool:
    """Say whether a line of a list is short and no sentence, so that an address may be its own."""
    words = line.split()
    return 0 < len(words) <= MAX_TITLE_WORDS and line[-1] not in ".!?:" and not has_address(line)


def _ends(last: str, reading: LineReading) -> bool:
    """Say whether the last line held may end a reference: a full stop, a date, its address."""
    address = reading.reference.url or ""
    return bool(_ENDS.search(last)) or address.endswith(last.strip(" <>()"))


def _is_dated(reading: LineReading) -> bool:
    """Say whether a line says when its text came out, or where it is: it could stand alone."""
    one = reading.reference
    return bool(one.title) and bool(one.issued or one.url)


def _opens_reference(line: str, reading: LineReading) -> bool:
    """Say whether a line begins as references do: with a name, a quotation or a link."""
    one = reading.reference
    is_signed = max(one.confidence.get("author", 0), one.confidence.get("editor", 0)) >= 0.8
    return is_signed or bool(_OPENING.match(line))


def _piece(block: Block, raw: str, line: int, *, is_first: bool) -> Block:
    end = min(block.end, line + raw.count("\n"))
    if is_first:
        source = block.source if raw == block.raw else ""
        return replace(block, raw=raw, source=source, line=line, end=max(end, line))
    return replace(
        block,
        raw=raw,
        source="",
        line=line,
        end=max(end, line),
        shape=Shape.PARAGRAPH,
        marker="",
        gap=0,
        depth=block.depth + 1,  # inside the item that it was a part of
    )
