"""Judge a link from all that was observed of it, and the clock: its state, why, when to look again.

A pure function of the history: the state of any past day is `judge_link(history, now=that_day)`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from operator import attrgetter
from types import MappingProxyType
from typing import Final, NamedTuple

from indexer.links.decisions import Choice, Decision
from indexer.links.drift import Change, Drift
from indexer.links.finding import Answer, Finding, brings_page, weigh
from indexer.messages import NOTHING, Message, message
from indexer.model import (
    Cause,
    LinkHealth,
    LinkMark,
    LinkState,
    Observation,
    PageKind,
    Reference,
    Signal,
)
from indexer.urls import urlkey

STRIKES: Final = 3
SPREAD: Final = timedelta(days=7)
# Three tries within an hour are one failure; a daily check may come a little early.
APART: Final = timedelta(hours=20)
# Two failures further apart tell of one disappearance only if every check between them failed too:
# what a doubtful page, a refusal or an outage hid for that long, nobody knows.
LAPSE: Final = timedelta(days=60)


class Course(NamedTuple):
    """Hold the state of a link's history after some observations."""

    state: LinkState = LinkState.UNKNOWN
    since: datetime | None = None
    alive_at: datetime | None = None
    failing_since: datetime | None = None
    resurrected_at: datetime | None = None
    strikes: tuple[tuple[datetime, int], ...] = ()  # (when, worth), at least APART
    is_interrupted: bool = False  # since the last strike, a visit told nothing either way
    why_dead: Message = NOTHING  # the clause of the strike that settled it


class Followed(NamedTuple):
    """Hold a link's observations, oldest first, what each is worth, and the course after each."""

    seen: list[Observation]
    findings: list[Finding]
    courses: list[Course]


def is_dead(strikes: Sequence[tuple[datetime, int]]) -> bool:
    """Say whether strikes (when, worth), in their order, settle a death."""
    return (
        sum(worth for _, worth in strikes) >= STRIKES and strikes[-1][0] - strikes[0][0] >= SPREAD
    )


def advance(course: Course, at: datetime, finding: Finding) -> Course:
    """Give the course after one more visit; only a page that was there undoes strikes, a death."""
    was_dead = course.state is LinkState.DEAD
    if finding.is_unproved and course.since is None:
        # A title alone, which may be translated or somebody's own words, condemns no first visit.
        finding = replace(finding, answer=Answer.ALIVE)
    # What we are not sure of adds nothing to a death, and undoes nothing of it.
    is_back = finding.is_there and not (finding.is_doubtful and course.strikes)
    if is_back:
        course = course._replace(
            alive_at=at,
            strikes=(),
            is_interrupted=False,
            why_dead=NOTHING,
            failing_since=(course.failing_since or at) if finding.answer is Answer.SICK else None,
            resurrected_at=at if was_dead else course.resurrected_at,
        )
    elif finding.answer in (Answer.SICK, Answer.FAILED):
        course = course._replace(
            failing_since=course.failing_since or at,
            strikes=_struck(_not_lapsed(course, at, finding), at, finding.strikes),
            why_dead=finding.clause if finding.strikes else course.why_dead,
        )
    if not is_back:
        course = course._replace(is_interrupted=not finding.strikes)
    stays_dead = was_dead and not is_back
    state = LinkState.DEAD if stays_dead else _state(course, finding)
    return course if state is course.state else course._replace(state=state, since=at)


_STATES: Final[Mapping[Answer, LinkState]] = MappingProxyType(
    {
        Answer.ALIVE: LinkState.ALIVE,
        Answer.MOVED: LinkState.MOVED,
        Answer.BLOCKED: LinkState.BLOCKED,
        Answer.SICK: LinkState.SICK,
        Answer.FAILED: LinkState.SICK,
        Answer.UNASKED: LinkState.UNKNOWN,
    }
)


def _state(course: Course, finding: Finding) -> LinkState:
    if finding.strikes and is_dead(course.strikes):
        return LinkState.DEAD
    if finding.is_doubtful and course.strikes:
        return LinkState.SICK  # it failed before, and this may not be the text
    return _STATES[finding.answer]


def _not_lapsed(course: Course, at: datetime, finding: Finding) -> tuple[tuple[datetime, int], ...]:
    """Give the strikes that still count when another one comes; those of a death always do."""
    is_settled = course.state is LinkState.DEAD or not finding.strikes or not course.strikes
    if is_settled or not course.is_interrupted or at - course.strikes[-1][0] <= LAPSE:
        return course.strikes
    return ()


def _struck(
    strikes: tuple[tuple[datetime, int], ...], at: datetime, worth: int
) -> tuple[tuple[datetime, int], ...]:
    if not worth:
        return strikes
    if strikes and at - strikes[-1][0] < APART:
        when, before = strikes[-1]
        return (*strikes[:-1], (when, max(before, worth)))
    return (*strikes, (at, worth))


NEWS: Final = timedelta(days=60)
LONG: Final = timedelta(days=90)

_ALIVE_STATES: Final = frozenset({LinkState.ALIVE, LinkState.MOVED})


