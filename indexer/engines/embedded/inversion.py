"""Turn texts into the postings of every stored field, all texts of a run at once.

Stop words take no place, so that "président de la république" is a phrase of two words side by
side; a compound's other names stand where its last word stands. Texts of a document never touch.

Where the words of each paragraph begin, in characters, is kept beside, so that an extract is cut
and marked without analysing its paragraph again (`pack_steps`).
"""

import ctypes
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import ClassVar, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import (
    READINGS,
    Token,
    choose_reading,
    cut_chunks,
    find_spaced_chunks,
    read_chunk,
)
from indexer.engines.embedded.postings import (
    KERNEL,
    LAST_PLACE,
    PLACE_BITS,
    AnyArray,
    Docs,
    FieldColumns,
    Kernel,
    PairColumns,
    PlaceNumbers,
    address_of,
    collect_postings,
    differs,
    find_pairs,
    invert,
)
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_STEMS,
    AUTHOR,
    BODY,
    BODY_START,
    GAP,
    NOTE,
    SECTION,
    STOP_PAIRS,
    TITLE,
    TITLE_EXACT,
    TITLE_STEMS,
)
from indexer.index.postings import Part

# A table takes about half a kilobyte a code, and with the kernel some 40 bytes a piece.
MOST_CODES: Final = 40_000
_PIECES_PER_CODE: Final = 4
_CUT_AT_ONCE: Final = 1 << 16  # characters
_CUT_PER_CODE: Final = 2
_PIECE: Final = re.compile(r"\S+")
_AT_ONCE: Final = 100_000  # characters


Flags = NDArray[np.bool_]
Small = NDArray[np.int32]


_TAGS: Final = {reading: 2 * number for number, reading in enumerate(READINGS)}
_ENCODING: Final = ("utf-8", "surrogatepass")  # a title may hold half a pair
_ACCENTED, _MAY_HOLD_BLANKS = 1, 2  # what kernel.c says of a text
_CLOSING: Final = ',.;:)»!?"”…'  # no graphic word ends with one of these after a letter


