"""The steps between what was typed and what is shown, each on its own: understand, narrow, sort,
count. The searcher puts them in order, and `showing` makes the rows.
"""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from indexer.analysis import analyse_query, fold, normalise
from indexer.analysis.lexicon import STEM_MARK
from indexer.engines.correction import (
    find_corrections,
    list_expanding,
    list_words,
    replace_words,
)
from indexer.engines.matching import match
from indexer.engines.plan import FacetQuery, Ids, Intersection, Plan, Slot, Words
from indexer.engines.postings import PostingsReader
from indexer.engines.summing import TopHits
from indexer.engines.translate import translate, translate_saying
from indexer.engines.vocabulary import MOST_TERMS
from indexer.engines.whoosh import ISSUED
from indexer.index.fields import ALL, ALL_EXACT, FACETS
from indexer.search import render_query
from indexer.search.query import Fuzzy, Pattern, Query
from indexer.search.results import FacetValue, TermCount

Filters = Mapping[str, Sequence[str]]


def understand(
    query: Query, reader: PostingsReader, *, as_typed: bool = False
) -> tuple[Query, Plan | None, tuple[tuple[str, str], ...]]:
    """The query as it is searched, its plan, and (typed, searched instead) where they differ.

    They never differ when it is to be searched `as_typed`.
    """
    plan, unknown = translate_saying(query, reader)
    if as_typed or not unknown:
        return query, plan, ()
    guesses = find_corrections(query, unknown, reader)
    corrections = tuple((each.typed, each.meant) for each in guesses if each.is_sure)
    if not corrections:
        return query, plan, ()
    searched = replace_words(query, dict(corrections))
    return searched, translate(searched, reader), corrections


def narrow(plan: Plan, filters: Filters, only: Collection[str] | None) -> Plan:
    """The plan among the documents that filters and ids leave."""
    narrowing: list[Plan] = [
        FacetQuery(name, frozenset(values))
        for name, values in filters.items()
        if values and name in FACETS
    ]
    if only is not None:
        narrowing.append(Ids(frozenset(only)))
    if narrowing:
        return Intersection((plan, *narrowing))
    return plan


def sort_by_date(answer: TopHits, reader: PostingsReader, limit: int) -> TopHits:
    """Order documents by date, the latest first; scores say nothing then."""
    codes, values = reader.facet(ISSUED)
    ranks = np.unique(np.array(values), return_inverse=True)[1]
    best = answer.matched[np.lexsort((answer.matched, -ranks[codes[answer.matched]]))[:limit]]
    return TopHits(answer.matched, best, np.zeros(best.size))


def count_facets(answer: TopHits, reader: PostingsReader) -> Mapping[str, tuple[FacetValue, ...]]:
    """How many of all that matched have each value of each facet, the most frequent first."""
    counted = {}
    for name in FACETS:
        codes, values = reader.facet(name)
        counts = np.bincount(codes[answer.matched], minlength=len(values))
        counted[name] = tuple(
            FacetValue(value=values[code], count=int(counts[code]))
            for code in np.argsort(-counts, kind="stable")
            if values[code] and counts[code]
        )
    return MappingProxyType(counted)


def count_terms(query: Query, reader: PostingsReader) -> tuple[TermCount, ...]:
    """The words of a query as they were understood, and how many documents have each.

    A pattern or a nearly-word stands there with the words that it was taken for, and "…" when
    there were more than are searched.
    """
    words = tuple(
        TermCount(
            typed=text[token.start : token.end],
            term=token.names[0].lstrip(STEM_MARK),
            document_count=_count_documents(token.names, reader),
        )
        for text in list_words(query)
        for token in analyse_query(text)
        if token.names and not token.is_alias
    )
    return words + tuple(_tell_expansion(part, reader) for part in list_expanding(query))


def _count_documents(names: tuple[str, ...], reader: PostingsReader) -> int:
    """How many documents have a word under any of its names."""
    return int(match(Words((Slot(tuple((ALL, name) for name in names)),)), reader).size)


def _tell_expansion(part: Pattern | Fuzzy, reader: PostingsReader) -> TermCount:
    """What a pattern or a nearly-word was taken for in this corpus."""
    vocabulary = reader.vocabulary(ALL_EXACT)
    folded = fold(normalise(part.text))
    if isinstance(part, Pattern):
        taken_for = vocabulary.fit(folded)
    else:
        taken_for = [near.word for near in vocabulary.near(folded, part.distance)]
    plan = translate(part, reader)
    more = " …" if len(taken_for) >= MOST_TERMS else ""
    return TermCount(
        typed=render_query(part),
        term=" ".join(taken_for) + more,
        document_count=0 if plan is None else int(match(plan, reader).size),
    )
