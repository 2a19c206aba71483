"""Read the text of EPUB, ODT, DOCX and PPTX files, which are XML in a zip, and of old Word files.

Members are read up to a bound, whatever the zip promises of their size; entities and networks
are off in the XML parser.
"""

import contextlib
import io
import os
import posixpath
import resource
import shutil
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import lxml.etree

from indexer.disk import explain
from indexer.extract.article import MAX_TEXT
from indexer.extract.blocks import cut_markup, list_paragraphs, parse_markup, tidy_line
from indexer.extract.dates import parse_iso
from indexer.extract.payload import clean_text, decode_markup
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
P: Final = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
NO_TEXT_PLACES: Final = frozenset({"dt", "ftr", "hdr", "sldNum", "sldImg"})
SPACES: Final = frozenset({f"{TEXT}s", f"{TEXT}tab", f"{TEXT}line-break"})
# In a .docx: the notes that separate a note from the text are none.
NO_NOTES: Final = frozenset({"separator", "continuationSeparator", "continuationNotice"})


class DamagedOfficeError(Exception):
    """The zip, or the XML in it, cannot be read; `why` says it."""

    def __init__(self, why: Message) -> None:
        """Take what is wrong with the file."""
        super().__init__(str(why))
        self.why = why


class OversizedOfficeError(DamagedOfficeError):
    """Something in the zip unfolds to more than is read: it may be whole all the same."""


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
            raise OversizedOfficeError(
                message(
                    "evidence.office.unfolds",
                    name=name,
                    bytes=message("cli.count.bytes", count=bound),
                )
            )
        self._left -= len(payload)
        return payload

    def parse(self, name: str) -> Any:
        parser = lxml.etree.XMLParser(
            resolve_entities=False, no_network=True, recover=True, huge_tree=False
        )
        tree = lxml.etree.fromstring(self.read(name), parser=parser)
        if tree is None:
            raise DamagedOfficeError(message("evidence.office.no-xml", name=name))
        return tree

    def stream(self, name: str, *tags: str) -> Iterator[Any]:
        """Give the outermost elements of some tags, one after the other, each until the next.

        What was given, and what stands before it, leaves the tree: all of a book's is 300 MB.
        """
        depth = 0
        events = lxml.etree.iterparse(
            io.BytesIO(self.read(name)),
            events=("start", "end"),
            tag=tags,
            resolve_entities=False,
            no_network=True,
            recover=True,
            huge_tree=False,
        )
        for event, element in events:
            depth += 1 if event == "start" else -1
            if event == "start" or depth:
                continue
            yield element
            element.clear(keep_tail=False)
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
        if events.root is None:
            raise DamagedOfficeError(message("evidence.office.no-xml", name=name))

    def names(self) -> list[str]:
        return self._archive.namelist()

    def find(self, name: str) -> Any:
        """Give the parsed member, or an empty element when there is none."""
        is_there = name in self._archive.namelist()
        return self.parse(name) if is_there else lxml.etree.Element("nothing")


def read_docx(payload: bytes) -> OfficeReading:
    """Read a Word document (ECMA-376). Raises `DamagedOfficeError`."""
    return _read(payload, _docx)


def read_pptx(payload: bytes) -> OfficeReading:
    """Read a presentation (ECMA-376), the speaker's notes behind the slides.

    Raises `DamagedOfficeError`.
    """
    return _read(payload, _pptx)


def read_odt(payload: bytes) -> OfficeReading:
    """Read an OpenDocument text (ISO/IEC 26300). Raises `DamagedOfficeError`."""
    return _read(payload, _odt)


def read_epub(payload: bytes) -> OfficeReading:
    """Read an EPUB 3.3 book, chapters in the order of its spine. Raises `DamagedOfficeError`."""
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
        raise DamagedOfficeError(_explain(error)) from error


def _explain(error: Exception) -> Message:
    """Say which part of a file can't be read, without the words of the library that met it."""
    if isinstance(error, KeyError | StopIteration):
        return message("evidence.office.incomplete")
    is_markup = isinstance(error, lxml.etree.LxmlError | ValueError)
    return message("evidence.office.markup" if is_markup else "evidence.office.zip")


def _docx(members: _Members) -> OfficeReading:
    there = set(members.names())
    text = _docx_blocks(members, "word/document.xml", f"{W}p")
    notes = chain.from_iterable(
        _docx_blocks(members, f"word/{name}s.xml", f"{W}{name}", kind="note")
        for name in ("footnote", "endnote")
        if f"word/{name}s.xml" in there
    )
    comments = members.find("word/comments.xml")
    return OfficeReading(
        paragraphs=bound_length(chain(text, notes)),
        annotations=tuple(each.text for each in _docx_paragraphs(comments)),
        **_described(members.find("docProps/core.xml"), date=f"{DCTERMS}created"),
    )


