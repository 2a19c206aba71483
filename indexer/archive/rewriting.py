"""Write a WARC or ARC file anew with some of its records left out or changed.

All other records stay as they are, byte for byte. Used where bytes of the archive must not go
further (exports hide secrets) or must not stay (`purge`). Nothing here touches the file that is
read.
"""

import hashlib
import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Protocol

from indexer.archive.members import Packer, RecordPosition, Unpacked, make_packer
from indexer.archive.reading import Record, Skipped, open_record, open_unpacked, read_records
from indexer.archive.records import render_digest
from indexer.archive.remote import measure
from indexer.errors import ArchiveError
from indexer.messages import NOTHING, Message, message

BLOCK: Final = 65_536
SPOOL_BYTES: Final = 4 * 2**20  # a changed block above is spooled to the disk
_COMPUTED: Final = frozenset({"content-length", "warc-block-digest"})
# A named field of a record: where bytes hold one, they may be a record that can't be read.
_NAMED_FIELD: Final = re.compile(rb"^WARC-[A-Za-z-]+[ \t]*:", re.IGNORECASE | re.MULTILINE)
_TYPE_FIELD: Final = re.compile(rb"^WARC-Type[ \t]*:", re.IGNORECASE | re.MULTILINE)


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
    length: int  # in bytes; unpacked where it stands in a member with records
    reason: Message = NOTHING
    url: str = ""  # of the damaged record, as far as it could be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The new content of a WARC record: its named fields and its block.

    `fields` lack Content-Length and WARC-Block-Digest, which are computed when it is written.
    """

    fields: Sequence[tuple[str, str]]
    block: IO[bytes]  # seekable


Keep: Final = "keep"
Drop: Final = "drop"
# Given a record, whose block may be read: what becomes of it.
Decide = Callable[[Record], Changed | str]
Change = Callable[[Record], Changed]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """A part of a file, from its first byte to the next part: a record, or what is none."""

    start: RecordPosition
    end: RecordPosition
    place: RecordPosition  # of the record itself, as the catalogue has it
    record_id: str = ""
    length: int  # as the catalogue has it: 0 for a record that shares its member
    content: bytes = b""  # a digest of a record's named fields and block; b"" for what is none
    skipped: Skipped | None = None  # why this is no record
    damage: Message = NOTHING  # of a record of others that is kept all the same

    @property
    def is_record(self) -> bool:
        """Whether a record stands here."""
        return bool(self.content)


@dataclass(slots=True, kw_only=True)
class Rewritten:
    """The result of rewriting one WARC file: records kept, dropped and changed.

    `kept` are the IDs of the records that are in the new file, in its order, each with the digest
    of its content; b"" for one that was changed.
    """

    kept: list[tuple[str, bytes]] = field(default_factory=list)
    dropped: int = 0  # records
    changed: int = 0  # records
    gaps: list[Gap] = field(default_factory=list)  # kept byte for byte
    length: int = 0  # of the new file


def list_parts(path: Path) -> list[FilePart]:
    """List the parts of a file, in order; together they are all its bytes. Raises ArchiveError."""
    found: list[tuple[RecordPosition, Record | Skipped, bytes]] = []
    for each in read_records(path, 0):
        content = b"" if isinstance(each, Skipped) else _digest_record(each)
        found.append((RecordPosition(each.offset, each.inside), each, content))
    size = measure(path)[0]
    starts = [start for start, _, _ in found]
    # What stands before the first record (blank lines) goes with it.
    starts[:1] = [RecordPosition(0)] if found else []
    ends = [*starts[1:], RecordPosition(size)]
    return [
        FilePart(
            start=start,
            end=end,
            place=RecordPosition(each.offset, each.inside),
            skipped=each if isinstance(each, Skipped) else None,
            record_id="" if isinstance(each, Skipped) else each.record_id,
            length=0 if isinstance(each, Skipped) else each.length,
            content=content,
            damage=NOTHING if isinstance(each, Skipped) else each.damage,
        )
        for start, end, (_, each, content) in zip(starts, ends, found, strict=True)
    ]


def _digest_record(record: Record) -> bytes:
    digest = hashlib.sha256(repr(record.fields).encode("utf-8", "surrogatepass"))
    while piece := record.block.read(BLOCK):
        digest.update(piece)
    return digest.digest()


def rewrite(
    source: Path,
    target: Sink,
    *,
    dropped: Collection[RecordPosition],
    changes: Mapping[RecordPosition, Change],
) -> Rewritten:
    """Copy a file without what stands at the places `dropped`, and with what `changes` make.

    What compression holds together (a gzip member or a Zstandard frame with several records, a
    record over several members) is copied as it is unless a record in it goes or changes; then
    each other record of it gets a member of its own. Bytes that are no record are copied too, but
    for those that stand right behind a record that goes and are no other's. Raises ArchiveError
    when the file can't be read, or taken apart; OSError when `target` takes no more.
    """
    parts = list_parts(source)
    with open_unpacked(source) as unpacked:
        writing = _Rewriting(source, unpacked, target, frozenset(dropped), changes)
        for unit in _split_units(parts):
            writing.write(unit)
    return writing.done


def _split_units(parts: Sequence[FilePart]) -> Iterator[list[FilePart]]:
    """Group the parts that no boundary between members parts."""
    unit: list[FilePart] = []
    for part in parts:
        if unit and part.start.inside == 0:
            yield unit
            unit = []
        unit.append(part)
    if unit:
        yield unit


class _Rewriting:
    """A file that is written anew, unit by unit."""

    def __init__(
        self,
        path: Path,
        source: Unpacked,
        target: Sink,
        dropped: frozenset[RecordPosition],
        changes: Mapping[RecordPosition, Change],
    ) -> None:
        self.done = Rewritten()
        self._path = path
        self._source = source
        self._target = target
        self._dropped = dropped
        self._changes = changes
        self._goes = False  # whether the record before goes

    def write(self, unit: Sequence[FilePart]) -> None:
        """Write a unit: as it is, or part by part."""
        fates = [self._decide(part) for part in unit]
        # A dictionary is made of what it compresses: it may hold words of what goes.
        is_bound = self._source.has_dictionary
        if not is_bound and all(fate == Keep for fate in fates):
            self._copy(unit)
            return
        if len(unit) == 1 and fates == [Drop]:
            self._count_drop(unit[0])
            return
        reason = next(filter(None, map(self._find_damage, unit)), NOTHING)
        if reason:
            start, end = unit[0].start.member, unit[-1].end.member
            raise ArchiveError(
                message(
                    "error.archive.inseparable", size=end - start, offset=str(start), reason=reason
                ),
                where=self._path,
                hint=message("hint.move-file-out"),
            )
        if self._source.is_compressed:
            self._source.seek(unit[0].start)
        for part, fate in zip(unit, fates, strict=True):
            self._write_part(part, fate)

    def _find_damage(self, part: FilePart) -> Message:
        """Find why a part can't be written apart from the others of its member; or nothing."""
        if part.skipped is not None:
            return NOTHING if part.skipped.is_stray else part.skipped.reason
        is_cut = bool(part.damage) and self._source.is_compressed
        is_apart = not is_cut or self._source.is_member_whole(part.start.member)
        return NOTHING if is_apart else part.damage

    def _decide(self, part: FilePart) -> str:
        """Say what becomes of a part: Keep, Drop, or "change"."""
        if part.is_record:
            self._goes = part.place in self._dropped
            return Drop if self._goes else "change" if part.place in self._changes else Keep
        assert part.skipped is not None
        goes, self._goes = self._goes, False
        if part.skipped.is_stray:
            # Behind the end that a record told of itself: its own, unless a record seems to be in.
            return Drop if goes and not self._holds(part, _NAMED_FIELD, 1) else Keep
        if part.place in self._dropped and self._is_alone(part):
            return Drop
        return Keep

    def _write_part(self, part: FilePart, fate: str) -> None:
        if fate == Drop:
            self._count_drop(part)
            if self._source.is_compressed:
                for _ in _read_until(self._source, part.end):
                    pass
        elif fate == "change":
            place = part.place
            with open_record(self._path, place.member, place.inside, is_damaged=True) as record:
                changed = self._changes[part.place](record)
            self.done.length += write_changed(
                changed, self._target.write, packer=self._make_packer()
            )
            self.done.kept.append((part.record_id, b""))
            self.done.changed += 1
            if self._source.is_compressed:
                for _ in _read_until(self._source, part.end):
                    pass
        else:
            self._put_alone(part)

    def _put_alone(self, part: FilePart) -> None:
        """Write a part in a member of its own."""
        packer = self._make_packer()
        assert packer is not None  # a file without compression has no units of several parts
        for piece in _read_until(self._source, part.end):
            self._put(packer.compress(piece))
        self._put(packer.flush())
        self._count_kept(part)

    def _copy(self, unit: Sequence[FilePart]) -> None:
        for piece in self._source.read_packed(unit[0].start.member, unit[-1].end.member):
            self._put(piece)
        for part in unit:
            self._count_kept(part)

    def _put(self, piece: bytes) -> None:
        self._target.write(piece)
        self.done.length += len(piece)

    def _count_kept(self, part: FilePart) -> None:
        if part.is_record:
            self.done.kept.append((part.record_id, part.content))
        elif part.skipped is not None:
            self.done.gaps.append(make_gap(part.skipped))

    def _count_drop(self, part: FilePart) -> None:
        self.done.dropped += part.skipped is None or not part.skipped.is_stray

    def _make_packer(self) -> Packer | None:
        return make_packer(self._source.magic)

    def _is_alone(self, part: FilePart) -> bool:
        """Whether what is damaged is one record, as far as can be seen."""
        if part.start.inside or part.end.inside:
            return False
        if not self._source.is_compressed:
            return not self._holds(part, _TYPE_FIELD, 2)
        found = 0
        tail = b""
        for piece in self._source.read_packed(part.start.member, part.end.member):
            window = tail + piece
            found += window.count(self._source.magic)
            tail = window[-(len(self._source.magic) - 1) :]
        return found <= 1

    def _holds(self, part: FilePart, pattern: re.Pattern[bytes], times: int) -> bool:
        """Whether a pattern is found so many times in what a part unpacks to."""
        with open_unpacked(self._path) as source:
            source.seek(part.start)
            found, line = 0, b""
            for piece in _read_until(source, part.end):
                lines = line + piece
                cut = lines.rfind(b"\n") + 1
                found += len(pattern.findall(lines[:cut]))
                line = lines[cut:][:BLOCK]
            return found + len(pattern.findall(line)) >= times


