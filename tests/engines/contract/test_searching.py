"""Ask a small shelf as a reader would."""

from dataclasses import replace

import pytest

from indexer.engines import Searcher
from indexer.errors import MissingIndexError
from indexer.model import LinkHealth, LinkState
from tests.engines.contract.conftest import Opened
from tests.engines.contract.engines import MadeIndex
from tests.engines.shelf import compare, found, text

SHELF = (
    text("fabcity", "La Fab City de Barcelone", "Des fab labs dans la ville.", issued="2015-03-10",
         note="La ville vise la résilience. Le covoiturage y est encouragé."),
    text("digital", "Digital labor", "Les plateformes exploitent les internautes.", issued="2016"),
    text("lieux", "Des lieux partagés", "Les tiers-lieux ruraux du pays.", issued="2017"),
    text("commons", "The city as commons", "Platform cooperatives for cities.", language="en"),
    text("etat", "Le président de la République", "Un discours du chef de l’État."),
)  # fmt: skip


@pytest.mark.parametrize(
    ("query_text", "ids"),
    [
        ("barcelone fab city", ["fabcity", "commons"]),
        ("exploitation des internautes", ["digital"]),
        ('"tiers lieux"', ["lieux"]),
        ("« lieux tiers »", []),
        ("covoiturage", ["fabcity"]),
        ("résilience", ["fabcity"]),
        ("resilience", ["fabcity"]),
        ("cities", ["commons", "fabcity"]),
        ("“président de la république”", ["etat"]),
        ("ville -covoiturage", []),
        ("plateformes SAUF cooperatives", ["digital"]),
        ("titre:lieux", ["lieux"]),
        ("note:résilience", ["fabcity"]),
        ("année:2016..2017", ["digital", "lieux"]),
        ("internaut*", ["digital"]),
        ("internautes ?", ["digital"]),
        ("colaboratives internautes", ["digital"]),
        ("(((", []),
        ("", []),
    ],
)
def test_a_query_finds(searcher: Searcher, query_text: str, ids: list[str]) -> None:
    assert found(searcher, query_text) == ids


ROWS = {
    "« un écoquartier rural »": "compound",
    "« un éco-quartier rural »": "compound",
    "« un éco quartier rural »": "compound",
    "« dans un écoquartier »": "compound",
    "« rural au bord de l’eau »": "compound",
    "« le écoquartier rural »": "",
    "« écoquartier au rural »": "",
    "« rural au bord de la eau »": "",
    "« rural bord eau »": "compound",
    "« la loi n° 2014-856 »": "compound",
    "« la loi 2014-856 »": "compound",
    "« une loi n° 2014-856 »": "",
    "« rural de l’eau »~5": "compound",
    "« mise en scène »": "scene",
    "« mises en scènes »": "scene",
    "« mise de la scène »": "tomb",
    "« scène de la mise »": "",
    "« mise de scène »": "",
    "« au fur et à mesure »": "scene",
    "« à la une »": "tomb",
    "« est à la une »": "tomb",
    "« une la à »": "",
    "« à une »": "",
    "texte:« mise en scène »": "",
    "titre:« mise en scène »": "scene",
    "note:« de la scène »": "tomb",
    "texte:« et à mesure »": "scene",
    "« clears the tracks »": "tracks",
    "« clears a track »": "",
}


def test_small_words_of_a_phrase_stand_as_they_are_typed(opened: Opened) -> None:
    body = "Dans un éco-quartier rural, au bord de l’eau. Selon la loi n° 2014-856 du pays."
    shelf = (
        text("compound", "", body),
        text("scene", "La mise en scène", "La scène, la mise, au fur et à mesure."),
        text("tomb", "", "Il est à la une. Mise au tombeau sur scène.", note="Mise de la scène."),
        text("tracks", "", "The train clears the track.", language="en"),
    )
    with opened(*shelf) as searcher:
        answers = {query: " ".join(found(searcher, query, as_typed=True)) for query in ROWS}
    assert answers == ROWS


