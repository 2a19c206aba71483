"""Answer plans from the index that answers now: each thread has one state of it open."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from indexer.analysis.lexicon import list_names
from indexer.analysis.stopwords import ALL_STOPS
from indexer.engines.embedded.building import check_index
from indexer.engines.embedded.integrity import damaged, guard
from indexer.engines.embedded.inversion import find_spans
from indexer.engines.embedded.lexicon import EmbeddedLexicon
from indexer.engines.embedded.postings import (
    LAST_PLACE,
    PLACE_BITS,
    Docs,
    PostingsReader,
)
from indexer.engines.embedded.reader import ArraysReader
from indexer.engines.embedded.shown import AnyStore, ShownReader, ShownStore
from indexer.engines.embedded.store import DocumentStore
from indexer.engines.embedded.suggestions import Suggester, read_examples, read_suggestions
from indexer.engines.embedded.term_scores import NO_DOCS
from indexer.engines.embedded.topk import TopHits, explain, find_best, intersect, match
from indexer.engines.embedded.whoosh_index import open_reader
from indexer.engines.embedded.whoosh_storage import (
    find_current,
    find_generation,
    find_moment,
    is_same_moment,
    open_generation,
)
from indexer.engines.planning.plan import IdsQuery, Intersection, Plan, Term
from indexer.engines.protocol import MOST_WORDS, Found, FoundText, Lexicon, Question, Sort
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    BODY,
    BODY_START,
    FACETS,
    ID,
    ISSUED,
    TITLE_EXACT,
    split_values,
)
from indexer.index.postings import fold_title
from indexer.messages import message
from indexer.model import Document
from indexer.search.match_spec import MatchSpec
from indexer.search.results import Example, Explanation, FacetValue, Span, Suggestion
from indexer.withdrawals import NO_WITHDRAWALS, WithdrawalFiles, Withdrawals, describe_document

_NO_PLACES: Final = np.empty(0, np.int64)
_MOST_TITLES: Final = 20  # looked at, of those that hold all the words of a query
_FORMS_OF_WORD: Final = 2  # at most, in a title: itself, and a compound that it is a part of


@dataclass(frozen=True, slots=True)
class _State:
    """One state of the index, opened for one thread."""

    generation: str
    folder: Path
    commit: int
    is_whole: bool  # nothing is withdrawn
    reader: PostingsReader
    store: AnyStore


class EmbeddedIndex:
    """An index in a folder, opened for each thread that asks; an `EngineManager`."""

    def __init__(self, folder: Path, withdrawals: WithdrawalFiles = NO_WITHDRAWALS) -> None:
        """Leave out what `withdrawals` name, from when they name it: neither found nor counted."""
        self._folder = folder
        self._withdrawals = withdrawals
        self._local = threading.local()
        self._all: list[EmbeddedEngine] = []
        self._lock = threading.Lock()
        self._shared: tuple[str, ArraysReader] | None = None
        self._shown: tuple[str, PostingsReader] | None = None
        self._suggester: tuple[str, Suggester] | None = None

    @property
    def generation(self) -> str:
        """A token that changes whenever the index does, or what is withdrawn."""
        with guard(self._folder):
            current = find_current(self._folder)
            state = self._withdrawals.read().state
            return _name_state(current, find_generation(current), state) if current else ""

    @property
    def asked(self) -> str:
        """The state of the index that this thread asks; "" before it has asked any."""
        engine: EmbeddedEngine | None = getattr(self._local, "engine", None)
        return engine.generation if engine is not None else ""

    def acquire(self) -> "EmbeddedEngine":
        """Give this thread's engine, opened again when the index has changed."""
        engine: EmbeddedEngine | None = getattr(self._local, "engine", None)
        withdrawals = self._withdrawals.read()
        is_same = engine is not None and self._local.withdrawn == withdrawals.state
        if engine is not None and is_same and is_same_moment(self._local.moment):
            return engine
        moment = find_moment(self._folder)
        generation = self.generation
        if engine is None or engine.generation != generation:
            current = open_generation(self._folder)
            fresh = EmbeddedEngine(self._open(current, withdrawals), self)
            with self._lock:
                self._all.append(fresh)
                if engine is not None and engine in self._all:
                    self._all.remove(engine)
                    engine.close()
            self._local.engine = engine = fresh
        self._local.moment, self._local.withdrawn = moment, withdrawals.state
        return engine

    def close(self) -> None:
        """Let all files go."""
        with self._lock:
            for engine in self._all:
                engine.close()
            self._all.clear()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn what libraries raise about the files into errors of ours."""
        with guard(self._folder, check=self._check):
            yield

    def _check(self) -> None:
        """Raise the first damage of the index, if there is any."""
        for damage in check_index(self._folder, is_read=True).damages:
            raise damage

    def _open(self, current: Path, withdrawals: Withdrawals) -> _State:
        """One state of the index, without what is withdrawn."""
        commit = find_generation(current)
        generation = _name_state(current, commit, withdrawals.state)
        reader = self._open_reader(current, generation)
        store = DocumentStore(current, is_read_only=True)
        try:
            opened = _State(generation, current, commit, True, reader, store)
            return self._hide(opened, reader, withdrawals)
        except BaseException:
            store.close()
            raise

    def _open_reader(self, current: Path, generation: str) -> ArraysReader:
        """Give the arrays, shared by all threads."""
        with self._lock:
            if self._shared is None or self._shared[0] != generation:
                self._shared = (generation, open_reader(current))
            return self._shared[1]

    def _hide(self, opened: _State, reader: ArraysReader, withdrawals: Withdrawals) -> _State:
        """Hide of what was opened what is withdrawn, or was deleted: none is counted."""
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

    def read_suggester(self, opened: _State) -> Suggester:
        """Read what titles, authors and sections offer, shared by all threads."""
        with self._lock:
            if self._suggester is None or self._suggester[0] != opened.generation:
                suggester = read_suggestions(opened.folder, opened.commit)
                if isinstance(opened.store, ShownStore):
                    suggester = suggester.leave_out(opened.store.describe_hidden())
                self._suggester = opened.generation, suggester
            return self._suggester[1]


def _name_state(current: Path, commit: int, withdrawn: str) -> str:
    return f"{current.name}.{commit}.{withdrawn}"


class EmbeddedEngine:
    """One state of the index, for one thread; an `SearchEngine`."""

    def __init__(self, opened: _State, index: EmbeddedIndex) -> None:
        """Serve one state of `index`, opened by it, to one thread."""
        self._opened, self._index = opened, index
        self._reader, self._store = opened.reader, opened.store
        self.generation = opened.generation
        self.lexicon: Lexicon = EmbeddedLexicon(opened.reader)
        self._numbers: Mapping[str, int] = {}  # of the texts found last

    def close(self) -> None:
        """Let the files go."""
        self._reader.close()
        self._store.close()

    def find(self, question: Question) -> Found:
        """Find the texts of a plan."""
        reader, last = self._reader, question.first + question.limit
        if last < 1:
            return Found(())
        answer = self._rank(question, last)
        best = answer.best[question.first :]
        ids = reader.ids(best)
        self._numbers = dict(zip(ids, best.tolist(), strict=True))
        ranked = list(zip(ids, answer.scores[question.first :].tolist(), strict=True))
        if not question.is_counted:
            return Found(ranked)
        return Found(ranked, int(answer.matched.size), _count_facets(answer, reader))

    def _rank(self, question: Question, last: int) -> TopHits:
        """Find what matches, and the best up to `last`."""
        reader, plan = self._reader, question.plan
        match question.sort:
            case Sort.RELEVANCE:
                answer = find_best(plan, reader, last)
                titled = self._find_titled(question.title) if question.title else NO_DOCS
                return _put_first(titled, answer, plan, reader, last)
            case Sort.DATE:
                return _sort_by_date(match_live(plan, reader), reader, last)
            case Sort.INDEXED:
                docs = match_live(plan, reader)
                return TopHits(docs, docs[:last], np.zeros(min(last, docs.size)))

    def _find_titled(self, words: tuple[str, ...]) -> Docs:
        """Give the documents whose title is some words, accents and case aside."""
        key = ("titled", words)
        known: Docs | None = self._reader.memory.find(key)
        if known is None:
            known = self._find_titled_anew(words)
            self._reader.memory.keep(key, known, known.size)
        return known

    def _find_titled_anew(self, words: tuple[str, ...]) -> Docs:
        reader = self._reader
        held: Docs | None = None
        # Long words first: they are rare, and few titles have two of them.
        for form in sorted(dict.fromkeys(words), key=len, reverse=True):
            docs = reader.postings(TITLE_EXACT, form)[0]
            held = docs if held is None else intersect([held, docs])
            if not held.size:
                return NO_DOCS
        if held is None:
            return NO_DOCS
        if not reader.all_live:
            held = held[reader.live[held]]
        # A title of these words alone has no more forms than the words and their compounds.
        lengths = reader.lengths(TITLE_EXACT)[held]
        is_short = lengths <= _FORMS_OF_WORD * (len(words) + 1)
        held, lengths = held[is_short], lengths[is_short]
        if held.size > _MOST_TITLES:
            # So many hold these words: short ones first.
            held = np.sort(held[np.argsort(lengths, kind="stable")[:_MOST_TITLES]])
        titled = [
            number
            for number in held.tolist()
            if fold_title(self._store.find_outline(*reader.key(number))[0].title) == words
        ]
        return np.array(titled, np.intp)

    def read_texts(self, ids: Sequence[str], wanted: MatchSpec | None) -> Iterator[FoundText]:
        """Read texts that were found, from one state of the store."""
        sought = _find_sought(wanted, self._reader) if wanted is not None else None
        numbers = [number for key in ids if (number := self._find_number(key)) is not None]
        located: Sequence[_Located | None] = [None] * len(numbers)
        if sought is not None and sought.names is not None:
            located = locate(numbers, sought.names, self._reader)
        with self._store.snapshot():
            for number, each in zip(numbers, located, strict=True):
                key, mark = self._reader.key(number)
                document, paragraphs = self._store.find_outline(key, mark)
                if sought is None or paragraphs.mark != mark:
                    # Of another version than was indexed, the index does not know the places.
                    yield FoundText(document, paragraphs)
                elif each is None:
                    yield FoundText(document, paragraphs, None, sought.forms)
                else:
                    yield FoundText(document, paragraphs, each.held, sought.forms, each.find_spans)

    def _find_number(self, key: str) -> int | None:
        """Give the number of the document of an id; None when none is indexed and shown."""
        if key in self._numbers:
            return self._numbers[key]
        numbers: list[int] = self._reader.postings(ID, key)[0].tolist()
        return next((number for number in numbers if self._reader.live[number]), None)

    def find_documents(self, ids: Sequence[str]) -> list[Document | None]:
        """Read whole documents; None for an id that no text has."""
        numbers = map(self._find_number, ids)
        return [
            None if number is None else self._store.find(*self._reader.key(number))
            for number in numbers
        ]

    def list_documents(self, *, is_whole: bool) -> Iterator[Document]:
        """List just the documents that the index names, in order."""
        rows = self._store.marked_documents() if is_whole else self._store.outlines()
        with self._index.guarded():
            # An update puts others beforehand.
            keys = {self._reader.key(each) for each in self._reader.live.nonzero()[0].tolist()}
            for mark, document in rows:
                if (document.id, mark) in keys:
                    keys.remove((document.id, mark))
                    yield document
            if keys and self.generation == self._index.generation:
                raise damaged(
                    message("error.index.texts-missing", count=len(keys)), self._store.path
                )
        if not is_whole and isinstance(self._store, ShownStore):
            yield from self._store.orphans

    def list_held(self, ids: Sequence[str], terms: Sequence[Term]) -> list[frozenset[Term]]:
        """Say which of some terms each document has."""
        numbers = np.array([self._find_number(key) for key in ids], np.intp)
        held: list[set[Term]] = [set() for _ in ids]
        for term in terms:
            docs = self._reader.postings(*term)[0]
            for place in np.flatnonzero(np.isin(numbers, docs)).tolist():
                held[place].add(term)
        return [frozenset(each) for each in held]

    def explain(self, plan: Plan, document_id: str) -> Explanation | None:
        """Take the score of a document apart; None where the plan does not find it."""
        asked = Intersection((plan, IdsQuery(frozenset({document_id}))))
        answer = find_best(asked, self._reader, 1)
        if not answer.best.size:
            return None
        return explain(plan, int(answer.best[0]), self._reader)

    def complete(self, text: str, limit: int) -> list[Suggestion]:
        """Give titles, authors, sections and phrases with a word that begins so."""
        return self._index.read_suggester(self._opened).complete(text, limit)

    def spell(self, forms: Sequence[str]) -> list[str]:
        """Write folded words as titles and sections write them most."""
        suggester = self._index.read_suggester(self._opened)
        return [suggester.spell(form) for form in forms]

    def read_examples(self) -> tuple[Example, ...] | None:
        """Read the examples kept with the index; None where something is withdrawn."""
        return read_examples(self._opened.folder) if self._opened.is_whole else None


def match_live(plan: Plan, reader: PostingsReader) -> Docs:
    """Give the documents that a plan finds, in order, deleted ones aside."""
    docs = match(plan, reader)
    return docs if reader.all_live else docs[reader.live[docs]]


def _put_first(
    titled: Docs, answer: TopHits, plan: Plan, reader: PostingsReader, limit: int
) -> TopHits:
    """Put the documents of a title before all others of a plan, each with its own score."""
    if not titled.size:
        return answer
    ids = frozenset(reader.ids(titled))
    own = find_best(Intersection((plan, IdsQuery(ids))), reader, titled.size)
    rest = ~np.isin(answer.best, own.best)
    best = np.concatenate([own.best, answer.best[rest]])[:limit]
    scores = np.concatenate([own.scores, answer.scores[rest]])[:limit]
    return TopHits(answer.matched, best, scores)


def _sort_by_date(docs: Docs, reader: PostingsReader, limit: int) -> TopHits:
    """Order documents by date, the latest first; scores say nothing then."""
    codes, values = reader.facet(ISSUED)
    ranks = np.unique(np.array(values), return_inverse=True)[1]
    best = docs[np.lexsort((docs, -ranks[codes[docs]]))[:limit]]
    return TopHits(docs, best, np.zeros(best.size))


def _count_facets(answer: TopHits, reader: PostingsReader) -> Mapping[str, tuple[FacetValue, ...]]:
    """Count the matching documents with each value of each facet, the most frequent first."""
    counted = {}
    for name in FACETS:
        codes, values = reader.facet(name)
        sizes = np.bincount(codes[answer.matched], minlength=len(values))
        held = np.flatnonzero(sizes)
        found = zip(map(values.__getitem__, held.tolist()), sizes[held].tolist(), strict=True)
        # Authors are as many as a fifth of the texts, on a page that finds all: two sorts by what C
        # compares take a tenth of one by a function of Python.
        pairs = sorted(_count_each(found).items())
        pairs.sort(key=itemgetter(1), reverse=True)
        counted[name] = tuple(FacetValue(value=value, count=count) for value, count in pairs)
    return MappingProxyType(counted)


def _count_each(found: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Count each value of texts that may hold several, from what they hold and how many do."""
    counts: dict[str, int] = {}
    for text, count in found:
        for value in split_values(text):
            counts[value] = counts.get(value, 0) + count
    return counts


