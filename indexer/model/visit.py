"""The values of a visit: its worth, the next one, and the robots.txt told at the door."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from indexer.model.exchange import Capture, Cause, Exchange


class Worth(StrEnum):
    """The worth of an exchange, as a slug."""

    NEW = "new"  # a payload to keep
    SAME = "same"  # the payload that is kept already
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A verdict on an exchange: its worth, and what to say of it."""

    worth: Worth
    cause: Cause | None = None  # why nothing, or what is wrong with what is kept
    detail: str = ""  # in English, for the log
    status: int | None = None
    by_scripts: bool = False  # a page that has no text before its scripts have run


class HeadUse(StrEnum):
    """Whether a target is asked by HEAD."""

    NEVER = "never"
    BESIDE = "beside"  # before the GET, to learn whether its host tells the truth
    FIRST = "first"  # its host does: the GET is for any doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A URL to visit: how it is asked, and what is known of it."""

    url: str  # as a person wrote it
    urlkey: str
    canonical_url: str | None  # None: malformed
    host: str = ""
    previous: Capture | None = None  # the last one kept of it
    attempts: int = 0  # failures in a row until now
    head: HeadUse = HeadUse.NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class HostQueue:
    """The targets due on one host: how many, and one after the other as they are drawn."""

    host: str
    count: int
    targets: Iterator[Target]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A target, what was asked for it, and what that is worth."""

    target: Target
    exchange: Exchange
    verdict: Verdict
    arrived_at: datetime
    is_asked: bool = True  # False: its host was set aside before its turn came
    not_before: datetime | None = None  # its host asked to be left alone until then
    archive: str = ""  # "" for the live web, else the archive that was asked
    memento_at: datetime | None = None  # when the archive captured it; None for the live web
    head: Exchange | None = None  # what the same host answered to a HEAD, just before


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When to visit a URL next, and what that was reckoned from."""

    due_at: datetime
    attempts: int = 0  # failures in a row
    interval: timedelta = timedelta(days=30)  # between visits while all is well


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadTrust:
    """The trust in a host: how often it told the truth by HEAD in a row, when it last did not."""

    agreed: int = 0
    lied_at: datetime | None = None


class RobotsState(StrEnum):
    """The state of a robots.txt: it has rules, there is none, or it is out of reach."""

    RULES = "rules"
    UNAVAILABLE = "unavailable"  # 4xx: all is allowed
    UNREACHABLE = "unreachable"  # 5xx, network: all is forbidden for now


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """A robots.txt as it was known of one origin; kept a day."""

    origin: str  # scheme, host and port
    fetched_at: datetime
    state: RobotsState
    rules: str = ""
    cause: Cause | None = None  # why it is out of reach
    detail: str = ""
    unreachable_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit of a URL, as the catalogue remembers it; visits make the history of a link."""

    url: str  # as a person wrote it
    urlkey: str
    visited_at: datetime
    outcome: str  # "captured", "revisited", "missed"
    cause: Cause | None = None
    detail: str = ""
    status: int | None = None  # of the last hop; None when nothing answered
    final_url: str = ""  # target URI of the last hop that answered; "" when nothing did
    hops: tuple[tuple[str, int | None], ...] = ()  # target URI and status of each
    tls_fault: Cause | None = None  # read without verification, for reading only
    record_id: str = ""  # of the response or revisit record of the last hop, whatever its status
    payload_digest: str = ""
    archive: str = ""  # "" for the live web, else the archive that was asked
    memento_at: datetime | None = None  # when the archive captured it; None for the live web
    # What a clock that ran ahead said, where `visited_at` is the latest that it can have been.
    misdated_at: datetime | None = None
