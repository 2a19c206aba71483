"""What passes the door of an engine: batches of words, windows, sorts, texts, a writer's change."""

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.engines.planning.lexicon import Lookups
from indexer.engines.planning.plan import (
    BagOfTerms,
    BooleanQuery,
    IdsQuery,
    Intersection,
    MatchAll,
    Plan,
    ScoringTerm,
    TermGroup,
)
from indexer.engines.protocol import Question, SearchEngine, Sort
from indexer.errors import MissingIndexError
from indexer.index import fingerprint
from indexer.index.fields import ALL, ALL_EXACT, ALL_PAIRS, ALL_SEQUENCES, ALL_STEMS, AUTHOR
from indexer.model import Paragraph
from indexer.search.match_spec import MatchSpec
from indexer.withdrawals import WithdrawalFiles
from tests.engines.contract.conftest import Make
from tests.engines.contract.engines import InRounds, LexiconElsewhere, MadeIndex
from tests.engines.shelf import text

SHELF = (
    text("lab", "Un fab lab", "Le jardin partagé du quartier.", issued="2015-03-10"),
    text("ville", "La ville", "Un jardin, des jardins partagés, un marché.", issued="2016"),
    text("champ", "Le champ", "Le marché rural et le jardin.", issued="2014", author="Ada Essai"),
    text("bois", "Le bois", "Rien de tout cela.", issued="2013-05"),
)  # fmt: skip


@pytest.fixture(scope="module")
def engine(make_index: Make) -> SearchEngine:
    """An engine over the shelf, a text of it deleted since."""
    index = make_index()
    index.build([*SHELF, text("gone", "Un jardin", "Un jardin partagé, un marché rural.")])
    index.update(dropped=["gone"], order=[each.id for each in SHELF])
    return index.acquire()


def having(*words: str, field: str = ALL) -> Plan:
    """Plan the texts that have any of some words, which add to their score."""
    return BagOfTerms(
        tuple(TermGroup(((field, word),), (ScoringTerm(ALL_STEMS, word, 1.0),)) for word in words)
    )


def list_ids(engine: SearchEngine, plan: Plan, **how: object) -> list[str]:
    """The ids of what a plan finds."""
    return [key for key, _ in engine.find(Question(plan=plan, **how)).best]  # type: ignore[arg-type]


def test_each_of_a_batch_has_its_answer_in_order(engine: SearchEngine) -> None:
    lexicon = engine.lexicon
    terms = [
        (ALL, "jardin"), (ALL, "nulle"), (ALL_EXACT, "jardins"), (AUTHOR, "essai"),
        (ALL_SEQUENCES, "marché rural"), (ALL_SEQUENCES, "rural marché"),
        (ALL_PAIRS, "march rural"),
    ]  # fmt: skip
    assert list(lexicon.count(terms)) == [3, 0, 1, 1, 1, 0, 1]
    assert list(lexicon.count([])) == []
    plans = [having("jardin"), MatchAll(), Intersection((having("jardin"), having("marché")))]
    assert list(lexicon.count_found(plans)) == [3, 4, 2]
    near, none, nearest = lexicon.list_near(
        [(ALL_EXACT, "jardon", 1), (ALL_EXACT, "zzzzzz", 2), (ALL_EXACT, "jardinss", 2)]
    )
    assert ([each.word for each in near], list(none)) == (["jardin"], [])
    # Three texts have "jardin" and one "jardins", which is nearer.
    assert [(each.word, each.distance) for each in nearest] == [("jardins", 1), ("jardin", 2)]
    fitting, odd = lexicon.list_fitting([(ALL_EXACT, "jardin*"), (ALL_EXACT, "b?is")])
    assert (list(fitting), list(odd)) == (["jardin", "jardins"], ["bois"])
    (starting,) = lexicon.list_starting([(ALL_EXACT, "mar")])
    assert list(starting) == [("marche", 2)]
    (years, languages) = lexicon.list_values(["year", "language"])
    assert ({*years} - {""}, {*languages} - {""}) == ({"2013", "2014", "2015", "2016"}, {"fr"})


