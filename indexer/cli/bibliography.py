"""`renvois bibliography`: what the files of the bibliography say, and what is wrong in them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import click

from indexer import pipeline
from indexer.bibliography.checking import severity_of, sort_problems
from indexer.bibliography.formats import FORMATS, uncited
from indexer.bibliography.lines.dates import SEASON_NAMES
from indexer.cli.terminal import EXIT_FINDINGS, echo, echo_document, echo_json, say
from indexer.corpus import open_corpus, read_shown
from indexer.messages import Message, message, open_translator
from indexer.model import Bibliography, Entry, Note, Place, Reference
from indexer.settings import Settings

Row = dict[str, Any]

_DETAILS = (
    "archive_url",
    "doi",
    "isbn",
    "number",
    "volume",
    "issue",
    "page",
    "publisher",
    "publisher_place",
    "language",
)


@click.group()
def bibliography() -> None:
    """Read the bibliography: list what it holds, check it, export it."""


@bibliography.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--kind",
    type=click.Choice(["reference", "note", "agenda", "tool", "project"]),
    help="Only entries of this kind.",
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
        say(f"{len(rows)} entries.")


@bibliography.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a problem.")
@click.option("--strict", is_flag=True, help="Exit with 3 when there is something to mend.")
@click.pass_context
def check(context: click.Context, as_json: bool, strict: bool) -> None:
    """Tell what is wrong in the bibliography, with file and line, the worst first.

    At the end: how many problems of each kind, and how many addresses, references and notes.
    Of the texts whose page was read: also where the page bears another title, author or date.
    """
    settings: Settings = context.obj
    read = read_shown(settings).bibliography
    words = open_translator(settings.language)
    problems = list(read.problems)
    if settings.catalogue.exists():
        with open_corpus(settings) as corpus:
            problems += pipeline.list_differences(read.references, corpus)
    problems = sort_problems(problems)
    for problem in problems:
        if as_json:
            echo_json(
                {
                    "code": problem.code,
                    "severity": severity_of(problem),
                    "message": words(problem.said),
                    **render_place(problem.place),
                    "subject": problem.subject or None,
                }
            )
        else:
            place = f"{problem.place}: " if problem.place else ""
            echo(f"{place}{words(problem.said)} [{problem.code}]")
    if not as_json:
        for code, count in Counter(problem.code for problem in problems).items():
            say(f"{count:6} {code}")
        say(f"{len(problems)} to mend." if problems else "Nothing to mend.")
        say(words(summarise(read)))
    if strict and problems:
        context.exit(EXIT_FINDINGS)


_LEFT_OUT = {
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


@bibliography.command()
@click.option(
    "--format",
    "format_",
    type=click.Choice(sorted(FORMATS)),
    default="csl-json",
    show_default=True,
    help="Format of the export.",
)
@click.pass_obj
def export(settings: Settings, format_: str) -> None:
    """Write the references, with the notes that cite them, for other programs.

    BibTeX, RIS, CSL and MODS give back what the bibliography says, Dublin Core a part of it. Notes
    that cite nothing have no place in these formats, and are counted.
    """
    read = read_shown(settings).bibliography
    echo_document(FORMATS[format_].render(read))
    left_out = uncited(read)
    say(f"{len(read.references)} references; {left_out} notes that cite none are left out.")


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
