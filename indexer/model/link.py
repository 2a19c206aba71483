"""The values of a link: observations, its state with a reason, its row in a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from indexer.messages import NOTHING, Message
from indexer.model.article import PageKind
from indexer.model.exchange import Cause


class LinkState(StrEnum):
    """The state of a link, as its course has it."""

    ALIVE = "alive"
    MOVED = "moved"
    BLOCKED = "blocked"
    SICK = "sick"
    DEAD = "dead"
    UNKNOWN = "never-visited"

    @property
    def said(self) -> Message:
        """The word for it."""
        return Message(f"link.state.{self.value}")


# In the order in which a librarian acts.
LINK_STATES: Final = (
    LinkState.DEAD,
    LinkState.SICK,
    LinkState.BLOCKED,
    LinkState.MOVED,
    LinkState.ALIVE,
    LinkState.UNKNOWN,
)
UNREADABLE: Final = "unreadable-address"  # what was tried, and could not even be asked


class Signal(StrEnum):
    """A sign that a page gives away of itself; each is weighed, none decides a death alone."""

    ERROR_WORDING = "error-wording"  # the title or a heading says that there is no page
    ERROR_HINT = "error-hint"  # the title or a heading speaks of an error, among other words
    SAME_AS_IMPOSSIBLE = "same-as-impossible"  # what the host answers to an address nobody made
    REDIRECTED_HOME = "redirected-home"
    REDIRECTED_ELSEWHERE = "redirected-elsewhere"  # to an address that shares nothing with ours
    REDIRECTED_BLINDLY = "redirected-blindly"  # from an address that says nothing of the text
    SHARED_TARGET = "shared-target"  # several cited addresses end there
    REDIRECTED_TO_LIST = "redirected-to-list"  # a category, an index, results of a search
    VANISHED = "vanished"  # hardly a word is left of the text captured first
    UNLIKE_CAPTURE = "unlike-capture"  # nothing in common with the text captured first
    TITLE_LOST = "title-lost"  # where the text is gone: the title that it had is gone too
    OTHER_KIND = "other-kind"  # where the text is gone: the page is a list, a notice, a stub
    NEVER_CITED = "never-cited"  # no capture ever bore the title of a bibliographic description
    TEXT_UNDER_ERROR = "text-under-error"  # the status is an error, the text is there
    UNLIKE_TITLE = "unlike-title"  # nothing of the title that the bibliography gives
    TITLE_FOUND = "title-found"  # the title that the bibliography gives stands on the page
    SAME_TITLE = "same-title"  # the page bears the title that it had when captured first
    PARKED = "parked"  # the domain is parked, or for sale
    PLACEHOLDER = "placeholder"  # the hosting company's page, or the server's
    MAINTENANCE = "maintenance"
    CAPTCHA = "captcha"
    NETWORK_FILTER = "network-filter"  # a firewall, a proxy, a block by address or country
    CONSENT_WALL = "consent-wall"
    LOGIN_WALL = "login-wall"
    PAYWALL = "paywall"
    BY_SCRIPTS = "by-scripts"  # scripts write its text, or frames hold it: not looked at
    NETWORK_DOWN = "network-down"  # nothing else answered around that time


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A step on the way: where to, and whether the server says that it is for good."""

    target_uri: str
    is_permanent: bool = False  # 301, 308; a refresh in the page never is


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """An observation: all that one visit said of a URL; never a verdict.

    Texts are compared by their word 3-shingles: `similarity` is their exact Jaccard index,
    `kept` the part of the text captured first that is still there, `known` the part of the
    text of today that was there already. All three are 0..1, None where nothing was compared.
    """

    url: str  # as a person wrote it
    observed_at: datetime
    status: int | None = None  # of the last hop; None when nothing answered
    cause: Cause | None = None  # why it could not be had, or only in part
    detail: str = ""
    final_url: str = ""  # "" when nothing answered
    redirects: tuple[Redirect, ...] = ()
    has_page: bool = False  # a payload was had (new, or the same bytes again)
    page_kind: PageKind | None = None
    signals: frozenset[Signal] = frozenset()
    similarity: float | None = None
    kept: float | None = None
    known: float | None = None
    tls_fault: Cause | None = None  # read without verification, for reading only
    missing_fragments: frozenset[str] = frozenset()  # cited anchors that the page has not
    record_id: str = ""  # of the capture that the page was read from
    basis: str = ""  # digest of the page and of what was known beside it; "" for no page


