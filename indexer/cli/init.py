"""`renvois init`: begin a corpus here: its settings, its folder, a first file.

What is there already is kept as it is, and said. Nothing is ever overwritten.
"""

import json
import os
import sys
import textwrap
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from indexer.bibliography import read_bibliography
from indexer.cli.terminal import (
    SpokenCommand,
    ask,
    echo,
    echo_json,
    find_translator,
    say,
    show_controls,
    words,
)
from indexer.errors import SettingsError
from indexer.messages import Translator, message
from indexer.model import Bibliography
from indexer.settings import FILE_NAME, PREFIX, Settings, read_settings

WIDTH: Final = 88
# In the order of the file: a setting, what is written for it where nothing was asked (a comment
# then, which shows what it may look like), and the sentence that says what it sets.
EXPLAINED: Final[tuple[tuple[str, Any, str], ...]] = (
    ("title", "", "cli.init.title"),
    ("contact", "", "cli.init.contact"),
    ("corpus", "corpus", "cli.init.corpus"),
    ("language", "fr", "cli.init.language"),
    ("base_url", "https://exemple.fr/biblio", "cli.init.base-url"),
    ("trusted_proxies", 1, "cli.init.trusted-proxies"),
    ("show_archived", "extracts", "cli.init.show-archived"),
    ("delay_s", 1.0, "cli.init.delay"),
    ("archives", ["https://web.archive.org/web/"], "cli.init.archives"),
    ("notify_mail_to", ["bibliotheque@exemple.fr"], "cli.init.mail"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """The answers to `renvois init`: settings to write, and a bibliography file to copy."""

    chosen: Mapping[str, Any]
    file: Path | None = None


@click.command(cls=SpokenCommand, help="cli.init.help")
@click.option("--title", help="cli.init.option.title")
@click.option("--contact", help="cli.init.option.contact")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="cli.init.option.file",
)
@click.option("--ask/--no-ask", "asks", default=None, help="cli.init.option.ask")
@click.option("--json", "as_json", is_flag=True, help="cli.option.json")
@click.pass_context
def init(
    context: click.Context,
    title: str | None,
    contact: str | None,
    file: Path | None,
    asks: bool | None,
    as_json: bool,
) -> None:
    """Begin a corpus here: write renvois.toml, make the folder of the bibliography."""
    settings: Settings = context.obj
    given = context.parent.params if context.parent else {}
    settings_file = _find_settings_file(given)
    asks = sys.stdin.isatty() if asks is None else asks
    chosen = _choose_settings({"title": title, "contact": contact}, settings_file, asks=asks)
    chosen |= {"language": find_translator().language, "corpus": str(given.get("corpus") or "")}
    if asks and file is None and not _list_files(settings.bibliography):
        file = _ask_file()
    beginning = Beginning(chosen={k: v for k, v in chosen.items() if v}, file=file)
    written = _begin(settings, settings_file, beginning)
    read = read_bibliography(settings.bibliography, rules=settings.reading_rules)
    if as_json:
        counts = {"references": len(read.references), "notes": len(read.notes)}
        echo_json({"written": [str(each) for each in written], **counts})
        return
    _tell(settings, settings_file, written, read)


_QUESTIONS: Final = {"title": "cli.init.ask-title", "contact": "cli.init.ask-contact"}


def _find_settings_file(given: Mapping[str, Any]) -> Path:
    """Find the path of the settings file: of --config, of the environment, else in this folder."""
    return given.get("config") or Path(os.environ.get(f"{PREFIX}CONFIG") or FILE_NAME)


def _choose_settings(
    told: Mapping[str, str | None], settings_file: Path, *, asks: bool
) -> dict[str, str]:
    """Give the settings to be written, by name: what options told, or what was asked.

    Raises SettingsError for what options tell of a file that is there: it is not changed.
    """
    if not settings_file.exists():
        told = _ask_missing(told) if asks else told
    elif set(told.values()) != {None}:
        hint = message("cli.init.edit-it")
        raise SettingsError(message("cli.init.not-changed"), where=settings_file, hint=hint)
    return {name: _clean(value) for name, value in told.items()}


def _ask_missing(told: Mapping[str, str | None]) -> dict[str, str | None]:
    """Ask for the settings, by name, of which no option said anything."""
    return {
        name: ask(words(_QUESTIONS[name])) if value is None else value
        for name, value in told.items()
    }


def _ask_file() -> Path | None:
    """Ask for a first file until there is one, or none is wanted."""
    while True:
        name = ask(words("cli.init.ask-file")).strip()
        if not name or Path(name).expanduser().is_file():
            return Path(name).expanduser() if name else None
        say(message("cli.init.no-file", name=name))


def _clean(value: str | None) -> str:
    """Put what was given on one line. Raises SettingsError for what no line of a file may hold."""
    text = " ".join((value or "").split())
    if show_controls(text) != text:
        told = message("cli.init.controls", text=show_controls(text))
        raise SettingsError(told, where=FILE_NAME)
    return text


def _list_files(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()] if folder.is_dir() else []


def _begin(settings: Settings, settings_file: Path, beginning: Beginning) -> list[Path]:
    """Write what is not there yet; gives what was written.

    Raises SettingsError where a file of that name, and other words, is there.
    """
    written = []
    folder, file = settings.bibliography, beginning.file
    copy = folder / file.name if file is not None else None
    if copy is not None and file is not None and copy.exists():
        if copy.read_bytes() != file.read_bytes():
            raise SettingsError(message("cli.init.not-changed"), where=copy)
        copy = None
    folder.mkdir(parents=True, exist_ok=True)
    if copy is not None and file is not None:
        _write_new(copy, file.read_bytes())
        written.append(copy)
    if not settings_file.exists():
        _write_new(settings_file, render_settings(beginning.chosen, find_translator()).encode())
        read_settings(environ={}, file=settings_file)  # what is written is read
        written.append(settings_file)
    return written


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there, whole or not at all."""
    with path.open("xb") as opened:
        try:
            opened.write(content)
        except OSError:
            path.unlink()
            raise


def render_settings(chosen: Mapping[str, Any], words: Translator) -> str:
    """Render a settings file: what was chosen, and in comments what else may be set.

    `chosen` gives values by the names of settings.
    """
    lines = _comment(words("cli.init.head"))
    for name, example, key in EXPLAINED:
        value = chosen.get(name, example)
        # JSON writes texts, numbers and lists of them as TOML does.
        setting = f"{name} = {json.dumps(value, ensure_ascii=False)}"
        lines += ["", *_comment(words(key)), setting if name in chosen else f"# {setting}"]
    text = "\n".join((*lines, ""))
    tomllib.loads(text)
    return text


def _comment(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, WIDTH, initial_indent="# ", subsequent_indent="# ")


def _tell(
    settings: Settings,
    settings_file: Path,
    written: list[Path],
    read: Bibliography,
) -> None:
    """Say what was written and kept, what was read, and what to do next."""
    for path in written:
        echo(words("cli.init.written", path=str(path)))
    if settings_file not in written:
        echo(words("cli.init.kept", path=str(settings_file)))
    if not read.references and not read.notes:
        echo(words("cli.init.put-files", folder=str(settings.bibliography)))
    else:
        references = words("cli.init.references", count=len(read.references))
        notes = words("cli.init.notes", count=len(read.notes))
        echo(words("cli.init.read", references=references, notes=notes))
    echo(words("cli.init.next"))
    for command, key in NEXT:
        echo(f"  renvois {command:<20} {words(key)}")


NEXT: Final = (
    ("bibliography check", "cli.init.next-check"),
    ("crawl", "cli.init.next-crawl"),
    ("index", "cli.init.next-index"),
    ("serve", "cli.init.next-serve"),
)
