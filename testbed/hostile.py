"""A server that misbehaves on purpose, over real sockets on loopback.

`HostileServer` listens on two addresses and gives each request to the behaviour that its Host
header names ("body-drips.test"). What stands for the public Web is 127.0.1.1; 127.0.0.1 is the
inside that nothing may reach.
"""

import contextlib
import errno
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PUBLIC = "127.0.1.1"
INSIDE = "127.0.0.1"
TRIED_PORTS = 50

Serve = Callable[["Conversation"], None]


@dataclass
class Conversation:
    """One request, and the socket to misbehave on."""

    sock: socket.socket
    path: str
    host: str
    headers: dict[str, str]
    port: int
    stop: threading.Event
    count: int  # of the requests for this host and path, this one included

    def say(self, *pieces: bytes | str) -> None:
        for piece in pieces:
            self.sock.sendall(piece.encode() if isinstance(piece, str) else piece)

    def answer(
        self, body: bytes | str = b"", *, status: str = "200 OK", headers: tuple[str, ...] = ()
    ) -> None:
        payload = body.encode() if isinstance(body, str) else body
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(payload)}"]
        if not any(line.lower().startswith("content-type") for line in headers):
            lines.append("Content-Type: text/html; charset=utf-8")
        self.say("\r\n".join([*lines, *headers, "", ""]).encode("utf-8"), payload)

    def reset(self) -> None:
        """Break the connection with a RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def drip(self, pieces: Callable[[], bytes], every_s: float) -> None:
        """One piece after the other, for ever."""
        while not self.stop.wait(every_s):
            self.say(pieces())


@dataclass
class HostileServer:
    """The server; `behaviours` by host name, `requests` is what was asked of it."""

    behaviours: dict[str, Serve]
    robots: frozenset[str] = frozenset()  # hosts whose behaviour answers for robots.txt too
    tls: dict[str, ssl.SSLContext] = field(default_factory=dict)  # by host name, a port each
    port: int = 0
    tls_ports: dict[str, int] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str], float]] = field(default_factory=list)
    inside: list[bytes] = field(default_factory=list)  # what reached the address nobody may reach
    _stop: threading.Event = field(default_factory=threading.Event)
    _listeners: list[socket.socket] = field(default_factory=list)

    def __enter__(self) -> "HostileServer":
        public, inside = self._listen_on_both()
        self.port = public.getsockname()[1]
        self._start(self._accept, public, self._converse)
        self._start(self._accept, inside, self._trespass)
        for name, context in self.tls.items():
            listener = self._listen(PUBLIC, 0)
            self.tls_ports[name] = listener.getsockname()[1]
            self._start(self._accept, listener, self._converse_in_secret(context))
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def url(self, name: str, path: str = "/page") -> str:
        if name in self.tls_ports:
            return f"https://{name}:{self.tls_ports[name]}{path}"
        return f"http://{name}:{self.port}{path}"

    def asked(self, name: str, path: str = "/page") -> list[tuple[dict[str, str], float]]:
        return [
            (headers, at)
            for host, asked, headers, at in self.requests
            if (host, asked) == (name, path)
        ]

    def _listen_on_both(self) -> tuple[socket.socket, socket.socket]:
        """Listen on one port of both addresses: what is free on one may be another's there."""
        for _ in range(TRIED_PORTS):
            public = self._listen(PUBLIC, 0)
            try:
                return public, self._listen(INSIDE, public.getsockname()[1])
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
        raise OSError(errno.EADDRINUSE, f"no port of {TRIED_PORTS} is free on both addresses")

    def _listen(self, address: str, port: int) -> socket.socket:
        listener = socket.create_server((address, port), backlog=256)
        self._listeners.append(listener)
        return listener

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _accept(self, listener: socket.socket, converse: Callable[[socket.socket], None]) -> None:
        while not self._stop.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            self._start(self._serve, sock, converse)

    def _serve(self, sock: socket.socket, converse: Callable[[socket.socket], None]) -> None:
        # The other side hangs up whenever it likes; so does a behaviour.
        with contextlib.suppress(OSError, ValueError), sock:
            converse(sock)

    def _trespass(self, sock: socket.socket) -> None:
        sock.settimeout(5)
        self.inside.append(sock.recv(1000))

    def _converse_in_secret(self, context: ssl.SSLContext) -> Callable[[socket.socket], None]:
        def converse(sock: socket.socket) -> None:
            with context.wrap_socket(sock, server_side=True) as secret:
                self._converse(secret)

        return converse

    def _converse(self, sock: socket.socket) -> None:
        sock.settimeout(10)
        head = b""
        while b"\r\n\r\n" not in head:
            piece = sock.recv(65_536)
            if not piece:
                return
            head += piece
        request_line, *lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
        fields = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in fields}
        path = request_line.split(" ")[1]
        host = headers.get("host", "").partition(":")[0]
        self.requests.append((host, path, headers, time.monotonic()))
        count = len(self.asked(host, path))
        talk = Conversation(sock, path, host, headers, self.port, self._stop, count)
        serve = self.behaviours.get(host)
        if serve is None or (path == "/robots.txt" and host not in self.robots):
            talk.answer(status="404 Not Found")
        else:
            serve(talk)
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
