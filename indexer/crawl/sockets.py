"""Connect to checked addresses, where every step ends by a deadline; read heads as received.

The address that is checked is the address that is connected to: a name is resolved once, each
address that comes back is judged, and the connection is made to one of those. The head of a
response is kept as received and read as leniently as browsers read it; http.client reads the rest.
"""

import ctypes
import email.parser
import http.client
import io
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from indexer.crawl.address_guard import OpenNetworks, find_literal, is_allowed, is_local_name

READ_BUFFER: Final = 65_536  # bytes

Resolver = Callable[[str, int], Sequence[str]]


class ForbiddenAddressError(OSError):
    """The host leads inside a network."""


class DeadlineError(OSError):
    """The time for the whole exchange is over."""


class ResolverTimeoutError(socket.gaierror):
    """The resolver did not answer in time."""


LARGE_BYTES: Final = 4 * 2**20  # of a payload: one that is larger needs the room
ROOM_PATIENCE_S: Final = 300.0
ROOM_NAP_S: Final = 0.25  # before looking whether the exchange was ended


M_MMAP_THRESHOLD: Final = -3  # of <malloc.h>


def give_back_large_blocks(from_bytes: int = LARGE_BYTES) -> None:
    """Have the C library give blocks of so many bytes back to the system as soon as they are free.

    glibc raises the size from which it does so whenever such a block is freed, up to 32 MB, and
    keeps smaller ones for the thread that had them: eight threads, eight payloads. Other libraries
    have no `mallopt`, and no such rule.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(M_MMAP_THRESHOLD, from_bytes)


class LargePayload(bytes):
    """A payload that has the room until it is let go, or nobody holds it."""

    room: threading.Semaphore | None = None

    def let_go(self) -> None:
        """Give the room to another: this one is kept, or soon will be."""
        if self.room is not None:
            self.room.release()
            self.room = None

    def __del__(self) -> None:
        """Give back the room of what is dropped."""
        self.let_go()


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One request under way: its limits, and what its connection saw of it."""

    host: str  # of the URL, as ada-url writes it
    request_target: str  # what stands in the request line
    deadline: float  # time.monotonic()
    connect_timeout_s: float
    read_timeout_s: float
    resolve: Resolver
    open_networks: OpenNetworks
    started_at: datetime
    is_proxied: bool
    method: str = "GET"
    ip_address: str = ""
    sent: bytearray = field(default_factory=bytearray)
    head: bytearray = field(default_factory=bytearray)
    received: int = 0  # bytes
    sock: socket.socket | None = None
    waited_s: float = 0.0  # for room
    room: threading.Semaphore | None = None  # for large payloads; None: there is always some

    def load(self, read: Callable[[], bytes]) -> bytes:
        """Read a large payload once there is room for it, and hold the room as long as it is.

        The wait counts against no deadline. After ROOM_PATIENCE_S it is read without.
        """
        began = time.monotonic()
        has_room = False
        while self.room is not None and self.deadline > 0 and not has_room:
            if time.monotonic() - began > ROOM_PATIENCE_S:
                break
            has_room = self.room.acquire(timeout=ROOM_NAP_S)
        self.waited_s = time.monotonic() - began
        payload = LargePayload(read())
        payload.room = self.room if has_room else None
        return payload

    def remaining_s(self, at_most: float) -> float:
        """Give the seconds that the next step may take; DeadlineError when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise DeadlineError("the time for the whole exchange is over")
        return min(left, at_most)

    def check_host(self) -> None:
        """Refuse an address written in the URL itself; raises ForbiddenAddressError."""
        literal = find_literal(self.host)
        if literal is not None and not is_allowed(literal, open_networks=self.open_networks):
            raise ForbiddenAddressError(f"{literal} is inside a network")
        if (
            is_local_name(self.host)
            and self.host not in self.open_networks.hosts
            and self.is_proxied
        ):
            raise ForbiddenAddressError(f"{self.host} is this machine")


def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """Resolve a host by the system; socket.gaierror when it has no address."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def _resolve_in_time(attempt: Attempt, host: str, port: int) -> Sequence[str]:
    """Resolve a host in a thread that may be left behind: the system's resolver has no timeout."""
    found: list[Sequence[str]] = []
    failures: list[Exception] = []

    def ask() -> None:
        try:
            found.append(attempt.resolve(host, port))
        except Exception as error:  # noqa: BLE001 - carried to the caller, raised there
            failures.append(error)

    thread = threading.Thread(target=ask, name=f"resolve {host}", daemon=True)
    thread.start()
    thread.join(attempt.remaining_s(attempt.connect_timeout_s))
    if found:
        return found[0]
    if failures:
        raise failures[0]
    raise ResolverTimeoutError(socket.EAI_AGAIN, "the resolver did not answer in time")


def connect(attempt: Attempt, host: str, port: int) -> socket.socket:
    """Connect to one of the host's addresses, all of them checked first."""
    literal = find_literal(host)
    addresses = [literal] if literal else _resolve_in_time(attempt, host, port)
    if not attempt.is_proxied:
        for address in addresses:
            if not is_allowed(address, host=attempt.host, open_networks=attempt.open_networks):
                raise ForbiddenAddressError(f"{host} leads to {address}, inside a network")
    failure: OSError = OSError(f"{host} has no address")
    for address in addresses:
        timeout = attempt.remaining_s(attempt.connect_timeout_s)
        try:
            sock = socket.create_connection((address, port), timeout)
        except OSError as error:
            failure = error
            continue
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        attempt.ip_address = "" if attempt.is_proxied else address
        attempt.sock = sock
        return sock
    raise failure


