"""The rungs, from what a search understood; `known` says what each way of asking would find."""

from indexer.messages import open_translator
from indexer.search import Results, Suggestion, TermCount
from search_web.pages.query_relaxation import MOST, climb
from search_web.site.params import Ask


def term(typed: str, count: int = 0) -> TermCount:
    return TermCount(typed=typed, term=typed, document_count=count)


def rungs(ask: Ask, found: Results, known: dict[str, int], *suggested: str) -> list[str]:
    suggestions = tuple(Suggestion(text=text) for text in suggested)
    climbed = climb(
        ask,
        found,
        count=lambda other: known.get(other.query_text, 0),
        suggest=lambda prefix: tuple(s for s in suggestions if s.text.startswith(prefix)),
    )
    say = open_translator("fr")
    return [f"{rung.query_text} ({say(rung.reason)}) {rung.total}" for rung in climbed]


def test_only_what_finds_something_is_a_rung():
    found = Results(query_text="ville ET xyzzy", total=0, terms=(term("ville", 4), term("xyzzy")))
    ask = Ask(query_text="ville ET xyzzy")

    assert rungs(ask, found, {}) == []
    assert rungs(ask, found, {"ville": 4, "ville OU xyzzy": 4}) == [
        "ville (sans «\u00a0xyzzy\u00a0», qui n’est dans aucun document) 4",
        "ville OU xyzzy (avec l’un ou l’autre mot (OU)) 4",
    ]


def test_another_spelling_comes_first():
    found = Results(
        query_text="colaboratif", total=0, corrections=(("colaboratif", "collaboratif"),)
    )

    assert rungs(Ask(query_text="colaboratif"), found, {"collaboratif": 3}) == [
        "collaboratif (avec une autre orthographe) 3"
    ]


def test_the_rarest_word_is_left_out_by_name():
    found = Results(query_text="a b", total=0, terms=(term("beau", 9), term("rare", 1)))

    (rung,) = rungs(Ask(query_text="beau ET rare"), found, {"beau": 9})
    assert "«\u00a0rare\u00a0», le mot le plus rare" in rung


def test_filters_are_taken_off_before_words():
    found = Results(query_text="ville", total=0, terms=(term("ville", 2),))
    ask = Ask(query_text="ville", filters={"lien": ("mort",)})

    assert rungs(ask, found, {"ville": 2}) == ["ville (sans les filtres) 2"]
    assert rungs(Ask(filters={"lien": ("mort",)}), found, {"": 5}) == []


def test_words_that_are_near_are_tried():
    found = Results(query_text="covoitures", total=0, terms=(term("covoitures"),))
    known = {"covoitures~": 2, "covoi*": 3, "covoiturage": 3}

    assert rungs(Ask(query_text="covoitures"), found, known, "covoiturage", "covoitures") == [
        "covoitures~ (les mots qui s’écrivent presque ainsi) 2",
        "covoi* (les mots qui commencent ainsi) 3",
        "covoiturage (un terme voisin) 3",
    ]


def test_a_ladder_has_an_end():
    words = tuple(term(f"mot{n}") for n in range(30))
    known = {f"mot{n}~": 1 for n in range(30)}

    assert len(
        rungs(Ask(query_text="beaucoup"), Results(query_text="", total=0, terms=words), known)
    ) == (MOST)
