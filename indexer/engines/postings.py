"""What ranking reads: postings as arrays, whoever keeps them.

`sidecar` reads them from the files of segments, mapped into memory; `shown` leaves documents out.
Documents are numbered from 0 across segments.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.engines.memory import Memory
from indexer.engines.vocabulary import Vocabulary
from indexer.index.fields import K1
from indexer.search.synonyms import SynonymMap

Docs = NDArray[np.signedinteger[Any]]
Counts = NDArray[np.float32]
Occurrences = NDArray[Any]  # numbers of whichever type is at hand, none negative
Postings = tuple[Docs, Occurrences]  # documents in order, occurrences in each
Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]
PlaceNumbers = NDArray[np.int64]  # (document << PLACE_BITS) + place

NO_POSTINGS: Final[Postings] = (np.empty(0, np.intp), np.empty(0, np.float32))

# A place is a document's number and a word's number in one: documents never touch.
PLACE_BITS: Final = 24
# Where all words of a text stand that is longer still: found, and in no phrase.
LAST_PLACE: Final = (1 << PLACE_BITS) - 2


class Norm(NamedTuple):
    """What length does to a count in each document of an index, and what follows from that alone.

    Worked out once for all documents, not again for each posting of each term.
    """

    norm: Scores  # 1 in a usual document, above zero
    bm25: Scores  # k1 x norm
    lgd: Scores  # log(1 + 1 / norm)

    @classmethod
    def of(cls, norm: Scores) -> "Norm":
        """Work out what follows from a norm."""
        return cls(norm, K1 * norm, np.log1p(1.0 / norm))


class PostingsReader(Protocol):
    """One state of an index; it never changes while it is open."""

    size: int  # documents numbered, deleted ones included
    live: Flags  # which documents are not deleted
    dead: Docs  # which are, by number
    all_live: bool
    memory: Memory  # what is worked out of this state and asked for again
    synonyms: SynonymMap  # what the owner's file says of words

    def close(self) -> None:
        """Let the files go."""
        ...

    def postings(self, field: str, term: str) -> Postings:
        """The documents of a term and how often each has it."""
        ...

    def document_count(self, field: str, term: str) -> int:
        """How many documents have a term, deleted ones included."""
        ...

    def impacts(self, field: str, term: str) -> tuple[Docs, Scores]:
        """The documents of a term and what it adds in each, weight 1."""
        ...

    def places(self, field: str, term: str) -> PlaceNumbers:
        """Every place of a term, in order."""
        ...

    def lengths(self, field: str) -> Counts:
        """How many terms each document has in a field."""
        ...

    def distinct(self) -> Counts:
        """How many different stems each document has."""
        ...

    def norm(self, field: str) -> Norm:
        """What length does to a count in each document, deleted ones included."""
        ...

    def facet(self, name: str) -> tuple[Docs, Sequence[str]]:
        """For each document a number, and the value that each number stands for."""
        ...

    def terms(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        """The terms of a field that begin so, in order, with their numbers of documents."""
        ...

    def list_similar(self, field: str, word: str, distance: int) -> Iterable[str]:
        """The terms of a field that may be so many letters away from a word, and others."""
        ...

    def count_among(self, field: str, flags: Flags, prefix: str = "") -> Mapping[str, int]:
        """The terms of a field that begin so and that flagged documents have, and how many of
        these have each.
        """
        ...

    def vocabulary(self, field: str) -> Vocabulary:
        """The words of a field, to look among."""
        ...

    def ids(self, numbers: Docs) -> list[str]:
        """The ids of some documents."""
        ...

    def key(self, number: int) -> tuple[str, str]:
        """The id and the fingerprint of a document."""
        ...
