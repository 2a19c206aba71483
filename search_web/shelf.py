"""Stand the documents in the bibliography's order: sections, notes, what cites what.

Pure: made of the documents once for each state of the index.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

from indexer.model import CitingNote, Document, DocumentKind, LinkState, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfNote:
    """A note, the texts that it cites, and its neighbours in the bibliography."""

    note: CitingNote
    text_ids: tuple[str, ...] = ()
    previous_id: str = ""
    next_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What stands together on the page of notes: texts, then the notes about them."""

    section: tuple[str, ...]
    text_ids: tuple[str, ...] = ()
    note_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Everything but the articles' own text."""

    texts: Mapping[str, Document] = field(default_factory=lambda: MappingProxyType({}))
    notes: Mapping[str, ShelfNote] = field(default_factory=lambda: MappingProxyType({}))
    entries: tuple[Entry, ...] = ()

    @cached_property
    def link_counts(self) -> Mapping[LinkState, int]:
        """How many texts have a link in each state; a text without address has none."""
        return Counter(text.link.state for text in self.texts.values() if text.url)

    @cached_property
    def archived_count(self) -> int:
        """How many texts have an archived article."""
        return sum(1 for text in self.texts.values() if text.captured_at is not None)

    @cached_property
    def visited_at(self) -> datetime | None:
        """When a link was last visited."""
        moments = [t.link.checked_at for t in self.texts.values() if t.link.checked_at]
        return max(moments, default=None)

    @cached_property
    def sections(self) -> Mapping[tuple[str, ...], int]:
        """The sections in their order, with how many entries each holds by itself."""
        return Counter(entry.section for entry in self.entries)


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
    )


def _order(place: Place | None) -> tuple[str, int]:
    return (place.path, place.line) if place else ("", 0)


def _make_entries(
    texts: Mapping[str, Document], notes: Iterable[CitingNote], cited: Mapping[str, list[str]]
) -> Iterator[Entry]:
    """Gather texts that the same notes cite; what nothing cites or is cited stands alone."""
    groups: dict[tuple[str, ...], list[str]] = {}
    placed: list[tuple[tuple[str, int], Entry]] = []
    for text in texts.values():
        key = tuple(note.id for note in text.notes) or (f"={text.id}",)
        groups.setdefault(key, []).append(text.id)
    for ids in groups.values():
        first = texts[ids[0]]
        place = first.reference.place if first.reference else None
        note_ids = tuple(note.id for note in first.notes)
        entry = Entry(section=first.section, text_ids=tuple(ids), note_ids=note_ids)
        placed.append((_order(place), entry))
    for note in notes:
        if note.id not in cited:
            entry = Entry(section=note.section, note_ids=(note.id,))
            placed.append((_order(note.place), entry))
    yield from (entry for _, entry in sorted(placed, key=lambda pair: pair[0]))
