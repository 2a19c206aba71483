"""Stand the documents in the bibliography's order: sections, notes, what cites what.

Pure: made of the documents once for each state of the index.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final

from indexer.model import (
    SECTION_BREAK,
    CitingNote,
    Document,
    DocumentKind,
    LinkState,
    Place,
    is_id,
    name_doi,
    name_id,
)

LATELY: Final = timedelta(days=31)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfNote:
    """A note, the texts that it cites, and its neighbours in the bibliography."""

    note: CitingNote
    text_ids: tuple[str, ...] = ()
    previous_id: str = ""
    next_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfEntry:
    """Hold an entry of the page of notes: texts, then the notes about them."""

    section: tuple[str, ...]
    text_ids: tuple[str, ...] = ()
    note_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Everything but the articles' own text."""

    texts: Mapping[str, Document] = field(default_factory=lambda: MappingProxyType({}))
    notes: Mapping[str, ShelfNote] = field(default_factory=lambda: MappingProxyType({}))
    entries: tuple[ShelfEntry, ...] = ()
    # Names that texts and notes had before, and the DOIs of texts -> the ids of today.
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def link_counts(self) -> Mapping[LinkState, int]:
        """Count the texts whose link is in each state; a text without address has none."""
        return Counter(text.link.state for text in self.texts.values() if text.url)

    @cached_property
    def archived_count(self) -> int:
        """Count the texts that have an archived article."""
        return sum(1 for text in self.texts.values() if text.captured_at is not None)

    @cached_property
    def author_names(self) -> Mapping[str, str]:
        """Write each author as an index of names does: "Jean Morvan" -> "Morvan, Jean"."""
        return {
            " ".join(name.display.split()): f"{name.family}, {name.given}"
            for text in self.texts.values()
            for name in (text.reference.author if text.reference else ())
            if name.family and name.given and not name.literal
        }

    @cached_property
    def dead(self) -> tuple[Document, ...]:
        """The texts whose link is dead, those that died last first."""
        dead = [text for text in self.texts.values() if is_dead(text)]
        return tuple(sorted(dead, key=lambda t: died_at(t) or _LONG_AGO, reverse=True))

    @cached_property
    def dead_lately(self) -> tuple[Document, ...]:
        """The texts whose link died in the month before the last visit."""
        if self.visited_at is None:
            return ()
        since = self.visited_at - LATELY
        return tuple(t for t in self.dead if (died_at(t) or _LONG_AGO) >= since)

    @cached_property
    def latest_notes(self) -> tuple[ShelfNote, ...]:
        """The notes on texts, those on the latest texts first."""
        latest = sorted(self.texts.values(), key=lambda t: t.issued, reverse=True)
        found = dict.fromkeys(note.id for text in latest for note in text.notes)
        return tuple(self.notes[each] for each in found)

    @cached_property
    def author_texts(self) -> frozenset[str]:
        """Give every author of a text, as it is displayed."""
        return frozenset(
            " ".join(name.display.split())
            for text in self.texts.values()
            for name in (text.reference.author if text.reference else ())
        )

    @cached_property
    def section_paths(self) -> Mapping[str, frozenset[str]]:
        """Give the paths of the sections that end in each heading, and the paths themselves."""
        paths: dict[str, set[str]] = {}
        notes = (entry.note.section for entry in self.notes.values())
        for section in {*(text.section for text in self.texts.values()), *notes}:
            headings = [" ".join(heading.split()) for heading in section]
            for depth in range(1, len(headings) + 1):
                path = SECTION_BREAK.join(headings[:depth])
                paths.setdefault(path, set()).add(path)
                paths.setdefault(headings[depth - 1], set()).add(path)
        return {name: frozenset(found) for name, found in paths.items()}

    @cached_property
    def _short_names(self) -> Mapping[str, str]:
        """The short names of texts, of today and of before, and the ids that they lead to."""
        olds = {name.partition(" ")[2]: to for name, to in self.aliases.items() if is_id(name)}
        found = {short_name(old): to for old, to in olds.items() if to in self.texts}
        # What is of today goes before what was: two names may have one digest.
        return found | {short_name(text_id): text_id for text_id in self.texts}

    def find_short(self, name: str) -> str:
        """Find the id of the text that a short name, an id or an older id leads to; "" for none."""
        found = name if name in self.texts else self._short_names.get(name, "")
        found = found or self.aliases.get(name_id(name), "")
        return found if found in self.texts else ""

    @cached_property
    def visited_at(self) -> datetime | None:
        """When a link was last visited."""
        moments = [t.link.checked_at for t in self.texts.values() if t.link.checked_at]
        return max(moments, default=None)


