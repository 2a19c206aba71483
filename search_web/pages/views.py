"""Answer a reader: read the address, ask once, render once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import HTTPException, ServiceUnavailable
from werkzeug.local import LocalProxy
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as BaseResponse

from indexer.errors import (
    CatalogueError,
    CorpusError,
    DamagedIndexError,
    SearchIndexError,
    WithdrawalError,
)
from indexer.messages import LANGUAGES, NAMES, message
from indexer.model import LINK_STATES, Document
from indexer.outlines import OutlineNote, Outlines
from indexer.search import Example, Results, parse_query, render_query
from search_web.api.endpoints import problem
from search_web.interop import embedded_metadata
from search_web.interop.exports import CSV
from search_web.pages.browse import EVERYTHING, show_values
from search_web.pages.facets import make_chips, make_facets
from search_web.pages.links import find_row
from search_web.pages.query_relaxation import climb, find_hint
from search_web.pages.selection import PARAMETER as CHOSEN
from search_web.pages.selection import Selection, join_names, the_selection
from search_web.pages.template_filters import note_title
from search_web.render import wording
from search_web.render.passages import choose_passages, find_cited, fit_extracts
from search_web.site.addresses import (
    GoneError,
    absolute,
    asset_url,
    here,
    lead_to_note,
    lead_to_text,
    original_url,
    read_path_name,
    same_page,
    search_url,
    tag_uri,
)
from search_web.site.languages import (
    PARAMETER,
    open_markup_translator,
    plain_url,
    read_asked,
    the_language,
    the_translator,
)
from search_web.site.params import RANGE_FIELDS, find_moved, parse_ask
from search_web.site.protocols import CitationStyle
from search_web.site.state import the_library

pages = Blueprint("pages", __name__)

ENTRIES_PER_PAGE: Final = 30
ON_HOME: Final = 6  # values, dead links
NOTES_ON_HOME: Final = 4
RETRY_AFTER_S: Final = 60  # when the index can't be used: a build of thousands of texts takes less


@pages.app_context_processor
def _site() -> dict[str, object]:
    library = the_library()
    return {
        "site": library.site,
        "shelf": LocalProxy(_read_shelf),
        "exporters": [each for each in (*library.site.exporters, CSV) if each.is_offered],
        "ask": parse_ask(request.args),
        "absolute": partial(absolute, library.site),
        "asset": partial(asset_url, current_app),
        "site_data": _describe_site,
        "text_data": _describe_text,
        "note_data": _describe_note,
        "tag_uri": partial(tag_uri, library.site),
        "note_name": _name_note,
        "say": open_markup_translator(the_language()),
        "language": the_language(),
        "lang_asked": read_asked(request.args.get(PARAMETER, "")),
        "languages": NAMES,
        "other_languages": [each for each in LANGUAGES if each != the_language()],
        "this_page_in": _turn_to_language,
        "plain_url": plain_url,
        "original_url": partial(original_url, find_text=library.find_shown),
    }


def _read_shelf() -> Outlines:
    """Read the shelf once for a page: each look asks whether the index has changed (0.1 ms)."""
    if "shelf" not in g:
        g.shelf = the_library().shelf
    shelf: Outlines = g.shelf
    return shelf


@pages.get("/")
def home() -> str | BaseResponse:
    """Say what the bibliography is: a field, examples, its sections, notes and dead links.

    A question asked of it (`/?q=`, as of many a search engine) is one for the results.
    """
    if request.args.get("q"):
        asked = urlencode(list(request.args.items(multi=True)))
        return redirect(f"{plain_url('pages.results')}?{asked}")
    library = the_library()
    found = library.find_first(EVERYTHING, 1)
    facets = make_facets(found, EVERYTHING, the_translator(), shown=ON_HOME)
    return render_template(
        "home.html",
        examples=library.examples,
        facets=[each for each in facets if each.name in ("section", "auteur", "mot", "annee")],
        notes=library.shelf.list_latest_notes()[:NOTES_ON_HOME],
        dead=library.shelf.list_dead()[:ON_HOME],
    )


@pages.get("/mentions")
def legal() -> str:
    """Say who publishes the site, as its owner wrote it, and how to reach them."""
    site = the_library().site
    if not (site.legal or site.contact):
        abort(404)
    return render_template("legal.html")


@pages.get("/recherche")
def results() -> str | BaseResponse:
    """Show a page of ranked results."""
    ask = parse_ask(request.args)
    if ask.is_empty and not ask.whole_facet:
        return redirect(url_for("pages.home"))
    library = the_library()
    if (told := library.tell_sections(ask)) != ask:
        return redirect(search_url(told), code=308)
    found = library.ask(ask)
    page_count = ask.count_pages(found.total)
    say = the_translator()
    if ask.page > page_count:
        return redirect(search_url(ask.turn_to(page_count)))
    if any(name in request.args for name in RANGE_FIELDS):
        return redirect(search_url(ask))  # the form of years: the address says what it filters
    if ask.whole_facet:
        return show_values(found, ask)
    return render_template(
        "results.html",
        found=replace(found, hits=fit_extracts(found.hits)),
        understood=_write_back(found),
        page_count=page_count,
        facets=make_facets(found, ask, say, count=library.count),
        all_words=_write_all_words(found),
        chips=make_chips(ask, say),
        hint=find_hint(ask.query_text),
        rungs=()
        if found.total
        else climb(
            ask,
            found,
            count=library.count,
            suggest=library.suggest,
            either=say("page.query.or"),
        ),
        examples=() if found.total else library.examples,
        title=wording.page_title(found, ask.page, page_count, say),
    )


@pages.get("/textes/<document_id>")
def text(document_id: str) -> BaseResponse:
    """Show a cited text: reference, link, notes, and what may be shown of the article."""
    library = the_library()
    document = library.find_text(document_id)
    if document is None:
        return lead_to_text(document_id, lambda found: same_page(document_id=found))
    ask = parse_ask(request.args)
    wanted, is_whole = library.read_match_spec(ask), library.shows_whole(document)
    page = render_template(
        "text.html",
        document=document,
        passages=choose_passages(document, wanted, whole=is_whole),
        is_whole=is_whole,
        wanted=wanted,
        cited=find_cited(document, request.args.get("passage", ""), request.args.get("copie", "")),
        similar=library.find_similar(document_id, by_meaning=not ask.words_only),
        row=find_row(document_id, document.reference),
        style=_choose_style(request.args.get("style", "")),
        captures=current_app.extensions["find_captures"](document.url or ""),
    )
    response = Response(page)
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    return response


def _choose_style(name: str) -> CitationStyle | None:
    """Choose the style that an address names, else the first; None where there is none."""
    styles = the_library().site.styles
    return next((each for each in styles if each.name == name), styles[0] if styles else None)


@pages.get("/textes/<path:name>")
def text_by_name(name: str) -> BaseResponse:
    """Lead to a cited text from its DOI or its own address, whose slashes are those of a path."""
    return lead_to_text(
        read_path_name(name), lambda found: url_for("pages.text", document_id=found)
    )


@pages.get("/notes/<note_id>")
def note(note_id: str) -> str | BaseResponse:
    """Show a note as written, the texts that it cites, notes like it, and its neighbours."""
    library = the_library()
    shelf = library.shelf
    # By this name alone: another one may be made of the author and the title of what is withdrawn.
    shelf_note = shelf.notes.get(note_id)
    if shelf_note is None:
        return lead_to_note(note_id, lambda found: same_page(note_id=found))
    texts = shelf.find_texts(shelf_note.text_ids)
    ask = parse_ask(request.args)
    return render_template(
        "note.html",
        entry=shelf_note,
        texts=texts,
        wanted=library.read_match_spec(ask),
        near_notes=library.find_near_notes(shelf_note, by_meaning=not ask.words_only),
    )


@pages.get("/notes")
def notes() -> str:
    """Show the bibliography by section, a page at a time."""
    shelf = the_library().shelf
    page_count = max(-(-shelf.count("entries") // ENTRIES_PER_PAGE), 1)
    page = min(parse_ask(request.args).page, page_count)
    return render_template(
        "notes.html",
        entries=shelf.list_entries((page - 1) * ENTRIES_PER_PAGE, ENTRIES_PER_PAGE),
        contents=shelf.list_contents(ENTRIES_PER_PAGE),
        page=page,
        page_count=page_count,
    )


@pages.get("/aide")
def help_page() -> str:
    """Say on one screen what may be typed."""
    lessons = the_library().teach(the_translator())
    return render_template("help.html", lessons=lessons, states=LINK_STATES)


def _turn_to_language(language: str | None, *, for_machines: bool = False) -> str:
    """Give the present address in another language; with None, the one that says none.

    `for_machines` leaves out what a reader chose on the way: the page is the same without it.
    """
    named = (PARAMETER, CHOSEN)
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name not in named]
    if not for_machines and (names := the_selection().names):
        pairs.append((CHOSEN, join_names(names)))
    if language is not None:
        pairs.append((PARAMETER, language))
    return f"{here()}?{urlencode(pairs)}" if pairs else here()


def _write_back(found: Results) -> str:
    """Write a query as it was understood, in the operators and fields of the reader's language."""
    if the_language() == "fr":
        return found.understood
    return render_query(parse_query(found.understood), the_language())


