"""A history is read as dots, and as the turns it took."""

from indexer.links.report import describe_dots, list_dots, list_turns
from indexer.messages import open_translator
from indexer.model import LinkState
from tests.links.stories import history, on_day

FRENCH = open_translator("fr")

LIFE = "0:ok 10:timeout 13:404 17:404 25:404 40:ok"


def test_dots_show_how_it_was_after_each_visit():
    dots = list_dots(history(LIFE), now=on_day(50))

    assert [dot.state.value for dot in dots] == [
        "alive",
        "sick",
        "sick",
        "sick",
        "dead",
        "alive",
    ]


def test_only_the_last_twelve_are_shown():
    story = " ".join(f"{day}:ok" for day in range(20))

    dots = list_dots(history(story), now=on_day(15))

    assert len(dots) == 12
    assert dots[-1].observed_at == on_day(15)


def test_dots_have_a_text_equivalent():
    dots = list_dots(history(LIFE), now=on_day(50))

    assert FRENCH(describe_dots(dots)).replace("\u00a0", " ") == (
        "6 visites, du 1er janvier 2026 au 10 février 2026 : "
        "3 fois malade, 2 fois vivant, 1 fois mort"
    )
    assert FRENCH(describe_dots(dots[:1])).replace("\u00a0", " ") == (
        "1 visite, le 1er janvier 2026 : 1 fois vivant"
    )
    assert FRENCH(describe_dots(())) == "Aucune visite"


def test_turns_are_the_changes_of_state():
    turns = list(list_turns(history(LIFE), since=on_day(-1), until=on_day(50)))

    assert [(turn.at, turn.before.value, turn.state.value) for turn in turns] == [
        (on_day(0), "never-visited", "alive"),
        (on_day(10), "alive", "sick"),
        (on_day(25), "sick", "dead"),
        (on_day(40), "dead", "alive"),
    ]
    assert [turn.is_death for turn in turns] == [False, False, True, False]
    assert [turn.is_resurrection for turn in turns] == [False, False, False, True]


def test_turns_are_asked_for_a_while():
    turns = list(list_turns(history(LIFE), since=on_day(13), until=on_day(30)))

    assert [turn.state for turn in turns] == [LinkState.DEAD]
    assert list(list_turns(history(LIFE), since=on_day(13), until=on_day(20))) == []
