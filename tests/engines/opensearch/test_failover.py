"""A cluster of three real nodes loses one: while it is written to, and while many search.

`make test-cluster` starts them. Times are printed and compared with nothing: a busy machine would
decide. What they were is in benchmarks/results/distributed.md.
"""

import itertools
import json
import os
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer.engines.opensearch.client import Cluster, ClusterOptions
from indexer.engines.searcher import Searcher
from indexer.errors import SearchIndexError
from search_web import create_app
from testbed.cluster import kill, restart
from tests.engines.contract.engines import OnCluster
from tests.engines.shelf import found, text

NODES = tuple(filter(None, os.environ.get("TEST_NODES", "").split(",")))
TEXTS = int(os.environ.get("TEST_NODES_TEXTS", "3000"))
SEARCHERS = 50
MANAGER = "manager"
either = pytest.mark.parametrize("role", ["data", MANAGER])
pytestmark = pytest.mark.skipif(
    not NODES, reason="no three nodes of OpenSearch: no failover was tried (`make test-cluster`)"
)


class OnNodes(OnCluster):
    """An index on three nodes: three shards, each on two nodes unless said otherwise."""

    def __init__(self, folder: Path, *, replicas: int = 1, is_partial: bool = False) -> None:
        super().__init__(folder)
        self.options = ClusterOptions(
            hosts=NODES,
            prefix=self.options.prefix,
            shards=3,
            replicas=replicas,
            is_partial=is_partial,
        )


def make_texts(count: int, word: str = "jardin"):
    return [text(f"t{n}", f"Le texte {n}", f"Un {word} du quartier {n}.") for n in range(count)]


def ask(path: str, address: str = "", method: str = "GET", body: bytes | None = None):
    """Ask a node that answers."""
    for host in (address,) if address else NODES:
        request = urllib.request.Request(f"{host}{path}", method=method, data=body)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except OSError as error:
            last = error
    raise last


def wait_until_green() -> None:
    told = ask("/_cluster/health?wait_for_status=green&wait_for_nodes=3&timeout=50s")
    for _ in range(10):
        if not told["timed_out"]:
            return
        told = ask("/_cluster/health?wait_for_status=green&wait_for_nodes=3&timeout=50s")
    raise AssertionError(told)


def find_node(prefix: str, role: str) -> int:
    """The number of the elected manager, or of another that holds a first copy of a shard."""
    shards = ask(f"/_cat/shards/{prefix}-*?format=json&h=prirep,node")
    (manager,) = ask("/_cat/cluster_manager?format=json&h=node")
    holding = {each["node"] for each in shards if each["prirep"] == "p"} - {manager["node"], None}
    node = manager["node"] if role == MANAGER else min(holding)
    return int(node.removeprefix("node"))


@contextmanager
def losing_a_node(prefix: str, role: str = "data") -> Iterator[int]:
    """Give the number of a node; whoever is inside kills it, and it is back afterwards."""
    number = find_node(prefix, role)
    try:
        yield number
    finally:
        restart(number, len(NODES))
        wait_until_green()


class Asking:
    """Threads that ask again and again, and what they were answered when."""

    def __init__(self, count: int, ask_once: Callable[[int], str]) -> None:
        self.answers: list[tuple[float, float]] = []  # when, after how long
        self.faults: list[str] = []
        self._over = threading.Event()
        self._ask_once = ask_once
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(count)]

    def __enter__(self) -> "Asking":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        for turn in itertools.count():
            if self._over.is_set():
                return
            asked = time.monotonic()
            try:
                fault = self._ask_once(number * 1000 + turn)
            except (SearchIndexError, OSError, ValueError) as error:
                fault = repr(error)
            now = time.monotonic()
            if fault:
                self.faults.append(fault)
            else:
                self.answers.append((now, now - asked))

    def describe(self, killed: float) -> str:
        times = sorted(now for now, _ in self.answers)
        gaps = [b - a for a, b in itertools.pairwise(times) if b > killed]
        before = [b - a for a, b in itertools.pairwise(times) if b <= killed]
        slowest = max((took for now, took in self.answers if now > killed), default=0)
        return (
            f"{len(times)} answers, {len(self.faults)} faults; longest without one "
            f"{max(gaps, default=0):.2f} s after the kill, {max(before, default=0):.2f} s before; "
            f"slowest answer after it {slowest:.2f} s"
        )


