"""Give numbers to words, so that texts become arrays: what stands between blanks is read once."""

from array import array
from collections.abc import Iterator
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import (
    READINGS,
    choose_reading,
    cut_chunks,
    may_hold_blanks,
    read_chunk,
)

_MOST_PIECES: Final = 500_000  # of a reading, remembered


class _StringTable:
    """Strings by number, a number a string."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """The number of a string, a new one when it has none yet."""
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self.names)
            self.names.append(name)
        return number


class _PieceCodes(dict[str, tuple[int, ...]]):
    """The codes of everything met between two blanks in one reading of `analysis.READINGS`."""

    def __init__(self, reading: str, table: "TokenTable") -> None:
        super().__init__()
        self._reading = reading
        self._table = table
        self._chunks: dict[str, tuple[int, ...]] = {}

    def __missing__(self, piece: str) -> tuple[int, ...]:
        if len(self) >= _MOST_PIECES:
            self.clear()
            self._chunks.clear()
        codes: tuple[int, ...] = ()
        for _, chunk in cut_chunks(piece):
            known = self.read_chunk(chunk)
            codes = codes + known if codes else known
        self[piece] = codes
        return codes

    def read_chunk(self, chunk: str) -> tuple[int, ...]:
        """The codes of one graphic word."""
        known = self._chunks.get(chunk)
        if known is None:
            known = self._chunks[chunk] = tuple(self._table.encode(chunk, self._reading))
        return known


class TokenTable:
    """A code for every token that differs in form, names, stem, stop word or alias."""

    def __init__(self) -> None:
        self.forms = _StringTable()
        self.stems = _StringTable()
        self.names = _StringTable()
        self._form_of = array("i")
        self._name_ends = array("i")
        self._names_of = array("i")
        self._stem_of = array("i")
        self._is_stop = bytearray()
        self._is_alias = bytearray()
        self._codes: dict[tuple[str, str, bool, bool, tuple[str, ...]], int] = {}
        self._pieces = {reading: _PieceCodes(reading, self) for reading in READINGS}

    def read(self, text: str, language: str) -> Iterator[int]:
        """The codes of a text's tokens in reading order; unknown languages are read as French."""
        pieces = self._pieces[choose_reading(text, language)]
        if may_hold_blanks(text):
            return chain.from_iterable(pieces.read_chunk(chunk) for _, chunk in cut_chunks(text))
        return chain.from_iterable(map(pieces.__getitem__, text.split()))

    def encode(self, chunk: str, reading: str) -> Iterator[int]:
        """The codes of one graphic word."""
        for token in read_chunk(chunk, reading):
            key = (token.exact, token.stem, token.is_stop, token.is_alias, token.names)
            code = self._codes.get(key)
            if code is None:
                code = self._codes[key] = len(self._form_of)
                self._form_of.append(self.forms.number(token.exact))
                self._stem_of.append(self.stems.number(token.stem))
                self._names_of.extend(map(self.names.number, token.names))
                self._name_ends.append(len(self._names_of))
                self._is_stop.append(token.is_stop)
                self._is_alias.append(token.is_alias)
            yield code

    def form_of(self) -> NDArray[np.int32]:
        """The number of the form of each code."""
        return np.array(self._form_of, np.int32)

    def stem_of(self) -> NDArray[np.int32]:
        """The number of the stem of each code."""
        return np.array(self._stem_of, np.int32)

    def names_of(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The numbers of the names of all codes, code after code, and where each code's end."""
        return np.array(self._names_of, np.int32), np.array(self._name_ends, np.int32)

    def is_stop(self) -> NDArray[np.bool_]:
        """Which codes are stop words."""
        return np.array(self._is_stop, np.bool_)

    def is_alias(self) -> NDArray[np.bool_]:
        """Which codes are other names of the words before them."""
        return np.array(self._is_alias, np.bool_)
