"""Serve the stand-in pages on loopback.

`python -m tests.replay [--port N] [--pages FOLDER]` serves until interrupted;
`python -m tests.replay -- COMMAND [ARGUMENT…]` serves while the command runs, which finds the
replay server as its `http_proxy`, and ends with the command's exit code.
"""

import argparse
import contextlib
import os
import subprocess
import sys
from pathlib import Path

from tests.replay.pages import PAGES_FOLDER, read_pages
from tests.replay.server import ReplayServer


def main() -> int:
    """Print the proxy's address on a line of its own and serve, or run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 (default): any free one")
    parser.add_argument("--pages", type=Path, default=PAGES_FOLDER, help="folder of manifest.json")
    parser.add_argument("command", nargs="*", help="what to run behind the proxy")
    arguments = parser.parse_args()
    pages = read_pages(arguments.pages).values()
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
