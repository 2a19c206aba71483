"""Make result rows of documents: what is told of each, and the passages that answer."""

from collections.abc import Iterable, Sequence

from indexer.engines.locating import locate
from indexer.engines.postings import PostingsReader
from indexer.engines.shown import AnyStore
from indexer.model import Document, Paragraph
from indexer.search.results import Hit
from indexer.search.snippets import Held, find_marks, make_mentions, make_snippets
from indexer.search.wanted import Wanted


def show_hits(
    ranked: Iterable[tuple[int, tuple[int, float]]],
    reader: PostingsReader,
    store: AnyStore,
    wanted: Wanted | None,
) -> tuple[Hit, ...]:
    """The rows of some documents, given as (rank, (number, score)), from one state of the store.

    Without `wanted`, without passages.
    """
    hits = []
    with store.snapshot():
        for rank, (number, score) in ranked:
            key, mark = reader.key(number)
            document, paragraphs = store.find_outline(key, mark)
            # Of another version than was indexed, the index does not know the places.
            is_indexed = wanted is not None and paragraphs.mark == mark
            held = locate(number, wanted, reader) if wanted and is_indexed else None
            hits.append(_describe(rank, score, document, paragraphs, wanted, held))
    return tuple(hits)


def _describe(
    rank: int,
    score: float,
    document: Document,
    paragraphs: Sequence[Paragraph],
    wanted: Wanted | None,
    held: Held | None,
) -> Hit:
    """A document (its paragraphs apart) as a result row; without `wanted`, without passages.

    `held` says what each paragraph holds, where that is known.
    """
    language = document.language
    return Hit(
        rank=rank,
        score=score,
        id=document.id,
        kind=document.kind,
        title=document.title,
        title_marks=find_marks(document.title, wanted, language) if wanted else (),
        author=document.author,
        container_title=document.container_title,
        site=document.site,
        issued=document.issued,
        url=document.url,
        section=document.section,
        language=language,
        has_text=bool(paragraphs),
        snippets=make_snippets(paragraphs, wanted, language, held=held) if wanted else (),
        mentions=make_mentions(document.notes, wanted) if wanted else (),
        link=document.link,
    )
