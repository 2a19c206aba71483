"""Turn an arrival into what is kept of it: records, rows, a visit, an outcome. Pure."""

from dataclasses import dataclass, replace

from indexer.archive.records import (
    Draft,
    Location,
    draft_request,
    draft_response,
    make_record_id,
    name_asked,
)
from indexer.archive.rows import RecordRow
from indexer.heads import find_field
from indexer.model import (
    HANDED_IN,
    Arrival,
    Capture,
    Captured,
    Cause,
    HandedIn,
    Hop,
    Missed,
    Outcome,
    Revisited,
    Visit,
    Worth,
)
from indexer.urls import readable_memento, redact_url, urlkey


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A hop as it goes into the file: its request, its response or revisit, and its row."""

    request: Draft
    response: Draft
    row: RecordRow  # but for its location
    is_same: bool


def draft_hop(hop: Hop) -> Drafted:
    """Draft the request and the response of a hop, and its row."""
    record_id = make_record_id()
    address = name_asked(hop)
    response = draft_response(hop, record_id=record_id)
    row = RecordRow(
        record_id=record_id,
        kind="response",
        target_uri=address,
        target_urlkey=urlkey(address),
        captured_at=hop.started_at,
        status=hop.status or 0,
        media_type=find_field(hop.headers, "Content-Type"),
        payload_digest=response.fields["WARC-Payload-Digest"],
        payload_length=len(hop.payload),
        truncated=hop.truncated,
        etag=find_field(hop.headers, "ETag"),
        last_modified=find_field(hop.headers, "Last-Modified"),
        location=find_field(hop.headers, "Location"),
        filename="",
        offset=0,
        length=0,
    )
    request = draft_request(hop, response_id=record_id)
    if hop.request_payload is not None:
        response = tie_to_request(response, request)
    return Drafted(request=request, response=response, row=row, is_same=False)


def tie_to_request(response: Draft, request: Draft) -> Draft:
    """Have the answer to a POST name its request: pywb joins two records by the later one alone."""
    tie = {"WARC-Concurrent-To": f"<{request.record_id}>"}
    return replace(response, fields={**response.fields, **tie})


def make_beside_row(draft: Draft) -> RecordRow:
    """Make the row of a record without HTTP (a file brought), but for its location."""
    return RecordRow(
        record_id=draft.record_id,
        kind=draft.kind,
        target_uri=draft.target_uri,
        target_urlkey=urlkey(draft.target_uri),
        captured_at=draft.date,
        status=200,  # as of any resource record
        media_type=draft.fields["Content-Type"],
        payload_digest=draft.fields["WARC-Payload-Digest"],
        payload_length=len(draft.payload),
        filename="",
        offset=0,
        length=0,
    )


def make_handed_visit(handed: HandedIn, row: RecordRow) -> Visit:
    """Make what the catalogue remembers of a file that was brought: who, when, its name."""
    return Visit(
        url=handed.url,
        urlkey=row.target_urlkey,
        visited_at=handed.at,
        outcome="captured",
        cause=None,
        detail=f"{handed.name}, handed in by {handed.by}",
        status=row.status,
        final_url=handed.url,
        hops=((handed.url, row.status),),
        tls_fault=None,
        record_id=row.record_id,
        payload_digest=row.payload_digest,
        archive=HANDED_IN,
        memento_at=None,
    )


def place(row: RecordRow, location: Location) -> RecordRow:
    """Make the row of a record that was written."""
    return replace(row, filename=location.filename, offset=location.offset, length=location.length)


def make_visit(arrival: Arrival, row: RecordRow | None, *, is_same: bool, note: str = "") -> Visit:
    """Make what the catalogue remembers of an arrival; `row` is that of its last hop."""
    hops = arrival.exchange.hops
    answered = [hop for hop in hops if hop.status is not None]
    kept = "revisited" if is_same else "captured"
    return Visit(
        url=redact_url(arrival.target.url),
        urlkey=arrival.target.urlkey,
        visited_at=hops[0].started_at if hops else arrival.arrived_at,
        outcome="missed" if arrival.verdict.worth is Worth.NOTHING else kept,
        cause=arrival.verdict.cause,
        detail=note or redact_url(arrival.verdict.detail),
        status=arrival.verdict.status,
        final_url=answered[-1].target_uri if answered else "",
        hops=tuple((hop.target_uri, hop.status) for hop in hops),
        tls_fault=next((hop.tls_fault for hop in hops if hop.tls_fault), None),
        record_id=row.record_id if row else "",
        payload_digest=row.payload_digest if row else "",
        archive=arrival.archive,
        memento_at=arrival.memento_at,
    )


def make_capture(visit: Visit, row: RecordRow) -> Capture:
    """Make the capture that a visit left."""
    return Capture(
        record_id=row.record_id,
        url=visit.url,
        urlkey=visit.urlkey,
        target_uri=readable_memento(row.target_uri) if visit.archive else row.target_uri,
        captured_at=visit.memento_at or row.captured_at,
        status=row.status,
        media_type=row.media_type,
        payload_digest=row.payload_digest,
        length=row.payload_length,
        truncated=row.truncated,
        etag=row.etag,
        last_modified=row.last_modified,
        archive=visit.archive,
    )


def render_outcome(arrival: Arrival, capture: Capture | None, *, is_same: bool) -> Outcome:
    """Make the outcome to tell of an arrival."""
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
    return Captured(
        url=url,
        capture=capture,
        cause=verdict.cause,
        detail=verdict.detail,
        hops=hops,
        by_scripts=verdict.by_scripts,
    )