class _StringTable:
    """Strings by number, a number a string."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._ordered: list[str] = []
        self._ranks = np.empty(0, np.int32)

    def number(self, name: str) -> int:
        """Give the number of a string, a new one when it has none yet."""
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self.names)
            self.names.append(name)
        return number

    def ranks(self) -> Small:
        """Give the place of each string among all of them, in order of their bytes in UTF-8.

        That is the order of their characters. Most are in order since they were asked for before.
        """
        if len(self._ordered) < len(self.names):
            self._ordered += self.names[len(self._ordered) :]
            self._ordered.sort()
            self._ranks = np.empty(len(self.names), np.int32)
            numbers = list(map(self._numbers.__getitem__, self._ordered))
            self._ranks[numbers] = np.arange(len(numbers))
        return self._ranks


class _PieceNumbers(dict[str, int]):
    """The numbers of everything met between two blanks in one reading of `analysis.READINGS`."""

    def __init__(self, reading: str, table: "TokenTable") -> None:
        super().__init__()
        self._reading = reading
        self._table = table
        self._chunks: dict[str, int] = {}  # graphic words that are pieces by themselves

    def __missing__(self, piece: str) -> int:
        number = self[piece] = self._table.read_piece(piece, self._reading)
        return number

    def number_chunk(self, chunk: str) -> int:
        """Give the number of one graphic word, which may hold a blank."""
        number = self._chunks.get(chunk)
        if number is None:
            number = self._chunks[chunk] = self._table.read_piece(
                chunk, self._reading, is_chunk=True
            )
        return number


class _PieceHash(ctypes.Structure):
    """The pieces that kernel.c has numbered, as it has them."""

    _fields_: ClassVar = [
        *((name, ctypes.c_void_p) for name in ("keys", "key_ends", "slots")),
        *((name, ctypes.c_int64) for name in ("count", "most", "most_bytes", "mask")),
    ]


class _KernelPieces:
    """The numbers of everything met between two blanks, in any reading, by the kernel.

    A piece is known by a tag, twice the number of its reading and 1 for a graphic word that is a
    piece by itself, and by what it is.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._keys = np.empty(1 << 16, np.uint8)
        self._key_ends = np.empty(1 << 12, np.int64)
        self._slots = np.zeros(1 << 13, np.uint64)
        self._held = _PieceHash()
        self._point()

    def _point(self) -> None:
        held = self._held
        held.keys, held.key_ends = address_of(self._keys), address_of(self._key_ends)
        held.slots, held.mask = address_of(self._slots), self._slots.size - 1
        held.most, held.most_bytes = self._key_ends.size, self._keys.size

    def _grow(self) -> None:
        """Make room: for more bytes, or for more pieces if there is none."""
        held = self._held
        if held.count < held.most:
            self._keys = np.concatenate([self._keys, np.empty_like(self._keys)])
            self._point()
            return
        self._key_ends = np.concatenate([self._key_ends, np.empty_like(self._key_ends)])
        self._slots = np.zeros(2 * self._slots.size, np.uint64)
        self._point()
        self._kernel.place_pieces(ctypes.byref(held))

    def list_new(self, known: int) -> Iterator[tuple[int, str]]:
        """Give the tag and the text of each piece from number `known` on."""
        count = self._held.count
        if known == count:
            return
        first = int(self._key_ends[known - 1]) if known else 0
        ends = (self._key_ends[known:count] - first).tolist()
        keys = self._keys[first : first + ends[-1]].tobytes()
        for begin, end in zip([0, *ends], ends, strict=False):
            yield keys[begin], keys[begin + 1 : end].decode(*_ENCODING)

    def read(self, texts: Sequence[str], languages: Sequence[str]) -> "PiecesOfTexts":
        """Cut texts of some languages into pieces."""
        encoded = [text.encode(*_ENCODING) for text in texts]
        joined, count = b"".join(encoded), len(texts)
        ends = np.cumsum(list(map(len, encoded)), dtype=np.int64)
        looks = np.empty(count, np.uint8)
        self._kernel.look(joined, address_of(ends), count, address_of(looks))
        tags = np.array(
            [
                _TAGS["fr"]
                if look & _ACCENTED and language != "en"
                else _TAGS[choose_reading(text, language)]
                for text, language, look in zip(texts, languages, looks.tolist(), strict=True)
            ],
            np.uint8,
        )
        is_whole, counts = np.zeros(count, np.uint8), np.zeros(count, np.int64)
        spans: list[tuple[int, int]] = []
        for at in np.flatnonzero(looks & _MAY_HOLD_BLANKS).tolist():
            found = find_spaced_chunks(texts[at])
            if found is None:
                is_whole[at] = 1
                found = [(start, start + len(chunk)) for start, chunk in cut_chunks(texts[at])]
            counts[at] = len(found)
            spans += found
        bounds, span_ends = np.array(spans, np.int32), np.cumsum(counts, dtype=np.int64)
        numbers, starts = np.empty(len(joined), np.int32), np.empty(len(joined), np.int32)
        piece_ends = np.empty(count, np.int64)
        done = 0
        while True:
            done = self._kernel.cut(
                *(ctypes.byref(self._held), joined),
                *(address_of(each) for each in (ends, tags, is_whole, bounds, span_ends)),
                *(done, count),
                *(address_of(each) for each in (numbers, starts, piece_ends)),
            )
            if done == count:
                break
            self._grow()
        last = int(piece_ends[-1]) if count else 0
        return PiecesOfTexts(numbers[:last].copy(), starts[:last].copy(), piece_ends)


