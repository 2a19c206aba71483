"""Keep the report of links as a table in a file, of which a page reads what it shows.

A file is written beside and put in the place of the one before, whole or not at all: who reads
waits for nobody, and what was opened stays as it is. It is a SQLite file with a digest behind its
last page; one that is not what was written is made again, for it is a copy of what can be.

What filters, sorts and counts stands in a narrow table of numbers: of 100,000 links all of it is
read in hundredths of a second, and no index of it would pay. What a row says stands apart, packed.
A pickle may call whatever it names: these are read by an unpickler that knows the values of a
report and nothing else ("Restricting Globals", Python's documentation of `pickle`).
"""

import copyreg
import fcntl
import hashlib
import io
import os
import pickle
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Self

from indexer.disk import seal_row
from indexer.links.decisions import Choice, Decision
from indexer.links.finding import name_cause
from indexer.links.report import CitedLink, VisitedCounts, describe_dots
from indexer.messages import NOTHING, Message
from indexer.model import (
    LINK_STATES,
    ROW_SORTS,
    UNREADABLE,
    Dot,
    FilterChoice,
    LinkHealth,
    LinkMark,
    LinkRow,
    LinkState,
    Place,
    Problem,
    Replacement,
    RowFilter,
    RowWindow,
    WindowAsk,
)

FILE_NAME: Final = "links.report"  # in the folder of the corpus
_PART_NAME: Final = f".{FILE_NAME}.part"  # while it is made
CHOICES: Final = 200  # of a filter; an address may ask for any other
_DIGEST: Final = "sha256"
_DIGEST_BYTES: Final = hashlib.new(_DIGEST).digest_size
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER: Final = (1 << 63) - 1
_CLASSES: Final = (
    CitedLink, Decision, Choice, LinkRow, LinkHealth, LinkState, LinkMark, Dot, Replacement,
    Problem, Place, Message, date, datetime, timedelta, timezone,
)  # fmt: skip
_KNOWN: Final[Mapping[tuple[str, str], type]] = MappingProxyType(
    {(each.__module__, each.__name__): each for each in _CLASSES}
)
# A `links` row is numbers alone; `bases` tells of what each was made; `texts` holds what it says.
_SCHEMA: Final = """
CREATE TABLE basis (fact BLOB NOT NULL);
CREATE TABLE links (
    id INTEGER PRIMARY KEY,
    place INTEGER NOT NULL,     -- in the bibliography
    state INTEGER NOT NULL,     -- its number in LINK_STATES
    ignored INTEGER NOT NULL,
    unreadable INTEGER NOT NULL,
    cause INTEGER NOT NULL,     -- of `words`, as the next three
    site INTEGER NOT NULL,
    section INTEGER NOT NULL,
    source INTEGER NOT NULL,
    since_day INTEGER,          -- the number of the day (date.toordinal); NULL for none
    checked INTEGER,            -- microseconds since 1970, as all moments here
    since INTEGER,
    alive INTEGER,
    failing INTEGER,
    visits INTEGER NOT NULL,
    address INTEGER NOT NULL DEFAULT 0  -- the rank of its site and its URL
);
CREATE TABLE bases (
    id INTEGER PRIMARY KEY,
    reference_id TEXT NOT NULL UNIQUE,
    urlkey TEXT NOT NULL,
    doi_key TEXT NOT NULL,      -- "" for no other address that matters
    cited TEXT NOT NULL,        -- the digest of what is cited and decided
    evidence TEXT NOT NULL,     -- the digest of what is known of the link
    changes INTEGER NOT NULL    -- the moment from which the row may be another one
);
-- Of `texts`, `row` is packed with the cited link and what was decided of it.
CREATE TABLE texts (id INTEGER PRIMARY KEY, url TEXT NOT NULL, row BLOB NOT NULL);
CREATE TABLE words (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL, said BLOB,
    UNIQUE (kind, value)
);
"""


