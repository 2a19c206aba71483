"""On a corpus that can't be written, a command reads, or says so and what to do.

By another user who may only read, and on file systems that are mounted read-only: root may write
anything else.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
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
from tests import ROOT
from tests.archive.exchanges import PAGE
from tests.archive.test_imports import HTML, write_warc
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
    if any(name.startswith("COVERAGE_") for name in os.environ):
        (ROOT / "run").chmod(0o1777)  # where coverage notes what that user's processes run
    with closing(Commands(place, workers=1)) as commands:
        yield partial(commands.run, uid=NOBODY)


@pytest.fixture(scope="module")
def corpus(place: Path) -> Path:
    return make_corpus(place / "closed")


def make_corpus(folder: Path) -> Path:
    make_writable_corpus(folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


def make_writable_corpus(folder: Path) -> None:
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
    page = ("2015-03-10T08:00:00Z", "200 OK", HTML, PAGE)
    warc = write_warc(folder.with_name(f"{folder.name}.warc.gz"), (URL, *page))
    assert run_command(folder, "archive", "import", str(warc)).returncode == 0
    assert run_command(folder, "index").returncode == 0


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


# --- mounted read-only

MOUNTS = {
    "tmpfs": "mount -t tmpfs -o size=64m none $1 && cp -a $2/. $1 && mount -o remount,ro $1",
    "bind": "mount --bind $2 $1 && mount -o remount,bind,ro $1",
    "ext4 image": "truncate -s 64M $1.img && mkfs.ext4 -q -d $2 $1.img "
    "&& mount -o loop,ro $1.img $1",
}
WITHDRAWN = "http://a.test/retire"  # of a text that is not there any more
ASKED = {
    "bibliography list": ["bibliography", "list"],
    "bibliography check": ["bibliography", "check"],
    "bibliography export": ["bibliography", "export"],
    "search": ["search", "texte"],
    "links report": ["links", "report"],
    "links report csv": ["links", "report", "--format", "csv"],
    "links show": ["links", "show", URL],
    "links repair": ["links", "repair"],
    "crawl --dry-run": ["crawl", "--dry-run"],
    "extract": ["extract"],
    "index --check": ["index", "--check"],
    "archive check": ["archive", "check", "--json"],
    "archive secrets": ["archive", "secrets"],
    "archive export": ["archive", "export", "{out}/a.wacz"],
    "withdraw --list": ["withdraw", "--list"],
}
REFUSED = {
    "crawl": ["crawl"],
    "links check": ["links", "check"],
    "links decide": ["links", "decide", URL, "ignorer", "--by", "Essai"],
    "archive import": ["archive", "import", "{out}/a.warc"],
    "archive reindex": ["archive", "reindex"],
    "index": ["index"],
    "index --rebuild": ["index", "--rebuild"],
    "withdraw": ["withdraw", URL],
    "withdraw --undo": ["withdraw", WITHDRAWN, "--undo"],
    "withdraw --purge": ["withdraw", URL, "--purge", "--yes"],
}
RUNS_ALL = """
import json, os, sys
from indexer.cli import main
from tests.campaign.zygote import preload

preload()  # once, before each command gets a process
corpus, out, commands = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
for name, argv in commands.items():
    pid = os.fork()
    if pid == 0:
        for descriptor, suffix in ((1, "out"), (2, "err")):
            file = os.open(f"{out}/{name}.{suffix}", os.O_WRONLY | os.O_CREAT, 0o644)
            os.dup2(file, descriptor)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        sys.argv = ["renvois", "--corpus", corpus, *argv]
        main()
        sys.exit()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    open(f"{out}/{name}.code", "w").write(str(code))
"""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("tmpfs", marks=pytest.mark.slow),  # in every run: another user, above
        *(pytest.param(n, marks=pytest.mark.campaign) for n in ("bind", "ext4 image")),
    ],
)
def told(request, tmp_path_factory) -> dict[str, tuple[int, str, str]]:
    """What every command says of a corpus that is mounted read-only: code, stdout, stderr.

    In a name space of its own: nothing stays mounted.
    """
    folder = tmp_path_factory.mktemp("mounted")
    make_writable_corpus(folder / "corpus")
    (folder / "corpus" / "bibliography" / "withdrawn.txt").write_text(f"{WITHDRAWN}\n")
    out = folder / "out"
    out.mkdir()
    (out / "a.warc").write_bytes(
        b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    )
    commands = {
        name: [word.format(out=out) for word in argv] for name, argv in (ASKED | REFUSED).items()
    }
    mounted = folder / "mounted"
    mounted.mkdir()
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", f'{MOUNTS[request.param]} && shift 2 && exec "$@"', "sh",
         mounted, folder / "corpus", sys.executable, "-c", RUNS_ALL, mounted, out,
         json.dumps(commands)],
        capture_output=True, text=True, check=False, timeout=900, cwd=ROOT,
        env={
            "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "HOME": "/nonexistent",
            "RENVOIS_LANGUAGE": "en",
        },
    )  # fmt: skip
    if not list(out.glob("*.code")):
        pytest.skip(f"a {request.param} can't be mounted here: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stderr
    return {
        name: (
            int((out / f"{name}.code").read_text()),
            (out / f"{name}.out").read_text(),
            (out / f"{name}.err").read_text(),
        )
        for name in ASKED | REFUSED
    }


@pytest.mark.timeout(900)
def test_on_a_file_system_that_is_read_only_every_command_reads_or_says_so(told):
    for name, (code, _, stderr) in told.items():
        assert "Traceback" not in stderr, (name, stderr)
        assert "disk is full" not in stderr, (name, stderr)
        expected = (
            3 if name == "withdraw --list" else int(name in REFUSED)
        )  # its line hides nothing
        assert code == expected, (name, code, stderr)
        if name in REFUSED:
            assert "read-only" in stderr, (name, stderr)
            assert "Make it writable, or copy the corpus" in stderr, (name, stderr)
    assert URL in told["links report"][1]
    assert '"problems": 0' in told["archive check"][1]
