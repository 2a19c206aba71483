"""Judge one exchange: a payload to keep, the same again, or nothing and why.

Nothing here opens a socket. The fetcher brings the exchange; we read it.

The pages that stand before a page (challenges for robots, consent, login) are recognised by a
table of signs with an example each, in raw markup, before anything is kept; the table of
`links/walls` reads what was kept, parsed, and says what it is to a librarian. A sign counts in the
title, or on a page with hardly any text: articles about captchas exist, and comment forms carry
some.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from indexer.codings import CodingFault, decode
from indexer.model import Capture, Cause, Exchange, Hop, Verdict, Worth

MAX_DECODED_BYTES: Final = 128 * 2**20
READ_BYTES: Final = 131_072  # enough of a page to know a wall

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
    wall = find_wall(hop, _read_markup(hop)) if cause is not Cause.NOT_FOUND else ""
    if wall and cause in (Cause.BLOCKED, Cause.SERVER_ERROR, Cause.THROTTLED):
        return _nothing(hop, Cause.BLOCKED, wall)
    return _nothing(hop, cause, f"status {hop.status}")


def _judge_payload(hop: Hop, max_decoded_bytes: int) -> Verdict:
    if not hop.payload:
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
    wall = find_wall(hop, _as_text(decoded.payload)) if _is_markup(hop) else ""
    if wall:
        return _nothing(hop, Cause.BLOCKED, wall)
    cause, detail = hop.cause, hop.detail
    if decoded.fault in (CodingFault.TRUNCATED, CodingFault.DAMAGED):
        cause, detail = cause or Cause.TRUNCATED, detail or f"{coding}: {decoded.fault}"
    elif decoded.fault is CodingFault.NOT_ENCODED:
        detail = detail or f"sent plain, called {coding[:60]}"
    return Verdict(worth=Worth.NEW, cause=cause or hop.tls_fault, detail=detail, status=hop.status)


def _nothing(hop: Hop, cause: Cause, detail: str) -> Verdict:
    return Verdict(worth=Worth.NOTHING, cause=cause, detail=detail, status=hop.status)


def _is_conditional(hop: Hop) -> bool:
    head = hop.request_head.lower()
    return b"\nif-none-match:" in head or b"\nif-modified-since:" in head


def _is_markup(hop: Hop) -> bool:
    media_type = hop.header("Content-Type").lower()
    return not media_type or "html" in media_type


def _read_markup(hop: Hop) -> str:
    if not hop.payload or not _is_markup(hop):
        return ""
    coding = hop.header("Content-Encoding")
    return _as_text(decode(hop.payload, coding, max_bytes=READ_BYTES, keep=READ_BYTES).payload)


def _as_text(payload: bytes) -> str:
    """Good enough to find words of a table; the real reading is the extraction's."""
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return payload.decode("cp1252", "replace")


SHORT_TEXT: Final = 1_500  # characters that a reader would read


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """One kind of wall, by what its pages say."""

    name: str
    title: re.Pattern[str]  # the whole title
    markup: re.Pattern[str] | None = None  # has to stand in the page too, or instead
    needs_both: bool = False
    example: str


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


WALLS: Final[tuple[Wall, ...]] = (
    Wall(
        name="captcha",
        title=_words(
            r"^\W*(just a moment|un instant\W*$|attention required|access denied|accès refusé"
            r"|pardon our interruption|robot check|are you (a )?(human|robot)"
            r"|êtes[- ]vous (un )?(humain|robot)|(security|human) (check|verification)"
            r"|vérification (de sécurité|humaine|en cours)|ddos[- ]guard|captcha\W*$|bot challenge"
            r"|checking your browser|verifying you are human|one more step)(\b|$)"
        ),
        markup=_words(
            r"cf-chl-|/cdn-cgi/challenge-platform|captcha-delivery\.com|_incapsula_resource"
            r"|px-captcha|\b(g-recaptcha|h-captcha|cf-turnstile|frc-captcha)\b"
            r"|je ne suis pas un robot|i(’|')m not a robot|prouver que vous (êtes|n'êtes pas)"
        ),
        example="<title>Just a moment...</title>",
    ),
    Wall(
        name="consent wall",
        title=_words(
            r"^\W*(before you continue|avant (de continuer|d(’|')accéder)|(cookie )?consent\b"
            r"|gestion des cookies|nous respectons votre vie privée|we value your privacy"
            r"|votre vie privée|your privacy choices|privacy settings)"
        ),
        markup=_words(r"<form[^>]+action=[\"'][^\"']*consent|consent\.(google|yahoo|youtube)\."),
        example="<title>Avant d’accéder au site</title>",
    ),
    Wall(
        name="login wall",
        title=_words(
            r"^\W*(connexion|se connecter|s(’|')identifier|identification|authentification"
            r"|connectez[- ]vous|log ?[io]n|sign ?in|please (log|sign) in)\b"
        ),
        markup=_words(r"<input[^>]+type\s*=\s*[\"']?password"),
        needs_both=True,
        example='<title>Connexion</title><input type="password">',
    ),
)

_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title", re.I | re.S)
_UNREAD: Final = re.compile(
    r"<(script|style|noscript|template|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]+>", re.I | re.S
)


def find_wall(hop: Hop, markup: str, *, walls: Sequence[Wall] = WALLS) -> str:
    """Find the wall that a response is, by its name, or "". `markup` begins its text."""
    if hop.header("cf-mitigated").lower() == "challenge":
        return "captcha"
    if hop.header("x-amzn-waf-action").lower() in ("challenge", "captcha"):
        return "captcha"
    found = _TITLE.search(markup)
    title = " ".join(found[1].split()) if found else ""
    text_length = len(" ".join(_UNREAD.sub(" ", markup).split()))
    if text_length > SHORT_TEXT:
        return ""
    for wall in walls:
        has_title = wall.title.search(title) is not None
        has_markup = wall.markup is not None and wall.markup.search(markup) is not None
        if (has_title and has_markup) if wall.needs_both else (has_title or has_markup):
            return wall.name
    return ""
