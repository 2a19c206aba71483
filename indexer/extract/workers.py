"""Read many payloads on all cores, each within bounds of time and memory.

Every reading happens in a process that can be killed. A payload that takes too long, or too
much memory, or that crashes its process, gives an `Article` of kind `unreadable` that says so,
under its own record id; the others go on.
"""

import contextlib
import os
import resource
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from indexer.extract.article import extract_article
from indexer.extract.document import refuse
from indexer.model import Article, PageKind

LIMIT_S: Final = 15.0
MAX_BYTES: Final = 1 << 30

# A server process that has imported the libraries once, and forks workers that have them.
_CONTEXT: Final = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["indexer.extract.warm"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A payload to read, as `extract_article` takes it."""

    payload: bytes
    url: str
    record_id: str
    headers: Mapping[str, str] = field(default_factory=dict)


def extract_articles(
    jobs: Iterable[Job],
    *,
    processes: int = 0,
    limit_s: float = LIMIT_S,
    max_bytes: int = MAX_BYTES,
) -> Iterator[Article]:
    """One article a job, as they get ready; no job is lost, whatever becomes of its process.

    `processes` 0 means one a core. Jobs are taken as workers get free, so that no more than
    `processes` payloads are in memory. `limit_s` is wall-clock time for one job, `max_bytes` the
    memory that one worker may ask for.
    """
    pending = iter(jobs)
    count = processes or count_cores()
    workers: list[_Worker] = []
    try:
        for job in pending:
            workers.append(_Worker(max_bytes))
            workers[-1].take(job)
            if len(workers) == count:
                break
        while busy := [worker for worker in workers if worker.job is not None]:
            patience = min(worker.started_at for worker in busy) + limit_s - time.monotonic()
            ready = wait([worker.connection for worker in busy], timeout=max(0.0, patience))
            for worker in busy:
                if worker.connection in ready:
                    yield worker.give(max_bytes)
                elif time.monotonic() - worker.started_at >= limit_s:
                    yield worker.give_up(limit_s)
                else:
                    continue
                if (job_next := next(pending, None)) is not None:
                    worker.take(job_next)
    finally:
        for worker in workers:
            worker.stop()


def count_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))


class _Worker:
    """A process that reads one payload at a time, and is replaced when it breaks."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.job: Job | None = None
        self.started_at = 0.0
        self._start()

    def _start(self) -> None:
        self.connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=_read_forever, args=(theirs, self._max_bytes), daemon=True
        )
        self._process.start()
        theirs.close()
        self.is_warm = False

    def take(self, job: Job) -> None:
        if not self.is_warm:
            self.connection.recv()  # ready: importing the libraries is not the page's time
            self.is_warm = True
        self.job = job
        self.started_at = time.monotonic()
        with contextlib.suppress(OSError):  # it died while idle: `give` finds out, and says so
            self.connection.send((job.payload, dict(job.headers), job.url, job.record_id))

    def give(self, max_bytes: int) -> Article:
        """What the worker made of its job."""
        record_id = self._finish()
        try:
            answer: Article | str = self.connection.recv()
        except (EOFError, OSError):
            said = f"La lecture de cette page arrête le lecteur ({self._cause_of_death()})."
            self._restart()
            return refuse(record_id, PageKind.UNREADABLE, said)
        if isinstance(answer, Article):
            return answer
        self._restart()  # what failed once may have left its memory in disorder
        if answer == "MemoryError":
            said = f"La lecture demande plus de {max_bytes >> 20} Mo de mémoire."
            return refuse(record_id, PageKind.UNREADABLE, said)
        return refuse(record_id, PageKind.UNREADABLE, f"La lecture a échoué : {answer}.")

    def give_up(self, limit_s: float) -> Article:
        """Kill the worker, for its job takes too long."""
        record_id = self._finish()
        self._restart()
        said = f"La lecture a duré plus de {limit_s:g} secondes."
        return refuse(record_id, PageKind.UNREADABLE, said)

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self.connection.close()

    def _finish(self) -> str:
        job, self.job = self.job, None
        return job.record_id if job is not None else ""

    def _restart(self) -> None:
        self.stop()
        self._start()

    def _cause_of_death(self) -> str:
        self._process.join(timeout=5)
        code = self._process.exitcode or 0
        return f"signal {-code}" if code < 0 else f"code {code}"


def _read_forever(connection: "Connection[Any, Any]", max_bytes: int) -> None:
    """In the worker: read what comes until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    resource.setrlimit(resource.RLIMIT_DATA, (max_bytes, max_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    connection.send("ready")
    while True:
        try:
            payload, headers, url, record_id = connection.recv()
        except (EOFError, OSError):
            return
        answer: Article | str
        try:
            answer = extract_article(payload, headers=headers, url=url, record_id=record_id)
        except MemoryError:
            answer = "MemoryError"
        except Exception as error:  # noqa: BLE001 - said under the page's name, never swallowed
            answer = f"{type(error).__name__}: {error}"
        del payload
        connection.send(answer)
