"""Describe a page inside itself to programs: schema.org as JSON-LD, and COinS for Zotero.

In JSON-LD a text's page describes the original, at its own address; the copy is `archivedAt`, ours.
A COinS is OpenURL 1.0 (KEV) as Zotero's translator reads it: without `rft_val_fmt` nothing is read,
an item type is honoured only in the `dc` format, and a journal article has a format of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from indexer.model import ZOTERO_BY_CSL, CitingNote, Document, Reference

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


LONGEST: Final = 200  # characters of an abstract; unAPI gives all of it


def render_coins(reference: Reference) -> str:
    """Render the KEV string, percent-encoded in UTF-8; escaping it for HTML is the template's."""
    is_journal = reference.type == "article-journal"
    pairs = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", f"info:ofi/fmt:kev:mtx:{'journal' if is_journal else 'dc'}"),
        *(_journal(reference) if is_journal else _dublin_core(reference)),
        *_names(reference),
        ("rft.date", _date(reference.issued)),
        ("rft.language", reference.language),
        ("rft_id", reference.url if is_journal and reference.url else ""),
    ]
    # In a query ":" and "/" stand for themselves (RFC 3986 §3.4): addresses stay shorter.
    return urlencode([(name, value) for name, value in pairs if value], safe=":/")


def _dublin_core(reference: Reference) -> Iterator[tuple[str, str]]:
    fallback = "webpage" if reference.url else "document"
    yield "rft.type", ZOTERO_BY_CSL.get(reference.type, fallback)
    yield "rft.title", reference.title
    yield "rft.source", reference.container_title
    yield "rft.publisher", reference.publisher
    yield "rft.identifier", reference.url or ""
    yield "rft.description", reference.abstract[:LONGEST]
    for keyword in reference.keyword:
        yield "rft.subject", keyword


def _journal(reference: Reference) -> Iterator[tuple[str, str]]:
    first, _, last = reference.page.replace("–", "-").partition("-")
    yield "rft.genre", "article"
    yield "rft.atitle", reference.title
    yield "rft.jtitle", reference.container_title
    yield "rft.volume", reference.volume
    yield "rft.issue", reference.issue
    yield "rft.spage", first.strip()
    yield "rft.epage", last.strip()


def _names(reference: Reference) -> Iterator[tuple[str, str]]:
    """Give the first author by parts, the others "Nom, Prénom", whoever else as a body."""
    people = [name for name in reference.author if not name.literal]
    for position, name in enumerate(people):
        if position == 0:
            yield "rft.aulast", name.family
            yield "rft.aufirst", name.given
        else:
            yield "rft.au", ", ".join(filter(None, (name.family, name.given)))
    for name in reference.author:
        if name.literal:
            yield "rft.aucorp", name.literal


def _date(edtf: str) -> str:
    """Keep what ISO 8601 knows: a season is left out, its year stays."""
    parts = edtf.split("/")[0].rstrip("?~%").split("-")
    if len(parts) > 1 and parts[1].isdecimal() and int(parts[1]) > 12:
        parts = parts[:1]
    return "-".join(parts)
