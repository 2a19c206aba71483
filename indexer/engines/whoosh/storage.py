"""Read and write Whoosh's files so that each is verified before Whoosh parses or unpickles it.

The table of contents is signed: behind what Whoosh reads of it follow the sums of every file of
its segments (`engines.integrity`), so that one renaming shows all of them at once. Whoosh ignores
what follows its pickle.
"""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from indexer.engines.integrity import (
    FileSums,
    Manifest,
    check_file,
    measure_file,
    read_signed,
    sign,
)
from indexer.engines.whoosh import schema as ours

with ours.old_warnings():
    from whoosh.filedb.filestore import FileStorage, RamStorage
    from whoosh.filedb.structfile import BufferFile
    from whoosh.index import TOC

_TABLE: Final = TOC._pattern(ours.NAME)


class CheckedStorage(FileStorage):  # type: ignore[misc]
    """A folder of Whoosh's. What the table of contents names is verified whole when opened."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.files: Manifest = {}  # as the table of contents read last says
        self._verified: set[str] = set()

    def open_file(self, name: str, **options: Any) -> Any:
        """Open a file to be read. Raises DamagedIndexError.

        Files that the table does not name are being written, by this very process.
        """
        path = Path(self.folder) / name
        if _TABLE.match(name):
            table, self.files = read_signed(path)
            return BufferFile(table, name=name)
        sums = self.files.get(name)
        if sums is not None and name not in self._verified:
            check_file(path, sums)
            self._verified.add(name)
        return super().open_file(name, **options)


def open_whoosh(folder: Path) -> Any:
    """The index of a folder; the schema is ours, never read from a pickle."""
    return CheckedStorage(folder).open_index(indexname=ours.NAME, schema=ours.make_schema())


def open_table(folder: Path) -> tuple[CheckedStorage, list[Any]]:
    """Read the segments of the last commit; the storage knows the sums of their files."""
    storage = CheckedStorage(folder)
    return storage, TOC.read(storage, ours.NAME, schema=ours.make_schema()).segments


def find_generation(folder: Path) -> int:
    """The number of the last commit, -1 when there is none."""
    return int(TOC._latest_generation(FileStorage(str(folder)), ours.NAME))


def measure_segments(folder: Path, segments: Iterable[Any], known: Manifest) -> Manifest:
    """The sums of the files of some segments; those that are known are not read again.

    To measure them again would take damage for truth.
    """
    files: dict[str, FileSums] = {}
    for segment in segments:
        for path in sorted(folder.glob(f"{segment.segment_id()}.*")):
            files[path.name] = known.get(path.name) or measure_file(path)
        missing = {name for name in known if name.startswith(f"{segment.segment_id()}.")}
        files |= {name: known[name] for name in missing - files.keys()}
    return files


def write_table(folder: Path, segments: list[Any], generation: int, files: Manifest) -> None:
    """Write a table of contents and show it, at once or not at all."""
    memory = RamStorage()
    TOC(ours.make_schema(), segments, generation).write(memory, ours.NAME)
    name = TOC._filename(ours.NAME, generation)
    temporary = folder / f".{name}.new"
    try:
        with temporary.open("wb") as handle:
            handle.write(sign(memory.files[name], files))
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(folder / name)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def list_leftovers(folder: Path) -> list[Path]:
    """What Whoosh left when somebody died in the middle: files that the last commit knows not."""
    _, segments = open_table(folder)
    kept = {segment.segment_id() for segment in segments}
    table = TOC._filename(ours.NAME, find_generation(folder))
    return [
        path
        for path in folder.iterdir()
        if (path.name.startswith(f"{ours.NAME}_") and path.name.split(".")[0] not in kept)
        or (path.name.startswith(f"_{ours.NAME}_") and path.name != table)
        or path.name == f"{ours.NAME}.tmp"
    ]
