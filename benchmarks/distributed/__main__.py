"""`python -m benchmarks.distributed`."""

import argparse
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from typing import Any, Final
from urllib.parse import quote

import waitress

from benchmarks.distributed.clients import write
from benchmarks.relevance.collections import Collection, Text, find_collections, read_collection
from benchmarks.relevance.engines import make_document
from benchmarks.relevance.measures import DEPTH, measure
from indexer.engines import Searcher, build_index, open_searcher
from indexer.engines.opensearch.client import Cluster, ClusterOptions
from indexer.engines.opensearch.engine import OpenSearchIndex
from search_web import create_app
from testbed.cluster import ADDRESS, FOLDER

_SEED: Final = 16
_PREFIX: Final = "distributed"
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Measure; print tables, or a line of JSON a collection."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.distributed")
    parser.add_argument("--collections", default=os.environ.get("BENCH_COLLECTIONS"))
    parser.add_argument("--only", action="append", help="this collection")
    parser.add_argument("--host", default=os.environ.get("TEST_CLUSTER", ADDRESS))
    parser.add_argument("--pages", type=int, default=60, help="questions asked over HTTP")
    parser.add_argument("--topics", type=int, default=0, help="a sample of so many; all if unsaid")
    parser.add_argument("--texts", type=int, default=0, help="so many of them; all if unsaid")
    parser.add_argument("--clients", type=int, default=2_000, help="texts that each client writes")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if not asked.collections:
        print("Say where the collections are: --collections DIR", file=sys.stderr)
        return 2
    rows: list[dict[str, Any]] = []
    texts: list[Text] = []
    for path in find_collections(Path(asked.collections), "dev"):
        if asked.only and path.name not in asked.only:
            continue
        collection = read_collection(path, "dev")
        collection = _draw(collection, asked.topics, asked.texts)
        texts += collection.texts
        rows.append(_measure_collection(collection, asked))
        print(json.dumps(rows[-1]), flush=True)
    rows.append({"collection": "clients", **_measure_clients(texts[: asked.clients], asked.host)})
    print(json.dumps(rows[-1]), flush=True)
    if not asked.json:
        for row in rows:
            print(f"\n## {row['collection']}\n")
            for name, value in row.items():
                print(f"| {name} | {value} |")
    return 0


def _draw(collection: Collection, topics: int, texts: int) -> Collection:
    """Draw a sample: some questions, then what answers them among so many texts."""
    chance = random.Random(_SEED)
    asked = collection.topics
    if 0 < topics < len(asked):
        asked = tuple(chance.sample(asked, topics))
    held = collection.texts
    if 0 < texts < len(held):
        wanted = {key for topic in asked for key in topic.relevance}
        others = [text.id for text in held if text.id not in wanted]
        wanted.update(chance.sample(others, max(0, min(len(others), texts - len(wanted)))))
        held = tuple(text for text in held if text.id in wanted)
    return replace(collection, topics=asked, texts=held)


# --- one collection in both engines


def _measure_collection(collection: Collection, asked: argparse.Namespace) -> dict[str, Any]:
    options = ClusterOptions(hosts=(asked.host,), prefix=_PREFIX, timeout_s=300)
    row: dict[str, Any] = {"collection": collection.name, "texts": len(collection.texts)}
    with tempfile.TemporaryDirectory() as folder:
        with _timed(row, "folder build"):
            build_index(Path(folder), map(make_document, collection.texts))
        with _timed(row, "cluster build"):
            write(options, collection.texts)
        row["folder MB"] = _round(
            sum(each.stat().st_size for each in Path(folder).rglob("*") if each.is_file()) / 1e6
        )
        row["cluster MB"] = _round(_measure_size(options) / 1e6)
        searchers = {
            "folder": open_searcher(Path(folder)),
            "cluster": Searcher(OpenSearchIndex(options)),
        }
        for name, searcher in searchers.items():
            with _timed(row, f"{name} ranking"):
                found = measure(
                    collection,
                    lambda query, by=searcher: [key for key, _ in by.rank(query, DEPTH)],
                )
            row[f"{name} nDCG@10"] = round(found["nDCG@10"], 4)
        row |= _compare(collection, searchers)
        row |= _ask_over_http(collection, searchers, asked.pages)
        for searcher in searchers.values():
            searcher.close()
    _drop(options)
    return row


