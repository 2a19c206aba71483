"""Read what a request asks for, within bounds, and write it back as an address.

Nothing a reader can type or paste is refused: what makes no sense is left out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from indexer.search.fieldnames import read_value
from search_web.render.markup import scrub
from search_web.site.protocols import Sort

MAX_QUERY_LENGTH: Final = 500
MAX_PAGE: Final = 1_000_000
MAX_VALUES: Final = 20  # of one filter
MAX_VALUE_LENGTH: Final = 300
PAGE_SIZES: Final = (10, 20, 50)
AS_TYPED: Final = "telquel"
MEANING: Final = "sens"  # "non": words alone
WHOLE_FACET: Final = "tout"
YEARS_BETWEEN: Final = ".."  # from a year to another, both included: "2012..2016"
RANGE_FIELDS: Final = ("de", "a")  # what the form of years asks: the first and the last
_YEARS: Final = re.compile(r"(\d{1,4})\.\.(\d{1,4})", re.ASCII)

# What the address says -> what the engine calls it; also the order on the page.
FILTER_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "annee": "year",
        "site": "site",
        "section": "section",
        "auteur": "author",
        "bibliographie": "bibliography",
        "mot": "keyword",
        "langue": "language",
        "lien": "link",
        "type": "kind",
    }
)
# The first part of the address of a value's page -> the filter that it stands for.
PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "auteurs": "auteur",
        "sites": "site",
        "annees": "annee",
        "sections": "section",
        "mots": "mot",
        "bibliographies": "bibliographie",
    }
)
SORT_NAMES: Final[Mapping[str, Sort]] = MappingProxyType({"relevance": "relevance", "date": "date"})

# Orders of tables, as addresses said them when they were French words -> the slug of today.
OLD_SORTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pertinence": "relevance",
        "etat": "state",
        "adresse": "address",
        "vivant": "alive",
        "echec": "failing",
        "visites": "visits",
    }
)
# What an address calls a field whose values have names: on pages, on /liens, in the JSON interface.
VALUE_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {**FILTER_NAMES, **{name: name for name in FILTER_NAMES.values()}, "etat": "link"}
)


def find_moved(arguments: MultiDict[str, str]) -> str | None:
    """Give the query string with slugs for one with values as people type them ("mort").

    None where there are slugs only. `indexer.search.fieldnames` says how values may be typed.
    """
    pairs = list(arguments.items(multi=True))
    moved = [(name, _read_slug(name, value)) for name, value in pairs]
    return urlencode(moved) if moved != pairs else None


def _read_slug(name: str, value: str) -> str:
    if name == "tri":
        return OLD_SORTS.get(value, value)
    return read_value(VALUE_FIELDS.get(name, ""), value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A page of results, as an address states it: the whole query, no session."""

    query_text: str = ""
    page: int = 1
    page_size: int = PAGE_SIZES[0]
    sort: Sort = "relevance"
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    note_id: str = ""  # only among the texts that this note cites
    as_typed: bool = False  # unknown words too, rather than near ones instead
    words_only: bool = False  # leave out the meaning of texts
    whole_facet: str = ""  # the filter (French name) whose values are shown, instead of results

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.query_text or self.filters or self.note_id)

    @property
    def is_narrowed(self) -> bool:
        """Whether it is looked for in less than everything."""
        return bool(self.filters or self.note_id)

    def count_pages(self, total: int) -> int:
        """Count the pages that so many results fill; at least one."""
        return max(-(-total // self.page_size), 1)

    def turn_to(self, page: int) -> "Ask":
        """Turn to another page of the results."""
        return replace(self, page=page, whole_facet="")

    def show_facet(self, name: str) -> "Ask":
        """Show every value of a filter (French name) among the same results."""
        return replace(self, whole_facet=name, page=1)

    def look_for(self, query_text: str) -> "Ask":
        """Other words, the same filters, from the first page; helped with their spelling."""
        return replace(self, query_text=query_text, page=1, as_typed=False)

    def insist(self) -> "Ask":
        """Search the words as typed, whatever their spelling, from the first page."""
        return replace(self, page=1, as_typed=True)

    def leave_meaning_out(self) -> "Ask":
        """Search the words alone, from the first page."""
        return replace(self, page=1, words_only=True)

    def take_meaning_in(self) -> "Ask":
        """Search by the meaning of texts too, from the first page."""
        return replace(self, page=1, words_only=False)

    def sort_by(self, sort: Sort) -> "Ask":
        """Change the order of the results, from the first page."""
        return replace(self, sort=sort, page=1)

    def with_filter(self, name: str, value: str) -> "Ask":
        """Add a value to a filter (French name), from the first page."""
        values = self.filters.get(name, ())
        kept = values if value in values else (*values, value)
        filters = MappingProxyType({**self.filters, name: kept})
        return replace(self, page=1, filters=filters, whole_facet="")

    def without_filter(self, name: str, value: str) -> "Ask":
        """Take a value out of a filter, from the first page."""
        kept = tuple(kept for kept in self.filters.get(name, ()) if kept != value)
        filters = {other: values for other, values in self.filters.items() if other != name}
        if kept:
            filters[name] = kept
        return replace(self, page=1, filters=MappingProxyType(filters), whole_facet="")

    def without_filters(self) -> "Ask":
        """Search the words in everything: drop all filters."""
        return replace(self, page=1, filters=MappingProxyType({}), note_id="")

    def without_note(self) -> "Ask":
        """Search the texts of every note."""
        return replace(self, page=1, note_id="")

    def engine_filters(self) -> dict[str, tuple[str, ...]]:
        """Give the filters under the engine's names."""
        return {
            FILTER_NAMES[name]: tuple(map(_order_years, values)) if name == "annee" else values
            for name, values in self.filters.items()
        }


def parse_ask(arguments: MultiDict[str, str]) -> Ask:
    """Read an address's arguments; whatever is missing or absurd gets its usual value."""
    page_size = _parse_number(arguments.get("n", ""), PAGE_SIZES[0])
    ask = Ask(
        query_text=clean_query(arguments.get("q", "")),
        page_size=page_size if page_size in PAGE_SIZES else PAGE_SIZES[0],
        sort=SORT_NAMES.get(arguments.get("tri", ""), "relevance"),
        filters=MappingProxyType(
            {
                name: values
                for name in FILTER_NAMES
                if (values := _parse_values(_list_given(name, arguments)))
            }
        ),
        note_id=scrub(arguments.get("note", "")[:MAX_VALUE_LENGTH]).strip(),
        as_typed=arguments.get(AS_TYPED) == "1",
        words_only=arguments.get(MEANING) == "non",
        whole_facet=whole if (whole := arguments.get(WHOLE_FACET, "")) in FILTER_NAMES else "",
    )
    page = _parse_number(arguments.get("page", ""), 1)
    return replace(ask, page=min(max(page, 1), MAX_PAGE))


def render_ask(ask: Ask) -> str:
    """Write the arguments of an address, without what goes without saying, in a fixed order."""
    pairs: list[tuple[str, str]] = [("q", ask.query_text)] if ask.query_text else []
    for name in FILTER_NAMES:
        pairs.extend((name, value) for value in ask.filters.get(name, ()))
    if ask.note_id:
        pairs.append(("note", ask.note_id))
    if ask.as_typed:
        pairs.append((AS_TYPED, "1"))
    if ask.words_only:
        pairs.append((MEANING, "non"))
    if ask.sort != "relevance":
        pairs.append(("tri", ask.sort))
    if ask.page_size != PAGE_SIZES[0]:
        pairs.append(("n", str(ask.page_size)))
    if ask.page != 1:
        pairs.append(("page", str(ask.page)))
    if ask.whole_facet:
        pairs.append((WHOLE_FACET, ask.whole_facet))
    return urlencode(pairs)


def clean_query(text: str) -> str:
    """Bound what was typed and put it on one line."""
    return scrub(" ".join(text[: 4 * MAX_QUERY_LENGTH].split()))[:MAX_QUERY_LENGTH].strip()


def _order_years(value: str) -> str:
    """Write a range of years from the first to the last, whichever is named first: "2012..2016"."""
    found = _YEARS.fullmatch(value)
    if found is None:
        return value
    first, last = sorted(map(int, found.groups()))
    return f"{first:04}{YEARS_BETWEEN}{last:04}"


def _list_given(name: str, arguments: MultiDict[str, str]) -> list[str]:
    """List the values of a filter, and the range of the form of years.

    An empty field of that form leaves its end open.
    """
    given = arguments.getlist(name)
    first, last = (arguments.get(end, "").strip() for end in RANGE_FIELDS)
    if name != "annee" or not (first or last):
        return given
    value = f"{first or '1000'}{YEARS_BETWEEN}{last or '2999'}"
    return [*given, value] if _YEARS.fullmatch(value) else given


def _parse_values(values: Sequence[str]) -> tuple[str, ...]:
    cleaned = (scrub(value.strip())[:MAX_VALUE_LENGTH] for value in values[:MAX_VALUES])
    return tuple(dict.fromkeys(filter(None, cleaned)))


def _parse_number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else default
