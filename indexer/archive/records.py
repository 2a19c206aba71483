"""Draft the WARC records of what was seen on the wire (ISO 28500:2017, WARC 1.1).

Pure: nothing is written here. A payload goes in with its content codings on and its transfer
coding off, so that the same page has the same digest however the server cut it; the header that
would then lie is renamed (docs/decisions/0041-archive.md).
"""

import base64
import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

from indexer.archive.cdxj import name_posted
from indexer.heads import find_field, parse_head
from indexer.model import BESIDE_PAGES, HandedIn, Hop, Visit

REVISIT_PROFILE: Final = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
WITHOUT_PAYLOAD: Final = frozenset({"warcinfo", "revisit"})
POSTED_FIELD: Final = "renvois-posted"  # what answers a POST: its address (`cdxj.name_posted`)
_TRANSFER_ENCODING: Final = re.compile(rb"^transfer-encoding(?=\s*:)", re.I | re.M)


class Readable(Protocol):
    """Bytes to be read to their end."""

    def read(self, size: int = -1, /) -> bytes:
        """Give up to `size` bytes, b"" at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record to be written: its named fields, and its block in two parts."""

    kind: str  # WARC-Type
    record_id: str  # "urn:uuid:…", without angle brackets
    target_uri: str
    date: datetime
    fields: Mapping[str, str] = field(default_factory=dict)
    head: bytes = b""  # of the HTTP message; "" for a block that is none
    payload: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """The place of a WARC record: a file of the archive's folder, offset and length in bytes."""

    filename: str
    offset: int
    length: int
    inside: int = 0  # bytes of its member, unpacked, before the record
    is_damaged: bool = False  # it was so already when it was imported


def make_record_id() -> str:
    """Make a WARC-Record-ID that nobody else has."""
    return f"urn:uuid:{uuid.uuid4()}"


def digest_payload(*pieces: bytes) -> str:
    """Compute the digest of a payload or a block: SHA-1 in Base 32, as every tool writes it."""
    digest = hashlib.sha1(usedforsecurity=False)
    for piece in pieces:
        digest.update(piece)
    return render_digest(digest.digest())


def render_digest(sha1: bytes) -> str:
    """Write a SHA-1 as WARC fields have it: "sha1:" and Base 32."""
    return f"sha1:{base64.b32encode(sha1).decode()}"


def digest_stream(stream: Readable) -> tuple[str, int]:
    """Compute the WARC-Payload-Digest of what is read from a stream, and its length in bytes."""
    digest = hashlib.sha1(usedforsecurity=False)
    length = 0
    while piece := stream.read(65_536):
        digest.update(piece)
        length += len(piece)
    return render_digest(digest.digest()), length


def list_fields(draft: Draft) -> dict[str, str]:
    """Make the named fields of a record, with the digests that warcio would make of streams."""
    fields = {
        "WARC-Record-ID": f"<{draft.record_id}>",
        "WARC-Date": render_date(draft.date),
        "WARC-Block-Digest": digest_payload(draft.head, draft.payload),
        **draft.fields,
    }
    if draft.kind not in WITHOUT_PAYLOAD:
        fields.setdefault("WARC-Payload-Digest", digest_payload(draft.payload))
    return fields


def name_asked(hop: Hop) -> str:
    """Name what a hop asked for: its address, with what was posted where something was."""
    if hop.request_payload is None:
        return hop.target_uri
    media_type = find_field(parse_head(hop.request_head), "Content-Type")
    return name_posted(hop.target_uri, media_type, hop.request_payload)


def draft_request(hop: Hop, *, response_id: str) -> Draft:
    """Make the request of a hop, tied to its response."""
    fields = {"WARC-Concurrent-To": f"<{response_id}>", **_shared_fields(hop)}
    fields.pop("WARC-Truncated", None)  # said of the answer
    return Draft(
        kind="request",
        record_id=make_record_id(),
        target_uri=hop.target_uri,
        date=hop.started_at,
        fields=fields,
        head=hop.request_head,
        payload=hop.request_payload or b"",
    )


def draft_response(hop: Hop, *, record_id: str) -> Draft:
    """Make the response of a hop, payload and all."""
    fields = {"WARC-Payload-Digest": digest_payload(hop.payload), **_shared_fields(hop)}
    return Draft(
        kind="response",
        record_id=record_id,
        target_uri=hop.target_uri,
        date=hop.started_at,
        fields=fields,
        head=_rename_transfer_encoding(hop.response_head),
        payload=hop.payload,
    )


