"""A page that asks for the links gets them made anew when something changed, and not too often."""

import hashlib
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.corpus import identify_bibliography
from indexer.identities import read_register
from indexer.links.history import open_history
from indexer.links.kept_report import FILE_NAME, read_kept_report
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


def test_who_starts_again_has_the_rows_at_once_and_then_those_of_now(opened):
    book, history, _, folder = opened
    first = book.rows()
    with open_link_report(folder, now=on_day(30)) as again:
        assert again.is_ready
        assert again.rows() == first

        history.record(replace(observe("404", 3), url=URL))
        assert state(again) == "sick"
        assert again.find_row(again.rows()[0].reference_id).health.state.value == "sick"
    assert read_kept_report(folder).report.rows[0].health.state.value == "sick"


def test_what_is_withdrawn_since_is_not_shown_of_what_was_kept(opened):
    book, _, _, folder = opened
    assert len(book.rows()) == 1
    (folder / "withdrawn.txt").write_text(URL, encoding="utf-8")
    withdrawals = WithdrawalFiles([folder / "withdrawn.txt"])
    with open_link_report(folder, now=on_day(30), withdrawals=withdrawals) as again:
        assert again.rows() == ()


def test_a_kept_report_with_any_wrong_byte_is_made_again(opened):
    book, _, _, folder = opened
    rows = book.rows()
    path: Path = folder / FILE_NAME
    written = path.read_bytes()
    for place in [*range(0, len(written), 1 + len(written) // 40), len(written) - 1]:
        path.write_bytes(written[:place] + bytes([written[place] ^ 4]) + written[place + 1 :])
        assert read_kept_report(folder) is None, place
    for size in (0, 31, 32, len(written) // 2):
        path.write_bytes(written[:size])
        assert read_kept_report(folder) is None, size
    with open_link_report(folder, now=on_day(30)) as again:
        assert not again.is_ready
        assert again.rows() == rows
    assert path.read_bytes() == written


class Stranger:
    """Has whoever unpickles it make a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.mkdir, (self._path,)


@pytest.mark.parametrize("inside", [False, True])
def test_a_stranger_s_file_calls_nothing(tmp_path, inside):
    asked = Stranger(tmp_path / "made")
    body = pickle.dumps(("shape", asked) if inside else asked)
    (tmp_path / FILE_NAME).write_bytes(hashlib.sha256(body).digest() + body)

    assert read_kept_report(tmp_path) is None
    assert not (tmp_path / "made").exists()


def test_the_row_of_one_text_waits_for_no_other(opened):
    book, _, _, folder = opened
    (row,) = book.rows()
    catalogue = folder / "catalogue.sqlite"
    cited, _ = identify_bibliography(
        folder / "bibliography", read_register(catalogue), catalogue=catalogue
    )
    (reference,) = cited.references
    (folder / FILE_NAME).unlink()
    with open_link_report(folder, now=on_day(30)) as again:
        alone = again.find_row(row.reference_id, reference)
        assert not again.is_ready
        assert replace(alone, note_ids=row.note_ids, note_names=row.note_names) == row


def test_a_folder_that_takes_nothing_shows_all_the_same(opened):
    book, _, _, folder = opened
    (folder / FILE_NAME).mkdir()  # no file can be put there, whoever asks

    assert len(book.rows()) == 1
    assert list(folder.glob(f".{FILE_NAME}*")) == []
