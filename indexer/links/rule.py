"""What a rule on walls is: a pattern, where it is looked for, and an example."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from indexer.model import Signal

# An article about parked domains is long; a parked domain's page is not.
SHORT_CHARS: Final = 1_500
# Shorter than any article: comment forms of good pages carry captchas too.
TINY_CHARS: Final = 600


class Where(Enum):
    """The part of a page that a rule reads."""

    HEADLINE = auto()  # title and headings
    TEXT = auto()
    MARKUP = auto()
    HOST = auto()  # of the final address
    PATH = auto()  # of the final address, where we were sent without asking for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`pattern` found in that part of a page at most `max_chars` long means `signal`."""

    signal: Signal
    where: Where
    pattern: str
    example: str
    max_chars: int = SHORT_CHARS


def rule(signal: Signal, where: Where, pattern: str, example: str, max_chars: int = 0) -> Rule:
    """A rule on one line; without `max_chars` it is for a short page."""
    return Rule(
        signal=signal,
        where=where,
        pattern=pattern,
        example=example,
        max_chars=max_chars or SHORT_CHARS,
    )


ANY_LENGTH: Final = 10_000_000
