from datetime import UTC, datetime, timedelta, timezone

import pytest

from indexer.model import LinkHealth, LinkState, PageKind
from indexer.search import FacetValue, Results, Suggestion
from search_web import wording


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("2014-03-17", "17 mars 2014"),
        ("2014-03-01", "1er mars 2014"),
        ("2014-03", "mars 2014"),
        ("2014-23", "automne 2014"),
        ("2014", "2014"),
        ("2014?", "vers 2014"),
        ("2014/2016", "2014 – 2016"),
        ("2014-13", "2014"),
        ("2014-02-99", "février 2014"),
        ("s. d.", "s. d."),
        ("", ""),
    ],
)
def test_dates_are_said_in_french(edtf, words):
    assert wording.edtf_words(edtf) == words


def test_a_day_is_that_of_utc():
    late = datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))

    assert wording.day_words(late) == "30 novembre 2026"
    assert wording.day_words(None) == ""


def test_none_and_one_are_singular():
    assert [wording.count_words(n, "texte") for n in (0, 1, 2, 1200)] == [
        "0 texte",
        "1 texte",
        "2 textes",
        "1\u202f200 textes",
    ]
    assert wording.count_words(2, "texte cité", "textes cités") == "2 textes cités"


def test_a_link_is_said_with_the_day_it_was_visited():
    visited = datetime(2026, 11, 20, tzinfo=UTC)

    assert wording.link_sentence(LinkHealth()) == "Jamais visité"
    assert wording.link_sentence(LinkHealth(state=LinkState.DEAD, checked_at=visited)) == (
        "Mort, visité le 20 novembre 2026"
    )


def results(query_text: str, texts: int, notes: int) -> Results:
    counts = tuple(
        FacetValue(value=kind, count=count)
        for kind, count in (("text", texts), ("note", notes))
        if count
    )
    return Results(query_text=query_text, total=texts + notes, facets={"kind": counts})


@pytest.mark.parametrize(
    ("found", "heading"),
    [
        (results("ville", 0, 0), "Aucun texte pour «\u00a0ville\u00a0»"),
        (results("ville", 12, 1), "12 textes et 1 note pour «\u00a0ville\u00a0»"),
        (results("", 1, 0), "1 texte"),
        (results("", 0, 2), "2 notes"),
    ],
)
def test_a_page_of_results_says_what_it_is(found, heading):
    assert wording.results_heading(found) == heading
    assert wording.page_title(found, 1, 1) == heading
    assert wording.page_title(found, 2, 6) == heading + ", page 2 sur 6"


def test_first_words_are_cut_between_words():
    assert wording.first_words("Un mot,\n\nun autre") == "Un mot, un autre"
    assert wording.first_words("Un mot, un autre et encore", 12) == "Un mot, un…"


def test_every_kind_of_page_but_an_article_has_its_sentence():
    assert [kind for kind in PageKind if not wording.page_kind_words(kind)] == [PageKind.ARTICLE]
    assert wording.page_kind_words(None) == ""


@pytest.mark.parametrize("code", [400, 404, 405, 406, 410, 418, 429, 500, 503])
def test_every_error_is_told_in_french(code):
    words = wording.error_words(code)

    assert words.title
    assert words.advice.endswith(".")


def test_a_language_has_a_name_or_keeps_its_code():
    assert wording.language_words("en-GB") == "anglais"
    assert wording.language_words("tlh") == "tlh"


def test_what_is_suggested_says_what_it_is():
    author = Suggestion(text="Ève Essai", kind="author", document_count=2)

    assert wording.suggestion_words(author) == "auteur, 2 textes"
    assert wording.suggestion_words(Suggestion(text="ville", document_count=1)) == "1 texte"
