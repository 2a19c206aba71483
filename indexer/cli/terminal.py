"""What the commands share of a terminal: errors in words, JSON Lines, a bar for long work."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

import click

from indexer.errors import CorpusError

T = TypeVar("T")

EXIT_STOPPED = 1
EXIT_FINDINGS = 3
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class CorpusGroup(click.Group):
    """A group that turns what stops us into a sentence and exit code 1."""

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
