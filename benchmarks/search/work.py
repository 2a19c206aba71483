"""What one engine does in a process of its own: index, or answer; timed in CPU seconds."""

import random
import resource
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from benchmarks.relevance.engines import make_document
from benchmarks.search.engines import BUILD, CANNOT, OPEN, Ask
from benchmarks.search.questions import draw_questions, draw_stream, gather_texts
from indexer.engines import open_searcher, update_index
from indexer.engines.embedded.lexicon import EmbeddedLexicon
from indexer.engines.embedded.topk import find_best
from indexer.engines.embedded.whoosh_index import open_reader
from indexer.engines.embedded.whoosh_storage import open_generation
from indexer.engines.planning.lexicon import Lookups
from indexer.engines.planning.translate import translate
from indexer.index import Changes
from indexer.search import parse_query
from testbed.exhaustive import rank_exhaustively, search_exhaustively

_REPETITIONS: Final = 7
_UPDATES: Final = 60
_SETTLED_S: Final = 3.0  # ours looks harder at an index that has changed a moment ago


def build(pipe: Connection, engine: str, folder: Path, collections: str, size: int) -> None:
    """Index, and send what it took."""
    texts, regrouped = gather_texts(Path(collections), size)
    started = time.process_time()
    BUILD[engine](folder, texts)
    elapsed = time.process_time() - started
    files = [path for path in folder.rglob("*") if path.is_file()]
    pipe.send(
        {
            "regrouped": regrouped,
            "texts_per_cpu_s": round(size / elapsed, 1),
            "disk_mb": round(sum(path.stat().st_size for path in files) / 1e6, 1),
            "parts_mb": measure_parts(folder) if engine == "renvois" else None,
            "build_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
        }
    )


def ask(pipe: Connection, engine: str, folder: Path, collections: str, size: int) -> None:
    """Open, ask, and send how long it took."""
    texts, _ = gather_texts(Path(collections), size)
    questions = draw_questions(texts)
    del texts
    if engine == "renvois":
        questions["page_bare"] = questions["page"] = questions["or3"]
    time.sleep(_SETTLED_S)
    first = time.process_time()
    answer = OPEN[engine](folder)
    opened = time.process_time()
    answer("or3", questions["or3"][0])
    answered = time.process_time()
    row: dict[str, Any] = {
        "open_ms": round((opened - first) * 1e3, 1),
        "first_ms": round((answered - opened) * 1e3, 1),
    }
    for kind, queries in questions.items():
        if kind in CANNOT.get(engine, ()):
            continue
        repeated = [[_time(answer, kind, query) for _ in range(_REPETITIONS)] for query in queries]
        row[kind] = _summarise([min(times) for times in repeated])
        row[f"{kind} anew"] = _summarise([times[0] for times in repeated])
    pipe.send(row)


def _time(answer: Ask, kind: str, query: str) -> float:
    """How long one answer took, in ms of CPU."""
    started = time.process_time()
    answer(kind, query)
    return (time.process_time() - started) * 1e3


