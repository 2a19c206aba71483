"""What the crawl decides by numbers, on both sides of each: failures, days, bytes, statuses."""

from datetime import UTC, datetime, timedelta

import pytest

from indexer.crawl.head_trust import choose_head_use, may_spare_get
from indexer.crawl.judge import judge
from indexer.crawl.network import NetworkMonitor
from indexer.crawl.redirects import find_step
from indexer.model import (
    TLS_FAULTS,
    Arrival,
    Capture,
    Cause,
    Exchange,
    HeadTrust,
    HeadUse,
    Hop,
    Target,
    Verdict,
    Visit,
    Worth,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "http://a.test/page"
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def arrive(cause=Cause.TIMEOUT, host="a.test"):
    """A page that was asked for, and what came: nothing, for a cause."""
    url = f"http://{host}/"
    return Arrival(
        target=Target(url=url, urlkey=f"{host})/", canonical_url=url, host=host),
        exchange=Exchange(url=url, canonical_url=url),
        verdict=Verdict(worth=Worth.NOTHING, cause=cause),
        arrived_at=NOW,
    )


ANSWER = arrive(min(TLS_FAULTS))  # a certificate at fault is an answer


def test_ten_failures_in_a_row_since_an_answer_have_the_canaries_asked():
    asked: list[str] = []
    monitor = NetworkMonitor(["http://temoin.test/"], lambda url: asked.append(url) or False)
    for _ in range(5):
        monitor.see(ANSWER)
        for _ in range(9):
            monitor.see(arrive())

    assert not asked
    monitor.see(arrive())
    assert asked == ["http://temoin.test/"]
    assert monitor.is_offline


def test_the_first_failure_of_a_run_has_the_canaries_asked_and_their_answer_is_one():
    asked: list[str] = []
    monitor = NetworkMonitor(["http://temoin.test/"], lambda url: not asked.append(url))
    for _ in range(10):
        monitor.see(arrive())

    assert len(asked) == 1
    assert not monitor.is_offline
    monitor.see(arrive())
    assert len(asked) == 2


def test_without_canaries_fifty_failures_before_any_answer_end_a_run():
    monitor = NetworkMonitor([], lambda url: False)
    for number in range(50):
        assert not monitor.is_offline, number
        monitor.see(arrive())
        assert list(monitor.release_held(arrive())) == []
    assert monitor.is_offline


def test_what_is_no_fault_of_the_network_has_no_canary_asked():
    asked: list[str] = []
    monitor = NetworkMonitor(["http://temoin.test/"], lambda url: not asked.append(url))
    for cause in (Cause.BAD_RESPONSE, Cause.DISALLOWED_BY_ROBOTS, Cause.FORBIDDEN_ADDRESS):
        monitor.see(arrive(cause))
        assert list(monitor.release_held(arrive(cause))) == [arrive(cause)]

    assert not asked
    assert not monitor.is_offline


@pytest.mark.parametrize(("hosts", "counts"), [(1, True), (2, True), (3, False), (4, False)])
def test_failures_of_three_hosts_that_never_answered_count_against_no_link(hosts, counts):
    monitor = NetworkMonitor([], lambda url: False)
    held = [arrive(host=f"h{number % hosts}.test") for number in range(6)]
    assert [each for one in held for each in monitor.release_held(one)] == []

    told = list(monitor.release_rest())

    assert [each.is_asked for each in told] == [counts] * 6
    said = {each.verdict.detail for each in told}
    assert said == {"" if counts else "nothing answers at all, so it does not count"}
    assert list(monitor.release_rest()) == []


def test_what_was_held_is_told_once_something_answers():
    monitor = NetworkMonitor([], lambda url: False)
    assert list(monitor.release_held(arrive())) == []
    monitor.see(ANSWER)

    assert list(monitor.release_held(ANSWER)) == [arrive(), ANSWER]
    assert list(monitor.release_held(arrive())) == [arrive()]


@pytest.mark.parametrize(
    ("trust", "use"),
    [
        (HeadTrust(), HeadUse.BESIDE),
        (HeadTrust(agreed=2), HeadUse.BESIDE),
        (HeadTrust(agreed=3), HeadUse.FIRST),
        (HeadTrust(lied_at=NOW), HeadUse.NEVER),
        (HeadTrust(lied_at=NOW - 365 * DAY + SECOND), HeadUse.NEVER),
        (HeadTrust(lied_at=NOW - 365 * DAY), HeadUse.BESIDE),
        (HeadTrust(lied_at=NOW + SECOND), HeadUse.BESIDE),  # of a clock that ran ahead
    ],
)
def test_a_host_is_believed_by_head_after_three_truths_and_not_for_a_year_after_a_lie(trust, use):
    assert choose_head_use(trust, now=NOW) is use


def held(**more):
    facts = {"length": 65_536, "etag": '"un"'} | more
    return Capture(
        record_id="urn:uuid:1", url=URL, urlkey="test,a)/page", target_uri=URL, captured_at=NOW,
        status=200, media_type="text/html", payload_digest="sha1:A", **facts,
    )  # fmt: skip


def seen(**more):
    facts = {"visited_at": NOW - 30 * DAY, "outcome": "revisited", "status": 200} | more
    return Visit(url=URL, urlkey="test,a)/page", **facts)


@pytest.mark.parametrize(
    ("capture", "visits", "may"),
    [
        (held(), [seen()], True),
        (held(etag="", last_modified="Sun, 01 Mar 2026 12:00:00 GMT"), [seen()], True),
        (held(etag=""), [seen()], False),
        (held(length=65_535), [seen()], False),
        (held(archive="https://web.archive.org/web/"), [seen()], False),
        (held(truncated="length"), [seen()], False),
        (None, [seen()], False),
        (held(), [], False),
        (held(), [seen(archive="https://web.archive.org/web/")], False),
        (held(), [seen(), seen(archive="https://web.archive.org/web/", status=404)], True),
        (held(), [seen(outcome="captured")], False),
        (held(), [seen(status=304)], False),
        (held(), [seen(detail="the same, says HEAD")], False),
        (held(), [seen(tls_fault=Cause.TLS_EXPIRED)], False),
        (held(), [seen(visited_at=NOW - 200 * DAY)], True),
        (held(), [seen(visited_at=NOW - 200 * DAY - SECOND)], False),
        (held(), [seen(visited_at=NOW + SECOND)], False),
        (held(), [seen(outcome="captured"), seen()], True),
        (held(), [seen(), seen(outcome="missed")], False),
    ],
)
def test_a_head_may_stand_for_a_long_page_with_a_validator_that_came_again_lately(
    capture, visits, may
):
    target = Target(url=URL, urlkey="test,a)/page", canonical_url=URL, previous=capture)

    assert may_spare_get(target, visits, now=NOW) is may


def hop(status, payload=b"", **fields):
    headers = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return Hop(target_uri=URL, started_at=NOW, status=status, headers=headers, payload=payload)


STATUSES = {
    Cause.EMPTY: [204, 205],
    Cause.UNEXPECTED_STATUS: [100, 199, 206, 300, 304, 400, 405, 418, 499, 600, 700],
    Cause.BLOCKED: [401, 402, 403, 407, 451, 999],
    Cause.NOT_FOUND: [404],
    Cause.GONE: [410],
    Cause.TIMEOUT: [408],
    Cause.THROTTLED: [425, 429],
    Cause.SERVER_ERROR: [500, 501, 502, 503, 599],
}


@pytest.mark.parametrize(
    ("status", "cause"), [(status, cause) for cause, some in STATUSES.items() for status in some]
)
def test_each_status_that_brings_no_page_has_its_cause(status, cause):
    exchange = Exchange(url=URL, canonical_url=URL, hops=(hop(status, b"<p>Un texte.</p>"),))

    found = judge(exchange)

    assert (found.worth, found.cause, found.status) == (Worth.NOTHING, cause, status)
    assert found.detail == f"status {status}"


@pytest.mark.parametrize("status", [200, 201, 203, 226, 299])
def test_a_status_of_success_brings_a_page(status):
    exchange = Exchange(url=URL, canonical_url=URL, hops=(hop(status, b"<p>Un texte.</p>"),))

    assert (judge(exchange).worth, judge(exchange).cause) == (Worth.NEW, None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_one_of_five_statuses_and_wants_a_location(status):
    step = find_step(hop(status, Location="/ailleurs"))
    nowhere = find_step(hop(status))

    assert step is not None and step.url == "http://a.test/ailleurs"
    assert nowhere is not None and nowhere.cause is Cause.BAD_REDIRECT
    assert str(status) in nowhere.detail


@pytest.mark.parametrize("status", [300, 304, 305, 306, 309])
def test_no_other_status_redirects(status):
    assert find_step(hop(status, Location="/ailleurs")) is None


@pytest.mark.parametrize(
    ("bytes_before", "is_read"), [(65_536 - 80, True), (65_536 - 40, False), (65_536 + 10, False)]
)
def test_a_meta_refresh_is_sought_in_the_first_64_kib(bytes_before, is_read):
    meta = b'<meta http-equiv="refresh" content="0; url=http://a.test/la">'
    step = find_step(hop(200, b"x" * bytes_before + meta, Content_Type="text/html"))

    assert (step is not None) is is_read
