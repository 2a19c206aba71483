"""Read through the compression of a WARC file, member by member; find the next behind damage.

A `.warc.gz` is one gzip member a record when its writer followed the standard; others hold many
records in a member, or one record over several. `.warc.zst` and `.warc.lz4` have frames in place of
members; the former may carry a dictionary in its first one
(https://iipc.github.io/warc-specifications/specifications/warc-zstd/). The door to lz4.
Nothing here knows what a record is, but for how its first line begins.
"""

import os
import re
import shutil
import struct
import sys
import tempfile
import weakref
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, Protocol

from indexer.errors import ArchiveError
from indexer.messages import Message, message

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BLOCK: Final = 65_536  # bytes, read or unpacked at a time
# Of the points at which the unpacking of a member can begin again: at least so far apart, at most
# so many (5 MB), of so many members of a file.
POINT_BYTES: Final = 2**20
MAX_POINTS: Final = 128
MAX_MEMBERS: Final = 1_000
# A frame of zstd or LZ4 can't be begun again within: one that is read further in than this is
# unpacked once, into a file that is gone with the process, if it is not larger than that.
SPOOLED_FROM: Final = 2 * 2**20
MAX_SPOOLED_BYTES: Final = 2 * 2**30
MAX_LINE_BYTES: Final = 65_536
MAX_TAIL_BYTES: Final = 16 * 2**20  # what is read of a file's end before it is appended to
MAX_WINDOW_LOG: Final = 26  # of zstd: 64 MB, so that a frame can't ask for more memory


class Lz4Error(ValueError):
    """A frame of LZ4 that can't be unpacked; the library itself raises a bare RuntimeError."""


