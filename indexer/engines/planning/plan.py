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
    "identifier": "score.in.identifier",
}


class ScoringTerm(NamedTuple):
    """A term of a field that adds its weight x what the formula gives to the score of a text."""

    field: str
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class TermGroup:
    """One word of a query under all its names (lemmas, stems, compounds).

    A text matches the group when it has any of `terms` or any of `phrases` (words one after the
    other, that stand for the word and add nothing to a score). The terms of `scoring` add to the
    scores of texts that the plan finds, and find none by themselves.
    """

    terms: tuple[Term, ...]
    scoring: tuple[ScoringTerm, ...] = ()
    phrases: "tuple[PhraseQuery, ...]" = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out the hash once."""
        object.__setattr__(self, "_hash", hash((self.terms, self.scoring, self.phrases)))

    def __hash__(self) -> int:
        """Give the hash that was worked out."""
        return self._hash  # groups are looked up at every question


@dataclass(frozen=True, slots=True)
class BagOfTerms:
    """The texts that match any of the groups, as bare words are searched.

    `scoring` are terms that add to scores and belong to several groups: pairs of words, compounds.
    """

    groups: tuple[TermGroup, ...]
    scoring: tuple[ScoringTerm, ...] = ()


@dataclass(frozen=True, slots=True)
class PhraseQuery:
    """Documents with terms one after the other in `field`, at most `slop` words between.

    Each place may be taken by any of some terms; `bag` is what adds to the score. `small_words`
    are the small words, folded, that must stand before the first of the terms, between each two,
    after the last, and no others between; where none is named any may stand. Without terms they
    are one run, that must stand as it is.
    """

    field: str
    terms: tuple[tuple[str, ...], ...]
    slop: int
    bag: BagOfTerms
    small_words: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class FacetQuery:
    """Documents that have one of these values; adds nothing to the score."""

    name: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class IdsQuery:
    """The documents of these ids; adds nothing to the score."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class MatchAll:
    """All texts of the index."""


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


Plan = (
    BagOfTerms
    | PhraseQuery
    | FacetQuery
    | IdsQuery
    | MatchAll
    | Intersection
    | Union
    | BooleanQuery
)


def collect_bags(plan: Plan) -> list[BagOfTerms]:
    """List the bags of a plan that add to scores, in the order of the plan."""
    match plan:
        case BagOfTerms():
            return [plan]
        case PhraseQuery(bag=bag):
            return [bag]
        case Intersection(parts) | Union(parts):
            return [bag for part in parts for bag in collect_bags(part)]
        case BooleanQuery(optional, required):
            return [bag for part in required + optional for bag in collect_bags(part)]
        case FacetQuery() | IdsQuery() | MatchAll():
            return []


def collect_scoring_terms(plan: Plan) -> list[ScoringTerm]:
    """List the terms that add to the scores of a plan."""
    return [
        term
        for bag in collect_bags(plan)
        for term in (*(term for group in bag.groups for term in group.scoring), *bag.scoring)
    ]
