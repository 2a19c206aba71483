"""Remember the rounds of `renvois watch`, what was news, and who was told of it: one SQLite file.

A notice is marked as being sent before it is sent, and never sent again after that unless the
server refused it: where a process is killed in between, nobody knows whether it went, and it is
told once or not at all, and listed as unsure.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from indexer.deposit import Deposit, DepositState
from indexer.disk import explain, open_sqlite
from indexer.errors import CatalogueError
from indexer.messages import message, parse_json, render_json
from indexer.notify import Notice, NoticeKind, ToldState

FILE_NAME: Final = "watch.sqlite"
IF_DAMAGED: Final = message("hint.move-journal-away")
_TIMEOUT_S: Final = 30.0
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS rounds (
    round_id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,         -- "" as long as it goes on, or when it was killed
    outcome TEXT NOT NULL,          -- running, done, failed, postponed
    facts TEXT NOT NULL             -- JSON: counts, and what went wrong
);
CREATE TABLE IF NOT EXISTS told (
    link TEXT PRIMARY KEY,          -- urlkey; "" for the rounds themselves
    state TEXT NOT NULL             -- JSON
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notices (
    notice_id TEXT PRIMARY KEY,
    number INTEGER NOT NULL,        -- in which order they were found
    link TEXT NOT NULL,
    facts TEXT NOT NULL             -- JSON
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries (
    notice_id TEXT NOT NULL,
    channel TEXT NOT NULL,          -- "mail ADDRESS", "webhook HOST DIGEST"
    state TEXT NOT NULL,            -- waiting, sending, taken
    tried_at TEXT NOT NULL,         -- "" for never
    detail TEXT NOT NULL,           -- what the server said last
    PRIMARY KEY (notice_id, channel)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refusals (
    channel TEXT PRIMARY KEY,
    count INTEGER NOT NULL,         -- in a row
    refused_at TEXT NOT NULL        -- the last one
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deposits (
    link TEXT NOT NULL,             -- urlkey
    service TEXT NOT NULL,
    facts TEXT NOT NULL,            -- JSON: what became of it the last time
    PRIMARY KEY (link, service)
) WITHOUT ROWID;
"""
_FIND_TABLES: Final = "SELECT 1 FROM sqlite_master WHERE name = 'rounds'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round: when, how it ended, and what it did."""

    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = "running"
    visited: int = 0
    captured: int = 0
    missed: int = 0
    indexed: int = 0  # documents added, updated or deleted
    news: int = 0
    unreached: int = 0  # pages that were visited while nothing answered at all
    detail: str = ""  # what stopped it, or postponed it


