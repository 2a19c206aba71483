"""Turn counts into choices: facets to narrow a search, chips to widen it again."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from typing import Final

from indexer.messages import Translator
from indexer.model import LINK_STATES, SECTION_BREAK, LinkState
from indexer.search import FacetValue, Results
from search_web.render import wording
from search_web.site.params import FILTER_NAMES, YEARS_BETWEEN, Ask

SHOWN: Final = 4  # values of a facet beside results; a link leads to the page of them all
Count = Callable[[Ask], int]
_TALLEST: Final = 40  # height of the tallest column of a histogram, in its own units
FindNames = Callable[[Iterable[str]], Mapping[str, str]]
ORDERS: Final = ("count", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetChoice:
    """A value that narrows the search, how many texts would remain, and where it leads."""

    value: str
    label: str
    count: int
    ask: Ask
    is_chosen: bool
    bar: int  # of 100, beside the most frequent value
    parts: tuple["FacetChoice", ...] = ()  # the sections within a section

    @property
    def initial(self) -> str:
        """The letter under which an alphabetical list has it; "#" for what begins by none."""
        first = next((c for c in fold(self.label) if c.isalnum()), "#").upper()
        return first if first.isalpha() else "#"


@dataclass(frozen=True, slots=True)
class Column:
    """A year of a histogram: its height, and how many texts it has."""

    year: str
    count: int
    height: int  # of _TALLEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A heading and its choices, the most frequent first; `whole` leads to all of them."""

    name: str
    label: str
    choices: tuple[FacetChoice, ...]
    count: int  # values in all
    whole: Ask | None = None  # where this does not show them all
    columns: tuple[Column, ...] = field(default=())  # every year from the first to the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter in force, and the same search without it."""

    label: str
    ask: Ask


def fold(text: str) -> str:
    """Write a name as it is sorted and looked for: without accents, in lower case."""
    letters = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(c for c in letters if not unicodedata.combining(c)).casefold()


def make_facets(
    found: Results, ask: Ask, say: Translator, *, count: Count | None = None, shown: int = SHOWN
) -> tuple[Facet, ...]:
    """Make the facets that offer a choice: one value for all results offers none.

    `shown` is the number of values of each, beyond those in force.

    `count` says how many texts a search finds: beside a choice in force stands what is found
    without it, since that is where it leads.
    """
    return tuple(_make_facets(found, ask, say, count, shown))


def make_whole_facet(
    found: Results,
    ask: Ask,
    say: Translator,
    *,
    order: str = "count",
    holding: str = "",
    find_names: FindNames = lambda names: {},
    count: Count | None = None,
) -> Facet:
    """Make the facet `ask.whole_facet` with every value, in one of ORDERS.

    `holding` keeps the values that hold these words, whatever their case and accents. Sections
    keep their tree unless they are looked for: then their whole paths are listed. `find_names` says
    how authors are written to be sorted: "Le Tallec, Jean-Yves".
    """
    name = ask.whole_facet
    values = list(found.facets.get(FILTER_NAMES[name], ()))
    narrow = replace(ask, whole_facet="")
    highest = max((each.count for each in values), default=1)
    choices = [_make_choice(name, value, highest, narrow, say, count) for value in values]
    if name == "auteur":
        names = find_names([each.value for each in choices])
        choices = [replace(each, label=names.get(each.value, each.label)) for each in choices]
    wanted = fold(holding.strip())
    if wanted:
        choices = [each for each in choices if wanted in fold(_whole_label(name, each))]
        choices = [replace(each, label=_whole_label(name, each)) for each in choices]
    elif name == "section":
        choices = _make_tree(choices)
    return Facet(
        name=name,
        label=_label(name, say),
        choices=tuple(_sort(choices, name, order)),
        count=len(values),
        columns=_make_columns(values) if name == "annee" else (),
    )


def make_chips(ask: Ask, say: Translator) -> tuple[Chip, ...]:
    """Make a chip for each filter in force."""
    return tuple(
        Chip(
            label=say("page.filter", name=_label(name, say), value=value_words(name, value, say)),
            ask=ask.without_filter(name, value),
        )
        for name, values in ask.filters.items()
        for value in values
    )


