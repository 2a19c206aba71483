"""`python -m benchmarks.search`."""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from benchmarks.search import work
from benchmarks.search.engines import BUILD

_SIZES: Final = (1_000, 20_000, 100_000)
_STREAMED: Final = ("renvois", "tantivy", "fts5")


def main() -> int:
    """Measure every engine at every size; print lines or tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search")
    parser.add_argument("--collections", default=os.environ.get("BENCH_COLLECTIONS"))
    parser.add_argument("--size", type=int, action="append", help="texts; three sizes if unsaid")
    parser.add_argument("--engine", action="append", choices=tuple(BUILD))
    parser.add_argument(
        "--exact", action="store_true", help="compare every answer with Whoosh's own, for minutes"
    )
    parser.add_argument(
        "--stream", type=int, const=5_000, nargs="?", metavar="QUERIES",
        help="one pass of so many different real queries, every engine by turns in one process",
    )  # fmt: skip
    parser.add_argument("--keep", type=Path, help="build here, and ask what is there already")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if not asked.collections:
        print("Say where the collections are: --collections DIR", file=sys.stderr)
        return 2
    if asked.stream:
        for size in asked.size or _SIZES[1:]:
            _stream(asked, size)
        return 0
    for size in asked.size or _SIZES:
        rows = []
        for engine in asked.engine or BUILD:
            with tempfile.TemporaryDirectory() as place:
                folder = Path(place) / engine
                row = {"engine": engine, "size": size}
                row |= _in_process(work.build, engine, folder, asked.collections, size)
                row |= _in_process(work.ask, engine, folder, asked.collections, size)
                if engine == "renvois":
                    if asked.exact:
                        row |= _in_process(work.check, folder, asked.collections, size)
                    row |= _in_process(work.update, folder, asked.collections, size)
            rows.append(row)
            if asked.json:
                print(json.dumps(row), flush=True)
        if not asked.json:
            _print_table(size, rows)
    return 0


def _stream(asked: argparse.Namespace, size: int) -> None:
    """Build what is not there yet, ask every engine the stream, print tables or a line."""
    with tempfile.TemporaryDirectory() as place:
        kept = asked.keep or Path(place)
        folders = {name: kept / f"{name}-{size}" for name in asked.engine or _STREAMED}
        built = {}
        for name, folder in folders.items():
            if not folder.exists():
                built[name] = _in_process(work.build, name, folder, asked.collections, size)
        row = _in_process(work.stream, folders, asked.collections, asked.stream)
        if "renvois" in folders:
            ours = folders["renvois"]
            row["first"] = _in_process(work.first_after_update, ours, asked.collections, size)
            row["parts_mb"] = work.measure_parts(ours)
    row |= {"size": size, "built": built}
    if asked.json:
        print(json.dumps(row), flush=True)
        return
    print(f"\n## {row['queries']:,} different queries once each, {size:,} texts\n")
    print("| | p50 ms | mean ms | p95 ms | times tantivy's p50, mean, p95 |\n|---|---|---|---|---|")
    base = row["times"].get("tantivy")
    for name, times in row["times"].items():
        ratios = [f"{each / theirs:.1f}" for each, theirs in zip(times, base or (), strict=False)]
        print(f"| {name} | " + " | ".join(map(str, times)) + f" | {', '.join(ratios)} |")
    for name in ("first", "parts_mb", "built"):
        print(f"\n{name}: {json.dumps(row.get(name))}")


def _in_process(task: Any, *arguments: Any) -> dict[str, Any]:
    """What `task` says, from a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=task, args=(theirs, *arguments))
    process.start()
    theirs.close()
    answer: dict[str, Any] = ours.recv()
    process.join()
    return answer


def _print_table(size: int, rows: list[dict[str, Any]]) -> None:
    """A column an engine; p50/p95 in ms of CPU, and how many times ours the p50 is."""
    regrouped = rows[0]["regrouped"]
    print(f"\n## {size:,} texts ({regrouped:,} of them regrouped paragraphs)\n")
    print("| | " + " | ".join(row["engine"] for row in rows) + " |")
    print("|---|" + "---|" * len(rows))
    ours = next((row for row in rows if row["engine"] == "renvois"), None)
    for name in dict.fromkeys(name for row in rows for name in row):
        if name in ("engine", "size", "regrouped"):
            continue
        cells = []
        for row in rows:
            value = row.get(name)
            if isinstance(value, list):
                times = f"{value[0]} / {value[1]}"
                if ours is not None and row is not ours and ours.get(name):
                    times += f" ({value[0] / ours[name][0]:.1f}×)"
                cells.append(times)
            else:
                cells.append("–" if value is None else str(value))
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    sys.exit(main())
