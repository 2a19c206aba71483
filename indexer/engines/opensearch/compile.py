"""Write a plan as a query of OpenSearch: what matches goes into filters, what scores beside them.

What a text scores is the sum of the terms that the plan weighs; each is a `term` with a boost.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from indexer.engines.opensearch.mapping import SMALL, WRITTEN_FIELDS, encode, name_facet
from indexer.engines.planning.plan import (
    BagOfTerms,
    BooleanQuery,
    FacetQuery,
    IdsQuery,
    Intersection,
    MatchAll,
    PhraseQuery,
    Plan,
    Term,
    TermGroup,
    Union,
    collect_scoring_terms,
)
from indexer.index.fields import ALL, ALL_SEQUENCES

Json = dict[str, Any]
BOTH: Final = 2
BOTH_FACTOR: Final = 1.15  # docs/decisions/0050-ranking.md
NOTHING: Final[Mapping[str, Any]] = {"match_none": {}}
# Lucene refuses a query of more than 1,024 clauses; terms that add least to a score are left out.
_MOST_SCORING: Final = 700
_MOST_SMALL: Final = 8  # small words between two words where none is named
_MOST_TERMS: Final = 60_000  # in one `terms`, of which OpenSearch takes 65,536


def compile_filter(plan: Plan) -> Json:
    """Write what a plan finds, whatever it scores."""
    match plan:
        case BagOfTerms(groups):
            return _any_of(compile_group(group) for group in groups)
        case PhraseQuery() if plan.small_words:
            return _compile_written(plan)
        case PhraseQuery(field, terms, slop):
            return _compile_sequence(field, terms, slop)
        case FacetQuery(name, values):
            return _compile_terms(name_facet(name), sorted(values))
        case IdsQuery(ids):
            return {"ids": {"values": sorted(ids)}}
        case MatchAll():
            return {"match_all": {}}
        case Intersection(parts):
            return {"bool": {"filter": [compile_filter(part) for part in parts]}}
        case Union(parts):
            return _any_of(map(compile_filter, parts))
        case BooleanQuery():
            return _compile_boolean(plan)


def _compile_boolean(plan: BooleanQuery) -> Json:
    """Write what all required parts find (any optional one when none is), less the excluded."""
    wanted = [compile_filter(part) for part in plan.required]
    if plan.optional and not plan.required:
        wanted = [_any_of(map(compile_filter, plan.optional))]
    body: Json = {"filter": wanted or [{"match_all": {}}]}
    if plan.excluded:
        body["must_not"] = [_compile_whole(part) for part in plan.excluded]
    return {"bool": body}


def compile_group(group: TermGroup) -> Json:
    """Write the texts that have any term of a group, or any of its phrases."""
    by_field: dict[str, list[str]] = {}
    clauses = []
    for field, term in group.terms:
        if field == ALL_SEQUENCES:
            clauses.append(compile_term((field, term)))
        else:
            by_field.setdefault(field, []).append(encode(term))
    clauses += [_compile_terms(field, terms) for field, terms in by_field.items()]
    return _any_of([*clauses, *map(compile_filter, group.phrases)])


def compile_term(term: Term) -> Json:
    """Write the texts that have a term; of a sequence, both words in a row."""
    field, text = term
    if field == ALL_SEQUENCES:
        return _compile_sequence(ALL, [(word,) for word in text.split(" ")], 0)
    return {"term": {field: encode(text)}}


def _compile_terms(field: str, terms: Sequence[str]) -> Json:
    if len(terms) == 1:
        return {"term": {field: terms[0]}}
    rest = iter(terms)
    return _any_of(
        {"terms": {field: some}} for some in iter(lambda: list(islice(rest, _MOST_TERMS)), [])
    )


def _compile_sequence(field: str, terms: Iterable[Sequence[str]], slop: int) -> Json:
    """Write terms one after the other; any of several may stand at each place.

    A plan lets `slop` places be free between each two words, one `span_near` lets them be free in
    all: so each word is put near what stands before it.
    """
    places: list[Json] = []
    for names in terms:
        spans = [{"span_term": {field: encode(name)}} for name in names]
        if not spans:
            return dict(NOTHING)
        places.append(spans[0] if len(spans) == 1 else {"span_or": {"clauses": spans}})
    if len(places) == 1:
        return places[0]
    near = places[0]
    for place in places[1:]:
        near = {"span_near": {"clauses": [near, place], "slop": slop, "in_order": True}}
    return near


def _compile_written(plan: PhraseQuery) -> Json:
    """Write a phrase whose small words count: one row where every word has its place.

    Between two words where no small one is named any may stand, and no other: that is what the
    field that has no places for small words says.
    """
    fields = WRITTEN_FIELDS[plan.field]
    rows = [{"span_near": _chain(plan, field)} for field in fields]
    if not plan.terms or any(not names for names in plan.terms):
        return _any_of(rows) if not plan.terms else dict(NOTHING)
    return {"bool": {"filter": [_any_of(rows), _compile_sequence(plan.field, plan.terms, 0)]}}


def _chain(plan: PhraseQuery, field: str) -> Json:
    """Write the words of a phrase, small ones among them, each near what stands before it."""
    steps: list[tuple[int, Json]] = []  # how many places may lie before each
    for number, small in enumerate(plan.small_words):
        steps += [(0, {"span_term": {field: SMALL + encode(word)}}) for word in small]
        if number < len(plan.terms):
            spans = [{"span_term": {field: encode(name)}} for name in plan.terms[number]]
            free = _MOST_SMALL if number and not small else 0
            steps.append((free, {"span_or": {"clauses": spans}}))
    (_, first), *rest = steps
    near: Json = {"clauses": [first], "slop": 0, "in_order": True}
    for free, step in rest:
        before = {"span_near": near} if len(near["clauses"]) > 1 else near["clauses"][0]
        near = {"clauses": [before, step], "slop": free, "in_order": True}
    return near


def _any_of(clauses: Iterable[Json]) -> Json:
    """Write any of some clauses: an empty `should` would match everything."""
    held = list(clauses)
    if not held:
        return dict(NOTHING)
    if len(held) == 1:
        return held[0]
    return {"bool": {"should": held, "minimum_should_match": 1}}


def _compile_whole(plan: Plan) -> Json:
    """Write the texts with all the words of a plan: what "-(a b)" takes away."""
    if isinstance(plan, BagOfTerms):
        return {"bool": {"filter": [compile_group(group) for group in plan.groups]}}
    return compile_filter(plan)


# --- scores


def list_sides(plan: Plan) -> list[Json]:
    """List what is asked side by side: a text with both of two such things scores more."""
    match plan:
        case BagOfTerms(groups):
            return [compile_group(group) for group in groups]
        case BooleanQuery(optional) if len(optional) > 1:
            return [compile_filter(part) for part in optional]
        case BooleanQuery((only,), ()) | BooleanQuery((), (only,)):
            return list_sides(only)
        case Intersection((first, *others)) if all(map(_is_filter, others)):
            return list_sides(first)
        case _:
            return []


def _is_filter(plan: Plan) -> bool:
    """Whether a plan narrows and never ranks."""
    if isinstance(plan, Union):
        return all(map(_is_filter, plan.parts))
    return isinstance(plan, FacetQuery | IdsQuery)


def find_both(plan: Plan, is_found: Callable[[Sequence[Json]], Sequence[bool]]) -> Json | None:
    """Write the texts with both of two things asked side by side, where just two find any."""
    sides = list_sides(plan)
    if len(sides) > BOTH:
        sides = [side for side, found in zip(sides, is_found(sides), strict=True) if found]
    return {"bool": {"filter": sides}} if len(sides) == BOTH else None


def compile_scored(plan: Plan, both: Json | None, narrowing: Iterable[Json] = ()) -> Json:
    """Write a plan with its scores; `narrowing` are filters that every text must pass."""
    terms = collect_scoring_terms(plan)
    if len(terms) > _MOST_SCORING:
        terms = sorted(terms, key=lambda term: -term.weight)[:_MOST_SCORING]
    scoring = [
        {"term": {term.field: {"value": encode(term.text), "boost": term.weight}}} for term in terms
    ]
    query: Json = {"bool": {"filter": [compile_filter(plan), *narrowing], "should": scoring}}
    if both is None:
        return query
    return {
        "function_score": {
            "query": query,
            "functions": [{"filter": both, "weight": BOTH_FACTOR}],
            "boost_mode": "multiply",
        }
    }
