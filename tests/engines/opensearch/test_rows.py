"""What is written of a text: its terms where the plans look for them, its norm, its words."""

import random

import pytest

from indexer.engines.opensearch.compile import compile_filter, compile_scored, find_both, list_sides
from indexer.engines.opensearch.mapping import (
    ALSO,
    HOLE,
    NORM_SCALE,
    describe_texts,
    make_fingerprint,
    name_facet,
)
from indexer.engines.opensearch.rows import (
    CountedWord,
    Usual,
    find_longest_ascending,
    make_row,
    place_between,
    stack,
)
from indexer.engines.opensearch.writer import draw_sample
from indexer.engines.planning.plan import (
    BagOfTerms,
    BooleanQuery,
    FacetQuery,
    IdsQuery,
    Intersection,
    MatchAll,
    PhraseQuery,
    Plan,
    ScoringTerm,
    TermGroup,
    Union,
)
from indexer.index.fields import ALL, ALL_EXACT, ALL_SEQUENCES, ALL_STEMS, BODY, TITLE
from indexer.model import Document, Paragraph
from tests.engines.shelf import text


def test_each_field_has_its_own_texts() -> None:
    row = make_row(
        text("a", "Le marché rural", "Un jardin.", note="Une forêt.", author="Ada Essai")
    )
    assert row.held[TITLE] == ["marche rural"] or row.held[TITLE] == ["marché rural"]
    assert [value.split()[-1] for value in row.held[BODY]] == ["jardin"]
    assert len(row.held[ALL]) == 4
    assert CountedWord(ALL_EXACT, "foret") in row.words
    assert CountedWord("offer author", "Ada Essai") in row.words
    assert CountedWord("author", "essai") in row.words


def test_every_field_that_is_written_is_described() -> None:
    """The mapping is strict: what it does not know would be refused."""
    document = Document(
        id="a", kind=text("a", "t").kind, title="Un essai", author="Ada Essai", issued="2014-03",
        url="http://a.test/", site="a.test", section=("Ville", "Outils"), language="fr",
        paragraphs=(Paragraph(text="Ce qui est de la ville."),),
    )  # fmt: skip
    row = make_row(document)
    described = describe_texts(shards=1, replicas=0, meta={})["mappings"]["properties"]
    written = row.render(Usual.of([row.measured]), number=1, rank=1)
    assert written.keys() <= described.keys()


def test_a_compound_stands_with_its_last_word() -> None:
    (value,) = make_row(text("a", "L’éco-quartier rural")).held[TITLE]
    places = [place.split(ALSO) for place in value.split(" ")]
    assert len(places) == 3
    assert len(places[1]) > 1


@pytest.mark.parametrize("norm", [0.01, 0.3, 1.0, 2.5])
@pytest.mark.parametrize("count", [1, 7, 200])
def test_a_norm_is_written_as_a_number_of_places(norm: float, count: int) -> None:
    terms = [f"t{number}" for number in range(count)]
    places = stack(terms, norm).split(" ")
    assert len(places) == max(1, round(norm * NORM_SCALE))
    written = [term for place in places for term in place.split(ALSO) if term != HOLE]
    assert sorted(written) == sorted(terms)


def test_a_text_that_says_the_same_again_is_longer_than_one_that_says_more() -> None:
    more = make_row(text("b", "", " ".join(f"mot{chr(97 + n)}" for n in range(26))))
    length = more.measured.lengths[ALL_STEMS]
    again = make_row(text("a", "", "jardin " * length))
    assert again.measured.lengths[ALL_STEMS] == length
    usual = Usual.of([again.measured, more.measured])
    assert usual.find_norm(again.measured, ALL_STEMS) > usual.find_norm(more.measured, ALL_STEMS)


def test_what_is_usual_is_measured_on_texts_from_everywhere_that_can_be_read_twice() -> None:
    long = [text(f"a{number}", "", "jardin rural " * 9) for number in range(50)]
    short = [text(f"b{number}", "", "jardin") for number in range(150)]

    drawn = list(draw_sample([long, short], size=40))

    assert len({each.id for each in drawn}) == 40
    assert 2 <= sum(each.id.startswith("a") for each in drawn) <= 20
    assert len(list(draw_sample([long], size=80))) == 50
    assert list(draw_sample([long, iter(short)], size=40)) == []


def test_the_fingerprint_names_an_index() -> None:
    assert len(make_fingerprint()) == 12
    assert make_fingerprint().isalnum()


# --- plans


