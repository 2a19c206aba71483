"""Answer what somebody typed from the index that answers now; the face that the web is handed."""

import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from indexer.analysis import analyse
from indexer.analysis.stemming import stem_french
from indexer.engines import answering, ranking
from indexer.engines.building import find_current, find_moment, is_same_moment, open_generation
from indexer.engines.examples import best_first, choose_examples, read_examples
from indexer.engines.explanation import explain
from indexer.engines.likeness import find_similar
from indexer.engines.locating import list_ways
from indexer.engines.plan import Every, Ids, Intersection
from indexer.engines.postings import PostingsReader
from indexer.engines.showing import show_hits
from indexer.engines.shown import AnyStore, ShownReader, ShownStore
from indexer.engines.sidecar import SidecarReader
from indexer.engines.store import DocumentStore
from indexer.engines.suggestions import Suggester
from indexer.engines.surfaces import write_form
from indexer.engines.whoosh import find_generation, open_reader
from indexer.index.fields import ALL_EXACT
from indexer.model import Document
from indexer.search import parse_query, render_query
from indexer.search.results import (
    Example,
    Explanation,
    FacetValue,
    Results,
    SimilarText,
    Suggestion,
)
from indexer.search.wanted import collect_wanted
from indexer.withdrawals import (
    NO_WITHDRAWALS,
    WithdrawalFiles,
    Withdrawals,
    describe_document,
)

NO_FILTERS: Final[answering.Filters] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Opened:
    """One state of the index, opened for one thread."""

    generation: str
    folder: Path
    is_whole: bool  # nothing is withdrawn
    reader: PostingsReader
    store: AnyStore


