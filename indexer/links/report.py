"""Sum up how the links are, and what changed since the last report."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from indexer.links.timeline import Turn
from indexer.links.wording import NBSP, render_count
from indexer.messages import Translator
from indexer.model import LinkMark, LinkRow, LinkState

# In the order in which a librarian acts.
STATES: Final = (
    LinkState.DEAD,
    LinkState.SICK,
    LinkState.BLOCKED,
    LinkState.MOVED,
    LinkState.ALIVE,
    LinkState.UNKNOWN,
)
SETTLED: Final = frozenset({LinkMark.IGNORED, LinkMark.DECIDED})
NAMED: Final = 3  # URLs named in a line of the summary


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """All that a report says; the formats only render it."""

    made_at: datetime
    rows: tuple[LinkRow, ...]
    since: datetime | None = None  # of the last report
    turns: tuple[Turn, ...] = ()  # what changed since

    @property
    def counts(self) -> dict[LinkState, int]:
        """How many links are in each state; what a person ignores does not count."""
        seen = Counter(
            row.health.state for row in self.rows if LinkMark.IGNORED not in row.health.marks
        )
        return {state: seen[state] for state in STATES}

    @property
    def deaths(self) -> tuple[Turn, ...]:
        """What died since the last report and is dead still."""
        dead = {row.url for row in self.rows if is_counted_dead(row)}
        return tuple(turn for turn in self.turns if turn.is_death and turn.url in dead)

    @property
    def has_deaths(self) -> bool:
        """Whether something died since the last report; in a first one, whether anything is."""
        return bool(self.deaths) or (self.since is None and any(map(is_counted_dead, self.rows)))


def is_counted_dead(row: LinkRow) -> bool:
    """Whether a link counts as dead: a person may have said to ignore it."""
    return row.health.state is LinkState.DEAD and LinkMark.IGNORED not in row.health.marks


def list_unsettled(rows: Iterable[LinkRow]) -> list[str]:
    """List the URLs of rows, each once, but those that a person has settled: they are no news."""
    return list(dict.fromkeys(row.url for row in rows if not SETTLED & set(row.health.marks)))


def sort_rows(rows: Iterable[LinkRow]) -> list[LinkRow]:
    """The rows in the order in which a librarian acts: dead first, alive last."""
    return sorted(rows, key=lambda row: STATES.index(row.health.state))


def render_changes(report: LinkReport, say: Translator) -> list[str]:
    """What changed since the last report, in at most five French lines."""
    if report.since is None:
        counted = render_count(len(report.rows), "lien")
        return [f"Premier rapport{NBSP}: {counted}."]
    latest = {turn.url: turn for turn in report.turns}  # where each link came to
    turns = list(latest.values())
    lines = [
        _line("mort", "morts", [turn for turn in turns if turn.is_death]),
        _line("ressuscité", "ressuscités", [turn for turn in report.turns if turn.is_resurrection]),
        _line("déplacé", "déplacés", [t for t in turns if t.state is LinkState.MOVED]),
        _line("malade", "malades", [t for t in turns if t.state is LinkState.SICK]),
    ]
    told = [line for line in lines if line]
    head = f"Depuis le rapport du {say.day(report.since)}{NBSP}:"
    return [head, *told] if told else [f"{head} rien n’a changé."]


def _line(singular: str, plural: str, turns: Sequence[Turn]) -> str:
    if not turns:
        return ""
    named = ", ".join(turn.url for turn in turns[:NAMED])
    more = f" et {len(turns) - NAMED}{NBSP}autres" if len(turns) > NAMED else ""
    return f"{render_count(len(turns), singular, plural)}{NBSP}: {named}{more}."
