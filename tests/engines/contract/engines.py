"""The engines that must pass, and how a test makes an index with one, changes it and asks it."""

import os
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from indexer.engines import open_writer
from indexer.engines.embedded.engine import EmbeddedEngine, EmbeddedIndex
from indexer.engines.opensearch.client import Cluster, ClusterOptions
from indexer.engines.opensearch.engine import OpenSearchIndex
from indexer.engines.opensearch.writer import OpenSearchWriter
from indexer.engines.planning.plan import Plan, Term
from indexer.engines.protocol import (
    EngineManager,
    IndexWriter,
    Lexicon,
    NearWord,
    SearchEngine,
    WordsLike,
    WordsNear,
)
from indexer.engines.searcher import Searcher
from indexer.model import Document
from indexer.search.synonyms import NO_SYNONYM_FILE, SynonymFile
from indexer.withdrawals import NO_WITHDRAWALS, WithdrawalFiles

NODE = os.environ.get("TEST_CLUSTER", "")  # the address of a node of OpenSearch


class MadeIndex(ABC):
    """An index that a test makes; `folder` is its own, and of no interest to the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened: list[EngineManager] = []

    @abstractmethod
    def open_writer(self) -> IndexWriter:
        """Give what writes the index."""

    @abstractmethod
    def open_manager(self, withdrawals: WithdrawalFiles = NO_WITHDRAWALS) -> EngineManager:
        """Give what opens the index for reading."""

    def build(self, documents: Iterable[Document]) -> int:
        """Index documents anew; gives how many."""
        writer = self.open_writer()
        writer.begin(is_anew=True)
        writer.put(documents)
        return writer.finish()

    def update(
        self,
        put: Sequence[Document] = (),
        dropped: Sequence[str] = (),
        *,
        order: Sequence[str] = (),
    ) -> None:
        """Change the index."""
        writer = self.open_writer()
        writer.begin(is_anew=False)
        writer.put(put)
        writer.drop(dropped)
        writer.finish(order)

    def read_fingerprints(self) -> dict[str, str]:
        """What the index holds, id -> fingerprint."""
        writer = self.open_writer()
        writer.begin(is_anew=False)
        try:
            pages = list(writer.list_fingerprints())
        finally:
            writer.abandon()
        return {key: mark for page in pages for key, mark in page.items()}

    def acquire(self, withdrawals: WithdrawalFiles = NO_WITHDRAWALS) -> SearchEngine:
        """Open an engine, closed when the test is done."""
        self.opened.append(self.open_manager(withdrawals))
        return self.opened[-1].acquire()

    def open(
        self,
        withdrawals: WithdrawalFiles = NO_WITHDRAWALS,
        synonyms: SynonymFile = NO_SYNONYM_FILE,
    ) -> Searcher:
        """Open a searcher, closed when the test is done."""
        self.opened.append(self.open_manager(withdrawals))
        searcher = Searcher(self.opened[-1], synonyms)
        searcher.open()
        return searcher

    def close(self) -> None:
        """Let everything go."""
        for manager in self.opened:
            manager.close()


class Embedded(MadeIndex):
    """Whoosh and its arrays, in this process."""

    def open_writer(self) -> IndexWriter:
        return open_writer(self.folder)

    def open_manager(self, withdrawals: WithdrawalFiles = NO_WITHDRAWALS) -> EngineManager:
        return EmbeddedIndex(self.folder, withdrawals)


class InRounds(Embedded):
    """The same, asked for words in rounds, as an engine that is elsewhere."""

    def open_manager(self, withdrawals: WithdrawalFiles = NO_WITHDRAWALS) -> EngineManager:
        return _IndexElsewhere(self.folder, withdrawals)


class _IndexElsewhere(EmbeddedIndex):
    def acquire(self) -> EmbeddedEngine:
        engine = super().acquire()
        if not engine.lexicon.is_remote:
            engine.lexicon = LexiconElsewhere(engine.lexicon)
        return engine


class LexiconElsewhere:
    """A lexicon that counts how often it is asked, and how much."""

    is_remote = True

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self.asked: list[tuple[str, int]] = []  # kind, how many at once

    def read_form(self, form: str) -> None:
        raise AssertionError(f"{form} was asked of an engine that is elsewhere")

    def count(self, terms: Sequence[Term]) -> Sequence[int]:
        self.asked.append(("count", len(terms)))
        return self._lexicon.count(terms)

    def count_found(self, plans: Sequence[Plan]) -> Sequence[int]:
        self.asked.append(("count_found", len(plans)))
        return self._lexicon.count_found(plans)

    def list_near(self, words: Sequence[WordsNear]) -> Sequence[Sequence[NearWord]]:
        self.asked.append(("list_near", len(words)))
        return self._lexicon.list_near(words)

    def list_fitting(self, patterns: Sequence[WordsLike]) -> Sequence[Sequence[str]]:
        self.asked.append(("list_fitting", len(patterns)))
        return self._lexicon.list_fitting(patterns)

    def list_starting(self, prefixes: Sequence[WordsLike]) -> Sequence[Sequence[tuple[str, int]]]:
        self.asked.append(("list_starting", len(prefixes)))
        return self._lexicon.list_starting(prefixes)

    def list_values(self, facets: Sequence[str]) -> Sequence[Sequence[str]]:
        self.asked.append(("list_values", len(facets)))
        return self._lexicon.list_values(facets)


class OnCluster(MadeIndex):
    """A real node of OpenSearch, whose address TEST_CLUSTER says; on one shard."""

    shards = 1

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        prefix = f"test-{uuid.uuid4().hex[:12]}"
        self.options = ClusterOptions(hosts=(NODE,), prefix=prefix, shards=self.shards)

    def open_writer(self) -> IndexWriter:
        return OpenSearchWriter(self.options)

    def open_manager(self, withdrawals: WithdrawalFiles = NO_WITHDRAWALS) -> EngineManager:
        return OpenSearchIndex(self.options, withdrawals)

    def close(self) -> None:
        super().close()
        cluster = Cluster(self.options)
        cluster.drop(*(index.name for index in cluster.describe(f"{self.options.prefix}-*")))
        cluster.close()


class OnThreeShards(OnCluster):
    """The same, its texts on three shards."""

    shards = 3


_ON_CLUSTER: Mapping[str, type[MadeIndex]] = {
    "opensearch": OnCluster,
    "three shards": OnThreeShards,
}
# Where no node is there, `tests/engines/opensearch/test_on_node.py` says so, once.
ENGINES: Mapping[str, type[MadeIndex]] = {
    "embedded": Embedded,
    "in rounds": InRounds,
    **(_ON_CLUSTER if NODE else {}),
}
