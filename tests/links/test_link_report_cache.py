"""A page that asks for the links gets them made anew when something changed, and not too often."""

from dataclasses import replace

import pytest

from indexer.links.history import open_history
from indexer.pipeline.link_report_cache import LinkReportCache
from indexer.withdrawals import WithdrawalFiles
from tests.links.reports import open_link_report
from tests.links.stories import observe, on_day

URL = "http://exemple.test/2015/les-tiers-lieux"
ENTRY = f"Territoires\n\n  • Camille Essai, « Un texte », Gazette, 2013, {URL}\n\nUne note.\n"


class Clock:
    """A clock that goes on by itself whenever somebody looks at it."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.step_s = 0.0

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s


@pytest.fixture
def opened(tmp_path):
    (tmp_path / "bibliography").mkdir()
    (tmp_path / "bibliography" / "a.txt").write_text(ENTRY, encoding="utf-8")
    clock = Clock()
    withdrawals = WithdrawalFiles([tmp_path / "withdrawn.txt"])
    with (
        open_link_report(tmp_path, now=on_day(30), withdrawals=withdrawals, clock=clock) as book,
        open_history(tmp_path / "catalogue.sqlite") as history,
    ):
        yield book, history, clock, tmp_path


def state(book: LinkReportCache) -> str:
    (row,) = book.rows()
    return row.health.state.value


def test_what_was_written_shows_at_once(opened):
    book, history, _, folder = opened
    assert state(book) == "never-visited"
    before = book.generation

    history.record(replace(observe("404", 3), url=URL))
    assert book.generation != before
    assert state(book) == "sick"

    decision = f'[[lien]]\nurl = "{URL}"\ndecision = "mort"\nle = 2026-01-20\n'
    (folder / "bibliography" / "liens.toml").write_text(decision, encoding="utf-8")
    assert state(book) == "dead"


def test_rows_that_were_slow_to_make_rest_ten_times_as_long(opened):
    """The clock goes on by a second and a half while they are made: half a second is free."""
    book, history, clock, _ = opened
    clock.step_s = 1.5
    state(book)
    clock.step_s = 0.0
    resting = book.generation
    history.record(replace(observe("404", 3), url=URL))

    assert state(book) == "never-visited"
    assert book.generation == resting
    clock.now_s += 11
    assert book.generation != resting
    assert state(book) == "sick"


def test_the_same_rows_are_not_made_twice(opened):
    book, _, _, _ = opened

    assert book.rows() is book.rows()


def test_only_what_is_shown_is_rendered(opened):
    book, history, clock, folder = opened
    for day in (20, 24, 29):
        history.record(replace(observe("404", day), url=URL))
    clock.step_s = 1000.0  # rows that are as slow to make as this are kept for hours

    assert URL in str(book.render("atom"))
    (folder / "withdrawn.txt").write_text(URL.replace("http:", "https:"), encoding="utf-8")
    for extension in ("csv", "json", "html", "atom"):
        assert URL not in str(book.render(extension))
    assert book.render("exe") is None
    assert book.find_change(URL) is None


def test_what_is_withdrawn_while_a_report_is_made_is_not_shown_by_it(tmp_path):
    """The clock is looked at when a report is begun, and when it is made."""
    (tmp_path / "bibliography").mkdir()
    (tmp_path / "bibliography" / "a.txt").write_text(ENTRY, encoding="utf-8")
    withdrawn = tmp_path / "withdrawn.txt"
    looks = 0

    def look() -> float:
        nonlocal looks
        looks += 1
        if looks == 2:
            withdrawn.write_text(URL, encoding="utf-8")
        return 0.0

    withdrawals = WithdrawalFiles([withdrawn])
    with open_link_report(tmp_path, now=on_day(30), withdrawals=withdrawals, clock=look) as book:
        assert book.rows() == ()
    assert looks > 2
