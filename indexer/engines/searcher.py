"""Answer what somebody typed from the index that answers now; the face that the web is handed."""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial, wraps
from pathlib import Path
from types import MappingProxyType
from typing import Concatenate, Final, NamedTuple, ParamSpec, TypeVar

from indexer.analysis import analyse_query
from indexer.analysis.lexicon import list_names
from indexer.engines.embedded import topk
from indexer.engines.embedded.building import (
    check_index,
    find_current,
    find_moment,
    is_same_moment,
    open_generation,
)
from indexer.engines.embedded.integrity import damaged, guard
from indexer.engines.embedded.locating import list_ways
from indexer.engines.embedded.postings import PostingsReader
from indexer.engines.embedded.reader import SidecarReader
from indexer.engines.embedded.showing import show_hits
from indexer.engines.embedded.shown import AnyStore, ShownReader, ShownStore
from indexer.engines.embedded.store import DocumentStore
from indexer.engines.embedded.suggestions import Suggester, read_suggestions
from indexer.engines.embedded.topk import explain
from indexer.engines.embedded.whoosh_index import open_reader
from indexer.engines.embedded.whoosh_storage import find_generation
from indexer.engines.planning import understanding as answering
from indexer.engines.planning.examples import best_first, choose_examples, read_examples
from indexer.engines.planning.plan import Every, Ids, Intersection, Plan
from indexer.engines.planning.similar import find_similar
from indexer.engines.planning.spelling import find_written, write_form
from indexer.engines.planning.translate import translate
from indexer.errors import DamagedIndexError, SearchIndexError
from indexer.index.fields import ALL_EXACT, ID
from indexer.model import Document
from indexer.search import parse_query, render_query
from indexer.search.query import Query
from indexer.search.results import (
    Example,
    Explanation,
    FacetValue,
    Results,
    SimilarText,
    Suggestion,
)
from indexer.search.synonyms import NO_SYNONYM_FILE, SynonymFile, SynonymMap
from indexer.search.unread import list_unread
from indexer.search.wanted import Wanted, collect_wanted
from indexer.withdrawals import (
    NO_WITHDRAWALS,
    WithdrawalFiles,
    Withdrawals,
    describe_document,
)

NO_FILTERS: Final[answering.Filters] = MappingProxyType({})
_MOST_TRIES: Final = 3  # of a question while the index changes

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Opened:
    """One state of the index, opened for one thread."""

    generation: str
    folder: Path
    commit: int
    is_whole: bool  # nothing is withdrawn
    reader: PostingsReader
    store: AnyStore

    def title(self, number: int) -> str:
        """Read the title of a document by its number."""
        return self.store.find_outline(*self.reader.key(number))[0].title


class _Owned(NamedTuple):
    """What the site's owner says beside the index, at one moment."""

    withdrawals: Withdrawals
    synonyms: SynonymMap

    @property
    def state(self) -> str:
        """What changes whenever one of these does."""
        return "-".join(filter(None, (self.withdrawals.state, self.synonyms.state)))


