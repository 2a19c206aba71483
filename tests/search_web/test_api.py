"""The JSON interface, as its own description says it is."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from indexer.search import Results
from search_web import create_app
from search_web.api.endpoints import describe_results
from search_web.api.openapi import describe_api
from tests.search_web.conftest import SITE


def test_a_hit_tells_what_a_reader_sees(client):
    answer = client.get("/api/v1/search?q=exploitation+des+internautes").get_json()
    hit = next(each for each in answer["hits"] if each["id"] == "guillaud-2014-digital")

    assert answer["total"] >= len(answer["hits"])
    assert hit["snippets"]
    assert hit["notes"][0]["sentence"]["text"]
    assert hit["link"]["checked_at"] == "2026-11-20T09:30:00+00:00"
    for snippet in hit["snippets"]:
        for start, end in snippet["marks"]:
            assert 0 <= start < end <= len(snippet["text"])


def test_a_program_is_told_what_names_one_text(client, documents):
    url = next(each.url for each in documents if each.url)

    answer = client.get("/api/v1/search", query_string={"q": url}).get_json()

    assert answer["identifiers"] == [{"typed": url, "scheme": "url", "documents": 1}]
    assert [hit["url"] for hit in answer["hits"]] == [url]
    assert {"field": "identifier", "text": url, "marks": [[0, len(url)]]} in answer["hits"][0][
        "matched"
    ]


def test_a_program_may_insist_on_what_was_corrected(client):
    corrected = client.get("/api/v1/search?q=intrenautes").get_json()
    as_typed = client.get("/api/v1/search?q=intrenautes&as_typed=true").get_json()

    assert corrected["corrections"] == [{"typed": "intrenautes", "searched": "internautes"}]
    assert corrected["total"] > 0
    assert as_typed["corrections"] == []
    assert as_typed["total"] == 0


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=a&page=0",
        "q=a&page=x",
        "q=a&page=1000001",
        "q=a&page_size=51",
        "q=a&sort=hasard",
        "q=a&as_typed=oui",
        "q=" + "a" * 501,
        "q=a&site=",
    ],
)
def test_what_is_asked_wrongly_is_said(client, query):
    answer = client.get(f"/api/v1/search?{query}")

    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["detail"]


def test_what_is_not_there_is_a_problem_too(client):
    for path in ("/api/v1/documents/xyzzy", "/api/v1/notes/xyzzy", "/api/v1/nothing"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.content_type == "application/problem+json"


def test_notes_come_a_page_at_a_time(client):
    answer = client.get("/api/v1/notes").get_json()

    assert answer["total"] == 43
    assert client.get(f"/api/v1/notes/{answer['notes'][0]['id']}").get_json() == answer["notes"][0]
    assert client.get("/api/v1/notes?page=2").get_json()["notes"] == []


def test_further_down_than_anybody_may_look_there_is_only_the_total(client):
    answer = client.get("/api/v1/search?q=ville&page=500").get_json()

    assert answer["total"] > 0
    assert answer["hits"] == []


def test_nothing_found_is_an_answer():
    assert describe_results(Results(query_text="a", total=0), page=1, page_size=10)["hits"] == []


@pytest.mark.parametrize("path", list(describe_api(SITE)["paths"]))
def test_whatever_is_thrown_at_it_it_answers_as_described(searcher, path):
    """Schemathesis makes requests of the description, right and wrong, and checks the answers."""
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", create_app(searcher, SITE))

    @settings(max_examples=8, database=None, suppress_health_check=HealthCheck)
    @given(case=described[path]["GET"].as_strategy())
    def throw(case):
        # It reads no body that is compressed, though it offers to.
        case.call_and_validate(headers={"Accept-Encoding": "identity"})

    throw()
