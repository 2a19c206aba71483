"""Draw the whole bibliography: its years, and which sections cite which sites. SVG and tables.

A picture has no viewBox: its places across are shares of its width, its heights are pixels, so that
words keep their size on a telephone. Every number of a table leads to what it counts.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from flask import Blueprint, abort, render_template, request

from indexer.model import SECTION_BREAK
from indexer.outlines import SiteCount, YearRow
from search_web.site.params import MAX_VALUE_LENGTH, Ask
from search_web.site.state import the_library

figures = Blueprint("figures", __name__)

SERIES: Final = ("texts", "notes", "dead", "died")
MOST_YEARS: Final = 120
BAND: Final = 76  # pixels of the picture for one series
_TALLEST: Final = 48
_STEPS: Final = (1, 2, 5, 10, 20, 50)
_MOST_TICKS: Final = 5


@dataclass(frozen=True, slots=True)
class YearBar:
    """A bar of the timeline: percents across, pixels down."""

    year: int
    count: int
    x: float
    y: int
    width: float
    height: int


def fill_years(counts: Iterable[YearRow]) -> list[YearRow]:
    """Give every year from the first to the last that has something; the latest MOST_YEARS."""
    rows = {row.year: row for row in counts if row.year}
    if not rows:
        return []
    first = max(min(rows), max(rows) - MOST_YEARS + 1)
    return [rows.get(year) or YearRow(year=year) for year in range(first, max(rows) + 1)]


def draw_bars(rows: Sequence[YearRow], name: str, place: int) -> list[YearBar]:
    """Draw the bars of one of SERIES, in the band of that place from the top."""
    highest = max((getattr(row, name) for row in rows), default=0)
    share = 100 / max(len(rows), 1)
    floor = BAND * (place + 1) - 4
    return [
        YearBar(
            row.year, count, round(share * at, 3), floor - height, round(share * 0.84, 3), height
        )
        for at, row in enumerate(rows)
        if (count := getattr(row, name)) and (height := -(-_TALLEST * count // highest))
    ]


def choose_ticks(rows: Sequence[YearRow]) -> list[tuple[int, float]]:
    """Choose the years to write below, at most five: each, and its place in percent."""
    step = next((s for s in _STEPS if len(rows) <= s * _MOST_TICKS), 100)
    share = 100 / max(len(rows), 1)
    return [
        (row.year, round(share * (at + 0.42), 3))
        for at, row in enumerate(rows)
        if row.year % step == 0
    ]


@figures.get("/chronologie")
def timeline() -> str:
    """Show the years: texts, notes, dead links, as a picture and as a table."""
    counts = the_library().shelf.count_years()
    rows = fill_years(counts)
    return render_template(
        "timeline.html",
        rows=rows,
        series=SERIES,
        bars={name: draw_bars(rows, name, at) for at, name in enumerate(SERIES)},
        highest={name: max((getattr(r, name) for r in rows), default=0) for name in SERIES},
        ticks=choose_ticks(rows),
        band=BAND,
        undated=sum(row.texts for row in counts if not row.year),
        find_year=_ask_for,
    )


# --- the map --------------------------------------------------------------------------------

MOST_GROUPS: Final = 14
MOST_SITES: Final = 16
OTHERS: Final = "\x00others"
NONE: Final = "\x00none"
HERE: Final = "\x00here"
_ROOM: Final = 620  # pixels that all citations take together
_LEAST: Final = 38  # pixels of a name: two lines of it on a telephone
_GAP: Final = 6
GROUPINGS: Final = ("section", "bibliographie")


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNode:
    """A section, a bibliography or a site: where it stands, and how many texts it has."""

    # OTHERS: what has no room of its own. NONE: no section, or no address. HERE: the section
    # itself, beside those within.
    name: str
    count: int
    top: float
    height: float
    members: int  # how many OTHERS stands for
    ask: Ask | None = None  # the texts that it counts
    is_parted: bool = False  # there are sections within


@dataclass(frozen=True, slots=True, kw_only=True)
class MapBand:
    """The texts of a site that one section cites: an area between the two."""

    source: str
    site: str
    count: int
    path: str  # of SVG, 100 wide
    ask: Ask | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationMap:
    """The layout of a diagram of citations, in SVG units.

    Sections or bibliographies stand on the left, the sites that they cite on the right; a band
    between two is as high as the number of texts.
    """

    sources: tuple[MapNode, ...]
    sites: tuple[MapNode, ...]
    bands: tuple[MapBand, ...]
    height: int


Pair = tuple[str, str]  # a section or a bibliography, a site


def count_pairs(counts: Iterable[SiteCount], grouping: str, within: str) -> Counter[Pair]:
    """Count the texts of each section or bibliography and each site.

    Sections are those just below the path `within`; at the top those where the tree parts. What
    stands in `within` itself counts for it.
    """
    pairs: Counter[Pair] = Counter()
    if grouping == "bibliographie":
        for each in counts:
            for name in each.bibliographies:
                pairs[name, each.site or NONE] += each.texts
        return pairs
    above = within.split(SECTION_BREAK) if within else []
    placed = [(_clean(each.section), each.site or NONE, each.texts) for each in counts]
    inside = [row for row in placed if row[0][: len(above)] == above]
    depth = len(above) + 1 if within else _find_parting(path for path, _, _ in inside if path)
    for path, site, count in inside:
        pairs[_name_group(path, depth), site] += count
    return pairs


def _find_parting(paths: Iterable[Sequence[str]]) -> int:
    """Find how deep a tree of sections parts: the outermost heading is often the whole's title."""
    found = list(paths)
    depth = 1
    while len({path[depth - 1] for path in found}) == 1 and any(len(p) > depth for p in found):
        found = [path for path in found if len(path) > depth]
        depth += 1
    return depth


