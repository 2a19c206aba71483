"""The page *Liens*: which rows an address asks for; how every cited link is, why, what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Final, Protocol
from urllib.parse import urlencode

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
    ROW_SORTS,
    LinkMark,
    LinkRow,
    LinkState,
    Problem,
    Reference,
    RowFilter,
    RowWindow,
    TextChange,
    WindowAsk,
)
from search_web.render.markup import scrub
from search_web.site.addresses import absolute, add_query, is_web, lead_to_text, same_page
from search_web.site.languages import the_language, the_translator
from search_web.site.state import the_library

ROWS_PER_PAGE: Final = 50
IGNORED: Final = LinkMark.IGNORED.value  # asked for in the place of a state
# The filters of an address, and what they hold in a `RowFilter`.
FILTERS: Final[Mapping[str, str]] = MappingProxyType(
    {"cause": "cause", "site": "site", "section": "section", "fichier": "source"}
)
EVERY_ROW: Final = RowFilter()
SORTS: Final = ROW_SORTS  # in the order of the columns; "page.links.sort.…" are their headings


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAsk:
    """Hold the order and the filters that an address asks of the table."""

    wanted: RowFilter = EVERY_ROW
    sort: str = SORTS[0]
    is_reversed: bool = False
    page: int = 1

    @property
    def state(self) -> LinkState | None:
        """The state that is asked for."""
        return self.wanted.state

    @property
    def is_narrowed(self) -> bool:
        """Whether more than a state is asked for."""
        return self.wanted != RowFilter(state=self.state, is_ignored=self.wanted.is_ignored)

    @property
    def window(self) -> WindowAsk:
        """The rows that are asked for."""
        return WindowAsk(
            wanted=self.wanted,
            sort=self.sort,
            is_reversed=self.is_reversed,
            first=(self.page - 1) * ROWS_PER_PAGE,
            count=ROWS_PER_PAGE,
        )

    @property
    def state_slug(self) -> str:
        """The state that is asked for, as an address says it; "" for all."""
        return IGNORED if self.wanted.is_ignored else self.state.value if self.state else ""

    def query(self) -> str:
        """Give the query string of an address that asks this; "" for the plain table."""
        told = {
            "etat": self.state_slug,
            **{name: getattr(self.wanted, field) for name, field in FILTERS.items()},
            "depuis": self.wanted.first_day.isoformat() if self.wanted.first_day else "",
            "jusque": self.wanted.last_day.isoformat() if self.wanted.last_day else "",
            "tri": self.sort if self.sort != SORTS[0] else "",
            "sens": "inverse" if self.is_reversed else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return urlencode({name: value for name, value in told.items() if value})

    def narrow(self, state: LinkState | None, *, is_ignored: bool = False) -> "TableAsk":
        """Ask for the links in one state, for those that a person ignores, or for all."""
        return replace(
            self, wanted=replace(self.wanted, state=state, is_ignored=is_ignored), page=1
        )

    def order(self, sort: str) -> "TableAsk":
        """Sort by a column; by the one in use, the other way round."""
        is_reversed = not self.is_reversed if sort == self.sort else False
        return replace(self, sort=sort, is_reversed=is_reversed, page=1)

    def turn_to(self, page: int) -> "TableAsk":
        """Another page of it."""
        return replace(self, page=page)

    def direction(self, sort: str) -> str:
        """Give the value of `aria-sort` for a column."""
        if sort != self.sort:
            return "none"
        return "descending" if self.is_reversed else "ascending"


def parse_table_ask(args: Mapping[str, str]) -> TableAsk:
    """Read an address; what it asks that does not exist is as if it had not asked."""
    page = args.get("page", "")
    sort = args.get("tri", "")
    return TableAsk(
        wanted=RowFilter(
            state=LinkState(asked) if (asked := args.get("etat", "")) in LINK_STATES else None,
            is_ignored=asked == IGNORED,
            first_day=_parse_day(args.get("depuis", "")),
            last_day=_parse_day(args.get("jusque", "")),
            **{field: scrub(args.get(name, "")) for name, field in FILTERS.items()},
        ),
        sort=sort if sort in SORTS else SORTS[0],
        is_reversed=args.get("sens") == "inverse",
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


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

    def render(
        self,
        extension: str,
        *,
        self_url: str = "",
        language: str = "fr",
        wanted: RowFilter = EVERY_ROW,
    ) -> str | None:
        """Give the links wanted as "csv", "json", "html" or "atom", in a language; else None."""
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
        export_url=partial(export_url, ask),
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
        captures=current_app.extensions["find_captures"](row.url),
    )


@links.get("/liens.<extension>")
def export(extension: str) -> Response:
    """Give the rows that are asked for, all of them, in another form."""
    ask = parse_table_ask(request.args)
    place = export_url(ask, extension)
    text = _book().render(
        extension,
        self_url=absolute(the_library().site, place),
        language=the_language(),
        wanted=ask.wanted,
    )
    if text is None:
        abort(404)
    response = Response(text, content_type=MEDIA_TYPES[extension])
    if extension in ("csv", "html"):
        response.headers["Content-Disposition"] = f'attachment; filename="liens.{extension}"'
    return response


def export_url(ask: TableAsk, extension: str) -> str:
    """Give the address of all rows that are asked for, in another form."""
    return add_query(url_for("links.export", extension=extension), replace(ask, page=1).query())


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
