"""The one printer of the commands, in the language chosen: lines, JSON Lines, help, errors, a bar.

What is printed was written by others (titles, authors, URLs, file names): a control character in
it could move the cursor, set the title of the window or hide text. They are shown, not obeyed.
"""

import importlib
import inspect
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click

from indexer.disk import explain
from indexer.errors import CorpusError
from indexer.messages import DEFAULT_LANGUAGE, Message, Translator, message, open_translator
from indexer.messages import Value as MessageValue
from indexer.model import Problem
from indexer.settings import Settings, find_language, read_settings_file

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


# Finds the language of all that this process says. Threads and workers say it in the same one.
_spoken: dict[str, Callable[[], str]] = {"language": lambda: DEFAULT_LANGUAGE}


def choose_language(language: str | Callable[[], str]) -> None:
    """Choose the language of all that is said from now on: one of LANGUAGES, or what finds it.

    What finds it is called when something is said.
    """
    _spoken["language"] = language if callable(language) else lambda: language


def find_translator() -> Translator:
    """Give the Translator of the language that was chosen."""
    return open_translator(_spoken["language"]())


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


# What click says of a command line, in English, and the keys of ours; values stand in braces, and
# `what` is a sentence of the table too. click takes its words from gettext's files on the disk, by
# the locale alone: there is no door to give it others.
MISUSES: Final[tuple[tuple[str, str], ...]] = (
    ("{what} Did you mean {possibilities}?", "cli.click.did-you-mean"),
    ("{what} (Did you mean one of: {possibilities}?)", "cli.click.did-you-mean"),
    ("Invalid value for {parameter}: {what}", "cli.click.invalid-for"),
    ("Invalid value: {what}", "cli.click.invalid"),
    ("Missing argument {parameter}. Choose from:\n\t{choices}", "cli.click.missing-argument-of"),
    ("Missing argument {parameter}.", "cli.click.missing-argument"),
    ("Missing option {parameter}.", "cli.click.missing-option"),
    ("Missing command.", "cli.click.missing-command"),
    ("No such option {name}.", "cli.click.no-such-option"),
    ("No such command {name}.", "cli.click.no-such-command"),
    ("Got unexpected extra argument ({arguments})", "cli.click.extra-argument"),
    ("Got unexpected extra arguments ({arguments})", "cli.click.extra-arguments"),
    ("Option {name} does not take a value.", "cli.click.takes-no-value"),
    ("Option {name} requires an argument.", "cli.click.wants-value"),
    ("{value} is not one of {choices}.", "cli.click.not-one-of"),
    ("{value} does not match the format {format}.", "cli.click.no-date"),
    ("{value} is not a valid integer range.", "cli.click.no-number"),
    ("{value} is not in the range {range}.", "cli.click.out-of-range"),
    ("File {name} does not exist.", "cli.click.no-file"),
    ("File {name} is a directory.", "cli.click.is-folder"),
    ("File {name} is not readable.", "cli.click.not-readable"),
    ("Directory {name} is a file.", "cli.click.is-file"),
    ("Directory {name} is not readable.", "cli.click.not-readable"),
)
_VALUE: Final = re.compile(r"\\\{([a-z]+)\\\}")  # in a template whose signs are escaped
_VALUE_NAME: Final = re.compile("[A-Z]{2,}")  # FILE, in "[FILE]..." and "FILE:LINE"


