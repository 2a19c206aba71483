"""A purge takes the records of an address out of every file, and nothing else, however it ends."""

import gzip
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from indexer.archive import finish_purge, import_file, is_purge_pending, open_catalogue, purge
from indexer.archive.reindex import find_files, reindex
from indexer.crawl import judge, next_due
from indexer.errors import ArchiveError, CatalogueError
from indexer.links.history import open_history
from indexer.urls import urlkey
from tests.archive.exchanges import NOON, PAGE, Corpus, hop
from tests.places import find_place

ROOT = Path(__file__).parents[2]
WORD = "zorglubique"  # that nothing but the purged text has
SECRET_PAGE = f"<title>Un texte</title><p>Un texte {WORD}, que son auteur retire.</p>".encode()
GONE = "http://retire.test/texte"
KEPT = "http://garde.test/page"
OTHERS = [f"http://autre{n}.test/" for n in range(5)]


@pytest.fixture
def corpus(tmp_path):
    """Visits of five pages, and of one that is to go: redirected, changed, seen again."""
    corpus = Corpus(tmp_path)
    with corpus.open():
        for number, url in enumerate(OTHERS):
            at = NOON + timedelta(minutes=number)
            corpus.visit(url, hop(url, PAGE + url.encode(), at=at))
        moved = hop(GONE, b"", status=301, fields=["Location: http://retire.test/ici"])
        there = hop("http://retire.test/ici", SECRET_PAGE)
        corpus.visit(GONE, moved, there)
        later = NOON + timedelta(days=1)
        corpus.visit(GONE, replace(moved, started_at=later), replace(there, started_at=later))
        last = NOON + timedelta(days=2)
        corpus.visit(GONE, hop(GONE, SECRET_PAGE + b"<p>Autre fin.</p>", at=last))
        corpus.visit(KEPT, hop(KEPT, at=last + timedelta(hours=1)))
    return corpus


def read_everything(folder):
    """All bytes of a corpus, those of compressed members too."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            octets = path.read_bytes()
            is_packed = octets.startswith(b"\x1f\x8b")
            found[path.relative_to(folder)] = octets + (
                gzip.decompress(octets) if is_packed else b""
            )
    return found


def list_records(folder):
    """What warcio reads: kind, address, and block of each record of each file."""
    records = []
    for path in sorted(find_files(folder)):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, no_record_parse=True):
                uri = record.rec_headers.get_header("WARC-Target-URI") or ""
                records.append((record.rec_type, uri, record.raw_stream.read()))
    return records


def list_holders(folder):
    """The files of a corpus in which a byte sequence of the purged text is left."""
    return [path for path, octets in read_everything(folder).items() if WORD.encode() in octets]


def is_about(record, word):
    return word in record[1] or word.encode() in record[2]


def purge_gone(corpus, *urls):
    with corpus.open():
        return purge(corpus.warc_folder, corpus.catalogue, [urlkey(url) for url in urls or [GONE]])


def test_no_byte_of_a_purged_text_is_left_and_every_other_record_is(corpus):
    before = list_records(corpus.warc_folder)
    size = sum(path.stat().st_size for path in find_files(corpus.warc_folder))
    assert any(WORD.encode() in octets for octets in read_everything(corpus.folder).values())

    done = purge_gone(corpus)

    assert not list_holders(corpus.folder)
    kept = [record for record in before if not is_about(record, "retire.test")]
    assert list_records(corpus.warc_folder) == kept
    assert done.records == len(before) - len(kept)
    left = sum(path.stat().st_size for path in find_files(corpus.warc_folder))
    assert done.bytes == size - left > 0
    assert len(done.files) == 1
    assert done.gaps == done.kept == ()


def test_the_catalogue_finds_every_record_where_it_is_now(corpus):
    purge_gone(corpus)

    with corpus.open():
        catalogue = corpus.catalogue
        assert catalogue.visits(urlkey(GONE)) == []
        assert catalogue.latest_capture(urlkey(GONE)) is None
        for url in [*OTHERS, KEPT]:
            location = catalogue.find_location(catalogue.latest_capture(urlkey(url)).record_id)
            held = corpus.archive.read_payload(location.filename, location.offset)
            assert held.target_uri == url


def test_what_is_visited_after_a_purge_is_kept_as_before(corpus):
    purge_gone(corpus)
    with corpus.open():
        corpus.visit(KEPT, hop(KEPT, at=NOON + timedelta(days=9)))
        new = corpus.visit("http://neuf.test/", hop("http://neuf.test/", at=NOON))
        location = corpus.catalogue.find_location(new.capture.record_id)
        assert corpus.archive.read_payload(location.filename, location.offset).payload == PAGE


def test_a_catalogue_read_back_from_the_files_knows_nothing_of_it(corpus, tmp_path):
    purge_gone(corpus)
    with open_catalogue(tmp_path / "neuf.sqlite") as catalogue:
        list(reindex(corpus.warc_folder, catalogue, next_due=next_due))

        assert catalogue.visits(urlkey(GONE)) == []
        assert [len(catalogue.visits(urlkey(url))) for url in [*OTHERS, KEPT]] == [1] * 6


def test_what_the_catalogue_wrote_of_it_goes_too(corpus):
    with corpus.open(), open_history(find_place(corpus.folder)):
        capture = corpus.catalogue.latest_capture(urlkey(GONE))
        with corpus.catalogue.transaction() as connection:
            row = [capture.record_id, "1", json.dumps({"text": f"{WORD} " * 5_000})]
            connection.execute("INSERT INTO articles VALUES (?, ?, ?)", row)
            row = [urlkey(GONE), "2026-03-01", GONE, json.dumps({"text": WORD})]
            connection.execute("INSERT INTO link_observations VALUES (?, ?, ?, ?, '')", row)
        purge(corpus.warc_folder, corpus.catalogue, [urlkey(GONE)])

        # The history is open still, as it is while a command runs.
        assert not list_holders(corpus.folder)
        kept = corpus.catalogue.latest_capture(urlkey(KEPT))
        assert kept is not None


def test_addresses_of_which_nothing_is_archived_change_nothing(corpus):
    before = read_everything(corpus.warc_folder)
    done = purge_gone(corpus, "http://inconnu.test/")

    assert read_everything(corpus.warc_folder) == before
    assert (done.files, done.records, done.bytes) == ((), 0, 0)


def write_others(path, *records, is_packed=True):
    """A WARC file of others: (kind, URI, head, payload, more fields)."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=is_packed, warc_version="WARC/1.1")
        for kind, uri, head, payload, fields in records:
            writer.write_record(
                writer.create_warc_record(
                    uri,
                    kind,
                    payload=io.BytesIO(payload),
                    length=len(payload),
                    http_headers=StatusAndHeaders("200 OK", head, protocol="HTTP/1.1"),
                    warc_headers_dict={"WARC-Date": "2015-03-10T08:00:00Z", **fields},
                )
            )
    return path