def test_texte_looks_in_the_body_alone(opened: Opened) -> None:
    shelf = (
        text("body", "Un titre", "Le covoiturage rural et la forêt."),
        text("title", "Le covoiturage rural", "Un texte."),
        text("note", "Autre titre", "Un texte.", note="Le covoiturage rural avance."),
        text("bare", "Le covoiturage rural"),
    )
    with opened(*shelf) as searcher:
        for query_text in (
            "texte:covoiturage",
            "texte:covoiturages",
            "texte:« covoiturage rural »",
            "texte:(covoiturage ET forêt)",
            "texte:covoit*",
            "texte:covoiturrage~",
            "rural ET texte:covoiturage",
        ):
            assert found(searcher, query_text) == ["body"], query_text
        assert set(found(searcher, "covoiturage SAUF texte:covoiturage")) == {
            "title", "note", "bare",
        }  # fmt: skip
        assert searcher.explain("texte:covoiturage", "body") is not None


def test_a_phrase_finds_its_compounds_apart_and_joined(opened: Opened) -> None:
    shelf = (
        text("apart", "Un", "Le grand éco-quartier rural de la ville."),
        text("joined", "Deux", "Le grand écoquartier rural de la ville."),
        text("other", "Trois", "Un quartier rural, un grand éco-musée, un écoquartier urbain."),
    )
    with opened(*shelf) as searcher:
        for query_text in (
            "« grand éco-quartier rural »",
            "« grand écoquartier rural »",
            "« éco-quartier rural »",
            "« écoquartier rural »",
            "« grand éco quartier »",
            "texte:« grand écoquartier »",
        ):
            assert sorted(found(searcher, query_text)) == ["apart", "joined"], query_text


def test_a_phrase_of_words_that_say_little_is_a_phrase(opened: Opened) -> None:
    shelf = (
        text("yes", "Un", "Ce qui est à vous est de la ville."),
        text("no", "Deux", "La ville est de tous, et vous y êtes à vie."),
    )
    with opened(*shelf) as searcher:
        assert found(searcher, "« de la »") == ["yes"]
        assert found(searcher, "« est à vous »") == ["yes"]
        assert found(searcher, "« vous à »") == []


@pytest.mark.parametrize(
    ("query_text", "understood"),
    [
        ("titre:digitql", [("digitql", "digital")]),
        ("« tiers lieux rurauxx »", [("rurauxx", "ruraux")]),
        ("texte:« plateformes exploitemt »", [("exploitemt", "exploitent")]),
        ("titre:internautes", []),
    ],
)
def test_mistakes_are_mended_in_fields_and_phrases(
    searcher: Searcher, query_text: str, understood: list[tuple[str, str]]
) -> None:
    results = searcher.search(query_text)
    assert list(results.corrections) == understood
    assert bool(results.total) == bool(understood)


def test_texts_with_all_the_words_come_first(opened: Opened) -> None:
    """
    a | covoiturage covoiturage covoiturage covoiturage
    b | covoiturage rural, et bien d'autres mots autour de lui pour le noyer un peu
    """
    with opened(
        text("a", "covoiturage", "covoiturage covoiturage covoiturage"),
        text("b", "", "Le rural, et bien d'autres mots autour pour noyer le covoiturage."),
    ) as searcher:
        assert found(searcher, "covoiturage rural") == ["b", "a"]


def test_a_word_of_the_note_is_shown_with_its_sentence(searcher: Searcher) -> None:
    hit = searcher.search("covoiturage").hits[0]
    sentence = hit.mentions[0].sentence
    assert [sentence.text[start:end] for start, end in sentence.marks] == ["covoiturage"]


def test_an_unknown_word_is_corrected_and_said(searcher: Searcher) -> None:
    results = searcher.search("intrenautes")
    assert results.corrections == (("intrenautes", "internautes"),)
    assert [hit.id for hit in results.hits] == ["digital"]


def test_filters_narrow_and_facets_count_the_whole_result(searcher: Searcher) -> None:
    results = searcher.search("ville OU internautes", page_size=1)
    years = {value.value: value.count for value in results.facets["year"]}
    assert (results.total, years) == (2, {"2015": 1, "2016": 1})
    assert found(searcher, "ville OU internautes", filters={"year": ["2016"]}) == ["digital"]


@pytest.mark.parametrize(
    ("filters", "unknown"),
    [
        ({"year": ["2016"], "language": ["fr"]}, []),
        ({"year": ["2014..2016"]}, []),
        ({"year": ["2O16"]}, ["2O16"]),
        ({"year": ["1850..1860"], "site": ["ailleurs.test"]}, ["1850..1860", "ailleurs.test"]),
        ({"keyword": ["inconnu"], "section": ["Nulle part"]}, ["Nulle part", "inconnu"]),
        ({"link": ["dead"]}, []),  # a closed list: any of it is right
    ],
)
def test_a_filter_that_no_text_can_meet_is_told(
    searcher: Searcher, filters: dict[str, list[str]], unknown: list[str]
) -> None:
    results = searcher.search("ville OU internautes", filters=filters)
    assert [dict(each.values)["value"] for each in results.unread] == unknown


