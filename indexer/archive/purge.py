"""Take the records of given addresses out of the archive: the one deletion there is.

Each WARC file that holds one is written anew beside itself, read back, and put in its place; then
the catalogue follows, and its file is written anew, so that no word of a purged text is left in
either. A journal makes it one step: a process that is killed before the journal is there has
changed nothing, and what it leaves after that is finished by the next start (`finish_purge`).
"""

import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from indexer.archive.catalogue import Catalogue
from indexer.archive.members import RecordPosition
from indexer.archive.reading import Record, Skipped, open_record, read_records, split_block
from indexer.archive.records import POSTED_FIELD
from indexer.archive.reindex import find_files, parse_visit_record
from indexer.archive.remote import forget_remote, measure
from indexer.archive.rewriting import (
    Changed,
    Drop,
    Gap,
    Keep,
    Rewritten,
    list_parts,
    make_block,
    rewrite,
)
from indexer.archive.warc import OPEN_SUFFIX
from indexer.disk import has_table
from indexer.errors import ArchiveError
from indexer.messages import message
from indexer.model import BESIDE_PAGES, Visit
from indexer.postgresql import Connection
from indexer.urls import urlkey

JOURNAL: Final = "purge.json"
NEW_SUFFIX: Final = ".purged"  # a file written anew, not in its place yet
MAX_BYTES: Final = 2**40  # of a payload that is kept for another address
_MEMENTO: Final = re.compile(r"/\d{1,14}(?:[a-z]{2}_)?/(https?:.+)$")
_BESIDE: Final = re.compile(r"^urn:[a-z]+:(?=https?:)")  # an image or a print of a page
_TIES: Final = frozenset(
    {"warc-refers-to", "warc-refers-to-target-uri", "warc-refers-to-date", "warc-profile"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """The result of a purge: the records that were removed, and bytes that had to stay.

    `files` are those that were written anew. `gaps` are parts of them where no record could be
    read: they are kept byte for byte, and may hold something of what was to go. `kept` are the
    addresses of others whose payload is the same: it was moved to a record of theirs.
    """

    files: tuple[str, ...] = ()
    records: int
    bytes: int  # by which the files are shorter; below 0 where they could be packed less well
    gaps: tuple[tuple[str, Gap], ...] = ()
    kept: tuple[str, ...] = ()


_Place = tuple[str, int, int]  # filename, offset, inside
_Move = tuple[str, int, int, int]  # a record's ID; its offset, inside and length from now on
_DAMAGED: Final = "damaged"  # the kind of what is there, and can't be read
Progress = Callable[[int], None]  # told how many bytes more were read


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A record of a file, without its block."""

    filename: str
    offset: int
    inside: int
    kind: str
    record_id: str
    url: str
    posted: str = ""  # the address of what answers a POST, else ""
    concurrent_to: str = ""
    refers_to: str = ""
    refers_to_uri: str = ""
    refers_to_date: str = ""
    digest: str = ""
    date: str = ""
    bytes: int  # on the disk; unpacked for one that shares its member
    visit: Visit | None = None

    @property
    def place(self) -> _Place:
        return self.filename, self.offset, self.inside


@dataclass(slots=True, kw_only=True)
class _Plan:
    """The changes that a purge makes; records are named by file, offset and bytes inside."""

    dropped: set[_Place] = field(default_factory=set)
    # A revisit whose payload goes: whose payload it takes over, or to whom it refers instead.
    filled: dict[_Place, _Seen] = field(default_factory=dict)
    referred: dict[_Place, _Seen] = field(default_factory=dict)
    by_place: dict[_Place, _Seen] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)  # addresses of those that are filled

    def list_files(self) -> list[str]:
        places = [*self.dropped, *self.filled, *self.referred]
        return sorted({filename for filename, _, _ in places})


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeSurvey:
    """The records that a purge would remove, to be shown to a person before it is confirmed."""

    files: tuple[str, ...] = ()  # to be written anew
    records: int
    bytes: int  # of these records
    urls: tuple[str, ...] = ()  # of these records


def survey_purge(
    folder: Path, urlkeys: Collection[str], *, progress: Progress | None = None
) -> PurgeSurvey:
    """Say what a purge of the addresses with these urlkeys would take away; nothing is changed.

    `progress` is told how many bytes more were read. Raises ArchiveError.
    """
    plan = _plan(folder, frozenset(urlkeys), progress)
    gone = [plan.by_place[place] for place in plan.dropped]
    return PurgeSurvey(
        files=tuple(plan.list_files()),
        records=len(gone),
        bytes=sum(seen.bytes for seen in gone),
        urls=tuple(sorted({seen.url for seen in gone if seen.url})),
    )


def purge(folder: Path, catalogue: Catalogue, urlkeys: Collection[str]) -> Purged:
    """Take out every record of the addresses with these urlkeys, and what the catalogue has.

    Records go that a visit of such an address left, its redirects included, and any record of the
    address itself, whoever wrote it. A payload that a record of another address refers to is given
    to that one. To be called with the corpus locked, and nothing open for appending. Raises
    ArchiveError and CatalogueError; before the journal is written nothing has changed then, and
    after that calling `finish_purge` goes on.
    """
    finish_purge(folder, catalogue)
    if any(folder.glob(f"*{OPEN_SUFFIX}")):
        raise ArchiveError(
            message("error.archive.being-written"), where=folder, hint=message("hint.end-writer")
        )
    keys = frozenset(urlkeys)
    plan = _plan(folder, keys)
    names = plan.list_files()
    done: dict[str, tuple[Rewritten, list[_Move]]] = {}
    try:
        for name in names:
            done[name] = _write_anew(folder, name, plan)
        before = sum(measure(folder / name)[0] for name in names)
        folder.mkdir(parents=True, exist_ok=True)  # nothing was crawled: the catalogue may hold it
        _write_journal(folder, _render_journal(plan, done, keys))
    except OSError as error:
        _remove_unfinished(folder)
        raise ArchiveError(
            message("error.archive.not-anew", error=str(error)), where=folder
        ) from error
    except ArchiveError:
        _remove_unfinished(folder)
        raise
    finish_purge(folder, catalogue)
    return Purged(
        files=tuple(names),
        records=sum(each.dropped for each, _ in done.values()),
        bytes=before - sum(each.length for each, _ in done.values()),
        gaps=tuple((name, gap) for name, (each, _) in done.items() for gap in each.gaps),
        kept=tuple(plan.kept),
    )


def plan_without(folder: Path, urlkeys: Collection[str]) -> Callable[[str, Record], Changed | str]:
    """Plan copies of a folder's files that a purge of these urlkeys would leave.

    Gives what decides, for a filename and a record of it, whether the record is kept, changed or
    dropped. Nothing is written. Raises ArchiveError.
    """
    plan = _plan(folder, frozenset(urlkeys))
    return lambda name, record: _decide(folder, name, record, plan)


def is_purge_pending(folder: Path) -> bool:
    """Say whether a purge was cut short: the catalogue does not fit the files until it is over."""
    return (folder / JOURNAL).exists()


def finish_purge(folder: Path, catalogue: Catalogue) -> bool:
    """Finish a purge that was cut short; say whether there was one. Nothing else is changed.

    To be called, with the corpus locked, before anything is written. Raises ArchiveError and
    CatalogueError; it can be called again then.
    """
    journal = folder / JOURNAL
    try:
        if not folder.is_dir():
            return False
        if not journal.exists():
            _remove_unfinished(folder)
            return False
        told = json.loads(journal.read_text("utf-8"))
        for name in told["files"]:
            anew = folder / f".{name}{NEW_SUFFIX}"
            if anew.exists():
                anew.replace(folder / name)
        # Before a file that is empty now goes: with its note left, it would be read at the storage.
        for name in told["files"]:
            forget_remote(folder / name)
        for name in told["emptied"]:
            (folder / name).unlink(missing_ok=True)
        _sync_folder(folder)
        _update_catalogue(catalogue, told)
        catalogue.wipe()
        journal.unlink()
        _sync_folder(folder)
    except (OSError, ValueError, KeyError) as error:
        raise ArchiveError(
            message("error.archive.purge-unfinished", error=str(error)),
            where=journal,
            hint=message("hint.purge-again"),
        ) from error
    return True


# --- what is to go


def _plan(folder: Path, keys: frozenset[str], progress: Progress | None = None) -> _Plan:
    by_file: dict[str, list[_Seen]] = {}
    for path in sorted(find_files(folder)):
        by_file[path.name] = list(_list_records(path))
        if progress is not None:
            progress(measure(path)[0])
    return _make_plan(by_file, keys)


def _list_records(path: Path) -> Iterator[_Seen]:
    for record in read_records(path):
        if isinstance(record, Skipped):
            yield _Seen(
                filename=path.name,
                offset=record.offset,
                inside=record.inside,
                kind=_DAMAGED,
                record_id="",
                url=record.target_uri,
                bytes=record.length,
            )
            continue
        yield _Seen(
            filename=path.name,
            offset=record.offset,
            inside=record.inside,
            kind=record.kind,
            record_id=record.record_id,
            url=record.target_uri,
            posted=record.field(POSTED_FIELD),
            concurrent_to=record.field("WARC-Concurrent-To").strip("<> "),
            refers_to=record.field("WARC-Refers-To").strip("<> "),
            refers_to_uri=record.field("WARC-Refers-To-Target-URI").strip("<> "),
            refers_to_date=record.field("WARC-Refers-To-Date"),
            digest=record.field("WARC-Payload-Digest"),
            date=record.field("WARC-Date"),
            bytes=record.length or record.block_length,
            visit=_parse_visit(record),
        )


def _parse_visit(record: Record) -> Visit | None:
    """Read the visit of a metadata record; None where it is not understood, as `reindex` tells."""
    if record.kind != "metadata":
        return None
    try:
        return parse_visit_record(record)
    except ValueError:
        return None


def _make_plan(by_file: Mapping[str, Sequence[_Seen]], keys: frozenset[str]) -> _Plan:
    """Decide what becomes of the records of a folder; pure."""
    everything = [seen for records in by_file.values() for seen in records]
    plan = _Plan()
    for records in by_file.values():
        plan.dropped.update(_find_visited(records, keys))
    visits = _sort_visits(everything, keys)
    plan.dropped.update(_find_imported(everything, visits))
    plan.dropped.update(_find_parts(everything, visits))
    plan.dropped.update(_find_companions(everything, plan.dropped))
    _save_payloads(plan, everything)
    touched = plan.dropped | plan.filled.keys() | plan.referred.keys()
    plan.by_place = {seen.place: seen for seen in everything if seen.place in touched}
    return plan


def _find_visited(records: Sequence[_Seen], keys: frozenset[str]) -> Iterator[_Place]:
    """List the records of a file that are of these addresses, or that visits of them left."""
    for number, seen in enumerate(records):
        if _is_of(seen.url, keys):
            yield seen.place
        if seen.visit is not None and seen.visit.urlkey in keys:
            yield seen.place
            if seen.visit.archive not in BESIDE_PAGES:
                yield from (hop.place for hop in _find_hops(records[:number], seen.visit))


def _find_companions(everything: Iterable[_Seen], dropped: Set[_Place]) -> set[_Place]:
    """List the records that say something of records that go: requests, metadata of others."""
    everything = list(everything)
    gone_ids = {seen.record_id for seen in everything if seen.place in dropped} - {""}
    return {
        seen.place
        for seen in everything
        if (seen.concurrent_to in gone_ids and seen.visit is None)
        or (seen.refers_to in gone_ids and seen.kind != "revisit")
    }


def _is_of(url: str, keys: frozenset[str]) -> bool:
    """Whether a record is of one of these addresses, or of a memento of it in a web archive."""
    if not url:
        return False
    url = _BESIDE.sub("", url)
    memento = _MEMENTO.search(url)
    return urlkey(url) in keys or (memento is not None and urlkey(memento[1]) in keys)


def _find_hops(before: Sequence[_Seen], visit: Visit) -> Iterator[_Seen]:
    """Find the requests and responses that a visit left: they stand right before its metadata."""
    left = [uri for uri, status in visit.hops if status is not None]
    for seen in reversed(before):
        if not left or seen.url != left[-1] or seen.kind not in ("request", "response", "revisit"):
            return
        yield seen
        if seen.kind == "request":  # written before its response
            left.pop()


class _Visits(NamedTuple):
    """The visits that a folder tells of: those that go, and those that are left."""

    gone: Sequence[Visit]
    left: Sequence[Visit]

    @property
    def uris_left(self) -> set[str]:
        """The addresses that a visit which is left went through."""
        return {uri for visit in self.left for uri, _ in visit.hops}


def _sort_visits(everything: Iterable[_Seen], keys: frozenset[str]) -> _Visits:
    """Tell the visits of these addresses from the others."""
    visits = [seen.visit for seen in everything if seen.visit is not None]
    return _Visits(
        gone=[visit for visit in visits if visit.urlkey in keys],
        left=[visit for visit in visits if visit.urlkey not in keys],
    )


def _find_parts(everything: Iterable[_Seen], visits: _Visits) -> set[_Place]:
    """List the records of what pages that go needed, and no other page does."""
    beside = [visit for visit in visits.gone if visit.archive in BESIDE_PAGES]
    uris = {uri for visit in beside for uri, _ in visit.hops} - visits.uris_left
    return {
        seen.place
        for seen in everything
        if (seen.posted or seen.url) in uris and seen.visit is None
    }


def _find_imported(everything: Sequence[_Seen], visits: _Visits) -> set[_Place]:
    """List the records of others' files on which visits that go rest, and no other visit does."""
    # The record of a visit's last hop is named by the visit; those before it by their address.
    ids_left = {visit.record_id for visit in visits.left} | {""}
    ids = {visit.record_id for visit in visits.gone} - ids_left
    found = {seen.place for seen in everything if seen.record_id in ids}
    uris = _list_former_hops(everything, visits.gone)
    ours = {seen.filename for seen in everything if seen.visit is not None}
    uris_left = visits.uris_left
    for seen in everything:
        is_theirs = seen.filename not in ours
        if is_theirs and (seen.filename, seen.url) in uris and seen.url not in uris_left:
            found.add(seen.place)
    return found


def _list_former_hops(everything: Iterable[_Seen], gone: Sequence[Visit]) -> set[tuple[str, str]]:
    """List the files and addresses of what visits went through before their last record."""
    file_by_id = {seen.record_id: seen.filename for seen in everything}
    return {
        (file_by_id[visit.record_id], uri)
        for visit in gone
        if visit.record_id in file_by_id
        for uri, _ in visit.hops[:-1]
    }


def _save_payloads(plan: _Plan, everything: Sequence[_Seen]) -> None:
    """Find a new home for payloads that go, where a revisit that stays refers to them."""
    holders = [seen for seen in everything if seen.kind in ("response", "resource")]
    staying = [seen for seen in holders if seen.place not in plan.dropped]
    going = [seen for seen in holders if seen.place in plan.dropped]
    kept = {seen.digest: seen for seen in staying if seen.digest}
    find_holder = _Holders(holders, going).find
    for seen in everything:
        if seen.kind != "revisit" or seen.place in plan.dropped:
            continue
        holder = find_holder(seen, is_kept=seen.digest in kept)
        if holder is None or holder.place not in plan.dropped:
            continue
        digest = holder.digest or holder.record_id
        if digest in kept:
            plan.referred[seen.place] = kept[digest]
        else:
            plan.filled[seen.place] = holder
            plan.kept.append(seen.url)
            kept[digest] = seen


class _Holders:
    """The records that hold payloads, by each way in which a revisit may name one."""

    def __init__(self, holders: Iterable[_Seen], going: Iterable[_Seen]) -> None:
        """Take all of them, and those that go."""
        holders = list(holders)
        self._by_id = {seen.record_id: seen for seen in holders}
        self._by_capture = {(seen.url, seen.date): seen for seen in holders}
        self._going_by_digest = {seen.digest: seen for seen in going if seen.digest}

    def find(self, revisit: _Seen, *, is_kept: bool) -> _Seen | None:
        """Find the record that a revisit refers to, by its id, its address and date, its digest.

        `is_kept`: a record that stays has the payload of that digest.
        """
        return (
            self._by_id.get(revisit.refers_to)
            or self._by_capture.get((revisit.refers_to_uri, revisit.refers_to_date))
            or (None if is_kept else self._going_by_digest.get(revisit.digest))
        )


# --- the files


def _write_anew(folder: Path, name: str, plan: _Plan) -> tuple[Rewritten, list[_Move]]:
    """Write a file beside itself without what goes, on the disk and read back."""
    source, anew = folder / name, folder / f".{name}{NEW_SUFFIX}"
    changes = {
        RecordPosition(offset, inside): partial(_change, folder, plan, (name, offset, inside))
        for filename, offset, inside in (*plan.filled, *plan.referred)
        if filename == name
    }
    dropped = {
        RecordPosition(at, inside) for filename, at, inside in plan.dropped if filename == name
    }
    with anew.open("wb") as target:
        done = rewrite(source, target, dropped=dropped, changes=changes)
        target.flush()
        os.fsync(target.fileno())
    found = [part for part in list_parts(anew) if part.is_record]
    is_same = len(found) == len(done.kept) and all(
        part.content == content if content else part.record_id == record_id
        for part, (record_id, content) in zip(found, done.kept, strict=True)
    )
    if not is_same:
        raise ArchiveError(message("error.archive.not-read-back"), where=anew)
    return done, [
        (record_id, part.place.member, part.place.inside, part.length)
        for part, (record_id, _) in zip(found, done.kept, strict=True)
    ]


def _change(folder: Path, plan: _Plan, place: _Place, record: Record) -> Changed:
    if place in plan.filled:
        return _fill(folder, record, plan.filled[place])
    return _refer(record, plan.referred[place])


def _decide(folder: Path, name: str, record: Record, plan: _Plan) -> Changed | str:
    place = (name, record.offset, record.inside)
    if place in plan.dropped:
        return Drop
    is_changed = place in plan.filled or place in plan.referred
    return _change(folder, plan, place, record) if is_changed else Keep


def _fill(folder: Path, record: Record, holder: _Seen) -> Changed:
    """Make a response of a revisit: its own head, and the payload that it referred to."""
    head, _ = split_block(record, max_bytes=0)
    path = folder / holder.filename
    with open_record(path, holder.offset, holder.inside, is_damaged=True) as held:
        held_head, payload = split_block(held, max_bytes=MAX_BYTES)
        media_type = held.field("Content-Type")
    fields = [
        (field_name, value)
        for field_name, value in record.fields
        if field_name.lower() not in _TIES | {"warc-type", "content-type"}
    ]
    fields = [
        ("WARC-Type", "response" if head or held_head else holder.kind),
        *fields,
        ("Content-Type", "application/http;msgtype=response" if head or held_head else media_type),
    ]
    return Changed(fields=fields, block=make_block(head or held_head, payload))


def _refer(record: Record, holder: _Seen) -> Changed:
    """Make a revisit refer to another record that holds the same payload."""
    fields = [pair for pair in record.fields if pair[0].lower() not in _TIES - {"warc-profile"}]
    fields += [
        ("WARC-Refers-To", f"<{holder.record_id}>"),
        ("WARC-Refers-To-Target-URI", holder.url),
        ("WARC-Refers-To-Date", holder.date),
    ]
    head, rest = split_block(record, max_bytes=MAX_BYTES)
    return Changed(fields=fields, block=make_block(head, rest))


def _render_journal(
    plan: _Plan,
    done: Mapping[str, tuple[Rewritten, list[_Move]]],
    keys: frozenset[str],
) -> dict[str, Any]:
    by_place = plan.by_place
    gone = {by_place[place].record_id for place in plan.dropped}
    return {
        "urlkeys": sorted(keys),
        "files": {name: moves for name, (_, moves) in done.items()},
        "emptied": [name for name, (each, _) in done.items() if not each.length],
        "dropped": sorted(gone - {""}),
        "filled": [
            [by_place[place].record_id, holder.record_id]
            for place, holder in sorted(plan.filled.items())
        ],
        "referred": [
            [by_place[place].record_id, holder.record_id]
            for place, holder in sorted(plan.referred.items())
        ],
    }


def _write_journal(folder: Path, told: Mapping[str, Any]) -> None:
    partial = folder / f".{JOURNAL}{NEW_SUFFIX}"
    with partial.open("w", encoding="utf-8") as stream:
        json.dump(told, stream)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(folder / JOURNAL)
    _sync_folder(folder)


def _remove_unfinished(folder: Path) -> None:
    for path in folder.glob(f".*{NEW_SUFFIX}"):
        path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- the catalogue


def _update_catalogue(catalogue: Catalogue, told: Mapping[str, Any]) -> None:
    """Have the catalogue follow the files, in one transaction; once more changes nothing."""
    catalogue.overwrite_deleted()
    with catalogue.transaction() as connection:
        _fill_name_tables(connection, told)
        _move_records(connection, told["files"])
        _list_gone(connection, told["dropped"])
        _refer_anew(connection, told)
        _delete_purged(connection)


def _fill_name_tables(connection: Connection, told: Mapping[str, Any]) -> None:
    """List what a purge names, in temporary tables of the catalogue."""
    for table, names in (
        ("there", (record_id for moves in told["files"].values() for record_id, *_ in moves)),
        ("gone", ()),
        ("anew", told["files"]),
        ("purged", told["urlkeys"]),
    ):
        connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} (name TEXT PRIMARY KEY)")
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
        connection.executemany(
            f"INSERT INTO {table} VALUES (?) ON CONFLICT DO NOTHING",  # noqa: S608
            ([name] for name in names),
        )


def _move_records(connection: Connection, files: Mapping[str, Sequence[Any]]) -> None:
    """Say where records stand now in files that were written anew."""
    for name, moves in files.items():
        connection.executemany(
            'UPDATE records SET "offset" = ?, inside = ?, length = ? '
            "WHERE record_id = ? AND filename = ?",
            # Of records that bear one ID, the first is the one that the catalogue has.
            ([*place, record_id, name] for record_id, *place in moves[::-1]),
        )


def _list_gone(connection: Connection, dropped: Sequence[str]) -> None:
    """List the records that stand in no file any more, known to the catalogue or not."""
    connection.execute(
        "INSERT INTO gone SELECT record_id FROM records "
        "WHERE filename IN (SELECT name FROM anew) "
        "AND record_id NOT IN (SELECT name FROM there)"
    )
    # An article may be left of a record that the catalogue does not list.
    connection.executemany(
        "INSERT INTO gone SELECT ? "
        "WHERE NOT EXISTS (SELECT 1 FROM records WHERE record_id = ?) ON CONFLICT DO NOTHING",
        ([record_id, record_id] for record_id in dropped),
    )


def _refer_anew(connection: Connection, told: Mapping[str, Any]) -> None:
    """Have revisits whose payload went hold it themselves, or refer to another record."""
    connection.executemany(
        "UPDATE records SET kind = 'response', refers_to = '' WHERE record_id = ?",
        ([record_id] for record_id, _ in told["filled"]),
    )
    connection.executemany("UPDATE visits SET payload_id = ? WHERE payload_id = ?", told["filled"])
    connection.executemany(
        "UPDATE records SET refers_to = ? WHERE record_id = ?",
        ([holder, record_id] for record_id, holder in told["referred"]),
    )


def _delete_purged(connection: Connection) -> None:
    """Delete what is known of the addresses of a purge, and of the records that went."""
    for table in ("visits", "misdated", "targets", "link_observations"):
        if has_table(connection, table):
            connection.execute(f"DELETE FROM {table} WHERE urlkey IN (SELECT name FROM purged)")  # noqa: S608
    for statement in (
        "UPDATE visits SET payload_id = '' WHERE payload_id IN (SELECT name FROM gone)",
        "DELETE FROM articles WHERE record_id IN (SELECT name FROM gone)",
        "DELETE FROM records WHERE record_id IN (SELECT name FROM gone)",
    ):
        connection.execute(statement)
