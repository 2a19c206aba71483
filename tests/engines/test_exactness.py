"""Whatever keeps the postings, a question has one answer: Whoosh's own, scored exhaustively."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.engines import build_index, update_index
from indexer.engines.building import open_generation
from indexer.engines.matching import find_complete
from indexer.engines.plan import Intersection, Plan, Union, Words
from indexer.engines.ranking import collect_leaves, find_best
from indexer.engines.translate import translate
from indexer.engines.whoosh import WhooshReader, open_reader
from indexer.engines.whoosh.schema import open_whoosh
from indexer.index import Changes
from indexer.index.fields import FIELD_BY_NAME, K1
from indexer.model import Document
from indexer.search import parse_query
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
    "titre:ville", "le la les ville", "resilience partage", "ateliers ruraux coopératifs",
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


@pytest.mark.parametrize("query_text", QUERIES)
def test_arrays_answer_as_whoosh_s_files_do(folder: Path, query_text: str) -> None:
    generation = open_generation(folder)
    slow, fast = WhooshReader(generation), open_reader(generation)
    assert type(fast) is not type(slow)
    query = parse_query(query_text)
    slow_plan, fast_plan = translate(query, slow), translate(query, fast)
    assert slow_plan == fast_plan
    assert slow_plan is not None
    expected, answer = find_best(slow_plan, slow, 10), find_best(fast_plan, fast, 10)
    assert answer.best.tolist() == expected.best.tolist()
    assert answer.scores.tolist() == pytest.approx(expected.scores.tolist(), rel=1e-12)
    assert answer.matched.tolist() == expected.matched.tolist()
    slow.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same shelf in one segment."""
    folder = tmp_path_factory.mktemp("whole")
    build_index(folder, shelf())
    return open_generation(folder)


@pytest.mark.parametrize("query_text", QUERIES[:8])
def test_the_best_are_those_of_whoosh_s_own_exhaustive_search(whole: Path, query_text: str) -> None:
    """Stock matchers and `limit=None`, with our formula as Whoosh's weighting."""
    reader = open_reader(whole)
    plan = translate(parse_query(query_text), reader)
    assert plan is not None
    expected = search_with_whoosh(whole, plan)
    complete = find_complete(plan, reader)
    if complete is not None:
        docs, factor = complete
        for doc in set(docs.tolist()) & set(expected):
            expected[doc] *= factor
    order = sorted(expected, key=lambda doc: (-round(expected[doc], 9), doc))
    answer = find_best(plan, reader, 10)
    assert answer.best.tolist() == order[:10]
    assert answer.matched.tolist() == sorted(expected)
    assert answer.scores.tolist() == pytest.approx([expected[doc] for doc in order[:10]])


def search_with_whoosh(folder: Path, plan: Plan) -> dict[int, float]:
    """The score of every hit, by Whoosh's own search over its own query tree."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from whoosh import query, scoring

    class Formula(scoring.WeightingModel):  # type: ignore[misc]
        def scorer(self, searcher: Any, fieldname: str, term: bytes, qf: int = 1) -> Any:
            size, count = searcher.doc_count_all(), searcher.doc_frequency(fieldname, term)
            read = searcher.reader().doc_field_length
            average = sum(read(doc, fieldname) or 0 for doc in range(size)) / size
            b = FIELD_BY_NAME[fieldname].b
            idf = np.log1p((size - count + 0.5) / (count + 0.5))

            class Scorer(scoring.BaseScorer):  # type: ignore[misc]
                def max_quality(self) -> float:
                    return 1e9  # nothing may be skipped

                def score(self, matcher: Any) -> float:
                    count = matcher.weight()
                    norm = K1 * (1 - b + b * read(matcher.id(), fieldname) / average)
                    return float(idf * (K1 + 1) * count / (count + norm))

            return Scorer()

    def tree(part: Plan) -> Any:
        match part:
            case Words(slots):
                terms = [each for slot in slots for each in slot.terms]
                leaves = collect_leaves(part)
                named = [query.Term(field, term, 1e-15) for field, term in terms]
                scored = [query.Term(leaf.field, leaf.text, leaf.weight) for leaf in leaves]
                return query.AndMaybe(query.Or(named), query.Or(scored))
            case Intersection(parts):
                return query.And([tree(each) for each in parts])
            case Union(parts):
                return query.Or([tree(each) for each in parts])
            case _:
                raise AssertionError(part)

    with open_whoosh(folder).searcher(weighting=Formula()) as searcher:
        results = searcher.search(tree(plan), limit=None)
        return {results.docnum(place): results.score(place) for place in range(len(results))}
