"""Answer a reader: read the address, ask once, render once."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import HTTPException, ServiceUnavailable
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response as BaseResponse

from indexer.errors import CorpusError, DamagedIndexError, SearchIndexError, WithdrawalError
from indexer.model import Document
from search_web import linked_data, wording
from search_web.addresses import absolute, asset_url, original_url, tag_uri
from search_web.api import problem
from search_web.exports import CSV
from search_web.facets import make_chips, make_facets
from search_web.filters import note_title
from search_web.hints import find_hint
from search_web.ladder import climb
from search_web.lessons import LINK_WORDS, choose_words, make_lessons
from search_web.library import the_library
from search_web.link_views import find_row
from search_web.params import parse_ask, render_ask
from search_web.passages import choose_passages, fit_extracts, read_wanted
from search_web.shelf import ShelfNote, list_contents

pages = Blueprint("pages", __name__)

ENTRIES_PER_PAGE: Final = 30
RETRY_AFTER_S: Final = 60  # when the index can't be used: a build of thousands of texts takes less


@pages.app_context_processor
def _site() -> dict[str, object]:
    library = the_library()
    return {
        "site": library.site,
        "shelf": LocalProxy(lambda: library.shelf),
        "exporters": [each for each in (*library.site.exporters, CSV) if each.is_offered],
        "ask": parse_ask(request.args),
        "absolute": partial(absolute, library.site),
        "asset": partial(asset_url, current_app),
        "site_data": _describe_site,
        "text_data": _describe_text,
        "note_data": _describe_note,
        "tag_uri": partial(tag_uri, library.site),
        "note_name": _name_note,
        "original_url": partial(original_url, find_text=library.find_shown),
    }


@pages.get("/")
def home() -> str:
    """One field, three examples, the state of the corpus."""
    library = the_library()
    return render_template("home.html", shelf=library.shelf, examples=library.examples)


@pages.get("/recherche")
def results() -> str | BaseResponse:
    """Show a page of ranked results."""
    ask = parse_ask(request.args)
    if ask.is_empty:
        return redirect(url_for("pages.home"))
    library = the_library()
    found = library.ask(ask)
    page_count = ask.count_pages(found.total)
    if ask.page > page_count:
        return redirect(f"{url_for('pages.results')}?{render_ask(ask.turn_to(page_count))}")
    return render_template(
        "results.html",
        found=replace(found, hits=fit_extracts(found.hits)),
        page_count=page_count,
        facets=make_facets(found, ask),
        chips=make_chips(ask),
        hint=find_hint(ask.query_text),
        rungs=()
        if found.total
        else climb(ask, found, count=library.count, suggest=library.suggest),
        examples=() if found.total else library.examples,
        title=wording.page_title(found, ask.page, page_count),
    )


@pages.get("/textes/<document_id>")
def text(document_id: str) -> Response:
    """Show a cited text: reference, link, notes, and what may be shown of the article."""
    library = the_library()
    document = library.find_text(document_id)
    if document is None:
        abort(404)
    wanted = read_wanted(parse_ask(request.args).query_text)
    page = render_template(
        "text.html",
        document=document,
        passages=choose_passages(document, wanted, whole=library.site.shows_full_text),
        wanted=wanted,
        similar=library.find_similar(document_id),
        row=find_row(document_id),
        captures=current_app.extensions["find_captures"](document.url or ""),
    )
    response = Response(page)
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    return response


@pages.get("/notes/<note_id>")
def note(note_id: str) -> str:
    """Show a note as written, the texts that it cites, and its neighbours."""
    library = the_library()
    shelf_note, shelf = library.find_note(note_id), library.shelf
    if shelf_note is None:
        abort(404)
    texts = [shelf.texts[text_id] for text_id in shelf_note.text_ids]
    wanted = read_wanted(parse_ask(request.args).query_text)
    return render_template("note.html", entry=shelf_note, texts=texts, wanted=wanted)


@pages.get("/notes")
def notes() -> str:
    """Show the bibliography by section, a page at a time."""
    entries = the_library().shelf.entries
    page_count = max(-(-len(entries) // ENTRIES_PER_PAGE), 1)
    page = min(parse_ask(request.args).page, page_count)
    first = (page - 1) * ENTRIES_PER_PAGE
    return render_template(
        "notes.html",
        entries=entries[first : first + ENTRIES_PER_PAGE],
        contents=list_contents(entries, ENTRIES_PER_PAGE),
        page=page,
        page_count=page_count,
    )


@pages.get("/aide")
def help_page() -> str:
    """Say on one screen what may be typed."""
    library = the_library()
    lessons = make_lessons(choose_words(library.shelf, library.examples))
    return render_template("help.html", lessons=lessons, link_words=LINK_WORDS.items())


def _name_note(note_id: str) -> str:
    """Name a note, even one that left the index while this page was made."""
    entry = the_library().find_note(note_id)
    return note_title(entry.note) if entry else "Note"


def _describe_site() -> dict[str, object]:
    site = the_library().site
    return linked_data.describe_site(
        site.name,
        home=absolute(site, url_for("pages.home")),
        results=absolute(site, url_for("pages.results")),
    )


def _describe_text(document: Document) -> dict[str, object]:
    return linked_data.describe_text(document, page=_text_page(document.id))


def _describe_note(entry: ShelfNote, texts: Sequence[Document]) -> dict[str, object]:
    page = absolute(the_library().site, url_for("pages.note", note_id=entry.note.id))
    pages = {text.id: _text_page(text.id) for text in texts}
    return linked_data.describe_note(entry.note, texts, page=page, pages=pages)


def _text_page(document_id: str) -> str:
    return absolute(the_library().site, url_for("pages.text", document_id=document_id))


def handle_errors(app: Flask) -> None:
    """Show what goes wrong in the same voice as the rest."""

    def show(
        error: HTTPException, words: wording.ErrorWords | None = None
    ) -> BaseResponse | HTTPException:
        if error.code is None or error.code < 400:
            return error  # a redirection, not a failure
        words = words or wording.error_words(error.code)
        if request.path.startswith("/api/"):
            return problem(error, f"{words.title}. {words.advice}")
        response = error.get_response()  # keeps what the status asks for: Allow, Retry-After
        response.content_type = "text/html; charset=utf-8"
        response.set_data(_render_error(error.code, words))
        return response

    def show_stopped(error: CorpusError) -> BaseResponse | HTTPException:
        app.logger.error("%s", error)
        is_damaged = isinstance(error, DamagedIndexError)
        words = wording.rebuilding_words() if is_damaged else None
        return show(ServiceUnavailable(retry_after=RETRY_AFTER_S), words)

    app.register_error_handler(HTTPException, show)
    app.register_error_handler(SearchIndexError, show_stopped)
    app.register_error_handler(WithdrawalError, show_stopped)


def _render_error(code: int, words: wording.ErrorWords) -> str:
    return render_template("error.html", code=code, words=words)
