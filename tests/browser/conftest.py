"""Debian's Chromium, and the real pages served on loopback.

Where there is no browser, each test is skipped by name and says why.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)
from werkzeug.serving import WSGIRequestHandler, make_server

from indexer.engines import Searcher
from search_web import create_app
from tests.search_web.conftest import SITE, client, documents, index, searcher
from tests.serving import running

__all__ = ["client", "documents", "index", "searcher"]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Nothing but the page that is asked: no sandbox as root, no service of the maker's.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: `apt-get install chromium` to run the browser tests")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Say nothing: a test that fails says what was asked."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application on a free port of loopback; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    with running(server) as address:
        yield address


@pytest.fixture(scope="session")
def address(searcher: Searcher) -> Iterator[str]:
    """Where the pages are, to a reader on the machine itself."""
    with serving(create_app(searcher, replace(SITE, base_url="", show_archived="full"))) as address:
        yield address


@dataclass
class Reader:
    """Somebody at a browser: opens pages, and hears what goes wrong on them."""

    browser: Browser
    address: str
    complaints: list[str] = field(default_factory=list)
    _pages: dict[tuple[str, bool], Page] = field(default_factory=dict)

    def open(
        self, path: str, *, width: int = 1280, scheme: str = "light", script: bool = True
    ) -> Page:
        """Open a page by day or by night, at a width, with or without script."""
        key = (scheme, script)
        if key not in self._pages:
            self._pages[key] = self._sit_down(scheme, script)
        page = self._pages[key]
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path if path.startswith("http") else self.address + path)
        return page

    def _sit_down(self, scheme: str, script: bool) -> Page:
        context = self.browser.new_context(
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=script,
            locale="fr-FR",
        )
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._watch)
        return page

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error" and "404 (NOT FOUND)" not in said.text:
            self.complaints.append(said.text)

    def _watch(self, asked: Request) -> None:
        if not asked.url.startswith(("http://127.0.0.1:", "data:")):
            self.complaints.append(asked.url)


@pytest.fixture(scope="session")
def reader(browser: Browser, address: str) -> Reader:
    return Reader(browser, address)


@pytest.fixture
def open_page(reader: Reader) -> Iterator[Callable[..., Page]]:
    """Open pages; what they ask from elsewhere than loopback, log as an error or refuse by their
    policy is a failure.
    """
    reader.complaints.clear()
    yield reader.open
    assert reader.complaints == []
