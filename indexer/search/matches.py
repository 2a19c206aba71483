"""Find the words of a text that a query wants: single words, and words that follow one another."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from indexer.analysis import Token, analyse, choose_reading
from indexer.analysis.chain import analyse_chunk
from indexer.analysis.characters import APOSTROPHES, HYPHENS, fold, normalise
from indexer.analysis.chunks import (
    CHUNK,
    KEEPS_APOSTROPHE,
    MAY_HOLD_NUMBER,
    NUMBER,
    cut_chunks,
)
from indexer.search.match_spec import MatchSpec, NameSequence
from indexer.search.results import Span


@dataclass(frozen=True, slots=True)
class Match:
    """A word of a text that answers: where, and what of the query."""

    start: int
    end: int
    answers: str


def find_matches(
    text: str,
    match_spec: MatchSpec,
    language: str = "fr",
    forms: frozenset[str] | None = None,
    spans: Iterable[Span] | None = None,
) -> list[Match]:
    """Find every word of `text` that is wanted, in order; of two on one place the longer.

    `forms` are all folded forms that answer, where an index knows that for this text, `spans` the
    parts of the text that hold all words that answer by themselves: no other word is analysed then.
    """
    if not text:
        return []  # many a text has no author, or no date
    if match_spec.sequences or match_spec.runs:
        tokens = analyse(text, language)
    else:
        reading = choose_reading(text, language)
        may_answer = match_spec.answering(reading)
        chunks: Iterable[tuple[int, str]]
        if spans is None:
            chunks = (
                each
                for begin, piece in open_prefilter(match_spec, reading, forms).cut(text)
                for each in cut_chunks(piece, begin)
            )
        else:
            chunks = _cut_spans(text, spans)
        tokens = [
            Token(start + token[0], start + token[1], *token[2:])
            for start, chunk in chunks
            if may_answer[chunk]
            for token in analyse_chunk(chunk, reading)
        ]
    in_sequences = {
        place for sequence in match_spec.sequences for place in _follow(tokens, sequence)
    }
    in_runs = {place for run in match_spec.runs for place in _find_run(tokens, run)}
    matches: list[Match] = []
    for place, token in enumerate(tokens):
        answers = token.names[0] if place in in_sequences else match_spec.find(token)
        if answers is None or (match_spec.runs and place not in in_runs):
            continue
        while matches and matches[-1].start >= token.start:
            matches.pop()  # parts of the compound that this token names
        if not matches or matches[-1].end <= token.start:
            matches.append(Match(token.start, token.end, answers))
    return matches


def _cut_spans(text: str, spans: Iterable[Span]) -> Iterator[tuple[int, str]]:
    """Yield the start of every chunk that begins in one of some spans, and the chunk itself."""
    done = 0
    for start, end in spans:
        for found in CHUNK.finditer(text, max(start, done)):
            if found.start() >= end:
                break
            done = found.end()
            yield found.start(), found.group()


def _follow(tokens: list[Token], sequence: NameSequence) -> set[int]:
    """Find the places in `tokens` of words that follow one another as they should.

    A compound stands for all its words: "écoquartier" for "éco-quartier".
    """
    counted: list[int] = []
    between: list[list[str]] = [[]]  # the small words before each word that counts
    # Where a word may begin -> the places of the tokens that name it, and where the next begins.
    beginning: dict[int, list[tuple[int, int]]] = {}
    for place, token in enumerate(tokens):
        if token.is_stop:
            if not token.is_alias:
                between[-1].append(token.exact)
            continue
        if token.is_alias:
            first = max(0, len(counted) - token.width)
            beginning.setdefault(first, []).append((place, len(counted)))
        else:
            beginning.setdefault(len(counted), []).append((place, len(counted) + 1))
            counted.append(place)
            between.append([])
    found: set[int] = set()
    for first in range(len(counted)):
        run: list[int] = []
        here = first
        for names in sequence.names:
            reach = range(here, min(here + 1 + (sequence.slop if run else 0), len(counted)))
            steps = (step for each in reach for step in beginning.get(each, ()))
            fitting = (each for each in steps if not names.isdisjoint(tokens[each[0]].names))
            step = next(fitting, None)
            if step is None or not _stand_before(len(run), between[here], sequence):
                break
            place, here = step
            run.append(place)
        else:
            if _stand_after(between[here], sequence):
                found.update(run)
    return found


def _stand_before(number: int, small: list[str], sequence: NameSequence) -> bool:
    """Tell whether small words may stand before a word of a sequence, the first being 0."""
    expected = sequence.small_words[number] if sequence.small_words else ()
    return not expected or tuple(small if number else small[-len(expected) :]) == expected


def _stand_after(small: list[str], sequence: NameSequence) -> bool:
    """Tell whether small words may stand after the last word of a sequence."""
    expected = sequence.small_words[-1] if sequence.small_words else ()
    return tuple(small[: len(expected)]) == expected


_NEXT: Final = 60  # letters after a span in which the word after it begins


@lru_cache(maxsize=200)
def _find_small(small_words: tuple[tuple[str, ...], ...]) -> re.Pattern[str]:
    """Give the pattern of small words in a folded text: each run in one piece, in order."""
    runs = (r"[\W_]+".join(map(re.escape, words)) for words in small_words if words)
    return re.compile(".*?".join(rf"(?<![^\W_]){run}(?![^\W_])" for run in runs), re.DOTALL)


def _may_have(text: str, sequence: NameSequence) -> bool:
    """Tell whether a text has the small words of a sequence in order, whatever stands between."""
    return _find_small(sequence.small_words).search(fold(normalise(text))) is not None


def has_sequence(
    text: str, sequence: NameSequence, language: str = "fr", span: Span | None = None
) -> bool:
    """Tell whether words stand in a text one after the other, small words as they are named.

    Of a `span` of the text no word is read but those that begin in it, and the one after.
    """
    start, end = span or (0, len(text))
    if not _may_have(text[start : end + _NEXT], sequence):
        return False
    reading = choose_reading(text, language)
    tokens: list[Token] = []
    for found in CHUNK.finditer(text, start):
        tokens += analyse_chunk(found.group(), reading)
        if found.start() >= end:
            break
    if sequence.names:
        return bool(_follow(tokens, sequence))
    return next(_find_run(tokens, sequence.small_words[0]), None) is not None


def _find_run(tokens: Sequence[Token], run: tuple[str, ...]) -> Iterator[int]:
    """Yield the places in `tokens` of small words that stand there in a row, as they are named."""
    places = [place for place, token in enumerate(tokens) if not token.is_alias]
    forms = tuple(tokens[place].exact if tokens[place].is_stop else "" for place in places)
    for first in range(len(forms) - len(run) + 1):
        if forms[first : first + len(run)] == run:
            yield from places[first : first + len(run)]


# --- what a paragraph may hold

_NUMBER_STARTS: Final = "lrdacp0123456789*?"
_LETTERS: Final = "[A-Za-zÀ-ÖØ-öø-ÿŒœŸ]+"
_ANY_LETTER: Final = re.compile(r"[^\W\d_]")
_PLAIN: Final = re.compile(
    rf"""[(\[«“"]*(?:({_LETTERS})[{APOSTROPHES}])?({_LETTERS})[)\]»”",;:!?.…]*"""
)
_ACROSS_LINES: Final = re.compile(rf"(?:\S*[{HYPHENS}][ \t]*\r?\n)+\S*")


class Prefilter:
    """Say which words of a query a paragraph of one language may hold, before it is read with care.

    It may see a word that is not there; it never misses one that is. A text is cut at its blanks,
    many times faster than into graphic words, and what stands between two blanks is analysed once.
    """

    def __init__(
        self, match_spec: MatchSpec, language: str, forms: frozenset[str] | None = None
    ) -> None:
        """`forms` are all folded forms that answer, where an index knows that for the texts."""
        self._match_spec, self._language, self._forms = match_spec, language, forms
        self._names = match_spec.all_names | match_spec.exacts
        # A pattern may take a number for a word: "l*" finds "L. 1234-5".
        self._reads_numbers = any(
            name.startswith(KEEPS_APOSTROPHE) or any(letter.isdigit() for letter in name)
            for name in self._names
        ) or any(not pattern or pattern[0] in _NUMBER_STARTS for pattern in match_spec.patterns)
        if self._reads_numbers:
            self._forms = None
        self._seen: set[str] = set()
        self._answering: dict[str, frozenset[str]] = {}

    def find(self, text: str) -> frozenset[str]:
        """Find the names of what `text` may hold, empty when it holds nothing that is wanted."""
        words = set(text.split())
        # What may be one word across a blank: "10 000", a word cut at the end of a line.
        if self._reads_numbers and MAY_HOLD_NUMBER.search(text):
            words.update(NUMBER.findall(text))
        if "\n" in text:
            words.update(_ACROSS_LINES.findall(text))
        self._learn(words)
        held = self._answering.keys() & words
        if not held:
            return frozenset()
        names = frozenset().union(*(self._answering[word] for word in held))
        return names if self.suffices(names) else frozenset()

    def cut(self, text: str) -> list[tuple[int, str]]:
        """Cut the pieces of `text` that hold what is wanted, in order, and where they begin."""
        if self._reads_numbers or "\n" in text:
            return [(0, text)]
        words = set(text.split())
        self._learn(words)
        pieces = []
        for word in self._answering.keys() & words:
            start = text.find(word)
            while start >= 0:
                end = start + len(word)
                if text[start - 1 : start].strip() == "" == text[end : end + 1].strip():
                    pieces.append((start, word))
                start = text.find(word, end)
        pieces.sort()
        return pieces

    def suffices(self, names: frozenset[str]) -> bool:
        """Tell whether there is a word by itself, or all the words of a sequence."""
        match_spec = self._match_spec
        return (
            not match_spec.sequences
            or bool(match_spec.patterns)
            or not names.isdisjoint(match_spec.names | match_spec.exacts)
            or any(
                all(not names.isdisjoint(held) for held in sequence.names)
                for sequence in match_spec.sequences
            )
        )

    def _learn(self, words: set[str]) -> None:
        for word in words - self._seen:
            if self._forms is None or may_be_one_of(word, self._forms):
                self._judge(word)
        self._seen |= words

    def _judge(self, word: str) -> None:
        """Remember what a word answers, if anything."""
        held = _name(word, self._language)
        answers = held & self._names
        if self._match_spec.patterns:
            answers |= {name for name in held if self._match_spec.fits_pattern(name)}
        if answers:
            self._answering[word] = answers


@lru_cache(maxsize=8)
def open_prefilter(
    match_spec: MatchSpec, language: str, forms: frozenset[str] | None = None
) -> Prefilter:
    """Give the prefilter of a query for texts of a language, one for all texts of a page."""
    return Prefilter(match_spec, language, forms)


def may_be_one_of(word: str, forms: frozenset[str]) -> bool:
    """Tell whether what stands between two blanks may have one of some folded forms.

    A word of plain letters, elided or not, has the forms of its parts or of both together; whatever
    else there is may have any. This costs a fiftieth of analysing the word.
    """
    found = _PLAIN.fullmatch(word)
    if found is None:
        # Figures alone never answer here: who wants some has the whole text read.
        return _ANY_LETTER.search(word) is not None
    before, after = found.groups()
    last = fold(normalise(after))
    if before is None:
        return last in forms
    first = fold(normalise(before))
    return first in forms or last in forms or first + last in forms


@lru_cache(maxsize=200_000)
def _name(word: str, language: str) -> frozenset[str]:
    """Give the names and forms of what stands between two blanks."""
    return frozenset(
        name
        for chunk in CHUNK.findall(word)
        for token in analyse_chunk(chunk, language)
        for name in (*token.names, token.exact)
    )
