"""Read an article out of a payload, whatever the payload is, and name the extractor that did.

A person raises EXTRACT_VERSION when results change; tests/extract/test_golden_results.py fails
when they change and the number did not (docs/decisions/0070-versions-raised-by-hand.md).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from importlib import metadata
from typing import TYPE_CHECKING, Final

from indexer.extract.payload import PayloadKind, find_header, open_mhtml, sniff_payload
from indexer.messages import Message, message
from indexer.model import Article, PageKind, Paragraph

if TYPE_CHECKING:
    from indexer.extract.site_rules import SiteRules

# 2: why a page is no article is a message; 3: a zero-width space is a space;
# 4: of a page so many tags are read, of a long text its beginning; 5: pagekind says;
# 6: comments are parted by shape, articles known by one column, bylines and dates by the page;
# 7: standfirsts, notes and lines among the paragraphs; 8: refrains, PDF dated by the crawl;
# 9: comments of pages whose wrapper is named like a menu
# 10: titles told from the names of sites; bylines, dates and lists that readers leave out
# 11: site rules are followed first
# 12: MHTML
# 13: notes and text boxes of office files, books with a hole; noise is no page
# 14: more classes of captions, lines of rights and gifts; 15: bylines of one word
# 19: large pages lose their weight before they are decoded; office files in a stream
# 20: posts of forums, bylines; what Next.js pushes
# 22: who is named where a page is cited, dated or signed; laws dated by their title; lists that end
# a text; titles in large letters
# 21: who asked the questions, names told below a text; cards are no column
EXTRACT_VERSION: Final = 22

# Each of them decides of a text, a date, a language or an encoding.
LIBRARIES: Final = (
    "trafilatura",
    "htmldate",
    "lxml",
    "beautifulsoup4",
    "readability-lxml",
    "resiliparse",
    "py3langid",
    "charset-normalizer",
    "ftfy",
    "pypdfium2",
)


def render_fingerprint(version: int, releases: dict[str, str]) -> str:
    """Render the version of the extractor and a digest of its libraries' releases: "1-0a1b2c3d".

    `releases`: the name of each library and its release.
    """
    told = "".join(f"{name}={releases[name]}\0" for name in sorted(releases))
    return f"{version}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


FINGERPRINT: Final = render_fingerprint(
    EXTRACT_VERSION, {library: metadata.version(library) for library in LIBRARIES}
)


SCANNED: Final = frozenset({"evidence.scanned", "evidence.scanned-in-part", "evidence.image"})
# What holds no article, and what is said of it.
REFUSED: Final = {
    PayloadKind.EMPTY: (PageKind.NO_TEXT, message("evidence.empty")),
    PayloadKind.IMAGE: (PageKind.NO_TEXT, message("evidence.image")),
    PayloadKind.FEED: (PageKind.LISTING, message("evidence.feed")),
    PayloadKind.OTHER: (PageKind.UNREADABLE, message("evidence.other")),
}
# Characters: a book of a thousand pages has two million. To index one costs 45 bytes a character.
MAX_TEXT: Final = 3_000_000


def extract_article(
    payload: bytes,
    *,
    headers: Mapping[str, str],
    url: str,
    record_id: str,
    rules: "SiteRules | None" = None,
    is_recognised: bool = False,
) -> Article:
    """Give the article that a reader would read in a payload; no network, no clock.

    `payload` is decoded of its content codings; `headers` are those of its response, whatever
    their case; `url` is the target URI; `record_id` that of the capture; `rules` those of sites
    (None: ours). `is_recognised`: the text of scanned pages and images is recognised (OCR), which
    takes seconds a page. A payload that holds no
    article gives one without paragraphs, or with those of the shell, and its `kind` and
    `evidence` (a message) say why.

    A hostile payload can take long, or much memory: `indexer.extract.workers` bounds both.
    """
    from indexer.extract.site_rules import BUILT_IN

    found = rules or BUILT_IN
    article = _read_payload(payload, headers=headers, url=url, record_id=record_id, rules=found)
    if is_recognised and is_scanned(article):
        from indexer.extract.document import recognise_article

        article = recognise_article(payload, article)
    return found.sign(article)


def is_scanned(article: Article) -> bool:
    """Say whether an article, or a part of it, was not read because it is scanned, or an image."""
    return article.evidence.key in SCANNED


def _read_payload(
    payload: bytes, *, headers: Mapping[str, str], url: str, record_id: str, rules: "SiteRules"
) -> Article:
    # The libraries that read pages and documents take a second to import: who reads pays for them,
    # not every command that could (`indexer.extract.workers` reads in other processes).
    from indexer.extract.document import read_office_article, read_pdf_article, read_text_article
    from indexer.extract.page import read_page_article

    content_type = find_header(headers, "content-type")
    kind = sniff_payload(payload, content_type=content_type)
    if kind is PayloadKind.MHTML:
        payload, headers = open_mhtml(payload)
        if not payload:
            return refuse(record_id, PageKind.NO_TEXT, message("evidence.no-text"))
        kind = PayloadKind.HTML
    if kind in REFUSED:
        return refuse(record_id, *REFUSED[kind])
    match kind:
        case PayloadKind.HTML:
            return read_page_article(
                payload, headers=headers, url=url, record_id=record_id, rules=rules
            )
        case PayloadKind.PDF:
            return read_pdf_article(payload, headers=headers, record_id=record_id)
        case PayloadKind.TEXT:
            return read_text_article(payload, content_type=content_type, record_id=record_id)
        case _:
            return read_office_article(payload, kind, record_id=record_id)


def say_cut(article: Article, length: int) -> Article:
    """Add to what is told of an article that only the first `length` bytes were read for it.

    A document whose end is missing can't be read, and is not damaged where it stands.
    """
    megabytes = max(1, length // 1_000_000)
    if article.kind is PageKind.UNREADABLE and article.evidence.key != "evidence.other":
        return replace(article, evidence=message("evidence.too-large-payload", megabytes=megabytes))
    return add_evidence(article, message("evidence.cut-payload", megabytes=megabytes))


def say_cut_text(article: Article) -> Article:
    """Add to what is told of an article that only its first MAX_TEXT characters are kept."""
    return add_evidence(article, message("evidence.cut-text", count=MAX_TEXT // 1_000_000))


def bound_text(article: Article) -> Article:
    """Keep the first MAX_TEXT characters of an article, whole paragraphs; say so where more are.

    Whoever reads the articles of a corpus has several of them in memory.
    """
    room = MAX_TEXT
    kept: list[Paragraph] = []
    for paragraph in article.paragraphs:
        if len(paragraph.text) > room:
            if not kept:
                kept.append(replace(paragraph, text=paragraph.text[:room]))
            return say_cut_text(replace(article, paragraphs=tuple(kept)))
        room -= len(paragraph.text)
        kept.append(paragraph)
    return article


def add_evidence(article: Article, said: Message) -> Article:
    """Say something of an article before what is said of it already."""
    both = message("evidence.both", first=said, second=article.evidence)
    return replace(article, evidence=both if article.evidence else said)


def refuse(record_id: str, kind: PageKind, evidence: Message) -> Article:
    """Make an article without text; `evidence` says why."""
    return Article(record_id=record_id, kind=kind, evidence=evidence, extractor=FINGERPRINT)
