"""The fields of the index: what each holds, and what it weighs when texts are ranked.

A score is the sum over fields of weight x formula (decision 0050). The weights were learned on
the development halves of three collections and rounded; `benchmarks/relevance` measures them.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from indexer.analysis import ANALYSIS_VERSION

K1: Final = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of terms: its weight in the score, how much length counts (BM25's b).

    Without b, length counts by how much the texts repeat themselves (decision 0050).
    """

    name: str
    weight: float = 0.0  # 0: searched when asked for by name, never ranked
    b: float | None = 0.75
    has_positions: bool = False
    of: str = ""  # the field that it is worked out of: what is side by side there, what begins so


ID: Final = "id"  # the document's key, a term of its own
ALL: Final = "all"
TITLE: Final = "title"
ALL_STEMS: Final = "all_stems"
TITLE_STEMS: Final = "title_stems"
ALL_EXACT: Final = "all_exact"
TITLE_EXACT: Final = "title_exact"
ALL_STARTS: Final = "all_starts"
ALL_PAIRS: Final = "all_pairs"
TITLE_PAIRS: Final = "title_pairs"
ALL_SEQUENCES: Final = "all_sequences"  # two names side by side: read of their places in ALL
ALL_STOP_PAIRS: Final = "all_stop_pairs"  # two stop words side by side
TITLE_STOP_PAIRS: Final = "title_stop_pairs"
NOTE_STOP_PAIRS: Final = "note_stop_pairs"
SECTION_STOP_PAIRS: Final = "section_stop_pairs"
BODY_STOP_PAIRS: Final = "body_stop_pairs"
AUTHOR: Final = "author"
IDENTIFIER: Final = "identifier"  # what names a text: its DOI, ISBN, address; a code each
NOTE: Final = "note"
SECTION: Final = "section"
BODY: Final = "body"  # the paragraphs alone: a part of ALL, with one term of its own
BODY_START: Final = "start"  # stands where a paragraph begins in ALL

FIELDS: Final[tuple[Field, ...]] = (
    # Names of words (lemmas): what finds. A text is found by a name, and by nothing else.
    Field(name=ALL, weight=0.0, b=None, has_positions=True),  # everything that can be found
    Field(name=TITLE, weight=0.0, b=0.9, has_positions=True),
    # Stems: kin of what was found, that find nothing. Their places would be those of the names.
    Field(name=ALL_STEMS, weight=1.0, b=None),
    Field(name=TITLE_STEMS, weight=0.4, b=0.9),
    Field(name=ALL_EXACT, weight=0.2, b=None),  # forms as written, stop words too
    Field(name=TITLE_EXACT, weight=0.1, b=0.9),
    # The first letters: kin that stems keep apart.
    Field(name=ALL_STARTS, weight=0.3, b=None, of=ALL_EXACT),
    # Two stems side by side, stop words between or not.
    Field(name=ALL_PAIRS, weight=0.4, b=0.1, of=ALL_STEMS),
    Field(name=TITLE_PAIRS, weight=0.1, b=0.1, of=TITLE_STEMS),
    Field(name=ALL_STOP_PAIRS, b=0.1),
    Field(name=TITLE_STOP_PAIRS),
    Field(name=NOTE_STOP_PAIRS),
    Field(name=SECTION_STOP_PAIRS),
    Field(name=BODY_STOP_PAIRS),
    Field(name=AUTHOR, has_positions=True),
    Field(name=NOTE, has_positions=True),
    Field(name=SECTION, has_positions=True),
    Field(name=BODY, has_positions=True),
    Field(name=IDENTIFIER, b=0.1),
)
START_LETTERS: Final = 5
# A field of pairs -> the field of the words.
PAIRED: Final = {ALL_PAIRS: ALL_STEMS, TITLE_PAIRS: TITLE_STEMS}
# A field -> the field of the stop words that stand side by side in it.
STOP_PAIRS: Final = {
    ALL: ALL_STOP_PAIRS,
    TITLE: TITLE_STOP_PAIRS,
    NOTE: NOTE_STOP_PAIRS,
    SECTION: SECTION_STOP_PAIRS,
    BODY: BODY_STOP_PAIRS,
}
# Whose lengths count where a field has none of its own.
LENGTHS_OF: Final = PAIRED | {ALL_STARTS: ALL_STEMS}
REPEATED: Final = ALL_STEMS  # the field that tells how much a text repeats itself
STORED_FIELDS: Final = tuple(field for field in FIELDS if not field.of)
# Between two texts of a document, so that no phrase runs from one into the next.
GAP: Final = 100
LAYOUT_VERSION: Final = 22  # of the folder of an index: arrays, documents
FIELD_BY_NAME: Final = {field.name: field for field in FIELDS}

# Exact values, counted over whole results; a document has one of each, of authors, keywords and
# bibliographies any number, of sections each that it is in.
FACETS: Final = (
    *("year", "site", "section", "author", "bibliography", "language", "kind", "link", "keyword"),
)
SEVERAL: Final = frozenset({"section", "author", "bibliography", "keyword"})
ISSUED: Final = "issued"  # the date as the bibliography gives it; a facet in all but name
_BETWEEN_VALUES: Final = "\x1f"


def join_values(values: Iterable[str]) -> str:
    """Write the values of a facet that a document has as one, each once, in order of the text."""
    return _BETWEEN_VALUES.join(sorted(set(filter(None, values))))


def split_values(joined: str) -> list[str]:
    """Give the values that `join_values` wrote; none of ""."""
    return joined.split(_BETWEEN_VALUES) if joined else []


def render_fingerprint(*, engine: str) -> str:
    """Say what an index must have been made with to be read: fields, analysis, engine.

    `engine` names the library that writes it and its version, the stemmer's included.
    """
    made_with = json.dumps(
        [[asdict(field) for field in FIELDS], FACETS, ANALYSIS_VERSION, LAYOUT_VERSION, engine],
        sort_keys=True,
    )
    return hashlib.blake2b(made_with.encode(), digest_size=16).hexdigest()
