"""Say with each answer what the browser may do with it, and refuse who asks too much.

The rate limit is a token bucket an address; its clock is an argument, its memory is bounded.
"""

import math
import time
from collections import OrderedDict
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest, TooManyRequests

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


def limit_rate(app: Flask) -> None:
    """Refuse an address that asks for more than the site allows, and say when to come back."""
    library = app.extensions["library"]
    if not library.site.rate_limit:
        return
    limit = RateLimit(library.site.rate_limit)

    def refuse() -> None:
        if request.endpoint == "static":
            return
        wait_s = limit.wait_for(request.remote_addr or "", time.monotonic())
        if wait_s:
            raise TooManyRequests(retry_after=math.ceil(wait_s))

    app.before_request(refuse)


MOST_ADDRESSES: Final = 10_000


class RateLimit:
    """Allows `per_minute` requests a minute to each address, in bursts of as many."""

    def __init__(self, per_minute: int) -> None:
        """Take how many requests an address may make a minute."""
        self._per_minute = per_minute
        self._lock = Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_for(self, address: str, now_s: float) -> float:
        """Take a token: 0.0 when there is one, else how many seconds until the next."""
        per_second = self._per_minute / 60
        with self._lock:
            tokens, seen_s = self._buckets.pop(address, (float(self._per_minute), now_s))
            tokens = min(tokens + (now_s - seen_s) * per_second, float(self._per_minute))
            wait_s = 0.0 if tokens >= 1 else (1 - tokens) / per_second
            self._buckets[address] = (tokens if wait_s else tokens - 1, now_s)
            while len(self._buckets) > MOST_ADDRESSES:
                self._buckets.popitem(last=False)
        return wait_s
