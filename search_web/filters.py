"""What templates may call."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from indexer.messages import open_translator
from indexer.model import CitingNote, LinkHealth, LinkState
from indexer.search import find_marks
from search_web import addresses, coins, highlight, wording
from search_web.shelf import ShelfEntry
from search_web.typography import set_french

# The names of the icons, and of the classes that colour the words beside them.
LINK_SLUGS: Final[Mapping[LinkState, str]] = {
    LinkState.ALIVE: "vivant",
    LinkState.MOVED: "deplace",
    LinkState.BLOCKED: "bloque",
    LinkState.SICK: "malade",
    LinkState.DEAD: "mort",
    LinkState.UNKNOWN: "inconnu",
}
# HTML's `datetime` knows years, months and days, and no season.
_HTML_DATE: Final = re.compile(r"\d{4}(-(0\d|1[0-2])(-[0-3]\d)?)?", re.ASCII)


def link_slug(link: LinkHealth) -> str:
    """Name the icon and the colour of a link's state."""
    return LINK_SLUGS[link.state]


def state_slug(state: LinkState) -> str:
    """Name the icon and the colour of a state."""
    return LINK_SLUGS[state]


def is_html_date(edtf: str) -> bool:
    """Whether `<time datetime>` may say this date."""
    return _HTML_DATE.fullmatch(edtf) is not None


def group_by_section(
    entries: Iterable[ShelfEntry],
) -> Iterator[tuple[tuple[str, ...], list[ShelfEntry]]]:
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


TEMPLATE_FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "coins": coins.render_coins,
    "day": wording.day_words,
    "edtf": wording.edtf_words,
    "french": set_french,
    "groupby_section": group_by_section,
    "is_html_date": is_html_date,
    "language": wording.language_words,
    "link_sentence": wording.link_sentence,
    "json": highlight.render_json,
    "marks": highlight.render_marks,
    "scrub": highlight.scrub,
    "section": wording.section_words,
    "snippet": highlight.render_snippet,
}
TEMPLATE_GLOBALS: Final[Mapping[str, Any]] = {
    "census": wording.census,
    "count_words": wording.count_words,
    "heading": wording.results_heading,
    "hit_url": addresses.hit_url,
    "find_marks": find_marks,
    "lang": highlight.render_language,
    "linked_on": addresses.linked_on,
    "link_slug": link_slug,
    "note_title": note_title,
    "page_kind": lambda document: wording.page_kind_words(document.article_kind),
    "page_numbers": page_numbers,
    "passage_url": addresses.passage_url,
    "place_words": wording.place_words,
    "say": open_translator(),
    "state_slug": state_slug,
    "search_url": addresses.search_url,
    "turn_url": addresses.turn_url,
}
