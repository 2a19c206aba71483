"""The steps between what was typed and what is shown, each on its own: understand, narrow, sort,
count. The searcher puts them in order, and `showing` makes the rows.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
from rapidfuzz.distance import OSA

from indexer.analysis import Token, analyse, analyse_query, fold, normalise
from indexer.analysis.lexicon import STEM_MARK, is_word, name_form
from indexer.analysis.stemming import stem_french
from indexer.analysis.stopwords import ALL_STOPS
from indexer.engines.embedded.postings import Docs, PostingsReader
from indexer.engines.embedded.term_scores import NO_DOCS
from indexer.engines.embedded.topk import TopHits, find_best, intersect, match
from indexer.engines.embedded.vocabulary import MOST_TERMS, NearWord
from indexer.engines.embedded.whoosh_storage import ISSUED
from indexer.engines.planning.plan import FacetQuery, Ids, Intersection, Plan, Union
from indexer.engines.planning.translate import find_dated, translate, translate_saying
from indexer.index.fields import (
    ALL_EXACT,
    ALL_PAIRS,
    ALL_STEMS,
    AUTHOR,
    FACETS,
    TITLE_EXACT,
    split_values,
)
from indexer.messages import Message
from indexer.search import parse_query, render_query
from indexer.search.fieldnames import read_site
from indexer.search.lexing import read_dates
from indexer.search.query import (
    All,
    Any,
    Bag,
    Fuzzy,
    In,
    Pattern,
    Phrase,
    Query,
    Word,
    build_all,
    build_bag,
    is_field,
    leave_generous,
    list_fields,
    list_strict,
)
from indexer.search.results import FacetValue, TermCount

_SHORTEST: Final = 4  # letters of a word that is corrected
_LONG: Final = 8  # from here on two mistakes may be mended
_MOST_WEIGHED: Final = 12  # candidates
# The field of forms whose words may stand for one that is typed in a field.
_MENDED_FROM: Final = {
    "title": TITLE_EXACT,
    "author": AUTHOR,
    "text": ALL_EXACT,
    "note": ALL_EXACT,
    "section": ALL_EXACT,
}


class Correction(NamedTuple):
    """A word that no text has, and the word of the texts that is nearest to it.

    It is sure, and searched instead, where one letter is wrong in what is no word of the language;
    else it is only offered.
    """

    typed: str
    meant: str
    is_sure: bool


def find_corrections(
    query: Query, unknown: frozenset[str], reader: PostingsReader
) -> tuple[Correction, ...]:
    """Guess what was meant by every word of `unknown`, as typed, that has a near word."""
    typed = list(_list_correctable(query, ALL_EXACT))
    texts = [text for text, _ in typed]
    tokens = [_single(text) for text in texts]
    corrections = []
    for place, (text, token) in enumerate(zip(texts, tokens, strict=True)):
        if token is None or not any(word in text for word in unknown):
            continue
        before = tokens[place - 1] if place else None
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        others = [each for each in tokens if each is not None and each is not token]
        meant = _guess(token.exact, typed[place][1], before, after, others, reader)
        if meant is not None:
            near = meant.word if meant.distance == 1 else _find_nearer(token.exact, meant.word)
            is_sure = near is not None and not is_word(text)
            corrections.append(Correction(text, near or meant.word, is_sure))
    return tuple(corrections)


def _find_nearer(typed: str, form: str) -> str | None:
    """The lemma of a form that is one letter away from what was typed: "collule", of "cellules"."""
    for name in name_form(form):
        if OSA.distance(typed, fold(name), score_cutoff=1) == 1:
            return name
    return None


def _list_correctable(query: Query, field: str) -> Iterator[tuple[str, str]]:
    """Every word that is not excluded, also in fields and phrases, and whose words may mend it."""
    match query:
        case Word(text) | Phrase(text):
            for token in analyse(text):
                if not token.is_stop and not token.is_alias:
                    yield text[token.start : token.end], field
        case In(name, inside) if name in _MENDED_FROM:
            yield from _list_correctable(inside, _MENDED_FROM[name])
        case All(parts) | Any(parts):
            for part in parts:
                yield from _list_correctable(part, field)
        case Bag(optional, required):
            for part in optional + required:
                yield from _list_correctable(part, field)


def list_words(query: Query) -> list[str]:
    """The bare words of a query that are not excluded, in order."""
    match query:
        case Word(text):
            return [text]
        case All(parts) | Any(parts):
            return [word for part in parts for word in list_words(part)]
        case Bag(optional, required):
            return [word for part in optional + required for word in list_words(part)]
        case _:
            return []


def list_expanding(query: Query) -> list[Pattern | Fuzzy]:
    """The patterns and nearly-words of a query that are not excluded, in order."""
    match query:
        case Pattern() | Fuzzy():
            return [query]
        case All(parts) | Any(parts):
            return [each for part in parts for each in list_expanding(part)]
        case Bag(optional, required):
            return [each for part in optional + required for each in list_expanding(part)]
        case _:
            return []


def replace_words(query: Query, meant: Mapping[str, str]) -> Query:
    """The query with other words in the place of some."""
    if not meant:
        return query
    match query:
        case Word(text):
            return Word(_mend(text, meant))
        case All(parts):
            return All(tuple(replace_words(part, meant) for part in parts))
        case Any(parts):
            return Any(tuple(replace_words(part, meant) for part in parts))
        case Bag(optional, required, excluded):
            return Bag(
                tuple(replace_words(part, meant) for part in optional),
                tuple(replace_words(part, meant) for part in required),
                excluded,
            )
        case In(name, inside):
            return In(name, replace_words(inside, meant))
        case Phrase(text, slop):
            return Phrase(_mend(text, meant), slop)
        case _:
            return query


def _mend(text: str, meant: Mapping[str, str]) -> str:
    """A text with other words in the place of some: "arriqre-plan", "l'impressxion"."""
    for typed, better in meant.items():
        text = re.sub(rf"(?<!\w){re.escape(typed)}(?!\w)", better, text)
    return text


def _single(text: str) -> Token | None:
    """The one word that a typed word is, when it can have been mistyped."""
    tokens = [token for token in analyse(text) if not token.is_stop]
    if len(tokens) != 1 or not tokens[0].exact.isalpha() or len(tokens[0].exact) < _SHORTEST:
        return None
    return tokens[0]


def _guess(
    word: str,
    field: str,
    before: Token | None,
    after: Token | None,
    others: list[Token],
    reader: PostingsReader,
) -> NearWord | None:
    """The best of the words near one, or None."""
    is_long = len(word) >= _LONG
    near = [
        each
        for each in reader.vocabulary(field).near(word, 2)
        if each.word.isalpha()
        and (each.distance < 2 or is_long or _find_nearer(word, each.word) is not None)
    ][:_MOST_WEIGHED]
    if not near:
        return None
    rest = [docs for each in others if (docs := reader.postings(ALL_STEMS, each.stem)[0]).size]

    def fits(each: NearWord) -> tuple[float, ...]:
        stem = stem_french(each.word)
        pairs = [f"{before.stem} {stem}"] if before else []
        pairs += [f"{stem} {after.stem}"] if after else []
        beside = sum(reader.document_count(ALL_PAIRS, pair) for pair in pairs)
        together = intersect([reader.postings(ALL_STEMS, stem)[0], *rest]).size if rest else 0
        same_start = each.word[0] == word[0]
        return (
            -each.distance,
            bool(beside),
            bool(together),
            same_start,
            each.document_count,
        )

    return max(near, key=fits)


Filters = Mapping[str, Sequence[str]]
ReadTitle = Callable[[int], str]
_MAY_BE_SEVERAL: Final = re.compile(r"[^\w]")
_MOST_TITLES: Final = 20  # looked at, of those that hold all the words of a query


Pairs = tuple[tuple[str, str], ...]


class Understood(NamedTuple):
    """A query as it was typed, as it is searched, and its plan."""

    typed: Query
    query: Query
    plan: Plan | None
    corrections: Pairs = ()  # (typed, searched instead)
    offers: Pairs = ()  # (typed, near it) where nothing was searched instead
    unread: tuple[Message, ...] = ()  # what no text can answer


def understand(query: Query, reader: PostingsReader, *, as_typed: bool = False) -> Understood:
    """Read a query over an index; put a near word in the place of one that no text has.

    No word is replaced where it is to be searched `as_typed`, nor one that is required or
    excluded: for these a near word is offered.
    """
    query = _read_stops_together(query, reader)
    plan, unknown, unread = translate_saying(query, reader)
    if not unknown:
        return Understood(query, query, plan, unread=unread)
    near = _find_near(query, unknown, reader)
    strict = [part.text for part in list_strict(query)]
    replaced = {
        typed
        for typed, guess in near.items()
        if guess.is_sure and not as_typed and not any(_holds(text, typed) for text in strict)
    }
    corrections = tuple((typed, near[typed].meant) for typed in near if typed in replaced)
    offers = tuple((typed, near[typed].meant) for typed in near if typed not in replaced)
    if not corrections:
        return Understood(query, query, plan, offers=offers, unread=unread)
    searched = replace_words(query, dict(corrections))
    plan, _, unread = translate_saying(searched, reader)
    return Understood(query, searched, plan, corrections, offers, unread)


def _read_stops_together(query: Query, reader: PostingsReader) -> Query:
    """Read words that all say little as the phrase that they are, where some text has it."""
    match query:
        case All(parts):
            return All(tuple(_read_stops_together(part, reader) for part in parts))
        case Any(parts):
            return Any(tuple(_read_stops_together(part, reader) for part in parts))
        case Bag(optional, required, excluded):
            words: list[str] = []
            fields: list[Query] = []
            for part in optional:
                if isinstance(part, Word) and _says_little(part):
                    words.append(part.text)
                elif isinstance(part, In):
                    fields.append(part)
                else:
                    return query
            phrase = Phrase(" ".join(words))
            if len(words) > 1 and count_found(translate(phrase, reader), reader):
                return build_bag((*fields, phrase), required, excluded)
    return query


def _says_little(word: Word) -> bool:
    """Whether a word is made of stop words alone: "la", "qu'une"."""
    if _MAY_BE_SEVERAL.search(word.text):
        return not _count_words(word)
    normalised = normalise(word.text)
    if not normalised.isascii() and _count_words(word):
        return False  # "maïs"
    return fold(normalised) in ALL_STOPS


def _find_near(
    query: Query, unknown: frozenset[str], reader: PostingsReader
) -> dict[str, Correction]:
    """The near word of each word that no text has, whatever restricts the search beside it.

    What stands beside a word helps to guess it, but not a field nor a required word: with one more
    of these a search would be for another word, and might find more.
    """
    near: dict[str, Correction] = {}
    for part in (leave_generous(query), *list_fields(query), *list_strict(query)):
        for guess in find_corrections(part, unknown, reader):
            near.setdefault(guess.typed, guess)
    return near


def _holds(text: str, word: str) -> bool:
    """Whether a word stands in a text as typed."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def require_all(query: Query) -> Query | None:
    """The query for the documents that have all the bare words; None where there is but one."""
    match query:
        case Bag(optional, required, excluded):
            bare = [part for part in optional if not is_field(part)]
            fields = tuple(part for part in optional if is_field(part))
        case Word():
            bare, fields, required, excluded = [query], (), (), ()
        case _:
            return None
    telling = tuple(dict.fromkeys(part for part in bare if _count_words(part)))
    if sum(map(_count_words, telling)) < 2:
        return None
    if len(telling) > 1 and not (fields or required or excluded):
        return build_all(list(telling))
    return build_bag(fields, required + telling, excluded)


