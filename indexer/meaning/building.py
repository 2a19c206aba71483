"""Embed the passages of an index, resumable at any kill, and publish their vectors.

What is embedded is kept in the log a batch at a time, by the digest of its words: whatever ends a
build, the next one begins where the last batch was kept, and a text that did not change is never
embedded again.
"""

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from indexer.archive import acquire_lock
from indexer.errors import MeaningError
from indexer.meaning.embedders import Embedder
from indexer.meaning.passages import PASSAGES_VERSION, TextPassage, cut_passages, make_key
from indexer.meaning.vectors import (
    Key,
    KnownVectors,
    Layout,
    PublishedVectors,
    VectorLog,
    drop_log,
    publish,
    read_log_keys,
)
from indexer.messages import NOTHING, Message, message
from indexer.model import Document

BATCH: Final = 16  # texts embedded before they are kept: a kill loses as many, some seconds
LEAST_WORDS: Final = 4  # of a sentence that is embedded by itself: headings and crumbs are not
NICENESS: Final = 15
ReadDocuments = Callable[[], Iterable[Document]]


@dataclass(frozen=True, slots=True)
class Progress:
    """Say how far a build is, in texts: passages and sentences."""

    done: int
    total: int
    elapsed_s: float

    @property
    def remaining_s(self) -> float | None:
        """Estimate what is left by the pace of before; None before anything is done."""
        return self.elapsed_s / self.done * (self.total - self.done) if self.done else None


@dataclass(frozen=True, slots=True)
class MeaningStatus:
    """Tell what was published, and what a build would still have to do."""

    model: str = ""  # fingerprint; "" where nothing was published
    built_at: str = ""  # ISO 8601
    documents: int = 0
    passages: int = 0
    sentences: int = 0
    size: int = 0  # bytes
    missing: int = 0  # passages and sentences of the index that are not embedded
    waiting: int = 0  # embedded, and published by the next build
    problem: Message = NOTHING


