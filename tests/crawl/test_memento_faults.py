"""Faults of an archive that pass are waited for; errors that it archived are no faults of its."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from indexer.crawl import (
    Fetcher,
    Limits,
    MementoRequest,
    Politeness,
    RateLimiter,
    RobotsCache,
    fetch_mementos,
    parse_archive,
    parse_open_networks,
)
from indexer.model import Arrival, Cause, Target, Worth
from indexer.urls import host, parse_url, urlkey

DATED = {"Memento-Datetime": "Sun, 01 Jun 2014 00:00:00 GMT", "Content-Type": "text/html"}
TEXT = (
    "<h1>Le jardin</h1>" + "<p>Trois voisines en tenaient la clef, et nul ne savait rien.</p>" * 20
)
MISSING = "<title>Contenu introuvable</title><h1>Contenu introuvable</h1><p>Désolé.</p>"
PAGES = ("http://a.test/un", "http://a.test/deux")


@contextmanager
def serve_archive(answer) -> Iterator[str]:
    """Serve an archive: `answer(path, count)` gives status, head and body of each request."""
    counts: dict[str, int] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            counts[self.path] = counts.get(self.path, 0) + 1
            status, head, body = answer(self.path, counts[self.path])
            payload = body.encode()
            self.send_response(status)
            for name, value in head.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_told: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/web/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def look_up(address: str, slept: list[float]) -> list[Arrival]:
    networks = parse_open_networks(["127.0.0.0/8"])
    with Fetcher(user_agent="renvois/0.1", open_networks=networks, limits=Limits()) as fetcher:
        politeness = Politeness(
            fetcher,
            token="renvois",
            delay_s=0.0,
            rate_limiter=RateLimiter(),
            robots_cache=RobotsCache(find=lambda _: None, keep=lambda *_: None),
        )
        wanted = [
            MementoRequest(
                target=Target(
                    url=url, urlkey=urlkey(url), canonical_url=parse_url(url), host=host(url)
                ),
                near=datetime(2014, 6, 1, tzinfo=UTC),
            )
            for url in PAGES
        ]
        return list(
            fetch_mementos(
                wanted,
                archives=[parse_archive(address)],
                fetcher=fetcher,
                politeness=politeness,
                min_delay_s=0.0,
                sleep=slept.append,
            )
        )


def is_robots(path: str) -> bool:
    return path == "/robots.txt"


@pytest.mark.parametrize("status", [404, 429, 503])
def test_an_archived_error_is_no_trouble_of_the_archive(status):
    def answer(path, _count):
        if is_robots(path):
            return 404, {}, ""
        return (200, DATED, TEXT) if path.endswith("/deux") else (status, DATED, "<p>Erreur</p>")

    slept: list[float] = []
    with serve_archive(answer) as address:
        first, second = look_up(address, slept)

    assert (first.verdict.cause, first.is_asked) == (Cause.NOT_FOUND, True)
    assert second.verdict.worth is Worth.NEW
    assert slept == []


def test_a_429_is_waited_for_as_long_as_it_asks_and_asked_again():
    def answer(path, count):
        if is_robots(path):
            return 404, {}, ""
        if count == 1 and path.endswith("/un"):
            return 429, {"Retry-After": "7"}, ""
        return 200, DATED, TEXT

    slept: list[float] = []
    with serve_archive(answer) as address:
        arrivals = look_up(address, slept)

    assert [each.verdict.worth for each in arrivals] == [Worth.NEW, Worth.NEW]
    assert slept == [7.0]


def test_an_archive_that_stays_in_trouble_is_left_alone():
    def answer(path, _count):
        return (404, {}, "") if is_robots(path) else (503, {}, "")

    slept: list[float] = []
    with serve_archive(answer) as address:
        arrivals = look_up(address, slept)

    assert [each.is_asked for each in arrivals] == [False, False]
    assert len(slept) == 1  # the second address is not asked for


def test_a_memento_that_says_it_is_no_page_is_passed_over_for_another():
    lines = [
        f'<{{base}}2014060{day}000000/{PAGES[0]}>; rel="memento"; '
        f'datetime="Sun, 0{day} Jun 2014 00:00:00 GMT"'
        for day in (1, 8)
    ]

    def answer(path, _count):
        if is_robots(path):
            return 404, {}, ""
        if "/timemap/" in path and path.endswith("/deux"):
            return 404, {}, ""
        if "/timemap/" in path:
            return 200, {"Content-Type": "application/link-format"}, listed
        return 200, DATED, TEXT if "20140608" in path else MISSING

    with serve_archive(answer) as address:
        listed = ",\n".join(lines).replace("{base}", address)
        first, second = look_up(address, [])

    assert first.verdict.worth is Worth.NEW
    assert "20140608" in first.exchange.hops[-1].target_uri
    assert b"voisines" in first.exchange.hops[-1].payload
    assert second.verdict.cause is Cause.NOT_FOUND
