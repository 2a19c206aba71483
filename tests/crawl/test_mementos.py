"""What can't be had live is looked up in web archives, once a month, nearest to its citation."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from indexer import pipeline
from indexer.crawl import parse_archive
from indexer.model import Captured, Cause, Missed, Place, Reference
from indexer.urls import urlkey
from tests.crawl.hostile import HostileServer
from tests.crawl.runs import Crawl
from tests.crawl.zoo import PAGE

NOW = datetime.now(UTC)
CITED_AT = datetime(2015, 3, 10, 12, tzinfo=UTC)


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
    return Reference(id="a", title="Un texte", url=url, **more)


def look_up(opened, server, *references, now=NOW, cited_at=CITED_AT):
    return list(
        pipeline.find_mementos(
            references,
            archives=[parse_archive(server.url("archive.test", "/web/"))],
            catalogue=opened.catalogue,
            keeper=opened.keeper,
            fetcher=opened.fetcher,
            manners=opened.manners,
            cited_at=lambda _: cited_at,
            now=now,
            min_delay_s=0.0,
        )
    )


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


def test_a_text_was_cited_when_it_was_read_else_when_its_note_was_written(tmp_path):
    (tmp_path / "notes.txt").touch()
    os.utime(tmp_path / "notes.txt", (0, CITED_AT.timestamp()))
    place = Place(path="notes.txt", line=1)

    def cited_at(**more):
        return pipeline.find_cited_at(reference("http://a.test/", **more), tmp_path)

    assert cited_at(accessed="2017-05-02").date().isoformat() == "2017-05-02"
    assert cited_at(place=place) == CITED_AT
    assert cited_at(place=Place(path="absent.txt", line=1)) >= NOW
