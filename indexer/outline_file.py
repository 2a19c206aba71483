"""Write the outlines of a state of the index to a file, once, for all processes that read it.

    corpus/index/outlines/NAME-SIZE-CRC.sqlite    NAME is a digest of the state
    corpus/index/outlines/lock                    held by who writes

`renvois index` writes it, else the first reader. It is verified, every byte, by whoever opens it,
and made again where it is not what was written: it holds nothing that the index does not.
"""

import fcntl
import hashlib
import json
import os
import sqlite3
import tempfile
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple, replace
from datetime import datetime
from heapq import heappush, heappushpop
from operator import itemgetter
from pathlib import Path
from typing import Final

from indexer.disk import as_os_error, explain
from indexer.errors import DamagedIndexError, SearchIndexError, join_hints
from indexer.index.codec import render_document
from indexer.messages import message
from indexer.model import (
    SECTION_BREAK,
    CitingNote,
    Document,
    DocumentKind,
    LinkHealth,
    Place,
    is_id,
    name_doi,
)
from indexer.outlines import (
    LATELY,
    LONG_AGO,
    MOST_LISTED,
    Outlines,
    YearRow,
    died_at,
    find_year,
    is_dead,
    name_sets,
    record_digest,
    short_name,
    updated_at,
)

_LAYOUT: Final = 3  # raised when the tables change
_BLOCK: Final = 1 << 20
_MOST_TRIES: Final = 3  # while the index changes
_WRITTEN: Final = "written-"  # begins the name of a file that is not whole yet

# `place` is the rank of a text in the bibliography, `rank` that of a note, `number` of an entry.
# `stamp` is when a record became what it is, in seconds since 1970; NULL: when the file was written
# and readers saw it, which its own time says.
_TABLES: Final = """
CREATE TABLE texts (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL, short TEXT NOT NULL,
    path TEXT NOT NULL, line INTEGER NOT NULL, section TEXT NOT NULL, outline BLOB NOT NULL
);
CREATE TABLE notes (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, path TEXT NOT NULL, line INTEGER NOT NULL,
    section TEXT NOT NULL, outline BLOB NOT NULL
);
CREATE TABLE cites (note INTEGER, text INTEGER, PRIMARY KEY (note, text)) WITHOUT ROWID;
CREATE TABLE tied (root INTEGER, text INTEGER, PRIMARY KEY (root, text)) WITHOUT ROWID;
CREATE TABLE aliases (name TEXT PRIMARY KEY, id TEXT NOT NULL, short TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE authors (name TEXT PRIMARY KEY, sorted_as TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sections (name TEXT, path TEXT, PRIMARY KEY (name, path)) WITHOUT ROWID;
CREATE TABLE counts (section TEXT, site TEXT, bibliographies TEXT, count INTEGER);
CREATE TABLE years (
    year INTEGER PRIMARY KEY, texts INTEGER, notes INTEGER, dead INTEGER, died INTEGER
);
CREATE TABLE latest (list TEXT, rank INTEGER, id TEXT, PRIMARY KEY (list, rank)) WITHOUT ROWID;
CREATE TABLE sets (
    number INTEGER PRIMARY KEY, spec TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL
);
CREATE TABLE records (
    digest BLOB PRIMARY KEY, text INTEGER NOT NULL, sum BLOB NOT NULL, stamp INTEGER
) WITHOUT ROWID;
CREATE TABLE gone (digest BLOB PRIMARY KEY, stamp INTEGER) WITHOUT ROWID;
CREATE TABLE members (spec TEXT, digest BLOB, PRIMARY KEY (spec, digest)) WITHOUT ROWID;
CREATE TEMP TABLE recorded (digest BLOB, text INTEGER, sum BLOB);
CREATE TEMP TABLE old_records (digest BLOB PRIMARY KEY, sum BLOB, stamp INTEGER) WITHOUT ROWID;
CREATE TEMP TABLE old_gone (digest BLOB PRIMARY KEY, stamp INTEGER) WITHOUT ROWID;
CREATE TEMP TABLE joined (spec TEXT, name TEXT, digest BLOB);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
# Once all rows are there: notes in their order, then what stands together.
_IN_ORDER: Final = """
CREATE UNIQUE INDEX texts_by_id ON texts (id);
CREATE INDEX texts_by_short ON texts (short);
CREATE INDEX aliases_by_short ON aliases (short) WHERE short != '';
CREATE TABLE ranks (rank INTEGER PRIMARY KEY, note INTEGER NOT NULL);
INSERT INTO ranks (note) SELECT place FROM notes ORDER BY path, line, place;
CREATE UNIQUE INDEX ranks_by_note ON ranks (note);
CREATE TABLE entries (
    number INTEGER PRIMARY KEY, section TEXT NOT NULL, root INTEGER, note INTEGER
);
INSERT INTO entries (section, root, note)
    SELECT section, root, note FROM (
        SELECT section, root, NULL AS note, path, line, place FROM (
            SELECT section, root, path, line, place,
                row_number() OVER (PARTITION BY root ORDER BY path, line, place) AS nth
            FROM tied JOIN texts ON place = text
        ) WHERE nth = 1
        UNION ALL
        SELECT section, NULL, place, path, line, (SELECT count(*) FROM texts) + place FROM notes
        WHERE place NOT IN (SELECT note FROM cites)
    ) ORDER BY path, line, place;
