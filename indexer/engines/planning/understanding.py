"""Understand a query over the words of an index: mend mistakes, plan it, narrow it, tell its words.

A word that no text has is taken for one of the corpus's own words near it. Among the nearest the
one that stands beside the other words of the query somewhere is preferred, then the one that stands
with all of them in some text, then the most frequent.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from indexer.analysis import Token, analyse_query, fold, normalise
from indexer.analysis.chain import name_typed
from indexer.analysis.inflection import list_singulars
from indexer.analysis.lexicon import STEM_MARK, is_form, is_word, list_accented, name_form
from indexer.analysis.stemming import stem_french
from indexer.analysis.stopwords import ALL_STOPS
from indexer.engines.planning.lexicon import Lookups
from indexer.engines.planning.plan import (
    BagOfTerms,
    FacetQuery,
    IdsQuery,
    Intersection,
    Plan,
    TermGroup,
    Union,
)
from indexer.engines.planning.translate import (
    describe_unknown,
    find_dated,
    translate,
    translate_saying,
)
from indexer.engines.planning.words import find_written, list_text_names
from indexer.engines.protocol import MOST_WORDS, NearWord
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_PAIRS,
    ALL_STEMS,
    AUTHOR,
    FACETS,
    SEVERAL,
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
from indexer.search.results import TermCount
from indexer.urls import read_text_names

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
    query: Query, unknown: frozenset[str], lookups: Lookups
) -> tuple[Correction, ...]:
    """Guess what was meant by every word of `unknown`, as typed, that has a near word."""
    typed = list(_list_correctable(query, ALL_EXACT, lookups))
    texts = [text for text, _ in typed]
    tokens = [_single(text) for text in texts]
    corrections = []
    for place, (text, token) in enumerate(zip(texts, tokens, strict=True)):
        if token is None or not any(word in text for word in unknown):
            continue
        before = tokens[place - 1] if place else None
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        others = [each for each in tokens if each is not None and each is not token]
        meant = _guess(token.exact, typed[place][1], before, after, others, lookups)
        if meant is not None:
            near = meant.word if meant.distance == 1 else _find_nearer(token.exact, meant.word)
            is_sure = near is not None and not is_word(text)
            form = near or meant.word
            written = _restore_accents(text, form)
            # Texts may have the form by another reading alone: "côte", where "coté" was meant.
            if not any(lookups.count(ALL, name) for name in name_typed(written)):
                written = form
            corrections.append(Correction(text, written, is_sure))
    return tuple(corrections)


def _restore_accents(typed: str, form: str) -> str:
    """Write a folded form with the accents of what was typed, where that is a word of French.

    Around the mistake both have the same letters: "iltérim" and "interim" give "intérim". Where
    the mistake took the accent, a form that is no word without has the only one that makes it one.
    """
    accented = normalise(typed)
    exact = fold(accented)
    if len(exact) == len(accented):  # no ligature
        shared = min(len(exact), len(form))
        start = _count_same(exact, form, shared)
        tail = _count_same(exact[::-1], form[::-1], shared - start)
        written = accented[:start] + form[start : len(form) - tail] + accented[len(exact) - tail :]
        if is_form(written):
            return written
    written_with_one = [] if is_form(form) else list_accented(form)
    return written_with_one[0] if len(written_with_one) == 1 else form


def _count_same(one: str, other: str, most: int) -> int:
    """Count the letters at the beginning of two words, at most `most`, that are the same."""
    return next((at for at in range(most) if one[at] != other[at]), most)


def _find_nearer(typed: str, form: str) -> str | None:
    """Find the lemma of a form one letter away from what was typed: "collule", "cellules".

    Of a form that no lexicon has its singular; where a plural was typed, the plural of the form.
    """
    if typed.endswith("s") and OSA.distance(typed, f"{form}s", score_cutoff=1) == 1:
        return f"{form}s"
    names = name_form(form)
    lemmas = [name for name in names if not name.startswith(STEM_MARK)]
    for lemma in lemmas if len(lemmas) == len(names) else (*lemmas, *list_singulars(form)):
        if OSA.distance(typed, fold(lemma), score_cutoff=1) == 1:
            return lemma
    return None


def _list_correctable(query: Query, field: str, lookups: Lookups) -> Iterator[tuple[str, str]]:
    """Every word that is not excluded, also in fields and phrases, and whose words may mend it.

    What names one text (an address, a DOI) is never mended.
    """
    match query:
        case Word(text) | Phrase(text) if list_text_names(text, lookups):
            return
        case Word(text) | Phrase(text):
            for token in analyse_query(text):
                if not token.is_stop and not token.is_alias:
                    yield text[token.start : token.end], field
        case In(name, inside) if name in _MENDED_FROM:
            yield from _list_correctable(inside, _MENDED_FROM[name], lookups)
        case All(parts) | Any(parts):
            for part in parts:
                yield from _list_correctable(part, field, lookups)
        case Bag(optional, required):
            for part in optional + required:
                yield from _list_correctable(part, field, lookups)


def list_words(query: Query) -> list[str]:
    """Give the bare words of a query that are not excluded, in order."""
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
    """Give the patterns and nearly-words of a query that are not excluded, in order."""
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
    """Give the query with other words in the place of some."""
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
    """Put other words in the place of some in a text: "arriqre-plan", "l'impressxion"."""
    for typed, better in meant.items():
        text = re.sub(rf"(?<!\w){re.escape(typed)}(?!\w)", better, text)
    return text


def _plan_stem(stem: str) -> Plan:
    """Plan the texts that have a stem."""
    return BagOfTerms((TermGroup(((ALL_STEMS, stem),)),))


def _single(text: str) -> Token | None:
    """Give the one word that a typed word is, when it can have been mistyped."""
    tokens = [token for token in analyse_query(text) if not token.is_stop]
    if len(tokens) != 1 or not tokens[0].exact.isalpha() or len(tokens[0].exact) < _SHORTEST:
        return None
    return tokens[0]


def _guess(
    word: str,
    field: str,
    before: Token | None,
    after: Token | None,
    others: list[Token],
    lookups: Lookups,
) -> NearWord | None:
    """Give the best of the words near one, or None."""
    near = _list_candidates(word, field, lookups)
    if not near:
        return None
    rest = [_plan_stem(each.stem) for each in others if lookups.count(ALL_STEMS, each.stem)]

    def fits(each: NearWord) -> tuple[float, ...]:
        stem = stem_french(each.word)
        pairs = [f"{before.stem} {stem}"] if before else []
        pairs += [f"{stem} {after.stem}"] if after else []
        beside = sum(lookups.count(ALL_PAIRS, pair) for pair in pairs)
        together = lookups.count_found(Intersection((_plan_stem(stem), *rest))) if rest else 0
        same_start = each.word[0] == word[0]
        return (
            -each.distance,
            bool(beside),
            bool(together),
            same_start,
            each.document_count,
        )

    return max(near, key=fits)


def _list_candidates(word: str, field: str, lookups: Lookups) -> list[NearWord]:
    """List the words that may be meant by one that no text has, the nearest first.

    Words two letters away are looked for only where none is one letter away: the nearest is meant,
    and they are many. Of a short word these must have a lemma that is nearer.
    """
    near = [each for each in lookups.list_near(field, word, 1) if each.word.isalpha()]
    if not near:
        is_long = len(word) >= _LONG
        near = [
            each
            for each in lookups.list_near(field, word, 2)
            if each.word.isalpha() and (is_long or _find_nearer(word, each.word) is not None)
        ]
    return near[:_MOST_WEIGHED]


Filters = Mapping[str, Sequence[str]]
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


def understand(query: Query, lookups: Lookups, *, as_typed: bool = False) -> Understood:
    """Read a query over an index; put a near word in the place of one that no text has.

    No word is replaced where it is to be searched `as_typed`, nor one that is required or
    excluded: for these a near word is offered.
    """
    query = _read_stops_together(query, lookups)
    plan, unknown, unread = translate_saying(query, lookups)
    if not unknown:
        return Understood(query, query, plan, unread=unread)
    near = _find_near(query, unknown, lookups)
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
    plan, _, unread = translate_saying(searched, lookups)
    return Understood(query, searched, plan, corrections, offers, unread)


def _read_stops_together(query: Query, lookups: Lookups) -> Query:
    """Read words that all say little as the phrase that they are, where some text has it."""
    match query:
        case All(parts):
            return All(tuple(_read_stops_together(part, lookups) for part in parts))
        case Any(parts):
            return Any(tuple(_read_stops_together(part, lookups) for part in parts))
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
            if len(words) > 1 and lookups.count_found(translate(phrase, lookups)):
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


def _find_near(query: Query, unknown: frozenset[str], lookups: Lookups) -> dict[str, Correction]:
    """Give the near word of each word that no text has, whatever restricts the search beside it.

    What stands beside a word helps to guess it, but not a field nor a required word: with one more
    of these a search would be for another word, and might find more.
    """
    near: dict[str, Correction] = {}
    for part in (leave_generous(query), *list_fields(query), *list_strict(query)):
        for guess in find_corrections(part, unknown, lookups):
            near.setdefault(guess.typed, guess)
    return near


def _holds(text: str, word: str) -> bool:
    """Whether a word stands in a text as typed."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def require_all(query: Query) -> Query | None:
    """Ask for the documents that have all the bare words; None where there is but one."""
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
    """Count the terms that a part of a query requires; stop words and aliases count for none."""
    if not isinstance(part, Word) or read_text_names(part.text)[0]:
        return 1
    return sum(bool(token.names) and not token.is_alias for token in analyse_query(part.text))


