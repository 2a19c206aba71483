"""Turn a Query into a plan: the only place where words become terms of the index.

Every word is looked for under all the names that a text may give it: its French stem, its
English one, joined with its neighbour, or in two parts.
"""

from typing import Final

from indexer.analysis import fold, normalise
from indexer.analysis.lexicon import list_names
from indexer.engines.phrases import list_readings, name_terms, read_stop_phrase
from indexer.engines.plan import (
    BooleanQuery,
    FacetQuery,
    Intersection,
    PhraseQuery,
    Plan,
    Slot,
    Union,
    Weighted,
    Words,
)
from indexer.engines.postings import PostingsReader
from indexer.engines.vocabulary import Vocabulary
from indexer.engines.whoosh import ISSUED
from indexer.engines.words import WordReader, exact_field
from indexer.index.fields import (
    ALL,
    AUTHOR,
    BODY,
    NOTE,
    SECTION,
    TITLE,
)
from indexer.search.fieldnames import list_value_names
from indexer.search.query import All, Any, Bag, Fuzzy, In, Pattern, Phrase, Query, Range, Word

_FIELDS: Final = {"title": TITLE, "note": NOTE, "section": SECTION, "author": AUTHOR, "text": BODY}
_FACETS: Final = frozenset({"site", "language", "kind", "link"})


def translate(query: Query, reader: PostingsReader) -> Plan | None:
    """The plan that carries out a query, or None when it asks for nothing."""
    return _Translator(reader).translate(query, ALL)


def translate_saying(query: Query, reader: PostingsReader) -> tuple[Plan | None, frozenset[str]]:
    """Translate a query into a plan; give with it the words, as typed, that no text has."""
    translator = _Translator(reader)
    plan = translator.translate(query, ALL)
    return plan, translator.unknown


class _Translator:
    """One query over one state of an index."""

    def __init__(self, reader: PostingsReader) -> None:
        self._reader = reader
        self._words_reader = WordReader(reader)

    @property
    def unknown(self) -> frozenset[str]:
        """The words, as typed, that no text has under any name."""
        return frozenset(self._words_reader.unknown)

    def translate(self, query: Query, field_name: str) -> Plan | None:
        """The plan of a query in one field."""
        match query:
            case Word(text):
                return self._words([text], field_name)
            case Phrase(text, slop):
                return self._phrase(text, slop, field_name)
            case Pattern(text):
                terms = self._vocabulary(field_name).fit(fold(normalise(text)))
                return self._any_of(terms, field_name)
            case Fuzzy(text, distance):
                near = self._vocabulary(field_name).near(fold(normalise(text)), distance)
                return self._any_of([each.word for each in near], field_name)
            case In(name, inside):
                return self._in_field(name, inside, field_name)
            case Range(low, high):
                return self._words([low or high], field_name)
            case All(parts):
                return self._combine(Intersection, parts, field_name)
            case Any(parts):
                return self._combine(Union, parts, field_name)
            case Bag(optional, required, excluded):
                return self._bag(optional, required, excluded, field_name)

    def _combine(
        self, kind: type[Intersection] | type[Union], parts: tuple[Query, ...], field_name: str
    ) -> Plan | None:
        plans = tuple(
            plan for part in parts if (plan := self.translate(part, field_name)) is not None
        )
        return kind(plans) if plans else None

    def _bag(
        self,
        optional: tuple[Query, ...],
        required: tuple[Query, ...],
        excluded: tuple[Query, ...],
        field_name: str,
    ) -> Plan | None:
        words = [part.text for part in optional if isinstance(part, Word)]
        bare = self._words(words, field_name) if words else None
        others = [part for part in optional if not isinstance(part, Word)]
        plans = [bare] if bare is not None else []
        plans += [plan for part in others if (plan := self.translate(part, field_name))]
        needed = tuple(plan for part in required if (plan := self.translate(part, field_name)))
        unwanted = tuple(plan for part in excluded if (plan := self.translate(part, field_name)))
        if len(plans) == 1 and not needed and not unwanted:
            return plans[0]
        if not plans and not needed and not unwanted:
            return None
        return BooleanQuery(tuple(plans), needed, unwanted)

    def _in_field(self, name: str, inside: Query, field_name: str) -> Plan | None:
        if name == "year":
            return self._dates(inside)
        if name in _FACETS:
            return self._facet(name, inside)
        return self.translate(inside, _FIELDS.get(name, field_name))

    def _dates(self, inside: Query) -> Plan | None:
        if not isinstance(inside, Range):
            return self._facet("year", inside)
        low, high = inside.low, inside.high
        _, values = self._reader.facet(ISSUED)
        within = {
            value
            for value in values
            if value and value[: len(low)] >= low and (not high or value[: len(high)] <= high)
        }
        return FacetQuery(ISSUED, frozenset(within))

    def _facet(self, name: str, inside: Query) -> Plan | None:
        match inside:
            case Word(text) | Phrase(text) | Pattern(text) | Fuzzy(text):
                wanted = fold(normalise(text)).replace("*", "")
                _, values = self._reader.facet(name)
                held = {value for value in values if value and _is_called(name, value, wanted)}
                return FacetQuery(name, frozenset(held))
            case Bag(optional, required):
                plans = [self._facet(name, part) for part in optional + required]
            case All(parts) | Any(parts):
                plans = [self._facet(name, part) for part in parts]
            case _:
                return None
        return Union(tuple(plan for plan in plans if plan is not None))

    def _vocabulary(self, field_name: str) -> Vocabulary:
        return self._reader.vocabulary(exact_field(field_name))

    def _any_of(self, terms: list[str], field_name: str) -> Plan:
        exact = exact_field(field_name)
        names = tuple((exact, term) for term in terms)
        written = Words((Slot(names, tuple(Weighted(exact, term, 1.0) for term in terms)),))
        if field_name != BODY:
            return written
        # Forms have no places: a form of the text with a name that stands in the body.
        inside = dict.fromkeys((BODY, name) for term in terms for name in list_names(term))
        return Intersection((written, Words((Slot(tuple(inside)),))))

    def _words(self, texts: list[str], field_name: str) -> Plan | None:
        words, common = self._words_reader.read(texts, field_name)
        if not words:
            words, common = self._words_reader.read_stops(texts, field_name)
        return Words(tuple(word.slot for word in words), tuple(common)) if words else None

    def _phrase(self, text: str, slop: int, field_name: str) -> Plan | None:
        words, common = self._words_reader.read([text], field_name)
        if not words:
            if field_name in (ALL, BODY) and (plan := read_stop_phrase(text)):
                return plan
            words, common = self._words_reader.read_stops([text], field_name)
            parts = tuple(Words((Slot(word.slot.terms),)) for word in words)
            return Intersection((*parts, Words(tuple(word.slot for word in words), tuple(common))))
        adding = Words(tuple(word.slot for word in words), tuple(common))
        if len(words) == 1:
            return adding
        named = tuple(name_terms(word, field_name) for word in words)
        plain = PhraseQuery(field_name, named, slop, adding)
        others = list_readings(words, slop, field_name, self._reader)
        return Union((plain, *others)) if others else plain


def _is_called(field: str, value: str, wanted: str) -> bool:
    """Whether a value of a facet, or one of its names, holds what was typed (folded)."""
    return any(wanted in fold(normalise(name)) for name in list_value_names(field, value))
