"""A corpus of ready articles: the files, the history of the links and the index; no crawl."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from indexer.archive import open_catalogue
from indexer.bibliography import read_bibliography
from indexer.engines import build_index
from indexer.index import build_documents
from indexer.links import judge_link
from indexer.links.history import open_history
from indexer.model import (
    Article,
    Bibliography,
    Capture,
    Cause,
    Document,
    LinkHealth,
    Observation,
    PageKind,
    Paragraph,
    Redirect,
)
from indexer.urls import urlkey
from tests.library.files import write_files
from tests.library.sites import move_url
from tests.library.texts import Shelf, Text, make_shelf

START: Final = datetime(2026, 1, 1, 9, tzinfo=UTC)
VISITS: Final = (0, 30, 60, 90, 120)  # days
LAST_DAY: Final = 121
_SEEN: Final[dict[str, dict[str, Any]]] = {
    "page": {"status": 200, "has_page": True, "similarity": 1.0, "kept": 1.0, "known": 1.0},
    "forbidden": {"status": 403, "cause": Cause.BLOCKED},
    "error": {"status": 500, "cause": Cause.SERVER_ERROR},
    "missing": {"status": 404, "cause": Cause.NOT_FOUND},
    "gone": {"status": 410, "cause": Cause.GONE},
}
# One text in so many has a page that is no whole article.
_KINDS: Final = {17: PageKind.PAYWALL, 29: PageKind.CONSENT, 43: PageKind.STUB}


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What was made up, how it was read, and what was indexed of it."""

    folder: Path  # of a corpus: bibliography/, catalogue.sqlite, index/
    shelf: Shelf
    bibliography: Bibliography
    documents: tuple[Document, ...]

    @property
    def index(self) -> Path:
        """The folder of the index."""
        return self.folder / "index"


def on_day(day: float) -> datetime:
    """The time on a day of the library's clock."""
    return START + timedelta(days=day)


def observe(text: Text, *, until: int = LAST_DAY) -> Iterator[Observation]:
    """Yield what each visit saw of a text, up to a day."""
    for day in VISITS:
        behaviour = text.behaviour(day)
        if day > until or not behaviour:
            continue
        if behaviour == "moved":
            there = move_url(text.url)
            seen = _SEEN["page"] | {
                "final_url": there,
                "redirects": (Redirect(target_uri=there, is_permanent=True),),
            }
        else:
            seen = _SEEN[behaviour] | {"final_url": text.url}
        if day == VISITS[0]:  # nothing to compare the first page with
            seen = {**seen, "similarity": None, "kept": None, "known": None}
        yield Observation(url=text.url, observed_at=on_day(day), **seen)


def make_article(text: Text) -> Article:
    """What extraction would read of the page of a text."""
    return Article(
        record_id=_record_id(text),
        paragraphs=tuple(Paragraph(text=words) for words in text.paragraphs()),
        title=text.title,
        author=tuple(one.display for one in text.author),
        issued=text.issued,
        site_name=text.site.name if text.site else "",
        language=text.language,
        kind=next((kind for n, kind in _KINDS.items() if text.number % n == 1), PageKind.ARTICLE),
    )


def make_capture(text: Text) -> Capture:
    """What the archive would hold of that page."""
    return Capture(
        record_id=_record_id(text),
        url=text.url,
        urlkey=urlkey(text.url),
        target_uri=text.url,
        captured_at=on_day(0),
        status=200,
        media_type="text/html",
        payload_digest="",
        length=10_000,
    )


def _record_id(text: Text) -> str:
    return f"<urn:uuid:00000000-0000-4000-8000-{text.number:012}>"


def make_documents(
    shelf: Shelf, bibliography: Bibliography, *, day: int = LAST_DAY
) -> Iterator[Document]:
    """Join what the files say, the texts and their links as they are on a day."""
    by_url = shelf.by_url
    seen = {
        reference.id: text
        for reference in bibliography.references
        if (text := by_url.get(reference.url or "")) is not None and text.behaviour(day)
    }
    links: dict[str, LinkHealth] = {
        key: judge_link(list(observe(text, until=day)), now=on_day(day))
        for key, text in seen.items()
    }
    articles = {key: make_article(text) for key, text in seen.items()}
    captures = {key: make_capture(text) for key, text in seen.items()}
    return build_documents(bibliography, articles, captures, links)


def write_corpus(folder: Path, *, texts: int = 2000) -> Library:
    """Write the files, the history and the index into `folder`, and give what they hold."""
    shelf = make_shelf(texts)
    write_files(shelf, folder / "bibliography")
    with (
        open_catalogue(folder / "catalogue.sqlite"),
        closing(open_history(folder / "catalogue.sqlite")) as history,
    ):
        for text in shelf.texts:
            for observation in observe(text):
                history.record(observation)
    library = build_library(folder, shelf)
    build_index(library.index, library.documents)
    return library


def build_library(folder: Path, shelf: Shelf) -> Library:
    """Read the files that `write_corpus` wrote, and make the documents again from them."""
    bibliography = read_bibliography(folder / "bibliography")
    documents: Sequence[Document] = tuple(make_documents(shelf, bibliography))
    return Library(
        folder=folder, shelf=shelf, bibliography=bibliography, documents=tuple(documents)
    )
