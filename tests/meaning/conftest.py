"""A small corpus of two languages, indexed, and its vectors."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from indexer.engines import Searcher, build_index, open_searcher
from indexer.engines.nearness import Use
from indexer.meaning.building import MeaningStatus, build
from indexer.meaning.nearest import MeaningIndex
from indexer.model import Document, DocumentKind, Paragraph
from indexer.withdrawals import FILE_NAME, WithdrawalFiles
from tests.meaning.ngrams import NgramEmbedder

BODIES = {
    "coop": (
        "Platform cooperatives",
        "Drivers own the platform that they work for. Each member of the cooperative has a vote. "
        "The income of the application is shared among all of them every month.",
        "en",
    ),
    "fab": (
        "A hackerspace",
        "This workshop is open to residents. Laser cutters and printers are lent there for free.",
        "en",
    ),
    "jardin": (
        "Jardins partagés",
        "Les habitants cultivent des légumes au pied des immeubles. Le compost nourrit la terre.",
        "fr",
    ),
    "velo": (
        "Vélos en libre service",
        "La ville prête des bicyclettes. On rend chaque vélo dans un autre quartier de la ville.",
        "fr",
    ),
    "bureau": (
        "Espaces de travail",
        "Des indépendants louent un bureau à la journée. La coopérative tient aussi le café.",
        "fr",
    ),
}


def make_text(key: str, title: str, body: str, language: str = "fr") -> Document:
    """A cited text, a paragraph a line."""
    return Document(
        id=key,
        kind=DocumentKind.TEXT,
        title=title,
        paragraphs=tuple(Paragraph(text=line) for line in body.split("\n")),
        language=language,
        issued="2015" if language == "fr" else "2014",
    )


def make_texts() -> list[Document]:
    """The texts of BODIES, and others enough for one to stand out."""
    others = (
        make_text(f"autre-{number}", f"Rapport {number}", f"Chiffres divers numéro {number * 37}.")
        for number in range(30)
    )
    return [*(make_text(key, *body) for key, body in BODIES.items()), *others]


class Shelf:
    """An index with vectors beside it, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vectors = folder / "meaning"
        self.withdrawn = folder / FILE_NAME

    def index(self, documents: Iterable[Document]) -> None:
        build_index(self.folder / "index", documents)

    @contextmanager
    def open(self, *uses: Use, embedder: NgramEmbedder | None = None) -> Iterator[Searcher]:
        meaning = MeaningIndex(self.vectors, lambda: embedder or NgramEmbedder(), uses)
        searcher = open_searcher(
            self.folder / "index",
            WithdrawalFiles((self.withdrawn,)),
            meaning=meaning if uses else None,
        )
        with closing(searcher):
            yield searcher

    def build(self, embedder: NgramEmbedder | None = None) -> MeaningStatus:
        with self.open() as searcher:
            return build(
                self.vectors,
                searcher.documents,
                embedder or NgramEmbedder(),
                index_state=searcher.manager.generation,
            )


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """The texts, indexed and embedded."""
    made = Shelf(tmp_path)
    made.index(make_texts())
    made.build()
    return made


@pytest.fixture
def count_embedded() -> Callable[[Shelf], list[str]]:
    """Build, and give the texts that were embedded for that."""

    def count(shelf: Shelf) -> list[str]:
        embedded: list[str] = []
        shelf.build(NgramEmbedder(tell=embedded.extend))
        return embedded

    return count
