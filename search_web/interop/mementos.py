"""Give captures back by Memento (RFC 7089): TimeGate, TimeMaps, mementos with their dates.

    /web/URL                            TimeGate: leads to the memento nearest to Accept-Datetime
    /web/timemap/link/URL, …/json/URL   all mementos of a URL
    /web/20150310083000/URL             a memento, its content codings taken off
    /web/20150310083000id_/URL          the bytes as they are archived
    /web/*/URL                          leads to the calendar of a URL (`captures`)

These are the addresses of the Wayback Machine and of pywb, so that whatever speaks with them speaks
with us. What was captured was written by others: it never runs, asks for nothing and is in no
frame. Where extracts are shown, on the site or of the texts of a bibliography, whole captures are
not (403), and TimeMaps list only those that public archives show, at their addresses there. What is
withdrawn answers 410 at each of these.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final, Protocol
from urllib.parse import quote, unquote

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    redirect,
    request,
)
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response as BaseResponse

from indexer.errors import ArchiveError
from indexer.model import NO_ARCHIVES, Capture, Document, KeptMemento, ReplayedResponse, TextChange
from search_web.site.addresses import absolute, is_web
from search_web.site.languages import plain_url
from search_web.site.protocols import Site
from search_web.site.state import the_library


class Mementos(Protocol):
    """The protocol of an archive whose captures are given back, asked from several threads."""

    def parse_address(self, text: str) -> str:
        """Parse the address of a page, its scheme left out or not; "" for no web address."""
        ...

    def is_withdrawn(self, url: str) -> bool:
        """Tell whether a URL is that of a withdrawn text, or one that its visits came upon."""
        ...

    def list_mementos(self, url: str) -> Sequence[KeptMemento]:
        """List the mementos of a URL, oldest first; none of a withdrawn one."""
        ...

    def list_images(self, url: str) -> Sequence[KeptMemento]:
        """List the images that a browser took of a page, oldest first; none of a withdrawn one."""
        ...

    def read(self, memento: KeptMemento, *, is_raw: bool) -> ReplayedResponse | None:
        """Read the response of a memento, as archived if `is_raw`; None where it is lost."""
        ...

    def compare(self, before: KeptMemento, now: KeptMemento) -> TextChange | None:
        """Compare the texts of two mementos; None where one of them was never read."""
        ...


mementos = Blueprint("mementos", __name__)

LINK_FORMAT: Final = "application/link-format"
# Written by others: nothing of it runs, loads or frames. `sandbox` makes it an origin of its own.
_PASSIVE: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
SANDBOX: Final = f"{_PASSIVE}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
# No viewer of PDF opens in a sandbox; a PDF is no document of our origin to run anything in.
SANDBOX_OF: Final = {"application/pdf": f"{_PASSIVE}; object-src 'self'; frame-ancestors 'none'"}
# What a browser may want an archived file for: to show it, or to hand it to who asked. Never to
# run it, or to draw one of our own pages with it.
_SHOWN_AS: Final = frozenset({"", "document", "empty"})
# Of the head that was captured, what says something of the page and holds nobody's secret.
_TOLD_FIELDS: Final = ("Date", "Server", "Last-Modified", "ETag", "Content-Language", "Location")
_MEMENTO: Final = re.compile(r"(\d{1,14})(id_)?/(.+)", re.DOTALL)
_TIMEMAP: Final = re.compile(r"timemap/([a-z]+)/(.+)", re.DOTALL)
_ONE_SLASH: Final = re.compile(r"^(https?:)/+", re.IGNORECASE)  # servers make one slash of two
_ESCAPED: Final = re.compile(r"https?%3a", re.IGNORECASE)  # some clients escape the whole URL
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HTTP_DATE: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMementos:
    """The mementos of a URL that this site may show, oldest first, and where."""

    url: str
    shown: tuple[KeptMemento, ...]
    kept: tuple[KeptMemento, ...]  # all of them, whether they may be shown or not
    is_whole: bool  # whether ours are shown here

    def find_address(self, memento: KeptMemento, *, is_raw: bool = False) -> str:
        """Give the address of a memento: ours where it is shown whole, else its archive's."""
        if not self.is_whole:
            return memento.public_address
        return _place(f"{memento.timestamp}{'id_' if is_raw else ''}", memento.target_uri)


