"""Say what a site's robots.txt lets us ask (RFC 9309).

Nothing here fetches: the exchange is brought. Protego reads the rules; what it lacks is done here.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import protego

from indexer.codings import decode
from indexer.model import Cause, Exchange, Robots, RobotsState

MAX_ROBOTS_BYTES: Final = 500 * 1024  # RFC 9309 §2.5: at least that much is read
MAX_AGE: Final = timedelta(hours=24)  # §2.4
MAX_UNREACHABLE_AGE: Final = timedelta(hours=1)
FORGOTTEN_AFTER: Final = timedelta(days=30)  # §2.3.1.4: unreachable that long is unavailable
MAX_CRAWL_DELAY_S: Final = 60.0  # a bound of ours; Crawl-delay is in no standard

# The whole origin is out of reach, and a page of it would tell the same.
ORIGIN_CAUSES: Final = frozenset(
    {
        Cause.UNKNOWN_HOST,
        Cause.DNS_FAILURE,
        Cause.CONNECTION_REFUSED,
        Cause.CONNECTION_RESET,
        Cause.UNREACHABLE,
        Cause.FORBIDDEN_ADDRESS,
        Cause.TLS_EXPIRED,
        Cause.TLS_SELF_SIGNED,
        Cause.TLS_WRONG_HOST,
        Cause.TLS_UNKNOWN_CA,
        Cause.TLS_FAILURE,
    }
)
# §2.3.1.3, unavailable: nothing is forbidden. More than five redirects count as that (§2.3.1.2).
UNAVAILABLE_CAUSES: Final = frozenset(
    {Cause.REDIRECT_LOOP, Cause.BAD_REDIRECT, Cause.FORBIDDEN_SCHEME}
)


def is_fresh(robots: Robots, *, now: datetime) -> bool:
    """Tell whether a robots.txt need not be fetched again.

    An origin out of reach is asked again with each page; it may be back for the next one.
    """
    age = now - robots.fetched_at
    if age < timedelta(0):
        return False  # fetched under a clock that ran ahead: nobody knows when
    if robots.state is not RobotsState.UNREACHABLE:
        return age < MAX_AGE
    return robots.cause not in ORIGIN_CAUSES and age < MAX_UNREACHABLE_AGE


def judge_robots(
    exchange: Exchange, *, origin: str, now: datetime, known: Robots | None = None
) -> Robots:
    """Judge the answer to a request for robots.txt. `known` is what was had of it before."""
    last = exchange.hops[-1] if exchange.hops else None
    status = last.status if last is not None else None
    robots = Robots(origin=origin, fetched_at=now, state=RobotsState.UNAVAILABLE)
    if exchange.cause in UNAVAILABLE_CAUSES:
        return replace(robots, detail=f"{exchange.cause}: {exchange.detail}")
    if status is not None and 400 <= status < 500:
        return replace(robots, detail=f"status {status}")
    if last is not None and status is not None and 200 <= status < 300 and _is_usable(exchange):
        rules = _read_rules(last.payload, last.header("Content-Encoding"))
        return replace(robots, state=RobotsState.RULES, rules=rules)
    since = min((known.unreachable_since if known else None) or now, now)
    return _judge_unreachable(robots, exchange, since, status)


def _is_usable(exchange: Exchange) -> bool:
    """Tell whether what came holds rules that may be followed, however short it was cut."""
    return exchange.cause in (None, Cause.TOO_LARGE, Cause.TRUNCATED)


def _judge_unreachable(
    robots: Robots, exchange: Exchange, since: datetime, status: int | None
) -> Robots:
    """Judge a robots.txt that is out of reach since a moment: nothing is allowed, for 30 days."""
    is_of_origin = exchange.cause in ORIGIN_CAUSES
    if robots.fetched_at - since >= FORGOTTEN_AFTER and not is_of_origin:
        return replace(robots, detail="out of reach for 30 days", unreachable_since=since)
    return replace(
        robots,
        state=RobotsState.UNREACHABLE,
        cause=exchange.cause if is_of_origin else Cause.ROBOTS_UNREACHABLE,
        detail=exchange.detail or (f"status {status}" if status is not None else ""),
        unreachable_since=since,
    )


class Rules:
    """The rules of one robots.txt, read."""

    def __init__(self, text: str) -> None:
        """Read the text of a robots.txt."""
        self._parsed = protego.Protego.parse(text)

    def is_allowed(self, url: str, token: str) -> bool:
        """Tell whether a robot with that product token may ask for a URL."""
        return bool(self._parsed.can_fetch(url, token))

    def find_delay_s(self, token: str) -> float | None:
        """Find the Crawl-delay in seconds, up to MAX_CRAWL_DELAY_S, or None."""
        delay = self._parsed.crawl_delay(token)
        return None if delay is None else min(max(float(delay), 0.0), MAX_CRAWL_DELAY_S)


def product_token(user_agent: str) -> str:
    """Find the name by which robots.txt calls us: "renvois/0.1 (+https://…)" gives "renvois"."""
    return user_agent.partition("/")[0].strip().partition(" ")[0]


def _read_rules(payload: bytes, content_encoding: str) -> str:
    decoded = decode(
        payload, content_encoding, max_bytes=MAX_ROBOTS_BYTES, keep=MAX_ROBOTS_BYTES
    ).payload
    if decoded.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = decoded.decode("utf-16", "replace")
    else:
        text = decoded.decode("utf-8-sig", "replace")  # with its BOM the first group is lost
    return text.replace("\0", "")