class Searcher:
    """Read-only, and safe to ask from several threads at once."""

    def __init__(self, folder: Path, withdrawals: WithdrawalFiles = NO_WITHDRAWALS) -> None:
        self._folder = folder
        self._withdrawals = withdrawals
        self._local = threading.local()
        self._all: list[_Opened] = []
        self._lock = threading.Lock()
        self._suggester: tuple[str, Suggester] | None = None
        self._shared: tuple[str, SidecarReader] | None = None
        self._shown: tuple[str, PostingsReader] | None = None
        self._examples: tuple[str, Sequence[Example]] | None = None
        self._open()

    @property
    def generation(self) -> str:
        """What changes whenever the index does, or what is withdrawn."""
        current = find_current(self._folder)
        state = self._withdrawals.read().state
        return f"{current.name}.{find_generation(current)}.{state}" if current else ""

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
        filters: answering.Filters = NO_FILTERS,
        only: Collection[str] | None = None,
        extracts: bool = True,
        as_typed: bool = False,
    ) -> Results:
        """Answer whatever somebody typed; never raises for what was typed.

        `filters` maps a facet (year, site, section, language, kind, link) to values, any of
        which will do. `sort` is "relevance" or "date" (latest first). `only` names the documents
        to look among, by id. Without `extracts` no passage is cut.
        `as_typed` leaves unknown words alone, where otherwise a near one is searched instead.
        """
        opened = self._open()
        reader = opened.reader
        query = parse_query(query_text)
        searched, plan, corrections = answering.understand(query, reader, as_typed=as_typed)
        if plan is None and (filters or only is not None) and not query_text.strip():
            plan = Every()
        understood = render_query(query)
        terms = answering.count_terms(query, reader)
        if plan is None:
            return Results(query_text=query_text, total=0, understood=understood, terms=terms)
        page = max(page, 1)
        last = page * max(page_size, 1)
        answer = ranking.find_best(answering.narrow(plan, filters, only), reader, last)
        if sort == "date":
            answer = answering.sort_by_date(answer, reader, last)
        wanted = collect_wanted(searched, also=list_ways(plan)) if extracts else None
        first = (page - 1) * page_size
        best = zip(answer.best[first:].tolist(), answer.scores[first:].tolist(), strict=True)
        hits = show_hits(enumerate(best, first + 1), reader, opened.store, wanted)
        return Results(
            query_text=query_text,
            total=int(answer.matched.size),
            hits=hits,
            terms=terms,
            understood=understood,
            corrections=corrections,
            searched=render_query(searched) if corrections else "",
            facets=answering.count_facets(answer, reader),
        )

    def rank(self, query_text: str, limit: int) -> list[tuple[str, float]]:
        """The ids of the best documents and their scores, without anything to show of them."""
        reader = self._open().reader
        _, plan, _ = answering.understand(parse_query(query_text), reader)
        if plan is None or limit < 1:
            return []
        answer = ranking.find_best(plan, reader, limit, is_counted=False)
        return list(zip(reader.ids(answer.best), answer.scores.tolist(), strict=True))

    def find_document(self, document_id: str) -> Document | None:
        """The document of that id, or None."""
        return self._open().store.find(document_id)

    def documents(self) -> Iterable[Document]:
        """Every document, in the bibliography's order."""
        return self._open().store.documents()

    def outlines(self) -> Iterable[Document]:
        """Every document without its paragraphs, as indexed, in the bibliography's order."""
        opened = self._open()
        live = opened.reader.live.nonzero()[0].tolist()
        keys = {opened.reader.key(number) for number in live}  # an update puts others beforehand
        yield from (each for mark, each in opened.store.outlines() if (each.id, mark) in keys)
        if isinstance(opened.store, ShownStore):
            yield from opened.store.orphans

    def examples(self) -> Sequence[Example]:
        """A few queries that find something; chosen again where something was withdrawn."""
        opened = self._open()
        if opened.is_whole:
            return read_examples(opened.folder)
        if self._examples is None or self._examples[0] != opened.generation:
            chosen = choose_examples(best_first(opened.store), opened.reader)
            self._examples = opened.generation, chosen
        return self._examples[1]

    def suggest(self, prefix: str, *, limit: int = 8) -> Sequence[Suggestion]:
        """Ways to go on typing, best first."""
        opened = self._open()
        with self._lock:
            if self._suggester is None or self._suggester[0] != opened.generation:
                self._suggester = opened.generation, Suggester(opened.store.descriptions())
            suggester = self._suggester[1]
        write = partial(write_form, reader=opened.reader, store=opened.store)
        return suggester.suggest(prefix, opened.reader, write, limit)

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

    def explain(
        self, query_text: str, document_id: str, *, as_typed: bool = False
    ) -> Explanation | None:
        """Why a document has its score for a query; None when it is not found by it."""
        opened = self._open()
        _, plan, _ = answering.understand(parse_query(query_text), opened.reader, as_typed=as_typed)
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
        opened: _Opened | None = getattr(self._local, "opened", None)
        withdrawals = self._withdrawals.read()
        is_same = opened is not None and opened.generation.endswith(f".{withdrawals.state}")
        if opened is not None and is_same and is_same_moment(self._local.moment):
            return opened
        moment = find_moment(self._folder)
        generation = self.generation
        if opened is None or opened.generation != generation:
            current = open_generation(self._folder)
            fresh = self._open_anew(current, withdrawals)
            with self._lock:
                self._all.append(fresh)
                if opened is not None and opened in self._all:
                    self._all.remove(opened)
                    opened.reader.close()
                    opened.store.close()
            self._local.opened = opened = fresh
        self._local.moment = moment
        return opened

    def _open_anew(self, current: Path, withdrawals: Withdrawals) -> _Opened:
        """One state of the index, without what is withdrawn."""
        written = f"{current.name}.{find_generation(current)}"
        generation = f"{written}.{withdrawals.state}"
        reader = self._open_reader(current, written)
        store = DocumentStore(current, is_read_only=True)
        if not withdrawals:
            return _Opened(generation, current, True, reader, store)
        texts = (describe_document(each) for _, each in store.outlines())
        hidden = withdrawals.find_hidden(texts)
        if not hidden and reader.all_live:
            return _Opened(generation, current, False, reader, store)
        with self._lock:
            is_shared = isinstance(reader, SidecarReader)
            if not is_shared or self._shown is None or self._shown[0] != generation:
                self._shown = generation, ShownReader(reader, hidden)
            shown = self._shown[1]
        return _Opened(generation, current, False, shown, ShownStore(store, hidden))

    def _open_reader(self, current: Path, generation: str) -> PostingsReader:
        """Arrays are shared by all threads; Whoosh's own files are not safe to share."""
        with self._lock:
            if self._shared is None or self._shared[0] != generation:
                reader = open_reader(current)
                if not isinstance(reader, SidecarReader):
                    return reader
                self._shared = (generation, reader)
            return self._shared[1]


def open_searcher(folder: Path, withdrawals: WithdrawalFiles = NO_WITHDRAWALS) -> Searcher:
    """Open the index of `folder` for reading; close it when done.

    What `withdrawals` name is neither found nor counted, from the moment when they name it.

    Raises MissingIndexError when nothing is indexed yet, StaleIndexError when another version
    wrote it.
    """
    return Searcher(folder, withdrawals)
