"""Write the addresses of our own pages, point into other people's, lead from those of before.

An address that was given once answers: 301 to the text or the note that it was given to, or 410
where the bibliography has it no more. The pages of what was never cited, and of what is withdrawn,
are told apart by nothing: 404.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeGuard
from urllib.parse import quote, urlsplit

from flask import Flask, abort, redirect, request, url_for
from werkzeug.exceptions import Gone
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

from indexer.model import Document, Identity, Reference
from indexer.search import Hit, Snippet
from search_web.render.passages import point_into, render_fragment
from search_web.site.caching import ASK_AGAIN
from search_web.site.params import Ask, render_ask
from search_web.site.protocols import Site
from search_web.site.state import the_library

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FindText = Callable[[str], Document | None]
SHORT: Final = 80  # characters; a longer passage stands once


class UnderPath:
    """Have an application answer under a path, as WSGI's SCRIPT_NAME has it (PEP 3333).

    A proxy may hand on the address as it was asked ("/biblio/aide") or without its first part
    ("/aide"): both lead to the same page, and every address that is written begins with the path.
    """

    def __init__(self, application: "WSGIApplication", root: str) -> None:
        """Take the application, and the path: "/biblio", ASCII, without a slash at its end."""
        self._application = application
        self._root = root

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request (WSGI)."""
        if environ.get("SCRIPT_NAME", "").rstrip("/") != self._root:  # else the server did it
            path = environ.get("PATH_INFO", "")
            if path == self._root or path.startswith(f"{self._root}/"):
                environ["PATH_INFO"] = path.removeprefix(self._root)
            environ["SCRIPT_NAME"] = self._root
        return self._application(environ, start_response)


def place(app: Flask, site: Site) -> None:
    """Put an application where its site says: under a path, behind so many proxies."""
    if site.root:
        app.wsgi_app = UnderPath(app.wsgi_app, site.root)  # type: ignore[method-assign]
    if count := site.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_prefix=count
        )


def here() -> str:
    """Give the path of the present address, with the one that the site stands under.

    Escaped as it came: a "?" of a section's name begins no query.
    """
    return quote(request.script_root + request.path, safe="/!$&'()*+,:;=@~")


def add_query(url: str, arguments: str) -> str:
    """Put arguments before those that an address has already: the language that was asked."""
    path, _, asked = url.partition("?")
    query = "&".join(filter(None, (arguments, asked)))
    return f"{path}?{query}" if query else path


def search_url(ask: Ask, endpoint: str = "pages.results", *, extension: str | None = None) -> str:
    """Give the address of a page of results, or of the same search in another form."""
    return add_query(url_for(endpoint, extension=extension), render_ask(ask))


def turn_url(ask: Ask) -> str:
    """Give the address of another page of results, as a page of results says it: shorter."""
    url = search_url(ask)
    return f"?{url.partition('?')[2]}" if "?" in url else url


def hit_url(hit: Hit, ask: Ask) -> str:
    """Give the address of our page on what was found, with the query to mark it there."""
    query_text = ask.query_text or None
    if hit.kind == "note":
        return url_for("pages.note", note_id=hit.id, q=query_text)
    return url_for("pages.text", document_id=hit.id, q=query_text)


def passage_url(hit: Hit, ask: Ask) -> str:
    """Give the address of our copy at the passage that was found, else at its beginning."""
    paragraphs = [s.paragraph for s in hit.snippets if s.paragraph is not None and s.marks]
    return f"{hit_url(hit, ask)}#{f'p{paragraphs[0] + 1}' if paragraphs else 'texte'}"


def is_web(url: str | None) -> TypeGuard[str]:
    """Whether a link may lead there: only the web's own schemes."""
    return (url or "").lower().startswith(("http://", "https://"))


def original_url(hit: Hit, find_text: FindText) -> str:
    """Give the address of the original, opened at the first passage that was found.

    A short passage may stand twice in a text, so the text is looked at.
    """
    if not is_web(hit.url):
        return ""
    for snippet in hit.snippets:
        if snippet.page is not None:  # a PDF opens at a page
            return hit.url if "#" in hit.url else f"{hit.url}#page={snippet.page}"
        if snippet.marks:
            article, start = "", 0
            if len(snippet.text) < SHORT:
                article, start = _find_around(snippet, find_text(hit.id))
            return point_into(hit.url, render_fragment(snippet.text, article=article, start=start))
    return hit.url


def _find_around(snippet: Snippet, document: Document | None) -> tuple[str, int]:
    """Give the whole text and where in it the passage is."""
    if document is None or snippet.paragraph is None:
        return "", 0
    texts = [paragraph.text for paragraph in document.paragraphs]
    before = "\n\n".join(texts[: snippet.paragraph])
    opening = len(before) + (2 if snippet.paragraph else 0)
    inside = texts[snippet.paragraph].find(snippet.text)
    return "\n\n".join(texts), opening + max(inside, 0)


def absolute(site: Site, path: str) -> str:
    """Make a path that `url_for` gave absolute: by the setting, else by the address asked."""
    return (site.origin or request.host_url.rstrip("/")) + path


def tag_uri(site: Site, specific: str) -> str:
    """Give a name that lasts (RFC 4151), whatever becomes of the address.

    Sites under paths of one host have names apart.
    """
    host = urlsplit(absolute(site, "/")).hostname or "localhost"
    within = f"{site.root.lstrip('/')}/" if site.root else ""
    return f"tag:{host},2026:{within}{specific}"


def linked_on(document: Document) -> str:
    """Say when the bibliography meant the link, as a full date; "" when nothing says it.

    For Robust Links' `data-versiondate`: the date of access, else of our copy, else of the visit.
    """
    reference: Reference | None = document.reference
    if reference is not None and _is_full_date(reference.accessed):
        return reference.accessed
    moment: datetime | None = document.captured_at or document.link.checked_at
    return moment.date().isoformat() if moment else ""


def _is_full_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def asset_url(app: Flask, name: str) -> str:
    """Give the address of a file of ours, which changes with what is in it."""
    version = app.extensions["assets"][name]
    return url_for("static", filename=name, v=version)


# --- addresses of before


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


def read_path_name(name: str) -> str:
    """Read a DOI or an address that ends the path that was asked, whose slashes are its own."""
    scheme, _, rest = name.partition(":/")
    if scheme not in ("http", "https"):
        return name
    asked = request.query_string.decode("utf-8", "replace")
    # Servers make one slash of two.
    return f"{scheme}://{rest.lstrip('/')}{'?' + asked if asked else ''}"


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
