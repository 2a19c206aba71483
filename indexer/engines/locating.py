"""Say in which paragraphs of a text the words of a query stand, without reading the text."""

import numpy as np

from indexer.analysis.stemming import STEMMERS
from indexer.engines.body import find_places, find_places_of_bodies
from indexer.engines.postings import PLACE_BITS, PlaceNumbers, PostingsReader
from indexer.engines.vocabulary import MOST_TERMS
from indexer.index.fields import ALL, ALL_EXACT
from indexer.search.snippets import Held
from indexer.search.wanted import Wanted


def locate(number: int, wanted: Wanted, reader: PostingsReader) -> Held | None:
    """What each paragraph of a document holds of what is wanted; None when that is not known.

    The places of stems are known, not those of forms as they were written.
    """
    if wanted.exacts:
        return None
    stems = set(wanted.all_stems)
    for pattern in wanted.patterns:
        forms = reader.vocabulary(ALL_EXACT).fit(pattern)
        if len(forms) == MOST_TERMS:
            return None
        stems.update(stem(form) for form in forms for stem in STEMMERS.values())
    starts = _cut(find_places_of_bodies(reader), number)
    held: dict[int, set[str]] = {}
    for stem in sorted(stems):
        places = _cut(find_places(ALL, stem, reader), number)
        for paragraph in np.unique(starts.searchsorted(places, "right") - 1).tolist():
            if paragraph >= 0:
                held.setdefault(paragraph, set()).add(stem)
    return {paragraph: frozenset(names) for paragraph, names in held.items()}


def _cut(places: PlaceNumbers, number: int) -> PlaceNumbers:
    """Those of some places that are in one document."""
    first, last = places.searchsorted((number << PLACE_BITS, (number + 1) << PLACE_BITS))
    return places[first:last]
