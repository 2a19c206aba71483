"""Have a page's main text read by several readers: the only door of each.

Every reader is given the same tree, and gives a `Reading`; one that finds nothing, or trips
over the page, gives an empty one. Which reading is believed is decided in `choice`.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import lxml.etree
import lxml.html
from readability.readability import Unparseable
from resiliparse.extract.html2text import extract_plain_text
from trafilatura.core import bare_extraction

from indexer.extract.blocks import list_paragraphs, tidy_line
from indexer.extract.reader_view import ReaderView
from indexer.model import Paragraph

WORD: Final = re.compile(r"\w+")
OWN_LEAST: Final = 0.6
OWN_MOST: Final = 1.4
BULLET: Final = re.compile(r"^(?:[•◦▪*]|\d{1,3}\.)\s+")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One reading of a page, and who read it."""

    reader: str
    paragraphs: tuple[Paragraph, ...] = ()

    @cached_property
    def length(self) -> int:
        """Characters read."""
        return sum(len(paragraph.text) for paragraph in self.paragraphs)

    @cached_property
    def words(self) -> str:
        """Every word read, in lower case, between single spaces."""
        return key_of(" ".join(paragraph.text for paragraph in self.paragraphs))

    def has(self, text: str) -> bool:
        """Say whether the words of `text` were read, in a row."""
        return key_of(text) in self.words

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        """Every three words in a row."""
        words = self.words.split()
        return frozenset(zip(words, words[1:], words[2:], strict=False))


@lru_cache(maxsize=1024)  # each paragraph is looked up in three readings, one after the other
def key_of(text: str) -> str:
    """Give the words of a text between single spaces: what two readings are compared by."""
    return f" {' '.join(WORD.findall(text.lower()))} "


def read_by_trafilatura(tree: Any, wide: Reading) -> Reading:
    """Read the base: trafilatura's balanced reading.

    It asks readability and jusText itself, which takes half of its time, and which the vote asks
    too: that is spared where its own rules read about as much as `wide`, the most generous reading.
    """
    own = _trafilatura(tree, "trafilatura", favor_precision=False, is_alone=True)
    if OWN_LEAST * wide.length <= own.length <= OWN_MOST * wide.length:
        return own
    return _trafilatura(tree, "trafilatura", favor_precision=False, is_alone=False)


def read_by_strict_trafilatura(tree: Any) -> Reading:
    """Read by trafilatura with its own rules when it would rather miss than take too much."""
    return _trafilatura(tree, "trafilatura-strict", favor_precision=True, is_alone=True)


def read_by_readability(tree: Any) -> Reading:
    """Read the content that Mozilla's reader view would show (readability-lxml)."""
    try:
        summary = ReaderView(tree).summary(html_partial=True)
        paragraphs = list_paragraphs(lxml.html.fromstring(summary))
    except (Unparseable, lxml.etree.LxmlError, ValueError, TypeError, AttributeError, KeyError):
        return Reading(reader="readability")
    return Reading(reader="readability", paragraphs=paragraphs)


def read_by_resiliparse(markup: str) -> Reading:
    """Resiliparse's reading: quick, and generous."""
    text: str = extract_plain_text(markup, main_content=True, alt_texts=False)
    return Reading(
        reader="resiliparse",
        paragraphs=tuple(
            Paragraph(text=BULLET.sub("", tidy), kind="item" if BULLET.match(tidy) else "p")
            for line in text.split("\n")
            if (tidy := tidy_line(line))
        ),
    )


def _trafilatura(tree: Any, name: str, *, favor_precision: bool, is_alone: bool) -> Reading:
    document: Any = bare_extraction(
        tree,  # it works on a copy
        include_comments=False,
        include_tables=True,
        favor_precision=favor_precision,
        fast=is_alone,  # by its own rules only
    )
    paragraphs = list_paragraphs(document.body) if document is not None else ()
    return Reading(reader=name, paragraphs=paragraphs)
