"""Ask everything that a site and a command can be asked, and find traces of a withdrawn text.

A trace is an answer that holds a secret which the question did not. What was typed is echoed by
many pages, so a secret that stands in the question is looked for in no answer to it.
"""

import json
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from click.testing import CliRunner
from flask import Flask

from indexer.bibliography.formats import FORMATS
from indexer.cli import main
from tests.withdrawals.corpus import ID, SECRETS, URL

# What the text is found by, what completes to it, what is nearly it, what only it has.
WORDS = ("quenotière", "Krempach", "zigouflard", "Ysolde Krempach")
STARTS = ("quenot", "krem", "ysol", "zig", "atel", "mys", "ret")
NEAR = ("quenotierre", "krempah", "zigoufard")
ASKED = (
    *("quen*", "krem*", "zigouf*", "zigoufard~", "quenotierre~", "krempah~"),
    *("titre:quen*", "auteur:krem*", "site:retrait*", "texte:zigouf*", "« range les outils »"),
    *("annee:2015..2015", "lien:vivant", "type:note"),
    *("ateliers", "ateliers partagés", "coursiers", "sujet"),
    *("ateliers zigouf", "zigouf ateliers", "ateliers krempah", "xyzzyq ateliers"),
)
QUERIES = (*WORDS, *STARTS, *NEAR, *ASKED)
# One of each kind, for every run: a word, the start of one, a mistake, wildcards, a field, others.
FEW = ("zigouflard", "krem", "zigoufard", "quen*", "ateliers krempah")
EXTENSIONS = ("ris", "bib", "json", "csv", "atom", "html", "xml")
NARROWED = ("", "&tri=date&n=50", "&telquel=1", "&annee=2015")
SEARCHES = ("/recherche", "/concordance")
FOLLOWED = ("/recherche?q=ateliers", "/recherche?q=zigoufard", "/concordance?q=ateliers")

# What combines with a letter, and the soft hyphen: a pattern is twenty times as fast as a loop.
_COMBINING = [each for each in map(chr, range(sys.maxunicode)) if unicodedata.combining(each)]
_MARKS = re.compile(f"[\u00ad{''.join(_COMBINING)}]")

Trace = tuple[str, str, str]  # endpoint or command, address or arguments, secret


def fold(text: str) -> str:
    """A text without what hides a word in it: escapes, capitals, accents, soft hyphens."""
    text = unescape(unquote(text.replace("+", " ")))
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()


def find_secrets(asked: str, answer: str) -> list[str]:
    """The secrets that an answer holds and its question did not."""
    question, body = fold(asked), fold(answer)
    return [secret for secret in SECRETS if secret in body and secret not in question]


def crawl_site(app: Flask, queries: Sequence[str] = QUERIES) -> list[Trace]:
    """Every trace in any answer of a site: all its rules, all its links, all its parameters."""
    client = app.test_client()
    adapter = app.url_map.bind("localhost")
    waiting = list(_list_addresses(app, queries))
    seen, traces = set(), []
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = client.get(address, buffered=True)
        assert answer.status_code < 500, (address, answer.get_data(as_text=True))
        told = "\n".join([answer.get_data(as_text=True), *map(str, answer.headers.values())])
        path = urlsplit(address).path
        endpoint = adapter.match(path)[0] if adapter.test(path) else "nowhere"
        traces += [(endpoint, address, secret) for secret in find_secrets(address, told)]
        # One search leads to all others; what two parameters make is asked, and led from no more.
        asked = [name for name, _ in parse_qsl(urlsplit(address).query) if name != "lang"]
        if address in FOLLOWED or (path not in SEARCHES and len(asked) < 2):
            waiting += _list_links(
                answer.get_data(as_text=True), answer.headers.get("Location", "")
            )
    return traces


