"""Archives that other programs write, made here with warcio or by hand."""

import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PAGE = "<html><head><title>Capture</title></head><body><article>{}</article></body></html>"
TEXT = (
    "<p>"
    + "Une capture ancienne, écrite pour l'essai, parle du hameau et de ses lavoirs. " * 8
    + "</p>"
)


def page(number: int = 0) -> bytes:
    return PAGE.format(f"<h1>Capture numéro {number}</h1>{TEXT * 4}").encode()


def add_response(
    writer: WARCWriter,
    url: str,
    *,
    date: str = "2024-05-06T07:08:09Z",
    status: str = "200 OK",
    body: bytes = b"",
) -> None:
    head = StatusAndHeaders(
        status, [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1"
    )
    record = writer.create_warc_record(
        url,
        "response",
        payload=io.BytesIO(body or page()),
        http_headers=head,
        warc_headers_dict={"WARC-Date": date},
    )
    writer.write_record(record)
    record.raw_stream.close()  # warcio spools a payload to count its digest, and leaves it open


def warc(
    urls: Sequence[str],
    *,
    gzip: bool = True,
    dates: Sequence[str] = (),
    statuses: Sequence[str] = (),
    repeat: int = 1,
) -> bytes:
    """A WARC of one response a URL; `repeat` times, a day after the other."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=gzip)
    for turn in range(repeat):
        for n, url in enumerate(urls):
            date = dates[n] if dates else f"2024-05-{1 + turn:02}T07:{n:02}:09Z"
            status = statuses[n] if statuses else "200 OK"
            add_response(writer, url, date=date, status=status, body=page(n + 100 * turn))
    return out.getvalue()


def write_warc(path: Path, urls: Sequence[str], **more: int) -> Path:
    path.write_bytes(warc(urls, **more))  # type: ignore[arg-type]
    return path


def arc(urls: Sequence[str]) -> bytes:
    """An ARC 1.0 file, as the Internet Archive's crawlers wrote until 2009."""
    about = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n\n"
    pieces = [
        f"filedesc://essai.arc 0.0.0.0 20080101000000 text/plain {len(about)}\n".encode() + about
    ]
    for n, url in enumerate(urls):
        body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page(n)
        pieces.append(
            f"{url} 192.0.2.1 200801020304{n:02} text/html {len(body)}\n".encode() + body + b"\n"
        )
    return b"\n".join(pieces[:1]) + b"".join(pieces[1:])


def one_member(urls: Sequence[str]) -> bytes:
    return gzip.compress(warc(urls, gzip=False))


def damaged_middle(urls: Sequence[str]) -> bytes:
    members = [warc([url]) for url in urls]
    middle = bytearray(members[len(members) // 2])
    middle[len(middle) // 2] ^= 0x55
    members[len(members) // 2] = bytes(middle)
    return b"".join(members)


def zstandard(urls: Sequence[str]) -> bytes:
    """One frame a record, as .warc.zst without a dictionary."""
    import sys

    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return b"".join(zstd.compress(warc([url], gzip=False)) for url in urls)


def wacz(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as pack:
        for name, octets in members.items():
            pack.writestr(name, octets)
        resources = [{"name": Path(n).name, "path": n, "bytes": len(o)} for n, o in members.items()]
        pack.writestr(
            "datapackage.json",
            json.dumps(
                {"profile": "data-package", "wacz_version": "1.1.1", "resources": resources}
            ),
        )
    return out.getvalue()


def header(kind: str, url: str, media_type: str, length: int) -> bytes:
    """The head of a record that no writer can be asked to write, for its length."""
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{length:012}>",
        "WARC-Date": "2024-01-01T00:00:00Z",
        "WARC-Target-URI": url,
        "Content-Type": media_type,
        "Content-Length": str(length),
    }
    lines = "".join(f"{name}: {text}\r\n" for name, text in fields.items())
    return f"WARC/1.0\r\n{lines}\r\n".encode()


def write_zip_bomb(path: Path, size: int) -> None:
    """A WACZ whose one WARC expands to `size` bytes of a single record."""
    head = header("resource", "http://h0.example/textes/article-0", "text/html", size)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as pack:
        pack.writestr(
            "datapackage.json",
            '{"profile": "data-package", "wacz_version": "1.1.1", "resources": []}',
        )
        with pack.open("archive/bombe.warc", "w", force_zip64=True) as out:
            out.write(head)
            write_zeros(out, size)
            out.write(b"\r\n\r\n")


def write_big_record(path: Path, url: str, size: int) -> None:
    """A WARC, gzipped, of one response whose payload has `size` bytes."""
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page()
    head = header("response", url, "application/http; msgtype=response", len(http) + size)
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.write(head + http)
        write_zeros(out, size)
        out.write(b"\r\n\r\n")


def write_zeros(out: object, size: int) -> None:
    block = b" " * 2**20
    for _ in range(size // len(block)):
        out.write(block)  # type: ignore[attr-defined]
    out.write(block[: size % len(block)])  # type: ignore[attr-defined]