def _name_group(path: Sequence[str], depth: int) -> str:
    if not path:
        return NONE
    return HERE if len(path) < depth else SECTION_BREAK.join(path[:depth])


def _clean(section: Sequence[str]) -> list[str]:
    return [" ".join(heading.split()) for heading in section]


def draw_map(pairs: Mapping[Pair, int], grouping: str, parted: Collection[str]) -> CitationMap:
    """Draw which of the left cites which of the right; the smallest are put together.

    `parted` are the sections that have sections within.
    """
    totals: tuple[Counter[str], Counter[str]] = Counter(), Counter()
    for pair, count in pairs.items():
        totals[0][pair[0]] += count
        totals[1][pair[1]] += count
    sources, sites = _rank(totals[0], MOST_GROUPS), _rank(totals[1], MOST_SITES)
    counts: Counter[Pair] = Counter()
    for (source, site), count in pairs.items():
        counts[sources[source], sites[site]] += count
    scale = _ROOM / max(counts.total(), 1)
    left = _stack(sources, counts, 0, scale)
    right = _stack(sites, counts, 1, scale)
    left = [
        replace(each, ask=_ask_source(grouping, each.name), is_parted=each.name in parted)
        for each in left
    ]
    right = [replace(each, ask=_ask_site(each.name)) for each in right]
    bands = tuple(_draw_bands(left, right, counts, scale, grouping))
    height = max((nodes[-1].top + nodes[-1].height for nodes in (left, right) if nodes), default=0)
    return CitationMap(sources=tuple(left), sites=tuple(right), bands=bands, height=round(height))


def _rank(counts: Counter[str], most: int) -> dict[str, str]:
    """Give each name what it is shown as: itself, or OTHERS beyond `most`, the largest first."""
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    named = [name for name in ranked if name not in (HERE, NONE)]
    kept = named if len(named) <= most else named[: most - 1]
    shown = {name: name for name in kept} | dict.fromkeys(named[len(kept) :], OTHERS)
    return shown | {name: name for name in (HERE, NONE) if name in counts}


