r"""Know that what is read from an index is what was written: checksums, arrays in files, syncing.

Every format of the index passes through here; a new one gets the checks by being opened so:

    measure_file, CheckedFile   a file written once: its size and a CRC-32 for every 64 KiB, which
                                the table of contents keeps; a block is verified before it is read
    ArraysWriter, open_arrays   named arrays in one such file, mapped into memory, not read
    sign, read_signed           a small file replaced at once (table of contents, examples): its
                                digest, and the sums of other files, follow what it holds
    seal, unseal                a row of a database: its digest, bound to the key of the row
    guard                       what a library raises all the same becomes an error of ours
    begin_change, finish_change the disk keeps what was written before anybody is told of it

The checksums find accidents (rot, torn writes, files of another moment), not forgery: whoever
may write the index may also write its checksums.

A file of arrays is written under a temporary name, synced, then renamed: what is there is whole.

    renvois-arrays\n | array | array | ... | JSON footer | length of the footer, 8 bytes

A change syncs the files that it changed. A mark beside them says while that is not done: who comes
after a crash then syncs them all.
"""

import hashlib
import json
import mmap
import os
import pickle
import shutil
import sqlite3
import struct
import tempfile
import threading
import zlib
from array import array
from base64 import b64decode, b64encode
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import numpy as np

from indexer.disk import Explained, explain
from indexer.errors import DamagedIndexError, SearchIndexError, join_hints
from indexer.messages import Message, message

AnyArray = np.ndarray[Any, Any]
Progress = Callable[[int], None]  # told how many bytes were verified since it was last told

BLOCK_BITS: Final = 16
BLOCK: Final = 1 << BLOCK_BITS  # bytes
HINT: Final = message("hint.build-index")
_SEAL_BYTES: Final = 8
_MARK: Final = b"renvois-signed\n\0"  # 16 bytes; ends a signed file
_LENGTHS: Final = struct.Struct("<QQ")  # of what is held, of the sums of other files
_DIGEST_BYTES: Final = 16

# Raised by what lies under the engine (the system, zlib, SQLite, pickle, Whoosh's struct): always
# about a file.
_OF_LIBRARIES: Final = (
    OSError, EOFError, MemoryError, struct.error, zlib.error, sqlite3.Error, pickle.PickleError,
)  # fmt: skip
# Raised by wrong bytes as well as by a mistake of ours: the files tell which.
_OF_EITHER: Final = (
    ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, RecursionError,
    TypeError, ValueError,
)  # fmt: skip


def damaged(what: Message, where: Path | str) -> DamagedIndexError:
    """Make the error that says which file of the index is not as it was written."""
    return DamagedIndexError(what, where=where, hint=HINT)


# --- files that are written once


class FileSums(NamedTuple):
    """Hold the size of a file as it was written, and a CRC-32 (zlib's) for each block of it."""

    size: int
    sums: Sequence[int]


Manifest = Mapping[str, FileSums]  # by the name of the file


def measure_file(path: Path) -> FileSums:
    """Read a file that was just written, and give its sums."""
    sums = array("I")
    size = 0
    with path.open("rb") as handle:
        while block := handle.read(BLOCK):
            size += len(block)
            sums.append(zlib.crc32(block))
    return FileSums(size, sums)


def check_file(path: Path, sums: FileSums, progress: Progress | None = None) -> None:
    """Verify every block of a file. Raises DamagedIndexError."""
    checked = CheckedFile(path, sums, is_remembered=False)
    for start in range(0, sums.size, BLOCK):
        end = min(start + BLOCK, sums.size)
        checked.check(start, end)
        if progress is not None:
            progress(end - start)


