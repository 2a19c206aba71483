"""What others wrote reaches a terminal as text, never as orders to it; errors come in words."""

import errno
import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from indexer.cli import main
from indexer.cli.terminal import (
    Styled,
    break_lines,
    choose_language,
    describe_range,
    echo,
    echo_json,
    is_confirmed,
    show_controls,
    translate_misuse,
)
from indexer.disk import explain
from indexer.errors import say_for_logs
from indexer.messages import message, open_translator

ORDERS = "\x1b[2J\x1b]0;pris\x07\x9b31m\x00\x08\x7f\x85\u202e\u2066\u2028"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
ROOT = Path(__file__).parent.parent


def run(corpus: Path, *arguments: str):
    return CliRunner().invoke(main, ["--corpus", str(corpus), *arguments])


@pytest.fixture
def corpus(tmp_path) -> Path:
    folder = tmp_path / "bibliography"
    folder.mkdir()
    row = {
        "id": "essai",
        "type": "article-journal",
        "title": f"Un titre {ORDERS} piégé",
        "author": [{"family": f"Autrice{ORDERS}", "given": "Une"}],
        "issued": {"date-parts": [[2015]]},
        "URL": "http://exemple.test/\x1b]0;pris\x07texte\u202e",
        "note": f"Une note {ORDERS} piégée.",
    }
    (folder / "essai.json").write_text(json.dumps([row]), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ["bibliography", "list"],
        ["bibliography", "list", "--json"],
        ["bibliography", "check"],
        ["links", "report"],
        ["links", "report", "--json"],
        ["links", "show", "essai"],
        ["crawl", "--dry-run"],
        ["crawl", "--dry-run", "--only", f"{ORDERS}.test"],
        ["index"],
        ["search", "titre"],
        ["search", "titre", "--json"],
        ["search", ORDERS],
        [f"--{ORDERS}"],
        [ORDERS],
    ],
    ids=" ".join,
)
def test_no_command_prints_a_control_character(corpus, arguments):
    if arguments[0] == "search":
        assert run(corpus, "index").exit_code == 0
    told = run(corpus, *arguments)

    assert told.exception is None or isinstance(told.exception, SystemExit)
    printed = told.stdout + told.stderr
    assert printed
    assert CONTROL.findall(printed) == []
    if "--json" in arguments:
        assert [json.loads(line) for line in told.stdout.splitlines()]


def test_a_row_of_json_gives_back_what_was_in_it(capsys):
    echo_json({"title": ORDERS, "half": "\ud800"})

    printed = capsys.readouterr().out
    assert CONTROL.findall(printed) == []
    assert json.loads(printed) == {"title": ORDERS, "half": "\ud800"}


def test_only_our_own_styles_are_orders():
    assert show_controls("\x1b[1mUn\ttitre\n") == "\\x1b[1mUn\ttitre\n"
    assert show_controls("l’été à Lignac\u00a0: 5\u202f%") == "l’été à Lignac\u00a0: 5\u202f%"


def test_a_styled_piece_is_cleaned_before_it_is_styled(capsys):
    echo("a\x1b[0m", Styled("b\x1b[0m"))

    assert capsys.readouterr().out.replace("\x1b[1m", "").replace("\x1b[0m", "") == (
        "a\\x1b[0mb\\x1b[0m\n"
    )


@given(
    texts=st.lists(st.text("ab  ", max_size=30), max_size=5),
    width=st.integers(4, 40),
    depth=st.integers(0, 3),
)
def test_a_paragraph_is_broken_at_spaces_and_keeps_every_word(texts, width, depth):
    pieces = [Styled(text) if number % 2 else text for number, text in enumerate(texts)]
    indent = " " * depth
    broken = [
        piece if isinstance(piece, str) else piece.text
        for piece in break_lines(pieces, width, indent)
    ]
    lines = (indent + "".join(broken)).split("\n")

    assert "".join(texts).split() == "".join(broken).split()
    for line in lines:
        assert line.startswith(indent)
        assert len(line) <= width or " " not in line[depth:].strip()


SAID_BESIDE_A_BAR = """
from indexer.cli.terminal import echo, follow, say
from indexer.messages import message
with follow([1, 2, 3], label=message("cli.progress.visiting")) as values:
    for value in values:
        echo(f"told={value}")
        say("beside")
echo("after")
"""


def test_what_is_told_beside_a_bar_stands_on_a_line_of_its_own():
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", SAID_BESIDE_A_BAR]
    subprocess.run(command, cwd=ROOT, stdout=theirs, stderr=theirs, check=True)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    os.close(theirs)

    # A terminal goes back to the beginning of its line, and erases it, before anything is written.
    assert "Visite" in shown
    for told in ("told=1", "told=2", "told=3", "beside"):
        assert f"\r\x1b[K{told}\r\n" in shown
    assert shown.endswith("\nafter\r\n")


@pytest.mark.parametrize("kind", ["csv", "html", "atom", "junit"])
def test_a_report_in_a_file_is_well_formed(corpus, kind):
    target = corpus / f"report.{kind}"
    told = run(corpus, "links", "report", "--format", kind, "--output", str(target))

    assert told.exit_code == 0, told.output
    text = target.read_text(encoding="utf-8")
    if kind in ("atom", "junit"):
        assert ElementTree.fromstring(text) is not None
    assert "\x1b" not in text or kind == "csv"


