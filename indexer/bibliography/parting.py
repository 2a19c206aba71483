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
from indexer.bibliography.lines.dates import find_dates, fold
from indexer.bibliography.lines.identifiers import is_generic_link
from indexer.bibliography.lines.law import find_legal_text
from indexer.bibliography.lines.markup import ADDRESS, has_address, parse_markup, plain
from indexer.bibliography.lines.persons import is_body, parse_byline
from indexer.bibliography.lines.reading import (
    THRESHOLD,
    LineReading,
    is_address_only,
    is_ibid,
    is_said,
    parse_reference,
    weigh_reference,
)
from indexer.bibliography.lines.title import is_signed
from indexer.bibliography.lines.vocabulary import find_column, find_field

_NOTE: Final = (
    r"résumé|commentaires?|annotation|note(?: de lecture)?|notre avis|avis|présentation|synthèse|"
    r"intérêt|apport|"
    r"extraits?|à retenir|remarques?|description|abstract|summary|comment|annotation|"
    r"compte[- ]rendu|contenu|lecture"
)
_KEYWORDS: Final = r"mots[- ‑]clé(?:s|f|fs)?|keywords?|thèmes?|tags?|descripteurs?|thématiques?"
_OPEN_TAG: Final = r"(?:<(?:strong|em)>|\*\*|__|\*|_)?"
_CLOSE_TAG: Final = r"(?:</(?:strong|em)>|\*\*|__|\*|_)?"
# A picture before the name of a field.
_PICTURE: Final = r"(?:[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff][\ufe0f\u200d]*\s*)*"
_LABEL: Final = re.compile(
    rf"\s*{_PICTURE}{_OPEN_TAG}\s*\[?(?:(?P<note>{_NOTE})|"
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
            columns = _settle_names(names, list(_rows(blocks, place)))
            heads = [cell for cell, name in zip(block.cells, columns, strict=True) if not name]
            yield from _leave_cells(block, heads)
            continue
        if block.is_header and not _cites(block) and any(map(_cites, _rows(blocks, place))):
            yield from _leave_cells(block, block.cells)  # the head of no field that we know
            continue
        yield from _expand(block, columns)


def _rows(blocks: Sequence[Block], head: int) -> Iterator[Block]:
    """Give the rows under the head of a table."""
    return takewhile(lambda block: block.shape is Shape.ROW, islice(blocks, head + 1, None))


def _settle_names(names: Sequence[str], rows: Sequence[Block]) -> list[str]:
    """Say what a column "Nom" holds: who wrote what a column of titles names, or the titles.

    It is no field where no row leads anywhere: its head is told then.
    """
    if not {"title", "reference", "name"} & set(names) and {"container", "url"} <= set(names):
        return ["title" if name == "container" else name for name in names]  # "Site | Adresse"
    if "title" in names:
        settled = "" if "author" in names else "author"
    else:
        settled = "name" if any(has_address(cell) for row in rows for cell in row.cells) else ""
    return [settled if name == "name" else name for name in names]


def _cites(row: Block) -> bool:
    """Say whether a row may cite something: an address, a title, a year."""
    return any(has_address(cell) or _MAY_CITE.search(cell) for cell in row.cells)


def _expand(block: Block, columns: Sequence[str]) -> Iterator[Block]:
    cells = dict(zip(columns, block.cells, strict=False)) if columns else {}
    if "title" not in cells and any(map(has_address, block.cells)):
        cells["title"] = cells.get("name", "")  # of persons and commands too, where nothing leads
    if not any(True for _ in find_dates(cells.get("date", ""))):
        cells.pop("date", None)  # "4 mai": no year, so no date; it is told
    base = replace(block, shape=Shape.PARAGRAPH, cells=())
    if "title" in cells and "reference" in cells:  # the number of a norm, beside its title
        cells["author"] = ", ".join(filter(None, (cells.pop("reference"), cells.get("author"))))
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
        used = set(cells["author"].split(", ")) if is_composed and "author" in cells else set()
        used |= {
            cells[name] for name in (_FIELDS if is_composed else ("reference",)) if name in cells
        }
    else:  # one cell leads somewhere: the others are on it
        yield replace(base, raw=addressed[0])
        used, is_composed = set(addressed), False
    names = [*columns, *([""] * len(block.cells))]
    pairs = list(zip(names, block.cells, strict=False))
    others = [(name, cell) for name, cell in pairs if cell not in used]
    if is_composed:  # what the link of a reference is called
        others += [("", _say_label(cell)) for name, cell in pairs if name == "url"]
    yield from _read_cells(block, others)


def _read_cells(block: Block, cells: Sequence[tuple[str, str]]) -> Iterator[Block]:
    """Read the cells of a row that are no part of its reference, each with its column's name."""
    base = replace(block, shape=Shape.PARAGRAPH, cells=())
    left: list[str] = []
    for column, cell in cells:
        if not cell.strip():
            continue
        if column == "keywords":
            yield replace(base, raw=cell, told=Told.KEYWORDS)
        elif column == "note" or len(cell.split()) >= _MIN_SAID_WORDS or has_address(cell):
            yield replace(base, raw=cell, told=Told.NOTE)
        else:
            left.append(cell)
    yield from _leave_cells(block, left)


def _say_label(cell: str) -> str:
    """Give the words of the links in a cell that holds an address; "" where they only point."""
    words = plain(parse_markup(cell).text.replace(ADDRESS, " "))
    return "" if is_generic_link(words) or len(words.split()) == 1 else words


def _leave_cells(block: Block, cells: Sequence[str]) -> Iterator[Block]:
    """Leave the cells of a row that no column tells what they are; `check` tells them."""
    words = " ; ".join(plain(parse_markup(cell).text) for cell in cells)
    if words.strip():
        yield replace(block, shape=Shape.PARAGRAPH, cells=(), raw=words, source="", told=Told.LEFT)


def _compose(cells: dict[str, str]) -> str:
    """Make a reference line of a row's fields."""
    title = cells.get("title", "").strip()
    if not title or is_address_only(title):
        return ""
    is_marked = re.match(r"\W*[«“\"]", title) is not None or has_address(title)
    quoted = f"“{title}”" if "«" in title else f"« {title} »"
    parts = {**cells, "title": title if is_marked else quoted}
    if has_address(parts.get("url", "")):  # the words of its link are no container
        hrefs = [one.href for one in parse_markup(parts["url"]).addresses]
        parts["url"] = " ".join(f"<{href}>" for href in hrefs)
    if re.fullmatch(r"[^\d,;*_<>\[\]«»]+", parts.get("container", "").strip()):
        parts["container"] = f"*{parts['container'].strip()}*"  # and nobody who signs
    return ", ".join(parts[name].strip() for name in _FIELDS if parts.get(name, "").strip())


def _column(cell: str) -> str:
    words = fold(plain(parse_markup(cell).text))
    if len(words) > 40:
        return ""
    return find_column(words)


_CLOSED: Final = re.compile(r"[.:)»”\"\]/?!>\d]\s*(?:</?\w+>|\*|_)*\s*$|https?://\S+$")
MAX_TITLE_WORDS: Final = 15
MAX_NAME_WORDS: Final = 8
MAX_LINES: Final = 8  # of a reference, wrapped however narrowly
_OPEN: Final = re.compile(  # words, not the "/in" that ends an address
    r"(?:[,;(–—-]|(?:^|(?<=\s))(?:de|du|des|la|le|les|et|in|dans|sur|par|the|of|and))\s*$"
)
_OPENING: Final = re.compile(
    r"\s*(?:[-*•]\s+)?(?:[«“\"]|\[[^\]]+\]\(|<a\s|<li\b|\*\*[^*]+\*\*\s*[,(–—])"
)
_ARROW: Final = re.compile(r"\s*(?:→|⇒|=>|->)\s*(?=\w)")
_PICTURED: Final = re.compile(r"\s*[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
_ENDS: Final = re.compile(r"(?:[.)\d]|\d\s?min)\s*$|https?://\S+$")  # of a whole reference
_WORD: Final = re.compile(r"[^\W\d_]{2,}")


_FIELD_LINE: Final = re.compile(
    rf"\s*{_PICTURE}{_OPEN_TAG}\s*(?P<name>[^\W\d_][\w’'() -]{{1,24}}?)\s*{_CLOSE_TAG}\s*:\s*"
    rf"{_CLOSE_TAG}\s*(?P<value>\S.*)"
)
# "*Paru dans* La Revue des tables, n° 2": marked off, and no colon.
_MARKED_FIELD: Final = re.compile(
    r"\s*(?:\*{1,2}|_{1,2}|<(?:em|strong|i|b)>)(?P<name>Paru dans|Publié (?:dans|par|chez|le)|Par|"
    r"Écrit par|Parution|Source)(?:\*{1,2}|_{1,2}|</(?:em|strong|i|b)>)\s+(?P<value>\S.*)"
)
_PROPERTY: Final = re.compile(r"\s*[\w-]+:: \S")
_TAGS: Final = re.compile(r"(?:\s+#[\w/-]+)+$")
_ONE_LINK: Final = re.compile(r"\[[^\[\]]+\]\([^()]+\)|<a\s[^>]*>[^<]*</a>")
_OF_REFERENCES: Final = re.compile(r"[,;«»“”\"*_]|\.\s|\b(?:1[5-9]|20)\d\d\b")


def compose_cards(blocks: Sequence[Block]) -> Iterator[Block]:
    """Make one reference of the fields that stand, a line each, under the title of a text.

    The title is a heading, or the line above them: "auteur : …", "année : …", "lien : …".
    """
    place = 0
    while place < len(blocks):
        block = blocks[place]
        lines = block.raw.split("\n")
        is_text = block.shape in (Shape.PARAGRAPH, Shape.ITEM) and not block.told
        if card := _read_card(blocks, place):
            made, place = card
            yield from made
            continue
        if is_text and not block.is_code and _NOTICE.fullmatch(lines[0]) and len(lines) > 1:
            yield replace(block, raw=lines[0], end=block.line, told=Told.LEFT)
            lines = lines[1:]
            block = replace(block, raw="\n".join(lines), line=block.line + 1)
            blocks = [*blocks[:place], block, *blocks[place + 1 :]]
        if is_text and not block.is_code and "title" in _take_fields(lines[:1])[0]:
            fields, end, rest = _read_fields(blocks, place)
            if "url" in fields or "author" in fields:
                yield from _compose_card(blocks[place:end], fields, rest)
                place = end
                continue
        if is_text and len(lines) > 1 and not block.is_code and _may_be_titled(lines[0]):
            fields, rest = _take_fields(lines[1:])
            # Two titles or two addresses are not of one card: neither may hide the other.
            is_linked = has_address(lines[0])
            is_other = "title" in fields or (is_linked and "url" in fields)
            is_card = is_linked or ("url" in fields and len(fields) > 1)
            if fields and is_card and not is_other:
                yield from _compose_card([block], {"title": lines[0], **fields}, rest)
                place += 1
                continue
        if is_text and len(lines) > 1 and not block.is_code and _is_titled(*lines[:2]):
            fields = {"title": lines[0], "container": lines[1].rstrip(" .")}
            yield from _compose_card([block], fields, lines[2:])
            place += 1
            continue
        is_long = is_text and len(lines) > 2 and not block.is_code
        if is_long and (stacked := _read_pasted(lines) or _read_stacked(lines)):
            yield from _compose_card([block], *stacked)
            place += 1
            continue
        yield block
        place += 1


# "NOTICE 1", over the fields of a record of a catalogue.
_NOTICE: Final = re.compile(r"\W*(?:notice|fiche|réf(?:érence)?|document)\s*n?°?\s*\d+\W*", re.I)


def _read_card(blocks: Sequence[Block], place: int) -> tuple[list[Block], int] | None:
    """Read a heading, or the title of a callout, with the fields under it; None where none are."""
    if blocks[place].shape is Shape.HEADING:
        return _read_heading(blocks, place)
    return _read_callout(blocks, place) if blocks[place].is_quote else None


def _read_callout(blocks: Sequence[Block], place: int) -> tuple[list[Block], int] | None:
    """Read the title of a callout of Obsidian with the fields under it, as `_read_heading` does."""
    title = blocks[place].raw
    if "\n" in title or not _may_be_titled(title):
        return None
    fields, end, rest = _read_fields(blocks, place + 1)
    if "author" not in fields or len(fields) < 2 or not blocks[place + 1].is_quote:
        return None
    return list(_compose_card(blocks[place:end], {"title": title, **fields}, rest)), end


def _read_heading(blocks: Sequence[Block], place: int) -> tuple[list[Block], int] | None:
    """Read a heading that is a reference, or the title of the fields under it.

    Gives the blocks that they make, and where those that they were made of end; None where the
    heading is one, and no more. Signed, it is a reference of its own: the address under it is its.
    """
    heading = blocks[place]
    if is_signed(heading.raw):
        return None
    if is_reference_heading(heading):
        fields, end, rest = _read_fields(blocks, place + 1)
        card = {"reference": heading.raw, **fields}
        return list(_compose_card(blocks[place:end], card, rest)), end
    if place + 1 == len(blocks):
        return None
    fields, end, rest = _read_under(heading, blocks, place + 1)
    is_card = "url" in fields or ("author" in fields and len(fields) >= 2)
    # "PDF https://…" names nothing that an address below could be of.
    if not is_card or not _compose({"title": heading.raw, **fields}):
        return None
    # A linked heading is the reference itself: it would be cited twice.
    is_own = "url" not in fields and has_address(heading.raw)
    held = blocks[place if is_own else place + 1 : end]
    made = _compose_card(held, {"title": heading.raw, **fields}, rest)
    return [*([] if is_own else [heading]), *made], end


def is_reference_heading(block: Block) -> bool:
    """Say whether a heading is a reference: it says who signs, and marks a title."""
    if has_address(block.raw) or not _MAY_CITE.search(block.raw):
        return False
    weight, reading = weigh_reference(block.raw)
    one = reading.reference
    sureness = max(one.confidence.get("author", 0), one.confidence.get("editor", 0))
    is_signed = sureness >= (SURE_DATED if one.issued else SURE_NAME)
    is_marked = reading.title_sign in ("quotes", "italics") and one.type != "interview"
    return weight >= THRESHOLD and is_signed and is_marked


def _read_under(
    heading: Block, blocks: Sequence[Block], place: int
) -> tuple[dict[str, str], int, list[str]]:
    """Read the fields of the text that a heading names: lines of fields, who signs, the address.

    Gives them, where their blocks end, and the lines left of the last one.
    """
    fields, end, rest = _read_fields(blocks, place)
    if not fields and has_address(heading.raw):
        fields, end = _read_signature(blocks, place)
    if not fields and _names_address(heading, blocks[place:]):
        address, *rest = blocks[place].raw.split("\n")
        return {"url": address}, place + 1, rest
    return fields, end, rest


def _read_signature(blocks: Sequence[Block], place: int) -> tuple[dict[str, str], int]:
    """Read a line under a linked title that is who signs, a review, a date; and where it ends."""
    words = plain(parse_markup(blocks[place].raw).text)
    byline = parse_byline(words)
    rest = words[byline.end :].strip(" ,.()")
    dates = list(find_dates(rest))
    is_line = blocks[place].shape is Shape.PARAGRAPH and not blocks[place].told
    is_line = is_line and not has_address(blocks[place].raw)
    if not (is_line and len(dates) == 1 and rest.endswith(rest[dates[0].start :])):
        return {}, place
    held = rest[: dates[0].start].strip(" ,.()")
    # "La Gazette du Cher, 5 janvier 2018": nobody signs, and a day says that this is a review's.
    if not byline.names and not (dates[0].precision and held[:1].isupper()):
        return {}, place
    if dates[0].end != len(rest) or len(held.split()) > MAX_NAME_WORDS or "." in held:
        return {}, place
    names = words[: byline.end].strip(" ,")
    return {"author": names, "container": held, "date": rest[dates[0].start :]}, place + 1


_OF_SECTIONS: Final = re.compile(  # what a section is called, and no text
    r"\b(?:sources?|liens?|sites?|webographie|sitographie|references?|bibliographie|contacts?|"
    r"voir aussi|ressources?|en ligne|outils?|documents?|adresses?|links?)\b"
)


# "9 octobre", "lundi 9 octobre 2017": when somebody wrote, over what was read then.
_DAY: Final = re.compile(
    r"(?:\w+di )?(?:1er|\d{1,2}) (?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|"
    r"octobre|novembre|decembre)(?: \d{4})?"
)


def _names_address(heading: Block, following: Sequence[Block]) -> bool:
    """Say whether a heading is the title of the one address of its section, alone on a line."""
    title = fold(plain(parse_markup(heading.raw).text))
    is_named = len(title.split()) >= 2 and not _DAY.fullmatch(title)
    if not is_named or has_address(heading.raw) or _OF_SECTIONS.search(title):
        return False
    first = following[0]
    address, *rest = first.raw.split("\n")
    others = takewhile(lambda one: one.shape is not Shape.HEADING, following[1:])
    return (
        first.shape is Shape.PARAGRAPH
        and not (first.told or first.is_code)
        and is_address_only(address)
        and len(parse_markup(address).addresses) == 1
        and not any(map(has_address, rest))
        and not any(has_address(one.raw) for one in others)
    )


# What is copied with an article of the press: its day, who signs.
_PUBLISHED: Final = re.compile(
    r"(?:publiée?|mise? en ligne|posted|published)\s(?:le |on )?(?P<on>.+)", re.I
)
_SIGNED: Final = re.compile(r"(?:par|by)\s(?P<who>[A-ZÀ-Ý].+)", re.I)


def _read_pasted(lines: Sequence[str]) -> tuple[dict[str, str], list[str]] | None:
    """Read a title, its address, "Publié le …" and "Par …" behind, as the press is pasted.

    Gives the fields and the lines behind; None where these lines are something else.
    """
    title, _, site = lines[0].partition(" | ")
    if not is_address_only(lines[1]) or has_address(title) or not title.strip():
        return None
    fields = {"title": title.strip(), "container": site.strip(), "url": lines[1].strip()}
    rest = list(lines[2:])
    while rest:
        on, who = _PUBLISHED.fullmatch(rest[0].strip()), _SIGNED.fullmatch(rest[0].strip())
        found = next(iter(sorted(find_dates(rest[0]), key=lambda one: one.start)), None)
        if on and found and "date" not in fields:
            fields["date"] = rest[0][found.start : found.end]
        elif who and "author" not in fields and parse_byline(who["who"]).end == len(who["who"]):
            fields["author"] = who["who"]
        else:
            break
        del rest[0]
    return (fields, rest) if "date" in fields or "author" in fields else None


def _is_stacked(lines: Sequence[str]) -> bool:
    """Say whether lines are a title, who, where and when, and an address, the last two either way.

    The second has a day or a month beside its names: a title in two lines has none.
    """
    title, *others = lines[:3]
    if _ONE_LINK.fullmatch(title.strip()):
        return not has_address(others[0]) and _says_when(others[0])
    if len(others) < 2:
        return False
    said, address = others if has_address(others[1]) else reversed(others)
    is_title = _may_be_titled(title) and len(title.split()) >= 2 and not has_address(title)
    if not is_title or title[-1:] in ".:;" or has_address(said) or not is_address_only(address):
        return False
    return _says_when(said)


# "de Marie Dupont (Verdier, 2020)", "par Luc Essai, chez Mortaise, 2014"
_WROTE: Final = re.compile(r"\s*(?:de |par |d['’])(?=[A-ZÀ-Ý])")


def _is_titled(title: str, said: str) -> bool:
    """Say whether a line is the title of the one below, which says who, when, and the address."""
    if led := _WROTE.match(said):
        byline = parse_byline(said[led.end() :])
        behind = said[led.end() + byline.end :]
        dates = list(find_dates(behind))
        return (
            bool(byline.names)
            and len(dates) == 1
            and not behind[dates[0].end :].strip(" ).")
            and len(behind.split()) <= MAX_NAME_WORDS
            and not has_address(said)
            and _may_be_titled(title)
        )
    is_short = 3 <= len(title.split()) <= MAX_TITLE_WORDS and not has_address(title)
    is_title = is_short and not (_is_field_line(title) or _OF_WHOLE.search(title))
    if not is_title or title[-1:] in ".:;," or not has_address(said):
        return False
    markup = parse_markup(said)
    before = markup.text.partition(ADDRESS)[0]
    byline = parse_byline(before)
    is_signed = byline.confidence >= SURE_NAME and bool(_AFTER_NAME.match(before, byline.end))
    is_dated = any(True for _ in find_dates(markup.text))
    if not markup.addresses:
        return False
    return (
        len(markup.addresses) == 1
        and bool(_WORD.search(before))
        and (is_signed or (is_body(before.partition(",")[0]) and is_dated))
        and parse_reference(said).title_sign in ("place", "")
        and weigh_reference(title)[0] < THRESHOLD
    )


SURE_NAME: Final = 0.8
SURE_DATED: Final = 0.75  # of a name, beside a date
_OF_WHOLE: Final = re.compile(r"[;«»“”\"*_]|\.\s|\b(?:1[5-9]|20)\d\d\b")
_AFTER_NAME: Final = re.compile(r"\s*(?:$|[,(:–—-])")


def _read_stacked(lines: list[str]) -> tuple[dict[str, str], list[str]] | None:
    """Read such lines as fields; give the lines behind them. None where they are something else."""
    if not _is_stacked(lines):
        return None
    if has_address(lines[0]):
        return {"title": lines[0], "container": lines[1].rstrip(" .")}, lines[2:]
    title, said, address = lines[:3] if has_address(lines[2]) else (lines[0], *lines[2:0:-1])
    return {"title": title, "container": said.rstrip(" ."), "url": address}, lines[3:]


def _says_when(line: str) -> bool:
    """Say whether a short line names several things, one of them a day or a month."""
    is_short = "," in line and len(line.split()) <= MAX_TITLE_WORDS
    return is_short and any(one.precision for one in find_dates(line))


def _may_be_titled(line: str) -> bool:
    """Say whether a line may be the title over fields: one link, or words that are no reference."""
    if has_address(line):
        return _ONE_LINK.fullmatch(_TAGS.sub("", line.strip())) is not None
    is_short = len(line.split()) <= MAX_TITLE_WORDS and "@" not in line  # the head of a mail
    return is_short and not _is_field_line(line) and not _OF_REFERENCES.search(line)


def _is_field_line(line: str) -> bool:
    """Say whether a line is a field that we know: "Auteur : …", and not "Rapport : l’eau"."""
    found = _FIELD_LINE.fullmatch(line)
    return found is not None and bool(find_field(fold(found["name"].strip())))


def _read_fields(blocks: Sequence[Block], place: int) -> tuple[dict[str, str], int, list[str]]:
    """Read the fields of the blocks from a place on: their values, where they end, what is left."""
    fields: dict[str, str] = {}
    while place < len(blocks):
        block = blocks[place]
        if block.shape not in (Shape.PARAGRAPH, Shape.ITEM) or block.told or block.is_code:
            break
        held, rest = _take_fields(block.raw.split("\n"))
        if not held or held.keys() & fields.keys():
            break
        fields |= held
        place += 1
        if rest:
            return fields, place, rest
    return fields, place, []


def _take_fields(lines: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Take the fields that lines open on; give them and the lines behind.

    A line that names another address of the text ("Documentation : …") parts no fields.
    """
    fields: dict[str, str] = {}
    others: list[str] = []
    for index, line in enumerate(lines):
        if fields and "url" not in fields and is_address_only(line):
            fields["url"] = line.strip()
            continue
        if fields and _PROPERTY.match(line):  # "Lu:: oui" of Obsidian
            others.append(line)
            continue
        found = _FIELD_LINE.fullmatch(line) or _MARKED_FIELD.fullmatch(line)
        field = find_field(fold(found["name"].strip())) if found else ""
        if found is None or field not in (*_FIELDS, "more", "kind"):
            return fields, [*others, *lines[index:]]
        if field == "kind":
            others.append(line)
            continue
        is_linked = has_address(found["value"])
        if field in ("container", "more") and is_linked and "url" not in fields:
            field = "url"
        if field in fields or field == "more" or (field == "url" and not is_linked):
            if not is_linked:
                return fields, [*others, *lines[index:]]
            others.append(line)
            continue
        fields[field] = found["value"].strip()
    return fields, others


def _compose_card(
    blocks: Sequence[Block], fields: dict[str, str], rest: Sequence[str]
) -> Iterator[Block]:
    """Write the fields of a card as one reference; what is left of its last block stands behind."""
    first, last = blocks[0], blocks[-1]
    whole = ", ".join(fields[name] for name in ("reference", *_FIELDS) if fields.get(name))
    yield replace(
        first,
        shape=Shape.PARAGRAPH if first.shape is Shape.HEADING else first.shape,
        raw=whole if "reference" in fields else _compose(fields),
        source="\n".join(block.source or block.raw for block in blocks),
        end=last.end - len(rest),
        told=Told.REFERENCE,
    )
    if rest:
        line = last.end - len(rest) + 1
        piece = _piece(last, "\n".join(rest), line, is_first=False)
        is_left = all(map(_PROPERTY.match, rest))  # "Lu:: oui" says nothing of a text
        yield replace(piece, told=Told.LEFT) if is_left else piece


def part_blocks(blocks: Sequence[Block]) -> list[Block]:
    """Part the blocks of a page so that each holds one thing; rows of tables become cells."""
    parted: list[Block] = []
    for block in compose_cards(list(expand_rows(blocks))):
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
    law = find_legal_text(held[0]) if len(held) == 1 else None
    if law and law.kind == "legal_case" and law.length == len(held[0]) and line[:1].isupper():
        return True  # the parties end their line
    if _ARROW.match(line):  # what somebody says of the text of the line before
        return True
    if _PICTURED.match(line) and _PICTURED.match(held[0]):
        return True
    if _OPEN.search(held[-1]) or not (_WORD.search(line) or "/" in line):
        return False
    if _ARROW.match(held[0]) and weigh_reference(line)[0] >= THRESHOLD:
        return True
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
    return _starts_other(held, line, held_weight, (line_weight, reading))


def _starts_other(
    held: Sequence[str], line: str, held_weight: float, weighed: tuple[float, LineReading]
) -> bool:
    """Say whether a line starts a reference, or what is said of the one that is held.

    `held_weight` is how much the lines held look like one, `weighed` that of the line, read.
    """
    line_weight, reading = weighed
    words = line.lstrip('*_«“"<')
    is_other = has_address(line) and any(map(has_address, held)) and words[:1].isupper()
    if is_other and line_weight > THRESHOLD:  # a name and an address, under an address
        return True
    if not _CLOSED.search(held[-1]) or words[:1].islower():
        return False
    if line_weight >= THRESHOLD + 1:
        return True
    if line_weight >= THRESHOLD > held_weight and _is_dated(reading):
        return _opens_reference(line, reading)  # behind what is said of the reference before
    return held_weight >= THRESHOLD > line_weight and len(_WORD.findall(line)) >= 3


def _may_be_title(line: str) -> bool:
    """Say whether a line of a list is short and no sentence, so that an address may be its own."""
    words = line.split()
    is_short = 0 < len(words) <= MAX_TITLE_WORDS and line[-1] not in "!?:"
    # A few words with a full stop name a thing too, where none of them says something of it.
    is_name = line[-1:] != "." or (len(words) <= MAX_NAME_WORDS and not is_said(line))
    return is_short and is_name and not has_address(line)


def _ends(last: str, reading: LineReading) -> bool:
    """Say whether the last line held may end a reference: a full stop, a date, its address."""
    address = reading.reference.url or ""
    return bool(_ENDS.search(last)) or address.endswith(last.strip(" <>()"))


def _is_dated(reading: LineReading) -> bool:
    """Say whether a line says when its text came out, or where it is: it could stand alone."""
    one = reading.reference
    return bool(one.title) and bool(one.issued or one.url)


def _opens_reference(line: str, reading: LineReading) -> bool:
    """Say whether a line begins as references do: with a name, a law, a quotation or a link."""
    one = reading.reference
    is_signed = max(one.confidence.get("author", 0), one.confidence.get("editor", 0)) >= 0.8
    is_law = reading.title_sign == "law" or one.type == "standard"
    return is_signed or is_law or bool(_OPENING.match(line))


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