def say_misuse(error: click.ClickException) -> None:
    """Tell a person what is wrong with a command line, after how the command is used."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.message, err=True)
        return
    if context is not None:
        say(context.get_usage())
        say(message("cli.click.see-help", command=f"{context.command_path} --help"))
        say("")
    say(message("cli.error", said=translate_misuse(error.format_message())))


def translate_misuse(said: str) -> str:
    """Say in the language that was chosen what click says of a command line, as far as known."""
    for template, key in MISUSES:
        pattern = _VALUE.sub(r"(?P<\1>.+)", re.escape(template))
        if match := re.fullmatch(pattern, said, re.DOTALL):
            values = match.groupdict()
            if "what" in values:
                values["what"] = translate_misuse(values["what"])
            if "parameter" in values:
                values["parameter"] = name_values(values["parameter"])
            if "range" in values:
                values["range"] = describe_range(values["range"])
            if "choices" in values:
                values["choices"] = ", ".join(re.split(r",\s*", values["choices"]))
            return words(key, **values)
    return said


def name_values(spec: str) -> str:
    """Give what stands for values in a usage, "[FILE]...", in the language that was chosen."""
    return _VALUE_NAME.sub(_name_value, spec)


def _name_value(match: re.Match[str]) -> str:
    key = f"cli.metavar.{match[0].lower()}"
    return words(key) if key in find_translator().keys else match[0]


def describe(help_text: str | None) -> str:
    """Give a help text by its key; that of a command of others is no key, and stays as it is."""
    text = inspect.cleandoc(help_text or "")
    return words(text) if text in find_translator().keys else text


class NamedChoice(click.Choice[str]):
    """A choice among the values of a field, typed as slugs or by their names in either language."""

    def __init__(self, field: str, values: Sequence[str]) -> None:
        """Take the name of the field ("link") and the slugs of its values."""
        super().__init__(values)
        self._field = field

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Give the slug of what was typed."""
        from indexer.search.fieldnames import read_value  # here: --help needs none

        is_slug = value in self.choices
        return super().convert(value if is_slug else read_value(self._field, value), param, ctx)


class SpokenCommand(click.Command):
    """A command whose help and errors are in the language that was chosen.

    Its `help` and that of its options are keys; what stands for a value is named by a key too.
    """

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, *, standalone_mode: bool = True, **more: Any
    ) -> Any:
        """Run a command line and leave with its exit code; misuse is told in words."""
        if not standalone_mode:
            return super().main(args, standalone_mode=False, **more)
        try:
            code = super().main(args, standalone_mode=False, **more)
        except click.ClickException as error:
            say_misuse(error)
            sys.exit(error.exit_code)
        except click.Abort as error:
            is_interrupted = isinstance(error.__cause__, KeyboardInterrupt)
            say(message("cli.click.interrupted" if is_interrupted else "cli.click.stopped"))
            sys.exit(EXIT_INTERRUPTED if is_interrupted else EXIT_STOPPED)
        sys.exit(code or 0)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Give the option --help, described by a key as the others are."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "cli.option.help"
        return option

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write how the command is used, on a line."""
        pieces = name_values(" ".join(self.collect_usage_pieces(ctx)))
        formatter.write_usage(ctx.command_path, pieces, prefix=f"{words('cli.click.usage')} ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(describe(self.help))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each option does."""
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        with _section(formatter, "cli.click.options"):
            formatter.write_dl([_describe_option(each, ctx) for each in options])


def _describe_option(option: click.Option, ctx: click.Context) -> tuple[str, str]:
    """Give how an option is written, and what it does."""
    record = option.get_help_record(ctx)
    extra = option.get_help_extra(ctx)
    told = describe_range(extra.get("range", ""))
    if default := extra.get("default"):
        key = "cli.click.default-and-range" if told else "cli.click.default"
        told = words(key, value=default, range=told)
    pieces = (describe(option.help), f"[{told}]" if told else "")
    return name_values(record[0] if record else ""), "  ".join(filter(None, pieces))


def describe_range(spec: str) -> str:
    """Say what numbers an option takes; click writes "1<=x<=100" or "x>=1"."""
    if match := re.fullmatch(r"(\d+)<=x<=(\d+)", spec):
        return words("cli.click.range-between", least=match[1], most=match[2])
    if match := re.fullmatch(r"x>=(\d+)", spec):
        return words("cli.click.range-from", least=match[1])
    return spec


@contextmanager
def _section(formatter: click.HelpFormatter, key: str) -> Iterator[None]:
    with formatter.section(words(key).removesuffix(":")):  # which click puts there
        yield


