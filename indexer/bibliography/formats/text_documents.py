"""Read text documents (DOCX of Word, ODT of LibreOffice) as the pages of text that they are.

Their paragraphs, lists, tables, links, footnotes and comments are written as HTML, a paragraph a
line, which the reader of web pages cuts into blocks: so the same rules hold for comments and links
in a document and on a page. A place is the number of a paragraph.
"""

import html
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from lxml import etree

from indexer.bibliography import webpage
from indexer.bibliography.annotated import read_annotated
from indexer.bibliography.findings import Findings, not_understood
from indexer.bibliography.formats.format import Format
from indexer.messages import message
from indexer.model import Place, Problem

MAX_MEMBER_BYTES: Final = 64_000_000
ZIP_MAGIC: Final = b"PK\x03\x04"
# Everything that zipfile, zlib and lxml raise for a damaged file.
_DAMAGES: Final = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, etree.LxmlError, KeyError, EOFError,
    OSError, ValueError, RuntimeError, NotImplementedError,
)  # fmt: skip


def parse_document(payload: bytes, *, path: str) -> Findings:
    """Read a DOCX or ODT file; a zip of another kind, or a damaged one, is told."""
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            names = set(archive.namelist())
            if "word/document.xml" in names:
                lines = list(_DocxReader(archive, names).list_lines())
            elif "content.xml" in names and _is_text(archive, names):
                lines = list(_OdtReader(archive).list_lines())
            else:
                return Findings(problems=(_problem(path, "file-not-text"),))
    except _DAMAGES as error:
        return Findings(problems=(_problem(path, "file-not-understood", str(error)),))
    return read_annotated(webpage.parse_blocks("\n".join(lines)), path=path)


def _is_text(archive: zipfile.ZipFile, names: set[str]) -> bool:
    """Say whether an OpenDocument file is a text, not a table or a drawing."""
    return "mimetype" not in names or _read(archive, "mimetype").strip().startswith(
        b"application/vnd.oasis.opendocument.text"
    )


