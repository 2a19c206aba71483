"""Answer, on loopback, for the hosts that the bibliography cites.

`ReplayServer` is an HTTP proxy that serves the pages written for the tests (tests/data/pages)
at the addresses of the articles cited, so that the whole pipeline can be run without leaving
this machine. It forwards nothing.

    python -m tests.replay --port 0        # prints http://127.0.0.1:PORT, serves until Ctrl-C

    with ReplayServer() as proxy:
        fetch(url, proxy=proxy.url)
"""

from tests.replay.pages import PAGES_FOLDER, Page, read_pages
from tests.replay.server import ReplayServer

__all__ = ["PAGES_FOLDER", "Page", "ReplayServer", "read_pages"]
