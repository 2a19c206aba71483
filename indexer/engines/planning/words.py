"""Turn words as typed into slots and leaves: every name that a text may give them.

A word is found under its lemmas, French and English, joined with its neighbour, or in two parts.
What is found is ranked by its stems as well, in every field where the word may stand. A phrase is
read in every way that a text may write it: compounds apart or joined, stop words two by two.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise, product
from typing import Final

from indexer.analysis import LANGUAGES, Token, analyse, analyse_query
from indexer.analysis.chain import name_typed, read_typed_word
from indexer.analysis.chunks import SHORTEST_SPLIT, list_cuts
from indexer.analysis.inflection import list_singulars
from indexer.analysis.lexicon import STEM_MARK, name_form
from indexer.analysis.stemming import stem_french
from indexer.analysis.stopwords import ARTICLES, list_stop_forms
from indexer.engines.planning.lexicon import OVERHEAD, Lookups
from indexer.engines.planning.plan import (
    PhraseQuery,
    Plan,
    Slot,
    Term,
    Weighted,
    Words,
)
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_PAIRS,
    ALL_SEQUENCES,
    ALL_STARTS,
    ALL_STEMS,
    ALL_STOP_PAIRS,
    AUTHOR,
    BODY,
    FIELD_BY_NAME,
    START_LETTERS,
    STOP_PAIRS,
    TITLE,
    TITLE_EXACT,
    TITLE_PAIRS,
    TITLE_STEMS,
)
from indexer.search.query import Phrase, Word

ENGLISH: Final = "en"
# An article, a law: the text that bears its number comes before those that speak of the whole code.
# "2014-2016" is none.
_NUMBER_OF_LAW: Final = re.compile(r"[lrdac]\d+(?:-\d+)*|(?!\d{4}-(?:19|20)\d\d$)\d{2,4}(?:-\d+)+")
_WEIGHT_OF_NUMBER: Final = 8.0  # with 2 the article is first in 120 of 120; in few texts it is not
_MOST_READINGS: Final = 16
_WITH_EXACT_TERMS: Final = frozenset({AUTHOR, ALL_EXACT})
_WITH_FORMS: Final = frozenset({ALL, TITLE, AUTHOR})
_PAIR_WEIGHTS: Final = tuple(
    (name, FIELD_BY_NAME[name].weight) for name in (ALL_PAIRS, TITLE_PAIRS)
)


Reading = tuple[tuple[str, ...], ...]  # the terms of each word, one after the other
SmallWords = tuple[tuple[str, ...], ...]  # before the first word, between each two, after the last


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word that is looked for."""

    typed: str
    exact: str
    slot: Slot
    stem: str = ""
    english: str = ""
    follows: bool = False  # nothing at all between this word and the one before
    is_known: bool = True  # some text has it, in whatever field


@dataclass(frozen=True, slots=True)
class _Reading:
    """A reading of what was typed between two blanks, or between quotation marks."""

    words: tuple[QueryWord, ...]
    leaves: tuple[Weighted, ...]  # of compounds that name several of the words
    weighed: frozenset[Weighted]  # these leaves and those of the words


def exact_field(field_name: str) -> str:
    """Give the field that has the words of another as they were written."""
    return {ALL: ALL_EXACT, BODY: ALL_EXACT, TITLE: TITLE_EXACT}.get(field_name, field_name)


