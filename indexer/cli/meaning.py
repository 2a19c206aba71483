"""`renvois meaning`: work out what the texts mean, in the background; say how far that is."""

import time
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import click

from indexer.cli.terminal import EXIT_FINDINGS, echo_json, prepare_lexicon, say, words
from indexer.settings import Settings

if TYPE_CHECKING:
    from indexer.meaning.building import MeaningStatus, Progress

_TOLD_EVERY_S: Final = 10.0
_USED_BY: Final = 'Set meaning = ["order", "passages"] in renvois.toml to have searches use it.'


@click.group()
def meaning() -> None:
    """Work out what the texts mean, so that a question finds what has none of its words.

    Wants the extra `renvois[meaning]` (docs/meaning.md). Nothing is ever fetched.
    """


@meaning.command()
@click.option("--json", "as_json", is_flag=True, help="What there is then, as one JSON object.")
@click.pass_obj
def build(settings: Settings, as_json: bool) -> None:
    """Embed what the index holds and no build has embedded yet, on all cores, giving way.

    May be ended at any moment, and goes on from there the next time. Searches use what was built
    before until it is done.
    """
    from indexer.meaning.building import lower_priority  # here: it wants the extra
    from indexer.wiring import build_meaning

    prepare_lexicon()
    lower_priority()
    _say(build_meaning(settings, _Teller()), as_json=as_json)
    if not settings.meaning:
        say(_USED_BY)


@meaning.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
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
        left = progress.remaining_s
        remaining = f", {_describe_time(left)} left" if left else ""
        say(f"{progress.done:,} of {progress.total:,} passages and sentences{remaining}")


def _describe_time(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _say(told: "MeaningStatus", *, as_json: bool) -> None:
    if as_json:
        row: dict[str, Any] = asdict(told)
        row |= {"model": told.model or None, "built_at": told.built_at or None}
        echo_json(row | {"problem": words(told.problem)})
    if told.model:
        say(
            f"{told.passages:,} passages of {told.documents:,} texts and notes, "
            f"{told.sentences:,} sentences, {told.size:,} bytes; {told.model}, {told.built_at}."
        )
    else:
        say("Nothing was built yet.")
    if told.problem:
        say(told.problem)
    if told.missing or told.waiting:
        say(
            f"{told.missing:,} passages and sentences are not embedded, {told.waiting:,} are and "
            "wait to be published: run `renvois meaning build`."
        )
