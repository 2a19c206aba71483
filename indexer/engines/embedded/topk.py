"""Carry out a plan over arrays of postings, keep the best, and take a score apart.

First which documents match, then what they score: the sum over the leaves of the plan of weight x
formula (`term_scores`). All words of a plan that were not asked for lately are worked out together,
and every leaf is added to a number a document: what is dear is the number of arrays, not of
postings. Sums are doubles, so that a question has one answer whoever keeps the postings.
"""

import threading
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from indexer.engines.embedded.postings import (
    KERNEL,
    NO_ROWS,
    Docs,
    Flags,
    Kernel,
    PackedRows,
    PostingsReader,
    Scores,
    address_of,
    join_rows,
    pack_docs,
)
from indexer.engines.embedded.term_scores import (
    LGD_SHARE,
    NO_DOCS,
    Group,
    find_documents,
    find_sequences,
    is_in,
    lgd,
    rarity,
    saturate,
    unite,
    weigh,
)
from indexer.engines.planning.plan import (
    SCORE_PLACES,
    BagOfTerms,
    BooleanQuery,
    FacetQuery,
    IdsQuery,
    Intersection,
    MatchAll,
    PhraseQuery,
    Plan,
    ScoringTerm,
    TermGroup,
    Union,
    collect_bags,
    collect_scoring_terms,
)
from indexer.index.fields import ALL_SEQUENCES, BODY, ID, K1, split_values
from indexer.messages import message
from indexer.search.results import Explanation

# A text with both of two words scores so much more. Putting texts with all the words first
# whatever they score costs a twentieth of nDCG with three words or more (benchmarks/relevance):
# the word that says most is then in texts that nobody sees. This does it where it matters, for
# next to nothing.
BOTH: Final = 2
BOTH_FACTOR: Final = 1.15

_FILTERS: Final = (FacetQuery, IdsQuery)  # what narrows and never ranks; or a union of such


def match(plan: Plan, reader: PostingsReader) -> Docs:
    """Find the documents that a plan asks for, in order of number, deleted ones included."""
    match plan:
        case BagOfTerms(groups):
            return unite([_fill(group, reader) for group in groups], reader.size)
        case PhraseQuery():
            return find_sequences(plan, reader)
        case FacetQuery(name, values):
            codes, names = reader.facet(name)
            wanted = np.array(
                [not values.isdisjoint(split_values(name)) for name in names], np.bool_
            )
            return np.flatnonzero(wanted[codes])
        case IdsQuery(ids):
            numbers = [reader.postings(ID, each)[0] for each in ids]
            return np.sort(np.concatenate([NO_DOCS, *numbers]))
        case MatchAll():
            return np.arange(reader.size)
        case Intersection(parts):
            return intersect([match(part, reader) for part in parts])
        case Union(parts):
            return unite([match(part, reader) for part in parts], reader.size)
        case BooleanQuery():
            return _match_boolean(plan, reader)


def _match_boolean(plan: BooleanQuery, reader: PostingsReader) -> Docs:
    """Find the documents of all required parts (else of any optional one), less the excluded."""
    if plan.required:
        docs = intersect([match(part, reader) for part in plan.required])
    elif plan.optional:
        docs = unite([match(part, reader) for part in plan.optional], reader.size)
    else:
        docs = np.arange(reader.size)
    for part in plan.excluded:
        docs = docs[~is_in(docs, _match_whole(part, reader))]
    return docs


def find_complete(plan: Plan, reader: PostingsReader) -> tuple[Docs, float] | None:
    """Find the documents with both of two things side by side, and how much more they score."""
    match plan:
        case BagOfTerms(groups):
            held = [_fill(group, reader) for group in groups]
        case BooleanQuery(optional) if len(optional) > 1:
            held = [match(part, reader) for part in optional]
        case BooleanQuery((only,), ()) | BooleanQuery((), (only,)):
            return find_complete(only, reader)
        case Intersection((first, *others)) if all(map(_is_filter, others)):
            return find_complete(first, reader)
        case _:
            return None
    held = [docs for docs in held if docs.size]
    return (intersect(held), BOTH_FACTOR) if len(held) == BOTH else None


