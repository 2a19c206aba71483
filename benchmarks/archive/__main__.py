"""`python -m benchmarks.archive FOLDER`: every archive file of a folder, read by us and by others.

Response, revisit and resource records are counted. The folder is an argument or
RENVOIS_WARC_FOLDER: the test data of warcio, pywb, jwarc, py-wacz, resiliparse and replayweb.page
were used, one sub-folder each. `--write` puts the table into benchmarks/results/reliability.md.
"""

import argparse
import os
import re
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import fastwarc
from warcio.archiveiterator import ArchiveIterator

from indexer.archive.reading import Skipped, read_records
from indexer.errors import ArchiveError, say_for_logs

KINDS = frozenset({"response", "revisit", "resource"})
NAME = re.compile(r"\.w?arc(\.\w+)*$", re.IGNORECASE)
POINTER = b"version https://git-lfs"
RESULTS = Path(__file__).parent.parent / "results" / "reliability.md"
TITLE = "## Files of other tools"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The records that a reader gave of a file, and why it gave no more."""

    records: int
    fault: str = ""

    def __str__(self) -> str:
        """Say how many records were read, and whether it ended in a fault."""
        return f"{self.records}{', then fails' if self.fault else ''}"


def main() -> int:
    """Print the table; give 1 when we read fewer records of some file and say no reason."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.archive", description=__doc__)
    parser.add_argument("folder", nargs="?", default=os.environ.get("RENVOIS_WARC_FOLDER"))
    parser.add_argument("--write", action="store_true", help=f"into {RESULTS.name}")
    parser.add_argument("--apart", nargs="*", default=[], help="sub-folders kept apart at work")
    given = parser.parse_args()
    if not given.folder or not Path(given.folder).is_dir():
        parser.error("name a folder of archive files, or set RENVOIS_WARC_FOLDER")
    lines, is_silent = render(Path(given.folder), frozenset(given.apart))
    print("\n".join(lines))
    if given.write:
        _write("\n".join(lines))
    return int(is_silent)


def render(folder: Path, apart: frozenset[str]) -> tuple[list[str], bool]:
    """Give the lines of the table, and whether some record is missing without a reason."""
    rows, sums, is_silent = [], {}, False
    for name, path in find_files(folder):
        half = "apart" if name.partition("/")[0] in apart else "at hand"
        if path.read_bytes()[:24].startswith(POINTER):
            rows.append(f"| {name} | {half} | | | | a pointer of Git LFS, no data |")
            continue
        ours, odd = count_ours(path)
        theirs = [count_others(path, read) for read in (read_warcio, read_fastwarc)]
        best = max(each.records for each in theirs)
        is_silent |= ours.records < best and not (odd or ours.fault)
        reason = ours.fault or odd
        rows.append(f"| {name} | {half} | {ours} | {theirs[0]} | {theirs[1]} | {reason} |")
        total = sums.setdefault(half, [0, 0, 0, 0, 0])
        numbers = (1, ours.records, *(each.records for each in theirs), max(ours.records, best))
        sums[half] = [a + b for a, b in zip(total, numbers, strict=True)]
    lines = [
        TITLE,
        "",
        "Response, revisit and resource records of the test data of other projects, as each reader",
        "gives them (`python -m benchmarks.archive FOLDER`). What is odd or damaged stands in the",
        "last column. Files *apart* were not looked at while the reader was written.",
        "",
        "| file | half | renvois | warcio | fastwarc | what we say of it |",
        "|---|---|--:|--:|--:|---|",
        *rows,
        "",
        "| half | files | renvois | warcio | fastwarc | best of the three, file by file |",
        "|---|--:|--:|--:|--:|--:|",
        *(f"| {half} | {' | '.join(map(str, total))} |" for half, total in sorted(sums.items())),
    ]
    return lines, is_silent


def find_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give the archive files of a folder by name; those inside a WACZ are unpacked."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and NAME.search(path.name):
            yield name, path
        elif path.is_file() and path.suffix.lower() == ".wacz":
            yield from _unpack(name, path)


def _unpack(name: str, path: Path) -> Iterator[tuple[str, Path]]:
    try:
        with zipfile.ZipFile(path) as package, tempfile.TemporaryDirectory() as folder:
            for inside in package.namelist():
                if NAME.search(inside):
                    unpacked = Path(folder) / Path(inside).name
                    unpacked.write_bytes(package.read(inside))
                    yield f"{name}: {inside}", unpacked
    except zipfile.BadZipFile as error:
        print(f"{name}: {error}", file=sys.stderr)


def count_ours(path: Path) -> tuple[Count, str]:
    """Count what our reader gives, and tell what it says was skipped."""
    records, odd = 0, []
    try:
        for each in read_records(path):
            if isinstance(each, Skipped):
                odd.append(f"{each.length} bytes at {each.offset}: {say_for_logs(each.reason)}")
            else:
                records += each.kind in KINDS
                damage = each.damage and f"{say_for_logs(each.damage)}: kept, marked"
                odd += filter(None, (damage, *map(say_for_logs, (each.fault, each.note))))
    except ArchiveError as error:
        return Count(records=records, fault=say_for_logs(error.what)), ""
    unique = list(dict.fromkeys(odd))
    more = f"; {len(unique) - 2} more" if len(unique) > 2 else ""
    return Count(records=records), ("; ".join(unique[:2]) + more).replace("|", "\\|")


def count_others(path: Path, read: Callable[[Path], Iterator[str]]) -> Count:
    """Count what another reader gives before it ends or fails."""
    records = 0
    try:
        with redirect_stderr(StringIO()):
            for kind in read(path):
                records += kind in KINDS
    except Exception as error:  # noqa: BLE001 - whatever it fails with is what is measured
        return Count(records=records, fault=type(error).__name__)
    return Count(records=records)


def read_warcio(path: Path) -> Iterator[str]:
    """Give the kinds of records that warcio reads."""
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, arc2warc=True):
            yield str(record.rec_type)


def read_fastwarc(path: Path) -> Iterator[str]:
    """Give the kinds of records that fastwarc reads."""
    with path.open("rb") as stream:
        for record in fastwarc.ArchiveIterator(stream, parse_http=False):
            yield str(record.record_type)


def _write(table: str) -> None:
    text = RESULTS.read_text("utf-8") if RESULTS.exists() else "# Reliability\n"
    before, _, after = text.partition(TITLE)
    rest = after.partition("\n## ")
    following = f"\n\n## {rest[2]}" if rest[1] else "\n"
    RESULTS.write_text(f"{before.rstrip()}\n\n{table}{following}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
