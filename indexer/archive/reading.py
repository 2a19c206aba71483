"""Read records from WARC files: ours, and those that others wrote.

The door to warcio for reading. Nothing here writes.
"""

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeadersParserException

from indexer.archive.records import parse_date
from indexer.archive.repair import find_end
from indexer.codings import decode
from indexer.errors import ArchiveError
from indexer.heads import find_field, parse_head

MAX_PAYLOAD_BYTES: Final = 128 * 2**20  # decoded
MAX_BLOCK_BYTES: Final = 512 * 2**20  # others' files may hold whole films
MAX_HEAD_BYTES: Final = 1_048_576
BLOCK: Final = 65_536

# All that warcio lets out when it reads what is no WARC; walked by a test.
WARCIO_ERRORS: Final = (
    ArchiveLoadFailed,
    ChunkedDataException,
    StatusAndHeadersParserException,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What a record holds: the HTTP head, and the payload without its codings."""

    headers: tuple[tuple[str, str], ...]
    payload: bytes
    record_id: str
    target_uri: str
    head: bytes
    is_whole: bool = True  # as far as its content codings tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of a file: its named fields, where it stands, and its block to be read."""

    kind: str
    record_id: str  # without angle brackets
    target_uri: str
    date: datetime
    fields: tuple[tuple[str, str], ...]
    offset: int
    length: int = 0  # on the disk; known once the next record is reached
    block: io.BufferedIOBase

    def field(self, name: str) -> str:
        """The first named field, whatever its case, or ""."""
        return find_field(self.fields, name)


def read_payload(path: Path, offset: int, *, max_bytes: int = MAX_PAYLOAD_BYTES) -> Payload:
    """The payload of the record at an offset, all codings taken off, up to `max_bytes`.

    Raises ArchiveError when there is no such record.
    """
    with open_record(path, offset) as record:
        head, raw = split_block(record, max_bytes=max_bytes)
        headers = parse_head(head)
        decoded = decode(raw, find_field(headers, "Content-Encoding"), max_bytes=max_bytes)
        return Payload(
            headers=headers or (("Content-Type", record.field("Content-Type")),),
            payload=decoded.payload,
            record_id=record.record_id,
            target_uri=record.target_uri,
            head=head,
            is_whole=decoded.fault is None,
        )


def split_block(record: Record, *, max_bytes: int) -> tuple[bytes, bytes]:
    """The HTTP head of a record and its payload, transfer coding taken off, content codings on."""
    if not record.field("Content-Type").lower().startswith("application/http"):
        return b"", _read(record.block, max_bytes)
    head = _read_head(record.block)
    if "chunked" not in find_field(parse_head(head), "Transfer-Encoding").lower():
        return head, _read(record.block, max_bytes)
    # warcio's reader lets a payload through that is not chunked, whatever its header says.
    return head, _read(ChunkedDataReader(record.block, decomp_type=None), max_bytes)


@contextmanager
def open_record(path: Path, offset: int) -> Iterator[Record]:
    """The record at an offset; ArchiveError when there is none."""
    with _open(path) as stream:
        try:
            stream.seek(offset)
            found = next(iter(ArchiveIterator(stream, no_record_parse=True, arc2warc=True)), None)
            record = None if found is None else _as_record(found, offset)
        except WARCIO_ERRORS as error:
            raise ArchiveError(f"no record at offset {offset} ({error})", where=path) from error
        if record is None:
            raise ArchiveError(f"no record at offset {offset}", where=path)
        try:
            yield record
        except WARCIO_ERRORS as error:
            raise ArchiveError(f"a damaged record at offset {offset}", where=path) from error


def read_records(path: Path, start: int) -> Iterator[Record]:
    """The records of a file from an offset on, one after the other.

    A record's block is to be read before the next one is asked for. Raises ArchiveError where the
    file can't be read on.
    """
    with _open(path) as stream:
        size = path.stat().st_size
        whole_end = find_end(stream, start) if path.suffix == ".gz" else size
        stream.seek(start)
        records = ArchiveIterator(stream, no_record_parse=True, arc2warc=True)
        while whole_end > start:
            try:
                found = next(records, None)
                if found is None:
                    break
                block = _read(found.raw_stream, MAX_BLOCK_BYTES)
                offset = records.get_record_offset()  # reads on to the next record
                record = _as_record(found, offset)
                length = records.get_record_length()
                declared = int(record.field("Content-Length") or 0)
            except WARCIO_ERRORS as error:
                place = f"behind offset {start}"
                raise ArchiveError(f"can't be read {place} ({error})", where=path) from error
            # warcio takes a record that is cut short, or damaged, for a whole one.
            if offset >= whole_end or len(block) < min(declared, MAX_BLOCK_BYTES):
                raise ArchiveError(f"the record at offset {offset} is cut short", where=path)
            yield replace(record, block=io.BytesIO(block), length=length)
        if whole_end < size:
            raise ArchiveError(f"can't be read behind offset {whole_end}", where=path)


def _as_record(found: ArcWarcRecord, offset: int) -> Record:
    fields = tuple(found.rec_headers.headers)
    return Record(
        kind=str(found.rec_type),
        record_id=find_field(fields, "WARC-Record-ID").strip("<> "),
        target_uri=find_field(fields, "WARC-Target-URI").strip("<> "),
        date=parse_date(find_field(fields, "WARC-Date")),
        fields=fields,
        offset=offset,
        block=found.raw_stream,
    )


def _read_head(block: io.BufferedIOBase) -> bytes:
    head = bytearray()
    while len(head) < MAX_HEAD_BYTES:
        line = block.readline(BLOCK)
        head += line
        if line in (b"\r\n", b"\n", b""):
            break
    return bytes(head)


def _read(block: io.BufferedIOBase, max_bytes: int) -> bytes:
    payload = bytearray()
    while len(payload) < max_bytes:
        piece = block.read(min(BLOCK, max_bytes - len(payload)))
        if not piece:
            break
        payload += piece
    return bytes(payload)


@contextmanager
def _open(path: Path) -> Iterator[BinaryIO]:
    try:
        stream = path.open("rb")
    except OSError as error:
        raise ArchiveError(f"can't be read ({error.strerror or error})", where=path) from error
    with stream:
        yield stream
