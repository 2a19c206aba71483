"""What an import may write is bounded, and nothing unfinished is left, whatever it is given."""

import gzip
import io
import json
import os
import random
import re
import shutil
import stat
import subprocess
import sys
import textwrap
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from indexer.archive import (
    Bounds,
    NotTaken,
    import_file,
    open_archive,
    open_catalogue,
    remove_partials,
)
from indexer.archive.members import (
    BLOCK,
    LZ4_MAGIC,
    MAX_MEMBERS,
    MAX_POINTS,
    SPOOLED_FROM,
    ZSTD_MAGIC,
    DamageError,
    RecordPosition,
    Unpacked,
    _Gunzip,
    _MemberMap,
    _Point,
    make_packer,
)
from indexer.archive.reading import MAX_PAYLOAD_BYTES, Skipped, read_records
from indexer.archive.unpack import MAX_NAME_CHARS, safe_name
from indexer.crawl import judge, next_due
from indexer.errors import ArchiveError, say_for_logs
from tests.archive.exchanges import PAGE, Corpus
from tests.archive.test_imports import CITED, HTML, write_warc

SAFE = re.compile(r"[A-Za-z0-9._-]{1,160}")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def corpus(tmp_path):
    with Corpus(tmp_path / "corpus").open() as corpus:
        corpus.catalogue.targets.cite([CITED])
        yield corpus


@pytest.fixture
def warc(tmp_path):
    return write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10T08:00:00Z", "200 OK", HTML, PAGE))


def take(corpus, path, **bounds):
    return list(
        import_file(
            path,
            corpus.archive,
            corpus.catalogue,
            judge=judge,
            next_due=next_due,
            bounds=Bounds(**bounds),
        )
    )


def kept(corpus):
    """What an import left in the archive, our own file aside."""
    return [path for path in corpus.warc_folder.glob("*") if not path.name.startswith("renvois-")]


