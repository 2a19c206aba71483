"""The blocks that a page of a bibliography is cut into, whatever its format, and their roles.

A format's reader makes blocks; only page.py says what they mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from indexer.model import EntryKind, Reference

if TYPE_CHECKING:  # the rules that read a line take .1 s to make; a role needs none of them
    from indexer.bibliography.lines.reading import LineReading

NAVIGATION: Final = "navigation"  # marks a block of links that belong to the site, not its text
PSEUDO_LEVEL: Final = 7  # of a line in bold that stands alone: under every real heading


class Shape(StrEnum):
    """The form of a block on the page."""

    HEADING = "heading"  # the format itself says so
    PARAGRAPH = "paragraph"
    ITEM = "item"  # of a list, with a bullet or a number
    ROW = "row"  # of a table
    BREAK = "break"  # a line of no-break spaces, a rule: what follows is something else


class Told(StrEnum):
    """The kind of a block, as a label or the head of a column says it."""

    NOTHING = ""
    REFERENCE = "reference"
    NOTE = "note"
    KEYWORDS = "keywords"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch of a page: source lines `line` to `end`, from 1."""

    shape: Shape
    raw: str = ""  # as written, without bullet or number, lines joined by a newline
    line: int = 0
    end: int = 0
    level: int = 0  # of a heading whose format gives one, from 1; else 0
    marker: str = ""  # "•", "1.", "[1]"
    depth: int = 0  # columns of indentation, or nesting of lists
    gap: int = 0  # empty lines before
    is_quote: bool = False  # set apart as a quotation
    is_header: bool = False  # of a table
    cells: tuple[str, ...] = ()  # of a row
    told: Told = Told.NOTHING
    source: str = ""  # as written, where `raw` is not
    is_code: bool = False  # nothing in it is read
    reference: Reference | None = None  # what the block is known to be, by front matter


class Role(StrEnum):
    """The role of a block in a page."""

    HEADING = "heading"
    REFERENCE = "reference"
    NOTE = "note"
    KEYWORDS = "keywords"
    ENTRY = "entry"
    FURNITURE = "furniture"
    BREAK = "break"
    LEFT = "left"  # words that no rule has a place for: `check` tells them


NO_ROLES: Final[Mapping[str, Role]] = MappingProxyType({})


@dataclass(slots=True)
class Piece:
    """A block with its role, and what was found out on the way."""

    block: Block
    role: Role
    reading: "LineReading | None" = None
    cited: "tuple[LineReading, ...]" = ()  # the other references that its links are
    weight: float = 0.0
    entry: EntryKind | None = None
    title: str = ""  # of the entry that the block belongs to
    section: tuple[str, ...] = ()
    is_lead: bool = False  # a note on the references that follow it
    lines: list[int] = field(default_factory=list)  # all the source lines it accounts for
