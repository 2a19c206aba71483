"""`renvois withdraw --purge`: asked twice, nothing of the text is left, all else is."""

import json
import os
import pty
import shutil
import signal
import sqlite3
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indexer.archive import find_files
from indexer.archive.reading import read_records
from indexer.cli import main
from indexer.links.kept_report import FILE_NAME as KEPT_REPORT
from indexer.settings import Settings
from search_web.wsgi import close_app, open_app
from tests.archive.test_purge import read_everything
from tests.campaign.command import Commands
from tests.withdrawals.corpus import ID, URL, let_live
from tests.withdrawals.crawling import find_secrets

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(600)
WORD = "zigouflard"  # that only the text has
WORDS = (WORD, "quenotière", "krempach")  # of its text, its title, its author
PURGE = ("withdraw", URL, "--purge", "--yes", "--yes")


def run(corpus: Path, *arguments: str) -> Result:
    """Run the command in this process, with nobody at its stdin."""
    done = CliRunner().invoke(main, ["--corpus", str(corpus), *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done


def list_holders(corpus: Path) -> set[str]:
    """Where a word of the text stands, in any file, packed or not; the person's own aside."""
    found = {
        str(path)
        for path, octets in read_everything(corpus).items()
        if path.parts[0] != "bibliography" and _has_word(octets)
    }
    for path in (*corpus.rglob("*.sqlite"), *corpus.rglob(KEPT_REPORT)):
        with closing(sqlite3.connect(path)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (table,) in tables.fetchall():
                for row in connection.execute(f"SELECT * FROM {table}"):
                    if any(_has_word(_unpack(value)) for value in row):
                        found.add(f"{path.relative_to(corpus)}:{table}")
    return found


def _has_word(octets: bytes) -> bool:
    text = octets.decode("utf-8", "replace").lower()
    return any(word in text for word in WORDS)


def _unpack(value: object) -> bytes:
    octets = value if isinstance(value, bytes) else str(value).encode()
    try:
        return zlib.decompress(octets)
    except zlib.error:
        return octets


def list_others(corpus: Path) -> list[tuple[str, bytes]]:
    """Every record that is not about the text's address, and its block."""
    records = []
    for path in sorted(find_files(corpus / "archive")):
        for record in read_records(path):
            block = record.block.read()
            if b"retrait.test/Articles" not in block and "Articles" not in record.target_uri:
                records.append((record.record_id, block))
    return records


@pytest.fixture
def lived(corpus: Path) -> Path:
    """A corpus with all that it keeps after a while.

    Two generations of the index, a check that was made, links that were shown, images, notices.
    """
    let_live(corpus)
    assert run(corpus, "index", "--rebuild").exit_code == 0
    assert run(corpus, "archive", "check").exit_code == 0
    app = open_app(Settings(corpus=corpus))
    assert app.test_client().get("/liens").status_code == 200
    close_app(app)
    assert f"{KEPT_REPORT}:texts" in list_holders(corpus)
    return corpus


def test_nothing_of_a_purged_text_is_left_anywhere_and_all_else_is(lived):
    others = list_others(lived)
    before = list_holders(lived)
    assert {name.partition("/")[0] for name in before} >= {"archive", "catalogue.sqlite", "index"}
    held = {name.split("/")[1] for name in before if name.startswith("index/")}
    assert held == {"g000001", "g000002", "outlines"}

    done = run(lived, *PURGE, "--json")

    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["withdrawn"] == [ID]
    # A request, a response, the visit; what a browser made of it, its image, their visit.
    assert told["records"] == 6
    assert (len(told["files"]), told["index"], told["unreadable"]) == (1, "rebuilt", [])
    assert told["bytes"] > 0
    assert "To be removed for ever" in done.stderr
    assert f"of {URL}" in done.stderr
    assert "6 records" in done.stderr
    assert told["files"][0] in done.stderr
    assert list_holders(lived) == set()
    assert list_others(lived) == others
    assert not (lived / "purge-pending.json").exists()
    assert not (lived / KEPT_REPORT).exists()
    for command in (("archive", "check"), ("index", "--check"), ("crawl", "--dry-run")):
        assert run(lived, *command).exit_code == 0
    found = run(lived, "search", "--json", "--", "ateliers").stdout.splitlines()
    ids = [json.loads(line)["id"] for line in found]
    assert "tessier-2014-cooperer" in ids
    assert ID not in ids


def test_what_an_import_brings_back_after_a_purge_stays_hidden_and_can_be_purged_again(
    lived, tmp_path
):
    """The files of others are copied as they are; the line is what hides, until it is undone."""
    (file,) = find_files(lived / "archive")
    copy = shutil.copy(file, tmp_path / "copie.warc.gz")
    assert run(lived, *PURGE).exit_code == 0
    brought = run(lived, "archive", "import", str(copy))

    assert "visits of withdrawn pages were kept, and are not shown" in brought.stderr
    assert "--purge` removes their bytes" in brought.stderr
    # The bibliography cites it still, and so does what is kept of its reading.
    held = {name.partition("/")[0] for name in list_holders(lived)}
    assert held <= {"archive", "readings", str(lived)}
    commands = (("index",), ("index", "--rebuild"), ("links", "report", "--json"),
                ("search", "--json", "--", WORD), ("search", "--json", "--", "ateliers"),
                ("bibliography", "export"), ("crawl", "--dry-run"), ("archive", "check", "--json"),
                ("archive", "reindex"))  # fmt: skip
    for command in commands:
        assert find_secrets(" ".join(command), run(lived, *command).output) == [], command
    package = tmp_path / "tout.wacz"
    assert run(lived, "archive", "export", str(package)).exit_code == 0
    zipfile.ZipFile(package).extractall(tmp_path / "unpacked")
    assert all(
        WORD.encode() not in held for held in read_everything(tmp_path / "unpacked").values()
    )

    shown = shutil.copytree(lived, tmp_path / "shown")
    assert run(shown, "withdraw", URL, "--undo").exit_code == 0
    assert run(shown, "index").exit_code == 0
    assert ID in run(shown, "search", "--json", "--", WORD).stdout

    assert run(lived, *PURGE).exit_code == 0
    assert list_holders(lived) == set()


def test_a_text_that_was_withdrawn_before_is_purged_by_any_of_its_names(lived):
    assert run(lived, "withdraw", ID).exit_code == 0
    done = run(lived, "withdraw", ID, "--purge", "--yes", "--yes")

    assert done.exit_code == 0, done.stderr
    assert "purged=6 " in done.stdout
    assert list_holders(lived) == set()
    assert (lived / "bibliography" / "withdrawn.txt").read_text(encoding="utf-8").count("\n") == 2


def test_what_was_recognised_of_scans_is_purged_too(lived):
    (lived / "ocr").mkdir()
    (lived / "ocr" / "0a1b.json").write_text(f'{{"paragraphs": ["{WORD}"]}}', encoding="utf-8")

    assert run(lived, *PURGE).exit_code == 0
    assert list((lived / "ocr").iterdir()) == []


def test_an_address_that_the_bibliography_cites_no_more_can_be_purged(lived):
    files = lived / "bibliography"
    text = (files / "biblio.bib").read_text(encoding="utf-8")
    (files / "biblio.bib").write_text("@online" + text.partition("@online")[2], encoding="utf-8")
    (files / "notes.txt").unlink()
    done = run(lived, *PURGE)

    assert done.exit_code == 0, done.stderr
    assert list_holders(lived) == set()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 2),
        (("--yes",), 2),
        (("--yes", "--yes", "--undo"), 2),
        (("--list",), 2),
    ],
)
def test_without_two_answers_nothing_is_changed(corpus, arguments, code):
    before = read_everything(corpus / "archive")
    done = run(corpus, "withdraw", URL, "--purge", *arguments)

    assert done.exit_code == code
    assert read_everything(corpus / "archive") == before
    assert not (corpus / "bibliography" / "withdrawn.txt").exists()
    assert not (corpus / "purge-pending.json").exists()


