"""List the records of an archive as CDXJ, the index that replay tools read.

A line a record, sorted: key, timestamp of 14 digits, JSON
(https://specs.webrecorder.net/cdxj/0.1.0/). The key is the common SURT, that merges more pages
than our `urlkey`: letter case, and the order of parameters, do not count in it. What answered a
POST has an address that tells what was posted, as in pywb's indexes: it never stands for the page
that a GET of that address gives.
"""

import base64
import email.parser
import email.policy
import gzip
import hashlib
import heapq
import itertools
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Self
from urllib.parse import (
    parse_qsl,
    quote,
    quote_from_bytes,
    unquote_plus,
    unquote_to_bytes,
    urlencode,
    urlsplit,
)

from indexer.archive.rows import RecordRow
from indexer.urls import parse_url

_WWW: Final = re.compile(r"^www\d*\.")
_UNESCAPED: Final = """!"$&'()*+,-./:;<=>?@[\\]^_`{|}~"""
# What servers put into addresses to know a visitor again.
_PATH_SESSIONS: Final = tuple(
    re.compile(pattern, re.I | re.S)
    for pattern in (
        r"^(.*/)(?:\((?:[a-z]\([0-9a-z]{24}\))+\)/)([^?]+\.aspx.*)$",
        r"^(.*/)(?:\([0-9a-z]{24}\)/)([^?]+\.aspx.*)$",
    )
)
_QUERY_SESSIONS: Final = tuple(
    re.compile(rf"^(.*)(?:{name})(?:&(.*))?$", re.I)
    for name in (
        "jsessionid=[0-9a-z]{32}",
        "phpsessid=[0-9a-z]{32}",
        "sid=[0-9a-z]{32}",
        "aspsessionid[a-z]{8}=[a-z]{24}",
        "cfid=[^&]+&cftoken=[^&]+",
    )
)
REVISIT_TYPE: Final = "warc/revisit"
LINES_PER_BLOCK: Final = 1_024  # as the tools of the format have it
MAX_SORTED_LINES: Final = 100_000  # held in memory: some 40 MB
MAX_POSTED: Final = 4_096  # characters of what was posted in an address, as pywb cuts it
_LINE_BREAKS: Final = re.compile(r"[\t\r\n]")
_POSTED: Final = re.compile(r"[?&]__wb_method=([A-Z]+)(?:&|\Z)")


def name_posted(url: str, media_type: str, body: bytes) -> str:
    r"""Give the address of what answers a POST: the URL, and what was posted as its parameters.

    It is the one that pywb looks up when a replayed page posts the same
    (https://specs.webrecorder.net/request-body-canonicalization/latest/): fields of a form by
    their names, the values of JSON by the names of their members, all else as Base 64.
    `media_type` is the Content-Type of the request.

    >>> name_posted("http://a.test/ajax", "application/json", b'{"query": "{ a }", "n": 1.0}')
    'http://a.test/ajax?__wb_method=POST&query=%7B+a+%7D&n=1'
    """
    posted = _render_posted(media_type.strip().lower(), media_type, body)
    between = "&" if "?" in url else "?"
    return f"{url}{between}__wb_method=POST{'&' if posted else ''}{posted}"


def split_posted(address: str) -> tuple[str, str, str]:
    """Split an address into the URL, the method that is named in it ("": GET), what was posted."""
    found = _POSTED.search(address)
    if found is None:
        return address, "", ""
    return address[: found.start()], found[1], address[found.end() :]


def _render_posted(kind: str, media_type: str, body: bytes) -> str:
    """Write what was posted as the query of an address, cut as pywb cuts it."""
    posted = f"__wb_post_data={base64.b64encode(body).decode()}" if body else ""
    if kind.startswith("application/x-www-form-urlencoded"):
        with suppress(UnicodeDecodeError):
            text = unquote_plus(body.decode())[:MAX_POSTED]
            # Of an address, readers drop a fragment and what breaks its line.
            return quote(_LINE_BREAKS.sub("", text.partition("#")[0]), safe=_UNESCAPED)
    elif kind.startswith(("multipart/", "application/json", "text/plain")):
        fields = list_posted_fields(media_type, body)
        if fields is not None:
            posted = urlencode([(name, value) for name, _, value in fields])
        elif kind.startswith("application/json"):
            posted = ""
    return posted[:MAX_POSTED]


def list_posted_fields(media_type: str, body: bytes) -> list[tuple[str, str, str]] | None:
    """List the fields of what is posted: name, name of a file ("": none), value.

    `media_type` is a Content-Type. None for what has no fields that can be told: neither a form
    nor JSON.
    """
    kind = media_type.strip().lower()
    if not body:
        return []
    if kind.startswith("application/x-www-form-urlencoded"):
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        return [(name, "", value) for name, value in pairs]
    if kind.startswith("multipart/"):
        return _parse_multipart(media_type, body)
    if "json" in kind or kind.startswith("text/plain"):
        with suppress(ValueError, RecursionError):
            return [(name, "", value) for name, value in _list_members(json.loads(body))]
    return None


def _parse_multipart(media_type: str, body: bytes) -> list[tuple[str, str, str]] | None:
    head = f"Content-Type: {media_type}\r\n\r\n".encode("latin-1", "replace")
    parsed = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    if not parsed.is_multipart():
        return None
    return [
        (
            str(part.get_param("name", "", header="content-disposition")),
            part.get_filename() or "",
            bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace"),
        )
        for part in parsed.iter_parts()
    ]


