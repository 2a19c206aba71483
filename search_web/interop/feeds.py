"""Give searches and new texts as Atom (RFC 4287), paged as RFC 5005 has it, and as RSS 2.0.

`updated` is the newest entry's, never now: a feed that nothing changed stays the same, byte for
byte, and a reader's program is answered 304.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from flask import Blueprint, Response, render_template, request, url_for
from lxml import etree

from indexer.model import Document
from indexer.outlines import LONG_AGO, updated_at
from search_web.render import wording
from search_web.render.markup import scrub
from search_web.site.addresses import absolute, here, search_url, tag_uri
from search_web.site.languages import the_translator
from search_web.site.params import parse_ask, render_ask
from search_web.site.state import the_library

feeds = Blueprint("feeds", __name__)

_ATOM: Final = "http://www.w3.org/2005/Atom"
_DC: Final = "http://purl.org/dc/elements/1.1/"


@feeds.get("/recherche.atom")
@feeds.get("/recherche.rss", endpoint="search_rss")
def search() -> Response:
    """Give a page of a search as a feed."""
    library = the_library()
    ask = parse_ask(request.args)
    found = library.ask(ask)
    page_count = ask.count_pages(found.total)
    texts = {each.id: each for each in library.shelf.find_texts(hit.id for hit in found.hits)}
    pages = {
        "self": ask,
        "first": ask.turn_to(1),
        "previous": ask.turn_to(ask.page - 1) if 1 < ask.page <= page_count else None,
        "next": ask.turn_to(ask.page + 1) if ask.page < page_count else None,
        "last": ask.turn_to(page_count),
    }
    return render_feed(
        "search.atom.xml",
        feed_id=tag_uri(library.site, f"recherche?{render_ask(ask.turn_to(1))}"),
        title=wording.results_heading(found, the_translator()),
        updated=newest(texts.values()),
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
@feeds.get("/nouveautes.rss", endpoint="new_texts_rss")
def new_texts() -> Response:
    """Give the texts that came into the archive last."""
    library = the_library()
    newest_first = library.shelf.list_latest()
    return render_feed(
        "texts.atom.xml",
        feed_id=tag_uri(library.site, "nouveautes"),
        title=the_translator()("page.feed.new-texts-of", site=library.site.name),
        updated=newest(newest_first),
        documents=newest_first,
        links=[("self", absolute(library.site, url_for("feeds.new_texts")))],
        html_url=absolute(library.site, url_for("pages.notes")),
    )


def newest(documents: Iterable[Document]) -> datetime:
    """Say when the newest of the documents changed."""
    return max(map(updated_at, documents), default=LONG_AGO)


def rfc3339(moment: datetime) -> str:
    """Write a moment as RFC 3339 does, in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def render_feed(template: str, **values: object) -> Response:
    """Answer with a template of a feed."""
    return answer_feed(render_template(template, rfc3339=rfc3339, updated_at=updated_at, **values))


def answer_feed(body: str) -> Response:
    """Answer with a feed written in Atom, as RSS where the address asks for that."""
    atom = scrub(body)
    if not request.path.endswith(".rss"):
        return Response(atom, content_type="application/atom+xml; charset=utf-8")
    asked = request.query_string.decode("ascii", "replace")
    address = absolute(the_library().site, f"{here()}?{asked}" if asked else here())
    return Response(
        convert_to_rss(atom, address=address), content_type="application/rss+xml; charset=utf-8"
    )


def convert_to_rss(atom: str, *, address: str) -> bytes:
    """Write a feed of ours as RSS 2.0, which has no place for what was last in Atom's paging.

    `address` is that of the RSS. Names of entries, which last, are their `guid`.
    """
    feed = etree.fromstring(atom.encode())
    rss = etree.Element("rss", nsmap={"atom": _ATOM, "dc": _DC}, version="2.0")
    channel = etree.SubElement(rss, "channel")
    title = feed.findtext(f"{{{_ATOM}}}title") or ""
    language = feed.get("{http://www.w3.org/XML/1998/namespace}lang", "fr")
    for name, text in (
        ("title", title),
        ("link", _find_page(feed)),
        ("description", title),
        ("language", language),
        ("lastBuildDate", _find_moment(feed)),
    ):
        etree.SubElement(channel, name).text = text
    own = {"rel": "self", "type": "application/rss+xml", "href": address}
    etree.SubElement(channel, f"{{{_ATOM}}}link", own)
    for entry in feed.iter(f"{{{_ATOM}}}entry"):
        item = etree.SubElement(channel, "item")
        for name, text in (
            ("title", entry.findtext(f"{{{_ATOM}}}title")),
            ("link", _find_page(entry)),
            ("description", entry.findtext(f"{{{_ATOM}}}summary")),
            *(("dc:creator", each.text) for each in entry.iter(f"{{{_ATOM}}}name")),
            ("pubDate", _find_moment(entry)),
        ):
            if text:
                etree.SubElement(item, name.replace("dc:", f"{{{_DC}}}")).text = text
        guid = etree.SubElement(item, "guid", isPermaLink="false")
        guid.text = entry.findtext(f"{{{_ATOM}}}id")
    return bytes(etree.tostring(rss, encoding="UTF-8", xml_declaration=True))


def _find_page(element: etree._Element) -> str:
    links = element.findall(f"{{{_ATOM}}}link[@rel='alternate']")
    return next((link.get("href", "") for link in links), "")


def _find_moment(element: etree._Element) -> str:
    moment = datetime.fromisoformat(element.findtext(f"{{{_ATOM}}}updated") or "")
    return format_datetime(moment, usegmt=True)
