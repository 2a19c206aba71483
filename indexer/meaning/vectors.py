"""Keep vectors on disk: a log while they are made, then one mapped file with its checksums.

    vectors.log         what was embedded since the last publication: a record a text, named by the
                        digest of its words, with a CRC-32; what a kill cut short is dropped
    vectors-N.arrays    what is searched: the rows of every passage, those of one document in a row
    meaning.head        names that file and holds its sums; replaced at once, so that a
                        publication shows whole or not at all (`engines.embedded.integrity`)

A vector is int8 numbers and the scale that they are multiplied by. No word of any text is kept.
"""

import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from indexer.disk import explain
from indexer.engines.embedded.integrity import (
    ArraysWriter,
    CheckedArray,
    CheckedFile,
    check_file,
    measure_file,
    open_arrays,
    read_signed,
    sign,
)
from indexer.errors import DamagedIndexError, MeaningError
from indexer.meaning.embedders import Vectors
from indexer.meaning.passages import KEY_BYTES
from indexer.messages import message

HEAD_NAME: Final = "meaning.head"
LOG_NAME: Final = "vectors.log"
HINT: Final = message("hint.build-meaning")
_FORMAT: Final = 1
_MAGIC: Final = b"renvois-vectors\n"
# Of int8 made float32 at a time: .8 MB stay in a core's cache, where 6 MB take twice as long.
_ROWS: Final = 512
Key = bytes


def _record(dimensions: int) -> "np.dtype[Any]":
    return np.dtype(
        [
            ("key", "V16"),
            ("scale", "<f4"),
            ("vector", "i1", (dimensions,)),
            ("crc", "<u4"),
        ]
    )


def quantise(vectors: Vectors) -> tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
    """Write vectors as int8 with a scale each: the cosine of two changes by less than .005."""
    scales = np.abs(vectors).max(axis=1, initial=0) / 127
    rows = np.rint(vectors / np.where(scales, scales, 1)[:, None]).astype(np.int8)
    return rows, scales.astype("<f4")


# --- the log


class VectorLog:
    """The file that vectors are added to as they are made. Every method raises MeaningError."""

    def __init__(self, folder: Path, fingerprint: str, dimensions: int) -> None:
        """Open the log, without what a kill cut short; of another model, begin it anew."""
        self.path = folder / LOG_NAME
        self._type = _record(dimensions)
        self._head = _make_head(fingerprint, dimensions)
        with _writing(self.path):
            folder.mkdir(parents=True, exist_ok=True)
            self._handle = self.path.open("a+b")
            self.keys: dict[Key, int] = {}
            keys = _list_whole(self._handle, self._head, self._type.itemsize)
            if keys is None:  # another model's, or nothing at all
                self._handle.truncate(0)
                self._handle.write(self._head)
                self._flush()
            else:
                self.keys = {key: row for row, key in enumerate(keys)}
                self._handle.truncate(len(self._head) + len(keys) * self._type.itemsize)

    def add(self, keys: Sequence[Key], vectors: Vectors) -> None:
        """Add the vectors of texts; once this returns, no kill and no power cut loses them."""
        rows, scales = quantise(vectors)
        with _writing(self.path):
            for key, row, scale in zip(keys, rows, scales, strict=True):
                held = key + scale.tobytes() + row.tobytes()
                self._handle.write(held + zlib.crc32(held).to_bytes(4, "little"))
                self.keys[key] = len(self.keys)
            self._flush()

    def _flush(self) -> None:
        self._handle.flush()
        os.fdatasync(self._handle.fileno())

    def read(self) -> "np.ndarray[Any, Any]":
        """Give all records, mapped into memory."""
        if not self.keys:
            return np.empty(0, self._type)
        with _writing(self.path):
            return np.memmap(
                self.path, self._type, "r", offset=len(self._head), shape=(len(self.keys),)
            )

    def close(self, *, is_over: bool = False) -> None:
        """Close the file; with `is_over`, what it holds was published, and it goes."""
        self._handle.close()
        if is_over:
            self.path.unlink(missing_ok=True)


