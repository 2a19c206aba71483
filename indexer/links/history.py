"""Keep what every visit said of every URL, in tables of their own beside the catalogue's.

The only door to these tables. One observation, one transaction: a kill in the middle loses
none that was told. An observation is a line of JSON, without what is default.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
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
from indexer.messages import message
from indexer.model import Cause, HeadTrust, Observation, PageKind, Redirect, Signal
from indexer.postgresql import ServerAddress
from indexer.urls import urlkey

REMEMBERED: Final = 256  # texts of observations, those of one link one after the other
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS link_observations (
    urlkey TEXT NOT NULL,       -- the same page, however it is written
    observed_at TEXT NOT NULL,  -- UTC
    url TEXT NOT NULL,          -- as it was visited
    observation TEXT NOT NULL,  -- JSON
    digest TEXT NOT NULL DEFAULT '',  -- of the row, as that of every row here
    PRIMARY KEY (urlkey, observed_at)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS link_probes (
    folder TEXT PRIMARY KEY,    -- where the address that can't exist was made up
    probed_at TEXT NOT NULL,
    has_page INTEGER NOT NULL,  -- 0: the host tells the truth
    text TEXT NOT NULL,         -- of what it answered
    url TEXT NOT NULL,          -- the address asked
    digest TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS link_heads (
    host TEXT PRIMARY KEY,
    agreed INTEGER NOT NULL,    -- answers to HEAD that a GET bore out, since the last lie
    lied_at TEXT NOT NULL,      -- "" for never
    digest TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS link_reports (
    reported_at TEXT PRIMARY KEY,
    digest TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
"""
# The columns of each table stand in the order of its rows.
LINK_TABLES: Final[Mapping[str, TableShape]] = MappingProxyType(
    {
        "link_observations": TableShape(
            key=("urlkey", "observed_at"), columns=("urlkey", "observed_at", "url", "observation")
        ),
        "link_probes": TableShape(
            key=("folder",), columns=("folder", "probed_at", "has_page", "text", "url")
        ),
        "link_heads": TableShape(key=("host",), columns=("host", "agreed", "lied_at")),
        "link_reports": TableShape(key=("reported_at",), columns=("reported_at",)),
    }
)
# Where a row that is wrong says what it is about, and of when.
_ABOUT: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "link_observations": ("url", "observed_at"),
        "link_probes": ("url", "probed_at"),
        "link_heads": ("host", "lied_at"),
        "link_reports": ("''", "reported_at"),
    }
)
_PAGE: Final = 500  # rows read at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Hold a host's answer to an address that can't exist."""

    folder: str
    url: str
    probed_at: datetime
    has_page: bool
    text: str = ""


