"""The one printer of the commands: lines, JSON Lines, documents, errors in words, a bar.

What is printed was written by others (titles, authors, URLs, file names): a control character in
it could move the cursor, set the title of the window or hide text. They are shown, not obeyed.
"""

import importlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click

from indexer.disk import explain
from indexer.errors import CorpusError
from indexer.messages import DEFAULT_LANGUAGE, Message, Translator, open_translator
from indexer.messages import Value as MessageValue
from indexer.settings import Settings, find_language

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

T = TypeVar("T")

EXIT_STOPPED = 1
EXIT_FINDINGS = 3  # done; something was found that was asked about, or not found that was asked for
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it

# C0 but tab and newline, DEL, C1; marks that turn the direction of text; line and paragraph
# separators; surrogates, which UTF-8 has no way to write.
_CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


# The language of all that this process says; chosen when the command line is read, before anything
# is said. Threads and workers say it in the same one.
_spoken: dict[str, str] = {"language": DEFAULT_LANGUAGE}


def choose_language(language: str) -> None:
    """Choose the language of all that is said from now on: one of LANGUAGES."""
    _spoken["language"] = language


def find_translator() -> Translator:
    """Give the Translator of the language that was chosen."""
    return open_translator(_spoken["language"])


def words(said: str | Message, /, **values: MessageValue) -> str:
    """Give the words of a message, or of a key with values, in the language that was chosen."""
    return find_translator()(said, **values)


@dataclass(frozen=True, slots=True)
class Styled:
    """A piece of a line in bold, or underlined besides; outside of a terminal, as it is."""

    text: str
    is_underlined: bool = False


def show_controls(text: str) -> str:
    r"""Write control characters as programs escape them: ESC is "\x1b", U+202E is "\u202e"."""
    return _CONTROLS.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


class CorpusGroup(click.Group):
    """A group that turns what stops us into a sentence and exit code 1.

    `modules` says in which module each command is, and what it does in a sentence: the module is
    imported when the command is asked for, not for the list of them.
    `group` names the entry points of the commands that other packages give.
    """

    def __init__(
        self, *args: Any, modules: Mapping[str, tuple[str, str]], group: str = "", **settings: Any
    ) -> None:
        """Take the modules of the commands, and the group of the entry points of others."""
        super().__init__(*args, **settings)
        self._modules = modules
        self._group = group

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of the commands, in the order of the alphabet."""
        return sorted([*self._modules, *self._entry_points().names])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name, or give None."""
        module = self._modules.get(cmd_name)
        command: click.Command
        if module is not None:
            command = getattr(importlib.import_module(module[0]), cmd_name)
            return command
        entry_points = self._entry_points()
        if cmd_name not in entry_points.names:
            return None
        command = entry_points[cmd_name].load()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does, in a line."""
        commands = {
            name: click.Command(name, help=self._modules[name][1])
            if name in self._modules
            else self.get_command(ctx, name)
            for name in self.list_commands(ctx)
        }
        width = formatter.width - 6 - max(map(len, commands))
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, each.get_short_help_str(width)) for name, each in commands.items() if each]
            )

    def _entry_points(self) -> "EntryPoints":
        """Find the commands that packages above this one give."""
        from importlib import metadata  # here: most commands are ours

        return metadata.entry_points(group=self._group)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **more: Any,
    ) -> click.Context:
        """Read the command line; what it is told to be wrong in holds no control characters.

        The language is chosen first: help and errors of the command line are said in it too.
        """
        # No option is refused here, and no help given: that is for the second reading.
        told = click.Context(self, resilient_parsing=True)
        self.parse_args(told, list(args))
        lang, file = (told.params.get(name) for name in ("lang", "config"))
        choose_language(find_language(os.environ, told=lang or "", file=file))
        with _clean_errors():
            return super().make_context(info_name, args, parent, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a `CorpusError`, or what the system refuses, is told, not raised."""
        try:
            with _clean_errors():
                return super().invoke(ctx)
        except CorpusError as error:
            say_error(error)
            if isinstance(ctx.obj, Settings) and not is_begun(ctx.obj):
                say(f"{BEGIN} (--corpus names another folder).")
            ctx.exit(EXIT_STOPPED)
        except BrokenPipeError:
            leave_pipe()
        except OSError as error:
            say(f"Error: {render_os_error(error)}")
            ctx.exit(EXIT_STOPPED)


