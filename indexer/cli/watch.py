"""`renvois watch` and `renvois status`: keep a corpus up to date by itself; say how it is."""

import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from types import FrameType
from typing import Any, Final

import click

from indexer.archive import acquire_lock, open_catalogue
from indexer.cli.terminal import (
    EXIT_FINDINGS,
    EXIT_INTERRUPTED,
    EXIT_STOPPED,
    SpokenCommand,
    echo,
    echo_json,
    find_translator,
    is_begun,
    prepare_lexicon,
    require_corpus,
    say,
    words,
)
from indexer.crawl import read_now
from indexer.messages import Message, message
from indexer.model import BY_BROWSER, REQUISITES
from indexer.report import render_logfmt
from indexer.settings import Settings
from indexer.watch import (
    FILE_NAME,
    LOCK_NAME,
    Round,
    Status,
    StatusLevel,
    Watch,
    WatchJournal,
    describe_status,
    open_journal_to_read,
    read_status,
)


@click.command(cls=SpokenCommand, help="cli.watch.help")
@click.option("--once", is_flag=True, help="cli.watch.once")
@click.option("--json", "as_json", is_flag=True, help="cli.watch.json")
@click.pass_context
def watch(context: click.Context, once: bool, as_json: bool) -> None:
    """Keep the corpus up to date: visit what is due, check links, index, tell what is news."""
    settings: Settings = context.obj
    require_corpus(settings)
    prepare_lexicon()
    stopped = threading.Event()
    with ExitStack() as opened:
        opened.enter_context(acquire_lock(settings.corpus / LOCK_NAME))
        journal = opened.enter_context(WatchJournal(settings.corpus / FILE_NAME))
        watching = Watch(settings, journal, tell=say)

        def stop(_number: int, _frame: FrameType | None) -> None:
            stopped.set()
            watching.stop()

        before = signal.signal(signal.SIGTERM, stop)
        opened.callback(signal.signal, signal.SIGTERM, before)
        try:
            done = _go_round(watching, as_json=as_json)
            while not once and not stopped.wait(settings.watch_every_s):
                done = _go_round(watching, as_json=as_json)
        except KeyboardInterrupt:
            say(message("cli.stopped-visiting"))
            context.exit(EXIT_INTERRUPTED)
    if once and done.outcome == "failed":
        context.exit(EXIT_STOPPED)


def _go_round(watching: Watch, *, as_json: bool) -> Round:
    done = watching.go_round()
    told = {
        name: value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else value
        for name, value in asdict(done).items()
    }
    if as_json:
        echo_json(told)
    else:
        echo(render_logfmt(round=done.outcome, **_drop(told, "outcome")))
    return done


def _drop(told: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key != name}


@click.command(cls=SpokenCommand, help="cli.status.help")
@click.option("--json", "as_json", is_flag=True, help="cli.option.json")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Say how the corpus is: the last round, what is late, the disk, the index, what waits."""
    settings: Settings = context.obj
    if not is_begun(settings):
        say(message("cli.begin"))
    with ExitStack() as opened:
        journal = opened.enter_context(open_journal_to_read(settings))
        is_there = settings.catalogue_place.exists()
        catalogue = (
            opened.enter_context(open_catalogue(settings.catalogue_place)) if is_there else None
        )
        found = read_status(settings, catalogue, journal, now=read_now())
        troubles = journal.list_troubles()
        beside = catalogue.count_beside() if catalogue is not None else {}
    told = describe_status(found, find_translator())
    if as_json:
        of_channels = [{"channel": c, "detail": d} for c, d in troubles]
        echo_json({**told, "troubles": of_channels, "beside_pages": beside})
    else:
        for line in list_status_lines(found, troubles, beside):
            echo(line)
    if found.level is not StatusLevel.WELL:
        context.exit(EXIT_FINDINGS)


_OUTCOMES: Final = {
    "done": "cli.status.outcome-done",
    "failed": "cli.status.outcome-failed",
    "postponed": "cli.status.outcome-postponed",
    "running": "cli.status.outcome-running",
}
_NOTICES: Final = {
    "waiting": "cli.status.notices-waiting",
    "taken": "cli.status.notices-taken",
    "sending": "cli.status.notices-sending",
}
_BESIDE: Final = {
    REQUISITES: "cli.status.beside-requisites",
    BY_BROWSER: "cli.status.beside-by-browser",
}
_DEPOSITS: Final = {
    "held": "cli.archive.deposit.held",
    "taken": "cli.archive.deposit.taken",
    "pending": "cli.archive.deposit.pending",
    "refused": "cli.archive.deposit.refused",
}


def list_status_lines(
    found: Status,
    troubles: Iterable[tuple[str, str]],
    beside: Mapping[str, Mapping[str, int]],
) -> Iterator[str]:
    """List the lines that say how the corpus is, in the language of the command.

    `troubles` are channels that fail, and why; `beside` counts by outcome, for each kind of what is
    kept beside pages.
    """
    yield words(found.level.said)
    for _, said in found.problems:
        yield f"  {words(said)}"
    for channel, detail in troubles:
        yield f"    {channel}: {detail}"
    yield from map(words, _list_facts(found, beside))


def _list_facts(found: Status, beside: Mapping[str, Mapping[str, int]]) -> Iterator[Message]:
    """List what a person may want to know, well or not: rounds, pages, index, disk, news."""
    if found.last is None:
        yield message("cli.status.no-round")
    else:
        yield _describe_round("cli.status.last-round", found.last)
    if found.done is not None and found.done != found.last:
        yield _describe_round("cli.status.last-done", found.done)
    pages = (
        message("cli.status.late", count=found.late),
        message("cli.status.never-visited", count=found.never_visited),
    )
    yield message("cli.status.pages", counts=pages)
    yield message("cli.status.index", index=found.index.said)
    yield message("cli.status.disk", bytes=message("cli.count.bytes", count=found.free_bytes))
    yield message(
        "cli.status.notices",
        counts=tuple(
            message(key, count=found.deliveries.get(name, 0)) for name, key in _NOTICES.items()
        ),
    )
    for name, key in _BESIDE.items():
        if by_outcome := beside.get(name, {}):
            count, left = sum(by_outcome.values()), by_outcome.get("missed", 0)
            yield message(key, count=count, left=left)
    if any(found.deposits.values()):
        counts = tuple(
            message(key, count=found.deposits.get(state, 0)) for state, key in _DEPOSITS.items()
        )
        yield message("cli.archive.deposit.tally", counts=counts)


def _describe_round(key: str, done: Round) -> Message:
    """Say when a round was, how it ended and what it did."""
    counts = (
        message("cli.status.round-visited", count=done.visited),
        message("cli.status.round-captured", count=done.captured),
        message("cli.status.round-missed", count=done.missed),
        message("cli.status.round-indexed", count=done.indexed),
        message("cli.status.round-news", count=done.news),
    )
    said = message(
        key,
        moment=f"{done.started_at:%Y-%m-%d %H:%M}",
        outcome=message(_OUTCOMES[done.outcome]),
        counts=counts,
    )
    if not done.detail:
        return said
    return message("cli.status.round-detail", said=said, detail=done.detail)
