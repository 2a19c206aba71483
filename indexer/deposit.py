"""Ask web archives to keep what is cited and what they do not keep yet.

A service is an address with "{url}" in it, asked by GET: Save Page Now
(`https://web.archive.org/save/{url}`), a pywb that records (`https://…/coll/record/{url}`), or
whatever takes an address (`https://…/add?url={url}`). Its keys go as headers of that site's
settings, so to nobody else. Requests go through the crawl's door, at the pace at which archives are
asked; a service in trouble is left alone for the rest of the run. What became of each is a value.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from indexer.codings import decode
from indexer.corpus import Crawl
from indexer.crawl import OpenNetworks, judge
from indexer.crawl.address_guard import NO_OPEN_NETWORKS, find_literal, is_allowed
from indexer.crawl.memento import TROUBLE, WebArchive, parse_timemap
from indexer.model import Exchange, LinkMark, LinkState, Reference, Worth
from indexer.pipeline.links import find_health
from indexer.urls import host, is_web_url, parse_url, redact_url, urlkey

PLACE: Final = "{url}"
AGAIN_AFTER: Final = timedelta(days=1)  # what was refused is asked again; then after twice as long
MOST_AFTER: Final = timedelta(days=32)  # between two tries at what goes on being refused
PENDING_FOR: Final = timedelta(days=1)  # a job that is not done by then is given up, as refused
MAX_ANSWER_BYTES: Final = 2**20
MAX_DETAIL: Final = 300  # characters of what a service says
_ACCEPT: Final = {"Accept": "application/json, text/html;q=0.9, */*;q=0.8"}


class DepositState(StrEnum):
    """The states of a request that a web archive keep a URL."""

    HELD = "held"  # the archive had it before
    TAKEN = "taken"  # it keeps it now
    PENDING = "pending"  # it is at work: the next run asks how it went
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """The latest request that a web archive (`service`) keep a URL, and its outcome."""

    url: str  # as the bibliography writes it, without credentials
    service: str  # its address, with "{url}"
    state: DepositState
    at: datetime
    detail: str = ""  # what it said
    job: str = ""  # by which Save Page Now is asked how it went
    memento: str = ""  # where it shows what it keeps, where it says so
    refusals: int = 0  # in a row
    pending_since: str = ""  # ISO 8601; "" for what is not pending


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositService:
    """A service that keeps what it is asked to keep."""

    template: str

    def address(self, url: str) -> str:
        """Make the address that asks to keep a URL: escaped in a query, as it is in a path."""
        is_in_query = "?" in self.template.partition(PLACE)[0]
        return self.template.replace(PLACE, quote(url, safe="") if is_in_query else url)

    def status_address(self, job: str) -> str:
        """Make the address at which Save Page Now says how a job goes."""
        return f"{self.template.partition(PLACE)[0]}status/{quote(job, safe='')}"


def parse_service(template: str) -> DepositService:
    """Parse a service of the settings; ValueError for what is no web address with "{url}"."""
    whole = parse_url(template.replace(PLACE, ""))
    if template.count(PLACE) != 1 or whole is None or not is_web_url(whole):
        raise ValueError(f"{template!r} is no address with {PLACE} in it")
    return DepositService(template=template)


def is_due(last: Deposit | None, now: datetime) -> bool:
    """Tell whether a service is to be asked: what it keeps never, what it refused after a day.

    What it goes on refusing is asked less and less often: after 1, 2, 4, … 32 days.
    """
    if last is None or last.state is DepositState.PENDING:
        return True
    rest = min(AGAIN_AFTER * 2 ** min(max(last.refusals - 1, 0), 30), MOST_AFTER)
    return last.state is DepositState.REFUSED and now - last.at >= rest


def deposit_all(
    references: Iterable[Reference],
    corpus: Crawl,
    services: Sequence[DepositService],
    *,
    find_last: Callable[[str, str], Deposit | None],
    open_networks: OpenNetworks = NO_OPEN_NETWORKS,
) -> Iterator[Deposit]:
    """Ask each service to keep each cited page that answers and that it does not keep yet.

    `find_last` finds what became of a URL at a service before. What a person ignores, what is
    dead, ailing or behind a wall is asked of nobody; nor is what is inside a private network, whose
    addresses no archive is to learn: the hosts of `open_networks`, and bare addresses.
    """
    clerk = _Clerk(corpus)
    left = list(services)
    seen: set[str] = set()
    for reference in references:
        url = reference.url or ""
        if not url or urlkey(url) in seen or _is_private(url, open_networks):
            continue
        if not _is_wanted(url, corpus):
            continue
        seen.add(urlkey(url))
        for service in tuple(left):
            last = find_last(urlkey(url), service.template)
            if not is_due(last, corpus.now()):
                continue
            done, is_in_trouble = clerk.ask(url, service, last)
            done = count_tries(done, last, is_in_trouble=is_in_trouble)
            if is_in_trouble:
                left.remove(service)
            yield done


def count_tries(done: Deposit, last: Deposit | None, *, is_in_trouble: bool) -> Deposit:
    """Count the refusals in a row, and since when a job is pending; `last` is what became before.

    The trouble of a service is no refusal of this page. A job that is not done after PENDING_FOR is
    refused: nobody asks after it for ever.
    """
    refusals = last.refusals if last is not None else 0
    if done.state is DepositState.PENDING:
        since = (last.pending_since if last is not None else "") or done.at.isoformat()
        if done.at - datetime.fromisoformat(since) < PENDING_FOR:
            return replace(done, pending_since=since, refusals=refusals)
        detail = f"not done since {since}" + (f": {done.detail}" if done.detail else "")
        done = replace(done, state=DepositState.REFUSED, detail=detail, job="")
    if done.state is DepositState.REFUSED:
        return replace(done, refusals=refusals if is_in_trouble else refusals + 1)
    return done


def _is_private(url: str, open_networks: OpenNetworks) -> bool:
    name = host(parse_url(url) or "")
    address = find_literal(name)
    return name in open_networks.hosts or (address is not None and not is_allowed(address))


def _is_wanted(url: str, corpus: Crawl) -> bool:
    health = find_health(url, corpus)
    if health is None or LinkMark.IGNORED in health.marks:
        return False
    return health.state in (LinkState.ALIVE, LinkState.MOVED)


class _Clerk:
    """Asks services, through the crawl's door, at the pace of archives."""

    def __init__(self, corpus: Crawl) -> None:
        self._corpus = corpus

    def ask(self, url: str, service: DepositService, last: Deposit | None) -> tuple[Deposit, bool]:
        """Ask one service to keep one URL; say too whether the service itself is in trouble."""
        canonical_url = parse_url(url) or url
        if last is not None and last.state is DepositState.PENDING and last.job:
            exchange = self._fetch(service.status_address(last.job))
        elif held := self._find_held(canonical_url, service):
            return self._make(url, service, DepositState.HELD, memento=held), False
        else:
            exchange = self._fetch(service.address(canonical_url))
        verdict = judge(exchange)
        if verdict.worth is Worth.NOTHING:
            detail = " ".join(filter(None, (verdict.cause, verdict.detail)))
            refused = self._make(url, service, DepositState.REFUSED, detail=detail)
            return refused, verdict.cause in TROUBLE
        state, more = read_answer(exchange)
        memento = more.get("memento", "")
        if memento and not is_web_url(memento):
            own = self._find_archive(service)
            more["memento"] = f"{own.address}{memento}" if own is not None else ""
        return self._make(url, service, state, **more), False

    def _find_held(self, url: str, service: DepositService) -> str:
        """Find what the archive of a service keeps of a URL already; "" for nothing."""
        archive = self._find_archive(service)
        if archive is None:
            return ""
        exchange = self._fetch(archive.timemap(url))
        if judge(exchange).worth is Worth.NOTHING:
            return ""
        mementos = parse_timemap(_read_body(exchange))
        return mementos[-1].uri if mementos else ""

    def _find_archive(self, service: DepositService) -> WebArchive | None:
        """Find the archive of the settings that is on the host of a service."""
        own = host(parse_url(service.template.replace(PLACE, "")) or "")
        return next((each for each in self._corpus.archives if host(each.address) == own), None)

    def _fetch(self, address: str) -> Exchange:
        return self._corpus.fetcher.fetch(address, headers=_ACCEPT, permit=self._rest)

    @contextmanager
    def _rest(self, url: str) -> Iterator[None]:
        """Wait as long as between two requests to an archive, whatever its robots.txt says.

        An interface at which people ask for what is theirs is no page to crawl.
        """
        delay_s = self._corpus.policy.archive_delay_s
        with self._corpus.politeness.rate_limiter.slot(host(url), delay_s):
            yield None

    def _make(self, url: str, service: DepositService, state: DepositState, **more: Any) -> Deposit:
        return Deposit(
            url=redact_url(url),
            service=service.template,
            state=state,
            at=self._corpus.now(),
            **more,
        )


