"""Read an index from the arrays beside its segments, as if they were one.

One reader is shared by all threads: it only ever reads, and remembers what it read.
"""

import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from indexer.engines.embedded.postings import (
    NO_POSTINGS,
    NO_ROWS,
    PLACE_BITS,
    AnyArray,
    Counts,
    Docs,
    Flags,
    Norms,
    PackedRows,
    PlaceNumbers,
    Postings,
    PostingsPart,
    WordRows,
    join_rows,
)
from indexer.engines.embedded.segment import NO_NUMBER, Segment, SegmentField, list_form_terms
from indexer.engines.embedded.store import BLOCK, DocumentStore
from indexer.engines.embedded.term_scores import find_norm
from indexer.engines.planning.lexicon import Memory
from indexer.engines.protocol import KnownForm
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_STARTS,
    ALL_STEMS,
    BODY,
    LENGTHS_OF,
    PAIRED,
    REPEATED,
    START_LETTERS,
)
from indexer.index.postings import list_parts
from indexer.model import Paragraph
from indexer.search.match_spec import NameSequence
from indexer.search.matches import has_sequence

_MOST_REMEMBERED: Final = 14_000_000  # numbers of eight bytes
_MOST_FOUND: Final = 30_000  # terms whose places in the segments are remembered
_NO_PLACES: Final = np.empty(0, np.int64)


_Parts = list[tuple[SegmentField, int, int, int, int]]


class _TermRows:
    """Hold where the postings of a term are; `packed` once the kernel was given them."""

    __slots__ = ("holders", "packed", "parts")

    def __init__(self, holders: int, parts: _Parts) -> None:
        """Say how many documents have the term, deleted ones too, and where.

        Of `parts` each is the field of a segment, the term's number there, from where to where its
        postings are, and the number of the segment's first document.
        """
        self.holders, self.parts = holders, parts
        self.packed: PackedRows | None = None


_NOWHERE: Final[_Parts] = []


def _count(parts: _Parts) -> int:
    """Count the documents that have a term, deleted ones too."""
    if len(parts) == 1:
        return parts[0][3] - parts[0][2]
    return sum([part[3] - part[2] for part in parts])


class _StoredTexts:
    """The texts of an index, read by all who share its reader, one after the other."""

    def __init__(self, folder: Path | None) -> None:
        """Open nothing before a text is read."""
        self._folder = folder
        self._store: DocumentStore | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the file; whoever reads on opens it again."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    def has_sequence(
        self, key: str, mark: str, language: str, rows: WordRows, sequence: NameSequence
    ) -> bool:
        """Tell whether words stand as they are named in one of some rows of a text.

        Raises DamagedIndexError where the text is gone: the index has changed, or is damaged.
        """
        with self._lock:
            if self._store is None:
                if self._folder is None:
                    raise ValueError("an index without texts")
                self._store = DocumentStore(self._folder, is_read_only=True)
            blocks: dict[int, list[Paragraph]] = {}
            spans = [None] if rows.spans is None else rows.spans
            for span in filter(None, spans):
                number, inside = divmod(span[0], BLOCK)
                if number not in blocks:
                    blocks[number] = self._store.read_block(key, mark, number)
                if has_sequence(blocks[number][inside].text, sequence, language, span[1:]):
                    return True
            if None not in spans:
                return False
            with self._store.snapshot():
                outline, paragraphs = self._store.find_outline(key, mark)
                document = outline
                if rows.spans is None and rows.field in (ALL, BODY):
                    document = replace(outline, paragraphs=tuple(paragraphs))
        return any(
            has_sequence(part.text, sequence, part.language)
            for part in list_parts(document)
            if (part.is_in_all if rows.field == ALL else part.field == rows.field)
            or (part.is_body and rows.field == BODY)
        )


