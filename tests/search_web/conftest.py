"""The bibliography of the tests, the stand-in pages extracted, a real index, the real pages.

The stand-ins were written for the tests, and their links' states are made up: one of each.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from indexer.bibliography import read_bibliography
from indexer.engines import Searcher, build_index, open_searcher
from indexer.extract import extract_article
from indexer.index import build_documents
from indexer.messages import NOTHING, message
from indexer.model import (
    Capture,
    CitingNote,
    Document,
    DocumentKind,
    LinkHealth,
    LinkState,
    Name,
    Paragraph,
    Reference,
)
from search_web import Site, create_app
from search_web.wsgi import CITATION_STYLES, EXPORTERS
from tests import BIBLIOGRAPHY
from tests.replay.pages import read_pages

VISITED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
REASONS = {
    LinkState.ALIVE: message("link.reason.plain", clause=message("link.page.answers")),
    LinkState.DEAD: message("link.reason.plain", clause=message("link.answer.404")),
}


def make_documents() -> list[Document]:
    """What is known of each text and note of that bibliography, pages included."""
    bibliography = read_bibliography(BIBLIOGRAPHY)
    pages = read_pages()
    articles, captures, links = {}, {}, {}
    states = iter(state for state in LinkState if state is not LinkState.UNKNOWN)
    for reference in bibliography.references:
        page = pages.get(reference.url or "")
        if page is None:
            continue
        record_id = f"<urn:test:{reference.id}>"
        articles[reference.id] = extract_article(
            page.payload, headers=page.headers, url=page.url, record_id=record_id
        )
        captures[reference.id] = Capture(
            record_id=record_id,
            url=page.url,
            urlkey=page.url,
            target_uri=page.url,
            captured_at=VISITED_AT,
            status=200,
            media_type="text/html",
            payload_digest="",
            length=len(page.payload),
        )
        state = next(states)
        links[reference.id] = LinkHealth(
            state=state, reason=REASONS.get(state, NOTHING), checked_at=VISITED_AT
        )
    return list(build_documents(bibliography, articles, captures, links))


@pytest.fixture(scope="session")
def documents() -> list[Document]:
    return make_documents()


@pytest.fixture(scope="session")
def index(documents: list[Document], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "index"
    build_index(folder, documents)
    return folder


@pytest.fixture(scope="session")
def searcher(index: Path) -> Iterator[Searcher]:
    searcher = open_searcher(index)
    yield searcher
    searcher.close()


SITE = Site(base_url="https://renvois.example", exporters=EXPORTERS, styles=CITATION_STYLES)


@pytest.fixture(scope="session")
def client(searcher: Searcher) -> FlaskClient:
    """A reader on the machine itself, to whom whole texts are shown."""
    return create_app(searcher, replace(SITE, show_archived="full")).test_client()


@pytest.fixture(scope="session")
def public(searcher: Searcher) -> FlaskClient:
    """A reader from elsewhere, to whom extracts are shown."""
    return create_app(searcher, SITE).test_client()


@pytest.fixture(scope="session")
def read(client: FlaskClient) -> Callable[[str], BeautifulSoup]:
    """Read a page that has to be there."""

    def read(path: str) -> BeautifulSoup:
        answer = client.get(path)
        assert answer.status_code == 200, path
        return BeautifulSoup(answer.get_data(as_text=True), "lxml")

    return read


def said(element: object) -> str:
    """The words of an element on one line, with ordinary spaces."""
    return " ".join(element.get_text(" ").split())  # type: ignore[attr-defined]


@pytest.fixture
def site_of(tmp_path: Path) -> Iterator[Callable[..., FlaskClient]]:
    """Make a site of one text and one note that hold nothing but the words given."""
    opened: list[Searcher] = []

    def make(words: str, url: str = "") -> FlaskClient:
        note = CitingNote(id="note-mal", text=words, section=(words,))
        document = Document(
            id="mal",
            kind=DocumentKind.TEXT,
            title=words,
            author=words,
            container_title=words,
            url=url or "http://exemple.fr/" + words,
            site=words,
            section=(words,),
            paragraphs=(Paragraph(text=words), Paragraph(text=words, kind=words)),
            notes=(note,),
            reference=Reference(
                id="mal", title=words, author=(Name(literal=words),), publisher=words
            ),
            captured_at=VISITED_AT,
            link=LinkHealth(
                state=LinkState.DEAD,
                reason=message("link.page.moved", address=words),
                checked_at=VISITED_AT,
            ),
        )
        build_index(tmp_path / "index", [document])
        opened.append(open_searcher(tmp_path / "index"))
        return create_app(opened[-1], replace(SITE, show_archived="full")).test_client()

    yield make
    for searcher in opened:
        searcher.close()
