"""Answer plans from an index in a cluster; all threads share the state that was opened last."""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from indexer.engines.opensearch.client import Cluster, ClusterOptions, IndexState, OpenedState
from indexer.engines.opensearch.compile import compile_scored, compile_term, find_both
from indexer.engines.opensearch.explaining import explain
from indexer.engines.opensearch.lexicon import Hidden, OpenSearchLexicon
from indexer.engines.opensearch.mapping import make_fingerprint, name_facet, name_texts
from indexer.engines.opensearch.rows import make_row
from indexer.engines.planning.plan import IdsQuery, Intersection, Plan, Term
from indexer.engines.protocol import Found, FoundText, Lexicon, Question, Sort
from indexer.errors import DamagedIndexError, MissingIndexError, StaleIndexError
from indexer.index import parse_document, parse_paragraphs
from indexer.index.fields import FACETS, ISSUED
from indexer.messages import message
from indexer.model import Document, Paragraph
from indexer.search.match_spec import MatchSpec
from indexer.search.results import Example, Explanation, FacetValue, Suggestion
from indexer.withdrawals import (
    NO_WITHDRAWALS,
    WithdrawalFiles,
    Withdrawals,
    describe_document,
    fold_name,
    list_line_names,
    list_text_names,
)

Json = dict[str, Any]
_WINDOW: Final = 10_000  # texts that one question may pass over and give (`max_result_window`)
_PAGE: Final = 500  # outlines read at once
_WHOLE_PAGE: Final = 50  # whole documents
_MOST_FACETS: Final = 10_000  # values counted of each facet


def find_index(cluster: Cluster, name: str = "") -> IndexState:
    """Find the index that answers, or the one of a name.

    Raises MissingIndexError, StaleIndexError, DamagedIndexError.
    """
    where, alias = cluster.options.where, name or name_texts(cluster.options.prefix)
    found = cluster.describe(alias)
    if not found:
        hint = message("hint.index-first")
        raise MissingIndexError(
            message("error.index.nothing-yet"), where=f"{where} {alias}", hint=hint
        )
    index = found[0]
    if len(found) > 1 or "state" not in index.meta:
        hint = message("hint.build-again")
        what = (
            message("error.cluster.not-ours")
            if len(found) == 1
            else message("error.cluster.several")
        )
        raise DamagedIndexError(what, where=f"{where} {alias}", hint=hint)
    if index.meta["fingerprint"] != make_fingerprint():
        hint = message("hint.build-beside")
        what = message("error.cluster.other-version")
        raise StaleIndexError(what, where=f"{where} {index.name}", hint=hint)
    return index


def find_words(cluster: Cluster, index: IndexState) -> IndexState:
    """Find the words of an index of texts. Raises DamagedIndexError where they are gone."""
    found = cluster.describe(index.meta["words"])
    if not found:
        hint = message("hint.build-again")
        raise DamagedIndexError(message("error.cluster.words-gone"), where=index.name, hint=hint)
    return found[0]


class OpenSearchIndex:
    """The index of a cluster, of which the newest state is opened; an `EngineManager`."""

    def __init__(
        self, options: ClusterOptions, withdrawals: WithdrawalFiles = NO_WITHDRAWALS
    ) -> None:
        """Leave out what `withdrawals` name, from when they name it: neither found nor counted."""
        self._cluster = Cluster(options)
        self._withdrawals = withdrawals
        self._local = threading.local()
        self._lock = threading.Lock()
        self._engine: OpenSearchEngine | None = None
        self._before: OpenSearchEngine | None = None  # some thread may be asking it

    @property
    def generation(self) -> str:
        """The newest state; "" where there is none."""
        try:
            index = find_index(self._cluster)
        except MissingIndexError:
            return ""
        return _name_state(index, self._withdrawals.read())

    @property
    def asked(self) -> str:
        """The state that this thread was given last; "" before it was given any."""
        return getattr(self._local, "asked", "")

    def acquire(self) -> "OpenSearchEngine":
        """Give the engine of the newest state."""
        withdrawals = self._withdrawals.read()
        index = find_index(self._cluster)
        with self._lock:
            engine = self._engine
            if engine is None or engine.generation != _name_state(index, withdrawals):
                engine = OpenSearchEngine(self._cluster, index, withdrawals)
                if self._before is not None:
                    self._before.close()
                self._before, self._engine = self._engine, engine
        self._local.asked = engine.generation
        return engine

    def guarded(self) -> AbstractContextManager[None]:
        """Do nothing: `client` has turned what the library raises into errors of ours."""
        return nullcontext()

    def close(self) -> None:
        """Let everything go."""
        with self._lock:
            for engine in (self._engine, self._before):
                if engine is not None:
                    engine.close()
            self._engine = self._before = None
        self._cluster.close()


