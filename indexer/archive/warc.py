"""Keep records in WARC files, append-only; give back the bytes of a record.

warcio writes here, and reads in `reading`. A batch of records is in the file before `append`
returns. What a failed write or a crash left of one stays at the file's end: no byte of a WARC is
ever removed or changed, and nothing is appended to a file whose end is torn. One process writes at
a time (`lock`), or several crawlers that share the folder (`is_shared`), each its own files; many
may read.
"""

import errno
import fcntl
import io
import os
import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self

from indexer.archive.lock import is_locked
from indexer.archive.members import ends_whole
from indexer.archive.reading import MAX_PAYLOAD_BYTES, PREFIX, Payload, read_payload
from indexer.archive.records import Draft, Location, list_fields, make_record_id, render_fields
from indexer.archive.remote import find_remote_only, was_sent
from indexer.disk import explain
from indexer.errors import ArchiveError
from indexer.messages import message

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord
    from warcio.warcwriter import WARCWriter

MAX_FILE_BYTES: Final = 10**9
WARC_SPECIFICATION: Final = (
    "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
)
SYNC_EVERY_S: Final = 1.0
UNBORN_SUFFIX: Final = ".part"  # a file that has no record of a page yet
OPEN_SUFFIX: Final = ".open"  # a file beside the one being written; left behind by a crash


