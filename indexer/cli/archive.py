"""`renvois archive`: take in what others archived, give out a package, read the files back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from indexer import __version__
from indexer.archive import Page, export_wacz, import_file, reindex
from indexer.archive.reindex import find_files
from indexer.archive.secrets import FoundSecret, find_secrets_of
from indexer.bibliography import read_bibliography
from indexer.cli.terminal import EXIT_FINDINGS, EXIT_STOPPED, echo_json, follow, say
from indexer.crawl import judge, next_due
from indexer.errors import ArchiveError
from indexer.model import Reference
from indexer.settings import Settings
from indexer.urls import urlkey
from indexer.wiring import open_corpus, open_crawl, read_secrets, read_shown


@click.group()
def archive() -> None:
    """The WARC files of the corpus: import, export, read them back into the catalogue."""


@archive.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.pass_context
def import_files(context: click.Context, files: Sequence[Path]) -> None:
    """Use WARC and WACZ FILES of others (ArchiveBox, Browsertrix, wget…) for the cited URLs.

    They are copied into the archive as they are. A file that can't be read is said, and the
    others go on.
    """
    settings: Settings = context.obj
    count = failures = 0
    with open_crawl(settings) as opened:
        opened.catalogue.targets.cite(r.url for r in _read_cited(settings) if r.url)
        for file in files:
            try:
                for outcome in import_file(file, opened.archive, opened.catalogue, judge=judge):
                    count += 1
                    click.echo(f"captured={outcome.url} from={file.name}")
            except ArchiveError as error:
                failures += 1
                say(f"Error: {error}")
    say(f"{count} captures of cited pages from {len(files) - failures} of {len(files)} files.")
    if failures:
        context.exit(EXIT_STOPPED)


@archive.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def export(context: click.Context, file: Path) -> None:
    """Pack the whole archive into FILE (.wacz), to be opened by ReplayWeb.page or pywb."""
    settings: Settings = context.obj
    if file.suffix.lower() != ".wacz":
        raise click.UsageError(f"{file}: the name of a package ends with .wacz")
    with open_corpus(settings) as corpus:
        pages = []
        for reference in read_shown(settings).bibliography.references:
            capture = corpus.catalogue.latest_capture(urlkey(reference.url or ""))
            if capture is not None:
                pages.append(Page(capture=capture, title=reference.title))
        records = export_wacz(
            file,
            settings.archive,
            corpus.catalogue,
            pages=pages,
            title="renvois",
            software=f"renvois {__version__}",
            created_at=datetime.now(UTC),
            secrets=read_secrets(settings),
        )
    say(f"{file}: {records} records, {len(pages)} pages.")


@archive.command("reindex")
@click.pass_context
def read_back(context: click.Context) -> None:
    """Read the catalogue back from the WARC files; what it holds already stays."""
    settings: Settings = context.obj
    records = visits = 0
    with open_crawl(settings) as opened:
        read = reindex(settings.archive, opened.catalogue, next_due=next_due)
        with follow(read, label="Reading WARC files") as followed:
            for found in followed:
                records += found.records
                visits += found.visits
                click.echo(f"read={found.path.name} records={found.records} visits={found.visits}")
                for odd in (*found.skipped, *found.notes, found.fault):
                    if odd:
                        say(f"{found.path}: {odd}")
        opened.catalogue.targets.cite(r.url for r in _read_cited(settings) if r.url)
    say(f"{records} records read, {visits} visits that were not known.")


@archive.command("secrets")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a record.")
@click.pass_context
def list_secrets(context: click.Context, as_json: bool) -> None:
    """List the archived records that hold a credential, or a header of the settings; exit code 3.

    Older versions archived the headers of `[sites."…"]` in clear. The files stay as they are;
    `renvois archive export` hides what is listed here, but for what a page's own text repeats
    (payload). No value is shown.
    """
    settings: Settings = context.obj
    secrets = read_secrets(settings)
    count = 0
    files = find_files(settings.archive)
    with follow(sorted(files), label="Reading WARC files", length=len(files)) as followed:
        for file in followed:
            for found in find_secrets_of(file, secrets):
                if isinstance(found, FoundSecret):
                    count += 1
                    _tell_secret(found, as_json=as_json)
                else:
                    say(f"{file}: {found.length} bytes at offset {found.offset} can't be read.")
    say(f"{count} records hold a credential or a header of the settings.")
    if count:
        context.exit(EXIT_FINDINGS)


def _tell_secret(found: FoundSecret, *, as_json: bool) -> None:
    if as_json:
        echo_json(
            {
                "file": found.filename,
                "offset": found.offset,
                "kind": found.kind,
                "url": found.url,
                "places": list(found.places),
            }
        )
    else:
        places = ",".join(found.places)
        click.echo(f"{found.filename} offset={found.offset} {found.kind} {found.url} in={places}")


def _read_cited(settings: Settings) -> list[Reference]:
    references = read_bibliography(settings.bibliography).references
    return [reference for reference in references if reference.url]