class ReportBasis(NamedTuple):
    """The versions of all inputs of a kept report, and when it was made; equal: still valid."""

    generation: str  # names all that it was made of
    withdrawals: str  # their state
    made_by: str  # version and settings
    files: str  # the bibliography: its files, the identities of its texts
    made_at: datetime
    problems: tuple[Problem, ...]  # of liens.toml
    uncited: tuple[Problem, ...]  # decisions on what nothing cites, withdrawn texts included
    wrong: tuple[tuple[str, str], ...]  # rows of the catalogue that were left out: table, key


# Another shape of any value that is pickled, or of a table, is another file.
SHAPE: Final = seal_row(
    _SCHEMA,
    repr(ReportBasis._fields),
    *(
        repr((each.__name__, *((field.name, str(field.type)) for field in fields(each))))
        for each in _CLASSES
        if is_dataclass(each)
    ),
)
_FIELDS: Final = ("cause", "site", "section", "source")


class WrongReportError(Exception):
    """Say that a report is not what was written, or that there is none: it is made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBasis:
    """The digests of the inputs of one row of a kept report; equal digests: the row is valid."""

    reference_id: str
    urlkey: str
    doi_key: str  # of the address of its DOI; "" for none
    cited: str  # digest of the cited link and of what was decided of it
    evidence: str = ""  # digest of what is known of the link
    changes_at: datetime | None = None  # the row may be another one from then on, by the clock


def _reduce_member(member: Enum) -> tuple[type[Enum], tuple[object]]:
    return type(member), (member.value,)


def _make_reducer(kind: type) -> Callable[[Any], Any]:
    """Make what gives the state of a frozen value, as the value itself does: five times as fast."""
    read = attrgetter(*(each.name for each in fields(kind)))

    def reduce(value: Any) -> tuple[object, ...]:
        return copyreg.__newobj__, (kind,), list(read(value))  # type: ignore[attr-defined]

    return reduce


class _Pickler(pickle.Pickler):
    """Writes members of enumerations by their value, whatever the version of Python.

    3.11.0 to 3.11.3 (Debian 12 has 3.11.2) write them as a call of `getattr`, which nobody who
    reads may find: each report was refused there, and made again at each start.
    """

    dispatch_table: Mapping[type, Callable[[Any], Any]] = MappingProxyType(
        {each: _reduce_member for each in _CLASSES if issubclass(each, Enum)}
        | {each: _make_reducer(each) for each in _CLASSES if is_dataclass(each)}
    )


class _Unpickler(pickle.Unpickler):
    """Reads values of a report alone."""

    def find_class(self, module: str, name: str) -> Any:
        """Find one of the values of a report; UnpicklingError for anything else."""
        if (module, name) not in _KNOWN:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a report")
        return _KNOWN[module, name]


def _pack(value: object) -> bytes:
    packed = io.BytesIO()
    _Pickler(packed, protocol=5).dump(value)
    return zlib.compress(packed.getvalue(), 1)


def _unpack(packed: bytes) -> Any:
    return _Unpickler(io.BytesIO(zlib.decompress(packed))).load()


@contextmanager
def _ours(path: Path) -> Iterator[None]:
    """Make one exception of whatever a damaged file does, or a stranger's."""
    try:
        yield
    except (sqlite3.Error, zlib.error, pickle.UnpicklingError, EOFError, ArithmeticError,
            AttributeError, LookupError, MemoryError, TypeError, ValueError) as error:  # fmt: skip
        raise WrongReportError(f"{path}: {error}") from error


