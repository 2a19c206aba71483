"""What a query looks for in a text, word by word: what may be marked, and nothing else."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final

from indexer.analysis import LANGUAGES, Token, analyse
from indexer.analysis.characters import fold, normalise
from indexer.analysis.stopwords import ARTICLES
from indexer.search.query import All, Any, Bag, Fuzzy, In, Pattern, Phrase, Query, Range, Word

# Looked for in the text itself; the others are not read in a passage.
_READ_IN_TEXT: Final = frozenset({"text", "note", "title"})


@dataclass(frozen=True)
class Wanted:
    """Stems, exact forms and patterns that a query is looking for; phrases word by word."""

    stems: frozenset[str] = frozenset()
    exacts: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    sequences: tuple[tuple[frozenset[str], ...], ...] = field(default=())

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        if not self.patterns:
            return None
        alternatives = (re.escape(each).replace(r"\*", r"\w*") for each in self.patterns)
        return re.compile("|".join(alternatives))

    def find(self, token: Token) -> str | None:
        """What of the query this token answers, or None."""
        if token.stem in self.stems and not token.is_stop:
            return token.stem
        if token.exact in self.exacts:
            return token.exact
        if self._pattern is not None and self._pattern.fullmatch(token.exact):
            return token.exact
        return None


def collect_wanted(query: Query, *, also: tuple[str, ...] = ()) -> Wanted:
    """What `query` looks for in texts; `also` are words that the engine searched besides."""
    words: list[str] = list(also)
    phrases: list[str] = []
    patterns: list[str] = []
    _collect(query, words, phrases, patterns)
    stems: set[str] = set()
    stops: set[str] = set()
    for text in words + phrases:
        counted = [token for token in analyse(text) if not token.is_stop]
        if not counted:
            stops |= {token.exact for token in analyse(text)}
            continue
        for language in LANGUAGES:
            stems |= {token.stem for token in analyse(text, language) if not token.is_stop}
    for left, right in pairwise(words):
        joined = fold(normalise(left)) + fold(normalise(right))
        if joined.isalpha():
            stems |= {token.stem for token in analyse(joined) if not token.is_stop}
    # Words that say little are looked for, and marked, only when nothing else was typed.
    exacts = frozenset() if stems or patterns else frozenset(stops) - ARTICLES
    return Wanted(frozenset(stems), exacts, tuple(patterns))


def _collect(query: Query, words: list[str], phrases: list[str], patterns: list[str]) -> None:
    """Gather the words, phrases and patterns that are not excluded."""
    match query:
        case Word(text) | Fuzzy(text):
            words.append(text)
        case Phrase(text):
            phrases.append(text)
        case Pattern(text):
            patterns.append(fold(normalise(text)))
        case In(name, inside):
            if name in _READ_IN_TEXT:
                _collect(inside, words, phrases, patterns)
        case All(parts) | Any(parts):
            for part in parts:
                _collect(part, words, phrases, patterns)
        case Bag(optional, required):
            for part in optional + required:
                _collect(part, words, phrases, patterns)
        case Range():
            pass
