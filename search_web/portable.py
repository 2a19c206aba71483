"""Write hits, texts and notes as plain JSON values, for programs. Offsets, never markup."""

from typing import Any

from indexer.model import CitingNote, Document
from indexer.outlines import OutlineNote
from indexer.search import Results
from indexer.search.json_views import (
    describe_hit,
    describe_link,
    describe_search,
    render_moment,
)
from search_web.languages import the_translator
from search_web.passages import Passage


def describe_results(found: Results, *, page: int, page_size: int) -> dict[str, Any]:
    """Describe a page of results."""
    return {
        **describe_search(found, [the_translator()(each) for each in found.unread]),
        "page": page,
        "page_size": page_size,
        "all_words": (
            {"query": found.all_words.query_text, "total": found.all_words.total}
            if found.all_words
            else None
        ),
        "terms": [
            {"typed": term.typed, "term": term.term, "documents": term.document_count}
            for term in found.terms
        ],
        "facets": {
            name: [{"value": value.value, "count": value.count} for value in values]
            for name, values in found.facets.items()
        },
        "hits": [describe_hit(hit, the_translator()) for hit in found.hits],
        "near": [describe_hit(hit, the_translator()) for hit in found.near],
    }


def describe_document(document: Document, passages: tuple[Passage, ...]) -> dict[str, Any]:
    """Describe a text and the passages of it that may be shown."""
    return {
        "id": document.id,
        "kind": document.kind.value,
        "title": document.title,
        "author": document.author,
        "container_title": document.container_title,
        "issued": document.issued,
        "site": document.site,
        "url": document.url,
        "section": list(document.section),
        "language": document.language,
        "keywords": list(document.reference.keyword) if document.reference else [],
        "captured_at": render_moment(document.captured_at),
        "link": describe_link(document.link, the_translator()),
        "notes": [describe_note(note) for note in document.notes],
        "paragraphs": [
            {
                "number": passage.number,
                "kind": passage.kind,
                "page": passage.snippet.page,
                "text": passage.snippet.text,
            }
            for passage in passages
        ],
    }


def describe_note(note: CitingNote) -> dict[str, Any]:
    """Describe a note as written."""
    return {"id": note.id, "text": note.text, "section": list(note.section)}


def describe_shelf_note(entry: OutlineNote) -> dict[str, Any]:
    """Describe a note and what it cites."""
    return {**describe_note(entry.note), "cites": list(entry.text_ids)}
