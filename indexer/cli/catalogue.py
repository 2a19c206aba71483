"""`renvois catalogue`: move the catalogue from its file to a server, and back."""

from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Final

import click

from indexer.archive import (
    CATALOGUE_TABLES,
    CRAWL_LOCK,
    Catalogue,
    acquire_lock,
    copy_tables,
    keep_crawlers_out,
    open_catalogue,
)
from indexer.cli.terminal import SpokenGroup, echo_json, follow, misuse, say
from indexer.errors import CatalogueError
from indexer.identities import IDENTITY_TABLES, RegisterFile
from indexer.links.history import LINK_TABLES, open_history
from indexer.messages import message
from indexer.postgresql import ServerAddress
from indexer.settings import Settings

PARTIAL_SUFFIX: Final = ".copy"  # of a file that is not whole yet
TABLES: Final = {**CATALOGUE_TABLES, **LINK_TABLES, **IDENTITY_TABLES}


@click.group(cls=SpokenGroup, help="cli.catalogue.help")
def catalogue() -> None:
    """Move the catalogue from its file to a server of PostgreSQL, and back."""


@catalogue.command(help="cli.catalogue.copy.help")
@click.argument("destination", type=click.Choice(["server", "file"]), metavar="server|file")
@click.option("--json", "as_json", is_flag=True, help="cli.catalogue.copy.json")
@click.pass_obj
def copy(settings: Settings, destination: str, as_json: bool) -> None:
    """Copy the whole catalogue from its file to the server of [catalogue], or back to a file."""
    file = settings.corpus / "catalogue.sqlite"
    server = settings.catalogue_place
    if not isinstance(server, ServerAddress):
        raise misuse("cli.catalogue.copy.no-server")
    is_to_server = destination == "server"
    with acquire_lock(settings.corpus / CRAWL_LOCK), keep_crawlers_out(server):
        counts = _copy_to_server(file, server) if is_to_server else _copy_to_file(server, file)
    for table, count in counts.items():
        if as_json:
            echo_json({"table": table, "rows": count})
    rows = message("cli.count.rows", count=sum(counts.values()))
    tables = message("cli.count.tables", count=len(counts))
    say(message("cli.catalogue.copy.tally", rows=rows, tables=tables))
    if is_to_server:
        say(message("cli.catalogue.copy.to-server", file=str(file)))
    else:
        say(message("cli.catalogue.copy.to-file"))


def _copy_to_server(file: Path, server: ServerAddress) -> dict[str, int]:
    """Copy a file to a server; say how many rows of which tables."""
    if not file.is_file():
        raise CatalogueError(message("cli.catalogue.copy.no-file"), where=file)
    return _copy(file, replace(server, is_copy=True), describe_file(file))


def _copy_to_file(server: ServerAddress, file: Path) -> dict[str, int]:
    """Copy a server's catalogue to a file, which has its name when it is whole."""
    if file.exists():
        hint = message("cli.catalogue.copy.move-away")
        raise CatalogueError(message("cli.catalogue.copy.is-there"), where=file, hint=hint)
    partial = file.with_name(file.name + PARTIAL_SUFFIX)
    counts = _copy(server, partial, describe_server(server))
    partial.replace(file)
    return counts


def describe_file(file: Path) -> str:
    """Give a text that changes whenever the catalogue's file has."""
    open_history(file).close()  # which makes its tables, the first time
    status = file.stat()
    return f"{file.resolve()} {status.st_mtime_ns} {status.st_size}"


def describe_server(server: ServerAddress) -> str:
    """Give a text that changes whenever something was written on the server."""
    with open_history(server) as history:
        return f"{server} {history.read_version()}"


def _copy(source: Path | ServerAddress, target: Path | ServerAddress, state: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    with open_catalogue(source) as opened:
        _refuse_wrong_rows(source, opened)
        with open_catalogue(target) as anew, open_history(target), RegisterFile(target) as register:
            register.make_tables()
            copied = copy_tables(opened, anew, TABLES, state=state)
            with follow(copied, label=message("cli.progress.copying")) as pages:
                for page in pages:
                    if page.table not in counts and page.done:
                        rows = message("cli.count.rows", count=page.done)
                        say(message("cli.catalogue.copy.from-before", table=page.table, rows=rows))
                    counts[page.table] = page.done
    return counts


def _refuse_wrong_rows(source: Path | ServerAddress, opened: Catalogue) -> None:
    """Raise CatalogueError where a row is not what was written: a copy would confirm it."""
    with open_history(source) as history, RegisterFile(source) as register:
        rows = (opened.find_wrong_rows(), history.find_wrong_rows(), register.find_wrong_rows())
        wrong = sum(1 for _ in chain(*rows))
    if wrong:
        raise CatalogueError(
            message("cli.catalogue.copy.wrong", count=wrong),
            where=source if isinstance(source, Path) else str(source),
            hint=message("cli.catalogue.make-anew"),
        )
