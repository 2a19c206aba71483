"""Whatever a file's shape, a purge takes its record and leaves every other one as it is."""

import gzip
import hashlib
from pathlib import Path

import lz4.frame
import pytest

from indexer.archive import open_catalogue, purge, reindex
from indexer.archive.checking import check_archive, read_state
from indexer.archive.members import DamageError, zstd
from indexer.archive.reading import Skipped, open_unpacked, read_payload, read_records
from indexer.archive.reindex import find_files
from indexer.crawl import next_due
from indexer.errors import ArchiveError, say_for_logs
from indexer.urls import urlkey
from tests.places import find_place

WORD = b"zorglubique"
GONE = "http://a.test/2"
COUNT = 5
HTTP = b"HTTP/1.1 200 OK\r\nDate: Tue, 10 Mar 2015 08:00:00 GMT\r\n\r\n"


# The captures that are damaged and kept, by file.
DAMAGED = {
    "damaged-itself.warc": GONE,
    "cut.warc": "http://a.test/4",
    "cut.warc.gz": "http://a.test/4",
}


def make_block(number):
    secret = b"un texte %b retire" % WORD if number == 2 else b"un texte de tout le monde"
    return HTTP + b"page %d: %b\n" % (number, secret) * 40


def make_record(number, *, version=b"1.0", date=b"2015-03-10T08:00:00Z", end=b"\r\n", more=0):
    block = make_block(number)
    lines = [
        b"WARC/" + version,
        b"WARC-Type: response",
        b"WARC-Target-URI:",
        b"  http://a.test/%d" % number,  # folded
        b"WARC-Date: " + date,
        b"Content-Type: application/http; msgtype=response",
        b"Content-Length: %d" % (len(block) - more),
    ]
    return end.join(lines) + end * 2 + block + end * 2


RECORDS = [make_record(n) for n in range(COUNT)]
PLAIN = b"".join(RECORDS)
ARC_HEAD = b"filedesc://a.arc 0.0.0.0 20150310080000 text/plain 23\n1 0 Une Archive\nURL IP\n\n"


def make_arc(number):
    block = make_block(number)
    head = b"http://a.test/%d 192.0.2.1 20150310080000 text/html %d\n" % (number, len(block))
    return head + block + b"\n"


ARCS = [ARC_HEAD, *(make_arc(n) for n in range(COUNT))]
TOLD_SHORT = [*RECORDS[:2], make_record(2, more=900), *RECORDS[3:]]
CUT = len(PLAIN) // 2
FLIPPED = RECORDS[2].replace(b"WARC-Date", b"WARC-Block-Digest: sha1:AAAA\r\nWARC-Date")


def gzip_with_dirt(records):
    """One gzip member, and bytes that are no record behind all."""
    return gzip.compress(b"".join(records) + b"ce qui n'est rien\n")


def compress_with_dictionary(records):
    """Frames behind a dictionary of words that stand in clear in it, the text's too."""
    content = b"".join(records)[-16_384:] + make_block(2)
    dictionary = zstd.ZstdDict(content, is_raw=True)
    frames = (zstd.compress(record, zstd_dict=dictionary) for record in records)
    return b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content + b"".join(frames)


SHAPES = {
    "plain.warc": PLAIN,
    "members.warc.gz": b"".join(map(gzip.compress, RECORDS)),
    "one-member.warc.gz": gzip.compress(PLAIN),
    "pairs.warc.gz": gzip.compress(b"".join(RECORDS[:2]))
    + gzip.compress(b"".join(RECORDS[2:4]))
    + gzip.compress(RECORDS[4]),
    "cut-anywhere.warc.gz": gzip.compress(PLAIN[:CUT]) + gzip.compress(PLAIN[CUT:]),
    "cut-small.warc.gz": b"".join(gzip.compress(PLAIN[at : at + 97]) for at in range(0, 9_000, 97))
    + gzip.compress(PLAIN[9_021:]),
    "dirty.warc.gz": gzip_with_dirt(RECORDS),
    "frames.warc.lz4": b"".join(map(lz4.frame.compress, RECORDS)),
    "one-frame.warc.lz4": lz4.frame.compress(PLAIN),
    "frames.warc.zst": b"".join(map(zstd.compress, RECORDS)),
    "one-frame.warc.zst": zstd.compress(PLAIN),
    "pairs.warc.zst": zstd.compress(PLAIN[:CUT]) + zstd.compress(PLAIN[CUT:]),
    "dictionary.warc.zst": compress_with_dictionary(RECORDS),
    "line-feeds.warc": b"".join(make_record(n, end=b"\n") for n in range(COUNT)),
    "old.warc": b"".join(make_record(n, version=b"0.18") for n in range(COUNT)),
    "bad-date.warc": b"".join(make_record(n, date=b"jamais") for n in range(COUNT)),
    "blank.warc": b"\r\n\r\n" + PLAIN,
    "told-short.warc": b"".join(TOLD_SHORT),
    "told-short.warc.gz": b"".join(map(gzip.compress, TOLD_SHORT)),
    "told-short-one-member.warc.gz": gzip.compress(b"".join(TOLD_SHORT)),
    "torn.warc.gz": b"".join(map(gzip.compress, RECORDS)) + gzip.compress(RECORDS[0])[:90],
    "damaged-itself.warc": b"".join([*RECORDS[:2], FLIPPED, *RECORDS[3:]]),
    "cut.warc": PLAIN[:-60],
    "cut.warc.gz": b"".join(map(gzip.compress, RECORDS[:-1])) + gzip.compress(RECORDS[-1])[:-9],
    "a.arc": b"".join(ARCS),
    "one-member.arc.gz": gzip.compress(b"".join(ARCS)),
    "members.arc.gz": b"".join(map(gzip.compress, ARCS)),
    "frames.arc.zst.warc.zst": b"".join(map(zstd.compress, ARCS)),
}


