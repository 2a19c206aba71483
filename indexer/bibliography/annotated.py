"""Tie the notes of an annotated page to the references that they comment on.

Paragraphs that only an empty line parts are one note. A break, a reference or a heading ends a
note. The first note after a reference comments on it; what comes after a break has lost its
reference and cites nothing, because a guess would be read as a fact. A note that opens on
references ("On lira :"), or that has their numbers ("[1]"), says itself what it cites.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from indexer.bibliography.blocks import NAVIGATION, NO_ROLES, Block, Piece, Role, Shape, Told
from indexer.bibliography.findings import (
    Findings,
    find_left_fields,
    find_remainder,
    find_words,
    tell_remainder,
)
from indexer.bibliography.frontmatter import list_fields
from indexer.bibliography.lines.identifiers import are_site_links, is_generic_link
from indexer.bibliography.lines.markup import ADDRESS, has_address, parse_markup, plain
from indexer.bibliography.lines.reading import REPEATED, is_ibid
from indexer.bibliography.lines.vocabulary import CUE_WORDS
from indexer.bibliography.linked import find_links
from indexer.bibliography.page import read_roles
from indexer.bibliography.surroundings import heading_text, read_entries
from indexer.model import Name, Note, Place, Problem, Reference

_BARE_ADDRESS: Final = re.compile(r"<?\b(?:https?|ftp)://\S+|\bwww\.\S+")
_INNER_LINK: Final = re.compile(
    r"(?<!!)(?<=\])\(\s*<?(?!(?:https?|ftps?|doi|mailto):|www\.|//)(?P<anchor>#?)[^\s)>]+"
    r"|\bhref=\"(?!(?:https?|ftps?|doi|mailto):|www\.|//)(?P<mark>#?)(?:badge(?=\")|[^\"]+)",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(r"\[[^\W\d_]{3,12}\]:?")
_WEB_ADDRESS: Final = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_MIN_SAID: Final = 6  # words of a line that no field holds: a sentence on it, to be kept as a note
_CALL: Final = re.compile(r"\[(?P<mark>\^[^\[\]\s]{1,40})\](?!:)")
_MARKERS: Final = re.compile(r"\[(\^?\w{1,12}(?:\s*[,;–-]\s*\d{1,3})*)\](?![(:])")


def read_annotated(
    blocks: Sequence[Block], *, path: str, told: Mapping[str, Role] = NO_ROLES
) -> Findings:
    """Read the blocks of one page.

    `path` is the file's, for the places; `told` holds the roles that a person has set.
    """
    pieces = read_roles(blocks, told=told)
    scribe = _Scribe(path)
    for piece in pieces:
        scribe.take(piece)
    scribe.close()
    left_out = Counter(count_left_out(pieces))
    left_out["heading"] += scribe.count_empty_headings()
    references = tuple(_order_names(scribe.references))
    parse_markup.cache_clear()
    return Findings(
        references=references,
        notes=tuple(scribe.notes),
        citations=tuple(scribe.cite()),
        entries=read_entries(pieces, path=path),
        problems=tuple(scribe.tell_left()),
        left_out=+left_out,
    )


def count_left_out(pieces: Sequence[Piece]) -> Mapping[str, int]:
    """Count the links of a page that are no references: anchors, pages of the site, badges."""
    counts: Counter[str] = Counter()
    for piece in pieces:
        if piece.block.marker == NAVIGATION or piece.role is Role.FURNITURE:
            counts["navigation"] += len(_WEB_ADDRESS.findall(piece.block.raw))
        elif has_address(piece.block.raw):
            links = find_links(parse_markup(piece.block.raw))
            counts["navigation"] += sum(are_site_links([one.words for one in links]))
        if "](" in piece.block.raw or "href=" in piece.block.raw:
            counts.update(
                "badge"
                if found[0].endswith("#badge")
                else "anchor"
                if (found["anchor"] or found["mark"])
                else "site"
                for found in _INNER_LINK.finditer(piece.block.raw)
            )
    return counts


def paragraph_text(block: Block) -> str:
    """Give the words of a block of prose, links by their words, an address as it is written."""
    markup = parse_markup(block.raw)
    text = markup.text
    for address in markup.addresses:
        if address.is_bare:
            text = text.replace(ADDRESS, address.href, 1)
    return plain(text)


_SURE_ORDER: Final = 0.75  # of the names of a line; below, nothing on it tells their order
_MIN_ORDERED: Final = 2  # names of the list that say how all of it is written


def _order_names(references: Sequence[Reference]) -> Iterator[Reference]:
    """Read "Blanchard Gersende" as the rest of its list writes names: the family name first."""
    first: Counter[tuple[str, ...]] = Counter()
    doubted = {one.section for one in references if _is_doubted(one)}
    for one in references:
        is_said = one.section in doubted and one.confidence.get("author", 0) >= _SURE_ORDER
        if is_said and (order := _tell_order(one)):
            first[one.section] += 1 if order == "family" else -len(references)
    for one in references:
        is_ordered = one.section in doubted and first[one.section] >= _MIN_ORDERED
        if is_ordered and _is_doubted(one) and _tell_order(one):
            turned = (
                Name(family=name.given, given=name.family) if name.family and name.given else name
                for name in one.author
            )
            yield replace(
                one, author=tuple(turned), confidence={**one.confidence, "author": _SURE_ORDER}
            )
        else:
            yield one


def _is_doubted(reference: Reference) -> bool:
    """Say whether nothing on its line tells the order of who wrote a text."""
    return 0 < reference.confidence.get("author", 0) < _SURE_ORDER


def _tell_order(reference: Reference) -> str:
    """Tell whether a line opens on "family given" or "given family", a blank between; else ""."""
    name = reference.author[0] if reference.author else Name()
    if not (name.family and name.given):
        return ""
    written = plain(parse_markup(reference.raw).text).casefold().lstrip("*•- 0123456789.[]")
    pairs = (("family", name.family, name.given), ("given", name.given, name.family))
    orders = (order for order, *two in pairs if written.startswith(" ".join(two).casefold()))
    return next(orders, "")


class _Scribe:
    """Goes down a page, with the note being written and the references that wait for one."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.references: list[Reference] = []
        self.notes: list[Note] = []
        self._cited: list[list[int]] = []  # for each note, the indexes of references
        self._linked: list[list[int]] = []  # for each note, those whose links stand in it
        self._numbers: dict[str, list[int]] = {}  # a reference's number on the page -> indexes
        self._paragraphs: list[str] = []
        self._first: Piece | None = None
        self._own: list[int] = []  # references that the note being written names by its links
        self._waiting: list[int] = []  # references that no note has commented on yet
        self._latest: list[int] = []  # references that a label after a break still means
        self._leading: int | None = None  # the note that opens on the references being read
        self._lead_depth = -1  # of that note where it is an item: it leads what stands inside
        self._is_listing = False  # the block before is a reference of a list
        self._depth = 0  # of the last reference
        self._article: int | None = None  # what the whole file is about, by its front matter
        self._left: list[tuple[int, str]] = []  # words with a place nowhere, by line
        self._headings: list[Piece] = []
        self._over_navigation: set[int] = set()  # "Sommaire", "Sur cette page"
        self._footnote = ""  # the mark of the footnote being written: "^1"
        self._footnotes: dict[int, str] = {}  # note -> its mark
        self._callers: dict[str, list[int]] = {}  # a footnote's mark -> what stands before its call

    def take(self, piece: Piece) -> None:
        """Take the next block of the page."""
        self._leave_unread(piece)
        match piece.role:
            case Role.REFERENCE:
                self._reference(piece)
            case Role.NOTE:
                self._note(piece)
            case Role.KEYWORDS:
                self._keywords(piece)
            case Role.BREAK:
                self.close()
            case Role.LEFT if piece.block.marker != NAVIGATION:
                self._leave(piece, piece.block.raw)
            case Role.HEADING | Role.ENTRY | Role.FURNITURE:
                self.close()
                if piece.role is Role.HEADING and self._latest and _of_notes(piece.block):
                    self._waiting = self._waiting or list(self._latest)
                    self._headings.append(piece)
                    return
                self._waiting, self._latest = [], []
                self._leading, self._is_listing = None, False
                self._waiting = self._name(piece) if piece.role is Role.HEADING else []
                if piece.role is Role.HEADING:
                    self._headings.append(piece)
                else:
                    self._name(piece)
                if piece.role is Role.FURNITURE and self._headings:
                    self._over_navigation.add(id(self._headings[-1]))

    def _leave_unread(self, piece: Piece) -> None:
        """Leave what no reading of a block holds: what its links show under the pointer, its label.

        The label is a word in brackets at the start of a line ("[Avis] Très bon"), where a number
        or the key of a reference stands elsewhere.
        """
        marker = piece.block.marker
        if _LABEL.fullmatch(marker):
            self._leave(piece, marker.strip("[]:"))
        if "title=" not in piece.block.raw and "](" not in piece.block.raw:
            return
        markup = parse_markup(piece.block.raw)
        known = set(find_words(plain(markup.text))) if markup.hovered else set()
        for words in markup.hovered:
            if not known.issuperset(find_words(words)):
                self._leave(piece, words)

    def close(self) -> None:
        """End the note being written."""
        if self._first is None:
            return
        place = Place(path=self.path, line=self._first.block.line)
        text = "\n\n".join(self._paragraphs)
        self.notes.append(Note(id="", text=text, section=self._first.section, place=place))
        is_lead = self._first.is_lead
        waiting = [] if is_lead else self._waiting
        self._cited.append(list(dict.fromkeys([*waiting, *self._own])))
        self._linked.append(self._own)
        self._own = []
        if self._footnote:
            self._footnotes[len(self.notes) - 1] = self._footnote
        self._leading = len(self.notes) - 1 if is_lead else None
        is_item = self._first.block.shape is Shape.ITEM
        self._lead_depth = self._first.block.depth if is_item else -1
        self._paragraphs, self._first = [], None
        self._waiting = self._waiting if is_lead else []

    def tell_left(self) -> Iterator[Problem]:
        """Tell the words that end nowhere, by line."""
        for piece in self._list_empty_headings():
            if piece.block.shape is not Shape.HEADING:  # by its form alone, and it heads nothing
                self._leave(piece, heading_text(piece.block))
        for line, words in sorted(self._left):
            yield tell_remainder(words, Place(path=self.path, line=line))

    def count_empty_headings(self) -> int:
        """Count the headings, said to be such by the page, under which nothing is read."""
        return sum(one.block.shape is Shape.HEADING for one in self._list_empty_headings())

    def _list_empty_headings(self) -> list[Piece]:
        speaking: list[Reference | Note] = [*self.references, *self.notes]
        used = {heading for one in speaking for heading in one.section}
        return [
            piece
            for piece in self._headings
            if id(piece) not in self._over_navigation and heading_text(piece.block) not in used
        ]

    def _leave(self, piece: Piece, words: str) -> None:
        if any(map(str.isalnum, words)):
            self._left.append((piece.block.line, words))

    def cite(self) -> list[tuple[int, int]]:
        """Give the citations of a page: numbers in a note's text, or its place; and its links."""
        pairs: list[tuple[int, int]] = []
        for index, note in enumerate(self.notes):
            article = [] if self._article is None else [self._article]
            called = self._callers.get(self._footnotes.get(index, ""), [])
            named = called or self._named(note.text)
            cited = [*named, *self._linked[index]] if named else self._cited[index] or article
            pairs += ((index, reference) for reference in cited)
        return list(dict.fromkeys(pairs))

    def _note(self, piece: Piece) -> None:
        is_label = piece.block.told is Told.NOTE
        mark = piece.block.marker.strip("[]: ")
        if mark.startswith("^"):
            self.close()
            self._leading = None
        is_other = self._first is not None and (
            piece.is_lead or self._first.is_lead or piece.block.depth < self._first.block.depth
        )
        if is_other or self._is_apart(piece) or (self._first is None and self._leading is not None):
            self.close()
            self._leading = None
        is_beside = piece.block.shape is Shape.ITEM and piece.block.depth <= self._depth
        if piece.cited and is_beside and self._first is None:
            self._waiting = []  # an item of prose with links is no comment on the item before
        if self._first is None:
            self._first = piece
            self._footnote = mark if mark.startswith("^") else ""
            if piece.block.depth > self._depth:
                self._waiting = self._waiting[-1:]  # inside the last item of a list: on it alone
            if is_label and not self._waiting:
                self._waiting = self._latest
        self._paragraphs.append(paragraph_text(piece.block))
        self._own += self._name(piece)
        self._is_listing = False

    def _is_apart(self, piece: Piece) -> bool:
        """Say whether a paragraph or item starts a note: it names texts, or follows one that does.

        Inside the item of a reference, whatever is said goes on with its comment.
        """
        if self._first is None:
            return False
        is_item = piece.block.shape is Shape.ITEM and piece.block.depth <= self._first.block.depth
        if self._own and is_item:
            return True
        is_inside = bool(self._waiting) and piece.block.depth > self._depth
        return bool(piece.cited) and not is_inside

    def _name(self, piece: Piece) -> list[int]:
        """Keep the references that the links of a block are; give their indexes."""
        place = Place(path=self.path, line=piece.block.line)
        for reading in piece.cited:
            one = reading.reference
            raw = piece.block.source or one.raw
            self.references.append(replace(one, section=piece.section, place=place, raw=raw))
        count = len(self.references)
        named = list(range(count - len(piece.cited), count))
        self._call(piece, named)
        return named

    def _call(self, piece: Piece, named: Sequence[int]) -> None:
        """Keep which of the references of a block stand right before its calls of footnotes."""
        if "[^" not in piece.block.raw or not named:
            return
        markup = parse_markup(piece.block.raw)
        links = find_links(markup)
        for call in _CALL.finditer(markup.text):
            before = [one.address.href for one in links if one.end <= call.start()]
            nearest = [one for one in named if before and self.references[one].url == before[-1]]
            self._callers.setdefault(call["mark"], []).extend(nearest[:1] or named[:1])

    def _keywords(self, piece: Piece) -> None:
        words = re.split(r"\s*[,;•/|]\s*|\s+[–—-]\s+", paragraph_text(piece.block).rstrip("."))
        if not self._latest:
            self._leave(piece, " ".join(words))
        for index in self._latest:
            one = self.references[index]
            kept = dict.fromkeys((*one.keyword, *filter(None, words)))
            self.references[index] = replace(one, keyword=tuple(kept))

    def _reference(self, piece: Piece) -> None:
        self.close()
        if piece.reading is None:
            return
        remark = piece.reading.remark
        if self.references and is_ibid(piece.block.raw):
            index = len(self.references) - 1
            self._leave(piece, find_remainder(piece.block.raw, self.references[-1:]))
        else:
            place = Place(path=self.path, line=piece.block.line)
            self.references.append(
                replace(
                    self._repeat_names(piece.reading.reference),
                    section=piece.section,
                    place=place,
                    raw=piece.block.source or piece.reading.reference.raw,
                )
            )
            index = len(self.references) - 1
            self._number(piece.block.marker, index)
            if piece.block.reference is not None:
                self._article = index
            left = _find_left(piece)
            if not piece.reading.remark and _is_sentence(left):
                remark, left = paragraph_text(piece.block), ""
            elif left and not piece.reading.remark:
                remark, left = _part_closing(paragraph_text(piece.block), left)
            self._leave(piece, left)
        named = self._name(piece)
        self._call(piece, [index, *named])
        is_listed = piece.block.shape is Shape.ITEM
        is_tight = self._is_listing and is_listed and piece.block.gap == 0
        self._waiting = [*(self._waiting if is_tight else []), index, *named]
        self._latest = list(self._waiting)
        self._is_listing, self._depth = is_listed, piece.block.depth
        if self._leading is not None and piece.block.depth <= self._lead_depth:
            self._leading = None  # behind the item that leads
        if self._leading is not None:
            self._cited[self._leading].append(index)
        if remark:
            self._first = _opening(piece)
            self._paragraphs, self._waiting = [remark], [index, *named]

    def _repeat_names(self, reference: Reference) -> Reference:
        """Give to "———. *Titre*" who wrote, or who directed, the reference before it."""
        # Those who edit the book that a chapter stands in sign nothing of the chapter.
        is_signed = reference.author or (reference.editor and not reference.container_title)
        if is_signed or not self.references or not REPEATED.match(reference.raw):
            return reference
        before = self.references[-1]
        role = before.editor_role
        confidence = {"author": _SURE_ORDER, **reference.confidence}
        return replace(
            reference,
            author=before.author,
            editor=before.editor if role else reference.editor,
            editor_role=role or reference.editor_role,
            confidence=confidence,
        )

    def _number(self, marker: str, index: int) -> None:
        number = marker.strip("[]().:")
        if number:
            self._numbers.setdefault(number, []).append(index)

    def _named(self, text: str) -> list[int]:
        """Give the references whose numbers a note's text has: "[1, 3-5]"."""
        named: list[int] = []
        for found in _MARKERS.finditer(text):
            for part in re.split(r"\s*[,;]\s*", found[1]):
                bounds = re.fullmatch(r"(\d{1,3})\s*[–-]\s*(\d{1,3})", part)
                numbers = (
                    [str(one) for one in range(int(bounds[1]), int(bounds[2]) + 1)]
                    if bounds
                    else [part]
                )
                for number in numbers:
                    named += self._numbers.get(number, [])[:1]
        return list(dict.fromkeys(named))


