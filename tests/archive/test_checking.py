"""`renvois archive check` finds what is damaged, says what it costs, and changes nothing."""

import gzip
import hashlib
import json
import os
import random
import sqlite3
import subprocess
import sys
from datetime import timedelta

import pytest
from click.testing import CliRunner

from indexer.archive import check_archive, open_catalogue, read_state
from indexer.archive.reading import Record, read_records
from indexer.cli import main
from indexer.urls import urlkey
from tests.archive.exchanges import NOON, PAGE, Corpus, hop
from tests.places import find_place

URL = "http://exemple.test/page"
PAGES = 6


@pytest.fixture
def folder(tmp_path):
    """A corpus of a few visits, closed as it should be."""
    rng = random.Random(7)
    with Corpus(tmp_path).open() as corpus:
        for n in range(PAGES):
            url = f"{URL}/{n}"
            corpus.visit(url, hop(url, PAGE + rng.randbytes(2_000), at=NOON + timedelta(minutes=n)))
        corpus.visit(URL, hop(URL, at=NOON + timedelta(days=1)))
        corpus.visit(URL, hop(URL, at=NOON + timedelta(days=2)))  # a revisit
    return tmp_path


def renvois(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "indexer", "--corpus", str(folder), "archive", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def run_here(folder, *arguments):
    return CliRunner().invoke(
        main, ["--corpus", str(folder), "archive", *arguments], catch_exceptions=False
    )


def check(folder, *arguments):
    """Run the command; give its exit code, its problems and its summary."""
    done = run_here(folder, "check", "--json", *arguments)
    *problems, summary = map(json.loads, done.stdout.splitlines())
    return done.exit_code, problems, summary["summary"]


def find_warc(folder):
    (path,) = (folder / "archive").glob("*.warc.gz")
    return path


def find_response(path, number):
    for each in read_records(path):
        if isinstance(each, Record) and each.kind == "response":
            number -= 1
            if number < 0:
                return each
    raise AssertionError


def flip(path, offset):
    with path.open("r+b") as stream:
        stream.seek(offset)
        octet = stream.read(1)[0]
        stream.seek(offset)
        stream.write(bytes([octet ^ 4]))


def digest_all(folder):
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "archive").iterdir()
    }


def test_a_whole_archive_is_whole(folder):
    code, problems, summary = check(folder)

    assert (code, problems) == (0, [])
    assert summary["records"] > PAGES * 3
    assert "all is whole" in run_here(folder, "check").stderr


