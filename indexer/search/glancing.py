"""Say which words of a query a paragraph may hold: a quick look before a careful one.

It may see a word that is not there; it never misses one that is. A text is cut at its blanks, many
times faster than into graphic words, and what stands between two blanks is analysed once.
"""

import re
from functools import lru_cache
from typing import Final

from indexer.analysis.chain import analyse_chunk
from indexer.analysis.characters import HYPHENS
from indexer.analysis.chunks import CHUNK, KEEPS_APOSTROPHE, MAY_HOLD_NUMBER, NUMBER
from indexer.search.wanted import Wanted

_NUMBER_STARTS: Final = "lrdacp0123456789*?"
_ACROSS_LINES: Final = re.compile(rf"(?:\S*[{HYPHENS}][ \t]*\r?\n)+\S*")


class Glance:
    """One query's look at texts of one language."""

    def __init__(self, wanted: Wanted, language: str) -> None:
        self._wanted, self._language = wanted, language
        self._names = wanted.all_names | wanted.exacts
        # A pattern may take a number for a word: "l*" finds "L. 1234-5".
        self._reads_numbers = any(
            name.startswith(KEEPS_APOSTROPHE) or any(letter.isdigit() for letter in name)
            for name in self._names
        ) or any(not pattern or pattern[0] in _NUMBER_STARTS for pattern in wanted.patterns)
        self._seen: set[str] = set()
        self._answering: dict[str, frozenset[str]] = {}

    def find(self, text: str) -> frozenset[str]:
        """The names of what `text` may hold, empty when it holds nothing that is wanted."""
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
        """The pieces of `text` that hold what is wanted, in order, and where they begin."""
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
        """Whether there is a word by itself, or all the words of a sequence."""
        wanted = self._wanted
        return (
            not wanted.sequences
            or bool(wanted.patterns)
            or not names.isdisjoint(wanted.names | wanted.exacts)
            or any(
                all(not names.isdisjoint(held) for held in sequence.names)
                for sequence in wanted.sequences
            )
        )

    def _learn(self, words: set[str]) -> None:
        for word in words - self._seen:
            self._judge(word)
        self._seen |= words

    def _judge(self, word: str) -> None:
        """Remember what a word answers, if anything."""
        held = _name(word, self._language)
        answers = held & self._names
        if self._wanted.patterns:
            answers |= {name for name in held if self._wanted.fits_pattern(name)}
        if answers:
            self._answering[word] = answers


@lru_cache(maxsize=8)
def look(wanted: Wanted, language: str) -> Glance:
    """The look of a query at texts of a language, the same for all texts of a page."""
    return Glance(wanted, language)


@lru_cache(maxsize=200_000)
def _name(word: str, language: str) -> frozenset[str]:
    """The names and forms of what stands between two blanks."""
    return frozenset(
        name
        for chunk in CHUNK.findall(word)
        for token in analyse_chunk(chunk, language)
        for name in (*token.names, token.exact)
    )
