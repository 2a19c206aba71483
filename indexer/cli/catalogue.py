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
from indexer.cli.terminal import echo_json, follow, say
from indexer.errors import CatalogueError
from indexer.identities import IDENTITY_TABLES, RegisterFile
from indexer.links.history import LINK_TABLES, open_history
from indexer.postgresql import ServerAddress
from indexer.settings import Settings

PARTIAL_SUFFIX: Final = ".copy"  # of a file that is not whole yet
TABLES: Final = {**CATALOGUE_TABLES, **LINK_TABLES, **IDENTITY_TABLES}


@click.group()
def catalogue() -> None:
    """Move the catalogue from its file to a server of PostgreSQL, and back.

    [catalogue] in renvois.toml says where; docs/settings.md explains it.
    """


@catalogue.command()
@click.argument("destination", type=click.Choice(["server", "file"]), metavar="server|file")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a table.")
@click.pass_obj
def copy(settings: Settings, destination: str, as_json: bool) -> None:
    """Copy the whole catalogue from its file to the server of [catalogue], or back to a file.

    Every row is read back and counted. What is copied from stays as it is. Stopped, it goes on
    where it was the next time; until then the copy is refused by every other command. Let no other
    program use either meanwhile.
    """
    file = settings.corpus / "catalogue.sqlite"
    server = settings.catalogue_place
    if not isinstance(server, ServerAddress):
        raise click.UsageError("no server is set: name one in [catalogue] (docs/settings.md)")
    is_to_server = destination == "server"
    with acquire_lock(settings.corpus / CRAWL_LOCK), keep_crawlers_out(server):
        counts = _copy_to_server(file, server) if is_to_server else _copy_to_file(server, file)
    for table, count in counts.items():
        if as_json:
            echo_json({"table": table, "rows": count})
    say(f"{sum(counts.values())} rows of {len(counts)} tables are copied and read back.")
    if is_to_server:
        say(f"The server's is used from now on. {file} stays as it is: put it away.")
    else:
        say("The server's is used until [catalogue] is taken out of the settings.")


def _copy_to_server(file: Path, server: ServerAddress) -> dict[str, int]:
    """Copy a file to a server; say how many rows of which tables."""
    if not file.is_file():
        raise CatalogueError("is not there: there is nothing to copy", where=file)
    return _copy(file, replace(server, is_copy=True), describe_file(file))


def _copy_to_file(server: ServerAddress, file: Path) -> dict[str, int]:
    """Copy a server's catalogue to a file, which has its name when it is whole."""
    if file.exists():
        hint = "Move it away first: nothing is overwritten."
        raise CatalogueError("is there already", where=file, hint=hint)
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
            with follow(copy_tables(opened, anew, TABLES, state=state), label="Copying") as pages:
                for page in pages:
                    if page.table not in counts and page.done:
                        say(f"{page.table}: {page.done} rows are there from before.")
                    counts[page.table] = page.done
    return counts


def _refuse_wrong_rows(source: Path | ServerAddress, opened: Catalogue) -> None:
    """Raise CatalogueError where a row is not what was written: a copy would confirm it."""
    with open_history(source) as history, RegisterFile(source) as register:
        rows = (opened.find_wrong_rows(), history.find_wrong_rows(), register.find_wrong_rows())
        wrong = sum(1 for _ in chain(*rows))
    if wrong:
        raise CatalogueError(
            f"{wrong} rows are not what was written, and a copy would confirm them",
            where=source if isinstance(source, Path) else str(source),
            hint="Run `renvois archive reindex`, then `renvois index`: they make them anew.",
        )