def draft_revisit(
    hop: Hop,
    *,
    record_id: str,
    payload_digest: str,
    refers_to: str,
    refers_to_uri: str,
    refers_to_date: datetime,
    head: bytes,
) -> Draft:
    """Draft a revisit record: which record holds the payload, and the head to show with it.

    After a 304 the head is that of the response that is referred to: replayed with its own, the
    page would be an empty 304.
    """
    fields = {
        "WARC-Profile": REVISIT_PROFILE,
        "WARC-Refers-To": f"<{refers_to}>",
        "WARC-Refers-To-Target-URI": refers_to_uri,
        "WARC-Refers-To-Date": render_date(refers_to_date),
        "WARC-Payload-Digest": payload_digest,
        **_shared_fields(hop),
    }
    return Draft(
        kind="revisit",
        record_id=record_id,
        target_uri=hop.target_uri,
        date=hop.started_at,
        fields=fields,
        head=_rename_transfer_encoding(head),
    )


def draft_resource(handed: HandedIn) -> Draft:
    """Draft the record of a file that a person brought: no exchange of HTTP, a resource."""
    return Draft(
        kind="resource",
        record_id=make_record_id(),
        target_uri=handed.url,
        date=handed.at,
        fields={
            "Content-Type": handed.media_type,
            "WARC-Payload-Digest": digest_payload(handed.payload),
        },
        payload=handed.payload,
    )


def draft_visit(visit: Visit) -> Draft:
    """Say what a visit was for and what came of it: the catalogue is read back from these."""
    lines = {
        "renvois-url": visit.url,
        "renvois-outcome": visit.outcome,
        "renvois-cause": visit.cause or "",
        "renvois-detail": visit.detail,
        "renvois-status": "" if visit.status is None else str(visit.status),
        "renvois-tls-fault": visit.tls_fault or "",
        "renvois-archive": visit.archive,
        "renvois-memento-datetime": render_date(visit.memento_at) if visit.memento_at else "",
        "renvois-payload-digest": visit.payload_digest,
    }
    hops = [f"{'-' if status is None else status} {uri}" for uri, status in visit.hops]
    fields = [*lines.items(), *(("renvois-hop", hop) for hop in hops)]
    concurrent = {"WARC-Concurrent-To": f"<{visit.record_id}>"} if visit.record_id else {}
    last_uri = visit.hops[-1][0] if visit.hops else ""
    return Draft(
        kind="metadata",
        record_id=make_record_id(),
        target_uri=visit.final_url if visit.archive in BESIDE_PAGES else last_uri,
        date=visit.visited_at,
        fields=concurrent,
        payload=render_fields(fields),
    )


def render_fields(fields: list[tuple[str, str]]) -> bytes:
    """application/warc-fields: a name and a value a line, empty ones left out."""
    lines = [f"{name}: {' '.join(value.split())}\r\n" for name, value in fields if value]
    return "".join(lines).encode("utf-8", "replace")


def parse_fields(block: bytes) -> list[tuple[str, str]]:
    """Parse the names and values of application/warc-fields."""
    lines = block.decode("utf-8", "replace").splitlines()
    pairs = (line.partition(":") for line in lines if ":" in line)
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def render_date(moment: datetime) -> str:
    """Write a WARC-Date with microseconds, as WARC 1.1 has it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def parse_date(text: str) -> datetime:
    """Any WARC-Date, of 1.0 or 1.1, down to the year, or a date of ARC; ValueError for others."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except ValueError:
        patterns = ("%Y-%m-%dT%H:%MZ", "%Y-%m-%d", "%Y-%m", "%Y", "%Y%m%d%H%M%S", "%Y%m%d%H%M")
        for pattern in patterns:
            try:
                return datetime.strptime(text, pattern).replace(tzinfo=UTC)
            except ValueError:
                continue
        raise


def _shared_fields(hop: Hop) -> dict[str, str]:
    fields = {}
    if hop.ip_address:
        fields["WARC-IP-Address"] = hop.ip_address.strip("[]")
    if hop.truncated:
        fields["WARC-Truncated"] = hop.truncated
    if hop.request_payload is not None:
        fields[POSTED_FIELD] = name_asked(hop)
    return fields


def _rename_transfer_encoding(head: bytes) -> bytes:
    return _TRANSFER_ENCODING.sub(b"X-Crawler-Transfer-Encoding", head)