def _list_members(found: object) -> list[tuple[str, str]]:
    """List the values in JSON by the names of their members; those of one name are numbered."""
    counts: dict[str, int] = {}
    members: list[tuple[str, str]] = []

    def walk(value: object, name: str) -> None:
        if isinstance(value, dict):
            for inner_name, inner in value.items():
                walk(inner, inner_name)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, name)
        elif name:
            counts[name] = counts.get(name, 0) + 1
            number = f".{counts[name]}_" if counts[name] > 1 else ""
            members.append((name + number, _write_as_script(value)))

    walk(found, "")
    return members


def _write_as_script(value: object) -> str:
    """Write a value of JSON as a script of a page does: 1.0 is 1."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value)


class LineSorter:
    """Sorts the lines of an index, however many, in bounded memory.

    To be closed: what does not fit in memory stands in unnamed files of `folder` meanwhile.
    """

    def __init__(self, folder: Path, *, max_lines: int = MAX_SORTED_LINES) -> None:
        """Sort up to `max_lines` in memory, more of them through unnamed files of `folder`."""
        self._folder = folder
        self._max_lines = max_lines
        self._lines: list[bytes] = []
        self._runs: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the files."""
        for run in self._runs:
            run.close()

    def add(self, line: str) -> None:
        """Take a line, without its end."""
        self._lines.append(f"{line}\n".encode())
        if len(self._lines) >= self._max_lines:
            run = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 (closed by `__exit__`)
            self._runs.append(run)
            run.writelines(sorted(self._lines))
            self._lines.clear()

    def __iter__(self) -> Iterator[bytes]:
        """Give all lines in the order that the format asks, that of their bytes."""
        for run in self._runs:
            run.seek(0)
        return heapq.merge(*self._runs, sorted(self._lines))


def compress_lines(
    lines: Iterable[bytes], write: Callable[[bytes], object], *, filename: str
) -> Iterator[bytes]:
    """Write sorted lines as a ZipNum cluster; give the lines of its secondary index.

    Every 1,024 lines are a gzip member; the secondary index names the first of them, and where
    the member stands (https://specs.webrecorder.net/wacz/1.1.1/#zipnum). `filename` is that of
    the cluster.
    """
    header = {"format": "cdxj-gzip-1.0", "filename": filename}
    yield f"!meta 0 {json.dumps(header)}\n".encode()
    offset = 0
    remaining = iter(lines)
    while block := list(itertools.islice(remaining, LINES_PER_BLOCK)):
        member = gzip.compress(b"".join(block), mtime=0)
        write(member)
        place = {
            "offset": offset,
            "length": len(member),
            "digest": f"sha256:{hashlib.sha256(member).hexdigest()}",
        }
        key_and_moment = b" ".join(block[0].split(b" ", 2)[:2])
        yield key_and_moment + f" {json.dumps(place)}\n".encode()
        offset += len(member)
    if not offset:
        write(gzip.compress(b"", mtime=0))


def render_line(record: RecordRow) -> str:
    """One record, as a line of CDXJ."""
    url, method, posted = split_posted(record.target_uri)
    fields = {
        "url": url,
        "mime": _render_type(record),
        "status": str(record.status),
        "digest": record.payload_digest,
        "length": str(record.length),
        "offset": str(record.offset),
        "filename": record.filename,
    }
    if method:
        fields |= {"method": method, "requestBody": posted}
    timestamp = f"{record.captured_at:%Y%m%d%H%M%S}"
    return f"{cdx_key(record.target_uri)} {timestamp} {json.dumps(fields, ensure_ascii=False)}"


def cdx_key(url: str) -> str:
    """Give the key of a URL in an index: "http://www.Exemple.fr/A/?c&B" gives "fr,exemple)/a?b&c".

    It is the one that pywb and the Internet Archive's tools look up (SURT, sort-friendly URI
    reordering transform): escapes taken off as often as there are any and set once, letter case,
    doubled slashes, session ids and the order of parameters left aside.
    """
    parts = urlsplit(parse_url(url) or url)
    if not parts.hostname:
        return url
    name = _WWW.sub("", _reescape(parts.hostname).replace("..", ".").strip("."))
    port = f":{parts.port}" if parts.port else ""
    path = _strip_session(_reescape(parts.path, _normalize_path).lower(), _PATH_SESSIONS)
    path = path[:-1] if path.endswith("/") and len(path) > 1 else path
    query = _strip_session(_reescape(parts.query), _QUERY_SESSIONS).lower()
    query = "&".join("=".join(pair) for pair in sorted(_split_pairs(query)))
    return f"{','.join(reversed(name.split('.')))}{port}){path}{'?' + query if query else ''}"


def _reescape(text: str, change: Callable[[bytes], bytes] = bytes) -> str:
    """Take all escapes off, change what is bare then, and escape once what has to be."""
    octets = text.encode()
    while (bare := unquote_to_bytes(octets)) != octets:
        octets = bare
    return quote_from_bytes(change(octets), safe=_UNESCAPED)


def _normalize_path(path: bytes) -> bytes:
    """Drop empty and "." segments, and those that ".." goes back over."""
    kept: list[bytes] = []
    segments = path.split(b"/")[1:]
    for segment in segments:
        if segment == b".." and kept:
            kept.pop()
        elif segment != b".":
            kept.append(segment)
    if not kept:
        return b"/"
    return b"/" + b"".join(segment + b"/" for segment in kept[:-1] if segment) + kept[-1]


def _strip_session(text: str, patterns: Iterable[re.Pattern[str]]) -> str:
    for pattern in patterns:
        text = pattern.sub(lambda found: "".join(each or "" for each in found.groups()), text)
    return text


def _split_pairs(query: str) -> list[tuple[str, ...]]:
    return [tuple(pair.split("=", 1)) for pair in query.split("&")]


def _render_type(record: RecordRow) -> str:
    if record.kind == "revisit":
        return REVISIT_TYPE
    return record.media_type.partition(";")[0].strip() or "unk"
