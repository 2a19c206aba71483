"""A package holds all, with an index that is right and digests that prove it."""

import gzip
import hashlib
import io
import json
import random
import subprocess
import sys
import textwrap
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator

from indexer.archive import Page, export_wacz
from indexer.archive.cdxj import LineSorter, cdx_key
from indexer.archive.imports import import_file
from indexer.cli import main
from indexer.crawl import judge, next_due
from indexer.errors import ArchiveError
from indexer.heads import make_secrets
from indexer.model import Cause
from indexer.urls import urlkey
from tests.archive import pywb
from tests.archive.exchanges import NOON, PAGE, Corpus, hop
from tests.archive.test_imports import HTML, write_warc

URL = "http://www.exemple.test/Été/page?b=2&A=1"


@pytest.fixture
def package(tmp_path):
    with Corpus(tmp_path / "corpus").open() as corpus:
        first = corpus.visit(URL, hop("http://www.exemple.test/%C3%89t%C3%A9/page?b=2&A=1"))
        corpus.visit(
            "http://exemple.test/a",
            hop("http://exemple.test/a", b"", status=301, fields=["Location: /b"]),
            hop("http://exemple.test/b", gzip.compress(PAGE), fields=["Content-Encoding: gzip"]),
        )
        corpus.visit("http://exemple.test/b", hop("http://exemple.test/b", at=NOON + timedelta(1)))
        corpus.visit("http://exemple.test/c", cause=Cause.TIMEOUT)
        path = tmp_path / "export.wacz"
        pack(
            path,
            corpus,
            pages=[Page(capture=first.capture, title="Le calme des ateliers")],
        )
    return path


def pack(path, corpus, *, pages=(), **more):
    return list(
        export_wacz(
            path,
            corpus.warc_folder,
            pages=pages,
            title="essai",
            software="renvois",
            created_at=datetime(2026, 3, 2, tzinfo=UTC),
            **more,
        )
    )


def test_the_description_names_every_file_and_its_digest(package):
    with zipfile.ZipFile(package) as opened:
        description = json.loads(opened.read("datapackage.json"))
        named = {resource["path"] for resource in description["resources"]}
        assert named == set(opened.namelist()) - {"datapackage.json", "datapackage-digest.json"}
        for resource in description["resources"]:
            payload = opened.read(resource["path"])
            assert resource["bytes"] == len(payload)
            assert resource["hash"] == f"sha256:{hashlib.sha256(payload).hexdigest()}"
        proof = json.loads(opened.read("datapackage-digest.json"))
        text = opened.read("datapackage.json")
        assert proof["hash"] == f"sha256:{hashlib.sha256(text).hexdigest()}"
        stored = {found.compress_type for found in opened.infolist()}
        assert stored == {zipfile.ZIP_STORED}  # so that records are read in place


def test_the_index_is_sorted_and_leads_to_each_record(package):
    with zipfile.ZipFile(package) as opened:
        lines = gzip.decompress(opened.read("indexes/index.cdx.gz")).decode().splitlines()
        assert lines == sorted(lines)
        assert len(lines) == 4
        for line in lines:
            _, timestamp, text = line.split(" ", 2)
            fields = json.loads(text)
            whole = opened.read(f"archive/{fields['filename']}")
            start = int(fields["offset"])
            piece = whole[start : start + int(fields["length"])]
            (record,) = ArchiveIterator(io.BytesIO(piece))
            assert record.rec_headers["WARC-Target-URI"] == fields["url"]
            assert record.rec_headers["WARC-Payload-Digest"] == fields["digest"]
            assert record.rec_headers["WARC-Date"].startswith(
                f"{datetime.strptime(timestamp, '%Y%m%d%H%M%S'):%Y-%m-%dT%H:%M:%S}"
            )


def test_the_pages_are_those_that_are_cited(package):
    with zipfile.ZipFile(package) as opened:
        head, page = map(json.loads, opened.read("pages/pages.jsonl").decode().splitlines())

    assert head["format"] == "json-pages-1.0"
    assert page["title"] == "Le calme des ateliers"
    assert page["ts"] == "2026-03-01T12:00:00Z"


def test_a_package_of_ours_is_imported_by_another_corpus(tmp_path, package):
    with Corpus(tmp_path / "other").open() as other:
        other.catalogue.targets.cite([URL])
        outcomes = import_file(
            package, other.archive, other.catalogue, judge=judge, next_due=next_due
        )

        assert [outcome.url for outcome in outcomes].count(URL) == 1
        assert other.catalogue.latest_capture(urlkey(URL)) is not None


