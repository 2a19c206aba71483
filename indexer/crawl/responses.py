"""The head of a response: kept as received, read as leniently as browsers read it.

http.client reads the payload; only its reading of the head is replaced. Nothing here connects.
"""

import email.parser
import http.client
import socket
from typing import Any, Final, cast

from indexer.crawl.sockets import Attempt, WatchedSocket

MAX_LINE: Final = 65_536  # bytes of a line of the head
MAX_HEAD: Final = 131_072  # bytes of a whole head; Chrome stops at 256 KiB, Apache sends 8
MAX_HEADERS: Final = 1_000  # http.client stops at 100, and a verbose CDN would look dead


class WatchedResponse(http.client.HTTPResponse):
    """A response whose head is kept as received, and read as leniently as browsers read it."""

    def __init__(self, attempt: Attempt, sock: socket.socket, *args: Any, **named: Any) -> None:
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
