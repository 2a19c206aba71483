from indexer.messages import open_translator
from indexer.search import FacetValue, Results
from search_web.pages.facets import make_chips, make_facets, make_whole_facet
from search_web.site.params import Ask


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
        "author": tuple(
            FacetValue(value=name, count=1) for name in ("Zoé Arbel", "Éric Bastide", "Institut")
        ),
        "section": tuple(
            FacetValue(value=path, count=count)
            for path, count in (
                ("Page", 9),
                ("Page › Ville", 5),
                ("Page › Santé", 4),
                ("Page › Ville › Outils", 3),
                ("Page › Santé › Outils", 2),
            )
        ),
        "link": counts(alive=5, dead=4),
        "kind": counts(text=8, note=1),
    },
)
FRENCH, ENGLISH = open_translator("fr"), open_translator("en")
ASK = Ask(query_text="ville", page=2)


def facet(name: str, ask: Ask = ASK):
    return next((facet for facet in make_facets(FOUND, ask, FRENCH) if facet.name == name), None)


def test_years_are_a_histogram_with_the_most_frequent_beside_it():
    years = facet("annee")

    assert [(c.label, c.count) for c in years.choices] == [("2019", 10), ("2012", 3), ("2010", 1)]
    assert [c.year for c in years.columns] == [str(year) for year in range(2010, 2020)]
    assert [c.height for c in years.columns if c.count] == [4, 12, 40]
    assert sum(c.count for c in years.columns) == 14


def test_the_first_values_stand_beside_the_results_and_a_link_leads_to_all():
    sites = facet("site")

    assert [c.label for c in sites.choices] == [f"site{n}" for n in range(4)]
    assert sites.count == 14
    assert sites.whole == Ask(query_text="ville", whole_facet="site")
    assert facet("lien").whole is None


def whole(name: str, **more):
    return make_whole_facet(FOUND, ASK.show_facet(name), FRENCH, **more)


def test_the_whole_facet_has_every_value_the_most_frequent_first():
    assert [c.label for c in whole("site").choices] == [f"site{n}" for n in range(14)]
    assert all(c.ask.whole_facet == "" for c in whole("site").choices)


def test_values_are_sorted_by_name_and_looked_for_without_accents():
    by_name = whole("auteur", order="name", find_names=lambda names: {"Zoé Arbel": "Arbel, Zoé"})

    assert [c.label for c in by_name.choices] == ["Arbel, Zoé", "Éric Bastide", "Institut"]
    assert [c.initial for c in by_name.choices] == ["A", "E", "I"]
    assert [c.label for c in whole("auteur", holding="eric").choices] == ["Éric Bastide"]
    assert whole("auteur", holding="personne").choices == ()


def test_sections_are_a_tree_and_those_of_one_name_stay_apart():
    tree = whole("section").choices

    assert [(c.label, c.count) for c in tree] == [("Page", 9)]
    assert [(c.label, c.count) for c in tree[0].parts] == [("Ville", 5), ("Santé", 4)]
    assert [p.ask.filters["section"] for c in tree[0].parts for p in c.parts] == [
        ("Page › Ville › Outils",),
        ("Page › Santé › Outils",),
    ]
    # Beside results: where the tree parts, then what is below the section that was chosen.
    assert [c.label for c in facet("section").choices] == ["Ville", "Santé"]
    below = facet("section", ASK.with_filter("section", "Page › Ville")).choices
    assert [c.label for c in below] == ["Ville", "Outils"]


def test_what_is_looked_for_among_sections_is_shown_with_its_path():
    found = [c.label for c in whole("section", holding="outils").choices]
    assert found == ["Page › Ville › Outils", "Page › Santé › Outils"]


def test_a_facet_without_a_choice_is_left_out_unless_it_was_chosen():
    assert facet("langue") is None
    assert facet("langue", ASK.with_filter("langue", "fr")).choices[0].is_chosen


def test_a_choice_narrows_and_chosen_again_widens():
    choice = facet("lien").choices[1]
    assert choice.label == "mort"
    assert choice.ask == Ask(query_text="ville", filters={"lien": ("dead",)})

    chosen = facet("lien", choice.ask).choices[0]  # what is in force stands first
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
        "Section",
        "Author",
        "Language",
        "Link status",
        "Kind",
    ]
    assert [chip.label for chip in make_chips(ask, ENGLISH)] == ["Language: English"]
