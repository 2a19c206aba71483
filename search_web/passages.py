"""Choose what of an archived text may be shown, and mark what somebody looks for in it."""

from dataclasses import dataclass

from indexer.model import Document
from indexer.search import Snippet, Wanted, collect_wanted, find_marks, make_snippets, parse_query


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A paragraph to show, or a part of it."""

    number: int  # of the paragraph in the article, from 1: its anchor
    kind: str
    snippet: Snippet
    next_number: int | None = None  # the next paragraph with a mark, if this one has one


def read_wanted(query_text: str) -> Wanted:
    """Read what a query looks for in a text; nothing, for an empty one."""
    return collect_wanted(parse_query(query_text))


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