def _problem(path: str, kind: str, error: str = "") -> Problem:
    place = Place(path=path, line=1)
    if kind == "file-not-text":
        kinds = message("problem.advice.page")
        return Problem(said=message("problem.file-not-text", advice=kinds), place=place)
    why = message("problem.why.damaged", error=error)
    return not_understood(path, why)


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read a member within a bound, whatever the zip promises of its size."""
    with archive.open(name) as member:
        payload = member.read(MAX_MEMBER_BYTES + 1)
    if len(payload) > MAX_MEMBER_BYTES:
        raise ValueError(f"{name} is larger than {MAX_MEMBER_BYTES} bytes")
    return payload


def _parse(archive: zipfile.ZipFile, name: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    tree = etree.fromstring(_read(archive, name), parser)
    if tree is None:
        raise ValueError(f"{name} holds no XML")
    return tree


class _Lists:
    """Opens and closes the lists of HTML for items that tell their level."""

    def __init__(self) -> None:
        self._open: list[str] = []

    def is_open(self, level: int) -> bool:
        """Say whether an item of a level, from 1, is open."""
        return len(self._open) == level

    def move(self, level: int, tag: str) -> str:
        """Give what leads from the item before to one of `level`, from 1; 0 ends all lists."""
        written = ""
        while len(self._open) > level:
            written += f"</li></{self._open.pop()}>"
        if level and len(self._open) == level:
            return written + "</li><li>"
        while len(self._open) < level:
            self._open.append(tag)
            written += f"<{tag}><li>"
        return written


def _write_table(
    table: Any, row: str, cell: str, paragraph: str, write_inline: Callable[[Any], str]
) -> Iterator[str]:
    """Write a table as HTML; `row`, `cell` and `paragraph` name the elements of its format."""
    yield "<table>"
    for each in table.iter(row):
        cells = ("<br>".join(map(write_inline, one.iter(paragraph))) for one in each.iter(cell))
        yield "<tr>" + "".join(f"<td>{written}</td>" for written in cells) + "</tr>"
    yield "</table>"


def _write_notes(notes: list[str]) -> Iterator[str]:
    """Write footnotes as a numbered list, whose numbers tie them to "[1]" in the text."""
    if notes:
        yield "<hr><ol>"
        yield from (f"<li>{words}</li>" for words in notes)
        yield "</ol>"


# --- DOCX (ECMA-376) ---------------------------------------------------------------------------

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_SIGNS: Final = MappingProxyType({"tab": " ", "br": "<br>", "cr": "<br>", "noBreakHyphen": "-"})
_NOTES: Final = MappingProxyType({"footnoteReference": "footnotes", "endnoteReference": "endnotes"})
_HYPERLINK: Final = re.compile(r"\s*HYPERLINK\s+(?:\\\w\s+)*\"?([^\"\s]+)\"?")
_HEADING_STYLE: Final = re.compile(r"(?i)(?:heading|titre|title|überschrift)\s*(\d)?$")
_QUOTE_STYLE: Final = re.compile(r"(?i)quot|citation|blocktext")


class _DocxReader:
    def __init__(self, archive: zipfile.ZipFile, names: set[str]) -> None:
        self._tree = _parse(archive, "word/document.xml")
        self._targets = self._read_targets(archive, names, "document")
        self._styles = self._read_styles(archive) if "word/styles.xml" in names else {}
        self._bullets = self._read_bullets(archive) if "word/numbering.xml" in names else {}
        self._notes = {
            kind: self._read_notes(archive, kind) if f"word/{kind}.xml" in names else {}
            for kind in ("footnotes", "endnotes", "comments")
        }
        for kind in self._notes:
            self._targets |= self._read_targets(archive, names, kind)
        self._lists = _Lists()
        self._said: list[Any] = []  # footnotes named so far
        self._remarks: list[Any] = []  # comments on the paragraph being written
        self._fields: list[list[str]] = []  # instructions of fields that are open
        self._boxes: list[Any] = []  # text boxes that stand at the paragraph being written

    @staticmethod
    def _read_targets(archive: zipfile.ZipFile, names: set[str], part: str) -> dict[str, str]:
        name = f"word/_rels/{part}.xml.rels"
        if name not in names:
            return {}
        key = "" if part == "document" else f"{part} "
        return {key + one.get("Id", ""): one.get("Target", "") for one in _parse(archive, name)}

    @staticmethod
    def _read_styles(archive: zipfile.ZipFile) -> dict[str, tuple[str, int]]:
        """Read the name of each style, and the level of heading that it is, or 0."""
        styles = {}
        for style in _parse(archive, "word/styles.xml").iter(f"{_W}style"):
            name = style.find(f"{_W}name")
            said = "" if name is None else name.get(f"{_W}val", "")
            outline = style.find(f"{_W}pPr/{_W}outlineLvl")
            heading = _HEADING_STYLE.match(said)
            level = int(heading[1] or 1) if heading else 0
            if outline is not None and outline.get(f"{_W}val", "9") < "9":
                level = int(outline.get(f"{_W}val")) + 1
            styles[style.get(f"{_W}styleId", "")] = (said, level)
        return styles

    @staticmethod
    def _read_bullets(archive: zipfile.ZipFile) -> dict[str, str]:
        """Read for each list (`numId`) what its first level has: "ul" bullets, "ol" numbers.

        "" where its bullet is a blank: its paragraphs go on with the item before, as pandoc and
        others write them.
        """
        tree = _parse(archive, "word/numbering.xml")
        formats = {
            one.get(f"{_W}abstractNumId"): one.find(f"{_W}lvl/{_W}numFmt")
            for one in tree.iter(f"{_W}abstractNum")
        }
        kinds = {}
        for one in tree.iter(f"{_W}num"):
            named = one.find(f"{_W}abstractNumId")
            found = formats.get(named.get(f"{_W}val")) if named is not None else None
            is_bullet = found is None or found.get(f"{_W}val") in ("bullet", "none")
            shown = None if found is None else found.getnext()
            is_blank = is_bullet and shown is not None and shown.get(f"{_W}val", "-").isspace()
            kinds[one.get(f"{_W}numId", "")] = "" if is_blank else "ul" if is_bullet else "ol"
        return kinds

    @staticmethod
    def _read_notes(archive: zipfile.ZipFile, kind: str) -> dict[str, Any]:
        tree = _parse(archive, f"word/{kind}.xml")
        return {one.get(f"{_W}id", ""): one for one in tree if one.get(f"{_W}type") is None}

    def list_lines(self) -> Iterator[str]:
        """Write the document as HTML, a line a paragraph; footnotes stand at its end."""
        body = self._tree.find(f"{_W}body")
        for block in self._tree if body is None else body:
            yield from self._write_block(block)
        yield self._lists.move(0, "ul")
        yield from _write_notes(
            [
                " ".join(self._write_inline(one) for one in note.iter(f"{_W}p"))
                for note in self._said
            ]
        )

    def _write_block(self, block: Any) -> Iterator[str]:
        if block.tag == f"{_W}p":
            yield self._write_paragraph(block)
            for comment in self._take_remarks():
                yield f"<blockquote>{comment}</blockquote>"
            yield from self._write_boxes()
        elif block.tag == f"{_W}tbl":
            yield self._lists.move(0, "ul")
            yield from _write_table(block, f"{_W}tr", f"{_W}tc", f"{_W}p", self._write_inline)
            yield from self._write_boxes()
        elif block.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            for inner in block:
                yield from self._write_block(inner)

    def _write_boxes(self) -> Iterator[str]:
        """Write the text boxes of a paragraph as blocks behind it."""
        boxes, self._boxes = self._boxes, []
        for box in boxes:
            for block in box:
                yield from self._write_block(block)

    def _take_remarks(self) -> list[str]:
        remarks, self._remarks = self._remarks, []
        return [
            "<br>".join(self._write_inline(one) for one in remark.iter(f"{_W}p"))
            for remark in remarks
        ]

    def _write_paragraph(self, paragraph: Any) -> str:
        words = self._write_inline(paragraph)
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        key = "" if style is None else style.get(f"{_W}val", "")
        name, heading = self._styles.get(key, (key, 0))
        if heading:
            tag = f"h{min(heading, 6)}"
            return self._lists.move(0, "ul") + f"<{tag}>{words}</{tag}>"
        number = paragraph.find(f"{_W}pPr/{_W}numPr/{_W}numId")
        if number is not None and number.get(f"{_W}val") != "0":
            level = paragraph.find(f"{_W}pPr/{_W}numPr/{_W}ilvl")
            depth = 1 + (int(level.get(f"{_W}val", "0")) if level is not None else 0)
            tag = self._bullets.get(number.get(f"{_W}val", ""), "ul")
            if not tag and self._lists.is_open(depth):
                return f"<p>{words}</p>"
            return self._lists.move(depth, tag or "ul") + words
        before = self._lists.move(0, "ul")
        if _QUOTE_STYLE.search(name):
            return f"{before}<blockquote>{words}</blockquote>"
        return f"{before}<p>{words or '&nbsp;'}</p>"

    def _write_inline(self, element: Any) -> str:
        """Write what is inside a paragraph: runs, links, fields, footnotes."""
        parts: list[str] = []
        for one in element:
            match etree.QName(one).localname if isinstance(one.tag, str) else "del":
                case "r" if one.tag == f"{_W}r":
                    parts.append(self._write_run(one))
                case "del" | "moveFrom":
                    continue
                case "oMath" | "oMathPara":
                    parts.append(html.escape("".join(one.itertext()), quote=False))
                case "hyperlink":
                    parts.append(self._link(self._find_target(one), self._write_inline(one)))
                case "fldSimple":
                    found = _HYPERLINK.match(one.get(f"{_W}instr", ""))
                    words = self._write_inline(one)
                    parts.append(self._link(found[1], words) if found else words)
                case _:  # what was inserted, marked, set in another direction
                    parts.append(self._write_inline(one))
        return "".join(parts)

    def _find_target(self, link: Any) -> str:
        key = link.get(f"{_R}id", "")
        part = etree.QName(link.getroottree().getroot()).localname
        return self._targets.get(f"{part} {key}") or self._targets.get(key, "")

    @staticmethod
    def _link(target: str, words: str) -> str:
        return f'<a href="{html.escape(target)}">{words}</a>' if target and words else words

    def _write_run(self, run: Any) -> str:
        parts: list[str] = []
        for one in run:
            match etree.QName(one).localname if isinstance(one.tag, str) else "":
                case "t":
                    parts.append(html.escape(one.text or "", quote=False))
                case "tab" | "br" | "cr" | "noBreakHyphen" as sign:
                    parts.append(_SIGNS[sign])
                case "fldChar":
                    parts.append(self._field(one.get(f"{_W}fldCharType", "")))
                case "instrText" if self._fields:
                    self._fields[-1].append(one.text or "")
                case "footnoteReference" | "endnoteReference" as mark:
                    parts.append(self._name_note(_NOTES[mark], one))
                case "commentReference":
                    remark = self._notes["comments"].get(one.get(f"{_W}id", ""))
                    self._remarks += [] if remark is None else [remark]
                case "drawing" | "pict" | "object" | "AlternateContent":
                    parts.append(self._draw(one))
                case "ruby":
                    parts.append(self._write_inline(one))
        return _set(
            "".join(parts),
            is_bold=_is_on(run, "b"),
            is_italic=_is_on(run, "i"),
        )

    def _draw(self, drawing: Any) -> str:
        """Write the link of a picture; keep the text boxes of a drawing, in its first form."""
        if etree.QName(drawing).localname == "AlternateContent":
            drawing = next(iter(drawing), drawing)
        self._boxes += drawing.iter(f"{_W}txbxContent")
        links: list[str] = []
        for named in drawing.iter("{*}docPr"):
            target = next(iter(named.iter("{*}hlinkClick")), None)
            words = html.escape(named.get("descr") or named.get("title") or "")
            if target is not None and (address := self._find_target(target)):
                links.append(self._link(address, words or html.escape(address)))
        return "".join(links)

    def _field(self, kind: str) -> str:
        """Open or close the link that a field (`HYPERLINK "…"`) is."""
        if kind == "begin":
            self._fields.append([])
        elif kind == "separate" and self._fields:
            found = _HYPERLINK.match("".join(self._fields[-1]))
            if found:
                self._fields[-1] = ["</a>"]
                return f'<a href="{html.escape(found[1])}">'
        elif kind == "end" and self._fields:
            return "</a>" if self._fields.pop() == ["</a>"] else ""
        return ""

    def _name_note(self, kind: str, mark: Any) -> str:
        note = self._notes[kind].get(mark.get(f"{_W}id", ""))
        if note is None:
            return ""
        self._said.append(note)
        return f" [{len(self._said)}]"


def _is_on(run: Any, name: str) -> bool:
    found = run.find(f"{_W}rPr/{_W}{name}")
    return found is not None and found.get(f"{_W}val", "1") not in ("0", "false", "off")


def _set(words: str, *, is_bold: bool, is_italic: bool) -> str:
    if not words.strip() or "<a " in words or "</a>" in words:
        return words
    words = f"<em>{words}</em>" if is_italic else words
    return f"<strong>{words}</strong>" if is_bold else words


# --- ODT (ISO/IEC 26300) -----------------------------------------------------------------------

_NS: Final = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
}
_T: Final = f"{{{_NS['text']}}}"
_SKIPPED: Final = frozenset(
    {f"{_T}tracked-changes", f"{_T}table-of-content", f"{_T}sequence-decls", f"{_T}note-citation"}
)


class _OdtReader:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._tree = _parse(archive, "content.xml")
        styles = self._tree.iter(f"{{{_NS['style']}}}style")
        self._styles: Mapping[str, Any] = {
            one.get(f"{{{_NS['style']}}}name", ""): one.find("style:text-properties", _NS)
            for one in styles
        }
        self._quotes = {
            one.get(f"{{{_NS['style']}}}name", "")
            for one in self._tree.iter(f"{{{_NS['style']}}}style")
            if _QUOTE_STYLE.search(one.get(f"{{{_NS['style']}}}parent-style-name") or "")
        }
        self._numbered = {
            one.get(f"{{{_NS['style']}}}name", "")
            for one in self._tree.iter(f"{_T}list-style")
            if one.find("text:list-level-style-number", _NS) is not None
        }
        self._lists = _Lists()
        self._said: list[str] = []  # footnotes named so far, references that LibreOffice holds
        self._boxes: list[Any] = []  # text boxes that stand at the paragraph being written
        self._remarks: list[str] = []

    def list_lines(self) -> Iterator[str]:
        """Write the document as HTML, a line a paragraph; footnotes stand at its end."""
        body = self._tree.find("office:body/office:text", _NS)
        for block in [] if body is None else body:
            yield from self._write_block(block, 0, "ul")
        yield self._lists.move(0, "ul")
        yield from _write_notes(self._said)

    def _write_block(self, block: Any, depth: int, tag: str) -> Iterator[str]:
        if not isinstance(block.tag, str) or block.tag in _SKIPPED:
            return
        match etree.QName(block).localname:
            case "h":
                level = min(int(block.get(f"{_T}outline-level", "1")), 6)
                words = self._write_inline(block)
                yield self._lists.move(0, "ul") + f"<h{level}>{words}</h{level}>"
                yield from self._write_beside()
            case "p":
                yield self._write_paragraph(block, depth)
                yield from self._write_beside()
            case "list":
                own = block.get(f"{_T}style-name", "")
                tag = "ol" if own in self._numbered else "ul" if own else tag
                for item in block:
                    yield from self._write_item(item, depth + 1, tag)
            case "table":
                yield self._lists.move(0, "ul")
                table = f"{{{_NS['table']}}}table"
                yield from _write_table(
                    block, f"{table}-row", f"{table}-cell", f"{_T}p", self._write_inline
                )
                yield from self._write_beside()
            case _:  # sections, indexes, changes that were kept
                for inner in block:
                    yield from self._write_block(inner, depth, tag)

    def _write_item(self, item: Any, depth: int, tag: str) -> Iterator[str]:
        is_first = True
        for inner in item:
            if isinstance(inner.tag, str) and etree.QName(inner).localname in ("p", "h"):
                words = self._write_inline(inner)
                yield self._lists.move(depth, tag) + words if is_first else f"<p>{words}</p>"
                is_first = False
                yield from self._write_beside()
            else:
                yield from self._write_block(inner, depth, tag)

    def _write_paragraph(self, paragraph: Any, depth: int) -> str:
        words = self._write_inline(paragraph)
        before = "" if depth else self._lists.move(0, "ul")
        style = paragraph.get(f"{_T}style-name", "")
        if style in self._quotes or _QUOTE_STYLE.search(style):
            return f"{before}<blockquote>{words}</blockquote>"
        return f"{before}<p>{words or '&nbsp;'}</p>"

    def _write_beside(self) -> Iterator[str]:
        """Write the comments on a block, and the text boxes that stand at it."""
        remarks, self._remarks = self._remarks, []
        yield from (f"<blockquote>{remark}</blockquote>" for remark in remarks)
        boxes, self._boxes = self._boxes, []
        for box in boxes:
            for block in box:
                yield from self._write_block(block, 0, "ul")

    def _write_inline(self, element: Any) -> str:
        parts = [html.escape(element.text or "", quote=False)]
        for one in element:
            if isinstance(one.tag, str) and one.tag not in _SKIPPED:
                parts.append(self._write_part(one))
            parts.append(html.escape(one.tail or "", quote=False))
        return "".join(parts)

    def _write_part(self, part: Any) -> str:
        match etree.QName(part).localname:
            case "a":
                return self._write_link(part)
            case "span":
                return self._write_span(part)
            case "line-break":
                return "<br>"
            case "tab" | "s":
                return " "
            case "note":
                return self._name_note(" ".join(map(self._write_inline, part.iter(f"{_T}p"))))
            case "bibliography-mark":
                cited = _cite_mark(part)
                return self._write_inline(part) + (self._name_note(cited) if cited else "")
            case "text-box":
                self._boxes.append(part)
                return ""
            case "annotation":
                said = map(self._write_inline, part.iter(f"{_T}p"))
                self._remarks.append("<br>".join(said))
                return ""
            case _:
                return self._write_inline(part)

    def _write_link(self, link: Any) -> str:
        target = link.get(f"{{{_NS['xlink']}}}href", "")
        words = self._write_inline(link)
        words = words or (html.escape(target) if "://" in target else "")  # of a picture
        return f'<a href="{html.escape(target)}">{words}</a>' if target and words else words

    def _write_span(self, span: Any) -> str:
        found = self._styles.get(span.get(f"{_T}style-name", ""))
        has = (lambda name: None) if found is None else found.get
        return _set(
            self._write_inline(span),
            is_bold=has(f"{{{_NS['fo']}}}font-weight") == "bold",
            is_italic=has(f"{{{_NS['fo']}}}font-style") == "italic",
        )

    def _name_note(self, words: str) -> str:
        """Give the number of a footnote, or of a reference, that was named before too."""
        if words not in self._said:
            self._said.append(words)
        return f" [{self._said.index(words) + 1}]"


def _cite_mark(mark: Any) -> str:
    """Write the reference that an entry of LibreOffice's bibliography is."""
    said = {etree.QName(name).localname: html.escape(str(value)) for name, value in mark.items()}
    title = said.get("title") or said.get("booktitle", "")
    order = ("journal", "publisher", "address", "volume", "number", "pages", "year", "isbn", "url")
    parts = (said.get("author"), f"« {title} »" if title else "", *map(said.get, order))
    return ", ".join(part for part in parts if part)


DOCUMENT: Final = Format(
    name="document",
    label="DOCX, ODT",
    media_type="application/vnd.oasis.opendocument.text",
    extensions=("docx", "odt"),
    parse_bytes=parse_document,
    magic=ZIP_MAGIC,
)