def test_the_printer_is_the_only_one(tmp_path):
    """The linter refuses another one; that it does is seen here."""
    rogue = tmp_path / "rogue.py"
    rogue.write_text('"""A."""\n\nimport click\n\nclick.echo("a")\nprint("b")\n', encoding="utf-8")
    options = ["--config", str(ROOT / "pyproject.toml"), "--output-format", "json"]
    found = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *options, str(rogue)],
        capture_output=True,
        check=False,
    )

    assert {each["code"] for each in json.loads(found.stdout)} >= {"TID251", "T201"}


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission denied"),
        (errno.EPERM, "permission denied"),
    ],
)
def test_only_a_full_disk_is_said_to_be_full(number, said):
    told = explain(OSError(number, os.strerror(number)))

    assert said in say_for_logs(told.what)
    assert ("Free some room" in say_for_logs(told.hint)) == ("full" in said)


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_every_error_of_the_system_is_words(number):
    assert explain(OSError(number, os.strerror(number))).what


@pytest.mark.parametrize(
    "number",
    [
        *(errno.ENOENT, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY),
        *(errno.ENAMETOOLONG, errno.ELOOP, errno.ENOMEM),
    ],
)
def test_usual_errors_of_the_system_are_said_in_both_languages(number):
    told = explain(OSError(number, os.strerror(number))).what

    assert say_for_logs(told) == os.strerror(number)
    assert open_translator("fr")(told) != os.strerror(number)


def test_what_the_system_refuses_ends_a_command_with_words_and_1(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bibliography").write_text("ceci n'est pas un dossier", encoding="utf-8")

    done = run(tmp_path, "init", "--no-ask")

    assert done.exit_code == 1
    assert done.stderr == f"Error: {tmp_path / 'bibliography'}: File exists\n"
    assert [each.name for each in tmp_path.iterdir()] == ["bibliography"]


def test_every_error_of_sqlite_is_words(tmp_path):
    for name in (each for each in vars(sqlite3).values() if isinstance(each, type)):
        if issubclass(name, sqlite3.Error):
            assert explain(name("trouble")).what
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"not a database at all" * 200)
    with pytest.raises(sqlite3.DatabaseError) as raised:
        sqlite3.connect(path).execute("SELECT * FROM a")
    told = explain(raised.value, if_damaged=message("hint.build-again"))
    assert "damaged" in say_for_logs(told.what)
    assert told.hint == message("hint.build-again")


@pytest.mark.parametrize(
    ("spec", "french", "english"),
    [
        ("1<=x<=100", "de 1 à 100", "1 to 100"),
        ("x>=1", "1 au moins", "1 or more"),
        ("x<=9", "x<=9", "x<=9"),
        ("", "", ""),
    ],
)
def test_the_numbers_that_an_option_takes_are_said_in_words(spec, french, english):
    for language, said in (("fr", french), ("en", english)):
        choose_language(language)
        assert describe_range(spec).replace("\u00a0", " ") == said


def test_misuse_that_is_not_known_is_told_as_click_does():
    choose_language("fr")
    assert translate_misuse("What click never said") == "What click never said"
    assert "--x" in translate_misuse("No such option '--x'.") != "No such option '--x'."


@pytest.mark.parametrize(
    ("typed", "is_yes"),
    [
        ("oui", True),
        ("o", True),
        ("OUI", True),
        (" oui ", True),
        ("yes", False),
        ("", False),
        ("non", False),
        ("ouioui", False),
    ],
)
def test_only_a_yes_in_the_language_of_the_question_is_one(typed, is_yes):  # fmt: skip
    choose_language("fr")
    with CliRunner().isolation(input=f"{typed}\n") as (_, stderr, *_):
        assert is_confirmed(message("cli.lexicon")) is is_yes
        assert stderr.getvalue()


@pytest.mark.parametrize(
    ("code", "is_shown"),
    [
        (0x00, True),
        (0x08, True),
        (0x09, False),
        (0x0A, False),
        (0x0B, True),
        (0x1F, True),
        (0x20, False),
        (0x7E, False),
        (0x7F, True),
        (0x9F, True),
        (0xA0, False),
        (0x61C, True),
        (0x200D, False),
        (0x200E, True),
        (0x200F, True),
        (0x2010, False),
        (0x2027, False),
        (0x2028, True),
        (0x202E, True),
        (0x202F, False),
        (0x2065, False),
        (0x2066, True),
        (0x2069, True),
        (0x206A, False),
        (0xD800, True),
        (0xDFFF, True),
        (0xE000, False),
    ],
)
def test_each_sign_that_orders_a_terminal_is_shown_and_no_neighbour(code, is_shown):  # fmt: skip
    shown = show_controls(f"a{chr(code)}b")

    width = 2 if code < 0x100 else 4
    assert shown == (f"a\\{'x' if width == 2 else 'u'}{code:0{width}x}b" if is_shown else
                     f"a{chr(code)}b")  # fmt: skip
