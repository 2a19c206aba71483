"""The main job, end to end: an annotated bibliography, its real URLs, stand-in pages on loopback.

The same as `make demo`: a real proxy, real WARC files, and for the crawl, the first index, one
search and the pages processes of their own; what is asked after that is asked in this one.
"""

import json
import os
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests import BIBLIOGRAPHY, ROOT
from tests.command import WITHOUT_WAITS, run_command
from tests.replay import ReplayServer

CITED = {
    "http://www.urbanews.fr/2015/03/10/48041-la-fab-city-de-barcelone-ou-la-reinvention-du-droit-a-la-ville/",
    "http://www.eastbayexpress.com/oakland/the-true-sharing-economy/Content?oid=4563249",
    "http://www.echosciences-grenoble.fr/communautes/grenoble-ville-de-demain/articles/tiers-lieux-et-fabrique-des-villes-contemporaines",
    "http://internetactu.blog.lemonde.fr/2014/12/20/digital-labor-comment-repondre-a-lexploitation-croissante-du-moindre-de-nos-comportements/",
    "http://www.bretagne-consommation-collaborative.net/wakka.php?wiki=MouveMent",
}


def renvois(corpus: Path, *arguments: str, proxy: str = "") -> list[dict]:
    """Run the command in a process of its own; its JSON Lines."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("RENVOIS_")}
    done = subprocess.run(
        [sys.executable, "-m", "indexer", "--corpus", str(corpus), *arguments],
        cwd=ROOT,
        env=environ | WITHOUT_WAITS | {"http_proxy": proxy},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def run_here(corpus: Path, *arguments: str, proxy: str = "") -> list[dict]:
    """Run the command in this process; its JSON Lines."""
    done = run_command(corpus, *arguments, proxy=proxy)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def search(corpus: Path, *arguments: str) -> list[dict]:
    """Search in this process; the hits."""
    return run_here(corpus, "search", "--json", *arguments)


@pytest.fixture(scope="module")
def outcomes(corpus):
    return corpus[1]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A corpus crawled through the replay server, and indexed."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(BIBLIOGRAPHY, folder / "bibliography")
    with ReplayServer() as proxy:
        outcomes = renvois(folder, "crawl", "--json", proxy=proxy.url)
    renvois(folder, "index", "--json")
    return folder, outcomes


@pytest.fixture(scope="module")
def site(corpus):
    """The address of the pages, served by a process of its own."""
    command = [sys.executable, "-m", "search_web", "--corpus", str(corpus[0]), "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as served:
        try:
            assert served.stderr is not None
            address = served.stderr.readline().strip()  # said once it listens
            assert address.startswith("http://"), address + served.stderr.read()
            yield address.rstrip("/")
        finally:
            served.terminate()


def get(address: str) -> str:
    with urllib.request.urlopen(address) as response:
        return response.read().decode()


def read(address: str) -> str:
    """What a reader sees of a page: its text, white space collapsed."""
    return " ".join(BeautifulSoup(get(address), "lxml").get_text().split())


def test_every_cited_url_is_asked_once_and_captured(outcomes):
    assert {row["url"] for row in outcomes} == CITED
    assert [(row["outcome"], row["cause"]) for row in outcomes] == [("captured", None)] * 5


def test_what_is_not_due_is_not_visited_again(corpus):
    with ReplayServer() as proxy:
        assert run_here(corpus[0], "crawl", "--json", proxy=proxy.url) == []
        assert proxy.asked == []


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("barcelone fab city", "besson-sd-fab"),
        ("exploitation des internautes", "guillaud-2014-digital"),
        ('"tiers lieux"', "besson-2014-tiers"),
        ("sharing economy san francisco", "tucker-2015-true"),
        ("consommation collaborative bretagne", "colporterre-2015-conditions"),
    ],
)
def test_a_query_finds_the_text_that_it_is_about(corpus, query, first):
    hits = search(corpus[0], query)

    assert hits[0]["id"] == first
    assert hits[0]["kind"] == "text"
    assert hits[0]["url"] in CITED
    assert hits[0]["link"]["state"] == "alive"
    assert any(snippet["marks"] for snippet in hits[0]["snippets"])
    assert hits[0]["notes"], "the note that cites it stands beside the text"
    assert [hit["rank"] for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit["score"] for hit in hits] == sorted((h["score"] for h in hits), reverse=True)


def test_a_mark_stands_on_the_form_that_was_found_by_its_stem(corpus):
    hit = search(corpus[0], "exploiter les internautes")[0]

    marked = {
        snippet["text"][start:end].lower()
        for snippet in hit["snippets"]
        for start, end in snippet["marks"]
    }
    assert marked & {"exploitent", "exploiter", "exploitée", "exploitées", "internaute"}, marked


def test_notes_without_a_text_are_found(corpus):
    hits = search(corpus[0], "covoiturage")

    assert "note" in {hit["kind"] for hit in hits}


def test_accents_need_not_be_typed(corpus):
    with_accents = search(corpus[0], "résilience")
    without = search(corpus[0], "resilience")

    assert with_accents
    assert [hit["id"] for hit in with_accents] == [hit["id"] for hit in without]


@pytest.mark.parametrize("query", ['"', "ET OU", "(((", "titre:", "*", "« non fermé", "-", "a:b:c"])
def test_nothing_typed_is_an_error(corpus, site, query):
    search(corpus[0], "--", query)

    assert "<h1>" in get(f"{site}/recherche?q={urllib.parse.quote(query)}")


def test_a_reader_goes_from_the_search_to_the_text_and_to_the_note(corpus, site):
    assert "<mark>" in get(f"{site}/recherche?q=barcelone+fab+city")
    results = read(f"{site}/recherche?q=barcelone+fab+city")
    assert "La Fab City de Barcelone" in results
    assert "Vivant" in results

    text = read(f"{site}/textes/besson-sd-fab?q=barcelone")
    assert "écrite pour le projet renvois" in text  # the archived text, a stand-in that says so
    assert "Ce projet n’est pas sans rappeler le droit à la ville" in text  # the note that cites it

    assert "La stratégie urbaine et économique de Barcelone" in read(
        f"{site}/notes/note-besson-sd-fab"
    )
    assert "/textes/besson-sd-fab" in get(f"{site}/notes/note-besson-sd-fab")


def test_a_second_index_run_changes_nothing(corpus):
    assert run_here(corpus[0], "index", "--json") == [
        {"added": 0, "updated": 0, "deleted": 0, "unchanged": 44, "rebuilt": None}
    ]


def test_editing_one_note_indexes_one_document_again(corpus, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(corpus[0], folder)
    file = folder / "bibliography" / "territoires.txt"
    text = file.read_text(encoding="utf-8")
    edited = text.replace("Classique, mais pas vraiment", "Un classique, et pourtant pas vraiment")
    assert edited != text
    file.write_text(edited, encoding="utf-8")

    assert run_here(folder, "index", "--json") == [
        {"added": 0, "updated": 1, "deleted": 0, "unchanged": 43, "rebuilt": None}
    ]
    assert search(folder, "pourtant")[0]["id"] == "hess-2006-understanding"
