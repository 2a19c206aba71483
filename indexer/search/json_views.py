"""Describe hits as plain JSON values, one shape for the command and for the JSON interface.

Offsets, never markup. `search_web.openapi` documents the same keys, and a test compares both.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from indexer.model import LinkHealth
from indexer.search.results import Hit, Snippet


def describe_hit(hit: Hit) -> dict[str, Any]:
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
        "snippets": [describe_snippet(snippet) for snippet in hit.snippets],
        "notes": [
            {"id": mention.note_id, "sentence": describe_snippet(mention.sentence)}
            for mention in hit.mentions
        ],
        "link": describe_link(hit.link),
    }


def describe_snippet(snippet: Snippet) -> dict[str, Any]:
    """Describe a passage; marks are [start, end) in characters of its text."""
    return {
        "text": snippet.text,
        "marks": [list(mark) for mark in snippet.marks],
        "paragraph": snippet.paragraph,
        "page": snippet.page,
    }


def describe_link(link: LinkHealth) -> Mapping[str, Any]:
    """Describe how a link is."""
    return {
        "state": link.state.value,
        "reason": link.reason,
        "checked_at": render_moment(link.checked_at),
        "alive_at": render_moment(link.alive_at),
        "replacement": link.replacement,
    }


def render_moment(moment: datetime | None) -> str | None:
    """Write a moment in ISO 8601, or None."""
    return moment.isoformat() if moment else None