class ReportFile:
    """A report that was kept, opened to be read; what takes its place meanwhile changes nothing.

    Every method raises WrongReportError where the file is not what was written.
    """

    def __init__(self, path: Path) -> None:
        """Open a file that `verify_report` found right."""
        self.path = path
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with _ours(path):
            self._db = sqlite3.connect(address, uri=True, check_same_thread=False)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def read_basis(self) -> ReportBasis | None:
        """Read what the report was made of; None where another version made it."""
        with _ours(self.path):
            ((packed,),) = self._db.execute("SELECT fact FROM basis")
            shape, *facts = _unpack(packed)
            return ReportBasis(*facts) if shape == SHAPE else None

    def find_window(self, ask: WindowAsk) -> RowWindow:
        """Find the rows that are asked for, with the counts of each filter under the others."""
        with _ours(self.path):
            wanted = ask.wanted
            counts, ignored = self._count_states(wanted)
            if wanted.state is not None:
                total = counts[wanted.state]
            else:
                total = ignored + (0 if wanted.is_ignored else sum(counts.values()))
            last = max(0, total - 1) // ask.count * ask.count
            chosen = self._choose(wanted, ask.sort, is_reversed=ask.is_reversed)
            limit = f" LIMIT {ask.count:d} OFFSET {min(ask.first, last):d}"
            ids = [each for (each,) in self._db.execute(chosen[0] + limit, chosen[1])]
            return RowWindow(
                rows=tuple(map(self._read_row, ids)),
                total=total,
                counts=counts,
                ignored=ignored,
                choices={name: self._list_choices(name, wanted) for name in _FIELDS},
            )

    def find_row(self, reference_id: str) -> LinkRow | None:
        """Find the row of a text; None where it has none."""
        statement = "SELECT id FROM bases WHERE reference_id = ?"
        with _ours(self.path):
            found = self._db.execute(statement, (reference_id,)).fetchone()
            return self._read_row(found[0]) if found else None

    def draw_rows(self, wanted: RowFilter | None = None) -> Iterator[LinkRow]:
        """Draw the rows that are wanted, all by default, in the order in which one acts."""
        with _ours(self.path):
            statement, values = self._choose(wanted or RowFilter(), ROW_SORTS[0])
        yield from self._draw(statement, values)

    def _draw(self, statement: str, values: Sequence[object]) -> Iterator[LinkRow]:
        """Draw the rows whose ids a statement gives; no row is read before it is asked for."""
        with _ours(self.path):
            ids = [each for (each,) in self._db.execute(statement, values)]
        for each in ids:
            with _ours(self.path):
                row = self._read_row(each)
            yield row

    def count(self, wanted: RowFilter | None = None) -> int:
        """Count the rows that are wanted, all by default."""
        with _ours(self.path):
            where, values = self._where(wanted or RowFilter())
            return int(self._count(where, values))

    def draw_turned(self, since: datetime) -> Iterator[LinkRow]:
        """Draw the rows whose state is another one since a moment, in the order in which one acts.

        A state that a person decided, or ignores, is not told.
        """
        statement = "SELECT id FROM links WHERE since > ? ORDER BY state, place"
        return self._draw(statement, (_count_us(since),))

    def count_visited(self) -> VisitedCounts:
        """Count what was visited, and what was not; what is ignored apart."""
        with _ours(self.path):
            unvisited, unreadable, first = self._db.execute(
                "SELECT coalesce(sum(checked IS NULL), 0), coalesce(sum(unreadable), 0), "
                "min(checked) FROM links WHERE NOT ignored"
            ).fetchone()
            ignored = self._count("ignored", ())
            day = None if first is None else _EPOCH + timedelta(microseconds=first)
            return VisitedCounts(day, int(unvisited), int(unreadable), int(ignored))

    # --- of what it was made

    def find_cited(self) -> dict[str, str]:
        """Find the digests of what is cited and decided, by reference."""
        with _ours(self.path):
            return dict(self._db.execute("SELECT reference_id, cited FROM bases"))

    def list_bases(self) -> Iterator[tuple[RowBasis, LinkState]]:
        """List of what each row was made, with the state that came of it."""
        with _ours(self.path):
            for reference_id, key, doi_key, cited, evidence, changes, state in self._db.execute(
                "SELECT reference_id, urlkey, doi_key, cited, evidence, changes, state "
                "FROM bases JOIN links USING (id)"
            ):
                at = None if changes == _NEVER else _EPOCH + timedelta(microseconds=changes)
                basis = RowBasis(
                    reference_id=reference_id,
                    urlkey=key,
                    doi_key=doi_key,
                    cited=cited,
                    evidence=evidence,
                    changes_at=at,
                )
                yield basis, LINK_STATES[state]

    def read_cited(self, reference_id: str) -> tuple[CitedLink, Decision | None, int]:
        """Read the cited link of a row, what was decided of it, and its place."""
        with _ours(self.path):
            packed, place = self._db.execute(
                "SELECT texts.row, place FROM texts JOIN bases USING (id) JOIN links USING (id) "
                "WHERE reference_id = ?",
                (reference_id,),
            ).fetchone()
            _, link, decision = _unpack(packed)
            return link, decision, int(place)

    def _read_row(self, number: int) -> LinkRow:
        statement = "SELECT row FROM texts WHERE id = ?"
        row: LinkRow = _unpack(self._db.execute(statement, (number,)).fetchone()[0])[0]
        return replace(row, course=describe_dots(row.dots))

    def _count(self, where: str, values: Collection[Any]) -> int:
        statement = f"SELECT count(*) FROM links WHERE {where}"  # noqa: S608
        return int(self._db.execute(statement, tuple(values)).fetchone()[0])

    def _choose(
        self, wanted: RowFilter, sort: str, *, is_reversed: bool = False
    ) -> tuple[str, list[Any]]:
        """Give the statement that lists the ids of rows in an order, and its values."""
        where, values = self._where(wanted)
        way = "DESC" if is_reversed else "ASC"
        columns = dict.fromkeys((ROW_SORTS[ROW_SORTS.index(sort)], "state", "place"))
        order = ", ".join(f"{name} {way}" for name in columns)
        return f"SELECT id FROM links WHERE {where} ORDER BY {order}", values  # noqa: S608

    def _where(self, wanted: RowFilter, *, but: str = "") -> tuple[str, list[Any]]:
        """Give the condition of the rows that are wanted, and its values; `but` one filter."""
        asked: list[tuple[str, Any]] = []
        if but != "state":
            if wanted.state is not None:
                asked += [("NOT ignored AND state = ?", LINK_STATES.index(wanted.state))]
            if wanted.is_ignored:
                asked += [("ignored = ?", 1)]
        for name in _FIELDS:
            if name != but and (value := getattr(wanted, name)):
                asked.append((f"{name} = ?", self._find_word(name, value)))
        if wanted.first_day is not None:
            asked.append(("since_day >= ?", wanted.first_day.toordinal()))
        if wanted.last_day is not None:
            asked.append(("since_day <= ?", wanted.last_day.toordinal()))
        return " AND ".join(each for each, _ in asked) or "1", [value for _, value in asked]

    def _find_word(self, kind: str, value: str) -> int:
        statement = "SELECT id FROM words WHERE kind = ? AND value = ?"
        found = self._db.execute(statement, (kind, value)).fetchone()
        return int(found[0]) if found else 0

    def _count_states(self, wanted: RowFilter) -> tuple[Mapping[LinkState, int], int]:
        where, values = self._where(wanted, but="state")
        counted = self._db.execute(
            f"SELECT ignored, state, count(*) FROM links WHERE {where} GROUP BY ignored, state",  # noqa: S608
            values,
        ).fetchall()
        counts = dict.fromkeys(LINK_STATES, 0)
        counts |= {LINK_STATES[state]: count for ignored, state, count in counted if not ignored}
        return counts, sum(count for ignored, _, count in counted if ignored)

    def _list_choices(self, name: str, wanted: RowFilter) -> list[FilterChoice]:
        where, values = self._where(wanted, but=name)
        counted = self._db.execute(
            f"SELECT value, said, count FROM (SELECT {name} AS id, count(*) AS count FROM links "  # noqa: S608
            f"WHERE {where} GROUP BY {name}) JOIN words USING (id) WHERE value <> '' "
            f"ORDER BY count DESC, value LIMIT {CHOICES}",
            values,
        )
        return [
            FilterChoice(value, _unpack(said) if said else value, count)
            for value, said, count in counted
        ]


