"""Read and write the formats of bibliographic records, each in a module of its own.

    format           what a format is
    bibtex, csl, ris, mods, dublin_core      one each; csl_values: the values of a CSL item
    types, fields    the names of CSL's types in other formats; what every written field needs

To add a format, write its module and list its `Format` below: the command, the pages, unAPI,
the reader of a bibliography's folder and the tests go through `FORMATS`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from indexer.bibliography.formats.bibtex import BIBTEX
from indexer.bibliography.formats.csl import CSL_JSON, CSL_YAML
from indexer.bibliography.formats.dublin_core import OAI_DC
from indexer.bibliography.formats.format import Format
from indexer.bibliography.formats.mods import MODS
from indexer.bibliography.formats.ris import RIS
from indexer.model import Bibliography

__all__ = ["FORMATS", "Format", "find_by_extension", "find_by_signature", "uncited"]

# In the order in which the pages offer them.
_REGISTERED: Final = (RIS, BIBTEX, CSL_JSON, CSL_YAML, MODS, OAI_DC)

FORMATS: Final[Mapping[str, Format]] = MappingProxyType({one.name: one for one in _REGISTERED})
_READABLE: Final = tuple(one for one in _REGISTERED if one.parse is not None)


def find_by_extension(extension: str) -> Format | None:
    """Find the format that reads files of this ending ("bib", in lower case, without a dot)."""
    return next((one for one in _READABLE if extension in one.extensions), None)


def find_by_signature(text: str) -> Format | None:
    """Find the format that reads a file by how its text begins, whatever the file is called."""
    return next((one for one in _READABLE if one.signature and one.signature.match(text)), None)


def uncited(bibliography: Bibliography) -> int:
    """Count the notes that cite nothing, and so are in no export."""
    citing = {citation.note_id for citation in bibliography.citations}
    return sum(note.id not in citing for note in bibliography.notes)
