"""`renvois links report`: how the links are, in a form for everybody."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from indexer import pipeline
from indexer.cli.crawl import say_damaged, say_misdated
from indexer.cli.link_decisions import say_decision_problems
from indexer.cli.terminal import (
    EXIT_FINDINGS,
    echo_document,
    render_json,
    render_os_error,
    say,
    show_controls,
)
from indexer.corpus import open_corpus, read_shown
from indexer.links.feed import WEEK, render_atom
from indexer.links.junit import render_junit
from indexer.links.report import LinkReport, render_changes
from indexer.links.sheet import SIGNS, render_html
from indexer.links.spreadsheet import make_json_row, render_csv
from indexer.messages import LANGUAGES, Translator, open_translator
from indexer.model import LinkState
from indexer.settings import Settings

FORMATS: Final = ("text", "csv", "json", "html", "atom", "junit")


@click.command()
@click.option("--format", "kind", type=click.Choice(FORMATS), default="text", help="What to write.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of the screen.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="In this language.")
@click.option("--strict", is_flag=True, help="Exit 3 if a link died since the last report.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Compare with this day.")
@click.pass_context
def report(
    context: click.Context,
    kind: str,
    output: Path | None,
    as_json: bool,
    lang: str | None,
    strict: bool,
    since: datetime | None,
) -> None:
    """Report how the links are, and what changed since the last report."""
    settings: Settings = context.obj
    shown = read_shown(settings)
    with open_corpus(settings) as corpus:
        say_misdated(corpus, shown.bibliography.references)
        say_decision_problems(settings, shown.everything)
        now = corpus.now()
        before = since.replace(tzinfo=UTC) if since else corpus.history.last_report_at(now)
        words = open_translator(lang or settings.language)
        wanted = "json" if as_json else kind
        made = pipeline.make_report(
            shown.bibliography, corpus, since=now - WEEK if wanted == "atom" else before
        )
        _write(_RENDERERS[wanted](made, words), output)
        if wanted != "atom":
            for line in render_changes(made, words):
                say(line)
            if corpus.history.is_read_only:
                say("The corpus is read-only: this report is not remembered for the next one.")
            else:
                corpus.history.put_report(made.made_at)
        say_damaged(corpus)
    if strict and made.has_deaths:
        context.exit(EXIT_FINDINGS)


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
        return
    try:
        output.write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise click.ClickException(render_os_error(error)) from error