def _compare(collection: Collection, searchers: dict[str, Searcher]) -> dict[str, Any]:
    """Count the questions whose totals, facets and first text are the same in both."""
    equal = {"totals": 0, "facets": 0, "first text": 0}
    unequal: list[str] = []
    for topic in collection.topics:
        one, two = (
            searcher.search(topic.text, page_size=10, extracts=False)
            for searcher in searchers.values()
        )
        equal["totals"] += one.total == two.total
        equal["facets"] += one.facets == two.facets
        equal["first text"] += [hit.id for hit in one.hits[:1]] == [hit.id for hit in two.hits[:1]]
        if (one.total, one.facets) != (two.total, two.facets):
            unequal.append(topic.text)
    return {
        "questions": len(collection.topics),
        **{f"equal {name}": count for name, count in equal.items()},
        "unequal": unequal[:10],
    }


def _ask_over_http(
    collection: Collection, searchers: dict[str, Searcher], count: int
) -> dict[str, Any]:
    """Time questions of the JSON interface and pages of ten extracts, by turns."""
    times: dict[str, list[float]] = {}
    questions = [topic.text for topic in collection.topics][:count]
    with _serving(searchers["folder"]) as folder, _serving(searchers["cluster"]) as cluster:
        for kind, path in (("question", "/api/v1/search?q="), ("page", "/recherche?q=")):
            for question in questions:
                for name, port in (("folder", folder), ("cluster", cluster)):
                    took = _get(port, path + quote(question))
                    times.setdefault(f"{name} {kind}", []).append(took)
    told: dict[str, Any] = {}
    for name, took in times.items():
        cuts = quantiles(took[1:], n=20)
        told[f"{name} p50 ms"], told[f"{name} p95 ms"] = _round(cuts[9]), _round(cuts[18])
    return told


@contextmanager
def _serving(searcher: Searcher) -> Iterator[int]:
    """Serve the pages of a searcher on a port of loopback."""
    server = waitress.create_server(create_app(searcher), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        server.close()


def _get(port: int, path: str) -> float:
    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    begun = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    took = (time.perf_counter() - begun) * 1_000
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status}")
    return took


# --- several clients


def _measure_clients(texts: Sequence[Text], host: str) -> dict[str, Any]:
    """Write texts by one client, then by two at once, each to an index of its own."""
    row: dict[str, Any] = {"texts of each": len(texts)}
    for count in (1, 2):
        options = [
            ClusterOptions(hosts=(host,), prefix=f"{_PREFIX}-client{number}", timeout_s=300)
            for number in range(count)
        ]
        context = multiprocessing.get_context("spawn")
        workers = [context.Process(target=write, args=(each, texts)) for each in options]
        name = f"{count} clients"
        with _timed(row, name):
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        if any(worker.exitcode for worker in workers):
            raise SystemExit("a client failed")
        row[f"{name} texts/s"] = _round(count * len(texts) / row[f"{name} s"])
        for each in options:
            _drop(each)
    return row


def _measure_size(options: ClusterOptions) -> int:
    cluster = Cluster(options)
    size = sum(int(row["store.size"] or 0) for row in cluster.measure(f"{options.prefix}-*"))
    cluster.close()
    return size


def _drop(options: ClusterOptions) -> None:
    cluster = Cluster(options)
    cluster.drop(*(index.name for index in cluster.describe(f"{options.prefix}-*")))
    cluster.close()


@contextmanager
def _timed(row: dict[str, Any], name: str) -> Iterator[None]:
    """Note the seconds that something takes, and the CPU seconds of this side and of the node."""
    begun, ours, theirs = time.perf_counter(), _own_cpu(), _node_cpu()
    yield
    row[f"{name} s"] = _round(time.perf_counter() - begun)
    row[f"{name} client CPU s"] = _round(_own_cpu() - ours)
    row[f"{name} node CPU s"] = _round(_node_cpu() - theirs)


def _own_cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _node_cpu() -> float:
    """Read the CPU of the node that the testbed started; 0 where another was named."""
    pid = FOLDER / "node1.pid"
    if not pid.is_file():
        return 0.0
    told = Path(f"/proc/{pid.read_text('utf-8')}/stat").read_text("utf-8")
    fields = told.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _round(value: float) -> float:
    return round(value, 2)


if __name__ == "__main__":
    sys.exit(main())
