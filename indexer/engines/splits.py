"""Find the two words that a word may be joined of: where some text has them side by side."""

from itertools import product

from indexer.analysis.compounds import list_cuts
from indexer.analysis.lexicon import name_form
from indexer.engines.body import find_documents
from indexer.engines.postings import PostingsReader
from indexer.index.fields import ALL, ALL_EXACT, ALL_SEQUENCES


def find_splits(word: str, reader: PostingsReader) -> list[tuple[str, str]]:
    """The names of both words, in every way that a folded word may be cut."""
    key = ("splits", word)
    known: list[tuple[str, str]] | None = reader.memory.find(key)
    if known is None:
        is_known = any(reader.document_count(ALL, name) for name in name_form(word))
        pairs = [
            pair
            for left, right in list_cuts(word, is_known=is_known)
            if reader.document_count(ALL_EXACT, left) and reader.document_count(ALL_EXACT, right)
            for pair in product(name_form(left), name_form(right))
        ]
        known = [
            pair for pair in pairs if find_documents(ALL_SEQUENCES, " ".join(pair), reader).size
        ]
        reader.memory.keep(key, known)
    return known