def bound_length(paragraphs: Iterable[Paragraph]) -> tuple[Paragraph, ...]:
    """Take paragraphs until an article is full, and one more, by which `bound_text` tells it."""
    taken: list[Paragraph] = []
    room = MAX_TEXT
    for paragraph in paragraphs:
        taken.append(paragraph)
        room -= len(paragraph.text)
        if room < 0:
            break
    return tuple(taken)


def _docx_blocks(members: _Members, name: str, tag: str, *, kind: str = "") -> Iterator[Paragraph]:
    """Read the paragraphs of a member, outermost element after outermost element of a tag."""
    for element in members.stream(name, tag):
        is_copy = next(element.iterancestors(f"{MC}Fallback"), None) is not None
        if not is_copy and element.get(f"{W}type") not in NO_NOTES:
            yield from _docx_paragraphs(element, kind=kind)


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


def _pptx(members: _Members) -> OfficeReading:
    """Read the slides in the order of the presentation, each paragraph with its slide's number."""
    places = _relations(members, "ppt/presentation.xml")
    listed = members.parse("ppt/presentation.xml").iter(f"{P}sldId")
    slides = [places.get(each.get(f"{R}id"), "") for each in listed]
    paragraphs: list[Paragraph] = []
    notes: list[Paragraph] = []
    there = set(members.names())
    for number, slide in enumerate(slides[:MAX_CHAPTERS], 1):
        if slide not in there:
            continue
        paragraphs.extend(_pptx_paragraphs(members.parse(slide), number, kind="p"))
        for place in _relations(members, slide).values():
            if posixpath.basename(place).startswith("notesSlide") and place in there:
                notes.extend(_pptx_paragraphs(members.parse(place), number, kind="note"))
    lost = sum(slide not in there for slide in slides) + max(0, len(slides) - MAX_CHAPTERS)
    said = message("evidence.chapters", count=lost, chapters=len(slides)) if lost else NOTHING
    return OfficeReading(
        paragraphs=(*paragraphs, *notes),
        cut=said,
        **_described(members.find("docProps/core.xml"), date=f"{DCTERMS}created"),
    )


def _relations(members: _Members, name: str) -> dict[str | None, str]:
    """Map the relations of a part of an Open Packaging file to the members that they name."""
    folder, base = posixpath.split(name)
    relations = members.find(f"{folder}/_rels/{base}.rels")
    return {
        each.get("Id"): posixpath.normpath(posixpath.join("/", folder, each.get("Target", "")))[1:]
        for each in relations
        if isinstance(each.tag, str) and each.get("TargetMode") != "External"
    }


def _pptx_paragraphs(tree: Any, number: int, *, kind: str) -> Iterator[Paragraph]:
    """Read the paragraphs of a slide, or of its notes (`kind`): not its date, nor its number."""
    for fallback in list(tree.iter(f"{MC}Fallback")):
        fallback.getparent().remove(fallback)
    for paragraph in tree.iter(f"{A}p"):
        shape = next(paragraph.iterancestors(f"{P}sp"), None)
        place = shape.find(f".//{P}nvPr/{P}ph") if shape is not None else None
        role = place.get("type", "body") if place is not None else ""
        if role in NO_TEXT_PLACES:
            continue
        parts = paragraph.iter(f"{A}t", f"{A}br")
        text = tidy_line("".join(part.text or "" if part.tag == f"{A}t" else " " for part in parts))
        if text:
            is_title = kind == "p" and role in ("title", "ctrTitle")
            yield Paragraph(text=text, kind="heading" if is_title else kind, page=number)


def _odt(members: _Members) -> OfficeReading:
    annotations: list[Paragraph] = []
    notes: list[Paragraph] = []
    paragraphs = bound_length(_odt_blocks(members, annotations, notes))
    return OfficeReading(
        paragraphs=bound_length((*paragraphs, *notes)),
        annotations=tuple(each.text for each in annotations),
        **_described(members.find("meta.xml"), date=f"{META}creation-date"),
    )


