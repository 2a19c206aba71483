"""Keep what arrived: records on the disk, then the row, then the outcome is told.

In that order, so that whatever stops us, no outcome is told that is not kept. Nothing is fetched
and nothing is judged here.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from indexer.archive.catalogue import Catalogue
from indexer.archive.cdxj import split_posted
from indexer.archive.drafting import (
    Drafted,
    draft_hop,
    make_beside_row,
    make_capture,
    make_handed_visit,
    make_visit,
    place,
    render_outcome,
)
from indexer.archive.records import (
    Draft,
    draft_resource,
    draft_revisit,
    draft_visit,
)
from indexer.archive.rows import RecordRow
from indexer.archive.warc import WarcArchive
from indexer.errors import DamagedRecordError
from indexer.heads import NO_SECRETS, Secrets, redact_values
from indexer.model import (
    Arrival,
    Capture,
    Due,
    Exchange,
    HandedIn,
    Hop,
    Outcome,
    Robots,
    Verdict,
    Visit,
    Worth,
)


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


class Keeper:
    """Keeps arrivals in an archive and its catalogue."""

    def __init__(
        self,
        archive: WarcArchive,
        catalogue: Catalogue,
        *,
        next_due: NextDue,
        secrets: Secrets = NO_SECRETS,
    ) -> None:
        """Keep in an archive and a catalogue; `next_due` says when a page is to be seen again."""
        self._secrets = secrets
        self._archive = archive
        self._catalogue = catalogue
        self._next_due = next_due

    def keep(self, arrival: Arrival) -> Outcome:
        """Keep an arrival; say what came of it. Raises ArchiveError, CatalogueError."""
        if arrival.not_before is not None:
            self._catalogue.hosts.hold(arrival.target.host, arrival.not_before)
        if not arrival.is_asked:
            return render_outcome(arrival, None, is_same=False)
        drafted, last = self._draft_hops(arrival)
        visit_row = last.row if last else None
        kept = last if arrival.verdict.worth is not Worth.NOTHING else None
        is_same = kept is not None and kept.is_same
        visit = make_visit(arrival, visit_row, is_same=is_same)
        rows = self._write(drafted, [draft_visit(visit)])
        due = None if arrival.archive else self._find_due(arrival, is_same=is_same)
        payload_id, capture = "", None
        if kept is not None and is_same:
            payload_id, capture = kept.row.refers_to, arrival.target.previous
        elif kept is not None:
            payload_id, capture = kept.row.record_id, make_capture(visit, kept.row)
        self._catalogue.record_visit(visit, rows, payload_id=payload_id, due=due, is_now=True)
        return render_outcome(arrival, capture, is_same=is_same)

    def _draft_hops(self, arrival: Arrival) -> tuple[list[Drafted], Drafted | None]:
        """Draft the responses of an arrival; and its last hop's alone, None where none came."""
        hops = arrival.exchange.hops
        drafted = [
            self._draft(hop, arrival, is_last=hop is hops[-1])
            for hop in hops
            if hop.status is not None
        ]
        return drafted, drafted[-1] if drafted and hops[-1].status is not None else None

    def hand_in(self, handed: HandedIn) -> Capture:
        """Keep a file that a person brings as the text of a URL, and who did when.

        The page is visited as before: what was brought says nothing of the link. Raises
        ArchiveError, CatalogueError.
        """
        draft = draft_resource(handed)
        row = make_beside_row(draft)
        visit = make_handed_visit(handed, row)
        location, _ = self._archive.append([draft, draft_visit(visit)])
        row = place(row, location)
        self._catalogue.record_visit(visit, [row], payload_id=row.record_id, is_now=True)
        return make_capture(visit, row)

    def _find_due(self, arrival: Arrival, *, is_same: bool) -> Due:
        """When to go back; what an archive answered says nothing about the live page."""
        key = arrival.target.urlkey
        return self._next_due(
            arrival.verdict,
            is_same=is_same,
            visited_at=arrival.arrived_at,
            key=key,
            before=self._catalogue.targets.find_due(key),
        )

    def keep_robots(self, robots: Robots, exchange: Exchange) -> None:
        """Keep a robots.txt: the proof of what we were allowed."""
        self._catalogue.hosts.put_robots(robots, self._write_hops(exchange))

    def keep_beside(self, exchange: Exchange) -> None:
        """Keep an exchange that was no visit of a link: the proof of what a host answers."""
        self._catalogue.put_records(self._write_hops(exchange))

    def keep_part(self, exchange: Exchange) -> list[RecordRow]:
        """Keep an exchange for what a page needs; a payload that is kept already as a revisit."""
        drafted = [self._draft_part(hop) for hop in exchange.hops if hop.status is not None]
        rows = self._write(drafted, []) if drafted else []
        self._catalogue.put_records(rows)
        return rows

    def keep_beside_page(self, visit: Visit, others: Sequence[Draft] = ()) -> None:
        """Keep what was captured beside a page, and the visit that tells of it."""
        rows = [make_beside_row(draft) for draft in others]
        locations = self._archive.append([*others, draft_visit(visit)])
        placed = [place(row, location) for row, location in zip(rows, locations, strict=False)]
        self._catalogue.record_visit(visit, placed, payload_id=visit.record_id, is_now=True)

    def _draft_part(self, hop: Hop) -> Drafted:
        drafted = draft_hop(hop)
        is_whole = hop.status == 200 and hop.payload and not hop.truncated
        # Readers find what a revisit refers to by a plain address: no POST, and none of a POST.
        is_known = is_whole and hop.request_payload is None
        held = self._catalogue.find_same(drafted.row.payload_digest) if is_known else None
        if held is None or split_posted(held.target_uri)[1]:
            return drafted
        return self._draft_revisit(drafted, hop, held, head=hop.response_head)

    def _write_hops(self, exchange: Exchange) -> list[RecordRow]:
        drafted = [draft_hop(hop) for hop in exchange.hops if hop.status is not None]
        return self._write(drafted, []) if drafted else []

    def _draft(self, hop: Hop, arrival: Arrival, *, is_last: bool) -> Drafted:
        drafted = draft_hop(hop)
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
        self, drafted: Drafted, hop: Hop, held: Capture | RecordRow, *, head: bytes
    ) -> Drafted:
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
            payload_length=held.length if isinstance(held, Capture) else held.payload_length,
            refers_to=held.record_id,
        )
        return replace(drafted, response=revisit, row=row, is_same=True)

    def _read_head(self, held: Capture) -> bytes:
        """Find the head to show after a 304; none where the record was taken away, or is damaged.

        One that was archived before its secrets were hidden is not repeated with them. A page
        whose record is damaged is asked for anew the next time.
        """
        location = self._catalogue.find_location(held.record_id)
        if location is None or not (self._archive.folder / location.filename).exists():
            return b""
        try:
            head = self._archive.read_head(location.filename, location.offset, location.inside)
        except DamagedRecordError:
            self._catalogue.mark_damaged(held.record_id)
            return b""
        return redact_values(head, self._secrets.values)

    def _write(self, drafted: Sequence[Drafted], others: Sequence[Draft]) -> list[RecordRow]:
        """Write all records of an exchange at once; the rows say where they are."""
        pairs = [draft for hop in drafted for draft in (hop.request, hop.response)]
        locations = self._archive.append([*pairs, *others])
        return [
            place(hop.row, location)
            for hop, location in zip(drafted, locations[1 : len(pairs) : 2], strict=True)
        ]
