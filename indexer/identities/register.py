"""Keep the register of identities in the catalogue's file, in tables of its own.

The only door to these tables. A row is one identity, as JSON; beside it a row for each name, by
which a page finds what an address led to without reading the rest. Every row carries a digest of
itself: one that is not what was written is left out, said, and written anew by the next command
that keeps ids. What it held is put aside, as it is: of a text that is gone nothing else tells.
"""

import hashlib
import json
import logging
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, Final, Self

from indexer.disk import (
    IF_DAMAGED,
    TableShape,
    WrongRow,
    begin_alone,
    explain,
    has_table,
    open_store,
    read_version,
    seal_row,
)
from indexer.errors import CatalogueError, join_hints
from indexer.identities.settling import Register, forget_texts
from indexer.messages import message
from indexer.model import Identity
from indexer.postgresql import ServerAddress

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS identities (
    id TEXT PRIMARY KEY,
    given INTEGER NOT NULL,     -- in which order they were given
    facts TEXT NOT NULL,        -- JSON
    digest TEXT NOT NULL        -- of the row, as that of every row here
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS identity_names (
    name TEXT PRIMARY KEY,      -- "id …", "url …", "doi …"
    id TEXT NOT NULL,
    digest TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS identities_damaged (
    told TEXT PRIMARY KEY       -- JSON: the table, then the columns, of a row that was found wrong
) WITHOUT ROWID;
"""
IDENTITY_TABLES: Final = {
    "identities": TableShape(key=("id",), columns=("id", "given", "facts")),
    "identity_names": TableShape(key=("name",), columns=("name", "id")),
    "identities_damaged": TableShape(key=("told",), columns=("told",), is_sealed=False),
}
_SOME: Final = "SELECT id, given, facts, digest FROM identities WHERE id > ? ORDER BY id LIMIT 500"
_LOG: Final = logging.getLogger(__name__)
_TUPLES: Final = frozenset(
    field.name for field in fields(Identity) if str(field.type).startswith("tuple")
)


class RegisterFile:
    """The register in the file of a catalogue; safe to ask from several threads.

    Every method raises CatalogueError when the file can't be used.
    """

    def __init__(self, path: Path | ServerAddress) -> None:
        """Open a catalogue, a file or a schema on a server; read-only where it can't be written.

        The tables are made when they are first written: who only reads changes nothing.
        """
        self.path = path
        self._where = path if isinstance(path, Path) else str(path)
        self._lock = threading.Lock()
        self.wrong_rows: set[tuple[str, str]] = set()  # come upon and left out: table, key
        self._is_there = False
        self._last: tuple[Register, int] | None = None  # read last, at which version of the file
        with self._ours():
            self._db, self.is_read_only = open_store(path, timeout_s=30)
            if isinstance(self._db, sqlite3.Connection):
                self._db.text_factory = lambda text: text.decode("utf-8", "surrogateescape")

    def __enter__(self) -> Self:
        """Give the register itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def make_tables(self) -> None:
        """Make the tables where there are none. Raises CatalogueError."""
        with self._ours(), self._db:
            self._begin()

    def read_version(self) -> int:
        """Give a number that changes whenever another connection has written to the file."""
        with self._ours():
            return read_version(self._db)

    def fingerprint(self) -> str:
        """Give a digest that changes whenever anything of the register does."""
        told = hashlib.blake2b(digest_size=16)
        with self._ours():
            if has_table(self._db, "identity_names"):
                for table, key in (("identities", "id"), ("identity_names", "name")):
                    statement = f"SELECT {key}, digest FROM {table} ORDER BY {key}"  # noqa: S608
                    for row in self._db.execute(statement):
                        told.update("\n".join((*row, "")).encode("utf-8", "surrogateescape"))
        return told.hexdigest()

    def read(self) -> Register:
        """Read all identities, in the order in which they were given.

        Of one whose row is damaged, what its names tell is left.
        """
        with self._ours():
            version = read_version(self._db)  # before: what is written meanwhile is another one
            found = self._read()
            self._last = (found, version)
        if self.wrong_rows:
            _LOG.warning(
                "%s: %d rows of the register of identities are damaged and were left out; what "
                "they named may stand under another id. Run `renvois index`: it makes them anew, "
                "and puts what they held aside, in the table identities_damaged.",
                self.path,
                len(self.wrong_rows),
            )
        return found

    def _read(self) -> Register:
        rows = self._select("SELECT id, given, facts, digest FROM identities ORDER BY given, id")
        found = {str(key): _parse_identity(str(key), facts) for key, _, facts in rows}
        names = self._select("SELECT name, id, digest FROM identity_names ORDER BY name")
        for name, key in names:
            if key not in found:
                found[key] = Identity(id=key, is_note=key.startswith("note-"))
            if name not in found[key].names:
                found[key] = replace(found[key], names=(*found[key].names, str(name)))
        return Register(tuple(found.values()))

    def list_text_ids(self) -> Iterator[str]:
        """List the ids of all texts, so many rows read at a time.

        Of one whose row is damaged, the id is told where a name leads to it.
        """
        last, rows = "", [("", "", "")]
        while rows:
            with self._ours():
                rows = self._select(_SOME, last)
                found = [key for key, _, facts in rows if not _parse_identity(key, facts).is_note]
                last = rows[-1][0] if rows else last
            yield from found
        for table, key in sorted(self.wrong_rows):
            if table == "identities" and not key.startswith("note-"):
                with self._ours():
                    told = "SELECT name, id, digest FROM identity_names WHERE id = ? LIMIT 1"
                    is_told = self._select(told, key)
                if is_told:
                    yield key

    def find(self, names: Iterable[str]) -> tuple[Identity, ...]:
        """Find the identity that the first of some names leads to, and all that it became.

        The last one is what the name leads to today; none where no name leads anywhere.
        """
        with self._ours():
            for name in names:
                owner = self._find_owner(name)
                if owner:
                    return self._follow(owner)
        return ()

    def find_each(self, names: Iterable[str]) -> list[tuple[Identity, ...]]:
        """Find the identities that each of some names leads to, as `find` does for one."""
        return [found for name in names if (found := self.find((name,)))]

    def list_names(self) -> list[str]:
        """List every name that leads to an identity."""
        with self._ours():
            return [
                str(row[0]) for row in self._select("SELECT name, id, digest FROM identity_names")
            ]

    def _find_owner(self, name: str) -> str:
        rows = self._select("SELECT name, id, digest FROM identity_names WHERE name = ?", name)
        return str(rows[0][1]) if rows else ""

    def _follow(self, key: str) -> tuple[Identity, ...]:
        chain: dict[str, Identity] = {}
        while key and key not in chain:
            rows = self._select("SELECT id, given, facts, digest FROM identities WHERE id = ?", key)
            if not rows:
                break
            chain[key] = _parse_identity(key, rows[0][2])
            key = chain[key].merged_into
        return tuple(chain.values())

    def write(self, before: Register, after: Register) -> bool:
        """Write what changed, unless another process has written since `before` was read.

        Says whether it did; nothing is written where nothing changed, or nothing can be.
        """
        if self.is_read_only or (before == after and not self.wrong_rows):
            return True
        with self._ours(), self._db:
            self._begin()
            if not self._is_as_read(before) and self._read() != before:
                return False
            self._last = None  # the version tells what others write, and not what is written here
            numbers = dict(self._db.execute("SELECT id, given FROM identities"))
            last = max(numbers.values(), default=0)
            known = {} if self.wrong_rows else before.by_id
            if self.wrong_rows:
                self._put_wrong_aside()
            if not known:
                self._db.execute("DELETE FROM identities")
                self._db.execute("DELETE FROM identity_names")
            changed = [
                (numbers.get(each.id, last + place), each)
                for place, each in enumerate(after.identities, start=1)
                if known.get(each.id) != each
            ]
            self._db.executemany(
                "DELETE FROM identity_names WHERE name = ?",
                [
                    (name,)
                    for _, each in changed
                    if each.id in known
                    for name in known[each.id].names
                ],
            )
            self._insert("identities", [(e.id, given, _render_identity(e)) for given, e in changed])
            self._insert("identity_names", [(name, e.id) for _, e in changed for name in e.names])
        return True

    def _is_as_read(self, register: Register) -> bool:
        """Tell whether a register was read here last, and nobody has written to the file since.

        So that a change costs what it changes: all rows are verified when they are read.
        """
        if self._last is None or self._last[0] is not register:
            return False
        return self._last[1] == read_version(self._db)

    def _begin(self) -> None:
        """Begin to write alone, the tables made if need be."""
        if isinstance(self._db, sqlite3.Connection):
            self._db.executescript(_SCHEMA)  # which commits: before
            begin_alone(self._db)
        else:
            begin_alone(self._db)
            self._db.executescript(_SCHEMA)

    def _put_wrong_aside(self) -> None:
        """Keep the rows that are not what was written before they are written anew."""
        for table, row in self._list_wrong():
            told = json.dumps([table, *row], default=repr)  # what is no text is told as Python does
            self._db.execute(
                "INSERT INTO identities_damaged VALUES (?) ON CONFLICT DO NOTHING", (told,)
            )
        self.wrong_rows.clear()

    def _list_wrong(self) -> list[tuple[str, tuple[Any, ...]]]:
        if not has_table(self._db, "identity_names"):
            return []
        return [
            (table, tuple(row))
            for table, shape in IDENTITY_TABLES.items()
            if shape.is_sealed
            for row in self._db.execute(f"SELECT * FROM {table}")  # noqa: S608 - names of ours
            if row[-1] != seal_row(*row[:-1])
        ]

    def find_wrong_rows(self) -> list[WrongRow]:
        """List the rows that are not what was written."""
        with self._ours():
            wrong = self._list_wrong()
        return [WrongRow(table=table, about=str(row[0]), moment="") for table, row in wrong]

    def forget(self, names: Iterable[str]) -> None:
        """Forget for good the texts that some names lead to, as `forget_texts` says.

        Nobody can tell what a damaged row is on: none is left.
        """
        wanted = list(names)
        with self._ours(), self._db:
            self._begin()
            self._last = None
            kept = forget_texts(self._read(), wanted).identities
            for table in IDENTITY_TABLES:
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
            rows = ((e.id, given, _render_identity(e)) for given, e in enumerate(kept, start=1))
            self._insert("identities", rows)
            self._insert("identity_names", [(name, e.id) for e in kept for name in e.names])

    def _insert(self, table: str, rows: Iterable[tuple[object, ...]]) -> None:
        columns = (*IDENTITY_TABLES[table].columns, "digest")
        marks = ", ".join("?" for _ in columns)
        told = ", ".join(f"{name} = excluded.{name}" for name in columns)
        self._db.executemany(
            f"INSERT INTO {table} VALUES ({marks}) "  # noqa: S608 - names of ours
            f"ON CONFLICT ({columns[0]}) DO UPDATE SET {told}",
            ((*row, seal_row(*row)) for row in rows),
        )

    def _select(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """Fetch the rows that are what was written, without their digests."""
        # A catalogue of before, or one that nobody has written to yet.
        self._is_there = self._is_there or has_table(self._db, "identity_names")
        if not self._is_there:
            return []
        right = []
        for *row, digest in self._db.execute(statement, values):
            if digest == seal_row(*row):
                right.append(tuple(row))
            else:
                table = "identities" if len(row) == 3 else "identity_names"
                self.wrong_rows.add((table, str(row[0])))
        return right

    @contextmanager
    def _ours(self) -> Iterator[None]:
        """SQLite's exceptions, and rows that another version wrote, become ours here."""
        try:
            with self._lock:
                yield
        except (OSError, sqlite3.Error) as error:
            told = explain(error, if_damaged=IF_DAMAGED)
            raise CatalogueError(
                message("error.identities.cannot-use", why=told.what),
                where=self._where,
                hint=told.hint,
            ) from error
        except (ValueError, LookupError, TypeError) as error:
            raise CatalogueError(
                message("error.identities.unreadable", error=str(error)),
                where=self._where,
                hint=join_hints(message("hint.update-or-move"), IF_DAMAGED),
            ) from error


def read_register(path: Path | ServerAddress) -> Register:
    """Read the register in the file of a catalogue; empty where there is none. CatalogueError."""
    if not path.exists():
        return Register()
    with RegisterFile(path) as register:
        return register.read()


def _render_identity(identity: Identity) -> str:
    """Write an identity as JSON, its id and what is empty left out."""
    told = {name: value for name, value in asdict(identity).items() if value and name != "id"}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _parse_identity(key: str, text: str) -> Identity:
    """Read what `_render_identity` wrote. Raises ValueError, TypeError on anything else."""
    told: dict[str, Any] = json.loads(text)
    for name in _TUPLES & told.keys():
        told[name] = tuple(told[name])
    return Identity(id=key, **told)
