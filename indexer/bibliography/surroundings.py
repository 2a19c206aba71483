"""Correct what blocks look like alone by what stands around them: headings, lists, leads, sections.

Numbers can't be trusted ("1." stands on every heading of a page saved from a browser), so levels
of headings are told by form: see docs/decisions/0010-heading-levels.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Final

from indexer.bibliography.blocks import Block, Piece, Role, Shape
from indexer.bibliography.furniture import kind_of_heading
from indexer.bibliography.lines import LineReading, parse_reference, weigh_reference
from indexer.bibliography.lines.evidence import THRESHOLD
from indexer.bibliography.lines.markup import normalise, parse_markup, plain

MAX_HEADING_CHARS: Final = 180
MAX_UNMARKED_WORDS: Final = 10
_INNER_STOP: Final = re.compile(r"[.!?…]\s+\S")
_NUMBERED: Final = re.compile(r"\d|[IVX]+[.)]|[A-Z][.)]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading: where it stands in the blocks, its words, its level if the format gave one."""

    block: int  # index in the page's blocks
    text: str
    form: str  # headings of one form are of one level
    level: int = 0
    is_followed: bool = False  # the next block that says anything is a heading too


def heading_text(block: Block) -> str:
    """Give the words of a heading, without number or bullet."""
    return plain(parse_markup(block.raw).text)


def is_heading_like(block: Block, *, after_reference: bool) -> bool:
    """Say whether an unmarked or numbered block reads as a heading.

    `after_reference` says that only empty lines part it from a reference: there a short line
    without a full stop is rather a hasty note ("Intéressant, mais…").
    """
    text = normalise(block.raw)
    if (
        not text
        or len(text) > MAX_HEADING_CHARS
        or _INNER_STOP.search(text)
        or not text[0].isalnum()
    ):
        return False
    is_question = text.endswith("?")
    if block.shape is Shape.ITEM:
        return (
            bool(_NUMBERED.match(block.marker))
            and text[-1] not in ".!:;,…"
            and not text[0].islower()
        )
    if text[0].islower() or "\n" in block.raw:
        return False
    if is_question:
        return len(text) <= MAX_HEADING_CHARS and not after_reference
    if text[-1] in '.!:;,…»”"':
        return False
    words = text.split()
    if after_reference and block.gap < 2 and not text.isupper():
        return len(words) <= 3 and "," not in text
    return len(words) <= MAX_UNMARKED_WORDS


def heading_form(block: Block) -> str:
    """Give the form of a heading: the shape of its number where that has depth, and its mood."""
    mood = "question" if normalise(block.raw).endswith("?") else "statement"
    dotted = re.fullmatch(r"(\d+(?:\.\d+)+)[.)]?", block.marker)
    if dotted:
        return f"decimal-{dotted[1].count('.') + 1}"
    if re.fullmatch(r"[IVX]{1,5}[.)]", block.marker):
        return "roman"
    if re.fullmatch(r"[A-Z][.)]", block.marker):
        return "letter"
    return mood


def level_headings(headings: Sequence[Heading]) -> list[tuple[str, ...]]:
    """Give the section path of each heading, outermost first, itself last.

    Levels that the format gives are taken as they are. Else the first heading, when another
    follows at once, is the title of the page and the root of every path; and a form that is at
    once followed by another form is its parent.
    """
    if not headings:
        return []
    if any(heading.level for heading in headings):
        return _paths([(heading.text, heading.level or 99) for heading in headings])
    has_title = len(headings) > 2 and headings[0].is_followed and headings[0].form == "statement"
    rest = headings[1:] if has_title else headings
    depths = _depths(rest)
    paths = _paths([(heading.text, 1 + depths[heading.form]) for heading in rest])
    if has_title:
        root = headings[0].text
        return [(root,), *((root, *path) for path in paths)]
    return paths


def _depths(headings: Sequence[Heading]) -> dict[str, int]:
    """Give the depth of each form, from 0."""
    forms = list(dict.fromkeys(heading.form for heading in headings))
    votes: dict[tuple[str, str], int] = {}
    for above, below in pairwise(headings):
        if above.is_followed and above.form != below.form:
            votes[above.form, below.form] = votes.get((above.form, below.form), 0) + 1
    depths = {form: _numbered_depth(form) for form in forms}
    for _ in forms:  # a chain of forms is at most as long as there are forms
        for (parent, child), count in votes.items():
            if count > votes.get((child, parent), 0) and depths[child] <= depths[parent] < len(
                forms
            ):
                depths[child] = depths[parent] + 1
    return depths


def _numbered_depth(form: str) -> int:
    if form.startswith("decimal-"):
        return int(form.removeprefix("decimal-")) - 1
    return {"letter": 1}.get(form, 0)


def _paths(headings: Sequence[tuple[str, int]]) -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    stack: list[tuple[str, int]] = []
    for text, level in headings:
        while stack and stack[-1][1] >= level:
            stack.pop()
        stack.append((text, level))
        paths.append(tuple(words for words, _ in stack))
    return paths


