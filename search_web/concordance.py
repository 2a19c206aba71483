"""Find every occurrence of what is looked for, each with its context: a concordance."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from indexer.model import Document
from indexer.search import Wanted, find_marks

CONTEXT: Final = 60  # characters on each side


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A word found, what stands before and after it, and where it is."""

    before: str
    found: str
    after: str
    paragraph: int | None = None  # of the article, from 1; None in a note
    page: int | None = None  # of a PDF, from 1
    note_id: str = ""  # when it is in a note


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The occurrences of one text or note, in their order."""

    document: Document
    occurrences: tuple[Occurrence, ...]
    is_cut: bool = False  # there are more than may be shown


def find_lines(document: Document, wanted: Wanted, *, most: int) -> Lines:
    """Find the occurrences in an article and in the notes about it, at most so many."""
    occurrences: list[Occurrence] = []
    for occurrence in _find_all(document, wanted):
        if len(occurrences) == most:
            return Lines(document=document, occurrences=tuple(occurrences), is_cut=True)
        occurrences.append(occurrence)
    return Lines(document=document, occurrences=tuple(occurrences))


def _find_all(document: Document, wanted: Wanted) -> Iterator[Occurrence]:
    for number, paragraph in enumerate(document.paragraphs, start=1):
        for start, end in find_marks(paragraph.text, wanted, document.language):
            before, after = _surround(paragraph.text, start, end)
            yield Occurrence(
                before=before,
                found=paragraph.text[start:end],
                after=after,
                paragraph=number,
                page=paragraph.page,
            )
    for note in document.notes:
        for start, end in find_marks(note.text, wanted):
            before, after = _surround(note.text, start, end)
            yield Occurrence(
                before=before, found=note.text[start:end], after=after, note_id=note.id
            )


def _surround(text: str, start: int, end: int) -> tuple[str, str]:
    """Give the context on one line, cut between words."""
    left = max(start - CONTEXT, 0)
    right = min(end + CONTEXT, len(text))
    before, after = text[left:start], text[end:right]
    if left:
        before = "…" + before[before.find(" ") :] if " " in before else "…"
    if right < len(text):
        after = after[: after.rfind(" ") + 1] + "…" if " " in after else "…"
    return _flatten(before), _flatten(after)


def _flatten(text: str) -> str:
    return text.replace("\n\n", " ¶ ").replace("\n", " ")
