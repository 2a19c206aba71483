"""Say with each answer what the browser may do with it, and refuse who asks too much."""

import math
import time
from typing import Final

from flask import Flask, Response, request
from werkzeug.exceptions import TooManyRequests

from search_web.limits import RateLimit

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
