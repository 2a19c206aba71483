"""A page that asks for the links gets them made anew when something changed, and not too often."""

import hashlib
import pickle
import random
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.archive import open_catalogue
from indexer.corpus import identify_bibliography
from indexer.identities import read_register
from indexer.links.history import open_history
from indexer.links.kept_report import (
    FILE_NAME,
    SHAPE,
    ReportFile,
    stamp_report,
    verify_report,
)
from indexer.links.observe import observe_visit
from indexer.model import Cause, Visit, WindowAsk
from indexer.pipeline.link_report_cache import LinkReportCache
from indexer.pipeline.links import read_histories, read_history
from indexer.urls import urlkey
from indexer.withdrawals import WithdrawalFiles
from tests.links.reports import open_link_report
from tests.links.stories import history as tell
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


def test_histories_read_together_are_those_read_one_by_one(opened):
    """Of visits that were all observed, of one that was not, and of one that a clock dated ahead;
    of an address that is written twice, and of one that nobody visited.
    """
    book, history, _, _ = opened
    every = [f"http://site{number}.test/a" for number in range(6)]
    _, unobserved, misdated, damaged, written_twice, _ = every
    with open_catalogue(book.corpus.history.path) as catalogue:
        for url in every[:-1]:
            for day in (1, 4):
                visited = make_visit(url, day)
                catalogue.record_visit(visited)
                if not (url == unobserved and day == 4):
                    history.record(observe_visit(visited))
        late, early = make_visit(misdated, 20), make_visit(misdated, 5)
        for visited in (late, early):
            catalogue.record_visit(visited, is_now=True)
            history.record(observe_visit(visited))
    with closing(sqlite3.connect(book.corpus.history.path)) as file, file:
        file.execute(
            "UPDATE visits SET visited_at = visited_at || 'x' WHERE urlkey = ?", (urlkey(damaged),)
        )
    asked = (*every, written_twice.replace("http://", "http://www."))
    alone = {url: read_history(url, book.corpus) for url in asked}

    assert read_histories(asked, book.corpus) == alone
    assert [len(alone[url]) for url in every] == [2, 2, 4, 2, 2, 0]


def make_visit(url: str, day: int) -> Visit:
    missed = {"outcome": "missed", "status": 404, "cause": Cause.NOT_FOUND}
    return Visit(url=url, urlkey=urlkey(url), visited_at=on_day(day), final_url=url, **missed)


def test_a_report_reads_no_file_of_the_bibliography_that_was_read_before(tmp_path):
    """The folder of readings is shared: what is kept there is what the next report says."""
    (tmp_path / "bibliography").mkdir()
    (tmp_path / "bibliography" / "a.txt").write_text(ENTRY, encoding="utf-8")
    for _ in range(2):
        with open_link_report(tmp_path, now=on_day(30), readings=tmp_path / "readings") as book:
            assert [row.url for row in book.rows()] == [URL]
        (kept,) = (tmp_path / "readings").iterdir()
        read_at = kept.stat().st_mtime_ns
        (tmp_path / FILE_NAME).unlink()
    assert kept.stat().st_mtime_ns == read_at


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


def test_the_same_report_is_not_made_twice(opened):
    book, _, _, folder = opened
    book.rows()
    before = stamp_report(folder / FILE_NAME)
    book.rows()

    assert before == stamp_report(folder / FILE_NAME)


def test_two_versions_that_run_at_once_do_not_remake_each_other_s_report(opened):
    """The second one began later, as a command does after an update, and the site goes on."""
    book, history, _, folder = opened
    state(book)
    with open_link_report(folder, now=on_day(30), base_url="https://neuf.test") as newer:
        state(newer)
        kept = stamp_report(folder / FILE_NAME)
        seen = [state(each) for each in (book, newer, book)]

        assert seen == ["never-visited"] * 3
        assert stamp_report(folder / FILE_NAME) == kept
        history.record(replace(observe("404", 3), url=URL))
        assert (state(book), state(newer)) == ("sick", "sick")


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
    with ReportFile(folder / FILE_NAME) as file:
        assert [row.health.state.value for row in file.draw_rows()] == ["sick"]


