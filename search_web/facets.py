"""Turn counts into choices: facets to narrow a search, chips to widen it again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.messages import Translator
from indexer.model import LINK_STATES, LinkState
from indexer.search import FacetValue, Results
from search_web import wording
from search_web.params import FILTER_NAMES, Ask

SHOWN: Final = 4  # choices of a facet before the rest is folded away
FOLDED: Final = 2  # beyond these, a link leads to the same page with all of them
Count = Callable[[Ask], int]
_BAR: Final = 100  # length of the longest bar of the histogram


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetChoice:
    """A value that narrows the search, how many texts would remain, and where it leads."""

    label: str
    count: int
    ask: Ask
    is_chosen: bool = False
    bar: int = 0  # of 100, for a histogram


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A heading and its choices; those beyond the first few are folded away.

    `whole` is the page that shows them all, where this one does not.
    """

    name: str
    label: str
    choices: tuple[FacetChoice, ...]
    folded: tuple[FacetChoice, ...] = ()
    count: int = 0  # values in all
    whole: Ask | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter in force, and the same search without it."""

    label: str
    ask: Ask


def make_facets(
    found: Results, ask: Ask, say: Translator, *, count: Count | None = None
) -> tuple[Facet, ...]:
    """Make the facets that offer a choice: one value for all results offers none.

    `count` says how many texts a search finds: beside a choice in force stands what is found
    without it, since that is where it leads.
    """
    return tuple(_make_facets(found, ask, say, count))


def make_chips(ask: Ask, say: Translator) -> tuple[Chip, ...]:
    """Make a chip for each filter in force."""
    return tuple(
        Chip(
            label=say(
                "page.filter",
                name=_label(name, say),
                value=value_words(name, value, say),
            ),
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
    return value


def _label(name: str, say: Translator) -> str:
    return say(f"page.facet.{FILTER_NAMES[name]}")


def _make_facets(found: Results, ask: Ask, say: Translator, count: Count | None) -> Iterator[Facet]:
    for name, engine_name in FILTER_NAMES.items():
        values = found.facets.get(engine_name, ())
        chosen = ask.filters.get(name, ())
        if len(values) < 2 and not chosen:
            continue
        choices = _make_choices(name, _order(name, values), ask, say, count)
        is_whole = ask.whole_facet == name
        yield Facet(
            name=name,
            label=_label(name, say),
            choices=tuple(choices if is_whole else choices[:SHOWN]),
            folded=() if is_whole else tuple(choices[SHOWN : SHOWN + FOLDED]),
            count=len(choices),
            whole=None if is_whole or len(choices) <= SHOWN + FOLDED else ask.show_facet(name),
        )


def _order(name: str, values: Iterable[FacetValue]) -> list[FacetValue]:
    if name == "annee":
        return sorted(values, key=lambda value: value.value, reverse=True)
    return sorted(values, key=lambda value: (-value.count, value.value))


def _make_choices(
    name: str,
    values: Sequence[FacetValue],
    ask: Ask,
    say: Translator,
    count: Count | None,
) -> list[FacetChoice]:
    chosen = ask.filters.get(name, ())
    highest = max((value.count for value in values), default=1)
    choices = []
    for value in values:
        is_chosen = value.value in chosen
        leads_to = (ask.without_filter if is_chosen else ask.with_filter)(name, value.value)
        choices.append(
            FacetChoice(
                label=value_words(name, value.value, say),
                count=count(leads_to) if is_chosen and count is not None else value.count,
                ask=leads_to,
                is_chosen=is_chosen,
                bar=max(round(_BAR * value.count / highest), 2) if name == "annee" else 0,
            )
        )
    return choices