def _make_head(fingerprint: str, dimensions: int) -> bytes:
    head = json.dumps([_FORMAT, fingerprint, dimensions]).encode()
    return _MAGIC + len(head).to_bytes(4, "little") + head


def _list_whole(handle: BinaryIO, head: bytes, size: int) -> list[Key] | None:
    """List the keys of the records that are whole, up to the first that is not.

    None where the file does not begin with this head.
    """
    handle.seek(0)
    if handle.read(len(head)) != head:
        return None
    keys: list[Key] = []
    while len(record := handle.read(size)) == size:
        if zlib.crc32(record[:-4]) != int.from_bytes(record[-4:], "little"):
            break
        keys.append(record[:KEY_BYTES])
    return keys


def read_log_keys(folder: Path, fingerprint: str, dimensions: int) -> set[Key]:
    """Read what was embedded by a model and is not published; while a build goes on, too."""
    head = _make_head(fingerprint, dimensions)
    with _reading():
        try:
            with (folder / LOG_NAME).open("rb") as handle:
                return set(_list_whole(handle, head, _record(dimensions).itemsize) or ())
        except FileNotFoundError:
            return set()


def drop_log(folder: Path) -> None:
    """Remove what was embedded and not published yet."""
    with _writing(folder / LOG_NAME):
        (folder / LOG_NAME).unlink(missing_ok=True)


# --- what is published


@dataclass(frozen=True, slots=True)
class Layout:
    """A document by keys: its id, and for each passage its key and those of its sentences."""

    document_id: str
    passages: tuple[tuple[Key, tuple[Key, ...]], ...]


