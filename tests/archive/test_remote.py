"""Closed WARC files on S3-compatible storage: a real server of moto, on loopback."""

import gzip
import json
import os
import re
import threading
from datetime import timedelta

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

from indexer.archive import find_files, open_archive, open_catalogue, reindex
from indexer.archive import remote as room
from indexer.archive.reading import open_record
from indexer.archive.reindex import list_closed
from indexer.archive.remote import Storage, find_fault, find_remote, remove_local, send
from indexer.cli import main
from indexer.crawl import next_due
from indexer.errors import ArchiveError
from indexer.messages import NOTHING, message
from indexer.urls import urlkey
from tests.archive.exchanges import NOON, PAGE, Corpus, hop
from tests.places import find_place

pytest.importorskip("s3fs", reason="renvois[s3] is not installed")
pytestmark = pytest.mark.slow
PART = 5 * 2**20  # the least that S3 takes
GONE = "http://retire.test/texte"
KEPT = "http://garde.test/page"
WORD = "zorglubique"


class Noting:
    """A WSGI application that notes what the one behind it was asked."""

    def __init__(self, application):
        self._application = application
        self.asked = []

    def __call__(self, environ, start_response):
        method, query = environ["REQUEST_METHOD"], environ["QUERY_STRING"]
        self.asked.append((method, query, environ.get("HTTP_RANGE", "")))
        return self._application(environ, start_response)


@pytest.fixture(scope="module")
def noting():
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    return Noting(DomainDispatcherApplication(create_backend_app))


