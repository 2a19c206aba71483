"""Visit a zoo as the product does, on days that the caller turns by hand."""

import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from indexer import pipeline
from indexer.archive import Catalogue, Keeper, WarcArchive, open_archive, open_catalogue
from indexer.crawl import (
    Fetcher,
    Limits,
    Politeness,
    RateLimiter,
    RobotsCache,
    RunPolicy,
    next_due,
    parse_open_networks,
    visit_all,
)
from indexer.links.history import LinkHistory, open_history
from indexer.model import Arrival, LinkHealth, Observation, Outcome, Reference
from indexer.pipeline.head_policy import MIN_BYTES
from testbed.zoo.keeper import Zoo

FIRST_DAY: Final = datetime(2026, 1, 1, 9, tzinfo=UTC)
AGENT: Final = "renvois-test/0"
# However busy the machine, a server that answers is heard; those that never do ask for less.
PATIENCE_S: Final = 30.0


@dataclass(slots=True, kw_only=True)
class Visitor:
    """The whole pass on links, over real connections, with a clock that is turned by hand."""

    folder: Path
    networks: Sequence[str]
    ca_file: Path | None = None
    delay_s: float = 0.0
    read_timeout_s: float = PATIENCE_S
    workers: int = 8
    now: datetime = FIRST_DAY
    head_min_bytes: int = MIN_BYTES
    stack: ExitStack

    catalogue: Catalogue
    archive: WarcArchive
    history: LinkHistory
    fetcher: Fetcher
    keeper: Keeper
    politeness: Politeness
    policy: RunPolicy

    @classmethod
    def open(cls, folder: Path, **more: object) -> Self:
        stack = ExitStack()
        settings = {"networks": ("127.0.0.0/8",), "ca_file": None, "read_timeout_s": PATIENCE_S}
        settings |= {"proxy": None}
        settings |= {"delay_s": 0.0, "workers": 8, "max_bytes": 2_000_000}
        settings |= more  # type: ignore[arg-type]
        at_once = int(settings["workers"])  # type: ignore[call-overload]
        catalogue = stack.enter_context(open_catalogue(folder / "catalogue.sqlite"))
        archive = stack.enter_context(open_archive(folder / "archive", user_agent=AGENT))
        history = stack.enter_context(open_history(folder / "catalogue.sqlite"))
        fetcher = stack.enter_context(
            Fetcher(
                user_agent=AGENT,
                limits=Limits(
                    connect_timeout_s=2.0,
                    read_timeout_s=float(settings["read_timeout_s"]),  # type: ignore[arg-type]
                    total_s=float(settings["read_timeout_s"]) * 2,  # type: ignore[arg-type]
                    max_bytes=int(settings["max_bytes"]),  # type: ignore[call-overload]
                ),
                ca_file=settings["ca_file"],  # type: ignore[arg-type]
                open_networks=parse_open_networks(settings["networks"]),  # type: ignore[arg-type]
                proxy=settings["proxy"],  # type: ignore[arg-type]
            )
        )
        keeper = Keeper(archive, catalogue, next_due=next_due)
        visitor = cls(
            folder=folder,
            networks=(),
            stack=stack,
            catalogue=catalogue,
            archive=archive,
            history=history,
            fetcher=fetcher,
            keeper=keeper,
            politeness=None,  # type: ignore[arg-type]
            policy=RunPolicy(workers=at_once, max_tries=1),
        )
        visitor.politeness = Politeness(
            fetcher,
            token="renvois-test",
            delay_s=float(settings["delay_s"]),  # type: ignore[arg-type]
            rate_limiter=RateLimiter(at_once=at_once),
            robots_cache=RobotsCache(find=catalogue.hosts.find_robots, keep=keeper.keep_robots),
            now=lambda: visitor.now,
        )
        return visitor

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stack.close()

    def pass_by(self, references: Sequence[Reference], *, force: bool = True) -> float:
        """One pass at the time that the clock shows: visit, observe, probe.

        Gives the seconds that the visits took, with the looking that was done meanwhile.
        """
        self.plan(references)
        start = time.monotonic()
        visits = self.visit(force=force)
        for _ in pipeline.observe_meanwhile(visits, references, **self.kept):
            pass
        visited_s = time.monotonic() - start
        for _ in pipeline.observe(references, **self.kept):
            pass
        self.probe(references)
        return visited_s

    @property
    def kept(self) -> Any:
        """What holds all that is known, as most of the pipeline takes it."""
        return {"catalogue": self.catalogue, "archive": self.archive, "history": self.history}

    def plan(self, references: Sequence[Reference]) -> None:
        """Have them visited, those that want it sooner than the crawl would."""
        self.catalogue.targets.cite(each.url for each in references if each.url)
        pipeline.plan_checks(
            references, catalogue=self.catalogue, history=self.history, decisions={}
        )

    def visit(self, *, force: bool = True) -> Generator[Outcome, None, None]:
        """Visit what is due at the time that the clock shows, or all."""
        head_policy = pipeline.HeadPolicy(
            self.catalogue, self.history, min_bytes=self.head_min_bytes
        )
        due = self.catalogue.targets.due_hosts(self.now, is_forced=force)
        queues = head_policy.mark(due, now=self.now)
        for arrival in visit_all(
            queues,
            fetcher=self.fetcher,
            politeness=self.politeness,
            policy=self.policy,
            now=lambda: self.now,
        ):
            outcome = self.keeper.keep(self._turn_clock(arrival))
            head_policy.learn(arrival, outcome)
            yield outcome

    def probe(self, references: Sequence[Reference]) -> list[Observation]:
        """Ask hosts for what can't exist; what was observed anew."""
        observed = pipeline.probe(
            references,
            keeper=self.keeper,
            fetcher=self.fetcher,
            politeness=self.politeness,
            policy=self.policy,
            now=self.now,
            **self.kept,
        )
        return list(observed)

    def health(self, url: str) -> LinkHealth:
        found = pipeline.find_health(
            url, catalogue=self.catalogue, history=self.history, decisions={}, now=self.now
        )
        return found or LinkHealth()

    def _turn_clock(self, arrival: Arrival) -> Arrival:
        """The same arrival, as if it had come at the time that our clock shows."""
        hops = tuple(replace(hop, started_at=self.now) for hop in arrival.exchange.hops)
        exchange = replace(arrival.exchange, hops=hops)
        return replace(arrival, exchange=exchange, arrived_at=self.now)


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
