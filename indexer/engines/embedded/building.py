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
import shutil
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
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
from indexer.engines.embedded.store import DocumentStore, check_sums, write_sums
from indexer.engines.embedded.suggestions import (
    Tally,
    check_suggestions,
    keep_suggestions,
    list_stale,
    read_examples,
    read_suggestions,
    renew_examples,
    write_examples,
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
    LOCK_TIMEOUT_S,
    POINTER,
    STAMP,
    engine_fingerprint,
    find_current,
    find_generation,
    list_leftovers,
    missing,
    open_generation,
    sum_name,
)
from indexer.errors import (
    DamagedIndexError,
    LockedError,
    SearchIndexError,
)
from indexer.index import Changes
from indexer.index.fields import ISSUED
from indexer.index.postings import collect_facets, list_identifiers, list_parts
from indexer.messages import message
from indexer.model import Document

LOCK: Final = "lock"
_PREFIX: Final = "g"


class EmbeddedWriter:
    """Writes the index of a folder, alone; an `IndexWriter`.

    Documents are read when the change is finished: what is put may be made one by one.
    """

    def __init__(self, folder: Path, *, memory_mb: int = 48) -> None:
        """`memory_mb` bounds what is held before postings go to disk."""
        self._folder, self._memory_mb = folder, memory_mb
        self._lock = ExitStack()
        self._target: Path | None = None  # the generation that is changed; none anew
        self._put: list[Iterable[Document]] = []
        self._dropped: set[str] = set()

    def check(self) -> None:
        """Raise the first damage of what the index holds."""
        for damage in check_index(self._folder).damages:
            raise damage

    def begin(self, *, is_anew: bool) -> None:
        """Begin a change of what there is, or an index anew beside it.

        Raises LockedError when somebody else is at it for more than half a minute, SearchIndexError
        when the folder can't be written; a change raises MissingIndexError, StaleIndexError or
        DamagedIndexError where it has to be anew.
        """
        with guard_writing(self._folder):
            if is_anew:
                self._folder.mkdir(parents=True, exist_ok=True)
            elif not self._folder.is_dir():
                raise missing(self._folder)
        with ExitStack() as lock:
            lock.enter_context(hold_lock(self._folder))
            self._target = None if is_anew else open_generation(self._folder)
            self._put, self._dropped = [], set()
            self._lock = lock.pop_all()

    def list_fingerprints(self) -> Iterator[Mapping[str, str]]:
        """List what the index holds, id -> fingerprint."""
        if self._target is not None:
            with guard(self._target):
                yield read_fingerprints(self._target)

    def put(self, documents: Iterable[Document]) -> None:
        """Add documents, or replace those that bear their ids; of two with one id the last."""
        self._put.append(documents)

    def drop(self, ids: Iterable[str]) -> None:
        """Remove documents; those that are not there are gone already."""
        self._dropped.update(ids)

    def finish(self, order: Sequence[str] = ()) -> int:
        """Have everything found from now on, all at once; gives how many texts there are.

        Raises SearchIndexError when it can't be written: nothing is left of it then, and what
        answered goes on answering.
        """
        documents = chain.from_iterable(self._put)
        with self._lock, guard_writing(self._folder):
            if self._target is None:
                return self._build(documents)
            return self._change(self._target, documents, order)

    def abandon(self) -> None:
        """Leave what answers as it was."""
        self._lock.close()

    def _build(self, documents: Iterable[Document]) -> int:
        """Write a generation beside what answers, and swap it in."""
        folder = self._folder
        answering = _tidy(folder)
        before = _generations(folder)
        number = int(before[-1].name.removeprefix(_PREFIX)) + 1 if before else 1
        target = folder / f"{_PREFIX}{number:06d}"
        target.mkdir()
        try:
            count = _write_generation(target, documents, memory_mb=self._memory_mb)
            _point(folder, target)
        except BaseException:
            _remove(target, folder / f"{POINTER}.new")
            raise
        # Whoever opened the one that answered a moment ago may go on reading it.
        _remove(*(old for old in before if old != answering))
        return count

    def _change(self, target: Path, documents: Iterable[Document], order: Sequence[str]) -> int:
        """Carry out a change in place."""
        _tidy(self._folder)
        _remove(*_list_leftovers(target))
        before = begin_change(target)
        try:
            _change(target, documents, self._dropped, order, memory_mb=self._memory_mb)
        except BaseException:
            _undo(target, before)
            raise
        _remove(*target.glob("*LOCK"))
        finish_change(target, before)
        return count_documents(target)


def build_index(folder: Path, documents: Iterable[Document], *, memory_mb: int = 48) -> int:
    """Index all documents anew in `folder`; gives how many. Of two with an id the last counts.

    Raises LockedError and SearchIndexError, as `EmbeddedWriter` does.
    """
    writer = EmbeddedWriter(folder, memory_mb=memory_mb)
    writer.begin(is_anew=True)
    writer.put(documents)
    return writer.finish()


def _write_generation(target: Path, documents: Iterable[Document], *, memory_mb: int) -> int:
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


def update_index(folder: Path, changes: Changes, *, memory_mb: int = 48) -> None:
    """Carry out changes on the index that answers.

    Raises MissingIndexError, StaleIndexError, DamagedIndexError (build it again), LockedError;
    SearchIndexError when it can't be written: what answered before goes on answering then.
    """
    writer = EmbeddedWriter(folder, memory_mb=memory_mb)
    writer.begin(is_anew=False)
    writer.put((*changes.added, *changes.updated))
    writer.drop(changes.deleted)
    writer.finish(changes.order)


