"""5,000 URLs on 200 loopback hosts: how near the pass comes to what politeness allows."""

import json
import resource
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from indexer.model import Reference
from tests.links.zoo.pages import FR, article
from tests.links.zoo.visiting import Visitor

HOSTS: Final = 200
URLS_PER_HOST: Final = 25
DELAY_S: Final = 1.0
WORKERS: Final = 16


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/robots.txt" or self.path.rpartition("/")[2].isalnum() is False:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        number = int(self.path.rpartition("/")[2])
        body = article((*FR, f"Paragraphe {number} de {self.headers['Host']}."), f"Texte {number}")
        payload = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: 5,000 lines tell nothing."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


def _serve(parent: Connection) -> None:
    # 0.0.0.0 would be the whole machine; a server for each address stays on loopback.
    port = 0
    for number in range(HOSTS):
        server = _Server((_address(number), port), _Handler)
        port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
    parent.send(port)
    parent.recv()


def _address(number: int) -> str:
    return f"127.8.0.{number + 1}"


def main(*, as_json: bool) -> None:
    """Check them all once; print one line."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    port = ours.recv()
    references = [
        Reference(
            id=f"r{host}-{number}",
            title=f"Texte {number}",
            url=f"http://{_address(host)}:{port}/textes/{number}",
        )
        for host in range(HOSTS)
        for number in range(URLS_PER_HOST)
    ]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with (
        tempfile.TemporaryDirectory() as folder,
        Visitor.open(
            Path(folder),
            networks=("127.8.0.0/16",),
            delay_s=DELAY_S,
            read_timeout_s=20.0,
            workers=WORKERS,
        ) as visitor,
    ):
        start = time.monotonic()
        visited_s = visitor.pass_by(references)
        elapsed_s = time.monotonic() - start
        states = {visitor.health(reference.url or "").state.value for reference in references}
    ours.send("done")
    process.join(10)
    polite_s = URLS_PER_HOST * DELAY_S  # robots.txt, then 25 pages: 25 delays between them
    row = {
        "urls": len(references),
        "hosts": HOSTS,
        "delay_s": DELAY_S,
        "visits_s": round(visited_s, 1),
        "polite_s": polite_s,
        "times_the_bound": round(visited_s / polite_s, 2),
        "elapsed_s": round(elapsed_s, 1),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "before_mib": before // 1024,
        "states": sorted(states),
    }
    print(
        json.dumps(row, ensure_ascii=False)
        if as_json
        else "  ".join(f"{key}={value}" for key, value in row.items())
    )
