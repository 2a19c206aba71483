"""Describe the JSON interface to programs: OpenAPI 3.1."""

from typing import Any, Final

from indexer import __version__
from indexer.model import DocumentKind, LinkState
from search_web.site.params import (
    FILTER_NAMES,
    MAX_PAGE,
    MAX_QUERY_LENGTH,
    MAX_VALUE_LENGTH,
    MAX_VALUES,
)
from search_web.site.protocols import Site

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": "integer", "minimum": 0}
_MOMENT: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
_TEXTS: Final[Schema] = {"type": "array", "items": _TEXT}
_MARKS: Final[Schema] = {
    "type": "array",
    "description": "[start, end) in characters of the text",
    "items": {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2},
}
_MATCHED: Final = [
    "author",
    "editor",
    "translator",
    "container_title",
    "issued",
    "keyword",
    "identifier",
    "section",
]
_KIND: Final[Schema] = {"type": "string", "enum": [kind.value for kind in DocumentKind]}


def _record(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list_of(name: str) -> Schema:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


def _named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_DESCRIBED: Final[dict[str, Schema]] = {
    "id": _TEXT,
    "kind": _KIND,
    "title": _TEXT,
    "author": _TEXT,
    "container_title": _TEXT,
    "issued": {"type": "string", "description": "EDTF (ISO 8601-2)"},
    "site": _TEXT,
    "url": {"type": ["string", "null"]},
    "section": _TEXTS,
    "language": {"type": "string", "description": "BCP 47"},
}
_SCHEMAS: Final[dict[str, Schema]] = {
    "Problem": _record(type=_TEXT, status=_NUMBER, detail=_TEXT, key=_TEXT),
    "Link": _record(
        state={"type": "string", "enum": [state.value for state in LinkState]},
        reason={
            "type": ["string", "array", "null"],
            "description": "a key of the catalogues of messages; or [key, {name: value}]",
        },
        reason_text=_TEXT,
        checked_at=_MOMENT,
        alive_at=_MOMENT,
        replacement={"type": ["string", "null"]},
    ),
    "Snippet": _record(
        text=_TEXT,
        marks=_MARKS,
        paragraph={"type": ["integer", "null"]},
        page={"type": ["integer", "null"]},
    ),
    "FieldMatch": _record(field={"type": "string", "enum": _MATCHED}, text=_TEXT, marks=_MARKS),
    "Mention": _record(id=_TEXT, sentence=_named("Snippet")),
    "Hit": _record(
        rank=_NUMBER,
        score={"type": "number"},
        **_DESCRIBED,
        has_text={"type": "boolean"},
        matched=_list_of("FieldMatch"),
        snippets=_list_of("Snippet"),
        notes=_list_of("Mention"),
        link=_named("Link"),
    ),
    "Results": _record(
        query=_TEXT,
        understood=_TEXT,
        total=_NUMBER,
        page=_NUMBER,
        page_size=_NUMBER,
        corrections={"type": "array", "items": _record(typed=_TEXT, searched=_TEXT)},
        identifiers={
            "type": "array",
            "description": "what was typed that names one text: its DOI, ISBN, address, HAL or "
            "arXiv number",
            "items": _record(typed=_TEXT, scheme=_TEXT, documents=_NUMBER),
        },
        offers={"type": "array", "items": _record(typed=_TEXT, near=_TEXT)},
        synonyms={
            "type": "array",
            "description": "what the site's own file searched besides; nothing besides for a word "
            "that it protects, which is searched as written",
            "items": _record(typed=_TEXT, also={"type": "array", "items": _TEXT}),
        },
        unread={
            "type": "array",
            "description": "what of the query was not understood, in words",
            "items": _TEXT,
        },
        meaning={
            "type": "array",
            "description": "what the meaning of texts was used for: the order of the first hits, "
            "passages beside them; empty where words answered alone",
            "items": {"type": "string", "enum": ["order", "passages"]},
        },
        near={
            **_list_of("Hit"),
            "description": "passages near the question in meaning, of texts that words did not "
            "place among the first: not counted; their marks are the nearest sentence",
        },
        all_words={
            "description": "the query for those that have all the words; null without several",
            "anyOf": [_record(query=_TEXT, total=_NUMBER), {"type": "null"}],
        },
        terms={"type": "array", "items": _record(typed=_TEXT, term=_TEXT, documents=_NUMBER)},
        facets={
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": _record(value=_TEXT, count=_NUMBER),
            },
        },
        hits=_list_of("Hit"),
    ),
    "CitingNote": _record(id=_TEXT, text=_TEXT, section=_TEXTS),
    "Note": _record(id=_TEXT, text=_TEXT, section=_TEXTS, cites=_TEXTS),
    "Notes": _record(total=_NUMBER, page=_NUMBER, page_size=_NUMBER, notes=_list_of("Note")),
    "Document": _record(
        **_DESCRIBED,
        keywords=_TEXTS,
        captured_at=_MOMENT,
        link=_named("Link"),
        notes=_list_of("CitingNote"),
        paragraphs={
            "type": "array",
            "items": _record(
                number=_NUMBER, kind=_TEXT, page={"type": ["integer", "null"]}, text=_TEXT
            ),
        },
    ),
    "Suggestions": _record(
        prefix=_TEXT,
        suggestions={"type": "array", "items": _record(text=_TEXT, kind=_TEXT, documents=_NUMBER)},
    ),
}


