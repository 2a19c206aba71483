"""The floors of coverage hold, and break, where they should."""

import json

import pytest

from tests.floors import Floor, check, main


def summary(lines: int, branches: int) -> dict[str, dict[str, int]]:
    """A file of a hundred lines and as many branches, so many of them run."""
    return {
        "summary": {
            "covered_lines": lines,
            "num_statements": 100,
            "covered_branches": branches,
            "num_branches": 100,
        }
    }


@pytest.mark.parametrize(
    ("part", "lines", "branches", "holds"),
    [
        ("", 95, 70, True),
        ("", 96, 70, False),
        ("", 95, 71, False),
        ("b/", 90, 50, True),
        ("b/", 91, 50, False),
        ("c/", 0, 0, False),  # of which nothing was measured
    ],
)
def test_a_floor_breaks_when_less_was_run(part, lines, branches, holds):
    report = {"files": {"a/x.py": summary(100, 90), "b/y.py": summary(90, 50)}}
    ((_, held),) = check(report, [Floor(part, lines, branches)])

    assert held is holds


@pytest.mark.parametrize(("lines", "code"), [(100, 0), (20, 1)])
def test_the_command_fails_where_a_floor_is_broken(tmp_path, lines, code):
    names = ("indexer/cli/a.py", "indexer/pipeline/b.py", "search_web/c.py")
    path = tmp_path / "coverage.json"
    path.write_text(json.dumps({"files": {name: summary(lines, 100) for name in names}}))

    assert main(path) == code
