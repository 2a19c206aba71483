"""What ranking reads: postings as arrays, whoever keeps them.

Two keep them: Whoosh itself (`whoosh`, decoded at each question) and the files beside its
segments (`sidecar`, mapped into memory). Documents are numbered from 0 across segments.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Docs = NDArray[np.int32]
Counts = NDArray[np.float32]
Postings = tuple[Docs, Counts]  # documents in order, occurrences in each
Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]

NO_POSTINGS: Postings = (np.empty(0, np.int32), np.empty(0, np.float32))


class PostingsReader(Protocol):
    """One state of an index; it never changes while it is open."""

    @property
    def size(self) -> int:
        """How many documents are numbered, deleted ones included."""
        ...

    @property
    def live(self) -> Flags:
        """Which documents are not deleted."""
        ...

    def postings(self, field: str, term: str) -> Postings:
        """The documents of a term and how often each has it."""
        ...

    def document_count(self, field: str, term: str) -> int:
        """How many documents have a term, deleted ones included."""
        ...

    def positions(self, field: str, term: str) -> Iterator[tuple[int, Sequence[int]]]:
        """Each document of a term and the places of the term there."""
        ...

    def lengths(self, field: str) -> Counts:
        """How many terms each document has in a field."""
        ...

    def average_length(self, field: str) -> float:
        """The mean of `lengths`, over all numbered documents."""
        ...

    def facet(self, name: str) -> tuple[Docs, Sequence[str]]:
        """For each document a number, and the value that each number stands for."""
        ...

    def terms(self, field: str, prefix: str = "") -> Iterator[str]:
        """The terms of a field that begin so, in order."""
        ...

    def key(self, number: int) -> tuple[str, str]:
        """The id and the fingerprint of a document."""
        ...