def _is_filter(plan: Plan) -> bool:
    """Whether a plan narrows and never ranks."""
    if isinstance(plan, Union):
        return all(map(_is_filter, plan.parts))
    return isinstance(plan, _FILTERS)


def intersect(lists: list[Docs]) -> Docs:
    """Give the documents in all lists, in order; the shortest list leads."""
    if not lists:
        return NO_DOCS
    ordered = sorted(lists, key=len)
    docs = ordered[0]
    for other in ordered[1:]:
        docs = docs[is_in(docs, other)]
    return docs


def _match_whole(plan: Plan, reader: PostingsReader) -> Docs:
    """Documents with all the words of a plan: what "-(a b)" takes away."""
    if isinstance(plan, BagOfTerms):
        return intersect([_fill(group, reader) for group in plan.groups])
    return match(plan, reader)


def _fill(group: TermGroup, reader: PostingsReader) -> Docs:
    """Give the documents that have any term of a group."""
    key = ("filled", group)
    known: Docs | None = reader.memory.find(key)
    if known is None:
        lists = [find_documents(*term, reader) for term in group.terms]
        lists += [find_sequences(phrase, reader) for phrase in group.phrases]
        known = unite(lists, reader.size)
        reader.memory.keep(key, known, known.size)
    return known


_SAMPLE: Final = 2_000
_FEW: Final = 8  # look at what matches alone while the index has so many times more


@dataclass(frozen=True, slots=True)
class TopHits:
    """All documents that match, in order of number; the best, with their scores."""

    matched: Docs
    best: Docs
    scores: Scores


class _Buffers(threading.local):
    """A number and a flag for each document of an index; one of both a thread."""

    _sums: Scores = np.empty(0)
    _flags: Flags = np.empty(0, np.bool_)
    _kernels: "_KernelBuffers | None" = None

    def give(self, size: int) -> "_KernelBuffers":
        """Give what the kernel writes into."""
        if self._kernels is None or self._kernels.size != size:
            self._kernels = _KernelBuffers(size)
        return self._kernels

    def clear(self, size: int) -> Scores:
        """Give a number for every document, all zero."""
        if self._sums.size != size:
            self._sums = np.zeros(size)
        else:
            self._sums.fill(0.0)
        return self._sums

    def flag(self, size: int, docs: Docs) -> Flags:
        """Give flags that are set for some documents, for who clears these again."""
        if self._flags.size != size:
            self._flags = np.zeros(size, np.bool_)
        self._flags[docs] = True
        return self._flags


_buffers: Final = _Buffers()


