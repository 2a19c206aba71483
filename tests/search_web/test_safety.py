"""What protects readers, servers and authors."""

from dataclasses import replace

import pytest

from indexer.engines import build_index, open_searcher
from indexer.model import DocumentKind
from indexer.withdrawals import WithdrawalFiles
from search_web import create_app
from search_web.__main__ import is_loopback
from tests.search_web.conftest import SITE

EVERYWHERE = (
    "/",
    "/recherche?q=ville",
    "/textes/besson-2014-tiers",
    "/nulle-part",
    "/recherche.atom?q=ville",
    "/api/v1/search?q=ville",
    "/static/renvois.css",
)


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_says_what_a_browser_may_do_with_it(client, path):
    headers = client.get(path, buffered=True).headers
    policy = headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/recherche?q=ville", "/textes/besson-2014-tiers", "/notes"])
def test_what_has_not_changed_is_not_sent_again(client, path):
    first = client.get(path)
    tag = first.headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})

    assert not tag.startswith("W/")
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == tag
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get("/aide").headers["ETag"] != tag


def test_a_page_of_another_host_or_scheme_has_another_tag(searcher):
    """Pages hold whole addresses: a cache must not give one site's for another's."""
    client = create_app(searcher, replace(SITE, base_url="")).test_client()
    places = ("http://a.test", "http://b.test", "https://a.test", "http://a.test:8080")
    tags = {client.get("/", base_url=place).headers["ETag"]: place for place in places}

    assert len(tags) == len(places)
    for tag, place in tags.items():
        for other in places:
            answer = client.get("/", base_url=other, headers={"If-None-Match": tag})
            assert answer.status_code == (304 if other == place else 200), (place, other)


def test_a_new_index_and_a_withdrawal_change_the_tag(tmp_path, documents):
    build_index(tmp_path / "index", documents[:3])
    withdrawn = tmp_path / "withdrawn.txt"
    searcher = open_searcher(tmp_path / "index", WithdrawalFiles([withdrawn]))
    client = create_app(searcher, SITE).test_client()
    tags = [client.get("/").headers["ETag"]]

    build_index(tmp_path / "index", documents[:4])
    tags.append(client.get("/").headers["ETag"])
    withdrawn.write_text(documents[0].id, encoding="utf-8")
    tags.append(client.get("/").headers["ETag"])
    searcher.close()

    assert len(set(tags)) == 3


def test_an_assets_address_changes_with_its_bytes_and_is_kept(client, read):
    style = read("/").select_one("link[rel=stylesheet]")["href"]

    assert "?v=" in style
    assert "max-age=31536000" in client.get(style, buffered=True).headers["Cache-Control"]


def test_who_asks_too_much_is_told_to_wait(searcher):
    client = create_app(searcher, replace(SITE, rate_limit=3)).test_client()
    answers = [client.get("/aide") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[3].headers["Retry-After"]) > 0
    assert "Un peu de patience" in answers[3].get_data(as_text=True)
    assert client.get("/static/renvois.css", buffered=True).status_code == 200


def test_without_the_setting_nobody_is_refused(client):
    assert all(client.get("/aide").status_code == 200 for _ in range(50))


def test_a_withdrawn_text_is_neither_shown_nor_found(index, documents, tmp_path):
    document = next(each for each in documents if each.id == "besson-2014-tiers")
    withdrawn = tmp_path / "withdrawn.txt"
    searcher = open_searcher(index, WithdrawalFiles([withdrawn]))
    client = create_app(searcher, replace(SITE, show_archived="full")).test_client()
    search = "/recherche?q=fabrique+des+villes+contemporaines"
    before = client.get("/api/v1/search?q=fabrique+des+villes+contemporaines").get_json()["total"]
    assert f"/textes/{document.id}" in client.get(search).get_data(as_text=True)

    withdrawn.write_text(f"{document.url}  # à la demande de l'auteur\n", encoding="utf-8")

    for path in (
        search,
        "/notes",
        "/nouveautes.atom",
        "/recherche.csv?q=ville",
        "/concordance?q=ville",
        f"/notes/{document.notes[0].id}",
    ):
        page = client.get(path).get_data(as_text=True)
        assert document.title not in page, path
        assert f"/textes/{document.id}" not in page, path
    answer = client.get(f"/textes/{document.id}")
    assert answer.status_code == 404
    never = client.get("/textes/jamais-cite").data
    assert answer.data.replace(document.id.encode(), b"jamais-cite") == never
    assert client.get(f"/api/v1/documents/{document.id}").status_code == 404
    assert client.get(f"/textes/{document.id}.csv").status_code == 404
    after = client.get("/api/v1/search?q=fabrique+des+villes+contemporaines").get_json()["total"]
    assert after == before - 1
    suggested = client.get("/suggestions?q=fabrique").get_data(as_text=True)
    assert document.title not in suggested
    similar = client.get("/textes/besson-sd-fab").get_data(as_text=True)
    assert f"/textes/{document.id}" not in similar
    searcher.close()


def test_extracts_are_all_that_programs_are_given_too(public, client, documents):
    document = next(each for each in documents if each.id == "besson-2014-tiers")
    shown = public.get(f"/api/v1/documents/{document.id}").get_json()["paragraphs"]
    whole = client.get(f"/api/v1/documents/{document.id}").get_json()["paragraphs"]

    assert len(whole) == len(document.paragraphs)
    assert 0 < len(shown) <= 3


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("exemple.fr", False),
    ],
)
def test_whole_texts_are_for_this_machine_alone(host, alone):
    assert is_loopback(host) is alone


def test_the_host_that_is_asked_is_not_believed_when_the_address_is_set(client):
    page = client.get("/", headers={"Host": "mal.example"}).get_data(as_text=True)

    assert "mal.example" not in page


def test_on_this_machine_no_other_name_leads_to_it(searcher):
    site = replace(SITE, trusted_hosts=("127.0.0.1", "localhost", "::1"))
    client = create_app(searcher, site).test_client()

    for host in ("127.0.0.1:8000", "localhost:8000", "localhost", "[::1]:8000"):
        assert client.get("/aide", headers={"Host": host}).status_code == 200, host
    assert client.get("/aide", headers={"Host": "[mal"}).status_code == 400
    answer = client.get("/aide", headers={"Host": "mal.example"})
    assert answer.status_code == 400
    assert "Demande incomprise" in answer.get_data(as_text=True)


def test_notes_and_texts_have_their_own_addresses(client, documents):
    alone = next(each for each in documents if each.kind is DocumentKind.NOTE)

    assert client.get(f"/textes/{alone.id}").status_code == 404
    assert client.get(f"/notes/{alone.id}").status_code == 200


def test_an_example_whose_texts_are_all_withdrawn_is_offered_no_more(index, tmp_path):
    withdrawn = tmp_path / "withdrawn.txt"
    searcher = open_searcher(index, WithdrawalFiles([withdrawn]))
    client = create_app(searcher, SITE).test_client()
    example = searcher.examples()[2].query_text
    assert example in client.get("/").get_data(as_text=True)
    gone = {hit.id for hit in searcher.search(example, page_size=100).hits}

    withdrawn.write_text("\n".join(gone), encoding="utf-8")

    offered = client.get("/").get_data(as_text=True)
    assert example not in offered
    assert "examples" in offered
    searcher.close()
