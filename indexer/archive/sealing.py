"""Give every row of the catalogue a digest, and tell a row that is not what was written.

SQLite has no checksums: a byte that changes on the disk changes an answer in silence. Each row of
the tables below has a digest of its columns. It is made in triggers that live as long as the
connection that writes, so that whatever writes here makes it; a row that is changed is given a new
one only when the one that it had was right, so that no damage is ever confirmed.

On a server triggers of the schema make them, in the server's own words: a row that somebody changes
there by a statement has a new digest.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from indexer.disk import seal_row
from indexer.postgresql import Connection, ServerConnection

# The columns that a digest is of, texts first, the key of the row before all others. Not those
# that are made anew from the bibliography (`targets.cited`), nor what SQLite numbers (`visit_id`).
_TEXTS: Final = {
    "records": (
        *("record_id", "kind", "target_uri", "target_urlkey", "captured_at", "media_type"),
        *("payload_digest", "truncated", "etag", "last_modified", "location", "refers_to"),
        "filename",
    ),
    "visits": (
        *("urlkey", "url", "visited_at", "outcome", "cause", "detail", "final_url", "hops"),
        *("tls_fault", "record_id", "payload_id", "payload_digest", "archive", "memento_at"),
    ),
    "targets": ("urlkey", "url", "canonical_url", "host", "due_at"),
    "robots": (
        *("origin", "fetched_at", "state", "rules", "cause", "detail", "unreachable_since"),
    ),
    "hosts": ("host", "not_before"),
    "misdated": ("urlkey", "visited_at", "archive", "believed_at"),
}
_NUMBERS: Final = {
    "records": ("status", "payload_length", "offset", "length", "inside", "damaged"),
    "visits": ("status",),
    "targets": ("attempts", "interval_s"),
    "robots": (),
    "hosts": (),
    "misdated": (),
}
SEALED_TABLES: Final = tuple(_TEXTS)
COLUMNS: Final = {table: (*_TEXTS[table], *_NUMBERS[table]) for table in SEALED_TABLES}
# Where a row that is wrong says what it is about, and of when.
ABOUT: Final = {
    "records": ("target_uri", "captured_at"),
    "visits": ("url", "visited_at"),
    "targets": ("url", "due_at"),
    "robots": ("origin", "fetched_at"),
    "hosts": ("host", "not_before"),
    "misdated": (
        "(SELECT url FROM visits WHERE visits.urlkey = misdated.urlkey LIMIT 1)",
        "visited_at",
    ),
}


class Seals:
    """The digests of the rows of one connection.

    `wrong` are the rows that were come upon and are not what was written: table and key.
    """

    def __init__(self, connection: Connection) -> None:
        """Seal the rows of an open connection."""
        self._connection = connection
        self._sealed: frozenset[str] = frozenset()  # the tables whose rows have digests
        self.wrong: set[tuple[str, str]] = set()
        if isinstance(connection, sqlite3.Connection):
            connection.create_function("seal", -1, seal_row, deterministic=True)
            connection.create_function("check_seal", -1, self._check)

    def begin(self, *, is_read_only: bool) -> None:
        """Have rows checked, and sealed as they are written, in a file that has digests."""
        self._sealed = frozenset(
            table
            for table in SEALED_TABLES
            if "digest"
            in {row[1] for row in self._connection.execute(f"PRAGMA table_info({table})")}
        )
        if is_read_only:
            return
        for table in SEALED_TABLES:
            new, old = _seal_of(table, "NEW"), _seal_of(table, "OLD")
            update = f"UPDATE {table} SET digest = {new} WHERE rowid = NEW.rowid"  # noqa: S608
            columns = ", ".join((*_TEXTS[table], *_NUMBERS[table]))
            self._connection.execute(
                f"CREATE TEMP TRIGGER seal_new_{table} AFTER INSERT ON main.{table} "
                f"BEGIN {update}; END"
            )
            self._connection.execute(
                f"CREATE TEMP TRIGGER seal_{table} AFTER UPDATE OF {columns} ON main.{table} "
                f"WHEN OLD.digest = {old} BEGIN {update}; END"
            )

    @property
    def is_complete(self) -> bool:
        """Whether the rows of every table have digests: of a file of before they may have none."""
        return self._sealed.issuperset(SEALED_TABLES)

    def right(self, table: str) -> str:
        """Give the SQL condition that a row is what was written; one that is not is noted."""
        if table not in self._sealed:  # a file of before, that is read-only
            return "1"
        values = ", ".join(_list_columns(table, table))
        return f"check_seal('{table}', CAST({table}.digest AS BLOB), {values})"

    @property
    def misdated(self) -> str:
        """Give the SQL of the table of misdated visits, without the rows that are wrong."""
        columns = ", ".join(_TEXTS["misdated"])
        return f"(SELECT {columns} FROM misdated WHERE {self.right('misdated')}) AS misdated"  # noqa: S608

    def _check(self, table: str, digest: bytes, *values: object) -> int:
        # As bytes: a damaged digest may be no UTF-8, and no function is called with such a text.
        if digest == seal_row(*values).encode():
            return 1
        key = values[0]
        self.wrong.add((table, key.decode("utf-8", "replace") if isinstance(key, bytes) else ""))
        return 0


class ServerSeals(Seals):
    """The digests of the rows of a schema on a server, which makes and checks them itself."""

    def __init__(self, connection: ServerConnection) -> None:
        """Seal the rows of a connection to a server."""
        super().__init__(connection)
        self.wrong = connection.wrong

    def begin(self, *, is_read_only: bool) -> None:
        """Have the server seal rows as they are written, and tell of those that are wrong."""
        statements = [
            "CREATE FUNCTION tell_wrong(told VARCHAR, key VARCHAR) RETURNS BOOLEAN "
            "LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE USING MESSAGE = 'wrong row', "
            "DETAIL = told, HINT = key; RETURN FALSE; END $$"
        ]
        for table in SEALED_TABLES:
            columns = ", ".join(f'"{name}"' for name in (*_TEXTS[table], *_NUMBERS[table]))
            statements += [
                f"CREATE FUNCTION seal_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF TG_OP = 'INSERT' THEN NEW.digest = {_seal_on_server(table, 'NEW')}; "
                f"ELSIF OLD.digest = {_seal_on_server(table, 'OLD')} "
                f"THEN NEW.digest = {_seal_on_server(table, 'NEW')}; END IF; RETURN NEW; END $$",
                f"CREATE TRIGGER seal BEFORE INSERT OR UPDATE OF {columns} ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION seal_{table}()",
            ]
        self._connection.executescript(";\n".join(statements))

    @property
    def is_complete(self) -> bool:
        """Whether the rows of every table have digests: there is no schema without."""
        return True

    def right(self, table: str) -> str:
        """Give the SQL condition that a row is what was written; one that is not is noted."""
        is_right = f"{table}.digest = {_seal_on_server(table, table)}"
        key = f"{table}.{_TEXTS[table][0]}"
        return f"CASE WHEN {is_right} THEN TRUE ELSE tell_wrong('{table}', {key}) END"


def list_migrations(tables: Sequence[str]) -> tuple[str, ...]:
    """List the statements that give digests to the rows of tables that have none."""
    return tuple(
        statement
        for table in tables
        for statement in (
            f"ALTER TABLE {table} ADD COLUMN digest TEXT NOT NULL DEFAULT ''",
            f"UPDATE {table} SET digest = {_seal_of(table, table)}",  # noqa: S608
        )
    )


def _seal_of(table: str, row: str) -> str:
    return f"seal({', '.join(_list_columns(table, row))})"


def _seal_on_server(table: str, row: str) -> str:
    """Write the digest of a row as a server makes it: 16 digits of the SHA-256 of its columns."""
    columns = ", ".join(f'{row}."{name}"' for name in (*_TEXTS[table], *_NUMBERS[table]))
    told = f"convert_to(CAST(ROW({columns}) AS VARCHAR), 'UTF8')"
    return f"left(encode(sha256({told}), 'hex'), 16)"


def _list_columns(table: str, row: str) -> list[str]:
    """Write the columns as `seal_row` takes them: as bytes, for a damaged text may be no UTF-8."""
    texts = [f"CAST({row}.{name} AS BLOB)" for name in _TEXTS[table]]
    return [*texts, *(f"{row}.{name}" for name in _NUMBERS[table])]
