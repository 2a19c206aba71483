"""Read and write the formats of bibliographic records, each in a module of its own.

    format                   what a format is, what every written field needs, the names of types
    bibtex, csl, ris, mods   one each; Dublin Core beside MODS
    zotero, zotero_files     Zotero's items; its database and its RDF, which hold such items
    saved_pages, bookmarks   lists of links: Hypothesis, Wallabag, Pocket, browsers, OPML
    text_documents           DOCX and ODT, read as pages
    styled                   references as people cite them: ISO 690, Chicago, APA, MLA

To add a format, write its module and name its `Format` below: the command, the pages, unAPI,
the reader of a bibliography's folder and the tests go through `FORMATS` and `list_readable`. A
module is imported when its format is first asked for: all of them take .1 s.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from indexer.model import Bibliography

if TYPE_CHECKING:
    from indexer.bibliography.formats.format import Format

__all__ = ["EXPORTS", "FORMATS", "find_bytes_format", "find_format", "list_readable", "uncited"]

# Read and written, in the order in which the pages offer them: name -> module, its Format there.
_WRITTEN: Final = MappingProxyType(
    {
        "ris": ("ris", "RIS"),
        "bibtex": ("bibtex", "BIBTEX"),
        "csl-json": ("csl", "CSL_JSON"),
        "csl-yaml": ("csl", "CSL_YAML"),
        "mods": ("mods", "MODS"),
        "oai_dc": ("mods", "OAI_DC"),
    }
)
_READ_ONLY: Final = (
    ("zotero_files", "ZOTERO_RDF"),
    ("zotero_files", "ZOTERO_SQLITE"),
    ("bookmarks", "BOOKMARKS"),
    ("bookmarks", "OPML"),
    ("saved_pages", "LINKS_CSV"),
    ("text_documents", "DOCUMENT"),
)
_CITED: Final = ("iso690", "chicago", "apa", "mla")  # references to read, of `styled.STYLED`


class _Formats(Mapping[str, "Format"]):
    """Formats by name, each imported when it is asked for."""

    def __init__(self, places: Mapping[str, tuple[str, str]]) -> None:
        """Take the module of each, and what holds the format there."""
        self._places = places

    def __getitem__(self, name: str) -> "Format":
        """Give the format of a name. Raises KeyError where there is none."""
        held: Format | Mapping[str, Format] = _load(*self._places[name])
        return held[name] if isinstance(held, Mapping) else held

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._places)

    def __len__(self) -> int:
        """Count the formats."""
        return len(self._places)


def _load(module: str, constant: str) -> Any:
    return getattr(import_module(f"{__name__}.{module}"), constant)


# What is written, by its name: by the pages, by the command.
FORMATS: Final[Mapping[str, "Format"]] = _Formats(_WRITTEN)
EXPORTS: Final[Mapping[str, "Format"]] = _Formats(
    {**_WRITTEN, **dict.fromkeys(_CITED, ("styled", "STYLED"))}
)


@cache
def list_readable() -> "tuple[Format, ...]":
    """List the formats that are read."""
    registered = (*FORMATS.values(), *(_load(*place) for place in _READ_ONLY))
    return tuple(one for one in registered if one.parse or one.parse_bytes)


def find_format(extension: str, text: str) -> "Format | None":
    """Find the format that reads a text: by its file's ending, else by how it begins.

    `extension` is in lower case, without a dot; "" for a file that has none.
    """
    named = [one for one in list_readable() if one.parse and extension in one.extensions]
    begun = [one for one in list_readable() if one.signature and one.signature.match(text)]
    told = [one for one in named if one in begun]
    sure = [one for one in named if not one.needs_signature]
    return next(iter([*told, *sure] or ([] if named else begun)), None)


def find_bytes_format(payload: bytes) -> "Format | None":
    """Find the format that reads a file which is no text, by how its bytes begin."""
    return next(
        (one for one in list_readable() if one.magic and payload.startswith(one.magic)), None
    )


def uncited(bibliography: Bibliography) -> int:
    """Count the notes that cite nothing, and so are in no export."""
    citing = {citation.note_id for citation in bibliography.citations}
    return sum(note.id not in citing for note in bibliography.notes)