def _odt_blocks(
    members: _Members, annotations: list[Paragraph], notes: list[Paragraph]
) -> Iterator[Paragraph]:
    """Read the paragraphs of the text; what reviewers wrote and notes go to the lists given."""
    asides = {f"{OFFICE}annotation": ("", annotations), f"{TEXT}note": ("note", notes)}
    deleted = f"{TEXT}tracked-changes"
    for block in members.stream("content.xml", f"{TEXT}p", f"{TEXT}h", *asides, deleted):
        if block.tag == deleted:
            continue
        for citation in list(block.iter(f"{TEXT}note-citation")):
            citation.text = ""
        if block.tag in asides:  # not inside a paragraph
            kind, told = asides[block.tag]
            told.extend(_odt_paragraphs(block, kind=kind))
            continue
        for tag, (kind, told) in asides.items():
            told.extend(_odt_list(_take_out(block, tag), kind=kind))
        _take_out(block, deleted)
        yield from _odt_paragraphs(block)


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
    missing = count = 0
    room, cut = MAX_TEXT, NOTHING
    for reference in spine[:MAX_CHAPTERS]:
        href = href_by_id.get(reference.get("idref"))
        place = unquote((href or "").split("#")[0])
        name = posixpath.normpath(posixpath.join(folder, place)) if place else ""
        if name not in there:
            missing += 1
            continue
        markup, said = cut_markup(decode_markup(members.read(name))[0])
        cut = cut or said
        tree = parse_markup(clean_text(markup))
        body = tree.find("body") if tree is not None else None
        paragraphs.extend(list_paragraphs(body) if body is not None else ())
        room -= sum(len(each.text) for each in paragraphs[count:])
        count = len(paragraphs)
        if room < 0:
            break
    if spine and missing == len(spine):
        raise DamagedOfficeError(message("evidence.office.no-chapter"))
    lost = missing + max(0, len(spine) - MAX_CHAPTERS)
    return OfficeReading(
        paragraphs=tuple(paragraphs),
        cut=message("evidence.chapters", count=lost, chapters=len(spine)) if lost else cut,
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


CONVERTER_CPU_S: Final = 60


class NoConverterError(Exception):
    """No program that reads old Word files is installed."""


def read_doc(payload: bytes) -> OfficeReading:
    """Read an old Word file (.doc) by LibreOffice where it is installed, else by antiword.

    LibreOffice tells title, author, headings, notes and cells of tables, and takes seconds;
    antiword tells the words, those of cells that stand side by side mixed, and is asked too where
    the first makes nothing of a file. Raises `NoConverterError` where there is none,
    `DamagedOfficeError` where the file can't be read.
    """
    readers = [
        (program, reader)
        for name, reader in (("soffice", _read_by_libreoffice), ("antiword", _read_by_antiword))
        if (program := shutil.which(name))
    ]
    if not readers:
        raise NoConverterError
    with tempfile.TemporaryDirectory(prefix="renvois-doc-") as folder:
        source = Path(folder, "source.doc")
        source.write_bytes(payload)
        for program, reader in readers[:-1]:
            with contextlib.suppress(DamagedOfficeError):
                return reader(program, source)
        program, reader = readers[-1]
        return reader(program, source)


def _read_by_libreoffice(program: str, source: Path) -> OfficeReading:
    folder = source.parent
    profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
    to_docx = ["--headless", "--convert-to", "docx", "--outdir", str(folder), str(source)]
    _run([program, profile, *to_docx], str(folder))
    made = source.with_suffix(".docx")
    if not made.is_file():
        raise DamagedOfficeError(message("evidence.office.not-converted", program="LibreOffice"))
    return read_docx(made.read_bytes())


def _read_by_antiword(program: str, source: Path) -> OfficeReading:
    text = _run([program, "-m", "UTF-8.txt", "-w", "0", str(source)], str(source.parent))
    blocks = map(tidy_line, text.decode("utf-8", "replace").split("\n"))
    return OfficeReading(paragraphs=tuple(Paragraph(text=each) for each in blocks if each))


def _run(command: list[str], folder: str) -> bytes:
    """Run a converter in its own folder; gives what it wrote. Raises `DamagedOfficeError`."""
    try:
        done = subprocess.run(  # noqa: S603 - found on the PATH, its arguments ours
            command,
            capture_output=True,
            cwd=folder,
            env={"HOME": folder, "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            preexec_fn=_limit_cpu,
            check=False,
        )
    except OSError as error:
        raise DamagedOfficeError(explain(error).what) from error
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()[-1:]
        program = Path(command[0]).name
        if said:
            why = message("evidence.office.converter-said", program=program, said=said[0])
        else:
            why = message("evidence.office.not-converted", program=program)
        raise DamagedOfficeError(why)
    return done.stdout


def _limit_cpu() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CONVERTER_CPU_S, CONVERTER_CPU_S))
