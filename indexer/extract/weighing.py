"""Weigh the blocks of a page that is no article: a shop's, a list, a forum, a service.

Readers of articles look for one column of sentences, and miss what such pages consist of: cards,
tables, messages, panels. Here every block gets a probability of being text, by a sum of weights
(a logistic regression over the traits of a block), and then the mean of those of its like. Blocks
are taken as long as the expected F1 grows. That reading is believed only where it promises more
than what was chosen among the readers.

The weights were fitted by `benchmarks.extract.fitting`; see docs/decisions/0060-extraction.md.

The traits say of every block, by name, a number each: who has read it and what stands around it,
what it is, where it stands, how often its like comes back.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import exp
from types import MappingProxyType
from typing import Any, Final

from indexer.extract.blocks import SHELL_NAME, PageBlock
from indexer.extract.readers import (
    HALF,
    Chosen,
    Reading,
    Readings,
    drop_repeats,
    is_pointer,
    is_run_together,
    key_of,
)

Traits = Mapping[str, float]

AROUND: Final = 5  # blocks on each side
LIKE_LEVELS: Final = 3  # innermost elements, whose tags and classes make two blocks alike
CARD_LEVELS: Final = 6  # innermost elements, one of which may be a card among others
MAIN_TAGS: Final = frozenset({"body", "html", "main", "article"})
CONTROL_TAGS: Final = frozenset({"select", "option", "button", "textarea"})
SENTENCE_ENDS: Final = frozenset('.!?…:;"»”')
PRICE: Final = re.compile(r"[$€£¥₹]\s?\d|\d\s?[€£]|\b(?:USD|EUR|GBP)\b")
BYLINE_NAME: Final = re.compile(
    r"meta|byline|author|date|tags?\b|categor|credit|info|caption|time|auteur", re.I
)
REVIEW_NAME: Final = re.compile(r"review|rating|avis|question|faq|q-?and-?a", re.I)
SHOP_NAME: Final = re.compile(
    r"filter|facet|sort|refine|swatch|variant|option|quantity|qty|cart|basket|wishlist|compare|"
    r"ship|deliver|return|stock|payment",
    re.I,
)
# A heading that announces other things than the page's.
ELSEWHERE: Final = re.compile(
    r"\b(?:you (?:may|might|could)|also (?:like|bought|viewed)|related|similar|recently viewed|"
    r"customers? who|people also|more (?:from|like|to)|recommended|frequently bought|"
    r"(?:complete|shop) the|latest|trending|popular|vous (?:aimerez|aimeriez|pourriez)|"
    r"(?:liés?|similaires?|associée?s|complémentaires?|recommandée?s|récemment|récents?)\b|"
    r"(?:à (?:lire|voir|découvrir)|lire|voir) aussi|nos derniers|dernières)",
    re.I,
)


@dataclass(slots=True)
class _Sum:
    """Hold the sums of some blocks, counted in words."""

    words: int = 0
    of_base: int = 0
    of_wide: int = 0

    def add(self, words: int, *, in_base: bool, in_wide: bool) -> None:
        self.words += words
        self.of_base += words * in_base
        self.of_wide += words * in_wide

    @property
    def base(self) -> float:
        return self.of_base / self.words

    @property
    def wide(self) -> float:
        return self.of_wide / self.words


@dataclass(slots=True)
class _NameHints:
    """Hold the hints that an element's class, id and role give of its content."""

    is_shell: bool
    is_byline: bool
    is_review: bool
    is_shop: bool


@dataclass(slots=True)
class _Page:
    """The sums over a page: by element, and by likeness."""

    total: _Sum = field(default_factory=_Sum)
    inside: dict[Any, _Sum] = field(default_factory=dict)
    alike: dict[tuple[str, ...], _Sum] = field(default_factory=lambda: defaultdict(_Sum))
    names: dict[Any, _NameHints] = field(default_factory=dict)
    siblings: dict[Any, Counter[str]] = field(default_factory=dict)


