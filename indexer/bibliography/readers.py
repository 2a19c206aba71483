"""Choose who reads a file of the bibliography: by its name's ending, else by how it begins.

A file of a kind that is not read is named, with what to do: taken for text, the addresses of its
schemas would be crawled.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from indexer.bibliography import markdown, outlines, plaintext, webpage
from indexer.bibliography.annotated import read_annotated
from indexer.bibliography.blocks import NO_ROLES, Role
from indexer.bibliography.findings import Findings, not_understood
from indexer.bibliography.formats import find_bytes_format, find_format
from indexer.messages import Message, message
from indexer.model import Place, Problem

_PAGES: Final = MappingProxyType(
    {
        ".txt": plaintext.parse_blocks,
        ".text": plaintext.parse_blocks,
        ".md": markdown.parse_blocks,
        ".markdown": markdown.parse_blocks,
        ".org": outlines.parse_blocks,
        ".html": webpage.parse_blocks,
        ".htm": webpage.parse_blocks,
        ".xhtml": webpage.parse_blocks,
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
    parse_blocks = _PAGES.get(suffix, plaintext.parse_blocks)
    return read_annotated(parse_blocks(text), path=name, told=told)


def parse_bytes(name: str, payload: bytes) -> Findings:
    """Read a file that is no text by the reader of its format; one of no known format is named."""
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
