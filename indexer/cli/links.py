"""`renvois links`: how the cited links are, and what to do about it."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from indexer import pipeline
from indexer.bibliography import read_bibliography
from indexer.cli.crawl import choose
from indexer.cli.terminal import (
    EXIT_FINDINGS,
    EXIT_INTERRUPTED,
    echo_json,
    follow,
    say,
)
from indexer.errors import BibliographyError
from indexer.links.decisions import Decision, index_decisions, read_decisions
from indexer.links.editors import Fix
from indexer.links.feed import WEEK, render_atom
from indexer.links.junit import render_junit
from indexer.links.repair import Repair, render_patch, repair_file
from indexer.links.replacement import choose_fixes
from indexer.links.report import LinkReport, render_changes
from indexer.links.sheet import SIGNS, render_html
from indexer.links.spreadsheet import make_json_row, render_csv, render_json_row
from indexer.model import Captured, LinkState, Reference
from indexer.report import Tally
from indexer.settings import Settings
from indexer.wiring import Crawl, open_corpus, open_crawl


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
    A link is never called dead on one failure; run this every few days.
    """
    settings: Settings = context.obj
    bibliography = read_bibliography(settings.bibliography)
    references = [reference for reference in bibliography.references if reference.url]
    decisions = _read_decisions(settings)
    wanted = choose(references, only) if only else pipeline.list_unchecked(references, decisions)
    with open_crawl(settings) as opened:
        opened.catalogue.targets.cite(reference.url for reference in references if reference.url)
        pipeline.plan_checks(
            references, catalogue=opened.catalogue, history=opened.history, decisions=decisions
        )
        started_at = datetime.now(UTC)
        try:
            _visit(opened, wanted, force=force)
            _observe(opened, references)
            _find_replacements(opened, settings, references, decisions)
        except KeyboardInterrupt:
            say("Stopped; what was visited is kept, the rest is still due.")
            context.exit(EXIT_INTERRUPTED)
        rows = pipeline.list_rows(
            bibliography,
            catalogue=opened.catalogue,
            history=opened.history,
            decisions=decisions,
            now=datetime.now(UTC),
            base_url=settings.base_url.rstrip("/"),
        )
        for row in rows:
            if row.health.checked_at is None or row.health.checked_at < started_at:
                continue
            if as_json:
                echo_json(make_json_row(row))
            else:
                health = row.health
                click.echo(f"{SIGNS[health.state]} {health.state}  {row.url}\n    {health.reason}")


def _visit(opened: Crawl, wanted: Sequence[str], *, force: bool) -> None:
    queues = opened.catalogue.targets.due_hosts(datetime.now(UTC), only=wanted, is_forced=force)
    outcomes = pipeline.crawl(
        queues,
        fetcher=opened.fetcher,
        manners=opened.manners,
        policy=opened.policy,
        keeper=opened.keeper,
    )
    tally = Tally()
    length = sum(queue.count for queue in queues)
    with closing(outcomes), follow(outcomes, label="Visiting", length=length) as followed:
        for outcome in followed:
            tally.add(outcome)
    for sentence in tally.sentences():
        say(sentence)


def _observe(opened: Crawl, references: Sequence[Reference]) -> None:
    observed = pipeline.observe(
        references,
        catalogue=opened.catalogue,
        archive=opened.archive,
        history=opened.history,
    )
    probed = pipeline.probe(
        references,
        catalogue=opened.catalogue,
        archive=opened.archive,
        history=opened.history,
        fetcher=opened.fetcher,
        manners=opened.manners,
        policy=opened.policy,
        now=datetime.now(UTC),
    )
    for label, observations in (("Looking", observed), ("Asking hosts", probed)):
        with follow(observations, label=label) as followed:
            for _ in followed:
                pass


def _find_replacements(
    opened: Crawl,
    settings: Settings,
    references: Sequence[Reference],
    decisions: Mapping[str, Decision],
) -> None:
    outcomes = pipeline.find_replacements(
        references,
        archives=opened.archives,
        catalogue=opened.catalogue,
        history=opened.history,
        decisions=decisions,
        keeper=opened.keeper,
        fetcher=opened.fetcher,
        manners=opened.manners,
        cited_at=lambda reference: pipeline.find_cited_at(reference, settings.bibliography),
        now=datetime.now(UTC),
    )
    with follow(outcomes, label="Looking in web archives") as followed:
        for outcome in followed:
            if isinstance(outcome, Captured):
                say(f"Found in {outcome.capture.archive}: {outcome.capture.target_uri}")


FORMATS: Final = ("text", "csv", "json", "html", "atom", "junit")


