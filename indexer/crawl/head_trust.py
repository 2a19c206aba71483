"""Say what an answer to HEAD is worth beside what a GET brings.

Hosts answer 404, 405 or nothing at all to HEAD where a GET brings the page; others copy the head
of any page. So a host is believed after it told the truth several times, of a page that both
methods were asked for, and one lie undoes that. Nothing here asks.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from indexer.model import Arrival, Capture, Exchange, HeadTrust, HeadUse, Hop, Target, Visit

MIN_BYTES: Final = 65_536  # what is smaller comes as cheaply with its head as without
RECENT: Final = timedelta(days=200)  # the last visit that brought the page

PAIRS: Final = 3  # of HEAD and GET that agree, before HEAD alone is believed
DISTRUST: Final = timedelta(days=365)  # after a lie
UNCHANGED_BY_HEAD: Final = "the same, says HEAD"  # the detail of a visit that rests on HEAD alone
_VALIDATORS: Final = ("ETag", "Last-Modified")


def choose_head_use(trust: HeadTrust, *, now: datetime) -> HeadUse:
    """Learn how far the host of a page is believed; asked only where HEAD may save something."""
    # A lie dated after now is of a clock that ran ahead; the host has to prove itself anew.
    if trust.lied_at is not None and timedelta(0) <= now - trust.lied_at < DISTRUST:
        return HeadUse.NEVER
    return HeadUse.FIRST if trust.agreed >= PAIRS else HeadUse.BESIDE


def may_spare_get(
    target: Target, visits: Sequence[Visit], *, now: datetime, min_bytes: int = MIN_BYTES
) -> bool:
    """Tell whether a HEAD could stand for the GET of a target, `visits` being those of its URL.

    The page held has to be long and to have a validator; the last visit of the live web has to be
    recent, and to have brought the very same bytes though a 304 was asked for: where a host
    answers 304, a HEAD saves nothing. So a HEAD never stands for two visits in a row.
    """
    held = target.previous
    if held is None or held.archive or held.truncated or held.length < min_bytes:
        return False
    live = [visit for visit in visits if not visit.archive]
    if not (held.etag or held.last_modified) or not live:
        return False
    last = live[-1]
    is_resent = last.outcome == "revisited" and last.status == 200
    is_recent = timedelta(0) <= now - last.visited_at <= RECENT
    return is_resent and is_recent and last.detail != UNCHANGED_BY_HEAD and last.tls_fault is None


def update_trust(trust: HeadTrust, arrival: Arrival, *, is_same: bool) -> HeadTrust | None:
    """Learn from what a GET brought after a HEAD; None where it proves nothing.

    `is_same`: the bytes that came are those held.
    """
    held = arrival.target.previous
    if arrival.head is None or held is None:
        return None
    is_true = is_truthful(arrival.head, arrival.exchange, held=held, is_same=is_same)
    if is_true is None:
        return None
    if is_true:
        return replace(trust, agreed=trust.agreed + 1)
    return HeadTrust(lied_at=arrival.arrived_at)


def says_unchanged(head: Exchange, held: Capture) -> bool:
    """Whether a HEAD says that the page is still the very one that is held, where it was held.

    By a validator, which has to be there, and by nothing that speaks against it.
    """
    last = _find_last(head)
    if last is None or last.status != held.status or last.target_uri != held.target_uri:
        return False
    validators = {"ETag": held.etag, "Last-Modified": held.last_modified}
    told = {name: last.header(name) for name in validators}
    is_named = any(value and told[name] == value for name, value in validators.items())
    return is_named and all(not value or told[name] == value for name, value in validators.items())


def is_truthful(head: Exchange, answer: Exchange, *, held: Capture, is_same: bool) -> bool | None:
    """Whether a HEAD told of a page what the GET after it brought; None where none can say.

    `is_same`: the bytes that came are those held.
    """
    asked, got = _find_last(head), _find_last(answer)
    if got is None or got.status is None:
        return None  # the network's fault, or the host's, but not a lie
    if asked is None or asked.status != got.status or asked.target_uri != got.target_uri:
        return False
    if any(asked.header(name) != got.header(name) for name in _VALIDATORS):
        return False  # one that leaves its validators out says nothing that would be of use
    told, got_length = asked.header("Content-Length"), got.header("Content-Length")
    if told and got_length and told != got_length:
        return False
    return is_same or not says_unchanged(head, held)


def _find_last(exchange: Exchange) -> Hop | None:
    hop = exchange.hops[-1] if exchange.hops else None
    return hop if hop is not None and exchange.cause is None and hop.tls_fault is None else None
