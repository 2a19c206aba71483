"""Read the article that a page states whole in its JSON-LD (schema.org `articleBody`)."""

import html
import re
from collections.abc import Sequence
from typing import Final

from indexer.extract.blocks import list_paragraphs, tidy_line
from indexer.extract.markup import parse_markup
from indexer.model import Paragraph

MIN_CHARS: Final = 500
SHORTER: Final = 0.5  # what was read of the markup, of what is declared
MAX_CHARS: Final = 2_000_000
TAG: Final = re.compile(r"</?(?:p|br|div|h[1-6]|li|blockquote|a|em|strong)\b[^>]{0,500}>", re.I)
LINE_END: Final = re.compile(r"\s*[\r\n]+\s*")


def prefer_declared(
    body: str, paragraphs: Sequence[Paragraph], *, is_walled: bool
) -> tuple[Paragraph, ...]:
    """The paragraphs that a page declares, where its markup shows much less; () elsewhere.

    `body` is the `articleBody`, `paragraphs` are those read of the markup. What a paywall hides
    from readers is not taken: nobody who follows the reference could read it.
    """
    if is_walled or len(body) < MIN_CHARS:
        return ()
    declared = list_declared(body[:MAX_CHARS])
    length = sum(len(each.text) for each in declared)
    had = sum(len(each.text) for each in paragraphs)
    return declared if length >= MIN_CHARS and had < SHORTER * length else ()


def list_declared(body: str) -> tuple[Paragraph, ...]:
    """The paragraphs of an `articleBody`: plain text, its lines, or HTML, even escaped."""
    text = html.unescape(body)
    if TAG.search(text):
        tree = parse_markup(text)
        return list_paragraphs(tree) if tree is not None else ()
    lines = map(tidy_line, LINE_END.split(text))
    return tuple(Paragraph(text=line) for line in lines if line)
