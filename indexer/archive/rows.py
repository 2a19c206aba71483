"""Turn the model's values into rows of the catalogue, and back. Pure."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import wraps
from types import MappingProxyType
from typing import Any, Final, ParamSpec, TypeVar

from indexer.disk import IF_DAMAGED
from indexer.errors import CatalogueError
from indexer.messages import NOTHING, Message, is_key, message, parse_json, render_json
from indexer.model import Anchor, Article, Capture, Cause, PageKind, Paragraph, Visit
from indexer.urls import readable_memento

# In place of WARC-Truncated: a record of others that was damaged already when it was imported.
DAMAGED: Final = "damaged"

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """A response or revisit record, as the catalogue lists it."""

    record_id: str
    kind: str
    target_uri: str
    target_urlkey: str
    captured_at: datetime
    status: int
    media_type: str
    payload_digest: str
    payload_length: int
    filename: str
    offset: int
    length: int  # on the disk; 0 for a record that shares its member with another
    inside: int = 0  # bytes of its member, unpacked, before the record
    damaged: bool = False  # it could be read once, and can't any more
    truncated: str = ""  # WARC-Truncated, or DAMAGED
    etag: str = ""
    last_modified: str = ""
    location: str = ""
    refers_to: str = ""


def render_moment(moment: datetime | None) -> str:
    """ISO 8601 in UTC with microseconds, so that text sorts as time does; "" for None."""
    return "" if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")


def guard_row(parse: Callable[P, T]) -> Callable[P, T]:
    """Have a function that reads a row raise CatalogueError where the row says nothing sensible."""

    @wraps(parse)
    def guarded(*args: P.args, **more: P.kwargs) -> T:
        try:
            return parse(*args, **more)
        except (ValueError, LookupError, TypeError, AssertionError, AttributeError) as error:
            raise CatalogueError(
                message("error.catalogue.row", error=f"{type(error).__name__}: {error}"),
                where="catalogue.sqlite",
                hint=IF_DAMAGED,
            ) from error

    return guarded


@guard_row
def parse_moment(text: str) -> datetime | None:
    """Read the moment of a row; None for ""."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return moment


def record_values(record: RecordRow) -> dict[str, Any]:
    """List the columns of a record."""
    values = {name: getattr(record, name) for name in record.__dataclass_fields__}
    return values | {"captured_at": render_moment(record.captured_at)}


@guard_row
def parse_record(row: Any) -> RecordRow:
    """Read a record from its row."""
    values = {name: row[name] for name in RecordRow.__dataclass_fields__}
    values["captured_at"] = captured_at = parse_moment(row["captured_at"])
    assert captured_at is not None
    values["damaged"] = bool(row["damaged"])
    return RecordRow(**values)


def visit_values(visit: Visit, payload_id: str) -> dict[str, Any]:
    """List the columns of a visit."""
    return {
        "url": visit.url,
        "urlkey": visit.urlkey,
        "visited_at": render_moment(visit.visited_at),
        "outcome": visit.outcome,
        "cause": visit.cause or "",
        "detail": visit.detail,
        "status": visit.status,
        "final_url": visit.final_url,
        "hops": json.dumps(visit.hops, ensure_ascii=False),
        "tls_fault": visit.tls_fault or "",
        "record_id": visit.record_id,
        "payload_id": payload_id,
        "payload_digest": visit.payload_digest,
        "archive": visit.archive,
        "memento_at": render_moment(visit.memento_at),
    }


@guard_row
def parse_visit(row: Any) -> Visit:
    """Read a visit from its row."""
    visited_at, dated_at = parse_moment(row["moment"]), parse_moment(row["visited_at"])
    assert visited_at is not None
    return Visit(
        url=row["url"],
        urlkey=row["urlkey"],
        visited_at=visited_at,
        misdated_at=dated_at if dated_at != visited_at else None,
        outcome=row["outcome"],
        cause=Cause(row["cause"]) if row["cause"] else None,
        detail=row["detail"],
        status=row["status"],
        final_url=row["final_url"],
        hops=tuple((uri, status) for uri, status in json.loads(row["hops"])),
        tls_fault=Cause(row["tls_fault"]) if row["tls_fault"] else None,
        record_id=row["record_id"],
        payload_digest=row["payload_digest"],
        archive=row["archive"],
        memento_at=parse_moment(row["memento_at"]),
    )


