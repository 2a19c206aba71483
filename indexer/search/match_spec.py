"""Collect what a query looks for in a text, word by word: what may be marked, and nothing else."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final

from indexer.analysis import LANGUAGES, Token, analyse_query
from indexer.analysis.chain import analyse_chunk
from indexer.analysis.characters import fold, normalise
from indexer.analysis.lexicon import name_form
from indexer.analysis.stopwords import ARTICLES, list_stop_forms
from indexer.search.query import All, Any, Bag, Fuzzy, In, Pattern, Phrase, Query, Range, Word
from indexer.search.synonyms import list_telling
from indexer.urls import read_text_names

# Looked for in the text itself; the others are not read in a passage.
_READ_IN_TEXT: Final = frozenset({"text", "note", "title"})
_NUMBER: Final = ("°", "º")


@dataclass(frozen=True, slots=True)
class NameSequence:
    """Words that only count one after the other: the names of each, how many between.

    `small_words` are those that must stand before the first, between each two and after the last,
    and no others between; where none is named any may. Without names they are one run.
    """

    names: tuple[frozenset[str], ...]
    slop: int
    small_words: tuple[tuple[str, ...], ...] = ()

    @property
    def is_row(self) -> bool:
        """Whether there is more to it than one word."""
        return len(self.names) > 1 or bool(self.small_words)


@dataclass(frozen=True)
class MatchSpec:
    """Names of words, exact forms, patterns and sequences that a query is looking for."""

    names: frozenset[str] = frozenset()
    exacts: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    sequences: tuple[NameSequence, ...] = ()
    # Rows of small words, folded: exact forms that are in one only answer where the row stands.
    runs: tuple[tuple[str, ...], ...] = ()
    text_names: frozenset[str] = frozenset()  # of texts that are named: by DOI, address, ISBN
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
        """All names, those of sequences too."""
        return self.names.union(*(held for sequence in self.sequences for held in sequence.names))

    def find(self, token: Token) -> str | None:
        """Find what of the query this token answers by itself, or None."""
        for name in token.names:
            if name in self.names:
                return name
        if token.exact in self.exacts:
            return token.exact
        if self.fits_pattern(token.exact):
            return token.exact
        return None

    def fits_pattern(self, form: str) -> bool:
        """Tell whether a folded form is one that a pattern of the query names."""
        return self._pattern is not None and self._pattern.fullmatch(form) is not None

    def answering(self, language: str) -> "Answering":
        """For every chunk whether it could answer."""
        if language not in self._answering:
            self._answering[language] = Answering(self, language)
        return self._answering[language]


class Answering(dict[str, bool]):
    """Remember of each chunk whether it could answer."""

    def __init__(self, match_spec: MatchSpec, language: str) -> None:
        """Take what is wanted, and the language of the chunks."""
        super().__init__()
        self._match_spec, self._language = match_spec, language

    def __missing__(self, chunk: str) -> bool:
        """Work out whether a chunk could answer, and remember it."""
        answers = any(
            not self._match_spec.all_names.isdisjoint(token.names)
            or self._match_spec.find(token) is not None
            for token in analyse_chunk(chunk, self._language)
        )
        self[chunk] = answers
        return answers


def build_match_spec(query: Query, *, also: tuple[NameSequence, ...] = ()) -> MatchSpec:
    """Collect what `query` looks for in texts; `also` are other ways to write it, tried too."""
    parts = list(_iterate(query))
    words = [part for part in parts if isinstance(part, Word | Fuzzy)]
    own = [word for word in words if isinstance(word, Word)]
    synonyms = [other for word in own for other in word.also]
    protected = [word for word in (*own, *synonyms) if isinstance(word, Word) and word.is_protected]
    named = {word: read_text_names(word.text) for word in own}
    bare = [
        word.text
        for word in words
        # The words of an address are looked for side by side, if at all.
        if word not in protected and not (isinstance(word, Word) and named[word][1])
    ]
    more = [each.text for each in synonyms if isinstance(each, Word) and each not in protected]
    names, stops = _name_words([*bare, *more])
    names |= _name_joined(bare)
    sequences: list[NameSequence] = []
    runs: list[tuple[str, ...]] = []
    for phrase in (each for each in (*parts, *synonyms) if isinstance(each, Phrase)):
        ways = _list_sequences(phrase)
        sequences += [way for way in ways if way.is_row]
        names.update(*(way.names[0] for way in ways if not way.is_row))
        if not any(way.is_row for way in ways):
            tokens = analyse_query(phrase.text)
            stops |= {token.exact for token in tokens}
            runs.append(tuple(token.exact for token in tokens if not token.is_alias))
    patterns = tuple(fold(normalise(part.text)) for part in parts if isinstance(part, Pattern))
    forms = {token.exact for word in protected for token in list_telling(word.text)}
    forms.update(list_stop_forms(tuple(names)))
    # Words that say little are looked for, and marked, only when nothing else was typed.
    # What English reads as a word of them ("à la une") makes no other word of the query.
    if names or patterns or sequences or forms:
        runs = []
    elif any(len(run) > 1 for run in runs):
        forms = stops
    else:
        forms = stops - ARTICLES or stops
        alone = [name for form in forms for name in name_form(form)]
        names.update(alone)
        forms.update(list_stop_forms(tuple(alone)))
    return MatchSpec(
        frozenset(names),
        frozenset(forms),
        patterns,
        tuple(dict.fromkeys((*also, *sequences))),
        tuple(run for run in runs if len(run) > 1),
        frozenset(name for names, _ in named.values() for name in names),
    )


def _name_words(texts: Iterable[str]) -> tuple[set[str], set[str]]:
    """Give the names of words in any language, and the forms of those that say little."""
    names: set[str] = set()
    stops: set[str] = set()
    for text in texts:
        if all(token.is_stop for token in analyse_query(text)):
            stops |= {token.exact for token in analyse_query(text)}
            continue
        for language in LANGUAGES:
            names.update(*(token.names for token in analyse_query(text, language)))
    return names, stops


def _name_joined(texts: Sequence[str]) -> set[str]:
    """Give the names that two neighbours have when they are one word: "co construction"."""
    pairs = (fold(normalise(left)) + fold(normalise(right)) for left, right in pairwise(texts))
    return {
        name
        for joined in pairs
        if joined.isalpha()
        for token in analyse_query(joined)
        for name in token.names
    }


def _list_sequences(phrase: Phrase) -> list[NameSequence]:
    """List the ways to read a phrase: as French and as English, where that has fewer words.

    Fewer words may count in an English text: "clears the".
    """
    sequence, english = _read_sequence(phrase), _read_sequence(phrase, "en")
    ways = [sequence, *_join_neighbours(phrase, sequence)] if sequence.names else []
    if 0 < len(english.names) < len(sequence.names):
        ways.insert(0, english)
    return ways


def _read_sequence(phrase: Phrase, language: str = "fr") -> NameSequence:
    """Read the words of a phrase that count in a language, each under its English names too."""
    english = {(token.start, token.end): token.names for token in analyse_query(phrase.text, "en")}
    small = () if phrase.slop else list_small_words(phrase.text, language)
    return NameSequence(
        tuple(
            frozenset({*token.names, *english.get((token.start, token.end), ())})
            for token in analyse_query(phrase.text, language)
            if not token.is_stop and not token.is_alias
        ),
        phrase.slop,
        small,
    )


def list_small_words(text: str, language: str = "fr") -> tuple[tuple[str, ...], ...]:
    """List the small words of a phrase, folded: before its first word, between each two, after.

    None at all where it has none. "n°" says that a number follows, as texts do or not.
    """
    small: list[tuple[str, ...]] = [()]
    for token in analyse_query(text, language):
        if token.is_alias or (token.exact == "n" and text[token.end : token.end + 1] in _NUMBER):
            continue
        if token.is_stop:
            small[-1] += (token.exact,)
        else:
            small.append(())
    return tuple(small) if any(small) else ()


def _join_neighbours(phrase: Phrase, sequence: NameSequence) -> Iterator[NameSequence]:
    """Join two neighbours among words: « éco-quartier rural » gives « écoquartier rural »."""
    tokens = [
        token for token in analyse_query(phrase.text) if not token.is_stop and not token.is_alias
    ]
    for place, (left, right) in enumerate(pairwise(tokens)):
        if right.start - left.end > 1 or not (left.exact + right.exact).isalpha():
            continue
        joined = frozenset(name_form(left.exact + right.exact))
        names, small = sequence.names, sequence.small_words
        yield NameSequence(
            (*names[:place], joined, *names[place + 2 :]),
            sequence.slop,
            small and (*small[: place + 1], *small[place + 2 :]),
        )


def _iterate(query: Query) -> Iterator[Query]:
    """Yield the words, phrases and patterns of a query that are not excluded."""
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
