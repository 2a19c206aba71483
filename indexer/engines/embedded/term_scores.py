"""Find where a word stands and what it adds to the score of a document that has it.

Two models of what a frequency says, added up. BM25 (Robertson and Zaragoza 2009; idf as Lucene has
it, never negative) multiplies how rare a word is by a frequency that soon stops counting. LGD
(Clinchant and Gaussier 2010, the log-logistic law) adds them: a common word counts for more where
it comes back often, a rare one at once. Each is right where the other errs
(docs/decisions/0050-ranking.md).

A text may be long because it says more or because it says the same again. How much length counts
is told by the texts themselves (Lipani, Lupu, Hanbury and Aizawa 2015, *Verboseness fission for
BM25 document length normalization*): the more they repeat their words, the more.

What is kept on disk are occurrences and lengths, never scores; these are worked out when a word is
first asked for, and forgotten with the state of the index that they belong to.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.engines.embedded.inversion import find_spans
from indexer.engines.embedded.postings import (
    PLACE_BITS,
    Counts,
    Docs,
    Flags,
    PlaceNumbers,
    PostingsPart,
    PostingsReader,
    Scores,
    SpanOfText,
    WordRows,
    count_side_by_side,
    differs,
)
from indexer.engines.planning.plan import PhraseQuery, ScoringTerm
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_SEQUENCES,
    BODY,
    BODY_START,
    FIELD_BY_NAME,
    K1,
    REPEATED,
    STOP_PAIRS,
    TITLE,
    TITLE_EXACT,
)
from indexer.search.match_spec import NameSequence


def find_documents(field: str, term: str, reader: PostingsReader) -> Docs:
    """Give the documents that have a term in a field, in order."""
    if field == ALL_SEQUENCES:
        left, _, right = term.partition(" ")
        return count_side_by_side(find_places(ALL, left, reader), find_places(ALL, right, reader))[
            0
        ]
    if field != BODY:
        return reader.postings(field, term)[0]
    docs = find_places(BODY, term, reader) >> PLACE_BITS
    return docs[differs(docs)]


def find_places(field: str, term: str, reader: PostingsReader) -> PlaceNumbers:
    """Every place of a term in a field, in order."""
    key = ("places", field, term)
    known: PlaceNumbers | None = reader.memory.find(key)
    if known is None:
        known = reader.places(field, term) if field != BODY else _find_in_body(term, reader)
        reader.memory.keep(key, known, known.size)
    return known


def _find_in_body(term: str, reader: PostingsReader) -> PlaceNumbers:
    places = reader.places(ALL, term)
    starts = find_places_of_bodies(reader)
    if not starts.size:
        return starts
    before = np.searchsorted(starts, places, "right") - 1
    inside = (before >= 0) & (starts[before] >> PLACE_BITS == places >> PLACE_BITS)
    held: PlaceNumbers = places[inside]
    return held


def find_places_of_bodies(reader: PostingsReader) -> PlaceNumbers:
    """Find the places where the paragraphs of bodies begin."""
    known: PlaceNumbers | None = reader.memory.find(BODY_START)
    if known is None:
        known = reader.places(BODY, BODY_START)
        reader.memory.keep(BODY_START, known, known.size)
    return known


_NONE: Final = np.empty(0, np.int64)


def find_sequences(plan: PhraseQuery, reader: PostingsReader) -> Docs:
    """Give the documents where the terms follow one another, at most `slop` words between."""
    if plan.small_words:
        return _find_written(plan, reader)
    docs = _find_ends(plan, reader) >> PLACE_BITS
    return docs[differs(docs)]


def _find_ends(plan: PhraseQuery, reader: PostingsReader) -> PlaceNumbers:
    """Find the last word of every row of the terms, whatever small words stand there."""
    places = [_find_places(plan.field, terms, reader) for terms in plan.terms]
    if not all(each.size for each in places):
        return _NONE
    ends = places[0]
    for following in places[1:]:
        ends = _follow(ends, following) if not plan.slop else _near(ends, following, plan.slop)
        if not ends.size:
            return _NONE
    return ends


def _find_written(plan: PhraseQuery, reader: PostingsReader) -> Docs:
    """Find the documents where the small words of a phrase stand as they are named.

    Small words have no places: the texts are read, of documents that have all of them somewhere.
    """
    known: Docs | None = reader.memory.find(("written", plan))
    if known is not None:
        return known
    run = tuple(word for words in plan.small_words for word in words)
    if plan.terms:
        ends = _find_ends(plan, reader)
        docs = ends >> PLACE_BITS
        docs = docs[differs(docs)]
        field = _FORMS_OF.get(plan.field)
        held = [reader.postings(field, word)[0] for word in dict.fromkeys(run)] if field else []
        # Two that stand side by side are a term of their own, which few texts have.
        pairs = {" ".join(pair): None for words in plan.small_words for pair in pairwise(words)}
        held += [reader.postings(STOP_PAIRS[plan.field], pair)[0] for pair in pairs]
    else:
        ends = _NONE
        docs = np.arange(reader.size)
        pairs = dict.fromkeys(" ".join(pair) for pair in pairwise(run))
        held = [reader.postings(STOP_PAIRS[plan.field], pair)[0] for pair in pairs]
    for others in held:
        docs = docs[is_in(docs, others)]
    if not reader.all_live:
        docs = docs[reader.live[docs]]
    sequence = NameSequence(tuple(map(frozenset, plan.terms)), 0, plan.small_words)
    written: list[int] = []
    for start in range(0, docs.size, _READ_AT_ONCE):
        some = docs[start : start + _READ_AT_ONCE]
        rows = _list_rows(plan.field, some, ends, len(plan.terms), reader)
        written += reader.keep_written(rows, sequence)
    known = np.array(written, np.int64)
    reader.memory.keep(("written", plan), known, known.size)
    return known


_FORMS_OF: Final = {ALL: ALL_EXACT, BODY: ALL_EXACT, TITLE: TITLE_EXACT}
_READ_AT_ONCE: Final = 500  # documents whose words are located together
_PLACE: Final = (1 << PLACE_BITS) - 1
_BEFORE: Final = 5  # words read before a row: a compound has the place of its last word


def _list_rows(
    field: str, docs: Docs, ends: PlaceNumbers, length: int, reader: PostingsReader
) -> list[WordRows]:
    """Say of each document where in its paragraphs rows of words stand that end at some places.

    Where it is not known, because it is the row that is looked for, or the field is none of the
    paragraphs, all of the field is to be read.
    """
    if not length or field not in (ALL, BODY):
        return [WordRows(number, field, None) for number in docs.tolist()]
    spans: dict[int, list[SpanOfText | None]] = {number: [] for number in docs.tolist()}
    # Documents are numbered by where they stand in `docs`, so that all are located together.
    kept = ends[is_in(ends >> PLACE_BITS, docs)]
    last = (docs.searchsorted(kept >> PLACE_BITS) << PLACE_BITS) + (kept & _PLACE)
    starts = reader.places_in(BODY, BODY_START, docs)
    paragraphs = starts.searchsorted(last, "right") - 1
    owners = starts >> PLACE_BITS
    is_inside = paragraphs >= 0
    is_inside[is_inside] = owners[paragraphs[is_inside]] == last[is_inside] >> PLACE_BITS
    for number in dict.fromkeys((kept[~is_inside] >> PLACE_BITS).tolist()):
        spans[number].append(None)
    last, paragraphs, of = last[is_inside], paragraphs[is_inside], kept[is_inside] >> PLACE_BITS
    if last.size:
        packed = [reader.find_steps(number) for number in docs.tolist()]
        first = np.maximum(last - (length - 1 + _BEFORE), starts[paragraphs])
        begins, after = find_spans(
            np.concatenate([first, last]), np.tile(paragraphs, 2), starts, packed
        )
        begins, after = begins[: last.size], after[last.size :]
        numbers = paragraphs - owners.searchsorted(owners)[paragraphs]
        for number, paragraph, begin, end in zip(
            of.tolist(), numbers.tolist(), begins.tolist(), after.tolist(), strict=True
        ):
            spans[number].append((paragraph, begin, end))
    return [WordRows(number, field, found) for number, found in spans.items()]


def _follow(ends: PlaceNumbers, following: PlaceNumbers) -> PlaceNumbers:
    """Keep the places of `following` right after one of `ends`; the fewer are looked up."""
    if ends.size < following.size:
        wanted = ends + 1
        return wanted[is_in(wanted, following)]
    return following[is_in(following - 1, ends)]


def _near(ends: PlaceNumbers, following: PlaceNumbers, slop: int) -> PlaceNumbers:
    """Keep the places of `following` at most `slop` places after one of `ends`."""
    # The nearest place before each: documents are too far apart to be confused.
    before = np.searchsorted(ends, following) - 1
    near = (before >= 0) & (following - ends[before] <= 1 + slop)
    return following[near]


def _find_places(field: str, terms: tuple[str, ...], reader: PostingsReader) -> PlaceNumbers:
    """Every place of any of some terms, in order."""
    if len(terms) == 1:
        return find_places(field, terms[0], reader)
    key = ("places", field, terms)
    known: PlaceNumbers | None = reader.memory.find(key)
    if known is None:
        lists = [find_places(field, term, reader) for term in terms]
        known = _order_once(lists) if lists else _NONE
        reader.memory.keep(key, known, known.size)
    return known


def is_in(numbers: Docs, others: Docs) -> Flags:
    """Which of some numbers are among others; both in order."""
    if not others.size:
        return np.zeros(numbers.size, np.bool_)
    places = others.searchsorted(numbers)
    np.minimum(places, others.size - 1, out=places)
    return np.asarray(others[places] == numbers, np.bool_)


LGD_SHARE: Final = 0.6
_ONCE: Final = 0.9  # 1 in the paper; so, length counts a little where no word comes twice


class LeafRow(NamedTuple):
    """The postings of one leaf in one segment."""

    leaf: ScoringTerm
    holders: int  # documents of all segments that have it
    part: PostingsPart


def read_rows(leaves: Iterable[ScoringTerm], reader: PostingsReader) -> Iterator[LeafRow]:
    """Read the postings of the leaves that have any."""
    for leaf in leaves:
        parts = reader.parts(leaf.field, leaf.text)
        holders = sum([part.docs.size for part in parts])
        for part in parts:
            if part.docs.size:
                yield LeafRow(leaf, holders, part)


def score_rows(rows: Sequence[LeafRow], reader: PostingsReader) -> tuple[Docs, Scores]:
    """Give the documents of some rows one after the other, and what is added in each.

    All rows go through the formula at once: of short lists the price is the number of arrays.
    """
    if not rows:
        return NO_DOCS, np.empty(0)
    norms = reader.norms
    sizes = np.array([row.part.docs.size for row in rows])
    docs = np.concatenate([row.part.docs for row in rows], dtype=np.intp)
    tf = np.concatenate([row.part.counts for row in rows], dtype=np.float64)
    if any(row.part.first for row in rows):
        docs += np.repeat([row.part.first for row in rows], sizes)
    places = np.repeat([norms.start(row.leaf.field) for row in rows], sizes)
    places += docs
    weights = np.array([row.leaf.weight for row in rows])
    holders = np.array([row.holders for row in rows])
    rarities = np.log1p((reader.size - holders + 0.5) / (holders + 0.5))
    # Places are within: nothing has to be looked at twice.
    scores = saturate(tf, norms.bm25.take(places, mode="clip"))
    scores *= np.repeat((1.0 - LGD_SHARE) * rarities * weights, sizes)
    added = lgd(tf, norms.lgd.take(places, mode="clip"), np.repeat(reader.size / holders, sizes))
    added *= np.repeat(LGD_SHARE * weights, sizes)
    scores += added
    return docs, scores


def rarity(count: int, size: int) -> float:
    """Lucene's idf of a term that `count` of `size` documents have."""
    return float(np.log1p((size - count + 0.5) / (count + 0.5)))


