"""Turn a Query into a plan: the only place where words become terms of the index.

Every word is looked for under all the names that a text may give it: its French stem, its
English one, joined with its neighbour, or in two parts.
"""

import fnmatch
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from indexer.analysis import Token, analyse, analyse_query, fold, normalise
from indexer.analysis.characters import APOSTROPHES
from indexer.analysis.lexicon import list_names
from indexer.engines.planning.lexicon import Lookups
from indexer.engines.planning.plan import (
    BagOfTerms,
    BooleanQuery,
    FacetQuery,
    IdsQuery,
    Intersection,
    MatchAll,
    PhraseQuery,
    Plan,
    ScoringTerm,
    TermGroup,
    Union,
)
from indexer.engines.planning.words import (
    ENGLISH,
    QueryWord,
    WordReader,
    exact_field,
    is_read_otherwise,
    list_readings,
    name_terms,
    read_stop_phrase,
)
from indexer.index.fields import (
    ALL,
    ALL_SEQUENCES,
    AUTHOR,
    BODY,
    ISSUED,
    NOTE,
    SECTION,
    STOP_PAIRS,
    TITLE,
    split_values,
)
from indexer.messages import Message, message
from indexer.search.fieldnames import TYPED_BY_FIELD, list_value_names, read_site
from indexer.search.lexing import read_dates
from indexer.search.match_spec import NameSequence, list_small_words
from indexer.search.query import (
    NOTHING,
    All,
    Any,
    Bag,
    Fuzzy,
    In,
    Pattern,
    Phrase,
    Query,
    Range,
    Word,
    is_field,
)
from indexer.search.rendering import render_query

_FIELDS: Final = {"title": TITLE, "note": NOTE, "section": SECTION, "author": AUTHOR, "text": BODY}
_IN_ENGLISH_TOO: Final = frozenset({ALL, TITLE, BODY})  # the others hold notes and names
_FACETS: Final = frozenset({"site", "bibliography", "language", "kind", "link", "keyword"})
_NOTHING: Final = Union(())  # what no text has
_MOST_BETWEEN_NAMES: Final = 5  # words between a given name and a family name, particles too
MOST_READ: Final = 5_000  # texts that are read for the small words of a phrase: a second


def translate(query: Query, lookups: Lookups) -> Plan | None:
    """Give the plan that carries out a query, or None when it asks for nothing.

    A query is given as it was typed: what the owner's file says of its words is put in here.
    """
    return _Translator(lookups).translate(lookups.synonyms.expand(query), ALL)


# --- names of people

_BETWEEN_PEOPLE: Final = re.compile(r"\s*(?:;|&)\s*|\s+(?:et|and)\s+(?!al\b)", re.IGNORECASE)
_AND_OTHERS: Final = re.compile(
    r"[\s,;]*(?:\bet\s+|\band\s+)?\b(?:al\b\.?|alii\b|others\b|coll\.)\s*$", re.IGNORECASE
)
_INITIAL: Final = re.compile(r"(?<![^\W\d_])([^\W\d_])\.[ \u00a0\u202f]?-?")
_LIKE_NAME: Final = re.compile(r"[,.]\w|\w\.$")  # of one word: "Durand,Anne", "A.Durand"


class _NamePart(NamedTuple):
    """A word of a person's name as typed, folded; or the initial of one."""

    form: str
    is_initial: bool


def _read_name(text: str) -> list[_NamePart]:
    """Read the words of a name, particles that French has as small words aside.

    "J.-B. d'Orval" gives the initials "j" and "b", and "orval".
    """
    spaced = _INITIAL.sub(r"\1. ", text)
    parts = []
    for token in analyse_query(spaced):
        is_alone = (
            len(token.exact) == 1 and (spaced[token.end : token.end + 1] or " ") not in APOSTROPHES
        )
        is_initial = is_alone and (
            spaced[token.end : token.end + 1] == "." or spaced[token.start].isupper()
        )
        if not token.is_alias and (is_initial or not token.is_stop):
            parts.append(_NamePart(token.exact, is_initial))
    return parts