def test_windows_of_a_ranking_make_the_whole(engine: SearchEngine) -> None:
    plan = having("jardin", "marché")
    whole = engine.find(Question(plan=plan, limit=10))
    assert whole.total == len(whole.best) == 3
    windows = [
        each for first in range(4) for each in engine.find(
            Question(plan=plan, first=first, limit=1)
        ).best
    ]  # fmt: skip
    assert windows == list(whole.best)
    scores = [score for _, score in whole.best]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0


def test_texts_come_by_date_and_as_they_were_indexed(engine: SearchEngine) -> None:
    assert list_ids(engine, MatchAll(), sort=Sort.DATE) == ["ville", "lab", "champ", "bois"]
    assert list_ids(engine, MatchAll(), sort=Sort.DATE, first=1, limit=2) == ["lab", "champ"]
    assert list_ids(engine, MatchAll(), sort=Sort.INDEXED) == ["lab", "ville", "champ", "bois"]
    assert list_ids(engine, having("marché"), sort=Sort.INDEXED, limit=1) == ["ville"]


def test_the_text_of_a_title_comes_first_and_keeps_its_score(engine: SearchEngine) -> None:
    plan = having("jardin", "champ")
    scores = dict(engine.find(Question(plan=plan)).best)
    titled = engine.find(Question(plan=plan, title=("le", "champ")))
    assert titled.best[0][0] == "champ"
    assert dict(titled.best) == scores


def test_facets_count_all_that_was_found_and_only_when_asked(engine: SearchEngine) -> None:
    found = engine.find(Question(plan=having("jardin"), limit=1))
    assert {each.value: each.count for each in found.facets["year"]} == {
        "2014": 1, "2015": 1, "2016": 1,
    }  # fmt: skip
    bare = engine.find(Question(plan=having("jardin"), limit=1, is_counted=False))
    assert list(bare.best) == list(found.best)


def test_texts_are_read_in_the_order_that_they_are_asked_for(engine: SearchEngine) -> None:
    wanted = MatchSpec(names=frozenset({"jardin"}))
    ids = ["champ", "nobody", "lab", "bois"]
    read = [
        (each.document.id, [paragraph.text for paragraph in each.paragraphs], each.held)
        for each in engine.read_texts(ids, wanted)
    ]
    assert [key for key, _, _ in read] == ["champ", "lab", "bois"]
    assert read[1][1] == ["Le jardin partagé du quartier."]
    for key, _, held in read:
        if held is not None:  # an engine need not know
            assert held == ({} if key == "bois" else {0: frozenset({"jardin"})})


def test_whole_documents_are_what_was_put(engine: SearchEngine) -> None:
    assert list(engine.find_documents(["bois", "nobody", "lab"])) == [SHELF[3], None, SHELF[0]]
    assert list(engine.list_documents(is_whole=True)) == list(SHELF)
    outlines = [replace(each, paragraphs=()) for each in SHELF]
    assert list(engine.list_documents(is_whole=False)) == outlines


def test_which_terms_a_text_has_is_told(engine: SearchEngine) -> None:
    jardin, rural = (ALL, "jardin"), (ALL, "rural")
    held = engine.list_held(["champ", "bois", "lab"], [jardin, rural, (ALL, "nulle")])
    assert list(held) == [{jardin, rural}, frozenset(), {jardin}]


def test_a_score_is_explained_only_where_there_is_one(engine: SearchEngine) -> None:
    plan = having("jardin")
    (score,) = (score for key, score in engine.find(Question(plan=plan)).best if key == "ville")
    explained = engine.explain(plan, "ville")
    assert explained is not None
    assert explained.score == pytest.approx(score)
    assert engine.explain(plan, "bois") is None
    assert engine.explain(plan, "nobody") is None


def test_what_is_abandoned_leaves_all_as_it_was(index: MadeIndex) -> None:
    index.build(SHELF)
    before = index.read_fingerprints()
    assert before == {each.id: fingerprint(each) for each in SHELF}
    engine = index.acquire()
    for is_anew in (False, True):
        writer = index.open_writer()
        writer.begin(is_anew=is_anew)
        writer.put([text("neuf", "Un jardin neuf")])
        writer.drop(["lab"])
        writer.abandon()
        assert index.read_fingerprints() == before
    assert index.acquire().generation == engine.generation


