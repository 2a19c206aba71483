"""`renvois meaning`: work out what the texts mean, in the background; say how far that is."""

import time
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import click

from indexer.cli.terminal import EXIT_FINDINGS, SpokenGroup, echo_json, prepare_lexicon, say, words
from indexer.messages import Message, message
from indexer.settings import Settings

if TYPE_CHECKING:
    from indexer.meaning.building import MeaningStatus, Progress

_TOLD_EVERY_S: Final = 10.0


@click.group(cls=SpokenGroup, help="cli.meaning.help")
def meaning() -> None:
    """Work out what the texts mean, so that a question finds what has none of its words."""


@meaning.command(help="cli.meaning.build.help")
@click.option("--json", "as_json", is_flag=True, help="cli.meaning.build.json")
@click.pass_obj
def build(settings: Settings, as_json: bool) -> None:
    """Embed what the index holds and no build has embedded yet, on all cores, giving way."""
    from indexer.meaning.building import lower_priority  # here: it wants the extra
    from indexer.wiring import build_meaning

    prepare_lexicon()
    lower_priority()
    _say(build_meaning(settings, _Teller()), as_json=as_json)
    if not settings.meaning:
        say(message("cli.meaning.build.use"))


@meaning.command(help="cli.meaning.status.help")
@click.option("--json", "as_json", is_flag=True, help="cli.option.json")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Say what was built, by which model, and what a build would still embed (3: something)."""
    from indexer.meaning.building import read_status  # here: it wants the extra
    from indexer.wiring import open_embedder, open_searcher

    settings: Settings = context.obj
    prepare_lexicon()
    embedder = open_embedder(settings)
    with closing(open_searcher(settings)) as searcher:
        told = read_status(settings.vectors, searcher.documents(), embedder)
    _say(told, as_json=as_json)
    if told.problem or told.missing or told.waiting:
        context.exit(EXIT_FINDINGS)


class _Teller:
    """Says how far a build is: at once, then every ten seconds, and at the end."""

    def __init__(self) -> None:
        """Take nothing; nothing was said."""
        self._told_at = -_TOLD_EVERY_S

    def __call__(self, progress: "Progress") -> None:
        """Say it, unless it was said a moment ago."""
        now = time.monotonic()
        if now - self._told_at < _TOLD_EVERY_S and progress.done < progress.total:
            return
        self._told_at = now
        counts = {"done": progress.done, "total": progress.total}
        if progress.remaining_s:
            left = _describe_time(progress.remaining_s)
            say(message("cli.meaning.build.done-left", left=left, **counts))
        else:
            say(message("cli.meaning.build.done", **counts))


def _describe_time(seconds: float) -> Message:
    minutes = round(seconds / 60)
    if minutes < 1:
        return message("cli.meaning.build.under-a-minute")
    if minutes < 60:
        return message("cli.meaning.build.minutes", minutes=minutes)
    return message("cli.meaning.build.hours", hours=minutes // 60, minutes=minutes % 60)


def _say(told: "MeaningStatus", *, as_json: bool) -> None:
    if as_json:
        row: dict[str, Any] = asdict(told)
        row |= {"model": told.model or None, "built_at": told.built_at or None}
        echo_json(row | {"problem": words(told.problem)})
    if told.model:
        say(
            message(
                "cli.meaning.status.built",
                passages=message("cli.count.passages", count=told.passages),
                texts=message("cli.count.texts-and-notes", count=told.documents),
                sentences=message("cli.count.sentences", count=told.sentences),
                bytes=message("cli.count.bytes", count=told.size),
                model=told.model,
                moment=told.built_at,
            )
        )
    else:
        say(message("cli.meaning.status.nothing"))
    if told.problem:
        say(told.problem)
    if told.missing or told.waiting:
        say(message("cli.meaning.status.missing", missing=told.missing, waiting=told.waiting))
