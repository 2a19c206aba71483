"""Turn words as typed into slots and leaves: every name that a text may give them.

A word is looked for under its French stem and its English one, joined with its neighbour, or in
two parts; it weighs in every field where it may stand.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from indexer.analysis import Token, analyse
from indexer.analysis.stemming import stem_french
from indexer.analysis.stopwords import ARTICLES
from indexer.engines.plan import Term, Weighted
from indexer.engines.postings import PostingsReader
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_PAIRS,
    ALL_STARTS,
    AUTHOR,
    BODY,
    FIELD_BY_NAME,
    START_LETTERS,
    TITLE,
    TITLE_EXACT,
    TITLE_PAIRS,
)

_WITH_EXACT_TERMS: Final = frozenset({AUTHOR, ALL_EXACT})
SHORTEST_SPLIT: Final = 7  # letters of a word that may be two


@dataclass(slots=True)
class Slot:
    """A word under all its names, as it is put together."""

    typed: str
    exact: str
    terms: list[Term] = field(default_factory=list)
    stem: str = ""
    english: str = ""
    follows: bool = False  # nothing at all between this word and the one before


def exact_field(field_name: str) -> str:
    """The field that has the words of another as they were written."""
    return {ALL: ALL_EXACT, BODY: ALL_EXACT, TITLE: TITLE_EXACT}.get(field_name, field_name)


class WordReader:
    """Reads words over one state of an index; `unknown` gathers those that no text has."""

    def __init__(self, reader: PostingsReader) -> None:
        self._reader = reader
        self.unknown: set[str] = set()

    def read_stops(self, texts: list[str], field_name: str) -> tuple[list[Slot], list[Weighted]]:
        """Words that say little are looked for as written, when nothing else was typed."""
        exact = exact_field(field_name)
        slots = [
            Slot(token.exact, token.exact, [(exact, token.exact)])
            for text in texts
            for token in analyse(text)
            if not token.is_alias and token.exact not in ARTICLES
        ]
        return slots, [Weighted(exact, slot.exact, 1.0) for slot in slots]

    def read(self, texts: list[str], field_name: str) -> tuple[list[Slot], list[Weighted]]:
        """The slots of words side by side, and what adds to the score."""
        slots: list[Slot] = []
        leaves: dict[Weighted, None] = {}
        for text in texts:
            self._read_text(text, field_name, slots, leaves)
        if field_name == ALL:
            self._join_neighbours(slots, leaves)
            self._split(slots, leaves)
        # A word that some text has is no mistake, in whatever field it is looked for.
        self.unknown |= {
            slot.typed
            for slot in slots
            if not any(self._has(name, term) for name, term in slot.terms)
            and not self._has(ALL_EXACT, slot.exact)
            and not self._has(ALL, slot.stem)
        }
        self._pair(slots, field_name, leaves)
        return slots, list(leaves)

    def _read_text(
        self, text: str, field_name: str, slots: list[Slot], leaves: dict[Weighted, None]
    ) -> None:
        french = analyse(text, "fr")
        english = {(token.start, token.end, token.is_alias): token for token in analyse(text, "en")}
        follows = True
        since: list[Slot] = []  # slots of this text, for the compounds that name them
        for token in french:
            other = english.get((token.start, token.end, token.is_alias))
            names = self._names(token, other, field_name)
            if token.is_alias:
                for slot in since[-token.width :]:
                    slot.terms += [name for name in names if name not in slot.terms]
                self._weigh(token.exact, names, field_name, leaves)
            elif token.is_stop:
                follows = False
            else:
                slot = Slot(text[token.start : token.end], token.exact, names, token.stem)
                slot.english = other.stem if other is not None and not other.is_stop else ""
                slot.follows = follows
                follows = True
                slots.append(slot)
                since.append(slot)
                self._weigh(token.exact, names, field_name, leaves)

    def _names(self, token: Token, english: Token | None, field_name: str) -> list[Term]:
        if field_name in _WITH_EXACT_TERMS:
            return [(field_name, token.exact)]
        names = [(field_name, token.stem)]
        if english is not None and not english.is_stop and self._has(field_name, english.stem):
            names.append((field_name, english.stem))
        return names

    def _has(self, field_name: str, term: str) -> bool:
        held_in = ALL if field_name == BODY else field_name
        return bool(self._reader.document_count(held_in, term))

    def _weigh(
        self, exact: str, names: list[Term], field_name: str, leaves: dict[Weighted, None]
    ) -> None:
        """Let a word count in every field where it may stand."""
        if field_name != ALL:
            for name, term in names:
                leaves[Weighted(ALL if name == BODY else name, term, 1.0)] = None
            return
        for _, term in names:
            for name in (ALL, TITLE):
                leaves[Weighted(name, term, FIELD_BY_NAME[name].weight)] = None
        for name in (ALL_EXACT, TITLE_EXACT):
            leaves[Weighted(name, exact, FIELD_BY_NAME[name].weight)] = None
        start = Weighted(ALL_STARTS, exact[:START_LETTERS], FIELD_BY_NAME[ALL_STARTS].weight)
        leaves[start] = None

    def _join_neighbours(self, slots: list[Slot], leaves: dict[Weighted, None]) -> None:
        """ "co construction" also finds "coconstruction"."""
        for left, right in pairwise(slots):
            if not right.follows or not (left.exact.isalpha() and right.exact.isalpha()):
                continue
            name = (ALL, stem_french(left.exact + right.exact))
            if name not in left.terms and self._has(*name):
                left.terms.append(name)
                right.terms.append(name)
                leaves[Weighted(*name, FIELD_BY_NAME[ALL].weight)] = None

    def _split(self, slots: list[Slot], leaves: dict[Weighted, None]) -> None:
        """ "coconstruction" also finds "co construction"."""
        for slot in slots:
            if len(slot.exact) < SHORTEST_SPLIT or not slot.exact.isalpha():
                continue
            if self._has(ALL, slot.stem):
                continue
            for cut in range(2, len(slot.exact) - 3):
                left, right = slot.exact[:cut], slot.exact[cut:]
                pair = f"{stem_french(left)} {stem_french(right)}"
                if self._has(ALL_PAIRS, pair):
                    slot.terms.append((ALL_PAIRS, pair))
                    leaves[Weighted(ALL_PAIRS, pair, FIELD_BY_NAME[ALL].weight)] = None

    def _pair(self, slots: list[Slot], field_name: str, leaves: dict[Weighted, None]) -> None:
        """Words side by side count more where they stand side by side."""
        if field_name != ALL:
            return
        for left, right in pairwise(slots):
            pairs = [f"{left.stem} {right.stem}"]
            if left.english and right.english:
                pairs.append(f"{left.english} {right.english}")
            for pair in pairs:
                for name in (ALL_PAIRS, TITLE_PAIRS):
                    leaves[Weighted(name, pair, FIELD_BY_NAME[name].weight)] = None
