"""Keep closed WARC files on S3-compatible storage too; read them there by range requests.

The one door to s3fs (an extra, `renvois[s3]`). A small file beside each WARC file that was sent,
`NAME.remote`, says where its copy is, how long it is and which digest it has; no secret stands in
it. A WARC file that is not in the folder any more, and has such a note, is read from the storage.

A file is sent in parts, and what was sent of one is remembered beside it until it is whole
(`.NAME.sending`), so that the next run goes on there. Nothing is ever written over at the storage,
and nothing is removed from it but by a purge.
"""

import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from indexer.disk import explain, swap_in
from indexer.errors import ArchiveError
from indexer.messages import NOTHING, Message, message

REMOTE_SUFFIX: Final = ".remote"
_SENDING_SUFFIX: Final = ".sending"
_FETCHED_SUFFIX: Final = ".fetched"
_NOTE_VERSION: Final = 1
PART_BYTES: Final = 16 * 2**20
_MOST_PARTS: Final = 10_000  # that S3 takes of one object
_LEAST_READ: Final = 2**16
_MOST_READ: Final = 8 * 2**20
_HEAD_BYTES: Final = 64  # of a file, that its note repeats: what opens it asks for them each time
_DIGEST_FIELD: Final = "renvois-sha256"  # of an object's metadata
_BLOCK: Final = 2**20

Progress = Callable[[int], None]  # told how many bytes more were sent or read


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """A place for objects on S3-compatible storage, and how to be let in.

    `address` is `s3://BUCKET` or `s3://BUCKET/PREFIX`. Without `endpoint` it is Amazon's. Without
    the names of environment variables, credentials are found as the AWS tools find theirs.
    """

    address: str
    endpoint: str = ""  # http(s)://HOST[:PORT]
    region: str = ""
    ca_file: str = ""
    key_variable: str = ""
    secret_variable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCopy:
    """The copy of a WARC file on a storage: its place, size and digest, as its note tells them."""

    storage: Storage
    size: int  # in bytes
    sha256: str  # of all its bytes, in hexadecimal
    etag: str  # the storage's own name of this content
    mtime_ns: int  # of the file here when it was sent
    sent_at: str  # ISO 8601
    head: str  # its first bytes, in hexadecimal

    def locate(self, name: str) -> str:
        """Give the address of the copy of a file: BUCKET/KEY."""
        return _locate(self.storage, name)


