from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from indexer.engines import Searcher, build_index, open_searcher
from indexer.engines.embedded.engine import EmbeddedIndex
from indexer.messages import open_translator
from indexer.search import Example, Results, parse_query
from search_web import create_app
from search_web.site.help_examples import ExampleWords, choose_words, make_lessons
from tests.engines.shelf import text
from tests.search_web.conftest import SITE
from tests.test_outlines import SHELF, stand

ENGLISH = open_translator("en")


def test_examples_are_made_of_the_words_of_the_corpus():
    examples = (Example(query_text="fabrique urbaine", total=3),)
    words = choose_words(SHELF, examples)
    lessons = {
        lesson.typed: lesson.example for lesson in make_lessons(words, open_translator("fr"))
    }

    assert words.pair == "fabrique urbaine"
    assert lessons["titre:ville"] == "titre:urbaine"
    assert lessons["collabor*"] == "fabriq*"
    assert lessons["colaboratif~"] == "farique~"


def test_an_empty_corpus_is_taught_with_usual_words():
    assert choose_words(stand([]), ()) == ExampleWords(language="fr")
    assert all(lesson.example for lesson in make_lessons(ExampleWords(), open_translator("fr")))


def test_english_lessons_are_in_the_english_of_the_query_language():
    lessons = {each.typed: each.example for each in make_lessons(ExampleWords(), ENGLISH)}

    assert lessons["city AND work"] == "lieux AND tiers"
    assert lessons["title:city"] == "title:lieux"


def test_both_languages_teach_the_same_queries():
    """Every operator and field is read as one, in French and in English."""
    french = make_lessons(ExampleWords(), open_translator("fr"))
    for one, other in zip(french, make_lessons(ExampleWords(), ENGLISH), strict=True):
        if one.example != "lien:vivant":  # values of fields are read later, by the engine
            assert parse_query(one.example) == parse_query(other.example)


def test_no_small_word_is_taught():
    examples = (
        Example(query_text="droit du travail", total=9),
        Example(query_text="low-tech", total=2),
    )
    words = choose_words(SHELF, examples)

    assert (words.pair, words.mate, words.word) == ("droit du travail", "droit", "travail")
    assert words.other == "low"


class CountingSearcher(Searcher):
    """Counts what it is asked."""

    asked = 0

    def search(self, query_text: str, **how: Any) -> Results:
        self.asked += 1
        return super().search(query_text, **how)


def test_help_searches_once_however_often_it_is_shown(index: Path):
    with closing(CountingSearcher(EmbeddedIndex(index))) as searcher:
        client = create_app(searcher, SITE).test_client()
        first = client.get("/aide").get_data(as_text=True)
        asked = searcher.asked
        assert asked > 10
        assert client.get("/aide").get_data(as_text=True) == first
        assert searcher.asked == asked


def test_examples_of_a_site_are_in_its_own_language(index: Path, tmp_path: Path):
    build_index(
        tmp_path,
        [
            text("a", "Des jardins partagés"),
            text("b", "La fabrique urbaine"),
            text("c", "Shared workshops", language="en"),
        ],
    )
    for language, first in (("en", "shared workshops"), ("fr", "jardins partagés")):
        with closing(open_searcher(tmp_path)) as searcher:
            site = replace(SITE, language=language)
            page = create_app(searcher, site).test_client().get("/").get_data(as_text=True)
            offered = BeautifulSoup(page, "lxml").select(".examples a")
            assert offered[0].get_text() == first
            assert offered[0].get("lang", language) == language
