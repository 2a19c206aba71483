"""What stands beside a WARC file that was sent to a storage says where its copy is."""

import json
from dataclasses import asdict

import pytest

from indexer.archive.remote import (
    RemoteCopy,
    Storage,
    find_remote,
    find_remote_only,
    measure,
    was_sent,
)
from indexer.errors import ArchiveError

COPY = RemoteCopy(
    storage=Storage(address="s3://seau/warcs", endpoint="http://127.0.0.1:1"),
    size=12_345,
    sha256="ab" * 32,
    etag="e",
    mtime_ns=5_000_000_001,
    sent_at="2026-03-01T12:00:00+00:00",
    head="1f8b",
)


def write_note(path, **changed):
    told = {"version": 1, **asdict(COPY), **changed}
    path.with_name(f"{path.name}.remote").write_text(json.dumps(told), encoding="utf-8")


def test_a_note_gives_back_what_was_written_of_a_copy(tmp_path):
    file = tmp_path / "a.warc.gz"
    assert (find_remote(file), was_sent(file)) == (None, False)
    write_note(file)

    assert (find_remote(file), was_sent(file)) == (COPY, True)
    assert COPY.locate("a.warc.gz") == "seau/warcs/a.warc.gz"


@pytest.mark.parametrize(
    ("address", "place"),
    [("s3://seau", "seau/a"), ("s3://seau/", "seau/a"), ("s3://seau/x/y", "seau/x/y/a")],
)
def test_a_copy_stands_in_its_bucket_below_the_prefix(tmp_path, address, place):
    write_note(tmp_path / "a", storage={"address": address})

    assert find_remote(tmp_path / "a").locate("a") == place


@pytest.mark.parametrize(
    "written",
    [
        "",
        "{",
        "[]",
        '"a"',
        json.dumps({"version": 2, **asdict(COPY)}),
        '{"version": 1}',
        json.dumps({"version": 1, **asdict(COPY), "more": 1}),
    ],
)
def test_a_note_that_can_not_be_read_is_told_and_its_file_was_sent(tmp_path, written):
    file = tmp_path / "a.warc.gz"
    (tmp_path / "a.warc.gz.remote").write_text(written, encoding="utf-8")

    with pytest.raises(ArchiveError) as told:
        find_remote(file)
    assert told.value.where == tmp_path / "a.warc.gz.remote"
    assert was_sent(file)


def test_a_file_is_measured_here_else_as_it_was_when_it_was_sent(tmp_path):
    file = tmp_path / "a.warc.gz"
    with pytest.raises(FileNotFoundError):
        measure(file)
    write_note(file)
    assert measure(file) == (12_345, 5_000_000_001)
    file.write_bytes(b"abc")
    assert measure(file) == (3, file.stat().st_mtime_ns)


def test_files_that_are_on_the_storage_alone_are_listed(tmp_path):
    for name in ("b.warc.gz", "a.warc.gz"):
        write_note(tmp_path / name)
    (tmp_path / "b.warc.gz").write_bytes(b"")
    (tmp_path / "c.warc.gz").write_bytes(b"")

    assert find_remote_only(tmp_path) == [tmp_path / "a.warc.gz"]
