"""Look after the indexes of a cluster: what there is, one made, swapped in, dropped, checked."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from indexer.engines.opensearch.client import Cluster, ClusterOptions, IndexState
from indexer.engines.opensearch.engine import OpenSearchEngine, find_index, parse_source
from indexer.engines.opensearch.mapping import make_fingerprint, name_texts, name_words
from indexer.engines.opensearch.writer import Lease, check_changed, create_indexes, drop_past
from indexer.engines.planning.plan import MatchAll
from indexer.errors import DamagedIndexError, MissingIndexError, SearchIndexError
from indexer.index import fingerprint
from indexer.messages import message
from indexer.model import Document

Json = dict[str, Any]
_MOST_DAMAGES: Final = 20


class ClusterIndex(NamedTuple):
    """One index of texts, and how it is."""

    name: str
    texts: int
    size_bytes: int
    health: str  # green, yellow, red; "" where the cluster does not say
    is_answering: bool
    is_current: bool  # made with the fields and the analysis of this version


class ClusterStatus(NamedTuple):
    """The health of a cluster, and the indexes whose names begin with a prefix."""

    status: str
    nodes: int
    unassigned_shards: int
    indexes: tuple[ClusterIndex, ...]


class ClusterCheck(NamedTuple):
    """The result of verifying an index of a cluster: texts and bytes read, damages found."""

    name: str
    bytes_verified: int
    texts_verified: int
    damages: tuple[DamagedIndexError, ...]


@contextmanager
def _opened(options: ClusterOptions) -> Iterator[Cluster]:
    cluster = Cluster(options)
    try:
        yield cluster
    finally:
        cluster.close()


def read_status(options: ClusterOptions) -> ClusterStatus:
    """Tell how the cluster is, and each index of texts there."""
    with _opened(options) as cluster:
        health = cluster.read_health()
        rows = {row["index"]: row for row in cluster.measure(f"{options.prefix}-*")}
        answering = {index.name for index in cluster.describe(name_texts(options.prefix))}
        indexes = tuple(
            ClusterIndex(
                name=index.name,
                texts=int(rows.get(index.name, {}).get("docs.count") or 0),
                size_bytes=int(rows.get(index.name, {}).get("store.size") or 0),
                health=rows.get(index.name, {}).get("health") or "",
                is_answering=index.name in answering,
                is_current=index.meta.get("fingerprint") == make_fingerprint(),
            )
            for index in sorted(cluster.describe(f"{options.prefix}-texts-*"))
        )
    return ClusterStatus(
        health["status"], health["number_of_nodes"], health["unassigned_shards"], indexes
    )


def create(options: ClusterOptions) -> str:
    """Make an empty index that answers, where there is none; gives its name.

    Raises SearchIndexError where one answers already.
    """
    with _opened(options) as cluster:
        alias = name_texts(options.prefix)
        if cluster.describe(alias):
            hint = message("hint.rebuild-beside")
            raise SearchIndexError(message("error.cluster.there-already"), where=alias, hint=hint)
        lease = Lease(cluster)
        lease.take()
        try:
            texts, words = create_indexes(cluster, is_empty=True)
            cluster.swap({alias: texts, name_words(options.prefix): words})
        finally:
            lease.give_back()
    return texts


def _find_named(cluster: Cluster, name: str) -> IndexState:
    for index in cluster.describe(f"{cluster.options.prefix}-texts-*"):
        if index.name == name:
            return index
    hint = message("hint.engine-status-lists")
    raise MissingIndexError(message("error.cluster.no-index"), where=name, hint=hint)


def swap(options: ClusterOptions, name: str) -> None:
    """Have an index of texts answer with its words, in one change of the cluster.

    Raises MissingIndexError for a name that is none of ours, DamagedIndexError for one that was
    not finished, StaleIndexError for one of another version.
    """
    with _opened(options) as cluster:
        index = _find_named(cluster, name)
        find_index(cluster, name)
        check_changed(index, options.where)
        words = index.meta["words"]
        cluster.swap({name_texts(options.prefix): name, name_words(options.prefix): words})


def drop(options: ClusterOptions, name: str = "") -> list[str]:
    """Remove an index that does not answer, with its words; all such without a name.

    Gives the names of what was removed. Raises SearchIndexError for one that answers.
    """
    with _opened(options) as cluster:
        if not name:
            return drop_past(cluster, keeps_one=False)
        if any(index.name == name for index in cluster.describe(name_texts(options.prefix))):
            hint = message("hint.swap-first")
            raise SearchIndexError(message("error.cluster.answers"), where=name, hint=hint)
        index = _find_named(cluster, name)
        dropped = [name, *filter(None, [index.meta.get("words")])]
        cluster.drop(*dropped)
    return dropped


def check(options: ClusterOptions) -> ClusterCheck:
    """Read every text of the index that answers, and compare it with its fingerprint.

    Raises MissingIndexError, StaleIndexError.
    """
    with _opened(options) as cluster:
        index = find_index(cluster)
        damages = []
        try:
            check_changed(index, options.where)
        except DamagedIndexError as damage:
            damages.append(damage)
        engine = OpenSearchEngine(cluster, index)
        size = count = 0
        try:
            for key, source in engine.list_sources():
                count += 1
                size += len(source["outline"].encode()) + len(source["paragraphs"].encode())
                if not _is_whole(source) and len(damages) < _MOST_DAMAGES:
                    what = message("error.cluster.text-changed", key=key)
                    damages.append(DamagedIndexError(what, where=index.name))
            (there,) = engine.lexicon.count_found([MatchAll()])
            if there != count:
                what = message("error.cluster.texts-listed", there=there, listed=count)
                damages.append(DamagedIndexError(what, where=index.name))
        finally:
            engine.close()
    return ClusterCheck(index.name, size, count, tuple(damages))


def _is_whole(source: Json) -> bool:
    try:
        return bool(fingerprint(parse_source(source)) == source["fingerprint"])
    except (ValueError, KeyError, TypeError):
        return False


# --- what other rooms ask of an index, whatever engine has it


def has_index(options: ClusterOptions) -> bool:
    """Whether some index answers. Raises SearchIndexError where the cluster does not."""
    with _opened(options) as cluster:
        return bool(cluster.describe(name_texts(options.prefix)))


def open_index(options: ClusterOptions) -> None:
    """Raise MissingIndexError, StaleIndexError or DamagedIndexError where no index can answer."""
    with _opened(options) as cluster:
        check_changed(find_index(cluster), options.where)


def find_indexed(options: ClusterOptions, ids: Collection[str]) -> frozenset[str]:
    """Which of these texts the index holds; none where there is none to be read."""
    if not ids:
        return frozenset()
    try:
        with _opened(options) as cluster:
            engine = OpenSearchEngine(cluster, find_index(cluster))
            try:
                documents = engine.find_documents(sorted(ids))
            finally:
                engine.close()
    except SearchIndexError:
        return frozenset()  # whoever asks it something is told
    return frozenset(each.id for each in documents if each is not None)


def read_outlines(options: ClusterOptions) -> list[Document]:
    """Read every document without its paragraphs, whichever version wrote the index."""
    with _opened(options) as cluster:
        found = cluster.describe(name_texts(options.prefix))
        if len(found) != 1:
            return []
        engine = OpenSearchEngine(cluster, found[0])
        try:
            return list(engine.list_documents(is_whole=False))
        finally:
            engine.close()


def remove_past(options: ClusterOptions) -> None:
    """Remove every index but the one that answers, so that nothing of what they held is left.

    Raises LockedError when somebody else is indexing.
    """
    with _opened(options) as cluster:
        lease = Lease(cluster)
        lease.take()
        try:
            drop_past(cluster, keeps_one=False)
            cluster.expunge(name_texts(options.prefix))
        finally:
            lease.give_back()
