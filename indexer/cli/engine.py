"""`renvois engine`: look after the indexes of a cluster of OpenSearch."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer.cli.terminal import EXIT_FINDINGS, echo, echo_json, say, words
from indexer.outline_file import OutlinesFolder
from indexer.settings import Settings

if TYPE_CHECKING:
    from indexer.engines.opensearch.client import ClusterOptions


@click.group()
def engine() -> None:
    """Look after the index where it is in a cluster of OpenSearch.

    [engine] in renvois.toml says where; docs/settings.md explains it.

    An index is built beside what answers and swapped in by `renvois index --rebuild`; the one
    before it stays until the next, so that it can be swapped in again.
    """


def _read_options(context: click.Context) -> "ClusterOptions":
    """Give the options of the cluster that the settings name."""
    from indexer.engines import describe_cluster  # here: `--help` needs no engine

    settings: Settings = context.obj
    place = settings.index_place
    if isinstance(place, Path):
        raise click.UsageError(
            f"The index is in the folder {settings.index}: only a cluster has this to look after "
            '([engine] name = "opensearch"). `renvois index --check` verifies a folder.'
        )
    return describe_cluster(place)


@engine.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Say how the cluster is, and which indexes there are."""
    options = _read_options(context)
    from indexer.engines.opensearch.admin import read_status

    told = read_status(options)
    if as_json:
        rows = [each._asdict() for each in told.indexes]
        echo_json(told._asdict() | {"indexes": rows})
        return
    lost = f", {told.unassigned_shards} shards without a node" if told.unassigned_shards else ""
    echo(f"{options.where}: {told.status}, {told.nodes} nodes{lost}")
    for each in told.indexes:
        state = "answers" if each.is_answering else "does not answer"
        stale = "" if each.is_current else ", of another version"
        size = f"{each.texts} texts, {each.size_bytes:,} bytes"
        echo(f"{each.name}: {state}{stale}; {size}, {each.health or 'unknown'}")
    if not any(each.is_answering for each in told.indexes):
        say("No index answers. `renvois index` builds one.")


@engine.command()
@click.pass_context
def create(context: click.Context) -> None:
    """Make an empty index, where none answers."""
    options = _read_options(context)
    from indexer.engines.opensearch.admin import create as create_empty

    say(f"{create_empty(options)} answers, and is empty.")


@engine.command()
@click.argument("name")
@click.pass_context
def swap(context: click.Context, name: str) -> None:
    """Have the index NAME answer, with its words, in one change of the cluster."""
    options = _read_options(context)
    from indexer.engines.opensearch.admin import swap as swap_in

    swap_in(options, name)
    say(f"{name} answers.")


@engine.command()
@click.argument("name", default="")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def drop(context: click.Context, name: str, yes: bool) -> None:
    """Remove the index NAME with its words; without NAME, every index that does not answer."""
    options = _read_options(context)
    from indexer.engines.opensearch.admin import drop as drop_index

    wanted = name or "every index that does not answer"
    if not yes:
        click.confirm(f"Remove {wanted}?", abort=True, err=True)
    dropped = drop_index(options, name)
    for each in dropped:
        say(f"{each} is removed.")
    if not dropped:
        say("Nothing to remove.")


@engine.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def check(context: click.Context, as_json: bool) -> None:
    """Read every text of the index that answers and verify it (3: some is damaged)."""
    settings: Settings = context.obj
    outlines = OutlinesFolder(settings.outlines)
    if check_cluster(_read_options(context), outlines, as_json=as_json):
        context.exit(EXIT_FINDINGS)


def check_cluster(options: "ClusterOptions", outlines: OutlinesFolder, *, as_json: bool) -> bool:
    """Verify the index of a cluster and the outlines made of it; whether something is damaged."""
    from indexer.engines.opensearch.admin import check as check_texts

    found = check_texts(options)
    of_outlines = outlines.find_damages()
    damages = (*found.damages, *of_outlines)
    if as_json:
        rows = [{"where": str(each.where), "what": words(each.what)} for each in damages]
        counts = {"bytes": found.bytes_verified, "texts": found.texts_verified}
        echo_json({**counts, "damages": rows})
    for each in damages:
        say(f"{each.where}: {words(each.what)}")
    if found.damages:
        say("Run `renvois index --rebuild`: what is there goes on answering meanwhile.")
    elif of_outlines:
        say("Run `renvois index`: it makes the outlines of the texts anew.")
    else:
        size = f"{found.bytes_verified:,} bytes and {found.texts_verified} texts"
        say(f"{found.name}: {size} verified: whole.")
    return bool(damages)
