"""Read and write the formats of bibliographic records, each in a module of its own.

    format                   what a format is, what every written field needs, the names of types
    bibtex, csl, ris, mods   one each; Dublin Core beside MODS
    zotero, zotero_files     Zotero's items; its database and its RDF, which hold such items
    saved_pages, bookmarks   lists of links: Hypothesis, Wallabag, Pocket, browsers, OPML
    text_documents           DOCX and ODT, read as pages
    styled                   references as people cite them: ISO 690, Chicago, APA, MLA

To add a format, write its module and list its `Format` below: the command, the pages, unAPI,
the reader of a bibliography's folder and the tests go through `FORMATS` and `READABLE`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from indexer.bibliography.formats.bibtex import BIBTEX
from indexer.bibliography.formats.bookmarks import BOOKMARKS, OPML
from indexer.bibliography.formats.csl import CSL_JSON, CSL_YAML
from indexer.bibliography.formats.format import Format
from indexer.bibliography.formats.mods import MODS, OAI_DC
from indexer.bibliography.formats.ris import RIS
from indexer.bibliography.formats.saved_pages import LINKS_CSV
from indexer.bibliography.formats.text_documents import DOCUMENT
from indexer.bibliography.formats.zotero_files import ZOTERO_RDF, ZOTERO_SQLITE
from indexer.model import Bibliography

__all__ = ["FORMATS", "READABLE", "Format", "find_bytes_format", "find_format", "uncited"]

_REGISTERED: Final = (
    # Read and written, in the order in which the pages offer them.
    RIS, BIBTEX, CSL_JSON, CSL_YAML, MODS, OAI_DC,
    # Read only.
    ZOTERO_RDF, ZOTERO_SQLITE, BOOKMARKS, OPML, LINKS_CSV, DOCUMENT,
)  # fmt: skip

# What is written, by its name.
FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {one.name: one for one in _REGISTERED if one.render_record is not None}
)
READABLE: Final = tuple(one for one in _REGISTERED if one.parse or one.parse_bytes)


def find_format(extension: str, text: str) -> Format | None:
    """Find the format that reads a text: by its file's ending, else by how it begins.

    `extension` is in lower case, without a dot; "" for a file that has none.
    """
    named = [one for one in READABLE if one.parse and extension in one.extensions]
    begun = [one for one in READABLE if one.signature and one.signature.match(text)]
    told = [one for one in named if one in begun]
    sure = [one for one in named if not one.needs_signature]
    return next(iter([*told, *sure] or ([] if named else begun)), None)


def find_bytes_format(payload: bytes) -> Format | None:
    """Find the format that reads a file which is no text, by how its bytes begin."""
    return next((one for one in READABLE if one.magic and payload.startswith(one.magic)), None)


def uncited(bibliography: Bibliography) -> int:
    """Count the notes that cite nothing, and so are in no export."""
    citing = {citation.note_id for citation in bibliography.citations}
    return sum(note.id not in citing for note in bibliography.notes)
