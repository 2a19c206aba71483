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
from indexer.cli.terminal import CorpusGroup, choose_language
from indexer.messages import LANGUAGES
from indexer.settings import find_language, read_settings, read_settings_file

__all__ = ["main"]


# Loaded when asked for: a search need not wait for what reads web pages, nor `--help` for any.
COMMANDS = MappingProxyType(
    {
        "archive": ("indexer.cli.archive", "cli.archive.help"),
        "bibliography": ("indexer.cli.bibliography", "cli.bibliography.help"),
        "catalogue": ("indexer.cli.catalogue", "cli.catalogue.help"),
        "crawl": ("indexer.cli.crawl", "cli.crawl.help"),
        "engine": ("indexer.cli.engine", "cli.engine.help"),
        "extract": ("indexer.cli.index", "cli.extract.help"),
        "index": ("indexer.cli.index", "cli.index.help"),
        "init": ("indexer.cli.init", "cli.init.help"),
        "links": ("indexer.cli.links", "cli.links.help"),
        "meaning": ("indexer.cli.meaning", "cli.meaning.help"),
        "search": ("indexer.cli.search", "cli.search.help"),
        "status": ("indexer.cli.watch", "cli.status.help"),
        "watch": ("indexer.cli.watch", "cli.watch.help"),
        "withdraw": ("indexer.cli.withdraw", "cli.withdraw.help"),
    }
)
HELPS = MappingProxyType({"serve": "cli.serve.help"})  # of commands that rooms above give


@click.group(
    cls=CorpusGroup,
    modules=COMMANDS,
    group="renvois.commands",
    helps=HELPS,
    help="cli.help",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="renvois", help="cli.option.version")
@click.option(
    "--corpus", type=click.Path(file_okay=False, path_type=Path), help="cli.option.corpus"
)
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="cli.option.config")
@click.option("--lang", type=click.Choice(LANGUAGES), help="cli.option.lang")
@click.pass_context
def main(
    context: click.Context, corpus: Path | None, config: Path | None, lang: str | None
) -> None:
    """Search the texts that an annotated bibliography cites."""
    file = read_settings_file(os.environ, config)
    choose_language(find_language(os.environ, told=lang, file=file))
    settings = read_settings(environ=os.environ, corpus=corpus, file=file)
    context.obj = replace(settings, language=lang) if lang else settings
