"""What is news of a link is the opposite of what was told last of it."""

from datetime import UTC, datetime

import pytest

from indexer.model import LinkHealth, LinkMark, LinkState
from indexer.notify import NoticeKind, ToldState, describe, find_news

DEATH, BACK, DRIFT = NoticeKind.DEATH, NoticeKind.RESURRECTION, NoticeKind.DRIFT
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def health(state, *marks):
    return LinkHealth(state=state, marks=marks, since=NOW, checked_at=NOW)


@pytest.mark.parametrize(
    ("told", "state", "similarity", "kinds"),
    [
        (None, LinkState.DEAD, None, ()),  # of before it was watched
        (None, LinkState.ALIVE, 0.1, ()),
        (ToldState(), LinkState.DEAD, None, (DEATH,)),
        (ToldState(is_dead=True), LinkState.DEAD, None, ()),
        (ToldState(is_dead=True), LinkState.ALIVE, 0.9, (BACK,)),
        (ToldState(), LinkState.SICK, None, ()),
        (ToldState(), LinkState.BLOCKED, None, ()),
        (ToldState(), LinkState.ALIVE, 0.49, (DRIFT,)),
        (ToldState(), LinkState.ALIVE, 0.5, ()),
        (ToldState(has_drifted=True), LinkState.ALIVE, 0.1, ()),
        (ToldState(), LinkState.SICK, 0.1, ()),  # a page that may not be the text has not drifted
        (ToldState(is_dead=True), LinkState.ALIVE, 0.1, (BACK, DRIFT)),
    ],
)
def test_what_is_news(told, state, similarity, kinds):
    assert find_news(told, health(state), similarity, drift=0.5)[1] == kinds


@pytest.mark.parametrize("mark", [LinkMark.IGNORED, LinkMark.DECIDED])
def test_what_a_person_decided_is_no_news_then_or_later(mark):
    told, kinds = find_news(ToldState(), health(LinkState.DEAD, mark), None, drift=0.5)
    assert kinds == ()
    assert find_news(told, health(LinkState.DEAD), None, drift=0.5)[1] == ()


def test_a_text_that_came_back_may_drift_again():
    told = ToldState()
    found = []
    for similarity in (0.9, 0.2, 0.1, None, 0.2, 0.8, 0.3):
        told, kinds = find_news(told, health(LinkState.ALIVE), similarity, drift=0.5)
        found += kinds
    assert found == [DRIFT, DRIFT]


def test_a_notice_has_one_id_however_often_it_is_made():
    made = [
        describe(DEATH, health(LinkState.DEAD), url=url, reference_id="a", title="t", now=NOW)
        for url in ("http://a.test/", "http://a.test/", "http://b.test/")
    ]
    assert made[0].id == made[1].id != made[2].id
