"""Say what an observation was made from: the same page, seen with the same knowledge by the same
rules, says the same, and need not be read again.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from importlib import metadata
from typing import Final

from indexer.links.history import Probe
from indexer.links.observe import observe_visit
from indexer.model import Observation, Visit

# Raised by a person when the same page says something else than before; the test
# tests/links/test_zoo.py fails when it does and the number was not raised
# (docs/decisions/0070-versions-raised-by-hand.md).
LINK_RULES_VERSION: Final = 1
# lxml is what reads the pages that the rules look at: another release may read them otherwise.
RULES: Final = f"{LINK_RULES_VERSION} lxml={metadata.version('lxml')}"


def render_basis(
    visit: Visit,
    *,
    payload: str,
    cited_title: str,
    fragments: Iterable[str],
    first_record_id: str,
    shared_by: int,
    probe: Probe | None,
) -> str:
    """A digest of all that an observation depends on but its date.

    `payload` names the bytes that were had, `first_record_id` the text they are compared with.
    """
    facts = (
        RULES,
        payload,
        visit.url,
        visit.final_url,
        visit.hops if len(visit.hops) > 1 else (),
        visit.outcome == "missed",
        visit.cause,
        visit.tls_fault,
        cited_title,
        sorted(fragments),
        first_record_id,
        shared_by,
        [probe.url, probe.has_page] if probe is not None else [],
    )
    text = json.dumps(facts, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def carry_over(last: Observation, visit: Visit, *, is_first: bool = False) -> Observation:
    """Observe a visit whose basis is that of the last observation: give that one, dated today.

    `is_first`: the page is the very one that was captured first, so that it is still that text.
    """
    seen = observe_visit(visit)
    carried = replace(last, observed_at=seen.observed_at, status=seen.status, detail=seen.detail)
    return replace(carried, similarity=1.0, kept=1.0, known=1.0) if is_first else carried