class ReportWriter:
    """Writes a report beside the one in use: `finish` puts it in its place.

    What is written begins as a copy of the report before, or empty.
    """

    def __init__(self, path: Path, part: Path, *, begins_with_last: bool) -> None:
        """Write to `part`, which nobody else does; it may begin with the report in place."""
        self._path = path
        self._part = part
        with part.open("r+b") as file:
            file.truncate(0)  # what a kill left there
        if begins_with_last:
            _copy_pages(path, part)
        self._db = sqlite3.connect(part, isolation_level=None, check_same_thread=False)
        # What is not finished is thrown away: nothing has to be undone, or to outlive a fault.
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA secure_delete = ON")  # what is withdrawn is in no free page
        if not begins_with_last:
            self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")
        self._ids = dict(self._db.execute("SELECT reference_id, id FROM bases"))
        self._next_id = max(self._ids.values(), default=0) + 1
        read = self._db.execute("SELECT kind, value, id FROM words")
        self._words = {(kind, value): number for kind, value, number in read}

    def put(
        self,
        row: LinkRow,
        basis: RowBasis,
        *,
        place: int,
        cited: tuple[CitedLink, Decision | None],
    ) -> None:
        """Write the row of a link, in the place of its row before."""
        health = row.health
        number = self._ids.get(basis.reference_id, self._next_id)
        self._next_id = max(self._next_id, number + 1)
        self._ids[basis.reference_id] = number
        self._db.execute(
            "INSERT OR REPLACE INTO bases (id, reference_id, urlkey, doi_key, cited, evidence, "
            "changes) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                *(basis.reference_id, basis.urlkey, basis.doi_key, basis.cited, basis.evidence),
                _NEVER if basis.changes_at is None else _count_us(basis.changes_at),
            ),
        )
        self._db.execute(
            "INSERT OR REPLACE INTO links (id, place, state, ignored, unreadable, cause, site, "
            "section, source, since_day, checked, since, alive, failing, visits) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                place,
                LINK_STATES.index(health.state),
                row.is_ignored,
                health.label == UNREADABLE,
                self._give_word("cause", row.cause, name_cause(health.cause)),
                self._give_word("site", row.site),
                self._give_word("section", row.section),
                self._give_word("source", row.source),
                health.since.date().toordinal() if health.since else None,
                _count_us(health.checked_at),
                _count_us(health.since),
                _count_us(health.alive_at),
                _count_us(health.failing_since),
                health.check_count,
            ),
        )
        self._db.execute(
            "INSERT OR REPLACE INTO texts (id, url, row) VALUES (?, ?, ?)",
            (number, row.url, _pack((replace(row, course=NOTHING) if row.course else row, *cited))),
        )

    def keep(self, places: Mapping[str, int]) -> None:
        """Keep the rows of some references alone, each in its place of the bibliography."""
        gone = [(number,) for key, number in self._ids.items() if key not in places]
        for table in ("links", "bases", "texts"):
            self._db.executemany(f"DELETE FROM {table} WHERE id = ?", gone)  # noqa: S608
        self._db.executemany(
            "UPDATE links SET place = ? WHERE id = ? AND place <> ?",
            ((place, self._ids[key], place) for key, place in places.items() if key in self._ids),
        )
        self._ids = {key: number for key, number in self._ids.items() if key in places}

    def finish(self, basis: ReportBasis, *, is_right: Callable[[], bool]) -> bool:
        """Put the report in its place, unless it is not right any more. Raises OSError.

        Tells whether it is in its place: it is not where it was deleted meanwhile, either.
        """
        self._db.execute("DELETE FROM basis")
        self._db.execute("INSERT INTO basis VALUES (?)", (_pack((SHAPE, *basis)),))
        used = " UNION ALL ".join(f"SELECT {name} FROM links" for name in _FIELDS)  # noqa: S608
        self._db.execute(f"DELETE FROM words WHERE id NOT IN ({used})")  # noqa: S608
        self._db.execute(
            "UPDATE links SET address = ranked.rank FROM (SELECT links.id, row_number() OVER "
            "(ORDER BY words.value, texts.url) AS rank FROM links JOIN texts USING (id) "
            "JOIN words ON words.id = links.site) AS ranked WHERE ranked.id = links.id "
            "AND links.address <> ranked.rank"
        )
        self._db.execute("COMMIT")
        self._db.close()
        if not self._part.exists():
            return False
        with self._part.open("r+b") as file:
            digest = hashlib.file_digest(file, _DIGEST).digest()
            file.write(digest)
            file.flush()
            os.fsync(file.fileno())
            if not is_right() or not _is_same(file.fileno(), self._part):
                return False
            self._part.replace(self._path)
        return True

    def close(self) -> None:
        """Leave what is not finished."""
        self._db.close()

    def _give_word(self, kind: str, value: str, said: Message = NOTHING) -> int:
        if (kind, value) not in self._words:
            number = self._db.execute(
                "INSERT INTO words (kind, value, said) VALUES (?, ?, ?)",
                (kind, value, _pack(said) if said else None),
            ).lastrowid
            self._words[kind, value] = int(number or 0)
        return int(self._words[kind, value])


