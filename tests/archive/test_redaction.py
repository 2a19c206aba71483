"""An archive of an older version holds secrets in clear: exports hide them, a check lists them."""

import base64
import gzip
import io
import json
import zipfile

import pytest
from click.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from indexer.archive import open_archive, open_catalogue
from indexer.archive.reindex import reindex
from indexer.cli import main
from indexer.crawl import next_due
from indexer.heads import Secrets, make_secrets, redact_fields, redact_text
from indexer.messages import NOTHING
from tests.archive.exchanges import PAGE, Corpus, hop

TOKEN = "jeton-accorde-au-labo-42"
BASIC = base64.b64encode(b"labo:sesame-ouvre-toi").decode()
SITE = "https://exemple.test/page"
OTHER = "https://ailleurs.test/la"
SETTINGS = f"""
archives = []
[sites."exemple.test"]
headers = {{ X-Jeton = "{TOKEN}", Authorization = "Basic {BASIC}" }}
"""
VALUES = [TOKEN, BASIC, "labo:sesame-ouvre-toi", "sesame-ouvre-toi"]


@pytest.fixture
def corpus(tmp_path):
    """What an older version wrote: the headers of the settings at every hop, in clear."""
    corpus = Corpus(tmp_path)
    asked = [f"X-Jeton: {TOKEN}", f"Authorization: Basic {BASIC}", "Cookie: session=abc"]
    with corpus.open():
        first = hop(SITE, b"", status=302, fields=[f"Location: {OTHER}"], asked=asked)
        corpus.visit(SITE, first, hop(OTHER, asked=asked, fields=[f"X-Echo: {TOKEN.upper()}"]))
        url = f"https://exemple.test/?jeton={TOKEN}"
        corpus.visit(url, hop(url, PAGE + b"<p>Une autre page.</p>"))
        shown = PAGE + f"<p>Votre jeton : {TOKEN}</p>".encode()
        corpus.visit("https://exemple.test/compte", hop("https://exemple.test/compte", shown))
        corpus.visit("https://calme.test/", hop("https://calme.test/"))
    (tmp_path / "bibliography").mkdir()
    (tmp_path / "renvois.toml").write_text(SETTINGS, encoding="utf-8")
    return corpus


def renvois(corpus, *arguments):
    folder = str(corpus.folder)
    named = ["--config", f"{folder}/renvois.toml", "--corpus", folder, "archive", *arguments]
    return CliRunner().invoke(main, named, catch_exceptions=False)