def _list_links(page: str, location: str) -> Iterator[str]:
    for link in [
        location,
        *re.findall(r"(?:href|src|action|content|data-\w+)=[\"']([^\"']+)", page),
    ]:
        link = unescape(link).partition("#")[0].removeprefix("http://localhost")
        if link.startswith("?"):
            link = f"/recherche{link}"
        if link.startswith("/") and not link.startswith(("//", "/static/")):
            yield link
    yield from re.findall(r"<(?:loc|id)>http://localhost(/[^<]*)<", page)


def _list_addresses(app: Flask, queries: Sequence[str]) -> Iterator[str]:
    """An address of each rule for whatever its parameters may be."""
    names = (ID, f"note-{ID}", "note-" + "0" * 8, "tessier-2014-cooperer", "garnaud-2016-ateliers")
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        addresses = [rule.rule]
        for name in rule.arguments:
            values = EXTENSIONS if name == "extension" else names
            addresses = [
                re.sub(rf"<(\w+:)?{name}>", value, address)
                for address in addresses
                for value in values
            ]
        yield from addresses
    for query in queries:
        q = quote(query)
        yield from (f"/recherche?q={q}{more}" for more in (NARROWED if query in WORDS else ("",)))
        yield from (f"{path}?q={q}" for path in ("/concordance", "/concordance.csv"))
        yield from (f"/recherche.{extension}?q={q}" for extension in EXTENSIONS)
        yield f"/suggestions?q={q}"
        yield f"/api/v1/suggestions?q={q}&limit=20"
        for more in ("", "&as_typed=true", "&sort=date&year=2015"):
            yield f"/api/v1/search?q={q}{more}"
        yield from (f"/textes/{name}?q={q}" for name in names[::3])
        yield f"/notes/note-{ID}?q={q}"
    for name in names:
        yield from (f"/unapi?id={name}&format={format_}" for format_ in ("", "ris", "bibtex"))
    yield from (f"/liens?etat={state}" for state in ("vivant", "mort", "malade", "bloqué"))
    yield f"/liens?q={quote(URL)}"
    yield "/recherche?annee=2015"
    yield "/recherche?site=retrait.test"
    yield f"/recherche?note=note-{ID}"


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("bibliography", "list"),
    ("bibliography", "list", "--json"),
    ("bibliography", "check"),
    ("bibliography", "check", "--json"),
    *(("bibliography", "export", "--format", name) for name in sorted(FORMATS)),
    *(
        ("links", "report", "--format", name)
        for name in ("text", "csv", "json", "html", "atom", "junit")
    ),
    ("links", "show", "tessier-2014-cooperer"),
    ("links", "show", ID, "--json"),
    ("crawl", "--dry-run"),
    ("crawl", "--dry-run", "--json"),
    ("extract", "--all"),
    ("extract", "--all", "--json"),
    ("index",),
    *(("search", "--json", "--limit", "100", "--", query) for query in (*WORDS, *NEAR, "atel*")),
    *(("search", "--explain", "--", query) for query in ("ateliers", "zigoufard", "krempah")),
)


def run_commands(corpus: Path, commands: tuple[tuple[str, ...], ...] = COMMANDS) -> list[Trace]:
    """Every trace in what a command prints on either stream."""
    traces = []
    for arguments in commands:
        done = CliRunner().invoke(main, ["--corpus", str(corpus), *arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        name = (
            " ".join(arguments[:2]) if arguments[0] in {"bibliography", "links"} else arguments[0]
        )
        said = done.output
        asked = " ".join(arguments)
        traces += [(name, asked, secret) for secret in find_secrets(asked, said)]
    return traces


def count_terms(app: Flask) -> dict[str, int]:
    """How many texts the site says have each secret word; 0 for what is not told at all."""
    client = app.test_client()
    counts = {}
    for word in WORDS:
        for more in ("", "&as_typed=true"):
            answer = client.get(f"/api/v1/search?q={quote(word)}{more}")
            told = json.loads(answer.get_data(as_text=True))
            total = told["total"] + sum(term["documents"] for term in told["terms"])
            counts[f"{word}{more}"] = total
    return counts
