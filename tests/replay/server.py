"""An HTTP proxy on loopback that knows a few pages and forwards nothing.

A known address (letter for letter as in the manifest) is answered with its page, any other path
of a known host with 404, an unknown host with 502. `CONNECT` (https) is refused with 501: what
is cited here is plain http.
"""

import threading
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.replay.pages import Page, read_pages

NOT_FOUND = (
    b"<!DOCTYPE html><html lang='fr'><head><title>Page introuvable</title></head>"
    b"<body><h1>Erreur 404</h1><p>Cette page n'existe pas.</p></body></html>"
)


class ReplayServer:
    """Serves `pages` (those of tests/data/pages by default) while it is entered.

    A mapping by URL is asked anew at each request, so that its pages may change with time.

    `url` is what a client takes as its proxy; `asked` lists every request, in order, as
    ("GET", "http://host/path"). A page put into `pages` while it runs is served at once.
    """

    def __init__(
        self, pages: Mapping[str, Page] | Iterable[Page] | None = None, *, port: int = 0
    ) -> None:
        if pages is None:
            self.pages: Mapping[str, Page] = read_pages()
        elif isinstance(pages, Mapping):
            self.pages = pages
        else:
            self.pages = {page.url: page for page in pages}
        self.asked: list[tuple[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="replay", daemon=True
        )

    @property
    def url(self) -> str:
        """The proxy's own address: "http://127.0.0.1:PORT"."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def hosts(self) -> set[str]:
        """The hosts that it answers for, lower case, without a port."""
        return {urlsplit(url).hostname or "" for url in self.pages}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self) -> None:
        """Serve until somebody interrupts."""
        self._thread.join()


def _handler(replay: ReplayServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30  # an idle connection does not keep its thread for ever

        def do_GET(self) -> None:
            asked = self._asked()
            replay.asked.append((self.command, asked))
            page = replay.pages.get(asked)
            if page is not None and self._has(page.headers):
                self._answer(HTTPStatus.NOT_MODIFIED, page.headers)
            elif page is not None:
                self._answer(page.status, page.headers, page.payload)
            elif (urlsplit(asked).hostname or "") in replay.hosts:
                html = {"Content-Type": "text/html; charset=utf-8"}
                self._answer(HTTPStatus.NOT_FOUND, html, NOT_FOUND)
            else:
                text = {"Content-Type": "text/plain; charset=utf-8"}
                said = f"replay: no page is known of this host: {asked}\n".encode()
                self._answer(HTTPStatus.BAD_GATEWAY, text, said)

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_CONNECT(self) -> None:
            replay.asked.append((self.command, self.path))
            self.close_connection = True
            self._answer(HTTPStatus.NOT_IMPLEMENTED, {}, b"")

        def _asked(self) -> str:
            """The absolute form, as a proxy gets it; else the path and the Host header."""
            if self.path.startswith("/"):
                return f"http://{self.headers.get('Host', '')}{self.path}"
            return self.path

        def _has(self, headers: Mapping[str, str]) -> bool:
            """Say whether the client's validators still hold (RFC 9110 §13.1)."""
            if etags := self.headers.get("If-None-Match"):
                return headers.get("ETag", "?") in etags
            since = self.headers.get("If-Modified-Since")
            return since is not None and since == headers.get("Last-Modified")

        def _answer(
            self, status: int, headers: Mapping[str, str], payload: bytes | None = None
        ) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if payload is not None:
                self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            if payload and self.command != "HEAD":
                self.wfile.write(payload)

        def log_message(self, format: str, *args: object) -> None:
            pass  # `asked` remembers; a test's output stays clean

    return Handler