HTML = [("Content-Type", "text/html")]


@pytest.mark.parametrize("is_packed", [True, False])
def test_files_of_others_are_purged_too(corpus, tmp_path, is_packed):
    name = "autre.warc.gz" if is_packed else "autre.warc"
    warc = write_others(
        tmp_path / name,
        ("response", OTHERS[0], HTML, b"<p>premier</p>", {}),
        ("response", GONE, HTML, SECRET_PAGE, {}),
        ("request", GONE, [("X-Mot", WORD)], b"", {}),
        ("response", OTHERS[1], HTML, b"<p>dernier</p>", {}),
        is_packed=is_packed,
    )
    with corpus.open():
        corpus.catalogue.targets.cite([GONE, *OTHERS])
        list(import_file(warc, corpus.archive, corpus.catalogue, judge=judge, next_due=next_due))
        warc.unlink()
    before = list_records(corpus.warc_folder)
    done = purge_gone(corpus)

    assert len(done.files) == 2
    assert not list_holders(corpus.folder)
    kept = [record for record in before if not is_about(record, "retire.test")]
    assert list_records(corpus.warc_folder) == kept


@pytest.mark.parametrize(
    "named",
    [
        {"WARC-Refers-To": "<urn:uuid:00000000-0000-4000-8000-000000000001>"},
        {"WARC-Refers-To-Target-URI": GONE, "WARC-Refers-To-Date": "2015-03-10T08:00:00Z"},
        {},
    ],
    ids=["by its id", "by address and date", "by its digest alone"],
)
def test_the_payload_to_which_a_page_of_others_refers_is_kept_for_it(corpus, named):
    """A revisit by digest: the same bytes at another address, that nobody withdraws."""
    shared = b"<title>Partage</title><p>Une page que deux adresses ont.</p>"
    first = {"WARC-Record-ID": "<urn:uuid:00000000-0000-4000-8000-000000000001>"}
    ties = {
        **named,
        "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "WARC-Payload-Digest": "sha1:NII2E5PR3BCV5F2EDCK3CZ3BJZZLSSI4",
    }
    write_others(
        corpus.warc_folder / "aaa.warc.gz",
        ("response", GONE, HTML, shared, first),
        ("revisit", OTHERS[0], [*HTML, ("X-Tete", "la sienne")], b"", ties),
        ("revisit", OTHERS[1], HTML, b"", ties),
    )
    with corpus.open():
        list(reindex(corpus.warc_folder, corpus.catalogue, next_due=next_due))
    done = purge_gone(corpus)

    assert done.kept == (OTHERS[0],)
    with corpus.open():
        for url in OTHERS[:2]:
            (row,) = [
                row
                for row in corpus.catalogue.find_records(urlkey(url))
                if row.filename == "aaa.warc.gz"
            ]
            held = corpus.catalogue.find_payload(row)
            assert held.target_uri == OTHERS[0]
            found = corpus.archive.read_payload(held.filename, held.offset)
            assert found.payload == shared
            assert b"la sienne" in found.head
    kinds = [r[:2] for r in list_records(corpus.warc_folder) if shared in r[2] or r[0] == "revisit"]
    assert kinds == [("response", OTHERS[0]), ("revisit", OTHERS[1])]


