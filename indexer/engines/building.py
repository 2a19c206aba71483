"""Build an index in a folder of its own and swap it in; change one in place.

    corpus/index/CURRENT        the name of the generation that answers, replaced at once
    corpus/index/g000007/       Whoosh's files, the documents, examples of queries, stamp.json

Killed at any moment, what answered before goes on answering: a build shows only when CURRENT is
replaced, an update only when Whoosh's table of contents is.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from indexer.engines import whoosh
from indexer.engines.examples import renew_examples, write_examples
from indexer.engines.store import DocumentStore
from indexer.engines.syncing import begin_change, finish_change, sync, sync_folder
from indexer.errors import LockedError, MissingIndexError, StaleIndexError
from indexer.index import Changes, fingerprint
from indexer.index.postings import collect_facets, list_parts
from indexer.model import Document

POINTER: Final = "CURRENT"
STAMP: Final = "stamp.json"
LOCK: Final = "lock"
_PREFIX: Final = "g"
_TICK_NS: Final = 2_000_000_000


def build_index(folder: Path, documents: Iterable[Document], *, memory_mb: int = 256) -> int:
    """Index all documents anew in `folder`; gives how many. Of two with an id the last counts.

    Raises LockedError when somebody else is at it for more than half a minute.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with hold_lock(folder):
        before = _generations(folder)
        number = int(before[-1].name.removeprefix(_PREFIX)) + 1 if before else 1
        target = folder / f"{_PREFIX}{number:06d}"
        target.mkdir()
        store = DocumentStore(target)
        store.put(enumerate(documents))
        store.drop_repeated()
        whoosh.create_index(target)
        whoosh.write_documents(
            target, (_row(*marked) for marked in store.marked_documents()), memory_mb=memory_mb
        )
        store.close()
        stamp = {"fingerprint": whoosh.engine_fingerprint()}
        (target / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
        count = len(whoosh.read_fingerprints(target))
        write_examples(target)
        sync_folder(target)
        answering = find_current(folder)
        _point(folder, target)
        for old in before:
            if old != answering:  # whoever opened that one a moment ago may go on reading it
                shutil.rmtree(old)
    return count


def update_index(folder: Path, changes: Changes, *, memory_mb: int = 256) -> None:
    """Carry out changes on the index that answers.

    Raises MissingIndexError, StaleIndexError (build it again), LockedError.
    """
    with hold_lock(folder):
        target = open_generation(folder)
        before = begin_change(target)
        written = {document.id: document for document in (*changes.added, *changes.updated)}
        ranks = {key: rank for rank, key in enumerate(changes.order)}
        store = DocumentStore(target)
        store.put((ranks.get(key, 0), document) for key, document in written.items())
        if changes:
            whoosh.write_documents(
                target,
                (_row(fingerprint(document), document) for document in written.values()),
                deleted={*changes.deleted, *written},
                memory_mb=memory_mb,
            )
        whoosh.ensure_arrays(target)
        marks = {key: fingerprint(document) for key, document in written.items()}
        if store.settle(marks, changes.deleted) != whoosh.count_documents(target):
            store.keep_only(whoosh.read_fingerprints(target))
        store.put_in_order(ranks)
        store.close()
        if changes:
            renew_examples(target)
        finish_change(target, before)


def read_indexed(folder: Path) -> dict[str, str]:
    """What the index holds: id -> fingerprint, to compare with what it should hold."""
    return whoosh.read_fingerprints(open_generation(folder))


def find_current(folder: Path) -> Path | None:
    """The folder of the generation that answers, or None."""
    try:
        name = (folder / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return folder / name


class Moment(NamedTuple):
    """When an index last changed, by the clocks of its pointer and of the folder that answers."""

    pointer: str
    pointed_at_ns: int
    folder: str
    changed_at_ns: int


def find_moment(folder: Path) -> Moment | None:
    """When the index last changed; None when that may be just now.

    A look at two clocks is many times cheaper than reading what they stand for. They tick every
    few milliseconds, so what changed a moment ago has to be read.
    """
    pointer = folder / POINTER
    try:
        pointed_at_ns = pointer.stat().st_mtime_ns
        current = folder / pointer.read_text(encoding="utf-8").strip()
        changed_at_ns = current.stat().st_mtime_ns
    except OSError:
        return None
    if time.time_ns() - max(pointed_at_ns, changed_at_ns) < _TICK_NS:
        return None
    return Moment(str(pointer), pointed_at_ns, str(current), changed_at_ns)


def is_same_moment(moment: Moment | None) -> bool:
    """Whether the index surely has not changed since."""
    if moment is None:
        return False
    pointer, pointed_at_ns, folder, changed_at_ns = moment
    try:
        return (
            os.stat(pointer).st_mtime_ns == pointed_at_ns  # noqa: PTH116 (three times as fast)
            and os.stat(folder).st_mtime_ns == changed_at_ns  # noqa: PTH116
        )
    except OSError:
        return False


def open_generation(folder: Path) -> Path:
    """The folder of the generation that answers, refused when this code did not write it."""
    current = find_current(folder)
    if current is None or not current.is_dir():
        raise MissingIndexError("nothing indexed yet", where=folder, hint="Run `make index` first.")
    try:
        stamp = json.loads((current / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StaleIndexError(
            "this index says nothing of who wrote it",
            where=current,
            hint="Run `make index` to build it again.",
        ) from error
    if stamp.get("fingerprint") != whoosh.engine_fingerprint():
        raise StaleIndexError(
            "this index was written by another version, or with other fields",
            where=current,
            hint="Run `make index` to build it again.",
        )
    return current


@contextmanager
def hold_lock(folder: Path, *, timeout_s: float = whoosh.LOCK_TIMEOUT_S) -> Iterator[None]:
    """Be the only one who writes in `folder`; the system lets go when the process dies."""
    with (folder / LOCK).open("w", encoding="utf-8") as handle:
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise LockedError(
                        "somebody else is indexing",
                        where=folder,
                        hint="Try again when they have finished.",
                    ) from error
                time.sleep(0.05)
        yield


def _generations(folder: Path) -> list[Path]:
    """The folders of all generations, finished or not, oldest first."""
    return sorted(path for path in folder.glob(f"{_PREFIX}[0-9]*") if path.is_dir())


def _point(folder: Path, target: Path) -> None:
    """Make `target` the generation that answers, at once or not at all."""
    temporary = folder / f"{POINTER}.new"
    with temporary.open("w", encoding="utf-8") as handle:
        handle.write(target.name)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(folder / POINTER)
    sync(folder)


def _row(mark: str, document: Document) -> whoosh.Row:
    facets = dict(collect_facets(document)) | {whoosh.ISSUED: document.issued}
    return document.id, mark, list_parts(document), facets
