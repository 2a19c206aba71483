"""Whoosh's posting blocks, a whole term at a time: written, and read back.

The format is that of Whoosh 2.7.4's own codec ("W3Bl"): stock Whoosh reads what is written here,
term for term. Short blocks are left uncompressed, which the format allows and its own writer
means to do.
"""

import pickle
import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from indexer.engines.columns import FieldColumns
from indexer.engines.whoosh.schema import make_schema

_MAGIC: Final = b"W3Bl"
_MOST_IN_BLOCK: Final = 128
_SHORTEST_COMPRESSED: Final = 500  # bytes: shorter ones gain next to nothing
_COMPRESSION: Final = 1
_TERM_INFO: Final = struct.Struct("!BfIBBfII")
_EXTENT: Final = struct.Struct("!qi")
_PLACE_BYTES: Final = 4
_LISTED: Final = 200_000  # postings that are Python's numbers at a time
_INT: Final = struct.Struct("!i")


class TermPostings(NamedTuple):
    """All postings of a term in one segment."""

    term: bytes
    docs: Sequence[int]
    counts: Sequence[int]
    values: Sequence[bytes] | None  # packed places, for fields that keep them


def encode_term(postings: TermPostings, lengths: Sequence[int], offset: int) -> tuple[bytes, bytes]:
    """The blocks of a term that start at `offset`, and what the term index says of it.

    `lengths` has the length byte of every document of the segment.
    """
    _, docs, counts, values = postings
    if len(docs) == 1:
        return _encode_one(docs[0], counts[0], values, lengths, offset)
    blocks = [_MAGIC]
    last = len(docs) - 1
    for start in range(0, len(docs), _MOST_IN_BLOCK):
        end = start + _MOST_IN_BLOCK
        inside = counts[start:end]
        most, least = max(inside), min(inside)
        weights: Any = None
        if most > 1:
            weights = float(most) if most == least else tuple(map(float, inside))
        ids = docs[start:end]
        deltas = (ids[0], *(after - before for before, after in pairwise(ids)))
        held = None if values is None else tuple(values[start:end])
        body = pickle.dumps((deltas, weights, held), 2)
        compression = 0
        if len(body) >= _SHORTEST_COMPRESSED:
            compression = _COMPRESSION
            body = zlib.compress(body, compression)
        sizes = [lengths[doc] for doc in ids] if len(lengths) else [0]
        facts = (len(ids), ids[-1], float(most), compression, min(sizes), max(sizes))
        info = pickle.dumps(facts, 2)
        size = len(info) + len(body)
        blocks.append(_INT.pack(-size if end > last else size))
        blocks.append(info)
        blocks.append(body)
    written = b"".join(blocks)
    sizes = [lengths[doc] for doc in docs] if len(lengths) else [0]
    told = _TERM_INFO.pack(
        0, float(sum(counts)), len(docs), min(sizes), max(sizes), float(max(counts)),
        docs[0], docs[-1],
    ) + _EXTENT.pack(offset, len(written))  # fmt: skip
    return written, told


def _encode_one(
    doc: int, count: int, values: Sequence[bytes] | None, lengths: Sequence[int], offset: int
) -> tuple[bytes, bytes]:
    """Encode the postings of a term of one document, as most terms are."""
    weight = None if count == 1 else float(count)
    body = pickle.dumps(((doc,), weight, None if values is None else (values[0],)), 2)
    compression = 0
    if len(body) >= _SHORTEST_COMPRESSED:
        compression = _COMPRESSION
        body = zlib.compress(body, compression)
    size = lengths[doc] if lengths else 0
    info = pickle.dumps((1, doc, float(count), compression, size, size), 2)
    written = b"".join((_MAGIC, _INT.pack(-len(info) - len(body)), info, body))
    told = _TERM_INFO.pack(0, float(count), 1, size, size, float(count), doc, doc)
    return written, told + _EXTENT.pack(offset, len(written))


def read_columns(reader: Any, field: str) -> FieldColumns | None:
    """All postings of a field of one segment (Whoosh's SegmentReader); None when it has none."""
    terms = reader._terms
    posting_format = make_schema()[field].format
    has_places = posting_format.fixed_value_size() is None
    if field not in terms.indexed_field_names():
        return None
    names: list[bytes] = []
    ends: list[int] = []
    docs: list[int] = []
    counts: list[int] = []
    places: list[bytes] = []
    for (name, term), _ in terms.items_from(field, b""):
        if name != field:
            break
        matcher = terms.matcher(field, term, posting_format)
        while True:
            matcher._read_ids()
            matcher._read_weights()
            docs.extend(matcher._ids)
            counts.extend(int(weight) for weight in matcher._weights)
            if has_places:
                matcher._read_values()
                places.extend(matcher._values)
            if matcher._lastblock:
                break
            matcher._next_block()
        names.append(term)
        ends.append(len(docs))
    return FieldColumns(
        names,
        np.array(ends, np.int64),
        np.array(docs, np.int32),
        np.array(counts, np.int32),
        np.frombuffer(b"".join(places), "<i4").astype(np.int32) if has_places else None,
    )


def list_postings(columns: FieldColumns) -> Iterator[TermPostings]:
    """The postings of each term, in the order of the terms."""
    place_ends = columns.place_ends
    starts = columns.starts
    cuts = np.unique(np.searchsorted(columns.ends, np.arange(0, columns.docs.size, _LISTED)))
    for first, last in pairwise([*cuts.tolist(), len(columns.terms)]):
        low, high = int(starts[first]), int(columns.ends[last - 1])
        docs, counts = columns.docs[low:high].tolist(), columns.counts[low:high].tolist()
        places = None
        if columns.places is not None:
            before = int(place_ends[low - 1]) if low else 0
            packed = columns.places[before : int(place_ends[high - 1])].astype("<i4").tobytes()
            ends = ((place_ends[low:high] - before) * _PLACE_BYTES).tolist()
            places = [packed[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        start = 0
        for term, end in zip(
            columns.terms[first:last], (columns.ends[first:last] - low).tolist(), strict=True
        ):
            values = None if places is None else places[start:end]
            yield TermPostings(term, docs[start:end], counts[start:end], values)
            start = end
