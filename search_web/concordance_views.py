"""Show every occurrence of a search, on a page to print and as CSV."""

from typing import Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from indexer.csv_tables import render_csv
from search_web import wording
from search_web.addresses import absolute
from search_web.concordance import Lines, find_lines
from search_web.exports import attach
from search_web.languages import plain_url, the_translator
from search_web.library import the_library
from search_web.params import Ask, parse_ask
from search_web.passages import read_wanted

concordance = Blueprint("concordance", __name__)

MOST_TEXTS: Final = 100
MOST_OCCURRENCES: Final = 2000
MOST_OF_A_TEXT: Final = 200
MOST_OF_AN_EXTRACT: Final = 20  # where whole texts may not be shown
_COLUMNS: Final = (
    "id",
    "title",
    "author",
    "date",
    "place",
    "before",
    "occurrence",
    "after",
    "address",
)


@concordance.get("/concordance")
def page() -> str | BaseResponse:
    """Show the occurrences, text by text."""
    ask = parse_ask(request.args)
    if not ask.query_text:
        return redirect(url_for("pages.home"))
    lines, is_cut = _find(ask)
    total = sum(len(each.occurrences) for each in lines)
    return render_template("concordance.html", lines=lines, total=total, is_cut=is_cut)


@concordance.get("/concordance.csv")
def table() -> Response:
    """Give the occurrences as a table."""
    site, say = the_library().site, the_translator()
    rows = [
        (
            each.document.id,
            each.document.title,
            each.document.author,
            each.document.issued,
            wording.place_words(occurrence.paragraph, occurrence.page, occurrence.note_id, say),
            occurrence.before,
            occurrence.found,
            occurrence.after,
            absolute(site, plain_url("pages.text", document_id=each.document.id))
            if each.document.kind == "text"
            else absolute(site, plain_url("pages.note", note_id=each.document.id)),
        )
        for each in _find(parse_ask(request.args))[0]
        for occurrence in each.occurrences
    ]
    headings = [say(f"page.column.{name}") for name in _COLUMNS]
    return attach(render_csv([headings, *rows]), "text/csv", "concordance.csv")


def _find(ask: Ask) -> tuple[list[Lines], bool]:
    """Find the lines of the first texts, and say whether there are more than are shown."""
    library = the_library()
    wanted = read_wanted(ask.query_text)
    most = MOST_OF_A_TEXT if library.site.shows_full_text else MOST_OF_AN_EXTRACT
    first = library.find_first(ask, MOST_TEXTS)
    found: list[Lines] = []
    left = MOST_OCCURRENCES
    for hit in first.hits:
        document = library.find_shown(hit.id)
        if document is None:
            continue
        lines = find_lines(document, wanted, most=min(most, left))
        left -= len(lines.occurrences)
        if lines.occurrences:
            found.append(lines)
        if not left:
            break
    is_cut = not left or first.total > len(first.hits) or any(lines.is_cut for lines in found)
    return found, is_cut
