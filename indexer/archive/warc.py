"""Keep records in WARC files, append-only; give back the bytes of a record.

warcio writes here, and reads in `reading`. A batch of records is in the file before `append`
returns, or none of it is. One process writes at a time (`lock`); many may read.
"""

import io
import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, Self

from warcio.recordloader import ArcWarcRecord
from warcio.warcwriter import WARCWriter

from indexer.archive.reading import Payload, read_payload
from indexer.archive.records import Draft, Location, list_fields, make_record_id, render_fields
from indexer.archive.repair import cut_tail
from indexer.errors import ArchiveError

MAX_FILE_BYTES: Final = 10**9
MAX_PAYLOAD_BYTES: Final = 128 * 2**20  # decoded
WARC_SPECIFICATION: Final = (
    "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
)
PREFIX: Final = "renvois"  # of the files that we write; others' are left as they are
SYNC_EVERY_S: Final = 1.0
OPEN_SUFFIX: Final = ".open"  # a file beside the one being written; left behind by a crash


class WarcArchive:
    """A folder of WARC files. Several threads may append and read at once."""

    def __init__(
        self, folder: Path, *, software: str, user_agent: str, max_file_bytes: int
    ) -> None:
        self.folder = folder
        self._software = software
        self._user_agent = user_agent
        self._max_file_bytes = max_file_bytes
        self._stream: BinaryIO | None = None
        self._path: Path | None = None
        self._synced_at = -SYNC_EVERY_S
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file being written; it is whole then."""
        with self._lock:
            self._close_file()

    def repair(self) -> dict[str, int]:
        """Cut torn tails off the files that a crash left open.

        Gives their names, and the bytes that were cut off each: 0 for a file that was whole.
        """
        cut = {}
        for marker in sorted(self.folder.glob(f"*{OPEN_SUFFIX}")):
            path = marker.with_name(marker.name.removesuffix(OPEN_SUFFIX))
            try:
                if path.exists():
                    cut[path.name] = cut_tail(path)
                marker.unlink()
            except OSError as error:
                raise ArchiveError(f"can't be repaired ({error})", where=path) from error
        return cut

    def append(self, drafts: Sequence[Draft]) -> list[Location]:
        """Write records, all or none, flushed; say where they are.

        Raises ArchiveError when the disk does not take them; the file is whole then.
        """
        with self._lock:
            stream = self._open_file()
            start = stream.seek(0, os.SEEK_END)
            batch, locations = self._render(drafts, start)
            try:
                stream.write(batch)
                stream.flush()
                self._sync_now_and_then(stream)
            except OSError as error:
                self._undo(start)
                raise ArchiveError(
                    f"could not be written ({error.strerror or error})",
                    where=self._path,
                    hint="Free some room on the disk, then start again: nothing told is lost.",
                ) from error
            return locations

    def read_payload(
        self, filename: str, offset: int, *, max_bytes: int = MAX_PAYLOAD_BYTES
    ) -> Payload:
        """The payload of a record, all codings taken off, up to `max_bytes`.

        A revisit has none: ask for the record it refers to. Raises ArchiveError when there is no
        such record.
        """
        return read_payload(self.folder / filename, offset, max_bytes=max_bytes)

    def read_head(self, filename: str, offset: int) -> bytes:
        """The HTTP head of a record, as it stands in the file; ArchiveError when there is none."""
        return read_payload(self.folder / filename, offset, max_bytes=0).head

    def _render(self, drafts: Sequence[Draft], start: int) -> tuple[bytes, list[Location]]:
        assert self._path is not None
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
        """The file to append to: the last one of ours while it has room, else a new one."""
        if self._stream is not None and self._stream.tell() < self._max_file_bytes:
            return self._stream
        self._close_file()
        try:
            return self._start_file()
        except OSError as error:
            raise ArchiveError(
                f"can't be written ({error.strerror or error})", where=self._path or self.folder
            ) from error

    def _start_file(self) -> BinaryIO:
        self.folder.mkdir(parents=True, exist_ok=True)
        ours = sorted(self.folder.glob(f"{PREFIX}-*.warc.gz"))
        if ours and ours[-1].stat().st_size < self._max_file_bytes:
            self._path = ours[-1]
        else:
            moment = datetime.now(UTC)
            self._path = self.folder / f"{PREFIX}-{moment:%Y%m%d%H%M%S}-{len(ours):05}.warc.gz"
        _marker(self._path).touch()
        self._stream = self._path.open("ab")
        if self._stream.seek(0, os.SEEK_END) == 0:
            self._stream.write(self._render([self._draft_warcinfo()], 0)[0])
            self._stream.flush()
        return self._stream

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

    def _undo(self, start: int) -> None:
        """Cut a batch that was not written whole; what can't be cut now is cut by `repair`."""
        assert self._path is not None
        if self._stream is not None:
            with suppress(OSError):
                self._stream.close()
            self._stream = None
        with suppress(OSError):
            os.truncate(self._path, start)

    def _close_file(self) -> None:
        if self._stream is None or self._path is None:
            return
        os.fsync(self._stream.fileno())
        self._stream.close()
        self._stream = None
        _marker(self._path).unlink(missing_ok=True)


def open_archive(
    folder: Path,
    *,
    software: str = "renvois",
    user_agent: str = "",
    max_file_bytes: int = MAX_FILE_BYTES,
) -> WarcArchive:
    """Open a folder of WARC files; it need not exist. To be closed."""
    return WarcArchive(
        folder, software=software, user_agent=user_agent, max_file_bytes=max_file_bytes
    )


class _Head:
    """An HTTP head that warcio writes as it was received, byte for byte."""

    def __init__(self, head: bytes) -> None:
        self.headers_buff = head

    def compute_headers_buffer(self, _filter: object = None) -> None:
        """Nothing to compute."""


def _make_record(writer: WARCWriter, draft: Draft) -> ArcWarcRecord:
    return writer.create_warc_record(
        draft.target_uri,
        draft.kind,
        payload=io.BytesIO(draft.payload),
        length=len(draft.payload),
        warc_headers_dict=list_fields(draft),
        http_headers=_Head(draft.head) if draft.head else None,
    )


def _marker(path: Path) -> Path:
    return path.with_name(path.name + OPEN_SUFFIX)
