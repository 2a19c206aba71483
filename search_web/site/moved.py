"""Lead from an address of before to the one of today; say what is left of what is gone.

An address that was given once answers: 301 to the text or the note that it was given to, or 410
where the bibliography has it no more. The pages of what was never cited, and of what is withdrawn,
are told apart by nothing: 404.
"""

from collections.abc import Callable
from typing import Any

from flask import abort, redirect, request, url_for
from werkzeug.exceptions import Gone
from werkzeug.wrappers import Response as BaseResponse

from indexer.model import Identity
from search_web.site.caching import ASK_AGAIN
from search_web.site.state import the_library


class GoneError(Gone):
    """A text or a note was here, and the bibliography has it no more: 410."""

    def __init__(self, identity: Identity) -> None:
        """Take what is remembered of it."""
        super().__init__()
        self.identity = identity


def lead_to_text(name: str, way: Callable[[str], str]) -> BaseResponse:
    """Lead to the text that a name leads to; `way` gives the address for its id.

    Raises GoneError, and NotFound where it leads nowhere.
    """
    library = the_library()
    found = library.find_text_id(name)
    return _lead(way(found)) if found else _refuse(name, is_note=False)


def lead_to_note(name: str, way: Callable[[str], str]) -> BaseResponse:
    """Lead to the note that a name leads to; `way` gives the address for its id.

    Raises GoneError, and NotFound where it leads nowhere.
    """
    library = the_library()
    found = library.find_note_id(name)
    return _lead(way(found)) if found else _refuse(name, is_note=True)


def same_page(**changed: Any) -> str:
    """Give the address that was asked with other parts of its path, and all that it asks."""
    assert request.endpoint is not None
    values: dict[str, Any] = {**(request.view_args or {}), **changed}
    path = url_for(request.endpoint, **values).partition("?")[0]
    # As it came: `url_for` would take some names for its own.
    asked = request.query_string.decode("ascii", "replace")
    return f"{path}?{asked}" if asked else path


def _lead(address: str) -> BaseResponse:
    response = redirect(address, code=301)
    # Two texts that were joined may be parted again: a browser is not to keep it for good.
    response.headers["Cache-Control"] = ASK_AGAIN
    return response


def _refuse(name: str, *, is_note: bool) -> BaseResponse:
    identity = the_library().find_gone(name, is_note=is_note)
    if identity is not None:
        raise GoneError(identity)
    abort(404)
