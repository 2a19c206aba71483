"""Measure how the pages are served: `python -m benchmarks.pages CORPUS` (an indexed one).

CPU of a page that is new, kept, or that the client has (304); bytes of a first page; a page while
500 clients drip their heads byte by byte; errors, p99 and memory while 200 clients ask, the
index is swapped and pages are crawled. The server is `renvois serve`, in processes of its own.
"""

import argparse
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from benchmarks.crawl.__main__ import make_urls, open_site

WORDS = (
    "atelier", "banque", "jardin", "réseau", "école", "ville", "partage", "verger", "marché",
    "coopérative", "bibliothèque", "énergie", "commune", "travail", "lecture", "semence",
)  # fmt: skip
FIXED = ("/", "/aide", "/notes", "/auteurs", "/annees", "/nouveautes.atom")
DRIPPING, CLIENTS = 500, 200
CRAWLED, HOSTS = 300, 30  # pages on loopback, again and again


@contextmanager
def serving(corpus: Path, workers: int) -> Iterator[tuple[int, int]]:
    """Serve a corpus; gives the port and the process."""
    command = [sys.executable, "-m", "search_web", "--corpus", str(corpus), "--port", "0"]
    with subprocess.Popen(
        [*command, "--workers", str(workers)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "RENVOIS_SHOW_ARCHIVED": "full"},
    ) as served:
        assert served.stderr is not None
        line = ""
        while not (found := re.match(r"http://[^:]+:(\d+)/", line)):
            line = served.stderr.readline()
        threading.Thread(target=served.stderr.read, daemon=True).start()
        try:
            yield int(found[1]), served.pid
        finally:
            served.terminate()


