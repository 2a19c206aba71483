"""Keep the Documents of an index in one SQLite file beside it, whole, in the bibliography's order.

A row is named by id and fingerprint: whoever still reads the index of before finds the text of
before. Every row carries digests, verified when it is read: SQLite notices a broken page at most,
never another letter in one. A file beside has the sums of the whole file as a change left it, for
what no row shows: indices, free pages. This is sqlite3's only door in this room.
"""

import json
import os
import re
import sqlite3
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property, partial
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, NamedTuple, overload

from indexer.engines.embedded.integrity import (
    Progress,
    check_file,
    damaged,
    guard_writing,
    measure_file,
    read_signed,
    seal,
    sign,
    unseal,
)
from indexer.errors import DamagedIndexError, SearchIndexError
from indexer.index import (
    fingerprint_parts,
    parse_document,
    parse_paragraphs,
    render_document,
    render_paragraphs,
)
from indexer.messages import message
from indexer.model import Document, Paragraph

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BLOCK: Final = 24  # paragraphs kept together


class StoredParagraphs(Sequence[Paragraph]):
    """Paragraphs that are read when they are asked for, within one snapshot of the store."""

    def __init__(self, mark: str, count: int, read_block: Callable[[int], list[Paragraph]]) -> None:
        """`mark` is the fingerprint of the document that they are of."""
        self.mark = mark
        self._count = count
        self._read_block = read_block
        self._blocks: dict[int, list[Paragraph]] = {}

    def __len__(self) -> int:
        """Count the paragraphs."""
        return self._count

    @overload
    def __getitem__(self, place: int) -> Paragraph: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Paragraph]: ...
    def __getitem__(self, place: int | slice) -> Paragraph | Sequence[Paragraph]:
        """Give the paragraph of a number, or those of a slice."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(self._count))]
        if not 0 <= place < self._count:
            raise IndexError(place)
        number, inside = divmod(place, BLOCK)
        if number not in self._blocks:
            self._blocks[number] = self._read_block(number)
        return self._blocks[number][inside]


FILE_NAME: Final = "documents.sqlite"
SUMS: Final = "documents.sums"
# Where SQLite counts its commits in the first page, and where it repeats that number: section 1.3
# of its file format.
_COUNTED: Final = (slice(24, 28), slice(92, 96))

_SCHEMA: Final = """
PRAGMA page_size = 8192;             -- of 4096, rows of half a kilobyte leave a tenth unused
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    rank INTEGER NOT NULL,           -- place in the bibliography
    title TEXT NOT NULL,             -- with author and section: what is suggested
    author TEXT NOT NULL,
    section TEXT NOT NULL,           -- the innermost heading
    paragraphs INTEGER NOT NULL,     -- how many there are
    digest BLOB NOT NULL,            -- of the columns above
    outline BLOB NOT NULL            -- the document without its paragraphs: JSON, packed, sealed
) STRICT;
CREATE UNIQUE INDEX named ON documents (id, fingerprint);
CREATE INDEX places ON documents (rank);  -- to count them
CREATE TABLE blocks (
    place INTEGER PRIMARY KEY,       -- the number of the document << 20, the block from 0
    body BLOB NOT NULL               -- some paragraphs: JSON, packed, sealed
) STRICT;
CREATE TRIGGER gone AFTER DELETE ON documents BEGIN
    DELETE FROM blocks WHERE place >= old.number << 20 AND place < (old.number + 1) << 20;
