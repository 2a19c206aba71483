"""Read the text of EPUB, ODT and DOCX files, which are all XML in a zip.

Members are read up to a bound, whatever the zip promises of their size; entities and networks
are off in the XML parser.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

import lxml.etree

from indexer.extract.blocks import list_paragraphs, tidy_line
from indexer.extract.charset import clean_text, decode_markup
from indexer.extract.dates import parse_iso
from indexer.extract.markup import parse_markup
from indexer.messages import NOTHING, Message, message
from indexer.model import Paragraph

MAX_MEMBER_BYTES: Final = 20_000_000
MAX_TOTAL_BYTES: Final = 60_000_000
MAX_CHAPTERS: Final = 1_000
MAX_RATIO: Final = 250  # of a member's bytes to those it takes in the zip; prose has 3 to 20…
RATIO_FROM_BYTES: Final = 1_000_000  # …and small files of spaces harm nobody
W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
DC: Final = "{http://purl.org/dc/elements/1.1/}"
OPF: Final = "{http://www.idpf.org/2007/opf}"
META: Final = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
DCTERMS: Final = "{http://purl.org/dc/terms/}"
MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
CONTAINER: Final = "META-INF/container.xml"
SPACES: Final = frozenset({f"{TEXT}s", f"{TEXT}tab", f"{TEXT}line-break"})
# In a .docx: the notes that separate a note from the text are none.
NO_NOTES: Final = frozenset({"separator", "continuationSeparator", "continuationNotice"})


class DamagedOfficeError(Exception):
    """The zip, or the XML in it, cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeReading:
    """Hold the blocks of an office file and its metadata."""

    paragraphs: tuple[Paragraph, ...] = ()
    title: str = ""
    author: tuple[str, ...] = ()
    issued: str = ""
    language: str = ""
    annotations: tuple[str, ...] = ()  # what reviewers wrote beside the text
    cut: Message = NOTHING  # what of the file was not read, and why


