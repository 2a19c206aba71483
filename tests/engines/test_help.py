"""Help on the way: corrections, suggestions, texts alike, scores taken apart."""

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.engines import Searcher, build_index, open_searcher, update_index
from indexer.engines.embedded.whoosh_index import create_index, open_reader, write_documents
from indexer.index import Changes
from indexer.index.postings import collect_facets, list_parts
from indexer.search.results import Explanation
from indexer.withdrawals import WithdrawalFiles
from tests.engines.damage import make_documents
from tests.engines.shelf import found, opened, text
from tests.engines.test_exactness import shelf

SHELF = (
    text("a", "L’économie collaborative en ville", "Les plateformes collaboratives et la ville.",
         author="Anne Essai", section=("Territoires", "Mobilités")),
    text("b", "Économie collaborative et travail", "Les plateformes et le travail des livreurs."),
    text("c", "Les tiers-lieux ruraux", "Un atelier partagé, des habitants, un jardin."),
    text("d", "Jardins partagés", "Les habitants cultivent un jardin et un atelier."),
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cillaborative", "collaborative"),
        ("plateformse", "plateformes"),
        ("xollaboratives", "collaboratives"),
    ],
)
def test_an_unknown_word_is_taken_for_the_one_meant(
    searcher: Searcher, typed: str, meant: str
) -> None:
    assert searcher.search(typed).corrections == ((typed, meant),)
    assert found(searcher, typed) == found(searcher, meant)


@pytest.mark.parametrize("typed", ["ville/plateformse", "l’plateformse", "« plateformse »"])
def test_a_word_is_mended_inside_what_is_typed_together(searcher: Searcher, typed: str) -> None:
    results = searcher.search(typed)
    assert results.corrections == (("plateformse", "plateformes"),)
    assert results.searched == typed.replace("plateformse", "plateformes")


def test_a_word_that_stands_beside_the_others_is_preferred(tmp_path: Path) -> None:
    with opened(
        tmp_path,
        text("a", "un jardin rural"),
        *[text(f"b{number}", "un sardin ici") for number in range(5)],
    ) as searcher:
        assert searcher.search("gardin rural").corrections == (("gardin", "jardin"),)


def test_a_word_may_be_searched_as_it_is_typed(searcher: Searcher) -> None:
    assert found(searcher, "plateformse", as_typed=True) == []
    results = searcher.search("plateformse ville", as_typed=True)
    assert results.corrections == ()
    assert [hit.id for hit in results.hits] == found(searcher, "ville")


def test_known_words_are_never_corrected(searcher: Searcher) -> None:
    assert searcher.search("ville jardins zzzzzzzz").corrections == ()


@pytest.mark.parametrize(
    ("typed", "kind", "suggested"),
    [
        ("econ", "phrase", "économie collaborative"),
        ("anne", "author", "Anne Essai"),
        ("mobi", "section", "rubrique:« Mobilités »"),
        ("tiers", "title", "Les tiers-lieux ruraux"),
        ("travail des livr", "term", "travail des livreurs"),
    ],
)
def test_what_is_suggested_is_of_this_corpus(
    searcher: Searcher, typed: str, kind: str, suggested: str
) -> None:
    suggestions = searcher.suggest(typed)
    assert (kind, suggested) in [(each.kind, each.text) for each in suggestions]
    assert all(searcher.search(each.text).total for each in suggestions)


def test_what_a_pattern_was_taken_for_is_told(searcher: Searcher) -> None:
    (told,) = searcher.search("collaborati*").terms
    assert (told.typed, told.document_count) == ("collaborati*", 2)
    assert set(told.term.split()) == {"collaborative", "collaboratives"}
    (near,) = searcher.search("jardon~").terms
    assert (near.typed, near.term) == ("jardon~", "jardin")


def test_suggestions_follow_every_change_as_if_built_anew(tmp_path: Path) -> None:
    """Added, changed, removed and withdrawn texts; what is typed finds the same, best first."""
    documents = {each.id: each for each in make_documents(40)}
    ids = tuple(documents)
    held = {key: documents[key] for key in ids[:25]}
    build_index(tmp_path / "grown", held.values())
    withdrawn = tmp_path / "withdrawn.txt"
    withdrawn.write_text("", encoding="utf-8")
    grown = open_searcher(tmp_path / "grown", WithdrawalFiles([withdrawn]))
    changes = (
        Changes(added=tuple(documents[key] for key in ids[25:32])),
        Changes(updated=(replace(documents[ids[3]], title="Un titre refait, deux fois refait"),)),
        Changes(deleted=ids[5:9]),
        Changes(added=tuple(documents[key] for key in ids[32:]), deleted=ids[:2]),
    )
    typed = ("vi", "ville", "refa", "titre r", "dupont", "éner", "partie", "jardin ma", "e")
    for number, change in enumerate(changes):
        for document in (*change.added, *change.updated):
            held[document.id] = document
        for key in change.deleted:
            del held[key]
        update_index(tmp_path / "grown", replace(change, order=tuple(held)))
        build_index(tmp_path / f"anew-{number}", held.values())
        hidden = sorted(held)[number]
        shown = [document for document in held.values() if document.id != hidden]
        build_index(tmp_path / f"shown-{number}", shown)
        for without, expected in (("", "anew"), (hidden, "shown")):
            withdrawn.write_text(without, encoding="utf-8")
            anew = open_searcher(tmp_path / f"{expected}-{number}")
            for prefix in typed:
                assert list(grown.suggest(prefix)) == list(anew.suggest(prefix))
            anew.close()
        withdrawn.write_text("", encoding="utf-8")
    assert "Un titre refait, deux fois refait" in [each.text for each in grown.suggest("titre r")]
    assert len(list((tmp_path / "grown").glob("g*/suggestions-*.json"))) == 1
    grown.close()


