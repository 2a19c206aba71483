"""Histories in a few words, for the tests of this room: "0:ok 3:404" is two visits."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from indexer.model import Cause, Observation, Redirect, Signal

START: Final = datetime(2026, 1, 1, 9, tzinfo=UTC)
URL: Final = "https://exemple.test/2015/les-tiers-lieux"

# What a visit can say, in a word.
VISITS: Final[Mapping[str, Mapping[str, Any]]] = {
    "ok": {"status": 200, "has_page": True, "final_url": URL},
    "same": {"status": 200, "has_page": True, "similarity": 1.0, "kept": 1.0, "known": 1.0},
    "moved": {
        "status": 200,
        "has_page": True,
        "final_url": "https://neuf.test/tiers-lieux",
        "redirects": (Redirect(target_uri="https://neuf.test/tiers-lieux", is_permanent=True),),
    },
    "404": {"status": 404, "cause": Cause.NOT_FOUND},
    "410": {"status": 410, "cause": Cause.GONE},
    "nxdomain": {"cause": Cause.UNKNOWN_HOST},
    "soft404": {
        "status": 200,
        "has_page": True,
        "signals": frozenset({Signal.ERROR_WORDING}),
    },
    "parked": {"status": 200, "has_page": True, "signals": frozenset({Signal.PARKED})},
    "home": {
        "status": 200,
        "has_page": True,
        "final_url": "https://exemple.test/",
        "redirects": (Redirect(target_uri="https://exemple.test/"),),
        "signals": frozenset({Signal.REDIRECTED_HOME}),
    },
    "doubt": {"status": 200, "has_page": True, "signals": frozenset({Signal.UNLIKE_TITLE})},
    "403": {"status": 403, "cause": Cause.BLOCKED},
    "429": {"status": 429, "cause": Cause.THROTTLED},
    "captcha": {"status": 200, "has_page": True, "signals": frozenset({Signal.CAPTCHA})},
    "robots": {"cause": Cause.DISALLOWED_BY_ROBOTS},
    "timeout": {"cause": Cause.TIMEOUT},
    "500": {"status": 500, "cause": Cause.SERVER_ERROR},
    "expired": {"status": 200, "has_page": True, "tls_fault": Cause.TLS_EXPIRED},
    "malformed": {"cause": Cause.MALFORMED_URL},
}


def on_day(day: float) -> datetime:
    return START + timedelta(days=day)


def observe(word: str, day: float, *, url: str = URL) -> Observation:
    return Observation(url=url, observed_at=on_day(day), **VISITS[word])


def history(story: str, *, url: str = URL) -> list[Observation]:
    """Read "0:ok 3:404": on day 0 it answered, on day 3 it did not."""
    days_words = (visit.split(":") for visit in story.split())
    return [observe(word, float(day), url=url) for day, word in days_words]
