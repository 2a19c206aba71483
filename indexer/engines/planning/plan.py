"""A plan says what to read and how to put it together: a Query after analysis, before any posting.

An engine needs to know nothing of French nor of what was typed to carry out a plan.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

Term = tuple[str, str]  # (field, term)
# The message that names a field in the explanation of a score.
SCORE_PLACES: Final = {
    "all": "score.in.text-lemmas",
    "title": "score.in.title-lemmas",
    "all_stems": "score.in.text-and-notes",
    "title_stems": "score.in.title",
    "all_exact": "score.in.text-exact",
    "title_exact": "score.in.title-exact",
    "all_starts": "score.in.text-starts",
    "all_pairs": "score.in.text-pairs",
    "title_pairs": "score.in.title-pairs",
    "all_stop_pairs": "score.in.stop-pairs",
    "author": "score.in.author",
    "note": "score.in.notes",
    "section": "score.in.section",
}


class Weighted(NamedTuple):
    """A term that adds to a score: its weight x what the formula says."""

    field: str
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Slot:
    """One word under all its names (stems, compounds); any of its terms fills it.

    `leaves` add to the score of documents that are found, and find none themselves. A word may be
    filled by words one after the other too: `phrases`, which add nothing themselves.
    """

    terms: tuple[Term, ...]
    leaves: tuple[Weighted, ...] = ()
    phrases: "tuple[PhraseQuery, ...]" = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out the hash once."""
        object.__setattr__(self, "_hash", hash((self.terms, self.leaves, self.phrases)))

    def __hash__(self) -> int:
        """Give the hash that was worked out."""
        return self._hash  # slots are looked up at every question


@dataclass(frozen=True, slots=True)
class Words:
    """Documents with any of the slots; those with all of them are complete.

    `leaves` are what several slots have in common: pairs, compounds.
    """

    slots: tuple[Slot, ...]
    leaves: tuple[Weighted, ...] = ()


@dataclass(frozen=True, slots=True)
class PhraseQuery:
    """Documents with terms one after the other in `field`, at most `slop` words between.

    Each place may be taken by any of some terms; `words` are what adds to the score. `small_words`
    are the small words, folded, that must stand before the first of the terms, between each two,
    after the last, and no others between; where none is named any may stand. Without terms they
    are one run, that must stand as it is.
    """

    field: str
    terms: tuple[tuple[str, ...], ...]
    slop: int
    words: Words
    small_words: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class FacetQuery:
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
class BooleanQuery:
    """Documents of every required part (of any optional one when none is), less the excluded.

    Of excluded words, the documents that have all of them are left out.
    """

    optional: "tuple[Plan, ...]"
    required: "tuple[Plan, ...]"
    excluded: "tuple[Plan, ...]"


Plan = Words | PhraseQuery | FacetQuery | Ids | Every | Intersection | Union | BooleanQuery


def collect_words(plan: Plan) -> list[Words]:
    """All that adds to the score, in the order of the plan."""
    match plan:
        case Words():
            return [plan]
        case PhraseQuery(words=words):
            return [words]
        case Intersection(parts) | Union(parts):
            return [words for part in parts for words in collect_words(part)]
        case BooleanQuery(optional, required):
            return [words for part in required + optional for words in collect_words(part)]
        case FacetQuery() | Ids() | Every():
            return []


def collect_leaves(plan: Plan) -> list[Weighted]:
    """List the terms that add to the scores of a plan."""
    return [
        leaf
        for words in collect_words(plan)
        for leaf in (*(leaf for slot in words.slots for leaf in slot.leaves), *words.leaves)
    ]