def value_words(name: str, value: str, say: Translator) -> str:
    """Say a value of a filter; what is no value that we know is said as it is."""
    if name == "langue":
        return say.language_name(value)
    if name == "type" and value in wording.KINDS:
        return say(f"page.kind-of-document.{value}")
    if name == "lien" and value in LINK_STATES:
        return say(LinkState(value).said)
    if name == "annee" and YEARS_BETWEEN in value:
        return value.replace(YEARS_BETWEEN, "–")
    return value


def _label(name: str, say: Translator) -> str:
    return say(f"page.facet.{FILTER_NAMES[name]}")


def _whole_label(name: str, choice: FacetChoice) -> str:
    return choice.value if name == "section" else choice.label


def _make_facets(
    found: Results, ask: Ask, say: Translator, count: Count | None, most: int
) -> Iterator[Facet]:
    for name, engine_name in FILTER_NAMES.items():
        values = found.facets.get(engine_name, ())
        chosen = ask.filters.get(name, ())
        if len(values) < 2 and not chosen:
            continue
        shown = [each for each in values if each.value in chosen]
        others = [each for each in values if each.value not in chosen]
        if name == "section":
            others = _list_nearest(others, chosen)
        shown += nsmallest(most - len(shown), others, key=lambda v: (-v.count, v.value))
        is_whole = len(shown) == len(values)
        highest = max((each.count for each in values), default=1)
        yield Facet(
            name=name,
            label=_label(name, say),
            choices=tuple(_make_choice(name, each, highest, ask, say, count) for each in shown),
            count=len(values),
            whole=None if is_whole and name != "annee" else ask.show_facet(name),
            columns=_make_columns(values) if name == "annee" else (),
        )


def _list_nearest(values: Iterable[FacetValue], chosen: Sequence[str]) -> list[FacetValue]:
    """List the sections just below those chosen; without any, those where the tree parts.

    The outermost heading is often the title of the whole bibliography, which narrows nothing.
    """
    values = list(values)
    if chosen:
        return [v for v in values if v.value.rpartition(SECTION_BREAK)[0] in chosen]
    depth = 0
    while True:
        level = [v for v in values if v.value.count(SECTION_BREAK) == depth]
        if len(level) != 1 or not any(v.value.count(SECTION_BREAK) > depth for v in values):
            return level
        depth += 1


def _make_choice(
    name: str,
    value: FacetValue,
    highest: int,
    ask: Ask,
    say: Translator,
    count: Count | None,
) -> FacetChoice:
    """Make the choice of a value; `highest` is the count of the most frequent one."""
    is_chosen = value.value in ask.filters.get(name, ())
    leads_to = (ask.without_filter if is_chosen else ask.with_filter)(name, value.value)
    label = value_words(name, value.value, say)
    return FacetChoice(
        value=value.value,
        label=label.rpartition(SECTION_BREAK)[2] if name == "section" else label,
        count=count(leads_to) if is_chosen and count is not None else value.count,
        ask=leads_to,
        is_chosen=is_chosen,
        bar=max(round(100 * value.count / highest), 1),
    )


def _make_tree(choices: Sequence[FacetChoice]) -> list[FacetChoice]:
    """Hang each section below the one that it is in."""
    below: dict[str, list[FacetChoice]] = {}
    for each in sorted(choices, key=lambda c: -c.value.count(SECTION_BREAK)):
        parent = each.value.rpartition(SECTION_BREAK)[0]
        below.setdefault(parent, []).append(replace(each, parts=tuple(below.get(each.value, ()))))
    return below.get("", [])


def _sort(choices: Iterable[FacetChoice], name: str, order: str) -> list[FacetChoice]:
    def key(choice: FacetChoice) -> tuple[object, ...]:
        by_name = (fold(choice.label), choice.value)
        if name == "annee" and order == "name":
            return (-int(choice.value) if choice.value.isdecimal() else 0,)
        return by_name if order == "name" else (-choice.count, *by_name)

    return [
        replace(each, parts=tuple(_sort(each.parts, name, order)))
        for each in sorted(choices, key=key)
    ]


def _make_columns(values: Iterable[FacetValue]) -> tuple[Column, ...]:
    """Make a column for each year, those without texts included; at most 120, the latest."""
    counts = {int(v.value): v.count for v in values if v.value.isdecimal()}
    if not counts:
        return ()
    last, highest = max(counts), max(counts.values())
    years = range(max(min(counts), last - 119), last + 1)
    return tuple(
        Column(str(y), counts.get(y, 0), -(-_TALLEST * counts.get(y, 0) // highest)) for y in years
    )
