"""Sum up how the links are, and what changed since the last report; words for every form of it."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from indexer.links.timeline import Turn
from indexer.messages import NBSP, Translator
from indexer.model import LINK_STATES, LinkMark, LinkRow, LinkState, Note

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
        """Count the links in each state, without those that a person ignores."""
        seen = Counter(
            row.health.state for row in self.rows if LinkMark.IGNORED not in row.health.marks
        )
        return {state: seen[state] for state in LINK_STATES}

    @property
    def deaths(self) -> tuple[Turn, ...]:
        """List the links that died since the last report and are dead still."""
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
    return sorted(rows, key=lambda row: LINK_STATES.index(row.health.state))


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


def name_note(note: Note, length: int = 60) -> str:
    """Name a note on one line: its heading and its first words."""
    words = " ".join(note.text.split())
    if len(words) > length:
        words = words[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:«") + "…"
    return f"{NBSP}: ".join(filter(None, (note.section[-1] if note.section else "", words)))


def strip_controls(text: str) -> str:
    """A text without the characters that XML 1.0 has no way to write (§2.2), C1 neither."""
    return _NOT_XML.sub("", text)
