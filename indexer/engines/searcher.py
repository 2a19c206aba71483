"""Answer what somebody typed, whatever engine has the texts; the face that the web is handed.

What was typed is understood here and in `planning`, an engine finds and reads (`protocol`), and
rows, passages and texts alike are made of what it gave.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial, wraps
from types import MappingProxyType
from typing import Concatenate, Final, NamedTuple, ParamSpec, TypeVar

from indexer.analysis import analyse, analyse_query
from indexer.analysis.lexicon import list_names
from indexer.engines.nearness import (
    Meaning,
    Meant,
    NearPassage,
    accept_narrowed,
    ask_meaning,
    explain_meaning,
    find_alike,
    order_found,
    read_meant,
)
from indexer.engines.planning.lexicon import Lookups
from indexer.engines.planning.plan import (
    BagOfTerms,
    BooleanQuery,
    IdsQuery,
    MatchAll,
    Plan,
    ScoringTerm,
    TermGroup,
)
from indexer.engines.planning.suggestions import choose_examples, order_shown, suggest
from indexer.engines.planning.translate import list_ways, translate
from indexer.engines.planning.understanding import (
    Filters,
    Understood,
    count_terms,
    list_narrowing,
    narrow,
    require_all,
    tell_unknown_filters,
    understand,
)
from indexer.engines.protocol import EngineManager, FoundText, Question, SearchEngine, Sort
from indexer.errors import SearchIndexError
from indexer.index.fields import ALL, ALL_EXACT, NOTE
from indexer.index.postings import fold_title, list_naming, list_parts
from indexer.messages import Message, message
from indexer.model import CitingNote, Document
from indexer.search import parse_query, render_query
from indexer.search.match_spec import MatchSpec, build_match_spec
from indexer.search.query import Query
from indexer.search.results import (
    Example,
    Explanation,
    FacetValue,
    FieldMatch,
    Hit,
    NearNote,
    Results,
    SimilarText,
    Suggestion,
)
from indexer.search.snippets import find_marks, make_mentions, make_snippets
from indexer.search.synonyms import NO_SYNONYM_FILE, SynonymFile
from indexer.search.unread import list_unread

NO_FILTERS: Final[Filters] = MappingProxyType({})
_MOST_TRIES: Final = 3  # of a question while the index changes

P = ParamSpec("P")
R = TypeVar("R")


def _at_the_door(
    method: "Callable[Concatenate[Searcher, P], R]",
) -> "Callable[Concatenate[Searcher, P], R]":
    """Ask again when the index changed under a question; else tell what is wrong with it.

    Whatever a library raises about the index becomes an error of ours here, and nowhere above.
    """

    @wraps(method)
    def ask(self: "Searcher", /, *args: P.args, **kwargs: P.kwargs) -> R:
        manager = self.manager
        for _ in range(_MOST_TRIES):
            asked = manager.asked
            try:
                with manager.guarded():
                    return method(self, *args, **kwargs)
            except SearchIndexError:
                # A file that an update has replaced may be gone before this thread opened it.
                with manager.guarded():
                    if asked == manager.generation:
                        raise
        with manager.guarded():
            return method(self, *args, **kwargs)

    return ask


class _Opened(NamedTuple):
    """One state of the index and of what the owner says of words."""

    generation: str
    engine: SearchEngine
    lookups: Lookups


class Searcher:
    """Read-only, and safe to ask from several threads at once."""

    def __init__(
        self,
        manager: EngineManager,
        synonyms: SynonymFile = NO_SYNONYM_FILE,
        meaning: Meaning | None = None,
    ) -> None:
        """Take the door to an engine; what `synonyms` say counts from the next question on.

        `meaning` is asked beside words, of questions that want it.
        """
        self.manager = manager
        self._synonyms = synonyms
        self._meaning = meaning
        self._lookups: tuple[str, Lookups] | None = None
        self._examples: tuple[str, Sequence[Example]] | None = None

    @property
    def generation(self) -> str:
        """Give a token that differs after every change that may change results.

        These are changes of the index, of withdrawals, of synonyms and of vectors. "" where there
        is no index.
        """
        generation = self.manager.generation
        meant = self._meaning.state if self._meaning is not None else ""
        return generation and _join(generation, self._synonyms.read().state, meant)

    @property
    def documents_state(self) -> str:
        """Give a token that differs after every change of the index or of withdrawals."""
        return self.manager.generation

    def close(self) -> None:
        """Let all files go."""
        self.manager.close()

    @_at_the_door
    def open(self) -> None:
        """Open the index for this thread: what the first question would do."""
        self._open()

    def _open(self) -> _Opened:
        """Open the newest state, and its words: those of a state are remembered for all threads."""
        engine, synonyms = self.manager.acquire(), self._synonyms.read()
        generation = _join(engine.generation, synonyms.state)
        held = self._lookups
        if held is None or held[0] != generation:
            self._lookups = held = generation, Lookups(engine.lexicon, synonyms)
        return _Opened(generation, engine, held[1])

    @_at_the_door
    def search(
        self,
        query_text: str,
        *,
        page: int = 1,
        page_size: int = 10,
        sort: str = "relevance",
        filters: Filters = NO_FILTERS,
        only: Collection[str] | None = None,
        extracts: bool = True,
        as_typed: bool = False,
        by_meaning: bool = False,
    ) -> Results:
        """Answer whatever somebody typed; never raises for what was typed.

        `filters` maps a facet (year, site, section, language, kind, link) to values, any of
        which will do. `sort` is "relevance" or "date" (latest first). `only` names the documents
        to look among, by id. Without `extracts` no passage is cut.
        `as_typed` leaves unknown words alone, where otherwise a near one is searched instead.
        `by_meaning` has the first texts ordered by meaning too, and passages near in meaning given
        beside, as far as the site uses it.
        """
        _, engine, lookups = self._open()
        query = parse_query(query_text)
        read, base = lookups.settle(
            lambda each: _describe_query(query_text, query, each, as_typed=as_typed)
        )
        plan = read.plan
        if plan is None and (filters or only is not None) and not query_text.strip():
            plan = MatchAll()
        if plan is None:
            return base
        page, size = max(page, 1), max(page_size, 1)
        narrowing = lookups.settle(partial(list_narrowing, filters, only))
        question = Question(
            plan=narrow(plan, narrowing),
            first=(page - 1) * page_size,
            limit=size,
            sort=Sort.DATE if sort == "date" else Sort.RELEVANCE,
            title=fold_title(query_text),
        )
        if by_meaning and self._meaning is not None:
            asked = read_meant(read.query, query_text, is_corrected=bool(read.corrections))
            accept = accept_narrowed(engine, lookups, filters, only)
            meant = ask_meaning(self._meaning, asked, question, engine, accept)
        else:
            meant = Meant(engine.find(question))
        found = meant.found
        wanted = _build_match_spec(read.query, plan, lookups) if extracts else None
        hits = _describe_hits(found.best, engine, wanted, (page - 1) * page_size + 1)
        # What was found and can't be read stood in a part that was lost in between.
        missing = found.missing_parts or int(len(hits) < len(found.best))
        return replace(
            base,
            total=found.total,
            hits=hits,
            all_words=lookups.settle(partial(_count_all_words, read.query, narrowing)),
            facets=found.facets,
            unread=(
                *base.unread,
                *lookups.settle(partial(tell_unknown_filters, filters)),
                *_tell_missing(missing),
            ),
            is_partial=bool(missing),
            meant=tuple(sorted(meant.uses)),
            near=_describe_near(meant.near),
            meaning_problem=meant.problem,
        )

    @_at_the_door
    def rank(self, query_text: str, limit: int) -> list[tuple[str, float]]:
        """Give the ids of the best documents and their scores, without anything to show of them."""
        _, engine, lookups = self._open()
        query = parse_query(query_text)
        plan = lookups.settle(lambda each: understand(query, each).plan)
        if plan is None or limit < 1:
            return []
        title = fold_title(query_text)
        question = Question(plan=plan, limit=limit, title=title, is_counted=False)
        return list(engine.find(question).best)

    @_at_the_door
    def read_match_spec(self, query_text: str, *, as_typed: bool = False) -> MatchSpec:
        """Read what a query looks for in a text: what may be marked there.

        Like `search`, it takes a near word for one that no text has, unless `as_typed`.
        """
        lookups = self._open().lookups
        query = parse_query(query_text)
        read = lookups.settle(lambda each: understand(query, each, as_typed=as_typed))
        return _build_match_spec(read.query, read.plan, lookups)

    @_at_the_door
    def find_document(self, document_id: str) -> Document | None:
        """Give the document of that id, or None."""
        return self._open().engine.find_documents([document_id])[0]

    @_at_the_door
    def documents(self) -> Iterable[Document]:
        """Every document, in the bibliography's order. Raises while it is read, as others do."""
        return self._open().engine.list_documents(is_whole=True)

    @_at_the_door
    def outlines(self) -> Iterable[Document]:
        """Every document without its paragraphs, as indexed, in the bibliography's order.

        Raises while it is read, as others do.
        """
        return self._open().engine.list_documents(is_whole=False)

    @_at_the_door
    def examples(self) -> Sequence[Example]:
        """Give a few queries that find something; chosen again where something was withdrawn."""
        generation, engine, lookups = self._open()
        kept = engine.read_examples()
        if kept is not None:
            return kept
        if self._examples is None or self._examples[0] != generation:
            texts = order_shown(engine.list_documents(is_whole=False))
            self._examples = generation, lookups.settle(partial(choose_examples, texts))
        return self._examples[1]

    @_at_the_door
    def suggest(self, prefix: str, *, limit: int = 8) -> Sequence[Suggestion]:
        """Ways to go on typing, best first."""
        _, engine, lookups = self._open()
        return suggest(prefix, lookups, engine, limit)

    @_at_the_door
    def similar(
        self, document_id: str, *, limit: int = 5, by_meaning: bool = False
    ) -> Sequence[SimilarText]:
        """Texts like this one, the likest first, with what they share.

        `by_meaning`: those that are near in meaning too, whatever words they have.
        """
        _, engine, lookups = self._open()
        (document,) = engine.find_documents([document_id])
        if document is None:
            return ()
        near = self._find_alike([document_id], engine, 2 * limit) if by_meaning else {}
        return find_similar(document, engine, lookups, limit, near)

    @_at_the_door
    def near_notes(
        self,
        note_id: str,
        document_ids: Sequence[str],
        *,
        limit: int = 5,
        by_meaning: bool = False,
    ) -> Sequence[NearNote]:
        """Give notes like one, the likest first, with the words that they share.

        `document_ids`: the texts that the note cites; its own id where it cites none. `by_meaning`:
        the notes of texts that are near in meaning too, whatever words they have.
        """
        _, engine, lookups = self._open()
        documents = [each for each in engine.find_documents(list(document_ids)) if each]
        note = next((n for each in documents for n in each.notes if n.id == note_id), None)
        if note is None:
            return ()
        ids = [each.id for each in documents]
        near = self._find_alike(ids, engine, 2 * limit) if by_meaning else {}
        return find_near_notes(note, engine, lookups, limit, near)

    def _find_alike(
        self, ids: Iterable[str], engine: SearchEngine, limit: int
    ) -> Mapping[str, float]:
        """Find texts that are near in meaning to some, at most so many to each, and how near."""
        if self._meaning is None:
            return {}
        near: dict[str, float] = {}
        for each in ids:
            near |= find_alike(self._meaning, each, engine, limit)
        return near

    @_at_the_door
    def explain(
        self,
        query_text: str,
        document_id: str,
        *,
        as_typed: bool = False,
        by_meaning: bool = False,
    ) -> Explanation | None:
        """Why a document has its score for a query; None when it is not found by it.

        `by_meaning` adds what meaning does to the score, among the first texts found.
        """
        _, engine, lookups = self._open()
        query = parse_query(query_text)
        read = lookups.settle(lambda each: understand(query, each, as_typed=as_typed))
        explanation = None if read.plan is None else engine.explain(read.plan, document_id)
        if explanation is None or read.plan is None or self._meaning is None or not by_meaning:
            return explanation
        asked = read_meant(read.query, query_text, is_corrected=bool(read.corrections))
        question = Question(plan=read.plan, title=fold_title(query_text), is_counted=False)
        ordered = order_found(self._meaning, asked, question, engine)
        return explain_meaning(explanation, ordered, document_id)

    @_at_the_door
    def forms(self, word: str) -> tuple[FacetValue, ...]:
        """Give the forms (folded) that the names of a word gather here, and the texts of each."""
        lookups = self._open().lookups
        tokens = [token for token in analyse_query(word) if not token.is_alias]
        starting = lookups.settle(
            lambda each: [each.list_starting(ALL_EXACT, token.exact[:3]) for token in tokens]
        )
        gathered = [
            FacetValue(value=form, count=count)
            for token, forms in zip(tokens, starting, strict=True)
            for form, count in forms
            if not set(token.names).isdisjoint(list_names(form))
        ]
        return tuple(sorted(gathered, key=lambda form: (-form.count, form.value)))


