"""Read a phrase in every way that a text may write it: compounds apart or joined, words that say
little taken two by two.
"""

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Final

from indexer.analysis import analyse
from indexer.analysis.stemming import stem_french
from indexer.engines.plan import Intersection, Plan, Sequence, Weighted, Words
from indexer.engines.postings import PostingsReader
from indexer.engines.words import SHORTEST_SPLIT, Slot
from indexer.index.fields import ALL, ALL_PAIRS, ALL_STOP_PAIRS, BODY, FIELD_BY_NAME

_MOST_READINGS: Final = 16

Reading = tuple[tuple[str, ...], ...]  # the terms of each word, one after the other


def list_readings(
    slots: list[Slot], slop: int, field_name: str, reader: PostingsReader
) -> list[Sequence]:
    """The other ways to write the words of a phrase that some text has, as sequences."""
    held_in = ALL if field_name == BODY else field_name
    weight = FIELD_BY_NAME[ALL].weight if field_name == ALL else 1.0
    plain = tuple(_name(slot, field_name) for slot in slots)
    readings = islice(_read(slots, field_name, held_in, reader), _MOST_READINGS)
    return [
        Sequence(
            field_name,
            reading,
            slop,
            tuple(Weighted(held_in, term, weight) for (term, *_) in reading),
        )
        for reading in readings
        if reading != plain
    ]


def read_stop_phrase(text: str) -> Plan | None:
    """A phrase of words that say little, two by two; None when there is but one."""
    forms = [token.exact for token in analyse(text) if not token.is_alias]
    pairs = list(dict.fromkeys(f"{left} {right}" for left, right in pairwise(forms)))
    if not pairs:
        return None
    return Intersection(
        tuple(
            Words((((ALL_STOP_PAIRS, pair),),), (Weighted(ALL_STOP_PAIRS, pair, 1.0),))
            for pair in pairs
        )
    )


def _name(slot: Slot, field_name: str) -> tuple[str, ...]:
    return tuple(term for name, term in slot.terms if name == field_name)


def _read(
    slots: list[Slot], field_name: str, held_in: str, reader: PostingsReader
) -> Iterator[Reading]:
    """Every reading of the words from the first on: as it is, joined with the next, in two."""
    if not slots:
        yield ()
        return
    first, rest = slots[0], slots[1:]
    heads: list[tuple[Reading, list[Slot]]] = [((_name(first, field_name),), rest)]
    if rest and rest[0].follows:
        joined = stem_french(first.exact + rest[0].exact)
        if reader.document_count(held_in, joined):
            heads.append((((joined,),), rest[1:]))
    heads += [(((left,), (right,)), rest) for left, right in _split(first.exact, reader)]
    for head, others in heads:
        for tail in _read(others, field_name, held_in, reader):
            yield head + tail


def _split(word: str, reader: PostingsReader) -> Iterator[tuple[str, str]]:
    """The two stems that a word is joined of, where some text has them side by side."""
    if len(word) < SHORTEST_SPLIT or not word.isalpha():
        return
    for cut in range(2, len(word) - 3):
        left, right = stem_french(word[:cut]), stem_french(word[cut:])
        if reader.document_count(ALL_PAIRS, f"{left} {right}"):
            yield left, right