def saturate(tf: Scores, norm: Scores) -> Scores:
    """BM25's frequency: 1 where a term stands once in a text of mean length, at most k1 + 1.

    `norm` is `Norm.bm25` of the same documents as `tf`.
    """
    # In place: of short lists the price is the number of arrays that are made.
    scores: Scores = tf + norm
    np.divide(tf, scores, out=scores)
    scores *= K1 + 1.0
    return scores


def lgd(tf: Scores, norm: Scores, per_holder: Scores | float) -> Scores:
    """Score counts of a term by how little the log-logistic law expects so many.

    `norm` is `Norm.lgd` of the same documents as `tf`; `per_holder` is how many documents the
    index has for each that has the term.
    """
    scores: Scores = tf * norm
    scores *= per_holder
    np.log1p(scores, out=scores)
    return scores


def find_norm(field: str, reader: PostingsReader) -> Scores:
    """Tell what length does to a count in each document: 1 in a usual one, always above zero."""
    length = _divide_by_mean(reader.lengths(field))
    b = FIELD_BY_NAME[field].b
    if b is not None:
        return length_norm(length, b)
    mean, repetition = _read_repetition(reader)
    return length_norm(length, choose_b(mean), repetition / mean)


def _read_repetition(reader: PostingsReader) -> tuple[float, Scores]:
    """Give how often texts have each of their words: in the mean, and each document.

    All fields share it: worked out for each of them, it was a third of what the first question
    after an update took.
    """
    known: tuple[float, Scores] | None = reader.memory.find(REPEATED)
    if known is None:
        distinct = reader.distinct()
        repetition = measure_repetition(reader.lengths(REPEATED), distinct)
        said = repetition[distinct > 0.0]
        mean = sum_exactly(said) / said.size if said.size else 1.0
        known = mean, repetition
        reader.memory.keep(REPEATED, known, repetition.size)
    return known


