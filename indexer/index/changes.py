"""Compare what is indexed with what should be: what to add, to update, to delete."""

import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from indexer.disk import seal_row, swap_in
from indexer.model import Document

logger: Final = logging.getLogger(__name__)
# To be raised when documents are made otherwise of the same: those kept are then made again.
# `python -m tests.golden` says when.
STAMPS_VERSION: Final = 1


class FingerprintCache:
    """Remembers the fingerprints of documents by stamps of all that they are made of.

    So that a document whose bibliography, captures and link are as they were is not made again only
    to find that it is as it was. Kept in a file: a stamp, a fingerprint, and the moment from when
    on that may be another one, in seconds of Unix time, a line each; what damage or another version
    left there is not read. It holds no more than what was asked for since it was opened.
    """

    def __init__(self, path: Path, made_by: str, now: datetime) -> None:
        """Open the file of `path`, which need not exist; `made_by` names what makes documents."""
        self._path, self._now = path, now.timestamp()
        self._made_by = f"{STAMPS_VERSION} {made_by}".replace("\n", " ")
        self._known = self._read()
        self._kept: dict[str, tuple[str, float]] = {}

    def _read(self) -> dict[str, tuple[str, float]]:
        try:
            raw = self._path.read_bytes()
        except OSError:
            return {}  # all documents are made
        digest, _, held = raw.partition(b"\n")
        if digest != seal_row(held).encode():
            return {}
        made_by, made_at, *lines = held.decode().split("\n")
        if made_by != self._made_by or float(made_at) > self._now:
            return {}
        rows = (line.split(" ") for line in lines)
        return {stamp: (told, float(changes_at)) for stamp, told, changes_at in rows}

    def find(self, stamp: str) -> str | None:
        """Find the fingerprint of what has a stamp; None where it is not known, or not any more."""
        known = self._known.get(stamp)
        if known is None or known[1] <= self._now:
            return None
        self._kept[stamp] = known
        return known[0]

    def keep(self, stamp: str, told: str, changes_at: datetime | None) -> None:
        """Keep a fingerprint, which may be another one from `changes_at` on."""
        self._kept[stamp] = (told, math.inf if changes_at is None else changes_at.timestamp())

    def write(self) -> None:
        """Write the file, unless it holds the same; what a kill left of one beside it goes."""
        for left in self._path.parent.glob(f".{self._path.name}.*"):
            left.unlink(missing_ok=True)
        if self._kept == self._known:
            return
        lines = [f"{stamp} {told} {until}" for stamp, (told, until) in self._kept.items()]
        held = "\n".join([self._made_by, str(self._now), *lines]).encode()
        try:
            swap_in(self._path, seal_row(held).encode() + b"\n" + held)
        except OSError as error:
            logger.info("%s is not kept: %s", self._path, error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Hold the additions, updates and deletions that bring an index up to date."""

    added: tuple[Document, ...] = ()
    updated: tuple[Document, ...] = ()
    deleted: tuple[str, ...] = ()  # ids
    unchanged: int = 0
    order: tuple[str, ...] = ()  # every id that should be there, in the bibliography's order

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.updated or self.deleted)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedIds:
    """Hold the ids of what to add, to update and to delete; no document is held."""

    added: frozenset[str] = frozenset()
    updated: frozenset[str] = frozenset()
    deleted: tuple[str, ...] = ()
    unchanged: int = 0
    order: tuple[str, ...] = ()  # every id that should be there, in the bibliography's order


def compare_ids(indexed: Mapping[str, str], fingerprints: Iterable[tuple[str, str]]) -> ChangedIds:
    """List what changed from `indexed` (id -> fingerprint) to the ids and `fingerprints` of now.

    Of two documents with one id the last counts: an index never holds an id twice.
    """
    wanted = dict(fingerprints)
    added = frozenset(wanted.keys() - indexed.keys())
    updated = frozenset(key for key in wanted.keys() - added if indexed[key] != wanted[key])
    return ChangedIds(
        added=added,
        updated=updated,
        deleted=tuple(sorted(indexed.keys() - wanted.keys())),
        unchanged=len(wanted) - len(added) - len(updated),
        order=tuple(wanted),
    )