class LinkHistory:
    """Observations, probes and the dates of reports, in the catalogue's file.

    Every row carries a digest of itself. One that is not what was written is no answer: its visit
    is observed again, its host asked again.
    """

    def __init__(self, path: Path | ServerAddress) -> None:
        """Open the catalogue's file, or its schema on a server. Raises CatalogueError."""
        self.path = path
        self._where = path if isinstance(path, Path) else str(path)
        self._wrong: set[tuple[str, str]] = set()
        with self._ours():
            # The pass hands it from thread to thread, one at a time.
            self._db, self.is_read_only = open_store(path, timeout_s=30)
            try:
                if isinstance(self._db, sqlite3.Connection):
                    self._prepare_file(self._db)
                if not self.is_read_only:
                    self._make_tables()
                elif not has_table(self._db, "link_observations"):  # nothing observed yet
                    self._db.executescript(_SCHEMA.replace("CREATE TABLE", "CREATE TEMP TABLE"))
                self._is_sealed = not self._list_unsealed()
            except (sqlite3.Error, CatalogueError):
                self._db.close()
                raise

    def _prepare_file(self, file: sqlite3.Connection) -> None:
        # What is no UTF-8 is a wrong row, and keeps no other from being read.
        file.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        file.create_function("seal_row", -1, seal_row, deterministic=True)
        if not self.is_read_only:
            # In WAL mode (the catalogue's) a kill loses nothing; a power cut, the last moments.
            file.execute("PRAGMA synchronous = NORMAL")

    def _make_tables(self) -> None:
        if isinstance(self._db, sqlite3.Connection):
            self._db.executescript(_SCHEMA)
            self._seal_old_rows()
        elif not has_table(self._db, "link_reports"):  # the last one
            with self._db:
                begin_alone(self._db)  # of two that make the tables, one would fail
                self._db.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        """Give the history itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def read_version(self) -> int:
        """Give a number that changes whenever another connection wrote to the catalogue."""
        with self._ours():
            return read_version(self._db)

    def record(self, observation: Observation) -> None:
        """Keep an observation; the same visit told twice is kept once, as told last."""
        self._put(
            "link_observations",
            urlkey(observation.url),
            render_moment(observation.observed_at),
            observation.url,
            render_observation(observation),
        )

    def observations(self, key: str) -> tuple[Observation, ...]:
        """All that was observed of the URL with that urlkey, oldest first."""
        with self._ours():
            rows = self._select("link_observations", "WHERE urlkey = ? ORDER BY observed_at", key)
            return tuple(map(_read, rows))

    def read_histories(self, keys: Sequence[str]) -> dict[str, list[Observation]]:
        """Read what was observed of the URLs with these urlkeys, of each oldest first.

        One statement asks for them all: some hundreds at a time. Only once `list_digests` has
        looked at every row, and found which are wrong.
        """
        if any(table == "link_observations" for table, _ in self._wrong):
            return {key: list(self.observations(key)) for key in keys}
        marks = ", ".join("?" for _ in keys)
        histories: dict[str, list[Observation]] = {key: [] for key in keys}
        with self._ours():
            condition = f"WHERE urlkey IN ({marks}) ORDER BY urlkey, observed_at"
            for row in self._db.execute(
                f"SELECT urlkey, observed_at, url, observation FROM link_observations {condition}",  # noqa: S608
                tuple(keys),
            ):
                histories[row[0]].append(_read(row))
        return histories

    def observed_moments(self, key: str) -> frozenset[datetime]:
        """When the URL with that urlkey was observed."""
        with self._ours():
            rows = self._select("link_observations", "WHERE urlkey = ?", key)
            return frozenset(parse_moment(observed_at) for _, observed_at, _, _ in rows)

    def forget(self, key: str, observed_at: datetime) -> None:
        """Forget an observation, to be made again of the same visit under another date."""
        with self._ours(), self._db:
            self._db.execute(
                "DELETE FROM link_observations WHERE urlkey = ? AND observed_at = ?",
                (key, render_moment(observed_at)),
            )

    def list_digests(self) -> Mapping[str, str] | None:
        """List by urlkey what changes whenever anything else was observed of that URL.

        Rows that are not what was written are left out, as always, and noted in `wrong_rows`. None
        for a file of before, that can't be written and has no digests.
        """
        if not self._is_sealed:
            return None
        with self._ours():
            wrong = self._list_wrong("link_observations", "urlkey")
        self._wrong |= {("link_observations", str(key)) for (key,) in wrong}
        which = f"WHERE NOT {self._is_wrong('link_observations')}" if wrong else ""
        is_file = isinstance(self._db, sqlite3.Connection)
        joined = "group_concat(digest, '')" if is_file else "string_agg(digest, '')"
        # In the order of the key; in another one the digests are others, and no less right.
        statement = f"SELECT urlkey, {joined} FROM link_observations {which} GROUP BY urlkey"  # noqa: S608
        with self._ours():
            return dict(map(tuple, self._db.execute(statement)))

    def all_observations(self) -> Iterator[Observation]:
        """All that was observed of all URLs, those of a URL together, drawn page by page."""
        self._wrong |= {(each.table, each.about) for each in self.find_wrong_rows()}
        last = ("", "")
        is_wrong = self._is_wrong("link_observations")
        while True:
            with self._ours():
                read, rows = self._select_page(
                    "link_observations",
                    f"WHERE (urlkey, observed_at) > (?, ?) AND NOT {is_wrong} "
                    f"ORDER BY urlkey, observed_at LIMIT {_PAGE}",
                    *last,
                )
                observations = [_read(row) for row in rows]
            yield from observations
            if not read:
                return
            last = read[-1][:2]

    def all_probes(self) -> list[Probe]:
        """Give the last probe of each folder of a host."""
        with self._ours():
            return [_read_probe(row) for row in self._select("link_probes", "ORDER BY folder")]

    def put_probe(self, probe: Probe) -> None:
        """Keep what a host answered to an address that can't exist."""
        self._put(
            "link_probes",
            probe.folder,
            render_moment(probe.probed_at),
            int(probe.has_page),
            probe.text,
            probe.url,
        )

    def find_probe(self, folder: str) -> Probe | None:
        """Find the last probe of that folder of a host."""
        with self._ours():
            rows = self._select("link_probes", "WHERE folder = ?", folder)
            return _read_probe(rows[0]) if rows else None

    def put_head(self, host: str, word: HeadTrust) -> None:
        """Keep how far the answers of a host to HEAD can be believed."""
        lied_at = render_moment(word.lied_at) if word.lied_at is not None else ""
        self._put("link_heads", host, word.agreed, lied_at)

    def find_head(self, host: str) -> HeadTrust:
        """Find how far a host's answers to HEAD can be believed; not at all at first."""
        with self._ours():
            rows = self._select("link_heads", "WHERE host = ?", host)
            if not rows:
                return HeadTrust()
            _, agreed, lied_at = rows[0]
            return HeadTrust(agreed=agreed, lied_at=parse_moment(lied_at) if lied_at else None)

    def put_report(self, reported_at: datetime) -> None:
        """Remember that a report was made."""
        self._put("link_reports", render_moment(reported_at))

    def last_report_at(self, now: datetime) -> datetime | None:
        """When the last report was made, up to `now`: one dated later hides no change."""
        with self._ours():
            rows = self._select(
                "link_reports", "WHERE reported_at <= ? ORDER BY reported_at", render_moment(now)
            )
            return parse_moment(rows[-1][0]) if rows else None

    # --- digests

    @property
    def wrong_rows(self) -> frozenset[tuple[str, str]]:
        """The rows that were come upon and left out: their table and their key."""
        return frozenset(self._wrong)

    def forget_wrong_rows(self) -> None:
        """Forget the rows that were come upon: they were taken out."""
        self._wrong.clear()

    def find_wrong_rows(self) -> Iterator[WrongRow]:
        """Check every row; give those that are not what was written."""
        for table, (about, moment) in _ABOUT.items():
            with self._ours():
                rows = self._list_wrong(table, f"{about}, {moment}")
            for url, dated in rows:
                yield WrongRow(table=table, about=str(url), moment=str(dated))

    def drop_wrong_rows(self) -> list[WrongRow]:
        """Remove the rows that are not what was written: what they told is observed again."""
        wrong = list(self.find_wrong_rows())
        with self._ours(), self._db:
            for table in sorted({row.table for row in wrong}):
                if isinstance(self._db, sqlite3.Connection):
                    self._db.execute(f"DELETE FROM {table} WHERE {self._is_wrong(table)}")  # noqa: S608
                else:
                    keys = self._list_wrong(table, ", ".join(LINK_TABLES[table].key))
                    which = " AND ".join(f"{name} = ?" for name in LINK_TABLES[table].key)
                    self._db.executemany(f"DELETE FROM {table} WHERE {which}", keys)  # noqa: S608
        return wrong

    def _put(self, table: str, *values: str | int) -> None:
        """Write a row with its digest, in place of the one with its key."""
        columns = (*LINK_TABLES[table].columns, "digest")
        marks = ", ".join("?" for _ in columns)
        told = ", ".join(f"{name} = excluded.{name}" for name in columns)
        with self._ours(), self._db:
            self._db.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) "  # noqa: S608
                f"ON CONFLICT ({', '.join(LINK_TABLES[table].key)}) DO UPDATE SET {told}",
                (*values, seal_row(*values)),
            )

    def _select(self, table: str, condition: str, *values: str) -> list[tuple[Any, ...]]:
        """Give the rows that are what was written; the others are noted in `wrong_rows`."""
        return self._select_page(table, condition, *values)[1]

    def _select_page(
        self, table: str, condition: str, *values: str
    ) -> tuple[list[Any], list[tuple[Any, ...]]]:
        """Give all rows with their digests, and of these the right ones, as `_select`."""
        columns = ", ".join(LINK_TABLES[table].columns)
        digest = "digest" if self._is_sealed else "''"
        read = self._db.execute(
            f"SELECT {columns}, {digest} FROM {table} {condition}",  # noqa: S608
            values,
        ).fetchall()
        right = []
        for *row, sealed in read:
            if self._is_sealed and sealed != seal_row(*row):
                self._wrong.add((table, str(row[0])))
            else:
                right.append(tuple(row))
        return read, right

    def _list_wrong(self, table: str, wanted: str) -> list[tuple[Any, ...]]:
        """Give some columns of the rows that are not what was written."""
        if isinstance(self._db, sqlite3.Connection):
            return self._db.execute(
                f"SELECT {wanted} FROM {table} WHERE {self._is_wrong(table)}"  # noqa: S608
            ).fetchall()
        count = len(LINK_TABLES[table].columns)
        told = f"SELECT {', '.join(LINK_TABLES[table].columns)}, digest, {wanted} FROM {table}"  # noqa: S608
        rows = map(tuple, self._db.execute(told))
        return [row[count + 1 :] for row in rows if row[count] != seal_row(*row[:count])]

    def _is_wrong(self, table: str) -> str:
        """Give the SQL condition that a row is not what was written; a server does not tell."""
        if not self._is_sealed or not isinstance(self._db, sqlite3.Connection):
            return "1 = 0"
        # As bytes: no function is called with a text that is no UTF-8.
        return f"(CAST(digest AS BLOB) <> CAST({_seal_of(table)} AS BLOB))"

    def _list_unsealed(self) -> list[str]:
        """List the tables of a file of before, that have no digests."""
        if not isinstance(self._db, sqlite3.Connection):
            return []
        return [
            table
            for table in LINK_TABLES
            if "digest" not in {row[1] for row in self._db.execute(f"PRAGMA table_info({table})")}
        ]

    def _seal_old_rows(self) -> None:
        """Give digests to the rows of a file of before."""
        if not self._list_unsealed():
            return
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")  # another process may be doing it
            for table in self._list_unsealed():
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN digest TEXT NOT NULL DEFAULT ''")
                self._db.execute(f"UPDATE {table} SET digest = {_seal_of(table)}")  # noqa: S608

    @contextmanager
    def _ours(self) -> Iterator[None]:
        """SQLite's exceptions, and rows that another version wrote, become ours here."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            told = explain(error, if_damaged=IF_DAMAGED)
            raise CatalogueError(
                message("error.history.cannot-use", why=told.what),
                where=self._where,
                hint=told.hint,
            ) from error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise CatalogueError(
                message("error.history.unreadable", error=str(error)),
                where=self._where,
                hint=join_hints(message("hint.update-or-move"), IF_DAMAGED),
            ) from error


def open_history(path: Path | ServerAddress) -> LinkHistory:
    """Open the history of links in the catalogue's file or schema, made if need be."""
    return LinkHistory(path)


