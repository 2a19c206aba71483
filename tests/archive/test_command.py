"""`renvois archive`: import, export and reindex, as somebody types them."""

import json
import sqlite3
import zipfile
from contextlib import closing

import pytest
from click.testing import CliRunner

from indexer.archive import acquire_lock, open_catalogue
from indexer.cli import main
from indexer.urls import urlkey
from tests.archive.test_imports import HTML, write_warc
from tests.places import find_place

CITED = "http://exemple.test/page"
BIBLIOGRAPHY = f"""Une Personne, « Le calme des ateliers », Un journal, 2015.
{CITED}

Une note sur ce texte, écrite pour l'essai, et assez longue pour en être une.
"""


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "corpus"
    (folder / "bibliography").mkdir(parents=True)
    (folder / "bibliography" / "notes.txt").write_text(BIBLIOGRAPHY, encoding="utf-8")
    return folder


def renvois(corpus, *arguments):
    return CliRunner().invoke(
        main, ["--corpus", str(corpus), "archive", *map(str, arguments)], catch_exceptions=False
    )


@pytest.fixture
def warc(tmp_path):
    return write_warc(
        tmp_path / "autre.warc.gz", (CITED, "2015-03-10T08:00:00Z", "200 OK", HTML, b"<p>bon</p>")
    )


def test_what_others_archived_is_imported_and_told(corpus, warc):
    result = renvois(corpus, "import", warc)

    assert result.exit_code == 0
    assert f"captured={CITED}" in result.stdout
    assert "1 visit; 1 of 1 files taken whole" in result.stderr


def test_an_import_puts_what_is_dated_in_the_future_behind_the_rest_and_says_so(corpus, warc):
    renvois(corpus, "import", warc)
    ahead = (CITED, "2199-03-10T08:00:00Z", "200 OK", HTML, b"<p>un autre</p>")
    result = renvois(corpus, "import", write_warc(warc.with_name("tard.warc.gz"), ahead))
    with open_catalogue(find_place(corpus)) as catalogue:
        shown = catalogue.latest_capture(urlkey(CITED))

    assert "Dated after now, up to 2199-03-10" in result.stderr
    assert shown.captured_at.year == 2015


@pytest.mark.sqlite
@pytest.mark.parametrize("table", ["visits", "records"])
def test_reading_the_pages_says_which_rows_were_left_out(corpus, warc, table):
    renvois(corpus, "import", warc)
    with closing(sqlite3.connect(corpus / "catalogue.sqlite")) as connection, connection:
        connection.execute(f"UPDATE {table} SET status = 204")
    result = CliRunner().invoke(main, ["--corpus", str(corpus), "extract"], catch_exceptions=False)

    assert f"Damaged rows of the catalogue were left out (1 of {table})" in result.stderr


def test_a_bad_file_is_said_and_the_others_go_on(corpus, warc, tmp_path):
    bad = tmp_path / "mauvais.warc.gz"
    bad.write_bytes(b"rien")
    result = renvois(corpus, "import", bad, warc)

    assert result.exit_code == 1
    assert "holds no record that can be read" in result.stderr
    assert f"captured={CITED}" in result.stdout


def test_the_archive_is_exported_as_one_package(corpus, warc, tmp_path):
    renvois(corpus, "import", warc)
    result = renvois(corpus, "export", tmp_path / "tout.wacz")

    assert result.exit_code == 0
    with zipfile.ZipFile(tmp_path / "tout.wacz") as package:
        assert CITED in package.read("pages/pages.jsonl").decode()


def test_a_package_has_its_ending_and_something_inside(corpus, tmp_path):
    assert renvois(corpus, "export", tmp_path / "tout.zip").exit_code == 2
    empty = renvois(corpus, "export", tmp_path / "tout.wacz")
    assert empty.exit_code == 1
    assert "renvois crawl" in empty.stderr


@pytest.mark.sqlite
def test_the_catalogue_is_read_back(corpus, warc):
    renvois(corpus, "import", warc)
    (corpus / "catalogue.sqlite").unlink()
    result = renvois(corpus, "reindex")

    assert result.exit_code == 0
    assert "1 record read, of which 1 visit that the catalogue did not know" in result.stderr
    with open_catalogue(find_place(corpus)) as catalogue:
        assert catalogue.latest_capture(urlkey(CITED)) is not None
        assert [planned.url for planned in catalogue.targets.planned()] == [CITED]


