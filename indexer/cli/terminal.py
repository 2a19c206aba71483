"""What the commands share of a terminal: errors in words, JSON Lines, a bar for long work."""

import importlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from typing import Any, NoReturn, TypeVar

import click

from indexer.errors import CorpusError

T = TypeVar("T")

EXIT_STOPPED = 1
EXIT_FINDINGS = 3
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class CorpusGroup(click.Group):
    """A group that turns what stops us into a sentence and exit code 1.

    `modules` says in which module each command is: it is imported when the command is asked for.
    `group` names the entry points of the commands that other packages give.
    """

    def __init__(
        self, *args: Any, modules: Mapping[str, str], group: str = "", **settings: Any
    ) -> None:
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
            command = getattr(importlib.import_module(module), cmd_name)
            return command
        entry_points = self._entry_points()
        if cmd_name not in entry_points.names:
            return None
        command = entry_points[cmd_name].load()
        return command

    def _entry_points(self) -> metadata.EntryPoints:
        """Find the commands that packages above this one give."""
        return metadata.entry_points(group=self._group)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a `CorpusError` is told, not raised."""
        try:
            return super().invoke(ctx)
        except CorpusError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(EXIT_STOPPED)
        except BrokenPipeError:
            leave_pipe()


def leave_pipe() -> NoReturn:
    """End quietly when whoever read us (`| head`) has gone."""
    # What is still buffered can't be written any more: Python must not try at exit.
    sys.stdout = None
    raise SystemExit(EXIT_STOPPED)


def echo_json(row: Any) -> None:
    """Print one JSON object on one line, in UTF-8."""
    click.echo(json.dumps(row, ensure_ascii=False))


def say(sentence: str) -> None:
    """Tell a person something, beside the answer."""
    click.echo(sentence, err=True)


@contextmanager
def follow(values: Iterable[T], *, label: str, length: int | None = None) -> Iterator[Iterator[T]]:
    """Carry values through, with a bar on stderr when that is a terminal."""
    if not sys.stderr.isatty():
        yield iter(values)
        return
    with click.progressbar(values, label=label, length=length, file=sys.stderr) as bar:
        yield iter(bar)
