"""Run the French zoo: our checker over sixty days, LinkChecker on the last of them."""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.links import peer
from benchmarks.links.french_cases import BEFORE, DAYS, LINKS, Link, list_helpers, name_author
from benchmarks.links.french_pages import read_prose
from benchmarks.links.french_sites import list_links
from indexer.model import LinkState, Name, Reference
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.visiting import Visitor, after

_ALIVE: Final = ("alive", "moved")
_HALVES: Final = (("looked at", 1), ("kept apart", 0))
_PARTS: Final = {
    "first": range(1, BEFORE + 1),
    "later": range(BEFORE + 1, LINKS + 1),
    "whole": range(1, LINKS + 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a checker said of a link on the last day, and why; any day on which it said dead."""

    state: str
    reason: str = ""
    was_dead: bool = False

    def mistake(self, link: Link) -> str:
        """Name the mistake, or "" where there is none."""
        if self.state in {each.value for each in link.accepted}:
            return "false-dead" if link.is_good and self.was_dead else ""
        if self.state in _ALIVE and not link.is_shown:
            return "false-alive"
        if self.state == "dead" and (link.is_shown or LinkState.DEAD not in link.accepted):
            return "false-dead"
        return "other"


def describe(link: Link, url: str) -> Reference:
    """Cite a link: by fields of a bibliography, or by the words of a link alone."""
    cited = Reference(id=f"f{link.number}", title=link.case.title, url=url)
    if not link.is_described:
        return cited
    author = (Name(family=name_author(link.number), given="Aubin"),)
    return replace(
        cited, type="article-newspaper", author=author, container_title="Revue", issued="2014"
    )


def judge(zoo: Zoo, links: Sequence[Link], folder: Path) -> dict[int, Verdict]:
    """Visit on each of the days, ask on each whether anything is called dead."""
    references = [describe(link, zoo.cited(link.number - 1)) for link in links]
    notes = {f"f{link.number}": link.note for link in links if link.note}
    was_dead: set[int] = set()
    with Visitor.open(folder, networks=(NETWORK,), read_timeout_s=2.0) as visitor:
        visitor.corpus = replace(visitor.corpus, note_texts=notes)
        for zoo.round, day in enumerate(DAYS):
            visitor.now = after(day)
            visitor.pass_by(references)
            said = {link: visitor.health(zoo.cited(link.number - 1)) for link in links}
            was_dead |= {each.number for each in said if said[each].state is LinkState.DEAD}
        return {
            link.number: Verdict(
                state=health.state.value,
                reason=str(health.reason),
                was_dead=link.number in was_dead,
            )
            for link, health in said.items()
        }


def print_halves(
    checker: str, links: Sequence[Link], said: Mapping[int, Verdict], *, named: Sequence[int]
) -> None:
    """Print each half of the first links and of those that came later, and of them all."""
    for part, numbers in _PARTS.items():
        for half, rest in _HALVES:
            chosen = [link for link in links if link.number in numbers and link.number % 2 == rest]
            _print_part(f"checker={checker}  part={part}  half={half}", chosen, said)
            for link in chosen if rest in named else ():
                if mistake := said[link.number].mistake(link):
                    verdict = said[link.number]
                    print(f"    {link.number:>3} {mistake}: {link.case.name}: {verdict.state} "
                          f"{verdict.reason}")  # fmt: skip


def _print_part(head: str, links: Sequence[Link], said: Mapping[int, Verdict]) -> None:
    """Print a line of counts, and a confusion table."""
    mistakes = Counter(said[link.number].mistake(link) for link in links)
    good = Counter(said[link.number].mistake(link) for link in links if link.is_good)
    row = {
        "links": len(links),
        "right": mistakes[""],
        "false_alive": mistakes["false-alive"],
        "false_dead": mistakes["false-dead"],
        "other": mistakes["other"],
        "good_misjudged": good.total() - good[""],
    }
    print(f"{head}  " + "  ".join(f"{k}={v}" for k, v in row.items()))
    table = Counter(("/".join(sorted(each.value for each in link.accepted)),
                     said[link.number].state) for link in links)  # fmt: skip
    for (truth, state), count in sorted(table.items()):
        print(f"    {truth:>20} called {state:<12} {count}")


def main(collections: Path, *, with_mistakes: bool) -> None:
    """Measure, and print; mistakes are named of the odd half only, the even one is counted."""
    prose = read_prose(collections)
    links = list_links(prose)
    named = (1,) if with_mistakes else ()
    with (
        tempfile.TemporaryDirectory() as name,
        Zoo(cases=[*(link.case for link in links), *list_helpers(prose)]) as zoo,
    ):
        folder = Path(name)
        zoo.trust(folder / "ca.pem")
        start = time.monotonic()
        said = judge(zoo, links, folder)
        print(f"visited {len(DAYS)} times in {time.monotonic() - start:.0f} s")
        print_halves("renvois", links, said, named=named)
        version = peer.find_version()
        if version is None:
            print("LinkChecker is not installed (apt-get install linkchecker): skipped.",
                  file=sys.stderr)  # fmt: skip
            return
        zoo.round = len(DAYS) - 1
        urls = [zoo.cited(link.number - 1) for link in links]
        told = peer.check(urls, ca_file=folder / "ca.pem", timeout_s=2)
        theirs = {link.number: Verdict(state=told[url])
                  for link, url in zip(links, urls, strict=True)}  # fmt: skip
        print_halves(f"LinkChecker {version}", links, theirs, named=())