def test_the_command_says_that_it_replaced_a_file(tmp_path):
    with Corpus(tmp_path).open() as corpus:
        corpus.visit(URL, hop(URL))
    (tmp_path / "bibliography").mkdir()
    entry = f"@online{{un,\n title = {{Un texte}},\n url = {{{URL}}}\n}}\n"
    (tmp_path / "bibliography" / "b.bib").write_text(entry, encoding="utf-8")
    command = ["--corpus", str(tmp_path), "archive", "export", str(tmp_path / "tout.wacz")]
    first, second = (
        CliRunner(env={"RENVOIS_LANGUAGE": "en"}).invoke(main, command) for _ in range(2)
    )
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "was there already" not in first.stderr
    assert "tout.wacz was there already: the new package has replaced it." in second.stderr


def test_an_empty_archive_is_said_and_nothing_is_written(tmp_path):
    with Corpus(tmp_path).open() as corpus, pytest.raises(ArchiveError, match="nothing archived"):
        pack(tmp_path / "export.wacz", corpus)
    assert not list(tmp_path.glob("*.wacz"))


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.Exemple.fr/A/b.html?C=D&a=B&_x=1", "fr,exemple)/a/b.html?_x=1&a=b&c=d"),
        ("http://exemple.fr/spip.php?article12&lang=fr", "fr,exemple)/spip.php?article12&lang=fr"),
        ("https://exemple.fr:8080/é?q=ç%E9", "fr,exemple:8080)/%c3%a9?q=%c3%a7%e9"),
        ("http://exemple.fr/a/", "fr,exemple)/a"),
        ("http://www2.exemple.fr/?", "fr,exemple)/"),
        ("http://crème.fr/x#y", "fr,xn--crme-6oa)/x"),
    ],
)
def test_a_key_is_the_one_that_other_tools_make(url, key):
    assert cdx_key(url) == key


