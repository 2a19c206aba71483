"""Keep named arrays in one file that is mapped into memory, not read.

    renvois-arrays\\n | array | array | ... | JSON footer | length of the footer, 8 bytes

Written under a temporary name, synced, then renamed: a file that is there is whole.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from indexer.engines.integrity import CheckedArray, CheckedFile, damaged

_MAGIC: Final = b"renvois-arrays\n\0"  # 16 bytes
_ALIGNMENT: Final = 16


class ArraysWriter:
    """Writes arrays one by one, so that none is held; nobody sees the file before the end."""

    def __init__(self, path: Path, *, is_kept: bool = True) -> None:
        """What is not to be kept need not reach the disk."""
        self._path, self._is_kept = path, is_kept
        self._temporary = path.with_name(f".{path.name}.new")
        self._handle = self._temporary.open("wb")
        self._handle.write(_MAGIC)
        self._places: dict[str, tuple[str, int, int]] = {}

    def add(self, name: str, array: "np.ndarray[Any, Any]") -> None:
        """Write one array."""
        self._handle.write(b"\0" * (-self._handle.tell() % _ALIGNMENT))
        self._places[name] = (array.dtype.str, self._handle.tell(), array.size)
        array.tofile(self._handle)

    def finish(self, facts: Mapping[str, Any]) -> None:
        """Write the facts (what JSON can hold) and show the file, at once or not at all."""
        footer = json.dumps({"arrays": self._places, "facts": facts}).encode()
        self._handle.write(footer)
        self._handle.write(len(footer).to_bytes(8, "little"))
        self._handle.flush()
        if self._is_kept:
            os.fsync(self._handle.fileno())
        self._handle.close()
        self._temporary.replace(self._path)

    def give_up(self) -> None:
        """Leave no file; nothing to do once finished."""
        self._handle.close()
        self._temporary.unlink(missing_ok=True)


def open_arrays(file: CheckedFile) -> tuple[dict[str, CheckedArray], dict[str, Any]]:
    """The arrays and the facts of a file, mapped; they stay valid when the file is removed.

    Raises DamagedIndexError when it is no such file.
    """
    size = file.size
    try:
        if file.read(0, len(_MAGIC)) != _MAGIC:
            raise ValueError("not a file of arrays")
        length = int.from_bytes(file.read(max(size - 8, 0), size), "little")
        footer = json.loads(file.read(max(size - 8 - length, 0), max(size - 8, 0)))
        arrays = {
            name: file.array(dtype, offset, count)
            for name, (dtype, offset, count) in footer["arrays"].items()
        }
        return arrays, footer["facts"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(f"the arrays beside the index can't be read ({error})", file.path) from error
