"""Tables of the worth of HTTP statuses, causes, walls and doubts, which `finding` reads."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from indexer.messages import NOTHING, Message, message
from indexer.model import Cause, Signal
from indexer.urls import MAX_URL_LENGTH, parse_url


class Answer(Enum):
    """List the kinds of answers that one visit gives, by their worth for the link's state."""

    ALIVE = auto()
    MOVED = auto()
    BLOCKED = auto()
    SICK = auto()
    FAILED = auto()
    UNASKED = auto()  # nothing that could be asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Hold the answer that an observation counts as, and why: a clause without its full stop."""

    answer: Answer
    clause: Message
    strikes: int = 0  # towards a death; a 410 counts double
    is_there: bool = False  # a page was seen
    is_doubtful: bool = False  # but something speaks against it being the text
    is_unproved: bool = False  # nothing but the title cited speaks against it
    needs_look: bool = False  # a person can tell
    address: str = ""  # the new one, when it moved


def blocked(clause: Message) -> Finding:
    """We can't tell; it is not dead."""
    return Finding(answer=Answer.BLOCKED, clause=clause)


def sick(clause: Message) -> Finding:
    """Out of order; that may pass."""
    return Finding(answer=Answer.SICK, clause=clause)


def failed(clause: Message, strikes: int = 1) -> Finding:
    """Not there; counts towards a death."""
    return Finding(answer=Answer.FAILED, clause=clause, strikes=strikes)


FINDING_BY_STATUS: Final[Mapping[int, Finding]] = MappingProxyType(
    {
        401: blocked(message("link.answer.401")),
        402: blocked(message("link.answer.402")),
        403: blocked(message("link.answer.403")),
        # Firewalls answer these to whoever is no browser.
        405: blocked(message("link.answer.405")),
        406: blocked(message("link.answer.406")),
        407: blocked(message("link.answer.407")),
        418: blocked(message("link.answer.418")),
        429: blocked(message("link.answer.429")),
        430: blocked(message("link.answer.430")),
        451: blocked(message("link.answer.451")),
        404: failed(message("link.answer.404")),
        410: failed(message("link.answer.410"), strikes=2),
        408: sick(message("link.answer.408")),
        500: sick(message("link.answer.500")),
        502: sick(message("link.answer.502")),
        503: sick(message("link.answer.503")),
        504: sick(message("link.answer.504")),
    }
)


def _by_cause(worth: Callable[[Message], Finding], *causes: Cause) -> dict[Cause, Finding]:
    return {cause: worth(message(f"cause.{cause.value}")) for cause in causes}


def _unasked(clause: Message) -> Finding:
    return Finding(answer=Answer.UNASKED, clause=clause)


def _gone(clause: Message) -> Finding:
    return failed(clause, strikes=2)


FINDING_BY_CAUSE: Final[Mapping[Cause, Finding]] = MappingProxyType(
    _by_cause(_unasked, Cause.MALFORMED_URL, Cause.DAMAGED)
    | _by_cause(
        blocked,
        Cause.FORBIDDEN_SCHEME,
        Cause.FORBIDDEN_ADDRESS,
        Cause.DISALLOWED_BY_ROBOTS,
        Cause.BLOCKED,
        Cause.THROTTLED,
    )
    | _by_cause(
        sick,
        Cause.ROBOTS_UNREACHABLE,
        Cause.DNS_FAILURE,
        Cause.CONNECTION_REFUSED,
        Cause.CONNECTION_RESET,
        Cause.UNREACHABLE,
        Cause.TIMEOUT,
        Cause.DEADLINE,
        Cause.TLS_EXPIRED,
        Cause.TLS_SELF_SIGNED,
        Cause.TLS_WRONG_HOST,
        Cause.TLS_UNKNOWN_CA,
        Cause.TLS_FAILURE,
        Cause.BAD_RESPONSE,
        Cause.BAD_REDIRECT,
        Cause.REDIRECT_LOOP,
        Cause.BAD_ENCODING,
        Cause.TOO_LARGE,
        Cause.TRUNCATED,
        Cause.EMPTY,
        Cause.UNEXPECTED_STATUS,
        Cause.SERVER_ERROR,
    )
    | _by_cause(failed, Cause.UNKNOWN_HOST, Cause.NOT_FOUND)
    | _by_cause(_gone, Cause.GONE)
)

ANSWER_BY_WALL: Final[Mapping[Signal, Callable[[Message], Finding]]] = MappingProxyType(
    {
        Signal.PARKED: failed,
        Signal.PLACEHOLDER: failed,
        Signal.MAINTENANCE: sick,
        Signal.CAPTCHA: blocked,
        Signal.NETWORK_FILTER: blocked,
        Signal.CONSENT_WALL: blocked,
        Signal.LOGIN_WALL: blocked,
    }
)


# What each weighs; two make a failure. Read from the top, the first one there gives the reason.
DOUBTS: Final[Mapping[Signal, int]] = MappingProxyType(
    {
        Signal.ERROR_WORDING: 2,
        Signal.SAME_AS_IMPOSSIBLE: 2,
        Signal.REDIRECTED_HOME: 2,
        Signal.SHARED_TARGET: 2,
        Signal.REDIRECTED_TO_LIST: 2,
        Signal.VANISHED: 1,
        Signal.UNLIKE_CAPTURE: 1,
        Signal.REDIRECTED_ELSEWHERE: 1,
        Signal.TITLE_LOST: 1,
        Signal.OTHER_KIND: 1,
        Signal.ERROR_HINT: 1,
        Signal.UNLIKE_TITLE: 1,
    }
)


_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):(.*)", re.IGNORECASE | re.DOTALL)
_PORT: Final = re.compile(r":([^:\]]*)$")
# WHATWG URL, "forbidden domain code point", but for what ends a host.
_FORBIDDEN: Final = re.compile(r"[\x00- \"%<>\[\]^`{|}\x7f]")


def find_fault(url: str) -> Message:
    """A clause without its full stop, NOTHING for an address that can be read."""
    if parse_url(url) is not None:
        return NOTHING
    text = url.strip()
    if len(text) > MAX_URL_LENGTH:
        return message("link.fault.too-long", limit=MAX_URL_LENGTH)
    scheme = _SCHEME.match(text)
    if scheme is None:
        return message("link.fault.no-scheme")
    authority = re.split(r"[/\\?#]", scheme[2].lstrip("/\\"), maxsplit=1)[0].rpartition("@")[2]
    if not authority:
        return message("link.fault.no-name")
    is_open = authority.startswith("[") and "]" not in authority
    port = None if is_open else _PORT.search(authority)
    name = authority[: port.start()] if port is not None else authority
    if port is not None and parse_url(f"http://exemple.test:{port[1]}/") is None:
        return message("link.fault.bad-port", port=port[1][:20])
    if not name:
        return message("link.fault.no-name")
    wrong = None if name.startswith("[") else _FORBIDDEN.search(name)
    if wrong is not None:
        if wrong[0].isspace():
            return message("link.fault.space-in-name")
        return message("link.fault.sign-in-name", sign=wrong[0])
    return message("link.fault.bad-name", name=name[:80])
