"""Describe pages to search engines: schema.org, as JSON-LD.

A text's page describes the original, at its own address; the copy is `archivedAt`, ours.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from indexer.model import CitingNote, Document

CONTEXT: Final = "https://schema.org"
# CSL's words -> schema.org's.
_TYPES: Final[Mapping[str, str]] = {
    "article-newspaper": "NewsArticle",
    "article-magazine": "Article",
    "article-journal": "ScholarlyArticle",
    "post-weblog": "BlogPosting",
    "report": "Report",
    "book": "Book",
    "chapter": "Chapter",
    "thesis": "Thesis",
}


def describe_site(name: str, *, home: str, results: str, language: str) -> dict[str, Any]:
    """Describe the site and how it is searched; `home` and `results` are absolute addresses."""
    return {
        "@context": CONTEXT,
        "@type": "WebSite",
        "name": name,
        "url": home,
        "inLanguage": language,
        "potentialAction": {
            "@type": "SearchAction",
            "target": f"{results}?q={{search_term_string}}",
            "query-input": "required name=search_term_string",
        },
    }


def describe_text(document: Document, *, page: str) -> dict[str, Any]:
    """Describe a cited text; `page` is the absolute address of our copy of it."""
    return {"@context": CONTEXT, **_describe_work(document, page=page)}


def describe_note(
    note: CitingNote, texts: Iterable[Document], *, page: str, pages: Mapping[str, str]
) -> dict[str, Any]:
    """Describe a note and what it cites; `pages` gives the address of each text's page."""
    return {
        "@context": CONTEXT,
        "@type": "CreativeWork",
        "@id": page,
        "url": page,
        "inLanguage": "fr",
        "text": note.text,
        "citation": [_describe_work(text, page=pages[text.id]) for text in texts],
    }


def _describe_work(document: Document, *, page: str) -> dict[str, Any]:
    reference = document.reference
    work: dict[str, Any] = {
        "@type": _TYPES.get(reference.type if reference else "", "CreativeWork"),
        "name": document.title,
        "inLanguage": document.language,
    }
    if reference is not None and reference.author:
        work["author"] = [
            {
                "@type": "Organization" if name.literal else "Person",
                "name": name.display,
            }
            for name in reference.author
        ]
    if document.issued:
        work["datePublished"] = document.issued
    if document.url:
        work["url"] = document.url
    if document.captured_at is not None:
        work["archivedAt"] = page
    return work
