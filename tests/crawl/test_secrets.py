"""A header of the settings goes to its own site only, and its value is nowhere in the corpus.

One crawl by the command, as a person runs it, over an Internet that redirects in every way there
is; then what arrived at each server is read byte for byte, and so is all that was written.
"""

import gzip
import io
import json
import os
import re
import secrets
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.crawl import Fetcher, SitePolicies, SitePolicy
from indexer.heads import make_secrets
from tests.crawl.internet import Internet, respond

# The fixture is four commands, on a loaded machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[2]
PAGE = "<title>Une page</title><p>Une page écrite pour l'essai, assez longue pour en être une.</p>"
S, F = "https://secret.test", "https://etranger-{}.test/la"
TOKENS = {name: f"{name}{secrets.token_hex(12)}" for name in ("jeton", "porteur", "sid", "passe")}
SESSION = f"session{secrets.token_hex(12)}"  # of a cookie that a site with headers sets
ANYBODYS = f"suffixe{secrets.token_hex(12)}"  # of a cookie that a site without any sets
HEADERS = {
    "X-Jeton": TOKENS["jeton"],
    "Authorization": f"Bearer {TOKENS['porteur']}",
    "Cookie": f"sid={TOKENS['sid']}",
}
SITES = {
    "secret.test": HEADERS,
    "clair.test": HEADERS,  # cited by http
    "www.seul.test": HEADERS,
    "bas.haut.test": HEADERS,
    "https://strict.test": HEADERS,
    "https://secret.test:9443": HEADERS,
    "http://vieux.test:8080": HEADERS,
    "faux.test": HEADERS,  # its certificate is nobody's
    "robots.test": HEADERS,
}
# Requests that may hold a token: origin, and the start of the path.
MAY_HOLD = [
    ("https://secret.test:443", "/"),
    ("https://www.secret.test:443", "/"),
    ("https://secret.test:9443", "/"),
    ("https://seul.test:443", "/"),
    ("https://www.seul.test:443", "/"),
    ("https://bas.haut.test:443", "/"),
    ("https://strict.test:443", "/"),
    ("http://vieux.test:8080", "/"),
    ("https://clair.test:443", "/"),
    ("http://clair.test:80", "/cite"),
    ("https://robots.test:443", "/"),
]


@dataclass(frozen=True)
class Shape:
    """A page that is cited, and where it leads: to `arrives`, an origin and a path."""

    name: str
    url: str
    answer: bytes
    arrives: str = ""


def to(location, status="302 Found", *fields):
    return respond(status, f"Location: {location}", *fields)


def to_foreign(status):
    where = F.format(status[:3])
    return Shape(status[:3], f"{S}/{status[:3]}", to(where, status), where)


def refresh(name, markup="", *fields):
    where = F.format(name)
    body = f"<head>{markup}</head>{PAGE}"
    return Shape(name, f"{S}/{name}", respond("200 OK", *fields, body=body), where)


def leads(name, where, *fields, at=S, arrives=None):
    return Shape(name, f"{at}/{name}", to(where, "302 Found", *fields), arrives or where)


