"""The arrays of one segment: collected term by term, written, found again.

For each field: the terms in order, a hash to find one, its documents, its occurrences, their
places. Frequencies and lengths are kept, no scores: a text added elsewhere changes none of it.
"""

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from indexer.engines.arrays import open_arrays, write_arrays

AnyArray = np.ndarray[Any, Any]

_MOST_COUNTED: Final = 65_535
_BEYOND: Final = "\U0010ffff"


class SegmentCollector:
    """Takes in the postings of a segment, field by field and term by term, both in order."""

    def __init__(self) -> None:
        self._arrays: dict[str, AnyArray] = {}
        self._field = ""
        self._start()

    def _start(self) -> None:
        self._terms: list[bytes] = []
        self._ends = array("q")
        self._docs = array("i")
        self._counts = array("H")
        self._places = array("i")
        self._place_ends = array("q")

    def start_field(self, field: str) -> None:
        """Begin a field; the one before is finished."""
        self.finish_field()
        self._field = field

    def add(
        self, term: bytes, docs: Sequence[int], counts: Sequence[int], places: bytes | None
    ) -> None:
        """Take in a term: its documents, its occurrences in each, all places one after another."""
        self._terms.append(term)
        self._docs.extend(docs)
        self._ends.append(len(self._docs))
        if counts and max(counts) > _MOST_COUNTED:
            counts = [min(count, _MOST_COUNTED) for count in counts]
        self._counts.extend(counts)
        if places is not None:
            self._places.frombytes(places)
            self._place_ends.append(len(self._places))

    def finish_field(self) -> None:
        """Turn what was taken in into arrays."""
        if self._field:
            hashes = np.array([zlib.crc32(term) for term in self._terms], np.uint32)
            order = np.argsort(hashes, kind="stable").astype(np.uint32)
            ends = np.cumsum([len(term) for term in self._terms], dtype=np.int64)
            kept: dict[str, AnyArray] = {
                "hashes": hashes[order],
                "order": order,
                "terms": np.frombuffer(b"".join(self._terms), np.uint8),
                "term_ends": ends,
                "ends": np.frombuffer(self._ends, np.int64),
                "docs": np.frombuffer(self._docs, np.int32),
                "counts": np.frombuffer(self._counts, np.uint16),
            }
            if self._place_ends:
                kept["places"] = np.frombuffer(self._places, np.int32)
                kept["place_ends"] = np.frombuffer(self._place_ends, np.int64)
            self._arrays.update({f"{self._field}/{name}": held for name, held in kept.items()})
        self._field = ""
        self._start()

    def write(
        self,
        path: Path,
        *,
        lengths: Mapping[str, AnyArray],
        facets: Mapping[str, tuple[AnyArray, list[str]]],
        keys: Sequence[str],
    ) -> None:
        """Write all: also each document's lengths, the codes of its facets, its key."""
        self.finish_field()
        named = [key.encode() for key in keys]
        arrays = dict(self._arrays)
        arrays |= {f"{field}/lengths": held for field, held in lengths.items()}
        arrays |= {f"{name}/codes": codes for name, (codes, _) in facets.items()}
        arrays["keys"] = np.frombuffer(b"".join(named), np.uint8)
        arrays["key_ends"] = np.cumsum([len(key) for key in named], dtype=np.int64)
        facts = {
            "size": len(keys),
            "facets": {name: values for name, (_, values) in facets.items()},
        }
        write_arrays(path, arrays, facts)


def _view(numbers: AnyArray) -> "memoryview[int]":
    """An array as a memoryview, which answers single questions many times faster."""
    return memoryview(numbers)  # type: ignore[arg-type]


class SegmentField:
    """One field of one segment: finds a term's number, then what it has."""

    def __init__(self, arrays: Mapping[str, AnyArray], field: str) -> None:
        def held(name: str) -> AnyArray:
            found = arrays.get(f"{field}/{name}")
            return found if found is not None else np.empty(0, np.int64)

        self._hashes = _view(np.ascontiguousarray(held("hashes"), np.uint32))
        self._order = _view(np.ascontiguousarray(held("order"), np.uint32))
        self._term_ends = _view(held("term_ends"))
        self._terms = _view(np.ascontiguousarray(held("terms"), np.uint8))
        self._ends = _view(held("ends"))
        self._place_ends = _view(held("place_ends"))
        self.docs = held("docs")
        self.counts = held("counts")
        self.places = held("places")
        self.lengths = held("lengths")
        self.size = len(self._ends)

    def find(self, term: str) -> int:
        """The number of a term, -1 when this segment has none."""
        name = term.encode()
        wanted = zlib.crc32(name)
        place = bisect_left(self._hashes, wanted)
        while place < self.size and self._hashes[place] == wanted:
            number = self._order[place]
            if self.name(number) == name:
                return number
            place += 1
        return -1

    def name(self, number: int) -> bytes:
        """The term of a number."""
        start = self._term_ends[number - 1] if number else 0
        return bytes(self._terms[start : self._term_ends[number]])

    def span(self, number: int) -> tuple[int, int]:
        """Where a term's postings are in `docs` and `counts`."""
        return (self._ends[number - 1] if number else 0), self._ends[number]

    def place_span(self, number: int) -> tuple[int, int]:
        """Where a term's places are in `places`."""
        return (self._place_ends[number - 1] if number else 0), self._place_ends[number]

    def terms(self, prefix: str) -> Iterator[tuple[str, int]]:
        """The terms that begin so, in order, and how many documents have each."""
        first = self._first(prefix.encode())
        last = self._first((prefix + _BEYOND).encode()) if prefix else self.size
        for number in range(first, last):
            start, end = self.span(number)
            yield self.name(number).decode(), end - start

    def _first(self, name: bytes) -> int:
        """The number of the first term that is not before `name`."""
        low, high = 0, self.size
        while low < high:
            middle = (low + high) // 2
            if self.name(middle) < name:
                low = middle + 1
            else:
                high = middle
        return low


class Segment:
    """One segment's arrays, mapped into memory."""

    def __init__(self, path: Path) -> None:
        self._arrays, facts = open_arrays(path)
        self.size: int = facts["size"]
        self.facet_values: dict[str, list[str]] = facts["facets"]
        self._fields: dict[str, SegmentField] = {}
        self._key_ends = _view(self._arrays["key_ends"])
        self._keys = _view(np.ascontiguousarray(self._arrays["keys"], np.uint8))

    def field(self, name: str) -> SegmentField:
        """One field."""
        if name not in self._fields:
            self._fields[name] = SegmentField(self._arrays, name)
        return self._fields[name]

    def codes(self, facet: str) -> AnyArray:
        """The code of each document in `facet_values[facet]`."""
        return self._arrays[f"{facet}/codes"]

    def key(self, number: int) -> str:
        """The key of a document."""
        start = self._key_ends[number - 1] if number else 0
        return bytes(self._keys[start : self._key_ends[number]]).decode()
