"""Sites on loopback whose pages are written by us, and that remember what they were asked."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType

OPEN = ("127.0.1.1", "127.0.1.2")  # what the tests' crawls may reach; 127.0.0.1 is inside
PIXEL = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "txt": "text/plain",
    "woff2": "font/woff2",
    "mjs": "text/javascript",
    "svg": "image/svg+xml",
    "vtt": "text/vtt",
}


@dataclass
class Site:
    """One host: paths -> a body, (status, body, fields), or what gives these for the request's.

    `forms` answer what is posted: paths -> what gives an answer for the request's fields and body.
    """

    pages: dict[str, object]
    forms: dict[str, Callable[[Mapping[str, str], bytes], object]] = field(default_factory=dict)
    posted: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    address: str = ""  # without a slash at its end
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def count(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)

    def answer(
        self, path: str, asked: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[int, bytes, dict[str, str]]:
        found = self.pages.get(path, (404, b"rien ici", {}))
        return self.render(path, found(asked) if callable(found) else found)

    def render(self, path: str, found: object) -> tuple[int, bytes, dict[str, str]]:
        status, body, fields = found if isinstance(found, tuple) else (200, found, {})
        octets = body.encode() if isinstance(body, str) else body
        ending = path.partition("?")[0].rpartition(".")[2]
        media_type = TYPES.get(ending, "image/gif" if "." in path else TYPES["html"])
        return status, octets, {"Content-Type": media_type, **fields}


@contextmanager
def serving(*sites: Site, hosts: tuple[str, ...] = OPEN) -> Iterator[None]:
    """Serve each site at an address of its own, and say where."""
    with ExitStack() as stack:
        for site, host in zip(sites, hosts, strict=False):
            server = ThreadingHTTPServer((host, 0), _make_handler(site))
            server.daemon_threads = True
            thread = threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
            )
            thread.start()
            site.address = f"http://{host}:{server.server_port}"
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
        yield


def _make_handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.path, dict(self.headers)))
            self.give(*site.answer(self.path, self.headers))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            site.posted.append((self.path, dict(self.headers), body))
            form = site.forms.get(self.path)
            found = (404, "nothing here", {}) if form is None else form(self.headers, body)
            self.give(*site.render(self.path, found))

        def give(self, status: int, octets: bytes, fields: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, *_: object) -> None:
            """Say nothing: a test that fails says what was asked."""

    return Handler
