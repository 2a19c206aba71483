"""Let a browser ask whether a page has changed instead of asking for it again.

The tag of a page is made of what the page is made of: the index's generation, the last visits,
our own version, templates and sentences, what may be shown, the language, and the address.
Nothing is rendered to find out. Results may be a minute old; everything else is asked for again.
"""

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Final

from flask import Flask, Response, g, request

from indexer import __version__, messages
from search_web.languages import the_language
from search_web.library import the_library

FOR_A_MINUTE: Final = "public, max-age=60"
ASK_AGAIN: Final = "public, no-cache"
# What changes though neither the index nor a visit did.
UNTAGGED: Final = frozenset({None, "static", "watching.health", "watching.notices"})
RESULTS: Final = frozenset({"pages.results", "interop.suggestions", "feeds.search"})


def add_revalidation(app: Flask) -> None:
    """Give the pages of `app` a tag each, and answer 304 to who has the page already."""
    ours = _digest_pages(app)

    def answer_unchanged() -> Response | None:
        g.tag = None
        if request.method not in {"GET", "HEAD"} or request.endpoint in UNTAGGED:
            return None
        library = the_library()
        visits = getattr(app.extensions.get("link_reports"), "generation", "")
        parts = (
            ours,
            library.state,
            visits,
            the_language(),
            request.root_url,
            request.full_path,
        )
        g.tag = hashlib.blake2b("\x00".join(parts).encode(), digest_size=12).hexdigest()
        if request.if_none_match.contains(g.tag):
            response = Response(status=304)
            _tag(response)
            return response
        return None

    def tag(response: Response) -> Response:
        if response.status_code == 200 and g.get("tag"):
            _tag(response)
        return response

    app.before_request(answer_unchanged)
    app.after_request(tag)


def _tag(response: Response) -> None:
    response.set_etag(g.tag)
    is_results = request.endpoint in RESULTS
    response.headers["Cache-Control"] = FOR_A_MINUTE if is_results else ASK_AGAIN


def _digest_pages(app: Flask) -> str:
    digest = hashlib.blake2b(__version__.encode(), digest_size=12)
    for folder in (app.template_folder, app.static_folder):
        for path in sorted((Path(app.root_path) / str(folder)).iterdir()):
            digest.update(path.name.encode() + path.read_bytes())
    for language in messages.LANGUAGES:
        digest.update((files(messages) / f"{language}.po").read_bytes())
    return digest.hexdigest()
