"""A query: what somebody may ask for, as a tree of frozen values.

Built by `parsing.parse_query`, written back by `rendering.render_query`, turned into postings by
the engine alone. The builders below keep trees in one canonical shape, so that two ways of
typing the same thing are equal.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed: "l'éco-quartier"; what is in it, the analysis says.

    `also` is what the owner's file of synonyms has looked for with it, or with it and the words
    beside it; a protected word is looked for as it is written (`indexer.search.synonyms`).
    """

    text: str
    also: "tuple[Word | Phrase, ...]" = ()
    is_protected: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in that order, with at most `slop` others between."""

    text: str
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """A word with `*` in it, for any letters, or `?`, for one: "mutualis*", "esp?ce"."""

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
    """Look in one field only: title, author, note, text, section, site, year, language."""

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
    """Stand side by side: what is `required`, what is not `excluded`, and what is `optional`.

    Of `optional` all the fields are meant and, where there are any, at least one of the other
    things: the more the better.
    """

    optional: "tuple[Query, ...]" = ()
    required: "tuple[Query, ...]" = ()
    excluded: "tuple[Query, ...]" = ()


Query = Word | Phrase | Pattern | Fuzzy | Range | In | All | Any | Bag

NOTHING = Bag()  # what an empty box asks for


def build_bag(
    optional: tuple[Query, ...], required: tuple[Query, ...], excluded: tuple[Query, ...]
) -> Query:
    """Build a bag, or give its only part when it has one, which must be there anyway.

    What is typed with "+" stays so: it is searched as it is typed.
    """
    optional, required, excluded = (
        tuple(part for part in parts if part != NOTHING) for parts in (optional, required, excluded)
    )
    if not excluded and not required and len(optional) == 1:
        return optional[0]
    return Bag(optional, required, excluded)


def build_all(parts: list[Query]) -> Query:
    """Join parts by ET; those that only exclude become what the rest excludes."""
    wanted: list[Query] = []
    excluded: list[Query] = []
    for part in parts:
        if isinstance(part, All):
            wanted += part.parts
        elif isinstance(part, Bag) and not part.optional and not part.required:
            excluded += part.excluded
        else:
            wanted.append(part)
    if excluded and len(wanted) == 1:  # "a ET NON b" is "a SAUF b"
        only = wanted[0]
        held = only if isinstance(only, Bag) else Bag((only,))
        return build_bag(held.optional, held.required, held.excluded + tuple(excluded))
    if excluded:
        return build_bag((), tuple(wanted), tuple(excluded))
    return wanted[0] if len(wanted) == 1 else All(tuple(wanted)) if wanted else NOTHING


def build_any(parts: list[Query]) -> Query:
    """Join parts by OU."""
    flat: list[Query] = []
    for part in parts:
        if isinstance(part, Any):
            flat += part.parts
        elif part != NOTHING:
            flat.append(part)
    return flat[0] if len(flat) == 1 else Any(tuple(flat)) if flat else NOTHING


def is_field(query: Query) -> bool:
    """Tell whether a query names fields only, which restrict: "titre:a", "(titre:a OU note:a)"."""
    match query:
        case In():
            return True
        case All(parts) | Any(parts):
            return all(map(is_field, parts))
        case Bag(optional, required) if optional or required:
            return all(map(is_field, optional + required))
        case _:
            return False


def list_fields(query: Query) -> list[Query]:
    """List the parts of a query that name a field and are not excluded, in order."""
    match query:
        case In():
            return [query]
        case All(parts) | Any(parts):
            return [each for part in parts for each in list_fields(part)]
        case Bag(optional, required):
            return [each for part in optional + required for each in list_fields(part)]
        case _:
            return []


def leave_generous(query: Query) -> Query:
    """Leave what is sought generously: neither in a field, nor required, nor excluded."""
    match query:
        case In() | All():
            return NOTHING
        case Any(parts):
            return build_any([leave_generous(part) for part in parts])
        case Bag(optional):
            return build_bag(tuple(leave_generous(part) for part in optional), (), ())
        case _:
            return query


def list_strict(query: Query, *, is_strict: bool = False) -> list[Word | Phrase]:
    """List the words and phrases of a query that are required or excluded, outside of fields."""
    match query:
        case Word() | Phrase():
            return [query] if is_strict else []
        case All(parts):
            return [each for part in parts for each in list_strict(part, is_strict=True)]
        case Any(parts):
            return [each for part in parts for each in list_strict(part, is_strict=is_strict)]
        case Bag(optional, required, excluded):
            held = [each for part in optional for each in list_strict(part, is_strict=is_strict)]
            strict = required + excluded
            return held + [each for part in strict for each in list_strict(part, is_strict=True)]
        case _:
            return []
