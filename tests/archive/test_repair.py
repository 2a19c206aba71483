"""No byte of an archive is removed; what is torn or damaged costs that record alone."""

import gzip
import hashlib
import os
import random
import subprocess
import sys
import textwrap
from datetime import timedelta
from functools import partial

import lz4.frame
import pytest
from warcio.archiveiterator import ArchiveIterator

from indexer.archive import recover, reindex
from indexer.archive.members import ends_whole, zstd
from indexer.archive.reading import Record, Skipped, read_records
from indexer.crawl import next_due
from indexer.errors import ArchiveError, say_for_logs
from indexer.messages import NOTHING, message
from indexer.model import Captured
from indexer.urls import urlkey
from tests.archive.exchanges import NOON, PAGE, Corpus, hop

URL = "http://exemple.test/page"
RECORD = b"WARC/1.1\r\nWARC-Type: metadata\r\nContent-Length: 3000\r\n\r\n%b\r\n\r\n"
MEMBERS = [gzip.compress(RECORD % (bytes([letter]) * 3_000), mtime=0) for letter in b"abc"]


def parse(path):
    """The records of a file, by what their blocks begin with, and what is skipped."""
    blocks, skipped = [], []
    for each in read_records(path):
        if isinstance(each, Skipped):
            skipped.append(each)
        else:
            blocks.append(each.block.read(1))
    return blocks, skipped


@pytest.mark.parametrize("cut", range(1, len(MEMBERS[2]) + 1))
def test_a_cut_anywhere_in_the_last_member_leaves_the_others(tmp_path, cut):
    path = tmp_path / "torn.warc.gz"
    path.write_bytes(b"".join(MEMBERS)[:-cut])
    blocks, skipped = parse(path)

    assert blocks == [b"a", b"b"]
    left = len(MEMBERS[2]) - cut
    assert [(each.offset, each.length) for each in skipped] == (
        [(len(MEMBERS[0] + MEMBERS[1]), left)] if left else []
    )
    assert ends_whole(path) == (not left)


@pytest.mark.parametrize("rubbish", [b"\0" * 40, b"\x1f", b"\x1f\x8b\x08", b"rubbish"])
@pytest.mark.parametrize("behind", [1, 2, 3])
def test_rubbish_anywhere_is_passed_over_and_told(tmp_path, rubbish, behind):
    path = tmp_path / "torn.warc.gz"
    start, rest = b"".join(MEMBERS[:behind]), b"".join(MEMBERS[behind:])
    path.write_bytes(start + rubbish + rest)
    blocks, skipped = parse(path)

    assert blocks == [b"a", b"b", b"c"]
    assert [(each.offset, each.length) for each in skipped] == [(len(start), len(rubbish))]
    assert ends_whole(path) == bool(rest)


def test_a_member_larger_than_what_is_read_at_once_is_followed_to_its_end(tmp_path):
    path = tmp_path / "large.warc.gz"
    noise = os.urandom(3 * 2**20)
    head = b"WARC/1.1\r\nWARC-Type: metadata\r\nContent-Length: %d\r\n\r\n" % len(noise)
    large = gzip.compress(head + noise + b"\r\n\r\n", 1)
    path.write_bytes(large + MEMBERS[0][:-5])

    blocks, skipped = parse(path)
    assert len(blocks) == 1
    assert [(each.offset, each.length) for each in skipped] == [(len(large), len(MEMBERS[0]) - 5)]
    assert not ends_whole(path)
    path.write_bytes(MEMBERS[0] + large)
    assert ends_whole(path)


@pytest.mark.parametrize("torn_bytes", [1, 100, 700])
def test_after_a_crash_the_next_run_goes_on_in_a_new_file(tmp_path, torn_bytes):
    with Corpus(tmp_path).open() as corpus:
        first = corpus.visit(URL, hop(URL))
        corpus.visit(f"{URL}/2", hop(f"{URL}/2", PAGE + b"2"))
    (path,) = corpus.warc_folder.glob("*.warc.gz")
    torn_file = path.read_bytes()[:-torn_bytes]
    path.write_bytes(torn_file)
    path.with_name(path.name + ".open").touch()

    with Corpus(tmp_path).open() as corpus:
        (found,) = recover(corpus.archive, corpus.catalogue, next_due=next_due)
        assert found.filename == path.name
        assert found.torn_bytes > 0
        torn = urlkey(f"{URL}/2")
        has_record = corpus.catalogue.latest_capture(torn) is not None
        assert has_record == (torn_bytes < 300)  # only its metadata record was torn
        assert bool(corpus.catalogue.visits(torn)) == has_record
        third = corpus.visit(f"{URL}/3", hop(f"{URL}/3", PAGE + b"3"))
        for outcome, payload in ((first, PAGE), (third, PAGE + b"3")):
            location = corpus.catalogue.find_location(outcome.capture.record_id)
            read = corpus.archive.read_payload(location.filename, location.offset)
            assert read.payload == payload

    assert path.read_bytes() == torn_file
    (new,) = set(corpus.warc_folder.iterdir()) - {path}
    with new.open("rb") as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream, check_digests="raise")]
    assert kinds[0] == "warcinfo"


