"""Find secrets of the settings in WARC files, and hide them in what is given out.

What is archived today holds none (`indexer.crawl.hops`). Files of older versions hold in clear
the headers that the settings made the crawl send; they stay as they are, and exports hide these.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from indexer.archive.reading import Record
from indexer.archive.reindex import find_files
from indexer.archive.rewriting import Changed, Gap, Keep, Source, make_block, walk
from indexer.codings import decode
from indexer.heads import (
    REDACTED,
    Secrets,
    find_field,
    holds_value,
    parse_head,
    redact_fields,
    redact_text,
    redact_values,
)

MAX_BYTES: Final = 64 * 2**20  # of a payload, searched
MAX_HEAD_BYTES: Final = 1_048_576
IN_NAMED_FIELD: Final = "named-field"  # of the record, its address included
IN_FIRST_LINE: Final = "first-line"
IN_PAYLOAD: Final = "payload"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSecret:
    """A record that holds a secret, and where; never the secret itself.

    `places` are names of header fields, or one of the constants above.
    """

    filename: str
    offset: int
    kind: str  # WARC-Type
    url: str  # secrets hidden
    places: tuple[str, ...]


def find_secrets(folder: Path, secrets: Secrets) -> Iterator[FoundSecret | Gap]:
    """List the records of a folder's WARC files that hold secrets, in the order of the files.

    Listed are requests with a credential (Authorization, Cookie, Proxy-Authorization) or a header
    of the settings, and any record where the value of such a header stands, the payload included.
    What can't be read is given as a Gap. Raises ArchiveError when a file can't be opened.
    """
    for path in sorted(find_files(folder)):
        yield from find_secrets_of(path, secrets)


def find_secrets_of(path: Path, secrets: Secrets) -> Iterator[FoundSecret | Gap]:
    """List the records of one WARC file that hold secrets; see `find_secrets`."""
    for item in walk(path):
        if isinstance(item, Gap):
            yield item
            continue
        places = tuple(_find_places(item, secrets))
        if places:
            yield FoundSecret(
                filename=path.name,
                offset=item.offset,
                kind=item.kind,
                url=redact_text(item.target_uri, secrets.values),
                places=places,
            )


def redact_record(record: Record, secrets: Secrets) -> Changed | str:
    """Hide the secrets of a record: Keep when there are none in its fields and its HTTP head.

    A payload of HTTP is never changed: its digest names it, and revisits refer to it.
    """
    fields = [(name, _redact_field(name, value, secrets.values)) for name, value in record.fields]
    head = _read_head(record)
    hidden_head = redact_values(head, secrets.values)
    if record.kind == "request":
        hidden_head = redact_fields(hidden_head, secrets.fields)
    rest: bytes | Source = record.block
    is_changed = hidden_head != head or fields != list(record.fields)
    if _is_list_of_fields(record):
        listed = record.block.read()
        rest = redact_values(listed, secrets.values)
        if rest != listed:
            fields = [pair for pair in fields if pair[0].lower() != "warc-payload-digest"]
            is_changed = True
    return Changed(fields=fields, block=make_block(hidden_head, rest)) if is_changed else Keep


def _find_places(record: Record, secrets: Secrets) -> list[str]:
    head = _read_head(record)
    values = secrets.values
    places = [
        IN_NAMED_FIELD
        for name, value in record.fields
        if not _is_digest(name) and holds_value(value.encode(), values)
    ]
    if holds_value(head.partition(b"\n")[0], values):
        places.append(IN_FIRST_LINE)
    for name, value in parse_head(head):
        is_named = record.kind == "request" and name.lower() in secrets.fields
        is_shown = bool(value) and value != REDACTED.decode()
        if (is_named and is_shown) or holds_value(value.encode("latin-1", "replace"), values):
            places.append(name)
    if values and holds_value(_read_payload(record, head), values):
        places.append(IN_PAYLOAD)
    return list(dict.fromkeys(places))


def _read_head(record: Record) -> bytes:
    """Read the HTTP head of a block as it stands in the file; leave the block behind it."""
    record.block.seek(0)
    if not record.field("Content-Type").lower().startswith("application/http"):
        return b""
    head = bytearray()
    while len(head) < MAX_HEAD_BYTES:
        line = record.block.readline(MAX_HEAD_BYTES)
        head += line
        if line in (b"\r\n", b"\n", b""):
            break
    return bytes(head)


def _read_payload(record: Record, head: bytes) -> bytes:
    """Read what is left of a block, content codings off."""
    payload = record.block.read(MAX_BYTES)
    coding = find_field(parse_head(head), "Content-Encoding")
    return decode(payload, coding, max_bytes=MAX_BYTES, keep=MAX_BYTES).payload


def _is_list_of_fields(record: Record) -> bool:
    """Whether a block is a list of named fields (of a visit, of a file): no revisit names it."""
    return record.field("Content-Type").lower().startswith("application/warc-fields")


def _is_digest(name: str) -> bool:
    return name.lower().endswith("-digest")


def _redact_field(name: str, value: str, values: Iterable[bytes]) -> str:
    return value if _is_digest(name) else redact_text(value, values)
