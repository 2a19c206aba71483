"""Weigh one observation: alive, moved, blocked, sick, or a strike towards a death.

One observation never says that a link is dead; `health` counts them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from indexer.links.answers import (
    ANSWER_BY_WALL,
    DOUBTS,
    FINDING_BY_CAUSE,
    FINDING_BY_STATUS,
    Answer,
    Finding,
    blocked,
    failed,
    find_fault,
    sick,
)
from indexer.links.walls import WALLS
from indexer.messages import NOTHING, message
from indexer.model import Cause, Observation, PageKind, Redirect, Signal
from indexer.pagekind.kinds import ERRORS
from indexer.urls import host, parse_url, urlkey

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
    """The signals that speak against the page, once what speaks for it is heard."""
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
    """A slash more or a tracking parameter less is no move; another scheme or host is one."""
    asked = parse_url(url) or url
    return (
        urlkey(asked) != urlkey(address)
        or host(asked) != host(address)
        or asked.partition(":")[0] != address.partition(":")[0]
    )