def ask(port: int, path: str, **headers: str) -> tuple[int, bytes, str]:
    """Ask for a page on a connection of its own; gives status, body and tag."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "br", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers.get("ETag", "")
    finally:
        connection.close()


def list_processes(pid: int) -> list[int]:
    """List a process and those that it started."""
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [pid, *(each for child in told.split() for each in list_processes(int(child)))]


def read_cpu_s(pid: int) -> float:
    """Read the CPU seconds of a process and of those that it started."""
    ticks = 0
    for each in list_processes(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def read_memory_mb(pid: int) -> list[int]:
    """Read how many megabytes each process takes, what they share parted among them (PSS)."""
    found = []
    for each in list_processes(pid):
        told = Path(f"/proc/{each}/smaps_rollup").read_text()
        match = re.search(r"^Pss:\s+(\d+)", told, re.MULTILINE)
        found.append(int(match[1]) // 1024 if match else 0)
    return found


def measure_cost(port: int, pid: int, pages: Sequence[str], tags: dict[str, str]) -> float:
    """Measure the CPU milliseconds of a page, each asked once; `tags` are those that we have."""
    before = read_cpu_s(pid)
    for page in pages:
        known = {"If-None-Match": tags[page]} if page in tags else {}
        status, _, tag = ask(port, page, **known)
        assert status == (304 if known else 200), (page, status)
        tags.setdefault(page, tag)
    return (read_cpu_s(pid) - before) / len(pages) * 1000


def measure_dripping(port: int) -> list[float]:
    """Measure a page ten times, in seconds, while many clients send a head byte by byte."""
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(DRIPPING)]
    for each in clients:
        each.sendall(b"GET /aide HTTP/1.1\r\nHost: localhost\r\nX-Slow: a")
    is_over = threading.Event()

    def drip() -> None:
        while not is_over.wait(1):
            for each in clients:
                with suppress(OSError):
                    each.sendall(b"a")

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    times = []
    for number in range(10):
        began = time.monotonic()
        assert ask(port, f"/recherche?q={quote(WORDS[number])}+ville")[0] == 200
        times.append(time.monotonic() - began)
    is_over.set()
    thread.join()
    for each in clients:
        each.close()
    return sorted(times)


@contextmanager
def crawling(corpus: Path) -> Iterator[list[int]]:
    """Crawl pages of loopback into a corpus, again and again; gives the exit codes."""
    codes: list[int] = []
    is_over = threading.Event()
    settings = {"RENVOIS_DELAY_S": "0.2", "RENVOIS_OPEN_NETWORKS": "127.0.0.0/8"}
    with open_site(HOSTS) as site:
        urls = make_urls(site.port, HOSTS, CRAWLED)
        rows = [{"id": f"c{n}", "type": "webpage", "URL": url} for n, url in enumerate(urls)]
        (corpus / "bibliography" / "crawled.json").write_text(json.dumps(rows), encoding="utf-8")
        command = [sys.executable, "-m", "indexer", "--corpus", str(corpus), "crawl", "--force"]

        def crawl() -> None:
            while not is_over.is_set():
                codes.append(
                    subprocess.run(
                        [*command, *(f"--only={url}" for url in urls)],
                        check=False,
                        env={**os.environ, **settings},
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                    ).returncode
                )

        thread = threading.Thread(target=crawl)
        thread.start()
        try:
            yield codes
        finally:
            is_over.set()
            thread.join()


def measure_swaps(
    port: int, corpus: Path, pages: Sequence[str], swaps: int
) -> tuple[int, int, float]:
    """Ask by many clients while the index is written anew; gives answers, errors, p99 (s)."""
    times: list[float] = []
    errors: list[str] = []
    is_over = threading.Event()

    def read(start: int) -> None:
        number = start
        while not is_over.is_set():
            began, number = time.monotonic(), number + 1
            try:
                status, _, _ = ask(port, pages[number % len(pages)])
                if status != 200:
                    errors.append(str(status))
            except OSError as error:
                errors.append(repr(error))
            times.append(time.monotonic() - began)

    threads = [
        threading.Thread(target=read, args=(start * 7,), daemon=True) for start in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    files = corpus / "bibliography"
    for number in range(swaps):
        (files / "en-plus.md").write_text(
            f"# Ajouts\n\nUne note de plus, {number}: http://exemple.test/{number}\n",
            encoding="utf-8",
        )
        index = [sys.executable, "-m", "indexer", "--corpus", str(corpus), "index"]
        subprocess.run(index, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    is_over.set()
    for thread in threads:
        thread.join()
    for error in sorted(set(errors)):
        print(f"  {errors.count(error)} times {error}")
    return len(times), len(errors), sorted(times)[int(len(times) * 0.99)]


def main() -> None:
    """Print the figures, a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--swaps", type=int, default=2)
    asked = parser.parse_args()
    pages = [*FIXED, *(f"/recherche?q={quote(word)}" for word in WORDS)]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(shutil.copytree(asked.corpus, Path(folder) / "corpus"))
        with serving(corpus, 1) as (port, pid):
            ask(port, "/aide")
            tags: dict[str, str] = {}
            print(f"new: {measure_cost(port, pid, pages[2:], tags):.1f} ms of CPU a page")
            print(f"kept: {measure_cost(port, pid, pages[2:] * 10, {}):.1f} ms")
            print(f"304: {measure_cost(port, pid, pages[2:] * 10, tags):.1f} ms")
            first = ask(port, pages[-1], **{"Accept-Encoding": "identity"})[1]
            print(f"a first page: {len(first)} bytes, {len(ask(port, pages[-1])[1])} as br")
        with serving(corpus, asked.workers) as (port, pid):
            for page in pages:
                ask(port, page)
            times = measure_dripping(port)
            print(f"{DRIPPING} dripping: median {times[5]:.2f} s, longest {times[-1]:.2f} s")
            with crawling(corpus) as codes:
                told, wrong, p99 = measure_swaps(port, corpus, pages, asked.swaps)
            print(f"{CLIENTS} clients, {asked.swaps} swaps: {told} answers, {wrong} errors")
            print(f"crawls of {CRAWLED} pages meanwhile, by exit code: {sorted(codes)}")
            print(f"p99 {p99:.2f} s; {read_memory_mb(pid)} MB")


if __name__ == "__main__":
    main()
