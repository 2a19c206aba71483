"""Read every file of a bibliography's folder; the files that people edit are the truth.

This is the room's only shell: it touches the disk and decides nothing about what it reads.
"""

from collections.abc import Iterator
from pathlib import Path

from indexer.bibliography.annotated import read_annotated
from indexer.bibliography.findings import Findings
from indexer.bibliography.gathering import gather
from indexer.bibliography.plaintext import parse_blocks
from indexer.errors import BibliographyError
from indexer.model import Bibliography


def read_bibliography(folder: Path) -> Bibliography:
    """Read all the files of a folder, in the order of their names, into one Bibliography.

    A file that is not understood is a `Problem`, never a crash. Raises BibliographyError where
    there is no such folder, or no file in it.
    """
    if not folder.is_dir():
        raise BibliographyError(
            "no such folder of bibliography",
            where=folder,
            hint="Put the files of the bibliography there.",
        )
    return gather(_read_files(folder))


def _read_files(folder: Path) -> Iterator[Findings]:
    for path in sorted(folder.rglob("*.txt")):
        yield read_annotated(
            parse_blocks(path.read_text("utf-8")), path=path.relative_to(folder).as_posix()
        )