def test_a_change_replaces_adds_and_removes_at_once(index: MadeIndex) -> None:
    index.build(SHELF)
    engine = index.acquire()
    again = replace(SHELF[0], paragraphs=(Paragraph(text="Une forêt."),))
    new = text("neuf", "Un jardin neuf")
    # What is put is there, dropped or not: "lab".
    index.update([again, new], ["ville", "nobody", "lab"], order=["neuf", "bois", "lab", "champ"])

    assert list_ids(engine, having("jardin"), sort=Sort.INDEXED) == ["lab", "ville", "champ"]
    now = index.acquire()
    assert now.generation != engine.generation
    assert sorted(list_ids(now, having("jardin"))) == ["champ", "neuf"]
    assert list_ids(now, having("forêt")) == ["lab"]
    assert [each.id for each in now.list_documents(is_whole=False)] == [
        "neuf", "bois", "lab", "champ",
    ]  # fmt: skip


def test_words_left_out_together_leave_out_who_has_all_of_them(engine: SearchEngine) -> None:
    together = BooleanQuery((), (MatchAll(),), (having("jardin", "rural"),))
    apart = BooleanQuery((), (MatchAll(),), (having("jardin"), having("rural")))
    assert list_ids(engine, together, sort=Sort.INDEXED) == ["lab", "ville", "bois"]
    assert list_ids(engine, apart, sort=Sort.INDEXED) == ["bois"]


def test_a_change_of_what_is_not_there_is_refused(index: MadeIndex) -> None:
    with pytest.raises(MissingIndexError):
        index.open_writer().begin(is_anew=False)
    with pytest.raises(MissingIndexError):
        index.open_writer().check()
    index.build(SHELF)
    index.open_writer().check()


def test_what_is_withdrawn_is_in_no_answer(index: MadeIndex, tmp_path: Path) -> None:
    index.build(SHELF)
    path = tmp_path / "withdrawn.txt"
    path.write_text("champ\n", encoding="utf-8")
    engine = index.acquire(WithdrawalFiles([path]))
    assert sorted(list_ids(engine, having("jardin", "rural"))) == ["lab", "ville"]
    assert list(engine.lexicon.count([(ALL, "jardin"), (AUTHOR, "essai")])) == [2, 0]
    assert list_ids(engine, IdsQuery(frozenset({"champ", "bois"}))) == ["bois"]
    assert list(engine.find_documents(["champ"])) == [None]
    assert not engine.complete("champ", 5)
    assert engine.read_examples() is None
    assert engine.generation != index.acquire().generation


def test_words_are_asked_in_few_rounds(tmp_path: Path) -> None:
    """As many as look-ups hang on each other, whatever the number of words."""
    index = InRounds(tmp_path)
    index.build(SHELF)
    searcher = index.open()
    typed = "jardin partage quartier marche rural ville champ bois cela tout"
    asked = {}
    for count in (4, 10):
        query = " ".join(typed.split()[:count])
        lexicon = index.opened[0].acquire().lexicon
        assert isinstance(lexicon, LexiconElsewhere)
        lexicon.asked.clear()
        assert searcher.rank(query, 10)
        asked[count] = [*lexicon.asked]
    assert 0 < len(asked[10]) <= len(asked[4]) + 1 <= 8
    assert max(most for _, most in asked[10]) > 20
    index.close()


def test_what_was_worked_out_of_missing_words_is_not_kept(tmp_path: Path) -> None:
    index = InRounds(tmp_path)
    index.build(SHELF)
    lookups = Lookups(index.acquire().lexicon)

    def work(words: Lookups) -> int:
        count = words.count(ALL, "jardin")
        if words.find("worked out") is None:
            words.keep("worked out", count + 1)
        return count

    assert lookups.settle(work) == 3
    assert lookups.find("worked out") == 4
    index.close()