def read_answer(exchange: Exchange) -> tuple[DepositState, dict[str, str]]:
    """Read what a service answered: Save Page Now's JSON, or any page that says no error.

    Gives what a `Deposit` holds of it; a memento that is only named by date and URL begins with
    the date: it stands behind the address of the archive.
    """
    last = exchange.hops[-1]
    try:
        told: Any = json.loads(_read_body(exchange))
    except ValueError:
        told = None
    if not isinstance(told, dict):
        is_memento = bool(last.header("Memento-Datetime"))
        return DepositState.TAKEN, {"memento": last.target_uri} if is_memento else {}
    state = str(told.get("status") or ("pending" if told.get("job_id") else "success"))
    detail = str(told.get("message") or told.get("status_ext") or "")[:MAX_DETAIL]
    if state == "pending":
        return DepositState.PENDING, {"job": str(told.get("job_id") or ""), "detail": detail}
    if state == "success":
        named = told.get("timestamp") and told.get("original_url")
        memento = f"{told['timestamp']}/{told['original_url']}" if named else ""
        return DepositState.TAKEN, {"memento": memento, "detail": detail}
    return DepositState.REFUSED, {"detail": detail or state}


def _read_body(exchange: Exchange) -> str:
    last = exchange.hops[-1]
    coding = last.header("Content-Encoding")
    decoded = decode(last.payload, coding, max_bytes=MAX_ANSWER_BYTES, keep=MAX_ANSWER_BYTES)
    return decoded.payload.decode("utf-8", "replace")