def rows(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def files(tmp_path):
    """A file that is none, one that is cut short in its second capture, and it as it was."""
    page = (CITED, "2015-03-10T08:00:00Z", "200 OK", HTML, b"<p>bon</p>")
    gone = (CITED, "2016-03-10T08:00:00Z", "404 Not Found", HTML, b"<p>non</p>")
    whole = write_warc(tmp_path / "entier.warc.gz", page, gone)
    cut, none = tmp_path / "coupe.warc.gz", tmp_path / "aucun.warc.gz"
    cut.write_bytes(whole.read_bytes()[:-30])
    none.write_bytes(b"rien")
    return none, cut, whole


def test_each_visit_and_each_fault_of_an_import_is_a_row(corpus, files):
    result = renvois(corpus, "import", *files, "--json")

    none, cut, whole = map(str, files)
    seen = {"url": CITED, "hops": [CITED]}
    torn = rows(result)[1]
    assert rows(result) == [
        {"file": none, "fault": rows(result)[0]["fault"]},
        {
            "file": cut, "inside": "coupe.warc.gz", "fault": "is cut short", "url": CITED,
            "offset": torn["offset"], "bytes": files[1].stat().st_size - torn["offset"],
        },
        {"file": cut, "outcome": "captured", "cause": None, "why": "", **seen},
        {
            "file": whole, "outcome": "missed", "cause": "not-found",
            "why": "the server answers that the page does not exist", **seen,
        },
    ]  # fmt: skip
    assert f"coupe.warc.gz at byte {torn['offset']} ({torn['bytes']} bytes)" in result.stderr
    assert result.stderr.endswith("2 visits; 1 of 3 files taken whole.\n")
    assert result.exit_code == 1
    again = renvois(corpus, "import", files[2])
    assert (again.stdout, again.exit_code) == ("", 0)
    assert again.stderr == "0 visits; 1 of 1 files taken whole.\n"


def test_a_check_counts_what_it_read_and_what_a_fault_costs(corpus, files):
    renvois(corpus, "import", *files)

    told, summary = rows(renvois(corpus, "check", "--json"))
    by_words = renvois(corpus, "check")

    (archived,) = (corpus / "archive").glob("*-coupe.warc.gz")
    offset, length = told["offset"], told["length"]
    assert offset + length == archived.stat().st_size
    assert told == {
        "kind": "damaged", "filename": archived.name, "offset": offset, "inside": 0,
        "length": length, "reason": "is cut short",
        "costs": [{"url": CITED, "captured_at": "2016-03-10T08:00:00+00:00"}],
    }  # fmt: skip
    sizes = [each.stat().st_size for each in (corpus / "archive").glob("*.warc.gz")]
    assert summary["summary"] == {
        "files": 3, "records": 8, "bytes": sum(sizes), "problems": 1, "records_concerned": 1,
    }  # fmt: skip
    assert by_words.stdout.splitlines() == [
        f"problem=damaged file={archived.name} offset={offset} bytes={length} reason=is cut short",
        f"  costs={CITED} captured_at=2016-03-10T08:00:00+00:00",
    ]
    assert by_words.stderr == "3 files, 8 records: 1 problem.\n"
    assert by_words.exit_code == 3
    with acquire_lock(corpus / "crawl.lock"):
        busy = renvois(corpus, "check", "--all")
    assert busy.exit_code == 3
    assert "is at work on this corpus: the file that it writes is not checked now" in busy.stderr


def test_what_is_damaged_is_told_by_the_package_and_the_search_for_secrets(corpus, files, tmp_path):
    renvois(corpus, "import", *files[1:])
    (cut,) = (corpus / "archive").glob("*-coupe.warc.gz")
    found = renvois(corpus, "secrets")
    packed = renvois(corpus, "export", tmp_path / "tout.wacz", "--json")

    by_name = {row["file"]: row for row in rows(packed)}
    (skipped,) = by_name[cut.name].pop("skipped")
    whole = next(row for name, row in by_name.items() if name.endswith("-entier.warc.gz"))
    place = f"{skipped['bytes']:,} bytes at offset {skipped['offset']}"
    assert skipped["reason"] == "is cut short"
    assert by_name[cut.name] == {
        "file": cut.name, "records": 2, "captures": 1, "left_out": 0, "fault": "",
    }  # fmt: skip
    assert (whole["records"], whole["captures"], whole["skipped"]) == (3, 2, [])
    assert f"{cut}: {place} are skipped" in packed.stderr
    assert packed.stderr.endswith("tout.wacz: 8 records, 1 page.\n")
    assert packed.exit_code == 1
    assert found.stdout == ""
    assert found.stderr == (
        f"{cut}: {place}: can't be read.\n"
        "No record holds a credential or a header of the settings.\n"
    )
    assert found.exit_code == 0


@pytest.mark.sqlite
def test_what_is_read_back_is_counted_by_file(corpus, files):
    renvois(corpus, "import", *files[1:])
    (corpus / "catalogue.sqlite").unlink()
    result = renvois(corpus, "reindex")

    told = [line.partition(" ") for line in result.stdout.splitlines()]
    counts = {name.rpartition("-")[2]: count for name, _, count in told}
    assert counts["entier.warc.gz"] == "records=2 visits=0"  # its visits are in a file of ours
    assert counts["coupe.warc.gz"] == "records=1 visits=0"
    assert sorted(counts.values())[0] == "records=0 visits=2"
    assert "are skipped, a record of" in result.stderr
    assert result.stderr.endswith(
        "3 records read, of which 2 visits that the catalogue did not know.\n"
    )
    assert result.exit_code == 0
