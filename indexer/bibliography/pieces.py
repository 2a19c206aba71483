"""What a block of a page is for, and what was found out about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from indexer.bibliography.blocks import Block
from indexer.bibliography.lines import LineReading
from indexer.model import EntryKind


class Role(StrEnum):
    """What a block is for."""

    HEADING = "heading"
    REFERENCE = "reference"
    NOTE = "note"
    KEYWORDS = "keywords"
    ENTRY = "entry"
    FURNITURE = "furniture"
    BREAK = "break"


NO_ROLES: Final[Mapping[str, Role]] = MappingProxyType({})


@dataclass(slots=True)
class Piece:
    """A block with its role, and what was found out on the way."""

    block: Block
    role: Role
    reading: LineReading | None = None
    cited: tuple[LineReading, ...] = ()  # the other references that its links are
    weight: float = 0.0
    entry: EntryKind | None = None
    title: str = ""  # of the entry that the block belongs to
    section: tuple[str, ...] = ()
    is_lead: bool = False  # a note on the references that follow it
    lines: list[int] = field(default_factory=list)  # all the source lines it accounts for