class _WatchedStream(io.RawIOBase):
    """A socket's stream where each read ends by the deadline."""

    def __init__(self, stream: io.RawIOBase, sock: socket.socket, attempt: Attempt) -> None:
        self._stream = stream
        self._sock = sock
        self._attempt = attempt

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._attempt.remaining_s(self._attempt.read_timeout_s))
        try:
            # SocketIO's stub says that it has no readinto; it has.
            count = cast(int | None, cast(Any, self._stream).readinto(buffer))
        except TimeoutError:
            self._attempt.remaining_s(self._attempt.read_timeout_s)
            raise
        self._attempt.received += count or 0
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


class WatchedSocket:
    """A socket with all that http.client needs of it to read a response."""

    def __init__(self, sock: socket.socket, attempt: Attempt) -> None:
        """Watch a connected socket for an attempt, which bounds its time."""
        self._sock = sock
        self._attempt = attempt

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Open a stream to read by lines; closing it closes the socket."""
        stream = cast(io.RawIOBase, self._sock.makefile("rb", buffering=0))
        return io.BufferedReader(_WatchedStream(stream, self._sock, self._attempt), READ_BUFFER)


MAX_LINE: Final = 65_536  # bytes of a line of the head
MAX_HEAD: Final = 131_072  # bytes of a whole head; Chrome stops at 256 KiB, Apache sends 8
MAX_HEADERS: Final = 1_000  # http.client stops at 100, and a verbose CDN would look dead


class WatchedResponse(http.client.HTTPResponse):
    """A response whose head is kept as received, and read as leniently as browsers read it."""

    def __init__(self, attempt: Attempt, sock: socket.socket, *args: Any, **named: Any) -> None:
        """Read a response from a socket for an attempt, which remembers its head."""
        super().__init__(cast(socket.socket, WatchedSocket(sock, attempt)), *args, **named)
        self._attempt = attempt
        self._asked_method = named.get("method")

    def begin(self) -> None:
        """Read the head; http.client.HTTPException when it is none.

        As the parent's, but for four things: all 1xx responses are passed over (RFC 9110 §15.2:
        103 Early Hints too), lines without a colon are skipped instead of ending the head,
        the limits are ours, and a payload that is chunked twice is refused.
        """
        if self.headers is not None:
            return
        self._attempt.received = 0  # what a proxy said before is no part of it
        while True:
            self._attempt.received -= len(self._attempt.head)
            self._attempt.head.clear()
            status_line = self._read_line()
            version, self.status, reason = _parse_status(status_line)
            fields = self._read_fields()
            if not 100 <= self.status < 200 or self.status == 101:
                break
        self.code = self.status
        self.reason = reason
        self.version = 10 if version == "HTTP/1.0" else 11
        parser = email.parser.Parser(_class=http.client.HTTPMessage)
        self.headers = self.msg = parser.parsestr(fields.decode("iso-8859-1"))
        codings = self.headers.get("transfer-encoding", "").lower().replace(" ", "")
        self.chunked = codings == "chunked"
        if codings not in ("", "chunked", "identity"):
            raise http.client.HTTPException(f"transfer coding {codings[:40]!r}")
        self.chunk_left = None
        self.will_close = True
        self.length = None if self.chunked else self._parse_length()

    def _read_line(self) -> bytes:
        line = self.fp.readline(MAX_LINE + 1)
        if len(line) > MAX_LINE:
            raise http.client.LineTooLong("head")
        self._attempt.head += line
        if len(self._attempt.head) > MAX_HEAD:
            raise http.client.HTTPException(f"a head of more than {MAX_HEAD} bytes")
        return line

    def _read_fields(self) -> bytes:
        fields: list[bytes] = []
        while (line := self._read_line()) not in (b"\r\n", b"\n", b""):
            is_continued = line[:1] in (b" ", b"\t") and bool(fields)
            if is_continued or line.find(b":") > 0:
                fields.append(line)
            if len(fields) > MAX_HEADERS:
                raise http.client.HTTPException(f"more than {MAX_HEADERS} headers")
        if not line:
            raise http.client.IncompleteRead(bytes(self._attempt.head))
        return b"".join(fields)

    def _parse_length(self) -> int | None:
        if self.status in (204, 304) or self._asked_method == "HEAD":
            return 0
        try:
            length = int(self.headers.get("content-length", ""))
        except ValueError:
            return None
        return length if length >= 0 else None


def _parse_status(line: bytes) -> tuple[str, int, str]:
    if not line:
        raise http.client.RemoteDisconnected("closed without a word")
    version, _, rest = line.decode("iso-8859-1").partition(" ")
    code, _, reason = rest.strip().partition(" ")
    if version not in ("HTTP/1.0", "HTTP/1.1") or not (len(code) == 3 and code.isascii()):
        raise http.client.BadStatusLine(repr(line[:80]))
    if not code.isdigit() or code < "100":
        raise http.client.BadStatusLine(repr(line[:80]))
    return version, int(code), reason.strip()
