"""What a file of arrays gives back is what it was given, however large the numbers."""

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis.stopwords import ALL_STOPS
from indexer.engines.embedded.postings import LAST_PLACE, RIGHT_BITS, FieldColumns, PairColumns
from indexer.engines.embedded.reader import _MOST_FOUND, ArraysReader
from indexer.engines.embedded.segment import PAIRS_OF, Segment, SegmentCollector, merge_starts
from indexer.engines.embedded.whoosh_index import Row, create_index, write_documents
from indexer.index.fields import ALL, ALL_EXACT, ALL_PAIRS, ALL_STARTS, ALL_STEMS, START_LETTERS
from indexer.index.postings import collect_facets, list_identifiers, list_parts
from indexer.model import Document
from tests.engines.test_exactness import shelf
from tests.engines.test_inversion import pair_columns, unfold

# Small and large: of a byte, of two, of more; sparse and dense.
COUNTS = st.sampled_from([1, 2, 7, 254, 255, 256, 300, 65_535, 65_536, 1_000_000])
PLACES = st.sampled_from([0, 1, 2, 3, 254, 65_534, 65_535, 65_536, 65_537, 70_000, LAST_PLACE])
DOCS = st.sampled_from([0, 1, 2, 3, 200, 255, 256, 257, 65_535, 65_536, 70_000])
FORMS = st.sampled_from(
    ["a", "avec", "avecque", "élan", "élans", "élancer", "élancés", "élancé", "ville", "villes",
     "villeneuve", "villette", "pendant", "pendants", "depuis", "depuisque", "œuvres", "œuvrer"]
)  # fmt: skip


def build(postings: dict[str, dict[int, list[int]]], *, has_places: bool) -> FieldColumns:
    """Columns of term -> document -> places, or -> [count]."""
    terms = sorted(postings, key=str.encode)
    docs = [doc for term in terms for doc in sorted(postings[term])]
    held = [postings[term][doc] for term in terms for doc in sorted(postings[term])]
    counts = [len(each) if has_places else each[0] for each in held]
    places = [place for each in held for place in sorted(each)]
    return FieldColumns(
        [term.encode() for term in terms],
        np.cumsum([len(postings[term]) for term in terms], dtype=np.int64),
        np.array(docs, np.int32),
        np.array(counts, np.int32),
        np.array(places, np.int32) if has_places else None,
    )


