"""What can't be had live is looked up in web archives, once a month, nearest to its citation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from indexer import pipeline
from indexer.archive import open_catalogue
from indexer.crawl import parse_archive
from indexer.links.replacement import find_cited_at, find_cited_on
from indexer.model import Captured, Cause, Missed, Reference, Visit
from indexer.urls import urlkey
from testbed.hostile import HostileServer
from tests.crawl.runs import Crawl
from tests.crawl.zoo import PAGE
from tests.places import find_place

NOW = datetime.now(UTC)


class WaybackMachine:
    """An archive of one page, captured in 2014 and 2019; counts what it is asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, talk):
        self.asked.append((talk.path, talk.headers.get("accept-datetime", "")))
        stamp = talk.path.removeprefix("/web/").partition("/")[0]
        if "perdu" not in talk.path:
            talk.answer(status="404 Not Found")
        elif stamp.startswith("2014"):
            moment = "Sun, 01 Jun 2014 00:00:00 GMT"
            payload = PAGE if "id_" in stamp else f"<div>bandeau</div>{PAGE}"
            talk.answer(payload, headers=(f"Memento-Datetime: {moment}",))
        else:
            where = f"Location: /web/20140601000000/{talk.path.removeprefix('/web/')}"
            talk.answer(status="302 Found", headers=(where, "Vary: accept-datetime"))


def gone(talk):
    talk.answer(status="410 Gone")


@pytest.fixture
def world(tmp_path):
    archive = WaybackMachine()
    serve = {"perdu.test": gone, "jamais.test": gone, "archive.test": archive}
    with HostileServer(serve) as server:
        yield server, archive, Crawl(tmp_path)


def reference(url, **more):
    return Reference(id="a", title="Un texte", url=url, **{"accessed": "2015-03-10"} | more)


def look_up(opened, server, *references, now=NOW):
    corpus = replace(
        opened,
        archives=[parse_archive(server.url("archive.test", "/web/"))],
        policy=replace(opened.policy, archive_delay_s=0.0),
        now=lambda: now,
    )
    return list(pipeline.find_mementos(references, corpus))


def test_a_page_that_is_gone_is_found_in_the_archive_and_marked(world):
    server, archive, crawl = world
    url = server.url("perdu.test")
    with crawl.open() as opened:
        list(opened.visit([url]))
        (found,) = look_up(opened, server, reference(url), reference(url))
        capture = opened.catalogue.latest_capture(urlkey(url))
        visits = opened.catalogue.visits(urlkey(url))
        location = opened.catalogue.find_location(capture.record_id)
        payload = crawl.read_payload(location)

    assert isinstance(found, Captured)
    assert capture == found.capture
    assert capture.archive == server.url("archive.test", "/web/")
    assert capture.captured_at == datetime(2014, 6, 1, tzinfo=UTC)
    assert payload == PAGE.encode()  # without the banner
    assert archive.asked[0] == (f"/web/{url}", "Tue, 10 Mar 2015 12:00:00 GMT")
    assert [visit.archive for visit in visits] == ["", capture.archive]


def test_what_no_archive_has_is_asked_again_after_a_month(world):
    server, archive, crawl = world
    url = server.url("jamais.test")
    with crawl.open() as opened:
        list(opened.visit([url]))
        (missed,) = look_up(opened, server, reference(url))
        assert isinstance(missed, Missed)
        assert missed.cause is Cause.NOT_FOUND
        count = len(archive.asked)
        assert look_up(opened, server, reference(url), now=NOW + timedelta(days=29)) == []
        assert len(archive.asked) == count
        assert len(look_up(opened, server, reference(url), now=NOW + timedelta(days=31))) == 1


def test_what_we_have_or_never_asked_is_not_looked_up(world):
    server, archive, crawl = world
    live, never = server.url("vivant.test"), server.url("perdu.test")
    server.behaviours["vivant.test"] = lambda talk: talk.answer(PAGE)
    with crawl.open() as opened:
        list(opened.visit([live, "http://127.0.0.1/", "mailto:a@b.test"]))
        references = [reference(u) for u in (live, never, "http://127.0.0.1/", "mailto:a@b.test")]
        assert look_up(opened, server, *references, reference(None)) == []

    assert archive.asked == []


@pytest.mark.parametrize(
    ("more", "day"),
    [
        ({"accessed": "2017-05-02", "issued": "2014-03"}, "2017-05-02"),
        ({"issued": "2014-03-17"}, "2014-03-17"),
        ({"issued": "2014-03"}, "2014-03-15"),
        ({"issued": "2014"}, "2014-07-01"),
        ({}, "2016-02-03"),
        ({"issued": "s. d."}, "2016-02-03"),
    ],
)
def test_a_text_was_cited_when_it_was_read_else_when_it_came_out_else_when_first_asked_for(
    tmp_path, more, day
):
    """One day for the memento that is looked up and for the capture that is chosen."""
    cited = replace(reference("http://a.test/", accessed=""), **more)
    first = datetime(2016, 2, 3, 9, tzinfo=UTC)
    with open_catalogue(find_place(tmp_path)) as catalogue:
        for at in (first, NOW):
            key = urlkey("http://a.test/")
            catalogue.record_visit(
                Visit(url="http://a.test/", urlkey=key, visited_at=at, outcome="missed")
            )
        near = find_cited_at(cited, catalogue.visits(key), now=NOW)

    assert near.date().isoformat() == day
    assert find_cited_on(cited, seen_at=first) == near.date()


def test_what_was_never_asked_for_is_sought_as_it_is_now():
    near = find_cited_at(reference("http://a.test/", accessed=""), [], now=NOW)

    assert near.date() == NOW.date()
