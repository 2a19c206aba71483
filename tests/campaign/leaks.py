"""What must be seen nowhere: a text that was withdrawn, the secret that one site was told."""

import json
import random
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

from tests.campaign.command import ROOT, clean_environment
from tests.campaign.damage import Faults, raw
from tests.campaign.lab import Case, Lab, put_bibliography
from tests.campaign.world import FAMILY, HTML, SECRET_TEXT, TITLE, WORD, Answer, World, url_of
from tests.serving import find_free_port

ADDRESS = url_of(SECRET_TEXT)
HOST = urlsplit(ADDRESS).hostname or ""
FORMS: dict[str, Callable[[str], str]] = {
    "as cited": lambda _id: ADDRESS,
    "identifier": lambda identifier: identifier,
    "https": lambda _id: ADDRESS.replace("http:", "https:"),
    "www.": lambda _id: ADDRESS.replace("://", "://www."),
    "final slash": lambda _id: ADDRESS + "/",
    "host in capitals": lambda _id: ADDRESS.replace(HOST, HOST.upper()),
    "no scheme": lambda _id: ADDRESS.removeprefix("http://"),
    "fragment": lambda _id: ADDRESS + "#haut",
    "utm_": lambda _id: ADDRESS + "?utm_source=lettre&utm_medium=mail",
    "identifier in capitals": lambda identifier: identifier.upper(),
    "port 80": lambda _id: ADDRESS.replace(HOST, HOST + ":80"),
    "byte order mark, spaces, carriage return": lambda _id: f"\ufeff  {ADDRESS} \r",
    "beside the bibliography": lambda _id: ADDRESS,
    "command": lambda _id: ADDRESS,
    "a line that matches nothing": lambda _id: "http://nulle-part.example/x",
}
ASKS = ("zorglunch*", "quibroul*", "plateau", "zarvois*", "atelier", "zorglunchete")
WITH_QUERY = (
    "/recherche", "/recherche.atom", "/recherche.ris", "/recherche.bib", "/recherche.json",
    "/recherche.csv", "/concordance", "/concordance.csv", "/suggestions", "/api/v1/search",
    "/api/v1/suggestions",
)  # fmt: skip
ROUTES = (
    "/", "/notes", "/liens", "/aide", "/nouveautes.atom", "/opensearch.xml", "/api/openapi.json",
    "/robots.txt", "/sitemap.xml", "/api/v1/documents", "/api/v1/notes", "/unapi",
)  # fmt: skip
LINK = re.compile(r"""(?:href|src|action)=["']([^"']+)["']|<loc>([^<]+)</loc>|"(/[a-z][^"\s]*)\"""")


