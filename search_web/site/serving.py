"""Serve an application by waitress, its only door, in one process or in several.

An address with raw accents, which no browser sends but which people paste into a command, is
taken for what it means instead of being refused.
"""

import logging
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess, parent_process
from typing import Any, Final

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server

THREADS: Final = 8
MOST_HEADER_BYTES: Final = 16 * 1024
MOST_BODY_BYTES: Final = 16 * 1024  # nothing is ever sent to us
# At a time, in each process. Who sends a head byte by byte holds one of these, and no thread; at
# waitress's own 100, a hundred such clients kept everybody else out.
MOST_CONNECTIONS: Final = 1_000
BACKLOG: Final = 1_024
REST_S: Final = 1.0  # before a worker that ended is started anew
logger = logging.getLogger(__name__)
CAN_FORK: Final = "fork" in multiprocessing.get_all_start_methods()


def listen(host: str, port: int) -> socket.socket:
    """Listen at an address, for one process or several. Raises OSError.

    With port 0 the system chooses one.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def tell_address(listening: socket.socket) -> str:
    """Give the address that answers: "http://127.0.0.1:8000/"."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def open_server(app: Flask, listening: socket.socket) -> Any:
    """Make a server of a socket that listens, with `run` and `close`."""
    # A request that waits a moment for a thread is nothing to report.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(
        app,
        sockets=[listening],
        threads=THREADS,
        ident=None,
        asyncore_use_poll=True,  # select() knows no more than 1,024 connections
        connection_limit=MOST_CONNECTIONS,
        # Off: a trusted proxy tells who asks (`addresses.place`), and nobody reads them otherwise.
        clear_untrusted_proxy_headers=False,
        max_request_body_size=MOST_BODY_BYTES,
        max_request_header_size=MOST_HEADER_BYTES,
    )
    server.channel_class = _Channel
    return server


Work = Callable[[Callable[[], None]], int]


def run_workers(work: Work, count: int, *, is_ready: Callable[[], None]) -> int:
    """Have `count` processes do the same work, and start those anew that end, until interrupted.

    `work` is given what it has to call once it can answer, and gives its exit code. The first
    worker is waited for: when it ends before it can answer, so do we, with its exit code.
    `is_ready` is called when it can.
    """
    workers: list[BaseProcess] = []
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        first, ready = _start(work)
        workers.append(first)
        try:
            ready.recv()
        except EOFError:  # it ended before
            first.join()
            return first.exitcode or 1
        is_ready()
        workers += [_start(work)[0] for _ in range(count - 1)]
        while True:
            wait([each.sentinel for each in workers])
            for place, each in enumerate(workers):
                if each.is_alive():
                    continue
                logger.error(
                    "worker %s ended (exit code %s), and is started anew", each.pid, each.exitcode
                )
                threading.Event().wait(REST_S)
                workers[place] = _start(work)[0]
    except KeyboardInterrupt:
        return 0
    finally:
        for each in workers:
            each.terminate()
        for each in workers:
            each.join()


def _start(work: Work) -> tuple[BaseProcess, Connection]:
    """Start a worker; gives where it says that it can answer, or the end when it ended."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_do, args=(work, there))
    process.start()
    there.close()
    return process, here


def _do(work: Work, there: Connection) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and tells us
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        raise SystemExit(work(lambda: there.send(True)))


def _end_with_parent() -> None:
    """End when the parent was killed: nobody would know of a worker that stays."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


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