class ArraysReader:
    """One state of an index, over one or several segments."""

    def __init__(
        self,
        segments: Sequence[tuple[Segment, Iterable[int]]],
        length_of_byte: Counts,
        folder: Path | None = None,
    ) -> None:
        """`segments` come with the numbers deleted in each; lengths are kept as one byte.

        The texts are in `folder`.
        """
        self._texts = _StoredTexts(folder)
        self._segments = [segment for segment, _ in segments]
        sizes = [segment.size for segment in self._segments]
        self._offsets = np.cumsum([0, *sizes])[:-1].tolist()
        self.size = sum(sizes)
        self.live: Flags = np.ones(self.size, np.bool_)
        for offset, (_, deleted) in zip(self._offsets, segments, strict=True):
            numbers = [offset + number for number in deleted]
            self.live[numbers] = False
        self.dead: Docs = np.flatnonzero(~self.live)
        self.all_live = not self.dead.size
        self._length_of_byte = length_of_byte
        self.norms = Norms(partial(find_norm, reader=self), self.size)
        self._lengths: dict[str, Counts] = {}
        self._facets: dict[str, tuple[Docs, list[str]]] = {}
        self.memory = Memory(_MOST_REMEMBERED)
        self._ids: dict[int, str] = {}
        self._found: dict[tuple[str, str], _TermRows] = {}  # the terms asked for last

    def close(self) -> None:
        """Let the texts go; the mappings go with the last array."""
        self._texts.close()

    def postings(self, field: str, term: str) -> Postings:
        """Give the documents of a term and how often each has it.

        A beginning shorter than START_LETTERS is looked up as a word.
        """
        found = []
        for held, _, start, end, first in self._find(field, term).parts:
            docs, counts = held.read_span(start, end)
            found.append((docs.astype(np.intp) + first, counts))
        if not found:
            return NO_POSTINGS
        if len(found) == 1:
            return found[0]
        return (
            np.concatenate([docs for docs, _ in found]),
            np.concatenate([counts for _, counts in found]),
        )

    def parts(self, field: str, term: str) -> list[PostingsPart]:
        """Give the postings of a term as they are kept, segment after segment."""
        return [
            PostingsPart(*held.read_span(start, end), first)
            for held, _, start, end, first in self._find(field, term).parts
        ]

    def pack(self, field: str, term: str) -> PackedRows:
        """Give the postings of a term as the kernel reads them."""
        found = self._found.get((field, term)) or self._find(field, term)
        if found.packed is None:
            rest = found.holders, self.norms.find_place(field)
            packed = NO_ROWS
            for held, _, start, end, first in found.parts:
                rows = held.pack_span(start, end, first, rest)
                packed = join_rows([packed, rows]) if packed.number else rows
            found.packed = packed
        return found.packed

    def document_count(self, field: str, term: str) -> int:
        """Count the documents that have a term, deleted ones included."""
        found = self._found.get((field, term)) or self._find(field, term)
        return found.holders

    def _find(self, field: str, term: str) -> _TermRows:
        """Find where a term stands; one is counted, read to rank, and asked again for extracts."""
        found = self._found.get((field, term))
        if found is None:
            if field in PAIRED:
                parts = self._find_pair(field, term)
            elif field == ALL_STARTS and len(term) < START_LETTERS:
                parts = self._find_name(ALL_EXACT, term.encode())
            else:
                parts = self._find_name(field, term.encode())
            if len(self._found) >= _MOST_FOUND:
                self._found.clear()
            found = self._found[field, term] = _TermRows(_count(parts), parts)
        return found

    def read_form(self, form: str) -> KnownForm | None:
        """Give how a form is read that some text has; None of one that is to be analysed.

        Where its terms stand is known from then on: it is read with the form.
        """
        rows = [segment.field(ALL_EXACT).find_form(form) for segment in self._segments]
        named = next((row[0] for row in rows if row), None)
        if named is None:
            return None
        terms = list_form_terms(form, named)
        if len(self._found) + len(terms) >= _MOST_FOUND:
            self._found.clear()
        found = self._found
        for place, key in enumerate(terms):
            parts = _NOWHERE
            for segment, row, first in zip(self._segments, rows, self._offsets, strict=True):
                held = segment.field(key[0])
                number = row[1][place] if row else held.find(key[1].encode())
                if 0 <= number < NO_NUMBER:
                    parts = [*parts, (held, number, *held.span(number), first)]
            found[key] = _TermRows(_count(parts), parts)
        if len(form) < START_LETTERS:
            same = found[ALL_EXACT, form]
            found[ALL_STARTS, form] = _TermRows(same.holders, same.parts)
        english = named.english_stem
        return KnownForm(
            named.stem,
            named.names,
            any([found[ALL, name].holders for name in named.names]),  # noqa: C419
            english
            if english and english != named.stem and found[ALL_STEMS, english].holders
            else "",
            tuple([name for name in named.english_names if found[ALL, name].holders]),
        )

    def _find_name(self, field: str, name: bytes) -> _Parts:
        parts = []
        for segment, first in zip(self._segments, self._offsets, strict=True):
            held = segment.field(field)
            number = held.find(name)
            if number >= 0:
                parts.append((held, number, *held.span(number), first))
        return parts

    def _find_pair(self, field: str, term: str) -> _Parts:
        left, _, right = term.partition(" ")
        source = PAIRED[field]
        lefts, rights = (
            {part[0]: part for part in self._find(source, each).parts} for each in (left, right)
        )
        parts = []
        for segment in self._segments:
            words = segment.field(source)
            if words in lefts and words in rights:
                held = segment.field(field)
                number = held.find_pair(lefts[words][1], rights[words][1])
                if number >= 0:
                    parts.append((held, number, *held.span(number), lefts[words][4]))
        return parts

    def places(self, field: str, term: str) -> PlaceNumbers:
        """Every place of a term, as one number each."""
        found = []
        for held, number, _, _, offset in self._find(field, term).parts:
            found.append(held.number_places(number, offset))
        return np.concatenate(found) if found else np.empty(0, np.int64)

    def places_in(self, field: str, term: str, numbers: Docs) -> PlaceNumbers:
        """Find the places of a term in some documents, in order; those of others are not read.

        A document is numbered by where it stands in `numbers`.
        """
        found = []
        for held, number, _, _, offset in self._find(field, term).parts:
            docs, places = held.places_in(number, numbers - offset)
            found.append((docs << PLACE_BITS) + places)
        return found[0] if len(found) == 1 else np.sort(np.concatenate([_NO_PLACES, *found]))

    def find_steps(self, number: int) -> AnyArray:
        """Give where the words of the paragraphs of a document begin, as it is packed."""
        place = bisect_right(self._offsets, number) - 1
        return self._segments[place].find_steps(number - self._offsets[place])

    def keep_written(self, rows: Sequence[WordRows], sequence: NameSequence) -> list[int]:
        """Read texts; give the numbers of those where some words stand as they are named."""
        codes, languages = self.facet("language")
        return [
            each.number
            for each in rows
            if self._texts.has_sequence(
                *self.key(each.number), languages[codes[each.number]], each, sequence
            )
        ]

    def lengths(self, field: str) -> Counts:
        """Count the terms of each document in a field."""
        field = LENGTHS_OF.get(field, field)
        if field not in self._lengths:
            parts = [
                self._length_of_byte[held]
                if (held := segment.field(field).lengths()).size
                else np.zeros(segment.size, np.float32)
                for segment in self._segments
            ]
            self._lengths[field] = np.concatenate(parts) if parts else np.empty(0, np.float32)
        return self._lengths[field]

    def distinct(self) -> Counts:
        """Count the different stems of each document."""
        counts = np.zeros(self.size, np.float32)
        for segment, offset in zip(self._segments, self._offsets, strict=True):
            held = segment.field(REPEATED).distinct()
            counts[offset : offset + held.size] = held  # the last documents may have none
        return counts

    def facet(self, name: str) -> tuple[Docs, list[str]]:
        """For each document a number, and the value that each number stands for; 0 is none."""
        if name not in self._facets:
            values = sorted(
                {value for segment in self._segments for value in segment.facet_values[name]} | {""}
            )
            place = {value: number for number, value in enumerate(values)}
            parts = [
                np.array([place[value] for value in segment.facet_values[name]], np.int32)[
                    segment.codes(name)
                ]
                for segment in self._segments
            ]
            codes = np.concatenate(parts) if parts else np.empty(0, np.int32)
            self._facets[name] = codes, values
        return self._facets[name]

    def terms(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Give the terms of a field that begin so, in order, with their numbers of documents."""
        if len(self._segments) == 1:
            yield from self._segments[0].field(field).terms(prefix)
            return
        every = merge(*(segment.field(field).terms(prefix) for segment in self._segments))
        for term, same in groupby(every, key=lambda each: each[0]):
            yield term, sum(count for _, count in same)

    def list_similar(self, field: str, word: str, distance: int) -> Iterable[str]:
        """Give the terms of a field that may be so many letters away from a word, and others."""
        lists = [segment.field(field).list_similar(word, distance) for segment in self._segments]
        return dict.fromkeys(term for each in lists for term in each)

    def count_among(self, field: str, flags: Flags, prefix: str = "") -> Mapping[str, int]:
        """Count the flagged documents that have each term of a field that begins so."""
        counts: dict[str, int] = {}
        for segment, offset in zip(self._segments, self._offsets, strict=True):
            found = segment.field(field).count_among(flags[offset : offset + segment.size], prefix)
            for term, count in found:
                counts[term] = counts.get(term, 0) + count
        return counts

    def find_forms(self, name: str) -> frozenset[str]:
        """Give the folded forms in which texts have a name of ALL, deleted texts among them."""
        key = ("forms", name)
        known: frozenset[str] | None = self.memory.find(key)
        if known is None:
            known = frozenset().union(*(each.find_forms(name) for each in self._segments))
            self.memory.keep(key, known, 8 * len(known))
        return known

    def ids(self, numbers: Docs) -> list[str]:
        """Give the ids of some documents."""
        known = self._ids
        found = []
        for number in numbers.tolist():
            if number not in known:
                known[number] = self.key(number)[0]
            found.append(known[number])
        return found

    def keys(self) -> Iterator[tuple[str, str]]:
        """Give the id and the fingerprint of every document that is not deleted."""
        every = (key for segment in self._segments for key in segment.list_keys())
        for key, is_live in zip(every, self.live.tolist(), strict=True):
            if is_live:
                name, _, mark = key.partition("\0")
                yield name, mark

    def key(self, number: int) -> tuple[str, str]:
        """Give the id and the fingerprint of a document."""
        place = bisect_right(self._offsets, number) - 1
        key, _, mark = self._segments[place].key(number - self._offsets[place]).partition("\0")
        return key, mark
