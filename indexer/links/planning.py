"""Say when a link wants to be seen sooner than the crawl would: to be confirmed, or by decision."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from indexer.links.decisions import Choice, Decision
from indexer.links.finding import weigh
from indexer.links.health import judge_link
from indexer.model import LinkState, Observation

CONFIRM_AFTER: Final = timedelta(days=3)
MONTH: Final = timedelta(days=30)


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
