"""Read in a history what happened when: the last visits as dots, deaths, resurrections."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from indexer.links.health import follow, judge_link
from indexer.messages import Message, message
from indexer.model import UNREADABLE, Dot, LinkHealth, LinkState, Observation

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
    history: Sequence[Observation], *, now: datetime, last: int = DOTS
) -> tuple[Dot, ...]:
    """List the state of a link after each of its last visits, oldest first."""
    seen, courses = follow(history, until=now)
    dots = (
        Dot(observed_at=observation.observed_at, state=course.state)
        for observation, course in zip(seen, courses, strict=True)
    )
    return tuple(dots)[-last:]


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
    """The changes of state after `since`, up to `until`, in their order."""
    seen, courses = follow(history, until=until)
    state = LinkState.UNKNOWN
    for observation, course in zip(seen, courses, strict=True):
        before, state = state, course.state
        at = observation.observed_at
        if at > since and state is not before:
            yield Turn(
                url=observation.url, at=at, before=before, health=judge_link(history, now=at)
            )