def test_a_torn_file_is_never_written_further_even_without_a_marker(tmp_path):
    """The file may come from a backup, and the clock may have been turned back since."""
    with Corpus(tmp_path).open() as corpus:
        corpus.visit(URL, hop(URL))
    (path,) = corpus.warc_folder.iterdir()
    torn = path.rename(path.with_name("renvois-20990101000000-00007.warc.gz"))
    torn.write_bytes(torn.read_bytes()[:-1])
    before = torn.read_bytes()
    for number in range(3):
        with Corpus(tmp_path).open() as corpus:
            corpus.visit(URL, hop(URL, at=NOON + timedelta(days=number + 1)))

    assert torn.read_bytes() == before
    (new,) = set(corpus.warc_folder.iterdir()) - {torn}  # one, however many runs
    assert new.name.endswith("-00008.warc.gz")


PACKERS = {
    "gz": partial(gzip.compress, mtime=0),
    "zst": partial(zstd.compress, options={zstd.CompressionParameter.checksum_flag: 1}),
    "lz4": partial(lz4.frame.compress, content_checksum=True),
}


def make_record(number, *, end=b"\r\n\r\n", is_proved=True):
    """A record of noise that no other record has, and its block."""
    block = b"HTTP/1.1 200 OK\r\n\r\n" + random.Random(number).randbytes(2_000)
    proof = f"WARC-Block-Digest: sha1:{hashlib.sha1(block).hexdigest()}\r\n" if is_proved else ""
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n{proof}"
        f"WARC-Date: 2015-03-10T08:00:00Z\r\nWARC-Target-URI: {URL}/{number}\r\n"
        f"Content-Type: application/http\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + end, block


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\r\n", b"", b"xx"])
@pytest.mark.parametrize("where", [None, 0, 12, 0.5, -1])
def test_a_damaged_member_costs_its_record_however_the_one_before_it_ends(
    tmp_path, kind, end, where
):
    """`where`: which byte of the second member of four has a bit flipped."""
    records = [make_record(n, end=end) for n in range(4)]
    members = [bytearray(PACKERS[kind](octets)) for octets, _ in records]
    if where is not None:
        member = members[1]
        member[int(where * len(member)) if isinstance(where, float) else where] ^= 0x10
    path = tmp_path / f"autre.warc.{kind}"
    path.write_bytes(b"".join(members))
    found = list(read_blocks(path))

    lost = [] if where is None else [1]
    right = {f"urn:uuid:{n}": records[n][1] for n in range(4) if n not in lost}
    assert {each.record_id: block for each, block in found if block is not None} == right
    told = [each for each, block in found if block is None and not each.is_stray]
    assert [each.offset for each in told] == [len(members[0]) for _ in lost]


def read_blocks(path):
    """What reading a file gives, with the block of each record, None for what is skipped."""
    for each in read_records(path):
        yield each, None if isinstance(each, Skipped) else each.block.read()


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("is_proved", [True, False])
@pytest.mark.parametrize("where", [0.2, 0.4, 0.6, 0.8, 0.999])
def test_what_a_damaged_member_of_many_records_holds_is_given_as_right_only_where_it_is_proved(
    tmp_path, kind, is_proved, where
):
    records = [make_record(n, is_proved=is_proved) for n in range(6)]
    first, second = (
        PACKERS[kind](b"".join(octets for octets, _ in records[start : start + 3]))
        for start in (0, 3)
    )
    damaged = bytearray(first)
    damaged[int(where * len(damaged))] ^= 0x10
    path = tmp_path / f"autre.warc.{kind}"
    path.write_bytes(damaged + second)
    found = list(read_blocks(path))

    given = {each.record_id: block for each, block in found if block is not None}
    assert [given.get(f"urn:uuid:{n}") for n in range(3, 6)] == [b for _, b in records[3:]]
    inside = [each for each, block in found if block is not None and each.offset == 0]
    assert all(each.damage or is_proved for each in inside)
    assert all(each.damage or "damaged member" in say_for_logs(each.note) for each in inside)
    for each in inside:
        number = int(each.record_id.rpartition(":")[2])
        assert each.damage or given[each.record_id] == records[number][1]
    # What stands behind the damage is told, as a place in the file.
    skipped = [(each.offset, each.end_offset) for each, block in found if block is None]
    assert len(inside) == 3 or (skipped and skipped[-1] == (0, len(first)))


