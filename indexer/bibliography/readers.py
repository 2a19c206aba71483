"""Make text of a file's bytes, and choose who reads it: by its ending, else by how it begins.

A file of a kind that is not read is named, with what to do: taken for text, the addresses of its
schemas would be crawled.
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from indexer.bibliography.blocks import NO_ROLES, Role
from indexer.bibliography.findings import Findings, not_understood
from indexer.messages import Message, message
from indexer.model import Place, Problem

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE: Final = 65_536  # bytes looked at to tell text from anything else
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HTML_CHARSET: Final = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE
)
_SIGNATURES: Final = (
    b"%PDF-",
    b"PK\x03\x04",  # ZIP, so .docx and .odt
    b"\x89PNG",
    b"\xff\xd8\xff",  # JPEG
    b"GIF8",
    b"\x1f\x8b",  # gzip
    b"\x7fELF",
    b"SQLite format 3",
    b"\xd0\xcf\x11\xe0",  # old .doc
    b"{\\rtf",
)


def decode_text(payload: bytes) -> str | None:
    """Give the text of a file, its line ends as LF, or None where the bytes are no text."""
    if payload.startswith(_SIGNATURES):
        return None
    text = _decode(payload)
    if text is None:
        return None
    sample = text[:_SAMPLE]
    if sample and len(_CONTROL.findall(sample)) > len(sample) / 200:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _decode(payload: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if payload.startswith(mark):
            return _try(payload, encoding)
    if guessed := _utf16_without_mark(payload):
        return _try(payload, guessed)
    declared = _HTML_CHARSET.search(payload[:2048])
    wanted = [declared[1].decode("ascii").lower()] if declared else []
    if (text := _mostly_utf8(payload)) is not None:
        return text
    for encoding in (*wanted, "cp1252"):
        # A page that calls itself ISO-8859-1 means Windows-1252 (WHATWG Encoding, §4.2).
        encoding = "cp1252" if encoding in ("iso-8859-1", "latin-1", "latin1") else encoding
        if (text := _try(payload, encoding)) is not None:
            return text
    return payload.decode("latin-1")


def _mostly_utf8(payload: bytes) -> str | None:
    """Give a text in UTF-8 into which a few bytes of Windows-1252 were pasted, or None."""
    wrong = 0

    def lend(error: UnicodeError) -> tuple[str, int]:
        nonlocal wrong
        assert isinstance(error, UnicodeDecodeError)
        wrong += 1
        return error.object[error.start : error.end].decode("cp1252", "replace"), error.end

    codecs.register_error("renvois-cp1252", lend)
    text = payload.decode("utf-8", "renvois-cp1252")
    if not wrong:
        return text
    right = sum(char > "\x7f" for char in text) - wrong
    return text if right > 3 * wrong else None


def _utf16_without_mark(payload: bytes) -> str:
    """Give the byte order of UTF-16 that has no mark, told by where its zero bytes stand, or ""."""
    sample = payload[:_SAMPLE]
    if len(sample) < 4:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > half * 0.6 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.05:
        return "utf-16-be"
    return ""


def _try(payload: bytes, encoding: str) -> str | None:
    try:
        return payload.decode(encoding)
    except (UnicodeDecodeError, LookupError):  # LookupError: a page that names no real encoding
        return None


# Who cuts a page into blocks, by its ending: a module of this room with `parse_blocks`.
_PAGES: Final = MappingProxyType(
    {
        ".txt": "plaintext",
        ".text": "plaintext",
        ".md": "markdown",
        ".markdown": "markdown",
        ".org": "outlines",
        ".html": "webpage",
        ".htm": "webpage",
        ".xhtml": "webpage",
    }
)
# A page saved under the wrong name, or without an ending, says what it is.
_PAGE_SIGNATURE: Final = re.compile(r"\s*(?:<!doctype html|<html\b|<head\b|<body\b)", re.IGNORECASE)
# Pages whose own marks may look like another format's.
_MARKED: Final = frozenset({".md", ".markdown", ".org"})
# Data of a program: markup that is no page, JSON.
_DATA_SIGNATURE: Final = re.compile(
    r"\s*(?:<(?:\?xml\b|rdf:|opml\b|rss\b|feed\b|!doctype (?!html))|\{\s*\"|\[\s*\{|\{\\rtf)",
    re.IGNORECASE,
)
_SUFFIXLESS: Final = ("", ".txt", ".text")
# What is no ending after the last dot of a name: "M. Dupont", "bilan 2.0".
_NO_ENDING: Final = re.compile(r"\.(?:.*\s.*|\d+|.{9,})")
# What may lie beside a bibliography and is nothing to complain of.
_OTHERS: Final = frozenset(
    """.png .jpg .jpeg .gif .svg .webp .css .js .zip .gz .csl .bak .ico .woff .woff2 .tmp .swp
    .lock .toml .ini .cfg .py""".split()  # noqa: SIM905 - a table
)
# What to do with a file of a kind that is not read, by its ending; else it is a page of text.
_ADVICE: Final = {
    **dict.fromkeys((".xls", ".xlsx", ".ods", ".numbers", ".fods"), "problem.advice.table"),
    **dict.fromkeys(
        (".rdf", ".enl", ".enw", ".nbib", ".xml", ".json", ".refer", ".bibtexml", ".ttl", ".n3"),
        "problem.advice.library",
    ),
    **dict.fromkeys(
        (".sqlite", ".db", ".sqlite3", ".sqlite-journal", ".sqlite-wal", ".rss", ".atom"),
        "problem.advice.library",
    ),
}
_PAGE_ADVICE: Final = frozenset(
    """.pdf .doc .rtf .pages .wpd .epub .mobi .ps .tex .ppt .pptx .odp .eml .mht
    .mhtml .docm .dot .dotx .ott""".split()  # noqa: SIM905 - a table
)


def is_read(name: str) -> bool:
    """Say whether a file is taken for a part of the bibliography."""
    return PurePosixPath(name).suffix.lower() not in _OTHERS and not name.endswith("~")


def parse_file(name: str, text: str, *, told: Mapping[str, Role] = NO_ROLES) -> Findings:
    """Read the text of one file by the reader of its format; one of no known format is named.

    `told` holds the roles that a person has set, by the line's words.
    """
    from indexer.bibliography.formats import find_format  # here: its rules take .1 s to make

    suffix = PurePosixPath(name).suffix.lower()
    suffix = "" if _NO_ENDING.fullmatch(suffix) else suffix
    if suffix not in _PAGES and _PAGE_SIGNATURE.match(text):
        suffix = ".html"
    found = find_format(suffix.removeprefix("."), text) if suffix not in _MARKED else None
    if found is not None and found.parse is not None:
        findings = found.parse(text, path=name)
        # A file of BibTeX may hold but what others use (@string): its reader knows.
        return findings if suffix == ".bib" else _tell_nothing(findings, name)
    is_named = suffix in _PAGES or suffix in _SUFFIXLESS
    is_data = suffix in _SUFFIXLESS and _DATA_SIGNATURE.match(text) is not None
    if text.strip() and (is_data or not is_named):
        return _name_unread(name, suffix.removeprefix(".") or "JSON/XML", suffix)
    return _read_page(_PAGES.get(suffix, "plaintext"), name, text, told)


def _read_page(cutter: str, name: str, text: str, told: Mapping[str, Role]) -> Findings:
    from indexer.bibliography.annotated import read_annotated

    blocks = import_module(f"indexer.bibliography.{cutter}").parse_blocks(text)
    return read_annotated(blocks, path=name, told=told)


def parse_bytes(name: str, payload: bytes) -> Findings:
    """Read a file that is no text by the reader of its format; one of no known format is named."""
    from indexer.bibliography.formats import find_bytes_format

    found = find_bytes_format(payload)
    if found is not None and found.parse_bytes is not None:
        return _tell_nothing(found.parse_bytes(payload, path=name), name)
    suffix = PurePosixPath(name).suffix.lower()
    said = message("problem.file-not-text", advice=_advise(suffix))
    return Findings(problems=(Problem(said=said, place=Place(path=name, line=1)),))


def _tell_nothing(findings: Findings, name: str) -> Findings:
    """Say of a file of records that it holds none, where nothing else was said of it."""
    if findings.references or findings.notes or findings.entries or findings.problems:
        return findings
    return replace(findings, problems=(not_understood(name, message("problem.why.no-record")),))


def _advise(suffix: str) -> Message:
    """Say what to do with a file of a kind that is not read."""
    if suffix in _ADVICE:
        return message(_ADVICE[suffix])
    is_page = suffix in _PAGE_ADVICE or suffix in _SUFFIXLESS
    return message("problem.advice.page" if is_page else "problem.advice.any")


def _name_unread(name: str, format_name: str, suffix: str) -> Findings:
    """Say of a file that its format is none of those that are read."""
    why = message("problem.why.unknown-format", format=format_name, advice=_advise(suffix))
    return Findings(problems=(not_understood(name, why),))