@either
def test_a_node_killed_while_an_index_is_built_loses_nothing(tmp_path, capsys, role):
    index = OnNodes(tmp_path)
    index.build(make_texts(300))
    wait_until_green()
    searcher = index.open()

    def ask_once(turn: int) -> str:
        total = searcher.search(f"jardin texte {turn % 300}").total
        return "" if total else "nothing was found"

    documents = make_texts(TEXTS, "verger")
    with losing_a_node(index.options.prefix, role) as number:
        killed: list[float] = []

        def give() -> Iterator:
            """The documents; half of them given, a node dies."""
            for place, document in enumerate(documents):
                if place == len(documents) // 2:
                    kill(number)
                    killed.append(time.monotonic())
                yield document

        with Asking(1, ask_once) as asking:
            begun = time.monotonic()
            written = index.build(give())
            took = time.monotonic() - begun
        with capsys.disabled():
            print(f"\n{role}, bulk of {TEXTS} in {took:.1f} s: {asking.describe(killed[0])}")
        assert not asking.faults
        assert written == len(documents)
        again = index.open()
        assert again.search("verger").total == len(documents)
        cluster = Cluster(index.options)
        kept = [each.id for each in again.outlines()]
        cluster.close()
        assert sorted(kept) == sorted(document.id for document in documents)
    assert index.open().search("verger").total == len(documents)
    index.close()


@either
def test_a_node_killed_while_fifty_search_shows_no_error_page(tmp_path, capsys, role):
    index = OnNodes(tmp_path)
    index.build(make_texts(TEXTS))
    wait_until_green()
    app = create_app(index.open())
    clients = [app.test_client() for _ in range(SEARCHERS)]
    assert clients[0].get("/recherche?q=jardin").status_code == 200

    def ask_once(turn: int) -> str:
        client = clients[turn // 1000]
        answer = client.get(f"/recherche?q=jardin+quartier+{turn % TEXTS}")
        if answer.status_code != 200:
            return f"{answer.status_code}: {answer.text[-2000:]}"
        return "" if f"/textes/t{turn % TEXTS}" in answer.text else "the text is not on the page"

    with losing_a_node(index.options.prefix, role) as number:
        with Asking(SEARCHERS, ask_once) as asking:
            time.sleep(10)
            kill(number)
            killed = time.monotonic()
            time.sleep(30)
        with capsys.disabled():
            print(f"\n{role}, {SEARCHERS} searchers: {asking.describe(killed)}")
        assert not asking.faults, asking.faults[0]
        assert any(now > killed for now, _ in asking.answers)
    index.close()


class Losing:
    """An engine of a cluster, or what opens it, that loses a node once a question is answered."""

    def __init__(self, held, number: int) -> None:
        self._held, self._number = held, number

    def __getattr__(self, name: str):
        return getattr(self._held, name)

    def acquire(self):
        return Losing(self._held.acquire(), self._number)

    def find(self, question):
        answer = self._held.find(question)
        kill(self._number)
        return answer


def test_a_shard_lost_between_finding_and_reading_is_said(tmp_path):
    index = OnNodes(tmp_path, replicas=0, is_partial=True)
    index.build(make_texts(60))
    wait_until_green()
    with losing_a_node(index.options.prefix) as number:
        searcher = Searcher(Losing(index.open_manager(), number))
        answer = searcher.search("jardin quartier", page_size=60)
        assert answer.is_partial
        assert "query.unread.partial" in [each.key for each in answer.unread]
        assert 0 < len(answer.hits) < answer.total == 60
        assert [hit.rank for hit in answer.hits] == sorted(hit.rank for hit in answer.hits)
        # What is alike is found among what is left.
        assert index.open().similar(answer.hits[0].id, limit=60)
        searcher.close()


def test_a_shard_that_is_lost_is_said_or_refused_by_setting(tmp_path):
    index = OnNodes(tmp_path, replicas=0, is_partial=True)
    index.build(make_texts(300))
    wait_until_green()
    strict = OnNodes(tmp_path, replicas=0)
    strict.options = ClusterOptions(hosts=NODES, prefix=index.options.prefix, shards=3)
    whole = index.open().search("jardin")
    assert whole.total == 300
    searcher, refusing = index.open(), strict.open()
    client = create_app(searcher).test_client()
    assert "réponse partielle" not in client.get("/recherche?q=jardin").text.lower()
    with losing_a_node(index.options.prefix) as number:
        kill(number)
        page = client.get("/recherche?q=jardin+quartier")
        assert page.status_code == 200
        assert "réponse partielle" in page.text.lower()
        assert page.headers["Cache-Control"] == "no-store"  # whole again as soon as it can be
        # What was sent whole before is of the same state: it may be sent again.
        assert "réponse partielle" not in client.get("/recherche?q=jardin").text.lower()
        assert client.get("/recherche.csv?q=jardin+quartier").status_code == 503
        part = index.open().search("jardin")
        assert 0 < part.total < 300
        with pytest.raises(SearchIndexError):
            refusing.search("jardin")
        answer = create_app(refusing).test_client().get("/recherche?q=jardin")
        assert answer.status_code == 503
    again = index.open()
    assert again.search("jardin").total == 300
    assert found(again, "jardin")
    time.sleep(6)  # what lacks a part is tried again after five seconds
    assert "réponse partielle" not in client.get("/recherche?q=jardin+quartier").text.lower()
    strict.close()
    index.close()
