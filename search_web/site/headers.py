"""Say with each answer what the browser may do with it, and refuse who asks too much.

The rate limit is a token bucket an address; its clock is an argument, its memory is bounded, and
shared by the processes that answer together.
"""

import hashlib
import math
import mmap
import os
import struct
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest, TooManyRequests

try:
    import fcntl
except ImportError:  # Windows, where nothing is forked
    fcntl = None  # type: ignore[assignment]

# Nothing but our own style, script and pictures, and nobody frames us.
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), browsing-topics=()"),
)


def protect(app: Flask) -> None:
    """Give every answer of `app` the headers."""

    def add_headers(response: Response) -> Response:
        for name, value in HEADERS:
            response.headers.setdefault(name, value)
        return response

    app.after_request(add_headers)


def trust_hosts(app: Flask) -> None:
    """Answer only under the names that the site trusts, where it names any.

    A page elsewhere could have its own name lead to this machine and read, as a page of its own
    origin, what is shown to this machine alone (DNS rebinding).
    """
    trusted = app.extensions["library"].site.trusted_hosts
    if not trusted:
        return

    def refuse() -> None:
        try:
            name = urlsplit(f"//{request.host}").hostname
        except ValueError:  # "[": no name at all
            name = None
        if name not in trusted:
            raise BadRequest

    app.before_request(refuse)


def limit_rate(app: Flask, table: "RateTable | None" = None) -> None:
    """Refuse an address that asks for more than the site allows, and say when to come back.

    `table` is where processes that answer together count.
    """
    library = app.extensions["library"]
    if not library.site.rate_limit:
        return
    limit = RateLimit(library.site.rate_limit, table)

    def refuse() -> None:
        if request.endpoint == "static":
            return
        wait_s = limit.wait_for(request.remote_addr or "", time.monotonic())
        if wait_s:
            raise TooManyRequests(retry_after=math.ceil(wait_s))

    app.before_request(refuse)


class RateTable:
    """Memory of who asked when, which processes that are forked share; its size is fixed.

    An address has a place among NEIGHBOURS, the one that asked longest ago leaves it first.
    """

    NEIGHBOURS: Final = 8
    _SLOT: Final = struct.Struct("=Qdd")  # digest of an address, tokens, when it asked last

    def __init__(self, slots: int = 16_384) -> None:
        """Make an empty one; before processes are forked, to be theirs in common."""
        self._groups = slots // self.NEIGHBOURS
        self._memory = mmap.mmap(-1, slots * self._SLOT.size)
        self._lock = threading.Lock()
        # A lock of the system, as it ends with a process that is killed, unlike a semaphore.
        self._file, path = tempfile.mkstemp()
        Path(path).unlink()
        weakref.finalize(self, os.close, self._file)

    def take(self, address: str, per_minute: int, now_s: float) -> float:
        """Take a token of an address: gives how many it had, below 1.0 where there was none."""
        digest = int.from_bytes(hashlib.blake2b(address.encode(), digest_size=8).digest())
        first = digest % self._groups * self.NEIGHBOURS
        places = [(first + n) * self._SLOT.size for n in range(self.NEIGHBOURS)]
        with self._lock, self._locked():
            found = [(self._SLOT.unpack_from(self._memory, place), place) for place in places]
            slot = next((each for each in found if each[0][0] == digest), None)
            (_, tokens, seen_s), place = slot or min(found, key=lambda each: each[0][2])
            if slot is None:
                tokens, seen_s = float(per_minute), now_s
            tokens = min(tokens + (now_s - seen_s) * per_minute / 60, float(per_minute))
            left = tokens - 1 if tokens >= 1 else tokens
            self._SLOT.pack_into(self._memory, place, digest, left, now_s)
        return float(tokens)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes out, where there may be some."""
        if fcntl is None:
            yield
            return
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)


class RateLimit:
    """Allows `per_minute` requests a minute to each address, in bursts of as many."""

    def __init__(self, per_minute: int, table: RateTable | None = None) -> None:
        """Take how many requests an address may make a minute, and where they are counted."""
        self._per_minute = per_minute
        self._table = table or RateTable()

    def wait_for(self, address: str, now_s: float) -> float:
        """Take a token: 0.0 when there is one, else how many seconds until the next.

        `now_s` is of a clock that all processes share, and begins above 0.
        """
        tokens = self._table.take(address, self._per_minute, now_s)
        return 0.0 if tokens >= 1 else (1 - tokens) / (self._per_minute / 60)
