"""What one engine does in a process of its own: index, or answer; timed in CPU seconds."""

import resource
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from benchmarks.search.engines import BUILD, OPEN
from benchmarks.search.questions import draw_questions, gather_texts

_REPETITIONS: Final = 3


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
            "build_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
        }
    )


def ask(pipe: Connection, engine: str, folder: Path, collections: str, size: int) -> None:
    """Open, ask, and send how long it took."""
    texts, _ = gather_texts(Path(collections), size)
    questions = draw_questions(texts)
    del texts
    if engine == "renvois":
        questions["page"] = questions["or3"]
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
        times = []
        for query in queries:
            best = float("inf")
            for _ in range(_REPETITIONS):
                started = time.process_time()
                answer(kind, query)
                best = min(best, time.process_time() - started)
            times.append(best * 1e3)
        times.sort()
        row[kind] = [round(times[len(times) // 2], 3), round(times[int(len(times) * 0.95)], 3)]
    pipe.send(row)
