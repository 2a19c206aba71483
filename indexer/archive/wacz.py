"""Pack an archive as WACZ, to be opened by any tool that replays, and by another renvois.

The records go in as they are; beside them an index that pywb and ReplayWeb.page read, the list
of pages, and what proves that nothing was changed on the way
(https://specs.webrecorder.net/wacz/1.1.1/).
"""

import errno
import hashlib
import json
import zipfile
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, Self

from indexer.archive.cdxj import LineSorter, compress_lines, render_line
from indexer.archive.members import GZIP_MAGIC, make_packer
from indexer.archive.purge import plan_without
from indexer.archive.reading import DAMAGE_FIELD, Record, Skipped, read_records
from indexer.archive.records import render_date
from indexer.archive.reindex import REPLAYED_KINDS, find_files, make_row
from indexer.archive.remote import open_stored
from indexer.archive.rewriting import Changed, Decide, Drop, Keep, write_changed
from indexer.archive.secrets import redact_record
from indexer.archive.unpack import safe_name
from indexer.disk import explain
from indexer.errors import ArchiveError, say_for_logs
from indexer.heads import NO_SECRETS, Secrets, find_field, redact_text
from indexer.messages import NOTHING, Message, message
from indexer.model import Capture

WACZ_VERSION: Final = "1.1.1"
BLOCK: Final = 1_048_576
RAW_SUFFIXES: Final = (".warc.gz", ".warc")  # the files that pywb's manager takes
RECORD_END: Final = b"\r\n\r\n"
_REWRITTEN: Final = frozenset({"warc-record-id", "warc-date"})

Write = Callable[[bytes], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page to start from: a capture, and what to call it."""

    capture: Capture
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """The result of copying one WARC file of the archive into a WACZ package."""

    path: Path
    records: int  # of any kind
    captures: int  # those that are replayed
    left_out: int  # records of what is withdrawn
    skipped: tuple[Skipped, ...] = ()  # what is damaged, and not in the package
    fault: Message = NOTHING  # why the file can't be read at all


def export_wacz(
    path: Path,
    folder: Path,
    *,
    pages: Iterable[Page],
    title: str,
    software: str,
    created_at: datetime,
    others: Mapping[str, Iterable[bytes]] | None = None,
    secrets: Secrets = NO_SECRETS,
    hidden: Collection[str] = (),
) -> Generator[Packed, None, None]:
    """Write a package with all records of a folder, whatever their number, file after file.

    What the settings made us send, and credentials, are hidden in it (`secrets.redact_record`);
    what was archived of the addresses with the urlkeys `hidden` is left out, as a purge would.
    `others` are further files of the package: a path inside it, and its bytes in pieces. What was
    at `path` before is replaced only by a whole package, once all is given. Raises ArchiveError
    when there is nothing to pack, or the disk does not take it; no unfinished file is left then.
    """
    files = sorted(find_files(folder), key=lambda file: file.name)
    if not files:
        raise ArchiveError(
            message("error.archive.nothing-yet"), where=folder, hint=message("hint.crawl-first")
        )
    partial = path.with_name(f".{path.name}.part")
    try:
        without = plan_without(folder, hidden) if hidden else None
        with ExitStack() as stack:
            package = stack.enter_context(zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED))
            lines = stack.enter_context(LineSorter(path.absolute().parent))
            writing = _Package(package)
            for file in files:

                def decide(record: Record, file: Path = file) -> Changed | str:
                    left = without(file.name, record) if without is not None else Keep
                    return _hide(record, left, secrets)

                yield _pack_file(writing, file, lines, decide, secrets)
            writing.add_index(lines)
            writing.add("pages/pages.jsonl", _render_pages(pages, secrets))
            for name, pieces in (others or {}).items():
                writing.add(name, pieces)
            writing.describe(title, software, created_at)
        partial.replace(path)
    except OSError as error:
        raise _as_ours(error, path) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


class _Package:
    """A package being written; it remembers the digest of each file in it."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self._resources: list[dict[str, Any]] = []

    def open(self, name: str) -> "_Member":
        return _Member(self._package.open(name, "w", force_zip64=True), name, self._resources)

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        with self.open(name) as member:
            for piece in pieces:
                member.write(piece)

    def add_index(self, lines: Iterable[bytes]) -> None:
        """Add the index twice cut: `wb-manager` takes the first, ReplayWeb.page reads both."""
        filename = "index.cdx.gz"
        with self.open(f"indexes/{filename}") as member:
            secondary = list(compress_lines(lines, member.write, filename=filename))
        self.add("indexes/index.idx", secondary)

    def describe(self, title: str, software: str, created_at: datetime) -> None:
        description = {
            "profile": "data-package",
            "wacz_version": WACZ_VERSION,
            "title": title,
            "software": software,
            "created": created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "resources": self._resources,
        }
        text = json.dumps(description, ensure_ascii=False, indent=2).encode()
        self._package.writestr("datapackage.json", text)
        digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(text).hexdigest()}"}
        self._package.writestr("datapackage-digest.json", json.dumps(digest, indent=2))


class _Member:
    """A file of a package being written; described once it is closed."""

    def __init__(self, out: IO[bytes], name: str, resources: list[dict[str, Any]]) -> None:
        self._out = out
        self._name = name
        self._resources = resources
        self._digest = hashlib.sha256()
        self.length = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._out.close()
        self._resources.append(
            {
                "name": self._name.rpartition("/")[2],
                "path": self._name,
                "hash": f"sha256:{self._digest.hexdigest()}",
                "bytes": self.length,
            }
        )

    def write(self, piece: bytes) -> None:
        self._out.write(piece)
        self._digest.update(piece)
        self.length += len(piece)


