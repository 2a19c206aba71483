"""Browse without a query: everything of an author, a site, a year, a section or a keyword.

The counts are those of the search that each page links to: both ask the same.
"""

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from indexer.search import Results
from search_web.pages.facets import ORDERS, make_facets, make_whole_facet, value_words
from search_web.site.addresses import search_url
from search_web.site.languages import the_translator
from search_web.site.params import (
    MAX_VALUE_LENGTH,
    PLACES,
    Ask,
    clean_query,
    parse_ask,
)
from search_web.site.state import the_library

browse = Blueprint("browse", __name__)

SHOWN: Final = 8  # values of each kind, where all kinds are shown
PLACE_BY_FILTER: Final = {name: place for place, name in PLACES.items()}
# A search without words finds nothing; this one finds all.
EVERYTHING: Final = Ask(filters=MappingProxyType({"type": ("text", "note")}))
PAGE_SIZE: Final = 20
_PLACE: Final = f"<any({', '.join(PLACES)}):place>"


def browse_url(name: str, value: str = "") -> str:
    """Give the address of a value's page, of all values of a filter without one; "" for no page."""
    place = PLACE_BY_FILTER.get(name)
    if place is None:
        return ""
    if not value:
        return url_for("browse.values", place=place)
    return url_for("browse.value", place=place, value=value)


@browse.get("/parcourir")
def everything() -> str:
    """Show by what the bibliography can be browsed, and the most frequent values of each."""
    found = the_library().find_first(EVERYTHING, 1)
    facets = [
        each
        for each in make_facets(found, EVERYTHING, the_translator(), shown=SHOWN)
        if each.name in PLACE_BY_FILTER
    ]
    return render_template("browse.html", facets=facets, found=found)


@browse.get(f"/{_PLACE}")
def values(place: str) -> str:
    """Show every author, site, year, section, keyword or bibliography."""
    ask = EVERYTHING.show_facet(PLACES[place])
    return show_values(the_library().find_first(ask, 1), ask, is_browsed=True)


@browse.get(f"/{_PLACE}/<path:value>")
def value(place: str, value: str) -> str | BaseResponse:
    """Show the texts and notes of one value, the latest first."""
    name = PLACES[place]
    page = parse_ask(request.args).page
    ask = Ask(
        filters=MappingProxyType({name: (value[:MAX_VALUE_LENGTH],)}),
        page=page,
        page_size=PAGE_SIZE,
        sort="date",
    )
    told = the_library().tell_sections(ask)
    if told != ask:
        paths = told.filters[name]
        only = url_for("browse.value", place=place, value=paths[0])
        return redirect(only if len(paths) == 1 else search_url(told), code=308)
    library, say = the_library(), the_translator()
    found = library.ask(ask, extracts=False)
    if not found.total:
        abort(404)
    page_count = ask.count_pages(found.total)
    if page > page_count:
        return redirect(url_for("browse.value", place=place, value=value, page=page_count))
    search = replace(ask, page=1, page_size=10, sort="relevance")
    return render_template(
        "browse_value.html",
        place=place,
        value=value,
        name=value_words(name, value, say),
        rights=library.site.rights.get(value, "") if name == "bibliographie" else "",
        facets=make_facets(found, search, say, count=library.count),
        filter_name=name,
        found=found,
        search=search,
        page=page,
        page_count=page_count,
    )


def show_values(found: Results, ask: Ask, *, is_browsed: bool = False) -> str:
    """Show every value of the facet `ask.whole_facet`, as choices or as pages to browse."""
    asked = request.args.get("ordre", "")
    order = asked if asked in ORDERS else ORDERS[0]
    if is_browsed and not asked and ask.whole_facet in ("auteur", "site", "mot"):
        order = "name"
    holding = clean_query(request.args.get("contient", ""))
    library = the_library()
    facet = make_whole_facet(
        found,
        ask,
        the_translator(),
        order=order,
        holding=holding,
        find_names=library.shelf.find_sorted_names,
        count=library.count,
    )
    return render_template(
        "facet.html",
        facet=facet,
        found=found,
        order=order,
        holding=holding,
        is_browsed=is_browsed,
    )
