"""Serve the health of the site (`/sante`), and notices of links as an Atom feed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    jsonify,
    render_template,
    request,
    url_for,
)

from indexer.messages import Translator
from search_web.interop.feeds import answer_feed, rfc3339
from search_web.site.addresses import absolute, tag_uri
from search_web.site.languages import the_translator
from search_web.site.state import the_library

# How the site is, as JSON values, with its sentences in a language; what was news, newest first.
FindStatus = Callable[[Translator], Mapping[str, Any]]
ListNotices = Callable[[], Sequence[Any]]

watching = Blueprint("watching", __name__)
FAILING: Final = "failing"
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def show_watching(app: Flask, find_status: FindStatus | None, list_notices: ListNotices) -> None:
    """Give the application `/sante` and the feed of notices; without a status neither."""
    if find_status is not None:
        app.extensions["find_status"] = find_status
        app.jinja_env.globals["moment"] = datetime.fromisoformat
        app.extensions["list_notices"] = list_notices
        app.register_blueprint(watching)


@watching.get("/sante")
def health() -> Response:
    """Say how the site is: a page for people, JSON for monitors; 503 where it does not answer."""
    found = current_app.extensions["find_status"](the_translator())
    status = 503 if found["level"] == FAILING else 200
    wants_page = request.accept_mimetypes.best_match(["application/json", "text/html"])
    if wants_page == "text/html":
        response = Response(render_template("health.html", status=found), status=status)
    else:
        response = jsonify(found)
        response.status_code = status
    response.vary.add("Accept")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@watching.get("/veille.atom")
@watching.get("/veille.rss", endpoint="notices_rss")
def notices() -> Response:
    """Give what was news of the links as a feed: deaths, resurrections, drifts, failed runs."""
    site = the_library().site
    listed = current_app.extensions["list_notices"]()
    body = render_template(
        "notices.atom.xml",
        feed_id=tag_uri(site, "veille"),
        notices=listed,
        updated=listed[0].at if listed else _LONG_AGO,
        self_url=absolute(site, url_for("watching.notices")),
        rfc3339=rfc3339,
    )
    return answer_feed(body)
