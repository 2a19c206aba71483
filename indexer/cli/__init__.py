"""The command `renvois`: parse, call one pipeline, show progress, give the exit code.

Only this room prints. stdout is for the answer (`--json`: one JSON object a line), stderr for
progress, log lines and the last words. Exit codes: 0 done, 1 stopped, 2 misused, 3 done but
with findings (`--strict`, or an `--only` that is cited nowhere while the others were visited).
"""

import os
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import click

from indexer import __version__
from indexer.cli.terminal import CorpusGroup
from indexer.messages import LANGUAGES
from indexer.settings import read_settings

__all__ = ["main"]


# Loaded when asked for: a search need not wait for what reads web pages, nor `--help` for any.
COMMANDS = MappingProxyType(
    {
        "archive": (
            "indexer.cli.archive",
            "Import and export the WARC files of the corpus, read them back into the catalogue.",
        ),
        "bibliography": (
            "indexer.cli.bibliography",
            "Read the bibliography: list what it holds, check it, export it.",
        ),
        "crawl": (
            "indexer.cli.crawl",
            "Visit the cited pages that are due and keep what they answer.",
        ),
        "engine": (
            "indexer.cli.engine",
            "Look after the index where it is in a cluster of OpenSearch.",
        ),
        "extract": (
            "indexer.cli.index",
            "Read the articles out of the archived pages, without the network.",
        ),
        "index": (
            "indexer.cli.index",
            "Read what is new in the archive, then index the cited texts and the notes.",
        ),
        "init": (
            "indexer.cli.init",
            "Begin a corpus here: write renvois.toml, make the folder of the bibliography.",
        ),
        "links": ("indexer.cli.links", "Say how the cited links are, and mend the bibliography."),
        "meaning": (
            "indexer.cli.meaning",
            "Work out what the texts mean, so that a question finds what has none of its words.",
        ),
        "search": ("indexer.cli.search", "Search the cited texts and the notes."),
        "status": (
            "indexer.cli.watch",
            "Say how the corpus is: the last round, what is late, the disk, the index, what waits.",
        ),
        "catalogue": (
            "indexer.cli.catalogue",
            "Move the catalogue from its file to a server of PostgreSQL, and back.",
        ),
        "watch": (
            "indexer.cli.watch",
            "Keep the corpus up to date: visit what is due, check links, index, tell what is news.",
        ),
        "withdraw": (
            "indexer.cli.withdraw",
            "Withdraw a text: its address however written, its DOI or its citation key.",
        ),
    }
)


@click.group(
    cls=CorpusGroup,
    modules=COMMANDS,
    group="renvois.commands",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="renvois")
@click.option(
    "--corpus",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the corpus (RENVOIS_CORPUS; default: ./corpus).",
)
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Settings file (RENVOIS_CONFIG; default: ./renvois.toml if there is one).",
)
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    help="Language of what is said of texts, files and links (RENVOIS_LANGUAGE; default: fr).",
)
@click.pass_context
def main(
    context: click.Context, corpus: Path | None, config: Path | None, lang: str | None
) -> None:
    """Search the texts that an annotated bibliography cites.

    The files of CORPUS/bibliography are the truth: edit them, then `renvois crawl` visits what
    they cite, `renvois index` reads and indexes it, `renvois search` asks.
    """
    settings = read_settings(environ=os.environ, corpus=corpus, file=config)
    context.obj = replace(settings, language=lang) if lang else settings