class WordReader:
    """Reads words over one state of an index; `unknown` gathers those that no text has."""

    def __init__(self, lookups: Lookups) -> None:
        """Read words by the look-ups of one state of an index."""
        self._lookups = lookups
        self.unknown: set[str] = set()

    def read_stops(
        self, texts: list[str], field_name: str
    ) -> tuple[list[QueryWord], list[Weighted]]:
        """Words that say little are looked for as written, when nothing else was typed."""
        exact = exact_field(field_name)
        tokens = [
            token
            for text in texts
            for token in analyse_query(text)
            if token.exact not in ARTICLES and (token.is_stop or not token.is_alias)
        ]
        forms = [token.exact for token in tokens if not token.is_alias]
        others = {  # "tous·tes" is "toutes" as well
            word.exact: other.exact for word, other in pairwise(tokens) if other.is_alias
        }
        words = []
        for place, form in enumerate(forms):
            leaves = () if form in forms[:place] else (Weighted(exact, form, 1.0),)
            terms = dict.fromkeys([(exact, form), (exact, others.get(form, form))])
            if field_name in _WITH_FORMS:
                names = name_form(form)
                terms |= dict.fromkeys((exact, other) for other in list_stop_forms(names))
                terms |= dict.fromkeys((field_name, name) for name in names)
            words.append(QueryWord(form, form, Slot(tuple(terms), leaves)))
        return words, []

    def read(
        self, typed: Sequence[Word], field_name: str, language: str = "fr"
    ) -> tuple[list[QueryWord], list[Weighted]]:
        """Give the words side by side, and what they add to the score together.

        Read as French, they have their English names too; read as English they have no others.
        """
        words: list[QueryWord] = []
        common: list[Weighted] = []
        weighed: set[Weighted] = set()
        follows = True
        for word in typed:
            reading = self._read_text(word.text, field_name, language, word.is_protected)
            read = reading.words
            if read and not follows:
                read = (replace(read[0], follows=False), *read[1:])
            if weighed.isdisjoint(reading.weighed):
                words += read
                common += reading.leaves
            else:  # what was typed twice counts once
                words += [_without(weighed, each) for each in read]
                common += [leaf for leaf in reading.leaves if leaf not in weighed]
            weighed |= reading.weighed
            follows = bool(read)
            if word.also and read:
                synonyms = self._read_synonyms(word.also, field_name)
                words[-len(read) :] = [_fill_too(each, synonyms) for each in words[-len(read) :]]
                common += [leaf for leaf in synonyms.leaves if leaf not in weighed]
                weighed.update(synonyms.leaves)
        if field_name == ALL and len(words) > 1:
            self._join_neighbours(words, common, weighed)
            common += self._list_pairs(words, weighed)
        if language != ENGLISH:
            self.unknown.update(
                word.typed
                for word in words
                if not word.is_known and not self._lookups.synonyms.holds(word.exact)
            )
        return words, common

    def _read_synonyms(self, also: Sequence[Word | Phrase], field_name: str) -> Slot:
        """Read what may stand in the place of a word: other words, words one after the other."""
        terms: dict[Term, None] = {}
        phrases: list[PhraseQuery] = []
        leaves: dict[Weighted, None] = {}
        for other in also:
            is_protected = isinstance(other, Word) and other.is_protected
            reading = self._read_text(other.text, field_name, "fr", is_protected)
            words = list(reading.words)
            if len(words) > 1:
                named = tuple(name_terms(word, field_name) for word in words)
                phrases.append(PhraseQuery(field_name, named, 0, Words(())))
                phrases += list_readings(words, 0, field_name, self._lookups)
                leaves.update(dict.fromkeys(_weigh_sequence(words, field_name)))
            else:
                terms.update(dict.fromkeys(term for word in words for term in word.slot.terms))
                leaves.update(dict.fromkeys(leaf for word in words for leaf in word.slot.leaves))
        return Slot(tuple(terms), tuple(leaves), tuple(phrases))

    def _read_text(
        self, text: str, field_name: str, language: str, is_protected: bool = False
    ) -> _Reading:
        key = ("words", field_name, text, language, is_protected)
        known: _Reading | None = self._lookups.find(key)
        if known is None:
            known = self._read_form(text) if field_name == ALL and language != ENGLISH else None
            if known is None:
                known = self._read_anew(text, field_name, language)
            if is_protected:
                protected = tuple(_protect(word, field_name) for word in known.words)
                known = _Reading(protected, known.leaves, known.weighed)
            self._lookups.keep(key, known, OVERHEAD * len(known.words))
        return known

    def _read_form(self, text: str) -> _Reading | None:
        """Read one word by what the index keeps of its form; None where it keeps nothing."""
        typed = read_typed_word(text)
        if typed is None:
            return None
        start, normalised, exact = typed
        known = self._lookups.read_form(exact)
        if known is None:
            return None
        stem, names, is_named, english_stem, english_names = known
        if normalised != exact:
            names = name_typed(normalised)
        stems = [stem, english_stem] if english_stem else [stem]
        terms = [(ALL, name) for name in names]
        terms += [(ALL_EXACT, form) for form in list_stop_forms(names)]
        terms += [(ALL, name) for name in english_names]
        leaves = _weigh(exact, terms, stems, ALL)
        if len(exact) >= SHORTEST_SPLIT:
            self._add_splits(find_splits(exact, self._lookups, is_known=is_named), terms, leaves)
        slot = Slot(tuple(dict.fromkeys(terms)), tuple(dict.fromkeys(leaves)))
        word = QueryWord(text[start:], exact, slot, stem, english_stem, not start)
        return _Reading((word,), (), frozenset(leaves))

    def _read_anew(self, text: str, field_name: str, language: str) -> _Reading:
        tokens = analyse_query(text, language)
        others = analyse_query(text, ENGLISH) if language != ENGLISH else ()
        if len(tokens) == 1 and len(others) < 2:  # most of what is typed between two blanks
            return self._read_single(text, tokens[0], others, field_name)
        english = {(token.start, token.end, token.is_alias): token for token in others}
        words: list[QueryWord] = []
        common: list[Weighted] = []
        weighed: set[Weighted] = set()
        follows = True
        for token in tokens:
            other = english.get((token.start, token.end, token.is_alias))
            if token.is_alias:
                names = self._names(token, other, field_name)
                words[-token.width :] = [_also(names, word) for word in words[-token.width :]]
                stems = self._list_stems(token, other)
                more = dict.fromkeys(_weigh(token.exact, names, stems, field_name))
                leaves = [leaf for leaf in more if leaf not in weighed]
                common += leaves
            elif token.is_stop:
                follows = False
                continue
            else:
                word = self._read_word(text, token, other, field_name, follows=follows)
                follows = True
                leaves = [leaf for leaf in word.slot.leaves if leaf not in weighed]
                words.append(replace(word, slot=Slot(word.slot.terms, tuple(leaves))))
            weighed.update(leaves)
        words = [replace(word, is_known=self._is_known(word)) for word in words]
        return _Reading(tuple(words), tuple(common), frozenset(weighed))

    def _read_single(
        self, text: str, token: Token, others: Sequence[Token], field_name: str
    ) -> _Reading:
        """Read what is one word; `others` are its tokens when it is read as English."""
        if token.is_stop:
            return _Reading((), (), frozenset())
        is_same = others and others[0][:2] == token[:2]
        word = self._read_word(
            text, token, others[0] if is_same else None, field_name, follows=True
        )
        if not self._is_known(word):
            word = replace(word, is_known=False)
        return _Reading((word,), (), frozenset(word.slot.leaves))

    def _read_word(
        self, text: str, token: Token, english: Token | None, field_name: str, *, follows: bool
    ) -> QueryWord:
        names = self._names(token, english, field_name)
        stems = self._list_stems(token, english)
        leaves = _weigh(token.exact, names, stems, field_name)
        if field_name == ALL:
            self._add_splits(find_splits(token.exact, self._lookups), names, leaves)
        return QueryWord(
            typed=text[token.start : token.end],
            exact=token.exact,
            slot=Slot(tuple(names), tuple(dict.fromkeys(leaves))),
            stem=token.stem,
            english="".join(stems[1:]),
            follows=follows,
        )

    def _add_splits(
        self, pairs: list[tuple[str, str]], names: list[Term], leaves: list[Weighted]
    ) -> None:
        """Have "coconstruction" find "co construction" too."""
        for pair in pairs:
            names.append((ALL_SEQUENCES, " ".join(pair)))
            stem_pair = " ".join(stem_french(name.lstrip(STEM_MARK)) for name in pair)
            leaves.append(Weighted(ALL_PAIRS, stem_pair, FIELD_BY_NAME[ALL_STEMS].weight))

    def _names(self, token: Token, english: Token | None, field_name: str) -> list[Term]:
        if field_name in _WITH_EXACT_TERMS:
            return [(field_name, token.exact)]
        names = dict.fromkeys((field_name, name) for name in token.names)
        if field_name in _WITH_FORMS:
            exact = exact_field(field_name)
            names |= dict.fromkeys((exact, form) for form in list_stop_forms(token.names))
        if english is not None:
            others = (name for name in english.names if self._has(field_name, name))
            names |= dict.fromkeys((field_name, name) for name in others)
        return list(names)

    def _list_stems(self, token: Token, english: Token | None) -> list[str]:
        """Give the French stem of a word, and the English one where some text has it."""
        if english is None or english.is_stop or english.stem == token.stem:
            return [token.stem]
        if not self._has(ALL_STEMS, english.stem):
            return [token.stem]
        return [token.stem, english.stem]

    def _has(self, field_name: str, term: str) -> bool:
        if field_name == ALL_SEQUENCES:  # looked for only where some text has it
            return True
        held_in = ALL if field_name == BODY else field_name
        return bool(self._lookups.count(held_in, term))

    def _is_known(self, word: QueryWord) -> bool:
        """Tell whether some text has a word: then it is no mistake, in whatever field it is sought.

        What no dictionary has, and no text as it is typed or in its other number, is one, though
        its stem may be another unknown word's.
        """
        if all(term.startswith(STEM_MARK) for _, term in word.slot.terms):
            numbers = (word.exact, f"{word.exact}s", *list_singulars(word.exact))
            return any(self._has(ALL_EXACT, form) for form in numbers)
        return (
            any(self._has(name, term) for name, term in word.slot.terms)
            or self._has(ALL_EXACT, word.exact)
            or any(self._has(ALL, name) for name in name_form(word.exact))
        )

    def _join_neighbours(
        self, words: list[QueryWord], common: list[Weighted], weighed: set[Weighted]
    ) -> None:
        """Have "co construction" find "coconstruction" too."""
        for place in range(len(words) - 1):
            left, right = words[place], words[place + 1]
            if not right.follows or not (left.exact.isalpha() and right.exact.isalpha()):
                continue
            joined = left.exact + right.exact
            names = [(ALL, name) for name in name_form(joined) if self._has(ALL, name)]
            if not set(names) - set(left.slot.terms):
                continue
            words[place], words[place + 1] = _also(names, left), _also(names, right)
            leaf = Weighted(ALL_STEMS, stem_french(joined), FIELD_BY_NAME[ALL_STEMS].weight)
            if leaf not in weighed:
                weighed.add(leaf)
                common.append(leaf)

    def _list_pairs(self, words: list[QueryWord], weighed: set[Weighted]) -> list[Weighted]:
        """Words side by side count more where they stand side by side."""
        leaves = []
        for left, right in pairwise(words):
            pairs = [f"{left.stem} {right.stem}"]
            if left.english and right.english:
                pairs.append(f"{left.english} {right.english}")
            for pair in pairs:
                if self._lookups.count(ALL_PAIRS, pair):
                    leaves += [Weighted(name, pair, weight) for name, weight in _PAIR_WEIGHTS]
        return [leaf for leaf in dict.fromkeys(leaves) if leaf not in weighed]


