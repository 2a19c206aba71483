"""Postings read from Whoosh's own files at each question: right, and slow.

What the arrays beside the segments are tested against; nothing else asks it.
"""

from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from indexer.analysis.stopwords import ALL_STOPS
from indexer.engines.formula import find_norm, score_term
from indexer.engines.memory import Memory
from indexer.engines.pairs import count_side_by_side
from indexer.engines.postings import (
    NO_POSTINGS,
    PLACE_BITS,
    Counts,
    Docs,
    Flags,
    PlaceNumbers,
    Postings,
    Scores,
)
from indexer.engines.vocabulary import Vocabulary
from indexer.engines.whoosh import schema as ours
from indexer.engines.whoosh.storage import open_whoosh
from indexer.index.fields import (
    ALL_EXACT,
    ALL_STARTS,
    FIELD_BY_NAME,
    LENGTHS_OF,
    PAIRED,
    REPEATED,
    START_LETTERS,
)
from indexer.search.synonyms import NO_SYNONYMS

with ours.old_warnings():
    from whoosh.codec import whoosh3
    from whoosh.reading import TermNotFound
    from whoosh.util.numeric import byte_to_length

_MOST_REMEMBERED: Final = 1_000_000  # numbers
LENGTH_OF_BYTE: Final[Counts] = np.array(
    [0.0, *(byte_to_length(byte) for byte in range(1, 256))], np.float32
)