def test_the_check_lists_the_records_and_shows_no_value(corpus):
    result = renvois(corpus, "secrets", "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]

    assert result.exit_code == 3
    assert [(row["kind"], row["url"], row["places"]) for row in rows] == [
        ("request", SITE, ["X-Jeton", "Authorization", "Cookie"]),
        ("request", OTHER, ["X-Jeton", "Authorization", "Cookie"]),
        ("response", OTHER, ["X-Echo"]),
        ("request", "https://exemple.test/?jeton=[redacted]", ["named-field", "first-line"]),
        ("response", "https://exemple.test/?jeton=[redacted]", ["named-field"]),
        ("metadata", "https://exemple.test/?jeton=[redacted]", ["named-field", "payload"]),
        ("response", "https://exemple.test/compte", ["payload"]),
    ]
    assert not [value for value in VALUES if value in result.output.lower()]
    for row in rows:
        with open_archive(corpus.warc_folder) as archive:
            assert archive.read_head(row["file"], row["offset"]) or row["kind"] == "metadata"


def test_an_archive_without_any_is_said_to_be_so(tmp_path):
    corpus = Corpus(tmp_path)
    with corpus.open():
        corpus.visit(SITE, hop(SITE, asked=["Authorization: [redacted]"]))
    (tmp_path / "renvois.toml").write_text(SETTINGS, encoding="utf-8")
    result = renvois(corpus, "secrets")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "No record holds" in result.stderr


def export(corpus):
    path = corpus.folder / "tout.wacz"
    result = renvois(corpus, "export", str(path))
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_an_export_holds_none_and_the_archive_stays_as_it_was(corpus):
    (warc,) = corpus.warc_folder.glob("*.warc.gz")
    before = warc.read_bytes()
    members = export(corpus)
    (name,) = [name for name in members if name.startswith("archive/")]
    members["unpacked"] = gzip.decompress(members[name])

    assert warc.read_bytes() == before
    # But for the page that shows it: a payload is what was sent, or it proves nothing.
    shown = f"Votre jeton : {TOKEN}".encode()
    assert members["unpacked"].count(shown) == 1
    for octets in members.values():
        left = octets.replace(shown, b"").lower()
        assert not [value for value in VALUES if value.lower().encode() in left]
    assert members["unpacked"].count(b"X-Jeton: [redacted]") == 2
    assert members["unpacked"].count(b"Cookie: [redacted]") == 2


def test_what_is_hidden_leaves_right_digests_and_every_other_record_byte_for_byte(corpus, tmp_path):
    (warc,) = corpus.warc_folder.glob("*.warc.gz")
    members = export(corpus)
    packed = tmp_path / "exporte.warc.gz"
    packed.write_bytes(members[f"archive/{warc.name}"])
    checker = Checker(type("Arguments", (), {"inputs": [str(packed)], "verbose": False})())
    checker.process_one(str(packed))
    assert checker.exit_value == 0

    before, after = list_blocks(warc), list_blocks(packed)
    assert [record[:2] for record in before if TOKEN not in record[1]] == [
        record[:2] for record in after if "redacted" not in record[1]
    ]
    assert (
        len(before) == len(after) > sum(old == new for old, new in zip(before, after, strict=True))
    )
    calm = [record for record in before if "calme" in record[1]]
    assert calm and [record for record in after if "calme" in record[1]] == calm
    assert warc.read_bytes()[-200:] == packed.read_bytes()[-200:]


def list_blocks(path):
    with path.open("rb") as stream:
        return [
            (
                record.rec_type,
                record.rec_headers.get_header("WARC-Target-URI") or "",
                record.raw_stream.read(),
            )
            for record in ArchiveIterator(stream, no_record_parse=True)
        ]


def test_the_index_of_an_export_points_at_the_records_where_they_are(corpus):
    members = export(corpus)
    lines = gzip.decompress(members["indexes/index.cdx.gz"]).decode().splitlines()

    assert len(lines) == 5
    for line in lines:
        row = json.loads(line.split(" ", 2)[2])
        start = int(row["offset"])
        packed = members[f"archive/{row['filename']}"][start : start + int(row["length"])]
        (record,) = ArchiveIterator(io.BytesIO(packed), no_record_parse=True)
        assert record.rec_headers.get_header("WARC-Target-URI") == row["url"]
        assert not record.raw_stream.read().find(TOKEN.encode()) > 400 or "compte" in row["url"]


def test_an_export_that_is_read_back_is_as_the_archive_was(corpus, tmp_path):
    folder = tmp_path / "rendu"
    folder.mkdir()
    for name, octets in export(corpus).items():
        if name.startswith("archive/"):
            (folder / name.removeprefix("archive/")).write_bytes(octets)
    with open_catalogue(tmp_path / "rendu.sqlite") as catalogue:
        (read,) = reindex(folder, catalogue, next_due=next_due)

    assert (read.records, read.visits, read.fault) == (5, 4, NOTHING)


def test_a_new_record_does_not_repeat_the_head_of_an_old_one(tmp_path):
    """After a 304 the head of the page that is held is written again, without its secrets."""
    secrets = make_secrets([{"X-Jeton": TOKEN}])
    corpus = Corpus(tmp_path)
    with corpus.open():
        corpus.visit(SITE, hop(SITE, fields=[f"X-Echo: {TOKEN}", 'ETag: "1"']))
    with corpus.open(secrets=secrets):
        asked = ['If-None-Match: "1"']
        corpus.visit(SITE, hop(SITE, b"", status=304, fields=['ETag: "1"'], asked=asked))
    (warc,) = corpus.warc_folder.glob("*.warc.gz")
    octets = gzip.decompress(warc.read_bytes())

    assert octets.count(TOKEN.encode()) == 1
    assert b"X-Echo: [redacted]" in octets


def test_every_form_of_a_value_is_sought():
    values = make_secrets(
        [{"Authorization": f"Basic {BASIC}", "Cookie": "a=premier-1; b=second-2", "X": "é/à-été"}]
    ).values

    for form in (*VALUES[1:], "premier-1", "second-2", "%C3%A9%2F%C3%A0-%C3%A9t%C3%A9"):
        assert form.encode() in values
    assert "é/à-été".encode("latin-1") in values


def test_a_value_that_is_no_secret_hides_nothing_by_chance():
    secrets = make_secrets([{"X-Mode": "1", "Accept-Language": "fr"}])

    assert secrets.values == ()
    assert "accept-language" not in secrets.fields
    assert "x-mode" in secrets.fields


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            b"GET /?cookie:1 HTTP/1.1\r\ncookie:a\r\n\r\n",
            b"GET /?cookie:1 HTTP/1.1\r\ncookie: [redacted]\r\n\r\n",
        ),
        (
            b"GET / HTTP/1.1\nCookie : a\n  b\n\tc\nX: 1\n\n",
            b"GET / HTTP/1.1\nCookie : [redacted]\nX: 1\n\n",
        ),
        (
            b"GET / HTTP/1.1\r\nCookie: a\r\nCOOKIE: b",
            b"GET / HTTP/1.1\r\nCookie: [redacted]\r\nCOOKIE: [redacted]",
        ),
        (
            b"GET / HTTP/1.1\r\nCookie: a\rb\r\n\r\n",
            b"GET / HTTP/1.1\r\nCookie: [redacted]\r\n\r\n",
        ),
        (b"GET / HTTP/1.1\r\nCookie:\r\nX-Cookie: a\r\n\r\n", None),
        (b"", None),
    ],
)
def test_the_fields_of_a_head_are_hidden_and_nothing_else_changes(head, expected):
    assert redact_fields(head, Secrets().fields) == (head if expected is None else expected)


def test_a_value_cut_off_at_the_end_of_a_detail_is_hidden_too():
    values = make_secrets([{"X": TOKEN}]).values

    assert redact_text(f"to 'http://a/{TOKEN[:12]}'", values) == "to 'http://a/[redacted]"
    assert redact_text(f"<{TOKEN}>", values) == "<[redacted]>"
    assert redact_text("rien de tel", values) == "rien de tel"


def test_a_head_that_begins_with_a_folded_line_is_kept_as_it_is():
    head = b" suite\r\nAccept: text/html\r\n\r\n"

    assert redact_fields(head, ["cookie"]) == head
