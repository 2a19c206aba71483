"""Find the two words that a word may be joined of: where some text has them side by side."""

from indexer.analysis.compounds import list_cuts
from indexer.analysis.stemming import stem_french
from indexer.engines.postings import PostingsReader
from indexer.index.fields import ALL, ALL_EXACT, ALL_PAIRS


def find_splits(word: str, reader: PostingsReader) -> list[tuple[str, str]]:
    """The stems of both words, in every way that a folded word may be cut."""
    key = ("splits", word)
    known: list[tuple[str, str]] | None = reader.memory.find(key)
    if known is None:
        is_known = bool(reader.document_count(ALL, stem_french(word)))
        stems = [
            (stem_french(left), stem_french(right))
            for left, right in list_cuts(word, is_known=is_known)
            if reader.document_count(ALL_EXACT, left) and reader.document_count(ALL_EXACT, right)
        ]
        known = [pair for pair in stems if reader.document_count(ALL_PAIRS, " ".join(pair))]
        reader.memory.keep(key, known)
    return known
