"""Open the SQLite file of a catalogue, and give transactions on it.

The only door to sqlite3 of this room. Several threads may use a database; several processes may
read it while one writes (WAL).
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Final, Self

from indexer.errors import CatalogueError

SCHEMA_VERSION: Final = 2
# What is to be done to a file of the version before, by that version.
MIGRATIONS: Final = {
    1: """
        ALTER TABLE records ADD COLUMN inside INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE records ADD COLUMN damaged INTEGER NOT NULL DEFAULT 0;
    """,
}
BUSY_TIMEOUT_S: Final = 30.0


class Database:
    """An opened file. Raises CatalogueError when it can't be used."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing of what is written inside; SQLite's errors become ours here."""
        with self._lock:
            try:
                with self._connection:
                    yield self._connection
            except sqlite3.Error as error:
                raise CatalogueError(
                    f"can't be used ({error})",
                    where=self.path,
                    hint="If the disk is full, free some room. If the file is damaged, move it "
                    "away and run `renvois archive reindex`: the WARC files hold all it held.",
                ) from error

    def read(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """The rows of a query."""
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


def open_database(path: Path, *, read_only: bool = False) -> Database:
    """Open a file, made with its tables when there is none; to be closed. CatalogueError."""
    if read_only:
        return _open_read_only(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, check_same_thread=False)
    except sqlite3.Error as error:
        raise CatalogueError(f"can't be opened ({error})", where=path) from error
    connection.row_factory = sqlite3.Row
    database = Database(path, connection)
    try:
        with database.transaction():
            connection.execute("PRAGMA journal_mode = WAL")
            # The WARC files are on the disk before each commit: after a power cut, what SQLite
            # lost of its last moments is read back from them.
            connection.execute("PRAGMA synchronous = NORMAL")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                schema = (
                    resources.files("indexer.archive").joinpath("schema.sql").read_text("utf-8")
                )
                connection.executescript(
                    f"BEGIN; {schema} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
                )
            elif version in MIGRATIONS:
                connection.executescript(
                    f"BEGIN; {MIGRATIONS[version]} PRAGMA user_version = {version + 1}; COMMIT;"
                )
            elif version != SCHEMA_VERSION:
                raise CatalogueError(
                    f"was written by another version ({version}, this one reads {SCHEMA_VERSION})",
                    where=path,
                    hint="Move it away and run `renvois archive reindex`.",
                )
    except CatalogueError:
        connection.close()
        raise
    return database


def _open_read_only(path: Path) -> Database:
    """Open a file that is there, whether or not its folder can be written."""
    # Without write access SQLite can't share a WAL file: it then reads what was checkpointed.
    address = path.absolute().as_uri()
    for mode in ("mode=ro", "immutable=1"):
        try:
            connection = sqlite3.connect(
                f"{address}?{mode}", uri=True, timeout=BUSY_TIMEOUT_S, check_same_thread=False
            )
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            fault = error
            continue
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != SCHEMA_VERSION:
            connection.close()
            raise CatalogueError(
                f"was written by another version ({version}, this one reads {SCHEMA_VERSION})",
                where=path,
                hint="Any command that may write to it brings it up to date.",
            )
        connection.row_factory = sqlite3.Row
        return Database(path, connection)
    raise CatalogueError(f"can't be opened ({fault})", where=path) from fault