def _also(names: list[Term], word: QueryWord) -> QueryWord:
    """Give the word under more names."""
    more = tuple(name for name in names if name not in word.slot.terms)
    return replace(word, slot=replace(word.slot, terms=word.slot.terms + more), is_known=True)


def _fill_too(word: QueryWord, synonyms: Slot) -> QueryWord:
    """Give the word, found as well where its synonyms are."""
    terms = dict.fromkeys((*word.slot.terms, *synonyms.terms))
    slot = replace(word.slot, terms=tuple(terms), phrases=synonyms.phrases)
    return replace(word, slot=slot, is_known=True)


def _protect(word: QueryWord, field_name: str) -> QueryWord:
    """Give the word under its form alone, in the fields that have forms as they were written."""
    if field_name not in _WITH_FORMS:
        return replace(word, is_known=True)
    terms = ((exact_field(field_name), word.exact),)
    return replace(word, slot=replace(word.slot, terms=terms), is_known=True)


def _without(weighed: set[Weighted], word: QueryWord) -> QueryWord:
    """Give the word, adding nothing that is added already."""
    leaves = tuple(leaf for leaf in word.slot.leaves if leaf not in weighed)
    return replace(word, slot=replace(word.slot, leaves=leaves))


# The fields where a form, and what it begins with, count; and those where its stems do.
_FORM_WEIGHTS: Final = tuple(
    (name, FIELD_BY_NAME[name].weight) for name in (ALL_EXACT, TITLE_EXACT)
)
_STEM_WEIGHTS: Final = tuple(
    (name, FIELD_BY_NAME[name].weight) for name in (ALL_STEMS, TITLE_STEMS)
)
_NAME_WEIGHTS: Final = tuple(
    (name, weight) for name in (ALL, TITLE) if (weight := FIELD_BY_NAME[name].weight)
)
_START_WEIGHT: Final = FIELD_BY_NAME[ALL_STARTS].weight


