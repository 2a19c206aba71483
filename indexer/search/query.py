"""What somebody may ask for, as a tree of frozen values.

Built by `parsing.parse_query`, written back by `rendering.render_query`, turned into postings by
the engine alone. The builders below keep trees in one canonical shape, so that two ways of
typing the same thing are equal.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed: "l'éco-quartier"; what is in it, the analysis says."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in that order, with at most `slop` others between."""

    text: str
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """A word with `*` in it, for any letters: "mutualis*"."""

    text: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A word give or take `distance` letters: "colaboratif~"."""

    text: str
    distance: int = 1


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included; "" leaves that side open. Dates: "2015", "2015-03"."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class In:
    """Look in one field only: title, author, note, text, section, site, year, language…"""

    field: str
    query: "Query"


@dataclass(frozen=True, slots=True)
class All:
    """Every part (ET)."""

    parts: "tuple[Query, ...]"


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part (OU)."""

    parts: "tuple[Query, ...]"


@dataclass(frozen=True, slots=True)
class Bag:
    """Things side by side: the more of `optional` the better, all `required`, no `excluded`."""

    optional: "tuple[Query, ...]" = ()
    required: "tuple[Query, ...]" = ()
    excluded: "tuple[Query, ...]" = ()


Query = Word | Phrase | Pattern | Fuzzy | Range | In | All | Any | Bag

NOTHING = Bag()  # what an empty box asks for


def build_bag(
    optional: tuple[Query, ...], required: tuple[Query, ...], excluded: tuple[Query, ...]
) -> Query:
    """A bag, or its only part when it has one that must be there anyway."""
    optional, required, excluded = (
        tuple(part for part in parts if part != NOTHING) for parts in (optional, required, excluded)
    )
    if not excluded and len(optional) + len(required) == 1:
        return (optional + required)[0]
    return Bag(optional, required, excluded)


def build_all(parts: list[Query]) -> Query:
    """Every part; parts that only exclude become what the rest excludes."""
    wanted: list[Query] = []
    excluded: list[Query] = []
    for part in parts:
        if isinstance(part, All):
            wanted += part.parts
        elif isinstance(part, Bag) and not part.optional and not part.required:
            excluded += part.excluded
        else:
            wanted.append(part)
    if excluded:
        return build_bag((), tuple(wanted), tuple(excluded))
    return wanted[0] if len(wanted) == 1 else All(tuple(wanted)) if wanted else NOTHING


def build_any(parts: list[Query]) -> Query:
    """At least one part."""
    flat: list[Query] = []
    for part in parts:
        if isinstance(part, Any):
            flat += part.parts
        elif part != NOTHING:
            flat.append(part)
    return flat[0] if len(flat) == 1 else Any(tuple(flat)) if flat else NOTHING
