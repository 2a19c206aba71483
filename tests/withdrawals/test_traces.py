"""No answer of the site and no command holds a word of a text that is withdrawn."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from indexer.model import hash_note
from indexer.outlines import short_name
from indexer.settings import Settings
from search_web.pages.selection import join_names
from search_web.wsgi import close_app, open_app
from tests.command import run_command as run
from tests.withdrawals.corpus import (
    ALONE,
    FORMS,
    ID,
    IMAGES_AT,
    SECRETS,
    TOGETHER,
    URL,
    let_live,
)
from tests.withdrawals.crawling import (
    COMMANDS,
    FEW,
    NOT_ASKED,
    QUERIES,
    count_terms,
    crawl_site,
    find_secrets,
    fold,
    list_commands,
    list_own_addresses,
    read_text,
    run_commands,
)

pytestmark = pytest.mark.timeout(600)
# Where a text is told of as long as it is not withdrawn: so that each check can fail. The first
# page is crawled too, and tells nothing of it: its examples are words that a lexicon knows.
EXPECTED_ENDPOINTS = {
    *("pages.results", "pages.text", "pages.note", "pages.notes", "pages.help_page"),
    *("feeds.search", "feeds.new_texts", "exports.search", "exports.text"),
    *("concordance.page", "concordance.table", "interop.suggestions", "interop.unapi"),
    *("interop.sitemap_part", "api.search", "api.document", "api.notes", "api.suggestions"),
    *("links.page", "links.course", "links.export", "browse.value", "figures.citation_map"),
    *("selection.page", "selection.export", "captures.calendar", "captures.image"),
    *("mementos.replay", "watching.notices", "watching.notices_rss"),
}
EXPECTED_COMMANDS = {
    *("bibliography list", "bibliography check", "bibliography export", "links report"),
    *("links show", "crawl", "extract", "search"),
}


@pytest.fixture(params=[FEW, pytest.param(QUERIES, marks=pytest.mark.campaign)], ids=["few", "all"])
def queries(request: pytest.FixtureRequest) -> Sequence[str]:
    """What is typed on the site; all its rules and links are followed besides."""
    return request.param


@pytest.fixture
def lived(corpus: Path) -> Path:
    """The corpus after a while, with images of pages and notices of links."""
    let_live(corpus)
    return corpus


def ask(client: FlaskClient, address: str) -> list[str]:
    """What an address tells of the text."""
    return find_secrets(address, read_text(client.get(address, buffered=True)))


def read_site(
    corpus: Path, queries: Sequence[str], *, withdrawn: bool
) -> tuple[list[tuple[str, str, str]], dict[str, int], dict[str, str]]:
    """The traces of a site, what it counts, and its pages of the two notes.

    What is `withdrawn` is so only after the site has answered, and kept, what it keeps.
    """
    settings = Settings(corpus=corpus, base_url="http://localhost", show_archived="full")
    app = open_app(replace(settings, contact="contact@exemple.test"))
    try:
        client = app.test_client()
        if withdrawn:
            told = {secret for url in list_own_addresses(app) for secret in ask(client, url)}
            assert told == set(SECRETS)
            done = run(corpus, "withdraw", ID)  # it writes a line; lines by hand are tried below
            assert done.returncode == 0, done.stderr
        notes = {
            row["text"]: client.get(f"/notes/{row['id']}").get_data(as_text=True)
            for row in client.get("/api/v1/notes").get_json()["notes"]
        }
        for kind in ("/notes", "/api/v1/notes"):
            answer = client.get(f"{kind}/note-{ID}")
            notes[f"from {kind}"] = answer.headers.get("Location", "")
            answer = client.get(f"{kind}/note-{ID}", follow_redirects=True)
            notes[f"by {kind}"] = f"{answer.status_code} {answer.get_data(as_text=True)}"
        return crawl_site(app, queries), count_terms(app), notes
    finally:
        close_app(app)


@pytest.mark.campaign
def test_without_a_withdrawal_every_route_and_command_tells_of_the_text(lived, queries):
    traces, counts, _ = read_site(lived, queries, withdrawn=False)

    assert {endpoint for endpoint, _, _ in traces} >= EXPECTED_ENDPOINTS
    assert {secret for _, _, secret in traces} == set(SECRETS)
    assert all(counts.values())
    assert {command for command, _, _ in run_commands(lived)} >= EXPECTED_COMMANDS


def test_every_command_is_asked_or_it_is_said_why_not():
    asked = {arguments[0] for arguments in COMMANDS} | {" ".join(each[:2]) for each in COMMANDS}
    names = set(list_commands())

    assert names - asked == set(NOT_ASKED)


@pytest.mark.slow
def test_with_one_no_route_and_no_command_does(lived, queries):
    traces, counts, notes = read_site(lived, queries, withdrawn=True)

    assert traces == []
    assert not any(counts.values())
    assert any(text.startswith(TOGETHER) for text in notes)
    assert ALONE in notes[ALONE]
    for kind in ("/notes", "/api/v1/notes"):  # the address of before leads to one that says nothing
        assert notes[f"from {kind}"] == f"{kind}/{hash_note(f'note-{ID}')}"
        assert notes[f"by {kind}"].startswith("200 ")
        assert ALONE in notes[f"by {kind}"]
    assert run_commands(lived) == []


def test_an_unknown_text_and_a_withdrawn_one_are_answered_alike(corpus):
    (corpus / "withdrawn.txt").write_text(ID, encoding="utf-8")
    app = open_app(Settings(corpus=corpus))
    client = app.test_client()
    for address in ("/textes/{}", "/textes/{}.ris", "/liens/{}", "/api/v1/documents/{}"):
        withdrawn = client.get(address.format(ID))
        unknown = client.get(address.format("jamais-cite"))
        assert (withdrawn.status_code, withdrawn.data) == (404, unknown.data)
    close_app(app)


SELECTION_ROUTES = (
    *("/selection", "/selection?style=apa", "/selection?lang=en", "/selection.atom"),
    *("/selection.rss?lang=en", "/selection.apa.txt", "/selection.ris", "/selection.csv?lang=en"),
    *("/notes", "/recherche?q=ateliers&lang=en", "/textes/tessier-2014-cooperer", "/parcourir"),
)


def test_a_selection_is_as_if_a_withdrawn_text_had_never_been_in_it(corpus):
    """Under a path, in both languages: the answers are those of the selection without it."""
    app = open_app(Settings(corpus=corpus, base_url="https://renvois.example/biblio"))
    client = app.test_client()

    def ask(path: str, *names: str) -> tuple[int, bytes]:
        joint = "&" if "?" in path else "?"
        answer = client.get(f"/biblio{path}{joint}choix={join_names(names)}", follow_redirects=True)
        return answer.status_code, answer.data

    other, withdrawn = short_name("tessier-2014-cooperer"), short_name(ID)
    told = [bool(find_secrets("", ask(path, withdrawn)[1].decode())) for path in SELECTION_ROUTES]
    (corpus / "withdrawn.txt").write_text(ID, encoding="utf-8")
    for path in SELECTION_ROUTES:
        for name in (withdrawn, ID):
            status, body = ask(path, other, name)
            assert (status, body) == ask(path, other)
            assert not find_secrets("" if name == withdrawn else ID, body.decode())
    close_app(app)

    assert all(told[:8])  # it can fail: before, every route of a selection told of the text


@pytest.mark.parametrize("place", ["", "bibliography"])
def test_a_line_acts_on_a_site_that_runs_and_its_removal_too(corpus, place):
    app = open_app(Settings(corpus=corpus))
    client = app.test_client()
    file = corpus / place / "withdrawn.txt"
    found = []
    for line in ("", FORMS[5], "", "# rien"):
        file.write_text(line, encoding="utf-8")
        page = client.get("/notes").text + client.get("/suggestions?q=zig").text
        found.append([secret in fold(page) for secret in ("krempach", "zigouflard")])
        assert (client.get(f"/textes/{ID}").status_code == 200) == all(found[-1])
    close_app(app)

    assert found == [[True, True], [False, False], [True, True], [True, True]]


def test_a_line_by_the_address_of_an_archived_copy_hides_the_captures_of_its_page(lived):
    copy = "http://archive.test/Ab1"
    path = lived / "bibliography" / "biblio.bib"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"{{{URL}}}", f"{{{URL}}}, archiveurl = {{{copy}}}"), "utf-8")
    assert run(lived, "index").returncode == 0
    app = open_app(Settings(corpus=lived, show_archived="full"))
    client = app.test_client()
    statuses = [client.get(f"/captures?url={quote(URL)}").status_code]
    (lived / "withdrawn.txt").write_text(copy, encoding="utf-8")
    statuses.append(client.get(f"/captures?url={quote(URL)}").status_code)
    close_app(app)

    assert statuses == [200, 410]


@pytest.mark.slow
def test_every_form_of_a_line_hides_what_the_archive_and_the_journal_tell_of_the_text(lived):
    """Captures, mementos, images and notices are found by addresses, not through the index."""
    app = open_app(Settings(corpus=lived, base_url="http://localhost", show_archived="full"))
    client = app.test_client()
    file = lived / "bibliography" / "withdrawn.txt"
    asked = [
        f"/captures?url={quote(URL)}",
        f"/captures/image?url={quote(URL)}&date={IMAGES_AT}",
        f"/web/timemap/link/{URL}",
        f"/web/2026id_/{URL}",
        "/veille.atom",
        f"/textes/{ID}",
    ]

    def list_told() -> list[str]:
        answers = [(each, client.get(each)) for each in asked]
        is_news = {each: each != "/veille.atom" or bool(ask(client, each)) for each in asked}
        return [each for each, told in answers if told.status_code < 400 and is_news[each]]

    told = list_told()
    left = {}
    for form in FORMS:
        file.write_text(form, encoding="utf-8")
        left[form] = list_told()
    close_app(app)

    assert told == asked
    assert {form: found for form, found in left.items() if found} == {}


@pytest.mark.parametrize("content", [b"\xff\xfe\0", "à la demande".encode("latin-1")])
def test_a_file_that_can_not_be_read_closes_the_site_and_the_commands(corpus, content):
    file = corpus / "bibliography" / "withdrawn.txt"
    app = open_app(Settings(corpus=corpus))
    client = app.test_client()
    assert client.get("/notes").status_code == 200
    file.write_bytes(content)
    for address in (
        "/",
        "/notes?choix=aaaaaaaa",
        "/selection?choix=aaaaaaaa",
        "/recherche?q=ateliers",
        "/liens.csv",
        "/api/v1/search?q=a",
    ):
        answer = client.get(address)
        assert answer.status_code == 503, address
        assert not any(secret in fold(answer.text) for secret in SECRETS)
    for command in (("search", "ateliers"), ("bibliography", "list"), ("withdraw", "--list")):
        done = run(corpus, *command)
        assert (done.returncode, done.stdout) == (1, "")
        assert str(file) in done.stderr
    file.unlink()
    assert client.get("/notes").status_code == 200
    close_app(app)
