"""`renvois archive`: import, export and reindex, as somebody types them."""

import zipfile

import pytest
from click.testing import CliRunner

from indexer.archive import open_catalogue
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
    assert "1 visits of pages, 1 of 1 files taken whole" in result.stderr


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
    assert "make crawl" in empty.stderr


@pytest.mark.sqlite
def test_the_catalogue_is_read_back(corpus, warc):
    renvois(corpus, "import", warc)
    (corpus / "catalogue.sqlite").unlink()
    result = renvois(corpus, "reindex")

    assert result.exit_code == 0
    assert "1 visits that were not known" in result.stderr
    with open_catalogue(find_place(corpus)) as catalogue:
        assert catalogue.latest_capture(urlkey(CITED)) is not None
        assert [planned.url for planned in catalogue.targets.planned()] == [CITED]
