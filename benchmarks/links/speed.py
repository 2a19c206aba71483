"""5,000 URLs on 200 loopback hosts: how near `links check` comes to what politeness allows.

Checked twice: pages nobody has seen, all of which have to be read; then the same pages again.
The server is a process of its own, and the share of a core that it took is told: it runs on the
cores that we run on.
"""

import asyncio
import json
import resource
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from indexer import pipeline
from indexer.corpus import Crawl, open_crawl
from indexer.model import Reference
from indexer.settings import Settings
from testbed.zoo.pages import FR, article

HOSTS: Final = 200
URLS_PER_HOST: Final = 25
DELAY_S: Final = 1.0
CONCURRENCY: Final = 8


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].decode()
        number = path.removeprefix("/textes/")
        if number.isdigit():
            address = writer.get_extra_info("sockname")[0]
            text = f"Paragraphe {number} de {address}."
            payload = article((*FR, text), f"Texte {number}").encode()
            status = b"200 OK"
        else:
            payload, status = b"", b"404 Not Found"
        writer.write(
            b"HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\n"
            b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(payload), payload)
        )
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _listen(parent: Connection) -> None:
    # 0.0.0.0 would be the whole machine; a server for each address stays on loopback.
    port = 0
    servers = []
    for number in range(HOSTS):
        server = await asyncio.start_server(_answer, _address(number), port, backlog=64)
        port = server.sockets[0].getsockname()[1]
        servers.append(server)
    parent.send(port)
    while await asyncio.get_running_loop().run_in_executor(None, parent.recv):
        parent.send(time.process_time())


def _serve(parent: Connection) -> None:
    asyncio.run(_listen(parent))


def _address(number: int) -> str:
    return f"127.8.0.{number + 1}"


def _check(opened: Crawl, references: Sequence[Reference]) -> tuple[float, float]:
    """What `renvois links check --force` does; the seconds until the last visit, and in all."""
    start = time.monotonic()
    opened.catalogue.targets.cite(reference.url for reference in references if reference.url)
    pipeline.plan_checks(references, opened)
    visits = pipeline.crawl(
        opened.catalogue.targets.due_hosts(opened.now(), is_forced=True), opened
    )
    visited_at = start
    with closing(pipeline.observe_meanwhile(visits, references, opened)) as outcomes:
        for _ in outcomes:
            visited_at = time.monotonic()
    for _ in pipeline.observe(references, opened):
        pass
    for _ in pipeline.probe(references, opened):
        pass
    return visited_at - start, time.monotonic() - start


def main(*, as_json: bool) -> None:
    """Check them all twice; print a line a check."""
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
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            corpus=Path(folder),
            delay_s=DELAY_S,
            concurrency=CONCURRENCY,
            open_networks=("127.8.0.0/16",),
            contact="https://exemple.test/mesure",
            archives=(),
        )
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with open_crawl(settings) as opened:
            # The first time, robots.txt and 25 pages: 25 delays between them; then 24.
            for name, delays in (("first", URLS_PER_HOST), ("again", URLS_PER_HOST - 1)):
                ours.send(True)
                served_s, started_s = ours.recv(), time.process_time()
                visits_s, elapsed_s = _check(opened, references)
                ours.send(True)
                _print(
                    as_json=as_json,
                    check=name,
                    urls=len(references),
                    hosts=HOSTS,
                    delay_s=DELAY_S,
                    polite_s=delays * DELAY_S,
                    visits_s=round(visits_s, 1),
                    elapsed_s=round(elapsed_s, 1),
                    times_the_bound=round(elapsed_s / (delays * DELAY_S), 2),
                    our_cpu_s=round(time.process_time() - started_s, 1),
                    server_cpu_s=round(ours.recv() - served_s, 1),
                    before_mib=before // 1024,
                    peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                    states=_list_states(opened, references),
                )
    ours.send(False)
    process.join(10)


def _list_states(opened: Crawl, references: Sequence[Reference]) -> list[str]:
    healths = (pipeline.find_health(reference.url or "", opened) for reference in references)
    return sorted({health.state.value for health in healths if health is not None})


def _print(*, as_json: bool, **row: Any) -> None:
    line = (
        json.dumps(row, ensure_ascii=False)
        if as_json
        else "  ".join(f"{key}={value}" for key, value in row.items())
    )
    print(line, flush=True)