def _find_left(piece: Piece) -> str:
    """Find the words of a reference's block that none of its readings holds."""
    if piece.reading is None:
        return ""
    if piece.block.reference is not None:
        return find_left_fields(list_fields(piece.block.raw), piece.block.reference, ())
    read = (piece.reading, *piece.cited)
    remarks = (one.remark for one in read)
    return find_remainder(piece.block.raw, (one.reference for one in read), remarks)


def _is_sentence(left: str) -> bool:
    """Say whether the words that no field holds are somebody's: so many, and in small letters."""
    words = [word for word in left.split() if any(map(str.isalpha, word))]
    return len(words) >= _MIN_SAID and sum(word[0].islower() for word in words) > 0.7 * len(words)


# The heading of what is said of the one text above: "## Notes", "### Mon avis".
_OF_NOTES: Final = re.compile(
    r"(?:mes |nos |mon |notre )?(?:notes?(?: de lecture)?|commentaires?|avis|remarques?|résumé|"
    r"critique|comments?|summary|review)\s?:?",
    re.IGNORECASE,
)


def _of_notes(block: Block) -> bool:
    return block.shape is Shape.HEADING and bool(_OF_NOTES.fullmatch(heading_text(block).strip()))


_SLOT: Final = re.compile(r"(?:[,;:.)\]»”\"]|\s[–—-])\s*[(\[]?\s*(?=[\w«“])|\s*[(\[]\s*(?=[\w«“])")
_OF_FIELDS: Final = re.compile(  # what is no comment where no field holds it
    r"rééd|réimp|trad|coll|vol|tome|édition|éd|n°|pp?\b|dactyl|cc\b|licen[cs]e|sous presse|multigr",
    re.IGNORECASE,
)
_MIN_TELLING: Final = 4  # letters


def _part_closing(text: str, left: str) -> tuple[str, str]:
    """Part the words that close a reference's line and that no field holds: "…, 1993 ; utile".

    `left` holds the words of the text that no field holds. Gives the comment, "" where the last
    words are no comment, and what is left besides.
    """
    text = _BARE_ADDRESS.sub("", text).rstrip()
    lost = set(find_words(left))
    comment = ""
    for slot in _SLOT.finditer(text):
        closing = text[slot.end() :]
        words = [one for one in find_words(closing) if one not in CUE_WORDS]
        if words and lost.issuperset(words):
            comment = closing.strip(" ()[];,:–—-")
            break
    small = [one for one in comment.split() if one[0].islower() and len(one) >= _MIN_TELLING]
    if not small or 2 * len(small) < len(comment.split()) - 1 or _OF_FIELDS.match(comment):
        return "", left
    said = set(find_words(comment))
    if is_generic_link(comment):
        return "", left
    return comment, " ".join(one for one in left.split() if not said.issuperset(find_words(one)))


def _opening(piece: Piece) -> Piece:
    """Give the piece of a reference as the first of the note that stands on its line."""
    return Piece(block=piece.block, role=Role.NOTE, section=piece.section)
