"""Weigh one observation: alive, moved, blocked, sick, or a strike towards a death.

One observation never says that a link is dead; `health` counts them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from indexer.links.page import WALLS
from indexer.messages import NOTHING, Message, message
from indexer.model import Cause, Observation, PageKind, Redirect, Signal
from indexer.pagekind.kinds import ERRORS
from indexer.urls import MAX_URL_LENGTH, host, parse_url, urlkey


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

# Causes whose clauses tell of one link, its new address or a status: they have general words too.
GENERAL_CAUSES: Final = (
    *("blindly-redirected", "https-only", "moved", "perhaps-moved", "readable-anyway"),
    *("robots-turned-away", "server-error", "under-error", "unexpected", "unreadable-address"),
)


def name_cause(clause: Message) -> Message:
    """Name the cause that a clause gives of a link's state, in words that hold for every link.

    >>> name_cause(message("link.page.moved", address="https://exemple.test/")).key
    'link.cause.moved'
    """
    return message(f"link.cause.{clause.key.rpartition('.')[2]}") if clause.values else clause


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
    """Say what is wrong with an address, as a clause; NOTHING where it can be read."""
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


# Measured on 25 French articles: a fifth of the words changed leaves .32 or more in common,
# cut to its first third leaves .26; another article shares .01 at most.
SAME_TEXT: Final = 0.30


# These causes only repeat the status, which says more.
_CAUSES_OF_STATUS: Final = frozenset(
    {
        None,
        Cause.UNEXPECTED_STATUS,
        Cause.BLOCKED,
        Cause.THROTTLED,
        Cause.NOT_FOUND,
        Cause.GONE,
        Cause.SERVER_ERROR,
    }
)

# A name that a server does not know is answered by its first site: a 404 from there is hearsay.
_HEARSAY: Final = frozenset({Cause.TLS_WRONG_HOST, Cause.TLS_SELF_SIGNED})

_ABOUT_THE_WAY: Final = frozenset(
    {
        *(Signal.REDIRECTED_HOME, Signal.REDIRECTED_TO_LIST, Signal.REDIRECTED_ELSEWHERE),
        Signal.SHARED_TARGET,
    }
)
_ABOUT_THE_TEXT: Final = frozenset(
    {
        *(Signal.VANISHED, Signal.UNLIKE_CAPTURE, Signal.TITLE_LOST, Signal.OTHER_KIND),
        Signal.UNLIKE_TITLE,
    }
)
# The text that was captured is not there.
_TEXT_GONE: Final = frozenset({Signal.VANISHED, Signal.UNLIKE_CAPTURE})
_KIND_CLAUSES: Final[Mapping[PageKind, Signal]] = MappingProxyType(
    {
        PageKind.CAPTCHA: Signal.CAPTCHA,
        PageKind.NETWORK_FILTER: Signal.NETWORK_FILTER,
        PageKind.CONSENT: Signal.CONSENT_WALL,
        PageKind.LOGIN: Signal.LOGIN_WALL,
    }
)
# Kinds that hint at an error, where only counted words or a status said so.
_HINTING: Final = ERRORS - _KIND_CLAUSES.keys() - {PageKind.SCRIPT_SHELL, PageKind.NO_TEXT}
# What came when a transfer was cut short may be less than a page.
_NO_PAGE: Final = frozenset({PageKind.NO_TEXT, PageKind.STUB})
HTTPS_ONLY: Final = "served by https only"  # the detail of a visit that http did not answer

# As the crawl names the walls that it knows.
WALL_NAMES: Final[Mapping[str, Signal]] = MappingProxyType(
    {
        PageKind.CAPTCHA.value: Signal.CAPTCHA,
        PageKind.NETWORK_FILTER.value: Signal.NETWORK_FILTER,
        PageKind.CONSENT.value: Signal.CONSENT_WALL,
        PageKind.LOGIN.value: Signal.LOGIN_WALL,
        "consent wall": Signal.CONSENT_WALL,  # of versions before
        "login wall": Signal.LOGIN_WALL,
    }
)


def weigh(observation: Observation) -> Finding:
    """Say what one visit is worth; the first rule that holds decides."""
    finding = _weigh_answer(observation)
    if observation.tls_fault is None or finding.answer is Answer.BLOCKED:
        return finding
    if finding.answer is Answer.FAILED and observation.tls_fault not in _HEARSAY:
        return finding
    fault = FINDING_BY_CAUSE[observation.tls_fault].clause
    if finding.is_there:
        fault = message("link.page.readable-anyway", fault=fault)
    return Finding(
        answer=Answer.SICK,
        clause=fault,
        is_there=finding.is_there,
        is_doubtful=finding.is_doubtful,
    )


def is_same_text(observation: Observation) -> bool | None:
    """Say whether it is still the text captured first; None where nothing was compared."""
    if observation.similarity is None:
        return None
    kept = observation.kept or 0.0
    known = observation.known or 0.0
    return max(observation.similarity, kept, known) >= SAME_TEXT


def doubts_of(observation: Observation) -> frozenset[Signal]:
    """Give the signals that speak against the page, once what speaks for it is heard."""
    doubts = observation.signals & DOUBTS.keys()
    if observation.page_kind in _HINTING:
        doubts |= {Signal.ERROR_HINT}
    if Signal.PAYWALL in observation.signals:
        doubts -= _ABOUT_THE_WAY | _ABOUT_THE_TEXT
    if is_same_text(observation):
        doubts -= _ABOUT_THE_WAY | _ABOUT_THE_TEXT
    if Signal.SAME_TITLE in observation.signals:
        doubts -= {
            *(Signal.UNLIKE_TITLE, Signal.REDIRECTED_ELSEWHERE, Signal.REDIRECTED_TO_LIST),
        }
    if Signal.TITLE_FOUND in observation.signals:
        # An error that bears the very title cited is an article about errors.
        doubts -= _ABOUT_THE_WAY | {
            Signal.SAME_AS_IMPOSSIBLE,
            Signal.ERROR_HINT,
            Signal.UNLIKE_TITLE,
            Signal.TITLE_LOST,  # what a document calls itself is not always what it is cited by
        }
    return doubts


def shows_text(observation: Observation) -> bool:
    """Say whether the page was there, and nothing spoke against it but words for a link."""
    is_extract = Signal.PAYWALL in observation.signals and bool(observation.redirects)
    return (
        weigh(observation).is_there
        and doubts_of(observation) <= {Signal.UNLIKE_TITLE}
        and Signal.NEVER_CITED not in observation.signals
        and not is_extract
    )


def brings_page(observation: Observation) -> bool:
    """Say whether a page came, be it the text or not: no wall, no fault, no error by its words."""
    is_wall = observation.signals.intersection(WALLS) or observation.page_kind in _KIND_CLAUSES
    is_error = Signal.ERROR_WORDING in doubts_of(observation)
    is_sound = observation.has_page and observation.tls_fault is None
    return is_sound and not is_wall and not is_error


def _weigh_answer(observation: Observation) -> Finding:
    if not observation.has_page:
        return _weigh_miss(observation)
    for signal in WALLS:
        if signal in observation.signals or (
            observation.page_kind is not None and _KIND_CLAUSES.get(observation.page_kind) is signal
        ):
            return ANSWER_BY_WALL[signal](message(f"link.wall.{signal.value}"))
    doubts = doubts_of(observation)
    if sum(DOUBTS[signal] for signal in doubts) >= 2:
        first = next(signal for signal in DOUBTS if signal in doubts)
        return failed(message(f"link.doubt.{first.value}"))
    return _weigh_page(observation, doubts)


def _weigh_miss(observation: Observation) -> Finding:
    if Signal.NETWORK_DOWN in observation.signals:
        return sick(message("link.answer.network-down"))
    status = observation.status
    if status is not None and observation.cause in _CAUSES_OF_STATUS:
        found = FINDING_BY_STATUS.get(status)
        # A captcha served with 503 is a refusal, not a fault.
        if found and (found.answer is Answer.BLOCKED or observation.cause is not Cause.BLOCKED):
            return found
        if status >= 600:
            return blocked(message("link.answer.robots-turned-away", status=status))
        if status >= 500 and observation.cause is not Cause.BLOCKED:
            return sick(message("link.answer.server-error", status=status))
        if observation.cause is not Cause.BLOCKED:
            return sick(message("link.answer.unexpected", status=status))
    if observation.cause is None:
        return sick(message("link.answer.none"))
    fault = find_fault(observation.url) if observation.cause is Cause.MALFORMED_URL else NOTHING
    if fault:
        return Finding(
            answer=Answer.UNASKED, clause=message("link.answer.unreadable-address", fault=fault)
        )
    if observation.cause is Cause.BLOCKED and observation.detail in WALL_NAMES:
        return blocked(message(f"link.wall.{WALL_NAMES[observation.detail].value}"))
    return FINDING_BY_CAUSE[observation.cause]


def _weigh_page(observation: Observation, doubts: frozenset[Signal]) -> Finding:
    if Signal.REDIRECTED_BLINDLY in observation.signals and Signal.UNLIKE_TITLE in doubts:
        # Nobody can tell without reading: neither alive nor a strike.
        return sick(message("link.page.blindly-redirected", address=observation.final_url))
    if observation.cause is not None and observation.page_kind in _NO_PAGE:
        return FINDING_BY_CAUSE[observation.cause]  # cut short before its first words
    if Signal.TEXT_UNDER_ERROR in observation.signals:
        clause = message("link.page.under-error", status=observation.status or 0)
        return Finding(answer=Answer.ALIVE, clause=clause, is_there=True)
    if gone := doubts & _TEXT_GONE:
        first = next(signal for signal in DOUBTS if signal in gone)
        clause = message(f"link.doubt.{first.value}")
        return Finding(answer=Answer.SICK, clause=clause, needs_look=True)
    if Signal.NEVER_CITED in observation.signals and Signal.UNLIKE_TITLE in doubts:
        return Finding(
            answer=Answer.SICK,
            clause=message("link.doubt.unlike-title"),
            is_there=True,
            is_doubtful=True,
            is_unproved=True,
            needs_look=True,
        )
    return _weigh_way(observation, doubts)


def _weigh_way(observation: Observation, doubts: frozenset[Signal]) -> Finding:
    """Weigh where the page was found: at its address, or at another one."""
    if Signal.PAYWALL in observation.signals and observation.redirects:
        return Finding(
            answer=Answer.ALIVE,
            clause=message("link.page.paywall"),
            is_there=True,
            is_doubtful=True,
        )
    address = permanent_address(observation.redirects)
    if observation.detail == HTTPS_ONLY:
        return Finding(
            answer=Answer.MOVED,
            clause=message("link.page.https-only", address=observation.final_url),
            is_there=True,
            is_doubtful=bool(doubts),
            address=observation.final_url,
        )
    if not address or not _is_another_address(observation.url, address):
        return Finding(
            answer=Answer.ALIVE,
            clause=message("link.page.answers"),
            is_there=True,
            is_doubtful=bool(doubts),
        )
    if Signal.REDIRECTED_ELSEWHERE in doubts:
        return Finding(
            answer=Answer.ALIVE,
            clause=message("link.page.perhaps-moved", address=address),
            is_there=True,
            is_doubtful=True,
        )
    return Finding(
        answer=Answer.MOVED,
        clause=message("link.page.moved", address=address),
        is_there=True,
        is_doubtful=bool(doubts),
        address=address,
    )


def permanent_address(redirects: tuple[Redirect, ...]) -> str:
    """Find the address to which permanent redirects (301, 308) lead, up to the first other step."""
    address = ""
    for redirect in redirects:
        if not redirect.is_permanent:
            break
        address = redirect.target_uri
    return address


def _is_another_address(url: str, address: str) -> bool:
    """Say whether an address is another: a slash or a tracking parameter is no difference."""
    asked = parse_url(url) or url
    return (
        urlkey(asked) != urlkey(address)
        or host(asked) != host(address)
        or asked.partition(":")[0] != address.partition(":")[0]
    )