def list_traits(segments: Sequence[PageBlock], base: Reading, wide: Reading) -> list[Traits]:
    """Give the traits of each block; `base` is the first reading, `wide` the generous one."""
    keys = [key_of(segment.paragraph.text) for segment in segments]
    words = [max(1, len(key.split())) for key in keys]
    in_base = [key.strip() != "" and key in base.words for key in keys]
    in_wide = [key.strip() != "" and key in wide.words for key in keys]
    page = _Page()
    likes = [likeness(segment) for segment in segments]
    for n, segment in enumerate(segments):
        sums = [page.total, page.alike[likes[n]]]
        sums += [page.inside.setdefault(element, _Sum()) for element in segment.path]
        for each in sums:
            each.add(words[n], in_base=in_base[n], in_wide=in_wide[n])
    places = [n for n, is_read in enumerate(in_base) if is_read]
    first, last = (places[0], places[-1]) if places else (len(segments), -1)
    words_to = [0, *accumulate(words)]
    base_to = [0, *accumulate(n * is_in for n, is_in in zip(words, in_base, strict=True))]
    of_page = {
        "page_wide": page.total.wide,
        "page_words": float(page.total.words),
        "page_prices": float(sum(1 for each in segments if PRICE.search(each.paragraph.text))),
    }
    found: list[Traits] = []
    is_elsewhere = False
    for n, segment in enumerate(segments):
        if segment.paragraph.kind == "heading":
            is_elsewhere = ELSEWHERE.search(segment.paragraph.text) is not None
        start, end = max(0, n - AROUND), min(len(segments), n + AROUND + 1)
        like = page.alike[likes[n]]
        found.append(
            {
                **of_page,
                "in_base": in_base[n],
                "in_wide": in_wide[n],
                "like_base": like.base,
                "like_wide": like.wide,
                "around_base": (base_to[end] - base_to[start]) / (words_to[end] - words_to[start]),
                "place": n / len(segments),
                "below_elsewhere": is_elsewhere,
                "before_base": n < first,
                "after_base": n > last,
                **_traits_of_text(segment),
                **_traits_of_path(segment.path, page),
            }
        )
    return found


def likeness(segment: PageBlock) -> tuple[str, ...]:
    """Give the path of tags and classes around a block, equal for blocks at like places."""
    return tuple(map(_kind_of, segment.path[-LIKE_LEVELS:]))


def _traits_of_text(segment: PageBlock) -> Traits:
    paragraph = segment.paragraph
    return {
        "ends_sentence": paragraph.text[-1] in SENTENCE_ENDS,
        "heading": paragraph.kind == "heading",
        "item": paragraph.kind == "item",
        "quote": paragraph.kind == "quote",
        "row": bool(segment.path) and segment.path[-1].tag == "tr",
    }


def _traits_of_path(path: tuple[Any, ...], page: _Page) -> Traits:
    tags = {element.tag for element in path}
    names = [_names_of(element, page) for element in path]
    inside = [page.inside[element] for element in reversed(path[-2:])]
    cards, cards_words = _find_cards(path, page)
    return {
        "parent_wide": inside[0].wide if inside else page.total.wide,
        "grandparent_base": inside[1].base if len(inside) > 1 else page.total.base,
        "in_nav": "nav" in tags,
        "in_header": "header" in tags,
        "in_footer": "footer" in tags,
        "in_aside": "aside" in tags,
        "in_form": "form" in tags,
        "in_article": "article" in tags,
        "in_control": not CONTROL_TAGS.isdisjoint(tags),
        "shell_names": sum(each.is_shell for each in names),
        "byline_name": any(each.is_byline for each in names[-2:]),
        "review_name": any(each.is_review for each in names),
        "shop_name": any(each.is_shop for each in names),
        "cards": cards,
        "cards_words": cards_words,
    }


def _find_cards(path: tuple[Any, ...], page: _Page) -> tuple[int, float]:
    """Count how often the most repeated element around a block stands in its parent.

    And the part of the page's words that this parent holds.
    """
    most, words = 1, 0
    for element in path[: -CARD_LEVELS - 1 : -1]:
        parent = element.getparent()
        if parent is None:  # the root: nothing stands beside it
            break
        if parent not in page.siblings:
            kinds = (_kind_of(child) for child in parent if isinstance(child.tag, str))
            page.siblings[parent] = Counter(kinds)
        count = page.siblings[parent][_kind_of(element)]
        if count > most:
            most, words = count, page.inside.get(parent, page.inside[element]).words
    return most, words / page.total.words


def _names_of(element: Any, page: _Page) -> _NameHints:
    found = page.names.get(element)
    if found is None:
        said = f"{element.get('class', '')} {element.get('id', '')} {element.get('role', '')}"[:300]
        # What holds most of a page is not its shell, whatever it is called.
        is_most = page.inside[element].words > 0.5 * page.total.words
        found = page.names[element] = _NameHints(
            is_shell=not is_most
            and element.tag not in MAIN_TAGS
            and SHELL_NAME.search(said) is not None,
            is_byline=BYLINE_NAME.search(said) is not None,
            is_review=not is_most and REVIEW_NAME.search(said) is not None,
            is_shop=not is_most and SHOP_NAME.search(said) is not None,
        )
    return found


def _kind_of(element: Any) -> str:
    return f"{element.tag}.{element.get('class', '')[:40]}"


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
