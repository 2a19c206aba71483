from datetime import UTC, datetime, timedelta, timezone

import pytest

from indexer.messages import open_translator
from indexer.model import LinkHealth, LinkState, PageKind
from indexer.search import FacetValue, Results, Suggestion
from search_web.render import wording

FRENCH, ENGLISH = open_translator("fr"), open_translator("en")


@pytest.mark.parametrize(
    ("edtf", "french", "english"),
    [
        ("2014-03-17", "17 mars 2014", "March 17, 2014"),
        ("2014-03-01", "1er mars 2014", "March 1, 2014"),
        ("2014-03-17T10:00", "17 mars 2014", "March 17, 2014"),
        ("2014-03", "mars 2014", "March 2014"),
        ("2014-23", "automne 2014", "autumn 2014"),
        ("2014", "2014", "2014"),
        ("2014?", "vers 2014", "c. 2014"),
        ("2014/2016", "2014 – 2016", "2014 – 2016"),
        ("2014-13", "2014", "2014"),
        ("2014-02-99", "février 2014", "February 2014"),
        ("0000-02", "0", "0"),
        ("99999-01-01", "99999", "99999"),
        ("s. d.", "s. d.", "s. d."),
        ("²", "²", "²"),
        ("", "", ""),
    ],
)
def test_dates_are_said_in_the_language_of_the_reader(edtf, french, english):
    assert wording.edtf_words(edtf, FRENCH).replace("\u00a0", " ") == french
    assert wording.edtf_words(edtf, ENGLISH).replace("\u00a0", " ") == english


def test_a_day_is_that_of_utc():
    late = datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))

    assert wording.day_words(late, FRENCH).split() == ["30", "novembre", "2026"]
    assert wording.day_words(None, FRENCH) == ""


def test_a_link_is_said_with_the_day_it_was_visited():
    visited = datetime(2026, 11, 20, tzinfo=UTC)
    dead = LinkHealth(state=LinkState.DEAD, checked_at=visited)

    assert wording.link_sentence(LinkHealth(), FRENCH) == "Jamais visité"
    assert " ".join(wording.link_sentence(dead, FRENCH).split()) == (
        "Mort, visité le 20 novembre 2026"
    )
    assert " ".join(wording.link_sentence(dead, ENGLISH).split()) == (
        "Dead, visited on November 20, 2026"
    )


def test_an_address_that_cannot_be_read_is_not_said_to_wait_for_a_visit():
    tried = LinkHealth(checked_at=datetime(2026, 11, 20, tzinfo=UTC))

    assert wording.link_sentence(tried, FRENCH) == "Adresse illisible"


def results(query_text: str, texts: int, notes: int) -> Results:
    counts = tuple(
        FacetValue(value=kind, count=count)
        for kind, count in (("text", texts), ("note", notes))
        if count
    )
    return Results(query_text=query_text, total=texts + notes, facets={"kind": counts})


@pytest.mark.parametrize(
    ("found", "french", "english"),
    [
        (
            results("ville", 0, 0),
            "Aucun texte pour «\u00a0ville\u00a0»",
            "No text for “ville”",
        ),
        (
            results("ville", 12, 1),
            "12 textes et 1 note pour «\u00a0ville\u00a0»",
            "12 texts and 1 note for “ville”",
        ),
        (results("", 1, 0), "1 texte", "1 text"),
        (results("", 0, 2), "2 notes", "2 notes"),
    ],
)
def test_a_page_of_results_says_what_it_is(found, french, english):
    french = french.replace("12 ", "12\u00a0").replace("1 ", "1\u00a0").replace("2 n", "2\u00a0n")
    assert wording.results_heading(found, FRENCH) == french
    assert wording.results_heading(found, ENGLISH) == english
    assert wording.page_title(found, 1, 1, FRENCH) == french
    assert wording.page_title(found, 2, 6, FRENCH) == french + ", page 2 sur 6"
    assert wording.page_title(found, 2, 6, ENGLISH) == english + ", page 2 of 6"


def test_first_words_are_cut_between_words():
    assert wording.first_words("Un mot,\n\nun autre") == "Un mot, un autre"
    assert wording.first_words("Un mot, un autre et encore", 12) == "Un mot, un…"
    assert wording.first_words("Un mot. Un autre et encore", 9) == "Un mot…"


@pytest.mark.parametrize("say", [FRENCH, ENGLISH])
def test_every_kind_of_page_but_an_article_has_its_sentence(say):
    silent = [kind for kind in PageKind if not wording.page_kind_words(kind, say)]

    assert silent == [PageKind.ARTICLE]
    assert wording.page_kind_words(None, say) == ""


@pytest.mark.parametrize("say", [FRENCH, ENGLISH])
@pytest.mark.parametrize("code", [400, 404, 405, 406, 410, 418, 429, 500, 503])
def test_every_error_is_told(code, say):
    key = wording.error_key(code)

    assert say(f"{key}.title")
    assert say(f"{key}.advice").endswith(".")


def test_what_is_suggested_says_what_it_is():
    author = Suggestion(text="Ève Essai", kind="author", document_count=2)
    ville = Suggestion(text="ville", document_count=1)

    assert wording.suggestion_words(author, FRENCH) == "auteur, 2\u00a0documents"
    assert wording.suggestion_words(author, ENGLISH) == "author, 2 documents"
    assert wording.suggestion_words(ville, FRENCH) == "1\u00a0document"
