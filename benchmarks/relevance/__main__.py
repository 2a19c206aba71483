"""`python -m benchmarks.relevance`."""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.relevance.collections import (
    Collection,
    find_collections,
    read_collection,
    spoil,
    strip_accents,
)
from benchmarks.relevance.engines import ENGINES
from benchmarks.relevance.measures import MEASURES, measure


def main() -> int:
    """Measure every engine on every collection; print a line or a table."""
    asked = _read_arguments()
    folder = asked.collections or os.environ.get("BENCH_COLLECTIONS")
    if not folder:
        print("Say where the collections are: --collections DIR", file=sys.stderr)
        return 2
    if asked.meaning:
        return _measure_meaning(Path(folder), asked)
    collections = [
        _prepare(read_collection(path, asked.split), asked)
        for path in find_collections(Path(folder), asked.split)
    ]
    if not collections:
        print(f"{folder}: no collection has a {asked.split} split", file=sys.stderr)
        return 1
    rows = []
    for engine in asked.engine or ENGINES:
        for collection in collections:
            with tempfile.TemporaryDirectory() as place:
                try:
                    search = ENGINES[engine](Path(place) / engine, collection.texts)
                except ModuleNotFoundError as error:
                    print(f"{engine}: not measured, {error.name} is not here", file=sys.stderr)
                    break
                measured = measure(collection, search)
            row = {
                "engine": engine,
                "collection": collection.name,
                **{name: round(value, 4) for name, value in measured.items()},
                "split": asked.split,
                "queries": len(collection.topics),
                "strip_accents": asked.strip_accents,
                "typos": asked.typos,
            }
            rows.append(row)
            if asked.json:
                print(json.dumps(row), flush=True)
    if not asked.json:
        _print_table(rows, [collection.name for collection in collections])
    return 0


def _measure_meaning(folder: Path, asked: argparse.Namespace) -> int:
    """Measure what meaning adds to words, on samples (benchmarks/relevance/meaning.py)."""
    from benchmarks.relevance.meaning import measure_meaning  # here: it wants the extra
    from indexer.errors import MeaningError
    from indexer.meaning.embedders import open_embedder

    try:
        embedder = open_embedder(asked.model, threads=1)
    except MeaningError as error:
        print(f"meaning is not measured: {error}", file=sys.stderr)
        return 1
    measure_meaning(folder, asked.split, asked.cache, embedder)
    return 0


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relevance")
    parser.add_argument("--collections", help="a folder of collections")
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--strip-accents", action="store_true", help="queries without accents")
    parser.add_argument("--typos", action="store_true", help="queries with one mistake")
    parser.add_argument("--engine", action="append", choices=tuple(ENGINES), help="only this one")
    parser.add_argument("--meaning", action="store_true", help="what meaning adds to words")
    parser.add_argument("--model", type=Path, help="a folder with an ONNX model, for --meaning")
    parser.add_argument(
        "--cache", type=Path, default=Path("run/meaning"), help="where what was embedded is kept"
    )
    parser.add_argument("--json", action="store_true", help="a line an engine and collection")
    return parser.parse_args()


def _prepare(collection: Collection, asked: argparse.Namespace) -> Collection:
    topics = collection.topics
    if asked.typos:
        topics = tuple(spoil(topic) for topic in topics)
    if asked.strip_accents:
        topics = tuple(strip_accents(topic) for topic in topics)
    return replace(collection, topics=topics)


def _print_table(rows: list[dict[str, object]], names: list[str]) -> None:
    """nDCG@10 / MRR@10 / R@100 by engine and collection, and the mean nDCG@10."""
    print("| engine | mean nDCG@10 | " + " | ".join(names) + " |")
    print("|---|---|" + "---|" * len(names))
    for engine in dict.fromkeys(str(row["engine"]) for row in rows):
        mine = {row["collection"]: row for row in rows if row["engine"] == engine}
        mean = sum(float(str(row["nDCG@10"])) for row in mine.values()) / len(mine)
        cells = [
            " / ".join(f"{mine[name][measure]:.4f}" for measure in MEASURES)
            if name in mine
            else "–"
            for name in names
        ]
        print(f"| {engine} | {mean:.4f} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    sys.exit(main())
