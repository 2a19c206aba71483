"""Choose what of an archived text may be shown, and mark what somebody looks for in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from indexer.model import Document
from indexer.search import (
    Hit,
    Snippet,
    Wanted,
    find_marks,
    make_snippets,
)

ROOM: Final = 300  # characters of extracts a row, on an average: a page of rows stays light


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A paragraph to show, or a part of it."""

    number: int  # of the paragraph in the article, from 1: its anchor
    kind: str
    snippet: Snippet
    next_number: int | None = None  # the next paragraph with a mark, if this one has one


def choose_passages(
    document: Document, wanted: Wanted | None = None, *, whole: bool
) -> tuple[Passage, ...]:
    """Give the passages to show: every paragraph when `whole`, else the extracts that answer.

    Without anything wanted, or found, the extract is the opening of the text.
    """
    wanted = wanted or Wanted()
    language = document.language
    if whole:
        snippets: tuple[Snippet, ...] = tuple(
            Snippet(
                text=paragraph.text,
                marks=find_marks(paragraph.text, wanted, language),
                paragraph=position,
                page=paragraph.page,
            )
            for position, paragraph in enumerate(document.paragraphs)
        )
    else:
        snippets = make_snippets(document.paragraphs, wanted, language)
    return _link(document, snippets)


def fit_extracts(hits: Sequence[Hit], room: int = ROOM) -> tuple[Hit, ...]:
    """Leave out the extracts that a page of rows has no room for: `room` characters a row.

    Each row keeps its best one; the rows that come first get their second and their third first.
    """
    best = [sorted(hit.snippets, key=lambda each: -len(each.marks)) for hit in hits]
    left = room * len(hits) - sum(len(each[0].text) for each in best if each)
    kept = [each[:1] for each in best]
    for turn in range(1, max(map(len, best), default=0)):
        for row, snippets in enumerate(best):
            if len(kept[row]) == turn < len(snippets) and len(snippets[turn].text) <= left:
                kept[row].append(snippets[turn])
                left -= len(snippets[turn].text)
    return tuple(
        replace(hit, snippets=tuple(each for each in hit.snippets if each in snippets))
        for hit, snippets in zip(hits, kept, strict=True)
    )


def _link(document: Document, snippets: tuple[Snippet, ...]) -> tuple[Passage, ...]:
    """Number the passages and have each marked one point to the next."""
    passages: list[Passage] = []
    following: int | None = None
    for snippet in reversed(snippets):
        position = snippet.paragraph or 0
        passages.append(
            Passage(
                number=position + 1,
                kind=document.paragraphs[position].kind,
                snippet=snippet,
                next_number=following if snippet.marks else None,
            )
        )
        if snippet.marks:
            following = position + 1
    return tuple(reversed(passages))
