"""Build an index in a folder of its own and swap it in; change one in place; check one whole.

    corpus/index/CURRENT        the generation that answers and a checksum, replaced at once
    corpus/index/g000007/       Whoosh's files, the documents, examples of queries, stamp.json

Killed at any moment, what answered before goes on answering: a build shows only when CURRENT is
replaced, an update only when Whoosh's table of contents is. What somebody killed, or a full disk,
left behind goes when the next one begins to write.
"""

import fcntl
import json
import os
import re
import shutil
import time
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from indexer.disk import explain
from indexer.engines.embedded.integrity import (
    Clocks,
    Progress,
    begin_change,
    check_file,
    damaged,
    finish_change,
    guard,
    guard_writing,
    sync,
    sync_folder,
)
from indexer.engines.embedded.store import FILE_NAME as DOCUMENTS
from indexer.engines.embedded.store import DocumentStore, check_sums, describe_head, write_sums
from indexer.engines.embedded.suggestions import (
    Tally,
    list_stale,
    read_suggestions,
    write_suggestions,
)
from indexer.engines.embedded.whoosh_index import (
    Row,
    count_documents,
    create_index,
    list_sums,
    read_fingerprints,
    write_documents,
)
from indexer.engines.embedded.whoosh_storage import (
    ISSUED,
    LOCK_TIMEOUT_S,
    engine_fingerprint,
    find_generation,
    list_leftovers,
)
from indexer.engines.planning.examples import read_examples, renew_examples, write_examples
from indexer.errors import (
    DamagedIndexError,
    LockedError,
    MissingIndexError,
    SearchIndexError,
    StaleIndexError,
)
from indexer.index import Changes, fingerprint
from indexer.index.postings import collect_facets, list_parts
from indexer.model import Document

POINTER: Final = "CURRENT"
STAMP: Final = "stamp.json"
LOCK: Final = "lock"
_PREFIX: Final = "g"
_TICK_NS: Final = 2_000_000_000
_POINTED: Final = re.compile(r"(g[0-9]{6,}) ([0-9a-f]{8})\n")


def build_index(folder: Path, documents: Iterable[Document], *, memory_mb: int = 256) -> int:
    """Index all documents anew in `folder`; gives how many. Of two with an id the last counts.

    Raises LockedError when somebody else is at it for more than half a minute, SearchIndexError
    when it can't be written: nothing is left of it then, and what answered goes on.
    """
    with guard_writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with hold_lock(folder), guard_writing(folder):
        answering = _tidy(folder)
        before = _generations(folder)
        number = int(before[-1].name.removeprefix(_PREFIX)) + 1 if before else 1
        target = folder / f"{_PREFIX}{number:06d}"
        target.mkdir()
        try:
            count = _fill(target, documents, memory_mb=memory_mb)
            _point(folder, target)
        except BaseException:
            _remove(target, folder / f"{POINTER}.new")
            raise
        # Whoever opened the one that answered a moment ago may go on reading it.
        _remove(*(old for old in before if old != answering))
    return count


