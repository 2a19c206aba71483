"""A clock that once ran ahead hides nothing that came later.

Real servers on loopback; the clock is turned by hand.
"""

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from indexer import pipeline
from indexer.archive import open_catalogue
from indexer.archive.imports import import_file
from indexer.cli import main
from indexer.crawl import judge, next_due
from indexer.crawl.head_trust import choose_head_use
from indexer.crawl.robots import is_fresh
from indexer.links.history import open_history
from indexer.links.replacement import is_asked_lately
from indexer.links.soft404 import find_folder
from indexer.model import HeadTrust, HeadUse, LinkState, Robots, RobotsState, Visit
from indexer.urls import urlkey
from testbed.zoo.cases import FR_PATH, by_round, everywhere, fr, serve
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.pages import FR_ARTICLE, FR_MISSING, FR_OTHER, article, html
from testbed.zoo.visiting import Visitor, after, cite
from tests.archive.exchanges import PAGE
from tests.archive.test_imports import HTML, write_warc
from tests.links.stories import observe as make_observation

AHEAD = 400  # days
_GONE = everywhere(FR_MISSING)
_HERE = serve({FR_PATH: FR_ARTICLE})
_OTHER = html(article(FR_OTHER, "Un tout autre texte"))


@contextmanager
def visiting(folder, *rounds):
    case = fr("a page", LinkState.ALIVE, by_round(*rounds))
    with Zoo(cases=[case]) as zoo, Visitor.open(folder, networks=(NETWORK,)) as visitor:
        yield zoo, visitor, cite(zoo)


def go(zoo, visitor, cited, *days):
    """A pass on each of these days, by the clock of the machine."""
    for day in days:
        visitor.now = after(day)
        visitor.pass_by(cited)
        zoo.round += 1


def test_visits_made_after_one_of_the_future_are_observed_and_count(tmp_path):
    with visiting(tmp_path, _HERE, _HERE, _GONE, _GONE, _GONE) as (zoo, it, cited):
        go(zoo, it, cited, 0, AHEAD, 4, 8, 12)
        url = cited[0].url
        seen = it.corpus.history.observations(urlkey(url))
        it.now = after(13)
        dead = it.health(url)
        it.now = after(AHEAD + 1)
        later = it.health(url)

    assert [each.observed_at for each in seen] == [
        after(0), after(4) - timedelta(microseconds=1), after(4), after(8), after(12)
    ]  # fmt: skip
    assert [each.status for each in seen] == [200, 200, 404, 404, 404]
    assert dead.state is LinkState.DEAD
    assert later.state is LinkState.DEAD  # when the date comes that the clock had said, too
    assert later.since == dead.since


def test_the_text_is_the_one_that_was_captured_last_whatever_the_clock_said(tmp_path):
    other = serve({FR_PATH: _OTHER})
    with visiting(tmp_path, _HERE, other) as (zoo, it, cited):
        go(zoo, it, cited, AHEAD, 0)
        key = urlkey(cited[0].url)
        captures = it.corpus.catalogue.captures(key)
        latest = it.corpus.catalogue.latest_capture(key)
        (queue,) = it.corpus.catalogue.targets.due_hosts(it.now, is_forced=True)
        (target,) = queue.targets

    assert [each.captured_at for each in captures] == [after(AHEAD), after(0)]
    assert latest == captures[-1] == target.previous


@pytest.mark.parametrize("then", [None, _GONE, _HERE], ids=["nothing", "gone", "here"])
def test_an_imported_capture_of_the_future_is_never_the_text_shown_where_there_is_another(
    tmp_path, then
):
    """Nobody knows when others made it: not even that it is newer than what is dated rightly."""
    with visiting(tmp_path, _HERE, then or _GONE) as (zoo, it, cited):
        key = urlkey(cited[0].url)
        go(zoo, it, cited, 1)
        dated = (cited[0].url, f"{after(AHEAD):%FT%TZ}", "200 OK", HTML, PAGE)
        files = (it.corpus.archive, it.corpus.catalogue)
        warc = write_warc(tmp_path / "x.warc.gz", dated)
        (taken,) = import_file(warc, *files, judge=judge, next_due=next_due)
        go(zoo, it, cited, *([2] if then else []))
        it.corpus.catalogue.settle_dates(it.now)
        captures = it.corpus.catalogue.captures(key)
        shown = it.corpus.catalogue.latest_capture(key)

    assert captures[0] == taken.capture
    assert shown == captures[-1]
    assert shown.captured_at < after(3)


