"""Read every file of a bibliography's folder; the files that people edit are the truth.

This is the room's only shell: it touches the disk and decides nothing about what it reads.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from indexer.bibliography.corrections import NO_CORRECTIONS, Corrections, parse_corrections
from indexer.bibliography.encoding import decode_text
from indexer.bibliography.findings import Findings
from indexer.bibliography.frontmatter import describe_file
from indexer.bibliography.gathering import gather
from indexer.bibliography.readers import is_read, parse_bytes, parse_file
from indexer.errors import BibliographyError
from indexer.messages import message
from indexer.model import (
    Bibliography,
    Place,
    Problem,
    Reference,
    SourceFile,
    name_bibliographies,
)

CORRECTIONS = ("corrections.yaml", "corrections.yml")
# Beside the bibliography and no part of it: who reads `indexer.withdrawals` reads this.
WITHDRAWN = "withdrawn.txt"
SYNONYMS = "synonymes.txt"  # who reads `indexer.search.synonyms` reads this


# From references with their citation keys, and the bibliography of each file, to what they keep.
Identify = Callable[[Sequence[Reference], Mapping[str, str]], Sequence[Reference]]


def read_bibliography(
    folder: Path, *, identify: Identify = lambda references, _: references
) -> Bibliography:
    """Read all the files of a folder, in the order of their names, into one Bibliography.

    `identify` gives references the ids that they keep; without it these are their citation keys.
    Files of several formats and encodings may stand together; hidden ones and those that are
    plainly something else's (images, archives) are left out. A file that is not understood, or
    can't be read, is a `Problem`, never a crash. Raises BibliographyError where there is no such
    folder.
    """
    if not folder.is_dir():
        raise BibliographyError(
            "there is no bibliography here",
            where=folder,
            hint="Put the files of the bibliography there (.txt, .md, .html, .bib, .ris…).",
        )
    corrections = _read_corrections(folder)
    files: list[SourceFile] = []
    bibliography = gather(
        _read_files(folder, corrections, files),
        corrections,
        identify=lambda references: identify(references, name_bibliographies(files)),
    )
    return replace(bibliography, bibliography_of=name_bibliographies(files))


def _read_files(
    folder: Path, corrections: Corrections, files: list[SourceFile]
) -> Iterator[Findings]:
    """Read one file after the other; what each says of itself is added to `files`."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in name.split("/")):
            continue
        if name in (*CORRECTIONS, WITHDRAWN, SYNONYMS):
            continue
        if _is_closed_folder(path):
            closed = message("problem.file-not-readable", why=message("problem.why.closed-folder"))
            yield Findings(problems=(Problem(said=closed, place=Place(path=name, line=1)),))
        if not (_may_be_file(path) and is_read(name)):
            continue
        payload, problem = _read_bytes(path, name)
        text = None if problem else decode_text(payload)
        files.append(describe_file(name, text or ""))
        if problem:
            yield Findings(problems=(problem,))
        elif text is None:
            yield parse_bytes(name, payload)
        else:
            yield parse_file(name, text, told=corrections.roles)


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
