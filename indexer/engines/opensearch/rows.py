"""Make what is written of a Document to a cluster: terms by our analysis, facets, words.

A field with places is a list of texts, a blank between places and ALSO between terms at one place:
those that `engines.embedded` would keep there. A field of the whole text is written on as many
places as its norm says (`mapping`).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from statistics import fmean
from typing import Any, Final, NamedTuple

from indexer.analysis import Token, choose_reading, cut_chunks, fold, normalise, read_chunk
from indexer.engines.opensearch.mapping import (
    ALSO,
    BETWEEN,
    BLANK,
    HOLE,
    NORM_SCALE,
    NORMED,
    PLACED,
    SMALL,
    WORD_FIELDS,
    WRITTEN_FIELDS,
    encode,
    name_facet,
)
from indexer.engines.planning.suggestions import flatten, list_offers
from indexer.index import fingerprint, render_document, render_paragraphs
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_PAIRS,
    ALL_STARTS,
    ALL_STEMS,
    AUTHOR,
    BODY,
    IDENTIFIER,
    ISSUED,
    NOTE,
    SECTION,
    START_LETTERS,
    STOP_PAIRS,
    TITLE,
    TITLE_EXACT,
    TITLE_PAIRS,
    TITLE_STEMS,
    split_values,
)
from indexer.index.postings import Part, collect_facets, fold_title, list_identifiers, list_parts
from indexer.model import Document
from indexer.withdrawals import describe_document, fold_name, list_text_names

Json = dict[str, Any]
_ONCE: Final = 0.9  # as in `engines.embedded.term_scores`
OFFER: Final = "offer "  # before the kind of what is offered: a field may have its name
WRITTEN: Final = OFFER + "written"
_LONGEST_OFFER: Final = 4_000  # letters
# Between the ranks of two texts of a new index: 32 may come between, one by one.
SPACING: Final = 1 << 32


class CountedWord(NamedTuple):
    """A word of a field, or something that is offered: what the index of words counts."""

    kind: str  # a field of WORD_FIELDS, or OFFER and a kind of `list_offers`
    text: str

    @property
    def id(self) -> str:
        """The id of its document, whatever it is long."""
        return blake2b(BETWEEN.join(self).encode(), digest_size=16).hexdigest()

    @property
    def query(self) -> Json:
        """The query for the texts that have it."""
        if self.kind in WORD_FIELDS:
            return {"term": {self.kind: encode(self.text)}}
        return {"term": {"offered": BETWEEN.join(self)}}

    def describe(self, count: int) -> Json:
        """Make its document."""
        held: Json = {"kind": self.kind, "text": self.text, "count": count}
        if self.kind in WORD_FIELDS:
            return held | {self.kind: self.text}
        held["length"] = len(self.text)
        if self.kind == WRITTEN:
            return held | {"form": fold(normalise(self.text))}
        words = flatten(self.text).split(" ")
        return held | {"starts": [" ".join(words[first:]) for first in range(len(words))]}


class Measured(NamedTuple):
    """The length of a text by field, in terms, and the mean count of each of its words."""

    lengths: dict[str, int]
    repetition: float


@dataclass(frozen=True, slots=True)
class Usual:
    """The means of length (terms, by field) and repetition over an index, which norms use."""

    repetition: float
    lengths: dict[str, float]

    @classmethod
    def of(cls, measured: Sequence[Measured]) -> "Usual":
        """Work it out from some texts."""
        said = [each.repetition for each in measured if each.repetition]
        lengths = {
            name: fmean([each.lengths[name] for each in measured]) if measured else 1.0
            for name in NORMED
        }
        return cls(
            fmean(said) if said else 1.0, {key: held or 1.0 for key, held in lengths.items()}
        )

    def render(self) -> Json:
        """Write it as JSON has it."""
        return asdict(self)

    def find_norm(self, measured: Measured, field: str) -> float:
        """Say what length does to a count in a text: as `embedded.term_scores.find_norm`."""
        b = 1 - _ONCE / self.repetition
        share = measured.lengths[field] / self.lengths[field]
        return (1 - b) * measured.repetition / self.repetition + b * share


@dataclass(frozen=True, slots=True)
class Row:
    """The document of a text before its norms are known.

    Norms depend on the means over the index (`Usual`), so they are written when those are known.
    """

    id: str
    held: Json
    normed: dict[str, list[str]]  # field -> terms
    words: frozenset[CountedWord]
    measured: Measured

    def render(self, usual: Usual, **more: int) -> Json:
        """Make the document that is indexed."""
        written = {
            name: stack(terms, usual.find_norm(self.measured, name))
            for name, terms in self.normed.items()
            if terms
        }
        return {**self.held, **written, **more}


def stack(terms: Sequence[str], norm: float) -> str:
    """Write terms on as many places as a norm says, several at one or some left empty."""
    size = max(1, round(norm * NORM_SCALE))
    groups = [ALSO.join(terms[first::size]) for first in range(min(size, len(terms)))]
    return " ".join([*groups, *[HOLE] * (size - len(groups))])


_read_chunk = lru_cache(maxsize=200_000)(read_chunk)


def _read_tokens(part: Part) -> list[Token]:
    reading = choose_reading(part.text, part.language)
    return [token for _, chunk in cut_chunks(part.text) for token in _read_chunk(chunk, reading)]


Places = list[list[str]]  # the terms at each place of a text


class _AnalysedTexts:
    """The texts of a document, analysed once for all fields."""

    def __init__(self, document: Document) -> None:
        texts = [(part, _read_tokens(part)) for part in list_parts(document)]
        self.of: dict[str, list[list[Token]]] = {
            field: [tokens for part, tokens in texts if part.field == field]
            for field in (TITLE, AUTHOR, NOTE, SECTION)
        }
        self.of[ALL] = [tokens for part, tokens in texts if part.is_in_all]
        self.of[BODY] = [tokens for part, tokens in texts if part.is_body]
        self._head = [tokens for part, tokens in texts if part.is_in_all and not part.is_body]

    def place_names(self, field: str) -> list[Places]:
        """Give the names of words where they stand, all names of a word at its place."""
        return [_place(tokens, lambda token: token.names) for tokens in self.of[field]]

    def place_stems(self, field: str) -> list[Places]:
        """Give the stems of words where they stand."""
        return [_place(tokens, lambda token: (token.stem,)) for tokens in self.of[field]]

    def place_forms(self, field: str) -> list[Places]:
        """Give the forms of words, small ones too; all have a place of their own."""
        return [
            _place(tokens, lambda token: (token.exact,), has_stops=True)
            for tokens in self.of[field]
        ]

    def place_written(self) -> dict[str, list[Places]]:
        """Give the names of words, and the forms of small ones, at a place for each word.

        They come by the fields of WRITTEN_FIELDS.
        """
        body, head = WRITTEN_FIELDS[ALL]
        texts = {body: self.of[BODY], head: self._head}
        texts |= {WRITTEN_FIELDS[field][0]: self.of[field] for field in (TITLE, NOTE, SECTION)}
        return {name: list(map(_place_all, each)) for name, each in texts.items()}

    def list_forms(self, field: str) -> list[str]:
        """Give the forms of all words, stop words too."""
        return [encode(token.exact) for tokens in self.of[field] for token in tokens]

    def pair_stops(self, field: str) -> list[str]:
        """Two stop words side by side, other names of them aside."""
        return [
            encode(f"{left.exact} {right.exact}")
            for tokens in self.of[field]
            for left, right in pairwise([token for token in tokens if not token.is_alias])
            if left.is_stop and right.is_stop
        ]


def _place(
    tokens: Iterable[Token], terms_of: Callable[[Token], Sequence[str]], *, has_stops: bool = False
) -> Places:
    """List the terms of a text by place: a name stands with its word.

    Stop words are left out, and take no place, or have one each.
    """
    places: Places = []
    last = 0
    for token in tokens:
        if not token.is_alias and (has_stops or not token.is_stop):
            last += 1
        if token.is_stop and not has_stops:
            continue
        at = max(last, 1)  # a name of words that take no place stands in its own text all the same
        while len(places) < at:
            places.append([])
        places[at - 1].extend(map(encode, terms_of(token)))
    return places


def _place_all(tokens: Iterable[Token]) -> Places:
    """List the terms of a text by place, where small words have places of their own.

    A name of several words stands at the places of all of them: a row may begin or end with it.
    """
    places: Places = []
    told: list[int] = []  # the places of words that are not small
    for token in tokens:
        if token.is_alias:
            for at in told[-token.width :] or range(len(places))[-1:]:
                places[at].extend(map(encode, token.names))
        elif token.is_stop:
            places.append([SMALL + encode(token.exact)])
        else:
            told.append(len(places))
            places.append([encode(name) for name in token.names])
    return places


def _write_places(texts: Iterable[Places]) -> list[str]:
    """Write texts, the terms of each place together."""
    return [
        " ".join(ALSO.join(terms) if terms else HOLE for terms in places)
        for places in texts
        if places
    ]


def _flatten(texts: Iterable[Places]) -> list[str]:
    return [term for places in texts for terms in places for term in terms]


def _pair(texts: Iterable[Places]) -> list[str]:
    """Every two terms at places side by side."""
    return [
        encode(f"{one} {other}")
        for places in texts
        for left, right in pairwise(places)
        for one in left
        for other in right
    ]


def make_row(document: Document) -> Row:
    """Analyse a document: what is written of it, and the words that it has."""
    texts = _AnalysedTexts(document)
    placed = {name: texts.place_names(name) for name in PLACED - {AUTHOR}}
    placed[AUTHOR] = texts.place_forms(AUTHOR)
    stems, title_stems = texts.place_stems(ALL), texts.place_stems(TITLE)
    forms, flat_stems = texts.list_forms(ALL), _flatten(stems)
    listed = {
        TITLE_STEMS: _flatten(title_stems),
        TITLE_EXACT: texts.list_forms(TITLE),
        ALL_PAIRS: _pair(stems),
        TITLE_PAIRS: _pair(title_stems),
        IDENTIFIER: list_identifiers(document),
    } | {pairs: texts.pair_stops(field) for field, pairs in STOP_PAIRS.items()}
    terms = {name: _flatten(placed[name]) for name in (AUTHOR, NOTE, SECTION)}
    terms |= {ALL_EXACT: forms, TITLE_EXACT: listed[TITLE_EXACT]}
    words = {
        CountedWord(name, term.replace(BLANK, " ")) for name in WORD_FIELDS for term in terms[name]
    }
    offers = list_document_offers(document)
    placed |= texts.place_written()
    written = {name: _write_places(places) for name, places in placed.items()}
    held: Json = {name: value for name, value in written.items() if value}
    held |= {name: " ".join(terms) for name, terms in listed.items() if terms}
    starts = [form[:START_LETTERS] for form in forms]
    distinct = len(set(flat_stems))
    return Row(
        document.id,
        {**held, **_describe(document), "words": len(forms),
         "offered": sorted(BETWEEN.join(offer) for offer in offers)},
        {ALL_STEMS: flat_stems, ALL_EXACT: forms, ALL_STARTS: starts},
        frozenset(words | offers),
        Measured(
            {ALL_STEMS: len(flat_stems), ALL_EXACT: len(forms), ALL_STARTS: len(flat_stems)},
            max(len(flat_stems) / distinct, 1.0) if distinct else 0.0,
        ),
    )  # fmt: skip


def list_document_offers(document: Document) -> frozenset[CountedWord]:
    """List what a document offers to who types; nothing that is too long to be offered."""
    section = document.section[-1] if document.section else ""
    offers = list_offers(document.title, document.author, section)
    return frozenset(
        CountedWord(OFFER + kind, text) for kind, text in offers if len(text) <= _LONGEST_OFFER
    )


def _describe(document: Document) -> Json:
    """Tell what is kept and counted of a document."""
    facets = {name: split_values(joined) for name, joined in collect_facets(document).items()}
    names = list_text_names(describe_document(document))
    described: Json = {name_facet(name): values for name, values in facets.items() if values}
    if document.issued:
        described[name_facet(ISSUED)] = document.issued
    return described | {
        "outline": render_document(replace(document, paragraphs=())),
        "paragraphs": render_paragraphs(document.paragraphs),
        "fingerprint": fingerprint(document),
        "names": sorted({form for name in names for form in (name, fold_name(name))}),
        "titled": " ".join(fold_title(document.title)),
    }


def place_between(order: Sequence[str], ranks: Mapping[str, int]) -> dict[str, int]:
    """Give ranks to the texts of an order that have none, or one that is out of it.

    As many texts as can keep the rank that they have. Where two that stay leave too little room
    between them, all get new ranks.

    >>> place_between(["a", "new", "b"], {"a": 10, "b": 20})
    {'new': 15}
    >>> place_between(["b", "c", "a"], {"a": 10, "b": 20, "c": 30})
    {'a': 4294967326}
    """
    kept = find_longest_ascending([(key, ranks[key]) for key in order if key in ranks])
    placed: dict[str, int] = {}
    stops = [-1, *(place for place, key in enumerate(order) if key in kept), len(order)]
    for before, after in pairwise(stops):
        count = after - before - 1
        low = ranks[order[before]] if before >= 0 else None
        high = ranks[order[after]] if after < len(order) else None
        if low is None:
            low = (high or 0) - SPACING * (count + 1)
        step = SPACING if high is None else (high - low) // (count + 1)
        if not step:
            return {key: SPACING * number for number, key in enumerate(order, 1)}
        for number in range(1, count + 1):
            placed[order[before + number]] = low + step * number
    return placed


def find_longest_ascending(ranked: Sequence[tuple[str, int]]) -> frozenset[str]:
    """Find a longest part of a sequence whose numbers go up.

    >>> sorted(find_longest_ascending([("a", 3), ("b", 1), ("c", 2), ("d", 4)]))
    ['b', 'c', 'd']
    """
    tails: list[int] = []  # the least last number of the parts of each length
    at: list[int] = []  # whose it is
    before: list[int] = []
    for place, (_, number) in enumerate(ranked):
        length = bisect_left(tails, number)
        before.append(at[length - 1] if length else -1)
        tails[length : length + 1] = [number]
        at[length : length + 1] = [place]
    kept = []
    place = at[-1] if at else -1
    while place >= 0:
        kept.append(ranked[place][0])
        place = before[place]
    return frozenset(kept)
