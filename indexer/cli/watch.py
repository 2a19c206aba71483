"""`renvois watch` and `renvois status`: keep a corpus up to date by itself; say how it is."""

import signal
import threading
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from types import FrameType
from typing import Any

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
)
from indexer.crawl import read_now
from indexer.messages import message
from indexer.report import render_logfmt
from indexer.settings import Settings
from indexer.watch import (
    FILE_NAME,
    LOCK_NAME,
    Round,
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
        _print_status(told, troubles, beside)
    if found.level is not StatusLevel.WELL:
        context.exit(EXIT_FINDINGS)


def _print_status(
    told: dict[str, Any],
    troubles: Iterable[tuple[str, str]],
    beside: Mapping[str, Mapping[str, int]],
) -> None:
    """Print how the corpus is: `told` as `describe_status` gives it, channels that fail and why.

    `beside` counts by outcome, for each kind of what is kept beside pages.
    """
    echo(told["said"])
    for problem in told["problems"]:
        echo(f"  {problem['said']}")
    for channel, detail in troubles:
        echo(f"    {channel}: {detail}")
    for name in ("last_round", "last_done"):
        if told[name] is not None:
            facts = {name: told[name]["started_at"]} | _drop(told[name], "started_at")
            echo(render_logfmt(**facts))
    facts = {name: told[name] for name in ("late", "never_visited", "index")}
    echo(render_logfmt(**facts, free_bytes=told["disk"]["free_bytes"], **told["notices"]))
    _tell_beside(beside)
    if any(told["deposits"].values()):
        echo(render_logfmt(deposits=sum(told["deposits"].values()), **told["deposits"]))


def _tell_beside(counts: Mapping[str, Mapping[str, int]]) -> None:
    """Print for how many pages something was kept beside them, and how many are left."""
    for name, by_outcome in counts.items():
        if by_outcome:
            left = by_outcome.get("missed", 0)
            echo(render_logfmt(beside=name, pages=sum(by_outcome.values()), left=left))
