"""Hold what the tests run of the code to floors: `python -m tests.floors run/coverage.json`.

Exits with 1 where a floor is broken, after a line for each.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple


class Floor(NamedTuple):
    """A part of the code, the least of its lines and of its branches that tests run (percent)."""

    part: str  # the beginning of a path
    lines: float
    branches: float


FLOORS: Final = (
    Floor("", 97, 93),
    Floor("indexer/cli/", 90, 88),
    Floor("indexer/pipeline/", 90, 87),
)


def measure(files: Iterable[Mapping[str, Any]]) -> tuple[float, float]:
    """Give the percentages of lines and branches run, of the summaries of some files."""
    held = list(files)

    def share(covered: str, all_: str) -> float:
        whole = sum(each[all_] for each in held)
        return 100 * sum(each[covered] for each in held) / whole if whole else 100.0

    lines = share("covered_lines", "num_statements")
    return lines, share("covered_branches", "num_branches")


def check(report: Mapping[str, Any], floors: Iterable[Floor] = FLOORS) -> list[tuple[str, bool]]:
    """Say of each floor what was measured, and whether it holds. A part of no file breaks it."""
    told = []
    for floor in floors:
        files = [
            each["summary"] for path, each in report["files"].items() if path.startswith(floor.part)
        ]
        lines, branches = measure(files)
        holds = bool(files) and lines >= floor.lines and branches >= floor.branches
        told.append(
            (
                f"{floor.part or 'all'}: {lines:.1f} % of lines (at least {floor.lines:g}), "
                f"{branches:.1f} % of branches (at least {floor.branches:g})",
                holds,
            )
        )
    return told


def main(path: Path) -> int:
    """Print how each floor stands; give 1 where one is broken."""
    told = check(json.loads(path.read_text(encoding="utf-8")))
    for line, holds in told:
        print(f"{'ok' if holds else 'BROKEN'}  {line}")
    return 0 if all(holds for _, holds in told) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
