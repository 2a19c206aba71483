"""Turn a Query into a plan: the only place where words become terms of the index.

Every word is looked for under all the names that a text may give it: its French stem, its
English one, joined with its neighbour, or in two parts.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from indexer.analysis import Token, analyse, fold, normalise
from indexer.analysis.stemming import stem_french
from indexer.analysis.stopwords import ARTICLES
from indexer.engines.plan import (
    Choice,
    Facet,
    Intersection,
    Plan,
    Sequence,
    Term,
    Union,
    Weighted,
    Words,
)
from indexer.engines.postings import PostingsReader
from indexer.engines.vocabulary import Vocabulary
from indexer.engines.whoosh import ISSUED
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_PAIRS,
    ALL_STARTS,
    AUTHOR,
    FIELD_BY_NAME,
    NOTE,
    SECTION,
    START_LETTERS,
    TITLE,
    TITLE_EXACT,
    TITLE_PAIRS,
)
from indexer.search.query import All, Any, Bag, Fuzzy, In, Pattern, Phrase, Query, Range, Word

_FIELDS: Final = {"title": TITLE, "note": NOTE, "section": SECTION, "author": AUTHOR, "text": ALL}
_WITH_EXACT_TERMS: Final = frozenset({AUTHOR, ALL_EXACT})
_FACETS: Final = frozenset({"site", "language", "kind", "link"})
_SHORTEST_SPLIT: Final = 7  # letters of a word that may be two


@dataclass(slots=True)
class _Slot:
    """A word under all its names, as it is put together."""

    typed: str
    exact: str
    terms: list[Term] = field(default_factory=list)
    stem: str = ""
    english: str = ""
    follows: bool = False  # nothing at all between this word and the one before


def translate(query: Query, reader: PostingsReader) -> Plan | None:
    """The plan that carries out a query, or None when it asks for nothing."""
    return _Translator(reader).translate(query, ALL)


def translate_saying(query: Query, reader: PostingsReader) -> tuple[Plan | None, frozenset[str]]:
    """The same plan, and the words, as typed, that no text has under any name."""
    translator = _Translator(reader)
    plan = translator.translate(query, ALL)
    return plan, frozenset(translator.unknown)


class _Translator:
    """One query over one state of an index."""

    def __init__(self, reader: PostingsReader) -> None:
        self._reader = reader
        self.unknown: set[str] = set()

    def translate(self, query: Query, field_name: str) -> Plan | None:
        """The plan of a query in one field."""
        match query:
            case Word(text):
                return self._words([text], field_name)
            case Phrase(text, slop):
                return self._phrase(text, slop, field_name)
            case Pattern(text):
                terms = self._vocabulary(field_name).fit(fold(normalise(text)))
                return self._any_of(terms, self._exact(field_name))
            case Fuzzy(text, distance):
                near = self._vocabulary(field_name).near(fold(normalise(text)), distance)
                return self._any_of([each.word for each in near], self._exact(field_name))
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
        return Choice(tuple(plans), needed, unwanted)

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
        return Facet(ISSUED, frozenset(within))

    def _facet(self, name: str, inside: Query) -> Plan | None:
        match inside:
            case Word(text) | Phrase(text) | Pattern(text) | Fuzzy(text):
                wanted = fold(normalise(text)).replace("*", "")
                _, values = self._reader.facet(name)
                held = {value for value in values if value and wanted in fold(normalise(value))}
                return Facet(name, frozenset(held))
            case Bag(optional, required):
                plans = [self._facet(name, part) for part in optional + required]
            case All(parts) | Any(parts):
                plans = [self._facet(name, part) for part in parts]
            case _:
                return None
        return Union(tuple(plan for plan in plans if plan is not None))

    def _exact(self, field_name: str) -> str:
        return {ALL: ALL_EXACT, TITLE: TITLE_EXACT}.get(field_name, field_name)

    def _vocabulary(self, field_name: str) -> Vocabulary:
        return self._reader.vocabulary(self._exact(field_name))

    def _any_of(self, terms: list[str], field_name: str) -> Plan:
        slot = tuple((field_name, term) for term in terms)
        return Words((slot,), tuple(Weighted(field_name, term, 1.0) for term in terms))

    # --- words -------------------------------------------------------------------------------

    def _words(self, texts: list[str], field_name: str) -> Plan | None:
        slots, leaves = self._read(texts, field_name)
        if not slots:
            slots, leaves = self._read_stops(texts, field_name)
        return Words(tuple(tuple(slot.terms) for slot in slots), tuple(leaves)) if slots else None

    def _phrase(self, text: str, slop: int, field_name: str) -> Plan | None:
        slots, leaves = self._read([text], field_name)
        if not slots:
            slots, leaves = self._read_stops([text], field_name)
            parts = tuple(Words((tuple(slot.terms),), ()) for slot in slots)
            return Intersection(
                (*parts, Words(tuple(tuple(s.terms) for s in slots), tuple(leaves)))
            )
        if len(slots) == 1:
            return Words((tuple(slots[0].terms),), tuple(leaves))
        named = tuple(
            tuple(term for name, term in slot.terms if name == field_name) for slot in slots
        )
        return Sequence(field_name, named, slop, tuple(leaves))

    def _read_stops(self, texts: list[str], field_name: str) -> tuple[list[_Slot], list[Weighted]]:
        """Words that say little are looked for as written, when nothing else was typed."""
        exact = self._exact(field_name)
        slots = [
            _Slot(token.exact, token.exact, [(exact, token.exact)])
            for text in texts
            for token in analyse(text)
            if not token.is_alias and token.exact not in ARTICLES
        ]
        return slots, [Weighted(exact, slot.exact, 1.0) for slot in slots]

    def _read(self, texts: list[str], field_name: str) -> tuple[list[_Slot], list[Weighted]]:
        slots: list[_Slot] = []
        leaves: dict[Weighted, None] = {}
        for text in texts:
            self._read_text(text, field_name, slots, leaves)
        if field_name == ALL:
            self._join_neighbours(slots, leaves)
            self._split(slots, leaves)
            self.unknown |= {
                slot.typed
                for slot in slots
                if not any(self._has(name, term) for name, term in slot.terms)
                and not self._has(ALL_EXACT, slot.exact)
            }
        self._pair(slots, field_name, leaves)
        return slots, list(leaves)

    def _read_text(
        self, text: str, field_name: str, slots: list[_Slot], leaves: dict[Weighted, None]
    ) -> None:
        french = analyse(text, "fr")
        english = {(token.start, token.end, token.is_alias): token for token in analyse(text, "en")}
        follows = True
        since: list[_Slot] = []  # slots of this text, for the compounds that name them
        for token in french:
            other = english.get((token.start, token.end, token.is_alias))
            names = self._names(token, other, field_name)
            if token.is_alias:
                for slot in since[-token.width :]:
                    slot.terms += [name for name in names if name not in slot.terms]
                self._weigh(token.exact, names, field_name, leaves)
            elif token.is_stop:
                follows = False
            else:
                slot = _Slot(text[token.start : token.end], token.exact, names, token.stem)
                slot.english = other.stem if other is not None and not other.is_stop else ""
                slot.follows = follows
                follows = True
                slots.append(slot)
                since.append(slot)
                self._weigh(token.exact, names, field_name, leaves)

    def _names(self, token: Token, english: Token | None, field_name: str) -> list[Term]:
        if field_name in _WITH_EXACT_TERMS:
            return [(field_name, token.exact)]
        names = [(field_name, token.stem)]
        if english is not None and not english.is_stop and self._has(field_name, english.stem):
            names.append((field_name, english.stem))
        return names

    def _has(self, field_name: str, term: str) -> bool:
        return bool(self._reader.document_count(field_name, term))

    def _weigh(
        self, exact: str, names: list[Term], field_name: str, leaves: dict[Weighted, None]
    ) -> None:
        """Let a word count in every field where it may stand."""
        if field_name != ALL:
            leaves.update({Weighted(name, term, 1.0): None for name, term in names})
            return
        for _, term in names:
            for name in (ALL, TITLE):
                leaves[Weighted(name, term, FIELD_BY_NAME[name].weight)] = None
        for name in (ALL_EXACT, TITLE_EXACT):
            leaves[Weighted(name, exact, FIELD_BY_NAME[name].weight)] = None
        start = Weighted(ALL_STARTS, exact[:START_LETTERS], FIELD_BY_NAME[ALL_STARTS].weight)
        leaves[start] = None

    def _join_neighbours(self, slots: list[_Slot], leaves: dict[Weighted, None]) -> None:
        """ "co construction" also finds "coconstruction"."""
        for left, right in pairwise(slots):
            if not right.follows or not (left.exact.isalpha() and right.exact.isalpha()):
                continue
            name = (ALL, stem_french(left.exact + right.exact))
            if name not in left.terms and self._has(*name):
                left.terms.append(name)
                right.terms.append(name)
                leaves[Weighted(*name, FIELD_BY_NAME[ALL].weight)] = None

    def _split(self, slots: list[_Slot], leaves: dict[Weighted, None]) -> None:
        """ "coconstruction" also finds "co construction"."""
        for slot in slots:
            if len(slot.exact) < _SHORTEST_SPLIT or not slot.exact.isalpha():
                continue
            if self._has(ALL, slot.stem):
                continue
            for cut in range(2, len(slot.exact) - 3):
                left, right = slot.exact[:cut], slot.exact[cut:]
                pair = f"{stem_french(left)} {stem_french(right)}"
                if self._has(ALL_PAIRS, pair):
                    slot.terms.append((ALL_PAIRS, pair))
                    leaves[Weighted(ALL_PAIRS, pair, FIELD_BY_NAME[ALL].weight)] = None

    def _pair(self, slots: list[_Slot], field_name: str, leaves: dict[Weighted, None]) -> None:
        """Words side by side count more where they stand side by side."""
        if field_name != ALL:
            return
        for left, right in pairwise(slots):
            pairs = [f"{left.stem} {right.stem}"]
            if left.english and right.english:
                pairs.append(f"{left.english} {right.english}")
            for pair in pairs:
                for name in (ALL_PAIRS, TITLE_PAIRS):
                    leaves[Weighted(name, pair, FIELD_BY_NAME[name].weight)] = None
