"""Turn outcomes into counts, a line each, causes in English, and hints on what to do next.

Nothing here prints: the command does.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from indexer.messages import open_translator
from indexer.model import Captured, Cause, Missed, Outcome, Revisited

_PARTICIPLES: Final = MappingProxyType(
    {Captured: "captured", Revisited: "revisited", Missed: "missed"}
)

HINTS: Final[Mapping[Cause, str]] = MappingProxyType(
    {
        Cause.DNS_FAILURE: "The names could not be looked up: is this machine online?",
        Cause.UNKNOWN_HOST: "Some hosts do not exist (any more), or this machine is offline.",
        Cause.DISALLOWED_BY_ROBOTS: "Some sites ask robots not to read these pages: obeyed.",
        Cause.THROTTLED: "Some hosts asked us to slow down; run `make crawl` again later.",
        Cause.FORBIDDEN_ADDRESS: "Some links lead inside a private network and were not followed.",
    }
)


def outcome_slug(outcome: Outcome) -> str:
    """Say what happened, as a program reads it: "captured", "revisited", "missed"."""
    return _PARTICIPLES[type(outcome)]


def cause(outcome: Outcome) -> str | None:
    """Say why, as a slug, or None when all went well."""
    match outcome:
        case Captured(cause=reason):
            return None if reason is None else reason.value
        case Revisited():
            return None
        case Missed(cause=reason):
            return reason.value


def render_logfmt(**pairs: object) -> str:
    """Render one logfmt line; None and "" are left out, values with spaces are quoted."""
    return " ".join(
        f"{key}={_quote(str(value))}" for key, value in pairs.items() if value not in (None, "")
    )


def _quote(text: str) -> str:
    if any(character in text for character in ' "=\t\n\r'):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + " ".join(escaped.split()) + '"'
    return text


@dataclass(slots=True)
class OutcomeCounts:
    """Counts of outcomes and causes, taken as they pass, so that nothing is kept of them."""

    counts: Counter[str] = field(default_factory=Counter)
    causes: Counter[Cause] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        self.counts[outcome_slug(outcome)] += 1
        if not isinstance(outcome, Revisited) and outcome.cause is not None:
            self.causes[outcome.cause] += 1

    def sentences(self) -> Iterable[str]:
        """Say the tally, then a hint for each cause that has one."""
        total = self.counts.total()
        if not total:
            yield "Nothing to visit."
            return
        parts = [
            f"{self.counts[name]} {name}"
            for name in ("captured", "revisited", "missed")
            if self.counts[name]
        ]
        yield f"{total} visited: {', '.join(parts)}."
        for reason, count in self.causes.most_common():
            hint = HINTS.get(reason, "")
            yield f"  {count} × {reason.value}" + (f". {hint}" if hint else "")


def explain_cause(cause: Cause) -> str:
    """Say what happened, in English, without a full stop."""
    return open_translator("en")(f"cause.{cause.value}")
