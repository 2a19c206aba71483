"""Serve an application by waitress; its only door.

An address with raw accents, which no browser sends but which people paste into a command, is
taken for what it means instead of being refused.
"""

import logging
from typing import Any, Final

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server

THREADS: Final = 8
MOST_HEADER_BYTES: Final = 16 * 1024
MOST_BODY_BYTES: Final = 16 * 1024  # nothing is ever sent to us


def open_server(app: Flask, *, host: str, port: int) -> tuple[Any, str]:
    """Listen; gives a server with `run` and `close`, and the address that answers.

    With port 0 the system chooses one.
    """
    # A request that waits a moment for a thread is nothing to report.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    sockets: dict[int, Any] = {}
    server = create_server(
        app,
        map=sockets,
        host=host,
        port=port,
        threads=THREADS,
        # Off: a trusted proxy tells who asks (`addresses.place`), and nobody reads them otherwise.
        clear_untrusted_proxy_headers=False,
        ident=None,
        max_request_body_size=MOST_BODY_BYTES,
        max_request_header_size=MOST_HEADER_BYTES,
    )
    listening = [each for each in sockets.values() if hasattr(each, "channel_class")]
    for each in listening:
        each.channel_class = _Channel
    shown = f"[{host}]" if ":" in host else host
    return server, f"http://{shown}:{listening[0].effective_port}/"


def quote_first_line(header: bytes) -> bytes:
    """Percent-encode what is not ASCII in a request's first line (RFC 3986 §2.1)."""
    first, separator, rest = header.partition(b"\r\n")
    quoted = b"".join(bytes([byte]) if byte < 0x80 else b"%%%02X" % byte for byte in first)
    return quoted + separator + rest


class _RequestParser(HTTPRequestParser):  # type: ignore[misc]
    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(quote_first_line(header_plus))


class _Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = _RequestParser
