"""A package of ours is taken by pywb, and every capture in it is replayed as it was."""

import gzip
import http.client
import io
import json
import random
import subprocess
import urllib.parse
import zipfile
from datetime import UTC, datetime, timedelta

import brotli
import pytest

from indexer.archive import import_file
from indexer.archive.cdxj import cdx_key
from indexer.archive.reading import open_record, split_block
from indexer.codings import decode
from indexer.crawl import judge, next_due
from indexer.heads import find_field, parse_head
from indexer.urls import parse_url
from tests.archive import pywb
from tests.archive.exchanges import NOON, PAGE, Corpus, hop
from tests.archive.test_export import pack
from tests.archive.test_imports import HTML, write_arc, write_warc

pytestmark = [pytest.mark.peer, pytest.mark.timeout(600)]

SITE = "http://exemple.test"
UGLY = (
    "/page",
    "/Été/à côté?q=ç&a=1",
    "/spip.php?article12&lang=fr",
    "/?b=2&A=1&a=0",
    "/?",
    "/dossier/",
    "/a;jsessionid=1?x",
    "/%7Etilde/%e9%C3%A9",
    "/deux//barres/./ici",
    "/un%20espace?et=un+plus",
    ":8080/port?x=http://autre.test/a?b=c",
)


def chunk(payload):
    half = len(payload) // 2
    pieces = (payload[:half], payload[half:])
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def fill(corpus, folder):
    """Visit and import captures of every shape."""
    for number, path in enumerate(UGLY):
        url = parse_url(SITE + path)
        corpus.visit(url, hop(url, PAGE + b"%d" % number, at=NOON + timedelta(hours=number)))
    for name, coded in {"gzip": gzip.compress(PAGE), "br": brotli.compress(PAGE)}.items():
        url = f"{SITE}/{name}"
        corpus.visit(url, hop(url, coded, fields=[f"Content-Encoding: {name}"]))
    url = f"{SITE}/chunked"
    corpus.visit(url, hop(url, PAGE, fields=["Transfer-Encoding: chunked"]))
    corpus.visit(
        f"{SITE}/moved",
        hop(f"{SITE}/moved", b"", status=301, fields=[f"Location: {SITE}/there"]),
        hop(f"{SITE}/there", PAGE + b"there"),
    )
    corpus.visit(f"{SITE}/gone", hop(f"{SITE}/gone", b"<p>introuvable</p>", status=404))
    same = f"{SITE}/same"
    for days in range(3):
        corpus.visit(same, hop(same, PAGE + b"same", at=NOON + timedelta(days=days)))
    others = [f"{SITE}/theirs/{name}" for name in ("chunked", "zipped", "pdf", "arc", "first")]
    chunked, zipped, pdf, arc, first = others
    corpus.catalogue.targets.cite([SITE + path for path in UGLY] + others)
    fields = [*HTML, ("Transfer-Encoding", "chunked")]
    coded = [*fields, ("Content-Encoding", "gzip")]
    date = "2015-03-10T08:00:00Z"
    warcs = [
        write_warc(
            folder / "theirs.warc",
            (chunked, date, "200 OK", fields, chunk(PAGE)),
            (zipped, date, "200 OK", coded, chunk(gzip.compress(PAGE))),
            (pdf, date, "", [], b"%PDF-1.7 " + bytes(range(256))),
        ),
        write_arc(folder / "old.arc.gz", arc, PAGE + b"arc"),
        folder / "one-member.warc.gz",
    ]
    plain = write_warc(
        folder / "plain.warc",
        (first, date, "200 OK", HTML, PAGE + b"first"),
        (f"{SITE}/theirs/second", date, "200 OK", HTML, PAGE + b"second"),
    )
    warcs[-1].write_bytes(gzip.compress(plain.read_bytes()))
    for warc in warcs:
        found = import_file(warc, corpus.archive, corpus.catalogue, judge=judge, next_due=next_due)
        assert list(found)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A package, and what each capture in it is to be replayed as: (address, moment) -> bytes."""
    folder = tmp_path_factory.mktemp("exported")
    captures = {}
    with Corpus(folder / "corpus").open() as corpus:
        fill(corpus, folder)
        for row in corpus.catalogue.records():
            held = corpus.catalogue.find_payload(row)
            path = corpus.warc_folder / held.filename
            with open_record(path, held.offset, held.inside) as record:
                head, payload = split_block(record, max_bytes=10**9)
            coding = find_field(parse_head(head), "Content-Encoding")
            payload = uncode(payload, coding)
            captures[row.target_uri, f"{row.captured_at:%Y%m%d%H%M%S}"] = (row.status, payload)
        pack(folder / "tout.wacz", corpus)
    return folder / "tout.wacz", captures


def uncode(payload, coding):
    return decode(payload, coding, max_bytes=10**9).payload if coding else payload


def ask(address, url, moment):
    place = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=300)
    try:
        connection.request("GET", f"{place.path}{moment}id_/{url}")
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


@pytest.mark.slow
def test_every_capture_is_replayed_byte_for_byte(tmp_path, exported):
    package, captures = exported
    assert len(captures) >= 25
    with pywb.serve(tmp_path, packages=[package]) as address:
        for (url, moment), (status, payload) in captures.items():
            answered, headers, body = ask(address, url, moment)
            replayed_at = datetime.strptime(
                headers["Memento-Datetime"], "%a, %d %b %Y %H:%M:%S GMT"
            ).replace(tzinfo=UTC)
            # pywb takes some codings off, and then says nothing of them.
            body = uncode(body, headers.get("Content-Encoding", ""))
            assert (answered, body) == (status, payload), url
            assert f"{replayed_at:%Y%m%d%H%M%S}" == moment, url


def test_what_is_exported_is_what_every_reader_indexes(tmp_path, exported):
    """The format's own indexer, run over the files of the package, lists the same captures."""
    package, captures = exported
    with zipfile.ZipFile(package) as opened:
        names = [name for name in opened.namelist() if name.startswith("archive/")]
        for name in names:
            opened.extract(name, tmp_path)
        lines = gzip.decompress(opened.read("indexes/index.cdx.gz")).decode().splitlines()
    theirs = subprocess.run(
        [pywb.find_program("cdxj-indexer"), *(tmp_path / name for name in names)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    assert list(map(parse_line, lines)) == sorted(map(parse_line, theirs))
    assert len(lines) == len(captures)


def parse_line(line):
    key, moment, text = line.split(" ", 2)
    fields = json.loads(text)
    return (key, moment, *(fields[name] for name in ("url", "length", "offset", "filename")))


@pytest.mark.slow
def test_the_index_is_read_in_blocks(tmp_path):
    """The secondary index says where each block of the first one begins, and what it holds."""
    with Corpus(tmp_path / "corpus").open() as corpus:
        urls = [f"{SITE}/{number}" for number in range(1_500)]
        corpus.visit(SITE, *(hop(url, b"", status=301) for url in urls))
        pack(tmp_path / "tout.wacz", corpus)
    with zipfile.ZipFile(tmp_path / "tout.wacz") as opened:
        whole = opened.read("indexes/index.cdx.gz")
        meta, *blocks = opened.read("indexes/index.idx").decode().splitlines()
    lines = gzip.decompress(whole).decode().splitlines()

    assert len(lines) == 1_500
    assert json.loads(meta.split(" ", 2)[2]) == {
        "format": "cdxj-gzip-1.0",
        "filename": "index.cdx.gz",
    }
    read = []
    for block in blocks:
        place = json.loads(block.split(" ", 2)[2])
        member = whole[place["offset"] :][: place["length"]]
        held = gzip.GzipFile(fileobj=io.BytesIO(member)).read().decode().splitlines()
        assert held[0].startswith(" ".join(block.split(" ", 2)[:2]))
        read += held
    assert read == lines


def test_the_key_of_any_address_is_pywb_s():
    chance = random.Random(12)
    pieces = ["a", "B", "é", "%C3%A9", "%e9", "%2F", "/", "//", "?", "&", "=", ";", "+", "%20",
              ".", "..", "sid=1", "www.", ":", "@", "~", "!", "'", "|", "#", "œ", "1"]  # fmt: skip
    hosts = ["exemple.test", "www.Exemple.test", "www2.exemple.test:8080", "crème.test",
             "exemple.test:80", "192.0.2.1", "exemple.test."]  # fmt: skip
    urls = set()
    while len(urls) < 500:
        path = "".join(chance.choices(pieces, k=chance.randrange(12)))
        url = parse_url(f"http://{chance.choice(hosts)}/{path}")
        if url is not None:
            urls.add(url)
    script = (
        "import json, sys; from pywb.utils.canonicalize import canonicalize\n"
        "print(json.dumps([canonicalize(url) for url in json.load(sys.stdin)]))"
    )
    asked = sorted(urls)
    done = subprocess.run(
        [pywb.find_program("python"), "-W", "ignore", "-c", script],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = dict(zip(asked, json.loads(done.stdout), strict=True))

    assert {url: cdx_key(url) for url in asked} == theirs