@pytest.mark.peer
def test_the_package_is_valid_for_the_format_s_own_tool(package):
    done = subprocess.run(
        [pywb.find_program("wacz"), "validate", "-f", package], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.peer
def test_the_index_is_the_one_that_cdxj_indexer_makes(tmp_path, package):
    indexer = pywb.find_program("cdxj-indexer")
    with zipfile.ZipFile(package) as opened:
        ours = parse_lines(gzip.decompress(opened.read("indexes/index.cdx.gz")).decode())
        (name,) = [name for name in opened.namelist() if name.startswith("archive/")]
        opened.extract(name, tmp_path)
    theirs = subprocess.run([indexer, tmp_path / name], capture_output=True, text=True, check=True)

    assert ours == parse_lines(theirs.stdout)


def parse_lines(text):
    compared = ("url", "digest", "length", "offset", "filename")
    rows = []
    for line in text.splitlines():
        key, timestamp, fields = line.split(" ", 2)
        found = json.loads(fields)
        rows.append((key, timestamp, *(found[name] for name in compared)))
    return sorted(rows)


def test_lines_are_sorted_by_their_bytes_however_many(tmp_path):
    chance = random.Random(12)
    lines = [f"fr,exemple)/{chance.randrange(9_999)}é {n}" for n in range(1_000)]
    for max_lines in (1, 7, 999, 1_000, 5_000):
        with LineSorter(tmp_path, max_lines=max_lines) as sorter:
            for line in lines:
                sorter.add(line)
            assert list(sorter) == sorted(f"{line}\n".encode() for line in lines)
    assert list(tmp_path.iterdir()) == []


def records_of(package):
    """Every record of a package's files: (type, address, HTTP head, payload)."""
    found = []
    with zipfile.ZipFile(package) as opened:
        for name in opened.namelist():
            if not name.startswith("archive/"):
                continue
            for record in ArchiveIterator(io.BytesIO(opened.read(name)), check_digests="raise"):
                head = record.http_headers
                found.append(
                    (
                        record.rec_type,
                        record.rec_headers["WARC-Target-URI"],
                        dict(head.headers) if head else {},
                        record.raw_stream.read(),
                    )
                )
    return found


def test_the_records_go_in_byte_for_byte(tmp_path, package):
    (warc,) = (tmp_path / "corpus" / "archive").glob("*.warc.gz")
    with zipfile.ZipFile(package) as opened:
        assert opened.read(f"archive/{warc.name}") == warc.read_bytes()


def test_a_head_may_be_exported_otherwise_and_a_record_left_out(tmp_path):
    url = "http://exemple.test/secret"
    with Corpus(tmp_path / "corpus").open() as corpus:
        corpus.visit(url, hop(url, asked=["X-Jeton: un-vrai-secret"]))
        corpus.visit(f"{url}/2", hop(f"{url}/2", PAGE * 2))

        secrets = make_secrets([{"X-Jeton": "un-vrai-secret"}])
        hidden = {urlkey(f"{url}/2")}
        (packed,) = pack(tmp_path / "a.wacz", corpus, secrets=secrets, hidden=hidden)
        plain = tmp_path / "plain.wacz"
        pack(plain, corpus)
    shown, whole = records_of(tmp_path / "a.wacz"), records_of(plain)

    assert packed.left_out == 3  # a request, its response, the visit
    assert len(whole) == len(shown) + packed.left_out
    (request,) = [held for kind, _, held, _ in shown if kind == "request"]
    assert request["X-Jeton"] == "[redacted]"
    assert [held for kind, *_, held in shown if kind == "response"] == [PAGE]
    with zipfile.ZipFile(tmp_path / "a.wacz") as opened:
        (line,) = gzip.decompress(opened.read("indexes/index.cdx.gz")).decode().splitlines()
        fields = json.loads(line.split(" ", 2)[2])
        held = opened.read(f"archive/{fields['filename']}")
    start = int(fields["offset"])
    piece = io.BytesIO(held[start : start + int(fields["length"])])
    (record,) = ArchiveIterator(piece)
    assert record.rec_type == "response"


def test_what_is_damaged_is_told_and_the_rest_is_packed(tmp_path):
    urls = [f"http://exemple.test/{number}" for number in range(5)]
    with Corpus(tmp_path / "corpus").open() as corpus:
        for url in urls:
            corpus.visit(url, hop(url, PAGE + url.encode()))
        corpus.archive.close()
        location = corpus.catalogue.find_location(
            corpus.catalogue.latest_capture(urlkey(urls[2])).record_id
        )
        path = corpus.warc_folder / location.filename
        held = bytearray(path.read_bytes())
        held[location.offset + location.length // 2] ^= 1
        path.write_bytes(bytes(held))
        (packed,) = pack(tmp_path / "a.wacz", corpus)

    assert [(each.offset, each.length) for each in packed.skipped] == [
        (location.offset, location.length)
    ]
    responses = [uri for kind, uri, *_ in records_of(tmp_path / "a.wacz") if kind == "response"]
    assert responses == urls[:2] + urls[3:]


@pytest.mark.parametrize("place", ["absent/a.wacz", "file/a.wacz", "folder.wacz"])
def test_a_package_that_can_t_be_written_is_told_and_leaves_nothing(tmp_path, place):
    (tmp_path / "file").write_text("un fichier")
    (tmp_path / "folder.wacz").mkdir()
    with Corpus(tmp_path / "corpus").open() as corpus:
        corpus.visit(URL, hop(URL))
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(ArchiveError, match="can't be written"):
            pack(tmp_path / place, corpus)
        assert sorted(tmp_path.rglob("*")) == before


FILLS_THE_DISK = """
    import resource, signal, sys
    from pathlib import Path
    from indexer.errors import ArchiveError, say_for_logs
    from tests.archive.exchanges import Corpus
    from tests.archive.test_export import pack

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
    try:
        pack(Path(sys.argv[2]), Corpus(Path(sys.argv[1])))
    except ArchiveError as error:
        print(error.where, say_for_logs(error.hint))
"""


def test_a_full_disk_is_told_and_what_was_there_stays(tmp_path, package):
    """The system's limit on a file's size stands for the end of the disk."""
    pack(package, Corpus(tmp_path / "corpus"))
    whole = package.read_bytes()
    room = sorted({100, len(whole) // 2, len(whole) - 600, len(whole) - 10})
    for limit in room:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(FILLS_THE_DISK),
             tmp_path / "corpus", package, str(limit)],
            capture_output=True,
            text=True,
            check=True,
        )  # fmt: skip
        assert str(package) in done.stdout, limit
        assert "Free some room" in done.stdout
        assert package.read_bytes() == whole
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [package.name]


def test_what_is_hidden_is_left_out_of_a_member_that_records_share(tmp_path):
    urls = [f"http://exemple.test/{number}" for number in range(3)]
    source = write_warc(
        tmp_path / "a.warc",
        *((url, "2015-03-10T08:00:00Z", "200 OK", HTML, PAGE + url.encode()) for url in urls),
    )
    with Corpus(tmp_path / "corpus").open() as corpus:
        corpus.warc_folder.mkdir(parents=True)
        (corpus.warc_folder / "a.warc.gz").write_bytes(gzip.compress(source.read_bytes()))
        (packed,) = pack(tmp_path / "a.wacz", corpus, hidden={urlkey(urls[1])})

    assert packed.left_out == 1
    kept = [held for kind, *_, held in records_of(tmp_path / "a.wacz") if kind == "response"]
    assert kept == [PAGE + url.encode() for url in (urls[0], urls[2])]