# --- what paragraphs hold


class _Sought(NamedTuple):
    """The names and forms that a query looks for in texts, as the index has them."""

    names: Sequence[str] | None  # in order; None where places tell not all that answers
    forms: frozenset[str]  # every folded form that may answer


def _find_sought(wanted: MatchSpec, reader: PostingsReader) -> _Sought | None:
    """Find what is wanted as the index has it; None where it does not know.

    The places of names are known, not those of forms as they were written, nor of stop words.
    """
    names, forms = set(wanted.all_names), set(wanted.exacts)
    has_places = not wanted.exacts
    for pattern in wanted.patterns:
        (fitting,) = EmbeddedLexicon(reader).list_fitting([(ALL_EXACT, pattern)])
        if len(fitting) == MOST_WORDS:
            return None
        has_places = has_places and ALL_STOPS.isdisjoint(fitting)
        forms.update(fitting)
        names.update(name for form in fitting for name in list_names(form))
    ordered = sorted(names)
    every = frozenset(forms).union(*map(reader.find_forms, ordered))
    return _Sought(ordered if has_places else None, every)


class _Located:
    """The places in the paragraphs of a document of the words that a query looks for."""

    def __init__(self) -> None:
        self.held: dict[int, frozenset[str]] = {}  # the names that each paragraph has
        self._spans: dict[int, list[Span]] = {}

    def add(self, paragraph: int, name: frozenset[str], span: Span) -> None:
        """Take in one word, in order of the text."""
        held = self.held.get(paragraph)
        if held is None:
            self.held[paragraph], self._spans[paragraph] = name, [span]
            return
        if not name <= held:
            self.held[paragraph] = held | name
        if self._spans[paragraph][-1] != span:
            self._spans[paragraph].append(span)

    def find_spans(self, paragraph: int) -> list[Span]:
        """Find the parts of a paragraph, in order, that hold all words sought.

        Each goes from a word that takes a place to before the next: stop words, and the names of
        several words, stand after the word whose place they have.
        """
        return self._spans.get(paragraph, [])


