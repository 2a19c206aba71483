"""Visit a zoo as the product does, on days that the caller turns by hand."""

import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from indexer import pipeline
from indexer.archive import Keeper, open_archive, open_catalogue
from indexer.corpus import Crawl
from indexer.crawl import (
    Fetcher,
    Limits,
    Politeness,
    RateLimiter,
    RobotsCache,
    RunPolicy,
    next_due,
    parse_open_networks,
)
from indexer.crawl.head_trust import MIN_BYTES
from indexer.links.history import open_history
from indexer.model import LinkHealth, Observation, Outcome, Reference
from testbed.zoo.keeper import Zoo

FIRST_DAY: Final = datetime(2026, 1, 1, 9, tzinfo=UTC)
AGENT: Final = "renvois-test/0"
# However busy the machine, a server that answers is heard; those that never do ask for less.
PATIENCE_S: Final = 30.0


class Clock:
    """A clock that is turned by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True, kw_only=True)
class Visitor:
    """The whole pass on links, over real connections, with a clock that is turned by hand."""

    folder: Path
    clock: Clock
    corpus: Crawl
    stack: ExitStack

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        networks: Sequence[str] = ("127.0.0.0/8",),
        workers: int = 8,
        delay_s: float = 0.0,
        read_timeout_s: float = PATIENCE_S,
        max_bytes: int = 2_000_000,
        min_head_bytes: int = MIN_BYTES,
        **more: Any,
    ) -> Self:
        """Open a corpus in a folder; `more` goes to the fetcher."""
        stack = ExitStack()
        clock = Clock(FIRST_DAY)
        catalogue = stack.enter_context(open_catalogue(folder / "catalogue.sqlite"))
        archive = stack.enter_context(open_archive(folder / "archive", user_agent=AGENT))
        history = stack.enter_context(open_history(folder / "catalogue.sqlite"))
        limits = Limits(
            connect_timeout_s=2.0,
            read_timeout_s=read_timeout_s,
            total_s=read_timeout_s * 2,
            max_bytes=max_bytes,
        )
        open_networks = parse_open_networks(networks)
        fetcher = stack.enter_context(
            Fetcher(user_agent=AGENT, limits=limits, open_networks=open_networks, now=clock, **more)
        )
        keeper = Keeper(archive, catalogue, next_due=next_due)
        politeness = Politeness(
            fetcher,
            token="renvois-test",
            delay_s=delay_s,
            rate_limiter=RateLimiter(at_once=workers),
            robots_cache=RobotsCache(find=catalogue.hosts.find_robots, keep=keeper.keep_robots),
            now=clock,
        )
        corpus = Crawl(
            catalogue=catalogue,
            archive=archive,
            history=history,
            keeper=keeper,
            fetcher=fetcher,
            politeness=politeness,
            policy=RunPolicy(workers=workers, max_tries=1, min_head_bytes=min_head_bytes),
            now=clock,
        )
        return cls(folder=folder, clock=clock, corpus=corpus, stack=stack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stack.close()

    @property
    def now(self) -> datetime:
        """What the clock shows."""
        return self.clock.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self.clock.now = moment

    def pass_by(self, references: Sequence[Reference], *, force: bool = True) -> float:
        """One pass at the time that the clock shows: visit, observe, probe.

        Gives the seconds that the visits took, with the observations that were made meanwhile.
        """
        self.plan(references)
        start = time.monotonic()
        for _ in pipeline.observe_meanwhile(self.visit(force=force), references, self.corpus):
            pass
        visited_s = time.monotonic() - start
        for _ in pipeline.observe(references, self.corpus):
            pass
        self.probe(references)
        return visited_s

    def plan(self, references: Sequence[Reference]) -> None:
        """Have them visited, those that want it sooner than the crawl would."""
        self.corpus.catalogue.targets.cite(each.url for each in references if each.url)
        pipeline.plan_checks(references, self.corpus)

    def visit(self, *, force: bool = True) -> Generator[Outcome, None, None]:
        """Visit what is due at the time that the clock shows, or all."""
        due = self.corpus.catalogue.targets.due_hosts(self.now, is_forced=force)
        return pipeline.crawl(due, self.corpus)

    def probe(self, references: Sequence[Reference]) -> list[Observation]:
        """Ask hosts for what can't exist; what was observed anew."""
        return list(pipeline.probe(references, self.corpus))

    def health(self, url: str) -> LinkHealth:
        return pipeline.find_health(url, self.corpus) or LinkHealth()


def after(days: float) -> datetime:
    """That many days after the first one."""
    return FIRST_DAY + timedelta(days=days)


def cite(zoo: Zoo) -> list[Reference]:
    """The references of a bibliography that cites every animal."""
    references = []
    for number, case in enumerate(zoo.cases):
        cited = [zoo.cited(number), *zoo.beside(number)]
        titles = [case.title, *("Un autre texte du même site" for _ in cited[1:])]
        references += [
            Reference(id=f"r{number}-{position}", title=title, url=url)
            for position, (url, title) in enumerate(zip(cited, titles, strict=True))
        ]
    return references
