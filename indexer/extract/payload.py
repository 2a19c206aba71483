"""Say what a payload really is: its first bytes decide, then what the server says of it.

Servers label PDF as text/html, HTML as PDF, and both as application/octet-stream.
After https://mimesniff.spec.whatwg.org/, shortened to what a bibliography cites.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from email.parser import BytesParser
from enum import StrEnum
from typing import Final

SNIFFED_BYTES: Final = 2048


class PayloadKind(StrEnum):
    """List the kinds of files that are told apart, readable or not."""

    HTML = "html"
    PDF = "pdf"
    TEXT = "text"
    FEED = "feed"
    EPUB = "epub"
    ODT = "odt"
    DOCX = "docx"
    PPTX = "pptx"
    RTF = "rtf"
    DOC = "doc"
    MHTML = "mhtml"
    IMAGE = "image"
    OTHER = "other"
    EMPTY = "empty"


MAGIC: Final = (
    (b"%PDF-", PayloadKind.PDF),
    (b"\x89PNG\r\n", PayloadKind.IMAGE),
    (b"GIF8", PayloadKind.IMAGE),
    (b"\xff\xd8\xff", PayloadKind.IMAGE),
    (b"II*\x00", PayloadKind.IMAGE),
    (b"MM\x00*", PayloadKind.IMAGE),
    (b"\x1f\x8b", PayloadKind.OTHER),
    (b"{\\rtf", PayloadKind.RTF),
    (b"7z\xbc\xaf", PayloadKind.OTHER),
    (b"Rar!", PayloadKind.OTHER),
    (b"\x00\x00\x00\x0cjP  ", PayloadKind.IMAGE),
    (b"ID3", PayloadKind.OTHER),
    (b"OggS", PayloadKind.OTHER),
)
HTML_TAG: Final = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|script|style|table|div|p|a|h1|br|b|span|"
    rb"iframe|font|link|article|main|section)[\s>/]",
    re.I,
)
# A page saved by a browser as one file (RFC 2557): the head of a mail, of several parts.
MHTML: Final = re.compile(
    rb"(?:[A-Za-z][A-Za-z-]{0,40}:[^\n]*\n(?:[ \t][^\n]*\n)*)*?"
    rb"Content-Type:\s*multipart/related\b",
    re.I,
)
FEED_TAG: Final = re.compile(rb"<(?:rss|rdf:RDF|feed|urlset|sitemapindex)[\s>]", re.I)
KIND_BY_MEDIA_TYPE: Final = (
    (re.compile(r"text/html|application/xhtml", re.I), PayloadKind.HTML),
    (re.compile(r"application/(?:rss|atom|rdf)\+xml", re.I), PayloadKind.FEED),
    (re.compile(r"image/(?!svg)", re.I), PayloadKind.IMAGE),
    (re.compile(r"(?:audio|video|font)/", re.I), PayloadKind.OTHER),
    (re.compile(r"text/(?:plain|markdown|x-)", re.I), PayloadKind.TEXT),
)
OLE_MARK: Final = b"\xd0\xcf\x11\xe0"
WORD_STREAM: Final = "WordDocument".encode("utf-16-le")
WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def sniff_payload(payload: bytes, *, content_type: str = "") -> PayloadKind:
    """Tell the kind of a payload by its bytes, by its Content-Type where they do not say."""
    head = payload[:SNIFFED_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n\x0c\x00")
    if not head:
        return PayloadKind.EMPTY
    if b"%PDF-" in payload[:1024]:  # readers accept some dirt before the mark (PDF 1.7, H.3)
        return PayloadKind.PDF
    found = _sniff_file(payload, head) or _sniff_markup(head) or _find_declared(content_type)
    if found is not None:
        return found
    return PayloadKind.TEXT if _looks_like_text(_narrow(head)) else PayloadKind.OTHER


def _sniff_file(payload: bytes, head: bytes) -> PayloadKind | None:
    """Tell a file by the mark that it begins with; None for text and markup."""
    for mark, kind in MAGIC:
        if head.startswith(mark):
            return kind
    if head.startswith(b"PK\x03\x04"):
        return _sniff_zip(payload)
    if head.startswith(OLE_MARK):  # old Office files, told apart by the names of their streams
        return PayloadKind.DOC if WORD_STREAM in payload else PayloadKind.OTHER
    return None


def _sniff_markup(head: bytes) -> PayloadKind | None:
    """Tell a saved page, a feed or a page by its first tags; None where there are none."""
    text = _narrow(head)
    if MHTML.match(text):
        return PayloadKind.MHTML
    if FEED_TAG.search(text) and not HTML_TAG.match(text):
        return PayloadKind.FEED
    return PayloadKind.HTML if HTML_TAG.search(text) else None


def _narrow(head: bytes) -> bytes:
    """Give the letters of a text in UTF-16 as single bytes; any other text as it is."""
    if head.startswith(WIDE_MARKS) or head[1:40:2].count(0) > 10:
        return head.replace(b"\x00", b"").lstrip(b"\xff\xfe \t\r\n")
    return head


def find_header(headers: Mapping[str, str], name: str) -> str:
    """Give the header of that name (in lower case), however it is written, or ""."""
    return next((value for key, value in headers.items() if key.lower() == name), "")


def open_mhtml(payload: bytes) -> tuple[bytes, dict[str, str]]:
    """Give the page of a MHTML file (RFC 2557), decoded, and its headers; b"" where it has none."""
    saved = BytesParser().parsebytes(payload)
    for part in saved.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            page = part.get_payload(decode=True)
            found = page if isinstance(page, bytes) else b""
            return found, {"Content-Type": str(part.get("Content-Type", ""))}
    return b"", {}


def _find_declared(content_type: str) -> PayloadKind | None:
    for pattern, kind in KIND_BY_MEDIA_TYPE:
        if pattern.match(content_type.strip()):
            return kind
    return None


def _sniff_zip(payload: bytes) -> PayloadKind:
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            names = set(archive.namelist())
            said = b""
            if "mimetype" in names:
                with archive.open("mimetype") as member:
                    said = member.read(100)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, KeyError, ValueError,
            NotImplementedError, RuntimeError, EOFError):  # fmt: skip
        return PayloadKind.OTHER
    if "word/document.xml" in names:
        return PayloadKind.DOCX
    if "ppt/presentation.xml" in names:
        return PayloadKind.PPTX
    if said.startswith(b"application/epub+zip") or any(
        name.endswith("META-INF/container.xml") for name in names
    ):
        return PayloadKind.EPUB
    if said.startswith(b"application/vnd.oasis.opendocument.text"):
        return PayloadKind.ODT
    return PayloadKind.OTHER


def _looks_like_text(head: bytes) -> bool:
    controls = sum(1 for byte in head if byte < 32 and byte not in b"\t\n\r\x0c\x1b")
    return controls * 100 <= len(head)
