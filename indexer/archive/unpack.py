"""Copy the WARC and ARC files of others into the archive: a file, or those of a WACZ package.

The door to zipfile for reading. Nothing that a package says of itself is trusted: what it would
expand to is bounded before a byte is written, and its names never become names of ours.
"""

import errno
import hashlib
import lzma
import os
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from indexer.archive.members import ALWAYS_ALLOWED_BYTES, MAX_RATIO, count_unpacked
from indexer.disk import explain
from indexer.errors import ArchiveError
from indexer.messages import NOTHING, Message, message

IMPORT_PREFIX: Final = "import"
PARTIAL_PREFIX: Final = f".{IMPORT_PREFIX}-"  # of a copy under way; left behind by a kill only
ARCHIVE_SUFFIXES: Final = (".warc.gz", ".warc.zst", ".warc.lz4", ".warc", ".arc.gz", ".arc")
PACKAGE_SUFFIXES: Final = (".wacz", ".zip")
PACKAGE_MAGIC: Final = b"PK\x03\x04"
GZIP_MAGIC: Final = b"\x1f\x8b"
# A Zstandard frame, or the skippable one that holds the dictionary of a `.warc.zst`.
ZSTD_MAGICS: Final = (b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18")
LZ4_MAGIC: Final = b"\x04\x22\x4d\x18"
ARC_MAGIC: Final = b"filedesc://"
MAX_NAME_CHARS: Final = 80
MAX_LINE_BYTES: Final = 4 * 2**20
BLOCK: Final = 1_048_576
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")

# All that zipfile lets out when it reads what is damaged, or no zip; walked by a test.
ZIP_ERRORS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    RuntimeError,  # NotImplementedError: a method of compression that nobody here knows
    ValueError,
    LookupError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The limits of one import: bytes that it may write, and that number over the bytes read."""

    max_bytes: int = 20_000_000_000
    max_ratio: int = MAX_RATIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A file of others that stands in the archive now."""

    path: Path
    name: str  # what it was called where it came from, safe to print
    is_new: bool  # False: an import before this one brought the same bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """Something that an import did not take, and why.

    `is_fault` tells damage from what simply says nothing about a cited page.
    """

    name: str  # of the file, or of the file inside a package
    what: Message
    offset: int | None = None  # bytes, in that file
    length: int | None = None  # bytes
    is_fault: bool = True
    url: str = ""  # of the record concerned, as far as it could be read


def safe_name(name: str, *, max_chars: int = MAX_NAME_CHARS) -> str:
    r"""Give the last part of a path as a name that any file system and any terminal takes.

    >>> safe_name("../../etc/pass\\x1b[2Jwd\\n.warc.gz")
    'pass-2Jwd-.warc.gz'
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    return _UNSAFE.sub("-", last).lstrip(".-")[-max_chars:] or "unnamed"


def remove_partials(folder: Path) -> list[Path]:
    """Remove the copies that killed imports left unfinished; give their paths.

    To be called by whoever holds the lock of the corpus: nobody else is importing then.
    """
    removed = []
    for path in folder.glob(f"{PARTIAL_PREFIX}*"):
        try:
            path.unlink()
        except OSError as error:
            raise _as_ours(error, "error.cannot-remove", path) from error
        removed.append(path)
    return removed


def copy_archives(path: Path, folder: Path, *, bounds: Bounds) -> Iterator[Copied | NotTaken]:
    """Copy the WARC and ARC files of `path` into the archive's folder, byte for byte.

    Raises ArchiveError when nothing of it can be read, when it would expand beyond `bounds`, or
    when the disk does not take it; no unfinished file is left then.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as stream:
            is_package = path.name.lower().endswith(PACKAGE_SUFFIXES)
            if is_package or stream.read(len(PACKAGE_MAGIC)) == PACKAGE_MAGIC:
                yield from _copy_members(path, stream, folder, bounds)
                return
            stream.seek(0)
            _check_room(path.stat().st_size, path, folder, bounds)
            yield from _put(stream, path.name, folder, _Unpacked(path, bounds))
    except OSError as error:
        raise _as_ours(error, "error.archive.cannot-import", path) from error


def read_lines(path: Path, name: str, *, bounds: Bounds) -> Iterator[bytes]:
    """Read a text file of a package line by line; nothing when there is no such file in it.

    Raises ArchiveError when it is damaged, or expands beyond `bounds`.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as package:
            for info in package.infolist():
                if info.filename != name:
                    continue
                _check_size(info.file_size, path, bounds)
                with package.open(info) as lines:
                    while line := lines.readline(MAX_LINE_BYTES):
                        yield line
    except ZIP_ERRORS as error:
        raise ArchiveError(
            message("error.archive.part-unreadable", name=name, error=str(error)), where=path
        ) from error


def _copy_members(
    path: Path, stream: IO[bytes], folder: Path, bounds: Bounds
) -> Iterator[Copied | NotTaken]:
    try:
        package = zipfile.ZipFile(stream)
    except ZIP_ERRORS as error:
        raise ArchiveError(
            message("error.archive.no-package", error=str(error)), where=path
        ) from error
    with package:
        wanted = []
        for info in package.infolist():
            why = _find_obstacle(info)
            if why:
                yield NotTaken(name=safe_name(info.filename), what=why)
            elif info.filename.lower().endswith(ARCHIVE_SUFFIXES):
                wanted.append(info)
        if not wanted:
            raise ArchiveError(message("error.archive.no-warc"), where=path)
        _check_room(sum(info.file_size for info in wanted), path, folder, bounds)
        unpacked = _Unpacked(path, bounds)
        for info in wanted:
            try:
                member = _open_member(package, info)
            except ZIP_ERRORS as error:
                what = message("error.archive.unopenable-inside", error=str(error))
                yield NotTaken(name=safe_name(info.filename), what=what)
                continue
            with member:
                yield from _put(member, info.filename, folder, unpacked, crc=info.CRC)


def _find_obstacle(info: zipfile.ZipInfo) -> Message:
    """Find why something in a package can't be taken; nothing when it can, or is not ours."""
    name = info.filename.lower()
    if info.is_dir() or not name.endswith((*ARCHIVE_SUFFIXES, *PACKAGE_SUFFIXES)):
        return NOTHING
    if name.endswith(PACKAGE_SUFFIXES):
        return message("error.archive.package-inside")
    if stat.S_ISLNK(info.external_attr >> 16):
        return message("error.archive.symbolic-link")
    if info.flag_bits & 0x1:
        return message("error.archive.encrypted")
    return NOTHING


def _open_member(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    # Without its checksum zipfile gives all bytes; with it, it keeps the last block to itself.
    unchecked = copy(info)
    del unchecked.CRC
    return package.open(unchecked)


@dataclass(slots=True)
class _Unpacked:
    """A running total of the bytes that the files of one import (or one WACZ) unpack to."""

    source: Path  # what is imported
    bounds: Bounds
    total: int = 0

    def add(self, copy: Path) -> None:
        """Unpack a copied file up to the bound, and keep nothing. Raises ArchiveError beyond."""
        limit = _find_limit(self.source, self.bounds)
        try:
            self.total += count_unpacked(copy, limit=limit - self.total)
        except ArchiveError:
            return  # a compression that is not read here: told by whoever reads its records
        _check_ratio(self.total, self.source, self.bounds)


def _put(
    stream: IO[bytes], name: str, folder: Path, unpacked: _Unpacked, *, crc: int | None = None
) -> Iterator[Copied | NotTaken]:
    """Copy a stream under a name that tells its digest; what it was called, made safe, behind it.

    What can be read of a damaged stream is kept, and the rest told. What its records unpack to is
    bounded before anybody reads them.
    """
    partial = folder / f"{PARTIAL_PREFIX}{os.getpid()}"
    called = safe_name(name)
    try:
        digest, sum_of_bytes, fault = _copy(stream, partial)
        size = partial.stat().st_size
        unpacked.add(partial)
        target, is_new = _choose_target(partial, digest, called, folder)
        if is_new:
            partial.replace(target)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    if not fault and crc is not None and crc != sum_of_bytes:
        fault = message("error.archive.other-checksum")
    if fault:
        yield NotTaken(name=called, what=fault, offset=size)
    yield Copied(path=target, name=called, is_new=is_new)


def _copy(stream: IO[bytes], partial: Path) -> tuple[str, int, Message]:
    """Copy what can be read; give its SHA-256, its CRC-32, and what stopped it, if anything."""
    digest, crc, fault = hashlib.sha256(), 0, NOTHING
    with partial.open("wb") as out:
        while True:
            try:
                block = stream.read(BLOCK)
            except ZIP_ERRORS as error:
                fault = message("error.archive.not-read-on", error=str(error))
                break
            if not block:
                break
            digest.update(block)
            crc = zlib.crc32(block, crc)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest(), crc, fault


def _choose_target(partial: Path, digest: str, called: str, folder: Path) -> tuple[Path, bool]:
    """Choose the path of a copy in the archive's folder; no file is ever replaced.

    The name holds the digest of the content. Gives the path, and False where a file of that very
    content stands there already. Raises ArchiveError where one of that name has other content.
    """
    stem, suffix = _split_suffix(partial, called)
    for shown in (digest[:12], digest):
        target = folder / f"{IMPORT_PREFIX}-{shown}-{stem}{suffix}"
        if not target.exists():
            return target, True
        if _hash_file(target) == digest:
            return target, False
    raise ArchiveError(message("error.archive.damaged-there"), where=target)


def _split_suffix(path: Path, called: str) -> tuple[str, str]:
    """Split a name into its stem and the suffix that tells what the file truly is."""
    lower = called.lower()
    said = next((suffix for suffix in ARCHIVE_SUFFIXES if lower.endswith(suffix)), "")
    stem = called[: len(called) - len(said)] if said else called
    with path.open("rb") as stream:
        head = stream.read(65_536)
    if head.startswith(GZIP_MAGIC):
        try:
            inside = zlib.decompressobj(31).decompress(head, len(ARC_MAGIC))
        except zlib.error:
            inside = b""
        is_arc = inside.startswith(ARC_MAGIC) if inside else said.startswith(".arc")
        return stem, ".arc.gz" if is_arc else ".warc.gz"
    if head.startswith(LZ4_MAGIC) or (head.startswith(ZSTD_MAGICS) and said == ".warc.lz4"):
        return stem, ".warc.lz4"
    if head.startswith(ZSTD_MAGICS):
        return stem, ".warc.zst"
    if head.startswith(ARC_MAGIC):
        return stem, ".arc"
    # Neither: damaged at its start. The reader looks for the first record that is whole.
    return stem, said or ".warc"


def _hash_file(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _check_room(size: int, path: Path, folder: Path, bounds: Bounds) -> None:
    """Refuse what would expand beyond the bounds, or fill the disk, before a byte is written."""
    _check_size(size, path, bounds)
    free = shutil.disk_usage(folder).free
    if size > free:
        raise ArchiveError(
            message("error.archive.needs-room", size=size, folder=str(folder), free=free),
            where=path,
            hint=message("hint.import-again"),
        )


def _check_size(size: int, path: Path, bounds: Bounds) -> None:
    if size > bounds.max_bytes:
        raise ArchiveError(
            message("error.archive.expands-too-far", size=size, most=bounds.max_bytes),
            where=path,
            hint=message("hint.max-import-bytes"),
        )
    _check_ratio(size, path, bounds)


def _check_ratio(size: int, path: Path, bounds: Bounds) -> None:
    if size > _find_limit(path, bounds):
        packed = path.stat().st_size
        raise ArchiveError(
            message(
                "error.archive.expands-too-much", packed=packed, size=size, most=bounds.max_ratio
            ),
            where=path,
            hint=message("hint.max-import-ratio"),
        )


def _find_limit(path: Path, bounds: Bounds) -> int:
    """Find how many bytes the file at `path` may unpack to, by its own size and `bounds`."""
    return max(ALWAYS_ALLOWED_BYTES, path.stat().st_size * bounds.max_ratio)


def _as_ours(error: OSError, key: str, where: Path) -> ArchiveError:
    hints = {
        **dict.fromkeys(
            (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
            message("hint.free-disk"),
        ),
        **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), message("hint.ask-to-write")),
    }
    place = error.filename or where
    return ArchiveError(
        message(key, why=explain(error).what),
        where=place,
        hint=hints.get(error.errno or 0, NOTHING),
    )
