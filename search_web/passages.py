"""Choose what of an archived text may be shown: all of it, or extracts."""

from collections.abc import Iterator
from dataclasses import dataclass

from indexer.model import Document, Paragraph

EXTRACT_PARAGRAPHS = 2
EXTRACT_LENGTH = 600  # characters, in all


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A paragraph to show, and its place in the article (from 1), for its anchor."""

    number: int
    paragraph: Paragraph


def choose_passages(document: Document, *, whole: bool) -> tuple[Passage, ...]:
    """Give the paragraphs to show: all when `whole`, else the first few, cut short."""
    numbered = (
        Passage(number=number, paragraph=paragraph)
        for number, paragraph in enumerate(document.paragraphs, start=1)
    )
    return tuple(numbered) if whole else tuple(_cut(numbered))


def _cut(passages: Iterator[Passage]) -> Iterator[Passage]:
    left = EXTRACT_LENGTH
    shown = 0
    for passage in passages:
        if passage.paragraph.kind not in {"p", "quote"}:
            continue
        text = passage.paragraph.text
        if len(text) > left:
            text = text[:left].rsplit(" ", 1)[0] + " …"
        yield Passage(number=passage.number, paragraph=Paragraph(text=text))
        left -= len(text)
        shown += 1
        if left < 40 or shown == EXTRACT_PARAGRAPHS:
            return
