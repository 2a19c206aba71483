"""Records are read as the field's readers read them, whatever the file's shape and size."""

import gzip
import subprocess
import sys
import textwrap
from datetime import UTC, datetime

import lz4.frame
import pytest

from indexer.archive.members import zstd
from indexer.archive.reading import Skipped, read_payload, read_records
from indexer.errors import ArchiveError, DamagedRecordError
from indexer.messages import NOTHING, message

HTTP = b"HTTP/1.1 200 OK\r\nDate: Tue, 10 Mar 2015 08:00:00 GMT\r\n\r\npage %d"


def make_record(number, *, version=b"1.0", date=b"2015-03-10T08:00:00Z", end=b"\r\n"):
    block = HTTP % number
    lines = [
        b"WARC/" + version,
        b"WARC-Type: response",
        b"WARC-Target-URI:",
        b"  http://a.test/%d" % number,  # folded
        b"WARC-Date: " + date,
        b"Content-Type: application/http; msgtype=response",
        b"Content-Length: %d" % len(block),
    ]
    return end.join(lines) + end * 2 + block + end * 2


RECORDS = [make_record(n) for n in range(5)]
ARC_HEAD = b"filedesc://a.arc 0.0.0.0 20150310080000 text/plain %d\n1 0 Une Archive\nURL IP\n\n"


def make_arc(number):
    block = HTTP % number
    return b"http://a.test/%d 192.0.2.1 20150310080000 text/html %d\n%b\n" % (
        number,
        len(block),
        block,
    )


def compress_with_dictionary(records):
    dictionary = zstd.train_dict([bytes(record) * 3 for record in RECORDS * 40], 1_024)
    frames = (zstd.compress(record, zstd_dict=dictionary) for record in records)
    content = dictionary.dict_content
    return b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content + b"".join(frames)


WRONG_DIGEST = message("error.record.block-digest")
PLAIN = b"".join(RECORDS)
ARC = ARC_HEAD % 23 + b"".join(make_arc(n) for n in range(5))
SHAPES = {
    "plain.warc": PLAIN,
    "members.warc.gz": b"".join(map(gzip.compress, RECORDS)),
    "one-member.warc.gz": gzip.compress(PLAIN),
    "pairs.warc.gz": gzip.compress(PLAIN[: len(RECORDS[0]) * 2])
    + gzip.compress(PLAIN[len(RECORDS[0]) * 2 :]),
    "cut-anywhere.warc.gz": gzip.compress(PLAIN[:100]) + gzip.compress(PLAIN[100:]),
    "frames.warc.zst": b"".join(map(zstd.compress, RECORDS)),
    "dictionary.warc.zst": compress_with_dictionary(RECORDS),
    "frames.warc.lz4": b"".join(map(lz4.frame.compress, RECORDS)),
    "one-frame.warc.lz4": lz4.frame.compress(PLAIN),
    "checked.warc.lz4": b"".join(lz4.frame.compress(r, content_checksum=True) for r in RECORDS),
    # A frame that is passed over stands before each.
    "skippable.warc.lz4": b"".join(
        b"\x50\x2a\x4d\x18\x03\0\0\0abc" + lz4.frame.compress(record) for record in RECORDS
    ),
    "line-feeds.warc": b"".join(make_record(n, end=b"\n") for n in range(5)),
    "old.warc": b"".join(make_record(n, version=b"0.18") for n in range(5)),
    "bad-date.warc": b"".join(make_record(n, date=b"jamais") for n in range(5)),
    "a.arc": ARC,
    "a.arc.gz": gzip.compress(ARC),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_record_is_read_in_order_and_by_its_place(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(SHAPES[name])
    found = [each for each in read_records(path) if not isinstance(each, Skipped)]
    responses = [each for each in found if each.kind == "response"]

    assert [each.target_uri for each in responses] == [f"http://a.test/{n}" for n in range(5)]
    assert {each.date for each in responses} == {datetime(2015, 3, 10, 8, tzinfo=UTC)}
    assert all(bool(each.note) == (name == "bad-date.warc") for each in responses)
    for number, each in reversed(list(enumerate(responses))):
        held = read_payload(path, each.offset, each.inside)
        assert held.payload == b"page %d" % number
        assert held.record_id == each.record_id


@pytest.mark.parametrize("name", SHAPES)
def test_whatever_the_place_and_the_damage_a_read_fails_with_our_error_alone(tmp_path, name):
    path = tmp_path / name
    octets = SHAPES[name]
    for where in range(0, len(octets), 37):
        path.write_bytes(octets[:where] + bytes([octets[where] ^ 16]) + octets[where + 1 :])
        try:
            list(read_records(path))
            read_payload(path, where)
        except ArchiveError as error:
            assert str(path) in str(error)


def test_a_damaged_record_is_told_from_one_that_is_not_there(tmp_path):
    path = tmp_path / "a.warc.gz"
    octets = SHAPES["members.warc.gz"]
    path.write_bytes(octets[:40] + b"\xff\xff" + octets[42:])

    with pytest.raises(DamagedRecordError):
        read_payload(path, 0)
    with pytest.raises(ArchiveError, match="no record"):
        read_payload(path, len(octets))


READS = """
    import sys
    from pathlib import Path
    from indexer.archive.reading import read_records
    from indexer.archive.reindex import make_row
    from testbed.memory import measure_peak_kib
    for record in read_records(Path(sys.argv[1])):
        print(record.block_length, make_row(record, filename="a").payload_length)
    print(measure_peak_kib() // 1024)
"""


@pytest.mark.parametrize("size_mb", [100, pytest.param(600, marks=pytest.mark.campaign)])
def test_a_record_of_any_size_takes_little_memory(tmp_path, size_mb):
    path = tmp_path / "import-large.warc.gz"
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    size = len(head) + size_mb * 2**20
    named = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.test/\r\n"
        b"WARC-Date: 2015-03-10T08:00:00Z\r\nContent-Type: application/http\r\n"
        b"Content-Length: %d\r\n\r\n" % size
    )
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(named + head)
        for _ in range(size_mb):
            stream.write(bytes(2**20))
        stream.write(b"\r\n\r\n")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(READS), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    read, peak_mb = done.stdout.splitlines()

    assert read == f"{size} {size_mb * 2**20}"
    assert int(peak_mb) < 200


@pytest.mark.parametrize("is_checked", [False, True])
def test_only_a_frame_with_a_checksum_proves_that_a_digest_was_told_wrong(tmp_path, is_checked):
    wrong = RECORDS[0].replace(
        b"Content-Length", b"WARC-Block-Digest: sha1:" + b"A" * 32 + b"\r\nContent-Length"
    )
    path = tmp_path / "a.warc.lz4"
    path.write_bytes(lz4.frame.compress(wrong, content_checksum=is_checked))
    (record,) = read_records(path)

    told = (record.damage, record.fault)
    assert told == ((NOTHING, WRONG_DIGEST) if is_checked else (WRONG_DIGEST, NOTHING))
