"""`renvois watch` and `renvois status`: keep a corpus up to date by itself; say how it is."""

import signal
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from types import FrameType
from typing import Any

import click

from indexer.archive import acquire_lock, open_catalogue
from indexer.cli.terminal import (
    BEGIN,
    EXIT_FINDINGS,
    EXIT_INTERRUPTED,
    EXIT_STOPPED,
    echo,
    echo_json,
    is_begun,
    prepare_lexicon,
    require_corpus,
    say,
)
from indexer.crawl import read_now
from indexer.messages import open_translator
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


@click.command()
@click.option("--once", is_flag=True, help="Go round once and end: for a timer, or cron.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a round.")
@click.pass_context
def watch(context: click.Context, once: bool, as_json: bool) -> None:
    """Keep the corpus up to date: visit what is due, check links, index, tell what is news.

    A round does what `renvois crawl`, `links check` and `index` do, as politely; the next one comes
    after watch_every_s seconds. The pages go on answering meanwhile. Whoever is to be told of
    deaths is told by mail and webhooks (docs/watch.md). SIGTERM ends it after what is under way.
    With --once, the exit code is 1 when the round failed, 0 when it went well or was postponed,
    as somebody else is at work on the corpus.
    """
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
            say("Stopped; what was visited is kept, the rest is still due.")
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


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Say how the corpus is: the last round, what is late, the disk, the index, what waits.

    Exit code 3: somebody should look. The same is the address /sante of the pages.
    """
    settings: Settings = context.obj
    if not is_begun(settings):
        say(f"{BEGIN}.")
    words = open_translator(settings.language)
    with ExitStack() as opened:
        journal = opened.enter_context(open_journal_to_read(settings))
        is_there = settings.catalogue_place.exists()
        catalogue = (
            opened.enter_context(open_catalogue(settings.catalogue_place)) if is_there else None
        )
        found = read_status(settings, catalogue, journal, now=read_now())
        troubles = journal.list_troubles()
        beside = catalogue.count_beside() if catalogue is not None else {}
    told = describe_status(found, words)
    if as_json:
        echo_json(
            {
                **told,
                "troubles": [{"channel": c, "detail": d} for c, d in troubles],
                "beside_pages": beside,
            }
        )
    else:
        echo(told["said"])
        for problem in told["problems"]:
            echo(f"  {problem['said']}")
        for channel, detail in troubles:
            echo(f"    {channel}: {detail}")
        for name in ("last_round", "last_done"):
            if told[name] is not None:
                echo(
                    render_logfmt(
                        **{name: told[name]["started_at"]}, **_drop(told[name], "started_at")
                    )
                )
        facts = {name: told[name] for name in ("late", "never_visited", "index")}
        echo(render_logfmt(**facts, free_bytes=told["disk"]["free_bytes"], **told["notices"]))
        _tell_beside(beside)
        if any(told["deposits"].values()):
            echo(render_logfmt(deposits=sum(told["deposits"].values()), **told["deposits"]))
    if found.level is not StatusLevel.WELL:
        context.exit(EXIT_FINDINGS)


def _tell_beside(counts: Mapping[str, Mapping[str, int]]) -> None:
    """Print for how many pages something was kept beside them, and how many are left."""
    for name, by_outcome in counts.items():
        if by_outcome:
            left = by_outcome.get("missed", 0)
            echo(render_logfmt(beside=name, pages=sum(by_outcome.values()), left=left))
