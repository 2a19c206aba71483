"""Open the engine that the settings name: to search the texts, to write them.

`engines.embedded` unless `[engine]` names another; nobody else does.
"""

from indexer import engines
from indexer.corpus import find_synonyms, find_withdrawals
from indexer.engines import Searcher
from indexer.engines.protocol import IndexWriter
from indexer.settings import Settings


def open_searcher(settings: Settings, *, waits: bool = False) -> Searcher:
    """Open the index for reading, without what is withdrawn; close it when done.

    Raises MissingIndexError, StaleIndexError, DamagedIndexError; with `waits` a damaged index is
    waited for, and every question raises that until it has been built again.
    """
    return engines.open_searcher(
        settings.index_place, find_withdrawals(settings), find_synonyms(settings), waits=waits
    )


def open_writer(settings: Settings) -> IndexWriter:
    """Give what writes the index, which need not be there yet."""
    return engines.open_writer(settings.index_place)
