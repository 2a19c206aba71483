"""Find words in the body of a text alone, without a field of its own.

The field of everything has a text's paragraphs last; one term says where they begin in each
document, and what stands from there on is in the body.
"""

import numpy as np

from indexer.engines.postings import PLACE_BITS, Docs, PlaceNumbers, PostingsReader
from indexer.index.fields import ALL, BODY, BODY_START


def find_documents(field: str, term: str, reader: PostingsReader) -> Docs:
    """The documents that have a term in a field, in order."""
    if field != BODY:
        return reader.impacts(field, term)[0]
    among = reader.postings(ALL, term)[0]
    return np.unique(find_places(BODY, term, among, reader) >> PLACE_BITS)


def find_places(field: str, term: str, among: Docs, reader: PostingsReader) -> PlaceNumbers:
    """Every place of a term in a field of the documents `among`, in order."""
    if field != BODY:
        return reader.places(field, term, among)
    places = reader.places(ALL, term, among)
    starts = reader.places(BODY, BODY_START, among)
    if not starts.size:
        return starts
    before = np.searchsorted(starts, places, "right") - 1
    inside = (before >= 0) & (starts[before] >> PLACE_BITS == places >> PLACE_BITS)
    held: PlaceNumbers = places[inside]
    return held
