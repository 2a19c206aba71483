"""Look words up in a cluster: counts in the texts, words in the index of words beside.

Everything is asked in batches: a round is one request, or one more for the few words whose answers
fill a page. The index of words counts what is withdrawn too: that is taken off here.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rapidfuzz.distance import OSA

from indexer.engines.opensearch.client import OpenedState
from indexer.engines.opensearch.compile import compile_filter, compile_term
from indexer.engines.opensearch.mapping import EXAMPLES_ID, name_facet
from indexer.engines.opensearch.rows import OFFER, WRITTEN, CountedWord
from indexer.engines.planning.plan import Plan, Term
from indexer.engines.planning.suggestions import KEPT
from indexer.engines.protocol import MOST_WORDS, NearWord, WordsLike, WordsNear
from indexer.search.results import Suggestion

Json = dict[str, Any]
_PAGE: Final = 2_000  # words of one answer
_MOST_NEAR: Final = 1_000  # words looked at of each distance, the most frequent
_MOST_VALUES: Final = 65_000  # of a facet: what OpenSearch lets an answer hold
_ALL_TERMS: Final = {"rewrite": "constant_score"}  # not the fifty that are nearest
_LEAST_REPEATED: Final = 2  # titles that have a phrase


@dataclass(frozen=True, slots=True)
class Hidden:
    """The withdrawn texts: their ids, and the number of them that have each word."""

    ids: tuple[str, ...] = ()
    words: Mapping[CountedWord, int] = dataclasses.field(default_factory=Counter)

    @property
    def filters(self) -> list[Json]:
        """The filter that leaves it out; none where nothing is withdrawn."""
        return [{"bool": {"must_not": [{"ids": {"values": self.ids}}]}}] if self.ids else []

    def leave_out(self, query: Json) -> Json:
        """Write a query without what is withdrawn."""
        return {"bool": {"filter": [query, *self.filters]}} if self.ids else query


class OpenSearchLexicon:
    """The words of one state of an index; a `Lexicon`."""

    is_remote = True

    def __init__(self, texts: OpenedState, words: OpenedState, hidden: Hidden) -> None:
        """`texts` and `words` are of one state."""
        self._texts, self._words, self._hidden = texts, words, hidden

    def read_form(self, form: str) -> None:
        """Keep nothing of forms: they are analysed."""

    def count(self, terms: Sequence[Term]) -> list[int]:
        """Count the texts that have each term."""
        return self.count_each([compile_term(term) for term in terms])

    def count_found(self, plans: Sequence[Plan]) -> list[int]:
        """Count the texts that each plan finds."""
        return self.count_each([compile_filter(plan) for plan in plans])

    def count_each(self, queries: Sequence[Json]) -> list[int]:
        """Count the texts that each query finds."""
        return count_each(self._texts, [self._hidden.leave_out(query) for query in queries])

    def list_near(self, words: Sequence[WordsNear]) -> list[list[NearWord]]:
        """List the words at most so many letters away from each, nearest first."""
        asked = [
            (field, {"fuzzy": {field: {"value": word, "fuzziness": near, **_ALL_TERMS}}})
            for field, word, distance in words
            for near in range(1, distance + 1)
        ]  # fmt: skip
        answers = iter(self._ask([self._find_words(query, size=_MOST_NEAR) for query in asked]))
        return [
            _order_near(
                word, distance,
                {text: n for _ in range(distance) for text, n in self._read(field, next(answers))},
            )
            for field, word, distance in words
        ]  # fmt: skip

    def list_fitting(self, patterns: Sequence[WordsLike]) -> list[list[str]]:
        """List the words that fit each folded pattern, the most frequent first."""
        asked = [
            (field, {"wildcard": {field: {"value": pattern.replace("\\", "\\\\")}}})
            for field, pattern in patterns
        ]
        answers = self._ask([self._find_words(query, size=_MOST_NEAR) for query in asked])
        fitting = []
        for (field, pattern), answer in zip(patterns, answers, strict=True):
            fits = re.compile(re.escape(pattern).replace(r"\*", r"\w*").replace(r"\?", r"\w"))
            found = [(-n, text) for text, n in self._read(field, answer) if fits.fullmatch(text)]
            fitting.append([text for _, text in sorted(found)[:MOST_WORDS]])
        return fitting

    def list_starting(self, prefixes: Sequence[WordsLike]) -> list[list[tuple[str, int]]]:
        """List the words of a field that begin so, in order, and how many texts have each."""
        asked = [
            self._find_words((field, {"prefix": {field: start}}), size=_PAGE, sort=[{field: "asc"}])
            for field, start in prefixes
        ]
        starting = []
        for (field, _), body, answer in zip(prefixes, asked, self._ask(asked), strict=True):
            found = list(self._read(field, answer))
            while len(answer["hits"]["hits"]) == _PAGE:
                last = answer["hits"]["hits"][-1]["sort"]
                answer = self._words.search({**body, "search_after": last})
                found += self._read(field, answer)
            starting.append(found)
        return starting

    def list_values(self, facets: Sequence[str]) -> list[list[str]]:
        """List the values of each facet, each alone."""
        query = self._hidden.leave_out({"match_all": {}})
        bodies = [
            {"size": 0, "query": query,
             "aggs": {"values": {"terms": {"field": name_facet(name), "size": _MOST_VALUES}}}}
            for name in facets
        ]  # fmt: skip
        return [
            [bucket["key"] for bucket in answer["aggregations"]["values"]["buckets"]]
            for answer in self._texts.search_each(bodies)
        ]

    # --- offers

    def complete(self, text: str, limit: int) -> list[Suggestion]:
        """Give texts of every kind with a word that begins so (folded), the best first."""
        spare = min(len(self._hidden.words), _PAGE)  # what is withdrawn may take some away
        bodies = []
        for kind in KEPT:
            least = _LEAST_REPEATED if kind == "phrase" else 1
            filters = [
                {"term": {"kind": OFFER + kind}}, {"prefix": {"starts": text}},
                {"range": {"count": {"gte": least}}},
            ]  # fmt: skip
            bodies.append({
                "size": limit + spare, "query": {"bool": {"filter": filters}},
                "_source": ["text", "count"],
                "sort": [{"count": "desc"}, {"length": "asc"}, {"text": "asc"}],
            })  # fmt: skip
        offered: list[Suggestion] = []
        for kind, answer in zip(KEPT, self._ask(bodies), strict=True):
            least = _LEAST_REPEATED if kind == "phrase" else 1
            found = [
                (-n, len(each), each) for each, n in self._read(OFFER + kind, answer) if n >= least
            ]
            offered += [
                Suggestion(
                    text=f"section:« {each} »" if kind == "section" else each,
                    kind=kind,
                    document_count=-n,
                )
                for n, _, each in sorted(found)[:limit]
            ]
        return offered

    def spell(self, forms: Sequence[str]) -> list[str]:
        """Write folded words as titles and sections write them most; "" where none has one."""
        bodies: list[Json] = [
            {"size": 100, "_source": ["text", "count"],
             "query": {"bool": {"filter": [{"term": {"kind": WRITTEN}}, {"term": {"form": form}}]}}}
            for form in forms
        ]  # fmt: skip
        spelt = []
        for answer in self._ask(bodies):
            # Of two ways the one with accents: capitals often go without.
            held = [(n, not each.isascii(), each) for each, n in self._read(WRITTEN, answer)]
            spelt.append(max(held)[2] if held else "")
        return spelt

    def read_examples(self) -> str:
        """Read the examples of queries, as they were kept; "" where there are none."""
        query = {"ids": {"values": [EXAMPLES_ID]}}
        hits = self._words.search({"size": 1, "query": query})["hits"]["hits"]
        return hits[0]["_source"]["held"] if hits else ""

    def _ask(self, bodies: Sequence[Json]) -> list[Json]:
        return self._words.search_each(bodies) if bodies else []

    @staticmethod
    def _find_words(asked: tuple[str, Json], *, size: int, sort: Sequence[Json] = ()) -> Json:
        """Ask for the words of a field that a query finds, the most frequent first."""
        field, query = asked
        return {
            "size": size,
            "query": {"bool": {"filter": [{"term": {"kind": field}}, query]}},
            "_source": ["text", "count"],
            "sort": [*sort] or [{"count": "desc"}, {"text": "asc"}],
        }

    def _read(self, kind: str, answer: Json) -> Iterator[tuple[str, int]]:
        """Read the words of an answer and how many texts have each that are shown."""
        for hit in answer["hits"]["hits"]:
            text, count = hit["_source"]["text"], hit["_source"]["count"]
            count -= self._hidden.words.get(CountedWord(kind, text), 0)
            if count > 0:
                yield text, count


def count_each(texts: OpenedState, queries: Sequence[Json]) -> list[int]:
    """Count the texts of a state that each query finds."""
    bodies = [{"size": 0, "track_total_hits": True, "query": query} for query in queries]
    return [answer["hits"]["total"]["value"] for answer in texts.search_each(bodies)]


def _order_near(word: str, distance: int, counts: Mapping[str, int]) -> list[NearWord]:
    near = [
        NearWord(away, count, other)
        for other, count in counts.items()
        if (away := OSA.distance(word, other)) <= distance
    ]
    near.sort(key=lambda each: (each.distance, -each.document_count, each.word))
    return near[:MOST_WORDS]
