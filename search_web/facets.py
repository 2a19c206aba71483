"""Turn counts into choices: facets to narrow a search, chips to widen it again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from indexer.messages import open_translator
from indexer.model import LinkState
from indexer.search import FacetValue, Results
from search_web import wording
from search_web.params import FILTER_NAMES, Ask
from search_web.typography import set_french

LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "annee": "Année",
        "site": "Site",
        "section": "Section",
        "langue": "Langue",
        "lien": "État du lien",
        "type": "Nature",
    }
)
SHOWN: Final = 4  # choices of a facet before the rest is folded away
FOLDED: Final = 2  # beyond these, a query says it better: site:…, annee:…
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
    """A heading and its choices; those beyond the first few are folded away."""

    name: str
    label: str
    choices: tuple[FacetChoice, ...]
    folded: tuple[FacetChoice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter in force, and the same search without it."""

    label: str
    ask: Ask


def make_facets(found: Results, ask: Ask) -> tuple[Facet, ...]:
    """Make the facets that offer a choice: one value for all results offers none."""
    return tuple(_make_facets(found, ask))


def make_chips(ask: Ask) -> tuple[Chip, ...]:
    """Make a chip for each filter in force."""
    return tuple(
        Chip(
            label=f"{LABELS[name]} : {value_words(name, value)}",
            ask=ask.without_filter(name, value),
        )
        for name, values in ask.filters.items()
        for value in values
    )


def value_words(name: str, value: str) -> str:
    """Say a value in French, set as a printer does."""
    match name:
        case "langue":
            return wording.language_words(value)
        case "lien" if value in list(LinkState):
            return open_translator()(f"link.state.{value}")
        case "type":
            return wording.KINDS.get(value, value)
        case _:
            return set_french(value)


def _make_facets(found: Results, ask: Ask) -> Iterator[Facet]:
    for name, engine_name in FILTER_NAMES.items():
        values = found.facets.get(engine_name, ())
        chosen = ask.filters.get(name, ())
        if len(values) < 2 and not chosen:
            continue
        choices = _make_choices(name, _order(name, values), ask, chosen)
        yield Facet(
            name=name,
            label=LABELS[name],
            choices=tuple(choices[:SHOWN]),
            folded=tuple(choices[SHOWN : SHOWN + FOLDED]),
        )


def _order(name: str, values: Iterable[FacetValue]) -> list[FacetValue]:
    if name == "annee":
        return sorted(values, key=lambda value: value.value, reverse=True)
    return sorted(values, key=lambda value: (-value.count, value.value))


def _make_choices(
    name: str, values: Sequence[FacetValue], ask: Ask, chosen: Sequence[str]
) -> list[FacetChoice]:
    highest = max((value.count for value in values), default=1)
    return [
        FacetChoice(
            label=value_words(name, value.value),
            count=value.count,
            ask=(
                ask.without_filter(name, value.value)
                if value.value in chosen
                else ask.with_filter(name, value.value)
            ),
            is_chosen=value.value in chosen,
            bar=max(round(_BAR * value.count / highest), 2) if name == "annee" else 0,
        )
        for value in values
    ]
