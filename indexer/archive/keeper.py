"""Keep what arrived: records on the disk, then the row, then the outcome is told.

In that order, so that whatever stops us, no outcome is told that is not kept. Nothing is fetched
and nothing is judged here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from indexer.archive.catalogue import Catalogue
from indexer.archive.records import (
    Draft,
    digest_payload,
    draft_request,
    draft_response,
    draft_revisit,
    draft_visit,
    make_record_id,
)
from indexer.archive.rows import RecordRow
from indexer.archive.warc import Location, WarcArchive
from indexer.heads import find_field
from indexer.model import (
    Arrival,
    Capture,
    Captured,
    Cause,
    Due,
    Exchange,
    Hop,
    Missed,
    Outcome,
    Revisited,
    Robots,
    Verdict,
    Visit,
    Worth,
)
from indexer.urls import redact_url, urlkey


class NextDue(Protocol):
    """`indexer.crawl.schedule.next_due`."""

    def __call__(
        self,
        verdict: Verdict,
        *,
        is_same: bool,
        visited_at: datetime,
        key: str,
        before: Due | None,
    ) -> Due:
        """When to go back after a visit."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drafted:
    """A hop as it goes into the file: its request, its response or revisit, and its row."""

    request: Draft
    response: Draft
    row: RecordRow  # but for its location
    is_same: bool


class Keeper:
    """Keeps arrivals in an archive and its catalogue."""

    def __init__(self, archive: WarcArchive, catalogue: Catalogue, *, next_due: NextDue) -> None:
        self._archive = archive
        self._catalogue = catalogue
        self._next_due = next_due

    def keep(self, arrival: Arrival) -> Outcome:
        """Keep an arrival; say what came of it. Raises ArchiveError, CatalogueError."""
        if arrival.not_before is not None:
            self._catalogue.hold_host(arrival.target.host, arrival.not_before)
        if not arrival.is_asked:
            return _render_outcome(arrival, None, is_same=False)
        hops = arrival.exchange.hops
        drafted = [
            self._draft(hop, arrival, is_last=hop is hops[-1])
            for hop in hops
            if hop.status is not None
        ]
        last = drafted[-1] if drafted and hops[-1].status is not None else None
        is_kept = last is not None and arrival.verdict.worth is not Worth.NOTHING
        is_same = last is not None and last.is_same and is_kept
        visit = _make_visit(arrival, last.row if last else None, is_same=is_same)
        rows = self._write(drafted, [draft_visit(visit)])
        payload_id = ""
        if last is not None and is_kept:
            payload_id = last.row.refers_to if is_same else last.row.record_id
        key = arrival.target.urlkey
        due = self._next_due(
            arrival.verdict,
            is_same=is_same,
            visited_at=arrival.arrived_at,
            key=key,
            before=self._catalogue.targets.find_due(key),
        )
        self._catalogue.record_visit(visit, rows, payload_id=payload_id, due=due)
        capture = None
        if last is not None and is_kept:
            capture = arrival.target.previous if is_same else _make_capture(visit, last.row)
        return _render_outcome(arrival, capture, is_same=is_same)

    def keep_robots(self, robots: Robots, exchange: Exchange) -> None:
        """Keep a robots.txt: the proof of what we were allowed."""
        drafted = [_draft_response(hop) for hop in exchange.hops if hop.status is not None]
        rows = self._write(drafted, []) if drafted else []
        self._catalogue.put_robots(robots, rows)

    def _draft(self, hop: Hop, arrival: Arrival, *, is_last: bool) -> _Drafted:
        drafted = _draft_response(hop)
        held = arrival.target.previous
        if held is None or not is_last:
            return drafted
        worth = arrival.verdict.worth
        has_same_bytes = drafted.row.payload_digest == held.payload_digest
        if worth is Worth.SAME:
            return self._draft_revisit(drafted, hop, held, head=self._read_head(held))
        if worth is Worth.NEW and has_same_bytes:
            return self._draft_revisit(drafted, hop, held, head=hop.response_head)
        return drafted

    def _draft_revisit(
        self, drafted: _Drafted, hop: Hop, held: Capture, *, head: bytes
    ) -> _Drafted:
        record_id = drafted.row.record_id
        revisit = draft_revisit(
            hop,
            record_id=record_id,
            payload_digest=held.payload_digest,
            refers_to=held.record_id,
            refers_to_uri=held.target_uri,
            refers_to_date=held.captured_at,
            head=head,
        )
        row = replace(
            drafted.row,
            kind="revisit",
            status=held.status,
            media_type=held.media_type,
            payload_digest=held.payload_digest,
            payload_length=held.length,
            refers_to=held.record_id,
        )
        return replace(drafted, response=revisit, row=row, is_same=True)

    def _read_head(self, held: Capture) -> bytes:
        location = self._catalogue.find_location(held.record_id)
        if location is None:
            return b""
        return self._archive.read_head(location.filename, location.offset)

    def _write(self, drafted: Sequence[_Drafted], others: Sequence[Draft]) -> list[RecordRow]:
        """Write all records of an exchange at once; the rows say where they are."""
        pairs = [draft for hop in drafted for draft in (hop.request, hop.response)]
        locations = self._archive.append([*pairs, *others])
        return [
            _place(hop.row, location)
            for hop, location in zip(drafted, locations[1 : len(pairs) : 2], strict=True)
        ]


