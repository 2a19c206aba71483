"""Serve the pages: `python -m search_web [--corpus DIR] [--host HOST] [--port PORT]`."""

import argparse
import ipaddress
import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from waitress.server import create_server

from indexer.errors import CorpusError
from search_web.wsgi import close_app, open_app, open_settings

THREADS = 8
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted. Gives 0, or 1 when something stops us."""
    options = _parse(arguments)
    # Whole texts belong to their authors: on this machine alone, for private use.
    alone = is_loopback(options.host)
    shown = options.show_archived or ("full" if alone else "extracts")
    # Else a page anywhere could have its own name lead here, and read what is for us alone.
    hosts = (*LOOPBACK, options.host) if alone else ()
    try:
        settings = open_settings(options.corpus, show_archived=shown)
        app = open_app(settings, trusted_hosts=hosts)
    except CorpusError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201 - the command's own words
        return 1
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    server = create_server(
        app,
        host=options.host,
        port=options.port,
        threads=THREADS,
        ident=None,
        max_request_body_size=16 * 1024,
        max_request_header_size=16 * 1024,
    )
    host = f"[{options.host}]" if ":" in options.host else options.host
    # With --port 0 the system chooses: the address that is said is the one that answers.
    print(f"http://{host}:{server.effective_port}/", file=sys.stderr, flush=True)  # noqa: T201
    with suppress(KeyboardInterrupt):
        server.run()
    server.close()
    close_app(app)
    return 0


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m search_web", description=__doc__)
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="default: the settings'")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=8000, help="default: %(default)s")
    parser.add_argument(
        "--show-archived",
        choices=("extracts", "full"),
        help="what to show of archived texts; default: full on loopback, else extracts",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