def count_asked(query_text: str, lookups: Lookups, *, as_typed: bool = False) -> int:
    """Count the documents that a query finds; `as_typed` leaves its spelling alone."""
    read = understand(parse_query(query_text), lookups, as_typed=as_typed)
    return lookups.count_found(read.plan)


def list_narrowing(
    filters: Filters, only: Collection[str] | None, lookups: Lookups
) -> tuple[Plan, ...]:
    """List the plans for the documents that filters and ids leave, one for each that narrows.

    Of what a text has several of (authors, keywords, sections, bibliographies) it must have every
    value: another one never finds more. Of the rest any value will do; a year may be a range, or a
    date: "2014..2016", "2014-03".
    """
    narrowing: list[Plan] = []
    for name, values in filters.items():
        if not values or name not in FACETS:
            continue
        if name in SEVERAL:
            narrowing.extend(FacetQuery(name, frozenset({value})) for value in values)
            continue
        ranges = [
            dates
            for value in values
            if name == "year" and len(value) > 4 and (dates := read_dates(value))
        ]
        named = {*values, *map(read_site, values)} if name == "site" else values
        exact = FacetQuery(name, frozenset(named))
        dated = [find_dated(each.low, each.high, lookups) for each in ranges]
        narrowing.append(Union((exact, *dated)) if dated else exact)
    if only is not None:
        narrowing.append(IdsQuery(frozenset(only)))
    return tuple(narrowing)


