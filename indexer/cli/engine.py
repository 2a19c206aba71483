"""`renvois engine`: look after the indexes of a cluster of OpenSearch."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from indexer.cli.terminal import (
    EXIT_FINDINGS,
    SpokenGroup,
    echo,
    echo_json,
    is_confirmed,
    misuse,
    say,
    words,
)
from indexer.messages import message
from indexer.outline_file import OutlinesFolder
from indexer.settings import Settings

if TYPE_CHECKING:
    from indexer.engines.opensearch.admin import ClusterIndex
    from indexer.engines.opensearch.client import ClusterOptions


@click.group(cls=SpokenGroup, help="cli.engine.help")
def engine() -> None:
    """Look after the index where it is in a cluster of OpenSearch."""


def _read_options(context: click.Context) -> "ClusterOptions":
    """Give the options of the cluster that the settings name."""
    from indexer.engines import describe_cluster  # here: `--help` needs no engine

    settings: Settings = context.obj
    place = settings.index_place
    if isinstance(place, Path):
        raise misuse("cli.engine.no-cluster", folder=str(settings.index))
    return describe_cluster(place)


@engine.command(help="cli.engine.status.help")
@click.option("--json", "as_json", is_flag=True, help="cli.option.json")
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
    nodes = message("cli.count.nodes", count=told.nodes)
    lost = told.unassigned_shards
    key = "cli.engine.cluster-lost" if lost else "cli.engine.cluster"
    echo(words(key, where=str(options.where), state=told.status, nodes=nodes, count=lost))
    for each in told.indexes:
        echo(_render_index(each))
    if not any(each.is_answering for each in told.indexes):
        say(message("cli.engine.none-answers"))


_STATES: Final = {
    (True, True): "cli.engine.answers",
    (True, False): "cli.engine.answers-stale",
    (False, True): "cli.engine.silent",
    (False, False): "cli.engine.silent-stale",
}


def _render_index(each: "ClusterIndex") -> str:
    """Say of an index of the cluster whether it answers, and how large it is."""
    return words(
        "cli.engine.index",
        name=each.name,
        state=message(_STATES[each.is_answering, each.is_current]),
        texts=message("cli.count.texts", count=each.texts),
        bytes=message("cli.count.bytes", count=each.size_bytes),
        health=each.health or message("cli.engine.unknown"),
    )


@engine.command(help="cli.engine.create.help")
@click.pass_context
def create(context: click.Context) -> None:
    """Make an empty index, where none answers."""
    options = _read_options(context)
    from indexer.engines.opensearch.admin import create as create_empty

    say(message("cli.engine.created", name=create_empty(options)))


@engine.command(help="cli.engine.swap.help")
@click.argument("name")
@click.pass_context
def swap(context: click.Context, name: str) -> None:
    """Have the index NAME answer, with its words, in one change of the cluster."""
    options = _read_options(context)
    from indexer.engines.opensearch.admin import swap as swap_in

    swap_in(options, name)
    say(message("cli.engine.swapped", name=name))


@engine.command(help="cli.engine.drop.help")
@click.argument("name", default="")
@click.option("--yes", is_flag=True, help="cli.engine.drop.yes")
@click.pass_context
def drop(context: click.Context, name: str, yes: bool) -> None:
    """Remove the index NAME with its words; without NAME, every index that does not answer."""
    options = _read_options(context)
    from indexer.engines.opensearch.admin import drop as drop_index

    question = message("cli.engine.ask-drop", name=name) if name else _ASK_DROP_ALL
    if not yes and not is_confirmed(question):
        raise click.Abort
    dropped = drop_index(options, name)
    for each in dropped:
        say(message("cli.engine.dropped", name=each))
    if not dropped:
        say(message("cli.engine.nothing-to-drop"))


_ASK_DROP_ALL: Final = message("cli.engine.ask-drop-all")


@engine.command(help="cli.engine.check.help")
@click.option("--json", "as_json", is_flag=True, help="cli.option.json")
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
        say(message("error.at", where=str(each.where), what=each.what))
    if found.damages:
        say(message("cli.engine.rebuild"))
    elif of_outlines:
        say(message("cli.engine.outlines"))
    else:
        size = message("cli.count.bytes", count=found.bytes_verified)
        texts = message("cli.count.texts", count=found.texts_verified)
        say(message("cli.engine.whole", name=found.name, bytes=size, texts=texts))
    return bool(damages)
