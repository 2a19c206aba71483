"""`renvois withdraw`: take a text out of everything that is shown, and put it back."""

import os
from datetime import UTC, date, datetime

import click

from indexer import pipeline
from indexer.bibliography import read_bibliography
from indexer.cli.link_decisions import read_decided
from indexer.cli.terminal import EXIT_FINDINGS, echo, echo_json, say
from indexer.engines.building import find_current
from indexer.errors import LockedError, SearchIndexError
from indexer.settings import Settings
from indexer.wiring import find_withdrawals, open_corpus, read_shown
from indexer.withdrawals import (
    Shown,
    Withdrawal,
    Withdrawals,
    add_withdrawal,
    choose_shown,
    list_files,
    remove_withdrawals,
)


@click.command()
@click.argument("name", metavar="[URL|ID]", required=False)
@click.option("--undo", is_flag=True, help="Show the text again.")
@click.option("--why", default="", help="Why, kept beside the line.")
@click.option("--by", default="", help="Who asks; default: who is logged in.")
@click.option("--list", "is_list", is_flag=True, help="Say what each line hides.")
@click.option("--json", "as_json", is_flag=True, help="With --list: one JSON object a line.")
@click.pass_context
def withdraw(
    context: click.Context,
    name: str | None,
    undo: bool,
    why: str,
    by: str,
    is_list: bool,
    as_json: bool,
) -> None:
    """Withdraw a text: its address however written, its DOI or its citation key.

    Nothing shows it any more, from now on: no page, no command, no count. Notes on it stay, and
    lose the reference. The archive keeps its bytes. The line is written to withdrawn.txt, beside
    the bibliography, where it can be edited and removed; one in the corpus counts too.

    A line that hides nothing is kept, and acts when its text appears; --list exits with 3 then.
    """
    settings: Settings = context.obj
    if is_list:
        if name or undo:
            raise click.UsageError("--list goes alone")
        _list(context, settings, as_json=as_json)
        return
    if name is None or not name.strip():
        raise click.UsageError("name the text (its address or its id), or ask --list")
    name = name.strip()
    if name.startswith("#") or " #" in name or not name.isprintable():
        raise click.UsageError(f"{name!r}: neither an address nor an id")
    if undo:
        _undo(settings, name)
        return
    who = by.strip() or os.environ.get("LOGNAME", "") or os.environ.get("USER", "")
    _add(context, settings, name, why=why, by=who)


def _add(context: click.Context, settings: Settings, name: str, *, why: str, by: str) -> None:
    bibliography = read_bibliography(settings.bibliography)
    before = find_withdrawals(settings).read()
    hidden = _find(bibliography_of=settings, name=name)
    if any(line.name == name for line in before.lines):
        say(f"{name} is withdrawn already.")
    else:
        files = list_files(settings.corpus, settings.bibliography)
        path = next((file for file in files if file.exists()), files[0])
        add_withdrawal(path, name, why=why, by=by, on=date.today())
        say(f"Written to {path}.")
    shown = choose_shown(bibliography, find_withdrawals(settings).read())
    for key in hidden:
        echo(f"withdrawn={key}")
    _renew_index(settings, shown)
    say("The archive keeps its bytes.")
    if not hidden:
        say(f"{name} hides nothing: no cited text has this address or id. The line is kept.")
        context.exit(EXIT_FINDINGS)


def _undo(settings: Settings, name: str) -> None:
    shown = read_shown(settings)
    named = set(_find(bibliography_of=settings, name=name))
    gone = [line for line, keys in shown.matched.items() if line.name == name or named & set(keys)]
    if not gone:
        raise click.ClickException(f"{name}: no line withdraws it; --list tells them all")
    remove_withdrawals(gone)
    for line in gone:
        say(f"Taken out of {line.place}: {line.name}")
    for key in sorted({key for line in gone for key in shown.matched[line]}):
        echo(f"shown={key}")
    _renew_index(settings, read_shown(settings))


def _find(*, bibliography_of: Settings, name: str) -> tuple[str, ...]:
    """The ids of the cited texts that a name hides."""
    line = Withdrawal(name=name, path=bibliography_of.bibliography, line=0)
    bibliography = read_bibliography(bibliography_of.bibliography)
    return choose_shown(bibliography, Withdrawals((line,))).matched[line]


def _renew_index(settings: Settings, shown: Shown, *, rebuild: bool = False) -> None:
    """Bring the index up to date, if there is one: notes that lost their text are found then."""
    if find_current(settings.index) is None:
        return
    try:
        with open_corpus(settings) as corpus:
            documents = pipeline.build_corpus_documents(
                shown.bibliography,
                catalogue=corpus.catalogue,
                history=corpus.history,
                decisions=read_decided(settings, shown.everything),
                now=datetime.now(UTC),
            )
            pipeline.index(settings.index, documents, rebuild=rebuild)
    except (LockedError, SearchIndexError) as error:
        say(f"The index was not renewed: {error}")
        say("What is withdrawn is hidden all the same; run `renvois index` later.")


def _list(context: click.Context, settings: Settings, *, as_json: bool) -> None:
    shown = read_shown(settings)
    cited = {reference.id: reference for reference in shown.everything.references}
    for line, keys in shown.matched.items():
        if as_json:
            hides = [{"id": key, "title": cited[key].title, "url": cited[key].url} for key in keys]
            echo_json(
                {
                    "name": line.name,
                    "comment": line.comment or None,
                    "file": str(line.path),
                    "line": line.line,
                    "hides": hides,
                }
            )
            continue
        comment = f"  # {line.comment}" if line.comment else ""
        echo(f"{line.place}: {line.name}{comment}")
        for key in keys:
            echo(f"    {key}  {cited[key].title}")
        if not keys:
            echo("    hides nothing")
    if shown.idle:
        say(f"{len(shown.idle)} of {len(shown.matched)} lines hide nothing.")
        context.exit(EXIT_FINDINGS)