@pytest.mark.parametrize(
    ("query_text", "unknown"),
    [
        ("ville année:2014..2016", []),
        ("ville année:1850", ["1850"]),
        ("ville année:<1900", ["..1899"]),
        ("ville mot:inconnu", ["inconnu"]),
    ],
)
def test_a_field_that_no_text_can_meet_is_told(
    searcher: Searcher, query_text: str, unknown: list[str]
) -> None:
    results = searcher.search(query_text)
    assert [dict(each.values)["value"] for each in results.unread] == unknown


def test_an_update_shows_to_a_searcher_already_open(opened: Opened, index: MadeIndex) -> None:
    with opened(*SHELF) as searcher:
        assert found(searcher, "internautes") == ["digital"]
        changes = compare(index.read_fingerprints(), [SHELF[0], text("neuf", "Des internautes")])
        assert [document.id for document in changes.added] == ["neuf"]
        index.update(changes.added, changes.deleted, order=changes.order)
        assert found(searcher, "internautes") == ["neuf"]
        assert [document.id for document in searcher.documents()] == ["fabcity", "neuf"]


def test_the_numbers_of_a_searcher_already_open_change_with_an_update(
    opened: Opened, index: MadeIndex
) -> None:
    asked = "ruraux internautes"
    with opened(*SHELF) as searcher:
        before = searcher.search(asked)
        assert [term.document_count for term in before.terms] == [1, 1]
        assert before.all_words is not None
        assert before.all_words.total == 0
        assert not searcher.search("nouvellement").total
        more = [text(id, "Des internautes ruraux", "Nouvellement.") for id in ("un", "deux")]
        changes = compare(index.read_fingerprints(), [*SHELF, *more])
        index.update(changes.added, changes.deleted, order=changes.order)
        after = searcher.search(asked)
        assert [term.document_count for term in after.terms] == [3, 3]
        assert after.all_words is not None
        assert after.all_words.total == 2
        assert searcher.search("nouvellement").total == 2
        assert [each.document_count for each in searcher.suggest("nouvellem")] == [2]


def test_what_has_all_the_words_is_counted_among_what_filters_leave(searcher: Searcher) -> None:
    strict = searcher.search("fab ville", filters={"year": ["2015"]}).all_words
    assert strict is not None
    assert strict.total == 1
    other = searcher.search("fab ville", filters={"year": ["2016"]}).all_words
    assert other is not None
    assert other.total == 0


def test_of_two_documents_with_one_id_the_last_counts(opened: Opened) -> None:
    with opened(text("a", "premier"), text("a", "second")) as searcher:
        assert found(searcher, "premier") == []
        assert found(searcher, "second") == ["a"]


def test_without_an_index_the_next_step_is_told(index: MadeIndex) -> None:
    with pytest.raises(MissingIndexError, match="renvois index"):
        index.open()


def test_a_search_may_be_kept_to_some_documents(searcher: Searcher) -> None:
    everything = found(searcher, "barcelone fab city")
    assert len(everything) > 1
    first = everything[0]

    assert found(searcher, "barcelone fab city", only=[first, "nobody"]) == [first]
    assert found(searcher, "barcelone fab city", only=[]) == []
    assert found(searcher, "", only=[first]) == [first]


def test_passages_are_cut_only_for_whoever_wants_them(searcher: Searcher) -> None:
    bare = searcher.search("barcelone fab city", extracts=False)

    assert [hit.id for hit in bare.hits] == found(searcher, "barcelone fab city")
    assert all(not hit.snippets and not hit.mentions for hit in bare.hits)


@pytest.mark.parametrize("query_text", ["lien:mort", "link:dead", "lien:dead", 'link:"MORT"'])
def test_the_state_of_a_link_is_asked_in_french_and_in_english(
    opened: Opened, query_text: str
) -> None:
    dead = replace(
        text("a", "Un titre"), url="http://a.test/", link=LinkHealth(state=LinkState.DEAD)
    )
    unvisited = replace(text("b", "Un titre"), url="http://b.test/")
    with opened(dead, unvisited) as searcher:
        assert found(searcher, query_text) == ["a"]
        assert found(searcher, 'lien:"jamais visité"') == found(searcher, "link:never") == ["b"]


