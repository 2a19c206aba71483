"""Find words in the body of a text alone, without a field of its own.

The field of everything has a text's paragraphs last; one term says where each of them begins, and
what stands from the first on is in the body.
"""

import numpy as np

from indexer.engines.pairs import count_side_by_side
from indexer.engines.postings import PLACE_BITS, Docs, PlaceNumbers, PostingsReader
from indexer.index.fields import ALL, ALL_SEQUENCES, BODY, BODY_START


def find_documents(field: str, term: str, reader: PostingsReader) -> Docs:
    """The documents that have a term in a field, in order."""
    if field == ALL_SEQUENCES:
        left, _, right = term.partition(" ")
        return count_side_by_side(find_places(ALL, left, reader), find_places(ALL, right, reader))[
            0
        ]
    if field != BODY:
        return reader.postings(field, term)[0]
    return np.unique(find_places(BODY, term, reader) >> PLACE_BITS)


def find_places(field: str, term: str, reader: PostingsReader) -> PlaceNumbers:
    """Every place of a term in a field, in order."""
    key = ("places", field, term)
    known: PlaceNumbers | None = reader.memory.find(key)
    if known is None:
        known = reader.places(field, term) if field != BODY else _find_in_body(term, reader)
        reader.memory.keep(key, known, known.size)
    return known


def _find_in_body(term: str, reader: PostingsReader) -> PlaceNumbers:
    places = reader.places(ALL, term)
    starts = find_places_of_bodies(reader)
    if not starts.size:
        return starts
    before = np.searchsorted(starts, places, "right") - 1
    inside = (before >= 0) & (starts[before] >> PLACE_BITS == places >> PLACE_BITS)
    held: PlaceNumbers = places[inside]
    return held


def find_places_of_bodies(reader: PostingsReader) -> PlaceNumbers:
    """Where each paragraph of each body begins."""
    known: PlaceNumbers | None = reader.memory.find(BODY_START)
    if known is None:
        known = reader.places(BODY, BODY_START)
        reader.memory.keep(BODY_START, known, known.size)
    return known