class SpokenGroup(SpokenCommand, click.Group):
    """A group of commands whose help and errors are in the language that was chosen."""

    command_class = SpokenCommand

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each option does, then what each command does."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does: the first paragraph of its help."""
        helps = ((name, describe(self.find_help(ctx, name))) for name in self.list_commands(ctx))
        with _section(formatter, "cli.click.commands"):
            formatter.write_dl([(name, told.partition("\n\n")[0]) for name, told in helps])

    def find_help(self, ctx: click.Context, name: str) -> str | None:
        """Find the help of a command: a key."""
        command = self.get_command(ctx, name)
        return command.help if command else None


class CorpusGroup(SpokenGroup):
    """The group of all commands: loads what is asked for, tells what stops it.

    `modules` says in which module each command is, and the key of its help: the module is imported
    when the command is asked for, not for the list of them.
    `group` names the entry points of the commands that other packages give; `helps` are the keys
    of those that are known.
    """

    def __init__(
        self,
        *args: Any,
        modules: Mapping[str, tuple[str, str]],
        group: str = "",
        helps: Mapping[str, str] = MappingProxyType({}),
        **settings: Any,
    ) -> None:
        """Take the modules of the commands, and the group of the entry points of others."""
        super().__init__(*args, **settings)
        self._modules = modules
        self._group = group
        self._helps = {name: key for name, (_, key) in modules.items()} | dict(helps)

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

    def find_help(self, ctx: click.Context, name: str) -> str | None:
        """Find the help of a command, without its module where it is known."""
        return self._helps.get(name) or super().find_help(ctx, name)

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
        """Read the command line.

        Help and misuse end the reading and are said in the language of the command line too: for
        them alone its options are read a second time. Otherwise the command chooses the language.
        """
        choose_language(cache(partial(self._find_language, tuple(args))))
        return super().make_context(info_name, args, parent, **more)

    def _find_language(self, args: Sequence[str]) -> str:
        """Find the language of a command line that may be misused: no option is refused."""
        told = click.Context(self, resilient_parsing=True, **self.context_settings)
        self.parse_args(told, list(args))
        file = read_settings_file(os.environ, told.params.get("config"))
        return find_language(os.environ, told=told.params.get("lang"), file=file)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a `CorpusError`, or what the system refuses, is told, not raised."""
        try:
            return super().invoke(ctx)
        except CorpusError as error:
            say_error(error)
            if isinstance(ctx.obj, Settings) and not is_begun(ctx.obj):
                say(message("cli.begin-or-elsewhere"))
            ctx.exit(EXIT_STOPPED)
        except BrokenPipeError:
            leave_pipe()
        except OSError as error:
            say(message("cli.error", said=render_os_error(error)))
            ctx.exit(EXIT_STOPPED)


def is_begun(settings: Settings) -> bool:
    """Say whether there is anything of a corpus where the settings have it."""
    parts = (settings.bibliography, settings.archive, settings.catalogue_place, settings.index)
    return settings.engine.name != "embedded" or any(part.exists() for part in parts)


def require_corpus(settings: Settings) -> None:
    """Stop a command that would find nothing, or make folders, where there is no corpus.

    Raises CorpusError.
    """
    if not is_begun(settings):
        raise CorpusError(message("error.corpus.none"), where=settings.corpus)


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
    _clear_bar()
    click.echo(render_json(row))


def render_json(row: Any) -> str:
    """Render one JSON object as a line in which no control character stands as itself."""
    text = json.dumps(row, ensure_ascii=False)
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def echo(*pieces: str | Styled) -> None:
    """Print a line of the answer, of one piece or several."""
    _clear_bar()
    click.echo("".join(map(_render_piece, pieces)))


def echo_paragraph(indent: str, *pieces: str | Styled) -> None:
    """Print a text of the answer behind an indent; on a terminal, in lines as wide as it is."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    echo(indent, *(break_lines(pieces, width, indent) if width else pieces))


def break_lines(pieces: Iterable[str | Styled], width: int, indent: str) -> Iterator[str | Styled]:
    r"""Break a text of several pieces at its spaces, into lines of a width, behind an indent.

    What is wider by itself, an address, stays whole.

    >>> "".join(map(str, break_lines(["un deux ", "trois"], 9, "  ")))
    'un deux\n  trois'
    """
    column = len(indent)
    space = ""  # before the next word, where the line may be broken
    for word in _list_words(pieces):
        length = sum(len(_get_text(piece)) for piece in word)
        if space and column + len(space) + length > width:
            yield f"\n{indent}"
            column = len(indent)
        elif space:
            yield space
            column += len(space)
        yield from word
        column += length
        space = " "


