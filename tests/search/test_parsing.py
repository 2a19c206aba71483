"""Whatever is typed gives a query, and a query written back is the same query."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.search import parse_query, render_query
from indexer.search.parsing import parse_tokens

PIECES = """
ET OU SAUF NON ( ) + - titre: L. n° § RFC prud' homme 12-3 rfc7946 Iso-14 l' 25 000
année: " « » “ ” mot é * ~ ~3 2 .. [ TO 2015 ? : < >= ' · { }{ doi= 10.5555/a http://b.test/c
"""
TYPED = st.lists(
    st.one_of(
        st.sampled_from([*PIECES.split(), " "]),
        st.text(max_size=3),
    ),
    max_size=14,
)


@settings(max_examples=150)
@example(["l'", "l'", "ET", "*"], "")
@example(["l'", "~", "ET", "*"], "")
@example(["l'", "-", "mot", "~"], "")
@example(["ET", "~", "0"], "")
@example(["l'", "titre:", "*"], "")
@example(["25", " ", "000"], "")
@given(TYPED, st.sampled_from(["", " "]))
def test_parsing_what_was_rendered_is_the_identity(pieces: list[str], between: str) -> None:
    query = parse_query(between.join(pieces))
    assert parse_query(render_query(query)) == query
    assert parse_query(render_query(query, "en")) == query


WORDS_TEXT = (
    "rfc7946 ISO-14 ville l’eau Éco-quartier a_b 1901 ÉTÉ x ET OU SAUF AND _ - l' été. 25 000 "
    "a{b} {c"
)
WORDS = st.sampled_from(WORDS_TEXT.split())
MARKS = st.sampled_from([" ", " ", " ? ", "? ", "\u00a0? ", ", ", ". ", " ; ", "!", "\u202f"])


@settings(max_examples=150)
@given(st.lists(st.tuples(WORDS, MARKS), max_size=9), st.booleans())
def test_the_short_way_reads_words_as_the_long_one(
    pieces: list[tuple[str, str]], is_marked: bool
) -> None:
    text = "".join(word + (mark if is_marked else " ") for word, mark in pieces).strip(" ")
    for typed in (text, f"« {text} »", f'"{text}"'):
        assert parse_query(typed) == parse_tokens(typed)


@pytest.mark.parametrize(
    ("typed", "rendered"),
    [
        ("barcelone fab city", "barcelone fab city"),
        ('"tiers lieux"', "« tiers lieux »"),
        ("“tiers lieux” OR fablab NOT paris +ville", "« tiers lieux » OU fablab +ville -paris"),
        ("a ET b SAUF c", "a ET b -c"),
        ("a SAUF b c +d", "a +d -(b c)"),
        ("a SAUF titre:b c", "a c -titre:b"),
        ("a ET NON b", "a -b"),
        ("a NON b", "a -b"),
        ("a SANS b", "a -b"),
        ("LE NON DE LA VILLE", "LE DE LA VILLE"),
        ("esp?ce internautes?", "esp?ce internautes"),
        ("l'article L. 4121-1 du code", "l'article L. 4121-1 du code"),
        ("l. 4121-1 +art. R 4121-1", "L. 4121-1 R 4121-1 +art"),
        ("n° 2014-856", "« n° 2014-856 »"),
        ("RFC 9309 § 2.3", "« RFC 9309 » « 2.3 »"),
        ("prud' homme d' aujourd’ hui", "prud'homme d aujourd’hui"),
        ("il y a 2015 textes", "il y a 2015 textes"),
        ("titre:(a b) année:2015-2018", "titre:(a b) année:2015..2018"),
        ("année:>2015", "année:2016.."),
        ("comment habiter la ville ?", "comment habiter la ville"),
        ('"jamais fermé', "jamais fermé"),
        ("citoyen(ne)s", "citoyen(ne)s"),
        ("L'ÉCONOMIE ET LA VILLE", "L'ÉCONOMIE LA VILLE"),
        ("mutualis* colaboratif~", "mutualis* colaboratif~"),
        ("l’urban* d'urbanizme~ l'* aujourd'hu*", "urban* urbanizme~ l'* aujourd'hu*"),
        ("rfc7946 -ISO-14001 iso14*", "« rfc 7946 » iso14* -« ISO 14001 »"),
        ("http://exemple.test/a", "http://exemple.test/a"),
        ("doi = {10.5555/a(b)},", "doi, 10.5555/a(b)"),
        ("DOI=10.5555/abc", "DOI=10.5555/abc"),
        (r"\url{http://exemple.test/a}.", "url, http://exemple.test/a"),
        (r"\href{http://exemple.test/a}{Un titre}", "href, http://exemple.test/a, Un titre"),
        ("isbn = {978-2-07-036822-8},", "isbn, 978-2-07-036822-8"),
        ("ISBN={978-2-07-036822-8}", "ISBN, 978-2-07-036822-8"),
        ("`http://exemple.test/a` ‹10.5555/abc› |", "http://exemple.test/a, 10.5555/abc"),
        ('<a href="http://exemple.test/a">ici</a>', "a href, http://exemple.test/a, ici</a"),
        (
            '"DOI": "10.5555/abc", « http://exemple.test/b »~2',
            "« DOI » 10.5555/abc, http://exemple.test/b",
        ),
        ("« voir http://exemple.test/a »", "« voir http://exemple.test/a »"),
        ("http://exemple.test/?q={a}|b", "http://exemple.test/?q={a}|b"),
        ("(((", ""),
        (" ? ! …", ""),
    ],
)
def test_a_query_is_read_as_a_reader_means_it(typed: str, rendered: str) -> None:
    assert render_query(parse_query(typed)) == rendered


@pytest.mark.parametrize(
    ("typed", "rendered"),
    [
        ("“tiers lieux” OU fablab SAUF paris", '"tiers lieux" OR fablab -paris'),
        ("(a OU b) ET titre:c", "(a OR b) AND title:c"),
        ("langue:en rubrique:ville année:2015-2018", "language:en section:ville year:2015..2018"),
    ],
)
def test_a_query_is_written_back_in_english_too(typed: str, rendered: str) -> None:
    assert render_query(parse_query(typed), "en") == rendered
