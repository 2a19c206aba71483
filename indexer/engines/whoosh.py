"""The only door to Whoosh 2.7.4: schema, writing, reading; its errors become ours here.

Whoosh keeps the segments, the postings, the positions and the lock. Its own parser, scorers and
`refresh` are not used (docs/decisions/0003-whoosh.md): postings are handed on as arrays.
"""

import sys
import warnings
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import Stemmer

from indexer.engines.postings import NO_POSTINGS, Counts, Docs, Flags, Postings
from indexer.errors import LockedError, MissingIndexError, SearchIndexError
from indexer.index.fields import FACETS, FIELDS, render_fingerprint

with warnings.catch_warnings():
    # Whoosh is of 2016: invalid escapes in its docstrings, imports since moved.
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    import whoosh
    from whoosh import fields as whoosh_fields
    from whoosh import formats, index, writing
    from whoosh.filedb.filestore import FileStorage
    from whoosh.reading import TermNotFound

NAME: Final = "corpus"
LOCK_TIMEOUT_S: Final = 30.0
# The date as the bibliography gives it, to sort and to search by; a facet in all but name.
ISSUED: Final = "issued"
FACET_FIELDS: Final = (*FACETS, ISSUED)

Terms = Mapping[str, Sequence[int]]  # term -> places


