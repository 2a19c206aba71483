"""A site stands under a path of its host: every address that it writes leads somewhere."""

import re
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from bs4 import BeautifulSoup

from indexer.corpus import keep_identities
from indexer.engines import build_index
from indexer.model import Document, DocumentKind, Reference
from indexer.settings import Settings
from search_web.wsgi import close_app, open_app
from tests.archive.exchanges import NOON, Corpus
from tests.search_web.test_mementos import BIBLIOGRAPHY, fill
from tests.serving import find_free_port

ROOT_FOLDER = Path(__file__).parents[2]
ORIGIN = "https://renvois.example"
ROOT = "/biblio"
STARTS = (
    "/",
    "/robots.txt",
    "/recherche?q=ville",
    "/recherche?q=absentissime",
    "/captures?url=http://exemple.test/texte",
    "/web/http://exemple.test/texte",
    "/web/http%3A%2F%2Fexemple.test%2Ftexte",  # as some clients write it
)
ATTRIBUTES = ("href", "src", "action", "data-suggestions", "data-versionurl")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
NGINX, APACHE = shutil.which("nginx", path=PATH), shutil.which("apache2", path=PATH)


@dataclass
class Answer:
    """What a site answered, whoever asked it."""

    status: int
    kind: str
    text: str
    headers: dict[str, str] = field(default_factory=dict)


Get = Callable[[str], Answer]


def links_of(address: str, answer: Answer, origin: str) -> Iterator[str]:
    """List the addresses that an answer writes: of HTML, of feeds, of JSON, of headers."""
    told = unescape(" ".join((answer.text, answer.headers.get("Link", ""))))
    for found in re.findall(re.escape(origin) + r"""[^\s"'<>\\;]*""", told):
        yield re.sub(r"\{[^}]*\}|[.,)]+$", "", found)
    if location := answer.headers.get("Location"):
        yield urljoin(address, location)
    if answer.kind == "text/html" and "/web/" not in address:
        page = BeautifulSoup(answer.text, "lxml")
        for name in ATTRIBUTES:
            for element in page.select(f"[{name}]"):
                yield urljoin(address, element[name])
    for path in re.findall(r"^Disallow: (\S+)", answer.text, re.MULTILINE):
        assert path.startswith(f"{ROOT}/")


def crawl(get: Get, origin: str, *, most: int) -> tuple[Counter[str], list[str]]:
    """Ask every address that the pages write, at most so many of one form.

    Gives how many of each form were asked, and what is broken.
    """
    waiting = deque((f"{origin}{ROOT}{start}", "the start") for start in STARTS)
    seen, asked, broken = set(), Counter(), []
    while waiting:
        address, source = waiting.popleft()
        address = address.partition("#")[0]
        parts = urlsplit(address)
        if address in seen or f"{parts.scheme}://{parts.netloc}" != origin:
            continue
        seen.add(address)
        if not f"{parts.path}/".startswith(f"{ROOT}/"):
            broken.append(f"{address} on {source}: not under {ROOT}")
            continue
        form = name_form(parts.path, parts.query)
        if asked[form] == most:
            continue
        asked[form] += 1
        answer = get(address)
        # /web/ gives back what was captured, errors too; what a search needs is not in a bare one.
        is_replayed = "Memento-Datetime" in answer.headers
        if answer.status >= 400 and not is_replayed and "/api/v1/" not in address:
            broken.append(f"{address} on {source}: {answer.status}")
        if not is_replayed:
            waiting.extend((link, address) for link in links_of(address, answer, origin))
    return asked, broken


