"""Carry out a plan over arrays of postings, keep the best, and take a score apart.

First which documents match, then what they score: the sum over the leaves of the plan of weight x
formula (`term_scores`). Sums are doubles, so that a question has one answer whoever keeps the
postings. The two questions that are asked most have a short way each: any of some words, by a
number a document that each word adds to; all of some words, by looking the documents of the rarest
up among the others'.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from indexer.engines.embedded.postings import Docs, PostingsReader, Scores
from indexer.engines.embedded.term_scores import (
    LGD_SHARE,
    MOST_BEST,
    NO_DOCS,
    Added,
    Gathered,
    find_documents,
    find_sequences,
    gather,
    is_in,
    lgd,
    rarity,
    saturate,
    unite,
    weigh,
)
from indexer.engines.planning.plan import (
    SCORE_PLACES,
    BooleanQuery,
    Every,
    FacetQuery,
    Ids,
    Intersection,
    PhraseQuery,
    Plan,
    Slot,
    Union,
    Weighted,
    Words,
    collect_leaves,
    collect_words,
)
from indexer.index.fields import ID, split_values
from indexer.messages import message
from indexer.search.results import Explanation

# A text with both of two words scores so much more. Putting texts with all the words first
# whatever they score costs a twentieth of nDCG with three words or more (benchmarks/relevance):
# the word that says most is then in texts that nobody sees. This does it where it matters, for
# next to nothing.
BOTH: Final = 2
BOTH_FACTOR: Final = 1.15

_FILTERS: Final = (FacetQuery, Ids)  # what narrows and never ranks; or a union of such


def match(plan: Plan, reader: PostingsReader) -> Docs:
    """Find the documents that a plan asks for, in order of number, deleted ones included."""
    match plan:
        case Words(slots):
            return unite([_fill(slot, reader) for slot in slots], reader.size)
        case PhraseQuery():
            return find_sequences(plan, reader)
        case FacetQuery(name, values):
            codes, names = reader.facet(name)
            wanted = np.array(
                [not values.isdisjoint(split_values(name)) for name in names], np.bool_
            )
            return np.flatnonzero(wanted[codes])
        case Ids(ids):
            numbers = [reader.postings(ID, each)[0] for each in ids]
            return np.sort(np.concatenate([NO_DOCS, *numbers]))
        case Every():
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
        case Words(slots):
            held = [_fill(slot, reader) for slot in slots]
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
    if isinstance(plan, Words):
        return intersect([_fill(slot, reader) for slot in plan.slots])
    return match(plan, reader)


def _fill(slot: Slot, reader: PostingsReader) -> Docs:
    """Give the documents that have any term of a slot."""
    if slot.leaves or slot.phrases:
        return gather(slot, reader).found.docs
    # Nothing is to be scored: many a plan that is only counted is made of such slots.
    key = ("filled", slot)
    known: Docs | None = reader.memory.find(key)
    if known is None:
        known = unite([find_documents(*term, reader) for term in slot.terms], reader.size)
        reader.memory.keep(key, known, known.size)
    return known


_SAMPLE: Final = 2_000
_MANY: Final = 300
_SPARSE: Final = 10  # go by the words' own documents while the index has so many times more
_LEAST: Final = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True)
class TopHits:
    """All documents that match, in order of number; the best, with their scores."""

    matched: Docs
    best: Docs
    scores: Scores


class _Buffer(threading.local):
    """A number a document, whatever it was for the question before; one a thread."""

    sums: Scores = np.empty(0)

    def fit(self, size: int) -> Scores:
        """Have a number for every document of an index."""
        if self.sums.size != size:
            self.sums = np.empty(size)
        return self.sums


_buffer: Final = _Buffer()


def find_any(
    words: list[Gathered],
    common: list[Added],
    reader: PostingsReader,
    limit: int,
    *,
    is_counted: bool,
) -> TopHits:
    """Give the best documents with any of some words.

    `common` is what several words add together. Without `is_counted`, `matched` is left empty.
    """
    # What words add to what others find; a word that nothing has may still have its beginning.
    others = [word.others for word in words if word.most]
    most = sum([word.most for word in words])
    words = [word for word in words if word.found.docs.size]
    if not words:
        return TopHits(NO_DOCS, NO_DOCS, np.empty(0))
    first, *rest = words
    is_alone = not rest and not common and all(each is first.others for each in others)
    if is_alone and reader.all_live:
        return _find_alone(first, limit)
    sums = _buffer.fit(reader.size)
    both = _add_up(words, sums)
    for added in common:
        added.add_where_found(sums)
    if both.size:
        sums[both] *= BOTH_FACTOR
    if not reader.all_live:
        sums[reader.dead] = 0.0
    # What words add to the finds of others is looked up at the end, where it may matter.
    beyond = BOTH_FACTOR * most
    least = max(_find_least(words, sums, limit) - beyond, _LEAST)
    lists = [word.found.docs for word in words]
    if _SPARSE * sum(map(len, lists)) < reader.size:
        kept = unite([docs[sums[docs] >= least] for docs in lists], reader.size)
    else:
        kept = (sums >= least).nonzero()[0]
    scores = sums[kept]
    if kept.size > _MANY and limit < _MANY:
        least = np.partition(scores, kept.size - limit)[kept.size - limit] - beyond
        inside = scores >= least
        kept, scores = kept[inside], scores[inside]
    if others:
        more = np.sum([added.at(kept) for added in others], axis=0)
        if both.size:
            more[is_in(kept, both)] *= BOTH_FACTOR
        scores += more
    matched = np.flatnonzero(sums > 0.0) if is_counted else NO_DOCS
    return TopHits(matched, *pick(kept, scores, limit))


def _find_alone(word: Gathered, limit: int) -> TopHits:
    """Find the best documents of one word that nothing else adds to."""
    docs, scores, *_ = word.found
    if limit <= MOST_BEST:
        least = scores[docs.searchsorted(word.best[:limit][-1])]
        kept = np.flatnonzero(scores >= least)
        return TopHits(docs, *pick(docs[kept], scores[kept], limit))
    return TopHits(docs, *pick(docs, scores, limit))


def _add_up(words: list[Gathered], sums: Scores) -> Docs:
    """Put the sum of every word in `sums`; gives the documents that have both, of two words."""
    first, *rest = sorted((word.found for word in words), key=_size, reverse=True)
    if first.dense is not None:
        sums[:] = first.dense
    else:
        sums.fill(0.0)
        sums[first.docs] = first.scores
    both = NO_DOCS
    if len(words) == BOTH:
        docs = rest[0].docs
        both = docs[sums[docs] > 0.0]
    for added in rest:
        added.add_to(sums)
    return both


def _find_least(words: list[Gathered], sums: Scores, limit: int) -> float:
    """Find what the last of the best must reach: where one word adds most, so many reach that."""
    if limit > MOST_BEST:
        return 0.0
    enough = [word for word in words if word.best.size >= limit]
    if not enough:
        return 0.0
    return float(np.minimum.reduce(sums[max(enough, key=_top).best[:limit]]))


def _top(word: Gathered) -> float:
    return word.top


def find_all(words: list[Gathered], reader: PostingsReader, limit: int) -> TopHits:
    """Give the best documents with all of some words."""
    ordered = sorted((word.found for word in words), key=_size)
    docs, scores, *_ = ordered[0]
    for added in ordered[1:]:
        if added.dense is not None:
            more = added.dense[docs]
            inside = more > 0.0
        else:
            inside, more = added.look_up(docs)
        docs, scores = docs[inside], scores[inside] + more[inside]
    if not reader.all_live:
        alive = reader.live[docs]
        docs, scores = docs[alive], scores[alive]
    return TopHits(docs, *pick(docs, scores, limit))


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


def _size(added: Added) -> int:
    return added.docs.size


def find_best(
    plan: Plan, reader: PostingsReader, limit: int, *, is_counted: bool = True
) -> TopHits:
    """Give the `limit` best documents: by score; the lower number breaks ties.

    Without `is_counted`, what else matches need not be told.
    """
    match plan:
        case Words(slots, leaves):
            words = [gather(slot, reader) for slot in slots]
            common = [added for leaf in leaves if (added := weigh(leaf, reader)).docs.size]
            return find_any(words, common, reader, limit, is_counted=is_counted)
        case Intersection(parts):
            alone = [
                part.slots[0]
                for part in parts
                if isinstance(part, Words) and len(part.slots) == 1 and not part.leaves
            ]
            if len(alone) == len(parts):
                return find_all([gather(slot, reader) for slot in alone], reader, limit)
    return find_best_of_matched(plan, reader, limit)


def find_best_of_matched(plan: Plan, reader: PostingsReader, limit: int) -> TopHits:
    """Rank the documents of any plan: what matches first, then the score of each."""
    matched = match(plan, reader)
    if not reader.all_live:
        matched = matched[reader.live[matched]]
    scores = np.zeros(matched.size)
    if matched.size:
        # Whatever a sequence is found in has all of its words.
        has_all = isinstance(plan, PhraseQuery)
        for words in collect_words(plan):
            scores += _score(words, matched, reader, has_all=has_all)
    complete = find_complete(plan, reader)
    if complete is not None:
        docs, factor = complete
        scores[is_in(matched, docs)] *= factor
    return TopHits(matched, *pick(matched, scores, limit))


def _score(words: Words, docs: Docs, reader: PostingsReader, *, has_all: bool) -> Scores:
    """Tell what some words add to some documents; `has_all` when each has every word."""
    adding: list[Added] = []
    for slot in words.slots:
        word = gather(slot, reader)
        adding.append(word.found)
        if not has_all:
            adding.append(word.others)
    adding += [weigh(leaf, reader) for leaf in words.leaves]
    sums = np.zeros(docs.size)
    for added in adding:
        if added.docs.size:
            sums += added.at(docs)
    return sums


def explain(plan: Plan, number: int, reader: PostingsReader) -> Explanation:
    """Give the score of a document, field by field and word by word.

    Parts that are sums add up to their score, to the last bit but rounding; a factor for having
    all the words is the last part, as what it adds.
    """
    by_field: dict[str, list[Explanation]] = {}
    for leaf in collect_leaves(plan):
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


def _explain_leaf(leaf: Weighted, number: int, reader: PostingsReader) -> Explanation | None:
    docs, counts = reader.postings(leaf.field, leaf.text)
    place = int(np.searchsorted(docs, number))
    if place == docs.size or docs[place] != number:
        return None
    count = counts[place : place + 1].astype(np.float64)
    length = float(reader.lengths(leaf.field)[number])
    norm = reader.norm(leaf.field)
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
