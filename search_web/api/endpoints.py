"""Answer programs in JSON. What they ask wrongly is said: 400, and why (RFC 9457)."""

import json
from typing import Any, Final

from flask import Blueprint, Response, current_app, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Response as BaseResponse

from indexer.messages import Message, message
from indexer.model import CitingNote, Document
from indexer.outlines import OutlineNote
from indexer.search import Results
from indexer.search.json_views import (
    describe_hit,
    describe_link,
    describe_search,
    render_moment,
)
from search_web.api.openapi import describe_api
from search_web.render.passages import Passage, choose_passages
from search_web.site.addresses import lead_to_note, lead_to_text, read_path_name, same_page
from search_web.site.languages import the_translator
from search_web.site.params import (
    FILTER_NAMES,
    MAX_PAGE,
    MAX_QUERY_LENGTH,
    MAX_VALUE_LENGTH,
    MAX_VALUES,
    SORT_NAMES,
    Ask,
)
from search_web.site.state import the_library

api = Blueprint("api", __name__, url_prefix="/api")

MAX_PAGE_SIZE: Final = 50
MAX_SUGGESTIONS: Final = 20
NOTES_PER_PAGE: Final = 100


class _MisusedError(Exception):
    """A parameter that can't be understood; says which and why."""

    def __init__(self, said: Message) -> None:
        super().__init__(said.key)
        self.said = said


@api.get("/openapi.json")
def openapi() -> Response:
    """Describe this interface (OpenAPI 3.1)."""
    return _answer(describe_api(the_library().site, request.script_root))


@api.get("/v1/search")
def search() -> Response:
    """Search; one page of hits."""
    ask = _read_ask(request.args)
    found = the_library().ask(ask)
    return _answer(describe_results(found, page=ask.page, page_size=ask.page_size))


@api.get("/v1/documents/<document_id>")
def document(document_id: str) -> BaseResponse:
    """Give a cited text, its notes, and what may be shown of the article."""
    library = the_library()
    found = library.find_text(document_id)
    if found is None:
        return lead_to_text(document_id, lambda key: same_page(document_id=key))
    passages = choose_passages(found, whole=library.shows_whole(found))
    return _answer(describe_document(found, passages))


@api.get("/v1/documents/<path:name>")
def document_by_name(name: str) -> BaseResponse:
    """Lead to a cited text from its DOI or its own address, whose slashes are those of a path."""
    return lead_to_text(
        read_path_name(name), lambda found: url_for("api.document", document_id=found)
    )


@api.get("/v1/notes")
def notes() -> Response:
    """Give the notes in their order, a page at a time."""
    page = _read_number(request.args, "page", default=1, most=1_000_000)
    shelf = the_library().shelf
    return _answer(
        {
            "total": shelf.count("notes"),
            "page": page,
            "page_size": NOTES_PER_PAGE,
            "notes": [
                describe_shelf_note(entry)
                for entry in shelf.list_notes((page - 1) * NOTES_PER_PAGE, NOTES_PER_PAGE)
            ],
        }
    )


@api.get("/v1/notes/<note_id>")
def note(note_id: str) -> BaseResponse:
    """Give a note and what it cites."""
    entry = the_library().shelf.notes.get(note_id)
    if entry is None:
        return lead_to_note(note_id, lambda key: same_page(note_id=key))
    return _answer(describe_shelf_note(entry))


@api.get("/v1/suggestions")
def suggestions() -> Response:
    """Give ways to go on typing."""
    prefix = _read_text(request.args, "q")
    limit = _read_number(request.args, "limit", default=8, most=MAX_SUGGESTIONS)
    found = the_library().suggest(prefix, limit) if prefix.strip() else ()
    return _answer(
        {
            "prefix": prefix,
            "suggestions": [
                {"text": each.text, "kind": each.kind, "documents": each.document_count}
                for each in found
            ],
        }
    )


@api.errorhandler(_MisusedError)
def _refuse(error: _MisusedError) -> BaseResponse:
    return problem(BadRequest(), error.said)


def problem(error: HTTPException, said: Message) -> BaseResponse:
    """Say what is wrong as RFC 9457 has it, and keep what the status asks for.

    `detail` is for people, in the language that is asked; `key`, an extension, is for programs.
    """
    body = {
        "type": "about:blank",
        "status": error.code,
        "detail": the_translator()(said),
        "key": said.key,
    }
    response = error.get_response()
    response.content_type = "application/problem+json"
    response.set_data(json.dumps(body, ensure_ascii=False))
    return response


def _read_ask(arguments: MultiDict[str, str]) -> Ask:
    page_size = _read_number(arguments, "page_size", default=10, most=MAX_PAGE_SIZE)
    page = _read_number(arguments, "page", default=1, most=MAX_PAGE)
    sort = SORT_NAMES.get(arguments.get("sort", "relevance"))
    if sort is None:
        raise _MisusedError(message("page.api.sort"))
    filters = {
        name: tuple(dict.fromkeys(given))
        for name, engine_name in FILTER_NAMES.items()
        if (given := arguments.getlist(engine_name))
    }
    for name, values in filters.items():
        if len(values) > MAX_VALUES or any(
            not value or len(value) > MAX_VALUE_LENGTH for value in values
        ):
            raise _MisusedError(message("page.api.values", name=FILTER_NAMES[name]))
    return Ask(
        query_text=_read_text(arguments, "q"),
        page=page,
        page_size=page_size,
        sort=sort,
        filters=filters,
        as_typed=_read_flag(arguments, "as_typed"),
        words_only=not _read_flag(arguments, "meaning", default="true"),
    )


def _read_text(arguments: MultiDict[str, str], name: str) -> str:
    text = arguments.get(name)
    if text is None:
        raise _MisusedError(message("page.api.missing", name=name))
    if len(text) > MAX_QUERY_LENGTH:
        raise _MisusedError(message("page.api.long", name=name, most=MAX_QUERY_LENGTH))
    return text


def _read_flag(arguments: MultiDict[str, str], name: str, *, default: str = "false") -> bool:
    text = arguments.get(name, default)
    if text not in {"true", "false"}:
        raise _MisusedError(message("page.api.flag", name=name))
    return text == "true"


def _read_number(arguments: MultiDict[str, str], name: str, *, default: int, most: int) -> int:
    text = arguments.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and 1 <= int(text) <= most):
        raise _MisusedError(message("page.api.number", name=name, most=most))
    return int(text)


def _answer(value: dict[str, Any]) -> Response:
    body = json.dumps(value, ensure_ascii=False)
    return current_app.response_class(body, content_type="application/json")


# --- values as JSON: offsets, never markup


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