def pack(path, *members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as package:
        for name, held in members:
            package.writestr(name, held)
    return path


def bomb(path, size):
    """A package with one WARC that is mostly zeros: a thousand times smaller than what it holds."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package,
        package.open("archive/a.warc", "w") as member,
    ):
        member.write(b"WARC/1.0\r\n")
        for _ in range(size // 2**20):
            member.write(bytes(2**20))
    return path


def test_what_would_fill_the_disk_is_refused_before_a_byte_is_written(tmp_path, corpus):
    path = bomb(tmp_path / "bomb.wacz", 200 * 2**20)

    with pytest.raises(ArchiveError, match="more than 100 times") as told:
        take(corpus, path)
    assert "max_import_ratio" in say_for_logs(told.value.hint)
    assert kept(corpus) == []


@pytest.mark.parametrize("is_packed", [False, True])
def test_what_is_larger_than_allowed_is_refused_and_says_how(tmp_path, corpus, warc, is_packed):
    path, size = warc, warc.stat().st_size
    if is_packed:
        path = pack(tmp_path / "a.wacz", ("archive/a.warc.gz", warc.read_bytes()))
    with pytest.raises(ArchiveError, match=str(size)) as told:
        take(corpus, path, max_bytes=size - 1)
    assert "max_import_bytes" in say_for_logs(told.value.hint)
    assert kept(corpus) == []

    assert [outcome.url for outcome in take(corpus, path, max_bytes=size)] == [CITED]


def write_expanding(path, size, *, members=1):
    """A `.warc.gz` that is a thousand times smaller than what its records unpack to."""
    with path.open("wb") as stream:
        for n in range(members):
            fields = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{n}>\r\n"
                f"WARC-Date: 2015-03-10T08:00:00Z\r\nWARC-Target-URI: {CITED}\r\n"
                f"Content-Type: application/http; msgtype=response\r\n"
                f"Content-Length: {size}\r\n\r\n"
            )
            packer = zlib.compressobj(9, wbits=31)
            stream.write(packer.compress(fields.encode() + b"HTTP/1.1 200 OK\r\n\r\n"))
            for _ in range(size // 2**20):
                stream.write(packer.compress(bytes(2**20)))
            stream.write(packer.flush())
    return path


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("is_damaged", [pytest.param(False, marks=pytest.mark.campaign), True])
def test_what_records_unpack_to_is_bounded_before_they_are_read(
    tmp_path, corpus, members, is_packed, is_damaged
):
    path = write_expanding(tmp_path / "a.warc.gz", 96 * 2**20 // members, members=members)
    if is_damaged:  # in its first member; those behind it are read
        whole = bytearray(path.read_bytes())
        whole[40] ^= 1
        path.write_bytes(whole + path.read_bytes())
    if is_packed:
        path = pack(tmp_path / "a.wacz", ("archive/a.warc.gz", path.read_bytes()))

    with pytest.raises(ArchiveError, match="more than 100 times") as told:
        take(corpus, path)
    assert "max_import_ratio" in say_for_logs(told.value.hint)
    assert kept(corpus) == []
    assert corpus.catalogue.list_files() == []


def test_many_members_count_together(tmp_path, corpus, warc):
    held = warc.read_bytes()
    path = pack(tmp_path / "a.wacz", *((f"archive/{n}.warc.gz", held) for n in range(5)))

    with pytest.raises(ArchiveError):
        take(corpus, path, max_bytes=4 * len(held))
    assert kept(corpus) == []


def test_members_that_share_their_bytes_count_each(tmp_path, corpus):
    """Overlapping members: the file is small, and each of them says that it is small too."""
    path = bomb(tmp_path / "bomb.wacz", 2**20)
    held = bytearray(path.read_bytes())
    start = held.rindex(b"PK\x01\x02")
    end = held.rindex(b"PK\x05\x06")
    entry, count = bytes(held[start:end]), 200
    tail = bytearray(held[end:])
    tail[8:12] = count.to_bytes(2, "little") * 2
    tail[12:16] = (len(entry) * count).to_bytes(4, "little")
    path.write_bytes(bytes(held[:start]) + entry * count + bytes(tail))
    assert len(zipfile.ZipFile(path).infolist()) == count

    with pytest.raises(ArchiveError, match="more than 100 times"):
        take(corpus, path)
    assert kept(corpus) == []


@pytest.mark.parametrize(
    "name",
    [
        "archive/\x1b[2J\x07a.warc.gz",
        "archive/a\nb.warc.gz",
        "../../../../tmp/a.warc.gz",
        "/etc/cron.d/a.warc.gz",
        "C:\\Windows\\a.warc.gz",
        "archive/..warc.gz",
        "archive/" + "é" * 300 + ".WARC.GZ",
        "archive/a\u202egz.craw.warc.gz",
        "archive/-rf.warc.gz",
        "archive/.warc.gz",
    ],
)
def test_no_name_of_others_becomes_a_name_of_ours(tmp_path, corpus, warc, name):
    found = take(corpus, pack(tmp_path / "a.wacz", (name, warc.read_bytes())))

    (path,) = kept(corpus)
    assert SAFE.fullmatch(path.name)
    assert path.name.startswith("import-")
    assert path.name.endswith(".warc.gz")
    assert [outcome.url for outcome in found] == [CITED]


def test_the_name_of_a_file_is_made_safe_too(tmp_path, corpus, warc):
    odd = tmp_path / os.fsdecode(b"\xff\x1b[31m\n.warc.gz")
    warc.rename(odd)
    take(corpus, odd)
    (visit,) = corpus.catalogue.visits("test,exemple)/page")

    assert SAFE.fullmatch(kept(corpus)[0].name)
    assert visit.detail.isprintable()


def test_any_name_at_all_is_made_safe():
    chance = random.Random(12)
    alphabet = [chr(n) for n in range(0x300)] + ["\u202e", "\ud800", "/", "\\", ".", "\0"]
    for _ in range(2_000):
        name = "".join(chance.choices(alphabet, k=chance.randrange(200)))
        made = safe_name(name)
        assert SAFE.fullmatch(made)
        assert len(made) <= MAX_NAME_CHARS


def test_two_members_of_one_name_are_two_files(tmp_path, corpus, warc):
    other = write_warc(
        tmp_path / "b.warc.gz", (CITED, "2016-03-10T08:00:00Z", "404 No", HTML, PAGE)
    )
    with pytest.warns(UserWarning, match="Duplicate"):
        path = pack(
            tmp_path / "a.wacz",
            ("archive/a.warc.gz", warc.read_bytes()),
            ("archive/a.warc.gz", other.read_bytes()),
        )
    found = take(corpus, path)

    assert len(kept(corpus)) == 2
    assert len(found) == 2


def test_what_can_t_be_taken_of_a_package_is_told_and_the_rest_is_used(tmp_path, corpus, warc):
    held = warc.read_bytes()
    link = zipfile.ZipInfo("archive/link.warc.gz")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = pack(
        tmp_path / "a.wacz",
        ("archive/good.warc.gz", held),
        (link, b"/etc/passwd"),
        ("archive/inside.wacz", b"PK"),
        ("archive/locked.warc.gz", held),
    )
    whole = bytearray(path.read_bytes())
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = [found.start() for found in re.finditer(re.escape(magic), bytes(whole))][3]
        whole[at + place] |= 1  # encrypted
    path.write_bytes(bytes(whole))
    found = take(corpus, path)

    told = {each.name: say_for_logs(each.what) for each in found if isinstance(each, NotTaken)}
    assert "symbolic link" in told["link.warc.gz"]
    assert "package inside" in told["inside.wacz"]
    assert "encrypted" in told["locked.warc.gz"]
    assert len(kept(corpus)) == 1
    assert len(found) == 4


def test_a_package_with_a_damaged_member_gives_what_can_be_read(tmp_path, corpus):
    pages = [(f"{CITED}?{n}", "2015-03-10T08:00:00Z", "200 OK", HTML, PAGE * 9) for n in range(4)]
    corpus.catalogue.targets.cite([url for url, *_ in pages])
    warc = write_warc(tmp_path / "a.warc.gz", *pages)
    path = pack(
        tmp_path / "a.wacz", ("archive/a.warc.gz", warc.read_bytes()), method=zipfile.ZIP_STORED
    )
    whole = bytearray(path.read_bytes())
    whole[len(warc.read_bytes()) - 10] ^= 1  # in the last record
    path.write_bytes(bytes(whole))
    found = take(corpus, path)

    assert [each.url for each in found if not isinstance(each, NotTaken)] == [
        url for url, *_ in pages[:3]
    ]
    assert any(
        "checksum" in say_for_logs(each.what) for each in found if isinstance(each, NotTaken)
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_whatever_is_damaged_in_a_package_is_an_error_of_ours(tmp_path, corpus, warc, method):
    path = pack(
        tmp_path / "a.wacz",
        ("archive/a.warc.gz", warc.read_bytes()),
        ("datapackage.json", b"{}" * 50),
        method=method,
    )
    whole = path.read_bytes()
    chance = random.Random(12)
    for turn in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        if turn % 5 == 0:
            del damaged[chance.randrange(len(whole)) :]
        path.write_bytes(bytes(damaged))
        try:
            take(corpus, path)
        except ArchiveError as error:
            assert error.where
        assert not list(corpus.warc_folder.glob(".import-*"))


def test_bytes_that_stand_in_the_archive_are_never_replaced(tmp_path, corpus, warc):
    take(corpus, warc)
    (path,) = kept(corpus)
    path.write_bytes(path.read_bytes()[:-1])  # damaged since
    shortened = path.read_bytes()
    take(corpus, warc)

    assert path.read_bytes() == shortened
    assert sorted(len(each.read_bytes()) for each in kept(corpus)) == [
        len(shortened), warc.stat().st_size
    ]  # fmt: skip


def test_what_a_killed_import_left_goes_at_the_next_start(tmp_path, corpus, warc):
    corpus.warc_folder.mkdir()
    for name in (".import-1", ".import-99999"):
        (corpus.warc_folder / name).write_bytes(b"x")
    assert len(remove_partials(corpus.warc_folder)) == 2

    (corpus.warc_folder / ".import-1").write_bytes(b"x")
    take(corpus, warc)
    assert len(kept(corpus)) == 1


def test_a_killed_import_leaves_nothing_behind_the_next_command(tmp_path):
    """Killed while it copies: a pipe that never ends stands for a file that is long."""
    folder = tmp_path / "corpus"
    (folder / "bibliography").mkdir(parents=True)
    (folder / "bibliography" / "a.json").write_text(
        json.dumps([{"id": "a", "type": "webpage", "title": "Un titre", "URL": CITED}])
    )
    slow = f"""
        import os, sys
        from pathlib import Path
        from indexer.archive import acquire_lock, unpack
        lock = acquire_lock(Path({str(folder)!r}) / "crawl.lock")
        archive = Path({str(folder)!r}) / "archive"
        archive.mkdir()
        read, write = os.pipe()
        os.write(write, b"WARC/1.0")
        print("copying", flush=True)
        unpacked = unpack._Unpacked(archive, unpack.Bounds())
        list(unpack._put(os.fdopen(read, "rb", buffering=0), "a.warc", archive, unpacked))
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(slow)], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as process:
        assert process.stdout.readline() == "copying\n"
        while not list((folder / "archive").glob(".import-*")):
            assert process.poll() is None
        process.kill()
    assert list((folder / "archive").glob(".import-*"))
    done = subprocess.run(
        [sys.executable, "-m", "indexer", "--corpus", folder, "archive", "reindex"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert not list((folder / "archive").glob(".import-*"))


FILLS_THE_DISK = """
    import resource, signal, sys
    from pathlib import Path
    from indexer.errors import ArchiveError, CatalogueError, say_for_logs
    from tests.archive.exchanges import Corpus
    from tests.archive.test_bounds import take
    from tests.archive.test_imports import CITED

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with Corpus(Path(sys.argv[1])).open() as corpus:
        corpus.catalogue.targets.cite([CITED])
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        try:
            take(corpus, Path(sys.argv[2]))
        except (ArchiveError, CatalogueError) as error:
            print(type(error).__name__, say_for_logs(error.hint))
"""


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    """The system's limit on a file's size stands for the end of the disk."""
    payload = random.Random(1).randbytes(300_000)
    warc = write_warc(
        tmp_path / "a.warc.gz", (CITED, "2015-03-10T08:00:00Z", "200 OK", HTML, payload)
    )
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FILLS_THE_DISK), tmp_path / "corpus", warc],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith("ArchiveError Free some room")
    assert list((tmp_path / "corpus" / "archive").iterdir()) == []