def _weigh(exact: str, names: list[Term], stems: list[str], field_name: str) -> list[Weighted]:
    """Let a word count in every field where it may stand: its names, its stems, as written."""
    if field_name != ALL:
        return [Weighted(ALL if name == BODY else name, term, 1.0) for name, term in names]
    leaves = [Weighted(name, term, each) for name, each in _NAME_WEIGHTS for _, term in names]
    leaves += [Weighted(name, stem, each) for stem in stems for name, each in _STEM_WEIGHTS]
    leaves += [Weighted(name, exact, each) for name, each in _FORM_WEIGHTS]
    if _NUMBER_OF_LAW.fullmatch(exact):
        leaves.append(Weighted(TITLE, exact, _WEIGHT_OF_NUMBER))
    leaves.append(Weighted(ALL_STARTS, exact[:START_LETTERS], _START_WEIGHT))
    return leaves


def _weigh_sequence(words: list[QueryWord], field_name: str) -> Iterator[Weighted]:
    """Let words one after the other count together as one word does."""
    if field_name != ALL:
        yield from (leaf for word in words for leaf in word.slot.leaves)
        return
    weight = FIELD_BY_NAME[ALL_STEMS].weight / (len(words) - 1)
    for left, right in pairwise(words):
        yield Weighted(ALL_PAIRS, f"{left.stem} {right.stem}", weight)


