"""Keep the Documents of an index in one SQLite file beside it, whole, in the bibliography's order.

A row is named by id and fingerprint: whoever still reads the index of before finds the text of
before. This is sqlite3's only door in this room.
"""

import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from indexer.engines.paragraphs import BLOCK, StoredParagraphs
from indexer.errors import SearchIndexError
from indexer.index import (
    fingerprint_text,
    parse_document,
    parse_paragraphs,
    render_document,
    render_paragraphs,
)
from indexer.model import Document, Paragraph

FILE_NAME: Final = "documents.sqlite"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS documents (
    id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    rank INTEGER NOT NULL,           -- place in the bibliography
    title TEXT NOT NULL,             -- with author and section: what is suggested
    author TEXT NOT NULL,
    section TEXT NOT NULL,           -- the innermost heading
    paragraphs INTEGER NOT NULL,     -- how many there are
    outline BLOB NOT NULL,           -- the document without its paragraphs: JSON, deflated
    PRIMARY KEY (id, fingerprint)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS places ON documents (rank, id, fingerprint);  -- to count them
CREATE TABLE IF NOT EXISTS blocks (
    id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    block INTEGER NOT NULL,          -- from 0
    body BLOB NOT NULL,              -- some paragraphs: JSON, deflated
    PRIMARY KEY (id, fingerprint, block),
    FOREIGN KEY (id, fingerprint) REFERENCES documents ON DELETE CASCADE
) WITHOUT ROWID, STRICT;
"""


class DocumentStore:
    """The Documents of one index folder; one connection, for one thread."""

    def __init__(self, folder: Path, *, is_read_only: bool = False) -> None:
        path = folder / FILE_NAME
        # Not "mode=ro": whoever reads first after a crash must undo what was half done.
        mode = "rwc" if not is_read_only else "rw" if os.access(path, os.W_OK) else "ro"
        try:
            self._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode={mode}",
                uri=True,
                check_same_thread=not is_read_only,
            )
            try:
                if is_read_only:
                    self._connection.execute("PRAGMA query_only = ON")
                else:
                    self._connection.execute("PRAGMA foreign_keys = ON")
                    self._connection.executescript(_SCHEMA)
            except sqlite3.Error:
                self._connection.close()
                raise
        except sqlite3.Error as error:
            raise SearchIndexError(
                f"the texts of the index can't be read ({error})",
                where=path,
                hint="Run `make index` again.",
            ) from error

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def put(self, documents: Iterable[tuple[int, Document]]) -> None:
        """Keep documents with their place in the bibliography, all or none."""
        with self._connection:
            for rank, document in documents:
                mark = fingerprint_text(render_document(document))
                paragraphs = document.paragraphs
                self._connection.execute(
                    "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        document.id,
                        mark,
                        rank,
                        document.title,
                        document.author,
                        document.section[-1] if document.section else "",
                        len(paragraphs),
                        _deflate(render_document(replace(document, paragraphs=()))),
                    ),
                )
                self._connection.executemany(
                    "INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?)",
                    (
                        (
                            document.id,
                            mark,
                            start // BLOCK,
                            _deflate(render_paragraphs(paragraphs[start : start + BLOCK])),
                        )
                        for start in range(0, len(paragraphs), BLOCK)
                    ),
                )

    def drop_repeated(self) -> None:
        """Of the documents of one id keep the one that came last."""
        with self._connection:
            self._connection.execute(
                "DELETE FROM documents WHERE EXISTS (SELECT 1 FROM documents AS other"
                " WHERE other.id = documents.id AND other.rank > documents.rank)"
            )

    def settle(self, written: dict[str, str], deleted: Iterable[str]) -> int:
        """Drop what a change replaced (`written`: id -> fingerprint) or deleted.

        Gives how many rows are left.
        """
        with self._connection:
            self._connection.executemany(
                "DELETE FROM documents WHERE id = ? AND fingerprint != ?", written.items()
            )
            self._connection.executemany(
                "DELETE FROM documents WHERE id = ?", [(key,) for key in deleted]
            )
        return int(self._connection.execute("SELECT count(*) FROM documents").fetchone()[0])

    def put_in_order(self, ranks: dict[str, int]) -> None:
        """Give documents their places in the bibliography, where they have changed."""
        with self._connection:
            held = self._connection.execute("SELECT id, rank FROM documents").fetchall()
            self._connection.executemany(
                "UPDATE documents SET rank = ? WHERE id = ?",
                [(ranks[key], key) for key, rank in held if ranks.get(key, rank) != rank],
            )

    def keep_only(self, fingerprints: dict[str, str]) -> None:
        """Drop every row that the index does not name: what a crash left behind."""
        with self._connection:
            held = self._connection.execute("SELECT id, fingerprint FROM documents").fetchall()
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
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()

    def find(self, key: str, mark: str | None = None) -> Document | None:
        """The document of an id, the one of that fingerprint rather than another."""
        with self.snapshot():
            found = self.find_outline(key, mark)
            if found is None:
                return None
            outline, paragraphs = found
            return replace(outline, paragraphs=tuple(paragraphs))

    def find_outline(self, key: str, mark: str | None) -> tuple[Document, StoredParagraphs] | None:
        """The same document without its paragraphs, and these, to be read within one snapshot."""
        row = self._connection.execute(
            "SELECT outline, fingerprint, paragraphs FROM documents WHERE id = ?"
            " ORDER BY fingerprint = ? DESC LIMIT 1",
            (key, mark or ""),
        ).fetchone()
        if row is None:
            return None
        outline, kept, count = row
        return _read(outline), StoredParagraphs(kept, count, partial(self._read_block, key, kept))

    def _read_block(self, key: str, mark: str, number: int) -> list[Paragraph]:
        """One block of the paragraphs of a document."""
        row = self._connection.execute(
            "SELECT body FROM blocks WHERE id = ? AND fingerprint = ? AND block = ?",
            (key, mark, number),
        ).fetchone()
        return _read_block(row[0])

    def documents(self) -> Iterator[Document]:
        """Every document, in the bibliography's order."""
        return (document for _, document in self.marked_documents())

    def outlines(self) -> Iterator[tuple[str, Document]]:
        """Every document without its paragraphs and its fingerprint, in the bibliography's order.

        For whoever tells all of them and shows none: articles are not read.
        """
        rows = self._connection.execute(
            "SELECT fingerprint, outline FROM documents ORDER BY rank, id"
        )
        return ((mark, _read(outline)) for mark, outline in rows)

    def descriptions(self) -> Iterator[tuple[str, str, str]]:
        """The title, the author and the innermost section of every document."""
        yield from self._connection.execute("SELECT title, author, section FROM documents")

    def marked_documents(self) -> Iterator[tuple[str, Document]]:
        """Every document with its fingerprint, in the bibliography's order."""
        rows = self._connection.execute(
            "SELECT id, fingerprint, outline, body FROM documents LEFT JOIN blocks"
            " USING (id, fingerprint) ORDER BY rank, id, fingerprint, block"
        )
        for (_, mark), held in groupby(rows, key=itemgetter(0, 1)):
            blocks = list(held)
            paragraphs = [each for *_, body in blocks if body for each in _read_block(body)]
            yield mark, replace(_read(blocks[0][2]), paragraphs=tuple(paragraphs))


def _deflate(text: str) -> bytes:
    return zlib.compress(text.encode(), 1)


def _read(deflated: bytes) -> Document:
    return parse_document(zlib.decompress(deflated).decode())


def _read_block(deflated: bytes) -> list[Paragraph]:
    return parse_paragraphs(zlib.decompress(deflated).decode())