SHAPES = [
    *map(to_foreign, ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]),
    refresh("meta", f'<meta http-equiv="refresh" content="0; url={F.format("meta")}">'),
    refresh("refresh", "", f"Refresh: 0; url={F.format('refresh')}"),
    leads("descend", "http://secret.test/en-clair"),
    leads("port", "https://secret.test:8443/autre-port"),
    leads("port-nomme", "https://secret.test:9443/nomme"),
    leads("port-clair", "http://secret.test:443/clair-443"),
    leads("port-80", "https://secret.test:80/tls-80"),
    leads("sous-domaine", "https://sous.secret.test/la"),
    leads("parent", "https://haut.test/la", at="https://bas.haut.test"),
    leads("www", "https://www.secret.test/www"),
    leads("sans-www", "https://seul.test/sans", at="https://www.seul.test"),
    leads("www-strict", "https://www.strict.test/la", at="https://strict.test"),
    leads("clair-strict", "http://strict.test/en-clair", at="https://strict.test"),
    leads("ipv4", "http://192.0.2.7/la"),
    leads("ipv6", "https://[2001:db8::7]/la"),
    leads("ipv6-port", "http://[2001:db8::7]:8080/la"),
    leads("relatif", "//etranger-relatif.test/la", arrives="https://etranger-relatif.test/la"),
    leads(
        "mot-de-passe",
        "https://moi:mot@etranger-passe.test/la",
        arrives="https://etranger-passe.test/la",
    ),
    leads(
        "ruse-arobase",
        "https://secret.test@etranger-arobase.test/la",
        arrives="https://etranger-arobase.test/la",
    ),
    leads(
        "ruse-inverse",
        r"https:\\etranger-inverse.test\la",
        arrives="https://etranger-inverse.test/la",
    ),
    leads("ruse-suffixe", "https://secret.test.etranger-suffixe.test/la"),
    leads("ruse-prefixe", "https://notsecret.test/la"),
    leads("majuscules", "https://SECRET.Test/majuscules", arrives="https://secret.test/majuscules"),
    leads("point", "https://secret.test./point"),
    leads("idn", "https://xn--scret-bsa.test/la"),
    leads("aller-retour", "https://etranger-retour.test/va", arrives="https://secret.test/revient"),
    leads("chaine", "https://etranger-chaine.test/un", arrives="https://etranger-chaine2.test/la"),
    leads("temoin", "https://sous.secret.test/temoin", f"Set-Cookie: s={SESSION}"),
    leads("temoin-dehors", "https://etranger-temoin.test/la", f"Set-Cookie: s={SESSION}"),
    leads("temoin-sur", "http://secret.test/temoin-sur", f"Set-Cookie: s={SESSION}; Secure"),
    leads(
        "temoin-domaine",
        "https://sous.secret.test/domaine",
        f"Set-Cookie: s={TOKENS['sid']}; Domain=.secret.test",
    ),
    leads(
        "temoin-suffixe",
        "https://b.gouv.fr/la",
        f"Set-Cookie: s={ANYBODYS}; Domain=.gouv.fr",
        at="https://a.gouv.fr",
    ),
    leads(
        "remonte",
        "https://clair.test/remonte",
        at="http://clair.test/cite",
        arrives="http://clair.test/redescend",
    ),
    leads("clair-dehors", "http://etranger-clair.test/la", at="http://clair.test/cite"),
    leads("vieux", "https://vieux.test:8080/la", at="http://vieux.test:8080"),
    leads("vieux-80", "http://vieux.test/la", at="http://vieux.test:8080"),
    Shape(
        "certificat",
        "https://faux.test/certificat",
        respond("200 OK", body=PAGE),
        "https://faux.test/certificat",
    ),
    Shape(
        "robots",
        "https://robots.test/robots",
        respond("200 OK", body=PAGE),
        "https://etranger-robots.test/robots.txt",
    ),
    leads("depuis-dehors", "http://secret.test/depuis", at="http://etranger-cite.test"),
]
THEN = {  # the next steps of chains
    "https://etranger-retour.test/va": f"{S}/revient",
    "https://etranger-chaine.test/un": "https://etranger-chaine2.test/la",
    "https://clair.test/remonte": "http://clair.test/redescend",
    "https://robots.test/robots.txt": "https://etranger-robots.test/robots.txt",
}
# Servers that repeat what they were told, and where they then send us: none of it is followed.
ECHOES = {
    f"{S}/echo-dehors": to(f"https://etranger-echo.test/?t={TOKENS['jeton']}"),
    f"{S}/echo-hote": to(f"https://{TOKENS['jeton']}.etranger-echo.test/"),
    f"{S}/echo-code": to(
        "https://etranger-echo.test/?t="
        + "".join(f"%{ord(letter):02x}" for letter in TOKENS["porteur"])
    ),
    f"{S}/echo-dedans": to(f"{S}/?t={TOKENS['porteur']}"),
    f"{S}/echo-meta": respond(
        "200 OK",
        body=(
            f'<meta http-equiv=refresh content="0;url=https://etranger-echo.test/{TOKENS["sid"]}">'
        ),
    ),
    f"{S}/echo-ftp": to(f"ftp://etranger-echo.test/{'a' * 60}{TOKENS['jeton']}"),
    f"{S}/echo-faux": to(f"http://[{'a' * 70}{TOKENS['jeton']}"),
    f"{S}/echo-tete": respond(
        "200 OK",
        f"X-Echo: {HEADERS['Authorization']}",
        f'ETag: "{TOKENS["jeton"]}"',
        f"Set-Cookie: sid={TOKENS['sid']}; Path=/",
        f"Content-Type: text/html; x={TOKENS['porteur'].upper()}",
        body=PAGE,
    ),
    f"{S}/echo-session": respond("200 OK", f"Set-Cookie: nouvelle={SESSION}", body=PAGE),
    f"{S}/echo-statut": f"HTTP/1.1 {'9' * 60}{TOKENS['jeton']}\r\n\r\n".encode(),
    f"{S}/echo-codage": respond("200 OK", f"Transfer-Encoding: {'a' * 30}{TOKENS['jeton']}"),
    f"{S}/echo-refus": respond("403 Forbidden", f"X-Echo: {TOKENS['jeton']}"),
}


