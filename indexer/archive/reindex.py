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
from indexer.archive.reading import Record, read_records, split_block
from indexer.archive.records import digest_payload, parse_date, parse_fields
from indexer.archive.rows import RecordRow
from indexer.archive.warc import PREFIX, WarcArchive
from indexer.errors import ArchiveError
from indexer.heads import find_field, parse_head, parse_status
from indexer.model import Cause, Verdict, Visit, Worth
from indexer.urls import urlkey

WARC_PATTERNS: Final = ("*.warc.gz", "*.warc")
KEPT_KINDS: Final = frozenset({"response", "revisit", "resource"})
WORTH_BY_OUTCOME: Final = {
    "captured": Worth.NEW,
    "revisited": Worth.SAME,
    "missed": Worth.NOTHING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """What was read back from one file."""

    path: Path
    records: int
    visits: int
    fault: str = ""  # where it can't be read on; what stands before was read


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What was mended of a file that a crash left open."""

    filename: str
    cut_bytes: int
    visits: int  # written, and not told before
    fault: str = ""  # where the file can't be read on


def reindex(folder: Path, catalogue: Catalogue, *, next_due: NextDue) -> Iterator[Indexed]:
    """Read all files of a folder into a catalogue, oldest first; what it has already stays.

    A file that is torn is read up to there, and says so.
    """
    for path in sorted(find_files(folder), key=_age):
        yield _read_into(catalogue, path, 0, next_due)


def recover(archive: WarcArchive, catalogue: Catalogue, *, next_due: NextDue) -> list[Recovered]:
    """Mend what a crash left: cut torn tails, remember what was written and not told.

    To be called before anything is appended. Empty when the last run ended as it should.
    """
    recovered = []
    for name, cut_bytes in archive.repair().items():
        path = archive.folder / name
        catalogue.forget_beyond(name, path.stat().st_size if path.exists() else 0)
        start = catalogue.end_of_file(name)
        found = _read_into(catalogue, path, start, next_due)
        recovered.append(
            Recovered(filename=name, cut_bytes=cut_bytes, visits=found.visits, fault=found.fault)
        )
    return recovered


def _read_into(catalogue: Catalogue, path: Path, start: int, next_due: NextDue) -> Indexed:
    records = visits = 0
    fault = ""
    try:
        for record in read_records(path, start):
            if record.kind in KEPT_KINDS:
                row = make_row(record, filename=path.name)
                catalogue.put_records([row] if row is not None else [])
                records += row is not None
            elif record.kind == "metadata":
                visit = parse_visit_record(record)
                if visit is not None:
                    visits += _put_visit(visit, catalogue, next_due)
    except ArchiveError as error:
        fault = error.what
    return Indexed(path=path, records=records, visits=visits, fault=fault)


def find_files(folder: Path) -> list[Path]:
    """The WARC files of a folder, those that others wrote too."""
    return [path for pattern in WARC_PATTERNS for path in folder.glob(pattern)]


def make_row(record: Record, *, filename: str) -> RecordRow | None:
    """The row of a response, revisit or resource record; None when there is no HTTP in it."""
    head, payload = split_block(record, max_bytes=2**40)
    headers = parse_head(head)
    status = parse_status(head) if head else 200
    if status is None or not record.target_uri:
        return None
    is_revisit = record.kind == "revisit"
    declared = record.field("WARC-Payload-Digest")
    is_chunked = "chunked" in find_field(headers, "Transfer-Encoding").lower()
    digest = digest_payload(payload) if not declared or is_chunked else declared
    return RecordRow(
        record_id=record.record_id,
        kind=record.kind,
        target_uri=record.target_uri,
        target_urlkey=urlkey(record.target_uri),
        captured_at=record.date,
        status=status,
        media_type=find_field(headers, "Content-Type") or record.field("Content-Type"),
        payload_digest=declared if is_revisit else digest,
        payload_length=len(payload),
        truncated=record.field("WARC-Truncated"),
        etag=find_field(headers, "ETag"),
        last_modified=find_field(headers, "Last-Modified"),
        location=find_field(headers, "Location"),
        refers_to=record.field("WARC-Refers-To").strip("<> ") if is_revisit else "",
        filename=filename,
        offset=record.offset,
        length=record.length,
    )


def parse_visit_record(record: Record) -> Visit | None:
    """The visit that a metadata record of ours tells of; None for another's metadata."""
    if not record.field("Content-Type").startswith("application/warc-fields"):
        return None
    pairs = parse_fields(record.block.read())
    fields = dict(pairs)
    if "renvois-outcome" not in fields:
        return None
    hops = tuple(_parse_hop(value) for name, value in pairs if name == "renvois-hop")
    answered = [(uri, status) for uri, status in hops if status is not None]
    cause = fields.get("renvois-cause")
    tls_fault = fields.get("renvois-tls-fault")
    status = fields.get("renvois-status")
    memento_at = fields.get("renvois-memento-datetime")
    return Visit(
        url=fields.get("renvois-url", ""),
        urlkey=urlkey(fields.get("renvois-url", "")),
        visited_at=record.date,
        outcome=fields["renvois-outcome"],
        cause=Cause(cause) if cause else None,
        detail=fields.get("renvois-detail", ""),
        status=int(status) if status else None,
        final_url=answered[-1][0] if answered else "",
        hops=hops,
        tls_fault=Cause(tls_fault) if tls_fault else None,
        record_id=record.field("WARC-Concurrent-To").strip("<> "),
        payload_digest=fields.get("renvois-payload-digest", ""),
        archive=fields.get("renvois-archive", ""),
        memento_at=parse_date(memento_at) if memento_at else None,
    )


def _put_visit(visit: Visit, catalogue: Catalogue, next_due: NextDue) -> bool:
    """Remember a visit that was read back, unless it is known; say whether it was new."""
    if catalogue.knows_visit(visit):
        return False
    row = catalogue.find_record(visit.record_id) if visit.record_id else None
    payload_id = ""
    if visit.outcome != "missed":
        if row is None:
            return False  # of a file that is read later, or that is lost
        payload_id = row.refers_to or row.record_id
    catalogue.targets.remember(visit.url)
    verdict = Verdict(worth=WORTH_BY_OUTCOME[visit.outcome], cause=visit.cause, status=visit.status)
    due = next_due(
        verdict,
        is_same=visit.outcome == "revisited",
        visited_at=visit.visited_at,
        key=visit.urlkey,
        before=catalogue.targets.find_due(visit.urlkey),
    )
    catalogue.record_visit(visit, payload_id=payload_id, due=None if visit.archive else due)
    return True


def _parse_hop(text: str) -> tuple[str, int | None]:
    status, _, uri = text.partition(" ")
    return uri, int(status) if status.isdigit() else None


def _find_date(path: Path) -> datetime:
    try:
        first = next(iter(read_records(path, 0)), None)
    except ArchiveError:
        first = None  # said when the file is read
    return first.date if first is not None else parse_date("1970")


def _age(path: Path) -> tuple[bool, datetime, str]:
    """Others' files first: our visits tell of their records, never the other way round."""
    return (path.name.startswith(PREFIX), _find_date(path), path.name)