def _tell_missing(parts: int) -> tuple[Message, ...]:
    """Say that an answer lacks what some parts of the index hold."""
    return (message("query.unread.partial", parts=parts),) if parts else ()


def _join(*states: str) -> str:
    return "-".join(filter(None, states))


def _describe_query(
    query_text: str, query: Query, lookups: Lookups, *, as_typed: bool
) -> tuple[Understood, Results]:
    """Understand a query; give that, and the answer that says so and has no text yet."""
    read = understand(query, lookups, as_typed=as_typed)
    base = Results(
        query_text=query_text,
        total=0,
        understood=render_query(read.typed),
        terms=count_terms(query, lookups),
        corrections=read.corrections,
        offers=read.offers,
        searched=render_query(read.query) if read.corrections else "",
        unread=(*list_unread(query_text), *read.unread),
        own_words=lookups.synonyms.list_acted(read.query),
    )
    return read, base


def _count_all_words(query: Query, narrowing: tuple[Plan, ...], lookups: Lookups) -> Example | None:
    """Give the query for the documents that have all the words, and what it finds here."""
    strict = require_all(query)
    plan = translate(strict, lookups) if strict is not None else None
    if strict is None or plan is None:
        return None
    total = lookups.count_found(narrow(plan, narrowing))
    return Example(query_text=render_query(strict), total=total)


