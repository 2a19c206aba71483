"""Read in a history what happened when: the last visits as dots, deaths, resurrections."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from indexer.links.health import follow, judge_link
from indexer.links.wording import NBSP, render_count, render_date
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
    """How the link was after each of its last visits, oldest first."""
    seen, courses = follow(history, until=now)
    dots = (
        Dot(observed_at=observation.observed_at, state=course.state)
        for observation, course in zip(seen, courses, strict=True)
    )
    return tuple(dots)[-last:]


def render_dots(dots: Sequence[Dot]) -> str:
    """The dots in words: "3 visites, du 1er mai 2024 au … : 2 fois vivant, 1 fois malade"."""
    if not dots:
        return "Aucune visite"
    first, last = render_date(dots[0].observed_at), render_date(dots[-1].observed_at)
    span = f"le {first}" if first == last else f"du {first} au {last}"
    counts = ", ".join(
        f"{count}{NBSP}fois {UNREADABLE if state is LinkState.UNKNOWN else state}"
        for state, count in Counter(dot.state for dot in dots).most_common()
    )
    return f"{render_count(len(dots), 'visite')}, {span}{NBSP}: {counts}"


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
