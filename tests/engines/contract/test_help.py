"""Help on the way: corrections, suggestions, texts alike, scores taken apart."""

import pytest

from indexer.engines import Searcher
from indexer.model import Reference
from indexer.search.results import Explanation
from tests.engines.contract.conftest import Opened
from tests.engines.contract.engines import MadeIndex
from tests.engines.shelf import found, text

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


def test_a_word_that_stands_beside_the_others_is_preferred(opened: Opened) -> None:
    with opened(
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
        ("mobi", "section", "section:« Mobilités »"),
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


def test_what_is_suggested_again_and_again_is_what_titles_repeat(index: MadeIndex) -> None:
    """A phrase that one title has is none until a second title, added later, has it too."""
    first, second = text("a", "Le jardin partagé du quai"), text("b", "Un jardin partagé")
    index.build([first])
    searcher = index.open()
    assert "phrase" not in [each.kind for each in searcher.suggest("jardin part")]
    index.update([second], order=("a", "b"))
    assert "jardin partagé" in [
        each.text for each in searcher.suggest("jardin part") if each.kind == "phrase"
    ]
    index.update(dropped=["a"], order=("b",))
    assert "phrase" not in [each.kind for each in searcher.suggest("jardin part")]


def test_a_correction_is_written_with_its_accents(opened: Opened) -> None:
    """Those of what was typed, or the only ones that make a word."""
    shelf = (text("a", "", "L’intérim, le résultat."), text("b", "", "Des convertisseur"))
    meant = {
        "iltérim": "intérim",
        "intérmi": "intérim",
        "rsultat": "résultat",
        "convbertisseurs": "convertisseurs",
    }
    with opened(*shelf) as searcher:
        for typed, word in meant.items():
            results = searcher.search(typed)
            assert (*results.corrections, *results.offers) == ((typed, word),), typed
            assert results.total == bool(results.corrections)


def test_a_word_that_keywords_alone_have_is_suggested_with_its_accents(opened: Opened) -> None:
    cited = Reference(id="a", title="", keyword=("Économie sociale", "hôpital"))
    with opened(text("a", "Un titre", "Un texte.", reference=cited)) as searcher:
        assert "économie" in [each.text for each in searcher.suggest("econ")]
        assert "hôpital" in [each.text for each in searcher.suggest("hop")]


def test_nothing_typed_suggests_nothing(searcher: Searcher) -> None:
    assert list(searcher.suggest(" ")) == []


def test_texts_alike_come_with_what_they_share(searcher: Searcher) -> None:
    similar = searcher.similar("c")
    assert [each.id for each in similar] == ["d"]
    assert set(similar[0].shared) >= {"atelier", "jardin"}
    assert list(searcher.similar("nobody")) == []


def test_notes_alike_come_with_what_they_share(opened: Opened) -> None:
    with opened(
        text("a", "Un titre", note="Les ateliers partagés et les jardins des habitants."),
        text("b", "Un autre", note="Un jardin, un atelier : les habitants cultivent."),
        text("c", "Un troisième", "Un atelier, un jardin, des habitants.", note="Sur la mobilité."),
        text("d", "Un dernier", note="Les ateliers seuls."),
    ) as searcher:
        (near,) = searcher.near_notes("note-a", ["a"])
        assert near.id == "note-b"
        assert set(near.shared) == {"jardin", "atelier", "habitants"}
        assert not near.is_near
        assert list(searcher.near_notes("note-c", ["c"])) == []
        assert list(searcher.near_notes("nobody", ["a"])) == []
        assert list(searcher.near_notes("note-a", ["nobody"])) == []


def test_a_note_written_twice_is_not_near_to_itself(opened: Opened) -> None:
    words = "Les ateliers partagés et les jardins des habitants."
    with opened(
        text("a", "Un titre", note=words),
        text("b", "Un autre", note=words),
        text("c", "Un autre encore", note=f"{words} Et la suite."),
    ) as searcher:
        assert [each.id for each in searcher.near_notes("note-a", ["a"])] == ["note-c"]


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


def test_a_build_says_how_many_it_holds(index: MadeIndex) -> None:
    assert index.build([*SHELF, SHELF[0]]) == 4


def test_a_word_is_suggested_as_titles_write_it_most(opened: Opened) -> None:
    with opened(
        text("a", "La résilience des villes"),
        text("b", "RESILIENCE URBAINE", "Une résilience, des habitants égarés."),
    ) as searcher:
        assert "résilience" in [each.text for each in searcher.suggest("resil")]
        assert "la résilience" in [each.text for each in searcher.suggest("la resil")]
        # Only a text has this one: the index knows it without its accents, the text has them.
        assert [each.text for each in searcher.suggest("egar")] == ["égarés"]