def _draft_response(hop: Hop) -> _Drafted:
    record_id = make_record_id()
    response = draft_response(hop, record_id=record_id)
    row = RecordRow(
        record_id=record_id,
        kind="response",
        target_uri=hop.target_uri,
        target_urlkey=urlkey(hop.target_uri),
        captured_at=hop.started_at,
        status=hop.status or 0,
        media_type=find_field(hop.headers, "Content-Type"),
        payload_digest=digest_payload(hop.payload),
        payload_length=len(hop.payload),
        truncated=hop.truncated,
        etag=find_field(hop.headers, "ETag"),
        last_modified=find_field(hop.headers, "Last-Modified"),
        filename="",
        offset=0,
        length=0,
    )
    request = draft_request(hop, response_id=record_id)
    return _Drafted(request=request, response=response, row=row, is_same=False)


def _place(row: RecordRow, location: Location) -> RecordRow:
    return replace(row, filename=location.filename, offset=location.offset, length=location.length)


def _make_visit(arrival: Arrival, row: RecordRow | None, *, is_same: bool) -> Visit:
    hops = arrival.exchange.hops
    answered = [hop for hop in hops if hop.status is not None]
    kept = "revisited" if is_same else "captured"
    return Visit(
        url=redact_url(arrival.target.url),
        urlkey=arrival.target.urlkey,
        visited_at=hops[0].started_at if hops else arrival.arrived_at,
        outcome="missed" if arrival.verdict.worth is Worth.NOTHING else kept,
        cause=arrival.verdict.cause,
        detail=redact_url(arrival.verdict.detail),
        status=arrival.verdict.status,
        final_url=answered[-1].target_uri if answered else "",
        hops=tuple((hop.target_uri, hop.status) for hop in hops),
        tls_fault=next((hop.tls_fault for hop in hops if hop.tls_fault), None),
        record_id=row.record_id if row else "",
        payload_digest=row.payload_digest if row else "",
        archive=arrival.archive,
    )


def _make_capture(visit: Visit, row: RecordRow) -> Capture:
    return Capture(
        record_id=row.record_id,
        url=visit.url,
        urlkey=visit.urlkey,
        target_uri=row.target_uri,
        captured_at=row.captured_at,
        status=row.status,
        media_type=row.media_type,
        payload_digest=row.payload_digest,
        length=row.payload_length,
        truncated=row.truncated,
        etag=row.etag,
        last_modified=row.last_modified,
        archive=visit.archive,
    )


def _render_outcome(arrival: Arrival, capture: Capture | None, *, is_same: bool) -> Outcome:
    url = redact_url(arrival.target.url)
    hops = tuple(hop.target_uri for hop in arrival.exchange.hops)
    verdict = arrival.verdict
    if capture is None:
        return Missed(
            url=url,
            cause=verdict.cause or Cause.BAD_RESPONSE,
            detail=redact_url(verdict.detail),
            status=verdict.status,
            hops=hops,
        )
    if is_same:
        return Revisited(url=url, capture=capture, hops=hops)
    return Captured(url=url, capture=capture, cause=verdict.cause, detail=verdict.detail, hops=hops)
