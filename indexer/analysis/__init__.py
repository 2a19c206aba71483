"""Text -> terms, the same way for documents and for queries.

`analyse(text, language)` gives tokens with offsets; every step is a pure function:
`characters` (width, ligatures, accents), `chunks` (graphic words), `numbers`, `inclusive`,
`stopwords`, `stemming`, put in order by `chain`.
"""

from indexer.analysis.chain import LANGUAGES, Token, analyse, analyse_unplaced
from indexer.analysis.characters import fold, normalise

ANALYSIS_VERSION = "2"

__all__ = [
    "ANALYSIS_VERSION",
    "LANGUAGES",
    "Token",
    "analyse",
    "analyse_unplaced",
    "fold",
    "normalise",
]
