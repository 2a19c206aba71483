"""Remember every visit, every record and what is due, beside the WARC files or on a server.

One transaction a visit, after its records are on the disk.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from indexer.archive.claims import HostClaims
from indexer.archive.database import Database, insert, insert_record, open_database, replace
from indexer.archive.records import Location
from indexer.archive.rows import (
    DAMAGED,
    RecordRow,
    is_article_whole,
    parse_capture,
    parse_moment,
    parse_record,
    parse_visit,
    record_values,
    render_article,
    render_moment,
    seal_article,
    unseal_article,
    visit_values,
)
from indexer.archive.sealing import ABOUT, SEALED_TABLES
from indexer.archive.targets import HostTable, TargetTable
from indexer.disk import WrongRow
from indexer.model import BESIDE_PAGES, Article, Capture, Due, PageKind, Visit
from indexer.postgresql import Connection, ServerAddress

# A clock that ran ahead dates visits after those that were made later: they are put in their place.
_IS_IMPORTED: Final = "(visits.detail LIKE 'imported from %')"  # as `imports` writes them
_MOMENT: Final = "coalesce(misdated.believed_at, visits.visited_at)"
# A clock before this program was begun is wrong, and no witness against another.
EARLIEST_CLOCK: Final = datetime(2024, 1, 1, tzinfo=UTC)
CLOCK_STEP: Final = timedelta(
    hours=1
)  # by which a clock may be set back without being called wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Misdated:
    """The visits of a URL that bear a date that is still to come."""

    url: str
    urlkey: str
    count: int
    last_dated_at: datetime  # the latest of these dates
    is_settled: bool  # visited since, so that it is known when they were at the latest


class Catalogue:
    """An opened catalogue. Every method raises CatalogueError when its file can't be used."""

    def __init__(self, database: Database) -> None:
        """Take an open database; closing the catalogue closes it."""
        self._database = database
        self._read = database.read
        self.is_read_only = database.is_read_only
        self.where = database.where
        self.transaction = database.transaction
        self._as_bytes = database.as_bytes
        self._join = database.join_texts
        self._right = database.seals.right
        self._seals = database.seals
        self.targets = TargetTable(database.transaction, database.seals)
        self.hosts = HostTable(database.transaction, database.seals)
        self.damaged_articles: set[str] = set()  # their record ids, as they were come upon
        self.damaged_records: set[str] = set()  # the ids of those that could not be read

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the database."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def share_hosts(self) -> Iterator[HostClaims | None]:
        """Claim each host whose targets are drawn from now on, until the end of the block.

        Gives the claims; None where the catalogue is a file, which one crawler has for itself.
        """
        claims = self._database.open_claims()
        self.targets.claims = claims
        try:
            yield claims
        finally:
            self.targets.claims = None
            if claims is not None:
                claims.close()

    # --- visits and captures

    def record_visit(
        self,
        visit: Visit,
        records: Sequence[RecordRow] = (),
        *,
        payload_id: str = "",
        due: Due | None = None,
        is_now: bool = False,
    ) -> None:
        """Remember a visit, the records it left, and when to come back, in one transaction.

        `is_now`: it was made just now, so that what is known of its URL with a later date was
        dated by a clock that ran ahead.
        """
        with self.transaction() as connection:
            for record in records:
                insert_record(connection, record_values(record))
            insert(connection, "visits", visit_values(visit, payload_id))
            if is_now and visit.visited_at >= EARLIEST_CLOCK:
                _mark_misdated(connection, visit.urlkey, visit.visited_at, visit.visited_at)
            if due is not None:
                connection.execute(
                    "UPDATE targets SET due_at = ?, attempts = ?, interval_s = ? WHERE urlkey = ?",
                    (
                        render_moment(due.due_at),
                        due.attempts,
                        due.interval.total_seconds(),
                        visit.urlkey,
                    ),
                )

    def put_records(self, records: Iterable[RecordRow]) -> None:
        """Remember records that belong to no visit."""
        with self.transaction() as connection:
            for record in records:
                insert_record(connection, record_values(record))

    def visits(self, urlkey: str) -> list[Visit]:
        """All visits of a URL, oldest first.

        Those that a clock which ran ahead dated stand in their place, with the latest date that
        they can have.
        """
        rows = self._read(
            f"SELECT visits.*, {_MOMENT} AS moment FROM visits "  # noqa: S608
            f"LEFT JOIN {self._seals.misdated} USING (urlkey, visited_at, archive) "
            f"WHERE urlkey = ? AND {self._right('visits')} ORDER BY moment, visit_id",
            urlkey,
        )
        return [parse_visit(row) for row in rows]

    def list_visit_moments(self, urlkeys: Sequence[str]) -> dict[str, list[datetime] | None]:
        """List by urlkey when the live web was visited; None where `visits` has to be asked.

        So it is where a clock ran ahead, and where a row is damaged. One statement asks for all of
        these urlkeys: some hundreds at a time.
        """
        marks = ", ".join("?" for _ in urlkeys)
        moments: dict[str, list[datetime] | None] = {key: [] for key in urlkeys}
        # As bytes: what is damaged may be no UTF-8. Whether a row is right is not looked at.
        for key, dated in self._read(
            f"SELECT urlkey, {self._as_bytes('visited_at')} FROM visits "  # noqa: S608
            f"WHERE archive = '' AND urlkey IN ({marks})",
            *urlkeys,
        ):
            told = moments[key]
            try:
                if told is not None:
                    told.append(datetime.fromisoformat(bytes(dated).decode("ascii")))
            except ValueError:
                moments[key] = None
        for (key,) in self._read(
            f"SELECT DISTINCT urlkey FROM misdated WHERE urlkey IN ({marks})",  # noqa: S608
            *urlkeys,
        ):
            moments[key] = None
        return moments

    def list_visit_digests(self) -> Mapping[str, str] | None:
        """List by urlkey what changes whenever another visit of that URL is told, or redated.

        None for a file of before, that can't be written and has no digests.
        """
        if not self._seals.is_complete:
            return None
        # As bytes: what is damaged may be no UTF-8.
        key, digests = self._as_bytes("urlkey"), self._as_bytes(self._join("digest"))
        return self._read_digests(
            f"SELECT {key}, {digests} FROM (SELECT urlkey, digest FROM visits "  # noqa: S608
            f"WHERE {self._right('visits')} UNION ALL SELECT urlkey, digest FROM misdated "
            f"WHERE {self._right('misdated')}) AS told GROUP BY urlkey"
        )

    def list_capture_digests(self) -> Mapping[str, str] | None:
        """List by urlkey what changes whenever captures of that URL, or what was read of them, do.

        None for a file of before, that can't be written and has no digests.
        """
        if not self._seals.is_complete:
            return None
        # An article ends with the digest of its row (`rows.seal_article`).
        read = "articles.extractor || substr(articles.article, length(articles.article) - 15)"
        told = self._join(f"records.digest || coalesce({read}, '')")
        key, digests = self._as_bytes("visits.urlkey"), self._as_bytes(told)
        return self._read_digests(
            f"SELECT {key}, {digests} FROM visits "  # noqa: S608
            "JOIN records ON records.record_id = visits.payload_id "
            "LEFT JOIN articles ON articles.record_id = records.record_id "
            f"WHERE visits.payload_id <> '' AND {self._are_right} GROUP BY visits.urlkey"
        )

    def _read_digests(self, sql: str) -> dict[str, str]:
        """Read two columns of bytes as text: urlkeys, and the digests that belong to each."""
        return {
            bytes(key).decode("utf-8", "replace"): bytes(digests).decode("utf-8", "replace")
            for key, digests in self._read(sql)
        }

    def fingerprint_captures(self, urlkey: str) -> str:
        """Give what changes whenever the captures of a URL, or what was read of them, do."""
        rows = self._read(
            "SELECT records.digest, articles.extractor FROM visits "
            "JOIN records ON records.record_id = visits.payload_id "
            "LEFT JOIN articles ON articles.record_id = records.record_id "
            "WHERE visits.payload_id <> '' AND visits.urlkey = ? ORDER BY records.record_id",
            urlkey,
        )
        return " ".join(f"{digest} {extractor}" for digest, extractor in rows)

    def latest_capture(self, urlkey: str, *, live_only: bool = False) -> Capture | None:
        """Find the newest capture of a URL from the live web, else from an archive.

        One that was damaged when it was imported is given where there is no other.
        """
        # A capture that is damaged can't answer a 304: the page is asked for anew.
        is_sound = f"records.truncated <> '{DAMAGED}'"
        order = f"AND visits.archive = '' AND NOT records.damaged AND {is_sound}"
        rows = self._read(
            f"{self._captures} {order if live_only else ''} AND {self._are_right} "
            f"ORDER BY NOT ({is_sound}), visits.archive <> '', moment DESC LIMIT 1",
            urlkey,
        )
        return parse_capture(rows[0]) if rows else None

    def captures(self, urlkey: str) -> list[Capture]:
        """All captures of a URL that hold a payload of their own, oldest first."""
        rows = self._read(
            f"{self._captures} AND {self._are_right} ORDER BY moment, visits.visit_id", urlkey
        )
        first = {row["record_id"]: row for row in reversed(rows)}  # of each payload
        return [parse_capture(row) for row in rows if row is first[row["record_id"]]]

    @property
    def _captures(self) -> str:
        return f"""
            SELECT records.*, visits.url, visits.urlkey, visits.archive, visits.memento_at,
                {_MOMENT} AS moment
            FROM visits JOIN records ON records.record_id = visits.payload_id
                LEFT JOIN {self._seals.misdated} USING (urlkey, visited_at, archive)
            WHERE visits.payload_id <> '' AND visits.urlkey = ?
        """  # noqa: S608

    @property
    def _are_right(self) -> str:
        """The condition that the row of a record and that of its visit are what was written."""
        return f"{self._right('records')} AND {self._right('visits')}"

    def settle_dates(self, now: datetime) -> list[Misdated]:
        """List the visits that are dated after `now`, and put in their place those that can be.

        One of ours that was followed by a visit dated up to `now` was made before that one. When
        others made an imported one nobody knows: it stands before all that are dated rightly, and
        is the text shown where there is no other. Those left have no place yet; their URLs are due
        (`targets.due_hosts`). Nothing is written where nothing is found.
        """
        rows = self._read(
            "SELECT urlkey, max(url) AS url, count(*) AS count, max(visited_at) AS last_dated_at "  # noqa: S608
            f"FROM visits WHERE visited_at > ? AND {self._right('visits')} GROUP BY urlkey",
            render_moment(now + CLOCK_STEP),
        )
        if not rows or now < EARLIEST_CLOCK:
            return []
        return [self._settle(row, now) for row in rows]

    def _settle(self, row: Any, now: datetime) -> Misdated:
        """Put the visits of one URL that have no place yet in theirs, where they can have one."""
        unplaced = self._read(
            f"SELECT min(visits.visit_id) AS first_id, {_IS_IMPORTED} AS imported "  # noqa: S608
            f"FROM visits LEFT JOIN {self._seals.misdated} USING (urlkey, visited_at, archive) "
            f"WHERE visits.urlkey = ? AND visits.visited_at > ? AND {self._right('visits')} "
            "AND misdated.believed_at IS NULL GROUP BY imported",
            row["urlkey"],
            render_moment(now + CLOCK_STEP),
        )
        witnesses = {
            bool(each["imported"]): self._find_witness(row["urlkey"], each, now)
            for each in unplaced
        }
        if any(witnesses.values()) and not self.is_read_only:
            with self.transaction() as connection:
                connection.execute(
                    f"DELETE FROM misdated WHERE urlkey = ? AND NOT {self._right('misdated')}",  # noqa: S608
                    (row["urlkey"],),
                )
                _mark_misdated(connection, row["urlkey"], now, witnesses.get(False))
        last_dated_at = parse_moment(row["last_dated_at"])
        assert last_dated_at is not None
        return Misdated(
            url=row["url"],
            urlkey=row["urlkey"],
            count=row["count"],
            last_dated_at=last_dated_at,
            is_settled=all(witnesses.values()),
        )

    def _find_witness(self, urlkey: str, unplaced: Any, now: datetime) -> datetime | None:
        """Find the date of the visit before which those stand that have no place yet."""
        only = f"AND visited_at >= ? AND visit_id > ? AND NOT {_IS_IMPORTED}"
        ours = (render_moment(EARLIEST_CLOCK), unplaced["first_id"])
        rows = self._read(
            "SELECT min(visited_at) AS moment FROM visits WHERE urlkey = ? AND visited_at <= ? "  # noqa: S608
            f"{'' if unplaced['imported'] else only}",
            urlkey,
            render_moment(now),
            *(() if unplaced["imported"] else ours),
        )
        return parse_moment(rows[0]["moment"] or "")

    def knows_visit(self, visit: Visit) -> bool:
        """Whether this very visit is remembered."""
        return bool(
            self._read(
                "SELECT 1 FROM visits WHERE urlkey = ? AND visited_at = ? AND archive = ?",
                visit.urlkey,
                render_moment(visit.visited_at),
                visit.archive,
            )
        )

    def find_record(self, record_id: str) -> RecordRow | None:
        """Find a response or revisit record, as it is listed."""
        rows = self._read(
            f"SELECT * FROM records WHERE record_id = ? AND {self._right('records')}",  # noqa: S608
            record_id,
        )
        return parse_record(rows[0]) if rows else None

    def find_records(self, target_urlkey: str) -> list[RecordRow]:
        """List the records whose target has that key, oldest first."""
        rows = self._read(
            f"SELECT * FROM records WHERE target_urlkey = ? AND {self._right('records')} "  # noqa: S608
            'ORDER BY captured_at, filename, "offset"',
            target_urlkey,
        )
        return [parse_record(row) for row in rows]

    def records(self, filename: str = "") -> Iterator[RecordRow]:
        """All records, or those of one file, in the order of the files, drawn page by page."""
        last: tuple[str, int, int] = (filename, -1, -1)
        while True:
            rows = self._read(
                'SELECT * FROM records WHERE (filename, "offset", inside) > (?, ?, ?) '  # noqa: S608
                f"AND (? = '' OR filename = ?) AND {self._right('records')} "
                'ORDER BY filename, "offset", inside LIMIT 1000',
                *last,
                filename,
                filename,
            )
            if not rows:
                return
            yield from map(parse_record, rows)
            last = (rows[-1]["filename"], rows[-1]["offset"], rows[-1]["inside"])

    def list_files(self) -> list[str]:
        """List the names of the files that hold records."""
        rows = self._read(
            f"SELECT DISTINCT filename FROM records WHERE {self._right('records')} "  # noqa: S608
            "ORDER BY filename"
        )
        return [str(row["filename"]) for row in rows]

    def fingerprint_file(self, filename: str) -> str:
        """Give a digest of all that is known of a file's records."""
        digest = hashlib.sha256()
        for record in self.records(filename):
            digest.update(repr(record).encode())
        return digest.hexdigest()

    def find_payload(self, record: RecordRow) -> RecordRow | None:
        """Find the record that holds the payload of a record: itself, or the one it refers to."""
        if record.kind != "revisit":
            return record
        named = self.find_record(record.refers_to) if record.refers_to else None
        if named is not None:
            return named
        rows = self._read(
            "SELECT * FROM records WHERE payload_digest = ? AND kind <> 'revisit' "  # noqa: S608
            f"AND {self._right('records')} LIMIT 1",
            record.payload_digest,
        )
        return parse_record(rows[0]) if rows else None

    def find_same(self, payload_digest: str) -> RecordRow | None:
        """Find a sound response whose payload has that digest: a revisit may refer to it."""
        rows = self._read(
            "SELECT * FROM records WHERE payload_digest = ? AND kind = 'response' AND NOT damaged "  # noqa: S608
            f"AND truncated = '' AND status = 200 AND {self._right('records')} LIMIT 1",
            payload_digest,
        )
        return parse_record(rows[0]) if rows else None

    def list_read_as(self, kinds: Collection[PageKind]) -> set[str]:
        """List the urlkeys of which a live capture was read as one of these kinds of page."""
        # Quotes in texts are escaped: the words stand nowhere else in the JSON of an article.
        found = " OR ".join("articles.article LIKE ?" for _ in kinds)
        rows = self._read(
            "SELECT DISTINCT visits.urlkey AS urlkey FROM visits "  # noqa: S608
            "JOIN articles ON articles.record_id = visits.payload_id "
            f"WHERE visits.archive = '' AND ({found})",
            *(f'%"kind": "{kind.value}"%' for kind in sorted(kinds)),
        )
        return {row["urlkey"] for row in rows}

    def count_beside(self) -> dict[str, dict[str, int]]:
        """Count what was kept beside pages: the URLs, by `archive` and by outcome of the last."""
        rows = self._read(
            "SELECT archive, outcome, count(*) AS count FROM (SELECT archive, outcome, "  # noqa: S608
            "row_number() OVER (PARTITION BY urlkey, archive ORDER BY visited_at DESC) AS place "
            f"FROM visits WHERE archive IN (?, ?) AND {self._right('visits')}) AS last "
            "WHERE place = 1 GROUP BY archive, outcome",
            *sorted(BESIDE_PAGES),
        )
        counts: dict[str, dict[str, int]] = {each: {} for each in sorted(BESIDE_PAGES)}
        for row in rows:
            counts[row["archive"]][row["outcome"]] = row["count"]
        return counts

    def find_location(self, record_id: str) -> Location | None:
        """Find the place of the record that holds the payload of a record.

        A revisit holds none: the record that it refers to is found. Gives None where no record of
        that ID (`WARC-Record-ID`) is in the catalogue, or its row is damaged. Raises
        CatalogueError.
        """
        rows = self._read(
            "SELECT * FROM records WHERE record_id = ? AND NOT damaged "  # noqa: S608
            f"AND {self._right('records')}",
            record_id,
        )
        if not rows:
            return None
        row = rows[0]
        if row["kind"] == "revisit":
            return self.find_location(row["refers_to"]) if row["refers_to"] else None
        return Location(
            filename=row["filename"],
            offset=row["offset"],
            length=row["length"],
            inside=row["inside"],
            is_damaged=row["truncated"] == DAMAGED,
        )

    def has_sound_record(self, filename: str, place: tuple[int, int]) -> bool:
        """Whether a record is listed at a place of a file that was not damaged from the start."""
        rows = self._read(
            'SELECT 1 FROM records WHERE filename = ? AND "offset" = ? AND inside = ? '  # noqa: S608
            f"AND truncated <> '{DAMAGED}' AND {self._right('records')}",
            filename,
            *place,
        )
        return bool(rows)

    def forget_beyond(self, filename: str, end: int) -> None:
        """Forget the records behind the end of a file, with the visits that left them.

        A power cut took the records and left the rows; what was visited is due again.
        """
        with self.transaction() as connection:
            connection.execute("CREATE TEMP TABLE lost (record_id TEXT PRIMARY KEY)")
            connection.execute(
                "INSERT INTO lost SELECT record_id FROM records "
                'WHERE filename = ? AND "offset" + length > ?',
                (filename, end),
            )
            connection.execute(
                "UPDATE targets SET due_at = '' WHERE urlkey IN "
                "(SELECT urlkey FROM visits WHERE record_id IN (SELECT record_id FROM lost))"
            )
            for table in ("visits", "records"):
                connection.execute(
                    f"DELETE FROM {table} WHERE record_id IN (SELECT record_id FROM lost)"  # noqa: S608
                )
            connection.execute("DROP TABLE lost")

    def mark_damaged(self, record_id: str) -> None:
        """Remember that a record can't be read any more; what is known of it stays.

        Its visits and its article are kept. The page is due again, and asked for as if it had
        never been captured.
        """
        self.damaged_records.add(record_id)
        self._mark_damaged("record_id = ?", record_id)

    def mark_damaged_between(
        self, filename: str, start: tuple[int, int], end: tuple[int, int]
    ) -> None:
        """Remember that the records between two places of a file can't be read any more.

        A place is the offset of a member, and bytes inside it; the end is not included.
        """
        self._mark_damaged(
            'filename = ? AND ("offset", inside) >= (?, ?) AND ("offset", inside) < (?, ?)',
            filename,
            *start,
            *end,
        )

    def _mark_damaged(self, which: str, *values: str | int) -> None:
        with self.transaction() as connection:
            connection.execute(
                "UPDATE targets SET due_at = '' WHERE urlkey IN (SELECT urlkey FROM visits "  # noqa: S608
                "WHERE archive = '' AND payload_id IN "
                f"(SELECT record_id FROM records WHERE NOT damaged AND {which}))",
                values,
            )
            connection.execute(
                f"UPDATE records SET damaged = TRUE WHERE NOT damaged AND {which}",  # noqa: S608
                values,
            )

    def list_damaged(self) -> list[tuple[str, RecordRow]]:
        """List the records that can't be read any more, each with the urlkey that was visited."""
        rows = self._read(
            "SELECT DISTINCT visits.urlkey AS visited, records.* FROM records "  # noqa: S608
            "JOIN visits ON visits.payload_id = records.record_id "
            f"WHERE records.damaged AND {self._are_right} "
            "ORDER BY records.filename, records.offset, records.inside"
        )
        return [(row["visited"], parse_record(row)) for row in rows]

    def give_payload(self, visit: Visit, payload_id: str) -> None:
        """Tell where the payload of a visit is, that was read back without one."""
        if not payload_id:
            return
        with self.transaction() as connection:
            connection.execute(
                "UPDATE visits SET payload_id = ? WHERE urlkey = ? AND visited_at = ? "
                "AND archive = ? AND payload_id = '' AND outcome <> 'missed'",
                (payload_id, visit.urlkey, render_moment(visit.visited_at), visit.archive),
            )

    # --- articles

    def put_article(self, article: Article) -> None:
        """Keep what was read from a payload, in place of what was read before."""
        sealed = seal_article(article.record_id, article.extractor, render_article(article))
        with self.transaction() as connection:
            values = {
                "record_id": article.record_id,
                "extractor": article.extractor,
                "article": sealed,
            }
            replace(connection, "articles", "record_id", values)

    def find_article(self, record_id: str) -> Article | None:
        """Find the article read from a capture, or None.

        One whose row is not what was written is none, and is named in `damaged_articles`: the
        next `renvois extract` reads it again from the archive.
        """
        extractor, sealed = self._find_article_row(record_id)
        article = unseal_article(record_id, extractor, sealed) if sealed else None
        if sealed and article is None:
            self.damaged_articles.add(record_id)
        return article

    def find_extractor(self, record_id: str) -> str:
        """Which extractor read a capture; "" when none did, or when its row is damaged."""
        extractor, sealed = self._find_article_row(record_id)
        if sealed and not is_article_whole(record_id, extractor, sealed):
            self.damaged_articles.add(record_id)
            return ""
        return extractor

    def _find_article_row(self, record_id: str) -> tuple[str, bytes]:
        """Find the extractor and the sealed JSON of an article; both empty where there is none."""
        # As bytes: SQLite refuses a whole query for one letter that is not UTF-8.
        rows = self._read(
            f"SELECT {self._as_bytes('extractor')}, {self._as_bytes('article')} FROM articles "  # noqa: S608
            "WHERE record_id = ?",
            record_id,
        )
        if not rows:
            return "", b""
        return bytes(rows[0][0]).decode("utf-8", "replace"), bytes(rows[0][1])

    def number_visits(self) -> None:
        """Have the visits to come numbered after those that there are."""
        self._database.number_visits()

    def overwrite_deleted(self) -> None:
        """Have what is deleted from now on overwritten where it stood."""
        self._database.overwrite_deleted()

    def wipe(self) -> None:
        """Write the catalogue anew, so that nothing deleted is left. Raises CatalogueError."""
        self._database.wipe()

    # --- rows that are not what was written

    @property
    def is_reindexed(self) -> bool:
        """Whether the file's own indexes were damaged, and were made anew when it was opened."""
        return self._database.is_reindexed

    def verify(self) -> None:
        """Have every page of the file looked at. Raises CatalogueError."""
        self._database.verify()

    @property
    def wrong_rows(self) -> frozenset[tuple[str, str]]:
        """The rows that were come upon and left out: their table and their key."""
        articles = {("articles", record_id) for record_id in self.damaged_articles}
        return frozenset(self._seals.wrong | articles)

    def forget_wrong_rows(self) -> None:
        """Forget the rows that were come upon, but articles: they were made anew."""
        self._seals.wrong.clear()

    def find_wrong_rows(self, *, with_articles: bool = True) -> Iterator[WrongRow]:
        """Check every row that carries a digest; give those that are not what was written.

        Articles, which take the longest, are checked anyway by whoever reads them.
        """
        for table in SEALED_TABLES:
            about, moment = ABOUT[table]
            rows = self._read(
                f"SELECT {self._as_bytes(about)}, {self._as_bytes(moment)} FROM {table} "  # noqa: S608
                f"WHERE NOT {self._right(table)}"
            )
            for row in rows:
                url, date = (bytes(each or b"").decode("utf-8", "replace") for each in row)
                yield WrongRow(table=table, about=url, moment=date)
        articles = (
            self._read(f"SELECT {self._as_bytes('record_id')} FROM articles")  # noqa: S608
            if with_articles
            else ()
        )
        for row in articles:
            record_id = bytes(row[0]).decode("utf-8", "replace")
            self.find_extractor(record_id)
            if record_id in self.damaged_articles:
                yield WrongRow(table="articles", about=record_id, moment="")

    def drop_wrong_rows(self) -> list[WrongRow]:
        """Remove the rows that are not what was written; the files are read back after that.

        Articles are not in the files: the next `renvois extract` reads them again.
        """
        wrong = list(self.find_wrong_rows())
        tables = {row.table for row in wrong if row.table in SEALED_TABLES}
        with self.transaction() as connection:
            for table in sorted(tables):
                connection.execute(f"DELETE FROM {table} WHERE NOT {self._right(table)}")  # noqa: S608
        return wrong


