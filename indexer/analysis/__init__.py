"""Text -> terms, the same way for documents and for queries.

`analyse(text, language)` gives tokens with offsets; every step is a pure function:
`characters` (width, ligatures, accents), `chunks` (graphic words), `notations`,
`stopwords`, `lexicon` (lemmas, that find), `stemming` (stems, that rank), put in order by `chain`.
"""

from indexer.analysis.chain import (
    LANGUAGES,
    READINGS,
    Token,
    analyse,
    analyse_query,
    choose_reading,
    drop_elision,
    read_chunk,
)
from indexer.analysis.characters import fold, normalise
from indexer.analysis.chunks import cut_chunks, find_spaced_chunks
from indexer.analysis.lexicon import RELEASE

ANALYSIS_VERSION = f"10, {RELEASE}"

__all__ = [
    "ANALYSIS_VERSION",
    "LANGUAGES",
    "READINGS",
    "Token",
    "analyse",
    "analyse_query",
    "choose_reading",
    "cut_chunks",
    "drop_elision",
    "find_spaced_chunks",
    "fold",
    "normalise",
    "read_chunk",
]
