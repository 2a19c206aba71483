"""Whatever keeps the postings, a question has one answer: Whoosh's own, scored exhaustively."""

from pathlib import Path

import numpy as np
import pytest

from indexer.engines import build_index, update_index
from indexer.engines.embedded.lexicon import EmbeddedLexicon
from indexer.engines.embedded.topk import TopHits, find_best, find_best_of_matched
from indexer.engines.embedded.whoosh_index import open_reader
from indexer.engines.embedded.whoosh_storage import open_generation
from indexer.engines.planning.lexicon import Lookups
from indexer.engines.planning.translate import translate
from indexer.index import Changes
from indexer.model import Document
from indexer.search import parse_query
from testbed.exhaustive import rank_exhaustively, search_exhaustively
from tests.engines.shelf import text

WORDS_TEXT = """
ville quartier commun habitant tiers lieu énergie climat travail plateforme réseau école
jardin marché eau forêt numérique atelier rural coopérative résilience partage
"""
WORDS = WORDS_TEXT.split()
QUERIES = (
    "ville", "énergie climat", "tiers lieu", "plateforme travail ville", "habitants quartier école",
    "commun jardin marché eau forêt", "ville ET climat", "ville ET (eau OU forêt)",
    "« tiers lieux »", "« jardin partage »", "ville -climat", "+eau forêt", "coop*", "numerique~",
    "titre:ville", "jardinerie ville", "jardinerie ville eau",
    "le la les ville", "ville villes", "tierslieux", "« tiers lieu »~3",
    "resilience partage", "ateliers ruraux coopératifs",
)  # fmt: skip


def shelf(size: int = 240) -> list[Document]:
    """Texts of made-up sentences over a few words, the same ones every time."""
    chance = np.random.default_rng(7)
    return [
        text(
            f"t{number:03}",
            " ".join(chance.choice(WORDS, 3)),
            ". ".join(" ".join(chance.choice(WORDS, 8)) for _ in range(1 + number % 9)),
        )
        for number in range(size)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of two segments, with documents deleted in both."""
    folder = tmp_path_factory.mktemp("index")
    documents = shelf()
    build_index(folder, documents[:200])
    changed = Changes(
        added=tuple(documents[200:]),
        deleted=("t003", "t150"),
        order=tuple(document.id for document in documents),
    )
    update_index(folder, changed)
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shelf, in one segment."""
    folder = tmp_path_factory.mktemp("whole")
    build_index(folder, shelf())
    return open_generation(folder)


@pytest.mark.parametrize("query_text", QUERIES)
def test_the_best_are_those_of_whoosh_s_own_exhaustive_search(whole: Path, query_text: str) -> None:
    reader = open_reader(whole)
    plan = translate(parse_query(query_text), Lookups(EmbeddedLexicon(reader)))
    assert plan is not None
    expected = search_exhaustively(whole, plan, reader)
    best = rank_exhaustively(expected, 10)
    answer = find_best(plan, reader, 10)
    assert answer.best.tolist() == best
    assert answer.matched.tolist() == sorted(expected)
    assert answer.scores.tolist() == pytest.approx([expected[doc] for doc in best])


@pytest.mark.parametrize("query_text", QUERIES)
def test_the_short_ways_answer_as_the_long_one(folder: Path, query_text: str) -> None:
    """Sums over the whole index and thresholds, against the score of all that matches."""
    reader = open_reader(open_generation(folder))
    plan = translate(parse_query(query_text), Lookups(EmbeddedLexicon(reader)))
    assert plan is not None
    for limit in (1, 10, 60, 500):
        expected = find_best_of_matched(plan, reader, limit)
        answer = find_best(plan, reader, limit)
        assert answer.matched.tolist() == expected.matched.tolist()
        assert answer.scores.tolist() == pytest.approx(expected.scores.tolist(), rel=1e-12)
        assert rank(answer) == rank(expected)


def rank(answer: TopHits) -> list[tuple[float, int]]:
    """The best by score, equals but for rounding by number; the last may be any of its equals."""
    ranked = zip(answer.scores.tolist(), answer.best.tolist(), strict=True)
    rounded = sorted((-round(score, 9), number) for score, number in ranked)
    return [each for each in rounded if each[0] != rounded[-1][0]]
