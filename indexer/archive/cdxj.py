"""List the records of an archive as CDXJ, the index that replay tools read. Pure.

A line a record, sorted: key, timestamp of 14 digits, JSON
(https://specs.webrecorder.net/cdxj/0.1.0/). The key is the common SURT, that merges more pages
than our `urlkey`: letter case, and the order of parameters, do not count in it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

from indexer.archive.rows import RecordRow
from indexer.urls import parse_url

_WWW: Final = re.compile(r"^www\d*\.")
REVISIT_TYPE: Final = "warc/revisit"


def render_lines(records: Iterable[RecordRow]) -> Iterator[str]:
    """The lines of a CDXJ index, without line ends, in the order that the format asks."""
    yield from sorted(map(render_line, records))


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
    """The key of a URL in an index: "http://www.Exemple.fr/A/?c&B" gives "fr,exemple)/a?b&c"."""
    parts = urlsplit(parse_url(url) or url)
    name = _WWW.sub("", parts.hostname or "")
    port = f":{parts.port}" if parts.port else ""
    path = parts.path.lower().rstrip("/") or "/"
    query = "&".join(sorted(parts.query.lower().split("&")))
    return f"{','.join(reversed(name.split('.')))}{port}){path}{'?' + query if query else ''}"


def _render_type(record: RecordRow) -> str:
    if record.kind == "revisit":
        return REVISIT_TYPE
    return record.media_type.partition(";")[0].strip() or "unk"
