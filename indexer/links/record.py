"""Write an Observation as one line of JSON and read it back; what is default is left out."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from indexer.model import Cause, Observation, PageKind, Redirect, Signal


def render_observation(observation: Observation) -> str:
    """JSON of all but the URL and the moment, which are the key."""
    facts: dict[str, Any] = {
        "status": observation.status,
        "cause": observation.cause,
        "detail": observation.detail,
        "final_url": observation.final_url,
        "redirects": [[step.target_uri, step.is_permanent] for step in observation.redirects],
        "has_page": observation.has_page,
        "page_kind": observation.page_kind,
        "signals": sorted(observation.signals),
        "similarity": observation.similarity,
        "kept": observation.kept,
        "known": observation.known,
        "tls_fault": observation.tls_fault,
        "missing_fragments": sorted(observation.missing_fragments),
        "record_id": observation.record_id,
        "basis": observation.basis,
    }
    # A share of 0.0 is told: it is no default, though it equals False.
    told = {
        key: fact
        for key, fact in facts.items()
        if fact is not None and fact is not False and fact not in ("", [])
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def parse_observation(url: str, observed_at: datetime, text: str) -> Observation:
    """Read what `render_observation` wrote; ValueError for what another version wrote."""
    facts: Mapping[str, Any] = json.loads(text)
    return Observation(
        url=url,
        observed_at=observed_at,
        status=facts.get("status"),
        cause=Cause(facts["cause"]) if "cause" in facts else None,
        detail=facts.get("detail", ""),
        final_url=facts.get("final_url", ""),
        redirects=tuple(
            Redirect(target_uri=uri, is_permanent=is_permanent)
            for uri, is_permanent in facts.get("redirects", [])
        ),
        has_page=facts.get("has_page", False),
        page_kind=PageKind(facts["page_kind"]) if "page_kind" in facts else None,
        signals=frozenset(map(Signal, facts.get("signals", []))),
        similarity=facts.get("similarity"),
        kept=facts.get("kept"),
        known=facts.get("known"),
        tls_fault=Cause(facts["tls_fault"]) if "tls_fault" in facts else None,
        missing_fragments=frozenset(facts.get("missing_fragments", [])),
        record_id=facts.get("record_id", ""),
        basis=facts.get("basis", ""),
    )


def render_moment(moment: datetime) -> str:
    """An aware moment as text that sorts by time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_moment(text: str) -> datetime:
    """Read what `render_moment` wrote; ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return moment
