"""The tables of what is known of hosts: their robots.txt, and who asked to be left alone."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime

from indexer.archive.database import insert
from indexer.archive.rows import RecordRow, guard_row, parse_moment, record_values, render_moment
from indexer.archive.sealing import Seals
from indexer.model import Cause, Robots, RobotsState

Transaction = Callable[[], AbstractContextManager[sqlite3.Connection]]


class HostTable:
    """What a catalogue knows of hosts."""

    def __init__(self, transaction: Transaction, seals: Seals) -> None:
        self._transaction = transaction
        self._seals = seals

    def find_robots(self, origin: str) -> Robots | None:
        """What was last known of an origin's robots.txt."""
        with self._transaction() as connection:
            row = connection.execute(
                f"SELECT * FROM robots WHERE origin = ? AND {self._seals.right('robots')}",  # noqa: S608
                (origin,),
            ).fetchone()
        if row is None:
            return None
        return _parse_robots(row)

    def put_robots(self, robots: Robots, records: Iterable[RecordRow] = ()) -> None:
        """Keep what is known of a robots.txt, and the records it was read from."""
        with self._transaction() as connection:
            for record in records:
                insert(connection, "records", record_values(record))
            connection.execute(
                "INSERT OR REPLACE INTO robots (origin, fetched_at, state, rules, cause, detail, "
                "unreachable_since) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    robots.origin,
                    render_moment(robots.fetched_at),
                    robots.state,
                    robots.rules,
                    robots.cause or "",
                    robots.detail,
                    render_moment(robots.unreachable_since),
                ),
            )

    def hold(self, host: str, not_before: datetime) -> None:
        """Leave a host alone until then."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO hosts (host, not_before) VALUES (?, ?)",
                (host, render_moment(not_before)),
            )


@guard_row
def _parse_robots(row: sqlite3.Row) -> Robots:
    """What was known of a robots.txt, from its row."""
    fetched_at = parse_moment(row["fetched_at"])
    assert fetched_at is not None
    return Robots(
        origin=row["origin"],
        fetched_at=fetched_at,
        state=RobotsState(row["state"]),
        rules=row["rules"],
        cause=Cause(row["cause"]) if row["cause"] else None,
        detail=row["detail"],
        unreachable_since=parse_moment(row["unreachable_since"]),
    )