def test_what_cannot_be_read_is_kept_byte_for_byte_and_said(corpus):
    (path,) = find_files(corpus.warc_folder)
    torn = b"\x1f\x8b\x08\x00\x00\x00\x00\x00 ceci n'est la fin de rien"
    with path.open("ab") as stream:
        stream.write(torn)
    done = purge_gone(corpus)

    ((name, gap),) = done.gaps
    assert (name, gap.length) == (path.name, len(torn))
    assert path.read_bytes().endswith(torn)
    assert b"zorglubique" not in gzip.decompress(path.read_bytes()[: -len(torn)])


def test_a_folder_that_is_being_written_is_left_alone(corpus):
    (path,) = find_files(corpus.warc_folder)
    path.with_name(f"{path.name}.open").touch()
    before = read_everything(corpus.warc_folder)

    with corpus.open(), pytest.raises(ArchiveError, match="being written"):
        purge(corpus.warc_folder, corpus.catalogue, [urlkey(GONE)])
    assert read_everything(corpus.warc_folder) == before


@pytest.mark.sqlite
def test_while_the_pages_read_the_catalogue_the_purge_is_not_called_done(corpus):
    reader = sqlite3.connect(corpus.folder / "catalogue.sqlite")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM visits").fetchone()
    with corpus.open():
        with corpus.catalogue.transaction() as connection:
            connection.execute("PRAGMA busy_timeout = 50")
        with pytest.raises(CatalogueError, match="another process reads it"):
            purge(corpus.warc_folder, corpus.catalogue, [urlkey(GONE)])
        assert is_purge_pending(corpus.warc_folder)
        reader.close()
        assert finish_purge(corpus.warc_folder, corpus.catalogue)

    assert not list_holders(corpus.folder)


FULL = """
import resource, sys
from pathlib import Path
from indexer.archive import open_catalogue, purge
from tests.places import find_place
from indexer.urls import urlkey

folder = Path(sys.argv[1])
with open_catalogue(find_place(folder)) as catalogue:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
    purge(folder / "archive", catalogue, [urlkey(sys.argv[2])])
"""


def test_a_disk_that_is_full_changes_nothing(corpus):
    before = read_everything(corpus.warc_folder)
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(corpus.folder), GONE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "ArchiveError" in done.stderr and "can't be written anew" in done.stderr
    assert read_everything(corpus.warc_folder) == before
    assert purge_gone(corpus).records


KILLED = """
import os, signal, sys
from pathlib import Path
from indexer.archive import open_catalogue, purge
from tests.places import find_place
from indexer.archive import purge as _, rewriting
from indexer.urls import urlkey

folder, at = Path(sys.argv[1]), int(sys.argv[2])
count = 0

def trace(frame, event, _argument):
    global count
    if not frame.f_code.co_filename.endswith(("/purge.py", "/rewriting.py")):
        return None
    count += event == "line"
    if count == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return trace

with open_catalogue(find_place(folder)) as catalogue:
    sys.settrace(trace)
    purge(folder / "archive", catalogue, [urlkey(sys.argv[3])])
    sys.settrace(None)
print(count)
"""


def run_killed(folder, at):
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), str(at), GONE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "step", [4, pytest.param(1, marks=pytest.mark.campaign)], ids=["one line in four", "each"]
)
def test_killed_anywhere_a_purge_leaves_what_was_or_what_is_to_be(corpus, tmp_path, step):
    """Killed at lines spread over all it executes; the next start finishes, or it never began."""
    before = list_records(corpus.warc_folder)
    kept = [record for record in before if not is_about(record, "retire.test")]
    whole = run_killed(shutil.copytree(corpus.folder, tmp_path / "whole"), -1)
    assert whole.returncode == 0, whole.stderr
    lines = int(whole.stdout)
    outcomes = set()
    # The last lines are those of the journal, the files put in place and the catalogue.
    places = sorted({*range(1, lines, lines // 5), *range(max(1, lines - 120), lines, 12)})
    for at in places[::-step]:
        copy = Corpus(shutil.copytree(corpus.folder, tmp_path / f"copy-{at}"))
        killed = run_killed(copy.folder, at)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        with copy.open():
            was_pending = is_purge_pending(copy.warc_folder)
            assert finish_purge(copy.warc_folder, copy.catalogue) == was_pending
            has_visits = bool(copy.catalogue.visits(urlkey(GONE)))
            records = list_records(copy.warc_folder)
            assert records == (before if has_visits else kept), at
            outcomes.add(has_visits)
            for row in copy.catalogue.records():
                held = copy.archive.read_payload(row.filename, row.offset, max_bytes=10)
                assert held.record_id == row.record_id
        assert not list(copy.warc_folder.glob(".*"))
        if not has_visits:
            assert not list_holders(copy.folder)
        shutil.rmtree(copy.folder)
    assert outcomes == {True, False}
