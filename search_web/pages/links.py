"""The page *Liens*: how every cited link is, why, and what to do about it."""

from collections.abc import Sequence
from typing import Final, Protocol

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
from werkzeug.wrappers import Response as BaseResponse

from indexer.messages import Message, Translator
from indexer.model import (
    LINK_STATES,
    LinkRow,
    Problem,
    Reference,
    RowWindow,
    TextChange,
    WindowAsk,
)
from search_web.pages.link_table import FILTERS, ROWS_PER_PAGE, SORTS, TableAsk, parse_table_ask
from search_web.site.addresses import absolute, add_query, is_web
from search_web.site.languages import the_language, the_translator
from search_web.site.moved import lead_to_text, same_page
from search_web.site.state import the_library

MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
}


class LinkReports(Protocol):
    """The protocol of the reports that the page of links reads, from several threads at once."""

    @property
    def generation(self) -> str:
        """Name the state of the rows: another value whenever a row may have changed."""
        ...

    def find_window(self, ask: WindowAsk) -> RowWindow:
        """Find some rows, and the counts of each filter under the others."""
        ...

    def find_row(self, reference_id: str, reference: Reference | None = None) -> LinkRow | None:
        """Find how the link of a text is; a `reference` has it told without waiting for others."""
        ...

    def problems(self) -> Sequence[Problem]:
        """Give what is wrong in what people decided about links."""
        ...

    def find_change(self, url: str) -> TextChange | None:
        """Give what became of the text behind a link; None where there is but one text."""
        ...

    def say_completeness(self, say: Translator) -> Sequence[str]:
        """Say since when every link was visited, or how many were not, and why."""
        ...

    def list_next_steps(self, row: LinkRow) -> Sequence[tuple[Message, str]]:
        """List what a person can do about a link: what for, and the command to copy."""
        ...

    def preview_repair(self, row: LinkRow) -> Sequence[str]:
        """Give the patches that a repair of the bibliography would be for a link, a file each."""
        ...

    def render(self, extension: str, *, self_url: str = "", language: str = "fr") -> str | None:
        """Give the links as "csv", "json", "html" or "atom", in a language; else None."""
        ...


links = Blueprint("links", __name__)


def show_links(app: Flask, book: LinkReports | None) -> None:
    """Give the application its page *Liens*; without a book it has none."""
    app.jinja_env.globals["has_links"] = book is not None
    app.jinja_env.globals["web_address"] = web_address
    app.jinja_env.globals["table_url"] = table_url
    if book is not None:
        app.extensions["link_reports"] = book
        app.register_blueprint(links)


@links.get("/liens")
def page() -> str | BaseResponse:
    """Show the table of links."""
    ask = parse_table_ask(request.args)
    table = _book().find_window(ask.window)
    page_count = max(1, -(-table.total // ROWS_PER_PAGE))
    if ask.page > page_count:
        return redirect(table_url(ask.turn_to(page_count)))
    return render_template(
        "links.html",
        table=table,
        page_count=page_count,
        completeness=_book().say_completeness(the_translator()),
        wanted=ask,
        filters=FILTERS,
        states=LINK_STATES,
        sorts=SORTS,
        problems=_book().problems(),
    )


@links.get("/liens/<reference_id>")
def course(reference_id: str) -> str | BaseResponse:
    """Show one link: its history, why it is not counted dead, what became of its text."""
    row = find_row(reference_id)
    if row is None:
        return lead_to_text(reference_id, lambda found: same_page(reference_id=found))
    change = _book().find_change(row.url)
    return render_template(
        "link.html",
        row=row,
        change=change,
        states=LINK_STATES,
        steps=_book().list_next_steps(row),
        patches=_book().preview_repair(row),
    )


@links.get("/liens.<extension>")
def export(extension: str) -> Response:
    """Give the whole table in another form."""
    address = absolute(the_library().site, url_for("links.export", extension=extension))
    text = _book().render(extension, self_url=address, language=the_language())
    if text is None:
        abort(404)
    response = Response(text, content_type=MEDIA_TYPES[extension])
    if extension in ("csv", "html"):
        response.headers["Content-Disposition"] = f'attachment; filename="liens.{extension}"'
    return response


def table_url(ask: TableAsk) -> str:
    """Give the address of the table that is asked for."""
    return add_query(url_for("links.page"), ask.query())


def find_row(reference_id: str, reference: Reference | None = None) -> LinkRow | None:
    """Find how the link of a text is, and was; None where there is no page *Liens*."""
    book: LinkReports | None = current_app.extensions.get("link_reports")
    return None if book is None else book.find_row(reference_id, reference)


def web_address(url: str) -> str:
    """Give an address that a link may lead to; nothing but the web's own schemes."""
    return url if is_web(url) else "#"


def _book() -> LinkReports:
    book: LinkReports = current_app.extensions["link_reports"]
    return book