def _order_name(text: str) -> list[list[_NamePart]]:
    """Give the orders in which a reference may have the words of a name: as typed, and turned.

    "Nom, Prénom" is "Prénom Nom" too; without a comma any of the words may begin the given names.
    """
    last, comma, first = text.partition(",")
    if comma and first.strip():
        family, given = _read_name(last), _read_name(first.replace(",", " "))
        return [given + family, family + given] if family and given else [family + given]
    parts = _read_name(text)
    return [parts[turn:] + parts[:turn] for turn in range(max(len(parts), 1))]


# --- the whole query


class Translated(NamedTuple):
    """A plan, and what of the query no text can answer."""

    plan: Plan | None
    unknown: frozenset[str]  # words, as typed, that no text has under any name
    unread: tuple[Message, ...]  # values that no property has, words that are in every text


def translate_saying(query: Query, lookups: Lookups) -> Translated:
    """Translate a query into a plan, and say what of it no text can answer."""
    translator = _Translator(lookups)
    plan = translator.translate(lookups.synonyms.expand(query), ALL)
    if plan is None and query != NOTHING:
        translator.unread.append(message("query.unread.everywhere", word=render_query(query)))
    return Translated(plan, translator.unknown, tuple(dict.fromkeys(translator.unread)))


class _Translator:
    """One query over one state of an index."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups
        self._words_reader = WordReader(lookups)
        self.unread: list[Message] = []

    @property
    def unknown(self) -> frozenset[str]:
        """The words, as typed, that no text has under any name."""
        return frozenset(self._words_reader.unknown)

    def translate(self, query: Query, field_name: str) -> Plan | None:
        """Give the plan of a query in one field."""
        match query:
            case Word():
                return self._words([query], field_name)
            case Phrase(text, slop):
                return self._phrase(text, slop, field_name)
            case Pattern(text):
                terms = self._lookups.list_fitting(exact_field(field_name), fold(normalise(text)))
                return self._any_of(terms, field_name)
            case Fuzzy(text, distance):
                folded = fold(normalise(text))
                near = self._lookups.list_near(exact_field(field_name), folded, distance)
                return self._any_of([each.word for each in near], field_name)
            case In(name, inside):
                return self._in_field(name, inside, field_name)
            case Range(low, high):
                return self._words([Word(low or high)], field_name)
            case All(parts):
                plans = [self._require(part, field_name) for part in parts]
                return _intersect([plan for plan in plans if plan is not None])
            case Any(parts):
                plans = [self.translate(part, field_name) for part in parts]
                held = tuple(plan for plan in plans if plan is not None)
                return Union(held) if held else None
            case Bag():
                return self._bag(query, field_name)

    def _bag(self, bag: Bag, field_name: str) -> Plan | None:
        """Plan what is required, every field, and one of the bare things, if there are any."""
        words = [part for part in bag.optional if isinstance(part, Word)]
        if not bag.excluded and not bag.required and len(words) == len(bag.optional):
            return self._words(words, field_name)
        unwanted = [plan for part in bag.excluded for plan in self._exclude(part, field_name)]
        fields = [part for part in bag.optional if is_field(part)]
        bare = [part for part in bag.optional if not is_field(part)]
        # What is both sought and excluded is in no text that may be found.
        denied = {each for part in bag.excluded for each in _list_parts(part)}
        kept = [part for part in bare if part not in denied]
        some = self._any_bare(kept, field_name)
        # What says too little to be looked for alone is found nowhere: "la" and "la titre:x".
        plans: list[Plan | None] = [_NOTHING if bare and some is None else some]
        plans += [self._require(part, field_name) for part in bag.required]
        plans += [self.translate(part, field_name) for part in fields]
        plan = _intersect([plan for plan in plans if plan is not None])
        if not unwanted:
            return plan
        return BooleanQuery((), () if plan is None else (plan,), tuple(unwanted))

    def _any_bare(self, parts: list[Query], field_name: str) -> Plan | None:
        """At least one of some things side by side."""
        words = [part for part in parts if isinstance(part, Word)]
        plans = [self._words(words, field_name)] if words else []
        plans += [self.translate(part, field_name) for part in parts if not isinstance(part, Word)]
        held = tuple(plan for plan in plans if plan is not None)
        if len(held) > 1:
            return BooleanQuery(held, (), ())
        return held[0] if held else None

    def _require(self, part: Query, field_name: str) -> Plan | None:
        """Plan what must be there: of a word that is joined of several, each.

        A word with conditions beside it ("éco-quartier +ville") must be there as it must alone.
        """
        if isinstance(part, Bag):
            bare = [each for each in part.optional if not is_field(each)]
            if len(bare) == 1 and isinstance(bare[0], Word):
                rest = tuple(each for each in part.optional if each is not bare[0])
                part = replace(part, optional=rest, required=(bare[0], *part.required))
        plan = self.translate(part, field_name)
        if plan is None:
            self.unread.append(message("query.unread.everywhere", word=render_query(part)))
            return _NOTHING
        if not isinstance(part, Word) or not isinstance(plan, BagOfTerms) or len(plan.groups) == 1:
            return plan
        return Intersection(
            (plan, *(BagOfTerms((replace(group, scoring=()),)) for group in plan.groups))
        )

    def _exclude(self, part: Query, field_name: str) -> Iterator[Plan]:
        """Plan what may not be there: any of the things that were typed."""
        match part:
            case Bag(optional, (), ()) if not any(map(is_field, optional)):
                for each in optional:
                    yield from self._exclude(each, field_name)
            case _ if (plan := self._require(part, field_name)) is not None:
                yield plan

    def _in_field(self, name: str, inside: Query, field_name: str) -> Plan | None:
        if name == "year" or name in _FACETS:
            return self._property(name, inside)
        if name == "author" and isinstance(inside, Phrase):
            return self._people(inside.text, inside.slop)
        if name == "author" and isinstance(inside, Word) and _LIKE_NAME.search(inside.text):
            return self._people(inside.text, 0)
        return self._require(inside, _FIELDS.get(name, field_name))

    def _property(self, name: str, inside: Query) -> Plan | None:
        """Give the documents that have what is typed of a property, one value each."""
        match inside:
            case Range(low, high):
                dated = find_dated(low, high, self._lookups)
                if not dated.values:
                    self._tell_unknown(name, render_query(inside))
                return dated
            case Word(text) | Phrase(text) | Pattern(text) | Fuzzy(text):
                dates = read_dates(text) if name == "year" else None
                return self._property(name, dates) if dates else self._called(name, text)
            case All(parts):
                return _intersect([plan for part in parts if (plan := self._property(name, part))])
            case Any(parts):
                return Union(tuple(plan for part in parts if (plan := self._property(name, part))))
            case In(other, within):
                return self._in_field(other, within, ALL)
            case Bag(optional, required, excluded):
                wanted = tuple(plan for each in optional if (plan := self._property(name, each)))
                needed = [plan for each in required if (plan := self._property(name, each))]
                unwanted = [plan for each in excluded if (plan := self._property(name, each))]
                both = _intersect([*needed, *([Union(wanted)] if wanted else [])])
                if both is None and not unwanted:
                    return None
                return BooleanQuery((), () if both is None else (both,), tuple(unwanted))

    def _called(self, name: str, text: str) -> Plan:
        """Give the documents that have a value of that name, or with a part of it."""
        if name == "site":
            text = read_site(text)
        values = self._lookups.list_values(name)
        each = {value for joined in values for value in split_values(joined)}
        if name == "keyword":
            held = _list_keywords(each, text)
        else:
            wanted = fold(normalise(text)).replace("*", "").replace("?", "")
            held = {value for value in each if _is_called(name, value, wanted)}
        if not held:
            self._tell_unknown(name, text)
        return FacetQuery(name, frozenset(held))

    def _tell_unknown(self, name: str, value: str) -> None:
        self.unread.append(describe_unknown(name, value))

    def _any_of(self, terms: Sequence[str], field_name: str) -> Plan:
        exact = exact_field(field_name)
        names = tuple((exact, term) for term in terms)
        written = BagOfTerms(
            (TermGroup(names, tuple(ScoringTerm(exact, term, 1.0) for term in terms)),)
        )
        if field_name != BODY:
            return written
        # Forms have no places: a form of the text with a name that stands in the body.
        inside = dict.fromkeys((BODY, name) for term in terms for name in list_names(term))
        return Intersection((written, BagOfTerms((TermGroup(tuple(inside)),))))

    def _words(self, typed: list[Word], field_name: str) -> Plan | None:
        words, common = self._words_reader.read(typed, field_name)
        if not words:
            texts = [word.text for word in typed]
            words, common = self._words_reader.read_stops(texts, field_name)
        return BagOfTerms(tuple(word.group for word in words), tuple(common)) if words else None

    def _phrase(self, text: str, slop: int, field_name: str) -> Plan | None:
        """Read a phrase as French does, and in English texts as English does."""
        words, common = self._words_reader.read([Word(text)], field_name)
        adding = BagOfTerms(tuple(word.group for word in words), tuple(common))
        plan = self._sequence(text, words, adding, slop, field_name)
        languages = self._lookups.list_values("language")
        is_english_too = field_name in _IN_ENGLISH_TOO and ENGLISH in languages
        if not is_english_too or not is_read_otherwise(text):
            return plan
        others, common = self._words_reader.read([Word(text)], field_name, ENGLISH)
        # What the first reading adds to the score is not added twice.
        groups = tuple(TermGroup(word.group.terms) if words else word.group for word in others)
        adding = BagOfTerms(groups, () if words else tuple(common))
        english = self._sequence(text, others, adding, slop, field_name, ENGLISH)
        return Union((plan, Intersection((english, FacetQuery("language", frozenset({ENGLISH}))))))

    def _people(self, text: str, slop: int) -> Plan | None:
        """Find the texts of a person, or of each of several: "Durand, A. et Nora Petit"."""
        bare = _AND_OTHERS.sub("", text)
        whole = self._person(bare, slop)
        names = _BETWEEN_PEOPLE.split(bare)
        each = [plan for name in names if (plan := self._person(name, slop)) is not None]
        if whole is None or len(each) < 2:
            return whole
        return Union((whole, Intersection(tuple(each))))  # "Arts et Métiers" is one

    def _person(self, text: str, slop: int) -> Plan | None:
        """Find the texts of a person, whose name a reference may write in many ways.

        Given names come before or after, whole or as initials, where the other has them whole.
        """
        words, common = self._words_reader.read([Word(text)], AUTHOR)
        bag = BagOfTerms(tuple(word.group for word in words), tuple(common))
        orders = _order_name(text)
        if len(orders[0]) < 2 or all(part.is_initial for part in orders[0]):
            return self._phrase(text, slop, AUTHOR)
        between = max(slop, _MOST_BETWEEN_NAMES)
        ways = [
            PhraseQuery(
                AUTHOR, tuple(self._list_written(part, order) for part in order), between, bag
            )
            for order in orders
        ]
        return Union(tuple(dict.fromkeys(ways)))

    def _list_written(self, part: _NamePart, order: Sequence[_NamePart]) -> tuple[str, ...]:
        """List the words of names that a part of a name may stand as: itself, its initial last.

        For an initial, all that begin so; the family name, which is last, is never an initial.
        """
        if part.is_initial:
            starting = self._lookups.list_starting(AUTHOR, part.form)
            return tuple(dict.fromkeys([*(form for form, _ in starting), part.form]))
        if part is order[-1] or order[-1].is_initial:
            return (part.form,)
        return (part.form, part.form[0])

    def _sequence(
        self,
        text: str,
        words: list[QueryWord],
        adding: BagOfTerms,
        slop: int,
        field_name: str,
        language: str = "fr",
    ) -> Plan:
        """Plan the words of a phrase one after the other; as written where all say little."""
        if not words:
            if plan := read_stop_phrase(text, field_name):
                return plan
            words, common = self._words_reader.read_stops([text], field_name)
            parts = tuple(BagOfTerms((TermGroup(word.group.terms),)) for word in words)
            return Intersection(
                (*parts, BagOfTerms(tuple(word.group for word in words), tuple(common)))
            )
        small = list_small_words(text, language) if field_name in STOP_PAIRS and not slop else ()
        if len(words) == 1 and not small:
            return adding
        named = tuple(name_terms(word, field_name) for word in words)
        row = PhraseQuery(field_name, named, slop, BagOfTerms(()))
        if small and self._lookups.count_found(row) > MOST_READ:
            self.unread.append(message("query.unread.small-words", phrase=text, most=MOST_READ))
            small = ()
        plain = replace(row, bag=adding, small_words=small)
        others = list_readings(words, slop, field_name, self._lookups, small)
        return Union((plain, *others)) if others else plain


def find_dated(low: str, high: str, lookups: Lookups) -> FacetQuery:
    """Plan the texts dated from one day, month or year to another, both included; "" is open."""
    within = {
        value
        for value in lookups.list_values(ISSUED)
        if value and value[: len(low)] >= low and (not high or value[: len(high)] <= high)
    }
    return FacetQuery(ISSUED, frozenset(within))


def _intersect(plans: list[Plan]) -> Plan | None:
    """Give the plan of what all plans have; None when there is none."""
    return Intersection(tuple(plans)) if len(plans) > 1 else plans[0] if plans else None


def _list_parts(query: Query) -> Iterator[Query]:
    """List a query and the things side by side that it is made of."""
    yield query
    if isinstance(query, Bag):
        for part in query.optional + query.required:
            yield from _list_parts(part)


def _is_called(field: str, value: str, wanted: str) -> bool:
    """Whether a value of a facet, or one of its names, holds what was typed (folded).

    The name of a language begins so: "en" is no part of "french".
    """
    names = [fold(normalise(name)) for name in list_value_names(field, value)]
    if field == "language":
        return any(name.startswith(wanted) for name in names)
    return any(wanted in name for name in names)


def describe_unknown(name: str, value: str) -> Message:
    """Say that no text has a value of a facet."""
    return message("query.unread.value", name=TYPED_BY_FIELD[name], value=value)


def _list_keywords(keywords: Iterable[str], typed: str) -> set[str]:
    """List the keywords that have all typed words, whole and side by side, in any of their forms.

    "travail" is in "droit du travail", and "rail" is not; "trav*" is by how a word begins.
    """
    if "*" in typed or "?" in typed:
        pattern = re.compile(fnmatch.translate(fold(normalise(typed))))
        return {
            keyword
            for keyword in keywords
            if any(pattern.match(word.exact) for word in analyse(keyword))
        }
    wanted = [word for word in analyse_query(typed) if not word.is_alias]
    if not wanted:
        return set()
    # Two forms of a word begin alike, but for a few ("yeux"): the others are not analysed.
    begin = re.compile(rf"(?<!\w){re.escape(wanted[0].exact[:1])}")
    return {
        keyword
        for keyword in keywords
        if begin.search(fold(normalise(keyword))) and _holds_words(keyword, wanted)
    }


def _holds_words(keyword: str, wanted: Sequence[Token]) -> bool:
    """Tell whether words stand in a keyword one after the other; one alone may be a compound."""
    words = analyse(keyword)
    if len(wanted) > 1:
        words = [word for word in words if not word.is_alias]
    return any(
        all(map(_is_form_of, wanted, words[start:]))
        for start in range(len(words) - len(wanted) + 1)
    )


def _is_form_of(typed: Token, word: Token) -> bool:
    """Tell whether a word has a name of a typed one; small words have none, and are as written."""
    if typed.names and word.names:
        return not set(typed.names).isdisjoint(word.names)
    return typed.exact == word.exact


def list_ways(plan: Plan) -> tuple[NameSequence, ...]:
    """Give the words that were looked for one after the other: phrases, words that may be two."""
    ways: list[NameSequence] = []
    match plan:
        case PhraseQuery(terms=terms, slop=slop, small_words=small) if terms:
            ways.append(NameSequence(tuple(map(frozenset, terms)), slop, small))
        case BagOfTerms(groups):
            ways += [way for group in groups for each in group.phrases for way in list_ways(each)]
            for field, text in (term for group in groups for term in group.terms):
                if field == ALL_SEQUENCES:
                    ways.append(
                        NameSequence(tuple(frozenset({name}) for name in text.split(" ")), 0)
                    )
        case Intersection(parts) | Union(parts):
            ways += [way for part in parts for way in list_ways(part)]
        case BooleanQuery(optional, required):
            ways += [way for part in required + optional for way in list_ways(part)]
        case PhraseQuery() | FacetQuery() | IdsQuery() | MatchAll():
            pass
    return tuple(ways)
