"""Filters and functions that templates may call."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial, wraps
from itertools import groupby
from typing import Any, Final

from flask import url_for
from markupsafe import Markup

from indexer.messages.typography import set_french
from indexer.model import SECTION_BREAK, CitingNote, Document
from indexer.outlines import OutlineEntry, short_name
from indexer.search import FieldMatch, Hit, Span, find_marks
from search_web.interop import embedded_metadata, exports
from search_web.pages import browse
from search_web.render import markup, passages, wording
from search_web.site import addresses
from search_web.site.languages import the_language, the_translator
from search_web.site.state import the_library

# HTML's `datetime` knows years, months and days, and no season.
_HTML_DATE: Final = re.compile(r"\d{4}(-(0\d|1[0-2])(-[0-3]\d)?)?", re.ASCII)


def is_html_date(edtf: str) -> bool:
    """Whether `<time datetime>` may say this date."""
    return _HTML_DATE.fullmatch(edtf) is not None


def group_by_section(
    entries: Iterable[OutlineEntry],
) -> Iterator[tuple[tuple[str, ...], list[OutlineEntry]]]:
    """Gather the entries that follow one another under one heading."""
    for section, group in groupby(entries, key=lambda entry: entry.section):
        yield section, list(group)


def page_numbers(page: int, page_count: int) -> Sequence[int]:
    """Choose the pages to name: the ends, the neighbours; 0 stands for those left out."""
    near = {1, page_count, *range(page - 1, page + 2)}
    numbers: list[int] = []
    for number in sorted(n for n in near if 1 <= n <= page_count):
        if numbers and number - numbers[-1] > 1:
            numbers.append(0)
        numbers.append(number)
    return numbers


def note_title(note: CitingNote, length: int = 70) -> str:
    """Name a note by its first words, at most so many characters."""
    return set_french(wording.first_words(note.text, length))


def in_language(function: Callable[..., str]) -> Callable[..., str]:
    """Have a function of wording, which takes a translator last, speak as the reader does."""

    @wraps(function)
    def speak(*values: Any) -> str:
        return function(*values, the_translator())

    return speak


def render_language(language: str) -> Markup:
    """Render the attribute that says which language follows, where it isn't that of the page."""
    return markup.render_language(language, the_language())


def field_marks(described: Hit | Document, field: str) -> tuple[Span, ...]:
    """Give the words found in one field of a result; none of a text that no search found."""
    matched = described.matched if isinstance(described, Hit) else ()
    return next((each.marks for each in matched if each.field == field), ())


def authors_of(described: Hit | Document) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """Give each author of a result by name, with the words found in that name."""
    marks, at = field_marks(described, "author"), 0
    for name in described.author.split(", "):
        yield name, tuple((start - at, end - at) for start, end in marks if start < at + len(name))
        at += len(name) + 2


def passage_address(document: Document, number: int) -> str:
    """Give the address of a paragraph, which finds its words again when the text has changed."""
    named: dict[str, Any] = passages.name_passage(document, number)
    return f"{url_for('pages.text', document_id=document.id, choix=None, **named)}#p{number}"


def paths_above(path: str) -> Iterator[tuple[str, str]]:
    """Give the sections around one, the outermost first: each path, and its own heading."""
    headings = path.split(SECTION_BREAK)
    for depth in range(1, len(headings)):
        yield SECTION_BREAK.join(headings[:depth]), headings[depth - 1]


def list_headings(section: Sequence[str], hit: Hit) -> list[FieldMatch]:
    """List the headings to show above a note: those found in a search, and always the nearest."""
    found = {each.text: each for each in hit.matched if each.field == "section"}
    nearest = FieldMatch(field="section", text=section[-1], marks=())
    above = [found[heading] for heading in section[:-1] if heading in found]
    return [*above, found.get(section[-1], nearest)]


TEMPLATE_FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "coins": embedded_metadata.render_coins,
    "day": in_language(wording.day_words),
    "edtf": in_language(wording.edtf_words),
    "french": set_french,
    "groupby_section": group_by_section,
    "is_html_date": is_html_date,
    "link_sentence": in_language(wording.link_sentence),
    "json": markup.render_json,
    "markdown": markup.render_markdown,
    "marks": markup.render_marks,
    "runs": markup.render_runs,
    "scrub": markup.scrub,
    "section": wording.section_words,
    "short_name": short_name,
    "snippet": markup.render_snippet,
}
TEMPLATE_GLOBALS: Final[Mapping[str, Any]] = {
    "cite": exports.cite_text,
    "census": in_language(wording.census),
    "heading": in_language(wording.results_heading),
    "authors_of": authors_of,
    "browse_url": browse.browse_url,
    "hit_url": addresses.hit_url,
    "month_name": lambda first: the_translator().month(first),
    "weekdays": lambda: the_translator().weekdays(),
    "field_marks": field_marks,
    "find_marks": find_marks,
    "headings_shown": list_headings,
    "lang": render_language,
    "linked_on": addresses.linked_on,
    "link_slug": lambda link: link.state.value,
    "name_language": lambda code: the_translator().language_name(code),
    "note_title": note_title,
    "page_kind": lambda document: wording.page_kind_words(document.article_kind, the_translator()),
    "page_numbers": page_numbers,
    "passage_address": passage_address,
    "passage_url": addresses.passage_url,
    "paths_above": paths_above,
    "place_words": in_language(wording.place_words),
    "state_slug": lambda state: state.value,
    "search_url": addresses.search_url,
    "shows_whole": lambda document: the_library().shows_whole(document),
    "turn_url": addresses.turn_url,
    "turns": lambda make_url, asked: lambda page: make_url(asked.turn_to(page)),
    "turner": lambda endpoint, **values: partial(url_for, endpoint, **values),
}