def _count_words(part: Query) -> int:
    """How many words a text must have for a part of a query, those aside that say little."""
    if not isinstance(part, Word):
        return 1
    return sum(bool(token.names) and not token.is_alias for token in analyse_query(part.text))


def count_asked(query_text: str, reader: PostingsReader, *, as_typed: bool = False) -> int:
    """How many documents a query finds when it is asked."""
    return count_found(understand(parse_query(query_text), reader, as_typed=as_typed).plan, reader)


def count_found(plan: Plan | None, reader: PostingsReader) -> int:
    """How many documents a plan finds, deleted ones aside."""
    if plan is None:
        return 0
    return int(np.count_nonzero(reader.live[match(plan, reader)]))


def narrow(
    plan: Plan, filters: Filters, only: Collection[str] | None, reader: PostingsReader
) -> Plan:
    """The plan among the documents that filters and ids leave.

    Of a filter any value will do; a year may be a range, or a date: "2014..2016", "2014-03".
    """
    narrowing: list[Plan] = []
    for name, values in filters.items():
        if not values or name not in FACETS:
            continue
        ranges = [
            dates
            for value in values
            if name == "year" and len(value) > 4 and (dates := read_dates(value))
        ]
        named = {*values, *map(read_site, values)} if name == "site" else values
        exact = FacetQuery(name, frozenset(named))
        dated = [find_dated(each.low, each.high, reader) for each in ranges]
        narrowing.append(Union((exact, *dated)) if dated else exact)
    if only is not None:
        narrowing.append(Ids(frozenset(only)))
    if narrowing:
        return Intersection((plan, *narrowing))
    return plan


