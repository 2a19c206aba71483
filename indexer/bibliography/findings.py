"""What one file says, before anything has an identifier."""

from dataclasses import dataclass

from indexer.model import Entry, Note, Problem, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """References, notes, entries and problems of one file, in its order, ids still empty.

    `citations` pairs the index of a note with that of a reference.
    """

    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    citations: tuple[tuple[int, int], ...] = ()
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