@contextmanager
def kept(field: str, columns: FieldColumns) -> Iterator[Segment]:
    """A segment that has this field alone, read again from its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.arrays"
        with SegmentCollector(path) as collector:
            collector.add_field(field, [columns])
            if field in PAIRS_OF:
                collector.add_pairs(field, len(columns.terms), [pair_columns(columns)])
            collector.finish(lengths={}, facets={}, keys=["a\0b"])
        yield Segment(path, None)


@settings(max_examples=30)
@given(st.dictionaries(FORMS, st.dictionaries(DOCS, st.lists(COUNTS, min_size=1, max_size=1),
                                              min_size=1), min_size=1))  # fmt: skip
def test_occurrences_come_back_whatever_their_size(
    postings: dict[str, dict[int, list[int]]],
) -> None:
    with kept(ALL_EXACT, build(postings, has_places=False)) as segment:
        held = segment.field(ALL_EXACT)
        assert unfold(held.columns()) == postings
        for term, docs in postings.items():
            number = held.find(term.encode())
            assert held.name(number) == term.encode()
            found, counts = held.postings(number)
            assert dict(zip(found.tolist(), counts.tolist(), strict=True)) == {
                doc: count for doc, (count,) in docs.items()
            }
        assert held.find(b"nowhere") == -1
        assert segment.list_fields() == [ALL_EXACT]


@settings(max_examples=30)
@given(st.dictionaries(FORMS, st.dictionaries(DOCS, st.sets(PLACES, min_size=1).map(sorted),
                                              min_size=1), min_size=1))  # fmt: skip
def test_places_and_pairs_come_back_whatever_their_size(
    postings: dict[str, dict[int, list[int]]],
) -> None:
    columns = build(postings, has_places=True)
    pairs = pair_columns(columns)
    with kept(ALL_STEMS, columns) as segment:
        held, paired = segment.field(ALL_STEMS), segment.field(ALL_PAIRS)
        assert unfold(held.columns()) == postings
        for term, docs in postings.items():
            expected = [place for doc in sorted(docs) for place in docs[doc]]
            assert held.places(held.find(term.encode())).tolist() == expected
        numbers = set(pairs.pairs.tolist())
        assert paired.size == len(numbers)
        starts = [0, *pairs.ends.tolist()]
        for left in range(len(columns.terms)):
            for right in range(len(columns.terms)):
                pair = left << RIGHT_BITS | right
                number = paired.find_pair(left, right)
                assert (number >= 0) == (pair in numbers)
                if number >= 0:
                    found, counts = paired.postings(number)
                    span = slice(starts[number], starts[number + 1])
                    assert found.tolist() == pairs.docs[span].tolist()
                    assert counts.tolist() == pairs.counts[span].tolist()


def test_ends_of_pairs_come_back_in_two_bytes_each() -> None:
    """However many postings there are: where the upper bytes change is listed beside."""
    sizes = [1, 65_534, 1, 3, 200_000, 1, 70_000]
    numbers = np.arange(len(sizes), dtype=np.int64)
    docs = np.concatenate([np.arange(size, dtype=np.int32) for size in sizes])
    pairs = PairColumns(numbers, np.cumsum(sizes), docs, np.ones(docs.size, np.int32))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.arrays"
        with SegmentCollector(path) as collector:
            collector.add_pairs(ALL_STEMS, 1, [pairs])
            collector.finish(lengths={}, facets={}, keys=["a\0b"])
        segment = Segment(path, None)
        held = segment.field(ALL_PAIRS)
        assert segment._arrays[f"{ALL_PAIRS}/ends"]._raw.dtype.itemsize == 2
        assert held.size == len(sizes)
        spans = [held.span(held.find_pair(0, number)) for number in range(len(sizes))]
        assert [end - start for start, end in spans] == sizes
        (whole,) = held.cut_pairs(100)
        assert whole.ends.tolist() == pairs.ends.tolist()
        assert whole.docs.tolist() == docs.tolist()


@given(st.dictionaries(FORMS, st.dictionaries(DOCS, st.lists(COUNTS, min_size=1, max_size=1),
                                              min_size=1), min_size=1))  # fmt: skip
def test_a_beginning_has_all_that_its_forms_have(
    postings: dict[str, dict[int, list[int]]],
) -> None:
    expected: dict[str, dict[int, list[int]]] = defaultdict(dict)
    for form, docs in postings.items():
        if len(form) >= START_LETTERS and form not in ALL_STOPS:
            held = expected[form[:START_LETTERS]]
            for doc, (count,) in docs.items():
                held[doc] = [held.get(doc, [0])[0] + count]
    columns = build(postings, has_places=False)
    assert unfold(merge_starts(columns)) == expected
    with kept(ALL_EXACT, columns) as segment:
        assert unfold(segment.field(ALL_STARTS).columns()) == expected


def test_stop_words_of_five_letters_are_among_those_tried() -> None:
    assert {"avec", "pendant", "depuis"} <= ALL_STOPS


@pytest.mark.parametrize(("count", "size"), [(255, 1), (256, 2)])
def test_what_fits_a_byte_takes_one(count: int, size: int) -> None:
    """The one that does not is listed beside, and the others stay narrow."""
    postings = {"ville": {doc: [1] for doc in range(200)}, "villes": {7: [count]}}
    with kept(ALL_EXACT, build(postings, has_places=False)) as segment:
        arrays = segment._arrays
        assert arrays[f"{ALL_EXACT}/counts"]._raw.dtype.itemsize == 1
        assert arrays[f"{ALL_EXACT}/docs"]._raw.dtype.itemsize == 1
        assert (f"{ALL_EXACT}/counts_far" in arrays) == (size > 1)


def _make_row(document: Document) -> Row:
    facets = collect_facets(document)
    return document.id, "mark", list_parts(document), facets, list_identifiers(document)


def test_postings_that_do_not_fit_in_memory_are_merged_from_runs(tmp_path: Path) -> None:
    """Whole documents and words aside: where nothing fits, each text of a document is a run."""
    written = []
    for name, memory_mb in (("large", 256), ("small", 0)):
        folder = tmp_path / name
        folder.mkdir()
        create_index(folder)
        rows = map(_make_row, shelf(60))
        write_documents(folder, rows, memory_mb=memory_mb)
        (path,) = folder.glob("*.arrays")
        segment = Segment(path, None)
        written.append({name: held.whole().tolist() for name, held in segment._arrays.items()})
        assert len(segment.field(ALL).names(0, segment.field(ALL).size)) > 20
        assert len(segment.find_steps(7)) > 1
    large, small = written
    assert large.keys() == small.keys()
    assert [name for name, held in large.items() if held != small[name]] == []


def test_the_places_remembered_of_terms_stay_within_a_bound() -> None:
    postings = {"eau": {0: [0]}, "ville": {1: [1]}}
    with kept(ALL, build(postings, has_places=True)) as segment:
        reader = ArraysReader([(segment, ())], np.arange(256, dtype=np.float32))
        for number in range(_MOST_FOUND + 10):
            assert reader.document_count(ALL, f"absent{number}") == 0
        assert len(reader._found) <= 11
        assert reader.document_count(ALL, "ville") == 1


def test_merged_segments_are_what_is_written_at_once(tmp_path: Path) -> None:
    """Pairs and forms are copied, not worked out again; what was deleted has left no word."""
    documents = {document.id: document for document in shelf(40)}

    def write(folder: Path, ids: list[str], deleted: tuple[str, ...] = ()) -> Segment:
        rows = (_make_row(documents[key]) for key in ids)
        write_documents(folder, rows, deleted=deleted)
        return Segment(max(folder.glob("*.arrays"), key=lambda path: path.stat().st_mtime_ns), None)

    grown, whole = tmp_path / "grown", tmp_path / "whole"
    for folder in (grown, whole):
        folder.mkdir()
        create_index(folder)
    ids = list(documents)
    for first in range(0, 36, 6):  # six segments of one order are merged by who writes next
        write(grown, ids[first : first + 6])
    merged = write(grown, ids[36:], ("t000", "t017"))
    assert merged.size == 38
    expected = write(whole, [key.partition("\0")[0] for key in merged.list_keys()])
    for name, held in expected._arrays.items():
        assert merged._arrays[name].whole().tolist() == held.whole().tolist(), name
