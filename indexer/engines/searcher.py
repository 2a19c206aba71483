"""Answer what somebody typed from the index that answers now; the face that the web is handed."""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from indexer.analysis import analyse
from indexer.analysis.stemming import stem_french
from indexer.engines import ranking
from indexer.engines.building import find_current, open_generation
from indexer.engines.correction import find_corrections, list_words, replace_words
from indexer.engines.explanation import explain
from indexer.engines.likeness import find_similar
from indexer.engines.plan import Choice, Every, Facet, Ids, Intersection, Plan
from indexer.engines.postings import PostingsReader
from indexer.engines.store import DocumentStore
from indexer.engines.suggestions import Suggester
from indexer.engines.translate import translate, translate_saying
from indexer.engines.whoosh import ISSUED, find_generation, open_reader
from indexer.index.fields import ALL, ALL_EXACT, FACETS
from indexer.model import Document
from indexer.search import parse_query, render_query
from indexer.search.query import Query
from indexer.search.results import (
    Explanation,
    FacetValue,
    Hit,
    Results,
    SimilarText,
    Suggestion,
    TermCount,
)
from indexer.search.snippets import find_marks, make_mentions, make_snippets
from indexer.search.wanted import Wanted, collect_wanted

Filters = Mapping[str, Sequence[str]]
NO_FILTERS: Final[Filters] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Opened:
    """One state of the index, opened for one thread."""

    generation: str
    reader: PostingsReader
    store: DocumentStore


class Searcher:
    """Read-only; safe to ask from several threads, each of which opens its own files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._local = threading.local()
        self._all: list[_Opened] = []
        self._lock = threading.Lock()
        self._suggester: tuple[str, Suggester] | None = None
        self._open()

    @property
    def generation(self) -> str:
        """What changes whenever the index does."""
        current = find_current(self._folder)
        return f"{current.name}.{find_generation(current)}" if current else ""

    def close(self) -> None:
        """Let all files go."""
        with self._lock:
            for opened in self._all:
                opened.reader.close()
                opened.store.close()
            self._all.clear()

    def search(
        self,
        query_text: str,
        *,
        page: int = 1,
        page_size: int = 10,
        sort: str = "relevance",
        filters: Filters = NO_FILTERS,
        only: Collection[str] | None = None,
        without: Collection[str] = (),
        extracts: bool = True,
    ) -> Results:
        """Answer whatever somebody typed; never raises for what was typed.

        `filters` maps a facet (year, site, section, language, kind, link) to values, any of
        which will do. `sort` is "relevance" or "date" (latest first). `only` names the documents
        to look among, `without` those to leave out, by id. Without `extracts` no passage is cut:
        for whoever wants the texts and not why they were found.
        """
        opened = self._open()
        reader = opened.reader
        query = parse_query(query_text)
        searched, plan, corrections = _understand(query, reader)
        if plan is None and (filters or only is not None) and not query_text.strip():
            plan = Every()
        understood = render_query(query)
        terms = _count_terms(query, reader)
        if plan is None:
            return Results(query_text=query_text, total=0, understood=understood, terms=terms)
        last = page * page_size
        answer = ranking.find_best(_narrow(plan, filters, only, without), reader, last)
        if sort == "date":
            answer = _sort_by_date(answer, reader, last)
        wanted = collect_wanted(searched) if extracts else None
        hits = []
        first = (page - 1) * page_size
        best = zip(answer.best[first:].tolist(), answer.scores[first:].tolist(), strict=True)
        for rank, (number, score) in enumerate(best, first + 1):
            document = opened.store.find(*reader.key(number))
            if document is not None:
                hits.append(_describe(rank, score, document, wanted))
        return Results(
            query_text=query_text,
            total=int(answer.matched.size),
            hits=tuple(hits),
            terms=terms,
            understood=understood,
            corrections=corrections,
            facets=_count_facets(answer, reader),
        )

    def rank(self, query_text: str, limit: int) -> list[tuple[str, float]]:
        """The ids of the best documents and their scores, without anything to show of them."""
        opened = self._open()
        reader = opened.reader
        query = parse_query(query_text)
        _, plan, _ = _understand(query, reader)
        if plan is None:
            return []
        answer = ranking.find_best(plan, reader, limit)
        best = zip(answer.best.tolist(), answer.scores.tolist(), strict=True)
        return [(reader.key(number)[0], score) for number, score in best]

    def find_document(self, document_id: str) -> Document | None:
        """The document of that id, or None."""
        return self._open().store.find(document_id)

    def documents(self) -> Iterable[Document]:
        """Every document, in the bibliography's order."""
        return self._open().store.documents()

    def suggest(self, prefix: str, *, limit: int = 8) -> Sequence[Suggestion]:
        """Ways to go on typing, best first."""
        opened = self._open()
        with self._lock:
            if self._suggester is None or self._suggester[0] != opened.generation:
                described = Suggester(opened.store.descriptions())
                self._suggester = (opened.generation, described)
            suggester = self._suggester[1]
        return suggester.suggest(prefix, opened.reader, limit)

    def similar(self, document_id: str, *, limit: int = 5) -> Sequence[SimilarText]:
        """Texts like this one, the likest first, with what they share."""
        opened = self._open()
        document = opened.store.find(document_id)
        if document is None:
            return ()
        return find_similar(
            document,
            opened.reader,
            lambda number: opened.store.find(*opened.reader.key(number)),
            limit,
        )

    def explain(self, query_text: str, document_id: str) -> Explanation | None:
        """Why a document has its score for a query; None when it is not found by it."""
        opened = self._open()
        _, plan, _ = _understand(parse_query(query_text), opened.reader)
        if plan is None:
            return None
        asked = Intersection((plan, Ids(frozenset({document_id}))))
        answer = ranking.find_best(asked, opened.reader, 1)
        if not answer.best.size:
            return None
        return explain(plan, int(answer.best[0]), opened.reader)

    def forms(self, word: str) -> tuple[FacetValue, ...]:
        """The forms (folded) that the stem of a word gathers here, and the texts of each."""
        reader = self._open().reader
        tokens = [token for token in analyse(word) if not token.is_alias]
        gathered = [
            FacetValue(value=form, count=count)
            for token in tokens
            for form, count in reader.terms(ALL_EXACT, token.exact[:3])
            if stem_french(form) == token.stem
        ]
        return tuple(sorted(gathered, key=lambda form: (-form.count, form.value)))

    def _open(self) -> _Opened:
        """This thread's files, opened again when the index has changed."""
        generation = self.generation
        opened: _Opened | None = getattr(self._local, "opened", None)
        if opened is None or opened.generation != generation:
            current = open_generation(self._folder)
            generation = f"{current.name}.{find_generation(current)}"
            fresh = _Opened(
                generation, open_reader(current), DocumentStore(current, is_read_only=True)
            )
            with self._lock:
                self._all.append(fresh)
                if opened is not None and opened in self._all:
                    self._all.remove(opened)
                    opened.reader.close()
                    opened.store.close()
            self._local.opened = opened = fresh
        return opened


