"""Rounds on servers of loopback, by a clock that is turned by hand; notices to real servers."""

import json
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from indexer.archive import acquire_lock, open_catalogue
from indexer.messages import open_translator
from indexer.model import LinkState
from indexer.notify import Notice, NoticeKind, ToldState
from indexer.settings import Settings
from indexer.urls import urlkey
from indexer.watch import (
    FILE_NAME,
    LOCK_NAME,
    Watch,
    WatchJournal,
    describe_status,
    read_status,
)
from testbed.zoo.cases import FR_PATH, everywhere, fr, serve
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.pages import FR_ARTICLE, FR_MISSING, FR_OTHER, FR_TITLE, article, html
from testbed.zoo.replies import Http
from tests.notify.servers import mail_server, webhook

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
HERE = serve({FR_PATH: FR_ARTICLE})
GONE = everywhere(FR_MISSING)
OTHER = serve({FR_PATH: html(article(FR_OTHER, FR_TITLE))})


def from_day(day, then, otherwise=HERE):
    """A site that is another one from a day on; a round of the zoo is a day."""
    return lambda asked: then(asked) if asked.round >= day else otherwise(asked)


def write_bibliography(folder, zoo):
    (folder / "bibliography").mkdir(exist_ok=True)
    entries = [
        f"@online{{essai-{number},\n title = {{{case.name}}},\n url = {{{zoo.cited(number)}}}\n}}\n"
        for number, case in enumerate(zoo.cases)
    ]
    (folder / "bibliography" / "essai.bib").write_text("\n".join(entries), encoding="utf-8")


class Days:
    """A watch of a corpus that goes round once a day, by a clock turned by hand."""

    def __init__(self, folder, zoo, **settings):
        self.now = START
        self.zoo = zoo
        self.settings = Settings(
            corpus=folder,
            open_networks=(NETWORK,),
            delay_s=0,
            retry_delay_s=0,
            archives=(),
            min_free_bytes=0,
            capture="never",
            smtp_security="none",
            **settings,
        )
        write_bibliography(folder, zoo)
        self.journal = WatchJournal(folder / FILE_NAME)
        self.told = []
        self.watch = self.make_watch()

    def make_watch(self):
        return Watch(self.settings, self.journal, tell=self.told.append, now=lambda: self.now)

    def go(self, day):
        self.now = START + timedelta(days=day)
        self.zoo.round = day
        done = self.watch.go_round()
        assert done.outcome == "done", done.detail
        return done

    def events(self):
        return [
            (notice.kind.value, notice.title) for _, notice in reversed(self.journal.list_notices())
        ]


@pytest.fixture
def opened():
    with ExitStack() as stack:
        yield stack


def open_days(opened, folder, *cases, **settings):
    zoo = opened.enter_context(Zoo(cases=cases))
    days = Days(folder, zoo, **settings)
    opened.callback(days.journal.close)
    return days


@pytest.mark.slow
def test_sixty_days_tell_each_death_of_the_script_once(tmp_path, opened):
    box, server = opened.enter_context(mail_server())
    hook, address = opened.enter_context(webhook())
    days = open_days(
        opened,
        tmp_path,
        fr("stays", LinkState.ALIVE, HERE),
        fr("dies", LinkState.DEAD, from_day(2, GONE)),
        fr("dies later", LinkState.DEAD, from_day(20, GONE)),
        fr(
            "stumbles",
            LinkState.ALIVE,
            from_day(31, HERE, from_day(5, everywhere(Http(status=503)))),
        ),
        fr("drifts", LinkState.ALIVE, from_day(3, OTHER)),
        smtp_server=server,
        notify_mail_to=("a@exemple.test", "b@exemple.test"),
        notify_webhooks=(address,),
    )
    for day in range(61):
        days.go(day)
        if day % 20 == 10:  # the process ends, and another one goes on
            days.watch = days.make_watch()

    told = Counter(days.events())
    assert told[("death", "dies")] == told[("death", "dies later")] == 1
    assert set(told.values()) == {1}
    assert {title for kind, title in told if kind == "death"} == {"dies", "dies later"}
    posted = Counter((body["event"], body["title"]) for body in map(read_post, hook.posts))
    assert posted == told
    for recipient in ("a@exemple.test", "b@exemple.test"):
        mails = [mail for recipients, mail in box.mails if recipients == [recipient]]
        text = "\n".join(mail.get_content() for mail in mails)
        assert text.count("« dies »") == text.count("« dies later »") == 1
        days_of = [mail["Date"].datetime.date() for mail in mails]
        assert len(days_of) == len(set(days_of))
    assert days.journal.count_deliveries() == {"taken": 3 * sum(told.values())}


def read_post(post):
    return json.loads(post[1])


def notice(number, kind=NoticeKind.DEATH):
    return Notice(kind=kind, at=START, url=f"http://a.test/{number}", title=f"Texte {number}")


CHANNEL = "mail a@exemple.test"


