"""Find where a WARC file is torn, and cut it there.

A record is a gzip member. Appending behind a torn one would hide all that follows from every
reader, so the tail is cut off before a file is written again.
"""

import os
import zlib
from pathlib import Path
from typing import BinaryIO, Final

BLOCK: Final = 1_048_576  # bytes


def find_end(stream: BinaryIO, start: int = 0) -> int:
    """The offset where the last whole gzip member of a file ends, its checksum right.

    Members before `start` are taken to be whole.
    """
    end = position = start
    engine = zlib.decompressobj(31)
    stream.seek(start)
    while block := stream.read(BLOCK):
        while block:
            try:
                engine.decompress(block)
            except zlib.error:
                return end
            if not engine.eof:
                position += len(block)
                break
            position += len(block) - len(engine.unused_data)
            end = position
            block = engine.unused_data
            engine = zlib.decompressobj(31)
    return end


def cut_tail(path: Path) -> int:
    """Cut a torn tail off a file; give the bytes that were cut, 0 when there was nothing to."""
    with path.open("r+b") as stream:
        end = find_end(stream)
        size = stream.seek(0, os.SEEK_END)
        if end == size:
            return 0
        stream.truncate(end)
        stream.flush()
        os.fsync(stream.fileno())
    return size - end