def _fill(target: Path, documents: Iterable[Document], *, memory_mb: int) -> int:
    """Write a whole generation into an empty folder; gives how many documents it has."""
    store = DocumentStore(target, is_new=True)
    create_index(target)
    try:
        try:
            write_documents(target, _keep_each(store, documents), memory_mb=memory_mb)
        except _RepeatedIdError:
            store.drop_repeated()
            rows = (_row(*marked) for marked in store.marked_documents())
            write_documents(target, rows, memory_mb=memory_mb)
        described = ((head.title, head.author, head.section) for head in store.heads())
        write_suggestions(target, find_generation(target), Tally(described))
    finally:
        store.close()
    stamp = {"fingerprint": engine_fingerprint()}
    (target / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
    write_examples(target)
    write_sums(target)
    _remove(*target.glob("*LOCK"))  # ours is the one that counts
    sync_folder(target)
    return count_documents(target)


class _RepeatedIdError(Exception):
    """Raised where an id came twice: all documents are kept, and must be read again."""


def _keep_each(store: DocumentStore, documents: Iterable[Document]) -> Iterator[Row]:
    """Keep documents, and give what is indexed of each, so that none is read twice.

    Raises _RepeatedIdError once all are kept, when two have one id.
    """
    ids: set[str] = set()
    count = 0
    for mark, document in store.put_each(enumerate(documents)):
        ids.add(document.id)
        count += 1
        yield _row(mark, document)
    if len(ids) < count:
        raise _RepeatedIdError


def update_index(folder: Path, changes: Changes, *, memory_mb: int = 256) -> None:
    """Carry out changes on the index that answers.

    Raises MissingIndexError, StaleIndexError, DamagedIndexError (build it again), LockedError;
    SearchIndexError when it can't be written: what answered before goes on answering then.
    """
    if not folder.is_dir():
        raise _missing(folder)
    with hold_lock(folder), guard_writing(folder):
        target = open_generation(folder)
        _tidy(folder)
        _remove(*_list_leftovers(target))
        before = begin_change(target)
        try:
            _change(target, changes, memory_mb=memory_mb)
        except BaseException:
            _undo(target, before)
            raise
        _remove(*target.glob("*LOCK"))
        finish_change(target, before)


def _change(target: Path, changes: Changes, *, memory_mb: int) -> None:
    """Carry out changes on a generation."""
    written = {document.id: document for document in (*changes.added, *changes.updated)}
    ranks = {key: rank for rank, key in enumerate(changes.order)}
    store = DocumentStore(target)
    try:
        if store.count() != count_documents(target):
            store.keep_only(read_fingerprints(target))
        if changes:
            _change_suggestions(target, store, {*changes.deleted, *written}, written.values())
        store.put((ranks.get(key, 0), document) for key, document in written.items())
        if changes:
            write_documents(
                target,
                (_row(fingerprint(document), document) for document in written.values()),
                deleted={*changes.deleted, *written},
                memory_mb=memory_mb,
            )
        marks = {key: fingerprint(document) for key, document in written.items()}
        if store.settle(marks, changes.deleted) != count_documents(target):
            store.keep_only(read_fingerprints(target))
        store.put_in_order(ranks)
    finally:
        store.close()
    if changes:
        renew_examples(target)
    write_sums(target)
    _remove(*_list_leftovers(target))


def _change_suggestions(
    target: Path, store: DocumentStore, gone: Collection[str], new: Iterable[Document]
) -> None:
    """Write what may be suggested once the next commit is shown: from the documents then there."""
    commit = find_generation(target)
    tally = read_suggestions(target, commit).tally()
    tally.change(Tally(store.describe(gone)), Tally(map(describe_head, new)))
    write_suggestions(target, commit + 1, tally)


def _list_leftovers(target: Path) -> list[Path]:
    """List what belongs to no commit that anybody reads: of Whoosh, of suggestions."""
    commit = find_generation(target)
    return [*list_leftovers(target), *list_stale(target, commit)]


def _undo(target: Path, before: Clocks | None) -> None:
    """Remove what a change that failed has written and nobody reads.

    Where even that fails, the error that stopped the change is the one to tell; whoever writes
    next removes it.
    """
    try:
        _remove(*_list_leftovers(target), *target.glob(".*.new"), *target.glob("*LOCK"))
        store = DocumentStore(target)
        try:
            if store.count() != count_documents(target):
                store.keep_only(read_fingerprints(target))
        finally:
            store.close()
        finish_change(target, before)
    except (OSError, SearchIndexError):
        return


def _tidy(folder: Path) -> Path | None:
    """Remove the generations that nobody reads; gives the one that answers.

    The one before it stays: whoever opened it a moment ago may go on reading it. Nobody else
    builds: the lock is held.
    """
    try:
        answering = find_current(folder)
    except SearchIndexError:
        return None  # nothing can answer: all goes when the next one has been built
    generations = _generations(folder)
    kept: list[Path] = []
    if answering in generations:
        kept = generations[: generations.index(answering) + 1][-2:]
    _remove(*(each for each in generations if each not in kept))
    _remove(folder / f"{POINTER}.new")
    return answering


def remove_past(folder: Path) -> None:
    """Remove every generation but the one that answers, so that nothing of what they held is left.

    Whoever reads an older one at that moment gets an error, and the newer one when asked again.
    Raises LockedError when somebody else is indexing, SearchIndexError when it can't be done.
    """
    if not folder.is_dir():
        return
    with hold_lock(folder), guard_writing(folder):
        answering = _tidy(folder)
        _remove(*(old for old in _generations(folder) if old != answering))
        sync(folder)


def _remove(*paths: Path) -> None:
    """Remove files and folders, those that are there."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def read_indexed(folder: Path) -> dict[str, str]:
    """What the index holds: id -> fingerprint, to compare with what it should hold."""
    target = open_generation(folder)
    with guard(target):
        return read_fingerprints(target)


def read_outlines(folder: Path) -> list[Document]:
    """Read every document of the index that answers, without its paragraphs.

    Whoever wrote it: what an index of before says of ids is not lost. None where there is none.
    Raises DamagedIndexError where they can't be read.
    """
    current = find_current(folder)
    if current is None:
        return []
    store = DocumentStore(current, is_read_only=True)
    try:
        with guard(current):
            return [document for _, document in store.outlines()]
    finally:
        store.close()


def find_indexed(folder: Path, ids: Collection[str]) -> frozenset[str]:
    """Which of these texts the index that answers holds; none where there is none to be read."""
    try:
        return frozenset(ids) & read_indexed(folder).keys() if ids else frozenset()
    except SearchIndexError:
        return frozenset()  # whoever asks it something is told


class Check(NamedTuple):
    """What `check_index` found: the bytes and texts verified, and every damage."""

    generation: Path
    bytes_verified: int
    texts_verified: int
    damages: tuple[DamagedIndexError, ...]


def size_index(folder: Path) -> int:
    """How many bytes `check_index` will verify, for a bar."""
    target = open_generation(folder)
    files = list_sums(target)
    return sum(each.size for each in files.values()) + (target / DOCUMENTS).stat().st_size


def check_index(folder: Path, progress: Progress | None = None, *, is_read: bool = False) -> Check:
    """Verify every byte of the index that answers: files, rows, and that no text is missing.

    Where this process has the index open (`is_read`) no more is verified of the texts than their
    rows, which is all that a reader is given of them.
    Raises MissingIndexError, StaleIndexError; and DamagedIndexError where the damage lets nothing
    else be looked at. `progress` is told how many bytes were verified.
    """
    target = open_generation(folder)
    damages: list[DamagedIndexError] = []
    verified = 0
    files = list_sums(target)
    for name, sums in files.items():
        try:
            check_file(target / name, sums, progress)
            verified += sums.size
        except DamagedIndexError as error:
            damages.append(error)
    texts = 0
    for check in (_check_texts, _check_examples):
        try:
            with guard(target):
                texts += check(target)
        except DamagedIndexError as error:
            damages.append(error)
    if not is_read and not damages:  # what is wrong with a row was said better
        try:
            check_sums(target)
        except DamagedIndexError as error:
            damages.append(error)
    if (target / DOCUMENTS).is_file():
        size = (target / DOCUMENTS).stat().st_size
        verified += size
        if progress is not None:
            progress(size)
    return Check(target, verified, texts, tuple(damages))


def _check_texts(target: Path) -> int:
    """Read every row of the texts, and compare them with what the index names."""
    try:
        named = read_fingerprints(target)
    except DamagedIndexError:
        named = None  # told already, with its file
    store = DocumentStore(target, is_read_only=True)
    try:
        # A killed update leaves two rows of one id: the one that the index names must be there.
        held = {(document.id, mark) for mark, document in store.marked_documents()}
    finally:
        store.close()
    for key, mark in (named or {}).items():
        if (key, mark) not in held:
            raise damaged(f"the text {key} is gone", target / DOCUMENTS)
    return len(held if named is None else named)


def _check_examples(target: Path) -> int:
    read_examples(target)
    read_suggestions(target, find_generation(target))
    return 0


def find_current(folder: Path) -> Path | None:
    """The folder of the generation that answers, or None when none does yet.

    Raises DamagedIndexError or StaleIndexError when the pointer says nothing.
    """
    path = folder / POINTER
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise damaged(f"the pointer can't be read ({error})", path) from error
    found = _POINTED.fullmatch(raw.decode("ascii", "replace"))
    if found and found[2] == _sum_name(found[1]):
        return folder / found[1]
    if re.fullmatch(rb"g[0-9]{6}\s*", raw):  # as it was before it had a checksum, or cut short
        raise _stale("this index was written by another version", path)
    raise damaged("the pointer to the index is not what was written", path)


def _sum_name(name: str) -> str:
    return f"{zlib.crc32(name.encode()):08x}"


class Moment(NamedTuple):
    """When an index last changed, by the clocks of its pointer and of the folder that answers."""

    pointer: str
    pointed_at_ns: int
    folder: str
    changed_at_ns: int


def find_moment(folder: Path) -> Moment | None:
    """When the index last changed; None when that may be just now.

    A look at two clocks is many times cheaper than reading what they stand for. They tick every
    few milliseconds, so what changed a moment ago has to be read: another change may bear the same
    time. What is dated in the future can be trusted: whatever changes it is dated now.
    """
    pointer = folder / POINTER
    try:
        pointed_at_ns = pointer.stat().st_mtime_ns
        current = find_current(folder)
        if current is None:
            return None
        changed_at_ns = current.stat().st_mtime_ns
    except OSError:
        return None
    now = time.time_ns()
    if any(abs(now - clock) < _TICK_NS for clock in (pointed_at_ns, changed_at_ns)):
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
    if current is None:
        raise _missing(folder)
    if not current.is_dir():
        raise damaged("the folder that the pointer names is gone", current)
    try:
        stamp = json.loads((current / STAMP).read_bytes())
        made_with = stamp["fingerprint"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise _stale("this index says nothing of who wrote it", current) from error
    if made_with != engine_fingerprint():
        raise _stale("this index was written by another version, or with other fields", current)
    return current


def _missing(folder: Path) -> MissingIndexError:
    return MissingIndexError("nothing indexed yet", where=folder, hint="Run `make index` first.")


def _stale(what: str, where: Path) -> StaleIndexError:
    return StaleIndexError(what, where=where, hint="Run `make index` to build it again.")


@contextmanager
def hold_lock(folder: Path, *, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Be the only one who writes in `folder`; the system lets go when the process dies."""
    try:
        handle = (folder / LOCK).open("w", encoding="utf-8")
    except OSError as error:
        told = explain(error)
        raise SearchIndexError(
            f"the index can't be written: {told.what}", where=folder / LOCK, hint=told.hint
        ) from error
    with handle:
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
        handle.write(f"{target.name} {_sum_name(target.name)}\n")
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(folder / POINTER)
    sync(folder)


def _row(mark: str, document: Document) -> Row:
    facets = dict(collect_facets(document)) | {ISSUED: document.issued}
    return document.id, mark, list_parts(document), facets
