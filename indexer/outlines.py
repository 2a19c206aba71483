"""Keep the outlines of all texts and notes in a file: what stands where, and what cites what.

An outline is a document without the paragraphs of its article. Whoever shows the bibliography asks
for windows, counts and single texts: no process holds them all. The file is made of one state of
the index, by the first that needs it (`renvois index` does, before any reader comes), then it is
read by all; it can be made again at any time, and is when it is not what was written.
"""

import base64
import hashlib
import json
import sqlite3
import threading
import weakref
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from indexer.disk import explain, is_damage
from indexer.errors import DamagedIndexError, SearchIndexError
from indexer.index.codec import parse_document
from indexer.messages import message
from indexer.model import (
    SECTION_BREAK,
    CitingNote,
    Document,
    LinkState,
    name_id,
)

LATELY: Final = timedelta(days=31)
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)  # of what has no date at all
MOST_LISTED: Final = 30  # of what is new: texts, notes, dead links
_MOST_KEPT: Final = 500  # documents at hand, of those that were read last
_AT_ONCE: Final = 500  # rows read at a time
_CACHE_KIB: Final = 2048  # of SQLite, for each process


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineNote:
    """A note, the texts that it cites, and its neighbours in the bibliography."""

    note: CitingNote
    text_ids: tuple[str, ...] = ()
    previous_id: str = ""
    next_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineEntry:
    """An entry of the page of notes: texts, then the notes about them."""

    section: tuple[str, ...]
    text_ids: tuple[str, ...] = ()
    note_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContentsLine:
    """A line of the table of contents: a section, its number, and the page where it begins."""

    section: tuple[str, ...]
    number: int
    page: int
    count: int


@dataclass(slots=True, kw_only=True)
class YearRow:
    """A year: its texts, the notes on them, their links that are dead, the deaths seen in it."""

    year: int  # 0: the texts that have none
    texts: int = 0
    notes: int = 0
    dead: int = 0
    died: int = 0


class SiteCount(NamedTuple):
    """The number of texts of one section, one site and one set of bibliographies."""

    section: tuple[str, ...]
    site: str
    bibliographies: tuple[str, ...]
    texts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineRecord:
    """A text as a harvester knows it, since when; without a document it is deleted."""

    digest: bytes
    changed_at: datetime
    document: Document | None = None


Span = tuple[datetime, datetime]  # both ends are in it
EVER: Final[Span] = (LONG_AGO, datetime.max.replace(tzinfo=UTC))
_WITHIN_ALL: Final = "records"
_WITHIN_SET: Final = "members JOIN records USING (digest)"


class TextsInOrder(Mapping[str, Document]):
    """The cited texts by their ids, in the bibliography's order, read as they are asked for."""

    def __init__(self, outlines: "Outlines") -> None:
        """Read from the outlines of a state."""
        self._outlines = outlines

    def __len__(self) -> int:
        """Count the texts."""
        return self._outlines.count("texts")

    def __contains__(self, text_id: object) -> bool:
        """Say whether a text is cited."""
        return bool(self._outlines.read("SELECT 1 FROM texts WHERE id = ?", text_id))

    def __getitem__(self, text_id: str) -> Document:
        """Give a text. Raises KeyError."""
        found = self._outlines.find_texts([text_id])
        if not found:
            raise KeyError(text_id)
        return found[0]

    def __iter__(self) -> Iterator[str]:
        """List the ids, so many read at a time."""
        rows = self._outlines.read_on("SELECT place, id FROM texts WHERE place > ?", "place", -1)
        return (text_id for _, text_id in rows)


class NotesInOrder(Mapping[str, OutlineNote]):
    """The notes by their ids, in the bibliography's order, read as they are asked for."""

    def __init__(self, outlines: "Outlines") -> None:
        """Read from the outlines of a state."""
        self._outlines = outlines

    def __len__(self) -> int:
        """Count the notes."""
        return self._outlines.count("notes")

    def __contains__(self, note_id: object) -> bool:
        """Say whether there is a note of that id."""
        return bool(self._outlines.read("SELECT 1 FROM notes WHERE id = ?", note_id))

    def __getitem__(self, note_id: str) -> OutlineNote:
        """Give a note, what it cites and what stands beside it. Raises KeyError."""
        asked = "SELECT rank FROM ranks JOIN notes ON note = place WHERE id = ?"
        for (rank,) in self._outlines.read(asked, note_id):
            return self._outlines.list_notes(rank - 1, 1)[0]
        raise KeyError(note_id)

    def __iter__(self) -> Iterator[str]:
        """List the ids, so many read at a time."""
        asked = "SELECT rank, id FROM ranks JOIN notes ON note = place WHERE rank > ?"
        return (note_id for _, note_id in self._outlines.read_on(asked, "rank", 0))