def sum_exactly(numbers: Scores) -> float:
    """Add up numbers of 1 or more (below 2**43 together), rounded once: order changes nothing.

    It gives what `math.fsum` gives, in a tenth of the time. Every bit of a number from 1 on is
    worth 2**-52 or more, so that two sums of whole numbers lose none.
    """
    high = np.floor(numbers * 2.0**20)
    low = (numbers * 2.0**20 - high) * 2.0**32
    total = (int(high.sum(dtype=np.int64)) << 32) + int(low.sum(dtype=np.int64))
    return total / (1 << 52)


def choose_b(repetition: float) -> float:
    """Choose b, the weight of length, by how often texts have each of their words in the mean."""
    return 1.0 - _ONCE / repetition


def length_norm(length: Scores, b: float, repetition: Scores | float = 1.0) -> Scores:
    """(1 - b) repetition + b length, a number a document; both are given over their mean."""
    norm: Scores = (1.0 - b) * repetition + b * length
    return norm


def measure_repetition(lengths: Counts, distinct: Counts) -> Scores:
    """Measure how often each text has each of its words; 1 at least (lengths are rounded)."""
    repetition: Scores = np.maximum(lengths / np.maximum(distinct, 1.0), 1.0, dtype=np.float64)
    return repetition


def _divide_by_mean(lengths: Counts) -> Scores:
    mean = float(lengths.mean(dtype=np.float64)) if lengths.size else 0.0
    share: Scores = lengths.astype(np.float64) / (mean or 1.0)
    return share


