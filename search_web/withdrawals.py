"""Read which texts were withdrawn: a line a text, its id or its address; "#" comments.

The file is looked at again whenever it has changed, so that a line takes effect at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from indexer.model import Document


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The ids and addresses that are withdrawn, as written."""

    names: frozenset[str] = frozenset()

    def covers(self, document: Document) -> bool:
        """Whether a document is withdrawn."""
        return document.id in self.names or (document.url or "") in self.names


def parse_withdrawals(text: str) -> Withdrawn:
    """Read the lines of a file of withdrawals."""
    lines = (line.split(" #")[0].strip() for line in text.splitlines())
    return Withdrawn(frozenset(_names(line for line in lines if line and line[0] != "#")))


def _names(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        yield line.split()[0]


class WithdrawalFile:
    """A file of withdrawals, or none; safe to ask from several threads."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = Lock()
        self._read: tuple[int, int] | None = None
        self._withdrawn = Withdrawn()

    def read_withdrawn(self) -> Withdrawn:
        """Give what is withdrawn now. A file that is there but can't be read raises OSError."""
        if self._path is None:
            return Withdrawn()
        with self._lock:
            try:
                status = self._path.stat()
            except FileNotFoundError:
                self._read, self._withdrawn = None, Withdrawn()
                return self._withdrawn
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp != self._read:
                text = self._path.read_text(encoding="utf-8", errors="replace")
                self._read, self._withdrawn = stamp, parse_withdrawals(text)
            return self._withdrawn
