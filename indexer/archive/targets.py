"""Keep the tables of what is to be visited, and of what is known of the hosts that are.

Targets are fed from the bibliography and read host by host; nothing here holds the list in memory:
a run draws it page by page. Of hosts: their robots.txt, and who asked to be left alone.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from indexer.archive.claims import HostClaims
from indexer.archive.database import insert, replace
from indexer.archive.rows import (
    RecordRow,
    guard_row,
    parse_capture,
    parse_moment,
    record_values,
    render_moment,
)
from indexer.archive.sealing import Seals
from indexer.disk import begin_alone
from indexer.model import Cause, Due, HostQueue, Robots, RobotsState, Target
from indexer.postgresql import Connection
from indexer.urls import host, parse_url, redact_url, urlkey

FIRST_INTERVAL_S: Final = Due(due_at=datetime.min).interval.total_seconds()
PAGE: Final = 64  # targets read at a time
# No server is obeyed for longer (crawl.schedule.MAX_RETRY_AFTER); what is held until later was
# held by a clock that ran ahead.
MAX_HOLD: Final = timedelta(hours=24)
# Due, or last visited at a time that is still to come: then nobody knows when it was.
_IS_DUE: Final = """
    (due_at <= :moment OR :moment < (
        SELECT visited_at FROM visits
        WHERE visits.urlkey = targets.urlkey AND archive = ''
            AND detail NOT LIKE 'imported from %'
        ORDER BY visit_id DESC LIMIT 1
    ))
"""

Transaction = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A URL of the bibliography, and when it is to be visited; None: never visited yet."""

    url: str
    urlkey: str
    host: str
    due_at: datetime | None
    attempts: int


class TargetTable:
    """The targets of a catalogue."""

    def __init__(self, transaction: Transaction, seals: Seals) -> None:
        """Read and write addresses; each change is one `transaction`."""
        self._transaction = transaction
        self._seals = seals
        self.claims: HostClaims | None = None  # of hosts, where several crawlers share them

    def cite(self, urls: Iterable[str]) -> None:
        """Make these the URLs that the bibliography has; others are kept, not visited.

        A row that is damaged is made anew; its URL is due at once.
        """
        with self._transaction() as connection:
            begin_alone(connection)  # two that do this at once would wait for each other's rows
            connection.execute(f"DELETE FROM targets WHERE NOT {self._seals.right('targets')}")  # noqa: S608
            connection.execute("UPDATE targets SET cited = FALSE")
            connection.executemany(
                """
                INSERT INTO targets (urlkey, url, canonical_url, host, cited, due_at, attempts,
                    interval_s) VALUES (?, ?, ?, ?, TRUE, '', 0, ?)
                ON CONFLICT (urlkey) DO UPDATE SET
                    cited = TRUE,
                    url = excluded.url,
                    canonical_url = excluded.canonical_url,
                    host = excluded.host
                """,
                map(_list_target_values, urls),
            )

    def remember(self, url: str) -> None:
        """Know of a URL that was visited once, cited or not any more."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO targets (urlkey, url, canonical_url, host, cited, due_at, attempts, "
                "interval_s) VALUES (?, ?, ?, ?, FALSE, '', 0, ?) ON CONFLICT DO NOTHING",
                _list_target_values(url),
            )

    def due_hosts(
        self, now: datetime, *, only: Iterable[str] | None = None, is_forced: bool = False
    ) -> list[HostQueue]:
        """List the hosts that have something due, those set aside left out.

        `only`: urlkeys, instead of all. `is_forced`: due or not, set aside or not.
        """
        moment = "9999" if is_forced else render_moment(now)
        longest_hold = "9999" if is_forced else render_moment(now + MAX_HOLD)
        with self._transaction() as connection:
            connection.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (urlkey TEXT PRIMARY KEY)")
            connection.execute("DELETE FROM wanted")
            if only is not None:
                connection.executemany(
                    "INSERT INTO wanted VALUES (?) ON CONFLICT DO NOTHING", ((key,) for key in only)
                )
            rows = connection.execute(
                f"""
                SELECT host, count(*) AS count FROM targets
                WHERE cited AND {_IS_DUE}
                    AND (:all OR urlkey IN (SELECT urlkey FROM wanted))
                    AND (:is_forced OR host NOT IN
                        (SELECT host FROM hosts WHERE not_before BETWEEN :moment AND :longest_hold
                            AND {self._seals.right("hosts")}))
                GROUP BY host
                """,  # noqa: S608
                {
                    "moment": moment,
                    "longest_hold": longest_hold,
                    "all": only is None,
                    "is_forced": is_forced,
                },
            ).fetchall()
        return [
            HostQueue(
                host=row["host"],
                count=row["count"],
                targets=self._draw(row["host"], moment, is_all=only is None),
            )
            for row in rows
        ]

    def find_due(self, key: str) -> Due | None:
        """Find what is planned for a URL that was visited before."""
        with self._transaction() as connection:
            row = connection.execute(
                f"SELECT * FROM targets WHERE urlkey = ? AND {self._seals.right('targets')}",  # noqa: S608
                (key,),
            ).fetchone()
        due_at = parse_moment(row["due_at"]) if row is not None else None
        if due_at is None:
            return None
        return Due(
            due_at=due_at,
            attempts=row["attempts"],
            interval=timedelta(seconds=row["interval_s"]),
        )

    def hasten(self, key: str, due_at: datetime) -> None:
        """Bring the next visit of a URL forward to that moment; never put it off."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE targets SET due_at = :at WHERE urlkey = :key AND due_at > :at",
                {"at": render_moment(due_at), "key": key},
            )

    def list_overdue(self, moment: datetime) -> list[tuple[str, datetime | None]]:
        """List the urlkeys of what was due at a moment, and since when; None: never visited."""
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT urlkey, due_at FROM targets WHERE cited AND due_at <= ? "  # noqa: S608
                f"AND {self._seals.right('targets')}",
                (render_moment(moment),),
            ).fetchall()
        return [(row["urlkey"], parse_moment(row["due_at"])) for row in rows]

    def planned(self) -> Iterator[Planned]:
        """List what is to be visited, what is due first first."""
        with self._transaction() as connection:
            rows = connection.execute(
                f"SELECT * FROM targets WHERE cited AND {self._seals.right('targets')} "  # noqa: S608
                "ORDER BY due_at, host, urlkey"
            ).fetchall()
        for row in rows:
            yield Planned(
                url=row["url"],
                urlkey=row["urlkey"],
                host=row["host"],
                due_at=parse_moment(row["due_at"]),
                attempts=row["attempts"],
            )

    def _draw(self, name: str, moment: str, *, is_all: bool) -> Iterator[Target]:
        """Draw the targets of a host; none where another crawler is at it, claimed to the end."""
        claims = self.claims
        with claims.claim(name) if claims is not None else nullcontext(True) as is_ours:
            if is_ours:
                yield from self._draw_pages(name, moment, is_all=is_all)

    def _draw_pages(self, name: str, moment: str, *, is_all: bool) -> Iterator[Target]:
        """Draw the targets of a host, a page at a time; what is visited meanwhile does no harm."""
        last = ""
        while True:
            with self._transaction() as connection:
                rows = connection.execute(
                    f"""
                    SELECT * FROM targets
                    WHERE host = :host AND cited AND {_IS_DUE} AND urlkey > :last
                        AND (:all OR urlkey IN (SELECT urlkey FROM wanted))
                        AND {self._seals.right("targets")}
                    ORDER BY urlkey LIMIT :page
                    """,  # noqa: S608
                    {"host": name, "moment": moment, "last": last, "all": is_all, "page": PAGE},
                ).fetchall()
                targets = [self._as_target(connection, row) for row in rows]
            if not rows:
                return
            last = rows[-1]["urlkey"]
            yield from targets

    def _as_target(self, connection: Connection, row: Any) -> Target:
        held = connection.execute(
            f"""
            SELECT records.*, visits.url, visits.urlkey, visits.archive, visits.memento_at
            FROM visits JOIN records ON records.record_id = visits.payload_id
                LEFT JOIN {self._seals.misdated} USING (urlkey, visited_at, archive)
            WHERE visits.payload_id <> '' AND visits.urlkey = ? AND visits.archive = ''
                AND NOT records.damaged
                AND {self._seals.right("records")} AND {self._seals.right("visits")}
            ORDER BY coalesce(misdated.believed_at, visits.visited_at) DESC LIMIT 1
            """,  # noqa: S608
            (row["urlkey"],),
        ).fetchone()
        return Target(
            url=row["url"],
            urlkey=row["urlkey"],
            canonical_url=row["canonical_url"],
            host=row["host"],
            previous=parse_capture(held) if held is not None else None,
            attempts=row["attempts"],
        )