def test_a_member_of_many_records_that_is_cut_short_keeps_those_before_the_cut(tmp_path):
    records = [make_record(n, is_proved=False) for n in range(3)]
    path = tmp_path / "autre.warc.gz"
    path.write_bytes(gzip.compress(b"".join(octets for octets, _ in records))[:-1_500])
    found = list(read_blocks(path))

    whole = [(block, each.damage) for each, block in found if block is not None]
    assert whole[:2] == [(block, NOTHING) for _, block in records[:2]]
    assert all(damage == message("error.record.cut-short") for _, damage in whole[2:])


PAGES = 12


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A corpus of several visits, closed as it should be."""
    folder = tmp_path_factory.mktemp("whole")
    rng = random.Random(5)
    with Corpus(folder).open() as corpus:
        for n in range(PAGES):
            url = f"{URL}/{n}"
            noise = rng.randbytes(rng.choice([10, 400, 3_000]))
            corpus.visit(url, hop(url, PAGE + noise, at=NOON + timedelta(minutes=n)))
    return folder


def find_captures(catalogue):
    return {n: catalogue.latest_capture(urlkey(f"{URL}/{n}")) for n in range(PAGES)}


def damage_bit(rng, octets):
    octets = bytearray(octets)
    octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
    return bytes(octets)


def damage_end(rng, octets):
    return octets[: rng.randrange(1, len(octets))]


def damage_between(rng, octets):
    where = rng.randrange(len(octets))
    return octets[:where] + rng.randbytes(rng.randrange(1, 200)) + octets[where:]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(n, marks=pytest.mark.campaign) for n in range(6, 200))]
)
@pytest.mark.parametrize("damage", [damage_bit, damage_end, damage_between])
def test_damage_anywhere_costs_one_record_and_no_byte(tmp_path, whole, damage, seed):
    """A crash marker, then what the next run does, then the catalogue read back from nothing."""
    rng = random.Random(f"{damage.__name__} {seed}")
    (source,) = (whole / "archive").iterdir()
    there = {each.record_id for each in read_records(source) if isinstance(each, Record)}
    path = tmp_path / "archive" / source.name
    path.parent.mkdir()
    octets = damage(rng, source.read_bytes())
    path.write_bytes(octets)
    path.with_name(path.name + ".open").touch()
    (tmp_path / "catalogue.sqlite").write_bytes((whole / "catalogue.sqlite").read_bytes())

    found = list(read_records(path))
    left = {each.record_id for each in found if isinstance(each, Record)}
    lost = there - left
    skipped = [each for each in found if isinstance(each, Skipped)]
    assert left <= there
    assert all(each.offset + each.length <= len(octets) for each in skipped)
    if damage is not damage_end:
        assert len(lost) <= 1
        assert len(skipped) == 1

    with Corpus(tmp_path).open() as corpus:
        before = find_captures(corpus.catalogue)
        recover(corpus.archive, corpus.catalogue, next_due=next_due)
        corpus.visit(URL, hop(URL))
        for capture in before.values():
            location = corpus.catalogue.find_location(capture.record_id)
            assert (location is not None) == (capture.record_id in left)
            if location is not None and damage is not damage_between:
                payload = corpus.archive.read_payload(location.filename, location.offset)
                assert payload.record_id == capture.record_id
    assert path.read_bytes().startswith(octets)
    (tmp_path / "catalogue.sqlite").unlink()
    with Corpus(tmp_path).open() as corpus:
        told = list(reindex(corpus.warc_folder, corpus.catalogue, next_due=next_due))
        captures = find_captures(corpus.catalogue)
        kept = {each.record_id for each in captures.values() if each is not None}
        # The record that tells of the visit may be the one that is lost.
        readable = {each.record_id for each in before.values()} & left
        assert kept <= readable
        assert len(readable - kept) <= 1
        if damage is not damage_end:
            visits = [corpus.catalogue.visits(urlkey(f"{URL}/{n}")) for n in range(PAGES)]
            assert sum(map(len, visits)) >= PAGES - 1
    assert path.read_bytes().startswith(octets)
    assert [each.path for each in told if each.skipped] == ([path] if skipped else [])


def test_a_run_that_ended_well_leaves_nothing_to_mend(tmp_path):
    with Corpus(tmp_path).open() as corpus:
        corpus.visit(URL, hop(URL))
    with Corpus(tmp_path).open() as corpus:
        assert recover(corpus.archive, corpus.catalogue, next_due=next_due) == []


FILLS_THE_DISK = """
    import resource, signal, sys
    from datetime import timedelta
    from pathlib import Path
    from indexer.errors import ArchiveError, CatalogueError, say_for_logs
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
                print("stopped:", type(error).__name__, say_for_logs(error.hint))
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