def find_titled(query_text: str, reader: PostingsReader, read: ReadTitle) -> Docs:
    """The documents whose title is what was typed, accents and case aside.

    `read` gives the title of a document by its number.
    """
    key = ("titled", query_text)
    known: Docs | None = reader.memory.find(key)
    if known is None:
        known = _find_titled(_list_forms(query_text), reader, read)
        reader.memory.keep(key, known, known.size)
    return known


def _find_titled(typed: list[str], reader: PostingsReader, read: ReadTitle) -> Docs:
    lists: list[Docs] = []
    # Long words first: they are rare, and a title that lacks one of the words is none.
    for form in sorted(dict.fromkeys(typed), key=len, reverse=True):
        lists.append(reader.postings(TITLE_EXACT, form)[0])
        if not lists[-1].size:
            return NO_DOCS
    held = intersect(lists)
    if not reader.all_live:
        held = held[reader.live[held]]
    if held.size > _MOST_TITLES:
        # So many hold these words: short ones first, the title has no other.
        lengths = reader.lengths(TITLE_EXACT)[held]
        held = np.sort(held[np.argsort(lengths, kind="stable")[:_MOST_TITLES]])
    titled = [number for number in held.tolist() if _list_forms(read(number)) == typed]
    return np.array(titled, np.intp)