def test_nothing_to_look_for_finds_nothing() -> None:
    """An empty `should` would find everything."""
    for plan in (
        Union(()),
        BagOfTerms(()),
        BagOfTerms((TermGroup(()),)),
        PhraseQuery(ALL, ((), ("a",)), 0, BagOfTerms(())),
    ):
        assert compile_filter(plan) == {"match_none": {}}


A, B, C = (BagOfTerms((TermGroup(((ALL, name),)),)) for name in "abc")
IS_A, IS_B, IS_C = ({"term": {ALL: name}} for name in "abc")


def span(*names: str, field: str = ALL) -> dict[str, object]:
    spans = [{"span_term": {field: name}} for name in names]
    return spans[0] if len(spans) == 1 else {"span_or": {"clauses": spans}}


def near(*clauses: object, slop: int = 0) -> dict[str, object]:
    return {"span_near": {"clauses": list(clauses), "slop": slop, "in_order": True}}


def any_of(*clauses: object) -> dict[str, object]:
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}


def phrase(*places: tuple[str, ...], slop: int = 0, small: tuple[tuple[str, ...], ...] = ()):
    return PhraseQuery(ALL, places, slop, BagOfTerms(()), small)


@pytest.mark.parametrize(
    ("plan", "query"),
    [
        (A, IS_A),
        (MatchAll(), {"match_all": {}}),
        (IdsQuery(frozenset({"t2", "t1"})), {"ids": {"values": ["t1", "t2"]}}),
        (FacetQuery("site", frozenset({"x"})), {"term": {name_facet("site"): "x"}}),
        (FacetQuery("site", frozenset("yx")), {"terms": {name_facet("site"): ["x", "y"]}}),
        (BagOfTerms((TermGroup(((ALL, "a b"), (ALL, "c"))),)), {"terms": {ALL: ["a\x01b", "c"]}}),
        (BagOfTerms((*A.groups, *B.groups)), any_of(IS_A, IS_B)),
        (BagOfTerms((TermGroup(((ALL_SEQUENCES, "a b"),)),)), near(span("a"), span("b"))),
        (BagOfTerms((TermGroup((), phrases=(phrase(("a",)),)),)), span("a")),
        (phrase(("a",)), span("a")),
        (phrase(("a",), ("b", "c")), near(span("a"), span("b", "c"))),
        (
            phrase(("a",), ("b",), ("c",), slop=2),
            near(near(span("a"), span("b"), slop=2), span("c"), slop=2),
        ),
        (Intersection((A, B)), {"bool": {"filter": [IS_A, IS_B]}}),
        (Union((A, B)), any_of(IS_A, IS_B)),
        (Union((A,)), IS_A),
        (BooleanQuery((A,), (), ()), {"bool": {"filter": [IS_A]}}),
        (BooleanQuery((A, B), (), ()), {"bool": {"filter": [any_of(IS_A, IS_B)]}}),
        (BooleanQuery((A,), (B,), ()), {"bool": {"filter": [IS_B]}}),
        (
            BooleanQuery((), (), (Union((A, B)), BagOfTerms((*B.groups, *C.groups)))),
            {
                "bool": {
                    "filter": [{"match_all": {}}],
                    "must_not": [any_of(IS_A, IS_B), {"bool": {"filter": [IS_B, IS_C]}}],
                }
            },
        ),
    ],
)
def test_each_kind_of_plan_is_written_as_a_filter(plan: Plan, query: object) -> None:
    assert compile_filter(plan) == query


@pytest.mark.parametrize(
    ("plan", "row", "others"),
    [
        (
            phrase(("a",), ("b",), small=((), ("de", "la"), ())),
            lambda f: near(
                near(near(any1(f, "a"), small1(f, "de")), small1(f, "la")), any1(f, "b")
            ),
            near(span("a"), span("b")),
        ),
        (
            phrase(("a",), ("b", "c"), small=(("le",), (), ("de",))),
            lambda f: near(
                near(near(small1(f, "le"), any1(f, "a")), any1(f, "b", "c"), slop=8),
                small1(f, "de"),
            ),
            near(span("a"), span("b", "c")),
        ),
        (phrase(small=(("de", "la"),)), lambda f: near(small1(f, "de"), small1(f, "la")), None),
        (phrase(small=(("de",),)), lambda f: near(small1(f, "de")), None),
    ],
)
def test_small_words_of_a_phrase_stand_in_one_row_with_the_others(plan, row, others) -> None:
    rows = any_of(row("written_body"), row("written_head"))

    assert compile_filter(plan) == ({"bool": {"filter": [rows, others]}} if others else rows)


