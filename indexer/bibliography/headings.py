"""Say which lines are headings, and of which level, where nothing on the page says it.

Numbers can't be trusted ("1." stands on every heading of a page saved from a browser), so levels
are told by form: see docs/decisions/0010-heading-levels.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from indexer.bibliography.blocks import Block, Shape
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
    """The words of a heading, without number or bullet."""
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
    """The form of a heading: the shape of its number where that has depth, and its mood."""
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
    """The section path of each heading, outermost first, itself last.

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
    """The depth of each form, from 0."""
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