class WhooshReader:
    """One state of an index, read through Whoosh; for one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self.synonyms = NO_SYNONYMS
        with ours.translate_errors(folder):
            self._reader = open_whoosh(folder).reader()
        self._leaves: list[tuple[Any, int]] = self._reader.leaf_readers()
        self.size: int = self._reader.doc_count_all()
        self.live: Flags = np.ones(self.size, np.bool_)
        for leaf, offset in self._leaves:
            for number in leaf.segment().deleted_docs():
                self.live[offset + number] = False
        self.dead: Docs = np.flatnonzero(~self.live)
        self.all_live = not self.dead.size
        self.memory = Memory(_MOST_REMEMBERED)
        self._lengths: dict[str, Counts] = {}
        self._norms: dict[str, Scores] = {}
        self._facets: dict[str, tuple[Docs, list[str]]] = {}
        self._vocabularies: dict[str, Vocabulary] = {}

    def close(self) -> None:
        """Let the files go."""
        self._reader.close()

    def postings(self, field: str, term: str) -> Postings:
        """The documents of a term and how often each has it."""
        if field in PAIRED:
            left, _, right = term.partition(" ")
            words = PAIRED[field]
            return count_side_by_side(self.places(words, left), self.places(words, right))
        if field == ALL_STARTS:
            return self._begin_with(term)
        docs, counts = array("i"), array("f")
        for matcher, offset in self._matchers(field, term):
            while matcher.is_active():
                docs.append(offset + matcher.id())
                counts.append(matcher.weight())
                matcher.next()
        return (np.array(docs, np.int32), np.array(counts, np.float32)) if docs else NO_POSTINGS

    def _begin_with(self, start: str) -> Postings:
        """The documents of all words that begin so, stop words aside; a shorter one is the word."""
        if len(start) < START_LETTERS:
            return self.postings(ALL_EXACT, start)
        sums = np.zeros(self.size, np.float32)
        for form, _ in self.terms(ALL_EXACT, start):
            if form not in ALL_STOPS:
                docs, counts = self.postings(ALL_EXACT, form)
                sums[docs] += counts
        found = np.flatnonzero(sums)
        return found, sums[found]

    def _matchers(self, field: str, term: str) -> Iterator[tuple[Any, int]]:
        """The matcher of a term in each segment; deleted documents are in the statistics."""
        for leaf, offset in self._leaves:
            try:
                posting_format = ours.make_schema()[field].format
                yield leaf._terms.matcher(field, term.encode(), posting_format), offset
            except TermNotFound:
                continue

    def document_count(self, field: str, term: str) -> int:
        """How many documents have a term, deleted ones included."""
        if FIELD_BY_NAME[field].of:
            return self.postings(field, term)[0].size
        return int(self._reader.doc_frequency(field, term.encode()))

    def impacts(self, field: str, term: str) -> tuple[Docs, Scores]:
        """The documents of a term and what it adds in each, weight 1."""
        docs, counts = self.postings(field, term)
        return docs, score_term(counts, self.norm(field), docs, size=self.size)

    def norm(self, field: str) -> Scores:
        """What length does to a count in each document."""
        if field not in self._norms:
            self._norms[field] = find_norm(field, self)
        return self._norms[field]

    def places(self, field: str, term: str) -> PlaceNumbers:
        """Every place of a term, as one number each."""
        decode = ours.make_schema()[field].format.decode_positions
        found = array("q")
        for matcher, offset in self._matchers(field, term):
            while matcher.is_active():
                number = offset + matcher.id()
                found.extend((number << PLACE_BITS) + place for place in decode(matcher.value()))
                matcher.next()
        return np.array(found, np.int64)

    def lengths(self, field: str) -> Counts:
        """How many terms each document has in a field (Whoosh keeps one byte of it)."""
        field = LENGTHS_OF.get(field, field)
        if field not in self._lengths:
            parts = [LENGTH_OF_BYTE[self.length_bytes(leaf, field)] for leaf, _ in self._leaves]
            self._lengths[field] = np.concatenate(parts) if parts else np.empty(0, np.float32)
        return self._lengths[field]

    @staticmethod
    def length_bytes(leaf: Any, field: str) -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
        """The length byte of each document of a segment."""
        documents, size = leaf._perdoc, leaf.doc_count_all()
        name = whoosh3._lenfield(field)
        if not documents.has_column(name):
            return np.zeros(size, np.uint8)
        column = documents.column_reader(name, whoosh3.LENGTHS_COLUMN)
        return np.array([column[number] for number in range(size)], np.uint8)

    def distinct(self) -> Counts:
        """How many different stems each document has."""
        counts = np.zeros(self.size, np.float32)
        for stem, _ in self.terms(REPEATED):
            counts[self.postings(REPEATED, stem)[0]] += 1.0
        return counts

    def facet(self, name: str) -> tuple[Docs, list[str]]:
        """For each document a number, and the value that each number stands for; 0 is none."""
        if name not in self._facets:
            codes = np.zeros(self.size, np.int32)
            values = [""]
            field = ours.facet_field(name)
            for term in self._reader.lexicon(field):
                value = term.decode() if isinstance(term, bytes) else str(term)
                codes[self.postings(field, value)[0]] = len(values)
                values.append(value)
            self._facets[name] = codes, values
        return self._facets[name]

    def terms(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        """The terms of a field that begin so, in order, with their numbers of documents."""
        for term in self._reader.expand_prefix(field, prefix.encode()):
            yield term.decode(), self.document_count(field, term.decode())

    def count_among(self, field: str, flags: Flags) -> Mapping[str, int]:
        """The terms of a field that flagged documents have, and how many of these have each."""
        counts = {
            term: int(flags[self.postings(field, term)[0]].sum()) for term, _ in self.terms(field)
        }
        return {term: count for term, count in counts.items() if count}

    def vocabulary(self, field: str) -> Vocabulary:
        """The words of a field, gathered when first asked for."""
        if field not in self._vocabularies:
            self._vocabularies[field] = Vocabulary(self.terms(field))
        return self._vocabularies[field]

    def ids(self, numbers: Docs) -> list[str]:
        """The ids of some documents."""
        return [self.key(number)[0] for number in numbers.tolist()]

    def key(self, number: int) -> tuple[str, str]:
        """The id and the fingerprint of a document."""
        stored = self._reader.stored_fields(number)
        return stored["id"], stored["fingerprint"]
