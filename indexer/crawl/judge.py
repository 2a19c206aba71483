"""Judge one exchange: a payload to keep, the same again, or nothing and why.

Nothing here opens a socket. The fetcher brings the exchange; we read it.

The pages that stand before a page (challenges for robots, consent, login, filters) are told by
`indexer.pagekind`, as everywhere, before anything is kept; what only the head of a response says
is told here.
"""

from types import MappingProxyType
from typing import Final

from indexer.codings import CodingFault, decode
from indexer.model import Capture, Cause, Exchange, Hop, PageKind, Verdict, Worth
from indexer.pagekind.classify import classify, is_written_by_scripts
from indexer.pagekind.page import read_page

MAX_DECODED_BYTES: Final = 128 * 2**20
READ_BYTES: Final = 131_072  # enough of a page to know a wall

# What stands between a reader and a page that may well be there.
WALLS: Final = frozenset(
    {PageKind.CAPTCHA, PageKind.CONSENT, PageKind.LOGIN, PageKind.NETWORK_FILTER}
)

CAUSE_BY_STATUS: Final = MappingProxyType(
    {
        204: Cause.EMPTY,
        205: Cause.EMPTY,
        206: Cause.UNEXPECTED_STATUS,  # nobody asked for a part
        304: Cause.UNEXPECTED_STATUS,  # nobody asked whether it changed
        401: Cause.BLOCKED,
        402: Cause.BLOCKED,
        403: Cause.BLOCKED,
        404: Cause.NOT_FOUND,
        407: Cause.BLOCKED,
        408: Cause.TIMEOUT,
        410: Cause.GONE,
        425: Cause.THROTTLED,
        429: Cause.THROTTLED,
        451: Cause.BLOCKED,
        999: Cause.BLOCKED,  # LinkedIn's
    }
)

# What a payload that ended early still is worth: kept, and said.
KEPT_CAUSES: Final = frozenset({Cause.TRUNCATED, Cause.TOO_LARGE, Cause.DEADLINE, Cause.TIMEOUT})

CAUSE_BY_CODING_FAULT: Final = MappingProxyType(
    {
        CodingFault.TOO_LARGE: Cause.TOO_LARGE,
        CodingFault.TOO_MANY: Cause.BAD_ENCODING,
        CodingFault.UNKNOWN: Cause.BAD_ENCODING,
    }
)


def judge(
    exchange: Exchange,
    *,
    previous: Capture | None = None,
    max_decoded_bytes: int = MAX_DECODED_BYTES,
) -> Verdict:
    """Say what an exchange is worth. `previous` is the capture whose validators were asked.

    Whether new bytes are the bytes of `previous` is told by their digests, which is the archive's
    business; the same again is said here only where the server says it (304).
    """
    last = exchange.hops[-1] if exchange.hops else None
    if last is None or last.status is None:
        cause = exchange.cause or Cause.BAD_RESPONSE
        return Verdict(worth=Worth.NOTHING, cause=cause, detail=exchange.detail)
    if exchange.cause is not None and exchange.cause not in KEPT_CAUSES:
        return _nothing(last, exchange.cause, exchange.detail)
    if last.status == 304 and previous is not None and _is_conditional(last):
        return Verdict(worth=Worth.SAME, detail="not modified", status=304)
    if not 200 <= last.status < 300 or last.status in CAUSE_BY_STATUS:
        return _judge_refusal(last)
    return _judge_payload(last, max_decoded_bytes)


def _judge_refusal(hop: Hop) -> Verdict:
    assert hop.status is not None
    cause = CAUSE_BY_STATUS.get(hop.status)
    if cause is None:
        is_server = 500 <= hop.status < 600
        cause = Cause.SERVER_ERROR if is_server else Cause.UNEXPECTED_STATUS
    wall = find_wall(hop, _read_payload(hop)) if cause is not Cause.NOT_FOUND else ""
    if wall and cause in (Cause.BLOCKED, Cause.SERVER_ERROR, Cause.THROTTLED):
        return _nothing(hop, Cause.BLOCKED, wall)
    return _nothing(hop, cause, f"status {hop.status}")


