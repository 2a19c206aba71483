"""Turn outcomes into counts, lines of a log, causes in English, and messages on what to do next.

Nothing here prints: the command does.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from indexer.messages import Message, message, open_translator
from indexer.model import Captured, Cause, Missed, Outcome, Revisited

_PARTICIPLES: Final = MappingProxyType(
    {Captured: "captured", Revisited: "revisited", Missed: "missed"}
)

HINTS: Final[Mapping[Cause, str]] = MappingProxyType(  # keys
    {
        Cause.DNS_FAILURE: "cli.report.dns-failure",
        Cause.UNKNOWN_HOST: "cli.report.unknown-host",
        Cause.DISALLOWED_BY_ROBOTS: "cli.report.disallowed-by-robots",
        Cause.THROTTLED: "cli.report.throttled",
        Cause.FORBIDDEN_ADDRESS: "cli.report.forbidden-address",
    }
)
_COUNTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "captured": "cli.report.captured",
        "revisited": "cli.report.revisited",
        "missed": "cli.report.missed",
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

    def list_messages(self) -> Iterator[Message]:
        """List the tally, then each cause with a hint where it has one, the most frequent first."""
        total = self.counts.total()
        if not total:
            yield message("cli.crawl.nothing")
            return
        counted = (
            message(key, count=self.counts[name])
            for name, key in _COUNTED.items()
            if self.counts[name]
        )
        yield message("cli.report.visited", count=total, outcomes=tuple(counted))
        for reason, count in self.causes.most_common():
            told = message(f"cause.{reason.value}")
            if reason in HINTS:
                hint = message(HINTS[reason])
                yield message("cli.report.cause-hint", number=count, cause=told, hint=hint)
            else:
                yield message("cli.report.cause", number=count, cause=told)


def explain_cause(cause: Cause) -> str:
    """Say what happened, in English, without a full stop."""
    return open_translator("en")(f"cause.{cause.value}")
