"""Hold the postings of a segment that is being written, within a bound of memory.

What is turned round and not needed yet goes to a file, and comes back mapped.
"""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from indexer.engines.arrays import ArraysWriter, open_arrays
from indexer.engines.columns import AnyArray, FieldColumns, join_columns
from indexer.engines.integrity import CheckedFile

PREFIX: Final = "run-"  # of folders that only a crash leaves behind

Run = Mapping[str, FieldColumns]


class Runs:
    """The postings by field, in parts whose documents go up; all but the last are on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: list[Run] = []
        self._last: Run | None = None

    def add(self, run: Run) -> None:
        """Take in a part, its documents above those of the parts before."""
        if self._last is not None:
            self._kept.append(self._put_away(self._last))
        self._last = run

    def fields(self) -> list[str]:
        """The names of all fields that have postings, in order."""
        return sorted({name for run in self._all() for name in run})

    def read(self, field: str) -> Iterator[FieldColumns]:
        """All postings of a field, in pieces with terms in order."""
        return join_columns([run[field] for run in self._all() if field in run])

    def close(self) -> None:
        """Let everything go."""
        self._kept, self._last = [], None

    def _all(self) -> list[Run]:
        return [*self._kept, self._last] if self._last is not None else self._kept

    def _put_away(self, run: Run) -> Run:
        """Move a run into an unlinked file, which goes with the last array of it."""
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=self._folder) as folder:
            path = Path(folder) / "run"
            writer = ArraysWriter(path, is_kept=False)
            for name, columns in run.items():
                term_ends = np.cumsum([len(term) for term in columns.terms])
                writer.add(f"{name}/terms", np.frombuffer(b"".join(columns.terms), np.uint8))
                writer.add(f"{name}/term_ends", term_ends)
                writer.add(f"{name}/ends", columns.ends)
                writer.add(f"{name}/docs", columns.docs)
                writer.add(f"{name}/counts", columns.counts)
                if columns.places is not None:
                    writer.add(f"{name}/places", columns.places)
            writer.finish({})
            mapped, _ = open_arrays(CheckedFile(path, None))  # written here: nothing to verify
        whole = {name: held.whole() for name, held in mapped.items()}
        return {name: _read_columns(name, whole) for name in run}


def _read_columns(name: str, arrays: Mapping[str, AnyArray]) -> FieldColumns:
    joined = arrays[f"{name}/terms"].tobytes()
    ends = arrays[f"{name}/term_ends"].tolist()
    return FieldColumns(
        [joined[start:end] for start, end in zip([0, *ends], ends, strict=False)],
        arrays[f"{name}/ends"],
        arrays[f"{name}/docs"],
        arrays[f"{name}/counts"],
        arrays.get(f"{name}/places"),
    )