class TokenTable:
    """A code for every token that differs in form, names, stem, stop word or alias."""

    def __init__(self, most_codes: int = MOST_CODES, kernel: Kernel | None = KERNEL) -> None:
        """Begin a table without any token; beyond so many it is full.

        Texts are cut by `kernel`, or without it.
        """
        self._most_codes = most_codes
        # Characters of texts that are cut at once: all their words may be new to a small table.
        self.cut_at_once = min(_CUT_AT_ONCE, most_codes * _CUT_PER_CODE)
        self._most_pieces = most_codes * _PIECES_PER_CODE
        self.forms = _StringTable()
        self.stems = _StringTable()
        self.names = _StringTable()
        self._form_of = array("i")
        self._name_ends = array("i")
        self._names_of = array("i")
        self._stem_of = array("i")
        self._is_stop = bytearray()
        self._is_alias = bytearray()
        self._codes: dict[tuple[str | bool, ...], int] = {}
        self._chunks: dict[str, dict[str, list[int]]] = {reading: {} for reading in READINGS}
        self._pieces = {reading: _PieceNumbers(reading, self) for reading in READINGS}
        self._kernel_pieces = None if kernel is None else _KernelPieces(kernel)
        self._piece_ends = array("i")
        self._piece_codes = array("i")
        self._piece_starts = array("i")

    def close(self) -> None:
        """Let the pieces go, which know the table: Python frees a circle when it likes to."""
        self._pieces.clear()

    @property
    def is_full(self) -> bool:
        """Whether so much is held that a new table has to be begun."""
        return len(self._form_of) > self._most_codes or len(self._piece_ends) > self._most_pieces

    def read(self, texts: Sequence[str], languages: Sequence[str]) -> "PiecesOfTexts":
        """Cut texts into pieces; unknown languages are read as French."""
        if self._kernel_pieces is None:
            return _join_pieces([self._cut(*each) for each in zip(texts, languages, strict=True)])
        pieces = self._kernel_pieces.read(texts, languages)
        for tag, piece in self._kernel_pieces.list_new(len(self._piece_ends)):
            self.read_piece(piece, READINGS[tag // 2], is_chunk=bool(tag % 2))
        return pieces

    def _cut(self, text: str, language: str) -> "PiecesOfText":
        numbers = self._pieces[choose_reading(text, language)]
        spaced = find_spaced_chunks(text)
        if spaced is None:
            chunks = list(cut_chunks(text))
            return _place(
                [numbers.number_chunk(each) for _, each in chunks], [at for at, _ in chunks]
            )
        if spaced:
            return _cut_around(text, spaced, numbers)
        named: list[int] = []
        lengths: list[int] = []
        for slice_ in _cut_long(text):
            pieces = slice_.split()
            named += map(numbers.__getitem__, pieces)
            lengths += map(len, pieces)
        if sum(lengths) + len(lengths) == len(text) + 1:
            return PiecesOfText(named, 0, lengths)  # one blank between two, and none around
        return _place(named, [found.start() for found in _PIECE.finditer(text)])

    def read_piece(self, piece: str, reading: str, *, is_chunk: bool = False) -> int:
        """Give a new piece a number, by the codes of its tokens and where graphic words begin.

        `is_chunk` says that it is one graphic word.
        """
        word = piece.rstrip(_CLOSING)
        chunks: Iterable[tuple[int, str]]
        if is_chunk:
            chunks = ((0, piece),)
        elif word.isalpha():  # as most are
            chunks = ((0, word),)
        else:
            chunks = cut_chunks(piece)
        for start, chunk in chunks:
            codes = self._read_chunk(chunk, reading)
            self._piece_codes.extend(codes)
            self._piece_starts.extend([start] * len(codes))
        self._piece_ends.append(len(self._piece_codes))
        return len(self._piece_ends) - 1

    def pieces(self) -> tuple[Small, Small, Small]:
        """Give the codes of all pieces, piece after piece, and where they begin and end.

        That is: where the graphic word of each code begins in its piece, and where the codes of
        each piece end.
        """
        held = (self._piece_codes, self._piece_starts, self._piece_ends)
        codes, starts, ends = (np.array(each, np.int32) for each in held)
        return codes, starts, ends

    def _read_chunk(self, chunk: str, reading: str) -> list[int]:
        """Give the codes of one graphic word."""
        known = self._chunks[reading].get(chunk)
        if known is None:
            tokens = read_chunk(chunk, reading)
            known = self._chunks[reading][chunk] = [self._number(token) for token in tokens]
        return known

    def _number(self, token: Token) -> int:
        """Give the code of a token, a new one when it has none yet."""
        marks = (token.is_stop, token.is_alias)
        facts: tuple[str | bool, ...] = (token.exact, token.stem, *marks, *token.names)
        code = self._codes.get(facts)
        if code is None:
            code = self._codes[facts] = len(self._form_of)
            self._form_of.append(self.forms.number(token.exact))
            self._stem_of.append(self.stems.number(token.stem))
            self._names_of.extend(map(self.names.number, token.names))
            self._name_ends.append(len(self._names_of))
            self._is_stop.append(token.is_stop)
            self._is_alias.append(token.is_alias)
        return code

    def form_of(self) -> NDArray[np.int32]:
        """Give the number of the form of each code."""
        return np.array(self._form_of, np.int32)

    def stem_of(self) -> NDArray[np.int32]:
        """Give the number of the stem of each code."""
        return np.array(self._stem_of, np.int32)

    def names_of(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Give the numbers of the names of all codes, code by code, and where each code's end."""
        return np.array(self._names_of, np.int32), np.array(self._name_ends, np.int32)

    def is_stop(self) -> NDArray[np.bool_]:
        """Which codes are stop words."""
        return np.array(self._is_stop, np.bool_)

    def is_alias(self) -> NDArray[np.bool_]:
        """Which codes are other names of the words before them."""
        return np.array(self._is_alias, np.bool_)


class PiecesOfTexts(NamedTuple):
    """The pieces of texts, by number, one text after the other."""

    numbers: Small
    starts: Small  # where each begins in its text, in characters
    ends: NDArray[np.int64]  # where the pieces of each text end


def _cut_long(text: str) -> Iterator[str]:
    """Cut a text at blanks into parts of some _AT_ONCE characters: few of its words are held."""
    start = 0
    while len(text) - start > _AT_ONCE:
        end = text.find(" ", start + _AT_ONCE)
        if end < 0:
            break
        yield text[start:end]
        start = end + 1
    yield text[start:] if start else text


class PiecesOfText(NamedTuple):
    """The pieces of a text, by number, and where they stand in it."""

    numbers: list[int]
    start: int  # of the first, in characters
    lengths: list[int]  # of each, as if one blank stood between two


def _cut_around(
    text: str, spaced: Iterable[tuple[int, int]], numbers: _PieceNumbers
) -> PiecesOfText:
    """Cut a text into graphic words that hold blanks, and the pieces around them."""
    named: list[int] = []
    starts: list[int] = []
    done = 0
    for start, end in (*spaced, (len(text), len(text))):
        for found in _PIECE.finditer(text, done, start):
            named.append(numbers[found.group()])
            starts.append(found.start())
        if start < end:
            named.append(numbers.number_chunk(text[start:end]))
            starts.append(start)
        done = end
    return _place(named, starts)


def _place(numbers: list[int], starts: list[int]) -> PiecesOfText:
    """Say where pieces stand by where each begins."""
    lengths = [after - start - 1 for start, after in pairwise(starts)]
    return PiecesOfText(numbers, starts[0] if starts else 0, [*lengths, 0][: len(starts)])


def _join_pieces(texts: Sequence[PiecesOfText]) -> PiecesOfTexts:
    """Put the pieces of several texts one after the other."""
    sizes = np.array([len(text.numbers) for text in texts], np.int64)
    ends = np.cumsum(sizes)
    lengths = np.array([size for text in texts for size in text.lengths], np.int64) + 1
    begins = np.cumsum(lengths) - lengths
    first = np.append(begins, 0)[ends - sizes]
    begins -= np.repeat(first - np.array([text.start for text in texts], np.int64), sizes)
    numbers = np.array([number for text in texts for number in text.numbers], np.int32)
    return PiecesOfTexts(numbers, begins.astype(np.int32), ends)


_NO_FIELD: Final = -1
_OWN_FIELDS: Final = (TITLE, AUTHOR, NOTE, SECTION)
_NUMBER_OF_FIELD: Final = {"": _NO_FIELD} | {name: at for at, name in enumerate(_OWN_FIELDS)}


class TokenStream:
    """The tokens of texts, one after the other, as they are read."""

    def __init__(self, table: TokenTable, begun: Mapping[str, int] | None = None) -> None:
        """Begin a stream without any text; `table` numbers its tokens.

        Where the first document goes on from another stream, `begun` is the `places` of that one.
        """
        self._table = table
        self._begun = begun or {}
        # Once the texts are inverted: how many places the last document has taken in each field,
        # and what stands side by side, by the field of the words.
        self.places: Mapping[str, int] = {}
        self.pairs: Mapping[str, PairColumns] = {}
        # Two rows: numbers of names, among the terms of ALL; of forms that have them, of ALL_EXACT.
        self.forms = np.empty((2, 0), np.int32)
        self._waiting: list[Part] = []  # cut many at once
        self._waiting_size = 0  # in characters
        self._read: list[PiecesOfTexts] = []
        self._read_pieces = 0
        self._docs = array("i")
        self._fields = array("b")
        self._in_all = bytearray()
        self._in_body = bytearray()

    def __len__(self) -> int:
        """Count the pieces taken in, and the texts that are not cut yet."""
        return self._read_pieces + len(self._waiting)

    def add(self, doc: int, part: Part) -> bool:
        """Take in a text of a document; gives whether texts were cut then, many at once."""
        self._waiting.append(part)
        self._docs.append(doc)
        self._waiting_size += len(part.text)
        if self._waiting_size < self._table.cut_at_once:
            return False
        self._cut_waiting()
        return True

    def _cut_waiting(self) -> None:
        """Cut what was taken in."""
        parts, self._waiting, self._waiting_size = self._waiting, [], 0
        if not parts and self._read:
            return
        read = self._table.read([part.text for part in parts], [part.language for part in parts])
        self._read.append(read)
        self._read_pieces += read.numbers.size
        self._fields.extend([_NUMBER_OF_FIELD[part.field] for part in parts])
        self._in_all.extend([part.is_in_all for part in parts])
        self._in_body.extend([part.is_body for part in parts])

    def invert(self) -> dict[str, FieldColumns]:
        """Give the postings of every stored field that has any, by name, and STEPS."""
        inversion, steps = self._begin_inversion()
        self.places = inversion.count_places()
        columns = inversion.columns() | ({STEPS: steps} if steps.docs.size else {})
        self.pairs, self.forms = inversion.pairs, inversion.list_forms()
        return columns

    def _begin_inversion(self) -> tuple["_Inversion", FieldColumns]:
        """Put the tokens of all texts in one row; gives where their words begin too.

        What that takes is let go before any field is turned round: both are as large.
        """
        self._cut_waiting()
        pieces = np.concatenate([read.numbers for read in self._read])
        codes, starts, ends = self._table.pieces()
        sizes = np.diff(ends, prepend=0)[pieces]
        last = np.cumsum(sizes, dtype=np.int64)
        # The numbers from the first code of each piece to before the first of the next.
        flat = np.arange(int(last[-1]) if last.size else 0)
        flat += np.repeat(ends[pieces] - last, sizes)
        texts = self._describe(np.concatenate([[0], last]))
        del pieces, last
        inversion = _Inversion(self._table, codes[flat], texts, self._begun)
        begins = starts[flat]
        del flat
        begins += np.repeat(np.concatenate([read.starts for read in self._read]), sizes)
        del sizes
        return inversion, inversion.find_steps(begins)

    def _describe(self, ends: NDArray[np.int64]) -> "_Texts":
        """Say what is known of each text; `ends` is where each piece ends, in tokens, from 0 on."""
        sizes = [np.diff(read.ends, prepend=0) for read in self._read]
        return _Texts(
            ends[np.cumsum(np.concatenate(sizes))],
            np.array(self._docs, np.int32),
            np.array(self._fields, np.int8),
            np.array(self._in_all, np.bool_),
            np.array(self._in_body, np.bool_),
        )


class _Texts(NamedTuple):
    """Hold the facts of the texts of a run, in the order of their documents."""

    ends: NDArray[np.int64]  # in tokens
    docs: Small
    fields: NDArray[np.int8]
    in_all: Flags
    in_body: Flags

    def inside(self, field: str) -> Flags:
        """Which texts have words in a field."""
        return self.in_all if field == ALL else self.fields == _NUMBER_OF_FIELD[field]


def _rank(strings: _StringTable, terms: Small) -> tuple[list[bytes], Small, Small]:
    """Put the terms of some occurrences in order, as `rank_terms` does, by numbers of `strings`.

    Gives besides, by number, the place of each term in that order; -1 where it does not occur.
    """
    used = np.flatnonzero(np.bincount(terms, minlength=len(strings.names)))
    used = used[np.argsort(strings.ranks()[used])]
    places = np.full(len(strings.names), -1, np.int32)
    places[used] = np.arange(used.size)
    return [strings.names[number].encode() for number in used.tolist()], places[terms], places


class _Inversion:
    """One run being turned round."""

    def __init__(
        self, table: TokenTable, codes: Small, texts: _Texts, begun: Mapping[str, int]
    ) -> None:
        self._table, self._texts, self._begun = table, texts, begun
        self.pairs: dict[str, PairColumns] = {}  # by the field of the words, once that was given
        # By field, the numbers of names and of forms among its terms; -1: they are none.
        self._name_ranks: dict[str, Small] = {}
        self._form_ranks: dict[str, Small] = {}
        self._text = np.repeat(
            np.arange(texts.ends.size, dtype=np.int32), np.diff(texts.ends, prepend=0)
        )
        self._stop = table.is_stop()[codes]
        self._stems = table.stem_of()[codes]
        self._forms = table.form_of()[codes]
        self._codes = codes
        self._alias = table.is_alias()[codes]
        is_word = ~self._stop & ~self._alias
        words = np.zeros(is_word.size + 1, np.int32)
        np.cumsum(is_word, out=words[1:])
        self._words_before = words[1:]  # this one counted, from the first text on
        ends = words[texts.ends]
        self._words_to_text = np.concatenate([[0], ends[:-1]])
        self._words_in_text = ends - self._words_to_text

    def find_steps(self, starts: Small) -> FieldColumns:
        """Say where the words of paragraphs begin.

        `starts` is where the graphic word of every token begins in its text, in characters.
        """
        words = np.flatnonzero(self._texts.in_body[self._text] & ~self._stop & ~self._alias)
        text, begins = self._text[words], starts[words]
        steps = np.where(differs(text), begins, np.diff(begins, prepend=0))
        packed, sizes = pack_steps(steps)
        docs = self._texts.docs[text]
        first = np.flatnonzero(differs(docs))
        counts = np.add.reduceat(sizes, first) if first.size else sizes
        return FieldColumns([b""], np.array([first.size]), docs[first], counts, packed)

    def columns(self) -> dict[str, FieldColumns]:
        """Give the postings of every field that has any."""
        texts = self._texts
        fields = {
            ALL: self._place_names(ALL),
            ALL_STEMS: self._count_stems(ALL, ALL_STEMS),
            BODY: self._find_bodies(),
        }
        for name in _OWN_FIELDS:
            if name == AUTHOR:
                fields[name] = self._count_forms(name, has_places=True)
            else:
                fields[name] = self._place_names(name)
        fields[TITLE_STEMS] = self._count_stems(TITLE, TITLE_STEMS)
        fields[TITLE_EXACT] = self._count_forms(TITLE)
        fields[ALL_EXACT] = self._count_forms(ALL)
        fields[STOP_PAIRS[ALL]] = self._pair_stops(texts.in_all)
        fields[STOP_PAIRS[BODY]] = self._pair_stops(texts.in_body)
        for name in (TITLE, NOTE, SECTION):
            fields[STOP_PAIRS[name]] = self._pair_stops(texts.inside(name))
        return {name: held for name, held in fields.items() if held.terms}

    def _count_stems(self, field: str, stems: str) -> FieldColumns:
        """Give the postings of the field of stems of a field, and keep the pairs of stems."""
        chosen = np.flatnonzero(self._texts.inside(field)[self._text] & ~self._stop)
        docs, places = self._find_places(field, chosen)
        names, ranks, _ = _rank(self._table.stems, self._stems[chosen])
        if names:
            self.pairs[stems] = find_pairs(ranks, docs, places)
        return collect_postings(names, ranks, docs, None)

    def _place_names(self, field: str) -> FieldColumns:
        """Give the names of the texts of a field and where they stand.

        All names of a word stand at its place.
        """
        chosen = np.flatnonzero(self._texts.inside(field)[self._text] & ~self._stop)
        docs, places = self._find_places(field, chosen)
        names, ends = self._table.names_of()
        codes = self._codes[chosen]
        sizes = np.diff(ends, prepend=0)[codes]
        # The numbers from the first name of each word to before the first of the next.
        last = np.cumsum(sizes)
        within = np.arange(int(last[-1]) if last.size else 0) - np.repeat(last - sizes, sizes)
        terms = names[np.repeat(ends[codes] - sizes, sizes) + within]
        held, ranks, self._name_ranks[field] = _rank(self._table.names, terms)
        return collect_postings(held, ranks, np.repeat(docs, sizes), np.repeat(places, sizes))

    def _find_places(self, field: str, chosen: NDArray[np.intp]) -> tuple[Small, Small]:
        """Give the document of each of some tokens and the place where it stands there."""
        text = self._text[chosen]
        # A name of words that take no place ("peut-être") stands in its own text all the same.
        within = np.maximum(self._words_before[chosen] - self._words_to_text[text], 1)
        places = self._begin_texts(field)[text] + within
        return self._texts.docs[text], np.minimum(places, LAST_PLACE).astype(np.int32)

    def count_places(self) -> dict[str, int]:
        """Count the places that the last document takes in each field, and its gaps."""
        docs = self._texts.docs
        last = docs == docs[-1] if docs.size else np.zeros(0, np.bool_)
        goes_on = bool(last.all())  # it is the first too
        return {
            field: int((self._words_in_text + GAP)[last & self._texts.inside(field)].sum())
            + (self._begun.get(field, 0) if goes_on else 0)
            for field in (ALL, *_OWN_FIELDS)
        }

    def _begin_texts(self, field: str) -> NDArray[np.int64]:
        """Give the place before the first of each text, among those of its field and document."""
        taken = np.where(self._texts.inside(field), self._words_in_text + GAP, 0)
        before = np.cumsum(taken) - taken
        docs = self._texts.docs
        first = np.maximum.accumulate(np.where(differs(docs), np.arange(docs.size), 0))
        begins: NDArray[np.int64] = before - before[first] - 1
        begins[docs == docs[:1]] += self._begun.get(field, 0)
        return begins

    def _count_forms(self, field: str, *, has_places: bool = False) -> FieldColumns:
        """Give the forms of the texts of a field, stop words too; where they stand, if wanted.

        A stop word has a place of its own there: the initials of names are some of them.
        """
        chosen = np.flatnonzero(self._texts.inside(field)[self._text])
        text = self._text[chosen]
        places = None
        if has_places:
            forms = np.concatenate([[0], np.cumsum(~self._alias)])
            begins = np.concatenate([[0], self._texts.ends[:-1]])
            within = np.maximum(forms[chosen + 1] - forms[begins][text], 1)
            numbers = self._begin_texts(field)[text] + within
            places = np.minimum(numbers, LAST_PLACE).astype(np.int32)
        names, ranks, self._form_ranks[field] = _rank(self._table.forms, self._forms[chosen])
        return collect_postings(names, ranks, self._texts.docs[text], places)

    def list_forms(self) -> Small:
        """List the names of all tokens and, beside, the forms that have each, once `columns` ran.

        Gives two rows of numbers: those of terms of ALL and of ALL_EXACT; what is in neither is
        left out.
        """
        is_used = np.zeros(self._table.form_of().size, np.bool_)
        is_used[self._codes] = True
        names, ends = self._table.names_of()
        sizes = np.diff(ends, prepend=0)
        kept = np.repeat(is_used, sizes)
        pairs = [
            self._name_ranks[ALL][names[kept]],
            self._form_ranks[ALL][np.repeat(self._table.form_of(), sizes)[kept]],
        ]
        found = np.array(pairs, np.int64)
        found = found[:, (found >= 0).all(axis=0)]
        different = np.unique((found[0] << 32) | found[1])
        return np.array([different >> 32, different & 0xFFFF_FFFF], np.int32)

    def _pair_stops(self, inside: Flags) -> FieldColumns:
        """Two stop words side by side in some texts, other names of them aside."""
        chosen = np.flatnonzero(inside[self._text] & ~self._alias)
        text, stop = self._text[chosen], self._stop[chosen]
        pair = np.flatnonzero(stop[1:] & stop[:-1] & (text[1:] == text[:-1]))
        left, right = chosen[pair], chosen[pair + 1]
        text = self._text
        forms = self._table.forms.names
        pairs = (self._forms[left].astype(np.int64) << 32) | self._forms[right]
        different, terms = np.unique(pairs, return_inverse=True)
        names = [f"{forms[pair >> 32]} {forms[pair & 0xFFFF_FFFF]}" for pair in different.tolist()]
        docs = self._texts.docs[text[left]]
        return invert(names, terms.astype(np.int32), docs, None)

    def _find_bodies(self) -> FieldColumns:
        """Give the place in ALL where each paragraph begins, as postings of BODY_START."""
        texts = self._texts
        bodies = np.flatnonzero(texts.in_body)
        places = np.minimum(self._begin_texts(ALL)[bodies] + 1, LAST_PLACE)
        docs = texts.docs[bodies]
        return invert([BODY_START], np.zeros(bodies.size, np.int32), docs, places.astype(np.int32))


def sum_lengths(columns: FieldColumns, size: int) -> Small:
    """Count the terms that each document from 0 to before `size` has in a field."""
    return np.bincount(columns.docs, columns.counts, size).astype(np.int32)


# Beside the fields: no postings, but where the words of the paragraphs of each document begin.
# Its one term has every document, "occurrences" are bytes, and "places" what `pack_steps` gives.
STEPS: Final = "steps"
_FAR: Final = 255


def pack_steps(steps: AnyArray) -> tuple[NDArray[np.uint8], AnyArray]:
    """Write numbers (none negative, most of them small) as bytes: 300 is 255 and 45.

    Gives the bytes and how many each number has.
    """
    sizes = steps // _FAR + 1
    packed = np.full(int(sizes.sum()), _FAR, np.uint8)
    packed[np.cumsum(sizes) - 1] = steps % _FAR
    return packed, sizes


def unpack_steps(packed: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Give the sums of the numbers that `pack_steps` wrote: each number and those before it."""
    sums: NDArray[np.int64] = np.cumsum(packed, dtype=np.int64)[packed != _FAR]
    return sums


_END: Final = 1 << 62  # wherever a text ends


def find_spans(
    places: PlaceNumbers, paragraphs: Docs, starts: PlaceNumbers, packed: Sequence[AnyArray]
) -> tuple[AnyArray, AnyArray]:
    """Find where words begin, and the next, in characters of their paragraphs.

    `places` are theirs, `paragraphs` the numbers in `starts` of the paragraphs that they stand in;
    `starts` is where all paragraphs of some documents begin, `packed` where the words of each of
    these documents do.
    """
    begins = [unpack_steps(each) for each in packed]
    ends = np.cumsum([each.size for each in begins])  # of the words of each document
    # Where each word begins if a document's paragraphs stood one after the other.
    every = np.concatenate([*begins, np.zeros(1, np.int64)])
    owners = starts >> PLACE_BITS
    first = owners.searchsorted(owners)
    # Between the beginnings of two paragraphs lie the words of the first and a gap.
    inside = starts - starts[first] - GAP * (np.arange(starts.size) - first)
    words = inside + np.append(0, ends)[owners]
    counts = np.diff(words, append=every.size - 1)
    offsets = np.where(inside > 0, every[words - 1], 0)[paragraphs]
    word, number = places - starts[paragraphs], words[paragraphs]
    begin = every.take(number + word, mode="clip") - offsets
    after = every.take(number + word + 1, mode="clip") - offsets
    # Two words of one graphic word begin where that does.
    end = np.where(word + 1 < counts[paragraphs], np.maximum(after, begin + 1), _END)
    # A name of several words that no word stands before has the place of the first that follows.
    return np.where(word > 0, begin, 0), end