def test_an_answer_without_a_question_is_refused(corpus):
    assert run(corpus, "withdraw", URL, "--yes").exit_code == 2


def test_what_is_neither_cited_nor_archived_changes_nothing(corpus):
    before = read_everything(corpus / "archive")
    url = "http://inconnu.test/x"
    done = run(corpus, "withdraw", url, "--purge", "--yes", "--yes")

    assert done.exit_code == 3
    assert "Nothing was changed" in done.stderr
    assert read_everything(corpus / "archive") == before
    assert not (corpus / "bibliography" / "withdrawn.txt").exists()


def run_on_terminal(corpus: Path, answers: list[str]) -> tuple[int, str]:
    """Answer a purge on a terminal; gives its exit code and all it said."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        command = [sys.executable, "-m", "indexer", "--corpus", str(corpus)]
        os.execv(sys.executable, [*command, "withdraw", URL, "--purge"])
    said, waiting = b"", list(answers)
    prompts = [b"Remove them for ever?", b"to remove them"]
    while True:
        try:
            piece = os.read(terminal, 4_096)
        except OSError:
            break
        if not piece:
            break
        said += piece
        if waiting and prompts[len(answers) - len(waiting)] in said:
            os.write(terminal, waiting.pop(0).encode() + b"\n")
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.decode()


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param(["n"], marks=pytest.mark.slow),
        ["y", "something else"],
        pytest.param([""], marks=pytest.mark.slow),
    ],
)
def test_on_a_terminal_a_no_or_another_name_changes_nothing(corpus, answers):
    before = read_everything(corpus / "archive")
    code, said = run_on_terminal(corpus, answers)

    assert code == 1, said
    assert "Nothing was changed" in said
    assert read_everything(corpus / "archive") == before
    assert not (corpus / "bibliography" / "withdrawn.txt").exists()


def test_on_a_terminal_two_answers_purge(corpus):
    code, said = run_on_terminal(corpus, ["y", URL])

    assert code == 0, said
    assert list_holders(corpus) == set()


# The functions before which it is killed, each time that they are called, in their order. In
# `tests/archive/test_purge.py` the archive's own steps are killed line by line.
STEPS = (
    *(("add_withdrawal", 1), ("_update_catalogue", 1), ("_rebuild_index", 1)),
    *(("_point", 1), ("remove_past", 1), ("remove_pending", 1)),
)
MORE_STEPS = (
    *(("write_pending", 1), ("_plan", 2), ("_write_journal", 1), ("_wipe", 1)),
    *(("_sync_folder", 3), ("_write_generation", 1), ("write_examples", 1), ("_remove", 5)),
)


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    (tmp_path / "renvois.toml").touch()
    with closing(Commands(tmp_path, workers=1)) as commands:
        yield commands


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(STEPS, id="some", marks=pytest.mark.slow),
        pytest.param(MORE_STEPS, id="more", marks=pytest.mark.campaign),
    ],
)
def test_killed_at_any_step_the_purge_is_told_and_finished_by_asking_again(
    lived, tmp_path, commands, steps
):
    others = list_others(lived)
    for step in steps:
        function = step[0]
        copy = shutil.copytree(lived, tmp_path / "copy")
        killed = commands.run(copy, *PURGE, killed_before=step)
        assert killed.code == -signal.SIGKILL, (function, killed.err)
        is_begun = function != "write_pending"
        told = run(copy, "withdraw", "--list")
        assert ("cut short" in told.stderr) == is_begun, function
        assert told.exit_code == (3 if is_begun else 0)
        done = run(copy, *PURGE)
        assert done.exit_code == 0, (function, done.stderr)
        assert list_holders(copy) == set(), function
        assert list_others(copy) == others
        assert [path.name for path in copy.iterdir() if path.name.startswith("purge")] == []
        shutil.rmtree(copy)
