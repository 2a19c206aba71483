"""The identity of texts and notes: the names by which each is known, and which one it keeps.

A text is what it is: its DOI, else its urlkey, else its citation key within its bibliography. The
first citation key that it was given stays its id, whatever is mended in the files later; every
other name is an alias of that one. Names are written with their kind: "id besson-2014-tiers",
"doi 10.1234/abc", "url fr,urbanews)/2014/tiers".
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

# What files in no folder of their own form: the name of the folder that holds them all.
ROOT: Final = "bibliography"

DOI_BEGINS: Final = r"10\.\d{4,9}/"  # a regular expression
_DOI: Final = re.compile(
    r"^(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|(?:info:)?doi[:/]?\s*)?"
    rf"({DOI_BEGINS}\S+)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The register's entry of a text or a note that was given an id: its names and metadata.

    `merged_into` is the id of the text that it turned out to be; what is gone has a `gone_on`.
    """

    id: str
    is_note: bool = False
    names: tuple[str, ...] = ()  # each leads to one identity and no other; that of the id is first
    key: str = ""  # of a text: its citation key as the files have it now
    title: str = ""
    author: str = ""
    issued: str = ""  # EDTF
    url: str = ""  # without credentials
    bibliographies: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()  # of a note: the ids of the texts that it cites
    digest: str = ""  # of a note: of its words
    sketch: tuple[int, ...] = ()  # of a note: what tells how many words another one shares with it
    merged_into: str = ""
    gone_on: str = ""  # ISO 8601; "" as long as the bibliography has it


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file of the bibliography: what it says of itself before the first reference."""

    path: str  # relative to the bibliography's folder, with "/"
    title: str = ""
    is_reference: bool = False  # its front matter describes one reference
    is_folder_page: bool = False  # it speaks for its folder: index.md, README.md


def name_id(text: str) -> str:
    """Write an id, or a citation key, as a name."""
    return f"id {text.casefold()}"


def is_id(name: str) -> bool:
    """Say whether a name is that of an id or of a citation key, which proves nothing of a text."""
    return name.startswith("id ")


def name_url(urlkey: str) -> str:
    """Write the urlkey of an address as a name."""
    return f"url {urlkey}"


def name_doi(text: str) -> str:
    """Write a DOI as a name, however it is given: bare, "doi:…", an address; "" for none.

    >>> name_doi("https://doi.org/10.1234/ABC")
    'doi 10.1234/abc'
    """
    match = _DOI.match(text.strip())
    return f"doi {match[1].casefold()}" if match else ""


def give_doi_address(doi: str) -> str:
    """Give the address at which a DOI is answered; "" for none.

    >>> give_doi_address("10.5555/a#b")
    'https://doi.org/10.5555/a%23b'
    """
    return f"https://doi.org/{quote(doi, safe='/:;()._-')}" if doi else ""


def name_bibliographies(files: Iterable[SourceFile]) -> Mapping[str, str]:
    """Name the bibliography of each file, by its path.

    A bibliography is a folder with a title, else a file: named by its title, else by its path
    without the ending. Files that describe one reference each form one bibliography with those in
    subfolders: their top folder. Two bibliographies of one name are named by their paths.

    >>> name_bibliographies([SourceFile(path="a.txt"), SourceFile(path="b/c.md", title="Veille")])
    {'a.txt': 'a', 'b/c.md': 'Veille'}
    """
    known = list(files)
    titles = {_folder(each.path): each.title for each in known if each.is_folder_page}
    tops = {_folder(each.path) for each in known if each.is_reference}
    homes: dict[str, tuple[str, str]] = {}  # path of a file -> path of its bibliography, title
    for each in known:
        folders = _list_folders(each.path)
        titled = next((folder for folder in folders if titles.get(folder)), None)
        top = next((folder for folder in folders if folder in tops), None)
        if each.is_reference and (titled is None or len(top or "") < len(titled)):
            # Of "veille/2024/a.md" alone too, the top folder is "veille".
            home = "" if top in ("", None) else folders[1]
            homes[each.path] = (home, titles.get(home, ""))
        elif titled is not None:
            homes[each.path] = (titled, titles[titled])
        else:
            homes[each.path] = (each.path, each.title)
    return _tell_apart(homes)


def _tell_apart(homes: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Name bibliographies as shortly as tells them apart."""
    ways = {
        home: (title, str(PurePosixPath(home).with_suffix("")) if home in homes else home, home)
        for home, title in homes.values()
    }
    names: dict[str, str] = {}
    for home, (title, stem, path) in ways.items():
        taken = [(other[0] or other[1], other[1]) for key, other in ways.items() if key != home]
        short = title or stem
        if short and short not in (name for name, _ in taken):
            names[home] = short
        else:
            names[home] = stem if stem and stem not in (name for _, name in taken) else path
    return {path: names[home] or ROOT for path, (home, _) in homes.items()}


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _list_folders(path: str) -> list[str]:
    """List the folders that a file is in, the outermost first: "", "a", "a/b" for "a/b/c.md"."""
    parts = path.split("/")[:-1]
    return ["", *("/".join(parts[: count + 1]) for count in range(len(parts)))]


def rename_note(note_id: str, withdrawn: Iterable[str]) -> str:
    """Make the id under which a note is shown that cites withdrawn texts, by all of their ids.

    The id of a note is made of the reference that it cites ("note-durand-2015-titre"): an author
    and a title. A note so named gets another name, made of that one, so that its address of
    before can still be answered.
    """
    named_after = (f"note-{key}" for key in withdrawn)
    if any(note_id == name or note_id.startswith(f"{name}-") for name in named_after):
        return hash_note(note_id)
    return note_id


def hash_note(note_id: str) -> str:
    """Find the other name of a note."""
    return f"note-{hashlib.sha256(note_id.encode()).hexdigest()[:12]}"
