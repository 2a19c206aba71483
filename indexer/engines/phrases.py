"""Read a phrase in every way that a text may write it: compounds apart or joined, words that say
little taken two by two.
"""

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Final

from indexer.analysis import LANGUAGES, analyse, analyse_query
from indexer.analysis.lexicon import name_form
from indexer.engines.plan import Intersection, PhraseQuery, Plan, Slot, Weighted, Words
from indexer.engines.postings import PostingsReader
from indexer.engines.splits import find_splits
from indexer.engines.words import QueryWord
from indexer.index.fields import ALL, ALL_STOP_PAIRS, BODY, STOP_PAIRS

_MOST_READINGS: Final = 16

Reading = tuple[tuple[str, ...], ...]  # the terms of each word, one after the other


def list_readings(
    words: list[QueryWord], slop: int, field_name: str, reader: PostingsReader
) -> list[PhraseQuery]:
    """The other ways to write the words of a phrase that some text has, as sequences."""
    held_in = ALL if field_name == BODY else field_name
    plain = tuple(name_terms(word, field_name) for word in words)
    readings = islice(_read(words, field_name, held_in, reader), _MOST_READINGS)
    return [
        PhraseQuery(
            field_name,
            reading,
            slop,
            Words((), tuple(Weighted(held_in, term, 1.0) for (term, *_) in reading)),
        )
        for reading in readings
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
    """A phrase of words that say little, two by two; None when there is but one, or in a field
    that keeps all its words side by side.
    """
    if field_name not in STOP_PAIRS:
        return None
    forms = [token.exact for token in analyse(text) if not token.is_alias]
    pairs = list(dict.fromkeys(f"{left} {right}" for left, right in pairwise(forms)))
    if not pairs:
        return None
    return Intersection(
        tuple(
            Words(
                (Slot(((STOP_PAIRS[field_name], pair),), (Weighted(ALL_STOP_PAIRS, pair, 1.0),)),)
            )
            for pair in pairs
        )
    )


def name_terms(word: QueryWord, field_name: str) -> tuple[str, ...]:
    """The terms of a word in one field."""
    return tuple(term for name, term in word.slot.terms if name == field_name)


def _read(
    words: list[QueryWord], field_name: str, held_in: str, reader: PostingsReader
) -> Iterator[Reading]:
    """Every reading of the words from the first on: as it is, joined with the next, in two."""
    if not words:
        yield ()
        return
    first, rest = words[0], words[1:]
    heads: list[tuple[Reading, list[QueryWord]]] = [((name_terms(first, field_name),), rest)]
    if rest and rest[0].follows:
        names = name_form(first.exact + rest[0].exact)
        joined = tuple(name for name in names if reader.document_count(held_in, name))
        if joined:
            heads.append(((joined,), rest[1:]))
    heads += [(((left,), (right,)), rest) for left, right in find_splits(first.exact, reader)]
    for head, others in heads:
        for tail in _read(others, field_name, held_in, reader):
            yield head + tail
