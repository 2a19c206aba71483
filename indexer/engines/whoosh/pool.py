"""Hold the postings of a segment that is being written, term by term, within a bound of memory.

What does not fit goes to disk in runs, each in the order of its terms; they are merged when read.
"""

import marshal
import tempfile
from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import IO, Final

from indexer.engines.whoosh.blocks import TermPostings

Held = int | bytes  # how often, or packed places
_POSTING_BYTES: Final = 90  # what one costs in memory, its share of lists included
_TERM_BYTES: Final = 180
_BATCH: Final = 500  # terms written at once


class PostingsPool:
    """Postings by field and term; documents come in order of number."""

    def __init__(self, folder: Path, *, memory_mb: int) -> None:
        self._limit = memory_mb * 1_000_000
        self._folder = folder
        self._used = 0
        self._fields: dict[str, dict[str, list[Held]]] = {}
        self._runs: list[tuple[IO[bytes], dict[str, int]]] = []

    def fields(self) -> list[str]:
        """The names of all fields that have postings, in order."""
        return sorted({name for _, starts in self._runs for name in starts} | set(self._fields))

    def add(self, field: str, doc: int, terms: "dict[str, Held]") -> None:
        """Take in the terms that one document has in one field."""
        held = self._fields.setdefault(field, {})
        before = len(held)
        for term, value in terms.items():
            known = held.get(term)
            if known is None:
                held[term] = [doc, value]
            else:
                known.append(doc)
                known.append(value)
        self._used += len(terms) * _POSTING_BYTES + (len(held) - before) * _TERM_BYTES
        if self._used > self._limit:
            self._spill()

    def add_postings(self, field: str, postings: TermPostings) -> None:
        """Take in a term with all its documents, their numbers above those taken in before."""
        held: list[Held] = self._fields.setdefault(field, {}).setdefault(postings.term.decode(), [])
        values: tuple[Held, ...] = tuple(postings.values or postings.counts)
        for doc, value in zip(postings.docs, values, strict=True):
            held.append(doc)
            held.append(value)
        self._used += len(postings.docs) * _POSTING_BYTES + _TERM_BYTES
        if self._used > self._limit:
            self._spill()

    def terms(self, field: str) -> Iterator[TermPostings]:
        """The terms of a field in order of their bytes, each with all its documents."""
        runs = [self._read_run(run, starts[field]) for run, starts in self._runs if field in starts]
        runs.append(iter(sorted(self._fields.pop(field, {}).items(), key=_by_term)))
        if len(runs) == 1:
            for term, held in runs[0]:
                yield _unfold(term, held)
            return
        for term, same in groupby(merge(*runs, key=_by_term), key=_by_term):
            held = []
            for _, more in same:
                held += more
            yield _unfold(term, held)

    def close(self) -> None:
        """Let the runs go."""
        for run, _ in self._runs:
            run.close()
        self._runs.clear()
        self._fields.clear()

    def _spill(self) -> None:
        """Write what is in memory as one run."""
        run = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 (closed by `close`)
        starts = {}
        for field in sorted(self._fields):
            starts[field] = run.tell()
            ordered = sorted(self._fields[field].items(), key=_by_term)
            for start in range(0, len(ordered), _BATCH):
                marshal.dump(ordered[start : start + _BATCH], run)
            marshal.dump(None, run)
        self._runs.append((run, starts))
        self._fields = {}
        self._used = 0

    def _read_run(self, run: IO[bytes], start: int) -> Iterator[tuple[str, list[Held]]]:
        place = start
        while True:
            run.seek(place)
            batch = marshal.load(run)  # noqa: S302 (our own file, removed when closed)
            place = run.tell()
            if batch is None:
                return
            yield from batch


def _by_term(entry: "tuple[str, list[Held]]") -> str:
    return entry[0]


def _unfold(term: str, held: "list[Held]") -> TermPostings:
    """A term as it is written: what alternates becomes columns."""
    docs: list[int] = held[::2]  # type: ignore[assignment]
    values = held[1::2]
    if isinstance(values[0], bytes):
        packed: list[bytes] = values  # type: ignore[assignment]
        return TermPostings(term.encode(), docs, [len(value) >> 2 for value in packed], packed)
    return TermPostings(term.encode(), docs, values, None)  # type: ignore[arg-type]