def _change(
    target: Path,
    documents: Iterable[Document],
    dropped: Collection[str],
    order: Sequence[str],
    *,
    memory_mb: int,
) -> None:
    """Carry out a change on a generation; without any, documents are put in order alone.

    Documents are kept as they come and read back to be indexed: no more than one is held.
    """
    ranks = {key: rank for rank, key in enumerate(order)}
    store = DocumentStore(target)
    try:
        if store.count() != count_documents(target):
            store.keep_only(read_fingerprints(target))
        held = store.list_marks()
        placed = ((ranks.get(each.id, 0), each) for each in documents)
        marks = {document.id: mark for mark, document in store.put_each(placed)}
        gone = {*dropped, *marks}
        if gone:
            _change_suggestions(target, store, gone, marks, held)
            rows = (_row(mark, store.find(key, mark)) for key, mark in marks.items())
            write_documents(target, rows, deleted=gone, memory_mb=memory_mb)
        if store.settle(marks, set(dropped) - marks.keys()) != count_documents(target):
            store.keep_only(read_fingerprints(target))
        store.put_in_order(ranks)
    finally:
        store.close()
    if gone:
        renew_examples(target)
    write_sums(target)
    _remove(*_list_leftovers(target))


def _change_suggestions(
    target: Path,
    store: DocumentStore,
    gone: Collection[str],
    marks: Mapping[str, str],
    held: Collection[tuple[str, str]],
) -> None:
    """Write what may be suggested once the next commit is shown: from the documents then there.

    `gone` are the ids that change, `marks` the fingerprints of those that are written; `held` the
    ids and fingerprints that the index has until then.
    """
    commit = find_generation(target)
    before = sorted(store.describe(gone, held))
    after = sorted(store.describe(marks, set(marks.items())))
    if before == after:
        keep_suggestions(target, commit)
        return
    tally = read_suggestions(target, commit).tally()
    tally.change(Tally(before), Tally(after))
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
    """Read what the index holds: id -> fingerprint, to compare with what it should hold."""
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


def has_index(folder: Path) -> bool:
    """Whether some generation of an index answers. Raises DamagedIndexError, StaleIndexError."""
    return find_current(folder) is not None


def find_indexed(folder: Path, ids: Collection[str]) -> frozenset[str]:
    """Which of these texts the index that answers holds; none where there is none to be read."""
    try:
        return frozenset(ids) & read_indexed(folder).keys() if ids else frozenset()
    except SearchIndexError:
        return frozenset()  # whoever asks it something is told


class Check(NamedTuple):
    """Hold what `check_index` found: the bytes and texts verified, and every damage."""

    generation: Path
    bytes_verified: int
    texts_verified: int
    damages: tuple[DamagedIndexError, ...]


def size_index(folder: Path) -> int:
    """Count the bytes that `check_index` will verify, for a bar of progress."""
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
    summed: list[DamagedIndexError] = []
    is_whole = False  # whether every byte of the texts is as it was written
    if not is_read:
        try:
            with guard(target):
                is_whole = check_sums(target)
        except DamagedIndexError as error:
            summed.append(error.with_traceback(None))  # its frames would keep the file
    texts = 0
    for check in (partial(_check_texts, is_whole=is_whole), _check_examples):
        try:
            with guard(target):
                texts += check(target)
        except DamagedIndexError as error:
            damages.append(error)
    damages += summed if not damages else []  # what is wrong with a row was said better
    if (target / DOCUMENTS).is_file():
        size = (target / DOCUMENTS).stat().st_size
        verified += size
        if progress is not None:
            progress(size)
    return Check(target, verified, texts, tuple(damages))


def _check_texts(target: Path, *, is_whole: bool) -> int:
    """Compare the rows of the texts with what the index names; gives how many there are.

    Each is read unless the file is known to be whole.
    """
    try:
        named = read_fingerprints(target)
    except DamagedIndexError:
        named = None  # told already, with its file
    store = DocumentStore(target, is_read_only=True)
    try:
        # A killed update leaves two rows of one id: the one that the index names must be there.
        held = store.list_marks() if is_whole else store.verify_rows()
    finally:
        store.close()
    for key, mark in (named or {}).items():
        if (key, mark) not in held:
            raise damaged(message("error.index.text-gone", key=str(key)), target / DOCUMENTS)
    return len(held if named is None else named)


def _check_examples(target: Path) -> int:
    read_examples(target)
    check_suggestions(target, find_generation(target))
    return 0


@contextmanager
def hold_lock(folder: Path, *, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Be the only one who writes in `folder`; the system lets go when the process dies."""
    try:
        handle = (folder / LOCK).open("w", encoding="utf-8")
    except OSError as error:
        told = explain(error)
        raise SearchIndexError(
            message("error.index.cannot-write", why=told.what), where=folder / LOCK, hint=told.hint
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
                        message("error.index.busy"),
                        where=folder,
                        hint=message("hint.when-finished"),
                    ) from error
                time.sleep(0.05)
        yield


def _generations(folder: Path) -> list[Path]:
    """Give the folders of all generations, finished or not, oldest first."""
    return sorted(path for path in folder.glob(f"{_PREFIX}[0-9]*") if path.is_dir())


def _point(folder: Path, target: Path) -> None:
    """Make `target` the generation that answers, at once or not at all."""
    temporary = folder / f"{POINTER}.new"
    with temporary.open("w", encoding="utf-8") as handle:
        handle.write(f"{target.name} {sum_name(target.name)}\n")
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(folder / POINTER)
    sync(folder)


def _row(mark: str, document: Document) -> Row:
    facets = dict(collect_facets(document)) | {ISSUED: document.issued}
    return document.id, mark, list_parts(document), facets, list_identifiers(document)
