"""Find what is news of a link, or of a run, since what was told of it last. Pure.

An event is told once: what was told last of a link stands beside it, and only the opposite of that
is news. So neither a verdict that is reckoned anew, nor an import, nor a clock tells a death twice.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from indexer.messages import NOTHING, Message, message
from indexer.model import LinkHealth, LinkMark, LinkState


class NoticeKind(StrEnum):
    """What people may be told of."""

    DEATH = "death"
    RESURRECTION = "resurrection"
    DRIFT = "drift"  # the text is not the one captured first any more
    FAILURE = "failure"  # a run of `renvois watch` failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An event to tell people: what happened to which link, when, and why."""

    kind: NoticeKind
    at: datetime  # when it was seen
    url: str = ""  # as the bibliography writes it, without credentials; "" for a run
    reference_id: str = ""
    title: str = ""
    reason: Message = NOTHING

    @property
    def id(self) -> str:
        """Name the event for good: programs that get it twice know it again."""
        told = f"{self.kind.value} {self.url} {self.at.isoformat()}"
        return hashlib.sha256(told.encode()).hexdigest()[:20]

    @property
    def said(self) -> Message:
        """One line that says it."""
        match self.kind:
            case NoticeKind.DEATH:
                return message("report.notice.death", title=self.title or self.url)
            case NoticeKind.RESURRECTION:
                return message("report.notice.resurrection", title=self.title or self.url)
            case NoticeKind.DRIFT:
                return message("report.notice.drift", title=self.title or self.url)
            case NoticeKind.FAILURE:
                return message("report.notice.failure")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldState:
    """What was told last of a link: all that decides whether something is news."""

    is_dead: bool = False
    has_drifted: bool = False


def find_news(
    told: ToldState | None, health: LinkHealth, similarity: float | None, *, drift: float
) -> tuple[ToldState, tuple[NoticeKind, ...]]:
    """Say what is news of a link, and what is to be remembered as told.

    `told` is None for a link that nobody watched before: what it was until then is no news.
    `similarity` is what its text has in common with the one captured first (0..1, None where that
    is not known); below `drift` it is another one. What a person decided is no news to people.
    """
    is_dead = health.state is LinkState.DEAD
    known = similarity is not None and health.state in (LinkState.ALIVE, LinkState.MOVED)
    has_drifted = told.has_drifted if told is not None else False
    if known and similarity is not None:
        has_drifted = similarity < drift
    now = ToldState(is_dead=is_dead, has_drifted=has_drifted)
    is_decided = not {LinkMark.IGNORED, LinkMark.DECIDED}.isdisjoint(health.marks)
    if told is None or is_decided:
        return now, ()
    found = []
    if is_dead and not told.is_dead:
        found.append(NoticeKind.DEATH)
    if told.is_dead and not is_dead:
        found.append(NoticeKind.RESURRECTION)
    if has_drifted and not told.has_drifted and not is_dead:
        found.append(NoticeKind.DRIFT)
    return now, tuple(found)


def describe(
    kind: NoticeKind, health: LinkHealth, *, url: str, reference_id: str, title: str, now: datetime
) -> Notice:
    """Make the notice of an event that is news now."""
    at = health.since if kind is NoticeKind.DEATH and health.since else health.checked_at or now
    return Notice(
        kind=kind, at=at, url=url, reference_id=reference_id, title=title, reason=health.reason
    )