def play(request):
    """Answer as the Internet of these tests does."""
    port = (
        ""
        if (request.scheme, request.port) in {("https", 443), ("http", 80)}
        else (f":{request.port}")
    )
    url = f"{request.scheme}://{request.host}{port}{request.path}"
    answers = {shape.url: shape.answer for shape in SHAPES} | ECHOES
    if url in THEN:
        return to(THEN[url])
    if request.path == "/robots.txt" or url.endswith("/absente"):
        return respond("404 Not Found")
    if request.host == "archive.test":
        return respond("404 Not Found")
    return answers.get(url) or respond("200 OK", body=PAGE)


def renvois(folder, internet, *arguments, **environ):
    return subprocess.run(
        [sys.executable, "-m", "indexer", *arguments],
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=300,
        env={
            **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
            "PYTHONPATH": str(ROOT),
            "SSL_CERT_FILE": str(internet.ca_file),
            "JETON_DU_SITE": TOKENS["jeton"],
            **environ,
        },
    )


def write_settings(folder, internet):
    headers = {
        name: {**each, "X-Jeton": "env:JETON_DU_SITE"} if name == "secret.test" else each
        for name, each in SITES.items()
    }
    tables = [
        f"[sites.{json.dumps(name)}.headers]\n"
        + "".join(f"{json.dumps(key)} = {json.dumps(value)}\n" for key, value in each.items())
        for name, each in headers.items()
    ]
    (folder / "renvois.toml").write_text(
        f'proxy = "http://moi:{TOKENS["passe"]}@{internet.address}"\n'
        'delay_s = 0\nopen_networks = ["192.0.2.0/24", "2001:db8::/32"]\n'
        "archives = []\n" + "\n".join(tables),
        encoding="utf-8",
    )


def write_bibliography(folder, urls):
    notes = folder / "corpus" / "bibliography"
    notes.mkdir(parents=True)
    entries = [
        f"@online{{cle{number}, author = {{Une Personne}}, title = {{Texte {number}}}, "
        f"date = {{2015}}, url = {{{url}}}}}\n"
        for number, url in enumerate(urls)
    ]
    (notes / "liste.bib").write_text("\n".join(entries), encoding="utf-8")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """A corpus that was crawled, looked up in an archive and exported: folder, Internet, told."""
    folder = tmp_path_factory.mktemp("secrets")
    with Internet(play, folder, untrusted=frozenset({"faux.test"})) as internet:
        write_settings(folder, internet)
        urls = [shape.url for shape in SHAPES] + list(ECHOES) + [f"{S}/absente"]
        write_bibliography(folder, urls)
        archives = {"RENVOIS_ARCHIVES": "https://archive.test/web/"}
        told = [
            renvois(folder, internet, "crawl", "--json"),
            renvois(folder, internet, "crawl", "--force", "--only", f"{S}/absente", **archives),
            renvois(folder, internet, "archive", "export", "tout.wacz"),
            renvois(folder, internet, "archive", "secrets", "--json"),
        ]
        yield folder, internet, told


def holds(octets, *names):
    lowered = octets.lower()
    wanted = [*(TOKENS[name] for name in names or TOKENS), *([] if names else [SESSION])]
    return [each for each in wanted if each.encode() in lowered]


def test_there_are_thirty_shapes_and_each_leads_where_it_says(crawled):
    _, internet, _ = crawled
    reached = {f"{r.origin}{r.path}" for r in internet.requests}

    assert len(SHAPES) >= 30
    for shape in SHAPES:
        for url in (shape.url, shape.arrives):
            default = {"https": 443, "http": 80}[url.partition(":")[0]]
            origin, path = re.fullmatch(
                r"(https?://(?:\[.*?\]|[^/:])+(?::\d+)?)(/.*)", url
            ).groups()
            origin = origin if re.search(r":\d+$", origin) else f"{origin}:{default}"
            assert f"{origin}{path}" in reached, shape.name


@pytest.mark.parametrize("token", ["jeton", "porteur", "sid"])
def test_no_byte_of_a_secret_arrives_at_another_server(crawled, token):
    _, internet, _ = crawled
    arrived = {
        (request.origin, request.path) for request in internet.requests if holds(request.raw, token)
    }
    leaks = {
        (origin, path)
        for origin, path in arrived
        if not any(origin == o and path.startswith(p) for o, p in MAY_HOLD)
    }

    assert leaks == set()
    assert {origin for origin, _ in arrived} == {origin for origin, _ in MAY_HOLD}


def test_robots_and_every_page_of_the_site_are_asked_with_its_headers(crawled):
    _, internet, _ = crawled
    for request in internet.at("https://secret.test:443"):
        assert set(holds(request.raw, "jeton", "porteur", "sid")) == {
            TOKENS[name] for name in ("jeton", "porteur", "sid")
        }, request.path


