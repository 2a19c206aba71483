"""Keep what every visit said of every URL, in tables of their own beside the catalogue's.

The only door to these tables. One observation, one transaction: a kill in the middle loses
none that was told.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from indexer.disk import IF_DAMAGED, explain, open_sqlite
from indexer.errors import CatalogueError
from indexer.links.record import (
    parse_moment,
    parse_observation,
    render_moment,
    render_observation,
)
from indexer.model import HeadTrust, Observation
from indexer.urls import urlkey

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS link_observations (
    urlkey TEXT NOT NULL,       -- the same page, however it is written
    observed_at TEXT NOT NULL,  -- UTC
    url TEXT NOT NULL,          -- as it was visited
    observation TEXT NOT NULL,  -- JSON
    PRIMARY KEY (urlkey, observed_at)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS link_probes (
    folder TEXT PRIMARY KEY,    -- where the address that can't exist was made up
    probed_at TEXT NOT NULL,
    has_page INTEGER NOT NULL,  -- 0: the host tells the truth
    text TEXT NOT NULL,         -- of what it answered
    url TEXT NOT NULL           -- the address asked
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS link_heads (
    host TEXT PRIMARY KEY,
    agreed INTEGER NOT NULL,    -- answers to HEAD that a GET bore out, since the last lie
    lied_at TEXT NOT NULL       -- "" for never
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS link_reports (
    reported_at TEXT PRIMARY KEY
) WITHOUT ROWID;
"""

_FIND_TABLE: Final = "SELECT 1 FROM sqlite_master WHERE name = 'link_observations'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a host answered to an address that can't exist."""

    folder: str
    url: str
    probed_at: datetime
    has_page: bool
    text: str = ""


