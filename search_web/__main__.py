"""Serve the pages: `python -m search_web [--corpus DIR] [--host HOST] [--port PORT]`."""

import argparse
import ipaddress
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from indexer.errors import CorpusError
from indexer.settings import read_settings
from search_web.library import the_library
from search_web.serving import open_server
from search_web.wsgi import close_app, open_app

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted. Gives 0, or 1 when something stops us."""
    options = _parse(arguments)
    try:
        settings = read_settings(environ=os.environ, corpus=options.corpus)
        # Whole texts belong to their authors: they are for this machine alone, and a site with a
        # public address, though a proxy asks for it from here, is for everybody.
        alone = is_loopback(options.host) and not settings.base_url
        shown = options.show_archived or ("full" if alone else settings.show_archived)
        app = open_app(
            replace(settings, show_archived=shown),
            trusted_hosts=(*LOOPBACK, options.host) if is_loopback(options.host) else (),
        )
        with app.app_context():
            the_library().make_ready()
        server, address = open_server(app, host=options.host, port=options.port)
    except CorpusError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201 - the command's own words
        return 1
    except OSError as error:  # somebody else listens there, or nobody may
        where = f"{options.host}:{options.port}"
        print(f"Error: {where}: {error.strerror}\nChoose another --port.", file=sys.stderr)  # noqa: T201
        return 1
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    print(address, file=sys.stderr, flush=True)  # noqa: T201
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
