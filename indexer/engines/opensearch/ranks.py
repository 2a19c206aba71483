"""Give each text a number in the bibliography's order, so that few change when the order does."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

SPACING: Final = 1 << 32  # between two texts of a new index: 32 may come between, one by one


def place_between(order: Sequence[str], ranks: Mapping[str, int]) -> dict[str, int]:
    """Give ranks to the texts of an order that have none, or one that is out of it.

    As many texts as can keep the rank that they have. Where two that stay leave too little room
    between them, all get new ranks.

    >>> place_between(["a", "new", "b"], {"a": 10, "b": 20})
    {'new': 15}
    >>> place_between(["b", "c", "a"], {"a": 10, "b": 20, "c": 30})
    {'a': 4294967326}
    """
    kept = find_longest_ascending([(key, ranks[key]) for key in order if key in ranks])
    placed: dict[str, int] = {}
    stops = [-1, *(place for place, key in enumerate(order) if key in kept), len(order)]
    for before, after in pairwise(stops):
        count = after - before - 1
        low = ranks[order[before]] if before >= 0 else None
        high = ranks[order[after]] if after < len(order) else None
        if low is None:
            low = (high or 0) - SPACING * (count + 1)
        step = SPACING if high is None else (high - low) // (count + 1)
        if not step:
            return {key: SPACING * number for number, key in enumerate(order, 1)}
        for number in range(1, count + 1):
            placed[order[before + number]] = low + step * number
    return placed


def find_longest_ascending(ranked: Sequence[tuple[str, int]]) -> frozenset[str]:
    """Find a longest part of a sequence whose numbers go up.

    >>> sorted(find_longest_ascending([("a", 3), ("b", 1), ("c", 2), ("d", 4)]))
    ['b', 'c', 'd']
    """
    tails: list[int] = []  # the least last number of the parts of each length
    at: list[int] = []  # whose it is
    before: list[int] = []
    for place, (_, number) in enumerate(ranked):
        length = bisect_left(tails, number)
        before.append(at[length - 1] if length else -1)
        tails[length : length + 1] = [number]
        at[length : length + 1] = [place]
    kept = []
    place = at[-1] if at else -1
    while place >= 0:
        kept.append(ranked[place][0])
        place = before[place]
    return frozenset(kept)