def _summarise(times: list[float]) -> list[float]:
    """p50 and p95."""
    ordered = sorted(times)
    return [round(ordered[len(ordered) // 2], 3), round(ordered[int(len(ordered) * 0.95)], 3)]


def stream(pipe: Connection, folders: Mapping[str, Path], collections: str, asked: int) -> None:
    """Ask every engine each of `asked` different real queries once, by turns, and send the times.

    The engines stand in one process, so that whatever else the machine does meets all of them.
    Sends p50, mean and p95 in ms of CPU for each engine, in the order of `folders`.
    """
    queries = draw_stream(Path(collections), asked)
    time.sleep(_SETTLED_S)
    answers = {name: OPEN[name](folder) for name, folder in folders.items()}
    times: dict[str, list[float]] = {name: [] for name in answers}
    chance = random.Random(asked)
    for query in queries:
        for name in chance.sample(list(answers), len(answers)):
            times[name].append(_time(answers[name], "or", query))
    rows: dict[str, list[float]] = {}
    for name, each in times.items():
        p50, p95 = _summarise(each)
        rows[name] = [p50, round(statistics.fmean(each), 3), p95]
    pipe.send({"queries": len(queries), "times": rows})


def first_after_update(pipe: Connection, folder: Path, collections: str, size: int) -> None:
    """Ask each query of an index that was just opened, as the first visitor after an update does.

    Sends p50 and p95 in ms of CPU: prefixes, words with one letter wrong, whole pages with ten
    extracts; `keystroke` is the second suggestion after an update, `suggest` the first.
    """
    texts, _ = gather_texts(Path(collections), size)
    questions = draw_questions(texts)
    del texts
    time.sleep(_SETTLED_S)
    kinds: dict[str, tuple[str, Sequence[str]]] = {
        "prefix": ("prefix", questions["prefix"]),
        "typo": ("rank", [_mistype(word) for word in questions["middle"]]),
        "page": ("page", questions["or3"]),
    }
    OPEN["renvois"](folder)("page", "territoire")  # what is imported when first asked
    row: dict[str, list[float]] = {}
    for name, (kind, queries) in kinds.items():
        times = [_time(OPEN["renvois"](folder), kind, query) for query in queries]
        row[f"{name} first"] = _summarise(times)
    suggested: list[list[float]] = [[], []]
    for word in questions["middle"][:5]:
        searcher = open_searcher(folder)
        for times, prefix in zip(suggested, (word[:3], word[:4]), strict=True):
            started = time.process_time()
            searcher.suggest(prefix)
            times.append((time.process_time() - started) * 1e3)
    row["suggest first"], row["keystroke"] = map(_summarise, suggested)
    pipe.send(row)


def _mistype(word: str) -> str:
    """Exchange two letters in the middle of a word."""
    middle = len(word) // 2
    return word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]


def measure_parts(folder: Path) -> dict[str, float]:
    """Add up the megabytes of an index by what the files hold, largest first."""
    sizes: dict[str, int] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            part = path.suffix or path.name
            sizes[part] = sizes.get(part, 0) + path.stat().st_size
    ordered = sorted(sizes.items(), key=lambda each: -each[1])
    return {part: round(size / 1e6, 1) for part, size in ordered}


def check(pipe: Connection, folder: Path, collections: str, size: int) -> None:
    """Send how many queries have Whoosh's own exhaustive answer, of how many."""
    texts, _ = gather_texts(Path(collections), size)
    questions = draw_questions(texts)
    del texts
    generation = open_generation(folder)
    reader = open_reader(generation)
    lookups = Lookups(EmbeddedLexicon(reader))
    right, asked = 0, 0
    for query in [query for queries in questions.values() for query in queries]:
        plan = translate(parse_query(query), lookups)
        if plan is None:
            continue
        expected = search_exhaustively(generation, plan, reader)
        answer = find_best(plan, reader, 10)
        asked += 1
        right += answer.best.tolist() == rank_exhaustively(
            expected, 10
        ) and answer.matched.size == len(expected)
    pipe.send({"exact": f"{right} / {asked}"})


def update(pipe: Connection, folder: Path, collections: str, size: int) -> None:
    """Add texts one by one, find each, and send how long that took, in ms of wall time."""
    texts, _ = gather_texts(Path(collections), size)
    documents = [make_document(text) for text in texts[:_UPDATES]]
    order = [text.id for text in texts]
    del texts
    searcher = open_searcher(folder)
    times = []
    for number, document in enumerate(documents):
        word = f"ajout{number:04}"
        added = replace(document, id=f"added/{number}", title=f"{word} {document.title}")
        order.append(added.id)
        changes = Changes(added=(added,), order=tuple(order))
        started = time.perf_counter()
        update_index(folder, changes)
        if [key for key, _ in searcher.rank(word, 10)] != [added.id]:
            raise AssertionError(f"{added.id} was not found")
        times.append((time.perf_counter() - started) * 1e3)
    pipe.send({"added_and_found": _summarise(times)})