def build(
    folder: Path,
    read_documents: ReadDocuments,
    embedder: Embedder,
    *,
    index_state: str,
    tell: Callable[[Progress], None] = lambda progress: None,
    clock: Callable[[], float] = time.monotonic,
) -> MeaningStatus:
    """Embed what is not embedded, and publish all; gives what there is then.

    `read_documents` reads the documents of the index, whose state is `index_state`; it is asked
    three times. Published thrice, so that a long build keeps nobody waiting: what was known, then
    all passages, then their sentences too.
    Raises MeaningError, LockedError; what was published before stays then.
    """
    with acquire_lock(folder / "build.lock"):
        log = VectorLog(folder, _name(embedder), embedder.dimensions)
        try:
            published = _open_published(folder, embedder)
            layouts = [describe_layout(each) for each in read_documents()]
            facts = {
                "model": embedder.fingerprint,
                "dimensions": embedder.dimensions,
                "index": index_state,
                "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            known = KnownVectors(published, log)
            total = len(_list_missing(layouts, known))
            if known.places or not total:
                publish(folder, layouts, known, facts)
            started, done = clock(), 0
            for list_texts in (_list_passages, _list_sentences) if total else ():
                for batch in _list_batches(read_documents(), list_texts, known, log):
                    texts = [text for _, text in batch]
                    log.add([key for key, _ in batch], embedder.embed_passages(texts))
                    done += len(batch)
                    tell(Progress(done, total, clock() - started))
                publish(folder, layouts, KnownVectors(published, log), facts)
            log.close(is_over=True)
            return _describe(PublishedVectors(folder))
        finally:
            log.close()


def _name(embedder: Embedder) -> str:
    return f"{embedder.fingerprint} {PASSAGES_VERSION}"


def _open_published(folder: Path, embedder: Embedder) -> PublishedVectors | None:
    """Open what was published, where this model made it and every byte of it is right."""
    try:
        published = PublishedVectors(folder)
        if published.fingerprint != embedder.fingerprint:
            return None
        published.check()
    except (FileNotFoundError, MeaningError):
        return None  # it is made anew
    return published


def describe_layout(document: Document) -> Layout:
    """Say what is to be embedded of a document, by keys."""
    passages = cut_passages(document)
    return Layout(
        document.id,
        tuple((each.key, tuple(map(_key_sentence, _list_sentences(each)))) for each in passages),
    )


def _list_passages(passage: TextPassage) -> list[str]:
    """List what is embedded of a passage first: all of it."""
    return [passage.text]


def _list_sentences(passage: TextPassage) -> list[str]:
    """List the sentences of a passage, "" for one not embedded; of one alone, that is nearest."""
    texts = [each.text for each in passage.sentences]
    return [text if len(texts) > 1 and len(text.split()) >= LEAST_WORDS else "" for text in texts]


def _key_sentence(text: str) -> Key:
    return make_key(text) if text else b""


def _list_missing(layouts: Iterable[Layout], known: KnownVectors) -> set[Key]:
    """List the keys of what is not embedded."""
    return {
        key
        for layout in layouts
        for passage, sentences in layout.passages
        for key in (passage, *sentences)
        if key and key not in known.places
    }


def _list_batches(
    documents: Iterable[Document],
    list_texts: Callable[[TextPassage], list[str]],
    known: KnownVectors,
    log: VectorLog,
) -> Iterator[list[tuple[Key, str]]]:
    """List what is not embedded of the passages, BATCH texts at a time, none twice."""
    batch: dict[Key, str] = {}
    for document in documents:
        for passage in cut_passages(document):
            for text in filter(None, list_texts(passage)):
                key = make_key(text)
                if key not in known.places and key not in log.keys:
                    batch[key] = text
                if len(batch) == BATCH:
                    yield list(batch.items())
                    batch = {}
    if batch:
        yield list(batch.items())


def forget(folder: Path, kept: Collection[str]) -> int:
    """Remove the vectors of every document but those of the ids `kept`; say of how many.

    What was embedded and not published is removed whole: it does not tell of which text it is.
    Raises MeaningError, LockedError.
    """
    if not folder.is_dir():
        return 0
    with acquire_lock(folder / "build.lock"):
        drop_log(folder)
        try:
            published = PublishedVectors(folder)
        except FileNotFoundError:
            return 0
        layouts = [each for each in published.read_layouts() if each.document_id in kept]
        count = len(published.document_ids) - len(layouts)
        if not count:
            return 0
        log = VectorLog(folder, "", published.dimensions)
        try:
            facts = {
                "model": published.fingerprint,
                "dimensions": published.dimensions,
                "index": published.index_state,
                "built_at": published.built_at,
            }
            publish(folder, layouts, KnownVectors(published, log), facts)
        finally:
            log.close(is_over=True)
        return count


def read_status(folder: Path, documents: Iterable[Document], embedder: Embedder) -> MeaningStatus:
    """Say what was published, and what of the documents is missing; changes nothing."""
    try:
        published: PublishedVectors | None = PublishedVectors(folder)
    except FileNotFoundError:
        published = None
    except MeaningError as error:
        return MeaningStatus(problem=error.said)
    same = published is not None and published.fingerprint == embedder.fingerprint
    held: set[Key] = set()
    if published is not None and same:
        held = {
            key
            for each in published.read_layouts()
            for passage, sentences in each.passages
            for key in (passage, *sentences)
        }
    wanted = {
        key
        for document in documents
        for passage, sentences in describe_layout(document).passages
        for key in (passage, *sentences)
        if key
    }
    waiting = read_log_keys(folder, _name(embedder), embedder.dimensions)
    told = _describe(published) if published is not None else MeaningStatus()
    return replace(
        told,
        missing=len(wanted - held - waiting),
        waiting=len(wanted & waiting - held),
        problem=NOTHING
        if same or published is None
        else message("error.meaning.model-now", model=str(embedder.fingerprint)),
    )


def _describe(published: PublishedVectors) -> MeaningStatus:
    return MeaningStatus(
        model=published.fingerprint,
        built_at=published.built_at,
        documents=len(published.document_ids),
        passages=published.passage_count,
        sentences=published.sentence_count,
        size=published.size,
    )


def lower_priority() -> None:
    """Give way to whatever else runs on this machine."""
    os.nice(NICENESS)
