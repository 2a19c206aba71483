"""Read every file of a bibliography's folder; the files that people edit are the truth.

This is the room's only shell: it touches the disk and decides nothing about what it reads.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

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
from indexer.bibliography.reading_cache import FileReading, ReadingCache
from indexer.disk import explain, swap_in
from indexer.errors import BibliographyError
from indexer.messages import message
from indexer.model import (
    READING_RULES,
    Bibliography,
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


_IDENTIFIER = re.compile(r"[a-z0-9-]+")
# From references with their citation keys, and the bibliography of each file, to what they keep.
Identify = Callable[[Sequence[Reference], Mapping[str, str]], Sequence[Reference]]


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
        mode = path.stat().st_mode if path.exists() else 0o644
        swap_in(path, render_accepted(text, accepted).encode(), mode=mode)
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