def judge_link(
    history: Sequence[Observation], *, now: datetime, followed: Followed | None = None
) -> LinkHealth:
    """Say how a link is: five states, or never visited.

    `followed` is what `follow` gives for the history until `now`, where it was asked already.
    `history` may come in any order; what was observed after `now` does not count yet. Never
    dead on one failure: it takes strikes worth three (a 410 is worth two) on at least two
    days, seven days or more from the first to the last, and none of them undone since by a page
    that was there. What can't be told (403, captcha, robots.txt…) neither adds nor undoes.
    """
    seen, findings, courses = followed or follow(history, until=now)
    is_damaged = any(each.cause is Cause.DAMAGED and each.observed_at <= now for each in history)
    damage = (LinkMark.DAMAGED_CAPTURE,) if is_damaged else ()
    if not seen:
        return LinkHealth(
            marks=damage,
            reason=message("link.reason.never-visited"),
            not_dead_because=message("link.reason.never-visited"),
        )
    last, finding, course = seen[-1], findings[-1], courses[-1]
    health = LinkHealth(
        state=course.state,
        reason=explain_state(course, last, finding),
        checked_at=last.observed_at,
        alive_at=course.alive_at,
        replacement=finding.address or None,
        since=course.since,
        failing_since=course.failing_since,
        check_count=len(seen),
        final_url=last.final_url if last.redirects else "",
        has_page=brings_page(last),
        failed_at=course.strikes[-1][0] if course.strikes else None,
        failure_count=sum(worth for _, worth in course.strikes),
        resurrected_at=course.resurrected_at,
        not_dead_because=explain_survival(course, finding),
        cause=course.why_dead if course.state is LinkState.DEAD else finding.clause,
    )
    is_to_check = finding.needs_look and health.state is LinkState.SICK
    told = (LinkMark.TO_CHECK,) if is_to_check else ()
    marks = dict.fromkeys((*_marks(health, last, now=now), *told, *damage))
    return replace(health, marks=tuple(marks))


# All by which a visit is weighed, but not when it was: of most links, the same at each visit.
_read_facts: Final = attrgetter(
    *(each.name for each in fields(Observation) if each.name != "observed_at")
)


def follow(history: Sequence[Observation], *, until: datetime) -> Followed:
    """Follow a link through its observations up to a moment.

    Imported captures that are damaged are left out: they say nothing of the link.
    """
    sound = (o for o in history if o.cause is not Cause.DAMAGED and o.observed_at <= until)
    seen = sorted(sound, key=lambda o: o.observed_at)
    findings: list[Finding] = []
    for number, each in enumerate(seen):
        is_repeated = number and _read_facts(each) == _read_facts(seen[number - 1])
        findings.append(findings[-1] if is_repeated else weigh(each))
    course, courses = Course(), []
    for observation, finding in zip(seen, findings, strict=True):
        course = advance(course, observation.observed_at, finding)
        courses.append(course)
    return Followed(seen, findings, courses)


def _marks(health: LinkHealth, last: Observation, *, now: datetime) -> Iterator[LinkMark]:
    is_alive = health.state in _ALIVE_STATES
    if is_alive and health.resurrected_at and now - health.resurrected_at <= NEWS:
        yield LinkMark.RESURRECTED
    if is_alive and (mark := _MARK_BY_CHANGE.get(change_of(last))):
        yield mark
    if is_alive and (last.page_kind is PageKind.PAYWALL or Signal.PAYWALL in last.signals):
        yield LinkMark.PARTIAL
    if last.tls_fault is not None:
        yield LinkMark.TLS_FAULT
    if is_alive and last.missing_fragments:
        yield LinkMark.NO_ANCHOR
    if is_alive and _is_unseen(last):
        yield LinkMark.NEEDS_JAVASCRIPT
    elif is_alive and last.page_kind in (PageKind.NO_TEXT, PageKind.UNREADABLE):
        yield LinkMark.NO_TEXT
    if _is_to_check(health, now=now):
        yield LinkMark.TO_CHECK


def _is_unseen(last: Observation) -> bool:
    """Tell whether scripts write the text of a page, and no browser captured it."""
    return last.page_kind is PageKind.SCRIPT_SHELL or Signal.BY_SCRIPTS in last.signals


_MARK_BY_CHANGE: Final[dict[Change | None, LinkMark]] = {
    Change.EXTENDED: LinkMark.EXTENDED,
    Change.CUT: LinkMark.CUT,
    Change.REVISED: LinkMark.MODIFIED,
    Change.REWRITTEN: LinkMark.MODIFIED,
    Change.OTHER: LinkMark.MODIFIED,
}


def _is_to_check(health: LinkHealth, *, now: datetime) -> bool:
    """Say whether a person should look at a link that stayed undecided for a whole season."""
    if health.state not in (LinkState.BLOCKED, LinkState.SICK) or health.since is None:
        return False
    return now - health.since >= LONG


