"""Serve our style sheets, script and pictures: squeezed, compressed once, kept for a year.

Comments and indents of style sheets are a fifth of a first page.
"""

import hashlib
import mimetypes
import re
from pathlib import Path
from typing import Final

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from search_web.site.caching import choose_body, compress

YEAR_S: Final = 365 * 24 * 3600

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLANKS: Final = re.compile(r"\s+")
_AROUND: Final = re.compile(r"\s*([{};,])\s*")
_AFTER: Final = re.compile(r"(?<=[\w-]):\s")


def squeeze_style(text: str) -> str:
    """Minify CSS: fewer bytes, and every blank that may mean something.

    For our own sheets: no string in them holds a brace, a semicolon, a comma or a comment.
    """
    text = _BLANKS.sub(" ", _COMMENT.sub("", text))
    return _AFTER.sub(":", _AROUND.sub(r"\1", text)).replace(";}", "}").strip()


def digest_assets(app: Flask) -> dict[str, str]:
    """Digest each static file, so that it can be kept for good under its own address."""
    folder = Path(str(app.static_folder))
    return {
        path.name: hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()
        for path in folder.iterdir()
    }


def serve_assets(app: Flask) -> None:
    """Serve each of our files under an address that names its bytes, made ready once.

    Style sheets are squeezed. What is asked for under the address of today is kept for a year.
    """
    folder = Path(str(app.static_folder))
    ready: dict[str, tuple[str, dict[str, bytes]]] = {}
    for path in sorted(folder.iterdir()):
        body = path.read_bytes()
        if path.suffix == ".css":
            body = squeeze_style(body.decode()).encode()
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        ready[path.name] = (media_type, compress(body, media_type))

    def serve(filename: str) -> Response:
        if filename not in ready:
            raise NotFound
        media_type, bodies = ready[filename]
        response = Response(mimetype=media_type)
        choose_body(response, bodies)
        if request.args.get("v") == app.extensions["assets"][filename]:
            response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
        else:
            response.headers["Cache-Control"] = "public, no-cache"
        response.add_etag()
        response.make_conditional(request)
        return response

    app.view_functions["static"] = serve
