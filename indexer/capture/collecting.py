"""Collect what pages need to be shown again: several pages at once, one polite request a host.

A generator: iterating is the progress, and stopping it stops the run. What a page needs is
collected once a capture; what was left or failed for a while is tried again after a week.
"""

import itertools
from collections import defaultdict, deque
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from indexer.capture.parts import PagePart, PartBounds, PartFetcher, RunMemory
from indexer.capture.requisites import (
    Requisite,
    RequisiteKind,
    list_of_page,
    list_of_style,
)
from indexer.corpus import Crawl
from indexer.crawl.schedule import RETRIED_CAUSES
from indexer.crawl.thread_pool import ThreadPool
from indexer.errors import DamagedRecordError
from indexer.extract.payload import decode_markup
from indexer.heads import find_field
from indexer.messages import Message, message
from indexer.model import REQUISITES, Capture, Cause, Reference, Visit
from indexer.urls import host, redact_url, urlkey

HELD_FOR: Final = timedelta(days=1)  # what was captured within it is not asked again
AGAIN_AFTER: Final = timedelta(days=7)
MAX_DEPTH: Final = 4  # of frames in frames and styles in styles
MAX_READ: Final = 8 * 2**20  # bytes of a page that are looked through
# What may be there the next time: its page is not done with.
PASSING_STATUSES: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
PASSING_CAUSES: Final = RETRIED_CAUSES | {Cause.ROBOTS_UNREACHABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The result of fetching the images, styles and other requisites of a page; counts of URLs."""

    url: str  # of the page, as the bibliography writes it
    kept: int
    held: int  # in the archive already, they or their bytes
    missing: tuple[tuple[str, str], ...] = ()  # an address, and why: a status or a cause
    left: int  # beyond a bound, or their host rests
    bytes: int
    media: int = 0  # films and sounds that were not asked for

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is left to be asked for."""
        return not self.left


def list_to_collect(
    references: Iterable[Reference], corpus: Crawl, *, is_default: bool
) -> list[Capture]:
    """List the captures whose requisites are wanted and not collected yet, hosts in turn.

    `is_default`: they are wanted of all sites but those whose settings say otherwise.
    """
    by_host: dict[str, list[Capture]] = defaultdict(list)
    urls = {urlkey(each.url): each.url for each in references if each.url}
    for key, url in urls.items():
        wanted = corpus.politeness.find_site(url).requisites
        if not (is_default if wanted is None else wanted):
            continue
        capture = corpus.catalogue.latest_capture(key, live_only=True)
        if capture is None or not is_page(capture):
            continue
        visits = [each for each in corpus.catalogue.visits(key) if each.archive == REQUISITES]
        if is_due(capture, visits, now=corpus.now()):
            by_host[host(capture.target_uri)].append(capture)
    turns = itertools.zip_longest(*by_host.values())
    return [capture for turn in turns for capture in turn if capture is not None]


def is_due(capture: Capture, visits: Sequence[Visit], *, now: datetime) -> bool:
    """Tell whether what a capture needs is to be collected; `visits` are those that did."""
    since = [each for each in visits if each.visited_at >= capture.captured_at]
    if not since:
        return True
    last = since[-1]
    return last.outcome == "missed" and now - last.visited_at >= AGAIN_AFTER


def is_page(capture: Capture) -> bool:
    """Tell whether a capture is of a page of markup."""
    return capture.status == 200 and (not capture.media_type or "html" in capture.media_type)


def collect_all(
    captures: Sequence[Capture], corpus: Crawl, bounds: PartBounds
) -> Generator[Collected, None, None]:
    """Collect what each captured page needs, and keep it; yield what came of each page."""
    memory = RunMemory()

    def work(capture: Capture) -> Collected:
        return collect(capture, corpus, memory, bounds)

    pool: ThreadPool[Capture, Collected] = ThreadPool(corpus.policy.workers, work)
    waiting = iter(captures)
    try:
        for capture in itertools.islice(waiting, corpus.policy.workers):
            pool.submit(capture)
        while pool.busy:
            done = pool.next_result(None)
            assert done is not None
            for capture in itertools.islice(waiting, 1):
                pool.submit(capture)
            yield done[1]
    finally:
        memory.is_over = True
        if pool.busy:
            corpus.politeness.rate_limiter.interrupt()
            corpus.fetcher.abort()
        pool.close()


def collect(capture: Capture, corpus: Crawl, memory: RunMemory, bounds: PartBounds) -> Collected:
    """Collect what one captured page needs, what its frames and its styles need too."""
    started_at = corpus.now()
    since = min(capture.captured_at, started_at - HELD_FOR)
    fetcher = PartFetcher(corpus, memory, bounds, since=since)
    markup = read_captured_page(capture, corpus)
    waiting = deque((each, 1) for each in list_of_page(markup, capture.target_uri))
    seen = {each.url for each, _ in waiting} | {capture.target_uri}
    parts: list[PagePart] = []
    media = 0
    while waiting:
        wanted, depth = waiting.popleft()
        is_media = wanted.kind is RequisiteKind.MEDIA
        if is_media and not fetcher.takes_media:
            media += 1
            continue
        part = fetcher.fetch(wanted.url, is_media=is_media)
        parts.append(part)
        for more in _list_next(wanted.kind, part) if depth < MAX_DEPTH else ():
            if more.url not in seen:
                seen.add(more.url)
                waiting.append((more, depth + 1))
    done = replace(_sum_up(capture.url, parts, fetcher.bytes), media=media)
    corpus.keeper.keep_beside_page(_make_visit(capture, started_at, parts, done))
    return done


def describe_collected(found: Sequence[Collected]) -> Message:
    """Say what came of a run in one sentence.

    >>> from indexer.messages import open_translator
    >>> done = Collected(url="https://a.test/", kept=3, held=1, left=2, bytes=9)
    >>> open_translator("en")(describe_collected([done]))
    'What 1 page needs: 3 kept, 1 held already, 0 missing, 2 left for another run.'
    """
    media = sum(each.media for each in found)
    told = message(
        "report.collected.pages",
        count=len(found),
        kept=sum(each.kept for each in found),
        held=sum(each.held for each in found),
        missing=sum(len(each.missing) for each in found),
        left=sum(each.left for each in found),
    )
    if not media:
        return told
    return message("report.collected.with-media", told=told, count=media)


def read_captured_page(capture: Capture, corpus: Crawl) -> str:
    """Read the markup of a captured page; "" for one whose record is damaged: it is due then."""
    location = corpus.catalogue.find_location(capture.record_id)
    if location is None:
        return ""
    try:
        read = corpus.archive.read_payload(
            location.filename, location.offset, location.inside, max_bytes=MAX_READ
        )
    except DamagedRecordError:
        corpus.catalogue.mark_damaged(capture.record_id)
        return ""
    content_type = find_field(read.headers, "Content-Type")
    return decode_markup(read.payload, content_type=content_type)[0]


def _list_next(kind: RequisiteKind, part: PagePart) -> list[Requisite]:
    """List what a style or a frame needs."""
    if not part.is_there or kind in (RequisiteKind.OTHER, RequisiteKind.MEDIA):
        return []
    content_type = find_field(part.headers, "Content-Type")
    if kind is RequisiteKind.STYLE:
        return list_of_style(part.payload.decode("utf-8", "replace"), part.final_url)
    if "html" not in content_type.lower():
        return []
    markup, _ = decode_markup(part.payload[:MAX_READ], content_type=content_type)
    return list_of_page(markup, part.final_url)


def _sum_up(url: str, parts: Iterable[PagePart], octets: int) -> Collected:
    kept = held = left = 0
    missing: list[tuple[str, str]] = []
    for part in parts:
        is_passing = part.status in PASSING_STATUSES or part.cause in PASSING_CAUSES
        if part.is_left or is_passing:
            left += 1
        elif part.is_there:
            held += part.is_held
            kept += not part.is_held
        else:
            missing.append((redact_url(part.url), _explain(part)))
    return Collected(
        url=redact_url(url), kept=kept, held=held, missing=tuple(missing), left=left, bytes=octets
    )


def _explain(part: PagePart) -> str:
    """Say why a part is not there: a status that is an error, else a cause."""
    is_error = part.status is not None and part.status >= 400
    return str(part.status if is_error or part.cause is None else part.cause)


def _make_visit(
    capture: Capture, started_at: datetime, parts: Iterable[PagePart], done: Collected
) -> Visit:
    """Make the visit that tells what a page needs: from it a purge knows what goes with a page."""
    detail = f"{done.kept} kept, {done.held} held, {len(done.missing)} missing, {done.left} left"
    if done.media:
        detail += f", {done.media} films and sounds not asked for"
    return Visit(
        url=redact_url(capture.url),
        urlkey=capture.urlkey,
        visited_at=started_at,
        outcome="captured" if done.is_whole else "missed",
        cause=None if done.is_whole else Cause.DEADLINE,
        detail=detail,
        final_url=capture.target_uri,
        hops=tuple(hop for part in parts for hop in (part.hops or ((part.url, None),))),
        archive=REQUISITES,
    )
