"""Read records from WARC and ARC files: ours, and those that others wrote.

The door to warcio for reading. Nothing here writes. A record is given only when all of it could be
read and its digests are right; what can't be read is told as a `Skipped`, and reading goes on with
the next record. In others' files a capture that is cut short, or whose digest is wrong, is given
for what it is, marked (`Record.damage`): there is no other copy of it to ask for. A block never
stands in memory: above a few megabytes it is spooled to the disk.
"""

import base64
import binascii
import hashlib
import io
import math
import re
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache, reduce
from pathlib import Path
from typing import IO, Final

from indexer.archive.members import (
    ALWAYS_ALLOWED_BYTES,
    ARC_LINE,
    MAX_RATIO,
    DamageError,
    RecordPosition,
    Unpacked,
    is_first_line,
)
from indexer.archive.records import Readable, parse_date
from indexer.archive.remote import open_stored
from indexer.archive.unpack import IMPORT_PREFIX, PARTIAL_PREFIX
from indexer.codings import AS_SENT, Decoded, decode_pieces, parse_codings
from indexer.disk import explain
from indexer.errors import ArchiveError, DamagedRecordError
from indexer.heads import find_field, parse_head, parse_status
from indexer.messages import NOTHING, Message, message

PREFIX: Final = "renvois"  # of the files that we write; others' are left as they are
# Decoded; what the crawl takes of a response by default. Held once in the process that reads it.
# Packings of whole files that no tool of web archives writes.
_PACKED: Final = {
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!\x1a\x07": "RAR",
    b"PK\x03\x04": "zip",
}
MAX_PAYLOAD_BYTES: Final = 50_000_000
MAX_HEAD_BYTES: Final = 1_048_576
SPOOL_BYTES: Final = 4 * 2**20  # a block above is spooled to the disk
BLOCK: Final = 65_536
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What may be given though it is damaged: no other record tells what it holds.
CAPTURES: Final = frozenset({"response", "revisit", "resource"})
CUT_SHORT: Final = message("error.record.cut-short")
# Of a record that was damaged when it was written to this file: why.
DAMAGE_FIELD: Final = "renvois-damage"
CHUNK_LINE: Final = re.compile(rb"[ \t]*([0-9A-Fa-f]+)[ \t]*(;.*)?\r?\n?$", re.DOTALL)
# A record inside what should be another's block: the length that was told is wrong.
EMBEDDED: Final = re.compile(rb"\nWARC/1\.[01]\r?\n(?:[\w-]+:[^\n]*\n)*?WARC-Type:", re.IGNORECASE)