CREATE TABLE contents (first INTEGER PRIMARY KEY, section TEXT NOT NULL, count INTEGER NOT NULL);
INSERT INTO contents SELECT min(number), section, count(*) FROM entries GROUP BY section;
INSERT INTO records
    SELECT digest, text, recorded.sum, old.stamp FROM recorded
    LEFT JOIN old_records AS old USING (digest, sum) ORDER BY digest;
INSERT INTO gone
    SELECT digest, max(stamp) FROM (
        SELECT digest, stamp FROM old_gone UNION ALL SELECT digest, NULL FROM old_records
    ) WHERE digest NOT IN (SELECT digest FROM records) GROUP BY digest ORDER BY digest;
INSERT INTO members SELECT DISTINCT spec, digest FROM joined ORDER BY spec, digest;
INSERT INTO sets (spec, name, count)
    SELECT spec, min(name), count(DISTINCT digest) FROM joined GROUP BY spec ORDER BY 2, 1;
CREATE UNIQUE INDEX sets_by_spec ON sets (spec);
INSERT INTO facts SELECT 'records', count(*) FROM records;
INSERT INTO facts SELECT 'sets', count(*) FROM sets;
INSERT INTO facts SELECT 'texts', count(*) FROM texts;
INSERT INTO facts SELECT 'notes', count(*) FROM notes;
INSERT INTO facts SELECT 'entries', count(*) FROM entries;
"""


# --- where the file is


class OutlinesFolder:
    """The folder of outline files, one a state of the index, shared by processes that read them."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep them in a folder, made when there is none; without, for this process alone."""
        self._folder = folder

    def open(
        self, read_state: Callable[[], str], list_outlines: Callable[[], Iterable[Document]]
    ) -> Outlines:
        """Open the outlines of the present state; where nobody wrote them yet, write them first.

        `read_state` names the state that `list_outlines` gives the documents of. Of several that
        come at once, one writes and the others wait. Where the folder takes nothing, they are kept
        for this process alone, in a file that has no name any more.
        """
        for _ in range(_MOST_TRIES if self._folder else 0):
            state = read_state()
            try:
                kept = self.prepare(read_state, list_outlines)
            except OSError:
                break
            with suppress(DamagedIndexError):  # removed, or changed, since it was verified
                if kept is not None:
                    return Outlines(kept, state)
        return _open_alone(read_state, list_outlines)

    def prepare(
        self, read_state: Callable[[], str], list_outlines: Callable[[], Iterable[Document]]
    ) -> Path | None:
        """Find the file of the present state, else write it; None where that changed meanwhile.

        Raises OSError where it can't be written.
        """
        folder, state = self._folder, read_state()
        if folder is None:
            return None
        name = hashlib.blake2b(f"{_LAYOUT} {state}".encode(), digest_size=10).hexdigest()
        kept = _find_whole(folder, name)
        if kept is not None:
            return kept
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            kept = _find_whole(folder, name)
            written = folder / f"{_WRITTEN}{os.getpid()}"
            try:
                if kept is None:
                    write_outlines(written, list_outlines(), before=_find_latest(folder))
                    if read_state() != state:
                        return None
                    kept = folder / f"{name}-{_sum(written)}.sqlite"
                    os.utime(written)  # no record is older than what readers saw before
                    written.replace(kept)
            finally:
                written.unlink(missing_ok=True)
            # Those of other states, and what a killed process left: who has them open reads on.
            for other in folder.glob("*-*"):
                if other != kept:
                    other.unlink(missing_ok=True)
            return kept

    def find_damages(self) -> list[DamagedIndexError]:
        """Verify every byte of what is kept; `renvois index`, or who reads, makes it anew."""
        found: list[DamagedIndexError] = []
        for path in sorted(self._folder.glob("*.sqlite")) if self._folder else ():
            try:
                is_whole = _is_whole(path)
            except FileNotFoundError:  # another state has taken its place
                continue
            except OSError:
                is_whole = False
            if not is_whole:
                found.append(DamagedIndexError(message("error.disk.changed"), where=path))
        return found

    def clear(self) -> None:
        """Remove every file, so that nothing is left of what was purged.

        Raises SearchIndexError.
        """
        if self._folder is None or not self._folder.is_dir():
            return
        try:
            with _alone(self._folder):
                for each in self._folder.glob("*-*"):
                    each.unlink(missing_ok=True)
        except OSError as error:
            what, hint = explain(error).what, explain(error).hint
            raise SearchIndexError(what, where=self._folder, hint=hint) from error


