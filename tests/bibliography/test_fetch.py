"""`renvois bibliography fetch`: interfaces of other programs, played by a server on loopback."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from indexer.bibliography import read_bibliography
from tests.bibliography.saying import notes_by_title, titles
from tests.command import run_command

ITEMS = [
    {
        "key": f"I{number}",
        "data": {
            "key": f"I{number}",
            "itemType": "webpage",
            "title": f"Texte {number}",
            "url": f"https://exemple.test/{number}",
            "collections": ["C2"],
        },
    }
    for number in range(230)
] + [
    {
        "key": "N1",
        "data": {"key": "N1", "itemType": "note", "parentItem": "I0", "note": "<p>Un mot.</p>"},
    }
]
COLLECTIONS = [
    {"key": "C1", "data": {"key": "C1", "name": "Villes", "parentCollection": False}},
    {"key": "C2", "data": {"key": "C2", "name": "Lentes", "parentCollection": "C1"}},
]
ANNOTATIONS = [
    {
        "id": f"a{number}",
        "uri": f"https://exemple.test/{number // 2}",
        "created": f"2024-01-01T00:00:00.{number:06}+00:00",
        "text": f"Mot {number}.",
        "document": {"title": [f"Texte {number // 2}"]},
    }
    for number in range(150)
]
ENTRIES = [
    {
        "id": number,
        "title": f"Texte {number}",
        "url": f"https://exemple.test/{number}",
        "annotations": [{"text": "Un mot.", "quote": "ralentir"}] if number == 0 else [],
    }
    for number in range(120)
]


class Interfaces(BaseHTTPRequestHandler):
    """Zotero's, Hypothesis' and Wallabag's interfaces; `server.fault` is what goes wrong."""

    def do_GET(self):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        fault = self.server.fault
        if fault and len(self.server.asked) > fault[0]:
            self.send(fault[1], fault[2])
            return
        limit = int(query.get("limit") or query.get("perPage") or 100)
        match parts.path:
            case "/api/users/0/collections":
                self.send(200, json.dumps(COLLECTIONS), total=len(COLLECTIONS))
            case "/api/users/0/items":
                start = int(query.get("start", 0))
                self.send(200, json.dumps(ITEMS[start : start + limit]), total=len(ITEMS))
            case "/search":
                after = query.get("search_after", "")
                rows = [one for one in ANNOTATIONS if one["created"] > after][:limit]
                self.send(200, json.dumps({"total": len(ANNOTATIONS), "rows": rows}))
            case "/api/entries.json":
                page = int(query["page"])
                rows = ENTRIES[(page - 1) * limit : page * limit]
                answer = {"page": page, "pages": 2, "total": 120, "_embedded": {"items": rows}}
                self.send(200, json.dumps(answer))
            case _:
                self.send(404, "{}")

    def send(self, status, text, *, total=None):
        payload = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        if total is not None:
            self.send_header("Total-Results", str(total))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_arguments):
        pass


@contextmanager
def serve(fault=None) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Interfaces)
    server.asked, server.fault = [], fault
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def fetch(folder, server, *arguments, **environ):
    settings = {"RENVOIS_OPEN_NETWORKS": "127.0.0.1", "RENVOIS_DELAY_S": "0"} | environ
    address = f"http://127.0.0.1:{server.server_port}"
    return run_command(
        folder, "bibliography", "fetch", *arguments, "--from", address, environ=settings
    )


def test_a_library_of_zotero_is_fetched_with_notes_and_collections(tmp_path):
    with serve() as server:
        done = fetch(tmp_path, server, "zotero")

    assert done.returncode == 0, done.stderr
    bibliography = read_bibliography(tmp_path / "bibliography")
    assert titles(bibliography) == [f"Texte {number}" for number in range(230)]
    assert notes_by_title(bibliography) == {"Texte 0": ["Un mot."]}
    assert {one.section for one in bibliography.references} == {("Villes", "Lentes")}
    assert "231 items" in done.stderr


def test_annotations_of_hypothesis_are_fetched_page_after_page(tmp_path):
    with serve() as server:
        done = fetch(tmp_path, server, "hypothesis", "--user", "jeanne")

    assert done.returncode == 0, done.stderr
    assert "user=acct%3Ajeanne%40hypothes.is" in server.asked[0][0]
    bibliography = read_bibliography(tmp_path / "bibliography")
    assert titles(bibliography) == [f"Texte {number}" for number in range(75)]
    assert notes_by_title(bibliography)["Texte 74"] == ["Mot 148.", "Mot 149."]


def test_wallabag_is_fetched_and_its_key_goes_to_it_alone(tmp_path):
    with serve() as server:
        site = f"http://127.0.0.1:{server.server_port}"
        toml = f'[sites."{site}"]\nheaders = {{ "Authorization" = "env:JETON" }}\n'
        (tmp_path / "r.toml").write_text(toml, encoding="utf-8")
        done = fetch(
            tmp_path,
            server,
            "wallabag",
            "--to",
            str(tmp_path / "lus.json"),
            RENVOIS_CONFIG=str(tmp_path / "r.toml"),
            JETON="Bearer secret-1234",
        )

    assert done.returncode == 0, done.stderr
    assert {key for _, key in server.asked} == {"Bearer secret-1234"}
    written = (tmp_path / "lus.json").read_text(encoding="utf-8")
    assert "secret-1234" not in written + done.stdout + done.stderr
    bibliography = read_bibliography(tmp_path)
    assert len(bibliography.references) == 120
    assert notes_by_title(bibliography) == {"Texte 0": ["ralentir\n\nUn mot."]}


def test_this_machine_is_reached_only_where_a_setting_allows_it(tmp_path):
    with serve() as server:
        done = fetch(tmp_path, server, "zotero", RENVOIS_OPEN_NETWORKS="")

    assert done.returncode != 0
    assert "open_networks" in done.stderr
    assert server.asked == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ((0, 403, "{}"), "answers 403"),
        ((2, 500, "{}"), "answers 500"),
        ((2, 200, "<html>"), "is no JSON"),
        ((2, 200, '{"rien": 1}'), "is not what Zotero gives"),
        ((2, 200, "[" * 100_000), "is no JSON"),
    ],
)
def test_what_stops_a_fetch_is_said_and_the_file_of_before_stays(tmp_path, fault, said):
    path = tmp_path / "bibliography" / "zotero.json"
    with serve() as server:
        assert fetch(tmp_path, server, "zotero").returncode == 0
    before = path.read_bytes()

    with serve(fault) as server:
        done = fetch(tmp_path, server, "zotero")

    assert done.returncode != 0
    assert said in done.stderr
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["zotero.json"]


def test_hypothesis_is_asked_for_somebody(tmp_path):
    with serve() as server:
        done = fetch(tmp_path, server, "hypothesis")

    assert done.returncode == 2
    assert "--user" in done.stderr
