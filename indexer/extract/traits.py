"""Say of every block of a page what tells text from shell: by name, a number each.

Who has read it and what stands around it; what it is; where it stands; how often its like comes
back. What each is worth is in `weighing`; nothing is decided here.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final

from indexer.extract.blocks import SHELL_NAME, PageBlock
from indexer.extract.choice import PRICE
from indexer.extract.readers import Reading, key_of

Traits = Mapping[str, float]

AROUND: Final = 5  # blocks on each side
LIKE_LEVELS: Final = 3  # innermost elements, whose tags and classes make two blocks alike
CARD_LEVELS: Final = 6  # innermost elements, one of which may be a card among others
MAIN_TAGS: Final = frozenset({"body", "html", "main", "article"})
CONTROL_TAGS: Final = frozenset({"select", "option", "button", "textarea"})
SENTENCE_ENDS: Final = frozenset('.!?…:;"»”')
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