def _name_state(index: IndexState, withdrawals: Withdrawals) -> str:
    return f"{index.name}.{index.meta['state']}.{withdrawals.state}"


_NOTHING_WITHDRAWN: Final = Withdrawals()


class OpenSearchEngine:
    """One state of the index; a `SearchEngine`, for any thread."""

    def __init__(
        self, cluster: Cluster, index: IndexState, withdrawals: Withdrawals = _NOTHING_WITHDRAWN
    ) -> None:
        """Open a state, without what is withdrawn."""
        self.generation = _name_state(index, withdrawals)
        self._texts = OpenedState(cluster, index)
        words = find_words(cluster, index)
        self._words = OpenedState(cluster, words)
        self._is_whole = not withdrawals
        self._hidden = Hidden()
        if withdrawals:
            self._hidden = self._find_hidden(withdrawals)
        self._lexicon = OpenSearchLexicon(self._texts, self._words, self._hidden)

    @property
    def lexicon(self) -> Lexicon:
        """The words of this state."""
        return self._lexicon

    def close(self) -> None:
        """Let the state go."""
        self._texts.close()
        self._words.close()

    def _find_hidden(self, withdrawals: Withdrawals) -> Hidden:
        """Find what is withdrawn, and count its words.

        The texts that a line names are asked for, then those that share a name with one of these.
        """
        names = {name for line in withdrawals.lines for name in list_line_names(line.name)}
        named = list(self._list_named({*names, *map(fold_name, names)}))
        shared = {name for each in named for name in list_text_names(describe_document(each))}
        texts = {each.id: each for each in (*named, *self._list_named(shared))}
        hidden = withdrawals.find_hidden(map(describe_document, texts.values()))
        words = Counter(
            word
            for document in self.find_documents(sorted(hidden))
            if document is not None
            for word in make_row(document).words
        )
        return Hidden(tuple(sorted(hidden)), words)

    def _list_named(self, names: set[str]) -> Iterator[Document]:
        """List the texts that have any of some names, without their paragraphs."""
        query: Json = {"terms": {"names": sorted(names)}}
        for hit in self._list_hits(query, ["outline"], _PAGE, "number"):
            yield parse_document(hit["_source"]["outline"])

    # --- finding

    def find(self, question: Question) -> Found:
        """Find the texts of a plan: those of a title before all others."""
        if question.first + question.limit < 1:
            return Found(())
        body = self._compile(question)
        titled = self._find_titled(question, body["query"]) if question.title else []
        first = max(0, question.first - len(titled))
        best = titled[question.first : question.first + question.limit]
        if titled:
            # After facets are counted, of all that was found.
            keys = [key for key, _ in titled]
            body["post_filter"] = {"bool": {"must_not": [{"ids": {"values": keys}}]}}
        answer = self._read_window(body, first, question.limit - len(best))
        best += [(hit["_id"], hit["_score"] or 0.0) for hit in answer["hits"]["hits"]]
        missing = answer["_shards"]["failed"]
        if not question.is_counted:
            return Found(best, missing_parts=missing)
        total = answer["hits"]["total"]["value"] + len(titled)
        return Found(best, total, _read_facets(answer["aggregations"]), missing)

    def _compile(self, question: Question) -> Json:
        """Write a question, whichever of its texts are wanted."""
        body: Json = {"_source": False, "track_total_hits": question.is_counted}
        if question.sort is Sort.RELEVANCE:
            both = find_both(question.plan, self._find_any)
            body["query"] = compile_scored(question.plan, both, self._hidden.filters)
            body["sort"] = ["_score", {"number": "asc"}]
        else:
            # In a filter nothing is scored.
            query = compile_scored(question.plan, None, self._hidden.filters)
            body["query"] = {"bool": {"filter": query["bool"]["filter"]}}
            body["sort"] = [{"number": "asc"}]
            if question.sort is Sort.DATE:
                body["sort"].insert(0, {name_facet(ISSUED): {"order": "desc", "missing": "_last"}})
        if question.is_counted:
            body["aggs"] = {
                name: {"terms": {"field": name_facet(name), "size": _MOST_FACETS}}
                for name in FACETS
            }
        return body

    def _find_titled(self, question: Question, query: Json) -> list[tuple[str, float]]:
        """Find the texts of a query whose title is just what was typed, the best first."""
        if question.sort is not Sort.RELEVANCE:
            return []
        titled = {"term": {"titled": " ".join(question.title)}}
        narrowed = {"bool": {"must": [query], "filter": [titled]}}
        body = {"_source": False, "size": _PAGE, "query": narrowed,
                "sort": ["_score", {"number": "asc"}]}  # fmt: skip
        hits = self._texts.search(body)["hits"]["hits"]
        return [(hit["_id"], hit["_score"] or 0.0) for hit in hits]

    def _find_any(self, queries: Sequence[Json]) -> list[bool]:
        """Say of each query whether any text is found by it."""
        bodies = [
            {"size": 0, "terminate_after": 1, "query": self._hidden.leave_out(query)}
            for query in queries
        ]
        return [answer["hits"]["total"]["value"] > 0 for answer in self._texts.search_each(bodies)]

    def _read_window(self, body: Json, first: int, size: int) -> Json:
        """Read some of what a question finds; beyond a window, after the texts before it."""
        if first + size <= _WINDOW:
            return self._texts.search({**body, "from": first, "size": size})
        whole = self._texts.search({**body, "size": 0})
        bare = {key: held for key, held in body.items() if key != "aggs"}
        bare["track_total_hits"] = False
        passed, hits = 0, []
        while passed < first + size:
            wanted = min(_WINDOW, first + size - passed)
            page = self._texts.search({**bare, "size": wanted})["hits"]["hits"]
            hits += page[max(0, first - passed) :]
            passed += len(page)
            if len(page) < wanted:
                break
            bare["search_after"] = page[-1]["sort"]
        whole["hits"]["hits"] = hits
        return whole

    # --- reading

    def read_texts(self, ids: Sequence[str], wanted: MatchSpec | None) -> Iterator[FoundText]:
        """Read texts that were found; what their paragraphs hold is left to who reads them."""
        sources = self._read_sources(ids, ["outline", "paragraphs"])
        for key in ids:
            if (source := sources.get(key)) is not None:
                paragraphs: list[Paragraph] = parse_paragraphs(source["paragraphs"])
                yield FoundText(parse_document(source["outline"]), paragraphs)

    def find_documents(self, ids: Sequence[str]) -> list[Document | None]:
        """Read whole documents; None for an id that no text has."""
        sources = self._read_sources(ids, ["outline", "paragraphs"])
        return [parse_source(sources[key]) if key in sources else None for key in ids]

    def _read_sources(self, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for first in range(0, len(ids), _WHOLE_PAGE):
            some = list(ids[first : first + _WHOLE_PAGE])
            query = self._hidden.leave_out({"ids": {"values": some}})
            body = {"size": len(some), "query": query, "_source": list(fields)}
            hits = self._texts.search(body, search_type="query_then_fetch")["hits"]["hits"]
            found |= {hit["_id"]: hit["_source"] for hit in hits}
        return found

    def list_documents(self, *, is_whole: bool) -> Iterator[Document]:
        """List every document, in the bibliography's order, read page by page."""
        query = self._hidden.leave_out({"match_all": {}})
        fields = ["outline", "paragraphs"] if is_whole else ["outline"]
        for hit in self._list_hits(query, fields, _WHOLE_PAGE if is_whole else _PAGE, "rank"):
            yield parse_source(hit["_source"])

    def list_sources(self) -> Iterator[tuple[str, Json]]:
        """List what is kept of every text, by id."""
        fields = ["outline", "paragraphs", "fingerprint"]
        for hit in self._list_hits({"match_all": {}}, fields, _WHOLE_PAGE, "number"):
            yield hit["_id"], hit["_source"]

    def list_ranks(self) -> Iterator[Mapping[str, tuple[str, int]]]:
        """List the fingerprint and the rank of every text by id, page by page."""
        page: dict[str, tuple[str, int]] = {}
        fields = ["fingerprint", "rank"]
        for hit in self._list_hits({"match_all": {}}, fields, _WINDOW, "number"):
            page[hit["_id"]] = hit["_source"]["fingerprint"], hit["_source"]["rank"]
            if len(page) == _WINDOW:
                yield page
                page = {}
        yield page

    def _list_hits(
        self, query: Json, fields: Sequence[str], size: int, order: str
    ) -> Iterator[Json]:
        """List everything that a query finds, in the order of a field."""
        sort = [{order: "asc"}] if order == "number" else [{order: "asc"}, {"number": "asc"}]
        body: Json = {"size": size, "query": query, "_source": list(fields), "sort": sort,
                      "track_total_hits": False}  # fmt: skip
        while True:
            # What lists everything is kept: in a file of outlines, in the next index.
            answer = self._texts.search(body, is_whole=True, search_type="query_then_fetch")
            hits = answer["hits"]["hits"]
            yield from hits
            if len(hits) < size:
                return
            body["search_after"] = hits[-1]["sort"]

    def list_held(self, ids: Sequence[str], terms: Sequence[Term]) -> list[frozenset[Term]]:
        """Say which of some terms each text has."""
        named = [
            {"constant_score": {"filter": compile_term(term), "_name": str(number)}}
            for number, term in enumerate(terms)
        ]
        query = {"bool": {"filter": [{"ids": {"values": list(ids)}}], "should": named}}
        body = {"size": len(ids), "query": self._hidden.leave_out(query), "_source": False}
        if not ids or not terms:
            return [frozenset() for _ in ids]
        held = {
            hit["_id"]: frozenset(terms[int(name)] for name in hit.get("matched_queries", ()))
            for hit in self._texts.search(body)["hits"]["hits"]
        }
        return [held.get(key, frozenset()) for key in ids]

    def explain(self, plan: Plan, document_id: str) -> Explanation | None:
        """Take the score of a text apart; None where the plan does not find it."""
        asked = Intersection((plan, IdsQuery(frozenset({document_id}))))
        both = find_both(asked, self._find_any)
        query = compile_scored(asked, both, self._hidden.filters)
        body = {"size": 1, "query": query, "explain": True, "_source": False,
                "docvalue_fields": ["words"]}  # fmt: skip
        hits = self._texts.search(body)["hits"]["hits"]
        if not hits:
            return None
        is_complete = both is not None and bool(
            self._find_any([{"bool": {"filter": [both, {"ids": {"values": [document_id]}}]}}])[0]
        )
        words = hits[0]["fields"]["words"][0]
        return explain(hits[0]["_explanation"], plan, words, is_complete=is_complete)

    # --- offers

    def complete(self, text: str, limit: int) -> Sequence[Suggestion]:
        """Give titles, authors, sections and phrases with a word that begins so."""
        return self._lexicon.complete(text, limit)

    def spell(self, forms: Sequence[str]) -> Sequence[str]:
        """Write folded words as titles and sections write them most."""
        return self._lexicon.spell(forms)

    def read_examples(self) -> tuple[Example, ...] | None:
        """Read the examples kept with the index; None where something is withdrawn."""
        held = self._lexicon.read_examples() if self._is_whole else ""
        return tuple(Example(**row) for row in json.loads(held)) if held else None


def parse_source(source: Json) -> Document:
    """Read a document as it was written, with its paragraphs where they were asked for."""
    document = parse_document(source["outline"])
    if "paragraphs" not in source:
        return document
    return replace(document, paragraphs=tuple(parse_paragraphs(source["paragraphs"])))


def _read_facets(answers: Json) -> Mapping[str, tuple[FacetValue, ...]]:
    """Read how many of what was found have each value, the most frequent first."""
    return MappingProxyType({
        name: tuple(
            FacetValue(value=value, count=count)
            for value, count in sorted(
                ((bucket["key"], bucket["doc_count"]) for bucket in answers[name]["buckets"]),
                key=lambda each: (-each[1], each[0]),
            )
        )
        for name in FACETS
    })  # fmt: skip
