"""Visit one target: by HEAD, by GET, and a second time where the first answer may mislead.

A 404 may be for our name only, a refusal for http only. Nothing here decides when, or keeps.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from indexer.crawl.fetcher import Fetcher, Refusal
from indexer.crawl.frontier import Task
from indexer.crawl.head_trust import UNCHANGED_BY_HEAD, says_unchanged
from indexer.crawl.judge import judge
from indexer.crawl.politeness import InterruptedWaitError, Politeness, SlotSpentError
from indexer.model import Arrival, Cause, Exchange, HeadUse, Target, Verdict, Worth

# What a server may do with http that still answers by https.
SECURE_CAUSES: Final = frozenset(
    {Cause.CONNECTION_REFUSED, Cause.CONNECTION_RESET, Cause.TIMEOUT, Cause.UNREACHABLE}
)


class TargetVisitor:
    """Visit targets, in any number of threads.

    `now` reads the time, in UTC.
    """

    def __init__(
        self, fetcher: Fetcher, politeness: Politeness, now: Callable[[], datetime]
    ) -> None:
        """Take who fetches, what is permitted, and how a run goes about it."""
        self._fetcher = fetcher
        self._politeness = politeness
        self._now = now
        self._is_over = False

    def stop(self) -> None:
        """Ask nothing more; a visit under way ends with InterruptedWaitError at its next hop."""
        self._is_over = True

    @contextmanager
    def _permit(self, url: str, *, unless: str = "") -> Iterator[Refusal | None]:
        with self._politeness.permit(url, waits=url != unless) as refusal:
            if self._is_over:
                raise InterruptedWaitError
            yield refusal

    def visit(self, task: Task) -> Arrival | None:
        """Ask a target and judge what comes.

        Gives None where the slot of its host went to robots.txt: to be called again for the next.
        """
        try:
            return self._visit(task)
        except SlotSpentError:
            return None

    def _visit(self, task: Task) -> Arrival:
        target = task.target
        head = self._ask_head(target) if not task.tries else None
        held = target.previous
        if head and held and target.head is HeadUse.FIRST and says_unchanged(head, held):
            verdict = Verdict(
                worth=Worth.SAME, detail=UNCHANGED_BY_HEAD, status=head.hops[-1].status
            )
            return Arrival(target=target, exchange=head, verdict=verdict, arrived_at=self._now())
        exchange = self._fetch(target, target.url)
        verdict = judge(exchange, previous=target.previous)
        if verdict.cause is Cause.NOT_FOUND:
            verdict = self._visit_again(target, verdict)
        secure_url = _find_secure_url(target, exchange) if not task.tries else ""
        if secure_url:
            secure = self._fetch(target, secure_url)
            found = judge(secure, previous=target.previous)
            if found.worth is not Worth.NOTHING:
                exchange = replace(secure, url=target.url)
                verdict = replace(found, detail=found.detail or "served by https only")
        return Arrival(
            target=target,
            exchange=exchange,
            verdict=verdict,
            arrived_at=self._now(),
            head=head,
        )

    def _ask_head(self, target: Target) -> Exchange | None:
        if target.head is HeadUse.NEVER or target.previous is None:
            return None
        return self._fetcher.fetch(
            target.url,
            method="HEAD",
            is_cited=True,
            permit=partial(self._permit, unless=target.canonical_url or ""),
        )

    def _fetch(self, target: Target, url: str) -> Exchange:
        held = target.previous
        return self._fetcher.fetch(
            url,
            etag=held.etag if held else "",
            last_modified=held.last_modified if held else "",
            validated_uri=held.target_uri if held else "",
            is_cited=True,
            # What would wait before its first word waits in the frontier, not in a thread.
            permit=partial(self._permit, unless=target.canonical_url or ""),
        )

    def _visit_again(self, target: Target, verdict: Verdict) -> Verdict:
        """Ask again under a name as crawlers usually have it, after a 404.

        Some servers answer 404 to names that they never heard of. It is our name still; a
        browser's would be a disguise.
        """
        usual = f"Mozilla/5.0 (compatible; {self._fetcher.user_agent})"
        exchange = self._fetcher.fetch(
            target.url, headers={"User-Agent": usual}, is_cited=True, permit=self._permit
        )
        if judge(exchange).worth is not Worth.NEW:
            return verdict
        detail = f"status {verdict.status} to our name, {exchange.hops[-1].status} to the usual one"
        return replace(verdict, cause=Cause.BLOCKED, detail=detail)


def _find_secure_url(target: Target, exchange: Exchange) -> str:
    """Find the https address of a page that nothing answers by http; "" where there is no use."""
    url = target.canonical_url or ""
    is_plain = url.startswith(f"http://{target.host}/")  # on the port of the scheme
    has_answered = any(hop.status is not None for hop in exchange.hops)
    if not is_plain or has_answered or exchange.cause not in SECURE_CAUSES:
        return ""
    return url.replace("http:", "https:", 1)
