"""`renvois init`: a corpus begins here, with and without a terminal, and nothing is overwritten."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indexer.cli import main
from indexer.cli.init import EXPLAINED, render_settings
from indexer.messages import LANGUAGES, open_translator
from indexer.settings import Settings, read_settings

ENTRY = (
    "# Liste\n\n- Camille Essai, « Un atelier », Gazette, 2016, <https://exemple.test/a>\n\nLu.\n"
)
SAVED = "renvois.toml"


@pytest.fixture
def here(tmp_path: Path):
    """An empty folder, which is the current one, and a file to begin with outside of it."""
    before = Path.cwd()
    (tmp_path / "mine.md").write_text(ENTRY, encoding="utf-8")
    (tmp_path / "here").mkdir()
    os.chdir(tmp_path / "here")
    yield tmp_path / "here"
    os.chdir(before)


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner(env={"LANG": "C", "LC_ALL": "", "LC_MESSAGES": ""}).invoke(
        main, arguments, input=typed
    )


def read() -> Settings:
    return read_settings(environ={}, file=Path(SAVED))


def list_files(folder: Path) -> dict[str, bytes]:
    found = (each for each in folder.rglob("*") if each.is_file())
    return {str(each.relative_to(folder)): each.read_bytes() for each in found}


@pytest.mark.parametrize("title", ["Notre liste", 'Un "titre" \\ é = # ]', "[Bib]\t 'a'", "’"])
def test_options_are_enough(here, title):
    done = run("init", "--title", title, "--contact", "moi@exemple.test", "--file", "../mine.md")

    assert done.exit_code == 0, done.output
    assert "1 référence, 1 note" in done.stdout.replace("\xa0", " ")
    assert (read().title, read().contact) == (" ".join(title.split()), "moi@exemple.test")
    assert set(list_files(here)) == {SAVED, "corpus/bibliography/mine.md"}


def test_what_no_option_says_is_asked(here):
    done = run("init", "--ask", typed="Notre liste\n\nnowhere.md\n../mine.md\n")

    assert done.exit_code == 0
    assert "nowhere.md" in done.stderr  # there is no such file: asked again
    assert (read().title, read().contact) == ("Notre liste", "")
    assert (here / "corpus/bibliography/mine.md").read_text(encoding="utf-8") == ENTRY


def test_nothing_is_asked_without_a_terminal_and_programs_are_told_in_json(here):
    done = run("--corpus", "else where", "--lang", "en", "init", "--json")

    assert json.loads(done.stdout) == {"written": [SAVED], "references": 0, "notes": 0}
    assert read().corpus == Path("else where")
    assert read().language == "en"
    assert (here / "else where" / "bibliography").is_dir()


@pytest.mark.parametrize(
    "arguments", [["--title", "Autre"], ["--contact", "x"], ["--file", "../mine.md"], []]
)
def test_nothing_is_overwritten(here, arguments):
    (here / "corpus/bibliography").mkdir(parents=True)
    (here / "corpus/bibliography/mine.md").write_text("Autre chose.", encoding="utf-8")
    (here / SAVED).write_text('title = "Le mien"\n', encoding="utf-8")
    before = list_files(here)
    done = run("init", *arguments)

    assert list_files(here) == before
    assert done.exit_code == (1 if arguments else 0)
    assert ("existe déjà, et n’est pas modifié" in done.stderr) == bool(arguments)


def test_what_is_missing_is_added(here):
    run("init", "--title", "Le mien")
    before = (here / SAVED).read_bytes()
    done = run("init", "--file", "../mine.md")

    assert done.exit_code == 0
    assert list_files(here) == {SAVED: before, "corpus/bibliography/mine.md": ENTRY.encode()}


def test_a_title_with_control_characters_is_refused(here):
    done = run("init", "--title", "a\x1b[2Jb")

    assert done.exit_code == 1
    assert "\x1b" not in done.output
    assert list_files(here) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_the_file_may_be_put_in_force(tmp_path, language):
    text = render_settings({}, open_translator(language))
    names = {name for name, _, _ in EXPLAINED}
    lines = [
        line.removeprefix("# ") if line.partition(" = ")[0].removeprefix("# ") in names else line
        for line in text.splitlines()
    ]
    (tmp_path / SAVED).write_text("\n".join(lines), encoding="utf-8")
    settings = read_settings(environ={}, file=tmp_path / SAVED)

    assert settings.base_url == "https://exemple.fr/biblio"
    assert settings.archives == Settings().archives
    assert sum(line.startswith("#") for line in lines) >= len(names)


@pytest.mark.parametrize(
    "command",
    [
        *("bibliography list", "bibliography check", "crawl", "extract", "index", "links check"),
        *("links report", "search ville", "serve", "status", "watch --once", "archive check"),
        "withdraw --list",
    ],
)
def test_every_command_leads_there_from_a_folder_that_is_none(here, command):
    (here / "photo.jpg").write_bytes(b"\xff\xd8")
    done = run(*command.split())

    assert done.exit_code == (3 if command == "status" else 1)
    assert "Pour commencer un corpus ici\u00a0: `renvois init`" in done.stderr
    assert list_files(here) == {"photo.jpg": b"\xff\xd8"}  # nothing was begun by the way
    assert not (here / "corpus").exists()