def test_an_imported_capture_of_the_future_is_the_text_shown_where_there_is_no_other(tmp_path):
    with visiting(tmp_path, _GONE) as (zoo, it, cited):
        it.corpus.catalogue.targets.cite([cited[0].url])
        dated = (cited[0].url, f"{after(AHEAD):%FT%TZ}", "200 OK", HTML, PAGE)
        files = (it.corpus.archive, it.corpus.catalogue)
        warc = write_warc(tmp_path / "x.warc.gz", dated)
        (taken,) = import_file(warc, *files, judge=judge, next_due=next_due)
        go(zoo, it, cited, 1)
        it.corpus.catalogue.settle_dates(it.now)
        shown = it.corpus.catalogue.latest_capture(urlkey(cited[0].url))

    assert shown == taken.capture


def test_an_imported_capture_of_the_future_stands_first_though_others_were_placed_before(tmp_path):
    with visiting(tmp_path, _HERE, _HERE) as (zoo, it, cited):
        key = urlkey(cited[0].url)
        go(zoo, it, cited, AHEAD, 0)
        for count, day in enumerate((AHEAD + 1, AHEAD + 2)):
            dated = (cited[0].url, f"{after(day):%FT%TZ}", "200 OK", HTML, PAGE + b"%d" % day)
            warc = write_warc(tmp_path / f"{count}.warc.gz", dated)
            files = (it.corpus.archive, it.corpus.catalogue)
            list(import_file(warc, *files, judge=judge, next_due=next_due))
            (found,) = it.corpus.catalogue.settle_dates(it.now)
        visits = it.corpus.catalogue.visits(key)

    assert found.is_settled
    assert [each.misdated_at for each in visits] == [
        after(AHEAD + 2), after(AHEAD + 1), after(AHEAD), None
    ]  # fmt: skip
    assert len({each.visited_at for each in visits}) == 4


def test_what_was_seen_only_in_the_future_is_due_and_not_yet_counted(tmp_path):
    with visiting(tmp_path, _GONE, _HERE) as (zoo, it, cited):
        go(zoo, it, cited, AHEAD)
        it.now = after(1)
        assert it.health(cited[0].url).state is LinkState.UNKNOWN
        (found,) = it.corpus.catalogue.settle_dates(it.now)
        (queue,) = it.corpus.catalogue.targets.due_hosts(it.now)
        assert len(list(queue.targets)) == queue.count == 1
        go(zoo, it, cited, 1)
        assert it.corpus.catalogue.targets.due_hosts(after(2)) == []
        (settled,) = it.corpus.catalogue.settle_dates(after(2))
        health = it.health(cited[0].url)

    assert (found.count, found.is_settled, settled.is_settled) == (1, False, True)
    assert found.last_dated_at == after(AHEAD)
    assert (health.state, health.checked_at) == (LinkState.ALIVE, after(1))


def test_visits_of_a_catalogue_from_before_are_put_in_their_place(tmp_path):
    with visiting(tmp_path, _HERE, _HERE, _GONE) as (zoo, it, cited):
        go(zoo, it, cited, 0, AHEAD, 4)
        with it.corpus.catalogue.transaction() as connection:
            connection.execute("DELETE FROM misdated")
        key = urlkey(cited[0].url)
        assert it.corpus.catalogue.visits(key)[-1].visited_at == after(AHEAD)
        it.corpus.history.record(make_observation("ok", AHEAD, url=cited[0].url))
        it.corpus.catalogue.settle_dates(after(5))
        list(pipeline.observe(cited, it.corpus))
        visits = it.corpus.catalogue.visits(key)
        seen = it.corpus.history.observations(key)

    assert [each.visited_at for each in visits][::2] == [after(0), after(4)]
    assert visits[1].misdated_at == after(AHEAD)
    assert [each.observed_at for each in seen] == [each.visited_at for each in visits]