def any1(field: str, *names: str) -> dict[str, object]:
    return {"span_or": {"clauses": [{"span_term": {field: name}} for name in names]}}


def small1(field: str, word: str) -> dict[str, object]:
    return {"span_term": {field: f"={word}"}}


def test_a_score_is_asked_beside_what_narrows_and_grows_by_15_percent_with_both() -> None:
    leaf = ScoringTerm(ALL_STEMS, "a", 2.0)
    plan = BagOfTerms((TermGroup(((ALL, "a"),), (leaf,)),))
    term = {"term": {ALL_STEMS: {"value": "a", "boost": 2.0}}}
    query = {"bool": {"filter": [IS_A, IS_B], "should": [term]}}

    assert compile_scored(plan, None, [IS_B]) == query
    assert compile_scored(plan, IS_C, [IS_B]) == {
        "function_score": {
            "query": query,
            "functions": [{"filter": IS_C, "weight": 1.15}],
            "boost_mode": "multiply",
        }
    }
    most = BagOfTerms(
        tuple(TermGroup((), (ScoringTerm(ALL_STEMS, f"t{n}", float(n)),)) for n in range(701))
    )
    weights = [
        each["term"][ALL_STEMS]["boost"] for each in compile_scored(most, None)["bool"]["should"]
    ]
    assert sorted(weights) == [float(n) for n in range(1, 701)]


@pytest.mark.parametrize(
    ("plan", "sides"),
    [
        (BagOfTerms((*A.groups, *B.groups)), [IS_A, IS_B]),
        (BooleanQuery((A, B), (), ()), [IS_A, IS_B]),
        (BooleanQuery((BagOfTerms((*A.groups, *B.groups)),), (), ()), [IS_A, IS_B]),
        (BooleanQuery((), (BagOfTerms((*A.groups, *B.groups)),), (C,)), [IS_A, IS_B]),
        (BooleanQuery((A,), (B,), ()), []),
        (
            Intersection((BagOfTerms((*A.groups, *B.groups)), IdsQuery(frozenset("i")))),
            [IS_A, IS_B],
        ),
        (Intersection((A, B)), []),
        (MatchAll(), []),
    ],
)
def test_what_is_asked_side_by_side_is_told_from_what_narrows(plan: Plan, sides: object) -> None:
    assert list_sides(plan) == sides


def test_what_scores_never_finds() -> None:
    group = TermGroup(((ALL, "a"),), (ScoringTerm(ALL_STEMS, "a", 1.0),))
    query = compile_scored(BagOfTerms((group,)), None)
    assert query["bool"]["filter"] == [{"term": {ALL: "a"}}]
    assert "minimum_should_match" not in query["bool"]


def test_a_query_of_very_many_words_stays_under_what_lucene_takes() -> None:
    groups = tuple(
        TermGroup(((ALL, f"t{n}"),), (ScoringTerm(ALL_STEMS, f"t{n}", n),)) for n in range(1_500)
    )
    scored = compile_scored(BagOfTerms(groups), None)["bool"]["should"]
    assert len(scored) < 1_024
    assert {"term": {ALL_STEMS: {"value": "t1499", "boost": 1499}}} in scored


def test_both_counts_where_just_two_things_are_found() -> None:
    three = BagOfTerms(tuple(TermGroup(((ALL, name),)) for name in "abc"))
    assert find_both(three, lambda sides: [True, False, True]) == {
        "bool": {"filter": [{"term": {ALL: "a"}}, {"term": {ALL: "c"}}]}
    }
    assert find_both(three, lambda sides: [True, True, True]) is None


# --- ranks


def test_ranks_put_texts_in_order_and_move_as_few_as_they_can() -> None:
    chance = random.Random(16)
    for _ in range(200):
        names = [f"n{number}" for number in range(chance.randrange(1, 9))]
        ranks = {name: place << 32 for place, name in enumerate(names, 1)}
        order = chance.sample(names, len(names)) + [f"new{n}" for n in range(chance.randrange(3))]
        chance.shuffle(order)
        placed = place_between(order, ranks)
        after = {**ranks, **placed}
        numbers = [after[name] for name in order]
        assert numbers == sorted(set(numbers))
        assert not placed.keys() & find_longest_ascending(
            [(name, ranks[name]) for name in order if name in ranks]
        )


def test_where_no_room_is_left_all_get_new_ranks() -> None:
    placed = place_between(["a", "new", "b"], {"a": 1, "b": 2})
    assert placed["a"] < placed["new"] < placed["b"]