def _stack(
    shown: Mapping[str, str], counts: Mapping[Pair, int], side: int, scale: float
) -> list[MapNode]:
    """Stand the nodes of one side under one another."""
    totals: Counter[str] = Counter()
    for pair, count in counts.items():
        totals[pair[side]] += count
    nodes, top = [], 0.0
    for name in dict.fromkeys(shown.values()):
        height = max(totals[name] * scale, _LEAST)
        members = sum(each == name for each in shown.values())
        nodes.append(
            MapNode(name=name, count=totals[name], top=top, height=height, members=members)
        )
        top += height + _GAP
    return nodes


def _draw_bands(
    left: Sequence[MapNode],
    right: Sequence[MapNode],
    counts: Mapping[Pair, int],
    scale: float,
    grouping: str,
) -> list[MapBand]:
    """Draw the bands from each node of the left to those of the right, in their order."""
    at = {(0, node.name): _first_edge(node, scale) for node in left}
    at |= {(1, node.name): _first_edge(node, scale) for node in right}
    bands = []
    for source in left:
        for site in right:
            count = counts.get((source.name, site.name), 0)
            if not count:
                continue
            thickness = count * scale
            start, end = at[0, source.name], at[1, site.name]
            at[0, source.name] += thickness
            at[1, site.name] += thickness
            bands.append(
                MapBand(
                    source=source.name,
                    site=site.name,
                    count=count,
                    path=_curve(start, end, thickness),
                    ask=_ask_pair(source, site, grouping),
                )
            )
    return bands


def _first_edge(node: MapNode, scale: float) -> float:
    """Give where the first band of a node begins: they stand in its middle."""
    return node.top + (node.height - node.count * scale) / 2


def _curve(start: float, end: float, thickness: float) -> str:
    """Write the area of a band between two heights, as a path of SVG."""
    below, under = start + thickness, end + thickness
    return (
        f"M0 {start:.1f}C50 {start:.1f} 50 {end:.1f} 100 {end:.1f}"
        f"V{under:.1f}C50 {under:.1f} 50 {below:.1f} 0 {below:.1f}Z"
    )


def _ask_for(**filters: str) -> Ask:
    """Ask for the texts that have one value of each filter."""
    values = {name: (value,) for name, value in filters.items()}
    return Ask(filters=MappingProxyType({**values, "type": ("text",)}))


def _ask_source(grouping: str, name: str) -> Ask | None:
    return None if name in (OTHERS, NONE, HERE) else _ask_for(**{grouping: name})


def _ask_site(name: str) -> Ask | None:
    return None if name in (OTHERS, NONE) else _ask_for(site=name)


def _ask_pair(source: MapNode, site: MapNode, grouping: str) -> Ask | None:
    if source.ask is None or site.ask is None:
        return None
    return _ask_for(**{grouping: source.name, "site": site.name})


@figures.get("/carte")
def citation_map() -> str:
    """Show which sections or bibliographies cite which sites, as a picture and as a table."""
    counts = the_library().shelf.count_sites()
    grouping = request.args.get("par", "")
    grouping = grouping if grouping in GROUPINGS else GROUPINGS[0]
    within = request.args.get("section", "")[:MAX_VALUE_LENGTH] if grouping == "section" else ""
    pairs = count_pairs(counts, grouping, within)
    if within and not pairs:
        abort(404)
    paths = (_clean(each.section) for each in counts)
    parted = frozenset(
        SECTION_BREAK.join(path[:depth]) for path in paths for depth in range(1, len(path))
    )
    return render_template(
        "map.html",
        drawn=draw_map(pairs, grouping, parted),
        grouping=grouping,
        within=within,
        bibliographies={name for each in counts for name in each.bibliographies},
        others=OTHERS,
        none_named=NONE,
        here_named=HERE,
    )
