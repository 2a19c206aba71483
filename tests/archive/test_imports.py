"""What others archived is used for the URLs that the bibliography cites."""

import gzip
import io
import zipfile
from datetime import UTC, datetime

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from indexer.archive import recover, reindex
from indexer.archive.imports import import_file
from indexer.crawl import judge, next_due
from indexer.errors import ArchiveError
from indexer.urls import urlkey
from tests.archive.exchanges import NOON, PAGE, Corpus, hop

CITED = "http://exemple.test/page"


def write_warc(path, *responses, version="WARC/1.0"):
    """A file as other tools write them: (url, date, status, fields, payload, kind)."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=path.name.endswith(".gz"), warc_version=version)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "un-autre/1.0"}))
        for url, date, status, fields, payload in responses:
            head = StatusAndHeaders(status, fields, protocol="HTTP/1.1") if status else None
            writer.write_record(
                writer.create_warc_record(
                    url,
                    "response" if status else "resource",
                    payload=io.BytesIO(payload),
                    length=len(payload),
                    http_headers=head,
                    warc_headers_dict={"WARC-Date": date},
                    warc_content_type="" if status else "application/pdf",
                )
            )
    return path


HTML = [("Content-Type", "text/html")]


@pytest.fixture
def corpus(tmp_path):
    with Corpus(tmp_path / "corpus").open() as corpus:
        corpus.catalogue.targets.cite([CITED, "http://exemple.test/autre"])
        yield corpus


def take(corpus, path):
    return list(import_file(path, corpus.archive, corpus.catalogue, judge=judge))


def payload_of(corpus, url=CITED):
    capture = corpus.catalogue.latest_capture(urlkey(url))
    location = corpus.catalogue.find_location(capture.record_id)
    return corpus.archive.read_payload(location.filename, location.offset).payload


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc"])
def test_a_cited_page_is_captured_from_anothers_file(tmp_path, corpus, name):
    path = write_warc(
        tmp_path / name,
        (CITED, "2015-03-10T08:00:00Z", "200 OK", HTML, PAGE),
        ("http://exemple.test/style.css", "2015-03-10T08:00:01Z", "200 OK", [], b"p {}"),
    )
    (outcome,) = take(corpus, path)

    assert outcome.url == CITED
    assert outcome.capture.captured_at == datetime(2015, 3, 10, 8, tzinfo=UTC)
    assert payload_of(corpus) == PAGE
    (copied,) = corpus.warc_folder.glob("import-*")
    assert copied.read_bytes() == path.read_bytes()


def test_https_and_www_are_the_same_page(tmp_path, corpus):
    other = "https://www.exemple.test/page/"
    path = write_warc(tmp_path / "a.warc.gz", (other, "2015-03-10", "200 OK", HTML, PAGE))

    assert len(take(corpus, path)) == 1


def test_redirects_are_followed_inside_the_file(tmp_path, corpus):
    there = "http://ailleurs.test/page"
    path = write_warc(
        tmp_path / "a.warc.gz",
        (CITED, "2015-03-10T08:00:00Z", "301 Moved", [("Location", there)], b""),
        (there, "2015-03-10T08:00:01Z", "200 OK", HTML, PAGE),
    )
    (outcome,) = take(corpus, path)

    assert outcome.hops == (CITED, there)
    assert payload_of(corpus) == PAGE


def test_chunks_and_codings_of_others_come_off(tmp_path, corpus):
    zipped = gzip.compress(PAGE)
    chunked = b"".join(
        b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (zipped[:20], zipped[20:])
    )
    fields = [*HTML, ("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")]
    path = write_warc(
        tmp_path / "a.warc.gz",
        (CITED, "2015-03-10T08:00:00Z", "200 OK", fields, chunked + b"0\r\n\r\n"),
    )
    take(corpus, path)

    assert payload_of(corpus) == PAGE


def test_a_resource_without_http_is_a_capture_too(tmp_path, corpus):
    path = write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10T08:00:00Z", "", [], b"%PDF-1.7"))
    (outcome,) = take(corpus, path)

    assert outcome.capture.media_type == "application/pdf"
    assert payload_of(corpus) == b"%PDF-1.7"


@pytest.mark.parametrize(
    ("status", "payload"), [("404 Not Found", b"introuvable"), ("200 OK", b""), ("403 No", PAGE)]
)
def test_what_is_no_page_is_no_capture(tmp_path, corpus, status, payload):
    path = write_warc(
        tmp_path / "a.warc.gz", (CITED, "2015-03-10T08:00:00Z", status, HTML, payload)
    )

    assert take(corpus, path) == []
    assert corpus.catalogue.latest_capture(urlkey(CITED)) is None


def test_a_wacz_package_is_opened(tmp_path, corpus):
    warc = write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10", "200 OK", HTML, PAGE))
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w") as package:
        package.write(warc, "archive/a.warc.gz")
        package.writestr("datapackage.json", "{}")

    assert len(take(corpus, path)) == 1
    assert payload_of(corpus) == PAGE


def test_our_own_files_are_taken_by_another_corpus(tmp_path, corpus):
    with Corpus(tmp_path / "theirs").open() as theirs:
        theirs.visit(CITED, hop(CITED))
        theirs.visit(CITED, hop(CITED, at=NOON.replace(year=2027)))  # a revisit
    (path,) = theirs.warc_folder.glob("*.warc.gz")
    outcomes = take(corpus, path)

    assert len(outcomes) == 2
    assert payload_of(corpus) == PAGE


def test_importing_twice_changes_nothing(tmp_path, corpus):
    path = write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10", "200 OK", HTML, PAGE))

    assert len(take(corpus, path)) == 1
    assert take(corpus, path) == []
    assert len(list(corpus.warc_folder.glob("import-*"))) == 1


def test_an_imported_page_is_still_due_for_a_visit(tmp_path, corpus):
    path = write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10", "200 OK", HTML, PAGE))
    take(corpus, path)
    (queue,) = corpus.catalogue.targets.due_hosts(NOON)

    assert queue.count == 2


def test_imports_are_read_back_with_the_rest(tmp_path, corpus):
    path = write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10", "200 OK", HTML, PAGE))
    take(corpus, path)
    before = corpus.catalogue.captures(urlkey(CITED)), corpus.catalogue.visits(urlkey(CITED))
    corpus.catalogue.close()
    (corpus.folder / "catalogue.sqlite").unlink()

    with Corpus(corpus.folder).open() as anew:
        recover(anew.archive, anew.catalogue, next_due=next_due)
        list(reindex(anew.warc_folder, anew.catalogue, next_due=next_due))
        assert (
            anew.catalogue.captures(urlkey(CITED)),
            anew.catalogue.visits(urlkey(CITED)),
        ) == before
        assert payload_of(anew) == PAGE


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("a.warc.gz", b"n'importe quoi"),
        ("a.warc", b""),
        ("a.warc.gz", gzip.compress(b"ni WARC ni rien", mtime=0)),
        ("a.wacz", b"PK pas un zip"),
    ],
)
def test_what_is_no_archive_is_refused_and_not_kept(tmp_path, corpus, name, payload):
    path = tmp_path / name
    path.write_bytes(payload)

    with pytest.raises(ArchiveError):
        take(corpus, path)
    assert not list(corpus.warc_folder.iterdir())


def test_a_file_that_is_not_there_is_said(tmp_path, corpus):
    with pytest.raises(ArchiveError, match="can't be imported"):
        take(corpus, tmp_path / "absent.warc.gz")


def test_a_torn_file_of_others_is_used_up_to_the_tear(tmp_path, corpus):
    whole = write_warc(
        tmp_path / "a.warc.gz",
        (CITED, "2015-03-10T08:00:00Z", "200 OK", HTML, PAGE),
        ("http://exemple.test/autre", "2015-03-10T08:00:01Z", "200 OK", HTML, PAGE * 2),
    )
    path = tmp_path / "torn.warc.gz"
    path.write_bytes(whole.read_bytes()[:-120] + b"\xff" * 60)
    outcomes = []
    with pytest.raises(ArchiveError, match="is torn"):
        for outcome in import_file(path, corpus.archive, corpus.catalogue, judge=judge):
            outcomes.append(outcome)

    assert [outcome.url for outcome in outcomes][:1] == [CITED]
    assert payload_of(corpus) == PAGE
    read = list(reindex(corpus.warc_folder, corpus.catalogue, next_due=next_due))
    assert any(found.skipped for found in read)
