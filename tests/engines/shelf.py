"""A small shelf of texts written for these tests, and how to index and ask it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from indexer.engines import Searcher, build_index, open_searcher
from indexer.engines.embedded.postings import PostingsReader
from indexer.engines.embedded.term_scores import read_rows, score_rows
from indexer.engines.planning.plan import ScoringTerm
from indexer.index import fingerprint
from indexer.index.changes import Changes, compare_ids
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


def compare(indexed: Mapping[str, str], documents: Iterable[Document]) -> Changes:
    """The changes from what is indexed (id -> fingerprint) to documents, the last of an id."""
    wanted = {document.id: document for document in documents}
    changed = compare_ids(indexed, ((key, fingerprint(each)) for key, each in wanted.items()))
    return Changes(
        added=tuple(each for each in wanted.values() if each.id in changed.added),
        updated=tuple(each for each in wanted.values() if each.id in changed.updated),
        deleted=changed.deleted,
        unchanged=changed.unchanged,
        order=changed.order,
    )


def score_term(term: ScoringTerm, reader: PostingsReader) -> Iterator[tuple[int, float]]:
    """The number of each document that has a term, and what the term adds to its score."""
    docs, scores = score_rows(list(read_rows([term], reader)), reader)
    return zip(docs.tolist(), scores.tolist(), strict=True)


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
