"""Say where a response sends its reader: a Location, a Refresh, a meta refresh.

Nothing here fetches; what may be fetched is decided elsewhere.
"""

import html
import re
from dataclasses import dataclass
from typing import Final

from indexer.codings import decode
from indexer.model import Cause, Hop
from indexer.urls import is_web_url, parse_url

REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
MAX_REFRESH_S: Final = 5  # longer, it is a page that a reader reads
SEARCHED_BYTES: Final = 65_536  # a meta refresh stands in the head

# What a browser that runs scripts does not see as markup.
_HIDDEN: Final = re.compile(
    rb"<!--.*?(?:-->|$)|<(script|style|noscript|template|textarea|title|iframe)\b.*?(?:</\1|$)",
    re.I | re.S,
)
_META: Final = re.compile(
    rb"""<meta\b(?=[^>]*\bhttp-equiv\s*=\s*["']?\s*refresh\b)(?:[^>"']|"[^"]*"|'[^']*')*>""", re.I
)
_CONTENT: Final = re.compile(rb"""\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.I)
# HTML, "shared declarative refresh steps".
_REFRESH: Final = re.compile(
    r"""\s*(\d+)(?:\.[\d.]*)?(?:(?:\s*[;,]|\s)\s*(?:url\s*=\s*)?(?:"([^"]*)"?|'([^']*)'?|(.*)))?""",
    re.I | re.S,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The target of a redirect: a URL to ask next, or why it cannot be followed."""

    url: str = ""
    cause: Cause | None = None
    detail: str = ""


def find_step(hop: Hop) -> Step | None:
    """Find the next step after a response; None when the response is the last."""
    if hop.status is None or hop.cause is not None:
        return None
    if hop.status in REDIRECT_STATUSES:
        location = hop.header("Location").strip()
        if not location:
            return Step(cause=Cause.BAD_REDIRECT, detail=f"{hop.status} without a Location")
        return _step_to(_escape(location.encode("latin-1")), hop.target_uri)
    if 200 <= hop.status < 300:
        return _find_refresh(hop)
    return None


def _step_to(location: str, base: str) -> Step:
    url = parse_url(location, base=base)
    if url is None:
        return Step(cause=Cause.BAD_REDIRECT, detail=f"to {location[:100]!r}")
    if not is_web_url(url):
        return Step(cause=Cause.FORBIDDEN_SCHEME, detail=f"to {url[:100]}")
    return Step(url=url)


def _find_refresh(hop: Hop) -> Step | None:
    wanted = _escape(hop.header("Refresh").encode("latin-1")) or _read_meta(hop)
    match = _REFRESH.match(wanted)
    if match is None or int(match[1][:9]) > MAX_REFRESH_S:
        return None
    location = (match[2] or match[3] or match[4] or "").strip()
    if not location:
        return None  # the page reloads itself
    step = _step_to(location, hop.target_uri)
    if step.url == hop.target_uri or step.cause is not None:
        return None  # the page is here; a refresh that leads nowhere takes nothing from it
    return step


def _read_meta(hop: Hop) -> str:
    media_type = hop.header("Content-Type").lower()
    if media_type and "html" not in media_type:
        return ""
    head = decode(
        hop.payload,
        hop.header("Content-Encoding"),
        max_bytes=SEARCHED_BYTES,
        keep=SEARCHED_BYTES,
    ).payload
    if b"refresh" not in head.lower():
        return ""
    meta = _META.search(_HIDDEN.sub(b"", head))
    content = _CONTENT.search(meta[0]) if meta else None
    if content is None:
        return ""
    return html.unescape(_escape(content[1] or content[2] or content[3] or b""))


def _escape(octets: bytes) -> str:
    """Octets past ASCII as %XX, whatever charset they are in: so does Chromium."""
    return "".join(chr(octet) if octet < 128 else f"%{octet:02X}" for octet in octets)
