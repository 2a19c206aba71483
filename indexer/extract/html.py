"""Read the main text of a page of HTML."""

from dataclasses import dataclass
from typing import Any

from trafilatura.core import bare_extraction

from indexer.extract.blocks import list_paragraphs
from indexer.model import Paragraph


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading of a page, and who read it."""

    reader: str
    paragraphs: tuple[Paragraph, ...] = ()

    @property
    def length(self) -> int:
        """Characters read."""
        return sum(len(paragraph.text) for paragraph in self.paragraphs)


def read_main_text(tree: Any) -> Reading:
    """The main text of a parsed page, without menus, comments or related links."""
    document: Any = bare_extraction(tree, include_comments=False, include_tables=True)
    paragraphs = list_paragraphs(document.body) if document is not None else ()
    return Reading(reader="trafilatura", paragraphs=paragraphs)


def drop_heading_of_title(paragraphs: tuple[Paragraph, ...], title: str) -> tuple[Paragraph, ...]:
    """The paragraphs, without the title that some pages repeat above their text."""
    wanted = title.casefold()
    for number, paragraph in enumerate(paragraphs[:3]):
        if paragraph.kind == "heading" and paragraph.text.casefold() == wanted:
            return paragraphs[:number] + paragraphs[number + 1 :]
    return paragraphs
