"""Read every file of a bibliography's folder; the files that people edit are the truth.

This is the room's only shell: it touches the disk and decides nothing about what it reads. How
each file was read is kept in a folder of the corpus, so that only files that changed are read
again: a file of JSON each, whose first line holds two digests, of what was read (the bytes, the
file's name, the roles that a person set, the version of the readers) and of the rest. One that is
damaged, stale or not there is read anew and written again; a folder that can't be written only
costs time.
"""

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from indexer.bibliography.blocks import Role
from indexer.bibliography.checking import accept_problems, unused_roles
from indexer.bibliography.corrections import (
    NO_CORRECTIONS,
    Accepted,
    Corrections,
    RoleLookup,
    parse_corrections,
    render_accepted,
    without_marker,
)
from indexer.bibliography.findings import Findings
from indexer.bibliography.gathering import gather
from indexer.bibliography.lines.markup import normalise
from indexer.bibliography.readers import decode_text, is_read, parse_bytes, parse_file
from indexer.disk import explain, swap_in
from indexer.errors import BibliographyError
from indexer.messages import message, parse_json, render_json
from indexer.model import (
    READING_RULES,
    Bibliography,
    Entry,
    EntryKind,
    Name,
    Note,
    Place,
    Problem,
    ReadingRules,
    Reference,
    SourceFile,
    name_bibliographies,
)

CORRECTIONS = ("corrections.yaml", "corrections.yml")
# Beside the bibliography and no part of it: who reads `indexer.withdrawals` reads this.
WITHDRAWN = "withdrawn.txt"
SYNONYMS = "synonymes.txt"  # who reads `indexer.search.synonyms` reads this


# To be raised when a file is read otherwise than before: what is kept is then read again.
# `python -m tests.golden` says when.
READING_VERSION: Final = 6
_ENCODING: Final = ("utf-8", "surrogatepass")  # JSON can hold half of a surrogate pair
_NAMES: Final = ("author", "editor", "translator")
_TEXTS: Final = ("section", "keyword", "aliases", "cited_in")