def find_change_at(
    history: Iterable[Observation], health: LinkHealth, *, now: datetime
) -> datetime | None:
    """Find from when on a verdict of `now` may be another one though nothing more is observed.

    None where it stays. A news grows old, what is undecided is to be looked at, what is dated
    ahead begins to count.
    """
    moments = [each.observed_at for each in history]
    if health.resurrected_at is not None:
        moments.append(health.resurrected_at + NEWS)
    if health.since is not None:
        moments.append(health.since + LONG)
    return min((each for each in moments if each >= now), default=None)


CONFIRM_AFTER: Final = timedelta(days=3)
MONTH: Final = timedelta(days=30)


def list_to_check(
    references: Iterable[Reference], decisions: Mapping[str, Decision]
) -> tuple[str, ...]:
    """List the urlkeys to visit: all that are cited but those that a person said to ignore."""
    ignored = {url for url, each in decisions.items() if each.choice is Choice.IGNORE}
    return tuple(
        urlkey(reference.url)
        for reference in references
        if reference.url and reference.url not in ignored
    )


def next_check(history: Sequence[Observation], decision: Decision | None = None) -> datetime | None:
    """When to look again at the latest; None where the crawl's own schedule will do.

    What looks gone is seen every three days until that is settled, even where the server says
    200; what a person wants to be seen monthly is.
    """
    history = [each for each in history if each.cause is not Cause.DAMAGED]
    if not history:
        return None
    last = max(history, key=lambda observation: observation.observed_at)
    health = judge_link(history, now=last.observed_at)
    if health.state is LinkState.SICK and weigh(last).strikes:
        return last.observed_at + CONFIRM_AFTER
    if decision is not None and decision.choice is Choice.MONTHLY:
        return last.observed_at + MONTH
    return None


# After failures, a page in which something is not right: neither a death nor a return.
_UNSURE: Final = message("link.page.unsure")


def explain_state(course: Course, last: Observation, finding: Finding) -> Message:
    """Give why the link is how it is, in one or two sentences."""
    if course.state is LinkState.DEAD:
        return _explain_death(course, finding)
    if finding.is_doubtful and course.strikes and course.failing_since is not None:
        return message("link.reason.failing", clause=_UNSURE, since=course.failing_since)
    if finding.answer is Answer.ALIVE:
        return message("link.reason.plain", clause=_add_change(finding.clause, last))
    if finding.answer is Answer.BLOCKED:
        return message("link.reason.blocked", clause=finding.clause)
    if finding.answer in (Answer.SICK, Answer.FAILED) and course.failing_since is not None:
        return message("link.reason.failing", clause=finding.clause, since=course.failing_since)
    return message("link.reason.plain", clause=finding.clause)


def _explain_death(course: Course, finding: Finding) -> Message:
    death = message(
        "link.reason.dead",
        clause=course.why_dead,
        count=len(course.strikes),
        first=course.strikes[0][0],
        last=course.strikes[-1][0],
    )
    if finding.strikes:
        return death
    clause = _UNSURE if finding.is_doubtful else finding.clause
    return message("link.reason.dead-still", death=death, clause=clause)


def _add_change(clause: Message, last: Observation) -> Message:
    if last.cause is Cause.TOO_LARGE:
        return message("link.change.too-large", clause=clause)
    if last.cause is not None:
        return message("link.change.incomplete", clause=clause)
    change = change_of(last)
    if change is None:
        return message("link.change.unseen", clause=clause) if _is_unseen(last) else clause
    return message(f"link.change.{change.value}", clause=clause, share=last.similarity or 0.0)


def change_of(last: Observation) -> Change | None:
    """Give the word for the change; without the lengths, what is known of it measures the cut."""
    if last.similarity is None:
        return None
    kept, known = last.kept or 0.0, last.known or 0.0
    # From J = c/|A∪B|, kept = c/|A| and known = c/|B| follows |B|/|A| = kept/known.
    ratio = kept / known if known else 0.0
    return Drift(similarity=last.similarity, kept=kept, known=known, length_ratio=ratio).change


def explain_survival(course: Course, finding: Finding) -> Message:
    """Give what speaks against a death; NOTHING for a dead link."""
    if course.state is LinkState.SICK:
        return _explain_sickness(course, finding)
    return _WHY_NOT_DEAD[course.state]


_WHY_NOT_DEAD: Final[Mapping[LinkState, Message]] = MappingProxyType(
    {
        LinkState.ALIVE: message("link.not-dead.answered"),
        LinkState.MOVED: message("link.not-dead.answered"),
        LinkState.BLOCKED: message("link.not-dead.refused"),
        LinkState.UNKNOWN: message("link.not-dead.unasked"),
        LinkState.DEAD: NOTHING,
    }
)


def _explain_sickness(course: Course, finding: Finding) -> Message:
    if finding.needs_look:
        return message("link.not-dead.to-check")
    if finding.is_there and not finding.is_doubtful:
        return message("link.not-dead.readable")
    if not course.strikes:
        return message("link.not-dead.outage")
    return message("link.not-dead.too-few", count=len(course.strikes), since=course.strikes[0][0])
