"""Make entries of what a page holds besides references and notes: events, tools, projects."""

from collections.abc import Sequence
from dataclasses import replace

from indexer.bibliography.blocks import Shape
from indexer.bibliography.lines.markup import parse_markup, plain
from indexer.bibliography.pieces import Piece, Role
from indexer.model import Entry, Place


def read_entries(pieces: Sequence[Piece], *, path: str) -> tuple[Entry, ...]:
    """An entry a card (its title, then its teaser), and an entry an item of a list."""
    entries: list[Entry] = []
    card = ""  # the title of the card being read
    for piece in pieces:
        if piece.role is not Role.ENTRY or piece.entry is None:
            card = card if piece.role is Role.BREAK else ""
            continue
        text = plain(parse_markup(piece.block.raw).text)
        place = Place(path=path, line=piece.block.line)
        if piece.block.shape is Shape.ITEM:
            entries.append(
                Entry(id="", kind=piece.entry, title=piece.title, text=text, place=place)
            )
        elif card == piece.title:
            teaser = f"{entries[-1].text}\n\n{text}".strip()
            entries[-1] = replace(entries[-1], text=teaser)
        elif not _heads_list(piece, pieces):
            entries.append(Entry(id="", kind=piece.entry, title=piece.title, place=place))
            card = piece.title
    return tuple(entries)


def _heads_list(piece: Piece, pieces: Sequence[Piece]) -> bool:
    """Say whether a title stands over a list, each item of which is an entry of that title."""
    return any(
        one.block.shape is Shape.ITEM and one.role is Role.ENTRY and one.title == piece.title
        for one in pieces
    )