def _list_target_values(url: str) -> tuple[Any, ...]:
    """List the columns of a URL that was never visited, without credentials: none are kept."""
    canonical_url = parse_url(url)
    name = host(canonical_url) if canonical_url else ""
    return urlkey(url), redact_url(url), canonical_url, name, FIRST_INTERVAL_S


class HostTable:
    """The tables of hosts in a catalogue: their robots.txt, and until when not to ask them."""

    def __init__(self, transaction: Transaction, seals: Seals) -> None:
        """Read and write hosts; each change is one `transaction`."""
        self._transaction = transaction
        self._seals = seals

    def find_robots(self, origin: str) -> Robots | None:
        """Find what was last known of an origin's robots.txt."""
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
            values = {
                "origin": robots.origin,
                "fetched_at": render_moment(robots.fetched_at),
                "state": robots.state,
                "rules": robots.rules,
                "cause": robots.cause or "",
                "detail": robots.detail,
                "unreachable_since": render_moment(robots.unreachable_since),
            }
            replace(connection, "robots", "origin", values)

    def is_held(self, host: str, now: datetime) -> bool:
        """Tell whether a host asked to be left alone, and still does."""
        with self._transaction() as connection:
            row = connection.execute(
                f"SELECT not_before FROM hosts WHERE host = ? AND {self._seals.right('hosts')}",  # noqa: S608
                (host,),
            ).fetchone()
        held_until = parse_moment(row["not_before"]) if row is not None else None
        return held_until is not None and now < held_until <= now + MAX_HOLD

    def hold(self, host: str, not_before: datetime) -> None:
        """Leave a host alone until then."""
        with self._transaction() as connection:
            values = {"host": host, "not_before": render_moment(not_before)}
            replace(connection, "hosts", "host", values)


@guard_row
def _parse_robots(row: Any) -> Robots:
    """Read what was known of a robots.txt from its row."""
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
