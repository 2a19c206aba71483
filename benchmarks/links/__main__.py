"""`python -m benchmarks.links`."""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.links import french, peer, report, speed
from indexer import __version__
from indexer.model import LinkState
from testbed.zoo import ZOO
from testbed.zoo.cases import ROUNDS
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.visiting import Visitor, after, cite

ALIVE = {LinkState.ALIVE, LinkState.MOVED}
TRUTHS = (
    LinkState.ALIVE,
    LinkState.MOVED,
    LinkState.BLOCKED,
    LinkState.SICK,
    LinkState.DEAD,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a checker said of the zoo."""

    checker: str
    confusion: Mapping[tuple[str, str], int]  # (truth, said) -> how many
    elapsed_s: float
    mistakes: Sequence[tuple[str, str, str]]  # (case, truth, said)

    def row(self) -> dict[str, Any]:
        """One line of the answer."""
        table: dict[str, dict[str, int]] = {truth.value: {} for truth in TRUTHS}
        for (truth, said), count in sorted(self.confusion.items()):
            table[truth][said] = count
        return {
            "checker": self.checker,
            "cases": sum(self.confusion.values()),
            "false_dead": self._sum(lambda truth, said: said == "dead" and truth != "dead"),
            "false_alive": self._sum(
                lambda truth, said: truth == "dead" and said in ("alive", "moved")
            ),
            "undecided": self._sum(lambda _, said: said not in ("dead", "alive", "moved")),
            "elapsed_s": round(self.elapsed_s, 1),
            "confusion": table,
        }

    def _sum(self, matches: Any) -> int:
        return sum(count for pair, count in self.confusion.items() if matches(*pair))


def score_ours(zoo: Zoo, folder: Path) -> Score:
    """Visit on four days, then ask."""
    start = time.monotonic()
    with Visitor.open(
        folder, networks=(NETWORK,), ca_file=folder / "ca.pem", read_timeout_s=0.4
    ) as visitor:
        references = cite(zoo)
        for zoo.round in range(ROUNDS):
            visitor.now = after(4 * zoo.round)
            visitor.pass_by(references)
        said = {n: visitor.health(zoo.cited(n)).state.value for n in range(len(ZOO))}
    return _score(f"renvois {__version__}", said, time.monotonic() - start)


def score_peer(zoo: Zoo, folder: Path, version: str) -> Score:
    """Let LinkChecker visit on the last of those days."""
    start = time.monotonic()
    zoo.round = ROUNDS - 1
    urls = [zoo.cited(n) for n in range(len(ZOO))]
    said = peer.check(urls, ca_file=folder / "ca.pem", timeout_s=2)
    elapsed_s = time.monotonic() - start
    return _score(f"LinkChecker {version}", {n: said[url] for n, url in enumerate(urls)}, elapsed_s)


def _score(checker: str, said: Mapping[int, str], elapsed_s: float) -> Score:
    return Score(
        checker=checker,
        confusion=Counter((case.truth.value, said[n]) for n, case in enumerate(ZOO)),
        elapsed_s=elapsed_s,
        mistakes=[
            (case.name, case.truth.value, said[n])
            for n, case in enumerate(ZOO)
            if {case.truth.value, said[n]} > {"dead"} and said[n] in ("dead", "alive", "moved")
        ],
    )


def print_score(score: Score, *, as_json: bool, with_mistakes: bool) -> None:
    """A line a checker, then its confusion table."""
    row = score.row()
    if as_json:
        print(json.dumps(row, ensure_ascii=False))
        return
    table = row.pop("confusion")
    print("  ".join(f"{key}={value}" for key, value in row.items()))
    columns = list(dict.fromkeys(said for line in table.values() for said in line))
    print(f"    {'truth':>10} | " + " ".join(f"{said:>10}" for said in columns))
    for truth, line in table.items():
        print(f"    {truth:>10} | " + " ".join(f"{line.get(said, 0):>10}" for said in columns))
    if with_mistakes:
        for name, truth, said in score.mistakes:
            print(f"    {truth} called {said}: {name}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.links")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--mistakes", action="store_true", help="name every mistake")
    parser.add_argument("--speed", action="store_true", help="5,000 URLs on 200 hosts instead")
    parser.add_argument(
        "--report", type=int, metavar="N", help="the report of N made-up links, and the page Liens"
    )
    parser.add_argument(
        "--french", type=Path, metavar="DIR", help="the French zoo, with texts of DIR's collections"
    )
    asked = parser.parse_args()
    if asked.french:
        french.main(asked.french, with_mistakes=asked.mistakes)
        return
    if asked.report:
        report.main(asked.report)
        return
    if asked.speed:
        speed.main(as_json=asked.json)
        return
    with tempfile.TemporaryDirectory() as name, Zoo(cases=ZOO) as zoo:
        folder = Path(name)
        zoo.trust(folder / "ca.pem")
        scores = [score_ours(zoo, folder)]
        version = peer.find_version()
        if version is None:
            print("LinkChecker is not installed (apt-get install linkchecker): skipped.",
                  file=sys.stderr)  # fmt: skip
        else:
            scores.append(score_peer(zoo, folder, version))
    for score in scores:
        print_score(score, as_json=asked.json, with_mistakes=asked.mistakes)


if __name__ == "__main__":
    main()
