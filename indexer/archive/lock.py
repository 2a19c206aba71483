"""Let one process at a time work on a corpus, or several that share it.

The system holds the lock, and drops it when the process ends however it ends; the number written
in the file is for people.
"""

import fcntl
import os
from pathlib import Path
from typing import Final, Self

from indexer.disk import explain
from indexer.errors import CorpusError, LockedError, join_hints
from indexer.messages import message

CRAWL_LOCK: Final = "crawl.lock"  # in a corpus: held by who writes its archive and catalogue


class Lock:
    """A lock held; to be released."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Take a lock that is held, by the descriptor of its open file."""
        self.path = path
        self._descriptor = descriptor

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Release the lock."""
        self.release()

    def release(self) -> None:
        """Let others work."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1


def is_locked(path: Path, *, if_unreadable: bool) -> bool:
    """Tell whether some process holds the lock of a file; False where there is none.

    Of a file that can't be opened nobody can tell: `if_unreadable` is the answer.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return if_unreadable
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def acquire_lock(path: Path, *, is_shared: bool = False) -> Lock:
    """Take the lock of a corpus; `is_shared`: with others that share it.

    LockedError says who holds it; CorpusError that nothing can be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        told = explain(error)
        raise CorpusError(
            message("error.lock.cannot", why=told.what),
            where=path,
            hint=join_hints(message("hint.command-writes"), told.hint),
        ) from error
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        owner = os.read(descriptor, 32).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise LockedError(
            message("error.lock.held", owner=owner or "?"),
            where=path,
            hint=message("hint.wait-for-process"),
        ) from error
    os.ftruncate(descriptor, 0)  # of several that share it, the last one is told
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return Lock(path, descriptor)
