"""Choose who reads a file: by its name's ending, else by its first words."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final, Protocol

from indexer.bibliography import markdown, plaintext, webpage
from indexer.bibliography.annotated import read_annotated
from indexer.bibliography.bibtex import parse_bibtex
from indexer.bibliography.csl import parse_csl_json, parse_csl_yaml
from indexer.bibliography.findings import Findings
from indexer.bibliography.pieces import NO_ROLES, Role
from indexer.bibliography.ris import parse_ris


class _Parser(Protocol):
    def __call__(self, text: str, *, path: str) -> Findings: ...


_RECORDS: Final[Mapping[str, _Parser]] = MappingProxyType(
    {
        ".bib": parse_bibtex,
        ".bibtex": parse_bibtex,
        ".ris": parse_ris,
        ".json": parse_csl_json,
        ".csljson": parse_csl_json,
        ".yaml": parse_csl_yaml,
        ".yml": parse_csl_yaml,
    }
)
_PAGES: Final = MappingProxyType(
    {
        ".txt": plaintext.parse_blocks,
        ".text": plaintext.parse_blocks,
        ".md": markdown.parse_blocks,
        ".markdown": markdown.parse_blocks,
        ".html": webpage.parse_blocks,
        ".htm": webpage.parse_blocks,
        ".xhtml": webpage.parse_blocks,
    }
)
# A text saved under the wrong name, or without an ending, says what it is.
_SIGNS: Final = (
    (re.compile(r"\s*(?:<!doctype html|<html\b|<head\b|<body\b)", re.IGNORECASE), ".html"),
    (re.compile(r"(?:\s|%.*\n)*@\w+\s*[{(]"), ".bib"),
    (re.compile(r"\s*TY {1,2}- "), ".ris"),
    (re.compile(r"\s*\[\s*\{\s*\""), ".json"),
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
    if suffix in _SUFFIXLESS or (suffix not in _RECORDS and suffix not in _PAGES):
        suffix = next((kind for sign, kind in _SIGNS if sign.match(text)), ".txt")
    if suffix in _RECORDS:
        return _RECORDS[suffix](text, path=name)
    return read_annotated(_PAGES[suffix](text), path=name, told=told)