def _build_match_spec(query: Query, plan: Plan | None, lookups: Lookups) -> MatchSpec:
    """Tell what a query as typed looks for in texts, in whatever way a text may write it."""
    ways = list_ways(plan) if plan is not None else ()
    return build_match_spec(lookups.synonyms.expand(query), also=ways)


# --- result rows


def _describe_hits(
    best: Sequence[tuple[str, float]], engine: SearchEngine, wanted: MatchSpec | None, first: int
) -> tuple[Hit, ...]:
    """Read the texts of a page and make them its rows; `first` is the rank of the first.

    Of what was found (ids and scores) those are left out that a cluster can't read any more.
    """
    ranked = {key: (rank, score) for rank, (key, score) in enumerate(best, first)}
    texts = engine.read_texts(list(ranked), wanted)
    return tuple(describe_hit(*ranked[text.document.id], text, wanted) for text in texts)


def describe_hit(rank: int, score: float, found: FoundText, wanted: MatchSpec | None) -> Hit:
    """Make a text that was found a result row; without `wanted`, without passages."""
    document, paragraphs, held, forms, find_spans = found
    language = document.language
    return Hit(
        rank=rank,
        score=score,
        id=document.id,
        kind=document.kind,
        title=document.title,
        title_marks=find_marks(document.title, wanted, language, forms) if wanted else (),
        author=document.author,
        container_title=document.container_title,
        site=document.site,
        issued=document.issued,
        url=document.url,
        section=document.section,
        language=language,
        has_text=bool(paragraphs),
        matched=tuple(_match_fields(document, wanted)) if wanted else (),
        snippets=make_snippets(
            paragraphs, wanted, language, held=held, forms=forms, find_spans=find_spans
        )
        if wanted
        else (),
        mentions=make_mentions(document.notes, wanted) if wanted else (),
        link=document.link,
    )


