"""Text -> terms, the same way for documents and for queries.

`analyse(text, language)` gives tokens with offsets; every step is a pure function:
`characters` (width, ligatures, accents), `chunks` (graphic words), `numbers`, `inclusive`,
`stopwords`, `stemming`, put in order by `chain`.
"""

from indexer.analysis.chain import LANGUAGES, Token, analyse, read_chunk
from indexer.analysis.characters import fold, normalise
from indexer.analysis.chunks import cut_chunks, may_hold_blanks

ANALYSIS_VERSION = "2"

__all__ = [
    "ANALYSIS_VERSION",
    "LANGUAGES",
    "Token",
    "analyse",
    "cut_chunks",
    "fold",
    "may_hold_blanks",
    "normalise",
    "read_chunk",
]
