"""On a corpus that can't be written, a command reads, or says so and what to do."""

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from indexer.archive import open_catalogue
from indexer.links.history import open_history
from indexer.model import Visit
from indexer.urls import urlkey
from tests.campaign.command import Commands, Done
from tests.command import run_command
from tests.links.stories import observe

NOBODY = 65534
URL = "http://a.test/texte"

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="only root can become another user, who may not write",
)


Run = Callable[..., Done]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    # Not in pytest's own folder, that is closed to anybody else.
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        (Path(name) / "renvois.toml").touch()
        yield Path(name)


@pytest.fixture(scope="module")
def run(place: Path) -> Iterator[Run]:
    """Run a command as another user, who owns nothing of the corpus."""
    with closing(Commands(place, workers=1)) as commands:
        yield partial(commands.run, uid=NOBODY)


@pytest.fixture(scope="module")
def corpus(place: Path) -> Path:
    return make_corpus(place / "closed")


def make_corpus(folder: Path) -> Path:
    folder.mkdir()
    (folder / "bibliography").mkdir()
    row = {"id": "a", "type": "webpage", "title": "Un texte", "URL": URL, "note": "Une note."}
    (folder / "bibliography" / "a.json").write_text(json.dumps([row]), encoding="utf-8")
    with (
        open_catalogue(folder / "catalogue.sqlite") as catalogue,
        open_history(folder / "catalogue.sqlite") as history,
    ):
        catalogue.targets.cite([URL])
        catalogue.record_visit(
            Visit(url=URL, urlkey=urlkey(URL), visited_at=datetime.now(UTC), outcome="missed")
        )
        history.record(observe("404", 0, url=URL))
    assert run_command(folder, "index").returncode == 0
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ["bibliography", "list"],
        ["bibliography", "check"],
        ["bibliography", "export"],
        ["search", "texte"],
        ["links", "report"],
        ["links", "report", "--format", "csv"],
        ["links", "show", URL],
        ["links", "repair"],
        ["crawl", "--dry-run"],
        ["extract"],
    ],
    ids=" ".join,
)
def test_what_reads_works(corpus, run, arguments):
    told = run(corpus, *arguments)

    assert (told.code, "Traceback" in told.err) == (0, False), told.err
    assert "disk" not in told.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["crawl"],
        ["links", "check"],
        ["archive", "reindex"],
        ["index", "--rebuild"],
        ["links", "decide", URL, "ignorer"],
    ],
    ids=" ".join,
)
def test_what_writes_says_that_it_is_read_only_and_what_to_do(corpus, run, arguments):
    told = run(corpus, *arguments)

    assert told.code == 1
    assert "Traceback" not in told.err
    assert str(corpus) in told.err
    assert "permission denied" in told.err
    assert "It is read-only for you" in told.err
    assert "disk" not in told.err


def test_a_report_says_that_it_is_not_remembered(corpus, run):
    told = run(corpus, "links", "report")

    assert URL in told.stdout.decode()
    assert "this report is not remembered" in told.err


def test_nothing_that_was_written_last_is_passed_over_in_silence(corpus, run):
    """A log that nobody may read without writing holds what the file does not."""
    folder = corpus.with_name("unclosed")
    shutil.copytree(corpus, folder)
    path = folder / "catalogue.sqlite"
    writer = sqlite3.connect(path)
    writer.execute("UPDATE targets SET attempts = 7")
    writer.commit()
    log = path.with_name("catalogue.sqlite-wal").read_bytes()
    writer.close()
    path.with_name("catalogue.sqlite-wal").write_bytes(log)

    told = run(folder, "links", "report")

    assert told.code == 1
    assert "was not closed" in told.err
    assert "copy all of it" in told.err
