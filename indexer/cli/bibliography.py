"""`renvois bibliography`: what the files of the bibliography say, and what is wrong in them."""

import getpass
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from indexer import __version__, pipeline
from indexer.bibliography.checking import severity_of, sort_problems
from indexer.bibliography.corrections import Accepted
from indexer.bibliography.folder import accept_messages, read_line
from indexer.bibliography.formats import EXPORTS, uncited
from indexer.bibliography.lines.dates import SEASON_NAMES
from indexer.cli.terminal import (
    EXIT_FINDINGS,
    SpokenGroup,
    echo,
    echo_document,
    echo_json,
    find_translator,
    follow,
    misuse,
    say,
    words,
)
from indexer.corpus import open_corpus, open_network, read_shown
from indexer.disk import explain, swap_in
from indexer.errors import BibliographyError
from indexer.messages import Message, Translator, message
from indexer.model import Bibliography, Entry, Note, Place, Problem, Reference
from indexer.settings import Settings

Row = dict[str, Any]

_DETAILS = (
    "url_from",
    "archive_url",
    "doi",
    "isbn",
    "number",
    "volume",
    "issue",
    "page",
    "number_of_pages",
    "number_of_volumes",
    "publisher",
    "publisher_place",
    "language",
)


@click.group(cls=SpokenGroup, help="cli.bibliography.help")
def bibliography() -> None:
    """Read the bibliography: list what it holds, check it, export it."""


@bibliography.command("list", help="cli.bibliography.list.help")
@click.option("--json", "as_json", is_flag=True, help="cli.option.json-line")
@click.option(
    "--kind",
    type=click.Choice(["reference", "note", "agenda", "tool", "project"]),
    help="cli.bibliography.list.kind",
)
@click.pass_obj
def list_entries(settings: Settings, as_json: bool, kind: str | None) -> None:
    """List references, notes and the other entries, in the order of the files."""
    rows = [
        row for row in read_rows(read_shown(settings).bibliography) if kind in (None, row["kind"])
    ]
    for row in rows:
        if as_json:
            echo_json(row)
        else:
            echo(render_row(row))
    if not as_json:
        say(message("cli.bibliography.list.tally", count=len(rows)))


@bibliography.command(help="cli.bibliography.check.help")
@click.option("--json", "as_json", is_flag=True, help="cli.option.json-problem")
@click.option("--sarif", is_flag=True, help="cli.bibliography.check.sarif")
@click.option("--all", "show_all", is_flag=True, help="cli.bibliography.check.all")
@click.option("--strict", is_flag=True, help="cli.bibliography.check.strict")
@click.option("--accept", metavar="CODE", help="cli.bibliography.check.accept")
@click.option(
    "--line",
    "lines",
    multiple=True,
    metavar="FILE:LINE",
    help="cli.bibliography.check.line",
)
@click.option("--why", default="", help="cli.bibliography.check.why")
@click.option("--by", default="", help="cli.bibliography.check.by")
@click.pass_context
def check(
    context: click.Context,
    as_json: bool,
    sarif: bool,
    show_all: bool,
    strict: bool,
    accept: str | None,
    lines: tuple[str, ...],
    why: str,
    by: str,
) -> None:
    """Tell what is wrong in the bibliography, with file and line, the worst first."""
    settings: Settings = context.obj
    if accept is None and (lines or why or by):
        raise misuse("cli.bibliography.check.only-with-accept")
    read = read_shown(settings).bibliography
    problems = _list_problems(settings, read)
    if accept is not None:
        _accept(settings, problems, accept, lines, why=why, by=by or getpass.getuser())
        return
    if sarif:
        log = render_sarif(problems, find_translator())
        echo_document(f"{json.dumps(log, ensure_ascii=False, indent=1)}\n")
    elif as_json:
        for problem in problems:
            echo_json(_describe_problem(problem))
    else:
        _echo_problems(problems, at_most=len(problems) if show_all else _SHOWN)
        say(summarise(read))
    if strict and problems:
        context.exit(EXIT_FINDINGS)


def _list_problems(settings: Settings, read: Bibliography) -> list[Problem]:
    """List what is to mend, the worst first, also where a page that was read says otherwise."""
    problems = list(read.problems)
    if settings.catalogue_place.exists():
        with open_corpus(settings) as corpus:
            problems += pipeline.list_differences(read.references, corpus)
    return sort_problems(problems)


_SHOWN = 20  # problems of one kind, where all of them would hide the others


def _describe_problem(problem: Problem) -> Row:
    return {
        "code": problem.code,
        "severity": severity_of(problem),
        "message": words(problem.said),
        **render_place(problem.place),
        "subject": problem.subject or None,
    }