@pytest.fixture(scope="module")
def server(noting):
    server = make_server("127.0.0.1", 0, noting, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def storage(server, tmp_path, monkeypatch):
    """A bucket of this test alone."""
    monkeypatch.setenv("TEST_S3_KEY", "a-key")
    monkeypatch.setenv("TEST_S3_SECRET", "a-secret")
    storage = Storage(
        address=f"s3://b{abs(hash(tmp_path))}/warcs",
        endpoint=server,
        region="eu-west-3",
        key_variable="TEST_S3_KEY",
        secret_variable="TEST_S3_SECRET",
    )
    room._open(storage).call_s3(
        "create_bucket",
        Bucket=find_bucket(storage),
        CreateBucketConfiguration={"LocationConstraint": "eu-west-3"},
    )
    return storage


@pytest.fixture
def corpus(tmp_path):
    """Two pages in one file, each visited once."""
    corpus = Corpus(tmp_path / "corpus")
    with corpus.open():
        corpus.visit(KEPT, hop(KEPT, PAGE + os.urandom(90_000).hex().encode()))
        corpus.visit(GONE, hop(GONE, PAGE + WORD.encode(), at=NOON + timedelta(days=1)))
    return corpus


def find_bucket(storage):
    return storage.address.removeprefix("s3://").partition("/")[0]


def list_objects(storage):
    store = room._open(storage)
    told = store.call_s3("list_object_versions", Bucket=find_bucket(storage))
    return [each["Key"] for each in told.get("Versions", ())]


def find_file(corpus):
    (path,) = find_files(corpus.folder / "archive")
    return path


def send_it(path, storage, **more):
    return send(path, storage, progress=lambda count: None, **more)


def remove_it(path):
    remove_local(path, progress=lambda count: None)


def renvois(corpus, storage, tmp_path, *arguments):
    table = "\n".join(
        f'{name} = "{getattr(storage, name)}"' for name in storage.__slots__ if name != "ca_file"
    )
    settings = tmp_path / "renvois.toml"
    settings.write_text(f"[storage]\n{table}\n", encoding="utf-8")
    (corpus.folder / "bibliography").mkdir(exist_ok=True)
    return CliRunner().invoke(
        main,
        ["--config", str(settings), "--corpus", str(corpus.folder), *map(str, arguments)],
        catch_exceptions=False,
    )


def test_a_file_that_was_sent_is_read_by_ranges_where_it_is_not_here(corpus, storage, noting):
    path = find_file(corpus)
    with open_catalogue(find_place(corpus.folder)) as catalogue:
        row = max(catalogue.records(path.name), key=lambda row: row.offset)
    before = read_record(path, row)
    copy = send_it(path, storage)
    size = path.stat().st_size
    remove_it(path)
    noting.asked.clear()
    assert not path.exists()
    assert read_record(path, row) == before
    assert find_files(path.parent) == [path]
    assert copy.size == size
    ranges = [found for method, _, found in noting.asked if method == "GET"]
    assert [re.match(r"bytes=(\d+)-", found)[1] for found in ranges] == [str(row.offset)]


def read_record(path, row):
    with open_record(path, row.offset, row.inside) as record:
        return record.record_id, record.block.read()


def test_a_file_cut_short_goes_on_with_the_parts_that_are_missing(tmp_path, storage, noting):
    path = tmp_path / "autres.warc.gz"
    path.write_bytes(gzip.compress(b"WARC/1.1\r\n") + os.urandom(2 * PART + 10))
    done = []

    def stop(count):
        done.append(count)
        if len(done) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(path, storage, progress=stop, part_bytes=PART)
    assert not list_objects(storage)
    assert find_remote(path) is None
    noting.asked.clear()
    copy = send(path, storage, progress=lambda count: None, part_bytes=PART)
    parts = [query for method, query, _ in noting.asked if method == "PUT"]
    assert ["partNumber=3" in query for query in parts] == [True]
    assert copy.size == path.stat().st_size
    assert not list(tmp_path.glob(".*sending"))
    remove_it(path)  # its digest was read back


def test_a_local_file_stays_unless_its_copy_is_read_back_right(corpus, storage):
    path = find_file(corpus)
    with pytest.raises(ArchiveError, match="was not sent"):
        remove_it(path)
    copy = send_it(path, storage)
    bucket, _, key = copy.locate(path.name).partition("/")
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    room._open(storage).call_s3("put_object", Bucket=bucket, Key=key, Body=bytes(octets))
    with pytest.raises(ArchiveError, match="its digest is another"):
        remove_it(path)
    assert path.exists()
    assert find_fault(path, copy) == message("error.remote.other")
    room._open(storage).call_s3("delete_object", Bucket=bucket, Key=key)
    with pytest.raises(ArchiveError):
        remove_it(path)
    assert path.exists()
    assert find_fault(path, copy) == message("error.remote.gone")


def test_nothing_is_written_over_at_the_storage_nor_added_to_what_was_sent(corpus, storage):
    path = find_file(corpus)
    send_it(path, storage)
    with open_archive(path.parent) as archive:
        assert archive.find_growing() is None
        assert list_closed(archive) == [path]
    with corpus.open():
        corpus.visit(KEPT, hop(KEPT, b"<p>autre</p>", at=NOON + timedelta(days=2)))
    assert len(find_files(path.parent)) == 2
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(ArchiveError, match="another file is at the storage"):
        send_it(path, storage)


def test_commands_send_remove_check_bring_back_and_purge(corpus, storage, tmp_path):
    path = find_file(corpus)

    def run(*arguments):
        return renvois(corpus, storage, tmp_path, "archive", *arguments)

    told = run("upload")
    assert told.exit_code == 0
    assert "0 files sent" in told.stderr  # it grows still
    sent = run("upload", "--growing", "--json")
    assert json.loads(sent.stdout)["address"].endswith(f"/warcs/{path.name}"), sent.output
    assert "0 files sent, 1 were there" in run("upload").stderr
    assert run("remove-local").exit_code == 2
    assert run("remove-local", "--all").exit_code == 0
    assert not path.exists()

    checked = run("check", "--all")
    assert checked.exit_code == 0, checked.output
    assert "1 file," in checked.stderr
    with open_catalogue(tmp_path / "autre.sqlite") as anew:
        (read,) = reindex(path.parent, anew, next_due=next_due)
        assert (read.fault, read.visits) == (NOTHING, 2)
    assert run("export", tmp_path / "paquet.wacz").exit_code == 0
    assert run("download", path.name).exit_code == 0
    assert path.exists()
    assert run("remove-local", path.name).exit_code == 0

    purged = renvois(corpus, storage, tmp_path, "withdraw", GONE, "--purge", "--yes", "--yes")
    assert purged.exit_code == 0, purged.output
    assert "The copy of 1 file was removed" in purged.stderr
    assert not list_objects(storage)
    assert WORD.encode() not in gzip.decompress(path.read_bytes())
    assert KEPT.encode() in gzip.decompress(path.read_bytes())
    with open_catalogue(find_place(corpus.folder)) as catalogue:
        assert catalogue.latest_capture(urlkey(GONE)) is None
    assert run("check").exit_code == 0
    assert run("upload", "--growing").exit_code == 0
    room._open(storage).call_s3(
        "delete_object", Bucket=find_bucket(storage), Key=f"warcs/{path.name}"
    )
    lost = run("check", "--json")
    assert lost.exit_code == 3
    assert json.loads(lost.stdout.splitlines()[0])["kind"] == "remote"


def test_a_purge_takes_every_version_of_a_copy(corpus, storage):
    store = room._open(storage)
    store.call_s3(
        "put_bucket_versioning",
        Bucket=find_bucket(storage),
        VersioningConfiguration={"Status": "Enabled"},
    )
    path = find_file(corpus)
    copy = send_it(path, storage)
    bucket, _, key = copy.locate(path.name).partition("/")
    store.call_s3("put_object", Bucket=bucket, Key=key, Body=b"another version")
    room.forget_remote(path)
    told = store.call_s3("list_object_versions", Bucket=bucket)
    assert not told.get("Versions")
    assert not told.get("DeleteMarkers")
    assert find_remote(path) is None


def test_a_storage_that_is_away_is_said_and_nothing_is_lost(corpus, storage, tmp_path):
    path = find_file(corpus)
    away = Storage(
        address=storage.address,
        endpoint="http://127.0.0.1:9",
        key_variable=storage.key_variable,
        secret_variable=storage.secret_variable,
    )
    told = renvois(corpus, away, tmp_path, "archive", "upload", "--growing")
    assert told.exit_code == 1
    assert "the storage refuses or does not answer" in told.stderr
    assert path.exists()
    with pytest.raises(ArchiveError, match="there is no NOWHERE in the environment"):
        send_it(path, Storage(address=storage.address, key_variable="NOWHERE", secret_variable="X"))
