"""The years and the map: every number is what its link finds, and the picture has those numbers."""

import re
from collections import Counter
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest

from indexer.model import Document, DocumentKind, LinkHealth, LinkState
from search_web.pages.figures import (
    HERE,
    MOST_GROUPS,
    MOST_SITES,
    NONE,
    OTHERS,
    choose_ticks,
    count_pairs,
    draw_bars,
    draw_map,
    fill_years,
)
from tests.search_web.conftest import VISITED_AT, said
from tests.test_outlines import stand


def text(number: int, *section: str, site: str = "", issued: str = "", dead: bool = False):
    state = LinkState.DEAD if dead else LinkState.ALIVE
    return Document(
        id=f"t{number}",
        kind=DocumentKind.TEXT,
        title="x",
        url=f"http://{site}/" if site else None,
        site=site,
        issued=issued,
        section=section,
        link=LinkHealth(state=state, since=VISITED_AT),
    )


def count_years(texts):
    return fill_years(stand(texts).count_years())


def count_sources(pairs):
    counts = Counter()
    for (source, _), count in pairs.items():
        counts[source] += count
    return counts


@pytest.mark.parametrize("path", ["/chronologie", "/carte", "/carte?par=bibliographie"])
def test_every_number_is_what_its_link_finds(client, read, path):
    page = read(path)
    links = [a for a in page.select(".counts a") if "/recherche?" in a["href"]]

    assert links
    for link in links:
        assert "type" in parse_qs(urlsplit(link["href"]).query)
        total = read(link["href"]).select_one("meta[name=totalResults]")["content"]
        assert total == said(link), link


def test_a_year_has_its_texts_and_the_deaths_seen_in_it():
    rows = count_years(
        [
            text(1, site="a.fr", issued="2014-03"),
            text(2, site="a.fr", issued="2014", dead=True),
            text(3, site="a.fr", issued="2017"),
            text(4, dead=True),  # no address: no link to be dead
            text(5, site="a.fr", issued="s.d.", dead=True),
        ]
    )
    found = {row.year: (row.texts, row.dead, row.died) for row in rows}

    assert list(found) == list(range(2014, VISITED_AT.year + 1))
    assert found[2014] == (2, 1, 0)
    assert found[2015] == (0, 0, 0)
    assert found[VISITED_AT.year] == (0, 0, 2)
    assert count_years([]) == []


@pytest.mark.parametrize("years", [1, 2, 7, 26, 119, 400])
def test_bars_stay_in_the_picture_and_ticks_are_few(years):
    rows = count_years(text(n, issued=f"{1600 + n}") for n in range(years))
    bars = draw_bars(rows, "texts", 0)

    assert len(bars) == min(years, 120)
    assert all(bar.x >= 0 and bar.x + bar.width <= 100.01 and bar.height >= 1 for bar in bars)
    assert len(choose_ticks(rows)) <= 6


def test_small_names_are_put_together_and_nothing_is_lost():
    texts = [text(n, f"Section {n % 40}", site=f"s{n % 50}.fr") for n in range(400)]
    texts += [text(500), text(501, "Section 1")]
    pairs = count_pairs(stand(texts).count_sites(), "section", "")
    drawn = draw_map(pairs, "section", set())

    assert len(drawn.sources) <= MOST_GROUPS + 1
    assert len(drawn.sites) <= MOST_SITES + 1
    for side in (drawn.sources, drawn.sites):
        assert sum(node.count for node in side) == len(texts)
        assert {OTHERS, NONE} <= {node.name for node in side}
        for above, below in pairwise(side):
            assert above.top + above.height < below.top
        assert side[-1].top + side[-1].height <= drawn.height + 1
    assert sum(band.count for band in drawn.bands) == len(texts)
    for node in drawn.sources:
        assert sum(b.count for b in drawn.bands if b.source == node.name) == node.count
    others = next(node for node in drawn.sites if node.name == OTHERS)
    assert others.members + len(drawn.sites) - 2 == 50
    assert others.ask is None


def test_sections_part_below_the_title_of_the_whole():
    texts = [
        text(1, "Tout", "A", "a"),
        text(2, "Tout", "B"),
        text(3, "Tout"),
        text(4, "Tout", "A"),
        text(5),
    ]

    sites = stand(texts).count_sites()
    assert count_sources(count_pairs(sites, "section", "")) == {
        "Tout › A": 2, "Tout › B": 1, HERE: 1, NONE: 1,
    }  # fmt: skip
    assert count_sources(count_pairs(sites, "section", "Tout › A")) == {
        "Tout › A › a": 1, HERE: 1,
    }  # fmt: skip
    assert not count_pairs(sites, "section", "Ailleurs")


def test_the_picture_has_the_numbers_of_the_table(read):
    page = read("/carte")
    drawn = [int(i.get_text()) for i in page.select(".citation-map i")]
    rows = page.select(".cites tbody tr")

    assert drawn[: len(rows)] == [int(said(row.td)) for row in rows]
    titles = [int(re.findall(r"\d+", each.get_text())[-1]) for each in page.select("path title")]
    told = [int(re.findall(r"\d+", said(li))[-1]) for li in page.select(".cites li")]
    assert sorted(titles) == sorted(told)


def test_an_unknown_section_has_no_map(client):
    assert client.get("/carte?section=Nulle+part").status_code == 404
    assert client.get("/carte?section=%00&par=%3Cb%3E").status_code == 404
