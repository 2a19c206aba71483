"""A real embedder that needs no extra: hashed n-grams of characters, a vector for each text.

    python -m tests.meaning.ngrams CORPUS JOURNAL [KILL_AFTER]

builds the vectors of CORPUS as `renvois meaning build` does, writes the digest of each text that is
embedded to JOURNAL, and ends itself by SIGKILL once it was asked to embed KILL_AFTER batches.
"""

import hashlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from indexer.engines import open_searcher
from indexer.meaning.building import build
from indexer.meaning.embedders import Vectors
from indexer.meaning.passages import make_key

# Words that mean the same in the made-up world of these tests, whatever their language.
MEANINGS = {
    "platform": "plateforme",
    "cooperatives": "coopérative",
    "cooperative": "coopérative",
    "coopératives": "coopérative",
    "workshop": "atelier",
    "open": "ouvert",
    "residents": "habitants",
    "garden": "jardin",
    "hackerspace": "atelier",
}


class NgramEmbedder:
    """Counts three letters in a row of each word, put where their digest says."""

    dimensions = 256
    least_likeness = 0.0

    def __init__(
        self, name: str = "ngrams", tell: Callable[[Sequence[str]], None] = lambda texts: None
    ) -> None:
        """Take a name, part of the fingerprint; `tell` is told what is embedded, before."""
        self.fingerprint = f"test-{name}"
        self._tell = tell

    def embed_query(self, text: str) -> Vectors:
        return self._embed([text])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self._tell(texts)
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            for word in text.casefold().replace(".", " ").replace(",", " ").split():
                known = f"^{MEANINGS.get(word, word)}$"
                for start in range(len(known) - 2):
                    digest = hashlib.blake2b(known[start : start + 3].encode(), digest_size=4)
                    vectors[row, int.from_bytes(digest.digest()) % self.dimensions] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.where(lengths, lengths, 1)).astype(np.float32)


def main() -> None:
    """Build, and die where it is told to."""
    corpus, journal = map(Path, sys.argv[1:3])
    left = int(sys.argv[3]) if len(sys.argv) > 3 else -1
    batches = 0

    def tell(texts: Sequence[str]) -> None:
        nonlocal batches
        batches += 1
        if batches == left:
            os.kill(os.getpid(), signal.SIGKILL)
        with journal.open("a") as lines:
            lines.writelines(f"{make_key(text).hex()}\n" for text in texts)

    with closing(open_searcher(corpus / "index")) as searcher:
        build(
            corpus / "meaning",
            searcher.documents,
            NgramEmbedder(tell=tell),
            index_state=searcher.manager.generation,
        )


if __name__ == "__main__":
    main()
