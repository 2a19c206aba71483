"""Say what each block of a page is: heading, reference, note, entry, or furniture.

Every block gets a role, so that nothing of a page is lost without a trace.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from indexer.bibliography.blocks import NO_ROLES, Block, Piece, Role, Shape, Told
from indexer.bibliography.lines.markup import (
    has_address,
    is_navigation,
    normalise,
    parse_markup,
    plain,
)
from indexer.bibliography.lines.reading import (
    THRESHOLD,
    LineReading,
    is_address_only,
    is_ibid,
    parse_reference,
    weigh_reference,
)
from indexer.bibliography.lines.title import is_signed
from indexer.bibliography.linked import read_links, read_opened
from indexer.bibliography.parting import part_blocks
from indexer.bibliography.surroundings import (
    find_cited,
    heading_text,
    is_furniture,
    is_heading_like,
    is_more,
    is_site_row,
    mark_leads,
    mark_lists,
    mark_siblings,
    set_sections,
    sort_cards,
)

_ROLE_BY_TOLD: Final = MappingProxyType(
    {Told.REFERENCE: Role.REFERENCE, Told.NOTE: Role.NOTE, Told.KEYWORDS: Role.KEYWORDS}
)
# A quotation set apart, signed: what is linked beside is its source, its words are no title.
_DASHES: Final = ("—", "–")
_SIGNED: Final = re.compile(r"\s*[«“\"][^«»“”]{20,}[»”\"][\s.]*[—–]\s")


def read_roles(blocks: Sequence[Block], *, told: Mapping[str, Role] = NO_ROLES) -> list[Piece]:
    """Give every block its role; an address alone on its line joins the reference before it.

    `told` holds the roles that a person has set, by the block's words. What a reader has left
    stands at the end.
    """
    parted = part_blocks(blocks)
    pieces = [
        Piece(
            block=block,
            role=Role.BREAK if block.shape is Shape.BREAK else Role.NOTE,
            lines=list(range(block.line, block.end + 1)),
        )
        for block in parted
        if block.told is not Told.LEFT
    ]
    _mark_furniture(pieces)
    _mark_cards(pieces)
    pieces = list(_mark_headings_and_references(pieces, told))
    mark_siblings(pieces)
    mark_lists(pieces)
    mark_leads(pieces)
    set_sections(pieces)
    _cite_links(pieces)
    left = (block for block in parted if block.told is Told.LEFT)
    return [*pieces, *(Piece(block=block, role=Role.LEFT) for block in left)]


def _cite_links(pieces: Sequence[Piece]) -> None:
    """Give the addresses of headings, cards and keywords to references of their own."""
    for piece in pieces:
        if piece.role in (Role.HEADING, Role.ENTRY, Role.KEYWORDS) and has_address(piece.block.raw):
            piece.cited = _list_references(piece.block.raw)


def _list_references(raw: str) -> tuple[LineReading, ...]:
    """Read the links of a block that is no reference itself."""
    linked = read_links(raw, None)
    return linked.references if linked else ()


def _mark_furniture(pieces: Sequence[Piece]) -> None:
    for piece in pieces:
        block = piece.block
        is_free = piece.role is Role.NOTE and not (block.told or block.is_code)
        if is_free and (
            is_navigation(block.raw)
            or _is_furniture(block)
            or (has_address(block.raw) and is_site_row(block.raw))
        ):
            piece.role = Role.FURNITURE


def _is_furniture(block: Block) -> bool:
    is_heading = block.shape is Shape.HEADING and is_more(block.raw)  # "Suite", no link to more
    return is_furniture(block.raw) and not has_address(block.raw) and not is_heading


def _mark_cards(pieces: Sequence[Piece]) -> None:
    """Mark the paragraphs before each « En savoir plus », back to the furniture before them."""
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


def _mark_headings_and_references(
    pieces: Sequence[Piece], told: Mapping[str, Role]
) -> Iterator[Piece]:
    before: Piece | None = None  # the last block that says anything
    latest: Piece | None = None  # the last reference, while only its note has followed
    is_apart = False  # a break stands between
    for piece in pieces:
        if piece.role is Role.BREAK:
            is_apart = True
            latest = latest if before is latest else None  # what ends a note parts it from its text
            yield piece
            continue
        if piece.role is Role.NOTE:
            owner = latest if before is not None and before.role is Role.NOTE else before
            if owner is not None and _joins(owner, piece.block):
                _join(owner, piece)
                continue
            after_reference = before is not None and before.role is Role.REFERENCE and not is_apart
            _mark(piece, _find_told(piece.block, told), after_reference=after_reference)
            if latest is not None and _is_said_inside(latest.block, piece):
                piece.role, piece.reading = Role.NOTE, None
        before, is_apart = piece, False
        if piece.role is not Role.NOTE:
            latest = piece if piece.role is Role.REFERENCE else None
        yield piece


def _find_told(block: Block, told: Mapping[str, Role]) -> Role | None:
    """Find the role that a person set for a block, by its words as written or as read."""
    if not told:
        return None
    lines = [normalise(block.source), normalise(block.raw)]
    lines += [normalise(plain(parse_markup(one).text)) for one in lines if one]
    return next((told[line] for line in lines if line and line in told), None)


def _mark(piece: Piece, told: Role | None, *, after_reference: bool) -> None:
    block = piece.block
    if block.reference is not None:
        piece.role, piece.reading = Role.REFERENCE, LineReading(reference=block.reference)
        return
    if block.is_code:
        piece.role = Role.NOTE
        return
    role = told or _ROLE_BY_TOLD.get(block.told)
    if role is None and is_ibid(block.raw):
        role = Role.REFERENCE
    is_heading = block.shape is Shape.HEADING and not is_signed(block.raw)
    if role is None and is_heading and not _is_linked_reference(block):
        role = Role.HEADING
    if role is Role.REFERENCE:
        piece.reading = parse_reference(block.raw)
        _read_links(piece, is_reference=True)
    elif role is None:
        role = _weigh(piece, after_reference=after_reference)
    elif role is Role.NOTE and has_address(block.raw):
        piece.cited = _list_references(block.raw)
    piece.role = role or Role.NOTE


def _weigh(piece: Piece, *, after_reference: bool) -> Role | None:
    """Tell the role of a block from its words, and read it; None where it is a note's."""
    block, role = piece.block, None
    if has_address(block.raw) and not is_ibid(block.raw) and (opened := read_opened(block.raw)):
        piece.reading, piece.cited = opened.main, opened.cited
        return Role.REFERENCE
    piece.weight, reading = weigh_reference(block.raw, is_listed=block.shape is Shape.ITEM)
    piece.reading = reading
    is_quotation = block.is_quote and _SIGNED.match(block.raw)
    is_reference = (
        piece.weight >= THRESHOLD
        and not is_quotation
        and bool(reading.reference.title or reading.reference.url)
    )
    if has_address(block.raw) and not is_ibid(block.raw):
        role = _read_links(piece, is_reference=is_reference)
    elif is_reference:
        role = Role.REFERENCE
    elif is_heading_like(block, after_reference=after_reference):
        role = Role.HEADING
    if role in (None, Role.NOTE) and (cited := find_cited(block.raw)):
        own = cited.reference.url
        role, piece.reading = Role.REFERENCE, cited
        piece.cited = tuple(one for one in piece.cited if one.reference.url != own)
    return role


