"""The commands for the archive and the patches of links say nothing of what is withdrawn."""

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from indexer.archive import find_files
from indexer.bibliography import read_bibliography
from indexer.cli import main
from indexer.corpus import read_shown
from indexer.errors import say_for_logs
from indexer.links.editors import Fix
from indexer.links.repair import Repair, decode_file, render_patch
from indexer.settings import Settings
from search_web.wsgi import warn_of_withdrawals
from tests.withdrawals.corpus import ID, SECRETS, URL
from tests.withdrawals.crawling import find_secrets

pytestmark = pytest.mark.timeout(600)


def run(corpus: Path, *arguments: str) -> str:
    done = CliRunner().invoke(main, ["--corpus", str(corpus), *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.output


def test_what_is_imported_read_back_or_checked_of_a_withdrawn_text_is_not_told(
    corpus: Path, tmp_path: Path
) -> None:
    (file,) = find_files(corpus / "archive")
    copy = shutil.copy(file, tmp_path / "copie.warc.gz")
    octets = bytearray(file.read_bytes())
    octets[len(octets) * 2 // 3] ^= 255
    octets[len(octets) // 4] ^= 255
    torn = tmp_path / "abime.warc.gz"
    torn.write_bytes(bytes(octets))
    commands = (
        *(("archive", "import", str(copy)), ("archive", "import", "--json", str(torn))),
        *(("archive", "reindex"), ("archive", "check"), ("archive", "check", "--all", "--json")),
        ("archive", "secrets", "--json"),
    )
    file.write_bytes(bytes(octets))
    before = shutil.copytree(corpus, tmp_path / "before")
    for name in ("catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm"):
        for folder in (before, corpus):
            (folder / name).unlink(missing_ok=True)
    told = [find_secrets("", run(before, *command)) for command in commands]
    assert any(told)  # each check can fail
    (corpus / "withdrawn.txt").write_text(f"{ID}\n", encoding="utf-8")

    for command in commands:
        assert find_secrets(" ".join(command), run(corpus, *command)) == [], command
    assert find_secrets("", run(corpus, "crawl", "--dry-run")) == []
    assert find_secrets("", run(corpus, "search", "--json", "--", "ateliers")) == []


@pytest.mark.parametrize("far", [0, 1, 2, 9])
def test_a_patch_shows_no_line_on_a_withdrawn_text_and_applies(tmp_path: Path, far: int) -> None:
    folder = tmp_path / "bibliography"
    folder.mkdir(parents=True)
    lines = [
        f"- Ysolde Krempach, « Quenotière vivante », Gazette, 2015, {URL}",
        *(f"- Paul Tessier, « Texte {n} », 2014, http://exemple.test/{n}" for n in range(far)),
        "- Élodie Garnaud, « Ateliers ouverts », 2016, http://exemple.test/clic",
        "- Paul Tessier, « Un autre », 2014, http://exemple.test/fin",
    ]
    before = ("\n".join(lines) + "\n").encode()
    (folder / "notes.txt").write_bytes(before)
    (tmp_path / "withdrawn.txt").write_text(f"{URL}\n", encoding="utf-8")
    shown = read_shown(Settings(corpus=tmp_path))
    assert len(shown.hidden) == 1
    after = before.replace(b"test/clic\n", b"test/clic [archive]\n")
    fixed: tuple[Fix, ...] = ()
    repair = Repair(path="notes.txt", before=before, after=after, fixed=fixed)

    hidden = shown.find_lines(repair.path, decode_file(before))
    assert hidden == {1}
    patch = render_patch(repair, hidden_lines=hidden)
    assert find_secrets("", patch.decode()) == []
    assert any(find_secrets("", render_patch(repair).decode())) == (far < 3)
    done = subprocess.run(
        ["git", "apply", "--unidiff-zero", "-"], cwd=folder, input=patch, check=False
    )
    assert done.returncode == 0
    assert (folder / "notes.txt").read_bytes() == after
    assert read_bibliography(folder).references


def test_a_line_by_hand_says_what_waits_for_the_next_index(corpus: Path) -> None:
    (corpus / "withdrawn.txt").write_text(f"{ID}\n", encoding="utf-8")
    waits = "after the next `renvois index`"

    assert waits in run(corpus, "withdraw", "--list")
    assert any(waits in say_for_logs(each) for each in warn_of_withdrawals(Settings(corpus=corpus)))
    run(corpus, "index")
    assert waits not in run(corpus, "withdraw", "--list")
    assert warn_of_withdrawals(Settings(corpus=corpus)) == ()
    assert not any(secret in SECRETS[:3] for secret in find_secrets("", run(corpus, "index")))