def _echo_problems(problems: Sequence[Problem], *, at_most: int) -> None:
    """Print problems, so many of a kind at most, then how many there are of each kind."""
    counts = Counter(problem.code for problem in problems)
    shown: Counter[str] = Counter()
    for problem in problems:
        shown[problem.code] += 1
        if shown[problem.code] <= at_most:
            _echo_problem(problem)
        elif shown[problem.code] == counts[problem.code]:
            more = counts[problem.code] - at_most
            echo(words("cli.bibliography.check.more", count=more, code=problem.code))
    for code, count in counts.items():
        say(f"{count:6} {code}")
    if problems:
        say(message("cli.bibliography.check.to-mend", count=len(problems)))
    else:
        say(message("cli.bibliography.check.nothing"))


def _echo_problem(problem: Problem) -> None:
    said = words(problem.said)
    if problem.place:
        said = words("error.at", where=str(problem.place), what=said)
    echo(f"{said} [{problem.code}]")


def _accept(
    settings: Settings,
    problems: Sequence[Problem],
    code: str,
    lines: Sequence[str],
    *,
    why: str,
    by: str,
) -> None:
    """Accept the problems of a kind, at some lines or at all, in the corrections file."""
    chosen = _choose_places(problems, code, lines)
    told = (read_line(settings.bibliography, place) or str(place) for place in chosen)
    accepted = [Accepted(message=code, line=line, by=by, why=why) for line in dict.fromkeys(told)]
    path = accept_messages(settings.bibliography, accepted)
    say(message("cli.bibliography.check.accepted", count=len(chosen), file=str(path)))


def _choose_places(problems: Sequence[Problem], code: str, lines: Sequence[str]) -> list[Place]:
    """Choose where a problem is told, at some lines or anywhere. Raises a usage error for none."""
    places = [each.place for each in problems if each.code == code and each.place]
    chosen = [place for place in places if not lines or str(place) in lines]
    missing = set(lines) - set(map(str, chosen))
    if missing or not chosen:
        where = ", ".join(sorted(missing)) or message("cli.bibliography.check.bibliography")
        raise misuse("cli.bibliography.check.not-told", code=code, where=where)
    return chosen


