"""Serve the stand-in pages on loopback.

`python -m tests.replay [--port N] [--pages FOLDER]` serves until interrupted;
`python -m tests.replay -- COMMAND [ARGUMENT…]` serves while the command runs, which finds the
replay server as its `http_proxy`, and ends with the command's exit code. `--library N` serves the
made-up sites of `tests.library` instead, as they are `--day D` days after the first visit.
"""

import argparse
import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.library.sites import LibraryPages
from tests.library.texts import make_shelf
from tests.replay.pages import PAGES_FOLDER, Page, read_pages
from tests.replay.server import ReplayServer


def main() -> int:
    """Print the proxy's address on a line of its own and serve, or run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 (default): any free one")
    parser.add_argument("--pages", type=Path, default=PAGES_FOLDER, help="folder of manifest.json")
    parser.add_argument("--library", type=int, metavar="N", help="serve a library of N texts")
    parser.add_argument("--day", type=int, default=0, help="of the library's clock")
    parser.add_argument("command", nargs="*", help="what to run behind the proxy")
    arguments = parser.parse_args()
    if arguments.library:
        pages: Mapping[str, Page] = LibraryPages(make_shelf(arguments.library), day=arguments.day)
    else:
        pages = read_pages(arguments.pages)
    with ReplayServer(pages, port=arguments.port) as proxy:
        if arguments.command:
            environ = os.environ | {"http_proxy": proxy.url}
            return subprocess.run(arguments.command, env=environ, check=False).returncode
        print(proxy.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            proxy.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