_LEAD: Final = re.compile(
    r"(?:on (?:lira|verra|consultera|pourra(?: lire)?|trouvera|se reportera)|(?:à |a )?(?:lire|"
    r"voir|consulter)\b"
    r"|lisez|voyez|cf\.?\s|pour (?:aller plus loin|en savoir plus|approfondir|compléter)"
    r"|sur (?:ce|le même) (?:point|sujet|thème)|see also|further reading)",
    re.IGNORECASE,
)
_WAY: Final = re.compile(
    r"(?:[^«“\"<\[:]{0,80}?\b)?(?:avec (?:profit|intérêt|plaisir|attention)|aussi|également|"
    r"notamment|par exemple|enfin|surtout)?"
    r"\s*,?\s*:?\s*(?:à\s+)?(?:l[’']|le |la |les |un |une )?"
    r"(?:(?:article|livre|ouvrage|texte|essai|enquête|rapport|dossier|étude|tribune)s?\s+(?:de |"
    r"d[’'])?)?",
    re.IGNORECASE,
)
_MIN_GAIN: Final = 1.0  # over the threshold: a name and a title in quotes, and a date


def is_lead(text: str) -> bool:
    """Say whether a note opens on references."""
    return bool(_LEAD.match(text))


def find_cited(raw: str) -> LineReading | None:
    """Find the reference inside a sentence that opens on one, with the sentence as its remark."""
    lead = _LEAD.match(raw)
    if lead is None:
        return None
    way = _WAY.match(raw, lead.end())
    start = way.end() if way else lead.end()
    while start < len(raw) and not (raw[start].isupper() or raw[start] in "«“[<"):
        start += 1
    weight, _ = weigh_reference(raw[start:])
    if weight < THRESHOLD + _MIN_GAIN:
        return None
    reading = parse_reference(raw[start:])
    remark = normalise(plain(parse_markup(raw).text))
    return replace(reading, reference=replace(reading.reference, raw=raw), remark=remark)


_MAX_LISTED_WORDS: Final = 45
_SIBLINGS: Final = 0.6  # of a list that are references: the others are too


def mark_siblings(pieces: Sequence[Piece]) -> None:
    """Take a short item of a list of references for one too, even if it says little."""
    for _, run in groupby(
        (piece for piece in pieces if piece.role is not Role.BREAK),
        key=lambda piece: (piece.block.shape, piece.block.depth),
    ):
        items = [piece for piece in run if piece.role in (Role.NOTE, Role.REFERENCE)]
        known = sum(piece.role is Role.REFERENCE for piece in items)
        if known < max(2, _SIBLINGS * len(items)):
            continue
        for piece in items:
            words = plain(parse_markup(piece.block.raw).text).split()
            is_short = 0 < len(words) <= _MAX_LISTED_WORDS and not words[0][0].islower()
            is_item = piece.block.shape is Shape.ITEM and not piece.block.told
            is_note = piece.role is Role.NOTE and not piece.cited
            if is_note and is_item and is_short and piece.weight >= 0.5:
                piece.role = Role.REFERENCE


def mark_lists(pieces: Sequence[Piece]) -> None:
    """Mark a list that is none of references, under a heading that says what it lists."""
    for index, piece in enumerate(pieces):
        kind = kind_of_heading(heading_text(piece.block)) if piece.role is Role.HEADING else None
        if kind is None:
            continue
        listed = [one for one in _until_heading(pieces, index + 1) if one.role is not Role.BREAK]
        if listed and all(
            one.role is Role.NOTE and one.block.shape is Shape.ITEM and not one.cited
            for one in listed
        ):
            for one in (piece, *listed):
                one.role, one.entry, one.title = Role.ENTRY, kind, heading_text(piece.block)


def _until_heading(pieces: Sequence[Piece], start: int) -> list[Piece]:
    found: list[Piece] = []
    for index in range(start, len(pieces)):
        if pieces[index].role is Role.HEADING:
            break
        found.append(pieces[index])
    return found


def mark_leads(pieces: Sequence[Piece]) -> None:
    """Mark a note that opens on the references after it: "On lira avec profit :", a parent item."""
    speaking = [piece for piece in pieces if piece.role not in (Role.BREAK, Role.FURNITURE)]
    for piece, following in pairwise(speaking):
        if piece.role is not Role.NOTE or following.role is not Role.REFERENCE:
            continue
        text = normalise(piece.block.raw).rstrip("*_ ")
        are_items = piece.block.shape is Shape.ITEM and following.block.shape is Shape.ITEM
        is_parent = are_items and following.block.depth > piece.block.depth
        piece.is_lead = text.endswith(":") or is_parent or is_lead(text)


def set_sections(pieces: Sequence[Piece]) -> None:
    """Say under which headings each block stands."""
    speaking = [
        piece for piece in pieces if piece.role not in (Role.BREAK, Role.FURNITURE, Role.ENTRY)
    ]
    headings: list[Heading] = []
    for index, piece in enumerate(speaking):
        if piece.role is Role.HEADING:
            follower = speaking[index + 1] if index + 1 < len(speaking) else None
            headings.append(
                Heading(
                    block=index,
                    text=heading_text(piece.block),
                    form=heading_form(piece.block),
                    level=piece.block.level,
                    is_followed=follower is not None and follower.role is Role.HEADING,
                )
            )
    path_by_block = dict(
        zip((one.block for one in headings), level_headings(headings), strict=True)
    )
    section: tuple[str, ...] = ()
    for index, piece in enumerate(speaking):
        section = path_by_block.get(index, section)
        piece.section = section