def test_what_is_suggested_again_and_again_is_what_titles_repeat(tmp_path: Path) -> None:
    """A phrase that one title has is none until a second title, added later, has it too."""
    first, second = text("a", "Le jardin partagé du quai"), text("b", "Un jardin partagé")
    build_index(tmp_path, [first])
    searcher = open_searcher(tmp_path)
    assert "phrase" not in [each.kind for each in searcher.suggest("jardin part")]
    update_index(tmp_path, Changes(added=(second,), order=("a", "b")))
    assert "jardin partagé" in [
        each.text for each in searcher.suggest("jardin part") if each.kind == "phrase"
    ]
    update_index(tmp_path, Changes(deleted=("a",), order=("b",)))
    assert "phrase" not in [each.kind for each in searcher.suggest("jardin part")]
    searcher.close()


def test_nothing_typed_suggests_nothing(searcher: Searcher) -> None:
    assert list(searcher.suggest(" ")) == []


def test_texts_alike_come_with_what_they_share(searcher: Searcher) -> None:
    similar = searcher.similar("c")
    assert [each.id for each in similar] == ["d"]
    assert set(similar[0].shared) >= {"atelier", "jardin"}
    assert list(searcher.similar("nobody")) == []


def test_the_parts_of_a_score_add_up_to_it(searcher: Searcher) -> None:
    for query_text in ("économie collaborative", "jardin", "plateformes ville travail"):
        for hit in searcher.search(query_text).hits:
            explanation = searcher.explain(query_text, hit.id)
            assert explanation is not None
            assert explanation.score == pytest.approx(hit.score)
            check_sums(explanation)
    assert searcher.explain("jardin", "a") is None


def check_sums(explanation: Explanation) -> None:
    for field in explanation.parts:
        if field.parts:
            assert field.score == pytest.approx(sum(word.score for word in field.parts))
            for word in field.parts:
                product = 1.0
                for factor in word.parts:
                    product *= factor.score
                assert word.score == pytest.approx(product)
                _, value = word.parts
                assert value.score == pytest.approx(sum(model.score for model in value.parts))
    assert explanation.score == pytest.approx(sum(part.score for part in explanation.parts))


def test_the_forms_that_a_stem_gathers_are_told(searcher: Searcher) -> None:
    forms = {form.value for form in searcher.forms("collaboratif")}
    assert forms == {"collaborative", "collaboratives"}


def test_postings_that_do_not_fit_in_memory_are_merged_from_runs(tmp_path: Path) -> None:
    answers = []
    for name, memory_mb in (("large", 256), ("small", 0)):
        folder = tmp_path / name
        folder.mkdir()
        create_index(folder)
        rows = (
            (document.id, "mark", list_parts(document), collect_facets(document))
            for document in shelf(60)
        )
        write_documents(folder, rows, memory_mb=memory_mb)
        reader = open_reader(folder)
        words = [term for term, _ in reader.terms("all")]
        answers.append([(word, reader.postings("all", word)[0].tolist()) for word in words])
        reader.close()
    assert answers[0] == answers[1]
    assert len(answers[0]) > 20


def test_a_build_says_how_many_it_holds(tmp_path: Path) -> None:
    assert build_index(tmp_path, [*SHELF, SHELF[0]]) == 4


def test_a_word_is_suggested_as_titles_write_it_most(tmp_path: Path) -> None:
    with opened(
        tmp_path,
        text("a", "La résilience des villes"),
        text("b", "RESILIENCE URBAINE", "Une résilience, des habitants égarés."),
    ) as searcher:
        assert "résilience" in [each.text for each in searcher.suggest("resil")]
        assert "la résilience" in [each.text for each in searcher.suggest("la resil")]
        # Only a text has this one: the index knows it without its accents, the text has them.
        assert [each.text for each in searcher.suggest("egar")] == ["égarés"]
