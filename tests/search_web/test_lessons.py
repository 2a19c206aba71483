from indexer.messages import open_translator
from indexer.search import Example, parse_query
from search_web.lessons import ExampleWords, choose_words, make_lessons
from search_web.shelf import stand
from tests.search_web.test_shelf import SHELF

ENGLISH = open_translator("en")


def test_examples_are_made_of_the_words_of_the_corpus():
    examples = (Example(query_text="fabrique urbaine", total=3),)
    words = choose_words(SHELF, examples)
    lessons = {
        lesson.typed: lesson.example for lesson in make_lessons(words, open_translator("fr"))
    }

    assert words.pair == "fabrique urbaine"
    assert lessons["titre:ville"] == "titre:urbaine"
    assert lessons["collabor*"] == "urbai*"
    assert lessons["colaboratif~"] == "uraine~"


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
