"""A hundred hosts on loopback that serve pages as fast as one process can.

python -m benchmarks.crawl.site HOSTS      # prints the port, serves until its stdin closes
"""

import asyncio
import sys

PARAGRAPH = "<p>Une page écrite pour la mesure, avec assez de texte pour en faire un article.</p>\n"
ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"


def host_address(number: int) -> str:
    """The loopback address of a host, from 0."""
    return f"127.0.{3 + number // 250}.{1 + number % 250}"


def render_page(path: str) -> bytes:
    """About 20 kB of HTML, another for each path."""
    body = f"<!DOCTYPE html><title>Page {path}</title>\n" + PARAGRAPH * 240
    return body.encode()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            closes = b"connection: close" in head.lower()
            ending = b"Connection: close\r\n\r\n" if closes else b"\r\n"
            if path == "/robots.txt":
                writer.write(ROBOTS + ending)
            else:
                page = render_page(path)
                head_line = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                writer.write(f"{head_line}Content-Length: {len(page)}\r\n".encode() + ending + page)
            await writer.drain()
            if closes:
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def serve(hosts: int) -> None:
    """Serve until stdin closes."""
    first = await asyncio.start_server(answer, host_address(0), 0, backlog=512)
    port = first.sockets[0].getsockname()[1]
    others = [
        await asyncio.start_server(answer, host_address(number), port, backlog=64)
        for number in range(1, hosts)
    ]
    print(port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for server in [first, *others]:
        server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
