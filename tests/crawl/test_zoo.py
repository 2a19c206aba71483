"""Servers misbehave in all the ways we know of; each gives the outcome a careful person wants."""

import gzip

import fastwarc
import pytest
from warcio.archiveiterator import ArchiveIterator

from indexer.archive import open_catalogue
from indexer.crawl import RunPolicy
from indexer.model import Captured, Cause, Missed
from indexer.urls import urlkey
from testbed.hostile import PUBLIC, HostileServer
from testbed.memory import forget_peak, measure_peak_kib
from tests.crawl.certificates import Certificates
from tests.crawl.runs import Crawl
from tests.crawl.zoo import ALSO_SERVED, INSIDE_ADDRESSES, ZOO

UNSERVED = {
    "http://no-such-host.test/": Cause.UNKNOWN_HOST,
    "http://resolver-fails.test/": Cause.DNS_FAILURE,
    "http://resolver-hangs.test/": Cause.DNS_FAILURE,
    f"http://{PUBLIC}:1/": Cause.CONNECTION_REFUSED,
    "http://127.0.0.1/": Cause.FORBIDDEN_ADDRESS,
    "http://[::1]/": Cause.FORBIDDEN_ADDRESS,
    "http://a b/": Cause.MALFORMED_URL,
    "http://exemple.test:99999/": Cause.MALFORMED_URL,
    "http://exemple.test/" + "a" * 9_000: Cause.MALFORMED_URL,
    "n'importe quoi": Cause.MALFORMED_URL,
    "ftp://exemple.test/a": Cause.FORBIDDEN_SCHEME,
    "file:///etc/passwd": Cause.FORBIDDEN_SCHEME,
    "mailto:quelquun@exemple.test": Cause.FORBIDDEN_SCHEME,
}


class Visited:
    """The zoo, visited once; what came of it by host."""

    def __init__(self, folder):
        certificates = Certificates(folder)
        tls = {
            name: certificates.open_context(behaviour.tls, name)
            for name, behaviour in ZOO.items()
            if behaviour.tls
        }
        serve = ALSO_SERVED | {name: behaviour.serve for name, behaviour in ZOO.items()}
        robots = frozenset(name for name, behaviour in ZOO.items() if behaviour.serves_robots)
        self.folder = folder
        forget_peak()  # of the tests before, in this process
        before_kib = measure_peak_kib()
        with HostileServer(serve, robots=robots, tls=tls) as server:
            self.server = server
            self.urls = {name: server.url(name, "/page") for name in ZOO}
            policy = RunPolicy(workers=24, max_tries=2, backoff_s=0.05)
            crawl = Crawl(folder, policy=policy, more={"ca_file": certificates.ca_file})
            urls = [
                *self.urls.values(),
                *UNSERVED,
                server.url("plain.test", "/moi").replace("http://", "http://moi:secret@"),
            ]
            self.outcomes = {outcome.url: outcome for outcome in crawl.run(urls)}
        self.memory_kib = measure_peak_kib() - before_kib


@pytest.fixture(scope="module")
def visited(tmp_path_factory):
    return Visited(tmp_path_factory.mktemp("zoo"))


@pytest.mark.parametrize("name", ZOO)
def test_a_server_gets_the_outcome_it_deserves(visited, name):
    wanted = ZOO[name]
    outcome = visited.outcomes[visited.urls[name]]

    assert isinstance(outcome, Captured if wanted.outcome == "captured" else Missed), outcome
    assert outcome.cause == wanted.cause, outcome
    assert wanted.detail in outcome.detail
    if isinstance(outcome, Captured) and not (wanted.detail or wanted.cause):
        assert outcome.detail == ""
    if wanted.hops is not None:
        assert len(outcome.hops) == wanted.hops
    if isinstance(outcome, Captured):
        assert outcome.capture.truncated == wanted.truncated


@pytest.mark.parametrize("url", UNSERVED, ids=lambda url: url[:40])
def test_what_nobody_serves_has_its_cause_too(visited, url):
    outcome = visited.outcomes[url]

    assert isinstance(outcome, Missed)
    assert outcome.cause is UNSERVED[url], outcome


def test_nothing_reaches_the_inside(visited):
    assert len(INSIDE_ADDRESSES) >= 12
    assert visited.server.inside == []


def test_credentials_are_neither_sent_nor_kept(visited):
    (url,) = [url for url in visited.outcomes if url.endswith("/moi")]
    ((headers, _),) = visited.server.asked("plain.test", "/moi")

    assert "authorization" not in headers
    assert "secret" not in url
    files = [path for path in visited.folder.rglob("*") if path.is_file()]
    told = [path for path in files if b"moi:secret@plain" in read_whole(path)]
    assert told == []


def test_whatever_came_every_record_is_whole(visited):
    kinds = []
    for path in sorted((visited.folder / "archive").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.raw_stream.read()
                kinds.append(record.rec_type)

    assert kinds.count("metadata") == len(visited.outcomes)
    assert kinds.count("response") > len(ZOO) / 2
    assert kinds.count("request") == kinds.count("response") + kinds.count("revisit")


def test_another_reader_finds_the_same_records_whole(visited):
    count = 0
    for path in sorted((visited.folder / "archive").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in fastwarc.ArchiveIterator(stream, parse_http=False):
                assert record.verify_block_digest()
                count += 1
                record.parse_http()

    assert count > 2 * len(ZOO)


def test_every_visit_is_remembered_with_its_hops(visited):
    with open_catalogue(visited.folder / "catalogue.sqlite") as catalogue:
        for url, outcome in visited.outcomes.items():
            (visit,) = catalogue.visits(urlkey(url))
            assert visit.cause == outcome.cause
            assert tuple(uri for uri, _ in visit.hops) == outcome.hops
            assert visit.outcome == type(outcome).__name__.lower()


def test_a_faulty_certificate_is_read_and_never_in_silence(visited):
    with open_catalogue(visited.folder / "catalogue.sqlite") as catalogue:
        (visit,) = catalogue.visits(urlkey(visited.urls["tls-expired.test"]))

    assert (visit.outcome, visit.tls_fault) == ("captured", Cause.TLS_EXPIRED)


def test_memory_stays_bounded(visited):
    assert visited.memory_kib < 500_000  # of visits and servers, beyond what was held before


def read_whole(path):
    """The bytes of a file, gzip taken off."""
    payload = path.read_bytes()
    return gzip.decompress(payload) if path.suffix == ".gz" else payload