class VerifiedFiles:
    """Remembers which blocks of files this process has verified, by what tells a file from others.

    Segments outlive an update: whoever opens the index after it reads the new files alone for the
    first time. A file that was written to since is another one. Of the files asked for last `most`
    are remembered, a byte a block each.
    """

    def __init__(self, most: int) -> None:
        """Remember nothing yet."""
        self._most = most
        self._blocks: dict[tuple[object, ...], bytearray] = {}
        self._lock = threading.Lock()

    def find(self, facts: os.stat_result, sums: FileSums) -> bytearray:
        """Give a byte for each block of a file of these sums: 1 once it is verified."""
        known = hash(tuple(sums.sums))
        key = (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, known)
        with self._lock:
            blocks = self._blocks.pop(key, None)
            if blocks is None:
                blocks = bytearray(-(-facts.st_size // BLOCK))
            self._blocks[key] = blocks  # the last of all
            if len(self._blocks) > self._most:
                del self._blocks[next(iter(self._blocks))]
        return blocks


_VERIFIED: Final = VerifiedFiles(256)


class CheckedFile:
    """A file mapped into memory, of which a block is verified before it is first read.

    Safe to share between threads: at worst a block is verified twice.
    """

    def __init__(self, path: Path, sums: FileSums | None, *, is_remembered: bool = True) -> None:
        """Without `sums` the file is trusted: this very process wrote it a moment ago.

        `is_remembered`: blocks that this process has verified before are not verified again.
        Raises DamagedIndexError when the file is gone or has another size.
        """
        self.path = path
        try:
            with path.open("rb") as handle:
                facts = os.fstat(handle.fileno())
                size = facts.st_size
                self._map: mmap.mmap | bytes = (
                    mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
                )
        except FileNotFoundError as error:
            raise damaged(message("error.index.file-gone"), path) from error
        except (OSError, ValueError) as error:
            raise damaged(message("error.index.file-unreadable", error=str(error)), path) from error
        if sums is not None and size != sums.size:
            raise damaged(message("error.index.file-size", size=size, expected=sums.size), path)
        self.size = size
        self._sums = sums.sums if sums is not None else ()
        # A byte a block: 1 once it is verified.
        if sums is None:
            self._verified = bytearray(b"\1" * -(-size // BLOCK))
        elif is_remembered:
            self._verified = _VERIFIED.find(facts, sums)
        else:
            self._verified = bytearray(-(-size // BLOCK))

    def check(self, start: int, end: int) -> None:
        """Verify the blocks that hold these bytes, as far as they have not been."""
        last = (end - 1 >> BLOCK_BITS) + 1
        number = self._verified.find(0, start >> BLOCK_BITS, last)
        while number >= 0:
            self._check_block(number)
            number = self._verified.find(0, number, last)

    def _check_block(self, number: int) -> None:
        start = number << BLOCK_BITS
        block = memoryview(self._map)[start : start + BLOCK]
        if zlib.crc32(block) != self._sums[number]:
            raise damaged(
                message("error.index.bytes", start=str(start), end=str(start + len(block) - 1)),
                self.path,
            )
        self._verified[number] = 1

    def read(self, start: int, end: int) -> bytes:
        """Give some bytes, verified."""
        self.check(start, end)
        return self._map[start:end]

    def array(self, dtype: str, start: int, count: int) -> "CheckedArray":
        """Give `count` numbers from byte `start` on, as an array verified where it is read."""
        return CheckedArray(self, np.dtype(dtype), start, count)


class CheckedArray:
    """An array in a file that is mapped, of which nothing is read before it is verified."""

    def __init__(self, file: CheckedFile | None, dtype: "np.dtype[Any]", start: int, count: int):
        """Without `file`, an array of nothing."""
        self._file, self._start, self._item = file, start, dtype.itemsize
        self._raw: AnyArray = (
            np.frombuffer(file._map, dtype, count, start)
            if file is not None and count
            else np.empty(0, dtype)
        )
        self._address: int = self._raw.__array_interface__["data"][0]
        # Answers single questions many times sooner.
        self._view = memoryview(self._raw)  # type: ignore[arg-type]
        self._verified = file._verified if file is not None else bytearray()
        self.size: int = self._raw.size

    def __len__(self) -> int:
        """Count the numbers."""
        return self.size

    def at(self, place: int) -> int:
        """Give one number."""
        # Arrays begin at multiples of 16 bytes: no number lies in two blocks.
        if not self._verified[self._start + place * self._item >> BLOCK_BITS]:
            self._check(place, place + 1)
        number: int = self._view[place]
        return number

    def span(self, place: int) -> tuple[int, int]:
        """Give the number before a place and the one there, of ends: where something lies."""
        if not place:
            return 0, self.at(0)
        verified, last = self._verified, self._start + place * self._item
        if not (verified[last >> BLOCK_BITS] and verified[last - self._item >> BLOCK_BITS]):
            self._check(place - 1, place + 1)
        view = self._view
        return view[place - 1], view[place]

    def read(self, start: int, end: int) -> AnyArray:
        """Give the numbers from `start` to before `end`."""
        if start < end:
            first = self._start + start * self._item >> BLOCK_BITS
            last = self._start + end * self._item - 1 >> BLOCK_BITS
            # Most reads lie in one block, and most blocks have been verified.
            if first != last or not self._verified[first]:
                self._check(start, end)
        return self._raw[start:end]

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Give where the numbers from `start` on are in memory, verified up to before `end`.

        Gives an address, and the bytes of each number.
        """
        item = self._item
        if start < end:
            first, last = self._start + start * item, self._start + end * item - 1
            verified = self._verified
            if first >> BLOCK_BITS != last >> BLOCK_BITS or not verified[first >> BLOCK_BITS]:
                self._check(start, end)
        return self._address + start * item, item

    def read_bytes(self, start: int, end: int) -> bytes:
        """Give items of one byte each, verified."""
        if start < end:
            first, last = self._start + start >> BLOCK_BITS, self._start + end - 1 >> BLOCK_BITS
            if first != last or not self._verified[first]:
                self._check(start, end)
        return bytes(self._view[start:end])

    def whole(self) -> AnyArray:
        """Give all numbers."""
        return self.read(0, self.size)

    def view(self) -> "memoryview[int]":
        """Give all numbers as what answers single questions soon."""
        self.whole()
        return self._view

    def bisect(self, wanted: int, low: int = 0, high: int | None = None) -> int:
        """Find where `wanted` is, or would be, among numbers that go up from `low` to `high`.

        The search itself reads what nobody verified. It has compared what stands on both sides of
        its end: where these two are as they were written, the end is right. DamagedIndexError
        where one of them is not.
        """
        high = self.size if high is None else high
        place = bisect_left(self._view, wanted, low, high)
        first, last = place - (place > low), place + (place < high)
        if first < last:
            verified, item = self._verified, self._item
            begin, end = self._start + first * item, self._start + last * item - 1
            if not (verified[begin >> BLOCK_BITS] and verified[end >> BLOCK_BITS]):
                self._check(first, last)
        return place

    def _check(self, start: int, end: int) -> None:
        if self._file is not None:
            self._file.check(self._start + start * self._item, self._start + end * self._item)


# --- small files that are replaced at once


def sign(held: bytes, files: Manifest | None = None) -> bytes:
    """Give what a file is to hold with, behind it, the sums of other files and a digest of all.

    Formats that ignore what follows them (Whoosh's table of contents) stay readable.
    """
    listed = json.dumps(
        {
            name: [each.size, b64encode(_pack_sums(each.sums)).decode()]
            for name, each in (files or {}).items()
        },
        sort_keys=True,
    ).encode()
    signed = held + listed + _LENGTHS.pack(len(held), len(listed))
    return signed + _digest(signed) + _MARK


def read_signed(path: Path) -> tuple[bytes, dict[str, FileSums]]:
    """Read what `sign` wrote: what the file holds, and the sums of other files.

    Raises DamagedIndexError when the file is gone, or not as it was written.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise damaged(message("error.index.file-gone"), path) from error
    except OSError as error:
        raise damaged(message("error.index.file-unreadable", error=str(error)), path) from error
    signed, digest, mark = raw[: -_DIGEST_BYTES - len(_MARK)], raw[-32:-16], raw[-16:]
    if mark != _MARK or digest != _digest(signed) or len(signed) < _LENGTHS.size:
        raise damaged(message("error.index.file-changed"), path)
    length, listed = _LENGTHS.unpack(signed[-_LENGTHS.size :])
    table = json.loads(signed[length : length + listed])
    files = {name: FileSums(size, _unpack_sums(sums)) for name, (size, sums) in table.items()}
    return signed[:length], files


def _digest(held: bytes) -> bytes:
    return hashlib.blake2b(held, digest_size=_DIGEST_BYTES).digest()


def _pack_sums(sums: Sequence[int]) -> bytes:
    return np.array(sums, "<u4").tobytes()


def _unpack_sums(packed: str) -> list[int]:
    numbers: list[int] = np.frombuffer(b64decode(packed), "<u4").tolist()
    return numbers


# --- rows


def seal(held: bytes, *key: object) -> bytes:
    """Give bytes with a digest of them and of the key that they are kept under."""
    return held + _digest_row(held, key)


def unseal(sealed: bytes, *key: object, where: Path) -> bytes:
    """Give what `seal` was given under this key. Raises DamagedIndexError."""
    held = sealed[:-_SEAL_BYTES]
    if sealed[-_SEAL_BYTES:] != _digest_row(held, key):
        raise damaged(message("error.index.row", name=str(key[0])), where)
    return held


def _digest_row(held: bytes, key: tuple[object, ...]) -> bytes:
    digest = hashlib.blake2b(held, digest_size=_SEAL_BYTES)
    digest.update(repr(key).encode("utf-8", "surrogatepass"))
    return digest.digest()


# --- what is raised all the same


@contextmanager
def guard(where: Path, *, check: Callable[[], None] | None = None) -> Iterator[None]:
    """Turn what a library raises about the files of an index into an error of ours.

    `check` verifies the whole index: what wrong bytes raise, a mistake of ours raises too, and
    becomes an error of the index only when the index is damaged.
    """
    try:
        yield
    except _OF_LIBRARIES as error:
        if check is not None:
            check()
        raise SearchIndexError(
            message("error.index.unreadable", error=_describe(error)),
            where=where,
            hint=message("hint.check-index"),
        ) from error
    except _OF_EITHER:
        if check is not None:
            check()
        raise


@contextmanager
def guard_writing(where: Path) -> Iterator[None]:
    """Turn what stops a change of the index (a full disk, a folder to be read only) into ours."""
    try:
        yield
    except _OF_LIBRARIES as error:
        told = Explained(message("error.said", text=_describe(error)))
        if isinstance(error, OSError | sqlite3.Error):
            told = explain(error)
        raise SearchIndexError(
            message("error.index.cannot-write", why=told.what),
            where=where,
            hint=join_hints(told.hint, message("hint.index-stays")),
        ) from error


def _describe(error: BaseException) -> str:
    """Say an error in its own words, or by its name when it has none."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


_MAGIC: Final = b"renvois-arrays\n\0"  # 16 bytes
_ALIGNMENT: Final = 16
_SPOOLED: Final = 1 << 18  # bytes of an array in memory, before it goes to a file


class ArraysWriter:
    """Writes arrays one by one, so that none is held; nobody sees the file before the end."""

    def __init__(self, path: Path, *, is_kept: bool = True) -> None:
        """Pass by the sync: what is not to be kept need not reach the disk."""
        self._path, self._is_kept = path, is_kept
        self._spools: list[ArraySpool] = []
        self._temporary = path.with_name(f".{path.name}.new")
        self._handle = self._temporary.open("wb")
        self._handle.write(_MAGIC)
        self._places: dict[str, tuple[str, int, int]] = {}

    def add(self, name: str, array: "np.ndarray[Any, Any]") -> None:
        """Write one array."""
        self._handle.write(b"\0" * (-self._handle.tell() % _ALIGNMENT))
        self._places[name] = (array.dtype.str, self._handle.tell(), array.size)
        array.tofile(self._handle)

    def has(self, name: str) -> bool:
        """Tell whether an array of that name was written."""
        return name in self._places

    def map(self, name: str) -> "np.ndarray[Any, Any]":
        """Map an array that was written, to read it."""
        dtype, place, size = self._places[name]
        self._handle.flush()
        if not size:
            return np.empty(0, dtype)
        return np.memmap(self._temporary, dtype, "r", place, (size,)).view(np.ndarray)

    def spool(self, dtype: "np.dtype[Any] | type[Any]") -> "ArraySpool":
        """Begin an array that is to be written when it is whole; its file goes with the writer."""
        spool = ArraySpool(self._path.parent, dtype)
        self._spools.append(spool)
        return spool

    def add_spool(self, name: str, spool: "ArraySpool", dtype: "np.dtype[Any]") -> None:
        """Write what a spool holds as one array of `dtype`, a piece at a time, and empty it."""
        self._handle.write(b"\0" * (-self._handle.tell() % _ALIGNMENT))
        self._places[name] = (dtype.str, self._handle.tell(), spool.size)
        for piece in spool.empty():
            piece.astype(dtype).tofile(self._handle)

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
        for spool in self._spools:
            spool.close()
        self._handle.close()
        self._temporary.unlink(missing_ok=True)


class ArraySpool:
    """An array that is written before its length and its largest number are known.

    A small one stays in memory; another goes to an unlinked file in `folder`, until it is emptied
    or closed.
    """

    def __init__(self, folder: Path, dtype: "np.dtype[Any] | type[Any]") -> None:
        """Begin without any number; those that come are kept as `dtype`."""
        self._folder, self._dtype = folder, np.dtype(dtype)
        self._held: list[AnyArray] = []
        self._bytes = 0
        self._file: IO[bytes] | None = None
        self.size = 0
        self.most = 0  # the largest number; none is negative

    def add(self, numbers: AnyArray) -> None:
        """Take in more numbers."""
        if not numbers.size:
            return
        self.size += numbers.size
        self.most = max(self.most, int(numbers.max()))
        # A copy: what a caller goes on to change, or holds only for this, is not kept.
        self._held.append(numbers.astype(self._dtype))
        self._bytes += self._held[-1].nbytes
        if self._bytes > _SPOOLED:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - see `close`
            self._flush(self._file)

    def _flush(self, file: IO[bytes]) -> None:
        for numbers in self._held:
            numbers.tofile(file)
        self._held, self._bytes = [], 0

    def empty(self) -> Iterator[AnyArray]:
        """Give all numbers, in pieces, and let them go."""
        if self._file is not None:
            self._flush(self._file)
            self._file.seek(0)
            while piece := self._file.read(_SPOOLED):
                yield np.frombuffer(piece, self._dtype)
        yield from self._held
        self.close()

    def close(self) -> None:
        """Let all numbers go."""
        if self._file is not None:
            self._file.close()
        self._held, self._file, self._bytes, self.size = [], None, 0, 0

    @property
    def narrowest(self) -> "np.dtype[Any]":
        """The type of as many bytes as the largest number needs."""
        return np.min_scalar_type(self.most)


def open_arrays(file: CheckedFile) -> tuple[dict[str, CheckedArray], dict[str, Any]]:
    """Give the arrays and the facts of a file, mapped; they stay valid when the file is removed.

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
        raise damaged(
            message("error.index.arrays-unreadable", error=str(error)), file.path
        ) from error


UNSYNCED: Final = "unsynced"
RUN_PREFIX: Final = "run-"  # of folders of postings put away, that only a crash leaves behind
Clocks = Mapping[str, tuple[int, int]]  # file -> when it changed (ns), how long it is (bytes)


def begin_change(folder: Path) -> Clocks | None:
    """Give the files that the disk has kept; None when somebody died before he had seen to that.

    From here until all is synced a mark says so. What else he left behind goes.
    """
    mark = folder / UNSYNCED
    for left in folder.glob(f"{RUN_PREFIX}*"):
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