class PublishedVectors:
    """The vectors of one publication, mapped; a block is verified before it is first read.

    Safe to share between threads. DamagedIndexError of what lies under it becomes MeaningError.
    """

    def __init__(self, folder: Path) -> None:
        """Open what was published last. Raises MeaningError; FileNotFoundError before any was."""
        path = folder / HEAD_NAME
        path.stat()
        with _reading():
            held, files = read_signed(path)
            facts = json.loads(held)
            if facts["format"] != _FORMAT:
                raise MeaningError(message("error.meaning.other-version"), where=path, hint=HINT)
            self.fingerprint: str = facts["model"]
            self.dimensions: int = facts["dimensions"]
            self.index_state: str = facts["index"]
            self.built_at: str = facts["built_at"]
            ((name, self._sums),) = files.items()
            self.path = folder / name
            arrays, _ = open_arrays(CheckedFile(self.path, self._sums))
            self._arrays: dict[str, CheckedArray] = arrays
            self.document_ids = tuple(json.loads(arrays["ids"].whole().tobytes()))
            self.starts = arrays["starts"].whole()  # of a document's passages; one more at the end
        self.row_of = {key: place for place, key in enumerate(self.document_ids)}

    @property
    def passage_count(self) -> int:
        """Count the passages."""
        return int(self.starts[-1])

    @property
    def sentence_count(self) -> int:
        """Count the different sentences."""
        return self._arrays["sentence_scales"].size

    @property
    def size(self) -> int:
        """Count the bytes of the file."""
        return self._sums.size

    def check(self) -> None:
        """Verify every block. Raises MeaningError."""
        with _reading():
            check_file(self.path, self._sums)

    def score(self, question: Vectors) -> "np.ndarray[Any, Any]":
        """Give the cosine of a question and every passage, exactly."""
        asked = question.reshape(-1).astype(np.float32)
        with _reading():
            rows = self._arrays["passages"].whole().reshape(-1, self.dimensions)
            scales = self._arrays["passage_scales"].whole()
        scores = np.empty(len(rows), np.float32)
        for first in range(0, len(rows), _ROWS):
            block = rows[first : first + _ROWS].astype(np.float32)
            scores[first : first + len(block)] = block @ asked
        return scores * scales

    def average(self, places: Sequence[int]) -> Vectors:
        """Give the mean of passages that stand in a row of places, of length 1."""
        with _reading():
            rows = self._arrays["passages"].whole().reshape(-1, self.dimensions)[list(places)]
            scales = self._arrays["passage_scales"].whole()[list(places)]
        mean = (rows.astype(np.float32) * scales[:, None]).mean(0)
        length = float(np.linalg.norm(mean))
        averaged: Vectors = (mean / (length or 1.0)).astype(np.float32)
        return averaged

    def read_keys(self, document_id: str) -> list[Key]:
        """Give the keys of a document's passages, in its order; none where it has none."""
        place = self.row_of.get(document_id)
        if place is None:
            return []
        first, last = self.starts[place : place + 2]
        with _reading():
            packed = self._arrays["passage_keys"].read_bytes(first * KEY_BYTES, last * KEY_BYTES)
        return [packed[start : start + KEY_BYTES] for start in range(0, len(packed), KEY_BYTES)]

    def score_sentences(self, passage: int, question: Vectors) -> "np.ndarray[Any, Any]":
        """Give the cosine of a question and the sentences of a passage; -1 for one left out."""
        with _reading():
            first, last = self._arrays["sentence_starts"].read(passage, passage + 2)
            places = self._arrays["sentence_rows"].read(first, last)
            scores = np.full(len(places), -1, np.float32)
            for number, place in enumerate(places.tolist()):
                if place >= 0:
                    start = place * self.dimensions
                    row = self._arrays["sentences"].read(start, start + self.dimensions)
                    scale = self._arrays["sentence_scales"].read(place, place + 1)[0]
                    scores[number] = float(row.astype(np.float32) @ question.reshape(-1)) * scale
        return scores

    def read_all(
        self,
    ) -> Iterator[tuple[str, "np.ndarray[Any, Any]", "np.ndarray[Any, Any]", bytes]]:
        """Give what a publication is made anew of: kind, rows, scales, keys."""
        with _reading():
            for kind in ("passage", "sentence"):
                rows = self._arrays[f"{kind}s"].whole().reshape(-1, self.dimensions)
                scales = self._arrays[f"{kind}_scales"].whole()
                yield kind, rows, scales, self._arrays[f"{kind}_keys"].whole().tobytes()

    def read_layouts(self) -> list[Layout]:
        """Give what each document has, as it was published."""
        held = {kind: _cut_keys(keys) for kind, _, _, keys in self.read_all()}
        with _reading():
            starts = self._arrays["sentence_starts"].whole().tolist()
            places = self._arrays["sentence_rows"].whole().tolist()
        layouts = []
        for place, key in enumerate(self.document_ids):
            passages = []
            for number in range(self.starts[place], self.starts[place + 1]):
                rows = places[starts[number] : starts[number + 1]]
                sentences = tuple(held["sentence"][row] if row >= 0 else b"" for row in rows)
                passages.append((held["passage"][number], sentences))
            layouts.append(Layout(key, tuple(passages)))
        return layouts


class KnownVectors:
    """Every vector there is, by key: of the last publication, and of the log."""

    def __init__(self, published: PublishedVectors | None, log: VectorLog) -> None:
        """Take both; a damaged publication counts for nothing, and is made again."""
        self._sources: list[tuple[Any, Any]] = []
        self.places: dict[Key, tuple[int, int]] = {}
        if published is not None:
            for _, rows, scales, keys in published.read_all():
                self._add(rows, scales, _cut_keys(keys))
        records = log.read()
        self._add(records["vector"], records["scale"], log.keys)

    def _add(self, rows: Any, scales: Any, keys: Iterable[Key]) -> None:
        for row, key in enumerate(keys):
            self.places[key] = (len(self._sources), row)
        self._sources.append((rows, scales))

    def gather(
        self, keys: Sequence[Key], dimensions: int
    ) -> tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
        """Give the rows and scales of keys, in their order."""
        rows = np.empty((len(keys), dimensions), np.int8)
        scales = np.empty(len(keys), "<f4")
        for place, key in enumerate(keys):
            source, row = self.places[key]
            rows[place], scales[place] = (
                self._sources[source][0][row],
                self._sources[source][1][row],
            )
        return rows, scales


