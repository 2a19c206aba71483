"""Carry out a plan over arrays of postings, and keep the best.

First which documents match, then what they score: the sum over the leaves of the plan of weight x
`formula`. Sums are doubles, so that a question has one answer whoever keeps the postings.
"""

import numpy as np

from indexer.engines.gathering import Added, gather, weigh
from indexer.engines.matching import find_complete, match
from indexer.engines.places import is_in
from indexer.engines.plan import (
    BooleanQuery,
    Every,
    FacetQuery,
    Ids,
    Intersection,
    PhraseQuery,
    Plan,
    Union,
    Weighted,
    Words,
)
from indexer.engines.postings import Docs, PostingsReader, Scores
from indexer.engines.summing import TopHits, find_all, find_any, pick


def find_best(
    plan: Plan, reader: PostingsReader, limit: int, *, is_counted: bool = True
) -> TopHits:
    """The `limit` best documents: by score; the lower number breaks ties.

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
    """What some words add to some documents; `has_all` when each has every word."""
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


def collect_words(plan: Plan) -> list[Words]:
    """All that adds to the score, in the order of the plan."""
    match plan:
        case Words():
            return [plan]
        case PhraseQuery(words=words):
            return [words]
        case Intersection(parts) | Union(parts):
            return [words for part in parts for words in collect_words(part)]
        case BooleanQuery(optional, required):
            return [words for part in required + optional for words in collect_words(part)]
        case FacetQuery() | Ids() | Every():
            return []


def collect_leaves(plan: Plan) -> list[Weighted]:
    """List the terms that add to the scores of a plan."""
    return [
        leaf
        for words in collect_words(plan)
        for leaf in (*(leaf for slot in words.slots for leaf in slot.leaves), *words.leaves)
    ]
