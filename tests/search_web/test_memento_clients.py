"""Clients of Memento that others wrote take us for an archive: pywb, and our own crawl."""

import http.client
import subprocess
import threading
import urllib.parse
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from indexer.crawl import Fetcher, Politeness, RateLimiter, RobotsCache, parse_open_networks
from indexer.crawl.memento import MementoRequest, fetch_mementos, parse_archive
from indexer.model import Target, Worth
from indexer.settings import Settings
from indexer.urls import host, urlkey
from search_web.site.serving import listen, open_server, tell_address
from search_web.wsgi import close_app, open_app
from tests.archive import pywb
from tests.archive.exchanges import PAGE
from tests.search_web.test_mementos import MARCH, URL, folder
from tests.serving import find_free_port

__all__ = ["folder"]


@contextmanager
def serving(corpus, **settings):
    app = open_app(Settings(corpus=corpus, **settings))
    listening = listen("127.0.0.1", 0)
    server, address = open_server(app, listening), tell_address(listening)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.close()
        close_app(app)


@pytest.fixture(scope="module")
def address(folder):
    with serving(folder, show_archived="full") as address:
        yield address


def make_politeness(fetcher):
    cache = RobotsCache(find=lambda _: None, keep=lambda _robots, _exchange: None)
    limiter = RateLimiter(at_once=1)
    return Politeness(
        fetcher, token="renvois-test", delay_s=0, rate_limiter=limiter, robots_cache=cache
    )


def test_another_renvois_finds_the_memento_nearest_to_its_citation(address):
    target = Target(url=URL, urlkey=urlkey(URL), canonical_url=URL, host=host(URL))
    wanted = MementoRequest(target=target, near=datetime(2026, 3, 2, 15, tzinfo=UTC))
    with Fetcher(
        user_agent="autre/0", open_networks=parse_open_networks(("127.0.0.1",))
    ) as fetcher:
        [arrival] = fetch_mementos(
            [wanted],
            archives=[parse_archive(f"{address}web/")],
            fetcher=fetcher,
            politeness=make_politeness(fetcher),
            min_delay_s=0,
        )

    assert arrival.verdict.worth is Worth.NEW
    assert f"{arrival.memento_at:%Y%m%d%H%M%S}" == MARCH[1]
    assert arrival.exchange.hops[-1].target_uri == f"{address}web/{MARCH[1]}id_/{URL}"


@contextmanager
def aggregator(folder, source):
    """A pywb that has nothing of its own, and asks a source."""
    folder.mkdir(exist_ok=True)
    (folder / "collections").mkdir(exist_ok=True)
    (folder / "config.yaml").write_text(
        "framed_replay: false\nenable_memento: true\n"
        f"collections:\n  agg:\n    index: memento+{source}\n"
    )
    port = find_free_port()
    command = [pywb.find_program("wayback"), "-b", "127.0.0.1", "-p", str(port)]
    with (
        (folder / "pywb.log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process,
    ):
        try:
            pywb.wait_for(f"http://127.0.0.1:{port}/", process, folder / "pywb.log")
            yield f"http://127.0.0.1:{port}/agg/"
        finally:
            process.terminate()
            process.wait(300)


def ask(address, path):
    place = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=300)
    try:
        connection.request("GET", place.path + path)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


@pytest.mark.peer
@pytest.mark.slow
def test_pywb_aggregates_and_replays_what_we_hold(tmp_path, address):
    with aggregator(tmp_path / "pywb", f"{address}web/") as peer:
        status, headers, body = ask(peer, f"{MARCH[1]}id_/{URL}")
        assert (status, body) == (200, PAGE)
        replayed_at = datetime.strptime(headers["Memento-Datetime"], "%a, %d %b %Y %H:%M:%S GMT")
        assert f"{replayed_at:%Y%m%d%H%M%S}" == MARCH[1]
        status, _, body = ask(peer, f"timemap/link/{URL}")
        listed = body.decode()
        assert status == 200
        assert listed.count("memento") >= 4
        for timestamp in MARCH:
            assert f"/{timestamp}" in listed
