"""Open a catalogue, a file of SQLite or a schema of PostgreSQL, and give transactions on it.

The only door to sqlite3 of this room. Several threads may use a database; several processes may
read it while one writes (WAL), on a server several may write.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import Any, Final, Self

from indexer.archive.claims import TABLE, HostClaims
from indexer.archive.sealing import Seals, ServerSeals, list_migrations
from indexer.disk import IF_DAMAGED, explain, has_table, open_sqlite, open_store
from indexer.errors import CatalogueError
from indexer.messages import message
from indexer.postgresql import Connection, ServerAddress, ServerConnection

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
    """An opened catalogue. Raises CatalogueError when it can't be used."""

    def __init__(
        self,
        path: Path | ServerAddress,
        connection: Connection,
        seals: Seals,
        *,
        is_read_only: bool,
    ) -> None:
        """Take an open connection; `seals` are the digests of its rows."""
        self.path = path
        self.where = path if isinstance(path, Path) else str(path)
        self.is_read_only = is_read_only
        self._connection = connection
        self._lock = threading.RLock()
        self.seals = seals
        self.is_reindexed = False  # its indexes were damaged, and were made anew

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the connection."""
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
            raise CatalogueError(
                message("error.disk.damaged", error=found[0]), where=self.where, hint=IF_DAMAGED
            )

    def _list_faults(self) -> list[str]:
        rows = self.read("PRAGMA integrity_check(10)")
        return [str(row[0]) for row in rows if row[0] != "ok"]

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing of what is written inside; SQLite's errors become ours here."""
        with self._lock:
            try:
                with self._connection:
                    yield self._connection
            except sqlite3.Error as error:
                told = explain(error, if_damaged=IF_DAMAGED)
                raise CatalogueError(
                    message("error.cannot-use", why=told.what), where=self.where, hint=told.hint
                ) from error
            except UnicodeDecodeError as error:
                # Python can't say what SQLite says of a table whose name is damaged.
                raise CatalogueError(
                    message("error.catalogue.tables-no-utf8"), where=self.where, hint=IF_DAMAGED
                ) from error

    def read(self, statement: str, *values: Any) -> list[Any]:
        """Fetch the rows of a query."""
        with self.transaction() as connection:
            return connection.execute(statement, values).fetchall()

    def open_claims(self) -> HostClaims | None:
        """Begin to claim hosts; None where no other crawler can use this. To be closed."""
        return None

    def as_bytes(self, expression: str) -> str:
        """Give the SQL of a text as its bytes: a damaged one in a file may be no UTF-8."""
        return f"CAST({expression} AS BLOB)"

    def join_texts(self, expression: str) -> str:
        """Give the SQL of the texts of a group, one behind the other."""
        return f"group_concat({expression}, '')"

    def number_visits(self) -> None:
        """Have the visits to come numbered after those that there are: SQLite does by itself."""

    def overwrite_deleted(self) -> None:
        """Have what is deleted from now on overwritten where it stood."""
        with self.transaction() as connection:
            connection.execute("PRAGMA secure_delete = ON")

    def wipe(self) -> None:
        """Write the file anew, so that nothing deleted is left in it or in its journal."""
        with self.transaction() as connection:
            connection.execute("VACUUM")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise CatalogueError(
                message("error.catalogue.purged-in-journal"),
                hint=message("hint.end-programs"),
            )