def _open_alone(
    read_state: Callable[[], str], list_outlines: Callable[[], Iterable[Document]]
) -> Outlines:
    """Write the outlines for this process alone: nobody finds the file, and it ends with us."""
    with tempfile.TemporaryDirectory(prefix="renvois-") as folder:
        state, path = read_state(), Path(folder) / "outlines.sqlite"
        try:
            write_outlines(path, list_outlines())
        except OSError as error:
            told = explain(error)
            raise SearchIndexError(
                message("error.outlines.cannot-write", why=told.what),
                where=path,
                hint=join_hints(
                    told.hint, message("hint.other-tmpdir", folder=tempfile.gettempdir())
                ),
            ) from error
        return Outlines(path, state)


def _find_whole(folder: Path, name: str) -> Path | None:
    """Find the file of a state, of which every byte is as it was written; None for none."""
    for path in sorted(folder.glob(f"{name}-*.sqlite")):
        with suppress(OSError):  # gone meanwhile
            if _is_whole(path):
                return path
    return None


def _find_latest(folder: Path) -> Path | None:
    """Find the last of the whole files, of whatever state; None for none."""
    whole = []
    for path in folder.glob("*.sqlite"):
        with suppress(OSError):  # gone meanwhile
            whole += [(path.stat().st_mtime, path)] if _is_whole(path) else []
    return max(whole)[1] if whole else None


def _is_whole(path: Path) -> bool:
    """Tell whether a file has the size and the sum that its name says. Raises OSError."""
    return path.stem.endswith(f"-{_sum(path)}")


def _sum(path: Path) -> str:
    """Sum up a file as decision 52 has it: its size and a CRC-32."""
    size, total = 0, 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            size, total = size + len(block), zlib.crc32(block, total)
    return f"{size}-{total:08x}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process writes."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


# --- writing


