"""Visit what is due, read what arrived, index what was read."""

from collections.abc import (
    Callable,
    Collection,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
)
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from indexer import __version__
from indexer.archive import Catalogue, Payload
from indexer.corpus import Corpus, Crawl
from indexer.crawl import visit_all
from indexer.crawl.head_trust import choose_head_use, may_spare_get, update_trust
from indexer.disk import seal_row
from indexer.errors import (
    BibliographyError,
    DamagedIndexError,
    DamagedRecordError,
    MissingIndexError,
    StaleIndexError,
)
from indexer.extract import Job, extract_articles, is_scanned, read_site_rules
from indexer.index import fingerprint
from indexer.index.changes import FingerprintCache, compare_ids
from indexer.index.differences import list_contradictions
from indexer.index.document import build_documents, list_stamps
from indexer.links.observe import RULES
from indexer.messages import NOTHING, Message, message
from indexer.model import (
    Arrival,
    Article,
    Bibliography,
    Capture,
    Captured,
    Document,
    HeadUse,
    HostQueue,
    LinkHealth,
    Outcome,
    Problem,
    Reference,
    Revisited,
    Target,
)
from indexer.pipeline.links import find_capture_to_index, find_lasting_health, is_well
from indexer.pipeline.recognition import find_recogniser, recognise
from indexer.urls import urlkey

if TYPE_CHECKING:  # a crawl, which imports this module too, needs no engine (half a second)
    from indexer.engines.protocol import IndexWriter

V = TypeVar("V")


def crawl(queues: Iterable[HostQueue], corpus: Crawl) -> Generator[Outcome, None, None]:
    """Visit what is due, keep what arrives, tell what came of it, in that order.

    Hosts that tell the truth by HEAD are asked by it first, where that may spare the GET.
    """
    now = corpus.now()
    marked = (
        replace(queue, targets=_mark_head_use(queue.targets, corpus, now)) for queue in queues
    )
    arrivals = visit_all(
        marked,
        fetcher=corpus.fetcher,
        politeness=corpus.politeness,
        policy=corpus.policy,
        now=corpus.now,
    )
    for arrival in arrivals:
        outcome = corpus.keeper.keep(arrival)
        _learn_from_head(arrival, outcome, corpus)
        del arrival  # nothing is to hold its payload while the next one comes
        yield outcome


def _mark_head_use(targets: Iterable[Target], corpus: Crawl, now: datetime) -> Iterator[Target]:
    for target in targets:
        visits = corpus.catalogue.visits(target.urlkey) if target.previous else ()
        use = HeadUse.NEVER
        if may_spare_get(
            target, visits, now=now, min_bytes=corpus.policy.min_head_bytes
        ) and is_well(target.url, corpus):
            use = choose_head_use(corpus.history.find_head(target.host), now=now)
        yield replace(target, head=use)


def _learn_from_head(arrival: Arrival, outcome: Outcome, corpus: Crawl) -> None:
    if not isinstance(outcome, Captured | Revisited):
        return
    host = arrival.target.host
    trust = corpus.history.find_head(host)
    learned = update_trust(trust, arrival, is_same=isinstance(outcome, Revisited))
    if learned is not None:
        corpus.history.put_head(host, learned)


def extract(
    references: Iterable[Reference],
    corpus: Corpus,
    *,
    everything: bool = False,
    tell: Callable[[Message], None],
) -> Iterator[Article]:
    """Read the latest capture of each cited text, unless this extractor has read it already.

    Mementos too, and older captures that another extractor read: one of them may be the text that
    is indexed.
    What the owner's site rules say is followed. Raises `SiteRuleError` for one that says nothing.
    What can't be read because its record is damaged is told by `tell`, and passed over.
    On all cores; a page that takes too long or breaks its reader is an article that says so.
    """
    rules = read_site_rules(corpus.rules_folder)
    known = None if everything else rules.extractor
    jobs = _jobs(references, corpus, extractor=known, tell=tell)
    is_able = find_recogniser() != ""
    for article in extract_articles(jobs, rules=rules):
        corpus.catalogue.put_article(article)
        if not (is_able and is_scanned(article)):
            yield article
    if is_able:
        scanned = (_make_job(each, corpus, tell) for each in _list_scanned(references, corpus))
        found = recognise(filter(None, scanned), corpus.ocr_folder, rules)
        for article in found:
            corpus.catalogue.put_article(article)
            yield article


def _list_scanned(references: Iterable[Reference], corpus: Corpus) -> Iterator[Capture]:
    """List the captures that were read as scanned documents or images, and hold no text yet."""
    seen: set[str] = set()
    for capture in _captures(references, corpus.catalogue):
        if "html" in capture.media_type or capture.record_id in seen:
            continue
        seen.add(capture.record_id)
        article = corpus.catalogue.find_article(capture.record_id)
        if article is not None and is_scanned(article):
            yield capture


