"""Run parts of the campaign and write their table: python -m tests.campaign [PART[=COUNT]…]."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.campaign.command import ROOT
from tests.campaign.lab import Case, open_lab
from tests.campaign.parts import PARTS

HEADING = "## Campaign"
TABLE = ROOT / "benchmarks" / "results" / "reliability.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART[=COUNT]", help="all by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="cases at a time")
    parser.add_argument("--minutes", type=float, help="begin no case of flips, kills… after that")
    parser.add_argument("--begin", type=int, default=0, help="of flips, kills…: the first case")
    parser.add_argument("--output", type=Path, default=TABLE)
    parser.add_argument("--list", action="store_true", help="name the parts and end")
    given = parser.parse_args()
    if given.list:
        for name, part in PARTS.items():
            print(f"{name:12} {part.count:4} cases  {(part.run.__doc__ or '').splitlines()[0]}")
        return 0
    wanted = [text.partition("=")[::2] for text in given.parts] or [(name, "") for name in PARTS]
    if unknown := [name for name, _ in wanted if name not in PARTS]:
        parser.error(f"no part is called {', '.join(unknown)}; --list names them")
    results: dict[str, list[Case]] = {}
    counts: dict[str, int] = {}
    with (
        tempfile.TemporaryDirectory(prefix="campaign-") as folder,
        open_lab(Path(folder), given.workers) as lab,
    ):
        lab.begins_at = given.begin
        if given.minutes is not None:
            lab.ends_at = time.monotonic() + 60 * given.minutes
        for name, count in wanted:
            counts[name] = int(count or PARTS[name].count)
            results[name] = PARTS[name].run(lab, counts[name], given.seed)
            print(render([(name, results[name])], given.seed), file=sys.stderr, flush=True)
            write_section(given.output, render(list(results.items()), given.seed, counts))
    return 3 if any(case.faults for cases in results.values() for case in cases) else 0


def write_section(path: Path, section: str) -> None:
    """Put the campaign's section into a page, in place of the one before; the others stay."""
    page = path.read_text(encoding="utf-8") if path.exists() else "# Reliability\n\n"
    before, _, after = page.partition(HEADING)
    _, mark, others = after.partition("\n## ")
    path.write_text(f"{before.rstrip()}\n\n{section}{mark}{others}", encoding="utf-8")


def render(
    results: Sequence[tuple[str, list[Case]]], seed: int, counts: Mapping[str, int] | None = None
) -> str:
    """The table: a row a part, then for each fault how often and its first case.

    `counts` says how many cases of a part were wanted: "320 of 500" where time was up.
    """
    lines = [
        HEADING,
        "",
        f"`python -m tests.campaign`, seed {seed}, {datetime.now(UTC):%Y-%m-%d}. "
        "A case is wrong when it has any fault.",
        "",
        "| part | cases | skipped | wrong | faults (cases that have each) |",
        "|---|---|---|---|---|",
    ]
    for name, cases in results:
        slugs = Counter(slug for case in cases for slug in {slug for slug, _ in case.faults})
        told = ", ".join(f"{slug} {count}" for slug, count in slugs.most_common()) or "none"
        skipped, wrong = sum(bool(c.skipped) for c in cases), sum(bool(c.faults) for c in cases)
        wanted = (counts or {}).get(name, 0)
        ran = f"{len(cases)} of {wanted}" if len(cases) < wanted else str(len(cases))
        lines.append(f"| {name} | {ran} | {skipped} | {wrong} | {told} |")
    for name, cases in results:
        for case in cases:
            lines += [f"\n{name}: {case.name}: skipped, {case.skipped}"] if case.skipped else []
            lines += [f"\n{name}: {case.name}"] if case.faults else []
            shown: Counter[str] = Counter()
            for slug, what in case.faults:
                shown[slug] += 1
                lines += [f"- {slug}: {what}"] if shown[slug] <= 3 else []
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
