"""Write hits, texts and notes as plain JSON values, for programs. Offsets, never markup."""

from collections.abc import Mapping
from typing import Any

from indexer.model import CitingNote, Document, LinkHealth
from indexer.search import Hit, Results, describe_snippet
from search_web.passages import Passage
from search_web.shelf import ShelfNote


def describe_results(found: Results, *, page: int, page_size: int) -> dict[str, Any]:
    """Describe a page of results."""
    return {
        "query": found.query_text,
        "understood": found.understood,
        "total": found.total,
        "page": page,
        "page_size": page_size,
        "corrections": [
            {"typed": typed, "searched": searched} for typed, searched in found.corrections
        ],
        "terms": [
            {"typed": term.typed, "term": term.term, "documents": term.document_count}
            for term in found.terms
        ],
        "facets": {
            name: [{"value": value.value, "count": value.count} for value in values]
            for name, values in found.facets.items()
        },
        "hits": [describe_hit(hit) for hit in found.hits],
    }


def describe_hit(hit: Hit) -> dict[str, Any]:
    """Describe a hit: the same names as `renvois search --json` prints."""
    return {
        "rank": hit.rank,
        "score": hit.score,
        "id": hit.id,
        "kind": hit.kind.value,
        "title": hit.title,
        "author": hit.author,
        "container_title": hit.container_title,
        "issued": hit.issued,
        "site": hit.site,
        "url": hit.url,
        "section": list(hit.section),
        "language": hit.language,
        "has_text": hit.has_text,
        "snippets": [describe_snippet(snippet) for snippet in hit.snippets],
        "notes": [
            {"id": mention.note_id, "sentence": describe_snippet(mention.sentence)}
            for mention in hit.mentions
        ],
        "link": describe_link(hit.link),
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
        "captured_at": document.captured_at.isoformat() if document.captured_at else None,
        "link": describe_link(document.link),
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


def describe_shelf_note(entry: ShelfNote) -> dict[str, Any]:
    """Describe a note and what it cites."""
    return {**describe_note(entry.note), "cites": list(entry.text_ids)}


def describe_link(link: LinkHealth) -> Mapping[str, Any]:
    """Describe how a link is."""
    return {
        "state": link.state.value,
        "reason": link.reason,
        "checked_at": link.checked_at.isoformat() if link.checked_at else None,
        "alive_at": link.alive_at.isoformat() if link.alive_at else None,
        "replacement": link.replacement,
    }
