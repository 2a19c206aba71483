"""Judge a link from all that was observed of it, and the clock; say when to look again.

A pure function of the history: the state of any past day is `judge_link(history, now=that_day)`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

from indexer.links.course import Course, advance
from indexer.links.decisions import Choice, Decision
from indexer.links.drift import Change
from indexer.links.finding import brings_page, weigh
from indexer.links.reasons import change_of, explain_state, explain_survival
from indexer.messages import message
from indexer.model import (
    LinkHealth,
    LinkMark,
    LinkState,
    Observation,
    PageKind,
    Reference,
    Signal,
)
from indexer.urls import urlkey

NEWS: Final = timedelta(days=60)
LONG: Final = timedelta(days=90)

_ALIVE_STATES: Final = frozenset({LinkState.ALIVE, LinkState.MOVED})


def judge_link(history: Sequence[Observation], *, now: datetime) -> LinkHealth:
    """Say how a link is: five states, or never visited.

    `history` may come in any order; what was observed after `now` does not count yet. Never
    dead on one failure: it takes strikes worth three (a 410 is worth two) on at least two
    days, seven days or more from the first to the last, and none of them undone since by a page
    that was there. What can't be told (403, captcha, robots.txt…) neither adds nor undoes.
    """
    seen, courses = follow(history, until=now)
    if not seen:
        return LinkHealth(
            reason=message("link.reason.never-visited"),
            not_dead_because=message("link.reason.never-visited"),
        )
    last, course = seen[-1], courses[-1]
    finding = weigh(last)
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
    )
    return replace(health, marks=tuple(_marks(health, last, now=now)))


def follow(
    history: Sequence[Observation], *, until: datetime
) -> tuple[list[Observation], list[Course]]:
    """The observations up to a moment, oldest first, and the course after each of them."""
    seen = sorted((o for o in history if o.observed_at <= until), key=lambda o: o.observed_at)
    findings = ((o.observed_at, weigh(o)) for o in seen)
    courses = accumulate(findings, lambda course, found: advance(course, *found), initial=Course())
    return seen, list(courses)[1:]


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
    if is_alive and last.page_kind is PageKind.NEEDS_JAVASCRIPT:
        yield LinkMark.NEEDS_JAVASCRIPT
    if is_alive and last.page_kind in (PageKind.NO_TEXT, PageKind.UNREADABLE):
        yield LinkMark.NO_TEXT
    if _is_to_check(health, now=now):
        yield LinkMark.TO_CHECK


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
    if not history:
        return None
    last = max(history, key=lambda observation: observation.observed_at)
    health = judge_link(history, now=last.observed_at)
    if health.state is LinkState.SICK and weigh(last).strikes:
        return last.observed_at + CONFIRM_AFTER
    if decision is not None and decision.choice is Choice.MONTHLY:
        return last.observed_at + MONTH
    return None
