"""Every test of the contract, once for each engine."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from indexer.engines import Searcher
from indexer.model import Document
from tests.engines.contract.engines import ENGINES, MadeIndex

Make = Callable[[], MadeIndex]
Opened = Callable[..., AbstractContextManager[Searcher]]


@pytest.fixture(scope="module", params=list(ENGINES))
def make_index(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Make]:
    """Makes an index that is empty yet."""
    made: list[MadeIndex] = []

    def make() -> MadeIndex:
        made.append(ENGINES[request.param](tmp_path_factory.mktemp("index")))
        return made[-1]

    yield make
    for index in made:
        index.close()


@pytest.fixture
def index(make_index: Make) -> MadeIndex:
    """An index that is empty yet."""
    return make_index()


@pytest.fixture(scope="module")
def searcher(request: pytest.FixtureRequest, make_index: Make) -> Searcher:
    """A searcher over the texts that a module of tests lists in SHELF."""
    index = make_index()
    index.build(request.module.SHELF)
    return index.open()


@pytest.fixture
def opened(index: MadeIndex) -> Opened:
    """Opens a searcher over some documents."""

    @contextmanager
    def open_over(*documents: Document) -> Iterator[Searcher]:
        index.build(documents)
        yield index.open()
        index.close()

    return open_over