BEGIN: Final = "To begin a corpus here, run `renvois init`"


def is_begun(settings: Settings) -> bool:
    """Say whether there is anything of a corpus where the settings have it."""
    parts = (settings.bibliography, settings.archive, settings.catalogue_place, settings.index)
    return settings.engine.name != "embedded" or any(part.exists() for part in parts)


def require_corpus(settings: Settings) -> None:
    """Stop a command that would find nothing, or make folders, where there is no corpus.

    Raises CorpusError.
    """
    if not is_begun(settings):
        raise CorpusError("there is no corpus here", where=settings.corpus)


@contextmanager
def _clean_errors() -> Iterator[None]:
    """Show the control characters of what click says about the command line."""
    try:
        yield
    except click.ClickException as error:
        vars(error)["message"] = show_controls(error.message)  # it is final by its type only
        raise


def render_os_error(error: OSError) -> str:
    """Say where the system refused something, what, and what to do next."""
    told = explain(error)
    return render_error(CorpusError(told.what, where=error.filename, hint=told.hint))


def leave_pipe() -> NoReturn:
    """End quietly when whoever read us (`| head`) has gone."""
    # What is still buffered can't be written any more: Python must not try at exit.
    sys.stdout = None
    raise SystemExit(EXIT_STOPPED)


def echo_json(row: Any) -> None:
    """Print one JSON object on one line, in UTF-8; control characters stand in it escaped."""
    click.echo(render_json(row))


def render_json(row: Any) -> str:
    """Render one JSON object as a line in which no control character stands as itself."""
    text = json.dumps(row, ensure_ascii=False)
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def echo(*pieces: str | Styled) -> None:
    """Print a line of the answer, of one piece or several."""
    click.echo("".join(map(_render_piece, pieces)))


def echo_document(document: str | bytes) -> None:
    """Print a document in a format of its own (CSV, HTML, BibTeX, a patch…), as it is.

    On a terminal its control characters are shown; a file or a pipe gets what the format says.
    """
    octets = document.encode("utf-8", "backslashreplace") if isinstance(document, str) else document
    if sys.stdout.isatty():
        text = octets.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
        octets = show_controls(text).encode()
    click.echo(octets, nl=False)


def say(said: str | Message) -> None:
    """Tell a person something, beside the answer: a message, or words that were made of some."""
    click.echo(show_controls(words(said) if isinstance(said, Message) else said), err=True)


def say_error(error: CorpusError) -> None:
    """Tell a person what stops us, where, and what to do next."""
    say(words("cli.error", said=render_error(error)))


def render_error(error: CorpusError) -> str:
    """Give what stops us in the language that was chosen: where, what, and what to do next."""
    return error.tell(find_translator())


def prepare_lexicon() -> None:
    """Make the lexicon of this installation where it is not made yet, and say so."""
    from indexer.analysis.lexicon import has_lexicon, make_lexicon  # here: --help needs none

    if not has_lexicon():
        say("Making the lexicon of French and English, once for this installation…")
        make_lexicon()


def _render_piece(piece: str | Styled) -> str:
    if isinstance(piece, str):
        return show_controls(piece)
    underline = True if piece.is_underlined else None
    return click.style(show_controls(piece.text), bold=True, underline=underline)


@contextmanager
def follow(values: Iterable[T], *, label: str, length: int | None = None) -> Iterator[Iterator[T]]:
    """Carry values through, with a bar on stderr when that is a terminal."""
    if not sys.stderr.isatty():
        yield iter(values)
        return
    with click.progressbar(values, label=label, length=length, file=sys.stderr) as bar:
        yield iter(bar)


@contextmanager
def count_bytes(total: int, *, label: str) -> Iterator[Callable[[int], None]]:
    """Give what is to be told how many bytes were done, with a bar on stderr on a terminal."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
        yield bar.update