class WarcArchive:
    """A folder of WARC files. Several threads may append and read at once."""

    def __init__(
        self,
        folder: Path,
        *,
        software: str,
        user_agent: str,
        max_file_bytes: int,
        is_shared: bool,
    ) -> None:
        """Write to `folder`, a new file after `max_file_bytes`; no file is begun yet."""
        self.folder = folder
        self._is_shared = is_shared
        self._marker_lock = -1  # a descriptor of the marker, locked, where the folder is shared
        self._software = software
        self._user_agent = user_agent
        self._max_file_bytes = max_file_bytes
        self._stream: BinaryIO | None = None
        self._path: Path | None = None
        self._synced_at = -SYNC_EVERY_S
        self._failure: ArchiveError | None = None  # of a write; nothing is written after it
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the file that is being written."""
        self.close()

    def close(self) -> None:
        """Close the file being written; it is whole then."""
        with self._lock:
            self._close_file()

    def list_unclosed(self) -> list[Path]:
        """List the files that a crash, or a full disk, left open. They may be gone.

        Those that another crawler is writing are not among them.
        """
        markers = sorted(self.folder.glob(f"*{OPEN_SUFFIX}"))
        return [
            path.with_name(path.name.removesuffix(OPEN_SUFFIX))
            for path in markers
            # A marker may be gone meanwhile.
            if not is_locked(path, if_unreadable=False)
        ]

    def forget_unclosed(self, path: Path) -> None:
        """Take the marker away from beside a file that was looked at; ArchiveError."""
        try:
            _marker(path).unlink(missing_ok=True)
        except OSError as error:
            told = explain(error)
            raise ArchiveError(
                message("error.archive.marker", why=told.what), where=path, hint=told.hint
            ) from error

    def clear_unborn(self) -> None:
        """Remove files that were killed before they had their name; no record was in them."""
        if self._is_shared:
            return  # one may be another crawler's, about to have its name
        for unborn in self.folder.glob(f".{PREFIX}-*{UNBORN_SUFFIX}"):
            with suppress(OSError):  # of a folder that is read-only: nothing can be written either
                unborn.unlink()

    def append(self, drafts: Sequence[Draft]) -> list[Location]:
        """Write records, flushed; say where they are.

        Raises ArchiveError when the disk does not take them. What was written of them then stays
        as a torn tail, the file is closed, and this archive takes nothing more until it is opened
        again: a disk that is full would get one torn file after the other.
        """
        with self._lock:
            if self._failure is not None:
                raise self._failure
            stream = self._open_file()
            start = stream.seek(0, os.SEEK_END)
            batch, locations = self._render(drafts, start)
            try:
                self._check_room(len(batch))
                _write_all(stream, batch)
                self._sync_now_and_then(stream)
            except OSError as error:
                self._abandon_file()
                told = explain(error)
                self._failure = ArchiveError(
                    message("error.cannot-write", why=told.what), where=self._path, hint=told.hint
                )
                raise self._failure from error
            return locations

    def read_payload(
        self,
        filename: str,
        offset: int,
        inside: int = 0,
        *,
        max_bytes: int = MAX_PAYLOAD_BYTES,
        is_damaged: bool = False,
    ) -> Payload:
        """Read the payload of a record, all codings taken off, up to `max_bytes`.

        `is_damaged`: it was so when it was imported, and what there is of it is wanted. A revisit
        has none: ask for the record it refers to. Raises ArchiveError when there is no such record.
        """
        path = self.folder / filename
        return read_payload(path, offset, inside, max_bytes=max_bytes, is_damaged=is_damaged)

    def read_head(self, filename: str, offset: int, inside: int = 0) -> bytes:
        """Read the HTTP head of a record, as in the file. Raises ArchiveError without one."""
        return read_payload(self.folder / filename, offset, inside, max_bytes=0).head

    def _render(self, drafts: Sequence[Draft], start: int) -> tuple[bytes, list[Location]]:
        assert self._path is not None
        from warcio.warcwriter import WARCWriter  # here: with it comes fsspec, 40 ms

        batch = io.BytesIO()
        writer = WARCWriter(batch, gzip=True, warc_version="WARC/1.1")
        locations = []
        for draft in drafts:
            offset = batch.tell()
            writer.write_record(_make_record(writer, draft))
            locations.append(
                Location(
                    filename=self._path.name, offset=start + offset, length=batch.tell() - offset
                )
            )
        return batch.getvalue(), locations

    def _open_file(self) -> BinaryIO:
        """Open the file to append to: the last one of ours while it has room, else a new one."""
        if self._stream is not None and self._stream.tell() < self._max_file_bytes:
            return self._stream
        self._close_file()
        try:
            return self._start_file()
        except OSError as error:
            told = explain(error)
            where = self._path or self.folder
            raise ArchiveError(
                message("error.cannot-write", why=told.what), where=where, hint=told.hint
            ) from error

    def _start_file(self) -> BinaryIO:
        self.folder.mkdir(parents=True, exist_ok=True)
        ours = self._list_ours()
        last = ours[-1] if ours else None
        grows = last is not None and last == self._find_growing(ours)
        if last is not None and grows and ends_whole(last) and self._mark(last):
            self._path = last
        else:
            self._path = self._make_file(_file_number(last)[0] + 1 if last is not None else 0)
            if not self._mark(self._path):
                raise FileExistsError(errno.EEXIST, "its marker is another's")
        self._stream = self._path.open("ab", buffering=0)
        self._stream.seek(0, os.SEEK_END)
        return self._stream

    def find_growing(self) -> Path | None:
        """Find the file that the next run appends to; None where it begins another."""
        return self._find_growing(self._list_ours())

    def _find_growing(self, ours: Sequence[Path]) -> Path | None:
        last = ours[-1] if ours else None
        if last is None or was_sent(last) or last.stat().st_size >= self._max_file_bytes:
            return None
        return last

    def _list_ours(self) -> list[Path]:
        """List the files that we wrote, oldest first; those too that are on a storage alone."""
        ours = [*self.folder.glob(f"{PREFIX}-*.warc.gz"), *find_remote_only(self.folder)]
        return sorted((path for path in ours if path.name.startswith(PREFIX)), key=_file_number)

    def _mark(self, path: Path) -> bool:
        """Put the marker beside a file; False where another crawler has put it, dead or alive.

        Where the folder is shared, it comes into being locked, and the lock dies with us.
        """
        if not self._is_shared:
            _marker(path).touch()
            return True
        unborn = path.with_name(f".{path.name}-{secrets.token_hex(4)}{UNBORN_SUFFIX}")
        descriptor = os.open(unborn, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.link(unborn, _marker(path))
        except FileExistsError:
            os.close(descriptor)
            return False
        except OSError:
            os.close(descriptor)
            raise
        finally:
            unborn.unlink()
        self._marker_lock = descriptor
        return True

    def _make_file(self, number: int) -> Path:
        """Make a new file with its warcinfo record, whole before it has its name.

        So that a full disk leaves no file, however often it is tried.
        """
        # Crawlers on other machines make files for the same catalogue, at the same second too.
        ours = f"{secrets.token_hex(4)}-" if self._is_shared else ""
        name = f"{PREFIX}-{datetime.now(UTC):%Y%m%d%H%M%S}-{ours}{number:05}.warc.gz"
        self._path = self.folder / name
        unborn = self.folder / f".{name}{UNBORN_SUFFIX}"
        try:
            with unborn.open("wb", buffering=0) as stream:
                _write_all(stream, self._render([self._draft_warcinfo()], 0)[0])
                os.fsync(stream.fileno())
            if self._path.exists():  # by whatever accident: never written over
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            unborn.rename(self._path)
        finally:
            unborn.unlink(missing_ok=True)
        return self._path

    def _check_room(self, size: int) -> None:
        """Raise the system's error where the disk has no room for a batch, before it is torn."""
        state = os.statvfs(self.folder)
        if state.f_bavail * state.f_frsize < size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _draft_warcinfo(self) -> Draft:
        assert self._path is not None
        fields = [
            ("software", self._software),
            ("format", "WARC File Format 1.1"),
            ("conformsTo", WARC_SPECIFICATION),
            ("robots", "RFC 9309"),
            ("http-header-user-agent", self._user_agent),
        ]
        return Draft(
            kind="warcinfo",
            record_id=make_record_id(),
            target_uri="",
            date=datetime.now(UTC),
            fields={"WARC-Filename": self._path.name},
            payload=render_fields(fields),
        )

    def _sync_now_and_then(self, stream: BinaryIO) -> None:
        """Have the disk itself take what the system took, once a second.

        What was flushed survives the end of the process, however it ends. Only a power cut can
        take what was flushed and not synced, and `recover` then forgets its rows too.
        """
        now = time.monotonic()
        if now - self._synced_at >= SYNC_EVERY_S:
            os.fsync(stream.fileno())
            self._synced_at = now

    def _abandon_file(self) -> None:
        """Close a file that a write failed on; its marker stays, for the next run to look at it."""
        if self._stream is not None:
            with suppress(OSError):
                self._stream.close()
            self._stream = None

    def _close_file(self) -> None:
        if self._stream is None or self._path is None:
            return
        os.fsync(self._stream.fileno())
        self._stream.close()
        self._stream = None
        _marker(self._path).unlink(missing_ok=True)
        if self._marker_lock >= 0:
            os.close(self._marker_lock)
            self._marker_lock = -1


