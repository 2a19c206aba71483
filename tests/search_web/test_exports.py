"""A long export is sent piece by piece: it is of one state of the index, or cut short."""

from pathlib import Path

import pytest

from indexer.engines import build_index, open_searcher
from indexer.errors import SearchIndexError
from indexer.model import Document, Reference
from search_web import Site, create_app
from search_web.site.state import READ_AT_ONCE
from search_web.wsgi import EXPORTERS
from tests.engines.shelf import text


def make_texts(count: int) -> list[Document]:
    return [
        text(f"t{n}", f"Texte {n}", "Un jardin.", reference=Reference(id=f"t{n}", title=f"T {n}"))
        for n in range(count)
    ]


@pytest.mark.slow
def test_an_index_that_is_swapped_while_an_export_is_sent_cuts_it_short(tmp_path: Path) -> None:
    build_index(tmp_path, make_texts(READ_AT_ONCE + 1))
    searcher = open_searcher(tmp_path)
    client = create_app(searcher, Site(exporters=EXPORTERS)).test_client()
    whole = client.get("/recherche.bib?q=jardin").text
    assert whole.count("@") == READ_AT_ONCE + 1

    sent = client.get("/recherche.bib?q=jardin", buffered=False)
    pieces = iter(sent.response)
    assert next(pieces)
    build_index(tmp_path, make_texts(READ_AT_ONCE * 5))
    assert sum(1 for _ in pieces) >= READ_AT_ONCE  # what was found before is of one state
    sent.close()
    longer = client.get("/recherche.bib?q=jardin", buffered=False)
    pieces = iter(longer.response)
    next(pieces)
    build_index(tmp_path, make_texts(READ_AT_ONCE + 1))
    with pytest.raises(SearchIndexError, match="the index has changed"):
        list(pieces)
    searcher.close()
