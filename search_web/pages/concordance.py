"""Show every occurrence of a search with its context: a concordance, to print and as CSV."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from indexer.csv_tables import write_csv
from indexer.model import Document
from indexer.search import Hit, MatchSpec, find_marks
from search_web.interop.exports import send_found
from search_web.render import wording
from search_web.site.addresses import absolute
from search_web.site.languages import plain_url, the_translator
from search_web.site.params import Ask, parse_ask
from search_web.site.state import the_library

CONTEXT: Final = 60  # characters on each side


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A word found, what stands before and after it, and where it is."""

    before: str
    found: str
    after: str
    paragraph: int | None = None  # of the article, from 1; None in a note
    page: int | None = None  # of a PDF, from 1
    note_id: str = ""  # when it is in a note


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The occurrences of one text or note, in their order."""

    document: Document
    occurrences: tuple[Occurrence, ...]
    is_cut: bool = False  # there are more than may be shown


def find_lines(document: Document, wanted: MatchSpec, *, most: int | None) -> Lines:
    """Find the occurrences in an article and in the notes about it, at most so many if any."""
    occurrences: list[Occurrence] = []
    for occurrence in _find_all(document, wanted):
        if len(occurrences) == most:
            return Lines(document=document, occurrences=tuple(occurrences), is_cut=True)
        occurrences.append(occurrence)
    return Lines(document=document, occurrences=tuple(occurrences))


def _find_all(document: Document, wanted: MatchSpec) -> Iterator[Occurrence]:
    for number, paragraph in enumerate(document.paragraphs, start=1):
        for start, end in find_marks(paragraph.text, wanted, document.language):
            before, after = _surround(paragraph.text, start, end)
            yield Occurrence(
                before=before,
                found=paragraph.text[start:end],
                after=after,
                paragraph=number,
                page=paragraph.page,
            )
    for note in document.notes:
        for start, end in find_marks(note.text, wanted):
            before, after = _surround(note.text, start, end)
            yield Occurrence(
                before=before, found=note.text[start:end], after=after, note_id=note.id
            )


def _surround(text: str, start: int, end: int) -> tuple[str, str]:
    """Give the context on one line, cut between words."""
    left = max(start - CONTEXT, 0)
    right = min(end + CONTEXT, len(text))
    before, after = text[left:start], text[end:right]
    if left:
        before = "…" + before[before.find(" ") :] if " " in before else "…"
    if right < len(text):
        after = after[: after.rfind(" ") + 1] + "…" if " " in after else "…"
    return _flatten(before), _flatten(after)


def _flatten(text: str) -> str:
    return text.replace("\n\n", " ¶ ").replace("\n", " ")


concordance = Blueprint("concordance", __name__)

A_PAGE: Final = 25  # texts and notes
MOST_OF_A_TEXT: Final = 200  # on a page
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
    """Show the occurrences, text by text, so many texts a page."""
    ask = parse_ask(request.args)
    if not ask.query_text:
        return redirect(url_for("pages.home"))
    library = the_library()
    asked = replace(ask, page_size=A_PAGE)
    found = library.ask(asked, extracts=False)
    lines = list(_find_in(found.hits, ask, most=MOST_OF_A_TEXT))
    return render_template(
        "concordance.html",
        lines=lines,
        count=sum(len(each.occurrences) for each in lines),
        total=found.total,
        first=(ask.page - 1) * A_PAGE + 1,
        last=(ask.page - 1) * A_PAGE + len(found.hits),
        page_count=asked.count_pages(found.total),
    )


@concordance.get("/concordance.csv")
def table() -> Response:
    """Give the occurrences of all texts and notes as a table."""
    ask = parse_ask(request.args)
    pages = the_library().find_pages(ask) if ask.query_text else iter(())
    return send_found(pages, partial(_write_table, ask), "text/csv", "concordance.csv")


def _write_table(ask: Ask, pages: Iterable[Sequence[Hit]]) -> Iterator[str]:
    """Write the occurrences in the texts and notes of some pages of a search."""
    library, say = the_library(), the_translator()
    rows = (
        (
            each.document.id,
            each.document.title,
            each.document.author,
            each.document.issued,
            wording.place_words(occurrence.paragraph, occurrence.page, occurrence.note_id, say),
            occurrence.before,
            occurrence.found,
            occurrence.after,
            absolute(library.site, plain_url("pages.text", document_id=each.document.id))
            if each.document.kind == "text"
            else absolute(library.site, plain_url("pages.note", note_id=each.document.id)),
        )
        for each in _find_in(chain.from_iterable(pages), ask, most=None)
        for occurrence in each.occurrences
    )
    return write_csv(chain([[say(f"page.column.{name}") for name in _COLUMNS]], rows))


def _find_in(hits: Iterable[Hit], ask: Ask, *, most: int | None) -> Iterator[Lines]:
    """Yield the occurrences in each text and note that has any, at most so many in each."""
    library = the_library()
    wanted = library.read_match_spec(ask)
    for hit in hits:
        document = library.find_shown(hit.id)
        most_here = most if library.shows_whole(document) else MOST_OF_AN_EXTRACT
        lines = None if document is None else find_lines(document, wanted, most=most_here)
        if lines is not None and lines.occurrences:
            yield lines
