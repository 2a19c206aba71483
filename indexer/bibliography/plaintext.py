"""Cut annotated plain text into blocks, as somebody typed it or as a page was saved.

Nothing here knows what a reference is. Two lines are told apart that look alike: an empty line
only separates paragraphs, a line of no-break spaces is an empty paragraph of the page that was
saved, and ends what stands above it.
"""

import re
from collections.abc import Iterator
from typing import Final

from indexer.bibliography.blocks import Block, Shape

_BULLET: Final = re.compile(r"[•◦▪‣●○■□∙·*+–—-][ \t\u00a0]+(?=\S)")
_NUMBER: Final = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,3}[.)]|\d{1,2}(?:\.\d{1,2}){1,3}|[IVX]{1,5}[.)]|"
    r"[A-Z][.)](?=\s+\S+\s))[ \t\u00a0]+(?=\S)"
)
_UNDERLINE: Final = re.compile(r"(?:={3,}|-{3,}|~{3,}|\^{3,})\s*")
_RULE: Final = re.compile(r"\s*(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,}|(?:=\s*){3,})\s*")
_SPACE: Final = " \t\r\f\v"


def parse_blocks(text: str) -> list[Block]:
    """Cut a text into blocks; line numbers are those of the text, from 1."""
    return list(_blocks(text.split("\n")))


def _blocks(lines: list[str]) -> Iterator[Block]:
    held: list[str] = []
    first = depth = gap = 0
    shape, marker = Shape.PARAGRAPH, ""

    def flush(end: int) -> Iterator[Block]:
        if held:
            yield Block(
                shape=shape,
                raw="\n".join(held),
                line=first,
                end=end,
                marker=marker,
                depth=depth,
                gap=gap,
            )
            held.clear()

    blanks = 0
    for number, line in enumerate(lines, start=1):
        words = line.strip()  # no-break spaces go too
        if not words:
            yield from flush(number - 1)
            if line.strip(_SPACE):
                yield Block(shape=Shape.BREAK, line=number, end=number)
            else:
                blanks += 1
            continue
        if len(held) == 1 and shape is Shape.PARAGRAPH and _UNDERLINE.fullmatch(words):
            level = 1 if words[0] == "=" else 2
            yield Block(
                shape=Shape.HEADING, raw=held.pop(), line=first, end=number, level=level, gap=gap
            )
            continue
        if not held and _RULE.fullmatch(words):
            yield Block(shape=Shape.BREAK, line=number, end=number)
            continue
        bullet = _BULLET.match(words)
        numbered = _NUMBER.match(words)
        if bullet or numbered or not held:
            yield from flush(number - 1)
            found = bullet or numbered
            marker = found[0].strip() if found else ""
            shape = Shape.ITEM if found else Shape.PARAGRAPH
            depth = len(line) - len(line.lstrip())
            first, gap, blanks = number, blanks, 0
            held.append(words[found.end() :] if found else words)
        else:
            held.append(words)
    yield from flush(len(lines))
