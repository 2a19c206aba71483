"""Talk to a cluster of OpenSearch: the only door to `opensearch-py`.

What the library raises becomes a SearchIndexError here, once, that says where, what, and which
setting mends it. Nothing that changes the cluster is sent twice by itself: a request that timed out
may have been carried out.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from opensearchpy import OpenSearch
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConflictError,
    ConnectionError,
    ConnectionTimeout,
    ImproperlyConfigured,
    NotFoundError,
    OpenSearchDslException,
    OpenSearchException,
    SSLError,
    TransportError,
)
from opensearchpy.helpers import streaming_bulk

from indexer.errors import SearchIndexError
from indexer.messages import message

# Each request is a line of its log, and each document that is not there a warning; what is wrong is
# raised here.
logging.getLogger("opensearch").setLevel(logging.ERROR)

Json = dict[str, Any]
T = TypeVar("T")
_SEARCHES: Final = 200  # sent at once
_ACTIONS: Final = 2_000  # of a bulk request, where they are small
_BULK_BYTES: Final = 10_000_000
_TRIES: Final = 8  # of what the cluster was too busy for
_SHARD_WAIT_S: Final = 60.0  # a bulk waits so long for a shard whose node died (its `timeout`)
_KEPT_ALIVE: Final = "10m"  # a state that nobody asks for so long is let go
_TOO_MANY_REQUESTS: Final = 429
_WAITS_S: Final = (0.0, 0.2, 0.5, 1.0)  # before a state is opened again, while a node is lost
_OPENED_ANEW_S: Final = 5.0  # before what lacks a part, or could not be opened, is tried again
# What a cluster says where a state is gone, or a node that had a part of it.
_GONE: Final = (
    *("search_context_missing", "index_not_found", "no node found for id", "no_shard_available"),
    *("node_disconnected", "node_not_connected", "node_closed", "connect_transport"),
)
_OTHERS: Final = (
    *(OpenSearchException, OpenSearchDslException, ImproperlyConfigured),
    *(OSError, ValueError),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterOptions:
    """The options of a cluster: addresses, credentials, shards and replicas of its indexes."""

    hosts: tuple[str, ...] = ("http://127.0.0.1:9200",)
    ca_file: Path | None = None  # the authority that signed its certificate
    certificate: Path | None = None  # ours, to be let in by
    key: Path | None = None  # of our certificate
    user: str = ""
    password: str = field(default="", repr=False)
    prefix: str = "renvois"  # what the names of our indexes begin with
    shards: int = 1
    replicas: int = 0
    timeout_s: float = 30.0
    is_partial: bool = False  # whether to answer without a shard that does not

    @property
    def where(self) -> str:
        """The cluster, as errors name it; an address may hold a password."""
        return ", ".join(host.rpartition("@")[2] for host in self.hosts)


class StateGoneError(SearchIndexError):
    """A state that was opened is open no more."""


class Refused(NamedTuple):
    """A document that the cluster did not take."""

    id: str
    status: int
    reason: str


class IndexState(NamedTuple):
    """An index of the cluster: what it is for stands in its `_meta`."""

    name: str
    meta: Json


class Cluster:
    """A cluster, asked from several threads at once."""

    def __init__(self, options: ClusterOptions) -> None:
        """Connect lazily. Raises SearchIndexError where a certificate can't be read."""
        self.options = options
        paths = (options.certificate, options.key, options.ca_file)
        for path in paths:
            if path is not None and not path.is_file():
                hint = message("hint.engine-names")
                raise SearchIndexError(message("error.cluster.no-file"), where=path, hint=hint)
        certificate, key, ca_file = (None if path is None else str(path) for path in paths)
        with self._told():
            self._client = OpenSearch(
                list(options.hosts),
                http_auth=(options.user, options.password) if options.user else None,
                ca_certs=ca_file,
                client_cert=certificate,
                client_key=key,
                timeout=options.timeout_s,
                max_retries=2,
                retry_on_timeout=False,
                retry_on_status=(_TOO_MANY_REQUESTS, 502, 503),
            )

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the library raises into an error of ours."""
        where = self.options.where
        try:
            yield
        except (AuthenticationException, AuthorizationException) as error:
            hint = message("hint.engine-credentials")
            raise SearchIndexError(
                message("error.cluster.not-let-in"), where=where, hint=hint
            ) from error
        except SSLError as error:
            hint = message("hint.engine-ca")
            what = message("error.cluster.not-trusted")
            raise SearchIndexError(what, where=where, hint=hint) from error
        except ConnectionTimeout as error:
            what = message("error.cluster.timeout", seconds=f"{self.options.timeout_s:g}")
            hint = message("hint.more-time")
            raise SearchIndexError(what, where=where, hint=hint) from error
        except ConnectionError as error:
            hint = message("hint.is-cluster-running")
            raise SearchIndexError(
                message("error.cluster.no-answer"), where=where, hint=hint
            ) from error
        except TransportError as error:
            raise _explain(error, where) from error
        except _OTHERS as error:
            hint = message("hint.engine-settings")
            raise SearchIndexError(
                message("error.cluster.cannot-ask", error=str(error)), where=where, hint=hint
            ) from error

    # --- asking

    def search(
        self, body: Json, index: str | None = None, *, is_whole: bool = False, **params: str
    ) -> Json:
        """Carry out one search, counting rarity over all shards.

        `is_whole`: refuse where a shard does not answer, whatever the setting.
        """
        params = {"search_type": "dfs_query_then_fetch", **params}
        if "pit" not in body:
            params["index"] = index or ""
        with self._told():
            may = str(self.options.is_partial and not is_whole).lower()
            answer: Json = self._client.search(
                body=body, params={**params, "allow_partial_search_results": may}
            )
        return answer

    def search_each(self, bodies: Sequence[Json]) -> Iterator[Json]:
        """Carry out many searches, some at a time, in order."""
        header = {
            "search_type": "dfs_query_then_fetch",
            "allow_partial_search_results": self.options.is_partial,
        }
        for first in range(0, len(bodies), _SEARCHES):
            lines: list[Json] = []
            for body in bodies[first : first + _SEARCHES]:
                lines += [header, body]
            with self._told():
                answers = self._client.msearch(body=lines)["responses"]
                for answer in answers:
                    if "error" in answer:
                        raise TransportError(answer["status"], "search", answer)
            yield from answers

    def open_state(self, index: str) -> tuple[str, int]:
        """Open the state that an index has now.

        Gives the name by which it is asked, and how many shards are not in it: what it finds
        lacks theirs, and nothing in an answer says so. Refused where the setting refuses that.
        """
        may = str(self.options.is_partial).lower()
        params = {"keep_alive": _KEPT_ALIVE, "allow_partial_pit_creation": may}
        with self._told():
            opened = self._client.create_pit(index=index, params=params)
        return str(opened["pit_id"]), _count_missing(opened)

    def close_state(self, name: str) -> None:
        """Let a state go that was opened; one that is gone already is no error."""
        with self._told():
            self._client.delete_pit(body={"pit_id": [name]})

    def read(self, index: str, id: str) -> Json | None:
        """Read one document with its number of changes, as it is at this moment, or None."""
        with self._told():
            try:
                answer: Json = self._client.get(index=index, id=id)
            except NotFoundError:
                return None
        return answer

    def read_many(self, index: str, ids: Sequence[str]) -> list[Json | None]:
        """Read the sources of documents as they are at this moment; None for those not there."""
        if not ids:
            return []
        with self._told():
            found = self._client.mget(index=index, body={"ids": list(ids)})["docs"]
        return [each.get("_source") if each.get("found") else None for each in found]

    # --- changing

    def write(self, index: str, actions: Iterable[Json]) -> Iterator[Refused]:
        """Carry out changes of documents in bulk; waits where the cluster is busy.

        Gives what was refused, once all that stands before it in its batch is written.
        """
        sent = ({"_index": index, **action} for action in actions)
        with self._told():
            for is_taken, told in streaming_bulk(
                self._client,
                sent,
                chunk_size=_ACTIONS,
                max_chunk_bytes=_BULK_BYTES,
                max_retries=_TRIES,
                initial_backoff=1,
                max_backoff=30,
                raise_on_error=False,
                request_timeout=self.options.timeout_s + _SHARD_WAIT_S,
            ):
                ((action, item),) = told.items()
                if not is_taken and not (action == "delete" and item["status"] == 404):
                    yield Refused(item["_id"], item["status"], _find_reason(item.get("error")))

    def put(self, index: str, id: str, body: Json, *, over: Json | None = None) -> bool:
        """Write one document in the place of the one that was read (`over`), or a new one.

        False where somebody else wrote it meanwhile.
        """
        params: dict[str, Any] = {"op_type": "create"}
        if over is not None:
            params = {"if_seq_no": over["_seq_no"], "if_primary_term": over["_primary_term"]}
        with self._told():
            try:
                self._client.index(index=index, id=id, body=body, params=params)
            except ConflictError:
                return False
        return True

    def remove(self, index: str, id: str, *, over: Json) -> None:
        """Remove the document that was read; one that was changed meanwhile stays."""
        params = {"if_seq_no": over["_seq_no"], "if_primary_term": over["_primary_term"]}
        with self._told():
            try:
                self._client.delete(index=index, id=id, params=params)
            except (ConflictError, NotFoundError):
                return

    # --- indexes

    def create(self, index: str, body: Json) -> None:
        """Make an index. Raises SearchIndexError where there is one of that name."""
        with self._told():
            self._client.indices.create(index=index, body=body)

    def drop(self, *indexes: str) -> None:
        """Remove indexes; those that are not there are gone already."""
        for index in indexes:
            with self._told():
                self._client.indices.delete(index=index, params={"ignore_unavailable": "true"})

    def refresh(self, *indexes: str) -> None:
        """Have what was written found."""
        with self._told():
            self._client.indices.refresh(index=",".join(indexes))

    def expunge(self, index: str) -> None:
        """Have nothing left on disk of what was removed from an index."""
        with self._told():
            self._client.indices.forcemerge(
                index=index,
                params={"only_expunge_deletes": "true", "ignore_unavailable": "true"},
            )

    def describe(self, names: str) -> list[IndexState]:
        """List the indexes of a name, an alias or a pattern; none where there is none."""
        with self._told():
            try:
                found = self._client.indices.get_mapping(index=names)
            except NotFoundError:
                return []
        return [IndexState(name, held["mappings"].get("_meta", {})) for name, held in found.items()]

    def swap(self, targets: Mapping[str, str]) -> None:
        """Have each alias name one index and no other, all in one change of the cluster."""
        actions: list[Json] = []
        for alias, index in targets.items():
            held_by = f"{alias}-*"  # ours alone: a cluster may hold what others make and delete
            actions.append({"remove": {"index": held_by, "alias": alias, "must_exist": False}})
            actions.append({"add": {"index": index, "alias": alias}})
        with self._told():
            self._client.indices.update_aliases(body={"actions": actions})

    def mark(self, index: str, meta: Json) -> None:
        """Write the `_meta` of an index."""
        with self._told():
            self._client.indices.put_mapping(index=index, body={"_meta": meta})

    def measure(self, pattern: str) -> list[Json]:
        """Tell of each index of a pattern: its name, health, documents and bytes."""
        with self._told():
            rows: list[Json] = self._client.cat.indices(
                index=pattern,
                params={"format": "json", "bytes": "b", "h": "index,health,docs.count,store.size"},
            )
        return rows

    def read_health(self) -> Json:
        """Tell how the cluster is: its status, its nodes, what is not there of its shards."""
        with self._told():
            health: Json = self._client.cluster.health()
        return health


class OpenedState:
    """One state of an index, which never changes while it is asked; for any thread.

    A cluster lets a state go that nobody asked for a while, and what a node had of it is gone with
    the node: it is opened again where the index is still as it was, on the nodes that are left.
    """

    def __init__(self, cluster: Cluster, index: IndexState) -> None:
        """Open the newest state of an index; `index` says what it is like then."""
        self._cluster, self._index = cluster, index
        self._lock = threading.Lock()
        self._failed_at = -_OPENED_ANEW_S  # when it could not be opened again
        self._name, self._lacking = cluster.open_state(index.name)
        self._opened_at = time.monotonic()

    def search(self, body: Json, *, is_whole: bool = False, **params: str) -> Json:
        """Carry out one search; `is_whole`: raise rather than leave out a part that is lost."""
        return self._ask(
            lambda name: [self._cluster.search(_point(body, name), is_whole=is_whole, **params)],
            is_whole=is_whole,
        )[0]

    def search_each(self, bodies: Sequence[Json]) -> list[Json]:
        """Carry out many searches, in order."""
        return self._ask(
            lambda name: list(self._cluster.search_each([_point(body, name) for body in bodies]))
        )

    def close(self) -> None:
        """Let it go."""
        self._cluster.close_state(self._name)

    def _ask(self, ask: Callable[[str], list[Json]], *, is_whole: bool = False) -> list[Json]:
        """Ask, and ask again where a node was lost; tell the parts that do not answer."""
        for wait_s in (*_WAITS_S, None):
            name, lacking = self._name, self._lacking
            if lacking and time.monotonic() - self._opened_at > _OPENED_ANEW_S:
                self._open_again(name)
                name, lacking = self._name, self._lacking
            if lacking and is_whole:
                raise _lack(lacking, self._index.name)
            try:
                answers = ask(name)
            except StateGoneError:
                if wait_s is None or time.monotonic() - self._failed_at < _OPENED_ANEW_S:
                    raise
                time.sleep(wait_s)
                self._open_again(name)
                continue
            if (
                any(map(_count_missing, answers)) and not lacking and wait_s is not None
            ):  # another node may have a copy
                self._open_again(name)
                continue
            for answer in answers:
                answer["_shards"]["failed"] = _count_missing(answer) + lacking
            return answers
        raise AssertionError("the last turn answers or raises")

    def _open_again(self, name: str) -> None:
        """Open it anew in the place of `name`, unless another thread has.

        Raises StateGoneError where the index has changed since, or can't be opened.
        """
        with self._lock:
            if self._name != name:
                return
            if self._cluster.describe(self._index.name) != [self._index]:
                raise StateGoneError(message("error.cluster.changed"), where=self._index.name)
            try:
                self._name, self._lacking = self._cluster.open_state(self._index.name)
            except SearchIndexError:
                self._failed_at = time.monotonic()
                raise
            self._opened_at = time.monotonic()


def _point(body: Json, name: str) -> Json:
    """Ask a search of an opened state."""
    return {**body, "pit": {"id": name, "keep_alive": _KEPT_ALIVE}}


def _count_missing(answer: Json) -> int:
    """Count the shards that are not in an answer: one without any node does not count as failed."""
    shards = answer["_shards"]
    return int(shards["total"]) - int(shards["successful"])


def _lack(count: int, where: str) -> SearchIndexError:
    return SearchIndexError(
        message("error.cluster.parts", count=count),
        where=where,
        hint=message("hint.engine-status"),
    )


def _explain(error: TransportError, where: str) -> SearchIndexError:
    """Say what a cluster answered."""
    reason = _find_reason(error.info) or str(error.error)
    if any(each in str(error.info) for each in _GONE):
        return StateGoneError(
            message("error.said", text=reason), where=where, hint=message("hint.ask-again")
        )
    hint = message("hint.engine-check")
    what = message("error.cluster.refuses", status=str(error.status_code), reason=reason)
    return SearchIndexError(what, where=where, hint=hint)


def _find_reason(info: Any) -> str:
    """Find the innermost reason that the cluster gives for an error."""
    if not isinstance(info, Mapping):
        return "" if info is None else str(info)
    for inner in ("caused_by", "error"):
        if isinstance(info.get(inner), Mapping | str) and (found := _find_reason(info[inner])):
            return found
    causes = info.get("root_cause")
    if isinstance(causes, list) and causes and "reason" not in info:
        return _find_reason(causes[0])
    return str(info.get("reason", ""))


def cut(each: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut what comes into lists of so many, the last one shorter."""
    rest = iter(each)
    return iter(lambda: list(islice(rest, size)), [])


def now_s() -> float:
    """Tell the time, seconds since 1970."""
    return time.time()
