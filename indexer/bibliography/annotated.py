"""Tie the notes of an annotated page to the references that they comment on.

Paragraphs that only an empty line parts are one note. A break, a reference or a heading ends a
note. The first note after a reference comments on it; what comes after a break has lost its
reference and cites nothing, because a guess would be read as a fact.
"""

from collections.abc import Sequence
from dataclasses import replace

from indexer.bibliography.blocks import Block, Shape
from indexer.bibliography.findings import Findings
from indexer.bibliography.lines.markup import parse_markup, plain
from indexer.bibliography.page import Piece, Role, read_roles
from indexer.model import Entry, Note, Place, Reference


def read_annotated(blocks: Sequence[Block], *, path: str) -> Findings:
    """Read the blocks of one page; `path` is the file's, for the places."""
    pieces = read_roles(blocks)
    scribe = _Scribe(path)
    for piece in pieces:
        scribe.take(piece)
    scribe.close()
    return Findings(
        references=tuple(scribe.references),
        notes=tuple(scribe.notes),
        citations=tuple(scribe.citations),
        entries=_entries(pieces, path),
    )


def paragraph_text(block: Block) -> str:
    """The words of a block of prose, links by their words, an address as it is written."""
    markup = parse_markup(block.raw)
    text = markup.text
    for address in markup.addresses:
        if address.is_bare:
            text = text.replace("\ue005", address.href, 1)
    return plain(text)


class _Scribe:
    """Goes down a page, with the note being written and the references that wait for one."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.references: list[Reference] = []
        self.notes: list[Note] = []
        self.citations: list[tuple[int, int]] = []
        self._paragraphs: list[str] = []
        self._first: Piece | None = None
        self._waiting: list[int] = []  # references that no note has commented on yet
        self._is_listing = False  # the block before is a reference of a list

    def take(self, piece: Piece) -> None:
        """Take the next block of the page."""
        if piece.role is Role.REFERENCE:
            if piece.reading is not None:
                self._reference(piece)
            return
        if piece.role is Role.BREAK:
            self.close()
        elif piece.role is Role.NOTE:
            self._first = self._first or piece
            self._paragraphs.append(paragraph_text(piece.block))
            self._is_listing = False
        else:
            self.close()
            self._waiting, self._is_listing = [], False

    def close(self) -> None:
        """End the note being written."""
        if self._first is None:
            return
        self.notes.append(
            Note(
                id="",
                text="\n\n".join(self._paragraphs),
                section=self._first.section,
                place=Place(path=self.path, line=self._first.block.line),
            )
        )
        self.citations += ((len(self.notes) - 1, index) for index in self._waiting)
        self._paragraphs, self._first, self._waiting = [], None, []

    def _reference(self, piece: Piece) -> None:
        self.close()
        assert piece.reading is not None
        place = Place(path=self.path, line=piece.block.line)
        self.references.append(replace(piece.reading.reference, section=piece.section, place=place))
        is_listed = piece.block.shape is Shape.ITEM
        is_tight = self._is_listing and is_listed and piece.block.gap == 0
        index = len(self.references) - 1
        self._waiting = [*self._waiting, index] if is_tight else [index]
        self._is_listing = is_listed
        if piece.reading.remark:
            self._first = piece
            self._paragraphs = [piece.reading.remark]


def _entries(pieces: Sequence[Piece], path: str) -> tuple[Entry, ...]:
    """Cards and lists that are neither references nor notes, one entry each."""
    entries: list[Entry] = []
    before: Piece | None = None
    for piece in pieces:
        if piece.role is not Role.ENTRY or piece.entry is None:
            before = piece if piece.role is not Role.BREAK else before
            continue
        text = paragraph_text(piece.block)
        place = Place(path=path, line=piece.block.line)
        if piece.block.shape is Shape.ITEM:
            entries.append(
                Entry(id="", kind=piece.entry, title=piece.title, text=text, place=place)
            )
        elif before is None or before.role is not Role.ENTRY or before.title != piece.title:
            if not _heads_list(piece, pieces):
                entries.append(Entry(id="", kind=piece.entry, title=piece.title, place=place))
        else:
            card = entries[-1]
            entries[-1] = replace(card, text=f"{card.text}\n\n{text}".strip())
        before = piece
    return tuple(entries)


def _heads_list(piece: Piece, pieces: Sequence[Piece]) -> bool:
    return any(
        one.block.shape is Shape.ITEM and one.role is Role.ENTRY and one.title == piece.title
        for one in pieces
    )