def give_mementos(app: Flask, archive: Mementos | None) -> None:
    """Give the application its mementos; without an archive it has none."""
    app.jinja_env.globals["has_mementos"] = archive is not None
    app.jinja_env.globals["capture_address"] = find_capture_address
    app.jinja_env.globals["version_url"] = find_version_url
    app.jinja_env.globals["timegate_address"] = timegate_address
    app.jinja_env.globals["timemap_address"] = timemap_address
    if archive is not None:
        app.extensions["mementos"] = archive
        app.register_blueprint(mementos)


@mementos.get("/web/<path:rest>")
def replay(rest: str) -> BaseResponse:
    """Answer an address of the archive, read as it came: `rest` has lost its escapes."""
    asked = _read_asked(rest)
    if match := _TIMEMAP.fullmatch(asked):
        return show_timemap(match[1], match[2])
    if match := _MEMENTO.fullmatch(asked):
        return show_memento(match[1], match[3], is_raw=bool(match[2]))
    if asked.startswith("*/"):
        url = find_mementos(asked[2:]).url
        return redirect(plain_url("captures.calendar", url=url))
    return negotiate(asked)


def negotiate(text: str) -> BaseResponse:
    """Lead to the memento nearest to the date asked, to the latest without (RFC 7089 §4.2.1)."""
    accepted = request.headers.get("Accept-Datetime", "")
    near = parse_http_date(accepted) if accepted else datetime.max.replace(tzinfo=UTC)
    found = find_mementos(text)
    if near is None:
        abort(400)
    if not found.shown:
        abort(404)
    nearest = find_nearest(found.shown, near)
    response = redirect(found.find_address(nearest))
    response.headers["Link"] = render_links(found, nearest, is_timegate=True)
    return response


@mementos.after_request
def vary(response: Response) -> Response:
    """Say that a TimeGate's answer depends on the date asked, whatever it is (§2.1.2)."""
    asked = _read_asked((request.view_args or {}).get("rest", ""))
    if not (_TIMEMAP.fullmatch(asked) or _MEMENTO.fullmatch(asked) or asked.startswith("*/")):
        response.vary.add("accept-datetime")
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    return response


def show_memento(timestamp: str, text: str, *, is_raw: bool) -> BaseResponse:
    """Give a memento back; where there is none of that second, lead to the nearest one."""
    wanted = parse_timestamp(timestamp)
    found = find_mementos(text)
    if wanted is None or not found.kept:
        abort(404)
    nearest = find_nearest(found.kept, wanted)
    if not found.is_whole:
        abort(403)
    if nearest.timestamp != timestamp:
        return redirect(found.find_address(nearest, is_raw=is_raw))
    if request.headers.get("Sec-Fetch-Dest", "") not in _SHOWN_AS:
        abort(403)
    try:
        read = the_archive().read(nearest, is_raw=is_raw)
    except ArchiveError as error:
        current_app.logger.error("%s", error)
        raise ServiceUnavailable from error
    if read is None:
        abort(404)
    return _give_back(nearest, read, found, is_raw=is_raw)


def _give_back(
    memento: KeptMemento, read: ReplayedResponse, found: ShownMementos, *, is_raw: bool
) -> Response:
    """Make the response of a memento: what was captured, behind walls, with its date."""
    content_type = _clean(read.header("Content-Type")) or "application/octet-stream"
    response = Response(read.payload, status=memento.status, content_type=content_type)
    if memento.location:
        marker = "id_" if is_raw else ""
        response.headers["Location"] = _place(memento.timestamp + marker, memento.location)
    if is_raw and (coding := _clean(read.header("Content-Encoding"))):
        response.headers["Content-Encoding"] = coding
    for name in _TOLD_FIELDS if is_raw else ():
        if value := _clean(read.header(name)):
            response.headers[f"X-Archive-Orig-{name}"] = value
    response.headers["Memento-Datetime"] = render_http_date(memento.captured_at)
    response.headers["Link"] = render_links(found, memento)
    media_type = content_type.partition(";")[0].strip().lower()
    response.headers["Content-Security-Policy"] = SANDBOX_OF.get(media_type, SANDBOX)
    return response