class Outlines:
    """The outlines of one state of the index; safe to ask from several threads at once.

    Whatever is asked raises DamagedIndexError where the file is not as it was written, and another
    SearchIndexError where the system does not let it be read.
    """

    def __init__(self, path: Path, state: str) -> None:
        """Open the file of a state; no other process changes it."""
        self.state = state
        self.is_damaged = False  # found while it was read: to be opened again
        self._path = path
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Document] = OrderedDict()
        # Never changed once it has its name: no lock of SQLite's, and it may be removed meanwhile.
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._written_at = _read_moment(path)
        try:
            self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            # Another state may have taken its place since it was found.
            raise (self._explain(error) if path.exists() else self._damaged()) from error
        self.close = weakref.finalize(self, self._connection.close)
        self.read(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self.count("texts")  # the file is open from now on

    @property
    def texts(self) -> Mapping[str, Document]:
        """The cited texts by their ids, in the bibliography's order, read as they are asked for."""
        return TextsInOrder(self)

    @property
    def notes(self) -> Mapping[str, OutlineNote]:
        """The notes by their ids, in the bibliography's order, read as they are asked for."""
        return NotesInOrder(self)

    # --- counts

    def count(self, name: str) -> int:
        """Count by name: "texts", "notes", "entries", "archived"; 0 for an unknown name."""
        return int(self._facts.get(name, 0))

    @cached_property
    def _facts(self) -> Mapping[str, str]:
        return dict(self.read("SELECT name, value FROM facts"))

    @property
    def archived_count(self) -> int:
        """Count the texts that have an archived article."""
        return self.count("archived")

    @property
    def entry_count(self) -> int:
        """Count the entries of the page of notes."""
        return self.count("entries")

    @property
    def dead_count(self) -> int:
        """Count the texts whose link is dead."""
        return self.link_counts.get(LinkState.DEAD, 0)

    @cached_property
    def link_counts(self) -> Mapping[LinkState, int]:
        """Count the texts whose link is in each state; a text without address has none."""
        return {state: count for state in LinkState if (count := self.count(f"link {state.value}"))}

    @cached_property
    def visited_at(self) -> datetime | None:
        """When a link was last visited."""
        moment = self._facts.get("visited", "")
        return datetime.fromisoformat(moment) if moment else None

    def count_years(self) -> list[YearRow]:
        """Count what each year has, in order, of the years that have something."""
        rows = self.read("SELECT year, texts, notes, dead, died FROM years ORDER BY year")
        return [YearRow(year=y, texts=t, notes=n, dead=d, died=e) for y, t, n, d, e in rows]

    def count_sites(self) -> list[SiteCount]:
        """Count the texts of each site in each section, whatever they are called."""
        return [
            SiteCount(_parse_list(section), site, _parse_list(names), count)
            for section, site, names, count in self.read("SELECT * FROM counts ORDER BY rowid")
        ]

    # --- texts

    def find_texts(self, ids: Iterable[str]) -> list[Document]:
        """Find texts, in the order of `ids`; what is no text is left out."""
        wanted = list(ids)
        with self._lock:
            found = {key: self._kept[key] for key in wanted if key in self._kept}
            for key in found:
                self._kept.move_to_end(key)
        for outline in self._read_some(
            "SELECT outline FROM texts WHERE id", dict.fromkeys(k for k in wanted if k not in found)
        ):
            document = self._parse(*outline)
            found[document.id] = document
            self._keep(document)
        return [found[key] for key in wanted if key in found]

    def list_texts(self, most: int = -1) -> Iterator[Document]:
        """Read the texts in the bibliography's order; at most so many, if said."""
        asked = "SELECT place, outline FROM texts WHERE place > ?"
        for number, (_, outline) in enumerate(self.read_on(asked, "place", -1)):
            if number == most:
                return
            yield self._parse(outline)

    def find_places(self, ids: Iterable[str]) -> Mapping[str, int]:
        """Tell where texts stand in the bibliography's order."""
        return dict(self._read_some("SELECT id, place FROM texts WHERE id", ids))

    def list_latest(self) -> list[Document]:
        """List the texts of which something changed last, the latest first; MOST_LISTED."""
        return self.find_texts(self._list("changed"))

    def list_dead(self) -> list[Document]:
        """List the texts whose link died in the month before the last visit, the last first."""
        return self.find_texts(self._list("died"))

    def _list(self, name: str) -> list[str]:
        rows = self.read("SELECT id FROM latest WHERE list = ? ORDER BY rank", name)
        return [key for (key,) in rows]

    # --- notes

    def list_notes(self, first: int, most: int) -> list[OutlineNote]:
        """List notes in their order, `first` being the number of those before."""
        rows = self.read(
            "SELECT rank, id, note, outline FROM ranks JOIN notes ON note = place"
            " WHERE rank BETWEEN ? AND ? ORDER BY rank",
            first,
            first + most + 1,
        )
        ids = {rank: note_id for rank, note_id, _, _ in rows}
        cited = "SELECT id FROM cites JOIN texts ON place = text WHERE note = ? ORDER BY place"
        return [
            OutlineNote(
                note=self._parse(outline).notes[0],
                text_ids=tuple(text_id for (text_id,) in self.read(cited, place)),
                previous_id=ids.get(rank - 1, ""),
                next_id=ids.get(rank + 1, ""),
            )
            for rank, _, place, outline in rows
            if first < rank <= first + most
        ]

    def list_note_ids(self, first: int, most: int) -> list[str]:
        """List the ids of notes in their order, `first` being the number of those before."""
        asked = (
            "SELECT id FROM ranks JOIN notes ON note = place WHERE rank > ? ORDER BY rank LIMIT ?"
        )
        return [note_id for (note_id,) in self.read(asked, first, most)]

    def list_latest_notes(self) -> list[OutlineNote]:
        """List the notes on the latest texts, each once; MOST_LISTED."""
        return [self.notes[key] for key in self._list("noted")]

    # --- what harvesters of libraries are given

    def list_records(
        self, after: bytes, most: int, spec: str = "", span: Span = EVER
    ) -> list[OutlineRecord]:
        """List the texts that have a reference, of one set if said, in the order of digests.

        Gives those after a digest that became what they are in a span of time, both ends in it.
        """
        source, asked = _WITHIN_SET if spec else _WITHIN_ALL, [spec] if spec else []
        rows = self.read(
            "SELECT digest, coalesce(stamp, ?) AS moment, outline FROM"  # noqa: S608
            f" {source} JOIN texts ON place = records.text"
            f" WHERE {'spec = ? AND ' if spec else ''}digest > ? AND moment BETWEEN ? AND ?"
            " ORDER BY digest LIMIT ?",
            self._written_at,
            *asked,
            after,
            *_read_span(span),
            most,
        )
        return [self._make_record(*row) for row in rows]

    def count_records(self, spec: str = "", span: Span = EVER) -> int:
        """Count the texts that have a reference, of one set and of a span of time if said."""
        if span == EVER:
            if not spec:
                return self.count("records")
            rows = self.read("SELECT count FROM sets WHERE spec = ?", spec)
            return int(rows[0][0]) if rows else 0
        source, asked = _WITHIN_SET if spec else _WITHIN_ALL, [spec] if spec else []
        rows = self.read(
            f"SELECT count(*) FROM {source} WHERE"  # noqa: S608
            f" {'spec = ? AND ' if spec else ''}coalesce(stamp, ?) BETWEEN ? AND ?",
            *asked,
            self._written_at,
            *_read_span(span),
        )
        return int(rows[0][0])

    def find_record(self, digest: bytes) -> OutlineRecord | None:
        """Find the text of a digest that has a reference."""
        rows = self.read(
            "SELECT digest, coalesce(stamp, ?), outline FROM records"
            " JOIN texts ON place = records.text WHERE digest = ?",
            self._written_at,
            digest,
        )
        return self._make_record(*rows[0]) if rows else None

    def list_gone(self) -> Mapping[bytes, datetime]:
        """Tell when texts that had a reference went, by their digests."""
        rows = self.read("SELECT digest, coalesce(stamp, ?) FROM gone", self._written_at)
        return {digest: datetime.fromtimestamp(moment, UTC) for digest, moment in rows}

    def _make_record(self, digest: bytes, moment: int, outline: bytes) -> OutlineRecord:
        changed_at = datetime.fromtimestamp(moment, UTC)
        return OutlineRecord(digest=digest, document=self._parse(outline), changed_at=changed_at)

    def list_sets(self, first: int, most: int) -> list[tuple[str, str]]:
        """List sets, their specs and names, by name, `first` being the number of those before."""
        asked = "SELECT spec, name FROM sets WHERE number > ? ORDER BY number LIMIT ?"
        return [(spec, name) for spec, name in self.read(asked, first, most)]

    def list_missing(self, ids: Iterable[str]) -> Iterator[str]:
        """List those of some ids, however many, that no text has."""
        left = iter(ids)
        while some := list(islice(left, _AT_ONCE)):
            found = self.find_places(some)
            yield from (each for each in some if each not in found)

    # --- the page of notes

    def list_entries(self, first: int, most: int) -> list[OutlineEntry]:
        """List entries in their order, `first` being the number of those before."""
        rows = self.read(
            "SELECT entries.section, root, id FROM entries"
            " LEFT JOIN notes ON entries.note = place WHERE number > ? ORDER BY number LIMIT ?",
            first,
            most,
        )
        return [
            OutlineEntry(section=_parse_list(section), note_ids=(note_id,))
            if root is None
            else self._read_entry(_parse_list(section), root)
            for section, root, note_id in rows
        ]

    def _read_entry(self, section: tuple[str, ...], root: int) -> OutlineEntry:
        """Read the texts of an entry, then its notes in the order of the texts."""
        rows = self.read(
            "SELECT id FROM tied JOIN texts ON place = text WHERE root = ?"
            " ORDER BY path, line, place",
            root,
        )
        texts = self.find_texts(text_id for (text_id,) in rows)
        notes = dict.fromkeys(note.id for text in texts for note in text.notes)
        return OutlineEntry(
            section=section, text_ids=tuple(text.id for text in texts), note_ids=tuple(notes)
        )

    def list_contents(self, per_page: int) -> tuple[ContentsLine, ...]:
        """List the sections in the order of their first entry."""
        rows = self.read("SELECT section, first, count FROM contents ORDER BY first")
        return tuple(
            ContentsLine(_parse_list(section), number, (first - 1) // per_page + 1, count)
            for number, (section, first, count) in enumerate(rows, start=1)
        )

    # --- names

    def find_alias(self, name: str) -> str:
        """Find the id of what had a name before, or has a DOI; "" for none."""
        return self._find("SELECT id FROM aliases WHERE name = ?", name)

    def find_short(self, name: str) -> str:
        """Find the id of the text that a short name, an id or an older id leads to; "" for none."""
        return (
            self._find("SELECT id FROM texts WHERE id = ?", name)
            # What is of today goes before what was: two names may have one digest.
            or self._find("SELECT id FROM texts WHERE short = ? ORDER BY place DESC", name)
            or self._find(
                "SELECT texts.id FROM aliases JOIN texts USING (id) WHERE aliases.short = ?", name
            )
            or self._find(
                "SELECT texts.id FROM aliases JOIN texts USING (id) WHERE name = ?", name_id(name)
            )
        )

    def find_sorted_names(self, authors: Iterable[str]) -> Mapping[str, str]:
        """Write authors as an index of names does: "Jean Morvan" -> "Morvan, Jean".

        Those of whom that is not known are left out.
        """
        rows = self._read_some("SELECT name, sorted_as FROM authors WHERE name", set(authors))
        return {name: sorted_as for name, sorted_as in rows if sorted_as}

    def is_author(self, name: str) -> bool:
        """Say whether an author of a text is displayed so."""
        return bool(self.read("SELECT 1 FROM authors WHERE name = ?", name))

    def find_sections(self, name: str) -> list[str]:
        """List the paths of the sections that end in a heading, or the path itself."""
        rows = self.read("SELECT path FROM sections WHERE name = ? ORDER BY path", name)
        return [path for (path,) in rows]

    def _find(self, statement: str, asked: str) -> str:
        rows = self.read(f"{statement} LIMIT 1", asked)
        return str(rows[0][0]) if rows else ""

    # --- reading

    def read(self, statement: str, *asked: object) -> list[tuple[Any, ...]]:
        """Read the rows of a query. Raises SearchIndexError, DamagedIndexError."""
        try:
            with self._lock:
                return self._connection.execute(statement, asked).fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self._explain(error) from error

    def read_on(self, statement: str, key: str, last: int) -> Iterator[tuple[Any, ...]]:
        """Read the rows of a query in the order of a number, their first column, after `last`.

        So many are read at a time. `statement` compares the number with `?`.
        """
        while True:
            rows = self.read(f"{statement} ORDER BY {key} LIMIT {_AT_ONCE}", last)
            yield from rows
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1][0]

    def _read_some(self, statement: str, ids: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        """Read the rows of some ids, so many at a time."""
        wanted = list(ids)
        for first in range(0, len(wanted), _AT_ONCE):
            some = wanted[first : first + _AT_ONCE]
            yield from self.read(f"{statement} IN ({', '.join('?' * len(some))})", *some)

    def _parse(self, outline: bytes) -> Document:
        try:
            return parse_document(zlib.decompress(outline).decode())
        except (zlib.error, ValueError, KeyError, TypeError) as error:
            raise self._damaged() from error

    def _explain(self, error: sqlite3.Error | UnicodeDecodeError) -> SearchIndexError:
        """Say what an error of SQLite's means: damage, or what stops us."""
        if isinstance(error, UnicodeDecodeError) or is_damage(error):
            return self._damaged()
        told = explain(error)
        what = message("error.outlines.cannot-read", why=told.what)
        return SearchIndexError(what, where=self._path, hint=told.hint)

    def _damaged(self) -> DamagedIndexError:
        self.is_damaged = True
        return DamagedIndexError(
            message("error.outlines.damaged"),
            where=self._path,
            hint=message("hint.ask-again-made"),
        )

    def _keep(self, document: Document) -> None:
        with self._lock:
            self._kept[document.id] = document
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)


def _read_moment(path: Path) -> int:
    """Read when a file was written, in seconds since 1970. Raises DamagedIndexError."""
    try:
        return int(path.stat().st_mtime)
    except OSError as error:  # another state has taken its place
        raise DamagedIndexError(message("error.outlines.gone"), where=path) from error


def _read_span(span: Span) -> tuple[int, int]:
    first, last = span
    return int(first.timestamp()), int(last.timestamp())


def _parse_list(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


# --- what a text says of itself


@lru_cache(maxsize=50_000)
def short_name(text_id: str) -> str:
    """Name a text by eight letters and digits, for addresses that name many.

    A digest of the id: it stays as the id does. Of 40 bits: two of 20,000 texts share
    one in one bibliography of 5,500.

    >>> short_name("besson-2014-tiers")
    'vz7sn2uz'
    """
    digest = hashlib.blake2b(text_id.encode(), digest_size=5).digest()
    return base64.b32encode(digest).decode("ascii").lower()


def record_digest(text_id: str) -> bytes:
    """Name a text by ten bytes, from which neither author nor title can be read."""
    return hashlib.blake2b(text_id.encode(), digest_size=10).digest()


def name_sets(text: Document) -> Iterator[tuple[str, str]]:
    """Name the sets of a text: its section and those around it, its bibliographies."""
    spec, path = "section", []
    for heading in text.section:
        path.append(" ".join(heading.split()))
        spec = f"{spec}:{_digest(SECTION_BREAK.join(path))}"
        yield spec, SECTION_BREAK.join(path)
    for name in text.bibliographies:
        yield f"bibliography:{_digest(name)}", name


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=5).hexdigest()


def is_dead(text: Document) -> bool:
    """Say whether a text has a link that is dead."""
    return bool(text.url) and text.link.state is LinkState.DEAD


def died_at(text: Document) -> datetime | None:
    """Say when the link of a text was found dead, or began to fail; None where nothing says it."""
    return text.link.since or text.link.failing_since


def updated_at(text: Document) -> datetime:
    """Say when what is shown of a text last changed."""
    year = find_year(text)
    issued_at = datetime(year, 1, 1, tzinfo=UTC) if year else None
    return text.captured_at or text.link.checked_at or issued_at or LONG_AGO


def find_year(text: Document) -> int:
    """Find the year of a text as the facet of years has it; 0 for none."""
    year = text.issued[:4]
    return int(year) if len(year) == 4 and year.isascii() and year.isdecimal() else 0