LARGE = 320 * 2**20
IMPORTS_ONE_LARGE = """
    import sys
    from pathlib import Path
    from testbed.memory import measure_peak_kib
    from tests.archive.exchanges import Corpus
    from tests.archive.test_bounds import take
    from tests.archive.test_imports import CITED

    with Corpus(Path(sys.argv[1])).open() as corpus:
        corpus.catalogue.targets.cite([CITED])
        (outcome,) = take(corpus, Path(sys.argv[2]))
        print(outcome.capture.length, measure_peak_kib())
"""


def write_large(path, length):
    """A WARC with one response of that many bytes, written without holding it."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n"
    fields = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        f"WARC-Date: 2015-03-10T08:00:00Z\r\nWARC-Target-URI: {CITED}\r\n"
        f"Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(head) + length}\r\n\r\n"
    )
    noise = random.Random(1).randbytes(2**20)
    with path.open("wb") as stream:
        stream.write(fields.encode() + head)
        for _ in range(length // 2**20):
            stream.write(noise)
        stream.write(b"\r\n\r\n")
    return path


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_record_of_any_size_takes_little_memory(tmp_path):
    path = write_large(tmp_path / "a.warc", LARGE)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(IMPORTS_ONE_LARGE), tmp_path / "corpus", path],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    length, memory_kib = map(int, done.stdout.split())
    assert length == LARGE
    assert memory_kib < 200 * 1024


RUNS_A_COMMAND = """
    import sys
    from indexer.cli import main
    from testbed.memory import measure_peak_kib

    try:
        main()
    finally:
        print(measure_peak_kib(), file=open(sys.argv[2] + "/peak", "w"))
