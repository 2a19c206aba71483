"""Check every record of the archive against its checksums, its digests and its catalogue row.

Nothing of the archive is changed. What was checked is remembered in a file of its own, so that a
check that is stopped goes on where it was, and one that was done reads only what is new.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from indexer.archive.catalogue import Catalogue
from indexer.archive.members import RecordPosition
from indexer.archive.reading import Record, Skipped, read_records, verify_payload_digest
from indexer.archive.reindex import KEPT_KINDS, find_files, make_row
from indexer.archive.remote import find_fault, find_remote, measure
from indexer.archive.rows import DAMAGED, RecordRow
from indexer.disk import WrongRow, swap_in
from indexer.errors import ArchiveError
from indexer.messages import NOTHING, Message, message, parse_json, render_json

STATE_VERSION: Final = 2  # 1: reasons in English words
CATALOGUE: Final = "catalogue"  # in place of a file's name, of rows
SAVE_EVERY_S: Final = 5.0
_READ_BACK: Final = message("error.check.by-reindex")
# What is to be done about a wrong row of each table, and what comes of it.
REMEDIES: Final[Mapping[str, Message]] = MappingProxyType(
    {
        **dict.fromkeys(("records", "visits", "targets", "robots"), _READ_BACK),
        "articles": message("error.check.by-extract"),
        **dict.fromkeys(("identities", "identity_names"), message("error.check.by-index")),
        # What these tell is in no WARC file.
        "hosts": message("error.check.hosts"),
        "misdated": message("error.check.misdated"),
        "link_observations": message("error.check.observations"),
        "link_probes": message("error.check.probes"),
        "link_heads": message("error.check.heads"),
        "link_reports": message("error.check.reports"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A record that a problem takes away: which page, captured when (ISO 8601)."""

    url: str
    captured_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckProblem:
    """Something that is not as it should be, and what it costs."""

    kind: str  # damaged, digest, catalogue, missing, unreadable, remote
    filename: str
    offset: int = 0
    inside: int = 0  # bytes of the member at that offset, unpacked, before the record
    length: int = 0  # in bytes
    reason: Message
    costs: tuple[Cost, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """The progress of checking one WARC file, and the problems that were found in it.

    `size` (bytes) and `mtime_ns` tell whether the file has changed since.
    """

    filename: str
    size: int
    mtime_ns: int
    rows: str = ""  # a fingerprint of its rows in the catalogue
    offset: int = 0  # of the member where checking goes on
    records: int = 0
    is_done: bool = False
    problems: tuple[CheckProblem, ...] = ()


@dataclass(slots=True)
class CheckState:
    """The checks of all WARC files so far, by file name, and the JSON file that keeps them.

    `path` is None where nothing can be written: then a check can't be resumed.
    """

    path: Path | None
    files: dict[str, FileCheck] = field(default_factory=dict)

    def save(self) -> None:
        """Write the state; a folder that turns out to be read-only makes it not resumable."""
        if self.path is None:
            return
        text = json.dumps(
            {
                "version": STATE_VERSION,
                "files": [_render_file_check(each) for each in self.files.values()],
            },
        )
        try:
            swap_in(self.path, text.encode(), mode=0o644)
        except OSError:
            self.path = None


def read_state(path: Path, *, is_anew: bool = False) -> CheckState:
    """Read what was checked before; nothing, where it is to begin anew or can't be read."""
    if is_anew:
        return CheckState(path)
    try:
        values = json.loads(path.read_text("utf-8"))
        if values["version"] != STATE_VERSION:
            return CheckState(path)
        files = {each["filename"]: _parse_file_check(each) for each in values["files"]}
    except (OSError, ValueError, LookupError, TypeError):
        return CheckState(path)  # it only spares work
    return CheckState(path, files)


def check_archive(
    folder: Path,
    catalogue: Catalogue | None,
    state: CheckState,
    *,
    leave_open: bool = False,
    others: Iterable[WrongRow] = (),
) -> Iterator[FileCheck]:
    """Check the files of a folder; give what is known of each, again and again as it is read.

    `leave_open`: pass over files that another process is writing. `others` are wrong rows of the
    catalogue's file that another room found. The last FileCheck of a file has
    `is_done`. Files that the catalogue names and that are not there come last, done at once.
    """
    files = sorted(find_files(folder), key=lambda path: path.name)
    names = {path.name for path in files}
    for path in files:
        if leave_open and path.with_name(f"{path.name}.open").exists():
            continue
        yield from _check_file(path, catalogue, state)
    if catalogue is not None:
        for name in catalogue.list_files():
            if name not in names:
                yield _describe_missing(name, catalogue)
        wrong = tuple(map(_describe_wrong, (*catalogue.find_wrong_rows(), *others)))
        if wrong:
            yield FileCheck(filename=CATALOGUE, size=0, mtime_ns=0, is_done=True, problems=wrong)
    state.files = {name: each for name, each in state.files.items() if name in names}
    state.save()


def _describe_wrong(row: WrongRow) -> CheckProblem:
    return CheckProblem(
        kind="catalogue",
        filename=CATALOGUE,
        reason=message("error.check.row", table=row.table, remedy=REMEDIES[row.table]),
        costs=(Cost(url=row.about, captured_at=row.moment),),
    )


def _describe_missing(name: str, catalogue: Catalogue) -> FileCheck:
    problem = CheckProblem(
        kind="missing",
        filename=name,
        reason=message("error.check.missing"),
        costs=tuple(map(_cost_of, catalogue.records(name))),
    )
    return FileCheck(filename=name, size=0, mtime_ns=0, is_done=True, problems=(problem,))


def _check_file(path: Path, catalogue: Catalogue | None, state: CheckState) -> Iterator[FileCheck]:
    try:
        size, mtime_ns = measure(path)
    except OSError:
        return  # taken away meanwhile
    fingerprint = catalogue.fingerprint_file(path.name) if catalogue is not None else ""
    known = state.files.get(path.name)
    now = FileCheck(filename=path.name, size=size, mtime_ns=mtime_ns, rows=fingerprint)
    if known is not None and (known.size, known.mtime_ns, known.rows) == (
        now.size,
        now.mtime_ns,
        now.rows,
    ):
        now = known
    if now.is_done:
        yield _with_remote(now, path)
        return
    saved_at = time.monotonic()
    for step in _check_records(path, catalogue, now):
        state.files[path.name] = step
        if step.is_done or time.monotonic() - saved_at >= SAVE_EVERY_S:
            state.save()
            saved_at = time.monotonic()
        yield _with_remote(step, path) if step.is_done else step


def _with_remote(done: FileCheck, path: Path) -> FileCheck:
    """Add what is wrong with the copy of a file on a storage, which is asked each time."""
    copy = find_remote(path)
    fault = find_fault(path, copy) if copy is not None else NOTHING
    if copy is None or not fault:
        return done
    problem = CheckProblem(
        kind="remote",
        filename=path.name,
        length=copy.size,
        reason=message("error.check.copy", why=fault),
    )
    return replace(done, problems=(*done.problems, problem))


def _check_records(
    path: Path, catalogue: Catalogue | None, start: FileCheck
) -> Iterator[FileCheck]:
    """Check the records of a file from where `start` says on, beside their rows."""
    now = start
    rows = _Rows(path.name, catalogue, RecordPosition(start.offset))
    try:
        for each in read_records(path, start.offset):
            place = RecordPosition(each.offset, each.inside)
            problems = rows.list_unmatched(place)
            if isinstance(each, Skipped):
                costs = rows.take_until(RecordPosition(each.end_offset, each.end_inside))
                problems.append(_describe_skipped(each, costs))
                resume = RecordPosition(each.end_offset, each.end_inside)
            else:
                problems += _check_record(each, rows.take_at(place), path.name)
                resume = RecordPosition(each.offset + each.length, 0 if each.length else 1)
            now = replace(
                now,
                # A record that shares its member is checked again with it.
                offset=resume.member if resume.inside == 0 else now.offset,
                records=now.records + isinstance(each, Record),
                problems=_merge(now.problems, problems),
            )
            yield now
    except ArchiveError as error:
        problem = CheckProblem(kind="unreadable", filename=path.name, reason=error.what)
        now = replace(now, problems=_merge(now.problems, [problem]))
    problems = rows.list_unmatched(RecordPosition(2**62))
    yield replace(now, is_done=True, offset=now.size, problems=_merge(now.problems, problems))


class _Rows:
    """The catalogue's rows of a file, drawn in the order of the file."""

    def __init__(self, filename: str, catalogue: Catalogue | None, start: RecordPosition) -> None:
        self._filename = filename
        rows = catalogue.records(filename) if catalogue is not None else iter(())
        self._rows = (row for row in rows if _place_of(row) >= start)
        self._next = next(self._rows, None)

    def take_until(self, end: RecordPosition) -> list[RecordRow]:
        """Take the rows before a place."""
        taken = []
        while self._next is not None and _place_of(self._next) < end:
            taken.append(self._next)
            self._next = next(self._rows, None)
        return taken

    def take_at(self, place: RecordPosition) -> RecordRow | None:
        """Take the row at a place, None when none is there."""
        if self._next is None or _place_of(self._next) != place:
            return None
        row, self._next = self._next, next(self._rows, None)
        return row

    def list_unmatched(self, end: RecordPosition) -> list[CheckProblem]:
        """Take the rows before a place, where no record begins."""
        return [
            CheckProblem(
                kind="catalogue",
                filename=self._filename,
                offset=row.offset,
                inside=row.inside,
                length=row.length,
                reason=message("error.check.no-record"),
                costs=(_cost_of(row),),
            )
            for row in self.take_until(end)
        ]


def _check_record(record: Record, row: RecordRow | None, filename: str) -> list[CheckProblem]:
    reasons = []
    if record.damage:
        reasons.append(("damaged", record.damage))
    elif record.fault:
        reasons.append(("digest", message("error.check.checksum-right", why=record.fault)))
    elif verify_payload_digest(record) is False:
        reasons.append(("digest", message("error.check.payload-only")))
    if row is not None:
        found = make_row(record, filename=filename) if record.kind in KEPT_KINDS else None
        is_known_damaged = bool(record.damage) and row.truncated != DAMAGED
        if not is_known_damaged and (found is None or _identify(found) != _identify(row)):
            reasons.append(("catalogue", message("error.check.other-record")))
    costs = (_cost_of(row),) if row is not None else ()
    return [
        CheckProblem(
            kind=kind,
            filename=filename,
            offset=record.offset,
            inside=record.inside,
            length=record.length,
            reason=reason,
            costs=costs or (Cost(url=record.target_uri, captured_at=record.date.isoformat()),),
        )
        for kind, reason in reasons
    ]


def _describe_skipped(skipped: Skipped, rows: list[RecordRow]) -> CheckProblem:
    costs = tuple(map(_cost_of, rows))
    if not costs and skipped.target_uri:
        captured_at = skipped.date.isoformat() if skipped.date is not None else ""
        costs = (Cost(url=skipped.target_uri, captured_at=captured_at),)
    return CheckProblem(
        kind="damaged",
        filename=skipped.path.name,
        offset=skipped.offset,
        inside=skipped.inside,
        length=skipped.length,
        reason=skipped.reason,
        costs=costs,
    )


def _merge(known: tuple[CheckProblem, ...], found: list[CheckProblem]) -> tuple[CheckProblem, ...]:
    """Add problems, those once that a check found again when it went on."""
    return (*known, *(each for each in found if each not in known))


def _identify(row: RecordRow) -> tuple[str, str, str, str]:
    return (row.record_id, row.kind, row.target_uri, row.payload_digest)


def _place_of(row: RecordRow) -> RecordPosition:
    return RecordPosition(row.offset, row.inside)


def _cost_of(row: RecordRow) -> Cost:
    return Cost(url=row.target_uri, captured_at=row.captured_at.isoformat())


def _render_file_check(check: FileCheck) -> dict[str, Any]:
    problems = [asdict(each) | {"reason": render_json(each.reason)} for each in check.problems]
    return asdict(check) | {"problems": problems}


def _parse_file_check(values: dict[str, Any]) -> FileCheck:
    problems = tuple(
        CheckProblem(
            **each
            | {
                "reason": parse_json(each["reason"]),
                "costs": tuple(Cost(**cost) for cost in each["costs"]),
            }
        )
        for each in values["problems"]
    )
    return FileCheck(**values | {"problems": problems})