@contextmanager
def serve(lab: Lab, corpus: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The pages of a corpus, from a process of their own."""
    port = find_free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "search_web", "--corpus", str(corpus), "--port", str(port)],
        cwd=ROOT,
        env=clean_environment() | {"RENVOIS_CONFIG": str(lab.folder / "renvois.toml")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            with suppress(urllib.error.URLError):
                get(address)
                break
            time.sleep(0.05)
        yield address, process
    finally:
        process.terminate()
        process.wait(300)


def get(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=300) as response:
            return response.status, response.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(errors="replace")


def walk(address: str, starts: list[str], most: int) -> Iterator[tuple[str, int, str]]:
    """Every route, then every link found on the way, `most` pages at most."""
    waiting, seen = list(starts), set(starts)
    while waiting and len(seen) - len(waiting) < most:
        path = waiting.pop(0)
        status, text = get(address + path)
        yield path, status, text
        for found in LINK.finditer(text):
            link = next(group for group in found.groups() if group).replace("&amp;", "&")
            try:
                absolute = urljoin(address + path, link).partition("#")[0]
            except ValueError:
                continue
            if (
                absolute.startswith(address + "/")
                and (new := absolute.removeprefix(address)) not in seen
            ):
                seen.add(new)
                waiting.append(new)


def traces(text: str) -> list[tuple[str, str]]:
    """What of the withdrawn text stands in a page: words that a reader sees, or an identifier."""
    found = [("trace", word) for word in (TITLE, FAMILY, WORD) if word in text]
    return found or ([("trace-in-identifier", FAMILY.lower())] if FAMILY.lower() in text else [])


def withdrawal(lab: Lab, count: int, seed: int) -> list[Case]:
    """A withdrawn text shows in no route and no command, however its address is written."""
    names = list(FORMS)[:count]
    listed = lab.must(lab.base, "bibliography", "list", "--json").rows()
    identifier = next(row["id"] for row in listed if row.get("title") == TITLE)
    return lab.each(
        lambda number: withdraw(lab, names[number], identifier, number == 0 and count > 1),
        len(names),
    )


def withdraw(lab: Lab, form: str, identifier: str, is_thorough: bool) -> Case:
    with lab.copy() as corpus:
        line = FORMS[form](identifier)
        faults: Faults = []
        if form == "command":
            done = lab.run(corpus, "withdraw", line)
            faults += raw([done]) + ([("no-command", str(done))] if done.code else [])
        else:
            folder = corpus / "bibliography" if form.startswith("beside") else corpus
            (folder / "withdrawn.txt").write_text(line + "\n", encoding="utf-8")
        with serve(lab, corpus) as (address, process):
            if process.poll() is None:
                if form.startswith("a line"):
                    faults += [] if get(address)[0] == 200 else [("site-down", form)]
                else:
                    faults += traces_of_site(address, identifier, 500 if is_thorough else 120)
        said = process.communicate(timeout=300)[1]
        faults += [("raw-exception", said[-300:])] if "Traceback" in said else []
        if form.startswith("a line"):
            return Case(
                form,
                (*faults, *([] if "nulle-part" in said else [("unmatched-unsaid", said[-200:])])),
            )
        return Case(form, (*faults, *traces_of_commands(lab, corpus, is_thorough)))


def traces_of_site(address: str, identifier: str, most: int) -> Faults:
    of_text = [
        f"/textes/{identifier}{ext}" for ext in ("", ".ris", ".bib", ".json", ".csv", "?q=atelier")
    ]
    starts = [*of_text, *(f"{path}?q={quote(q)}" for path in WITH_QUERY for q in ASKS), *ROUTES]
    starts += [f"/api/v1/documents/{identifier}", f"/unapi?id={identifier}&format=ris"]
    faults: Faults = []
    for path, status, text in walk(address, starts, most):
        # What was typed is repeated to whoever typed it; links that repeat it are followed too.
        if FAMILY.lower() in path.lower() and path not in of_text and "/notes/" not in path:
            continue
        faults += [(slug, f"{word} at {path}") for slug, word in traces(text)]
        faults += [("server-error", f"{status} at {path}")] if status == 500 else []
        if path in of_text[:5] and status not in (404, 410):
            faults.append(("not-gone", f"{status} at {path}"))
    return faults


def traces_of_commands(lab: Lab, corpus: Path, is_thorough: bool) -> Faults:
    commands = [["search", q, *more] for q in ASKS[:4] for more in ([], ["--json"])]
    if is_thorough:
        commands += [
            ["bibliography", "export", "--format", f]
            for f in ("csl-json", "csl-yaml", "bibtex", "ris")
        ]
        commands += [
            ["links", "report", "--format", f]
            for f in ("text", "csv", "json", "html", "atom", "junit")
        ]
        commands += [["bibliography", "list"], ["archive", "export", str(corpus / "tout.wacz")]]
    done = [lab.run(corpus, *argv) for argv in commands]
    faults = raw(done)
    for each in done:
        texts = traces((each.stdout + each.stderr).decode(errors="replace"))
        faults += [(slug, f"{word} in renvois {' '.join(each.argv)}") for slug, word in texts]
    if (pack := corpus / "tout.wacz").exists() and WORD.encode() in unpacked(corpus, pack):
        faults.append(("trace", f"{WORD} in archive export"))
    return faults


def unpacked(*paths: Path) -> bytes:
    """Every byte of the files, and of the gzip members and zip members that they hold."""
    found = []
    for path in paths:
        if path.is_dir():
            continue
        octets = path.read_bytes()
        found.append(octets + inflated(octets))
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as pack:
                found += [pack.read(n) + inflated(pack.read(n)) for n in pack.namelist()]
    return b"".join(found)


def inflated(octets: bytes) -> bytes:
    found, at = [], octets.find(b"\x1f\x8b\x08")
    while at >= 0:
        engine = zlib.decompressobj(31)
        with suppress(zlib.error):
            found.append(engine.decompress(octets[at:]))
        at = octets.find(b"\x1f\x8b\x08", at + 1)
    return b"".join(found)


HERE, OTHER = "secret.example", "http://ailleurs.example/{name}"
# name: (status, Location or markup); what a site may answer to lead elsewhere.
SHAPES: dict[str, tuple[int, str]] = {
    **{f"status-{status}": (status, OTHER) for status in (300, 301, 302, 303, 307, 308)},
    "meta-refresh": (200, f'<meta http-equiv="refresh" content="0;url={OTHER}">'),
    "meta-refresh-quoted": (200, f"<META HTTP-EQUIV=Refresh CONTENT=\"1; URL='{OTHER}'\">"),
    "refresh-header": (200, f"Refresh: 0; url={OTHER}"),
    "sub-domain": (302, "http://a.secret.example/{name}"),
    "look-alike-before": (302, "http://malsecret.example/{name}"),
    "look-alike-after": (302, "http://secret.example.mal.example/{name}"),
    "parent-domain": (302, "http://example.example/{name}"),
    "port": (302, "http://secret.example:8080/{name}"),
    "scheme-and-port": (302, "https://secret.example:8443/{name}"),
    "https-elsewhere": (302, "https://ailleurs.example/{name}"),
    "relative-to-scheme": (302, "//ailleurs.example/{name}"),
    "user-and-host": (302, "http://secret.example@ailleurs.example/{name}"),
    "backslash": (302, "http:\\\\ailleurs.example\\{name}"),
    "backslash-user": (302, "http://ailleurs.example\\@secret.example/{name}"),
    "capitals": (302, "HTTP://AILLEURS.EXAMPLE/{name}"),
    "ipv6": (302, "http://[2001:db8::7]/{name}"),
    "ipv4": (302, "http://203.0.113.9/{name}"),
    "ipv4-as-number": (302, "http://3405803785/{name}"),
    "idn": (302, "http://secrét.example/{name}"),
    "trailing-dot": (302, "http://ailleurs.example./{name}"),
    "there-and-back": (302, "http://ailleurs.example/retour/{name}"),
    "two-hops-away": (302, "http://secret.example/encore/{name}"),
    "tab-in-host": (302, "http://aill\teurs.example/{name}"),
    "from-www": (302, "http://www.secret.example/encore/{name}"),
}


def redirecting_web() -> dict[str, Answer | Callable[[], Answer]]:
    page = Answer(
        200,
        HTML,
        b"<html><title>Page</title><p>Une page d'arriv\xc3\xa9e, \xc3\xa9crite pour l'essai.</p>",
    )
    web: dict[str, Answer | Callable[[], Answer]] = {}
    for name, (status, text) in SHAPES.items():
        text = text.format(name=name)
        if text.startswith("<"):
            answer = Answer(200, HTML, text.encode())
        else:
            field, _, value = (
                text.partition(": ") if text.startswith("Refresh") else ("Location", "", text)
            )
            answer = Answer(status, HTML | {field: value.encode().decode("latin-1")}, b"")
        web[f"http://{HERE}/{name}"] = answer
        for onward in (f"http://{HERE}/encore/{name}", f"http://www.{HERE}/encore/{name}"):
            web[onward] = Answer(301, HTML | {"Location": OTHER.format(name=name)})
        web[f"http://ailleurs.example/retour/{name}"] = Answer(
            301, HTML | {"Location": f"http://{HERE}/fin/{name}"}
        )
        for place in ("ailleurs.example", f"{HERE}/fin"):
            web[f"http://{place}/{name}"] = page
    return web


def secrets(lab: Lab, count: int, seed: int) -> list[Case]:
    """A header meant for one site reaches no other, and stands in no archive."""
    token = f"jeton{random.Random(seed).getrandbits(128):032x}"
    names = list(SHAPES)[:count]
    config = lab.folder / "secrets.toml"
    fields = (
        f'"Authorization" = "Bearer {token}", "Cookie" = "session={token}", "X-Jeton" = "{token}"'
    )
    config.write_text(
        'delay_s = 0.0\narchives = ["http://archive.example/web/"]\n'
        f'[sites."{HERE}"]\nheaders = {{ {fields} }}\n'
    )
    rows = [
        {"id": n, "type": "webpage", "title": f"Page {n}", "URL": f"http://{HERE}/{n}"}
        for n in names
    ]
    with World(redirecting_web()) as world, lab.empty() as corpus:
        put_bibliography(corpus, json.dumps(rows))
        authority = lab.folder / "ca.pem"
        world.authority.cert_pem.write_to_path(authority)
        env = {"REQUESTS_CA_BUNDLE": str(authority), "SSL_CERT_FILE": str(authority)}
        done = [
            lab.commands.run(corpus, *argv, proxy=world.url, env=env, config=config)
            for argv in (["crawl", "--json"], ["links", "check", "--force"], ["index"])
        ]
        pack = corpus / "tout.wacz"
        done.append(lab.commands.run(corpus, "archive", "export", str(pack), config=config))
        cases = [judge_shape(name, world, token) for name in names]
        shapes = re.compile(rf"/({'|'.join(names)})$")
        rest = [a for a in world.asked if not shapes.search(a.url) and f"//{HERE}/" not in a.url]
        leaked = tuple(("secret-leaked", a.url) for a in rest if token in a.headers)
        cases.append(Case(f"robots.txt, web archives, CONNECT ({len(rest)} requests)", leaked))
        stored = {
            "archive": unpacked(*(corpus / "archive").iterdir()),
            "export": unpacked(pack) if pack.exists() else b"",
            "catalogue and index": unpacked(
                *(p for p in corpus.rglob("*") if "archive" not in p.parts and p != pack)
            ),
            "output of the commands": b"".join(d.stdout + d.stderr for d in done),
        }
        for name, octets in stored.items():
            found = octets.count(token.encode())
            cases.append(Case(name, (("secret-stored", f"{found} times"),) if found else ()))
        return [*cases, Case("the commands", tuple(raw(done)))]


def judge_shape(name: str, world: World, token: str) -> Case:
    """Requests of one shape that carried the token elsewhere; `www.` is the same site."""
    mine = [asked for asked in world.asked if re.search(rf"/{name}$", asked.url)]
    ours = {f"http://{HERE}", f"http://www.{HERE}", f"https://{HERE}"}
    faults: Faults = []
    if not any(token in asked.headers for asked in mine):
        faults.append(("header-not-sent", f"{len(mine)} requests"))
    for asked in mine:
        parts = urlsplit(asked.url)
        if token in asked.headers and f"{parts.scheme}://{parts.netloc}" not in ours:
            faults.append(("secret-leaked", asked.url))
    elsewhere = [a.url for a in mine if not a.url.startswith(f"http://{HERE}/")]
    return Case(f"{name} ({len(elsewhere)} requests elsewhere)", tuple(faults))
