"""A table of strings in a mapped file: looked up without being read whole.

The file is a hash table: a count of buckets, where each bucket begins, then the buckets, each a
run of lines "key TAB value". Opening it reads nothing; a look-up reads one bucket of a few lines.
"""

import mmap
import os
import struct
import tempfile
import zlib
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Final

_MAGIC: Final = b"forms001"
_HEAD: Final = struct.Struct("<8sII")  # magic, buckets, bytes of all buckets
_PER_BUCKET: Final = 4  # lines
_OFFSET: Final = struct.Struct("<II")


def render_table(values: Mapping[str, str]) -> bytes:
    """The bytes of a table; neither keys nor values may hold a tab or a line end."""
    count = max(1, len(values) // _PER_BUCKET)
    buckets: list[list[bytes]] = [[] for _ in range(count)]
    for key, value in values.items():
        name = key.encode()
        buckets[zlib.crc32(name) % count].append(b"\n%s\t%s\n" % (name, value.encode()))
    offsets, size = array("I", [0]), 0
    for bucket in buckets:
        size += sum(map(len, bucket))
        offsets.append(size)
    lines = b"".join(line for bucket in buckets for line in bucket)
    packed = struct.pack(f"<{len(offsets)}I", *offsets)
    return _HEAD.pack(_MAGIC, count, size) + packed + lines


class FormTable:
    """Looks keys up in a mapped table."""

    def __init__(self, file: IO[bytes]) -> None:
        """`file` is open for reading; ValueError when it holds no whole table."""
        self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        magic, self._count, size = _HEAD.unpack_from(self._map)
        self._lines = _HEAD.size + 4 * (self._count + 1)
        if magic != _MAGIC or len(self._map) != self._lines + size:
            raise ValueError("no whole table of forms")

    def find(self, key: str) -> str | None:
        """The value of a key, or None."""
        name = key.encode()
        place = _HEAD.size + 4 * (zlib.crc32(name) % self._count)
        begin, end = _OFFSET.unpack_from(self._map, place)
        bucket = self._map[self._lines + begin : self._lines + end]
        found = bucket.find(b"\n%s\t" % name)
        if found < 0:
            return None
        start = found + len(name) + 2
        return bucket[start : bucket.index(b"\n", start)].decode()


def open_table(path: Path) -> FormTable | None:
    """The table of a file, or None when there is none that is whole."""
    try:
        with path.open("rb") as file:
            return FormTable(file)
    except (OSError, ValueError, struct.error):
        return None


def write_table(content: bytes, places: Iterable[Path]) -> FormTable:
    """Write a table in the first of some places that can be written, and open it.

    Where none can be it goes into a file without a name, that ends with the process.
    """
    for path in places:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
            with os.fdopen(number, "wb") as file:
                file.write(content)
            Path(name).chmod(0o644)  # others than who made it read it: a server has its own user
            Path(name).replace(path)
        except OSError:
            continue
        table = open_table(path)
        if table is not None:
            return table
    with tempfile.TemporaryFile() as unnamed:
        unnamed.write(content)
        unnamed.flush()
        return FormTable(unnamed)
