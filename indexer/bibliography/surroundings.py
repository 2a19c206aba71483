"""Correct what blocks look like alone by what stands around them: lists, leads, sections."""

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Final

from indexer.bibliography.blocks import Shape
from indexer.bibliography.furniture import kind_of_heading
from indexer.bibliography.headings import Heading, heading_form, heading_text, level_headings
from indexer.bibliography.leads import is_lead
from indexer.bibliography.lines.markup import normalise, parse_markup, plain
from indexer.bibliography.pieces import Piece, Role

_MAX_LISTED_WORDS: Final = 45
_SIBLINGS: Final = 0.6  # of a list that are references: the others are too


def mark_siblings(pieces: Sequence[Piece]) -> None:
    """A short item of a list of references is one too, even if it says little."""
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
    """A list that is no list of references, under a heading that says what it lists."""
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
    """A note that opens on the references after it: "On lira avec profit :", a parent item."""
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
