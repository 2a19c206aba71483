"""A bibliography that is edited, indexed after each edit, and shown by the real pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask.testing import FlaskClient

from indexer import pipeline
from indexer.corpus import open_corpus, read_shown
from indexer.settings import Settings
from indexer.wiring import open_writer
from search_web.wsgi import close_app, open_app


def index(corpus: Path) -> None:
    """Do what `renvois index` does, without the lexicon's progress and another process."""
    settings = Settings(corpus=corpus)
    shown = read_shown(settings, is_kept=True)
    with open_corpus(settings, shown.everything.references) as opened:
        documents = pipeline.CorpusDocuments(shown.bibliography, opened)
        pipeline.index(open_writer(settings), documents)


@contextmanager
def open_site(corpus: Path) -> Iterator[FlaskClient]:
    """Open the pages of a corpus."""
    app = open_app(Settings(corpus=corpus))
    try:
        yield app.test_client()
    finally:
        close_app(app)


def list_texts(client: FlaskClient) -> dict[str, str]:
    """The title of each text that is shown, by its id."""
    hits = client.get("/api/v1/search?q=le%20OU%20texte%20OU%20*&page_size=50").get_json()["hits"]
    return {hit["id"]: hit["title"] for hit in hits if hit["kind"] == "text"}
