"""Show an index without some of its documents: as if they had never been indexed.

What was withdrawn goes at once, before the next `renvois index`: no posting of it is read, no
count tells of it, no row of the store is given. Deleted documents go the same way: their postings
stay in a segment until it is merged, and what was withdrawn and deleted must leave no word behind.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

import numpy as np

from indexer.engines.embedded.postings import (
    NO_ROWS,
    PLACE_BITS,
    AnyArray,
    Counts,
    Docs,
    Flags,
    PackedRows,
    PlaceNumbers,
    Postings,
    PostingsPart,
    PostingsReader,
    WordRows,
    address_of,
    pack_row,
)
from indexer.engines.embedded.store import DocumentStore, Head, StoredParagraphs
from indexer.engines.planning.lexicon import Memory
from indexer.engines.protocol import KnownForm
from indexer.index.document import describe_note
from indexer.index.fields import ALL, ALL_EXACT, ALL_STEMS, ID
from indexer.model import CitingNote, Document, rename_note
from indexer.search.match_spec import NameSequence
from indexer.withdrawals import list_ids, rename_aliases

_MOST_REMEMBERED = 4_000_000  # numbers of eight bytes


class ShownReader:
    """One state of an index without the documents of some ids; a `PostingsReader`.

    As safe to share as the reader that it reads from. Lengths and what is worked out of them stay
    those of all documents that are numbered, as after a deletion.
    """

    def __init__(self, reader: PostingsReader, hidden: Iterable[str]) -> None:
        """`hidden` are the ids to leave out."""
        self._reader = reader
        self.size = reader.size
        self.live: Flags = reader.live.copy()
        for key in hidden:
            self.live[reader.postings(ID, key)[0]] = False
        self.dead: Docs = np.flatnonzero(~self.live)
        self.all_live = not self.dead.size
        self.norms = reader.norms
        self.memory = Memory(_MOST_REMEMBERED)

    def close(self) -> None:
        """Let the files go."""
        self._reader.close()

    def postings(self, field: str, term: str) -> Postings:
        """Give the documents of a term and how often each has it."""
        docs, counts = self._reader.postings(field, term)
        kept = self.live[docs]
        return (docs, counts) if kept.all() else (docs[kept], counts[kept])

    def parts(self, field: str, term: str) -> list[PostingsPart]:
        """Give the postings of a term, those of all segments together."""
        return [PostingsPart(*self.postings(field, term), 0)]

    def pack(self, field: str, term: str) -> PackedRows:
        """Give the postings of a term as the kernel reads them, in one row."""
        docs, counts = self.postings(field, term)
        if not docs.size:
            return NO_ROWS
        at = (address_of(docs), docs.itemsize), (address_of(counts), counts.itemsize)
        row = pack_row(*at, docs.size, 0, (docs.size, self.norms.find_place(field)))
        return PackedRows(1, row, (docs, counts))

    def read_form(self, form: str) -> KnownForm | None:
        """Give how a form is read that some text has which is shown."""
        known = self._reader.read_form(form)
        if known is None or not self.document_count(ALL_EXACT, form):
            return None
        stem, names, is_named, english_stem, english_names = known
        return KnownForm(
            stem,
            names,
            is_named and any(self.document_count(ALL, name) for name in names),
            english_stem if self.document_count(ALL_STEMS, english_stem) else "",
            tuple(name for name in english_names if self.document_count(ALL, name)),
        )

    def document_count(self, field: str, term: str) -> int:
        """Count the documents that have a term."""
        return int(self.postings(field, term)[0].size)

    def places(self, field: str, term: str) -> PlaceNumbers:
        """Every place of a term, in order."""
        places = self._reader.places(field, term)
        kept: PlaceNumbers = places[self.live[places >> PLACE_BITS]]
        return kept

    def places_in(self, field: str, term: str, numbers: Docs) -> PlaceNumbers:
        """Find the places of a term in some documents that are shown."""
        return self._reader.places_in(field, term, numbers)

    def find_steps(self, number: int) -> AnyArray:
        """Give where the words of the paragraphs of a document begin, as it is packed."""
        return self._reader.find_steps(number)

    def keep_written(self, rows: Sequence[WordRows], sequence: NameSequence) -> list[int]:
        """Read texts; give the numbers of those where some words stand as they are named."""
        return self._reader.keep_written(rows, sequence)

    def lengths(self, field: str) -> Counts:
        """Count the terms of each document in a field."""
        return self._reader.lengths(field)

    def distinct(self) -> Counts:
        """Count the different stems of each document."""
        return self._reader.distinct()

    def facet(self, name: str) -> tuple[Docs, Sequence[str]]:
        """For each document a number, and the value that each number stands for."""
        return self._reader.facet(name)

    def terms(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Give the terms of a field that begin so, in order, with their numbers of documents."""
        gone = self._reader.count_among(field, ~self.live, prefix)
        for term, count in self._reader.terms(field, prefix):
            left = count - gone.get(term, 0)
            if left:
                yield term, left

    def list_similar(self, field: str, word: str, distance: int) -> Iterable[str]:
        """Give the terms of a field that may be so many letters away from a word, and others."""
        return self._reader.list_similar(field, word, distance)

    def count_among(self, field: str, flags: Flags, prefix: str = "") -> Mapping[str, int]:
        """Count the flagged documents that have each term of a field that begins so."""
        return self._reader.count_among(field, flags & self.live, prefix)

    def find_forms(self, name: str) -> frozenset[str]:
        """Give the folded forms in which texts have a name, those of hidden texts among them."""
        return self._reader.find_forms(name)

    def ids(self, numbers: Docs) -> list[str]:
        """Give the ids of some documents."""
        return self._reader.ids(numbers)

    def key(self, number: int) -> tuple[str, str]:
        """Give the id and the fingerprint of a document."""
        return self._reader.key(number)