def open_searcher(folder: Path) -> Searcher:
    """Open the index of `folder` for reading; close it when done.

    Raises MissingIndexError when nothing is indexed yet, StaleIndexError when another version
    wrote it.
    """
    return Searcher(folder)


def _understand(
    query: Query, reader: PostingsReader
) -> tuple[Query, Plan | None, tuple[tuple[str, str], ...]]:
    """The query as it is searched, its plan, and (typed, searched instead) where they differ."""
    plan, unknown = translate_saying(query, reader)
    if not unknown:
        return query, plan, ()
    corrections = find_corrections(query, unknown, reader)
    if not corrections:
        return query, plan, ()
    searched = replace_words(query, dict(corrections))
    return searched, translate(searched, reader), corrections


def _narrow(
    plan: Plan, filters: Filters, only: Collection[str] | None, without: Collection[str]
) -> Plan:
    """The plan among the documents that filters and ids leave."""
    narrowing: list[Plan] = [
        Facet(name, frozenset(values))
        for name, values in filters.items()
        if values and name in FACETS
    ]
    if only is not None:
        narrowing.append(Ids(frozenset(only)))
    if narrowing:
        plan = Intersection((plan, *narrowing))
    return Choice((), (plan,), (Ids(frozenset(without)),)) if without else plan


def _sort_by_date(answer: ranking.Answer, reader: PostingsReader, limit: int) -> ranking.Answer:
    """The same documents, the latest first; scores say nothing then."""
    codes, values = reader.facet(ISSUED)
    ranks = np.unique(np.array(values), return_inverse=True)[1]
    best = answer.matched[np.lexsort((answer.matched, -ranks[codes[answer.matched]]))[:limit]]
    return ranking.Answer(answer.matched, best, np.zeros(best.size))


def _count_facets(
    answer: ranking.Answer, reader: PostingsReader
) -> Mapping[str, tuple[FacetValue, ...]]:
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


def _count_terms(query: Query, reader: PostingsReader) -> tuple[TermCount, ...]:
    return tuple(
        TermCount(
            typed=text[token.start : token.end],
            term=token.stem,
            document_count=reader.document_count(ALL, token.stem),
        )
        for text in list_words(query)
        for token in analyse(text)
        if not token.is_stop and not token.is_alias
    )


def _describe(rank: int, score: float, document: Document, wanted: Wanted | None) -> Hit:
    language = document.language
    return Hit(
        rank=rank,
        score=score,
        id=document.id,
        kind=document.kind,
        title=document.title,
        title_marks=find_marks(document.title, wanted, language) if wanted else (),
        author=document.author,
        container_title=document.container_title,
        site=document.site,
        issued=document.issued,
        url=document.url,
        section=document.section,
        language=language,
        has_text=bool(document.paragraphs),
        snippets=make_snippets(document.paragraphs, wanted, language) if wanted else (),
        mentions=make_mentions(document.notes, wanted) if wanted else (),
        link=document.link,
    )
