"""What length does to a score: told by the texts alone, whoever keeps them and in what order."""

import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engines import build_index, update_index
from indexer.engines.embedded.postings import Norms, PostingsPart, Scores
from indexer.engines.embedded.term_scores import (
    choose_b,
    find_norm,
    read_rows,
    score_rows,
    sum_exactly,
)
from indexer.engines.embedded.whoosh_index import open_reader
from indexer.engines.embedded.whoosh_storage import open_generation, open_whoosh
from indexer.engines.planning.lexicon import Memory
from indexer.engines.planning.plan import ScoringTerm
from indexer.index import Changes
from indexer.index.fields import ALL_EXACT, ALL_PAIRS, ALL_STEMS, REPEATED, TITLE
from indexer.model import Document
from tests.engines.shelf import score_term, text

# A length as Whoosh rounds it, and how many different words make it up, none to all.
SHELVES = st.lists(
    st.tuples(st.integers(0, 30_000), st.floats(0.01, 1.2)), min_size=1, max_size=40
).map(lambda texts: [(length, round(length * share)) for length, share in texts])


class Lengths:
    """What of a reader `find_norm` asks: lengths, the same in each field, and different words."""

    def __init__(self, texts: list[tuple[int, int]]) -> None:
        self._lengths = np.array([length for length, _ in texts], np.float32)
        self._distinct = np.array([count for _, count in texts], np.float32)
        self.memory = Memory(0)

    def lengths(self, field: str) -> Any:
        del field
        return self._lengths

    def distinct(self) -> Any:
        return self._distinct


class OneWord(Lengths):
    """What of a reader `score_rows` asks, of a word that all texts but three have."""

    def __init__(self, texts: list[tuple[int, int]], counts: Any) -> None:
        super().__init__(texts)
        self._counts = counts
        self.size = len(texts) + 3

        self.norms = Norms(lambda field: find_norm(field, self), len(texts))  # type: ignore[arg-type]

    def parts(self, field: str, term: str) -> Any:
        del field, term
        return [PostingsPart(np.arange(self._counts.size), self._counts, 0)]

    def score(self) -> Any:
        leaf = ScoringTerm(ALL_STEMS, "word", 1.0)
        return score_rows(list(read_rows([leaf], self)), self)  # type: ignore[arg-type]


def norm_of(texts: list[tuple[int, int]], field: str = ALL_STEMS) -> Scores:
    return find_norm(field, Lengths(texts))  # type: ignore[arg-type]


@given(SHELVES)
def test_every_norm_is_a_number_above_zero_whatever_the_lengths(texts: list[tuple[int, int]]):
    for field in (ALL_STEMS, ALL_PAIRS, TITLE):
        norm = norm_of(texts, field)
        assert norm.size == len(texts)
        assert np.isfinite(norm).all()
        assert (norm > 0.0).all()


@given(SHELVES, st.data())
def test_what_a_word_adds_grows_with_its_frequency_and_is_finite(
    texts: list[tuple[int, int]], data: st.DataObject
):
    docs = np.arange(len(texts))
    counts = np.array(data.draw(st.lists(st.integers(1, 500), min_size=len(texts))), np.float32)
    counts = counts[: len(texts)]
    held, once = OneWord(texts, counts).score()
    _, more = OneWord(texts, counts + 1).score()
    assert held.tolist() == docs.tolist()
    assert np.isfinite(once).all()
    assert (once > 0.0).all()
    assert (more > once).all()


@given(SHELVES)
def test_a_corpus_twice_over_has_the_norms_of_the_corpus(texts: list[tuple[int, int]]):
    twice = norm_of(texts + texts)
    assert twice[: len(texts)].tolist() == twice[len(texts) :].tolist()
    assert twice[: len(texts)] == pytest.approx(norm_of(texts), rel=1e-12)


@given(SHELVES, st.randoms(use_true_random=False))
def test_the_order_of_the_texts_changes_no_norm(texts: list[tuple[int, int]], chance: Any):
    order = list(range(len(texts)))
    chance.shuffle(order)
    mixed = norm_of([texts[number] for number in order])
    assert mixed.tolist() == norm_of(texts)[order].tolist()


@given(st.floats(1.0, 50.0), st.floats(1.0, 50.0))
def test_length_counts_the_more_the_texts_repeat_themselves(one: float, other: float):
    low, high = sorted((one, other))
    assert 0.0 < choose_b(low) <= choose_b(high) < 1.0


@given(st.integers(1, 5_000), st.integers(1, 5_000))
def test_of_two_texts_as_long_the_one_that_repeats_more_is_taken_for_longer(one: int, other: int):
    few, many = sorted((one, other))
    norm = norm_of([(5_000, few), (5_000, many), (40, 40)])
    assert norm[0] >= norm[1]


WORDS = [
    "ville",
    "quartier",
    "lieu",
    "climat",
    "travail",
    "réseau",
    "école",
    "jardin",
    "marché",
    "eau",
    "forêt",
    "atelier",
]


def shelf() -> list[Document]:
    chance = np.random.default_rng(11)
    return [
        text(
            f"t{number:02}",
            " ".join(chance.choice(WORDS, 2)),
            " ".join(chance.choice(WORDS, int(chance.integers(0, 400)))),
        )
        for number in range(60)
    ]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same texts indexed at once, and in four goes."""
    documents = shelf()
    whole, grown = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("grown")
    build_index(whole, documents)
    build_index(grown, documents[:15])
    for start in (15, 30, 45):
        added = tuple(documents[start : start + 15])
        order = tuple(document.id for document in documents[: start + 15])
        update_index(grown, Changes(added=added, deleted=(), order=order))
    return whole, grown


def test_an_index_that_grew_scores_as_one_built_at_once(folders: tuple[Path, Path]) -> None:
    read = [open_reader(open_generation(folder)) for folder in folders]
    ids = [reader.ids(np.arange(reader.size)) for reader in read]
    for field in (ALL_STEMS, ALL_EXACT):
        for word in ("vill", "jardin", "ville"):
            leaf = ScoringTerm(field, word, 1.0)
            added = [
                {held[doc]: score for doc, score in score_term(leaf, each)}
                for each, held in zip(read, ids, strict=True)
            ]
            assert added[0] == added[1]
    assert len(read[0].postings(ALL_EXACT, "ville")[0]) > 20


def test_stock_whoosh_is_told_the_same_of_length(folders: tuple[Path, Path]) -> None:
    for folder in folders:
        generation = open_generation(folder)
        ours, reader = open_reader(generation), open_whoosh(generation).reader()
        different = Counter(
            doc
            for stem in reader.lexicon(REPEATED)
            for doc in reader.postings(REPEATED, stem).all_ids()
        )
        assert ours.distinct().tolist() == [different[doc] for doc in range(ours.size)]
        assert 0 < max(different.values()) <= len(WORDS)
        for field in (ALL_STEMS, ALL_EXACT, TITLE):
            lengths = [reader.doc_field_length(doc, field) for doc in range(ours.size)]
            assert ours.lengths(field).tolist() == lengths
            total = sum(
                counts.sum()
                for name, _ in ours.terms(field)
                for counts in ours.postings(field, name)[1:]
            )
            assert reader.field_length(field) == total > 0
        reader.close()


@given(st.lists(st.floats(1.0, 1e6), max_size=60))
def test_a_sum_is_rounded_once(numbers: list[float]) -> None:
    assert sum_exactly(np.array(numbers)) == math.fsum(numbers)