def _read_until(source: Unpacked, end: RecordPosition) -> Iterator[bytes]:
    """Read on to a place, piece by piece."""
    while True:
        source.is_between_members()  # sees the end of a member that has just been read
        place = source.place
        if place >= end:
            return
        is_there = not source.is_compressed or place.member == end.member
        left = end.member - place.member if not source.is_compressed else end.inside - place.inside
        piece = source.read(min(BLOCK, left) if is_there else BLOCK)
        if not piece:
            return
        yield piece


def make_gap(skipped: Skipped) -> Gap:
    """Describe what was skipped."""
    return Gap(
        offset=skipped.offset,
        length=skipped.length,
        reason=skipped.reason,
        url=skipped.target_uri,
    )


def walk(path: Path) -> Iterator[Record | Gap]:
    """Go through a file: its records, and what can't be read between them, in order.

    A record's block is to be read before the next one is asked for.
    """
    end = 0
    try:
        for each in read_records(path, 0):
            yield make_gap(each) if isinstance(each, Skipped) else each
            end = each.end_offset if isinstance(each, Skipped) else each.offset + each.length
    except ArchiveError as error:
        yield Gap(offset=end, length=max(0, measure(path)[0] - end), reason=error.what)


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


def write_changed(
    record: Changed, write: Callable[[bytes], object], *, packer: Packer | None
) -> int:
    """Write a record, its lengths and digest made anew; close its block. Gives bytes written.

    `packer` compresses it; None: it is written as it is.
    """
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
    written = 0

    def put(octets: bytes) -> None:
        nonlocal written
        packed = octets if packer is None else packer.compress(octets)
        write(packed)
        written += len(packed)

    put(f"WARC/1.1\r\n{lines}\r\n".encode("utf-8", "surrogateescape"))
    while piece := record.block.read(BLOCK):
        put(piece)
    put(b"\r\n\r\n")
    if packer is not None:
        last = packer.flush()
        write(last)
        written += len(last)
    record.block.close()
    return written
