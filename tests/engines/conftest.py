"""What the tests of the engine share."""

from collections.abc import Iterator

import pytest

from indexer.engines import Searcher
from tests.engines.shelf import opened


@pytest.fixture(scope="module")
def searcher(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Searcher]:
    """A searcher over the texts that a module of tests lists in SHELF."""
    with opened(tmp_path_factory.mktemp("index"), *request.module.SHELF) as searcher:
        yield searcher
