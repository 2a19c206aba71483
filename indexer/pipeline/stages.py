"""Visit what is due, read what arrived, index what was read."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from indexer.archive import Catalogue, Keeper, WarcArchive
from indexer.crawl import Fetcher, Politeness, RunPolicy, visit_all
from indexer.errors import (
    DamagedIndexError,
    DamagedRecordError,
    MissingIndexError,
    StaleIndexError,
)
from indexer.extract import FINGERPRINT, Job, extract_articles
from indexer.index.changes import compare
from indexer.index.document import build_documents
from indexer.links.decisions import Decision
from indexer.links.history import LinkHistory
from indexer.model import (
    Article,
    Bibliography,
    Capture,
    Document,
    HostQueue,
    LinkHealth,
    Outcome,
    Reference,
)
from indexer.pipeline.good_captures import find_capture_to_index
from indexer.pipeline.head_policy import HeadPolicy
from indexer.pipeline.links import find_health
from indexer.urls import urlkey

V = TypeVar("V")


def crawl(
    queues: Iterable[HostQueue],
    *,
    fetcher: Fetcher,
    politeness: Politeness,
    policy: RunPolicy,
    keeper: Keeper,
    head_policy: HeadPolicy | None = None,
) -> Generator[Outcome, None, None]:
    """Visit what is due, keep what arrives, tell what came of it, in that order.

    With `head_policy`, the hosts that tell the truth by HEAD are asked by it first.
    """
    if head_policy is not None:
        queues = head_policy.mark(queues, now=datetime.now(UTC))
    for arrival in visit_all(queues, fetcher=fetcher, politeness=politeness, policy=policy):
        outcome = keeper.keep(arrival)
        if head_policy is not None:
            head_policy.learn(arrival, outcome)
        yield outcome


def extract(
    references: Iterable[Reference],
    *,
    catalogue: Catalogue,
    archive: WarcArchive,
    everything: bool = False,
    tell: Callable[[str], None],
) -> Iterator[Article]:
    """Read the latest capture of each cited text, unless this extractor has read it already.

    Mementos too, and older captures that another extractor read: one of them may be the text that
    is indexed.
    What can't be read because its record is damaged is told by `tell`, and passed over.
    On all cores; a page that takes too long or breaks its reader is an article that says so.
    """
    jobs = _jobs(references, catalogue=catalogue, archive=archive, everything=everything, tell=tell)
    for article in extract_articles(jobs):
        catalogue.put_article(article)
        yield article


def _jobs(
    references: Iterable[Reference],
    *,
    catalogue: Catalogue,
    archive: WarcArchive,
    everything: bool,
    tell: Callable[[str], None],
) -> Iterator[Job]:
    taken: set[str] = set()
    for capture in _captures(references, catalogue):
        is_read = catalogue.find_extractor(capture.record_id) == FINGERPRINT
        if capture.record_id in taken or (is_read and not everything):
            continue
        location = catalogue.find_location(capture.record_id)
        if location is None:
            continue  # the record went with a torn file; the schedule fetches it again
        taken.add(capture.record_id)
        try:
            held = archive.read_payload(location.filename, location.offset, location.inside)
        except DamagedRecordError as error:
            # What was read from it before stays, and the page is due.
            catalogue.mark_damaged(capture.record_id)
            tell(f"{capture.url}: {error}")
            continue
        yield Job(
            payload=held.payload,
            headers=dict(reversed(held.headers)),  # of repeated fields, the first
            url=capture.target_uri,
            record_id=capture.record_id,
        )


def _captures(references: Iterable[Reference], catalogue: Catalogue) -> Iterator[Capture]:
    """The latest of each cited text, its mementos, and those that some extractor has read."""
    for key in dict.fromkeys(urlkey(each.url) for each in references if each.url):
        latest = catalogue.latest_capture(key)
        if latest is not None:
            yield latest
        for capture in catalogue.captures(key):
            if capture.archive or catalogue.find_extractor(capture.record_id):
                yield capture


def build_corpus_documents(
    bibliography: Bibliography,
    *,
    catalogue: Catalogue,
    history: LinkHistory,
    decisions: Mapping[str, Decision],
    now: datetime,
) -> Iterator[Document]:
    """Join references, notes, articles and links into the documents to index."""
    by_id = {reference.id: reference for reference in bibliography.references if reference.url}

    def find_capture(reference: Reference) -> Capture | None:
        return find_capture_to_index(
            urlkey(reference.url or ""), catalogue=catalogue, history=history
        )

    def find_article(reference: Reference) -> Article | None:
        capture = find_capture(reference)
        return catalogue.find_article(capture.record_id) if capture else None

    def find_link(reference: Reference) -> LinkHealth | None:
        return find_health(
            reference.url or "", catalogue=catalogue, history=history, decisions=decisions, now=now
        )

    return build_documents(
        bibliography,
        LazyMapping(by_id, find_article),
        LazyMapping(by_id, find_capture),
        LazyMapping(by_id, find_link),
    )


class LazyMapping(Mapping[str, V]):
    """A mapping that looks each value up when it is asked for, and keeps none of them."""

    def __init__(
        self, references: Mapping[str, Reference], find: Callable[[Reference], V | None]
    ) -> None:
        self._references = references
        self._find = find

    def __getitem__(self, key: str) -> V:
        value = self._find(self._references[key])
        if value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[str]:
        return (key for key in self._references if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexUpdate:
    """What became of the index."""

    added: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    why_rebuilt: str = ""


def index(folder: Path, documents: Iterable[Document], *, rebuild: bool = False) -> IndexUpdate:
    """Bring the index up to date; where it can't be, or is asked to, build it anew beside.

    All of it is verified first: an update would carry damage on, and nobody may ever read the
    block that has it.
    """
    # Here, since a crawl, which imports this module too, needs no engine (half a second).
    from indexer.engines import build_index, check_index, read_indexed, update_index

    if rebuild:
        return IndexUpdate(added=build_index(folder, documents), why_rebuilt="as asked")
    try:
        for damage in check_index(folder).damages:
            raise damage
        indexed = read_indexed(folder)
    except MissingIndexError:
        return IndexUpdate(added=build_index(folder, documents), why_rebuilt="there was none")
    except StaleIndexError as error:
        return IndexUpdate(added=build_index(folder, documents), why_rebuilt=error.what)
    except DamagedIndexError as error:
        why = f"{error.where}: {error.what}"
        return IndexUpdate(added=build_index(folder, documents), why_rebuilt=why)
    changes = compare(indexed, documents)
    update_index(folder, changes)
    return IndexUpdate(
        added=len(changes.added),
        updated=len(changes.updated),
        deleted=len(changes.deleted),
        unchanged=changes.unchanged,
    )