def _seal_of(table: str) -> str:
    """Give the SQL of the digest of a row."""
    texts = (
        name if name in ("has_page", "agreed") else f"CAST({name} AS BLOB)"
        for name in LINK_TABLES[table].columns
    )
    return f"seal_row({', '.join(texts)})"


def _read_probe(row: tuple[Any, ...]) -> Probe:
    return Probe(
        folder=row[0],
        probed_at=parse_moment(row[1]),
        has_page=bool(row[2]),
        text=row[3],
        url=row[4],
    )


def _read(row: tuple[Any, ...]) -> Observation:
    _, observed_at, url, text = row
    return parse_observation(url, parse_moment(observed_at), text)


def render_observation(observation: Observation) -> str:
    """JSON of all but the URL and the moment, which are the key."""
    facts: dict[str, Any] = {
        "status": observation.status,
        "cause": observation.cause,
        "detail": observation.detail,
        "final_url": observation.final_url,
        "redirects": [[step.target_uri, step.is_permanent] for step in observation.redirects],
        "has_page": observation.has_page,
        "page_kind": observation.page_kind,
        "signals": sorted(observation.signals),
        "similarity": observation.similarity,
        "kept": observation.kept,
        "known": observation.known,
        "tls_fault": observation.tls_fault,
        "missing_fragments": sorted(observation.missing_fragments),
        "record_id": observation.record_id,
        "basis": observation.basis,
    }
    # A share of 0.0 is told: it is no default, though it equals False.
    told = {
        key: fact
        for key, fact in facts.items()
        if fact is not None and fact is not False and fact not in ("", [])
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def parse_observation(url: str, observed_at: datetime, text: str) -> Observation:
    """Read what `render_observation` wrote; ValueError for what another version wrote."""
    return Observation(url=url, observed_at=observed_at, **_parse_facts(text))


@lru_cache(REMEMBERED)
def _parse_facts(text: str) -> Mapping[str, Any]:
    """Read all of an observation but what is its key; most visits say what the last one did."""
    facts: Mapping[str, Any] = json.loads(text)
    return MappingProxyType(
        {
            "status": facts.get("status"),
            "cause": Cause(facts["cause"]) if "cause" in facts else None,
            "detail": facts.get("detail", ""),
            "final_url": facts.get("final_url", ""),
            "redirects": tuple(
                Redirect(target_uri=uri, is_permanent=is_permanent)
                for uri, is_permanent in facts.get("redirects", [])
            ),
            "has_page": facts.get("has_page", False),
            "page_kind": PageKind(facts["page_kind"]) if "page_kind" in facts else None,
            "signals": frozenset(map(Signal, facts.get("signals", []))),
            "similarity": facts.get("similarity"),
            "kept": facts.get("kept"),
            "known": facts.get("known"),
            "tls_fault": Cause(facts["tls_fault"]) if "tls_fault" in facts else None,
            "missing_fragments": frozenset(facts.get("missing_fragments", [])),
            "record_id": facts.get("record_id", ""),
            "basis": facts.get("basis", ""),
        }
    )


def render_moment(moment: datetime) -> str:
    """Render an aware moment as text that sorts by time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_moment(text: str) -> datetime:
    """Read what `render_moment` wrote; ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return moment
