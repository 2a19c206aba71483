"""The proxy that stands in for the cited hosts."""

import http.client
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest

from tests.replay import Page, ReplayServer, read_pages

CITED = list(read_pages())


@pytest.fixture
def proxy() -> Iterator[ReplayServer]:
    with ReplayServer() as server:
        yield server


def ask(
    proxy_url: str, url: str, method: str = "GET", **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection(proxy_url.removeprefix("http://"))
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, url, headers=named)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("url", CITED)
def test_each_cited_address_answers_with_its_page(proxy, url):
    status, headers, payload = ask(proxy.url, url)

    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert b"renvois" in payload


@pytest.mark.parametrize("url", CITED)
def test_each_page_says_that_it_is_not_the_cited_article(url):
    text = read_pages()[url].payload.decode(
        "cp1252" if b"iso-8859-1" in read_pages()[url].payload else "utf-8"
    )

    assert "page d’essai" in text.replace("&rsquo;", "’")


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://www.urbanews.fr/robots.txt", 404),
        ("http://www.urbanews.fr/autre-page", 404),
        ("http://www.bretagne-consommation-collaborative.net/wakka.php?wiki=AutrePage", 404),
        ("http://inconnu.example/", 502),
    ],
)
def test_what_it_does_not_know_is_said(proxy, url, status):
    assert ask(proxy.url, url)[0] == status


def test_https_is_refused_not_forwarded(proxy):
    connection = http.client.HTTPConnection(proxy.url.removeprefix("http://"))
    connection.set_tunnel("www.urbanews.fr", 443)
    with pytest.raises(OSError, match="501"):
        connection.request("GET", "/")
    connection.close()


def test_a_validator_that_holds_gets_304(proxy):
    url = next(url for url in CITED if "echosciences" in url)
    etag = ask(proxy.url, url)[1]["ETag"]

    assert ask(proxy.url, url, If_None_Match=etag)[0] == 304
    assert ask(proxy.url, url, If_None_Match='"autre"')[0] == 200


def test_head_has_no_body(proxy):
    status, headers, payload = ask(proxy.url, CITED[0], "HEAD")

    assert (status, payload) == (200, b"")
    assert int(headers["Content-Length"]) > 1000


def test_a_client_of_the_standard_library_can_use_it(proxy):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy.url}))
    with opener.open(CITED[0]) as response:
        assert response.status == 200
    assert proxy.asked == [("GET", CITED[0])]


def test_pages_can_be_given_and_changed_while_it_runs():
    first = Page(url="http://a.example/", payload=b"un", headers={"Content-Type": "text/plain"})
    with ReplayServer([first]) as server:
        assert ask(server.url, "http://a.example/")[2] == b"un"
        server.pages["http://a.example/"] = Page(url="http://a.example/", payload=b"deux")
        assert ask(server.url, "http://a.example/")[2] == b"deux"
        assert ask(server.url, CITED[0])[0] == 502


def test_the_command_prints_the_address_that_it_listens_on():
    command = [sys.executable, "-m", "tests.replay", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert ask(url, CITED[0])[0] == 200
        finally:
            process.terminate()
