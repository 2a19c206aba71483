"""Take WARC, ARC and WACZ files that others wrote, and use them as visits of cited URLs.

The files are copied into the archive as they are, byte for byte (`unpack`). Of a file of ours the
visits come as they were made: what was captured, what failed, when and why. Of others' files each
capture of a cited URL becomes a visit at its date; where it was redirected, the redirects are
followed inside what was imported. An error is a visit too: that a page was 404 in 2019 is history.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from indexer.archive.catalogue import Catalogue
from indexer.archive.drafting import make_capture, make_visit, render_outcome
from indexer.archive.keeper import NextDue
from indexer.archive.reading import Record, Skipped, open_record, read_records, split_block
from indexer.archive.records import draft_visit
from indexer.archive.reindex import (
    KEPT_KINDS,
    make_row,
    parse_visit_record,
    put_visit,
)
from indexer.archive.rows import DAMAGED, RecordRow
from indexer.archive.unpack import (
    Bounds,
    Copied,
    NotTaken,
    copy_archives,
    remove_partials,
    safe_name,
)
from indexer.archive.warc import WarcArchive
from indexer.errors import ArchiveError
from indexer.heads import parse_head
from indexer.messages import Message, message
from indexer.model import (
    REQUISITES,
    Arrival,
    Captured,
    Cause,
    Exchange,
    Hop,
    Missed,
    Outcome,
    Revisited,
    Target,
    Verdict,
    Visit,
    Worth,
)
from indexer.urls import host, parse_url, urlkey

MAX_REDIRECTS: Final = 10
# Content codings on. Enough to tell a page from a wall; what is beyond stays in the file.
MAX_JUDGED_BYTES: Final = 16 * 2**20
DEFAULT_BOUNDS: Final = Bounds()

Judge = Callable[[Exchange], Verdict]


def import_file(
    path: Path,
    archive: WarcArchive,
    catalogue: Catalogue,
    *,
    judge: Judge,
    next_due: NextDue,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> Iterator[Outcome | NotTaken]:
    """Import a WARC, ARC or WACZ file; an outcome for each visit that it holds anew.

    What could not be taken is given as `NotTaken`, with the reason; all the rest is used. `judge`
    is `indexer.crawl.judge`, `next_due` `indexer.crawl.next_due`. To be called by whoever holds
    the lock of the corpus. Raises ArchiveError when nothing of the file can be used, or when it
    would expand beyond `bounds`.
    """
    remove_partials(archive.folder)
    run = _Import(path, archive, catalogue, judge, next_due)
    for copied in copy_archives(path, archive.folder, bounds=bounds):
        if isinstance(copied, NotTaken):
            run.refused.append(copied)
        else:
            yield from run.read(copied)
    if not run.filenames:
        raise ArchiveError(_render_refusals(run.refused), where=path)
    yield from run.refused
    yield from run.settle()
    for planned in list(catalogue.targets.planned()):
        yield from run.use(planned.url, planned.urlkey)
    yield from run.tell_unused()


@dataclass(slots=True)
class _Import:
    """One import under way."""

    path: Path
    archive: WarcArchive
    catalogue: Catalogue
    judge: Judge
    next_due: NextDue
    filenames: set[str] = field(default_factory=set)  # in the archive
    refused: list[NotTaken] = field(default_factory=list)
    pending: list[Visit] = field(default_factory=list)  # whose records were not read yet
    unused: Counter[Message] = field(default_factory=Counter)
    odd_count: int = 0
    odd: NotTaken | None = None  # the first record that was taken though something was odd

    def read(self, copied: Copied) -> Iterator[Outcome | NotTaken]:
        """List the records of a file, and take the visits that it tells of.

        A file without any record is no archive: its copy is not kept.
        """
        count = 0
        fault: NotTaken | None = None
        try:
            for record in read_records(copied.path):
                if isinstance(record, Skipped):
                    self.refused.append(_render_skipped(record, copied.name))
                    continue
                count += 1
                yield from self._read_record(record, copied)
        except ArchiveError as error:
            fault = NotTaken(name=copied.name, what=error.what)
        finally:
            if not count and copied.is_new:
                copied.path.unlink(missing_ok=True)
        if count:
            self.filenames.add(copied.path.name)
        elif fault is None and not any(each.name == copied.name for each in self.refused):
            fault = NotTaken(name=copied.name, what=message("error.import.no-record"))
        if fault is not None:
            self.refused.append(fault)

    def settle(self) -> Iterator[Outcome]:
        """Take the visits whose records stood in another file, or are lost.

        Of a lost capture the visit is remembered all the same; its record may still be imported.
        """
        waiting, self.pending = self.pending, []
        for visit in waiting:
            yield from self._take(visit, is_last_call=True)

    def use(self, url: str, key: str) -> Iterator[Outcome]:
        """Make visits of the captures of a cited URL that no visit tells of yet."""
        used: set[str] = set()
        known = {visit.record_id for visit in self.catalogue.visits(key)}
        for row in self.catalogue.find_records(key):
            if row.filename not in self.filenames or row.record_id in used:
                continue
            chain = list(self._follow(row))
            used |= {hop.record_id for hop in chain}
            if chain[-1].record_id not in known:
                yield from self._keep(url, key, chain)

    def tell_unused(self) -> Iterator[NotTaken]:
        """Count what was odd, and the captures of cited URLs that say nothing of them."""
        if self.odd is not None:
            what = message("error.import.odd", count=self.odd_count, what=self.odd.what)
            yield replace(self.odd, what=what)
        for reason, count in self.unused.items():
            what = message("error.import.unused", count=count, reason=reason)
            yield NotTaken(name=safe_name(self.path.name), what=what, is_fault=False)

    def _read_record(self, record: Record, copied: Copied) -> Iterator[Outcome | NotTaken]:
        """List a record, or take the visit that it tells of."""
        self._note(record, copied.name)
        if record.damage:
            self.refused.append(_render_damage(record, copied.name))
        if record.kind in KEPT_KINDS:
            row = make_row(record, filename=copied.path.name)
            self.catalogue.put_records([row] if row is not None else [])
        elif record.kind == "metadata":
            yield from self._read_visit(record, copied.name)

    def _note(self, record: Record, name: str) -> None:
        for odd in (record.fault, record.note):
            if odd:
                self.odd_count += 1
                self.odd = self.odd or NotTaken(
                    name=name,
                    what=odd,
                    offset=record.offset,
                    is_fault=False,
                )

    def _read_visit(self, record: Record, name: str) -> Iterator[Outcome | NotTaken]:
        """Take the visit that a metadata record tells of, if it is one of ours."""
        try:
            visit = parse_visit_record(record)
        except ValueError as error:
            what = message("error.import.visit", error=str(error))
            yield NotTaken(name=name, what=what, offset=record.offset)
            return
        if visit is not None:
            yield from self._take(visit)

    def _take(self, visit: Visit, *, is_last_call: bool = False) -> Iterator[Outcome]:
        """Remember a visit of ours, as it was made."""
        row = self.catalogue.find_record(visit.record_id) if visit.record_id else None
        if row is None and visit.outcome != "missed" and not is_last_call:
            self.pending.append(visit)
            return
        is_new = put_visit(visit, self.catalogue, self.next_due)
        if is_new and visit.archive != REQUISITES:
            yield _render_visit(visit, self.catalogue.find_payload(row) if row else None)

    def _follow(self, row: RecordRow) -> Iterator[RecordRow]:
        """Follow a record to those that its redirects lead to in this import, nearest in time."""
        seen = {row.record_id}
        yield row
        while 300 <= row.status < 400 and row.location and len(seen) <= MAX_REDIRECTS:
            url = parse_url(row.location, base=row.target_uri)
            near = row.captured_at
            found = [
                candidate
                for candidate in self.catalogue.find_records(urlkey(url) if url else "")
                if candidate.filename in self.filenames
                and candidate.record_id not in seen
                and candidate.captured_at >= near - timedelta(minutes=1)
            ]
            if not found:
                return
            row = min(found, key=lambda candidate: abs(candidate.captured_at - near))
            seen.add(row.record_id)
            yield row

    def _keep(self, url: str, key: str, chain: list[RecordRow]) -> Iterator[Outcome]:
        """Remember what others captured as a visit, unless it is known or says nothing."""
        row = chain[-1]
        held = self.catalogue.find_payload(row)
        if 300 <= row.status < 400:
            self.unused[message("error.import.redirect")] += 1
        elif held is None:
            self.unused[message("error.import.unchanged")] += 1
        else:
            arrival = self._make_arrival(url, key, chain, held)
            is_new = arrival.verdict.worth is Worth.NEW
            if any(each.truncated == DAMAGED for each in (*chain, held)):
                if not is_new:
                    self.unused[message("error.import.damaged-page")] += 1
                    return
                verdict = replace(arrival.verdict, cause=Cause.DAMAGED, detail="damaged record")
                arrival = replace(arrival, verdict=verdict)
            elif not is_new and not _is_refusal(arrival.verdict):
                self.unused[
                    message("error.said", text=arrival.verdict.detail or str(arrival.verdict.cause))
                ] += 1
                return
            yield from self._keep_arrival(arrival, row, held)

    def _keep_arrival(self, arrival: Arrival, row: RecordRow, held: RecordRow) -> Iterator[Outcome]:
        verdict = arrival.verdict
        is_new = verdict.worth is Worth.NEW
        source = f"imported from {safe_name(self.path.name)}"
        note = source if is_new or not verdict.detail else f"{verdict.detail}, {source}"
        visit = make_visit(arrival, row, is_same=False, note=note)
        if self.catalogue.knows_visit(visit):
            return
        self.archive.append([draft_visit(visit)])
        self.catalogue.record_visit(visit, payload_id=held.record_id if is_new else "")
        capture = make_capture(visit, held) if is_new else None
        yield render_outcome(arrival, capture, is_same=False)

    def _make_arrival(self, url: str, key: str, chain: list[RecordRow], held: RecordRow) -> Arrival:
        *redirects, last = chain
        head, payload = self._read(last, MAX_JUDGED_BYTES)
        if held.record_id != last.record_id:
            _, payload = self._read(held, MAX_JUDGED_BYTES)
        hops = (
            *(_make_hop(row, self._read(row, 0)[0], b"") for row in redirects),
            _make_hop(last, head, payload),
        )
        canonical_url = parse_url(url)
        exchange = Exchange(url=url, canonical_url=canonical_url or url, hops=hops)
        verdict = self.judge(exchange)
        if len(payload) >= MAX_JUDGED_BYTES and verdict.worth is Worth.NEW:
            # Cut here, not by whoever captured it.
            verdict = replace(verdict, cause=None, detail="")
        return Arrival(
            target=Target(url=url, urlkey=key, canonical_url=canonical_url, host=host(url)),
            exchange=exchange,
            verdict=verdict,
            arrived_at=last.captured_at,
        )

    def _read(self, row: RecordRow, max_bytes: int) -> tuple[bytes, bytes]:
        """Read the head of a record, and up to so many bytes of its payload."""
        path = self.archive.folder / row.filename
        is_damaged = row.truncated == DAMAGED
        with open_record(path, row.offset, row.inside, is_damaged=is_damaged) as record:
            return split_block(record, max_bytes=max_bytes)


def _make_hop(row: RecordRow, head: bytes, payload: bytes) -> Hop:
    return Hop(
        target_uri=row.target_uri,
        started_at=row.captured_at,
        status=row.status,
        response_head=head,
        headers=parse_head(head) or (("Content-Type", row.media_type),),
        payload=payload,
        truncated=row.truncated,
    )


def _render_refusals(refused: Sequence[NotTaken]) -> Message:
    """Say why nothing at all was taken, in one sentence."""
    told = tuple(dict.fromkeys(each.what for each in refused))
    return message("error.import.nothing", told=told)


def _render_skipped(skipped: Skipped, name: str) -> NotTaken:
    """Tell what a file holds that can't be read, and where."""
    return NotTaken(
        name=name,
        what=skipped.reason,
        offset=skipped.offset,
        length=skipped.length,
        url=skipped.target_uri,
    )


def _render_damage(record: Record, name: str) -> NotTaken:
    """Tell of a record that is used although it is damaged, and where it stands."""
    return NotTaken(
        name=name,
        what=message("error.import.kept-damaged", damage=record.damage),
        offset=record.offset,
        length=record.length or None,
        url=record.target_uri,
    )


def _is_refusal(verdict: Verdict) -> bool:
    """Whether a server said no: of others' captures, an empty one may be theirs, not its."""
    return (verdict.status or 0) >= 400 or verdict.cause is Cause.BLOCKED


def _render_visit(visit: Visit, held: RecordRow | None) -> Outcome:
    """Make the outcome of a visit of ours that was imported; `held`: the record of its payload."""
    hops = tuple(uri for uri, _ in visit.hops)
    if visit.outcome == "missed" or held is None:
        return Missed(
            url=visit.url,
            cause=visit.cause or Cause.BAD_RESPONSE,
            detail=visit.detail,
            status=visit.status,
            hops=hops,
        )
    capture = make_capture(visit, held)
    if visit.outcome == "revisited":
        return Revisited(url=visit.url, capture=capture, hops=hops)
    return Captured(
        url=visit.url, capture=capture, cause=visit.cause, detail=visit.detail, hops=hops
    )
