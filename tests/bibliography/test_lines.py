"""Reference lines: made-up texts in shapes that real bibliographies have.

golden/shapes.json are the shapes that the rules were first written for, golden/lines.json those
that they were then tried on.
"""

import json
from pathlib import Path

import pytest

from indexer.bibliography.lines import parse_reference

GOLDEN = Path(__file__).parent / "golden"
CASES = [
    case
    for name in ("shapes", "lines")
    for case in json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
]
KIND_BY_TYPE = {"interview": "interview", "entry-encyclopedia": "wiki"}


def fields(line: str) -> dict[str, object]:
    reading = parse_reference(line)
    one = reading.reference
    season = len(one.issued) == 7 and one.issued[5:] > "20"
    return {
        "authors": [name.display for name in one.author or one.editor],
        "role": "" if one.author else one.editor_role,
        "title": one.title,
        "container": one.container_title,
        "publisher": one.publisher,
        "date": (one.issued[:4] if season else one.issued) or None,
        "accessed": one.accessed,
        "url": one.url,
        "archive": one.archive_url,
        "doi": one.doi,
        "isbn": one.isbn,
        "number": one.number,
        "volume": one.volume,
        "issue": one.issue,
        "page": one.page,
        "kind": KIND_BY_TYPE.get(one.type, one.type),
        "remark": reading.remark,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["line"][:60])
def test_a_line_is_read_into_its_fields(case):
    read = fields(case["line"])

    assert {key: read[key] for key in case["expected"]} == case["expected"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["line"][:60])
def test_a_line_keeps_itself_and_says_how_sure_it_is(case):
    one = parse_reference(case["line"]).reference

    assert one.raw == case["line"]
    assert all(0 <= value <= 1 for value in one.confidence.values())
    assert "title" in one.confidence


def test_a_season_is_a_date():
    assert (
        parse_reference("Anne Corbin, « La ville », Urbanités, automne 2014").reference.issued
        == "2014-23"
    )