def open_archive(
    folder: Path,
    *,
    software: str = "renvois",
    user_agent: str = "",
    max_file_bytes: int = MAX_FILE_BYTES,
    is_shared: bool = False,
) -> WarcArchive:
    """Open a folder of WARC files; it need not exist. To be closed.

    `is_shared`: other crawlers may write files of their own to it meanwhile, or on other machines
    files for the same catalogue.
    """
    return WarcArchive(
        folder,
        software=software,
        user_agent=user_agent,
        max_file_bytes=max_file_bytes,
        is_shared=is_shared,
    )


class _View(io.RawIOBase):
    """Bytes to be read, of which no copy is made."""

    def __init__(self, octets: bytes) -> None:
        super().__init__()
        self._left = memoryview(octets)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        piece = self._left[: len(buffer)]
        buffer[: len(piece)] = piece
        self._left = self._left[len(piece) :]
        return len(piece)


class _Head:
    """An HTTP head that warcio writes as it was received, byte for byte."""

    def __init__(self, head: bytes) -> None:
        self.headers_buff = head

    def compute_headers_buffer(self, _filter: object = None) -> None:
        """Nothing to compute."""


def _make_record(writer: "WARCWriter", draft: Draft) -> "ArcWarcRecord":
    return writer.create_warc_record(
        draft.target_uri,
        draft.kind,
        payload=io.BufferedReader(_View(draft.payload)),
        length=len(draft.payload),
        warc_headers_dict=list_fields(draft),
        http_headers=_Head(draft.head) if draft.head else None,
    )


def _marker(path: Path) -> Path:
    return path.with_name(path.name + OPEN_SUFFIX)


def _file_number(path: Path) -> tuple[int, str]:
    """Order our files as they were begun: by their number, whatever the clock said."""
    number = path.name.removesuffix(".warc.gz").rpartition("-")[2]
    return (int(number) if number.isdecimal() else -1, path.name)


def _write_all(stream: BinaryIO, batch: bytes) -> None:
    """Write without a buffer: a buffer would write again, when closed, what the disk refused."""
    rest = memoryview(batch)
    while rest:
        rest = rest[stream.write(rest) :]
