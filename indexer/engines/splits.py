"""Find the two words that a word may be joined of: where some text has them side by side."""

from itertools import product

from indexer.analysis.compounds import list_cuts
from indexer.analysis.lexicon import name_form
from indexer.engines.body import find_documents
from indexer.engines.postings import PostingsReader
from indexer.index.fields import ALL, ALL_SEQUENCES


def find_splits(word: str, reader: PostingsReader) -> list[tuple[str, str]]:
    """The names of both words, in every way that a folded word may be cut."""
    key = ("splits", word)
    known: list[tuple[str, str]] | None = reader.memory.find(key)
    if known is None:
        is_known = any(reader.document_count(ALL, name) for name in name_form(word))
        pairs = [
            pair
            for left, right in list_cuts(word, is_known=is_known)
            for pair in product(_list_held(left, reader), _list_held(right, reader))
        ]
        known = [
            pair for pair in pairs if find_documents(ALL_SEQUENCES, " ".join(pair), reader).size
        ]
        reader.memory.keep(key, known)
    return known


def _list_held(form: str, reader: PostingsReader) -> list[str]:
    """The names of a folded form that some text has."""
    return [name for name in name_form(form) if reader.document_count(ALL, name)]