def _write_all_words(found: Results) -> Example | None:
    """Write the query for the texts with all the words as the reader's language does.

    None where there are not several words, or every text has them all.
    """
    strict = found.all_words
    if strict is None or strict.total == found.total:
        return None
    query = render_query(parse_query(strict.query_text), the_language())
    return replace(strict, query_text=query)


@pages.before_app_request
def _redirect_old() -> BaseResponse | None:
    """Lead from an address whose values were French words to the one of today, for good.

    What stands behind the "?" of a memento is part of the address that was captured.
    """
    if request.endpoint == "mementos.replay":
        return None
    query = find_moved(request.args)
    return redirect(f"{here()}?{query}", code=308) if query is not None else None


def _name_note(note_id: str) -> str:
    """Name a note, even one that left the index while this page was made."""
    entry = the_library().find_note(note_id)
    return note_title(entry.note) if entry else the_translator()("page.note")


def _describe_site() -> dict[str, object]:
    site = the_library().site
    return embedded_metadata.describe_site(
        site.name,
        home=absolute(site, plain_url("pages.home")),
        results=absolute(site, plain_url("pages.results")),
        language=the_language(),
    )


def _describe_text(document: Document) -> dict[str, object]:
    return embedded_metadata.describe_text(document, page=_text_page(document.id))