def _list_forms(text: str) -> list[str]:
    """The words of a text, folded, other names of words aside."""
    return [token.exact for token in analyse_query(text) if not token.is_alias]


def put_first(
    titled: Docs, answer: TopHits, plan: Plan, reader: PostingsReader, limit: int
) -> TopHits:
    """The documents of a title before all others that a plan finds, each with its own score."""
    if not titled.size:
        return answer
    ids = frozenset(reader.ids(titled))
    own = find_best(Intersection((plan, Ids(ids))), reader, titled.size)
    rest = ~np.isin(answer.best, own.best)
    best = np.concatenate([own.best, answer.best[rest]])[:limit]
    scores = np.concatenate([own.scores, answer.scores[rest]])[:limit]
    return TopHits(answer.matched, best, scores)


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
        counts: Counter[str] = Counter()
        sizes = np.bincount(codes[answer.matched], minlength=len(values))
        for code in np.flatnonzero(sizes).tolist():
            for value in split_values(values[code]):
                counts[value] += int(sizes[code])
        counted[name] = tuple(
            FacetValue(value=value, count=count)
            for value, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        )
    return MappingProxyType(counted)


def count_terms(query: Query, reader: PostingsReader) -> tuple[TermCount, ...]:
    """The words of a query as they were understood, and how many documents each finds alone.

    A pattern or a nearly-word stands there with the words that it was taken for, and "…" when
    there were more than are searched.
    """
    words: list[TermCount] = []
    for text in list_words(query):
        told = _count_word(text, reader)
        if told is None:
            continue
        if words and not (words[-1].document_count or told.document_count):
            # What no text has apart, some may have joined: "co voiturage".
            joined = _count_word(f"{words[-1].typed} {told.typed}", reader)
            if joined is not None and joined.document_count:
                words[-1] = joined
                continue
        words.append(told)
    return (*words, *(_tell_expansion(part, reader) for part in list_expanding(query)))


def _count_word(text: str, reader: PostingsReader) -> TermCount | None:
    """How many documents a word finds by itself; None when it says too little to be told."""
    tokens = [token for token in analyse_query(text) if token.names and not token.is_alias]
    if not tokens:
        return None
    typed = text[tokens[0].start : tokens[-1].end]
    return TermCount(
        typed=typed,
        term=" ".join(token.names[0].lstrip(STEM_MARK) for token in tokens),
        document_count=count_found(translate(parse_query(typed), reader), reader),
    )


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
        document_count=count_found(plan, reader),
    )