def test_a_flipped_bit_is_found_with_its_place_and_what_it_costs(folder):
    path = find_warc(folder)
    record = find_response(path, 3)
    flip(path, record.offset + record.length // 2)
    before = digest_all(folder)
    code, (problem,), summary = check(folder)

    assert code == 3
    assert (problem["kind"], problem["filename"]) == ("damaged", path.name)
    assert (problem["offset"], problem["length"]) == (record.offset, record.length)
    assert problem["costs"] == [{"url": f"{URL}/3", "captured_at": record.date.isoformat()}]
    assert summary["problems"] == 1
    assert digest_all(folder) == before
    told = run_here(folder, "check").stdout
    assert f"offset={record.offset} bytes={record.length}" in told
    assert f"costs={URL}/3" in told


def test_what_was_checked_is_not_read_again_and_stays_known(folder):
    path = find_warc(folder)
    record = find_response(path, 1)
    flip(path, record.offset + record.length // 2)
    first = check(folder)
    status = path.stat()
    flip(path, record.offset + record.length // 2)  # mended, behind the check's back
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert check(folder) == first
    assert check(folder, "--all")[:2] == (0, [])


def test_a_check_that_is_stopped_goes_on_where_it_was(folder):
    path = find_warc(folder)
    flip(path, find_response(path, 0).offset + 40)
    flip(path, find_response(path, 5).offset + 40)
    state_path = folder / "state.json"
    with open_catalogue(find_place(folder)) as catalogue:
        whole = list(check_archive(folder / "archive", catalogue, read_state(state_path)))[-1]
        for stop in range(1, 20, 3):
            state_path.unlink(missing_ok=True)
            state = read_state(state_path)
            steps = check_archive(folder / "archive", catalogue, state)
            for _ in range(stop):
                next(steps)
            steps.close()
            state.save()
            again = list(check_archive(folder / "archive", catalogue, read_state(state_path)))
            assert again[-1] == whole
            assert len(again) < whole.records + 4 - stop + 2


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE records SET offset = offset + 1 WHERE target_uri = ?", "catalogue"),
        ("UPDATE records SET payload_digest = 'sha1:A' WHERE target_uri = ?", "catalogue"),
        ("UPDATE records SET record_id = 'urn:uuid:x' WHERE target_uri = ?", "catalogue"),
        ("UPDATE records SET filename = 'gone.warc.gz' WHERE target_uri = ?", "catalogue"),
    ],
)
def test_a_row_that_points_elsewhere_is_found(folder, change, kind):
    check(folder)  # what is known of the file does not hide what changed in the catalogue
    with sqlite3.connect(folder / "catalogue.sqlite") as connection:
        connection.execute(change, (f"{URL}/2",))
    connection.close()
    code, problems, _ = check(folder)

    assert code == 3
    assert {problem["kind"] for problem in problems} == {kind}
    assert f"{URL}/2" in {cost["url"] for problem in problems for cost in problem["costs"]}


def test_a_digest_that_was_told_wrong_is_found(folder):
    record = (
        b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: http://a.test/\r\n"
        b"WARC-Date: 2015-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        b"WARC-Payload-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n"
        b"Content-Type: text/plain\r\nContent-Length: 3\r\n\r\noui\r\n\r\n"
    )
    (folder / "archive" / "import-a.warc.gz").write_bytes(gzip.compress(record))
    (folder / "archive" / "import-b.warc").write_bytes(record)
    code, problems, _ = check(folder)

    assert code == 3
    assert [(each["filename"], each["kind"]) for each in problems] == [
        ("import-a.warc.gz", "digest"),
        ("import-b.warc", "damaged"),
    ]


def test_a_file_that_is_being_written_is_left_for_later(tmp_path):
    with Corpus(tmp_path).open() as corpus:
        corpus.visit(URL, hop(URL))
        holder = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; from pathlib import Path; from indexer.archive import acquire_lock\n"
                "lock = acquire_lock(Path(sys.argv[1])); print('held', flush=True)\n"
                "sys.stdin.read()",
                str(tmp_path / "crawl.lock"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with holder:
            holder.stdout.readline()
            code, problems, summary = check(tmp_path)
            holder.stdin.close()

    assert (code, problems, summary["files"]) == (0, [], 0)
    assert check(tmp_path)[2]["files"] == 1


@pytest.mark.sqlite
def test_one_bit_costs_one_page_from_crash_to_catalogue(folder):
    """The case that was found by trying: a flipped bit, a crash marker, then any command."""
    path = find_warc(folder)
    record = find_response(path, 2)
    flip(path, record.offset + record.length // 2)
    damaged = path.read_bytes()
    path.with_name(f"{path.name}.open").touch()
    (folder / "bibliography").mkdir()
    (folder / "bibliography" / "notes.txt").write_text(f"{URL}/2\n\nUne note.\n", "utf-8")
    done = renvois(folder, "reindex")

    assert done.returncode == 0
    assert f"{record.length:,} bytes at offset {record.offset} are skipped" in done.stderr
    assert path.read_bytes() == damaged
    with open_catalogue(find_place(folder)) as catalogue:
        for n in range(PAGES):
            (visit,) = catalogue.visits(urlkey(f"{URL}/{n}"))
            location = catalogue.find_location(visit.record_id)
            assert (location is None) == (n == 2)


def test_the_disk_s_word_is_taken_when_nothing_can_be_written(folder):
    """A folder where the check's own file should be: as good as a disk that is read-only."""
    (folder / "archive-check.json").mkdir()

    assert check(folder)[0] == 0
