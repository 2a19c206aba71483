"""Give searches and new texts as Atom (RFC 4287), paged as RFC 5005 has it.

`updated` is the newest entry's, never now: a feed that nothing changed stays the same, byte for
byte, and a reader's program is answered 304.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, Response, render_template, request, url_for

from indexer.model import Document
from search_web import wording
from search_web.addresses import absolute, search_url, tag_uri
from search_web.highlight import scrub
from search_web.languages import the_translator
from search_web.library import the_library
from search_web.params import parse_ask, render_ask

feeds = Blueprint("feeds", __name__)

NEWEST: Final = 30
# What has no date at all is older than anything that has one.
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@feeds.get("/recherche.atom")
def search() -> Response:
    """Give a page of a search as a feed."""
    library = the_library()
    ask = parse_ask(request.args)
    found = library.ask(ask)
    page_count = ask.count_pages(found.total)
    texts = library.shelf.texts
    pages = {
        "self": ask,
        "first": ask.turn_to(1),
        "previous": ask.turn_to(ask.page - 1) if 1 < ask.page <= page_count else None,
        "next": ask.turn_to(ask.page + 1) if ask.page < page_count else None,
        "last": ask.turn_to(page_count),
    }
    return _render(
        "search.atom.xml",
        feed_id=tag_uri(library.site, f"recherche?{render_ask(ask.turn_to(1))}"),
        title=wording.results_heading(found, the_translator()),
        updated=newest(texts[hit.id] for hit in found.hits if hit.id in texts),
        found=found,
        ask=ask,
        texts=texts,
        links=[
            (rel, absolute(library.site, search_url(other, "feeds.search")))
            for rel, other in pages.items()
            if other is not None
        ],
        html_url=absolute(library.site, search_url(ask)),
    )


@feeds.get("/nouveautes.atom")
def new_texts() -> Response:
    """Give the texts that came into the archive last."""
    library = the_library()
    newest_first = sorted(library.shelf.texts.values(), key=updated_at, reverse=True)[:NEWEST]
    return _render(
        "texts.atom.xml",
        feed_id=tag_uri(library.site, "nouveautes"),
        title=the_translator()("page.feed.new-texts-of", site=library.site.name),
        updated=newest(newest_first),
        documents=newest_first,
        links=[("self", absolute(library.site, url_for("feeds.new_texts")))],
        html_url=absolute(library.site, url_for("pages.notes")),
    )


def updated_at(document: Document) -> datetime:
    """Say when what we show of a text last changed."""
    moments = (document.captured_at, document.link.checked_at, _issued_at(document.issued))
    return next((moment for moment in moments if moment is not None), _LONG_AGO)


def newest(documents: Iterable[Document]) -> datetime:
    """Say when the newest of the documents changed."""
    return max(map(updated_at, documents), default=_LONG_AGO)


def rfc3339(moment: datetime) -> str:
    """Write a moment as RFC 3339 does, in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _issued_at(edtf: str) -> datetime | None:
    try:
        return datetime(int(edtf[:4]), 1, 1, tzinfo=UTC)
    except ValueError:
        return None


def _render(template: str, **values: object) -> Response:
    body = render_template(template, rfc3339=rfc3339, updated_at=updated_at, **values)
    return Response(scrub(body), content_type="application/atom+xml; charset=utf-8")