class ServerDatabase(Database):
    """A schema of a PostgreSQL server, with the tables of a catalogue."""

    def read(self, statement: str, *values: Any) -> list[Any]:
        """Fetch the rows of a query, which needs no transaction of its own."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def open_claims(self) -> HostClaims:
        """Begin to claim hosts, in a session of its own. To be closed. Raises CatalogueError."""
        assert isinstance(self.path, ServerAddress)
        return HostClaims(self.path)

    def as_bytes(self, expression: str) -> str:
        """Give the SQL of a text as its bytes."""
        return f"convert_to({expression}, 'UTF8')"

    def join_texts(self, expression: str) -> str:
        """Give the SQL of the texts of a group, one behind the other."""
        return f"string_agg({expression}, '')"

    def number_visits(self) -> None:
        """Have the visits to come numbered after those that there are."""
        sql = "SELECT setval(pg_get_serial_sequence('visits', 'visit_id'), max(visit_id)) "
        self.read(f"{sql} FROM visits")

    def overwrite_deleted(self) -> None:
        """Leave it to `wipe`."""

    def wipe(self) -> None:
        """Write the tables anew, so that nothing deleted is left in their files.

        The server's own log and its backups are for whoever runs it.
        """
        tables = self.read(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
        )
        for row in tables:
            self._connection.execute(f"VACUUM (FULL) {row[0]}")

    def _list_faults(self) -> list[str]:
        """List nothing: a server looks at its pages itself, where it keeps checksums."""
        return []


def insert(connection: Connection, table: str, values: dict[str, Any]) -> None:
    """Insert a row; one that is there already stays: records and visits never change."""
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING",  # noqa: S608
        values,
    )


def replace(connection: Connection, table: str, key: str, values: dict[str, Any]) -> None:
    """Insert a row in place of the one with its key, damaged or not."""
    connection.execute(f"DELETE FROM {table} WHERE {key} = :{key}", values)  # noqa: S608
    insert(connection, table, values)


def insert_record(connection: Connection, values: dict[str, Any]) -> None:
    """Insert a record; one that is there already stays, unless it is damaged where it stands."""
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(
        f"INSERT INTO records ({names}) VALUES ({marks}) ON CONFLICT (record_id) DO UPDATE "  # noqa: S608
        'SET filename = excluded.filename, "offset" = excluded."offset", '
        "inside = excluded.inside, length = excluded.length, damaged = FALSE "
        "WHERE records.damaged",
        values,
    )


def open_database(place: Path | ServerAddress) -> Database:
    """Open a catalogue, made with its tables when there is none; to be closed. CatalogueError.

    Where nothing can be written, it is read-only.
    """
    return _open_server(place) if isinstance(place, ServerAddress) else _open_file(place)


def _open_server(address: ServerAddress) -> ServerDatabase:
    connection, is_read_only = open_store(address, timeout_s=BUSY_TIMEOUT_S)
    assert isinstance(connection, ServerConnection)
    seals = ServerSeals(connection)
    try:
        with connection:
            if not is_read_only:
                connection.wait_for_writers()  # of two that make the tables, one would fail
                if not connection.has_table("catalogue_version"):
                    connection.executescript(_read_schema())
                    connection.executescript("CREATE TABLE catalogue_version (version INTEGER)")
                    connection.executescript(TABLE)
                    sql = "INSERT INTO catalogue_version VALUES (?)"
                    connection.execute(sql, (SCHEMA_VERSION,))
                    seals.begin(is_read_only=False)
            version = connection.execute("SELECT version FROM catalogue_version").fetchone()[0]
            if version != SCHEMA_VERSION:
                raise _other_version(address, version)
    except CatalogueError:
        connection.close()
        raise
    return ServerDatabase(address, connection, seals, is_read_only=is_read_only)


def _open_file(path: Path) -> Database:
    try:
        connection, is_read_only = open_sqlite(path, timeout_s=BUSY_TIMEOUT_S)
    except (OSError, sqlite3.Error) as error:
        told = explain(error, if_damaged=IF_DAMAGED)
        raise CatalogueError(
            message("error.cannot-open", why=told.what), where=path, hint=told.hint
        ) from error
    connection.row_factory = sqlite3.Row
    seals = Seals(connection)
    database = Database(path, connection, seals, is_read_only=is_read_only)
    try:
        with database.transaction():
            if not is_read_only:
                connection.execute("PRAGMA journal_mode = WAL")
                # The WARC files are on the disk before each commit: after a power cut, what SQLite
                # lost of its last moments is read back from them.
                connection.execute("PRAGMA synchronous = NORMAL")
            _prepare_schema(connection, path, is_read_only=is_read_only)
            if not has_table(connection, "misdated"):
                # What is read-only gets an empty table beside, that lives as long as this does.
                connection.execute(f"CREATE TEMP TABLE {_MISDATED}")
            seals.begin(is_read_only=is_read_only)
        database.verify()
    except CatalogueError:
        connection.close()
        raise
    return database


def _prepare_schema(connection: sqlite3.Connection, path: Path, *, is_read_only: bool) -> None:
    """Make the tables, or bring those of an older version up to this one, step by step."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        connection.executescript(
            f"BEGIN; {_read_schema()} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )
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
            message("error.catalogue.older", version=str(version)),
            where=path,
            hint=message("hint.open-writable"),
        )
    if version != SCHEMA_VERSION:
        raise _other_version(path, version)


def _read_schema() -> str:
    return resources.files("indexer.archive").joinpath("schema.sql").read_text("utf-8")


def _other_version(place: Path | ServerAddress, version: int) -> CatalogueError:
    return CatalogueError(
        message("error.catalogue.other-version", version=str(version), known=str(SCHEMA_VERSION)),
        where=place if isinstance(place, Path) else str(place),
        hint=message("hint.move-and-reindex"),
    )