@links.command()
@click.option("--format", "kind", type=click.Choice(FORMATS), default="text", help="What to write.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of the screen.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--strict", is_flag=True, help="Exit 3 if a link died since the last report.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Compare with this day.")
@click.pass_context
def report(
    context: click.Context,
    kind: str,
    output: Path | None,
    as_json: bool,
    strict: bool,
    since: datetime | None,
) -> None:
    """Report how the links are, and what changed since the last report."""
    settings: Settings = context.obj
    now = datetime.now(UTC)
    with open_corpus(settings) as corpus:
        before = since.replace(tzinfo=UTC) if since else corpus.history.last_report_at()
        wanted = "json" if as_json else kind
        made = pipeline.make_report(
            read_bibliography(settings.bibliography),
            catalogue=corpus.catalogue,
            history=corpus.history,
            decisions=_read_decisions(settings),
            now=now,
            since=now - WEEK if wanted == "atom" else before,
            base_url=settings.base_url.rstrip("/"),
        )
        _write(_RENDERERS[wanted](made), output)
        if wanted != "atom":
            for line in render_changes(made):
                say(line)
            corpus.history.put_report(now)
    if strict and made.has_deaths:
        context.exit(EXIT_FINDINGS)


def _render_text(made: LinkReport) -> str:
    counts = "  ".join(f"{SIGNS[state]} {count} {state}" for state, count in made.counts.items())
    lines = [counts]
    for row in made.rows:
        if row.health.state is not LinkState.ALIVE:
            lines += ["", f"{SIGNS[row.health.state]} {row.health.state}  {row.url}"]
            lines.append(f"    {row.health.reason}")
            if row.replacement is not None:
                lines.append(f"    → {row.replacement.address}")
    return "\n".join(lines) + "\n"


_RENDERERS: Final[MappingProxyType[str, Callable[[LinkReport], str]]] = MappingProxyType(
    {
        "text": _render_text,
        "csv": render_csv,
        "json": lambda made: "".join(f"{render_json_row(row)}\n" for row in made.rows),
        "html": render_html,
        "atom": lambda made: render_atom(made.turns, made_at=made.made_at),
        "junit": render_junit,
    }
)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text.encode(), nl=False)
    else:
        output.write_bytes(text.encode())


@links.command()
@click.option("--apply", "is_applied", is_flag=True, help="Write the repair instead of showing it.")
@click.option("--moved", is_flag=True, help="Give pages that moved their new address, too.")
@click.option("--strict", is_flag=True, help="Exit 3 if there is something to repair.")
@click.pass_context
def repair(context: click.Context, is_applied: bool, moved: bool, strict: bool) -> None:
    """Add the archived address of dead links to the bibliography's own files.

    Prints a patch to review; --apply writes it, and keeps every other byte.
    """
    settings: Settings = context.obj
    bibliography = read_bibliography(settings.bibliography)
    with open_corpus(settings) as corpus:
        rows = pipeline.list_rows(
            bibliography,
            catalogue=corpus.catalogue,
            history=corpus.history,
            decisions=_read_decisions(settings),
            now=datetime.now(UTC),
            base_url=settings.base_url.rstrip("/"),
        )
        archived = {r.id for r in bibliography.references if r.archive_url}
        fixes = choose_fixes(rows, archived=archived, with_moved=moved)
    repairs = list(_repair(settings.bibliography, fixes))
    for each in repairs:
        if is_applied:
            _apply(settings.bibliography / each.path, each)
            say(f"{each.path}: {len(each.fixed)} links repaired.")
        else:
            click.echo(render_patch(each).encode(), nl=False)
    placed = {fix.url for each in repairs for fix in each.fixed}
    for fix in fixes:
        if fix.url not in placed:
            say(f"No place found for it: {fix.url} -> {fix.replacement.address}")
    if not repairs:
        say("Nothing to repair.")
    if strict and repairs and not is_applied:
        context.exit(EXIT_FINDINGS)


def _repair(folder: Path, fixes: Sequence[Fix]) -> Iterator[Repair]:
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        repaired = repair_file(path.relative_to(folder).as_posix(), path.read_bytes(), fixes)
        if repaired.is_change:
            yield repaired


def _apply(path: Path, repaired: Repair) -> None:
    """Write the file beside and swap it in, unless somebody changed it meanwhile."""
    if path.read_bytes() != repaired.before:
        raise BibliographyError("changed while it was being repaired", where=path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as stream:
        stream.write(repaired.after)
        stream.flush()
        os.fsync(stream.fileno())
    Path(name).chmod(path.stat().st_mode)
    Path(name).replace(path)


def _read_decisions(settings: Settings) -> MappingProxyType[str, Decision]:
    decisions, problems = read_decisions(settings.bibliography)
    for problem in problems:
        say(f"{problem.place}: {problem.message}")
    return MappingProxyType(dict(index_decisions(decisions)))
