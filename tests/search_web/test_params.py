from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri

from search_web.site.params import (
    FILTER_NAMES,
    MAX_PAGE,
    MAX_QUERY_LENGTH,
    Ask,
    clean_query,
    parse_ask,
    render_ask,
)


def read(query_string: str) -> Ask:
    return parse_ask(MultiDict(parse_qsl(query_string)))


@pytest.mark.parametrize(
    ("query_string", "ask"),
    [
        ("", Ask()),
        ("q=ville", Ask(query_text="ville")),
        ("q=++deux%0Amots%C2%A0", Ask(query_text="deux mots")),
        ("q=a&page=3", Ask(query_text="a", page=3)),
        ("q=a&page=0", Ask(query_text="a")),
        ("q=a&page=-1", Ask(query_text="a")),
        ("q=a&page=deux", Ask(query_text="a")),
        ("q=a&page=999999999999", Ask(query_text="a")),
        ("q=a&page=99999", Ask(query_text="a", page=99999)),
        ("q=a&page=99999999", Ask(query_text="a", page=MAX_PAGE)),
        ("q=a&tout=site", Ask(query_text="a", whole_facet="site")),
        ("q=a&tout=rien", Ask(query_text="a")),
        ("q=a&n=50", Ask(query_text="a", page_size=50)),
        ("q=a&n=5000", Ask(query_text="a")),
        ("q=a&tri=date", Ask(query_text="a", sort="date")),
        ("q=a&tri=hasard", Ask(query_text="a")),
        ("lien=dead&lien=dead&lien=", Ask(filters={"lien": ("dead",)})),
        ("q=vile&telquel=1", Ask(query_text="vile", as_typed=True)),
        ("q=vile&telquel=oui", Ask(query_text="vile")),
        ("inconnu=1", Ask()),
    ],
)
def test_an_address_is_read_within_bounds(query_string, ask):
    assert read(query_string) == ask


def test_a_query_is_bounded():
    assert len(clean_query("mot " * 100_000)) <= MAX_QUERY_LENGTH


asks = st.builds(
    Ask,
    query_text=st.text(max_size=30).map(clean_query),
    page=st.integers(1, 20),
    page_size=st.sampled_from([10, 20, 50]),
    sort=st.sampled_from(["relevance", "date"]),
    filters=st.dictionaries(
        st.sampled_from(list(FILTER_NAMES)),
        st.lists(st.sampled_from(["2014", "a b", "é&=+", "«\u00a0x"]), min_size=1, unique=True).map(
            tuple
        ),
    ),
    note_id=st.sampled_from(["", "note-1"]),
    as_typed=st.booleans(),
    whole_facet=st.sampled_from(["", "annee"]),
)


@given(asks)
def test_an_address_states_the_whole_query(ask):
    assert read(render_ask(ask)) == ask
    assert iri_to_uri(render_ask(ask)) == render_ask(ask)


def test_filters_are_put_on_and_taken_off_from_the_first_page():
    ask = Ask(query_text="a", page=3)
    narrowed = ask.with_filter("lien", "mort").with_filter("lien", "vivant")

    assert narrowed == Ask(query_text="a", filters={"lien": ("mort", "vivant")})
    assert narrowed.with_filter("lien", "mort") == narrowed
    assert narrowed.without_filter("lien", "mort").filters == {"lien": ("vivant",)}
    assert narrowed.without_filters() == Ask(query_text="a")
    assert narrowed.engine_filters() == {"link": ("mort", "vivant")}


def test_there_is_at_least_one_page_and_never_one_too_far():
    assert Ask().count_pages(0) == 1
    assert Ask().count_pages(10) == 1
    assert Ask().count_pages(11) == 2
    assert Ask().count_pages(1_000_000) == 100_000


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("annee=2012..2016", "2012..2016"),
        ("annee=2016..2012", "2012..2016"),
        ("de=2016&a=2012", "2012..2016"),
        ("annee=12..999", "0012..0999"),
        ("annee=2012", "2012"),
    ],
)
def test_a_range_of_years_is_one_value_from_the_first_to_the_last(given, asked):
    assert parse_ask(MultiDict(parse_qsl(given))).engine_filters() == {"year": (asked,)}
