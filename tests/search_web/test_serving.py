"""Open what the settings name, and serve it."""

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer.archive import open_catalogue
from indexer.engines import build_index
from indexer.settings import Settings
from search_web import create_app
from search_web.__main__ import main
from search_web.serving import open_server, quote_first_line
from search_web.wsgi import close_app, open_app


@pytest.fixture
def opened() -> Iterator[Callable[[Path], FlaskClient]]:
    """Open the application of a corpus."""
    apps: list[Flask] = []

    def open_corpus(corpus: Path) -> FlaskClient:
        apps.append(open_app(Settings(corpus=corpus)))
        return apps[-1].test_client()

    yield open_corpus
    for app in apps:
        close_app(app)


def test_the_application_opens_with_an_index_alone(opened, tmp_path, documents):
    build_index(tmp_path / "index", documents)
    client = opened(tmp_path)

    assert client.get("/recherche?q=ville").status_code == 200
    assert client.get("/liens").status_code == 404


def test_with_a_catalogue_it_shows_links_and_copies(opened, tmp_path, documents):
    build_index(tmp_path / "index", documents)
    (tmp_path / "bibliography").mkdir()
    (tmp_path / "bibliography" / "a.txt").write_text("Rien.", encoding="utf-8")
    open_catalogue(tmp_path / "catalogue.sqlite").close()
    client = opened(tmp_path)

    assert client.get("/liens").status_code == 200
    assert client.get("/textes/besson-2014-tiers").status_code == 200


def test_a_line_in_the_file_beside_withdraws_a_text(opened, tmp_path, documents):
    build_index(tmp_path / "index", documents)
    (tmp_path / "withdrawn.txt").write_text("besson-2014-tiers\n", encoding="utf-8")
    client = opened(tmp_path)

    assert client.get("/textes/besson-2014-tiers").status_code == 404


def test_without_an_index_the_command_says_what_to_do(tmp_path, capsys):
    assert main(["--corpus", str(tmp_path)]) == 1
    assert "make index" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(tmp_path, documents):
    build_index(tmp_path / "index", documents[:2])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "search_web", "--corpus", str(tmp_path), "--port", port]
        told = subprocess.run(command, capture_output=True, text=True, check=False)

    assert told.returncode == 1
    assert f"127.0.0.1:{port}: Address already in use" in told.stderr


def test_the_command_serves_on_loopback_and_shows_whole_texts(tmp_path, documents):
    build_index(tmp_path / "index", documents)
    command = [sys.executable, "-m", "search_web", "--corpus", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) as server:
        try:
            assert server.stderr is not None
            address = server.stderr.readline().strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
            with urlopen(address + "textes/besson-2014-tiers") as answer:
                assert "Texte archivé" in answer.read().decode()
        finally:
            server.terminate()  # SIGINT is ignored where the tests run in the background


@pytest.mark.slow
def test_a_site_with_a_public_address_shows_extracts_even_from_loopback(tmp_path, documents):
    build_index(tmp_path / "index", documents)
    command = [sys.executable, "-m", "search_web", "--corpus", str(tmp_path), "--port", "0"]
    environ = {**os.environ, "RENVOIS_BASE_URL": "https://renvois.example"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environ) as server:
        try:
            assert server.stderr is not None
            address = server.stderr.readline().strip()
            asked = Request(
                address + "textes/besson-2014-tiers", headers={"Host": "renvois.example"}
            )
            with urlopen(asked) as answer:
                assert "Extrait du texte archivé" in answer.read().decode()
        finally:
            server.terminate()  # SIGINT is ignored where the tests run in the background


def test_an_address_with_raw_accents_is_taken_for_what_it_means(searcher):
    server, address = open_server(create_app(searcher), host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    try:
        with socket.create_connection((host, int(port))) as connection:
            line = "GET /recherche?q=résilience HTTP/1.0\r\nHost: localhost\r\n\r\n"
            connection.sendall(line.encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    finally:
        server.close()

    assert answer.startswith("HTTP/1.0 200")
    assert "pour «\u00a0résilience\u00a0»" in answer


def test_only_the_first_line_is_encoded():
    assert quote_first_line("GET /é HTTP/1.1\r\nX: é\r\n\r\n".encode()) == (
        b"GET /%C3%A9 HTTP/1.1\r\nX: \xc3\xa9\r\n\r\n"
    )