@pytest.mark.parametrize(
    ("absent", "present"),
    [
        ("opinions", "options"),
        ("épicerie", "épidémie"),
        ("surcoût", "surtout"),
        ("loyers", "foyers"),
        ("bear", "beau"),
        ("forks", "forts"),
        ("snow", "show"),
    ],
)
def test_a_word_of_the_language_is_never_replaced(
    opened: Opened, absent: str, present: str
) -> None:
    with opened(text("a", "", f"Un texte où il est question de {present}.")) as searcher:
        for typed in (absent, absent.capitalize(), f"{absent} question"):
            assert searcher.search(typed).corrections == ()


def test_two_letters_away_is_not_searched_instead(opened: Opened) -> None:
    with opened(text("a", "", "Des associations de quartier.")) as searcher:
        assert searcher.search("asociatons").corrections == ()
        assert searcher.search("asociations").corrections == (("asociations", "associations"),)


def test_a_lemma_one_letter_away_is_searched_where_texts_have_its_forms(opened: Opened) -> None:
    with opened(text("a", "", "Des cellules.")) as searcher:
        results = searcher.search("collule")
        assert results.corrections == (("collule", "cellule"),)
        assert [hit.id for hit in results.hits] == ["a"]


def test_what_is_offered_is_a_word_of_texts_and_never_a_stem(opened: Opened) -> None:
    with opened(text("a", "", "Les nums du réseau.")) as searcher:
        results = searcher.search("enum")
        assert all(meant.isalpha() for _, meant in (*results.corrections, *results.offers))


def test_one_word_is_found_where_it_is_written_in_two(opened: Opened) -> None:
    with opened(text("a", "", "Un réseau de « fab labs » et d’entr’aide.")) as searcher:
        assert found(searcher, "fablab") == found(searcher, "entraide") == ["a"]


def test_a_stem_ranks_and_finds_nothing(opened: Opened) -> None:
    kin = text("kin", "", "Le loyer d’un logement est voté.")
    with opened(text("law", "", "La loi est votée."), kin) as searcher:
        assert found(searcher, "loi") == ["law"]
        assert found(searcher, "lois") == ["law"]
        assert [count.document_count for count in searcher.search("lois").terms] == [1]
        assert [form.value for form in searcher.forms("lois")] == ["loi"]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("devoir", ["must"]),
        ("devoirs", ["must"]),
        ("pouvoir", ["can"]),
        ("faire", ["did", "do"]),
        ("feront", ["did", "do"]),
        ("dire", ["said"]),
        ("titre:devoir", []),
        ("maïs", ["corn"]),
        ("sûr", ["sure"]),
        ("sur", ["on", "sure"]),  # an accent may be missing
    ],
)
def test_a_verb_finds_those_of_its_forms_that_say_little(
    opened: Opened, query: str, ids: list[str]
) -> None:
    shelf = (
        text("must", "", "Les élus doivent partir."),
        text("can", "", "Tous peuvent venir."),
        text("do", "", "Nous ferons mieux."),
        text("did", "", "Il a fait mieux."),
        text("said", "", "On dit cela."),
        text("corn", "", "Le maïs pousse."),
        text("sure", "", "Un abri sûr."),
        text("on", "", "Un abri, mais sur la place."),
    )
    with opened(*shelf) as searcher:
        assert sorted(found(searcher, query)) == ids


@pytest.mark.parametrize("typed", ["R. 123-9", "R*. 123-9", "R.* 123-9", "R*123-9", "R123-9"])
def test_a_star_of_an_article_of_law_is_left_aside(opened: Opened, typed: str) -> None:
    written = ("L’article R*. 123-9.", "L’article R. 123-9.", "L’article R. * 123-9.")
    shelf = [text(f"t{place}", "", each) for place, each in enumerate(written)]
    with opened(*shelf) as searcher:
        assert sorted(found(searcher, typed)) == ["t0", "t1", "t2"]


@pytest.mark.parametrize("typed", ["ISO 14001:2015", "iso14001:2015", "« ISO 14001:2015 »"])
def test_a_standard_and_its_year_are_one_thing(opened: Opened, typed: str) -> None:
    shelf = (
        text("asked", "La norme ISO 14001:2015"),
        text("older", "La norme ISO 14001:2004", "Elle a cédé la place en 2015."),
        text("year", "Bilan 2015"),
    )
    with opened(*shelf) as searcher:
        assert found(searcher, typed) == ["asked"]