class _Members:
    """The files of a zip, within bounds."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = MAX_TOTAL_BYTES

    def read(self, name: str) -> bytes:
        bound = min(MAX_MEMBER_BYTES, self._left)
        packed = self._archive.getinfo(name).compress_size
        if packed * MAX_RATIO < bound:
            bound = max(RATIO_FROM_BYTES, packed * MAX_RATIO)
        with self._archive.open(name) as member:
            payload = member.read(bound + 1)
        if len(payload) > bound:
            raise DamagedOfficeError(f"{name} unfolds to more than {bound} bytes")
        self._left -= len(payload)
        return payload

    def parse(self, name: str) -> Any:
        parser = lxml.etree.XMLParser(
            resolve_entities=False, no_network=True, recover=True, huge_tree=False
        )
        tree = lxml.etree.fromstring(self.read(name), parser=parser)
        if tree is None:
            raise DamagedOfficeError(f"{name} holds no XML")
        return tree

    def names(self) -> list[str]:
        return self._archive.namelist()

    def find(self, name: str) -> Any:
        """The parsed member, or an empty element when there is none."""
        is_there = name in self._archive.namelist()
        return self.parse(name) if is_there else lxml.etree.Element("nothing")


def read_docx(payload: bytes) -> OfficeReading:
    """A Word document (ECMA-376). Raises `DamagedOfficeError`."""
    return _read(payload, _docx)


def read_odt(payload: bytes) -> OfficeReading:
    """An OpenDocument text (ISO/IEC 26300). Raises `DamagedOfficeError`."""
    return _read(payload, _odt)


def read_epub(payload: bytes) -> OfficeReading:
    """An EPUB book (EPUB 3.3), chapters in the order of its spine. Raises `DamagedOfficeError`."""
    return _read(payload, _epub)


def _read(payload: bytes, reader: Any) -> OfficeReading:
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            reading: OfficeReading = reader(_Members(archive))
            return reading
    except (
        zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lxml.etree.LxmlError, KeyError,
        EOFError, OSError, ValueError, RuntimeError, NotImplementedError, StopIteration,
    ) as error:  # fmt: skip
        raise DamagedOfficeError(str(error)) from error


def _docx(members: _Members) -> OfficeReading:
    notes = [
        paragraph
        for name in ("footnotes", "endnotes")
        for note in members.find(f"word/{name}.xml").iter(f"{W}{name[:-1]}")
        if note.get(f"{W}type") not in NO_NOTES
        for paragraph in _docx_paragraphs(note, kind="note")
    ]
    comments = members.find("word/comments.xml")
    return OfficeReading(
        paragraphs=(*_docx_paragraphs(members.parse("word/document.xml")), *notes),
        annotations=tuple(each.text for each in _docx_paragraphs(comments)),
        **_described(members.find("docProps/core.xml"), date=f"{DCTERMS}created"),
    )


def _docx_paragraphs(tree: Any, *, kind: str = "") -> Iterator[Paragraph]:
    """Read the paragraphs of a tree; those of a text box stand behind the one that holds it.

    Word writes a text box twice, for itself and for older programs (`mc:Fallback`).
    """
    for fallback in list(tree.iter(f"{MC}Fallback")):
        fallback.getparent().remove(fallback)
    pieces: dict[Any, list[str]] = {each: [] for each in tree.iter(f"{W}p")}
    for part in tree.iter(f"{W}t", f"{W}tab", f"{W}br"):
        holder = next(part.iterancestors(f"{W}p"), None)
        if holder is not None:
            pieces[holder].append(part.text or "" if part.tag == f"{W}t" else " ")
    for paragraph, texts in pieces.items():
        if text := tidy_line("".join(texts)):
            yield Paragraph(text=text, kind=kind or _docx_kind(paragraph))


def _docx_kind(paragraph: Any) -> str:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    name = (style.get(f"{W}val") or "").lower() if style is not None else ""
    if name.startswith(("heading", "titre", "title")):
        return "heading"
    return "item" if paragraph.find(f"{W}pPr/{W}numPr") is not None else "p"


def _odt(members: _Members) -> OfficeReading:
    tree = members.parse("content.xml")
    annotations = _take_out(tree, f"{OFFICE}annotation")
    _take_out(tree, f"{TEXT}tracked-changes")  # what was deleted
    for citation in list(tree.iter(f"{TEXT}note-citation")):
        citation.text = ""
    notes = _take_out(tree, f"{TEXT}note")
    return OfficeReading(
        paragraphs=(*_odt_paragraphs(tree), *_odt_list(notes, kind="note")),
        annotations=tuple(each.text for each in _odt_list(annotations)),
        **_described(members.find("meta.xml"), date=f"{META}creation-date"),
    )


def _take_out(tree: Any, tag: str) -> list[Any]:
    """Take the elements of a tag out of a tree, what follows each left in; gives them."""
    found = list(tree.iter(tag))
    for element in found:
        tail, element.tail = element.tail, None
        parent, before = element.getparent(), element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + (tail or "")
        else:
            parent.text = (parent.text or "") + (tail or "")
        parent.remove(element)
    return found


def _odt_list(elements: Iterable[Any], *, kind: str = "") -> list[Paragraph]:
    return [paragraph for each in elements for paragraph in _odt_paragraphs(each, kind=kind)]


def _odt_paragraphs(tree: Any, *, kind: str = "") -> Iterator[Paragraph]:
    """Read the paragraphs of a tree; those of a text box stand behind the one that holds it."""
    pieces: dict[Any, list[str]] = {each: [] for each in tree.iter(f"{TEXT}p", f"{TEXT}h")}
    open_blocks: list[Any] = []
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end")):
        if element in pieces:
            open_blocks = [*open_blocks, element] if event == "start" else open_blocks[:-1]
        if not open_blocks:
            continue
        if event == "start":
            space = " " if element.tag in SPACES else ""
            pieces[open_blocks[-1]].append(element.text or space)
        elif element is not tree:
            pieces[open_blocks[-1]].append(element.tail or "")
    for block, texts in pieces.items():
        in_list = next(block.iterancestors(f"{TEXT}list-item"), None) is not None
        if text := tidy_line("".join(texts)):
            own = "heading" if block.tag == f"{TEXT}h" else "item" if in_list else "p"
            yield Paragraph(text=text, kind=kind or own)


def _epub(members: _Members) -> OfficeReading:
    containers = [name for name in members.names() if name.endswith(CONTAINER)]
    container = members.parse(min(containers, key=len, default=CONTAINER))
    top = min(containers, key=len, default=CONTAINER).removesuffix(CONTAINER)  # "" or a folder
    path = next(each.get("full-path") for each in container.iter() if each.get("full-path"))
    package = members.parse(top + path)
    href_by_id = {each.get("id"): each.get("href") for each in package.iter(f"{OPF}item")}
    folder = posixpath.dirname(top + path)
    paragraphs: list[Paragraph] = []
    spine = list(package.iter(f"{OPF}itemref"))
    there = set(members.names())
    missing = 0
    for reference in spine[:MAX_CHAPTERS]:
        href = href_by_id.get(reference.get("idref"))
        place = unquote((href or "").split("#")[0])
        name = posixpath.normpath(posixpath.join(folder, place)) if place else ""
        if name not in there:
            missing += 1
            continue
        tree = parse_markup(clean_text(decode_markup(members.read(name))[0]))
        body = tree.find("body") if tree is not None else None
        paragraphs.extend(list_paragraphs(body) if body is not None else ())
    if spine and missing == len(spine):
        raise DamagedOfficeError("none of its chapters is in it")
    lost = missing + max(0, len(spine) - MAX_CHAPTERS)
    return OfficeReading(
        paragraphs=tuple(paragraphs),
        cut=message("evidence.chapters", count=lost, chapters=len(spine)) if lost else NOTHING,
        **_described(package, date=f"{DC}date"),
    )


def _described(tree: Any, *, date: str) -> dict[str, Any]:
    """Read the metadata of a Dublin Core description."""

    def texts(tag: str) -> list[str]:
        return [text for each in tree.iter(tag) if (text := tidy_line(each.text or ""))]

    return {
        "title": next(iter(texts(f"{DC}title")), ""),
        "author": tuple(texts(f"{DC}creator")),
        "issued": next(filter(None, map(parse_iso, texts(date))), ""),
        "language": next(iter(texts(f"{DC}language")), ""),
    }