"""
LARGE_PAGE = b"<html><title>Un titre</title><p>" + b"Un jardin pour tous. " * (2**20 // 21)


def write_large_page(path, length, *, coding="", is_chunked=False):
    """A WARC with one page of so many bytes, as a server may send it; never held as a whole."""
    spool = path.with_suffix(".spool")
    packer = zlib.compressobj(1, wbits=31) if coding else None
    with spool.open("wb") as out:
        for _ in range(length // len(LARGE_PAGE)):
            piece = packer.compress(LARGE_PAGE) if packer else LARGE_PAGE
            out.write(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked and piece else piece)
        piece = packer.flush() if packer else b""
        out.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(piece), piece) if is_chunked and piece else piece)
        out.write(b"0\r\n\r\n" if is_chunked and not piece else b"")
    fields = [b"Content-Type: text/html; charset=utf-8"]
    fields += [b"Content-Encoding: " + coding.encode()] if coding else []
    fields += [b"Transfer-Encoding: chunked"] if is_chunked else []
    head = b"\r\n".join([b"HTTP/1.1 200 OK", *fields, b"", b""])
    named = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        f"WARC-Date: 2015-03-10T08:00:00Z\r\nWARC-Target-URI: {CITED}\r\n"
        f"Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(head) + spool.stat().st_size}\r\n\r\n"
    )
    with path.open("wb") as stream, spool.open("rb") as block:
        stream.write(named.encode() + head)
        shutil.copyfileobj(block, stream, 2**20)
        stream.write(b"\r\n\r\n")
    spool.unlink()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "shape",
    [
        pytest.param({}, id="plain", marks=pytest.mark.campaign),
        pytest.param({"coding": "gzip"}, id="gzip", marks=pytest.mark.campaign),
        pytest.param({"is_chunked": True}, id="chunked", marks=pytest.mark.campaign),
        pytest.param(
            {"coding": "gzip", "is_chunked": True},
            id="gzip and chunked",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_page_of_any_size_is_read_in_little_memory_and_said_to_be_cut(tmp_path, shape):
    corpus = tmp_path / "corpus"
    (corpus / "bibliography").mkdir(parents=True)
    (corpus / "archive").mkdir()
    row = {"id": "a", "type": "webpage", "title": "Un titre", "URL": CITED}
    (corpus / "bibliography" / "a.json").write_text(json.dumps([row]))
    write_large_page(corpus / "archive" / "a.warc", 2 * MAX_PAYLOAD_BYTES, **shape)
    peaks = {}
    for argv in (["archive", "import", str(corpus / "archive" / "a.warc")], ["extract"], ["index"]):
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(RUNS_A_COMMAND), "--corpus", corpus, *argv],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        peaks[argv[0]] = int((corpus / "peak").read_text())
        if argv == ["extract"]:
            assert "only its first 50,000,000 bytes are read" in done.stderr
            assert "Only the first 50 MB were read." in done.stderr
    assert max(peaks.values()) < 200 * 1024, peaks


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_can_t_be_written_is_told(tmp_path, warc):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "archive").mkdir(mode=0o555)
    with (
        open_archive(tmp_path / "corpus" / "archive") as archive,
        open_catalogue(tmp_path / "corpus" / "catalogue.sqlite") as catalogue,
        pytest.raises(ArchiveError, match="can't be imported"),
    ):
        list(import_file(warc, archive, catalogue, judge=judge, next_due=next_due))


@pytest.mark.parametrize("end", [b"\r\n\r\n", b""], ids=["as the standard has it", "cut"])
def test_a_file_put_into_the_archive_by_hand_is_bounded_too(tmp_path, warc, end):
    """Nobody looked at it before: one record of it would fill the disk. What is behind is read."""
    path = tmp_path / "bombe.warc.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(
            b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.test/\r\n"
            b"WARC-Date: 2015-03-10T08:00:00Z\r\nContent-Type: application/http\r\n"
            b"Content-Length: 200000019\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
        )
        for _ in range(100):
            stream.write(bytes(2_000_000))
        stream.write(end)
    path.write_bytes(path.read_bytes() + warc.read_bytes())
    kinds, skipped = [], []
    for each in read_records(path):
        if isinstance(each, Skipped):
            skipped.append((each.offset, each.target_uri, each.reason))
        else:
            kinds.append(each.kind)

    ((offset, uri, reason),) = skipped
    assert (offset, uri) == (0, "http://a.test/")
    assert "archive import" in say_for_logs(reason)
    assert kinds == ["warcinfo", "response"]
    # What an import has looked at is read as far as it allowed.
    imported = path.rename(path.with_name("import-0123456789ab-bombe.warc.gz"))
    assert next(read_records(imported)).block_length == 100 * 2_000_000 + 19


class CountingFile(io.FileIO):
    """A file that counts the bytes that were read from it."""

    count = 0

    def read(self, size=-1, /):
        piece = super().read(size)
        self.count += len(piece)
        return piece


def test_a_record_deep_in_a_large_member_is_read_without_all_that_stands_before_it(tmp_path):
    """An archive of one gzip member has a thousand captures: each is opened by itself."""
    chance = random.Random(12)
    whole = b"".join(b"%d: %s\n" % (n, chance.randbytes(250_000)) for n in range(24))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(whole, 1))
    with CountingFile(path) as stream:
        assert Unpacked(path, stream).is_member_whole(0)

    for place in (0, 1, 2**20, 5_700_123, *chance.sample(range(len(whole) - 100), 3)):
        with CountingFile(path) as stream:
            source = Unpacked(path, stream)
            assert source.is_member_whole(0)
            source.seek(RecordPosition(0, place))
            assert source.place == RecordPosition(0, place)
            held = b""
            while len(held) < 100:
                held += source.read(100 - len(held))
            assert held == whole[place : place + 100]
            assert stream.count < path.stat().st_size / 3


def read_on(source, size):
    """The next bytes, fewer at the file's end or where damage begins."""
    held = b""
    with suppress(DamageError):
        while len(held) < size and (piece := source.read(size - len(held))):
            held += piece
    return held