END;
CREATE TABLE dictionary (body BLOB NOT NULL) STRICT;  -- one or none; sealed
"""
_HEAD: Final = "id, fingerprint, rank, title, author, section, paragraphs"
_NOTHING: Final = b""  # what a digest alone is sealed to


class Head(NamedTuple):
    """Hold what a row says of a document beside its outline."""

    id: str
    fingerprint: str
    rank: int
    title: str
    author: str
    section: str
    paragraphs: int


def describe_head(document: Document) -> tuple[str, str, str]:
    """Give the title, the author and the innermost section of a document: what is suggested."""
    return document.title, document.author, document.section[-1] if document.section else ""


class DocumentStore:
    """The Documents of one index folder; one connection, for one thread.

    Every method raises SearchIndexError: a DamagedIndexError when what it reads is not what was
    written.
    """

    def __init__(self, folder: Path, *, is_read_only: bool = False, is_new: bool = False) -> None:
        """Only `is_new` makes a file: texts that are gone are not replaced by none."""
        self.path = path = folder / FILE_NAME
        self._is_new = is_new
        self._reading: set[sqlite3.Cursor] = set()
        # Not "mode=ro": whoever reads first after a crash must undo what was half done.
        may_write = not is_read_only or os.access(path, os.W_OK)
        mode = "rwc" if is_new else "rw" if may_write else "ro"
        if not is_new and not path.is_file():
            raise damaged(message("error.index.texts-gone"), path)
        with guard_writing(path) if is_new else self._guard():
            self._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode={mode}",
                uri=True,
                check_same_thread=not is_read_only,
            )
        try:
            with guard_writing(path) if is_new else self._guard():
                if is_read_only:
                    self._connection.execute("PRAGMA query_only = ON")
                if is_new:
                    self._connection.executescript(_SCHEMA)
        except SearchIndexError:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the connection, and what somebody began to read and did not end.

        An error that a wrong row raised keeps whoever was reading; the file is to be let go.
        """
        for cursor in tuple(self._reading):
            cursor.close()
        self._reading.clear()
        self._connection.close()

    def put(self, documents: Iterable[tuple[int, Document]]) -> None:
        """Keep documents with their place in the bibliography, all or none."""
        for _ in self.put_each(documents):
            pass

    def put_each(self, documents: Iterable[tuple[int, Document]]) -> Iterator[tuple[str, Document]]:
        """Keep documents, giving back each with its fingerprint; none is kept before the last.

        The first of a new store are held until there are enough to learn how to pack them all.
        """
        with self._transaction():
            rendered = map(_render, documents)
            first: list[_Rendered] = []
            if self._is_new:
                first = _take_sample(rendered)
                self._learn_packing(first)
            for each in chain(_hand_over(first), rendered):
                self._insert(each)
                yield each.head.fingerprint, each.document

    def _learn_packing(self, sample: Sequence["_Rendered"]) -> None:
        """Train the dictionary that all is packed with, and keep it; without one where little is.

        Rows are half a kilobyte each, too short for a compressor to learn anything from.
        """
        self._is_new = False
        texts = [text.encode() for each in sample for text in (each.outline, *each.blocks)]
        size = min(_MOST_DICTIONARY, sum(map(len, texts)) // _SAMPLE_PER_BYTE)
        if size < _LEAST_DICTIONARY:
            return
        try:
            body = zstd.train_dict(texts, size).dict_content
        except zstd.ZstdError:
            return  # texts that have nothing in common
        self._connection.execute("INSERT INTO dictionary VALUES (?)", (seal(body, _DICTIONARY),))

    def _insert(self, each: "_Rendered") -> None:
        """Write the rows of a document, in place of those that it has."""
        head = each.head
        key, mark = head.id, head.fingerprint
        self._connection.execute(
            "DELETE FROM documents WHERE id = ? AND fingerprint = ?", (key, mark)
        )
        pack = self._packing.pack
        number = self._connection.execute(
            "INSERT INTO documents VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*head, seal(_NOTHING, *head), seal(pack(each.outline), key, mark)),
        ).lastrowid
        self._connection.executemany(
            "INSERT INTO blocks VALUES ((? << 20) + ?, ?)",
            (
                (number, block, seal(pack(text), key, mark, block))
                for block, text in enumerate(each.blocks)
            ),
        )

    @cached_property
    def _packing(self) -> "Packing":
        """Read the dictionary that all rows are packed with. Raises DamagedIndexError."""
        bodies = [
            unseal(body, _DICTIONARY, where=self.path)
            for (body,) in self._rows("SELECT body FROM dictionary")
        ]
        return Packing(bodies[0] if bodies else b"")

    def drop_repeated(self) -> None:
        """Of the documents of one id keep the one that came last."""
        with self._transaction():
            self._connection.execute(
                "DELETE FROM documents WHERE EXISTS (SELECT 1 FROM documents AS other"
                " WHERE other.id = documents.id AND other.rank > documents.rank)"
            )

    def settle(self, written: dict[str, str], deleted: Iterable[str]) -> int:
        """Drop what a change replaced (`written`: id -> fingerprint) or deleted.

        Gives how many rows are left.
        """
        with self._transaction():
            self._connection.executemany(
                "DELETE FROM documents WHERE id = ? AND fingerprint != ?", written.items()
            )
            self._connection.executemany(
                "DELETE FROM documents WHERE id = ?", [(key,) for key in deleted]
            )
        return self.count()

    def count(self) -> int:
        """Count the documents."""
        ((count,),) = self._rows("SELECT count(*) FROM documents")
        return int(count)

    def list_marks(self) -> set[tuple[str, str]]:
        """Give the id and the fingerprint of every row, which nothing verifies."""
        return set(self._rows("SELECT id, fingerprint FROM documents"))

    def verify_rows(self) -> set[tuple[str, str]]:
        """Read every row; gives the ids and fingerprints. Raises DamagedIndexError."""
        return {(document.id, mark) for mark, document in self.marked_documents()}

    def put_in_order(self, ranks: dict[str, int]) -> None:
        """Give documents their places in the bibliography, where they have changed."""
        # A rank that is damaged is found by the head that it belongs to, when that is read.
        moved = [
            (key, mark)
            for key, mark, rank in self._rows("SELECT id, fingerprint, rank FROM documents")
            if ranks.get(key, rank) != rank
        ]
        select = f"SELECT {_HEAD}, digest FROM documents WHERE id = ? AND fingerprint = ?"  # noqa: S608
        with self._transaction():
            for named in moved:
                for *columns, digest in list(self._rows(select, named)):
                    head = self._verify(columns, digest)._replace(rank=ranks[named[0]])
                    self._connection.execute(
                        "UPDATE documents SET rank = ?, digest = ?"
                        " WHERE id = ? AND fingerprint = ?",
                        (head.rank, seal(_NOTHING, *head), *named),
                    )

    def keep_only(self, fingerprints: dict[str, str]) -> None:
        """Drop every row that the index does not name: what a crash left behind."""
        held = list(self._rows("SELECT id, fingerprint FROM documents"))
        with self._transaction():
            self._connection.executemany(
                "DELETE FROM documents WHERE id = ? AND fingerprint = ?",
                [(key, mark) for key, mark in held if fingerprints.get(key) != mark],
            )

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one state, whatever is written meanwhile; who writes waits for the end of it."""
        if self._connection.in_transaction:
            yield
            return
        with self._guard():
            self._connection.execute("BEGIN")
        try:
            yield
        finally:
            with suppress(sqlite3.Error):  # what was read is read; nothing was written
                self._connection.rollback()

    def find(self, key: str, mark: str | None = None) -> Document:
        """Find the document of an id that is indexed, of that fingerprint rather than another.

        Raises DamagedIndexError when it is gone.
        """
        with self.snapshot():
            outline, paragraphs = self.find_outline(key, mark)
            return replace(outline, paragraphs=tuple(paragraphs))

    def find_outline(self, key: str, mark: str | None) -> tuple[Document, StoredParagraphs]:
        """Find a document without its paragraphs, and these, to be read within one snapshot."""
        rows = list(
            self._rows(
                f"SELECT {_HEAD}, digest, outline FROM documents WHERE id = ?"  # noqa: S608
                " ORDER BY fingerprint = ? DESC LIMIT 1",
                (key, mark or ""),
            )
        )
        if not rows:
            raise damaged(message("error.index.text-gone", key=str(key)), self.path)
        *columns, digest, outline = rows[0]
        head = self._verify(columns, digest)
        read = partial(self.read_block, key, head.fingerprint)
        return self._read(head, outline), StoredParagraphs(head.fingerprint, head.paragraphs, read)

    def read_block(self, key: str, mark: str, number: int) -> list[Paragraph]:
        """Read one block of the paragraphs of a document. Raises DamagedIndexError."""
        rows = list(
            self._rows(
                "SELECT body FROM documents JOIN blocks ON place = (number << 20) + ?"
                " WHERE id = ? AND fingerprint = ?",
                (number, key, mark),
            )
        )
        if not rows:
            raise damaged(message("error.index.paragraphs-gone", key=str(key)), self.path)
        return self._parse_block(rows[0][0], key, mark, number)

    def _parse_block(self, body: bytes, key: str, mark: str, number: int) -> list[Paragraph]:
        held = unseal(body, key, mark, number, where=self.path)
        return parse_paragraphs(self._unpack(held))

    def _unpack(self, packed: bytes) -> str:
        """Give a text that was packed. Raises DamagedIndexError."""
        try:
            return self._packing.unpack(packed)
        except zstd.ZstdError as error:  # rows are verified: their dictionary is gone
            said = message("error.index.texts-packed", error=str(error))
            raise damaged(said, self.path) from error

    def _verify(self, columns: Iterable[Any], digest: bytes) -> Head:
        """Give the head of a row, verified."""
        head = Head(*columns)
        unseal(digest, *head, where=self.path)
        return head

    def _read(self, head: Head, outline: bytes) -> Document:
        held = unseal(outline, head.id, head.fingerprint, where=self.path)
        return parse_document(self._unpack(held))

    def outlines(self) -> Iterator[tuple[str, Document]]:
        """Every document without its paragraphs and its fingerprint, in the bibliography's order.

        For whoever tells all of them and shows none: articles are not read.
        """
        rows = self._rows(
            f"SELECT {_HEAD}, digest, outline FROM documents ORDER BY rank, id, fingerprint"  # noqa: S608
        )
        for head, (outline,) in self._in_order(rows):
            yield head.fingerprint, self._read(head, outline)

    def read_outlines(self, ids: Iterable[str]) -> list[Document]:
        """Read the documents of some ids without their paragraphs, in the bibliography's order."""
        select = f"SELECT {_HEAD}, digest, outline FROM documents WHERE id = ?"  # noqa: S608
        found = []
        for key in ids:
            for *columns, digest, outline in list(self._rows(select, (key,))):
                head = self._verify(columns, digest)
                found.append((head.rank, head.id, head.fingerprint, self._read(head, outline)))
        return [document for *_, document in sorted(found, key=itemgetter(0, 1, 2))]

    def find_outlines(self, words: Collection[str]) -> Iterator[Document]:
        """Find the documents in whose outline one of some words stands, an id or a value.

        Every outline is unpacked, and only those with such a word are parsed, which takes most of
        the time.
        """
        said = re.compile("|".join(re.escape(json.dumps(w, ensure_ascii=False)) for w in words))
        rows = self._rows(f"SELECT {_HEAD}, outline FROM documents")  # noqa: S608
        for *columns, outline in rows:
            head = Head(*columns)
            sealed = unseal(outline, head.id, head.fingerprint, where=self.path)
            held = self._unpack(sealed)
            if said.search(held):
                yield parse_document(held)

    def heads(self) -> Iterator[Head]:
        """List what the rows say beside the documents, in the bibliography's order."""
        rows = self._rows(
            f"SELECT {_HEAD}, digest FROM documents ORDER BY rank, id, fingerprint"  # noqa: S608
        )
        return (head for head, _ in self._in_order(rows))

    def describe(
        self, ids: Iterable[str], marks: Collection[tuple[str, str]] | None = None
    ) -> Iterator[tuple[str, str, str]]:
        """Give the title, the author and the innermost section of the documents of some ids.

        `marks`: of the rows of these ids and fingerprints alone.
        """
        select = f"SELECT {_HEAD}, digest FROM documents WHERE id = ?"  # noqa: S608
        for key in ids:
            for *columns, digest in list(self._rows(select, (key,))):
                head = self._verify(columns, digest)
                if marks is None or (head.id, head.fingerprint) in marks:
                    yield head.title, head.author, head.section

    def _in_order(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Head, tuple[Any, ...]]]:
        """Verify the heads of rows, and that they come in order: none twice, none astray."""
        size = len(Head._fields)
        before: tuple[int, str, str] | None = None
        for row in rows:
            head = self._verify(row[:size], row[size])
            place = (head.rank, head.id, head.fingerprint)
            if before is not None and place <= before:
                raise damaged(message("error.index.texts-order"), self.path)
            before = place
            yield head, row[size + 1 :]

    def marked_documents(self) -> Iterator[tuple[str, Document]]:
        """Every document with its fingerprint, in the bibliography's order."""
        columns = ", ".join(f"documents.{name}" for name in Head._fields)
        rows = self._rows(
            f"SELECT {columns}, digest, outline, place & 0xFFFFF, body FROM documents"  # noqa: S608
            " LEFT JOIN blocks ON place >= number << 20 AND place < (number + 1) << 20"
            " ORDER BY rank, id, fingerprint, place"
        )
        grouped = (
            (*key, [row[-2:] for row in held])
            for key, held in groupby(rows, key=itemgetter(*range(len(Head._fields) + 2)))
        )
        for head, (outline, blocks) in self._in_order(grouped):
            paragraphs = [
                each
                for number, body in blocks
                if body is not None
                for each in self._parse_block(body, head.id, head.fingerprint, number)
            ]
            if len(paragraphs) != head.paragraphs:
                raise damaged(message("error.index.paragraphs-gone", key=str(head.id)), self.path)
            yield (
                head.fingerprint,
                replace(self._read(head, outline), paragraphs=tuple(paragraphs)),
            )

    def _rows(self, statement: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a query."""
        with self._guard():
            # Not "yield from": that would close the cursor when nobody reads on, perhaps after
            # the connection was closed, and raise where nobody listens.
            cursor = self._connection.execute(statement, values)
            self._reading.add(cursor)
            for row in cursor:  # noqa: UP028
                yield row
            self._reading.discard(cursor)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing of what is written inside."""
        with guard_writing(self.path), self._connection:
            yield

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Turn what SQLite raises into our errors: a file that it can't read as its own is damaged.

        A lock that is held too long, or a system that has no more room, is no damage.
        """
        try:
            yield
        except sqlite3.Error as error:
            what = message("error.index.texts-unreadable", error=str(error))
            name = getattr(error, "sqlite_errorname", "")
            if isinstance(error, sqlite3.ProgrammingError) or name.startswith(_NO_DAMAGE):
                hint = message("hint.again-or-check")
                raise SearchIndexError(what, where=self.path, hint=hint) from error
            raise damaged(what, self.path) from error


def write_sums(folder: Path) -> None:
    """Write down the sums of the file of texts, unless they stand there; nobody writes to it."""
    path, sums = folder / FILE_NAME, folder / SUMS
    with guard_writing(sums):
        # Whoever read the file before us has undone what was half done: a journal that is left had
        # not been begun when its writer was killed.
        _name_journal(path).unlink(missing_ok=True)
        commit = _read_commit(path)
        with suppress(DamagedIndexError):
            if read_signed(sums)[0] == commit:
                return
        temporary = folder / f"{SUMS}.new"
        try:
            temporary.write_bytes(sign(commit, {FILE_NAME: measure_file(path)}))
            temporary.replace(sums)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def check_sums(folder: Path, progress: Progress | None = None) -> bool:
    """Verify every byte of the file of texts; gives whether it could. Raises DamagedIndexError.

    Where the last commit is not the one that was summed (an update is at it, or was killed), rows
    alone can be verified. Not for a process that has the file open: closing a file lets go every
    lock that the process has on it.
    """
    path = folder / FILE_NAME
    summed, files = read_signed(folder / SUMS)
    if not _is_at_rest(path) or _read_commit(path) != summed:
        return False
    try:
        check_file(path, files[FILE_NAME], progress)
    except DamagedIndexError:
        if _is_at_rest(path) and _read_commit(path) == summed:
            raise
    return _is_at_rest(path) and _read_commit(path) == summed


def _is_at_rest(path: Path) -> bool:
    """Whether nothing is being written to a file of SQLite's."""
    return not _name_journal(path).exists()


def _name_journal(path: Path) -> Path:
    """Name the file in which SQLite keeps what it would have to put back."""
    return path.with_name(f"{path.name}-journal")


def _read_commit(path: Path) -> bytes:
    """Give the number of the last commit of a file of SQLite's. Raises DamagedIndexError."""
    try:
        with path.open("rb") as handle:
            head = handle.read(100)
    except FileNotFoundError as error:
        raise damaged(message("error.index.texts-gone"), path) from error
    except OSError as error:
        raise damaged(message("error.index.texts-unreadable", error=str(error)), path) from error
    counted, repeated = (head[where] for where in _COUNTED)
    if counted != repeated or len(counted) != 4:
        raise damaged(message("error.index.texts-first-page"), path)
    return counted


# SQLite's names of what has nothing to do with the bytes of the file.
_NO_DAMAGE: Final = (
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_NOMEM", "SQLITE_READONLY", "SQLITE_FULL",
    "SQLITE_INTERRUPT", "SQLITE_PERM", "SQLITE_CANTOPEN",
)  # fmt: skip


# --- how rows are packed

_DICTIONARY: Final = "dictionary"
_SAMPLE_BYTES: Final = 4_000_000  # read to learn from, at most
_SAMPLE_PER_BYTE: Final = 20  # of a dictionary
_LEAST_DICTIONARY: Final = 4_096
_MOST_DICTIONARY: Final = 200_000
# Of 44 MB of paragraphs level 5 leaves 11.6 in .57 s of CPU, level 3 12.7 in .24, level 6 11.6
# in .77; zlib's level 1 left 19.4 in .74. One dictionary packs all: its number is not repeated.
_PACKED: Final[dict[int, int]] = {
    zstd.CompressionParameter.compression_level: 5,
    zstd.CompressionParameter.dict_id_flag: 0,
}


class Packing:
    """Packs texts by zstd (RFC 8878), those of a store with the dictionary trained on them."""

    def __init__(self, dictionary: bytes = b"") -> None:
        """Take a dictionary as zstd trains it; b"" for none."""
        self._dictionary = zstd.ZstdDict(dictionary) if dictionary else None
        self._compressor = zstd.ZstdCompressor(options=_PACKED, zstd_dict=self._dictionary)

    def pack(self, text: str) -> bytes:
        """Pack a text."""
        compressor = self._compressor
        return compressor.compress(text.encode(), compressor.FLUSH_FRAME)

    def unpack(self, packed: bytes) -> str:
        """Give the text that was packed."""
        return zstd.decompress(packed, self._dictionary).decode()


class _Rendered(NamedTuple):
    """A document as its rows hold it, nothing packed yet."""

    document: Document
    head: Head
    outline: str
    blocks: list[str]  # paragraphs


def _render(ranked: tuple[int, Document]) -> _Rendered:
    """Render a document and its place in the bibliography."""
    rank, document = ranked
    paragraphs = document.paragraphs
    outline = render_document(replace(document, paragraphs=()))
    mark = fingerprint_parts(outline, paragraphs)
    head = Head(document.id, mark, rank, *describe_head(document), len(paragraphs))
    starts = range(0, len(paragraphs), BLOCK)
    blocks = [render_paragraphs(paragraphs[start : start + BLOCK]) for start in starts]
    return _Rendered(document, head, outline, blocks)


def _hand_over(taken: list[_Rendered]) -> Iterator[_Rendered]:
    """Give what was taken, in order, and hold none of it that was given."""
    taken.reverse()
    while taken:
        yield taken.pop()


def _take_sample(rendered: Iterator[_Rendered]) -> list[_Rendered]:
    """Take the first documents, as many as there is to learn from."""
    taken: list[_Rendered] = []
    size = 0
    while size < _SAMPLE_BYTES and (each := next(rendered, None)) is not None:
        taken.append(each)
        size += len(each.outline) + sum(map(len, each.blocks))
    return taken
