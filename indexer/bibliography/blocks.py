"""What any page of a bibliography is cut into, whatever its format: headings, paragraphs, items.

A format's reader makes blocks; only page.py says what they mean.
"""

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """The form of a block on the page."""

    HEADING = "heading"  # the format itself says so
    PARAGRAPH = "paragraph"
    ITEM = "item"  # of a list, with a bullet
    BREAK = "break"  # a line of no-break spaces, a rule: what follows is something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch of a page: source lines `line` to `end`, from 1."""

    shape: Shape
    raw: str = ""  # as written, without bullet or number, lines joined by a newline
    line: int = 0
    end: int = 0
    level: int = 0  # of a heading whose format gives one, from 1; else 0
    marker: str = ""  # "•", "1."
    depth: int = 0  # columns of indentation, or nesting of lists
    gap: int = 0  # empty lines before
