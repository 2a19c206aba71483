"""List the records of an archive as CDXJ, the index that replay tools read.

A line a record, sorted: key, timestamp of 14 digits, JSON
(https://specs.webrecorder.net/cdxj/0.1.0/). The key is the common SURT, that merges more pages
than our `urlkey`: letter case, and the order of parameters, do not count in it.
"""

import gzip
import hashlib
import heapq
import itertools
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final, Self
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

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
    fields = {
        "url": record.target_uri,
        "mime": _render_type(record),
        "status": str(record.status),
        "digest": record.payload_digest,
        "length": str(record.length),
        "offset": str(record.offset),
        "filename": record.filename,
    }
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