def describe_api(site: Site, root: str = "") -> Schema:
    """Make the description of the interface of `site`, which stands under the path `root`."""
    query = _parameter("q", {"type": "string", "maxLength": MAX_QUERY_LENGTH}, required=True)
    page = _parameter("page", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE})
    value = {"type": "string", "minLength": 1, "maxLength": MAX_VALUE_LENGTH}
    values = {"type": "array", "items": value, "maxItems": MAX_VALUES}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": site.name,
            "version": __version__,
            "summary": "Search the texts that an annotated bibliography cites.",
        },
        "servers": [{"url": site.base_url or root or "/"}],
        "paths": {
            "/api/v1/search": _get(
                "search",
                "Results",
                query,
                page,
                _parameter("page_size", {"type": "integer", "minimum": 1, "maximum": 50}),
                _parameter("sort", {"type": "string", "enum": ["relevance", "date"]}),
                _parameter("as_typed", {"type": "boolean"}),
                _parameter("meaning", {"type": "boolean", "default": True}),
                *(_parameter(name, values) for name in FILTER_NAMES.values()),
            ),
            "/api/v1/documents/{document_id}": _get(
                "document", "Document", _in_path("document_id")
            ),
            "/api/v1/notes": _get(
                "notes",
                "Notes",
                _parameter("page", {"type": "integer", "minimum": 1, "maximum": 1_000_000}),
            ),
            "/api/v1/notes/{note_id}": _get("note", "Note", _in_path("note_id")),
            "/api/v1/suggestions": _get(
                "suggestions",
                "Suggestions",
                query,
                _parameter("limit", {"type": "integer", "minimum": 1, "maximum": 20}),
            ),
        },
        "components": {"schemas": _SCHEMAS},
    }


def _parameter(name: str, schema: Schema, *, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _get(operation: str, answer: str, *parameters: Schema) -> Schema:
    refusals = {
        status: {
            "description": description,
            "content": {"application/problem+json": {"schema": _named("Problem")}},
        }
        for status, description in (
            ("400", "A parameter that can't be understood"),
            ("404", "No such thing"),
            ("410", "What the bibliography had once, and has no more"),
            ("429", "Too many requests"),
            ("503", "Nothing indexed yet, or the index is being built again (Retry-After)"),
        )
    }
    content = {"application/json": {"schema": _named(answer)}}
    return {
        "get": {
            "operationId": operation,
            "parameters": list(parameters),
            "responses": {
                "200": {"description": "Found", "content": content},
                "301": {"description": "Another name of it: its id is in Location"},
                **refusals,
            },
        }
    }