def _judge_payload(hop: Hop, max_decoded_bytes: int) -> Verdict:
    if not hop.payload:
        if wall := find_wall(hop, b""):
            return _nothing(hop, Cause.BLOCKED, wall)
        by_truncation = {"time": hop.cause, "disconnect": Cause.CONNECTION_RESET}
        return _nothing(
            hop, by_truncation.get(hop.truncated) or Cause.EMPTY, hop.detail or "no bytes"
        )
    coding = hop.header("Content-Encoding")
    decoded = decode(hop.payload, coding, max_bytes=max_decoded_bytes, keep=READ_BYTES)
    if decoded.fault is not None and decoded.fault in CAUSE_BY_CODING_FAULT:
        detail = f"Content-Encoding {coding[:60]!r}: {decoded.fault}"
        return _nothing(hop, CAUSE_BY_CODING_FAULT[decoded.fault], detail)
    if not decoded.length:
        return _nothing(hop, Cause.EMPTY, "no bytes")
    wall, by_scripts = look_at(hop, decoded.payload)
    if wall:
        return _nothing(hop, Cause.BLOCKED, wall)
    cause, detail = hop.cause, hop.detail
    if decoded.fault in (CodingFault.TRUNCATED, CodingFault.DAMAGED):
        cause, detail = cause or Cause.TRUNCATED, detail or f"{coding}: {decoded.fault}"
    elif decoded.fault is CodingFault.NOT_ENCODED:
        detail = detail or f"sent plain, called {coding[:60]}"
    return Verdict(
        worth=Worth.NEW,
        cause=cause or hop.tls_fault,
        detail=detail,
        status=hop.status,
        by_scripts=by_scripts,
    )


def _nothing(hop: Hop, cause: Cause, detail: str) -> Verdict:
    return Verdict(worth=Worth.NOTHING, cause=cause, detail=detail, status=hop.status)


def _is_conditional(hop: Hop) -> bool:
    head = hop.request_head.lower()
    return b"\nif-none-match:" in head or b"\nif-modified-since:" in head


def _is_markup(hop: Hop) -> bool:
    media_type = hop.header("Content-Type").lower()
    return not media_type or "html" in media_type


def _read_payload(hop: Hop) -> bytes:
    coding = hop.header("Content-Encoding")
    return decode(hop.payload, coding, max_bytes=READ_BYTES, keep=READ_BYTES).payload


def find_wall(hop: Hop, payload: bytes) -> str:
    """Find the kind of page that stands before the one asked for, by its slug; "" for none.

    `payload` is the beginning of what was served, content codings undone.
    """
    return look_at(hop, payload)[0]


def look_at(hop: Hop, payload: bytes) -> tuple[str, bool]:
    """Find the wall that a page is, as `find_wall`; say whether it is written by scripts."""
    if wall := _find_wall_of_head(hop, payload):
        return wall, False
    if not payload or not _is_markup(hop):
        return "", False
    page = read_page(
        payload,
        content_type=hop.header("Content-Type"),
        url=hop.target_uri,
        status=hop.status,
    )
    found = classify(page)
    if found.kind in WALLS and found.is_sure:
        return found.kind, False
    return "", is_written_by_scripts(page, found.kind)


def _find_wall_of_head(hop: Hop, payload: bytes) -> str:
    """Find the wall that the head of a response tells of; "" for none."""
    if hop.header("cf-mitigated").lower() == "challenge":
        return PageKind.CAPTCHA
    if hop.header("x-amzn-waf-action").lower() in ("challenge", "captcha"):
        return PageKind.CAPTCHA
    if hop.status == 202 and not payload.strip():
        return PageKind.CAPTCHA  # what AWS WAF answers to whoever runs no script
    return ""