def test_a_digest_is_sent_once_a_day_and_what_is_refused_again(tmp_path, opened):
    box, server = opened.enter_context(mail_server())
    days = open_days(
        opened,
        tmp_path,
        smtp_server=server,
        notify_mail_to=("a@exemple.test",),
        notify_on=("death",),
    )

    def tell(number):
        days.journal.remember(f"k{number}", ToldState(is_dead=True), [notice(number)], [CHANNEL])

    box.refuses = True
    tell(1)
    days.go(0)
    assert days.journal.list_troubles()[0][0] == CHANNEL
    box.refuses = False
    days.go(0)
    assert len(box.mails) == 1
    tell(2)
    tell(3)
    days.go(0)
    assert len(box.mails) == 1  # one a day
    days.go(1)
    days.go(2)
    assert len(box.mails) == 2
    assert "Texte 2" in box.mails[1][1].get_content() and "Texte 3" in box.mails[1][1].get_content()
    assert "Texte 1" not in box.mails[1][1].get_content()
    assert days.journal.list_troubles() == []


def test_a_server_that_goes_on_refusing_is_asked_less_and_less_often(tmp_path, opened):
    hook, address = opened.enter_context(webhook())
    days = open_days(opened, tmp_path, notify_webhooks=(address,))
    [channel] = days.watch._channels()
    for number in range(3):
        days.journal.remember(f"k{number}", ToldState(is_dead=True), [notice(number)], [channel])
    hook.status = 500
    asked = []
    for hour in range(72):
        days.now = START + timedelta(hours=hour)
        before = len(hook.posts)
        days.watch._deliver()  # the end of a round, which takes long enough with all the rest
        asked += [hour] * (len(hook.posts) - before)
    assert asked == [0, 1, 2, 6, 18, 42, 66]  # one event each time: the others wait with it

    hook.status = 204
    days.go(4)
    assert len(hook.posts) == len(asked) + 3
    assert days.journal.list_troubles() == []
    hook.status = 500
    days.journal.remember("k9", ToldState(is_dead=True), [notice(9)], [channel])
    for _ in range(2):  # well again, so that the first trouble is tried at once
        days.go(4)
    assert len(hook.posts) == len(asked) + 5


def test_the_token_of_a_webhook_stands_in_no_file_and_no_message(tmp_path, opened):
    hook, address = opened.enter_context(webhook())
    days = open_days(opened, tmp_path, notify_webhooks=(f"{address}?jeton=un-secret",))
    hook.status = 500
    [channel] = days.watch._channels()
    days.journal.remember("k1", ToldState(is_dead=True), [notice(1)], [channel])
    days.go(0)

    assert len(hook.posts) == 1
    assert days.told
    assert "un-secret" not in f"{days.told} {days.journal.list_troubles()} {days.settings}"
    for path in tmp_path.glob(f"{FILE_NAME}*"):
        assert b"un-secret" not in path.read_bytes()


def test_what_was_being_sent_when_the_machine_stopped_is_not_sent_again(tmp_path, opened):
    box, server = opened.enter_context(mail_server())
    days = open_days(opened, tmp_path, smtp_server=server, notify_mail_to=("a@exemple.test",))
    days.journal.remember("k1", ToldState(is_dead=True), [notice(1)], [CHANNEL])
    days.journal.mark(CHANNEL, [notice(1)], "sending", at=START)

    days.go(3)

    assert box.mails == []
    assert days.journal.count_deliveries() == {"sending": 1}


def test_what_was_withdrawn_meanwhile_is_not_told(tmp_path, opened):
    box, server = opened.enter_context(mail_server())
    days = open_days(
        opened,
        tmp_path,
        fr("one", LinkState.ALIVE, HERE),
        smtp_server=server,
        notify_mail_to=("a@exemple.test",),
    )
    days.go(0)
    url = days.zoo.cited(0)
    days.journal.remember(
        urlkey(url), ToldState(is_dead=True), [replace(notice(1), url=url)], [CHANNEL]
    )
    (tmp_path / "withdrawn.txt").write_text(f"{url}\nnulle-2015\n", encoding="utf-8")
    days.go(1)

    assert box.mails == []
    # Beside the watch's own lines: what hides nothing may be a slip of the pen.
    assert [each.key for each in days.told if each.key.startswith("report.withdrawals")] == [
        "report.withdrawals.idle"
    ]


def test_a_failed_round_is_told_once_until_one_went_well(tmp_path, opened):
    box, server = opened.enter_context(mail_server())
    days = open_days(opened, tmp_path, smtp_server=server, notify_mail_to=("a@exemple.test",))
    days.go(0)
    full = replace(days.settings, min_free_bytes=2**62)
    for day in (1, 2, 3):
        days.now = START + timedelta(days=day)
        done = Watch(full, days.journal, now=lambda: days.now).go_round()
        assert (done.outcome, "min_free_bytes" in done.detail) == ("failed", True)
    assert len(box.mails) == 1
    assert "min_free_bytes" in box.mails[0][1].get_content()
    days.go(4)
    days.now = START + timedelta(days=5)
    Watch(full, days.journal, now=lambda: days.now).go_round()
    assert len(box.mails) == 2


