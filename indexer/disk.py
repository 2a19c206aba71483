"""Say in words why the disk does not take or give something; open SQLite files read-only too.

Every room that catches an OSError or a sqlite3.Error makes its own error of it with `explain`.
"""

import errno
import hashlib
import os
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from indexer.errors import CatalogueError
from indexer.messages import NOTHING, Message, message
from indexer.postgresql import Connection, ServerAddress, ServerConnection


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation of an error: the end of a sentence that begins with a file; a hint."""

    what: Message
    hint: Message = NOTHING


FULL: Final = Explained(message("error.disk.full"), message("hint.free-disk"))
READ_ONLY: Final = Explained(
    message("error.disk.read-only"),
    message("hint.make-writable"),
)
DENIED: Final = Explained(
    message("error.disk.denied"),
    message("hint.ask-rights"),
)
LIMITED: Final = Explained(
    message("error.disk.limited"),
    message("hint.raise-size-limit"),
)
BUSY: Final = Explained(message("error.disk.busy"), message("hint.when-finished"))
BROKEN: Final = Explained(
    message("error.disk.broken"),
    message("hint.look-at-disk"),
)
_BY_ERRNO: Final = MappingProxyType(
    {
        errno.ENOSPC: FULL,
        errno.EDQUOT: FULL,
        errno.EFBIG: LIMITED,
        errno.EROFS: READ_ONLY,
        errno.EACCES: DENIED,
        errno.EPERM: DENIED,
        errno.EIO: BROKEN,
        errno.EBUSY: BUSY,
        errno.ENOENT: Explained(message("error.disk.no-such-file")),
        errno.EEXIST: Explained(message("error.disk.exists")),
        errno.ENOTDIR: Explained(message("error.disk.not-a-folder")),
        errno.EISDIR: Explained(message("error.disk.is-a-folder")),
        errno.ENOTEMPTY: Explained(message("error.disk.not-empty")),
        errno.ENAMETOOLONG: Explained(message("error.disk.name-too-long")),
        errno.ELOOP: Explained(message("error.disk.loop")),
        errno.ENOMEM: Explained(message("error.disk.no-memory")),
        errno.EMFILE: Explained(
            message("error.disk.too-many-files"), message("hint.raise-file-limit")
        ),
    }
)
IF_DAMAGED: Final = (  # the catalogue
    message("hint.move-catalogue-away")
)
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BY_SQLITE: Final = MappingProxyType(
    {
        sqlite3.SQLITE_FULL: FULL,
        sqlite3.SQLITE_READONLY: Explained(message("error.disk.unwritable"), DENIED.hint),
        sqlite3.SQLITE_PERM: DENIED,
        sqlite3.SQLITE_CANTOPEN: Explained(message("error.disk.unopenable"), DENIED.hint),
        sqlite3.SQLITE_IOERR: BROKEN,
        sqlite3.SQLITE_BUSY: BUSY,
        sqlite3.SQLITE_LOCKED: BUSY,
    }
)
_ERRNO_OF_SQLITE: Final = MappingProxyType(
    {
        sqlite3.SQLITE_FULL: errno.ENOSPC,
        sqlite3.SQLITE_READONLY: errno.EROFS,
        sqlite3.SQLITE_PERM: errno.EACCES,
        sqlite3.SQLITE_CANTOPEN: errno.EACCES,
        sqlite3.SQLITE_IOERR: errno.EIO,
        sqlite3.SQLITE_BUSY: errno.EBUSY,
        sqlite3.SQLITE_LOCKED: errno.EBUSY,
    }
)


def explain(error: OSError | sqlite3.Error, *, if_damaged: Message = NOTHING) -> Explained:
    """Say what an error of the system or of SQLite means, and what to do.

    `if_damaged`: what to do where a database file is damaged. What is not in the tables is told
    in the words of whoever raised it. Raises KeyboardInterrupt where that is what stopped SQLite.
    """
    if is_interruption(error):
        raise KeyboardInterrupt from error
    if isinstance(error, OSError):
        known = _BY_ERRNO.get(error.errno or 0)
        return known or _quote(error.strerror or str(error) or type(error).__name__)
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF  # the low byte: the primary code
    if code in _DAMAGED:
        return Explained(message("error.disk.damaged", error=str(error)), if_damaged)
    if "decode to UTF-8" in str(error):  # Python's own, with no code of SQLite's
        return Explained(message("error.disk.no-utf8", error=str(error)), if_damaged)
    if code == sqlite3.SQLITE_ERROR and if_damaged:
        # A table or a column that is not there, a format that is not known: the file's own head
        # or its list of tables is not what was written.
        return Explained(message("error.disk.not-as-written", error=str(error)), if_damaged)
    known = _BY_SQLITE.get(code)
    return (
        Explained(message("error.disk.with-detail", what=known.what, error=str(error)), known.hint)
        if known
        else _quote(str(error))
    )


def _quote(words: str) -> Explained:
    """Explain an error in the words of whoever raised it."""
    return Explained(message("error.said", text=words))


# What Python says of whatever a function raised that SQLite called, memory and sizes aside.
_CALLED_BACK: Final = "user-defined function raised exception"


def is_interruption(error: Exception) -> bool:
    """Whether Ctrl-C is what an error of SQLite's comes of.

    Python raises KeyboardInterrupt in the next line that it runs, which may be one of a function
    that SQLite calls, as for the digest of a row (`seal_row`): that comes back as SQLite's error,
    and would be told as damage of a file that is whole. These functions raise nothing else.
    """
    return isinstance(error, sqlite3.OperationalError) and str(error) == _CALLED_BACK


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error of SQLite's says that a file is not what was written.

    Not so where it is the disk, a right or another process that stops it: the file may be whole.
    """
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    return code not in _BY_SQLITE and code != sqlite3.SQLITE_NOMEM