def _at_the_door(
    method: "Callable[Concatenate[Searcher, P], R]",
) -> "Callable[Concatenate[Searcher, P], R]":
    """Ask again when the index changed under a question; else tell what is wrong with it.

    Whatever a library raises about the files becomes an error of ours here, and nowhere above.
    """

    @wraps(method)
    def ask(self: "Searcher", /, *args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(_MOST_TRIES):
            asked = self.asked
            try:
                with self.guarded():
                    return method(self, *args, **kwargs)
            except SearchIndexError:
                # A file that an update has replaced may be gone before this thread opened it.
                with self.guarded():
                    if asked == self.generation:
                        raise
        with self.guarded():
            return method(self, *args, **kwargs)

    return ask


class Searcher:
    """Read-only, and safe to ask from several threads at once."""

    def __init__(
        self,
        folder: Path,
        withdrawals: WithdrawalFiles = NO_WITHDRAWALS,
        synonyms: SynonymFile = NO_SYNONYM_FILE,
    ) -> None:
        self._folder = folder
        self._withdrawals = withdrawals
        self._synonyms = synonyms
        self._local = threading.local()
        self._all: list[_Opened] = []
        self._lock = threading.Lock()
        self._suggester: tuple[str, Suggester] | None = None
        self._shared: tuple[str, SidecarReader] | None = None
        self._shown: tuple[str, PostingsReader] | None = None
        self._examples: tuple[str, Sequence[Example]] | None = None

    @property
    def generation(self) -> str:
        """What changes whenever the index does, or what is withdrawn, or the synonyms."""
        with guard(self._folder):
            current = find_current(self._folder)
            state = self._read_owned().state
            return f"{current.name}.{find_generation(current)}.{state}" if current else ""

    def _read_owned(self) -> "_Owned":
        """What the files of the site's owner say now."""
        return _Owned(self._withdrawals.read(), self._synonyms.read())

    @property
    def asked(self) -> str:
        """The state of the index that this thread asks; "" before it has asked any."""
        opened: _Opened | None = getattr(self._local, "opened", None)
        return opened.generation if opened is not None else ""

    def close(self) -> None:
        """Let all files go."""
        with self._lock:
            for opened in self._all:
                opened.reader.close()
                opened.store.close()
            self._all.clear()

    @_at_the_door
    def open(self) -> None:
        """Open the index for this thread: what the first question would do."""
        self._open()

    @_at_the_door
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
        read = answering.understand(query, reader, as_typed=as_typed)
        plan = read.plan
        if plan is None and (filters or only is not None) and not query_text.strip():
            plan = Every()
        base = Results(
            query_text=query_text,
            total=0,
            understood=render_query(read.typed),
            terms=answering.count_terms(query, reader),
            corrections=read.corrections,
            offers=read.offers,
            searched=render_query(read.query) if read.corrections else "",
            unread=(*list_unread(query_text), *read.unread),
            own_words=reader.synonyms.list_acted(read.query),
        )
        if plan is None:
            return base
        page = max(page, 1)
        last = page * max(page_size, 1)
        narrowed = answering.narrow(plan, filters, only, reader)
        answer = topk.find_best(narrowed, reader, last)
        if sort == "date":
            answer = answering.sort_by_date(answer, reader, last)
        else:
            titled = answering.find_titled(query_text, reader, opened.title)
            answer = answering.put_first(titled, answer, narrowed, reader, last)
        wanted = _collect_wanted(read.query, plan, reader) if extracts else None
        first = (page - 1) * page_size
        best = zip(answer.best[first:].tolist(), answer.scores[first:].tolist(), strict=True)
        hits = show_hits(enumerate(best, first + 1), reader, opened.store, wanted)
        return replace(
            base,
            total=int(answer.matched.size),
            hits=hits,
            all_words=self._count_all_words(read.query, reader, filters, only),
            facets=answering.count_facets(answer, reader),
        )

    def _count_all_words(
        self,
        query: Query,
        reader: PostingsReader,
        filters: answering.Filters,
        only: Collection[str] | None,
    ) -> Example | None:
        """The query for the documents that have all the words, and what it finds here."""
        strict = answering.require_all(query)
        plan = translate(strict, reader) if strict is not None else None
        if strict is None or plan is None:
            return None
        narrowed = answering.narrow(plan, filters, only, reader)
        total = answering.count_found(narrowed, reader)
        return Example(query_text=render_query(strict), total=total)

    @_at_the_door
    def rank(self, query_text: str, limit: int) -> list[tuple[str, float]]:
        """The ids of the best documents and their scores, without anything to show of them."""
        opened = self._open()
        reader = opened.reader
        plan = answering.understand(parse_query(query_text), reader).plan
        if plan is None or limit < 1:
            return []
        answer = topk.find_best(plan, reader, limit, is_counted=False)
        titled = answering.find_titled(query_text, reader, opened.title)
        answer = answering.put_first(titled, answer, plan, reader, limit)
        return list(zip(reader.ids(answer.best), answer.scores.tolist(), strict=True))

    @_at_the_door
    def read_wanted(self, query_text: str) -> Wanted:
        """Read what a query looks for in a text: what may be marked there."""
        reader = self._open().reader
        query = parse_query(query_text)
        return _collect_wanted(query, translate(query, reader), reader)

    @_at_the_door
    def find_document(self, document_id: str) -> Document | None:
        """The document of that id, or None."""
        opened = self._open()
        key = _find_key(opened, document_id)
        return opened.store.find(*key) if key is not None else None

    @_at_the_door
    def documents(self) -> Iterable[Document]:
        """Every document, in the bibliography's order. Raises while it is read, as others do."""
        opened = self._open()
        return self._list_indexed(opened, opened.store.marked_documents())

    @_at_the_door
    def outlines(self) -> Iterable[Document]:
        """Every document without its paragraphs, as indexed, in the bibliography's order.

        Raises while it is read, as others do.
        """
        opened = self._open()
        return self._list_outlines(opened)

    def _list_outlines(self, opened: _Opened) -> Iterator[Document]:
        yield from self._list_indexed(opened, opened.store.outlines())
        if isinstance(opened.store, ShownStore):
            yield from opened.store.orphans

    def _list_indexed(
        self, opened: _Opened, documents: Iterable[tuple[str, Document]]
    ) -> Iterator[Document]:
        """Those documents that the index names, and all of them."""
        with self.guarded():
            keys = _list_keys(opened)  # an update puts others beforehand
            for mark, document in documents:
                if (document.id, mark) in keys:
                    keys.remove((document.id, mark))
                    yield document
            if keys and opened.generation == self.generation:
                raise damaged(f"{len(keys)} texts of the index are gone", opened.store.path)

    @_at_the_door
    def examples(self) -> Sequence[Example]:
        """A few queries that find something; chosen again where something was withdrawn."""
        opened = self._open()
        if opened.is_whole:
            return read_examples(opened.folder)
        if self._examples is None or self._examples[0] != opened.generation:
            chosen = choose_examples(best_first(opened.store), opened.reader)
            self._examples = opened.generation, chosen
        return self._examples[1]

    @_at_the_door
    def suggest(self, prefix: str, *, limit: int = 8) -> Sequence[Suggestion]:
        """Ways to go on typing, best first."""
        opened = self._open()
        with self._lock:
            if self._suggester is None or self._suggester[0] != opened.generation:
                suggester = read_suggestions(opened.folder, opened.commit)
                if isinstance(opened.store, ShownStore):
                    suggester = suggester.leave_out(opened.store.describe_hidden())
                self._suggester = opened.generation, suggester
            suggester = self._suggester[1]
        write = partial(write_form, reader=opened.reader, store=opened.store)
        is_written = partial(find_written, reader=opened.reader, store=opened.store)
        return suggester.suggest(prefix, opened.reader, write, is_written, limit)

    @_at_the_door
    def similar(self, document_id: str, *, limit: int = 5) -> Sequence[SimilarText]:
        """Texts like this one, the likest first, with what they share."""
        opened = self._open()
        key = _find_key(opened, document_id)
        if key is None:
            return ()
        return find_similar(
            opened.store.find(*key),
            opened.reader,
            lambda number: opened.store.find(*opened.reader.key(number)),
            limit,
        )

    @_at_the_door
    def explain(
        self, query_text: str, document_id: str, *, as_typed: bool = False
    ) -> Explanation | None:
        """Why a document has its score for a query; None when it is not found by it."""
        opened = self._open()
        query = parse_query(query_text)
        plan = answering.understand(query, opened.reader, as_typed=as_typed).plan
        if plan is None:
            return None
        asked = Intersection((plan, Ids(frozenset({document_id}))))
        answer = topk.find_best(asked, opened.reader, 1)
        if not answer.best.size:
            return None
        return explain(plan, int(answer.best[0]), opened.reader)

    @_at_the_door
    def forms(self, word: str) -> tuple[FacetValue, ...]:
        """The forms (folded) that the names of a word gather here, and the texts of each."""
        reader = self._open().reader
        tokens = [token for token in analyse_query(word) if not token.is_alias]
        gathered = [
            FacetValue(value=form, count=count)
            for token in tokens
            for form, count in reader.terms(ALL_EXACT, token.exact[:3])
            if not set(token.names).isdisjoint(list_names(form))
        ]
        return tuple(sorted(gathered, key=lambda form: (-form.count, form.value)))

    def _open(self) -> _Opened:
        """This thread's files, opened again when the index has changed."""
        opened: _Opened | None = getattr(self._local, "opened", None)
        owned = self._read_owned()
        is_same = opened is not None and opened.generation.endswith(f".{owned.state}")
        if opened is not None and is_same and is_same_moment(self._local.moment):
            return opened
        moment = find_moment(self._folder)
        generation = self.generation
        if opened is None or opened.generation != generation:
            current = open_generation(self._folder)
            fresh = self._open_anew(current, owned)
            with self._lock:
                self._all.append(fresh)
                if opened is not None and opened in self._all:
                    self._all.remove(opened)
                    opened.reader.close()
                    opened.store.close()
            self._local.opened = opened = fresh
        self._local.moment = moment
        return opened

    def _open_anew(self, current: Path, owned: _Owned) -> _Opened:
        """One state of the index, without what is withdrawn."""
        commit = find_generation(current)
        generation = f"{current.name}.{commit}.{owned.state}"
        reader = self._open_reader(current, generation, owned.synonyms)
        store = DocumentStore(current, is_read_only=True)
        try:
            opened = _Opened(generation, current, commit, True, reader, store)
            return self._hide(opened, reader, owned.withdrawals)
        except BaseException:
            store.close()
            raise

    def _hide(self, opened: _Opened, reader: SidecarReader, withdrawals: Withdrawals) -> _Opened:
        """What was opened, without what is withdrawn, nor what was deleted: none is counted."""
        store = opened.store
        hidden: frozenset[str] = frozenset()
        if withdrawals:
            hidden = withdrawals.find_hidden(
                describe_document(each) for _, each in store.outlines()
            )
        if not hidden and reader.all_live:
            return replace(opened, is_whole=not withdrawals)
        with self._lock:
            if self._shown is None or self._shown[0] != opened.generation:
                self._shown = opened.generation, ShownReader(reader, hidden)
            shown = self._shown[1]
        if withdrawals and isinstance(store, DocumentStore):
            return replace(opened, is_whole=False, reader=shown, store=ShownStore(store, hidden))
        return replace(opened, reader=shown)

    def _open_reader(self, current: Path, generation: str, synonyms: SynonymMap) -> SidecarReader:
        """The arrays, shared by all threads."""
        with self._lock:
            if self._shared is None or self._shared[0] != generation:
                self._shared = (generation, open_reader(current, synonyms))
            return self._shared[1]

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn what libraries raise about the files into errors of ours."""
        with guard(self._folder, check=self._check):
            yield

    def _check(self) -> None:
        """Raise the first damage of the index, if there is any."""
        for damage in check_index(self._folder, is_read=True).damages:
            raise damage


def _collect_wanted(query: Query, plan: Plan | None, reader: PostingsReader) -> Wanted:
    """What a query as typed looks for in texts, in whatever way a text may write it."""
    ways = list_ways(plan) if plan is not None else ()
    return collect_wanted(reader.synonyms.expand(query), also=ways)


def _list_keys(opened: _Opened) -> set[tuple[str, str]]:
    """The id and the fingerprint of every document that is indexed and shown."""
    reader = opened.reader
    return {reader.key(number) for number in reader.live.nonzero()[0].tolist()}


def _find_key(opened: _Opened, document_id: str) -> tuple[str, str] | None:
    """The id and the fingerprint of the document of an id; None when none is indexed and shown."""
    reader = opened.reader
    for number in reader.postings(ID, document_id)[0].tolist():
        if reader.live[number]:
            return reader.key(number)
    return None


def open_searcher(
    folder: Path,
    withdrawals: WithdrawalFiles = NO_WITHDRAWALS,
    synonyms: SynonymFile = NO_SYNONYM_FILE,
    *,
    waits: bool = False,
) -> Searcher:
    """Open the index of `folder` for reading; close it when done.

    What `withdrawals` name is neither found nor counted, from the moment when they name it; what
    `synonyms` say of words counts from the next question on.

    Raises MissingIndexError when nothing is indexed yet, StaleIndexError when another version
    wrote it, DamagedIndexError when it is not as it was written; unless it `waits`: then every
    question raises that until the index has been built again.
    """
    searcher = Searcher(folder, withdrawals, synonyms)
    try:
        searcher.open()
    except DamagedIndexError:
        if not waits:
            raise
    return searcher
