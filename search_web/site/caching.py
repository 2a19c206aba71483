"""Let a browser ask whether a page has changed instead of asking for it again.

The tag of a page is made of what the page is made of: the index's generation, the last visits,
our own version, templates and sentences, what may be shown, the language, and the address.
Nothing is rendered to find out. Results may be a minute old; everything else is asked for again.
Pages that were made lately are kept as they were sent, compressed, by their tags: the next reader
is given them without the index being asked. Nothing of them outlives the state that they tell.
"""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Final

import brotli
from flask import Flask, Response, current_app, g, request

from indexer import __version__, messages
from search_web.site.languages import the_language
from search_web.site.state import the_library

FOR_A_MINUTE: Final = "public, max-age=60"
ASK_AGAIN: Final = "public, no-cache"
# What changes though neither the index nor a visit did.
UNTAGGED: Final = frozenset(
    {None, "static", "watching.health", "watching.notices", "watching.notices_rss", "oai.answer"}
)
# What else than the address and the language decides of it: who asks, what for, which date.
NOT_KEPT: Final = frozenset({"mementos.replay"})
MOST_KEPT_BYTES: Final = 32 << 20  # of pages, compressed, in each process
MOST_PAGE_BYTES: Final = 2 << 20  # of one page, as it is
LEAST_BYTES: Final = 600  # below, one packet holds it as it is
COMPRESSED: Final = ("text/", "application/", "image/svg+xml")
RESULTS: Final = frozenset(
    {"pages.results", "interop.suggestions", "feeds.search", "feeds.search_rss"}
)


@dataclass(frozen=True, slots=True)
class ReadyAnswer:
    """Hold an answer as it was sent: its headers, its body as it is and in each coding."""

    headers: tuple[tuple[str, str], ...]
    bodies: dict[str, bytes]  # by content coding; "" is the body as it is

    @property
    def size(self) -> int:
        """Count the bytes of the kept bodies, of all encodings."""
        return sum(map(len, self.bodies.values()))


class ReadyAnswers:
    """Keep the answers that were given last, at most so many bytes; for several threads."""

    def __init__(self, most_bytes: int = MOST_KEPT_BYTES) -> None:
        """Take how many bytes of bodies may be kept."""
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._kept: OrderedDict[str, ReadyAnswer] = OrderedDict()
        self._size = 0

    def find(self, tag: str) -> ReadyAnswer | None:
        """Find the answer of a tag; None where it is not kept, or no more."""
        with self._lock:
            if tag in self._kept:
                self._kept.move_to_end(tag)
            return self._kept.get(tag)

    def keep(self, tag: str, answer: ReadyAnswer) -> None:
        """Keep an answer; those that were asked for least lately make room."""
        with self._lock:
            if before := self._kept.pop(tag, None):
                self._size -= before.size
            self._kept[tag] = answer
            self._size += answer.size
            while self._size > self._most_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._size -= dropped.size


def add_revalidation(app: Flask) -> None:
    """Give the pages of `app` a tag each, answer 304 to who has the page, keep what was made."""
    ours = _digest_pages(app)
    ready = ReadyAnswers()

    def answer_known() -> Response | None:
        g.tag, g.ready = None, None
        if request.method not in {"GET", "HEAD"} or request.endpoint in UNTAGGED:
            return None
        g.tag = _make_tag(ours)
        if any(request.if_none_match.contains(_name(g.tag, each)) for each in CODINGS):
            response = Response(status=304)
            _tag(response, "")
            return response
        g.ready = ready.find(g.tag)
        return Response(headers=list(g.ready.headers)) if g.ready else None

    def finish(response: Response) -> Response:
        if g.get("is_partial"):  # true of this moment only, not of the state
            response.headers["Cache-Control"] = "no-store"
            return response
        if response.status_code != 200 or not g.get("tag"):
            return response
        if g.ready is None:
            # The index may have changed while the page was made: it is of neither state.
            if _make_tag(ours) != g.tag:
                return response
            g.ready = _make_ready(response)
            if g.ready is not None:
                ready.keep(g.tag, g.ready)
        coding = choose_body(response, g.ready.bodies) if g.ready else ""
        _tag(response, coding)
        return response

    app.before_request(answer_known)
    app.after_request(finish)


def _make_tag(ours: str) -> str:
    parts = (
        ours,
        the_library().state,
        getattr(current_app.extensions.get("link_reports"), "generation", ""),
        the_language(),
        request.root_url,
        request.full_path,
    )
    return hashlib.blake2b("\x00".join(parts).encode(), digest_size=12).hexdigest()


CODINGS: Final = ("", "br", "gzip")


def compress(body: bytes, media_type: str) -> dict[str, bytes]:
    """Give a body by content coding: "" as it is, "br" and "gzip" where that makes it smaller."""
    bodies = {"": body}
    if len(body) >= LEAST_BYTES and media_type.startswith(COMPRESSED):
        # Quality 5 takes 2 ms a page; 11 takes 90 ms for a tenth less.
        bodies["br"] = brotli.compress(body, quality=5)
        bodies["gzip"] = gzip.compress(body, compresslevel=6, mtime=0)
    return bodies


def choose_body(response: Response, bodies: Mapping[str, bytes]) -> str:
    """Put the body into an answer in the coding that the client likes best; gives that coding."""
    coding = request.accept_encodings.best_match([each for each in bodies if each], "")
    response.set_data(bodies[coding])
    if coding:
        response.content_encoding = coding
    response.vary.add("Accept-Encoding")
    return coding


def _make_ready(response: Response) -> ReadyAnswer | None:
    """Make what is kept of an answer; None where it is not to be kept, or too large."""
    if request.endpoint in NOT_KEPT or request.method == "HEAD" or response.is_streamed:
        return None
    body = response.get_data()
    if len(body) > MOST_PAGE_BYTES:
        return None
    headers = [(n, v) for n, v in response.headers if n.lower() != "content-length"]
    return ReadyAnswer(headers=tuple(headers), bodies=compress(body, response.mimetype or ""))


def _name(tag: str, coding: str) -> str:
    """Name one form of an answer: RFC 9110 §8.8.3.3 has each coding bear a tag of its own."""
    return f"{tag}-{coding}" if coding else tag


def _tag(response: Response, coding: str) -> None:
    response.set_etag(_name(g.tag, coding))
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
