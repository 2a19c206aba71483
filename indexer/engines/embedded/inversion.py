"""Turn texts into the postings of every stored field, all texts of a run at once.

Stop words take no place, so that "président de la république" is a phrase of two words side by
side; a compound's other names stand where its last word stands. Texts of a document never touch.

Where the words of each paragraph begin, in characters, is kept beside, so that an extract is cut
and marked without analysing its paragraph again (`pack_steps`).
"""

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

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
    LAST_PLACE,
    PLACE_BITS,
    AnyArray,
    Docs,
    FieldColumns,
    PairColumns,
    PlaceNumbers,
    collect_postings,
    differs,
    find_pairs,
    invert,
    rank_terms,
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

# A table takes about half a kilobyte a code, and 200 bytes a piece.
MOST_CODES: Final = 40_000
_PIECES_PER_CODE: Final = 2
_PIECE: Final = re.compile(r"\S+")


Flags = NDArray[np.bool_]
Small = NDArray[np.int32]


_BETWEEN_TOKENS: Final = "\x1e"  # no graphic word holds either
_BETWEEN_FIELDS: Final = "\x1f"
_STOP, _ALIAS = "s", "a"  # what a token is


class WordMemory:
    """Remembers the tokens of graphic words, so that one that comes back is not analysed again.

    What is remembered is in two halves: what is found in the older goes to the younger, and when
    that is full the older is forgotten. A word takes some 250 bytes.
    """

    def __init__(self, most: int) -> None:
        """Remember about `most` graphic words."""
        self._half = max(most // 2, 1)
        self._young: dict[str, str] = {}
        self._old: dict[str, str] = {}

    def read(self, chunk: str, reading: str) -> str:
        """Give the tokens of a graphic word in one of `analysis.READINGS`.

        They are joined by _BETWEEN_TOKENS; of each its form, its stem, its marks (_STOP, _ALIAS)
        and its names, joined by _BETWEEN_FIELDS. "" where it has none.
        """
        key = f"{reading}{_BETWEEN_FIELDS}{chunk}"
        known = self._young.get(key)
        if known is None:
            known = self._old.pop(key, None)
            if known is None:
                known = _BETWEEN_TOKENS.join(map(_write_token, read_chunk(chunk, reading)))
            if len(self._young) >= self._half:
                self._young, self._old = {}, self._young
            self._young[key] = known
        return known


def _write_token(token: Token) -> str:
    marks = _STOP * token.is_stop + _ALIAS * token.is_alias
    return _BETWEEN_FIELDS.join((token.exact, token.stem, marks, *token.names))


class _StringTable:
    """Strings by number, a number a string."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """Give the number of a string, a new one when it has none yet."""
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self.names)
            self.names.append(name)
        return number


class _PieceNumbers(dict[str, int]):
    """The numbers of everything met between two blanks in one reading of `analysis.READINGS`."""

    def __init__(self, reading: str, table: "TokenTable") -> None:
        super().__init__()
        self._reading = reading
        self._table = table
        self._codes: dict[str, tuple[int, ...]] = {}  # of graphic words
        self._chunks: dict[str, int] = {}  # graphic words that are pieces by themselves

    def __missing__(self, piece: str) -> int:
        codes: list[int] = []
        starts: list[int] = []
        for start, chunk in cut_chunks(piece):
            known = self._read_chunk(chunk)
            codes += known
            starts += [start] * len(known)
        number = self[piece] = self._table.add_piece(codes, starts)
        return number

    def number_chunk(self, chunk: str) -> int:
        """Give the number of one graphic word, which may hold a blank."""
        number = self._chunks.get(chunk)
        if number is None:
            codes = self._read_chunk(chunk)
            number = self._chunks[chunk] = self._table.add_piece(codes, [0] * len(codes))
        return number

    def _read_chunk(self, chunk: str) -> tuple[int, ...]:
        """Give the codes of one graphic word."""
        known = self._codes.get(chunk)
        if known is None:
            known = self._codes[chunk] = tuple(self._table.encode(chunk, self._reading))
        return known


class TokenTable:
    """A code for every token that differs in form, names, stem, stop word or alias."""

    def __init__(self, most_codes: int = MOST_CODES, memory: WordMemory | None = None) -> None:
        """Begin a table without any token; beyond so many it is full.

        `memory` has what was read before, and is given what is read.
        """
        self._memory = memory or WordMemory(most_codes)
        self._most_codes = most_codes
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
        self._codes: dict[str, int] = {}
        self._pieces = {reading: _PieceNumbers(reading, self) for reading in READINGS}
        self._piece_ends = array("i")
        self._piece_codes = array("i")
        self._piece_starts = array("i")

    @property
    def is_full(self) -> bool:
        """Whether so much is held that a new table has to be begun."""
        return len(self._form_of) > self._most_codes or len(self._piece_ends) > self._most_pieces

    def read(self, text: str, language: str) -> "PiecesOfText":
        """Cut a text into pieces; unknown languages are read as French."""
        numbers = self._pieces[choose_reading(text, language)]
        spaced = find_spaced_chunks(text)
        if spaced is None:
            chunks = list(cut_chunks(text))
            return _place(
                [numbers.number_chunk(each) for _, each in chunks], [at for at, _ in chunks]
            )
        if spaced:
            return _cut_around(text, spaced, numbers)
        pieces = text.split()
        named = list(map(numbers.__getitem__, pieces))
        lengths = list(map(len, pieces))
        if sum(lengths) + len(lengths) == len(text) + 1:
            return PiecesOfText(named, 0, lengths)  # one blank between two, and none around
        return _place(named, [found.start() for found in _PIECE.finditer(text)])

    def add_piece(self, codes: Iterable[int], starts: Iterable[int]) -> int:
        """Give a piece a number, by the codes of its tokens and where the graphic words begin."""
        self._piece_codes.extend(codes)
        self._piece_starts.extend(starts)
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

    def encode(self, chunk: str, reading: str) -> list[int]:
        """Give the codes of one graphic word."""
        tokens = self._memory.read(chunk, reading)
        return list(map(self._number, tokens.split(_BETWEEN_TOKENS))) if tokens else []

    def _number(self, token: str) -> int:
        """Give the code of a token as `WordMemory` has it, a new one when it has none yet."""
        code = self._codes.get(token)
        if code is None:
            code = self._codes[token] = len(self._form_of)
            form, stem, marks, *names = token.split(_BETWEEN_FIELDS)
            self._form_of.append(self.forms.number(form))
            self._stem_of.append(self.stems.number(stem))
            self._names_of.extend(map(self.names.number, names))
            self._name_ends.append(len(self._names_of))
            self._is_stop.append(_STOP in marks)
            self._is_alias.append(_ALIAS in marks)
        return code

    def list_forms(self, columns: Mapping[str, FieldColumns]) -> NDArray[np.int32]:
        """List the names of all tokens and, beside, the forms that have each.

        Gives two rows of numbers: those of terms of ALL and of ALL_EXACT in `columns`; what is in
        neither is left out.
        """
        names, ends = self.names_of()
        forms = np.repeat(self.form_of(), np.diff(ends, prepend=0))
        if ALL not in columns or ALL_EXACT not in columns:
            return np.empty((2, 0), np.int32)
        found = np.array(
            [
                _find_numbers(self.names.names, columns[ALL].terms)[names],
                _find_numbers(self.forms.names, columns[ALL_EXACT].terms)[forms],
            ],
            np.int32,
        )
        return np.unique(found[:, (found >= 0).all(axis=0)], axis=1)

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


def _find_numbers(names: Iterable[str], terms: Iterable[bytes]) -> NDArray[np.int32]:
    """Find the number of each name among terms; -1 where it is none."""
    numbers = {term: number for number, term in enumerate(terms)}
    return np.array([numbers.get(name.encode(), -1) for name in names], np.int32)


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
        self._pieces = array("i")
        self._lengths = array("i")
        self._ends = array("q")
        self._starts = array("i")
        self._docs = array("i")
        self._fields = array("b")
        self._in_all = bytearray()
        self._in_body = bytearray()

    def __len__(self) -> int:
        """Count the pieces taken in."""
        return len(self._pieces)

    def add(self, doc: int, part: Part) -> None:
        """Take in a text of a document."""
        numbers, start, lengths = self._table.read(part.text, part.language)
        self._pieces.extend(numbers)
        self._lengths.extend(lengths)
        self._ends.append(len(self._pieces))
        self._starts.append(start)
        self._docs.append(doc)
        self._fields.append(_NUMBER_OF_FIELD[part.field])
        self._in_all.append(part.is_in_all)
        self._in_body.append(part.is_body)

    def invert(self) -> dict[str, FieldColumns]:
        """Give the postings of every stored field that has any, by name, and STEPS."""
        inversion, steps = self._begin_inversion()
        self.places = inversion.count_places()
        columns = inversion.columns() | ({STEPS: steps} if steps.docs.size else {})
        self.pairs = inversion.pairs
        return columns

    def _begin_inversion(self) -> tuple["_Inversion", FieldColumns]:
        """Put the tokens of all texts in one row; gives where their words begin too.

        What that takes is let go before any field is turned round: both are as large.
        """
        pieces = np.array(self._pieces, np.int32)
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
        begins += np.repeat(self._begin_pieces(), sizes)
        del sizes
        return inversion, inversion.find_steps(begins)

    def _describe(self, ends: NDArray[np.int64]) -> "_Texts":
        """Say what is known of each text; `ends` is where each piece ends, in tokens, from 0 on."""
        return _Texts(
            ends[np.array(self._ends, np.int64)],
            np.array(self._docs, np.int32),
            np.array(self._fields, np.int8),
            np.array(self._in_all, np.bool_),
            np.array(self._in_body, np.bool_),
        )

    def _begin_pieces(self) -> Small:
        """Find where each piece begins in its text."""
        lengths = np.array(self._lengths, np.int64) + 1
        begins = np.cumsum(lengths) - lengths
        ends = np.array(self._ends, np.int64)
        sizes = np.diff(ends, prepend=0)
        first = np.append(begins, 0)[ends - sizes]
        begins -= np.repeat(first - np.array(self._starts, np.int64), sizes)
        return begins.astype(np.int32)


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


class _Inversion:
    """One run being turned round."""

    def __init__(
        self, table: TokenTable, codes: Small, texts: _Texts, begun: Mapping[str, int]
    ) -> None:
        self._table, self._texts, self._begun = table, texts, begun
        self.pairs: dict[str, PairColumns] = {}  # by the field of the words, once that was given
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
        names, ranks = rank_terms(self._table.stems.names, self._stems[chosen])
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
        return invert(
            self._table.names.names, terms, np.repeat(docs, sizes), np.repeat(places, sizes)
        )

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
        return invert(self._table.forms.names, self._forms[chosen], self._texts.docs[text], places)

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
