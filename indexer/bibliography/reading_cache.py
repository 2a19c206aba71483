"""Keep how each file of a bibliography was read, so that only files that changed are read again.

A file of JSON for each file of the bibliography, in a folder of the corpus. Its first line holds
two digests: of what was read (the bytes, the file's name, the roles that a person set, the version
of the readers), and of the rest. One that is damaged, stale or not there is read anew and written
again; a folder that can't be written only costs time.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from indexer.bibliography.findings import Findings
from indexer.disk import swap_in
from indexer.messages import parse_json, render_json
from indexer.model import Entry, EntryKind, Name, Note, Place, Problem, Reference, SourceFile

# To be raised when a file is read otherwise than before: what is kept is then read again.
# `python -m tests.golden` says when.
READING_VERSION: Final = 2
_ENCODING: Final = ("utf-8", "surrogatepass")  # JSON can hold half of a surrogate pair
_NAMES: Final = ("author", "editor", "translator")
_TEXTS: Final = ("section", "keyword", "aliases", "cited_in")


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
