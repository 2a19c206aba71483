"""Carry a plan out by Whoosh's own search, over every document, under the product's formula.

Stock query classes and matchers, `limit=None`. What Whoosh keeps no postings of (pairs, beginnings
of words) is counted here, word by word: pairs from the texts, beginnings from the forms it keeps.
"""

import math
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from indexer.analysis import analyse
from indexer.analysis.stopwords import ALL_STOPS
from indexer.engines.embedded.postings import PostingsReader
from indexer.engines.embedded.store import DocumentStore
from indexer.engines.embedded.term_scores import LGD_SHARE, choose_b
from indexer.engines.embedded.topk import find_complete
from indexer.engines.embedded.whoosh_storage import open_whoosh
from indexer.engines.planning.plan import (
    BagOfTerms,
    BooleanQuery,
    Intersection,
    PhraseQuery,
    Plan,
    ScoringTerm,
    Union,
    collect_scoring_terms,
)
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_SEQUENCES,
    ALL_STEMS,
    FIELD_BY_NAME,
    GAP,
    K1,
    LENGTHS_OF,
    PAIRED,
    REPEATED,
    START_LETTERS,
    TITLE,
)
from indexer.index.postings import list_parts


def search_exhaustively(folder: Path, plan: Plan, reader: PostingsReader) -> dict[int, float]:
    """The score of every document that a plan asks for; `folder` has one segment."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from whoosh import query

    leaves = collect_scoring_terms(plan)
    stored = [leaf for leaf in leaves if not FIELD_BY_NAME[leaf.field].of]
    scored = query.Or([query.Term(leaf.field, leaf.text, leaf.weight) for leaf in stored])
    with open_whoosh(folder).searcher(weighting=_make_formula()) as searcher:
        results = searcher.search(query.AndMaybe(_make_tree(plan), scored), limit=None)
        scores = {results.docnum(place): results.score(place) for place in range(len(results))}
        for leaf in leaves:
            if FIELD_BY_NAME[leaf.field].of:
                for doc, score in _score_derived(searcher, folder, leaf).items():
                    if doc in scores:
                        scores[doc] += score
    complete = find_complete(plan, reader)
    if complete is not None:
        docs, factor = complete
        for doc in set(docs.tolist()) & set(scores):
            scores[doc] *= factor
    return scores


def rank_exhaustively(scores: dict[int, float], limit: int) -> list[int]:
    """The best of all: by score, equals but for rounding by number."""
    return sorted(scores, key=lambda doc: (-round(scores[doc], 9), doc))[:limit]


def _make_tree(plan: Plan) -> Any:
    """Whoosh's own query for what a plan asks for; what it scores is too little to see."""
    from whoosh import query
    from whoosh.query import spans

    class Near(spans.SpanNear2):  # type: ignore[misc]
        def _and_query(self) -> Any:
            return query.And(self.qs)  # Whoosh's own names a module that it has not imported

    def any_of(field: str, terms: tuple[str, ...]) -> Any:
        tree = query.Or([query.Term(field, term) for term in terms])
        tree.matcher_type = query.Or.DEFAULT_MATCHER  # the faster ones know no positions
        return tree

    match plan:
        case BagOfTerms(groups):
            terms = [term for group in groups for term in group.terms]
            tree = query.Or([_name(field, text) for field, text in terms])
        case PhraseQuery(field, terms, slop):
            places = [any_of(field, each) for each in terms]
            tree = Near(places, slop=slop + 1, ordered=True)
        case Intersection(parts):
            return query.And([_make_tree(part) for part in parts])
        case Union(parts):
            return query.Or([_make_tree(part) for part in parts])
        case BooleanQuery(optional, required, excluded):
            if required:
                tree = query.And([_make_tree(part) for part in required])
            elif optional:
                tree = query.Or([_make_tree(part) for part in optional])
            else:
                tree = query.Every()
            for part in excluded:
                tree = query.AndNot(tree, _make_tree(part))
            return tree
        case _:
            raise AssertionError(plan)
    return query.ConstantScoreQuery(tree, 1e-15)


def _name(field: str, text: str) -> Any:
    """Whoosh's own query for a term; for two names side by side, a phrase."""
    from whoosh import query

    if field == ALL_SEQUENCES:
        return query.Phrase(ALL, text.split(" "))
    return query.Term(field, text)


