"""Follow a history, one observation after the other: strikes, deaths, resurrections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from indexer.links.answers import Answer, Finding
from indexer.messages import NOTHING, Message
from indexer.model import LinkState

STRIKES: Final = 3
SPREAD: Final = timedelta(days=7)
# Three tries within an hour are one failure; a daily check may come a little early.
APART: Final = timedelta(hours=20)
# Two failures further apart tell of one disappearance only if every check between them failed too:
# what a doubtful page, a refusal or an outage hid for that long, nobody knows.
LAPSE: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Hold the state of a link's history after some observations."""

    state: LinkState = LinkState.UNKNOWN
    since: datetime | None = None
    alive_at: datetime | None = None
    failing_since: datetime | None = None
    resurrected_at: datetime | None = None
    strikes: tuple[tuple[datetime, int], ...] = ()  # (when, worth), at least APART
    is_interrupted: bool = False  # since the last strike, a visit told nothing either way
    why_dead: Message = NOTHING  # the clause of the strike that settled it


def is_dead(strikes: Sequence[tuple[datetime, int]]) -> bool:
    """Say whether strikes (when, worth), in their order, settle a death."""
    return (
        sum(worth for _, worth in strikes) >= STRIKES and strikes[-1][0] - strikes[0][0] >= SPREAD
    )


def advance(course: Course, at: datetime, finding: Finding) -> Course:
    """The course after one more visit; only a page that was there undoes strikes or a death."""
    was_dead = course.state is LinkState.DEAD
    if finding.is_unproved and course.since is None:
        # A title alone, which may be translated or somebody's own words, condemns no first visit.
        finding = replace(finding, answer=Answer.ALIVE)
    # What we are not sure of adds nothing to a death, and undoes nothing of it.
    is_back = finding.is_there and not (finding.is_doubtful and course.strikes)
    if is_back:
        course = replace(
            course,
            alive_at=at,
            strikes=(),
            is_interrupted=False,
            why_dead=NOTHING,
            failing_since=(course.failing_since or at) if finding.answer is Answer.SICK else None,
            resurrected_at=at if was_dead else course.resurrected_at,
        )
    elif finding.answer in (Answer.SICK, Answer.FAILED):
        course = replace(
            course,
            failing_since=course.failing_since or at,
            strikes=_struck(_not_lapsed(course, at, finding), at, finding.strikes),
            why_dead=finding.clause if finding.strikes else course.why_dead,
        )
    if not is_back:
        course = replace(course, is_interrupted=not finding.strikes)
    stays_dead = was_dead and not is_back
    state = LinkState.DEAD if stays_dead else _state(course, finding)
    return course if state is course.state else replace(course, state=state, since=at)


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
    """The strikes that still count when another one comes; those of a death always do."""
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