# Below this nothing is called a bomb: a page of zeros may well be a thousand times smaller.
ALWAYS_ALLOWED_BYTES: Final = 64 * 2**20
MAX_RATIO: Final = 100  # to how many times its size a file may expand, unless the settings say so
UNPACKING_ERRORS: Final = (zlib.error, zstd.ZstdError, Lz4Error, EOFError)
GZIP_MAGIC: Final = b"\x1f\x8b\x08"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
LZ4_MAGIC: Final = b"\x04\x22\x4d\x18"
ZSTD_DICTIONARY: Final = b"\x5d\x2a\x4d\x18"
SKIPPABLE: Final = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # of Zstandard and of LZ4
CHECKSUM_FLAG: Final = 0x04  # in the byte behind the magic number, of Zstandard and of LZ4
# A record's first line: of WARC, or of ARC ("URL IP date type length").
WARC_LINE: Final = re.compile(rb"WARC/\d+\.\d+[ \t\r]*\n?$")
ARC_LINE: Final = re.compile(
    rb"(?P<uri>[a-z][a-z0-9+.-]*:\S.*) (?P<ip>[0-9A-Fa-f.:]+|-) (?P<date>\d{8,18}) "
    rb"(?P<type>[^ ]+(?: [^ ]+)*?)(?: (?P<rest>\d{3} \S+ \S+ \d+ \S+))? "
    rb"(?P<length>-?\w+)[ \t\r]*\n?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, order=True)
class RecordPosition:
    """A position in a WARC file, packed or not, in bytes.

    `member` is the offset of a compressed member in the file, `inside` counts unpacked bytes of
    that member. In a file without compression `inside` is 0 and `member` the offset itself.
    """

    member: int
    inside: int = 0


class DamageError(Exception):
    """Bytes that can't be what they should be, and where; stays within this room."""

    def __init__(self, reason: Message, place: RecordPosition) -> None:
        """Say why nothing can be read at a place, and where that is."""
        self.reason = reason
        self.place = place
        super().__init__(reason)


class Engine(Protocol):
    """A decompressor of one gzip member or frame, used as `zlib.decompressobj()` is."""

    @property
    def eof(self) -> bool:
        """Whether the member's end was reached, its checksum right."""

    @property
    def unused_data(self) -> bytes:
        """Give the bytes that were passed in and lie beyond the end of the member."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Give up to `max_length` bytes; what of `data` waits is kept inside."""


class Packer(Protocol):
    """A compressor of one gzip member or frame, used as `zlib.compressobj()` is."""

    def compress(self, data: bytes, /) -> bytes:
        """Take in bytes; give what is compressed so far."""
        ...

    def flush(self) -> bytes:
        """End the member; give the rest."""
        ...


class _Gunzip:
    """zlib's engine, keeping by itself what waits, as that of zstd does."""

    def __init__(self, engine: "zlib._Decompress | None" = None) -> None:
        self._engine = engine or zlib.decompressobj(31)

    def copy(self) -> "_Gunzip":
        """Give an engine that goes on from here: 40 KB, the window of deflate."""
        return _Gunzip(self._engine.copy())

    @property
    def eof(self) -> bool:
        return self._engine.eof

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._engine.decompress(self._engine.unconsumed_tail + data, max_length)


class _Lz4:
    """lz4's engine, whose data behind the end is None where there is none."""

    def __init__(self) -> None:
        import lz4.frame  # here: few archives are compressed so

        self._engine = lz4.frame.LZ4FrameDecompressor()

    @property
    def eof(self) -> bool:
        return bool(self._engine.eof)

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data or b""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        try:
            return bytes(self._engine.decompress(data, max_length))
        except RuntimeError as error:
            raise Lz4Error(str(error)) from error


class _Lz4Packer:
    """Compresses one frame of LZ4, with a checksum of its content."""

    def __init__(self) -> None:
        import lz4.frame  # here, as above

        self._engine = lz4.frame.LZ4FrameCompressor(content_checksum=True)
        self._start = bytes(self._engine.begin())

    def compress(self, data: bytes, /) -> bytes:
        start, self._start = self._start, b""
        return start + bytes(self._engine.compress(data))

    def flush(self) -> bytes:
        return self._start + bytes(self._engine.flush())


class _Point(NamedTuple):
    """A state from which a member can be unpacked onwards without its earlier bytes."""

    inside: int  # bytes of the member, unpacked
    offset: int  # in the file, of the next packed byte
    engine: _Gunzip  # to be copied


@dataclass(slots=True, weakref_slot=True)
class _Frame:
    """A file of the bytes that a frame unpacks to; only the beginning where it is cut or damaged.

    The file has no name, and goes with the last who reads it.
    """

    descriptor: int
    length: int  # bytes, unpacked
    end: int  # in the archive, of what was unpacked
    fault: Exception | None  # what unpacking on raises
    is_whole: bool

    def __post_init__(self) -> None:
        weakref.finalize(self, os.close, self.descriptor)

    def open(self, inside: int) -> "_FrameReader":
        """Give an engine that goes on from a place inside."""
        return _FrameReader(self, inside)


class _FrameReader:
    """Stands for the engine of a frame that is unpacked; what is given is not looked at."""

    unused_data = b""

    def __init__(self, frame: _Frame, inside: int) -> None:
        self._frame, self._inside = frame, inside

    @property
    def eof(self) -> bool:
        return self._frame.is_whole and self._inside == self._frame.length

    def decompress(self, data: bytes, max_length: int) -> bytes:
        del data
        piece = os.pread(self._frame.descriptor, max_length, self._inside)
        self._inside += len(piece)
        if not piece and self._frame.fault is not None:
            raise self._frame.fault
        return piece


@dataclass(slots=True)
class _MemberMap:
    """Verdicts and restart points of the members of one file that hold several records each."""

    verdicts: dict[int, str] = field(default_factory=dict)  # "whole", "cut" or "corrupt"
    points: dict[int, list[_Point]] = field(default_factory=dict)
    frames: dict[int, _Frame | None] = field(default_factory=dict)  # the last; None: too large

    def judge(self, member: int, unpack: Callable[[int], str]) -> str:
        """Give the verdict of `unpack` on a member, which is asked once."""
        verdict = self.verdicts.get(member)
        if verdict is None:
            if len(self.verdicts) >= MAX_MEMBERS:
                self.verdicts.clear()
                self.points.clear()
            verdict = self.verdicts[member] = unpack(member)
        return verdict

    def find_frame(self, member: int, spool: Callable[[int], _Frame | None]) -> _Frame | None:
        """Give what a frame unpacks to; `spool` is asked once, and the frame before goes."""
        if member not in self.frames:
            self.frames.clear()
            self.frames[member] = spool(member)
        return self.frames[member]

    def add_point(self, member: int, point: _Point) -> None:
        """Keep a point, unless it stands near the last one; of too many every second is kept."""
        points = self.points.get(member, [])
        far = max(POINT_BYTES, points[-1].inside // MAX_POINTS * 2 if points else 0)
        if point.inside < far + (points[-1].inside if points else 0):
            return
        points = points[1::2] if len(points) >= MAX_POINTS else list(points)
        self.points[member] = [*points, point]

    def find_point(self, place: RecordPosition) -> _Point | None:
        """Find the last point at or before a place in its member."""
        points = self.points.get(place.member, [])
        number = bisect_right(points, place.inside, key=attrgetter("inside"))
        return points[number - 1] if number else None


@lru_cache(maxsize=4)
def _map_members(path: Path, inode: int, size: int, mtime_ns: int) -> _MemberMap:
    """Give what is remembered of a file: a capture inside a large member is one of many there.

    Without it each is read through all that stands before it, and a member is judged for each.
    """
    return _MemberMap()


class Unpacked:
    """A WARC file's bytes without compression. Reads stop at a member's end; lines do not.

    Raises DamageError for what can't be unpacked, ArchiveError when the system can't read.
    """

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        """Unpack what `stream` gives from the start of the file at `path`."""
        self.path = path
        self._stream = stream
        self._magic = _find_magic(path, self._pread(0, 16))
        self._dictionary = self._read_dictionary()
        self._buffer = b""
        self._at = 0  # in the buffer
        self._unread: tuple[RecordPosition, bytes] | None = None
        self._engine: Engine | None = None
        self._member = 0  # where the buffer's member begins
        self._inside = 0  # bytes of the member before the buffer
        self._fault: DamageError | None = None  # to be told behind what the buffer still has
        self._map = self._open_map()
        self._next = 0  # where reading the file goes on: the next member while there is no engine

    @property
    def is_compressed(self) -> bool:
        """Whether the file has members at all."""
        return bool(self._magic)

    @property
    def magic(self) -> bytes:
        """The magic number of the file's members; b"" for a file without compression."""
        return self._magic

    @property
    def has_dictionary(self) -> bool:
        """Whether members are unpacked with a dictionary that stands before them."""
        return self._dictionary is not None

    @property
    def size(self) -> int:
        """The file's size in bytes, as it is now."""
        return self._stream.seek(0, 2)

    @property
    def place(self) -> RecordPosition:
        """Give the position of the next unpacked byte.

        At the end of a member that is the beginning of the next one.
        """
        if self._unread is not None:
            return self._unread[0]
        if not self._magic:
            return RecordPosition(self._next - len(self._buffer) + self._at)
        if self._engine is None and self._at == len(self._buffer):
            return RecordPosition(self._next)
        return RecordPosition(self._member, self._inside + self._at)

    def seek(self, place: RecordPosition) -> None:
        """Go to a place; DamageError when what stands before it in its member can't be unpacked."""
        self._buffer, self._at, self._unread, self._engine = b"", 0, None, None
        self._member = self._next = place.member
        self._inside = 0
        self._fault = None
        left = place.inside
        point = self._map.find_point(place)
        if point is not None:
            self._engine = point.engine.copy()
            self._inside, self._next = point.inside, point.offset
            left -= point.inside
        elif self._magic and self._magic != GZIP_MAGIC and left > SPOOLED_FROM:
            left = self._seek_frame(place)
        while left:
            piece = self.read(left)
            if not piece:
                raise DamageError(message("error.record.ends-before"), place)
            left -= len(piece)

    def _seek_frame(self, place: RecordPosition) -> int:
        """Go into a frame that is unpacked to a file; gives how many bytes are left to be read."""
        frame = self._map.find_frame(place.member, self._spool_frame)
        if frame is None:
            return place.inside
        self._inside, self._next = min(place.inside, frame.length), frame.end
        self._engine = frame.open(self._inside)
        return place.inside - self._inside

    def read(self, size: int) -> bytes:
        """Give 1 to `size` bytes, of one member; b"" at the file's end."""
        if self._unread is not None:
            place, line = self._unread
            rest = line[size:]
            moved = (
                RecordPosition(place.member, place.inside + size)
                if self._magic
                else RecordPosition(place.member + size)
            )
            self._unread = (moved, rest) if rest else None
            return line[:size]
        if self._at == len(self._buffer) and not self._fill():
            return b""
        piece = self._buffer[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def readline(self) -> bytes:
        """Give the bytes up to a line feed, MAX_LINE_BYTES at most; b"" at the file's end.

        A line ends too where the next member begins with a record: the one before may be cut, or
        not end as the standard has it.
        """
        if self._unread is not None:
            _, line = self._unread
            self._unread = None
            return line
        line = b""
        while len(line) < MAX_LINE_BYTES and (self._at < len(self._buffer) or self._fill()):
            is_next_member = bool(self._magic) and self._at == self._inside == 0
            if line and is_next_member and self._begins_record():
                break
            end = self._buffer.find(b"\n", self._at) + 1 or len(self._buffer)
            end = min(end, self._at + MAX_LINE_BYTES - len(line))
            line += self._buffer[self._at : end]
            self._at = end
            if line.endswith(b"\n"):
                break
        return line

    def _begins_record(self) -> bool:
        """Whether the buffer begins with the first line of a record."""
        end = self._buffer.find(b"\n", 0, MAX_LINE_BYTES) + 1
        return bool(end) and is_first_line(self._buffer[:end])

    def read_packed(self, start: int, end: int) -> Iterator[bytes]:
        """Give the bytes of the file between two offsets as they stand in it.

        ArchiveError when the file is shorter. Where reading goes on is not changed by it.
        """
        while start < end:
            piece = self._pread(start, min(BLOCK, end - start))
            if not piece:
                raise ArchiveError(
                    message("error.archive.shorter", offset=str(start)), where=self.path
                )
            yield piece
            start += len(piece)

    def unread(self, line: bytes, place: RecordPosition) -> None:
        """Have the next `readline` give a line again, that stood at `place`."""
        self._unread = (place, line)

    def is_between_members(self) -> bool:
        """Whether a member has just ended, its checksum right (or the file has ended)."""
        # zlib sees the end of a member only when it is asked once more.
        while self._unread is None and self._at == len(self._buffer) and self._engine is not None:
            self._fill_member()
        return self._unread is None and self._at == len(self._buffer) and self._engine is None

    def has_checksum(self, member: int) -> bool:
        """Whether a member carries a checksum of what it unpacks to: a frame need not."""
        if self._magic == GZIP_MAGIC:
            return True
        flags = self._pread(member + len(self._magic), 1)
        return bool(flags and flags[0] & CHECKSUM_FLAG)

    def is_member_whole(self, member: int) -> bool:
        """Whether a member can be unpacked to its end, its checksum right; what is read stays."""
        return self._judge_member(member) == "whole"

    def is_member_corrupt(self, member: int) -> bool:
        """Whether a member can't be what was written: one that is merely cut short may be."""
        return self.is_compressed and self._judge_member(member) == "corrupt"

    def _judge_member(self, member: int) -> str:
        """Unpack a member and say whether it is "whole", "cut" or "corrupt"."""
        return self._map.judge(member, self._unpack_member)

    def _open_map(self) -> _MemberMap:
        try:
            stat = os.fstat(self._stream.fileno())
        except (OSError, ValueError):  # no file
            return _MemberMap()
        return _map_members(self.path, stat.st_ino, stat.st_size, stat.st_mtime_ns)

    def _unpack_member(self, member: int) -> str:
        engine = self._make_engine()
        inside, offset = 0, member
        try:
            while packed := self._pread(offset, BLOCK):
                if isinstance(engine, _Gunzip) and inside:
                    self._map.add_point(member, _Point(inside, offset, engine.copy()))
                offset += len(packed)
                piece = engine.decompress(packed, BLOCK)
                inside += len(piece)
                while piece and not engine.eof:
                    piece = engine.decompress(b"", BLOCK)
                    inside += len(piece)
                if engine.eof:
                    return "whole"
        except UNPACKING_ERRORS:
            return "corrupt"
        return "cut"

    def _spool_frame(self, member: int) -> _Frame | None:
        """Unpack a frame into a file; None where it is too large, or the disk too small for it."""
        most = min(MAX_SPOOLED_BYTES, shutil.disk_usage(tempfile.gettempdir()).free // 2)
        with tempfile.TemporaryFile(buffering=0) as file:
            descriptor = os.dup(file.fileno())
        engine, frame = self._make_engine(), _Frame(descriptor, 0, member, None, is_whole=False)
        try:
            while frame.length <= most and not engine.eof:
                packed = self._pread(frame.end, BLOCK)
                frame.end += len(packed)
                piece = engine.decompress(packed, BLOCK)
                while piece:
                    written = os.pwrite(descriptor, piece, frame.length)
                    frame.length += written
                    if written < len(piece):  # no room: it is read without
                        return None
                    piece = b"" if engine.eof else engine.decompress(b"", BLOCK)
                if not packed:
                    break
        except UNPACKING_ERRORS as error:
            frame.fault = error
        except OSError:  # no room, likewise
            return None
        frame.end -= len(engine.unused_data)
        frame.is_whole = engine.eof
        return None if frame.length > most else frame

    def starts_record(self) -> bool:
        """Whether the next line is one that begins a record; nothing is consumed."""
        place = self.place
        line = self.readline()
        self.unread(line, place)
        return is_first_line(line)

    def find_record(self, after: RecordPosition) -> None:
        """Go to the next line behind a place that begins a record, or to the file's end.

        In compressed files what can't be unpacked is passed over: the next member is searched by
        its magic number.
        """
        start = after.member + 1
        try:
            self.seek(after)
            if self._scan_lines():
                return
        except DamageError as damage:
            start = max(start, damage.place.member + 1)
        while (candidate := self.find_member(start)) is not None:
            try:
                self.seek(RecordPosition(candidate))
                if self._scan_lines():
                    return
            except DamageError:
                pass
            start = candidate + 1
        self.seek(RecordPosition(self.size))

    def _scan_lines(self) -> bool:
        is_whole = True  # whether the line before had its end
        while True:
            place = self.place
            line = self.readline()
            if not line:
                return not self._magic or place.member >= self.size
            starts_member = bool(self._magic) and place.inside == 0
            if (is_whole or starts_member) and is_first_line(line):
                self.unread(line, place)
                return True
            is_whole = line.endswith(b"\n")

    def find_member(self, start: int) -> int | None:
        """Find the magic number of a member at or behind an offset of the file; None for none."""
        if not self._magic:
            return None
        overlap = len(self._magic) - 1
        while window := self._pread(start, BLOCK * 16):
            found = window.find(self._magic)
            if found >= 0:
                return start + found
            if len(window) <= overlap:
                return None
            start += len(window) - overlap
        return None

    def _fill(self) -> bool:
        """Unpack more into the empty buffer; False at the file's end."""
        if not self._magic:
            self._buffer, self._at = self._pread(self._next, BLOCK), 0
            self._next += len(self._buffer)
            return bool(self._buffer)
        while self._at == len(self._buffer):
            if self._engine is None and not self._begin_member():
                return False
            self._fill_member()
        return True

    def _begin_member(self) -> bool:
        start = self._pread(self._next, 8)
        while self._magic != GZIP_MAGIC and SKIPPABLE.match(start):
            self._next += 8 + int.from_bytes(start[4:8], "little")
            start = self._pread(self._next, 8)
        if not start:
            return False
        self._member, self._inside, self._buffer, self._at = self._next, 0, b"", 0
        if not start.startswith(self._magic):
            raise DamageError(message("error.record.no-member"), RecordPosition(self._next))
        self._engine = self._make_engine()
        return True

    def _fill_member(self) -> None:
        assert self._engine is not None
        if self._fault is not None:
            raise self._fault
        here = RecordPosition(self._member, self._inside + len(self._buffer))
        self._inside, self._buffer, self._at = here.inside, b"", 0
        try:
            while not self._buffer and not self._engine.eof:
                # What waits inside comes first: more is read when nothing does.
                self._buffer = self._engine.decompress(b"", BLOCK)
                if self._buffer or self._engine.eof:
                    break
                packed = self._pread(self._next, BLOCK)
                if not packed:
                    raise DamageError(message("error.record.cut-short"), here)
                self._next += len(packed)
                self._buffer = self._engine.decompress(packed, BLOCK)
        except UNPACKING_ERRORS as error:
            self._fault = DamageError(message("error.record.not-unpacked", error=str(error)), here)
            self._buffer = self._salvage(here)
            if not self._buffer:
                raise self._fault from error
        if self._engine.eof:
            self._next -= len(self._engine.unused_data)
            self._engine = None

    def _salvage(self, here: RecordPosition) -> bytes:
        """Give what can be unpacked between a place and the damage behind it.

        An engine that fails keeps what it had unpacked in that call for itself: the member is
        unpacked again, and the block with the damage is given byte by byte.
        """
        whole_blocks = sum(1 for _ in self._unpack_blocks(here.member)) - 1
        engine, inside, kept = self._make_engine(), 0, b""
        with suppress(*UNPACKING_ERRORS):
            for number in count():
                packed = self._pread(here.member + number * BLOCK, BLOCK)
                step = BLOCK if number < whole_blocks else 1
                for start in range(0, len(packed), step):
                    piece = engine.decompress(packed[start : start + step], BLOCK)
                    while piece:
                        kept += piece[max(0, here.inside - inside) :]
                        inside += len(piece)
                        piece = b"" if engine.eof else engine.decompress(b"", BLOCK)
                if not packed or engine.eof or number > whole_blocks:
                    break
        return kept

    def _unpack_blocks(self, member: int) -> Iterator[int]:
        """Unpack a member; yield before each block is, as long as there is no damage."""
        engine = self._make_engine()
        with suppress(*UNPACKING_ERRORS):
            while packed := self._pread(member, BLOCK):
                yield member
                member += len(packed)
                piece = engine.decompress(packed, BLOCK)
                while piece and not engine.eof:
                    piece = engine.decompress(b"", BLOCK)

    def _make_engine(self) -> Engine:
        if self._magic == GZIP_MAGIC:
            return _Gunzip()
        if self._magic == LZ4_MAGIC:
            return _Lz4()
        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: MAX_WINDOW_LOG}
        return zstd.ZstdDecompressor(self._dictionary, options=options)

    def _read_dictionary(self) -> zstd.ZstdDict | None:
        start = self._pread(0, 8)
        if self._magic != ZSTD_MAGIC or not start.startswith(ZSTD_DICTIONARY) or len(start) < 8:
            return None
        content = self._pread(8, min(struct.unpack("<I", start[4:])[0], 2**26))
        try:
            if content.startswith(ZSTD_MAGIC):
                content = zstd.ZstdDecompressor().decompress(content, 2**26)
            found = zstd.ZstdDict(content, is_raw=not content.startswith(b"\x37\xa4\x30\xec"))
            zstd.ZstdDecompressor(found)  # where a dictionary is damaged, this is what fails
            return found
        except (zstd.ZstdError, EOFError, ValueError) as error:
            raise ArchiveError(
                message("error.archive.dictionary", error=str(error)), where=self.path
            ) from error

    def _pread(self, offset: int, size: int) -> bytes:
        try:
            self._stream.seek(offset)
            return self._stream.read(size)
        except OSError as error:
            raise ArchiveError(
                message(
                    "error.archive.unreadable-at",
                    offset=str(offset),
                    error=error.strerror or str(error),
                ),
                where=self.path,
            ) from error


def count_unpacked(path: Path, *, limit: int) -> int:
    """Count the bytes that a file unpacks to; stop once they are more than `limit`.

    What is damaged is passed over, as it is by who reads records. Nothing is kept of what is
    unpacked. Raises ArchiveError when the system can't read the file.
    """
    with path.open("rb", buffering=0) as stream:
        source = Unpacked(path, stream)
        if not source.is_compressed:
            return source.size
        total = 0
        start: int | None = 0
        while start is not None and total <= limit:
            source.seek(RecordPosition(start))
            try:
                while total <= limit and (piece := source.read(BLOCK)):
                    total += len(piece)
                return total
            except DamageError as damage:
                start = source.find_member(max(start, damage.place.member) + 1)
        return total


def is_first_line(line: bytes) -> bool:
    r"""Say whether a line may begin a record of WARC or ARC.

    >>> is_first_line(b"WARC/1.1\\r\\n"), is_first_line(b"WARC/1.1 is a standard\\n")
    (True, False)
    >>> is_first_line(b"http://a.example/ 192.0.2.1 20150310080000 text/html 42\\n")
    True
    """
    return bool(WARC_LINE.match(line) or ARC_LINE.match(line))


def _find_magic(path: Path, start: bytes) -> bytes:
    """Read the magic number of a file's members; b"" for a file without compression.

    Its first bytes say it; where these are damaged, its name does.
    """
    for magic in (GZIP_MAGIC, ZSTD_MAGIC, LZ4_MAGIC):
        if start.startswith(magic):
            return magic
    by_name = {".gz": GZIP_MAGIC, ".zst": ZSTD_MAGIC, ".lz4": LZ4_MAGIC}.get(
        path.suffix.lower(), b""
    )
    if SKIPPABLE.match(start):
        return LZ4_MAGIC if by_name == LZ4_MAGIC else ZSTD_MAGIC
    if start.lstrip().startswith((b"WARC/", b"filedesc:")):
        return b""
    return by_name


def make_packer(magic: bytes) -> Packer | None:
    """Make what compresses one member of a file with this magic number; None without one."""
    if magic == GZIP_MAGIC:
        return zlib.compressobj(wbits=31)
    if magic == LZ4_MAGIC:
        return _Lz4Packer()
    return zstd.ZstdCompressor() if magic == ZSTD_MAGIC else None


def ends_whole(path: Path) -> bool:
    """Whether a file of ours ends with a whole gzip member, so that it may be appended to.

    Only its end is read. A file without a byte is whole; one whose last member is longer than
    MAX_TAIL_BYTES counts as torn, which costs no more than a new file. Raises OSError.
    """
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        if size == 0:
            return True
        stream.seek(max(0, size - MAX_TAIL_BYTES))
        tail = stream.read()
    start = len(tail)
    while (start := tail.rfind(GZIP_MAGIC, 0, start)) >= 0:
        engine = zlib.decompressobj(31)
        piece = b""
        with suppress(zlib.error):
            piece = engine.decompress(memoryview(tail)[start:], BLOCK)
            is_record = piece.startswith(b"WARC/")
            while is_record and not engine.eof and engine.unconsumed_tail:
                engine.decompress(engine.unconsumed_tail, BLOCK)
            if is_record:
                # The last record that begins decides: nothing may stand behind it.
                return engine.eof and not engine.unused_data
    return False
