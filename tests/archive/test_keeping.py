"""An arrival is kept: records on the disk, then rows, then the outcome is told."""

import gzip
from datetime import timedelta

import brotli
import fastwarc
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from indexer.archive import recover, reindex
from indexer.crawl import next_due
from indexer.model import Captured, Cause, Missed, Revisited
from indexer.urls import urlkey
from tests.archive.exchanges import NOON, PAGE, Corpus, hop

URL = "http://exemple.test/page"


@pytest.fixture
def corpus(tmp_path):
    with Corpus(tmp_path).open() as corpus:
        yield corpus


def read_records(corpus):
    for path in sorted(corpus.warc_folder.glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                yield record, record.content_stream().read()


def payload_of(corpus, outcome):
    location = corpus.catalogue.find_location(outcome.capture.record_id)
    return corpus.archive.read_payload(location.filename, location.offset)


def test_a_page_is_captured_and_its_bytes_come_back(corpus):
    outcome = corpus.visit(URL, hop(URL))

    assert isinstance(outcome, Captured)
    assert payload_of(corpus, outcome).payload == PAGE
    assert corpus.catalogue.latest_capture(urlkey(URL)) == outcome.capture


def test_each_hop_leaves_its_request_and_its_response(corpus):
    other = "https://www.exemple.test/page"
    corpus.visit(URL, hop(URL, b"", status=301, fields=[f"Location: {other}"]), hop(other))

    kept = [
        (record.rec_type, record.rec_headers["WARC-Target-URI"])
        for record, _ in read_records(corpus)
    ]
    assert kept == [
        ("warcinfo", None),
        ("request", URL),
        ("response", URL),
        ("request", other),
        ("response", other),
        ("metadata", other),
    ]


def test_heads_stand_in_the_file_as_they_were_on_the_wire(corpus):
    odd = hop(URL, fields=["x-A:1", "X-b :  deux  ", "Set-Cookie: a=1", "Set-Cookie: b=2"])
    outcome = corpus.visit(URL, odd)

    assert payload_of(corpus, outcome).head == odd.response_head


def test_a_transfer_coding_that_is_gone_is_not_announced(corpus):
    outcome = corpus.visit(URL, hop(URL, fields=["transfer-encoding: chunked"]))

    kept = payload_of(corpus, outcome)
    assert b"\r\nX-Crawler-Transfer-Encoding: chunked\r\n" in kept.head
    assert kept.payload == PAGE


@pytest.mark.parametrize(("coding", "encode"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_content_codings_stay_on_in_the_file_and_come_off_when_read(corpus, coding, encode):
    encoded = encode(PAGE)
    outcome = corpus.visit(URL, hop(URL, encoded, fields=[f"Content-Encoding: {coding}"]))

    kept = payload_of(corpus, outcome)
    assert outcome.capture.length == len(encoded)
    assert kept.payload == PAGE


def test_the_same_bytes_again_are_a_revisit(corpus):
    first = corpus.visit(URL, hop(URL))
    again = corpus.visit(URL, hop(URL, at=NOON + timedelta(days=30)))

    assert again == Revisited(url=URL, capture=first.capture, hops=(URL,))
    (revisit,) = [record for record, _ in read_records(corpus) if record.rec_type == "revisit"]
    assert revisit.rec_headers["WARC-Refers-To"] == f"<{first.capture.record_id}>"
    assert revisit.rec_headers["WARC-Refers-To-Target-URI"] == URL
    assert revisit.rec_headers["WARC-Refers-To-Date"] == "2026-03-01T12:00:00.123456Z"
    assert revisit.rec_headers["WARC-Payload-Digest"] == first.capture.payload_digest


def test_not_modified_is_a_revisit_that_shows_the_head_of_the_page(corpus):
    corpus.visit(URL, hop(URL, fields=['ETag: "a"']))
    asked = hop(URL, b"", status=304, at=NOON + timedelta(days=30), asked=['If-None-Match: "a"'])
    again = corpus.visit(URL, asked)

    assert isinstance(again, Revisited)
    (revisit,) = [record for record, _ in read_records(corpus) if record.rec_type == "revisit"]
    assert revisit.http_headers.get_statuscode() == "200"
    assert corpus.catalogue.visits(urlkey(URL))[-1].status == 304


def test_not_modified_is_kept_even_if_the_file_of_the_page_was_taken_away(tmp_path):
    with Corpus(tmp_path).open() as corpus:
        corpus.visit(URL, hop(URL, fields=['ETag: "a"']))
    (path,) = corpus.warc_folder.iterdir()
    path.rename(tmp_path / "ailleurs.warc.gz")
    with Corpus(tmp_path).open() as corpus:
        at = NOON + timedelta(days=30)
        asked = hop(URL, b"", status=304, at=at, asked=['If-None-Match: "a"'])

        assert isinstance(corpus.visit(URL, asked), Revisited)


def test_a_third_time_refers_to_the_record_that_holds_the_page(corpus):
    first = corpus.visit(URL, hop(URL))
    for days in (30, 60):
        again = corpus.visit(URL, hop(URL, at=NOON + timedelta(days=days)))

    assert again.capture == first.capture
    assert payload_of(corpus, again).payload == PAGE
    assert len(corpus.catalogue.captures(urlkey(URL))) == 1
    assert len(corpus.catalogue.visits(urlkey(URL))) == 3


def test_a_changed_page_is_captured_anew(corpus):
    corpus.visit(URL, hop(URL))
    changed = corpus.visit(URL, hop(URL, PAGE + b"!", at=NOON + timedelta(days=30)))

    assert isinstance(changed, Captured)
    assert corpus.catalogue.latest_capture(urlkey(URL)) == changed.capture


def test_a_miss_leaves_its_response_and_takes_nothing_from_the_capture(corpus):
    first = corpus.visit(URL, hop(URL))
    gone = hop(URL, b"<p>introuvable</p>", status=404, at=NOON + timedelta(days=30))
    missed = corpus.visit(URL, gone)

    assert missed == Missed(
        url=URL, cause=Cause.NOT_FOUND, detail="status 404", status=404, hops=(URL,)
    )
    assert corpus.catalogue.latest_capture(urlkey(URL)) == first.capture
    assert any(payload == b"<p>introuvable</p>" for _, payload in read_records(corpus))


def test_a_miss_without_an_answer_is_remembered_too(corpus):
    corpus.visit(URL, cause=Cause.UNKNOWN_HOST, detail="Name or service not known")

    (visit,) = corpus.catalogue.visits(urlkey(URL))
    assert (visit.outcome, visit.cause) == ("missed", Cause.UNKNOWN_HOST)


def test_what_is_cut_short_says_so_in_its_record(corpus):
    cut = hop(URL, truncated="length", cause=Cause.TOO_LARGE, detail="more than 9 bytes")
    outcome = corpus.visit(URL, cut, cause=Cause.TOO_LARGE, detail="more than 9 bytes")

    assert (outcome.cause, outcome.capture.truncated) == (Cause.TOO_LARGE, "length")
    (response,) = [record for record, _ in read_records(corpus) if record.rec_type == "response"]
    assert response.rec_headers["WARC-Truncated"] == "length"


def test_what_we_write_is_read_by_others_without_error(corpus):
    corpus.visit(URL, hop(URL, gzip.compress(PAGE), fields=["Content-Encoding: gzip"]))
    corpus.visit(URL, hop(URL, at=NOON + timedelta(days=30)))
    corpus.visit("http://exemple.test/é", cause=Cause.TIMEOUT)
    corpus.archive.close()
    (path,) = corpus.warc_folder.glob("*.warc.gz")

    class Arguments:
        inputs = (str(path),)
        verbose = False

    checker = Checker(Arguments)
    checker.process_all()
    assert checker.exit_value == 0

    with path.open("rb") as stream:
        for record in fastwarc.ArchiveIterator(stream, parse_http=False):
            assert record.verify_block_digest()
            if record.record_type is fastwarc.WarcRecordType.response:
                record.parse_http()
                assert record.verify_payload_digest()


def test_a_full_file_makes_room_for_another(tmp_path):
    with Corpus(tmp_path).open(max_file_bytes=1_000) as corpus:
        outcomes = [
            corpus.visit(f"{URL}/{n}", hop(f"{URL}/{n}", PAGE + bytes([n]))) for n in range(3)
        ]
        assert len(list(corpus.warc_folder.glob("*.warc.gz"))) == 3
        assert all(payload_of(corpus, outcome).payload for outcome in outcomes)


def test_a_marker_stands_beside_a_file_while_it_is_written(tmp_path):
    with Corpus(tmp_path).open() as corpus:
        corpus.visit(URL, hop(URL))
        names = {path.name for path in corpus.warc_folder.iterdir()}
        (warc,) = [name for name in names if name.endswith(".gz")]
        assert names == {warc, f"{warc}.open"}

    assert [path.name for path in corpus.warc_folder.iterdir()] == [warc]


def test_a_file_with_room_is_written_further_by_the_next_run(tmp_path):
    for n in range(3):
        with Corpus(tmp_path).open() as corpus:
            corpus.visit(f"{URL}/{n}", hop(f"{URL}/{n}"))

    (path,) = corpus.warc_folder.iterdir()
    assert path.name.startswith("renvois-")


@pytest.mark.sqlite
def test_the_catalogue_is_read_back_from_the_files_alone(tmp_path):
    one, two, away = f"{URL}/1", f"{URL}/2", "https://autre.test/"
    with Corpus(tmp_path).open() as corpus:
        corpus.visit(one, hop(one, b"", status=302, fields=[f"Location: {away}"]), hop(away))
        corpus.visit(one, hop(away, at=NOON + timedelta(days=30)))
        corpus.visit(two, cause=Cause.TIMEOUT, detail="timed out")
        corpus.visit(two, hop(two, tls_fault=Cause.TLS_EXPIRED), at=NOON + timedelta(days=1))
        corpus.visit(two, hop(two, b"", status=410, at=NOON + timedelta(days=60)))
        before = snapshot(corpus, one, two)
    (tmp_path / "catalogue.sqlite").unlink()

    with Corpus(tmp_path).open() as corpus:
        read = list(reindex(corpus.warc_folder, corpus.catalogue, next_due=next_due))
        assert snapshot(corpus, one, two) == before
        assert [found.visits for found in read] == [5]
        assert list(reindex(corpus.warc_folder, corpus.catalogue, next_due=next_due)) != []
        assert snapshot(corpus, one, two) == before


def snapshot(corpus, *urls):
    catalogue = corpus.catalogue
    keys = [urlkey(url) for url in urls]
    return [
        (
            catalogue.visits(key),
            catalogue.captures(key),
            catalogue.latest_capture(key),
            [catalogue.find_location(capture.record_id) for capture in catalogue.captures(key)],
        )
        for key in keys
    ]


@pytest.mark.sqlite
def test_what_was_written_and_not_told_is_found_by_the_next_run(tmp_path):
    """Killed between the file and the row: the visit is in the file only."""
    path, other = tmp_path / "catalogue.sqlite", f"{URL}/2"
    with Corpus(tmp_path).open() as corpus:
        corpus.visit(URL, hop(URL))
        corpus.catalogue.targets.cite([other])
    before = path.read_bytes()
    with Corpus(tmp_path).open() as corpus:
        corpus.visit(other, hop(other, PAGE + b"2"))
    path.write_bytes(before)
    (warc,) = corpus.warc_folder.iterdir()
    warc.with_name(warc.name + ".open").touch()

    with Corpus(tmp_path).open() as corpus:
        assert corpus.catalogue.latest_capture(urlkey(other)) is None
        (found,) = recover(corpus.archive, corpus.catalogue, next_due=next_due)
        assert (found.filename, found.torn_bytes, found.visits) == (warc.name, 0, 1)
        assert corpus.catalogue.latest_capture(urlkey(other)) is not None
        assert corpus.catalogue.targets.find_due(urlkey(other)) is not None


def test_a_visit_of_no_address_at_all_is_kept(corpus):
    outcome = corpus.visit("n'importe quoi", cause=Cause.MALFORMED_URL)

    assert outcome.cause is Cause.MALFORMED_URL
    assert [record.rec_type for record, _ in read_records(corpus)] == ["warcinfo", "metadata"]
