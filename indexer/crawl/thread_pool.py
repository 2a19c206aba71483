"""Threads that work through tasks; one thread gives them out and takes the results.

What a task raises is raised to whoever takes its result. The threads never outlive the process.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

JOIN_S: Final = 2.0  # for threads to end; one that hangs in a resolver is left behind

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Done(Generic[T, R]):
    task: T
    result: R | None
    error: BaseException | None


class ThreadPool(Generic[T, R]):
    """A fixed number of threads."""

    def __init__(self, size: int, work: Callable[[T], R]) -> None:
        self.size = size
        self.busy = 0
        self._work = work
        self._tasks: queue.SimpleQueue[T | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[_Done[T, R]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def submit(self, task: T) -> None:
        """Hand out a task; a thread is started when all are busy and there may be more."""
        self.busy += 1
        if self.busy > len(self._threads):
            thread = threading.Thread(target=self._serve, name="crawl", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._tasks.put(task)

    def next_result(self, timeout_s: float | None) -> tuple[T, R] | None:
        """The next result, with its task; None when there is none in time."""
        try:
            done = self._done.get(timeout=timeout_s)
        except queue.Empty:
            return None
        self.busy -= 1
        if done.error is not None:
            raise done.error
        return done.task, done.result  # type: ignore[return-value]

    def close(self) -> None:
        """Let the threads end, and wait for those that do."""
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join(JOIN_S / len(self._threads))

    def _serve(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                self._done.put(_Done(task, self._work(task), None))
            except BaseException as error:  # noqa: BLE001 - raised where the result is taken
                self._done.put(_Done(task, None, error))
