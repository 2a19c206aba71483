"""Choose who reads a file of the bibliography: by its name's ending, else by its first words."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from indexer.bibliography import markdown, outlines, plaintext, webpage
from indexer.bibliography.annotated import read_annotated
from indexer.bibliography.blocks import NO_ROLES, Role
from indexer.bibliography.findings import Findings
from indexer.bibliography.formats import find_by_extension, find_by_signature
from indexer.messages import message
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
# Formats of other programs that are not read: taken for text, the addresses of their schemas would
# be crawled.
_UNREAD: Final = frozenset({".rdf", ".opml", ".csv", ".tsv", ".enw", ".nbib", ".rss", ".atom"})
_MARKUP_SIGNATURE: Final = re.compile(
    r"\s*<(?:\?xml\b|rdf:|opml\b|rss\b|feed\b|!doctype (?!html))", re.I
)
_SUFFIXLESS: Final = ("", ".txt", ".text")
# What may lie beside a bibliography and is nothing to complain of.
_OTHERS: Final = frozenset(
    """.png .jpg .jpeg .gif .svg .webp .css .js .zip .gz .csl .bak .ico .woff .woff2 .tmp .swp
    .lock .toml .ini .cfg .py""".split()  # noqa: SIM905 - a table
)


def is_read(name: str) -> bool:
    """Say whether a file is taken for a part of the bibliography."""
    return PurePosixPath(name).suffix.lower() not in _OTHERS and not name.endswith("~")


def parse_file(name: str, text: str, *, told: Mapping[str, Role] = NO_ROLES) -> Findings:
    """Read the text of one file by the reader of its format; unknown formats as plain text.

    `told` holds the roles that a person has set, by the line's words.
    """
    suffix = PurePosixPath(name).suffix.lower()
    found = find_by_extension(suffix.removeprefix("."))
    if found is None and (suffix in _SUFFIXLESS or suffix not in _PAGES):
        is_page = _PAGE_SIGNATURE.match(text) is not None
        suffix, found = (".html", None) if is_page else (suffix, find_by_signature(text))
    if found is not None and found.parse is not None:
        return found.parse(text, path=name)
    is_markup = suffix not in _PAGES and _MARKUP_SIGNATURE.match(text) is not None
    if text.strip() and (suffix in _UNREAD or is_markup):
        return _name_unread(name, suffix.removeprefix(".") or "xml")
    parse_blocks = _PAGES.get(suffix, plaintext.parse_blocks)
    return read_annotated(parse_blocks(text), path=name, told=told)


def _name_unread(name: str, format_name: str) -> Findings:
    """Say of a file that its format is none of those that are read."""
    why = message("problem.why.unknown-format", format=format_name)
    said = message("problem.file-not-understood", why=why)
    return Findings(problems=(Problem(said=said, place=Place(path=name, line=1)),))
