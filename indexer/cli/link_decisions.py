"""`renvois links show` and `renvois links decide`: one link at a time."""

from collections.abc import Iterator
from datetime import date

import click

from indexer import pipeline
from indexer.cli.crawl import matches_name
from indexer.cli.terminal import (
    SpokenCommand,
    echo,
    echo_json,
    find_translator,
    misuse,
    say,
    say_problems,
    words,
)
from indexer.corpus import Corpus, open_corpus, read_identified, read_shown
from indexer.errors import BibliographyError
from indexer.identities import is_named
from indexer.links.decisions import (
    CHOICES,
    FILE_NAME,
    UNREADABLE,
    Choice,
    Decision,
    describe_decision,
    index_decisions,
    list_uncited,
    read_decisions,
    render_decision,
)
from indexer.links.report_forms import SIGNS, make_json_row
from indexer.messages import message
from indexer.model import Bibliography, LinkRow, TextChange
from indexer.settings import Settings


def say_decision_problems(corpus: Corpus, bibliography: Bibliography) -> None:
    """Say which decisions on links can't be understood, or are without effect."""
    cited = {reference.url for reference in bibliography.references if reference.url}
    uncited = list_uncited(corpus.decisions.values(), cited)
    say_problems((*corpus.decision_problems, *uncited))


@click.command(cls=SpokenCommand, help="cli.links.show.help")
@click.argument("link")
@click.option("--json", "as_json", is_flag=True, help="cli.links.show.json")
@click.pass_obj
def show(settings: Settings, link: str, as_json: bool) -> None:
    """Show how LINK is (its URL, host or citation key), since when, and what became of its text."""
    shown = read_shown(settings)
    bibliography = shown.bibliography
    named = {r.id for r in bibliography.references if r.url and matches_name(r, link)}
    if not named:
        raise misuse("cli.links.not-cited", name=link)
    with open_corpus(settings, shown.everything.references) as corpus:
        say_decision_problems(corpus, shown.everything)
        for row in pipeline.list_rows(bibliography, corpus):
            if row.reference_id not in named:
                continue
            if as_json:
                echo_json(make_json_row(row, find_translator()))
                continue
            change = pipeline.compare_captures(row.url, corpus)
            for line in (*_render_row(row), *_render_change(change)):
                echo(line)


def _render_row(row: LinkRow) -> Iterator[str]:
    health = row.health
    yield f"{SIGNS[health.state]} {words(health.said)}  {row.url}"
    yield f"    {words(health.reason)}"
    if health.not_dead_because:
        yield f"    {words('cli.show.not-dead', why=health.not_dead_because)}"
    for mark in health.marks:
        yield f"    [{words(mark.said)}]"
    yield f"    {words(row.course)}"
    for dot in row.dots:
        yield f"    {dot.observed_at:%Y-%m-%d %H:%M}  {SIGNS[dot.state]} {words(dot.state.said)}"
    if row.replacement is not None:
        told = row.replacement
        yield f"    → {words('cli.show.replacement', kind=told.said, address=told.address)}"


def _render_change(change: TextChange | None) -> Iterator[str]:
    if change is None or not change.changes:
        return
    yield f"    {words('cli.show.before', day=f'{change.before_at:%Y-%m-%d}')}"
    yield f"    {words('cli.show.now', day=f'{change.now_at:%Y-%m-%d}')}"
    for each in change.changes:
        if each.before:
            yield f"    - {each.before}"
        if each.now:
            yield f"    + {each.now}"


def _find_cited(settings: Settings, name: str) -> str:
    """Find the URL of what is cited under a URL or a key. Raises a usage error for none."""
    references = [each for each in read_identified(settings).references if each.url]
    named = [each for each in references if each.url == name]
    named = named or [each for each in references if is_named(each, name)]
    if not named:
        raise misuse("cli.links.decide.not-cited", name=name)
    return named[0].url or name


def _find_redirect(settings: Settings, url: str) -> str:
    """Find where the last visit of a cited URL was led; "" where it was led nowhere."""
    shown = read_shown(settings)
    named = {each.id for each in shown.everything.references if each.url == url}
    with open_corpus(settings, shown.everything.references) as corpus:
        rows = pipeline.list_rows(shown.bibliography, corpus)
        return next((row.health.final_url for row in rows if row.reference_id in named), "")


@click.command(cls=SpokenCommand, help="cli.links.decide.help")
@click.argument("url", metavar="LINK")
@click.argument("choice", type=click.Choice(list(CHOICES)), metavar="CHOICE")
@click.option("--by", default="", help="cli.links.decide.by")
@click.option("--comment", default="", help="cli.links.decide.comment")
@click.option("--address", default="", help="cli.links.decide.address")
@click.pass_obj
def decide(settings: Settings, url: str, choice: str, by: str, comment: str, address: str) -> None:
    """Add a person's decision on a link to liens.toml: it wins over what was observed.

    `url` is its URL or citation key, `choice` a word of CHOICES.
    """
    cited, chosen = _find_cited(settings, url), CHOICES[choice]
    if chosen is Choice.ACCEPT and not address:
        address = _find_redirect(settings, cited)
    decision = Decision(
        url=cited,
        choice=chosen,
        decided_on=date.today(),
        address=address,
        by=by,
        comment=comment,
    )
    path = settings.bibliography / FILE_NAME
    taken, problems = read_decisions(settings.bibliography)
    for problem in problems:
        if problem.code == UNREADABLE:  # nothing in it would count, what we add no more
            raise BibliographyError(problem.said, where=path)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(render_decision(decision))
    say(message("cli.written-to", file=str(path)))
    if (before := index_decisions(taken).get(decision.url)) is not None:
        say(message("cli.links.decide.before", said=describe_decision(before)))