@cache
def list_warcio_errors() -> tuple[type[Exception], ...]:
    """List all that warcio lets out when it parses what is no head; walked by a test."""
    from warcio.bufferedreaders import ChunkedDataException  # here: with it comes fsspec, 40 ms
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.statusandheaders import StatusAndHeadersParserException

    return (
        ChunkedDataException,
        ArchiveLoadFailed,
        StatusAndHeadersParserException,
        EOFError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The HTTP response that a WARC record holds.

    `head` is its status line and fields as bytes, `headers` the parsed fields, `payload` the body
    with transfer and content codings undone.
    """

    headers: tuple[tuple[str, str], ...]
    payload: bytes
    record_id: str
    target_uri: str
    head: bytes
    is_whole: bool  # as far as its content codings tell
    is_cut: bool  # longer than what was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of a file: its named fields, where it stands, and its block to be read."""

    kind: str
    record_id: str  # without angle brackets; made from the content where the record names none
    target_uri: str
    date: datetime
    fields: tuple[tuple[str, str], ...]
    offset: int  # of its member, or of the record itself in a file without compression
    inside: int  # bytes of the member, unpacked, before the record
    length: int  # on the disk; 0 for a record that shares its member with another
    block: IO[bytes]  # at its beginning
    block_length: int
    note: Message = NOTHING  # what was odd and how it was understood, to be told
    fault: Message = (
        NOTHING  # a digest that is wrong though a checksum proves the bytes, to be told
    )
    damage: Message = (
        NOTHING  # why its bytes may not be those that were captured, to be told; others' only
    )

    def field(self, name: str) -> str:
        """Give the first named field, whatever its case, or ""."""
        return find_field(self.fields, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A part of a file that can't be read, or that holds a damaged record."""

    path: Path
    offset: int  # of the member
    inside: int  # bytes of the member, unpacked, before the damage
    length: int  # on the disk; unpacked where the next record stands in the same member
    end_offset: int  # of the member where reading went on
    end_inside: int
    reason: Message
    target_uri: str = ""  # as far as it could be read
    date: datetime | None = None
    is_stray: bool  # bytes that can be read, behind a record that ends before them

    @property
    def said(self) -> Message:
        """Give the message of what was skipped, and why."""
        inside = message("error.record.inside", byte=str(self.inside)) if self.inside else NOTHING
        uri = message("error.record.of", url=self.target_uri) if self.target_uri else NOTHING
        return message(
            "error.record.skipped",
            size=self.length,
            offset=str(self.offset),
            inside=inside,
            of=uri,
            why=self.reason,
        )


def read_payload(
    path: Path,
    offset: int,
    inside: int = 0,
    *,
    max_bytes: int = MAX_PAYLOAD_BYTES,
    is_damaged: bool = False,
) -> Payload:
    """Read the payload of the record at a place, all codings taken off, up to `max_bytes`.

    `is_damaged`: it is known to be, and what there is of it is wanted. Raises DamagedRecordError
    for one that is damaged, ArchiveError when there is none.
    """
    with open_record(path, offset, inside, is_damaged=is_damaged) as record:
        head, _ = open_payload(record)
        headers = parse_head(head)
        decoded = _decode_payload(record, find_field(headers, "Content-Encoding"), max_bytes)
        return Payload(
            headers=headers or (("Content-Type", record.field("Content-Type")),),
            payload=decoded.payload,
            record_id=record.record_id,
            target_uri=record.target_uri,
            head=head,
            is_whole=decoded.fault is None,
            is_cut=decoded.length > max_bytes,
        )


def _decode_payload(record: Record, coding: str, max_bytes: int) -> Decoded:
    """Take the codings off a record's payload; only what is given is ever in memory."""
    fault = None
    if parse_codings(coding):
        _, payload = open_payload(record)
        pieces = iter(lambda: payload.read(BLOCK), b"")
        decoded = decode_pieces(pieces, coding, max_bytes=max_bytes)
        if decoded.fault not in AS_SENT:
            return decoded
        fault = decoded.fault
    _, payload = open_payload(record)
    raw = payload.read(max_bytes)
    return Decoded(payload=raw, length=len(raw) + len(payload.read(1)), fault=fault)


def split_block(record: Record, *, max_bytes: int) -> tuple[bytes, bytes]:
    """Give the HTTP head of a record and its payload, transfer coding off, content codings on."""
    head, payload = open_payload(record)
    return head, payload.read(max_bytes)


def open_payload(record: Record) -> tuple[bytes, Readable]:
    """Give the HTTP head of a record, and its payload as a stream, transfer coding taken off.

    The head is b"" for a record that is no HTTP message.
    """
    record.block.seek(0)
    if not record.field("Content-Type").lower().startswith("application/http"):
        return b"", record.block
    head = _read_head(record.block)
    if "chunked" in find_field(parse_head(head), "Transfer-Encoding").lower():
        return head, _Pieces(_dechunk(record.block))
    return head, record.block


@contextmanager
def open_record(
    path: Path, offset: int, inside: int = 0, *, is_damaged: bool = False
) -> Iterator[Record]:
    """Open the record at a place, read whole and verified.

    `is_damaged`: it is known to be, and what there is of it is wanted. Raises DamagedRecordError
    for one that is damaged, ArchiveError when there is none.
    """
    with open_unpacked(path) as source:
        reader = _Reader(source)
        try:
            source.seek(RecordPosition(offset, inside))
            record = reader.read_record()
            if record is not None and record.damage and not is_damaged:
                record.block.close()
                raise DamageError(record.damage, RecordPosition(offset, inside))
        except DamageError as damage:
            what = message("error.archive.damaged-record", offset=str(offset), why=damage.reason)
            hint = message("hint.check-archive")
            raise DamagedRecordError(what, where=path, hint=hint) from damage
        if record is None:
            raise ArchiveError(message("error.archive.no-record", offset=str(offset)), where=path)
    with record.block:
        yield record


def read_records(path: Path, start: int = 0) -> Iterator[Record | Skipped]:
    """Read the records of a file from a member on, and what is skipped between them, in order.

    A record's block is closed when the next one is asked for. Raises ArchiveError when the system
    can't read the file.
    """
    with open_unpacked(path) as source:
        reader = _Reader(source)
        source.seek(RecordPosition(start))
        while True:
            place = source.place
            try:
                record = reader.read_record()
            except DamageError as damage:
                yield reader.skip(place, damage)
                continue
            if record is None:
                return
            with record.block:
                yield record
            if reader.stray is not None:
                yield reader.stray


class _Reader:
    """Reads one record after the other, and finds the next one behind damage."""

    def __init__(self, source: Unpacked) -> None:
        self._source = source
        self._is_ours = source.path.name.startswith(PREFIX)
        self._max_block_bytes = _find_max_block_bytes(source)
        self._date: datetime | None = None  # of the record before
        self._resume: RecordPosition | None = None  # where to look on after damage
        self._seen: tuple[str, datetime | None] = ("", None)  # of a record that is damaged
        self._cut: DamageError | None = None  # where the file ends inside a member
        self.stray: Skipped | None = None  # bytes between the last record and the next

    def read_record(self) -> Record | None:
        """Read the next record, whole; None at the end. Raises DamageError."""
        self.stray, self._resume, self._seen, self._cut = None, None, ("", None), None
        place = self._skip_blank_lines()
        if place is None:
            return None
        fields, told_length = self._read_fields(place)
        self._resume = self._source.place
        date = None
        with suppress(ValueError, OverflowError):
            date = parse_date(find_field(fields, "WARC-Date"))
        self._seen = (_clean_uri(find_field(fields, "WARC-Target-URI")), date)
        spool, digester = self._spool(place, told_length, fields)
        try:
            return self._finish(place, fields, told_length, spool, digester)
        except BaseException:
            spool.close()
            raise

    def skip(self, place: RecordPosition, damage: DamageError) -> Skipped:
        """Find the next record behind damage; say what is skipped."""
        uri, date = self._seen
        self._source.find_record(self._resume or _behind(place, damage.place, self._source))
        return self._describe(place, damage.reason, uri, date)

    def _describe(
        self,
        place: RecordPosition,
        reason: Message,
        uri: str = "",
        date: datetime | None = None,
        *,
        is_stray: bool = False,
    ) -> Skipped:
        there = self._source.place
        is_same = there.member == place.member
        return Skipped(
            path=self._source.path,
            offset=place.member,
            inside=place.inside,
            length=there.inside - place.inside if is_same else there.member - place.member,
            end_offset=there.member,
            end_inside=there.inside,
            reason=reason,
            target_uri=uri,
            date=date,
            is_stray=is_stray,
        )

    def _skip_blank_lines(self) -> RecordPosition | None:
        first = place = self._source.place
        while line := self._source.readline():
            if line.strip(b"\r\n \t"):
                self._source.unread(line, place)
                # Blank lines before the first record of a member belong to it.
                return first if first.inside == 0 and first.member == place.member else place
            place = self._source.place
            if place.member != first.member:
                first = place
        return None

    def _read_fields(self, place: RecordPosition) -> tuple[tuple[tuple[str, str], ...], int | None]:
        """Read the named fields of the record that begins here, and the length that it tells."""
        line = self._source.readline()
        if not is_first_line(line):
            raise DamageError(_explain_first_line(line, place), place)
        arc = ARC_LINE.match(line)
        if arc is not None:
            return _parse_arc_line(arc), int(arc["length"]) if arc["length"].isdigit() else None
        fields = self._parse_fields(line, place)
        if not any(name.lower().startswith(("warc-", "content-length")) for name, _ in fields):
            raise DamageError(message("error.record.no-fields"), place)
        told = find_field(fields, "Content-Length")
        return fields, int(told) if told.isascii() and told.isdigit() else None

    def _parse_fields(self, line: bytes, place: RecordPosition) -> tuple[tuple[str, str], ...]:
        """Parse the lines of a WARC head behind its first one, up to the blank line."""
        head = bytearray(line)
        while (line := self._source.readline()).strip(b"\r\n"):
            head += line
            if len(head) > MAX_HEAD_BYTES:
                raise DamageError(message("error.record.fields-no-end"), place)
        from warcio.statusandheaders import StatusAndHeadersParser

        try:
            parsed = StatusAndHeadersParser(["WARC/"]).parse(io.BytesIO(bytes(head)))
        except list_warcio_errors() as error:
            raise DamageError(message("error.record.fields-unreadable"), place) from error
        return tuple((name.strip(), value.strip()) for name, value in parsed.headers)

    def _spool(
        self,
        place: RecordPosition,
        told_length: int | None,
        fields: tuple[tuple[str, str], ...],
    ) -> tuple[IO[bytes], "_Digester"]:
        """Copy a block to a file of its own while its digest is made.

        Ends before a member that begins with a record, whatever length was told; of others' files
        where the file ends too (`_cut`).
        """
        digester = _Digester(find_field(fields, "WARC-Block-Digest"))
        spool = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115
        try:
            try:
                for piece in self._read_block(place, told_length, digester):
                    spool.write(piece)
            except DamageError as damage:
                if self._is_ours or damage.reason != CUT_SHORT:
                    raise
                self._cut = damage
            spool.seek(0)
        except OSError as error:
            spool.close()
            raise ArchiveError(
                message(
                    "error.archive.no-room",
                    folder=tempfile.gettempdir(),
                    error=error.strerror or str(error),
                ),
                where=self._source.path,
            ) from error
        except BaseException:
            spool.close()
            raise
        return spool, digester

    def _read_block(
        self, place: RecordPosition, told_length: int | None, digester: "_Digester"
    ) -> Iterator[bytes]:
        """Give the pieces of a block, once its digest has taken them in."""
        while told_length is None or digester.length < told_length:
            if self._ends_here(told_length):
                break
            left = BLOCK if told_length is None else told_length - digester.length
            piece = self._source.read(min(BLOCK, left))
            if not piece:
                break
            digester.update(piece)
            if digester.length > self._max_block_bytes:
                raise DamageError(
                    message("error.record.expands", most=self._max_block_bytes),
                    place,
                )
            yield piece

    def _ends_here(self, told_length: int | None) -> bool:
        source = self._source
        if told_length is None and not source.is_compressed:
            return source.starts_record()
        if not source.is_compressed or not source.is_between_members():
            return False
        return told_length is None or source.starts_record()

    def _finish(
        self,
        place: RecordPosition,
        fields: tuple[tuple[str, str], ...],
        told_length: int | None,
        spool: IO[bytes],
        digester: "_Digester",
    ) -> Record:
        """Verify what was spooled, go to the next record, and make the record of it."""
        end = self._source.place
        stray_at, is_end = self._go_to_next()
        length = self._measure(place, end)
        block = _SpooledBlock(
            place=place,
            told_length=told_length,
            length=length,
            digester=digester,
            content=_Content(spool, fields, digester.length),
            is_end=is_end,
            has_stray=stray_at is not None,
            is_member_corrupt=length == 0 and self._source.is_member_corrupt(place.member),
        )
        damage, fault = self._judge(block, told_damage=find_field(fields, DAMAGE_FIELD))
        if damage and (self._is_ours or not block.content.is_readable()):
            raise DamageError(damage, place)
        if block.seems_to_embed_record(damage):
            raise DamageError(damage or message("error.record.wrong-length"), place)
        if stray_at is not None:
            self.stray = self._describe(stray_at, message("error.record.stray"), is_stray=True)
        date, note = self._find_date(fields, block.content.head)
        notes = [*block.list_notes(damage), *([note] if note else [])]
        self._date = date
        named = find_field(fields, "WARC-Record-ID").strip("<> ")
        uri = _clean_uri(find_field(fields, "WARC-Target-URI"))
        return Record(
            kind=find_field(fields, "WARC-Type").lower(),
            record_id=named or _make_id(uri, date, digester.sha1),
            target_uri=uri,
            date=date,
            fields=fields,
            offset=place.member,
            inside=place.inside,
            length=length,
            block=spool,
            block_length=digester.length,
            note=reduce(_join_notes, notes, NOTHING),
            fault=fault,
            damage=damage,
        )

    def _judge(self, block: "_SpooledBlock", *, told_damage: str) -> tuple[Message, Message]:
        """Say why the bytes of a block may not be those captured, and which digest is wrong.

        `told_damage` is what its record says of a damage itself. A wrong digest is no damage where
        a checksum proves the bytes.
        """
        damage = message("error.said", text=told_damage) if told_damage else NOTHING
        if self._is_cut(block):
            damage = CUT_SHORT
        is_proved = block.digester.is_right
        fault = block.digester.find_fault() or block.content.find_fault(is_proved=is_proved)
        if fault and not self._is_vouched(block.place, block.length):
            damage, fault = damage or fault, NOTHING
        if block.is_member_corrupt and not damage and not is_proved:
            damage = message("error.record.in-damaged-member")
        return damage, fault

    def _is_cut(self, block: "_SpooledBlock") -> bool:
        """Whether the file ends inside a block.

        A member whose checksum is right was not cut, nor was a whole HTTP message: their writer
        told a wrong length.
        """
        if self._cut:
            return True
        if not (block.is_short and block.is_end):
            return False
        is_member_whole = self._source.is_compressed and block.length > 0
        return not (is_member_whole or block.content.is_whole_http())

    def _is_vouched(self, place: RecordPosition, length: int) -> bool:
        """Whether a checksum proves the bytes to be those that were written.

        A digest that is wrong all the same was told wrong: the record is kept, with a note. Our own
        files tell none wrong.
        """
        if self._is_ours or self._cut:
            return False
        if not self._source.is_compressed or not self._source.has_checksum(place.member):
            return False
        return length > 0 or self._source.is_member_whole(place.member)

    def _measure(self, place: RecordPosition, end: RecordPosition) -> int:
        if not self._source.is_compressed:
            return end.member - place.member
        there = self._source.place
        is_alone = place.inside == there.inside == 0
        return there.member - place.member if is_alone else 0

    def _go_to_next(self) -> tuple[RecordPosition | None, bool]:
        """Pass over what separates records, so that the member's checksum is verified.

        Gives where bytes stand that are neither blank nor a record, None for none of these, and
        whether the file ends.
        """
        if self._cut is not None:
            self._pass_cut(self._cut)
            return None, True
        source, stray = self._source, None
        end_member = source.place.member
        while True:
            place = source.place
            if source.is_compressed and source.is_between_members():
                return stray, source.place.member >= source.size
            try:
                line = source.readline()
            except DamageError as damage:
                if damage.place.member == end_member:
                    raise
                # What is damaged is a member behind: the record before it is whole.
                source.seek(RecordPosition(damage.place.member))
                return stray or place, False
            if not line:
                return stray, True
            if is_first_line(line):
                source.unread(line, place)
                return stray, False
            if stray is None and line.strip(b"\r\n \t"):
                stray = place

    def _pass_cut(self, cut: DamageError) -> None:
        """Go to the end of a file that ends inside a block; raise where it does not end there."""
        assert self._resume is not None
        self._source.find_record(self._resume)
        if self._source.place.member < self._source.size:
            raise cut  # no end of the file, but damage: other records stand behind it

    def _find_date(
        self, fields: tuple[tuple[str, str], ...], head: bytes
    ) -> tuple[datetime, Message]:
        """Give a record's date; where it has none, the best there is, and how it was found."""
        told = find_field(fields, "WARC-Date")
        with suppress(ValueError, OverflowError):
            return parse_date(told), NOTHING
        with suppress(ValueError, OverflowError, TypeError):
            date = parsedate_to_datetime(find_field(parse_head(head), "Date"))
            return date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC), message(
                "error.record.dated-by-http", told=told
            )
        if self._date is not None:
            return self._date, message("error.record.dated-by-former", told=told)
        return EPOCH, message("error.record.undated", told=told)


def _join_notes(first: Message, second: Message) -> Message:
    return message("error.record.notes", first=first, second=second) if first else second


class _Digester:
    """Makes the digest of a block as it passes by, to be compared with what the record says."""

    def __init__(self, declared: str) -> None:
        self.length = 0
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._name, self._value = _split_digest(declared)
        self._digest = self._sha1
        if self._name and self._name != "sha1":
            self._digest = hashlib.new(self._name, usedforsecurity=False)

    def update(self, piece: bytes) -> None:
        """Take in a piece."""
        self.length += len(piece)
        self._sha1.update(piece)
        if self._digest is not self._sha1:
            self._digest.update(piece)

    @property
    def sha1(self) -> str:
        """The SHA-1 of what passed by, in hexadecimal."""
        return self._sha1.hexdigest()

    @property
    def is_right(self) -> bool:
        """Whether a digest was declared, and is this one."""
        return bool(self._name) and _is_same_digest(self._value, self._digest.digest())

    def find_fault(self) -> Message:
        """Say that the digest is wrong; nothing when it is right, or can't be known."""
        is_wrong = self._name and not self.is_right
        return message("error.record.block-digest") if is_wrong else NOTHING


class _Content:
    """The HTTP head and payload of a block that is spooled; its position is not kept."""

    def __init__(self, spool: IO[bytes], fields: tuple[tuple[str, str], ...], length: int) -> None:
        self._spool = spool
        self._length = length
        self._fields = fields
        self._is_http = find_field(fields, "Content-Type").lower().startswith("application/http")
        self.head = _read_head(spool) if self._is_http else b""
        self._start = spool.tell()
        spool.seek(0)

    def find_fault(self, *, is_proved: bool) -> Message:
        """Say that the payload digest is wrong; nothing when it is right, or can't be known.

        A block that its own digest proves is what its writer wrote: some hash payloads otherwise.
        """
        declared = find_field(self._fields, "WARC-Payload-Digest")
        kind = find_field(self._fields, "WARC-Type").lower()
        if is_proved or not _split_digest(declared)[0] or kind == "revisit":
            return NOTHING
        is_right = self.has_payload_digest(declared)
        return NOTHING if is_right else message("error.record.payload-digest")

    def is_readable(self) -> bool:
        """Whether it is a capture whose payload can be told from its HTTP head."""
        if find_field(self._fields, "WARC-Type").lower() not in CAPTURES:
            return False
        if not self._is_http:
            return self._length > 0
        is_head_whole = self.head.endswith((b"\r\n\r\n", b"\n\n"))
        return is_head_whole and parse_status(self.head) is not None

    def is_whole_http(self) -> bool:
        """Whether the head tells a Content-Length, and as many bytes follow at least."""
        told = find_field(parse_head(self.head), "Content-Length")
        return told.isascii() and told.isdigit() and self._length - self._start >= int(told)

    def has_payload_digest(self, declared: str) -> bool:
        """Whether the payload has that digest, with or without its transfer coding."""
        name, value = _split_digest(declared)
        for is_dechunked in (False, True):
            self._spool.seek(self._start)
            pieces = _dechunk(self._spool) if is_dechunked else _iterate(self._spool)
            digest = hashlib.new(name, usedforsecurity=False)
            for piece in pieces:
                digest.update(piece)
            self._spool.seek(0)
            if _is_same_digest(value, digest.digest()):
                return True
        return False

    def embeds_record(self) -> bool:
        """Whether what looks like another record stands inside the block."""
        tail = b""
        for piece in _iterate(self._spool):
            if EMBEDDED.search(tail + piece):
                self._spool.seek(0)
                return True
            tail = piece[-1_024:]
        self._spool.seek(0)
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class _SpooledBlock:
    """A block that is spooled, with what its record tells and what stands behind it."""

    place: RecordPosition
    told_length: int | None  # None where the record tells none
    length: int  # of its record on the disk; 0 where it shares its member with another
    digester: _Digester
    content: _Content
    is_end: bool  # of the file
    has_stray: bool  # bytes behind it that are neither blank nor a record
    is_member_corrupt: bool

    @property
    def is_short(self) -> bool:
        """Whether fewer bytes are there than its record tells."""
        return self.told_length is not None and self.digester.length < self.told_length

    def seems_to_embed_record(self, damage: Message) -> bool:
        """Whether its length is so wrong that another record stands inside, as it seems.

        Only what is odd is searched, and nothing that its digest proves.
        """
        is_odd = self.is_short or self.has_stray or bool(damage)
        return is_odd and not self.digester.is_right and self.content.embeds_record()

    def list_notes(self, damage: Message) -> Iterator[Message]:
        """List what was odd about a block that is given all the same."""
        if (self.is_short and not damage) or self.told_length is None:
            yield message("error.record.wrong-length-there", size=self.digester.length)
        if self.is_member_corrupt and not damage:
            yield message("error.record.block-right")


class _Pieces:
    """Pieces of bytes, to be read as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        """Give up to `size` bytes, all there are when it is negative; b"" at the end."""
        taken = []
        while size:
            piece = self._rest or next(self._pieces, b"")
            if not piece:
                break
            cut = len(piece) if size < 0 else min(size, len(piece))
            taken.append(piece[:cut])
            self._rest = piece[cut:]
            size -= cut if size > 0 else 0
        return b"".join(taken)


def _find_max_block_bytes(source: Unpacked) -> float:
    """Find how many bytes the block of one record may unpack to.

    Files that a crawl wrote or an import bounded have no limit of their own (infinity). The blocks
    of any other compressed file, put into the folder by hand, are spooled to the disk: they may
    unpack to MAX_RATIO times the size of the file, or ALWAYS_ALLOWED_BYTES if that is more.
    """
    is_known = source.path.name.startswith((f"{PREFIX}-", f"{IMPORT_PREFIX}-", PARTIAL_PREFIX))
    if is_known or not source.is_compressed:
        return math.inf
    return max(ALWAYS_ALLOWED_BYTES, source.size * MAX_RATIO)


def verify_payload_digest(record: Record) -> bool | None:
    """Say whether a record's payload digest is right; None when it declares none that is known."""
    declared = record.field("WARC-Payload-Digest")
    if not _split_digest(declared)[0] or record.kind == "revisit":
        return None
    record.block.seek(0)
    return _Content(record.block, record.fields, record.block_length).has_payload_digest(declared)


def _explain_first_line(line: bytes, place: RecordPosition) -> Message:
    """Say what stands where a record should begin: at the start of a file perhaps a packed one."""
    packer = next((name for sign, name in _PACKED.items() if line.startswith(sign)), "")
    if packer and place.member == place.inside == 0:
        return message("error.record.packed", packer=packer)
    return message("error.record.no-record")


def _behind(place: RecordPosition, damage: RecordPosition, source: Unpacked) -> RecordPosition:
    """Give where to look for the next record when not even a head could be read."""
    if not source.is_compressed:
        return RecordPosition(max(place.member, damage.member) + 1)
    last = max(place, damage)
    return RecordPosition(last.member, last.inside + 1)


def _parse_arc_line(match: re.Match[bytes]) -> tuple[tuple[str, str], ...]:
    """Give the named fields of a record of ARC, as WARC has them."""
    uri, ip, date, media_type, length = (
        match[name].decode("utf-8", "replace") for name in ("uri", "ip", "date", "type", "length")
    )
    if uri.lower().startswith("filedesc:"):
        named = [("WARC-Type", "warcinfo"), ("WARC-Filename", uri.partition("://")[2])]
        content_type = media_type
    else:
        named = [("WARC-Type", "response"), ("WARC-Target-URI", uri.replace(" ", "%20"))]
        is_http = uri.lower().startswith(("http:", "https:"))
        content_type = "application/http;msgtype=response" if is_http else media_type
    return (
        *named,
        ("WARC-IP-Address", ip),
        ("WARC-Date", date),
        ("Content-Type", content_type),
        ("Content-Length", length),
    )


def _clean_uri(text: str) -> str:
    # Wget wrote <URI>; a space in a URI would end it in every index.
    return text.strip("<> ").replace(" ", "%20")


def _make_id(uri: str, date: datetime, sha1: str) -> str:
    """Make a record ID from what the record holds, the same whenever it is read."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{uri} {date.isoformat()} {sha1}").urn


def _split_digest(declared: str) -> tuple[str, str]:
    """Give the algorithm, as hashlib names it, and the value; "" for one that is not known."""
    name, colon, value = declared.strip().partition(":")
    if not colon:
        name, value = "sha1", name
    name = name.strip().lower().replace("-", "")
    return (name if value and name in hashlib.algorithms_guaranteed else "", value.strip())


def _is_same_digest(declared: str, digest: bytes) -> bool:
    """Compare in Base 32, as the standard's examples have it, in hexadecimal and in Base 64."""
    if declared.lower() == digest.hex():
        return True
    with suppress(binascii.Error, ValueError):
        if base64.b32decode(_pad(declared.upper(), 8)) == digest:
            return True
    with suppress(binascii.Error, ValueError):
        return base64.b64decode(_pad(declared, 4), validate=True) == digest
    return False


def _pad(text: str, multiple: int) -> str:
    text = text.rstrip("=")
    return text + "=" * (-len(text) % multiple)


def _read_head(block: IO[bytes]) -> bytes:
    head = bytearray()
    while len(head) < MAX_HEAD_BYTES:
        line = block.readline(BLOCK)
        head += line
        if line in (b"\r\n", b"\n", b""):
            break
    return bytes(head)


def _iterate(block: IO[bytes]) -> Iterator[bytes]:
    while piece := block.read(BLOCK):
        yield piece


def _dechunk(block: IO[bytes]) -> Iterator[bytes]:
    """Take the chunks off a payload; one that has none comes as it is, whatever its header says.

    Where a payload stops being in chunks, the rest comes as it is, as warcio reads it. A chunk of
    any length is given piece by piece, which warcio's own reader does not do.
    """
    while line := block.readline(BLOCK):
        told = CHUNK_LINE.match(line)
        if told is None or len(told[1]) > 15:
            yield line
            yield from _iterate(block)
            return
        left = int(told[1], 16)
        if left == 0:
            return
        while left and (piece := block.read(min(BLOCK, left))):
            left -= len(piece)
            yield piece
        end = block.readline(2)
        if end == b"\r":
            block.readline(1)
        elif end.strip(b"\r\n"):
            yield end


@contextmanager
def open_unpacked(path: Path) -> Iterator[Unpacked]:
    """Open what gives a file's bytes without compression, here or on a storage that it was sent to.

    Raises ArchiveError when it can't be read.
    """
    try:
        stream = open_stored(path)
    except OSError as error:
        raise ArchiveError(
            message("error.cannot-read", why=explain(error).what), where=path
        ) from error
    with stream:
        yield Unpacked(path, stream)
