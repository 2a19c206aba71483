"""Sum up how the links are, and what changed since the last report; words for every form of it."""

import re
import shlex
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from indexer.links.health import Followed, follow, judge_link
from indexer.links.replacement import REDIRECT, find_cited_on
from indexer.messages import NBSP, Message, Translator, message
from indexer.model import (
    LINK_STATES,
    UNREADABLE,
    Bibliography,
    Dot,
    LinkHealth,
    LinkMark,
    LinkRow,
    LinkState,
    Note,
    Observation,
    give_doi_address,
)
from indexer.urls import urlkey

DOTS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A link went from one state to another."""

    url: str
    at: datetime
    before: LinkState
    health: LinkHealth  # as it was then

    @property
    def state(self) -> LinkState:
        """The state it came to."""
        return self.health.state

    @property
    def is_death(self) -> bool:
        """Whether it died."""
        return self.state is LinkState.DEAD

    @property
    def is_resurrection(self) -> bool:
        """Whether it answered again after a death."""
        return self.before is LinkState.DEAD and self.state is not LinkState.DEAD


def list_dots(
    history: Sequence[Observation],
    *,
    now: datetime,
    last: int = DOTS,
    followed: Followed | None = None,
) -> tuple[Dot, ...]:
    """List the state of a link after each of its last visits, oldest first.

    `followed` is what `follow` gives for the history until `now`, where it was asked already. Of
    equal reasons there is one: a pickle of the dots says it once.
    """
    told = list(zip(*(followed or follow(history, until=now)), strict=True))[-last:]
    reasons: dict[Message, Message] = {}
    return tuple(
        Dot(
            observed_at=observation.observed_at,
            state=course.state,
            status=observation.status,
            reason=reasons.setdefault(finding.clause, finding.clause),
        )
        for observation, finding, course in told
    )


def describe_dots(dots: Sequence[Dot]) -> Message:
    """Give the dots in words: "3 visits, from May 1, 2024 to …: alive 2 times, ailing once"."""
    if not dots:
        return message("link.course.none")
    labels = Counter(
        UNREADABLE if dot.state is LinkState.UNKNOWN else dot.state.value for dot in dots
    )
    states = tuple(
        message("link.course.times", count=count, state=message(f"link.state.{label}"))
        for label, count in labels.most_common()
    )
    first, last = dots[0].observed_at, dots[-1].observed_at
    if first.date() == last.date():
        return message("link.course.one-day", count=len(dots), day=first, states=states)
    return message("link.course.span", count=len(dots), first=first, last=last, states=states)


def list_turns(
    history: Sequence[Observation], *, since: datetime, until: datetime
) -> Iterator[Turn]:
    """List the changes of state after `since`, up to `until`, in their order."""
    seen, _, courses = follow(history, until=until)
    state = LinkState.UNKNOWN
    for observation, course in zip(seen, courses, strict=True):
        before, state = state, course.state
        at = observation.observed_at
        if at > since and state is not before:
            yield Turn(
                url=observation.url, at=at, before=before, health=judge_link(history, now=at)
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedLink:
    """The part of a report's row that the bibliography gives: title, section, files, notes."""

    reference_id: str
    title: str
    url: str
    section: str = ""  # the outermost heading above it
    source: str = ""  # the first file that cites it
    files: tuple[str, ...] = ()
    cited_on: date | None = None  # near to when the text was read, as far as is known
    doi_address: str = ""  # of its DOI, where that is another address
    bibliographies: tuple[str, ...] = ()  # that cite it; none where they are not known
    note_ids: tuple[str, ...] = ()
    note_names: tuple[str, ...] = ()  # in the same order


def list_cited(bibliography: Bibliography) -> Iterator[CitedLink]:
    """List the links that a bibliography cites, in its order."""
    names = {note.id: name_note(note) for note in bibliography.notes}
    home_of = bibliography.bibliography_of
    notes: dict[str, list[str]] = defaultdict(list)
    for citation in bibliography.citations:
        notes[citation.reference_id].append(citation.note_id)
    for reference in bibliography.references:
        if not reference.url:
            continue
        place = (reference.place.path,) if reference.place else ()
        files = tuple(dict.fromkeys((*reference.cited_in, *place)))
        doi_address = give_doi_address(reference.doi)
        is_other = doi_address and urlkey(reference.url) != urlkey(doi_address)
        yield CitedLink(
            reference_id=reference.id,
            title=reference.title,
            url=reference.url,
            section=reference.section[0] if reference.section else "",
            source=files[0] if files else "",
            files=files,
            cited_on=find_cited_on(reference),
            doi_address=doi_address if is_other else "",
            bibliographies=tuple(dict.fromkeys(home_of[each] for each in files if each in home_of)),
            note_ids=tuple(notes[reference.id]),
            note_names=tuple(names.get(each, "") for each in notes[reference.id]),
        )