def _describe_near(near: Sequence[NearPassage]) -> tuple[Hit, ...]:
    """Make passages near in meaning rows: their rank is their own, their score a cosine."""
    return tuple(
        replace(
            describe_hit(
                rank, each.likeness, FoundText(each.document, each.document.paragraphs), None
            ),
            snippets=(each.snippet,),
        )
        for rank, each in enumerate(near, 1)
    )


def _match_fields(document: Document, wanted: MatchSpec) -> Iterator[FieldMatch]:
    """Give what answers of the description that `indexer.index.postings` indexes beside the title.

    Names, keywords and headings are read as French there, whatever the language of the text.
    """
    values = [("author", document.author)]
    if document.reference is not None:
        reference = document.reference
        values += [("editor", name.display) for name in reference.editor]
        values += [("translator", name.display) for name in reference.translator]
        values += [("keyword", keyword) for keyword in reference.keyword]
    values += [("container_title", document.container_title), ("issued", document.issued)]
    values += [("section", heading) for heading in document.section]
    for field, text in values:
        # Of a date the year alone is searched.
        marks = find_marks(text[:4] if field == "issued" else text, wanted)
        if marks:
            yield FieldMatch(field=field, text=text, marks=marks)
    for text, names in list_naming(document) if wanted.text_names else ():
        if not wanted.text_names.isdisjoint(names):
            yield FieldMatch(field="identifier", text=text, marks=((0, len(text)),))