def _list_words(pieces: Iterable[str | Styled]) -> Iterator[list[str | Styled]]:
    """List the words of a text of several pieces: each is what stands between two spaces."""
    word: list[str | Styled] = []
    for piece in pieces:
        first, *others = _get_text(piece).split(" ")
        word += [_with_text(piece, first)] if first else []
        for text in others:
            yield word
            word = [_with_text(piece, text)] if text else []
    yield word


def _get_text(piece: str | Styled) -> str:
    return piece if isinstance(piece, str) else piece.text


def _with_text(piece: str | Styled, text: str) -> str | Styled:
    return text if isinstance(piece, str) else replace(piece, text=text)


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
    _clear_bar()
    click.echo(show_controls(words(said) if isinstance(said, Message) else said), err=True)


def say_error(error: CorpusError) -> None:
    """Tell a person what stops us, where, and what to do next."""
    say(words("cli.error", said=render_error(error)))


def render_error(error: CorpusError) -> str:
    """Give what stops us in the language that was chosen: where, what, and what to do next."""
    return error.tell(find_translator())


def misuse(key: str, /, **values: MessageValue) -> click.UsageError:
    """Make the error that says by a key what is wrong with a command line; exit code 2."""
    return click.UsageError(words(key, **values))


def is_confirmed(question: Message) -> bool:
    """Ask a person for yes or no; whatever is no yes is no."""
    typed = ask(f"{words(question)} {words('cli.click.yes-no')}")
    return typed.strip().casefold() in words("cli.click.yes").split()


def ask(question: str) -> str:
    """Ask a person for a line; nothing typed is an answer."""
    shown = show_controls(words("cli.click.question", question=question))
    answer: str = click.prompt(shown, default="", show_default=False, prompt_suffix=" ", err=True)
    return answer


def say_problems(problems: Iterable[Problem]) -> None:
    """Tell a person what is wrong in files of theirs, a line each, after where it stands."""
    for problem in problems:
        say(message("error.at", where=str(problem.place), what=problem.said))


def prepare_lexicon() -> None:
    """Make the lexicon of this installation where it is not made yet, and say so."""
    from indexer.analysis.lexicon import has_lexicon, make_lexicon  # here: --help needs none

    if not has_lexicon():
        say(message("cli.lexicon"))
        make_lexicon()


def _render_piece(piece: str | Styled) -> str:
    if isinstance(piece, str):
        return show_controls(piece)
    underline = True if piece.is_underlined else None
    return click.style(show_controls(piece.text), bold=True, underline=underline)


@contextmanager
def follow(
    values: Iterable[T], *, label: Message, length: int | None = None
) -> Iterator[Iterator[T]]:
    """Carry values through, with a bar on stderr when that is a terminal."""
    if not sys.stderr.isatty():
        yield iter(values)
        return
    with _show_bar(label, iterable=values, length=length) as bar:
        yield iter(bar)


@contextmanager
def count_bytes(total: int, *, label: Message) -> Iterator[Callable[[int], None]]:
    """Give what is to be told how many bytes were done, with a bar on stderr on a terminal."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    with _show_bar(label, length=total) as bar:
        yield bar.update


_bars: list[object] = []  # on the terminal, on a line that is not ended


@contextmanager
def _show_bar(label: Message, **settings: Any) -> Iterator[Any]:
    """Show a bar on stderr, as wide as the terminal has room beside its label."""
    progress = click.progressbar(label=words(label), width=0, file=sys.stderr, **settings)
    with progress as bar:
        _bars.append(bar)
        try:
            yield bar
        finally:
            _bars.remove(bar)


def _clear_bar() -> None:
    """Take a bar off its line, for what is told meanwhile: its next step draws it again."""
    if _bars:
        click.echo("\r\x1b[K", nl=False, err=True)
