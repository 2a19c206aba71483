"""What to read and how to put it together: a Query after analysis, before any posting.

An engine needs to know nothing of French nor of what was typed to carry out a plan.
"""

from dataclasses import dataclass

Term = tuple[str, str]  # (field, term)


@dataclass(frozen=True, slots=True)
class Weighted:
    """A term that adds to a score: weight x BM25."""

    field: str
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Words:
    """Documents with any of the slots; those with all of them are complete.

    A slot is one word under all its names (stems, compounds); any of its terms fills it.
    """

    slots: tuple[tuple[Term, ...], ...]
    leaves: tuple[Weighted, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """Documents with the slots one after the other in `field`, at most `slop` words between."""

    field: str
    slots: tuple[tuple[str, ...], ...]
    slop: int
    leaves: tuple[Weighted, ...]


@dataclass(frozen=True, slots=True)
class Facet:
    """Documents that have one of these values; adds nothing to the score."""

    name: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ids:
    """The documents of these ids; adds nothing to the score."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Every:
    """All documents."""


@dataclass(frozen=True, slots=True)
class Intersection:
    """Documents of every part; scores add up."""

    parts: "tuple[Plan, ...]"


@dataclass(frozen=True, slots=True)
class Union:
    """Documents of any part; scores add up."""

    parts: "tuple[Plan, ...]"


@dataclass(frozen=True, slots=True)
class Choice:
    """Documents of every required part (of any optional one when none is), less the excluded."""

    optional: "tuple[Plan, ...]"
    required: "tuple[Plan, ...]"
    excluded: "tuple[Plan, ...]"


Plan = Words | Sequence | Facet | Ids | Every | Intersection | Union | Choice
