"""Pack an archive as WACZ, to be opened by any tool that replays.

The WARC files go in as they are, but for secrets in them; beside them an index, the list of pages,
and what proves that nothing was changed on the way (https://specs.webrecorder.net/wacz/1.1.1/).
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from indexer.archive.catalogue import Catalogue
from indexer.archive.cdxj import render_lines
from indexer.archive.reindex import find_files
from indexer.archive.rewriting import rewrite
from indexer.archive.secrets import redact_record
from indexer.errors import ArchiveError
from indexer.heads import NO_SECRETS, Secrets, redact_text
from indexer.model import Capture

WACZ_VERSION: Final = "1.1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page to start from: a capture, and what to call it."""

    capture: Capture
    title: str = ""


def export_wacz(
    path: Path,
    folder: Path,
    catalogue: Catalogue,
    *,
    pages: Iterable[Page],
    title: str,
    software: str,
    created_at: datetime,
    secrets: Secrets = NO_SECRETS,
) -> int:
    """Write a package with all WARC files of a folder; give the number of its records.

    What the settings made us send, and credentials, are hidden in it (`secrets.redact_record`);
    what can't be read of a file is left out, as nobody can say what it holds.
    Raises ArchiveError when there is nothing to pack, or the disk does not take it; what was at
    `path` before is replaced only by a whole package.
    """
    files = sorted(find_files(folder), key=lambda file: file.name)
    if not files:
        raise ArchiveError("nothing archived yet", where=folder, hint="Run `make crawl` first.")
    partial = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as package:
            resources: list[dict[str, Any]] = []
            places: dict[tuple[str, int], tuple[int, int]] = {}
            for file in files:
                resource, moves = _add_file(package, file, f"archive/{file.name}", secrets)
                resources.append(resource)
                places |= {(file.name, old): (new, length) for _, old, new, length in moves}
            rows = (
                replace(row, offset=place[0], length=place[1])
                for row in catalogue.records()
                if (place := places.get((row.filename, row.offset))) is not None
            )
            lines = [redact_text(line, secrets.values) for line in render_lines(rows)]
            index = "".join(f"{line}\n" for line in lines).encode()
            resources.append(_add(package, "indexes/index.cdxj", index))
            listed = (redact_text(line, secrets.values) for line in _render_pages(pages))
            listing = "".join(f"{line}\n" for line in listed).encode()
            resources.append(_add(package, "pages/pages.jsonl", listing))
            _add_description(package, resources, title, software, created_at)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ArchiveError(f"can't be written ({error.strerror or error})", where=path) from error
    return len(lines)


def _render_pages(pages: Iterable[Page]) -> Iterator[str]:
    yield json.dumps({"format": "json-pages-1.0", "id": "pages", "title": "All Pages"})
    for page in pages:
        capture = page.capture
        row = {
            "id": capture.record_id.rpartition(":")[2],
            "url": capture.target_uri,
            "ts": capture.captured_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "title": page.title or capture.url,
        }
        yield json.dumps(row, ensure_ascii=False)


def _add_description(
    package: zipfile.ZipFile,
    resources: list[dict[str, Any]],
    title: str,
    software: str,
    created_at: datetime,
) -> None:
    description = {
        "profile": "data-package",
        "wacz_version": WACZ_VERSION,
        "title": title,
        "software": software,
        "created": created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resources": resources,
    }
    text = json.dumps(description, ensure_ascii=False, indent=2).encode()
    package.writestr("datapackage.json", text)
    digest = {"path": "datapackage.json", "hash": _render_hash(hashlib.sha256(text).hexdigest())}
    package.writestr("datapackage-digest.json", json.dumps(digest, indent=2))


def _add(package: zipfile.ZipFile, name: str, payload: bytes) -> dict[str, Any]:
    package.writestr(name, payload)
    return _describe(name, hashlib.sha256(payload).hexdigest(), len(payload))


def _add_file(
    package: zipfile.ZipFile, file: Path, name: str, secrets: Secrets
) -> tuple[dict[str, Any], list[tuple[str, int, int, int]]]:
    """Add a WARC file, its secrets hidden; say what it is, and where its records are now."""
    with package.open(name, "w", force_zip64=True) as inside:
        hashed = _Hashed(inside)
        done = rewrite(
            file, hashed, lambda record: redact_record(record, secrets), keeps_gaps=False
        )
    return _describe(name, hashed.digest.hexdigest(), done.length), done.moves


class _Hashed:
    """A file to write to, and the digest of what was written."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def write(self, piece: bytes, /) -> None:
        self.digest.update(piece)
        self._stream.write(piece)


def _describe(name: str, digest: str, length: int) -> dict[str, Any]:
    return {
        "name": name.rpartition("/")[2],
        "path": name,
        "hash": _render_hash(digest),
        "bytes": length,
    }


def _render_hash(digest: str) -> str:
    return f"sha256:{digest}"