class WatchJournal:
    """The file of a corpus that its watch keeps. Every method raises CatalogueError."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the file, made if need be; `read_only` opens an empty one where there is none."""
        self.path = path
        with self._ours():
            self._db, is_read_only = open_sqlite(path, timeout_s=_TIMEOUT_S, read_only=read_only)
            try:
                if is_read_only and not self._db.execute(_FIND_TABLES).fetchone():
                    self._db.executescript(_SCHEMA.replace("CREATE TABLE", "CREATE TEMP TABLE"))
                if not is_read_only:
                    self._db.execute("PRAGMA journal_mode = WAL")
                    self._db.executescript(_SCHEMA)
            except sqlite3.Error:
                self._db.close()
                raise

    def __enter__(self) -> Self:
        """Give the journal itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # --- rounds

    def begin_round(self, started_at: datetime) -> int:
        """Remember that a round begins; gives its number."""
        with self._ours(), self._db:
            cursor = self._db.execute(
                "INSERT INTO rounds (started_at, ended_at, outcome, facts) VALUES (?, '', ?, '{}')",
                (started_at.isoformat(), "running"),
            )
            number = cursor.lastrowid
            assert number is not None
            return number

    def end_round(self, number: int, done: Round) -> None:
        """Remember how a round ended."""
        facts = asdict(done)
        for name in ("started_at", "ended_at", "outcome"):
            del facts[name]
        ended_at = done.ended_at.isoformat() if done.ended_at else ""
        with self._ours(), self._db:
            self._db.execute(
                "UPDATE rounds SET ended_at = ?, outcome = ?, facts = ? WHERE round_id = ?",
                (ended_at, done.outcome, json.dumps(facts, ensure_ascii=False), number),
            )

    def last_round(self, *outcomes: str) -> Round | None:
        """Find the last round, or the last one that ended so."""
        return next(iter(self.list_rounds(*outcomes, limit=1)), None)

    def list_rounds(self, *outcomes: str, limit: int) -> list[Round]:
        """List the last rounds, or the last that ended so, the newest first."""
        marks = ", ".join("?" for _ in outcomes)
        where = f"WHERE outcome IN ({marks})" if outcomes else ""
        with self._ours():
            rows = self._db.execute(
                f"SELECT started_at, ended_at, outcome, facts FROM rounds {where} "  # noqa: S608
                "ORDER BY round_id DESC LIMIT ?",
                (*outcomes, limit),
            ).fetchall()
            return list(map(_read_round, rows))

    # --- what was told

    def find_told(self, link: str) -> ToldState | None:
        """Find what was told last of a link; None for one that nobody watched before."""
        with self._ours():
            row = self._db.execute("SELECT state FROM told WHERE link = ?", (link,)).fetchone()
            return ToldState(**json.loads(row[0])) if row else None

    def remember(
        self,
        link: str,
        told: ToldState,
        notices: Sequence[Notice] = (),
        channels: Iterable[str] = (),
    ) -> None:
        """Remember what is told of a link now, and whom to tell what is news, all or nothing."""
        channels = list(channels)
        state = json.dumps(asdict(told))
        with self._ours(), self._db:
            self._db.execute("INSERT OR REPLACE INTO told VALUES (?, ?)", (link, state))
            for notice in notices:
                self._db.execute(
                    "INSERT OR IGNORE INTO notices VALUES (?, "
                    "(SELECT coalesce(max(number), 0) + 1 FROM notices), ?, ?)",
                    (notice.id, link, _render_notice(notice)),
                )
                self._db.executemany(
                    "INSERT OR IGNORE INTO deliveries VALUES (?, ?, 'waiting', '', '')",
                    ((notice.id, channel) for channel in channels),
                )

    def list_notices(self, *, limit: int = 100) -> list[tuple[str, Notice]]:
        """List what was news last, newest first, each with the urlkey of its link."""
        with self._ours():
            rows = self._db.execute(
                "SELECT link, facts FROM notices ORDER BY number DESC LIMIT ?", (limit,)
            ).fetchall()
            return [(link, _read_notice(facts)) for link, facts in rows]

    def forget(self, links: Iterable[str]) -> None:
        """Forget what was told of links, and leave no word of it in the file."""
        with self._ours():
            self._db.execute("PRAGMA secure_delete = ON")
            with self._db:
                for link in links:
                    self._db.execute(
                        "DELETE FROM deliveries WHERE notice_id IN "
                        "(SELECT notice_id FROM notices WHERE link = ?)",
                        (link,),
                    )
                    self._db.execute("DELETE FROM notices WHERE link = ?", (link,))
                    self._db.execute("DELETE FROM told WHERE link = ?", (link,))
                    self._db.execute("DELETE FROM deposits WHERE link = ?", (link,))
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # --- deliveries

    def list_waiting(self, channel: str) -> list[tuple[str, Notice]]:
        """List what a channel has still to be told, each with the urlkey of its link.

        What was never tried comes first, the oldest first; then what was refused the longest ago.
        """
        with self._ours():
            rows = self._db.execute(
                "SELECT notices.link, notices.facts FROM deliveries JOIN notices USING (notice_id) "
                "WHERE channel = ? AND state = 'waiting' ORDER BY tried_at, number",
                (channel,),
            ).fetchall()
            return [(link, _read_notice(facts)) for link, facts in rows]

    def last_sent_at(self, channel: str) -> datetime | None:
        """When a channel was sent something last, whether that is known to have arrived or not."""
        with self._ours():
            row = self._db.execute(
                "SELECT max(tried_at) FROM deliveries WHERE channel = ? AND state <> 'waiting'",
                (channel,),
            ).fetchone()
            return datetime.fromisoformat(row[0]) if row and row[0] else None

    def find_refusals(self, channel: str) -> tuple[int, datetime] | None:
        """Find how often a channel refused in a row, and when it did last; None for never."""
        with self._ours():
            row = self._db.execute(
                "SELECT count, refused_at FROM refusals WHERE channel = ?", (channel,)
            ).fetchone()
            return (int(row[0]), datetime.fromisoformat(row[1])) if row else None

    def count_refusal(self, channel: str, at: datetime) -> None:
        """Remember that a channel refused once more."""
        with self._ours(), self._db:
            self._db.execute(
                "INSERT INTO refusals VALUES (?, 1, ?) ON CONFLICT (channel) DO UPDATE "
                "SET count = count + 1, refused_at = excluded.refused_at",
                (channel, at.isoformat()),
            )

    def forget_refusals(self, channel: str) -> None:
        """Remember that a channel took something: it is well again."""
        with self._ours(), self._db:
            self._db.execute("DELETE FROM refusals WHERE channel = ?", (channel,))

    def mark(
        self, channel: str, notices: Iterable[Notice], state: str, *, at: datetime, detail: str = ""
    ) -> None:
        """Remember what became of telling a channel: "sending", "taken", or "waiting" again."""
        with self._ours(), self._db:
            self._db.executemany(
                "UPDATE deliveries SET state = ?, tried_at = ?, detail = ? "
                "WHERE notice_id = ? AND channel = ?",
                ((state, at.isoformat(), detail, notice.id, channel) for notice in notices),
            )

    def count_deliveries(self) -> dict[str, int]:
        """Count the deliveries by their state."""
        with self._ours():
            rows = self._db.execute("SELECT state, count(*) FROM deliveries GROUP BY state")
            return {str(state): int(count) for state, count in rows}

    def list_troubles(self) -> list[tuple[str, str]]:
        """List the channels that refused something that waits, and what they said."""
        with self._ours():
            return [
                (str(channel), str(detail))
                for channel, detail in self._db.execute(
                    "SELECT channel, max(detail) FROM deliveries "
                    "WHERE state = 'waiting' AND detail <> '' GROUP BY channel ORDER BY channel"
                )
            ]

    # --- deposits

    def find_deposit(self, link: str, service: str) -> Deposit | None:
        """Find what became of asking a service to keep a link, the last time."""
        with self._ours():
            row = self._db.execute(
                "SELECT facts FROM deposits WHERE link = ? AND service = ?", (link, service)
            ).fetchone()
            return _read_deposit(row[0]) if row else None

    def put_deposit(self, link: str, done: Deposit) -> None:
        """Remember what became of asking a service to keep a link."""
        facts = {**asdict(done), "state": done.state.value, "at": done.at.isoformat()}
        with self._ours(), self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO deposits VALUES (?, ?, ?)",
                (link, done.service, json.dumps(facts, ensure_ascii=False)),
            )

    def count_deposits(self) -> dict[str, int]:
        """Count the deposits by what became of them the last time."""
        with self._ours():
            rows = self._db.execute(
                "SELECT json_extract(facts, '$.state') AS state, count(*) FROM deposits "
                "GROUP BY state"
            )
            return {str(state): int(count) for state, count in rows}

    @contextmanager
    def _ours(self) -> Iterator[None]:
        """SQLite's exceptions, and rows that another version wrote, become ours here."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            told = explain(error, if_damaged=IF_DAMAGED)
            raise CatalogueError(
                message("error.cannot-use", why=told.what), where=self.path, hint=told.hint
            ) from error
        except (ValueError, LookupError, TypeError) as error:
            raise CatalogueError(
                message("error.journal.unreadable", error=str(error)),
                where=self.path,
                hint=IF_DAMAGED,
            ) from error


def _read_round(row: tuple[str, str, str, str]) -> Round:
    started_at, ended_at, outcome, facts = row
    return Round(
        started_at=datetime.fromisoformat(started_at),
        ended_at=datetime.fromisoformat(ended_at) if ended_at else None,
        outcome=outcome,
        **json.loads(facts),
    )


def _render_notice(notice: Notice) -> str:
    facts: dict[str, Any] = {
        **asdict(notice),
        "kind": notice.kind.value,
        "at": notice.at.isoformat(),
        "reason": render_json(notice.reason),
    }
    return json.dumps(facts, ensure_ascii=False)


def _read_notice(text: str) -> Notice:
    facts = json.loads(text)
    return Notice(
        **facts
        | {
            "kind": NoticeKind(facts["kind"]),
            "at": datetime.fromisoformat(facts["at"]),
            "reason": parse_json(facts["reason"]),
        }
    )


def _read_deposit(text: str) -> Deposit:
    facts = json.loads(text)
    read = {"state": DepositState(facts["state"]), "at": datetime.fromisoformat(facts["at"])}
    return Deposit(**facts | read)
