"""`renvois links`: how the cited links are, and what to do about it."""

from collections.abc import Sequence
from contextlib import closing

import click

from indexer import pipeline
from indexer.cli.crawl import say_damaged, say_misdated, select_references, start_visits
from indexer.cli.link_decisions import decide, say_decision_problems, show
from indexer.cli.link_repair import repair
from indexer.cli.link_report import report
from indexer.cli.terminal import EXIT_FINDINGS, EXIT_INTERRUPTED, echo, echo_json, follow, say
from indexer.corpus import Crawl, open_crawl, read_shown
from indexer.links.planning import list_to_check
from indexer.links.sheet import SIGNS
from indexer.links.spreadsheet import make_json_row
from indexer.messages import open_translator
from indexer.model import Captured, Reference
from indexer.report import OutcomeCounts
from indexer.settings import Settings


@click.group()
def links() -> None:
    """Say how the cited links are, and mend the bibliography."""


@links.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a link that was visited.")
@click.option("--only", multiple=True, help="Only this URL, host or citation key (repeatable).")
@click.option("--force", is_flag=True, help="Visit again what is not due yet.")
@click.pass_context
def check(context: click.Context, as_json: bool, only: Sequence[str], force: bool) -> None:
    """Visit the links that are due, and say how each one is.

    The same visits as `renvois crawl` makes, as politely: what one visited, the other need not.
    A link is never called dead on one failure; run this every few days. Exit code 3: done, but
    an --only is cited nowhere.
    """
    settings: Settings = context.obj
    shown = read_shown(settings)
    bibliography = shown.bibliography
    references = [reference for reference in bibliography.references if reference.url]
    say_decision_problems(settings, shown.everything)
    chosen = select_references(references, only)
    with open_crawl(settings) as opened:
        wanted = chosen.keys if only else list_to_check(references, opened.decisions)
        opened.catalogue.targets.cite(reference.url for reference in references if reference.url)
        started_at = opened.now()
        say_misdated(opened, references)
        pipeline.plan_checks(references, opened)
        try:
            _visit(opened, wanted, references, force=force)
            _observe(opened, references)
            _find_replacements(opened, references)
        except KeyboardInterrupt:
            say("Stopped; what was visited is kept, the rest is still due.")
            context.exit(EXIT_INTERRUPTED)
        words = open_translator(settings.language)
        for row in pipeline.list_rows(bibliography, opened):
            if row.health.checked_at is None or row.health.checked_at < started_at:
                continue
            if as_json:
                echo_json(make_json_row(row, words))
            else:
                health = row.health
                echo(f"{SIGNS[health.state]} {words(health.said)}  {row.url}")
                echo(f"    {words(health.reason)}")
        say_damaged(opened)
    if chosen.unknown:
        context.exit(EXIT_FINDINGS)


def _visit(
    opened: Crawl, wanted: Sequence[str], references: Sequence[Reference], *, force: bool
) -> None:
    """Visit what is due; look at the pages while the next ones are waited for."""
    visits, length = start_visits(opened, only=wanted, is_forced=force)
    outcomes = pipeline.observe_meanwhile(visits, references, opened)
    tally = OutcomeCounts()
    with closing(outcomes), follow(outcomes, label="Visiting", length=length) as followed:
        for outcome in followed:
            tally.add(outcome)
    for sentence in tally.sentences():
        say(sentence)


def _observe(opened: Crawl, references: Sequence[Reference]) -> None:
    observed = pipeline.observe(references, opened)
    probed = pipeline.probe(references, opened)
    for label, observations in (("Looking", observed), ("Asking hosts", probed)):
        with follow(observations, label=label) as followed:
            for _ in followed:
                pass


def _find_replacements(opened: Crawl, references: Sequence[Reference]) -> None:
    outcomes = pipeline.find_replacements(references, opened)
    with follow(outcomes, label="Looking in web archives") as followed:
        for outcome in followed:
            if isinstance(outcome, Captured):
                say(f"Found in {outcome.capture.archive}: {outcome.capture.target_uri}")


for command in (report, repair, show, decide):
    links.add_command(command)
