"""Read many payloads on all cores, each within bounds of time and memory.

Every reading happens in a process that can be killed. A payload that takes too long, or too
much memory, or that crashes its process, gives an `Article` of kind `unreadable` that says so,
under its own record id; the others go on.
"""

import contextlib
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing import forkserver, get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final, Self

from indexer.extract.article import bound_text, extract_article, refuse, say_cut
from indexer.extract.site_rules import BUILT_IN, SiteRules
from indexer.messages import message
from indexer.model import Article, PageKind

LIMIT_S: Final = 15.0  # of CPU time, so that a busy machine cuts no page
PATIENCE: Final = 20  # times that by the clock, for what takes no CPU time and does not end
# Of what a worker allocates beyond its libraries: four times the longest payload, so that it, its
# text and the tree of what is parsed of it fit (benchmarks/results/reliability.md has the figures).
MAX_BYTES: Final = 200 << 20
LIBRARIES_BYTES: Final = 200 << 20  # where the system does not say what a process has allocated

SHORT_S: Final = 0.01  # waited for at least
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
    is_cut: bool = False  # the payload goes on in the archive
    is_recognised: bool = False  # scanned pages and images are read too


def extract_articles(
    jobs: Iterable[Job],
    *,
    processes: int = 0,
    limit_s: float = LIMIT_S,
    max_bytes: int = MAX_BYTES,
    rules: SiteRules = BUILT_IN,
) -> Iterator[Article]:
    """One article a job, as they get ready; no job is lost, whatever becomes of its process.

    `processes` 0 means one a core. Jobs are taken as workers get free, so that no more than
    `processes` payloads are in memory. `limit_s` is CPU time for one job, `max_bytes` the memory
    that it may ask for beyond what its process has from the start, `rules` are those of sites.
    """
    with Readers(processes=processes, limit_s=limit_s, max_bytes=max_bytes, rules=rules) as readers:
        for job in jobs:
            while not readers.has_room:
                yield from readers.take()
            readers.give(job)
            del job  # the next payload is read while this one is in its worker
        while readers.busy:
            yield from readers.take()


