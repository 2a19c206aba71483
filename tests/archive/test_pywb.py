"""What we write is replayed by pywb byte for byte; what pywb holds is found as a memento."""

import gzip
import urllib.parse
from datetime import UTC, datetime, timedelta

import pytest

from indexer.crawl import (
    Fetcher,
    MementoRequest,
    Politeness,
    RateLimiter,
    RobotsCache,
    fetch_mementos,
    parse_archive,
    parse_open_networks,
)
from indexer.model import Captured, Cause, Missed, Target
from indexer.urls import host, parse_url, urlkey
from tests.archive import pywb
from tests.archive.exchanges import NOON, PAGE, Corpus, hop

pytestmark = pytest.mark.peer

ONE = "http://exemple.test/page"
ACCENTS = "http://exemple.test/été?q=ç"
CHUNKED = "http://exemple.test/chunked"
ZIPPED = "http://exemple.test/zipped"
MOVED = "http://exemple.test/moved"
ODD = "http://exemple.test/odd"
GONE = "http://exemple.test/gone"
YEARS = {2014: b"<p>de 2014</p>", 2017: b"<p>de 2017</p>", 2021: b"<p>de 2021</p>"}


def year(number):
    return datetime(number, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A pywb that serves what our archive wrote: the same page over the years, and odd ones."""
    folder = tmp_path_factory.mktemp("held")
    with Corpus(folder).open() as corpus:
        for number, payload in YEARS.items():
            corpus.visit(ONE, hop(ONE, payload, at=year(number)))
        corpus.visit(ONE, hop(ONE, YEARS[2021], at=year(2022)))  # a revisit
        corpus.visit(ONE, hop(ONE, b"<p>introuvable</p>", status=404, at=year(2025)))
        asked = parse_url(ACCENTS)
        corpus.visit(ACCENTS, hop(asked, PAGE, at=year(2015)))
        corpus.visit(CHUNKED, hop(CHUNKED, PAGE, fields=["Transfer-Encoding: chunked"]))
        zipped = gzip.compress(PAGE)
        odd_head = ["n'importe quoi", "X-Où: été", "x-a:1", "Content-Length: 999999"]
        corpus.visit(ODD, hop(ODD, PAGE, fields=odd_head, truncated="disconnect"))
        corpus.visit(ZIPPED, hop(ZIPPED, zipped, fields=["Content-Encoding: gzip"]))
        there = "http://exemple.test/ailleurs"
        corpus.visit(
            MOVED, hop(MOVED, b"", status=301, fields=[f"Location: {there}"]), hop(there, PAGE)
        )
        corpus.visit(GONE, hop(GONE, b"<p>introuvable</p>", status=404, at=year(2019)))
        corpus.visit(GONE, hop(GONE, PAGE, at=year(2012)))
    warcs = sorted(corpus.warc_folder.glob("*.warc.gz"))
    with pywb.serve(tmp_path_factory.mktemp("pywb"), warcs) as address:
        yield address


class Reader:
    """A corpus that looks things up in that archive."""

    def __init__(self, folder, address):
        self.address = address
        self.corpus = Corpus(folder)

    def look_up(self, url, near, archives=()):
        open_networks = parse_open_networks(["127.0.0.0/8"])
        with (
            self.corpus.open() as corpus,
            Fetcher(user_agent="renvois/0.1", open_networks=open_networks) as fetcher,
        ):
            robots_cache = RobotsCache(
                find=corpus.catalogue.hosts.find_robots, keep=corpus.keeper.keep_robots
            )
            politeness = Politeness(
                fetcher,
                token="renvois",
                delay_s=0.0,
                rate_limiter=RateLimiter(),
                robots_cache=robots_cache,
            )
            target = Target(
                url=url, urlkey=urlkey(url), canonical_url=parse_url(url), host=host(url)
            )
            (arrival,) = fetch_mementos(
                [MementoRequest(target=target, near=near)],
                archives=[parse_archive(address) for address in archives or [self.address]],
                fetcher=fetcher,
                politeness=politeness,
                min_delay_s=0.0,
            )
            outcome = corpus.keeper.keep(arrival)
            if not isinstance(outcome, Captured):
                return outcome, b""
            location = corpus.catalogue.find_location(outcome.capture.record_id)
            assert corpus.catalogue.latest_capture(urlkey(url)) == outcome.capture
            assert corpus.catalogue.latest_capture(urlkey(url), live_only=True) is None
            return outcome, corpus.archive.read_payload(location.filename, location.offset).payload


@pytest.fixture
def reader(tmp_path, archive):
    return Reader(tmp_path, archive)


@pytest.mark.parametrize(
    ("near", "found"),
    [(2013, 2014), (2015, 2014), (2016, 2017), (2018, 2017), (2020, 2021), (2022, 2022)],
)
def test_the_memento_nearest_to_a_date_is_found_without_banner(reader, near, found):
    outcome, payload = reader.look_up(ONE, year(near) - timedelta(days=30))

    assert payload == YEARS.get(found, YEARS[2021])
    assert outcome.capture.captured_at == year(found)
    assert outcome.capture.archive == reader.address
    assert "id_" not in outcome.capture.target_uri
    assert f"/{found}0601000000/" in outcome.capture.target_uri


def test_an_archived_404_is_no_memento(reader):
    outcome, payload = reader.look_up(ONE, year(2026))

    assert payload == YEARS[2021]
    assert outcome.capture.captured_at.year in (2021, 2022)
    found, payload = reader.look_up(GONE, year(2020))
    assert (payload, found.capture.captured_at.year) == (PAGE, 2012)


def test_accents_are_found(reader):
    outcome, payload = reader.look_up(ACCENTS, year(2015))

    assert payload == PAGE
    assert urllib.parse.unquote(outcome.capture.target_uri).endswith("/été?q=ç")


@pytest.mark.parametrize("url", [CHUNKED, ZIPPED, MOVED, ODD])
def test_bytes_are_replayed_as_they_were(reader, url):
    _, payload = reader.look_up(url, NOON)

    assert payload == PAGE


def test_what_the_archive_does_not_hold_is_missed_and_says_where(reader):
    outcome, _ = reader.look_up("http://exemple.test/jamais", NOON)

    assert isinstance(outcome, Missed)
    assert outcome.cause is Cause.NOT_FOUND
    assert reader.address in outcome.detail


def test_an_archive_that_is_down_is_passed_over(reader):
    _, payload = reader.look_up(ONE, year(2014), ["http://127.0.0.1:1/web/", reader.address])

    assert payload == YEARS[2014]


def test_an_archive_that_is_down_is_not_a_page_that_is_missing(reader):
    outcome, _ = reader.look_up(ONE, year(2014), ["http://127.0.0.1:1/web/"])

    assert outcome.cause is Cause.UNREACHABLE
    with reader.corpus.open() as corpus:
        assert corpus.catalogue.visits(urlkey(ONE)) == []