def _jobs(
    references: Iterable[Reference],
    corpus: Corpus,
    *,
    extractor: str | None,
    tell: Callable[[Message], None],
) -> Iterator[Job]:
    """Read the payloads that `extractor` (None: none) has not read yet."""
    catalogue = corpus.catalogue
    taken: set[str] = set()
    for capture in _captures(references, catalogue):
        is_read = extractor == catalogue.find_extractor(capture.record_id)
        if capture.record_id in taken or is_read:
            continue
        taken.add(capture.record_id)
        job = _make_job(capture, corpus, tell)
        if job is not None:
            yield job
        del job  # nothing is to hold it while the next one is read


def _make_job(capture: Capture, corpus: Corpus, tell: Callable[[Message], None]) -> Job | None:
    """Read the payload of a capture; None where its record can't be read, which `tell` tells."""
    location = corpus.catalogue.find_location(capture.record_id)
    if location is None:
        return None  # the record went with a torn file; the schedule fetches it again
    try:
        held = corpus.archive.read_payload(
            location.filename, location.offset, location.inside, is_damaged=location.is_damaged
        )
    except DamagedRecordError as error:
        # What was read from it before stays, and the page is due.
        corpus.catalogue.mark_damaged(capture.record_id)
        tell(message("error.at", where=capture.url, what=error.said))
        return None
    if held.is_cut:
        tell(message("report.extract.cut", url=capture.url, size=len(held.payload)))
    job = make_job(held, capture.target_uri)
    # What the crawl cut at its own bound is not in the archive: a document is cut all the same,
    # and of a page the capture says so.
    is_document = "html" not in capture.media_type
    return replace(job, is_cut=job.is_cut or (is_document and capture.truncated == "length"))


def make_job(held: Payload, url: str) -> Job:
    """Make the job of reading a payload that was served at a URL."""
    return Job(
        payload=held.payload,
        headers=dict(reversed(held.headers)),  # of repeated fields, the first
        url=url,
        record_id=held.record_id,
        is_cut=held.is_cut,
    )


def _captures(references: Iterable[Reference], catalogue: Catalogue) -> Iterator[Capture]:
    """List the latest capture of each cited text, its mementos, and those that were ever read."""
    for key in dict.fromkeys(urlkey(each.url) for each in references if each.url):
        latest = catalogue.latest_capture(key)
        if latest is not None:
            yield latest
        for capture in catalogue.captures(key):
            if capture.archive or catalogue.find_extractor(capture.record_id):
                yield capture


class IndexSource(Protocol):
    """The documents that an index is made of, which can be made again, and what is kept of them."""

    def __iter__(self) -> Iterator[Document]:
        """Make all of them."""
        ...

    def list_fingerprints(self) -> Iterator[tuple[str, str]]:
        """Give the id and the fingerprint of each, in order."""
        ...

    def select(self, only: Collection[str]) -> Iterator[Document]:
        """Make those of some ids."""
        ...

    def require_files(self) -> None:
        """Raise BibliographyError where what they are made of is not there."""
        ...

    def forget(self) -> None:
        """Remove what is remembered of those that were made before."""
        ...