_SARIF_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def render_sarif(problems: Sequence[Problem], words: Translator) -> Row:
    """Render problems as a SARIF 2.1.0 log (OASIS), places relative to the bibliography."""
    results: list[Row] = []
    for problem in problems:
        result: Row = {
            "ruleId": problem.code,
            "level": _SARIF_LEVELS[severity_of(problem)],
            "message": {"text": words(problem.said)},
        }
        if problem.place:
            file = {"uri": quote(problem.place.path), "uriBaseId": "BIBLIOGRAPHY"}
            region = {"startLine": max(problem.place.line, 1)}
            result["locations"] = [
                {"physicalLocation": {"artifactLocation": file, "region": region}}
            ]
        results.append(result)
    rules = [{"id": code} for code in sorted({problem.code for problem in problems})]
    driver = {"name": "renvois", "version": __version__, "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


_LEFT_OUT = {
    "accepted": "cli.check.accepted",
    "anchor": "cli.check.anchor",
    "badge": "cli.check.badge",
    "heading": "cli.check.heading",
    "navigation": "cli.check.navigation",
    "site": "cli.check.site",
}


def summarise(read: Bibliography) -> Message:
    """Say how many addresses, references and notes were read, and what was left out."""
    addresses = {
        address
        for one in read.references
        for address in (one.url, one.archive_url, one.doi and f"https://doi.org/{one.doi}")
        if address
    }
    left_out = tuple(
        message(_LEFT_OUT[kind], count=count) for kind, count in sorted(read.left_out.items())
    )
    return message(
        "cli.check.summary",
        addresses=len(addresses),
        references=len(read.references),
        notes=len(read.notes),
        left_out=left_out or (message("cli.check.nothing"),),
    )


@bibliography.command(help="cli.bibliography.export.help")
@click.option(
    "--format",
    "format_",
    type=click.Choice(sorted(EXPORTS)),
    default="csl-json",
    show_default=True,
    help="cli.bibliography.export.format",
)
@click.pass_obj
def export(settings: Settings, format_: str) -> None:
    """Write the references, with the notes that cite them, for other programs."""
    read = read_shown(settings).bibliography
    echo_document(EXPORTS[format_].render(read))
    references = message("cli.count.references", count=len(read.references))
    left_out = uncited(read)
    key = "cli.bibliography.export.tally-left-out" if left_out else "cli.bibliography.export.tally"
    say(message(key, references=references, count=left_out))


@bibliography.command(help="cli.bibliography.fetch.help")
@click.argument("program", type=click.Choice(sorted(pipeline.SOURCES)))
@click.option("--from", "address", default="", help="cli.bibliography.fetch.from")
@click.option("--user", default="", help="cli.bibliography.fetch.user")
@click.option(
    "--to",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="cli.bibliography.fetch.to",
)
@click.pass_obj
def fetch(settings: Settings, program: str, address: str, user: str, target: Path | None) -> None:
    """Fetch a library from Zotero (its local interface), Hypothesis or Wallabag into a file."""
    source = pipeline.SOURCES[program]
    if source.needs_user and not user:
        raise misuse("cli.bibliography.fetch.no-user", program=source.name)
    path = target or settings.bibliography / f"{program}.json"
    library = pipeline.FetchedLibrary()
    count = 0
    with open_network(settings) as (fetcher, politeness):
        parts = pipeline.fetch_library(
            source, library, address=address, user=user, fetcher=fetcher, politeness=politeness
        )
        label = message("cli.progress.fetching", program=source.name)
        with follow(parts, label=label) as followed:
            for part in followed:
                count += len(part.items) if part.key != "collections" else 0
    _write_whole(path, library.render())
    program = source.name
    say(message("cli.bibliography.fetch.tally", file=str(path), count=count, program=program))


def _write_whole(path: Path, text: str) -> None:
    """Write a file, whole or not at all: whoever may read the last one may read this one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        swap_in(path, text.encode())
    except OSError as error:
        told = explain(error)
        said = message("error.cannot-write", why=told.what)
        raise BibliographyError(said, where=path, hint=told.hint) from error


def read_rows(read: Bibliography) -> Iterator[Row]:
    """All that the bibliography holds as rows, in the order of the files."""
    cites: dict[str, list[str]] = {}
    for citation in read.citations:
        cites.setdefault(citation.note_id, []).append(citation.reference_id)
    everything: list[Reference | Note | Entry] = [*read.references, *read.notes, *read.entries]
    for thing in sorted(everything, key=_position):
        match thing:
            case Reference():
                yield {
                    "kind": "reference",
                    "id": thing.id,
                    "title": thing.title,
                    **_signatories(thing),
                    "container_title": thing.container_title,
                    **_dates(thing),
                    "url": thing.url,
                    "section": list(thing.section),
                    "type": thing.type,
                    **{name: getattr(thing, name) or None for name in _DETAILS},
                    "keyword": list(thing.keyword),
                    "raw": thing.raw,
                    "confidence": dict(thing.confidence),
                    **render_place(thing.place),
                }
            case Note():
                yield {
                    "kind": "note",
                    "id": thing.id,
                    "text": thing.text,
                    "section": list(thing.section),
                    "cites": cites.get(thing.id, []),
                    **render_place(thing.place),
                }
            case Entry():
                yield {
                    "kind": thing.kind.value,
                    "id": thing.id,
                    "title": thing.title,
                    "text": thing.text,
                    "section": list(thing.section),
                    **render_place(thing.place),
                }


def _signatories(reference: Reference) -> Row:
    """Who signs: the authors, else who edits or coordinates; `role` says which."""
    signed = reference.author or reference.editor
    return {
        "author": [name.display for name in signed],
        "role": "author" if reference.author else reference.editor_role or None,
        "editor": [name.display for name in reference.editor],
    }


def _dates(reference: Reference) -> Row:
    """Give the date in ISO 8601, as precise as it is; of a season, the year and its French name."""
    season = SEASON_NAMES.get(reference.issued[5:], "")
    return {
        "issued": (reference.issued[:4] if season else reference.issued) or None,
        "season": season or None,
        "accessed": reference.accessed or None,
    }


def _position(thing: Reference | Note | Entry) -> tuple[str, int]:
    return (thing.place.path, thing.place.line) if thing.place else ("", 0)


def render_place(place: Place | None) -> Row:
    """File and line as two columns."""
    return {"file": place.path if place else None, "line": place.line if place else None}


def render_row(row: Row) -> str:
    """One row for a person: its kind, its id, and its beginning."""
    words = " ".join(str(row.get("title") or row.get("text", "")).split())
    if row["kind"] == "reference" and row["author"]:
        words = f"{', '.join(row['author'])}, {words}"
    beginning = words if len(words) <= 90 else words[:89].rstrip() + "…"
    return f"{row['kind']:<9}  {row['id']}  {beginning}"
