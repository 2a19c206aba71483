"""What is read on pages of ours stays what it was, or EXTRACT_VERSION is raised."""

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from indexer.archive.rows import render_article
from indexer.extract import extract_article
from indexer.extract.article import EXTRACT_VERSION, LIBRARIES, render_fingerprint
from testbed.zoo.pages import FR_ARTICLE, FR_MISSING
from tests.extract.pdfs import Drawn, column, write_pdf
from tests.extract.test_kinds import ARTICLE, LONG, paragraphs
from tests.extract.test_office import DOCX, EPUB, ODT, zipped
from tests.extract.test_site_rules import PAGES, page_of
from tests.golden import Golden, check, digest, find_fault
from tests.replay import read_pages

GOLDEN = Path(__file__).with_name("golden.json")
KINDS = Path(__file__).parent.parent / "data" / "kinds"
CONSTANT = "EXTRACT_VERSION"
SENTENCE = (
    "L'économie collaborative transforme les territoires, et les élus s'en saisissent peu à peu."
)


def html(body: str, head: str = "<title>Un atelier de quartier</title>") -> bytes:
    return f"<!DOCTYPE html><html lang=fr><head>{head}</head><body>{body}</body></html>".encode()


def list_payloads() -> Iterator[tuple[str, bytes, dict[str, str], str]]:
    """Name, payload, headers and URL of each page: every reader, every kind of page."""
    for url, page in read_pages().items():
        yield f"page {url}", page.payload, dict(page.headers), url
    for path in sorted(KINDS.glob("*.html")):
        yield f"kind {path.stem}", path.read_bytes(), {}, f"http://site.example/{path.stem}"
    for name, (url, _, _) in PAGES.items():
        yield f"site {name}", page_of(name), {}, url
    walled = f"<article>{paragraphs(2)}</article><div class=paywall>Réservé aux abonnés.</div>"
    bodies = {"article": ARTICLE, "long article": LONG, "paywall": walled, "nothing": ""}
    for name, body in bodies.items():
        yield f"body {name}", html(body), {}, "http://site.example/2014/05/04/texte"
    yield "latin-1", html(ARTICLE).decode().encode("cp1252"), {}, "http://site.example/latin"
    yield "zoo article", FR_ARTICLE.body, {}, "http://site.example/a"
    yield "zoo missing", FR_MISSING.body, {}, "http://site.example/b"
    for name, members in {"docx": DOCX, "odt": ODT, "epub": EPUB}.items():
        yield f"office {name}", zipped(members), {}, f"http://site.example/{name}"
    text = column(*[f"{SENTENCE[:60]} {n}" for n in range(12)])
    title = Drawn(text="Les tiers lieux", baseline=760, size=20)
    paper = write_pdf([title, *text], title="Libres savoirs", author="Une Autrice")
    yield "pdf", paper, {}, "http://site.example/papier.pdf"
    left = column(*[f"gauche {n} du texte de la colonne" for n in range(8)], left=60, size=9)
    right = column(*[f"droite {n} du texte de la colonne" for n in range(8)], left=320, size=9)
    yield "pdf columns", write_pdf([*left, *right]), {}, "http://site.example/colonnes.pdf"
    yield "pdf locked", write_pdf(text, lock=True), {}, "http://site.example/ferme.pdf"


def make_golden() -> Golden:
    results = {}
    for name, payload, headers, url in list_payloads():
        article = extract_article(payload, headers=headers, url=url, record_id=f"<{name}>")
        results[name] = digest(json.loads(render_article(replace(article, extractor=""))))
    libraries = {library: metadata.version(library) for library in LIBRARIES}
    return Golden(version=EXTRACT_VERSION, libraries=libraries, results=results)


def test_what_is_read_changes_only_with_the_version():
    check(GOLDEN, make_golden(), constant=CONSTANT)


HELD = Golden(version=1, libraries={"lxml": "6.0"}, results={"a": "1", "b": "2"})


@pytest.mark.parametrize(
    ("made", "is_refused"),
    [
        (HELD, False),
        (replace(HELD, results={"a": "1", "b": "3"}), True),
        (replace(HELD, results={"a": "1", "b": "3"}, version=2), False),
        (replace(HELD, results={"a": "1", "b": "3"}, libraries={"lxml": "6.1"}), False),
        (replace(HELD, results={"a": "1", "b": "2", "c": "4"}), False),
    ],
    ids=["nothing changed", "a result", "and the version", "and a library", "a case more"],
)
def test_a_changed_result_wants_another_version(made, is_refused):
    fault = find_fault(HELD, made, constant=CONSTANT)

    assert bool(fault) == is_refused
    assert not fault or ("b" in fault and "EXTRACT_VERSION is still 1" in fault)


def test_another_version_or_another_library_is_another_extractor():
    releases = {"lxml": "6.0", "ftfy": "6.3"}
    names = {
        render_fingerprint(1, releases),
        render_fingerprint(2, releases),
        render_fingerprint(1, releases | {"ftfy": "6.4"}),
    }

    assert len(names) == 3
    assert render_fingerprint(1, dict(reversed(releases.items()))) in names
