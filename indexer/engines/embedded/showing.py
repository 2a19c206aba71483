"""Make result rows of documents: what is told of each, and the passages that answer."""

from collections.abc import Iterable, Iterator, Sequence

from indexer.engines.embedded.locating import locate
from indexer.engines.embedded.postings import PostingsReader
from indexer.engines.embedded.shown import AnyStore
from indexer.model import Document, Paragraph
from indexer.search.results import FieldMatch, Hit
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
        matched=tuple(_match_fields(document, wanted)) if wanted else (),
        snippets=make_snippets(paragraphs, wanted, language, held=held) if wanted else (),
        mentions=make_mentions(document.notes, wanted) if wanted else (),
        link=document.link,
    )


def _match_fields(document: Document, wanted: Wanted) -> Iterator[FieldMatch]:
    """Give what answers of the description that `indexer.index.postings` indexes beside the title.

    Names, keywords and headings are read as French there, whatever the language of the text.
    """
    values = [("author", document.author)]
    if document.reference is not None:
        reference = document.reference
        values += [("editor", name.display) for name in reference.editor]
        values += [("translator", name.display) for name in reference.translator]
        values += [("keyword", keyword) for keyword in reference.keyword]
    values += [("container_title", document.container_title), ("issued", document.issued)]
    values += [("section", heading) for heading in document.section]
    for field, text in values:
        # Of a date the year alone is searched.
        marks = find_marks(text[:4] if field == "issued" else text, wanted)
        if marks:
            yield FieldMatch(field=field, text=text, marks=marks)