def as_os_error(error: sqlite3.Error, path: Path) -> OSError:
    """Give the error of the system that one of SQLite's stands for, about a file."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    return OSError(_ERRNO_OF_SQLITE.get(code, 0), str(error), str(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongRow:
    """A row that is not what was written: of which table, about what, of when; as far as read."""

    table: str
    about: str  # an address; of an article, the ID of its record
    moment: str  # ISO 8601


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShape:
    """The columns of a table of the catalogue, its key among them, without its digest.

    `is_sealed`: a digest of the columns (`seal_row`) stands behind them in the row.
    """

    key: tuple[str, ...]
    columns: tuple[str, ...]
    is_sealed: bool = True


def swap_in(path: Path, payload: bytes, *, mode: int | None = None) -> None:
    """Write a file beside and put it in the place of `path`, whole or not at all. Raises OSError.

    `mode` is its rights; None: those of the file that is there, or 0o644. Of a symbolic link, the
    link itself is replaced.
    """
    if mode is None:
        mode = path.stat().st_mode if path.exists() else 0o644
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:  # Ctrl-C too
        Path(name).unlink(missing_ok=True)
        raise


def seal_row(*values: object) -> str:
    """Give the digest of the columns of a row: 16 hexadecimal digits.

    A text counts as its bytes: how Python shows a character depends on its version.
    """
    # A list of it is made in two thirds of the time of a generator: every row read is sealed.
    columns = tuple(
        [
            value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
            for value in values
        ]
    )
    return hashlib.blake2b(repr(columns).encode(), digest_size=8).hexdigest()


def is_writable(path: Path) -> bool:
    """Say whether a file can be written, or made, by whoever runs this; its folder too."""
    if path.exists() and not os.access(path, os.W_OK):
        return False
    folder = path.absolute().parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK)


def open_sqlite(
    path: Path, *, timeout_s: float, read_only: bool = False
) -> tuple[sqlite3.Connection, bool]:
    """Open a SQLite file, made when there is none; say besides whether it is read-only.

    Where nothing can be written it is opened read-only; a file that is not there is an empty one
    in memory. The connection may be handed from thread to thread. Raises OSError, sqlite3.Error,
    and CatalogueError where what was written last can't be read without writing.
    """
    if not read_only and is_writable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        return sqlite3.connect(path, timeout=timeout_s, check_same_thread=False), False
    if not path.exists():
        return sqlite3.connect(":memory:", check_same_thread=False), True
    try:
        return _open_uri(path, "mode=ro", timeout_s), True
    except sqlite3.OperationalError as error:
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from error
        # A file in WAL mode wants files of its own beside it. Without a write-ahead log to read,
        # nobody writes to it, and it can be read as it is; with one, that would skip what is in it.
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise CatalogueError(
                message("error.disk.not-closed"),
                where=path,
                hint=message("hint.open-as-owner"),
            ) from error
        return _open_uri(path, "immutable=1", timeout_s), True


def open_store(place: Path | ServerAddress, *, timeout_s: float) -> tuple[Connection, bool]:
    """Open the catalogue's file, or its schema on a server; say besides whether it is read-only.

    Raises OSError, sqlite3.Error, CatalogueError.
    """
    if not isinstance(place, ServerAddress):
        return open_sqlite(place, timeout_s=timeout_s)
    connection = ServerConnection(place)
    try:
        return connection, not connection.prepare()
    except CatalogueError:
        connection.close()
        raise


def has_table(connection: Connection, name: str) -> bool:
    """Say whether there is a table of that name. Raises sqlite3.Error, CatalogueError."""
    if isinstance(connection, ServerConnection):
        return connection.has_table(name)
    statement = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(statement, (name,)).fetchone() is not None


def begin_alone(connection: Connection) -> None:
    """Begin to write while nobody else does. Raises sqlite3.Error, CatalogueError."""
    if isinstance(connection, ServerConnection):
        connection.wait_for_writers()
    else:
        connection.execute("BEGIN IMMEDIATE")


def read_version(connection: Connection) -> int:
    """Give a number that changes whenever another connection wrote. As `has_table` raises."""
    if isinstance(connection, ServerConnection):
        return connection.read_version()
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _open_uri(path: Path, parameters: str, timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{parameters}",
        uri=True,
        timeout=timeout_s,
        check_same_thread=False,
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        connection.execute("PRAGMA temp_store = MEMORY")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