def _score_derived(searcher: Any, folder: Path, leaf: ScoringTerm) -> dict[int, float]:
    """What a leaf adds that Whoosh keeps no postings of."""
    reader = searcher.reader()
    counts: Counter[int] = Counter()
    if leaf.field in PAIRED:
        stems = leaf.text.split(" ")
        words = PAIRED[leaf.field]
        for doc in set.intersection(*(_list_documents(reader, words, stem) for stem in stems)):
            places = _place_stems(folder, searcher.stored_fields(doc)["id"], words)
            left, right = (Counter(places[stem]) for stem in stems)
            counts[doc] = sum(often * right[place + 1] for place, often in left.items())
    else:
        is_whole = len(leaf.text) < START_LETTERS
        for term in reader.expand_prefix(ALL_EXACT, leaf.text.encode()):
            form = term.decode()
            if form != leaf.text if is_whole else form in ALL_STOPS:
                continue
            matcher = reader.postings(ALL_EXACT, term)
            while matcher.is_active():
                counts[matcher.id()] += int(matcher.weight())
                matcher.next()
    having = {doc: count for doc, count in counts.items() if count}
    if not having:
        return {}
    score = _make_scorer(searcher, leaf.field, len(having))
    return {doc: leaf.weight * score(doc, count) for doc, count in having.items()}


def _list_documents(reader: Any, field: str, term: str) -> set[int]:
    """The documents that have a term, by number."""
    if (field, term.encode()) not in reader:
        return set()
    return set(reader.postings(field, term).all_ids())


@lru_cache(maxsize=20_000)
def _place_stems(folder: Path, key: str, field: str) -> Mapping[str, Sequence[int]]:
    """The places of every stem of a text of the index, which keeps none: analysed anew."""
    store = DocumentStore(folder, is_read_only=True)
    try:
        document = store.find(key)
    finally:
        store.close()
    places: dict[str, list[int]] = defaultdict(list)
    place = -1
    for part in list_parts(document):
        if not (part.is_in_all if field == ALL_STEMS else part.field == TITLE):
            continue
        first = place + 1
        for token in analyse(part.text, part.language):
            if token.is_stop:
                continue
            if not token.is_alias:
                place += 1
            places[token.stem].append(max(place, first))
        place += GAP
    return places


def _make_scorer(searcher: Any, field: str, having: int) -> Callable[[int, float], float]:
    """The formula for a term that so many documents have, from Whoosh's own lengths."""
    size = searcher.doc_count_all()
    read = searcher.reader().doc_field_length
    lengths = [read(doc, LENGTHS_OF.get(field, field)) or 0 for doc in range(size)]
    average = sum(lengths) / size
    norms = [length / average for length in lengths]
    b = FIELD_BY_NAME[field].b
    if b is None:
        norms = _split_repetition(searcher, norms)
    else:
        norms = [1 - b + b * norm for norm in norms]
    idf = math.log1p((size - having + 0.5) / (having + 0.5))

    def score(doc: int, count: float) -> float:
        norm = norms[doc]
        bm25 = idf * (K1 + 1) * count / (count + K1 * norm)
        lgd = math.log1p(count * math.log1p(1 / norm) * size / having)
        return (1 - LGD_SHARE) * bm25 + LGD_SHARE * lgd

    return score


def _split_repetition(searcher: Any, lengths: list[float]) -> list[float]:
    """What lengths over their mean do to a count, by how much the texts repeat their stems."""
    reader = searcher.reader()
    different: Counter[int] = Counter()
    for stem in reader.lexicon(REPEATED):
        different.update(reader.postings(REPEATED, stem).all_ids())
    repeated = {
        doc: max(1.0, reader.doc_field_length(doc, REPEATED) / count)
        for doc, count in different.items()
    }
    mean = sum(repeated.values()) / len(repeated) if repeated else 1.0
    b = choose_b(mean)
    return [
        (1 - b) * repeated.get(doc, 1.0) / mean + b * length for doc, length in enumerate(lengths)
    ]


def _make_formula() -> Any:
    """The formula of the product as a weighting of Whoosh's."""
    from whoosh import scoring

    class Scorer(scoring.BaseScorer):  # type: ignore[misc]
        def __init__(self, score: Callable[[int, float], float]) -> None:
            self._score = score

        def max_quality(self) -> float:
            return 1e9  # nothing may be skipped

        def score(self, matcher: Any) -> float:
            return self._score(matcher.id(), matcher.weight())

    class Formula(scoring.WeightingModel):  # type: ignore[misc]
        def scorer(self, searcher: Any, fieldname: str, text: bytes, qf: int = 1) -> Any:
            having = searcher.doc_frequency(fieldname, text)
            return Scorer(_make_scorer(searcher, fieldname, having))

    return Formula()