def name_form(path: str, query: str) -> str:
    """Name the form of an address: its first part, its extension, the first that it asks."""
    first, _, rest = path.removeprefix(ROOT).strip("/").partition("/")
    extension = rest.rpartition(".")[2] if first == "textes" and "." in rest else ""
    within = rest.partition("/")[0] if first in ("web", "static") else bool(rest)
    asked = [name for name in parse_qs(query) if name != "lang"]
    return f"{first}/{within}.{extension}?{'&'.join(asked[:1])}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory, documents) -> Path:
    """A corpus with texts, notes, links, captures."""
    folder = tmp_path_factory.mktemp("under-path")
    (folder / "bibliography").mkdir()
    (folder / "bibliography" / "biblio.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    (folder / "legal.md").write_text("Publié par [nous](mentions).", encoding="utf-8")
    with Corpus(folder).open() as corpus:
        fill(corpus)
    kept = [
        Document(
            id=each.id,
            kind=DocumentKind.TEXT,
            title=each.title,
            url=each.url,
            reference=Reference(id=each.id, title=each.title, url=each.url),
            captured_at=NOON,
        )
        for each in keep_identities(Settings(corpus=folder)).references
    ]
    # The archive has no captures of the others.
    others = [replace(each, captured_at=None) for each in documents]
    build_index(folder / "index", [*others, *kept])
    return folder


@pytest.fixture(scope="module")
def client(folder):
    app = open_app(Settings(corpus=folder, base_url=ORIGIN + ROOT, show_archived="full"))
    yield app.test_client()
    close_app(app)


def test_under_a_path_no_address_is_broken(client):
    def get(address: str) -> Answer:
        with client.get(address.removeprefix(ORIGIN)) as given:
            text = given.get_data().decode(errors="replace")
            return Answer(given.status_code, given.mimetype, text, dict(given.headers))

    asked, broken = crawl(get, ORIGIN, most=1)

    assert broken == []
    places = {form.partition("/")[0] for form in asked}
    assert places >= {
        "", "textes", "notes", "recherche", "liens", "captures", "web", "auteurs", "static", "api",
        "opensearch.xml", "unapi", "nouveautes.atom", "recherche.atom", "mentions", "sitemap.xml",
    }  # fmt: skip


@pytest.mark.parametrize(
    "path", ["/aide", "/recherche.atom?q=ville", "/web/timemap/link/http://exemple.test/texte"]
)
def test_a_proxy_may_cut_the_path_off(client, path):
    whole, cut = client.get(ROOT + path), client.get(path)

    assert (cut.status_code, cut.data) == (whole.status_code, whole.data)
    assert cut.status_code == 200


def test_a_site_that_ignores_its_path_is_found_out(client):
    """The crawl above can fail: an address without the path is broken."""
    page = Answer(200, "text/html", '<a href="/aide">Aide</a>')
    _, broken = crawl(lambda address: page, ORIGIN, most=1)

    assert broken == [f"{ORIGIN}/aide on {ORIGIN}{ROOT}/: not under {ROOT}"]


@pytest.mark.parametrize("path", ["/biblio", "/biblio/", "/biblio//aide", "/biblio/recherche"])
def test_redirections_stay_under_the_path(client, path):
    answer = client.get(path)
    while answer.status_code in (301, 302, 308):
        assert answer.headers["Location"].startswith(f"{ROOT}/")
        answer = client.get(answer.headers["Location"])

    assert answer.status_code == 200


def test_values_of_before_and_languages_stay_under_the_path(client):
    moved = client.get("/biblio/liens?etat=mort")
    page = client.get("/biblio/aide").get_data(as_text=True)

    assert moved.headers["Location"] == "/biblio/liens?etat=dead"
    assert 'href="/biblio/aide?lang=en"' in page
    assert '<link rel="canonical" href="https://renvois.example/biblio/aide">' in page


def test_two_sites_of_one_host_have_names_apart(client):
    feed = client.get("/biblio/nouveautes.atom").get_data(as_text=True)

    assert "<id>tag:renvois.example,2026:biblio/nouveautes</id>" in feed


@pytest.mark.parametrize(("proxies", "seen"), [(0, 429), (1, 200)])
def test_forwarded_addresses_count_where_a_proxy_is_trusted(folder, proxies, seen):
    """Behind one proxy everybody has the proxy's own address, unless it is trusted to tell."""
    app = open_app(Settings(corpus=folder, rate_limit=2, trusted_proxies=proxies))
    client = app.test_client()
    statuses = [
        client.get("/aide", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(3)
    ]
    close_app(app)

    assert statuses == [200, 200, seen]


no_nginx = pytest.mark.skipif(NGINX is None, reason="no nginx: `apt-get install nginx-light`")
no_apache = pytest.mark.skipif(APACHE is None, reason="no Apache: `apt-get install apache2`")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("server", "ending"),
    [
        pytest.param("nginx", "", id="nginx, whole paths", marks=no_nginx),
        pytest.param("nginx", "/", id="nginx cuts paths", marks=[no_nginx, pytest.mark.campaign]),
        pytest.param("apache", "", id="Apache", marks=no_apache),
    ],
)
def test_behind_a_proxy_no_address_is_broken(folder, tmp_path, server, ending):
    with serving(folder, tmp_path, server, ending) as (origin, session):

        def get(address: str) -> Answer:
            given = session.get(address, allow_redirects=False, timeout=60)
            kind = given.headers.get("Content-Type", "").partition(";")[0]
            return Answer(given.status_code, kind, given.text, dict(given.headers))

        asked, broken = crawl(get, origin, most=1)
        bare = session.get(f"{origin}{ROOT}", allow_redirects=False, timeout=60)

    assert broken == []
    assert sum(asked.values()) > 60
    assert (bare.status_code, urlsplit(bare.headers["Location"]).path) == (308, f"{ROOT}/")


@contextmanager
def serving(
    folder: Path, tmp_path: Path, server: str, ending: str
) -> Iterator[tuple[str, requests.Session]]:
    """Serve a corpus by the command, behind a server that has it under a path."""
    port = find_free_port()
    origin = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "search_web", "--corpus", str(folder)]
    environ = {
        "RENVOIS_BASE_URL": origin + ROOT,
        "RENVOIS_TRUSTED_PROXIES": "1",
        "PATH": "/usr/bin:/bin",
    }
    with subprocess.Popen(
        [*command, "--port", "0", "--show-archived", "full"],
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
    ) as site:
        assert site.stderr is not None
        address = site.stderr.readline().strip()
        given = (ROOT_FOLDER / "deploy" / f"{server}.conf").read_text(encoding="utf-8")
        given = given.replace("http://127.0.0.1:8000", address.rstrip("/") + ending)
        around = NGINX_CONF if server == "nginx" else APACHE_CONF
        configuration = tmp_path / "server.conf"
        configuration.write_text(
            around.format(folder=tmp_path, port=port, given=given), encoding="utf-8"
        )
        with subprocess.Popen(
            [str(NGINX), "-c", configuration, "-e", tmp_path / "error.log"]
            if server == "nginx"
            else [str(APACHE), "-f", configuration, "-D", "FOREGROUND"]
        ) as proxy:
            session = requests.Session()
            session.trust_env = False
            for _ in range(500):
                with socket.socket() as tried:
                    if tried.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.02)
            yield origin, session
            proxy.terminate()
        site.terminate()


# What stands around `deploy/nginx.conf`, without a certificate.
NGINX_CONF = """
daemon off; pid {folder}/nginx.pid; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port};
    {given}
  }}
}}
"""
# What stands around `deploy/apache.conf`, with the modules that the guide enables.
APACHE_CONF = """
ServerRoot {folder}
ServerName 127.0.0.1
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
Listen 127.0.0.1:{port}
User www-data
Group www-data
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
<VirtualHost 127.0.0.1:{port}>
{given}
</VirtualHost>
"""