# --- texts alike

_MOST_WORDS: Final = 30  # of a text, to look for others with
_LEAST_SHARED: Final = 2
_MOST_SHARED: Final = 5
_MOST_READ: Final = 200_000  # characters of a text: a long book takes six seconds to be read whole


def find_similar(
    document: Document,
    engine: SearchEngine,
    lookups: Lookups,
    limit: int,
    near: Mapping[str, float],
) -> list[SimilarText]:
    """At most `limit` texts that share the words that tell most of this one, or are near to it.

    `near` has the ids of texts near in meaning, 0..1: what they share by words, scaled so too,
    counts as much.
    """
    parts = list(_list_read(document))
    telling = _weigh_words(parts, ALL, lookups)
    if not telling:
        return _list_near(near, engine)[:limit]
    scored = dict(engine.find(_ask_for_words(telling, ALL, {document.id}, 2 * limit)).best)
    best = list(scored)
    terms = [(ALL, name) for name, _ in telling]
    held = dict(zip(best, engine.list_held(best, terms), strict=True))
    forms = _read_forms(parts, {name for name, _ in telling})
    similar = []
    for found in engine.read_texts(best, None):  # less what a cluster lost meanwhile
        shared = [name for field, name in terms if (field, name) in held[found.document.id]]
        if len(shared) < _LEAST_SHARED:
            continue
        told = tuple(forms[name] for name in shared[:_MOST_SHARED] if name in forms)
        similar.append(replace(_describe_similar(found.document), shared=told))
    if not near:
        return similar[:limit]
    most: float = max(scored.values(), default=0.0) or 1.0
    shares = {each.id for each in similar}
    similar += _list_near({key: near[key] for key in near if key not in shares}, engine)

    def rank(each: SimilarText) -> float:
        by_words = scored.get(each.id, 0.0) / most if each.id in shares else 0.0
        return float(by_words + near.get(each.id, 0.0))

    return sorted(similar, key=rank, reverse=True)[:limit]


def _describe_similar(text: Document) -> SimilarText:
    return SimilarText(
        id=text.id,
        title=text.title,
        author=text.author,
        issued=text.issued,
        language=text.language,
    )


def _list_near(near: Mapping[str, float], engine: SearchEngine) -> list[SimilarText]:
    """List texts near in meaning that are there, and may be shown, in their order."""
    return [
        replace(_describe_similar(each), is_near=True)
        for each in engine.find_documents(list(near))
        if each is not None
    ]


def _weigh_words(
    parts: Sequence[tuple[str, str]], field: str, lookups: Lookups
) -> list[tuple[str, float]]:
    """List the names that tell most of some texts: often here, seldom elsewhere, but somewhere.

    `parts` are texts with their languages; `field` is where the names of other documents are.
    """
    counts = Counter(name for text, language in parts for name in _list_names(text, language))
    return lookups.settle(partial(_weigh_names, counts, field))


