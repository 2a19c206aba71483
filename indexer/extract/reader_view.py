"""readability-lxml, given a page that is parsed already, and told to hurry.

It would parse the page again, clean it again, and drop what is styled `display: none`: but pages
hide their very article so, until a script of theirs has run. And it spends most of its time on
what these methods say in fewer steps, with the same result.
"""

import re
from collections.abc import Iterable
from copy import deepcopy
from functools import lru_cache
from typing import Any, Final

import lxml.html
from lxml.etree import XPath
from readability import Document
from readability.readability import REGEXES

UNLIKELY: Final = REGEXES["unlikelyCandidatesRe"]
MAYBE: Final = REGEXES["okMaybeItsACandidateRe"]
NAMED: Final = XPath("descendant::*[@class or @id]")
# What `divToPElementsRe` looks for in the markup of an element, as the beginning of a tag.
BLOCK_TAGS: Final = ("blockquote", "dl", "div", "img", "ol", "p", "table", "ul")
INLINE_TAGS: Final = frozenset(
    "a b cite code em font i small span strong sub sup u".split()  # noqa: SIM905
)
BLANKS: Final = re.compile(r"\t|[ \t]{2,}")


class ReaderView(Document):  # type: ignore[misc]  # readability has no types
    """Find the content that Mozilla's reader view would show of a parsed page; the page is kept."""

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
                and not element.xpath("ancestor-or-self::pre | ancestor-or-self::code")
                and not element.xpath(
                    "descendant-or-self::main | descendant-or-self::article"
                    " | descendant-or-self::math"
                )
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