def pick(docs: Docs, scores: Scores, limit: int) -> tuple[Docs, Scores]:
    """Pick the best of some documents (in order), with scores; the lower number breaks ties."""
    if docs.size > _SAMPLE and limit < _SAMPLE // 4:
        # The limit-th best of a sample is no better than the limit-th best of all.
        docs, scores = _keep_best(docs, scores, scores[:: docs.size // _SAMPLE], limit)
    if docs.size > 2 * limit:
        docs, scores = _keep_best(docs, scores, scores, limit)
    order = np.argsort(-scores, kind="stable")[:limit]
    return docs[order], scores[order]


def _keep_best(docs: Docs, scores: Scores, among: Scores, limit: int) -> tuple[Docs, Scores]:
    """Give the documents that score no less than the limit-th best of `among`, in order."""
    least = np.partition(among, among.size - limit)[among.size - limit]
    kept = (scores >= least).nonzero()[0]
    return docs[kept], scores[kept]


def find_best(plan: Plan, reader: PostingsReader, limit: int) -> TopHits:
    """Give the `limit` best documents: by score; the lower number breaks ties."""
    if KERNEL is None or limit > _MOST_KEPT:
        return rank_by_numpy(plan, reader, limit)
    key = ("best", plan, limit)
    known: TopHits | None = reader.memory.find(key)
    if known is None:
        known = rank_by_kernel(KERNEL, plan, reader, limit)
        reader.memory.keep(key, known, known.matched.size + 2 * known.best.size)
    return known


def rank_by_numpy(plan: Plan, reader: PostingsReader, limit: int) -> TopHits:
    """Give the `limit` best documents, by arrays."""
    matched = match(plan, reader)
    if not reader.all_live:
        matched = matched[reader.live[matched]]
    if not matched.size:
        return TopHits(NO_DOCS, NO_DOCS, np.empty(0))
    scores = _add_up(plan, matched, reader)
    complete = find_complete(plan, reader)
    if complete is not None:
        docs, factor = complete
        both = _buffers.flag(reader.size, docs)
        scores[both[matched]] *= factor
        both[docs] = False
    return TopHits(matched, *pick(matched, scores, limit))


def _add_up(plan: Plan, matched: Docs, reader: PostingsReader) -> Scores:
    """Add up what the leaves of a plan give to some documents, each in the same order."""
    adding = weigh(_list_groups(plan), reader)
    sums = _buffers.clear(reader.size)
    for added in adding:
        np.add.at(sums, added.docs, added.scores)  # a sixth of what `sums[docs] +=` takes
    dense = [added.dense for added in adding if added.dense is not None]
    if matched.size * _FEW < reader.size:
        scores = sums[matched]
        for each in dense:
            scores += each[matched]
        return scores
    for each in dense:
        sums += each
    return sums[matched]


# --- by the kernel, where there is one

_MOST_KEPT: Final = 1_000  # of the best: it puts each in its place among those before
_ANY: Final = 7  # bits of documents that are found: by the first of two words, the second, others
_MATCHED: Final = 1
_BOTH: Final = 3


class _KernelBuffers:
    """The buffers that the kernel writes into, for an index of some size, by address."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._flags, self._sums = np.zeros(size + 8, np.uint8), np.empty(size)
        self._matched = np.empty(size, np.intp)
        self._best, self._scores = np.empty(_MOST_KEPT, np.intp), np.empty(_MOST_KEPT)
        self.flags, self.sums = address_of(self._flags), address_of(self._sums)
        self.matched, self.best = address_of(self._matched), address_of(self._best)
        self.scores = address_of(self._scores)

    def copy(self, found: int, kept: int) -> TopHits:
        """Give what was found, and the best of it."""
        best, scores = self._best[:kept].copy(), self._scores[:kept].copy()
        return TopHits(self._matched[:found].copy(), best, scores)


def rank_by_kernel(kernel: Kernel, plan: Plan, reader: PostingsReader, limit: int) -> TopHits:
    """Give the `limit` best documents, at most `_MOST_KEPT`, by one call of the kernel."""
    finding, marks, wanted, is_pair = _pack_finding(plan, reader)
    adding, weights = _pack_adding(plan, reader)
    buffers = _buffers.give(reader.size)
    count = kernel.rank(
        *(finding.rows, marks, finding.number, adding.rows, weights, adding.number),
        *reader.norms.addresses,
        *(None if reader.all_live else address_of(reader.live), reader.size),
        *(buffers.flags, buffers.sums, wanted, _BOTH if is_pair else 0, K1, LGD_SHARE),
        *(BOTH_FACTOR, limit, buffers.matched, buffers.best, buffers.scores),
    )
    if count < 0:
        raise ValueError("a document of a posting is beyond the last of the index")
    return buffers.copy(count, min(limit, count))


def _pack_finding(plan: Plan, reader: PostingsReader) -> tuple[PackedRows, bytes, int, bool]:
    """Give the rows of what finds, the mark of each, those of what is found, if two words do."""
    if not isinstance(plan, BagOfTerms):
        complete = find_complete(plan, reader)
        docs = [match(plan, reader)] if complete is None else [match(plan, reader), complete[0]]
        marks = bytes([_MATCHED, _BOTH - _MATCHED][: len(docs)])
        return join_rows([pack_docs(each) for each in docs]), marks, _MATCHED, complete is not None
    packed: list[PackedRows] = []
    marks, words = b"", 0
    for group in plan.groups:
        before = len(packed)
        packed += [rows for rows in _pack_group(group, reader) if rows.number]
        if len(packed) > before:
            count = sum([rows.number for rows in packed[before:]])
            marks += bytes([1 << min(words, BOTH)]) * count
            words += 1
    return join_rows(packed), marks, _ANY, words == BOTH


def _pack_group(group: TermGroup, reader: PostingsReader) -> Iterator[PackedRows]:
    """Give the rows of whatever fills a group."""
    for field, term in group.terms:
        if field in (ALL_SEQUENCES, BODY):
            docs = find_documents(field, term, reader)
            yield pack_docs(docs) if docs.size else NO_ROWS
        else:
            yield reader.pack(field, term)
    for phrase in group.phrases:
        docs = find_sequences(phrase, reader)
        yield pack_docs(docs) if docs.size else NO_ROWS


def _pack_adding(plan: Plan, reader: PostingsReader) -> tuple[PackedRows, bytes]:
    """Give the rows of what adds to a score, and their weights."""
    packed, weights = [], array("d")
    start = reader.norms.start
    for field, term, weight in collect_scoring_terms(plan):
        rows = reader.pack(field, term)
        if rows.number:
            start(field)
            packed.append(rows)
            weights.extend([weight] * rows.number)
    return join_rows(packed), weights.tobytes()


def _list_groups(plan: Plan) -> Iterator[Group]:
    """List what adds to the scores of a plan: each word, then what several have in common."""
    for bag in collect_bags(plan):
        for group in bag.groups:
            if group.scoring:
                yield group, group.scoring
        for leaf in bag.scoring:
            yield leaf, (leaf,)


def explain(plan: Plan, number: int, reader: PostingsReader) -> Explanation:
    """Give the score of a document, field by field and word by word.

    Parts that are sums add up to their score, to the last bit but rounding; a factor for having
    all the words is the last part, as what it adds.
    """
    by_field: dict[str, list[Explanation]] = {}
    for leaf in collect_scoring_terms(plan):
        part = _explain_leaf(leaf, number, reader)
        if part is not None:
            by_field.setdefault(leaf.field, []).append(part)
    parts = [
        Explanation(name=message(SCORE_PLACES[field]), score=_sum(held), parts=tuple(held))
        for field, held in by_field.items()
    ]
    score = _sum(parts)
    complete = find_complete(plan, reader)
    if complete is not None:
        docs, factor = complete
        if number in docs:
            added = score * (factor - 1.0)
            parts.append(
                Explanation(name=message("score.complete", factor=f"{factor:g}"), score=added)
            )
            score += added
    return Explanation(name=message("score.score"), score=score, parts=tuple(parts))


def _explain_leaf(leaf: ScoringTerm, number: int, reader: PostingsReader) -> Explanation | None:
    docs, counts = reader.postings(leaf.field, leaf.text)
    place = int(np.searchsorted(docs, number))
    if place == docs.size or docs[place] != number:
        return None
    count = counts[place : place + 1].astype(np.float64)
    length = float(reader.lengths(leaf.field)[number])
    norm = reader.norms.of(leaf.field)
    here = slice(number, number + 1)
    idf = rarity(docs.size, reader.size)
    frequency = float(saturate(count, norm.bm25[here])[0])
    bm25 = (1.0 - LGD_SHARE) * idf * frequency
    law = LGD_SHARE * float(lgd(count, norm.lgd[here], reader.size / docs.size)[0])
    held = message(
        "score.rarity-and-frequency",
        held=int(docs.size),
        texts=int(reader.size),
        times=f"{float(count[0]):g}",
        words=f"{length:g}",
    )
    return Explanation(
        name=message("score.word", word=leaf.text.removeprefix("en|")),
        score=leaf.weight * (bm25 + law),
        parts=(
            Explanation(name=message("score.weight"), score=leaf.weight),
            Explanation(
                name=held,
                score=bm25 + law,
                parts=(
                    Explanation(
                        name=message("score.bm25", share=1.0 - LGD_SHARE),
                        score=bm25,
                        parts=(
                            Explanation(name=message("score.share"), score=1.0 - LGD_SHARE),
                            Explanation(name=message("score.rarity"), score=idf),
                            Explanation(name=message("score.frequency"), score=frequency),
                        ),
                    ),
                    Explanation(
                        name=message("score.lgd", share=LGD_SHARE),
                        score=law,
                    ),
                ),
            ),
        ),
    )


def _sum(parts: Iterable[Explanation]) -> float:
    return sum(part.score for part in parts)