def test_a_cookie_goes_back_to_its_own_host_only(crawled):
    _, internet, _ = crawled
    for cookie, home in [(SESSION, "https://secret.test:443"), (ANYBODYS, "https://a.gouv.fr:443")]:
        at = {request.origin for request in internet.requests if cookie.encode() in request.raw}
        assert at <= {home}


def test_a_proxy_is_told_no_header_of_a_site_before_a_tunnel_and_nobody_its_password(crawled):
    _, internet, _ = crawled
    tunnels = [request for request in internet.requests if request.scheme == "proxy"]
    inside = [request for request in internet.requests if request.scheme == "https"]

    assert tunnels
    assert all(b"Proxy-Authorization: Basic" in request.raw for request in tunnels)
    assert not any(holds(request.raw, "jeton", "porteur", "sid") for request in tunnels)
    assert not any(b"proxy-authorization" in request.raw.lower() for request in inside)


def test_nothing_else_that_tells_on_us_is_sent(crawled):
    _, internet, _ = crawled
    raw = b"".join(request.raw for request in internet.requests).lower()

    assert b"referer" not in raw
    assert b"moi:mot" not in raw


def read_everything(folder):
    """Every file, and what is packed in it: gzip members, members of a zip."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield from read_packed(str(path.relative_to(folder)), path.read_bytes())


def read_packed(name, octets):
    yield name, octets
    if octets.startswith(b"\x1f\x8b"):
        yield f"{name} unpacked", gzip.decompress(octets)
    if octets.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(octets)) as package:
            for member in package.namelist():
                yield from read_packed(f"{name}!{member}", package.read(member))


def test_no_byte_of_a_secret_is_in_any_file_of_the_corpus_or_its_export(crawled):
    folder, _, _ = crawled
    everything = dict(read_everything(folder))
    settings = everything.pop("renvois.toml")
    # A page that shows the value is kept as it was sent: see the test of that.
    shown = f"etranger-echo.test/{TOKENS['sid']}".encode()
    basic = make_secrets([{"Authorization": f"Basic x:{TOKENS['passe']}"}]).values
    found = {
        name: held
        for name, octets in everything.items()
        if (held := holds(octets.replace(shown, b""))) or any(v in octets for v in basic)
    }

    assert found == {}
    assert holds(settings, "porteur")
    assert any(name.startswith("tout.wacz!archive/") for name in everything)
    assert any(b"X-Jeton: [redacted]" in octets for octets in everything.values())


def test_no_byte_of_a_secret_is_told(crawled):
    _, _, told = crawled
    codes = [done.returncode for done in told]

    assert [(done.args[3:], done.stderr) for done in told if done.returncode == 1] == []
    assert codes[0] == 0
    assert holds(b"".join(done.stdout + done.stderr for done in told)) == []


def test_a_redirect_that_repeats_a_secret_is_not_followed_and_says_so(crawled):
    _, internet, told = crawled
    rows = {row["url"]: row for row in map(json.loads, told[0].stdout.splitlines())}

    assert not [r for r in internet.requests if r.host.endswith("etranger-echo.test")]
    for name in ("echo-dehors", "echo-hote", "echo-code", "echo-dedans", "echo-meta"):
        row = rows[f"{S}/{name}"]
        assert (row["cause"], row["outcome"]) == ("bad-redirect", "missed"), name
        assert "repeats the value of a header" in row["detail"]


def test_the_check_lists_the_page_that_shows_a_secret_and_no_other(crawled):
    _, _, told = crawled
    rows = [json.loads(line) for line in told[-1].stdout.splitlines()]

    assert told[-1].returncode == 3
    assert {(row["url"], tuple(row["places"])) for row in rows} == {
        (f"{S}/echo-meta", ("payload",))
    }


def test_a_head_is_asked_with_the_same_care(tmp_path):
    def answer(request):
        return (
            to("https://ailleurs.test/la") if request.host == "secret.test" else respond("200 OK")
        )

    with Internet(answer, tmp_path) as internet:
        sites = SitePolicies({"secret.test": SitePolicy(headers=HEADERS)})
        with Fetcher(
            user_agent="renvois",
            proxy=f"http://{internet.address}",
            ca_file=internet.ca_file,
            sites=sites,
        ) as fetcher:
            exchange = fetcher.fetch("https://secret.test/", method="HEAD", is_cited=True)

        assert [hop.status for hop in exchange.hops] == [302, 200]
        (first,) = internet.at("https://secret.test:443")
        (second,) = internet.at("https://ailleurs.test:443")
        assert first.raw.startswith(b"HEAD ")
        assert holds(first.raw, "jeton")
        assert not holds(second.raw)
        assert not holds(repr(exchange).encode())