def _clean(value: str) -> str:
    """Give the value of a field as it was captured; "" where a control character is in it."""
    return "" if _CONTROL.search(value) else value


def show_timemap(form: str, text: str) -> Response:
    """List all mementos of a URL that may be shown (RFC 7089 §5), in link-format or JSON."""
    found = find_mementos(text)
    if form not in ("link", "json") or not found.shown:
        abort(404)
    if form == "json":
        return Response(
            json.dumps(_describe_timemap(found), ensure_ascii=False, indent=1) + "\n",
            content_type="application/json; charset=utf-8",
        )
    links = [
        _link(found.url, "original"),
        _link(
            timemap_address("link", found.url),
            "self",
            type=LINK_FORMAT,
            **{
                "from": render_http_date(found.shown[0].captured_at),
                "until": render_http_date(found.shown[-1].captured_at),
            },
        ),
        _link(timemap_address("json", found.url), "timemap", type="application/json"),
        _link(timegate_address(found.url), "timegate"),
        *(
            _link_memento(found, each, _name_end(each, found.shown, "memento"))
            for each in found.shown
        ),
    ]
    return Response(",\n".join(links) + "\n", content_type=LINK_FORMAT)


def _describe_timemap(found: ShownMementos) -> dict[str, object]:
    """Describe a TimeMap as aggregators write it in JSON (mementoweb.org)."""
    listed = [
        {"datetime": f"{each.captured_at:%Y-%m-%dT%H:%M:%SZ}", "uri": found.find_address(each)}
        for each in found.shown
    ]
    return {
        "original_uri": found.url,
        "self": timemap_address("json", found.url),
        "mementos": {"list": listed, "first": listed[0], "last": listed[-1]},
        "timemap_uri": {
            "link_format": timemap_address("link", found.url),
            "json_format": timemap_address("json", found.url),
        },
        "timegate_uri": timegate_address(found.url),
    }


def find_mementos(text: str) -> ShownMementos:
    """Find the mementos of a URL as somebody wrote it.

    Raises NotFound for what is no web address, and Gone for what is withdrawn.
    """
    archive = the_archive()
    bare = unquote(text) if _ESCAPED.match(text) else text
    url = archive.parse_address(_ONE_SLASH.sub(r"\1//", bare))
    if not url:
        abort(404)
    if archive.is_withdrawn(url):
        abort(410)  # so that aggregators, which keep TimeMaps of before, drop theirs
    kept = tuple(archive.list_mementos(url))
    is_whole = the_library().shows_whole_at(url)
    shown = kept if is_whole else tuple(each for each in kept if is_web(each.public_address))
    return ShownMementos(url=url, shown=shown, kept=kept, is_whole=is_whole)


def find_nearest(listed: Sequence[KeptMemento], near: datetime) -> KeptMemento:
    """Find the memento nearest to a moment; of two as near, the earlier."""
    return min(listed, key=lambda each: (abs(each.captured_at - near), each.captured_at))


def render_links(found: ShownMementos, memento: KeptMemento, *, is_timegate: bool = False) -> str:
    """Render the Link header of a memento, or of the TimeGate that leads to it (RFC 7089 §2.2).

    Aggregators read from a TimeGate's header alone which memento it chose.
    """
    links = [_link(found.url, "original")]
    if not is_timegate:
        links.append(_link(timegate_address(found.url), "timegate"))
    links.append(_link(timemap_address("link", found.url), "timemap", type=LINK_FORMAT))
    listed = found.shown
    here = listed.index(memento)
    places = {0, here - 1, here, here + 1, len(listed) - 1}
    for place in sorted(places & set(range(len(listed)))):
        beside = {here - 1: "prev ", here + 1: "next "}.get(place, "")
        relation = _name_end(listed[place], listed, f"{beside}memento")
        links.append(_link_memento(found, listed[place], relation))
    return ", ".join(links)