@guard_row
def parse_capture(row: Any) -> Capture:
    """Read a capture from a visit's row joined with the record that holds its payload."""
    captured_at = parse_moment(row["memento_at"] or row["captured_at"])
    assert captured_at is not None
    return Capture(
        record_id=row["record_id"],
        url=row["url"],
        urlkey=row["urlkey"],
        target_uri=readable_memento(row["target_uri"]) if row["archive"] else row["target_uri"],
        captured_at=captured_at,
        status=row["status"],
        media_type=row["media_type"],
        payload_digest=row["payload_digest"],
        length=row["payload_length"],
        truncated=row["truncated"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        archive=row["archive"],
    )


def render_article(article: Article) -> str:
    """Render an article as JSON, which `parse_article` reads."""
    values = {**asdict_shallow(article), "paragraphs": [asdict(p) for p in article.paragraphs]}
    values["sources"] = dict(article.sources)
    values["evidence"] = render_json(article.evidence)
    values["links"] = [asdict(link) for link in article.links]
    return json.dumps(values, ensure_ascii=False)


def seal_article(record_id: str, extractor: str, text: str) -> str:
    """Give the JSON of an article a digest of its row on a line of its own."""
    return f"{text}\n{_digest_article(record_id, extractor, text)}"


def is_article_whole(record_id: str, extractor: str, sealed: bytes) -> bool:
    """Say whether the row of an article is what was written; one with a digest is not parsed."""
    text, _, digest = sealed.rpartition(b"\n")
    if not text:
        return unseal_article(record_id, extractor, sealed) is not None
    row = b"\n".join((record_id.encode(), extractor.encode(), text))
    return hashlib.blake2b(row, digest_size=8).hexdigest().encode() == digest


def unseal_article(record_id: str, extractor: str, sealed: bytes) -> Article | None:
    """Read the article of a row; None when the row is not what was written.

    Rows of before there was a digest have none, and are taken when they can be read.
    """
    try:
        text, _, digest = sealed.decode().partition("\n")
        if digest and digest != _digest_article(record_id, extractor, text):
            return None
        return parse_article(text)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _digest_article(record_id: str, extractor: str, text: str) -> str:
    row = "\n".join((record_id, extractor, text))
    return hashlib.blake2b(row.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def asdict_shallow(article: Article) -> dict[str, Any]:
    """Collect the fields of an article, not copied: `asdict` can't copy a mapping proxy."""
    return {name: getattr(article, name) for name in article.__dataclass_fields__}


def parse_article(text: str) -> Article:
    """Read an article from its JSON."""
    values = json.loads(text)
    return Article(
        **values
        | {
            "paragraphs": tuple(Paragraph(**paragraph) for paragraph in values["paragraphs"]),
            "author": tuple(values["author"]),
            "kind": PageKind(values["kind"]),
            "evidence": _parse_evidence(values.get("evidence")),
            # Articles read before these were kept have none.
            "links": tuple(Anchor(**link) for link in values.get("links", ())),
            "comments": tuple(values.get("comments", ())),
        }
    )


def _parse_evidence(raw: Any) -> Message:
    """Read the evidence of an article; older versions stored a French sentence."""
    if isinstance(raw, str) and not is_key(raw):
        return message("evidence.as-stored", sentence=raw) if raw else NOTHING
    evidence = parse_json(raw)
    room, _, name = evidence.key.partition(".")
    return replace(evidence, key=f"{room}.{_RETIRED[name]}") if name in _RETIRED else evidence


# Of versions in which another table told the kinds of pages: their names, and today's.
_RETIRED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "declared-listing": "list",
        "listing": "list",
        "javascript": "empty-shell",
        "title-says": "page-says",
    }
)
