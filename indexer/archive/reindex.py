"""Read the catalogue back from the WARC files: all of it, or what a crash left out.

The files are the truth; a visit stands in them as a metadata record beside its responses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from indexer.archive.catalogue import Catalogue
from indexer.archive.keeper import NextDue
from indexer.archive.reading import PREFIX, Record, Skipped, open_payload, read_records
from indexer.archive.records import POSTED_FIELD, digest_stream, parse_date, parse_fields
from indexer.archive.remote import find_remote_only
from indexer.archive.rows import DAMAGED, RecordRow
from indexer.archive.warc import OPEN_SUFFIX, WarcArchive
from indexer.errors import ArchiveError
from indexer.heads import find_field, parse_head, parse_status
from indexer.messages import NOTHING, Message, message
from indexer.model import BESIDE_PAGES, Cause, Verdict, Visit, Worth
from indexer.urls import urlkey

WARC_PATTERNS: Final = ("*.warc.gz", "*.warc", "*.warc.zst", "*.warc.lz4", "*.arc.gz", "*.arc")
REPLAYED_KINDS: Final = frozenset({"response", "revisit", "resource"})
KEPT_KINDS: Final = REPLAYED_KINDS | {"conversion"}
MADE_BY_FIELD: Final = "renvois-made-by"  # of a conversion of ours: the browser that made it
WORTH_BY_OUTCOME: Final = {
    "captured": Worth.NEW,
    "revisited": Worth.SAME,
    "missed": Worth.NOTHING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """The result of reading one WARC file back into the catalogue."""

    path: Path
    records: int
    visits: int
    skipped: tuple[Skipped, ...] = ()  # what can't be read; all around it was
    notes: tuple[Message, ...] = ()  # what was odd, and how it was understood
    fault: Message = NOTHING  # why the file can't be read at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """The result of recovering one WARC file that a crash left open."""

    filename: str
    visits: int  # written, and not told before
    torn_bytes: int  # at its end; they stay where they are
    skipped: tuple[Skipped, ...] = ()
    fault: Message = NOTHING  # why the file can't be read at all


def reindex(folder: Path, catalogue: Catalogue, *, next_due: NextDue) -> Iterator[Indexed]:
    """Read all files of a folder into a catalogue, oldest first; what it has already stays.

    What is damaged is passed over, and told. Rows that are not what was written go first, and are
    read back as all others.
    """
    catalogue.drop_wrong_rows()
    for path in sorted(find_files(folder), key=_age):
        yield _read_into(catalogue, path, next_due)


def recover(archive: WarcArchive, catalogue: Catalogue, *, next_due: NextDue) -> list[Recovered]:
    """Mend the catalogue after a crash: remember what was written and not told.

    The files stay as they are, torn tails too: the archive appends to no file that is torn. To be
    called before anything is appended. Empty when the last run ended as it should.
    """
    recovered = []
    archive.clear_unborn()
    for path in archive.list_unclosed():
        if not path.exists():
            archive.forget_unclosed(path)
            continue
        size = path.stat().st_size
        catalogue.forget_beyond(path.name, size)
        found = _read_into(catalogue, path, next_due)
        tail = found.skipped[-1] if found.skipped else None
        is_torn = tail is not None and tail.offset + tail.length >= size
        recovered.append(
            Recovered(
                filename=path.name,
                visits=found.visits,
                torn_bytes=tail.length if tail is not None and is_torn else 0,
                skipped=found.skipped,
                fault=found.fault,
            )
        )
        if not found.fault:
            archive.forget_unclosed(path)
    return recovered


def _read_into(catalogue: Catalogue, path: Path, next_due: NextDue) -> Indexed:
    records = visits = 0
    fault = NOTHING
    skipped: list[Skipped] = []
    notes: list[Message] = []
    try:
        for record in read_records(path):
            if isinstance(record, Skipped):
                skipped.append(record)
                catalogue.mark_damaged_between(
                    path.name,
                    (record.offset, record.inside),
                    (record.end_offset, record.end_inside),
                )
                continue
            notes += [
                message("error.record.at", offset=str(record.offset), why=odd)
                for odd in (record.damage, record.fault, record.note)
                if odd
            ]
            place = (record.offset, record.inside)
            if record.damage and catalogue.has_sound_record(path.name, place):
                # It was whole when its row was made, and is not any more.
                catalogue.mark_damaged_between(path.name, place, (place[0], place[1] + 1))
                continue
            if record.kind in KEPT_KINDS:
                row = make_row(record, filename=path.name)
                catalogue.put_records([row] if row is not None else [])
                records += row is not None
            elif record.kind == "metadata":
                try:
                    visit = parse_visit_record(record)
                except ValueError as error:
                    notes.append(
                        message(
                            "error.record.at",
                            offset=str(record.offset),
                            why=message("error.said", text=str(error)),
                        )
                    )
                    continue
                if visit is not None:
                    visits += put_visit(visit, catalogue, next_due)
    except ArchiveError as error:
        fault = error.what
    return Indexed(
        path=path,
        records=records,
        visits=visits,
        skipped=tuple(skipped),
        notes=tuple(notes),
        fault=fault,
    )


def find_files(folder: Path) -> list[Path]:
    """Find the WARC and ARC files of a folder, those that others wrote too.

    Those that are on a storage alone are among them: where each would be (`remote.measure`).
    """
    here = [path for pattern in WARC_PATTERNS for path in folder.glob(pattern)]
    return here + find_remote_only(folder)


def list_closed(archive: WarcArchive) -> list[Path]:
    """List the files of an archive's folder that nothing is written to any more.

    Not among them are the one that the next run appends to (`WarcArchive.find_growing`), those
    that a crawler is writing, those that a crash left open, and those that are not here any more.
    """
    growing = archive.find_growing()
    return [
        path
        for path in sorted(find_files(archive.folder))
        if path != growing
        and path.exists()
        and not path.with_name(path.name + OPEN_SUFFIX).exists()
    ]


def make_row(record: Record, *, filename: str) -> RecordRow | None:
    """Make the row of a response, revisit or resource record; None when no HTTP is in it.

    The payload is never in memory as a whole. The record's block is at its beginning afterwards.
    """
    head, payload = open_payload(record)
    headers = parse_head(head)
    status = parse_status(head) if head else 200
    if status is None or not record.target_uri:
        return None
    if record.kind == "conversion" and not record.field(MADE_BY_FIELD):  # the text of another's
        return None
    is_revisit = record.kind == "revisit"
    declared = "" if record.fault or record.damage else record.field("WARC-Payload-Digest")
    is_chunked = "chunked" in find_field(headers, "Transfer-Encoding").lower()
    digest, length = digest_stream(payload)
    record.block.seek(0)
    address = record.field(POSTED_FIELD) or record.target_uri
    return RecordRow(
        record_id=record.record_id,
        kind=record.kind,
        target_uri=address,
        target_urlkey=urlkey(address),
        captured_at=record.date,
        status=status,
        media_type=find_field(headers, "Content-Type") or record.field("Content-Type"),
        payload_digest=declared if is_revisit or (declared and not is_chunked) else digest,
        payload_length=length,
        truncated=DAMAGED if record.damage else record.field("WARC-Truncated"),
        etag=find_field(headers, "ETag"),
        last_modified=find_field(headers, "Last-Modified"),
        location=find_field(headers, "Location"),
        refers_to=record.field("WARC-Refers-To").strip("<> ") if is_revisit else "",
        filename=filename,
        offset=record.offset,
        inside=record.inside,
        length=record.length,
    )


def parse_visit_record(record: Record) -> Visit | None:
    """Read the visit that a metadata record of ours tells of; None for another's metadata.

    Raises ValueError when it is one of ours and can't be understood.
    """
    if not record.field("Content-Type").startswith("application/warc-fields"):
        return None
    pairs = parse_fields(record.block.read())
    fields = dict(pairs)
    if "renvois-outcome" not in fields:
        return None
    if fields["renvois-outcome"] not in WORTH_BY_OUTCOME:
        raise ValueError(f"tells of a visit without an outcome: {fields['renvois-outcome']!r}")
    hops = tuple(_parse_hop(value) for name, value in pairs if name == "renvois-hop")
    answered = [(uri, status) for uri, status in hops if status is not None]
    cause = fields.get("renvois-cause")
    tls_fault = fields.get("renvois-tls-fault")
    status = fields.get("renvois-status")
    memento_at = fields.get("renvois-memento-datetime")
    final_url = answered[-1][0] if answered else ""
    if fields.get("renvois-archive") in BESIDE_PAGES:  # its hops are what the page needs
        final_url = record.target_uri
    return Visit(
        url=fields.get("renvois-url", ""),
        urlkey=urlkey(fields.get("renvois-url", "")),
        visited_at=record.date,
        outcome=fields["renvois-outcome"],
        cause=Cause(cause) if cause else None,
        detail=fields.get("renvois-detail", ""),
        status=int(status) if status else None,
        final_url=final_url,
        hops=hops,
        tls_fault=Cause(tls_fault) if tls_fault else None,
        record_id=record.field("WARC-Concurrent-To").strip("<> "),
        payload_digest=fields.get("renvois-payload-digest", ""),
        archive=fields.get("renvois-archive", ""),
        memento_at=parse_date(memento_at) if memento_at else None,
    )


def put_visit(visit: Visit, catalogue: Catalogue, next_due: NextDue) -> bool:
    """Remember a visit that was read back, unless it is known; say whether it was new.

    It plans the next visit only where no later one is known.
    """
    row = catalogue.find_record(visit.record_id) if visit.record_id else None
    # Without a row the record is damaged, or in a file that is not here: the visit was made all
    # the same, and the page is due at once.
    is_lost = visit.outcome != "missed" and row is None
    payload_id = ""
    if visit.outcome != "missed" and row is not None:
        payload_id = row.refers_to or row.record_id
    if catalogue.knows_visit(visit):
        catalogue.give_payload(visit, payload_id)
        return False
    catalogue.targets.remember(visit.url)
    verdict = Verdict(worth=WORTH_BY_OUTCOME[visit.outcome], cause=visit.cause, status=visit.status)
    due = next_due(
        verdict,
        is_same=visit.outcome == "revisited",
        visited_at=visit.visited_at,
        key=visit.urlkey,
        before=catalogue.targets.find_due(visit.urlkey),
    )
    live = [each.visited_at for each in catalogue.visits(visit.urlkey) if not each.archive]
    is_old = bool(live) and live[-1] > visit.visited_at
    is_due_as_before = bool(visit.archive) or is_lost or is_old
    catalogue.record_visit(visit, payload_id=payload_id, due=None if is_due_as_before else due)
    return True


def _parse_hop(text: str) -> tuple[str, int | None]:
    status, _, uri = text.partition(" ")
    return uri, int(status) if status.isdigit() else None


def _find_date(path: Path) -> datetime:
    try:
        dates = (each.date for each in read_records(path) if isinstance(each, Record))
        first = next(dates, None)
    except ArchiveError:
        first = None  # said when the file is read
    return first if first is not None else parse_date("1970")


def _age(path: Path) -> tuple[bool, datetime, str]:
    """Others' files first: our visits tell of their records, never the other way round."""
    return (path.name.startswith(PREFIX), _find_date(path), path.name)