def write_outlines(
    path: Path, documents: Iterable[Document], *, before: Path | None = None
) -> None:
    """Write the outlines of documents, given in the bibliography's order, one at a time.

    What harvesters are given is dated by the file `before`, where it was the same there.
    Raises OSError.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.executescript(
                f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES}"
            )
            connection.execute("BEGIN")
            if before is not None:
                _copy_stamps(connection, before)
            _Writer(connection).write(documents)
            connection.executescript(f"BEGIN; {_IN_ORDER} COMMIT;")  # it commits what was before
    except sqlite3.Error as error:
        raise as_os_error(error, path) from error


def _copy_stamps(connection: sqlite3.Connection, path: Path) -> None:
    """Copy from another file when each record became what it is; nothing from an older layout."""
    written_at = int(path.stat().st_mtime)
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as before:
        try:
            records = before.execute(
                "SELECT digest, sum, coalesce(stamp, ?) FROM records", (written_at,)
            )
            gone = before.execute("SELECT digest, coalesce(stamp, ?) FROM gone", (written_at,))
        except sqlite3.OperationalError:  # it has no such columns
            return
        connection.executemany("INSERT INTO old_records VALUES (?, ?, ?)", records)
        connection.executemany("INSERT INTO old_gone VALUES (?, ?)", gone)


class _Writer:
    """Writes the rows of documents, and counts on the way."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ties = array("q")  # of each text, by its place, one that it is tied to
        self._note_count = 0
        self._facts: Counter[str] = Counter()
        self._visited_at: datetime | None = None
        self._sites: Counter[tuple[str, str, str]] = Counter()
        self._years: dict[int, YearRow] = {}
        self._changed: list[tuple[datetime, int, str]] = []
        self._died: list[tuple[datetime, int, str]] = []
        self._noted: dict[str, tuple[str, int, int]] = {}

    def write(self, documents: Iterable[Document]) -> None:
        for document in documents:
            outline = replace(document, paragraphs=())
            is_text = document.kind is DocumentKind.TEXT
            if is_text:
                self._write_text(outline)
            for at, note in enumerate(outline.notes):
                place = self._write_note(note)
                if is_text:
                    self._cite(place, len(self._ties) - 1)
                    self._list_noted(note.id, (outline.issued, 1 - len(self._ties), -at))
        self._write_many(
            "tied", 2, ((_find_root(self._ties, each), each) for each in range(len(self._ties)))
        )
        self._write_counts()

    def _write_text(self, text: Document) -> None:
        place = len(self._ties)
        self._ties.append(place)
        path, line = _order(text.reference.place if text.reference else None)
        section, names = _write_list(text.section), _write_list(text.bibliographies)
        row = (place, text.id, short_name(text.id), path, line, section, _pack(text))
        self._write_many("texts", len(row), [row])
        self._write_section(text.section)
        self._write_names(text)
        self._sites[section, text.site, names] += 1
        if text.reference is not None:
            digest = record_digest(text.id)
            self._write_many("recorded", 3, [(digest, place, _sum_record(text))])
            self._write_many("joined", 3, ((*each, digest) for each in name_sets(text)))
        self._count(text, place)

    def _count(self, text: Document, place: int) -> None:
        self._facts["archived"] += text.captured_at is not None
        if text.url:
            self._facts[f"link {text.link.state.value}"] += 1
        if text.link.checked_at:
            self._visited_at = max(self._visited_at or LONG_AGO, text.link.checked_at)
        row = self._find_row(find_year(text))
        row.texts += 1
        row.notes += len(text.notes)
        row.dead += is_dead(text)
        _push(self._changed, (updated_at(text), -place, text.id))
        moment = died_at(text) if is_dead(text) else None
        if moment is not None:
            self._find_row(moment.year).died += 1
            _push(self._died, (moment, -place, text.id))

    def _find_row(self, year: int) -> YearRow:
        return self._years.setdefault(year, YearRow(year=year))

    def _write_note(self, note: CitingNote) -> int:
        """Write a note, unless it is there; gives its number."""
        known = self._connection.execute("SELECT place FROM notes WHERE id = ?", (note.id,))
        for (place,) in known:
            return int(place)
        path, line = _order(note.place)
        alone = Document(id=note.id, kind=DocumentKind.NOTE, title="", notes=(note,))
        place, self._note_count = self._note_count, self._note_count + 1
        row = (place, note.id, path, line, _write_list(note.section), _pack(alone))
        self._write_many("notes", len(row), [row])
        self._write_aliases(note.aliases, note.id)
        self._write_section(note.section)
        return place

    def _cite(self, note: int, text: int) -> None:
        """Say that a note cites a text, and tie that to another text that it cites."""
        known = self._connection.execute("SELECT text FROM cites WHERE note = ? LIMIT 1", (note,))
        for (other,) in known.fetchall():
            one, two = _find_root(self._ties, other), _find_root(self._ties, text)
            self._ties[max(one, two)] = min(one, two)
        self._write_many("cites", 2, [(note, text)])

    def _list_noted(self, note_id: str, rank: tuple[str, int, int]) -> None:
        """Keep a note among those on the latest texts, if it is one; `rank` as heaps have it."""
        listed = self._noted
        if note_id in listed or len(listed) < MOST_LISTED:
            listed[note_id] = max(rank, listed.get(note_id, rank))
            return
        last = min(listed, key=listed.__getitem__)
        if rank > listed[last]:
            del listed[last]
            listed[note_id] = rank

    def _write_names(self, text: Document) -> None:
        """Write the names that lead to a text, and those of its authors."""
        if text.reference is None:
            return
        self._write_aliases(text.reference.aliases, text.id)
        if doi := name_doi(text.reference.doi):
            self._write_aliases((doi,), text.id)
        for name in text.reference.author:
            is_parted = name.family and name.given and not name.literal
            self._connection.execute(
                "INSERT INTO authors VALUES (?, ?) ON CONFLICT (name) DO UPDATE"
                " SET sorted_as = excluded.sorted_as WHERE excluded.sorted_as != ''",
                (
                    " ".join(name.display.split()),
                    f"{name.family}, {name.given}" if is_parted else "",
                ),
            )

    def _write_aliases(self, names: Iterable[str], to: str) -> None:
        rows = [(n, to, short_name(n.partition(" ")[2]) if is_id(n) else "") for n in names]
        self._write_many("aliases", 3, rows)

    def _write_section(self, section: Sequence[str]) -> None:
        """Write the paths of a section and of those around it, by themselves and by heading."""
        headings = [" ".join(heading.split()) for heading in section]
        for depth, heading in enumerate(headings, start=1):
            path = SECTION_BREAK.join(headings[:depth])
            self._write_many("sections", 2, ((path, path), (heading, path)))

    def _write_counts(self) -> None:
        self._write_many("counts", 4, ((*key, count) for key, count in self._sites.items()))
        self._write_many("years", 5, map(astuple, self._years.values()))
        visited = self._visited_at.isoformat() if self._visited_at else ""
        self._write_many("facts", 2, [*self._facts.items(), ("visited", visited)])
        since = (self._visited_at or LONG_AGO) - LATELY
        lists = {
            "changed": [key for _, _, key in sorted(self._changed, reverse=True)],
            "died": [key for at, _, key in sorted(self._died, reverse=True) if at >= since],
            "noted": [
                key for key, _ in sorted(self._noted.items(), key=itemgetter(1), reverse=True)
            ],
        }
        for name, ids in lists.items():
            self._write_many("latest", 3, ((name, rank, key) for rank, key in enumerate(ids)))

    def _write_many(self, table: str, width: int, rows: Iterable[tuple[object, ...]]) -> None:
        marks = ", ".join("?" * width)
        statement = f"INSERT OR REPLACE INTO {table} VALUES ({marks})"  # noqa: S608
        self._connection.executemany(statement, rows)


def _push(heap: list[tuple[datetime, int, str]], item: tuple[datetime, int, str]) -> None:
    if len(heap) < MOST_LISTED:
        heappush(heap, item)
    else:
        heappushpop(heap, item)


def _find_root(ties: "array[int]", place: int) -> int:
    while ties[place] != place:
        ties[place] = ties[ties[place]]
        place = ties[place]
    return place


def _order(place: Place | None) -> tuple[str, int]:
    return (place.path, place.line) if place else ("", 0)


def _write_list(words: Sequence[str]) -> str:
    return json.dumps(list(words), ensure_ascii=False)


def _sum_record(text: Document) -> bytes:
    """Sum up what a harvester is given of a text: no line of a file, nothing of its link."""
    given = replace(
        text,
        link=LinkHealth(),
        reference=replace(text.reference, place=None) if text.reference else None,
        notes=tuple(replace(note, place=None) for note in text.notes),
    )
    return hashlib.blake2b(render_document(given).encode(), digest_size=8).digest()


def _pack(document: Document) -> bytes:
    return zlib.compress(render_document(document).encode(), 1)
