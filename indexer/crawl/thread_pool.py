"""Work through tasks in threads; one thread submits them and takes the results.

What a task raises is raised where its result is taken. The threads never outlive the process.
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
    """Up to `size` threads that call `work` with each task.

    Unlike `concurrent.futures`, the threads are daemons: one that hangs in a resolver does not
    keep the process from ending.
    """

    def __init__(self, size: int, work: Callable[[T], R]) -> None:
        """Start so many threads, each doing the work on what it is given."""
        self.size = size
        self.busy = 0
        self._work = work
        self._tasks: queue.SimpleQueue[T | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[_Done[T, R]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def submit(self, task: T) -> None:
        """Submit a task; start a thread when all are busy and there may be more."""
        self.busy += 1
        if self.busy > len(self._threads):
            thread = threading.Thread(target=self._serve, name="crawl", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._tasks.put(task)

    def next_result(self, timeout_s: float | None) -> tuple[T, R] | None:
        """Wait for a result and give it with its task; None after `timeout_s` (None: no limit)."""
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
