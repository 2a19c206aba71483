"""Turn words as typed into groups of terms: every name that a text may give them.

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
    BagOfTerms,
    PhraseQuery,
    Plan,
    ScoringTerm,
    Term,
    TermGroup,
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
    IDENTIFIER,
    START_LETTERS,
    STOP_PAIRS,
    TITLE,
    TITLE_EXACT,
    TITLE_PAIRS,
    TITLE_STEMS,
)
from indexer.index.postings import code_name
from indexer.search.query import Phrase, Word
from indexer.urls import read_text_names, trim_name

ENGLISH: Final = "en"
# An article, a law: the text that bears its number comes before those that speak of the whole code.
# "2014-2016" is none.
_NUMBER_OF_LAW: Final = re.compile(r"[lrdac]\d+(?:-\d+)*|(?!\d{4}-(?:19|20)\d\d$)\d{2,4}(?:-\d+)+")
_WEIGHT_OF_NUMBER: Final = 8.0  # with 2 the article is first in 120 of 120; in few texts it is not
_WEIGHT_OF_IDENTIFIER: Final = 40.0  # the text that bears it comes before those that cite it
_BEFORE_NUMBER: Final = re.compile(
    r"^(?:https?://)?(?:www\.)?(?:ISBN(?:[- ]?1[03])?\s*[:=]?\s*)?", re.IGNORECASE
)
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
    group: TermGroup
    stem: str = ""
    english: str = ""
    follows: bool = False  # nothing at all between this word and the one before
    is_known: bool = True  # some text has it, in whatever field


@dataclass(frozen=True, slots=True)
class _Reading:
    """A reading of what was typed between two blanks, or between quotation marks."""

    words: tuple[QueryWord, ...]
    scoring: tuple[ScoringTerm, ...]  # of compounds that name several of the words
    scored: frozenset[ScoringTerm]  # with those of the words


def list_text_names(text: str, lookups: Lookups) -> tuple[str, ...]:
    """List the names of one text that something typed is; none where it is words."""
    names, is_sure = read_text_names(text)
    if is_sure or any(lookups.count(IDENTIFIER, code_name(name)) for name in names):
        return names
    return ()


def find_written(text: str, name: str) -> str:
    """Find what a text may write of a name that was typed: a number, an address less its scheme."""
    scheme, _, number = name.partition(" ")
    bare = trim_name(text)
    if scheme in ("url", "isbn"):
        return _BEFORE_NUMBER.sub("", bare)
    return number


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
    ) -> tuple[list[QueryWord], list[ScoringTerm]]:
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
            scoring = () if form in forms[:place] else (ScoringTerm(exact, form, 1.0),)
            terms = dict.fromkeys([(exact, form), (exact, others.get(form, form))])
            if field_name in _WITH_FORMS:
                names = name_form(form)
                terms |= dict.fromkeys((exact, other) for other in list_stop_forms(names))
                terms |= dict.fromkeys((field_name, name) for name in names)
            words.append(QueryWord(form, form, TermGroup(tuple(terms), scoring)))
        return words, []

    def read(
        self, typed: Sequence[Word], field_name: str, language: str = "fr"
    ) -> tuple[list[QueryWord], list[ScoringTerm]]:
        """Give the words side by side, and what they add to the score together.

        Read as French, they have their English names too; read as English they have no others.
        """
        words: list[QueryWord] = []
        common: list[ScoringTerm] = []
        scored: set[ScoringTerm] = set()
        follows = True
        for word in typed:
            reading = self._read_text(word.text, field_name, language, word.is_protected)
            read = reading.words
            if read and not follows:
                read = (replace(read[0], follows=False), *read[1:])
            if scored.isdisjoint(reading.scored):
                words += read
                common += reading.scoring
            else:  # what was typed twice counts once
                words += [_drop_scored(scored, each) for each in read]
                common += [term for term in reading.scoring if term not in scored]
            scored |= reading.scored
            follows = bool(read)
            if word.also and read:
                synonyms = self._read_synonyms(word.also, field_name)
                words[-len(read) :] = [
                    _add_synonyms(each, synonyms) for each in words[-len(read) :]
                ]
                common += [term for term in synonyms.scoring if term not in scored]
                scored.update(synonyms.scoring)
        if field_name == ALL and len(words) > 1:
            self._join_neighbours(words, common, scored)
            common += self._list_pairs(words, scored)
        if language != ENGLISH:
            self.unknown.update(
                word.typed
                for word in words
                if not word.is_known and not self._lookups.synonyms.holds(word.exact)
            )
        return words, common

    def _read_synonyms(self, also: Sequence[Word | Phrase], field_name: str) -> TermGroup:
        """Read what may stand in the place of a word: other words, words one after the other."""
        terms: dict[Term, None] = {}
        phrases: list[PhraseQuery] = []
        scoring: dict[ScoringTerm, None] = {}
        for other in also:
            is_protected = isinstance(other, Word) and other.is_protected
            reading = self._read_text(other.text, field_name, "fr", is_protected)
            words = list(reading.words)
            if len(words) > 1:
                named = tuple(name_terms(word, field_name) for word in words)
                phrases.append(PhraseQuery(field_name, named, 0, BagOfTerms(())))
                phrases += list_readings(words, 0, field_name, self._lookups)
                scoring.update(dict.fromkeys(_weigh_sequence(words, field_name)))
            else:
                terms.update(dict.fromkeys(term for word in words for term in word.group.terms))
                scoring.update(dict.fromkeys(term for word in words for term in word.group.scoring))
        return TermGroup(tuple(terms), tuple(scoring), tuple(phrases))

    def _read_text(
        self, text: str, field_name: str, language: str, is_protected: bool = False
    ) -> _Reading:
        key = ("words", field_name, text, language, is_protected)
        known: _Reading | None = self._lookups.find(key)
        if known is None and field_name == ALL:
            known = self._read_identifier(text)
        if known is None:
            known = self._read_form(text) if field_name == ALL and language != ENGLISH else None
            if known is None:
                known = self._read_anew(text, field_name, language)
            if is_protected:
                protected = tuple(_keep_form_only(word, field_name) for word in known.words)
                known = _Reading(protected, known.scoring, known.scored)
            self._lookups.keep(key, known, OVERHEAD * len(known.words))
        return known

    def _read_identifier(self, text: str) -> _Reading | None:
        """Read what names one text: that text, and those that write it; None of words.

        What may be words as well is a name where some text bears it.
        """
        names = list_text_names(text, self._lookups)
        if not names:
            return None
        terms = tuple((IDENTIFIER, code_name(name)) for name in names)
        scoring = tuple(ScoringTerm(*term, _WEIGHT_OF_IDENTIFIER) for term in terms)
        written = self._read_anew(find_written(text, names[0]), ALL, "fr").words
        row = tuple(name_terms(word, ALL) for word in written)
        phrases = (PhraseQuery(ALL, row, 0, BagOfTerms(())),) if len(row) > 1 else ()
        more = tuple((ALL, term) for term in row[0]) if len(row) == 1 else ()
        word = QueryWord(text, text, TermGroup(terms + more, scoring, phrases))
        return _Reading((word,), (), frozenset(scoring))

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
        scoring = _weigh(exact, terms, stems, ALL)
        if len(exact) >= SHORTEST_SPLIT:
            self._add_splits(find_splits(exact, self._lookups, is_known=is_named), terms, scoring)
        group = TermGroup(tuple(dict.fromkeys(terms)), tuple(dict.fromkeys(scoring)))
        word = QueryWord(text[start:], exact, group, stem, english_stem, not start)
        return _Reading((word,), (), frozenset(scoring))

    def _read_anew(self, text: str, field_name: str, language: str) -> _Reading:
        tokens = analyse_query(text, language)
        others = analyse_query(text, ENGLISH) if language != ENGLISH else ()
        if len(tokens) == 1 and len(others) < 2:  # most of what is typed between two blanks
            return self._read_single(text, tokens[0], others, field_name)
        english = {(token.start, token.end, token.is_alias): token for token in others}
        words: list[QueryWord] = []
        common: list[ScoringTerm] = []
        scored: set[ScoringTerm] = set()
        follows = True
        for token in tokens:
            other = english.get((token.start, token.end, token.is_alias))
            if token.is_alias:
                names = self._names(token, other, field_name)
                words[-token.width :] = [_add_names(names, word) for word in words[-token.width :]]
                stems = self._list_stems(token, other)
                more = dict.fromkeys(_weigh(token.exact, names, stems, field_name))
                scoring = [term for term in more if term not in scored]
                common += scoring
            elif token.is_stop:
                follows = False
                continue
            else:
                word = self._read_word(text, token, other, field_name, follows=follows)
                follows = True
                scoring = [term for term in word.group.scoring if term not in scored]
                words.append(replace(word, group=TermGroup(word.group.terms, tuple(scoring))))
            scored.update(scoring)
        words = [replace(word, is_known=self._is_known(word)) for word in words]
        return _Reading(tuple(words), tuple(common), frozenset(scored))

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
        return _Reading((word,), (), frozenset(word.group.scoring))

    def _read_word(
        self, text: str, token: Token, english: Token | None, field_name: str, *, follows: bool
    ) -> QueryWord:
        names = self._names(token, english, field_name)
        stems = self._list_stems(token, english)
        scoring = _weigh(token.exact, names, stems, field_name)
        if field_name == ALL:
            self._add_splits(find_splits(token.exact, self._lookups), names, scoring)
        return QueryWord(
            typed=text[token.start : token.end],
            exact=token.exact,
            group=TermGroup(tuple(names), tuple(dict.fromkeys(scoring))),
            stem=token.stem,
            english="".join(stems[1:]),
            follows=follows,
        )

    def _add_splits(
        self, pairs: list[tuple[str, str]], names: list[Term], scoring: list[ScoringTerm]
    ) -> None:
        """Have "coconstruction" find "co construction" too."""
        for pair in pairs:
            names.append((ALL_SEQUENCES, " ".join(pair)))
            stem_pair = " ".join(stem_french(name.lstrip(STEM_MARK)) for name in pair)
            scoring.append(ScoringTerm(ALL_PAIRS, stem_pair, FIELD_BY_NAME[ALL_STEMS].weight))

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
        if all(term.startswith(STEM_MARK) for _, term in word.group.terms):
            numbers = (word.exact, f"{word.exact}s", *list_singulars(word.exact))
            return any(self._has(ALL_EXACT, form) for form in numbers)
        return (
            any(self._has(name, term) for name, term in word.group.terms)
            or self._has(ALL_EXACT, word.exact)
            or any(self._has(ALL, name) for name in name_form(word.exact))
        )

    def _join_neighbours(
        self, words: list[QueryWord], common: list[ScoringTerm], scored: set[ScoringTerm]
    ) -> None:
        """Have "co construction" find "coconstruction" too."""
        for place in range(len(words) - 1):
            left, right = words[place], words[place + 1]
            if not right.follows or not (left.exact.isalpha() and right.exact.isalpha()):
                continue
            joined = left.exact + right.exact
            names = [(ALL, name) for name in name_form(joined) if self._has(ALL, name)]
            if not set(names) - set(left.group.terms):
                continue
            words[place], words[place + 1] = _add_names(names, left), _add_names(names, right)
            term = ScoringTerm(ALL_STEMS, stem_french(joined), FIELD_BY_NAME[ALL_STEMS].weight)
            if term not in scored:
                scored.add(term)
                common.append(term)

    def _list_pairs(self, words: list[QueryWord], scored: set[ScoringTerm]) -> list[ScoringTerm]:
        """Words side by side count more where they stand side by side."""
        scoring = []
        for left, right in pairwise(words):
            pairs = [f"{left.stem} {right.stem}"]
            if left.english and right.english:
                pairs.append(f"{left.english} {right.english}")
            for pair in pairs:
                if self._lookups.count(ALL_PAIRS, pair):
                    scoring += [ScoringTerm(name, pair, weight) for name, weight in _PAIR_WEIGHTS]
        return [term for term in dict.fromkeys(scoring) if term not in scored]


def _add_names(names: list[Term], word: QueryWord) -> QueryWord:
    """Give the word under more names."""
    more = tuple(name for name in names if name not in word.group.terms)
    return replace(word, group=replace(word.group, terms=word.group.terms + more), is_known=True)


def _add_synonyms(word: QueryWord, synonyms: TermGroup) -> QueryWord:
    """Give the word, found as well where its synonyms are."""
    terms = dict.fromkeys((*word.group.terms, *synonyms.terms))
    group = replace(word.group, terms=tuple(terms), phrases=synonyms.phrases)
    return replace(word, group=group, is_known=True)


def _keep_form_only(word: QueryWord, field_name: str) -> QueryWord:
    """Give the word under its form alone, in the fields that have forms as they were written."""
    if field_name not in _WITH_FORMS:
        return replace(word, is_known=True)
    terms = ((exact_field(field_name), word.exact),)
    return replace(word, group=replace(word.group, terms=terms), is_known=True)


def _drop_scored(scored: set[ScoringTerm], word: QueryWord) -> QueryWord:
    """Give the word, adding nothing that is added already."""
    scoring = tuple(term for term in word.group.scoring if term not in scored)
    return replace(word, group=replace(word.group, scoring=scoring))


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


def _weigh(exact: str, names: list[Term], stems: list[str], field_name: str) -> list[ScoringTerm]:
    """Let a word count in every field where it may stand: its names, its stems, as written."""
    if field_name != ALL:
        return [ScoringTerm(ALL if name == BODY else name, term, 1.0) for name, term in names]
    scoring = [ScoringTerm(name, term, each) for name, each in _NAME_WEIGHTS for _, term in names]
    scoring += [ScoringTerm(name, stem, each) for stem in stems for name, each in _STEM_WEIGHTS]
    scoring += [ScoringTerm(name, exact, each) for name, each in _FORM_WEIGHTS]
    if _NUMBER_OF_LAW.fullmatch(exact):
        scoring.append(ScoringTerm(TITLE, exact, _WEIGHT_OF_NUMBER))
    scoring.append(ScoringTerm(ALL_STARTS, exact[:START_LETTERS], _START_WEIGHT))
    return scoring


def _weigh_sequence(words: list[QueryWord], field_name: str) -> Iterator[ScoringTerm]:
    """Let words one after the other count together as one word does."""
    if field_name != ALL:
        yield from (term for word in words for term in word.group.scoring)
        return
    weight = FIELD_BY_NAME[ALL_STEMS].weight / (len(words) - 1)
    for left, right in pairwise(words):
        yield ScoringTerm(ALL_PAIRS, f"{left.stem} {right.stem}", weight)


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
            BagOfTerms((), tuple(ScoringTerm(held_in, term, 1.0) for (term, *_) in reading)),
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
    words = BagOfTerms(
        tuple(
            TermGroup(((STOP_PAIRS[field_name], pair),), (ScoringTerm(ALL_STOP_PAIRS, pair, 1.0),))
            for pair in pairs
        )
    )
    return words if len(forms) == 2 else PhraseQuery(field_name, (), 0, words, (forms,))


def name_terms(word: QueryWord, field_name: str) -> tuple[str, ...]:
    """Give the terms of a word in one field."""
    return tuple(term for name, term in word.group.terms if name == field_name)


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
