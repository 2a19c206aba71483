"""When to go back: to a URL after a visit, to a server after a refusal."""

from datetime import UTC, datetime, timedelta

import pytest

from indexer.crawl.schedule import find_retry_after, find_retry_s, next_due
from indexer.model import Cause, Due, Verdict, Worth

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def miss(cause, status=None):
    return Verdict(worth=Worth.NOTHING, cause=cause, status=status)


FOUND = Verdict(worth=Worth.NEW, status=200)


def days_between(verdicts, *, is_same=False):
    """Days until each next visit, when each falls on the day it was due."""
    due, moment, days = None, NOW, []
    for verdict in verdicts:
        due = next_due(verdict, is_same=is_same, visited_at=moment, key="fr,exemple)/", before=due)
        days.append((due.due_at - moment) / DAY)
        moment = due.due_at
    return days


def about(days):
    return pytest.approx(days, rel=0.101)


def test_a_page_that_does_not_change_is_seen_less_and_less():
    assert days_between([FOUND] * 7, is_same=True) == about([45, 67.5, 101, 152, 180, 180, 180])


def test_a_page_that_changes_is_seen_more_and_more():
    assert days_between([FOUND] * 5) == about([30, 15, 7.5, 7, 7])


@pytest.mark.parametrize("cause", [Cause.NOT_FOUND, Cause.GONE, Cause.UNKNOWN_HOST])
def test_what_looks_gone_is_confirmed_over_a_week_then_left_in_peace(cause):
    assert days_between([miss(cause)] * 5) == about([3, 3, 7, 180, 180])


def test_what_may_pass_is_tried_again_soon_then_less():
    assert days_between([miss(Cause.TIMEOUT)] * 6) == about([0.25, 1, 3, 7, 30, 30])


@pytest.mark.parametrize("cause", [Cause.BLOCKED, Cause.DISALLOWED_BY_ROBOTS])
def test_who_refuses_us_is_asked_rarely(cause):
    assert days_between([miss(cause)] * 2) == about([60, 60])


MISSES = {
    "not-found gone unknown-host": [3, 3, 7, 180, 180],
    "empty": [3, 3, 7, 60, 60],
    "blocked disallowed-by-robots forbidden-address too-large": [60, 60],
    "malformed-url forbidden-scheme": [180, 180],
    "bad-encoding": [7, 30, 60, 60],
    "robots-unreachable": [1, 1, 3, 7, 7],
    "timeout server-error": [0.25, 1, 3, 7, 30, 30],
}


@pytest.mark.parametrize(
    ("cause", "days"),
    [(Cause(name), days) for names, days in MISSES.items() for name in names.split()],
)
def test_each_miss_in_a_row_has_its_days_give_or_take_a_tenth(cause, days):
    for attempts, told in enumerate(days):
        before = Due(due_at=NOW, attempts=attempts, interval=30 * DAY)
        found = [
            next_due(miss(cause), is_same=False, visited_at=NOW, key=f"{n}", before=before)
            for n in range(400)
        ]

        spread = [(due.due_at - NOW) / DAY for due in found]
        assert [min(spread), max(spread)] == pytest.approx([0.9 * told, 1.1 * told], rel=0.005)
        assert {(due.attempts, due.interval) for due in found} == {(attempts + 1, 30 * DAY)}


@pytest.mark.parametrize(
    ("before", "is_same", "days"),
    [
        (None, False, 30),
        (None, True, 45),
        (30, True, 45),
        (121, True, 180),
        (30, False, 15),
        (13, False, 7),
    ],
)
def test_a_page_that_answers_has_its_days_give_or_take_a_tenth(before, is_same, days):
    due = before and Due(due_at=NOW, attempts=3, interval=before * DAY)
    found = [
        next_due(FOUND, is_same=is_same, visited_at=NOW, key=f"{n}", before=due) for n in range(400)
    ]

    spread = [(each.due_at - NOW) / DAY for each in found]
    assert [min(spread), max(spread)] == pytest.approx([0.9 * days, 1.1 * days], rel=0.005)
    assert {(each.attempts, each.interval) for each in found} == {(0, days * DAY)}


def test_a_success_forgets_the_failures():
    days = days_between([miss(Cause.TIMEOUT), miss(Cause.TIMEOUT), FOUND, miss(Cause.TIMEOUT)])

    assert days[-1] == about(0.25)


def test_two_urls_of_one_day_do_not_fall_due_at_the_same_moment():
    due = {
        next_due(FOUND, is_same=False, visited_at=NOW, key=f"fr,exemple)/{n}").due_at
        for n in range(50)
    }

    assert len(due) == 50


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_day(cause):
    assert next_due(miss(cause), is_same=False, visited_at=NOW, key="a").due_at > NOW


RETRIED = {
    Cause.CONNECTION_RESET: None,
    Cause.CONNECTION_REFUSED: None,
    Cause.TIMEOUT: None,
    Cause.DNS_FAILURE: None,
    Cause.UNREACHABLE: None,
    Cause.TRUNCATED: 200,
    Cause.SERVER_ERROR: 503,
}


@pytest.mark.parametrize("cause", Cause)
def test_only_what_may_pass_is_tried_again_within_a_run(cause):
    verdict = miss(cause, RETRIED.get(cause))
    retry_s = find_retry_s(verdict, tries=1, max_tries=3, key="a")

    assert (retry_s is not None) == (cause in RETRIED or cause is Cause.THROTTLED)


@pytest.mark.parametrize(
    ("status", "is_retried"),
    [
        *((status, False) for status in (500, 501, 505, 519, 525)),
        *((status, True) for status in (502, 503, 504, 520, 521, 522, 523, 524)),
    ],
)
def test_a_server_s_trouble_is_tried_again_where_it_may_pass(status, is_retried):
    retry_s = find_retry_s(miss(Cause.SERVER_ERROR, status), tries=1, max_tries=3, key="a")

    assert (retry_s is not None) == is_retried


def test_tries_are_counted_and_each_waits_about_twice_as_long():
    verdict = miss(Cause.TIMEOUT)
    waits = [find_retry_s(verdict, tries=n, max_tries=4, key="a", backoff_s=8) for n in (1, 2, 3)]

    assert waits == [pytest.approx(base, rel=0.5) for base in (8, 16, 32)]
    assert find_retry_s(verdict, tries=4, max_tries=4, key="a") is None
    usual = [find_retry_s(verdict, tries=1, max_tries=2, key=f"{n}") for n in range(400)]
    assert [min(usual), max(usual)] == pytest.approx([1, 3], rel=0.01)


def test_a_page_cut_short_is_tried_once_more_and_no_more():
    cut = Verdict(worth=Worth.NEW, cause=Cause.TRUNCATED, status=200)

    assert find_retry_s(cut, tries=1, max_tries=9, key="a") is not None
    assert find_retry_s(cut, tries=2, max_tries=9, key="a") is None
    assert find_retry_s(FOUND, tries=1, max_tries=9, key="a") is None


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("Sun, 01 Mar 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Sunday, 01-Mar-26 12:05:00 GMT", timedelta(minutes=5)),
        ("Sun Mar  1 12:05:00 2026", timedelta(minutes=5)),
        ("Sun, 01 Mar 2026 13:05:00 +0100", timedelta(minutes=5)),
        ("Thu, 01 Jan 2099 00:00:00 GMT", timedelta(days=1)),
        ("99999999999999999999", timedelta(days=1)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", None),
        ("-1", None),
        ("1e3", None),
        ("1.5", None),
        ("²", None),
        ("bientot", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms_up_to_a_bound(value, wait):
    assert find_retry_after(value, now=NOW) == wait