@dataclass(frozen=True, slots=True)
class CorpusDocuments:
    """The documents to index of a bibliography, made anew each time, and held one at a time."""

    bibliography: Bibliography
    corpus: Corpus
    stamps: Path | None = None  # where fingerprints are remembered (`FingerprintCache`), if so
    folder: Path | None = None  # of the bibliography: where it holds no file, no text is taken out

    def __iter__(self) -> Iterator[Document]:
        """Make all of them."""
        return self.select(None)

    def list_fingerprints(self) -> Iterator[tuple[str, str]]:
        """Give the id and the fingerprint of each, in order.

        Those of which nothing has changed since they were made the last time are not made again:
        neither what the bibliography says of them, nor visits, observations, captures, articles.
        """
        corpus = self.corpus
        catalogue, history = corpus.catalogue, corpus.history
        told = (
            history.list_digests(),
            catalogue.list_visit_digests(),
            catalogue.list_capture_digests(),
        )
        if self.stamps is None or None in told:
            yield from ((each.id, fingerprint(each)) for each in self)
            return
        cache = FingerprintCache(self.stamps, f"{__version__} {RULES}", corpus.now())
        stamps: dict[str, str] = {}
        for key, reference, stamp in list_stamps(self.bibliography):
            url = reference.url if reference is not None else ""
            evidence = [each.get(urlkey(url), "") for each in told if each] if url else ()
            stamps[key] = seal_row(stamp, repr(corpus.decisions.get(url or "")), *evidence)
        known = {key: cache.find(stamp) for key, stamp in stamps.items()}
        made: dict[str, str] = {}
        lasting: dict[str, datetime | None] = {}
        missing = {key for key in stamps if known.get(key) is None}
        for document in self.select(missing, lasting) if missing else ():
            key = document.id
            made[key] = fingerprint(document)
            cache.keep(stamps[key], made[key], lasting.get(key))  # of two with one id the last
        cache.write()
        yield from ((key, known.get(key) or made[key]) for key in stamps)

    def require_files(self) -> None:
        """Refuse a bibliography without a file: a disk that is not there would empty the index."""
        if self.folder is not None and not any(each.is_file() for each in self.folder.rglob("*")):
            raise BibliographyError(
                message("error.bibliography.empty"),
                where=self.folder,
                hint=message("hint.put-files-or-rebuild"),
            )

    def forget(self) -> None:
        """Remove the fingerprints that are remembered."""
        if self.stamps is not None:
            self.stamps.unlink(missing_ok=True)

    def select(
        self,
        only: Collection[str] | None,
        lasting: MutableMapping[str, datetime | None] | None = None,
    ) -> Iterator[Document]:
        """Join references, notes, articles and links into the documents of some ids; None: all.

        `lasting` takes, by id, from when on a link may be another one by itself; None: never.
        """
        corpus = self.corpus
        by_id = {each.id: each for each in self.bibliography.references if each.url}

        # Asked for a reference, then for its article, which is read from it.
        @lru_cache(maxsize=1)
        def find_by_key(key: str) -> Capture | None:
            return find_capture_to_index(key, corpus)

        def find_capture(reference: Reference) -> Capture | None:
            return find_by_key(urlkey(reference.url or ""))

        def find_article(reference: Reference) -> Article | None:
            capture = find_capture(reference)
            return corpus.catalogue.find_article(capture.record_id) if capture else None

        def find_link(reference: Reference) -> LinkHealth | None:
            health, changes_at = find_lasting_health(reference.url or "", corpus)
            if lasting is not None:
                lasting[reference.id] = changes_at
            return health

        return build_documents(
            self.bibliography,
            LazyMapping(by_id, find_article),
            LazyMapping(by_id, find_capture),
            LazyMapping(by_id, find_link),
            only=only,
        )


def list_differences(references: Iterable[Reference], corpus: Corpus) -> Iterator[Problem]:
    """List where the pages that were read contradict the bibliography that cites them."""
    for reference in references:
        key = urlkey(reference.url) if reference.url else ""
        capture = corpus.catalogue.latest_capture(key) if key else None
        article = corpus.catalogue.find_article(capture.record_id) if capture else None
        if article is not None:
            yield from list_contradictions(reference, article)


class LazyMapping(Mapping[str, V]):
    """A mapping that looks each value up when it is asked for, and keeps none of them."""

    def __init__(
        self, references: Mapping[str, Reference], find: Callable[[Reference], V | None]
    ) -> None:
        """Take the keys, and how to find the value of one."""
        self._references = references
        self._find = find

    def __getitem__(self, key: str) -> V:
        """Find the value of a key. Raises KeyError."""
        value = self._find(self._references[key])
        if value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[str]:
        """Give the keys."""
        return (key for key in self._references if key in self)

    def __len__(self) -> int:
        """Count the keys."""
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexUpdate:
    """The outcome of an update of the index: counts of documents, and why it was built anew."""

    added: int
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    why_rebuilt: Message = NOTHING


def index(
    writer: "IndexWriter",
    documents: IndexSource,
    *,
    rebuild: bool = False,
) -> IndexUpdate:
    """Bring the index up to date; where it can't be, or is asked to, build it anew beside.

    What changed is made twice, to be compared and to be written, so that it is never held whole.
    All of it is verified first: an update would carry damage on, and nobody may ever read the
    block that has it.
    """
    if rebuild:
        return _build_index(writer, documents, message("report.rebuilt.as-asked"))
    try:
        writer.check()
        writer.begin(is_anew=False)
    except MissingIndexError:
        return _build_index(writer, documents, message("report.rebuilt.none"))
    except StaleIndexError as error:
        return _build_index(writer, documents, error.what)
    except DamagedIndexError as error:
        return _build_index(
            writer, documents, message("error.at", where=str(error.where), what=error.what)
        )
    try:
        indexed: dict[str, str] = {}
        for page in writer.list_fingerprints():
            indexed |= page
        if indexed:
            documents.require_files()
        changes = compare_ids(indexed, documents.list_fingerprints())
        writer.put(documents.select(changes.added | changes.updated))
        writer.drop(changes.deleted)
        writer.finish(changes.order)
    finally:
        writer.abandon()
    return IndexUpdate(
        added=len(changes.added),
        updated=len(changes.updated),
        deleted=len(changes.deleted),
        unchanged=changes.unchanged,
    )


def _build_index(writer: "IndexWriter", documents: IndexSource, why: Message) -> IndexUpdate:
    """Build an index anew beside what answers, and swap it in.

    It goes by nothing that was before, and leaves nothing of it.
    """
    documents.forget()
    writer.begin(is_anew=True)
    try:
        writer.put(documents)
        return IndexUpdate(added=writer.finish(), why_rebuilt=why)
    finally:
        writer.abandon()