@pytest.mark.parametrize("magic", [ZSTD_MAGIC, LZ4_MAGIC], ids=["zstd", "lz4"])
@pytest.mark.parametrize("state", ["whole", "cut", "overwritten"])
def test_a_frame_of_many_records_is_unpacked_once_however_many_are_read(tmp_path, magic, state):
    """What is read far inside is what reading from the frame's beginning gives, then the next."""
    chance = random.Random(12)
    whole = chance.randbytes(2 * SPOOLED_FROM)
    packer = make_packer(magic)
    payload = bytearray(packer.compress(whole) + packer.flush())
    if state == "overwritten":
        payload[-4 * BLOCK : -BLOCK] = b"\xff" * 3 * BLOCK
    path = tmp_path / "a.warc.lz4"
    packer = make_packer(magic)
    next_frame = packer.compress(b"WARC/1.0") + packer.flush()
    path.write_bytes(payload[: -2 * BLOCK] if state == "cut" else payload + next_frame)
    with path.open("rb", buffering=0) as stream:
        expected = read_on(Unpacked(path, stream), len(whole))
    assert len(expected) > len(whole) - 8 * BLOCK

    places = chance.sample(range(SPOOLED_FROM + 1, len(expected) - 100), 24)
    with CountingFile(path) as stream:
        source = Unpacked(path, stream)
        for place in (*places, len(expected) - 7):
            source.seek(RecordPosition(0, place))
            assert source.place == RecordPosition(0, place)
            held = expected[place : place + 100]
            assert read_on(source, len(held)) == held
        # Damage is looked for once more, byte by byte.
        assert stream.count < 5 * path.stat().st_size

        if state == "whole":
            assert source.is_between_members()
            assert read_on(source, 100) == b"WARC/1.0"
        else:
            with pytest.raises(DamageError):
                source.read(1)


def test_what_is_kept_to_go_on_in_a_member_is_bounded_and_gone_when_the_file_changes(tmp_path):
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(bytes(random.Random(12).randbytes(100_000)) * 30, 1))
    with path.open("rb") as stream:
        source = Unpacked(path, stream)
        assert source.is_member_whole(0)
    points = _MemberMap()
    for number in range(5_000):
        points.add_point(0, _Point(number * 2**20, number, _Gunzip()))
    assert 20 < len(points.points[0]) <= MAX_POINTS
    for number in range(3 * MAX_MEMBERS):
        points.judge(number, lambda _: "whole")
    assert len(points.verdicts) <= MAX_MEMBERS

    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)
    with path.open("rb") as stream:
        assert not Unpacked(path, stream).is_member_whole(0)
