"""Describe hits as plain JSON values, one shape for the command and for the JSON interface.

Offsets, never markup. `search_web.api.openapi` documents the same keys, and a test compares both.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from indexer.messages import Translator, render_json
from indexer.model import LinkHealth
from indexer.search.results import Hit, Results, Snippet


def describe_hit(hit: Hit, say: Translator) -> dict[str, Any]:
    """Describe a hit; `issued` is EDTF, moments are ISO 8601, the score has six decimals."""
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
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
        "matched": [
            {"field": each.field, "text": each.text, "marks": [list(mark) for mark in each.marks]}
            for each in hit.matched
        ],
        "snippets": [describe_snippet(snippet) for snippet in hit.snippets],
        "notes": [
            {"id": mention.note_id, "sentence": describe_snippet(mention.sentence)}
            for mention in hit.mentions
        ],
        "link": describe_link(hit.link, say),
    }


def describe_corrections(results: Results) -> dict[str, Any]:
    """Describe what was searched instead of what was typed, and what with it.

    An empty mapping where only what was typed was searched.
    """
    described = describe_search(results, [])
    return {
        name: described[name]
        for name in ("corrections", "synonyms", "identifiers")
        if described[name]
    }


def describe_search(results: Results, unread: list[str]) -> dict[str, Any]:
    """Describe how many texts a search found, as what it was read, and what was not searched.

    `unread` says in the words of a language what was not understood.
    """
    return {
        "query": results.query_text,
        "understood": results.understood,
        "total": results.total,
        "corrections": [
            {"typed": typed, "searched": searched} for typed, searched in results.corrections
        ],
        "identifiers": [
            {"typed": term.typed, "scheme": term.scheme, "documents": term.document_count}
            for term in results.terms
            if term.scheme
        ],
        "offers": [{"typed": typed, "near": near} for typed, near in results.offers],
        "synonyms": [{"typed": word.typed, "also": list(word.also)} for word in results.own_words],
        "unread": unread,
        "meaning": list(results.meant),
    }


def describe_snippet(snippet: Snippet) -> dict[str, Any]:
    """Describe a passage; marks are [start, end) in characters of its text."""
    return {
        "text": snippet.text,
        "marks": [list(mark) for mark in snippet.marks],
        "paragraph": snippet.paragraph,
        "page": snippet.page,
    }


def describe_link(link: LinkHealth, say: Translator) -> Mapping[str, Any]:
    """Describe how a link is: its reason as a message, and in the words of a language."""
    return {
        "state": link.state.value,
        "reason": render_json(link.reason),
        "reason_text": say(link.reason),
        "checked_at": render_moment(link.checked_at),
        "alive_at": render_moment(link.alive_at),
        "replacement": link.replacement,
    }


def render_moment(moment: datetime | None) -> str | None:
    """Write a moment in ISO 8601, or None."""
    return moment.isoformat() if moment else None
