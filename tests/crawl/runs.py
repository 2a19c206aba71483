"""A whole crawl as the pipeline carries it, for tests: all its parts are real."""

import socket
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from indexer import corpus
from indexer.archive import (
    Keeper,
    Location,
    Recovered,
    open_archive,
    open_catalogue,
    recover,
)
from indexer.crawl import (
    Fetcher,
    Limits,
    Politeness,
    RateLimiter,
    RobotsCache,
    RunPolicy,
    SitePolicies,
    SitePolicy,
    next_due,
    parse_open_networks,
    visit_all,
)
from indexer.links.history import open_history
from indexer.model import Outcome
from testbed.hostile import INSIDE, PUBLIC
from tests.places import find_place

USER_AGENT = "renvois/0.1 (+https://exemple.test/renvois)"
QUICK = Limits(
    connect_timeout_s=2.0, read_timeout_s=1.5, total_s=4.0, max_bytes=24 * 2**20, max_redirects=10
)


class Resolver:
    """What a resolver answers for the hosts of the tests."""

    def __init__(self) -> None:
        self._turns = 0
        self._lock = threading.Lock()

    def __call__(self, host: str, port: int) -> Sequence[str]:
        match host:
            case "inside.test" | "localhost":
                return [INSIDE]
            case "half-inside.test":
                return [PUBLIC, INSIDE]
            case "metadata.test":
                return ["169.254.169.254"]
            case "turns.test":
                with self._lock:
                    self._turns += 1
                    return [PUBLIC if self._turns == 1 else INSIDE]
            case "no-such-host.test":
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            case "resolver-fails.test":
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
            case "resolver-hangs.test":
                threading.Event().wait(20)
                raise socket.gaierror(socket.EAI_AGAIN, "never said")
            case _:
                return [PUBLIC]


@dataclass
class Crawl:
    """The folder of a corpus, and how to crawl it."""

    folder: Path
    limits: Limits = QUICK
    policy: RunPolicy = field(
        default_factory=lambda: RunPolicy(workers=8, max_tries=2, backoff_s=0.05)
    )
    delay_s: float = 0.0
    sites: Mapping[str, SitePolicy] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)  # for the fetcher
    recovered: list[Recovered] = field(default_factory=list)

    def run(
        self, urls: Iterable[str], *, now: datetime | None = None, is_forced: bool = False
    ) -> Iterator[Outcome]:
        with self.open() as opened:
            yield from opened.visit(urls, now=now, is_forced=is_forced)

    def read_payload(self, location: Location) -> bytes:
        with open_archive(self.folder / "archive") as archive:
            return archive.read_payload(location.filename, location.offset).payload

    @contextmanager
    def open(self) -> Iterator["OpenCrawl"]:
        sites = SitePolicies(self.sites)
        with (
            open_archive(self.folder / "archive", user_agent=USER_AGENT) as archive,
            open_catalogue(find_place(self.folder)) as catalogue,
            open_history(find_place(self.folder)) as history,
            Fetcher(
                user_agent=USER_AGENT,
                limits=self.limits,
                open_networks=parse_open_networks(["127.0.1.0/24"]),
                sites=sites,
                **{"resolve": Resolver(), **self.more},
            ) as fetcher,
        ):
            self.recovered = recover(archive, catalogue, next_due=next_due)
            keeper = Keeper(archive, catalogue, next_due=next_due, secrets=sites.secrets)
            politeness = Politeness(
                fetcher,
                token="renvois",
                delay_s=self.delay_s,
                rate_limiter=RateLimiter(),
                robots_cache=RobotsCache(find=catalogue.hosts.find_robots, keep=keeper.keep_robots),
                sites=sites,
            )
            yield OpenCrawl(
                catalogue=catalogue,
                archive=archive,
                history=history,
                keeper=keeper,
                fetcher=fetcher,
                politeness=politeness,
                policy=self.policy,
            )


class OpenCrawl(corpus.Crawl):
    """A corpus opened to be crawled, several times if need be."""

    def visit(
        self, urls: Iterable[str], *, now: datetime | None = None, is_forced: bool = False
    ) -> Iterator[Outcome]:
        self.catalogue.targets.cite(urls)
        queues = self.catalogue.targets.due_hosts(now or datetime.now(UTC), is_forced=is_forced)
        with closing(
            visit_all(queues, fetcher=self.fetcher, politeness=self.politeness, policy=self.policy)
        ) as arrivals:
            for arrival in arrivals:
                yield self.keeper.keep(arrival)
