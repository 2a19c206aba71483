"""Crawlers that share a catalogue share hosts too: one at a time asks a host, killed or not."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from warcio.archiveiterator import ArchiveIterator

from indexer.archive import acquire_lock, open_archive, open_catalogue
from indexer.postgresql import ServerAddress
from indexer.urls import urlkey
from tests.archive.conftest import server
from tests.command import WITHOUT_WAITS, run_command
from tests.crawl.zoo import PAGE
from tests.places import PASSWORD, name_schema, write_settings

__all__ = ["server"]

HOSTS, PAGES = 5, 16
URLS = [f"http://h{n}.test/{page}" for n in range(HOSTS) for page in range(PAGES)]


class Site(ThreadingHTTPServer):
    """Answers for every host, as a proxy; remembers what was asked, and of which host at once."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.asked = Counter()
        self.under_way = Counter()
        self.most_at_once = Counter()

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception):
        self.shutdown()
        self.server_close()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def wait_for(self, count, crawlers):
        """Wait until so many pages were asked, or every crawler has ended."""
        while sum(self.asked.values()) < count and any(c.process.poll() is None for c in crawlers):
            time.sleep(0.01)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments):
        pass

    def do_GET(self):
        parts, site = urlsplit(self.path), self.server
        host = parts.hostname
        with site.lock:
            site.asked[self.path] += 1
            site.under_way[host] += 1
            site.most_at_once[host] = max(site.most_at_once[host], site.under_way[host])
        try:
            self.answer(host, parts.path)
        except OSError:
            self.close_connection = True  # whoever asked was killed
        finally:
            with site.lock:
                site.under_way[host] -= 1

    def answer(self, host, path):
        time.sleep(0.01)
        if path == "/robots.txt":
            return self.say(404, b"")
        if path == "/0" and host != "h0.test":  # every first page leads to one host
            return self.say(301, b"", ("Location", f"http://h0.test/from-{host}"))
        return self.say(200, (PAGE * 3 + host + path).encode())

    def say(self, status, payload, *fields):
        self.send_response(status)
        for name, value in (("Content-Type", "text/html; charset=utf-8"), *fields):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


class Crawler:
    """A corpus folder, and the command that crawls it, to be started and killed."""

    def __init__(self, folder, site, address, schema, output):
        self.folder, self.output = folder, output
        write_settings(output.with_suffix(".toml"), address.address, schema)
        self.environ = {
            **{name: text for name, text in os.environ.items() if not name.startswith("RENVOIS_")},
            **WITHOUT_WAITS,
            PASSWORD: address.password,
            "RENVOIS_CONFIG": str(output.with_suffix(".toml")),
            "RENVOIS_DELAY_S": "0.2",
            "RENVOIS_ARCHIVES": "",
            "http_proxy": site.address,
        }
        (folder / "bibliography").mkdir(parents=True, exist_ok=True)
        text = "\n".join(f"- [Page {n}]({url})" for n, url in enumerate(URLS))
        (folder / "bibliography" / "liste.md").write_text(f"# Liste\n\n{text}\n", "utf-8")

    def start(self):
        with self.output.open("ab") as stream, self.output.with_suffix(".err").open("ab") as told:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "indexer", "--corpus", self.folder, "crawl", "--json"],
                stdout=stream,
                stderr=told,
                env=self.environ,
            )
        return self

    def list_told(self):
        lines = self.output.read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]


@pytest.mark.campaign
@pytest.mark.parametrize("folders", [("one", "one"), ("one", "two")], ids=["shared", "apart"])
def test_crawlers_killed_in_turn_lose_nothing_and_never_ask_a_host_twice_at_once(
    tmp_path, server, folders
):
    schema = name_schema(tmp_path)
    rng = random.Random(16)
    with Site() as site:
        crawlers = [
            Crawler(tmp_path / folder, site, server, schema, tmp_path / f"{place}.jsonl")
            for place, folder in enumerate(folders)
        ]
        for crawler in crawlers:
            crawler.start()
        killed = 0
        for turn in range(6):
            site.wait_for(sum(site.asked.values()) + rng.randint(2, 5), crawlers)
            crawler = crawlers[turn % 2]
            crawler.process.kill()
            killed += crawler.process.wait() == -9
            crawler.start()
        codes = [crawler.process.wait() for crawler in crawlers]
        codes += [crawler.start().process.wait() for crawler in crawlers]  # what a killed one left
        asked = Counter(site.asked)

    errors = "".join(p.read_text("utf-8") for p in tmp_path.glob("*.err"))
    assert codes == [0] * 4, errors
    assert killed >= 1
    assert set(site.most_at_once.values()) == {1}
    told = [outcome for crawler in crawlers for outcome in crawler.list_told()]
    address = ServerAddress(address=server.address, schema=schema, password=server.password)
    files = {path.name: path.parent for path in tmp_path.glob("*/archive/*.warc.gz")}
    with open_catalogue(address) as catalogue:
        for url in URLS:
            capture = catalogue.latest_capture(urlkey(url))
            location = catalogue.find_location(capture.record_id)
            with open_archive(files[location.filename]) as archive:
                assert archive.read_payload(location.filename, location.offset).payload
        for url, count in Counter(each["url"] for each in told).items():
            assert len(catalogue.visits(urlkey(url))) >= count
        assert not catalogue.wrong_rows
    # A page that was asked and not told when its crawler was killed is asked once more, no other.
    assert sum(asked[url] - 1 for url in URLS) <= killed * HOSTS
    assert {each["outcome"] for each in told} <= {"captured", "revisited"}
    for name, folder in files.items():
        with (folder / name).open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.raw_stream.read()
    assert not list(tmp_path.glob("*/archive/*.open"))


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("crawl", 0),
        pytest.param("links check", 0, marks=pytest.mark.slow),
        ("archive reindex", 1),
        pytest.param("archive check", 0, marks=pytest.mark.slow),
    ],
)
def test_who_visits_works_beside_other_crawlers_of_a_catalogue_on_a_server_and_nobody_else(
    tmp_path, server, command, code
):
    folder = tmp_path / "corpus"
    (folder / "bibliography").mkdir(parents=True)
    (folder / "bibliography" / "notes.txt").write_text("Une note sans adresse.\n", "utf-8")
    file = tmp_path / "renvois.toml"
    write_settings(file, server.address, name_schema(tmp_path))
    environ = {"RENVOIS_CONFIG": str(file), PASSWORD: server.password}
    with acquire_lock(folder / "crawl.lock", is_shared=True):  # as another crawler has it
        beside = run_command(folder, *command.split(), environ=environ)
    alone = run_command(folder, *command.split(), environ=environ)

    assert (beside.returncode, alone.returncode) == (code, 0), beside.stderr
    is_told = "at work on this corpus" in beside.stderr
    assert is_told is command.startswith("archive")