def locate(
    numbers: Sequence[int], names: Sequence[str], reader: PostingsReader
) -> list[_Located | None]:
    """Find where some names stand in the paragraphs of each of some documents.

    None for a document that is longer than places can say.
    """
    docs = np.array(numbers, np.intp)
    located: list[_Located | None] = [_Located() for _ in numbers]
    # A document that is asked for has few of the places of a name: no others are read. Documents
    # are numbered by where they stand in `numbers`, so that all are looked at together.
    starts = reader.places_in(BODY, BODY_START, docs)
    by_name = [reader.places_in(ALL, name, docs) for name in names]
    places = np.concatenate([_NO_PLACES, *by_name])
    far = np.concatenate([starts, places])
    for doc in set((far[far & LAST_PLACE == LAST_PLACE] >> PLACE_BITS).tolist()):
        located[doc] = None
    if not starts.size:
        return located
    which = np.repeat(np.arange(len(names)), [each.size for each in by_name])
    paragraphs = starts.searchsorted(places, "right") - 1
    # What stands before its document's first paragraph is in none.
    owners = starts >> PLACE_BITS
    inside = np.flatnonzero((paragraphs >= 0) & (owners[paragraphs] == places >> PLACE_BITS))
    order = inside[np.argsort(places[inside], kind="stable")]
    paragraphs = paragraphs[order]
    packed = [reader.find_steps(number) for number in numbers]
    begins, ends = find_spans(places[order], paragraphs, starts, packed)
    alone = [frozenset({name}) for name in names]
    for doc, paragraph, name, begin, end in zip(
        owners[paragraphs].tolist(),
        (paragraphs - owners.searchsorted(owners)[paragraphs]).tolist(),
        which[order].tolist(),
        begins.tolist(),
        ends.tolist(),
        strict=True,
    ):
        if (found := located[doc]) is not None:
            found.add(paragraph, alone[name], (begin, end))
    return located