def describe_records(path):
    """Every record of a file: its address, and digests of its named fields and its block."""
    return [
        (each.target_uri, each.fields, hashlib.sha256(each.block.read()).hexdigest())
        for each in read_records(path)
        if not isinstance(each, Skipped)
    ]


def list_holders(folder: Path) -> list[str]:
    """The files that hold the word, as they are or unpacked."""
    holders = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        octets = path.read_bytes()
        if path.suffix in (".gz", ".zst"):
            with open_unpacked(path) as source:
                octets += b"".join(iter(lambda: _read(source), b""))
        if WORD in octets:
            holders.append(path.name)
    return holders


def _read(source):
    try:
        return source.read(65_536)
    except DamageError:
        return b""


def read_into(folder):
    with open_catalogue(find_place(folder)) as catalogue:
        list(reindex(folder / "archive", catalogue, next_due=next_due))


def purge_from(folder, url=GONE):
    with open_catalogue(find_place(folder)) as catalogue:
        return purge(folder / "archive", catalogue, [urlkey(url)])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "archive").mkdir()
    return tmp_path


@pytest.mark.parametrize("gone", [0, 2, 4])
@pytest.mark.parametrize("name", SHAPES)
def test_of_a_file_of_any_shape_one_address_goes_and_all_else_stays(folder, name, gone):
    path = folder / "archive" / name
    path.write_bytes(SHAPES[name])
    url = f"http://a.test/{gone}"
    read_into(folder)
    before = describe_records(path)
    assert list_holders(folder)

    done = purge_from(folder, url)

    kept = [record for record in before if record[0] != url]
    assert describe_records(path) == kept
    assert len(before) - len(kept) <= done.records <= 1
    assert done.records == 1
    if gone == 2:
        assert list_holders(folder) == []
    with open_catalogue(find_place(folder)) as catalogue:
        rows = list(catalogue.records())
        assert {row.target_uri for row in rows} == {u for u, _, _ in kept if u.startswith("http")}
        for row in rows:
            is_damaged = row.truncated == "damaged"
            assert is_damaged == (name in DAMAGED and row.target_uri == DAMAGED[name])
            held = read_payload(path, row.offset, row.inside, is_damaged=is_damaged)
            assert (held.record_id, held.target_uri) == (row.record_id, row.target_uri)
        problems = [
            problem
            for step in check_archive(folder / "archive", catalogue, read_state(folder / "state"))
            for problem in step.problems
            if problem.kind in ("catalogue", "missing")
        ]
        assert problems == []
        before_again = [row.record_id for row in rows]
        list(reindex(folder / "archive", catalogue, next_due=next_due))
        assert [row.record_id for row in catalogue.records()] == before_again


def test_what_shares_a_damaged_member_with_the_text_stops_the_purge_unchanged(folder):
    path = folder / "archive" / "one-member.warc.gz"
    octets = bytearray(SHAPES[path.name])
    octets[-3] ^= 255  # of its checksum: only the last record is lost
    path.write_bytes(octets)
    assert len(describe_records(path)) == COUNT - 1

    with pytest.raises(ArchiveError, match="share a compressed member") as caught:
        purge_from(folder)
    assert "Move the whole file" in say_for_logs(caught.value.hint)
    assert path.read_bytes() == bytes(octets)
    assert find_files(folder / "archive") == [path]
    assert not list((folder / "archive").glob(".*"))


def test_a_damaged_record_that_may_be_two_is_kept_and_told(folder):
    """The first line of the record behind is damaged: its bytes are nobody's to remove."""
    path = folder / "archive" / "two.warc"
    behind = b"XARC" + RECORDS[3][4:]
    path.write_bytes(b"".join([*RECORDS[:3], behind, RECORDS[4]]))
    done = purge_from(folder)

    ((_, gap),) = done.gaps
    assert behind in path.read_bytes()
    assert gap.length >= len(behind) - 4
    assert not list_holders(folder)
