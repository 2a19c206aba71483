"""Open what the settings name, and serve it."""

import os
import re
import signal
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
from search_web.site.serving import listen, open_server, quote_first_line, tell_address
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
    assert "renvois index" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(tmp_path, documents):
    build_index(tmp_path / "index", documents[:2])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "search_web", "--corpus", str(tmp_path), "--port", port]
        told = subprocess.run(command, capture_output=True, text=True, check=False)

    assert told.returncode == 1
    assert f"127.0.0.1:{port}: another program listens there" in told.stderr


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
    listening = listen("127.0.0.1", 0)
    server, address = open_server(create_app(searcher), listening), tell_address(listening)
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


@pytest.fixture
def served(searcher) -> Iterator[tuple[str, int]]:
    """The pages on a free port, served by threads of this process."""
    listening = listen("127.0.0.1", 0)
    server = open_server(create_app(searcher), listening)
    threading.Thread(target=server.run, daemon=True).start()
    yield listening.getsockname()[:2]
    server.close()


def test_clients_that_send_byte_by_byte_keep_nobody_out(served):
    """A hundred and twenty of them held every connection that there was."""
    dripping = [socket.create_connection(served) for _ in range(150)]
    for each in dripping:
        each.sendall(b"GET /aide HTTP/1.1\r\nHost: localhost\r\nX-Slow: a")
    try:
        with urlopen("http://{}:{}/static/renvois.svg".format(*served), timeout=60) as answer:
            assert answer.status == 200
    finally:
        for each in dripping:
            each.close()


@pytest.mark.slow
def test_workers_that_are_killed_are_started_anew_and_all_end_together(tmp_path, documents):
    build_index(tmp_path / "index", documents[:3])
    command = [sys.executable, "-m", "search_web", "--corpus", str(tmp_path), "--port", "0"]
    with subprocess.Popen(
        [*command, "--workers", "2"], stderr=subprocess.PIPE, text=True
    ) as served:
        assert served.stderr is not None
        address = served.stderr.readline().strip()
        first = list_children(served.pid)
        os.kill(first[0], signal.SIGKILL)
        told = served.stderr.readline()
        for _ in range(4):
            with urlopen(address + "aide", timeout=60) as answer:
                assert answer.status == 200
        served.terminate()
        assert served.wait(60) == 0
        served.stderr.read()

    assert f"worker {first[0]} ended" in told
    assert not [each for each in first if Path(f"/proc/{each}/cmdline").exists()]


def list_children(pid: int) -> list[int]:
    """List the processes that a process started."""
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(each) for each in told.split()]


@pytest.mark.slow
def test_what_stops_the_first_worker_stops_the_command(tmp_path, capfd):
    arguments = ["--corpus", str(tmp_path), "--port", "0", "--workers", "2"]
    told = subprocess.run([sys.executable, "-m", "search_web", *arguments], check=False)

    assert told.returncode == 1
    assert "renvois index" in capfd.readouterr().err


def test_only_the_first_line_is_encoded():
    assert quote_first_line("GET /é HTTP/1.1\r\nX: é\r\n\r\n".encode()) == (
        b"GET /%C3%A9 HTTP/1.1\r\nX: \xc3\xa9\r\n\r\n"
    )
