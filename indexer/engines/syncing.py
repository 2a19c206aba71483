"""Have the disk keep what was written, before anybody is told of it.

A change syncs the files that it changed. A mark beside them says while that is not done: who comes
after a crash then syncs them all.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from indexer.engines import whoosh

UNSYNCED: Final = "unsynced"
Clocks = Mapping[str, tuple[int, int]]  # file -> when it changed (ns), how long it is (bytes)


def begin_change(folder: Path) -> Clocks | None:
    """The files that the disk has kept; None when somebody died before he had seen to that.

    From here until all is synced a mark says so. What else he left behind goes.
    """
    mark = folder / UNSYNCED
    for left in folder.glob(f"{whoosh.RUN_PREFIX}*"):
        shutil.rmtree(left)
    for left in (*folder.glob(".*.new"), *folder.glob("*.new")):
        left.unlink(missing_ok=True)
    if mark.exists():
        return None
    before = _read_clocks(folder)
    mark.touch()
    for path in (mark, folder):
        sync(path)
    return before


def finish_change(folder: Path, before: Clocks | None) -> None:
    """Sync what is not as it was `before`, and say so."""
    sync_folder(folder, but=before)
    (folder / UNSYNCED).unlink()


def sync_folder(folder: Path, *, but: Clocks | None = None) -> None:
    """Have the disk keep every file of a folder before anybody is told of them.

    Those whose clock and size are as `but` says have been kept before.
    """
    kept = but or {}
    changed = [
        folder / name for name, clock in _read_clocks(folder).items() if kept.get(name) != clock
    ]
    for path in [*changed, folder]:
        sync(path)


def sync(path: Path) -> None:
    """Have the disk keep a file, or what a folder holds."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_clocks(folder: Path) -> Clocks:
    """When each file of a folder last changed, and how long it is."""
    with os.scandir(folder) as entries:
        return {
            entry.name: ((status := entry.stat()).st_mtime_ns, status.st_size) for entry in entries
        }
