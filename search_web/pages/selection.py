"""Keep a selection of texts in the address: choose, list, print, export, share, follow as a feed.

`?choix=` holds the short names of the texts, in the reader's order, joined by full stops. While it
is there, every page keeps it in its links and forms, and its boxes say what is chosen: there is no
cookie, and nobody is remembered.

A short name is a digest of a text's id, so it stays as long as the id, and tells nothing of it.
What is withdrawn is left out of a selection as what was never cited is; what has left the
bibliography is told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from flask import (
    Blueprint,
    Flask,
    Response,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from indexer.messages import Translator
from indexer.model import Document, Identity
from indexer.outlines import Outlines, short_name
from search_web.interop.exports import attach, cite_text, find_exporter
from search_web.interop.feeds import newest, render_feed
from search_web.interop.oai import find_gone_texts
from search_web.pages.facets import fold
from search_web.render.markup import scrub
from search_web.site.addresses import absolute, tag_uri
from search_web.site.caching import ASK_AGAIN
from search_web.site.languages import plain_url, the_translator
from search_web.site.state import the_library

selection = Blueprint("selection", __name__)

PARAMETER: Final = "choix"
MOST: Final = 200  # texts of a selection: 1,800 characters of address
MOST_EXPORTED: Final = 800  # 7,200 characters: nginx takes 8,192
MAX_TITLE_LENGTH: Final = 100
_MAX_NAME_LENGTH: Final = 300
ORDERS: Final = ("author", "date", "bibliography")
# The pages that keep a selection in their links; feeds, files and programs' answers do not.
_KEEPERS: Final = frozenset(
    {
        *("pages.home", "pages.results", "pages.text", "pages.note", "pages.notes"),
        *("pages.help_page", "pages.legal", "browse.everything", "browse.values", "browse.value"),
        *("concordance.page", "links.page", "links.course", "captures.calendar"),
        *("figures.timeline", "figures.citation_map"),
        "selection.page",
    }
)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The texts that an address names, in its order, and what it named that is cited no more."""

    texts: tuple[Document, ...] = ()
    gone: tuple[Identity, ...] = ()

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of the texts."""
        return tuple(text.id for text in self.texts)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The short names, as the address has them: what is gone stays there, at the end."""
        return tuple(map(short_name, (*self.ids, *(each.id for each in self.gone))))

    @cached_property
    def kept(self) -> str:
        """Give the first MOST names of the selection, joined as links of pages carry them."""
        return join_names(self.names[:MOST])

    @property
    def beyond(self) -> int:
        """Count the texts of the selection beyond MOST, which links do not carry."""
        return max(len(self.texts) - MOST, 0)


def read_selection(
    given: Iterable[str], shelf: Outlines, gone: Mapping[str, Identity]
) -> Selection:
    """Read the names of an address: short ones, ids, older ids, each text once.

    `gone` gives what has left the bibliography, by its short name. What leads nowhere is left out.
    """
    texts: dict[str, None] = {}
    left: dict[str, Identity] = {}
    for name in given:
        text_id = shelf.find_short(name)
        if text_id:
            texts.setdefault(text_id)
        elif name in gone:
            left.setdefault(gone[name].id, gone[name])
    return Selection(
        texts=tuple(shelf.find_texts([*texts][:MOST_EXPORTED])), gone=tuple(left.values())[:MOST]
    )


def the_selection() -> Selection:
    """Give the selection of the address that is asked."""
    if "selection" not in g:
        given = list(_list_given())
        g.selection = _find_selection(given) if given else Selection()
    found: Selection = g.selection
    return found


def _find_selection(given: Sequence[str]) -> Selection:
    shelf = the_library().shelf
    gone = _find_gone([name for name in given if not shelf.find_short(name)])
    return read_selection(given, shelf, gone)


def _list_given() -> Iterator[str]:
    for value in request.args.getlist(PARAMETER):
        for name in value.split(".")[: MOST_EXPORTED + MOST]:
            if name.strip():
                yield name.strip()[:_MAX_NAME_LENGTH].lower()


def _find_gone(names: Sequence[str]) -> dict[str, Identity]:
    """Find which of these short names lead to a text that the bibliography has no more."""
    if not names:
        return {}
    library, gone = the_library(), find_gone_texts().short_names
    ids = {n: key for n in names if (key := gone.get(n) or gone.get(short_name(n)))}
    found = {name: library.find_gone(each, is_note=False) for name, each in ids.items()}
    return {name: identity for name, identity in found.items() if identity is not None}


