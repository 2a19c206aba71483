"""Weigh the blocks of a page that is no article: a shop's, a list, a forum, a service.

Readers of articles look for one column of sentences, and miss what such pages consist of: cards,
tables, messages, panels. Here every block gets a probability of being text, by a sum of weights
(a logistic regression over `traits`), and then the mean of those of its like. Blocks are taken as
long as the expected F1 grows. That reading is believed only where it promises more than what was
chosen among the readers.

The weights were fitted by `benchmarks.extract.fitting`; see docs/decisions/0060-extraction.md.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from math import exp
from types import MappingProxyType
from typing import Final

from indexer.extract.blocks import PageBlock
from indexer.extract.choice import (
    HALF,
    Chosen,
    Readings,
    drop_repeats,
    is_pointer,
    is_run_together,
)
from indexer.extract.readers import Reading, key_of
from indexer.extract.traits import Traits, likeness, list_traits

MAX_BLOCKS: Final = 5_000  # of a page that is weighed; the largest met has 2,700
PROMISED: Final = 0.04  # of expected F1, more than what was chosen
INTERCEPT: Final = -1.79
# Trait -> (from which value on, what that adds), each step on top of those before.
WEIGHTS: Final[Mapping[str, tuple[tuple[float, float], ...]]] = MappingProxyType(
    {
        "in_base": ((0.5, 1.03),),
        "in_wide": ((0.5, 0.95),),
        "like_base": ((0.04, 0.48), (0.98, -0.65)),
        "like_wide": ((0.04, 0.47), (0.98, -0.93)),
        "parent_wide": ((0.5, -0.42), (0.98, 1.05)),
        "grandparent_base": ((0.5, -0.44), (0.98, 0.71)),
        "around_base": ((0.01, 0.27),),
        "ends_sentence": ((0.5, 0.52),),
        "heading": ((0.5, 0.74),),
        "item": ((0.5, 0.25),),
        "row": ((0.5, 0.73),),
        "quote": ((0.5, 0.54),),
        "in_control": ((0.5, -0.93),),
        "in_nav": ((0.5, -0.63),),
        "in_header": ((0.5, -0.75),),
        "in_footer": ((0.5, -2.11),),
        "in_aside": ((0.5, -0.76),),
        "in_form": ((0.5, -0.50),),
        "in_article": ((0.5, 0.74),),
        "shell_names": ((1, -0.42), (3, -1.09)),
        "byline_name": ((0.5, -0.73),),
        "review_name": ((0.5, -0.93),),
        "shop_name": ((0.5, -0.56),),
        "cards": ((3, 0.36),),
        "cards_words": ((0.04, 0.28), (0.3, -0.22)),
        "below_elsewhere": ((0.5, -0.49),),
        "place": ((0.1, 0.38), (0.5, -0.25), (0.83, -0.77)),
        "before_base": ((0.5, -0.48),),
        "after_base": ((0.5, 0.43),),
        "page_wide": ((0.15, -0.46), (0.33, -0.41), (0.5, 0.45), (0.7, -0.54)),
        "page_words": ((2_800, -0.36), (5_600, -0.73)),
        "page_prices": ((10, 0.23), (46, -0.81)),
    }
)


def prefer_weighed(segments: Sequence[PageBlock], readings: Readings, chosen: Chosen) -> Chosen:
    """Give the blocks that weigh most, where the base is doubtful and they promise more.

    `chosen` is what was chosen among the readers, `segments` are the page's blocks.
    """
    if len(segments) > MAX_BLOCKS or not is_doubtful(readings.base, segments):
        return chosen
    base = without_soup(readings.base, segments)
    keys = [key_of(segment.paragraph.text) for segment in segments]
    words = [len(key.split()) for key in keys]
    chances = agree_alike(
        [weigh(each) for each in list_traits(segments, base, readings.resiliparse)],
        words,
        [likeness(segment) for segment in segments],
    )
    taken, promised = take_most(chances, words)
    had = key_of(" ".join(paragraph.text for paragraph in chosen.paragraphs))
    expected = sum(chance * count for chance, count in zip(chances, words, strict=True))
    kept = sum(
        chance * count
        for chance, count, key in zip(chances, words, keys, strict=True)
        if count > 0 and key in had
    )
    had_promised = 2 * kept / (len(had.split()) + expected + 1e-9)
    if promised <= had_promised + PROMISED and base is readings.base:
        return chosen
    paragraphs = tuple(
        paragraph
        for paragraph in drop_repeats(segments[n].paragraph for n in taken)
        if not is_pointer(paragraph.text)
    )
    return Chosen(reader="weighed", paragraphs=paragraphs) if paragraphs else chosen


def is_doubtful(base: Reading, segments: Sequence[PageBlock]) -> bool:
    """Say whether the first reading holds little of the page, or ran its blocks together."""
    page_chars = sum(len(segment.paragraph.text) for segment in segments)
    return base.length < HALF * page_chars or is_run_together(base, segments)


def without_soup(base: Reading, segments: Sequence[PageBlock]) -> Reading:
    """Empty a reading that ran the page's blocks together: it tells nothing of them."""
    return Reading(reader=base.reader) if is_run_together(base, segments) else base


def weigh(traits: Traits) -> float:
    """Give the probability that a block is text."""
    total = INTERCEPT + sum(
        weight
        for name, steps in WEIGHTS.items()
        for least, weight in steps
        if traits[name] >= least
    )
    return 1 / (1 + exp(-total))


def agree_alike(
    chances: Sequence[float], words: Sequence[int], likes: Sequence[Hashable]
) -> list[float]:
    """One probability for all that are alike, the mean of theirs by words.

    The cards of a list stand or fall together.
    """
    totals: Counter[Hashable] = Counter()
    sums: dict[Hashable, float] = defaultdict(float)
    for chance, count, like in zip(chances, words, likes, strict=True):
        totals[like] += count
        sums[like] += chance * count
    return [sums[like] / totals[like] if totals[like] else 0.0 for like in likes]


def take_most(chances: Sequence[float], words: Sequence[int]) -> tuple[list[int], float]:
    """Which blocks to take, in the page's order, and the F1 (of words) that is expected of them."""
    expected = sum(chance * count for chance, count in zip(chances, words, strict=True))
    order = sorted(range(len(words)), key=lambda n: -chances[n])
    best, best_f1, taken, right = 0, 0.0, 0, 0.0
    for number, n in enumerate(order, start=1):
        taken += words[n]
        right += chances[n] * words[n]
        f1 = 2 * right / (taken + expected) if taken else 0.0
        if f1 > best_f1:
            best, best_f1 = number, f1
    return sorted(order[:best]), best_f1
