"""A package holds all, with an index that is right and digests that prove it."""

import gzip
import hashlib
import io
import json
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from warcio.archiveiterator import ArchiveIterator

from indexer.archive import Page, export_wacz
from indexer.archive.cdxj import cdx_key
from indexer.archive.imports import import_file
from indexer.crawl import judge
from indexer.errors import ArchiveError
from indexer.model import Cause
from indexer.urls import urlkey
from tests.archive import pywb
from tests.archive.exchanges import NOON, PAGE, Corpus, hop

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
        export_wacz(
            path,
            corpus.warc_folder,
            corpus.catalogue,
            pages=[Page(capture=first.capture, title="Le calme des ateliers")],
            title="essai",
            software="renvois",
            created_at=datetime(2026, 3, 2, tzinfo=UTC),
        )
    return path


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
        lines = opened.read("indexes/index.cdxj").decode().splitlines()
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
        (outcome,) = import_file(package, other.archive, other.catalogue, judge=judge)

        assert other.catalogue.latest_capture(urlkey(URL)) == outcome.capture


def test_an_empty_archive_is_said_and_nothing_is_written(tmp_path):
    with Corpus(tmp_path).open() as corpus, pytest.raises(ArchiveError, match="nothing archived"):
        export_wacz(
            tmp_path / "export.wacz",
            corpus.warc_folder,
            corpus.catalogue,
            pages=[],
            title="",
            software="",
            created_at=NOON,
        )
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
        ours = parse_lines(opened.read("indexes/index.cdxj").decode())
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