def test_another_process_knows_the_report_that_was_kept_as_its_own():
    """Whatever its hash seed, and wherever its objects are."""
    statement = "from indexer.links.kept_report import SHAPE; print(SHAPE)"
    told = subprocess.run([sys.executable, "-c", statement], capture_output=True, check=True)

    assert told.stdout.decode().strip() == SHAPE


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
        assert verify_report(path) is None, place
    for size in (0, 31, 32, len(written) // 2):
        path.write_bytes(written[:size])
        assert verify_report(path) is None, size
    with open_link_report(folder, now=on_day(30)) as again:
        assert not again.is_ready
        assert again.rows() == rows
    assert verify_report(path) is not None


def test_a_report_that_is_damaged_while_it_is_read_is_made_again(opened):
    """Its digest was right when it was opened: the packed row says so itself."""
    book, _, _, folder = opened
    rows = book.rows()
    with closing(sqlite3.connect(folder / FILE_NAME)) as file, file:
        file.execute("UPDATE texts SET row = substr(row, 1, 20)")
    seal(folder / FILE_NAME)

    assert book.rows() == rows
    assert verify_report(folder / FILE_NAME) is not None


def test_a_report_that_is_damaged_is_no_beginning_of_the_next_one(opened):
    book, history, _, folder = opened
    book.rows()
    with closing(sqlite3.connect(folder / FILE_NAME)) as file, file:
        file.execute("UPDATE texts SET row = substr(row, 1, 20)")
    seal(folder / FILE_NAME)
    history.record(replace(observe("404", 3), url=URL))

    assert state(book) == "sick"


class Stranger:
    """Has whoever unpickles it make a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.mkdir, (self._path,)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE basis SET fact = ?", "UPDATE texts SET row = ?", "UPDATE words SET said = ?"],
)
def test_a_stranger_s_file_calls_nothing(opened, statement):
    book, _, _, folder = opened
    rows = book.rows()
    packed = zlib.compress(pickle.dumps(Stranger(folder / "made")))
    with closing(sqlite3.connect(folder / FILE_NAME)) as file, file:
        file.execute(statement, (packed,))
    seal(folder / FILE_NAME)

    assert book.find_window(WindowAsk()).rows == rows
    assert not (folder / "made").exists()


def test_what_a_kill_left_is_written_over(opened):
    book, _, _, folder = opened
    (folder / f".{FILE_NAME}.part").write_bytes(b"half of it" * 1000)

    assert len(book.rows()) == 1
    assert [path.name for path in folder.glob(f"*{FILE_NAME}*")] == [FILE_NAME]


def test_what_is_withdrawn_is_in_no_byte_of_the_file(opened):
    book, _, _, folder = opened
    (row,) = book.rows()
    assert row.reference_id.encode() in (folder / FILE_NAME).read_bytes()
    (folder / "withdrawn.txt").write_text(URL, encoding="utf-8")

    assert book.rows() == ()
    payload = (folder / FILE_NAME).read_bytes()
    for told in (row.reference_id, row.site, row.url, row.section):
        assert told.encode() not in payload, told


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


def test_files_of_the_bibliography_are_asked_for_once_in_a_while(tmp_path):
    """They may be thousands; what is withdrawn, and the catalogue, are asked for each time."""
    (tmp_path / "bibliography").mkdir()
    (tmp_path / "bibliography" / "a.txt").write_text(ENTRY, encoding="utf-8")
    with open_link_report(tmp_path, now=on_day(30), stamps_last_s=3600.0) as book:
        before = book.generation
        (tmp_path / "bibliography" / "a.txt").write_text("", encoding="utf-8")
        assert book.generation == before
        with open_history(tmp_path / "catalogue.sqlite") as history:
            history.record(replace(observe("404", 3), url=URL))
        assert book.generation != before


def test_a_repair_is_previewed_in_the_files_that_cite_the_link_alone(opened):
    book, history, _, folder = opened
    (folder / "bibliography" / "b.txt").write_text("Autre\n\nUne note.\n", encoding="utf-8")
    (folder / "bibliography" / "c.txt").write_text(ENTRY.replace("note", "remarque"), "utf-8")
    for observation in tell("0:moved 20:moved", url=URL):
        history.record(observation)
    (row,) = book.rows()

    assert row.files == ("a.txt", "c.txt")
    assert [patch.split()[1] for patch in book.preview_repair(row)] == ["a/a.txt", "a/c.txt"]


# What may become of a corpus between two reports.
EVENTS = (
    *("visit", "visit", "visit", "decide", "cite", "uncite", "turn", "withdraw", "wait", "forget"),
)


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2, 3))])
def test_a_report_that_was_brought_up_to_date_is_the_one_made_of_all(tmp_path, seed):
    rng = random.Random(seed)
    world = World(tmp_path, rng)
    with world.open() as book:
        book.rows()
    for _ in range(10):
        world.happen(rng.choice(EVENTS))
        with world.open() as book:
            updated = book.find_window(WindowAsk(count=100)), book.rows(), book.render("atom")
        (tmp_path / FILE_NAME).rename(tmp_path / "aside")
        with world.open() as book:
            made = book.find_window(WindowAsk(count=100)), book.rows(), book.render("atom")
        (tmp_path / "aside").rename(tmp_path / FILE_NAME)
        assert updated == made


class World:
    """A corpus of twenty links in which things happen."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self._folder, self._rng = folder, rng
        self._day = 40.0
        self._cited = list(range(20))
        self._decided: dict[int, str] = {}
        (folder / "bibliography").mkdir()
        self._write()
        for number in self._cited:
            for day in sorted(rng.sample(range(40), 3)):
                self._visit(number, day)

    def open(self):
        withdrawals = WithdrawalFiles([self._folder / "withdrawn.txt"])
        return open_link_report(self._folder, now=on_day(self._day), withdrawals=withdrawals)

    def happen(self, event: str) -> None:
        number = self._rng.randrange(24)
        match event:
            case "visit":
                self._visit(number, self._day + self._rng.choice((0, 0, 9)))
            case "decide":
                self._decided[number] = self._rng.choice(("ignorer", "mort", "vivant"))
            case "cite" if number not in self._cited:
                self._cited.insert(self._rng.randrange(20), number)
            case "uncite" if number in self._cited:
                self._cited.remove(number)
            case "turn":
                self._cited.reverse()
            case "withdraw":
                with (self._folder / "withdrawn.txt").open("a", encoding="utf-8") as file:
                    file.write(f"{give_url(number)}\n")
            case "wait":
                self._day += self._rng.choice((3, 70, 100))
            case "forget":
                with open_history(self._folder / "catalogue.sqlite") as history:
                    for each in history.observations(urlkey(give_url(number)))[-1:]:
                        history.forget(urlkey(each.url), each.observed_at)
        if event in ("cite", "uncite", "turn", "decide"):
            self._write()

    def _visit(self, number: int, day: float) -> None:
        kind = self._rng.choice(("ok", "ok", "404", "410", "403", "moved", "timeout"))
        with (
            open_catalogue(self._folder / "catalogue.sqlite"),
            open_history(self._folder / "catalogue.sqlite") as history,
        ):
            history.record(replace(observe(kind, day), url=give_url(number)))

    def _write(self) -> None:
        lines = [
            f"  • Camille Essai{n}, « Un texte {n} », Gazette, 2013, {give_url(n)}"
            for n in self._cited
        ]
        text = "Territoires\n\n" + "\n".join(lines) + "\n"
        (self._folder / "bibliography" / "a.txt").write_text(text, encoding="utf-8")
        decisions = [
            f'[[lien]]\nurl = "{give_url(n)}"\ndecision = "{word}"\nle = 2026-02-10\n'
            for n, word in self._decided.items()
        ]
        path = self._folder / "bibliography" / "liens.toml"
        path.write_text("\n".join(decisions), encoding="utf-8")


def give_url(number: int) -> str:
    return f"http://site{number % 5}.exemple.test/2015/texte-{number}"


def seal(path: Path) -> None:
    """Give a file that was changed the digest of what it is now."""
    body = path.read_bytes()[:-32]
    path.write_bytes(body + hashlib.sha256(body).digest())