def publish(
    folder: Path,
    layouts: Sequence[Layout],
    known: KnownVectors,
    facts: Mapping[str, Any],
) -> None:
    """Write what documents have, as far as it is known, and show it at once.

    `facts` are model, dimensions, index (its state), built_at. A document that misses a passage
    comes with the others of it. Raises MeaningError; what was published before stays then.
    """
    dimensions = facts["dimensions"]
    kept = [
        Layout(each.document_id, there)
        for each in layouts
        if (there := tuple(passage for passage in each.passages if passage[0] in known.places))
    ]
    passages = [passage for each in kept for passage in each.passages]
    sentences = {key: None for _, keys in passages for key in keys if key in known.places}
    row_of = {key: row for row, key in enumerate(sentences)}
    places = [[row_of.get(key, -1) for key in keys] for _, keys in passages]
    with _writing(folder):
        before = list(folder.glob("vectors-*.arrays"))
        number = 1 + max((int(each.stem.partition("-")[2]) for each in before), default=0)
        path = folder / f"vectors-{number}.arrays"
        writer = ArraysWriter(path)
        try:
            ids = json.dumps([each.document_id for each in kept]).encode()
            writer.add("ids", np.frombuffer(ids, np.uint8))
            writer.add("starts", _starts(len(each.passages) for each in kept))
            for kind, keys in (
                ("passage", [key for key, _ in passages]),
                ("sentence", list(sentences)),
            ):
                rows, scales = known.gather(keys, dimensions)
                writer.add(f"{kind}s", rows.reshape(-1))
                writer.add(f"{kind}_scales", scales)
                writer.add(f"{kind}_keys", np.frombuffer(b"".join(keys), np.uint8))
            writer.add("sentence_starts", _starts(map(len, places)))
            writer.add("sentence_rows", np.array([row for each in places for row in each], "<i4"))
            writer.finish({})
        except BaseException:
            writer.give_up()
            raise
        signed = sign(
            json.dumps({"format": _FORMAT, **facts}).encode(), {path.name: measure_file(path)}
        )
        _replace(folder / HEAD_NAME, signed)
        for each in before:
            each.unlink(missing_ok=True)


def _starts(counts: Iterable[int]) -> "np.ndarray[Any, Any]":
    return np.concatenate([[0], np.cumsum(np.fromiter(counts, np.int64))]).astype("<i8")


def _cut_keys(packed: bytes) -> list[Key]:
    return [packed[start : start + KEY_BYTES] for start in range(0, len(packed), KEY_BYTES)]


def _replace(path: Path, held: bytes) -> None:
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as handle:
        handle.write(held)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _reading() -> Iterator[None]:
    """Say of damage that it is of the vectors, not of the index; both are made again otherwise."""
    try:
        yield
    except DamagedIndexError as error:
        raise MeaningError(error.what, where=error.where, hint=HINT) from error
    except FileNotFoundError:
        raise
    except OSError as error:
        told = explain(error)
        raise MeaningError(
            message("error.meaning.cannot-read", why=told.what), hint=told.hint
        ) from error
    except (ValueError, LookupError, TypeError) as error:
        raise MeaningError(
            message("error.meaning.unreadable", error=str(error)), hint=HINT
        ) from error


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        told = explain(error)
        raise MeaningError(
            message("error.cannot-write", why=told.what), where=path, hint=told.hint
        ) from error