@contextmanager
def writing_part(folder: Path) -> Iterator[Path]:
    """Wait until no other process makes the report of a folder; give where it is to be written.

    Raises OSError. What is left there at the end is deleted.
    """
    part = folder / _PART_NAME
    while True:
        number = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(number, fcntl.LOCK_EX)  # the system's, as long as the process lives
            if not _is_same(number, part):
                continue  # another one put it in its place, or deleted it
            try:
                yield part
            except sqlite3.Error as error:  # a full disk, one that can't be written
                raise OSError(f"{part}: {error}") from error
            finally:
                if _is_same(number, part):
                    part.unlink()
        finally:
            os.close(number)
        return


def _is_same(number: int, path: Path) -> bool:
    """Tell whether an open file is the one that has a name."""
    try:
        return os.path.samestat(os.fstat(number), path.stat())
    except FileNotFoundError:
        return False


def _copy_pages(report: Path, part: Path) -> None:
    """Copy a report without the digest behind its last page. Raises OSError."""
    with report.open("rb") as source, part.open("r+b") as target:
        shutil.copyfileobj(source, target, 1 << 20)
        target.truncate(max(0, target.tell() - _DIGEST_BYTES))


def verify_report(path: Path) -> tuple[int, ...] | None:
    """Read a whole report, and give the stamp of the file; None where it is not what was written.

    As long as the file has that stamp (`stamp_report`), it need not be read whole again.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size - _DIGEST_BYTES
            digest = hashlib.new(_DIGEST)
            left = size
            while left > 0 and (block := file.read(min(left, 1 << 20))):
                digest.update(block)
                left -= len(block)
            if size <= 0 or file.read() != digest.digest():
                return None
            return _stamp(os.fstat(file.fileno()))
    except OSError:
        return None


def stamp_report(path: Path) -> tuple[int, ...] | None:
    """Give what changes when another file takes the place of a report; None where there is none."""
    try:
        return _stamp(path.stat())
    except OSError:
        return None


def forget_report(folder: Path) -> None:
    """Delete the report that was kept, and what was begun: what is purged may be in it."""
    for name in (FILE_NAME, _PART_NAME):
        (folder / name).unlink(missing_ok=True)


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def _count_us(moment: datetime | None) -> int | None:
    """Count the microseconds since 1970."""
    return None if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)
