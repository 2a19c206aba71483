"""A person hands in a file: it is kept as it is, with who and when, and is the reference's text."""

import json

import pytest

from indexer.archive import open_catalogue
from indexer.archive.reading import read_payload
from indexer.links.replacement import is_asked_lately
from indexer.model import HANDED_IN
from indexer.settings import Settings
from indexer.urls import urlkey
from search_web.wsgi import close_app, open_app
from tests.command import run_command

URL = "http://mort.example/ateliers"
TEXTS = [
    f"Le paragraphe {n} parle des ateliers du quartier numéro {n} et de leur déménagement, sans se "
    f"répéter une seule fois sur la question {n + 100}."
    for n in range(6)
]
BODY = "".join(f"<p>{each}</p>" for each in TEXTS)
PAGE = f"<html lang=fr><body><h1>Les ateliers</h1>{BODY}</body></html>"
MHTML = (
    "From: <Saved by Blink>\r\nSnapshot-Content-Location: http://mort.example/ateliers\r\n"
    'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n'
    '\tboundary="--limite--"\r\n\r\n\r\n----limite--\r\nContent-Type: text/html; charset=utf-8\r\n'
    "Content-Transfer-Encoding: 8bit\r\n\r\n{}\r\n----limite--\r\nContent-Type: image/png\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n----limite----\r\n"
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("remise")
    (folder / "bibliography").mkdir()
    (folder / "bibliography" / "notes.txt").write_text(
        f"# Notes\n\nUn texte sur les ateliers, voir Ada Un, « Les ateliers », {URL} (2014).\n"
        "Voir aussi Bob Deux, « Les rues », http://mort.example/rues (2015).\n",
        "utf-8",
    )
    return folder


def add(corpus, tmp_path, name: str, payload: bytes, *more: str, reference: str = URL):
    file = tmp_path / name
    file.write_bytes(payload)
    return run_command(corpus, "archive", "add", reference, str(file), *more)


def read_text(corpus, record_id: str) -> list[str]:
    with open_catalogue(corpus / "catalogue.sqlite") as catalogue:
        article = catalogue.find_article(record_id)
    return [each.text for each in article.paragraphs] if article else []


def test_a_file_is_kept_as_it_is_with_who_and_when_and_is_the_text_from_then_on(corpus, tmp_path):
    done = add(corpus, tmp_path, "page.html", PAGE.encode(), "--by", "Ada", "--json")
    told = json.loads(done.stdout)
    found = json.loads(run_command(corpus, "search", "déménagement", "--json").stdout)

    assert done.returncode == 0
    assert (told["reference"], told["by"], told["media_type"]) == (
        "un-2014-ateliers",
        "Ada",
        "text/html",
    )
    assert found["url"] == URL
    assert read_text(corpus, told["record_id"]) == TEXTS
    (file,) = (corpus / "archive").glob("*.warc.gz")
    assert run_command(corpus, "archive", "check").returncode == 0
    # The catalogue is made anew from the files: the visit, who, and the bytes are there.
    (corpus / "catalogue.sqlite").unlink()
    assert run_command(corpus, "archive", "reindex").returncode == 0
    with open_catalogue(corpus / "catalogue.sqlite") as catalogue:
        (visit,) = catalogue.visits(urlkey(URL))
        capture = catalogue.latest_capture(urlkey(URL))
        location = catalogue.find_location(told["record_id"])
    assert visit.detail == "page.html, handed in by Ada"
    assert f"{visit.visited_at:%Y-%m-%dT%H:%M}" == told["at"][:16]
    assert (capture.archive, capture.media_type) == (HANDED_IN, "text/html")
    assert read_payload(file, location.offset, location.inside).payload == PAGE.encode()
    # It is no visit of the link, and no answer of a web archive.
    assert not is_asked_lately([visit], now=visit.visited_at)
    run_command(corpus, "index")
    report = run_command(corpus, "links", "report", "--format", "json").stdout
    assert {json.loads(line)["state"] for line in report.splitlines()} == {"never-visited"}


@pytest.mark.parametrize(
    ("name", "payload", "media_type"),
    [
        ("page.mhtml", MHTML.format(PAGE).encode(), "multipart/related"),
        ("page.bin", PAGE.encode(), "text/html"),
        ("texte.txt", "\n\n".join(TEXTS).encode(), "text/plain"),
    ],
)
def test_the_last_file_that_was_handed_in_is_the_text(corpus, tmp_path, name, payload, media_type):
    done = add(corpus, tmp_path, name, payload, "--json", reference="http://mort.example/rues")
    told = json.loads(done.stdout)

    assert told["media_type"] == media_type
    assert told["by"]
    assert read_text(corpus, told["record_id"]) == TEXTS


def test_pages_show_the_text_as_handed_in(corpus, tmp_path):
    add(corpus, tmp_path, "page.html", PAGE.encode(), "--by", "Ada")
    app = open_app(Settings(corpus=corpus, base_url="http://site.example", show_archived="full"))
    try:
        shown = app.test_client().get("/textes/un-2014-ateliers?lang=fr").text
    finally:
        close_app(app)

    assert "remise à la bibliothèque" in shown
    assert HANDED_IN not in shown
    assert "Ada\n" not in shown


@pytest.mark.parametrize(
    ("reference", "payload", "what"),
    [
        ("personne", PAGE.encode(), "cites no such id, key or URL"),
        ("mort.example", PAGE.encode(), "names 2 references"),
        (URL, b"", "is empty"),
        (URL, b"\x7fELF\x01\x01" + bytes(range(256)), "nothing that can be read"),
    ],
)
def test_what_cannot_be_handed_in_is_told_and_nothing_is_kept(
    corpus, tmp_path, reference, payload, what
):
    before = [each.stat().st_size for each in (corpus / "archive").glob("*")]

    done = add(corpus, tmp_path, "fichier", payload, reference=reference)

    assert done.returncode == 2
    assert what in done.stderr
    assert [each.stat().st_size for each in (corpus / "archive").glob("*")] == before
