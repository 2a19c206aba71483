"""Say what a search looked for in texts, and in which paragraphs that stands, without reading."""

import numpy as np

from indexer.analysis.lexicon import list_names
from indexer.analysis.stopwords import ALL_STOPS
from indexer.engines.embedded.postings import PLACE_BITS, PlaceNumbers, PostingsReader
from indexer.engines.embedded.term_scores import find_places, find_places_of_bodies
from indexer.engines.embedded.vocabulary import MOST_TERMS
from indexer.engines.planning import plan as plans
from indexer.index.fields import ALL, ALL_EXACT, ALL_SEQUENCES
from indexer.search.snippets import Held
from indexer.search.wanted import NameSequence, Wanted


def locate(number: int, wanted: Wanted, reader: PostingsReader) -> Held | None:
    """What each paragraph of a document holds of what is wanted; None when that is not known.

    The places of names are known, not those of forms as they were written, nor of stop words.
    """
    if wanted.exacts:
        return None
    names = set(wanted.all_names)
    for pattern in wanted.patterns:
        forms = reader.vocabulary(ALL_EXACT).fit(pattern)
        if len(forms) == MOST_TERMS or not ALL_STOPS.isdisjoint(forms):
            return None
        names.update(name for form in forms for name in list_names(form))
    starts = _cut(find_places_of_bodies(reader), number)
    held: dict[int, set[str]] = {}
    for name in sorted(names):
        places = _cut(find_places(ALL, name, reader), number)
        for paragraph in np.unique(starts.searchsorted(places, "right") - 1).tolist():
            if paragraph >= 0:
                held.setdefault(paragraph, set()).add(name)
    return {paragraph: frozenset(answers) for paragraph, answers in held.items()}


def _cut(places: PlaceNumbers, number: int) -> PlaceNumbers:
    """Those of some places that are in one document."""
    first, last = places.searchsorted((number << PLACE_BITS, (number + 1) << PLACE_BITS))
    return places[first:last]


def list_ways(plan: plans.Plan) -> tuple[NameSequence, ...]:
    """The words that were looked for one after the other: phrases, words that may be two."""
    ways: list[NameSequence] = []
    match plan:
        case plans.PhraseQuery(terms=terms, slop=slop):
            ways.append(NameSequence(tuple(map(frozenset, terms)), slop))
        case plans.Words(slots):
            ways += [way for slot in slots for each in slot.phrases for way in list_ways(each)]
            for field, text in (term for slot in slots for term in slot.terms):
                if field == ALL_SEQUENCES:
                    ways.append(
                        NameSequence(tuple(frozenset({name}) for name in text.split(" ")), 0)
                    )
        case plans.Intersection(parts) | plans.Union(parts):
            ways += [way for part in parts for way in list_ways(part)]
        case plans.BooleanQuery(optional, required):
            ways += [way for part in required + optional for way in list_ways(part)]
        case plans.FacetQuery() | plans.Ids() | plans.Every():
            pass
    return tuple(ways)