def _describe_note(entry: OutlineNote, texts: Sequence[Document]) -> dict[str, object]:
    page = absolute(the_library().site, plain_url("pages.note", note_id=entry.note.id))
    pages = {text.id: _text_page(text.id) for text in texts}
    return embedded_metadata.describe_note(entry.note, texts, page=page, pages=pages)


def _text_page(document_id: str) -> str:
    return absolute(the_library().site, plain_url("pages.text", document_id=document_id))


def _show_gone(error: GoneError) -> str:
    """Show what is left of a text or a note that the bibliography has no more."""
    cited = the_library().shelf.find_texts(error.identity.texts)
    day = date.fromisoformat(error.identity.gone_on)
    return render_template("gone.html", gone=error.identity, gone_on=day, texts=cited)


def handle_errors(app: Flask) -> None:
    """Show what goes wrong in the same voice as the rest."""

    def show(error: HTTPException, key: str = "") -> BaseResponse | HTTPException:
        if isinstance(error, RequestRedirect):  # of "//": the proxy knows the host, we may not
            return redirect("/" + error.new_url.split("/", 3)[3], code=error.code)
        if error.code is None or error.code < 400:
            return error  # a redirection, not a failure
        key = key or wording.error_key(error.code)
        if request.path.startswith("/api/"):
            return problem(error, message(f"{key}.advice"))
        page = _show_gone(error) if isinstance(error, GoneError) else ""
        response = error.get_response()  # keeps what the status asks for: Allow, Retry-After
        response.content_type = "text/html; charset=utf-8"
        response.set_data(page or render_template("error.html", code=error.code, key=key))
        return response

    def show_stopped(error: CorpusError) -> BaseResponse | HTTPException:
        app.logger.error("%s", error)
        g.selection = Selection()  # nobody knows which texts may be shown
        key = wording.REBUILDING if isinstance(error, DamagedIndexError) else ""
        return show(ServiceUnavailable(retry_after=RETRY_AFTER_S), key)

    app.register_error_handler(HTTPException, show)
    app.register_error_handler(SearchIndexError, show_stopped)
    app.register_error_handler(CatalogueError, show_stopped)
    app.register_error_handler(WithdrawalError, show_stopped)