def _pack_file(
    package: _Package, file: Path, lines: LineSorter, decide: Decide, secrets: Secrets
) -> Packed:
    """Copy the records of a file into a package, and list them for its index.

    What is no WARC as pywb's own manager takes it (ARC, Zstandard) goes in as `.warc.gz`.
    """
    name = safe_name(file.name, max_chars=200)
    if not name.endswith(RAW_SUFFIXES):
        name = f"{name}.warc.gz"
    records = captures = left_out = 0
    skipped: list[Skipped] = []
    fault = NOTHING
    with package.open(f"archive/{name}") as member:
        try:
            for record in read_records(file):
                if isinstance(record, Skipped):
                    skipped.append(record)
                    continue
                start = member.length
                decided = decide(record)
                if decided == Drop:
                    left_out += 1
                    continue
                shown = _show(record, decided)
                row = make_row(shown, filename=name) if shown.kind in REPLAYED_KINDS else None
                _copy_record(file, record, shown, member.write)
                records += 1
                if row is not None:
                    captures += 1
                    # In a file without compression what separates records is not theirs.
                    end = member.length - (0 if name.endswith(".gz") else len(RECORD_END))
                    line = render_line(replace(row, offset=start, length=end - start))
                    lines.add(redact_text(line, secrets.values))
        except ArchiveError as error:
            fault = error.what
    return Packed(
        path=file,
        records=records,
        captures=captures,
        left_out=left_out,
        skipped=tuple(skipped),
        fault=fault,
    )


def _hide(record: Record, decided: Changed | str, secrets: Secrets) -> Changed | str:
    """Hide the secrets of what is left of a record."""
    if decided == Drop:
        return Drop
    shown = _show(record, decided)
    hidden = redact_record(shown, secrets)
    if isinstance(hidden, Changed) and isinstance(decided, Changed):
        decided.block.close()
    return hidden if isinstance(hidden, Changed) else decided


def _show(record: Record, decided: Changed | str) -> Record:
    """Give a record as it is to be shown, its block at the beginning."""
    if not isinstance(decided, Changed):
        record.block.seek(0)
        return record
    decided.block.seek(0)
    return replace(
        record,
        kind=find_field(decided.fields, "WARC-Type").lower() or record.kind,
        target_uri=find_field(decided.fields, "WARC-Target-URI").strip("<> "),
        fields=tuple(decided.fields),
        block=decided.block,
    )


def _copy_record(file: Path, record: Record, shown: Record, write: Write) -> None:
    """Copy one record to a package, as it is to be shown.

    The one place where a record passes from the archive to others. One that stands alone in its
    file and is shown as it is goes in byte for byte; every other with the fields that it had, and
    what every reader needs of them made anew: an ARC record has no identifier, and a date that no
    reader of WARC takes.
    """
    if shown is record and _stands_alone(file, record):
        for piece in _read_range(file, record.offset, record.length):
            write(piece)
        if not file.name.endswith(".gz"):
            write(RECORD_END)
        return
    fields = [pair for pair in shown.fields if pair[0].lower() not in _REWRITTEN]
    fields.append(("WARC-Record-ID", f"<{record.record_id}>"))
    fields.append(("WARC-Date", render_date(record.date)))
    if record.damage and not record.field(DAMAGE_FIELD):
        fields.append((DAMAGE_FIELD, say_for_logs(record.damage)))
    if record.damage and not record.field("WARC-Truncated"):
        fields.append(("WARC-Truncated", "unspecified"))  # as other readers know it
    shown.block.seek(0)
    changed = Changed(fields=fields, block=shown.block)
    packer = None if file.name.endswith(".warc") else make_packer(GZIP_MAGIC)
    write_changed(changed, write, packer=packer)


def _stands_alone(file: Path, record: Record) -> bool:
    """Whether the bytes of a record in its file are a WARC record by themselves.

    Not so in ARC files and Zstandard, nor where one gzip member holds several records, nor where
    a record tells a wrong length of itself, or is damaged.
    """
    is_odd = bool(record.note or record.damage)
    return file.name.endswith(RAW_SUFFIXES) and record.length > 0 and not is_odd


def _read_range(file: Path, offset: int, length: int) -> Iterator[bytes]:
    with open_stored(file) as stream:
        stream.seek(offset)
        while length > 0 and (piece := stream.read(min(BLOCK, length))):
            length -= len(piece)
            yield piece


def _render_pages(pages: Iterable[Page], secrets: Secrets) -> Iterator[bytes]:
    yield _encode({"format": "json-pages-1.0", "id": "pages", "title": "All Pages"})
    for page in pages:
        capture = page.capture
        yield _encode(
            {
                "id": capture.record_id.rpartition(":")[2],
                "url": capture.target_uri,
                "ts": capture.captured_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "title": page.title or capture.url,
            },
            secrets,
        )


def _encode(row: Mapping[str, Any], secrets: Secrets = NO_SECRETS) -> bytes:
    line = redact_text(json.dumps(row, ensure_ascii=False), secrets.values)
    return f"{line}\n".encode("utf-8", "replace")


def _as_ours(error: OSError, path: Path) -> ArchiveError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        hint = message("hint.package-elsewhere")
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        hint = message("hint.package-folder")
    elif error.errno == errno.ENOENT:
        hint = message("hint.make-folder")
    else:
        hint = NOTHING
    return ArchiveError(
        message("error.cannot-write", why=explain(error).what), where=path, hint=hint
    )
