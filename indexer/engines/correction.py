"""Guess what was meant by a word that no text has: one of the corpus's own words, near it.

Among the nearest words the one that stands beside the other words of the query somewhere is
preferred, then the one that stands with all of them in some text, then the most frequent.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from indexer.analysis import Token, analyse, fold
from indexer.analysis.lexicon import is_word, name_form
from indexer.analysis.stemming import stem_french
from indexer.engines.matching import intersect
from indexer.engines.postings import PostingsReader
from indexer.engines.vocabulary import NearWord
from indexer.index.fields import ALL_EXACT, ALL_PAIRS, ALL_STEMS, AUTHOR, TITLE_EXACT
from indexer.search.query import All, Any, Bag, Fuzzy, In, Pattern, Phrase, Query, Word

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