class LinkHistory:
    """Observations, probes and the dates of reports, in the catalogue's file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._ours():
            # The pass hands it from thread to thread, one at a time.
            self._db, self.is_read_only = open_sqlite(path, timeout_s=30)
            try:
                if not self.is_read_only:
                    # In WAL mode (the catalogue's) a kill loses nothing; a power cut, the last
                    # moments.
                    self._db.execute("PRAGMA synchronous = NORMAL")
                    self._db.executescript(_SCHEMA)
                elif not self._db.execute(_FIND_TABLE).fetchone():  # nothing observed yet
                    self._db.executescript(_SCHEMA.replace("CREATE TABLE", "CREATE TEMP TABLE"))
            except sqlite3.Error:
                self._db.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def record(self, observation: Observation) -> None:
        """Keep an observation; the same visit told twice is kept once, as told last."""
        with self._ours(), self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO link_observations VALUES (?, ?, ?, ?)",
                (
                    urlkey(observation.url),
                    render_moment(observation.observed_at),
                    observation.url,
                    render_observation(observation),
                ),
            )

    def observations(self, key: str) -> tuple[Observation, ...]:
        """All that was observed of the URL with that urlkey, oldest first."""
        with self._ours():
            rows = self._db.execute(
                "SELECT url, observed_at, observation FROM link_observations "
                "WHERE urlkey = ? ORDER BY observed_at",
                (key,),
            ).fetchall()
            return tuple(_read(row) for row in rows)

    def observed_moments(self, key: str) -> frozenset[datetime]:
        """When the URL with that urlkey was observed."""
        with self._ours():
            rows = self._db.execute(
                "SELECT observed_at FROM link_observations WHERE urlkey = ?", (key,)
            ).fetchall()
            return frozenset(parse_moment(observed_at) for (observed_at,) in rows)

    def forget(self, key: str, observed_at: datetime) -> None:
        """Forget an observation, to be made again of the same visit under another date."""
        with self._ours(), self._db:
            self._db.execute(
                "DELETE FROM link_observations WHERE urlkey = ? AND observed_at = ?",
                (key, render_moment(observed_at)),
            )

    def all_observations(self) -> Iterator[Observation]:
        """All that was observed of all URLs, those of a URL together, drawn page by page."""
        last = ("", "")
        while True:
            with self._ours():
                rows = self._db.execute(
                    "SELECT urlkey, observed_at, url, observation FROM link_observations "
                    "WHERE (urlkey, observed_at) > (?, ?) ORDER BY urlkey, observed_at LIMIT 500",
                    last,
                ).fetchall()
                observations = [_read((url, moment, text)) for _, moment, url, text in rows]
            if not rows:
                return
            yield from observations
            last = rows[-1][:2]

    def all_probes(self) -> list[Probe]:
        """The last probe of each folder of a host."""
        with self._ours():
            rows = self._db.execute(
                "SELECT folder, probed_at, has_page, text, url FROM link_probes ORDER BY folder"
            ).fetchall()
            return [_read_probe(row) for row in rows]

    def put_probe(self, probe: Probe) -> None:
        """Keep what a host answered to an address that can't exist."""
        with self._ours(), self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO link_probes VALUES (?, ?, ?, ?, ?)",
                (
                    probe.folder,
                    render_moment(probe.probed_at),
                    probe.has_page,
                    probe.text,
                    probe.url,
                ),
            )

    def find_probe(self, folder: str) -> Probe | None:
        """The last probe of that folder of a host."""
        with self._ours():
            row = self._db.execute(
                "SELECT folder, probed_at, has_page, text, url FROM link_probes WHERE folder = ?",
                (folder,),
            ).fetchone()
            return None if row is None else _read_probe(row)

    def put_head(self, host: str, word: HeadTrust) -> None:
        """Keep how far the answers of a host to HEAD can be believed."""
        lied_at = render_moment(word.lied_at) if word.lied_at is not None else ""
        with self._ours(), self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO link_heads VALUES (?, ?, ?)", (host, word.agreed, lied_at)
            )

    def find_head(self, host: str) -> HeadTrust:
        """How far the answers of a host to HEAD can be believed; not at all at first."""
        with self._ours():
            row = self._db.execute(
                "SELECT agreed, lied_at FROM link_heads WHERE host = ?", (host,)
            ).fetchone()
            if row is None:
                return HeadTrust()
            return HeadTrust(agreed=row[0], lied_at=parse_moment(row[1]) if row[1] else None)

    def put_report(self, reported_at: datetime) -> None:
        """Remember that a report was made."""
        with self._ours(), self._db:
            self._db.execute(
                "INSERT OR IGNORE INTO link_reports VALUES (?)", (render_moment(reported_at),)
            )

    def last_report_at(self, now: datetime) -> datetime | None:
        """When the last report was made, up to `now`: one dated later hides no change."""
        with self._ours():
            (last,) = self._db.execute(
                "SELECT max(reported_at) FROM link_reports WHERE reported_at <= ?",
                (render_moment(now),),
            ).fetchone()
            return parse_moment(last) if last else None

    @contextmanager
    def _ours(self) -> Iterator[None]:
        """SQLite's exceptions, and rows that another version wrote, become ours here."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            told = explain(error, if_damaged=IF_DAMAGED)
            raise CatalogueError(
                f"the history of links can't be used: {told.what}", where=self.path, hint=told.hint
            ) from error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise CatalogueError(
                f"the history of links holds what this version can't read: {error}",
                where=self.path,
                hint=f"Update renvois if a later version wrote it. {IF_DAMAGED}",
            ) from error


def open_history(path: Path) -> LinkHistory:
    """Open the history of links in the catalogue's file, made if need be."""
    return LinkHistory(path)


def _read_probe(row: tuple[str, str, int, str, str]) -> Probe:
    return Probe(
        folder=row[0],
        probed_at=parse_moment(row[1]),
        has_page=bool(row[2]),
        text=row[3],
        url=row[4],
    )


def _read(row: tuple[str, ...]) -> Observation:
    return parse_observation(row[0], parse_moment(row[1]), row[2])
