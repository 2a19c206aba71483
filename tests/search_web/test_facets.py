from indexer.messages import open_translator
from indexer.search import FacetValue, Results
from search_web.facets import make_chips, make_facets
from search_web.params import Ask


def counts(**counted: int) -> tuple[FacetValue, ...]:
    return tuple(FacetValue(value=value, count=count) for value, count in counted.items())


FOUND = Results(
    query_text="ville",
    total=9,
    facets={
        "year": tuple(
            FacetValue(value=str(year), count=year - 2009) for year in (2012, 2010, 2019)
        ),
        "site": counts(**{f"site{n}": 20 - n for n in range(14)}),
        "language": counts(fr=9),
        "link": counts(alive=5, dead=4),
        "kind": counts(text=8, note=1),
    },
)
FRENCH, ENGLISH = open_translator("fr"), open_translator("en")
ASK = Ask(query_text="ville", page=2)


def facet(name: str, ask: Ask = ASK):
    return next((facet for facet in make_facets(FOUND, ask, FRENCH) if facet.name == name), None)


def test_years_run_from_the_newest_with_bars_to_compare():
    assert [(c.label, c.count, c.bar) for c in facet("annee").choices] == [
        ("2019", 10, 100),
        ("2012", 3, 30),
        ("2010", 1, 10),
    ]


def test_the_rest_of_a_long_facet_is_folded_away():
    assert [c.label for c in facet("site").choices] == [f"site{n}" for n in range(4)]
    assert [c.label for c in facet("site").folded] == [f"site{n}" for n in range(4, 6)]


def test_a_facet_without_a_choice_is_left_out_unless_it_was_chosen():
    assert facet("langue") is None
    assert facet("langue", ASK.with_filter("langue", "fr")).choices[0].is_chosen


def test_a_choice_narrows_and_chosen_again_widens():
    choice = facet("lien").choices[1]
    assert choice.label == "mort"
    assert choice.ask == Ask(query_text="ville", filters={"lien": ("dead",)})

    chosen = facet("lien", choice.ask).choices[1]
    assert chosen.is_chosen
    assert chosen.ask == Ask(query_text="ville")


def test_kinds_are_said_in_french():
    assert [c.label for c in facet("type").choices] == ["texte cité", "note seule"]


def test_each_filter_in_force_has_a_chip_that_removes_it():
    ask = Ask(query_text="ville", filters={"lien": ("dead", "alive"), "langue": ("en",)})

    assert [(chip.label, dict(chip.ask.filters)) for chip in make_chips(ask, FRENCH)] == [
        ("État du lien\u00a0: mort", {"lien": ("alive",), "langue": ("en",)}),
        ("État du lien\u00a0: vivant", {"lien": ("dead",), "langue": ("en",)}),
        ("Langue\u00a0: anglais", {"lien": ("dead", "alive")}),
    ]


def test_facets_and_chips_speak_the_language_of_the_reader():
    ask = Ask(query_text="ville", filters={"langue": ("en",)})

    assert [facet.label for facet in make_facets(FOUND, ask, ENGLISH)] == [
        "Year",
        "Site",
        "Language",
        "Link status",
        "Kind",
    ]
    assert [chip.label for chip in make_chips(ask, ENGLISH)] == ["Language: English"]
