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
    # A title over a list is no card: each item of the list is an entry of that title.
    over_lists = {
        one.title for one in pieces if one.block.shape is Shape.ITEM and one.role is Role.ENTRY
    }
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
        elif piece.title not in over_lists:
            entries.append(Entry(id="", kind=piece.entry, title=piece.title, place=place))
            card = piece.title
    return tuple(entries)