_IDENTIFIER = re.compile(r"[a-z0-9-]+")
# From references with their citation keys, and the bibliography of each file, to what they keep.
Identify = Callable[[Sequence[Reference], Mapping[str, str]], Sequence[Reference]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReading:
    """A file as it was read: what it says of itself, what it holds, whose roles were used."""

    source: SourceFile
    findings: Findings
    used: frozenset[str] = frozenset()  # lines of the corrections whose role was taken


class ReadingCache:
    """Find and keep readings of files in a folder, which is made when the first is kept.

    Without a folder nothing is found and nothing kept.
    """

    def __init__(self, folder: Path | None, version: int = READING_VERSION) -> None:
        """Take the folder, and the version of the readers; nothing is opened yet."""
        self._folder = folder
        self._version = version
        self._used: set[str] = set()
        self._is_writable = folder is not None

    def find(self, name: str, payload: bytes, roles: Mapping[str, str]) -> FileReading | None:
        """Find how a file was read; None where it was not, or not with these bytes and roles.

        `name` is the file's, relative to the bibliography's folder; `roles` are those of lines.
        """
        if self._folder is None:
            return None
        path = self._folder / _file_name(name, roles)
        self._used.add(path.name)
        try:
            head, _, body = path.read_bytes().partition(b"\n")
        except OSError:  # not there, or not ours to read: the file itself is read
            return None
        if head != _head(self._digest_input(name, payload, roles), body):
            return None
        return _unpack(json.loads(body.decode(*_ENCODING)))

    def keep(
        self, name: str, payload: bytes, roles: Mapping[str, str], reading: FileReading
    ) -> None:
        """Keep how a file was read; not where the folder can't be written."""
        if self._folder is None or not self._is_writable:
            return
        body = json.dumps(_pack(reading), ensure_ascii=False, separators=(",", ":"))
        content = body.encode(*_ENCODING)
        head = _head(self._digest_input(name, payload, roles), content)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            swap_in(self._folder / _file_name(name, roles), head + b"\n" + content, mode=0o644)
        except OSError:  # read-only, full: whoever writes what can't be had anew tells that
            self._is_writable = False

    def remove_others(self) -> None:
        """Remove the readings that were not asked for here: of files that are gone, or all."""
        if self._folder is None or not self._is_writable or not self._folder.is_dir():
            return
        try:
            for path in self._folder.glob("*.json"):
                if path.name not in self._used:
                    path.unlink(missing_ok=True)
        except OSError:  # they stay, and are never found
            self._is_writable = False

    def _digest_input(self, name: str, payload: bytes, roles: Mapping[str, str]) -> str:
        bytes_read = hashlib.sha256(payload).hexdigest()
        return _digest([self._version, name, sorted(roles.items()), bytes_read])


def _file_name(name: str, roles: Mapping[str, str]) -> str:
    return f"{_digest([name, sorted(roles.items())])[:32]}.json"


def _digest(facts: Iterable[Any]) -> str:
    return hashlib.sha256(json.dumps(list(facts)).encode()).hexdigest()


def _head(read: str, body: bytes) -> bytes:
    return f"{read} {hashlib.sha256(body).hexdigest()}".encode()


def _pack(reading: FileReading) -> dict[str, Any]:
    """Make of a reading what JSON can hold."""
    found = reading.findings
    return {
        "source": asdict(reading.source),
        "used": sorted(reading.used),
        "references": [_pack_fields(one) for one in found.references],
        "notes": [_pack_fields(one) for one in found.notes],
        "citations": found.citations,
        "entries": [_pack_fields(one) for one in found.entries],
        "problems": [
            [render_json(one.said), _pack_value(one.place), one.subject] for one in found.problems
        ],
        "left_out": dict(found.left_out),
        "note_kinds": found.note_kinds,
    }


def _unpack(packed: dict[str, Any]) -> FileReading:
    """Make a reading of what `_pack` gave."""
    return FileReading(
        source=SourceFile(**packed["source"]),
        used=frozenset(packed["used"]),
        findings=Findings(
            references=tuple(_unpack_reference(one) for one in packed["references"]),
            notes=tuple(Note(**_unpack_fields(one)) for one in packed["notes"]),
            citations=tuple((note, reference) for note, reference in packed["citations"]),
            entries=tuple(
                Entry(**_unpack_fields(one) | {"kind": EntryKind(one["kind"])})
                for one in packed["entries"]
            ),
            problems=tuple(
                Problem(said=parse_json(said), place=_unpack_place(place), subject=subject)
                for said, place, subject in packed["problems"]
            ),
            left_out=packed["left_out"],
            note_kinds=tuple(packed["note_kinds"]),
        ),
    )


# Of each class, its fields and what they are when nothing is said of them.
_DEFAULTS: Final[Mapping[type, Mapping[str, Any]]] = MappingProxyType(
    {
        kind: {
            one.name: one.default_factory() if one.default_factory is not MISSING else one.default
            for one in fields(kind)
        }
        for kind in (Reference, Note, Entry)
    }
)


def _pack_fields(value: Reference | Note | Entry) -> dict[str, Any]:
    """Give the fields that say something."""
    defaults = _DEFAULTS[type(value)]
    held = ((name, getattr(value, name), default) for name, default in defaults.items())
    return {name: _pack_value(one) for name, one, default in held if one != default}


def _pack_value(value: Any) -> Any:
    if isinstance(value, Place):
        return [value.path, value.line]
    if isinstance(value, Name):
        return [value.family, value.given, value.literal, value.suffix]
    if isinstance(value, tuple):
        return [_pack_value(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


def _unpack_reference(packed: dict[str, Any]) -> Reference:
    packed = _unpack_fields(packed)
    for name in _NAMES:
        if name in packed:
            packed[name] = tuple(
                Name(family=family, given=given, literal=literal, suffix=suffix)
                for family, given, literal, suffix in packed[name]
            )
    if "confidence" in packed:
        packed["confidence"] = MappingProxyType(packed["confidence"])
    return Reference(**packed)


def _unpack_fields(packed: dict[str, Any]) -> dict[str, Any]:
    """Make of lists what they were: tuples of texts, a place."""
    for name in _TEXTS:
        if name in packed:
            packed[name] = tuple(packed[name])
    if "place" in packed:
        packed["place"] = _unpack_place(packed["place"])
    return packed


def _unpack_place(packed: list[Any] | None) -> Place | None:
    return None if packed is None else Place(path=packed[0], line=packed[1])


def read_bibliography(
    folder: Path,
    *,
    identify: Identify = lambda references, _: references,
    rules: ReadingRules = READING_RULES,
    cache: Path | None = None,
) -> Bibliography:
    """Read all the files of a folder, in the order of their names, into one Bibliography.

    `identify` gives references the ids that they keep; without it these are their citation keys.
    `rules` are those of the settings. `cache` is a folder that keeps how each file was read, so
    that the next reading costs what has changed; None to read all of them.
    Files of several formats and encodings may stand together; hidden ones and those that are
    plainly something else's (images, archives) are left out. A file that is not understood, or
    can't be read, is a `Problem`, never a crash. Raises BibliographyError where there is no such
    folder.
    """
    if not folder.is_dir():
        raise BibliographyError(
            message("error.bibliography.none"),
            where=folder,
            hint=message("hint.put-files"),
        )
    corrections = _read_corrections(folder)
    readings = ReadingCache(cache)
    roles = RoleLookup(_find_lines(folder, corrections, readings))
    files: list[SourceFile] = []
    bibliography = gather(
        _read_files(folder, roles, files, readings),
        corrections,
        identify=lambda references: identify(references, name_bibliographies(files)),
        rules=rules,
    )
    readings.remove_others()
    unused = unused_roles(corrections, [line for line in roles if line not in roles.used])
    problems, accepted = accept_problems(
        (*bibliography.problems, *unused), corrections.accepted, partial(read_line, folder)
    )
    return replace(
        bibliography,
        bibliography_of=name_bibliographies(files),
        problems=tuple(problems),
        left_out=+Counter({**bibliography.left_out, "accepted": accepted}),
    )


def accept_messages(folder: Path, accepted: Sequence[Accepted]) -> Path:
    """Add messages that a person accepts to the corrections file; give its path.

    The file is made where there is none; what it holds stays as it is written. Raises
    BibliographyError where it cannot be read as text or written.
    """
    paths = [folder / name for name in CORRECTIONS]
    path = next((one for one in paths if one.is_file()), paths[0])
    try:
        text = decode_text(path.read_bytes()) if path.is_file() else ""
        if text is None:
            raise BibliographyError(message("error.bibliography.corrections-no-text"), where=path)
        swap_in(path, render_accepted(text, accepted).encode())
    except OSError as error:
        raise BibliographyError(
            message("error.bibliography.corrections-unwritable", why=explain(error).what),
            where=path,
            hint=message("hint.accept-by-hand"),
        ) from error
    return path


def read_line(folder: Path, place: Place) -> str:
    """Read the line of a place as a person copies it, without its bullet; "" if there is none."""
    try:
        text = decode_text((folder / place.path).read_bytes()) or ""
    except OSError:  # told already: the file is not readable
        return ""
    lines = text.split("\n")
    return without_marker(normalise(lines[place.line - 1])) if place.line <= len(lines) else ""


def _find_lines(folder: Path, corrections: Corrections, cache: ReadingCache) -> Mapping[str, Role]:
    """Find the lines of the roles that are set by an identifier, by reading the files once more."""
    if not any(_IDENTIFIER.fullmatch(key) for key in corrections.roles):
        return corrections.roles
    known = RoleLookup(corrections.roles)
    first = gather(_read_files(folder, known, [], cache), corrections)
    lines = {one.id: [normalise(one.raw)] for one in first.references}
    lines |= {one.id: [*map(normalise, one.text.split("\n\n"))] for one in first.notes}
    return {line: role for key, role in corrections.roles.items() for line in lines.get(key, [key])}


def _read_files(
    folder: Path, roles: RoleLookup, files: list[SourceFile], cache: ReadingCache
) -> Iterator[Findings]:
    """Read one file after the other; what each says of itself is added to `files`."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in name.split("/")):
            continue
        # A folder of the bibliography may have its own list of what is withdrawn.
        if name in (*CORRECTIONS, SYNONYMS) or path.name.casefold() == WITHDRAWN:
            continue
        if _is_closed_folder(path):
            closed = message("problem.file-not-readable", why=message("problem.why.closed-folder"))
            yield Findings(problems=(Problem(said=closed, place=Place(path=name, line=1)),))
        if not (_may_be_file(path) and is_read(name)):
            continue
        payload, problem = _read_bytes(path, name)
        if problem:
            files.append(SourceFile(path=name))
            yield Findings(problems=(problem,))
            continue
        reading = cache.find(name, payload, roles)
        if reading is None:
            reading = _parse(name, payload, roles)
            cache.keep(name, payload, roles, reading)
        files.append(reading.source)
        roles.used |= reading.used
        yield reading.findings


def _parse(name: str, payload: bytes, roles: Mapping[str, Role]) -> FileReading:
    """Read a file by the reader of its format, with the roles that a person set for its lines."""
    # Here: the rules of all formats take .2 s to make, which a file read before needs not wait for.
    from indexer.bibliography.frontmatter import describe_file

    told = RoleLookup(roles)
    text = decode_text(payload)
    findings = parse_bytes(name, payload) if text is None else parse_file(name, text, told=told)
    return FileReading(
        source=describe_file(name, text or ""), findings=findings, used=frozenset(told.used)
    )


def _is_closed_folder(path: Path) -> bool:
    """Say whether a folder hides what it holds, which no listing would tell."""
    try:
        return path.is_dir() and not os.access(path, os.R_OK)
    except OSError:
        return False


def _may_be_file(path: Path) -> bool:
    """Say whether there is a file, or something in a folder that we may not look into."""
    try:
        return path.is_file()
    except OSError:  # reading it says why
        return True


def _read_bytes(path: Path, name: str) -> tuple[bytes, Problem | None]:
    try:
        return path.read_bytes(), None
    except OSError as error:
        said = message("problem.file-not-readable", why=error.strerror or str(error))
        return b"", Problem(said=said, place=Place(path=name, line=1))


def _read_corrections(folder: Path) -> Corrections:
    for name in CORRECTIONS:
        path = folder / name
        if path.is_file():
            payload, problem = _read_bytes(path, name)
            text = decode_text(payload)
            if text is None and not problem:
                return Corrections(problems=parse_bytes(name, payload).problems)
            return (
                Corrections(problems=(problem,))
                if problem
                else parse_corrections(text or "", path=name)
            )
    return NO_CORRECTIONS
