"""What the command writes for programs is what the pages write: one JSON of a hit, one CSV."""

import csv
import io
import json

import pytest

from indexer.bibliography.formats import FORMATS
from indexer.messages import LANGUAGES
from indexer.model import LINK_STATES, LinkState
from tests.command import run_command
from tests.search_web.test_languages import site
from tests.search_web.test_links import book, corpus, withdrawals

__all__ = ["book", "corpus", "site", "withdrawals"]  # fixtures

QUERIES = ("commun", "ville", "type:note", "zzz", "lien:mort OU lien:vivant", "« tiers lieux »")


def run(folder, *arguments):
    done = run_command(folder, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hit_is_the_same_json_from_the_command_and_from_the_interface(index, site, language):
    counts = []
    for query in QUERIES:
        told = run(index.parent, "--lang", language, "search", query, "--json", "--limit", "10")
        asked = {"q": query, "lang": language, "page_size": 10}
        answer = site.get("/api/v1/search", query_string=asked).get_json()
        rows = [json.loads(line) for line in told.splitlines()]
        hits = answer["hits"]

        if hits:
            assert rows == hits, query
        else:  # one object says what was looked for, in the words of the interface
            assert len(rows) == 1, query
            assert rows[0] == {name: answer[name] for name in rows[0]}, query
            assert rows[0]["total"] == 0, query
        counts.append(len(hits))
    assert sum(counts) > len(QUERIES), "nothing was compared"


@pytest.mark.parametrize(
    "path", ["/recherche.csv?q=commun", "/concordance.csv?q=commun", "/liens.csv"]
)
def test_every_csv_of_the_pages_is_one_that_a_french_spreadsheet_opens(site, path):
    payload = site.get(path).get_data()

    assert payload.startswith(b"\xef\xbb\xbf")
    text = payload.decode("utf-8-sig")
    assert text.endswith("\r\n")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


def test_there_is_one_list_of_states():
    assert set(LINK_STATES) == set(LinkState)
    assert len(LINK_STATES) == len(LinkState)


def test_the_command_exports_in_the_formats_that_the_pages_offer(site):
    help_text = run(".", "bibliography", "export", "--help")
    for name, format_ in FORMATS.items():
        assert name in help_text
        assert site.get(f"/recherche.{format_.extensions[0]}?q=commun").status_code == 200, name
