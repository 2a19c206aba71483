"""Take WARC files and WACZ packages that others wrote, and use them as captures of cited URLs.

The files are copied into the archive as they are, byte for byte, under a name that tells their
digest: importing one twice changes nothing. What they hold for a URL that the bibliography cites
becomes a visit of it; where it was redirected, the redirects are followed inside the files.
"""

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import IO, Final

from indexer.archive.catalogue import Catalogue
from indexer.archive.drafting import make_capture, make_visit, render_outcome
from indexer.archive.reading import Skipped, open_record, read_records, split_block
from indexer.archive.records import draft_visit
from indexer.archive.reindex import KEPT_KINDS, make_row
from indexer.archive.rows import RecordRow
from indexer.archive.warc import WarcArchive
from indexer.errors import ArchiveError
from indexer.heads import parse_head
from indexer.model import Arrival, Exchange, Hop, Outcome, Target, Verdict, Worth
from indexer.urls import host, parse_url, urlkey

IMPORT_PREFIX: Final = "import"
MAX_REDIRECTS: Final = 10
MAX_PAYLOAD_BYTES: Final = 256 * 2**20  # content codings on
BLOCK: Final = 1_048_576

Judge = Callable[[Exchange], Verdict]


def import_file(
    path: Path, archive: WarcArchive, catalogue: Catalogue, *, judge: Judge
) -> Iterator[Outcome]:
    """Import a .warc, .warc.gz or .wacz file; an outcome for each cited URL that it holds anew.

    `judge` is `indexer.crawl.judge`. Raises ArchiveError for a file that can't be read; of one
    that is torn, what stands before the tear is used first.
    """
    names: list[str] = []
    fault: ArchiveError | None = None
    for copied in _copy(path, archive.folder):
        try:
            names.append(copied.name)
            _index(copied, catalogue)
        except ArchiveError as error:
            what = f"is torn: {error.what}" if copied.exists() else "holds no WARC record"
            fault = ArchiveError(what, where=path)
    for planned in list(catalogue.targets.planned()):
        used: set[str] = set()
        for row in catalogue.find_records(planned.urlkey):
            if row.filename not in names or row.record_id in used:
                continue
            chain = list(_follow(row, catalogue))
            used |= {hop.record_id for hop in chain}
            arrival = _make_arrival(planned.url, chain, archive, catalogue, judge)
            outcome = _keep(arrival, chain[-1], path, archive, catalogue)
            if outcome is not None:
                yield outcome
    if fault is not None:
        raise fault


def _copy(path: Path, folder: Path) -> Iterator[Path]:
    """Copy the WARC files of what was given into the archive; give their places there."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            if path.suffix.lower() != ".wacz":
                yield _put(stack.enter_context(path.open("rb")), path.name, folder)
                return
            package = stack.enter_context(zipfile.ZipFile(path))
            inside = [name for name in package.namelist() if name.endswith((".warc.gz", ".warc"))]
            for name in inside:
                yield _put(stack.enter_context(package.open(name)), Path(name).name, folder)
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise ArchiveError(f"can't be imported ({error})", where=path) from error
    if not inside:
        raise ArchiveError("holds no WARC file", where=path)


def _put(stream: IO[bytes], name: str, folder: Path) -> Path:
    digest = hashlib.sha256()
    partial = folder / f".{IMPORT_PREFIX}-{os.getpid()}"
    with partial.open("wb") as copy:
        while block := stream.read(BLOCK):
            digest.update(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    kept = name if name.endswith((".warc.gz", ".warc")) else f"{name}.warc"
    return partial.replace(folder / f"{IMPORT_PREFIX}-{digest.hexdigest()[:12]}-{kept}")


def _index(path: Path, catalogue: Catalogue) -> None:
    """List the records of a file; a file without any is no archive, and is not kept."""
    count = 0
    skipped: list[Skipped] = []
    try:
        for record in read_records(path, 0):
            if isinstance(record, Skipped):
                skipped.append(record)
                continue
            count += 1
            row = make_row(record, filename=path.name) if record.kind in KEPT_KINDS else None
            if row is not None:
                catalogue.put_records([row])
    finally:
        if not count:
            path.unlink()
    if not count:
        raise ArchiveError("holds no WARC record", where=path)
    if skipped:
        raise ArchiveError("; ".join(map(str, skipped)), where=path)


def _follow(row: RecordRow, catalogue: Catalogue) -> Iterator[RecordRow]:
    """A record, and those that its redirects lead to in the same file, nearest in time."""
    seen = {row.record_id}
    yield row
    while 300 <= row.status < 400 and row.location and len(seen) <= MAX_REDIRECTS:
        url = parse_url(row.location, base=row.target_uri)
        near = row.captured_at
        found = [
            candidate
            for candidate in catalogue.find_records(urlkey(url) if url else "")
            if candidate.filename == row.filename
            and candidate.record_id not in seen
            and candidate.captured_at >= near - timedelta(minutes=1)
        ]
        if not found:
            return
        row = min(found, key=lambda candidate: abs(candidate.captured_at - near))
        seen.add(row.record_id)
        yield row


def _make_arrival(
    url: str, chain: list[RecordRow], archive: WarcArchive, catalogue: Catalogue, judge: Judge
) -> Arrival:
    hops = tuple(_read_hop(row, archive, catalogue) for row in chain)
    canonical_url = parse_url(url)
    exchange = Exchange(url=url, canonical_url=canonical_url or url, hops=hops)
    return Arrival(
        target=Target(url=url, urlkey=urlkey(url), canonical_url=canonical_url, host=host(url)),
        exchange=exchange,
        verdict=judge(exchange),
        arrived_at=chain[-1].captured_at,
    )


def _read_hop(row: RecordRow, archive: WarcArchive, catalogue: Catalogue) -> Hop:
    with open_record(archive.folder / row.filename, row.offset, row.inside) as record:
        head, payload = split_block(record, max_bytes=MAX_PAYLOAD_BYTES)
    held = catalogue.find_payload(row)
    if held is not None and held.record_id != row.record_id:
        with open_record(archive.folder / held.filename, held.offset, held.inside) as record:
            _, payload = split_block(record, max_bytes=MAX_PAYLOAD_BYTES)
    return Hop(
        target_uri=row.target_uri,
        started_at=row.captured_at,
        status=row.status,
        response_head=head,
        headers=parse_head(head) or (("Content-Type", row.media_type),),
        payload=payload,
        truncated=row.truncated,
    )


def _keep(
    arrival: Arrival, row: RecordRow, path: Path, archive: WarcArchive, catalogue: Catalogue
) -> Outcome | None:
    """Remember what was found as a visit; None when it is no page, or is known already."""
    if arrival.verdict.worth is not Worth.NEW:
        return None
    visit = make_visit(arrival, row, is_same=False, note=f"imported from {path.name}")
    if catalogue.knows_visit(visit):
        return None
    archive.append([draft_visit(visit)])
    held = catalogue.find_payload(row)
    catalogue.record_visit(visit, payload_id=(held or row).record_id)
    return render_outcome(arrival, make_capture(visit, held or row), is_same=False)
