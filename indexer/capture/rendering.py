"""Capture by a browser the pages that scripts write, and keep what they are then.

Of each page the archive gets every exchange, the page after its scripts (a `conversion` record,
which is read and indexed like any capture), an image and a print of it (`resource` records). A
generator: iterating is the progress, and stopping it stops the run.
"""

from collections.abc import Collection, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from indexer.archive.records import Draft, digest_payload, make_record_id
from indexer.archive.reindex import MADE_BY_FIELD
from indexer.capture.browser import BrowserPage, BrowserPolicy, Chromium
from indexer.capture.collecting import is_due, is_page, read_captured_page
from indexer.capture.parts import PartBounds, PartFetcher, RunMemory
from indexer.corpus import Crawl
from indexer.messages import NOTHING, Message, message
from indexer.model import (
    BY_BROWSER,
    IMAGE_PREFIX,
    PRINT_PREFIX,
    Capture,
    Cause,
    PageKind,
    Reference,
    Visit,
)
from indexer.pagekind.classify import DOUBTFUL_KINDS, classify, is_written_by_scripts
from indexer.pagekind.page import read_markup
from indexer.settings import Settings
from indexer.urls import redact_url, urlkey


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The result of capturing one cited page by a browser, as commands report it."""

    url: str  # as the bibliography writes it
    final_url: str = ""
    characters: int  # of the page's markup after its scripts; 0: nothing came of it
    requests: int
    refused: tuple[tuple[str, int], ...] = ()
    cause: str = ""
    detail: str = ""


def make_policy(settings: Settings) -> BrowserPolicy:
    """Make of the settings how pages are captured."""
    return BrowserPolicy(
        program=settings.browser,
        user_agent=settings.user_agent,
        language=settings.language,
        max_memory=settings.capture_memory,
        hides_banners=settings.capture_hides_banners,
    )


def list_to_render(
    references: Iterable[Reference],
    corpus: Crawl,
    *,
    default: str,
    by_scripts: Collection[str] = (),
    is_marked: bool = False,
) -> list[Capture]:
    """List the captures of pages for a browser: by the settings of their site, else `default`.

    `by_scripts` are the urlkeys of pages that were just captured, and seen to be written by
    scripts. `is_marked`: a person asks for these references, whatever the settings say and was done
    before.
    """
    doubtful = corpus.catalogue.list_read_as(DOUBTFUL_KINDS) | set(by_scripts)
    urls = {urlkey(each.url): each.url for each in references if each.url}
    found = []
    for key, url in urls.items():
        wanted = "marked" if is_marked else corpus.politeness.find_site(url).capture or default
        if wanted == "never" or (wanted == "auto" and key not in doubtful):
            continue
        capture = corpus.catalogue.latest_capture(key, live_only=True)
        if capture is None or not is_page(capture):
            continue
        visits = [each for each in corpus.catalogue.visits(key) if each.archive == BY_BROWSER]
        if not is_marked and not is_due(capture, visits, now=corpus.now()):
            continue
        if wanted != "auto" or key in by_scripts or needs_scripts(capture, corpus):
            found.append(capture)
    return found


def describe_missed(
    references: Iterable[Reference],
    corpus: Crawl,
    settings: Settings,
    *,
    by_scripts: Collection[str] = (),
) -> Message:
    """Say how many pages have no text as no browser captures them; nothing where there are none.

    Only what was read before tells: no page is looked at for that.
    """
    shells = corpus.catalogue.list_read_as((PageKind.SCRIPT_SHELL,)) | set(by_scripts)
    count = 0
    for key, url in {urlkey(each.url): each.url for each in references if each.url}.items():
        wanted = corpus.politeness.find_site(url).capture or settings.capture
        count += wanted == "always" or (wanted == "auto" and key in shells)
    return message("report.unrendered", count=count) if count else NOTHING


def describe_rendered(found: Sequence[Rendered]) -> Message:
    """Say what came of a run in one sentence."""
    read = sum(1 for each in found if each.characters)
    return message("report.rendered", count=len(found), read=read)


def needs_scripts(capture: Capture, corpus: Crawl) -> bool:
    """Tell whether a captured page has its text by scripts or in frames.

    What its last capture was read as says so at once, where that is in no doubt.
    """
    article = corpus.catalogue.find_article(capture.record_id)
    if article is None or article.kind not in DOUBTFUL_KINDS:
        return False
    page = read_markup(read_captured_page(capture, corpus), url=capture.target_uri)
    return is_written_by_scripts(page, classify(page).kind)


def render_all(
    captures: Sequence[Capture], corpus: Crawl, bounds: PartBounds, chromium: Chromium
) -> Generator[Rendered, None, None]:
    """Capture each page by a browser, one after the other, and keep what came of it.

    Raises BrowserError, ArchiveError, CatalogueError.
    """
    memory = RunMemory()
    try:
        for capture in captures:
            yield render(capture, corpus, memory, bounds, chromium)
    finally:
        memory.is_over = True
        corpus.politeness.rate_limiter.interrupt()
        corpus.fetcher.abort()


def render(
    capture: Capture, corpus: Crawl, memory: RunMemory, bounds: PartBounds, chromium: Chromium
) -> Rendered:
    """Capture one page by a browser, and keep what it is after its scripts."""
    began_at = corpus.now()
    fetcher = PartFetcher(corpus, memory, bounds, since=capture.captured_at)
    page = chromium.capture(capture.target_uri, fetcher)
    if corpus.fetcher.holds_secret(page.final_url):  # a script may write what it likes there
        page = replace(page, final_url=capture.target_uri)
    drafts = draft_page(capture, page, at=corpus.now()) if page.markup else []
    corpus.keeper.keep_beside_page(make_visit(capture, page, drafts, began_at), drafts)
    return Rendered(
        url=redact_url(capture.url),
        final_url=redact_url(page.final_url),
        characters=len(page.markup.decode()),
        requests=len(page.parts),
        refused=page.refused,
        cause=page.cause or "",
        detail=page.detail,
    )


def draft_page(capture: Capture, page: BrowserPage, *, at: datetime) -> list[Draft]:
    """Draft the records of what a browser made of a captured page: its text first."""
    text = _draft(
        "conversion",
        page.final_url,
        page.markup,
        at,
        {
            "Content-Type": "text/html; charset=utf-8",
            "WARC-Refers-To": f"<{capture.record_id}>",
            MADE_BY_FIELD: "Chromium",
        },
    )
    beside = {"WARC-Concurrent-To": f"<{text.record_id}>"}
    drafts = [text]
    for prefix, media_type, payload in (
        (IMAGE_PREFIX, "image/jpeg", page.image),
        (PRINT_PREFIX, "application/pdf", page.print),
    ):
        if payload:
            fields = {"Content-Type": media_type, **beside}
            drafts.append(_draft("resource", f"{prefix}{page.final_url}", payload, at, fields))
    return drafts


def _draft(kind: str, uri: str, payload: bytes, at: datetime, fields: dict[str, str]) -> Draft:
    return Draft(
        kind=kind,
        record_id=make_record_id(),
        target_uri=uri,
        date=at,
        fields={**fields, "WARC-Payload-Digest": digest_payload(payload)},
        payload=payload,
    )


def make_visit(
    capture: Capture, page: BrowserPage, drafts: Sequence[Draft], began_at: datetime
) -> Visit:
    """Make the visit that tells of a capture by a browser, and all that it asked for."""
    hops = (hop for part in page.parts for hop in (part.hops or ((part.url, None),)))
    kept = sum(part.is_there for part in page.parts)
    refused = ", ".join(f"{count} {name}" for name, count in page.refused)
    detail = f"{kept} of {len(page.parts)} requests answered; refused: {refused or 'none'}"
    return Visit(
        url=redact_url(capture.url),
        urlkey=capture.urlkey,
        visited_at=began_at,
        outcome="captured" if drafts else "missed",
        cause=None if drafts else page.cause or Cause.BAD_RESPONSE,
        detail=f"{page.detail}; {detail}" if page.detail else detail,
        status=200 if drafts else None,
        final_url=page.final_url,
        hops=tuple(dict.fromkeys(hops)),
        record_id=drafts[0].record_id if drafts else "",
        payload_digest=drafts[0].fields["WARC-Payload-Digest"] if drafts else "",
        archive=BY_BROWSER,
    )