def find_remote(path: Path) -> RemoteCopy | None:
    """Find what is known of the copy of a WARC file; None for one that was never sent.

    Raises ArchiveError where the note can't be read.
    """
    note = _note_of(path)
    try:
        told = json.loads(note.read_text("utf-8"))
        if told.pop("version") != _NOTE_VERSION:
            raise ValueError("written by another version")
        return RemoteCopy(**told | {"storage": Storage(**told["storage"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ArchiveError(
            message("error.archive.unreadable", error=str(error)),
            where=note,
            hint=message("hint.upload-anew"),
        ) from error


def find_remote_only(folder: Path) -> list[Path]:
    """List the WARC files of a folder that are on the storage alone: where each would be."""
    notes = (path.with_name(path.name.removesuffix(REMOTE_SUFFIX)) for path in _list_notes(folder))
    return [path for path in notes if not path.exists()]


def was_sent(path: Path) -> bool:
    """Whether a WARC file was sent to a storage: nothing may be appended to it from then on."""
    return _note_of(path).exists()


def measure(path: Path) -> tuple[int, int]:
    """Give a WARC file's size and time of change (ns), here or as it was when it was sent.

    Raises OSError where it is neither here nor anywhere else, ArchiveError.
    """
    try:
        status = path.stat()
        return status.st_size, status.st_mtime_ns
    except FileNotFoundError:
        copy = find_remote(path)
        if copy is None:
            raise
        return copy.size, copy.mtime_ns


def open_stored(path: Path) -> BinaryIO:
    """Open a WARC file to be read: the file itself, else its copy on the storage.

    Raises OSError, ArchiveError.
    """
    try:
        return path.open("rb", buffering=0)
    except FileNotFoundError:
        copy = find_remote(path)
        if copy is None:
            raise
        return _RemoteFile(path, copy)


# --- sending


def send(
    path: Path, storage: Storage, *, progress: Progress, part_bytes: int = PART_BYTES
) -> RemoteCopy:
    """Send a closed WARC file, or the rest of one; give what its note says from now on.

    A copy that is there already is taken for it where its digest is the same. Raises ArchiveError:
    where the storage does not answer or has another file of this name, or the file has changed
    meanwhile. What was sent stays there, and the next call goes on.
    """
    before = _stat(path)
    digest = _digest_file(path)
    where = _locate(storage, path.name)
    bucket, _, key = where.partition("/")
    with _translate(f"s3://{where}"):
        store = _open(storage)
        there = _describe_object(store, bucket, key)
        if there is None:
            size = max(part_bytes, -(-before[0] // _MOST_PARTS))
            _Sending(store, path, storage, digest, size).run(progress)
            there = _describe_object(store, bucket, key) or {}
        else:
            progress(before[0])
    told = (there.get("ContentLength"), there.get("Metadata", {}).get(_DIGEST_FIELD))
    if told != (before[0], digest):
        raise ArchiveError(
            message("error.archive.other-at-storage"),
            where=f"s3://{where}",
            hint=message("hint.other-storage"),
        )
    if _stat(path) != before:
        raise ArchiveError(message("error.archive.changed-sending"), where=path)
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    copy = RemoteCopy(
        storage=storage,
        size=before[0],
        sha256=digest,
        etag=str(there.get("ETag", "")),
        mtime_ns=before[1],
        sent_at=datetime.now(UTC).isoformat(timespec="seconds"),
        head=head.hex(),
    )
    _write_json(_note_of(path), asdict(copy) | {"version": _NOTE_VERSION})
    _sending_of(path).unlink(missing_ok=True)
    return copy


class _Sending:
    """One file being sent in parts."""

    def __init__(
        self, store: Any, path: Path, storage: Storage, digest: str, part_bytes: int
    ) -> None:
        bucket, _, key = _locate(storage, path.name).partition("/")
        self._store = store
        self._path = path
        self._storage = storage
        self._object = {"Bucket": bucket, "Key": key}
        self._digest = digest
        self._part_bytes = part_bytes
        self._journal = _sending_of(path)

    def run(self, progress: Progress) -> None:
        """Send what is missing, then have the storage put the parts together."""
        upload = self._find_begun()
        if not upload:
            abandon_sending(self._path)
            upload = self._begin()
        known = self._list_parts(upload)
        parts = []
        with self._path.open("rb") as stream:
            number = 0
            while (piece := stream.read(self._part_bytes)) or not number:
                number += 1
                # Where the storage encrypts, the ETag of a part is not its MD5: it is sent again.
                etag = known.get(number)
                if etag != hashlib.md5(piece, usedforsecurity=False).hexdigest():
                    etag = self._send_part(upload, number, piece)
                parts.append({"PartNumber": number, "ETag": etag})
                progress(len(piece))
        self._store.call_s3(
            "complete_multipart_upload",
            **self._object,
            UploadId=upload,
            MultipartUpload={"Parts": parts},
        )

    def _find_begun(self) -> str:
        """Find the upload that was cut short, where it was of the same bytes in the same parts."""
        with suppress(OSError, ValueError, AttributeError):
            told = json.loads(self._journal.read_text("utf-8"))
            if told == self._describe(str(told.get("upload"))):
                return str(told["upload"])
        return ""

    def _begin(self) -> str:
        begun = self._store.call_s3(
            "create_multipart_upload", **self._object, Metadata={_DIGEST_FIELD: self._digest}
        )
        upload = str(begun["UploadId"])
        _write_json(self._journal, self._describe(upload))
        return upload

    def _describe(self, upload: str) -> dict[str, Any]:
        return {
            "storage": asdict(self._storage),
            "sha256": self._digest,
            "part_bytes": self._part_bytes,
            "upload": upload,
        }

    def _list_parts(self, upload: str) -> dict[int, str]:
        found: dict[int, str] = {}
        marker = 0
        while True:
            try:
                told = self._store.call_s3(
                    "list_parts", **self._object, UploadId=upload, PartNumberMarker=marker
                )
            except FileNotFoundError:  # the storage has forgotten it
                self._journal.unlink(missing_ok=True)
                raise
            for part in told.get("Parts", ()):
                found[int(part["PartNumber"])] = str(part["ETag"]).strip('"')
            if not told.get("IsTruncated"):
                return found
            marker = int(told["NextPartNumberMarker"])

    def _send_part(self, upload: str, number: int, piece: bytes) -> str:
        sent = self._store.call_s3(
            "upload_part", **self._object, UploadId=upload, PartNumber=number, Body=piece
        )
        return str(sent["ETag"])


# --- reading back, fetching, forgetting


def verify(path: Path, copy: RemoteCopy, *, progress: Progress) -> None:
    """Read all of the copy of a WARC file back. Raises ArchiveError where it is not the file."""
    digest = hashlib.sha256()
    for piece in _read_all(path, copy):
        digest.update(piece)
        progress(len(piece))
    if digest.hexdigest() != copy.sha256:
        raise ArchiveError(
            message("error.archive.other-digest"),
            where=f"s3://{copy.locate(path.name)}",
            hint=message("hint.send-again", note=_note_of(path).name, file=path.name),
        )


def remove_local(path: Path, *, progress: Progress) -> None:
    """Remove a WARC file that was sent, once its copy was read back and both are the same.

    Raises ArchiveError, and nothing is removed then.
    """
    copy = find_remote(path)
    if copy is None:
        raise ArchiveError(message("error.archive.not-sent-kept"), where=path)
    if _digest_file(path) != copy.sha256:
        raise ArchiveError(message("error.archive.changed-kept"), where=path)
    verify(path, copy, progress=progress)
    try:
        path.unlink()
    except OSError as error:
        raise ArchiveError(
            message("error.cannot-remove", why=explain(error).what), where=path
        ) from error


def fetch(path: Path, *, progress: Progress) -> None:
    """Bring a WARC file back from the storage; its copy there stays. Raises ArchiveError."""
    copy = find_remote(path)
    if copy is None:
        raise ArchiveError(message("error.archive.not-sent"), where=path)
    unborn = path.with_name(f".{path.name}{_FETCHED_SUFFIX}")
    digest = hashlib.sha256()
    try:
        with unborn.open("wb") as stream:
            for piece in _read_all(path, copy):
                stream.write(piece)
                digest.update(piece)
                progress(len(piece))
            stream.flush()
            os.fsync(stream.fileno())
        if digest.hexdigest() != copy.sha256:
            raise ArchiveError(
                message("error.archive.other-digest"),
                where=f"s3://{copy.locate(path.name)}",
            )
        os.utime(unborn, ns=(copy.mtime_ns, copy.mtime_ns))
        unborn.replace(path)
    except OSError as error:
        told = explain(error)
        raise ArchiveError(
            message("error.cannot-write", why=told.what), where=path, hint=told.hint
        ) from error
    finally:
        unborn.unlink(missing_ok=True)


def find_fault(path: Path, copy: RemoteCopy) -> Message:
    """Say why the copy of a WARC file is not what was sent, by what the storage tells of it.

    Nothing where it is there with its size and its ETag; none of its bytes is read.
    """
    try:
        bucket, _, key = copy.locate(path.name).partition("/")
        with _translate(f"s3://{copy.locate(path.name)}"):
            there = _describe_object(_open(copy.storage), bucket, key)
    except ArchiveError as error:
        return error.what
    if there is None:
        return message("error.remote.gone")
    if (there.get("ContentLength"), there.get("ETag")) != (copy.size, copy.etag):
        return message("error.remote.other")
    return NOTHING


def forget_remote(path: Path) -> None:
    """Remove the copy of a WARC file from the storage, every version of it, and its note.

    The parts of one that was not sent whole go too. For a purge; raises ArchiveError, and the
    note stays then.
    """
    abandon_sending(path)
    copy = find_remote(path)
    if copy is None:
        return
    bucket, _, key = copy.locate(path.name).partition("/")
    with _translate(f"s3://{bucket}/{key}"):
        store = _open(copy.storage)
        for version in _list_versions(store, bucket, key):
            store.call_s3("delete_object", Bucket=bucket, Key=key, **version)
        store.call_s3("delete_object", Bucket=bucket, Key=key)
        if _describe_object(store, bucket, key) is not None:
            raise ArchiveError(message("error.archive.not-removed"), where=f"s3://{bucket}/{key}")
        for version in _list_versions(store, bucket, key):  # the mark of the last deletion
            store.call_s3("delete_object", Bucket=bucket, Key=key, **version)
    _note_of(path).unlink(missing_ok=True)


def abandon_sending(path: Path) -> None:
    """Have the storage forget the parts of a file that was not sent whole. Raises ArchiveError."""
    journal = _sending_of(path)
    try:
        told = json.loads(journal.read_text("utf-8"))
        storage, upload = Storage(**told["storage"]), str(told["upload"])
    except FileNotFoundError:
        return
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ArchiveError(
            message("error.archive.unreadable", error=str(error)),
            where=journal,
            hint=message("hint.remove-parts"),
        ) from error
    bucket, _, key = _locate(storage, path.name).partition("/")
    with _translate(f"s3://{bucket}/{key}"), suppress(FileNotFoundError):
        _open(storage).call_s3("abort_multipart_upload", Bucket=bucket, Key=key, UploadId=upload)
    journal.unlink()


def _list_versions(store: Any, bucket: str, key: str) -> list[dict[str, str]]:
    """List the versions of an object, marks of deletion too; none where none are kept."""
    found = []
    asked: dict[str, Any] = {"Bucket": bucket, "Prefix": key}
    while True:
        told = store.call_s3("list_object_versions", **asked)
        for each in (*told.get("Versions", ()), *told.get("DeleteMarkers", ())):
            if each["Key"] == key and each.get("VersionId") not in (None, "null"):
                found.append({"VersionId": str(each["VersionId"])})
        if not told.get("IsTruncated"):
            return found
        asked["KeyMarker"] = told["NextKeyMarker"]
        asked["VersionIdMarker"] = told["NextVersionIdMarker"]


class _RemoteFile(io.RawIOBase, BinaryIO):
    """A WARC file on the storage, read by range requests.

    A jump asks for little; who reads on is given more at a time.
    """

    def __init__(self, path: Path, copy: RemoteCopy) -> None:
        super().__init__()
        self._copy = copy
        self._where = copy.locate(path.name)
        self._head = bytes.fromhex(copy.head)
        self._at = 0
        self._window = (0, b"")  # where it begins, what it holds
        self._step = _LEAST_READ

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._copy.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        left = self._copy.size - self._at
        size = left if size < 0 else min(size, left)
        if size <= 0:
            return b""
        if self._at + size <= len(self._head):
            piece = self._head[self._at : self._at + size]
        else:
            piece = self._read_window(size)
        self._at += len(piece)
        return piece

    def readinto(self, buffer: Any, /) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def _read_window(self, size: int) -> bytes:
        begin, held = self._window
        inside = self._at - begin
        if not 0 <= inside < len(held):
            goes_on = inside == len(held) and bool(held)
            self._step = min(self._step * 2, _MOST_READ) if goes_on else _LEAST_READ
            end = min(self._copy.size, self._at + max(size, self._step))
            with _translate(f"s3://{self._where}"):
                held = _open(self._copy.storage).cat_file(self._where, start=self._at, end=end)
            self._window, inside = (self._at, held), 0
        return held[inside : inside + size]


def _read_all(path: Path, copy: RemoteCopy) -> Iterator[bytes]:
    with _RemoteFile(path, copy) as stream:
        while piece := stream.read(_BLOCK):
            yield piece


# --- the storage


def _open(storage: Storage) -> Any:
    """Give s3fs' file system of a storage; it keeps its own connections, a process each."""
    try:
        from s3fs import S3FileSystem
    except ImportError as error:
        raise ArchiveError(
            message("error.archive.no-s3fs"),
            where=storage.address,
            hint=message("hint.install-s3"),
        ) from error
    secrets = [_read_variable(storage, name) for name in _list_variables(storage)]
    return S3FileSystem(
        key=secrets[0] if secrets else None,
        secret=secrets[1] if secrets else None,
        endpoint_url=storage.endpoint or None,
        client_kwargs={
            **({"region_name": storage.region} if storage.region else {}),
            **({"verify": storage.ca_file} if storage.ca_file else {}),
        },
        config_kwargs={
            # Storages other than Amazon's do not know the checksums that botocore adds by itself.
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
            "retries": {"max_attempts": 3, "mode": "standard"},
        },
        use_listings_cache=False,
    )


def _list_variables(storage: Storage) -> tuple[str, ...]:
    return tuple(name for name in (storage.key_variable, storage.secret_variable) if name)


def _read_variable(storage: Storage, name: str) -> str:
    try:
        return os.environ[name]
    except KeyError as error:
        raise ArchiveError(
            message("error.archive.no-variable", name=name),
            where=storage.address,
            hint=message("hint.storage-variable"),
        ) from error


def _describe_object(store: Any, bucket: str, key: str) -> Mapping[str, Any] | None:
    """Ask the storage what it has of an object; None where there is none."""
    try:
        told: Mapping[str, Any] = store.call_s3("head_object", Bucket=bucket, Key=key)
    except FileNotFoundError:
        return None
    return told


@contextmanager
def _translate(where: str) -> Iterator[None]:
    """Raise what s3fs and all below it raise as an ArchiveError about `where`."""
    from aiohttp import ClientError as HttpError
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (OSError, BotoCoreError, ClientError, HttpError, TimeoutError, ValueError) as error:
        raise ArchiveError(
            message("error.archive.storage-refuses", error=str(error) or type(error).__name__),
            where=where,
            hint=message("hint.storage-rights"),
        ) from error


def _locate(storage: Storage, name: str) -> str:
    """Give the address of a file of a storage as s3fs takes it: BUCKET/KEY."""
    return f"{storage.address.removeprefix('s3://').strip('/')}/{name}"


# --- files beside


def _note_of(path: Path) -> Path:
    return path.with_name(path.name + REMOTE_SUFFIX)


def _sending_of(path: Path) -> Path:
    return path.with_name(f".{path.name}{_SENDING_SUFFIX}")


def _list_notes(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"[!.]*{REMOTE_SUFFIX}"))


def _write_json(path: Path, told: Mapping[str, Any]) -> None:
    """Write a small file beside a WARC file, whole or not at all. Raises ArchiveError."""
    try:
        swap_in(path, json.dumps(told).encode(), mode=0o644)
    except OSError as error:
        why = explain(error)
        raise ArchiveError(
            message("error.cannot-write", why=why.what), where=path, hint=why.hint
        ) from error


def _digest_file(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ArchiveError(
            message("error.cannot-read", why=explain(error).what), where=path
        ) from error


def _stat(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise ArchiveError(
            message("error.cannot-read", why=explain(error).what), where=path
        ) from error
    return status.st_size, status.st_mtime_ns