def test_a_clock_that_stands_in_the_past_moves_nothing(tmp_path):
    """After a battery died it is 1970; what was seen since is no future."""
    with visiting(tmp_path, _HERE, _HERE, _HERE) as (zoo, it, cited):
        go(zoo, it, cited, 0, 4)
        it.now = datetime(1970, 1, 1, tzinfo=UTC)
        it.pass_by(cited)
        assert it.corpus.catalogue.settle_dates(it.now) == []
        visits = it.corpus.catalogue.visits(urlkey(cited[0].url))

    assert [each.visited_at for each in visits][1:] == [after(0), after(4)]
    assert not any(each.misdated_at for each in visits)


NOW = after(0)


@pytest.mark.parametrize("state", list(RobotsState))
def test_a_robots_txt_of_the_future_is_fetched_again(state):
    robots = Robots(origin="http://a.test", fetched_at=NOW, state=state)

    assert is_fresh(robots, now=NOW + timedelta(minutes=1))
    assert not is_fresh(robots, now=NOW - timedelta(days=300))


def test_a_host_is_left_alone_for_a_day_at_most(tmp_path):
    with open_catalogue(tmp_path / "catalogue.sqlite") as catalogue:
        catalogue.targets.cite(["http://a.test/", "http://b.test/"])
        catalogue.hosts.hold("a.test", NOW + timedelta(hours=20))
        catalogue.hosts.hold("b.test", NOW + timedelta(days=300))

        assert [each.host for each in catalogue.targets.due_hosts(NOW)] == ["b.test"]


def test_a_lie_of_the_future_has_the_host_prove_itself_anew():
    assert choose_head_use(HeadTrust(lied_at=NOW), now=NOW + timedelta(days=1)) is HeadUse.NEVER
    assert choose_head_use(HeadTrust(lied_at=NOW), now=NOW - timedelta(days=1)) is HeadUse.BESIDE


def test_an_archive_that_was_asked_in_the_future_is_asked():
    visit = Visit(url="http://a.test", urlkey="a", visited_at=NOW, outcome="missed", archive="x")

    assert is_asked_lately([visit], now=NOW + timedelta(days=1))
    assert not is_asked_lately([visit], now=NOW - timedelta(days=1))


def test_a_report_of_the_future_hides_no_change(tmp_path):
    with open_history(tmp_path / "catalogue.sqlite") as history:
        history.put_report(after(3))
        history.put_report(after(AHEAD))

        assert history.last_report_at(after(4)) == after(3)


def test_a_host_that_was_probed_in_the_future_is_asked_again(tmp_path):
    doubtful = serve({FR_PATH: _OTHER})
    with visiting(tmp_path, doubtful, doubtful) as (zoo, it, cited):
        go(zoo, it, cited, 0)
        probe = it.corpus.history.find_probe(find_folder(cited[0].url))
        it.now = after(1)
        it.probe(cited)
        assert it.corpus.history.find_probe(probe.folder) == probe  # once a month is enough
        it.corpus.history.put_probe(replace(probe, probed_at=after(AHEAD)))
        it.probe(cited)
        again = it.corpus.history.find_probe(probe.folder)

    assert again.probed_at == after(1)
    assert again.url != probe.url


def test_the_commands_say_what_is_dated_in_the_future(tmp_path):
    (tmp_path / "bibliography").mkdir()
    row = {"id": "a", "type": "webpage", "title": "Un texte", "URL": "http://a.test/texte"}
    (tmp_path / "bibliography" / "a.json").write_text(json.dumps([row]), encoding="utf-8")
    ahead = datetime.now(UTC) + timedelta(days=AHEAD)
    with open_catalogue(tmp_path / "catalogue.sqlite") as catalogue:
        key = urlkey(row["URL"])
        catalogue.targets.cite([row["URL"]])
        catalogue.record_visit(
            Visit(url=row["URL"], urlkey=key, visited_at=ahead, outcome="missed", status=404)
        )

    told = CliRunner().invoke(main, ["--corpus", str(tmp_path), "links", "report"])

    assert told.exit_code == 0
    assert f"up to {ahead:%Y-%m-%d}" in told.stderr
    assert "http://a.test/texte: 1 visit; it is due" in told.stderr