class Readers:
    """Processes that read a payload each, for whoever has other things to do meanwhile.

    `niceness` is by how much they give way to others on the same cores.
    """

    def __init__(
        self,
        *,
        processes: int = 0,
        limit_s: float = LIMIT_S,
        max_bytes: int = MAX_BYTES,
        niceness: int = 0,
        rules: SiteRules = BUILT_IN,
    ) -> None:
        """Take how many processes read (0: one a core), within which bounds, by which rules."""
        self._rules = rules
        self._size = processes or count_cores()
        self._limit_s = limit_s
        self._max_bytes = max_bytes
        self._niceness = niceness
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        """Give the readers themselves."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.stop()

    def warm_up(self) -> None:
        """Have the libraries imported beside, while the caller goes on."""
        with _hold_back_ctrl_c():
            forkserver.ensure_running()

    @property
    def busy(self) -> int:
        """Count the jobs that are being read."""
        return sum(worker.record_id is not None for worker in self._workers)

    @property
    def has_room(self) -> bool:
        """Whether a worker waits for a job; one is started where all are busy and may be more."""
        if any(worker.is_free for worker in self._workers):
            return True
        if all(worker.is_busy for worker in self._workers) and len(self._workers) < self._size:
            self._workers.append(_Worker(self._max_bytes, self._niceness, self._rules))
        return False

    def give(self, job: Job) -> None:
        """Have a payload read; only where there is room."""
        next(worker for worker in self._workers if worker.is_free).take(job)

    def take(self, timeout_s: float | None = None) -> Iterator[Article]:
        """Give the articles that are ready, after a wait; what takes too long is killed."""
        busy = [worker for worker in self._workers if not worker.is_free]
        left = (each.find_left(self._limit_s) for each in busy if each.is_busy)
        patience = max(SHORT_S, min(left, default=math.inf))
        limits = [each for each in (patience, timeout_s) if each not in (None, math.inf)]
        ready = wait([each.connection for each in busy], timeout=min(limits, default=None))
        for worker in busy:
            if worker.connection in ready:
                if not worker.is_busy:
                    worker.welcome()
                else:
                    yield self._rules.sign(worker.give(self._max_bytes))
            elif worker.is_busy and worker.find_left(self._limit_s) <= 0:
                yield self._rules.sign(worker.give_up(self._limit_s))


def count_cores() -> int:
    """Count the cores that this process may use."""
    if sys.platform == "linux":  # macOS has no affinity
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def _hold_back_ctrl_c() -> Iterator[None]:
    """Hold SIGINT back in this thread, and for good in the processes that it starts meanwhile.

    A terminal sends it to workers, and to the server that they are forked from, which are not to
    die of it, nor before they can say so: the parent decides. Python's tracker of resources, which
    that server needs, lets it through where it is started.
    """
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Worker:
    """A process that reads one payload at a time, and is replaced when it breaks."""

    def __init__(self, max_bytes: int, niceness: int, rules: SiteRules) -> None:
        self._settings = max_bytes, niceness, rules
        self.record_id: str | None = None  # of the payload that is read
        self._started_at = self._cpu_before_s = 0.0
        self._start()

    def _start(self) -> None:
        self.connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=_read_forever, args=(theirs, *self._settings), daemon=True
        )
        with _hold_back_ctrl_c():
            self._process.start()
        theirs.close()
        self.is_warm = False

    @property
    def is_free(self) -> bool:
        return self.is_warm and self.record_id is None

    @property
    def is_busy(self) -> bool:
        return self.record_id is not None

    def welcome(self) -> None:
        """Say that it is ready: importing the libraries is not the page's time."""
        self.connection.recv()
        self.is_warm = True

    def take(self, job: Job) -> None:
        self.record_id = job.record_id
        self._started_at = time.monotonic()
        self._cpu_before_s = self._read_cpu_s()
        with contextlib.suppress(OSError):  # it died while idle: `give` finds out, and says so
            self.connection.send(
                (dict(job.headers), job.url, job.record_id, job.is_cut, job.is_recognised)
            )
            self.connection.send_bytes(job.payload)  # not pickled: that would be a copy

    def find_left(self, limit_s: float) -> float:
        """Give the seconds that the job may still take; it cannot be late before they are over."""
        by_clock = self._started_at + PATIENCE * limit_s - time.monotonic()
        by_cpu = limit_s - (self._read_cpu_s() - self._cpu_before_s)
        return min(by_clock, by_cpu)

    def _read_cpu_s(self) -> float:
        """Read the CPU time of the process; the time by the clock where a system does not tell."""
        if sys.platform == "linux" and self._process.pid is not None:
            with contextlib.suppress(OSError):  # it died: `give` finds out
                # clock_getcpuclockid(3), as glibc makes it of a process id
                return time.clock_gettime((~self._process.pid << 3) | 2)
        return time.monotonic()

    def give(self, max_bytes: int) -> Article:
        """Give the result of a worker's job."""
        record_id = self._finish()
        try:
            answer: Article | str = self.connection.recv()
        except (EOFError, OSError):
            said = message("evidence.reader-died", cause=self._cause_of_death())
            self._restart()
            return refuse(record_id, PageKind.UNREADABLE, said)
        if isinstance(answer, Article):
            return answer
        self._restart()  # what failed once may have left its memory in disorder
        if answer == "MemoryError":
            said = message("evidence.too-much-memory", megabytes=max_bytes >> 20)
            return refuse(record_id, PageKind.UNREADABLE, said)
        said = message("evidence.reading-failed", error=answer)
        return refuse(record_id, PageKind.UNREADABLE, said)

    def give_up(self, limit_s: float) -> Article:
        """Kill the worker, for its job takes too long."""
        record_id = self._finish()
        self._restart()
        said = message("evidence.too-long", seconds=f"{limit_s:g}")
        return refuse(record_id, PageKind.UNREADABLE, said)

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self.connection.close()

    def _finish(self) -> str:
        record_id, self.record_id = self.record_id, None
        return record_id or ""

    def _restart(self) -> None:
        self.stop()
        self._start()

    def _cause_of_death(self) -> str:
        self._process.join(timeout=5)
        code = self._process.exitcode or 0
        return f"signal {-code}" if code < 0 else f"code {code}"


def _read_allocated_bytes() -> int:
    """Read how much this process has allocated, as RLIMIT_DATA counts it (proc(5), VmData)."""
    try:
        told = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:  # another system than Linux
        return LIBRARIES_BYTES
    return int(told.split("VmData:", 1)[1].split()[0]) << 10


def _read_forever(
    connection: "Connection[Any, Any]", max_bytes: int, niceness: int, rules: SiteRules
) -> None:
    """In the worker: read what comes until the pipe closes."""
    os.nice(niceness)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides; held back until here
    limit = _read_allocated_bytes() + max_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    connection.send("ready")
    while True:
        try:
            headers, url, record_id, is_cut, is_recognised = connection.recv()
            payload = connection.recv_bytes()
        except MemoryError:  # what is left of it in the pipe can't be told from the next job
            connection.send("MemoryError")
            return
        except (EOFError, OSError):
            return
        answer: Article | str
        try:
            answer = extract_article(
                payload,
                headers=headers,
                url=url,
                record_id=record_id,
                rules=rules,
                is_recognised=is_recognised,
            )
            answer = bound_text(answer)
            if is_cut:
                answer = say_cut(answer, len(payload))
        except MemoryError:
            answer = "MemoryError"
        except Exception as error:  # noqa: BLE001 - said under the page's name, never swallowed
            answer = f"{type(error).__name__}: {error}"
        del payload
        connection.send(answer)
