"""Say when a link wants to be seen sooner than the crawl would: to be confirmed, or by decision."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from indexer.links.decisions import Choice, Decision
from indexer.links.finding import weigh
from indexer.links.health import judge_link
from indexer.model import LinkState, Observation, Reference
from indexer.urls import urlkey

CONFIRM_AFTER: Final = timedelta(days=3)
MONTH: Final = timedelta(days=30)


def list_to_check(
    references: Iterable[Reference], decisions: Mapping[str, Decision]
) -> tuple[str, ...]:
    """List the urlkeys to visit: all that are cited but those that a person said to ignore."""
    ignored = {url for url, each in decisions.items() if each.choice is Choice.IGNORE}
    return tuple(
        urlkey(reference.url)
        for reference in references
        if reference.url and reference.url not in ignored
    )


def next_check(history: Sequence[Observation], decision: Decision | None = None) -> datetime | None:
    """When to look again at the latest; None where the crawl's own schedule will do.

    What looks gone is seen every three days until that is settled, even where the server says
    200; what a person wants to be seen monthly is.
    """
    if not history:
        return None
    last = max(history, key=lambda observation: observation.observed_at)
    health = judge_link(history, now=last.observed_at)
    if health.state is LinkState.SICK and weigh(last).strikes:
        return last.observed_at + CONFIRM_AFTER
    if decision is not None and decision.choice is Choice.MONTHLY:
        return last.observed_at + MONTH
    return None