# --- phrases


def list_readings(
    words: list[QueryWord],
    slop: int,
    field_name: str,
    lookups: Lookups,
    small_words: SmallWords = (),
) -> list[PhraseQuery]:
    """Give the other ways to write the words of a phrase that some text has, as sequences."""
    held_in = ALL if field_name == BODY else field_name
    plain = tuple(name_terms(word, field_name) for word in words)
    between = small_words or ((),) * (len(words) + 1)
    readings = islice(_read(words, between, field_name, held_in, lookups), _MOST_READINGS)
    return [
        PhraseQuery(
            field_name,
            reading,
            slop,
            Words((), tuple(Weighted(held_in, term, 1.0) for (term, *_) in reading)),
            small if any(small) else (),
        )
        for reading, small in readings
        if reading != plain
    ]


def is_read_otherwise(text: str) -> bool:
    """Whether other words of a text say little when it is read as English: "clears the tracks"."""
    french, english = (
        [(token.start, token.end, token.is_stop) for token in analyse_query(text, language)]
        for language in LANGUAGES
    )
    return french != english


def read_stop_phrase(text: str, field_name: str) -> Plan | None:
    """Plan a phrase of words that say little, two by two.

    None when there is but one, or in a field that keeps all its words side by side.
    """
    if field_name not in STOP_PAIRS:
        return None
    forms = tuple(token.exact for token in analyse(text) if not token.is_alias)
    pairs = list(dict.fromkeys(f"{left} {right}" for left, right in pairwise(forms)))
    if not pairs:
        return None
    words = Words(
        tuple(
            Slot(((STOP_PAIRS[field_name], pair),), (Weighted(ALL_STOP_PAIRS, pair, 1.0),))
            for pair in pairs
        )
    )
    return words if len(forms) == 2 else PhraseQuery(field_name, (), 0, words, (forms,))


def name_terms(word: QueryWord, field_name: str) -> tuple[str, ...]:
    """Give the terms of a word in one field."""
    return tuple(term for name, term in word.slot.terms if name == field_name)


def _read(
    words: list[QueryWord], small: SmallWords, field_name: str, held_in: str, lookups: Lookups
) -> Iterator[tuple[Reading, SmallWords]]:
    """Every reading of the words from the first on: as it is, joined with the next, in two.

    Each comes with the small words before each of its words, and after the last.
    """
    if not words:
        yield (), small
        return
    first, rest = words[0], words[1:]
    heads: list[tuple[Reading, list[QueryWord]]] = [((name_terms(first, field_name),), rest)]
    if rest and rest[0].follows:
        names = name_form(first.exact + rest[0].exact)
        joined = tuple(name for name in names if lookups.count(held_in, name))
        if joined:
            heads.append(((joined,), rest[1:]))
    heads += [(((left,), (right,)), rest) for left, right in find_splits(first.exact, lookups)]
    for head, others in heads:
        before = (small[0], *((),) * (len(head) - 1))
        left = small[len(words) - len(others) :]
        for tail, after in _read(others, left, field_name, held_in, lookups):
            yield head + tail, before + after


# --- words in two parts


def find_splits(
    word: str, lookups: Lookups, *, is_known: bool | None = None
) -> list[tuple[str, str]]:
    """Give the names of both words, in every way that a folded word may be cut.

    `is_known` says whether some text has a name of the whole, where that is known already.
    """
    if len(word) < SHORTEST_SPLIT:
        return []
    key = ("splits", word)
    known: list[tuple[str, str]] | None = lookups.find(key)
    if known is None:
        if is_known is None:
            is_known = any(lookups.count(ALL, name) for name in name_form(word))
        pairs = [
            pair
            for left, right in list_cuts(word, is_known=is_known)
            if (lefts := _list_held(left, lookups))  # most of what is cut off is no word
            for pair in product(lefts, _list_held(right, lookups))
        ]
        known = [pair for pair in pairs if lookups.count(ALL_SEQUENCES, " ".join(pair))]
        lookups.keep(key, known)
    return known


def _list_held(form: str, lookups: Lookups) -> list[str]:
    """Give the names of a folded form that some text has."""
    return [name for name in name_form(form) if lookups.count(ALL, name)]