def _list_names(text: str, language: str) -> Iterator[str]:
    """List the name of each word of a text that is no stop word."""
    for token in analyse(text, language):
        if token.names and not token.is_stop:
            yield token.names[0]


def _weigh_names(
    counts: Mapping[str, int], field: str, lookups: Lookups
) -> list[tuple[str, float]]:
    size = lookups.count_found(MatchAll())
    weighed = []
    for name, often in counts.items():
        count = lookups.count(field, name)
        if count < _LEAST_SHARED or len(name) < 3:
            continue
        # Where a cluster lost a part since, words may be counted of more texts than there are.
        rarity = math.log1p((max(size - count, 0) + 0.5) / (count + 0.5))
        weighed.append((rarity * often / (often + 1.2), name))
    weighed.sort(key=lambda each: (-each[0], each[1]))
    return [(name, weight) for weight, name in weighed[:_MOST_WORDS]]


def _ask_for_words(
    telling: Sequence[tuple[str, float]], field: str, but: Collection[str], limit: int
) -> Question:
    """Ask for the documents that have most of some weighed names in a field, but for some ids."""
    groups = tuple(
        TermGroup(((field, name),), (ScoringTerm(field, name, weight),)) for name, weight in telling
    )
    plan = BooleanQuery((), (BagOfTerms(groups),), (IdsQuery(frozenset(but)),))
    return Question(plan=plan, limit=limit)


def _list_read(document: Document) -> Iterator[tuple[str, str]]:
    """List the texts of a document with their languages, as far as texts alike are told by them."""
    left = _MOST_READ
    for part in list_parts(document):
        if part.is_in_all and left > 0:
            yield part.text[:left], part.language
            left -= len(part.text)


def _read_forms(parts: Iterable[tuple[str, str]], wanted: Collection[str]) -> dict[str, str]:
    """For each wanted name of a word, give the word that first has it in some texts."""
    forms: dict[str, str] = {}
    for text, language in parts:
        if len(forms) == len(wanted):
            break
        for token in analyse(text, language):
            if token.names and token.names[0] in wanted:
                forms.setdefault(token.names[0], text[token.start : token.end].lower())
    return forms


# --- notes alike

_MOST_DOCUMENTS: Final = 12  # whose notes are compared


def find_near_notes(
    note: CitingNote,
    engine: SearchEngine,
    lookups: Lookups,
    limit: int,
    near: Mapping[str, float],
) -> list[NearNote]:
    """At most `limit` notes that share the words that tell most of this one, or are near to it.

    `near` has the ids of texts near in meaning, 0..1: a note of theirs counts as much as one that
    shares as large a part of the words.
    """
    telling = dict(_weigh_words([(note.text, "fr")], NOTE, lookups))
    best = dict.fromkeys(near)
    if telling:
        asked = _ask_for_words(list(telling.items()), NOTE, (), _MOST_DOCUMENTS)
        best |= dict.fromkeys(key for key, _ in engine.find(asked).best)
    ranked: dict[str, tuple[float, NearNote]] = {}
    for document in engine.find_documents(list(best)):
        for other in document.notes if document is not None else ():
            if other.id in (note.id, *ranked) or other.text == note.text:
                continue
            score, shared = _compare_notes(telling, other)
            by_meaning = near.get(document.id, 0.0) if document is not None else 0.0
            if shared or by_meaning:
                found = NearNote(id=other.id, shared=shared, is_near=not shared)
                ranked[other.id] = (score + by_meaning, found)
    ordered = sorted(ranked.values(), key=lambda each: -each[0])
    return [found for _, found in ordered[:limit]]


def _compare_notes(
    telling: Mapping[str, float], other: CitingNote
) -> tuple[float, tuple[str, ...]]:
    """Say how much of a note's telling words another note has, 0..1, and which, as it writes them.

    Nothing where it has too few of them.
    """
    forms = _read_forms([(other.text, "fr")], telling)
    shared = [name for name in telling if name in forms]
    if len(shared) < _LEAST_SHARED:
        return 0.0, ()
    weight = sum(telling[name] for name in shared) / sum(telling.values())
    return weight, tuple(forms[name] for name in shared[:_MOST_SHARED])
