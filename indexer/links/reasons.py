"""Say why a link is how it is, and why it is not counted dead: messages, in no language yet."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from indexer.links.answers import Answer, Finding
from indexer.links.course import Course
from indexer.links.drift import Change, Drift
from indexer.messages import NOTHING, Message, message
from indexer.model import Cause, LinkState, Observation

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
        return clause
    return message(f"link.change.{change.value}", clause=clause, share=last.similarity or 0.0)


def change_of(last: Observation) -> Change | None:
    """The word for the change; without the lengths, what is known of it measures the cut."""
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
    if finding.is_there and not finding.is_doubtful:
        return message("link.not-dead.readable")
    if not course.strikes:
        return message("link.not-dead.outage")
    return message("link.not-dead.too-few", count=len(course.strikes), since=course.strikes[0][0])
