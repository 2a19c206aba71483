"""Have a page's main text read by several readers: the only door of each.

Every reader is given the same tree, and gives a `Reading`; one that finds nothing, or trips
over the page, gives an empty one. Which reading is believed is decided in `choice`.
"""

import re
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import lxml.etree
import lxml.html
from lxml.etree import XPath
from readability import Document
from readability.readability import REGEXES, Unparseable
from resiliparse.extract.html2text import extract_plain_text
from trafilatura.core import bare_extraction

from indexer.extract.blocks import list_paragraphs, tidy_line
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


UNLIKELY: Final = REGEXES["unlikelyCandidatesRe"]
MAYBE: Final = REGEXES["okMaybeItsACandidateRe"]
NAMED: Final = XPath("descendant::*[@class or @id]")
IS_CODE: Final = XPath("boolean(ancestor-or-self::pre | ancestor-or-self::code)")
# What `divToPElementsRe` looks for in the markup of an element, as the beginning of a tag.
BLOCK_TAGS: Final = ("blockquote", "dl", "div", "img", "ol", "p", "table", "ul")
INLINE_TAGS: Final = frozenset(
    "a b cite code em font i small span strong sub sup u".split()  # noqa: SIM905
)
BLANKS: Final = re.compile(r"\t|[ \t]{2,}")


class ReaderView(Document):  # type: ignore[misc]  # readability has no types
    """Find the content that Mozilla's reader view would show of a parsed page; the page is kept.

    readability-lxml, told to hurry. It would parse the page again, clean it again, and drop what is
    styled `display: none`: but pages hide their very article so, until a script of theirs has run.
    And it spends most of its time on what these methods say in fewer steps, with the same result.
    """

    def __init__(self, tree: Any) -> None:
        """Take a page that is parsed already."""
        super().__init__("")
        self._tree = tree

    def _parse(self, _: str) -> Any:
        tree = deepcopy(self._tree)  # readability takes it apart, sometimes twice
        for element in list(tree.iter("script", "style", "link")):
            element.drop_tree()
        return tree

    def remove_unlikely_candidates(self) -> None:
        """Drop what is named as the shell of a site."""
        for element in NAMED(self.html):
            names = f"{element.get('class', '')} {element.get('id', '')}"
            if (
                _is_unlikely(names)
                and element.tag not in ("html", "body")
                and not IS_CODE(element)
                and next(element.iter("main", "article", "math"), None) is None
            ):
                element.drop_tree()

    def transform_misused_divs_into_paragraphs(self) -> None:
        """Make paragraphs of the `div`s that hold no blocks, and of the text between blocks."""
        for element in self.html.findall(".//div"):
            if not any(_holds_block(child) for child in element):
                element.tag = "p"
        for element in self.html.findall(".//div"):
            _wrap_inline(element, list(element))
            _wrap_tails(element)

    def get_link_density(self, element: Any) -> float:
        """Give the part of an element's text that is in links."""
        linked = sum(_length(link.text_content()) for link in element.findall(".//a"))
        return float(linked) / max(_length(element.text_content()), 1)


def _wrap_inline(element: Any, children: Iterable[Any]) -> None:
    """Put the text that opens a `div`, and what is inline in it, in paragraphs."""
    paragraph = None
    if element.text and element.text.strip():
        paragraph = lxml.html.Element("p")
        paragraph.text = element.text
        element.text = None
        element.insert(0, paragraph)
    for child in children:
        if child.tag not in INLINE_TAGS or _holds_block(child):
            paragraph = None
            continue
        if paragraph is None:
            paragraph = lxml.html.Element("p")
            child.addprevious(paragraph)
        paragraph.append(child)


def _wrap_tails(element: Any) -> None:
    """Put the text behind each child of a `div` in a paragraph; drop its line breaks."""
    for place, child in reversed(list(enumerate(element))):
        if child.tail and child.tail.strip():
            after = lxml.html.Element("p")
            after.text = child.tail
            child.tail = None
            element.insert(place + 1, after)
        if child.tag == "br":
            child.drop_tree()


@lru_cache(maxsize=4096)  # a page gives the same names to many elements
def _is_unlikely(names: str) -> bool:
    return UNLIKELY.search(names) is not None and MAYBE.search(names) is None


def _holds_block(element: Any) -> bool:
    return any(
        isinstance(each.tag, str) and each.tag.startswith(BLOCK_TAGS) for each in element.iter()
    )


def _length(text: str) -> int:
    """Give the characters of a text, its white space squeezed as readability's `clean` does."""
    if "\n" not in text and "\t" not in text and "  " not in text:
        return len(text.strip())
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    return sum(map(_line_length, lines)) + max(0, len(lines) - 1)


def _line_length(line: str) -> int:
    return len(BLANKS.sub(" ", line) if "\t" in line or "  " in line else line)
