"""Open the engine that the settings name: to search the texts, to write them.

`engines.embedded` unless `[engine]` names another; nobody else does.
"""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from indexer import engines
from indexer.corpus import find_synonyms, find_withdrawals
from indexer.disk import explain
from indexer.engines import Searcher
from indexer.engines.nearness import Meaning, Use
from indexer.engines.protocol import IndexWriter
from indexer.errors import SearchIndexError
from indexer.messages import message
from indexer.outline_file import OutlinesFolder
from indexer.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.meaning.building import MeaningStatus, Progress
    from indexer.meaning.embedders import Embedder


def open_searcher(settings: Settings, *, waits: bool = False) -> Searcher:
    """Open the index for reading, without what is withdrawn; close it when done.

    Raises MissingIndexError, StaleIndexError, DamagedIndexError; with `waits` a damaged index is
    waited for, and every question raises that until it has been built again.
    """
    return engines.open_searcher(
        settings.index_place,
        find_withdrawals(settings),
        find_synonyms(settings),
        waits=waits,
        meaning=_open_meaning(settings),
    )


def write_outlines(settings: Settings) -> None:
    """Write the outlines of all texts for the pages, where those of this index are not there.

    Raises SearchIndexError, also where they can't be written: then the first page writes them.
    """
    folder = OutlinesFolder(settings.outlines)
    with closing(open_searcher(settings)) as searcher:
        try:
            folder.prepare(lambda: searcher.documents_state, searcher.outlines)
        except OSError as error:
            raise SearchIndexError(
                message("error.outlines.not-written", why=explain(error).what),
                where=settings.outlines,
                hint=message("hint.pages-write-them"),
            ) from error


def _open_meaning(settings: Settings) -> Meaning | None:
    """Give what is asked of meaning; None where it is not used. No file is opened before that."""
    if not settings.meaning:
        return None
    from indexer.meaning.nearest import MeaningIndex  # here: most sites do without

    return MeaningIndex(
        settings.vectors, lambda: open_embedder(settings, threads=1), [*map(Use, settings.meaning)]
    )


def build_meaning(
    settings: Settings, tell: "Callable[[Progress], None]", *, threads: int = 0
) -> "MeaningStatus":
    """Embed what the index holds and nobody embedded yet, on so many cores (0: all).

    Raises MeaningError, LockedError, and what opening the index does.
    """
    from indexer.meaning.building import build  # here: it wants an extra

    embedder = open_embedder(settings, threads=threads)
    with closing(open_searcher(settings)) as searcher:
        return build(
            settings.vectors,
            searcher.documents,
            embedder,
            index_state=searcher.manager.generation,
            tell=tell,
        )


def forget_meaning(settings: Settings) -> int:
    """Remove the vectors of whatever the index has no more; say of how many texts and notes.

    Raises MeaningError, LockedError, and what opening the index does.
    """
    if not settings.vectors.is_dir():
        return 0
    from indexer.meaning.building import forget  # here: most sites do without

    with closing(open_searcher(settings)) as searcher:
        return forget(settings.vectors, {each.id for each in searcher.outlines()})


def open_embedder(settings: Settings, *, threads: int = 0) -> "Embedder":
    """Open the model that the settings name, on so many cores (0: all). Raises MeaningError."""
    from indexer.meaning.embedders import open_embedder as open_model  # here: it wants an extra

    return open_model(find_model(settings), threads=threads)


def find_model(settings: Settings) -> Path | None:
    """Find the folder of the model; None for the bundled one."""
    return settings.meaning_model if settings.meaning_model != Path() else None


def open_writer(settings: Settings) -> IndexWriter:
    """Give what writes the index, which need not be there yet."""
    return engines.open_writer(settings.index_place)