def _read_links(piece: Piece, *, is_reference: bool) -> Role | None:
    """Read a block by its links where they say more than the line; give its role."""
    reading = piece.reading if is_reference else None
    linked = read_links(piece.block.raw, reading) if has_address(piece.block.raw) else None
    if linked is None:
        return Role.REFERENCE if is_reference else None
    piece.cited = linked.cited
    if linked.main is not None:
        piece.reading = linked.main
        return Role.REFERENCE
    if linked.is_prose and piece.block.told is Told.REFERENCE and reading is not None:
        piece.cited = tuple(
            one for one in linked.cited if one.reference.url != reading.reference.url
        )
    return Role.NOTE if linked.is_prose else Role.REFERENCE


def _is_linked_reference(block: Block) -> bool:
    """Say whether a heading is the linked title of a text, as in a list of posts."""
    return (
        bool(re.search(r"\]\(https?:|<a href=", block.raw)) and weigh_reference(block.raw)[0] >= 3
    )


def _is_said_inside(owner: Block, piece: Piece) -> bool:
    """Say whether an item inside a reference's own speaks of it: « … », p. 87, and no more.

    So does a line behind a long dash, where the reference's own line has none.
    """
    is_item = piece.block.shape is Shape.ITEM
    is_aside = is_item and piece.block.marker in _DASHES and owner.marker not in _DASHES
    is_inside = is_item and piece.block.depth > owner.depth
    is_read = piece.role is Role.REFERENCE and piece.reading is not None
    if not (is_inside or is_aside) or not is_read or piece.reading is None:
        return False
    one = piece.reading.reference
    if is_aside and not (one.url or one.doi or one.isbn or one.issued or piece.block.told):
        return piece.reading.title_sign == "place"
    is_signed = one.confidence.get("author", 0) >= 0.8 or one.confidence.get("editor", 0) >= 0.8
    return not (one.url or one.doi or one.isbn or one.issued or is_signed or piece.block.told)


def _joins(before: Piece, block: Block) -> bool:
    """Say whether a block is the address that the reference before it lacks.

    An item of the same list is a reference of its own, an address without words.
    """
    is_beside = block.shape is Shape.ITEM and block.depth <= before.block.depth
    return (
        not is_beside
        and before.role is Role.REFERENCE
        and before.reading is not None
        and not before.reading.reference.url
        and is_address_only(block.raw)
    )


def _join(before: Piece, piece: Piece) -> None:
    """Give the address of a block to the reference before it; its other addresses stay cited."""
    before.block = replace(before.block, raw=f"{before.block.raw}\n{piece.block.raw}")
    before.reading = parse_reference(before.block.raw)
    before.lines += piece.lines
    own = (before.reading.reference.url, before.reading.reference.archive_url)
    cited = _list_references(piece.block.raw)
    before.cited += tuple(one for one in cited if one.reference.url not in own)
