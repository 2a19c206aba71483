"""`python -m tests.replay [--port N] [--pages FOLDER]`: serve until interrupted."""

import argparse
import contextlib
from pathlib import Path

from tests.replay.pages import PAGES_FOLDER, read_pages
from tests.replay.server import ReplayServer


def main() -> None:
    """Print the proxy's address on a line of its own, then serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 (default): any free one")
    parser.add_argument("--pages", type=Path, default=PAGES_FOLDER, help="folder of manifest.json")
    arguments = parser.parse_args()
    pages = read_pages(arguments.pages).values()
    with ReplayServer(pages, port=arguments.port) as proxy:
        print(proxy.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            proxy.wait()


if __name__ == "__main__":
    main()