# Facets whose values a bibliography makes; the others have a closed list, and any of it is right.
_OPEN_FACETS: Final = ("year", "site", "section", "bibliography", "keyword", "language")


def tell_unknown_filters(filters: Filters, lookups: Lookups) -> tuple[Message, ...]:
    """Say of each filter that names no value of any text that it does: nothing can be found."""
    told: list[Message] = []
    for name in _OPEN_FACETS:
        if not (values := filters.get(name)):
            continue
        known = {each for joined in lookups.list_values(name) for each in split_values(joined)}
        for value in values:
            named = read_site(value) if name == "site" else value
            dates = read_dates(value) if name == "year" else None
            is_known = value in known or named in known
            if not is_known and not (dates and find_dated(dates.low, dates.high, lookups).values):
                told.append(describe_unknown(name, value))
    return tuple(told)


def narrow(plan: Plan, narrowing: tuple[Plan, ...]) -> Plan:
    """Give the plan among the documents of all of some others."""
    return Intersection((plan, *narrowing)) if narrowing else plan


def count_terms(query: Query, lookups: Lookups) -> tuple[TermCount, ...]:
    """Give the words of a query as they were understood, and how many documents each finds alone.

    A pattern or a nearly-word stands there with the words that it was taken for, and "…" when
    there were more than are searched.
    """
    words: list[TermCount] = []
    for text in list_words(query):
        told = _count_word(text, lookups)
        if told is None:
            continue
        if words and not (words[-1].document_count or told.document_count):
            # What no text has apart, some may have joined: "co voiturage".
            joined = _count_word(f"{words[-1].typed} {told.typed}", lookups)
            if joined is not None and joined.document_count:
                words[-1] = joined
                continue
        words.append(told)
    return (*words, *(_tell_expansion(part, lookups) for part in list_expanding(query)))


def _count_word(text: str, lookups: Lookups) -> TermCount | None:
    """Count the documents that one word finds by itself; None for a stop word."""
    if names := list_text_names(text, lookups):
        scheme, _, _ = names[0].partition(" ")
        return TermCount(
            typed=text,
            term=find_written(text, names[0]),
            document_count=lookups.count_found(translate(Word(text), lookups)),
            scheme=scheme,
        )
    tokens = [token for token in analyse_query(text) if token.names and not token.is_alias]
    if not tokens:
        return None
    typed = text[tokens[0].start : tokens[-1].end]
    return TermCount(
        typed=typed,
        term=" ".join(token.names[0].lstrip(STEM_MARK) for token in tokens),
        document_count=lookups.count_found(translate(parse_query(typed), lookups)),
    )


def _tell_expansion(part: Pattern | Fuzzy, lookups: Lookups) -> TermCount:
    """Tell what a pattern or a nearly-word was taken for in this corpus."""
    folded = fold(normalise(part.text))
    if isinstance(part, Pattern):
        taken_for = list(lookups.list_fitting(ALL_EXACT, folded))
    else:
        near = lookups.list_near(ALL_EXACT, folded, part.distance)
        taken_for = [each.word for each in near]
    plan = translate(part, lookups)
    more = " …" if len(taken_for) >= MOST_WORDS else ""
    return TermCount(
        typed=render_query(part),
        term=" ".join(taken_for) + more,
        document_count=lookups.count_found(plan),
    )
