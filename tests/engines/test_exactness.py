"""Whatever keeps the postings, a question has one answer: Whoosh's own, scored exhaustively."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from hatch_build import KERNEL, build_kernel
from indexer.engines import build_index, update_index
from indexer.engines.embedded.engine import match_live
from indexer.engines.embedded.lexicon import EmbeddedLexicon
from indexer.engines.embedded.postings import Kernel, PostingsReader, load_kernel
from indexer.engines.embedded.topk import (
    TopHits,
    find_complete,
    rank_by_kernel,
    rank_by_numpy,
)
from indexer.engines.embedded.whoosh_index import open_reader
from indexer.engines.embedded.whoosh_storage import open_generation
from indexer.engines.planning.lexicon import Lookups
from indexer.engines.planning.plan import IdsQuery, Intersection, Plan, collect_scoring_terms
from indexer.engines.planning.translate import translate
from indexer.index import Changes
from indexer.model import Document
from indexer.search import parse_query
from testbed.exhaustive import rank_exhaustively, search_exhaustively
from tests.engines.shelf import score_term, text

SOURCE = Path(__file__).parents[2] / f"{KERNEL}.c"
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


Rank = Callable[[Plan, PostingsReader, int], TopHits]


@pytest.fixture(scope="module", params=["numpy", "kernel"])
def rank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rank:
    """Both ways to rank, the kernel built anew."""
    if request.param == "numpy":
        return rank_by_numpy
    kernel = build(tmp_path_factory.mktemp("kernel"))
    return partial(rank_by_kernel, kernel)


def build(folder: Path) -> Kernel:
    if not build_kernel(SOURCE, folder / "kernel.bin"):
        pytest.skip("the kernel needs a C compiler, and there is none")
    shutil.copy(SOURCE, folder)
    kernel = load_kernel(folder / "kernel.bin")
    assert kernel is not None
    return kernel


def test_a_kernel_of_another_source_is_not_used(tmp_path: Path) -> None:
    build(tmp_path)
    (tmp_path / "kernel.c").write_text(SOURCE.read_text() + "/* changed */")
    assert load_kernel(tmp_path / "kernel.bin") is None
    (tmp_path / "other.so").write_bytes(b"no library")
    assert load_kernel(tmp_path / "other.so") is None
    assert load_kernel(tmp_path / "gone.so") is None


def test_without_a_compiler_there_is_no_kernel(tmp_path: Path) -> None:
    built = tmp_path / "kernel.bin"
    built.write_bytes(b"of another day")
    assert not build_kernel(SOURCE, built, compiler="no-compiler-of-this-name")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("query_text", QUERIES)
def test_the_best_are_those_of_whoosh_s_own_exhaustive_search(
    whole: Path, query_text: str, rank: Rank
) -> None:
    reader = open_reader(whole)
    plan = translate(parse_query(query_text), Lookups(EmbeddedLexicon(reader)))
    assert plan is not None
    expected = search_exhaustively(whole, plan, reader)
    best = rank_exhaustively(expected, 10)
    answer = rank(plan, reader, 10)
    assert answer.best.tolist() == best
    assert answer.matched.tolist() == sorted(expected)
    assert answer.scores.tolist() == pytest.approx([expected[doc] for doc in best])


@pytest.mark.parametrize("query_text", QUERIES)
def test_all_leaves_at_once_add_up_as_one_after_the_other(
    folder: Path, query_text: str, rank: Rank
) -> None:
    """Two segments with deleted texts; words asked for before, and not; all that match, and few."""
    reader = open_reader(open_generation(folder))
    plan = translate(parse_query(query_text), Lookups(EmbeddedLexicon(reader)))
    assert plan is not None
    few = Intersection((plan, IdsQuery(frozenset({"t010", "t011", "t199", "t003"}))))
    for asked in (few, plan, few):
        expected = score_one_by_one(asked, reader)
        for limit in (1, 10, 60, 500):
            answer = rank(asked, reader, limit)
            assert answer.matched.tolist() == sorted(expected)
            assert answer.scores.tolist() == pytest.approx(
                sorted(expected.values(), reverse=True)[:limit], rel=1e-12
            )
            scores = [expected[number] for number in answer.best.tolist()]
            assert scores == pytest.approx(answer.scores.tolist(), rel=1e-12)


def score_one_by_one(plan: Plan, reader: PostingsReader) -> dict[int, float]:
    """The score of each document that a plan finds, from one leaf after the other."""
    docs = match_live(plan, reader).tolist()
    scores = dict.fromkeys(docs, 0.0)
    for leaf in collect_scoring_terms(plan):
        for doc, score in score_term(leaf, reader):
            if doc in scores:
                scores[doc] += score
    complete = find_complete(plan, reader)
    if complete is not None:
        for doc in scores.keys() & set(complete[0].tolist()):
            scores[doc] *= complete[1]
    return scores
