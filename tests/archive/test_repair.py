"""A file torn by a crash is cut where its last whole record ends, and written further."""

import gzip
import os
import subprocess
import sys
import textwrap
from datetime import timedelta

import pytest
from warcio.archiveiterator import ArchiveIterator

from indexer.archive import recover
from indexer.archive.repair import cut_tail, find_end
from indexer.crawl import next_due
from indexer.errors import ArchiveError
from indexer.model import Captured
from indexer.urls import urlkey
from tests.archive.exchanges import NOON, PAGE, Corpus, hop

URL = "http://exemple.test/page"
MEMBERS = [gzip.compress(bytes([letter]) * 3_000, mtime=0) for letter in b"abc"]


@pytest.mark.parametrize("cut", range(1, len(MEMBERS[2]) + 1))
def test_a_cut_anywhere_in_the_last_member_leaves_the_others(tmp_path, cut):
    path = tmp_path / "torn.warc.gz"
    path.write_bytes(b"".join(MEMBERS)[:-cut])

    cut_tail(path)

    assert path.read_bytes() == MEMBERS[0] + MEMBERS[1]


@pytest.mark.parametrize("rubbish", [b"\0" * 40, b"\x1f", b"\x1f\x8b\x08", b"rubbish"])
def test_rubbish_behind_the_last_member_is_cut(tmp_path, rubbish):
    path = tmp_path / "torn.warc.gz"
    path.write_bytes(b"".join(MEMBERS) + rubbish)

    assert cut_tail(path) == len(rubbish)
    assert path.read_bytes() == b"".join(MEMBERS)


def test_a_whole_file_is_left_as_it_is(tmp_path):
    path = tmp_path / "whole.warc.gz"
    path.write_bytes(b"".join(MEMBERS))
    before = path.stat().st_mtime_ns

    assert cut_tail(path) == 0
    assert path.stat().st_mtime_ns == before
    with path.open("rb") as stream:
        assert find_end(stream) == path.stat().st_size


def test_a_member_larger_than_a_block_is_followed_to_its_end(tmp_path):
    path = tmp_path / "large.warc.gz"
    large = gzip.compress(os.urandom(3 * 2**20), 1)
    path.write_bytes(large + MEMBERS[0][:-5])

    cut_tail(path)

    assert path.stat().st_size == len(large)


@pytest.mark.parametrize("torn_bytes", [1, 100, 700])
def test_after_a_crash_the_next_run_mends_and_goes_on(tmp_path, torn_bytes):
    with Corpus(tmp_path).open() as corpus:
        first = corpus.visit(URL, hop(URL))
        corpus.visit(f"{URL}/2", hop(f"{URL}/2", PAGE + b"2"))
    (path,) = corpus.warc_folder.glob("*.warc.gz")
    path.write_bytes(path.read_bytes()[:-torn_bytes])
    path.with_name(path.name + ".open").touch()

    with Corpus(tmp_path).open() as corpus:
        (found,) = recover(corpus.archive, corpus.catalogue, next_due=next_due)
        assert found.filename == path.name
        assert found.cut_bytes > 0
        torn = urlkey(f"{URL}/2")
        has_record = corpus.catalogue.latest_capture(torn) is not None
        assert has_record == (torn_bytes < 300)  # only its metadata record was torn
        assert bool(corpus.catalogue.visits(torn)) == has_record
        third = corpus.visit(f"{URL}/3", hop(f"{URL}/3", PAGE + b"3"))
        for outcome, payload in ((first, PAGE), (third, PAGE + b"3")):
            location = corpus.catalogue.find_location(outcome.capture.record_id)
            read = corpus.archive.read_payload(location.filename, location.offset)
            assert read.payload == payload

    with path.open("rb") as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream, check_digests="raise")]
    assert kinds[0] == "warcinfo"
    assert not path.with_name(path.name + ".open").exists()


def test_a_run_that_ended_well_leaves_nothing_to_mend(tmp_path):
    with Corpus(tmp_path).open() as corpus:
        corpus.visit(URL, hop(URL))
    with Corpus(tmp_path).open() as corpus:
        assert recover(corpus.archive, corpus.catalogue, next_due=next_due) == []


FILLS_THE_DISK = """
    import resource, signal, sys
    from datetime import timedelta
    from pathlib import Path
    from indexer.errors import ArchiveError, CatalogueError
    from tests.archive.exchanges import NOON, PAGE, Corpus, hop

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
    with Corpus(Path(sys.argv[1])).open() as corpus:
        for n in range(1_000):
            url = f"http://exemple.test/{n}"
            noise = bytes((n * k) % 251 for k in range(9_973))
            try:
                corpus.visit(url, hop(url, PAGE + noise, at=NOON + timedelta(minutes=n)))
            except (ArchiveError, CatalogueError) as error:
                print("stopped:", type(error).__name__, error.hint)
                break
            print(url, flush=True)
"""


def test_a_full_disk_stops_the_run_and_loses_nothing_told(tmp_path):
    """The system's limit on a file's size stands for the end of the disk."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FILLS_THE_DISK), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    *told, stopped = done.stdout.splitlines()
    assert stopped.startswith("stopped:")
    assert "room" in stopped
    assert told

    with Corpus(tmp_path).open() as corpus:
        recover(corpus.archive, corpus.catalogue, next_due=next_due)
        for url in told:
            capture = corpus.catalogue.latest_capture(urlkey(url))
            location = corpus.catalogue.find_location(capture.record_id)
            assert corpus.archive.read_payload(location.filename, location.offset).payload
        again = corpus.visit(URL, hop(URL, at=NOON + timedelta(days=1)))
        assert isinstance(again, Captured)


def test_a_folder_that_can_t_be_written_stops_with_a_word(tmp_path):
    (tmp_path / "archive").write_text("a file where a folder should be")
    with Corpus(tmp_path).open() as corpus, pytest.raises(ArchiveError):
        corpus.visit(URL, hop(URL))
