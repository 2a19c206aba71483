import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.search import Snippet
from search_web.render.markup import (
    render_json,
    render_language,
    render_marks,
    render_snippet,
    scrub,
    tidy_marks,
)


def test_what_was_found_is_marked_and_all_else_escaped():
    assert render_marks("<b>villes</b> & co", [(3, 9)]) == (
        "&lt;b&gt;<mark>villes</mark>&lt;/b&gt; &amp; co"
    )


def test_marks_that_touch_or_overlap_become_one():
    marks = [(4, 6), (0, 2), (2, 3), (5, 9), (8, 8), (7, 99)]

    assert tidy_marks(marks, "abc-efghij") == [(0, 3), (4, 10)]


def test_words_found_side_by_side_are_marked_as_one():
    assert render_marks("les tiers\u00a0lieux, ici", [(4, 9), (10, 15)]) == (
        "les <mark>tiers\u00a0lieux</mark>, ici"
    )


def test_a_note_is_set_without_moving_its_marks():
    assert render_marks("l'abri ?", [(2, 6)], french=True) == "l’<mark>abri</mark>\u202f?"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("au milieu", "… au milieu …"),
        ("À la ligne.", "À la ligne."),
        ("« Tiens ! »", "… « Tiens ! »"),
        ("puis la fin.", "… puis la fin."),
        ("Le début de", "Le début de …"),
    ],
)
def test_a_passage_that_was_cut_inside_a_sentence_says_so(text, shown):
    cut = Snippet(text=text, is_cut_before=True, is_cut_after=True)

    assert render_snippet(cut) == shown
    assert render_snippet(Snippet(text=text)) == text


def test_what_no_page_may_hold_is_replaced_one_for_one():
    hostile = "a\x00b\x1bc\ud800d\u202ee"

    assert scrub(hostile) == "a\ufffdb\ufffdc\ufffdd\ufffde"
    assert str(render_marks(hostile, [(2, 3)])).encode() == (
        "a\ufffd<mark>b</mark>\ufffdc\ufffdd\ufffde".encode()
    )


class _Reader(HTMLParser):
    """Reads markup back: its text, and the names of its elements."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.elements: set[str] = set()
        self.feed(markup)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.add(tag)


@given(
    st.text(alphabet=st.sampled_from("<>&\"'aé \x00\u202e/mark;#"), max_size=60),
    st.lists(st.tuples(st.integers(-2, 70), st.integers(-2, 70)), max_size=6),
)
def test_whatever_the_text_and_marks_only_mark_is_ever_made(text, marks):
    read = _Reader(str(render_marks(text, marks)))

    assert read.text == scrub(text)
    assert read.elements <= {"mark"}


def test_json_in_a_page_can_not_end_its_element():
    value = {"name": "</script><script>alert(1)</script> & \u2028"}
    rendered = str(render_json(value))

    assert "<" not in rendered
    assert ">" not in rendered
    assert "\u2028" not in rendered
    assert json.loads(rendered) == value


def test_only_a_foreign_language_is_said():
    assert render_language("fr") == render_language("fr-CA") == render_language("") == ""
    assert render_language("en") == ' lang="en"'
    assert render_language('"><b>') == ' lang="&#34;&gt;&lt;b&gt;"'