class Places(formats.Format):  # type: ignore[misc]
    """A posting's value is the places of the term, 32 bits each; no pickle."""

    posting_size = -1

    def decode_positions(self, value: bytes) -> list[int]:
        """The places that a value holds."""
        places = array("I", value)
        if sys.byteorder == "big":
            places.byteswap()
        return places.tolist()

    def decode_frequency(self, value: bytes) -> int:
        """How many places there are."""
        return len(value) // 4

    def decode_weight(self, value: bytes) -> float:
        """The same as a weight."""
        return float(len(value) // 4)


class TermsField(whoosh_fields.FieldType):  # type: ignore[misc]
    """A field that is given terms and places, analysed before."""

    def __init__(self, *, has_positions: bool) -> None:
        super().__init__(Places() if has_positions else formats.Existence(), None, scorable=True)
        self.has_positions = has_positions

    def index(self, value: Terms, **_: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield (term, occurrences, weight, value) as Whoosh's writer takes them."""
        for term, places in value.items():
            count = len(places)
            yield term.encode(), count, float(count), self.pack(places)

    def pack(self, places: Sequence[int]) -> bytes:
        """The value of a posting."""
        if not self.has_positions:
            return b""
        packed = array("I", places)
        if sys.byteorder == "big":
            packed.byteswap()
        return packed.tobytes()


@cache
def make_schema() -> whoosh_fields.Schema:
    """The schema of the index: the fields of `index.fields`, the facets, the key."""
    schema = whoosh_fields.Schema(id=whoosh_fields.ID(stored=True, unique=True))
    schema.add("fingerprint", whoosh_fields.STORED())
    for field in FIELDS:
        schema.add(field.name, TermsField(has_positions=field.has_positions))
    for name in FACET_FIELDS:
        schema.add(facet_field(name), whoosh_fields.ID())
    return schema


def facet_field(name: str) -> str:
    """The field of a facet; "section" is also a field of terms."""
    return f"facet_{name}"


def engine_fingerprint() -> str:
    """What an index written here was made with."""
    release = ".".join(map(str, whoosh.__version__))
    return render_fingerprint(engine=f"whoosh {release}, snowball {Stemmer.version()}")


@contextmanager
def translate_errors(folder: Path) -> Iterator[None]:
    """Turn what Whoosh raises into our errors, once."""
    try:
        yield
    except index.LockError as error:
        raise LockedError(
            "somebody else is indexing", where=folder, hint="Try again when they have finished."
        ) from error
    except index.EmptyIndexError as error:
        raise MissingIndexError(
            "nothing indexed yet", where=folder, hint="Run `make index` first."
        ) from error
    except (
        index.IndexError,
        writing.IndexingError,
        whoosh_fields.FieldConfigurationError,
    ) as error:
        raise SearchIndexError(
            f"the index can't be used ({error})", where=folder, hint="Run `make index` again."
        ) from error


def create_index(folder: Path) -> None:
    """Make an empty index in `folder`, which must exist."""
    with translate_errors(folder):
        FileStorage(str(folder)).create_index(make_schema(), indexname=NAME)


Row = tuple[str, str, Mapping[str, Terms], Mapping[str, str]]  # id, fingerprint, terms, facets


def write_documents(
    folder: Path, rows: Iterable[Row], *, deleted: Iterable[str] = (), memory_mb: int = 256
) -> None:
    """Add documents, delete others, and commit. No id comes twice; `deleted` goes first.

    `memory_mb` bounds what is held before a run goes to disk.
    """
    with translate_errors(folder):
        ix = _open(folder)
        writer = ix.writer(timeout=LOCK_TIMEOUT_S, limitmb=memory_mb, compound=False)
        try:
            with ix.reader() as reader:
                _delete(writer, reader, set(deleted))
            for key, fingerprint, terms, facets in rows:
                writer.add_document(
                    id=key,
                    fingerprint=fingerprint,
                    **{name: held for name, held in terms.items() if held},
                    **{facet_field(name): value for name, value in facets.items() if value},
                )
        except BaseException:
            writer.cancel()
            raise
        writer.commit()


def _delete(writer: Any, reader: Any, keys: set[str]) -> None:
    """Mark the documents of these ids as deleted."""
    if not reader.doc_count_all():
        return
    for key in keys:
        try:
            matcher = reader.postings("id", key)
        except TermNotFound:
            continue
        for number in matcher.all_ids():
            writer.delete_document(number)


def _open(folder: Path) -> Any:
    """The index of a folder; the schema is ours, never read from a pickle."""
    return FileStorage(str(folder)).open_index(indexname=NAME, schema=make_schema())


def read_fingerprints(folder: Path) -> dict[str, str]:
    """The fingerprint of every document in the index, by id."""
    with translate_errors(folder), _open(folder).reader() as reader:
        return {stored["id"]: stored["fingerprint"] for _, stored in reader.iter_docs()}


def find_generation(folder: Path) -> int:
    """The number of the last commit, -1 when there is none."""
    return int(index.TOC._latest_generation(FileStorage(str(folder)), NAME))


class WhooshReader:
    """Postings read from Whoosh's own files at each question: right, and slow."""

    def __init__(self, folder: Path) -> None:
        with translate_errors(folder):
            self._reader = _open(folder).reader()
        self.size: int = self._reader.doc_count_all()
        self.live: Flags = np.ones(self.size, np.bool_)
        for number in range(self.size):
            if self._reader.is_deleted(number):
                self.live[number] = False
        self._lengths: dict[str, Counts] = {}
        self._facets: dict[str, tuple[Docs, list[str]]] = {}

    def close(self) -> None:
        """Let the files go."""
        self._reader.close()

    def postings(self, field: str, term: str) -> Postings:
        """The documents of a term and how often each has it."""
        matcher = self._matcher(field, term)
        if matcher is None:
            return NO_POSTINGS
        docs, counts = array("i"), array("f")
        while matcher.is_active():
            docs.append(matcher.id())
            counts.append(matcher.weight())
            matcher.next()
        return np.array(docs, np.int32), np.array(counts, np.float32)

    def _matcher(self, field: str, term: str) -> Any:
        # A deleted document still counts in the statistics, so it is read here too.
        readers = self._reader.leaf_readers()
        matchers, offsets = [], []
        for reader, offset in readers:
            try:
                matcher = reader._terms.matcher(field, term.encode(), make_schema()[field].format)
            except TermNotFound:
                continue
            matchers.append(matcher)
            offsets.append(offset)
        if not matchers:
            return None
        from whoosh.matching import MultiMatcher

        return MultiMatcher(matchers, offsets)

    def document_count(self, field: str, term: str) -> int:
        """How many documents have a term, deleted ones included."""
        return int(self._reader.doc_frequency(field, term))

    def positions(self, field: str, term: str) -> Iterator[tuple[int, list[int]]]:
        """Each document of a term and the places of the term there."""
        matcher = self._matcher(field, term)
        while matcher is not None and matcher.is_active():
            yield matcher.id(), make_schema()[field].format.decode_positions(matcher.value())
            matcher.next()

    def lengths(self, field: str) -> Counts:
        """How many terms each document has in a field (Whoosh keeps one byte of it)."""
        if field not in self._lengths:
            read = self._reader.doc_field_length
            self._lengths[field] = np.array(
                [read(number, field) or 0 for number in range(self.size)], np.float32
            )
        return self._lengths[field]

    def average_length(self, field: str) -> float:
        """The mean length of a field, over all numbered documents."""
        return float(self._reader.field_length(field)) / max(1, self.size) or 1.0

    def facet(self, name: str) -> tuple[Docs, list[str]]:
        """For each document a number, and the value that each number stands for; 0 is none."""
        if name not in self._facets:
            codes = np.zeros(self.size, np.int32)
            values = [""]
            field = facet_field(name)
            for term in self._reader.lexicon(field):
                value = term.decode() if isinstance(term, bytes) else str(term)
                codes[self.postings(field, value)[0]] = len(values)
                values.append(value)
            self._facets[name] = codes, values
        return self._facets[name]

    def terms(self, field: str, prefix: str = "") -> Iterator[str]:
        """The terms of a field that begin so, in order."""
        for term in self._reader.expand_prefix(field, prefix.encode()):
            yield term.decode() if isinstance(term, bytes) else str(term)

    def key(self, number: int) -> tuple[str, str]:
        """The id and the fingerprint of a document."""
        stored = self._reader.stored_fields(number)
        return stored["id"], stored["fingerprint"]
