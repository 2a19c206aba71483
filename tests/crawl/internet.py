"""Every host and port of an Internet, behind one HTTP proxy on loopback that plays them all.

What a client sends to whom is kept byte for byte, under TLS too: `requests` says at which scheme,
host and port it arrived. Hosts have certificates that a client can verify, but for those in
`untrusted`.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import trustme

PROXY = "127.0.1.1"


@dataclass(frozen=True)
class Request:
    """What arrived at a server, or at the proxy itself (scheme "proxy")."""

    scheme: str
    host: str
    port: int
    path: str
    raw: bytes

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


Answer = Callable[[Request], bytes]


def respond(status: str, *fields: str, body: str = "") -> bytes:
    payload = body.encode()
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(payload)}", "Connection: close"]
    if not any(each.lower().startswith("content-type") for each in fields):
        head.append("Content-Type: text/html; charset=utf-8")
    return "\r\n".join([*head, *fields, "", ""]).encode("latin-1") + payload


@dataclass
class Internet:
    """The proxy; `answer` plays every server."""

    answer: Answer
    folder: Path
    untrusted: frozenset[str] = frozenset()
    requests: list[Request] = field(default_factory=list)
    address: str = ""
    _listener: socket.socket | None = None
    _contexts: dict[str, ssl.SSLContext] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "Internet":
        self._authority, self._stranger = trustme.CA(), trustme.CA()
        self.ca_file = self.folder / "authority.pem"
        self._authority.cert_pem.write_to_path(self.ca_file)
        self._listener = socket.create_server((PROXY, 0), backlog=256)
        self.address = f"{PROXY}:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def at(self, origin: str) -> list[Request]:
        with self._lock:
            return [each for each in self.requests if each.origin == origin]

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[sock], daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        # The other side hangs up whenever it likes.
        with contextlib.suppress(OSError), sock:
            sock.settimeout(20)
            head = _read_head(sock)
            target = head.split(b" ")[1].decode()
            if head.startswith(b"CONNECT "):
                name, _, port = target.rpartition(":")
                self._keep(Request("proxy", name, int(port), "", head))
                sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                with self._open_context(name).wrap_socket(sock, server_side=True) as secret:
                    inner = _read_head(secret)
                    path = inner.split(b" ")[1].decode()
                    self._answer(secret, Request("https", name, int(port), path, inner))
            else:
                authority, _, path = target.removeprefix("http://").partition("/")
                name, _, port = authority.rpartition(":")
                if not name or "]" in port:
                    name, port = authority, "80"
                self._answer(sock, Request("http", name, int(port), f"/{path}", head))

    def _answer(self, sock: socket.socket, request: Request) -> None:
        self._keep(request)
        sock.sendall(self.answer(request))

    def _keep(self, request: Request) -> None:
        with self._lock:
            self.requests.append(request)

    def _open_context(self, name: str) -> ssl.SSLContext:
        with self._lock:
            if name not in self._contexts:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                authority = self._stranger if name in self.untrusted else self._authority
                authority.issue_cert(name.strip("[].")).configure_cert(context)
                self._contexts[name] = context
            return self._contexts[name]


def _read_head(sock: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = sock.recv(65_536)
        if not piece:
            raise OSError("hung up")
        head += piece
    return head
