"""Copy a catalogue row by row into another, from a file to a server or back.

Each table is copied in the order of its key, a page in a transaction, and every page is read back
and compared. A copy that was broken off goes on behind the last row that it wrote. Nothing of the
source is changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from indexer.archive.catalogue import Catalogue
from indexer.archive.sealing import COLUMNS
from indexer.disk import TableShape, has_table, seal_row
from indexer.errors import CatalogueError
from indexer.messages import message
from indexer.postgresql import NUL_SIGN, UNFINISHED, Connection

PAGE: Final = 1000  # rows in a transaction
_FLAGS: Final = frozenset({"cited", "damaged"})  # 0 and 1 in a file, truth values on a server


# Digests of these are made by the connection that writes, or stand within the row.
CATALOGUE_TABLES: Final[Mapping[str, TableShape]] = {
    table: TableShape(key=key, columns=columns, is_sealed=False)
    for table, key, columns in (
        ("records", ("record_id",), COLUMNS["records"]),
        ("visits", ("visit_id",), ("visit_id", *COLUMNS["visits"])),
        ("targets", ("urlkey",), (*COLUMNS["targets"], "cited")),
        ("hosts", ("host",), COLUMNS["hosts"]),
        ("misdated", ("urlkey", "visited_at", "archive"), COLUMNS["misdated"]),
        ("robots", ("origin",), COLUMNS["robots"]),
        ("articles", ("record_id",), ("record_id", "extractor", "article")),
    )
}
_STATE: Final = UNFINISHED  # a table of a copy that is not whole: the state of its source


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedPage:
    """Progress of the copy of one table: `done` rows are written, of `count` in the source."""

    table: str
    done: int
    count: int


def copy_tables(
    source: Catalogue, target: Catalogue, tables: Mapping[str, TableShape], *, state: str
) -> Iterator[CopiedPage]:
    """Copy the tables that the source has, and read back what was written; to be iterated.

    The tables are there in the target, empty, or as a copy that was broken off left them; where
    the `state` of the source is another than it was then, they are emptied first. Raises
    CatalogueError; it can be called again then.
    """
    _begin(target, tables, state)
    for table, shape in tables.items():
        with source.transaction() as connection:
            if not has_table(connection, table):
                continue
            (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        yield from _copy_table(source, target, table, shape, count)
    target.number_visits()
    with target.transaction() as connection:
        connection.execute(f"DROP TABLE {_STATE}")


def _begin(target: Catalogue, tables: Mapping[str, TableShape], state: str) -> None:
    """Mark the target as a copy that is not whole yet."""
    with target.transaction() as connection:
        if has_table(connection, _STATE):
            found = connection.execute(f"SELECT state FROM {_STATE}").fetchone()  # noqa: S608
            if found is not None and found[0] == state:
                return
            for table in tables:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608
        else:
            for table in tables:
                if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():  # noqa: S608
                    raise CatalogueError(
                        message("error.catalogue.there-already", table=table),
                        where=target.where,
                        hint=message("hint.drop-or-rename"),
                    )
            connection.execute(f"CREATE TABLE {_STATE} (state TEXT)")
        connection.execute(f"DELETE FROM {_STATE}")  # noqa: S608
        connection.execute(f"INSERT INTO {_STATE} VALUES (?)", (state,))  # noqa: S608


def _copy_table(
    source: Catalogue, target: Catalogue, table: str, shape: TableShape, count: int
) -> Iterator[CopiedPage]:
    with target.transaction() as connection:
        done, last = _find_last(connection, table, shape)
    yield CopiedPage(table=table, done=done, count=count)
    while True:
        with source.transaction() as connection:
            rows = [_clean(row, shape) for row in _read_page(connection, table, shape, last)]
        if not rows:
            break
        with target.transaction() as connection:
            _write(connection, table, shape, rows)
            written = [_clean(row, shape) for row in _read_page(connection, table, shape, last)]
            if written != rows:
                raise CatalogueError(
                    message("error.catalogue.not-read-back", table=table, last=str(last)),
                    hint=message("hint.page-not-kept"),
                )
        done += len(rows)
        last = _key_of(rows[-1], shape)
        yield CopiedPage(table=table, done=done, count=count)
    if done != count:
        raise CatalogueError(
            message("error.catalogue.written-meanwhile", table=table, done=done, total=count),
            hint=message("hint.end-both"),
        )


def _find_last(
    connection: Connection, table: str, shape: TableShape
) -> tuple[int, tuple[Any, ...]]:
    """Find how many rows there are, and the key of the last one, () where there is none."""
    (done,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    order = ", ".join(f"{name} DESC" for name in shape.key)
    sql = f"SELECT {', '.join(shape.key)} FROM {table} ORDER BY {order} LIMIT 1"  # noqa: S608
    found = connection.execute(sql).fetchone()
    return done, tuple(found) if found is not None else ()


def _read_page(
    connection: Connection, table: str, shape: TableShape, last: tuple[Any, ...]
) -> list[Any]:
    names, key = _list_names(shape.columns), ", ".join(shape.key)
    marks = ", ".join("?" for _ in shape.key)
    which = f"WHERE ({key}) > ({marks})" if last else ""
    sql = f"SELECT {names} FROM {table} {which} ORDER BY {key} LIMIT {PAGE}"  # noqa: S608
    return connection.execute(sql, last).fetchall()


def _write(
    connection: Connection, table: str, shape: TableShape, rows: list[tuple[Any, ...]]
) -> None:
    columns = (*shape.columns, "digest") if shape.is_sealed else shape.columns
    marks = ", ".join("?" for _ in columns)
    connection.executemany(
        f"INSERT INTO {table} ({_list_names(columns)}) VALUES ({marks})",  # noqa: S608
        [(*row, seal_row(*row)) if shape.is_sealed else row for row in rows],
    )


def _clean(row: Any, shape: TableShape) -> tuple[Any, ...]:
    """Give the columns of a row as both a file and a server take them."""
    return tuple(
        bool(value)
        if name in _FLAGS
        else value.replace("\0", NUL_SIGN)
        if isinstance(value, str)
        else value
        for name, value in zip(shape.columns, row, strict=True)
    )


def _key_of(row: tuple[Any, ...], shape: TableShape) -> tuple[Any, ...]:
    by_name = dict(zip(shape.columns, row, strict=True))
    return tuple(by_name[name] for name in shape.key)


def _list_names(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
