"""Read the text of EPUB, ODT and DOCX files, which are all XML in a zip.

Members are read up to a bound, whatever the zip promises of their size; entities and networks
are off in the XML parser.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

import lxml.etree

from indexer.extract.blocks import list_paragraphs, tidy_line
from indexer.extract.charset import clean_text, decode_markup
from indexer.extract.dates import parse_iso
from indexer.extract.markup import parse_markup
from indexer.model import Paragraph

MAX_MEMBER_BYTES: Final = 20_000_000
MAX_TOTAL_BYTES: Final = 60_000_000
MAX_CHAPTERS: Final = 1_000
W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
DC: Final = "{http://purl.org/dc/elements/1.1/}"
OPF: Final = "{http://www.idpf.org/2007/opf}"
META: Final = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
DCTERMS: Final = "{http://purl.org/dc/terms/}"


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


class _Members:
    """The files of a zip, within bounds."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = MAX_TOTAL_BYTES

    def read(self, name: str) -> bytes:
        bound = min(MAX_MEMBER_BYTES, self._left)
        with self._archive.open(name) as member:
            payload = member.read(bound + 1)
        if len(payload) > bound:
            raise DamagedOfficeError(f"{name} is larger than {bound} bytes")
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
    return OfficeReading(
        paragraphs=tuple(_docx_paragraphs(members.parse("word/document.xml"))),
        **_described(members.find("docProps/core.xml"), date=f"{DCTERMS}created"),
    )


def _docx_paragraphs(tree: Any) -> Iterator[Paragraph]:
    for each in tree.iter(f"{W}p"):
        pieces = []
        for part in each.iter(f"{W}t", f"{W}tab", f"{W}br"):
            pieces.append(part.text or "" if part.tag == f"{W}t" else " ")
        style = each.find(f"{W}pPr/{W}pStyle")
        name = (style.get(f"{W}val") or "").lower() if style is not None else ""
        is_heading = name.startswith(("heading", "titre", "title"))
        is_item = each.find(f"{W}pPr/{W}numPr") is not None
        if text := tidy_line("".join(pieces)):
            kind = "heading" if is_heading else "item" if is_item else "p"
            yield Paragraph(text=text, kind=kind)


def _odt(members: _Members) -> OfficeReading:
    tree = members.parse("content.xml")
    return OfficeReading(
        paragraphs=tuple(_odt_paragraphs(tree)),
        **_described(members.find("meta.xml"), date=f"{META}creation-date"),
    )


def _odt_paragraphs(tree: Any) -> Iterator[Paragraph]:
    for each in tree.iter(f"{TEXT}p", f"{TEXT}h"):
        for space in each.iter(f"{TEXT}s", f"{TEXT}tab", f"{TEXT}line-break"):
            space.tail = f" {space.tail or ''}"
        in_list = next(each.iterancestors(f"{TEXT}list-item"), None) is not None
        if text := tidy_line("".join(each.itertext())):
            kind = "heading" if each.tag == f"{TEXT}h" else "item" if in_list else "p"
            yield Paragraph(text=text, kind=kind)


def _epub(members: _Members) -> OfficeReading:
    container = members.parse("META-INF/container.xml")
    root = next(each.get("full-path") for each in container.iter() if each.get("full-path"))
    package = members.parse(root)
    href_by_id = {each.get("id"): each.get("href") for each in package.iter(f"{OPF}item")}
    folder = posixpath.dirname(root)
    paragraphs: list[Paragraph] = []
    for reference in list(package.iter(f"{OPF}itemref"))[:MAX_CHAPTERS]:
        href = href_by_id.get(reference.get("idref"))
        if href:
            chapter = members.read(posixpath.normpath(posixpath.join(folder, unquote(href))))
            tree = parse_markup(clean_text(decode_markup(chapter)[0]))
            body = tree.find("body") if tree is not None else None
            paragraphs.extend(list_paragraphs(body) if body is not None else ())
    return OfficeReading(paragraphs=tuple(paragraphs), **_described(package, date=f"{DC}date"))


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