def _name_end(memento: KeptMemento, listed: Sequence[KeptMemento], relation: str) -> str:
    """Put before a relation that a memento is the first or the last of all."""
    last = "last " if memento is listed[-1] else ""
    first = "first " if memento is listed[0] else ""
    return f"{first}{last}{relation}"


def _link_memento(found: ShownMementos, memento: KeptMemento, relation: str) -> str:
    moment = render_http_date(memento.captured_at)
    return _link(found.find_address(memento), relation, datetime=moment)


def _link(address: str, relation: str, **parameters: str) -> str:
    """Write a link of a Link header (RFC 8288); an address of ours holds no ">" (WHATWG URL)."""
    told = "".join(f'; {name}="{value}"' for name, value in parameters.items())
    return f'<{address}>; rel="{relation}"{told}'


def timegate_address(url: str) -> str:
    """Give the address of the TimeGate of a URL."""
    return absolute(the_library().site, f"{_root()}{url}")


def timemap_address(form: str, url: str) -> str:
    """Give the address of the TimeMap of a URL: "link" or "json"."""
    return absolute(the_library().site, f"{_root()}timemap/{form}/{url}")


def _place(marker: str, url: str) -> str:
    return absolute(the_library().site, f"{_root()}{marker}/{url}")


def _root() -> str:
    """Give the path that stands before all URLs; made by hand, as `url_for` would escape them."""
    return plain_url("mementos.replay", rest="").partition("?")[0]


def find_capture_address(capture: Capture, url: str) -> str:
    """Give the address where a capture of a cited URL is shown whole; "" where it is not."""
    target = url if capture.archive else capture.target_uri
    if "mementos" in current_app.extensions and the_library().shows_whole_at(target):
        return _place(f"{capture.captured_at:%Y%m%d%H%M%S}", target)
    is_elsewhere = capture.archive not in NO_ARCHIVES
    return capture.target_uri if is_elsewhere and is_web(capture.target_uri) else ""


def find_version_url(document: Document) -> str:
    """Give the address that stands for a text as it was cited, for Robust Links.

    The memento where this is a public site that shows whole captures; else the copy in a public
    archive that the bibliography names; else our page on the text.
    """
    library = the_library()
    site: Site = library.site
    is_whole = "mementos" in current_app.extensions and library.shows_whole(document)
    is_replayed = site.base_url and is_whole
    if is_replayed and document.captured_at is not None and is_web(document.url):
        return _place(f"{document.captured_at:%Y%m%d%H%M%S}", document.url)
    archived = document.reference.archive_url if document.reference is not None else None
    if site.base_url and is_web(archived):
        return archived
    return absolute(site, plain_url("pages.text", document_id=document.id))


def parse_timestamp(digits: str) -> datetime | None:
    """Parse up to 14 digits into a moment, what is left out being the earliest; None for none.

    >>> parse_timestamp("2015")
    datetime.datetime(2015, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    whole = digits + "00010101000000"[len(digits) :]
    try:
        return datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def parse_http_date(text: str) -> datetime | None:
    """Parse a date as RFC 7089 §2.1.1 wants it: "Tue, 10 Mar 2015 00:00:00 GMT"; else None."""
    if not _HTTP_DATE.fullmatch(text.strip()):
        return None
    try:
        return parsedate_to_datetime(text.strip()).astimezone(UTC)
    except ValueError:
        return None


def render_http_date(moment: datetime) -> str:
    """Render a moment as an HTTP date."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _read_asked(rest: str) -> str:
    """Read what was asked behind "/web/", escapes and query as they came.

    A server that does not tell the request's own line leaves what it made of it, escaped anew.
    """
    line = str(request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or "")
    # A proxy may hand on the path that the site stands under, or take it off.
    root = request.script_root
    raw = line.partition(f"{root}/web/")[2] or line.partition("/web/")[2]
    if raw:
        return raw
    query = request.query_string.decode("ascii", "replace")
    return quote(rest, safe="/:;,@!$&'()*+=~%[]") + (f"?{query}" if query else "")


def the_archive() -> Mementos:
    """Give the archive of the application that answers."""
    archive: Mementos = current_app.extensions["mementos"]
    return archive
