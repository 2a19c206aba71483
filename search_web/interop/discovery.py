"""Let other programs in: a browser's address bar, Zotero's button, crawlers that ask first."""

import json
import re
from typing import Final

from flask import Blueprint, Response, abort, render_template, request, url_for
from markupsafe import escape
from werkzeug.wrappers import Response as BaseResponse

from search_web.render.wording import suggestion_words
from search_web.site.addresses import absolute, lead_to_text
from search_web.site.languages import plain_url, the_translator
from search_web.site.params import PLACES, clean_query
from search_web.site.state import the_library

interop = Blueprint("interop", __name__)

SHORT_NAME_LENGTH: Final = 16  # OpenSearch 1.1 allows no more
SUGGESTIONS: Final = 8
PER_SITEMAP: Final = 10_000  # addresses; 50,000 and 50 MB are allowed
_UNAPI_ID: Final = re.compile(r"[a-z0-9-]+")


@interop.get("/opensearch.xml")
def opensearch() -> Response:
    """Describe the search (OpenSearch 1.1), so that a browser can add it."""
    library = the_library()
    short_name = library.site.name[:SHORT_NAME_LENGTH]
    body = render_template("opensearch.xml", short_name=short_name, examples=library.examples)
    return Response(body, content_type="application/opensearchdescription+xml; charset=utf-8")


@interop.get("/suggestions")
def suggestions() -> Response:
    """Give ways to go on typing, as the OpenSearch Suggestions extension writes them."""
    library = the_library()
    prefix = clean_query(request.args.get("q", ""))
    found = library.suggest(prefix, SUGGESTIONS) if prefix else ()
    answer = [
        prefix,
        [each.text for each in found],
        [suggestion_words(each, the_translator()) for each in found],
        [absolute(library.site, url_for("pages.results", q=each.text)) for each in found],
    ]
    body = json.dumps(answer, ensure_ascii=False)
    return Response(body, content_type="application/x-suggestions+json; charset=utf-8")


@interop.get("/unapi")
def unapi() -> BaseResponse:
    """Give a reference in a format, or say which there are (unAPI)."""
    library = the_library()
    identifier = request.args.get("id", "")
    wanted = request.args.get("format", "")
    if not identifier:
        return _list_formats(200, "")
    if not _UNAPI_ID.fullmatch(identifier):
        abort(404)
    document = library.shelf.texts.get(identifier)
    if document is None:
        return lead_to_text(
            identifier, lambda found: url_for("interop.unapi", id=found, format=wanted or None)
        )
    if not wanted:
        return _list_formats(300, identifier)
    exporter = next((e for e in library.site.exporters if e.unapi_name == wanted), None)
    if exporter is None:
        abort(406)
    return Response(
        exporter.render([document]), content_type=f"{exporter.media_type}; charset=utf-8"
    )


@interop.get("/robots.txt")
def robots() -> Response:
    """Keep crawlers out of what has no end; archived texts say for themselves: noindex.

    Mementos too: clients of Memento that obey robots.txt, as ours does, are to get them.
    """
    site = the_library().site
    kept_out = (
        *("recherche", "concordance", "suggestions", "unapi", "api/", "captures", "selection"),
        "*choix=",
    )
    lines = (
        "User-agent: *",
        *(f"Disallow: {request.script_root}/{each}" for each in kept_out),
        "",
        f"Sitemap: {absolute(site, plain_url('interop.sitemap'))}",
        "",
    )
    return Response("\n".join(lines), mimetype="text/plain")


@interop.get("/sitemap.xml")
def sitemap() -> Response:
    """List the parts of the sitemap (sitemaps.org): none holds more than is allowed."""
    count = len(_list_plain()) + the_library().shelf.count("notes")
    parts = [
        f"<sitemap><loc>{escape(_shown('interop.sitemap_part', number=number))}</loc></sitemap>"
        for number in range(1, -(-count // PER_SITEMAP) + 1)
    ]
    return _answer_sitemap("sitemapindex", parts)


@interop.get("/sitemap-<int(max=1000000):number>.xml")
def sitemap_part(number: int) -> Response:
    """List our own pages: the notes, not the texts that belong to others."""
    first, plain = (number - 1) * PER_SITEMAP, _list_plain()
    listed = plain[first : first + PER_SITEMAP] if number else []
    if number and len(listed) < PER_SITEMAP:
        ids = the_library().shelf.list_note_ids(
            max(first - len(plain), 0), PER_SITEMAP - len(listed)
        )
        listed += [_shown("pages.note", note_id=note_id) for note_id in ids]
    if not listed:
        abort(404)
    return _answer_sitemap("urlset", [f"<url><loc>{escape(each)}</loc></url>" for each in listed])


def _list_plain() -> list[str]:
    """List our own pages beside those of notes."""
    endpoints = (
        "pages.home",
        "browse.everything",
        "pages.notes",
        "pages.help_page",
        "figures.timeline",
        "figures.citation_map",
    )
    return [
        *(_shown(endpoint) for endpoint in endpoints),
        *(_shown("browse.values", place=place) for place in PLACES),
    ]


def _shown(endpoint: str, **values: object) -> str:
    return absolute(the_library().site, plain_url(endpoint, **values))


def _answer_sitemap(root: str, lines: list[str]) -> Response:
    opening = f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    body = "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', opening, *lines, f"</{root}>", ""))
    return Response(body, content_type="application/xml; charset=utf-8")


def _list_formats(status: int, identifier: str) -> Response:
    exporters = [e for e in the_library().site.exporters if e.unapi_name]
    body = render_template("unapi.xml", exporters=exporters, identifier=identifier)
    return Response(body, status=status, content_type="application/xml; charset=utf-8")