def open_catalogue(place: Path | ServerAddress) -> Catalogue:
    """Open a catalogue, made when there is none; to be closed. Raises CatalogueError."""
    return Catalogue(open_database(place))


def _mark_misdated(
    connection: Connection, urlkey: str, now: datetime, made_before: datetime | None
) -> None:
    """Remember that the visits of a URL dated after `now` were made before another.

    `made_before` is the date of the one that followed those of ours; None: there is none yet.
    Imported ones stand before all that are dated up to `now`. They keep their order, a microsecond
    apart: at the latest when the next one was made. A date once believed stays.
    """
    rows = connection.execute(
        f"SELECT visited_at, archive, {_IS_IMPORTED} AS imported, believed_at FROM visits "  # noqa: S608
        "LEFT JOIN misdated USING (urlkey, visited_at, archive) "
        "WHERE urlkey = ? AND visited_at > ? ORDER BY visited_at DESC",
        (urlkey, render_moment(now + CLOCK_STEP)),
    ).fetchall()
    ((told,),) = connection.execute(
        "SELECT min(visited_at) FROM visits WHERE urlkey = ? AND visited_at <= ?",
        (urlkey, render_moment(now)),
    )
    first_at = parse_moment(told or "")
    place = sum(1 for row in rows if row["believed_at"])
    for row in rows:
        witness = first_at if row["imported"] else made_before
        if row["believed_at"] or witness is None:
            continue
        place += 1
        connection.execute(
            "INSERT INTO misdated (urlkey, visited_at, archive, believed_at) "
            "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                urlkey,
                row["visited_at"],
                row["archive"],
                render_moment(witness - timedelta(microseconds=place)),
            ),
        )
