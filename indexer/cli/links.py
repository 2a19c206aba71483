"""`renvois links`: how the cited links are, and what to do about it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click

from indexer import pipeline
from indexer.cli.crawl import (
    cite_targets,
    say_damaged,
    say_damaged_records,
    say_misdated,
    select_references,
    start_visits,
)
from indexer.cli.link_decisions import decide, say_decision_problems, show
from indexer.cli.link_repair import repair
from indexer.cli.terminal import (
    EXIT_FINDINGS,
    EXIT_INTERRUPTED,
    NamedChoice,
    SpokenCommand,
    SpokenGroup,
    choose_language,
    echo,
    echo_document,
    echo_json,
    find_translator,
    follow,
    render_json,
    require_corpus,
    say,
    say_problems,
    show_controls,
    words,
)
from indexer.corpus import Corpus, Crawl, find_withdrawals, open_corpus, open_crawl, read_shown
from indexer.links.health import list_to_check
from indexer.links.report import LinkReport, render_changes
from indexer.links.report_forms import (
    SIGNS,
    WEEK,
    make_json_row,
    render_atom,
    render_csv,
    render_html,
    render_junit,
)
from indexer.messages import LANGUAGES, Translator, message
from indexer.model import LINK_STATES, Captured, LinkMark, LinkRow, LinkState, Reference, RowFilter
from indexer.report import OutcomeCounts
from indexer.settings import Settings
from indexer.urls import urlkey


@click.group(cls=SpokenGroup, help="cli.links.help")
def links() -> None:
    """Say how the cited links are, and mend the bibliography."""


@links.command(help="cli.links.check.help")
@click.option("--json", "as_json", is_flag=True, help="cli.links.check.json")
@click.option("--only", multiple=True, help="cli.option.only")
@click.option("--force", is_flag=True, help="cli.option.force")
@click.pass_context
def check(context: click.Context, as_json: bool, only: Sequence[str], force: bool) -> None:
    """Visit the links that are due, and say how each one is."""
    settings: Settings = context.obj
    require_corpus(settings)
    shown = read_shown(settings, is_kept=True)
    bibliography = shown.bibliography
    references = [reference for reference in bibliography.references if reference.url]
    chosen = select_references(references, only)
    with open_crawl(settings, shown.everything.references, is_shared=True) as opened:
        opened = replace(opened, note_texts=bibliography.join_notes())
        say_decision_problems(opened, shown.everything)
        wanted = chosen.keys if only else list_to_check(references, opened.decisions)
        dois = cite_targets(opened, references)
        wanted = wanted if only else (*wanted, *map(urlkey, dois))
        started_at = opened.now()
        say_misdated(opened, references)
        pipeline.plan_checks(references, opened)
        try:
            _visit(opened, wanted, references, force=force)
            _observe(opened, references)
            _find_replacements(opened, references)
        except KeyboardInterrupt:
            say(message("cli.stopped-visiting"))
            context.exit(EXIT_INTERRUPTED)
        for row in pipeline.list_rows(bibliography, opened):
            if row.health.checked_at is not None and row.health.checked_at >= started_at:
                _tell_row(row, as_json=as_json)
        say_damaged_records(opened, references)
        say_damaged(opened)
    if chosen.unknown:
        context.exit(EXIT_FINDINGS)


def _tell_row(row: LinkRow, *, as_json: bool) -> None:
    """Print how a link is, and why."""
    if as_json:
        echo_json(make_json_row(row, find_translator()))
        return
    echo(f"{SIGNS[row.health.state]} {words(row.health.said)}  {row.url}")
    echo(f"    {words(row.health.reason)}")


def _visit(
    opened: Crawl, wanted: Sequence[str], references: Sequence[Reference], *, force: bool
) -> None:
    """Visit what is due; look at the pages while the next ones are waited for."""
    visits, length = start_visits(opened, only=wanted, is_forced=force)
    outcomes = pipeline.observe_meanwhile(visits, references, opened)
    tally = OutcomeCounts()
    with (
        closing(outcomes),
        follow(outcomes, label=message("cli.progress.visiting"), length=length) as followed,
    ):
        for outcome in followed:
            tally.add(outcome)
    for sentence in tally.list_messages():
        say(sentence)


def _observe(opened: Crawl, references: Sequence[Reference]) -> None:
    observed = pipeline.observe(references, opened)
    probed = pipeline.probe(references, opened)
    looking, asking = message("cli.progress.pages"), message("cli.progress.asking-hosts")
    for label, observations in ((looking, observed), (asking, probed)):
        with follow(observations, label=label) as followed:
            for _ in followed:
                pass


def _find_replacements(opened: Crawl, references: Sequence[Reference]) -> None:
    outcomes = pipeline.find_replacements(references, opened)
    with follow(outcomes, label=message("cli.progress.in-archives")) as followed:
        for outcome in followed:
            if isinstance(outcome, Captured):
                archive, address = outcome.capture.archive, outcome.capture.target_uri
                say(message("cli.links.check.found", archive=archive, address=address))


FORMATS: Final = ("text", "csv", "json", "html", "atom", "junit")


STATES: Final = (*(each.value for each in LINK_STATES), LinkMark.IGNORED.value)


class _Day(click.DateTime):
    """A day, as typed: 2026-03-01."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Give the date of what was typed."""
        return super().convert(value, param, ctx).date()


