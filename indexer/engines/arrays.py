"""Keep named arrays in one file that is mapped into memory, not read.

    renvois-arrays\\n | array | array | ... | JSON footer | length of the footer, 8 bytes

Written under a temporary name, synced, then renamed: a file that is there is whole.
"""

import json
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from indexer.errors import SearchIndexError

_MAGIC: Final = b"renvois-arrays\n\0"  # 16 bytes
_ALIGNMENT: Final = 16


def write_arrays(
    path: Path, arrays: Mapping[str, "np.ndarray[Any, Any]"], facts: Mapping[str, Any]
) -> None:
    """Write arrays and facts (what JSON can hold) to `path`, at once or not at all."""
    temporary = path.with_name(f".{path.name}.new")
    places: dict[str, tuple[str, int, int]] = {}
    with temporary.open("wb") as handle:
        handle.write(_MAGIC)
        for name, array in arrays.items():
            handle.write(b"\0" * (-handle.tell() % _ALIGNMENT))
            places[name] = (array.dtype.str, handle.tell(), array.size)
            array.tofile(handle)
        footer = json.dumps({"arrays": places, "facts": facts}).encode()
        handle.write(footer)
        handle.write(len(footer).to_bytes(8, "little"))
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)


def open_arrays(path: Path) -> tuple[dict[str, "np.ndarray[Any, Any]"], dict[str, Any]]:
    """The arrays and the facts of a file, mapped; they stay valid when the file is removed.

    Raises SearchIndexError when it is no such file.
    """
    try:
        with path.open("rb") as handle:
            mapped = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        if mapped[: len(_MAGIC)] != _MAGIC:
            raise ValueError("not a file of arrays")
        length = int.from_bytes(mapped[-8:], "little")
        footer = json.loads(mapped[-8 - length : -8])
        arrays = {
            name: np.frombuffer(mapped, dtype=dtype, count=count, offset=offset)
            for name, (dtype, offset, count) in footer["arrays"].items()
        }
    except (OSError, ValueError, KeyError) as error:
        raise SearchIndexError(
            f"the arrays beside the index can't be read ({error})",
            where=path,
            hint="Run `make index` again.",
        ) from error
    return arrays, footer["facts"]