def tell_status(days):
    """What `renvois status` and the site say of the rounds: keys, and how many are missing."""
    with open_catalogue(days.settings.catalogue_place) as catalogue:
        status = read_status(days.settings, catalogue, days.journal, now=days.now)
    told = describe_status(status, open_translator("fr"))
    of_rounds = ("silent", "fruitless", "failed", "cut")
    codes = [each["code"].removeprefix("status.") for each in told["problems"]]
    return [code for code in codes if code in of_rounds], told["rounds"]["missed"]


def test_rounds_that_do_not_come_are_counted_and_told_once_they_come_again(tmp_path, opened):
    box, server = opened.enter_context(mail_server())
    days = open_days(opened, tmp_path, smtp_server=server, notify_mail_to=("a@exemple.test",))
    for day in range(4):  # a timer of every day, whatever watch_every_s says
        days.go(day)
    told = {}
    for hour in (1, 23, 47, 49, 24 * 5 + 1):
        days.now = START + timedelta(days=3, hours=hour)
        told[hour] = tell_status(days)
    assert told == {
        1: ([], 0),
        23: ([], 0),
        47: ([], 0),
        49: (["silent"], 1),
        121: (["silent"], 4),
    }
    assert box.mails == []

    days.go(8)
    assert tell_status(days) == ([], 0)
    days.go(9)
    [(_, mail)] = box.mails
    assert "entre le 4 janvier 2026 et le 9 janvier 2026" in mail.get_content().replace("\xa0", " ")


def test_rounds_that_never_go_well_are_told_once(tmp_path, opened):
    box, server = opened.enter_context(mail_server())
    days = open_days(opened, tmp_path, smtp_server=server, notify_mail_to=("a@exemple.test",))
    for day in range(3):
        days.go(day)
    with acquire_lock(tmp_path / "crawl.lock"):
        for day in range(3, 8):
            days.now = START + timedelta(days=day)
            assert days.watch.go_round().outcome == "postponed"
            expected = ["fruitless"] if day > 4 else []
            assert tell_status(days) == (expected, 0), day
    assert len(box.mails) == 1
    assert "À regarder" in box.mails[0][1].get_content()
    days.go(8)
    assert tell_status(days) == ([], 0)
    assert len(box.mails) == 1


def test_a_round_that_was_killed_is_said(tmp_path, opened):
    days = open_days(opened, tmp_path)
    days.go(0)
    days.journal.begin_round(days.now)
    assert tell_status(days) == (["cut"], 0)
    with acquire_lock(tmp_path / LOCK_NAME):  # its process is at work
        days.now += timedelta(days=9)
        assert tell_status(days) == ([], 0)
    days.go(10)
    assert tell_status(days) == ([], 0)


def test_a_round_in_which_nothing_answers_has_failed(tmp_path, opened):
    """Three hosts without a server: the network is down, and no link is called sick for it."""
    box, server = opened.enter_context(mail_server())
    days = open_days(opened, tmp_path, smtp_server=server, notify_mail_to=("a@exemple.test",))
    urls = [f"http://127.7.0.{number}:9/page" for number in (1, 2, 3)]
    entries = [
        f"@online{{r{n},\n title = {{T{n}}},\n url = {{{u}}}\n}}" for n, u in enumerate(urls)
    ]
    path = tmp_path / "bibliography" / "essai.bib"
    path.write_text("\n".join(entries), encoding="utf-8")
    done = days.watch.go_round()

    assert (done.outcome, done.visited, done.unreached) == ("failed", 3, 3)
    assert tell_status(days)[0] == ["failed"]
    [(_, mail)] = box.mails
    assert "le réseau est sans doute coupé" in mail.get_content()

    path.write_text("\n".join(entries[:2]), encoding="utf-8")  # two dead hosts are no dead network
    days.now += timedelta(days=30)
    assert days.watch.go_round().outcome == "done"


def test_a_round_is_postponed_while_somebody_else_is_at_work(tmp_path, opened):
    days = open_days(opened, tmp_path)
    with acquire_lock(tmp_path / "crawl.lock"):
        done = days.watch.go_round()
    assert done.outcome == "postponed"
    assert days.events() == []
    assert days.go(1).outcome == "done"


def test_a_round_visits_indexes_and_remembers_what_it_did(tmp_path, opened):
    days = open_days(opened, tmp_path, fr("one", LinkState.ALIVE, HERE))
    done = days.go(0)

    assert (done.visited, done.captured, done.indexed) == (1, 1, 1)
    assert days.journal.last_round() == done
    assert days.go(1) == replace(
        done, started_at=days.now, ended_at=days.now, visited=0, captured=0, indexed=0
    )
