"""A small shelf of texts written for these tests, and how to index and ask it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.engines import Searcher, build_index, open_searcher
from indexer.model import CitingNote, Document, DocumentKind, Paragraph


def text(
    id: str, title: str, body: str = "", *, note: str = "", language: str = "fr", **more: object
) -> Document:
    """A cited text with one paragraph and at most one note."""
    return Document(
        id=id,
        kind=DocumentKind.TEXT,
        title=title,
        paragraphs=(Paragraph(text=body),) if body else (),
        notes=(CitingNote(id=f"note-{id}", text=note),) if note else (),
        language=language,
        **more,  # type: ignore[arg-type]
    )


@contextmanager
def opened(folder: Path, *documents: Document) -> Iterator[Searcher]:
    """A searcher over these documents."""
    build_index(folder, documents)
    searcher = open_searcher(folder)
    try:
        yield searcher
    finally:
        searcher.close()


def found(searcher: Searcher, query_text: str, **how: object) -> list[str]:
    """The ids that a query finds, the best first."""
    results = searcher.search(query_text, page_size=100, **how)  # type: ignore[arg-type]
    return [hit.id for hit in results.hits]
