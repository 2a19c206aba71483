"""Say what each block of a page is: heading, reference, note, entry, or furniture.

Every block gets a role, so that nothing of a page is lost without a trace.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from indexer.bibliography.blocks import Block, Shape
from indexer.bibliography.furniture import is_furniture, is_more, kind_of_heading, sort_cards
from indexer.bibliography.headings import (
    Heading,
    heading_form,
    heading_text,
    is_heading_like,
    level_headings,
)
from indexer.bibliography.lines import LineReading, weigh_reference
from indexer.bibliography.lines.evidence import THRESHOLD, is_address_only
from indexer.model import EntryKind


class Role(StrEnum):
    """What a block is for."""

    HEADING = "heading"
    REFERENCE = "reference"
    NOTE = "note"
    ENTRY = "entry"
    FURNITURE = "furniture"
    BREAK = "break"


@dataclass(slots=True)
class Piece:
    """A block with its role, and what was found out on the way."""

    block: Block
    role: Role
    reading: LineReading | None = None
    entry: EntryKind | None = None
    title: str = ""  # of the entry that the block belongs to
    section: tuple[str, ...] = ()
    extra_lines: list[int] = field(default_factory=list)


def read_roles(blocks: Sequence[Block]) -> list[Piece]:
    """Give every block its role; an address alone on its line joins the reference before it."""
    pieces = [
        Piece(block=block, role=Role.BREAK if block.shape is Shape.BREAK else Role.NOTE)
        for block in blocks
    ]
    _mark_furniture(pieces)
    _mark_cards(pieces)
    _mark_headings_and_references(pieces)
    _mark_lists(pieces)
    _set_sections(pieces)
    return pieces


def _mark_furniture(pieces: Sequence[Piece]) -> None:
    for piece in pieces:
        if piece.role is Role.NOTE and is_furniture(piece.block.raw):
            piece.role = Role.FURNITURE


def _mark_cards(pieces: Sequence[Piece]) -> None:
    """The paragraphs before each « En savoir plus », back to the furniture before them."""
    cards: list[list[Piece]] = []
    start = 0
    for index, piece in enumerate(pieces):
        if piece.role is not Role.FURNITURE:
            continue
        if is_more(piece.block.raw):
            cards.append([one for one in pieces[start:index] if one.role is Role.NOTE][-3:])
        start = index + 1
    cards = [card for card in cards if card]
    kinds = sort_cards(["\n".join(piece.block.raw for piece in card) for card in cards])
    for card, kind in zip(cards, kinds, strict=True):
        for piece in card:
            piece.role, piece.entry, piece.title = Role.ENTRY, kind, heading_text(card[0].block)


def _mark_headings_and_references(pieces: list[Piece]) -> None:
    before: Piece | None = None  # the last block that says anything
    is_apart = False  # a break stands between
    for piece in pieces:
        block = piece.block
        if piece.role is Role.BREAK:
            is_apart = True
            continue
        if piece.role is not Role.NOTE:
            before, is_apart = piece, False
            continue
        if block.shape is Shape.HEADING:
            piece.role = Role.HEADING
        else:
            if (
                before
                and before.reading
                and not before.reading.reference.url
                and is_address_only(block.raw)
            ):
                _join(before, piece)
                continue
            weight, reading = weigh_reference(block.raw, is_listed=block.shape is Shape.ITEM)
            after_reference = before is not None and before.role is Role.REFERENCE and not is_apart
            if weight >= THRESHOLD and reading.reference.title:
                piece.role, piece.reading = Role.REFERENCE, reading
            elif is_heading_like(block, after_reference=after_reference):
                piece.role = Role.HEADING
        before, is_apart = piece, False


def _join(before: Piece, piece: Piece) -> None:
    """Give the address of a block to the reference before it."""
    block = before.block
    before.block = replace(block, raw=f"{block.raw}\n{piece.block.raw}")
    _, before.reading = weigh_reference(before.block.raw, is_listed=True)
    before.extra_lines += range(piece.block.line, piece.block.end + 1)
    piece.role = Role.BREAK if before.reading is None else Role.REFERENCE


def _mark_lists(pieces: Sequence[Piece]) -> None:
    """A list that is no list of references, under a heading that says what it lists."""
    for index, piece in enumerate(pieces):
        kind = kind_of_heading(heading_text(piece.block)) if piece.role is Role.HEADING else None
        if kind is None:
            continue
        listed = [one for one in _until_heading(pieces[index + 1 :]) if one.role is not Role.BREAK]
        if listed and all(
            one.role is Role.NOTE and one.block.shape is Shape.ITEM for one in listed
        ):
            for one in (piece, *listed):
                one.role, one.entry, one.title = Role.ENTRY, kind, heading_text(piece.block)


def _until_heading(pieces: Sequence[Piece]) -> list[Piece]:
    found: list[Piece] = []
    for piece in pieces:
        if piece.role is Role.HEADING:
            break
        found.append(piece)
    return found


def _set_sections(pieces: Sequence[Piece]) -> None:
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