NO_DOCS: Final[Docs] = np.empty(0, np.intp)
DENSE: Final = 20  # a number a document is cheaper when one in so many has the word
_MANY: Final = 4  # ... when a word has a posting for one in so many
_AT_ONCE: Final = 16_000  # postings that go through the formula together: they stay in the cache

# What adds to a score and is remembered together: a name for it, and its leaves.
Group = tuple[Hashable, Sequence[ScoringTerm]]


class Added(NamedTuple):
    """Numbers to add to the scores of documents: one for all of them, or one for each of some."""

    docs: Docs  # a document stands here as often as it has one of the leaves
    scores: Scores
    dense: Scores | None  # a number for every document of the index, when many have one


def weigh(groups: Iterable[Group], reader: PostingsReader) -> list[Added]:
    """Work out what each group of leaves adds to scores, all that are new at once."""
    keys: list[Hashable] = []
    known: dict[Hashable, Added] = {}
    new: list[Group] = []
    for key, leaves in groups:
        keys.append(key)
        if key not in known:
            added = reader.memory.find(key)
            if added is None:
                new.append((key, leaves))
            else:
                known[key] = added
    rows: list[LeafRow] = []
    waiting: list[tuple[Hashable, int]] = []  # keys, and how many rows there are up to theirs
    count = 0
    for key, leaves in new:
        rows += read_rows(leaves, reader)
        waiting.append((key, len(rows)))
        count = sum([row.part.docs.size for row in rows])
        if count > _AT_ONCE:
            known.update(_weigh_rows(rows, waiting, reader))
            rows, waiting = [], []
    known.update(_weigh_rows(rows, waiting, reader))
    return [known[key] for key in keys]


def _weigh_rows(
    rows: list[LeafRow], waiting: list[tuple[Hashable, int]], reader: PostingsReader
) -> Iterator[tuple[Hashable, Added]]:
    """Work out what some rows add, and remember it; each key has the rows up to its number."""
    docs, scores = score_rows(rows, reader)
    ends = [0, *accumulate([row.part.docs.size for row in rows])]
    start = 0
    for key, last in waiting:
        here = slice(start, start := ends[last])
        if (here.stop - here.start) * _MANY > reader.size:
            dense: Scores = np.bincount(docs[here], scores[here], reader.size)  # type: ignore[assignment]
            added = Added(NO_DOCS, _NO_SCORES, dense)
            reader.memory.keep(key, added, dense.size)
        else:
            added = Added(docs[here].copy(), scores[here].copy(), None)
            reader.memory.keep(key, added, 2 * added.docs.size)
        yield key, added


_NO_SCORES: Final[Scores] = np.empty(0)


def _order_once(lists: list[Any]) -> Any:
    """Give the numbers in any of some lists, each of which goes up; numpy's own `unique` hashes."""
    numbers: NDArray[Any] = np.concatenate(lists)
    numbers.sort(kind="stable")  # merges what goes up already
    return numbers[differs(numbers)]


def unite(lists: list[Docs], size: int) -> Docs:
    """Give the documents in any list, in order; `size` is how many documents the index has."""
    lists = [docs for docs in lists if docs.size]
    if not lists:
        return NO_DOCS
    if len(lists) == 1:
        return lists[0]
    if sum(map(len, lists)) * DENSE < size:
        once: Docs = _order_once(lists)
        return once
    matched = np.zeros(size, np.bool_)
    for docs in lists:
        matched[docs] = True
    return matched.nonzero()[0]