SETTLED: Final = frozenset({LinkMark.IGNORED, LinkMark.DECIDED})
NAMED: Final = 3  # URLs named in a line of the summary


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """All that a report says; the formats only render it."""

    made_at: datetime
    rows: Collection[LinkRow]  # in the order in which one acts
    since: datetime | None = None  # of the last report
    turns: tuple[Turn, ...] = ()  # what changed since

    @property
    def counts(self) -> dict[LinkState, int]:
        """Count the links in each state, without those that a person ignores."""
        seen = Counter(row.health.state for row in self.rows if not row.is_ignored)
        return {state: seen[state] for state in LINK_STATES}

    @property
    def deaths(self) -> tuple[Turn, ...]:
        """List the links that died since the last report and are dead still."""
        if not any(turn.is_death for turn in self.turns):
            return ()  # rows may be many, and each is read from a disk
        dead = {row.url for row in self.rows if is_counted_dead(row)}
        return tuple(turn for turn in self.turns if turn.is_death and turn.url in dead)

    @property
    def has_deaths(self) -> bool:
        """Whether something died since the last report; in a first one, whether anything is."""
        return bool(self.deaths) or (self.since is None and any(map(is_counted_dead, self.rows)))


class VisitedCounts(NamedTuple):
    """Counts of the links that a report can't judge, by reason, and its oldest visit."""

    first_at: datetime | None  # of the last visits of all links, the one longest ago
    unvisited: int
    unreadable: int
    ignored: int


def say_completeness(visited: VisitedCounts, say: Translator) -> list[str]:
    """Say since when every link was visited, or how many were not, and why."""
    lines = []
    if visited.first_at is not None and not visited.unvisited:
        lines.append(say("report.complete", day=visited.first_at))
    for key, count in (
        ("report.not-visited", visited.unvisited),
        ("report.not-readable", visited.unreadable),
        ("report.not-asked", visited.ignored),
    ):
        if count:
            lines.append(say(key, count=count))
    return lines


# How a copy that a person has is handed in: a file of the formats of web archives.
_HAND_IN: Final = "renvois archive import COPIE.warc.gz"


def list_next_steps(row: LinkRow) -> tuple[tuple[Message, str], ...]:
    """List what a person can do about a link: what for, and the command to copy."""
    url = shlex.quote(row.url)
    repair = (message("link.next.repair"), "renvois links repair --apply")
    again = (message("link.next.again"), f"renvois links check --force --only {url}")
    hand_in = (message("link.next.hand-in"), _HAND_IN)
    decide = f"renvois links decide {url}"
    seen = (message("link.next.seen"), f"{decide} alive --by MOI")
    match row.health.state:
        case LinkState.DEAD if row.replacement is not None and row.replacement.kind != REDIRECT:
            return repair, again, seen
        case LinkState.DEAD:
            return hand_in, again, seen
        case LinkState.MOVED:
            accept = (message("link.next.accept"), f"{decide} accept --by MOI")
            return (repair[0], f"{repair[1]} --moved"), accept
        case LinkState.SICK:
            gone = (message("link.next.gone"), f"{decide} dead --by MOI")
            return again, seen, gone
        case LinkState.BLOCKED:
            return seen, hand_in, again
        case LinkState.UNKNOWN:
            return (again,)
    return ()


def is_counted_dead(row: LinkRow) -> bool:
    """Whether a link counts as dead: a person may have said to ignore it."""
    return row.health.state is LinkState.DEAD and not row.is_ignored


def list_unsettled(rows: Iterable[LinkRow]) -> list[str]:
    """List the URLs of rows, each once, but those that a person has settled: they are no news."""
    return list(dict.fromkeys(row.url for row in rows if not SETTLED & set(row.health.marks)))


def render_changes(report: LinkReport, say: Translator) -> list[str]:
    """Give what changed since the last report, in at most five lines."""
    if report.since is None:
        return [say("report.first", count=len(report.rows))]
    latest = {turn.url: turn for turn in report.turns}  # where each link came to
    turns = list(latest.values())
    lines = [
        _line("link.count.dead", [turn for turn in turns if turn.is_death], say),
        _line("link.count.resurrected", [t for t in report.turns if t.is_resurrection], say),
        _line("link.count.moved", [t for t in turns if t.state is LinkState.MOVED], say),
        _line("link.count.sick", [t for t in turns if t.state is LinkState.SICK], say),
    ]
    told = [line for line in lines if line]
    if not told:
        return [say("report.nothing-changed", day=report.since)]
    return [say("report.since", day=report.since), *told]


def _line(key: str, turns: Sequence[Turn], say: Translator) -> str:
    if not turns:
        return ""
    counted = say(key, count=len(turns))
    urls = ", ".join(turn.url for turn in turns[:NAMED])
    if len(turns) <= NAMED:
        return say("report.line", counted=counted, urls=urls)
    return say("report.line-more", counted=counted, urls=urls, count=len(turns) - NAMED)


_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


NOTE_CHARS: Final = 60  # of the words that name a note


def name_note(note: Note) -> str:
    """Name a note on one line: its heading and its first words."""
    words = " ".join(note.text.split())
    if len(words) > NOTE_CHARS:
        words = words[: NOTE_CHARS - 1].rsplit(" ", 1)[0].rstrip(" ,;:«") + "…"
    return f"{NBSP}: ".join(filter(None, (note.section[-1] if note.section else "", words)))


def strip_controls(text: str) -> str:
    """Give a text without the characters that XML 1.0 has no way to write (§2.2), C1 neither."""
    return _NOT_XML.sub("", text)
