"""What a query looks for in a text, word by word: what may be marked, and nothing else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final

from indexer.analysis import LANGUAGES, Token, analyse_query
from indexer.analysis.chain import analyse_chunk
from indexer.analysis.characters import fold, normalise
from indexer.analysis.lexicon import name_form
from indexer.analysis.stopwords import ARTICLES
from indexer.search.query import All, Any, Bag, Fuzzy, In, Pattern, Phrase, Query, Range, Word

# Looked for in the text itself; the others are not read in a passage.
_READ_IN_TEXT: Final = frozenset({"text", "note", "title"})


@dataclass(frozen=True, slots=True)
class NameSequence:
    """Words that only count one after the other: the names of each, how many between."""

    names: tuple[frozenset[str], ...]
    slop: int


@dataclass(frozen=True)
class Wanted:
    """Names of words, exact forms, patterns and sequences that a query is looking for."""

    names: frozenset[str] = frozenset()
    exacts: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    sequences: tuple[NameSequence, ...] = ()
    _answering: "dict[str, Answering]" = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        if not self.patterns:
            return None
        alternatives = (
            re.escape(each).replace(r"\*", r"\w*").replace(r"\?", r"\w") for each in self.patterns
        )
        return re.compile("|".join(alternatives))

    @cached_property
    def all_names(self) -> frozenset[str]:
        """Those of sequences too."""
        return self.names.union(*(held for sequence in self.sequences for held in sequence.names))

    def find(self, token: Token) -> str | None:
        """What of the query this token answers by itself, or None."""
        for name in token.names:
            if name in self.names:
                return name
        if token.exact in self.exacts:
            return token.exact
        if self.fits_pattern(token.exact):
            return token.exact
        return None

    def fits_pattern(self, form: str) -> bool:
        """Whether a folded form is one that a pattern of the query names."""
        return self._pattern is not None and self._pattern.fullmatch(form) is not None

    def answering(self, language: str) -> "Answering":
        """For every chunk whether it could answer."""
        if language not in self._answering:
            self._answering[language] = Answering(self, language)
        return self._answering[language]


class Answering(dict[str, bool]):
    """Whether a chunk could answer, worked out once for each."""

    def __init__(self, wanted: Wanted, language: str) -> None:
        super().__init__()
        self._wanted, self._language = wanted, language

    def __missing__(self, chunk: str) -> bool:
        answers = any(
            not self._wanted.all_names.isdisjoint(token.names)
            or self._wanted.find(token) is not None
            for token in analyse_chunk(chunk, self._language)
        )
        self[chunk] = answers
        return answers


def collect_wanted(query: Query, *, also: tuple[NameSequence, ...] = ()) -> Wanted:
    """What `query` looks for in texts; `also` are other ways to write it that an engine tried."""
    words: list[str] = []
    phrases: list[Phrase] = []
    patterns: list[str] = []
    for part in _iterate(query):
        match part:
            case Word(text) | Fuzzy(text):
                words.append(text)
            case Phrase():
                phrases.append(part)
            case Pattern(text):
                patterns.append(fold(normalise(text)))
    names: set[str] = set()
    stops: set[str] = set()
    for text in words:
        if all(token.is_stop for token in analyse_query(text)):
            stops |= {token.exact for token in analyse_query(text)}
            continue
        for language in LANGUAGES:
            names.update(*(token.names for token in analyse_query(text, language)))
    for left, right in pairwise(words):
        joined = fold(normalise(left)) + fold(normalise(right))
        if joined.isalpha():
            names.update(*(token.names for token in analyse_query(joined)))
    sequences = list(also)
    for phrase in phrases:
        sequence = _read_sequence(phrase)
        # Fewer words may count in an English text: "clears the".
        english = _read_sequence(phrase, "en")
        if len(english.names) == 1 < len(sequence.names):
            names.update(*english.names)
        elif 1 < len(english.names) < len(sequence.names):
            sequences.append(english)
        if len(sequence.names) > 1:
            sequences += [sequence, *_join_neighbours(phrase, sequence)]
        else:
            names.update(*sequence.names)
            stops |= {token.exact for token in analyse_query(phrase.text)}
    # Words that say little are looked for, and marked, only when nothing else was typed.
    is_alone = not (names or patterns or sequences)
    exacts = (frozenset(stops) - ARTICLES or frozenset(stops)) if is_alone else frozenset()
    return Wanted(frozenset(names), exacts, tuple(patterns), tuple(dict.fromkeys(sequences)))


def _read_sequence(phrase: Phrase, language: str = "fr") -> NameSequence:
    """The words of a phrase that count in a language, each under its English names too."""
    english = {(token.start, token.end): token.names for token in analyse_query(phrase.text, "en")}
    return NameSequence(
        tuple(
            frozenset({*token.names, *english.get((token.start, token.end), ())})
            for token in analyse_query(phrase.text, language)
            if not token.is_stop and not token.is_alias
        ),
        phrase.slop,
    )


def _join_neighbours(phrase: Phrase, sequence: NameSequence) -> Iterator[NameSequence]:
    """Join two neighbours among words: « éco-quartier rural » gives « écoquartier rural »."""
    tokens = [
        token for token in analyse_query(phrase.text) if not token.is_stop and not token.is_alias
    ]
    for place, (left, right) in enumerate(pairwise(tokens)):
        if right.start - left.end > 1 or not (left.exact + right.exact).isalpha():
            continue
        joined = frozenset(name_form(left.exact + right.exact))
        names = sequence.names
        yield NameSequence((*names[:place], joined, *names[place + 2 :]), sequence.slop)


def _iterate(query: Query) -> Iterator[Query]:
    """The words, phrases and patterns of a query that are not excluded."""
    match query:
        case Word() | Fuzzy() | Phrase() | Pattern():
            yield query
        case In(name, inside):
            if name in _READ_IN_TEXT:
                yield from _iterate(inside)
        case All(parts) | Any(parts):
            for part in parts:
                yield from _iterate(part)
        case Bag(optional, required):
            for part in optional + required:
                yield from _iterate(part)
        case Range():
            pass