_DAY: Final = _Day(["%Y-%m-%d"])


@click.command(cls=SpokenCommand, help="cli.links.report.help")
@click.option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="cli.links.report.format",
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="cli.links.report.output"
)
@click.option("--json", "as_json", is_flag=True, help="cli.links.report.json")
@click.option("--lang", type=click.Choice(LANGUAGES), help="cli.links.report.lang")
@click.option("--strict", is_flag=True, help="cli.links.report.strict")
@click.option("--since", type=_DAY, metavar="DAY", help="cli.links.report.since")
@click.option("--state", type=NamedChoice("link", STATES), help="cli.links.report.state")
@click.option("--cause", default="", help="cli.links.report.cause")
@click.option("--site", default="", help="cli.links.report.site")
@click.option("--section", default="", help="cli.links.report.section")
@click.option("--source", default="", metavar="FILE", help="cli.links.report.source")
@click.option("--from", "first_day", type=_DAY, metavar="DAY", help="cli.links.report.from")
@click.option("--to", "last_day", type=_DAY, metavar="DAY", help="cli.links.report.to")
@click.pass_context
def report(
    context: click.Context,
    kind: str,
    output: Path | None,
    as_json: bool,
    lang: str | None,
    strict: bool,
    since: date | None,
    state: str | None,
    cause: str,
    site: str,
    section: str,
    source: str,
    first_day: date | None,
    last_day: date | None,
) -> None:
    """Report how the links are, and what changed since the last report."""
    settings: Settings = context.obj
    if lang:
        choose_language(lang)
    form = "json" if as_json else kind
    row_filter = RowFilter(
        state=LinkState(state) if state in LINK_STATES else None,
        is_ignored=state == LinkMark.IGNORED.value,
        cause=cause,
        site=site,
        section=section,
        source=source,
        first_day=first_day,
        last_day=last_day,
    )

    def tell(made: LinkReport, chosen: LinkReport) -> tuple[datetime, bool]:
        in_words = find_translator()
        _write(_RENDERERS[form](chosen, in_words), output)
        if form != "atom":
            for line in (*reports.say_completeness(in_words), *render_changes(made, in_words)):
                say(line)
        return made.made_at, made.has_deaths

    require_corpus(settings)
    with open_corpus(settings) as corpus:
        say_misdated(corpus, _draw_cited(settings))
        now = corpus.now()
        before = corpus.history.last_report_at(now)
        if since is not None:
            before = datetime.combine(since, time(), UTC)
        with closing(_open_reports(settings, corpus)) as reports:
            made_at, has_deaths = reports.read_report(
                tell, since=now - WEEK if form == "atom" else before, wanted=row_filter
            )
            say_problems((*corpus.decision_problems, *reports.list_uncited()))
            if form != "atom":
                _note_report(corpus, made_at)
            say_damaged(corpus, reports.list_wrong_rows())
    if strict and has_deaths:
        context.exit(EXIT_FINDINGS)


def _note_report(corpus: Corpus, made_at: datetime) -> None:
    """Note when a report was made, which the next one is compared with."""
    if corpus.history.is_read_only:
        say(message("cli.links.report.read-only"))
    else:
        corpus.history.put_report(made_at)


def _draw_cited(settings: Settings) -> Iterator[Reference]:
    """Draw the texts that are shown; the bibliography is read when the first one is asked for."""
    yield from read_shown(settings).bibliography.references


def _open_reports(settings: Settings, corpus: Corpus) -> pipeline.LinkReportCache:
    return pipeline.LinkReportCache(
        corpus,
        settings.bibliography,
        withdrawals=find_withdrawals(settings),
        rules=settings.reading_rules,
        readings=settings.readings,
    )


def _render_text(made: LinkReport, say: Translator) -> str:
    counts = "  ".join(
        f"{SIGNS[state]} {say(f'link.count.{state.value}', count=count)}"
        for state, count in made.counts.items()
    )
    lines = [counts]
    for row in made.rows:
        if row.health.state is not LinkState.ALIVE:
            lines += [
                "",
                f"{SIGNS[row.health.state]} {say(row.health.said)}  {row.url}",
            ]
            lines.append(f"    {say(row.health.reason)}")
            if row.replacement is not None:
                lines.append(f"    → {row.replacement.address}")
    return "\n".join(lines) + "\n"


_RENDERERS: Final[MappingProxyType[str, Callable[[LinkReport, Translator], str]]] = (
    MappingProxyType(
        {
            "text": lambda made, say: show_controls(_render_text(made, say)),
            "csv": render_csv,
            "json": lambda made, say: "".join(
                f"{render_json(make_json_row(row, say))}\n" for row in made.rows
            ),
            "html": render_html,
            "atom": lambda made, say: render_atom(made.turns, made_at=made.made_at, say=say),
            "junit": render_junit,
        }
    )
)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        echo_document(text)
    else:
        output.write_bytes(text.encode("utf-8", "backslashreplace"))


for command in (report, repair, show, decide):
    links.add_command(command)