def keep_selection(app: Flask) -> None:
    """Keep the selection of an address in the links of a page, and give templates what it holds."""

    def add_chosen(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint not in _KEEPERS or not has_request_context():
            return
        if request.endpoint in _KEEPERS and PARAMETER in request.args and the_selection().kept:
            values.setdefault(PARAMETER, the_selection().kept)

    app.url_defaults(add_chosen)
    app.register_blueprint(selection)
    app.context_processor(
        lambda: {
            "selection": the_selection,
            "short_name": short_name,
            "join_names": join_names,
            "choose_rest": _choose_rest,
        }
    )


def join_names(names: Iterable[str]) -> str:
    """Write short names as an address has them."""
    return ".".join(names)


def _choose_rest(shown: Iterable[str]) -> str:
    """Join the names of what is chosen and has no box among those of the texts `shown`."""
    boxes = {short_name(each) for each in shown}
    return join_names(each for each in the_selection().names if each not in boxes)


@selection.before_request
def _lead_to_names() -> BaseResponse | None:
    """Lead to the address that has each text once, by its name of today."""
    chosen = the_selection()
    written = [join_names(chosen.names)] if chosen.names else []
    if request.args.getlist(PARAMETER) == written:
        return None
    kept = {n: v for n, v in request.args.items() if n != PARAMETER and v}
    values = {**(request.view_args or {}), **kept, PARAMETER: written or None}
    assert request.endpoint is not None
    response = redirect(url_for(request.endpoint, **values), code=301)
    # What is withdrawn may come back, and two texts that were joined may be parted.
    response.headers["Cache-Control"] = ASK_AGAIN
    return response


@selection.get("/selection")
def page() -> str:
    """Show the selection: to read, to order, to print, to take away."""
    chosen = the_selection()
    library = the_library()
    styles = library.site.styles
    asked = request.args.get("style", "")
    return render_template(
        "selection.html",
        chosen=chosen,
        texts=chosen.texts[:MOST],
        most=MOST,
        own_title=read_title(),
        style=next((each for each in styles if each.name == asked), None),
        orders={order: _arrange(chosen.texts, order, library.shelf) for order in ORDERS},
        address=absolute(library.site, _address("selection.page", chosen)),
    )


@selection.get("/selection.atom")
def feed() -> Response:
    """Give the selection as a feed (Atom)."""
    chosen, site = the_selection(), the_library().site
    texts = chosen.texts[:MOST]
    return render_feed(
        "texts.atom.xml",
        feed_id=tag_uri(site, f"selection?{PARAMETER}={join_names(map(short_name, chosen.ids))}"),
        title=name_selection(the_translator()),
        updated=newest(texts),
        documents=texts,
        links=[("self", absolute(site, _address("selection.feed", chosen)))],
        html_url=absolute(site, _address("selection.page", chosen)),
    )


selection.add_url_rule("/selection.rss", endpoint="rss", view_func=feed)


@selection.get("/selection.<extension>")
def export(extension: str) -> Response:
    """Give the selection, all of it, in a format or in a style ("apa.txt")."""
    texts = the_selection().texts
    style = next((s for s in the_library().site.styles if extension == f"{s.name}.txt"), None)
    if style is not None:
        cited = (cite_text(text, style) for text in texts[:MOST] if text.reference is not None)
        lines = ("".join(words for words, _ in runs) for runs in cited)
        return attach("".join(f"{line}\n\n" for line in lines), "text/plain", "selection.txt")
    exporter = find_exporter(extension)
    return attach(exporter.render(texts), exporter.media_type, f"selection.{exporter.extension}")


def read_title() -> str:
    """Read the title that the reader gave to the selection, on one line."""
    title = " ".join(request.args.get("titre", "").split())
    return scrub(title[:MAX_TITLE_LENGTH])


def name_selection(say: Translator) -> str:
    """Name the selection as its reader did, else by how many texts it has."""
    chosen = the_selection()
    return read_title() or say("page.selection.count", count=len(chosen.texts[:MOST]))


def _address(endpoint: str, chosen: Selection) -> str:
    """Give the address of a selection, without a language, for files and for others."""
    title = read_title() or None
    return plain_url(endpoint, **{PARAMETER: chosen.kept or None, "titre": title})


def _arrange(texts: Sequence[Document], order: str, shelf: Outlines) -> str:
    """Join the names of texts in one of ORDERS."""
    places = shelf.find_places(text.id for text in texts)
    names = shelf.find_sorted_names(text.author.split(", ")[0] for text in texts)

    def key(text: Document) -> tuple[object, ...]:
        if order == "bibliography":
            return (places[text.id],)
        first = text.author.split(", ")[0]
        by_name = (fold(names.get(first, first) or text.title), fold(text.title))
        return (text.issued, *by_name) if order == "date" else by_name

    return join_names(short_name(text.id) for text in sorted(texts, key=key))