class LinkMark(StrEnum):
    """A mark beside the state of a link."""

    RESURRECTED = "resurrected"
    MODIFIED = "modified"
    EXTENDED = "extended"
    CUT = "cut"
    PARTIAL = "partial-access"
    TLS_FAULT = "tls-fault"
    NO_ANCHOR = "missing-anchor"
    NEEDS_JAVASCRIPT = "needs-javascript"
    NO_TEXT = "no-text"
    DAMAGED_CAPTURE = "damaged-capture"  # one was imported, and proves nothing
    TO_CHECK = "to-check"
    IGNORED = "ignored"  # a person decided so
    DECIDED = "decided"

    @property
    def said(self) -> Message:
        """The words for it."""
        return Message(f"link.mark.{self.value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkHealth:
    """The health of a link: its state, since when, and why."""

    state: LinkState = LinkState.UNKNOWN
    reason: Message = NOTHING
    checked_at: datetime | None = None
    alive_at: datetime | None = None  # last seen alive
    replacement: str | None = None  # the address to cite now, or what to read instead
    since: datetime | None = None  # in this state without a break
    failing_since: datetime | None = None  # first failure since it was last alive
    check_count: int = 0  # visits in all
    final_url: str = ""  # where the last visit was redirected to; "" when it was not
    has_page: bool = False  # the last visit brought a page, no wall or error, be it the text or not
    failed_at: datetime | None = None  # last failure that counts towards a death
    failure_count: int = 0  # failures that count towards a death, since it was last alive
    resurrected_at: datetime | None = None  # answered again after a death, the last time
    marks: tuple[LinkMark, ...] = ()
    not_dead_because: Message = NOTHING  # NOTHING for a dead link
    cause: Message = NOTHING  # of the state: a clause without its full stop

    @property
    def label(self) -> str:
        """The slug of the state as it is said: of an address that can't be read, that."""
        is_unreadable = self.state is LinkState.UNKNOWN and self.checked_at is not None
        return UNREADABLE if is_unreadable else self.state.value

    @property
    def said(self) -> Message:
        """The words for the label."""
        return Message(f"link.state.{self.label}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """The state of a link after one visit: a dot of its history."""

    observed_at: datetime
    state: LinkState
    status: int | None = None  # of HTTP; None when nothing answered
    reason: Message = NOTHING  # a clause without its full stop


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphChange:
    """A paragraph before and now; "" on the side where there is nothing."""

    before: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """The text captured first and the last one, where they differ."""

    before_at: datetime
    now_at: datetime
    similarity: float  # Jaccard index of their word 3-shingles, 0..1
    changes: tuple[ParagraphChange, ...] = ()  # in the order of the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A page to read in place of a link, or to cite from now on."""

    address: str
    kind: str  # "copy" (ours), "memento" (of a web archive), "redirect", "doi"
    archived_at: datetime | None = None

    @property
    def said(self) -> Message:
        """The word for its kind."""
        return Message(f"link.replacement.{self.kind}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A cited link as a librarian reads it: one row of the report."""

    reference_id: str
    title: str
    url: str
    site: str = ""
    section: str = ""  # the outermost heading above it
    source: str = ""  # the file of the bibliography that cites it
    health: LinkHealth = field(default_factory=LinkHealth)
    note_ids: tuple[str, ...] = ()  # that cite it
    note_names: tuple[str, ...] = ()  # what they are about, in the same order
    dots: tuple[Dot, ...] = ()  # the last visits, oldest first
    course: Message = NOTHING  # the same in words
    copied_at: datetime | None = None  # our own capture of a dead link, where we hold one
    copy_path: str = ""  # where the pages show it, on whatever site they are
    replacement: Replacement | None = None
    files: tuple[str, ...] = ()  # of the bibliography, in which its address may stand

    @property
    def cause(self) -> str:
        """The cause of the state in a word: "404", "timeout", "captcha"; "" for none."""
        return self.health.cause.key.rpartition(".")[2]

    @property
    def is_ignored(self) -> bool:
        """Whether a person decided that it is neither visited nor counted."""
        return LinkMark.IGNORED in self.health.marks


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFilter:
    """Which links are wanted; "" and None want all. Days are those since which a state lasts.

    What a person decided to ignore is in no state: it is found where all states are wanted, and
    alone by `is_ignored`.
    """

    state: LinkState | None = None
    is_ignored: bool = False  # only these
    cause: str = ""  # as `LinkRow.cause` names it
    site: str = ""
    section: str = ""
    source: str = ""
    first_day: date | None = None
    last_day: date | None = None

    def accepts(self, row: LinkRow) -> bool:
        """Tell whether a row is wanted."""
        return (
            (self.is_ignored <= row.is_ignored)
            and (self.state is None or (self.state is row.health.state and not row.is_ignored))
            and self.cause in ("", row.cause)
            and self.site in ("", row.site)
            and self.section in ("", row.section)
            and self.source in ("", row.source)
            and self._is_in_period(row)
        )

    def _is_in_period(self, row: LinkRow) -> bool:
        if self.first_day is None and self.last_day is None:
            return True
        if row.health.since is None:
            return False
        day = row.health.since.date()
        return (self.first_day or day) <= day <= (self.last_day or day)


# By what the rows of a report can be sorted: the order in which one acts comes first.
ROW_SORTS: Final = ("state", "address", "alive", "failing", "visits")


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowAsk:
    """Which rows of a report are wanted, in which order, and which of these."""

    wanted: RowFilter = field(default_factory=RowFilter)
    sort: str = ROW_SORTS[0]
    is_reversed: bool = False
    first: int = 0  # from 0; beyond the last, the last `count` rows that begin at a multiple of it
    count: int = 50


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """A value that a filter can have, what it is called, and how many links it would leave."""

    value: str
    said: Message | str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowWindow:
    """Some rows of a report, and what stands around them.

    Each count is what its own filter would leave, the others being as they are.
    """

    rows: tuple[LinkRow, ...]
    total: int
    counts: Mapping[LinkState, int]
    ignored: int  # what a person decided to ignore, in no state
    choices: Mapping[str, Sequence[FilterChoice]]  # by field of `RowFilter`, most frequent first
