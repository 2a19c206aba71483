"""Open the SQLite file of a catalogue, and give transactions on it.

The only door to sqlite3 of this room. Several threads may use a database; several processes may
read it while one writes (WAL).
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import Any, Final, Self

from indexer.archive.sealing import Seals, list_migrations
from indexer.disk import IF_DAMAGED, explain, open_sqlite
from indexer.errors import CatalogueError

SCHEMA_VERSION: Final = 4
READABLE_VERSION: Final = 2  # the oldest that can be read as it is, where nothing can be written
# A file of before has no such table until it is written to.
_MISDATED: Final = """misdated (
    urlkey TEXT NOT NULL, visited_at TEXT NOT NULL, archive TEXT NOT NULL,
    believed_at TEXT NOT NULL, PRIMARY KEY (urlkey, visited_at, archive)
) STRICT"""
# What is to be done to a file of an older version, by that version.
MIGRATIONS: Final = {
    1: (
        "ALTER TABLE records ADD COLUMN inside INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE records ADD COLUMN damaged INTEGER NOT NULL DEFAULT 0",
    ),
    2: list_migrations(("records", "visits", "targets", "robots")),
    3: (f"CREATE TABLE IF NOT EXISTS {_MISDATED}", *list_migrations(("hosts", "misdated"))),
}
BUSY_TIMEOUT_S: Final = 30.0


class Database:
    """An opened file. Raises CatalogueError when it can't be used."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, *, is_read_only: bool = False
    ) -> None:
        self.path = path
        self.is_read_only = is_read_only
        self._connection = connection
        self._lock = threading.RLock()
        self.seals = Seals(connection)
        self.is_reindexed = False  # its indexes were damaged, and were made anew

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def verify(self) -> None:
        """Have SQLite look at every page and every index. Raises CatalogueError.

        The digests of rows tell a row that is wrong; a row that an index does not lead to any more
        would only be missing. Indexes that are damaged are made anew from their tables, where the
        file can be written. It costs 2 ms of CPU a megabyte.
        """
        found = self._list_faults()
        if found and not self.is_read_only:
            with suppress(CatalogueError):  # then it stays as it is, and is told
                with self.transaction() as connection:
                    connection.execute("REINDEX")
                found = self._list_faults()
                self.is_reindexed = not found
        if found:
            raise CatalogueError(f"is damaged ({found[0]})", where=self.path, hint=IF_DAMAGED)

    def _list_faults(self) -> list[str]:
        rows = self.read("PRAGMA integrity_check(10)")
        return [str(row[0]) for row in rows if row[0] != "ok"]

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing of what is written inside; SQLite's errors become ours here."""
        with self._lock:
            try:
                with self._connection:
                    yield self._connection
            except sqlite3.Error as error:
                told = explain(error, if_damaged=IF_DAMAGED)
                raise CatalogueError(
                    f"can't be used: {told.what}", where=self.path, hint=told.hint
                ) from error
            except UnicodeDecodeError as error:
                # Python can't say what SQLite says of a table whose name is damaged.
                raise CatalogueError(
                    "is damaged: its list of tables is no UTF-8", where=self.path, hint=IF_DAMAGED
                ) from error

    def read(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """Fetch the rows of a query."""
        with self.transaction() as connection:
            return connection.execute(statement, values).fetchall()


def insert(connection: sqlite3.Connection, table: str, values: dict[str, Any]) -> None:
    """Insert a row; one that is there already stays: records and visits never change."""
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608


def insert_record(connection: sqlite3.Connection, values: dict[str, Any]) -> None:
    """Insert a record; one that is there already stays, unless it is damaged where it stands."""
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(
        f"INSERT INTO records ({names}) VALUES ({marks}) ON CONFLICT (record_id) DO UPDATE "  # noqa: S608
        "SET filename = excluded.filename, offset = excluded.offset, inside = excluded.inside, "
        "length = excluded.length, damaged = 0 WHERE records.damaged",
        values,
    )


def open_database(path: Path) -> Database:
    """Open a file, made with its tables when there is none; to be closed. CatalogueError.

    Where nothing can be written, it is read-only.
    """
    try:
        connection, is_read_only = open_sqlite(path, timeout_s=BUSY_TIMEOUT_S)
    except (OSError, sqlite3.Error) as error:
        told = explain(error, if_damaged=IF_DAMAGED)
        raise CatalogueError(f"can't be opened: {told.what}", where=path, hint=told.hint) from error
    connection.row_factory = sqlite3.Row
    database = Database(path, connection, is_read_only=is_read_only)
    try:
        with database.transaction():
            if not is_read_only:
                connection.execute("PRAGMA journal_mode = WAL")
                # The WARC files are on the disk before each commit: after a power cut, what SQLite
                # lost of its last moments is read back from them.
                connection.execute("PRAGMA synchronous = NORMAL")
            _prepare_schema(connection, path, is_read_only=is_read_only)
            if not _has_table(connection, "misdated"):
                # What is read-only gets an empty table beside, that lives as long as this does.
                connection.execute(f"CREATE TEMP TABLE {_MISDATED}")
            database.seals.begin(is_read_only=is_read_only)
        database.verify()
    except CatalogueError:
        connection.close()
        raise
    return database


def _prepare_schema(connection: sqlite3.Connection, path: Path, *, is_read_only: bool) -> None:
    """Make the tables, or bring those of an older version up to this one, step by step."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        schema = resources.files("indexer.archive").joinpath("schema.sql").read_text("utf-8")
        connection.executescript(f"BEGIN; {schema} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        return
    if is_read_only and READABLE_VERSION <= version < SCHEMA_VERSION:
        return
    while version in MIGRATIONS and not is_read_only:
        connection.execute("BEGIN IMMEDIATE")
        # Another process may have done it meanwhile.
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        for statement in MIGRATIONS.get(version, ()):
            connection.execute(statement)
        if version in MIGRATIONS:
            version += 1
            connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    if version in MIGRATIONS:
        raise CatalogueError(
            f"was written by an older version ({version}), and can't be brought up to date here",
            where=path,
            hint="Open the corpus once where it can be written (`renvois links report`).",
        )
    if version != SCHEMA_VERSION:
        raise CatalogueError(
            f"was written by another version ({version}, this one reads {SCHEMA_VERSION})",
            where=path,
            hint="Move it away and run `renvois archive reindex`.",
        )


def _has_table(connection: sqlite3.Connection, name: str) -> bool:
    statement = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(statement, (name,)).fetchone() is not None
