from indexer.model import LinkState
from indexer.search import Example
from search_web.lessons import LINK_WORDS, ExampleWords, choose_words, make_lessons
from search_web.shelf import stand
from tests.search_web.test_shelf import SHELF


def test_examples_are_made_of_the_words_of_the_corpus():
    examples = (Example(query_text="fabrique urbaine", total=3),)
    words = choose_words(SHELF, examples)
    lessons = {lesson.typed: lesson.example for lesson in make_lessons(words)}

    assert words.pair == "fabrique urbaine"
    assert lessons["titre:ville"] == "titre:urbaine"
    assert lessons["collabor*"] == "urbai*"
    assert lessons["colaboratif~"] == "uraine~"


def test_an_empty_corpus_is_taught_with_usual_words():
    assert choose_words(stand([]), ()) == ExampleWords(language="fr")
    assert all(lesson.example for lesson in make_lessons(ExampleWords()))


def test_every_state_of_a_link_is_explained():
    assert set(LINK_WORDS) == set(LinkState)
