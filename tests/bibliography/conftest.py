"""How the tests of this room say what they read."""

from collections.abc import Callable

import pytest

from indexer.bibliography import read_bibliography
from indexer.model import Bibliography


@pytest.fixture
def read(tmp_path) -> Callable[..., Bibliography]:
    """Write files into a folder of their own, then read it."""

    def write_and_read(**files: str | bytes) -> Bibliography:
        for name, text in files.items():
            path = tmp_path / name.replace("_", ".")
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_bibliography(tmp_path)

    return write_and_read