class ShownStore:
    """A store of Documents without some of them, and without what names them in the others."""

    def __init__(self, store: DocumentStore, hidden: frozenset[str]) -> None:
        """Hide the documents of some ids of a store."""
        self._store = store
        self._hidden = hidden
        self.path = store.path
        citing: dict[str, list[str]] = {}  # note id -> the hidden texts that it cites
        notes: dict[str, CitingNote] = {}
        for document in store.read_outlines(hidden):
            for note in document.notes:
                notes.setdefault(note.id, note)
                ids = list_ids(document.reference) if document.reference else (document.id,)
                citing.setdefault(note.id, []).extend(ids)
        others = store.find_outlines(citing) if citing else ()
        shown = {note.id for each in others if each.id not in hidden for note in each.notes}
        self._names = {note_id: rename_note(note_id, ids) for note_id, ids in citing.items()}
        self.orphans = tuple(
            describe_note(self._rename_note(notes[note_id]))
            for note_id in citing
            if note_id not in shown
        )

    def snapshot(self) -> AbstractContextManager[None]:
        """Read one state, whatever is written meanwhile."""
        return self._store.snapshot()

    def close(self) -> None:
        """Close the connection."""
        self._store.close()

    def find(self, key: str, mark: str | None = None) -> Document:
        """Give the document of an id that is not hidden; KeyError for one that is."""
        self._refuse(key)
        return self._rename(self._store.find(key, mark))

    def find_outline(self, key: str, mark: str | None) -> tuple[Document, StoredParagraphs]:
        """Find the document of an id without its paragraphs, and these; KeyError if hidden."""
        self._refuse(key)
        document, paragraphs = self._store.find_outline(key, mark)
        return self._rename(document), paragraphs

    def _refuse(self, key: str) -> None:
        """Readers give no number of a hidden document: nobody gets as far as here with one."""
        if key in self._hidden:
            raise KeyError(key)

    def outlines(self) -> Iterator[tuple[str, Document]]:
        """Every document that is not hidden, without its paragraphs, and its fingerprint."""
        for mark, document in self._store.outlines():
            if document.id not in self._hidden:
                yield mark, self._rename(document)

    def marked_documents(self) -> Iterator[tuple[str, Document]]:
        """Every document that is not hidden, with its fingerprint."""
        for mark, document in self._store.marked_documents():
            if document.id not in self._hidden:
                yield mark, self._rename(document)

    def heads(self) -> Iterator[Head]:
        """List what the rows of documents that are not hidden say beside them."""
        return (head for head in self._store.heads() if head.id not in self._hidden)

    def describe_hidden(self) -> Iterator[tuple[str, str, str]]:
        """Give the title, the author and the innermost section of what is hidden: to leave out."""
        return self._store.describe(sorted(self._hidden))

    def _rename(self, document: Document) -> Document:
        if not any(note.id in self._names for note in document.notes):
            return document
        return replace(document, notes=tuple(map(self._rename_note, document.notes)))

    def _rename_note(self, note: CitingNote) -> CitingNote:
        name = self._names.get(note.id, note.id)
        return note if name == note.id else rename_aliases(replace(note, id=name))


AnyStore = DocumentStore | ShownStore
