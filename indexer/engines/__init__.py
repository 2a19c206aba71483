"""Here are Documents, index them. Here is what somebody typed, give me Results.

`protocol` is the door of an engine; `planning` understands queries above it, whatever engine there
is, and `searcher` answers them. `embedded` is the engine of one machine, `opensearch` that of many.
An index is named by its place: a folder, or the options of a cluster.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.engines.embedded import building
from indexer.engines.embedded.building import (
    Check,
    EmbeddedWriter,
    build_index,
    check_index,
    read_indexed,
    size_index,
    update_index,
)
from indexer.engines.embedded.engine import EmbeddedIndex
from indexer.engines.embedded.whoosh_storage import open_generation
from indexer.engines.nearness import Meaning
from indexer.engines.protocol import EngineManager, IndexWriter
from indexer.engines.searcher import Searcher
from indexer.errors import DamagedIndexError, SearchIndexError
from indexer.messages import message
from indexer.model import Document
from indexer.search.synonyms import NO_SYNONYM_FILE, SynonymFile
from indexer.withdrawals import NO_WITHDRAWALS, WithdrawalFiles

if TYPE_CHECKING:
    from indexer.engines.opensearch.client import ClusterOptions

__all__ = [
    "Check",
    "Place",
    "Searcher",
    "build_index",
    "check_index",
    "check_place",
    "describe_cluster",
    "find_indexed",
    "has_index",
    "open_searcher",
    "open_writer",
    "read_indexed",
    "read_outlines",
    "remove_past",
    "size_index",
    "update_index",
]

Place = Path | Mapping[str, Any]  # a folder, or what `ClusterOptions` is made of


def describe_cluster(place: Mapping[str, Any]) -> "ClusterOptions":
    """Give the options of a cluster. Raises SearchIndexError where its client is not installed."""
    try:
        from indexer.engines.opensearch.client import ClusterOptions
    except ModuleNotFoundError as error:
        hint = message("hint.pip-install", package="renvois[opensearch]")
        raise SearchIndexError(
            message("error.not-installed", name=error.name or ""), hint=hint
        ) from error
    return ClusterOptions(**place)


def open_searcher(
    place: Place,
    withdrawals: WithdrawalFiles = NO_WITHDRAWALS,
    synonyms: SynonymFile = NO_SYNONYM_FILE,
    *,
    waits: bool = False,
    meaning: Meaning | None = None,
) -> Searcher:
    """Open the index of a place for reading; close it when done.

    What `withdrawals` name is neither found nor counted, from the moment when they name it; what
    `synonyms` say of words counts from the next question on. `meaning` is
    asked beside words, of questions that want it.

    Raises MissingIndexError when nothing is indexed yet, StaleIndexError when another version
    wrote it, DamagedIndexError when it is not as it was written; unless it `waits`: then every
    question raises that until the index has been built again.
    """
    searcher = Searcher(_open_manager(place, withdrawals), synonyms, meaning)
    try:
        searcher.open()
    except DamagedIndexError:
        if not waits:
            raise
    return searcher


def _open_manager(place: Place, withdrawals: WithdrawalFiles) -> EngineManager:
    if isinstance(place, Path):
        return EmbeddedIndex(place, withdrawals)
    options = describe_cluster(place)
    from indexer.engines.opensearch.engine import OpenSearchIndex

    return OpenSearchIndex(options, withdrawals)


def open_writer(place: Place) -> IndexWriter:
    """Give what writes the index of a place, which need not be there yet."""
    if isinstance(place, Path):
        return EmbeddedWriter(place)
    options = describe_cluster(place)
    from indexer.engines.opensearch.writer import OpenSearchWriter

    return OpenSearchWriter(options)


def check_place(place: Place) -> None:
    """Raise MissingIndexError, StaleIndexError or DamagedIndexError where no index can answer."""
    if isinstance(place, Path):
        open_generation(place)
        return
    options = describe_cluster(place)
    from indexer.engines.opensearch import admin

    admin.open_index(options)


def has_index(place: Place) -> bool:
    """Whether some index answers. Raises DamagedIndexError, StaleIndexError."""
    if isinstance(place, Path):
        return building.has_index(place)
    options = describe_cluster(place)
    from indexer.engines.opensearch import admin

    return admin.has_index(options)


def find_indexed(place: Place, ids: Collection[str]) -> frozenset[str]:
    """Which of these texts the index that answers holds; none where there is none to be read."""
    if isinstance(place, Path):
        return building.find_indexed(place, ids)
    options = describe_cluster(place)
    from indexer.engines.opensearch import admin

    return admin.find_indexed(options, ids)


def read_outlines(place: Place) -> list[Document]:
    """Read every document of the index that answers, without its paragraphs.

    Whoever wrote it: what an index of before says of ids is not lost. None where there is none.
    Raises DamagedIndexError where they can't be read.
    """
    if isinstance(place, Path):
        return building.read_outlines(place) if place.is_dir() else []
    options = describe_cluster(place)
    from indexer.engines.opensearch import admin

    return admin.read_outlines(options)


def remove_past(place: Place) -> None:
    """Remove every index but the one that answers, so that nothing of what they held is left.

    Raises LockedError when somebody else is indexing, SearchIndexError when it can't be done.
    """
    if isinstance(place, Path):
        building.remove_past(place)
        return
    options = describe_cluster(place)
    from indexer.engines.opensearch import admin

    admin.remove_past(options)
