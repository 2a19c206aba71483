"""Write a WARC file anew with some of its records left out or changed, all others byte for byte.

Used where bytes of the archive must not go further (exports hide secrets) or must not stay
(`purge`). Nothing here touches the file that is read.
"""

import hashlib
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Protocol

from indexer.archive.reading import Record, Skipped, read_records
from indexer.archive.records import render_digest
from indexer.errors import ArchiveError

BLOCK: Final = 65_536
SPOOL_BYTES: Final = 4 * 2**20  # a changed block above is spooled to the disk
GZIP_MAGIC: Final = b"\x1f\x8b"
_COMPUTED: Final = frozenset({"content-length", "warc-block-digest"})


class Sink(Protocol):
    """Bytes to be written one after the other."""

    def write(self, piece: bytes, /) -> object:
        """Write a piece."""
        ...


class Source(Protocol):
    """Bytes to be read one after the other."""

    def read(self, size: int = -1, /) -> bytes:
        """Give up to `size` bytes, b"" at the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A part of a file where no record could be read."""

    offset: int
    length: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What a record becomes: its named fields, lengths and digest of the block aside; its block."""

    fields: Sequence[tuple[str, str]]
    block: IO[bytes]  # seekable


Keep: Final = "keep"
Drop: Final = "drop"
# Given a record, whose block may be read: what becomes of it.
Decide = Callable[[Record], Changed | str]


@dataclass(slots=True, kw_only=True)
class Rewritten:
    """What was written: where each record is now, and what was left out.

    `moves` are the record's ID, its old and its new offset, and its new length, in bytes.
    """

    moves: list[tuple[str, int, int, int]] = field(default_factory=list)
    dropped: int = 0  # records
    changed: int = 0  # records
    gaps: list[Gap] = field(default_factory=list)
    length: int = 0  # of the new file


def rewrite(source: Path, target: Sink, decide: Decide, *, keeps_gaps: bool) -> Rewritten:
    """Copy a file record by record, as `decide` says; a record kept is copied byte for byte.

    `keeps_gaps`: copy what can't be read byte for byte too; else leave it out. Either way it is
    told. Raises ArchiveError when the file can't be read, OSError when `target` takes no more.
    """
    done = Rewritten()
    try:
        stream = source.open("rb")
    except OSError as error:
        raise ArchiveError(f"can't be read ({error.strerror or error})", where=source) from error
    with stream:
        is_compressed = stream.read(2) == GZIP_MAGIC
        for item in walk(source):
            start = done.length
            if isinstance(item, Gap):
                done.gaps.append(item)
                if keeps_gaps:
                    done.length += _copy(stream, item.offset, item.length, target)
                continue
            if not item.length:
                raise ArchiveError(
                    f"its record at offset {item.offset} shares a compressed member with others, "
                    "and can't be copied alone",
                    where=source,
                    hint="Recompress the file record by record (`warcio recompress`) first.",
                )
            decided = decide(item)
            if isinstance(decided, Changed) and source.suffix == ".zst":
                raise ArchiveError("is compressed by Zstandard: no record changes", where=source)
            if decided == Drop:
                done.dropped += 1
                continue
            if isinstance(decided, Changed):
                done.changed += 1
                done.length += write_changed(decided, target.write, is_compressed=is_compressed)
            else:
                done.length += _copy(stream, item.offset, item.length, target)
            done.moves.append((item.record_id, item.offset, start, done.length - start))
    return done


def walk(path: Path) -> Iterator[Record | Gap]:
    """Go through a file: its records, and the parts between them that hold none, in order.

    A record's block is to be read before the next one is asked for.
    """
    position, reason = 0, ""
    try:
        for record in read_records(path, 0):
            if isinstance(record, Skipped):
                reason = record.reason  # a gap, told before what follows it
                continue
            if record.offset > position:
                yield Gap(offset=position, length=record.offset - position, reason=reason)
            yield record
            position = record.offset + record.length
    except ArchiveError as error:
        reason = error.what
    left = path.stat().st_size - position
    if left:
        yield Gap(offset=position, length=left, reason=reason)


def make_block(*pieces: bytes | Source) -> IO[bytes]:
    """Make a block of bytes and streams, at its beginning; to be closed."""
    block = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - the caller's
    for piece in pieces:
        if isinstance(piece, bytes):
            block.write(piece)
        else:
            while octets := piece.read(BLOCK):
                block.write(octets)
    block.seek(0)
    return block


def _copy(stream: IO[bytes], offset: int, length: int, target: Sink) -> int:
    stream.seek(offset)
    left = length
    while left:
        piece = stream.read(min(BLOCK, left))
        if not piece:
            raise ArchiveError(f"has become shorter, at offset {offset}")
        target.write(piece)
        left -= len(piece)
    return length


def write_changed(record: Changed, write: Callable[[bytes], object], *, is_compressed: bool) -> int:
    """Write a record, its lengths and digest made anew; close its block. Gives bytes written."""
    digest = hashlib.sha1(usedforsecurity=False)
    length = 0
    while piece := record.block.read(BLOCK):
        digest.update(piece)
        length += len(piece)
    record.block.seek(0)
    fields = [(name, value) for name, value in record.fields if name.lower() not in _COMPUTED]
    fields += [
        ("WARC-Block-Digest", render_digest(digest.digest())),
        ("Content-Length", str(length)),
    ]
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    engine = zlib.compressobj(wbits=31) if is_compressed else None
    written = 0

    def put(octets: bytes) -> None:
        nonlocal written
        packed = octets if engine is None else engine.compress(octets)
        write(packed)
        written += len(packed)

    put(f"WARC/1.1\r\n{lines}\r\n".encode("utf-8", "surrogateescape"))
    while piece := record.block.read(BLOCK):
        put(piece)
    put(b"\r\n\r\n")
    if engine is not None:
        last = engine.flush()
        write(last)
        written += len(last)
    record.block.close()
    return written