@lru_cache(maxsize=50_000)
def short_name(text_id: str) -> str:
    """Name a text by eight letters and digits, for addresses that name many.

    A digest of the id: it stays as the id does. Of 40 bits: two of 20,000 texts share
    one in one bibliography of 5,500.

    >>> short_name("besson-2014-tiers")
    'vz7sn2uz'
    """
    digest = hashlib.blake2b(text_id.encode(), digest_size=5).digest()
    return base64.b32encode(digest).decode("ascii").lower()


def is_dead(text: Document) -> bool:
    """Say whether a text has a link that is dead."""
    return bool(text.url) and text.link.state is LinkState.DEAD


def died_at(text: Document) -> datetime | None:
    """Say when the link of a text was found dead, or began to fail; None where nothing says it."""
    return text.link.since or text.link.failing_since


def stand(documents: Iterable[Document]) -> Shelf:
    """Make a shelf of the documents."""
    texts: dict[str, Document] = {}
    notes: dict[str, CitingNote] = {}
    cited: dict[str, list[str]] = {}
    for document in documents:
        for note in document.notes:
            notes.setdefault(note.id, note)
        if document.kind is DocumentKind.TEXT:
            texts[document.id] = replace(document, paragraphs=())
            for note in document.notes:
                cited.setdefault(note.id, []).append(document.id)
    ordered = sorted(notes.values(), key=lambda note: _order(note.place))
    ids = ["", *(note.id for note in ordered), ""]
    return Shelf(
        texts=texts,
        notes={
            note.id: ShelfNote(
                note=note,
                text_ids=tuple(cited.get(note.id, ())),
                previous_id=ids[position],
                next_id=ids[position + 2],
            )
            for position, note in enumerate(ordered)
        },
        entries=tuple(_make_entries(texts, ordered, cited)),
        aliases=dict(_list_aliases(texts.values(), ordered)),
    )


def _list_aliases(
    texts: Iterable[Document], notes: Iterable[CitingNote]
) -> Iterator[tuple[str, str]]:
    """List the names that lead to texts and notes beside their ids, and those ids."""
    for note in notes:
        yield from ((name, note.id) for name in note.aliases)
    for text in texts:
        if text.reference is not None:
            yield from ((name, text.id) for name in text.reference.aliases)
            if doi := name_doi(text.reference.doi):
                yield doi, text.id


@dataclass(frozen=True, slots=True)
class ContentsLine:
    """A line of the table of contents: a section, its number, and the page where it begins."""

    section: tuple[str, ...]
    number: int
    page: int
    count: int


def list_contents(entries: Sequence[ShelfEntry], per_page: int) -> tuple[ContentsLine, ...]:
    """List the sections in the order of their first entry."""
    first: dict[tuple[str, ...], int] = {}
    for position, entry in enumerate(entries):
        first.setdefault(entry.section, position)
    counts = Counter(entry.section for entry in entries)
    return tuple(
        ContentsLine(section, number, position // per_page + 1, counts[section])
        for number, (section, position) in enumerate(first.items(), start=1)
    )


def _order(place: Place | None) -> tuple[str, int]:
    return (place.path, place.line) if place else ("", 0)


def _make_entries(
    texts: Mapping[str, Document], notes: Iterable[CitingNote], cited: Mapping[str, list[str]]
) -> Iterator[ShelfEntry]:
    """Gather texts and notes that citations tie together; what is tied to nothing stands alone."""
    placed: list[tuple[tuple[str, int], ShelfEntry]] = []
    seen: set[str] = set()
    for text in texts.values():
        if text.id in seen:
            continue
        tied = _follow(text.id, texts, cited)
        seen.update(each.id for each in tied)
        tied.sort(key=_text_order)
        note_ids = dict.fromkeys(note.id for each in tied for note in each.notes)
        entry = ShelfEntry(
            section=tied[0].section,
            text_ids=tuple(each.id for each in tied),
            note_ids=tuple(note_ids),
        )
        placed.append((_text_order(tied[0]), entry))
    for note in notes:
        if note.id not in cited:
            entry = ShelfEntry(section=note.section, note_ids=(note.id,))
            placed.append((_order(note.place), entry))
    yield from (entry for _, entry in sorted(placed, key=lambda pair: pair[0]))


def _follow(
    text_id: str, texts: Mapping[str, Document], cited: Mapping[str, list[str]]
) -> list[Document]:
    """Follow citations from a text to all that is tied to it, itself included."""
    tied = {text_id: texts[text_id]}
    waiting = [text_id]
    while waiting:
        for note in texts[waiting.pop()].notes:
            for other in cited[note.id]:
                if other not in tied:
                    tied[other] = texts[other]
                    waiting.append(other)
    return list(tied.values())


def _text_order(text: Document) -> tuple[str, int]:
    return _order(text.reference.place if text.reference else None)
