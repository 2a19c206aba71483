"""Find the generation that answers; verify the files of Whoosh, which is told our fields.

An index is a folder of generations (`building`); CURRENT names the one that answers, and is read
here. Our fields are given terms and places, analysed before; no analyser of Whoosh's ever runs.
What Whoosh raises becomes an error of ours here.

The table of contents is signed: behind what Whoosh reads of it follow the sums of every file of
its segments (`integrity`), so that one renaming shows all of them at once. Whoosh ignores what
follows its pickle.
"""

import contextlib
import json
import os
import re
import sys
import time
import warnings
import zlib
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import Stemmer

from indexer.engines.embedded.integrity import (
    FileSums,
    Manifest,
    damaged,
    measure_file,
    read_signed,
    sign,
)
from indexer.errors import (
    LockedError,
    MissingIndexError,
    SearchIndexError,
    StaleIndexError,
)
from indexer.index.fields import FACETS, ISSUED, STORED_FIELDS, render_fingerprint
from indexer.messages import Message, message


@contextmanager
def old_warnings() -> Iterator[None]:
    """Say nothing of Whoosh being of 2016: invalid escapes in docstrings, imports since moved."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


with old_warnings():
    import whoosh
    import whoosh.filedb.filestore
    import whoosh.filedb.filetables
    import whoosh.index
    import whoosh.reading
    import whoosh.writing
    from whoosh import fields, formats

NAME: Final = "corpus"
LOCK_TIMEOUT_S: Final = 30.0
FACET_FIELDS: Final = (*FACETS, ISSUED)


class Places(formats.Format):  # type: ignore[misc]
    """A posting's value is the places of the term, 32 bits each, lowest byte first; no pickle."""

    posting_size = -1

    def decode_positions(self, value: bytes) -> list[int]:
        """Give the places that a value holds."""
        places = array("I", value)
        if sys.byteorder == "big":
            places.byteswap()
        return places.tolist()

    def decode_frequency(self, value: bytes) -> int:
        """Count the places of a posting."""
        return len(value) // 4

    def decode_weight(self, value: bytes) -> float:
        """Give the value of a posting as a weight."""
        return float(len(value) // 4)


class TermsField(fields.FieldType):  # type: ignore[misc]
    """A field of terms analysed before; with places or with their number only."""

    def __init__(self, *, has_positions: bool) -> None:
        """Make the type of a field; `has_positions` where its words have places."""
        super().__init__(Places() if has_positions else formats.Existence(), None, scorable=True)
        self.has_positions = has_positions


@cache
def make_schema() -> Any:
    """Give the schema of the index: the fields of `index.fields`, the facets, the key."""
    schema = fields.Schema(id=fields.ID(stored=True, unique=True), fingerprint=fields.STORED())
    for field in STORED_FIELDS:
        schema.add(field.name, TermsField(has_positions=field.has_positions))
    for name in FACET_FIELDS:
        schema.add(facet_field(name), fields.ID())
    return schema


def facet_field(name: str) -> str:
    """Give the field of a facet; "section" is also a field of terms."""
    return f"facet_{name}"


def engine_fingerprint() -> str:
    """Tell what an index written here was made with."""
    release = ".".join(map(str, whoosh.__version__))
    return render_fingerprint(engine=f"whoosh {release}, snowball {Stemmer.version()}")


@contextmanager
def translate_errors(folder: Path) -> Iterator[None]:
    """Turn what Whoosh raises into our errors, once."""
    try:
        yield
    except whoosh.index.LockError as error:
        raise LockedError(
            message("error.index.busy"), where=folder, hint=message("hint.when-finished")
        ) from error
    except whoosh.index.EmptyIndexError as error:
        raise MissingIndexError(
            message("error.index.nothing-yet"), where=folder, hint=message("hint.index-first")
        ) from error
    except (
        whoosh.index.IndexError,
        whoosh.writing.IndexingError,
        whoosh.reading.ReaderClosed,
        whoosh.filedb.filestore.ReadOnlyError,
        whoosh.filedb.filetables.FileFormatError,
        whoosh.fields.FieldConfigurationError,
        whoosh.fields.UnknownFieldError,
    ) as error:
        raise SearchIndexError(
            message("error.index.unusable", error=str(error)),
            where=folder,
            hint=message("hint.index-again"),
        ) from error


with old_warnings():
    from whoosh.filedb.filestore import FileStorage, RamStorage
    from whoosh.filedb.structfile import BufferFile
    from whoosh.index import TOC


class CheckedStorage(FileStorage):  # type: ignore[misc]
    """A folder of Whoosh's, of which it opens the table of contents alone.

    The codec of the segments maps their files itself, each block verified before it is read.
    """

    def __init__(self, folder: Path) -> None:
        """Open a folder; nothing is read yet."""
        super().__init__(str(folder))
        self.files: Manifest = {}  # as the table of contents read last says

    def open_file(self, name: str, **_options: Any) -> Any:
        """Open a table of contents. Raises DamagedIndexError for any other file, too."""
        table, self.files = read_signed(Path(self.folder) / name)
        return BufferFile(table, name=name)


def open_whoosh(folder: Path) -> Any:
    """Give the index of a folder; the schema is ours, never read from a pickle."""
    return CheckedStorage(folder).open_index(indexname=NAME, schema=make_schema())


def open_table(folder: Path) -> tuple[CheckedStorage, list[Any]]:
    """Read the segments of the last commit; the storage knows the sums of their files."""
    storage = CheckedStorage(folder)
    return storage, TOC.read(storage, NAME, schema=make_schema()).segments


def find_generation(folder: Path) -> int:
    """Give the number of the last commit, -1 when there is none."""
    return int(TOC._latest_generation(FileStorage(str(folder)), NAME))


def measure_segments(folder: Path, segments: Iterable[Any], known: Manifest) -> Manifest:
    """Give the sums of the files of some segments; those that are known are not read again.

    To measure them again would take damage for truth.
    """
    files: dict[str, FileSums] = {}
    for segment in segments:
        for path in sorted(folder.glob(f"{segment.segment_id()}.*")):
            files[path.name] = known.get(path.name) or measure_file(path)
        missing = {name for name in known if name.startswith(f"{segment.segment_id()}.")}
        files |= {name: known[name] for name in missing - files.keys()}
    return files


def write_table(folder: Path, segments: list[Any], generation: int, files: Manifest) -> None:
    """Write a table of contents and show it, at once or not at all."""
    memory = RamStorage()
    TOC(make_schema(), segments, generation).write(memory, NAME)
    name = TOC._filename(NAME, generation)
    temporary = folder / f".{name}.new"
    try:
        with temporary.open("wb") as handle:
            handle.write(sign(memory.files[name], files))
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(folder / name)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def list_leftovers(folder: Path) -> list[Path]:
    """List what Whoosh left when somebody died in the middle: files unknown to the last commit."""
    _, segments = open_table(folder)
    kept = {segment.segment_id() for segment in segments}
    table = TOC._filename(NAME, find_generation(folder))
    return [
        path
        for path in folder.iterdir()
        if (path.name.startswith(f"{NAME}_") and path.name.split(".")[0] not in kept)
        or (path.name.startswith(f"_{NAME}_") and path.name != table)
        or path.name == f"{NAME}.tmp"
    ]


# --- the generation that answers

POINTER: Final = "CURRENT"
STAMP: Final = "stamp.json"
_TICK_NS: Final = 2_000_000_000
_POINTED: Final = re.compile(r"(g[0-9]{6,}) ([0-9a-f]{8})\n")


def find_current(folder: Path) -> Path | None:
    """Give the folder of the generation that answers, or None when none does yet.

    Raises DamagedIndexError or StaleIndexError when the pointer says nothing.
    """
    path = folder / POINTER
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise damaged(message("error.index.pointer-unreadable", error=str(error)), path) from error
    found = _POINTED.fullmatch(raw.decode("ascii", "replace"))
    if found and found[2] == sum_name(found[1]):
        return folder / found[1]
    if re.fullmatch(rb"g[0-9]{6}\s*", raw):  # as it was before it had a checksum, or cut short
        raise _stale(message("error.index.other-version"), path)
    raise damaged(message("error.index.pointer-changed"), path)


def sum_name(name: str) -> str:
    """Give the checksum that follows the name of a generation in CURRENT."""
    return f"{zlib.crc32(name.encode()):08x}"


class Moment(NamedTuple):
    """When an index last changed, by the clocks of its pointer and of the folder that answers."""

    pointer: str
    pointed_at_ns: int
    folder: str
    changed_at_ns: int


def find_moment(folder: Path) -> Moment | None:
    """When the index last changed; None when that may be just now.

    A look at two clocks is many times cheaper than reading what they stand for. They tick every
    few milliseconds, so what changed a moment ago has to be read: another change may bear the same
    time. What is dated in the future can be trusted: whatever changes it is dated now.
    """
    pointer = folder / POINTER
    try:
        pointed_at_ns = pointer.stat().st_mtime_ns
        current = find_current(folder)
        if current is None:
            return None
        changed_at_ns = current.stat().st_mtime_ns
    except OSError:
        return None
    now = time.time_ns()
    if any(abs(now - clock) < _TICK_NS for clock in (pointed_at_ns, changed_at_ns)):
        return None
    return Moment(str(pointer), pointed_at_ns, str(current), changed_at_ns)


def is_same_moment(moment: Moment | None) -> bool:
    """Whether the index surely has not changed since."""
    if moment is None:
        return False
    pointer, pointed_at_ns, folder, changed_at_ns = moment
    try:
        return (
            os.stat(pointer).st_mtime_ns == pointed_at_ns  # noqa: PTH116 (three times as fast)
            and os.stat(folder).st_mtime_ns == changed_at_ns  # noqa: PTH116
        )
    except OSError:
        return False


def open_generation(folder: Path) -> Path:
    """Give the folder of the generation that answers, refused when this code did not write it."""
    current = find_current(folder)
    if current is None:
        raise missing(folder)
    if not current.is_dir():
        raise damaged(message("error.index.folder-gone"), current)
    try:
        stamp = json.loads((current / STAMP).read_bytes())
        made_with = stamp["fingerprint"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise _stale(message("error.index.unsigned"), current) from error
    if made_with != engine_fingerprint():
        raise _stale(message("error.index.other-fields"), current)
    return current


def missing(folder: Path) -> MissingIndexError:
    """Say that there is no index in a folder, and what to do."""
    return MissingIndexError(
        message("error.index.nothing-yet"), where=folder, hint=message("hint.index-first")
    )


def _stale(what: Message, where: Path) -> StaleIndexError:
    return StaleIndexError(what, where=where, hint=message("hint.rebuild-index"))
